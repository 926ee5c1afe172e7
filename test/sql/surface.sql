\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(15);

CREATE TEMP VIEW member AS
	SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS name
	  FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
	 WHERE e.extname = 'maestro' AND d.deptype = 'e';
CREATE TEMP VIEW function AS
	SELECT p.*, l.lanname FROM member AS m JOIN pg_proc AS p ON p.oid = m.objid AND m.classid = 'pg_proc'::regclass
	  JOIN pg_language AS l ON l.oid = p.prolang;

SELECT cmp_ok((SELECT count(*) FROM member), '>', 250::bigint, 'the extension has members');
SELECT is_empty($$ SELECT name FROM member AS m WHERE obj_description(m.objid, m.classid::regclass::name) IS NULL
	AND NOT (m.classid = 'pg_type'::regclass AND EXISTS (SELECT FROM pg_type AS t WHERE t.oid = m.objid AND (t.typrelid <> 0 OR t.typelem <> 0)))
	AND NOT (m.classid = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_class AS c WHERE c.oid = m.objid AND c.relkind IN ('i', 't')))
	AND NOT (m.classid = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_depend AS s WHERE s.classid = 'pg_class'::regclass
		AND s.objid = m.objid AND s.deptype = 'i')) $$, 'every member has a COMMENT');
SELECT is_empty($$ SELECT oid::regprocedure FROM function WHERE prosecdef $$, 'no function is SECURITY DEFINER');
SELECT is_empty($$ SELECT oid::regprocedure FROM function WHERE lanname IN ('sql', 'plpgsql') AND prosqlbody IS NULL AND prokind <> 'p'
	AND NOT coalesce(proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false) $$, 'every SQL and PL/pgSQL function pins its search_path');
SELECT is_empty($$ SELECT oid::regprocedure FROM function WHERE proname LIKE '%\_as' AND proargnames[1] IS DISTINCT FROM 'caller' $$,
	'what works for a caller takes him first');
SELECT set_eq($$ SELECT DISTINCT proname::text FROM function
	 WHERE EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) AS a WHERE a.grantee = 0)
	   AND NOT EXISTS (SELECT FROM pg_operator AS o WHERE o.oprcode = function.oid)
	   AND NOT EXISTS (SELECT FROM pg_amproc AS s WHERE s.amproc = function.oid)
	   AND NOT EXISTS (SELECT FROM pg_cast AS c WHERE c.castfunc = function.oid)
	   AND NOT EXISTS (SELECT FROM pg_type AS t WHERE function.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend)) $$,
	ARRAY['acts_for', 'attribute_number', 'attribute_typed', 'attributes_say', 'builtin_sanitize_rules', 'checklist_items', 'control_answers', 'control_rank',
		'current_signals', 'decision_state', 'error_leaks', 'finding_counts', 'finding_is_secret', 'guard_allowed', 'guard_status', 'is_locked', 'is_name', 'jcs', 'json_matches', 'judge_event', 'leaf_hash', 'lenient_jsonb', 'may_read', 'may_read_component', 'merkle_root', 'message_is_neutral',
		'plain_duration', 'plain_interval', 'posture_figures', 'posture_steps', 'remedy', 'retry_numbers', 'sanitize', 'scan', 'schema_is_trivial', 'score', 'threat_cells', 'verify_consistency', 'verify_ed25519', 'verify_inclusion', 'verify_note'],
	'beside type support, PUBLIC executes pure functions, predicates of filters and sets that filter by their reader alone');
SELECT is_empty($$ SELECT m.name FROM member AS m JOIN pg_class AS c ON c.oid = m.objid AND m.classid = 'pg_class'::regclass
	 WHERE EXISTS (SELECT FROM aclexplode(c.relacl) AS a WHERE a.grantee = 0)
	   AND c.relname <> 'sanitize_rules' $$, 'PUBLIC holds no right on any table or view of data');
SELECT is_empty($$ SELECT m.name FROM member AS m JOIN pg_class AS c ON c.oid = m.objid AND m.classid = 'pg_class'::regclass
	 WHERE c.relkind = 'v' AND NOT coalesce(c.reloptions @> ARRAY['security_barrier=true'], false)
	   AND EXISTS (SELECT FROM pg_depend AS v JOIN pg_rewrite AS r ON r.oid = v.objid WHERE v.classid = 'pg_rewrite'::regclass
		AND r.ev_class = c.oid AND v.refclassid = 'pg_class'::regclass AND v.refobjid IN ('maestro.event'::regclass, 'maestro.component'::regclass,
			'maestro.system'::regclass, 'maestro.dependency'::regclass)) $$, 'views over data are security barriers');
SELECT is_empty($$ SELECT m.name FROM member AS m JOIN pg_class AS c ON c.oid = m.objid AND m.classid = 'pg_class'::regclass
	 WHERE c.relkind IN ('r', 'S') AND c.relnamespace = 'maestro'::regnamespace
	   AND (c.relkind = 'S' OR EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = 'registry_guard_row'))
	   AND c.oid <> ALL ((SELECT extconfig FROM pg_extension WHERE extname = 'maestro')::oid[]) $$, 'all that holds users'' data is dumped');
SELECT is_empty($$ SELECT t.typname FROM pg_type AS t JOIN pg_class AS c ON c.relname = t.typname AND c.relnamespace = t.typnamespace
	 WHERE t.typnamespace = 'maestro'::regnamespace AND t.typrelid <> c.oid $$, 'no relation shares a type''s name');
SELECT is_empty($$ SELECT a.attrelid::regclass, a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
	 WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind IN ('r', 'p') AND a.atttypid = 'maestro.regcomponent'::regtype $$,
	'no column is a regcomponent, which could not be restored');
SELECT is_empty($$ SELECT name FROM member WHERE classid = 'pg_operator'::regclass AND (SELECT oprnamespace FROM pg_operator WHERE oid = objid) <> 'pg_catalog'::regnamespace $$,
	'operators live in pg_catalog');
SELECT is_empty($$ SELECT name FROM member WHERE classid = 'pg_proc'::regclass AND (SELECT pronamespace FROM pg_proc WHERE oid = objid) <> 'maestro'::regnamespace $$,
	'and functions do not');
SELECT is_empty('SELECT * FROM maestro.integrity_check()', 'a fresh install stands');
SELECT is_empty($$ SELECT c.relname, m[1] FROM pg_class AS c, regexp_matches(pg_get_viewdef(c.oid), 'maestro\.(judged_\w+|limit_history|policy_history)\M', 'g') AS m
	 WHERE c.relnamespace = 'maestro'::regnamespace AND c.relname ~ '^live_' $$, 'the views of what is not counted judge nothing else, by what the backend keeps');
SELECT * FROM finish();
ROLLBACK;
