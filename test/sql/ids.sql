\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT no_plan();
-- As in layer.sql: nothing of maestro is on the search_path.
SET LOCAL search_path = public;

SELECT is(t::maestro.trace_id::text, '0af7651916cd43dd8448eb211c80319c', format('"%s" is a trace id', t))
FROM unnest(ARRAY['0af7651916cd43dd8448eb211c80319c', '0AF7651916CD43DD8448EB211C80319C', '0af76519-16cd-43dd-8448-eb211c80319c',
	'trace_0af7651916cd43dd8448eb211c80319c', 'TRACE_0af7651916cd43dd8448eb211c80319c']) AS t;

SELECT throws_ok(format('SELECT %L::text::maestro.trace_id', t), '22P02', 'text is no trace id', format('"%s" is no trace id', left(t, 70)))
FROM unnest(ARRAY['', 'x', repeat('0', 32), '00000000-0000-0000-0000-000000000000', 'trace_' || repeat('0', 32), repeat('a', 31), repeat('a', 33),
	repeat('g', 32), ' ' || repeat('a', 32), repeat('a', 32) || ' ', '0af76519-16cd-43dd-8448eb211c80319c', '{0af76519-16cd-43dd-8448-eb211c80319c}',
	'0af7651-916cd-43dd-8448-eb211c80319c', 'span_' || repeat('a', 32), 'trace_', 'trace_0af76519-16cd-43dd-8448-eb211c80319c', repeat('a', 1000)]) AS t;

SELECT is(t::maestro.span_id::text, 'b7ad6b7169203331', format('"%s" is a span id', t))
FROM unnest(ARRAY['b7ad6b7169203331', 'B7AD6B7169203331', 'span_b7ad6b7169203331', 'Span_B7AD6B7169203331']) AS t;

SELECT is(t::maestro.span_id::text, substring(encode(sha256(lower(t)::bytea), 'hex') FOR 16), format('"%s" is hashed into a span id', t))
FROM unnest(ARRAY['0af76519-16cd-43dd-8448-eb211c80319c', '0AF76519-16CD-43DD-8448-EB211C80319C', '0af7651916cd43dd8448eb211c80319c',
	'span_6f3e0b21c8f94d1e9a7b5c3d', 'SPAN_6F3E0B21C8F94D1E9A7B5C3D', repeat('a', 17), repeat('a', 64), 'span_' || repeat('f', 64)]) AS t;

SELECT throws_ok(format('SELECT %L::text::maestro.span_id', t), '22P02', 'text is no span id', format('"%s" is no span id', left(t, 70)))
FROM unnest(ARRAY['', 'x', repeat('0', 16), 'span_' || repeat('0', 16), repeat('0', 24), '00000000-0000-0000-0000-000000000000', repeat('a', 15),
	repeat('a', 65), 'span_' || repeat('a', 65), repeat('g', 16), 'span_', 'span_' || repeat('a', 15), 'run-4711', 'trace_' || repeat('a', 32), ' b7ad6b7169203331']) AS t;

SELECT is(t::maestro.digest::text, repeat('ab', 32), format('"%s" is a digest', t))
FROM unnest(ARRAY[repeat('ab', 32), repeat('AB', 32), 'sha256:' || repeat('aB', 32), 'SHA256:' || repeat('ab', 32)]) AS t;

SELECT throws_ok(format('SELECT %L::text::maestro.digest', t), '22P02', 'text is no digest', format('"%s" is no digest', left(t, 70)))
FROM unnest(ARRAY['', repeat('0', 64), 'sha256:' || repeat('0', 64), repeat('a', 63), repeat('a', 65), 'sha512:' || repeat('a', 64),
	'sha256:', '\x' || repeat('a', 62), repeat('z', 64)]) AS t;

SELECT is(maestro.bytea_to_digest(sha256('x'))::bytea, sha256('x'), 'a digest becomes bytea and back');
SELECT is(sha256('x')::maestro.digest::text, encode(sha256('x'), 'hex'), 'a digest prints as hexadecimal digits');
SELECT throws_ok(format('SELECT %L::bytea::maestro.digest', b), '22P02', 'bytes are no digest', format('%s bytes are no digest', length(b)))
FROM unnest(ARRAY['\x', '\xab', decode(repeat('00', 32), 'hex'), decode(repeat('ab', 33), 'hex')]::bytea[]) AS b;

-- The three types have the same support; each is tried with the same values.
CREATE FUNCTION pg_temp.value(type text, n int) RETURNS text LANGUAGE sql AS
	$$ SELECT repeat(lpad(to_hex(n % 250 + 1), 2, '0'), CASE type WHEN 'digest' THEN 32 WHEN 'trace_id' THEN 16 ELSE 8 END) $$;
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
CREATE FUNCTION pg_temp.ask(query text) RETURNS text LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE query INTO answer;
	RETURN answer;
END
$$;

CREATE TEMP TABLE digest_value AS SELECT n, pg_temp.value('digest', n)::maestro.digest AS id FROM generate_series(1, 3000) n;
CREATE TEMP TABLE trace_id_value AS SELECT n, pg_temp.value('trace_id', n)::maestro.trace_id AS id FROM generate_series(1, 3000) n;
CREATE TEMP TABLE span_id_value AS SELECT n, pg_temp.value('span_id', n)::maestro.span_id AS id FROM generate_series(1, 3000) n;
CREATE INDEX digest_btree ON digest_value (id);
CREATE INDEX trace_id_btree ON trace_id_value (id);
CREATE INDEX span_id_btree ON span_id_value (id);
CREATE INDEX digest_hash ON digest_value USING hash (id);
CREATE INDEX trace_id_hash ON trace_id_value USING hash (id);
CREATE INDEX span_id_hash ON span_id_value USING hash (id);
ANALYZE digest_value, trace_id_value, span_id_value;
CREATE TEMP VIEW type AS SELECT unnest(ARRAY['digest', 'trace_id', 'span_id']) AS name;

SELECT is(pg_temp.ask(format('SELECT count(*) FROM pg_temp.%s_value WHERE id %s %L', name, op, pg_temp.value(name, 99))), n,
	format('%s has operator %s', name, op))
FROM type, (VALUES ('=', '12'), ('<>', '2988'), ('<', '1188'), ('<=', '1200'), ('>', '1800'), ('>=', '1812')) AS v(op, n);
SELECT is(pg_temp.ask(format('SELECT array_agg(n ORDER BY id DESC, n)::text FROM pg_temp.%s_value WHERE n < 6', name)), '{5,4,3,2,1}', name || ' sorts as unsigned bytes') FROM type;
SELECT is(pg_temp.ask(format('SELECT count(DISTINCT id) FROM pg_temp.%s_value', name)), '250', name || ' counts distinct values') FROM type;
SELECT is(pg_temp.ask(format('SELECT max(n) FROM (SELECT count(*) AS n FROM pg_temp.%s_value GROUP BY id) g', name)), '12', name || ' groups') FROM type;
SELECT is(pg_temp.ask(format('SELECT count(*) FROM pg_temp.%1$s_value WHERE id = %2$L::text AND id = %2$L::varchar', name, pg_temp.value(name, 1))), '12', name || ' compares with text and varchar') FROM type;

SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT matches(pg_temp.plan(format('SELECT id FROM pg_temp.%s_value WHERE id < %L', name, pg_temp.value(name, 3))), name || '_btree', name || ' uses a btree index') FROM type;
SELECT is(pg_temp.ask(format('SELECT count(id) FROM pg_temp.%s_value WHERE id < %L', name, pg_temp.value(name, 3))), '36', name || ' is found in a btree index') FROM type;
DROP INDEX digest_btree, trace_id_btree, span_id_btree;
SELECT matches(pg_temp.plan(format('SELECT id FROM pg_temp.%s_value WHERE id = %L', name, pg_temp.value(name, 3))), name || '_hash', name || ' uses a hash index') FROM type;
SELECT is(pg_temp.ask(format('SELECT count(id) FROM pg_temp.%s_value WHERE id = %L', name, pg_temp.value(name, 3))), '12', name || ' is found in a hash index') FROM type;
SET LOCAL enable_seqscan = on;
SET LOCAL enable_nestloop = off;
SET LOCAL enable_mergejoin = off;
SELECT matches(pg_temp.plan(format('SELECT 1 FROM pg_temp.%1$s_value a JOIN pg_temp.%1$s_value b USING (id)', name)), 'Hash Join', name || ' joins by hash') FROM type;
SELECT is(pg_temp.ask(format('SELECT count(*) FROM pg_temp.%1$s_value a JOIN pg_temp.%1$s_value b USING (id)', name)), '36000', name || ' finds its match') FROM type;
SET LOCAL enable_mergejoin = on;
SET LOCAL enable_hashjoin = off;
SELECT matches(pg_temp.plan(format('SELECT 1 FROM pg_temp.%1$s_value a JOIN pg_temp.%1$s_value b USING (id)', name)), 'Merge Join', name || ' joins by merging') FROM type;

SELECT is(pg_temp.ask(format('SELECT encode(maestro.%s_send(%L), ''hex'')', name, pg_temp.value(name, 171))), pg_temp.value(name, 171), name || ' is sent as its bytes') FROM type;

-- A binary COPY of bytes into a column of another type calls its receive function.
CREATE FUNCTION pg_temp.receive(bytes text, target text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	file text := current_setting('data_directory') || '/received';
BEGIN
	EXECUTE format('COPY (SELECT decode(%L, ''hex'')) TO %L (FORMAT binary)', bytes, file);
	EXECUTE format('COPY %s FROM %L (FORMAT binary)', target, file);
END
$$;
SELECT throws_ok(format('SELECT pg_temp.receive(%L, ''pg_temp.%s_value (id)'')', repeat('0', length(pg_temp.value(name, 1))), name), '22P03', 'an identifier cannot be all zero',
	name || ' received cannot be all zero') FROM type;
CREATE TEMP TABLE id AS SELECT d.id AS digest, t.id AS trace_id, s.id AS span_id FROM digest_value d, trace_id_value t, span_id_value s WHERE d.n = 7 AND t.n = 8 AND s.n = 9;
CREATE TEMP TABLE copied (LIKE id);
DO $$
BEGIN
	EXECUTE format('COPY id TO %L (FORMAT binary)', current_setting('data_directory') || '/ids');
	EXECUTE format('COPY copied FROM %L (FORMAT binary)', current_setting('data_directory') || '/ids');
	EXECUTE format('COPY id TO %L', current_setting('data_directory') || '/ids');
	EXECUTE format('COPY copied FROM %L', current_setting('data_directory') || '/ids');
END
$$;
SELECT is(count(*), 2::bigint, 'ids survive a copy, binary and as text') FROM copied JOIN id USING (digest, trace_id, span_id);

PREPARE by_text (text) AS SELECT count(*) FROM trace_id_value WHERE id = $1;
PREPARE by_varchar (varchar) AS INSERT INTO span_id_value VALUES (0, $1);
SELECT results_eq($$ EXECUTE by_text('01010101-0101-0101-0101-010101010101') $$, ARRAY[12::bigint], 'a text parameter compares with a trace id');
EXECUTE by_varchar('span_b7ad6b7169203331');
SELECT is(id::text, 'b7ad6b7169203331', 'a varchar parameter is assigned to a span id') FROM span_id_value WHERE n = 0;

SELECT throws_ok(format('SELECT NULL::%s = NULL::%s', a, b), '42883', NULL, format('%s still does not compare with %s', a, b))
FROM (VALUES ('text', 'bytea'), ('text', 'uuid'), ('varchar', 'uuid'), ('text', 'maestro.digest[]'), ('maestro.trace_id', 'maestro.span_id')) AS v(a, b);

SELECT * FROM finish();
ROLLBACK;
