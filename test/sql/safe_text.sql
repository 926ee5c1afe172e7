\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(32);
SET search_path = public;

SELECT is('bob@example.com'::maestro.safe_text::text, '[REDACTED:EMAIL]', 'a literal is sanitized');
SELECT is('bob@example.com'::text::maestro.safe_text::text, '[REDACTED:EMAIL]', 'a text is sanitized');
SELECT is('bob@example.com'::varchar::maestro.safe_text::text, '[REDACTED:EMAIL]', 'a varchar is sanitized');
SELECT is(ARRAY['bob@example.com']::maestro.safe_text[]::text, '{[REDACTED:EMAIL]}', 'elements of an array are sanitized');
SELECT is(E'a\nb\rc'::maestro.safe_text::text, E'a\nb\\rc', 'line feeds stay, carriage returns do not');
SELECT is(NULL::text::maestro.safe_text, NULL::maestro.safe_text, 'NULL stays NULL');

CREATE TABLE note (id int GENERATED ALWAYS AS IDENTITY, body maestro.safe_text);
INSERT INTO note (body) VALUES ('plain'), ('mail bob@example.com');
INSERT INTO note (body) SELECT 'token=7f3kQ9xLm2Zp8RtV'::text;
INSERT INTO note (body) SELECT 'pw for a@b.co'::char(13);
INSERT INTO note (body) SELECT to_jsonb('a@b.co'::text);
PREPARE put(varchar) AS INSERT INTO note (body) VALUES ($1);
EXECUTE put('x a@b.co');
SELECT results_eq('SELECT body::text FROM note ORDER BY id',
	ARRAY['plain', 'mail [REDACTED:EMAIL]', 'token=[REDACTED:TOKEN]', 'pw for [REDACTED:EMAIL]', '"[REDACTED:EMAIL]"', 'x [REDACTED:EMAIL]'],
	'whatever is inserted is sanitized');
UPDATE note SET body = body || ' carol@example.com' WHERE id = 1;
SELECT is((SELECT body::text FROM note WHERE id = 1), 'plain [REDACTED:EMAIL]', 'an update is sanitized');

-- It behaves as text.
SELECT is(pg_typeof(body || 'x')::text, 'text', 'concatenation gives text') FROM note WHERE id = 1;
SELECT is(upper(body), 'PLAIN [REDACTED:EMAIL]', 'functions of text work') FROM note WHERE id = 1;
SELECT is(length(body), 22, 'length works') FROM note WHERE id = 1;
SELECT ok(body LIKE 'plain%', 'LIKE works') FROM note WHERE id = 1;
SELECT ok(body = 'plain [REDACTED:EMAIL]', 'equality with a literal works') FROM note WHERE id = 1;
SELECT ok(body = 'plain [REDACTED:EMAIL]'::text, 'equality with a text works') FROM note WHERE id = 1;
SELECT ok(body = 'plain [REDACTED:EMAIL]'::varchar, 'equality with a varchar works') FROM note WHERE id = 1;
SELECT ok(body = body AND body <= body, 'equality with itself works') FROM note WHERE id = 1;
SELECT is((SELECT count(DISTINCT body) FROM note), 6::bigint, 'DISTINCT works');
SELECT is((SELECT string_agg(body, '|' ORDER BY body COLLATE "C") FROM (SELECT body FROM note GROUP BY body) g), '"[REDACTED:EMAIL]"|mail [REDACTED:EMAIL]|plain [REDACTED:EMAIL]|pw for [REDACTED:EMAIL]|token=[REDACTED:TOKEN]|x [REDACTED:EMAIL]', 'GROUP BY, ORDER BY and COLLATE work');
SELECT is((SELECT count(*) FROM note a JOIN note b USING (body)), 6::bigint, 'a join works');
SELECT is((SELECT coalesce(body, 'none') FROM note WHERE id = 1)::text, 'plain [REDACTED:EMAIL]', 'COALESCE works');
SELECT is((SELECT count(*) FROM (SELECT body FROM note UNION SELECT 'plain [REDACTED:EMAIL]'::text) u), 6::bigint, 'UNION with text works');
SELECT lives_ok('CREATE UNIQUE INDEX ON note (body)', 'a btree index works');
SELECT lives_ok('CREATE INDEX ON note USING hash (body)', 'a hash index works');
SELECT throws_ok($$ INSERT INTO note (body) VALUES ('plain bob@example.com') $$, '23505', NULL, 'uniqueness is that of the sanitized text');
SET enable_seqscan = off;
SELECT is((SELECT id FROM note WHERE body = 'x [REDACTED:EMAIL]'), 6, 'an index finds it');
SET search_path = '';
CREATE TEMP TABLE found AS SELECT id FROM public.note WHERE body = 'x [REDACTED:EMAIL]' ORDER BY body;
SET search_path = public;
SELECT is(id, 6, 'with an empty search_path too') FROM found;

-- Text and binary I/O.
SELECT is(maestro.safe_text_out('a@b.co')::text, '[REDACTED:EMAIL]', 'output gives what is stored');
SELECT is(maestro.safe_text_send('a@b.co'), '[REDACTED:EMAIL]'::bytea, 'so does binary output');
SELECT is((SELECT typreceive::text FROM pg_type WHERE oid = 'maestro.safe_text'::regtype), 'maestro.safe_text_recv', 'there is binary input');
SELECT is((SELECT typcategory::text || typcollation::regcollation::text FROM pg_type WHERE oid = 'maestro.safe_text'::regtype), 'S"default"', 'it is a string with a collation');

-- Anybody may use it.
CREATE ROLE sanitize_test_nobody;
GRANT SELECT, INSERT ON note TO sanitize_test_nobody;
GRANT USAGE ON SCHEMA public TO sanitize_test_nobody;
SET ROLE sanitize_test_nobody;
SELECT lives_ok($$ INSERT INTO public.note (body) VALUES ('new d@e.fg') $$, 'anybody may insert one');
SELECT is(maestro.sanitize('a@b.co'), '[REDACTED:EMAIL]', 'anybody may sanitize');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
