\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(51);
SET client_min_messages = error;
CREATE ROLE tap_crew;
CREATE ROLE tap_writer;
CREATE ROLE tap_stranger;
GRANT USAGE ON SCHEMA maestro TO tap_crew, tap_writer, tap_stranger;
GRANT EXECUTE ON FUNCTION maestro.begin_step(text, text, text, text) TO tap_crew, tap_writer, tap_stranger;
SELECT lives_ok($$ SELECT maestro.register_system('tap', db_role => 'tap_crew'), maestro.register_component('tap', 'plan', 'agent'),
	maestro.register_component('tap', 'write', 'agent', db_role => 'tap_writer') $$, 'there is a system');
CREATE FUNCTION pg_temp.step(plan text, run text, node text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', s.decision, s.reason) FROM maestro.begin_step('tap', plan, run, node) AS s
$$;
CREATE FUNCTION pg_temp.walk(plan text, run text, nodes text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(CASE pg_temp.step(plan, run, ltrim(n, '-!')) WHEN 'allow' THEN '' WHEN 'deny out_of_order' THEN '-' ELSE '!' END || ltrim(n, '-!'), ' ' ORDER BY place)
	  FROM string_to_table(nodes, ' ') WITH ORDINALITY AS w (n, place)
$$;

-- A graph of one's own: one edge of a node is followed.
SELECT is(maestro.declare_plan('tap', 'p', '{"nodes": [{"id": "plan"}, {"id": "act", "max_visits": 3}, {"id": "check"}, {"id": "write"}],
	"edges": [{"source": "plan", "target": "act"}, {"source": "act", "target": "check"}, {"source": "check", "target": "act"}, {"source": "check", "target": "write"}]}'::json), 1, 'a plan is declared');
SELECT is(pg_temp.walk('p', name, steps), steps, name) FROM (VALUES
	('the whole plan', 'plan act check write'),
	('with its cycle', 'plan act check act check write'),
	('not from the middle', '-act -check -write -nowhere plan'),
	('nothing is left out', 'plan -check -write act -write check write'),
	('nothing comes twice', 'plan -plan act -act -plan check -check write -write -act'),
	('a node is entered max_visits times', 'plan act check act check act check !act write'),
	('the end is the end', 'plan act check write -plan -act -check -write')) AS v (name, steps);
SELECT is((SELECT count(*) FROM maestro.plan_run WHERE plan = 'p'), 7::bigint, 'a row a run');
SELECT is(pg_temp.step('p', 'never begun', 'act'), 'deny out_of_order', 'a run that was never begun');
SELECT is_empty($$ SELECT FROM maestro.plan_run WHERE run_id = 'never begun' $$, 'is none');
SELECT results_eq($$ SELECT kind::text, decision::text, reason, component_id IS NULL, (SELECT c.name FROM maestro.component AS c WHERE c.component_id = target_id), attributes FROM maestro.event
	WHERE attributes ->> 'run' = 'nothing is left out' ORDER BY event_id DESC LIMIT 1 $$,
	$$ VALUES ('rejected', 'deny', 'out_of_order', true, 'write', '{"plan": "p", "plan_version": 1, "run": "nothing is left out", "node": "write", "after": "act", "steps": 2}'::jsonb) $$,
	'a refusal says where the run was');
SELECT is((SELECT count(*) FROM maestro.event WHERE kind = 'rejected' AND reason = 'max_visits'), 1::bigint, 'too many visits are a refusal, too');

-- The version that a run began with.
SELECT is(pg_temp.walk('p', 'old', 'plan act'), 'plan act', 'a run begins');
SELECT is(maestro.declare_plan('tap', 'p', '{"nodes": [{"id": "plan"}, {"id": "act"}, {"id": "check"}, {"id": "write"}], "edges": [{"source": "plan", "target": "write"}]}'::json), 2, 'its plan changes');
SELECT is(pg_temp.walk('p', 'old', 'check write'), 'check write', 'it goes on as it began');
SELECT is(pg_temp.walk('p', 'new', 'plan -act write'), 'plan -act write', 'a new one by the new plan');

-- As LangGraph prints a compiled graph, get_graph().to_json().
SELECT is(maestro.declare_plan('tap', 'lg', '{"nodes": [
	{"id": "__start__", "type": "runnable", "data": {"id": ["langgraph", "_internal", "_runnable", "RunnableCallable"], "name": "__start__"}},
	{"id": "plan", "type": "runnable", "data": {"id": ["langgraph", "_internal", "_runnable", "RunnableCallable"], "name": "plan"}},
	{"id": "search", "type": "runnable", "data": {"id": ["langgraph", "_internal", "_runnable", "RunnableCallable"], "name": "search"}, "metadata": {"max_visits": 2}},
	{"id": "facts", "type": "runnable", "data": {"id": ["langgraph", "_internal", "_runnable", "RunnableCallable"], "name": "facts"}},
	{"id": "write", "type": "runnable", "data": {"id": ["langgraph", "_internal", "_runnable", "RunnableCallable"], "name": "write"}},
	{"id": "__end__"}],
	"edges": [{"source": "__start__", "target": "plan"}, {"source": "plan", "target": "search"}, {"source": "plan", "target": "facts"},
		{"source": "search", "target": "write"}, {"source": "facts", "target": "write"},
		{"source": "write", "target": "plan", "data": "again", "conditional": true}, {"source": "write", "target": "__end__", "data": "done", "conditional": true}]}'::json), 1,
	'LangGraph''s graph is taken as it is');
SELECT is(pg_temp.walk('lg', name, steps), steps, name) FROM (VALUES
	('branches in one order', '__start__ plan search facts write __end__'),
	('and in the other', '__start__ plan facts search write __end__'),
	('without __start__', 'plan search facts write __end__ -plan'),
	('each branch once', 'plan search -search facts -facts write -write'),
	('one of two conditional edges', 'plan search facts write plan -__end__ facts search write __end__ -plan'),
	('nothing before the start', '-search -__end__ __start__ -__start__ -write plan'),
	('visits in the metadata of a node', 'plan search facts write plan search facts write plan !search facts write')) AS v (name, steps);
SELECT is(maestro.declare_plan('tap', 'ints', '{"nodes": [{"id": 0, "type": "schema", "data": "In"}, {"id": 1, "type": "runnable", "data": {"id": ["x"], "name": "M"}}], "edges": [{"source": 0, "target": 1}]}'::json), 1,
	'so are ids that are numbers');
SELECT is(pg_temp.walk('ints', 'r', '-1 0 1 -0'), '-1 0 1 -0', 'and their order is kept');
SELECT is(maestro.declare_plan('tap', 'ring', '{"nodes": [{"id": "a"}, {"id": "b"}], "edges": [{"source": "a", "target": "b"}, {"source": "b", "target": "a"}]}'::json), 1, 'a ring');
SELECT is(pg_temp.walk('ring', 'r', '-b a b a -a b'), '-b a b a -a b', 'begins at its first node');
SELECT is(maestro.declare_plan('tap', 'self', '{"nodes": [{"id": "a"}], "edges": [{"source": "a", "target": "a"}]}'::json), 1, 'a loop');
SELECT is(pg_temp.walk('self', 'r', 'a a a'), 'a a a', 'goes round');
SELECT is(maestro.declare_plan('tap', 'none', '{"nodes": [], "edges": []}'::json), 1, 'an empty plan');
SELECT is(pg_temp.walk('none', 'r', '-a'), '-a', 'allows nothing');

-- Who may, and what is an error.
SELECT throws_ok(format('SELECT maestro.declare_plan(%L, %L, %L::json)', 'tap', 'x', graph), '22023', 'max_visits of a node must be a whole number above zero', 'refused: ' || graph) FROM (VALUES
	('{"nodes": [{"id": "a", "max_visits": 0}], "edges": []}'), ('{"nodes": [{"id": "a", "max_visits": 1.5}], "edges": []}'),
	('{"nodes": [{"id": "a", "max_visits": "3"}], "edges": []}'), ('{"nodes": [{"id": "a", "metadata": {"max_visits": -1}}], "edges": []}')) AS v (graph);
SELECT throws_ok($$ SELECT maestro.begin_step('tap', 'nobody', 'r', 'a') $$, '42704', 'the system has no such plan', 'a plan that is not declared');
SELECT throws_ok($$ SELECT maestro.begin_step('nobody', 'p', 'r', 'a') $$, '42704', 'system is not registered', 'a system that is not registered');
SELECT throws_ok($$ SELECT maestro.begin_step('tap', 'p', 'r', NULL) $$, '22004', NULL, 'no node');
SELECT throws_ok($$ SELECT maestro.begin_step('tap', 'p', NULL, 'plan') $$, '22023', NULL, 'no run');
SELECT throws_ok($$ SELECT maestro.begin_step('tap', 'p', E'a\nb', 'plan') $$, '22023', NULL, 'a run of two lines');
SELECT throws_ok($$ SELECT maestro.begin_step('tap', 'p', repeat('r', 256), 'plan') $$, '22023', NULL, 'a run with a long name');
SET LOCAL ROLE tap_crew;
SELECT is(pg_temp.step('p', 'mine', 'plan'), 'allow', 'who acts for a component takes its steps');
SELECT is(pg_temp.step('p', 'mine', 'write'), 'allow', 'the system''s role all');
SET LOCAL ROLE tap_writer;
SELECT throws_ok($$ SELECT pg_temp.step('p', 'theirs', 'plan') $$, 'MA002', NULL, 'who acts for one takes none of the others''');
SET LOCAL ROLE tap_stranger;
SELECT throws_ok($$ SELECT pg_temp.step('p', 'theirs', 'plan') $$, 'MA002', 'role "tap_stranger" may not take steps of this plan', 'a stranger none');
RESET ROLE;
SELECT is(maestro.set_component_state('tap/write', 'suspended'), 'updated', 'a component is suspended');
SELECT is(pg_temp.walk('p', 'late', 'plan'), 'plan', 'others go on');
SELECT is(pg_temp.step('p', 'late', 'write'), 'deny component_not_active', 'it does not');
SELECT * FROM finish();
ROLLBACK;
