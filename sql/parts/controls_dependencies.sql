--
-- Controls of external services: items 12 and 17 to 20.
--
INSERT INTO maestro.control
	(control, title, scope, condition, basis, min_evidence, max_timeout, computed, missing,
	 to_declare, to_observe, to_repair, explanation)
VALUES
	('connection_timeout', 'Connection timeouts', 'dependency', 'dependency', 'observed', 5, '1 hour', true, NULL,
	 '{"connect_timeout": "2s", "read_timeout": "10s"}',
	 'Log each call with its duration: maestro.log_event(%1$L, ''dependency_call'', ..., dependency => %2$L, duration => ...), and the address as the attribute server.address.',
	 'Cut calls off at the timeouts, and declare the address of each dependency with maestro.apply_manifest.',
	 'Both timeouts are declared, no logged call outlasted them, and no call went to an address that no dependency declares.'),
	('api_key_env', 'Credentials by reference', 'component', 'dependency', 'observed', 5, NULL, true, NULL,
	 '{"credential_ref": "env:SEARCH_API_KEY"}',
	 'Log its calls: maestro.log_event(%1$L, ''dependency_call'', ..., dependency => ...).',
	 'Revoke what leaked; keep it in the environment or a vault, and out of what is logged.',
	 'Every dependency names where its credential lies, and no event of the component carried a secret. It does not look into the environment itself.'),
	('failure_graceful', 'Failures handled', 'component', 'dependency', 'observed', 5, NULL, true, NULL,
	 NULL,
	 'Close each run: maestro.log_event(%1$L, ''agent_run'', ..., outcome => ..., trace_id => ...). Runs count in which a dependency_call finally failed.',
	 'Close each run with an event agent_run: outcome ok or degraded, or error with error.type.',
	 'Runs in which a dependency finally failed ended well, degraded or with a typed error. Failures that have not happened are not covered.'),
	('retry_backoff', 'Retry with backoff', 'dependency', 'dependency', 'observed', 10, NULL, true, NULL,
	 '{"retry": {"base_ms": 200, "cap_ms": 10000, "multiplier": 2, "jitter": "full", "max_attempts": 4}}',
	 'Log each retry: maestro.log_event(%1$L, ''dependency_call'', ..., dependency => %2$L) with the attributes http.request.resend_count and retry.delay_ms.',
	 'Keep to the declared attempts and delays.',
	 'The policy has base, cap, growth, jitter and an end; retries kept to its attempts and waited at least a quarter of its schedule. Retries inside a client library are not seen.'),
	('circuit_breaker', 'Circuit breaker', 'dependency', 'dependency', 'observed', 5, NULL, true, NULL,
	 '{"breaker": "external"}',
	 'Log each call with the breaker''s answer: maestro.log_event(%1$L, ''dependency_call'', ..., dependency => %2$L) and the attribute breaker.state (closed, open, half-open).',
	 'Ask the breaker before each call, send its state as breaker.state, and do not call while it is open.',
	 'At least 95 of 100 calls were made after asking a breaker, and none while it was open. It rests on what the caller says of its breaker.'),
	('limiter_asked', 'Rate limiter', 'dependency', 'dependency', 'enforced', 5, NULL, false,
	 'there are no limiters yet', NULL, NULL, NULL,
	 'At least 95 of 100 calls were made after asking a limiter.');

INSERT INTO maestro.control_signal (control, signal, needed, min_share, good, bad) VALUES
	('connection_timeout', 'call_in_time', true, NULL, '%1$s calls within the timeouts',
	 '%2$s of %3$s calls outlasted the timeouts, last: event %4$s'),
	('connection_timeout', 'call_declared', false, NULL, '%1$s calls to declared addresses',
	 '%2$s of %3$s calls went to an address that no dependency declares, last: event %4$s'),
	('api_key_env', 'event_without_secret', true, NULL, '%1$s events without a secret',
	 '%2$s of %3$s events carried a secret, last: event %4$s'),
	('failure_graceful', 'failed_run_ended', true, NULL, '%1$s runs with a failed dependency ended properly',
	 '%2$s of %3$s runs with a failed dependency have no end or an untyped error, last: event %4$s'),
	('retry_backoff', 'retry_in_bounds', true, NULL, '%1$s retries within the policy',
	 '%2$s of %3$s retries went beyond max_attempts, last: event %4$s'),
	('retry_backoff', 'retry_waited', false, 0.2, 'retries waited %1$s ms where the schedule without jitter says %2$s',
	 'retries waited %1$s ms where the schedule without jitter says %2$s, last: event %4$s'),
	('circuit_breaker', 'breaker_asked', true, 0.95, '%1$s of %3$s calls asked the breaker',
	 '%2$s of %3$s calls did not ask the breaker, last: event %4$s'),
	('circuit_breaker', 'breaker_heeded', false, NULL, '%1$s calls while the breaker let them pass',
	 '%2$s calls were made while the breaker was open, last: event %4$s');

-- Numbers come from a document that anybody with the right to register wrote:
-- bounded, so that no computation with them can overflow.
CREATE VIEW maestro.dependency_policy WITH (security_barrier = true) AS
	SELECT d.dependency_id, d.component_id, d.name, d.breaker, d.credential_ref,
		   lower(d.address) AS address, d.connect_timeout, d.read_timeout, d.retry,
		   w.timeout, w.timeout + greatest(interval '1 s', w.timeout * 0.1) AS latest,
		   r.base_ms, r.cap_ms, r.multiplier, r.max_attempts,
		   r.base_ms > 0 AND r.cap_ms >= r.base_ms AND r.multiplier > 1 AND r.max_attempts > 1
			   AND d.retry ->> 'jitter' IN ('full', 'equal', 'decorrelated') AS retry_is_whole
	  FROM maestro.dependency d
	  JOIN maestro.component c ON c.component_id = d.component_id
	  JOIN maestro.readable_system s ON s.system_id = c.system_id
	 CROSS JOIN LATERAL (SELECT d.connect_timeout + d.read_timeout AS timeout) w
	 CROSS JOIN LATERAL (
		SELECT max(n.value) FILTER (WHERE n.key = 'base_ms') AS base_ms,
			   max(n.value) FILTER (WHERE n.key = 'cap_ms') AS cap_ms,
			   max(n.value) FILTER (WHERE n.key = 'multiplier') AS multiplier,
			   max(n.value) FILTER (WHERE n.key = 'max_attempts') AS max_attempts
		  FROM (SELECT e.key, greatest(0, least((e.value #>> '{}')::numeric, 1e9))::float8 AS value
				  FROM jsonb_each(d.retry) e WHERE jsonb_typeof(e.value) = 'number') n) r;
COMMENT ON VIEW maestro.dependency_policy IS 'what is declared about each dependency, its retry policy as numbers; latest is the sum of its timeouts with what cancelling may take on top';

CREATE VIEW maestro.declared_dependency WITH (security_barrier = true) AS
	SELECT p.component_id, p.dependency_id, p.name AS dependency, k.control,
		   CASE k.control
				WHEN 'connection_timeout' THEN p.timeout IS NOT NULL
				WHEN 'retry_backoff' THEN p.retry IS NOT NULL
				ELSE p.breaker IS NOT NULL END AS declared,
		   CASE WHEN k.control = 'connection_timeout' AND p.timeout > k.max_timeout
				THEN format('timeouts of %s together are declared, not binding: over %s', maestro.plain_interval(p.timeout), maestro.plain_interval(k.max_timeout))
				WHEN k.control = 'retry_backoff' AND p.retry IS NOT NULL AND p.retry_is_whole IS NOT TRUE
				THEN 'a retry policy is declared, not binding: it needs base_ms, cap_ms, multiplier over 1, jitter and max_attempts over 1'
				END AS fault,
		   CASE k.control
				WHEN 'connection_timeout' THEN 'connect_timeout with read_timeout'
				WHEN 'retry_backoff' THEN 'retry policy'
				ELSE 'breaker' END AS what
	  FROM maestro.dependency_policy p
	  JOIN maestro.control k ON k.control IN ('connection_timeout', 'retry_backoff', 'circuit_breaker')
	UNION ALL
	SELECT p.component_id, NULL, min(p.name) FILTER (WHERE s.scheme IS NULL), 'api_key_env', bool_and(p.credential_ref IS NOT NULL),
		   'no known scheme in the credential_ref of ' || string_agg(p.name, ', ' ORDER BY p.name)
			   FILTER (WHERE p.credential_ref IS NOT NULL AND s.scheme IS NULL),
		   'credential_ref for each dependency'
	  FROM maestro.dependency_policy p
	  LEFT JOIN maestro.credential_scheme s ON s.scheme = split_part(p.credential_ref, ':', 1)
	 GROUP BY p.component_id;
COMMENT ON VIEW maestro.declared_dependency IS 'what is declared about dependencies, and what is wrong with it; dependency_id is NULL where it is one answer for all of them';
