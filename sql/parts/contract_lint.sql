--
-- Contract lint: what a security reviewer would say of a JSON Schema.
--
CREATE FUNCTION maestro.contract_lint(schema json, overlay_schema json DEFAULT NULL)
	RETURNS TABLE (path text, issue text, advice text)
	LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'maestro_contract_lint';
COMMENT ON FUNCTION maestro.contract_lint(json, json) IS
	'what a JSON Schema leaves open as the contract of what comes in or goes out, and how to mend it, with an overlay that is ANDed to it. path: JSON pointer of the schema of the place, of the overlay''s after overlay:, of a registered one''s after its URI and #. issue: unbounded_string (no maxLength, pattern, enum, const or asserted format), annotation_only_format (its format binds nobody), unbounded_number (not both limits), unsafe_path (a string named like a path, without safe-path, enum or const), open_sink (one named like what is executed: sql, query, command, code, script, html, template ..., without pattern, enum, const or the annotation x-maestro-sink), open_object (unknown properties may come; a map whose values have a schema is open without maxProperties and without bounded propertyNames), unbounded_array, untyped (anything may come), no_type (it bounds one type, and of others anything may come). Bounds count wherever they hold for the place: in the schema, what it refers to, its allOf, the overlay, what it is an alternative of, all of its alternatives. Alternatives are looked at one by one for types that are not spoken of where they are alternatives; not, if and contains are not looked into. No row: nothing. Errors as json_errors';
CREATE FUNCTION maestro.contract_lint_counts(schema json, overlay_schema json DEFAULT NULL) RETURNS jsonb
	LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'maestro_contract_lint_counts';
COMMENT ON FUNCTION maestro.contract_lint_counts(json, json) IS
	'how many places of each kind contract_lint looked at, and how many of them are at fault: strings, unbounded_strings, numbers, unbounded_numbers, paths, unsafe_paths, sinks, open_sinks, objects, open_objects, arrays, unbounded_arrays, untyped, and unsafe_strings: those without bound and those that are executed without pattern, each once. Each place in a schema counts once, however often it is referred to; untyped counts no_type as well; where a string may come of which nothing is said, it is an unbounded one, and so is one whose format is an annotation. NULL for NULL. Errors as json_errors';
REVOKE ALL ON FUNCTION maestro.contract_lint(json, json), maestro.contract_lint_counts(json, json) FROM PUBLIC;
