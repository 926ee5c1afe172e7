\set ECHO none
BEGIN;
\i test/tap_setup.sql
SET LOCAL jit = off;
\o /dev/null
\i test/posture_setup.sql
SELECT pg_temp.component('proof/a', '{"timeout": "30 s", "version": "2"}');
SELECT pg_temp.dependency('proof/a', '{"name": "search", "breaker": "external"}');
SELECT pg_temp.event('proof/a', 'note', 2, '{"duration": "1 s"}');
SELECT pg_temp.event('proof/a', 'note', 1, '{"duration": "90 s"}');
SELECT pg_temp.event('proof/a', 'note', 1, '{"duration": "80 s", "component_version": "1"}');
SELECT pg_temp.event('proof/a', 'error', 1, '{"trace": 5}');
SELECT pg_temp.drill('proof', 5);
SELECT pg_temp.event('proof/a', 'dependency_call', 1, '{"dependency": "search", "attributes": {"breaker.state": "open"}}');
SELECT pg_temp.event('proof/a', 'note', 1, '{"duration": "1 s", "age": "40 days"}');
SELECT pg_temp.report('proof/a', '{"privileged": true, "localState": true}');
SELECT pg_temp.session('proof/a'), pg_temp.session('proof/a', '10.1.1.1');
SELECT pg_temp.attest('proof/a', 'stateless');
SELECT pg_temp.result(NULL, 'integrity_check', 'alarm');
SELECT pg_temp.component('other/a');
SELECT pg_temp.event('other/a', 'note', 3, '{"duration": "1 s"}');
\o
SELECT plan(23);
CREATE FUNCTION pg_temp.proof(subject text) RETURNS TABLE (is_event boolean, basis text, good boolean, why text) LANGUAGE sql AS $$
	SELECT e.event_id IS NOT NULL, e.basis::text, e.good, e.why FROM maestro.evidence('proof/a', subject) AS e ORDER BY e.why, e.good, e.event_id
$$;
SELECT results_eq($$ SELECT * FROM pg_temp.proof('timeout') $$, $$ VALUES
	(true, 'observed', false, 'Timeout: outlasted the timeout and its grace'),
	(true, 'observed', false, 'Timeout: outlasted the timeout and its grace'),
	(true, 'observed', true, 'Timeout: within the timeout and its grace'),
	(true, 'observed', true, 'Timeout: within the timeout and its grace') $$,
	'a control''s evidence are the events that it counted, and no older ones');
SELECT set_eq($$ SELECT is_event, basis, good FROM pg_temp.proof('Race conditions') $$, $$ VALUES (false, 'reported', false), (false, 'attested', true) $$,
	'a threat has that of its controls, events or not');
SELECT set_eq($$ SELECT is_event, basis, good FROM pg_temp.proof('error_structured') $$, $$ VALUES (true, 'drill', false) $$, 'what a drill showed says so');
SELECT set_eq($$ SELECT is_event, basis, good FROM pg_temp.proof('session_network') $$, $$ VALUES (false, 'enforced', true), (false, 'enforced', false) $$, 'sessions are evidence');
SELECT set_eq($$ SELECT is_event, basis, good, why FROM pg_temp.proof('integrity_check') $$, $$ VALUES (false, 'enforced', false, 'integrity_check: result is alarm') $$, 'and so are results of checks');
SELECT is((SELECT count(*) FROM pg_temp.proof('All inputs validated via typed model schema')), 0::bigint, 'an item is named by its wording, and may have no evidence');
SELECT is((SELECT count(*) FROM pg_temp.proof('log_neutralised')), 6::bigint, 'a control of the system has the system''s events');
SELECT throws_ok($$ SELECT * FROM maestro.evidence('proof/a', 'nothing such') $$, '22023', 'no control, checklist item or threat has this name', 'an unknown subject is refused');
SELECT throws_ok($$ SELECT * FROM maestro.evidence('proof/nobody', 'timeout') $$, '42704', NULL, 'so is an unknown component');
-- What counts is what is listed.
SELECT is((SELECT count(*) FILTER (WHERE e.good) || ' ' || count(*) FILTER (WHERE NOT e.good) FROM maestro.evidence('proof/a', 'circuit_breaker') e),
	(SELECT sum(s.ok) || ' ' || sum(s.bad) FROM maestro.signal s JOIN maestro.component c USING (component_id) JOIN maestro.system y ON y.system_id = c.system_id
	  WHERE y.name = 'proof' AND s.signal IN ('breaker_asked', 'breaker_heeded')), 'as many as the signals count');
-- Reviews.
\o /dev/null
SELECT pg_temp.review('proof', 'resolved');
\o
SELECT set_eq($$ SELECT good, count(*) FROM pg_temp.proof('timeout') GROUP BY good $$, $$ VALUES (true, 2::bigint), (NULL, 2) $$, 'what a review excused is listed as neither good nor bad');
SELECT set_eq($$ SELECT control, ended_by ~ '^review [0-9]+: resolved$' FROM maestro.past_alarm WHERE system = 'proof' AND control IN ('timeout', 'circuit_breaker') $$,
	$$ VALUES ('timeout', true), ('circuit_breaker', true) $$, 'and as an alarm that is past');
-- An alarm that a newer version outgrew.
\o /dev/null
SELECT pg_temp.component('grown/a', '{"version": "2"}');
SELECT pg_temp.event('grown/a', 'output', 1, '{"component_version": "1", "findings": {"EMAIL": 1}}');
SELECT pg_temp.event('grown/a', 'output', 5);
\o
SELECT set_eq($$ SELECT good, why FROM maestro.evidence('grown/a', 'output_sensitive') $$, $$ VALUES (true, 'No sensitive data in outputs: no secret, nor personal data that is not allowed'),
	(false, 'No sensitive data in outputs: a secret, or personal data that is not allowed; of an earlier version') $$, 'where the version matters, evidence says so');
SELECT set_eq($$ SELECT control, ended_by FROM maestro.past_alarm WHERE system = 'grown' $$, $$ VALUES ('output_sensitive', 'the running version has shown enough good') $$,
	'an alarm that the running version outgrew stays listed');
-- A control of the user's: its words are shown as they are.
\o /dev/null
INSERT INTO maestro.user_control (control, title, scope, relation, run_as, added_at, added_login) VALUES ('mine', 'Mine', 'system', 'public.x', 'postgres', now() - interval '1 hour', 'postgres');
INSERT INTO maestro.control_result (control, evaluated_at, system_id, status, reason, remedy, evaluated_by)
	SELECT 'mine', now(), system_id, 'alarm', 'it is', CASE name WHEN 'proof' THEN 'raise it to 100% now' ELSE '{"breaker": "none"}' END, 'postgres' FROM maestro.system WHERE name IN ('proof', 'grown');
\o
SELECT results_eq($$ SELECT system, component, status::text, remedy FROM maestro.component_control WHERE control = 'mine' ORDER BY system $$,
	$$ VALUES ('grown', NULL::text, 'alarm', ' {"breaker": "none"}'), ('proof', NULL, 'alarm', 'raise it to 100% now') $$, 'a remedy of a control of the user''s is a text, not a template');
SELECT is((SELECT count(*) FROM maestro.next_step WHERE action LIKE 'Mine%'), 0::bigint, 'and no step of the matrix');

-- Who may see it.
\o /dev/null
SELECT * FROM maestro.install_roles();
CREATE ROLE evidence_crew;
CREATE ROLE evidence_auditor;
GRANT maestro_auditor TO evidence_auditor;
SELECT * FROM maestro.apply_manifest('{"systems": [{"name": "other", "db_role": "evidence_crew"}]}');
\o
SET LOCAL ROLE evidence_auditor;
SELECT lives_ok($$ SELECT * FROM maestro.evidence('proof/a', 'timeout') $$, 'an auditor reads evidence');
SELECT throws_ok($$ SELECT * FROM maestro.evidence('proof/a', 'nothing such') $$, '22023', NULL, 'and gets its errors');
SELECT lives_ok($$ SELECT * FROM maestro.past_alarm $$, 'and past alarms');
SELECT lives_ok($$ SELECT * FROM maestro.declared_boundary $$, 'and the views that posture is made of');
RESET ROLE;
SET LOCAL ROLE evidence_crew;
SELECT throws_ok($$ SELECT * FROM maestro.evidence('other/a', 'timeout') $$, '42501', NULL, 'nobody else does without being granted it');
RESET ROLE;
SELECT is((SELECT count(*) FROM maestro.next_step WHERE system = 'proof' AND rank = 1), 1::bigint, 'each system has a first step');
SELECT is_empty($$ SELECT * FROM maestro.next_step WHERE statement IS NULL AND advice IS NULL OR unblocks < 1 OR weight <= 0 $$, 'every step says what to do, and what for');
SELECT * FROM finish();
ROLLBACK;
