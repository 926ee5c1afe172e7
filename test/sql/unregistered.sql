\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SELECT plan(5);
SELECT is_empty('SELECT * FROM maestro.unregistered_component', 'at first nobody is unregistered');
SELECT count(maestro.log_event('tap/ghost', 'note', i::text)) AS ignored FROM generate_series(1, 3) AS i \gset
SELECT maestro.log_event('no''where/x', 'note', 'n') AS ignored \gset
SELECT results_eq('SELECT claimed_component, events, statement FROM maestro.unregistered_component ORDER BY 1',
	$$ VALUES ('no''where/x', 1::bigint, 'SELECT maestro.register_system(''no''''where''); SELECT maestro.register_component(''no''''where'', ''x'', ''agent'');'),
		('tap/ghost', 3, 'SELECT maestro.register_component(''tap'', ''ghost'', ''agent'');') $$, 'unregistered writers are listed with the line that registers them');
SET LOCAL ROLE tap_agent;
SELECT throws_ok('SELECT * FROM maestro.unregistered_component', '42501', NULL, 'agents do not read views');
RESET ROLE;
SELECT statement FROM maestro.unregistered_component WHERE claimed_component = 'tap/ghost' \gexec
SELECT results_eq('SELECT claimed_component FROM maestro.unregistered_component', ARRAY['no''where/x'], 'running that line settles it');
SELECT is((SELECT decision::text FROM maestro.log_event('tap/ghost', 'note', 'n')), 'allow', 'and lets it write');
SELECT * FROM finish();
ROLLBACK;
