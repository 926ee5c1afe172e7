\set ECHO none
BEGIN;
\i test/tap_setup.sql
SET LOCAL jit = off;
SET LOCAL client_min_messages = error;
-- Everything here goes through the functions that callers have, as the roles that
-- would try it: nothing betters a status, and each attempt can be seen afterwards.
\o /dev/null
SELECT * FROM maestro.install_roles();
CREATE ROLE game_agent;
CREATE ROLE game_other;
CREATE ROLE game_operator;
CREATE ROLE game_both;
GRANT maestro_agent TO game_agent, game_other;
GRANT maestro_operator TO game_operator;
GRANT maestro_operator, maestro_approver TO game_both;
SELECT maestro.create_partition(now() - interval '40 days');
SELECT maestro.apply_manifest('{"systems": [{"name": "game", "db_role": "game_agent", "components": [
	{"name": "a", "kind": "agent", "timeout": "30 s", "max_iterations": 3, "own_process": true},
	{"name": "b", "kind": "agent", "db_role": "game_other", "timeout": "30 s"},
	{"name": "box", "kind": "infrastructure"}]}]}');
CREATE FUNCTION pg_temp.say(component text, kind text, n integer DEFAULT 1, doc jsonb DEFAULT '{}') RETURNS bigint LANGUAGE sql AS $$
	SELECT max(l.event_id) FROM maestro.log_events((SELECT jsonb_agg(jsonb_build_object('component', component, 'kind', kind, 'message', 'hello') || doc) FROM generate_series(1, n))) AS l
$$;
SET LOCAL ROLE game_agent;
-- An agent with something to hide: a leak, a slow span, an endless run, an error without type.
SELECT pg_temp.say('game/a', 'output', 1, '{"body": {"answer": "use postgres://app:pa55word-9@db.example.com/main"}}');
SELECT pg_temp.say('game/a', 'tool_call', 1, '{"duration": 99}');
SELECT pg_temp.say('game/a', 'tool_call', 4, '{"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}');
SELECT pg_temp.say('game/a', 'error');
RESET ROLE;
CREATE TEMP TABLE status_before AS SELECT * FROM maestro.component_control WHERE system = 'game';
CREATE TEMP TABLE cell_before AS SELECT * FROM maestro.threat_matrix WHERE system = 'game';
CREATE TEMP TABLE seen AS SELECT max(event_id) AS event_id FROM maestro.event;
GRANT ALL ON seen TO PUBLIC;
-- Which statuses are better now than before all this?
CREATE FUNCTION pg_temp.bettered() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT format('%s %s: %s, was %s', a.component, a.control, a.status, b.status)
	  FROM maestro.component_control a JOIN status_before b ON b.control = a.control AND b.component IS NOT DISTINCT FROM a.component
	 WHERE a.system = 'game' AND maestro.control_rank(a.status) > maestro.control_rank(b.status) AND a.control <> 'allowlist'
	UNION ALL
	SELECT format('%s %s: %s, was %s', a.component, a.threat, a.status, b.status)
	  FROM maestro.threat_matrix a JOIN cell_before b USING (component, threat)
	 WHERE a.system = 'game' AND b.status = 'open' AND a.status <> 'open'
$$;
-- What was recorded since the last look: kind, reason or message.
CREATE FUNCTION pg_temp.trace() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	last_seen bigint := (SELECT s.event_id FROM seen AS s);
BEGIN
	UPDATE seen SET event_id = (SELECT max(e.event_id) FROM maestro.event AS e);
	RETURN QUERY SELECT concat_ws(' ', e.kind, coalesce(e.reason, CASE WHEN e.kind = 'registry' THEN e.message END), e.caller)
		FROM maestro.event AS e WHERE e.event_id > last_seen ORDER BY e.event_id;
END
$$;
\o
SELECT plan(63);
SELECT set_eq($$ SELECT control FROM status_before WHERE component = 'a' AND status = 'alarm' AND control IN ('output_sensitive', 'timeout', 'max_iterations', 'error_structured') $$,
	ARRAY['output_sensitive', 'timeout', 'max_iterations', 'error_structured'], 'the agent has four alarms to hide');

-- Trivial contracts.
SET LOCAL ROLE game_operator;
SELECT lives_ok(format($$ SELECT maestro.set_contract('game/a', 'input', %L::json), maestro.set_contract('game/a', 'output', %L::json) $$, s, s), 'a contract may be trivial: ' || s)
  FROM unnest(ARRAY['{}', '{"type": "object"}', '{"title": "x", "type": ["object"], "properties": {"a": {}, "b": true}}', '{"anyOf": [{"type": "string"}, true]}',
	'{"allOf": [{"description": "any"}], "additionalProperties": {}}']) AS s;
RESET ROLE;
SELECT results_eq($$ SELECT control, status::text, reason FROM maestro.component_control WHERE component = 'a' AND control IN ('input_schema', 'output_schema') ORDER BY 1 $$,
	$$ VALUES ('input_schema', 'alarm', 'an input contract is declared, not binding: it accepts anything'),
			  ('output_schema', 'alarm', 'an output contract is declared, not binding: it accepts anything') $$, 'but it is declared, not binding');
SELECT is_empty('SELECT pg_temp.bettered()', 'and betters nothing');
SELECT is((SELECT count(*) FROM pg_temp.trace() AS t WHERE t LIKE 'registry % contract of game/a set to version % game_operator'), 10::bigint, 'each was recorded');
SELECT set_eq($$ SELECT s FROM unnest(ARRAY['{"required": ["x"]}', '{"type": "string"}', '{"properties": {"a": {"type": "string"}}}', '{"anyOf": [{"type": "string"}, {"type": "null"}]}',
	'{"additionalProperties": false}', 'false', '{"$ref": "#/$defs/a", "$defs": {"a": true}}', '{"not": {}}']) AS s WHERE maestro.schema_is_trivial(s::jsonb) $$, ARRAY[]::text[],
	'schemas that bind are not called trivial');

SELECT set_eq($$ SELECT s FROM unnest(ARRAY['{"foo": "bar"}', '{"type": "object", "x": 1}', '{"pattern": ".*"}', '{"oneOf": [{}]}', '{"if": {}}', '{"dependentRequired": {}}',
	'{"dependentSchemas": {}}', '{"minimum": 0}', '{"$dynamicAnchor": "x"}', '{"type": "object", "maxProperties": 1000000000}', '{"additionalProperties": {"x": 1}}', '{"maxLength": 5}']) AS s
	WHERE NOT maestro.schema_is_trivial(s::jsonb) $$, ARRAY[]::text[], 'annotations, unknown keywords and bounds that bound no object are trivial');

-- Huge timeouts and limits.
SET LOCAL ROLE game_operator;
SELECT lives_ok($$ SELECT maestro.update_component('game/a', timeout => '300 days', max_iterations => 1000000) $$, 'limits may be huge');
RESET ROLE;
SELECT results_eq($$ SELECT control, status::text FROM maestro.component_control WHERE component = 'a' AND control IN ('timeout', 'max_iterations') ORDER BY 1 $$,
	$$ VALUES ('max_iterations', 'alarm'), ('timeout', 'alarm') $$, 'but they are declared, not binding');
SELECT is_empty('SELECT pg_temp.bettered()', 'and better nothing');
SELECT results_eq('SELECT pg_temp.trace()', $$ VALUES ('registry component game/a updated game_operator') $$, 'that was recorded');

-- Another kind, to which nothing applies.
SET LOCAL ROLE game_operator;
SELECT lives_ok($$ SELECT maestro.update_component('game/a', kind => 'infrastructure', timeout => '30 s', max_iterations => 3) $$, 'a component may become another kind');
RESET ROLE;
SELECT is_empty($$ SELECT control FROM maestro.component_control WHERE component = 'a' AND status <> 'alarm'
	AND control IN ('input_schema', 'output_schema', 'output_sensitive', 'error_structured', 'max_iterations') $$, 'but what it did contradicts that');
SELECT is_empty($$ SELECT t FROM pg_temp.bettered() AS t WHERE t NOT LIKE '% skip, was %' $$, 'no alarm became ok or unknown');
SELECT is_empty($$ SELECT t FROM pg_temp.bettered() AS t WHERE t LIKE '%: skip, was alarm' $$, 'nor skip');
SELECT isnt_empty($$ SELECT t FROM pg_temp.trace() AS t WHERE t = 'registry component game/a updated game_operator' $$, 'that was recorded');
SELECT is((SELECT attributes -> 'kind' FROM maestro.event WHERE kind = 'registry' AND message = 'component game/a updated' ORDER BY event_id DESC LIMIT 1),
	'["agent", "infrastructure"]'::jsonb, 'with what it was');
\o /dev/null
SELECT maestro.update_component('game/a', kind => 'agent');
SELECT pg_temp.trace();
\o

-- Nor does any other kind hide an agent: what it is spared by its kind is an alarm.
\o /dev/null
SET LOCAL ROLE game_agent;
SELECT pg_temp.say('game/a', 'input'), pg_temp.say('game/a', 'model_call'), pg_temp.say('game/a', 'agent_run');
RESET ROLE;
SELECT pg_temp.trace();
CREATE TEMP TABLE disguise (kind text, control text, status text);
DO $$
DECLARE
	k text;
BEGIN
	FOREACH k IN ARRAY enum_range(NULL::maestro.component_kind)::text[] LOOP
		PERFORM maestro.update_component('game/a', kind => k);
		INSERT INTO disguise SELECT k, a.control, a.status FROM maestro.component_control a WHERE a.system = 'game' AND a.component = 'a';
	END LOOP;
	PERFORM maestro.update_component('game/a', kind => 'agent');
END
$$;
\o
SELECT is_empty($$ SELECT d.kind, d.control, d.status FROM disguise d JOIN disguise a ON a.kind = 'agent' AND a.control = d.control
	 WHERE a.status = 'alarm' AND d.status <> 'alarm' $$, 'no kind turns an agent''s alarm into anything better');
\o /dev/null
SELECT pg_temp.trace();
\o

-- Good events in another's name.
SET LOCAL ROLE game_other;
SELECT throws_ok($$ SELECT pg_temp.say('game/a', 'output', 5) $$, 'MA002', NULL, 'nobody logs as a component that is not his');
SELECT throws_ok($$ SELECT pg_temp.say('game/maestro-log', 'output', 5) $$, 'MA002', NULL, 'nor as the log');
RESET ROLE;
SELECT is_empty('SELECT pg_temp.bettered()', 'which betters nothing');
SELECT is_empty('SELECT pg_temp.trace()', 'and stores nothing in its name: the error, in the server''s log, is its trace');

-- Forged events of maestro's own.
SET LOCAL ROLE game_agent;
SELECT throws_ok(format($$ SELECT pg_temp.say('game/a', %L) $$, k), '22023', NULL, format('nobody logs events of kind %s', k)) FROM unnest(ARRAY['registry', 'rejected']) AS k;
RESET ROLE;

-- Times that are claimed.
SET LOCAL ROLE game_agent;
SELECT lives_ok($$ SELECT pg_temp.say('game/a', 'error', 1, '{"occurred_at": "2020-01-01"}'), pg_temp.say('game/a', 'output', 9, '{"occurred_at": "2020-01-01"}') $$, 'events may be backdated');
SELECT lives_ok($$ SELECT pg_temp.say('game/a', 'heartbeat', 1, '{"occurred_at": "2999-01-01"}') $$, 'and postdated');
RESET ROLE;
SELECT ok((SELECT reason ~ '^2 of 2 failures' FROM maestro.component_control WHERE component = 'a' AND control = 'error_structured'), 'a bad event counts from when it was stored');
SELECT ok((SELECT reason ~ '^1 of 1 outputs' FROM maestro.component_control WHERE component = 'a' AND control = 'output_sensitive'), 'a good one from when it says it happened');
SELECT ok((SELECT occurred_at < now() + interval '6 minutes' AND attributes ? 'maestro.claimed_occurred_at' FROM maestro.event WHERE kind = 'heartbeat' AND component_id IS NOT NULL ORDER BY event_id DESC LIMIT 1),
	'a time to come is cut to now, and marked');
SELECT is_empty($$ SELECT t FROM pg_temp.bettered() AS t WHERE t NOT LIKE '%trace_emitted%' $$, 'which betters nothing');

-- Attesting over an alarm.
\o /dev/null
SELECT maestro.report_environment('game/a', '{"localState": true}');
SELECT pg_temp.trace();
\o
SET LOCAL ROLE game_operator;
SELECT isnt(maestro.attest('game/a', 'stateless', 'it is, believe me'), NULL, 'somebody vouches for what was reported otherwise');
SELECT throws_ok($$ SELECT maestro.attest('game/a', 'timeout', 'never slow') $$, '22023', NULL, 'nobody vouches for what is observed');
RESET ROLE;
SELECT is((SELECT status::text FROM maestro.component_control WHERE component = 'a' AND control = 'stateless'), 'alarm', 'the alarm stays');
SELECT results_eq('SELECT pg_temp.trace()', $$ VALUES ('registry stateless of game/a attested game_operator') $$, 'that was recorded');

-- One person who decides and approves.
SET LOCAL ROLE game_both;
SELECT isnt(maestro.decide_risk('game/a', 'data_leakage', 'accept', 'we can live with that', now() + interval '10 days'), NULL, 'somebody proposes to accept a threat');
SELECT is((SELECT maestro.approve_decision(max(decision_id)) FROM maestro.risk_decision), 'refused', 'and may not approve it himself');
SET LOCAL ROLE game_agent;
RESET ROLE;
SELECT is((SELECT maestro.approve_decision(max(decision_id)) FROM maestro.risk_decision), 'refused', 'nor by another role of one login');
SELECT is((SELECT status::text FROM maestro.threat_matrix WHERE system = 'game' AND component = 'a' AND threat = 'Data leakage'), 'open', 'the threat stays open');
SELECT matches((SELECT decision FROM maestro.threat_matrix WHERE system = 'game' AND component = 'a' AND threat = 'Data leakage'), 'waits for approval', 'and shows what waits');
SELECT set_eq($$ SELECT t FROM pg_temp.trace() AS t WHERE t LIKE 'rejected%' $$, ARRAY['rejected same_person game_both', 'rejected same_person postgres'], 'both attempts were recorded');

-- A waiver for ever.
SET LOCAL ROLE game_both;
SELECT is(maestro.decide_risk('game/a', 'timeout', 'waive', 'we can live with that', e), NULL, 'no waiver ' || until)
  FROM (VALUES (NULL::timestamptz, 'without a day'), ('infinity', 'for ever'), (now() - interval '1 day', 'until yesterday'), (now() + interval '3 years', 'for three years')) AS v (e, until);
RESET ROLE;
SELECT is((SELECT count(*) FROM pg_temp.trace() AS t WHERE t ~ '^rejected (no|past|far)_expiry game_both'), 4::bigint, 'each attempt was recorded');
SELECT is_empty('SELECT pg_temp.bettered()', 'nothing is bettered');

-- A new version, to start afresh.
SET LOCAL ROLE game_operator;
SELECT lives_ok($$ SELECT maestro.update_component('game/a', version => '2') $$, 'a component gets a new version');
RESET ROLE;
SET LOCAL ROLE game_agent;
\o /dev/null
SELECT pg_temp.say('game/a', 'output', 4), pg_temp.say('game/a', 'error', 4, '{"error.type": "x"}');
\o
RESET ROLE;
SELECT results_eq($$ SELECT control, status::text FROM maestro.component_control WHERE component = 'a' AND control IN ('output_sensitive', 'error_structured', 'timeout', 'max_iterations') ORDER BY 1 $$,
	$$ VALUES ('error_structured', 'alarm'), ('max_iterations', 'alarm'), ('output_sensitive', 'alarm'), ('timeout', 'alarm') $$,
	'its alarms stay until it has shown enough good, others until they are old');
SELECT isnt_empty($$ SELECT t FROM pg_temp.trace() AS t WHERE t = 'registry component game/a updated game_operator' $$, 'that was recorded');
SELECT is((SELECT count(*) FROM maestro.component_version v JOIN maestro.component c USING (component_id) WHERE c.name = 'a' AND v.version = '2'), 1::bigint, 'as a version of its own');

-- An agent that only calls, as a memory.
\o /dev/null
SELECT maestro.register_component('game', 'q', 'agent');
SELECT pg_temp.say('game/q', 'tool_call', 5), pg_temp.say('game/q', 'note', 5);
SELECT maestro.update_component('game/q', kind => 'memory');
\o
SELECT is((SELECT status::text FROM maestro.component_control WHERE component = 'q' AND control = 'max_iterations'), 'alarm', 'who calls tools needs a limit, whatever its kind');

-- A control of one's own, as a superuser.
SELECT throws_ok($$ SELECT maestro.add_control('mine', 'Mine', 'system', 'pg_catalog.pg_class') $$, NULL, NULL, 'no superuser adds a control');

SELECT is_empty($$ SELECT * FROM maestro.component_control WHERE control = 'handoff_contract' AND system = 'game' AND status <> 'unknown' $$, 'what was refused is no handoff');

-- Reviewing and drilling away what one did oneself.
SET LOCAL ROLE game_agent;
SELECT throws_ok($$ SELECT maestro.start_drill('game', 'all', 'only a drill') $$, '42501', NULL, 'an agent declares no drill');
SELECT throws_ok(format('SELECT maestro.review_event(%s, ''false_alarm'', ''nothing to see'')', (SELECT max(event_id) FROM maestro.event)), '42501', NULL, 'and reviews nothing');
RESET ROLE;
GRANT maestro_approver, maestro_operator TO game_agent;
SET LOCAL ROLE game_agent;
SELECT is(maestro.start_drill('game', 'all', 'only a drill'), NULL, 'not even with the rights: it acts for the component');
SELECT is((SELECT maestro.review_event(max(event_id), 'false_alarm', 'nothing to see') FROM maestro.event WHERE component_id IS NOT NULL), NULL, 'nor a review');
RESET ROLE;
SELECT is((SELECT count(*) FROM pg_temp.trace() AS t WHERE t = 'rejected own_component game_agent'), 2::bigint, 'both attempts were recorded');
SELECT is_empty($$ SELECT t FROM pg_temp.bettered() AS t WHERE t NOT LIKE '%error_logged%' $$, 'and after all of that nothing is better than before, but that its failures are logged');
SELECT * FROM finish();
ROLLBACK;
