--
-- Demo: the agents work.  24 tickets; the search service answers late in every
-- second one, and is down in every fourth, so that retries, the breaker and
-- graceful failure have something to show.
--
\pset footer off
\echo '== 2. The agents work and log'
\echo
\echo 'The process of the agents logs in as crew_agents, which may write events of this'
\echo 'system and nothing else. It reports 24 tickets through maestro.log_events.'
\echo
SET ROLE crew_agents;
WITH run AS (
	SELECT n, md5('crew run ' || n) AS trace, n % 2 = 0 AS late, n % 4 = 0 AS down
	  FROM generate_series(1, 24) AS n),
event AS (
	SELECT r.n, s.step, jsonb_build_object(
			'component', 'crew/' || s.component, 'kind', s.kind, 'message', s.message,
			'target', s.target, 'dependency', s.dependency, 'duration', s.seconds, 'outcome', s.outcome,
			'trace_id', r.trace, 'span_id', left(md5(r.trace || s.step), 16),
			'parent_span_id', CASE WHEN s.step > 1 THEN left(md5(r.trace || 1), 16) END,
			'body', s.body, 'attributes', s.attributes) AS event
	  FROM run AS r
	 CROSS JOIN LATERAL (VALUES
		(2, 'dispatcher', 'input', 'ticket received', NULL, NULL, 0.01, 'ok',
			jsonb_build_object('ticket', 100 + r.n), '{}'::jsonb),
		(3, 'dispatcher', 'tool_call', 'read the ticket', 'tickets', NULL, 0.1, 'ok',
			jsonb_build_object('arguments', jsonb_build_object('ticket', 100 + r.n)), '{}'),
		(4, 'tickets', 'dependency_call', 'SELECT ticket', NULL, 'ticket-db', 0.05, 'ok', NULL,
			'{"server.address": "tickets.example.com"}'),
		(5, 'dispatcher', 'handoff', 'ticket to planner', 'planner', NULL, 0.01, 'ok',
			jsonb_build_object('ticket', 100 + r.n, 'question', 'How do I reset my router?'), '{}'),
		(6, 'planner', 'dependency_call', 'POST /v1/messages', NULL, 'model-api', 1.2, 'ok', NULL,
			'{"server.address": "models.example.com", "breaker.state": "closed"}'),
		(7, 'planner', 'model_call', 'plan the steps', 'llm', NULL, 1.3, 'ok',
			'{"output": "1. search the documentation 2. answer"}',
			'{"gen_ai.request.model": "example-large-2", "gen_ai.usage.input_tokens": 410, "gen_ai.usage.output_tokens": 38}'),
		(8, 'planner', 'output', 'two steps planned', NULL, NULL, 1.5, 'ok', '{"steps": ["search", "answer"]}', '{}'),
		(9, 'search', 'dependency_call', 'GET /search', NULL, 'search-api', 0.4,
			CASE WHEN r.late THEN 'timeout' ELSE 'ok' END, NULL,
			'{"server.address": "search.example.com", "breaker.state": "closed"}'
				|| CASE WHEN r.late THEN '{"error.type": "read_timeout"}' ELSE '{}' END::jsonb),
		(10, CASE WHEN r.late THEN 'search' END, 'dependency_call', 'GET /search, again', NULL, 'search-api', 0.5,
			CASE WHEN r.down THEN 'error' ELSE 'ok' END, NULL,
			jsonb_build_object('server.address', 'search.example.com', 'breaker.state', 'closed',
				'http.request.resend_count', 1, 'retry.delay_ms', 60 + 5 * r.n)
				|| CASE WHEN r.down THEN '{"error.type": "http_503"}' ELSE '{}' END::jsonb),
		(11, 'planner', 'tool_call', 'search the documentation', 'search', NULL, 0.9,
			CASE WHEN r.down THEN 'error' ELSE 'ok' END,
			CASE WHEN r.down THEN '{"result": "search is not available"}' ELSE '{"result": "hold the button for ten seconds"}' END::jsonb,
			CASE WHEN r.down THEN '{"error.type": "http_503"}' ELSE '{}' END::jsonb),
		(12, 'writer', 'dependency_call', 'POST /v1/messages', NULL, 'model-api', 2.0, 'ok', NULL,
			'{"server.address": "models.example.com"}'),
		(13, 'writer', 'model_call', 'write the answer', 'llm', NULL, 2.1, 'ok',
			'{"output": "Hold the button for ten seconds."}',
			'{"gen_ai.request.model": "example-large-2", "gen_ai.usage.input_tokens": 612, "gen_ai.usage.output_tokens": 71}'),
		(14, 'writer', 'output', 'answer written', NULL, NULL, 2.4, 'ok',
			'{"answer": "Hold the button for ten seconds. Questions: help@example.com"}', '{}'),
		(1, 'worker', 'agent_run', 'ticket answered', NULL, NULL, 5.2,
			CASE WHEN r.down THEN 'degraded' ELSE 'ok' END, jsonb_build_object('ticket', 100 + r.n), '{}')
		) AS s (step, component, kind, message, target, dependency, seconds, outcome, body, attributes)
	 WHERE s.component IS NOT NULL)
SELECT count(*) AS events, count(*) FILTER (WHERE decision = 'allow') AS stored
  FROM maestro.log_events((SELECT jsonb_agg(event ORDER BY n, step = 1, step) FROM event));
RESET ROLE;
-- A deployer, another role, reports where the process runs.
SELECT maestro.report_environment('crew/worker', '{"runAsNonRoot": true, "readOnlyRootFilesystem": true,
	"allowPrivilegeEscalation": false, "memoryLimitBytes": 536870912, "networkPolicy": true,
	"listeningPorts": [8080], "secretStore": "vault", "envFileTracked": false}') \g /dev/null
