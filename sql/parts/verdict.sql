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
	SELECT e.component_id, e.trace_id, e.span_id, e.caller, e.decision, e.event_id, e.recorded_at
	  FROM maestro.judged_event e WHERE e.kind = 'output' AND e.valid;
COMMENT ON VIEW maestro.judged_output IS 'those of judged_event that are outputs which held their contract';
COMMENT ON COLUMN maestro.judged_event.standing IS 'new; pending: what it said is not counted yet; counted: a review takes back what it was bad in (faults)';

-- Waits for a person do not count as duration: approvals that were stored before a
-- span of their run and while it lasted, by who logged both, the first 100 a run and
-- of the last 31 days.
-- One row an event with a verdict a question; NULL where it does not concern it.
CREATE VIEW maestro.event_verdict WITH (security_barrier = true) AS
	SELECT e.system_id, e.component_id, e.target_id, e.dependency_id, e.event_id, e.at, e.recorded_at, e.kind, e.trace_id, e.own, e.refused,
		   CASE WHEN e.component_version = c.version AND c.is_current THEN c.version END AS version,
		   CASE WHEN t.is_current THEN t.version END AS target_version,
		   CASE WHEN e.component_version = c.version THEN c.valid_from END AS valid_from, t.valid_from AS target_valid_from,
		   t.is_judged_by_callers AS target_judged, c.contradicted_by,
		   e.in_context,
		   CASE WHEN e.own THEN e.findings IS NULL OR NOT EXISTS (
				SELECT FROM jsonb_object_keys(e.findings) k(type) WHERE maestro.finding_is_secret(k.type) IS NOT FALSE) END AS without_secret,
		   CASE WHEN e.own_output OR e.at_target
				THEN e.refused OR e.findings IS NULL OR NOT EXISTS (
					SELECT FROM jsonb_object_keys(e.findings) k(type)
					 WHERE maestro.finding_is_secret(k.type) IS NOT FALSE
						OR k.type <> ALL (coalesce(CASE WHEN e.own_output THEN c.allowed_data ELSE t.allowed_data END, '{}')))
				END AS clean,
		   e.error_clean, e.error_typed,
		   CASE WHEN e.own AND NOT e.refused AND e.kind NOT IN ('approval', 'heartbeat')
				THEN e.lasted - coalesce(p.seconds, 0) * interval '1 s' <= c.latest END AS in_time,
		   CASE WHEN e.called AND NOT e.refused THEN e.lasted - coalesce(p.seconds, 0) * interval '1 s' <= t.latest END AS target_in_time,
		   CASE WHEN e.own AND NOT e.refused AND e.dependency_id IS NOT NULL AND e.kind <> 'approval'
				THEN e.lasted <= d.latest END AS call_in_time,
		   CASE WHEN e.own AND NOT e.refused AND e.addressed
				THEN CASE WHEN e.address IS NULL THEN e.dependency_id IS NOT NULL
						  ELSE EXISTS (SELECT FROM unnest(a.addresses, a.hosts, a.froms, a.untils) u (address, host, since, until)
									   WHERE lower(e.address) IN (u.address, u.host) AND e.recorded_at >= u.since AND e.recorded_at < u.until) END END AS call_declared,
		   CASE WHEN d.retry_is_whole THEN
				CASE WHEN e.attempt >= d.max_attempts THEN false
					 WHEN e.attempt >= 1 AND e.waited IS NOT NULL THEN true END END AS retry_in_bounds,
		   CASE WHEN w.scheduled IS NOT NULL THEN least(e.waited, w.scheduled) END AS waited, w.scheduled,
		   CASE WHEN e.own AND e.dependency_id IS NOT NULL AND e.kind IN ('dependency_call', 'guard')
				THEN CASE WHEN e.breaker_state IN ('open', 'forced_open', 'forced-open') THEN true
						  WHEN e.breaker_state IN ('closed', 'half_open', 'half-open') THEN false END END AS breaker_open,
		   CASE WHEN e.own AND e.dependency_id IS NOT NULL AND e.kind IN ('dependency_call', 'guard')
				THEN CASE WHEN e.limiter_state IN ('limited', 'denied', 'rejected') THEN true
						  WHEN e.limiter_state = 'allowed' THEN false END END AS limited,
		   e.made,
		   -- The contract's verdict counts since there is a contract, and as good for the version in force alone.
		   k.component_id AS judged_id, k.direction,
		   CASE WHEN e.recorded_at >= k.since AND NOT e.refused THEN e.valid IS NOT NULL END AS checked,
		   CASE WHEN e.recorded_at >= k.since THEN
				CASE WHEN NOT e.valid THEN CASE WHEN e.refused OR y.event_id > e.event_id AND y.recorded_at < e.recorded_at + interval '1 hour' THEN true ELSE false END
					 WHEN coalesce(e.contract_version, k.version) = k.version THEN e.valid END END AS valid,
		   CASE WHEN e.own AND e.kind = 'handoff' AND e.target_id IS DISTINCT FROM e.component_id THEN k.component_id IS NOT NULL END AS contracted,
		   CASE WHEN e.own AND e.kind = 'handoff' AND (n1.component_id IS NOT NULL OR n2.component_id IS NOT NULL)
				THEN e.refused OR coalesce(q.allowed, false) END AS order_kept,
		   CASE WHEN e.own AND e.kind = 'model_call' AND NOT e.refused THEN
				CASE WHEN (t.kind IN ('model', 'gateway') AND t.model IS NOT NULL) IS NOT TRUE THEN false
					 ELSE e.model = t.model END END AS model_pinned,
		   CASE WHEN e.own AND e.kind = 'model_call' AND NOT e.refused AND t.kind IN ('model', 'gateway')
				THEN e.model IS NOT NULL END AS model_named,
		   CASE WHEN e.own AND e.kind <> 'tool_call' THEN e.tool_digest = c.tool_schema_digest::text
				OR e.recorded_at < c.valid_from + interval '1 hour' AND e.tool_digest = c.old_tool_schema_digest::text END AS tool_same,
		   CASE WHEN e.called AND e.kind = 'tool_call' THEN e.tool_digest = t.tool_schema_digest::text
				OR e.recorded_at < t.valid_from + interval '1 hour' AND e.tool_digest = t.old_tool_schema_digest::text END AS target_tool_same,
		   CASE WHEN e.own THEN e.manifest_digest = c.manifest_digest::text
				OR e.recorded_at < c.valid_from + interval '1 hour' AND e.manifest_digest = c.old_manifest_digest::text END AS manifest_same,
		   CASE WHEN e.own AND e.kind = 'agent_run' AND c.manifest_digest IS NOT NULL THEN e.manifest_digest IS NOT NULL END AS manifest_sent,
		   CASE WHEN d.retry_is_whole AND e.attempt >= 1 THEN e.waited IS NOT NULL END AS retry_known,
		   CASE WHEN e.own AND e.kind = 'agent_run' AND e.plan_digest IS NOT NULL
				THEN EXISTS (SELECT FROM unnest(g.digests, g.froms, g.untils) u (digest, since, until)
							  WHERE u.digest = e.plan_digest AND e.recorded_at >= u.since AND e.recorded_at < u.until)
					 OR CASE WHEN g.digests IS NULL THEN NULL ELSE false END END AS plan_same,
		   CASE WHEN e.own AND e.kind = 'heartbeat'
				THEN e.memory <= c.memory_limit END AS memory_in_limit,
		   e.neutral,
		   CASE WHEN e.own THEN true
				WHEN e.component_id IS NULL AND e.reason = 'unregistered_component' THEN e.kind = 'rejected' END AS registered,
		   CASE WHEN e.kind = 'rejected' AND e.component_id IS NULL AND e.reason IN ('registry_locked', 'signature_invalid')
				THEN x.event_id IS NOT NULL END AS registration_reviewed,
		   x.event_id IS NOT NULL AS excused, n.drill_id IS NOT NULL AS drill, e.standing, e.faults,
		   coalesce(e.contract_version, k.version) AS judging_version,
		   (e.kind = 'output' AND NOT e.valid AND NOT e.refused AND y.event_id IS NULL AND e.recorded_at > now() - interval '1 hour') IS TRUE AS is_open
	  FROM (SELECT v.system_id, v.component_id, v.component_version, v.target_id, v.dependency_id, v.event_id, v.recorded_at, v.kind,
				   v.trace_id, v.span_id, v.caller, v.valid, v.contract_version, v.reason, v.standing, v.faults, least(v.recorded_at, v.occurred_at) AS at, maestro.plain_duration(v.duration) AS lasted, o.own, o.refused,
				   o.own AND v.kind = 'output' AS own_output,
				   o.own AND v.target_id <> v.component_id AND v.kind IN ('tool_call', 'model_call') AS at_target,
				   o.own AND v.target_id <> v.component_id AND v.kind IN ('tool_call', 'model_call', 'dependency_call') AS called,
				   o.own AND NOT o.refused AND (v.kind = 'error' OR v.outcome IN ('error', 'timeout')) IS TRUE AS failed,
				   v.kind = 'dependency_call'
					   OR v.kind IN ('tool_call', 'model_call') AND v.attributes ? 'server.address' AS addressed,
				   CASE WHEN v.kind IN ('dependency_call', 'tool_call', 'model_call') THEN v.attributes ->> 'server.address' END AS address,
				   CASE WHEN v.kind = 'model_call'
						THEN coalesce(v.attributes ->> 'gen_ai.response.model', v.attributes ->> 'gen_ai.request.model') END AS model,
				   (v.outcome IN ('denied', 'rejected', 'cancelled')) IS NOT TRUE AS made,
				   CASE WHEN o.own AND NOT o.refused AND v.kind = 'dependency_call'
						THEN maestro.attribute_number(v.attributes, 'http.request.resend_count') END AS attempt,
				   CASE WHEN o.own AND NOT o.refused AND v.kind = 'dependency_call'
						THEN maestro.attribute_number(v.attributes, 'retry.delay_ms') END AS waited,
				   -- whose contract, and for what: input of whom it is for, output of who gives it
				   CASE WHEN o.own THEN
						CASE WHEN v.kind IN ('input', 'output', 'handoff') THEN v.component_id
							 WHEN v.kind = 'tool_call' AND v.target_id <> v.component_id THEN v.target_id END END AS bound_id,
				   CASE v.kind WHEN 'tool_call' THEN 'input' ELSE v.kind::text END AS bound_direction,
				   CASE WHEN v.kind = 'handoff' THEN v.target_id ELSE 0 END AS bound_target,
				   -- whoever had a payload erased is not to be blamed for its lack; that an action is begun is judged at its end
				   CASE WHEN o.own AND v.kind <> 'heartbeat' AND NOT (v.kind = 'note' AND v.attributes ? 'maestro.action.kind') IS TRUE AND v.salt IS NOT NULL THEN v.trace_id IS NOT NULL
						AND (v.body NOT IN ('null', '""', '[]') OR maestro.attributes_say(v.attributes)) IS TRUE END AS in_context,
				   CASE WHEN jsonb_typeof(v.findings) = 'object' THEN v.findings END AS findings,
				   CASE WHEN (o.own AND NOT o.refused AND (v.kind = 'error' OR v.outcome IN ('error', 'timeout'))) IS TRUE
						 AND (v.kind IN ('error', 'output') OR v.target_id <> v.component_id AND v.kind IN ('tool_call', 'model_call'))
						THEN coalesce(cardinality(maestro.error_leaks(v.message)), 0)
							 + coalesce(cardinality(maestro.error_leaks(v.body::text)), 0) = 0 END AS error_clean,
				   CASE WHEN (o.own AND NOT o.refused AND (v.kind = 'error' OR v.outcome IN ('error', 'timeout'))) IS TRUE AND v.salt IS NOT NULL
						THEN maestro.attribute_typed(v.attributes) END AS error_typed,
				   CASE WHEN v.kind IN ('dependency_call', 'guard') THEN lower(v.attributes ->> 'breaker.state') END AS breaker_state,
				   CASE WHEN v.kind IN ('dependency_call', 'guard') THEN lower(v.attributes ->> 'limiter.state') END AS limiter_state,
				   lower(v.attributes ->> 'maestro.tool_schema_digest') AS tool_digest,
				   lower(v.attributes ->> 'maestro.manifest_digest') AS manifest_digest,
				   CASE WHEN v.kind = 'agent_run' THEN lower(v.attributes ->> 'maestro.plan_digest') END AS plan_digest,
				   CASE WHEN v.kind = 'heartbeat' THEN nullif(maestro.attribute_number(v.attributes, 'process.memory.usage'), 0) END AS memory,
				   maestro.message_is_neutral(v.message) AS neutral
			  FROM maestro.judged_event v
			 CROSS JOIN LATERAL (
				SELECT v.component_id IS NOT NULL AND v.kind <> 'rejected' AS own,
					   (v.decision = 'deny') IS TRUE AS refused) o
			 WHERE v.kind <> 'registry'
			-- What is read here is to be read once an event, however often it is used.
			OFFSET 0) e
	  LEFT JOIN maestro.limit_history c ON c.component_id = e.component_id AND e.recorded_at >= c.valid_from AND e.recorded_at < c.valid_until
	  LEFT JOIN maestro.limit_history t ON t.component_id = e.target_id AND e.recorded_at >= t.valid_from AND e.recorded_at < t.valid_until
	  LEFT JOIN maestro.policy_history d ON d.dependency_id = e.dependency_id AND e.recorded_at >= d.valid_from AND e.recorded_at < d.valid_until
	  LEFT JOIN maestro.address_history a ON a.component_id = e.component_id
	  LEFT JOIN maestro.contract_since k
		ON k.component_id = e.bound_id AND k.direction = e.bound_direction AND coalesce(k.target_id, 0) = e.bound_target
	  LEFT JOIN maestro.plan_node n1 ON n1.component_id = e.component_id AND e.kind = 'handoff'
	  LEFT JOIN maestro.plan_node n2 ON n2.component_id = e.target_id AND e.kind = 'handoff'
	  LEFT JOIN maestro.plan_pair q ON q.source_id = e.component_id AND q.target_id = e.target_id
	  LEFT JOIN (SELECT system_id, array_agg(digest::text) AS digests, array_agg(since) AS froms, array_agg(until) AS untils
				   FROM maestro.plan_history GROUP BY system_id) g ON g.system_id = e.system_id
	  LEFT JOIN maestro.event_excused x ON x.event_id = e.event_id
	  LEFT JOIN LATERAL (
		SELECT sum(least(a.waited, extract(epoch FROM e.lasted)))::float8 AS seconds
		  FROM (SELECT w.event_id, w.recorded_at, extract(epoch FROM maestro.plain_duration(w.duration)) AS waited
				  FROM maestro.event w
				 -- what is in time as it is needs no look-up
				 WHERE (e.lasted > c.latest OR e.lasted > t.latest) AND e.kind NOT IN ('approval', 'heartbeat', 'registry', 'rejected')
				   AND w.kind = 'approval' AND w.trace_id = e.trace_id AND w.caller = e.caller AND w.system_id = e.system_id
				   AND w.component_id IS NOT NULL AND w.duration IS NOT NULL
				   AND w.recorded_at > e.recorded_at - interval '31 days' AND w.recorded_at < e.recorded_at + interval '1 day'
				 ORDER BY w.event_id LIMIT 100) a
		 WHERE a.event_id < e.event_id AND a.recorded_at >= e.recorded_at - e.lasted) p
		ON true
	  LEFT JOIN maestro.drill_window n
		ON n.trace_id = e.trace_id AND n.system_id = e.system_id AND coalesce(n.component_id, e.component_id) = e.component_id
	   AND e.recorded_at BETWEEN n.started_at AND n.until
	  -- An invalid output that is followed by a valid one was asked for again.
	  LEFT JOIN (SELECT component_id, trace_id, span_id, caller, max(event_id) AS event_id, max(recorded_at) AS recorded_at
				   FROM maestro.judged_output
				  WHERE (decision = 'deny') IS NOT TRUE AND component_id IS NOT NULL AND trace_id IS NOT NULL AND span_id IS NOT NULL
				  GROUP BY component_id, trace_id, span_id, caller) y
		ON e.valid = false AND e.kind = 'output'
	   AND y.component_id = e.component_id AND y.trace_id = e.trace_id AND y.span_id = e.span_id AND y.caller = e.caller
	 CROSS JOIN LATERAL (
		SELECT CASE WHEN d.retry_is_whole AND e.attempt >= 1 AND e.waited IS NOT NULL
					THEN least(d.cap_ms, d.base_ms * power(least(d.multiplier, 100), least(e.attempt, 50) - 1)) END AS scheduled) w
	OFFSET 0;
COMMENT ON VIEW maestro.event_verdict IS 'what each event says about who acted, whom it called and on which dependency: a row an event, a column a question; excused: a review took its bad verdicts back; drill: it belongs to a drill; is_open: a later event may still change what it says; valid_from: since when what it is judged by has held, of who acted (NULL: not of the version that it says)';
