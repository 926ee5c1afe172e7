--
-- Verdict: what each event says, question by question.
--
-- What has no process of its own (tools, models, services) is judged by the
-- events of its callers, through target_id; agents and whatever has a process
-- speak for themselves alone.  Events of kind "registry" say nothing; what was
-- rejected, or came from nobody that is registered, says something about the
-- system alone; what was refused was not accepted, so it is never bad.
--
-- A review that says so takes the event's bad verdicts back.
CREATE VIEW maestro.event_excused WITH (security_barrier = true) AS
	SELECT r.event_id
	  FROM (SELECT DISTINCT ON (v.event_id) v.event_id, v.conclusion
			  FROM maestro.event_review v ORDER BY v.event_id, v.review_id DESC) r
	 WHERE r.conclusion <> 'confirmed';
COMMENT ON VIEW maestro.event_excused IS 'events whose newest review says that they were no alarm, or are resolved';

-- What is judged: here all events; signal_fold.sql makes these views once more, of the
-- few events that are not counted yet.
CREATE VIEW maestro.judged_event WITH (security_barrier = true) AS
	SELECT e.*, 'new'::text AS standing, NULL::bigint AS faults
	  FROM maestro.event e
	 WHERE e.system_id IN (SELECT system_id FROM maestro.readable_system);
COMMENT ON VIEW maestro.judged_event IS 'the events of the systems that the current role may read of';
CREATE VIEW maestro.judged_output WITH (security_barrier = true) AS
	SELECT e.system_id, e.component_id, e.trace_id, e.span_id, e.caller, e.decision, e.event_id, e.recorded_at, e.valid
	  FROM maestro.judged_event e WHERE e.kind = 'output' AND e.valid IS NOT NULL;
COMMENT ON VIEW maestro.judged_output IS 'those of judged_event that are outputs which were checked against their contract';
COMMENT ON COLUMN maestro.judged_event.standing IS 'new; pending: what it said is not counted yet; counted: a review takes back what it was bad in (faults)';

-- An invalid output that is followed by a valid one was asked for again.
CREATE VIEW maestro.retried_output WITH (security_barrier = true) AS
WITH output AS MATERIALIZED (
	SELECT * FROM maestro.judged_output o
	 WHERE (o.decision = 'deny') IS NOT TRUE AND o.component_id IS NOT NULL AND o.trace_id IS NOT NULL AND o.span_id IS NOT NULL)
	SELECT i.system_id, i.event_id, y.newest_id, y.newest_at
	  FROM output i
	  JOIN (SELECT o.component_id, o.trace_id, o.span_id, o.caller, max(o.event_id) AS newest_id, max(o.recorded_at) AS newest_at
			  FROM output o WHERE o.valid GROUP BY o.component_id, o.trace_id, o.span_id, o.caller) y
		ON y.component_id = i.component_id AND y.trace_id = i.trace_id AND y.span_id = i.span_id AND y.caller = i.caller
	 WHERE NOT i.valid;
COMMENT ON VIEW maestro.retried_output IS 'invalid outputs in whose span there is a valid one, and the newest of those';

-- Waits for a person do not count as duration: approvals that were stored before a
-- span of their run and while it lasted, by who logged both, the first 100 a run and
-- of the last 31 days.
CREATE FUNCTION maestro.event_waits(trace_id maestro.trace_id, caller name, system_id integer, event_id bigint, recorded_at timestamptz, duration interval)
	RETURNS TABLE (waited interval) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
	BEGIN ATOMIC
		SELECT coalesce(sum(least(a.waited, extract(epoch FROM maestro.plain_duration(duration)))), 0)::float8 * interval '1 s'
		  FROM (SELECT w.event_id, w.recorded_at, extract(epoch FROM maestro.plain_duration(w.duration)) AS waited
				  FROM maestro.event w
				 WHERE w.kind = 'approval' AND w.trace_id = event_waits.trace_id AND w.caller = event_waits.caller AND w.system_id = event_waits.system_id
				   AND w.component_id IS NOT NULL AND w.duration IS NOT NULL
				   AND w.recorded_at > event_waits.recorded_at - interval '31 days' AND w.recorded_at < event_waits.recorded_at + interval '1 day'
				 ORDER BY w.event_id LIMIT 100) a
		 WHERE a.event_id < event_waits.event_id AND a.recorded_at >= event_waits.recorded_at - maestro.plain_duration(duration);
	END;
COMMENT ON FUNCTION maestro.event_waits(maestro.trace_id, name, integer, bigint, timestamptz, interval) IS
	'how long an event waited for persons: what the approvals of its run took that were stored while it lasted, by who logged both';
REVOKE ALL ON FUNCTION maestro.event_waits(maestro.trace_id, name, integer, bigint, timestamptz, interval) FROM PUBLIC;

-- The rules are in the library (src/judge.c), for this view as for the sealer, which
-- asks them of each event.
CREATE FUNCTION maestro.judge_event(event maestro.judged_event) RETURNS TABLE (
		at timestamptz, own boolean, refused boolean, version text, target_version text, valid_from timestamptz, target_valid_from timestamptz,
		target_judged boolean, waited bigint, scheduled bigint, judged_id integer, direction text, judging_version integer, excused boolean, drill boolean,
		is_open boolean, votes boolean[],
		in_context boolean, without_secret boolean, clean boolean, error_clean boolean, error_typed boolean, in_time boolean, target_in_time boolean,
		call_in_time boolean, call_declared boolean, retry_in_bounds boolean, breaker_open boolean, limited boolean, made boolean, checked boolean,
		valid boolean, contracted boolean, order_kept boolean, model_pinned boolean, model_named boolean, contradicted boolean, tool_same boolean,
		target_tool_same boolean, manifest_same boolean, manifest_sent boolean, retry_known boolean, plan_same boolean, memory_in_limit boolean,
		neutral boolean, registered boolean, registration_reviewed boolean)
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED ROWS 1 AS 'MODULE_PATHNAME', 'maestro_judge_event';
COMMENT ON FUNCTION maestro.judge_event(maestro.judged_event) IS 'what an event says: the columns of event_verdict, by what is declared now; nothing of an event of kind registry, or of a system that the caller may not read of';

-- One row an event with a verdict a question; NULL where it does not concern it.
CREATE VIEW maestro.event_verdict WITH (security_barrier = true) AS
	SELECT e.system_id, e.component_id, e.target_id, e.dependency_id, e.event_id, v.at, e.recorded_at, e.kind, e.trace_id, v.own, v.refused,
		   v.version, v.target_version, v.valid_from, v.target_valid_from, v.target_judged, v.contradicted,
		   v.in_context, v.without_secret, v.clean, v.error_clean, v.error_typed, v.in_time, v.target_in_time, v.call_in_time, v.call_declared,
		   v.retry_in_bounds, v.waited, v.scheduled, v.breaker_open, v.limited, v.made, v.judged_id, v.direction, v.checked, v.valid, v.contracted,
		   v.order_kept, v.model_pinned, v.model_named, v.tool_same, v.target_tool_same, v.manifest_same, v.manifest_sent, v.retry_known, v.plan_same,
		   v.memory_in_limit, v.neutral, v.registered, v.registration_reviewed, v.excused, v.drill, v.judging_version, v.is_open, v.votes
	  FROM maestro.judged_event e
	 CROSS JOIN LATERAL maestro.judge_event(e) v
	 WHERE e.kind <> 'registry';
COMMENT ON VIEW maestro.event_verdict IS 'what each event says about who acted, whom it called and on which dependency: a row an event, a column a question; excused: a review took its bad verdicts back; drill: it belongs to a drill; is_open: a later event may still change what it says; valid_from: since when what it is judged by has held, of who acted (NULL: not of the version that it says); waited, scheduled: ms before a retry, and by its policy without jitter; votes: all answers by signal_slot';
