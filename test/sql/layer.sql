\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT no_plan();

-- Types must work for whoever has not put them on the search_path; pgTAP needs its own schema there.
SET LOCAL search_path = public;

SELECT is(t::maestro.layer::text, words, format('%s is layer %s', to_json(t), words))
FROM (VALUES
	('1', '1 (Model)'), ('2', '2 (Logic)'), ('3', '3 (Integration)'), ('4', '4 (Monitoring)'),
	('5', '5 (Execution)'), ('6', '6 (Environment)'), ('7', '7 (Orchestration)'),
	('L4', '4 (Monitoring)'), ('l7', '7 (Orchestration)'),
	('model', '1 (Model)'), ('Logic', '2 (Logic)'), ('Agent Logic', '2 (Logic)'),
	('agent_logic', '2 (Logic)'), ('AGENT-LOGIC', '2 (Logic)'), ('integration', '3 (Integration)'),
	('MONITORING', '4 (Monitoring)'), ('Execution', '5 (Execution)'),
	('environment', '6 (Environment)'), ('orchestration', '7 (Orchestration)'),
	(E' \t4\n', '4 (Monitoring)'), ('  monitoring ', '4 (Monitoring)'),
	('4 (Monitoring)', '4 (Monitoring)'), ('4(monitoring)', '4 (Monitoring)'),
	('L2 ( agent logic )', '2 (Logic)')) AS v(t, words);

SELECT throws_ok(format('SELECT %L::text::maestro.layer', t), '22P02', 'text names no layer',
	format('"%s" is no layer', left(t, 40)))
FROM unnest(ARRAY['', ' ', '0', '8', '44', '-1', 'L', 'L0', 'L8', 'LL4', '4.0', 'logics', 'agent', 'agent  logic',
	'4 (Logic)', '4 ()', '4 (', '4 Monitoring', '(Monitoring)', repeat('x', 1000)]) AS t;

SELECT throws_ok(format('SELECT %s::maestro.layer', n), '22P02', 'number names no layer',
	format('%s is no layer', n))
FROM unnest(ARRAY['0', '8', '(-1)', '2147483647']) AS n;

SELECT is(t::maestro.layer::text::maestro.layer, t::maestro.layer, format('layer %s prints what it reads', t))
FROM generate_series(1, 7) AS t;

CREATE TEMP TABLE part (name text, layer maestro.layer);
INSERT INTO part VALUES ('b', '5'), ('a', 'model'), ('c', 4), ('d', 'L4'), ('e', NULL);
CREATE UNIQUE INDEX ON part (layer, name);
CREATE INDEX part_hash ON part USING hash (layer);

-- "layer >= 4" is what everybody writes.
SELECT is(array_agg(name ORDER BY name), '{b,c,d}', 'a layer compares with an integer') FROM part WHERE layer >= 4;
SELECT is(array_agg(name ORDER BY name), '{c,d}', 'an integer compares with a layer') FROM part WHERE 4 = layer;
SELECT is(array_agg(name ORDER BY name), '{a,b}', 'a layer is found in a list of integers') FROM part WHERE layer IN (1, 5, 9);
SELECT is(array_agg(name ORDER BY name), '{c,d}', 'a layer lies between integers') FROM part WHERE layer BETWEEN 2 AND 4;
SELECT is(array_agg(name ORDER BY name), '{c,d}', 'a layer compares with a literal') FROM part WHERE layer = 'monitoring';
SELECT is(array_agg(name ORDER BY name), '{a,c,d}', 'a layer is found in a list of names') FROM part WHERE layer IN ('model', 'L4');
SELECT is(array_agg(name ORDER BY name), '{a,c,d}', 'a layer is found in an array of text') FROM part WHERE layer = ANY (ARRAY['model', 'L4']::text[]);
SELECT is(array_agg(name ORDER BY name), '{a}', 'a layer compares with text') FROM part WHERE layer = 'model'::text;
SELECT is(array_agg(name ORDER BY name), '{a,b}', 'layers differ') FROM part WHERE layer <> '4'::maestro.layer;
SELECT is(array_agg(name ORDER BY name), '{a}', 'layers are ordered by <') FROM part WHERE layer < 'L4';
SELECT is(array_agg(name ORDER BY name), '{a,c,d}', 'layers are ordered by <=') FROM part WHERE layer <= 'L4';
SELECT is(array_agg(name ORDER BY name), '{b}', 'layers are ordered by >') FROM part WHERE layer > 'L4';
SELECT is(array_agg(name ORDER BY name), '{b,c,d}', 'layers are ordered by >=') FROM part WHERE layer >= 'L4';
SELECT is(array_agg(layer::text ORDER BY layer DESC NULLS LAST, name), '{5 (Execution),4 (Monitoring),4 (Monitoring),1 (Model),NULL}', 'layers sort by number') FROM part;
SELECT is(count(*), 4::bigint, 'layers are distinct') FROM (SELECT DISTINCT layer FROM part) d;
SELECT is(array_agg(n ORDER BY layer), '{1,2,1,1}', 'layers group') FROM (SELECT layer, count(*) AS n FROM part GROUP BY layer) g;
SELECT is(2 * layer, 8, 'a layer counts as its number') FROM part WHERE name = 'c';
SELECT is('at ' || layer, 'at 4 (Monitoring)', 'a layer becomes part of a text') FROM part WHERE name = 'c';

CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
	line text;
	whole text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP
		whole := whole || line || ' ';
	END LOOP;
	RETURN whole;
END
$$;
SELECT ok(pg_temp.plan($$ SELECT 1 FROM pg_temp.part WHERE layer >= 4 AND layer = 'L4' AND 4 <= layer ORDER BY layer $$) <> '', 'no search_path at all is needed');
CREATE TEMP TABLE big AS SELECT (1 + n % 7)::maestro.layer AS layer, n FROM generate_series(1, 3000) AS n;
CREATE INDEX big_layer ON big (layer, n);
CREATE INDEX big_hash ON big USING hash (layer);
ANALYZE big;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT matches(pg_temp.plan($$ SELECT n FROM pg_temp.big WHERE layer > 'L4' AND layer < '6' $$), 'Index.*big_layer', 'a range of layers uses the btree index');
SELECT is(count(*), 429::bigint, 'the btree index finds them') FROM big WHERE layer > 'L4' AND layer < '6';
DROP INDEX big_layer;
SELECT matches(pg_temp.plan($$ SELECT n FROM pg_temp.big WHERE layer = '7' $$), 'Index.*big_hash', 'one layer uses the hash index');
SELECT is(count(*), 428::bigint, 'the hash index finds it') FROM big WHERE layer = '7';
SET LOCAL enable_seqscan = on;
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_nestloop = off;
SELECT matches(pg_temp.plan('SELECT 1 FROM pg_temp.big a JOIN pg_temp.part b USING (layer)'), 'Hash Join', 'layers join by hash');
SELECT is(count(*), (428 + 429 + 429 * 2)::bigint, 'the hash join matches') FROM big a JOIN part b USING (layer);
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = on;
SELECT matches(pg_temp.plan('SELECT 1 FROM pg_temp.big a JOIN pg_temp.part b USING (layer)'), 'Merge Join', 'layers join by merging');
SELECT is(count(*), (428 + 429 + 429 * 2)::bigint, 'the merge join matches') FROM big a JOIN part b USING (layer);

SELECT is(maestro.layer_send('4'), '\x04', 'a layer is sent as one byte');
-- A binary COPY of bytes into a column of another type calls its receive function.
CREATE FUNCTION pg_temp.receive(bytes text, target text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	file text := current_setting('data_directory') || '/received';
BEGIN
	EXECUTE format('COPY (SELECT decode(%L, ''hex'')) TO %L (FORMAT binary)', bytes, file);
	EXECUTE format('COPY %s FROM %L (FORMAT binary)', target, file);
END
$$;
SELECT throws_ok(format('SELECT pg_temp.receive(%L, ''pg_temp.part (layer)'')', bytes), '22P03', 'byte received is no layer', format('byte %s received is no layer', bytes))
FROM unnest(ARRAY['00', '08', 'ff']) AS bytes;
CREATE TEMP TABLE copied (LIKE part);
DO $$
BEGIN
	EXECUTE format('COPY part TO %L (FORMAT binary)', current_setting('data_directory') || '/layer');
	EXECUTE format('COPY copied FROM %L (FORMAT binary)', current_setting('data_directory') || '/layer');
END
$$;
SELECT set_eq('SELECT * FROM copied', 'SELECT * FROM part', 'layers survive a binary copy');

PREPARE by_text (text) AS SELECT count(*) FROM part WHERE layer = $1;
PREPARE by_varchar (varchar) AS INSERT INTO part VALUES ('f', $1);
PREPARE by_int (int) AS INSERT INTO part VALUES ('g', $1);
PREPARE by_nothing AS SELECT count(*) FROM part WHERE layer = $1;
SELECT results_eq($$ EXECUTE by_text('Monitoring') $$, ARRAY[2::bigint], 'a text parameter compares with a layer');
SELECT results_eq($$ EXECUTE by_nothing('L4') $$, ARRAY[2::bigint], 'an untyped parameter becomes a layer');
EXECUTE by_varchar('orchestration');
EXECUTE by_int(6);
SELECT is(array_agg(layer::text ORDER BY name), '{7 (Orchestration),6 (Environment)}', 'varchar and integer parameters are assigned to a layer') FROM part WHERE name IN ('f', 'g');

-- What no implicit cast of ours may do: give a meaning to what has none.
SELECT throws_ok($$ SELECT '4'::text = 4 $$, '42883', NULL, 'text still does not compare with an integer');
SELECT throws_ok($$ SELECT '4'::varchar >= 4 $$, '42883', NULL, 'nor does varchar');
SELECT lives_ok(format('SELECT NULL::%s %s NULL::%s', a, o, b), format('%s %s %s still finds its operator', a, o, b))
FROM unnest(ARRAY['text', 'varchar', 'unknown']) AS a, unnest(ARRAY['=', '<']) AS o, unnest(ARRAY['text', 'varchar', 'unknown', 'name', 'bpchar']) AS b
ORDER BY a COLLATE "C", o, b COLLATE "C";

SELECT * FROM finish();
ROLLBACK;
