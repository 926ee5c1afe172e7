\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(44);
\o /dev/null
\i test/posture_setup.sql
CREATE ROLE action_agent;
CREATE ROLE action_second IN ROLE action_agent;
CREATE ROLE action_other;
SELECT pg_temp.component('s/a', '{"db_role": "action_agent"}'), pg_temp.component('s/search', '{"kind": "tool"}'), pg_temp.component('t/b'), pg_temp.dependency('s/a');
GRANT USAGE ON SCHEMA maestro TO action_agent, action_other;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA maestro TO action_agent, action_other;
GRANT SELECT ON maestro.unresolved_action, maestro.open_action TO action_agent, action_other;
SELECT maestro.set_contract('s/search', 'input', '{"type": "object", "required": ["query"]}'::jsonb);
-- An action of 10 minutes ago, as the recorder would have stored it; and its id.
CREATE FUNCTION pg_temp.begun(component text DEFAULT 's/a', doc jsonb DEFAULT '{}') RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_temp.unfinished(component, '{"age": "10 minutes", "caller": "action_agent"}' || doc);
	RETURN (SELECT o.action_id FROM maestro.open_action o ORDER BY o.event_id DESC LIMIT 1);
END
$$;
\o

-- On a server that did not preload the library.
SELECT throws_ok($$ SELECT maestro.begin_action('s/a', 'tool_call') $$, '55000', 'maestro.begin_action within a transaction needs maestro to be loaded when the server starts',
	'in a transaction an action cannot be begun without a recorder');
SELECT throws_ok($$ SELECT maestro.begin_action('s/nobody', 'tool_call') $$, '42704', NULL, 'nor by who is not registered');
SELECT throws_ok($$ SELECT maestro.begin_action('s/a', 'registry') $$, '22023', 'an event of kind "registry" is no action that could be begun', 'nor is what maestro alone writes');
SELECT throws_ok($$ SELECT maestro.begin_action(NULL, 'tool_call') $$, '22004', NULL, 'nor by NULL');
SELECT throws_ok($$ SELECT maestro.begin_action('s/a', 'tool_call', span_id => 'no span') $$, '22P02', 'invalid span id', 'arguments are read as log_event reads them');
SELECT results_eq('SELECT preloaded, in_recovery, shared_memory, guard_entries, recorder_pid, queue_capacity FROM maestro.status()',
	'SELECT false, false, NULL::bigint, NULL::integer, NULL::integer, NULL::integer', 'status() says that nothing is there');
SELECT throws_ok($$ SELECT maestro.begin_action('s/a', 'tool_call', NULL, 'no JSON'::text, NULL, NULL, NULL, NULL, NULL) $$, '55000', NULL, 'attributes may come as text, whatever it is');
SELECT is_empty($$ SELECT * FROM maestro.open_action $$, 'what was refused left nothing');

-- What is open.
\o /dev/null
CREATE TEMP TABLE my AS SELECT pg_temp.begun('s/a', '{"target": "search", "dependency": "search", "trace": 1, "span": 1}') AS id;
GRANT SELECT ON my TO action_agent, action_other;
\o
SELECT results_eq($$ SELECT component, kind::text, age > '10 minutes' AND age < '20 minutes', overdue, caller = 'action_agent', target, dependency, trace_id IS NOT NULL, span_id IS NOT NULL FROM maestro.unresolved_action $$,
	$$ VALUES ('s/a', 'tool_call', true, false, true, 'search', 'search', true, true) $$, 'an action that was begun is unresolved: since when, who, where');
SELECT throws_ok($$ DELETE FROM maestro.open_action $$, 'MA001', NULL, 'nobody takes one away');
SELECT throws_ok($$ UPDATE maestro.open_action SET caller = 'me' $$, 'MA001', NULL, 'nor gives it to another');
SELECT throws_ok($$ TRUNCATE maestro.open_action $$, 'MA001', NULL, 'nor all of them');
SET ROLE action_agent;
SELECT is((SELECT count(*) FROM maestro.unresolved_action), 1::bigint, 'who acts for the component sees it');
SELECT is((SELECT count(*) FROM maestro.open_action), 1::bigint, 'in the table too');
SET ROLE action_other;
SELECT is((SELECT count(*) FROM maestro.unresolved_action), 0::bigint, 'nobody else does');
SELECT is((SELECT count(*) FROM maestro.open_action), 0::bigint, 'nor in the table');

-- Ending.
SELECT throws_ok($$ SELECT maestro.end_action(id, 'ok') FROM my $$, 'MA002', 'role "action_other" did not begin this action', 'nobody else ends it');
SET ROLE action_second;
SELECT throws_ok($$ SELECT maestro.end_action(id, 'ok') FROM my $$, 'MA002', 'role "action_second" did not begin this action', 'nor another role that may act for the component');
SET ROLE action_agent;
SAVEPOINT before;
SELECT is((SELECT decision::text FROM my, maestro.end_action(id, 'ok')), 'allow', 'who began it ends it');
SELECT is((SELECT count(*) FROM maestro.unresolved_action), 0::bigint, 'then it is resolved');
ROLLBACK TO before;
SELECT is((SELECT count(*) FROM maestro.unresolved_action), 1::bigint, 'an end that is rolled back leaves it open');
SELECT results_eq($$ SELECT decision::text, valid FROM my, maestro.end_action(id, 'error', 'gave up on me@example.com', '{"error.type": "x", "maestro.action": "forged"}', '{"q": 1}') $$,
	$$ VALUES ('allow', false) $$, 'an end is checked against contracts as other events are');
SELECT throws_ok($$ SELECT maestro.end_action(id, 'ok') FROM my $$, 'P0002', 'this action is not open', 'an action is ended once');
SELECT throws_ok($$ SELECT maestro.end_action(gen_random_uuid(), 'ok') $$, 'P0002', 'this action is not open', 'and not without having been begun');
SELECT throws_ok($$ SELECT maestro.end_action(NULL, 'ok') $$, '22004', NULL, 'NULL is no action');
SELECT throws_ok($$ SELECT maestro.end_action(id, NULL) FROM my $$, '22004', NULL, 'and no outcome');
RESET ROLE;
SELECT results_eq($$ SELECT e.kind::text, e.outcome::text, e.level::text, e.message, e.duration BETWEEN '10 minutes' AND '20 minutes', e.target_id = pg_temp.id('s/search'), e.dependency_id IS NOT NULL,
		e.trace_id = b.trace_id, e.span_id = b.span_id, e.attributes = jsonb_build_object('error.type', 'x', 'maestro.action', my.id), e.caller = 'action_agent'
	  FROM my, maestro.event e, maestro.event b WHERE e.attributes ->> 'maestro.action' = my.id::text AND b.kind = 'note' $$,
	$$ VALUES ('tool_call', 'error', 'error', 'gave up on [REDACTED:EMAIL]', true, true, true, true, true, true, true) $$,
	'its event is of the action''s kind, with what the beginning said and how long it took');

\o /dev/null
TRUNCATE my;
INSERT INTO my SELECT pg_temp.begun('s/a', '{"target": "search"}');
\o
SET ROLE action_agent;
SELECT results_eq($$ SELECT decision::text, valid FROM my, maestro.end_action(id, 'ok', 'found', 'no JSON'::text, '{"query": "x\u0000"}'::text) $$, $$ VALUES ('allow', true) $$,
	'an end''s documents are read leniently where they are text');
RESET ROLE;
SELECT is((SELECT e.attributes - 'maestro.action' FROM my, maestro.event e WHERE e.attributes ->> 'maestro.action' = my.id::text AND e.kind = 'tool_call'), '{"maestro.attributes": "no JSON"}'::jsonb,
	'what is no object is kept as log_event keeps it');

-- What became of the component, the event, the role.
\o /dev/null
TRUNCATE my;
INSERT INTO my SELECT pg_temp.begun();
SELECT maestro.set_component_state('s/a', 'suspended', 'for the test');
SET ROLE action_agent;
\o
SELECT is((SELECT decision::text FROM my, maestro.end_action(id, 'ok')), 'deny', 'who was suspended meanwhile does not end it');
RESET ROLE;
SELECT results_eq($$ SELECT e.kind::text, e.reason FROM my, maestro.event e WHERE e.attributes ->> 'maestro.action' = my.id::text $$, $$ VALUES ('rejected', 'component_not_active') $$,
	'which is a refusal that names it');
SELECT is((SELECT count(*) FROM maestro.unresolved_action), 1::bigint, 'and it is unresolved still');
\o /dev/null
SELECT maestro.set_component_state('s/a', 'active', 'for the test');
SET ROLE action_agent;
\o
SELECT is((SELECT decision::text FROM my, maestro.end_action(id, 'ok')), 'allow', 'until the component is active again');
RESET ROLE;
SELECT is_empty($$ SELECT * FROM maestro.unresolved_action $$, 'and it is ended');
\o /dev/null
TRUNCATE my;
INSERT INTO my SELECT gen_random_uuid();
INSERT INTO maestro.open_action SELECT my.id, 0, pg_temp.id('s/a'), 'tool_call', now() - interval '2 hours', 'action_gone' FROM my;
\o
SELECT results_eq($$ SELECT component, overdue, session_role IS NULL FROM maestro.unresolved_action $$, $$ VALUES ('s/a', true, true) $$, 'one whose event was dropped with its partition is still unresolved');
SELECT is((SELECT reason FROM maestro.component_control WHERE system = 's' AND component = 'a' AND control = 'error_logged'), '1 actions were begun and never ended, last: event 0', 'which is an alarm');
SELECT is((SELECT string_agg(format('%s %s %s', event_id, good, why), '; ') FROM maestro.evidence('s/a', 'error_logged') WHERE why LIKE '%begun%'), '0 f Failures logged: an action that was begun and not ended in time', 'with its evidence');
SELECT is((SELECT decision::text FROM my, maestro.end_action(id, 'cancelled', 'its role is gone')), 'allow', 'the owner ends what its role cannot');
SELECT isnt((SELECT status::text FROM maestro.component_control WHERE system = 's' AND component = 'a' AND control = 'error_logged'), 'alarm', 'and the alarm is over');

\o /dev/null
SELECT pg_temp.unfinished('s/a', '{"age": "2 hours"}');
CREATE FUNCTION pg_temp.unfinished_count() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM maestro.evidence('s/a', 'error_logged') WHERE why LIKE '%begun%' $$;
\o
SELECT is(pg_temp.unfinished_count(), 1::bigint, 'another one is one again');
INSERT INTO maestro.event_review (event_id, system_id, component_id, conclusion, note, reviewed_by, login)
SELECT event_id, system_id, component_id, 'resolved', 'the file was not deleted', 'postgres', 'postgres' FROM maestro.unresolved_action;
SELECT is(pg_temp.unfinished_count(), 0::bigint, 'until somebody has reviewed its event');
SELECT is((SELECT count(*) FROM maestro.unresolved_action), 1::bigint, 'though it is unresolved');

-- Ids.
SELECT is_empty($$ SELECT f FROM generate_series(1, 200), LATERAL maestro.scan(gen_random_uuid()::text) AS f $$, 'an action''s id does not look like a secret');
SELECT is_empty('SELECT * FROM maestro.integrity_check()', 'the table is guarded as others are');
SELECT * FROM finish();
ROLLBACK;
