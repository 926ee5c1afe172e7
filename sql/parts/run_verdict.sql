--
-- Run verdict: what takes more than one event: runs, failures, heartbeats,
-- calls while a breaker is open, actions that overlap.
--
-- Events explain each other only when one role wrote both, or any component of a
-- system could excuse and accuse any other by naming its trace.
--
CREATE VIEW maestro.resource_action WITH (security_barrier = true) AS
	SELECT e.system_id, e.component_id, e.component_version, e.event_id, e.recorded_at, e.occurred_at, e.trace_id, e.span_id, e.parent_span_id,
		   e.caller, maestro.plain_duration(e.duration) AS lasted, e.attributes ->> 'maestro.resource' AS resource
	  FROM maestro.event e
	 WHERE e.kind IN ('tool_call', 'dependency_call', 'model_call') AND e.component_id IS NOT NULL AND e.duration IS NOT NULL
	   AND (e.decision = 'deny' OR e.outcome IN ('denied', 'rejected', 'cancelled')) IS NOT TRUE
	   AND e.attributes ? 'maestro.resource' AND e.recorded_at > now() - interval '30 days'
	   AND e.occurred_at > timestamptz '2000-01-01' AND e.occurred_at < timestamptz '9999-01-01'
	   AND e.system_id IN (SELECT system_id FROM maestro.readable_system);
COMMENT ON VIEW maestro.resource_action IS 'actions of the last 30 days that say on which resource they work (attribute maestro.resource)';

CREATE VIEW maestro.run_verdict WITH (security_barrier = true) AS
SELECT v.* FROM (
	SELECT r.system_id, r.component_id, NULL::integer AS dependency_id, r.component_version, 'run_in_bounds' AS signal,
		   r.calls <= l.max_iterations AS yes, r.at, r.recorded_at, r.event_id, r.trace_id
	  FROM (SELECT system_id, component_id, trace_id, max(component_version) AS component_version, count(*) AS calls,
				   max(least(recorded_at, occurred_at)) AS at, max(recorded_at) AS recorded_at, max(event_id) AS event_id
			  FROM maestro.event
			 WHERE kind IN ('model_call', 'tool_call') AND (decision = 'deny') IS NOT TRUE
			   AND (outcome IN ('denied', 'rejected', 'cancelled')) IS NOT TRUE
			   AND component_id IS NOT NULL AND trace_id IS NOT NULL
			 GROUP BY system_id, component_id, trace_id) r
	  JOIN maestro.limit_history l ON l.component_id = r.component_id AND l.max_iterations IS NOT NULL
	   AND r.recorded_at >= l.valid_from AND r.recorded_at < l.valid_until
	UNION ALL
	SELECT e.system_id, e.component_id, NULL, e.component_version, 'error_explained',
		   e.kind = 'error'
		   OR maestro.attribute_typed(e.attributes)
		   OR x.span_id IS NOT NULL, least(e.recorded_at, e.occurred_at), e.recorded_at, e.event_id, e.trace_id
	  FROM maestro.event e
	  LEFT JOIN (SELECT DISTINCT system_id, trace_id, span_id, caller FROM maestro.event
				  WHERE kind = 'error' AND component_id IS NOT NULL AND trace_id IS NOT NULL AND span_id IS NOT NULL) x
		ON x.system_id = e.system_id AND x.trace_id = e.trace_id AND x.span_id = e.span_id AND x.caller = e.caller
	 WHERE (e.kind = 'error' OR e.outcome IN ('error', 'timeout')) AND e.kind NOT IN ('rejected', 'registry')
	   AND (e.decision = 'deny') IS NOT TRUE AND e.component_id IS NOT NULL
	UNION ALL
	-- A dependency finally failed in a run when its last call there failed; a run
	-- that has not ended an hour later has no end.
	SELECT f.system_id, f.component_id, NULL, NULL, 'failed_run_ended',
		   CASE WHEN r.trace_id IS NOT NULL THEN r.ended_well
				WHEN f.recorded_at < now() - interval '1 hour' THEN false END, f.at, f.recorded_at, f.event_id, f.trace_id
	  FROM (SELECT system_id, component_id, trace_id, caller, max(recorded_at) AS recorded_at,
				   max(at) AS at, max(failed) AS event_id
			  FROM (SELECT system_id, component_id, trace_id, dependency_id, caller, max(recorded_at) AS recorded_at,
						   max(least(recorded_at, occurred_at)) AS at,
						   max(event_id) FILTER (WHERE outcome IN ('error', 'timeout')) AS failed,
						   max(event_id) FILTER (WHERE outcome IN ('ok', 'degraded')) AS passed
					  FROM maestro.event
					 WHERE kind = 'dependency_call' AND (decision = 'deny') IS NOT TRUE
					   AND component_id IS NOT NULL AND trace_id IS NOT NULL
					 GROUP BY system_id, component_id, trace_id, dependency_id, caller) d
			 WHERE failed > coalesce(passed, 0)
			 GROUP BY system_id, component_id, trace_id, caller) f
	  LEFT JOIN (SELECT system_id, trace_id, caller,
						bool_and(outcome IN ('ok', 'degraded')
								 OR maestro.attribute_typed(attributes)) AS ended_well
				   FROM maestro.event
				  WHERE kind = 'agent_run' AND component_id IS NOT NULL AND trace_id IS NOT NULL
				  GROUP BY system_id, trace_id, caller) r
		ON r.system_id = f.system_id AND r.trace_id = f.trace_id AND r.caller = f.caller
	UNION ALL
	-- Between a breaker's word that it is open and its next word no call is due,
	-- unless the call itself says that it was let pass.
	SELECT c.system_id, c.component_id, c.dependency_id, c.component_version, 'breaker_heeded', false, c.at, c.recorded_at, c.event_id, c.trace_id
	  FROM (SELECT g.*, first_value(g.said) OVER (PARTITION BY g.dependency_id, g.era ORDER BY g.recorded_at, g.event_id) AS state
			  FROM (SELECT b.*, count(b.said) OVER (PARTITION BY b.dependency_id ORDER BY b.recorded_at, b.event_id) AS era
					  FROM (SELECT e.*, least(e.recorded_at, e.occurred_at) AS at,
								   CASE WHEN e.kind = 'guard' THEN lower(e.attributes ->> 'breaker.state') END AS said
							  FROM maestro.event e
							 WHERE e.kind IN ('guard', 'dependency_call') AND e.component_id IS NOT NULL
							   AND e.dependency_id IN (SELECT dependency_id FROM maestro.event
														WHERE kind = 'guard' AND dependency_id IS NOT NULL
														  AND attributes ->> 'breaker.state' ~* 'open')) b) g) c
	 WHERE c.kind = 'dependency_call' AND c.state IN ('open', 'forced_open', 'forced-open')
	   AND (c.outcome IN ('denied', 'rejected', 'cancelled')) IS NOT TRUE AND (c.decision = 'deny') IS NOT TRUE
	   AND c.attributes -> 'breaker.state' IS NULL
	UNION ALL
	-- Open files: the median of the last third of a day's heartbeats against that of the first.
	SELECT h.system_id, h.component_id, NULL, h.version, 'fd_stable',
		   CASE WHEN h.n >= 6 AND h.newest - h.oldest >= interval '1 hour'
				THEN h.last <= 1.5 * h.first AND (h.bound IS NULL OR h.last < 0.8 * h.bound) END, h.newest, h.newest, h.event_id, NULL
	  FROM (SELECT b.system_id, b.component_id, max(b.component_version) AS version, count(*) AS n,
				   min(b.recorded_at) AS oldest, max(b.recorded_at) AS newest, max(b.event_id) AS event_id, min(b.bound) AS bound,
				   percentile_cont(0.5) WITHIN GROUP (ORDER BY b.files) FILTER (WHERE b.third = 1) AS first,
				   percentile_cont(0.5) WITHIN GROUP (ORDER BY b.files) FILTER (WHERE b.third = 3) AS last
			  FROM (SELECT a.*, ntile(3) OVER (PARTITION BY a.component_id ORDER BY a.recorded_at, a.event_id) AS third
					  FROM (SELECT e.system_id, e.component_id, e.component_version, e.recorded_at, e.event_id,
								   maestro.attribute_number(e.attributes, 'process.unix.file_descriptor.count') AS files,
								   maestro.attribute_number(e.attributes, 'process.unix.file_descriptor.limit') AS bound
							  FROM maestro.event e
							 WHERE e.kind = 'heartbeat' AND e.component_id IS NOT NULL AND e.recorded_at > now() - interval '24 hours') a
					 WHERE a.files IS NOT NULL) b
			 GROUP BY b.system_id, b.component_id) h
	UNION ALL
	-- Two actions on one resource at a time.  What is part of another one, by its
	-- parent span or as a second event of its span, is not counted beside it.
	SELECT a.system_id, a.component_id, NULL, a.component_version, 'resource_exclusive',
		   CASE WHEN a.begun < a.busy_until THEN false END, a.recorded_at, a.recorded_at, a.event_id, a.trace_id
	  FROM (SELECT b.*, max(b.ended) OVER (PARTITION BY b.system_id, b.resource ORDER BY b.begun, b.event_id
											ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until
			  FROM (SELECT DISTINCT ON (x.system_id, x.resource, x.trace_id, x.caller, coalesce(x.span_id::text, x.event_id::text))
						   x.*, x.occurred_at - s.before AS begun, x.occurred_at - s.before + x.lasted AS ended
					  FROM maestro.resource_action x
					 -- The time of an event is its start where the caller gave one, else when it was logged, after it.
					 CROSS JOIN LATERAL (SELECT CASE WHEN x.occurred_at = x.recorded_at THEN x.lasted ELSE interval '0' END AS before) s
					 WHERE NOT EXISTS (SELECT FROM maestro.resource_action p
										WHERE p.system_id = x.system_id AND p.resource = x.resource AND p.trace_id = x.trace_id
										  AND p.caller = x.caller AND p.span_id = x.parent_span_id)
					 ORDER BY x.system_id, x.resource, x.trace_id, x.caller, coalesce(x.span_id::text, x.event_id::text), x.lasted DESC) b) a) v
 WHERE v.yes IS NOT NULL AND v.system_id IN (SELECT system_id FROM maestro.readable_system);
COMMENT ON VIEW maestro.run_verdict IS 'verdicts that take more than one event; yes NULL is left out';
