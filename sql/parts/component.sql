--
-- Component: the registry's functions as callers see them, one thing a call.
--
-- Each is gated (gate.c): the function without "_as" checks nothing but the
-- right to EXECUTE it, and runs the one with "_as" as the owner.
--
CREATE FUNCTION maestro.system_id(system text) RETURNS integer
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	found_id integer := (SELECT s.system_id FROM maestro.system AS s WHERE s.name = system);
BEGIN
	IF found_id IS NULL THEN
		PERFORM maestro.refuse('42704', 'system is not registered', 'Call maestro.register_system first.');
	END IF;
	RETURN found_id;
END
$$;
COMMENT ON FUNCTION maestro.system_id(text) IS 'id of the system with this name; 42704 when there is none';

CREATE FUNCTION maestro.check_component_id(component maestro.regcomponent) RETURNS integer
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF component IS NULL THEN
		PERFORM maestro.refuse('22004', 'component must not be null');
	END IF;
	IF NOT EXISTS (SELECT FROM maestro.component AS c WHERE c.component_id = component::integer) THEN
		PERFORM maestro.refuse('42704', 'component is not registered', 'Components are named system/component.');
	END IF;
	RETURN component::integer;
END
$$;
COMMENT ON FUNCTION maestro.check_component_id(maestro.regcomponent) IS 'id of a component that is registered; 42704 when it is not, 22004 for NULL';

CREATE FUNCTION maestro.is_port_list(value jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT jsonb_typeof(value) = 'array' AND NOT EXISTS (
		SELECT FROM jsonb_array_elements(CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE '[]' END) AS p
		 WHERE jsonb_typeof(p) <> 'number' OR p::text !~ '^[0-9]{1,5}$' OR p::text::integer NOT BETWEEN 1 AND 65535)
$$;
COMMENT ON FUNCTION maestro.is_port_list(jsonb) IS 'true for a JSON array of port numbers';

CREATE FUNCTION maestro.register_system_as(caller oid,
	name text,
	db_role text,
	unregistered text,
	contract_enforcement text,
	default_limits text,
	description text) RETURNS integer
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT system_id FROM maestro.put_system(caller, jsonb_strip_nulls(jsonb_build_object('name', name,
		'db_role', db_role, 'unregistered', unregistered, 'contract_enforcement', contract_enforcement,
		'default_limits', maestro.read_json('default_limits', default_limits)::jsonb, 'description', description)), 'create')
$$;
COMMENT ON FUNCTION maestro.register_system_as(oid, text, text, text, text, text, text) IS 'does register_system''s work, as the owner';
CREATE FUNCTION maestro.register_system(
	name text,
	db_role text DEFAULT NULL,
	unregistered text DEFAULT NULL,
	contract_enforcement text DEFAULT NULL,
	default_limits text DEFAULT NULL,
	description text DEFAULT NULL) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.register_system(text, text, text, text, text, text) IS
	'registers a system and its component maestro-log, and returns its id. db_role: members write events of its components; unregistered: quarantine (default) or refuse; contract_enforcement: off, record (default) or refuse: what happens to events whose body breaks a contract (see the column); default_limits: a JSON object with timeout, max_iterations, memory_limit. Errors: 42710 exists already; 42704 no such role; 22023 bad value';

CREATE FUNCTION maestro.register_component_as(caller oid,
	system text,
	name text,
	kind text,
	layer text,
	version text,
	owner text,
	db_role text,
	timeout interval,
	memory_limit bigint,
	max_iterations integer,
	further_layers maestro.layer[],
	ports integer[],
	allowed_networks text[],
	allowed_data text[],
	prompt_digest maestro.digest,
	tool_schema_digest maestro.digest,
	model text,
	model_digest maestro.digest,
	own_process boolean,
	review_due date,
	description text,
	manifest_digest maestro.digest) RETURNS maestro.regcomponent
	LANGUAGE sql SET search_path = pg_catalog, pg_temp SET "IntervalStyle" = 'postgres' AS $$
	SELECT CASE WHEN maestro.locked_out(caller, maestro.system_id(system), NULL, 'a component', jsonb_build_object('name', left(name, 255), 'kind', kind)) THEN NULL ELSE (
	SELECT component_id::maestro.regcomponent FROM maestro.put_component(caller, maestro.system_id(system), jsonb_strip_nulls(jsonb_build_object(
		'name', name,
		'kind', kind,
		'layer', layer,
		'version', version,
		'owner', owner,
		'db_role', db_role,
		'timeout', timeout,
		'memory_limit', memory_limit,
		'max_iterations', max_iterations,
		'further_layers', further_layers,
		'ports', ports,
		'allowed_networks', allowed_networks,
		'allowed_data', allowed_data,
		'prompt_digest', prompt_digest,
		'tool_schema_digest', tool_schema_digest,
		'model', model,
		'model_digest', model_digest,
		'manifest_digest', manifest_digest,
		'own_process', own_process,
		'review_due', review_due,
		'description', description)), 'create')) END
$$;
COMMENT ON FUNCTION maestro.register_component_as(oid, text, text, text, text, text, text, text, interval, bigint, integer, maestro.layer[], integer[], text[], text[], maestro.digest, maestro.digest, text, maestro.digest, boolean, date, text, maestro.digest) IS 'does register_component''s work, as the owner';
CREATE FUNCTION maestro.register_component(
	system text,
	name text,
	kind text,
	layer text DEFAULT NULL,
	version text DEFAULT NULL,
	owner text DEFAULT NULL,
	db_role text DEFAULT NULL,
	timeout interval DEFAULT NULL,
	memory_limit bigint DEFAULT NULL,
	max_iterations integer DEFAULT NULL,
	further_layers maestro.layer[] DEFAULT NULL,
	ports integer[] DEFAULT NULL,
	allowed_networks text[] DEFAULT NULL,
	allowed_data text[] DEFAULT NULL,
	prompt_digest maestro.digest DEFAULT NULL,
	tool_schema_digest maestro.digest DEFAULT NULL,
	model text DEFAULT NULL,
	model_digest maestro.digest DEFAULT NULL,
	own_process boolean DEFAULT NULL,
	review_due date DEFAULT NULL,
	description text DEFAULT NULL,
	manifest_digest maestro.digest DEFAULT NULL) RETURNS maestro.regcomponent
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.register_component(text, text, text, text, text, text, text, interval, bigint, integer, maestro.layer[], integer[], text[], text[], maestro.digest, maestro.digest, text, maestro.digest, boolean, date, text, maestro.digest) IS
	'registers a component and returns it; NULL, a warning and an event of kind rejected (reason registry_locked) where the registry is locked, as for all that changes it. kind: agent, orchestrator, model, gateway, tool, mcp_server, memory, service, runner, trace_store, infrastructure, registry; layer: the kind''s default when NULL; the threats of the kind''s layers stay with it in any case. Units: timeout an interval, memory_limit bytes, max_iterations calls in one run. Errors: 42710 exists already; 42704 no such system or role; 22023 bad value';

CREATE FUNCTION maestro.update_component_as(caller oid,
	component maestro.regcomponent,
	kind text,
	layer maestro.layer,
	version text,
	owner text,
	db_role text,
	timeout interval,
	memory_limit bigint,
	max_iterations integer,
	further_layers maestro.layer[],
	ports integer[],
	allowed_networks text[],
	allowed_data text[],
	prompt_digest maestro.digest,
	tool_schema_digest maestro.digest,
	model text,
	model_digest maestro.digest,
	own_process boolean,
	review_due date,
	description text,
	manifest_digest maestro.digest) RETURNS text
	LANGUAGE sql SET search_path = pg_catalog, pg_temp SET "IntervalStyle" = 'postgres' AS $$
	-- Qualified: in SQL functions a column goes before a parameter of its name.
	SELECT CASE WHEN maestro.locked_out(caller, c.system_id, c.component_id, 'a change of ' || update_component_as.component) THEN 'refused' ELSE (
	SELECT p.action FROM maestro.put_component(caller, c.system_id, jsonb_build_object('name', c.name) || jsonb_strip_nulls(jsonb_build_object(
		'kind', update_component_as.kind,
		'layer', update_component_as.layer,
		'version', update_component_as.version,
		'owner', update_component_as.owner,
		'db_role', update_component_as.db_role,
		'timeout', update_component_as.timeout,
		'memory_limit', update_component_as.memory_limit,
		'max_iterations', update_component_as.max_iterations,
		'further_layers', update_component_as.further_layers,
		'ports', update_component_as.ports,
		'allowed_networks', update_component_as.allowed_networks,
		'allowed_data', update_component_as.allowed_data,
		'prompt_digest', update_component_as.prompt_digest,
		'tool_schema_digest', update_component_as.tool_schema_digest,
		'model', update_component_as.model,
		'model_digest', update_component_as.model_digest,
		'manifest_digest', update_component_as.manifest_digest,
		'own_process', update_component_as.own_process,
		'review_due', update_component_as.review_due,
		'description', update_component_as.description)), 'update') AS p) END
	  FROM maestro.component AS c
	 WHERE c.component_id = maestro.check_component_id(update_component_as.component)
$$;
COMMENT ON FUNCTION maestro.update_component_as(oid, maestro.regcomponent, text, maestro.layer, text, text, text, interval, bigint, integer, maestro.layer[], integer[], text[], text[], maestro.digest, maestro.digest, text, maestro.digest, boolean, date, text, maestro.digest) IS 'does update_component''s work, as the owner';
CREATE FUNCTION maestro.update_component(
	component maestro.regcomponent,
	kind text DEFAULT NULL,
	layer maestro.layer DEFAULT NULL,
	version text DEFAULT NULL,
	owner text DEFAULT NULL,
	db_role text DEFAULT NULL,
	timeout interval DEFAULT NULL,
	memory_limit bigint DEFAULT NULL,
	max_iterations integer DEFAULT NULL,
	further_layers maestro.layer[] DEFAULT NULL,
	ports integer[] DEFAULT NULL,
	allowed_networks text[] DEFAULT NULL,
	allowed_data text[] DEFAULT NULL,
	prompt_digest maestro.digest DEFAULT NULL,
	tool_schema_digest maestro.digest DEFAULT NULL,
	model text DEFAULT NULL,
	model_digest maestro.digest DEFAULT NULL,
	own_process boolean DEFAULT NULL,
	review_due date DEFAULT NULL,
	description text DEFAULT NULL,
	manifest_digest maestro.digest DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.update_component(maestro.regcomponent, text, maestro.layer, text, text, text, interval, bigint, integer, maestro.layer[], integer[], text[], text[], maestro.digest, maestro.digest, text, maestro.digest, boolean, date, text, maestro.digest) IS
	'changes what is not NULL and returns updated or unchanged, or refused by a locked registry; apply_manifest can also set a value back to null. Errors: 42704 no such component; 22023 bad value';

CREATE FUNCTION maestro.register_dependency_as(caller oid,
	component maestro.regcomponent,
	name text,
	address text,
	connect_timeout interval,
	read_timeout interval,
	retry text,
	breaker text,
	credential_ref text,
	description text,
	limiter text) RETURNS integer
	LANGUAGE sql SET search_path = pg_catalog, pg_temp SET "IntervalStyle" = 'postgres' AS $$
	SELECT CASE WHEN maestro.component_locked_out(caller, component, 'a dependency of ' || component) THEN NULL ELSE (
	SELECT dependency_id FROM maestro.put_dependency(caller, maestro.check_component_id(component), jsonb_strip_nulls(jsonb_build_object(
		'name', name, 'address', address, 'connect_timeout', connect_timeout, 'read_timeout', read_timeout,
		'retry', maestro.read_json('retry', retry)::jsonb, 'breaker', breaker, 'limiter', limiter, 'credential_ref', credential_ref, 'description', description)), 'create')) END
$$;
COMMENT ON FUNCTION maestro.register_dependency_as(oid, maestro.regcomponent, text, text, interval, interval, text, text, text, text, text) IS 'does register_dependency''s work, as the owner';
CREATE FUNCTION maestro.register_dependency(
	component maestro.regcomponent,
	name text,
	address text DEFAULT NULL,
	connect_timeout interval DEFAULT NULL,
	read_timeout interval DEFAULT NULL,
	retry text DEFAULT NULL,
	breaker text DEFAULT NULL,
	credential_ref text DEFAULT NULL,
	description text DEFAULT NULL,
	limiter text DEFAULT NULL) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.register_dependency(maestro.regcomponent, text, text, interval, interval, text, text, text, text, text) IS
	'registers an external service that a component calls and returns its id. retry: a JSON object with base_ms, cap_ms, multiplier, jitter, max_attempts; breaker, limiter: external; credential_ref: scheme:name, never the credential. Errors: 42710 exists already; 42704 no such component; 22023 bad value';

CREATE FUNCTION maestro.set_contract_as(caller oid,
	component maestro.regcomponent,
	direction text,
	schema json,
	overlay_schema json,
	target maestro.regcomponent) RETURNS integer
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN maestro.component_locked_out(caller, component, 'a contract of ' || component) THEN NULL ELSE (
	SELECT p.contract_version
	  FROM (SELECT maestro.check_component_id(component) AS component_id, CASE WHEN target IS NOT NULL THEN maestro.check_component_id(target) END AS target_id) AS c,
		   maestro.put_contract(caller, c.component_id, direction, c.target_id, schema,
				CASE WHEN overlay_schema::text = 'true' THEN NULL
					 ELSE coalesce(overlay_schema, maestro.contract_overlay(c.component_id, direction, c.target_id, '{}', '')) END) AS p) END
$$;
COMMENT ON FUNCTION maestro.set_contract_as(oid, maestro.regcomponent, text, json, json, maestro.regcomponent) IS 'does set_contract''s work, as the owner';
CREATE FUNCTION maestro.set_contract(
	component maestro.regcomponent,
	direction text,
	schema json,
	overlay_schema json DEFAULT NULL,
	target maestro.regcomponent DEFAULT NULL) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.set_contract(maestro.regcomponent, text, json, json, maestro.regcomponent) IS
	'stores the JSON Schema of a component''s input, output or handoff (then with target) and returns its version; the one in force stays when it is equal. overlay_schema: a second schema that must hold too, such as bounds for a schema that belongs to others; the one in force stays where it is left out, and true takes it away. In force from the next statement of every session; events keep the verdict and version that they were checked against. Errors: 42704 no such component; 22023 bad schema or direction; 54000 too large';

CREATE FUNCTION maestro.declare_plan_as(caller oid,
	system text,
	name text,
	graph json) RETURNS integer
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN maestro.locked_out(caller, maestro.system_id(system), NULL, 'a plan', jsonb_build_object('name', left(name, 255))) THEN NULL ELSE (
	SELECT plan_version FROM maestro.put_plan(caller, maestro.system_id(system), name, graph::jsonb)) END
$$;
COMMENT ON FUNCTION maestro.declare_plan_as(oid, text, text, json) IS 'does declare_plan''s work, as the owner';
CREATE FUNCTION maestro.declare_plan(
	system text,
	name text,
	graph json) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.declare_plan(text, text, json) IS
	'stores a declared execution order, {nodes: [{id, max_visits}], edges: [{source, target, conditional}]} as LangGraph''s get_graph().to_json() has it, and returns its version; the one in force stays when it is equal. Errors: 42704 no such system; 22023 bad graph';

CREATE FUNCTION maestro.set_component_state_as(caller oid,
	component maestro.regcomponent,
	state maestro.component_state,
	reason text) RETURNS text
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	old maestro.component;
BEGIN
	IF state IS NULL THEN
		PERFORM maestro.refuse('22004', 'state of a component must not be null');
	END IF;
	SELECT * INTO old FROM maestro.component AS c WHERE c.component_id = component::integer FOR UPDATE;
	PERFORM maestro.check_mode('the component', 'update', FOUND);
	IF old.state = set_component_state_as.state THEN
		RETURN 'unchanged';
	END IF;
	-- A lock must not stand in the way of a stop.
	IF state <> 'suspended' AND maestro.locked_out(caller, old.system_id, old.component_id, format('%s to be %s', component, state)) THEN
		RETURN 'refused';
	END IF;
	UPDATE maestro.component AS c SET state = set_component_state_as.state, updated_at = clock_timestamp()
	 WHERE c.component_id = old.component_id;
	PERFORM maestro.record_registry(caller, old.system_id, old.component_id, format('component %s is %s', component, state),
		jsonb_build_object('state', jsonb_build_array(old.state, state), 'reason', reason));
	RETURN 'updated';
END
$$;
COMMENT ON FUNCTION maestro.set_component_state_as(oid, maestro.regcomponent, maestro.component_state, text) IS 'does set_component_state''s work, as the owner';
CREATE FUNCTION maestro.set_component_state(
	component maestro.regcomponent,
	state maestro.component_state,
	reason text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.set_component_state(maestro.regcomponent, maestro.component_state, text) IS
	'makes a component active, suspended or retired, and returns updated or unchanged; or refused by a locked registry, which only lets suspend. Events of one that is not active are refused. Errors: 42704 no such component; 22004 no state';

CREATE FUNCTION maestro.report_environment_as(caller oid,
	component maestro.regcomponent,
	facts jsonb) RETURNS integer
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	bad text;
	id integer;
BEGIN
	IF jsonb_typeof(facts) IS DISTINCT FROM 'object' OR facts = '{}' THEN
		PERFORM maestro.refuse('22023', 'facts must be a JSON object that has some');
	END IF;
	SELECT f.key INTO bad FROM jsonb_each(facts) AS f
	 WHERE CASE
		WHEN f.key IN ('runAsNonRoot', 'readOnlyRootFilesystem', 'allowPrivilegeEscalation', 'privileged',
				'networkPolicy', 'envFileTracked', 'localState') THEN jsonb_typeof(f.value) <> 'boolean'
		WHEN f.key = 'memoryLimitBytes' THEN CASE jsonb_typeof(f.value) WHEN 'number' THEN f.value::numeric NOT BETWEEN 1 AND 1e18 ELSE true END
		WHEN f.key = 'listeningPorts' THEN NOT maestro.is_port_list(f.value)
		WHEN f.key = 'secretStore' THEN jsonb_typeof(f.value) <> 'string'
		ELSE true END
	 ORDER BY f.key LIMIT 1;
	IF bad IS NOT NULL THEN
		PERFORM maestro.refuse('22023', format('fact "%s" is unknown or has no acceptable value', left(maestro.sanitize(left(bad, 4096)), 64)),
			'Booleans: runAsNonRoot, readOnlyRootFilesystem, allowPrivilegeEscalation, privileged, networkPolicy, '
			|| 'envFileTracked, localState; memoryLimitBytes: a number; listeningPorts: an array of ports; secretStore: text.');
	END IF;
	INSERT INTO maestro.environment_report (component_id, facts, reported_by, session_role, is_own)
	SELECT c.component_id, maestro.sanitize(facts), maestro.role_name(caller), maestro.sanitize(session_user::text, 'secrets')::name,
		   maestro.runs(caller, c.system_id, c.component_id)
	  FROM maestro.component AS c WHERE c.component_id = maestro.check_component_id(component)
	RETURNING report_id INTO id;
	PERFORM maestro.record_registry(caller, c.system_id, c.component_id, format('environment of %s reported', component), facts)
	   FROM maestro.component AS c WHERE c.component_id = component::integer;
	RETURN id;
END
$$;
COMMENT ON FUNCTION maestro.report_environment_as(oid, maestro.regcomponent, jsonb) IS 'does report_environment''s work, as the owner';
CREATE FUNCTION maestro.report_environment(
	component maestro.regcomponent,
	facts jsonb) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.report_environment(maestro.regcomponent, jsonb) IS
	'stores facts about where a component runs and returns the report''s id; what the component''s own role reports makes nothing ok. Keys: runAsNonRoot readOnlyRootFilesystem allowPrivilegeEscalation privileged networkPolicy envFileTracked localState (boolean), memoryLimitBytes (number), listeningPorts (array of ports), secretStore (text). Errors: 42704 no such component; 22023 unknown key or bad value';

CREATE FUNCTION maestro.register_component(
	system text,
	name text,
	kind text,
	layer integer,
	version text DEFAULT NULL,
	owner text DEFAULT NULL,
	db_role text DEFAULT NULL,
	timeout interval DEFAULT NULL,
	memory_limit bigint DEFAULT NULL,
	max_iterations integer DEFAULT NULL,
	further_layers maestro.layer[] DEFAULT NULL,
	ports integer[] DEFAULT NULL,
	allowed_networks text[] DEFAULT NULL,
	allowed_data text[] DEFAULT NULL,
	prompt_digest maestro.digest DEFAULT NULL,
	tool_schema_digest maestro.digest DEFAULT NULL,
	model text DEFAULT NULL,
	model_digest maestro.digest DEFAULT NULL,
	own_process boolean DEFAULT NULL,
	review_due date DEFAULT NULL,
	description text DEFAULT NULL,
	manifest_digest maestro.digest DEFAULT NULL) RETURNS maestro.regcomponent
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT maestro.register_component(system, name, kind, layer::maestro.layer::text, version, owner, db_role, timeout, memory_limit, max_iterations, further_layers, ports, allowed_networks, allowed_data, prompt_digest, tool_schema_digest, model, model_digest, own_process, review_due, description, manifest_digest)
$$;
COMMENT ON FUNCTION maestro.register_component(text, text, text, integer, text, text, text, interval, bigint, integer, maestro.layer[], integer[], text[], text[], maestro.digest, maestro.digest, text, maestro.digest, boolean, date, text, maestro.digest) IS 'as register_component with the layer''s name, for its number';
CREATE FUNCTION maestro.set_contract(component maestro.regcomponent, direction text, schema text, overlay_schema text DEFAULT NULL, target maestro.regcomponent DEFAULT NULL)
	RETURNS integer LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT maestro.set_contract(component, direction, maestro.read_json('schema', schema), maestro.read_json('overlay_schema', overlay_schema), target)
$$;
COMMENT ON FUNCTION maestro.set_contract(maestro.regcomponent, text, text, text, maestro.regcomponent) IS 'as the other set_contract, schemas as text';
CREATE FUNCTION maestro.set_contract(component maestro.regcomponent, direction text, schema jsonb, overlay_schema jsonb DEFAULT NULL, target maestro.regcomponent DEFAULT NULL)
	RETURNS integer LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT maestro.set_contract(component, direction, schema::json, overlay_schema::json, target)
$$;
COMMENT ON FUNCTION maestro.set_contract(maestro.regcomponent, text, jsonb, jsonb, maestro.regcomponent) IS 'as the other set_contract, schemas as jsonb';
CREATE FUNCTION maestro.declare_plan(system text, name text, graph text)
	RETURNS integer LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT maestro.declare_plan(system, name, maestro.read_json('graph', graph))
$$;
COMMENT ON FUNCTION maestro.declare_plan(text, text, text) IS 'as the other declare_plan, the graph as text';
CREATE FUNCTION maestro.declare_plan(system text, name text, graph jsonb)
	RETURNS integer LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT maestro.declare_plan(system, name, graph::json)
$$;
COMMENT ON FUNCTION maestro.declare_plan(text, text, jsonb) IS 'as the other declare_plan, the graph as jsonb';
CREATE FUNCTION maestro.report_environment(component maestro.regcomponent, facts text)
	RETURNS integer LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT maestro.report_environment(component, maestro.read_json('facts', facts)::jsonb)
$$;
COMMENT ON FUNCTION maestro.report_environment(maestro.regcomponent, text) IS 'as the other report_environment, the facts as text';
CREATE FUNCTION maestro.report_environment(component maestro.regcomponent, facts json)
	RETURNS integer LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT maestro.report_environment(component, facts::jsonb)
$$;
COMMENT ON FUNCTION maestro.report_environment(maestro.regcomponent, json) IS 'as the other report_environment, the facts as json';

REVOKE ALL ON FUNCTION
	maestro.register_system_as(oid, text, text, text, text, text, text),
	maestro.register_component_as(oid, text, text, text, text, text, text, text, interval, bigint, integer, maestro.layer[], integer[], text[], text[], maestro.digest, maestro.digest, text, maestro.digest, boolean, date, text, maestro.digest),
	maestro.update_component_as(oid, maestro.regcomponent, text, maestro.layer, text, text, text, interval, bigint, integer, maestro.layer[], integer[], text[], text[], maestro.digest, maestro.digest, text, maestro.digest, boolean, date, text, maestro.digest),
	maestro.register_dependency_as(oid, maestro.regcomponent, text, text, interval, interval, text, text, text, text, text),
	maestro.set_contract_as(oid, maestro.regcomponent, text, json, json, maestro.regcomponent),
	maestro.declare_plan_as(oid, text, text, json),
	maestro.set_component_state_as(oid, maestro.regcomponent, maestro.component_state, text),
	maestro.report_environment_as(oid, maestro.regcomponent, jsonb),
	maestro.register_system(text, text, text, text, text, text),
	maestro.register_component(text, text, text, text, text, text, text, interval, bigint, integer, maestro.layer[], integer[], text[], text[], maestro.digest, maestro.digest, text, maestro.digest, boolean, date, text, maestro.digest),
	maestro.update_component(maestro.regcomponent, text, maestro.layer, text, text, text, interval, bigint, integer, maestro.layer[], integer[], text[], text[], maestro.digest, maestro.digest, text, maestro.digest, boolean, date, text, maestro.digest),
	maestro.register_dependency(maestro.regcomponent, text, text, interval, interval, text, text, text, text, text),
	maestro.set_contract(maestro.regcomponent, text, json, json, maestro.regcomponent),
	maestro.declare_plan(text, text, json),
	maestro.set_component_state(maestro.regcomponent, maestro.component_state, text),
	maestro.report_environment(maestro.regcomponent, jsonb),
	maestro.register_component(text, text, text, integer, text, text, text, interval, bigint, integer, maestro.layer[], integer[], text[], text[], maestro.digest, maestro.digest, text, maestro.digest, boolean, date, text, maestro.digest),
	maestro.set_contract(maestro.regcomponent, text, text, text, maestro.regcomponent),
	maestro.set_contract(maestro.regcomponent, text, jsonb, jsonb, maestro.regcomponent),
	maestro.declare_plan(text, text, text),
	maestro.declare_plan(text, text, jsonb),
	maestro.report_environment(maestro.regcomponent, text),
	maestro.report_environment(maestro.regcomponent, json)
	FROM PUBLIC;
