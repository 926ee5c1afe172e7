--
-- Registry lock: nothing is registered or changed without unlocking first.
--
-- A refusal is a row and a warning, never an error, which would roll it back:
-- functions that return an id return NULL, those that return a word "refused".
-- A registry that is unlocked for a time is locked again by the clock alone;
-- no process has to do it.
--
CREATE FUNCTION maestro.locked_out(caller oid, system_id integer, component_id integer, what text, details jsonb DEFAULT NULL) RETURNS boolean
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	s maestro.system;
BEGIN
	-- Until the caller's end nobody locks it, so that what is begun counts as before.
	SELECT * INTO s FROM maestro.system AS x WHERE x.system_id = locked_out.system_id FOR SHARE;
	IF maestro.is_locked(s.registration, s.unlocked_until) IS NOT TRUE THEN
		RETURN false;
	END IF;
	PERFORM maestro.deny(caller, locked_out.system_id, locked_out.component_id, 'registry_locked',
		format('%s was refused: the registry of %s is locked', what, s.name),
		'maestro.unlock_registry opens it for a time.', details);
	RETURN true;
END
$$;
COMMENT ON FUNCTION maestro.locked_out(oid, integer, integer, text, jsonb) IS
	'is the registry of the system locked? Then the attempt is stored as a refusal, and its caller returns without doing anything; else it stays open until the caller''s transaction ends';

CREATE FUNCTION maestro.component_locked_out(caller oid, component maestro.regcomponent, what text) RETURNS boolean
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT maestro.locked_out(caller, c.system_id, c.component_id, what)
	  FROM maestro.component AS c WHERE c.component_id = component::integer
$$;
COMMENT ON FUNCTION maestro.component_locked_out(oid, maestro.regcomponent, text) IS 'locked_out of a component''s system; NULL when there is no such component';

-- What a contract refers to, directly or not, is part of it.
CREATE FUNCTION maestro.schemas_locked_out(caller oid, uri text) RETURNS boolean
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(bool_or(maestro.locked_out(caller, s.system_id, NULL, 'a change of a schema', jsonb_build_object('uri', uri))), false)
	  FROM maestro.system AS s
	 WHERE s.registration = 'locked' AND EXISTS (SELECT FROM maestro.component AS c JOIN maestro.contract AS k USING (component_id)
		WHERE c.system_id = s.system_id AND (k.schema::text || coalesce(k.overlay::text, '')) ~ '"\$(ref|dynamicRef|recursiveRef|schema)"')
$$;
COMMENT ON FUNCTION maestro.schemas_locked_out(oid, text) IS 'locked_out of each system whose contracts refer to schemas';

CREATE FUNCTION maestro.lock_registry_as(caller oid, system text, reason text) RETURNS text
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	id integer := maestro.system_id(system);
	s maestro.system;
BEGIN
	PERFORM maestro.check_words('reason of a lock', reason, 1);
	SELECT * INTO s FROM maestro.system AS x WHERE x.system_id = id FOR UPDATE;
	IF maestro.is_locked(s.registration, s.unlocked_until) THEN
		RETURN 'unchanged';
	END IF;
	UPDATE maestro.system AS x SET registration = 'locked', unlocked_until = NULL WHERE x.system_id = id;
	PERFORM maestro.record_registry(caller, id, NULL, format('registry of %s locked', system),
		jsonb_build_object('reason', reason, 'login', maestro.login_role()));
	RETURN 'locked';
END
$$;
COMMENT ON FUNCTION maestro.lock_registry_as(oid, text, text) IS 'does lock_registry''s work, as the owner';
CREATE FUNCTION maestro.lock_registry(system text, reason text) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.lock_registry(text, text) IS
	'closes the registry of a system for good: what would register or change its components, dependencies, contracts, guards or plans is refused, and each attempt is a warning and an event of kind rejected (reason registry_locked). Components can still be suspended, and people can decide, attest and report. Returns locked; unchanged when it is. It waits for what is being registered. Errors: 42704 no such system; 22004, 22023 no reason';

CREATE FUNCTION maestro.unlock_registry_as(caller oid, system text, duration interval, reason text) RETURNS timestamptz
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	id integer := maestro.system_id(system);
	until timestamptz := clock_timestamp() + duration;
	s maestro.system;
BEGIN
	PERFORM maestro.check_words('reason of unlocking', reason, 1);
	IF (until > clock_timestamp() AND until <= clock_timestamp() + interval '24 hours') IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'a registry is unlocked for more than nothing and at most 24 hours');
	END IF;
	SELECT * INTO s FROM maestro.system AS x WHERE x.system_id = id FOR UPDATE;
	IF s.registration <> 'locked' THEN
		PERFORM maestro.refuse('55000', 'the registry is not locked', 'maestro.lock_registry locks it.');
	END IF;
	IF maestro.runs(caller, id, NULL) THEN
		PERFORM maestro.deny(caller, id, NULL, 'own_component',
			format('the registry of %s was not unlocked: who acts for its components can''t do that', system),
			'Somebody must unlock it who is no member of the system''s db_role or its components''.');
		RETURN NULL;
	END IF;
	UPDATE maestro.system AS x SET unlocked_until = until WHERE x.system_id = id;
	PERFORM maestro.record_registry(caller, id, NULL, format('registry of %s unlocked', system),
		jsonb_build_object('until', until, 'reason', reason, 'login', maestro.login_role()));
	RETURN until;
END
$$;
COMMENT ON FUNCTION maestro.unlock_registry_as(oid, text, interval, text) IS 'does unlock_registry''s work, as the owner';
CREATE FUNCTION maestro.unlock_registry(system text, duration interval, reason text) RETURNS timestamptz
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.unlock_registry(text, interval, text) IS
	'opens a locked registry for at most 24 hours and returns until when; then it is locked again by itself, or before by lock_registry. NULL, a warning and an event of kind rejected (reason own_component) when the caller, or who logged in, acts for a component of the system. Errors: 42704 no such system; 55000 it is not locked; 22023 no such time; 22004, 22023 no reason';

REVOKE ALL ON FUNCTION maestro.locked_out(oid, integer, integer, text, jsonb), maestro.component_locked_out(oid, maestro.regcomponent, text), maestro.schemas_locked_out(oid, text),
	maestro.lock_registry_as(oid, text, text), maestro.lock_registry(text, text),
	maestro.unlock_registry_as(oid, text, interval, text), maestro.unlock_registry(text, interval, text) FROM PUBLIC;
