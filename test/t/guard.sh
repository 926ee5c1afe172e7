#!/bin/sh
#
# What guards answer: on a server that was preloaded.

. "$(dirname "$0")/../lib.sh"
begin guard

. "$(dirname "$0")/../servers.sh"
server_init main "maestro.guard_entries = 64
maestro.guard_on_full = deny"
server_start main
PGHOST=$servers/main
create_database guard_t

quiet_psql -f - >/dev/null <<'SQL'
CREATE EXTENSION maestro;
SELECT maestro.install_roles();
CREATE ROLE guard_agent LOGIN IN ROLE maestro_agent;
CREATE ROLE guard_other LOGIN IN ROLE maestro_agent;
CREATE ROLE guard_dash LOGIN IN ROLE maestro_dashboard;
SELECT maestro.register_system('crew', db_role => 'guard_agent'), maestro.register_component('crew', 'planner', 'agent'),
	maestro.register_component('crew', 'idle', 'agent'), maestro.register_system('other', db_role => 'guard_other');
SELECT maestro.set_guard('crew/planner', 'lim', 'rate_limiter', '{"rate": 1, "per": "1 h", "burst": 3}'::jsonb);
SELECT maestro.set_guard('crew/planner', 'fast', 'rate_limiter', '{"rate": 100, "per": "1 s", "burst": 1}'::jsonb);
SELECT maestro.set_guard('crew/planner', 'bulk', 'bulkhead', '{"max_in_flight": 2, "ttl": "1 h"}'::jsonb);
SELECT maestro.set_guard('crew/planner', 'short', 'bulkhead', '{"max_in_flight": 1, "ttl": "50 ms"}'::jsonb);
SELECT maestro.set_guard('crew/planner', 'brk', 'circuit_breaker', '{"window": 4, "minimum_calls": 4, "open_for": "200 ms", "half_open_calls": 2}'::jsonb);
SELECT maestro.set_guard('crew/planner', 'long', 'circuit_breaker', '{"window": 2, "minimum_calls": 2, "open_for": "1 h"}'::jsonb);
SELECT maestro.set_guard('crew/planner', 'bud', 'budget', '{"steps": 3, "tokens": 100, "cost": 0.3, "wall_time": "1 h"}'::jsonb);
SELECT maestro.set_guard('crew/idle', 'lim', 'rate_limiter', '{"rate": 1, "per": "1 h", "burst": 3}'::jsonb);
SQL
# Statements in one session of the agent, lines of answers joined.
agent() { printf '%s\n' "$1" | as guard_agent 2>&1 | tr '\n' ' ' | sed 's/ $//'; }
ask() { echo "SELECT decision, reason, state FROM maestro.acquire('crew/planner', '$1'${2:+, $2});"; }
state() { sql "SELECT $2 FROM maestro.guard_state WHERE guard = '$1' AND component = 'crew/planner'"; }

# ---- with all the rest in one session ----

# PostgreSQL 15 has ten places for what listens to the relcache, its own among them, and ends
# the backend at the eleventh: whoever uses all of maestro must not come to it.
sql "SELECT maestro.set_contract('crew/idle', 'input', '{\"type\": \"object\"}')" >/dev/null
is "$(quiet_psql 2>&1 <<-'SQL' | tail -n 1
	SELECT valid FROM maestro.log_event('crew/idle', 'input', body => '{}');
	CREATE DOMAIN small AS integer CHECK (value < 100);
	SELECT 1::small, maestro.sanitize('x');
	SELECT count(*) FROM maestro.threat_matrix;
	SELECT decision FROM maestro.acquire('crew/idle', 'lim', 0);
	SELECT count(*) FROM maestro.seal();
	SELECT count(*) FROM maestro.verify();
	SELECT count(*) FROM maestro.threat_matrix;
	SELECT 'alive';
SQL
)" alive 'one session may use all of it'

# ---- limiters ----

is "$(agent "$(ask lim 2; ask lim; ask lim)")" 'allow||allowed allow||allowed deny|limited|limited' 'a limiter lets burst units through'
is "$(agent "SELECT retry_after BETWEEN '59 min' AND '1 h', permit FROM maestro.acquire('crew/planner', 'lim');")" 't|' 'and says when it is worth asking again'
is "$(agent "$(ask lim 0; ask lim 4)")" 'allow||allowed deny|cost_above_burst|limited' 'cost 0 is free, and more than burst never possible'
is "$(agent "SELECT retry_after IS NULL FROM maestro.acquire('crew/planner', 'lim', 4);")" t 'for which there is no time to wait'
denied=$(state lim denied)
for cost in -1 "'NaN'" -1e-300; do refused 22023 "cost $cost is none" "$(ask lim "$cost")" guard_agent; done
is "$(state lim denied)" "$denied" 'and is no denial'
refused 22004 'nor is NULL' "$(ask lim NULL)" guard_agent
is "$(agent "$(ask lim "'Infinity'")")" 'deny|cost_above_burst|limited' 'infinity is above burst'
sql "SELECT maestro.reset_guard('crew/planner', 'lim')" >/dev/null
is "$(agent "BEGIN; $(ask lim 3) ROLLBACK; $(ask lim)")" 'allow||allowed deny|limited|limited' 'a rollback refunds nothing'
is "$(agent "BEGIN READ ONLY; $(ask lim) COMMIT;")" 'deny|limited|limited' 'read-only transactions are guarded'
before=$(sql 'SELECT pg_current_wal_insert_lsn()')
agent "BEGIN READ ONLY; SELECT count(maestro.acquire('crew/planner', 'fast')) FROM generate_series(1, 1000); COMMIT;" >/dev/null
is "$(sql "SELECT pg_current_wal_insert_lsn() - '$before' < 5000")" t 'and nothing is written to WAL'
is "$(agent "DO \$\$ DECLARE w interval; BEGIN
	PERFORM maestro.acquire('crew/planner', 'fast');
	SELECT retry_after INTO w FROM maestro.acquire('crew/planner', 'fast');
	PERFORM pg_sleep(extract(epoch FROM w));
	IF (SELECT decision FROM maestro.acquire('crew/planner', 'fast')) <> 'allow' THEN RAISE 'too early'; END IF; END \$\$;")" '' 'after retry_after it is allowed'
sql "SELECT maestro.set_guard('crew/planner', 'lim', 'rate_limiter', '{\"rate\": 1, \"per\": \"1 s\", \"burst\": 1}'::jsonb)" >/dev/null
is "$(agent "SELECT decision, retry_after < '1.1 s' FROM maestro.acquire('crew/planner', 'lim');")" 'deny|t' 'other parameters hold from the next call on, for what is owed too'

# ---- bulkheads ----

is "$(agent "$(ask bulk; ask bulk; ask bulk)")" 'allow||available allow||available deny|bulkhead_full|full' 'a bulkhead lets so many through at once'
is "$(state bulk in_flight)" 0 'and the end of a session gives permits back'
is "$(agent "SELECT permit AS p FROM maestro.acquire('crew/planner', 'bulk') \\gset
	SELECT maestro.release('crew/planner', 'bulk', :p), maestro.release('crew/planner', 'bulk', :p), maestro.release('crew/planner', 'bulk', -1), maestro.release('crew/planner', 'bulk', NULL);")" \
	't|f|f|f' 'a permit is given back once'
is "$(agent "BEGIN; $(ask bulk) SELECT in_flight FROM (SELECT 1) x, maestro.guard_status('crew/planner'::maestro.regcomponent, 'bulk'); ROLLBACK; SELECT in_flight FROM maestro.guard_status('crew/planner'::maestro.regcomponent, 'bulk');")" \
	'allow||available 1 0' 'a rollback gives permits back'
is "$(agent "BEGIN; $(ask bulk) COMMIT; SELECT in_flight FROM maestro.guard_status('crew/planner'::maestro.regcomponent, 'bulk');")" 'allow||available 1' 'a commit does not'
is "$(agent "BEGIN; $(ask bulk) SAVEPOINT a; $(ask bulk) ROLLBACK TO a; SELECT in_flight FROM maestro.guard_status('crew/planner'::maestro.regcomponent, 'bulk');
	SAVEPOINT b; $(ask bulk) RELEASE b; SELECT in_flight FROM maestro.guard_status('crew/planner'::maestro.regcomponent, 'bulk'); ROLLBACK; SELECT in_flight FROM maestro.guard_status('crew/planner'::maestro.regcomponent, 'bulk');")" \
	'allow||available allow||available 1 allow||available 2 0' 'savepoints give back what was acquired within them'
is "$(agent "DO \$\$ BEGIN PERFORM maestro.acquire('crew/planner', 'bulk'); RAISE 'x'; EXCEPTION WHEN OTHERS THEN NULL; END \$\$; SELECT in_flight FROM maestro.guard_status('crew/planner'::maestro.regcomponent, 'bulk');")" \
	'0' 'so do exceptions that are caught'
is "$(agent "$(ask short; ask short) DO 'BEGIN PERFORM pg_sleep(0.06); END'; $(ask short)")" 'allow||available deny|bulkhead_full|full allow||available' 'a lease ends by itself'
is "$(agent "SELECT max(retry_after) BETWEEN '59 min' AND '1 h' FROM generate_series(1, 3) AS i, maestro.acquire('crew/planner', 'bulk', i);")" t 'a full one says when the first lease ends'

# ---- breakers ----

out() { echo "SELECT maestro.record_outcome('crew/planner', '$1', $2);"; }
is "$(agent "$(ask brk; out brk true; out brk false; out brk true; out brk false; ask brk)")" 'allow||closed closed closed closed open deny|breaker_open|open' 'a breaker opens'
is "$(agent "DO 'BEGIN PERFORM pg_sleep(0.21); END'; $(ask brk; ask brk; ask brk; out brk true; out brk true; ask brk)")" \
	'allow||half-open allow||half-open deny|breaker_open|half-open half-open closed allow||closed' 'is half-open for some calls, and closes'
is "$(agent "SELECT maestro.record_outcome('crew/planner', 'brk', true, '61 s') FROM generate_series(1, 4);")" 'closed closed closed open' 'slow calls open it too'
sql "SELECT maestro.set_guard('crew/planner', 'brk', 'circuit_breaker', '{\"mode\": \"forced_open\"}'::jsonb)" >/dev/null
is "$(agent "$(ask brk)SELECT retry_after FROM maestro.acquire('crew/planner', 'brk');" | sed 's/ $//')" 'deny|breaker_open|forced_open' 'it may be forced open'
sql "SELECT maestro.set_guard('crew/planner', 'brk', 'circuit_breaker', '{\"mode\": \"disabled\"}'::jsonb)" >/dev/null
is "$(agent "$(ask brk; out brk false)")" 'allow||disabled disabled' 'and disabled'
is "$(agent "$(out long false; out long false; ask long)")" 'closed open deny|breaker_open|open' 'another stays open for long'

# ---- runs ----

spend() { echo "SELECT * FROM maestro.spend('$1', '$2');"; }
is "$(agent "SELECT maestro.start_run('crew/planner', 'r1', 'bud'), maestro.start_run('crew/planner', 'r1', 'bud');
	$(spend r1 '{"steps": 1, "tokens": 40}'; spend r1 '{"steps": 2}'; spend r1 '{}'; spend r1 '{"steps": 1}'; spend r1 '{}')")" \
	't|f allow|| allow|| allow|| deny|budget_spent|steps deny|budget_spent|steps' 'a run is told when a budget is spent, and ever after'
is "$(agent "SELECT maestro.run_left('r1') - 'wall_time_seconds', maestro.run_left('nothing') IS NULL")" '{"cost": 0.300000, "steps": 0, "tokens": 60}|t' 'what is left of a run can be read'
refused MA002 'not by others' "SELECT maestro.run_left('r1')" guard_other
is "$(agent "SELECT maestro.end_run('r1') - 'wall_time_seconds', maestro.end_run('r1') IS NULL; $(spend r1 '{}')")" \
	'{"cost": 0.000000, "steps": 4, "tokens": 40, "tool_calls": 0}|t deny|run_unknown|' 'its end says what it used'
is "$(agent "SELECT maestro.start_run('crew/planner', 'r2', 'bud'); $(spend r2 '{"cost": 0.1}'; spend r2 '{"cost": 0.1}'; spend r2 '{"cost": 0.1}'; spend r2 '{"cost": 0.000001}')")" \
	't allow|| allow|| allow|| deny|budget_spent|cost' 'cost is counted in millionths'
is "$(agent "SELECT maestro.start_run('crew/planner', 'r3', 'bud'); $(for c in '{"steps": -1}' '{"steps": "1"}' '{"steps": 1.5}' '{"stps": 1}' '{"wall_time": 1}' '[]' 'null' '{"tokens": null}' '{"cost": 1e300}'; do spend r3 "$c"; done) SELECT * FROM maestro.spend('r3', NULL); $(spend r3 '{"steps": 3}')")" \
	't deny|malformed_counter|steps deny|malformed_counter|steps deny|malformed_counter|steps deny|unknown_counter| deny|malformed_counter|wall_time deny|malformed_counter| deny|malformed_counter| deny|malformed_counter|tokens deny|malformed_counter|cost deny|malformed_counter| allow||' \
	'malformed counters are refused, and count nothing'
sql "SELECT maestro.set_guard('crew/idle', 'bud', 'budget', '{\"steps\": 1}'::jsonb)" >/dev/null
refused 42710 'a run of another component is not begun again' "SELECT maestro.start_run('crew/idle', 'r2', 'bud')" guard_agent
refused 22023 'a misspelt counter of require_spend is no spent budget' "SELECT maestro.require_spend('r3', '{\"stps\": 1}')" guard_agent
refused MA008 'require_spend raises' "SELECT maestro.require_spend('nobody', '{}')" guard_agent

# ---- who, and errors ----

refused MA006 'require raises for a limiter' "SELECT maestro.require('crew/planner', 'lim'), maestro.require('crew/planner', 'lim')" guard_agent
refused MA007 'and for a breaker' "SELECT maestro.require('crew/planner', 'long')" guard_agent
refused 42501 'an operator''s function is not an agent'"'"'s' "SELECT maestro.reset_guard('crew/planner', 'lim')" guard_agent
refused 42704 'what one may not read of one does not know' "$(ask lim)" guard_other
refused MA002 'nor ask by its number' "SELECT maestro.acquire(2::maestro.regcomponent, 'lim')" guard_other
refused MA002 'nor end its runs' "SELECT maestro.end_run('r2')" guard_other
refused 42704 'a guard that is not defined is an error' "$(ask nothing)" guard_agent
refused 22023 'a budget is not acquired' "$(ask bud)" guard_agent
refused 22023 'outcomes are for breakers' "$(out lim true)" guard_agent
is "$(printf '%s\n' "SELECT count(*), count(state) FROM maestro.guard_state;" | as guard_dash)" '9|7' 'a dashboard sees all guards'
sql "SELECT maestro.set_component_state('crew/idle', 'suspended')" >/dev/null
is "$(agent "SELECT decision, reason FROM maestro.acquire('crew/idle', 'lim');")" 'deny|component_not_active' 'a suspended component is denied'
mkfifo "$dir/session"
quiet_psql -U guard_other -f "$dir/session" >"$dir/out" 2>&1 &
session=$!
exec 3>"$dir/session"
sql 'GRANT guard_agent TO guard_other' >/dev/null
echo "$(ask fast)" >&3
until [ -s "$dir/out" ]; do sleep 0.05; done
sql 'REVOKE guard_agent FROM guard_other' >/dev/null
echo "\\set ON_ERROR_STOP 0
$(printf '%s' "SELECT maestro.acquire(2::maestro.regcomponent, 'fast');")" >&3
exec 3>&-
wait $session
has "$(cat "$dir/out")" 'may not act as this component' 'a right that was taken away is gone at once'

# ---- events ----

is "$(sql "SELECT count(*) > 3, count(DISTINCT component_id) FROM maestro.event WHERE kind = 'guard' AND message = 'rate_limiter lim: limited'")|$(state lim 'denied > 3')" 't|1|t' 'denials are events'
sql "SELECT maestro.set_guard('crew/planner', 'many', 'rate_limiter', '{\"rate\": 1, \"per\": \"1 h\", \"burst\": 1}'::jsonb)" >/dev/null
agent "SELECT count(maestro.acquire('crew/planner', 'many')) FROM generate_series(1, 1000);" >/dev/null
is "$(sql "SELECT count(*) BETWEEN 10 AND 12, max((attributes ->> 'maestro.guard.denied')::int) >= 10 FROM maestro.event WHERE kind = 'guard' AND attributes ->> 'maestro.guard' = 'many'")|$(state many denied)" 't|t|999' \
	'of many some, and all are counted'
is "$(sql "SELECT outcome, attributes ->> 'breaker.state', caller FROM maestro.event WHERE kind = 'guard' AND attributes ->> 'maestro.guard' = 'long' ORDER BY event_id LIMIT 1")" '|open|guard_agent' 'a breaker that opens is one'

# Of a dependency whose breaker it is, and told again where a rollback took it back.
sql "SELECT maestro.set_guard('crew/planner', 'api', 'circuit_breaker', '{\"window\": 2, \"minimum_calls\": 2, \"open_for\": \"1 h\"}'::jsonb)" >/dev/null
refused 22023 'a dependency names a guard that there is' "SELECT maestro.register_dependency('crew/planner', 'search', breaker => 'apj')"
refused 22023 'of the right kind' "SELECT maestro.register_dependency('crew/planner', 'search', breaker => 'lim')"
sql "SELECT maestro.register_dependency('crew/planner', 'search', breaker => 'api', limiter => 'lim')" >/dev/null
agent "BEGIN; $(out api false; out api false) ROLLBACK; BEGIN READ ONLY; $(ask api) COMMIT;" >/dev/null
told() { sql "SELECT string_agg(attributes ->> 'breaker.state', ' ' ORDER BY event_id) FROM maestro.event WHERE kind = 'guard' AND attributes ->> 'maestro.guard' = 'api' AND dependency_id IS NOT NULL"; }
is "$(told)" '' 'what a rollback takes back is not in the log'
agent "BEGIN; $(ask api) COMMIT;" >/dev/null
is "$(told)" open 'the next answer tells it'
agent "SELECT FROM maestro.log_event('crew/planner', 'dependency_call', dependency => 'search');" >/dev/null
is "$(sql "SELECT status, split_part(reason, ',', 1) FROM maestro.component_control WHERE control = 'circuit_breaker' AND component = 'planner'")" \
	'alarm|search: 1 calls were made while the breaker was open' 'a call that does not say that it asked, while the breaker is open, is an alarm'
sql "SELECT maestro.set_guard('crew/planner', 'api', 'circuit_breaker', '{\"mode\": \"disabled\"}'::jsonb)" >/dev/null
is "$(sql "SELECT fault FROM maestro.declared_dependency WHERE control = 'circuit_breaker'")" 'breaker api is declared, not binding: it is disabled' 'a disabled breaker is no control'
is "$(sql "SELECT object, action FROM maestro.apply_manifest('{\"systems\": [{\"name\": \"crew\", \"components\": [{\"name\": \"planner\", \"guards\": [{\"name\": \"m\", \"kind\": \"budget\", \"parameters\": {\"steps\": 1}}],
	\"dependencies\": [{\"name\": \"search\", \"limiter\": \"fast\"}]}]}]}') WHERE action <> 'unchanged'" | tr '\n' ' ')" 'guard m of crew/planner|created dependency search of crew/planner|updated ' 'manifests have guards'

sql "SELECT maestro.set_guard('crew/planner', 'api', 'circuit_breaker', '{\"window\": 2}'::jsonb), maestro.reset_guard('crew/planner', 'api')" >/dev/null
is "$(agent "$(ask api)")|$(told)" 'allow||closed|open closed' 'that a breaker was reset is told too'

# ---- as evidence ----

# What a guard let through is no event; it is counted, and stands for calls that do not say that they asked.
sql "SELECT maestro.register_component('crew', 'caller', 'agent')" >/dev/null
sql "SELECT maestro.set_guard('crew/caller', 'out', 'rate_limiter', '{\"rate\": 1, \"per\": \"1 h\", \"burst\": 9}'::jsonb),
	maestro.register_dependency('crew/caller', 'web', limiter => 'out'), maestro.register_dependency('crew/caller', 'zip', limiter => 'out')" >/dev/null
asked() { sql "SELECT status, regexp_replace(reason, ', last: event [0-9]+', '') FROM maestro.component_control WHERE control = 'limiter_asked' AND component = 'caller'"; }
agent "SELECT count(maestro.log_event('crew/caller', 'dependency_call', dependency => d)) FROM generate_series(1, 6), unnest('{web,zip}'::text[]) AS d;" >/dev/null
is "$(asked)" 'alarm|2 of 2 dependencies, first web: 6 of 6 calls did not ask the limiter' 'calls without word of a limiter are an alarm'
agent "SELECT count(maestro.acquire('crew/caller', 'out', 0)) FROM generate_series(1, 12);" >/dev/null
is "$(asked)" 'alarm|2 of 2 dependencies, first web: 6 of 6 calls did not ask the limiter' 'nor does asking for nothing stand for one'
agent "SELECT count(maestro.acquire('crew/caller', 'out')) FROM generate_series(1, 9);" >/dev/null
is "$(sql 'SELECT signal, allowed FROM maestro.guard_signal WHERE allowed = 9')|$(echo 'SELECT count(*) FROM maestro.guard_signal WHERE allowed = 9;' | as guard_dash)|$(echo 'SELECT count(maestro.guard_allowed(component_id, $$out$$)) FROM generate_series(1, 9) AS component_id;' | as guard_other)" \
	'limiter_answer|9|1|0' 'who may read of it sees how many'
is "$(sql "SELECT count(*) FROM maestro.event WHERE kind = 'guard' AND component_id = (SELECT component_id FROM maestro.component WHERE name = 'caller')")|$(asked)" '0|alarm|1 of 2 dependencies, first zip: 6 of 6 calls did not ask the limiter' 'answers that leave no event stand for them, of one dependency'

# ---- a full table ----

sql "SELECT maestro.set_guard('crew/planner', 'past', 'circuit_breaker', '{\"window\": \"100 ms\", \"minimum_calls\": 100}'::jsonb),
	maestro.set_guard('crew/planner', 'lately', 'circuit_breaker', '{\"window\": \"1 h\", \"minimum_calls\": 100}'::jsonb)" >/dev/null
agent "$(for guard in past lately; do ask $guard; out $guard false; done) DO 'BEGIN PERFORM pg_sleep(0.11); END';" >/dev/null
agent "SELECT maestro.start_run('crew/planner', 'run' || i, 'bud') FROM generate_series(1, 20) AS i;" >/dev/null
refused 53200 'runs have half of the table' "SELECT maestro.start_run('crew/planner', 'more' || i, 'bud') FROM generate_series(1, 100) AS i" guard_agent
sql "SELECT maestro.set_guard('crew/planner', 'fill' || i, 'rate_limiter', '{\"rate\": 1, \"per\": \"1 h\", \"burst\": 1}'::jsonb) FROM generate_series(1, 64) AS i" >/dev/null
is "$(agent "SELECT count(*) FILTER (WHERE (a).decision = 'allow') > 10, count(*) FILTER (WHERE (a).reason = 'guard_table_full') > 1
	FROM (SELECT maestro.acquire('crew/planner', 'fill' || i) AS a FROM generate_series(1, 64) AS i OFFSET 0) AS x")" 't|t' 'guards the other half, until it is full'
sql "SELECT maestro.set_guard('crew/planner', 'late', 'rate_limiter', '{\"rate\": 1, \"per\": \"1 h\", \"burst\": 1}'::jsonb)" >/dev/null
is "$(state past allowed)|$(state lately 'allowed, calls')|$(state long state)" '0|1|1|open' 'a breaker whose window is over has made room, others have not'
is "$(agent "$(ask late)")" 'deny|guard_table_full|' 'and denies what finds no room'
is "$(sql "SET maestro.guard_on_full = allow; SELECT decision, reason FROM maestro.acquire('crew/planner', 'late')")" 'allow|guard_table_full' 'or allows it, by the setting'
is "$(agent "SELECT count(maestro.end_run('more' || i)) > 0 FROM generate_series(1, 100) AS i; $(ask late)")" 't allow||allowed' 'runs that end make room'
sql "SELECT maestro.set_guard('crew/planner', 'pool', 'bulkhead', '{\"max_in_flight\": 1000, \"ttl\": \"1 h\"}'::jsonb)" >/dev/null
is "$(agent "SELECT p.decision, p.reason, p.state, count(*) > 1 FROM generate_series(1, 200) AS i, LATERAL (SELECT * FROM maestro.acquire('crew/planner', 'pool', 1 + i * 0)) AS p GROUP BY 1, 2, 3 ORDER BY 1")" \
	'allow||available|t deny|guard_table_full||t' 'nor are there permits beyond it, which is no event'
refused MA006 'and whoever requires one is told' "SELECT count(maestro.acquire('crew/planner', 'pool', 1 + i * 0)), count(maestro.require('crew/planner', 'pool', 1 + i * 0)) FROM generate_series(1, 200) AS i" guard_agent

is "$(sql 'SELECT guard_capacity, guard_entries > 0, guard_evictions > 0 FROM maestro.status()')" '64|t|t' 'status() shows how full it is, and what made room'

# ---- restart and crash ----

agent "SELECT count(maestro.end_run('run' || i)) FROM generate_series(1, 40) AS i;" >/dev/null
sql "SELECT maestro.set_guard('crew/planner', 'keep', 'rate_limiter', '{\"rate\": 1, \"per\": \"1 h\", \"burst\": 3}'::jsonb)" >/dev/null
agent "$(ask keep 2) SELECT maestro.start_run('crew/planner', 'rk', 'bud'); $(spend rk '{"steps": 2}')" >/dev/null
server_stop main
server_start main
is "$(state keep "round(units_left), allowed")|$(state long state)|$(agent "$(spend rk '{"steps": 1}'; spend rk '{"steps": 1}')")" '1|1|open|allow|| deny|budget_spent|steps' \
	'limiters, breakers and runs survive a clean restart'
is "$(state bulk in_flight)" 0 'permits do not'
is "$(asked)" 'alarm|1 of 2 dependencies, first zip: 6 of 6 calls did not ask the limiter' 'what was let through is counted still'
server_stop main immediate
server_start main
is "$(state keep "round(units_left)")|$(state long state)|$(agent "$(spend rk '{}')")" '3|half-open|deny|budget_spent|steps' 'after a crash limiters are full, open breakers half-open, budgets as the log has them'
is "$(asked)" 'alarm|2 of 2 dependencies, first web: 6 of 6 calls did not ask the limiter' 'and what was let through counts no more'
server_stop main immediate
server_start main
is "$(state long state)" half-open 'after another one too'
agent "$(ask long)$(out long true)$(ask long)$(out long true)" >/dev/null
is "$(state long state)" closed 'until it closes'
server_stop main immediate
server_start main
is "$(state long state)" closed 'which is remembered as well'
sql "DO \$\$ BEGIN FOR i IN 1 .. 100 LOOP
	PERFORM maestro.reset_guard('crew/planner', 'long');
	PERFORM maestro.record_outcome('crew/planner', 'long', false) FROM generate_series(1, 3); END LOOP; END \$\$" >/dev/null
sql "SELECT maestro.reset_guard('crew/planner', 'long')" >/dev/null
agent "BEGIN READ ONLY; $(out long false; out long false) COMMIT;" >/dev/null
sql "SELECT maestro.reset_guard('crew/planner', 'long')" >/dev/null
server_stop main immediate
server_start main
is "$(state long state)" closed 'so is a reset of what opened without an event'
sql "SELECT maestro.record_outcome('crew/planner', 'long', false) FROM generate_series(1, 2)" >/dev/null
size=$(stat -c %s "$servers/main/data/pg_stat/maestro_breakers")
is "$(state long state)|$((size < 1000))" 'open|1' 'what flaps takes one place of the journal'
# ---- a standby ----

sql "SELECT maestro.reset_guard('crew/planner', 'keep')" >/dev/null
$owner mkdir "$servers/standby"
(cd / && $owner "$bindir/pg_basebackup" -h "$servers/main" -p "$PGPORT" -U postgres -D "$servers/standby/data" -R -c fast --no-sync)
echo "unix_socket_directories = '$servers/standby'" | $owner tee -a "$servers/standby/data/postgresql.conf" >/dev/null
server_start standby
PGHOST=$servers/standby
is "$(sql 'SELECT pg_is_in_recovery()')|$(agent "$(ask keep 3; ask keep)")" 't|allow||allowed deny|limited|limited' 'a standby guards'
PGHOST=$servers/main
is "$(agent "$(ask keep 3)")" 'allow||allowed' 'and counts for itself'
sql "SELECT maestro.set_guard('crew/planner', 'keep', 'rate_limiter', '{\"rate\": 1, \"per\": \"1 h\", \"burst\": 5}'::jsonb)" >/dev/null
agent "SELECT maestro.start_run('crew/planner', 'there', 'bud'); $(spend there '{"steps": 2}')" >/dev/null
PGHOST=$servers/standby
lib_tries=0
until [ "$(sql "SELECT max(version) FROM maestro.guard WHERE name = 'keep'")" = 2 ] || [ $((lib_tries += 1)) -gt 100 ]; do sleep 0.05; done
is "$(agent "$(ask keep 2; ask keep)")" 'allow||allowed deny|limited|limited' 'other parameters hold there once they are replayed'
lib_tries=0
until [ "$(sql "SELECT count(*) FROM maestro.event WHERE message = 'budget bud: used' AND attributes ->> 'maestro.run' = 'there'")" = 1 ] || [ $((lib_tries += 1)) -gt 100 ]; do sleep 0.05; done
is "$(agent "$(spend there '{"steps": 1}'; spend there '{"steps": 1}') SELECT maestro.end_run('there') ->> 'steps'; $(spend there '{}') SELECT maestro.end_run('there') IS NULL;")" \
	'allow|| deny|budget_spent|steps 4 deny|run_unknown| t' 'a run goes on there with what the log says, and ends there in memory alone'
PGHOST=$servers/main
is "$(agent "SELECT maestro.run_left('there') ->> 'steps'")" 1 'where it began it knows nothing of that'
PGHOST=$first
finish
