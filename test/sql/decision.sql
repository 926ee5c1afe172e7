\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SET client_min_messages = error; -- the warnings name ids; test/t/decisions.sh reads them
SELECT plan(79);
CREATE ROLE tap_operator;
CREATE ROLE tap_boss;
CREATE ROLE tap_ann;
GRANT maestro_operator TO tap_operator;
GRANT maestro_approver TO tap_boss;
\i test/roles_setup.sql
-- Imports a decision that somebody else proposed, as a restore would, and returns its id.
CREATE FUNCTION pg_temp.imported(expires interval DEFAULT '1 day', proposed interval DEFAULT '-10 days', by name DEFAULT 'tap_ann', login name DEFAULT 'tap_ann')
	RETURNS integer LANGUAGE sql AS $$
	INSERT INTO maestro.risk_decision (component_id, subject, decision, rationale, expires_at, proposed_by, proposed_login, proposed_at)
	VALUES ('tap/planner'::maestro.regcomponent::int, 'prompt_injection', 'accept', 'only reads public pages', now() + expires, by, login, now() + proposed)
	RETURNING decision_id
$$;
CREATE FUNCTION pg_temp.step(id integer, step text, at interval, by name DEFAULT 'tap_boss', login name DEFAULT 'tap_boss') RETURNS void LANGUAGE sql AS $$
	INSERT INTO maestro.decision_step (decision_id, step, made_by, login, made_at) VALUES (id, step, by, login, now() + at)
$$;

-- Proposing.
SELECT is(maestro.login_role(), session_user, 'the login is who authenticated');
SELECT pg_temp.said('tap_operator', $$ SELECT maestro.decide_risk('tap/planner', 'Prompt injection', 'accept', 'only bob@example.com writes to it', now() + '30 days') $$) AS p \gset
SELECT is(:'p', (SELECT max(decision_id)::text FROM maestro.risk_decision), 'decide_risk returns the id of a decision');
SELECT results_eq($$ SELECT component_id::maestro.regcomponent::text, subject, decision, rationale, expires_at - now(), proposed_by::text, proposed_login::text
	FROM maestro.risk_decision ORDER BY decision_id DESC LIMIT 1 $$,
	$$ VALUES ('tap/planner', 'prompt_injection', 'accept', 'only [REDACTED:EMAIL] writes to it', interval '30 days', name 'tap_operator'::text, session_user::text) $$,
	'which is stored by the slug, sanitized, with the role in effect and the login');
SELECT results_eq($$ SELECT state, approved_by::text FROM maestro.risk_decision_state ORDER BY decision_id DESC LIMIT 1 $$,
	$$ VALUES ('pending', NULL::name::text) $$, 'and is pending');
SELECT results_eq($$ SELECT kind::text, regexp_replace(message, '\d+', 'N'), target_id::maestro.regcomponent::text, caller::text, attributes ->> 'subject' FROM newest $$,
	$$ VALUES ('registry', 'decision N proposed: accept of prompt_injection for tap/planner', 'tap/planner', name 'tap_operator'::text, 'prompt_injection') $$,
	'proposing is logged');
SELECT cmp_ok(maestro.decide_risk('tap/planner', subject, decision, 'a rationale of some length', now() + '365 days'), '>', 0,
	format('%s of %s is a decision', decision, subject))
  FROM (VALUES ('Prompt injection', 'accept'), ('resource_exhaustion', 'transfer'), ('Model Poisoning', 'avoid'), ('type_confusion', 'false_positive'),
	('fd_closed', 'waive'), ('File descriptors properly closed', 'waive')) AS v (subject, decision);

-- Bad input is an error, and stores nothing.
CREATE TEMP TABLE before_bad AS SELECT (SELECT count(*) FROM maestro.event) AS events, (SELECT count(*) FROM maestro.risk_decision) AS decisions;
SELECT throws_ok(statement, code, message, 'refused: ' || statement) FROM (VALUES
	($$ SELECT maestro.decide_risk(NULL, 'fd_closed', 'waive', 'a rationale of some length', now() + '1 day') $$, '22004', 'component must not be null'),
	($$ SELECT maestro.decide_risk(999999::maestro.regcomponent, 'fd_closed', 'waive', 'a rationale of some length', now() + '1 day') $$, '42704', 'component is not registered'),
	($$ SELECT maestro.decide_risk('tap/planner', 'prompt_injection', 'accepted', 'a rationale of some length', now() + '1 day') $$, '22023', 'there is no such decision'),
	($$ SELECT maestro.decide_risk('tap/planner', 'prompt_injection', 'Accept', 'a rationale of some length', now() + '1 day') $$, '22023', 'there is no such decision'),
	($$ SELECT maestro.decide_risk('tap/planner', 'prompt_injection', NULL, 'a rationale of some length', now() + '1 day') $$, '22023', 'there is no such decision'),
	($$ SELECT maestro.decide_risk('tap/planner', 'container_escape', 'accept', 'a rationale of some length', now() + '1 day') $$, '22023', 'the threat is on none of the component''s layers'),
	($$ SELECT maestro.decide_risk('tap/planner', 'boredom', 'accept', 'a rationale of some length', now() + '1 day') $$, '22023', 'no threat has this name'),
	($$ SELECT maestro.decide_risk('tap/planner', 'fd_closed', 'accept', 'a rationale of some length', now() + '1 day') $$, '22023', 'no threat has this name'),
	($$ SELECT maestro.decide_risk('tap/planner', 'prompt_injection', 'waive', 'a rationale of some length', now() + '1 day') $$, '22023', 'no checklist item has this name'),
	($$ SELECT maestro.decide_risk('tap/planner', NULL, 'waive', 'a rationale of some length', now() + '1 day') $$, '22004', 'subject of a decision must not be null'),
	($$ SELECT maestro.decide_risk('tap/planner', 'fd_closed', 'waive', NULL, now() + '1 day') $$, '22004', 'rationale of a decision must not be null'),
	($$ SELECT maestro.decide_risk('tap/planner', 'fd_closed', 'waive', E'too\nshort  \t     ', now() + '1 day') $$, '22023', 'rationale of a decision says too little'),
	($$ SELECT maestro.decide_risk('tap/planner', 'fd_closed', 'waive', U&'\200B\200B\200B\200B\200B\200B\200B\200B\200B\200B\200B', now() + '1 day') $$, '22023', 'rationale of a decision says too little'),
	($$ SELECT maestro.approve_decision(-1) $$, '42704', 'there is no decision with this id'),
	($$ SELECT maestro.approve_decision(NULL) $$, '42704', 'there is no decision with this id'),
	($$ SELECT maestro.revoke_decision(-1, 'x') $$, '42704', 'there is no decision with this id')
) AS bad (statement, code, message);
SELECT results_eq('SELECT (SELECT count(*) FROM maestro.event), (SELECT count(*) FROM maestro.risk_decision)', 'TABLE before_bad',
	'and nothing of all that was stored or logged');
SELECT throws_ok($$ SELECT maestro.record_refusal(10, 1, 1, 'x', 'y', NULL) $$, '42501', 'changes of the registry are recorded by its functions',
	'nobody forges a refusal, nor does the owner');

-- Without an end: refused, and the refusal stays.
SELECT is(maestro.decide_risk('tap/planner', 'prompt_injection', 'accept', 'a rationale of some length', expires_at), NULL, 'no decision: ' || reason)
  FROM (VALUES (NULL::timestamptz, 'NULL is no expiry'), ('infinity', 'nor is infinity'), (now() - interval '1 s', 'one that is past'),
	(now() + interval '366 days', 'more than 365 days ahead')) AS v (expires_at, reason);
SELECT results_eq($$ SELECT kind::text, level::text, decision::text, reason, target_id::maestro.regcomponent::text, message, attributes ->> 'subject', attributes ->> 'login'
	FROM maestro.event WHERE kind = 'rejected' ORDER BY event_id $$, $$ VALUES
	('rejected', 'warn', 'deny', 'no_expiry', 'tap/planner', 'accept of prompt_injection for tap/planner was not proposed: it would never expire', 'prompt_injection', session_user::text COLLATE "default"),
	('rejected', 'warn', 'deny', 'no_expiry', 'tap/planner', 'accept of prompt_injection for tap/planner was not proposed: it would never expire', 'prompt_injection', session_user::text COLLATE "default"),
	('rejected', 'warn', 'deny', 'past_expiry', 'tap/planner', 'accept of prompt_injection for tap/planner was not proposed: it would have expired already', 'prompt_injection', session_user::text COLLATE "default"),
	('rejected', 'warn', 'deny', 'far_expiry', 'tap/planner', 'accept of prompt_injection for tap/planner was not proposed: it would last more than 365 days', 'prompt_injection', session_user::text COLLATE "default") $$,
	'each is an event that says why');
SELECT is((SELECT count(*) FROM maestro.risk_decision), (SELECT decisions FROM before_bad), 'and no decision');

-- Approving.
SELECT pg_temp.imported() AS d \gset
SELECT is(pg_temp.said('tap_boss', format('SELECT maestro.approve_decision(%s, %L)', :d, 'told alice@example.com')), 'in_force', 'another person puts a decision in force');
SELECT results_eq(format($$ SELECT state, approved_by::text, proposed_by::text FROM maestro.risk_decision_state WHERE decision_id = %s $$, :d),
	$$ VALUES ('in_force', name 'tap_boss'::text, name 'tap_ann'::text) $$, 'as the view says');
SELECT results_eq(format($$ SELECT step, made_by::text, login::text, note FROM maestro.decision_step WHERE decision_id = %s $$, :d),
	$$ VALUES ('approve', name 'tap_boss'::text, session_user::text, 'told [REDACTED:EMAIL]') $$, 'who and why is kept, sanitized');
SELECT results_eq($$ SELECT kind::text, regexp_replace(message, '\d+', 'N'), caller::text FROM newest $$,
	$$ VALUES ('registry', 'decision N approved: accept of prompt_injection for tap/planner', name 'tap_boss'::text) $$, 'and logged');
SELECT throws_ok(format('SELECT maestro.approve_decision(%s)', :d), '55000', 'the decision is approved already', 'once');
SELECT is((SELECT count(*) FROM maestro.event WHERE kind = 'rejected'), 4::bigint, 'approving twice is a mistake, not a refusal');

-- One person's two: the proposer's role or login on either side.
SELECT is(pg_temp.said(v.role, format('SELECT maestro.approve_decision(%s)', pg_temp.imported(by => v.by, login => v.login))), v.result, v.name)
  FROM (VALUES
	('tap_boss', name 'tap_ann', session_user, 'refused', 'not with the same login under another role'),
	('tap_boss', session_user, 'tap_ann', 'refused', 'nor when the login is the role that proposed'),
	('tap_boss', 'tap_boss', 'tap_ann', 'refused', 'nor with the same role under another login'),
	('tap_boss', 'tap_ann', 'tap_boss', 'refused', 'nor when the role is the login that proposed'),
	('tap_boss', 'tap_ann', 'tap_other', 'in_force', 'but with two other names')) AS v (role, by, login, result, name);
SELECT results_eq($$ SELECT reason, target_id::maestro.regcomponent::text, regexp_replace(message, '\d+', 'N'), caller::text, count(*)
	FROM maestro.event WHERE reason = 'same_person' GROUP BY 1, 2, 3, 4 $$,
	$$ VALUES ('same_person', 'tap/planner', 'decision N was not approved: who proposed it can''t approve it', name 'tap_boss'::text, 4::bigint) $$, 'each refusal is an event');
SELECT is((SELECT string_agg(state, ' ' ORDER BY decision_id DESC) FROM (SELECT * FROM maestro.risk_decision_state ORDER BY decision_id DESC LIMIT 5) AS s),
	'in_force pending pending pending pending', 'and changes nothing');

-- Who may.
SELECT throws_ok(format($$ SELECT pg_temp.said('tap_operator', 'SELECT maestro.approve_decision(%s)') $$, pg_temp.imported()),
	'42501', 'permission denied for function approve_decision', 'an operator approves nothing');
GRANT EXECUTE ON FUNCTION maestro.approve_decision(integer, text) TO tap_operator;
SELECT throws_ok(format($$ SELECT pg_temp.said('tap_operator', 'SELECT maestro.approve_decision(%s)') $$, pg_temp.imported()),
	'42501', 'only members of maestro_approver may do this', 'even if he may execute the function');
SELECT throws_ok(format($$ SELECT pg_temp.said('tap_agent', %L) $$, 'SELECT maestro.' || call), '42501', NULL, 'an agent can''t call ' || substring(call from '^\w+'))
  FROM (VALUES ('decide_risk(''tap/planner'', ''fd_closed'', ''waive'', ''because I say so'', now())'), ('approve_decision(1)'),
	('revoke_decision(1, ''x'')'), ('as_of()'), ('login_role()')) AS v (call);

-- Revoking.
SELECT throws_ok(format('SELECT maestro.revoke_decision(%s, NULL)', :d), '22004', 'note of a revocation must not be null', 'a revocation has a note');
SELECT throws_ok(format('SELECT maestro.revoke_decision(%s, %L)', :d, ' '), '22023', 'note of a revocation says too little', 'that says something');
SELECT throws_ok(format($$ SELECT pg_temp.said('tap_operator', 'SELECT maestro.revoke_decision(%s, ''x'')') $$, :d),
	'42501', 'only members of maestro_approver and who proposed a decision may revoke it', 'who is neither can''t revoke');
SELECT is(pg_temp.said('tap_boss', format('SELECT maestro.revoke_decision(%s, %L)', :d, 'no longer')), 'revoked', 'an approver revokes a decision');
SELECT is((SELECT state FROM maestro.risk_decision_state WHERE decision_id = :d), 'revoked', 'which ends it');
SELECT is((SELECT regexp_replace(message, '\d+', 'N') FROM newest), 'decision N revoked: accept of prompt_injection for tap/planner', 'and is logged');
SELECT throws_ok(format('SELECT maestro.revoke_decision(%s, %L)', :d, 'again'), '55000', 'the decision is revoked already', 'once');
SELECT throws_ok(format('SELECT maestro.approve_decision(%s)', :d), '55000', 'the decision is revoked already', 'nobody approves it again');
SELECT is(pg_temp.said('tap_operator', format('SELECT maestro.revoke_decision(%s, %L)', pg_temp.imported(by => 'tap_operator'), 'a mistake')),
	'revoked', 'its proposer revokes a pending one');
SELECT pg_temp.imported('-1 hour') AS e \gset
SELECT is((SELECT state FROM maestro.risk_decision_state WHERE decision_id = :e), 'expired', 'a pending decision expires too');
SELECT throws_ok(format('SELECT maestro.approve_decision(%s)', :e), '55000', 'the decision is expired already', 'and can''t be approved');
SELECT throws_ok(format('SELECT maestro.revoke_decision(%s, %L)', :e, 'x'), '55000', 'the decision is expired already', 'nor revoked');

-- As of.
SELECT pg_temp.imported('1 day', '-10 days') AS a \gset
SELECT pg_temp.step(:a, 'approve', '-9 days'), pg_temp.step(:a, 'revoke', '-8 days') \g /dev/null
SELECT is((SELECT string_agg(coalesce((SELECT concat_ws('/', o.state, o.approved_by, o.revoked_by) FROM maestro.as_of(now() - days * interval '1 day' + interval '1 hour') AS o WHERE o.decision_id = :a), '-'), ' ' ORDER BY days DESC)
	FROM generate_series(7, 11) AS days), '- pending in_force/tap_boss revoked/tap_boss/tap_boss revoked/tap_boss/tap_boss', 'as_of shows what was known then, and no later');
SELECT pg_temp.imported('-5 days', '-10 days') AS x \gset
SELECT pg_temp.step(:x, 'approve', '-9 days') \g /dev/null
SELECT is((SELECT string_agg((SELECT o.state FROM maestro.as_of(now() - days * interval '1 day' + interval '1 hour') AS o WHERE o.decision_id = :x), ' ' ORDER BY days DESC)
	FROM generate_series(4, 8, 2) AS days), 'in_force in_force expired', 'an expired acceptance ends by itself');
SELECT results_eq('SELECT * FROM maestro.as_of() ORDER BY 1', 'SELECT * FROM maestro.risk_decision_state ORDER BY 1', 'without a time it is the view');
SELECT pg_temp.imported(by => 'tap_boss') AS s \gset
SELECT pg_temp.step(:s, 'approve', '-1 day') \g /dev/null
SELECT is((SELECT state FROM maestro.risk_decision_state WHERE decision_id = :s), 'pending', 'an approval by the proposer that somebody imported counts for nothing');

-- Who sees.
SELECT is(pg_temp.said(role, 'SELECT count(*) FROM maestro.as_of()')::bigint, (SELECT count(*) FROM maestro.risk_decision), role || ' may ask as_of')
  FROM unnest(ARRAY['maestro_operator', 'maestro_auditor', 'maestro_approver', 'maestro_dashboard']) AS role;
GRANT SELECT ON maestro.risk_decision_state, maestro.risk_decision, maestro.decision_step TO tap_agent, tap_other;
SELECT is(pg_temp.said('tap_agent', 'SELECT count(*) FROM maestro.risk_decision_state')::bigint, (SELECT count(*) FROM maestro.risk_decision),
	'a system''s role that is granted the view sees its system''s');
SELECT is(pg_temp.said('tap_other', 'SELECT count(*) FROM maestro.risk_decision_state'), '0', 'and others see nothing');
SELECT is(pg_temp.said('tap_other', 'SELECT (SELECT count(*) FROM maestro.risk_decision) + (SELECT count(*) FROM maestro.decision_step)'), '0', 'nor in the tables');
SELECT throws_ok('UPDATE maestro.decision_step SET note = NULL', 'MA001', NULL, 'nobody changes a step');
SELECT * FROM finish();
ROLLBACK;
