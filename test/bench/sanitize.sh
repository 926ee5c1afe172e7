#!/bin/bash
#
# What sanitizing costs: a log line, an event, hostile values, beside functions
# that do nothing and beside regexp_replace.
#
# Everything is measured in one server in one go, a function and its no-op in
# turn, and the best of the rounds counts: other work on the machine can only
# add.  Run by "make bench"; needs a C compiler.  Takes about a minute.

set -eu

here=$(dirname "$0")
rounds=${RUNS:-5}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch" # the server's owner may be another user

psql() { command psql -XAtq -v ON_ERROR_STOP=1 "$@"; }
ask() { psql -F ' ' -c "SET jit = off" -c "SET max_parallel_workers_per_gather = 0" -c "$1"; }
say() { echo "-- $*" >&2; }
calc() { awk "BEGIN { printf \"%.${2:-2}f\", $1 }"; }

# A line of the table: what, figure, unit, and what it should be at most, or at least.
row() {
	awk -v what="$1" -v value="$2" -v unit="$3" -v most="${4:-}" -v least="${5:-}" 'BEGIN {
		goal = most != "" ? "<= " most : least != "" ? ">= " least : ""
		met = goal == "" ? "" : (most != "" ? value <= most + 0 : value >= least + 0) ? "met" : "MISSED"
		printf "%-52s %10s %-8s %-8s %s\n", what, value, unit, goal, met }'
}

say 'compiling functions that do nothing'
${CC:-cc} -O2 -fPIC -shared "-I$(${PG_CONFIG:-pg_config} --includedir-server)" \
	-o "$scratch/noop.so" "$here/noop.c"
chmod 644 "$scratch/noop.so"

say 'making 200,000 log lines'
psql -c 'CREATE EXTENSION IF NOT EXISTS maestro' -f "$here/sanitize_data.sql" >/dev/null
psql -v module="'$scratch/noop'" <<'SQL'
CREATE FUNCTION bench.noop(value text, level text DEFAULT 'pii') RETURNS text
	LANGUAGE c STABLE STRICT AS :module, 'bench_noop_text';
CREATE FUNCTION bench.noop(value jsonb, level text DEFAULT 'pii') RETURNS jsonb
	LANGUAGE c STABLE STRICT AS :module, 'bench_noop_jsonb';

-- The least milliseconds that each statement takes, all in turn.
CREATE FUNCTION bench.best(rounds integer, VARIADIC statements text[]) RETURNS double precision[] LANGUAGE plpgsql AS $$
DECLARE
	best double precision[] := array_fill('Infinity'::double precision, ARRAY[cardinality(statements)]);
	start timestamptz;
BEGIN
	FOR round IN 0 .. rounds LOOP
		FOR i IN 1 .. cardinality(statements) LOOP
			start := clock_timestamp();
			EXECUTE statements[i];
			-- the first round makes data and code warm
			IF round > 0 THEN
				best[i] := least(best[i], extract(epoch FROM clock_timestamp() - start) * 1000);
			END IF;
		END LOOP;
	END LOOP;
	RETURN best;
END $$;

-- Nanoseconds a byte of a value that repeats a unit, without those of the no-op.
CREATE FUNCTION bench.hostile(unit text, bytes integer) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
	value text := repeat(unit, bytes / octet_length(unit));
	best double precision := 'Infinity';
	idle double precision := 'Infinity';
	start timestamptz;
BEGIN
	FOR round IN 1 .. 3 LOOP
		start := clock_timestamp();
		PERFORM bench.noop(value);
		idle := least(idle, extract(epoch FROM clock_timestamp() - start));
		start := clock_timestamp();
		PERFORM maestro.sanitize(value);
		best := least(best, extract(epoch FROM clock_timestamp() - start));
	END LOOP;
	RETURN (best - idle) * 1e9 / octet_length(value);
END $$;
SQL

printf '\n%-52s %10s %-8s %-8s %s\n' what figure unit goal ''
read -r lines bytes found attributes <<<"$(ask "SELECT count(*), round(avg(octet_length(line)), 1),
	round(100 * avg(CASE WHEN EXISTS (SELECT FROM maestro.scan(line)) THEN 1 ELSE 0 END), 2),
	round(avg(octet_length(attributes::text)), 1) FROM bench.line")"
row "lines" "$lines" ''
row "  length on average" "$bytes" bytes
row "  with findings" "$found" %
row "  attributes that go with them, on average" "$attributes" bytes

say 'a line, and its attributes'
read -r noop_text text noop_jsonb jsonb <<<"$(ask "SELECT b[1], b[2], b[3], b[4] FROM bench.best($rounds,
	'SELECT count(bench.noop(line)) FROM bench.line', 'SELECT count(maestro.sanitize(line)) FROM bench.line',
	'SELECT count(bench.noop(attributes)) FROM bench.line', 'SELECT count(maestro.sanitize(attributes)) FROM bench.line') AS b")"
text_us=$(calc "($text - $noop_text) * 1000 / $lines" 3)
jsonb_us=$(calc "($jsonb - $noop_jsonb) * 1000 / $lines" 3)
row 'sanitize(text), a line' "$text_us" us 0.75
row '  the no-op, and reading the table' "$(calc "$noop_text * 1000 / $lines" 3)" us
row 'sanitize(jsonb), attributes' "$jsonb_us" us
row '  the no-op, and reading the table' "$(calc "$noop_jsonb * 1000 / $lines" 3)" us

say 'the same rules by regexp_replace'
awk -f "$here/sanitize_rules.awk" src/scan_rules.c >"$scratch/rules"
psql -v file="$scratch/rules" >"$scratch/regexp" <<SQL
SET client_min_messages = warning;
CREATE TABLE bench.rule (rule text, replacement text, expression text, id integer GENERATED ALWAYS AS IDENTITY);
\copy bench.rule (rule, replacement, expression) FROM '$scratch/rules' WITH (FORMAT csv, DELIMITER E'\t', QUOTE E'\x01')
CREATE TABLE bench.sample AS SELECT i, line FROM bench.line WHERE i % 667 = 0;
-- rule by rule, each compiled once: the server keeps 32 compiled expressions
CREATE FUNCTION bench.by_rule() RETURNS text[] LANGUAGE plpgsql AS \$\$
DECLARE
	lines text[] := ARRAY(SELECT line FROM bench.sample);
	r record;
BEGIN
	FOR r IN SELECT * FROM bench.rule ORDER BY id LOOP
		lines := ARRAY(SELECT regexp_replace(line, r.expression, r.replacement, 'g') FROM unnest(lines) AS line);
	END LOOP;
	RETURN lines;
END \$\$;
-- line by line, as a trigger has to
CREATE FUNCTION bench.by_line(line text) RETURNS text LANGUAGE plpgsql AS \$\$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT * FROM bench.rule ORDER BY id LOOP
		line := regexp_replace(line, r.expression, r.replacement, 'g');
	END LOOP;
	RETURN line;
END \$\$;
SELECT (SELECT count(*) FROM bench.rule), (SELECT count(*) FROM bench.sample),
	bench.best(2, 'SELECT bench.by_rule()'),
	bench.best(1, 'SELECT count(bench.by_line(line)) FROM (SELECT line FROM bench.sample LIMIT 20) AS s'),
	bench.best($rounds, 'SELECT count(bench.noop(line)) FROM bench.sample, generate_series(1, 100)',
		'SELECT count(maestro.sanitize(line)) FROM bench.sample, generate_series(1, 100)');
SQL
IFS='|' read -r rules sample by_rule by_line ours <<<"$(tr -d '{}' <"$scratch/regexp")"
ours_ns=$(calc "(${ours#*,} - ${ours%,*}) * 10000 / $sample" 0)
by_rule_ns=$(calc "$by_rule * 1000000 / $sample" 0)
by_line_ns=$(calc "$by_line * 1000000 / 20" 0)
row "regexp_replace, $rules rules, $sample lines, rule by rule" "$by_rule_ns" ns/line
row '  line by line, compiled again' "$by_line_ns" ns/line
row '  sanitize, the same lines' "$ours_ns" ns/line
row '  regexp_replace, rule by rule / sanitize' "$(calc "$by_rule_ns / $ours_ns" 0)" times '' 100
row '  regexp_replace, line by line / sanitize' "$(calc "$by_line_ns / $ours_ns" 0)" times

say 'hostile values of 1 and 4 MB'
printf '\n%-24s %10s %10s %7s  %-8s %s\n' 'a hostile value of' '1 MB ns/B' '4 MB ns/B' ratio goal ''
psql -F '	' <<'SQL' | awk -F '\t' '{ printf "%-24s %10.2f %10.2f %7.2f  %-8s %s\n", $1, $2, $3, $3 / ($2 > 0.01 ? $2 : 0.01),
	$4 != "" ? "<= " $4 : "", $4 == "" ? "" : $2 <= $4 ? "met" : "MISSED" }'
SELECT name, bench.hostile(unit, 1 << 20), bench.hostile(unit, 1 << 22), CASE WHEN n <= 7 THEN 15 END
FROM (VALUES (1, 'a', 'a'), (2, 'ey-', 'ey-'), (3, 'sk-', 'sk-'), (4, '1-1-', '1-1-'), (5, '-----BEGIN ', '-----BEGIN '),
	(6, '://@', '://@'), (7, '""""', '""""'), (8, 'eyJ', 'eyJ'), (9, 'a@', 'a@'), (10, '=', '='), (11, ':', ':'),
	(12, 'password=', 'password='), (13, 'AD12 AD12 ', 'AD12 AD12 '), (14, 'AccountKey=a=', 'AccountKey=a='), (15, 'sig=', 'sig='),
	(16, '12345678:AA', '12345678:AA'), (17, '8Q~', '8Q~'), (18, '(415) ', '(415) '), (19, '[REDACTED:', '[REDACTED:'),
	(20, 'ESC [', E'\x1b['), (21, 'ESC [1;31m', E'\x1b[1;31m'), (22, 'U+200B', U&'\200B'), (23, '1.1.1.1 ', '1.1.1.1 '),
	(24, '0x', '0x'), (25, 'digits', '1234567890'), (26, 'a:', 'a:'), (27, '%3D', '%3D'), (28, 'token: "', 'token: "'),
	(29, 'http://a:', 'http://a:'), (30, 'a LF', E'a\n'), (31, 'bytes of U+1F469 200D', U&'\+01F469\200D')) AS v (n, name, unit) ORDER BY n;
SQL

say 'events'
psql >/dev/null <<'SQL'
CREATE ROLE bench_agent LOGIN;
SELECT count(*) FROM maestro.install_roles();
GRANT maestro_agent TO bench_agent;
SELECT * FROM maestro.apply_manifest('{"systems": [{"name": "bench", "db_role": "bench_agent", "components": [
	{"name": "agent", "kind": "agent"}]}]}');
SELECT maestro.create_partition();
-- Microseconds a call of log_event in a loop of that many seconds.
CREATE FUNCTION bench.log_loop(seconds double precision) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
	message text[] := ARRAY(SELECT line FROM bench.line WHERE i <= 1000 ORDER BY i);
	attributes jsonb[] := ARRAY(SELECT l.attributes FROM bench.line AS l WHERE i <= 1000 ORDER BY i);
	start timestamptz := clock_timestamp();
	n integer := 0;
BEGIN
	message[1] := message[1];
	attributes[1] := attributes[1];
	WHILE clock_timestamp() < start + seconds * interval '1 s' LOOP
		FOR i IN 1 .. 500 LOOP
			PERFORM maestro.log_event('bench/agent', 'tool_call', message[1 + (n + i) % 1000], attributes[1 + (n + i) % 1000],
				outcome => 'ok');
		END LOOP;
		n := n + 500;
	END LOOP;
	RETURN extract(epoch FROM clock_timestamp() - start) * 1e6 / n;
END $$;
GRANT USAGE ON SCHEMA bench TO bench_agent;
GRANT SELECT ON bench.line TO bench_agent;
SQL
psql -U bench_agent -c 'SET application_name = bench_loop; SELECT bench.log_loop(4)' >"$scratch/loop" &
loop=$!
share=
if command -v perf >/dev/null; then
	pid=
	for _ in $(seq 20); do
		pid=$(psql -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'bench_loop' AND state = 'active'")
		[ -z "$pid" ] || break
		sleep 0.1
	done
	if perf record -q -p "$pid" -o "$scratch/perf" -- sleep 2.5 >/dev/null 2>&1; then
		nm src/scan*.o src/redact*.o src/neutralize.o | awk '$2 == "t" || $2 == "T" { print $3 }' >"$scratch/functions"
		share=$(perf report -i "$scratch/perf" --stdio -F overhead,dso,sym 2>/dev/null |
			awk 'NR == FNR { ours[$1]; next } $2 ~ /maestro/ && $4 in ours { n += $1 } END { if (n > 0) printf "%.2f", n }' \
				"$scratch/functions" -)
		[ -z "${PERF_TOP:-}" ] || perf report -i "$scratch/perf" --stdio -F overhead,dso,sym 2>/dev/null | grep -v '^#' | head -n "$PERF_TOP" >&2
	fi
fi
wait "$loop"
event_us=$(cat "$scratch/loop")
printf '\n%-52s %10s %-8s %-8s %s\n' what figure unit goal ''
both_us=$(calc "$text_us + $jsonb_us" 3)
row 'sanitizing of an event, message and attributes' "$both_us" us 2.5
row '  log_event as a whole' "$(calc "$event_us")" us
row '  share of it' "$(calc "100 * $both_us / $event_us" 1)" %
if [ -n "$share" ]; then
	row "  share of perf's samples of log_event" "$share" %
	row '  which is' "$(calc "$share * $event_us / 100")" us 2.5
else
	say 'perf cannot be used here, left out'
fi

say 'what a process needs for its tables'
# the least of the first and second call of sanitize, then of the no-op
for _ in $(seq 15); do
	psql <<-'SQL'
		DO $$
		DECLARE
			t timestamptz[] := '{}';
			v text := 'a';
		BEGIN
			t := t || clock_timestamp();
			FOR i IN 1 .. 2 LOOP
				v := maestro.sanitize(v);
				t := t || clock_timestamp();
			END LOOP;
			FOR i IN 1 .. 2 LOOP
				v := bench.noop(v);
				t := t || clock_timestamp();
			END LOOP;
			PERFORM set_config('bench.took', (SELECT string_agg((extract(epoch FROM t[i + 1] - t[i]) * 1e6)::integer::text, ' ' ORDER BY i)
				FROM generate_series(1, 4) AS i), false);
		END $$;
		SELECT current_setting('bench.took');
	SQL
done >"$scratch/first"
read -r first idle <<<"$(awk '{ for (i = 1; i <= 4; i++) if (NR == 1 || $i < least[i]) least[i] = $i }
	END { print least[1] - least[2], least[3] - least[4] }' "$scratch/first")"
row 'first call in a connection less the second' "$first" us
row '  that of the no-op: a library is loaded' "$idle" us
row '  so libraries that it links, settings, tables' "$((first - idle))" us
