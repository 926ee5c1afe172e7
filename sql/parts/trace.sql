--
-- Trace: logging.
--
-- Ids and names are taken as text: a span id that is too long is kept in its
-- original form, and a component that nobody registered is quarantined, where
-- a typed argument could only fail.  Only the jsonb overload has defaults, so
-- that a call with an untyped parameter for each argument finds text's.
--
CREATE FUNCTION maestro.log_event(
	component text,
	kind maestro.event_kind,
	message text DEFAULT NULL,
	attributes jsonb DEFAULT NULL,
	level maestro.log_level DEFAULT NULL,
	trace_id text DEFAULT NULL,
	span_id text DEFAULT NULL,
	parent_span_id text DEFAULT NULL,
	occurred_at timestamptz DEFAULT NULL,
	duration interval DEFAULT NULL,
	outcome maestro.outcome DEFAULT NULL,
	body jsonb DEFAULT NULL,
	target text DEFAULT NULL,
	dependency text DEFAULT NULL,
	OUT event_id bigint, OUT decision maestro.decision, OUT valid boolean, OUT leaf maestro.digest, OUT violations jsonb)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_log_event';
COMMENT ON FUNCTION maestro.log_event(text, maestro.event_kind, text, jsonb, maestro.log_level, text, text, text, timestamptz, interval, maestro.outcome, jsonb, text, text) IS
	'logs one event and returns (event_id, decision, valid, leaf, violations). component: system/component, the one that acts; target: the registered component acted on, of the same system; dependency: a registered one of the component. message is one line, body what contracts check, attributes the rest by OpenTelemetry''s names; all three are sanitized, then cut to the settings maestro.trace_*_limit. decision is deny, and the refusal stays as an event, for a component that is not registered or not active, and for a body that breaks its contract where the system''s contract_enforcement is refuse; otherwise allow. valid is the verdict of the contract that binds the body as it was sent (input, output and handoff: the component''s; tool_call: the input contract of the target), NULL where there is none or no body; violations then says what is wrong, as validate does. leaf is a receipt: the hash of the event as it was stored, which the Merkle tree must hold once it is sealed. Errors: MA002 the caller may not write as the component; 22023, 22P02, 22004 bad arguments; 54000 too large';

CREATE FUNCTION maestro.log_event(
	component text,
	kind maestro.event_kind,
	message text,
	attributes json,
	level maestro.log_level,
	trace_id text,
	span_id text,
	parent_span_id text,
	occurred_at timestamptz,
	duration interval,
	outcome maestro.outcome,
	body json,
	target text,
	dependency text,
	OUT event_id bigint, OUT decision maestro.decision, OUT valid boolean, OUT leaf maestro.digest, OUT violations jsonb)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_log_event_text';
COMMENT ON FUNCTION maestro.log_event(text, maestro.event_kind, text, json, maestro.log_level, text, text, text, timestamptz, interval, maestro.outcome, json, text, text) IS
	'as log_event with jsonb, attributes and body as json, read as by lenient_jsonb';

CREATE FUNCTION maestro.log_event(
	component text,
	kind maestro.event_kind,
	message text,
	attributes text,
	level maestro.log_level,
	trace_id text,
	span_id text,
	parent_span_id text,
	occurred_at timestamptz,
	duration interval,
	outcome maestro.outcome,
	body text,
	target text,
	dependency text,
	OUT event_id bigint, OUT decision maestro.decision, OUT valid boolean, OUT leaf maestro.digest, OUT violations jsonb)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_log_event_text';
COMMENT ON FUNCTION maestro.log_event(text, maestro.event_kind, text, text, maestro.log_level, text, text, text, timestamptz, interval, maestro.outcome, text, text, text) IS
	'as log_event with jsonb, attributes and body as text, read as by lenient_jsonb';

CREATE FUNCTION maestro.log_events(events jsonb, on_error text DEFAULT 'abort')
	RETURNS TABLE (index integer, event_id bigint, decision maestro.decision, error text)
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_log_events';
COMMENT ON FUNCTION maestro.log_events(jsonb, text) IS
	'logs an array of events; the keys are log_event''s parameter names, others become attributes; duration and occurred_at may be seconds. Returns a row an element, index from 0. on_error: abort (nothing is stored when one fails) or skip (its row has the error, the others are stored)';

CREATE FUNCTION maestro.log_events(events json, on_error text DEFAULT 'abort')
	RETURNS TABLE (index integer, event_id bigint, decision maestro.decision, error text)
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_log_events_text';
COMMENT ON FUNCTION maestro.log_events(json, text) IS
	'as log_events with jsonb, the document as json, read as by lenient_jsonb';

CREATE FUNCTION maestro.log_events(events text, on_error text DEFAULT 'abort')
	RETURNS TABLE (index integer, event_id bigint, decision maestro.decision, error text)
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_log_events_text';
COMMENT ON FUNCTION maestro.log_events(text, text) IS
	'as log_events with jsonb, the document as text, read as by lenient_jsonb';

CREATE FUNCTION maestro.record_registry(caller oid, system_id integer, component_id integer,
	action text, details jsonb, body jsonb DEFAULT NULL) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_record_registry';
COMMENT ON FUNCTION maestro.record_registry(oid, integer, integer, text, jsonb, jsonb) IS
	'stores an event of kind registry: who changed what, with details (as attributes, cut to their limit) and a document (as body, never cut); for the functions that change the registry. Errors: 42501 outside them; 54000 body above the setting maestro.trace_body_limit';

CREATE FUNCTION maestro.record_refusal(caller oid, system_id integer, component_id integer,
	reason text, message text, details jsonb) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_record_refusal';
COMMENT ON FUNCTION maestro.record_refusal(oid, integer, integer, text, text, jsonb) IS
	'stores an event of kind rejected with decision deny: what was refused to whom and why, reason being a word; for the functions that change the registry, an error otherwise';

REVOKE ALL ON FUNCTION
	maestro.record_refusal(oid, integer, integer, text, text, jsonb),
	maestro.record_registry(oid, integer, integer, text, jsonb, jsonb),
	maestro.log_event(text, maestro.event_kind, text, jsonb, maestro.log_level, text, text, text, timestamptz, interval, maestro.outcome, jsonb, text, text),
	maestro.log_event(text, maestro.event_kind, text, json, maestro.log_level, text, text, text, timestamptz, interval, maestro.outcome, json, text, text),
	maestro.log_event(text, maestro.event_kind, text, text, maestro.log_level, text, text, text, timestamptz, interval, maestro.outcome, text, text, text),
	maestro.log_events(jsonb, text),
	maestro.log_events(json, text),
	maestro.log_events(text, text) FROM PUBLIC;
