\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(29);

-- test/t/jcs.sh has RFC 8785's examples and many numbers; here is what SQL adds.
SELECT is(maestro.jcs('{"b": 4.50, "a": [1E2, true, null], "\ud83d\ude00": 1, "\ufb33": 2}'), U&'{"a":[100,true,null],"b":4.5,"\+01F600":1,"\FB33":2}',
	'a document has one text: keys by UTF-16 units, numbers as ECMAScript prints them');
SELECT is(maestro.jcs(NULL), NULL, 'none has none');
SELECT is(maestro.jcs(' "\u0000" '), '"\u0000"', 'what jsonb could not hold can be signed');
SELECT is(maestro.jcs(maestro.jcs(d)::json), maestro.jcs(d), 'a canonical text is its own') FROM (VALUES ('{"x": {"b": 1e21, "a": "\"\\"}}'::json)) AS v (d);
SELECT is((SELECT maestro.jcs(json_object_agg('k' || i, i)) FROM generate_series(1, 3000) AS i),
	(SELECT '{' || string_agg(format('"k%s":%s', i, i), ',' ORDER BY ('k' || i) COLLATE "C") || '}' FROM generate_series(1, 3000) AS i), 'thousands of keys are put in order');
SELECT throws_ok(format('SELECT maestro.jcs(%L)', document), code, 'the document has no canonical form', why) FROM (VALUES
	('{"a": 1, "\u0061": 2}', '22023', 'a key twice is refused'),
	('[9007199254740993]', '22003', 'so is an integer that is no double'),
	('[0.12345678901234567891]', '22003', 'a number with more digits than a double has'),
	('[1e309]', '22003', 'one that is infinite'),
	('[1e-400]', '22003', 'one that would become zero'),
	('["\ud800"]', '22023', 'half a surrogate pair'),
	(repeat('[', 101) || repeat(']', 101), '54000', 'what is nested too deep')) AS bad (document, code, why);
SELECT throws_ok($$ SELECT maestro.jcs(to_json(repeat('x', 4 * 1024 * 1024))) $$, '54000', 'the document has no canonical form', 'and what is too large');

-- Numbers of all sizes against float8out, which may have more digits, never fewer.
DO 'BEGIN PERFORM setseed(0.5); END';
SET LOCAL extra_float_digits = 1;
CREATE TEMP TABLE number AS
	SELECT (random() - 0.5) * power(10::float8, (i % 600) - 300) AS x FROM generate_series(1, 50000) AS i
	UNION ALL SELECT i::float8 / 8 FROM generate_series(-2000, 2000) AS i
	UNION ALL SELECT power(2::float8, i) FROM generate_series(-1022, 1023) AS i;
SELECT is_empty($$ SELECT x FROM number WHERE maestro.jcs(x::text::json)::float8 <> x $$, 'each double is read again as it was');
SELECT is_empty($$ SELECT x, maestro.jcs(x::text::json) FROM number
	WHERE maestro.jcs(x::text::json)::numeric <> x::text::numeric
	  AND length(regexp_replace(maestro.jcs(x::text::json), '[-.]|e.*|^-?0\.0*|0+$', '', 'g')) > length(regexp_replace(x::text, '[-.]|e.*|^-?0\.0*|0+$', '', 'g')) $$,
	'with the digits of float8out, or fewer');

-- RFC 8032, section 7.1.
CREATE TEMP TABLE vector (name text, key bytea, message bytea, signature bytea);
INSERT INTO vector SELECT n, decode(k, 'hex'), decode(m, 'hex'), decode(s, 'hex') FROM (VALUES
	('test 1', 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', '',
	 'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'),
	('test 2', '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', '72',
	 '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'),
	('test 3', 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025', 'af82',
	 '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a'),
	('SHA(abc)', 'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
	 'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
	 'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704')) AS v (n, k, m, s);
SELECT ok(maestro.verify_ed25519(key, message, signature), 'RFC 8032, ' || name || ' verifies') FROM vector;
SELECT is_empty($$ SELECT v.name, i FROM vector AS v, generate_series(0, 511) AS i
	WHERE maestro.verify_ed25519(key, message, set_bit(signature, i, 1 - get_bit(signature, i))) $$, 'none does with any bit of the signature changed');
SELECT is_empty($$ SELECT v.name, i FROM vector AS v, generate_series(0, 255) AS i
	WHERE maestro.verify_ed25519(set_bit(key, i, 1 - get_bit(key, i)), message, signature) $$, 'nor of the key');
SELECT is_empty($$ SELECT v.name, i FROM vector AS v, generate_series(0, length(message) * 8 - 1) AS i
	WHERE maestro.verify_ed25519(key, set_bit(message, i, 1 - get_bit(message, i)), signature) $$, 'nor of the message');
SELECT ok(NOT maestro.verify_ed25519(key, message, substr(signature, 1, 63)), name || ': nor a shorter one') FROM vector;
SELECT ok(NOT maestro.verify_ed25519(key, message, signature || '\x00'), 'nor a longer one') FROM vector WHERE name = 'test 1';
-- S + L is the same number modulo L: who accepted it would let signatures be altered.
SELECT ok(NOT maestro.verify_ed25519(key, message, substr(signature, 1, 32) || decode('4c8c7872aa064e049dbb3013fbf29380d25bf5f0595bbe24655141438e7a101b', 'hex')), 'nor another S') FROM vector WHERE name = 'test 1';
SELECT throws_ok($$ SELECT maestro.verify_ed25519('\x00', '', '') $$, '22023', 'a public key of Ed25519 has 32 bytes', 'a key has 32 bytes');
SELECT * FROM finish();
ROLLBACK;
