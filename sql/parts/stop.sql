--
-- Stop: the kill switch of a component.
--
-- A stop is worth what has really ended.  So it is a procedure, which commits what
-- cannot fail before it tries what can: first the component is suspended, then its
-- roles may not log in, then their sessions are ended and counted again.
--
-- Since PostgreSQL 16 whoever created a role is a member that can neither use nor
-- become it, only alter it: such a one does not act for a component.
CREATE FUNCTION maestro.acts_for(role oid, other oid) RETURNS boolean
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT pg_has_role(role, other, 'USAGE') OR pg_has_role(role, other,
		CASE WHEN EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = 'pg_auth_members'::regclass AND a.attname = 'set_option')
			 THEN 'SET' ELSE 'MEMBER' END)
$$;
COMMENT ON FUNCTION maestro.acts_for(oid, oid) IS 'has the role the rights of the other, or may it SET ROLE to it?';

CREATE FUNCTION maestro.stop_role(component_id integer) RETURNS TABLE (role oid, name name, can_login boolean, shared_with text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT r.oid, r.rolname, r.rolcanlogin, CASE
			WHEN EXISTS (SELECT FROM pg_roles AS g WHERE g.rolname IN ('maestro_operator', 'maestro_approver', 'maestro_auditor', 'maestro_admin')
				AND maestro.acts_for(r.oid, g.oid)) THEN 'people of maestro'
			ELSE (SELECT min(s2.name || '/' || c2.name) FROM maestro.component AS c2 JOIN maestro.system AS s2 USING (system_id)
				  JOIN pg_roles AS g ON g.rolname = coalesce(c2.db_role, s2.db_role)
				 WHERE c2.component_id <> c.component_id AND c2.kind <> 'trace_store' AND c2.state = 'active' AND maestro.acts_for(r.oid, g.oid)) END
	  FROM maestro.component AS c
	  JOIN maestro.system AS s USING (system_id)
	  JOIN pg_roles AS own ON own.rolname = coalesce(c.db_role, s.db_role)
	  JOIN pg_roles AS r ON maestro.acts_for(r.oid, own.oid) AND NOT r.rolsuper
	 WHERE c.component_id = stop_role.component_id
$$;
COMMENT ON FUNCTION maestro.stop_role(integer) IS
	'the db_role of a component and the roles that are members of it, superusers left out; shared_with: an active component for which the role acts, too, or people';

CREATE FUNCTION maestro.stop_suspend_as(caller oid, component maestro.regcomponent, reason text, force boolean) RETURNS text
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	id integer := maestro.check_component_id(component);
	shared record;
BEGIN
	PERFORM maestro.check_words('reason of a stop', reason, 1);
	SELECT * INTO shared FROM maestro.stop_role(id) AS r WHERE r.shared_with IS NOT NULL LIMIT 1;
	IF FOUND AND force IS NOT TRUE THEN
		PERFORM maestro.deny(caller, (SELECT c.system_id FROM maestro.component AS c WHERE c.component_id = id), id, 'shared_role',
			format('%s was not stopped: role %s also acts for %s', component, maestro.role_name(shared.role), shared.shared_with),
			'force => true ends all its sessions; maestro.set_component_state suspends the component alone.');
		RETURN 'refused';
	END IF;
	PERFORM maestro.set_component_state_as(caller, component, 'suspended', reason);
	RETURN 'suspended';
END
$$;
COMMENT ON FUNCTION maestro.stop_suspend_as(oid, maestro.regcomponent, text, boolean) IS 'does stop_suspend''s work, as the owner';
CREATE FUNCTION maestro.stop_suspend(component maestro.regcomponent, reason text, force boolean) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.stop_suspend(maestro.regcomponent, text, boolean) IS
	'the first part of stop_component, for it alone: suspends the component, or refuses (reason shared_role) where its role acts for others, too';

CREATE FUNCTION maestro.stop_sessions_as(caller oid, component maestro.regcomponent) RETURNS integer[]
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	id integer := maestro.check_component_id(component);
	found integer[];
BEGIN
	IF (SELECT c.state FROM maestro.component AS c WHERE c.component_id = id) = 'active' THEN
		PERFORM maestro.refuse('55000', 'sessions of an active component are not ended', 'CALL maestro.stop_component suspends it first.');
	END IF;
	PERFORM pg_stat_clear_snapshot();
	SELECT array_agg(a.pid ORDER BY a.pid) INTO found
	  FROM pg_stat_activity AS a WHERE a.usesysid IN (SELECT r.role FROM maestro.stop_role(id) AS r) AND a.pid <> pg_backend_pid();
	PERFORM pg_terminate_backend(a.pid) FROM unnest(found) AS a (pid);
	RETURN coalesce(found, '{}');
END
$$;
COMMENT ON FUNCTION maestro.stop_sessions_as(oid, maestro.regcomponent) IS 'does stop_sessions'' work, as the owner';
CREATE FUNCTION maestro.stop_sessions(component maestro.regcomponent) RETURNS integer[]
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.stop_sessions(maestro.regcomponent) IS
	'a part of stop_component, for it alone: ends the sessions of a component''s roles that there are now, the caller''s own apart, and returns their process ids. Error: 55000 the component is active';

CREATE FUNCTION maestro.stop_record_as(caller oid, component maestro.regcomponent, pids integer[], OUT state text, OUT ended integer, OUT remaining integer)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	c maestro.component;
	may_login text[];
BEGIN
	SELECT * INTO c FROM maestro.component AS x WHERE x.component_id = maestro.check_component_id(component);
	may_login := (SELECT array_agg(r.name ORDER BY r.name) FROM maestro.stop_role(c.component_id) AS r WHERE r.can_login);
	PERFORM pg_stat_clear_snapshot();
	SELECT count(*), cardinality(pids) - count(*) FILTER (WHERE a.pid = ANY (pids)) INTO remaining, ended
	  FROM pg_stat_activity AS a WHERE a.usesysid IN (SELECT r.role FROM maestro.stop_role(c.component_id) AS r);
	-- What somebody made active meanwhile is not stopped, nor what can come back.
	state := CASE WHEN c.state <> 'active' AND remaining = 0 AND may_login IS NULL THEN 'stopped' ELSE 'incomplete' END;
	PERFORM maestro.record_registry(caller, c.system_id, c.component_id, format('stop of %s: %s', component, state),
		jsonb_build_object('ended', ended, 'remaining', remaining, 'may_login', may_login, 'login', maestro.login_role()));
END
$$;
COMMENT ON FUNCTION maestro.stop_record_as(oid, maestro.regcomponent, integer[]) IS 'does stop_record''s work, as the owner';
CREATE FUNCTION maestro.stop_record(component maestro.regcomponent, pids integer[], OUT state text, OUT ended integer, OUT remaining integer)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.stop_record(maestro.regcomponent, integer[]) IS
	'the last part of stop_component, for it alone: counts what is left of the component''s sessions and which of these ended, puts it on record and returns it';

CREATE FUNCTION maestro.stop_logins(component maestro.regcomponent) RETURNS name[]
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(array_agg(r.name ORDER BY r.name), '{}') FROM maestro.stop_role(component::integer) AS r
	 WHERE r.can_login AND r.name NOT IN (current_user, session_user)
$$;
COMMENT ON FUNCTION maestro.stop_logins(maestro.regcomponent) IS 'roles of a component that can log in, the caller''s own apart; for stop_component';

CREATE FUNCTION maestro.stop_alone() RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_stop_alone';
COMMENT ON FUNCTION maestro.stop_alone() IS 'raises 25001 within a transaction block; for stop_component';

-- No SET clause: a procedure with one may not commit.  Its first statement, and the
-- first behind each COMMIT, pins the search path instead, by a name that is qualified.
CREATE PROCEDURE maestro.stop_component(component maestro.regcomponent, reason text, force boolean DEFAULT false,
	INOUT state text DEFAULT NULL, INOUT ended integer DEFAULT NULL, INOUT remaining integer DEFAULT NULL)
	LANGUAGE plpgsql AS $$
DECLARE
	role name;
	roles name[];
	pids integer[] := '{}';
	now_there integer[];
BEGIN
	PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	PERFORM maestro.stop_alone();
	ended := 0;
	remaining := NULL;
	state := maestro.stop_suspend(component, reason, force);
	roles := maestro.stop_logins(component);
	COMMIT;
	PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	IF state = 'refused' THEN
		RETURN;
	END IF;
	FOREACH role IN ARRAY roles LOOP
		BEGIN
			EXECUTE format('ALTER ROLE %I NOLOGIN', role);
		EXCEPTION WHEN insufficient_privilege THEN
			RAISE WARNING 'role % can still log in: you may not alter it', role USING HINT = 'Taking LOGIN from a role takes CREATEROLE, and since PostgreSQL 16 ADMIN of it.';
		END;
	END LOOP;
	COMMIT;
	-- Who was logging in meanwhile is found by looking again.
	FOR i IN 1 .. 50 LOOP
		PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
		now_there := maestro.stop_sessions(component);
		EXIT WHEN cardinality(now_there) = 0;
		pids := (SELECT array_agg(DISTINCT p) FROM unnest(pids || now_there) AS p);
		COMMIT;
		PERFORM pg_catalog.pg_sleep(0.1);
	END LOOP;
	PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	SELECT r.state, r.ended, r.remaining INTO state, ended, remaining FROM maestro.stop_record(component, pids) AS r;
	IF state = 'stopped' THEN
		RAISE NOTICE '% is stopped: % sessions ended, % remain', component, ended, remaining;
	ELSE
		RAISE NOTICE 'the stop of % is incomplete: % sessions ended, % remain', component, ended, remaining;
	END IF;
END
$$;
COMMENT ON PROCEDURE maestro.stop_component(maestro.regcomponent, text, boolean, text, integer, integer) IS
	'stops a component: suspends it, takes LOGIN from its db_role and that role''s members where the caller may, ends their sessions in the whole cluster (never the caller''s, nor superusers'') and counts again for 5 seconds what is left. Leave state, ended and remaining out; they are the answer: stopped when nothing remains and nobody can come back, else incomplete; refused, with a warning and an event (reason shared_role), when a role acts for another active component or for people, too, unless force. What happened is an event of kind registry. It commits, so it is no part of a transaction block. Errors: 42704 no such component; 22004, 22023 no reason; 25001 within a transaction block, 2D000 in a function, and nothing was done then';

REVOKE ALL ON FUNCTION maestro.acts_for(oid, oid), maestro.stop_role(integer), maestro.stop_suspend_as(oid, maestro.regcomponent, text, boolean), maestro.stop_suspend(maestro.regcomponent, text, boolean),
	maestro.stop_sessions_as(oid, maestro.regcomponent), maestro.stop_sessions(maestro.regcomponent),
	maestro.stop_record_as(oid, maestro.regcomponent, integer[]), maestro.stop_record(maestro.regcomponent, integer[]),
	maestro.stop_logins(maestro.regcomponent), maestro.stop_alone() FROM PUBLIC;
REVOKE ALL ON PROCEDURE maestro.stop_component(maestro.regcomponent, text, boolean, text, integer, integer) FROM PUBLIC;
