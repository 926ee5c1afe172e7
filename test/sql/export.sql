\set ECHO none
BEGIN;
\i test/tap_setup.sql
SET LOCAL jit = off;
SET LOCAL timezone = 'UTC';
SET LOCAL "IntervalStyle" = 'postgres';
SELECT plan(24);
SELECT throws_ok($$ SELECT maestro.export_evidence('crew') $$, '42704', 'system is not registered', 'a system that is not registered has no evidence');

\o /dev/null
\i test/posture_setup.sql
SELECT pg_temp.component('rest/planner');
SELECT pg_temp.report('rest/planner', '{"privileged": true}', '1 hour');
SELECT pg_temp.component('crew/writer', '{"own_process": false, "timeout": "1 day"}');
SELECT pg_temp.component('crew/planner', '{"own_process": false, "timeout": "30s", "max_iterations": 5}');
SELECT pg_temp.event('crew/planner', 'tool_call', 20, '{"trace": 0, "duration": "1s", "body": {}, "age": "20 days"}');
SELECT pg_temp.event('crew/planner', 'tool_call', 3, '{"trace": 0, "span": 1, "duration": "100s", "body": {"a": 1}, "age": "10 days"}');
SELECT pg_temp.report('crew/planner', '{"privileged": false}', '40 days');
SELECT pg_temp.report('crew/planner', '{"privileged": true}', '2 days');
INSERT INTO maestro.attestation (component_id, control, statement, evidence_date, valid_until, attested_by, attested_at)
SELECT pg_temp.id('crew/planner'), 'fd_closed', statement, at::date, valid_until::date, 'postgres', at
  FROM (VALUES ('over', now() - interval '60 days', now() - interval '40 days'), ('long', now() - interval '60 days', now() + interval '100 days'),
			   ('new', now() - interval '1 day', now() + interval '10 days')) v (statement, at, valid_until);
SELECT maestro.snapshot_posture('crew');
CREATE TEMP TABLE evidence AS SELECT maestro.export_evidence('crew') AS doc;
\o

SELECT is((SELECT jsonb_object_agg(key, jsonb_typeof(value)) FROM evidence, jsonb_each(doc)),
	'{"format": "string", "version": "number", "system": "string", "generated_at": "string", "since": "string", "until": "string",
	  "components": "array", "matrix": "array", "checklist": "array", "attestations": "array", "environment_reports": "array", "decisions": "array", "reviews": "array", "drills": "array",
	  "control_results": "array", "sessions": "array", "cited_events": "array", "log": "object"}',
	'the document has its keys and no others');
SELECT results_eq($$ SELECT doc ->> 'format', doc -> 'version', doc ->> 'system', (doc ->> 'generated_at')::timestamptz, (doc ->> 'since')::timestamptz, (doc ->> 'until')::timestamptz FROM evidence $$,
	$$ VALUES ('maestro-evidence', '1'::jsonb, 'crew', now(), now() - interval '30 days', now()) $$, 'it says what it is about, of the last 30 days unless asked otherwise');
SELECT is((SELECT doc -> 'components' FROM evidence),
	(SELECT jsonb_agg(to_jsonb(c) ORDER BY component_id) FROM maestro.component c WHERE name IN ('writer', 'planner') AND system_id = (SELECT system_id FROM maestro.system WHERE name = 'crew')),
	'components are the registry''s rows, by id');
SELECT bag_eq($$ SELECT x FROM evidence, jsonb_array_elements(doc -> 'matrix') x $$, $$ SELECT to_jsonb(m) FROM maestro.threat_matrix m WHERE system = 'crew' $$,
	'matrix holds the rows of the threat matrix');
SELECT is((SELECT string_agg(DISTINCT t.position || ':' || n, ',') FROM evidence, jsonb_array_elements(doc -> 'matrix') WITH ORDINALITY x (cell, n) JOIN maestro.threat t ON t.name = cell ->> 'threat'
		WHERE n = 1), '1:1', 'from the first threat');
SELECT is((SELECT count(*) FROM (SELECT t.position, cell ->> 'component' AS component, lag(t.position) OVER w AS before, lag(cell ->> 'component') OVER w AS neighbour
		FROM evidence, jsonb_array_elements(doc -> 'matrix') WITH ORDINALITY x (cell, n) JOIN maestro.threat t ON t.name = cell ->> 'threat'
	  WINDOW w AS (ORDER BY n)) y WHERE (before, neighbour COLLATE "C") > (position, component COLLATE "C")), 0::bigint, 'on, and by component');
SELECT results_eq($$ SELECT x FROM evidence, jsonb_array_elements(doc -> 'checklist') x $$, $$ SELECT to_jsonb(k) FROM maestro.checklist_compliance k WHERE system = 'crew' $$,
	'checklist holds its 20 rows in their order');
SELECT results_eq($$ SELECT x ->> 'statement' FROM evidence, jsonb_array_elements(doc -> 'attestations') x $$, $$ VALUES ('long'), ('new') $$,
	'attestations are those that were valid in the period');
SELECT results_eq($$ SELECT x -> 'facts' FROM evidence, jsonb_array_elements(doc -> 'environment_reports') x $$, $$ VALUES ('{"privileged": true}'::jsonb) $$,
	'environment reports those made in it');
SELECT results_eq($$ SELECT x FROM evidence, jsonb_array_elements(doc -> 'cited_events') x $$,
	$$ SELECT to_jsonb(e) FROM maestro.event e WHERE event_id IN (SELECT (body -> 'cited' ->> 0)::bigint FROM maestro.posture_snapshot) $$,
	'cited events are those of the snapshot, whole');
SELECT is((SELECT (x ->> 'duration', x ->> 'span_id', x -> 'body')::text FROM evidence, jsonb_array_elements(doc -> 'cited_events') x), (SELECT ('00:01:40'::text, left(md5('1'), 16), '{"a": 1}'::jsonb)::text),
	'with duration, ids and body');
SELECT results_eq($$ SELECT jsonb_array_length(d -> 'environment_reports'), jsonb_array_length(d -> 'attestations'), jsonb_array_length(d -> 'cited_events')
					   FROM maestro.export_evidence('crew', now() - interval '90 days', now() - interval '30 days') d $$, 'VALUES (1, 2, 1)',
	'another period has its own reports and attestations, and what posture rests on today');
SELECT results_eq($$ SELECT d -> 'environment_reports', d -> 'attestations', d ->> 'until' FROM maestro.export_evidence('crew', 'infinity', 'infinity') d $$,
	$$ VALUES ('[]'::jsonb, '[]'::jsonb, 'infinity') $$, 'one without any has empty lists');
SELECT ok((SELECT doc::text !~ '"rest' FROM evidence), 'nothing of another system is in it');

SET LOCAL "IntervalStyle" = 'iso_8601';
SET LOCAL "DateStyle" = 'German';
SET LOCAL timezone = 'Asia/Tokyo';
SELECT is(maestro.export_evidence('crew'), (SELECT doc FROM evidence), 'the document does not depend on settings of the session');
SELECT throws_ok($$ SELECT maestro.export_evidence('crew', now(), now() - interval '1 s') $$, '22023', NULL, 'a period ends after it starts');
SELECT throws_ok($$ SELECT maestro.export_evidence('crew', NULL) $$, '22023', NULL, 'and starts');
SELECT throws_ok($$ SELECT maestro.export_evidence(NULL) $$, '42704', NULL, 'no system has no evidence');

-- Who may.
\o /dev/null
SELECT count(*) FROM maestro.install_roles();
CREATE ROLE export_auditor IN ROLE maestro_auditor;
CREATE ROLE export_board IN ROLE maestro_dashboard;
CREATE ROLE export_rest IN ROLE maestro_agent;
SELECT maestro.apply_manifest('{"systems": [{"name": "rest", "db_role": "export_rest"}]}'::jsonb);
GRANT SELECT ON evidence TO PUBLIC;
\o
SET LOCAL ROLE export_auditor;
SELECT is(maestro.export_evidence('crew'), (SELECT doc FROM evidence), 'an auditor gets the same as the owner');
SET LOCAL ROLE export_board;
SELECT throws_ok($$ SELECT maestro.export_evidence('crew') $$, '42501', NULL, 'a dashboard exports nothing');
SET LOCAL ROLE export_rest;
SELECT throws_ok($$ SELECT maestro.export_evidence('rest') $$, '42501', NULL, 'nor does an agent');
RESET ROLE;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA maestro TO export_rest;
GRANT SELECT ON ALL TABLES IN SCHEMA maestro TO export_rest;
SET LOCAL ROLE export_rest;
SELECT throws_ok($$ SELECT maestro.export_evidence('crew') $$, '42704', 'system is not registered', 'even one who is let exports no system of others');
SELECT is((SELECT d ->> 'system' FROM maestro.export_evidence('rest') d), 'rest', 'but his own');
SELECT * FROM finish();
ROLLBACK;
