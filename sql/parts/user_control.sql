--
-- User control: controls of your own, and all that is checked by running it.
--
-- A user control is a relation whose rows say status and reason.  It is read by
-- evaluate_controls alone, as the role that added it (user_control.c says how),
-- never inside a view; what it said is stored with its age.
--
CREATE FUNCTION maestro.control_columns(relation regclass, scope text) RETURNS TABLE (name text, needed boolean, fault text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT w.name, w.needed, CASE WHEN a.attname IS NULL AND w.needed THEN 'is missing'
			WHEN t.typcategory <> w.category THEN w.wrong END
	  FROM (VALUES ('status', true, NULL, NULL), ('reason', true, NULL, NULL), (scope, true, NULL, NULL),
			('evidence_count', false, 'N', 'is no number'), ('newest_evidence', false, 'D', 'is no time')) AS w (name, needed, category, wrong)
	  LEFT JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = w.name AND a.attnum > 0 AND NOT a.attisdropped
	  LEFT JOIN pg_type AS t ON t.oid = a.atttypid
	 ORDER BY w.needed DESC, array_position('{status,reason}', w.name), w.name
$$;
COMMENT ON FUNCTION maestro.control_columns(regclass, text) IS 'the columns that a control of this scope reads, and what is wrong with the relation''s';

CREATE FUNCTION maestro.find_control_relation(caller oid, relation text) RETURNS regclass
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	names text[];
	target regclass;
BEGIN
	BEGIN
		names := parse_ident(relation);
	EXCEPTION WHEN data_exception THEN
		names := NULL;
	END;
	IF cardinality(names) IS DISTINCT FROM 2 THEN
		PERFORM maestro.refuse('22023', 'relation of a control must be given as schema.name', 'For example: public.my_check.');
	END IF;
	SELECT c.oid INTO target FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
	 WHERE n.nspname = names[1] AND c.relname = names[2] AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relpersistence <> 't';
	IF target IS NULL THEN
		PERFORM maestro.refuse('42704', 'relation of the control does not exist', 'It must be a table or view, and no temporary one.');
	END IF;
	IF NOT has_schema_privilege(caller, names[1], 'USAGE') OR NOT has_any_column_privilege(caller, target, 'SELECT') THEN
		PERFORM maestro.refuse('42501', 'the role that adds a control must be allowed to read its relation',
			'It is read as the role that adds it: GRANT SELECT ON it, and USAGE ON its schema, to that role.');
	END IF;
	RETURN target;
END
$$;
COMMENT ON FUNCTION maestro.find_control_relation(oid, text) IS 'the table or view of this name, schema.name; 22023, 42704 or 42501 when it can''t be a control''s';

CREATE FUNCTION maestro.check_control(control text, title text, scope text, timeout interval, max_age interval) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF (control ~ '^[a-z][a-z0-9_]{1,62}$') IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'name of a control is not acceptable',
			'Names have 2 to 63 lower-case letters, digits and underscores, a letter first.');
	ELSIF EXISTS (SELECT FROM maestro.control AS k WHERE k.control = check_control.control) THEN
		PERFORM maestro.refuse('42710', 'a built-in control has this name', 'Choose another.');
	ELSIF maestro.is_name(title) IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'title of a control is not acceptable',
			'Titles have 1 to 255 bytes, no blank at either end, no control or invisible character.');
	ELSIF (scope IN ('system', 'component')) IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'scope of a control must be system or component');
	ELSIF (timeout BETWEEN interval '10 ms' AND interval '60 s') IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'timeout of a control must be from 10 ms to 60 s');
	ELSIF (max_age > interval '0' AND max_age <= interval '365 days') IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'max_age of a control must be above zero and at most 365 days');
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_control(text, text, text, interval, interval) IS 'raises 22023 or 42710 when a user control can''t be so';

CREATE FUNCTION maestro.check_control_role(role oid) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF (SELECT rolsuper FROM pg_roles WHERE oid = role) THEN
		PERFORM maestro.refuse('42501', 'a control is not run as a superuser',
			'Create a plain role for it, grant it maestro_operator and SELECT on what the control reads, and SET ROLE before add_control.');
	ELSIF maestro.role_name(role) <> pg_get_userbyid(role) THEN
		PERFORM maestro.refuse('22023', 'name of the role that adds a control is not acceptable',
			'It is stored, and what looks like a secret or holds control characters is changed then.');
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_control_role(oid) IS 'raises 42501 or 22023 when this role can''t add a control';

CREATE FUNCTION maestro.add_control_as(caller oid, control text, title text, scope text, relation text, timeout interval, max_age interval)
	RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "IntervalStyle" = 'postgres' AS $$
DECLARE
	old maestro.user_control;
	target regclass;
	fault record;
	stored text;
BEGIN
	PERFORM maestro.check_control_role(caller);
	PERFORM maestro.check_control(control, title, scope, timeout, max_age);
	target := maestro.find_control_relation(caller, relation);
	SELECT * INTO fault FROM maestro.control_columns(target, scope) AS c WHERE c.fault IS NOT NULL;
	IF FOUND THEN
		PERFORM maestro.refuse(CASE fault.needed WHEN true THEN '42703' ELSE '42804' END,
			format('column "%s" of the control''s relation %s', fault.name, fault.fault), format(
			'A control of scope %s reads columns status, reason and %s, and where they exist evidence_count, newest_evidence and remedy.', scope, scope));
	END IF;
	SELECT format('%I.%I', n.nspname, c.relname) INTO stored FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = target;
	IF stored <> maestro.sanitize(stored, 'secrets') THEN
		PERFORM maestro.refuse('22023', 'name of the control''s relation is not acceptable', 'It is stored; give the view a plain name.');
	END IF;
	SELECT * INTO old FROM maestro.user_control AS u WHERE u.control = add_control_as.control FOR UPDATE;
	IF FOUND AND old.removed_at IS NULL THEN
		PERFORM maestro.refuse('42710', 'the control exists already', 'Call remove_control first, or choose another name.');
	END IF;
	IF old.control IS NOT NULL THEN
		UPDATE maestro.user_control AS u SET (title, scope, relation, run_as, timeout, max_age, added_at, added_login, removed_at)
			= (maestro.sanitize(add_control_as.title), add_control_as.scope, stored, maestro.role_name(caller), add_control_as.timeout,
				add_control_as.max_age, clock_timestamp(), maestro.sanitize(session_user::text, 'secrets')::name, NULL)
		 WHERE u.control = old.control;
	ELSE
		INSERT INTO maestro.user_control (control, title, scope, relation, run_as, timeout, max_age, added_login)
		VALUES (control, maestro.sanitize(title), scope, stored, maestro.role_name(caller), timeout, max_age,
			maestro.sanitize(session_user::text, 'secrets')::name);
	END IF;
	PERFORM maestro.record_registry(caller, NULL, NULL, format('control %s added', control), jsonb_build_object('title', title,
		'scope', scope, 'relation', stored, 'timeout', timeout, 'max_age', max_age));
	RETURN 'created';
END
$$;
COMMENT ON FUNCTION maestro.add_control_as(oid, text, text, text, text, interval, interval) IS 'does add_control''s work, as the owner';
CREATE FUNCTION maestro.add_control(slug text, title text, scope text, relation text,
	timeout interval DEFAULT '5 s', max_age interval DEFAULT '1 day') RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.add_control(text, text, text, text, interval, interval) IS
	'adds a control of your own and returns created. relation: a table or view, as schema.name, whose rows evaluate_controls reads as the role that adds it: columns status (ok, alarm, unknown, skip) and reason; scope component: component (system/component), scope system: system; optional evidence_count, newest_evidence, remedy. Whoever owns the view has his functions run with that role''s rights; they find unqualified names in pg_catalog alone. timeout: 10 ms to 60 s; max_age: older results do not count, up to 365 days. A removed control''s name may be used again. Errors: 42501 as a superuser, or without SELECT on the relation; 42703 a column is missing; 42704 no such relation; 42710 exists already; 42804 a column of another type; 22023 bad value';

CREATE FUNCTION maestro.remove_control_as(caller oid, control text) RETURNS text
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	old maestro.user_control;
BEGIN
	SELECT * INTO old FROM maestro.user_control AS u
	 WHERE u.control = remove_control_as.control AND u.removed_at IS NULL FOR UPDATE;
	PERFORM maestro.check_mode('the control', 'update', FOUND);
	IF NOT EXISTS (SELECT FROM pg_roles AS r
			WHERE pg_has_role(caller, r.oid, 'USAGE') AND (r.rolname IN (old.run_as, 'maestro_admin')
				OR r.oid = (SELECT nspowner FROM pg_namespace WHERE nspname = 'maestro'))) THEN
		PERFORM maestro.refuse('42501', 'only who added a control may remove it', 'So may maestro_admin and the extension''s owner.');
	END IF;
	UPDATE maestro.user_control AS u SET removed_at = clock_timestamp() WHERE u.control = old.control;
	PERFORM maestro.record_registry(caller, NULL, NULL, format('control %s removed', old.control), '{}');
	RETURN 'removed';
END
$$;
COMMENT ON FUNCTION maestro.remove_control_as(oid, text) IS 'does remove_control''s work, as the owner';
CREATE FUNCTION maestro.remove_control(slug text) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.remove_control(text) IS
	'ends a control that add_control made and returns removed; its results stay. Errors: 42501 neither the role that added it, maestro_admin nor the owner; 42704 no such control';

CREATE FUNCTION maestro.run_control(role oid, relation regclass, timeout interval, maxrows integer,
	OUT failure text, OUT status text, OUT reason text, OUT system text, OUT component text,
	OUT evidence_count bigint, OUT newest_evidence timestamptz, OUT remedy text) RETURNS SETOF record
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_run_control';
COMMENT ON FUNCTION maestro.run_control(oid, regclass, interval, integer) IS
	'reads a control''s relation as the role, in a security-restricted operation and a read-only subtransaction that is rolled back, for at most the time; rows, or one whose failure says why there are none. A function that catches its cancellation three times over ends the session. For evaluate_controls, an error otherwise';

CREATE FUNCTION maestro.control_obstacle(c maestro.user_control) RETURNS text
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN to_regrole(quote_ident(c.run_as)) IS NULL THEN format('role %I does not exist any more', c.run_as)
		WHEN to_regclass(c.relation) IS NULL THEN format('relation %s does not exist any more', c.relation)
		WHEN NOT has_schema_privilege(c.run_as, (SELECT relnamespace FROM pg_class WHERE oid = to_regclass(c.relation)), 'USAGE')
		  OR NOT has_any_column_privilege(c.run_as, to_regclass(c.relation), 'SELECT')
		THEN format('role %I may not read %s any more', c.run_as, c.relation) END
$$;
COMMENT ON FUNCTION maestro.control_obstacle(maestro.user_control) IS 'why a user control can''t be run; NULL when it can';

CREATE FUNCTION maestro.read_control(c maestro.user_control)
	RETURNS TABLE (failure text, status text, reason text, subject text, evidence_count bigint, newest_evidence timestamptz, remedy text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	failure := maestro.control_obstacle(c);
	IF failure IS NOT NULL THEN
		RETURN NEXT;
		RETURN;
	END IF;
	RETURN QUERY SELECT r.failure, r.status, r.reason, CASE c.scope WHEN 'system' THEN r.system ELSE r.component END,
			r.evidence_count, r.newest_evidence, r.remedy
		FROM maestro.run_control(to_regrole(quote_ident(c.run_as)), to_regclass(c.relation), c.timeout, 10000) AS r;
END
$$;
COMMENT ON FUNCTION maestro.read_control(maestro.user_control) IS 'the rows of a user control''s relation, or one that says why there are none';

CREATE FUNCTION maestro.evaluate_user_control(caller oid, c maestro.user_control) RETURNS timestamptz
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	WITH run AS MATERIALIZED (SELECT clock_timestamp() AS at),
	said AS MATERIALIZED (SELECT r.* FROM maestro.read_control(c) AS r),
	known AS (
		SELECT s.system_id, NULL::integer AS component_id, s.name FROM maestro.system AS s WHERE c.scope = 'system'
		UNION ALL
		SELECT s.system_id, m.component_id, s.name || '/' || m.name FROM maestro.system AS s
		  JOIN maestro.component AS m ON m.system_id = s.system_id WHERE c.scope = 'component'),
	answer AS (
		-- Whatever a row says, it is an answer about something registered.
		SELECT k.system_id, k.component_id,
			CASE WHEN r.status IN ('ok', 'alarm', 'unknown', 'skip') THEN r.status ELSE 'error' END AS status,
			CASE WHEN (r.status IN ('ok', 'alarm', 'unknown', 'skip')) IS NOT TRUE THEN 'status is none of ok, alarm, unknown, skip'
				ELSE coalesce(left(nullif(maestro.sanitize(r.reason), ''), 500), 'no reason given') END AS reason,
			greatest(r.evidence_count, 0) AS evidence_count,
			CASE WHEN isfinite(r.newest_evidence) THEN least(r.newest_evidence, run.at) END AS newest_evidence,
			left(maestro.sanitize(r.remedy), 500) AS remedy
		  FROM said AS r JOIN known AS k ON k.name = r.subject CROSS JOIN run
		 WHERE r.failure IS NULL
		UNION ALL
		SELECT NULL, NULL, 'error', r.failure, 0, NULL, NULL FROM said AS r WHERE r.failure IS NOT NULL
		UNION ALL
		SELECT NULL, NULL, 'unknown', 'returned no row', 0, NULL, NULL WHERE NOT EXISTS (SELECT FROM said)
		UNION ALL
		SELECT NULL, NULL, 'error', format(CASE n.rows WHEN 1 THEN '%s row names a %s that is not registered'
				ELSE '%s rows name a %s that is not registered' END, n.rows, c.scope), 0, NULL, NULL
		  FROM (SELECT count(*) AS rows FROM said AS r
				 WHERE r.failure IS NULL AND NOT EXISTS (SELECT FROM known AS k WHERE k.name = r.subject)) AS n
		 WHERE n.rows > 0),
	stored AS (
		INSERT INTO maestro.control_result (control, evaluated_at, system_id, component_id, status, reason, evidence_count,
			newest_evidence, remedy, basis, evaluated_by, run_as)
		SELECT c.control, run.at, a.system_id, a.component_id, a.status::maestro.control_status, a.reason, coalesce(a.evidence_count, 0),
			a.newest_evidence, a.remedy, 'observed', maestro.role_name(caller), c.run_as
		  FROM answer AS a CROSS JOIN run)
	SELECT run.at FROM run
$$;
COMMENT ON FUNCTION maestro.evaluate_user_control(oid, maestro.user_control) IS 'runs a user control and stores its results; returns their evaluated_at';

CREATE FUNCTION maestro.evaluate_integrity(caller oid) RETURNS timestamptz
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	WITH found AS MATERIALIZED (
		SELECT row_number() OVER (ORDER BY f.severity DESC, f.object, f.detail) AS place, maestro.sanitize(f.object || ' ' || f.detail) AS what
		  FROM maestro.integrity_check() AS f)
	INSERT INTO maestro.control_result (control, evaluated_at, status, reason, evidence_count, newest_evidence, remedy, details, evaluated_by)
	SELECT 'integrity_check', run.at, (CASE n.findings WHEN 0 THEN 'ok' ELSE 'alarm' END)::maestro.control_status,
		CASE n.findings WHEN 0 THEN 'no finding'
			ELSE left(format(CASE n.findings WHEN 1 THEN '%s finding: %s' ELSE '%s findings, first: %s' END, n.findings, n.first), 500) END,
		(SELECT count(*) FROM maestro.guarded_table()) + (SELECT count(*) FROM maestro.guard_trigger()), run.at,
		CASE WHEN n.findings > 0 THEN 'SELECT * FROM maestro.integrity_check();' END,
		jsonb_build_object('findings', n.listed), maestro.role_name(caller)
	  FROM (SELECT clock_timestamp() AS at) AS run
	 CROSS JOIN (SELECT count(*) AS findings, min(what) FILTER (WHERE place = 1) AS first,
			coalesce(jsonb_agg(left(what, 500) ORDER BY place) FILTER (WHERE place <= 100), '[]') AS listed FROM found) AS n
	RETURNING evaluated_at
$$;
COMMENT ON FUNCTION maestro.evaluate_integrity(oid) IS 'runs integrity_check and stores its result; evidence_count: guarded tables and triggers';

CREATE FUNCTION maestro.control_results(run_control text, run_at timestamptz)
	RETURNS TABLE (control text, system text, component text, status maestro.control_status, reason text)
	LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT r.control, s.name, s.name || '/' || m.name, r.status, r.reason
	  FROM maestro.control_result AS r
	  LEFT JOIN maestro.system AS s ON s.system_id = r.system_id
	  LEFT JOIN maestro.component AS m ON m.component_id = r.component_id
	 WHERE r.control = run_control AND r.evaluated_at = run_at
	 ORDER BY r.result_id
$$;
COMMENT ON FUNCTION maestro.control_results(text, timestamptz) IS 'the results of one run of a control, with names';

CREATE FUNCTION maestro.evaluate_controls_as(caller oid, slug text)
	RETURNS TABLE (control text, system text, component text, status maestro.control_status, reason text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	c maestro.user_control;
BEGIN
	IF slug NOT IN ('integrity_check', 'log_sensitive', 'log_verified', 'checkpoint_outside', 'signature')
		AND NOT EXISTS (SELECT FROM maestro.user_control AS u WHERE u.control = slug AND u.removed_at IS NULL) THEN
		PERFORM maestro.refuse('42704', 'there is no such control to run',
			'integrity_check, log_sensitive, log_verified, checkpoint_outside, signature and those of maestro.user_control are run; the others are computed when they are read.');
	END IF;
	IF coalesce(slug, 'integrity_check') = 'integrity_check' THEN
		RETURN QUERY SELECT r.* FROM maestro.control_results('integrity_check', maestro.evaluate_integrity(caller)) AS r;
	END IF;
	IF coalesce(slug, 'checkpoint_outside') = 'checkpoint_outside' THEN
		RETURN QUERY SELECT r.* FROM maestro.control_results('checkpoint_outside', maestro.evaluate_checkpoint_outside(caller)) AS r;
	END IF;
	IF coalesce(slug, 'signature') = 'signature' THEN
		RETURN QUERY SELECT r.* FROM maestro.control_results('signature', maestro.evaluate_signature(caller)) AS r;
	END IF;
	IF coalesce(slug = 'log_verified', NOT EXISTS (SELECT FROM maestro.control_result AS r
			WHERE r.control = 'log_verified' AND r.evaluated_at > clock_timestamp() - interval '1 day')) THEN
		RETURN QUERY SELECT r.* FROM maestro.control_results('log_verified', maestro.evaluate_verify(caller)) AS r;
	END IF;
	IF coalesce(slug = 'log_sensitive', NOT EXISTS (SELECT FROM maestro.control_result AS r
			WHERE r.control = 'log_sensitive' AND r.evaluated_at > clock_timestamp() - interval '1 day')) THEN
		PERFORM maestro.rescan_as(caller, NULL, 10000);
		RETURN QUERY SELECT r.* FROM maestro.control_results('log_sensitive',
			(SELECT max(l.evaluated_at) FROM maestro.control_result AS l WHERE l.control = 'log_sensitive')) AS r;
	END IF;
	FOR c IN SELECT * FROM maestro.user_control AS u
			WHERE u.removed_at IS NULL AND u.control = coalesce(slug, u.control) ORDER BY u.control LOOP
		RETURN QUERY SELECT r.* FROM maestro.control_results(c.control, maestro.evaluate_user_control(caller, c)) AS r;
	END LOOP;
END
$$;
COMMENT ON FUNCTION maestro.evaluate_controls_as(oid, text) IS 'does evaluate_controls'' work, as the owner';
CREATE FUNCTION maestro.evaluate_controls(slug text DEFAULT NULL)
	RETURNS TABLE (control text, system text, component text, status maestro.control_status, reason text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.evaluate_controls(text) IS
	'runs what is checked by running it, all or one, stores the results in control_result and returns them: integrity_check; checkpoint_outside; signature; log_verified (verify()) and log_sensitive (rescan() with its defaults), by name or when their last result is older than a day; then each user control, as the role that added it. A user control that fails, takes longer than its timeout, returns over 10,000 rows, a status other than ok, alarm, unknown, skip, or names something that is not registered is an error, one that returns no row unknown. One whose functions catch their cancellation three times over ends the session, and nothing of this call is stored. Errors: 42704 no such control to run';

REVOKE ALL ON FUNCTION maestro.control_columns(regclass, text), maestro.find_control_relation(oid, text),
	maestro.check_control(text, text, text, interval, interval), maestro.check_control_role(oid),
	maestro.add_control_as(oid, text, text, text, text, interval, interval),
	maestro.add_control(text, text, text, text, interval, interval),
	maestro.remove_control_as(oid, text), maestro.remove_control(text),
	maestro.run_control(oid, regclass, interval, integer), maestro.control_obstacle(maestro.user_control),
	maestro.read_control(maestro.user_control), maestro.evaluate_user_control(oid, maestro.user_control),
	maestro.evaluate_integrity(oid), maestro.control_results(text, timestamptz),
	maestro.evaluate_controls_as(oid, text), maestro.evaluate_controls(text) FROM PUBLIC;
