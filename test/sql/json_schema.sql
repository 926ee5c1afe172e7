\set ECHO none
BEGIN;
\i test/tap_setup.sql
-- Each keyword, both ways: a schema, what holds it, what does not.  2020-12 unless it says 7.
CREATE TEMP TABLE example (no integer GENERATED ALWAYS AS IDENTITY, schema text, good jsonb, bad jsonb);
INSERT INTO example (schema, good, bad) VALUES
	('true', '[1, null, {}]', '[]'),
	('false', '[]', '[1, null, {}]'),
	('{"type": "integer"}', '[1, 1.0, -3, 1e3]', '[1.5, "1", null, true]'),
	('{"type": ["string", "null"]}', '["", null]', '[1, [], {}]'),
	('{"enum": [1, {"a": [1, 2]}]}', '[1.0, {"a": [1.0, 2]}]', '[2, {"a": [2, 1]}]'),
	('{"const": 9007199254740993}', '[9007199254740993]', '[9007199254740992]'),
	('{"multipleOf": 0.01}', '[1.23, 0]', '[1.234]'),
	('{"minimum": 1, "maximum": 2}', '[1, 2, "x"]', '[0.9, 2.1]'),
	('{"exclusiveMinimum": 1, "exclusiveMaximum": 2}', '[1.5]', '[1, 2]'),
	('{"minLength": 2, "maxLength": 3}', '["éé", "aaa", 1]', '["é", "aaaa"]'),
	('{"pattern": "^\\d{2,300}$"}', '["12"]', '["1", "1a"]'),
	('{"properties": {"a": {"type": "string"}}, "required": ["a", "bb"]}', '[{"a": "", "bb": 1}, 1]', '[{"a": 1, "bb": 1}, {"a": ""}]'),
	('{"patternProperties": {"^x": false}, "additionalProperties": {"type": "null"}}', '[{"a": null}]', '[{"x": null}, {"a": 1}]'),
	('{"propertyNames": {"maxLength": 1}}', '[{"a": 1}]', '[{"aa": 1}]'),
	('{"minProperties": 1, "maxProperties": 1}', '[{"a": 1}]', '[{}, {"a": 1, "b": 1}]'),
	('{"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}}', '[{"b": 1}, {"a": 1, "b": 1}]', '[{"a": 1}, {"c": 1}]'),
	('{"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}', '[["a", 1], []]', '[[1], ["a", "b"]]'),
	('{"contains": {"const": 1}, "minContains": 2, "maxContains": 2}', '[[1, 1, 2]]', '[[1], [1, 1, 1]]'),
	('{"minItems": 1, "maxItems": 1}', '[[1]]', '[[], [1, 2]]'),
	('{"uniqueItems": true}', '[[1, "1", {"a": 1}]]', '[[1, 1.0], [{"a": 1, "b": 2}, {"b": 2, "a": 1}]]'),
	('{"allOf": [{"minimum": 1}, {"maximum": 2}]}', '[1]', '[3]'),
	('{"anyOf": [{"minimum": 5}, {"maximum": 2}]}', '[1, 6]', '[3]'),
	('{"oneOf": [{"minimum": 1}, {"maximum": 2}]}', '[0, 3]', '[1.5]'),
	('{"not": {"type": "string"}}', '[1]', '[""]'),
	('{"if": {"minimum": 5}, "then": {"multipleOf": 2}, "else": {"const": 1}}', '[6, 1]', '[7, 2]'),
	('{"$defs": {"n": {"type": "object", "properties": {"next": {"$ref": "#/$defs/n"}}, "unevaluatedProperties": false}}, "$ref": "#/$defs/n"}', '[{"next": {"next": {}}}]', '[{"next": {"x": 1}}]'),
	('{"$defs": {"x": {"$anchor": "here", "type": "null"}}, "$ref": "#here"}', '[null]', '[1]'),
	('{"allOf": [{"prefixItems": [true]}], "unevaluatedItems": false}', '[[1]]', '[[1, 2]]'),
	('{"$ref": "https://json-schema.org/draft/2020-12/schema"}', '[{"type": "object"}]', '[{"type": 1}]'),
	('{"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}], "additionalItems": false}', '[["a"]]', '[[1], ["a", 1]]'),
	('{"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"a": {"type": "null"}}, "$ref": "#/definitions/a", "type": "string"}', '[null]', '[""]'),
	('{"format": "email"}', '["no mail"]', '[]'),
	('{"x-maestro-assert-formats": true, "format": "email"}', '["a@b.example", 1]', '["no mail"]'),
	('{"x-maestro-assert-formats": true, "format": "date-time"}', '["2026-02-28T23:59:60Z"]', '["2026-02-30T00:00:00Z", "2026-02-28"]'),
	('{"format": "single-line"}', '["one line"]', '["two\nlines"]');
SELECT plan(70 + 11);
SELECT is((SELECT count(*) FROM jsonb_array_elements(good) AS g WHERE NOT maestro.json_matches(schema::json, g)), 0::bigint, 'holds: ' || left(schema, 80)) FROM example ORDER BY no;
SELECT is((SELECT count(*) FROM jsonb_array_elements(bad) AS b WHERE maestro.json_matches(schema::json, b) OR NOT EXISTS (SELECT FROM maestro.json_errors(schema::json, b))), 0::bigint,
	'and does not: ' || left(schema, 80)) FROM example ORDER BY no;

-- Paths that lead elsewhere, however they are written.
CREATE TEMP TABLE trick (path text);
INSERT INTO trick VALUES ('../etc/passwd'), ('a/../../b'), ('..'), ('.'), ('a/./b'), ('/etc/passwd'), ('//server/share'), ('\\server\share'), ('a\..\b'), ('C:\x'), ('C:/x'), ('c:x'),
	('%2e%2e/x'), ('%2E%2E%2Fx'), ('%252e%252e/x'), ('%25252e%25252e/x'), ('..%2fx'), ('..%5cx'), ('%5c%5cserver'), ('%2fetc'), ('a%00b'), ('%00'), ('x%2f..%2f..%2fy'), ('%c0%ae%c0%ae/x'), ('%c0%af'),
	('%e0%80%ae'), ('%u002e%u002e/x'), ('..;/x'), ('a/..;b/../../c'), ('...'), ('a/.../b'), ('.. /x'), ('a./b'), ('a /b'), (' a'), ('a.'), ('a '), ('a//b'), ('a/'), ('~/x'), ('~root/x'), ('$HOME/x'), ('${HOME}'), ('file:///x'), ('a:b'),
	('a|b'), ('a<b'), ('a*'), ('a?'), ('a"b'), (U&'\2024\2024/x'), (U&'\FF0E\FF0E/x'), (U&'a\FF0Fb'), (U&'a\2215b'), (U&'a\2044b'), (U&'a\FF3Cb'), (U&'a\2216b'), (U&'a\202Eb'), (U&'a\200Bb'), (U&'\FEFFa'), (E'a\nb'), (E'a\tb'), (E'a\rb'), (E'a\x7fb'), ('%0d%0ax'), ('a%09b'), (''), ('%'|| '2e/x');
SELECT is((SELECT string_agg(path, ', ') FROM trick WHERE maestro.json_matches('{"format": "safe-path"}', to_jsonb(path))), NULL, 'no trick is a safe path');
SELECT ok((SELECT count(*) >= 60 FROM trick), 'of which there are many');
SELECT is((SELECT string_agg(p, ', ') FROM unnest('{a,a/b.txt,reports/2026-11/übersicht.pdf,.gitignore,src/main.c,"a b/c d",100%,a+b=c,日本語/ファイル.txt,a%20b,x_y-z.tar.gz}'::text[]) AS p WHERE NOT maestro.json_matches('{"format": "safe-path"}', to_jsonb(p))), NULL,
	'ordinary ones are');

-- What cannot be used is refused, and says where.
CREATE FUNCTION pg_temp.refused(schema text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN
	PERFORM maestro.json_matches(schema::json, '1');
	RETURN 'taken';
EXCEPTION WHEN invalid_parameter_value THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN detail;
END $$;
SELECT is(pg_temp.refused(s), r, 'refused: ' || s) FROM (VALUES
	(1, '{"properties": {"secret": {"minLength": -1}}}', 'At "/properties/*/minLength": it must be a whole number from 0 on.'),
	(2, '{"$ref": "https://example.com/x"}', 'At "": it refers to a schema that is not registered; nothing is fetched.'),
	(3, '{"$ref": "#/nowhere"}', 'At "": it refers to a place that is not there.'),
	(4, '{"allOf": [{"$ref": "#"}]}', 'At "": it refers to itself without end.'),
	(5, '{"pattern": "(a)\\1"}', 'At "/pattern": its regular expression refers back to a group, which would need backtracking.'),
	(6, '{"$schema": "https://example.com/dialect"}', 'At "": the dialect ($schema) is none that is known: 2020-12, draft 7, or a registered meta-schema of 2020-12.')) AS v (no, s, r) ORDER BY no;
-- Plain patterns do without the engine: in a group the same pattern is the engine's.
CREATE TEMP TABLE pattern (p text);
INSERT INTO pattern SELECT unnest(ARRAY['^', '^$', '^a', '^a$', '^a|b', '^a|', '^ab?c$', '^a*$', '^a+b$', '^a+ab$', '^a{2}$', '^a{2,}$', '^a{1,2}b', '^a{0}$', '^a{2,1}$', '^a{,2}$',
	'^a?a$', '^[a-c]{1,3}$', '^[a-c]*[c-e]$', '^[a-c]*[d-e]$', '^[^a]$', '^[]a]$', '^[a-]$', '^[-a]+$', '^[a\-z]+$', '^[\d_]+$', '^[\w.]{2}$', '^[z-a]$', '^[a\]]+$', '^\d{2}-\d{2}$',
	'^\w+@\w+$', '^\.\.$', '^a.$', '^(ab)$', '^a+?$', '^a**$', '^\bfoo', '^\s$', '^é$', '^[é]$', '^a$b', '^a^b', '^a$$', '^[0-9a-f]{8}-[0-9a-f]{4}$', '^x-', '^a{1', '^a{', '^a]', '^}', '^/\/$', '^a?b?c?$', '^a?b?a$', '^[ab]{1,2}b?$', '^\u0061$', '^\x61$', '^\^$', 'a', 'a$']);
CREATE TEMP TABLE subject AS SELECT unnest(ARRAY['', 'a', 'b', 'c', 'aa', 'ab', 'ba', 'aab', 'aaab', 'abc', 'ac', 'abcd', 'aé', 'é', '-', 'a-z', '_', '1', '12-34', '12-345', 'a.', '..', '.', 'x-y', 'a@b', '@', '0123abcd-12ef', E'a\n', E'\n', 'a]', ']', '}', '//', '^', 'a$', 'foo', 'aaa', 'bb', 'a{1']) AS t;
CREATE FUNCTION verdict(pattern text, subject text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN maestro.json_matches(json_build_object('pattern', pattern), to_jsonb(subject))::text;
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN 'refused';
END $$;
SELECT is((SELECT string_agg(format('%s on %s: %s', p, t, verdict(p, t)), '; ') FROM pattern, subject
	WHERE verdict(p, t) IS DISTINCT FROM verdict('(?:' || p || ')', t)), NULL, 'a plain pattern says what the engine says');
SELECT cmp_ok((SELECT count(*) FROM pattern, subject WHERE verdict(p, t) = 'true'), '>', 100::bigint, 'and often yes');

SELECT * FROM finish();
ROLLBACK;
