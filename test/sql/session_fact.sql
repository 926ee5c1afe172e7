\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SELECT plan(24);
CREATE FUNCTION public.log(component text) RETURNS maestro.decision LANGUAGE sql
	AS $$ SELECT decision FROM maestro.log_event(component, 'note', 'x') $$;
CREATE TEMP VIEW fact AS
	SELECT f.component_id::maestro.regcomponent::text AS component, f.* FROM maestro.session_fact AS f;
SELECT is_empty('SELECT * FROM fact', 'registering is no fact about a session');

-- Once a component.
SELECT public.log('tap/planner'), public.log('tap/planner') \gset ignored_
SELECT is((SELECT count(*) FROM fact), 1::bigint, 'two events as a component are one fact');
SELECT results_eq($$ SELECT component, (SELECT name FROM maestro.system AS s WHERE s.system_id = fact.system_id), caller::text, session_role::text FROM fact $$,
	$$ VALUES ('tap/planner', 'tap', current_user::text, session_user::text) $$, 'it names component, system and both roles');
SELECT results_eq('SELECT client_address, tls, tls_version, backend_pid FROM fact',
	'SELECT inet_client_addr(), false, NULL::text, pg_backend_pid()', 'and the connection: by a socket no address');
SELECT results_eq('SELECT backend_start FROM fact', 'SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()',
	'and when the session began');
SELECT public.log('tap/search') AS ignored \gset
SELECT results_eq('SELECT component FROM fact ORDER BY 1', ARRAY['tap/planner', 'tap/search'], 'another component is another fact');

-- Once a pair of roles.
SET LOCAL ROLE tap_agent;
SELECT public.log('tap/planner'), public.log('tap/planner') \gset ignored_
RESET ROLE;
SELECT results_eq($$ SELECT caller::text, session_role = session_user FROM fact WHERE component = 'tap/planner' ORDER BY session_id $$,
	$$ VALUES (current_user::text, true), ('tap_agent', true) $$, 'another role is another fact');
SET SESSION AUTHORIZATION tap_agent;
SELECT public.log('tap/planner') AS ignored \gset
RESET SESSION AUTHORIZATION;
SELECT is((SELECT session_role::text FROM fact ORDER BY session_id DESC LIMIT 1), 'tap_agent', 'another login too');
SELECT public.log('tap/planner') AS ignored \gset
SELECT is((SELECT count(*) FROM fact), 4::bigint, 'back as the first role there is nothing new');

-- Accepted events of registered components alone.
SELECT public.log('tap/nobody'), public.log('nowhere/nobody'), maestro.set_component_state('tap/vault', 'suspended'), public.log('tap/vault') \gset ignored_
SELECT is((SELECT count(*) FROM fact), 4::bigint, 'what is refused is no fact');
SELECT maestro.set_component_state('tap/vault', 'active') AS ignored \gset

-- What is rolled back was not stored, and the backend knows.
SAVEPOINT a;
SELECT public.log('tap/vault') AS ignored \gset
SELECT is((SELECT count(*) FROM fact WHERE component = 'tap/vault'), 1::bigint, 'a fact in a subtransaction');
ROLLBACK TO a;
SELECT is((SELECT count(*) FROM fact WHERE component = 'tap/vault'), 0::bigint, 'goes with it');
SAVEPOINT b;
SAVEPOINT c;
SELECT public.log('tap/vault') AS ignored \gset
RELEASE c;
SELECT is((SELECT count(*) FROM fact WHERE component = 'tap/vault'), 1::bigint, 'is stored again at the next event');
ROLLBACK TO b;
SELECT public.log('tap/vault') AS ignored \gset
SELECT is((SELECT count(*) FROM fact WHERE component = 'tap/vault'), 1::bigint, 'and again when an outer subtransaction took it along');
SAVEPOINT d;
SELECT public.log('tap/vault') AS ignored \gset
ROLLBACK TO d;
SELECT public.log('tap/vault') AS ignored \gset
SELECT is((SELECT count(*) FROM fact WHERE component = 'tap/vault'), 1::bigint, 'an aborted subtransaction takes none along that it did not write');

-- Bulk, in one subtransaction an element.
SELECT maestro.register_component('tap', 'bulk', 'agent') AS ignored \gset
SELECT results_eq($$ SELECT coalesce(left(error, 5), decision::text) FROM maestro.log_events('[{"component": "tap/bulk", "kind": "note"},
	{"component": "tap/bulk", "kind": "nothing"}, {"component": "tap/bulk", "kind": "note"}]', 'skip') ORDER BY index $$,
	$$ VALUES ('allow'), ('22P02'), ('allow') $$, 'log_events that skips stores what is good');
SELECT is((SELECT count(*) FROM fact WHERE component = 'tap/bulk'), 1::bigint, 'with one fact');

-- Once a day, whatever number of sessions.
SELECT maestro.register_component('tap', 'daily', 'agent') AS ignored \gset
INSERT INTO maestro.session_fact (system_id, component_id, caller, session_role, tls, backend_pid, backend_start, seen_at)
SELECT system_id, component_id, current_user, session_user, false, 1, now(), now() - interval '23 hours' FROM maestro.component WHERE name = 'daily';
SELECT public.log('tap/daily') AS ignored \gset
SELECT is((SELECT count(*) FROM fact WHERE component = 'tap/daily'), 1::bigint, 'what another session has seen within a day is no other fact');
SELECT maestro.register_component('tap', 'old', 'agent') AS ignored \gset
INSERT INTO maestro.session_fact (system_id, component_id, caller, session_role, client_address, tls, backend_pid, backend_start, seen_at)
SELECT system_id, component_id, current_user, session_user, a, false, 1, now(), now() - t
  FROM maestro.component, (VALUES (NULL::inet, interval '25 hours'), ('10.0.0.1', '1 hour')) AS v (a, t) WHERE name = 'old';
SELECT public.log('tap/old') AS ignored \gset
SELECT is((SELECT count(*) FROM fact WHERE component = 'tap/old'), 3::bigint, 'longer ago, or elsewhere, it is');
SELECT results_eq($$ SELECT sessions, client_address FROM maestro.session_place p JOIN maestro.component c USING (component_id) WHERE c.name = 'old' ORDER BY 2 $$,
	$$ VALUES (1::bigint, '10.0.0.1'::inet), (2, NULL) $$, 'places are counted by what was seen of them');

-- Who may read and write.
SELECT throws_ok('UPDATE maestro.session_fact SET tls = true', 'MA001', NULL, 'a fact is not changed');
SELECT throws_ok('DELETE FROM maestro.session_fact', 'MA001', NULL, 'nor deleted');
GRANT SELECT ON maestro.session_fact TO tap_other;
SET LOCAL ROLE tap_other;
SELECT results_eq('SELECT DISTINCT component_id::maestro.regcomponent::text FROM maestro.session_fact', ARRAY['tap/vault'],
	'a component''s role reads the facts about it alone');
RESET ROLE;
SELECT is_empty('SELECT * FROM maestro.integrity_check()', 'the guards stand');
SELECT * FROM finish();
ROLLBACK;
