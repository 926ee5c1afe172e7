--
-- Contract: do documents hold what components promise?
--
CREATE FUNCTION maestro.validate(component maestro.regcomponent, direction text, payload jsonb, target maestro.regcomponent DEFAULT NULL,
	OUT valid boolean, OUT errors jsonb, OUT contract_version integer)
	LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'maestro_validate';
COMMENT ON FUNCTION maestro.validate(maestro.regcomponent, text, jsonb, maestro.regcomponent) IS
	'would the document hold the contract of a component: input, output, or handoff (then with target)? For agents that ask before they act; nothing is logged. valid is NULL when there is no such contract or no payload; errors are the first 20, as [{"path", "keyword", "message"}], with "overlay": true for the overlay''s: where in the document and by which keyword, as JSON pointers, sanitized, never a value. Errors: 42704 unknown component; 22023 bad direction or target; 22004 NULL';
CREATE FUNCTION maestro.validate(component maestro.regcomponent, direction text, payload json, target maestro.regcomponent DEFAULT NULL,
	OUT valid boolean, OUT errors jsonb, OUT contract_version integer)
	LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'maestro_validate_text';
COMMENT ON FUNCTION maestro.validate(maestro.regcomponent, text, json, maestro.regcomponent) IS 'as validate with jsonb, payload as json, read as by lenient_jsonb';
CREATE FUNCTION maestro.validate(component maestro.regcomponent, direction text, payload text, target maestro.regcomponent DEFAULT NULL,
	OUT valid boolean, OUT errors jsonb, OUT contract_version integer)
	LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'maestro_validate_text';
COMMENT ON FUNCTION maestro.validate(maestro.regcomponent, text, text, maestro.regcomponent) IS 'as validate with jsonb, payload as text, read as by lenient_jsonb';

CREATE FUNCTION maestro.matches(uri text, instance jsonb) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'maestro_matches';
COMMENT ON FUNCTION maestro.matches(text, jsonb) IS
	'does the document hold the JSON Schema that is registered under the URI? Not for CHECK constraints, which a restore would evaluate before the schema is there: json_matches is. Error 42704: nothing is registered there';

CREATE FUNCTION maestro.check_contract() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'maestro_check_contract';
COMMENT ON FUNCTION maestro.check_contract() IS
	'trigger for INSERT and UPDATE, FOR EACH ROW, on any table with a jsonb column: check_contract(component, direction [, column [, target]]) refuses rows that break the contract with SQLSTATE MA005, whatever the system''s contract_enforcement is. NULL passes. The column may be left out where only one is of type jsonb. Errors: 42704 there is no such contract; 22023 bad arguments';

REVOKE ALL ON FUNCTION maestro.validate(maestro.regcomponent, text, jsonb, maestro.regcomponent),
	maestro.validate(maestro.regcomponent, text, json, maestro.regcomponent),
	maestro.validate(maestro.regcomponent, text, text, maestro.regcomponent),
	maestro.matches(text, jsonb), maestro.check_contract() FROM PUBLIC;
