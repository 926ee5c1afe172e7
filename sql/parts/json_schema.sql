--
-- JSON Schema: draft 2020-12 and draft 7, compiled.
--
CREATE TABLE maestro.json_schema (
	uri text PRIMARY KEY CHECK (uri ~ '^[A-Za-z][A-Za-z0-9+.-]*:[!-\u0022$-~]+$' AND length(uri) <= 1000),
	schema json NOT NULL,
	registered_by name NOT NULL,
	registered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE maestro.json_schema IS 'schemas that others may refer to by their URI; nothing is ever fetched';
SELECT pg_catalog.pg_extension_config_dump('maestro.json_schema', '');

CREATE FUNCTION maestro.json_matches(schema json, instance jsonb) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_json_matches';
COMMENT ON FUNCTION maestro.json_matches(json, jsonb) IS
	'does the document hold the JSON Schema (draft 2020-12, or draft 7 by its $schema)? References lead within the schema and to the standard meta-schemas alone, so that it is fit for CHECK constraints. Formats are annotations unless the schema says "x-maestro-assert-formats": true, or its meta-schema has the format-assertion vocabulary; safe-path and single-line always hold. Errors: 22023 the schema cannot be used, with the JSON pointer of the fault; 54000 the check takes more than 10 million steps and 64 for each byte of the document, or leads more than 1500 schemas deep';
CREATE FUNCTION maestro.json_errors(schema json, instance jsonb) RETURNS TABLE (instance_path text, keyword_path text, message text)
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'maestro_json_errors';
COMMENT ON FUNCTION maestro.json_errors(json, jsonb) IS
	'all that is wrong with a document by a JSON Schema, a row an error, none when it holds: where in the document and by which keyword, both as JSON pointers, and what; never a value. Resolves references to registered schemas too. Errors as json_matches';
CREATE FUNCTION maestro.check_schema(schema json) RETURNS void
	LANGUAGE c STABLE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_check_schema';
CREATE FUNCTION maestro.check_schema_at(uri text, schema json) RETURNS void
	LANGUAGE c STABLE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_check_schema_at';
COMMENT ON FUNCTION maestro.check_schema_at(text, json) IS 'check_schema of a JSON Schema that is registered under that URI, to which what it refers to is relative';
COMMENT ON FUNCTION maestro.check_schema(json) IS 'raises 22023 when a JSON Schema cannot be used; with registered schemas';

-- May it rest on registered schemas?  By its own references alone none of it can.
CREATE FUNCTION maestro.schema_refers(schema json) RETURNS boolean
	LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT schema::jsonb::text ~ '"\$(ref|dynamicRef|schema)": "[^#]'
$$;
COMMENT ON FUNCTION maestro.schema_refers(json) IS 'false when a JSON Schema refers to nothing but itself; NULL for NULL';

-- What rests on a schema must go on to be usable, or events would be lost for it; and what
-- was found when its contracts were examined is found again.
CREATE FUNCTION maestro.check_schemas_in_use() RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	used record;
BEGIN
	FOR used IN
		SELECT format('the registered schema %s', j.uri) AS words, NULL::integer AS contract_id, j.uri, j.schema, NULL::json AS overlay
		  FROM maestro.json_schema AS j WHERE maestro.schema_refers(j.schema)
		UNION ALL
		SELECT format('the %s contract of %s/%s', k.direction, s.name, c.name), k.contract_id, '', k.schema, k.overlay
		  FROM (SELECT DISTINCT ON (o.component_id, o.direction, coalesce(o.target_id, 0)) o.*
				  FROM maestro.contract AS o
				 ORDER BY o.component_id, o.direction, coalesce(o.target_id, 0), o.version DESC) AS k
		  JOIN maestro.component AS c USING (component_id) JOIN maestro.system AS s USING (system_id)
		 WHERE maestro.schema_refers(k.schema) OR maestro.schema_refers(k.overlay)
	LOOP
		BEGIN
			PERFORM maestro.check_schema_at(used.uri, used.schema), maestro.check_schema(used.overlay);
		EXCEPTION WHEN invalid_parameter_value THEN
			PERFORM maestro.refuse('22023', format('%s could not be used any more', used.words),
				'It refers to the schema that is changed. Register the new one under another URI, or change what refers to it first.');
		END;
		UPDATE maestro.contract AS k SET lint = l.counts
		  FROM (SELECT maestro.contract_lint_counts(used.schema, used.overlay) AS counts) AS l
		 WHERE k.contract_id = used.contract_id AND k.lint IS DISTINCT FROM l.counts;
	END LOOP;
END
$$;
COMMENT ON FUNCTION maestro.check_schemas_in_use() IS 'raises 22023 unless all registered schemas and contracts in force can be used; examines again those that rest on registered ones';

CREATE FUNCTION maestro.register_schema_as(caller oid, uri text, schema json) RETURNS text
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	old json;
BEGIN
	IF uri IS NULL OR schema IS NULL THEN
		PERFORM maestro.refuse('22004', 'uri and schema must not be null');
	END IF;
	IF uri !~ '^[A-Za-z][A-Za-z0-9+.-]*:[!-\u0022$-~]+$' OR length(uri) > 1000 THEN
		PERFORM maestro.refuse('22023', 'the URI of a schema must be absolute, without fragment, in printable ASCII and at most 1000 characters long',
			'Such as https://example.com/schemas/answer.json.');
	END IF;
	IF uri ~ '^https?://json-schema\.org/draft(/2020-12/|-07/)' THEN
		PERFORM maestro.refuse('22023', 'the standard meta-schemas are there already', 'Register a dialect of your own under a URI of your own.');
	END IF;
	IF octet_length(schema::text) > 4 * 1024 * 1024 THEN
		PERFORM maestro.refuse('54000', 'a JSON Schema is too large', 'At most 4 MB are taken.');
	END IF;
	PERFORM maestro.check_no_secret('the schema', schema::jsonb::text), maestro.check_no_secret('the URI of a schema', uri);
	-- who sets a contract meanwhile waits, and is checked by what is here then
	LOCK TABLE maestro.json_schema IN SHARE ROW EXCLUSIVE MODE;
	SELECT s.schema INTO old FROM maestro.json_schema AS s WHERE s.uri = register_schema_as.uri FOR UPDATE;
	IF old::text = schema::text THEN
		RETURN 'unchanged';
	END IF;
	IF old IS NOT NULL AND maestro.schemas_locked_out(caller, uri) THEN
		RETURN 'refused';
	END IF;
	INSERT INTO maestro.json_schema AS s (uri, schema, registered_by) VALUES (uri, schema, maestro.role_name(caller))
		ON CONFLICT ON CONSTRAINT json_schema_pkey
		DO UPDATE SET schema = excluded.schema, registered_by = excluded.registered_by, registered_at = excluded.registered_at;
	PERFORM maestro.check_schema_at(uri, schema);
	IF old IS NOT NULL THEN
		PERFORM maestro.check_schemas_in_use();
	END IF;
	-- a large one is recorded by its digest: an event has a limit of its own
	PERFORM maestro.record_registry(caller, NULL, NULL, format('schema %s registered', uri),
		jsonb_build_object('uri', uri, 'schema_digest', encode(sha256(convert_to(schema::text, 'UTF8')), 'hex')),
		CASE WHEN octet_length(schema::text) <= 256 * 1024 THEN schema::jsonb END);
	RETURN CASE WHEN old IS NULL THEN 'created' ELSE 'updated' END;
END
$$;
COMMENT ON FUNCTION maestro.register_schema_as(oid, text, json) IS 'does register_schema''s work, as the owner';
CREATE FUNCTION maestro.register_schema(uri text, schema json) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.register_schema(text, json) IS
	'stores a JSON Schema under an absolute URI, by which others may refer to it, and returns created, updated or unchanged; or refused, when it would change one and contracts of a system with a locked registry refer to others. What it refers to must be registered before. Errors: 22023 bad URI or schema, or one that a contract in force or another registered schema could not be used with any more; 22004 NULL; 54000 too large';
REVOKE ALL ON FUNCTION maestro.check_schema(json), maestro.check_schema_at(text, json), maestro.check_schemas_in_use(), maestro.schema_refers(json), maestro.register_schema_as(oid, text, json), maestro.register_schema(text, json),
	maestro.json_errors(json, jsonb) FROM PUBLIC;
