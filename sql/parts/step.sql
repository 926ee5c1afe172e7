--
-- Step: may a run go on to that node of its plan?
--
-- A run is at a node, and the edges of its plan say which may be next.  Where the
-- graph has LangGraph's node __start__, it is read as LangGraph runs it: all plain
-- edges of a node are followed, in any order, and one of its conditional ones.  In
-- other graphs one edge of a node is followed.  A run keeps the version of the plan
-- that it began with.
--
-- Its state is a row (plan_run), so a step belongs to the caller's transaction: what
-- is rolled back was no step.  Two steps of one run wait for each other.
--
CREATE FUNCTION maestro.plan_next(graph jsonb, node text) RETURNS jsonb
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	-- In PL/pgSQL, which keeps the plan of a query.
	RETURN (
	WITH ids AS (SELECT n ->> 'id' AS id, place FROM jsonb_array_elements(graph -> 'nodes') WITH ORDINALITY AS x (n, place)),
	edges AS (SELECT e ->> 'source' AS source, e ->> 'target' AS target,
					 coalesce(e -> 'conditional' = 'true', false) OR NOT EXISTS (SELECT FROM ids WHERE id = '__start__') AS is_choice
				FROM jsonb_array_elements(graph -> 'edges') AS e),
	-- where runs begin: behind __start__, else at what no other node leads to, else at the first
	roots AS (SELECT i.id, i.place FROM ids AS i WHERE NOT EXISTS (SELECT FROM edges AS e WHERE e.target = i.id AND e.source <> i.id)),
	sets AS (
		SELECT jsonb_agg(DISTINCT e.target) AS one_of FROM edges AS e
		 WHERE e.source = coalesce(node, '__start__') AND e.is_choice
		UNION
		SELECT jsonb_build_array(e.target) FROM edges AS e WHERE e.source = coalesce(node, '__start__') AND NOT e.is_choice
		UNION
		SELECT coalesce((SELECT jsonb_agg(r.id ORDER BY r.place) FROM roots AS r), (SELECT jsonb_build_array(i.id) FROM ids AS i WHERE i.place = 1))
		 WHERE node IS NULL AND NOT EXISTS (SELECT FROM ids WHERE id = '__start__'))
	SELECT coalesce(jsonb_agg(one_of ORDER BY one_of), '[]') FROM sets WHERE one_of IS NOT NULL);
END
$$;
COMMENT ON FUNCTION maestro.plan_next(jsonb, text) IS 'which nodes of a graph may follow a node, or begin a run (NULL): sets, of each of which one may';

CREATE FUNCTION maestro.check_stepper(caller oid, system_id integer, component_id integer) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF NOT EXISTS (
		SELECT FROM (
			SELECT s.db_role FROM maestro.system AS s WHERE s.system_id = check_stepper.system_id
			UNION
			SELECT c.db_role FROM maestro.component AS c WHERE c.system_id = check_stepper.system_id
			   AND c.component_id = coalesce(check_stepper.component_id, c.component_id)) AS r
		 JOIN pg_roles AS g ON g.rolname = r.db_role WHERE pg_has_role(caller, g.oid, 'USAGE')
		UNION ALL
		SELECT FROM pg_namespace AS n WHERE n.nspname = 'maestro' AND pg_has_role(caller, n.nspowner, 'USAGE')) THEN
		PERFORM maestro.refuse('MA002', format('role "%s" may not take steps of this plan', maestro.role_name(caller)),
			'Membership in the db_role of the component, or of its system, is needed.');
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_stepper(oid, integer, integer) IS 'raises MA002 unless the role acts for the component that a node is, or, of a node that is none, for something in its system';

CREATE FUNCTION maestro.step_fault(r maestro.plan_run, graph jsonb, step text) RETURNS text
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN CASE
		WHEN NOT EXISTS (SELECT FROM jsonb_array_elements(graph -> 'nodes') AS n WHERE n ->> 'id' = step) THEN 'out_of_order'
		-- __start__ is no step that anything leads to
		WHEN NOT EXISTS (SELECT FROM jsonb_array_elements(r.may_follow) AS one_of WHERE one_of ? step)
			AND NOT (step = '__start__' AND r.steps = 0) THEN 'out_of_order'
		WHEN (r.visits ->> step)::integer >= (SELECT coalesce(n -> 'max_visits', n #> '{metadata,max_visits}')::integer
			FROM jsonb_array_elements(graph -> 'nodes') AS n WHERE n ->> 'id' = step) THEN 'max_visits'
		WHEN EXISTS (SELECT FROM maestro.component AS c WHERE c.system_id = r.system_id AND c.name = step AND c.state <> 'active') THEN 'component_not_active'
	END;
END
$$;
COMMENT ON FUNCTION maestro.step_fault(maestro.plan_run, jsonb, text) IS 'why a run may not go on to a node now: out_of_order, max_visits, component_not_active; NULL when it may';

CREATE FUNCTION maestro.step_taken(r maestro.plan_run, graph jsonb, step text) RETURNS maestro.plan_run
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF step <> '__start__' THEN
		r.may_follow := (SELECT coalesce(jsonb_agg(DISTINCT o.one_of), '[]') FROM (
			SELECT one_of FROM jsonb_array_elements(r.may_follow) AS one_of WHERE NOT one_of ? step
			UNION ALL
			SELECT one_of FROM jsonb_array_elements(maestro.plan_next(graph, step)) AS one_of) AS o);
	END IF;
	r.visits := r.visits || jsonb_build_object(step, coalesce((r.visits ->> step)::integer, 0) + 1);
	r.steps := r.steps + 1;
	r.node := step;
	RETURN r;
END
$$;
COMMENT ON FUNCTION maestro.step_taken(maestro.plan_run, jsonb, text) IS 'a run after a step that it may take';

CREATE FUNCTION maestro.begin_step_as(caller oid, system text, plan text, run_id text, node text, OUT decision maestro.decision, OUT reason text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
	id integer := maestro.system_id(system);
	component integer := (SELECT c.component_id FROM maestro.component AS c WHERE c.system_id = id AND c.name = node);
	r maestro.plan_run;
	p maestro.plan;
	known boolean;
BEGIN
	IF plan IS NULL OR node IS NULL THEN
		PERFORM maestro.refuse('22004', 'plan and node of a step must not be null');
	END IF;
	PERFORM maestro.check_name('run', run_id), maestro.check_stepper(caller, id, component);
	LOOP
		-- Locked, so that the later of two steps sees the earlier one.
		SELECT * INTO r FROM maestro.plan_run AS x WHERE x.system_id = id AND x.plan = plan AND x.run_id = run_id FOR UPDATE;
		known := FOUND;
		SELECT * INTO p FROM maestro.plan AS x WHERE x.system_id = id AND x.name = plan AND x.plan_id = coalesce(r.plan_id, x.plan_id)
		 ORDER BY x.version DESC LIMIT 1;
		IF NOT FOUND THEN
			PERFORM maestro.refuse('42704', 'the system has no such plan', 'maestro.declare_plan declares it.');
		END IF;
		IF NOT known THEN
			r := (id, plan, run_id, p.plan_id, NULL, 0, '{}', maestro.plan_next(p.graph, NULL), clock_timestamp(), clock_timestamp());
		END IF;
		reason := maestro.step_fault(r, p.graph, node);
		decision := CASE WHEN reason IS NULL THEN 'allow' ELSE 'deny' END;
		IF reason IS NOT NULL THEN
			PERFORM maestro.record_refusal(caller, id, component, reason, format('a step of plan %s was refused', p.name),
				jsonb_build_object('plan', p.name, 'plan_version', p.version, 'run', run_id, 'node', left(node, 255), 'after', r.node, 'steps', r.steps));
			EXIT;
		END IF;
		r := maestro.step_taken(r, p.graph, node);
		IF known THEN
			UPDATE maestro.plan_run AS x SET node = r.node, steps = r.steps, visits = r.visits, may_follow = r.may_follow, stepped_at = clock_timestamp()
			 WHERE x.system_id = id AND x.plan = plan AND x.run_id = run_id;
		ELSE
			-- Somebody else may begin the run at the same time: then it is looked at again.
			INSERT INTO maestro.plan_run SELECT r.* ON CONFLICT DO NOTHING;
		END IF;
		EXIT WHEN FOUND;
	END LOOP;
END
$$;
COMMENT ON FUNCTION maestro.begin_step_as(oid, text, text, text, text) IS 'does begin_step''s work, as the owner';
CREATE FUNCTION maestro.begin_step(system text, plan text, run_id text, node text, OUT decision maestro.decision, OUT reason text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.begin_step(text, text, text, text) IS
	'asks before a step whether a run may go on to this node of a declared plan, and returns (decision, reason): allow, and the run is there; or deny, which is an event of kind rejected too, with the reason out_of_order (no edge leads there now, or there is no such node), max_visits (the node''s max_visits are used up) or component_not_active. run_id: a name of the run, its trace id for example; a run begins with its first step. Part of the caller''s transaction: a step that is rolled back was none. Errors: 42704 no such system or plan; MA002 the caller acts for none of its components; 22004, 22023 bad arguments';

-- Nobody says that a run is over, so it is kept for as long as events are.
CREATE FUNCTION maestro.forget_runs(caller oid, before timestamptz) RETURNS bigint
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	gone bigint;
BEGIN
	-- Who steps right now goes on, and is not waited for: he may wait for the trace.
	DELETE FROM maestro.plan_run AS r USING (
		SELECT x.system_id, x.plan, x.run_id FROM maestro.plan_run AS x
		 WHERE x.stepped_at < before AND NOT EXISTS (SELECT FROM maestro.legal_hold AS h
			WHERE h.released_at IS NULL AND h.span && tstzrange(x.began_at, x.stepped_at, '[]'))
		   FOR UPDATE SKIP LOCKED) AS o
	 WHERE (r.system_id, r.plan, r.run_id) = (o.system_id, o.plan, o.run_id);
	GET DIAGNOSTICS gone = ROW_COUNT;
	IF gone > 0 THEN
		PERFORM maestro.record_registry(caller, NULL, NULL, 'runs of plans were forgotten', jsonb_build_object('runs', gone, 'before', before), NULL);
	END IF;
	RETURN gone;
END
$$;
COMMENT ON FUNCTION maestro.forget_runs(oid, timestamptz) IS 'removes runs of plans that took no step since then, but for those under a legal hold, and returns how many; for drop_partition';

REVOKE ALL ON FUNCTION maestro.forget_runs(oid, timestamptz), maestro.plan_next(jsonb, text), maestro.check_stepper(oid, integer, integer), maestro.step_fault(maestro.plan_run, jsonb, text),
	maestro.step_taken(maestro.plan_run, jsonb, text),
	maestro.begin_step_as(oid, text, text, text, text), maestro.begin_step(text, text, text, text) FROM PUBLIC;
