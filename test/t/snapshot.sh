#!/bin/sh
#
# Snapshots that commit: who hears of a regression, and when.

. "$(dirname "$0")/../lib.sh"
begin snapshot

sql "
CREATE ROLE snapshot_agents LOGIN IN ROLE maestro_agent;
CREATE ROLE snapshot_operator LOGIN IN ROLE maestro_operator;
CREATE ROLE snapshot_auditor LOGIN IN ROLE maestro_auditor;
CREATE ROLE snapshot_pipeline LOGIN IN ROLE maestro_dashboard;
SELECT maestro.register_system('crew', db_role => 'snapshot_agents');
SELECT maestro.register_component('crew', 'planner', 'agent', timeout => '30 s');
SELECT maestro.register_system(E'o''neil \"x\" \\\\', db_role => 'snapshot_agents');
SELECT maestro.register_component(E'o''neil \"x\" \\\\', 'planner', 'agent', timeout => '30 s');
" >/dev/null

# n spans of a duration: spans SYSTEM N SECONDS
spans() {
	printf '%s\n' "SELECT count(*) FROM generate_series(1, $2) AS i, maestro.log_event($1 || '/planner', 'tool_call', 'x',
		trace_id => md5(i::text), duration => interval '$3 s', body => '{}')" | as snapshot_agents >/dev/null
}

# A session that listens while the statement runs in another; what it hears.
heard() {
	{
		echo "LISTEN maestro_posture;"
		echo "\\! psql -XAtq -U snapshot_auditor -c \"$1\" >/dev/null"
		echo "SELECT 1;"
	} | as snapshot_pipeline | sed -n 's/^Asynchronous notification "maestro_posture" with payload "\(.*\)" received.*/\1/p'
}
newest() { sql "SELECT max(snapshot) FROM maestro.posture_snapshot WHERE system = $1"; }

spans "'crew'" 5 1
spans "E'o''neil \"x\" \\\\'" 5 1
is "$(heard 'SELECT maestro.snapshot_posture()')" '' 'nobody is told of a first snapshot'
first=$(newest "'crew'")
is "$(heard 'SELECT maestro.snapshot_posture()')" '' 'nor where nothing changed'
is "$(sql "SELECT string_agg(attributes ->> 'previous', ' ' ORDER BY event_id) = string_agg(nullif(snapshot, 0)::text, ' ' ORDER BY snapshot)
	FROM (SELECT e.event_id, e.attributes, lag(p.snapshot) OVER (PARTITION BY p.system_id ORDER BY p.snapshot) AS snapshot
			FROM maestro.posture_snapshot p JOIN maestro.event e ON e.event_id = p.snapshot) s WHERE s.snapshot IS NOT NULL")" t \
	'each snapshot names the one of its system before it'
spans "'crew'" 3 100
rolled_back=$(heard 'BEGIN; SELECT maestro.snapshot_posture(); ROLLBACK')
is "$rolled_back" '' 'nor of a snapshot that was rolled back'
told=$(heard 'SELECT maestro.snapshot_posture()')
regressed=$(sql "SELECT count(*) FROM maestro.posture_diff((SELECT max(snapshot) FROM maestro.posture_snapshot WHERE system = 'crew'
	AND snapshot < $(newest "'crew'")), $(newest "'crew'")) WHERE change = 'regressed'")
is "$told" "{\"system\" : \"crew\", \"snapshot\" : $(newest "'crew'"), \"regressed\" : $regressed}" \
	'who listens is told of the system that regressed, of its snapshot and how much of it'
isnt "$regressed" 0 'which is something'
is "$(heard "SELECT maestro.snapshot_posture('crew')")" '' 'and told once'
spans "E'o''neil \"x\" \\\\'" 3 100
told=$(heard 'SELECT maestro.snapshot_posture()')
is "$(quiet_psql -v told="$told" -f - <<'SQL'
SELECT :'told'::json ->> 'system';
SQL
)" "o'neil \"x\" \\" 'a system may be called anything'

# ---- who took it ----------------------------------------------------------

is "$(sql "SELECT string_agg(DISTINCT taken_by || ' ' || session_role, ', ') FROM maestro.posture_snapshot AS p
	JOIN maestro.event AS e ON e.event_id = p.snapshot")" 'snapshot_auditor snapshot_auditor' 'a snapshot tells who took it'
is "$(outcome 'SELECT maestro.snapshot_posture()' snapshot_operator)" 'done' 'an operator takes them too'
for role in agents pipeline; do
	refused 42501 "snapshot_$role takes none" 'SELECT maestro.snapshot_posture()' "snapshot_$role"
done
refused 42501 "and nobody does an owner's part" "SELECT maestro.snapshot_posture_as(10, 'crew')" snapshot_operator
refused 25006 'a read-only transaction takes none' "BEGIN READ ONLY; SELECT maestro.snapshot_posture()" snapshot_operator
refused MA001 'a snapshot cannot be changed' "UPDATE maestro.event SET body = '{}' WHERE event_id = $first"
refused MA009 'a pipeline stops while a threat is open' "SELECT maestro.assert_posture('crew')" snapshot_pipeline
is "$(outcome "SELECT maestro.assert_posture('crew', 'CRITICAL')" snapshot_pipeline)" 'done' 'and goes on where none is'

# ---- dump and restore -----------------------------------------------------

diffed="SELECT string_agg(d::text, ' ') FROM maestro.posture_diff($first, $(newest "'crew'")) AS d"
before=$(sql "$diffed")
dump=$(mktemp)
pg_dump -Fc -f "$dump" "$PGDATABASE"
create_database snapshot_restored
pg_restore -d snapshot_restored "$dump" 2>&1 | sed 's/^/# /'
rm -f "$dump"
is "$(sql "$diffed")" "$before" 'snapshots that were restored compare as before'
isnt "$before" '' 'with what they say'
finish
