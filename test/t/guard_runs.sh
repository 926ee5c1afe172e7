#!/bin/sh
#
# What runs have used of their budgets is in the log, and outlives a crash.

. "$(dirname "$0")/../lib.sh"
begin guard_runs

. "$(dirname "$0")/../servers.sh"
server_init main
server_start main
PGHOST=$servers/main
create_database guard_runs_t

quiet_psql -f - >/dev/null <<'SQL'
CREATE EXTENSION maestro;
SELECT maestro.install_roles();
CREATE ROLE guard_runs_agent LOGIN IN ROLE maestro_agent;
CREATE ROLE guard_runs_other LOGIN IN ROLE maestro_agent;
SELECT maestro.register_system('crew', db_role => 'guard_runs_agent'), maestro.register_component('crew', 'planner', 'agent'),
	maestro.register_component('crew', 'writer', 'agent'),
	maestro.register_system('other', db_role => 'guard_runs_other'), maestro.register_component('other', 'aaa', 'agent');
SELECT maestro.set_guard(c.component_id::maestro.regcomponent, 'bud', 'budget', '{"steps": 10, "tool_calls": 100, "tokens": 1000, "cost": 1, "wall_time": "1 h"}'::jsonb)
	FROM maestro.component c WHERE c.name <> 'maestro-log';
SELECT maestro.set_guard('crew/planner', 'short', 'budget', '{"wall_time": "2 s"}'::jsonb), maestro.set_guard('crew/planner', 'large', 'budget', '{"steps": 1000000}'::jsonb);
SQL
agent() { printf '%s\n' "$1" | as guard_runs_agent 2>&1 | tr '\n' ' ' | sed 's/ $//'; }
other() { printf '%s\n' "$1" | as guard_runs_other 2>&1 | tr '\n' ' ' | sed 's/ $//'; }
start() { echo "SELECT maestro.start_run('crew/planner', '$1', '${2:-bud}');"; }
spend() { echo "SELECT * FROM maestro.spend('$1', '$2');"; }
used() { echo "SELECT maestro.end_run('$1') - 'wall_time_seconds';"; }
crash() {
	server_stop main immediate
	server_start main
}
id() { printf '%032x' "$1"; }

# ---- a crash ----

steps=$(spend "$(id 1)" '{"steps": 1}')
is "$(agent "$(start "$(id 1)") $steps $steps $steps $steps $steps $steps $steps $steps $steps $steps $steps")" \
	't allow|| allow|| allow|| allow|| allow|| allow|| allow|| allow|| allow|| allow|| deny|budget_spent|steps' 'a run uses up its budget'
is "$(agent "$(start "$(id 2)") $(spend "$(id 2)" '{"steps": 9, "tool_calls": 7, "tokens": 999, "cost": 0.123456}')")" 't allow||' 'another does nearly'
is "$(agent "$(start plain) $(spend plain '{"steps": 10}')")" 't allow||' 'so does one that is no trace'
is "$(agent "$(start "$(id 3)") SELECT count(maestro.spend('$(id 3)', '{\"tokens\": 10, \"tool_calls\": 1}')) FROM generate_series(1, 55);")" 't 55' 'one asks in small steps'
is "$(sql "SELECT count(*), max((body ->> 'tokens')::int) FROM maestro.event WHERE trace_id = '$(id 3)' AND kind = 'guard' AND message = 'budget bud: used'")" '5|500' \
	'which is told at each tenth of a limit'
is "$(agent "$(start "$(id 4)" short)")" t 'of one the time passes'
agent "$(start "$(id 5)") $(spend "$(id 5)" '{"steps": 4}') $(used "$(id 5)")" >/dev/null
crash
is "$(agent "$(spend "$(id 1)" '{}')")" 'deny|budget_spent|steps' 'after a crash a budget that was spent is spent'
is "$(agent "$(spend "$(id 2)" '{"steps": 1}'; spend "$(id 2)" '{"tokens": 2}'; used "$(id 2)")")" \
	'allow|| deny|budget_spent|tokens {"cost": 0.123456, "steps": 10, "tokens": 1001, "tool_calls": 7}' 'and what was told is used to the last unit'
is "$(agent "$(start plain) $(spend plain '{"steps": 1}')")" 'f deny|budget_spent|steps' 'beginning a run again is no way out'
is "$(agent "$(used "$(id 3)")")" '{"cost": 0.000000, "steps": 0, "tokens": 500, "tool_calls": 50}' 'less than a tenth of a limit is lost'
is "$(agent "$(spend "$(id 5)" '{}')")" 'deny|run_unknown|' 'a run that ended stays so'
is "$(agent "$(start "$(id 5)") $(spend "$(id 5)" '{"steps": 6}') $(spend "$(id 5)" '{"steps": 1}')")" 't allow|| deny|budget_spent|steps' \
	'one that is begun again goes on with what it has used'
sleep 1.5
is "$(agent "$(spend "$(id 4)" '{}')")" 'deny|budget_spent|wall_time' 'time counts from the start'
is "$(agent "$(spend "$(id 99)" '{}')")" 'deny|run_unknown|' 'a run that nobody started is unknown'

# A backend that is killed takes the memory of all with it.
agent "$(start "$(id 6)") $(spend "$(id 6)" '{"steps": 10}')" >/dev/null
mkfifo "$dir/session"
quiet_psql -f "$dir/session" >"$dir/pid" 2>/dev/null &
session=$!
exec 3>"$dir/session"
echo 'SELECT pg_backend_pid();' >&3
until [ -s "$dir/pid" ]; do sleep 0.05; done
$owner kill -9 "$(cat "$dir/pid")"
exec 3>&-
wait $session
until_is 1 main guard_runs_t 'SELECT 1' >/dev/null 2>&1
is "$(agent "$(spend "$(id 6)" '{"steps": 1}')")" 'deny|budget_spent|steps' 'a backend that is killed is no way out either'

# ---- restarts, and transactions ----

agent "$(start "$(id 7)") $(spend "$(id 7)" '{"steps": 7}')" >/dev/null
server_stop main
server_start main
agent "$(spend "$(id 7)" '{"tokens": 1}')" >/dev/null
is "$(sql "SELECT count(*) FROM maestro.event WHERE trace_id = '$(id 7)'")" 2 'a clean restart tells nothing again'
agent "BEGIN; $(start "$(id 8)") $(spend "$(id 8)" '{"steps": 10}') ROLLBACK;" >/dev/null
is "$(sql "SELECT count(*) FROM maestro.event WHERE trace_id = '$(id 8)'")" 0 'what is told goes with the transaction'
is "$(agent "BEGIN READ ONLY; $(spend "$(id 8)" '{"tokens": 1}') COMMIT; $(spend "$(id 8)" '{}')")" 'allow|| allow||' 'what was used does not'
crash
is "$(agent "$(spend "$(id 8)" '{"steps": 1}')")" 'deny|budget_spent|steps' 'and the next one has told of all of it'
agent "BEGIN; $(start "$(id 13)") $(spend "$(id 13)" '{"steps": 10}') PREPARE TRANSACTION 'told'; ROLLBACK PREPARED 'told'; $(spend "$(id 13)" '{}')" >/dev/null
crash
is "$(agent "$(spend "$(id 13)" '{"steps": 1}')")" 'deny|budget_spent|steps' 'what a prepared transaction told is told again, since it may be rolled back'
is "$(outcome "SELECT maestro.start_run('crew/planner', '$(id 9)', 'bud'), maestro.require_spend('$(id 9)', '{\"steps\": 10}')" guard_runs_agent)" 'done' 'require_spend passes'
crash
refused MA008 'and is told of, too' "SELECT maestro.require_spend('$(id 9)', '{\"steps\": 1}')" guard_runs_agent

# ---- who says so ----

forge() { echo "SELECT FROM maestro.log_event('$1', 'guard', trace_id => '$2', body => '$3', attributes => '{\"budget.state\": \"$4\", \"maestro.guard\": \"${5:-bud}\"}');"; }
agent "$(start "$(id 10)") $(spend "$(id 10)" '{"steps": 5}')" >/dev/null
other "$(forge other/aaa "$(id 10)" '{"steps": 1000}' used) $(forge other/aaa "$(id 10)" '{}' ended)" >/dev/null
agent "$(forge crew/planner "$(id 10)" '{"steps": 0}' used large) $(forge crew/planner "$(id 10)" '{"steps": -5}' used large)" >/dev/null
crash
is "$(agent "$(spend "$(id 10)" '{"steps": 5}'; spend "$(id 10)" '{"steps": 1}')")" 'allow|| deny|budget_spent|steps' \
	'what others log in a run''s trace says nothing, and nothing makes less of what was used'
is "$(other "$(spend "$(id 10)" '{}')" | grep -o 'may not act as this component')" 'may not act as this component' 'nor may they spend'
crash
is "$(other "SELECT * FROM maestro.spend('$(id 10)', '{}');")" 'deny|run_unknown|' 'nor do they bring it back'
is "$(agent "SELECT count(*) FROM (VALUES ('{\"steps\": 1e300, \"wall_time_seconds\": 1e300}'::jsonb), ('{\"cost\": 1e300}'), ('\"x\"'), ('{\"steps\": \"9\", \"tokens\": [1]}')) AS b (body),
		maestro.log_event('crew/planner', 'guard', trace_id => '$(id 11)', body => b.body, attributes => jsonb_build_object('budget.state', 'used', 'maestro.guard', 'bud',
			'maestro.run.hash', left(encode(sha256('r$(id 11)'), 'hex'), 32)));
	$(spend "$(id 11)" '{}')")" '4 deny|budget_spent|steps' 'whatever is logged, spend answers'
refused 42710 'a run that goes on keeps its budget after a crash' "$(start "$(id 1)" large)" guard_runs_agent

# ---- what it costs ----

other "SELECT count(*) FROM generate_series(1, 20000), maestro.log_event('other/aaa', 'guard', trace_id => '$(id 12)', attributes => '{\"budget.state\": \"used\"}');" >/dev/null
agent "$(start "$(id 12)") $(spend "$(id 12)" '{"steps": 10}')" >/dev/null
sql 'ANALYZE maestro.event' >/dev/null
crash
blocks() { sql "SELECT coalesce(sum(heap_blks_read + heap_blks_hit), 0) FROM pg_statio_all_tables WHERE relname LIKE 'event\_2%'"; }
before=$(blocks)
is "$(agent "$(spend "$(id 12)" '{"steps": 1}')")" 'deny|budget_spent|steps' 'among what others log it is found'
is "$(until_is t main guard_runs_t "SELECT coalesce(sum(heap_blks_read + heap_blks_hit), 0) - $before BETWEEN 1 AND 100 FROM pg_statio_all_tables WHERE relname LIKE 'event\_2%'")" t \
	'without reading that'

# ---- ends that are none ----
agent "$(start back) BEGIN; $(spend back '{"steps": 10}') SELECT maestro.end_run('back'); ROLLBACK; BEGIN READ ONLY; $(spend back '{}') SELECT maestro.end_run('back'); COMMIT; $(start back)" >/dev/null
is "$(agent "$(spend back '{"steps": 1}')")" 'deny|budget_spent|steps' 'neither an end that is rolled back nor one that nobody can log gives anything back'
agent "$(start again) $(spend again '{"steps": 10}') BEGIN; SELECT maestro.end_run('again'); $(start again) COMMIT;" >/dev/null
is "$(agent "$(spend again '{"steps": 1}')")" 'deny|budget_spent|steps' 'nor does a start after the end'
is "$(agent "SELECT maestro.end_run('again') ->> 'steps'; $(spend again '{"steps": 1}') SELECT maestro.end_run('again')")" '11 deny|run_unknown| ' 'what has ended is unknown, and ends once'

# ---- names of one run, and of others ----
hex=abababababababababababababababab
agent "$(start $hex) $(spend ABABABABABABABABABABABABABABABAB '{"steps": 6}') $(spend abababab-abab-abab-abab-abababababab '{"steps": 4}')" >/dev/null
is "$(agent "$(spend $hex '{"steps": 1}')")" 'deny|budget_spent|steps' 'a trace id is one run, however it is spelt'
agent "$(start plain) $(spend plain '{"steps": 10}')" >/dev/null
trace=$(sql "SELECT trace_id FROM maestro.event WHERE attributes ->> 'maestro.run' = 'plain' LIMIT 1")
is "$(agent "$(spend "$trace" '{"steps": 1}')")" 'deny|run_unknown|' 'the trace of a run that has another name is no second name for it'
is "$(agent "$(start tiny) SELECT s.decision FROM generate_series(1, 3) AS i, maestro.spend('tiny', jsonb_build_object('cost', 1e-8 + 0 * i)) AS s; SELECT maestro.end_run('tiny') ->> 'cost'")" 't allow allow allow 0.000003' \
	'each cost counts as a millionth at least'
PGHOST=$first
finish
