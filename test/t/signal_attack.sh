#!/bin/sh
#
# What an agent could log so that sealing stands still, takes long, or counts in its
# favour.

. "$(dirname "$0")/../lib.sh"
begin signal_attack
export PGOPTIONS='-c client_min_messages=error'

sql "SELECT maestro.apply_manifest('{\"systems\": [{\"name\": \"crew\", \"components\": [
	{\"name\": \"a\", \"kind\": \"agent\", \"own_process\": true, \"dependencies\": [{\"name\": \"dep\", \"address\": \"dep.example\", \"breaker\": \"external\",
		\"retry\": {\"base_ms\": 200, \"cap_ms\": 1000, \"multiplier\": 2, \"max_attempts\": 5, \"jitter\": \"full\"}}]},
	{\"name\": \"b\", \"kind\": \"agent\", \"own_process\": true}]}]}')" >/dev/null
seal() { sql 'SELECT sealed > 0 FROM maestro.seal()'; }
# of one signal: ok, bad, is there a time of the newest bad?
counted() { sql "SELECT sum(ok), sum(bad), max(newest_bad) IS NOT NULL FROM maestro.signal WHERE signal = '$1' AND component_id = (SELECT component_id FROM maestro.component WHERE name = '$2')"; }
all_events() { sql "SELECT coalesce(sum(ok), 0), coalesce(sum(bad), 0), coalesce(bool_or(bad > 0), false) FROM maestro.event_signal WHERE signal = '$1' AND component_id = (SELECT component_id FROM maestro.component WHERE name = '$2')"; }
same() { is "$(counted "$1" "$2")" "$(all_events "$1" "$2")" "$3"; }
trace() { printf '%032x' "$1"; }

# ---- nothing that is logged keeps the log from being sealed ------------------

for value in null '[]' '{}' 1e400 1e-400 '""' '"'"$(printf '%03000d' 7)"'"' true; do
	for key in maestro.resource breaker.state limiter.state retry.delay_ms http.request.resend_count process.memory.usage \
			process.unix.file_descriptor.count process.unix.file_descriptor.limit server.address error.type maestro.plan_digest \
			maestro.manifest_digest maestro.tool_schema_digest gen_ai.request.model; do
		echo "SELECT count(*) FROM unnest('{tool_call,dependency_call,guard,heartbeat,agent_run,approval,error,model_call}'::text[]) AS k (kind),
			LATERAL maestro.log_event('crew/a', k.kind::maestro.event_kind, 'x', attributes => '{\"$key\": $value}', duration => '1 s', dependency => 'dep', outcome => 'error', target => 'b');"
	done
done | quiet_psql -f - >/dev/null 2>&1
is "$(sql 'SELECT count(*) > 500 FROM maestro.event')" t 'events with values of all kinds in all attributes that mean something'
is "$(seal)" t 'whatever values attributes have, the events are sealed'
is "$(sql 'SELECT count(*) FROM maestro.signal' | grep -c '^[1-9]')" 1 'and counted'

# ---- nothing takes longer than it must: by what is read, not by the clock -----

sql "SELECT count(*) FROM generate_series(1, 3000), LATERAL maestro.log_event('crew/a', 'approval', trace_id => '$(trace 1)')" >/dev/null
sql "SELECT count(*) FROM generate_series(1, 3000), LATERAL maestro.log_event('crew/ghost', 'error', trace_id => '$(trace 2)', span_id => '00000000000000aa')" >/dev/null
sql "SELECT count(*) FROM generate_series(1, 300), LATERAL maestro.log_event('crew/a', 'tool_call', trace_id => '$(trace 2)', span_id => '00000000000000aa', outcome => 'error', duration => '1 s')" >/dev/null
# Rows that a look-up takes off again are those that a flood could make many.
removed() { sql "SET jit = off; EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) $1" | awk '/Index Scan.* on event_/ { scan = 1 } /->/ && !/Index Scan/ { scan = 0 } scan && /Rows Removed by Filter/ { n += $NF } END { print n + 0 }'; }
waits='SELECT w.waited FROM maestro.event AS e, LATERAL maestro.event_waits(e.trace_id, e.caller, e.system_id, e.event_id, e.recorded_at, e.duration) AS w'
is "$(sql "EXPLAIN $waits" | grep -c '[(]function')" 0 'a look-up of approvals is planned with what asks for it, so that it is seen here'
is "$(sql "EXPLAIN $waits" | grep -q 'Index Scan.* on event_' && echo index)" index 'approvals are looked up in the leaves'
is "$(removed "$waits WHERE e.duration IS NOT NULL")" 0 'no look-up of approvals reads what it does not want'
is "$(removed 'SELECT v.* FROM maestro.live_run_case AS v')" 0 'none of explanations either'
is "$(seal)" t 'all of that is sealed'
is "$(sql 'SELECT count(*) <= 200 FROM maestro.signal_pending')" t 'no more than 200 of a component wait'

# ---- nothing is counted in favour of who floods -----------------------------

sql "SELECT maestro.log_event('crew/b', 'error', 'real'); SELECT count(*) FROM generate_series(1, 8), LATERAL maestro.log_event('crew/b', 'error', 'harmless');
	SELECT count(*) FROM generate_series(1, 8), LATERAL maestro.log_event('crew/b', 'error', 'typed', attributes => '{\"error.type\": \"E\"}')" >/dev/null
seal >/dev/null
status() { sql "SELECT status FROM maestro.control_answers() WHERE control = 'error_structured' AND component_id = (SELECT component_id FROM maestro.component WHERE name = 'b')"; }
is "$(status)" alarm 'an untyped failure is an alarm'
sql "SELECT maestro.review_event(event_id, 'resolved', 'seen') FROM maestro.event WHERE message = 'harmless'" >/dev/null
is "$(status)" alarm 'reviews of the eight newest do not hide an older one'
same error_typed b 'and it is counted as the views count'
sql "SELECT maestro.review_event(event_id, 'resolved', 'seen') FROM maestro.event WHERE message = 'real'" >/dev/null
isnt "$(status)" alarm 'until it is reviewed, too'

sql "SELECT count(*) FROM generate_series(1, 3) AS i, LATERAL maestro.log_event('crew/a', 'dependency_call', 'retry ' || i, attributes => '{\"http.request.resend_count\": 1, \"retry.delay_ms\": 50}',
	dependency => 'dep', outcome => CASE i WHEN 2 THEN 'error' ELSE 'ok' END::maestro.outcome, trace_id => '$(trace 9)')" >/dev/null
seal >/dev/null
same retry_waited a 'waits of retries are counted as the views count'
for i in 1 2 3; do
	sql "SELECT maestro.review_event(event_id, 'resolved', 'seen') FROM maestro.event WHERE message = 'retry $i'" >/dev/null
	same retry_waited a "after a review of the retry $i, too"
done

# ---- more failing runs than may wait -----------------------------------------

sql "SELECT count(*) FROM generate_series(1000, 1400) AS i, LATERAL maestro.log_event('crew/b', 'dependency_call', outcome => 'error', attributes => '{\"error.type\": \"E\"}', trace_id => lpad(to_hex(i), 32, '0'))" >/dev/null
seal >/dev/null
sql "SELECT count(*) FROM generate_series(1000, 1400) AS i, LATERAL maestro.log_event('crew/b', 'agent_run', outcome => 'ok', trace_id => lpad(to_hex(i), 32, '0')) WHERE i <> 1400" >/dev/null
seal >/dev/null
is "$(sql "SELECT sum(bad) >= 201 FROM maestro.signal WHERE signal = 'failed_run_ended' AND component_id = (SELECT component_id FROM maestro.component WHERE name = 'b')")" t \
	'what of failing runs could not wait is counted as bad, though they ended well'

# ---- open files between two samples --------------------------------------------

quiet_psql >/dev/null 2>&1 <<'SQL'
\i test/posture_setup.sql
SELECT pg_temp.event('crew/b', 'heartbeat', 24, '{"step": "5 minutes", "age": "1 minute", "attributes": {"process.unix.file_descriptor.count": 10}}');
SQL
seal >/dev/null
quiet_psql >/dev/null 2>&1 <<'SQL'
\i test/posture_setup.sql
SELECT pg_temp.event('crew/b', 'heartbeat', 1, format('{"age": "%s minutes", "attributes": {"process.unix.file_descriptor.count": %s}}', i * 5, 7200 - i * 300)::jsonb) FROM generate_series(1, 23) AS i;
SQL
seal >/dev/null
sql "SELECT maestro.log_event('crew/b', 'heartbeat', attributes => '{\"process.unix.file_descriptor.count\": 10}')" >/dev/null
seal >/dev/null
is "$(sql "SELECT bad FROM maestro.signal WHERE signal = 'fd_stable' AND component_id = (SELECT component_id FROM maestro.component WHERE name = 'b')")" 1 'open files that grow are seen behind a good first heartbeat'
# ---- rows that no log_event writes, but an owner may import ---------------------

quiet_psql >/dev/null 2>&1 <<'SQL'
\i test/posture_setup.sql
SELECT pg_temp.import(jsonb_populate_record(e, jsonb_build_object('event_id', nextval('maestro.event_id_seq'), 'system_id', NULL, 'duration', '1 s',
		'kind', k, 'recorded_at', now(), 'occurred_at', now(), 'attributes', '{"maestro.resource": "r", "process.unix.file_descriptor.count": 1}'::jsonb)))
  FROM maestro.event AS e, unnest('{tool_call,heartbeat}'::text[]) AS k WHERE e.event_id = (SELECT min(event_id) FROM maestro.event WHERE component_id IS NOT NULL AND kind = 'heartbeat');
SQL
is "$(sql "SELECT count(*) FROM maestro.event WHERE system_id IS NULL AND component_id IS NOT NULL")|$(outcome 'SELECT maestro.seal()')" '2|done' \
	'a component of no system does not keep the log from being sealed'
is "$(sql 'SELECT count(*) FROM maestro.verify()')" 0 'verify() finds nothing in all of this'

# ---- what only a superuser could have put there ---------------------------------

for damage in "bad_events = '{}', bad_times = (SELECT array_agg(NULL::timestamptz) FROM generate_series(1, 100000))" \
	"bad_events = ARRAY(SELECT i FROM generate_series(1, 100) AS i)" "bad_times = '{NULL}'"; do
	refused XX000 "counts that are damaged are an error: ${damage%%=*}" "BEGIN; SET LOCAL maestro.maintenance = on; ALTER TABLE maestro.signal_total DISABLE TRIGGER ALL;
		UPDATE maestro.signal_total SET $damage; SELECT count(*) FROM maestro.component_control"
done
is "$(sql 'SELECT count(*) > 0 FROM maestro.component_control')" t 'and take nothing down'
finish
