--
-- Run verdict: what takes more than one event: runs, failures, heartbeats,
-- calls while a breaker is open, actions that overlap.
--
-- Events explain each other only when one role wrote both, or any component of a
-- system could excuse and accuse any other by naming its trace.
--
-- What earlier events left: of all events nothing, since they are all here.
CREATE VIEW maestro.judged_run WITH (security_barrier = true) AS SELECT * FROM maestro.signal_run WHERE false;
COMMENT ON VIEW maestro.judged_run IS 'signal_run, of which judging all events needs nothing';
CREATE VIEW maestro.judged_breaker WITH (security_barrier = true) AS SELECT * FROM maestro.signal_breaker WHERE false;
COMMENT ON VIEW maestro.judged_breaker IS 'signal_breaker, of which judging all events needs nothing';
CREATE VIEW maestro.judged_files WITH (security_barrier = true) AS SELECT * FROM maestro.signal_files WHERE false;
COMMENT ON VIEW maestro.judged_files IS 'signal_files, of which judging all events needs nothing';
CREATE VIEW maestro.judged_trend WITH (security_barrier = true) AS SELECT * FROM maestro.signal_trend WHERE false;
COMMENT ON VIEW maestro.judged_trend IS 'signal_trend, of which judging all events needs nothing';
CREATE VIEW maestro.judged_use WITH (security_barrier = true) AS SELECT * FROM maestro.signal_use WHERE false;
COMMENT ON VIEW maestro.judged_use IS 'signal_use, of which judging all events needs nothing';

-- The time of an action is its start where the caller gave one, else when it was
-- logged, after it.
CREATE VIEW maestro.resource_action WITH (security_barrier = true) AS
	SELECT a.system_id, a.resource, a.event_id, a.component_id, a.component_version, a.recorded_at, a.trace_id, a.span_id, a.parent_span_id, a.caller,
		   a.occurred_at - s.before AS begun, a.occurred_at - s.before + a.lasted AS ended, false AS is_counted
	  FROM (SELECT e.*, maestro.plain_duration(e.duration) AS lasted, left(e.attributes ->> 'maestro.resource', 1000) AS resource
			  FROM maestro.judged_event e
			 WHERE e.standing = 'new' AND e.kind IN ('tool_call', 'dependency_call', 'model_call') AND e.component_id IS NOT NULL AND e.duration IS NOT NULL
			   AND (e.decision = 'deny' OR e.outcome IN ('denied', 'rejected', 'cancelled')) IS NOT TRUE
			   AND e.attributes ? 'maestro.resource' AND e.system_id IS NOT NULL AND e.recorded_at > now() - interval '30 days'
			   AND e.occurred_at > timestamptz '2000-01-01' AND e.occurred_at < timestamptz '9999-01-01') a
	 CROSS JOIN LATERAL (SELECT CASE WHEN a.occurred_at = a.recorded_at THEN a.lasted ELSE interval '0' END AS before) s
	 WHERE a.resource IS NOT NULL;
COMMENT ON VIEW maestro.resource_action IS 'actions of the last 30 days that say on which resource they work (attribute maestro.resource), and from when to when';

-- Two actions on one resource at a time.  What is part of another one, by its
-- parent span or as a second event of its span, is not counted beside it.
CREATE VIEW maestro.resource_overlap WITH (security_barrier = true) AS
WITH fresh AS (SELECT * FROM maestro.resource_action),
action AS (
	SELECT * FROM fresh
	UNION ALL
	SELECT u.* FROM maestro.judged_use u
	 WHERE (u.system_id, u.resource) IN (SELECT n.system_id, n.resource FROM fresh n))
	SELECT a.system_id, a.component_id, a.component_version, a.recorded_at, a.event_id, a.trace_id
	  FROM (SELECT b.*, max(b.ended) OVER (PARTITION BY b.system_id, b.resource ORDER BY b.begun, b.event_id
											ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until
			  FROM (SELECT DISTINCT ON (x.system_id, x.resource, x.trace_id, x.caller, coalesce(x.span_id::text, x.event_id::text)) x.*
					  FROM action x
					 WHERE NOT EXISTS (SELECT FROM action p
										WHERE p.system_id = x.system_id AND p.resource = x.resource AND p.trace_id = x.trace_id
										  AND p.caller = x.caller AND p.span_id = x.parent_span_id)
					 ORDER BY x.system_id, x.resource, x.trace_id, x.caller, coalesce(x.span_id::text, x.event_id::text),
						   x.ended - x.begun DESC, x.is_counted DESC) b) a
	 WHERE a.begun < a.busy_until AND NOT a.is_counted;
COMMENT ON VIEW maestro.resource_overlap IS 'actions that began on a resource before an earlier one had ended';

-- Calls by run; counted: calls that were counted before, and as in bounds.
CREATE VIEW maestro.run_calls WITH (security_barrier = true) AS
	SELECT r.*, CASE WHEN l.version = r.component_version THEN l.valid_from END AS valid_from, l.max_iterations, coalesce(s.calls, 0) AS before, coalesce(s.is_over, false) AS was_over
	  FROM (SELECT system_id, component_id, trace_id, max(component_version) AS component_version, count(*) AS calls,
				   max(least(recorded_at, occurred_at)) AS at, max(recorded_at) AS recorded_at, max(event_id) AS event_id
			  FROM maestro.judged_event
			 WHERE standing = 'new' AND kind IN ('model_call', 'tool_call') AND (decision = 'deny') IS NOT TRUE
			   AND (outcome IN ('denied', 'rejected', 'cancelled')) IS NOT TRUE
			   AND component_id IS NOT NULL AND trace_id IS NOT NULL
			 GROUP BY system_id, component_id, trace_id) r
	  JOIN maestro.limit_history l ON l.component_id = r.component_id AND l.max_iterations IS NOT NULL
	   AND r.recorded_at >= l.valid_from AND r.recorded_at < l.valid_until
	  LEFT JOIN maestro.judged_run s ON s.component_id = r.component_id AND s.trace_id = r.trace_id;
COMMENT ON VIEW maestro.run_calls IS 'how many models and tools each component called in each run, where it has max_iterations; before: calls that were counted earlier';

-- A dependency finally failed in a run when its last call there failed.
CREATE VIEW maestro.failed_run WITH (security_barrier = true) AS
	SELECT f.*, r.ended_well
	  FROM (SELECT system_id, component_id, trace_id, caller, max(recorded_at) AS recorded_at,
				   max(at) AS at, max(failed) AS event_id, array_agg(failed) AS event_ids
			  FROM (SELECT system_id, component_id, trace_id, dependency_id, caller,
						   max(recorded_at) FILTER (WHERE outcome IN ('error', 'timeout')) AS recorded_at,
						   max(least(recorded_at, occurred_at)) FILTER (WHERE outcome IN ('error', 'timeout')) AS at,
						   max(event_id) FILTER (WHERE outcome IN ('error', 'timeout')) AS failed,
						   max(event_id) FILTER (WHERE outcome IN ('ok', 'degraded')) AS passed
					  FROM maestro.judged_event
					 WHERE standing <> 'counted' AND kind = 'dependency_call' AND (decision = 'deny') IS NOT TRUE
					   AND component_id IS NOT NULL AND trace_id IS NOT NULL
					 GROUP BY system_id, component_id, trace_id, dependency_id, caller) d
			 WHERE failed > coalesce(passed, 0)
			 GROUP BY system_id, component_id, trace_id, caller) f
	  LEFT JOIN LATERAL (
		SELECT bool_and(n.ended_well) AS ended_well
		  FROM (SELECT e.outcome IN ('ok', 'degraded') OR maestro.attribute_typed(e.attributes) AS ended_well
				  FROM maestro.event e
				 WHERE e.kind = 'agent_run' AND e.trace_id = f.trace_id AND e.caller = f.caller AND e.system_id = f.system_id
				   AND e.component_id IS NOT NULL
				 ORDER BY e.event_id DESC LIMIT 100) n
		HAVING count(*) > 0) r ON true;
COMMENT ON VIEW maestro.failed_run IS 'runs whose last call of a dependency failed, and whether they ended properly by their newest 100 ends (NULL: not yet, or they do not say)';

CREATE VIEW maestro.breaker_event WITH (security_barrier = true) AS
	SELECT e.system_id, e.component_id, e.dependency_id, e.component_version, least(e.recorded_at, e.occurred_at) AS at, e.recorded_at, e.event_id, e.trace_id,
		   CASE WHEN e.kind = 'guard' THEN left(lower(e.attributes ->> 'breaker.state'), 100) END AS said,
		   (e.kind = 'dependency_call' AND (e.outcome IN ('denied', 'rejected', 'cancelled')) IS NOT TRUE
			AND (e.decision = 'deny') IS NOT TRUE AND e.attributes -> 'breaker.state' IS NULL) AS is_call
	  FROM maestro.judged_event e
	 WHERE e.standing = 'new' AND e.kind IN ('guard', 'dependency_call') AND e.component_id IS NOT NULL AND e.dependency_id IS NOT NULL;
COMMENT ON VIEW maestro.breaker_event IS 'what breakers said, and calls that do not say what their breaker did';

-- Between a breaker's word that it is open and its next word no call is due,
-- unless the call itself says that it was let pass.
CREATE VIEW maestro.breaker_breach WITH (security_barrier = true) AS
WITH word AS (
	SELECT * FROM maestro.breaker_event
	UNION ALL
	SELECT NULL, NULL, s.dependency_id, NULL, NULL, s.recorded_at, s.event_id, NULL, s.said, false FROM maestro.judged_breaker s)
	SELECT c.system_id, c.component_id, c.dependency_id, c.component_version, c.at, c.recorded_at, c.event_id, c.trace_id
	  FROM (SELECT g.*, first_value(g.said) OVER (PARTITION BY g.dependency_id, g.era ORDER BY g.recorded_at, g.event_id) AS state
			  FROM (SELECT b.*, count(b.said) OVER (PARTITION BY b.dependency_id ORDER BY b.recorded_at, b.event_id) AS era
					  FROM word b
					 WHERE b.dependency_id IN (SELECT o.dependency_id FROM word o WHERE o.said ~ 'open')) g) c
	 WHERE c.is_call AND c.state IN ('open', 'forced_open', 'forced-open');
COMMENT ON VIEW maestro.breaker_breach IS 'calls that were made while their breaker was open';

CREATE VIEW maestro.files_sample WITH (security_barrier = true) AS
	SELECT h.*
	  FROM (SELECT e.system_id, e.component_id, e.component_version, e.recorded_at, e.event_id,
				   maestro.attribute_number(e.attributes, 'process.unix.file_descriptor.count') AS files,
				   maestro.attribute_number(e.attributes, 'process.unix.file_descriptor.limit') AS bound
			  FROM maestro.judged_event e
			 WHERE e.standing = 'new' AND e.kind = 'heartbeat' AND e.component_id IS NOT NULL AND e.system_id IS NOT NULL AND e.recorded_at > now() - interval '24 hours') h
	 WHERE h.files IS NOT NULL;
COMMENT ON VIEW maestro.files_sample IS 'open files by heartbeat, of the last 24 hours';

-- The median of the last third of a day's heartbeats against that of the first.
CREATE VIEW maestro.files_trend WITH (security_barrier = true) AS
WITH fresh AS (SELECT * FROM maestro.files_sample)
	SELECT h.system_id, h.component_id, h.version, CASE WHEN l.version = h.version THEN l.valid_from END AS valid_from,
		   CASE WHEN h.n >= 6 AND h.newest - h.oldest >= interval '1 hour'
				THEN h.last <= 1.5 * h.first AND (h.bound IS NULL OR h.last < 0.8 * h.bound) END AS yes, h.newest, h.event_id
	  FROM (SELECT max(b.system_id) AS system_id, b.component_id, max(b.component_version) AS version, count(*) AS n,
				   min(b.recorded_at) AS oldest, max(b.recorded_at) AS newest, max(b.event_id) AS event_id, min(b.bound) AS bound,
				   percentile_cont(0.5) WITHIN GROUP (ORDER BY b.files) FILTER (WHERE b.third = 1) AS first,
				   percentile_cont(0.5) WITHIN GROUP (ORDER BY b.files) FILTER (WHERE b.third = 3) AS last
			  FROM (SELECT a.*, ntile(3) OVER (PARTITION BY a.component_id ORDER BY a.recorded_at, a.event_id) AS third
					  FROM (SELECT * FROM fresh
							UNION ALL
							SELECT NULL, s.component_id, NULL, s.recorded_at, s.event_id, s.files, s.bound
							  FROM maestro.judged_files s
							 WHERE s.recorded_at > now() - interval '24 hours'
							   AND s.component_id IN (SELECT n.component_id FROM fresh n)) a) b
			 GROUP BY b.component_id) h
	  LEFT JOIN maestro.limit_history l ON l.component_id = h.component_id AND h.newest >= l.valid_from AND h.newest < l.valid_until
	UNION ALL
	SELECT t.system_id, t.component_id, NULL, t.valid_from, t.yes, t.newest, t.event_id
	  FROM maestro.judged_trend t
	 WHERE t.newest > now() - interval '24 hours' AND t.component_id NOT IN (SELECT n.component_id FROM fresh n);
COMMENT ON VIEW maestro.files_trend IS 'whether the open files of each component are stable; NULL: too few heartbeats to tell';

CREATE VIEW maestro.run_case WITH (security_barrier = true) AS
	SELECT r.system_id, r.component_id, NULL::integer AS dependency_id, r.component_version, r.valid_from, 'run_in_bounds' AS signal,
		   r.before + r.calls <= r.max_iterations AS yes, r.before > 0 AND NOT r.was_over AS counted, r.at, r.recorded_at, r.event_id, r.trace_id,
		   false AS is_open, NULL::bigint[] AS event_ids
	  FROM maestro.run_calls r
	 WHERE NOT r.was_over
	UNION ALL
	SELECT e.system_id, e.component_id, NULL, e.component_version, e.valid_from, 'error_explained',
		   e.explained OR x.found IS NOT NULL, false, least(e.recorded_at, e.occurred_at), e.recorded_at, e.event_id, e.trace_id,
		   NOT e.explained AND x.found IS NULL AND e.recorded_at > now() - interval '1 hour', NULL
	  FROM (SELECT v.*, v.kind = 'error' OR maestro.attribute_typed(v.attributes) AS explained, CASE WHEN l.version = v.component_version THEN l.valid_from END AS valid_from
			  FROM maestro.judged_event v
			  LEFT JOIN maestro.limit_history l ON l.component_id = v.component_id AND v.recorded_at >= l.valid_from AND v.recorded_at < l.valid_until
			 WHERE (v.kind = 'error' OR v.outcome IN ('error', 'timeout')) AND v.kind NOT IN ('rejected', 'registry')
			   AND v.standing <> 'counted' AND (v.decision = 'deny') IS NOT TRUE AND v.component_id IS NOT NULL AND v.salt IS NOT NULL) e
	  LEFT JOIN LATERAL (
		SELECT true AS found
		  FROM maestro.event o
		 WHERE NOT e.explained AND o.kind = 'error' AND o.trace_id = e.trace_id AND o.caller = e.caller AND o.span_id = e.span_id
		   AND o.system_id = e.system_id AND o.component_id IS NOT NULL
		 LIMIT 1) x ON true
	UNION ALL
	-- A run that has not ended an hour later has no end.
	SELECT f.system_id, f.component_id, NULL, NULL, NULL, 'failed_run_ended',
		   coalesce(f.ended_well, CASE WHEN f.recorded_at < now() - interval '1 hour' THEN false END), false, f.at, f.recorded_at, f.event_id, f.trace_id,
		   f.recorded_at > now() - CASE WHEN f.ended_well IS NULL THEN interval '1 day' ELSE interval '1 hour' END, f.event_ids
	  FROM maestro.failed_run f
	UNION ALL
	SELECT b.system_id, b.component_id, b.dependency_id, b.component_version, CASE WHEN l.version = b.component_version THEN l.valid_from END, 'breaker_heeded', false, false, b.at, b.recorded_at, b.event_id, b.trace_id, false, NULL
	  FROM maestro.breaker_breach b
	  LEFT JOIN maestro.limit_history l ON l.component_id = b.component_id AND b.recorded_at >= l.valid_from AND b.recorded_at < l.valid_until
	UNION ALL
	SELECT h.system_id, h.component_id, NULL, h.version, h.valid_from, 'fd_stable', h.yes, false, h.newest, h.newest, h.event_id, NULL, false, NULL
	  FROM maestro.files_trend h
	UNION ALL
	SELECT o.system_id, o.component_id, NULL, o.component_version, CASE WHEN l.version = o.component_version THEN l.valid_from END, 'resource_exclusive', false, false, o.recorded_at, o.recorded_at, o.event_id, o.trace_id, false, NULL
	  FROM maestro.resource_overlap o
	  LEFT JOIN maestro.limit_history l ON l.component_id = o.component_id AND o.recorded_at >= l.valid_from AND o.recorded_at < l.valid_until;
COMMENT ON VIEW maestro.run_case IS 'what takes more than one event, decided (yes) or not (NULL); counted: it was counted as yes before; is_open: a later event may still change it, so event_ids, or event_id, are not counted yet';

CREATE VIEW maestro.run_verdict WITH (security_barrier = true) AS
	SELECT c.system_id, c.component_id, c.dependency_id, c.component_version, c.signal, c.yes, c.at, c.recorded_at, c.event_id, c.trace_id
	  FROM maestro.run_case c
	 WHERE c.yes IS NOT NULL AND c.system_id IN (SELECT system_id FROM maestro.readable_system);
COMMENT ON VIEW maestro.run_verdict IS 'verdicts that take more than one event';
