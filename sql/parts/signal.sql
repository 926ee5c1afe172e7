--
-- Signal: what events say, counted.
--
-- A signal is a question with a yes or no for each event (or run) that it
-- concerns: ok counts the yes, bad the no, with the newest time of each and the
-- ids of the first and last bad event.  Controls read signals, never events, so
-- this view can become a table that is kept up to date event by event.
--
--	signal				about		yes means
--	event				component	it logged something
--	event_in_context	component	the event has a trace id, and a body or attributes
--	event_without_secret component	the sanitizer found no secret in it
--	output_clean		component	an output without secret or personal data that is not allowed
--	error_clean			component	a failure whose message and body show no internals
--	error_typed			component	a failure with error.type
--	error_explained		component	a failure with error.type or an error event in its span
--	span_in_time		component	a span no longer than the timeout and its grace
--	run_in_bounds		component	a run with no more calls than max_iterations
--	call_declared		component	a call to a declared address
--	failed_run_ended	component	a run with a failed dependency that ended properly
--	acting				component	it called a model or tool, or handed off
--	heartbeat			component	it sent a heartbeat
--	undeclared_call		component	it called a dependency that is not registered
--	called				component	it was called
--	call				dependency	it was called
--	call_in_time		dependency	a call no longer than both timeouts and their grace
--	retry_in_bounds		dependency	a retry within max_attempts whose delay is known
--	retry_waited		dependency	ok: ms waited, bad: ms by the schedule without jitter
--	breaker_asked		dependency	a call that was made after asking the breaker
--	breaker_heeded		dependency	bad: a call while the breaker was open
--	message_neutral		system		a message without characters that sanitizing removes
--	writer_registered	system		an event of a registered component, or refused
--
-- What has no process of its own (tools, models, services) is judged by the
-- events of its callers, through target_id; agents and whatever has a process
-- speak for themselves alone.  Events of kind "registry" say
-- nothing; what was rejected, or came from nobody that is registered, says
-- something about the system alone; what was refused was not accepted, so it is
-- never bad.  Good evidence is as old as the earlier of its two times, bad evidence
-- as new as we recorded it, so that no claimed time makes a status better.  Of
-- neither does what is older than 30 days count, the longest that behaviour may
-- be evidence of anything.
--
CREATE FUNCTION maestro.attribute_number(attributes jsonb, name text) RETURNS float8
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT CASE jsonb_typeof(attributes -> name)
				WHEN 'number' THEN least(greatest((attributes -> name)::numeric, 0), 999999999)::float8
				WHEN 'string' THEN CASE WHEN attributes ->> name ~ '^[0-9]{1,9}(\.[0-9]{1,30})?$'
										THEN (attributes ->> name)::float8 END END;
	END;
COMMENT ON FUNCTION maestro.attribute_number(jsonb, text) IS
	'an attribute sent as a number, cut to the range from 0 to 999999999, or as its text; NULL when it is neither';

-- One row an event with a verdict a question; NULL where it does not concern it.
CREATE VIEW maestro.event_verdict WITH (security_barrier = true) AS
	SELECT e.system_id, e.component_id, e.component_version, e.target_id, e.dependency_id,
		   e.event_id, e.at, e.recorded_at, e.kind, e.own, e.refused,
		   CASE WHEN e.called THEN e.recorded_at >= coalesce(t.since, '-infinity') END AS target_current,
		   CASE WHEN e.own THEN e.trace_id IS NOT NULL AND (e.body IS NOT NULL OR e.attributes <> '{}') IS TRUE END AS in_context,
		   CASE WHEN e.own THEN e.findings IS NULL OR NOT EXISTS (
				SELECT FROM jsonb_object_keys(e.findings) k(type) WHERE maestro.finding_is_secret(k.type) IS NOT FALSE) END AS without_secret,
		   CASE WHEN e.own_output OR e.at_target
				THEN e.refused OR e.findings IS NULL OR NOT EXISTS (
					SELECT FROM jsonb_object_keys(e.findings) k(type)
					 WHERE maestro.finding_is_secret(k.type) IS NOT FALSE
						OR k.type <> ALL (coalesce(CASE WHEN e.own_output THEN c.allowed_data ELSE t.allowed_data END, '{}')))
				END AS clean,
		   CASE WHEN e.failed AND (e.kind = 'error' OR e.own_output OR e.at_target)
				THEN coalesce(cardinality(maestro.error_leaks(e.message)), 0)
					 + coalesce(cardinality(maestro.error_leaks(e.body::text)), 0) = 0 END AS error_clean,
		   CASE WHEN e.failed
				THEN coalesce(e.attributes ->> 'error.type' ~ '^[A-Za-z0-9_.:-]{1,128}$', false) END AS error_typed,
		   CASE WHEN e.own AND NOT e.refused AND e.kind NOT IN ('approval', 'heartbeat')
				THEN e.duration <= c.latest END AS in_time,
		   CASE WHEN e.called AND NOT e.refused THEN e.duration <= t.latest END AS target_in_time,
		   CASE WHEN e.own AND NOT e.refused AND e.dependency_id IS NOT NULL AND e.kind <> 'approval'
				THEN e.duration <= d.latest END AS call_in_time,
		   CASE WHEN e.own AND NOT e.refused AND e.addressed
				THEN CASE WHEN e.address IS NULL THEN e.dependency_id IS NOT NULL
						  ELSE coalesce(lower(e.address) = ANY (a.addresses), false) END END AS call_declared,
		   CASE WHEN d.retry_is_whole THEN
				CASE WHEN e.attempt >= d.max_attempts THEN false
					 WHEN e.attempt >= 1 AND e.waited IS NOT NULL THEN true END END AS retry_in_bounds,
		   CASE WHEN w.scheduled IS NOT NULL THEN least(e.waited, w.scheduled) END AS waited, w.scheduled,
		   CASE WHEN e.own AND e.dependency_id IS NOT NULL AND e.kind IN ('dependency_call', 'guard')
				THEN lower(e.attributes ->> 'breaker.state') IN ('open', 'forced_open', 'forced-open') END AS breaker_open,
		   e.made,
		   e.message !~ '[\u0001-\u0008\u000a-\u001f\u007f-\u009f\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]' AS neutral,
		   CASE WHEN e.own THEN true
				WHEN e.component_id IS NULL AND e.reason = 'unregistered_component' THEN e.kind = 'rejected' END AS registered
	  FROM (SELECT x.*, least(x.recorded_at, x.occurred_at) AS at, o.own, o.refused,
				   o.own AND x.kind = 'output' AS own_output,
				   o.own AND x.target_id <> x.component_id AND x.kind IN ('tool_call', 'model_call') AS at_target,
				   o.own AND x.target_id <> x.component_id AND x.kind IN ('tool_call', 'model_call', 'dependency_call') AS called,
				   o.own AND NOT o.refused AND (x.kind = 'error' OR x.outcome IN ('error', 'timeout')) IS TRUE AS failed,
				   x.kind = 'dependency_call'
					   OR x.kind IN ('tool_call', 'model_call') AND x.target_id IS NULL AND x.attributes ? 'server.address' AS addressed,
				   CASE WHEN x.kind IN ('dependency_call', 'tool_call', 'model_call') THEN x.attributes ->> 'server.address' END AS address,
				   (x.outcome IN ('denied', 'rejected', 'cancelled')) IS NOT TRUE AS made,
				   CASE WHEN o.own AND NOT o.refused AND x.kind = 'dependency_call'
						THEN maestro.attribute_number(x.attributes, 'http.request.resend_count') END AS attempt,
				   CASE WHEN o.own AND NOT o.refused AND x.kind = 'dependency_call'
						THEN maestro.attribute_number(x.attributes, 'retry.delay_ms') END AS waited
			  FROM maestro.event x
			 CROSS JOIN LATERAL (
				SELECT x.component_id IS NOT NULL AND x.kind <> 'rejected' AS own,
					   (x.decision = 'deny') IS TRUE AS refused) o
			 WHERE x.kind <> 'registry'
			   AND x.system_id IN (SELECT system_id FROM maestro.readable_system)
			-- What is read here is to be read once an event, however often it is used.
			OFFSET 0) e
	  LEFT JOIN maestro.effective_limit c ON c.component_id = e.component_id
	  LEFT JOIN maestro.effective_limit t ON t.component_id = e.target_id
	  LEFT JOIN maestro.dependency_policy d ON d.dependency_id = e.dependency_id
	  LEFT JOIN (SELECT component_id, array_agg(address) || array_agg(regexp_replace(address, ':[0-9]+$', '')) AS addresses
				   FROM maestro.dependency_policy WHERE address IS NOT NULL GROUP BY component_id) a
		ON a.component_id = e.component_id
	 CROSS JOIN LATERAL (
		SELECT CASE WHEN d.retry_is_whole AND e.attempt >= 1 AND e.waited IS NOT NULL
					THEN least(d.cap_ms, d.base_ms * power(least(d.multiplier, 100), least(e.attempt, 50) - 1)) END AS scheduled) w
	OFFSET 0;
COMMENT ON VIEW maestro.event_verdict IS 'what each event says about who acted, whom it called and on which dependency: a row an event, a column a question';

-- What more than one event is needed for: a verdict a run, a failure, a call.
-- Events explain each other only when one role wrote both, or any component of a
-- system could excuse and accuse any other by naming its trace.
CREATE VIEW maestro.run_verdict WITH (security_barrier = true) AS
SELECT v.* FROM (
	SELECT r.system_id, r.component_id, NULL::integer AS dependency_id, r.component_version, 'run_in_bounds' AS signal,
		   r.calls <= l.max_iterations AS yes, r.at, r.recorded_at, r.event_id
	  FROM (SELECT system_id, component_id, max(component_version) AS component_version, count(*) AS calls,
				   max(least(recorded_at, occurred_at)) AS at, max(recorded_at) AS recorded_at, max(event_id) AS event_id
			  FROM maestro.event
			 WHERE kind IN ('model_call', 'tool_call') AND (decision = 'deny') IS NOT TRUE
			   AND component_id IS NOT NULL AND trace_id IS NOT NULL
			 GROUP BY system_id, component_id, trace_id) r
	  JOIN maestro.effective_limit l ON l.component_id = r.component_id AND l.max_iterations IS NOT NULL
	UNION ALL
	SELECT e.system_id, e.component_id, NULL, e.component_version, 'error_explained',
		   e.kind = 'error'
		   OR coalesce(e.attributes ->> 'error.type' ~ '^[A-Za-z0-9_.:-]{1,128}$', false)
		   OR x.span_id IS NOT NULL, least(e.recorded_at, e.occurred_at), e.recorded_at, e.event_id
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
				WHEN f.recorded_at < now() - interval '1 hour' THEN false END, f.at, f.recorded_at, f.event_id
	  FROM (SELECT system_id, component_id, trace_id, caller, max(recorded_at) AS recorded_at,
				   max(at) AS at, max(failed) AS event_id
			  FROM (SELECT system_id, component_id, trace_id, dependency_id, caller, max(recorded_at) AS recorded_at,
						   max(least(recorded_at, occurred_at)) AS at,
						   max(event_id) FILTER (WHERE outcome IN ('error', 'timeout')) AS failed,
						   max(event_id) FILTER (WHERE (outcome IN ('error', 'timeout')) IS NOT TRUE) AS passed
					  FROM maestro.event
					 WHERE kind = 'dependency_call' AND (decision = 'deny') IS NOT TRUE
					   AND component_id IS NOT NULL AND trace_id IS NOT NULL
					 GROUP BY system_id, component_id, trace_id, dependency_id, caller) d
			 WHERE failed > coalesce(passed, 0)
			 GROUP BY system_id, component_id, trace_id, caller) f
	  LEFT JOIN (SELECT system_id, trace_id, caller,
						bool_and(outcome IN ('ok', 'degraded')
								 OR coalesce(attributes ->> 'error.type' ~ '^[A-Za-z0-9_.:-]{1,128}$', false)) AS ended_well
				   FROM maestro.event
				  WHERE kind = 'agent_run' AND component_id IS NOT NULL AND trace_id IS NOT NULL
				  GROUP BY system_id, trace_id, caller) r
		ON r.system_id = f.system_id AND r.trace_id = f.trace_id AND r.caller = f.caller
	UNION ALL
	-- Between a breaker's word that it is open and its next word no call is due,
	-- unless the call itself says that it was let pass.
	SELECT c.system_id, c.component_id, c.dependency_id, c.component_version, 'breaker_heeded', false, c.at, c.recorded_at, c.event_id
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
	   AND c.attributes -> 'breaker.state' IS NULL) v
 WHERE v.yes IS NOT NULL AND v.system_id IN (SELECT system_id FROM maestro.readable_system);
COMMENT ON VIEW maestro.run_verdict IS 'verdicts that take more than one event: on runs, failures and calls while a breaker is open';

CREATE FUNCTION maestro.verdict_bits(verdict boolean, place integer) RETURNS bigint
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT CASE WHEN verdict THEN 1::bigint WHEN NOT verdict THEN 0 ELSE 2 END << (2 * place);
	END;
COMMENT ON FUNCTION maestro.verdict_bits(boolean, integer) IS 'a verdict as two bits at this place of a number';
CREATE FUNCTION maestro.verdict_at(bits bigint, place integer) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT CASE (bits >> (2 * place)) & 3 WHEN 1 THEN true WHEN 0 THEN false END;
	END;
COMMENT ON FUNCTION maestro.verdict_at(bigint, integer) IS 'the verdict at this place of a number, as verdict_bits put it there';

CREATE VIEW maestro.signal WITH (security_barrier = true) AS
WITH alike AS (
	-- A number holds an event's verdicts on who acted, whom it called and on its
	-- dependency, two bits each, lest events be grouped by two dozen columns.
	SELECT e.system_id, e.component_id, e.component_version, e.target_id, e.dependency_id, e.kind,
		   maestro.verdict_bits(e.own, 0) + maestro.verdict_bits(e.refused, 1) + maestro.verdict_bits(e.in_context, 2)
		   + maestro.verdict_bits(e.without_secret, 3) + maestro.verdict_bits(e.clean, 4)
		   + maestro.verdict_bits(e.error_clean, 5) + maestro.verdict_bits(e.error_typed, 6)
		   + maestro.verdict_bits(e.in_time, 7) + maestro.verdict_bits(e.call_declared, 8)
		   + maestro.verdict_bits(e.neutral, 9) + maestro.verdict_bits(e.registered, 10)
		   + maestro.verdict_bits(e.dependency_id IS NOT NULL, 11) AS own_bits,
		   maestro.verdict_bits(e.refused, 0) + maestro.verdict_bits(e.target_current, 1) + maestro.verdict_bits(e.clean, 2)
		   + maestro.verdict_bits(e.error_clean, 3) + maestro.verdict_bits(e.error_typed, 4)
		   + maestro.verdict_bits(e.target_in_time, 5) AS target_bits,
		   maestro.verdict_bits(e.refused, 0) + maestro.verdict_bits(e.made, 1) + maestro.verdict_bits(e.call_in_time, 2)
		   + maestro.verdict_bits(e.retry_in_bounds, 3) + maestro.verdict_bits(e.breaker_open, 4) AS call_bits,
		   e.at <= now() - interval '30 days' AS old_good, e.recorded_at <= now() - interval '30 days' AS old_bad,
		   count(*) AS n, max(e.at) AS newest, max(e.recorded_at) AS recorded, min(e.event_id) AS first_event, max(e.event_id) AS last_event,
		   sum(e.waited) AS waited, sum(e.scheduled) AS scheduled
	  FROM maestro.event_verdict e
	 GROUP BY e.system_id, e.component_id, e.component_version, e.target_id, e.dependency_id, e.kind,
			  own_bits, target_bits, call_bits, old_good, old_bad),
verdict AS MATERIALIZED (
	-- Each counts for who acted, for whom it called and for its dependency apart:
	-- where everybody calls everybody there are as many pairs as events.
	SELECT g.system_id, g.component_id, g.component_version, g.target_id, g.dependency_id, g.kind,
		   g.own_bits, g.target_bits, g.call_bits, g.old_good, g.old_bad,
		   grouping(g.target_bits) = 0 AS of_target, grouping(g.call_bits) = 0 AS of_call,
		   sum(g.n)::bigint AS n, max(g.newest) AS newest, max(g.recorded) AS recorded, min(g.first_event) AS first_event, max(g.last_event) AS last_event,
		   sum(g.waited) AS waited, sum(g.scheduled) AS scheduled
	  FROM alike g
	 GROUP BY g.system_id, g.kind, g.old_good, g.old_bad, GROUPING SETS ((g.component_id, g.component_version, g.own_bits),
												  (g.target_id, g.target_bits), (g.component_id, g.dependency_id, g.call_bits))),
own AS (
	SELECT v.*, maestro.verdict_at(own_bits, 0) AS own, maestro.verdict_at(own_bits, 1) AS refused,
		   maestro.verdict_at(own_bits, 2) AS in_context, maestro.verdict_at(own_bits, 3) AS without_secret,
		   maestro.verdict_at(own_bits, 4) AS clean, maestro.verdict_at(own_bits, 5) AS error_clean,
		   maestro.verdict_at(own_bits, 6) AS error_typed, maestro.verdict_at(own_bits, 7) AS in_time,
		   maestro.verdict_at(own_bits, 8) AS call_declared, maestro.verdict_at(own_bits, 9) AS neutral,
		   maestro.verdict_at(own_bits, 10) AS registered, maestro.verdict_at(own_bits, 11) AS on_dependency,
		   k.judged_by = 'system' AS idle_kind
	  FROM verdict v
	  LEFT JOIN maestro.component c ON c.component_id = v.component_id
	  LEFT JOIN maestro.kind_layer k ON k.kind = c.kind
	 WHERE NOT v.of_target AND NOT v.of_call),
target AS (
	SELECT v.*, maestro.verdict_at(target_bits, 0) AS refused, c.version,
		   maestro.verdict_at(target_bits, 2) AS clean, maestro.verdict_at(target_bits, 3) AS error_clean,
		   maestro.verdict_at(target_bits, 4) AS error_typed, maestro.verdict_at(target_bits, 5) AS in_time,
		   v.kind IN ('tool_call', 'model_call') AND j.judged AS result, j.judged
	  FROM verdict v
	  JOIN (SELECT component_id, kind NOT IN ('agent', 'orchestrator') AND NOT own_process AND db_role IS NULL AS judged
			  FROM maestro.component) j ON j.component_id = v.target_id
	  LEFT JOIN maestro.component c ON c.component_id = v.target_id AND maestro.verdict_at(v.target_bits, 1)
	 WHERE v.of_target AND v.target_id IS NOT NULL AND v.kind <> 'rejected'),
call AS (
	SELECT v.*, maestro.verdict_at(call_bits, 1) AS made, maestro.verdict_at(call_bits, 2) AS in_time,
		   maestro.verdict_at(call_bits, 3) AS retry_in_bounds, maestro.verdict_at(call_bits, 4) AS breaker_open,
		   v.kind = 'dependency_call' AND NOT maestro.verdict_at(call_bits, 0) AS due
	  FROM verdict v
	 WHERE v.of_call AND v.dependency_id IS NOT NULL AND v.kind <> 'rejected'),
-- Arrays are unpacked side by side, once a row; a list of VALUES would be run
-- anew for each.
answer AS (
	SELECT a.system_id, a.component_id, a.dependency_id, a.version AS component_version, a.signal,
		   a.n * a.yes::integer AS ok, a.n * (NOT a.yes)::integer AS bad, a.newest, a.recorded, a.old_good, a.old_bad, a.first_event, a.last_event
	  FROM (SELECT v.system_id, v.component_id, NULL::integer AS dependency_id, v.component_version AS version,
				   v.n, v.newest, v.recorded, v.old_good, v.old_bad, v.first_event, v.last_event,
				   unnest('{event,event_in_context,event_without_secret,output_clean,error_clean,error_typed,span_in_time,call_declared,acting,heartbeat,undeclared_call}'::text[]) AS signal,
				   unnest(ARRAY[
						v.own,
						v.in_context,
						v.without_secret,
						CASE WHEN v.kind = 'output' THEN v.clean END,
						CASE WHEN v.kind IN ('error', 'output') THEN v.error_clean END,
						v.error_typed,
						v.in_time,
						v.call_declared,
						NOT v.refused AND (v.kind IN ('model_call', 'tool_call', 'handoff')
							OR v.idle_kind AND v.kind IN ('input', 'output', 'agent_run', 'dependency_call')) OR NULL,
						v.kind = 'heartbeat' OR NULL,
						NOT v.refused AND v.kind = 'dependency_call' AND NOT v.on_dependency OR NULL]) AS yes
			  FROM own v WHERE v.own
			UNION ALL
			SELECT v.system_id, NULL, NULL, NULL, v.n, v.newest, v.recorded, v.old_good, v.old_bad, v.first_event, v.last_event,
				   unnest('{message_neutral,writer_registered}'::text[]), unnest(ARRAY[v.neutral, v.registered])
			  FROM own v
			UNION ALL
			SELECT v.system_id, v.target_id, NULL, v.version, v.n, v.newest, v.recorded, v.old_good, v.old_bad, v.first_event, v.last_event,
				   unnest('{called,output_clean,error_clean,error_typed,span_in_time}'::text[]),
				   unnest(ARRAY[
						NOT v.refused AND v.kind IN ('handoff', 'model_call', 'tool_call', 'dependency_call') OR NULL,
						CASE WHEN v.result THEN v.clean END,
						CASE WHEN v.result THEN v.error_clean END,
						CASE WHEN v.result THEN v.error_typed END,
						CASE WHEN v.judged THEN v.in_time END])
			  FROM target v
			UNION ALL
			SELECT v.system_id, v.component_id, v.dependency_id, NULL, v.n, v.newest, v.recorded, v.old_good, v.old_bad, v.first_event, v.last_event,
				   unnest('{call,call_in_time,retry_in_bounds,breaker_asked,breaker_heeded}'::text[]),
				   unnest(ARRAY[
						v.due OR NULL,
						v.in_time,
						v.retry_in_bounds,
						CASE WHEN v.due THEN v.breaker_open IS NOT NULL END,
						CASE WHEN v.due THEN (v.breaker_open AND v.made) IS NOT TRUE END])
			  FROM call v) a
	 WHERE a.yes IS NOT NULL
	UNION ALL
	SELECT v.system_id, v.component_id, v.dependency_id, NULL, 'retry_waited',
		   round(v.waited::numeric)::bigint, round(v.scheduled::numeric)::bigint, v.newest, v.recorded, v.old_bad, v.old_bad, v.first_event, v.last_event
	  FROM call v
	 WHERE v.waited IS NOT NULL
	UNION ALL
	-- A guard's answer that let a call pass stands for a call that does not say so.
	SELECT v.system_id, v.component_id, v.dependency_id, NULL, 'breaker_asked',
		   v.n, -v.n * (NOT v.breaker_open)::integer, v.newest, v.recorded, v.old_good, v.old_bad, v.first_event, v.last_event
	  FROM call v
	 WHERE v.kind = 'guard' AND v.breaker_open IS NOT NULL
	UNION ALL
	SELECT r.system_id, r.component_id, r.dependency_id, r.component_version, r.signal,
		   r.yes::integer, (NOT r.yes)::integer, r.at, r.recorded_at, r.at <= now() - interval '30 days',
		   r.recorded_at <= now() - interval '30 days', r.event_id, r.event_id
	  FROM maestro.run_verdict r)
SELECT system_id, component_id, dependency_id, component_version, signal,
	   coalesce(sum(ok) FILTER (WHERE NOT old_good), 0)::bigint AS ok,
	   coalesce(sum(bad) FILTER (WHERE NOT old_bad), 0)::bigint AS bad,
	   max(newest) FILTER (WHERE ok > 0) AS newest_ok, max(recorded) FILTER (WHERE bad > 0) AS newest_bad,
	   min(first_event) FILTER (WHERE bad > 0) AS first_bad_event, max(last_event) FILTER (WHERE bad > 0) AS last_bad_event
  FROM answer
 GROUP BY system_id, component_id, dependency_id, component_version, signal;
COMMENT ON VIEW maestro.signal IS 'what events say, counted by component, dependency, version and signal; see the list of signals in the reference';
COMMENT ON COLUMN maestro.signal.component_id IS 'NULL: about the system as a whole';
COMMENT ON COLUMN maestro.signal.dependency_id IS 'NULL: about the component as a whole';
COMMENT ON COLUMN maestro.signal.component_version IS 'version that it is evidence of; NULL: an earlier one, unknown, or about a dependency or the system';
COMMENT ON COLUMN maestro.signal.bad IS 'may be below 0, where answers of a guard outnumber calls';
