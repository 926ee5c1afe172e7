--
-- Controls of time, memory, iterations and handles: items 9 to 11.
--
INSERT INTO maestro.control
	(control, title, scope, condition, basis, min_evidence, max_age, max_timeout, max_iterations, declares, attestable,
	 to_declare, to_observe, to_repair, explanation)
VALUES
	('timeout', 'Timeout', 'component', 'kind', 'observed', 5, '30 days', '1 hour', NULL, 'timeout', false,
	 'SELECT maestro.update_component(%1$L, timeout => ''30 s'');',
	 'Log spans with their duration: maestro.log_event(%1$L, ..., duration => ...); of what others call, the callers log it with target.',
	 'Cut calls off at the timeout, or declare one that holds: maestro.update_component(%1$L, timeout => ...).',
	 'A timeout is declared and no logged span outlasted it by more than a second or a tenth, waits for a person''s approval left aside. It rests on durations that the component or its callers logged.'),
	('memory_bound', 'Memory bound', 'component', 'process', 'reported', 1, '7 days', NULL, 1000, 'memory_limit', false,
	 'SELECT maestro.update_component(%1$L, memory_limit => 536870912);',
	 'Have its deployer report the limit that the platform enforces: maestro.report_environment(%1$L, facts) with memoryLimitBytes beside all other facts, as a report replaces the one before. Or have it send process.memory.usage with heartbeats.',
	 'Make the declared and the enforced limit the same, and keep memory and runs within the limits: maestro.update_component(%1$L, ...).',
	 'The declared memory limit is the one that the platform was reported to enforce, or the heartbeats stayed below it, and no run made more calls than declared. Heartbeats rest on what the process says of itself.'),
	('max_iterations', 'Bounded iterations', 'component', 'calling', 'observed', 5, '30 days', NULL, 1000, 'max_iterations', false,
	 'SELECT maestro.update_component(%1$L, max_iterations => 25);',
	 'Log its model and tool calls with the run''s trace id: maestro.log_event(%1$L, ''tool_call'', ..., trace_id => ...).',
	 'Stop runs at the limit, or declare one that holds: maestro.update_component(%1$L, max_iterations => ...).',
	 'A limit is declared and no run (trace) made more model and tool calls of this component. Calls without trace id are not counted, nor are those that were denied.'),
	('fd_closed', 'Handles closed', 'component', 'process', 'observed', 1, '24 hours', NULL, NULL, NULL, true,
	 NULL,
	 'Have it send heartbeats with the attribute process.unix.file_descriptor.count (and .limit): maestro.log_event(%1$L, ''heartbeat'', ...), at least 6 over an hour; or attest: maestro.attest(%1$L, ''fd_closed'', ...).',
	 'Find what is opened and never closed.',
	 'Open file descriptors did not grow over an hour or more within the last day, and stayed below four fifths of the limit where that was sent. A leak slower than that is not seen.'),
	('stateless', 'Stateless or safe store', 'component', 'kind', 'attested', 1, '365 days', NULL, NULL, NULL, true,
	 NULL,
	 'Find out where it keeps its state; whoever knows that it keeps none, or in a store that is safe to share, vouches for it: maestro.attest(%1$L, ''stateless'', ...).',
	 'Keep state in an external store, and let one action at a time change a resource; after a report of local state report again with maestro.report_environment.',
	 'Somebody vouched for the design, no local state was reported, and no two actions on one resource (attribute maestro.resource) overlapped.');

INSERT INTO maestro.control_signal (control, signal, role, needed, basis, good, bad) VALUES
	('timeout', 'span_in_time', 'shows', NULL, NULL, '{good} spans within the timeout',
	 '{bad} of {all} spans outlasted the timeout, last: event {event}'),
	('memory_bound', 'memory_limit_real', 'shows', 1, NULL, 'the declared limit is the reported one', '{detail}'),
	('memory_bound', 'memory_in_limit', 'shows', 6, 'observed', '{good} heartbeats stayed below the declared limit',
	 '{bad} of {all} heartbeats showed more memory than the declared limit, last: event {event}'),
	('memory_bound', 'run_in_bounds', 'against', NULL, NULL, '',
	 '{bad} of {all} runs made more calls than max_iterations, last: event {event}'),
	('max_iterations', 'run_in_bounds', 'shows', NULL, NULL, '{good} runs within max_iterations',
	 '{bad} of {all} runs made more calls than max_iterations, last: event {event}'),
	('fd_closed', 'fd_stable', 'shows', NULL, NULL, 'open file descriptors did not grow over the heartbeats of the last day',
	 'open file descriptors grew over the heartbeats of the last day, last: event {event}'),
	('stateless', 'resource_exclusive', 'against', NULL, 'observed', '',
	 '{bad} actions overlapped another one on the same resource, last: event {event}');

-- Text that somebody put into default_limits must not make a view fail, hence
-- the patterns before the casts.
CREATE VIEW maestro.effective_limit WITH (security_barrier = true) AS
	SELECT c.component_id, c.system_id, c.name, c.kind, c.version, c.model, c.allowed_data, c.tool_schema_digest, c.manifest_digest,
		   k.contradicted_by,
		   c.kind NOT IN ('agent', 'orchestrator') AND NOT c.own_process AND c.db_role IS NULL AS is_judged_by_callers,
		   l.timeout, l.timeout + greatest(interval '1 s', l.timeout * 0.1) AS latest,
		   coalesce(c.memory_limit,
					CASE WHEN jsonb_typeof(s.default_limits -> 'memory_limit') = 'number'
						 THEN least((s.default_limits ->> 'memory_limit')::numeric, 9e18)::bigint END) AS memory_limit,
		   coalesce(c.max_iterations,
					CASE WHEN jsonb_typeof(s.default_limits -> 'max_iterations') = 'number'
						 THEN least((s.default_limits ->> 'max_iterations')::numeric, 2e9)::integer END) AS max_iterations
	  FROM maestro.component c
	  JOIN maestro.readable_system s USING (system_id)
	  JOIN maestro.kind_layer k ON k.kind = c.kind
	 CROSS JOIN LATERAL (
		SELECT coalesce(c.timeout,
						CASE WHEN s.default_limits ->> 'timeout' ~
								  '^\s*([0-9]{1,6}(\.[0-9]{1,6})?\s*(us|ms|s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?)|[0-9]{1,3}(:[0-5][0-9]){1,2}(\.[0-9]{1,6})?)\s*$'
							 THEN (s.default_limits ->> 'timeout')::interval END) AS timeout) l;
COMMENT ON VIEW maestro.effective_limit IS 'limits that hold for a component: its own, else its system''s; latest is the timeout with what cancelling may take on top';

-- Events are judged by what held when they were stored, or raising a limit would
-- make yesterday's violation good, and a new digest yesterday's run bad.  While
-- nothing was declared, what was declared before holds, or what was at last.
CREATE VIEW maestro.limit_history WITH (security_barrier = true) AS
	SELECT l.component_id, l.kind, l.contradicted_by, l.is_judged_by_callers, h.valid_from, h.valid_until, h.version,
		   h.timeout + greatest(interval '1 s', h.timeout * 0.1) AS latest, h.memory_limit, h.max_iterations, h.allowed_data, h.model,
		   h.tool_schema_digest, h.manifest_digest, h.old_tool_schema_digest, h.old_manifest_digest,
		   (h.version, h.own_prompt_digest, h.own_tool_schema_digest, h.own_model, h.own_model_digest)
			   IS NOT DISTINCT FROM (c.version, c.prompt_digest, c.tool_schema_digest, c.model, c.model_digest) AS is_current
	  FROM (SELECT v.component_id, v.version, v.allowed_data, v.prompt_digest AS own_prompt_digest, v.tool_schema_digest AS own_tool_schema_digest,
				   v.model AS own_model, v.model_digest AS own_model_digest,
				   coalesce(v.timeout, (array_agg(v.timeout) FILTER (WHERE v.timeout IS NOT NULL) OVER b)[1], (array_agg(v.timeout) FILTER (WHERE v.timeout IS NOT NULL) OVER f)[1]) AS timeout,
				   coalesce(v.memory_limit, (array_agg(v.memory_limit) FILTER (WHERE v.memory_limit IS NOT NULL) OVER b)[1], (array_agg(v.memory_limit) FILTER (WHERE v.memory_limit IS NOT NULL) OVER f)[1]) AS memory_limit,
				   coalesce(v.max_iterations, (array_agg(v.max_iterations) FILTER (WHERE v.max_iterations IS NOT NULL) OVER b)[1], (array_agg(v.max_iterations) FILTER (WHERE v.max_iterations IS NOT NULL) OVER f)[1]) AS max_iterations,
				   coalesce(v.model, (array_agg(v.model) FILTER (WHERE v.model IS NOT NULL) OVER b)[1], (array_agg(v.model) FILTER (WHERE v.model IS NOT NULL) OVER f)[1]) AS model,
				   coalesce(v.tool_schema_digest, (array_agg(v.tool_schema_digest) FILTER (WHERE v.tool_schema_digest IS NOT NULL) OVER b)[1], (array_agg(v.tool_schema_digest) FILTER (WHERE v.tool_schema_digest IS NOT NULL) OVER f)[1]) AS tool_schema_digest,
				   coalesce(v.manifest_digest, (array_agg(v.manifest_digest) FILTER (WHERE v.manifest_digest IS NOT NULL) OVER b)[1], (array_agg(v.manifest_digest) FILTER (WHERE v.manifest_digest IS NOT NULL) OVER f)[1]) AS manifest_digest,
				   CASE WHEN lag(v.valid_from) OVER w IS NULL THEN timestamptz '-infinity' ELSE v.valid_from END AS valid_from,
				   lead(v.valid_from, 1, 'infinity') OVER w AS valid_until,
				   lag(v.tool_schema_digest) OVER w AS old_tool_schema_digest, lag(v.manifest_digest) OVER w AS old_manifest_digest
			  FROM maestro.component_version v
			WINDOW w AS (PARTITION BY v.component_id ORDER BY v.valid_from),
				   b AS (PARTITION BY v.component_id ORDER BY v.valid_from DESC ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),
				   f AS (PARTITION BY v.component_id ORDER BY v.valid_from ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)) h
	  JOIN maestro.component c ON c.component_id = h.component_id
	  JOIN maestro.effective_limit l ON l.component_id = h.component_id
	UNION ALL
	SELECT l.component_id, l.kind, l.contradicted_by, l.is_judged_by_callers, '-infinity', 'infinity', l.version,
		   l.latest, l.memory_limit, l.max_iterations, l.allowed_data, l.model,
		   l.tool_schema_digest, l.manifest_digest, NULL, NULL, true
	  FROM maestro.effective_limit l
	 WHERE NOT EXISTS (SELECT FROM maestro.component_version v WHERE v.component_id = l.component_id);
COMMENT ON VIEW maestro.limit_history IS 'what held for each component from when to when; the old digests are those before, which may run for an hour more; is_current: the version and digests are those of now';

-- Reasons read the same whatever IntervalStyle the session has.
CREATE FUNCTION maestro.plain_interval(value interval) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	BEGIN ATOMIC
		SELECT CASE WHEN s.n = 0 THEN '0 s'
					WHEN s.n % 86400 = 0 THEN format('%s day%s', s.n / 86400, CASE WHEN s.n = 86400 THEN '' ELSE 's' END)
					WHEN s.n % 3600 = 0 THEN format('%s h', s.n / 3600)
					WHEN s.n % 60 = 0 THEN format('%s min', s.n / 60)
					ELSE format('%s s', s.n) END
		  FROM (SELECT floor(extract(epoch FROM value))::bigint AS n) s;
	END;
COMMENT ON FUNCTION maestro.plain_interval(interval) IS
	'a length of time in its largest whole unit: 30 days, 1 h, 90 s; fractions of a second are cut';

CREATE VIEW maestro.declared_resource WITH (security_barrier = true) AS
	SELECT l.system_id, l.component_id, NULL::integer AS dependency_id, k.control,
		   CASE WHEN k.control = 'timeout' AND l.timeout > k.max_timeout
				THEN format('a timeout of %s is declared, not binding: over %s', maestro.plain_interval(l.timeout), maestro.plain_interval(k.max_timeout))
				WHEN k.control = 'memory_bound' AND l.memory_limit > 17592186044416
				THEN 'a memory_limit is declared, not binding: over 16 TiB'
				WHEN k.control <> 'timeout' AND l.max_iterations > k.max_iterations
				THEN format('max_iterations of %s is declared, not binding: over %s', l.max_iterations, k.max_iterations)
				END AS fault
	  FROM maestro.effective_limit l
	  JOIN maestro.control k
		ON k.control = 'timeout' AND l.timeout IS NOT NULL
		OR k.control = 'memory_bound' AND l.memory_limit IS NOT NULL
		OR k.control = 'max_iterations' AND l.max_iterations IS NOT NULL;
COMMENT ON VIEW maestro.declared_resource IS 'what components declare about their limits, and what is wrong with it';
