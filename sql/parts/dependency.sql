--
-- Dependency, contract, plan: what components rely on and promise.
--
CREATE FUNCTION maestro.check_credential_ref(ref text) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	schemes text := (SELECT string_agg(scheme, ', ' ORDER BY scheme) FROM maestro.credential_scheme);
BEGIN
	IF ref IS NULL OR ref = 'none' THEN
		RETURN;
	END IF;
	IF EXISTS (SELECT FROM maestro.scan(ref) AS s WHERE maestro.finding_is_secret(s.type)) THEN
		PERFORM maestro.refuse('22023', 'credential_ref holds what looks like a secret itself',
			'Name the place instead, for example env:OPENAI_API_KEY, and replace the secret: it has been in a statement.');
	END IF;
	IF NOT EXISTS (SELECT FROM maestro.credential_scheme
			WHERE scheme = substring(ref FROM '^([a-z0-9-]+):[^[:space:]]+$')) OR maestro.is_name(ref) IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'credential_ref must say where the credential lies, as scheme:name',
			format('For example env:OPENAI_API_KEY. The schemes are: %s.', schemes));
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_credential_ref(text) IS 'raises 22023 unless the text is scheme:name with a known scheme and no secret';

CREATE FUNCTION maestro.check_no_secret(what text, value text) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF EXISTS (SELECT FROM maestro.scan(value) AS s WHERE maestro.finding_is_secret(s.type)) THEN
		PERFORM maestro.refuse('22023', format('%s holds what looks like a secret', what),
			'It would be stored as it is. Take the secret out, and replace it: it has been in a statement.');
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_no_secret(text, text) IS 'raises 22023 when the sanitizer finds a secret in the text; NULL passes';

CREATE FUNCTION maestro.check_retry(retry jsonb) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	hint text := 'For example {"base_ms": 200, "cap_ms": 10000, "multiplier": 2, "jitter": "full", "max_attempts": 5}.';
	unknown text;
BEGIN
	IF retry IS NULL THEN
		RETURN;
	END IF;
	IF jsonb_typeof(retry) <> 'object' THEN
		PERFORM maestro.refuse('22023', 'retry must be a JSON object', hint);
	END IF;
	SELECT key INTO unknown FROM jsonb_object_keys(retry) AS key
	 WHERE key NOT IN ('base_ms', 'cap_ms', 'multiplier', 'jitter', 'max_attempts') LIMIT 1;
	IF unknown IS NOT NULL THEN
		PERFORM maestro.refuse('22023', format('unknown key "%s" in retry', left(maestro.sanitize(left(unknown, 4096)), 64)), hint);
	END IF;
	IF EXISTS (SELECT FROM jsonb_each(retry) WHERE key <> 'jitter'
			AND (jsonb_typeof(value) <> 'number' OR value::numeric <= 0 OR value::numeric > 1e9))
		OR coalesce(retry ->> 'jitter', 'none') NOT IN ('none', 'full', 'equal', 'decorrelated') THEN
		PERFORM maestro.refuse('22023', 'a value in retry is not acceptable', hint);
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_retry(jsonb) IS 'raises 22023 unless this is a retry policy';

CREATE FUNCTION maestro.check_guard_name(what text, component_id integer, name text, kind text) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF name <> 'external' AND NOT EXISTS (SELECT FROM maestro.guard AS g
			WHERE g.component_id = check_guard_name.component_id AND g.name = check_guard_name.name AND g.kind = check_guard_name.kind) THEN
		PERFORM maestro.refuse('22023', format('%s of a dependency must be "external" or name a %s of the component', what, kind),
			format('external means that the caller has one of its own and logs its answer as %s.state; maestro.set_guard defines one.', what));
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_guard_name(text, integer, text, text) IS 'raises 22023 unless the name is external or a guard of the component of this kind; NULL passes';

CREATE FUNCTION maestro.put_dependency(caller oid, component_id integer, doc jsonb, mode text,
	OUT dependency_id integer, OUT action text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "IntervalStyle" = 'postgres' AS $$
DECLARE
	old maestro.dependency;
	new maestro.dependency;
	known boolean;
	differs jsonb;
BEGIN
	PERFORM maestro.check_document('dependency', doc, ARRAY['name', 'address', 'connect_timeout', 'read_timeout',
		'retry', 'breaker', 'limiter', 'credential_ref', 'description'], 'maestro.dependency');
	PERFORM maestro.check_name('dependency', doc ->> 'name');
	IF doc ->> 'address' IS NOT NULL THEN
		PERFORM maestro.check_name('address', doc ->> 'address');
	END IF;
	PERFORM maestro.check_credential_ref(doc ->> 'credential_ref');
	PERFORM maestro.check_retry(nullif(doc -> 'retry', 'null'));
	IF doc ? 'description' THEN
		doc := doc || jsonb_build_object('description', maestro.sanitize(doc ->> 'description'));
	END IF;
	SELECT * INTO old FROM maestro.dependency AS d
	 WHERE d.component_id = put_dependency.component_id AND d.name = doc ->> 'name' FOR UPDATE;
	known := FOUND;
	PERFORM maestro.check_mode('the dependency', mode, known);
	IF NOT known THEN
		old.dependency_id := nextval('maestro.dependency_dependency_id_seq');
		old.component_id := component_id;
		old.created_at := clock_timestamp();
		old.updated_at := old.created_at;
	END IF;
	new := jsonb_populate_record(old, doc);
	PERFORM maestro.check_timeout('connect_timeout', new.connect_timeout);
	PERFORM maestro.check_timeout('read_timeout', new.read_timeout);
	IF new.limiter IS DISTINCT FROM old.limiter THEN
		PERFORM maestro.check_guard_name('limiter', component_id, new.limiter, 'rate_limiter');
	END IF;
	IF new.breaker IS DISTINCT FROM old.breaker THEN
		PERFORM maestro.check_guard_name('breaker', component_id, new.breaker, 'circuit_breaker');
	END IF;
	dependency_id := new.dependency_id;
	differs := maestro.changes(CASE WHEN known THEN to_jsonb(old) ELSE '{}' END, to_jsonb(new));
	action := CASE WHEN NOT known THEN 'created' WHEN differs IS NULL THEN 'unchanged' ELSE 'updated' END;
	IF action = 'created' THEN
		INSERT INTO maestro.dependency SELECT new.*;
	ELSIF action = 'updated' THEN
		UPDATE maestro.dependency AS d SET (address, connect_timeout, read_timeout, retry, breaker, limiter, credential_ref,
				description, updated_at)
			= (new.address, new.connect_timeout, new.read_timeout, new.retry, new.breaker, new.limiter, new.credential_ref,
				new.description, clock_timestamp())
		 WHERE d.dependency_id = new.dependency_id;
	END IF;
	IF differs ?| ARRAY['address', 'connect_timeout', 'read_timeout', 'retry'] OR action = 'created' THEN
		INSERT INTO maestro.dependency_version (dependency_id, address, connect_timeout, read_timeout, retry, set_by)
		VALUES (new.dependency_id, new.address, new.connect_timeout, new.read_timeout, new.retry, maestro.role_name(caller));
	END IF;
	IF action <> 'unchanged' THEN
		PERFORM maestro.record_registry(caller, c.system_id, c.component_id,
				format('dependency %s of %s/%s %s', new.name, s.name, c.name, action), differs)
		   FROM maestro.component AS c JOIN maestro.system AS s USING (system_id)
		  WHERE c.component_id = put_dependency.component_id;
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.put_dependency(oid, integer, jsonb, text) IS 'stores a dependency given as a JSON object of its columns; action: created, updated, unchanged';

-- What nobody mentions stays, and a null sets back.
CREATE FUNCTION maestro.contract_overlay(component_id integer, direction text, target_id integer, overlays jsonb, key text) RETURNS json
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN overlays ? key THEN nullif(overlays -> key, 'null')::json
				ELSE (SELECT k.overlay FROM maestro.contract AS k
					   WHERE k.component_id = contract_overlay.component_id AND k.direction = contract_overlay.direction
						 AND k.target_id IS NOT DISTINCT FROM contract_overlay.target_id
					   ORDER BY k.version DESC LIMIT 1) END
$$;
COMMENT ON FUNCTION maestro.contract_overlay(integer, text, integer, jsonb, text) IS 'the overlay that a document has under a key for a contract, else the one in force';

CREATE FUNCTION maestro.put_contract(caller oid, component_id integer, direction text, target_id integer,
	schema json, overlay_schema json, OUT contract_version integer, OUT action text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	current maestro.contract;
	fault text;
BEGIN
	IF direction IS NULL OR direction NOT IN ('input', 'output', 'handoff') THEN
		PERFORM maestro.refuse('22023', 'direction of a contract must be input, output or handoff');
	END IF;
	IF (direction = 'handoff') <> (target_id IS NOT NULL) THEN
		PERFORM maestro.refuse('22023', 'a handoff contract needs a target, and no other has one');
	END IF;
	IF target_id = component_id OR NOT EXISTS (SELECT FROM maestro.component AS a JOIN maestro.component AS b USING (system_id)
			WHERE a.component_id = put_contract.component_id AND b.component_id = coalesce(put_contract.target_id, a.component_id)) THEN
		PERFORM maestro.refuse('22023', 'the target of a handoff contract must be another component of the same system');
	END IF;
	IF json_typeof(schema) IS NULL OR json_typeof(schema) NOT IN ('object', 'boolean')
		OR json_typeof(overlay_schema) NOT IN ('object', 'boolean') THEN
		PERFORM maestro.refuse('22023', 'a JSON Schema must be an object or a boolean');
	END IF;
	IF octet_length(schema::text) + coalesce(octet_length(overlay_schema::text), 0) > 4 * 1024 * 1024 THEN
		PERFORM maestro.refuse('54000', 'schema of a contract is too large', 'At most 4 MB are taken.');
	END IF;
	-- escapes hide nothing
	PERFORM maestro.check_no_secret('schema of a contract', schema::jsonb::text), maestro.check_no_secret('schema of a contract', overlay_schema::jsonb::text);
	-- what it rests on stays as it is until this is committed
	LOCK TABLE maestro.json_schema IN SHARE MODE;
	IF json_typeof(schema) = 'object' AND schema::jsonb ?| ARRAY['schema', 'json_schema', 'inputSchema', 'outputSchema', 'input_schema', 'parameters']
		AND NOT schema::jsonb ?| ARRAY['$schema', '$ref', 'type', 'properties', 'required', 'enum', 'const', 'allOf', 'anyOf', 'oneOf', 'not', 'items', '$defs', 'definitions'] THEN
		PERFORM maestro.refuse('22023', 'this is no JSON Schema, but what holds one',
			'Give the schema alone: what stands under schema, inputSchema or parameters.');
	END IF;
	PERFORM maestro.check_schema(schema);
	BEGIN
		PERFORM maestro.check_schema(overlay_schema);
	EXCEPTION WHEN invalid_parameter_value THEN
		GET STACKED DIAGNOSTICS fault = PG_EXCEPTION_DETAIL;
		PERFORM maestro.refuse('22023', 'overlay of a contract cannot be used', fault);
	END;
	SELECT * INTO current FROM maestro.contract AS c
	 WHERE c.component_id = put_contract.component_id AND c.direction = put_contract.direction
	   AND c.target_id IS NOT DISTINCT FROM put_contract.target_id
	 ORDER BY c.version DESC LIMIT 1;
	contract_version := coalesce(current.version, 0);
	action := 'unchanged';
	IF current.schema::jsonb IS DISTINCT FROM schema::jsonb OR current.overlay::jsonb IS DISTINCT FROM overlay_schema::jsonb OR current.lint IS NULL THEN
		action := CASE WHEN current.version IS NULL THEN 'created' ELSE 'updated' END;
		contract_version := contract_version + 1;
		INSERT INTO maestro.contract (component_id, direction, target_id, version, schema, overlay, trivial, lint, set_by)
		VALUES (component_id, direction, target_id, contract_version, schema, overlay_schema,
			maestro.schema_is_trivial(schema::jsonb) AND maestro.schema_is_trivial(overlay_schema::jsonb),
			maestro.contract_lint_counts(schema, overlay_schema), maestro.role_name(caller));
		PERFORM maestro.record_registry(caller, c.system_id, c.component_id,
				format('%s contract of %s/%s set to version %s', put_contract.direction, s.name, c.name, contract_version),
				jsonb_build_object('schema_digest', encode(sha256(convert_to(schema::text, 'UTF8')), 'hex')))
		   FROM maestro.component AS c JOIN maestro.system AS s USING (system_id)
		  WHERE c.component_id = put_contract.component_id;
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.put_contract(oid, integer, text, integer, json, json) IS 'stores a contract as the next version unless it equals the one in force; action: created, updated, unchanged';

CREATE FUNCTION maestro.check_graph(graph jsonb) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	hint text := 'For example {"nodes": [{"id": "plan"}, {"id": "act"}], "edges": [{"source": "plan", "target": "act"}]}.';
	missing text;
BEGIN
	IF jsonb_typeof(graph) IS DISTINCT FROM 'object' OR jsonb_typeof(graph -> 'nodes') IS DISTINCT FROM 'array'
		OR jsonb_typeof(graph -> 'edges') IS DISTINCT FROM 'array' THEN
		PERFORM maestro.refuse('22023', 'a plan must be an object with the arrays "nodes" and "edges"', hint);
	END IF;
	IF EXISTS (SELECT FROM jsonb_array_elements(graph -> 'nodes') AS n WHERE maestro.is_name(n ->> 'id') IS NOT TRUE)
		OR (SELECT count(*) <> count(DISTINCT n ->> 'id') FROM jsonb_array_elements(graph -> 'nodes') AS n) THEN
		PERFORM maestro.refuse('22023', 'each node of a plan needs an "id" of its own', hint);
	END IF;
	IF EXISTS (SELECT FROM jsonb_array_elements(graph -> 'nodes') AS n
			WHERE coalesce(n -> 'max_visits', n #> '{metadata,max_visits}')::text !~ '^[1-9][0-9]{0,8}$') THEN
		PERFORM maestro.refuse('22023', 'max_visits of a node must be a whole number above zero', hint);
	END IF;
	SELECT coalesce(e ->> edge_end, '(none)') INTO missing
	  FROM jsonb_array_elements(graph -> 'edges') AS e, unnest(ARRAY['source', 'target']) AS edge_end
	 WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(graph -> 'nodes') AS n WHERE n ->> 'id' = e ->> edge_end)
	 LIMIT 1;
	IF missing IS NOT NULL THEN
		PERFORM maestro.refuse('22023', format('an edge of the plan names node "%s", which is not among its nodes',
			left(maestro.sanitize(left(missing, 4096)), 64)), hint);
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_graph(jsonb) IS 'raises 22023 unless this is a directed graph of named nodes';

CREATE FUNCTION maestro.put_plan(caller oid, system_id integer, name text, graph jsonb,
	OUT plan_version integer, OUT action text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	current maestro.plan;
	fingerprint maestro.digest := encode(sha256(convert_to(graph::text, 'UTF8')), 'hex')::maestro.digest;
BEGIN
	PERFORM maestro.check_name('plan', name);
	PERFORM maestro.check_graph(graph);
	PERFORM maestro.check_no_secret('graph of a plan', graph::text);
	SELECT * INTO current FROM maestro.plan AS p
	 WHERE p.system_id = put_plan.system_id AND p.name = put_plan.name ORDER BY p.version DESC LIMIT 1;
	plan_version := coalesce(current.version, 0);
	action := 'unchanged';
	IF current.digest IS DISTINCT FROM fingerprint THEN
		action := CASE WHEN current.version IS NULL THEN 'created' ELSE 'updated' END;
		plan_version := plan_version + 1;
		INSERT INTO maestro.plan (system_id, name, version, graph, digest, declared_by)
		VALUES (system_id, name, plan_version, graph, fingerprint, maestro.role_name(caller));
		PERFORM maestro.record_registry(caller, s.system_id, NULL,
				format('plan %s of %s set to version %s', put_plan.name, s.name, plan_version),
				jsonb_build_object('plan_digest', fingerprint::text))
		   FROM maestro.system AS s WHERE s.system_id = put_plan.system_id;
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.put_plan(oid, integer, text, jsonb) IS 'stores a plan as the next version unless it equals the one in force; action: created, updated, unchanged';
