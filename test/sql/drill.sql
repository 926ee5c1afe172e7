\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SET client_min_messages = error;
SELECT plan(34);
CREATE ROLE tap_operator;
GRANT maestro_operator TO tap_operator, tap_agent, tap_other;
\i test/roles_setup.sql

-- Starting and ending.
SELECT pg_temp.said('tap_operator', $$ SELECT maestro.start_drill('tap', 'planner', 'pulls the plug, says bob@example.com') $$) AS trace \gset
SELECT matches(:'trace'::text, '^[0-9a-f]{32}$', 'start_drill returns a trace id');
SELECT results_eq($$ SELECT system_id, component_id::maestro.regcomponent::text, trace_id::text, note, started_by::text, ended_at FROM maestro.drill $$,
	format($$ VALUES ((SELECT system_id FROM maestro.system WHERE name = 'tap'), 'tap/planner', %L, 'pulls the plug, says [REDACTED:EMAIL]', name 'tap_operator'::text, NULL::timestamptz) $$, :'trace'),
	'the drill is stored, its note sanitized');
SELECT results_eq($$ SELECT kind::text, message, target_id::maestro.regcomponent::text, caller::text, attributes ->> 'trace_id' FROM newest $$,
	format($$ VALUES ('registry', 'drill of tap/planner started', 'tap/planner', name 'tap_operator'::text, %L) $$, :'trace'), 'and logged');
SELECT results_eq('SELECT until - started_at, trace_id::text FROM maestro.drill_window', format($$ VALUES (interval '24 hours', %L) $$, :'trace'), 'it lasts 24 hours');
SELECT is(pg_temp.said('tap_operator', format('SELECT maestro.end_drill(%L)', :'trace')), 'ended', 'unless it is ended');
SELECT results_eq('SELECT until = ended_at, ended_by::text FROM maestro.drill_window JOIN maestro.drill USING (drill_id)', $$ VALUES (true, name 'tap_operator'::text) $$, 'then it ends at once');
SELECT results_eq($$ SELECT kind::text, message FROM newest $$, $$ VALUES ('registry', 'drill of tap/planner ended') $$, 'which is logged too');
SELECT is(maestro.end_drill(:'trace'), 'unchanged', 'a second end changes nothing');
SELECT isnt(maestro.start_drill('tap', 'planner', 'again'), :'trace'::maestro.trace_id, 'each drill has a trace id of its own');
SELECT isnt(maestro.start_drill('tap', scope, 'everything')::text, NULL, 'a whole system is drilled, scope ' || coalesce(scope, 'NULL'))
  FROM unnest(ARRAY['all', NULL]) AS scope;
SELECT is((SELECT count(*) FROM maestro.drill WHERE component_id IS NULL), 2::bigint, 'which names no component');
SELECT results_eq('SELECT message, target_id FROM newest', $$ VALUES ('drill of tap started', NULL::integer) $$, 'nor does its event');
INSERT INTO maestro.drill (system_id, trace_id, note, started_at, started_by)
	SELECT system_id, repeat('ab', 16), 'forgotten', now() - interval '2 days', 'tap_operator' FROM maestro.system WHERE name = 'tap';
SELECT is((SELECT until < now() FROM maestro.drill_window WHERE note = 'forgotten'), true, 'a forgotten drill ends by itself');
SELECT is(maestro.end_drill(repeat('ab', 16)), 'unchanged', 'and needs no end');
INSERT INTO maestro.drill (system_id, trace_id, note, started_at, ended_at, started_by)
	SELECT system_id, repeat('cd', 16), 'late', now() - interval '2 days', now(), 'tap_operator' FROM maestro.system WHERE name = 'tap';
SELECT is((SELECT until - started_at FROM maestro.drill_window WHERE note = 'late'), interval '24 hours', 'nor does an end that came later prolong it');

-- Bad input is an error, and stores nothing.
CREATE TEMP TABLE before_bad AS SELECT (SELECT count(*) FROM maestro.event) AS events, (SELECT count(*) FROM maestro.drill) AS drills;
SELECT throws_ok(statement, code, message, 'refused: ' || statement) FROM (VALUES
	($$ SELECT maestro.start_drill('nowhere', 'all', 'x') $$, '42704', 'system is not registered'),
	($$ SELECT maestro.start_drill(NULL, 'all', 'x') $$, '42704', 'system is not registered'),
	($$ SELECT maestro.start_drill('tap', 'nobody', 'x') $$, '42704', 'component is not registered'),
	($$ SELECT maestro.start_drill('tap', 'tap/planner', 'x') $$, '42704', 'component is not registered'),
	($$ SELECT maestro.start_drill('tap', 'all', NULL) $$, '22004', 'note of a drill must not be null'),
	($$ SELECT maestro.start_drill('tap', 'all', '  ') $$, '22023', 'note of a drill says too little'),
	($$ SELECT maestro.end_drill('0123456789abcdef0123456789abcdef') $$, '42704', 'there is no drill with this trace id'),
	($$ SELECT maestro.end_drill(NULL) $$, '42704', 'there is no drill with this trace id')
) AS bad (statement, code, message);
SELECT results_eq('SELECT (SELECT count(*) FROM maestro.event), (SELECT count(*) FROM maestro.drill)', 'TABLE before_bad', 'and nothing of all that was stored or logged');

-- Whoever runs the agents can't call an incident a drill.
SELECT is(pg_temp.said(role, format('SELECT maestro.start_drill(%L, %L, %L)', 'tap', scope, 'just a drill')), NULL, name) FROM (VALUES
	('tap_agent', 'planner', 'the system''s role starts no drill of a component'),
	('tap_other', 'vault', 'nor does a component''s role of its own'),
	('tap_other', 'all', 'nor of the system that it is part of')) AS v (role, scope, name);
SELECT results_eq($$ SELECT level::text, decision::text, target_id::maestro.regcomponent::text, message, caller::text
	FROM maestro.event WHERE kind = 'rejected' AND reason = 'own_component' ORDER BY event_id $$, $$ VALUES
	('warn', 'deny', 'tap/planner', 'drill of tap/planner was not started: who acts for what is exercised can''t declare a drill of it', name 'tap_agent'::text),
	('warn', 'deny', 'tap/vault', 'drill of tap/vault was not started: who acts for what is exercised can''t declare a drill of it', name 'tap_other'::text),
	('warn', 'deny', NULL, 'drill of tap was not started: who acts for what is exercised can''t declare a drill of it', name 'tap_other'::text) $$, 'each refusal is an event');
SELECT is((SELECT count(*) FROM maestro.drill), (SELECT drills FROM before_bad), 'and no drill');
SELECT isnt(pg_temp.said('tap_other', $$ SELECT maestro.start_drill('tap', 'planner', 'a neighbour''s') $$), NULL, 'a neighbour with a role of his own may');
SELECT throws_ok($$ SELECT pg_temp.said('maestro_approver', 'SELECT maestro.start_drill(''tap'', ''all'', ''x'')') $$, '42501', 'permission denied for function start_drill',
	'an approver starts no drill');
GRANT SELECT ON maestro.drill_window TO tap_agent, tap_other;
REVOKE maestro_operator FROM tap_agent, tap_other;
SELECT is(pg_temp.said('tap_agent', 'SELECT count(*) FROM maestro.drill_window')::bigint, (SELECT count(*) FROM maestro.drill), 'a system''s role that is granted the view sees its system''s drills');
SELECT is(pg_temp.said('tap_other', 'SELECT count(*) FROM maestro.drill_window'), '0', 'and others see nothing');
SELECT * FROM finish();
ROLLBACK;
