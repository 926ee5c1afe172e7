\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SELECT plan(12);
SELECT component_id AS id FROM maestro.component WHERE name = 'planner' \gset
SELECT is('tap/planner'::maestro.regcomponent::integer, :id, 'a component is read by name');
SELECT is(:'id'::maestro.regcomponent::text, 'tap/planner', 'and by id, and printed by name');
SELECT is('2000000000'::maestro.regcomponent::text, '2000000000', 'a row that is gone prints as its number');
SELECT throws_ok($$ SELECT 'tap/ghost'::maestro.regcomponent $$, '42704', 'component is not registered', 'a name nobody registered is refused');
SELECT throws_ok($$ SELECT ''::maestro.regcomponent $$, '42704', 'component is not registered', 'so is an empty one');
SELECT throws_ok($$ SELECT '99999999999'::maestro.regcomponent $$, '22003', NULL, 'and a number too large');
SELECT throws_ok($$ SELECT repeat('x/y', 1000)::maestro.regcomponent $$, '42704', 'component is not registered', 'and a name too long');
PREPARE by_text(text) AS SELECT component_id FROM maestro.component WHERE component_id = $1::maestro.regcomponent;
SELECT results_eq($$ EXECUTE by_text('tap/planner') $$, ARRAY[:id], 'a text parameter becomes one');
PREPARE by_varchar(varchar) AS SELECT component_id FROM maestro.component WHERE component_id = $1::maestro.regcomponent;
SELECT results_eq($$ EXECUTE by_varchar('tap/planner') $$, ARRAY[:id], 'and a varchar parameter');
SELECT maestro.register_component('tap', '1/2', 'agent') AS ignored \gset
SELECT is('tap/1/2'::maestro.regcomponent::text, 'tap/1/2', 'a component''s name may hold a slash, a system''s may not');
SET LOCAL search_path = '';
SELECT 'tap/planner'::maestro.regcomponent = :id AS same, 'tap/planner'::maestro.regcomponent::text AS printed \gset
RESET search_path;
SELECT is(:'same' || ' ' || :'printed', 't tap/planner', 'an empty search_path is no hindrance');
SAVEPOINT s;
SELECT maestro.register_component('tap', 'shortlived', 'agent')::text AS printed \gset
ROLLBACK TO s;
SELECT throws_ok($$ SELECT 'tap/shortlived'::maestro.regcomponent $$, '42704', 'component is not registered', 'what is rolled back is forgotten');
SELECT * FROM finish();
ROLLBACK;
