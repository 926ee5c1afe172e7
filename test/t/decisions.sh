#!/bin/sh
#
# Two people for a decision: who is who by the login, whatever role is set; and
# what is decided, drilled and reviewed outlives dumps.

. "$(dirname "$0")/../lib.sh"
begin decisions

dir=$(mktemp -d)
trap 'rm -rf "$dir"; cleanup' EXIT

sql "
CREATE ROLE decisions_crew LOGIN IN ROLE maestro_agent;
CREATE ROLE decisions_ann LOGIN IN ROLE maestro_operator;
CREATE ROLE decisions_bob LOGIN IN ROLE maestro_approver;
CREATE ROLE decisions_desk IN ROLE maestro_operator;
CREATE ROLE decisions_board IN ROLE maestro_approver;
CREATE ROLE decisions_both LOGIN IN ROLE maestro_operator, maestro_approver;
CREATE ROLE decisions_pool LOGIN NOINHERIT IN ROLE decisions_desk, decisions_board, decisions_bob;
CREATE ROLE decisions_chief LOGIN SUPERUSER;
CREATE ROLE decisions_insider LOGIN IN ROLE maestro_operator, maestro_approver;
GRANT decisions_crew TO decisions_insider;
GRANT decisions_bob TO decisions_ann;
SELECT maestro.register_system('crew', db_role => 'decisions_crew');
SELECT maestro.register_component('crew', 'planner', 'agent');
SELECT 1 FROM maestro.log_event('crew/planner', 'error', 'failed');
" >/dev/null

propose="SELECT maestro.decide_risk('crew/planner', 'prompt_injection', 'accept', 'reads public pages alone', now() + '30 days')"

# proposed ROLE [BEFORE]: the id of a decision that a login proposed.
proposed() { echo "${2:-}; $propose" | as "decisions_$1"; }

# approve ROLE ID [BEFORE]: what a login's approval comes to.
approve() { echo "${3:-}; SELECT maestro.approve_decision($2)" | as "decisions_$1" 2>"$dir/said"; }

# stood ID: its state, and how often it was refused for want of a second person.
stood() {
	sql "SELECT state, (SELECT count(*) FROM maestro.event WHERE kind = 'rejected' AND decision = 'deny' AND reason = 'same_person'
		AND target_id = d.component_id AND attributes ->> 'decision_id' = '$1') FROM maestro.risk_decision_state AS d WHERE decision_id = $1"
}

# ---- one person -----------------------------------------------------------

d=$(proposed both)
is "$(approve both "$d")" refused 'who proposed a decision does not approve it'
is "$(stood "$d")" 'pending|1' 'it stays pending, and the refusal is an event that committed'
has "$(cat "$dir/said")" "WARNING:  decision $d was not approved: who proposed it can't approve it" 'he is warned'
has "$(cat "$dir/said")" 'HINT:  Somebody else must approve it' 'and told the way out'
lacks "$(cat "$dir/said")" 'public pages' 'without what was written'

d=$(proposed ann)
is "$(approve ann "$d" 'SET ROLE decisions_bob')" refused 'SET ROLE makes no second person'
is "$(stood "$d")" 'pending|1' 'though the role in effect is another'
is "$(approve ann "$d" "SET session_authorization = decisions_ann; SET ROLE decisions_bob")" refused 'nor does it after setting the session to oneself'

d=$(proposed pool 'SET ROLE decisions_desk')
is "$(approve pool "$d" 'SET ROLE decisions_board')" refused 'two roles on one login are one person'
is "$(sql "SELECT caller, session_role, attributes ->> 'login', attributes ->> 'proposed_by' FROM maestro.event WHERE reason = 'same_person' ORDER BY event_id DESC LIMIT 1")" \
	'decisions_board|decisions_pool|decisions_pool|decisions_desk' 'the event has all their names'

d=$(proposed chief)
is "$(approve chief "$d" 'SET SESSION AUTHORIZATION decisions_bob')" refused "a superuser's SET SESSION AUTHORIZATION makes no second person"
is "$(stood "$d")" 'pending|1' 'though session_user is another'
d=$(proposed chief 'SET SESSION AUTHORIZATION decisions_ann')
is "$(sql "SELECT proposed_by, proposed_login FROM maestro.risk_decision WHERE decision_id = $d")" 'decisions_ann|decisions_chief' \
	'what he proposes as another is kept with his login'
is "$(approve chief "$d")" refused 'and not his to approve'
is "$(approve ann "$d" 'SET ROLE decisions_bob')" refused 'nor is it for who is named as the proposer'
is "$(approve bob "$d")" in_force 'but for a third person'

d=$(proposed ann 'SET ROLE maestro_operator')
is "$(approve both "$d" 'SET ROLE maestro_approver')" in_force 'two logins whose roles differ are two people'
d=$(proposed ann 'SET ROLE maestro_operator')
sql 'GRANT EXECUTE ON FUNCTION maestro.approve_decision(integer, text) TO maestro_operator; GRANT maestro_approver TO maestro_operator'
is "$(approve both "$d" 'SET ROLE maestro_operator')" refused 'two logins in one role are not'
sql 'REVOKE EXECUTE ON FUNCTION maestro.approve_decision(integer, text) FROM maestro_operator; REVOKE maestro_approver FROM maestro_operator'

# A definer wrapper of somebody's acts in his name, for whoever calls it.
sql "CREATE SCHEMA bobs AUTHORIZATION decisions_bob; GRANT USAGE ON SCHEMA bobs TO PUBLIC"
as decisions_bob <<'SQL'
CREATE FUNCTION bobs.approve(id integer) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
	AS 'SELECT maestro.approve_decision($1)';
SQL
d=$(proposed ann)
is "$(echo "SELECT bobs.approve($d)" | as decisions_ann 2>/dev/null)" refused "an approver's definer function makes no second person of its caller"

# ---- two people -----------------------------------------------------------

d=$(proposed ann)
is "$(approve bob "$d")" in_force 'one proposes, another approves'
is "$(stood "$d")" 'in_force|0' 'and it is in force'
refused 55000 'an approval is given once' "SELECT maestro.approve_decision($d)" decisions_chief
refused 42501 'an operator does not approve' "SET ROLE decisions_desk; SELECT maestro.approve_decision($d)" decisions_pool
refused 42501 'nor does an agent propose' "$propose" decisions_crew
refused 25006 'a read-only transaction decides nothing' "BEGIN READ ONLY; $propose" decisions_ann
is "$(echo "SELECT maestro.revoke_decision($d, 'by its proposer')" | as decisions_ann)" revoked 'the proposer revokes'
d=$(proposed ann)
is "$(echo "SELECT maestro.revoke_decision($d, 'by an approver')" | as decisions_bob)" revoked 'so does an approver'
refused 55000 'once' "SELECT maestro.revoke_decision($d, 'again')" decisions_bob
d=$(proposed ann)
refused 42501 'another operator does not' "SET ROLE decisions_desk; SELECT maestro.revoke_decision($d, 'x')" decisions_pool

# Of two who decide at a time one waits for the other, and is told.
d=$(proposed ann)
quiet_psql -U decisions_bob -c "BEGIN; SELECT maestro.approve_decision($d); SELECT pg_sleep(1); COMMIT" >/dev/null &
until [ -n "$(sql "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")" ]; do sleep 0.05; done
refused 55000 'of two who approve at once one is late' "SELECT maestro.approve_decision($d)" decisions_both
wait
is "$(sql "SELECT count(*) FROM maestro.decision_step WHERE decision_id = $d")" 1 'and leaves no step'

# ---- time -----------------------------------------------------------------

is "$(echo "SELECT maestro.decide_risk('crew/planner', 'prompt_injection', 'accept', 'a rationale of some length', NULL) IS NULL" | as decisions_ann 2>"$dir/said")" \
	t 'a decision without an end is none'
has "$(cat "$dir/said")" 'WARNING:  accept of prompt_injection for crew/planner was not proposed: it would never expire' 'he is warned'
is "$(sql "SELECT caller FROM maestro.event WHERE reason = 'no_expiry'")" decisions_ann 'and the refusal committed'

# The import path of restores: the owner alone.
refused 42501 'an operator inserts no decision' "INSERT INTO maestro.risk_decision SELECT * FROM maestro.risk_decision" decisions_ann
sql "INSERT INTO maestro.risk_decision (component_id, subject, decision, rationale, expires_at, proposed_by, proposed_login, proposed_at)
		SELECT component_id, 'log_injection', 'accept', 'once upon a time', '2020-03-01 00:00+00', 'ann', 'ann', '2020-01-01 00:00+00'
		  FROM maestro.component WHERE name = 'planner';
	INSERT INTO maestro.decision_step (decision_id, step, made_by, login, made_at)
		SELECT max(decision_id), 'approve', 'bob', 'bob', '2020-02-01 00:00+00' FROM maestro.risk_decision"
at() { echo "SELECT state, approved_by FROM maestro.as_of('$1 00:00+00') WHERE subject = 'log_injection'" | as decisions_bob; }
is "$(at 2019-12-31)" '' 'as of a time before, there is no decision'
is "$(at 2020-01-15)" 'pending|' 'then it is pending'
is "$(at 2020-02-15)" 'in_force|bob' 'then in force'
is "$(at 2020-03-01)" 'expired|bob' 'and ends with its last moment'
is "$(echo "SELECT state FROM maestro.risk_decision_state WHERE subject = 'log_injection'" | as decisions_bob)" expired 'for good'

# ---- not about oneself ----------------------------------------------------

event=$(sql "SELECT event_id FROM maestro.event WHERE kind = 'error'")
# Somebody who acts for the component, by himself and under a role that does not.
for call in "start_drill('crew', 'planner', 'just a drill')" "start_drill('crew', 'all', 'just a drill')" \
	"attest('crew/planner', 'stateless', 'so it is')" "review_event($event, 'false_alarm', 'nothing there')"; do
	word=${call%%(*}
	is "$(echo "SELECT maestro.$call IS NULL" | as decisions_insider 2>/dev/null)" t "who acts for the component can't call $word"
	case $word in review_event) role=maestro_approver ;; *) role=maestro_operator ;; esac
	is "$(echo "SET ROLE $role; SELECT maestro.$call IS NULL" | as decisions_insider 2>/dev/null)" t "$word: nor under another role"
done
is "$(sql "SELECT count(*), count(*) FILTER (WHERE caller <> session_role), count(*) FILTER (WHERE attributes ->> 'login' = 'decisions_insider')
	FROM maestro.event WHERE kind = 'rejected' AND decision = 'deny' AND reason = 'own_component'")" '8|4|8' 'each refusal is an event that committed'
is "$(sql 'SELECT (SELECT count(*) FROM maestro.drill) + (SELECT count(*) FROM maestro.attestation) + (SELECT count(*) FROM maestro.event_review)')" 0 \
	'and nothing else is stored'
trace=$(echo "SELECT maestro.start_drill('crew', 'planner', 'the real one')" | as decisions_ann)
echo "SELECT maestro.attest('crew/planner', 'stateless', 'so it is')" | as decisions_ann >/dev/null
is "$(echo "SELECT maestro.review_event($event, 'resolved', 'fixed') > 0" | as decisions_bob)" t 'somebody else reviews'
is "$(echo "SELECT decision FROM maestro.log_event('crew/planner', 'error', 'on purpose', trace_id => '$trace')" | as decisions_crew)" allow \
	"the component's events carry the drill's trace id"
is "$(sql "SELECT count(*) FROM maestro.drill_window AS d JOIN maestro.event AS e USING (trace_id) WHERE e.recorded_at BETWEEN d.started_at AND d.until")" 1 \
	'and are found by it'
is "$(echo "SELECT maestro.end_drill('$trace')" | as decisions_ann)" ended 'until it ends'

# ---- dumps ----------------------------------------------------------------

said() {
	sql "SELECT 'decision', d::text FROM maestro.risk_decision AS d UNION ALL SELECT 'step', s::text FROM maestro.decision_step AS s
		UNION ALL SELECT 'drill', x::text FROM maestro.drill AS x UNION ALL SELECT 'review', r::text FROM maestro.event_review AS r
		UNION ALL SELECT 'state', v::text FROM maestro.risk_decision_state AS v UNION ALL SELECT 'window', w::text FROM maestro.drill_window AS w
		UNION ALL SELECT 'then', a::text FROM maestro.as_of('2020-02-15') AS a ORDER BY 1, 2" "$1"
}
before=$(said decisions_t)
has "$before" 'step|' 'there is something to dump'
pg_dump -d decisions_t -Fc -f "$dir/custom"
create_database decisions_restored 'TEMPLATE template0'
is "$(pg_restore -d decisions_restored -j2 "$dir/custom" 2>&1)" '' 'a dump restores with -j2'
is "$(said decisions_restored)" "$before" 'decisions, steps, drills and reviews are the same'
is "$(sql 'SELECT count(*) FROM maestro.integrity_check()')" 0 'and well guarded'
last=$(sql 'SELECT max(decision_id) FROM maestro.risk_decision')
is "$(proposed ann)" "$((last + 1))" 'ids go on'
is "$(approve bob "$(sql "SELECT min(decision_id) FROM maestro.risk_decision_state WHERE state = 'pending'")")" in_force 'and what was pending can be approved'
finish
