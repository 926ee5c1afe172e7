#!/bin/sh
#
# Sealing what transactions committed, and what leaves the database of it: proofs,
# checkpoints, signatures.  MAESTRO_PROOF_N= is the size of the log whose proofs are all
# tried, up to 300.

. "$(dirname "$0")/../lib.sh"
begin seal

dir=$(mktemp -d)
trap 'rm -rf "$dir"; cleanup' EXIT
log="SELECT event_id FROM maestro.log_event('crew/planner', 'note'"
# The ids of what is sealed, with its message: in the order of the tree from a place on.
sealed_from() { sql "SELECT string_agg(coalesce(e.message, '?'), ' ' ORDER BY t.index) FROM maestro.tree_leaves() AS t
	LEFT JOIN maestro.event AS e USING (event_id) WHERE t.index >= $1"; }
size() { sql 'SELECT coalesce(max(size), 0) FROM maestro.checkpoint'; }
# What is wrong with the tree: nothing, if each event is in it once, by its leaf, in the order
# of (stamp, event_id) within its seal, and roots are those of the leaves.
cat >"$dir/wrong.sql" <<'SQL'
CREATE TEMP TABLE t AS SELECT * FROM maestro.tree_leaves();
SELECT 'not sealed: ' || event_id FROM maestro.event WHERE event_id NOT IN (SELECT event_id FROM t);
SELECT 'sealed twice: ' || event_id FROM t GROUP BY event_id HAVING count(*) > 1;
SELECT 'no event: ' || t.event_id FROM t LEFT JOIN maestro.event AS e USING (event_id) WHERE e.event_id IS NULL;
SELECT 'another leaf: ' || t.event_id FROM t JOIN maestro.event AS e USING (event_id) WHERE e.leaf <> t.leaf OR maestro.leaf_hash(maestro.event_entry(e)) <> t.leaf::bytea;
SELECT 'out of order: ' || x.event_id FROM (
	SELECT t.event_id, (e.stamp, t.event_id) < lag((e.stamp, t.event_id)) OVER (PARTITION BY c.size ORDER BY t.index) AS wrong
	  FROM t JOIN maestro.event AS e USING (event_id) JOIN maestro.checkpoint AS c ON t.index < c.size AND t.index >= c.size - c.batch) AS x WHERE x.wrong;
SELECT 'no place: ' || t.event_id FROM t WHERE maestro.event_index(t.event_id) IS DISTINCT FROM t.index;
SELECT 'another root at: ' || c.size FROM maestro.checkpoint AS c
 WHERE c.root::bytea <> maestro.merkle_root(ARRAY(SELECT t.leaf::bytea FROM t WHERE t.index < c.size ORDER BY t.index));
SELECT 'gap at: ' || size FROM (SELECT size, size - batch <> lag(size, 1, 0::bigint) OVER (ORDER BY size) AS wrong FROM maestro.checkpoint) AS c WHERE wrong;
SELECT severity, kind, event_id, detail FROM maestro.verify();
SQL
wrong() { quiet_psql -d "$PGDATABASE" -f "$dir/wrong.sql"; }

# ---- an empty log ----------------------------------------------------------

is "$(sql 'SELECT count(*) FROM maestro.log')" 0 'a fresh database has no log'
refused 55000 'of which there is no checkpoint' 'SELECT maestro.checkpoint_body()'
is "$(sql 'SELECT maestro.log_public_key() IS NULL')" t 'nor a key'
is "$(sql 'SELECT sealed, size FROM maestro.seal()')" '0|0' 'seal() makes it, and seals nothing'
is "$(sql 'SELECT root = sha256('"''"')::maestro.digest FROM maestro.seal()')" t 'its root is the hash of nothing'
is "$(sql "SELECT count(*), bool_and(origin = 'maestro/' || log_id), bool_and(retention = '6 months') FROM maestro.log")" '1|t|t' 'the log has a name of its own'
is "$(sql 'SELECT no, size, adopted_at IS NOT NULL FROM maestro.incarnation')" '1|0|t' 'and a first incarnation that is adopted'
is "$(sql 'SELECT count(*) FROM maestro.checkpoint')" 0 'an empty log has no checkpoint'
refused 55000 'and so none to sign' 'SELECT maestro.checkpoint_body()'
refused 22023 'no size to prove' 'SELECT maestro.consistency_proof(1, 1)'
is "$(sql 'SELECT count(*) FROM maestro.tree_leaves()')" 0 'no leaves'
is "$(wrong)" '' 'and nothing wrong with it'

# ---- what is sealed --------------------------------------------------------

sql "CREATE ROLE seal_agent LOGIN IN ROLE maestro_agent; CREATE ROLE seal_auditor LOGIN IN ROLE maestro_auditor;
	CREATE ROLE seal_approver LOGIN IN ROLE maestro_approver; CREATE ROLE seal_operator LOGIN IN ROLE maestro_operator;
	SELECT maestro.register_system('crew', db_role => 'seal_agent'), maestro.register_component('crew', 'planner', 'agent')" >/dev/null
is "$(sql 'SELECT sealed = size AND sealed > 0 FROM maestro.seal()')" t 'events of the registry are sealed as others'
is "$(sql 'SELECT sealed FROM maestro.seal()')" 0 'and once'
is "$(sql 'SELECT count(*) FROM maestro.checkpoint')" 1 'a seal of nothing leaves no checkpoint'

n=$(size)
sql "$log, 'a')" >/dev/null
sql "$log, 'b')" >/dev/null
is "$(sql 'SELECT sealed FROM maestro.seal()')" 2 'a seal takes what was committed'
is "$(sealed_from "$n")" 'a b' 'in the order of transactions'
n=$(size)
sql "BEGIN; $log, 'rolled back'); ROLLBACK" >/dev/null
sql "BEGIN; $log, 'kept'); SAVEPOINT s; $log, 'undone'); ROLLBACK TO s; $log, 'kept too'); SAVEPOINT s; $log, 'released'); RELEASE s; COMMIT" >/dev/null
sql "DO 'BEGIN BEGIN PERFORM maestro.log_event(''crew/planner'', ''note'', ''caught''); RAISE EXCEPTION ''x''; EXCEPTION WHEN OTHERS THEN NULL; END; END'"
sql 'SELECT FROM maestro.seal()'
is "$(sealed_from "$n")" 'kept kept too released' 'what was rolled back, as a whole or to a savepoint, is never sealed'
n=$(size)
sql "BEGIN; $log, 'one'); SELECT FROM maestro.seal(); $log, 'two'); SELECT FROM maestro.seal(); $log, 'three'); COMMIT" >/dev/null
is "$(sealed_from "$n")" '' 'a seal does not take events of its own transaction'
sql 'SELECT FROM maestro.seal()'
is "$(sealed_from "$n")" 'one two three' 'which the next one takes, whether they came before or after'
n=$(size)
sql "$log, 'x')" >/dev/null
sql "BEGIN; $log, 'own'); SELECT FROM maestro.seal(); ROLLBACK" >/dev/null
is "$(sealed_from "$n")" '' 'a seal that is rolled back has sealed nothing'
sql "BEGIN; SAVEPOINT s; SELECT FROM maestro.seal(); ROLLBACK TO s; $log, 'y'); SELECT FROM maestro.seal(); COMMIT" >/dev/null
sql 'SELECT FROM maestro.seal()'
is "$(sealed_from "$n")" 'x y' 'to a savepoint too: the next one takes what it took'
is "$(wrong)" '' 'all is well so far'

# A session that stays: its statements go to 3.
mkfifo "$dir/session"
quiet_psql -f "$dir/session" >"$dir/session.out" 2>&1 &
session=$!
exec 3>"$dir/session"
said() { # wait until the session has said something
	lib_tries=0
	until grep -q "$1" "$dir/session.out" || [ $((lib_tries += 1)) -gt 300 ]; do sleep 0.05; done
}
n=$(size)
echo "BEGIN; $log, 'long'); SAVEPOINT s; $log, 'long, deeper'); SELECT 'begun';" >&3
said begun
sql "BEGIN; $log, 'prepared'); PREPARE TRANSACTION 'seal_p'; BEGIN; $log, 'given up'); PREPARE TRANSACTION 'seal_q'" >/dev/null
late=$(sql 'SELECT last_value FROM maestro.event_id_seq')
for i in 1 2 3; do
	sql "$log, 'short$i')" >/dev/null
	sql 'SELECT FROM maestro.seal()'
done
is "$(sealed_from "$n")" 'short1 short2 short3' 'seals go on while older transactions run'
is "$(sql "SELECT maestro.event_index($((late - 1))) IS NULL")" t 'events of a prepared transaction have no place yet'
sql "COMMIT PREPARED 'seal_p'"
sql "ROLLBACK PREPARED 'seal_q'"
sql 'SELECT FROM maestro.seal()'
is "$(sealed_from "$n")" 'short1 short2 short3 prepared' 'a prepared transaction is sealed once it is committed, after three seals'
echo "COMMIT; SELECT 'ended';" >&3
said ended
sql "$log, 'short4')" >/dev/null
is "$(sql 'SELECT sealed FROM maestro.seal()')" 3 'so is one that ran through four seals'
is "$(sealed_from "$n")" 'short1 short2 short3 prepared long long, deeper short4' 'before what began later'
is "$(sql "SELECT maestro.event_index($((late - 1))) - $n, maestro.event_index($((late - 2))) - $n, maestro.event_index($((late - 3))) - $n")" '3|5|4' \
	'event_index knows the places of events that were sealed late'
is "$(sql "SELECT maestro.event_index($late), maestro.event_index(-1), maestro.event_index(0), maestro.event_index(9223372036854775807), maestro.event_index(NULL)")" '||||' \
	'and none of events that are not there'
id=$(sql "$log, 'new')")
is "$(sql "SELECT maestro.event_index($id) IS NULL")" t 'nor of one that is not sealed'
refused P0002 'which cannot be proved' "SELECT maestro.inclusion_proof($id)"
refused P0002 'no more than one that does not exist' 'SELECT maestro.inclusion_proof(-1)'
sql 'SELECT FROM maestro.seal()'
is "$(sql "SELECT maestro.event_index($id) = max(size) - 1 FROM maestro.checkpoint")" t 'then it is the last'
is "$(wrong)" '' 'each event is sealed once, in order'

# ---- where sealing is refused ----------------------------------------------

for level in 'REPEATABLE READ' SERIALIZABLE; do
	refused 25000 "seal() is refused at $level" "BEGIN ISOLATION LEVEL $level; SELECT maestro.seal()"
done
refused 25006 'and in a read only transaction' 'BEGIN READ ONLY; SELECT maestro.seal()'
is "$(sql "SET synchronous_commit = off; BEGIN; SELECT FROM maestro.seal(); SHOW synchronous_commit; COMMIT; SHOW synchronous_commit" | tr '\n' ' ')" 'on off ' \
	'a seal is durable even where synchronous_commit is off'
is "$(sql "SET synchronous_commit = remote_apply; BEGIN; SELECT FROM maestro.seal(); SHOW synchronous_commit; COMMIT" | tr '\n' ' ')" 'remote_apply ' \
	'and no less durable than was asked for'

# ---- many at once ----------------------------------------------------------

before=$(sql 'SELECT count(*) FROM maestro.event')
for i in 1 2 3 4; do
	{
		[ $i != 4 ] || echo 'SET synchronous_commit = off;'
		for k in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			echo "$log, 'w$i'); BEGIN; $log, 'w$i'); SAVEPOINT s; $log, 'w$i'); ROLLBACK TO s; SELECT pg_sleep(0.00$((k % 7))); COMMIT;"
		done
	} | quiet_psql -f - >/dev/null &
	writers="${writers:-} $!"
done
for i in 1 2 3; do
	{ for k in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do echo 'SELECT FROM maestro.seal(); SELECT pg_sleep(0.005);'; done; } | quiet_psql -f - >/dev/null 2>"$dir/sealer$i" &
	writers="$writers $!"
done
for i in $writers; do wait "$i"; done
is "$(cat "$dir"/sealer*)" '' 'three sealers wait for each other beside four writers'
sql 'SELECT FROM maestro.seal()'
is "$(($(sql 'SELECT count(*) FROM maestro.event') - before))" 160 'and nothing is lost'
is "$(wrong)" '' 'each event is sealed once, in order, by whichever'
# One waits for the other, and seals what came meanwhile.
n=$(size)
sql "$log, 'first')" >/dev/null
echo "BEGIN; SELECT FROM maestro.seal(); SELECT 'sealing';" >&3
said sealing
sql 'SELECT sealed FROM maestro.seal()' >"$dir/second" &
second=$!
until [ -n "$(sql "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = 'seal_t'")" ]; do sleep 0.05; done
sql "$log, 'second')" >/dev/null
echo "COMMIT; SELECT 'sealed';" >&3
wait $second
said "sealed"
is "$(cat "$dir/second")|$(sealed_from "$n")" '1|first second' 'who waited for another seal takes what was committed meanwhile, and that alone'
exec 3>&-
wait $session

# ---- all proofs ------------------------------------------------------------

for i in 1 2 3 5 8 13 21 34 55; do
	sql "SELECT count(*) FROM maestro.log_events((SELECT jsonb_agg(jsonb_build_object('component', 'crew/planner', 'kind', 'note', 'message', 'p' || i)) FROM generate_series(1, $i) AS i))" >/dev/null
	sql 'SELECT FROM maestro.seal()'
done
is "$(sql 'SELECT max(size) BETWEEN 300 AND 600 AND count(*) > 20 FROM maestro.checkpoint')" t 'there are more than 300 events in many seals'
cat >"$dir/proofs.sql" <<'SQL'
\i test/rfc6962.sql
CREATE TEMP TABLE t AS SELECT * FROM maestro.tree_leaves() WHERE index < :n;
DO $$ BEGIN PERFORM pg_temp.prove(ARRAY(SELECT leaf::bytea FROM t ORDER BY index)); END $$;
CREATE TEMP TABLE own AS SELECT i.*, maestro.inclusion_proof(t.event_id, i.size) AS have FROM inclusion AS i JOIN t USING (index);
SELECT count(*), count(*) FILTER (WHERE proof = have), count(*) FILTER (WHERE maestro.verify_inclusion(leaf, index, size, have, root)) FROM own;
CREATE TEMP TABLE own2 AS SELECT c.*, maestro.consistency_proof(size1, size2) AS have FROM consistency AS c;
SELECT count(*), count(*) FILTER (WHERE proof = have), count(*) FILTER (WHERE maestro.verify_consistency(size1, size2, have, root1, root2)) FROM own2;
SELECT count(*), count(*) FILTER (WHERE c.root::bytea = i.root) FROM maestro.checkpoint AS c JOIN inclusion AS i ON i.size = c.size AND i.index = 0;
SELECT bool_and(maestro.verify_inclusion(t.leaf::bytea, t.index, c.size, maestro.inclusion_proof(t.event_id), c.root::bytea))
  FROM t, (SELECT size, root FROM maestro.checkpoint ORDER BY size DESC LIMIT 1) AS c;
SQL
proofs=${MAESTRO_PROOF_N:-100}
all=$((proofs * (proofs + 1) / 2))
quiet_psql -v n="$proofs" -f "$dir/proofs.sql" >"$dir/proofs"
is "$(sed -n 1p "$dir/proofs")" "$all|$all|$all" "every event is proved in every size of up to $proofs, by the proof of RFC 6962"
is "$(sed -n 2p "$dir/proofs")" "$all|$all|$all" "every two sizes of up to $proofs are proved consistent, by the proof of RFC 6962"
is "$(sed -n 3p "$dir/proofs" | awk -F'|' '{ print ($1 >= 8 && $1 == $2) }')" 1 'the roots of checkpoints are those of RFC 6962'
is "$(sed -n 4p "$dir/proofs")" t 'inclusion_proof without size is for the newest checkpoint'
n=$(size)
id=$(sql "SELECT event_id FROM maestro.tree_leaves() WHERE index = 100")
for bad in 100 0 -1 $((n + 1)) 9223372036854775807; do
	refused 22023 "event 100 is not proved in a log of size $bad" "SELECT maestro.inclusion_proof($id, $bad)"
done
is "$(sql "SELECT cardinality(maestro.inclusion_proof($id, 101)) > 0, maestro.inclusion_proof(NULL, 5) IS NULL")" 't|t' 'it is in the first size with it; of NULL there is no proof'
for bad in "0, 5" "-1, 5" "6, 5" "1, $((n + 1))" "1, 0" "-5, -3" "1, 9223372036854775807"; do
	refused 22023 "sizes $bad are not proved consistent" "SELECT maestro.consistency_proof($bad)"
done

# ---- tiles -----------------------------------------------------------------

bulk() {
	sql "SELECT count(*) FROM maestro.log_events((SELECT jsonb_agg(jsonb_build_object('component', 'crew/planner', 'kind', 'note')) FROM generate_series(1, $1)))" >/dev/null
}
# Tiles and tails by level: how many, with what nodes.
tiles() { sql "SELECT string_agg(x, ' ' ORDER BY x) FROM (SELECT format('tile/%s:%s', level, count(*)) AS x FROM maestro.tile GROUP BY level
	UNION ALL SELECT format('tail/%s:%s+%s', level, min(first), sum(octet_length(hashes)) / 32) FROM maestro.tile_tail GROUP BY level) AS t"; }
bulk $((511 - n))
sql 'SELECT FROM maestro.seal()'
is "$(tiles)" 'tail/0:256+255 tail/1:0+1 tile/0:1' 'at 511 events there are a full tile, 255 nodes behind it, and one above'
bulk 1
sql 'SELECT FROM maestro.seal()'
is "$(tiles)" 'tail/1:0+2 tile/0:2' 'the 512th fills the second tile, and leaves no tail'
bulk 1
sql 'SELECT FROM maestro.seal()'
is "$(tiles)" 'tail/0:512+1 tail/1:0+2 tile/0:2' 'the next begins another'
bulk $((65535 - 513))
sql 'SELECT FROM maestro.seal()'
is "$(tiles)" 'tail/0:65280+255 tail/1:0+255 tile/0:255' 'at 65,535 there are 255 full tiles'
bulk 1
sql 'SELECT FROM maestro.seal()'
is "$(tiles)" 'tail/2:0+1 tile/0:256 tile/1:1' 'the 65,536th fills the first tile of level 1'
bulk 500
sql 'SELECT FROM maestro.seal()'
is "$(tiles)" 'tail/0:65792+244 tail/1:256+1 tail/2:0+1 tile/0:257 tile/1:1' 'and so on'
cat >"$dir/tiles.sql" <<'SQL'
CREATE TEMP TABLE t AS SELECT * FROM maestro.tree_leaves();
ANALYZE t;
CREATE TEMP TABLE above AS SELECT index / 256 AS n, string_agg(leaf::bytea, '' ORDER BY index) AS hashes, string_agg(int8send(event_id), '' ORDER BY index) AS ids,
	min(event_id) FILTER (WHERE index % 256 = 0) AS first_id, maestro.merkle_root(array_agg(leaf::bytea ORDER BY index)) AS root, count(*) AS n_leaves FROM t GROUP BY 1;
SELECT count(*), bool_and(a.hashes = i.hashes AND a.ids = i.event_ids AND i.first_stamp = e.stamp)
  FROM maestro.tile AS i JOIN above AS a USING (n) JOIN maestro.event AS e ON e.event_id = a.first_id WHERE i.level = 0;
SELECT i.hashes = (SELECT string_agg(root, '' ORDER BY n) FROM above WHERE n < 256), i.event_ids IS NULL, i.first_stamp IS NULL FROM maestro.tile AS i WHERE level = 1;
SELECT hashes = maestro.merkle_root((SELECT array_agg(root ORDER BY n) FROM above WHERE n < 256)) FROM maestro.tile_tail WHERE level = 2;
SELECT a.hashes = i.hashes AND a.ids = i.event_ids FROM maestro.tile_tail AS i JOIN above AS a ON a.n = 257 WHERE level = 0;
SELECT bool_and(maestro.tile_export(0, n, n_leaves::integer) = hashes), count(*) FROM above;
SELECT maestro.tile_export(1, 1, 1) = root, maestro.tile_export(1, 0, 7) = substr((SELECT hashes FROM maestro.tile WHERE level = 1), 1, 7 * 32) FROM above WHERE n = 256;
-- Proofs across tiles, of places near their edges.
SELECT count(*), bool_and(maestro.verify_inclusion(t.leaf::bytea, t.index, s.size, maestro.inclusion_proof(t.event_id, s.size), s.root))
  FROM t, (SELECT size, root::bytea FROM maestro.checkpoint WHERE size > 500) AS s
 WHERE t.index < s.size AND (t.index % 256 IN (0, 255) AND t.index / 256 IN (0, 1, 2, 127, 128, 254, 255, 256) OR t.index = s.size - 1);
SELECT count(*), bool_and(maestro.verify_consistency(a.size, b.size, maestro.consistency_proof(a.size, b.size), a.root::bytea, b.root::bytea))
  FROM maestro.checkpoint AS a JOIN maestro.checkpoint AS b ON a.size <= b.size;
SELECT count(*) FROM (SELECT * FROM t WHERE index % 37 = 0 OFFSET 0) AS t WHERE maestro.event_index(event_id) IS DISTINCT FROM index;
SELECT count(*), bool_and(octet_length(content) > 0) FROM maestro.log_files((SELECT max(size) FROM maestro.checkpoint)) WHERE path NOT LIKE '%entries%';
SQL
quiet_psql -f "$dir/tiles.sql" >"$dir/tiles"
is "$(sed -n 1p "$dir/tiles")" '257|t' 'tiles of level 0 hold the leaves, their ids and the first one'\''s stamp'
is "$(sed -n 2p "$dir/tiles")" 't|t|t' 'the tile of level 1 holds the roots of those below'
is "$(sed -n 3p "$dir/tiles")" t 'level 2 the root of that'
is "$(sed -n 4p "$dir/tiles")" t 'the tail holds the leaves of the right edge'
is "$(sed -n 5p "$dir/tiles")" 't|258' 'tile_export gives tiles, full ones and partial ones'
is "$(sed -n 6p "$dir/tiles")" 't|t' 'of upper levels too, as wide as asked'
is "$(sed -n 7p "$dir/tiles" | sed 's/^[0-9]*|//')" t 'leaves at the edges of tiles are proved in all sizes around'
is "$(sed -n 8p "$dir/tiles" | sed 's/^[0-9]*|//')" t 'all checkpoints are consistent with each other'
is "$(sed -n 9p "$dir/tiles")" 0 'event_index finds events among 66,000'
is "$(sed -n 10p "$dir/tiles")" '261|t' 'log_files has a row for each tile'
n=$(size)
refused P0002 'a tile that is not full is not exported as full' 'SELECT maestro.tile_export(0, 257)'
refused P0002 'nor one behind the end' 'SELECT maestro.tile_export(0, 258, 1)'
for bad in '-1, 0' '8, 0' '0, -1' '0, 0, 0' '0, 0, 257' '0, 9223372036854775807'; do
	refused 22023 "there is no tile ($bad)" "SELECT maestro.tile_export($bad)"
done
is "$(sql "SELECT severity, kind, event_id, detail FROM maestro.verify()")" '' 'verify() finds nothing wrong with 66,000 events'

# ---- what is cancelled leaves nothing behind --------------------------------

for ms in 1 2 3 4 5 6 7 8 9 10 11 12; do
	quiet_psql -f - >/dev/null 2>&1 <<-SQL
		\set ON_ERROR_STOP off
		SET statement_timeout = '${ms}ms';
		SELECT event_id FROM maestro.log_event('crew/planner', 'note', 'may be cancelled');
		SELECT * FROM maestro.seal();
		SET statement_timeout = 0;
		SELECT event_id FROM maestro.log_event('crew/planner', 'note', 'after it');
		SELECT * FROM maestro.seal();
	SQL
done
is "$(sql 'SELECT count(*) FROM maestro.event WHERE stamp >> 48 <> 1')" 0 'after a cancelled look-up events have the stamp that they should'
is "$(sql 'SELECT max(no) FROM maestro.incarnation')" 1 'and no incarnation was begun'
sql 'SELECT FROM maestro.seal()'
is "$(sql 'SELECT * FROM maestro.verify()')" '' 'so that verify() finds nothing'

# ---- two seals after a restore begin one incarnation ------------------------

sql "SET maestro.maintenance = on; ALTER TABLE maestro.incarnation DISABLE TRIGGER ALL; UPDATE maestro.incarnation SET system_identifier = 1;
	ALTER TABLE maestro.incarnation ENABLE ALWAYS TRIGGER registry_guard_row, ENABLE ALWAYS TRIGGER registry_guard_statement, ENABLE ALWAYS TRIGGER registry_changed"
sql "SELECT event_id FROM maestro.log_event('crew/planner', 'note', 'of the next life')" >/dev/null
sql 'BEGIN; SELECT FROM maestro.seal(); SELECT FROM pg_sleep(1); COMMIT' >/dev/null &
sleep 0.3
sql 'SELECT FROM maestro.seal()' >/dev/null
wait
is "$(sql 'SELECT max(no) FROM maestro.incarnation')" 2 'two seals at once begin one incarnation'
is "$(sql "SELECT maestro.event_index(event_id) IS NOT NULL FROM maestro.event WHERE message = 'of the next life'")" t 'and seal what came before it'

finish
