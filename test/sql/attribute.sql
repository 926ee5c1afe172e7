\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(11);
-- What is a function of the library's, against the expression that it stands for.
SELECT is_empty($$ SELECT to_hex(c) FROM generate_series(1, 1114111) AS c
	 WHERE c NOT BETWEEN 55296 AND 57343
	   AND maestro.message_is_neutral('eight...' || chr(c) || 'and more') <> ('a' || chr(c) || 'z' !~
		'[\u0001-\u0008\u000a-\u001f\u007f-\u009f\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]') $$,
	'message_is_neutral answers for each character as the regular expression does');
SELECT is(maestro.message_is_neutral(''), true, 'nothing is neutral');
SELECT is(maestro.message_is_neutral(NULL), NULL, 'of NULL nothing is known');
SELECT is(maestro.message_is_neutral(repeat('ä€😀', 1000) || E'\n'), false, 'the last character counts, too');
CREATE TEMP TABLE document AS SELECT d::jsonb FROM unnest(ARRAY['{}', '{"maestro.target": 1}', '{"maestro.target": 1, "a": null}',
	'{"a": 1}', '[]', '["a"]', '"a"', 'null', '{"maestro.target": {"a": 1}}', '{"maestro.targets": 1}', '{"maestro.targe": 1}',
	'{"maestro.target": 1, "maestro.dependency": 2, "maestro.truncated_bytes": 3, "maestro.claimed_occurred_at": 4, "span.original_id": [{"a": 5}]}',
	'{"maestro.target": 1, "maestro.dependency": 2, "maestro.truncated_bytes": 3, "maestro.claimed_occurred_at": 4, "span.original_id": 5, "": 6}',
	'{"b": 1, "c": 2, "d": 3, "e": 4, "f": 5, "g": 6}']) AS d;
SELECT is_empty($$ SELECT d FROM document WHERE maestro.attributes_say(d) IS DISTINCT FROM
	(jsonb_typeof(d) = 'object' AND d - ARRAY['maestro.target', 'maestro.dependency', 'maestro.truncated_bytes',
		'maestro.claimed_occurred_at', 'span.original_id'] <> '{}') $$, 'attributes_say is whether anything is left without our own keys');
SELECT is((SELECT count(*) FROM document WHERE maestro.attributes_say(d)), 6::bigint, 'some do');
SELECT is(maestro.attributes_say(NULL), NULL, 'of no attributes nothing is known');
CREATE TEMP TABLE sent AS SELECT v::jsonb, jsonb_build_object('n', v::jsonb, 'error.type', v::jsonb, 'm', 1) AS d FROM unnest(ARRAY['null', 'true', '[]', '{}', '[7]', '{"n": 7}', '0', '-0', '7', '-7',
	'1.5', '0.1', '1e15', '1000000000000000.5', '1e400', '-1e400', '123456789012345678', '""', '"7"', '" 7"', '"7 "', '"-7"', '"+7"', '"7."', '".7"', '"7.50"', '"1e3"', '"NaN"', '"123456789012345"',
	'"1234567890123456"', '"1.123456789012345678901234567890"', '"1.1234567890123456789012345678901"', '"a"', '"two words"', '"A_z.0:-9"', '"é"', '"line\n"']) AS v
	UNION ALL SELECT to_jsonb(repeat('q', n)), jsonb_build_object('error.type', repeat('q', n)) FROM unnest('{128,129}'::integer[]) AS n
	UNION ALL SELECT d, d FROM unnest('{"[\"n\", \"error.type\"]","\"n\"",7}'::jsonb[]) AS d;
SELECT is_empty($$ SELECT v FROM sent WHERE maestro.attribute_number(d, 'n') IS DISTINCT FROM CASE jsonb_typeof(d -> 'n')
	WHEN 'number' THEN least(greatest((d -> 'n')::numeric, 0), 1e15)::float8
	WHEN 'string' THEN CASE WHEN d ->> 'n' ~ '^[0-9]{1,15}(\.[0-9]{1,30})?$' THEN (d ->> 'n')::float8 END END $$, 'attribute_number reads numbers, and texts that are plain ones');
SELECT is((SELECT count(*) FROM sent WHERE maestro.attribute_number(d, 'n') > 0), 11::bigint, 'there are some');
SELECT is(maestro.attribute_number('{"n": 1e-400}', 'n'), 0::float8, 'what is too small for a number of the machine is 0');
SELECT is_empty($$ SELECT v FROM sent WHERE maestro.attribute_typed(d) IS DISTINCT FROM coalesce(d ->> 'error.type' ~ '^[A-Za-z0-9_.:-]{1,128}$', false) $$,
	'attribute_typed is whether error.type is a word');
SELECT * FROM finish();
ROLLBACK;
