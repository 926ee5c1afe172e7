#!/bin/sh
#
# A checkpoint that somebody has read, or a witness signed, outlives a crash.

. "$(dirname "$0")/../lib.sh"
begin seal_durable

trap 'quiet_psql -d postgres -c "ALTER SYSTEM RESET wal_writer_delay" -c "ALTER SYSTEM RESET wal_writer_flush_after" \
	-c "SELECT FROM pg_reload_conf()" >/dev/null; cleanup' EXIT
# nobody else makes commits durable
quiet_psql -d postgres -c "ALTER SYSTEM SET wal_writer_delay = '10s'" -c "ALTER SYSTEM SET wal_writer_flush_after = '1GB'" \
	-c "SELECT FROM pg_reload_conf()" >/dev/null
newest() { sql 'SELECT size, root FROM maestro.checkpoint ORDER BY size DESC LIMIT 1'; }

sql "SELECT maestro.register_system('crew'), maestro.register_component('crew', 'planner', 'agent')" >/dev/null

# survives HOW STATEMENTS: what they sealed is there after a crash.
survives() {
	quiet_psql -f - >/dev/null <<SQL
SET synchronous_commit = off;
SELECT FROM maestro.log_event('crew/planner', 'output', 'without waiting');
$2
SQL
	seen=$(newest)
	(cd / && $PG_CTL -m immediate restart) >/dev/null 2>&1
	is "$(newest)|$(sql 'SELECT count(*) FROM maestro.event')" "$seen|${seen%%|*}" "$1"
}

survives 'a seal is waited for though synchronous_commit is off' 'SELECT FROM maestro.seal();'
survives 'and in a transaction that turns it off again' \
	'BEGIN; SELECT FROM maestro.seal(); SET LOCAL synchronous_commit = off; COMMIT;'
survives 'and for ever' 'BEGIN; SELECT FROM maestro.seal(); SET synchronous_commit = off; COMMIT;'
survives 'and below a savepoint' \
	'BEGIN; SAVEPOINT p; SELECT FROM maestro.seal(); RELEASE p; SET LOCAL synchronous_commit = off; COMMIT;'
survives 'and called by a function that sets it' "
	CREATE OR REPLACE FUNCTION public.seals() RETURNS bigint LANGUAGE sql SET synchronous_commit = off AS 'SELECT size FROM maestro.seal()';
	SELECT FROM maestro.log_event('crew/planner', 'output', 'so');
	SELECT public.seals();"
finish
