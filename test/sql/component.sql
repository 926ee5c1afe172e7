\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SELECT plan(56);
CREATE TEMP VIEW newest AS SELECT * FROM maestro.event ORDER BY event_id DESC LIMIT 1;

-- What functions store.
SELECT is((SELECT count(*) FROM maestro.component WHERE name = 'maestro-log' AND kind = 'trace_store' AND layer = '4'),
	2::bigint, 'the log is a component of each system');
SELECT is(maestro.register_component('tap', 'by-number', 'service', 6)::text, 'tap/by-number', 'register_component returns the component');
SELECT is((SELECT layer::text FROM maestro.component WHERE name = 'by-number'), '6 (Environment)', 'a layer may be a number');
SELECT is(maestro.register_component('tap', 'by-name', 'service', 'Execution', timeout => '5s', owner => 'ann')::text, 'tap/by-name', 'or a name');
SELECT results_eq($$ SELECT layer::text, timeout, owner FROM maestro.component WHERE name = 'by-name' $$,
	$$ VALUES ('5 (Execution)', interval '5 s', 'ann') $$, 'and further arguments are stored');
SELECT results_eq($$ SELECT layer::text, further_layers::text FROM maestro.component WHERE name = 'planner' $$,
	$$ VALUES ('2 (Logic)', '{"1 (Model)","5 (Execution)"}') $$, 'the kind decides the layers by default');
SELECT results_eq($$ SELECT kind::text, message, target_id::maestro.regcomponent::text, caller::text, attributes ->> 'owner' FROM newest $$,
	$$ VALUES ('registry', 'component tap/by-name created', 'tap/by-name', current_user::text, 'ann') $$, 'registering is logged');
SELECT is(maestro.update_component('tap/by-name', timeout => '6s', version => '2'), 'updated', 'update_component changes what is given');
SELECT results_eq($$ SELECT attributes -> 'timeout', attributes -> 'version', attributes ? 'owner' FROM newest $$,
	$$ VALUES ('["00:00:05", "00:00:06"]'::jsonb, '["1", "2"]'::jsonb, false) $$, 'and logs old and new');
SELECT is(maestro.update_component('tap/by-name', timeout => '6s'), 'unchanged', 'the same again changes nothing');
SELECT is((SELECT attributes -> 'version' FROM newest), '["1", "2"]', 'and logs nothing');
SELECT results_eq($$ SELECT version FROM maestro.component_version WHERE component_id = 'tap/by-name'::maestro.regcomponent ORDER BY valid_from $$,
	$$ VALUES ('1'), ('2') $$, 'versions are kept');
SELECT is(maestro.set_component_state('tap/by-name', 'retired', 'gone'), 'updated', 'a component can be retired');
SELECT is(maestro.set_component_state('tap/by-name', 'retired'), 'unchanged', 'once');
SELECT cmp_ok(maestro.register_dependency('tap/search', 'bing', address => 'api.bing.com', connect_timeout => '1s', read_timeout => '5s',
	retry => '{"base_ms": 100, "multiplier": 2}', breaker => 'external', credential_ref => 'env:BING_KEY'), '>', 0, 'a dependency is registered');
SELECT is(maestro.set_contract('tap/search', 'input', '{"type": "object"}'), 1, 'a contract has versions');
SELECT is(maestro.set_contract('tap/search', 'input', '{"type":"object"}'), 1, 'an equal one is none');
SELECT is(maestro.set_contract('tap/search', 'input', '{"type": "object", "required": ["q"]}'), 2, 'a changed one is the next');
SELECT is(maestro.set_contract('tap/planner', 'handoff', '{"type": "object"}', target => 'tap/search'), 1, 'a handoff contract has a target');
SELECT is(maestro.declare_plan('tap', 'main', '{"nodes": [{"id": "a"}, {"id": "b"}], "edges": [{"source": "a", "target": "b"}]}'), 1, 'a plan is declared');
SELECT is(maestro.declare_plan('tap', 'main', '{"nodes": [{"id": "a"}], "edges": []}'), 2, 'and versioned');
SELECT cmp_ok(maestro.report_environment('tap/search', '{"runAsNonRoot": true, "memoryLimitBytes": 1048576, "listeningPorts": [80], "secretStore": "vault"}'),
	'>', 0, 'an environment is reported');
SELECT cmp_ok(maestro.attest('tap/search', 'fd_closed', 'closed in a finally block', 'https://example.com/r/1', current_date - 3, current_date + 30),
	'>', 0, 'a statement is attested');
SELECT is((SELECT message FROM newest), 'fd_closed of tap/search attested', 'and logged');
SELECT maestro.register_component('tap', 'secretive', 'agent', description => 'uses sk-ant-api03-' || repeat('Ab1', 31) || 'AA') AS ignored \gset
SELECT unalike((SELECT description FROM maestro.component WHERE name = 'secretive'), '%Ab1%', 'a description is sanitized');

-- Every bad input: SQLSTATE and message, and nothing stored.
CREATE TEMP TABLE before_bad AS SELECT (SELECT count(*) FROM maestro.event) AS events, (SELECT count(*) FROM maestro.component) AS components;
SELECT throws_ok(statement, code, message, 'refused: ' || statement) FROM (VALUES
	($$ SELECT maestro.register_system('tap') $$, '42710', 'the system exists already'),
	($$ SELECT maestro.register_system('a/b') $$, '22023', 'name of a system is not acceptable'),
	($$ SELECT maestro.register_system('x', db_role => 'nobody_here') $$, '42704', 'db_role does not exist'),
	($$ SELECT maestro.register_system('x', unregistered => 'shrug') $$, '22023', 'unknown policy of a system'),
	($$ SELECT maestro.register_component('tap', 'planner', 'agent') $$, '42710', 'the component exists already'),
	($$ SELECT maestro.register_component('nowhere', 'planner', 'agent') $$, '42704', 'system is not registered'),
	($$ SELECT maestro.register_component('tap', 'x', 'wizard') $$, '22023', 'key "kind" of a component has no acceptable value'),
	($$ SELECT maestro.register_component('tap', 'x', 'agent', 'Cellar') $$, '22023', 'key "layer" of a component has no acceptable value'),
	($$ SELECT maestro.register_component('tap', E'a\tb', 'agent') $$, '22023', 'name of a component is not acceptable'),
	($$ SELECT maestro.register_component('tap', U&'a\202Eb', 'agent') $$, '22023', 'name of a component is not acceptable'),
	($$ SELECT maestro.register_component('tap', 'AKIAIOSFODNN7ABCDEFG', 'agent') $$, '22023', 'name of a component looks like a secret'),
	($$ SELECT maestro.register_component('tap', 'x', 'agent', timeout => '-1s') $$, '22023', 'timeout must be above zero and at most a year'),
	($$ SELECT maestro.register_component('tap', 'x', 'agent', timeout => '100 years') $$, '22023', 'timeout must be above zero and at most a year'),
	($$ SELECT maestro.register_component('tap', 'x', 'agent', max_iterations => 0) $$, '22023', 'memory_limit and max_iterations must be above zero'),
	($$ SELECT maestro.register_component('tap', 'x', 'agent', version => 'ghp_$$ || repeat('aB3', 12) || $$') $$, '22023', 'name of a version looks like a secret'),
	($$ SELECT maestro.register_component('tap', 'x', 'agent', owner => E'ann\x1b[31m') $$, '22023', 'name of an owner is not acceptable'),
	($$ SELECT maestro.update_component(NULL, version => '2') $$, '22004', 'component must not be null'),
	($$ SELECT maestro.set_contract(NULL, 'input', '{}') $$, '22004', 'component must not be null'),
	($$ SELECT maestro.set_contract('tap/planner', 'input', '{"default": "ghp_$$ || repeat('aB3', 12) || $$"}') $$, '22023', 'schema of a contract holds what looks like a secret'),
	($$ SELECT maestro.register_component('tap', 'x', 'agent', ports => '{0}') $$, '22023', 'ports must be from 1 to 65535'),
	($$ SELECT maestro.register_component('tap', 'x', 'agent', review_due => current_date - 1) $$, '22023', 'review_due of a component is in the past'),
	($$ SELECT maestro.register_dependency('tap/planner', 'x', credential_ref => 'sk-proj-$$ || repeat('aB3', 20) || $$') $$, '22023', 'credential_ref holds what looks like a secret itself'),
	($$ SELECT maestro.register_dependency('tap/planner', 'x', credential_ref => 'hunter2') $$, '22023', 'credential_ref must say where the credential lies, as scheme:name'),
	($$ SELECT maestro.register_dependency('tap/planner', 'x', retry => '{"tries": 3}') $$, '22023', 'unknown key "tries" in retry'),
	($$ SELECT maestro.set_contract('tap/planner', 'sideways', '{}') $$, '22023', 'direction of a contract must be input, output or handoff'),
	($$ SELECT maestro.set_contract('tap/planner', 'input', '{"a": 1, "a": 2}') $$, '22023', 'JSON Schema cannot be used'),
	($$ SELECT maestro.declare_plan('tap', 'x', '{"nodes": [{"id": "a"}], "edges": [{"source": "a", "target": "z"}]}') $$, '22023', 'an edge of the plan names node "z", which is not among its nodes'),
	($$ SELECT maestro.report_environment('tap/planner', '{"rootless": true}') $$, '22023', 'fact "rootless" is unknown or has no acceptable value'),
	($$ SELECT maestro.attest('tap/planner', 'nothing', 'x') $$, '22023', 'there is no such control'),
	($$ SELECT maestro.attest('tap/planner', 'fd_closed', 'x', valid_until => current_date - 1) $$, '22023', 'valid_until must be a day from today to 365 days ahead')
) AS bad (statement, code, message);
SELECT results_eq('SELECT (SELECT count(*) FROM maestro.event), (SELECT count(*) FROM maestro.component)', 'TABLE before_bad',
	'and nothing of all that was stored or logged');
SELECT * FROM finish();
ROLLBACK;
