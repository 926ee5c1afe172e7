\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SELECT plan(42);

-- The newest event, as one row.
CREATE TEMP VIEW newest AS SELECT * FROM maestro.event ORDER BY event_id DESC LIMIT 1;
GRANT SELECT ON newest TO PUBLIC;

SELECT results_eq(
	$$ SELECT decision::text, valid FROM maestro.log_event('tap/planner', 'output', 'hello') $$,
	$$ VALUES ('allow', NULL::boolean) $$, 'log_event answers allow');
SELECT results_eq(
	$$ SELECT component_id::maestro.regcomponent::text, component_version, kind::text, level::text, message, caller::text,
		occurred_at = recorded_at FROM newest $$,
	$$ VALUES ('tap/planner', '1.2', 'output', 'info', 'hello', current_user::text, true) $$,
	'an event knows its component, version, kind, level, message, caller and time');

SELECT lives_ok($$ SELECT maestro.log_event('tap/planner', 'tool_call', 'find', '{"gen_ai.tool.name": "search"}', 'warn',
	'4bf92f35-77b3-4da6-a3ce-929d0e0e4736', '00f067aa0ba902b7', 'span_0123456789abcdef01234567', now() - interval '1 hour',
	'250 ms', 'timeout', '{"q": "x"}', 'search', 'openai') $$, 'every argument is taken by position');
SELECT results_eq(
	$$ SELECT target_id::maestro.regcomponent::text, dependency_id, level::text, outcome::text, trace_id::text, span_id::text,
		duration, body, attributes FROM newest $$,
	format($$ VALUES ('tap/search', %s, 'warn', 'timeout', '4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7',
		interval '250 ms', '{"q": "x"}'::jsonb, '{"gen_ai.tool.name": "search"}'::jsonb) $$, :dependency),
	'and every argument is stored');
SELECT is((SELECT parent_span_id FROM newest), 'span_0123456789abcdef01234567'::maestro.span_id,
	'a long parent id becomes what the parent''s own span id becomes');
SELECT maestro.log_event('tap/planner', 'note', 'n', span_id => 'span_0123456789abcdef01234567') AS ignored \gset
SELECT is((SELECT attributes ->> 'span.original_id' FROM newest), 'span_0123456789abcdef01234567',
	'a long span id is kept as an attribute');
SELECT is((SELECT level::text FROM maestro.event WHERE event_id =
	(SELECT event_id FROM maestro.log_event('tap/planner', 'output', 'x', outcome => 'error'))), NULL,
	'an event is not seen by the statement that logs it');
SELECT is((SELECT level::text FROM newest), 'error', 'a failed event has level error unless told otherwise');

-- Counterparts that nobody registered stay as names.
SELECT maestro.log_event('tap/planner', 'tool_call', 'n', target => 'nobody', dependency => 'nothing') AS ignored \gset
SELECT results_eq('SELECT target_id, dependency_id, attributes FROM newest',
	$$ VALUES (NULL::integer, NULL::integer, '{"maestro.target": "nobody", "maestro.dependency": "nothing"}'::jsonb) $$,
	'an unregistered target or dependency stays as an attribute');
SELECT maestro.log_event('tap/planner', 'tool_call', 'n', target => 'strict/maestro-log') AS ignored \gset
SELECT is((SELECT target_id FROM newest), NULL, 'a target of another system is none');

-- Times.
SELECT maestro.log_event('tap/planner', 'note', 'n', occurred_at => now() + interval '1 hour') AS ignored \gset
SELECT results_eq($$ SELECT occurred_at = recorded_at, attributes ? 'maestro.claimed_occurred_at' FROM newest $$,
	'VALUES (true, true)', 'a time far ahead is replaced and marked');
SELECT maestro.log_event('tap/planner', 'note', 'n', occurred_at => 'infinity') AS ignored \gset
SELECT results_eq($$ SELECT occurred_at = recorded_at, attributes ->> 'maestro.claimed_occurred_at' FROM newest $$,
	$$ VALUES (true, 'infinity') $$, 'an infinite time is replaced and marked');
SELECT maestro.log_event('tap/planner', 'note', 'n', occurred_at => now() + interval '1 minute') AS ignored \gset
SELECT ok((SELECT occurred_at > recorded_at AND attributes IS NULL FROM newest), 'a clock a minute ahead is believed');
SELECT throws_ok($$ SELECT maestro.log_event('tap/planner', 'note', 'n', duration => '-1 s') $$, '22023',
	'duration of an event must not be negative', 'a negative duration is refused');

-- Sanitizing.
SELECT maestro.log_event('tap/planner', 'output', E'ok\n2026-01-01 ERROR root logged in \x1b[2J',
	'{"api_key": "sk-ant-nothing", "max_tokens": 7, "mail": "bob@example.com"}', body => '{"text": "card 4111 1111 1111 1111"}') AS ignored \gset
SELECT is((SELECT message FROM newest), 'ok\n2026-01-01 ERROR root logged in \x1b[2J', 'a message stays one line');
SELECT is((SELECT body FROM newest), '{"text": "card [REDACTED:PAYMENT_CARD]"}', 'a card number in the body is redacted');
SELECT is((SELECT attributes FROM newest), '{"api_key": "[REDACTED:API_KEY]", "max_tokens": 7, "mail": "[REDACTED:EMAIL]"}',
	'secrets and mail addresses in attributes are redacted, counts stay');
SELECT is((SELECT findings FROM newest), '{"EMAIL": 1, "API_KEY": 1, "PAYMENT_CARD": 1}', 'the event tells what was redacted');
SET LOCAL maestro.sanitize_level = secrets;
SELECT maestro.log_event('tap/planner', 'output', 'bob@example.com password=hunter2hunter2') AS ignored \gset
RESET maestro.sanitize_level;
SELECT is((SELECT findings ? 'EMAIL' FROM newest), false, 'personal data stays when the level is secrets');
SELECT isnt((SELECT message FROM newest), 'bob@example.com password=hunter2hunter2', 'and secrets do not');

-- Leniency and sizes.
SELECT lives_ok($$ SELECT maestro.log_event('tap/planner', 'note', 'n', 'no json'::text, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
	'{"a": "\u0000", "b": "\ud800"}'::text, NULL, NULL) $$, 'text that is no JSON is taken');
SELECT is((SELECT attributes FROM newest), '{"maestro.attributes": "no json"}', 'attributes that are no object become one');
SELECT is((SELECT body FROM newest), '{"a": "\\u0000", "b": "\\ud800"}', 'what jsonb can''t hold becomes visible');
SELECT maestro.log_event('tap/planner', 'note', repeat('a b ', 5000)) AS ignored \gset
SELECT results_eq($$ SELECT octet_length(message), attributes FROM newest $$,
	$$ VALUES (8192, '{"maestro.truncated_bytes": 20000}'::jsonb) $$, 'a long message is cut and marked with its size');
SELECT maestro.log_event('tap/planner', 'note', repeat('é', 5000)) AS ignored \gset
SELECT is((SELECT right(message, 1) FROM newest), 'é', 'a cut never splits a character');
SELECT maestro.log_event('tap/planner', 'note', 'n', jsonb_build_object('error.type', 'E', 'big', repeat('a b ', 50000))) AS ignored \gset
SELECT ok((SELECT attributes ->> 'error.type' = 'E' AND pg_column_size(attributes) < 70000
	AND attributes ? 'maestro.truncated_bytes' FROM newest), 'large attributes are cut value by value');
SET LOCAL maestro.trace_input_limit = '10kB';
SELECT throws_ok($$ SELECT maestro.log_event('tap/planner', 'note', repeat('x', 20000)) $$, '54000',
	'message of an event is too large: 20000 bytes', 'more than the input limit is refused');
RESET maestro.trace_input_limit;

-- Refusals.
SELECT is((SELECT decision::text FROM maestro.log_event('tap/ghost', 'output', E'boo\n')), 'deny', 'an unregistered component is denied');
SELECT results_eq('SELECT component_id, claimed_component, reason, kind::text, message FROM newest',
	$$ VALUES (NULL::integer, 'tap/ghost', 'unregistered_component', 'output', 'boo\n') $$, 'and its event is quarantined');
SELECT is((SELECT decision::text FROM maestro.log_event('strict/ghost', 'output', 'boo')), 'deny', 'so it is where the system refuses them');
SELECT results_eq('SELECT kind::text, message, body, reason FROM newest',
	$$ VALUES ('rejected', NULL, NULL::jsonb, 'unregistered_component') $$, 'and only the refusal is stored');
SELECT maestro.log_event('nowhere/ghost', 'output', 'boo') AS ignored \gset
SELECT results_eq('SELECT system_id, reason FROM newest', $$ VALUES (NULL::integer, 'unregistered_system') $$,
	'an unknown system''s event is quarantined without system');
SELECT maestro.set_component_state('tap/search', 'suspended', 'test') AS ignored \gset
SELECT is((SELECT decision::text FROM maestro.log_event('tap/search', 'output', 'still here')), 'deny', 'a suspended component is denied');
SELECT results_eq('SELECT kind::text, message, attributes FROM newest',
	$$ VALUES ('rejected', NULL, '{"maestro.kind": "output"}'::jsonb) $$, 'and only the refusal is stored');

-- Bad arguments.
SELECT throws_ok($$ SELECT maestro.log_event('planner', 'output', 'x') $$, '22023', 'component must be given as system/component', 'a name without system is refused');
SELECT throws_ok($$ SELECT maestro.log_event(NULL, 'output', 'x') $$, '22023', 'component must be given as system/component', 'so is none');
SELECT throws_ok($$ SELECT maestro.log_event('tap/planner', NULL, 'x') $$, '22004', 'kind of an event must not be null', 'a kind is needed');
SELECT throws_ok($$ SELECT maestro.log_event('tap/planner', 'registry', 'x') $$, '22023', NULL, 'registry events can''t be forged');
SELECT throws_ok($$ SELECT maestro.log_event('tap/planner', 'rejected', 'x') $$, '22023', NULL, 'nor refusals');
SELECT throws_ok($$ SELECT maestro.log_event('tap/planner', 'note', 'x', trace_id => repeat('0', 32)) $$, '22P02', 'invalid trace id', 'an all-zero trace id is refused');
SELECT throws_ok($$ SELECT maestro.log_event('tap/planner', 'note', 'x', span_id => 'sk-ant-secret') $$, '22P02', 'invalid span id', 'a bad span id is refused and not quoted');
SELECT throws_ok($$ SELECT maestro.record_registry(0::oid, 1, NULL, 'x', NULL) $$, '42501', NULL, 'registry changes are recorded by registry functions alone');
SELECT * FROM finish();
ROLLBACK;
