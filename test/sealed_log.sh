# A log with everything that a restore can get wrong, and what is asked of copies.
# To be sourced after servers.sh.

# In the present database: partitions, full tiles and a tail, checkpoints, a second
# incarnation, an erased event, signatures of witnesses, and an unsealed rest.
fill_log() {
	sql "SELECT maestro.register_system('crew', db_role => 'sealed_crew'), maestro.register_component('crew', 'planner', 'agent');
		SELECT maestro.create_partition('2001-02-03', 'day'), maestro.create_partition('2001-02-01');
		SELECT count(*) FROM generate_series(1, 300) AS i, maestro.log_event('crew/planner', 'output', 'first ' || i)" >/dev/null
	sql 'SELECT FROM maestro.seal()'
	sql "CREATE FUNCTION public.import(e maestro.event) RETURNS void LANGUAGE plpgsql AS \$\$
		BEGIN
			e.stamp := (1::bigint << 48) + pg_current_xact_id()::text::bigint;
			e.salt := decode(md5('x'), 'hex');
			e.payload_hash := maestro.event_payload_hash(e);
			e.leaf := maestro.leaf_hash(maestro.event_entry(e))::maestro.digest;
			INSERT INTO maestro.event SELECT (e).*;
		END \$\$;
		SELECT public.import(jsonb_populate_record(NULL::maestro.event, jsonb_build_object('event_id', nextval('maestro.event_id_seq'),
			'recorded_at', '2001-02-03 04:05', 'occurred_at', '2001-02-03 04:05', 'kind', 'note', 'level', 'info', 'message', 'imported',
			'caller', 'a', 'session_role', 'b')));
		DROP FUNCTION public.import;
		SELECT maestro.redact_event((SELECT min(event_id) FROM maestro.event WHERE kind = 'output'), 'asked for', 'Article 17');
		SELECT count(*) FROM generate_series(1, 300) AS i, maestro.log_event('crew/planner', 'output', 'second ' || i)" >/dev/null
	seed=$(printf 'ab%.0s' $(seq 32))
	sql "SELECT maestro.trust_key('$(python3 test/verify/witness.py key witness.example "$seed")')" >/dev/null
	sql 'SELECT FROM maestro.seal()'
	line=$(sql 'SELECT maestro.checkpoint_body()' | sed '$d' | python3 test/verify/witness.py sign witness.example "$seed" 1700000000)
	sql "SELECT maestro.add_checkpoint_signature(maestro.checkpoint_body() || E'\\n$line\\n')" >/dev/null
	sql "SELECT event_id FROM maestro.log_event('crew/planner', 'output', 'of incarnation 1, not sealed there')" >/dev/null
}

# The rest, after a copy has made another incarnation.
fill_copy() {
	sql "SELECT event_id FROM maestro.log_event('crew/planner', 'output', 'of incarnation 2')" >/dev/null
	is "$(sql 'SELECT sealed FROM maestro.seal()')" 2 'the source: what incarnation 1 left is sealed with the new'
	sql "SELECT maestro.adopt_log('a test')" >/dev/null
	sql 'SELECT FROM maestro.seal()'
	sql "SELECT count(*) FROM generate_series(1, 20) AS i, maestro.log_event('crew/planner', 'output', 'not sealed ' || i)" >/dev/null
}

head_of="SELECT size, root, incarnation FROM maestro.checkpoint ORDER BY size DESC LIMIT 1"
findings="SELECT string_agg(DISTINCT severity || ' ' || kind, ', ') FROM maestro.verify()"
unsealed="SELECT count(*) FROM maestro.event AS e WHERE maestro.event_index(e.event_id) IS NULL"
all_once="SELECT count(*) = count(DISTINCT event_id) AND count(*) = (SELECT count(*) FROM maestro.event) FROM maestro.tree_leaves()"
newest_incarnation="SELECT (stamp >> 48) FROM maestro.event ORDER BY event_id DESC LIMIT 1"
