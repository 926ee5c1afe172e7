--
-- Drill: failures that are made on purpose, so that what only failures show can
-- be shown at all.  A drill's events carry its trace id, which maestro chooses:
-- nobody can declare a failure a drill that has happened already.
--
CREATE VIEW maestro.drill_window WITH (security_barrier = true) AS
	SELECT d.drill_id, d.system_id, d.component_id, d.trace_id, d.started_at,
		   least(coalesce(d.ended_at, 'infinity'), d.started_at + interval '24 hours') AS until, d.note, d.started_by
	  FROM maestro.drill d
	  JOIN maestro.readable_system s ON s.system_id = d.system_id;
COMMENT ON VIEW maestro.drill_window IS 'drills and from when until when events of their trace id belong to them';
COMMENT ON COLUMN maestro.drill_window.component_id IS 'what is exercised; NULL: the whole system';
COMMENT ON COLUMN maestro.drill_window.until IS 'its end, and at the latest 24 hours after the start, whether ended or not';

CREATE FUNCTION maestro.start_drill_as(caller oid, system text, scope text, note text) RETURNS maestro.trace_id
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	id integer := maestro.system_id(system);
	component integer;
	what text := format('drill of %s', system);
	trace maestro.trace_id := gen_random_uuid()::text::maestro.trace_id;
BEGIN
	IF scope <> 'all' THEN
		SELECT c.component_id INTO component FROM maestro.component AS c WHERE c.system_id = id AND c.name = scope;
		IF NOT FOUND THEN
			PERFORM maestro.refuse('42704', 'component is not registered',
				'The scope of a drill is all, or the bare name of one of the system''s components.');
		END IF;
		what := format('drill of %s/%s', system, scope);
	END IF;
	PERFORM maestro.check_words('note of a drill', note, 1);
	IF maestro.runs(caller, id, component) THEN
		PERFORM maestro.deny(caller, id, component, 'own_component',
			format('%s was not started: who acts for what is exercised can''t declare a drill of it', what),
			'Somebody must start it who is no member of the db_role; otherwise an incident could be called a drill.',
			jsonb_build_object('scope', scope));
		RETURN NULL;
	END IF;
	INSERT INTO maestro.drill (system_id, component_id, trace_id, note, started_by)
	VALUES (id, component, trace, maestro.sanitize(note), maestro.role_name(caller));
	PERFORM maestro.record_registry(caller, id, component, format('%s started', what),
		jsonb_build_object('trace_id', trace::text, 'note', note, 'login', maestro.login_role()));
	RETURN trace;
END
$$;
COMMENT ON FUNCTION maestro.start_drill_as(oid, text, text, text) IS 'does start_drill''s work, as the owner';
CREATE FUNCTION maestro.start_drill(system text, scope text, note text) RETURNS maestro.trace_id
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.start_drill(text, text, text) IS
	'announces a drill and returns the trace id, fresh and random, that its events must carry. scope: all or NULL for the whole system, or the bare name of one of its components. It lasts until end_drill and at most 24 hours. NULL, a warning and an event of kind rejected (reason own_component) when the caller, or who logged in, acts for the db_role of what is exercised. Errors: 42704 no such system or component; 22004, 22023 no note';

CREATE FUNCTION maestro.end_drill_as(caller oid, trace_id maestro.trace_id) RETURNS text
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	d maestro.drill;
BEGIN
	SELECT * INTO d FROM maestro.drill AS x WHERE x.trace_id = end_drill_as.trace_id FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM maestro.refuse('42704', 'there is no drill with this trace id', 'The view maestro.drill_window lists them.');
	END IF;
	IF d.ended_at IS NOT NULL OR d.started_at + interval '24 hours' <= clock_timestamp() THEN
		RETURN 'unchanged';
	END IF;
	UPDATE maestro.drill AS x SET ended_at = clock_timestamp(), ended_by = maestro.role_name(caller) WHERE x.drill_id = d.drill_id;
	PERFORM maestro.record_registry(caller, d.system_id, d.component_id, format('drill of %s%s ended', s.name,
			(SELECT '/' || c.name FROM maestro.component AS c WHERE c.component_id = d.component_id)),
			jsonb_build_object('trace_id', d.trace_id::text, 'login', maestro.login_role()))
	   FROM maestro.system AS s WHERE s.system_id = d.system_id;
	RETURN 'ended';
END
$$;
COMMENT ON FUNCTION maestro.end_drill_as(oid, maestro.trace_id) IS 'does end_drill''s work, as the owner';
CREATE FUNCTION maestro.end_drill(trace_id maestro.trace_id) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.end_drill(maestro.trace_id) IS
	'ends a drill and returns ended; unchanged when it was over. Error: 42704 no such drill';

REVOKE ALL ON FUNCTION
	maestro.start_drill_as(oid, text, text, text), maestro.start_drill(text, text, text),
	maestro.end_drill_as(oid, maestro.trace_id), maestro.end_drill(maestro.trace_id)
	FROM PUBLIC;
