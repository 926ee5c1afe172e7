\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(34);

-- The example of Go's golang.org/x/mod/sumdb/note, and signatures of other texts by its key, which is public too.
\set peter 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
\set text 'If you think cryptography is the answer to your problem,\nthen you don''t know what your problem is.\n'
\set line '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'
\set enoch '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n'
SELECT E:'text' AS text, E:'line' AS line, E:'enoch' AS enoch \gset
SELECT :'text' || E'\n' || :'line' AS note \gset
-- note(text, lines): whether it is signed by Peter Neumann.
CREATE TEMP TABLE example AS SELECT :'peter'::text AS vkey, :'text'::text AS said, :'line'::text AS line, :'enoch'::text AS other, :'note'::text AS note;
CREATE FUNCTION pg_temp.by_peter(note text) RETURNS boolean LANGUAGE sql AS 'SELECT maestro.verify_note(by_peter.note, vkey) FROM example';
CREATE FUNCTION pg_temp.signed(said text, signature text) RETURNS boolean LANGUAGE sql AS $$
	SELECT pg_temp.by_peter(said || E'\n— PeterNeumann ' || signature || E'\n')
$$;

SELECT ok(pg_temp.by_peter(:'note'), 'the known note is signed by its key');
SELECT is_empty($$ SELECT i FROM example, generate_series(1, length(said)) AS i
	 WHERE pg_temp.by_peter(overlay(said PLACING CASE substr(said, i, 1) WHEN 'x' THEN 'y' ELSE 'x' END FROM i FOR 1) || E'\n' || line) $$,
	'with any character of its text changed it is not');
SELECT is_empty($$ SELECT i FROM example, generate_series(strpos(line, 'x08') , length(line) - 2) AS i
	 WHERE pg_temp.by_peter(said || E'\n' || overlay(line PLACING CASE substr(line, i, 1) WHEN 'A' THEN 'B' ELSE 'A' END FROM i FOR 1)) $$,
	'nor with any digit of its signature changed');
SELECT is_empty($$ SELECT i FROM example, generate_series(1, length(note) - 1) AS i WHERE pg_temp.by_peter(substr(note, 1, i)) $$,
	'nor cut off anywhere');
SELECT is(maestro.verify_note(NULL, :'peter'), NULL, 'of no note nothing is said');
SELECT is(maestro.verify_note(:'note', NULL), NULL, 'nor by no key');

-- ---- lines of others -------------------------------------------------------

CREATE FUNCTION pg_temp.others(n integer) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format(E'— witness%s.example/w %s\n', i, encode(substr(sha256(i::text::bytea), 1, 4) || sha512(i::text::bytea), 'base64')), '' ORDER BY i)
	  FROM generate_series(1, n) AS i
$$;
CREATE FUNCTION pg_temp.flat(t text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(t, '([A-Za-z0-9+/=])\n([A-Za-z0-9+/=])', '\1\2', 'g') $$;
SELECT ok(pg_temp.by_peter(said || E'\n' || other || line), 'a line of an unknown key before it counts for nothing') FROM example;
SELECT ok(pg_temp.by_peter(said || E'\n' || line || other), 'nor one behind it') FROM example;
SELECT ok(pg_temp.by_peter(said || E'\n' || pg_temp.flat(pg_temp.others(15)) || line), '16 signature lines are read, the last too') FROM example;
SELECT ok(pg_temp.by_peter(said || E'\n' || pg_temp.flat(pg_temp.others(63)) || line), '64 signature lines too') FROM example;
SELECT ok(NOT pg_temp.by_peter(said || E'\n' || line || pg_temp.flat(pg_temp.others(64))), 'of 65 it is no note') FROM example;
SELECT ok(NOT pg_temp.by_peter(said || E'\n' || other), 'signed by others alone it is not signed') FROM example;
SELECT ok(pg_temp.by_peter(said || E'\n' || line || line), 'the same line twice is one') FROM example;
SELECT ok(pg_temp.by_peter(said || E'\n' || line || E'— PeterNeumann af0c+AWTLLHpRJL6eCSQuAAAA\n') IS NOT NULL, 'a short line is no error') FROM example;
SELECT ok(pg_temp.by_peter(said || E'\n' || line || '— PeterNeumann AAAAAPZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=' || E'\n'),
	'a line with the same name and another key''s id is of another key') FROM example;
SELECT ok(NOT pg_temp.by_peter(said || E'\n' || replace(line, 'PeterNeumann', 'PeterNeuman')), 'a line with the same id and another name too, which alone does not sign') FROM example;
SELECT ok(NOT pg_temp.by_peter(said || E'\n' || replace(line, 'nAM=', 'mAM=') || line), 'a wrong line of the key makes the note unsigned, although another is right') FROM example;
SELECT ok(NOT pg_temp.by_peter(said || E'\n' || line || replace(line, 'nAM=', 'mAM=')), 'behind the right one too') FROM example;
SELECT ok(NOT pg_temp.by_peter(said || E'\n' || line || E'— PeterNeumann x08go/ZJkuBS9UG/\n'), 'a line of the key with a signature too short too') FROM example;
SELECT ok(pg_temp.by_peter(said || E'\n' || line || '— postquantum.example/key ' || repeat('QUJD', 1000) || E'\n'), 'longer signatures of other algorithms are let be') FROM example;

-- ---- shapes ----------------------------------------------------------------

CREATE TEMP TABLE shape (name text, note text);
INSERT INTO shape SELECT v.name, v.note FROM example, LATERAL (VALUES
	('an empty note', ''), ('a line end', E'\n'), ('two line ends', E'\n\n'), ('text alone', said), ('a signature alone', line), ('no empty line', said || line),
	('no final line end', rtrim(note, E'\n')), ('an empty line behind', note || E'\n'), ('text behind', note || E'x\n'), ('a text behind and an empty line', note || E'\nx\n'),
	('carriage returns', replace(note, E'\n', E'\r\n')), ('a carriage return behind the line', said || E'\n' || replace(line, E'\n', E'\r\n')),
	('a hyphen for the dash', said || E'\n' || replace(line, '—', '-')), ('an en dash', said || E'\n' || replace(line, '—', '–')), ('no blank behind the dash', said || E'\n' || replace(line, '— ', '—')),
	('two blanks behind the dash', said || E'\n' || replace(line, '— ', '—  ')), ('two blanks before the signature', said || E'\n' || replace(line, ' x08', '  x08')),
	('a blank behind the signature', said || E'\n' || replace(line, E'\n', E' \n')), ('a blank before the line', said || E'\n ' || line), ('no name', said || E'\n' || replace(line, 'PeterNeumann ', '')),
	('a tab for a blank', said || E'\n' || replace(line, ' x08', E'\tx08')), ('a no-break space in the name', said || E'\n' || replace(line, 'PeterNeumann', U&'Peter\00A0Neumann') || line),
	('a plus in a name', said || E'\n' || replace(other, 'EnochRoot', 'Enoch+Root') || line), ('a name of 300 bytes', said || E'\n' || replace(other, 'EnochRoot', repeat('x', 300)) || line),
	('base64 without padding', said || E'\n' || replace(line, 'nAM=', 'nAM')), ('base64 with bits that no byte takes', said || E'\n' || replace(line, 'nAM=', 'nAN=')),
	('base64 with more padding', said || E'\n' || replace(line, 'nAM=', 'nAM==')), ('base64 for URLs', said || E'\n' || replace(line, '/', '_')), ('base64 with a blank', said || E'\n' || replace(line, 'UG/', 'UG /')),
	('padding in the middle', said || E'\n' || replace(line, 'x08g', 'x0==')), ('a signature of nothing', said || E'\n' || E'— PeterNeumann \n'), ('an id alone', said || E'\n' || E'— PeterNeumann x08gow==\n'),
	('three bytes in another''s line', said || E'\n' || line || E'— EnochRoot rwz+\n'), ('a broken line of another', said || E'\n' || line || E'— EnochRoot rwz+*\n')) AS v (name, note);
SELECT is_empty('SELECT name FROM shape WHERE pg_temp.by_peter(note) IS DISTINCT FROM false', 'whatever has not the shape of a note is unsigned');
SELECT cmp_ok((SELECT count(*) FROM shape), '=', 34::bigint, 'of these there are 34');

CREATE TEMP TABLE odd (name text, said text, signature text, want boolean);
INSERT INTO odd VALUES
	('empty lines', E'a\n\nb\n', 'x08goyMHo7UWpniQg38L6O5MRiI06tvEfsn39jmXj5wqQ7JgX1iwvQdTOTRU2b9wnwMp9lZiYnY4mwwmsApod3hGmAU=', true),
	('Unicode', U&'Gr\00FC\00DFe, \4E16\754C \202E\000A', 'x08gow82ulNFpLC1Cm1/5SlyDz17RbKjO/ZkMAlwYMIs5w4sK/Y7YWVNF94NiWIEZkONRoQKBGMhK2yhaROR2Paf0gU=', true),
	('60,000 bytes', repeat('x', 60000) || E'\n', 'x08gozObFsUsYiFp/MDsKPsn8zWxVviprz8NNyFQJgQsELOlH69a1pgY/FhgjayYfnA4MAaCq+aoFyYvJ6AaWkZGoAc=', true),
	('70,000 bytes', repeat('x', 70000) || E'\n', 'x08go6eELoX7fqZEfKdbCb79nEAXfNv3ti4VcLq9nYnJMEm46F6ArpVshTEMYLDRreA63ia3H/EPcrLxL3Qky4BBGgk=', false),
	('a tab', E'a\tb\n', 'x08go6/Cy592VFliQjS3r/rd1QxyY1PpnEZ0PgTtF1IEFpD/AWDTbMfFrDnZ8CunJwFi5zekV9A3rjWw5kagVs5SSAo=', false),
	('a carriage return', E'a\r\n', 'x08go8Zcv03sRw7As0wEJL2CR2AJi9/ZyRJjoVEsrJyphA+xhXkwPy+ByLJOotSxhViz0WvSAKJAUpFXvq5FsM4aQAQ=', false),
	('an escape', E'\x1b[0m\n', 'x08goyPGlqPJ1vLbEVKIPZ0YE5LREb2hUx9EQ32BnzhavF4jB5Ls9D1RP07HHSbg4DHf8Ic/jgbYPLEPHHi6eThfRwk=', false),
	('a delete', E'a\x7fb\n', 'x08go37+VOptMDKklcLjSuk1mF03flS6gX7kyMfxTnqsxgb1BU8SoDFiaXlf3BVEKX+WXgAGdWX6MJ1hQCN9O8j1IgM=', false),
	('no line end', 'a', 'x08go1g4p8Qmcf2tcAae3l8BDHpKMCJUYktCnntLZBW57h5emW7nqJ/wEwEeYwkJQL0nmwe2rwmpw/O+U+LaNuKrdQQ=', false),
	('no text', '', 'x08goxnC9w8G+ixlxh7A3uEEOq/8C2TCFfR5VQWgNYajgtjoBg5aV1zIFxP0/h6+6K8Awk+YeJ7dqvjuvdjXBRhjKgw=', false);
SELECT results_eq('SELECT name, pg_temp.signed(said, signature) FROM odd', 'SELECT name, want FROM odd',
	'texts of many lines and languages are signed, those with control characters, without end or too long never');
-- The last empty line parts text and signatures: a note can be signed.
SELECT ok(pg_temp.by_peter(note || E'\n— PeterNeumann x08gox0tOyVkDa9GtA1QLSFhK7AWRFBfdplyaJJQZX/ccZCLFgZy5GrzhR+/w+XdRhysrd98zPgaq568WP3h4jR9hQg=\n'),
	'a signed note can be the text of another') FROM example;
SELECT ok(NOT pg_temp.by_peter(repeat('x', 50 * 1024 * 1024)), 'a text of 50 MB is no note');
SELECT ok(NOT pg_temp.by_peter(repeat(E'\n', 10000000)), 'nor are ten million lines');

-- ---- checkpoints and witnesses ---------------------------------------------

\set log 'log.example/2026+34065f7f+AZsfhHkc/HZjBFhU04netcqVRJ2HXydqg4QLBgqznPxx'
\set witness 'witness.example/w1+a7e12144+BGG3op9v3HIXXDPBmFc/0CioJHhGCXc+pyvvFPlBZdYO'
CREATE TEMP TABLE cosigned AS SELECT 'log.example/2026
20852163
SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=

— log.example/2026 NAZff0T4Tvv21dZMfmVi+TcIowi3P6gJW/nDO6e0VcSvv+9OxieKaQEKQ+HkkDK+KyfQEuLQbSxbHnAD+YRwGOJ7nwY=
— witness.example/w1 p+EhRAAAAABkGFDLy/PTMF5vOEkrVtoS45fK/HxDiDXvCvwVm7Z1t6EIvV6lYi8PE/9vyh0oAP8bd+Ke8prb0iAZ+8vfBFEVVpUGAQ==
'::text AS note, :'log'::text AS log, :'witness'::text AS witness;
SELECT ok(maestro.verify_note(note, log) AND maestro.verify_note(note, witness), 'a checkpoint is signed by its log and a witness') FROM cosigned;
SELECT ok(NOT maestro.verify_note(replace(note, '20852163', '20852164'), witness), 'the witness signed the size') FROM cosigned;
SELECT ok(NOT maestro.verify_note(replace(note, 'RAAAAABkGFDL', 'RAAAAABkGFDM'), witness), 'and his time') FROM cosigned;
SELECT ok(maestro.verify_note(replace(note, 'RAAAAABkGFDL', 'RAAAAABkGFDM'), log), 'which the log has nothing to do with') FROM cosigned;
SELECT ok(NOT maestro.verify_note(repeat('x', 1000) || E'\n\n' || split_part(note, E'\n\n', 2), witness), 'a text too long for a checkpoint is none that a witness signs') FROM cosigned;
SELECT ok(NOT maestro.verify_note(note, :'peter'), 'others have not signed') FROM cosigned;

-- ---- keys ------------------------------------------------------------------

CREATE TEMP TABLE key AS SELECT v.* FROM example AS x, LATERAL (VALUES
	('empty', ''), ('a name', 'PeterNeumann'), ('no key', 'PeterNeumann+c74f20a3'), ('an empty key', 'PeterNeumann+c74f20a3+'), ('another id', replace(x.vkey, 'c74f20a3', 'c74f20a4')),
	('an id in capitals', replace(x.vkey, 'c74f20a3', 'C74F20A3')), ('a short id', replace(x.vkey, 'c74f20a3', 'c74f20a')), ('another name', replace(x.vkey, 'Peter', 'Petra')), ('no name', replace(x.vkey, 'PeterNeumann', '')),
	('a blank in the name', replace(x.vkey, 'Peter', 'Peter ')), ('a plus in the name', replace(x.vkey, 'Peter', 'Peter+')), ('a line end in the name', replace(x.vkey, 'Peter', E'Peter\n')),
	('a line end behind', x.vkey || E'\n'), ('a blank before', ' ' || x.vkey), ('another key', replace(x.vkey, 'Wy10TW', 'Wy10TX')), ('a key too short', replace(x.vkey, 'Wy10TW', 'Wy')),
	('a key too long', x.vkey || 'AAAA'), ('another algorithm', replace(x.vkey, '+ARpc', '+Ahpc')), ('base64 that is none', replace(x.vkey, 'Wy10TW', 'Wy10T*')), ('a name of 256 bytes', replace(x.vkey, 'PeterNeumann', repeat('x', 256))),
	('a private key', 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'), ('1 MB', repeat('x', 1048576))) AS v (name, vkey);
CREATE FUNCTION pg_temp.answer(key text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN maestro.verify_note((SELECT note FROM example), key);
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;
SELECT results_eq('SELECT name, pg_temp.answer(vkey) FROM key', $$ SELECT name, '22023' FROM key $$, 'whatever is no verifier key is refused, not taken for a key that has not signed');
SELECT throws_ok($$ SELECT maestro.verify_note('', 'x') $$, '22023', 'this is no verifier key', 'before the note is looked at');
SELECT * FROM finish();
ROLLBACK;
