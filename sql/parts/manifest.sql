--
-- Manifest: a whole system in one document, applied as often as wanted.
--
CREATE FUNCTION maestro.json_duplicate_key(document json) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_json_duplicate_key';
COMMENT ON FUNCTION maestro.json_duplicate_key(json) IS
	'JSON Pointer of the first key that one object has twice, NULL when there is none; 22P02 when it is nested too deep';

-- The array under a key, or an empty one; anything else is refused.
CREATE FUNCTION maestro.manifest_list(document jsonb, key text) RETURNS SETOF jsonb
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF document -> key IS NOT NULL AND jsonb_typeof(document -> key) <> 'array' THEN
		PERFORM maestro.refuse('22023', format('"%s" in a manifest must be an array', key));
	END IF;
	IF EXISTS (SELECT FROM jsonb_array_elements(document -> key) AS e WHERE jsonb_typeof(e) <> 'object') THEN
		PERFORM maestro.refuse('22023', format('"%s" in a manifest must hold objects', key));
	END IF;
	IF EXISTS (SELECT FROM jsonb_array_elements(document -> key) AS e GROUP BY e ->> 'name' HAVING count(*) > 1) THEN
		PERFORM maestro.refuse('42710', format('"%s" in a manifest has a name twice', key),
			'Each name may occur once in its array.');
	END IF;
	RETURN QUERY SELECT * FROM jsonb_array_elements(document -> key);
END
$$;
COMMENT ON FUNCTION maestro.manifest_list(jsonb, text) IS 'elements of an array of named objects; 22023 when it is none, 42710 when a name occurs twice';

CREATE FUNCTION maestro.manifest_contracts(caller oid, component_id integer, label text, contracts jsonb)
	RETURNS TABLE (object text, action text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	side record;
	target record;
	taker integer;
	place text := '';
	fault text;
	hint text;
	overlays jsonb := coalesce(nullif(contracts -> 'overlays', 'null'), '{}');
BEGIN
	IF jsonb_typeof(contracts) <> 'object' OR jsonb_typeof(overlays) <> 'object'
		OR jsonb_typeof(coalesce(overlays -> 'handoff', '{}')) <> 'object' THEN
		PERFORM maestro.refuse('22023', '"contracts" of a component must be an object, as must its "overlays"',
			'The keys are input, output and handoff, and overlays with the same keys.');
	END IF;
	IF EXISTS (SELECT FROM jsonb_object_keys(overlays) AS o (key) WHERE NOT contracts ? o.key)
		OR EXISTS (SELECT FROM jsonb_object_keys(coalesce(overlays -> 'handoff', '{}')) AS o (key) WHERE (contracts -> 'handoff' ? o.key) IS NOT TRUE) THEN
		PERFORM maestro.refuse('22023', 'an overlay in "contracts" has no schema beside it', 'Give the schema under the same key.');
	END IF;
	FOR side IN SELECT * FROM jsonb_each(contracts - 'overlays') LOOP
		place := ', key ' || left(maestro.sanitize(left(side.key, 4096)), 64);
		IF side.key IN ('input', 'output') THEN
			RETURN QUERY SELECT format('%s contract of %s', side.key, label), p.action
			  FROM maestro.put_contract(caller, component_id, side.key, NULL, side.value::json,
					maestro.contract_overlay(component_id, side.key, NULL, overlays, side.key)) AS p;
		ELSIF side.key = 'handoff' AND jsonb_typeof(side.value) = 'object' THEN
			FOR target IN SELECT * FROM jsonb_each(side.value) LOOP
				place := ', handoff to ' || left(maestro.sanitize(left(target.key, 4096)), 64);
				taker := maestro.sibling_id(component_id, target.key);
				RETURN QUERY SELECT format('handoff contract of %s to %s', label, target.key), p.action
				  FROM maestro.put_contract(caller, component_id, 'handoff', taker, target.value::json,
						maestro.contract_overlay(component_id, 'handoff', taker, overlays -> 'handoff', target.key)) AS p;
			END LOOP;
		ELSE
			PERFORM maestro.refuse('22023', 'unknown key in "contracts" of a component',
				'The keys are input, output and handoff, an object of schemas by target; and overlays, with the same keys.');
		END IF;
	END LOOP;
EXCEPTION WHEN SQLSTATE '22023' OR SQLSTATE '42704' OR SQLSTATE '54000' THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT, fault = PG_EXCEPTION_DETAIL;
	RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM, HINT = coalesce(nullif(hint, ''), 'See docs/contracts.md.'),
		DETAIL = rtrim(format('In the contracts of the manifest''s component %s%s. %s', left(maestro.sanitize(left(label, 4096)), 200), place, fault));
END
$$;
COMMENT ON FUNCTION maestro.manifest_contracts(oid, integer, text, jsonb) IS 'stores the contracts that a manifest gives a component; errors name both';

CREATE FUNCTION maestro.sibling_id(component_id integer, name text) RETURNS integer
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	id integer := (SELECT other.component_id FROM maestro.component AS own JOIN maestro.component AS other USING (system_id)
		WHERE own.component_id = sibling_id.component_id AND other.name = sibling_id.name);
BEGIN
	IF id IS NULL THEN
		PERFORM maestro.refuse('42704', 'a handoff contract names a component that is not registered in its system');
	END IF;
	RETURN id;
END
$$;
COMMENT ON FUNCTION maestro.sibling_id(integer, text) IS 'id of a component of the same system by its bare name; 42704 when there is none';

CREATE FUNCTION maestro.manifest_component(caller oid, system_id integer, label text, component jsonb)
	RETURNS TABLE (object text, action text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	component_id integer;
	hint text;
BEGIN
	SELECT c.component_id, 'component ' || label, c.action INTO component_id, object, action
	  FROM maestro.put_component(caller, system_id, component - 'dependencies' - 'contracts' - 'guards', 'apply') AS c;
	RETURN NEXT;
	-- Guards first: dependencies name them.
	RETURN QUERY SELECT format('guard %s of %s', e ->> 'name', label), p.action
	  FROM maestro.manifest_list(component, 'guards') AS e,
		   maestro.manifest_guard(caller, component_id, e) AS p;
	RETURN QUERY SELECT format('dependency %s of %s', e ->> 'name', label), p.action
	  FROM maestro.manifest_list(component, 'dependencies') AS e,
		   maestro.put_dependency(caller, component_id, e, 'apply') AS p;
EXCEPTION WHEN SQLSTATE '22023' OR SQLSTATE '42704' OR SQLSTATE '42710' THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	IF hint = '' THEN
		hint := 'See the manifest''s keys in docs/operations.md.';
	END IF;
	RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM, HINT = hint,
		DETAIL = format('In the manifest''s component %s.', left(maestro.sanitize(left(label, 4096)), 200));
END
$$;
COMMENT ON FUNCTION maestro.manifest_component(oid, integer, text, jsonb) IS 'applies one component of a manifest, its guards and its dependencies; errors name the component';

CREATE FUNCTION maestro.manifest_objects(caller oid, document jsonb) RETURNS TABLE (object text, action text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	name text := document ->> 'name';
	id integer;
	component jsonb;
	label text;
	pass integer;
	plan jsonb;
BEGIN
	SELECT s.system_id, 'system ' || name, s.action INTO id, object, action
	  FROM maestro.put_system(caller, document - 'components' - 'plans', 'apply') AS s;
	RETURN NEXT;
	-- Contracts come second, since a handoff may name a component further down.
	FOR pass IN 1 .. 2 LOOP
		FOR component IN SELECT * FROM maestro.manifest_list(document, 'components') LOOP
			label := format('%s/%s', name, component ->> 'name');
			IF pass = 1 THEN
				RETURN QUERY SELECT * FROM maestro.manifest_component(caller, id, label, component);
			ELSIF component -> 'contracts' IS NOT NULL THEN
				RETURN QUERY SELECT k.object, k.action
				  FROM maestro.component AS c, maestro.manifest_contracts(caller, c.component_id, label, component -> 'contracts') AS k
				 WHERE c.system_id = id AND c.name = component ->> 'name';
			END IF;
		END LOOP;
	END LOOP;
	FOR plan IN SELECT * FROM maestro.manifest_list(document, 'plans') LOOP
		IF plan - 'name' - 'graph' <> '{}' THEN
			PERFORM maestro.refuse('22023', 'unknown key in a plan', 'Known keys: name, graph.');
		END IF;
		RETURN QUERY SELECT format('plan %s of %s', plan ->> 'name', name), p.action
		  FROM maestro.put_plan(caller, id, plan ->> 'name', plan -> 'graph') AS p;
	END LOOP;
END
$$;
COMMENT ON FUNCTION maestro.manifest_objects(oid, jsonb) IS 'applies one system of a manifest, locked or not';

CREATE FUNCTION maestro.manifest_system(caller oid, document jsonb) RETURNS TABLE (object text, action text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	id integer;
	locked boolean;
	objects text[] := '{}';
	actions text[] := '{}';
	step record;
BEGIN
	-- Held to the end, so that nobody locks it meanwhile.
	SELECT s.system_id, maestro.is_locked(s.registration, s.unlocked_until) INTO id, locked
	  FROM maestro.system AS s WHERE s.name = document ->> 'name' FOR NO KEY UPDATE;
	IF locked IS NOT TRUE THEN
		RETURN QUERY SELECT * FROM maestro.manifest_objects(caller, document);
		RETURN;
	END IF;
	-- What would change is found by doing it, and taken back.
	BEGIN
		FOR step IN SELECT * FROM maestro.manifest_objects(caller, document) LOOP
			objects := objects || step.object;
			actions := actions || CASE step.action WHEN 'unchanged' THEN step.action ELSE 'refused' END;
		END LOOP;
		RAISE EXCEPTION USING ERRCODE = 'MA999', MESSAGE = 'the registry is locked';
	EXCEPTION WHEN SQLSTATE 'MA999' THEN
		NULL;
	END;
	IF 'refused' = ANY (actions) THEN
		PERFORM maestro.locked_out(caller, id, NULL, 'a manifest', jsonb_build_object('objects',
			(SELECT jsonb_agg(o.name) FROM (SELECT o.name FROM unnest(objects, actions) AS o (name, action) WHERE o.action = 'refused' LIMIT 20) AS o)));
	END IF;
	RETURN QUERY SELECT * FROM unnest(objects, actions);
END
$$;
COMMENT ON FUNCTION maestro.manifest_system(oid, jsonb) IS 'applies one system of a manifest; where its registry is locked what would change is refused';

CREATE FUNCTION maestro.apply_manifest_as(caller oid, manifest json, dry_run boolean)
	RETURNS TABLE (object text, action text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	repeated text;
	document jsonb := manifest::jsonb;
	unknown text;
	system jsonb;
	objects text[] := '{}';
	actions text[] := '{}';
	step record;
BEGIN
	IF jsonb_typeof(document) IS DISTINCT FROM 'object' OR document -> 'systems' IS NULL THEN
		PERFORM maestro.refuse('22023', 'a manifest must be a JSON object with the array "systems"',
			'For example {"systems": [{"name": "crew", "components": [{"name": "planner", "kind": "agent"}]}]}.');
	END IF;
	repeated := maestro.json_duplicate_key(manifest);
	IF repeated IS NOT NULL THEN
		PERFORM maestro.refuse('42710', format('the manifest has a key twice in one object: %s',
			left(maestro.sanitize(left(repeated, 4096)), 200)));
	END IF;
	SELECT key INTO unknown FROM jsonb_object_keys(document) AS key WHERE key <> 'systems' LIMIT 1;
	IF unknown IS NOT NULL THEN
		PERFORM maestro.refuse('22023', format('unknown key "%s" in a manifest', left(maestro.sanitize(left(unknown, 4096)), 64)),
			'Known keys: systems.');
	END IF;
	-- A dry run does everything, keeps what was said, and takes the rest back.
	BEGIN
		FOR system IN SELECT * FROM maestro.manifest_list(document, 'systems') LOOP
			FOR step IN SELECT * FROM maestro.manifest_system(caller, system) LOOP
				objects := objects || step.object;
				actions := actions || step.action;
			END LOOP;
		END LOOP;
		IF dry_run THEN
			RAISE EXCEPTION USING ERRCODE = 'MA999', MESSAGE = 'dry run';
		END IF;
	EXCEPTION WHEN SQLSTATE 'MA999' THEN
		NULL;
	END;
	RETURN QUERY SELECT * FROM unnest(objects, actions);
END
$$;
COMMENT ON FUNCTION maestro.apply_manifest_as(oid, json, boolean) IS 'does apply_manifest''s work, as the owner';

CREATE FUNCTION maestro.apply_manifest(manifest json, dry_run boolean DEFAULT false)
	RETURNS TABLE (object text, action text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.apply_manifest(json, boolean) IS
	'brings the registry to what a document says and returns each object with created, updated or unchanged, or refused where the registry is locked; what the document does not mention stays, a null sets back. {systems: [{name, db_role, ..., components: [{name, kind, layer, ..., guards: [{name, kind, parameters}], dependencies: [{name, ...}], contracts: {input, output, handoff: {target: schema}, overlays: {input, output, handoff: {target: schema}}}}], plans: [{name, graph}]}]}. dry_run: says what it would do and does nothing. Errors leave everything as it was: 22023 unknown key or bad value, 42710 a name or key twice, 42704 no such role';
CREATE FUNCTION maestro.apply_manifest(manifest text, dry_run boolean DEFAULT false)
	RETURNS TABLE (object text, action text) LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT * FROM maestro.apply_manifest(maestro.read_json('manifest', manifest), dry_run)
$$;
COMMENT ON FUNCTION maestro.apply_manifest(text, boolean) IS 'as the other apply_manifest, the document as text';
CREATE FUNCTION maestro.apply_manifest(manifest jsonb, dry_run boolean DEFAULT false)
	RETURNS TABLE (object text, action text) LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT * FROM maestro.apply_manifest(manifest::json, dry_run)
$$;
COMMENT ON FUNCTION maestro.apply_manifest(jsonb, boolean) IS 'as the other apply_manifest, the document as jsonb';

REVOKE ALL ON FUNCTION maestro.apply_manifest_as(oid, json, boolean), maestro.apply_manifest(json, boolean),
	maestro.apply_manifest(text, boolean), maestro.apply_manifest(jsonb, boolean),
	maestro.manifest_system(oid, jsonb), maestro.manifest_objects(oid, jsonb), maestro.manifest_component(oid, integer, text, jsonb),
	maestro.manifest_contracts(oid, integer, text, jsonb),
	maestro.manifest_list(jsonb, text), maestro.sibling_id(integer, text) FROM PUBLIC;
