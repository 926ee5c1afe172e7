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
SELECT plan(70 + 15);
SELECT is((SELECT count(*) FROM jsonb_array_elements(good) AS g WHERE NOT maestro.json_matches(schema::json, g)), 0::bigint, 'holds: ' || left(schema, 80)) FROM example ORDER BY no;
SELECT is((SELECT count(*) FROM jsonb_array_elements(bad) AS b WHERE maestro.json_matches(schema::json, b) OR NOT EXISTS (SELECT FROM maestro.json_errors(schema::json, b))), 0::bigint,
	'and does not: ' || left(schema, 80)) FROM example ORDER BY no;

-- Paths that lead elsewhere, however they are written.
CREATE TEMP TABLE trick (path text);
INSERT INTO trick VALUES ('../etc/passwd'), ('a/../../b'), ('..'), ('.'), ('a/./b'), ('/etc/passwd'), ('//server/share'), ('\\server\share'), ('a\..\b'), ('C:\x'), ('C:/x'), ('c:x'),
	('%2e%2e/x'), ('%2E%2E%2Fx'), ('%252e%252e/x'), ('%25252e%25252e/x'), ('..%2fx'), ('..%5cx'), ('%5c%5cserver'), ('%2fetc'), ('a%00b'), ('%00'), ('x%2f..%2f..%2fy'), ('%c0%ae%c0%ae/x'), ('%c0%af'),
	('%e0%80%ae'), ('%u002e%u002e/x'), ('..;/x'), ('a/..;b/../../c'), ('...'), ('a/.../b'), ('.. /x'), ('a./b'), ('a /b'), (' a'), ('a.'), ('a '), ('a//b'), ('a/'), ('~/x'), ('~root/x'), ('$HOME/x'), ('${HOME}'), ('file:///x'), ('a:b'),
	('a|b'), ('a<b'), ('a*'), ('a?'), ('a"b'), (U&'\2024\2024/x'), (U&'\FF0E\FF0E/x'), (U&'a\FF0Fb'), (U&'a\2215b'), (U&'a\2044b'), (U&'a\FF3Cb'), (U&'a\2216b'), (U&'a\202Eb'), (U&'a\200Bb'), (U&'\FEFFa'), (E'a\nb'), (E'a\tb'), (E'a\rb'), (E'a\x7fb'), ('%0d%0ax'), ('a%09b'), (''), ('%'|| '2e/x');
-- %uXXXX and codes left over, placeholders of shells and of HTML
INSERT INTO trick VALUES ('%u002e%u002e%u2215x'), ('%U002E%U002E/x'), ('a/%u2216b'), ('%uff0e%uff0e/x'), ('%25u002e%25u002e/x'), ('%%32e%%32e/x'), ('%2%65%2%65/x'), ('%252%65%252%65/x'), ('%25%32%65%25%32%65%25%32%66x'),
	('%USERPROFILE%/x'), ('%APPDATA%/x'), ('a/%TEMP%/b'), ('%HOMEDRIVE%%HOMEPATH%'), ('%ProgramFiles(x86)%/x'), ('%~dp0/x'), ('%%temp%%/x'), ('%25TEMP%25/x'), ('$(pwd)/x'), ('&#46;&#46;/x'), ('&#x2e;&#x2e;&#x2f;x'), ('&period;&period;&sol;x'), ('a&bsol;b'),
	('..&#x2f;x'), ('%26%2346%3b/x');
-- overlong, cut and otherwise impossible bytes
INSERT INTO trick VALUES ('%c0%2e%c0%2e/x'), ('%c1%9c'), ('%c1%8s..'), ('%e0%80%af'), ('%f0%80%80%ae'), ('%f0%80%80%af'), ('%f8%80%80%80%ae'), ('%fc%80%80%80%80%ae'), ('%25c0%25ae'), ('%ff%fe'), ('%c0'), ('a%80b'), ('%ed%a0%80'),
	('%f4%90%80%80'), ('%ef%bc%8e%ef%bc%8e/x'), ('%ef%bc%8fetc'), ('%e2%80%a4%e2%80%a4/x'), ('%e2%88%95x'), ('%e3%80%82%e3%80%82/x');
-- dots, slashes, backslashes, colons and percent signs of Unicode
INSERT INTO trick VALUES (U&'\FE52\FE52/x'), (U&'\2025/x'), (U&'\2026x'), (U&'\3002\3002/x'), (U&'\FF61\FF61/x'), (U&'\FE30/x'), (U&'\FE19/x'), (U&'\2488/x'), (U&'a\2488\2488b'), (U&'\06D4\06D4/x'), (U&'\0701\0702/x'),
	(U&'\A4F8\A4F8/x'), (U&'\A60E\A60E/x'), (U&'\+010A50\+010A50/x'), (U&'a\29F8b'), (U&'a\2571b'), (U&'a\27CBb'), (U&'a\2100b'), (U&'a\2105b'), (U&'a\0338b'), (U&'a\29F5b'), (U&'a\29F9b'), (U&'a\FE68b'), (U&'a\00A5b'), (U&'a\20A9b'), (U&'a\2572b'),
	(U&'C\FF1Ax'), (U&'C\2236x'), (U&'C\A789x'), (U&'C\FE55x'), (U&'C\FE13x'), (U&'\FF052e\FF052e/x'), (U&'\FE6A2e/x'), (U&'\FF5E/x'), (U&'\FF04HOME/x'), (U&'a\FF5Cb'), (U&'a\FF0Ab'), (U&'.\FF0E/x'), (U&'\FF0E./x');
-- blanks and what is not seen
INSERT INTO trick VALUES (U&'.\00A0/x'), (U&'.\3000/x'), (U&'\3000'), (U&'a\3000/b'), (U&'a\2003b'), (U&'.\200D./x'), (U&'.\2060./x'), (U&'.\00AD./x'), (U&'.\FE0F./x'), (U&'a\2800b'), (U&'a\3164b'), (U&'a\FFA0b'), (U&'a\034Fb'), (U&'a\180Eb'), (U&'a\2066b'),
	(U&'a\+0E0041b'), (U&'a\0085b'), (U&'a\2028b'), (E'..\n/x'), (E'.\r./x'), ('%0a../x'), ('a%e2%80%8bb'), ('a%c2%a0/b'), ('a%20/b'), ('%20'), ('a%2e');
-- roots, drives, shares, devices, streams
INSERT INTO trick VALUES ('/'), ('//'), ('///etc'), ('/proc/self/environ'), ('/dev/fd/0'), ('/./etc'), ('\\?\C:\x'), ('\\.\pipe\x'), ('//?/C:/x'), ('//./x'), ('\??\C:\x'), ('\\localhost\c$\x'), ('\\127.0.0.1@SSL@443\x'), ('C:'), ('C:..\x'), ('%43%3a/x'), ('c|/x'), ('file:x'), ('http:%2f%2fx'),
	('jar:file:x!/y'), ('con'), ('CON'), ('a/nul'), ('NUL.txt'), ('aux.c'), ('prn.tar.gz'), ('com1'), ('COM9.log'), ('lpt1'), ('LPT0.x'), (U&'com\00B9'), (U&'LPT\00B2.txt'), (U&'\FF43\FF4F\FF4E'), ('con .txt'), ('conin$'), ('CONOUT$'), ('CLOCK$'), ('nul%2etxt'), ('%6eul'), ('a/con/b'),
	('a.txt:stream'), ('a.txt::$DATA'), ('a::$INDEX_ALLOCATION/b'), ('a%3astream'), ('.:/x'), ('a/b/../../../c'), ('./..'), ('..\..\x'), ('..%255c..%255cx'), ('..%c1%9cx'), ('.%2e/x'), ('%2e./x'), ('%2e'), ('a/%2e%2e'), ('....//x'), ('..././x'), ('.../...//x'), ('..%252f..%252fx'), ('%5c..%2f%2e%2e%5cx');
SELECT is((SELECT string_agg(path, ', ') FROM trick WHERE maestro.json_matches('{"format": "safe-path"}', to_jsonb(path))), NULL, 'no trick is a safe path');
SELECT ok((SELECT count(DISTINCT path) >= 200 FROM trick), 'of which there are many');
SELECT is((SELECT string_agg(p, ', ') FROM unnest('{a,a/b.txt,reports/2026-11/übersicht.pdf,.gitignore,src/main.c,"a b/c d",100%,a+b=c,日本語/ファイル.txt,a%20b,x_y-z.tar.gz,console.log,connection/auxiliary.md,com10,null.txt,a~b,file.txt~,AT&T.txt,R&D/q1;2.csv,50%_off,5%25,資料１.pdf,"日本　語",naïve café.md,a.b.c,.x,(1) copy.txt,emoji😀.png,résumé²,½.txt,col·lecció,Заявка №5.docx,ملف.txt,ノート丶.txt,x@y#z!.txt,a=b&c=d}'::text[]) AS p WHERE NOT maestro.json_matches('{"format": "safe-path"}', to_jsonb(p))), NULL,
	'ordinary ones are');

-- Host names and templates: our own cases beside the official suite's.
CREATE TEMP TABLE format_case (format text, good boolean, text text);
INSERT INTO format_case
SELECT 'hostname', true, unnest(ARRAY['a', 'A-1.EXAMPLE', '127.0.0.1', 'x--y', 'xn--bcher-kva.example', 'XN--BCHER-KVA', 'xn--ll-0ea', 'xn--9dbne9b', 'www.xn--9dbne9b', repeat('a', 63), repeat('a.', 126) || 'a'])
UNION ALL SELECT 'hostname', false, unnest(ARRAY['', '.', 'a.', '.a', 'a..b', 'a-', '-a', 'a_b', 'a b', E'a\n', 'ab--c', 'xn--', 'xn---', 'xn--a', 'xn--a-', 'xn--bcher-kv', 'xn--bcher-kva-', 'xn--99999999999',
	'xn--' || repeat('9', 59), 'xn--' || repeat('z', 59), 'xn--ls8h', 'xn--e-xbb', '1a.xn--9dbne9b', 'xn--a-0hc', U&'b\00FCcher', U&'a\3002b', repeat('a', 64), repeat('a.', 127), repeat('a', 2000)])
UNION ALL SELECT 'idn-hostname', true, unnest(ARRAY['A.Example', U&'b\00FCcher.example', 'xn--bcher-kva', U&'stra\00DFe', U&'\4F8B\3048\3002\30C6\30B9\30C8', U&'\05E9\05DC\05D5\05DD', U&'www.\05E9\05DC\05D5\05DD', U&'\0628\0660', U&'\0915\094D\200D\0937',
	U&'\0628\0651\200C\0651\0628', U&'l\00B7l', U&'\03B1\0375\03B2', U&'\AC00\AC01', U&'caf\00E9', U&'\+020000', repeat(U&'\00FC', 57), repeat('a', 55) || U&'\00FC', repeat(repeat('a', 55) || U&'\00FC.', 3) || repeat('a', 61)])
UNION ALL SELECT 'idn-hostname', false, unnest(ARRAY['', U&'\3002', U&'a\FF0E', U&'\FF61a', U&'a\3002.b', U&'B\00FCcher', U&'B\00DCCHER', U&'-\00FC', U&'\00FC-', U&'b\00FC--x', U&'\0301a', U&'cafe\0301', U&'\1100\1161', U&'\2660', U&'\+01F600', U&'\FB01', U&'\0378', U&'\E000', U&'\+0E0041', U&'\+10FFFF', U&'a\00ADb',
	U&'a\200Bb', U&'a\200Cb', U&'\0627\200C\0628', U&'\0628\200C\0031\0628', U&'a\202Eb', U&'\FF41', U&'a\00B7l', U&'\05E9a', U&'1\05E9', U&'\05E9-', U&'1.\05E9', U&'\05E9.1', U&'a.1.xn--9dbne9b', U&'\05E9\0660\0031', U&'\0660\06F1', U&'\0661', U&'a\2044b', U&'a\FF0Fb', U&'\0430\00AA',
	repeat(U&'\00FC', 58), repeat('a', 56) || U&'\00FC', repeat(repeat('a', 55) || U&'\00FC.', 3) || repeat('a', 62), repeat(U&'\+020000', 60), repeat(U&'\00FC', 3000)])
UNION ALL SELECT 'idn-email', true, unnest(ARRAY[U&'\00FC@b\00FCcher.example', U&'a@cafe\0301.example', 'a@xn--bcher-kva'])
UNION ALL SELECT 'idn-email', false, unnest(ARRAY[U&'a@a\3002b', U&'a@b\2044c', 'a@xn--a', U&'a@1.\05E9', U&'a@' || repeat(U&'\0958', 40)])
UNION ALL SELECT 'uri-template', true, unnest(ARRAY['', 'x', '/a?b#c[d]', '{a}', 'x{a}{b}y', '{a_1,%41b,c.d.e}', '{?a,b*,c:3}', '{&a:9999}', '{+a*}', '{=a}', '{|a*}', '{@a,b:1}', '{!a}', '{,a}', '%20{a}', U&'\00FC{a}\E000', U&'\+020000', 'a''b', '~!$&()*+,-.;=:@_'])
UNION ALL SELECT 'uri-template', false, unnest(ARRAY['{', '}', '{a', 'a}', '{}', '{?}', '{a}}', '{{a}}', '{a,}', '{,}', '{a,,b}', '{a b}', '{a-b}', '{.}', '{..a}', '{a.}', '{a..b}', '{a.,b}', '{%4}', '{%zz}', '{a:}', '{a:0}', '{a:01}', '{a:10000}', '{a:-1}', '{a:b}', '{a*:1}', '{a:1*}', '{a**}', '{*a}', '{++a}', '{$a}', '{a=b}', U&'{\00FC}',
	'%', '%4', '%4g', ' ', '"', '<', '>', '^', '`', '|', E'\\', E'a\x7f', E'a\n', U&'\0085', U&'\FFFE', U&'\FDD0', U&'\FFF9', U&'\+01FFFE', U&'\+0E0041']);
SELECT is((SELECT string_agg(text, ' ') FROM format_case AS c WHERE c.format = f.format AND c.good <> maestro.json_matches(json_build_object('format', f.format, 'x-maestro-assert-formats', true), to_jsonb(text))), NULL,
	'cases of ' || format) FROM (SELECT DISTINCT format FROM format_case) AS f ORDER BY format;

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
