-- Helpers of posture's tests: a system a case, and events, statements and results
-- of any age, which the owner may import as a restore does.
CREATE FUNCTION pg_temp.system(name text, limits jsonb DEFAULT '{}', registration text DEFAULT 'open') RETURNS void LANGUAGE sql AS $$
	INSERT INTO maestro.system (name, default_limits, registration) VALUES (name, limits, registration)
$$;
CREATE FUNCTION pg_temp.component(name text, doc jsonb DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	c maestro.component;
	s text := split_part(name, '/', 1);
BEGIN
	INSERT INTO maestro.system (name) VALUES (s) ON CONFLICT DO NOTHING;
	doc := '{"kind": "agent", "version": "1", "state": "active", "own_process": true}' || doc;
	INSERT INTO maestro.component (system_id, name, kind, layer, further_layers, version, state, own_process, db_role, timeout,
			memory_limit, max_iterations, ports, allowed_data, model, tool_schema_digest, manifest_digest, allowed_networks)
		SELECT y.system_id, split_part(component.name, '/', 2), k.kind,
			   coalesce(r.layer, k.layer), coalesce(r.further_layers, k.further_layers), r.version, r.state, r.own_process, r.db_role, r.timeout,
			   r.memory_limit, r.max_iterations, r.ports, r.allowed_data, r.model, r.tool_schema_digest, r.manifest_digest, r.allowed_networks
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
-- name, age, how much older it is claimed to be, step between them; "trace" is a number and makes trace ids, each of n its own if 0.
\i test/import_setup.sql
CREATE FUNCTION pg_temp.event(name text, kind text, n integer DEFAULT 1, doc jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
	SELECT pg_temp.import(ROW(nextval('maestro.event_id_seq'), t.at, t.at - coalesce((doc ->> 'claimed')::interval, '0'), s.system_id, c.component_id, coalesce(r.component_version, c.version),
		   pg_temp.id(s.name || '/' || (doc ->> 'target')), d.dependency_id,
		   event.kind, 'info', r.outcome,
		   CASE WHEN doc ? 'trace' THEN md5(coalesce(s.name || nullif(doc ->> 'trace', '0'), c.name || i))::maestro.trace_id END,
		   CASE WHEN doc ? 'span' THEN left(md5(doc ->> 'span'), 16)::maestro.span_id END, NULL,
		   r.duration, coalesce(r.message, 'hello'), r.body, r.attributes, r.valid, r.contract_version, NULL, r.findings, r.decision, r.reason,
		   CASE WHEN c.component_id IS NULL THEN split_part(event.name, '/', 2) END, coalesce(doc ->> 'caller', 'postgres'), 'postgres', NULL, NULL, NULL, NULL)::maestro.event)
	  FROM generate_series(1, n) i
	 CROSS JOIN jsonb_populate_record(NULL::maestro.event, doc) r
	  JOIN maestro.system s ON s.name = split_part(event.name, '/', 1)
	  LEFT JOIN maestro.component c ON c.component_id = pg_temp.id(event.name)
	  LEFT JOIN maestro.dependency d ON d.component_id = c.component_id AND d.name = doc ->> 'dependency'
	 CROSS JOIN LATERAL (SELECT now() - coalesce((doc ->> 'age')::interval, '1 minute') - i * coalesce((doc ->> 'step')::interval, '1 s') AS at) t
$$;
CREATE FUNCTION pg_temp.report(name text, facts jsonb, age interval DEFAULT '1 hour', by name DEFAULT 'postgres', login name DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO maestro.environment_report (component_id, facts, reported_at, reported_by, session_role)
	VALUES (pg_temp.id(report.name), facts, now() - age, by, coalesce(login, by))
$$;
-- A contract's next version; lint is what examining the schema found.
CREATE FUNCTION pg_temp.contract(name text, direction text, schema json DEFAULT '{"type": "object", "required": ["question"]}',
	target text DEFAULT NULL, lint jsonb DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO maestro.contract (component_id, direction, target_id, version, schema, lint, valid_from, set_by)
	SELECT pg_temp.id(contract.name), contract.direction, t.id,
		   (SELECT count(*) + 1 FROM maestro.contract k WHERE k.component_id = pg_temp.id(contract.name) AND k.direction = contract.direction)::integer,
		   schema, lint, now() - interval '100 days', 'postgres'
	  FROM (SELECT pg_temp.id(split_part(contract.name, '/', 1) || '/' || contract.target) AS id) t
$$;
CREATE FUNCTION pg_temp.plan(name text, graph jsonb, digest text DEFAULT repeat('ab', 32)) RETURNS void LANGUAGE sql AS $$
	INSERT INTO maestro.plan (system_id, name, version, graph, digest, declared_by)
	SELECT s.system_id, 'plan', 1, graph, digest::maestro.digest, 'postgres' FROM maestro.system s WHERE s.name = plan.name
$$;
CREATE FUNCTION pg_temp.session(name text, address inet DEFAULT NULL, tls boolean DEFAULT false, age interval DEFAULT '1 hour') RETURNS void LANGUAGE sql AS $$
	INSERT INTO maestro.session_fact (system_id, component_id, caller, session_role, client_address, tls, backend_pid, backend_start, seen_at)
	SELECT c.system_id, c.component_id, 'postgres', 'postgres', address, tls, 1, now() - age, now() - age
	  FROM maestro.component c WHERE c.component_id = pg_temp.id(session.name)
$$;
CREATE FUNCTION pg_temp.attest(name text, control text, valid_until date DEFAULT current_date + 1) RETURNS void LANGUAGE sql AS $$
	INSERT INTO maestro.attestation (component_id, control, statement, evidence_date, valid_until, attested_by)
	VALUES (pg_temp.id(attest.name), control, 'vouched for', current_date - 2, attest.valid_until, 'postgres')
$$;
-- The result of a check: of a component, of a system (name without slash), or of the log (NULL).
CREATE FUNCTION pg_temp.result(name text, control text, status text, age interval DEFAULT '1 minute') RETURNS void LANGUAGE sql AS $$
	INSERT INTO maestro.control_result (control, evaluated_at, system_id, component_id, status, reason, evidence_count, evaluated_by)
	SELECT control, now() - age, s.system_id, pg_temp.id(result.name), status::maestro.control_status, 'result is ' || status, 1, 'postgres'
	  FROM (SELECT 1) x LEFT JOIN maestro.system s ON s.name = split_part(result.name, '/', 1)
$$;
-- A drill whose events have this number as trace.
CREATE FUNCTION pg_temp.drill(name text, trace integer, age interval DEFAULT '1 hour', component text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO maestro.drill (system_id, component_id, trace_id, note, started_at, started_by, ended_at, ended_by)
	SELECT s.system_id, pg_temp.id(s.name || '/' || drill.component), md5(s.name || trace)::maestro.trace_id, 'a drill', now() - age, 'postgres', now() - age + interval '1 hour', 'postgres'
	  FROM maestro.system s WHERE s.name = drill.name
$$;
-- Somebody reviews every bad event of a system.
CREATE FUNCTION pg_temp.review(name text, conclusion text DEFAULT 'resolved') RETURNS void LANGUAGE sql AS $$
	INSERT INTO maestro.event_review (event_id, system_id, component_id, conclusion, note, reviewed_by, login)
	SELECT DISTINCT e.event_id, e.system_id, e.component_id, conclusion, 'looked at', 'postgres', 'postgres'
	  FROM maestro.event_signal e JOIN maestro.system s USING (system_id) WHERE s.name = review.name AND e.bad > 0
$$;
-- A decision that somebody else approved.
CREATE FUNCTION pg_temp.decide(name text, subject text, decision text, expires interval DEFAULT '10 days', approved boolean DEFAULT true)
	RETURNS integer LANGUAGE sql AS $$
	WITH d AS (
		INSERT INTO maestro.risk_decision (component_id, subject, decision, rationale, expires_at, proposed_by, proposed_login, proposed_at)
		VALUES (pg_temp.id(decide.name), subject, decision, 'for the test', now() + expires, 'ann', 'ann', now() - interval '30 days')
		RETURNING decision_id),
	a AS (INSERT INTO maestro.decision_step (decision_id, step, made_by, login, made_at)
		SELECT decision_id, 'approve', 'bob', 'bob', now() - interval '29 days' FROM d WHERE approved)
	SELECT decision_id FROM d
$$;
-- An action that was begun and not ended; doc as event's, and kind.
CREATE FUNCTION pg_temp.unfinished(name text, doc jsonb DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_temp.event(name, 'note', 1, doc || '{"attributes": {"maestro.action": "x", "maestro.action.kind": "x"}}');
	INSERT INTO maestro.open_action (action_id, event_id, component_id, kind, begun_at, caller, trace_id)
	SELECT gen_random_uuid(), e.event_id, e.component_id, coalesce(doc ->> 'kind', 'tool_call'), e.recorded_at, e.caller, e.trace_id
	  FROM maestro.event e WHERE e.event_id = currval('maestro.event_id_seq');
END
$$;
-- Run steps such as event({c}, 'note') of a component.
CREATE FUNCTION pg_temp.play(name text, steps text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	step text;
BEGIN
	FOR step IN SELECT regexp_split_to_table(steps, '; *(?=system|component|event|dependency|report|contract|plan|session|attest|result|drill|review|decide|unfinished)') LOOP
		EXECUTE 'SELECT pg_temp.' || replace(replace(step, '{c}', quote_literal(name)), '{s}', split_part(name, '/', 1));
	END LOOP;
END
$$;
SELECT format('SELECT maestro.create_partition(now() - interval %L)', i * 20 || ' days') FROM generate_series(0, 6) i \gexec
