#!/bin/sh
#
# Whatever a superuser changes with all guards off is found by verify(), and in a log
# that nobody changed it finds nothing.  MAESTRO_TAMPER_N= says how many events that has.

. "$(dirname "$0")/../lib.sh"
begin tamper

dir=$(mktemp -d)
trap 'rm -rf "$dir"; cleanup' EXIT
n=${MAESTRO_TAMPER_N:-200000}

sql "
CREATE ROLE tamper_agent LOGIN IN ROLE maestro_agent;
SELECT maestro.register_system('crew', db_role => 'tamper_agent'), maestro.register_component('crew', 'planner', 'agent'), maestro.register_component('crew', 'search', 'tool');
SELECT maestro.create_partition('2001-02-01', 'month')" >/dev/null
# Events with something in each column, of many seals.
seals() {
	sql "SELECT count(*) FROM maestro.log_events((SELECT jsonb_agg(jsonb_build_object('component', 'crew/planner', 'kind', 'tool_call', 'outcome', 'ok', 'target', 'search',
		'duration', 1.5, 'message', 'event ' || i, 'body', jsonb_build_object('i', i, 'mail', 'a@example.com'), 'trace_id', md5(i::text), 'span_id', left(md5(i::text), 16),
		'parent_span_id', right(md5(i::text), 16), 'x', i)) FROM generate_series(1, $1) AS i))" >/dev/null
	sql 'SELECT FROM maestro.seal()'
}

# ---- a log that nobody changed ---------------------------------------------

seals 20
quiet_psql -f - >/dev/null <<'SQL'
\i test/import_setup.sql
SELECT pg_temp.import(jsonb_populate_record(NULL::maestro.event, jsonb_build_object('event_id', nextval('maestro.event_id_seq'), 'recorded_at', '2001-02-03 04:05',
	'occurred_at', '2001-02-03 04:05', 'kind', 'note', 'level', 'info', 'message', 'imported', 'caller', 'a', 'session_role', 'b'))) FROM generate_series(1, 10);
SQL
erased=$(sql "SELECT event_id FROM maestro.log_event('crew/planner', 'note', 'to be erased')")
entry=$(sql "SELECT maestro.redact_event($erased, 'asked for', 'GDPR 17')")
sql "SELECT FROM maestro.log_event('nosystem/ghost', 'note', 'of nobody'); SELECT FROM maestro.seal()"
for i in 1 2 3 4 5; do seals 60; done
create_database tamper_large 'TEMPLATE tamper_t'
sql "SELECT maestro.adopt_log('a copy for tests')" >/dev/null
k=0
while [ $k -lt "$n" ]; do
	k=$((k + 25000))
	sql "SELECT count(*) FROM maestro.log_events((SELECT jsonb_agg(jsonb_build_object('component', 'crew/planner', 'kind', 'note', 'message', 'event ' || i, 'body', jsonb_build_object('i', i)))
		FROM generate_series(1, least(25000, $n - $k + 25000)) AS i))" >/dev/null
	sql 'SELECT FROM maestro.seal()'
done
is "$(sql "SELECT count(*) > $n FROM maestro.event")" t "there are $n events and some"
is "$(sql 'SELECT * FROM maestro.verify()')" '' 'verify() finds nothing in a log that nobody changed'
is "$(sql 'SELECT * FROM maestro.verify(100, 200)')" '' 'nor in a part of it'
PGDATABASE=tamper_t
is "$(sql 'SELECT * FROM maestro.verify()')" '' 'nor in the small one that is changed now'

# ---- the matrix ------------------------------------------------------------

sql "ALTER DATABASE tamper_t SET maestro.maintenance = on"

# What verify() finds after a change, the guards' own findings aside: one line each, sorted.
# Everything is taken back.
sql "
CREATE FUNCTION public.guards_off() RETURNS void LANGUAGE plpgsql AS \$\$
DECLARE t regclass;
BEGIN
	FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'maestro'::regnamespace AND relkind IN ('r', 'p') LOOP
		EXECUTE format('ALTER TABLE %s DISABLE TRIGGER ALL', t);
	END LOOP;
END \$\$;
-- The hashes that a row should have.
CREATE FUNCTION public.hashed(e maestro.event) RETURNS maestro.event LANGUAGE plpgsql AS \$\$
BEGIN
	e.payload_hash := maestro.event_payload_hash(e);
	e.leaf := maestro.leaf_hash(maestro.event_entry(e))::maestro.digest;
	RETURN e;
END \$\$;
CREATE FUNCTION public.found(change text) RETURNS text LANGUAGE plpgsql AS \$\$
DECLARE result text;
BEGIN
	PERFORM public.guards_off();
	EXECUTE change;
	SELECT coalesce(string_agg(DISTINCT format('%s %s%s', severity, kind, ' ' || event_id), ', '), 'nothing') INTO result FROM maestro.verify() WHERE kind <> 'integrity';
	RAISE EXCEPTION USING ERRCODE = 'XX999', MESSAGE = result;
EXCEPTION WHEN SQLSTATE 'XX999' THEN RETURN SQLERRM;
END \$\$"
# found WANT NAME SQL
found() { printf 'SELECT public.found($change$%s$change$);\n' "$3" >>"$dir/changes"; printf '%s\t%s\n' "$1" "$2" >>"$dir/names"; }
tried() {
	quiet_psql -f "$dir/changes" >"$dir/have" 2>"$dir/errors"
	is "$(cat "$dir/errors")" '' 'all these changes could be made'
	paste "$dir/names" "$dir/have" >"$dir/all"
	while IFS='	' read -r want name have; do
		case $want in
		'*'*) has "$have" "${want#?}" "$name" ;;
		*'*') has "$have" "${want%?}" "$name" ;;
		*) is "$have" "$want" "$name" ;;
		esac
	done <"$dir/all"
	rm -f "$dir/changes" "$dir/names"
}

# An event with all columns set, one of other days, and the unsealed.
id=$(sql "SELECT event_id FROM maestro.event WHERE kind = 'tool_call' ORDER BY event_id LIMIT 1 OFFSET 7")
other=$((id + 1))
imported=$(sql "SELECT min(event_id) FROM maestro.event WHERE message = 'imported'")
# What is NULL gets a value; what has one another of its type.
cat >"$dir/columns" <<'COLUMNS'
event_id	9223372036854775807
recorded_at	recorded_at + interval '1 microsecond'
occurred_at	occurred_at - interval '1 microsecond'
system_id	system_id + 1
component_id	target_id
component_version	'9.9'
target_id	component_id
dependency_id	1
kind	'note'
level	'debug'
outcome	'error'
trace_id	overlay(trace_id::text PLACING CASE right(trace_id::text, 1) WHEN '0' THEN '1' ELSE '0' END FROM 32)::maestro.trace_id
span_id	parent_span_id
parent_span_id	span_id
duration	duration + interval '1 microsecond'
message	message || ' '
body	body || '{"i": 0}'
attributes	attributes || '{"y": 1}'
valid	true
contract_version	1
violations	'[]'
findings	'{"EMAIL": 2}'
decision	'allow'
reason	'because'
claimed_component	'x'
caller	'postgre'
session_role	'postgre'
stamp	stamp + (1::bigint << 48)
salt	set_byte(salt, 15, get_byte(salt, 15) # 1)
payload_hash	encode(sha256(''), 'hex')::maestro.digest
leaf	encode(sha256(''), 'hex')::maestro.digest
COLUMNS
is "$(cut -f 1 "$dir/columns")" "$(sql "SELECT attname FROM pg_attribute WHERE attrelid = 'maestro.event'::regclass AND attnum > 0 ORDER BY attnum")" 'each column of an event is tried'
hash="encode(sha256(''), 'hex')::maestro.digest"
anew="UPDATE maestro.event AS e SET (payload_hash, leaf) = (SELECT h.payload_hash, h.leaf FROM public.hashed(e) AS h) WHERE event_id"
while IFS='	' read -r column value; do
	want="CRITICAL changed $id"
	case $column in
	event_id) want="CRITICAL missing $id*" ;;
	stamp) want="$want*" ;;
	esac
	found "$want" "a changed $column is found" "UPDATE maestro.event SET $column = $value WHERE event_id = $id"
	case $column in
	message | body | attributes | outcome | trace_id | target_id | findings | duration | parent_span_id | span_id)
		found "$want" "so is an emptied $column" "UPDATE maestro.event SET $column = NULL WHERE event_id = $id" ;;
	esac
	case $column in
	payload_hash | leaf | event_id) ;;
	*) found "$want" "and a changed $column with hashes made anew" "UPDATE maestro.event SET $column = $value WHERE event_id = $id; $anew = $id" ;;
	esac
done <"$dir/columns"
swapped="UPDATE maestro.event SET event_id = -event_id WHERE event_id IN ($id, $other);
	UPDATE maestro.event SET event_id = CASE event_id WHEN -$id THEN $other ELSE $id END WHERE event_id IN (-$id, -$other)"
# another ID-OF-COPY CHANGES: a copy of the event with some columns changed, and its hashes made for them.
another() { echo "INSERT INTO maestro.event SELECT h.* FROM maestro.event AS e, public.hashed(jsonb_populate_record(e, '{\"event_id\": $1$2}')) AS h WHERE e.event_id = $id"; }
found "CRITICAL changed $id" 'one bit of a message is found' "UPDATE maestro.event SET message = overlay(message PLACING chr(ascii(message) # 1) FROM 1 FOR 1) WHERE event_id = $id"
found "CRITICAL changed $id, CRITICAL changed $other" 'two changed events are both found' "UPDATE maestro.event SET message = 'x' WHERE event_id IN ($id, $other)"
found "CRITICAL missing $id" 'a deleted event is found' "DELETE FROM maestro.event WHERE event_id = $id"
found "CRITICAL changed $id, CRITICAL changed $other" 'two events whose ids change places are found' "$swapped"
found "CRITICAL changed $id, CRITICAL changed $other" 'also with hashes made anew' "$swapped; $anew IN ($id, $other)"
found 'CRITICAL inserted 777777' 'an event that is put in, with right hashes and an old stamp, is found' "$(another 777777 ', "message": "forged"')"
found 'CRITICAL inserted 777777' 'a back-dated one too' "$(another 777777 ', "recorded_at": "2001-02-05"')"
found 'CRITICAL inserted 777777' 'an event that is there twice, under another id, is found' "INSERT INTO maestro.event SELECT h.* FROM maestro.event AS e,
	jsonb_populate_record(e, '{\"event_id\": 777777}') AS h WHERE e.event_id = $id"
found "CRITICAL inserted $id" 'or under the same, in another partition' "$(another "$id" ', "recorded_at": "2100-02-05"' | sed "s/^/SELECT maestro.create_partition('2100-02-01'); /")"
found "CRITICAL missing $imported*" 'a dropped partition is found' 'DROP TABLE maestro.event_2001_02'
found "CRITICAL missing $imported*" 'a detached one too' 'ALTER TABLE maestro.event DETACH PARTITION maestro.event_2001_02'
found "CRITICAL missing $imported*" 'or one that is emptied' 'TRUNCATE maestro.event_2001_02'
found "CRITICAL changed $imported*" 'a column that is rewritten in a partition is found' "UPDATE maestro.event_2001_02 SET caller = 'x'"

# Erasing without saying so.
blank="SET message = NULL, body = NULL, attributes = NULL, violations = NULL, claimed_component = NULL, salt = NULL"
found "CRITICAL redaction $id" 'a payload that is taken away silently is found' "UPDATE maestro.event $blank WHERE event_id = $id"
found "CRITICAL redaction $id" 'so is one with a row that says it was erased, and no event' "UPDATE maestro.event $blank WHERE event_id = $id; INSERT INTO maestro.redaction VALUES ($id, 777777)"
found "CRITICAL redaction $id" 'or one whose row names another erasure' "UPDATE maestro.event $blank WHERE event_id = $id; INSERT INTO maestro.redaction VALUES ($id, $entry)"
found "CRITICAL redaction $id" 'or just some event' "UPDATE maestro.event $blank WHERE event_id = $id; INSERT INTO maestro.redaction VALUES ($id, $other)"
found "CRITICAL redaction $erased" 'an erasure whose row is gone is found' "DELETE FROM maestro.redaction"
found "CRITICAL missing $entry, CRITICAL redaction $erased" 'or whose event is gone' "DELETE FROM maestro.event WHERE event_id = $entry"
found "CRITICAL changed $erased*" 'what is put in place of an erased payload is found' "UPDATE maestro.event SET message = 'x' WHERE event_id = $erased"
found "CRITICAL changed $erased" 'with a salt too' "UPDATE maestro.event SET message = 'x', salt = substr(sha256(''), 1, 16) WHERE event_id = $erased"
found "CRITICAL redaction $erased, CRITICAL redaction $entry" 'the event that logs an erasure is not erased itself' "UPDATE maestro.event $blank WHERE event_id = $entry"

# ---- the tree --------------------------------------------------------------

flip() { echo "overlay($1 PLACING set_byte(substr($1, $2, 1), 0, get_byte($1, $2 - 1) # 1) FROM $2 FOR 1)"; }
first=$(sql 'SELECT event_id FROM maestro.tree_leaves() WHERE index = 3')
second=$(sql 'SELECT event_id FROM maestro.tree_leaves() WHERE index = 4')
newest=$(sql 'SELECT max(size) FROM maestro.checkpoint')
middle=$(sql 'SELECT size FROM maestro.checkpoint ORDER BY size OFFSET 3 LIMIT 1')
tail="level = 0 AND first = (SELECT max(first) FROM maestro.tile_tail WHERE level = 0)"
added() { echo "INSERT INTO maestro.tile_tail VALUES (0, $newest, sha256(''), int8send($1), 1)"; }
found "CRITICAL changed $first*" 'an edited leaf in a tile is found, as an event that is not that' "UPDATE maestro.tile SET hashes = $(flip hashes 100) WHERE level = 0"
found 'CRITICAL root*' 'and by the root' "UPDATE maestro.tile SET hashes = $(flip hashes 100) WHERE level = 0"
found 'CRITICAL root*' 'so is one in a tail' "UPDATE maestro.tile_tail SET hashes = $(flip hashes 1) WHERE $tail"
found 'CRITICAL tile' 'an edited node of level 1' "UPDATE maestro.tile_tail SET hashes = $(flip hashes 1) WHERE level = 1"
found "CRITICAL missing 9223372036854775552*" 'an edited id in a tile is found, as an event that is missing' "UPDATE maestro.tile SET event_ids = overlay(event_ids PLACING '\\x7fffffffffffff00'::bytea FROM 25 FOR 8) WHERE level = 0"
found "CRITICAL inserted $first*" 'and one that is not in the tree' "UPDATE maestro.tile SET event_ids = overlay(event_ids PLACING '\\x7fffffffffffff00'::bytea FROM 25 FOR 8) WHERE level = 0"
found "CRITICAL changed $first, CRITICAL changed $second" 'ids of a tile that change places are found' "UPDATE maestro.tile SET event_ids = overlay(overlay(event_ids PLACING substr(event_ids, 33, 8) FROM 25 FOR 8)
	PLACING substr(event_ids, 25, 8) FROM 33 FOR 8) WHERE level = 0"
found 'CRITICAL tile*' 'a tile without ids' 'UPDATE maestro.tile SET event_ids = NULL WHERE level = 0'
found 'CRITICAL tile*' 'a tile that is too short' "UPDATE maestro.tile SET hashes = substr(hashes, 1, 255 * 32) WHERE level = 0"
found 'CRITICAL tile*' 'a tile of no whole hashes' "UPDATE maestro.tile SET hashes = substr(hashes, 2) WHERE level = 0"
found 'CRITICAL tile*' 'an empty tile' "UPDATE maestro.tile SET hashes = '', event_ids = '' WHERE level = 0"
found 'CRITICAL tile*' 'a tile under another number' 'UPDATE maestro.tile SET n = 7 WHERE level = 0'
found 'CRITICAL tile*' 'a deleted tile' 'DELETE FROM maestro.tile WHERE level = 0'
found 'CRITICAL tile*' 'a deleted row of the tail' 'DELETE FROM maestro.tile_tail WHERE level = 0 AND first = (SELECT min(first) FROM maestro.tile_tail WHERE level = 0)'
found 'CRITICAL tile*' 'the last one' "DELETE FROM maestro.tile_tail WHERE $tail"
found 'HIGH tile' 'a deleted node of level 1, which can be made anew' 'DELETE FROM maestro.tile_tail WHERE level = 1'
found 'CRITICAL tile*' 'an added tile of level 0' 'INSERT INTO maestro.tile SELECT 0, 1, hashes, event_ids, first_stamp FROM maestro.tile WHERE level = 0'
found 'CRITICAL tile*' 'an added tile of level 1' 'INSERT INTO maestro.tile SELECT 1, 0, hashes, NULL, NULL FROM maestro.tile WHERE level = 0'
found 'CRITICAL tile*' 'an added tile of level 7' 'INSERT INTO maestro.tile SELECT 7, 0, hashes, NULL, NULL FROM maestro.tile WHERE level = 0'
found 'CRITICAL tile*' 'an added node of level 1' "INSERT INTO maestro.tile_tail VALUES (1, 1, sha256(''), NULL, NULL)"
found 'CRITICAL missing 777777, CRITICAL rollback' 'an event that is added to the tail' "$(added 777777)"
found '*CRITICAL rollback' 'an event that is added once more' "$(added "$id")"

# ---- checkpoints, incarnations, the log ------------------------------------

found 'CRITICAL root' 'the newest root' "UPDATE maestro.checkpoint SET root = $hash WHERE size = $newest"
found 'CRITICAL checkpoint' 'an older root' "UPDATE maestro.checkpoint SET root = $hash WHERE size = $middle"
found 'CRITICAL checkpoint' 'the newest frontier' "UPDATE maestro.checkpoint SET frontier = $(flip frontier 1) WHERE size = $newest"
found 'CRITICAL checkpoint' 'an older frontier' "UPDATE maestro.checkpoint SET frontier = substr(frontier, 33) WHERE size = $middle"
found 'CRITICAL checkpoint' 'a larger size' "UPDATE maestro.checkpoint SET size = size + 1 WHERE size = $middle"
found 'CRITICAL checkpoint, CRITICAL rollback, CRITICAL root' 'a smaller newest size' "UPDATE maestro.checkpoint SET size = size - 1 WHERE size = $newest"
found 'CRITICAL tile' 'a larger newest size' "UPDATE maestro.checkpoint SET size = size + 1 WHERE size = $newest"
found 'CRITICAL checkpoint' 'a batch' "UPDATE maestro.checkpoint SET batch = batch + 1 WHERE size = $middle"
found 'CRITICAL incarnation*' 'the incarnation of a checkpoint' "UPDATE maestro.checkpoint SET incarnation = 2 WHERE size = $middle"
found 'CRITICAL checkpoint*' 'the snapshot of a checkpoint that has seen less than the one before' "UPDATE maestro.checkpoint SET snapshot = '3:3:' WHERE size = $middle"
found 'CRITICAL checkpoint*' 'or more than the one behind' "UPDATE maestro.checkpoint SET snapshot = '3:900000000:' WHERE size = $middle"
found 'CRITICAL checkpoint*' 'the snapshot of the newest that has seen nothing' "UPDATE maestro.checkpoint SET snapshot = '3:3:' WHERE size = $newest"
found 'CRITICAL checkpoint*' 'or what has not been' "UPDATE maestro.checkpoint SET snapshot = '999999999:999999999:' WHERE size = $newest"
found 'HIGH tile' 'what a full tile says that it begins with' 'UPDATE maestro.tile SET first_stamp = first_stamp - 1 WHERE level = 0 AND n = 0'
found 'HIGH tile' 'and the right edge' 'UPDATE maestro.tile_tail SET first_stamp = 7 WHERE level = 0'
found "CRITICAL changed $id" 'the stamp of an event' "UPDATE maestro.event SET stamp = stamp - 1 WHERE event_id = $id"
found "CRITICAL missing $id" 'a row that says that a deleted event was dropped with its partition' "DELETE FROM maestro.event WHERE event_id = $id;
	INSERT INTO maestro.dropped_partition (entry_id, partition, span, event_ids, indices) VALUES ($id, 'x', '[2020-01-01,2020-02-01)', '{[$id,$id]}', '{}')"
found 'CRITICAL checkpoint' 'a deleted checkpoint' "DELETE FROM maestro.checkpoint WHERE size = $middle"
found '*CRITICAL rollback' 'the newest deleted' "DELETE FROM maestro.checkpoint WHERE size = $newest"
found '*CRITICAL rollback' 'all deleted' 'DELETE FROM maestro.checkpoint'
for t in total day fault pending run breaker files trend use; do
	[ "$(sql "SELECT count(*) FROM maestro.signal_$t")" != 0 ] || continue
	found 'CRITICAL signal' "signal_$t: a row less" "DELETE FROM maestro.signal_$t WHERE ctid = (SELECT min(ctid) FROM maestro.signal_$t)"
done
found 'CRITICAL signal' 'signal_total: a bad count' "UPDATE maestro.signal_total SET bad = bad + 1 WHERE signal = 'event'"
found 'CRITICAL signal' 'signal_total: a time' "UPDATE maestro.signal_total SET newest_ok = newest_ok + interval '1 microsecond' WHERE signal = 'event'"
found 'CRITICAL signal' 'signal_pending: a row more' "INSERT INTO maestro.signal_pending VALUES ($id) ON CONFLICT DO NOTHING"
found 'CRITICAL signal' 'the sum that a seal kept' "UPDATE maestro.checkpoint SET signals = set_byte(signals, 31, get_byte(signals, 31) # 1) WHERE size = $newest"
found 'CRITICAL checkpoint' 'an added checkpoint, of the right root' "INSERT INTO maestro.checkpoint SELECT 5, maestro.merkle_root((SELECT array_agg(leaf::bytea ORDER BY index) FROM maestro.tree_leaves() WHERE index < 5))::maestro.digest,
	frontier, snapshot, 1, 5 FROM maestro.checkpoint ORDER BY size LIMIT 1"
found 'CRITICAL checkpoint' 'an added checkpoint of another root' "INSERT INTO maestro.checkpoint SELECT $newest - 1, $hash, frontier, snapshot, 1, 1 FROM maestro.checkpoint WHERE size = $newest"
found 'CRITICAL signal, CRITICAL tile' 'an added checkpoint beyond the end' "INSERT INTO maestro.checkpoint SELECT $newest + 9, $hash, frontier, snapshot, 1, 9 FROM maestro.checkpoint WHERE size = $newest"
found 'CRITICAL incarnation' 'the root that an incarnation began with' "UPDATE maestro.incarnation SET root = encode(sha256('x'), 'hex')::maestro.digest"
found 'CRITICAL incarnation' 'the size that it began with' "UPDATE maestro.incarnation SET size = $middle"
found 'LOW incarnation' 'the server of an incarnation' 'UPDATE maestro.incarnation SET system_identifier = 1'
found 'LOW incarnation' 'its adoption' 'UPDATE maestro.incarnation SET adopted_at = NULL'
found 'CRITICAL incarnation*' 'an added incarnation' "INSERT INTO maestro.incarnation SELECT 5, system_identifier, database, snapshot, 0, root, 'x' FROM maestro.incarnation"
found 'CRITICAL missing' 'all incarnations deleted' 'DELETE FROM maestro.incarnation'
found 'CRITICAL missing' 'the row of the log deleted' 'DELETE FROM maestro.log'
found "*CRITICAL changed $id" 'the id of the log' "UPDATE maestro.log SET log_id = gen_random_uuid()"
found 'CRITICAL checkpoint' 'what was signed outside of another root' "INSERT INTO maestro.cosignature VALUES ($middle, 'witness', 'x', $hash, 'o')"
found 'CRITICAL rollback' 'or of a larger log' "INSERT INTO maestro.cosignature VALUES ($newest + 5, 'witness', 'x', $hash, 'o')"
found nothing 'after all of these nothing is left' 'SELECT 1'
tried

# ---- what is not sealed yet ------------------------------------------------

new=$(sql "SELECT event_id FROM maestro.log_event('crew/planner', 'note', 'not sealed')")
found "CRITICAL changed $new" 'a changed event that is not sealed is found by its own hash' "UPDATE maestro.event SET message = 'x' WHERE event_id = $new"
found "CRITICAL changed $new" 'so is its payload hash' "UPDATE maestro.event SET payload_hash = $hash WHERE event_id = $new"
found "CRITICAL redaction $new" 'and its payload that is gone' "UPDATE maestro.event $blank WHERE event_id = $new"
found "CRITICAL inserted $new" 'one that is made to look as if a seal had passed it' "UPDATE maestro.event SET stamp = stamp - 1000 WHERE event_id = $new"
found "*CRITICAL incarnation $new" 'or of an incarnation to come' "UPDATE maestro.event SET stamp = stamp + (5::bigint << 48) WHERE event_id = $new"
tried
refused MA003 'a changed event is not sealed' "BEGIN; SELECT public.guards_off(); UPDATE maestro.event SET message = 'x' WHERE event_id = $new; SELECT maestro.seal()"
is "$(sql "BEGIN; SELECT FROM public.guards_off(); UPDATE maestro.event SET message = 'x' WHERE event_id = $id;
	SELECT count(*) FROM maestro.verify($other, $other) WHERE kind = 'changed'; SELECT count(*) FROM maestro.verify(NULL, $id) WHERE kind = 'changed';
	SELECT count(*) FROM maestro.verify($other) WHERE kind = 'changed'; ROLLBACK" | tr '\n' ' ')" '0 1 0 ' 'verify() of a part says what is wrong there'
is "$(sql "BEGIN; SELECT FROM public.guards_off(); SELECT DISTINCT severity, kind FROM maestro.verify(); ROLLBACK")" 'HIGH|integrity' 'guards that are off are found as such'
# The label of an enum; in a transaction of its own, since the name cannot be taken back in a subtransaction's cache.
has "$(sql "BEGIN; ALTER TYPE maestro.event_kind RENAME VALUE 'tool_call' TO 'tool_cal'; SELECT severity, kind, event_id FROM maestro.verify(); ROLLBACK")" "CRITICAL|changed|$id" \
	'a renamed label of an enum is found in the events that have it'

# ---- below SQL: a server of its own ----------------------------------------

bindir=$(${PG_CONFIG:-pg_config} --bindir)
owner=
[ "$(id -u)" != 0 ] || owner="runuser -u ${PGOWNER:-postgres} --"
own=$(cd / && $owner mktemp -dt maestro-tamper.XXXXXX)
trap '(cd / && $owner "$bindir/pg_ctl" -D "$own/data" -m immediate -s stop) >/dev/null 2>&1; rm -rf "$own" "$dir"; cleanup' EXIT
(cd / && $owner "$bindir/initdb" -D "$own/data" -U postgres -A trust -E UTF8 --no-locale --no-sync) >/dev/null
{
	printf "listen_addresses = ''\nfsync = off\nignore_checksum_failure = on\nunix_socket_directories = '%s'\n" "$own"
	printf "maestro.seal_key_file = '%s'\n" "$own/key"
	sql "SELECT format('%s = %L', name, setting) FROM pg_settings
		WHERE name IN ('extension_destdir', 'extension_control_path', 'dynamic_library_path', 'port')"
} | $owner tee -a "$own/data/postgresql.conf" >/dev/null
server() { (cd / && $owner "$bindir/pg_ctl" -D "$own/data" -l "$own/server.log" -w -s "$@") 2>&1; }
server start
first_host=$PGHOST
PGHOST=$own
PGDATABASE=postgres
sql "CREATE EXTENSION maestro; SELECT maestro.register_system('crew'), maestro.register_component('crew', 'planner', 'agent')" >/dev/null
vkey=$(sql "SELECT maestro.generate_log_key('$own/key')")
said() { sql "SELECT event_id FROM maestro.log_event('crew/planner', 'note', '$1')"; }
said 'before the copy' >/dev/null
id=$(said 'look for this in the page')
sql 'SELECT FROM maestro.seal()'
is "$(sql 'SELECT * FROM maestro.verify()')" '' 'a log on a server of its own is well'

# The whole directory is put back to an older state.
server -m fast stop
cp -Rp "$own/data" "$own/old"
server start
said 'after the copy' >/dev/null
said 'to be forgotten' >/dev/null
sql 'SELECT FROM maestro.seal()'
kept=$(sql 'SELECT maestro.checkpoint_note()')
kept_size=$(sql 'SELECT max(size) FROM maestro.checkpoint')
server -m immediate stop
rm -rf "$own/data" && mv "$own/old" "$own/data"
server start
is "$(sql 'SELECT * FROM maestro.verify()')" '' 'open: a directory that was put back to an older state looks well from inside'
is "$(sql "SELECT count(*) FROM maestro.event WHERE message = 'to be forgotten'")" 0 'though events are gone'
refused 22023 'a witness who has seen more is not answered' "SELECT maestro.witness_request($kept_size)"
refused 22023 'nor is the log proved consistent with a size it has not' "SELECT maestro.consistency_proof(1, $kept_size)"
refused MA003 'a kept checkpoint is none of its own' "SELECT maestro.add_checkpoint_signature('$kept
')"
is "$(sql "SELECT maestro.verify_note('$kept
', '$vkey')")" t 'which its key has signed'
said 'told otherwise' >/dev/null
said 'and this' >/dev/null
said 'and more' >/dev/null
sql 'SELECT FROM maestro.seal()'
root="decode(split_part('$kept', E'\\n', 3), 'base64')"
is "$(sql "SELECT maestro.verify_consistency($kept_size, size, maestro.consistency_proof($kept_size, size), $root, root::bytea) FROM maestro.checkpoint ORDER BY size DESC LIMIT 1")" f \
	'when the log has grown past it, it is not consistent with the kept one'
is "$(sql "SELECT maestro.verify_consistency(a.size, b.size, maestro.consistency_proof(a.size, b.size), a.root::bytea, b.root::bytea) FROM maestro.checkpoint AS a, maestro.checkpoint AS b
	WHERE a.size < b.size ORDER BY a.size, b.size DESC LIMIT 1")" t 'as it is with its own'

# A byte of a page.
file=$(sql "SELECT current_setting('data_directory') || '/' || pg_relation_filepath(tableoid) FROM maestro.event WHERE event_id = $id")
sql CHECKPOINT
server -m fast stop
at=$(grep -abo 'look for this' "$file" | head -n 1 | cut -d : -f 1)
printf b | dd of="$file" bs=1 seek="$at" conv=notrunc 2>/dev/null
server start
is "$(sql "SELECT message FROM maestro.event WHERE event_id = $id" 2>/dev/null)" 'book for this in the page' 'a byte is changed in the file of a partition'
is "$(sql 'SELECT severity, kind, event_id FROM maestro.verify()' 2>/dev/null)" "CRITICAL|changed|$id" 'verify() finds it'
server -m immediate stop
PGHOST=$first_host
finish
