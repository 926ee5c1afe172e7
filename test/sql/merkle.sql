\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/rfc6962.sql
SELECT plan(43);

-- ---- hashes and roots ------------------------------------------------------

CREATE TEMP TABLE ct (n integer, entry bytea, root bytea);
-- The leaves and roots of the test data of certificate-transparency.
INSERT INTO ct VALUES
	(0, NULL, '\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'),
	(1, '', '\x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'),
	(2, '\x00', '\xfac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'),
	(3, '\x10', '\xaeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'),
	(4, '\x2021', '\xd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'),
	(5, '\x3031', '\x4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'),
	(6, '\x40414243', '\x76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'),
	(7, '\x5051525354555657', '\xddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'),
	(8, '\x606162636465666768696a6b6c6d6e6f', '\x5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
SELECT is(maestro.leaf_hash(''), '\x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'::bytea,
	'leaf_hash of an empty entry is the known one');
SELECT is_empty($$ SELECT n FROM ct WHERE entry IS NOT NULL AND maestro.leaf_hash(entry) <> sha256('\x00' || entry) $$,
	'leaf_hash is SHA-256 of a byte 0 and the entry');
SELECT is(maestro.leaf_hash(decode(repeat('ab', 100000), 'hex')), sha256('\x00' || decode(repeat('ab', 100000), 'hex')),
	'of a long entry too');
SELECT is(maestro.leaf_hash(NULL), NULL, 'of NULL there is none');
SELECT is_empty($$ SELECT n FROM ct AS c WHERE c.root IS DISTINCT FROM
		maestro.merkle_root(ARRAY(SELECT maestro.leaf_hash(e.entry) FROM ct AS e WHERE e.n BETWEEN 1 AND c.n ORDER BY e.n)) $$,
	'merkle_root gives the published roots of 0 to 8 leaves');
SELECT is_empty($$ SELECT n FROM ct AS c WHERE c.root IS DISTINCT FROM
		pg_temp.mth(ARRAY(SELECT e.entry FROM ct AS e WHERE e.n BETWEEN 1 AND c.n ORDER BY e.n)) $$,
	'and so does the recursion of RFC 6962');
SELECT is_empty($$ SELECT n FROM generate_series(0, 130) AS n WHERE
		maestro.merkle_root(ARRAY(SELECT maestro.leaf_hash(int8send(i)) FROM generate_series(1, n) AS i ORDER BY i))
		IS DISTINCT FROM pg_temp.mth(ARRAY(SELECT int8send(i) FROM generate_series(1, n) AS i ORDER BY i)) $$,
	'merkle_root is the recursion''s for 0 to 130 leaves');
SELECT isnt(maestro.merkle_root(ARRAY[sha256('a'), sha256('b')]), maestro.merkle_root(ARRAY[sha256('b'), sha256('a')]),
	'the order of leaves counts');
SELECT is(maestro.merkle_root(NULL), NULL, 'of NULL there is no root');
SELECT throws_ok($$ SELECT maestro.merkle_root(ARRAY['\x00'::bytea]) $$, '22023', 'leaf 1 of a Merkle tree is not 32 bytes',
	'a leaf of 1 byte is refused');
SELECT throws_ok($$ SELECT maestro.merkle_root(ARRAY[sha256('a'), NULL]) $$, '22023', 'leaf 2 of a Merkle tree is not 32 bytes',
	'a leaf that is NULL is refused');
SELECT throws_ok($$ SELECT maestro.merkle_root(ARRAY[sha256('a') || '\x00'::bytea]) $$, '22023', NULL, 'a leaf of 33 bytes is refused');

-- ---- all proofs up to 300 leaves -------------------------------------------

DO $$ BEGIN PERFORM pg_temp.prove(ARRAY(SELECT sha256('\x00' || int8send(i)) FROM generate_series(0, 299) AS i ORDER BY i)); END $$;
SELECT is((SELECT count(*) FROM inclusion WHERE root = maestro.merkle_root(ARRAY(SELECT maestro.leaf_hash(int8send(i))
		FROM generate_series(0, inclusion.size - 1) AS i ORDER BY i)) AND index = 0), 300::bigint, 'the 300 roots are merkle_root''s');
SELECT is((SELECT count(*) FROM inclusion WHERE maestro.verify_inclusion(leaf, index, size, proof, root)), 300 * 301 / 2::bigint,
	'each leaf of each tree of up to 300 leaves is proved by the recursion''s proof');
SELECT is((SELECT count(*) FROM consistency WHERE maestro.verify_consistency(size1, size2, proof, root1, root2)), 300 * 301 / 2::bigint,
	'each two trees of up to 300 leaves are proved consistent by the recursion''s proof');
SELECT is((SELECT max(cardinality(proof)) FROM inclusion), 9, 'a proof has as many hashes as the tree has levels');

-- ---- no changed proof is one -----------------------------------------------

SELECT is_empty($$ SELECT index, size, wrong FROM inclusion AS i, generate_series(greatest(0, index - 4), least(size - 1, index + 4)) AS wrong
	 WHERE wrong <> index AND maestro.verify_inclusion(leaf, wrong, size, proof, root) $$, 'no leaf is proved at a place nearby');
-- The size alone does not count where the path is the same: the proof and root of the other size do.
SELECT is_empty($$ SELECT i.index, i.size, o.size FROM inclusion AS i JOIN inclusion AS o
		ON o.index = i.index AND o.size BETWEEN i.size - 5 AND i.size + 5 AND o.size <> i.size
	 WHERE i.size <= 150 AND (maestro.verify_inclusion(i.leaf, i.index, o.size, o.proof, i.root)
		OR maestro.verify_inclusion(i.leaf, i.index, i.size, i.proof, o.root)) $$,
	'no leaf is proved in a root by the proof of a tree of another size');
SELECT is_empty($$ SELECT index, size FROM inclusion AS i
	 WHERE size > 1 AND (maestro.verify_inclusion(leaf, index, size, proof[2:], root) OR maestro.verify_inclusion(leaf, index, size, proof[:cardinality(proof) - 1], root)) $$,
	'none is one without its first hash, or without its last');
SELECT is_empty($$ SELECT index, size FROM inclusion AS i
	 WHERE maestro.verify_inclusion(leaf, index, size, proof || root, root) OR maestro.verify_inclusion(leaf, index, size, leaf || proof, root) $$,
	'none is one with a hash more at its end or its beginning');
SELECT is_empty($$ SELECT index, size FROM inclusion AS i, generate_series(1, cardinality(proof) - 1) AS at
	 WHERE proof[at] <> proof[at + 1]
	   AND maestro.verify_inclusion(leaf, index, size, proof[:at - 1] || proof[at + 1] || proof[at] || proof[at + 2:], root) $$,
	'none is one with two hashes changed about');
CREATE TEMP VIEW sampled AS SELECT * FROM inclusion WHERE size <= 20 AND index IN (0, 1, 2, 5, 7, 8, size / 2, size - 2, size - 1);
SELECT is((SELECT count(*) FROM sampled AS s, generate_series(1, cardinality(proof)) AS at, generate_series(0, 255) AS bit
	 WHERE NOT maestro.verify_inclusion(leaf, index, size, proof[:at - 1] || set_bit(proof[at], bit, 1 - get_bit(proof[at], bit)) || proof[at + 1:], root)),
	(SELECT 256 * sum(cardinality(proof)) FROM sampled)::bigint, 'each bit of each hash of a proof counts');
SELECT is((SELECT count(*) FROM sampled, generate_series(0, 255) AS bit
	 WHERE maestro.verify_inclusion(set_bit(leaf, bit, 1 - get_bit(leaf, bit)), index, size, proof, root)
		OR maestro.verify_inclusion(leaf, index, size, proof, set_bit(root, bit, 1 - get_bit(root, bit)))), 0::bigint,
	'each bit of leaf and root counts');

SELECT is_empty($$ SELECT size1, size2 FROM consistency AS c
	 WHERE size1 < size2 AND (maestro.verify_consistency(size1, size2, proof[2:], root1, root2)
		OR maestro.verify_consistency(size1, size2, proof[:cardinality(proof) - 1], root1, root2)
		OR maestro.verify_consistency(size1, size2, proof || root2, root1, root2)
		OR maestro.verify_consistency(size1, size2, root1 || proof, root1, root2)) $$,
	'no consistency proof is one with a hash less or more');
SELECT is_empty($$ SELECT size1, size2 FROM consistency WHERE size1 < size2 AND (maestro.verify_consistency(size1, size2, proof, root2, root1)
		OR maestro.verify_consistency(size1, size2, proof, root1, root1) OR maestro.verify_consistency(size1, size2, proof, root2, root2)
		OR maestro.verify_consistency(size2, size1, proof, root2, root1)) $$,
	'none is one with its roots or sizes changed about');
SELECT is_empty($$ SELECT c.size1, c.size2, o.size1 FROM consistency AS c JOIN consistency AS o
		ON o.size2 = c.size2 AND o.size1 BETWEEN c.size1 - 5 AND c.size1 + 5 AND o.size1 <> c.size1
	 WHERE c.size2 <= 100 AND (maestro.verify_consistency(o.size1, c.size2, c.proof, o.root1, c.root2)
		OR maestro.verify_consistency(o.size1, c.size2, o.proof, c.root1, c.root2)) $$,
	'none proves anything of a size nearby');
CREATE TEMP VIEW pairs AS SELECT * FROM consistency WHERE size2 <= 20 AND size1 < size2 AND size1 IN (1, 2, 3, 4, 7, 8, 11, 16, size2 - 1);
SELECT is((SELECT count(*) FROM pairs, generate_series(1, cardinality(proof)) AS at, generate_series(0, 255) AS bit
	 WHERE NOT maestro.verify_consistency(size1, size2, proof[:at - 1] || set_bit(proof[at], bit, 1 - get_bit(proof[at], bit)) || proof[at + 1:], root1, root2)),
	(SELECT 256 * sum(cardinality(proof)) FROM pairs)::bigint, 'each bit of each hash of a consistency proof counts');
SELECT is((SELECT count(*) FROM pairs, generate_series(0, 255) AS bit
	 WHERE maestro.verify_consistency(size1, size2, proof, set_bit(root1, bit, 1 - get_bit(root1, bit)), root2)
		OR maestro.verify_consistency(size1, size2, proof, root1, set_bit(root2, bit, 1 - get_bit(root2, bit)))), 0::bigint,
	'each bit of its roots counts');

-- ---- whatever is no proof is false, not an error ---------------------------

-- Leaf 2 of 5, whose proof is good; each case has one thing wrong with it.
CREATE TEMP TABLE good AS SELECT * FROM inclusion WHERE size = 5 AND index = 2;
CREATE TEMP TABLE bad (name text, change jsonb);
INSERT INTO bad VALUES
	('NULL leaf', '{"leaf": "NULL"}'), ('empty leaf', '{"leaf": "''''"}'), ('leaf of 31 bytes', '{"leaf": "substr(leaf, 2)"}'),
	('leaf of 33 bytes', '{"leaf": "leaf || ''\\x00''::bytea"}'), ('NULL root', '{"root": "NULL"}'), ('empty root', '{"root": "''''"}'),
	('root of 31 bytes', '{"root": "substr(root, 2)"}'), ('root of 33 bytes', '{"root": "root || ''\\x00''::bytea"}'), ('NULL index', '{"index": "NULL"}'),
	('index -1', '{"index": "-1"}'), ('index 2^63-1', '{"index": "9223372036854775807"}'), ('least index', '{"index": "-9223372036854775808"}'),
	('index = size', '{"index": "5"}'), ('index > size', '{"index": "6"}'), ('index 2^32 too large', '{"index": "4294967298"}'), ('NULL size', '{"size": "NULL"}'),
	('size 0', '{"size": "0"}'), ('size -1', '{"size": "-1"}'), ('size 2', '{"size": "2"}'), ('size 2^63-1', '{"size": "9223372036854775807"}'),
	('least size', '{"size": "-9223372036854775808"}'), ('size 2^32 too large', '{"size": "4294967301"}'), ('both -1', '{"index": "-1", "size": "-1"}'),
	('index 0 of 0', '{"index": "0", "size": "0"}'), ('both largest', '{"index": "9223372036854775806", "size": "9223372036854775807"}'),
	('NULL proof', '{"proof": "NULL"}'), ('empty proof', '{"proof": "''{}''"}'), ('proof of a NULL', '{"proof": "ARRAY[NULL::bytea]"}'),
	('proof with a NULL', '{"proof": "proof[1:2] || NULL::bytea"}'), ('NULLs as proof', '{"proof": "array_fill(NULL::bytea, ARRAY[3])"}'),
	('empty hash', '{"proof": "proof[1:2] || ''''::bytea"}'), ('hash of 31 bytes', '{"proof": "proof[1:2] || substr(proof[3], 2)"}'),
	('hash of 33 bytes', '{"proof": "proof[1:2] || (proof[3] || ''\\x00''::bytea)"}'),
	('hash of 1 MB', '{"proof": "proof[1:2] || decode(repeat(''00'', 1048576), ''hex'')"}'), ('proof of two dimensions', '{"proof": "ARRAY[proof]"}'),
	('proof of three dimensions', '{"proof": "ARRAY[ARRAY[proof]]"}'), ('proof of two columns', '{"proof": "ARRAY[proof[1:2], proof[2:3]]"}'),
	('64 hashes', '{"proof": "array_fill(leaf, ARRAY[64])"}'), ('65 hashes', '{"proof": "array_fill(leaf, ARRAY[65])"}'),
	('1000 hashes', '{"proof": "array_fill(leaf, ARRAY[1000])"}'), ('100000 hashes', '{"proof": "array_fill(leaf, ARRAY[100000])"}'),
	('64 hashes in the largest tree', '{"index": "4611686018427387904", "size": "9223372036854775807", "proof": "array_fill(leaf, ARRAY[64])"}'),
	('63 hashes in the largest tree', '{"index": "4611686018427387904", "size": "9223372036854775807", "proof": "array_fill(leaf, ARRAY[63])"}');
-- What a function says of each: "false", "true", or the error.
CREATE FUNCTION pg_temp.answer(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	r text;
BEGIN
	EXECUTE call INTO r;
	RETURN coalesce(r, 'NULL');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;
CREATE FUNCTION pg_temp.included(change jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.answer(format('SELECT maestro.verify_inclusion(%s, %s, %s, %s, %s) FROM good', coalesce(change ->> 'leaf', 'leaf'),
		coalesce(change ->> 'index', 'index'), coalesce(change ->> 'size', 'size'), coalesce(change ->> 'proof', 'proof'), coalesce(change ->> 'root', 'root')))
$$;
SELECT is(pg_temp.included('{}'), 'true', 'the good one is true');
SELECT results_eq('SELECT name, pg_temp.included(change) FROM bad', $$ SELECT name, 'false' FROM bad $$,
	'verify_inclusion is false for whatever is no proof: NULL, lengths, dimensions, impossible places and sizes');
SELECT is(maestro.verify_inclusion(leaf, 0, 1, '{}', leaf), true, 'a tree of one leaf is its own proof') FROM good;
SELECT is(maestro.verify_inclusion(leaf, 0, 1, ARRAY[leaf], maestro.merkle_root(ARRAY[leaf, leaf])), false, 'with just as many hashes as that takes') FROM good;
SELECT is(maestro.verify_inclusion(leaf, index, size, ('[0:2]=' || proof::text)::bytea[], root), true, 'lower bounds of the array do not matter') FROM good;

CREATE TEMP TABLE good2 AS SELECT size1, size2, proof, root1, root2 FROM consistency WHERE size1 = 3 AND size2 = 5;
CREATE TEMP TABLE bad2 (name text, change jsonb);
INSERT INTO bad2 VALUES
	('NULL size1', '{"size1": "NULL"}'), ('size1 0', '{"size1": "0"}'), ('size1 -1', '{"size1": "-1"}'), ('size1 > size2', '{"size1": "6"}'),
	('size1 2^63-1', '{"size1": "9223372036854775807"}'), ('least size1', '{"size1": "-9223372036854775808"}'), ('NULL size2', '{"size2": "NULL"}'),
	('size2 0', '{"size2": "0"}'), ('size2 -1', '{"size2": "-1"}'), ('size2 2^63-1', '{"size2": "9223372036854775807"}'),
	('least size2', '{"size2": "-9223372036854775808"}'),
	('both 0', '{"size1": "0", "size2": "0", "root1": "sha256('''')", "root2": "sha256('''')", "proof": "''{}''"}'),
	('both -1', '{"size1": "-1", "size2": "-1", "root2": "root1", "proof": "''{}''"}'),
	('from nothing', '{"size1": "0", "size2": "5", "root1": "sha256('''')", "proof": "''{}''"}'),
	('from nothing, with a proof', '{"size1": "0", "root1": "sha256('''')"}'),
	('equal sizes with a proof', '{"size1": "5", "size2": "5", "root1": "root2", "root2": "root2"}'),
	('equal sizes and roots that are not', '{"size1": "5", "size2": "5", "proof": "''{}''"}'),
	('equal sizes with one hash', '{"size1": "5", "size2": "5", "root1": "root2", "root2": "root2", "proof": "ARRAY[root2]"}'), ('NULL root1', '{"root1": "NULL"}'),
	('empty root1', '{"root1": "''''"}'), ('root1 of 31 bytes', '{"root1": "substr(root1, 2)"}'), ('root1 of 33 bytes', '{"root1": "root1 || ''\\x00''::bytea"}'),
	('NULL root2', '{"root2": "NULL"}'), ('empty root2', '{"root2": "''''"}'), ('root2 of 31 bytes', '{"root2": "substr(root2, 2)"}'),
	('root2 of 33 bytes', '{"root2": "root2 || ''\\x00''::bytea"}'), ('NULL proof', '{"proof": "NULL"}'), ('empty proof', '{"proof": "''{}''"}'),
	('proof of a NULL', '{"proof": "ARRAY[NULL::bytea]"}'), ('proof with a NULL', '{"proof": "proof[1:3] || NULL::bytea"}'),
	('empty hash', '{"proof": "proof[1:3] || ''''::bytea"}'), ('hash of 31 bytes', '{"proof": "proof[1:3] || substr(proof[4], 2)"}'),
	('hash of 33 bytes', '{"proof": "proof[1:3] || (proof[4] || ''\\x00''::bytea)"}'), ('proof of two dimensions', '{"proof": "ARRAY[proof]"}'),
	('65 hashes', '{"proof": "array_fill(root1, ARRAY[65])"}'), ('1000 hashes', '{"proof": "array_fill(root1, ARRAY[1000])"}'),
	('64 hashes in the largest tree', '{"size1": "4611686018427387903", "size2": "9223372036854775807", "proof": "array_fill(root1, ARRAY[64])"}'),
	('one hash, from a power of two', '{"size1": "4611686018427387904", "size2": "9223372036854775807", "proof": "ARRAY[root2]"}'),
	('an empty proof, from a power of two', '{"size1": "4", "size2": "5", "root1": "root1", "root2": "root1", "proof": "''{}''"}');
CREATE FUNCTION pg_temp.consistent(change jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.answer(format('SELECT maestro.verify_consistency(%s, %s, %s, %s, %s) FROM good2', coalesce(change ->> 'size1', 'size1'),
		coalesce(change ->> 'size2', 'size2'), coalesce(change ->> 'proof', 'proof'), coalesce(change ->> 'root1', 'root1'), coalesce(change ->> 'root2', 'root2')))
$$;
SELECT is(pg_temp.consistent('{}'), 'true', 'the good one is true');
SELECT results_eq('SELECT name, pg_temp.consistent(change) FROM bad2', $$ SELECT name, 'false' FROM bad2 $$,
	'verify_consistency is false for whatever is no proof, from the empty tree too');
SELECT is(maestro.verify_consistency(5, 5, '{}', root2, root2), true, 'a tree is consistent with itself, by an empty proof') FROM good2;

-- ---- large trees -----------------------------------------------------------

-- In a tree of 2^62 equal leaves all nodes of a level are equal, so its proofs are known.
CREATE TEMP TABLE level AS
	WITH RECURSIVE l (no, hash) AS (SELECT 0, sha256('\x00') UNION ALL SELECT no + 1, sha256('\x01' || hash || hash) FROM l WHERE no < 62)
	SELECT * FROM l;
SELECT is_empty($$ SELECT index FROM unnest('{0, 1, 4611686018427387903, 4611686018427387902, 1311768467463790320}'::bigint[]) AS index
	 WHERE NOT maestro.verify_inclusion(sha256('\x00'), index, 4611686018427387904, ARRAY(SELECT hash FROM level WHERE no < 62 ORDER BY no),
		(SELECT hash FROM level WHERE no = 62)) $$, 'in a tree of 2^62 leaves too a leaf is proved');
SELECT is((SELECT maestro.verify_inclusion(sha256('\x00'), 4611686018427387904, 4611686018427387905, ARRAY[hash], pg_temp.node(hash, sha256('\x00')))
	FROM level WHERE no = 62), true, 'and the leaf behind it, by one hash');
SELECT is((SELECT maestro.verify_consistency(4611686018427387904, 4611686018427387905, ARRAY[sha256('\x00')], hash, pg_temp.node(hash, sha256('\x00')))
	FROM level WHERE no = 62), true, 'whose tree begins with it');
SELECT is((SELECT maestro.verify_consistency(4611686018427387904, 4611686018427387905, ARRAY[sha256('\x01')], hash, pg_temp.node(hash, sha256('\x00')))
	FROM level WHERE no = 62), false, 'and not by another leaf');
-- A root is no leaf: the prefix bytes keep them apart.
SELECT is(maestro.leaf_hash(sha256('a') || sha256('b')) = maestro.merkle_root(ARRAY[sha256('a'), sha256('b')]), false, 'a node is no leaf of its children''s bytes');
SELECT is(maestro.verify_inclusion(pg_temp.node(a.leaf, b.leaf), 0, 2, ARRAY[pg_temp.node(c.leaf, d.leaf)], r.root), true,
		'a node can pass for a leaf of a smaller tree, which is why a size is signed with its root')
  FROM inclusion AS a, inclusion AS b, inclusion AS c, inclusion AS d, inclusion AS r
 WHERE a.size = 4 AND b.size = 4 AND c.size = 4 AND d.size = 4 AND r.size = 4
   AND a.index = 0 AND b.index = 1 AND c.index = 2 AND d.index = 3 AND r.index = 0;
SELECT is((SELECT string_agg(provolatile::text || proparallel::text, ' ' ORDER BY proname) FROM pg_proc WHERE pronamespace = 'maestro'::regnamespace
	AND proname IN ('leaf_hash', 'merkle_root', 'verify_consistency', 'verify_inclusion')), 'is is is is', 'all four are immutable and parallel safe');
SELECT * FROM finish();
ROLLBACK;
