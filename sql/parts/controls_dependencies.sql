--
-- Controls of external services: items 12 and 17 to 20.
--
INSERT INTO maestro.control
	(control, title, scope, condition, basis, min_evidence, max_timeout, declares, drill, attestable,
	 to_declare, to_observe, to_repair, explanation)
VALUES
	('connection_timeout', 'Connection timeouts', 'dependency', 'dependency', 'observed', 5, '1 hour', 'connect_timeout with read_timeout', false, false,
	 '{"connect_timeout": "2s", "read_timeout": "10s"}',
	 'Log each call with its duration: maestro.log_event(%1$L, ''dependency_call'', ..., dependency => %2$L, duration => ...), and the address as the attribute server.address.',
	 'Cut calls off at the timeouts, and declare the address of each dependency with maestro.apply_manifest.',
	 'Both timeouts are declared, no logged call outlasted them, and no call went to an address that no dependency declares.'),
	('api_key_env', 'Credentials by reference', 'component', 'dependency', 'observed', 5, NULL, 'credential_ref for each dependency', false, false,
	 'Find out where the credential of %2$L lies, and say so in its manifest or by maestro.apply_manifest: credential_ref, such as env:NAME or vault:path.',
	 'Log its calls: maestro.log_event(%1$L, ''dependency_call'', ..., dependency => ...).',
	 'Revoke what leaked; keep it in the environment or a vault, and out of what is logged.',
	 'Every dependency names where its credential lies, and no event of the component carried a secret. It does not look into the environment itself.'),
	('failure_graceful', 'Failures handled', 'component', 'dependency', 'observed', 5, NULL, NULL, true, false,
	 NULL,
	 'Close each run: maestro.log_event(%1$L, ''agent_run'', ..., outcome => ..., trace_id => ...). Runs count in which a dependency_call finally failed, those of a drill (maestro.start_drill) too.',
	 'Close each run with an event agent_run: outcome ok or degraded, or error with error.type.',
	 'Runs in which a dependency finally failed ended well, degraded or with a typed error. Failures that have not happened are not covered.'),
	('retry_backoff', 'Retry with backoff', 'dependency', 'dependency', 'observed', 10, NULL, 'retry policy', false, true,
	 '{"retry": {"base_ms": 200, "cap_ms": 10000, "multiplier": 2, "jitter": "full", "max_attempts": 4}}',
	 'Log each retry: maestro.log_event(%1$L, ''dependency_call'', ..., dependency => %2$L) with the attributes http.request.resend_count and retry.delay_ms. Retries inside a client library are attested: maestro.attest(%1$L, ''retry_backoff'', ...).',
	 'Keep to the declared attempts and delays.',
	 'The policy has base, cap, growth, jitter and an end; retries kept to its attempts and waited at least a quarter of its schedule. Retries inside a client library are not seen.'),
	('circuit_breaker', 'Circuit breaker', 'dependency', 'dependency', 'observed', 5, NULL, 'breaker', false, false,
	 '{"breaker": "external"}',
	 'Log each call with the breaker''s answer (of maestro.acquire its state): maestro.log_event(%1$L, ''dependency_call'', ..., dependency => %2$L) and the attribute breaker.state (closed, open, half-open).',
	 'Ask the breaker before each call, send its state as breaker.state, and do not call while it is open.',
	 'At least 95 of 100 calls were made after asking a breaker, and none while it was open. It rests on what the caller says of its breaker; of a guard of maestro''s own the log also has when it opened and closed, and the server how many calls it let through, each of which stands for a call that does not say that it asked.'),
	('limiter_asked', 'Rate limiter', 'dependency', 'dependency', 'observed', 5, NULL, 'limiter', false, false,
	 '{"limiter": "external"}',
	 'Log each call with the limiter''s answer (of maestro.acquire its state): maestro.log_event(%1$L, ''dependency_call'', ..., dependency => %2$L) and the attribute limiter.state (allowed, limited).',
	 'Ask the limiter before each call, send its answer as limiter.state, and do not call when limited.',
	 'At least 95 of 100 calls were made after asking a limiter, and none that it refused. It rests on what the caller says of its limiter; of a guard of maestro''s own the log also has its denials, and the server how many calls it let through, each of which stands for a call that does not say that it asked.');

INSERT INTO maestro.control_signal (control, signal, role, min_share, good, bad) VALUES
	('connection_timeout', 'call_in_time', 'shows', NULL, '{good} calls within the timeouts',
	 '{bad} of {all} calls outlasted the timeouts, last: event {event}'),
	('connection_timeout', 'call_declared', 'against', NULL, '',
	 '{bad} of {all} calls went to an address that no dependency declares, last: event {event}'),
	('api_key_env', 'event_without_secret', 'shows', NULL, '{good} events without a secret',
	 '{bad} of {all} events carried a secret, last: event {event}'),
	('failure_graceful', 'failed_run_ended', 'shows', NULL, '{good} runs with a failed dependency ended properly',
	 '{bad} of {all} runs with a failed dependency have no end or an untyped error, last: event {event}'),
	('retry_backoff', 'retry_in_bounds', 'shows', NULL, '{good} retries within the policy',
	 '{bad} of {all} retries went beyond max_attempts, last: event {event}'),
	('retry_backoff', 'retry_waited', 'against', 0.2, '',
	 'retries waited {good} ms where the schedule without jitter says {bad}, last: event {event}'),
	('retry_backoff', 'retry_known', 'covers', 0.95, '', '{bad} of {all} retries do not say how long they waited'),
	('circuit_breaker', 'breaker_asked', 'shows', 0.95, '{good} of {all} calls asked the breaker',
	 '{bad} of {all} calls did not ask the breaker, last: event {event}'),
	('circuit_breaker', 'breaker_answer', 'excuses', NULL, '', ''),
	('circuit_breaker', 'breaker_heeded', 'against', NULL, '',
	 '{bad} calls were made while the breaker was open, last: event {event}'),
	('limiter_asked', 'limiter_asked', 'shows', 0.95, '{good} of {all} calls asked the limiter',
	 '{bad} of {all} calls did not ask the limiter, last: event {event}'),
	('limiter_asked', 'limiter_answer', 'excuses', NULL, '', ''),
	('limiter_asked', 'limiter_heeded', 'against', NULL, '',
	 '{bad} calls were made that the limiter had refused, last: event {event}');

-- Numbers come from a document that anybody with the right to register wrote:
-- bounded, so that no computation with them can overflow.
CREATE FUNCTION maestro.retry_numbers(retry jsonb)
	RETURNS TABLE (base_ms float8, cap_ms float8, multiplier float8, max_attempts float8, is_whole boolean)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
	BEGIN ATOMIC
		SELECT r.base_ms, r.cap_ms, r.multiplier, r.max_attempts,
			   r.base_ms >= 1 AND r.cap_ms >= r.base_ms AND r.multiplier >= 1.1 AND r.max_attempts > 1 AND r.max_attempts <= 100
				   AND retry ->> 'jitter' IN ('full', 'equal', 'decorrelated')
		  FROM (SELECT max(n.value) FILTER (WHERE n.key = 'base_ms') AS base_ms,
					   max(n.value) FILTER (WHERE n.key = 'cap_ms') AS cap_ms,
					   max(n.value) FILTER (WHERE n.key = 'multiplier') AS multiplier,
					   max(n.value) FILTER (WHERE n.key = 'max_attempts') AS max_attempts
				  FROM (SELECT e.key, greatest(0, least((e.value #>> '{}')::numeric, 1e9))::float8 AS value
						  FROM jsonb_each(retry) e WHERE jsonb_typeof(e.value) = 'number') n) r;
	END;
COMMENT ON FUNCTION maestro.retry_numbers(jsonb) IS
	'the numbers of a retry policy, 0 to 1e9, and whether it is a whole one: a start of 1 ms or more that grows by a tenth or more to a cap, with jitter and 2 to 100 attempts';

CREATE VIEW maestro.dependency_policy WITH (security_barrier = true) AS
	SELECT d.dependency_id, d.component_id, c.system_id, d.name, d.breaker, d.limiter, d.credential_ref, d.retry,
		   d.connect_timeout + d.read_timeout AS timeout,
		   CASE WHEN d.retry IS NOT NULL THEN (SELECT r.is_whole FROM maestro.retry_numbers(d.retry) r) END AS retry_is_whole,
		   (SELECT CASE WHEN g.parameters ->> 'mode' = 'disabled' THEN format('breaker %s is declared, not binding: it is disabled', g.name) END
			  FROM maestro.guard g
			 WHERE g.component_id = d.component_id AND g.name = d.breaker AND g.kind = 'circuit_breaker'
			 ORDER BY g.version DESC LIMIT 1) AS breaker_fault
	  FROM maestro.dependency d
	  JOIN maestro.component c ON c.component_id = d.component_id
	  JOIN maestro.readable_system s ON s.system_id = c.system_id;
COMMENT ON VIEW maestro.dependency_policy IS 'what is declared about each dependency now';

CREATE VIEW maestro.policy_history WITH (security_barrier = true) AS
	SELECT d.dependency_id, d.component_id, c.system_id, d.name, h.valid_from, h.valid_until, lower(h.address) AS address,
		   w.timeout, w.timeout + greatest(interval '1 s', w.timeout * 0.1) AS latest,
		   r.base_ms, r.cap_ms, r.multiplier, r.max_attempts, r.is_whole AS retry_is_whole
	  FROM (SELECT v.dependency_id, v.address,
				   coalesce(v.connect_timeout, (array_agg(v.connect_timeout) FILTER (WHERE v.connect_timeout IS NOT NULL) OVER b)[1], (array_agg(v.connect_timeout) FILTER (WHERE v.connect_timeout IS NOT NULL) OVER f)[1]) AS connect_timeout,
				   coalesce(v.read_timeout, (array_agg(v.read_timeout) FILTER (WHERE v.read_timeout IS NOT NULL) OVER b)[1], (array_agg(v.read_timeout) FILTER (WHERE v.read_timeout IS NOT NULL) OVER f)[1]) AS read_timeout,
				   coalesce(v.retry, (array_agg(v.retry) FILTER (WHERE v.retry IS NOT NULL) OVER b)[1], (array_agg(v.retry) FILTER (WHERE v.retry IS NOT NULL) OVER f)[1]) AS retry,
				   v.valid_from, lead(v.valid_from, 1, 'infinity') OVER f AS valid_until
			  FROM maestro.dependency_version v
			WINDOW b AS (PARTITION BY v.dependency_id ORDER BY v.valid_from DESC ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),
				   f AS (PARTITION BY v.dependency_id ORDER BY v.valid_from ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
			UNION ALL
			SELECT n.dependency_id, n.address, n.connect_timeout, n.read_timeout, n.retry, '-infinity', 'infinity'
			  FROM maestro.dependency n
			 WHERE NOT EXISTS (SELECT FROM maestro.dependency_version v WHERE v.dependency_id = n.dependency_id)) h
	  JOIN maestro.dependency d ON d.dependency_id = h.dependency_id
	  JOIN maestro.component c ON c.component_id = d.component_id
	  JOIN maestro.readable_system s ON s.system_id = c.system_id
	 CROSS JOIN LATERAL (SELECT h.connect_timeout + h.read_timeout AS timeout) w
	  LEFT JOIN LATERAL maestro.retry_numbers(h.retry) r ON h.retry IS NOT NULL;
COMMENT ON VIEW maestro.policy_history IS 'what was declared about each dependency from when to when (timeouts and retry policy also for the time when none were), its retry policy as numbers; latest is the sum of its timeouts with what cancelling may take on top';

-- A dependency declares some of these, each without fault or with one.
CREATE VIEW maestro.declared_dependency WITH (security_barrier = true) AS
	SELECT p.system_id, p.component_id, p.dependency_id, v.control,
		   CASE v.control
			WHEN 'connection_timeout' THEN
				CASE WHEN p.timeout > (SELECT k.max_timeout FROM maestro.control k WHERE k.control = 'connection_timeout')
					 THEN format('timeouts of %s together are declared, not binding: over %s', maestro.plain_interval(p.timeout),
						(SELECT maestro.plain_interval(k.max_timeout) FROM maestro.control k WHERE k.control = 'connection_timeout')) END
			WHEN 'retry_backoff' THEN
				CASE WHEN p.retry_is_whole IS NOT TRUE
					 THEN 'a retry policy is declared, not binding: it needs base_ms, cap_ms, multiplier from 1.1, jitter and max_attempts from 2 to 100' END
			WHEN 'circuit_breaker' THEN p.breaker_fault END AS fault,
		   true AS declared, NULL::text AS lacking
	  FROM maestro.dependency_policy p
	 CROSS JOIN (VALUES ('connection_timeout'), ('retry_backoff'), ('circuit_breaker'), ('limiter_asked')) v (control)
	 WHERE CASE v.control WHEN 'connection_timeout' THEN p.timeout IS NOT NULL WHEN 'retry_backoff' THEN p.retry IS NOT NULL
						  WHEN 'circuit_breaker' THEN p.breaker IS NOT NULL ELSE p.limiter IS NOT NULL END
	UNION ALL
	SELECT p.system_id, p.component_id, NULL, 'api_key_env',
		   'no known scheme in the credential_ref of ' || string_agg(p.name, ', ' ORDER BY p.name)
			   FILTER (WHERE p.credential_ref IS NOT NULL AND s.scheme IS NULL),
		   bool_and(p.credential_ref IS NOT NULL), min(p.name) FILTER (WHERE s.scheme IS NULL)
	  FROM maestro.dependency_policy p
	  LEFT JOIN maestro.credential_scheme s ON s.scheme = split_part(p.credential_ref, ':', 1)
	 GROUP BY p.system_id, p.component_id;
COMMENT ON VIEW maestro.declared_dependency IS 'what is declared about dependencies, and what is wrong with it; dependency_id is NULL where it is one answer for all of them';

-- What guards let through leaves no event, but is counted in shared memory.  As events of
-- a guard are, it is the first dependency's of those that name it.
CREATE FUNCTION maestro.guard_allowed(component_id integer, guard text) RETURNS bigint
	LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'maestro_guard_allowed';
COMMENT ON FUNCTION maestro.guard_allowed(integer, text) IS
	'how many calls a guard let through in about 30 days, on this server; NULL: the library was not preloaded, there is no such guard, or one may not read of it';

CREATE VIEW maestro.guard_signal WITH (security_barrier = true) AS
	SELECT r.system_id, r.component_id, r.dependency_id, r.signal, r.allowed
	  FROM (SELECT c.system_id, d.component_id, d.dependency_id, d.signal, maestro.guard_allowed(d.component_id, d.guard) AS allowed
			  FROM (SELECT DISTINCT ON (p.component_id, g.signal, g.guard) p.component_id, p.dependency_id, g.signal, g.guard
					  FROM maestro.dependency p
					 CROSS JOIN LATERAL (VALUES ('breaker_answer', p.breaker), ('limiter_answer', p.limiter)) AS g (signal, guard)
					 WHERE g.guard <> 'external'
					 ORDER BY p.component_id, g.signal, g.guard, p.name) d
			  JOIN maestro.component c ON c.component_id = d.component_id
			  JOIN maestro.readable_system s ON s.system_id = c.system_id) r
	 WHERE r.allowed > 0;
COMMENT ON VIEW maestro.guard_signal IS 'calls that guards of maestro''s own let through, by the dependency that they guard; nothing where the library was not preloaded';
