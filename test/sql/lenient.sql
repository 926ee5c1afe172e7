\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT no_plan();

SELECT is(maestro.lenient_jsonb(t), j::jsonb, format('%s reads as %s', left(replace(replace(replace(t, E'\n', '<LF>'), E'\r', '<CR>'), E'\t', '<TAB>'), 60), left(j, 60)))
FROM (VALUES
	-- what jsonb refuses, kept visible
	('"\u0000"', '"\\u0000"'),
	('{"a\u0000b": ["\u0000", "x\u0000\u0000y"]}', '{"a\\u0000b": ["\\u0000", "x\\u0000\\u0000y"]}'),
	('"\ud83d"', '"\\ud83d"'),
	('"\uDE00 \uD83D x"', '"\\uDE00 \\uD83D x"'),
	('"\ud83d\ud83d\ude00"', '"\\ud83d😀"'),
	('"\ud83d\u0041"', '"\\ud83dA"'),
	('"\ud83d\n"', '"\\ud83d\n"'),
	('1e401', '"1e401"'),
	('[1, -1E+999999999999999999999]', '[1, "-1E+999999999999999999999"]'),
	('{"a": 1e-401}', '{"a": "1e-401"}'),
	-- what is no JSON, as a string
	('', '""'), ('  ', '"  "'), ('hello', '"hello"'), ('nul', '"nul"'), ('nullx', '"nullx"'), ('NaN', '"NaN"'),
	('[NaN]', '"[NaN]"'), ('Infinity', '"Infinity"'), ('-Infinity', '"-Infinity"'), ('01', '"01"'), ('1.', '"1."'), ('.5', '".5"'),
	('-', '"-"'), ('1e', '"1e"'), ('+1', '"+1"'), ('1 2', '"1 2"'), ('0x10', '"0x10"'), ('{"a":1,}', '"{\"a\":1,}"'), ('[1,]', '"[1,]"'), ('[,]', '"[,]"'),
	('{"a"}', '"{\"a\"}"'), ('{"a":}', '"{\"a\":}"'), ('{a:1}', '"{a:1}"'), ('{1:1}', '"{1:1}"'), ('[1', '"[1"'), ('[1}', '"[1}"'), ('{"a":1]', '"{\"a\":1]"'),
	('[]]', '"[]]"'), ('{} {}', '"{} {}"'), ('"a', '"\"a"'), ('"a\', '"\"a\\"'), ('"\x"', '"\"\\x\""'), ('"\u12"', '"\"\\u12\""'), ('"\u12g4"', '"\"\\u12g4\""'),
	('''a''', '"''a''"'), ('/* x */ 1', '"/* x */ 1"'), (E'"a\nb"', '"\"a\nb\""'), (E'"a\tb"', '"\"a\tb\""'),
	-- what is JSON, as jsonb has it
	('null', 'null'), (' true ', 'true'), ('false', 'false'), ('"x"', '"x"'), ('0', '0'), ('-0', '-0'), ('1.50', '1.50'), ('1e5', '1e5'), ('1E-2', '1E-2'),
	('999999999999999999', '999999999999999999'), ('-9223372036854775809', '-9223372036854775809'), ('1e400', '1e400'), ('1e-400', '1e-400'),
	('{}', '{}'), ('[]', '[]'), (E' {\t"a" :\n[ ] ,\r"b":{ } } ', '{"a": [], "b": {}}'), ('{"a":1,"b":2,"a":3}', '{"a": 3, "b": 2}'),
	('"\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00"', '"\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00"'),
	('"\\u0000"', '"\\u0000"'), ('"é€😀"', '"é€😀"'), ('"\uffff\u007f\u0080\u07ff\u0800"', '"\uffff\u007f\u0080\u07ff\u0800"')
) AS v(t, j);

SELECT is(maestro.lenient_jsonb('1.50')::text, '1.50', 'trailing zeros are kept');
SELECT is(maestro.lenient_jsonb('"\\\u0000"') #>> '{}', '\\u0000', 'an escaped backslash before a NUL escape stays itself');
SELECT is(jsonb_typeof(maestro.lenient_jsonb(repeat('9', 1000))), 'number', 'a number has up to 1000 digits');
SELECT is(maestro.lenient_jsonb(repeat('9', 1001)) #>> '{}', repeat('9', 1001), 'a longer one is a string');
SELECT is(jsonb_typeof(maestro.lenient_jsonb('0.' || repeat('1', 999))), 'number', 'digits behind the point count');
SELECT is(jsonb_typeof(maestro.lenient_jsonb('0.' || repeat('1', 1000))), 'string', 'with those before it');
SELECT is(jsonb_typeof(maestro.lenient_jsonb('1e' || repeat('0', 3000) || '1')), 'string', 'an endless exponent makes a string');
SELECT is(jsonb_typeof(maestro.lenient_jsonb(repeat('[', 512) || repeat(']', 512))), 'array', 'arrays nest 512 levels');
SELECT is(jsonb_typeof(maestro.lenient_jsonb(repeat('[', 513) || repeat(']', 513))), 'string', 'deeper ones are a string');
SELECT is(jsonb_typeof(maestro.lenient_jsonb(repeat('{"a":', 512) || '1' || repeat('}', 512))), 'object', 'objects nest 512 levels');
SELECT is(length(maestro.lenient_jsonb(repeat('{"a":', 1000000)) #>> '{}'), 5000000, 'deep nesting without end is a string');
SELECT is(jsonb_array_length(maestro.lenient_jsonb('[' || repeat('0,', 1000000) || '0]')), 1000001, 'a million values are an array');
SELECT is(jsonb_typeof(maestro.lenient_jsonb('[' || repeat('0,', 2100000) || '0]')), 'string', 'over two million are a string');
SELECT is(jsonb_typeof(maestro.lenient_jsonb('[' || repeat('{},', 500000) || '0]')), 'string', 'a container counts as several');
SELECT is(maestro.lenient_jsonb(NULL), NULL, 'no text is no JSON');
SELECT is((SELECT string_agg(maestro.lenient_jsonb(t)::text, ' ' ORDER BY t) FROM unnest(ARRAY['1', '"b"', 'c']) t), '"b" 1 "c"', 'rows do not influence each other');

-- Any damage to a document gives what jsonb makes of it, or one string.
CREATE FUNCTION pg_temp.agrees(t text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	mine jsonb := maestro.lenient_jsonb(t);
BEGIN
	RETURN mine IS NOT DISTINCT FROM t::jsonb AND mine::text IS NOT DISTINCT FROM t::jsonb::text;
EXCEPTION
	WHEN invalid_text_representation THEN
		-- half a surrogate pair
		RETURN mine = to_jsonb(t) OR t ~ '\\u[dD][89a-fA-F]';
	WHEN untranslatable_character THEN
		RETURN t ~ '\\u0000';
END
$$;
CREATE TEMP TABLE document AS SELECT $${"a b": [1, -2.5e+10, "x\ny", {"\u00e9": null}], "c": {"d": true, "e": false}, "f": "\ud83d\ude00"}$$::text AS t;
SELECT is(array_agg(v) FILTER (WHERE NOT pg_temp.agrees(v)), NULL, 'a document that lacks any one character')
FROM (SELECT overlay(t PLACING '' FROM n FOR 1) FROM document, generate_series(1, length(t)) n) AS d(v);
SELECT is(array_agg(v) FILTER (WHERE NOT pg_temp.agrees(v)), NULL, 'a document that ends early') FROM (SELECT left(t, n) FROM document, generate_series(1, length(t)) n) AS d(v);
SELECT is(array_agg(v) FILTER (WHERE NOT pg_temp.agrees(v)), NULL, format('a document with %s in any place', to_json(c)))
FROM document, generate_series(1, length(t)) n,
	unnest(ARRAY['{', '}', '[', ']', ',', ':', '"', '\', '0', '-', '.', 'e', 'u', ' ', E'\n', E'\x01', 'é']) c,
	LATERAL (VALUES (overlay(t PLACING c FROM n FOR 1)), (overlay(t PLACING c FROM n FOR 0))) AS d(v) GROUP BY c ORDER BY c COLLATE "C";

SELECT * FROM finish();
ROLLBACK;
