#!/bin/sh
#
# Erasing payloads, legal holds, how long events are kept, and dropping what is older.

. "$(dirname "$0")/../lib.sh"
begin retention

sql "
CREATE ROLE retention_agent LOGIN IN ROLE maestro_agent; CREATE ROLE retention_auditor LOGIN IN ROLE maestro_auditor;
CREATE ROLE retention_approver LOGIN IN ROLE maestro_approver; CREATE ROLE retention_operator LOGIN IN ROLE maestro_operator;
CREATE ROLE retention_admin LOGIN IN ROLE maestro_admin;
SELECT maestro.register_system('crew', db_role => 'retention_agent'), maestro.register_component('crew', 'planner', 'agent');" >/dev/null
leaf=$(sql "SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'maestro.event'::regclass")
said() { sql "SELECT event_id FROM maestro.log_event('crew/planner', 'note', '$1', body => '{\"secret\": \"of hers\"}', attributes => '{\"who\": \"she\"}')"; }
seal() { sql 'SELECT FROM maestro.seal()'; }
verify() { sql "SELECT severity, kind, event_id FROM maestro.verify()"; }
newest() { sql "SELECT message, attributes - 'maestro.version', caller FROM maestro.event WHERE kind = 'registry' ORDER BY event_id DESC LIMIT 1"; }
# Of an event: is its payload gone, and does its leaf hold?
state() { sql "SELECT concat_ws(' ', CASE WHEN num_nulls(message, body, attributes, violations, claimed_component, salt) = 6 THEN 'erased' ELSE 'kept' END,
	CASE WHEN leaf::bytea = maestro.leaf_hash(maestro.event_entry(e)) AND payload_hash = maestro.event_payload_hash(e) THEN 'whole' ELSE 'broken' END) FROM maestro.event AS e WHERE event_id = $1"; }
proved() { sql "SELECT maestro.verify_inclusion(leaf::bytea, maestro.event_index(event_id), size, maestro.inclusion_proof(event_id), root::bytea) FROM maestro.event,
	(SELECT size, root FROM maestro.checkpoint ORDER BY size DESC LIMIT 1) AS c WHERE event_id = $1"; }

# ---- erasing ---------------------------------------------------------------

id=$(said 'what she said')
other=$(said 'what he said')
early=$(said 'erased before it is sealed')
before=$(sql "SELECT leaf, payload_hash, recorded_at, kind, component_id, stamp, caller FROM maestro.event WHERE event_id = $id")
early_entry=$(echo "SELECT maestro.redact_event($early, 'asked for', 'GDPR 17(1)(b)')" | as retention_approver)
is "$(state "$early")" 'erased whole' 'an event can be erased before it is sealed'
is "$(verify)" "LOW|redaction|$early" 'which verify() says until that is sealed'
seal
is "$(verify)|$(proved "$early")|$(proved "$early_entry")" '|t|t' 'then all is well, and it is proved'
proof=$(sql "SELECT maestro.inclusion_proof($id)")
size=$(sql 'SELECT max(size) FROM maestro.checkpoint')
root=$(sql "SELECT root::bytea FROM maestro.checkpoint WHERE size = $size")
place=$(sql "SELECT maestro.event_index($id)")

entry=$(echo "SELECT maestro.redact_event($id, 'she asked', 'GDPR 17')" | as retention_approver)
is "$(state "$id")" 'erased whole' 'redact_event takes payload and salt away'
is "$(sql "SELECT leaf, payload_hash, recorded_at, kind, component_id, stamp, caller FROM maestro.event WHERE event_id = $id")" "$before" 'and nothing else: the leaf stays'
is "$(state "$other")" 'kept whole' 'of that event alone'
is "$(sql "SELECT count(*) FROM maestro.event WHERE message = 'what she said' OR body::text LIKE '%of hers%' AND event_id NOT IN ($other)")" 0 'what was said is nowhere'
is "$(newest)" "an event's payload was erased|$(sql "SELECT jsonb_build_object('event_id', event_id, 'leaf', leaf, 'payload_hash', payload_hash, 'reason', 'she asked', 'legal_basis', 'GDPR 17') FROM maestro.event WHERE event_id = $id")|retention_approver" \
	'an event says who erased it, why and on what basis, and what its hashes are'
is "$(sql "SELECT event_id, entry_id FROM maestro.redaction ORDER BY event_id")" "$(printf '%s|%s\n%s|%s' "$id" "$entry" "$early" "$early_entry" | sort -n)" 'and a row which event that is'
is "$(sql "SELECT system_id, target_id FROM maestro.event WHERE event_id = $entry")" "$(sql "SELECT system_id, component_id FROM maestro.event WHERE event_id = $id")" 'it belongs to the component of the event'
is "$(verify)" "LOW|redaction|$id" 'verify() waits for the seal'
seal
is "$(verify)" '' 'after which it finds nothing'
is "$(sql "SELECT maestro.verify_inclusion(leaf::bytea, $place, $size, '$proof', '$root') FROM maestro.event WHERE event_id = $id")" t 'a proof from before still proves it'
is "$(proved "$id")" t 'so does a new one'
is "$(sql "SELECT maestro.event_payload_hash(e) = payload_hash FROM maestro.event AS e WHERE event_id = $id")" t 'its payload hash is what is stored'
# in one transaction
both=$(sql "BEGIN; SELECT maestro.redact_event(event_id, 'x', 'y') > event_id FROM maestro.log_event('crew/planner', 'note', 'at once', '{}'); COMMIT")
seal
is "$both|$(verify)" 't|' 'an event can be erased in the transaction that logged it'
ghost=$(sql "SELECT event_id FROM maestro.log_event('nosystem/her-name', 'note', 'x')")
sql "SELECT maestro.redact_event($ghost, 'x', 'y')" >/dev/null
is "$(sql "SELECT claimed_component IS NULL FROM maestro.event WHERE event_id = $ghost")" t 'the name that an unregistered writer gave is erased too'
lacks "$(sql "SELECT attributes FROM maestro.event WHERE event_id = (SELECT entry_id FROM maestro.redaction WHERE event_id = $ghost)")" her-name 'and is not in the event that says so'
redacted=$(sql "SELECT maestro.redact_event($other, 'mail of bob@example.com', 'password=tomato99')")
lacks "$(sql "SELECT attributes FROM maestro.event WHERE event_id = $redacted")" bob@example.com 'a reason is sanitized'
lacks "$(sql "SELECT attributes FROM maestro.event WHERE event_id = $redacted")" tomato99 'and so is a basis'
seal

third=$(said 'a third')
refused P0002 'an event that does not exist is not erased' "SELECT maestro.redact_event(-1, 'x', 'y')"
refused P0002 'nor is NULL' "SELECT maestro.redact_event(NULL, 'x', 'y')"
refused 55000 'nothing is erased twice' "SELECT maestro.redact_event($id, 'x', 'y')"
refused 22023 "maestro's own events are not erased" "SELECT maestro.redact_event($entry, 'x', 'y')"
for bad in "NULL, 'y'" "'', 'y'" "'  ', 'y'" "'x', NULL" "'x', ''" "repeat('x', 4097), 'y'" "'x', repeat('y', 4097)"; do
	refused 22023 "erasing needs a reason and a legal basis, not: $(printf '%.30s' "$bad")" "SELECT maestro.redact_event($third, $bad)"
done
is "$(state "$third")" 'kept whole' 'after all of that it is still there'
sql "BEGIN; SELECT maestro.redact_event($third, 'x', 'y'); ROLLBACK" >/dev/null
is "$(state "$third")|$(sql "SELECT count(*) FROM maestro.redaction WHERE event_id = $third")" 'kept whole|0' 'an erasure that is rolled back has not been'

# The only UPDATE that passes is redact_event's own.
for table in maestro.event "$leaf"; do
	for set in 'message = NULL' 'message = NULL, body = NULL, attributes = NULL, violations = NULL, claimed_component = NULL, salt = NULL' 'event_id = event_id' "message = 'x'"; do
		refused MA001 "no other UPDATE of $table passes: SET $(printf '%.25s' "$set")" "UPDATE $table SET $set WHERE event_id = $third"
	done
	refused MA001 "not even of no row of $table" "UPDATE $table SET message = NULL WHERE false"
	refused MA001 'nor after an erasure in the same transaction' "BEGIN; SELECT maestro.redact_event($third, 'x', 'y'); UPDATE $table SET salt = NULL"
	refused MA001 'nor after one that failed' "BEGIN; SAVEPOINT s; SELECT set_config('a.b', 'c', true); DO 'BEGIN PERFORM maestro.redact_event($id, ''x'', ''y''); EXCEPTION WHEN OTHERS THEN NULL; END'; UPDATE $table SET salt = NULL"
	refused MA001 "nor a deletion from $table" "DELETE FROM $table WHERE event_id = $id"
done
# Even with the gate open, as in a trigger of somebody's on a table that redact_event writes: a part of the payload, or more than it.
for set in "message = NULL, salt = NULL" "salt = NULL" "message = 'x', salt = NULL" "message = NULL, body = NULL, attributes = NULL, violations = NULL, claimed_component = NULL" \
	"message = NULL, body = NULL, attributes = NULL, violations = NULL, claimed_component = NULL, salt = NULL, level = 'debug'"; do
	refused MA001 "nor from inside: SET $(printf '%.40s' "$set")" "BEGIN; CREATE FUNCTION pg_temp.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE maestro.event SET ${set%%\'*}$(case $set in *\'*) echo "$set" | sed "s/^[^']*//; s/'/''/g" ;; esac) WHERE event_id = $third; RETURN NEW; END';
		CREATE TRIGGER t BEFORE INSERT ON maestro.redaction FOR EACH ROW EXECUTE FUNCTION pg_temp.f(); SELECT maestro.redact_event($third, 'x', 'y')"
done

# ---- legal holds -----------------------------------------------------------

hold=$(echo "SELECT maestro.place_hold('case 7', '2000-01-01', '2001-01-01')" | as retention_approver)
is "$(sql "SELECT span = tstzrange('2000-01-01', '2001-01-01'), reason, placed_by, released_at IS NULL FROM maestro.legal_hold WHERE hold_id = $hold")" 't|case 7|retention_approver|t' 'place_hold keeps the time, the reason and who'
is "$(newest | cut -d'|' -f 1,3)" 'a legal hold was placed|retention_approver' 'an event says so'
is "$(sql "BEGIN; SELECT maestro.redact_event($third, 'x', 'y') > 0; ROLLBACK")" t 'what was recorded at another time can be erased'
all=$(sql "SELECT maestro.place_hold('case 8')")
refused 55000 'nothing is erased under a hold without bounds' "SELECT maestro.redact_event($third, 'x', 'y')"
is "$(state "$third")" 'kept whole' 'and stays'
sql "SELECT maestro.release_hold($all, 'closed')" >/dev/null
is "$(sql "SELECT released_by, release_reason, released_at IS NOT NULL FROM maestro.legal_hold WHERE hold_id = $all")" 'postgres|closed|t' 'release_hold says who and why'
is "$(newest)" "a legal hold was released|{\"reason\": \"closed\", \"hold_id\": $all}|postgres" 'so does an event'
is "$(sql "BEGIN; SELECT maestro.redact_event($third, 'x', 'y') > 0; ROLLBACK")" t 'after it events can be erased'
since=$(sql "SELECT maestro.place_hold('from now', since => (SELECT recorded_at FROM maestro.event WHERE event_id = $third))")
refused 55000 'a hold begins with the time that is given' "SELECT maestro.redact_event($third, 'x', 'y')"
sql "SELECT maestro.release_hold($since, 'x')" >/dev/null
until=$(sql "SELECT maestro.place_hold('to now', until => (SELECT recorded_at FROM maestro.event WHERE event_id = $third))")
is "$(sql "BEGIN; SELECT maestro.redact_event($third, 'x', 'y') > 0; ROLLBACK")" t 'and ends before the time that is given'
sql "SELECT maestro.release_hold($until, 'x')" >/dev/null
two=$(sql "SELECT maestro.place_hold('one'); SELECT maestro.place_hold('two')" | tail -n 1)
sql "SELECT maestro.release_hold($two, 'x')" >/dev/null
refused 55000 'of two holds the other still holds' "SELECT maestro.redact_event($third, 'x', 'y')"
sql "SELECT maestro.release_hold($((two - 1)), 'x')" >/dev/null
refused 42704 'a hold is released once' "SELECT maestro.release_hold($all, 'again')"
refused 42704 'one that was never placed cannot be' "SELECT maestro.release_hold(999, 'x')"
refused 42704 'nor can NULL' "SELECT maestro.release_hold(NULL, 'x')"
for bad in "place_hold(NULL)" "place_hold('')" "place_hold('x', '2001-01-01', '2001-01-01')" "place_hold('x', '2001-01-02', '2001-01-01')" "place_hold(repeat('x', 5000))" "release_hold($hold, NULL)" "release_hold($hold, ' ')"; do
	refused 22023 "without a reason or with an empty time there is no $(printf '%.40s' "$bad")" "SELECT maestro.$bad"
done
refused MA001 'a hold is not taken away behind the functions' "DELETE FROM maestro.legal_hold"
refused MA001 'nor changed' "UPDATE maestro.legal_hold SET released_at = now()"

# ---- how long --------------------------------------------------------------

is "$(sql 'SELECT retention FROM maestro.log')" '6 mons' 'events are kept for six months at least'
is "$(echo "SELECT maestro.lengthen_retention('1 year')" | as retention_operator)" '1 year' 'lengthen_retention sets more'
is "$(newest)" 'retention was lengthened|{"after": "1 year", "before": "6 mons"}|retention_operator' 'an event says so'
for bad in NULL "'6 mons'" "'11 mons'" "'-1 year'" "'0'" "'364 days'" "'1 year -1 microsecond'"; do
	refused 22023 "it is never shortened to $bad" "SELECT maestro.lengthen_retention($bad)"
done
is "$(sql "SELECT maestro.lengthen_retention('1 year')")" '1 year' 'as long as it is, it can be'
is "$(sql 'SELECT retention FROM maestro.log')" '1 year' 'and stays'
refused MA001 'it is not changed behind the function' "UPDATE maestro.log SET retention = '1 day'"

# ---- dropping --------------------------------------------------------------

# Three old partitions with events, one of them empty, and one that is too young.
sql "SELECT maestro.create_partition('2001-02-01'), maestro.create_partition('2001-03-01'), maestro.create_partition('2001-04-01'), maestro.create_partition(now() - interval '7 months')" >/dev/null
quiet_psql -f - >/dev/null <<'SQL'
\i test/import_setup.sql
SELECT pg_temp.import(jsonb_populate_record(NULL::maestro.event, jsonb_build_object('event_id', nextval('maestro.event_id_seq'), 'recorded_at', r, 'occurred_at', r,
	'kind', 'note', 'level', 'info', 'message', 'old', 'caller', 'a', 'session_role', 'b')))
  FROM (VALUES (timestamptz '2001-02-03'), ('2001-02-04'), ('2001-02-28 23:59:59.999999+00'), ('2001-04-01 00:00+00'), (now() - interval '7 months')) AS v (r);
SQL
old=$(sql "SELECT string_agg(event_id::text, ',' ORDER BY event_id) FROM maestro.event WHERE recorded_at < '2001-03-01 00:00+00'")
april=$(sql "SELECT event_id FROM maestro.event_2001_04")
before_index=$(sql "SELECT maestro.seal() IS NOT NULL; SELECT string_agg(maestro.event_index(u)::text, ',') FROM unnest('{$old}'::bigint[]) AS u" | tail -n 1)
is "$(verify)" '' 'the log is well before'
kept=$(sql "SELECT ARRAY[leaf::text, maestro.inclusion_proof(event_id)::text, maestro.event_index(event_id)::text] FROM maestro.event WHERE event_id = ${old%%,*}")
kept_size=$(sql 'SELECT max(size) FROM maestro.checkpoint')
for bad in "now()" "now() - interval '11 months'" NULL "'infinity'"; do
	refused 55000 "what is younger than the retention is not dropped: $bad" "SELECT * FROM maestro.drop_partition($bad)"
done
# Runs of plans, stepped in at times of their names.
sql "SELECT maestro.declare_plan('crew', 'p', '{\"nodes\": [{\"id\": \"a\"}, {\"id\": \"b\"}], \"edges\": [{\"source\": \"a\", \"target\": \"b\"}]}'::json)" >/dev/null
sql "SELECT maestro.begin_step('crew', 'p', 'now', 'a')" >/dev/null
sql "INSERT INTO maestro.plan_run SELECT r.system_id, r.plan, t.at::date::text, r.plan_id, r.node, r.steps, r.visits, r.may_follow, t.at, t.at
	FROM maestro.plan_run AS r, unnest('{2001-02-03 00:00+00,2001-03-03 00:00+00,2001-04-03 00:00+00}'::timestamptz[]) AS t (at)"
runs() { sql "SELECT string_agg(run_id, ' ' ORDER BY run_id) FROM maestro.plan_run"; }
held=$(sql "SELECT maestro.place_hold('case 9', '2001-02-10', '2001-02-11')")
refused 55000 'a partition under a hold is not dropped' "SELECT * FROM maestro.drop_partition('2001-05-01')"
is "$(sql "SELECT count(*) FROM maestro.event WHERE event_id IN ($old)")" 3 'nor is any of it'
sql "SELECT maestro.release_hold($held, 'closed')" >/dev/null
refused 25000 'sealing comes first, so it is refused at SERIALIZABLE' "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT * FROM maestro.drop_partition('2001-05-01')"
is "$(sql "SELECT * FROM maestro.drop_partition('2001-02-28')")" '' 'none is dropped that ends later'
# A row that no seal has taken, put there by hand.
refused 55000 'a partition with an event that is not sealed is not dropped' "BEGIN; SET LOCAL maestro.maintenance = on; ALTER TABLE maestro.event_2001_02 DISABLE TRIGGER ALL;
	INSERT INTO maestro.event SELECT h.* FROM maestro.event AS e, jsonb_populate_record(e, '{\"event_id\": 888888}') AS h WHERE e.event_id = ${old%%,*};
	ALTER TABLE maestro.event_2001_02 ENABLE ALWAYS TRIGGER append_only_row; SELECT * FROM maestro.drop_partition('2001-05-01')"
is "$(echo "SELECT * FROM maestro.drop_partition('2001-04-01 00:00+00')" | as retention_operator)" 'maestro.event_2001_02|3
maestro.event_2001_03|0' 'drop_partition drops what ends at that time or before, the empty one too'
is "$(runs)|$(sql "SELECT string_agg(concat(attributes ->> 'runs', ' ', caller), ', ' ORDER BY event_id) FROM maestro.event WHERE message = 'runs of plans were forgotten'")" '2001-04-03 now|1 postgres, 1 retention_operator' 'runs whose last step is older go, too, which an event says'
is "$(sql "SELECT decision, reason FROM maestro.begin_step('crew', 'p', 'now', 'b')")" 'allow|' 'the others go on'
is "$(sql "SELECT to_regclass('maestro.event_2001_02') IS NULL, to_regclass('maestro.event_2001_03') IS NULL, to_regclass('maestro.event_2001_04') IS NOT NULL, count(*) FROM maestro.event WHERE event_id IN ($old)")" 't|t|t|0' 'with all its events, and nothing else'
is "$(sql "SELECT partition, span = tstzrange('2001-02-01 00:00+00', '2001-03-01 00:00+00'), event_ids = (SELECT range_agg(int8range(u, u, '[]')) FROM unnest('{$old}'::bigint[]) AS u),
	indices = (SELECT range_agg(int8range(u, u, '[]')) FROM unnest('{$before_index}'::bigint[]) AS u) FROM maestro.dropped_partition ORDER BY entry_id LIMIT 1")" 'event_2001_02|t|t|t' 'a row keeps its ids and their places in the tree'
is "$(sql "SELECT event_ids, indices FROM maestro.dropped_partition ORDER BY entry_id OFFSET 1")" '{}|{}' 'of an empty one none'
is "$(sql "SELECT count(*), bool_and(e.message = 'a partition of the trace was dropped' AND e.attributes->>'partition' = 'maestro.' || d.partition AND e.caller = 'retention_operator') FROM maestro.dropped_partition AS d
	JOIN maestro.event AS e ON e.event_id = d.entry_id")" '2|t' 'an event says so for each'
is "$(sql "SELECT attributes->>'events', (attributes->>'size')::bigint = c.size, attributes->>'root' = c.root::text FROM maestro.event AS e, maestro.checkpoint AS c
	WHERE e.event_id = (SELECT min(entry_id) FROM maestro.dropped_partition) AND c.size = (SELECT max(size) FROM maestro.checkpoint)")" '3|t|t' 'with how many there were, and the checkpoint that holds them'
has "$(sql 'SELECT severity, kind, event_id, detail FROM maestro.verify()')" 'LOW|missing||3 events were dropped' 'verify() waits for what says so to be sealed'
sql 'SELECT FROM maestro.seal()'
is "$(verify)" '' 'and then misses none of them'
seal
is "$(verify)" '' 'nor after the next seal'
is "$(sql "SELECT maestro.event_index(${old%%,*})")" "${before_index%%,*}" 'a dropped event keeps its place'
is "$(sql "SELECT maestro.verify_inclusion(k[1]::text::maestro.digest::bytea, k[3]::bigint, $kept_size, k[2]::bytea[], c.root::bytea) FROM (SELECT '$kept'::text[] AS k) AS k, maestro.checkpoint AS c WHERE c.size = $kept_size")" t 'a proof that was kept still proves it'
is "$(sql "SELECT maestro.verify_inclusion(k[1]::text::maestro.digest::bytea, k[3]::bigint, c.size, maestro.inclusion_proof(${old%%,*}), c.root::bytea) FROM (SELECT '$kept'::text[] AS k) AS k, maestro.checkpoint AS c
	ORDER BY c.size DESC LIMIT 1")" t 'a new one can be made'
refused P0002 'its entry is exported before or never' "SELECT maestro.entries_export(${before_index%%,*} / 256, (${before_index%%,*} % 256 + 1)::integer)"
is "$(sql 'SELECT count(*) FROM maestro.integrity_check()')" 0 'the guards stand'
is "$(proved "$april")" t 'what was not dropped is proved as before'
is "$(sql "SELECT * FROM maestro.drop_partition('2001-04-01 00:00+00')")" '' 'a second time there is nothing to drop'
sql "BEGIN; SELECT * FROM maestro.drop_partition('2001-05-01 00:00+00'); ROLLBACK" >/dev/null
held=$(sql "SELECT maestro.place_hold('case 10', '2001-04-03', '2001-04-04')")
sql "SELECT maestro.drop_partition('2001-04-30')" >/dev/null
is "$(runs)" '2001-04-03 now' 'a run under a hold is not forgotten'
sql "SELECT maestro.release_hold($held, 'closed'), maestro.drop_partition('2001-04-30')" >/dev/null
is "$(runs)" now 'but without'
is "$(sql 'SELECT count(*) FROM maestro.event_2001_04')" 1 'what is rolled back is not dropped'
is "$(sql "SELECT count(*) FROM maestro.log_event('crew/planner', 'note')")" 1 'logging goes on'
refused MA001 'that something was dropped is not forgotten' 'DELETE FROM maestro.dropped_partition'

# ---- who may ---------------------------------------------------------------

for role in agent auditor operator; do
	for call in "redact_event($third, 'x', 'y')" "place_hold('x')" "release_hold($hold, 'x')"; do
		refused 42501 "the $role may not call $call" "SELECT maestro.$call" "retention_$role"
	done
done
for role in agent auditor approver; do
	for call in "lengthen_retention('2 years')" "drop_partition('2001-05-01')"; do
		refused 42501 "the $role may not call $call" "SELECT maestro.$call" "retention_$role"
	done
done
for role in agent auditor operator approver admin; do
	for call in "redact_event_as(10, $third, 'x', 'y')" "place_hold_as(10, 'x', NULL, NULL)" "release_hold_as(10, $hold, 'x')" "lengthen_retention_as(10, '9 years')" "drop_partition_as(10, '2001-05-01')" "unexplained_erasures('{1}')" "partitions_before(now())"; do
		refused 42501 "the $role may not call $call" "SELECT maestro.$call" "retention_$role"
	done
done
for table in redaction legal_hold dropped_partition; do
	refused 'done' "an auditor reads maestro.$table" "SELECT FROM maestro.$table" retention_auditor
	for verb in 'DELETE FROM' TRUNCATE; do
		refused 42501 "and may not $verb it" "$verb maestro.$table" retention_auditor
	done
done
is "$(echo "SELECT count(*) > 0 FROM maestro.redaction" | as retention_auditor)" t 'and sees its rows'
is "$(echo "SELECT maestro.redact_event($third, 'x', 'y') > 0" | as retention_admin)" t 'an admin erases'
seal
is "$(verify)" '' 'and at the end all is well'

# Ids between which others were lost, and some that stay.
sql "SELECT maestro.create_partition('2001-06-10')" >/dev/null
psql -XAtq -v ON_ERROR_STOP=1 >/dev/null <<'SQL'
\i test/import_setup.sql
SELECT pg_temp.import(jsonb_populate_record(NULL::maestro.event, jsonb_build_object('event_id', nextval('maestro.event_id_seq'), 'recorded_at', r, 'occurred_at', r,
	'kind', 'note', 'level', 'info', 'caller', 'a', 'session_role', 'b')))
  FROM generate_series(1, 400) AS i, LATERAL (SELECT CASE WHEN i = 200 THEN now() ELSE timestamptz '2001-06-10' END) AS t (r)
 WHERE nextval('maestro.event_id_seq') > 0;
SQL
sql "SELECT FROM maestro.drop_partition('2001-07-01 00:00+00')" >/dev/null
is "$(sql "SELECT (SELECT count(*) FROM unnest(event_ids)), (SELECT sum(upper(i) - lower(i)) FROM unnest(indices) AS i) FROM maestro.dropped_partition ORDER BY entry_id DESC LIMIT 1")" '2|399' \
	'lost ids make no ranges, what stays does'
seal
is "$(verify)" '' 'and nothing is missing'
finish
