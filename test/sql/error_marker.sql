\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SELECT plan(3);

-- No error of ours contains what it was given.  Every function that others than
-- the owner may call and that takes a text or a document is called with a marker in each such argument, the others being
-- what it expects, so that different checks refuse it.
CREATE TEMP TABLE argument (type regtype, value text);
INSERT INTO argument VALUES
	('text', 'tap'), ('text', 'tap/planner'), ('text', 'planner'), ('text', 'all'), ('text', 'pii'), ('text', 'email'), ('text', NULL),
	('text', 'a reason that is long enough'),
	('json', '{}'), ('jsonb', '{}'), ('jsonb', '[]'), ('jsonb', NULL), ('json', NULL), ('text[]', '{EMP-}'), ('text[]', NULL),
	('integer', '1'), ('integer', NULL), ('bigint', '1'), ('boolean', 'true'), ('oid', '10'), ('interval', '1 s'), ('interval', NULL),
	('timestamptz', '2026-01-01'), ('timestamptz', NULL), ('name', 'x'), ('maestro.regcomponent', 'tap/planner');

-- With a marker, whole and in the shapes of documents.
CREATE TEMP TABLE marked (type regtype, value text);
INSERT INTO marked VALUES ('text', 'mArKeR1'), ('text', 'tap/mArKeR1'), ('text', E'mArKeR1\n'), ('text', '{"mArKeR1":1}'), ('text', '{"mArKeR1'),
	('text', 'x' || repeat('mArKeR1', 3000)), ('text', 'mArKeR1@example.com'), ('name', 'mArKeR1'),
	('jsonb', '"mArKeR1"'), ('jsonb', '{"mArKeR1":"mArKeR1"}'), ('jsonb', '[{"mArKeR1":1}]'), ('jsonb', '{"name":"mArKeR1","kind":"mArKeR1","nodes":["mArKeR1"],"system":"mArKeR1"}'),
	('jsonb', '[{"kind":"mArKeR1","component":"mArKeR1"}]'),
	('json', '{"mArKeR1":"mArKeR1","mArKeR1":1}'), ('json', '["mArKeR1"]'), ('text[]', '{mArKeR1}'), ('text[]', '{"mArKeR1 x",NULL}');

CREATE TEMP TABLE outcome (function text, state text, told text);
CREATE FUNCTION pg_temp.provoke() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	f record;
	m record;
	values text[];
	message text;
	detail text;
	hint text;
	state text;
BEGIN
	FOR f IN SELECT p.oid::regprocedure AS name, p.proname, p.proargtypes::oid[] AS types, p.prorettype
			  FROM pg_proc AS p
			 WHERE p.pronamespace = 'maestro'::regnamespace AND p.prokind = 'f' AND p.pronargs > 0
			   AND p.prorettype NOT IN ('trigger'::regtype, 'internal'::regtype) AND NOT 'internal'::regtype::oid = ANY (p.proargtypes::oid[])
			   AND p.proargtypes::oid[] && ARRAY['text', 'json', 'jsonb', 'text[]', 'name']::regtype[]::oid[]
			   AND (p.proname IN (SELECT unnest(functions) FROM maestro.role_grant())
				OR EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0)) LOOP
		FOR place IN array_lower(f.types, 1) .. array_upper(f.types, 1) LOOP
			FOR m IN SELECT v.value, variant FROM marked AS v, generate_series(0, 4) AS variant WHERE v.type = f.types[place] LOOP
				SELECT array_agg(CASE WHEN t.n = place + 1 - array_lower(f.types, 1) THEN m.value ELSE
						(SELECT v[1 + (m.variant + t.n) % cardinality(v)] FROM (SELECT array_agg(a.value ORDER BY a.value) AS v
							FROM argument AS a WHERE a.type = t.type) AS c) END ORDER BY t.n)
				  INTO values FROM unnest(f.types) WITH ORDINALITY AS t (type, n);
				BEGIN
					EXECUTE format('SELECT count(*) FROM (SELECT maestro.%I(%s)) AS x', f.proname,
						(SELECT string_agg(CASE WHEN values[n] IS NULL THEN 'NULL::' || format_type(type, NULL)
								ELSE '$1[' || n || ']::' || format_type(type, NULL) END, ', ' ORDER BY n)
						   FROM unnest(f.types) WITH ORDINALITY AS t (type, n))) USING values;
					RAISE SQLSTATE 'ZZ000';
				EXCEPTION WHEN OTHERS THEN
					GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, state = RETURNED_SQLSTATE;
					INSERT INTO outcome VALUES (f.name::text, state, concat_ws(' | ', message, detail, hint));
				END;
			END LOOP;
		END LOOP;
	END LOOP;
END
$$;
SET client_min_messages = error;
SELECT pg_temp.provoke();
SELECT cmp_ok((SELECT count(DISTINCT told) FROM outcome WHERE state <> 'ZZ000'), '>', 40::bigint, 'errors of many kinds are provoked');
SELECT is_empty($$ SELECT DISTINCT function, state, left(told, 200) FROM outcome WHERE regexp_replace(told, '^(unknown key|fact) "[^"]{1,64}"', '') ILIKE '%mArKeR1%' $$,
	'none contains what it was given, but the names of unknown keys of declarations, sanitized and cut');
SELECT is_empty($$ SELECT DISTINCT function, state, left(told, 200) FROM outcome WHERE state LIKE 'XX%' $$, 'and none is an internal one');
SELECT * FROM finish();
ROLLBACK;
