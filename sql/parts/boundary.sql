--
-- Boundary: contracts, plans and digests as they are declared now.
--
-- A schema that accepts whatever comes is declared, but binds nothing.  What
-- makes it one is found without reading $ref: a schema of references binds, as
-- far as this function knows.
--
CREATE FUNCTION maestro.schema_is_trivial(schema jsonb, depth integer DEFAULT 0) RETURNS boolean
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	k record;
	-- of a boundary, what objects pass is what counts
	is_object boolean := depth = 0 AND NOT coalesce(schema ? 'type', false);
	binds boolean;
BEGIN
	IF schema IS NULL OR schema = 'true' THEN
		RETURN true;
	END IF;
	IF jsonb_typeof(schema) <> 'object' OR depth > 16 THEN
		RETURN false;
	END IF;
	-- What is not listed here says nothing about the instance.
	FOR k IN SELECT * FROM jsonb_each(schema) LOOP
		binds := CASE
			WHEN k.key = 'type' THEN NOT (k.value = '"object"' OR k.value @> '["object"]')
			WHEN k.key IN ('enum', 'const', '$ref', '$dynamicRef', '$recursiveRef', 'contains') THEN true
			WHEN k.key IN ('required', 'dependentRequired', 'dependencies') THEN k.value NOT IN ('[]', '{}')
			WHEN k.key IN ('pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf',
					'minItems', 'maxItems', 'uniqueItems') THEN NOT is_object AND k.value NOT IN ('0', 'false', '""', '".*"', '"^.*$"')
			WHEN k.key = 'minProperties' THEN k.value <> '0'
			WHEN k.key = 'maxProperties' THEN jsonb_typeof(k.value) = 'number' AND k.value::numeric <= 10000
			WHEN k.key IN ('additionalProperties', 'unevaluatedProperties', 'propertyNames')
				THEN NOT maestro.schema_is_trivial(k.value, depth + 1)
			WHEN k.key IN ('items', 'additionalItems', 'unevaluatedItems')
				THEN NOT is_object AND jsonb_typeof(k.value) <> 'array' AND NOT maestro.schema_is_trivial(k.value, depth + 1)
			WHEN k.key IN ('properties', 'patternProperties', 'dependentSchemas') AND jsonb_typeof(k.value) = 'object' THEN EXISTS (
				SELECT FROM jsonb_each(k.value) AS p WHERE NOT maestro.schema_is_trivial(p.value, depth + 1))
			WHEN k.key IN ('allOf', 'prefixItems') AND jsonb_typeof(k.value) = 'array' THEN EXISTS (
				SELECT FROM jsonb_array_elements(k.value) AS p WHERE NOT maestro.schema_is_trivial(p, depth))
			WHEN k.key IN ('anyOf', 'oneOf') AND jsonb_typeof(k.value) = 'array' THEN k.value <> '[]' AND NOT EXISTS (
				SELECT FROM jsonb_array_elements(k.value) AS p WHERE maestro.schema_is_trivial(p, depth))
			WHEN k.key IN ('then', 'else') THEN schema ? 'if' AND NOT maestro.schema_is_trivial(k.value, depth)
			WHEN k.key = 'not' THEN k.value <> 'false'
			ELSE false END;
		IF binds THEN
			RETURN false;
		END IF;
	END LOOP;
	RETURN true;
END
$$;
COMMENT ON FUNCTION maestro.schema_is_trivial(jsonb, integer) IS
	'true for a JSON Schema that accepts whatever object comes: {}, true, a bare type object, annotations and unknown keywords alone, properties without constraints; NULL is trivial too. depth is for its own recursion, which ends at 16';

CREATE VIEW maestro.contract_in_force WITH (security_barrier = true) AS
	SELECT DISTINCT ON (k.component_id, k.direction, coalesce(k.target_id, 0))
		   c.system_id, k.component_id, k.direction, k.target_id, k.version, k.schema, k.overlay, k.trivial, k.lint,
		   min(k.valid_from) OVER (PARTITION BY k.component_id, k.direction, coalesce(k.target_id, 0)) AS since
	  FROM maestro.contract k
	  JOIN maestro.component c ON c.component_id = k.component_id
	  JOIN maestro.readable_system s ON s.system_id = c.system_id
	 ORDER BY k.component_id, k.direction, coalesce(k.target_id, 0), k.version DESC;
COMMENT ON VIEW maestro.contract_in_force IS 'the newest version of each contract; since is when the first one was set';

-- A tool that is another one under the same version was swapped behind the back of
-- whoever approved that version ("rug pull").  It stays so until there is a new one.
CREATE VIEW maestro.drift WITH (security_barrier = true) AS
	SELECT c.system_id, d.component_id, d.version, d.what, max(d.since) AS since
	  FROM (SELECT v.component_id, v.version, w.what, w.digest, min(v.valid_from) AS since
			  FROM maestro.component_version v
			 CROSS JOIN LATERAL (VALUES ('tool schema', v.tool_schema_digest), ('prompt', v.prompt_digest)) w (what, digest)
			 WHERE w.digest IS NOT NULL
			 GROUP BY v.component_id, v.version, w.what, w.digest) d
	  JOIN maestro.component c ON c.component_id = d.component_id AND c.version = d.version
	  JOIN maestro.readable_system s ON s.system_id = c.system_id
	 GROUP BY c.system_id, d.component_id, d.version, d.what
	HAVING count(*) > 1;
COMMENT ON VIEW maestro.drift IS 'components whose tool schema or prompt was declared with another digest under the version that they still have; since: when last';

CREATE VIEW maestro.declared_boundary WITH (security_barrier = true) AS
	SELECT k.system_id, k.component_id, NULL::integer AS dependency_id, n.control,
		   CASE WHEN k.trivial THEN format('an %s contract is declared, not binding: it accepts anything', k.direction) END AS fault
	  FROM (SELECT f.system_id, f.component_id, f.direction,
				   coalesce(f.trivial, maestro.schema_is_trivial(f.schema::jsonb) AND maestro.schema_is_trivial(f.overlay::jsonb)) AS trivial
			  FROM maestro.contract_in_force f WHERE f.direction <> 'handoff' OFFSET 0) k
	  JOIN maestro.control n
		ON k.direction = 'input' AND n.control IN ('input_schema', 'string_sanitized', 'number_range', 'file_path')
		OR k.direction = 'output' AND n.control IN ('output_schema', 'output_closed')
	UNION ALL
	SELECT l.system_id, l.component_id, NULL, d.control,
		   CASE WHEN f.what IS NOT NULL THEN format('its %s changed without a new version', f.what) END
	  FROM maestro.effective_limit l
	  LEFT JOIN (SELECT x.component_id, string_agg(x.what, ' and ' ORDER BY x.what) AS what
				   FROM maestro.drift x GROUP BY x.component_id) f ON f.component_id = l.component_id
	 CROSS JOIN LATERAL (VALUES ('tool_schema_digest', l.tool_schema_digest IS NOT NULL),
								('manifest_digest', l.manifest_digest IS NOT NULL)) d (control, declared)
	 WHERE d.declared OR f.what IS NOT NULL;
COMMENT ON VIEW maestro.declared_boundary IS 'what components declare about what goes in and out and what runs, and what is wrong with it';

-- What examining a schema found, as observations.
CREATE VIEW maestro.contract_signal WITH (security_barrier = true) AS
	SELECT k.system_id, k.component_id, v.signal,
		   (v.found > 0 AND v.bad = 0)::integer::bigint AS ok, (v.bad > 0)::integer::bigint AS bad,
		   CASE WHEN v.bad > 0 THEN format(v.words, v.bad, v.found) ELSE v.found::text END AS detail,
		   CASE WHEN v.found = 0 THEN v.none END AS skip
	  FROM maestro.contract_in_force k
	 CROSS JOIN LATERAL (
		SELECT w.signal, w.words, w.none,
			   maestro.attribute_number(k.lint, w.all_key)::bigint AS found, maestro.attribute_number(k.lint, w.bad_key)::bigint AS bad
		  FROM (VALUES
			('input', 'contract_strings', 'strings', 'unsafe_strings', '%s of %s strings of its input contract are without bound, or without pattern where an interpreter reads them', 'its input contract has no string'),
			('input', 'contract_numbers', 'numbers', 'unbounded_numbers', '%s of %s numbers of its input contract are without range', 'its input contract has no number'),
			('input', 'contract_paths', 'paths', 'unsafe_paths', '%s of %s paths of its input contract are not checked for traversal', 'its input contract has no path'),
			('output', 'contract_objects', 'objects', 'open_objects', '%s of %s objects of its output contract are open', 'its output contract has no object')
			) w (direction, signal, all_key, bad_key, words, none)
		 WHERE w.direction = k.direction) v
	 WHERE v.found IS NOT NULL AND v.bad IS NOT NULL;
COMMENT ON VIEW maestro.contract_signal IS 'what examining the contracts in force found, by signal';

CREATE VIEW maestro.plan_in_force WITH (security_barrier = true) AS
	SELECT DISTINCT ON (p.system_id, p.name) p.system_id, p.plan_id, p.name, p.version, p.graph, p.digest
	  FROM maestro.plan p
	  JOIN maestro.readable_system s ON s.system_id = p.system_id
	 ORDER BY p.system_id, p.name, p.version DESC;
COMMENT ON VIEW maestro.plan_in_force IS 'the newest version of each plan';

-- Runs of the plan before may go on for an hour.
CREATE VIEW maestro.plan_history WITH (security_barrier = true) AS
	SELECT p.system_id, p.name, p.version, p.digest,
		   CASE WHEN p.version = min(p.version) OVER w THEN timestamptz '-infinity' ELSE p.declared_at END AS since,
		   lead(p.declared_at + interval '1 hour', 1, 'infinity') OVER w AS until
	  FROM maestro.plan p
	  JOIN maestro.readable_system s ON s.system_id = p.system_id
	WINDOW w AS (PARTITION BY p.system_id, p.name ORDER BY p.version ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);
COMMENT ON VIEW maestro.plan_history IS 'from when to when the digest of each version of a plan is what runs should carry';

-- Nodes that are components; others (start, end, steps without name in the
-- registry) are nobody's handoff.
CREATE VIEW maestro.plan_node WITH (security_barrier = true) AS
	SELECT DISTINCT c.system_id, c.component_id
	  FROM maestro.plan_in_force p
	 CROSS JOIN LATERAL jsonb_array_elements(p.graph -> 'nodes') n
	  JOIN maestro.component c ON c.system_id = p.system_id AND c.name = n ->> 'id';
COMMENT ON VIEW maestro.plan_node IS 'components that are a node of a plan';

CREATE VIEW maestro.plan_pair WITH (security_barrier = true) AS
WITH node AS (
	SELECT p.system_id, p.plan_id, n ->> 'id' AS id, c.component_id
	  FROM maestro.plan_in_force p
	 CROSS JOIN LATERAL jsonb_array_elements(p.graph -> 'nodes') n
	  JOIN maestro.component c ON c.system_id = p.system_id AND c.name = n ->> 'id'),
edge AS (
	SELECT DISTINCT p.plan_id, e ->> 'source' AS source, e ->> 'target' AS target
	  FROM maestro.plan_in_force p
	 CROSS JOIN LATERAL jsonb_array_elements(p.graph -> 'edges') e)
	SELECT a.system_id, a.component_id AS source_id, b.component_id AS target_id, bool_or(e.plan_id IS NOT NULL) AS allowed
	  FROM node a
	  JOIN node b ON b.plan_id = a.plan_id
	  LEFT JOIN edge e ON e.plan_id = a.plan_id AND e.source = a.id AND e.target = b.id
	 GROUP BY a.system_id, a.component_id, b.component_id;
COMMENT ON VIEW maestro.plan_pair IS 'each pair of components that are nodes of one plan, and whether a plan has an edge between them';
