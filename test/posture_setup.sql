-- Helpers of posture's tests: a system a case, and events of any age, which the
-- owner may import as a restore does.
CREATE FUNCTION pg_temp.system(name text, limits jsonb) RETURNS void LANGUAGE sql AS $$
	INSERT INTO maestro.system (name, default_limits) VALUES (name, limits)
$$;
CREATE FUNCTION pg_temp.component(name text, doc jsonb DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	c maestro.component;
	s text := split_part(name, '/', 1);
BEGIN
	INSERT INTO maestro.system (name) VALUES (s) ON CONFLICT DO NOTHING;
	doc := '{"kind": "agent", "version": "1", "state": "active", "own_process": true}' || doc;
	INSERT INTO maestro.component (system_id, name, kind, layer, further_layers, version, state, own_process, db_role, timeout,
			memory_limit, max_iterations, ports, allowed_data)
		SELECT y.system_id, split_part(component.name, '/', 2), k.kind,
			   coalesce(r.layer, k.layer), coalesce(r.further_layers, k.further_layers), r.version, r.state, r.own_process, r.db_role, r.timeout,
			   r.memory_limit, r.max_iterations, r.ports, r.allowed_data
		  FROM jsonb_populate_record(NULL::maestro.component, doc) r
		  JOIN maestro.kind_layer k ON k.kind = r.kind
		  JOIN maestro.system y ON y.name = s;
END
$$;
CREATE FUNCTION pg_temp.id(name text) RETURNS integer LANGUAGE sql STABLE AS $$
	SELECT c.component_id FROM maestro.component c JOIN maestro.system s USING (system_id)
	 WHERE s.name = split_part(id.name, '/', 1) AND c.name = split_part(id.name, '/', 2)
$$;
CREATE FUNCTION pg_temp.dependency(name text, doc jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
	INSERT INTO maestro.dependency (component_id, name, address, connect_timeout, read_timeout, retry, breaker, limiter, credential_ref)
	SELECT pg_temp.id(dependency.name), coalesce(r.name, 'search'), r.address, r.connect_timeout, r.read_timeout, r.retry, r.breaker, r.limiter, r.credential_ref
	  FROM jsonb_populate_record(NULL::maestro.dependency, doc) r
$$;
-- n events of a component; in doc: columns of event, target and dependency by
-- name, age, how much older it is claimed to be; "trace" is a number and makes trace ids, each of n its own if 0.
CREATE FUNCTION pg_temp.event(name text, kind text, n integer DEFAULT 1, doc jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
	INSERT INTO maestro.event (event_id, recorded_at, occurred_at, system_id, component_id, component_version, target_id, dependency_id,
			kind, level, outcome, trace_id, span_id, duration, message, body, attributes, findings, decision, reason, claimed_component,
			caller, session_role)
	SELECT nextval('maestro.event_id_seq'), t.at, t.at - coalesce((doc ->> 'claimed')::interval, '0'), s.system_id, c.component_id, coalesce(r.component_version, c.version),
		   pg_temp.id(s.name || '/' || (doc ->> 'target')), d.dependency_id,
		   event.kind, 'info', r.outcome,
		   CASE WHEN doc ? 'trace' THEN md5(coalesce(nullif(doc ->> 'trace', '0'), c.name || i))::maestro.trace_id END,
		   CASE WHEN doc ? 'span' THEN left(md5(doc ->> 'span'), 16)::maestro.span_id END,
		   r.duration, coalesce(r.message, 'hello'), r.body, r.attributes, r.findings, r.decision, r.reason,
		   CASE WHEN c.component_id IS NULL THEN split_part(event.name, '/', 2) END, 'postgres', 'postgres'
	  FROM generate_series(1, n) i
	 CROSS JOIN jsonb_populate_record(NULL::maestro.event, doc) r
	  JOIN maestro.system s ON s.name = split_part(event.name, '/', 1)
	  LEFT JOIN maestro.component c ON c.component_id = pg_temp.id(event.name)
	  LEFT JOIN maestro.dependency d ON d.component_id = c.component_id AND d.name = doc ->> 'dependency'
	 CROSS JOIN LATERAL (SELECT now() - coalesce((doc ->> 'age')::interval, '1 minute') - i * interval '1 s' AS at) t
$$;
CREATE FUNCTION pg_temp.report(name text, facts jsonb, age interval DEFAULT '1 hour', by name DEFAULT 'postgres', login name DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO maestro.environment_report (component_id, facts, reported_at, reported_by, session_role)
	VALUES (pg_temp.id(report.name), facts, now() - age, by, coalesce(login, by))
$$;
SELECT format('SELECT maestro.create_partition(now() - interval %L)', i * 20 || ' days') FROM generate_series(0, 6) i \gexec
