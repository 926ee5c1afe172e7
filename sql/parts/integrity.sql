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
	  FROM unnest(ARRAY['system', 'component', 'component_version', 'dependency', 'dependency_version', 'contract', 'guard', 'plan',
		'user_control', 'control_result', 'session_fact',
		'log', 'incarnation', 'checkpoint', 'tile', 'tile_tail', 'cosignature', 'redaction', 'legal_hold', 'dropped_partition', 'checkpoint_copy', 'trusted_key',
		'signal_total', 'signal_day', 'signal_fault', 'signal_pending', 'signal_run', 'signal_breaker', 'signal_files', 'signal_trend', 'signal_use', 'json_schema',
		'environment_report', 'attestation', 'risk_decision', 'decision_step', 'drill', 'event_review', 'manifest_key', 'component_signature', 'plan_run', 'open_action']) AS t
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
		(false, NULL, 'registry_guard_statement', 62, 'maestro.registry_guard()'),
		(false, NULL, 'registry_changed', 28, 'maestro.registry_changed()'),
		(false, NULL, 'signal_changed', 29, 'maestro.signal_changed()')
	  ) AS g (is_trace, is_leaf, name, type, function)
		ON g.is_trace = t.is_trace AND coalesce(g.is_leaf, t.is_leaf) = t.is_leaf
	   AND NOT (g.name = 'signal_changed' AND t.relation::text NOT LIKE 'maestro.signal\_%')
	   AND NOT (g.name = 'registry_changed' AND (t.relation::text LIKE 'maestro.signal\_%' OR t.relation = ANY ('{maestro.user_control,maestro.control_result,
			maestro.session_fact,maestro.manifest_key,maestro.component_signature,maestro.plan_run,maestro.open_action,maestro.checkpoint,maestro.tile,maestro.tile_tail,maestro.cosignature,
			maestro.redaction,maestro.legal_hold,maestro.dropped_partition,maestro.checkpoint_copy,maestro.trusted_key}'::regclass[])))
	UNION ALL
	-- The catalogue: every other table of the extension.
	SELECT c.oid::regclass, 'registry_guard_statement', 62, 'maestro.registry_guard()'::regprocedure
	  FROM pg_class AS c
	  JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
	 WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind = 'r'
	   AND c.oid NOT IN (SELECT t.relation FROM maestro.guarded_table() AS t)
$$;
COMMENT ON FUNCTION maestro.guard_trigger() IS 'the triggers that must be there: table, name, pg_trigger.tgtype, function';

CREATE FUNCTION maestro.integrity_triggers() RETURNS TABLE (object text, detail text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT format('trigger %s on %s', g.name, g.relation),
		CASE WHEN t.oid IS NULL THEN 'is missing'
			 WHEN NOT c.relhastriggers THEN 'is hidden from the server by pg_class.relhastriggers'
			 WHEN t.tgenabled <> 'A' THEN 'is not ENABLE ALWAYS'
			 ELSE 'is not the one that create_partition or the extension makes' END
	  FROM maestro.guard_trigger() AS g
	  JOIN pg_class AS c ON c.oid = g.relation
	  LEFT JOIN pg_trigger AS t ON t.tgrelid = g.relation AND t.tgname = g.name AND NOT t.tgisinternal
	 WHERE t.oid IS NULL OR NOT c.relhastriggers OR t.tgenabled <> 'A' OR t.tgtype <> g.type OR t.tgfoid <> g.function
		OR t.tgqual IS NOT NULL OR t.tgattr::text <> ''
	UNION ALL
	SELECT format('trigger %s on %s', t.tgname, r.relation), 'is none of maestro''s; it could swallow or change rows'
	  FROM maestro.guarded_table() AS r
	  JOIN pg_trigger AS t ON t.tgrelid = r.relation AND NOT t.tgisinternal
	 WHERE NOT EXISTS (SELECT FROM maestro.guard_trigger() AS g WHERE g.relation = r.relation AND g.name = t.tgname)
$$;
COMMENT ON FUNCTION maestro.integrity_triggers() IS 'what is wrong with triggers, for integrity_check';

-- What the library must answer itself: the functions between a caller and the
-- tables.  How many there are of a name tells a missing overload.
CREATE FUNCTION maestro.integrity_functions() RETURNS TABLE (object text, detail text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	WITH ours (name, overloads) AS (VALUES
		('append_only_refuse', 1), ('append_only_insert', 1), ('registry_guard', 1), ('registry_changed', 1), ('signal_changed', 1),
		('may_read', 1), ('may_read_component', 1), ('log_event', 3), ('log_events', 3), ('record_registry', 1),
		('record_refusal', 1), ('login_role', 1)),
	placed AS (
		SELECT p.*, p.oid::regprocedure AS signature, l.lanname, d.objid IS NOT NULL AS member
		  FROM pg_proc AS p
		  JOIN pg_language AS l ON l.oid = p.prolang
		  LEFT JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
		 WHERE p.pronamespace = 'maestro'::regnamespace)
	SELECT format('function %s', signature), 'is no member of the extension' FROM placed WHERE NOT member
	UNION ALL
	SELECT format('function %s', p.signature), 'is not the library''s own'
	  FROM placed AS p LEFT JOIN ours AS o ON o.name = p.proname
	 WHERE p.member AND (p.lanname = 'c' OR o.name IS NOT NULL)
	   AND (p.lanname <> 'c' OR p.probin <> '$libdir/maestro' OR p.prosecdef
		 OR (o.name IS NOT NULL AND p.prosrc NOT IN ('maestro_' || p.proname, 'maestro_' || p.proname || '_text')))
	UNION ALL
	SELECT format('function maestro.%s(...)', t.name), 'does not go through the gate'
	  FROM (SELECT DISTINCT substr(proname, 1, length(proname) - 3) AS name FROM placed WHERE right(proname, 3) = '_as' AND member) AS t
	 WHERE NOT EXISTS (SELECT FROM placed AS p WHERE p.proname = t.name AND p.lanname = 'c' AND p.prosrc = 'maestro_gate')
	UNION ALL
	SELECT format('function maestro.%s(...)', o.name), 'is missing or renamed'
	  FROM ours AS o
	 WHERE (SELECT count(*) FROM placed AS p WHERE p.proname = o.name AND p.member) <> o.overloads
$$;
COMMENT ON FUNCTION maestro.integrity_functions() IS 'functions that were added, replaced, moved or opened, for integrity_check';

-- What the policies say, as PostgreSQL prints it.
CREATE FUNCTION maestro.integrity_policies() RETURNS TABLE (object text, detail text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	WITH wanted AS (
		SELECT r.relation, CASE
				WHEN r.relation = 'maestro.dependency_version'::regclass THEN
					E'(EXISTS ( SELECT\n   FROM maestro.dependency d\n  WHERE (d.dependency_id = dependency_version.dependency_id)))'
				WHEN r.relation::text LIKE 'maestro.signal\_%' OR r.relation = ANY ('{maestro.json_schema,maestro.user_control,maestro.manifest_key,maestro.log,maestro.incarnation,maestro.checkpoint,maestro.tile,
					maestro.tile_tail,maestro.cosignature,maestro.redaction,maestro.legal_hold,maestro.dropped_partition,maestro.checkpoint_copy,maestro.trusted_key}'::regclass[]) THEN 'maestro.may_read(NULL::integer)'
				WHEN r.is_trace OR r.relation = 'maestro.control_result'::regclass THEN '(maestro.may_read(system_id) OR ((component_id IS NOT NULL) AND maestro.may_read_component(component_id)))'
				WHEN r.relation IN ('maestro.system'::regclass, 'maestro.plan'::regclass, 'maestro.drill'::regclass,
					'maestro.event_review'::regclass, 'maestro.plan_run'::regclass) THEN 'maestro.may_read(system_id)'
				WHEN r.relation = 'maestro.decision_step'::regclass THEN
					E'(EXISTS ( SELECT\n   FROM maestro.risk_decision d\n  WHERE (d.decision_id = decision_step.decision_id)))'
				ELSE 'maestro.may_read_component(component_id)' END AS rule
		  FROM maestro.guarded_table() AS r WHERE NOT r.is_leaf)
	SELECT format('policy readable on %s', w.relation), 'is missing or not the extension''s own'
	  FROM wanted AS w
	 WHERE NOT EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = w.relation AND p.polname = 'readable' AND p.polcmd = 'r'
		AND p.polroles = '{0}' AND p.polpermissive AND pg_get_expr(p.polqual, p.polrelid) = w.rule)
	UNION ALL
	SELECT format('policy %s on %s', p.polname, r.relation), 'is none of maestro''s'
	  FROM maestro.guarded_table() AS r JOIN pg_policy AS p ON p.polrelid = r.relation
	 WHERE r.is_leaf OR p.polname <> 'readable'
	UNION ALL
	SELECT format('table %s', r.relation), 'forces row-level security on its owner, whose functions then see nothing'
	  FROM maestro.guarded_table() AS r JOIN pg_class AS c ON c.oid = r.relation
	 WHERE c.relforcerowsecurity
	UNION ALL
	SELECT format('table %s', r.relation), 'has row-level security off'
	  FROM maestro.guarded_table() AS r JOIN pg_class AS c ON c.oid = r.relation
	 WHERE NOT c.relrowsecurity
$$;
COMMENT ON FUNCTION maestro.integrity_policies() IS 'what is wrong with row-level security, for integrity_check';

CREATE FUNCTION maestro.integrity_tables() RETURNS TABLE (object text, detail text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT format('rule %s on %s', w.rulename, r.relation), 'rewrites statements on it'
	  FROM maestro.guarded_table() AS r JOIN pg_rewrite AS w ON w.ev_class = r.relation
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
	SELECT format('table %s', c.oid::regclass), 'is neither the extension''s nor a partition of the trace'
	  FROM pg_class AS c
	 WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind IN ('r', 'p', 'f')
	   AND c.oid NOT IN (SELECT r.relation FROM maestro.guarded_table() AS r)
	   AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
	UNION ALL
	SELECT format('table %s', i.inhrelid::regclass), format('inherits from %s', i.inhparent::regclass)
	  FROM maestro.guarded_table() AS r JOIN pg_inherits AS i ON i.inhparent = r.relation AND NOT r.is_trace
	UNION ALL
	SELECT format('table %s', r.relation), 'is not the extension''s own'
	  FROM maestro.guarded_table() AS r
	 WHERE NOT r.is_leaf AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass
		AND d.objid = r.relation AND d.deptype = 'e')
	UNION ALL
	SELECT format('table %s', r.relation), 'is no plain table with a key on event_id'
	  FROM maestro.guarded_table() AS r JOIN pg_class AS c ON c.oid = r.relation
	 WHERE r.is_leaf AND (c.relkind <> 'r' OR NOT EXISTS (SELECT FROM pg_constraint AS k
		WHERE k.conrelid = r.relation AND k.contype = 'p' AND pg_get_constraintdef(k.oid) = 'PRIMARY KEY (event_id)'))
	UNION ALL
	SELECT format('constraint %s on %s', k.conname, r.relation), 'is none of maestro''s; it could refuse events'
	  FROM maestro.guarded_table() AS r JOIN pg_constraint AS k ON k.conrelid = r.relation
	 WHERE r.is_trace AND k.contype NOT IN ('p', 'n')
	UNION ALL
	SELECT format('index %s on %s', i.indexrelid::regclass, r.relation), 'is none of maestro''s; it could refuse events'
	  FROM maestro.guarded_table() AS r JOIN pg_index AS i ON i.indrelid = r.relation
	 WHERE r.is_trace AND NOT i.indisprimary AND (i.indisunique OR i.indexprs IS NOT NULL
		OR pg_get_expr(i.indpred, i.indrelid) NOT IN (
			'((kind = ''error''::maestro.event_kind) AND (component_id IS NOT NULL))', '((kind = ''agent_run''::maestro.event_kind) AND (component_id IS NOT NULL))',
			'((kind = ''approval''::maestro.event_kind) AND (component_id IS NOT NULL) AND (duration IS NOT NULL))',
			'((kind = ''guard''::maestro.event_kind) AND (component_id IS NOT NULL) AND (trace_id IS NOT NULL))'))
	UNION ALL
	SELECT 'view maestro.event_present', 'is missing, so DROP EXTENSION would take events along without asking'
	 WHERE EXISTS (SELECT FROM maestro.guarded_table() AS r WHERE r.is_leaf) AND to_regclass('maestro.event_present') IS NULL
	UNION ALL
	SELECT 'event trigger maestro_ddl_guard', 'is missing, renamed or not ENABLE ALWAYS, so statements are refused by a preloaded library alone'
	 WHERE NOT EXISTS (SELECT FROM pg_event_trigger AS t WHERE t.evtname = 'maestro_ddl_guard' AND t.evtenabled = 'A'
		AND t.evtevent = 'ddl_command_start' AND t.evttags IS NULL AND t.evtfoid = 'maestro.ddl_guard()'::regprocedure)
	UNION ALL
	SELECT 'sequence maestro.event_id_seq', 'does not count up by one for ever, so ids could be out of order or come twice'
	  FROM pg_sequence WHERE seqrelid = 'maestro.event_id_seq'::regclass
	   AND (seqcache <> 1 OR seqincrement <> 1 OR seqcycle OR seqmax <> 9223372036854775807)
	UNION ALL
	SELECT 'sequence maestro.event_id_seq', 'stands below the newest event, so ids would come twice'
	 WHERE CASE WHEN has_sequence_privilege('maestro.event_id_seq', 'USAGE')
				THEN (SELECT max(event_id) FROM maestro.event) > coalesce(pg_sequence_last_value('maestro.event_id_seq'), 0) END
$$;
COMMENT ON FUNCTION maestro.integrity_tables() IS 'what is wrong with tables, rules, policies and the sequence, for integrity_check';

CREATE FUNCTION maestro.integrity_references() RETURNS TABLE (object text, detail text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT format('table maestro.%s', r.name), format('has %s rows of a %s that is not registered', r.orphans, r.of)
	  FROM (
		SELECT 'component' AS name, 'system' AS of, count(*) AS orphans FROM maestro.component AS x
		 WHERE NOT EXISTS (SELECT FROM maestro.system AS s WHERE s.system_id = x.system_id)
		UNION ALL
		SELECT 'plan', 'system', count(*) FROM maestro.plan AS x
		 WHERE NOT EXISTS (SELECT FROM maestro.system AS s WHERE s.system_id = x.system_id)
		UNION ALL
		SELECT x.name, 'system', count(*)
		  FROM (SELECT 'drill' AS name, system_id FROM maestro.drill
				UNION ALL SELECT 'event_review', system_id FROM maestro.event_review
				UNION ALL SELECT 'plan_run', system_id FROM maestro.plan_run
				UNION ALL SELECT 'control_result', system_id FROM maestro.control_result WHERE system_id IS NOT NULL
				UNION ALL SELECT 'session_fact', system_id FROM maestro.session_fact) AS x
		 WHERE NOT EXISTS (SELECT FROM maestro.system AS s WHERE s.system_id = x.system_id)
		 GROUP BY x.name
		UNION ALL
		SELECT 'dependency_version', 'dependency', count(*) FROM maestro.dependency_version AS x
		 WHERE NOT EXISTS (SELECT FROM maestro.dependency AS d WHERE d.dependency_id = x.dependency_id)
		UNION ALL
		SELECT 'decision_step', 'decision', count(*) FROM maestro.decision_step AS x
		 WHERE NOT EXISTS (SELECT FROM maestro.risk_decision AS d WHERE d.decision_id = x.decision_id)
		UNION ALL
		SELECT x.name, 'component', count(*)
		  FROM (SELECT 'component_version' AS name, component_id FROM maestro.component_version
				UNION ALL SELECT 'dependency', component_id FROM maestro.dependency
				UNION ALL SELECT 'contract', component_id FROM maestro.contract
				UNION ALL SELECT 'guard', component_id FROM maestro.guard
				UNION ALL SELECT 'contract', target_id FROM maestro.contract WHERE target_id IS NOT NULL
				UNION ALL SELECT 'control_result', component_id FROM maestro.control_result WHERE component_id IS NOT NULL
				UNION ALL SELECT 'session_fact', component_id FROM maestro.session_fact
				UNION ALL SELECT 'environment_report', component_id FROM maestro.environment_report
				UNION ALL SELECT 'attestation', component_id FROM maestro.attestation
				UNION ALL SELECT 'risk_decision', component_id FROM maestro.risk_decision
				UNION ALL SELECT 'component_signature', component_id FROM maestro.component_signature
				UNION ALL SELECT 'open_action', component_id FROM maestro.open_action
				UNION ALL SELECT 'drill', component_id FROM maestro.drill WHERE component_id IS NOT NULL
				UNION ALL SELECT 'event_review', component_id FROM maestro.event_review WHERE component_id IS NOT NULL) AS x
		 WHERE NOT EXISTS (SELECT FROM maestro.component AS c WHERE c.component_id = x.component_id)
		 GROUP BY x.name) AS r
	 WHERE r.orphans > 0
$$;
COMMENT ON FUNCTION maestro.integrity_references() IS 'rows whose system or component is missing, for integrity_check, where the caller may read them all';

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
	 CROSS JOIN LATERAL (
		SELECT * FROM aclexplode(c.relacl)
		UNION ALL
		SELECT x.* FROM pg_attribute AS at, aclexplode(at.attacl) AS x WHERE at.attrelid = c.oid) AS a
	 WHERE r.is_leaf AND a.grantee <> c.relowner AND a.privilege_type = 'SELECT'
	UNION ALL
	SELECT 'schema maestro', format('CREATE is granted to %s',
			CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
	  FROM pg_namespace AS n, aclexplode(n.nspacl) AS a
	 WHERE n.nspname = 'maestro' AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner
	UNION ALL
	SELECT format('function %s', p.oid::regprocedure), 'may be executed by PUBLIC'
	  FROM pg_proc AS p
	 WHERE p.pronamespace = 'maestro'::regnamespace
	   AND (p.proname IN ('log_event', 'log_events', 'record_registry', 'record_refusal') OR p.prosrc = 'maestro_gate')
	   AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0)
$$;
COMMENT ON FUNCTION maestro.integrity_privileges() IS 'privileges that nobody should hold, for integrity_check';

CREATE FUNCTION maestro.integrity_check() RETURNS TABLE (severity maestro.severity, kind text, object text, detail text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT 'CRITICAL'::maestro.severity, 'integrity', f.object, f.detail
	  FROM (SELECT * FROM maestro.integrity_triggers()
			UNION ALL SELECT * FROM maestro.integrity_functions()
			UNION ALL SELECT * FROM maestro.integrity_policies()
			UNION ALL SELECT * FROM maestro.integrity_references()
			UNION ALL SELECT * FROM maestro.integrity_tables()) AS f
	UNION ALL
	SELECT 'HIGH', 'integrity', f.object, f.detail FROM maestro.integrity_privileges() AS f
	ORDER BY 1 DESC, 3, 4
$$;
COMMENT ON FUNCTION maestro.integrity_check() IS
	'what stands between the log and whoever would change it, and doesn''t stand: a row a finding (severity, kind, object, detail), none when all is well. It reads catalogs, and asks the owner''s sequence: changed rows are not found';
-- What can be put right without a question: triggers and row-level security as the
-- extension makes them.  What is strange is somebody's to look at.
CREATE FUNCTION maestro.integrity_repair_as(caller oid) RETURNS TABLE (object text, action text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	g record;
	done jsonb := '[]';
BEGIN
	FOR g IN SELECT w.*, t.oid IS NULL AS is_missing FROM maestro.guard_trigger() AS w
			   LEFT JOIN pg_trigger AS t ON t.tgrelid = w.relation AND t.tgname = w.name AND NOT t.tgisinternal
			  WHERE t.oid IS NULL OR t.tgenabled <> 'A' AND t.tgtype = w.type AND t.tgfoid = w.function ORDER BY w.relation::text, w.name LOOP
		IF g.is_missing THEN
			EXECUTE format('CREATE TRIGGER %I %s %s ON %s FOR EACH %s EXECUTE FUNCTION %s', g.name, CASE WHEN g.type & 2 <> 0 THEN 'BEFORE' ELSE 'AFTER' END,
				concat_ws(' OR ', CASE WHEN g.type & 4 <> 0 THEN 'INSERT' END, CASE WHEN g.type & 8 <> 0 THEN 'DELETE' END,
					CASE WHEN g.type & 16 <> 0 THEN 'UPDATE' END, CASE WHEN g.type & 32 <> 0 THEN 'TRUNCATE' END),
				g.relation, CASE WHEN g.type & 1 <> 0 THEN 'ROW' ELSE 'STATEMENT' END, g.function);
		END IF;
		EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', g.relation, g.name);
		object := format('trigger %s on %s', g.name, g.relation);
		action := CASE WHEN g.is_missing THEN 'made' ELSE 'enabled' END;
		done := done || jsonb_build_array(object || ' ' || action);
		RETURN NEXT;
	END LOOP;
	FOR g IN SELECT r.relation, c.relrowsecurity, c.relforcerowsecurity FROM maestro.guarded_table() AS r JOIN pg_class AS c ON c.oid = r.relation
			  WHERE NOT c.relrowsecurity OR c.relforcerowsecurity LOOP
		EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', g.relation);
		object := format('table %s', g.relation);
		action := 'row-level security set';
		done := done || jsonb_build_array(object || ' ' || action);
		RETURN NEXT;
	END LOOP;
	IF done <> '[]' THEN
		PERFORM maestro.record_registry(caller, NULL, NULL, 'guards of the log were repaired', jsonb_build_object('repaired', done), NULL);
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.integrity_repair_as(oid) IS 'does integrity_repair''s work, as the owner';
CREATE FUNCTION maestro.integrity_repair() RETURNS TABLE (object text, action text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.integrity_repair() IS 'makes and enables the triggers that guard the log, and sets row-level security, where integrity_check says that they are not so, such as after pg_restore --data-only --disable-triggers; a row each, and an event says so. Foreign triggers, rules and policies, and a guard that was replaced, stay for somebody to look at';
REVOKE ALL ON FUNCTION maestro.integrity_repair_as(oid), maestro.integrity_repair(), maestro.guarded_table(), maestro.guard_trigger(), maestro.integrity_triggers(),
	maestro.integrity_functions(), maestro.integrity_policies(),
	maestro.integrity_references(), maestro.integrity_tables(), maestro.integrity_privileges(), maestro.integrity_check() FROM PUBLIC;
