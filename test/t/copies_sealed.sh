#!/bin/sh
#
# A sealed log on other servers: a copy of the data directory, a promoted standby
# and pg_upgrade.

. "$(dirname "$0")/../lib.sh"
begin sealed
. "$(dirname "$0")/../servers.sh"
. "$(dirname "$0")/../sealed_log.sh"

# at SERVER SQL: in the log's database there.
at() { on "$1" sql "$2" log; }
fails() { (PGDATABASE=log && export PGDATABASE && on "$1" outcome "$2"); }
said() { at "$1" "SELECT decision FROM maestro.log_event('crew/planner', 'output', '$2')"; }
incarnations='SELECT count(*), max(no) FROM maestro.incarnation'
errors() { grep -c 'ERROR' "$(server_log "$1")"; }

server_init primary "wal_level = logical"
server_start primary
on primary createdb log
at primary 'CREATE ROLE sealed_crew; CREATE EXTENSION maestro'
(PGHOST=$servers/primary PGDATABASE=log && export PGHOST PGDATABASE && fill_log)
sealing primary log
is "$(until_is 0 primary log "$unsealed")|$(at primary "$findings")" '0|' 'a log that is sealed in the background'

# ---- physical copies ------------------------------------------------------

server_stop primary
$owner mkdir "$servers/copy"
(cd / && $owner cp -R "$servers/primary/data" "$servers/copy/data")
(cd / && $owner sed -i "s|$servers/primary|$servers/copy|" "$servers/copy/data/postgresql.conf")
server_start primary
server_start copy
is "$(said copy 'in the copy')|$(said primary 'in the original')" 'allow|allow' 'a copy of the data directory: both log'
for server in primary copy; do
	is "$(until_is 0 $server log "$unsealed")|$(at $server "$findings")|$(at $server "$incarnations")" '0||1|1' \
		"a copy of the data directory: sealing goes on in the ${server}, which takes itself for the log"
done
isnt "$(at copy "$head_of")" "$(at primary "$head_of")" 'a copy of the data directory: only who sees checkpoints of both can tell'
is "$(at copy 'SELECT maestro.checkpoint_body()' | cut -d/ -f1 | head -n 1)" maestro 'a copy of the data directory: it even signs'
server_stop copy

# ---- a standby that is promoted -------------------------------------------

$owner mkdir "$servers/standby"
(cd / && $owner "$bindir/pg_basebackup" -h "$servers/primary" -p "$PGPORT" -U postgres -D "$servers/standby/data" -R -c fast --no-sync)
(cd / && $owner sed -i "s|^unix_socket_directories.*|unix_socket_directories = '$servers/standby'|" "$servers/standby/data/postgresql.conf")
server_start standby
on primary quiet_psql -d log >/dev/null <<'SQL'
BEGIN;
SELECT event_id FROM maestro.log_event('crew/planner', 'output', 'prepared before');
PREPARE TRANSACTION 'before';
SQL
is "$(said primary 'committed before')" allow 'a standby: the primary logs'
is "$(until_is 0 primary log "$unsealed")" 0 'a standby: and seals what has committed'
lsn=$(at primary 'SELECT pg_current_wal_flush_lsn()')
is "$(until_is t standby log "SELECT pg_last_wal_replay_lsn() >= '$lsn'")" t 'a standby: it follows'
is "$(at standby "$findings")|$(fails standby 'SELECT maestro.seal()')" '|25006' 'a standby: verify() is clean there, and it does not seal'
is "$(on standby sql "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'maestro%'" postgres)" 0 'a standby: nothing seals in the background'
server_stop primary immediate
head=$(at standby "$head_of")
on standby sql 'SELECT pg_promote()' postgres >/dev/null
is "$(said standby 'after the promotion')" allow 'promoted: it logs'
is "$(until_is 0 standby log "$unsealed")" 0 'promoted: and seals in the background'
isnt "$(at standby "$head_of")" "$head" 'promoted: there is a new checkpoint'
at standby "COMMIT PREPARED 'before'"
is "$(at standby "SELECT count(*) FROM maestro.event WHERE message = 'prepared before'")" 1 'promoted: what was prepared before commits'
is "$(until_is 0 standby log "$unsealed")|$(at standby "$all_once")" '0|t' 'promoted: and is sealed, once'
is "$(at standby "$incarnations")|$(at standby "$findings")" '1|1|' 'promoted: in the same incarnation, and verify() is clean'
is "$(at standby "SELECT maestro.verify_consistency(c.size, h.size, maestro.consistency_proof(c.size, h.size), c.root::bytea, h.root::bytea)
	FROM (SELECT * FROM maestro.checkpoint ORDER BY size DESC LIMIT 1) AS h, maestro.checkpoint AS c WHERE c.size = ${head%%|*}")" t \
	'promoted: the log is the same, longer'
is "$(errors standby)" 1 'promoted: the only error in the log was ours' # seal() on the standby

# ---- pg_upgrade -----------------------------------------------------------

said standby 'not sealed by the old server' >/dev/null
on standby sql "ALTER SYSTEM SET maestro.databases = ''" postgres
on standby sql 'SELECT FROM pg_reload_conf()' postgres
until_is 0 standby postgres "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'maestro sealer'" >/dev/null
said standby 'neither this' >/dev/null
head=$(at standby "$head_of")
server_stop standby
server_init new "maestro.databases = 'log'"
is "$(cd "$servers/new" && $owner "$bindir/pg_upgrade" -b "$bindir" -B "$bindir" -d "$servers/standby/data" -D "$servers/new/data" \
	-U postgres -s "$servers/new" --no-sync --retain >"$dir/upgrade" 2>&1 || tail -n 20 "$dir/upgrade")" '' 'pg_upgrade takes the log, with sealing switched on in the new server'
is "$($owner grep -rl 'database "log" does not exist\|maestro sealer' "$servers/new/data/pg_upgrade_output.d")" '' 'pg_upgrade: no sealer runs meanwhile'
server_start new
sleep 0.5
is "$(at new "$head_of")|$(at new "$incarnations")" "$head|1|1" 'pg_upgrade: nothing is sealed in the background'
is "$(at new "$findings")|$(fails new 'SELECT maestro.checkpoint_body()')" 'LOW incarnation|MA004' 'pg_upgrade: the log is to be adopted'
is "$(said new 'by the new server')|$(at new "$newest_incarnation")" 'allow|2' 'pg_upgrade: it logs, in a new incarnation'
is "$(at new 'SELECT sealed FROM maestro.seal()')|$(at new "$all_once")" '2|t' 'pg_upgrade: a seal takes the old rest too, once'
is "$(at new "SELECT maestro.adopt_log('upgraded')")|$(until_is 0 new log "$unsealed")|$(at new "$findings")" '2|0|' 'pg_upgrade: adopted, sealed in the background, clean'
is "$(fails new 'DELETE FROM maestro.event WHERE false')|$(fails new 'DROP VIEW maestro.event_present')" 'MA001|MA001' 'pg_upgrade: the guards stand'
finish
