#!/bin/sh
#
# Actions that stay begun whatever becomes of the transaction, the recorder that stores
# them, and denials that are raised: on servers of its own.

. "$(dirname "$0")/../lib.sh"
begin action

. "$(dirname "$0")/../servers.sh"
server_init main 'maestro.queue_entries = 4'
server_start main

# ---- where there is no recorder ----

block() { echo "BEGIN; SELECT maestro.begin_action('crew/planner', 'tool_call'${1:+, $1}); ROLLBACK;"; }
setup="SELECT maestro.register_system('crew', db_role => 'action_crew'), maestro.register_component('crew', 'planner', 'agent'),
	maestro.register_component('crew', 'idle', 'agent'), maestro.register_component('crew', 'search', 'tool')"
roles="CREATE ROLE action_crew; CREATE ROLE action_agent LOGIN IN ROLE maestro_agent, action_crew; CREATE ROLE action_second LOGIN IN ROLE maestro_agent, action_crew;
	CREATE ROLE action_other LOGIN IN ROLE maestro_agent; CREATE ROLE action_dash LOGIN IN ROLE maestro_dashboard; CREATE ROLE action_audit LOGIN IN ROLE maestro_auditor"
sql "$roles" && sql "$setup" >/dev/null
# What a statement's error says.
error() { printf '%s\n' "$1" | psql -XAtq -U "${2:-postgres}" -f - 2>&1 | tr '\n' ' '; }

refused 55000 'without the library preloaded a transaction cannot begin an action' "$(block)" action_agent
has "$(error "$(block)")" "Set shared_preload_libraries = 'maestro' and maestro.databases = 'action_t' in postgresql.conf" 'and the error says which lines to put where'
is "$(outcome "SELECT maestro.begin_action('crew/planner', 'tool_call')" action_agent)" 'done' 'a statement of its own can'
is "$(sql 'SELECT preloaded, queue_capacity FROM maestro.status()')" 'f|' 'status() says that it is not'

PGHOST=$servers/main
create_database action_t
sql 'CREATE EXTENSION maestro'
sql 'SELECT count(*) FROM maestro.install_roles()' >/dev/null
sql "$roles" && sql "$setup" >/dev/null
has "$(error "$(block)")" "HINT:  Set maestro.databases = 'action_t' in postgresql.conf, and SELECT pg_reload_conf()" 'without a recorder the error says which database to name'
sql "CREATE FUNCTION public.wrapped() RETURNS uuid LANGUAGE plpgsql AS 'BEGIN RETURN maestro.begin_action(''crew/planner'', ''tool_call''); END';
	CREATE FUNCTION public.wrapped_sql() RETURNS uuid LANGUAGE sql VOLATILE SET work_mem = '4MB' AS 'SELECT maestro.begin_action(''crew/planner'', ''tool_call'')'"
refused 55000 'a function may fail yet, so what it begins is no statement of its own' 'SELECT public.wrapped()'
refused 55000 'nor is what a function in SQL begins' 'SELECT public.wrapped_sql()'
refused 55000 'nor a DO block' "DO 'BEGIN PERFORM maestro.begin_action(''crew/planner'', ''tool_call''); END'"
refused 55000 'nor one of several statements that were sent together' "SELECT maestro.begin_action('crew/planner', 'tool_call')\\; SELECT 1"
refused 55000 'nor a call beside which something else is done' "SELECT maestro.begin_action('crew/planner', 'tool_call'), 1 / (now() IS NULL)::integer"
refused 55000 'or with which something is done' "SELECT 1 / (maestro.begin_action('crew/planner', 'tool_call') IS NULL)::integer"
is "$(sql "SELECT maestro.begin_action('crew/planner', 'tool_call')::text <> ''" 2>&1 | grep -c ERROR)|$(sql "SELECT maestro.begin_action('crew/planner', 'tool_call')::text" | wc -c)|$(sql "SELECT * FROM maestro.begin_action('crew/planner', 'tool_call')" | wc -c)" \
	'1|37|37' 'but it may be shown as text, and stand in FROM'
refused 55000 'or that is made for each row' "SELECT maestro.begin_action('crew/planner', 'tool_call') FROM generate_series(1, 2)"
refused 55000 'or one within its own arguments' "SELECT maestro.begin_action('crew/planner', 'tool_call', maestro.begin_action('crew/planner', 'tool_call')::text || (1 / (now() IS NULL)::integer))"
refused 55000 'or a cursor of a DO block' "DO \$\$ DECLARE c refcursor; u uuid; BEGIN OPEN c FOR SELECT maestro.begin_action('crew/planner', 'tool_call'); FETCH c INTO u; END \$\$"
refused 55000 'or a loop over a query' "DO \$\$ DECLARE r record; BEGIN FOR r IN SELECT maestro.begin_action('crew/planner', 'tool_call') LOOP RAISE 'x'; END LOOP; END \$\$"
refused 55000 'or EXECUTE in one' "PREPARE p AS SELECT maestro.begin_action('crew/planner', 'tool_call'); DO \$\$ BEGIN EXECUTE 'EXECUTE p'; RAISE 'x'; END \$\$"
is "$(sql 'SELECT count(*) FROM maestro.open_action')|$(sql "SELECT count(*) FROM maestro.event WHERE kind = 'note'")" '2|2' 'what was refused left nothing'

# ---- what stays ----

recorder() { sql 'SELECT coalesce(recorder_pid, 0) FROM maestro.status()'; }
sealing main action_t
until_is t main action_t 'SELECT recorder_pid IS NOT NULL FROM maestro.status()' >/dev/null
agent() { printf '%s\n' "$1" | as action_agent 2>&1 | tr '\n' ' ' | sed 's/ $//'; }
# How many attempts and open actions have this message.
begun() { sql "SELECT count(*), count(o.action_id) FROM maestro.event AS e LEFT JOIN maestro.open_action AS o USING (event_id) WHERE e.kind = 'note' AND e.message = '$1'"; }

agent "$(block "'rolled back'")" >/dev/null
is "$(begun 'rolled back')" '1|1' 'an action stays begun when the transaction is rolled back'
agent "BEGIN; SAVEPOINT s; SELECT maestro.begin_action('crew/planner', 'tool_call', 'savepoint'); ROLLBACK TO s; COMMIT;" >/dev/null
is "$(begun savepoint)" '1|1' 'or to a savepoint'
agent "DO \$\$ BEGIN PERFORM maestro.begin_action('crew/planner', 'tool_call', 'caught'); RAISE 'x'; EXCEPTION WHEN OTHERS THEN NULL; END \$\$;" >/dev/null
is "$(begun caught)" '1|1' 'or by an exception that is caught'
is "$(outcome "BEGIN; SELECT maestro.begin_action('crew/planner', 'tool_call', 'failed'); SELECT 1/0" action_agent)|$(begun failed)" '22012|1|1' 'or by an error'
is "$(outcome "SELECT maestro.begin_action('crew/planner', 'tool_call', 'together')\\; SELECT 1/0" action_agent)|$(begun together)" '22012|1|1' 'of statements that were sent together'
is "$(outcome "SELECT 1 / (public.wrapped() IS NULL)::integer")|$(sql 'SELECT queue_stored FROM maestro.status()')" '22012|6' 'or a function'
agent "BEGIN; SELECT maestro.begin_action('crew/planner', 'tool_call', 'committed'); COMMIT;" >/dev/null
is "$(begun committed)" '1|1' 'and a commit makes no second one'
is "$(agent "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM maestro.event WHERE message = 'frozen'; SELECT maestro.begin_action('crew/planner', 'tool_call', 'frozen', target => 'search') AS id \\gset
	SELECT decision FROM maestro.end_action(:'id', 'ok', 'thawed'); COMMIT;")|$(begun frozen)" '0 allow|1|0' 'a transaction ends what it began itself, whatever its snapshot'
is "$(sql "SELECT kind, outcome, target_id = 'crew/search'::maestro.regcomponent::integer, duration > '0', attributes ->> 'maestro.action' = (SELECT attributes ->> 'maestro.action' FROM maestro.event WHERE message = 'frozen') FROM maestro.event WHERE message = 'thawed'" 2>&1)" \
	"$(sql "SELECT 'tool_call', 'ok', true, true, true")" 'the end is an event of the kind, with what the beginning said'
agent "BEGIN; SELECT maestro.begin_action('crew/planner', 'tool_call', 'mail me@example.com', '{\"password\": \"hunter2hunter2\", \"maestro.resource\": \"x\"}', '4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'); ROLLBACK;" >/dev/null
is "$(sql "SELECT message, attributes - 'maestro.action', trace_id, span_id, caller, session_role, outcome IS NULL FROM maestro.event WHERE span_id = '00f067aa0ba902b7'")" \
	'mail [REDACTED:EMAIL]|{"maestro.action.kind": "tool_call", "maestro.action.attributes": {"password": "[REDACTED:PASSWORD]", "maestro.resource": "x"}}|4bf92f3577b34da6a3ce929d0e0e4736|00f067aa0ba902b7|action_agent|action_agent|t' \
	'what the recorder stores is the caller'"'"'s, sanitized'
agent "BEGIN; SELECT maestro.begin_action('crew/planner', 'tool_call', 'long' || repeat('é', 2000), jsonb_build_object('a', repeat('ab ', 30000))); ROLLBACK;" >/dev/null
is "$(sql "SELECT octet_length(message) BETWEEN 1000 AND 1024, pg_column_size(attributes) < 5000, attributes ? 'maestro.truncated_bytes' FROM maestro.event WHERE message LIKE 'long%'")" 't|t|t' 'and cut to size'
agent "BEGIN; SELECT maestro.begin_action('crew/planner', 'tool_call', 'large', jsonb_build_object('tool', 'delete', 'z_arg', repeat('y', 9000))); ROLLBACK;" >/dev/null
is "$(sql "SELECT attributes #>> '{maestro.action.attributes,tool}', length(attributes #>> '{maestro.action.attributes,z_arg}') BETWEEN 1000 AND 4096, attributes ? 'maestro.truncated_bytes' FROM maestro.event WHERE message = 'large'")" \
	'delete|t|t' 'of large attributes the small ones stay'
agent "SET ROLE action_crew; $(block "'as another'")" >/dev/null
is "$(sql "SELECT caller, session_role FROM maestro.event WHERE message = 'as another'")" '' 'a role without rights begins nothing'
is "$(agent "BEGIN; SELECT maestro.begin_action('crew/planner', 'approval', 'approve', dependency => 'nothing') AS id \\gset
	ROLLBACK; SELECT kind, event_id IS NOT NULL FROM maestro.unresolved_action WHERE action_id = :'id';")" 'approval|t' 'an agent finds what it left'

# ---- ending ----

id() { agent "SELECT maestro.begin_action('crew/planner', '${1:-tool_call}', 'to end');"; }
id=$(id)
refused MA002 'another role that acts for the component does not end it' "SELECT maestro.end_action('$id', 'ok')" action_second
is "$(agent "BEGIN; SELECT decision FROM maestro.end_action('$id', 'ok'); ROLLBACK; SELECT count(*) FROM maestro.unresolved_action WHERE action_id = '$id';")" 'allow 1' 'an end that is rolled back leaves it open'
is "$(agent "SELECT decision FROM maestro.end_action('$id', 'timeout');")" allow 'who began it ends it'
refused P0002 'once' "SELECT maestro.end_action('$id', 'ok')" action_agent
refused P0002 'what was never begun is not ended' "SELECT maestro.end_action('00000000-0000-4000-8000-000000000000', 'ok')" action_agent
is "$(sql "SELECT count(*), max(outcome) FROM maestro.event WHERE attributes ->> 'maestro.action' = '$id' AND kind = 'tool_call'")" '1|timeout' 'and one event says so'
id=$(id)
is "$(outcome "SELECT maestro.end_action('$id', 'cancelled', 'its process is gone')")" 'done' 'the owner ends what nobody else can'
id=$(id)
sql "SELECT maestro.set_component_state('crew/planner', 'suspended')" >/dev/null
is "$(agent "SELECT decision FROM maestro.end_action('$id', 'ok');")|$(sql "SELECT count(*) FROM maestro.unresolved_action WHERE action_id = '$id'")" 'deny|1' 'an end that is refused ends nothing'
sql "SELECT maestro.set_component_state('crew/planner', 'active')" >/dev/null
for i in 1 2 3 4 5 6; do outcome "SELECT maestro.end_action('$id', 'ok')" action_agent >"$dir/end$i" & done
wait
is "$(cat "$dir"/end? | sort | tr '\n' ' ')" 'P0002 P0002 P0002 P0002 P0002 done ' 'of many who end it at a time one does'
sql "SELECT maestro.set_component_state('crew/idle', 'suspended')" >/dev/null
refused 55000 'a component that is not active begins nothing' "BEGIN; SELECT maestro.begin_action('crew/idle', 'tool_call', 'idle'); COMMIT" action_agent
is "$(until_is 1 main action_t "SELECT count(*) FROM maestro.event WHERE kind = 'rejected' AND reason = 'component_not_active' AND component_id = 'crew/idle'::maestro.regcomponent::integer AND decision = 'deny'")" 1 'and the refusal stays'
refused MA002 'nobody begins in the name of another' "BEGIN; SELECT maestro.begin_action(2::maestro.regcomponent, 'tool_call')" action_other
for kind in note heartbeat error guard; do refused 22023 "$kind is no action" "SELECT maestro.begin_action('crew/planner', '$kind')" action_agent; done
refused 22004 'nor is NULL' "SELECT maestro.begin_action('crew/planner', NULL)" action_agent
refused 22004 'an end has an outcome' "SELECT maestro.end_action('$id', NULL)" action_agent
refused 25006 'read-only transactions begin none' "BEGIN READ ONLY; SELECT maestro.begin_action('crew/planner', 'tool_call')" action_agent

sql "CREATE FUNCTION public.parallel(integer) RETURNS uuid LANGUAGE plpgsql PARALLEL SAFE AS 'BEGIN RETURN maestro.begin_action(''crew/planner'', ''tool_call''); END';
	CREATE TABLE public.many AS SELECT i FROM generate_series(1, 1000) AS i; ALTER TABLE public.many SET (parallel_workers = 2); ANALYZE public.many"
refused 25000 'nor do parallel workers, whoever called them safe' "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET parallel_leader_participation = off;
	SELECT count(public.parallel(i)) FROM public.many"

# ---- a recorder that is held up ----

# While it is stopped, entries wait; clients run beside, what they say goes to a file.
hold() { held=$(recorder) && kill -STOP "$held"; }
let_go() { kill -CONT "$held"; }
client() { # NAME SQL [ROLE]
	printf '%s\n' "$2" | psql -XAtq -v ON_ERROR_STOP=1 -U "${3:-action_agent}" -v VERBOSITY=verbose -f - >"$dir/$1" 2>&1 &
}
waiting() { until_is "$1" main action_t 'SELECT queue_waiting FROM maestro.status()'; }
pid_of() { sql "SELECT pid FROM pg_stat_activity WHERE query LIKE '%begin_action%$1%' AND pid <> pg_backend_pid()"; }
sql "ALTER SYSTEM SET maestro.queue_timeout = '20s'" && sql 'SELECT pg_reload_conf()' >/dev/null

hold
for i in 1 2; do client "full$i" "$(block "'full'")"; done
is "$(waiting 2)" 2 'some wait'
has "$(printf '%s\n' "$(block "'third'")" | psql -XAtq -U action_agent -f - 2>&1)" 'of which one role has half at most. The event was not stored.' 'one role has half of the places'
for i in 3 4; do client "full$i" "$(block "'full'")" action_second; done
is "$(waiting 4)" 4 'as many wait as there are places'
refused 53400 'one more is refused' "$(block "'fifth'")" postgres
has "$(error "$(block "'fifth'")")" 'It has 4 places, for all databases. The event was not stored.' 'and told that it is not stored'
let_go
wait
is "$(begun full)|$(begun fifth)|$(sql 'SELECT queue_refused, queue_waiting FROM maestro.status()')" '4|4|0|0|3|0' 'those that waited are stored'

hold
client cancelled "$(block "'cancelled'")"
waiting 1 >/dev/null
sql "SELECT pg_cancel_backend($(pid_of cancelled))" >/dev/null
wait
has "$(cat "$dir/cancelled")" 'ERROR:  57014: canceling statement due to user request' 'a wait is cancelled'
has "$(cat "$dir/cancelled")" 'DETAIL:  It was not stored, and will not be.' 'and it is said what became of it'
has "$(error "SET statement_timeout = '100 ms'; $(block "'too slow'")")" 'It was not stored, and will not be.' 'so does a statement timeout'
has "$(error "SET maestro.queue_timeout = '100 ms'; $(block "'too slow'")")" 'the recorder did not store the event within 100 ms DETAIL:  It was not stored, and will not be.' 'and the time of the queue'
client killed "$(block "'killed'")"
waiting 1 >/dev/null
sql "SELECT pg_terminate_backend($(pid_of killed))" >/dev/null
is "$(waiting 0)" 0 'a waiter that is killed leaves its place free'
wait
let_go
agent "$(block "'after'")" >/dev/null
is "$(begun after)|$(begun cancelled)|$(begun 'too slow')|$(begun killed)" '1|1|0|0|0|0|0|0' 'none of them is stored afterwards'

# ---- a recorder that is killed ----

hold
for i in 1 2; do client "orphan$i" "$(block "'orphan'")"; done
client orphan3 "$(block "'orphan'")" action_second
waiting 3 >/dev/null
kill -TERM "$held"
let_go
wait
is "$(begun orphan)" '3|3' 'what waits for a recorder that is killed is stored by the next'
# Somebody has the table locked, until he is ended.
locked() {
	client lock "BEGIN; LOCK TABLE maestro.open_action IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(60);" postgres
	until_is 1 main action_t "SELECT count(*) FROM pg_locks WHERE relation = 'maestro.open_action'::regclass AND mode = 'AccessExclusiveLock' AND granted" >/dev/null
}
unlock="PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid();"
# It has taken the entry, and waits for a lock: what is not committed is stored again, once.
locked
client killer "DO \$\$ BEGIN
	FOR i IN 1 .. 2000 LOOP
		EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE relation = 'maestro.open_action'::regclass AND NOT granted);
		PERFORM pg_sleep(0.01);
	END LOOP;
	PERFORM pg_terminate_backend((SELECT recorder_pid FROM maestro.status())); $unlock END \$\$;" postgres
client taken "$(block "'taken'")"
wait
is "$(begun taken)" '1|1' 'so is what it had begun with, once'
# Longer than a second it waits for no lock: an entry that cannot be stored holds up no other.
locked
is "$(outcome "$(block "'locked'")" action_agent)" 55P03 'what waits for a lock is refused to its waiter'
sql "DO \$\$ BEGIN $unlock END \$\$"
wait
is "$(begun locked)" '0|0' 'and not stored'
# Who gives up while it is being stored, here waits for a standby that there is none of, is
# told that it may come, and under which id.
sql "ALTER SYSTEM SET synchronous_standby_names = 'nobody'" && sql 'SELECT pg_reload_conf()' >/dev/null
tries=0
until said=$(error "SET maestro.queue_timeout = '500 ms'; $(block "'late $tries'")") && [ "${said#*It may still be stored as action }" != "$said" ] || [ $tries = 40 ]; do tries=$((tries + 1)); done
sql 'ALTER SYSTEM RESET synchronous_standby_names' && sql 'SELECT pg_reload_conf()' >/dev/null
has "$said" 'DETAIL:  It may still be stored as action ' 'who gives up while it is being stored is told so'
is "$(until_is 1 main action_t "SELECT count(*) FROM maestro.unresolved_action AS u JOIN maestro.event AS e USING (event_id) WHERE e.message = 'late $tries' AND position(u.action_id::text IN '$(echo "$said" | tr -d "'")') > 0")" 1 'and by which id it is found'
is "$(waiting 0)" 0 'its place is free'

# ---- entries that are no good ----

before=$(recorder)
hold
client bad "BEGIN; SELECT maestro.register_component('crew', 'new', 'agent'); SELECT maestro.begin_action('crew/new', 'tool_call', 'bad'); COMMIT;" postgres
client good "$(block "'good'")"
client good2 "$(block "'good'")"
waiting 3 >/dev/null
let_go
wait
has "$(cat "$dir/bad")" 'ERROR:  55000: the component is registered by a transaction that is not committed: commit it first' 'a component of an uncommitted transaction begins nothing'
is "$(begun good)|$(begun bad)|$(recorder)" "2|2|0|0|$before" 'others of the same time are stored, and the recorder goes on'
has "$(error "BEGIN; SELECT maestro.begin_action('crew/planner', 'tool_call', 'x', trace_id => 'me@example.com')")" 'invalid trace id' 'what is wrong with an argument is said at once'
lacks "$(error "BEGIN; SELECT maestro.begin_action('crew/planner', 'tool_call', 'x', trace_id => 'me@example.com')")" 'me@example' 'and not repeated'
create_database action_empty
sealing main 'action_t, action_empty'
until_is 2 main postgres "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'maestro recorder'" >/dev/null
has "$(error "BEGIN; CREATE EXTENSION maestro; SELECT maestro.register_system('crew'), maestro.register_component('crew', 'planner', 'agent'); SELECT maestro.begin_action('crew/planner', 'tool_call')")" \
	'extension maestro was made by a transaction that is not committed' 'nor does an extension of one'
sealing main action_t
PGDATABASE=action_t

# ---- denials that are raised ----

sql "SELECT maestro.set_guard('crew/planner', 'lim', 'rate_limiter', '{\"rate\": 1, \"per\": \"1 h\", \"burst\": 1}'::jsonb), maestro.set_guard('crew/planner', 'brk', 'circuit_breaker', '{\"mode\": \"forced_open\"}'::jsonb),
	maestro.set_guard('crew/planner', 'bud', 'budget', '{\"steps\": 1}'::jsonb)" >/dev/null
agent "SELECT maestro.require('crew/planner', 'lim'); SELECT maestro.start_run('crew/planner', 'r', 'bud');" >/dev/null
refused MA006 'require raises' "BEGIN; SELECT maestro.require('crew/planner', 'lim')" action_agent
refused MA007 'for a breaker too' "BEGIN; SELECT maestro.require('crew/planner', 'brk')" action_agent
refused MA008 'and require_spend' "BEGIN; SELECT maestro.require_spend('r', '{\"steps\": 2}')" action_agent
told() { echo "SELECT string_agg(DISTINCT message || '|' || coalesce(outcome::text, '') || '|' || caller, ' ' ORDER BY message || '|' || coalesce(outcome::text, '') || '|' || caller) FROM maestro.event WHERE kind = 'guard'"; }
is "$(until_is 'budget bud: spent|denied|action_agent budget bud: started||action_agent circuit_breaker brk: forced_open||action_agent rate_limiter lim: limited|denied|action_agent' main action_t "$(told)")" \
	'budget bud: spent|denied|action_agent budget bud: started||action_agent circuit_breaker brk: forced_open||action_agent rate_limiter lim: limited|denied|action_agent' 'each denial is an event, though the transaction is gone'
hold
denied=$(sql "SELECT denied FROM maestro.guard_state WHERE guard = 'lim'")
stored=$(sql 'SELECT queue_stored FROM maestro.status()')
start=$(date +%s)
agent "DO \$\$ BEGIN FOR i IN 1 .. 100 LOOP BEGIN PERFORM maestro.require('crew/planner', 'lim'); EXCEPTION WHEN SQLSTATE 'MA006' THEN NULL; END; END LOOP; END \$\$;" >/dev/null
is "$(sql "SELECT denied - $denied FROM maestro.guard_state WHERE guard = 'lim'")|$(sql 'SELECT queue_waiting, queue_dropped > 0 FROM maestro.status()')" '100|1|t' 'where a role has its share of the queue denials are counted and raised all the same'
client beside "$(block "'beside'")" action_second
is "$(waiting 2)|$(($(date +%s) - start < 15))" '2|1' 'at once, and the rest is left to actions and to others'
let_go
wait
is "$(begun beside)|$(until_is $((stored + 2)) main action_t 'SELECT queue_stored FROM maestro.status()')" "1|1|$((stored + 2))" 'which are stored then'
# What is stored late is no news of a run that has ended meanwhile.
agent "SELECT maestro.start_run('crew/planner', 'over', 'bud');" >/dev/null
hold
refused MA008 'a run is told that its budget is spent' "SELECT maestro.require_spend('over', '{\"steps\": 2}')" action_agent
agent "SELECT maestro.end_run('over');" >/dev/null
let_go
is "$(until_is 'budget bud: started budget bud: ended budget bud: spent' main action_t \
	"SELECT string_agg(message, ' ' ORDER BY event_id) FROM maestro.event WHERE kind = 'guard' AND attributes ->> 'maestro.run' = 'over'")" \
	'budget bud: started budget bud: ended budget bud: spent' 'which the log has behind its end'
for i in 1 2 3; do agent "SET synchronous_commit = off; SELECT maestro.begin_action('crew/planner', 'tool_call', 'durable');" >/dev/null; done
server_stop main immediate
server_start main
until_is t main action_t 'SELECT recorder_pid IS NOT NULL FROM maestro.status()' >/dev/null
is "$(agent "SELECT reason FROM maestro.spend('over', '{}');")" run_unknown 'so that after a crash it is over still'
is "$(begun durable)" '3|3' 'and what is said to be begun is, whatever the agent sets'
# The state of a breaker that could not be told is told by the next answer.
sql "SELECT maestro.set_guard('crew/planner', 'late', 'circuit_breaker', '{\"mode\": \"forced_open\"}'::jsonb)" >/dev/null
sealing main ''
until_is t main action_t 'SELECT recorder_pid IS NULL FROM maestro.status()' >/dev/null
refused MA007 'without a recorder it raises' "SELECT maestro.require('crew/planner', 'late')" action_agent
is "$(sql "SELECT count(*) FROM maestro.event WHERE kind = 'guard' AND attributes ->> 'maestro.guard' = 'late'")" 0 'and leaves no event'
is "$(agent "SELECT decision FROM maestro.acquire('crew/planner', 'late');")|$(sql "SELECT count(*) FROM maestro.event WHERE kind = 'guard' AND attributes ->> 'maestro.guard' = 'late' AND outcome IS NULL")" 'deny|1' 'so the next answer tells the state'

# ---- the launcher ----

sealing main action_t
until_is t main action_t 'SELECT recorder_pid IS NOT NULL FROM maestro.status()' >/dev/null
served="SELECT recorder_pid IS NOT NULL AND recorder_pid <> $(sql 'SELECT recorder_pid FROM maestro.status()') FROM maestro.status()"
# It has no database, and so is in no view.
postmaster=$($owner head -n 1 "$servers/main/data/postmaster.pid")
for process in /proc/[0-9]*; do
	grep -q "^PPid:.$postmaster\$" "$process/status" 2>/dev/null && grep -q 'maestro launcher' "$process/cmdline" 2>/dev/null &&
		$owner kill -TERM "${process#/proc/}"
done
is "$(until_is t main action_t "$served")|$(until_is 2 main action_t "SELECT count(*) FROM pg_stat_activity WHERE backend_type ~ '^maestro (sealer|recorder)'")" 't|2' \
	'a launcher that is ended alone is started again, and serves as before'
sql "ALTER SYSTEM SET maestro.databases = 'action_t,'" postgres
sql 'SELECT FROM pg_reload_conf()' postgres
is "$(grep -c 'maestro.databases is no list of names' "$(server_log main)")|$(sql "SELECT pg_sleep(1); SELECT recorder_pid IS NOT NULL FROM maestro.status()" | tail -n 1)" '1|t' \
	'what is no list leaves those served that were'

# ---- places that nobody serves any more ----

create_database action_gone
sql 'CREATE EXTENSION maestro'
sql 'SELECT count(*) FROM maestro.install_roles()' >/dev/null
sql "$setup" >/dev/null
sql "SELECT maestro.set_component_state('crew/idle', 'suspended')" >/dev/null
sealing main 'action_t, action_gone'
until_is t main action_gone 'SELECT recorder_pid IS NOT NULL FROM maestro.status()' >/dev/null
client gone "BEGIN; SET maestro.maintenance = on; LOCK TABLE maestro.event IN SHARE MODE; SELECT pg_sleep(60);" postgres
until_is t main action_gone "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'maestro.event'::regclass AND mode = 'ShareLock' AND granted" >/dev/null
refused 55000 'a refusal is offered to a recorder that cannot store it' "SELECT maestro.begin_action('crew/idle', 'tool_call')" action_agent
until_is t main action_gone "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted" >/dev/null
sealing main action_t
until_is t main action_gone 'SELECT recorder_pid IS NULL FROM maestro.status()' >/dev/null
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()" >/dev/null
wait
is "$(sql 'SELECT queue_waiting FROM maestro.status()')" 1 'it is left behind where the recorder ends'
PGDATABASE=action_t
for i in 1 2; do client "served$i" "$(block "'served'")"; done
wait
is "$(begun served)" '2|2' 'and takes nothing from its role'

# ---- many at a time ----

server_stop main
echo 'maestro.queue_entries = 64' | $owner tee -a "$servers/main/data/postgresql.conf" >/dev/null
server_start main
sealing main action_t
until_is t main action_t 'SELECT recorder_pid IS NOT NULL FROM maestro.status()' >/dev/null
for i in $(seq 1 16); do
	for j in $(seq 1 25); do
		echo "BEGIN; SELECT maestro.begin_action('crew/planner', 'tool_call', 'load $i.$j', trace_id => '4bf92f3577b34da6a3ce929d0e0e4736') AS id \\gset
			SELECT FROM maestro.end_action(:'id', 'ok', 'load $i.$j'); $([ $((j % 5)) = 0 ] && echo ROLLBACK || echo COMMIT);"
	done | psql -XAtq -v ON_ERROR_STOP=1 -U action_agent -f - >"$dir/load$i" 2>&1 &
done
wait
is "$(cat "$dir"/load*)" '' 'sixteen clients begin and end 400 actions'
is "$(sql "SELECT count(*), count(DISTINCT message), count(DISTINCT attributes ->> 'maestro.action') FROM maestro.event WHERE message LIKE 'load %' AND kind = 'note'")" '400|400|400' 'each attempt is in the log once'
is "$(sql "SELECT count(*), count(DISTINCT message) FROM maestro.event WHERE message LIKE 'load %' AND kind = 'tool_call'")" '320|320' 'so is the end of each whose transaction committed'
is "$(sql "SELECT count(*) FROM maestro.unresolved_action AS u JOIN maestro.event AS e USING (event_id) WHERE e.message LIKE 'load %'")" 80 'the others are unresolved'
is "$(sql 'SELECT queue_stored, queue_waiting, queue_refused, queue_failed, queue_dropped FROM maestro.status()')" '400|0|0|0|0' 'status() has counted them'
is "$(sql 'SELECT FROM maestro.seal(); SELECT count(*) FROM maestro.verify()' | tail -n 1)" 0 'what the recorder stored is sealed and verified as all else'

# ---- what is refused again and again ----

refusals="SELECT count(*) FROM maestro.event WHERE kind = 'rejected' AND reason = 'component_not_active'"
before=$(sql "$refusals")
agent "DO \$\$ BEGIN FOR i IN 1 .. 200 LOOP BEGIN PERFORM maestro.begin_action('crew/idle', 'tool_call'); EXCEPTION WHEN SQLSTATE '55000' THEN NULL; END; END LOOP; END \$\$;" >/dev/null
is "$(until_is t main action_t "SELECT ($refusals) - $before BETWEEN 10 AND 20 AND queue_waiting = 0 FROM maestro.status()")" t 'is told ten times, and then once a second'

# ---- who reads what ----

is "$(echo 'SELECT preloaded, in_recovery, queue_capacity, guard_capacity, databases, shared_memory > 1000000, sealer_pid > 0, last_seal IS NOT NULL, unsealed >= 0 FROM maestro.status()' | as action_dash)" 't|f|64|8192|{action_t}|t|t|t|t' 'a dashboard reads status()'
is "$(echo 'SELECT count(*) FROM maestro.status()' | as action_audit)" 1 'so does an auditor'
refused 42501 'agents do not' 'SELECT maestro.status()' action_agent
is "$(echo 'SELECT count(*) > 80 FROM maestro.unresolved_action' | as action_dash)|$(echo 'SELECT count(*) FROM maestro.unresolved_action' | as action_other)" 't|0' 'who may read of a system sees what is unresolved there'

# ---- a standby ----

$owner mkdir "$servers/standby"
(cd / && $owner "$bindir/pg_basebackup" -h "$servers/main" -p "$PGPORT" -U postgres -D "$servers/standby/data" -R -c fast --no-sync)
echo "unix_socket_directories = '$servers/standby'" | $owner tee -a "$servers/standby/data/postgresql.conf" >/dev/null
server_start standby
PGHOST=$servers/standby
refused 25006 'a standby begins no action' "SELECT maestro.begin_action('crew/planner', 'tool_call')" action_agent
has "$(error "$(block)")" 'cannot execute maestro.begin_action during recovery' 'and says why'
is "$(sql 'SELECT in_recovery, recorder_pid IS NULL, sealer_pid IS NULL FROM maestro.status()')|$(sql 'SELECT count(*) >= 80 FROM maestro.unresolved_action')" 't|t|t|t' 'it shows what is unresolved'
PGHOST=$first
finish
