\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(73);
SET client_min_messages = error;
SELECT lives_ok($$ SELECT maestro.register_system('tap'), maestro.register_component('tap', 'a', 'agent', timeout => '30 s'), maestro.register_component('tap', 'b', 'tool'),
	maestro.register_system('open'), maestro.register_component('open', 'a', 'agent') $$, 'there are two systems');
CREATE FUNCTION pg_temp.refusals() RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM maestro.event WHERE kind = 'rejected' AND decision = 'deny' AND reason = 'registry_locked' AND component_id IS NULL
$$;
CREATE FUNCTION pg_temp.answer(control text) RETURNS text LANGUAGE sql AS $$
	SELECT status || ': ' || reason FROM maestro.component_control AS k WHERE k.system = 'tap' AND k.control = answer.control
$$;
CREATE TEMP VIEW registry AS SELECT (SELECT jsonb_agg(to_jsonb(c) - 'updated_at' ORDER BY component_id) FROM maestro.component AS c) AS components,
	(SELECT count(*) FROM maestro.dependency) AS dependencies, (SELECT count(*) FROM maestro.contract) AS contracts, (SELECT count(*) FROM maestro.plan) AS plans,
	(SELECT count(*) FROM maestro.component_version) AS versions, (SELECT jsonb_agg(to_jsonb(s) ORDER BY system_id) FROM maestro.system AS s) AS systems;

SELECT is(pg_temp.answer('registry_locked'), 'unknown: no locked registry is declared, and nothing was observed lately', 'an open registry is unknown');
SELECT throws_ok($$ SELECT maestro.lock_registry('nobody', 'x') $$, '42704', NULL, 'what is not registered is not locked');
SELECT throws_ok($$ SELECT maestro.lock_registry('tap', NULL) $$, '22004', NULL, 'a lock has a reason');
SELECT throws_ok($$ SELECT maestro.lock_registry('tap', ' ') $$, '22023', NULL, 'that says something');
SELECT throws_ok($$ SELECT maestro.unlock_registry('tap', '1 hour', 'x') $$, '55000', 'the registry is not locked', 'what is open is not unlocked');
SELECT is(maestro.lock_registry('tap', 'frozen'), 'locked', 'a registry is locked');
SELECT is(maestro.lock_registry('tap', 'frozen'), 'unchanged', 'once');
SELECT is(pg_temp.answer('registry_locked'), 'ok: the registry is locked', 'which is ok');
CREATE TEMP TABLE before AS TABLE registry;

-- What is refused, and how it answers.
CREATE TEMP TABLE attempt (statement text, answer text);
INSERT INTO attempt VALUES
	($$ SELECT maestro.register_component('tap', 'c', 'agent')::text $$, NULL),
	($$ SELECT maestro.register_component('tap', 'c', 'agent', 2)::text $$, NULL),
	($$ SELECT maestro.update_component('tap/a', timeout => '60 s') $$, 'refused'),
	($$ SELECT maestro.update_component('tap/a', db_role => 'postgres') $$, 'refused'),
	($$ SELECT maestro.register_dependency('tap/a', 'search')::text $$, NULL),
	($$ SELECT maestro.set_contract('tap/a', 'input', '{"type": "object"}'::json)::text $$, NULL),
	($$ SELECT maestro.set_guard('tap/a', 'budget', 'budget', '{"steps": 1}'::jsonb)::text $$, NULL),
	($$ SELECT maestro.set_contract('tap/a', 'input', '{"type": "object"}'::jsonb)::text $$, NULL),
	($$ SELECT maestro.declare_plan('tap', 'p', '{"nodes": [], "edges": []}'::json)::text $$, NULL),
	($$ SELECT maestro.set_component_state('tap/a', 'retired') $$, 'refused'),
	($$ SELECT string_agg(action, ',') FROM maestro.apply_manifest('{"systems": [{"name": "tap", "components": [{"name": "c", "kind": "agent", "contracts": {"handoff": {"a": {"type": "object"}}}}, {"name": "a"}]}]}'::text) $$,
		'unchanged,refused,unchanged,refused'),
	($$ SELECT string_agg(action, ',') FROM maestro.apply_manifest('{"systems": [{"name": "tap", "db_role": null, "description": "another"}]}'::text) $$, 'refused');
CREATE FUNCTION pg_temp.run(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE statement INTO answer;
	RETURN answer;
END
$$;
SELECT is(pg_temp.run(statement), answer, 'refused:' || statement) FROM attempt;
SELECT is(pg_temp.refusals(), (SELECT count(*) FROM attempt), 'each attempt is an event');
SELECT results_eq('TABLE registry', 'TABLE before', 'and nothing has changed');
SELECT is((SELECT attributes ->> 'name' FROM maestro.event WHERE reason = 'registry_locked' ORDER BY event_id LIMIT 1), 'c', 'the event says what was tried');
SELECT is((SELECT attributes -> 'objects' FROM maestro.event WHERE message LIKE 'a manifest was refused%' ORDER BY event_id LIMIT 1), '["component tap/c", "handoff contract of tap/c to a"]'::jsonb, 'of a manifest, too');
SELECT is((SELECT string_agg(action, ',') FROM maestro.apply_manifest('{"systems": [{"name": "tap", "components": [{"name": "a", "timeout": "30 s"}]}]}'::text)), 'unchanged,unchanged',
	'a manifest that changes nothing passes');
SELECT is((SELECT string_agg(action, ',') FROM maestro.apply_manifest('{"systems": [{"name": "tap", "components": [{"name": "d", "kind": "agent"}]}]}'::text, true)), 'unchanged,refused',
	'a dry run tells what would be refused');
SELECT is(pg_temp.refusals(), (SELECT count(*) FROM attempt), 'and logs nothing');
SELECT throws_ok($$ SELECT maestro.apply_manifest('{"systems": [{"name": "tap", "components": [{"name": "d"}]}]}'::text) $$, '22023', NULL, 'what is no manifest is an error as ever');
SELECT throws_ok($$ SELECT maestro.update_component(NULL, version => '2') $$, '22004', NULL, 'so is no component');

-- What is not hindered.
SELECT is(maestro.set_component_state('tap/a', 'suspended', 'it spams'), 'updated', 'a component can be stopped');
SELECT is(maestro.set_component_state('tap/a', 'active'), 'refused', 'but not started again');
SELECT ok(maestro.report_environment('tap/b', '{"runAsNonRoot": true}'::jsonb) > 0, 'environments are reported');
SELECT ok(maestro.decide_risk('tap/a', 'prompt_injection', 'accept', 'reads public pages alone', now() + interval '1 day') > 0, 'risks are decided');
SELECT is(maestro.update_component('open/a', version => '2'), 'updated', 'and other systems go on');
SELECT is((maestro.log_event('tap/b', 'note', 'x')).decision::text, 'allow', 'components log');

-- What contracts refer to.
SELECT is(maestro.register_schema('https://example.com/a', '{"type": "string"}'::json), 'created', 'a schema is registered');
SELECT is(maestro.register_schema('https://example.com/a', '{"type": "number"}'::json), 'updated', 'and changed, as nothing of the locked system refers to any');
SELECT ok(maestro.unlock_registry('tap', '1 hour', 'a contract') > clock_timestamp(), 'unlocked');
SELECT is(maestro.set_contract('tap/b', 'input', '{"type": "object", "required": ["a"], "properties": {"a": {"$ref": "https://example.com/a"}}}'::json), 1, 'a contract refers to it');
SELECT is(maestro.register_schema('https://example.com/a', '{"type": "integer"}'::json), 'updated', 'while it is unlocked it changes');
SELECT is(maestro.lock_registry('tap', 'done'), 'locked', 'locked');
SELECT is(maestro.register_schema('https://example.com/a', '{}'::json), 'refused', 'then not');
SELECT is(maestro.register_schema('https://example.com/b', '{}'::json), 'created', 'a new one harms nobody');
SELECT is((SELECT attributes ->> 'uri' FROM maestro.event WHERE reason = 'registry_locked' ORDER BY event_id DESC LIMIT 1), 'https://example.com/a', 'which is an event');

-- For a time.
SELECT throws_ok(format('SELECT maestro.unlock_registry(%L, %L, %L)', 'tap', t, 'x'), '22023', NULL, 'not unlocked for ' || coalesce(t, 'NULL'))
  FROM (VALUES ('0 s'), ('-1 s'), ('25 hours'), (NULL)) AS v (t);
SELECT ok(maestro.unlock_registry('tap', '0.4 s', 'version 2') > clock_timestamp(), 'it is unlocked for a moment');
SELECT is(pg_temp.answer('registry_locked'), 'unknown: no locked registry is declared', 'is not locked then');
SELECT is(maestro.update_component('tap/b', version => '2'), 'updated', 'and takes changes');
DO 'BEGIN PERFORM pg_sleep(0.5); END';
SELECT is(maestro.update_component('tap/b', version => '3'), 'refused', 'then it is locked again by itself');
SELECT is(pg_temp.answer('registry_locked'), 'ok: the registry is locked', 'which is ok again');
SELECT ok(maestro.unlock_registry('tap', '1 hour', 'version 3') > clock_timestamp(), 'it is unlocked for longer');
SELECT is(maestro.update_component('tap/b', version => '3'), 'updated', 'takes changes');
SELECT is(maestro.lock_registry('tap', 'done'), 'locked', 'and is locked by somebody before');
SELECT is(maestro.update_component('tap/b', version => '4'), 'refused', 'which holds');
SELECT results_eq($$ SELECT message, attributes ->> 'reason' FROM maestro.event WHERE kind = 'registry' AND message LIKE 'registry of%' ORDER BY event_id $$,
	$$ VALUES ('registry of tap locked', 'frozen'), ('registry of tap unlocked', 'a contract'), ('registry of tap locked', 'done'), ('registry of tap unlocked', 'version 2'), ('registry of tap unlocked', 'version 3'), ('registry of tap locked', 'done') $$, 'all of it is on record');

-- Drift: another tool under the same version.
SELECT is(maestro.update_component('open/a', tool_schema_digest => repeat('1', 64)::maestro.digest, prompt_digest => repeat('2', 64)::maestro.digest), 'updated', 'a digest that was not known is declared');
SELECT is_empty('SELECT * FROM maestro.drift', 'which is no drift');
SELECT is(maestro.update_component('open/a', version => '3', prompt_digest => repeat('3', 64)::maestro.digest), 'updated', 'a new version has a new prompt');
SELECT is_empty('SELECT * FROM maestro.drift', 'nor is that');
SELECT is(maestro.update_component('open/a', prompt_digest => repeat('4', 64)::maestro.digest), 'updated', 'the same version has another one');
SELECT results_eq('SELECT c.name, d.version, d.what FROM maestro.drift AS d JOIN maestro.component AS c USING (component_id)', $$ VALUES ('a', '3', 'prompt') $$, 'that is drift');
SELECT is((SELECT status || ': ' || reason FROM maestro.component_control WHERE system = 'open' AND component = 'a' AND control = 'manifest_digest'),
	'alarm: its prompt changed without a new version', 'and an alarm');
SELECT is(maestro.update_component('open/a', prompt_digest => repeat('3', 64)::maestro.digest), 'updated', 'put back');
SELECT isnt_empty('SELECT * FROM maestro.drift', 'it was another one, though');
SELECT is(maestro.update_component('open/a', version => '4'), 'updated', 'a new version');
SELECT is_empty('SELECT * FROM maestro.drift', 'ends it');
SELECT is((SELECT string_agg(action, ',') FROM maestro.apply_manifest('{"systems": [{"name": "open", "components": [{"name": "t", "kind": "tool", "tool_schema_digest": "1111111111111111111111111111111111111111111111111111111111111111"}]}]}'::text)), 'unchanged,created', 'a tool in a manifest');
SELECT is((SELECT string_agg(action, ',') FROM maestro.apply_manifest('{"systems": [{"name": "open", "components": [{"name": "t", "tool_schema_digest": "2222222222222222222222222222222222222222222222222222222222222222"}]}]}'::text)), 'unchanged,updated', 'that becomes another under its version');
SELECT is((SELECT status || ': ' || reason FROM maestro.component_control WHERE system = 'open' AND component = 't' AND control = 'tool_schema_digest'),
	'alarm: its tool schema changed without a new version', 'is an alarm');
SELECT * FROM finish();
ROLLBACK;
