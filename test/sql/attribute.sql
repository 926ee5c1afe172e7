\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(7);
-- What is a function of the library's, against the expression that it stands for.
SELECT is_empty($$ SELECT to_hex(c) FROM generate_series(1, 1114111) AS c
	 WHERE c NOT BETWEEN 55296 AND 57343
	   AND maestro.message_is_neutral('a' || chr(c) || 'z') <> ('a' || chr(c) || 'z' !~
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
SELECT * FROM finish();
ROLLBACK;
