#!/bin/sh
#
# A mirror of a sealed log by logical replication: it verifies by itself, and takes
# no row that is not what was logged.

. "$(dirname "$0")/../lib.sh"
begin sealed
. "$(dirname "$0")/../servers.sh"
. "$(dirname "$0")/../sealed_log.sh"

at() { on "$1" sql "$2" log; }
fails() { (PGDATABASE=log && export PGDATABASE && on "$1" outcome "$2"); }
errors() { grep -c 'ERROR' "$(server_log mirror)"; }

server_init source "wal_level = logical"
server_start source
on source createdb log
at source 'CREATE ROLE sealed_crew; CREATE EXTENSION maestro'
(PGHOST=$servers/source PGDATABASE=log && export PGHOST PGDATABASE && fill_log)
server_init mirror
server_start mirror
on mirror createdb log
at mirror "CREATE ROLE sealed_crew; CREATE EXTENSION maestro; SELECT maestro.create_partition('2001-02-03', 'day'),
	maestro.create_partition('2001-02-01'), maestro.create_partition()" >/dev/null
sealing mirror log

# All tables whose rows a dump would hold.
at source "DO \$\$ BEGIN EXECUTE (SELECT 'CREATE PUBLICATION log FOR TABLE ' || string_agg(t::text, ', ')
	FROM (SELECT unnest(extconfig)::regclass AS t FROM pg_extension WHERE extname = 'maestro'
		  UNION SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'maestro.event'::regclass) AS x
	JOIN pg_class AS c ON c.oid = x.t AND c.relkind = 'r'); END \$\$"
at mirror "CREATE SUBSCRIPTION log CONNECTION 'host=$servers/source port=$PGPORT user=postgres dbname=log' PUBLICATION log" 2>/dev/null
head=$(at source "$head_of")
count() { at "$1" 'SELECT count(*) FROM maestro.event'; }
is "$(until_is 0 mirror log "SELECT count(*) FROM pg_subscription_rel WHERE srsubstate <> 'r'")" 0 'all tables are copied'
is "$(at mirror "$head_of")|$(count mirror)" "$head|$(count source)" 'the mirror has the same events, size and root'
is "$(at mirror "$findings")" 'HIGH integrity, LOW incarnation' 'verify() there says that it is a copy, and of a guard:'
is "$(at mirror 'SELECT object FROM maestro.integrity_check()')" 'sequence maestro.event_id_seq' 'that its sequence, which is not replicated, would give ids twice'
at mirror "SELECT setval('maestro.event_id_seq', 1000000)" >/dev/null
is "$(at mirror "$findings")" 'LOW incarnation' 'set ahead, it is in order'
is "$(fails mirror 'SELECT maestro.checkpoint_body()')" MA004 'and nothing is signed there'

# ---- what comes later -----------------------------------------------------

at source "SELECT count(*) FROM generate_series(1, 200) AS i, maestro.log_event('crew/planner', 'output', 'streamed ' || i)" >/dev/null
at source 'SELECT FROM maestro.seal()'
is "$(at source 'SELECT count(*) FROM maestro.tile WHERE level = 0')" 3 'the source fills a tile, and takes its rows from the tail'
is "$(until_is "$(at source "$head_of")" mirror log "$head_of")" "$(at source "$head_of")" 'the mirror follows'
is "$(at mirror "$findings")" 'LOW incarnation' 'and verify() there is as before'
at source "SELECT maestro.redact_event((SELECT max(event_id) FROM maestro.event WHERE message = 'streamed 7'), 'asked for', 'Article 17')" >/dev/null
at source 'SELECT FROM maestro.seal()'
erased="SELECT count(*) FROM maestro.event WHERE salt IS NULL"
is "$(until_is 2 mirror log "$erased")" 2 'an erasure reaches the mirror'
is "$(until_is "$(at source "$head_of")" mirror log "$head_of")|$(at mirror "$findings")" "$(at source "$head_of")|LOW incarnation" 'and is in order there'
is "$(errors)" 1 'without an error' # ours, of checkpoint_body()

# ---- what is no event of the log ------------------------------------------

leaf=$(at source 'SELECT maestro.partition_at(now())')
at source "SET maestro.maintenance = on; ALTER TABLE $leaf DISABLE TRIGGER ALL; BEGIN; CREATE TEMP TABLE t AS SELECT * FROM $leaf ORDER BY event_id DESC LIMIT 1;
	UPDATE t SET event_id = 99999; INSERT INTO $leaf SELECT * FROM t; COMMIT"
# complains TEXT NAME: the mirror's log tells of it before long.
complains() {
	tries=0
	until grep -q "$1" "$(server_log mirror)" || [ $tries = 100 ]; do sleep 0.1 && tries=$((tries + 1)); done
	is "$(grep -q "$1" "$(server_log mirror)" && echo yes)" yes "$2"
}
complains 'event 99999 does not have the hash of its content' 'a row that has not the hash of its content is refused by the mirror'
is "$(at mirror 'SELECT count(*) FROM maestro.event WHERE event_id = 99999')|$(at mirror "$findings")" '0|LOW incarnation' 'and is not there'

# From here on, without what it stumbled over.
at mirror "DROP SUBSCRIPTION log" 2>/dev/null
at mirror "CREATE SUBSCRIPTION log CONNECTION 'host=$servers/source port=$PGPORT user=postgres dbname=log' PUBLICATION log WITH (copy_data = false)" 2>/dev/null
at source "SET maestro.maintenance = on; UPDATE $leaf SET message = 'changed' WHERE message = 'streamed 9'"
complains "cannot UPDATE \"${leaf#*.}\": it is append-only" 'neither does it take another change than an erasure'
is "$(at mirror "SELECT count(*) FROM maestro.event WHERE message = 'streamed 9'")|$(at mirror "$findings")" '1|LOW incarnation' 'and has the event as it was'
finish
