#!/bin/bash
#
# What logging costs beside plain inserts of the same columns, as ratios.
#
# Each pair is run in turn, several times, in one server with fsync on, and the
# median ratio is printed with its spread: these machines are shared, so single
# times mean little.  Run by "make bench".

set -eu

runs=${RUNS:-5}
seconds=${SECONDS_EACH:-4}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

psql() { command psql -XAtq -v ON_ERROR_STOP=1 "$@"; }

psql >/dev/null <<'SQL'
ALTER SYSTEM SET fsync = on;
ALTER SYSTEM SET checkpoint_timeout = '30min';
ALTER SYSTEM SET max_wal_size = '8GB';
SELECT pg_reload_conf();
CREATE EXTENSION IF NOT EXISTS maestro;
CREATE ROLE bench_agent LOGIN;
SELECT count(*) FROM maestro.install_roles();
GRANT maestro_agent TO bench_agent;
SELECT * FROM maestro.apply_manifest('{"systems": [{"name": "bench", "db_role": "bench_agent", "components": [
	{"name": "agent", "kind": "agent"}, {"name": "tool", "kind": "tool"}]}]}');
SELECT maestro.create_partition();
-- the same columns, the same key, no guard
CREATE TABLE plain (LIKE maestro.event, PRIMARY KEY (event_id));
CREATE SEQUENCE plain_id;
GRANT ALL ON plain, plain_id TO bench_agent;
SQL

message=$(printf 'step 12 of the plan finished, calling the search tool with three queries about the weather in Lisbon; %.0s' 1 2 3)
digest=$(printf 'ab%.0s' $(seq 32))
attributes='{"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search", "step": 12, "query": "weather in Lisbon tomorrow morning", "max_tokens": 1024, "session": {"turn": 4, "mode": "plan", "notes": ["first", "second", "third"]}, "result": "sunny with some clouds, 21 degrees, wind from the north west at 12 km/h, no rain expected before Thursday", "score": 0.871}'

cat >"$scratch/log_event.sql" <<SQL
SELECT maestro.log_event('bench/agent', 'tool_call', '$message', '$attributes',
	trace_id => '4bf92f3577b34da6a3ce929d0e0e4736', span_id => '00f067aa0ba902b7', duration => '12 ms', outcome => 'ok', target => 'tool');
SQL
cat >"$scratch/insert.sql" <<SQL
INSERT INTO plain (event_id, recorded_at, occurred_at, system_id, component_id, component_version, target_id, kind, level,
	outcome, trace_id, span_id, duration, message, attributes, caller, session_role, stamp, salt, payload_hash, leaf)
VALUES (nextval('plain_id'), clock_timestamp(), clock_timestamp(), 1, 2, '1', 3, 'tool_call', 'info', 'ok',
	'4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7', '12 ms', '$message', '$attributes', current_user, session_user,
	281474976711382, '\\x00112233445566778899aabbccddeeff', '$digest', '$digest')
RETURNING event_id;
SQL

tps() { # script clients
	pgbench -n -M prepared -U bench_agent -f "$1" -c "$2" -j 2 -T "$seconds" 2>/dev/null | sed -n 's/^tps = \([0-9.]*\).*/\1/p'
}

# a and b: commands that print a number; prints the median, least and greatest a/b.
pairs() {
	for _ in $(seq "$runs"); do
		a=$($1)
		b=$($2)
		echo "$a $b"
	done | awk '{ r[NR] = $1 / $2; a[NR] = $1; b[NR] = $2 }
		END {
			n = NR; for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) {
				if (r[j] < r[i]) { t = r[i]; r[i] = r[j]; r[j] = t }
				if (a[j] < a[i]) { t = a[i]; a[i] = a[j]; a[j] = t }
				if (b[j] < b[i]) { t = b[i]; b[i] = b[j]; b[j] = t } }
			m = int((n + 1) / 2)
			printf "%.2f (%.2f to %.2f)   medians %.6g and %.6g\n", r[m], r[1], r[n], a[m], b[m] }'
}

echo "fdatasync of one 8 kB page: $("$(${PG_CONFIG:-pg_config} --bindir)"/pg_test_fsync -s 1 -f "$scratch/sync" 2>/dev/null |
	awk '/^ *fdatasync/ { print $(NF-1), $NF; exit }')"
for clients in 1 8; do
	log_one() { tps "$scratch/log_event.sql" "$clients"; }
	insert_one() { tps "$scratch/insert.sql" "$clients"; }
	printf 'log_event / INSERT, tps, %s client(s):            ' "$clients"
	pairs log_one insert_one
done

# One document of 1,000 events; the plain side reads the same columns from it.
psql -v attributes="$attributes" -v message="$message" <<'SQL'
CREATE TABLE document AS SELECT json_agg(json_build_object('component', 'bench/agent', 'kind', 'tool_call',
	'message', :'message' || i, 'trace_id', md5(i::text), 'span_id', left(md5('s' || i), 16), 'outcome', 'ok',
	'target', 'tool', 'duration', '12 ms', 'attributes', :'attributes'::json)) AS d FROM generate_series(1, 1000) AS i;
GRANT SELECT ON document TO bench_agent;
SQL
ms() { # statement: milliseconds of 20 executions after a warm-up, in one session
	psql -U bench_agent <<-SQL
		PREPARE s AS $1;
		DO \$\$ DECLARE t timestamptz; n bigint; BEGIN
			EXECUTE 'EXECUTE s';
			t := clock_timestamp();
			FOR i IN 1 .. 20 LOOP EXECUTE 'EXECUTE s'; END LOOP;
			CREATE TEMP TABLE took AS SELECT extract(epoch FROM clock_timestamp() - t) * 1000 AS v;
		END \$\$;
		SELECT v FROM took;
	SQL
}
events() { ms "SELECT count(*) FROM document, maestro.log_events(d)"; }
recordset() {
	ms "INSERT INTO plain (event_id, recorded_at, occurred_at, system_id, component_id, component_version, target_id, kind, level,
		outcome, trace_id, span_id, duration, message, attributes, caller, session_role, stamp, salt, payload_hash, leaf)
		SELECT nextval('plain_id'), clock_timestamp(), clock_timestamp(), 1, 2, '1', 3, r.kind, 'info', r.outcome, r.trace_id, r.span_id,
			r.duration, r.message, r.attributes, current_user, session_user,
			281474976711382, '\x00112233445566778899aabbccddeeff', '$digest', '$digest'
		FROM document, json_to_recordset(d) AS r (kind maestro.event_kind, outcome maestro.outcome, trace_id maestro.trace_id,
			span_id maestro.span_id, duration interval, message text, attributes jsonb)"
}
printf 'INSERT ... json_to_recordset / log_events, time:    '
pairs recordset events
