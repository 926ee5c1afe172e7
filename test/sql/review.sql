\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SET client_min_messages = error;
SELECT plan(35);
CREATE ROLE tap_boss;
GRANT maestro_approver TO tap_boss, tap_agent, tap_other;
\i test/roles_setup.sql
SELECT event_id AS planner FROM maestro.log_event('tap/planner', 'error', 'failed') \gset
SELECT event_id AS vault FROM maestro.log_event('tap/vault', 'error', 'failed') \gset
SELECT event_id AS quarantined FROM maestro.log_event('tap/nobody', 'output', 'x') \gset
SELECT event_id AS nowhere FROM maestro.log_event('nowhere/x', 'output', 'x') \gset
SELECT maestro.set_component_state('tap/vault', 'suspended') AS state \gset
SELECT event_id AS registry FROM newest \gset

-- Reviewing.
SELECT pg_temp.said('tap_boss', format('SELECT maestro.review_event(%s, %L, %L)', :planner, 'false_alarm', 'bob@example.com was testing')) AS r \gset
SELECT is(:'r', (SELECT max(review_id)::text FROM maestro.event_review), 'review_event returns the id of a review');
SELECT results_eq($$ SELECT event_id, system_id, component_id::maestro.regcomponent::text, conclusion, note, reviewed_by::text, login::text FROM maestro.event_review $$,
	format($$ VALUES (%s::bigint, (SELECT system_id FROM maestro.system WHERE name = 'tap'), 'tap/planner', 'false_alarm', '[REDACTED:EMAIL] was testing', name 'tap_boss'::text, session_user::text) $$, :planner),
	'which is stored, sanitized, with role and login');
SELECT results_eq($$ SELECT kind::text, regexp_replace(message, '\d+', 'N'), target_id::maestro.regcomponent::text, caller::text, attributes ->> 'conclusion' FROM newest $$,
	$$ VALUES ('registry', 'event N reviewed: false_alarm', 'tap/planner', name 'tap_boss'::text, 'false_alarm') $$, 'and logged');
SELECT is((SELECT message FROM maestro.event WHERE event_id = :planner), 'failed', 'the event stays as it is');
SELECT cmp_ok(maestro.review_event(:planner, conclusion, 'x'), '>', 0, 'a conclusion is ' || conclusion) FROM unnest(ARRAY['resolved', 'confirmed']) AS conclusion;
SELECT cmp_ok(maestro.review_event(:registry, 'resolved', 'known'), '>', 0, 'a change is reviewed too');
SELECT is((SELECT component_id::maestro.regcomponent::text FROM maestro.event_review ORDER BY review_id DESC LIMIT 1), 'tap/vault', 'where nobody acted, who was acted on is judged');
SELECT cmp_ok(maestro.review_event(:quarantined, 'confirmed', 'known'), '>', 0, 'so is what an unregistered writer sent');
SELECT is((SELECT component_id FROM maestro.event_review ORDER BY review_id DESC LIMIT 1), NULL, 'which judges no component');

-- Bad input is an error, and stores nothing.
CREATE TEMP TABLE before_bad AS SELECT (SELECT count(*) FROM maestro.event) AS events, (SELECT count(*) FROM maestro.event_review) AS reviews;
SELECT throws_ok(statement, code, message, 'refused: ' || name) FROM (VALUES
	('SELECT maestro.review_event(-1, ''resolved'', ''x'')', '42704', 'there is no event with this id', 'an event that is not there'),
	('SELECT maestro.review_event(NULL, ''resolved'', ''x'')', '42704', 'there is no event with this id', 'no event'),
	(format('SELECT maestro.review_event(%s, ''resolved'', ''x'')', :nowhere), '55000', 'the event belongs to no registered system', 'an event of no system'),
	(format('SELECT maestro.review_event(%s, ''boring'', ''x'')', :planner), '22023', 'there is no such conclusion', 'another conclusion'),
	(format('SELECT maestro.review_event(%s, NULL, ''x'')', :planner), '22023', 'there is no such conclusion', 'no conclusion'),
	(format('SELECT maestro.review_event(%s, ''resolved'', NULL)', :planner), '22004', 'note of a review must not be null', 'no note'),
	(format('SELECT maestro.review_event(%s, ''resolved'', '''')', :planner), '22023', 'note of a review says too little', 'an empty note')
) AS bad (statement, code, message, name);
SELECT results_eq('SELECT (SELECT count(*) FROM maestro.event), (SELECT count(*) FROM maestro.event_review)', 'TABLE before_bad', 'and nothing of all that was stored or logged');

-- Nobody judges what speaks against himself.
SELECT is(pg_temp.said(role, format('SELECT maestro.review_event(%s, %L, %L)', event, 'false_alarm', 'nothing there')), NULL, name) FROM (VALUES
	('tap_agent', :planner, 'the system''s role judges no event of its components'),
	('tap_other', :vault, 'nor does a component''s role of its own'),
	('tap_other', :registry, 'nor where it was acted on'),
	('tap_other', :quarantined, 'nor, with any role in the system, where the writer is unknown')) AS v (role, event, name);
SELECT results_eq($$ SELECT level::text, decision::text, reason, target_id::maestro.regcomponent::text, regexp_replace(message, '\d+', 'N'), caller::text
	FROM maestro.event WHERE kind = 'rejected' AND reason = 'own_component' ORDER BY event_id $$, $$ VALUES
	('warn', 'deny', 'own_component', 'tap/planner', 'event N was not reviewed: who acts for the component can''t judge what speaks against it', name 'tap_agent'::text),
	('warn', 'deny', 'own_component', 'tap/vault', 'event N was not reviewed: who acts for the component can''t judge what speaks against it', name 'tap_other'::text),
	('warn', 'deny', 'own_component', 'tap/vault', 'event N was not reviewed: who acts for the component can''t judge what speaks against it', name 'tap_other'::text),
	('warn', 'deny', 'own_component', NULL, 'event N was not reviewed: who acts for the component can''t judge what speaks against it', name 'tap_other'::text) $$, 'each refusal is an event');
SELECT is((SELECT count(*) FROM maestro.event_review), (SELECT reviews FROM before_bad), 'and no review');
SELECT isnt(pg_temp.said('tap_other', format('SELECT maestro.review_event(%s, %L, %L)', :planner, 'resolved', 'a neighbour''s')), NULL, 'a neighbour with a role of his own may');

-- Who may.
SELECT throws_ok(format($$ SELECT pg_temp.said(%L, 'SELECT maestro.review_event(%s, ''resolved'', ''x'')') $$, role, :planner), '42501',
	'permission denied for function review_event', role || ' reviews nothing') FROM unnest(ARRAY['maestro_operator', 'maestro_auditor', 'maestro_agent']) AS role;
GRANT EXECUTE ON FUNCTION maestro.review_event(bigint, text, text) TO maestro_operator;
SELECT throws_ok(format($$ SELECT pg_temp.said('maestro_operator', 'SELECT maestro.review_event(%s, ''resolved'', ''x'')') $$, :planner), '42501',
	'only members of maestro_approver may do this', 'even if he may execute the function');

-- Attesting has the same limits.
GRANT maestro_operator TO tap_agent, tap_boss;
SELECT throws_ok($$ SELECT maestro.attest('tap/planner', 'log_context', 'so it is') $$, '22023', 'this control takes evidence, nobody''s word', 'only some controls are attestable');
SELECT set_eq('SELECT control FROM maestro.control WHERE attestable', ARRAY['fd_closed', 'registry_locked', 'retry_backoff', 'stateless'], 'those that no log can show');
SELECT is(pg_temp.said('tap_agent', $$ SELECT maestro.attest('tap/planner', 'stateless', 'so it is') $$), NULL, 'nobody vouches for himself');
SELECT results_eq('SELECT reason, target_id::maestro.regcomponent::text, message FROM newest',
	$$ VALUES ('own_component', 'tap/planner', 'stateless of tap/planner was not attested: who acts for the component can''t vouch for it') $$, 'which is an event');
SELECT is((SELECT count(*) FROM maestro.attestation), 0::bigint, 'and no attestation');
SELECT isnt(pg_temp.said('tap_boss', $$ SELECT maestro.attest('tap/planner', 'stateless', 'so it is') $$), NULL, 'somebody else does');
SELECT * FROM finish();
ROLLBACK;
