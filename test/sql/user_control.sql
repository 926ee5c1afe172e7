\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SELECT plan(67);
CREATE ROLE tap_checker;
CREATE ROLE tap_operator;
GRANT maestro_operator TO tap_checker, tap_operator;
CREATE SCHEMA tap_check AUTHORIZATION tap_checker;
SET LOCAL ROLE tap_checker;
CREATE VIEW tap_check.good AS SELECT 'ok' AS status, 'all is well' AS reason, 'tap/planner'::maestro.regcomponent AS component,
	7 AS evidence_count, timestamptz '2020-01-02 03:04+00' AS newest_evidence, 'SELECT 1;' AS remedy;
CREATE VIEW tap_check.per_system AS SELECT 'alarm'::maestro.control_status AS status, 'bob@example.com ' || repeat('x', 600) AS reason, name AS system
	FROM maestro.system WHERE name = 'strict';
CREATE VIEW tap_check.mixed AS SELECT * FROM (VALUES ('ok', 'fine', 'tap/planner'), ('waived', 'ghp_secret', 'tap/search'), (NULL, NULL, 'tap/vault'),
	('skip', NULL, 'tap/maestro-log'), ('ok', 'x', 'nowhere/bob@example.com'), ('ok', 'x', NULL)) AS v (status, reason, component);
CREATE VIEW tap_check.none AS SELECT 'ok' AS status, 'x' AS reason, 'tap' AS system WHERE false;
CREATE VIEW tap_check.many AS SELECT 'ok' AS status, 'x' AS reason, 'tap' AS system FROM generate_series(1, 10001);
CREATE VIEW tap_check.whole AS SELECT 'ok' AS status, 'x' AS reason, 'tap' AS system FROM generate_series(1, 10000);
CREATE VIEW tap_check.late AS SELECT 'ok' AS status, 'x' AS reason, 'tap' AS system, timestamptz 'infinity' AS newest_evidence, -3 AS evidence_count
	UNION ALL SELECT 'ok', 'x', 'tap', '2999-01-01', 3;
CREATE VIEW tap_check."Odd "" name" AS SELECT 'ok' AS status, current_user || ' ' || current_setting('transaction_read_only') AS reason, 'tap' AS system;
CREATE VIEW tap_check.columns AS SELECT 'ok' AS status, 'x' AS reason, true AS evidence_count, 'tap' AS system, 'x' AS component;
CREATE TABLE tap_check.listed (status text, reason text, system text);
INSERT INTO tap_check.listed VALUES ('unknown', 'by hand', 'tap');
CREATE TEMP TABLE passing (status text, reason text, system text);
CREATE FUNCTION tap_check.divide(integer) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN 1 / $1; END $$;
CREATE VIEW tap_check.zero AS SELECT 'ok' AS status, 'x' AS reason, 'tap' AS system WHERE tap_check.divide(0) = 0;

-- Adding.
SELECT is(maestro.add_control('tap_good', 'All is well', 'component', 'tap_check.good'), 'created', 'a control is added');
SELECT results_eq($$ SELECT control, title, scope, relation, run_as::text COLLATE "default", timeout, max_age, added_login = session_user, removed_at FROM maestro.user_control $$,
	$$ VALUES ('tap_good', 'All is well', 'component', 'tap_check.good', 'tap_checker', interval '5 s', interval '1 day', true, NULL::timestamptz) $$,
	'and run as the role that added it');
RESET ROLE;
SELECT results_eq($$ SELECT kind::text, system_id, message, caller::text COLLATE "default", attributes ->> 'relation' FROM maestro.event ORDER BY event_id DESC LIMIT 1 $$,
	$$ VALUES ('registry', NULL::integer, 'control tap_good added', 'tap_checker', 'tap_check.good') $$, 'adding is logged');
SELECT throws_ok($$ SELECT maestro.add_control('tap_super', 'x', 'system', 'tap_check.listed') $$, '42501', 'a control is not run as a superuser', 'a superuser adds none');
SET LOCAL ROLE tap_operator;
SELECT throws_ok($$ SELECT maestro.add_control('tap_other', 'x', 'system', 'tap_check.listed') $$, '42501',
	'the role that adds a control must be allowed to read its relation', 'nor a role that can''t read it');
SET LOCAL ROLE tap_agent;
SELECT throws_ok($$ SELECT maestro.add_control('tap_agent', 'x', 'system', 'tap_check.listed') $$, '42501', NULL, 'nor an agent');
SET LOCAL ROLE tap_checker;
SELECT throws_ok(format('SELECT maestro.add_control(%s)', arguments), code, message, 'refused: ' || arguments) FROM (VALUES
	($$ 'tap_good', 'x', 'system', 'tap_check.listed' $$, '42710', 'the control exists already'),
	($$ 'timeout', 'x', 'system', 'tap_check.listed' $$, '42710', 'a built-in control has this name'),
	($$ 'Tap', 'x', 'system', 'tap_check.listed' $$, '22023', 'name of a control is not acceptable'),
	($$ NULL, 'x', 'system', 'tap_check.listed' $$, '22023', 'name of a control is not acceptable'),
	($$ 'tap_x', E'a\nb', 'system', 'tap_check.listed' $$, '22023', 'title of a control is not acceptable'),
	($$ 'tap_x', 'x', 'log', 'tap_check.listed' $$, '22023', 'scope of a control must be system or component'),
	($$ 'tap_x', 'x', NULL, 'tap_check.listed' $$, '22023', 'scope of a control must be system or component'),
	($$ 'tap_x', 'x', 'system', 'listed' $$, '22023', 'relation of a control must be given as schema.name'),
	($$ 'tap_x', 'x', 'system', 'bob@example.com' $$, '22023', 'relation of a control must be given as schema.name'),
	($$ 'tap_x', 'x', 'system', NULL $$, '22023', 'relation of a control must be given as schema.name'),
	($$ 'tap_x', 'x', 'system', 'tap_check.gone' $$, '42704', 'relation of the control does not exist'),
	($$ 'tap_x', 'x', 'system', (SELECT relnamespace::regnamespace || '.passing' FROM pg_class WHERE oid = 'passing'::regclass) $$, '42704', 'relation of the control does not exist'),
	($$ 'tap_x', 'x', 'component', 'tap_check.listed' $$, '42703', 'column "component" of the control''s relation is missing'),
	($$ 'tap_x', 'x', 'system', 'tap_check.good' $$, '42703', 'column "system" of the control''s relation is missing'),
	($$ 'tap_x', 'x', 'system', 'maestro.system' $$, '42703', 'column "status" of the control''s relation is missing'),
	($$ 'tap_x', 'x', 'system', 'tap_check.columns' $$, '42804', 'column "evidence_count" of the control''s relation is no number'),
	($$ 'tap_x', 'x', 'system', 'tap_check.listed', '9 ms' $$, '22023', 'timeout of a control must be from 10 ms to 60 s'),
	($$ 'tap_x', 'x', 'system', 'tap_check.listed', '61 s' $$, '22023', 'timeout of a control must be from 10 ms to 60 s'),
	($$ 'tap_x', 'x', 'system', 'tap_check.listed', NULL $$, '22023', 'timeout of a control must be from 10 ms to 60 s'),
	($$ 'tap_x', 'x', 'system', 'tap_check.listed', '1 s', '0' $$, '22023', 'max_age of a control must be above zero and at most 365 days')
) AS bad (arguments, code, message);
SELECT count(maestro.add_control('tap_' || name, name, scope, format('tap_check.%I', coalesce(relation, name)))) FROM (VALUES
	('per_system', 'system', NULL), ('mixed', 'component', NULL), ('none', 'system', NULL), ('many', 'system', NULL), ('whole', 'system', NULL),
	('late', 'system', NULL), ('odd', 'system', 'Odd " name'), ('listed', 'system', NULL), ('zero', 'system', NULL)) AS v (name, scope, relation) \gset ignored_
RESET ROLE;

-- Evaluating.
SELECT results_eq($$ SELECT * FROM maestro.evaluate_controls('tap_good') $$,
	$$ VALUES ('tap_good', 'tap', 'tap/planner', 'ok'::maestro.control_status, 'all is well') $$, 'one control is run by name');
SELECT results_eq($$ SELECT evidence_count, newest_evidence, remedy, basis::text, evaluated_by = current_user, run_as::text COLLATE "default" FROM maestro.control_result WHERE control = 'tap_good' $$,
	$$ VALUES (7::bigint, timestamptz '2020-01-02 03:04+00', 'SELECT 1;', 'observed', true, 'tap_checker') $$, 'and stored, with what the row says');
SELECT results_eq($$ SELECT system, component, status::text, length(reason), left(reason, 20) FROM maestro.evaluate_controls('tap_per_system') $$,
	$$ VALUES ('strict', NULL, 'alarm', 500, '[REDACTED:EMAIL] xxx') $$, 'reasons are sanitized and cut to 500 characters');
SELECT results_eq($$ SELECT component, status::text, reason FROM maestro.evaluate_controls('tap_mixed') ORDER BY 1 $$, $$ VALUES
	('tap/maestro-log', 'skip', 'no reason given'), ('tap/planner', 'ok', 'fine'), ('tap/search', 'error', 'status is none of ok, alarm, unknown, skip'),
	('tap/vault', 'error', 'status is none of ok, alarm, unknown, skip'), (NULL, 'error', '2 rows name a component that is not registered') $$,
	'a row without status is an error, and what is not registered is counted');
SELECT is((SELECT count(DISTINCT evaluated_at) FROM maestro.control_result WHERE control = 'tap_mixed'), 1::bigint, 'all of a run have one time');
SELECT is((SELECT count(*) FROM maestro.control_result AS r WHERE r::text ~ 'example.com|ghp'), 0::bigint, 'and none holds what a row said otherwise');
SELECT results_eq($$ SELECT system, status::text, reason FROM maestro.evaluate_controls('tap_none') $$, $$ VALUES (NULL, 'unknown', 'returned no row') $$, 'no row is unknown');
SELECT results_eq($$ SELECT system, status::text, reason FROM maestro.evaluate_controls('tap_many') $$, $$ VALUES (NULL, 'error', 'returned more than 10000 rows') $$, 'over 10,000 rows are an error');
SELECT is((SELECT count(*) FROM maestro.evaluate_controls('tap_whole')), 10000::bigint, '10,000 are not');
SELECT is((SELECT count(*) FROM maestro.evaluate_controls('tap_late')), 2::bigint, 'evidence may be dated badly');
SELECT results_eq($$ SELECT evidence_count, newest_evidence IS NULL OR newest_evidence = evaluated_at FROM maestro.control_result WHERE control = 'tap_late' ORDER BY 1 $$,
	$$ VALUES (0::bigint, true), (3, true) $$, 'but is not stored as newer than the run, nor as less than nothing');
SELECT results_eq($$ SELECT status::text, reason FROM maestro.evaluate_controls('tap_odd') $$, $$ VALUES ('ok', 'tap_checker on') $$, 'it is read as the role that added it, and reads alone');
SELECT results_eq($$ SELECT status::text, reason FROM maestro.evaluate_controls('tap_listed') $$, $$ VALUES ('unknown', 'by hand') $$, 'a table will do');
SELECT results_eq($$ SELECT status::text, reason FROM maestro.evaluate_controls('tap_zero') $$, $$ VALUES ('error', 'failed with SQLSTATE 22012') $$, 'an error is told by its SQLSTATE');
SELECT is(current_user::text || current_setting('transaction_read_only'), session_user || 'off', 'nothing of that outlives the run');
SELECT throws_ok($$ SELECT * FROM maestro.evaluate_controls('timeout') $$, '42704', 'there is no such control to run', 'what is computed is not run');
SELECT throws_ok($$ SELECT * FROM maestro.run_control('tap_checker'::regrole, 'tap_check.good', '1 s', 10) $$, '42501',
	'user controls are run by maestro.evaluate_controls', 'and nothing runs a control but evaluate_controls');

-- All at once.
SELECT results_eq($$ SELECT control, count(*) FROM maestro.evaluate_controls() GROUP BY control ORDER BY control COLLATE "C" $$, $$ VALUES ('checkpoint_outside', 1::bigint),
	('integrity_check', 1), ('log_sensitive', 1), ('log_verified', 1), ('signature', 2), ('tap_good', 1), ('tap_late', 2), ('tap_listed', 1), ('tap_many', 1), ('tap_mixed', 5), ('tap_none', 1), ('tap_odd', 1),
	('tap_per_system', 1), ('tap_whole', 10000), ('tap_zero', 1) $$, 'without a name all are run, built-in ones first');
SELECT is((SELECT control FROM maestro.control_result ORDER BY result_id DESC OFFSET 10019 LIMIT 1), 'integrity_check', 'built-in checks are run first');
SELECT results_eq($$ SELECT system_id, status::text, reason, evidence_count > 20, details FROM maestro.control_result WHERE control = 'integrity_check' $$,
	$$ VALUES (NULL::integer, 'ok', 'no finding', true, '{"findings": []}'::jsonb) $$, 'integrity_check without a finding is ok');
SET LOCAL maestro.maintenance = on;
ALTER TABLE maestro.component DISABLE TRIGGER registry_guard_row;
SELECT results_eq($$ SELECT status::text, reason FROM maestro.evaluate_controls('integrity_check') $$,
	$$ VALUES ('alarm', '1 finding: trigger registry_guard_row on maestro.component is not ENABLE ALWAYS') $$, 'a finding is an alarm');
ALTER TABLE maestro.component DISABLE TRIGGER registry_guard_statement;
SELECT results_eq($$ SELECT status::text, reason FROM maestro.evaluate_controls('integrity_check') $$,
	$$ VALUES ('alarm', '2 findings, first: trigger registry_guard_row on maestro.component is not ENABLE ALWAYS') $$, 'several name the first');
ALTER TABLE maestro.component ENABLE ALWAYS TRIGGER registry_guard_row, ENABLE ALWAYS TRIGGER registry_guard_statement;

-- What went away since.
REVOKE maestro_operator FROM tap_checker;
DROP VIEW tap_check.good;
GRANT maestro_operator TO tap_checker;
SELECT results_eq($$ SELECT status::text, reason FROM maestro.evaluate_controls('tap_good') $$, $$ VALUES ('error', 'relation tap_check.good does not exist any more') $$, 'a relation that is gone is an error');
REVOKE SELECT ON tap_check.listed FROM tap_checker;
SELECT results_eq($$ SELECT status::text, reason FROM maestro.evaluate_controls('tap_listed') $$, $$ VALUES ('error', 'role tap_checker may not read tap_check.listed any more') $$, 'so is one that may not be read');
ALTER ROLE tap_checker SUPERUSER;
SELECT results_eq($$ SELECT status::text, reason FROM maestro.evaluate_controls('tap_odd') $$, $$ VALUES ('error', 'is not run as a superuser, which its role has become') $$, 'so is a role that became a superuser');
ALTER ROLE tap_checker NOSUPERUSER;

-- Removing.
SET LOCAL ROLE tap_operator;
SELECT throws_ok($$ SELECT maestro.remove_control('tap_odd') $$, '42501', 'only who added a control may remove it', 'an operator removes no control of another''s');
SET LOCAL ROLE tap_checker;
SELECT is(maestro.remove_control('tap_odd'), 'removed', 'who added a control removes it');
SELECT throws_ok($$ SELECT maestro.remove_control('tap_odd') $$, '42704', 'the control does not exist', 'once');
RESET ROLE;
SELECT throws_ok($$ SELECT * FROM maestro.evaluate_controls('tap_odd') $$, '42704', 'there is no such control to run', 'it is not run any more');
SELECT isnt_empty($$ SELECT FROM maestro.control_result WHERE control = 'tap_odd' $$, 'its results stay');
SELECT is((SELECT message FROM maestro.event ORDER BY event_id DESC LIMIT 1), 'control tap_odd removed', 'and it is logged');
SET LOCAL ROLE tap_checker;
SELECT is(maestro.add_control('tap_odd', 'again', 'system', 'tap_check.per_system', '20 ms', '2 h'), 'created', 'its name may be used again');
RESET ROLE;
SELECT results_eq($$ SELECT title, relation, timeout, max_age, removed_at FROM maestro.user_control WHERE control = 'tap_odd' $$,
	$$ VALUES ('again', 'tap_check.per_system', interval '20 ms', interval '2 h', NULL::timestamptz) $$, 'for another control');
SELECT throws_ok($$ UPDATE maestro.user_control SET run_as = 'postgres' $$, 'MA001', NULL, 'a control is changed by functions alone');
ALTER ROLE tap_checker RENAME TO tap_renamed;
SELECT results_eq($$ SELECT status::text, reason FROM maestro.evaluate_controls('tap_odd') $$, $$ VALUES ('error', 'role tap_checker does not exist any more') $$, 'a role that is gone is an error');
GRANT maestro_admin TO tap_operator;
SET LOCAL ROLE tap_operator;
SELECT is(maestro.remove_control('tap_odd'), 'removed', 'maestro_admin removes any');
RESET ROLE;

-- Who may run and read.
SELECT is(maestro.remove_control('tap_zero'), 'removed', 'so does the owner');
SET LOCAL ROLE tap_agent;
SELECT throws_ok('SELECT * FROM maestro.evaluate_controls()', '42501', NULL, 'an agent evaluates nothing');
RESET ROLE;
GRANT SELECT ON maestro.control_result, maestro.user_control TO tap_other;
SET LOCAL ROLE tap_other;
SELECT results_eq($$ SELECT DISTINCT control FROM maestro.control_result $$, ARRAY['tap_mixed'], 'a component''s role reads the results about it alone');
SELECT is_empty('SELECT * FROM maestro.user_control', 'and of no control how it is made');
RESET ROLE;
SELECT is_empty('SELECT * FROM maestro.integrity_check()', 'the guards stand');
SELECT * FROM finish();
ROLLBACK;
