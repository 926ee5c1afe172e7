--
-- Register: how rows of the registry come about and change.
--
-- Everything goes through the put_… functions, which take a JSON object whose
-- keys are the table's columns, check it, store what differs, and record it.
-- mode is create (must be new), update (must exist) or apply (either).
--
CREATE FUNCTION maestro.refuse(code text, message text, hint text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF hint IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = code, MESSAGE = message;
	END IF;
	RAISE EXCEPTION USING ERRCODE = code, MESSAGE = message, HINT = hint;
END
$$;
COMMENT ON FUNCTION maestro.refuse(text, text, text) IS 'raises an error with this SQLSTATE, message and hint';

CREATE FUNCTION maestro.read_json(what text, value text) RETURNS json
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	context text;
BEGIN
	RETURN value::json;
EXCEPTION WHEN invalid_text_representation THEN
	-- The server's own error quotes the line, in which there may be a secret.
	GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
	PERFORM maestro.refuse('22P02', format('%s is no valid JSON', what),
		format('The fault is in line %s.', coalesce(substring(context FROM 'JSON data, line ([0-9]+)'), '1')));
END
$$;
COMMENT ON FUNCTION maestro.read_json(text, text) IS 'a text as JSON; 22P02 tells the line when it is none, and does not quote it';

CREATE FUNCTION maestro.role_name(role oid) RETURNS name
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT maestro.sanitize(pg_get_userbyid(role)::text, 'secrets')::name
$$;
COMMENT ON FUNCTION maestro.role_name(oid) IS 'name of a role, with control characters made visible';

CREATE FUNCTION maestro.check_name(what text, value text) RETURNS void
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF maestro.is_name(value) IS NOT TRUE OR (what = 'system' AND strpos(value, '/') > 0) THEN
		PERFORM maestro.refuse('22023', format('name of %s is not acceptable', CASE WHEN what ~ '^[aeiou]' THEN 'an ' ELSE 'a ' END || what),
			'Names have 1 to 255 bytes, no blank at either end, no control or invisible character'
			|| CASE what WHEN 'system' THEN ', and a system''s no slash.' ELSE '.' END);
	END IF;
	IF EXISTS (SELECT FROM maestro.scan(value) AS s WHERE maestro.finding_is_secret(s.type)) THEN
		PERFORM maestro.refuse('22023', format('name of %s looks like a secret', CASE WHEN what ~ '^[aeiou]' THEN 'an ' ELSE 'a ' END || what),
			'Names appear in views and in the log; choose another.');
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_name(text, text) IS 'raises 22023 unless the text can name a thing of this kind';

-- What a column's values look like, for hints.
CREATE FUNCTION maestro.describe_type(type regtype) RETURNS text
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE
		WHEN (SELECT typtype FROM pg_type WHERE oid = type) = 'e' THEN
			'one of ' || (SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = type)
		WHEN type = 'maestro.layer'::regtype THEN
			'a layer from 1 to 7 or its name: Model, Logic, Integration, Monitoring, Execution, Environment, Orchestration'
		WHEN type = 'interval'::regtype THEN 'an interval such as "30s"'
		WHEN type = 'maestro.digest'::regtype THEN 'a SHA-256 digest, 64 hexadecimal digits'
		ELSE 'of type ' || format_type(type, NULL)
	END
$$;
COMMENT ON FUNCTION maestro.describe_type(regtype) IS 'what values of a type look like, for hints';

-- Which key of a document its table does not take: unknown, or no value of the column's type.
CREATE FUNCTION maestro.check_document(what text, doc jsonb, keys text[], relation regclass) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	key text;
	value jsonb;
	type regtype;
	article text := CASE what WHEN 'default_limits' THEN what ELSE 'a ' || what END;
BEGIN
	IF jsonb_typeof(doc) IS DISTINCT FROM 'object' THEN
		PERFORM maestro.refuse('22023', format('%s must be a JSON object', article));
	END IF;
	FOR key, value IN SELECT * FROM jsonb_each(doc) LOOP
		IF key <> ALL (keys) THEN
			PERFORM maestro.refuse('22023',
				format('unknown key "%s" in %s', left(maestro.sanitize(left(key, 4096)), 64), article),
				'Known keys: ' || array_to_string(keys, ', ') || CASE what
					WHEN 'system' THEN '; in a manifest also components and plans'
					WHEN 'component' THEN '; in a manifest also guards, dependencies and contracts' ELSE '' END || '.');
		END IF;
		SELECT atttypid INTO type FROM pg_attribute WHERE attrelid = relation AND attname = key;
		BEGIN
			EXECUTE format('SELECT (jsonb_populate_record(NULL::%s, $1)).%I', relation, key)
				USING jsonb_build_object(key, value);
		EXCEPTION WHEN data_exception OR syntax_error_or_access_rule_violation OR undefined_object THEN
			PERFORM maestro.refuse('22023', format('key "%s" of %s has no acceptable value', key, article),
				format('It must be %s.', maestro.describe_type(type)));
		END;
	END LOOP;
END
$$;
COMMENT ON FUNCTION maestro.check_document(text, jsonb, text[], regclass) IS
	'raises 22023 naming the first key that is unknown or whose value is not of its column''s type';

CREATE FUNCTION maestro.check_role(role text) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF role IS NOT NULL AND to_regrole(quote_ident(role)) IS NULL THEN
		PERFORM maestro.refuse('42704', 'db_role does not exist', 'Create the role first: CREATE ROLE ... .');
	END IF;
	IF role IN (SELECT g.role FROM maestro.role_grant() AS g) OR role = 'maestro_admin' THEN
		PERFORM maestro.refuse('22023', 'db_role must be a role of your own, not one that install_roles() makes',
			'All that hold it could write as this component: make a role for the process that runs it.');
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_role(text) IS 'raises 42704 when there is no such role, 22023 when it is one of install_roles(); NULL passes';

CREATE FUNCTION maestro.check_mode(what text, mode text, present boolean) RETURNS void
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF mode = 'create' AND present THEN
		PERFORM maestro.refuse('42710', format('%s exists already', what),
			'Use apply_manifest, which changes what is there, or choose another name.');
	ELSIF mode = 'update' AND NOT present THEN
		PERFORM maestro.refuse('42704', format('%s does not exist', what));
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_mode(text, text, boolean) IS 'raises 42710 or 42704 when a row is there that must not be, or the reverse';

-- The keys of two JSON objects whose values differ, as {key: [old, new]}; of a
-- new one the keys that have a value.
CREATE FUNCTION maestro.changes(old jsonb, new jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT jsonb_object_agg(n.key, CASE old WHEN '{}' THEN n.value ELSE jsonb_build_array(o.value, n.value) END)
	  FROM jsonb_each(new) AS n
	  LEFT JOIN jsonb_each(old) AS o ON o.key = n.key
	 WHERE n.value IS DISTINCT FROM coalesce(o.value, 'null')
	   AND n.key NOT IN ('created_at', 'updated_at', 'system_id', 'component_id', 'dependency_id')
$$;
COMMENT ON FUNCTION maestro.changes(jsonb, jsonb) IS 'what differs between two rows as JSON: {key: [old, new]}, or {key: new} when the old one is empty; NULL when nothing does';

CREATE FUNCTION maestro.put_system(caller oid, doc jsonb, mode text, OUT system_id integer, OUT action text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "IntervalStyle" = 'postgres' AS $$
DECLARE
	old maestro.system;
	new maestro.system;
	known boolean;
	differs jsonb;
BEGIN
	PERFORM maestro.check_document('system', doc, ARRAY['name', 'description', 'db_role', 'unregistered',
		'contract_enforcement', 'default_limits'], 'maestro.system');
	PERFORM maestro.check_name('system', doc ->> 'name');
	PERFORM maestro.check_role(doc ->> 'db_role');
	IF doc ? 'description' THEN
		doc := doc || jsonb_build_object('description', maestro.sanitize(doc ->> 'description'));
	END IF;
	SELECT * INTO old FROM maestro.system AS s WHERE s.name = doc ->> 'name' FOR UPDATE;
	known := FOUND;
	PERFORM maestro.check_mode('the system', mode, known);
	IF NOT known THEN
		old.system_id := nextval('maestro.system_system_id_seq');
		old.registration := 'open';
		old.unregistered := 'quarantine';
		old.contract_enforcement := 'record';
		old.default_limits := '{}';
		old.created_at := clock_timestamp();
	END IF;
	new := jsonb_populate_record(old, jsonb_strip_nulls(doc) || (SELECT coalesce(jsonb_object_agg(key, value), '{}')
		FROM jsonb_each(doc) WHERE key IN ('description', 'db_role') AND value = 'null')
		|| (SELECT coalesce(jsonb_object_agg(d.key, d.value), '{}')
			  FROM jsonb_each('{"unregistered": "quarantine", "contract_enforcement": "record", "default_limits": {}}') AS d
			 WHERE doc -> d.key = 'null'));
	new.default_limits := maestro.plain_limits(new.default_limits);
	IF new.unregistered NOT IN ('quarantine', 'refuse') OR new.contract_enforcement NOT IN ('off', 'record', 'refuse') THEN
		PERFORM maestro.refuse('22023', 'unknown policy of a system',
			'unregistered is quarantine or refuse; contract_enforcement is off, record or refuse.');
	END IF;
	system_id := new.system_id;
	IF NOT known THEN
		INSERT INTO maestro.system SELECT new.*;
		action := 'created';
		differs := maestro.changes('{}', to_jsonb(new));
	ELSE
		differs := maestro.changes(to_jsonb(old), to_jsonb(new));
		action := CASE WHEN differs IS NULL THEN 'unchanged' ELSE 'updated' END;
		IF differs IS NOT NULL THEN
			UPDATE maestro.system AS s SET description = new.description, db_role = new.db_role,
				unregistered = new.unregistered, contract_enforcement = new.contract_enforcement,
				default_limits = new.default_limits
			 WHERE s.system_id = new.system_id;
		END IF;
	END IF;
	IF differs IS NOT NULL THEN
		PERFORM maestro.record_registry(caller, system_id, NULL, format('system %s %s', new.name, action), differs);
	END IF;
	IF known AND differs ? 'default_limits' THEN
		PERFORM maestro.keep_version(caller, c.component_id) FROM maestro.component AS c WHERE c.system_id = new.system_id;
	END IF;
	IF action = 'created' THEN
		PERFORM maestro.put_component(caller, system_id, '{"name": "maestro-log", "kind": "trace_store",
			"description": "the append-only trace of this system"}', 'create');
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.put_system(oid, jsonb, text) IS 'stores a system given as a JSON object of its columns; action: created, updated, unchanged';

CREATE FUNCTION maestro.plain_limits(limits jsonb) RETURNS jsonb
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF limits IS NULL THEN
		RETURN NULL;
	END IF;
	PERFORM maestro.check_document('default_limits', limits,
		ARRAY['timeout', 'max_iterations', 'memory_limit'], 'maestro.component');
	IF (limits ->> 'max_iterations')::integer <= 0 OR (limits ->> 'memory_limit')::bigint <= 0 THEN
		PERFORM maestro.refuse('22023', 'memory_limit and max_iterations must be above zero');
	END IF;
	PERFORM maestro.check_timeout('timeout', (limits ->> 'timeout')::interval);
	limits := jsonb_strip_nulls(limits);
	IF limits ? 'timeout' THEN
		limits := limits || jsonb_build_object('timeout',
			trim_scale(extract(epoch FROM (limits ->> 'timeout')::interval)) || ' s');
	END IF;
	RETURN limits || coalesce((SELECT jsonb_object_agg(key, (value #>> '{}')::bigint)
		FROM jsonb_each(limits) WHERE key IN ('max_iterations', 'memory_limit')), '{}');
END
$$;
COMMENT ON FUNCTION maestro.plain_limits(jsonb) IS
	'limits of components (timeout, max_iterations, memory_limit) with the timeout in seconds; raises 22023 when one is no limit';

CREATE FUNCTION maestro.check_timeout(what text, value interval) RETURNS void
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF value <= interval '0' OR value > interval '1 year' THEN
		PERFORM maestro.refuse('22023', format('%s must be above zero and at most a year', what));
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_timeout(text, interval) IS 'raises 22023 unless the interval can be a time limit; NULL passes';

CREATE FUNCTION maestro.check_component(new maestro.component, old maestro.component) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM maestro.check_role(new.db_role);
	PERFORM maestro.check_name('version', new.version);
	PERFORM maestro.check_name(what, value)
	   FROM (VALUES ('owner', new.owner), ('model', new.model)) AS t (what, value) WHERE value IS NOT NULL;
	IF new.memory_limit <= 0 OR new.max_iterations <= 0 THEN
		PERFORM maestro.refuse('22023', 'memory_limit and max_iterations must be above zero');
	END IF;
	PERFORM maestro.check_timeout('timeout', new.timeout);
	IF (1 <= ALL (new.ports) AND 65535 >= ALL (new.ports)) IS FALSE THEN
		PERFORM maestro.refuse('22023', 'ports must be from 1 to 65535');
	END IF;
	IF new.review_due < current_date AND new.review_due IS DISTINCT FROM old.review_due THEN
		PERFORM maestro.refuse('22023', 'review_due of a component is in the past', 'Give a day to come.');
	END IF;
	IF EXISTS (SELECT FROM unnest(new.allowed_data) AS f WHERE maestro.finding_is_secret(f) IS NOT FALSE) THEN
		PERFORM maestro.refuse('22023', 'allowed_data may name types of personal data alone, never of secrets',
			'The types are listed by the view maestro.sanitize_rules.');
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_component(maestro.component, maestro.component) IS
	'raises 22023 or 42704 when a value of the new row is out of range; what was there before is not asked again';

CREATE FUNCTION maestro.component_keys() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT ARRAY['name', 'kind', 'layer', 'further_layers', 'description', 'version', 'owner', 'db_role',
			'own_process', 'timeout', 'memory_limit', 'max_iterations', 'ports', 'allowed_networks',
			'allowed_data', 'prompt_digest', 'tool_schema_digest', 'model', 'model_digest', 'manifest_digest', 'review_due'];
	END;
COMMENT ON FUNCTION maestro.component_keys() IS 'the columns of component that callers set';

CREATE FUNCTION maestro.new_component(system_id integer, kind text) RETURNS maestro.component
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	fresh maestro.component;
BEGIN
	IF kind IS NULL THEN
		PERFORM maestro.refuse('22023', 'a new component needs a "kind"',
			format('It must be %s.', maestro.describe_type('maestro.component_kind')));
	END IF;
	fresh.component_id := nextval('maestro.component_component_id_seq');
	fresh.system_id := new_component.system_id;
	fresh.kind := kind;
	SELECT k.layer, k.further_layers INTO fresh.layer, fresh.further_layers
	  FROM maestro.kind_layer AS k WHERE k.kind = fresh.kind;
	fresh.version := '1';
	fresh.state := 'active';
	fresh.own_process := false;
	fresh.created_at := clock_timestamp();
	fresh.updated_at := fresh.created_at;
	RETURN fresh;
END
$$;
COMMENT ON FUNCTION maestro.new_component(integer, text) IS 'a row for a component of this kind with the defaults of the kind; 22023 without kind';

CREATE FUNCTION maestro.keep_version(caller oid, component_id integer) RETURNS void
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	INSERT INTO maestro.component_version (component_id, version, prompt_digest, tool_schema_digest, model, model_digest, manifest_digest,
		timeout, memory_limit, max_iterations, allowed_data, set_by)
	SELECT c.component_id, c.version, c.prompt_digest, c.tool_schema_digest, c.model, c.model_digest, c.manifest_digest,
		   l.timeout, l.memory_limit, l.max_iterations, c.allowed_data, maestro.role_name(caller)
	  FROM maestro.component AS c JOIN maestro.effective_limit AS l ON l.component_id = c.component_id
	 WHERE c.component_id = keep_version.component_id
$$;
COMMENT ON FUNCTION maestro.keep_version(oid, integer) IS 'stores what holds for a component from now on, by which its events are judged';

CREATE FUNCTION maestro.put_component(caller oid, system_id integer, doc jsonb, mode text,
	OUT component_id integer, OUT action text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "IntervalStyle" = 'postgres' AS $$
DECLARE
	old maestro.component;
	new maestro.component;
	known boolean;
	differs jsonb;
	system_name text := (SELECT s.name FROM maestro.system AS s WHERE s.system_id = put_component.system_id);
BEGIN
	PERFORM maestro.check_document('component', doc, maestro.component_keys(), 'maestro.component');
	PERFORM maestro.check_name('component', doc ->> 'name');
	IF doc ? 'description' THEN
		doc := doc || jsonb_build_object('description', maestro.sanitize(doc ->> 'description'));
	END IF;
	SELECT * INTO old FROM maestro.component AS c
	 WHERE c.system_id = put_component.system_id AND c.name = doc ->> 'name' FOR UPDATE;
	known := FOUND;
	PERFORM maestro.check_mode('the component', mode, known);
	IF NOT known THEN
		old := maestro.new_component(system_id, doc ->> 'kind');
	END IF;
	-- What can't be null keeps its value, or the kind's default.
	new := jsonb_populate_record(old, (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(doc)
		WHERE value <> 'null' OR key NOT IN ('kind', 'layer', 'further_layers', 'version', 'own_process')));
	PERFORM maestro.check_component(new, old);
	component_id := new.component_id;
	IF known THEN
		differs := maestro.changes(to_jsonb(old), to_jsonb(new));
		action := CASE WHEN differs IS NULL THEN 'unchanged' ELSE 'updated' END;
	ELSE
		action := 'created';
		differs := maestro.changes('{}', to_jsonb(new));
		INSERT INTO maestro.component SELECT new.*;
	END IF;
	IF action = 'updated' THEN
		UPDATE maestro.component AS c SET (kind, layer, further_layers, description, version, owner, db_role,
				own_process, timeout, memory_limit, max_iterations, ports, allowed_networks, allowed_data,
				prompt_digest, tool_schema_digest, model, model_digest, manifest_digest, review_due, updated_at)
			= (new.kind, new.layer, new.further_layers, new.description, new.version, new.owner, new.db_role,
				new.own_process, new.timeout, new.memory_limit, new.max_iterations, new.ports, new.allowed_networks,
				new.allowed_data, new.prompt_digest, new.tool_schema_digest, new.model, new.model_digest,
				new.manifest_digest, new.review_due, clock_timestamp())
		 WHERE c.component_id = new.component_id;
	END IF;
	IF action = 'updated' AND NOT differs ? 'version'
		AND (old.tool_schema_digest <> new.tool_schema_digest OR old.prompt_digest <> new.prompt_digest) THEN
		RAISE WARNING USING MESSAGE = format('the tool schema or prompt of %s/%s changes without a new version', system_name, new.name),
			HINT = 'That is an alarm until it has a new version: see the view maestro.drift.';
	END IF;
	IF differs ?| ARRAY['version', 'prompt_digest', 'tool_schema_digest', 'model', 'model_digest', 'manifest_digest',
			'timeout', 'memory_limit', 'max_iterations', 'allowed_data'] THEN
		PERFORM maestro.keep_version(caller, component_id);
	END IF;
	IF differs IS NOT NULL THEN
		PERFORM maestro.record_registry(caller, system_id, component_id,
			format('component %s/%s %s', system_name, new.name, action), differs);
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.put_component(oid, integer, jsonb, text) IS 'stores a component given as a JSON object of its columns; action: created, updated, unchanged';
