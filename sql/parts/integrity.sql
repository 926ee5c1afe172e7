--
-- Integrity: do the guards still stand?  Refusing is not enough where an owner
-- can take the refusal away; what he took away is found here.
--
CREATE FUNCTION maestro.guarded_table() RETURNS TABLE (relation regclass, is_leaf boolean, is_trace boolean)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT 'maestro.event'::regclass, false, true
	UNION ALL
	SELECT inhrelid::regclass, true, true FROM pg_inherits WHERE inhparent = 'maestro.event'::regclass
	UNION ALL
	SELECT ('maestro.' || t)::regclass, false, false
	  FROM unnest(ARRAY['system', 'component', 'component_version', 'dependency', 'contract', 'plan',
		'environment_report', 'attestation']) AS t
$$;
COMMENT ON FUNCTION maestro.guarded_table() IS 'the trace, its partitions and the registry''s tables';

-- tgtype: row 1, before 2, insert 4, delete 8, update 16, truncate 32.
CREATE FUNCTION maestro.guard_trigger() RETURNS TABLE (relation regclass, name text, type integer, function regprocedure)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT t.relation, g.name, g.type, g.function::regprocedure
	  FROM maestro.guarded_table() AS t
	  JOIN (VALUES
		(true, NULL::boolean, 'append_only_statement', 58, 'maestro.append_only_refuse()'),
		(true, true, 'append_only_row', 27, 'maestro.append_only_refuse()'),
		(true, true, 'zz_append_only_insert', 7, 'maestro.append_only_insert()'),
		(false, NULL, 'registry_guard_row', 27, 'maestro.registry_guard()'),
		(false, NULL, 'registry_guard_statement', 58, 'maestro.registry_guard()'),
		(false, NULL, 'registry_changed', 28, 'maestro.registry_changed()')
	  ) AS g (is_trace, is_leaf, name, type, function)
		ON g.is_trace = t.is_trace AND coalesce(g.is_leaf, t.is_leaf) = t.is_leaf
$$;
COMMENT ON FUNCTION maestro.guard_trigger() IS 'the triggers that must be there: table, name, pg_trigger.tgtype, function';

CREATE FUNCTION maestro.integrity_triggers() RETURNS TABLE (object text, detail text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT format('trigger %s on %s', g.name, g.relation),
		CASE WHEN t.oid IS NULL THEN 'is missing'
			 WHEN t.tgenabled <> 'A' THEN 'is not ENABLE ALWAYS'
			 ELSE 'is not the one that create_partition or the extension makes' END
	  FROM maestro.guard_trigger() AS g
	  LEFT JOIN pg_trigger AS t ON t.tgrelid = g.relation AND t.tgname = g.name AND NOT t.tgisinternal
	 WHERE t.oid IS NULL OR t.tgenabled <> 'A' OR t.tgtype <> g.type OR t.tgfoid <> g.function
		OR t.tgqual IS NOT NULL OR t.tgattr::text <> ''
	UNION ALL
	SELECT format('trigger %s on %s', t.tgname, r.relation), 'is none of maestro''s; it could swallow or change rows'
	  FROM maestro.guarded_table() AS r
	  JOIN pg_trigger AS t ON t.tgrelid = r.relation AND NOT t.tgisinternal
	 WHERE NOT EXISTS (SELECT FROM maestro.guard_trigger() AS g WHERE g.relation = r.relation AND g.name = t.tgname)
	UNION ALL
	SELECT format('function %s', p.oid::regprocedure), 'is not the library''s own'
	  FROM pg_proc AS p
	 WHERE p.oid IN (SELECT g.function FROM maestro.guard_trigger() AS g)
	   AND (p.prolang <> (SELECT oid FROM pg_language WHERE lanname = 'c')
		 OR p.probin <> '$libdir/maestro' OR p.prosrc <> 'maestro_' || p.proname)
$$;
COMMENT ON FUNCTION maestro.integrity_triggers() IS 'what is wrong with triggers, for integrity_check';

CREATE FUNCTION maestro.integrity_tables() RETURNS TABLE (object text, detail text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT format('rule %s on %s', w.rulename, r.relation), 'rewrites statements on it'
	  FROM maestro.guarded_table() AS r JOIN pg_rewrite AS w ON w.ev_class = r.relation
	UNION ALL
	SELECT format('policy %s on %s', p.polname, r.relation), 'is none of maestro''s'
	  FROM maestro.guarded_table() AS r JOIN pg_policy AS p ON p.polrelid = r.relation
	 WHERE r.is_leaf OR p.polname <> 'readable'
		OR NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid
			AND d.refclassid = 'pg_proc'::regclass AND d.refobjid IN ('maestro.may_read(integer)'::regprocedure,
				'maestro.may_read_component(integer)'::regprocedure))
	UNION ALL
	SELECT format('table %s', r.relation), 'has row-level security off'
	  FROM maestro.guarded_table() AS r JOIN pg_class AS c ON c.oid = r.relation
	 WHERE NOT r.is_leaf AND NOT c.relrowsecurity
	UNION ALL
	SELECT format('table %s', r.relation), 'is not permanent: a crash empties it'
	  FROM maestro.guarded_table() AS r JOIN pg_class AS c ON c.oid = r.relation WHERE c.relpersistence <> 'p'
	UNION ALL
	SELECT format('table %s', r.relation), 'does not belong to the owner of schema maestro'
	  FROM maestro.guarded_table() AS r JOIN pg_class AS c ON c.oid = r.relation
	  JOIN pg_namespace AS n ON n.nspname = 'maestro' WHERE c.relowner <> n.nspowner
	UNION ALL
	SELECT format('table %s', t.tgrelid::regclass), 'was a partition of the trace and is detached'
	  FROM pg_trigger AS t
	 WHERE t.tgfoid = 'maestro.append_only_insert()'::regprocedure
	   AND NOT EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = t.tgrelid AND i.inhparent = 'maestro.event'::regclass)
	UNION ALL
	SELECT 'sequence maestro.event_id_seq', 'has a cache or an increment other than 1, so ids are out of order'
	  FROM pg_sequence WHERE seqrelid = 'maestro.event_id_seq'::regclass AND (seqcache <> 1 OR seqincrement <> 1)
$$;
COMMENT ON FUNCTION maestro.integrity_tables() IS 'what is wrong with tables, rules, policies and the sequence, for integrity_check';

CREATE FUNCTION maestro.integrity_privileges() RETURNS TABLE (object text, detail text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT format('table %s', r.relation), format('%s is granted to %s', a.privilege_type,
			CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
	  FROM maestro.guarded_table() AS r
	  JOIN pg_class AS c ON c.oid = r.relation
	 CROSS JOIN LATERAL (
		SELECT * FROM aclexplode(c.relacl)
		UNION ALL
		SELECT x.* FROM pg_attribute AS at, aclexplode(at.attacl) AS x WHERE at.attrelid = c.oid) AS a
	 WHERE a.grantee <> c.relowner AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES')
	UNION ALL
	SELECT format('table %s', r.relation), format('SELECT is granted to %s, past row-level security',
			CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
	  FROM maestro.guarded_table() AS r
	  JOIN pg_class AS c ON c.oid = r.relation
	 CROSS JOIN LATERAL aclexplode(c.relacl) AS a
	 WHERE r.is_leaf AND a.grantee <> c.relowner AND a.privilege_type = 'SELECT'
	UNION ALL
	SELECT format('function %s', p.oid::regprocedure), 'may be executed by PUBLIC'
	  FROM pg_proc AS p
	 WHERE p.pronamespace = 'maestro'::regnamespace
	   AND (p.proname IN ('log_event', 'log_events', 'record_registry') OR p.prosrc = 'maestro_gate')
	   AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0)
$$;
COMMENT ON FUNCTION maestro.integrity_privileges() IS 'privileges that nobody should hold, for integrity_check';

CREATE FUNCTION maestro.integrity_check() RETURNS TABLE (severity maestro.severity, kind text, object text, detail text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT 'CRITICAL'::maestro.severity, 'integrity', f.object, f.detail
	  FROM (SELECT * FROM maestro.integrity_triggers()
			UNION ALL SELECT * FROM maestro.integrity_tables()) AS f
	UNION ALL
	SELECT 'HIGH', 'integrity', f.object, f.detail FROM maestro.integrity_privileges() AS f
	ORDER BY 1 DESC, 3, 4
$$;
COMMENT ON FUNCTION maestro.integrity_check() IS
	'what stands between the log and whoever would change it, and doesn''t stand: a row a finding (severity, kind, object, detail), none when all is well. It reads catalogs alone: changed rows are not found';
REVOKE ALL ON FUNCTION maestro.guarded_table(), maestro.guard_trigger(), maestro.integrity_triggers(),
	maestro.integrity_tables(), maestro.integrity_privileges(), maestro.integrity_check() FROM PUBLIC;
