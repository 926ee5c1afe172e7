\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
\i test/import_setup.sql
SELECT plan(24);
CREATE TEMP VIEW newest AS SELECT * FROM maestro.control_result ORDER BY result_id DESC LIMIT 1;
CREATE FUNCTION public.import(id bigint, message text, body jsonb DEFAULT NULL, attributes jsonb DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	SELECT pg_temp.import(jsonb_populate_record(NULL::maestro.event, jsonb_build_object('event_id', id, 'recorded_at', now(), 'occurred_at', now(),
		'kind', 'note', 'level', 'info', 'message', message, 'body', body, 'attributes', attributes, 'caller', 'a', 'session_role', 'b')))
$$;

-- What log_event stored passes the rules that it was stored by.
SELECT count(*) AS logged FROM generate_series(1, 30) AS i, maestro.log_event('tap/planner', 'output',
	E'mail bob@example.com\tand \x1b[31m', jsonb_build_object('api_key', 'x' || i, 'http.url', 'https://u:p@example.com/' || i),
	body => '{"password": "hunter2", "a\u202eb": ["4111 1111 1111 1111"]}') \gset
SELECT is_empty('SELECT * FROM maestro.rescan()', 'what log_event stored holds nothing that it would find');
SELECT count(*) AS stored FROM maestro.event \gset
SELECT results_eq('SELECT control, system_id, status::text, reason, evidence_count, details -> ''complete'', basis::text, run_as FROM newest',
	format($$ VALUES ('log_sensitive', NULL::integer, 'ok', '%1$s of %1$s events scanned again, nothing found', %1$s::bigint, 'true'::jsonb, 'enforced', NULL::name) $$, :'stored'),
	'and the result is stored');
SELECT is((SELECT evaluated_by::text FROM newest), current_user::text, 'with who asked');
SELECT is((SELECT details ->> 'rules' FROM newest), (SELECT encode(sha256(convert_to(string_agg(r::text, E'\n' ORDER BY rule), 'UTF8')), 'hex')
	FROM maestro.sanitize_rules AS r), 'and which rules there were');

SELECT is_empty($$ SELECT * FROM maestro.rescan(since => 'infinity') $$, 'no event is from then');
SELECT results_eq('SELECT status::text, reason, evidence_count, details ->> ''since'' FROM newest',
	format($$ VALUES ('unknown', '0 of %s events scanned again, nothing found; 10000 or all are needed', 0::bigint, 'infinity') $$, :'stored'),
	'a scan of few events proves nothing, whatever it leaves out');

-- What came in by another way.
SELECT public.import(900001, 'mail bob@example.com or eve@example.com'), public.import(900002, E'two\nlines'), public.import(900003, 'fine'),
	public.import(900004, 'fine', '{"note": "bob@example.com", "password": "hunter2"}', '{"x": "key AKIAIOSFODNN7ABCDEFG"}') \gset ignored_
SELECT results_eq('SELECT event_id, field, types FROM maestro.rescan() ORDER BY 1, 2', $$ VALUES
	(900001::bigint, 'message', '{"EMAIL": 2}'::jsonb), (900002, 'message', '{}'), (900004, 'attributes', '{"AWS_KEY": 1}'),
	(900004, 'body', '{"EMAIL": 1, "PASSWORD": 1}') $$, 'offenders are named by id, field and types');
SELECT is((SELECT reason FROM newest), format('3 of %s events hold what today''s rules find, first: event 900001', :stored + 4), 'an event counts once');
SELECT results_eq('SELECT status::text, details -> ''events'' FROM newest', $$ VALUES ('alarm', '[900001, 900002, 900004]'::jsonb) $$, 'and the result is an alarm that lists them');
SELECT is((SELECT count(*) FROM newest WHERE newest::text ~ 'example.com|hunter2|AKIA'), 0::bigint, 'without what they hold');
SELECT set_config('maestro.sanitize_level', 'secrets', true) AS ignored \gset
SELECT results_eq('SELECT event_id, field, types FROM maestro.rescan() ORDER BY 1, 2', $$ VALUES
	(900002::bigint, 'message', '{}'::jsonb), (900004, 'attributes', '{"AWS_KEY": 1}'), (900004, 'body', '{"PASSWORD": 1}') $$,
	'at level secrets personal data is no find');
SELECT set_config('maestro.sanitize_level', 'pii', true) AS ignored \gset

-- Samples.
SELECT count(*) AS ignored FROM maestro.rescan() \gset
SELECT results_eq('SELECT DISTINCT event_id FROM maestro.rescan(sample => 1) ORDER BY 1', ARRAY[900001, 900002, 900004]::bigint[],
	'a sample includes what was found before');
SELECT ok((SELECT status = 'alarm' AND evidence_count BETWEEN 3 AND 4 AND NOT (details -> 'complete')::boolean FROM newest), 'so an alarm stays');
SELECT results_eq($$ SELECT DISTINCT event_id FROM maestro.rescan(since => 'infinity') ORDER BY 1 $$, ARRAY[900001, 900002, 900004]::bigint[],
	'so does a scan of what came later');
SELECT is((SELECT status::text FROM newest), 'alarm', 'which hides nothing');
SELECT count(*) AS ignored FROM maestro.rescan(now() - interval '1 hour') \gset
SELECT is((SELECT status::text FROM newest), 'alarm', 'since takes in what was recorded from then on');
SELECT throws_ok('SELECT * FROM maestro.rescan(sample => 0)', '22023', 'sample must be above zero', 'a sample has events');
SELECT throws_ok('SELECT * FROM maestro.rescan(NULL, NULL)', '22023', 'sample must be above zero', 'and a size');

-- By evaluate_controls: when the last result is older than a day, or by name.
SELECT is_empty($$ SELECT * FROM maestro.evaluate_controls() WHERE control = 'log_sensitive' $$, 'evaluate_controls does not scan again within a day');
SELECT results_eq($$ SELECT control, status::text FROM maestro.evaluate_controls('log_sensitive') $$, $$ VALUES ('log_sensitive', 'alarm') $$, 'or when asked to');

-- Who may.
SELECT throws_ok('UPDATE maestro.control_result SET status = ''ok''', 'MA001', NULL, 'a result is not changed');
SET LOCAL ROLE tap_agent;
SELECT throws_ok('SELECT * FROM maestro.rescan()', '42501', NULL, 'an agent may not scan');
RESET ROLE;
GRANT maestro_operator TO tap_other;
SET LOCAL ROLE tap_other;
SELECT isnt_empty('SELECT * FROM maestro.rescan()', 'an operator may');
SELECT results_eq('SELECT evaluated_by::text COLLATE "default" FROM maestro.control_result ORDER BY result_id DESC LIMIT 1', ARRAY['tap_other'], 'and reads the result');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
