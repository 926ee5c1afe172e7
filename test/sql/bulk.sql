\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SELECT plan(16);
CREATE TEMP VIEW logged AS SELECT * FROM maestro.event WHERE kind <> 'registry';

SELECT results_eq($$ SELECT index, decision::text, error FROM maestro.log_events('[
	{"component": "tap/planner", "kind": "output", "message": "one", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
	 "occurred_at": 1700000000.5, "duration": 1.5, "outcome": "ok", "level": "warn", "target": "search", "body": [1, "two"],
	 "attributes": {"a": 1}, "b": {"c": 2}},
	{"component": "tap/ghost", "kind": "note", "message": null}]') $$,
	$$ VALUES (0, 'allow', NULL::text), (1, 'deny', NULL) $$, 'log_events answers for each element, from 0');
SELECT results_eq($$ SELECT message, extract(epoch FROM occurred_at)::text, duration, outcome::text, level::text,
		target_id::maestro.regcomponent::text, body, attributes FROM logged WHERE component_id IS NOT NULL $$,
	$$ VALUES ('one', '1700000000.500000', interval '1.5 s', 'ok', 'warn', 'tap/search', '[1, "two"]'::jsonb, '{"a": 1, "b": {"c": 2}}'::jsonb) $$,
	'keys are log_event''s parameters, and others become attributes');
SELECT is((SELECT count(*) FROM maestro.log_events('[]')), 0::bigint, 'an empty array stores nothing');
SELECT results_eq($$ SELECT count(*) FROM logged $$, ARRAY[2::bigint], 'and two elements stored two');

-- abort: all or nothing.
SELECT throws_ok($$ SELECT maestro.log_events('[{"component": "tap/planner", "kind": "note"}, {"component": "tap/planner", "kind": "nope"}]') $$,
	'22P02', 'key "kind" of an event has no such value', 'one bad element aborts the call');
SELECT results_eq($$ SELECT count(*) FROM logged $$, ARRAY[2::bigint], 'and nothing of it is stored');

-- skip: each for itself.
SELECT results_eq($$ SELECT index, event_id IS NOT NULL, error FROM maestro.log_events('[
	{"component": "tap/planner", "kind": "note", "message": "a"}, {"kind": "note"}, 7, {"component": "tap/planner"},
	{"component": "tap/planner", "kind": "note", "occurred_at": "sk-ant-secret"},
	{"component": "tap/planner", "kind": "note", "duration": "-1 s"},
	{"component": "tap/planner", "kind": "note", "duration": 1e300},
	{"component": "tap/planner", "kind": "note", "message": {"not": "text"}}]', 'skip') $$,
	$$ VALUES (0, true, NULL), (1, false, '22023: component must be given as system/component'),
		(2, false, '22023: an element of the array is no object'), (3, false, '22004: an event needs a "kind"'),
		(4, false, '22007: value not accepted'), (5, false, '22023: duration of an event must not be negative'),
		(6, false, '22023: key "duration" of an event must be within range'), (7, true, NULL) $$,
	'skip stores the good elements and tells why the others failed, quoting nothing');
SELECT results_eq($$ SELECT message FROM logged WHERE kind = 'note' AND message IS NOT NULL ORDER BY event_id $$,
	$$ VALUES ('a'), ('{"not": "text"}') $$, 'a message that is no string is stored as JSON writes it');

SET LOCAL ROLE tap_agent;
SELECT results_eq($$ SELECT index, error FROM maestro.log_events('[{"component": "tap/vault", "kind": "note"},
	{"component": "tap/planner", "kind": "note"}]', 'skip') $$,
	$$ VALUES (0, 'MA002: role "tap_agent" may not write as this component'), (1, NULL) $$, 'rights are checked element by element');
RESET ROLE;
SELECT throws_ok($$ SELECT maestro.log_events('{"component": "tap/planner"}') $$, '22023', 'events must be a JSON array of objects', 'an object is no array');
SELECT throws_ok($$ SELECT maestro.log_events('"x"') $$, '22023', 'events must be a JSON array of objects', 'nor is a string');
SELECT throws_ok($$ SELECT maestro.log_events('broken'::text) $$, '22023', 'events must be a JSON array of objects', 'nor is what can''t be read');
SELECT throws_ok($$ SELECT maestro.log_events('[]', 'ignore') $$, '22023', 'on_error must be "abort" or "skip"', 'on_error has two values');
SELECT is((SELECT count(event_id) FROM maestro.log_events((SELECT json_agg(json_build_object('component', 'tap/planner',
	'kind', 'note', 'message', repeat('m', i))) FROM generate_series(1, 500) AS i))), 500::bigint, '500 events come in one call');
SELECT is((SELECT count(event_id) FROM maestro.log_events((SELECT jsonb_agg(jsonb_build_object('component', 'tap/planner',
	'kind', CASE WHEN i % 7 = 0 THEN 'bad' ELSE 'note' END)) FROM generate_series(1, 70) AS i), 'skip')), 60::bigint,
	'every seventh bad leaves six of seven');
SELECT is((SELECT count(DISTINCT event_id) FROM maestro.event), (SELECT count(*) FROM maestro.event), 'no event id occurs twice');
SELECT * FROM finish();
ROLLBACK;
