\set ECHO none
BEGIN;
\i test/tap_setup.sql
-- From contracts, and events that were checked against them, to the checklist: nothing here is written by hand.
SELECT plan(13);
SELECT count(*) AS applied FROM maestro.apply_manifest($$ {"systems": [{"name": "crew", "components": [
	{"name": "planner", "kind": "agent"}, {"name": "writer", "kind": "agent"}, {"name": "search", "kind": "tool"}]}]} $$) \gset
CREATE FUNCTION pg_temp.state(component text, controls text[]) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(control || ' ' || status, ', ' ORDER BY control) FROM maestro.component_control
	 WHERE system || '/' || component_control.component = $1 AND control = ANY (controls) $$;
CREATE FUNCTION pg_temp.reason(component text, control text) RETURNS text LANGUAGE sql AS $$
	SELECT status || ': ' || reason FROM maestro.component_control WHERE system || '/' || component_control.component = $1 AND component_control.control = $2 $$;
CREATE FUNCTION pg_temp.input_controls(component text) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.state(component, '{input_schema,string_sanitized,number_range,file_path}') $$;

SELECT is(pg_temp.input_controls('crew/planner'), 'file_path unknown, input_schema unknown, number_range unknown, string_sanitized unknown', 'without a contract nothing is known');
-- A schema as a framework writes it.
SELECT maestro.set_contract('crew/planner', 'input', '{"type": "object", "title": "Ask", "required": ["question"], "properties":
	{"question": {"type": "string"}, "budget": {"type": "integer"}, "file_path": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}') AS ignored \gset
SELECT is(pg_temp.input_controls('crew/planner'), 'file_path alarm, input_schema unknown, number_range alarm, string_sanitized alarm', 'a schema without bounds is examined, and found wanting');
SELECT is(pg_temp.reason('crew/planner', 'string_sanitized'), 'alarm: 2 of 2 strings of its input contract are without bound, or without pattern where an interpreter reads them', 'and the reason counts');
-- An overlay bounds it.
SELECT maestro.set_contract('crew/planner', 'input', (SELECT schema FROM maestro.contract WHERE direction = 'input'),
	'{"additionalProperties": false, "properties": {"question": {"maxLength": 500}, "budget": {"minimum": 0, "maximum": 100}, "file_path": {"format": "safe-path", "maxLength": 255}}}') AS ignored \gset
SELECT is(pg_temp.input_controls('crew/planner'), 'file_path ok, input_schema unknown, number_range ok, string_sanitized ok', 'an overlay bounds what belongs to others');
SELECT count(l) AS logged FROM (SELECT maestro.log_event('crew/planner', 'input', body => '{"question": "why?", "budget": 5}') AS l FROM generate_series(1, 5) OFFSET 0) AS x \gset
SELECT is(pg_temp.reason('crew/planner', 'input_schema'), 'ok: 5 inputs held the contract or were refused', 'inputs that hold it make it hold');
SELECT maestro.log_event('crew/planner', 'input', 'nothing sent') AS ignored \gset
SELECT matches(pg_temp.reason('crew/planner', 'input_schema'), '^unknown: .*1 of 6 inputs were not checked against the contract', 'an input without body was not checked');
SELECT maestro.log_event('crew/planner', 'input', body => '{"question": "why?", "budget": 500}') AS ignored \gset
SELECT matches(pg_temp.reason('crew/planner', 'input_schema'), '^alarm: 1 of 6 inputs broke the contract and were accepted', 'one that breaks it and is taken is an alarm');

-- A tool is judged by its callers.
SELECT maestro.set_contract('crew/search', 'input', '{"type": "object", "required": ["query"], "properties": {"query": {"type": "string", "maxLength": 50, "pattern": "^[a-z ]+$"}}, "additionalProperties": false}') AS ignored \gset
SELECT count(l) AS logged FROM (SELECT maestro.log_event('crew/planner', 'tool_call', target => 'search', body => '{"query": "weather"}') AS l FROM generate_series(1, 5) OFFSET 0) AS x \gset
SELECT is(pg_temp.reason('crew/search', 'input_schema'), 'ok: 5 inputs held the contract or were refused', 'a tool''s input is what its callers send');
SELECT is(pg_temp.input_controls('crew/search'), 'file_path skip, input_schema ok, number_range skip, string_sanitized ok', 'what its contract has not is skipped');

-- Outputs, refused.
SELECT maestro.set_contract('crew/writer', 'output', '{"type": "object", "required": ["answer"], "properties": {"answer": {"type": "string", "maxLength": 50}}, "additionalProperties": false}') AS ignored \gset
SELECT maestro.apply_manifest('{"systems": [{"name": "crew", "contract_enforcement": "refuse"}]}') AS ignored \gset
SELECT count(*) AS logged FROM generate_series(1, 5) AS i, maestro.log_event('crew/writer', 'output', body => CASE WHEN i < 5 THEN '{"answer": "so"}' ELSE '{"reply": "so"}' END::jsonb) \gset
SELECT is(pg_temp.state('crew/writer', '{output_schema,output_closed}'), 'output_closed ok, output_schema ok', 'an output that is refused was not accepted');

-- Handoffs.
SELECT maestro.set_contract('crew/planner', 'handoff', '{"type": "object", "required": ["task"]}', target => 'crew/writer') AS ignored \gset
SELECT count(l) AS logged FROM (SELECT maestro.log_event('crew/planner', 'handoff', target => 'writer', body => '{"task": 1}') AS l FROM generate_series(1, 5) OFFSET 0) AS x \gset
SELECT is((SELECT status::text FROM maestro.component_control WHERE component_control.component IS NULL AND system = 'crew' AND control = 'handoff_contract'), 'ok', 'handoffs that hold their contract make it hold');
SELECT maestro.log_event('crew/writer', 'handoff', target => 'planner', body => '{}') AS ignored \gset
SELECT is((SELECT status::text FROM maestro.component_control WHERE component_control.component IS NULL AND system = 'crew' AND control = 'handoff_contract'), 'alarm', 'one without a contract is an alarm');
SELECT is((SELECT status::text FROM maestro.threat_matrix WHERE threat = 'Logic bugs in coordination' AND component = 'planner'), 'open', 'and the threats follow');

SELECT * FROM finish();
ROLLBACK;
