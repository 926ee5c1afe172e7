#!/bin/sh
#
# Dumps of a sealed log, restored into a server that has the library preloaded and
# seals the database every 10 ms while it comes.

. "$(dirname "$0")/../lib.sh"
begin sealed
. "$(dirname "$0")/../servers.sh"
. "$(dirname "$0")/../sealed_log.sh"

# ---- what is dumped -------------------------------------------------------

sql 'CREATE ROLE sealed_crew LOGIN IN ROLE maestro_agent; CREATE ROLE sealed_auditor LOGIN IN ROLE maestro_auditor'
fill_log
create_database sealed_s 'TEMPLATE sealed_t'
fill_copy
head=$(sql "$head_of")
signed=$(sql 'SELECT * FROM maestro.cosignature')
rows=$(sql 'SELECT count(*), sum(event_id), count(salt) FROM maestro.event')
is "$(sql "$findings")|$(sql "$unsealed")|$(sql 'SELECT count(*) > 3 FROM maestro.checkpoint')|$(sql 'SELECT count(*) FROM maestro.tile')" \
	'|20|t|2' 'the source: clean, with checkpoints, tiles, and a rest that is not sealed'
isnt "$signed" '' 'the source: somebody has signed a checkpoint'

pg_dump -d sealed_s -f "$dir/plain.sql"
pg_dump -d sealed_s -Fc -f "$dir/custom"
pg_dump -d sealed_s -Fd -j2 -f "$dir/directory"
pg_dumpall --roles-only -f "$dir/roles.sql"

# ---- what is asked of each ------------------------------------------------

server_init target
server_start target
on target quiet_psql -d postgres -f "$dir/roles.sql" >/dev/null 2>&1

# prepare NAME: an empty database that is being sealed.
prepare() {
	on target sql "CREATE DATABASE $1 TEMPLATE template0" postgres
	sealing target "$1"
	log_size=$(wc -c <"$(server_log target)")
}

# at DATABASE SQL, on the other server
at() { on target sql "$2" "$1"; }
fails() { (PGDATABASE=$1 && export PGDATABASE && on target outcome "$2"); }

# came NAME [FINDINGS]: the same log, and the worker waits.
came() {
	sleep 0.3
	is "$(tail -c +$((log_size + 1)) "$(server_log target)" | grep -c 'ERROR\|FATAL\|PANIC\|WARNING')" 0 "$1: nothing goes wrong, in the background neither"
	is "$(at "$1" 'SELECT count(*), sum(event_id), count(salt) FROM maestro.event')" "$rows" "$1: the same events"
	is "$(at "$1" "$head_of")" "$head" "$1: the same size and root, and nothing is sealed in the background"
	is "$(at "$1" 'SELECT * FROM maestro.cosignature')" "$signed" "$1: the same signatures"
	is "$(at "$1" "$findings")" "${2:-}LOW incarnation" "$1: verify() asks whether this is the log, no more"
	for call in body note; do
		is "$(fails "$1" "SELECT maestro.checkpoint_$call()")" MA004 "$1: no checkpoint_$call before it is adopted"
	done
	is "$(at "$1" "SELECT decision FROM maestro.log_event('crew/planner', 'output', 'after')")" allow "$1: events are logged"
	is "$(at "$1" "$newest_incarnation")" 3 "$1: in the next incarnation"
	sleep 0.1
	is "$(at "$1" "$head_of")" "$head" "$1: and wait for an operator"
}

# goes_on NAME [FINDINGS]: an operator seals, and adopts.
goes_on() {
	left=${2:-}
	is "$(at "$1" 'SELECT sealed FROM maestro.seal()')" 21 "$1: a seal takes what was not sealed, and what came since"
	is "$(at "$1" "$all_once")" t "$1: each event is sealed once"
	is "$(at "$1" 'SELECT count(*), max(no) FROM maestro.incarnation')" '3|3' "$1: a new incarnation begins"
	is "$(at "$1" "$findings")" "${2:-}LOW incarnation" "$1: verify() still asks whether this is the log"
	is "$(fails "$1" 'SELECT maestro.checkpoint_note()')" MA004 "$1: still no checkpoint_note"
	is "$(at "$1" "SELECT maestro.verify_consistency(c.size, h.size, maestro.consistency_proof(c.size, h.size), c.root::bytea, h.root::bytea)
		FROM (SELECT * FROM maestro.checkpoint ORDER BY size DESC LIMIT 1) AS h, maestro.checkpoint AS c WHERE c.size = ${head%%|*}")" t \
		"$1: the dumped checkpoint is proved to be in the new one"
	is "$(at "$1" "SELECT event_id FROM maestro.log_event('crew/planner', 'output', 'to the worker')" | grep -c .)" 1 "$1: one event more"
	is "$(until_is 0 target "$1" "$unsealed")" 0 "$1: from then on it is sealed in the background"
	is "$(at "$1" "SELECT maestro.adopt_log('restored from a dump')")" 3 "$1: it is adopted"
	is "$(until_is 0 target "$1" "$unsealed")|$(at "$1" "$findings")" "0|${left%, }" "$1: verify() has nothing more to say"
	is "$(at "$1" 'SELECT split_part(maestro.checkpoint_body(), E'\''\n'\'', 2)::bigint = (SELECT count(*) FROM maestro.event)')" t \
		"$1: and its checkpoints are signed"
	is "$(fails "$1" 'DELETE FROM maestro.event WHERE false')" MA001 "$1: it is append-only"
}

# ---- dumps ----------------------------------------------------------------

prepare sealed_plain
is "$(on target quiet_psql -d sealed_plain -f "$dir/plain.sql" 2>&1 >/dev/null)" '' 'a plain dump restores without an error'
came sealed_plain
goes_on sealed_plain

prepare sealed_custom
is "$(on target pg_restore -d sealed_custom "$dir/custom" 2>&1)" '' 'a custom dump restores without an error'
came sealed_custom
goes_on sealed_custom

prepare sealed_directory
is "$(on target pg_restore -d sealed_directory -j2 "$dir/directory" 2>&1)" '' 'a directory restores with -j2 without an error'
came sealed_directory
goes_on sealed_directory

prepare sealed_single
is "$(on target pg_restore -d sealed_single --single-transaction "$dir/custom" 2>&1)" '' 'a custom dump restores in a single transaction'
came sealed_single
goes_on sealed_single

# Data alone: the partitions have to be there, and triggers are left weak.
prepare sealed_data
at sealed_data "CREATE EXTENSION maestro; SELECT maestro.create_partition('2001-02-03', 'day'), maestro.create_partition('2001-02-01'),
	maestro.create_partition()" >/dev/null
is "$(on target pg_restore -d sealed_data --data-only --disable-triggers "$dir/custom" 2>&1)" '' 'data restores into the extension, with triggers disabled'
came sealed_data 'HIGH integrity, '
goes_on sealed_data 'HIGH integrity, '
is "$(at sealed_data "SELECT DISTINCT detail FROM maestro.integrity_check()")" 'is not ENABLE ALWAYS' 'data only: what is found are the triggers that the restore enabled again'
at sealed_data "SELECT FROM maestro.integrity_repair()" >/dev/null
is "$(at sealed_data "$findings")" '' 'data only: integrity_repair() mends it, without maintenance'

# A copy beside it has another OID.
sealing target ''
at postgres 'CREATE DATABASE sealed_copy TEMPLATE sealed_plain'
sealing target sealed_copy
log_size=$(wc -c <"$(server_log target)")
is "$(at sealed_copy "$findings")" 'LOW incarnation' 'CREATE DATABASE … TEMPLATE: verify() asks whether this is the log'
is "$(at sealed_copy "SELECT event_id FROM maestro.log_event('crew/planner', 'output', 'x')" | grep -c .)|$(at sealed_copy "$newest_incarnation")" '1|4' \
	'CREATE DATABASE … TEMPLATE: events are of the next incarnation'
is "$(fails sealed_copy 'SELECT maestro.checkpoint_body()')" MA004 'CREATE DATABASE … TEMPLATE: nothing is signed'
is "$(at sealed_copy "SELECT maestro.log_fork('a copy to try things')" | sed 's/.*\///')" 2 'CREATE DATABASE … TEMPLATE: it may be forked'
is "$(until_is 0 target sealed_copy "$unsealed")|$(at sealed_copy "$findings")" '0|' 'CREATE DATABASE … TEMPLATE: sealing goes on, and verify() is clean'
is "$(at sealed_copy "$all_once")" t 'CREATE DATABASE … TEMPLATE: each event is sealed once'
finish
