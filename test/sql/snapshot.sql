\set ECHO none
BEGIN;
\i test/tap_setup.sql
SET LOCAL jit = off;
SELECT plan(59);

SELECT is_empty('SELECT maestro.snapshot_posture()', 'where no system is registered there is nothing to take a snapshot of');
SELECT throws_ok('SELECT maestro.assert_posture()', '42704', 'system is not registered', 'and a pipeline that sees no system does not pass');

\o /dev/null
\i test/posture_setup.sql
CREATE FUNCTION pg_temp.caught(statement text, OUT code text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END
$$;
-- What a snapshot is called here, and its event.
CREATE TEMP TABLE taken (name text PRIMARY KEY, snapshot bigint);
CREATE FUNCTION pg_temp.take(name text, system text DEFAULT 'crew') RETURNS void LANGUAGE sql AS $$
	INSERT INTO taken SELECT take.name, maestro.snapshot_posture(system)
$$;
CREATE FUNCTION pg_temp.snapshot(name text) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT t.snapshot FROM taken t WHERE t.name = snapshot.name
$$;
CREATE FUNCTION pg_temp.body(name text) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT e.body FROM maestro.event e WHERE e.event_id = pg_temp.snapshot(body.name)
$$;

-- A planner within its limits, a writer without one, and a system beside them.
SELECT pg_temp.component('crew/planner', '{"own_process": false, "timeout": "30s", "max_iterations": 5}');
SELECT pg_temp.event('crew/planner', 'tool_call', 20, '{"trace": 0, "duration": "1s", "body": {}}');
SELECT pg_temp.component('crew/writer', '{"own_process": false, "timeout": "30s"}');
SELECT pg_temp.event('crew/writer', 'tool_call', 20, '{"trace": 0, "duration": "1s", "body": {}}');
SELECT pg_temp.component('rest/bob@example.com', '{"own_process": false}');
SELECT pg_temp.take('before');
SELECT pg_temp.take('rest before', 'rest');
CREATE TEMP TABLE matrix AS SELECT * FROM maestro.threat_matrix WHERE system = 'crew';
CREATE TEMP TABLE checklist AS SELECT * FROM maestro.checklist_compliance WHERE system = 'crew';
\o

-- The document.
SELECT results_eq($$ SELECT e.kind::text, e.system_id, e.component_id, e.target_id, e.message, e.findings, e.attributes
					   FROM maestro.event e WHERE e.event_id = pg_temp.snapshot('before') $$,
	$$ SELECT 'registry', (SELECT system_id FROM maestro.system WHERE name = 'crew'), NULL::integer, NULL::integer,
			  'posture of crew: 5 of 21 threats open, 3 of 20 items ok', NULL::jsonb,
			  '{"threats_open": 5, "items_ok": 3, "score": 0.231, "previous": null}'::jsonb $$,
	'a snapshot is an event of the registry that says how many threats are open and items ok');
SELECT is(pg_temp.body('before'), (SELECT body FROM maestro.compose_snapshot('crew')), 'its document is stored as it was given');
SELECT is(maestro.sanitize(pg_temp.body('rest before')), (SELECT body FROM maestro.compose_snapshot('rest')),
	'the sanitizer finds nothing in it, whatever components are called');
SELECT ok(strpos(pg_temp.body('rest before')::text, 'bob') = 0, 'since it holds no names');
SELECT is((SELECT jsonb_object_agg(key, jsonb_typeof(value)) FROM jsonb_each(pg_temp.body('before'))),
	'{"format": "number", "taken_at": "string", "score": "number", "matrix": "array", "checklist": "array", "controls": "string", "cited": "array"}',
	'the document has its keys and no others');
SELECT matches(pg_temp.body('before') ->> 'taken_at', '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$', 'taken_at is in UTC by ISO 8601');
SELECT is((pg_temp.body('before') ->> 'taken_at')::timestamptz, now(), 'and the time by which ages were judged');
SELECT results_eq($$ SELECT r.component, t.name, r.status, r.computed_status, r.residual, r.evidence_count
					   FROM maestro.posture_snapshot_row r JOIN maestro.threat t ON t.threat = r.subject
					  WHERE r.snapshot = pg_temp.snapshot('before') AND r.part = 'threat' ORDER BY 1, 2 $$,
	$$ SELECT component, threat, status::text, computed_status::text, residual, evidence_count FROM matrix ORDER BY 1, 2 $$,
	'its matrix is the threat matrix');
SELECT results_eq($$ SELECT x FROM jsonb_array_elements(pg_temp.body('before') -> 'checklist') x $$,
	$$ SELECT jsonb_build_array(item, status, ok, alarm, unknown, error, waived, skip) FROM checklist $$, 'its checklist is the checklist');
SELECT is((SELECT score FROM maestro.posture_snapshot WHERE snapshot = pg_temp.snapshot('before')),
	(SELECT score FROM maestro.checklist_summary WHERE system = 'crew'), 'its score is that of the checklist');
SELECT is((SELECT (score, body -> 'score')::text FROM maestro.posture_snapshot WHERE system = 'rest'), '(,null)', 'or none, where nothing was evaluated');
SELECT ok(pg_temp.body('before') ->> 'controls' ~ '^[0-9a-f]{64}$', 'controls is a SHA-256');
SET LOCAL "IntervalStyle" = 'iso_8601';
SET LOCAL "DateStyle" = 'German';
SET LOCAL timezone = 'Asia/Tokyo';
SELECT is((SELECT body FROM maestro.compose_snapshot('crew')), pg_temp.body('before'), 'the document does not depend on settings of the session');
SET LOCAL "IntervalStyle" = 'postgres';
SET LOCAL "DateStyle" = 'ISO';
SET LOCAL timezone = 'UTC';
SAVEPOINT changed;
SET LOCAL maestro.maintenance = on;
ALTER TABLE maestro.control DISABLE TRIGGER USER;
UPDATE maestro.control SET max_age = max_age + interval '1 day' WHERE control = 'timeout';
SELECT isnt(maestro.control_digest(), pg_temp.body('before') ->> 'controls', 'another definition of a control gives another digest');
ROLLBACK TO changed;

-- Between two snapshots: the planner outlasts its timeout, the writer gets a limit,
-- and the layer of tools its first component.
\o /dev/null
SELECT pg_temp.event('crew/planner', 'tool_call', 3, '{"trace": 0, "duration": "100s", "body": {}}');
CREATE TEMP TABLE slow AS SELECT max(event_id) AS event_id FROM maestro.event;
SELECT maestro.update_component('crew/writer', max_iterations => 5);
SELECT pg_temp.component('crew/search', '{"kind": "tool", "own_process": false}');
SELECT pg_temp.component(format('crew/event %s', pg_temp.snapshot('rest before')), '{"own_process": false, "further_layers": []}');
SELECT pg_temp.take('after');
SELECT pg_temp.take('rest after', 'rest');
\o
SELECT is(pg_temp.body('after') -> 'cited', (SELECT jsonb_agg(DISTINCT (m ->> 0)::bigint)
		FROM (SELECT reason FROM maestro.threat_matrix WHERE system = 'crew' UNION SELECT reason FROM maestro.checklist_compliance WHERE system = 'crew') r,
			 regexp_matches(r.reason, 'last: event (\d+)', 'g') x, to_jsonb(x) m),
	'the events that reasons name are cited');
SELECT results_eq($$ SELECT count(*) > 0, bool_or(pg_temp.body('after') -> 'cited' @> to_jsonb(pg_temp.snapshot('rest before')))
					   FROM maestro.checklist_compliance WHERE system = 'crew' AND strpos(reason, 'event ' || pg_temp.snapshot('rest before')) > 0 $$,
	'VALUES (true, false)', 'but not another system''s event that a component is named after');
SELECT results_eq($$ SELECT component, subject, from_status, to_status, change
					   FROM maestro.posture_diff(pg_temp.snapshot('before'), pg_temp.snapshot('after'))
					  WHERE change NOT IN ('unchanged', 'new', 'gone') $$,
	$$ VALUES ('planner', 'resource_exhaustion', 'mitigated', 'open', 'regressed'),
			  (NULL, 'log_context', 'ok', 'unknown', 'regressed'),
			  (NULL, 'timeout', 'ok', 'alarm', 'regressed'),
			  (NULL, 'trace_emitted', 'ok', 'unknown', 'regressed'),
			  ('writer', 'infinite_loops', 'open', 'mitigated', 'resolved') $$,
	'a difference says what regressed and what was resolved');
SELECT results_eq($$ SELECT DISTINCT component, change FROM maestro.posture_diff(pg_temp.snapshot('before'), pg_temp.snapshot('after'))
					  WHERE change IN ('new', 'gone') AND component NOT LIKE 'event %' ORDER BY 1 $$,
	$$ VALUES ('(none registered)', 'gone'), ('search', 'new') $$, 'what is new and what is gone');
SELECT is((SELECT string_agg(DISTINCT (from_status IS NULL)::text || (to_status IS NULL) || change, ' ' ORDER BY (from_status IS NULL)::text || (to_status IS NULL) || change)
		FROM maestro.posture_diff(pg_temp.snapshot('before'), pg_temp.snapshot('after')) WHERE change IN ('new', 'gone')),
	'falsetruegone truefalsenew', 'with one status only');
SELECT is((SELECT count(*) FROM maestro.posture_diff(pg_temp.snapshot('before'), pg_temp.snapshot('after')) WHERE to_status IS NOT NULL),
	(SELECT count(*) FROM maestro.threat_matrix WHERE system = 'crew') + 20, 'and all the rest is there as well');
SELECT results_eq($$ SELECT component, subject, from_status, to_status, change
					   FROM maestro.posture_diff(pg_temp.snapshot('after'), pg_temp.snapshot('before'))
					  WHERE change IN ('regressed', 'resolved') $$,
	$$ VALUES ('writer', 'infinite_loops', 'mitigated', 'open', 'regressed'),
			  ('planner', 'resource_exhaustion', 'open', 'mitigated', 'resolved'),
			  (NULL, 'log_context', 'unknown', 'ok', 'resolved'),
			  (NULL, 'timeout', 'alarm', 'ok', 'resolved'),
			  (NULL, 'trace_emitted', 'unknown', 'ok', 'resolved') $$, 'backwards it says the opposite');
SELECT set_eq($$ SELECT change FROM maestro.posture_diff(pg_temp.snapshot('after'), pg_temp.snapshot('after')) $$, $$ VALUES ('unchanged') $$,
	'a snapshot does not differ from itself');
SELECT set_eq($$ SELECT system, change FROM maestro.posture_diff(pg_temp.snapshot('rest before'), pg_temp.snapshot('rest after')) $$,
	$$ VALUES ('rest', 'unchanged') $$, 'nor does a system that nothing happened in');
SELECT is((SELECT (attributes ->> 'previous')::bigint FROM maestro.event WHERE event_id = pg_temp.snapshot('after')), pg_temp.snapshot('before'),
	'a snapshot names the one before it, of its own system');

-- Each change of a status, as the owner's restore brings it in.
CREATE TEMP TABLE fall (n integer GENERATED ALWAYS AS IDENTITY, was text, was_computed text, became text, became_computed text, change text, from_status text, to_status text);
INSERT INTO fall (was, was_computed, became, became_computed, change) VALUES
('open', 'open', 'unknown', 'unknown', 'changed'), ('unknown', 'unknown', 'open', 'open', 'regressed'),
('partial', 'partial', 'unknown', 'unknown', 'regressed'), ('unknown', 'unknown', 'partial', 'partial', 'changed'),
('open', 'open', 'accepted', 'open', 'resolved'), ('accepted', 'open', 'open', 'open', 'regressed'),
('accepted', 'open', 'transferred', 'open', 'changed'), ('accepted', 'open', 'accepted', 'partial', 'changed'),
('mitigated', 'mitigated', 'accepted', 'mitigated', 'regressed'), ('partial', 'partial', 'mitigated', 'mitigated', 'resolved'),
('mitigated', 'mitigated', 'not_applicable', 'not_applicable', 'changed'), ('mitigated', 'mitigated', 'mitigated', 'mitigated', 'unchanged'),
('avoided', 'partial', 'false_positive', 'partial', 'changed'), ('false_positive', 'unknown', 'open', 'open', 'regressed');
INSERT INTO fall (was, was_computed, became, became_computed, change, from_status, to_status) VALUES
('accepted', 'partial', 'accepted', 'open', 'regressed', 'partial', 'open'),
('open', 'mitigated', 'false_positive', 'unknown', 'regressed', 'mitigated', 'unknown');
INSERT INTO fall (was, became, change) VALUES
('ok', 'alarm', 'regressed'), ('ok', 'error', 'regressed'), ('error', 'alarm', 'regressed'), ('unknown', 'error', 'regressed'),
('waived', 'unknown', 'regressed'), ('ok', 'waived', 'regressed'), ('alarm', 'waived', 'resolved'), ('waived', 'skip', 'resolved'),
('ok', 'skip', 'changed'), ('skip', 'ok', 'changed'), ('alarm', 'error', 'changed'), ('error', 'unknown', 'changed'), ('unknown', 'ok', 'resolved');
CREATE TEMP VIEW document AS
	SELECT jsonb_build_object('format', 1, 'score', 0,
			'matrix', jsonb_agg(jsonb_build_array(pg_temp.id('crew/planner'), 't' || n, was, was_computed, 1, 1)) FILTER (WHERE was_computed IS NOT NULL),
			'checklist', jsonb_agg(jsonb_build_array('i' || n, was, 0, 0, 0, 0, 0, 0)) FILTER (WHERE was_computed IS NULL)) AS a,
		   jsonb_build_object('format', 1, 'score', 0,
			'matrix', jsonb_agg(jsonb_build_array(pg_temp.id('crew/planner'), 't' || n, became, became_computed, 1, 1)) FILTER (WHERE was_computed IS NOT NULL),
			'checklist', jsonb_agg(jsonb_build_array('i' || n, became, 0, 0, 0, 0, 0, 0)) FILTER (WHERE was_computed IS NULL)) AS b
	  FROM fall;
\o /dev/null
SELECT pg_temp.event('crew/maestro', 'registry', 1, jsonb_build_object('body', a, 'message', 'a')) FROM document;
INSERT INTO taken SELECT 'a', max(event_id) FROM maestro.event;
SELECT pg_temp.event('crew/maestro', 'registry', 1, jsonb_build_object('body', b, 'message', 'b')) FROM document;
INSERT INTO taken SELECT 'b', max(event_id) FROM maestro.event;
\o
SELECT results_eq($$ SELECT d.subject, d.from_status, d.to_status, d.change FROM maestro.posture_diff(pg_temp.snapshot('a'), pg_temp.snapshot('b')) d ORDER BY substr(subject, 2)::integer $$,
	$$ SELECT CASE WHEN was_computed IS NULL THEN 'i' ELSE 't' END || n, coalesce(from_status, was), coalesce(to_status, became), change FROM fall f ORDER BY n $$,
	'changes go by the order of badness, and a fall of the computed status shows through a decision');

-- What is no snapshot.
\o /dev/null
SELECT maestro.log_event('crew/planner', 'note', 'posture of crew: 0 of 21 threats open', body => pg_temp.body('before'));
INSERT INTO taken SELECT 'forged', max(event_id) FROM maestro.event;
SELECT maestro.log_event('crew/nobody', 'note', 'posture of crew: 0 of 21 threats open', body => pg_temp.body('before'));
INSERT INTO taken SELECT 'quarantined', max(event_id) FROM maestro.event;
SELECT maestro.register_component('rest', 'b', 'tool');
INSERT INTO taken SELECT 'registered', max(event_id) FROM maestro.event;
\o
SELECT is((SELECT count(*) FROM maestro.event WHERE body = pg_temp.body('before') AND kind <> 'registry'), 2::bigint, 'anybody can log a document like a snapshot''s');
SELECT throws_ok(format('SELECT * FROM maestro.posture_diff(pg_temp.snapshot(%L), pg_temp.snapshot(%L))', a, b), code, NULL, name)
  FROM (VALUES ('forged', 'after', '42704', 'but posture_diff takes none that was logged'),
			   ('before', 'forged', '42704', 'on either side'),
			   ('before', 'quarantined', '42704', 'nor one by a component that nobody registered'),
			   ('before', 'registered', '42704', 'nor another event of the registry'),
			   ('before', 'nowhere', '22004', 'nor NULL'),
			   ('before', 'rest after', '22023', 'two systems are not compared')) v (a, b, code, name);
SELECT throws_ok($$ SELECT * FROM maestro.posture_diff(0, 0) $$, '42704', 'there is no such snapshot', 'an event that does not exist is no snapshot');
SELECT throws_ok($$ SELECT maestro.log_event('crew/planner', 'registry', 'posture') $$, '22023', NULL, 'and nobody logs events of the registry');

-- Whom and what snapshot_posture takes.
CREATE TEMP TABLE each AS SELECT * FROM maestro.snapshot_posture() AS s (id);
SELECT results_eq($$ SELECT p.system FROM pg_temp.each JOIN maestro.posture_snapshot p ON p.snapshot = each.id ORDER BY each.id $$,
	$$ VALUES ('crew'), ('rest') $$, 'without a name each system gets a snapshot, by its id');
SELECT throws_ok($$ SELECT maestro.snapshot_posture('nowhere') $$, '42704', 'system is not registered', 'of no system there is none');
SAVEPOINT small;
SET LOCAL maestro.trace_body_limit = 1024;
CREATE TEMP TABLE last AS SELECT max(event_id) AS event_id FROM maestro.event;
SELECT results_eq($$ SELECT code, hint FROM pg_temp.caught('SELECT maestro.snapshot_posture(''crew'')') $$,
	$$ VALUES ('54000', 'The limit is the setting maestro.trace_body_limit, which a superuser may raise.') $$, 'a snapshot that is too large is refused');
SELECT is((SELECT max(event_id) FROM maestro.event), (SELECT event_id FROM last), 'not cut');
ROLLBACK TO small;

-- Who may.
\o /dev/null
SELECT count(*) FROM maestro.install_roles();
CREATE ROLE snapshot_auditor IN ROLE maestro_auditor;
CREATE ROLE snapshot_board IN ROLE maestro_dashboard;
CREATE ROLE snapshot_rest IN ROLE maestro_agent;
GRANT SELECT ON taken TO PUBLIC;
SELECT maestro.apply_manifest('{"systems": [{"name": "rest", "db_role": "snapshot_rest"}]}'::jsonb);
\o
SET LOCAL ROLE snapshot_auditor;
SELECT isnt_empty($$ SELECT maestro.snapshot_posture('crew') $$, 'an auditor takes snapshots');
SELECT is((SELECT taken_by FROM maestro.posture_snapshot ORDER BY snapshot DESC LIMIT 1), 'snapshot_auditor', 'in his own name');
SELECT isnt_empty($$ SELECT * FROM maestro.posture_diff(pg_temp.snapshot('before'), pg_temp.snapshot('after')) $$, 'and compares them');
SET LOCAL ROLE snapshot_board;
SELECT isnt_empty($$ SELECT * FROM maestro.posture_diff(pg_temp.snapshot('before'), pg_temp.snapshot('after')) $$, 'a dashboard compares them');
SELECT throws_ok($$ SELECT maestro.snapshot_posture() $$, '42501', NULL, 'but takes none');
SELECT throws_ok($$ SELECT maestro.assert_posture('crew') $$, 'MA009', NULL, 'and may ask what a pipeline asks');
SET LOCAL ROLE snapshot_rest;
SELECT throws_ok($$ SELECT * FROM maestro.posture_diff(1, 2) $$, '42501', NULL, 'an agent compares nothing');
RESET ROLE;
GRANT EXECUTE ON FUNCTION maestro.posture_diff(bigint, bigint), maestro.assert_posture(text, maestro.severity, boolean) TO snapshot_rest;
GRANT SELECT ON maestro.posture_snapshot, maestro.posture_snapshot_row, maestro.readable_system, maestro.threat_matrix TO snapshot_rest;
SET LOCAL ROLE snapshot_rest;
SELECT isnt_empty($$ SELECT * FROM maestro.posture_diff(pg_temp.snapshot('rest before'), pg_temp.snapshot('rest after')) $$,
	'one who is let compares those of his system');
SELECT throws_ok($$ SELECT * FROM maestro.posture_diff(pg_temp.snapshot('before'), pg_temp.snapshot('after')) $$, '42704', 'there is no such snapshot',
	'to whom those of others do not exist');
SELECT throws_ok($$ SELECT maestro.assert_posture('crew') $$, '42704', 'system is not registered', 'nor do other systems');
SELECT is((SELECT count(DISTINCT system) FROM maestro.posture_snapshot_row), 1::bigint, 'or rows of their snapshots');
RESET ROLE;

-- A pipeline's check.
SELECT results_eq($$ SELECT * FROM pg_temp.caught('SELECT maestro.assert_posture(''crew'')') $$,
	$$ VALUES ('MA009', '7 threats of severity HIGH or above are open in crew', E'planner: Data leakage\nplanner: Prompt injection\nplanner: Resource exhaustion\nplanner: Unvalidated inputs\nwriter: Data leakage\nwriter: Prompt injection\nwriter: Unvalidated inputs', 'See maestro.next_step for what to run first.') $$,
	'an open threat stops a pipeline, by name');
SELECT is(maestro.assert_posture('crew', 'CRITICAL'), 0::bigint, 'a higher bar looks at less');
SELECT is(maestro.assert_posture('rest'), (SELECT count(*) FROM maestro.threat_matrix WHERE system = 'rest' AND severity >= 'HIGH'),
	'a system without open threats passes with the number of cells looked at');
SELECT throws_ok($$ SELECT maestro.assert_posture('crew', strict => true) $$, 'MA009', NULL, 'strict looks at what was computed');
SELECT results_eq($$ SELECT message, detail FROM pg_temp.caught('SELECT maestro.assert_posture()') $$,
	$$ VALUES ('7 threats of severity HIGH or above are open in 2 systems', E'crew/planner: Data leakage\ncrew/planner: Prompt injection\ncrew/planner: Resource exhaustion\ncrew/planner: Unvalidated inputs\ncrew/writer: Data leakage\ncrew/writer: Prompt injection\ncrew/writer: Unvalidated inputs') $$, 'without a name it is about all systems');
SELECT throws_ok($$ SELECT maestro.assert_posture('crew', NULL) $$, '22004', NULL, 'no severity is no check');
SELECT throws_ok($$ SELECT maestro.assert_posture('nowhere') $$, '42704', 'system is not registered', 'a system that is not registered does not pass');
\o /dev/null
SELECT pg_temp.component('many/c' || to_char(i, 'FM00'), '{"own_process": false, "timeout": "30s", "further_layers": [5]}'),
	   pg_temp.event('many/c' || to_char(i, 'FM00'), 'tool_call', 1, '{"duration": "100s"}') FROM generate_series(1, 23) i;
SELECT maestro.set_component_state('many/c01', 'suspended');
\o
SELECT is((SELECT (message, split_part(detail, E'\n', 1), split_part(detail, E'\n', 20), split_part(detail, E'\n', 21))::text FROM pg_temp.caught('SELECT maestro.assert_posture(''many'')')),
	'("88 threats of severity HIGH or above are open in many","c02: Data leakage","c06: Unvalidated inputs","and 68 more")',
	'of many the first 20 are named, and none of a suspended component');
SELECT * FROM finish();
ROLLBACK;
