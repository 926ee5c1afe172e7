--
-- Action: that something is begun is in the log whatever becomes of it.
--
-- Two events, of which the first stays when the agent's transaction is rolled back.
-- Overloads as log_event's: drivers bind documents as json or as text.
--
CREATE FUNCTION maestro.begin_action(
	component maestro.regcomponent,
	kind maestro.event_kind,
	message text DEFAULT NULL,
	attributes jsonb DEFAULT NULL,
	trace_id text DEFAULT NULL,
	span_id text DEFAULT NULL,
	parent_span_id text DEFAULT NULL,
	target text DEFAULT NULL,
	dependency text DEFAULT NULL)
	RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_begin_action';
COMMENT ON FUNCTION maestro.begin_action(maestro.regcomponent, maestro.event_kind, text, jsonb, text, text, text, text, text) IS
	'logs that an action is begun, and returns its id for end_action. It is committed when the call returns, and stays when the caller''s transaction is rolled back: as a statement of its own, SELECT of it and nothing else, it commits with it; in other statements, a transaction block, a function or a DO block the database''s recorder stores it, for which the call waits, maestro.queue_timeout at most. kind is what the action is: tool_call, model_call, dependency_call, handoff, agent_run, approval, input, output. The event is a note with the attributes maestro.action (the id), maestro.action.kind, and what the caller gave as maestro.action.attributes; message is cut to 1 kB, attributes to 4 kB. Errors: MA002 the caller may not write as the component; 42704 no such component; 22023 no action; 55000 component not active, or registered by a transaction that is not committed, or no recorder; 53400 the queue is full; 55P03 not stored in time; 54000 too large; 25006 read-only transaction or standby. Where it was not stored, or may still be, the error''s detail says so';

CREATE FUNCTION maestro.begin_action(
	component maestro.regcomponent, kind maestro.event_kind, message text, attributes json, trace_id text, span_id text, parent_span_id text, target text, dependency text)
	RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_begin_action_text';
COMMENT ON FUNCTION maestro.begin_action(maestro.regcomponent, maestro.event_kind, text, json, text, text, text, text, text) IS
	'as begin_action with jsonb, attributes as json, read as by lenient_jsonb';

CREATE FUNCTION maestro.begin_action(
	component maestro.regcomponent, kind maestro.event_kind, message text, attributes text, trace_id text, span_id text, parent_span_id text, target text, dependency text)
	RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_begin_action_text';
COMMENT ON FUNCTION maestro.begin_action(maestro.regcomponent, maestro.event_kind, text, text, text, text, text, text, text) IS
	'as begin_action with jsonb, attributes as text, read as by lenient_jsonb';

CREATE FUNCTION maestro.end_action(
	action_id uuid,
	outcome maestro.outcome,
	message text DEFAULT NULL,
	attributes jsonb DEFAULT NULL,
	body jsonb DEFAULT NULL,
	OUT event_id bigint, OUT decision maestro.decision, OUT valid boolean, OUT leaf maestro.digest, OUT violations jsonb)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_end_action';
COMMENT ON FUNCTION maestro.end_action(uuid, maestro.outcome, text, jsonb, jsonb) IS
	'logs how an action ended, once: an event of the action''s kind, with its trace, spans, target and dependency, how long it took since it was begun, and its id as the attribute maestro.action; returns what log_event does. It is part of the caller''s transaction: if that is rolled back, the action stays unresolved, and so it does if the end is refused (decision deny). Errors: P0002 not open: ended already, or never begun; MA002 the caller did not begin it (the owner of the extension may end all); 22004 NULL; as log_event';

CREATE FUNCTION maestro.end_action(
	action_id uuid, outcome maestro.outcome, message text, attributes json, body json,
	OUT event_id bigint, OUT decision maestro.decision, OUT valid boolean, OUT leaf maestro.digest, OUT violations jsonb)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_end_action_text';
COMMENT ON FUNCTION maestro.end_action(uuid, maestro.outcome, text, json, json) IS
	'as end_action with jsonb, attributes and body as json, read as by lenient_jsonb';

CREATE FUNCTION maestro.end_action(
	action_id uuid, outcome maestro.outcome, message text, attributes text, body text,
	OUT event_id bigint, OUT decision maestro.decision, OUT valid boolean, OUT leaf maestro.digest, OUT violations jsonb)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_end_action_text';
COMMENT ON FUNCTION maestro.end_action(uuid, maestro.outcome, text, text, text) IS
	'as end_action with jsonb, attributes and body as text, read as by lenient_jsonb';

CREATE VIEW maestro.action_due WITH (security_barrier = true) AS
	SELECT a.action_id, c.system_id, a.component_id, c.name, a.kind, a.begun_at, a.caller, a.trace_id, a.event_id,
		   a.begun_at + greatest(CASE a.kind WHEN 'approval' THEN interval '1 day' ELSE interval '1 hour' END, c.timeout) AS due_at
	  FROM maestro.open_action a
	  JOIN maestro.component c ON c.component_id = a.component_id
	 WHERE maestro.may_read(c.system_id) OR maestro.may_read_component(a.component_id);
COMMENT ON VIEW maestro.action_due IS 'open_action, and by when each should have ended: after an hour, of an approval a day, and not before the component''s timeout';

CREATE VIEW maestro.unresolved_action WITH (security_barrier = true) AS
	SELECT a.action_id, a.system_id, a.component_id, s.name || '/' || a.name AS component, a.kind, a.begun_at, clock_timestamp() - a.begun_at AS age,
		   a.due_at < now() AS overdue, a.caller, e.session_role, t.name AS target, d.name AS dependency, a.trace_id, e.span_id, a.event_id
	  FROM maestro.action_due a
	  JOIN maestro.system s ON s.system_id = a.system_id
	  LEFT JOIN maestro.event e ON e.event_id = a.event_id AND e.recorded_at = a.begun_at
	  LEFT JOIN maestro.component t ON t.component_id = e.target_id
	  LEFT JOIN maestro.dependency d ON d.dependency_id = e.dependency_id;
COMMENT ON VIEW maestro.unresolved_action IS 'actions that were begun and not ended, of the systems and components that the current role may read of: since when, by whom, on what, and the event that says so';
COMMENT ON COLUMN maestro.unresolved_action.overdue IS 'see action_due; the control error_logged is an alarm then';
COMMENT ON COLUMN maestro.unresolved_action.target IS 'the registered component acted on';

-- As posture sees them: drills are no incidents, and a review takes the event back.
CREATE VIEW maestro.overdue_action WITH (security_barrier = true) AS
	SELECT u.system_id, u.component_id, u.event_id, u.begun_at
	  FROM maestro.action_due u
	 WHERE u.due_at < now() AND u.system_id IN (SELECT r.system_id FROM maestro.readable_system r)
	   AND NOT EXISTS (SELECT FROM maestro.event_excused x WHERE x.event_id = u.event_id)
	   AND NOT EXISTS (SELECT FROM maestro.drill_window n
						WHERE n.trace_id = u.trace_id AND n.system_id = u.system_id AND coalesce(n.component_id, u.component_id) = u.component_id
						  AND u.begun_at BETWEEN n.started_at AND n.until);
COMMENT ON VIEW maestro.overdue_action IS 'actions that should have ended, but for those of drills and those that a review takes back';

CREATE VIEW maestro.unresolved_signal WITH (security_barrier = true) AS
	SELECT u.system_id, u.component_id, count(*) AS bad, max(u.begun_at) AS newest_bad, max(u.event_id) AS last_bad_event
	  FROM maestro.overdue_action u
	 GROUP BY u.system_id, u.component_id;
COMMENT ON VIEW maestro.unresolved_signal IS 'overdue_action by component, counted as the signal action_unresolved';

INSERT INTO maestro.signal_word VALUES ('action_unresolved', 'component', '', 'an action that was begun and not ended in time');

REVOKE ALL ON FUNCTION
	maestro.begin_action(maestro.regcomponent, maestro.event_kind, text, jsonb, text, text, text, text, text),
	maestro.begin_action(maestro.regcomponent, maestro.event_kind, text, json, text, text, text, text, text),
	maestro.begin_action(maestro.regcomponent, maestro.event_kind, text, text, text, text, text, text, text),
	maestro.end_action(uuid, maestro.outcome, text, jsonb, jsonb), maestro.end_action(uuid, maestro.outcome, text, json, json),
	maestro.end_action(uuid, maestro.outcome, text, text, text)
	FROM PUBLIC;
