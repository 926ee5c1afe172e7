#!/bin/bash
#
# What checking a contract costs: a check of an agent's event of 1.2 kB, net of a
# function that does nothing; beside compiling the schema for each call; with many
# contracts in one backend; and log_event with and without one.
#
# Each pair is run in turn, several times, in one server, and the median is printed with
# its spread.  Run by "make bench".

set -eu

runs=${RUNS:-5}
calls=${CALLS:-200000}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

psql() { command psql -XAtq -v ON_ERROR_STOP=1 "$@"; }

chmod 755 "$scratch"
${CC:-cc} -O2 -fPIC -shared -I"$(${PG_CONFIG:-pg_config} --includedir-server)" -o "$scratch/noop.so" test/bench/noop.c
chmod 644 "$scratch/noop.so"

schema='{"type": "object", "additionalProperties": false, "required": ["tool", "arguments", "run", "step"],
	"properties": {
		"tool": {"enum": ["search", "fetch", "write", "plan"]},
		"run": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
		"step": {"type": "integer", "minimum": 0, "maximum": 1000},
		"score": {"type": "number", "minimum": 0, "maximum": 1},
		"arguments": {"type": "object", "additionalProperties": false, "required": ["query"], "properties": {
			"query": {"type": "string", "minLength": 1, "maxLength": 500},
			"path": {"type": "string", "format": "safe-path"},
			"limit": {"type": "integer", "minimum": 1, "maximum": 100},
			"language": {"anyOf": [{"type": "string", "maxLength": 10}, {"type": "null"}]},
			"filters": {"type": "array", "maxItems": 20, "items": {"$ref": "#/$defs/filter"}}}},
		"messages": {"type": "array", "maxItems": 50, "items": {"type": "object", "required": ["role", "content"],
			"additionalProperties": false, "properties": {
				"role": {"enum": ["system", "user", "assistant", "tool"]}, "content": {"type": "string", "maxLength": 4000}}}}},
	"$defs": {"filter": {"type": "object", "additionalProperties": false, "required": ["field", "op"], "properties": {
		"field": {"type": "string", "maxLength": 40}, "op": {"enum": ["eq", "lt", "gt", "in"]}, "value": {}}}}}'
text=$(printf 'please find the weather in Lisbon tomorrow morning and tell me; %.0s' 1 2 3 4)
event='{"tool": "search", "run": "4bf92f3577b34da6a3ce929d0e0e4736", "step": 12, "score": 0.871,
	"arguments": {"query": "weather in Lisbon tomorrow morning", "path": "reports/2026/weather.md", "limit": 10, "language": null,
		"filters": [{"field": "city", "op": "eq", "value": "Lisbon"}, {"field": "hour", "op": "lt", "value": 12}, {"field": "lang", "op": "in", "value": ["pt", "en"]}]},
	"messages": [{"role": "system", "content": "you are a helpful agent"}, {"role": "user", "content": "'$text'"}, {"role": "assistant", "content": "'$text'"}, {"role": "tool", "content": "sunny, 21 degrees"}]}'

psql -v schema="$schema" -v event="$event" -v noop="$scratch/noop.so" >/dev/null <<'SQL'
ALTER SYSTEM SET jit = off;
ALTER SYSTEM SET fsync = off;
SELECT pg_reload_conf();
CREATE EXTENSION IF NOT EXISTS maestro;
CREATE FUNCTION noop(json, jsonb) RETURNS boolean IMMUTABLE STRICT LANGUAGE c AS :'noop', 'bench_noop_matches';
CREATE TABLE one (s json, e jsonb);
INSERT INTO one VALUES (:'schema', :'event');
CREATE TABLE uri (n integer PRIMARY KEY, u text NOT NULL, c text NOT NULL);
SELECT maestro.register_system('bench');
INSERT INTO uri SELECT i, 'https://example.com/schemas/' || i, 'bench/c' || i FROM generate_series(1, 1000) AS i;
SELECT maestro.register_schema(u, (SELECT s FROM one)) FROM uri;
SELECT maestro.register_component('bench', 'bound', 'agent'), maestro.register_component('bench', 'free', 'agent');
SELECT maestro.set_contract('bench/bound', 'input', (SELECT s FROM one));
SELECT maestro.create_partition();
VACUUM ANALYZE;
SQL
echo "the event: $(psql -c 'SELECT pg_column_size(e) FROM one') bytes of jsonb; its schema: $(psql -c 'SELECT length(s::text) FROM one') bytes of text"
[ "$(psql -c 'SELECT maestro.json_matches(s, e) FROM one')" = t ]

# Microseconds a call of an expression over s, e, n (1 to CALLS); "from" adds tables.
us() { # expression [calls]
	psql <<-SQL
		DO \$\$ DECLARE t timestamptz; s json; e jsonb; u text[]; BEGIN
			SELECT one.s, one.e INTO s, e FROM one;
			SELECT array_agg(uri.u ORDER BY uri.n) INTO u FROM uri;
			PERFORM count($1) FROM generate_series(1, 2000) AS g (n);
			t := clock_timestamp();
			PERFORM count($1) FROM generate_series(1, ${2:-$calls}) AS g (n);
			CREATE TEMP TABLE took AS SELECT extract(epoch FROM clock_timestamp() - t) * 1e6 / ${2:-$calls} AS v;
		END \$\$;
		SELECT v FROM took;
	SQL
}

# Arguments that change with each row, or the planner would call an immutable function once.
event_n="(CASE WHEN n > 0 THEN e END)"
noop() { us "noop(s, $event_n)"; }
check() { us "maestro.json_matches(s, $event_n)"; }
by_uri() { us "maestro.matches(u[1], $event_n)"; }
recompiled() { us "maestro.json_matches((CASE WHEN n % 2 = 0 THEN s ELSE (s::text || ' ')::json END), $event_n)" $((calls / 10)); }
respelled() { us "noop((CASE WHEN n % 2 = 0 THEN s ELSE (s::text || ' ')::json END), $event_n)" $((calls / 10)); }

median() { sort -g | awk '{ v[NR] = $1 } END { printf "%.2f (%.2f to %.2f)", v[int((NR + 1) / 2)], v[1], v[NR] }'; }

for _ in $(seq "$runs"); do
	echo "$(noop) $(check) $(by_uri) $(respelled) $(recompiled)"
done >"$scratch/times"
printf 'check by json_matches, net, us:              %s\n' "$(awk '{ print $2 - $1 }' "$scratch/times" | median)"
printf 'check by matches(uri), net, us:              %s\n' "$(awk '{ print $3 - $1 }' "$scratch/times" | median)"
printf 'compiled for each call, net, us:             %s\n' "$(awk '{ print $5 - $4 }' "$scratch/times" | median)"
printf 'compiled for each call / check, net:         %s\n' "$(awk '{ print ($5 - $4) / ($2 - $1) }' "$scratch/times" | median)"

for contracts in 1 100 1000; do
	for _ in $(seq "$runs"); do us "maestro.matches(u[1 + n % $contracts], $event_n)"; done >"$scratch/times"
	printf 'checks a second with %4d contracts, M:       %s\n' "$contracts" "$(awk '{ print 1 / $1 }' "$scratch/times" | median)"
done

# One session, one transaction, no fsync: nothing hides the check.
logged() { # component
	psql <<-SQL
		DO \$\$ DECLARE t timestamptz; e jsonb; BEGIN
			SELECT one.e INTO e FROM one;
			PERFORM maestro.log_event('$1', 'input', body => e);
			t := clock_timestamp();
			FOR i IN 1 .. 20000 LOOP PERFORM maestro.log_event('$1', 'input', 'asked', body => e); END LOOP;
			CREATE TEMP TABLE took AS SELECT extract(epoch FROM clock_timestamp() - t) * 1e6 / 20000 AS v;
		END \$\$;
		SELECT v FROM took;
	SQL
}
for _ in $(seq "$runs"); do echo "$(logged bench/bound) $(logged bench/free)"; done >"$scratch/times"
printf 'log_event with a contract / without, time:   %s\n' "$(awk '{ print $1 / $2 }' "$scratch/times" | median)"
