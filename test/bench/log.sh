#!/bin/bash
#
# What sealing, verifying and proving cost, in one server with fsync on.  Rates are of
# one core; beside each stands what reading or hashing the same rows costs the server
# itself, so that a slow machine shows.  EVENTS= is how many (2,000,000).  Run by
# "make bench"; takes some minutes.

set -eu

events=${EVENTS:-2000000}
psql() { command psql -XAtq -v ON_ERROR_STOP=1 "$@"; }
say() { echo "-- $*" >&2; }

psql >/dev/null <<'SQL'
ALTER SYSTEM SET fsync = on;
ALTER SYSTEM SET checkpoint_timeout = '30min';
ALTER SYSTEM SET max_wal_size = '8GB';
ALTER SYSTEM SET autovacuum = off;
SELECT pg_reload_conf();
CREATE EXTENSION IF NOT EXISTS maestro;
SELECT FROM maestro.apply_manifest('{"systems": [{"name": "bench_log", "components": [{"name": "agent", "kind": "agent"}, {"name": "tool", "kind": "tool"}]}]}');
CREATE TABLE log_document AS SELECT json_agg(json_build_object('component', 'bench_log/agent', 'kind', 'tool_call', 'message',
	repeat('step of the plan finished, calling the search tool; ', 4) || i, 'trace_id', md5(i::text), 'span_id', left(md5('s' || i), 16),
	'outcome', 'ok', 'target', 'tool', 'duration', '12 ms', 'attributes', json_build_object('gen_ai.tool.name', 'search', 'step', i,
	'query', 'weather in Lisbon tomorrow', 'session', json_build_object('turn', 4, 'notes', json_build_array('first', 'second'))))) AS d
  FROM generate_series(1, 10000) AS i;
SQL

say "logging $events events"
for _ in $(seq "$((events / 10000))"); do
	psql -c 'SELECT count(*) FROM log_document, maestro.log_events(d)' >/dev/null
done
psql -c 'VACUUM ANALYZE maestro.event' -c CHECKPOINT

# rate NAME SQL GOAL: millions of rows a second of a statement, and of a plain scan.
rate() {
	local n ms
	n=$(psql -c 'SELECT count(*) FROM maestro.event')
	ms=$(psql -c '\timing on' -c "SET max_parallel_workers_per_gather = 0" -c "SET jit = off" -c "$2" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -n 1)
	awk -v what="$1" -v n="$n" -v ms="$ms" -v goal="$3" 'BEGIN { r = n / ms / 1000
		printf "%-54s %8.2f M rows/s %s\n", what, r, goal == "" ? "" : (r >= goal ? "met (>= " : "MISSED (>= ") goal ")" }'
}

say 'sealing, verifying'
rate 'seal(): hash again, tree, checkpoint' 'SELECT * FROM maestro.seal()' 0.3
rate 'verify(): hash again, compare, tree' 'SELECT count(*) FROM maestro.verify()' 0.7
rate "  the server's sha256 of all payloads" \
	"SELECT count(sha256(convert_to(concat(message, body, attributes), 'UTF8'))) FROM maestro.event" ''
rate '  reading all rows' 'SELECT count(leaf) FROM maestro.event' ''

say 'proofs'
psql <<'SQL' | awk -F '\t' '{ printf "%-54s %8.3f ms       %s\n", $1, $2, $3 == "" ? "" : ($2 <= $3 ? "met (<= " : "MISSED (<= ") $3 ")" }'
\pset fieldsep '\t'
CREATE FUNCTION pg_temp.mean_ms(statement text, n integer) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	ids bigint[] := ARRAY(SELECT (random() * (SELECT max(event_id) - 1 FROM maestro.event))::bigint + 1 FROM generate_series(1, n));
	start timestamptz;
	id bigint;
BEGIN
	EXECUTE statement USING ids[1];
	start := clock_timestamp();
	FOREACH id IN ARRAY ids LOOP
		EXECUTE statement USING id;
	END LOOP;
	RETURN round((extract(epoch FROM clock_timestamp() - start) * 1000 / n)::numeric, 3);
END
$$;
SELECT 'inclusion_proof(event_id), the place looked up', pg_temp.mean_ms('SELECT maestro.inclusion_proof($1)', 2000), 0.5;
SELECT 'consistency_proof(size1, newest)', pg_temp.mean_ms('SELECT maestro.consistency_proof($1, (SELECT max(size) FROM maestro.checkpoint))', 2000), NULL;
SELECT '  a row by its key', pg_temp.mean_ms('SELECT message FROM maestro.event WHERE event_id = $1', 2000), NULL;
SQL
psql -c 'ALTER SYSTEM RESET autovacuum' -c 'SELECT pg_reload_conf()' >/dev/null
