--
-- Demo: an incident.  A system of its own, "desk", whose guards hold while one thing
-- after the other goes wrong.  For a server that preloads maestro: guards remember in
-- shared memory.
--
\pset footer off
\echo '== 6. An incident'
\echo
\echo 'A second system, "desk": its search has a circuit breaker and a rate limiter, runs of its'
\echo 'planner a budget, its steps a declared order; a locked registry takes signed components only.'
\echo
\set search '''desk/search'''
SELECT count(*) AS objects FROM maestro.apply_manifest('{"systems": [{"name": "desk", "db_role": "crew_agents", "unregistered": "quarantine",
	"components": [
		{"name": "planner", "kind": "agent", "layer": 2, "timeout": "45 s", "max_iterations": 8,
		 "guards": [{"name": "run", "kind": "budget", "parameters": {"steps": 8, "tokens": 50000}}]},
		{"name": "writer", "kind": "agent", "layer": 2, "timeout": "45 s", "max_iterations": 8},
		{"name": "search", "kind": "tool", "layer": 3, "timeout": "10 s",
		 "guards": [{"name": "breaker", "kind": "circuit_breaker", "parameters": {"window": 5, "minimum_calls": 5, "open_for": "1 s", "half_open_calls": 2}},
			{"name": "limiter", "kind": "rate_limiter", "parameters": {"rate": 100, "per": "1 s", "burst": 100}}],
		 "dependencies": [{"name": "search-api", "address": "search.example.com:443", "connect_timeout": "1 s", "read_timeout": "5 s",
			"credential_ref": "vault:desk/search", "breaker": "breaker", "limiter": "limiter",
			"retry": {"base_ms": 200, "cap_ms": 5000, "multiplier": 2, "jitter": "full", "max_attempts": 3}}]},
		{"name": "agent-registry", "kind": "registry", "layer": 7}],
	"plans": [{"name": "answer", "graph": {"nodes": [{"id": "planner"}, {"id": "search"}, {"id": "writer"}],
		"edges": [{"source": "planner", "target": "search"}, {"source": "search", "target": "writer"}]}}]}]}');
CREATE TEMP TABLE threat_before AS SELECT * FROM maestro.threat_matrix WHERE system = 'desk';
CREATE TEMP TABLE item_before AS SELECT * FROM maestro.checklist_compliance WHERE system = 'desk';
SELECT coalesce(max(event_id), 0) AS newest FROM maestro.event \gset

-- What the code of the search tool would do for one ticket.
CREATE FUNCTION pg_temp.answer(ticket integer, is_up boolean, OUT breaker text, OUT call text, OUT answer text) LANGUAGE plpgsql AS $$
DECLARE
	trace text := md5('desk ' || ticket);
	limit_state text := (SELECT g.state FROM maestro.acquire('desk/search', 'limiter') AS g);
	asked record;
BEGIN
	SELECT * INTO asked FROM maestro.acquire('desk/search', 'breaker');
	breaker := asked.state;
	call := CASE WHEN asked.decision = 'deny' THEN 'not made' WHEN is_up THEN 'ok' ELSE 'error' END;
	answer := CASE call WHEN 'ok' THEN 'with sources' ELSE 'degraded: without sources' END;
	IF call <> 'not made' THEN
		PERFORM maestro.record_outcome('desk/search', 'breaker', ok => is_up, latency => '200 ms');
		PERFORM maestro.log_event('desk/search', 'dependency_call', 'GET /search', dependency => 'search-api', outcome => call::maestro.outcome,
			trace_id => trace, duration => '200 ms', attributes => jsonb_build_object('server.address', 'search.example.com',
				'breaker.state', asked.state, 'limiter.state', limit_state) || CASE WHEN is_up THEN '{}' ELSE '{"error.type": "http_503"}'::jsonb END);
	END IF;
	PERFORM maestro.log_event('desk/planner', 'agent_run', 'ticket answered', trace_id => trace, duration => '2 s',
		outcome => (CASE call WHEN 'ok' THEN 'ok' ELSE 'degraded' END)::maestro.outcome, body => jsonb_build_object('ticket', ticket, 'answer', answer));
END
$$;

\echo 'The search service fails. After five failures its breaker opens, and agents answer without it:'
\echo
SET ROLE crew_agents;
SELECT ticket, a.* FROM generate_series(1, 8) AS ticket, pg_temp.answer(ticket, false) AS a;
\echo 'A second later the service is back. The breaker is half-open: two probes, and it closes:'
\echo
SELECT FROM pg_sleep(1.1) \g /dev/null
SELECT ticket, a.* FROM generate_series(9, 12) AS ticket, pg_temp.answer(ticket, true) AS a;
\echo 'An agent loops. Its run may take eight steps:'
\echo
SELECT maestro.start_run('desk/planner', md5('desk loop'), 'run') \g /dev/null
SELECT min(step) || ' to ' || max(step) AS steps, decision, reason, counter
  FROM (SELECT step, s.* FROM generate_series(1, 30) AS step, maestro.spend(md5('desk loop'), jsonb_build_object('steps', 1, 'tokens', 900 + step)) AS s) AS x
 GROUP BY decision, reason, counter ORDER BY min(step);
SELECT maestro.end_run(md5('desk loop')) \g /dev/null
\echo 'The writer wants to answer before anything was searched:'
\echo
SELECT node, s.* FROM unnest('{planner,writer,search,writer}'::text[]) WITH ORDINALITY AS n (node, nth),
	maestro.begin_step('desk', 'answer', md5('desk order'), node) AS s ORDER BY nth;
RESET ROLE;
\echo 'A tool is deployed: once signed by the key of the release (that of RFC 8032''s test 1), once'
\echo 'altered after it was signed, once past the signature:'
\echo
SELECT maestro.trust_manifest_key('release', '\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', now() + interval '1 hour') \g /dev/null
\set signature '''\\xa5a63ca70475c5a164cc6bdfaad0b8492fc837429726a2cb6161b9cc0fa481ad214e9f9305f18a9392a0e51ab633e4da15d955aed3a7b409807a82d2fffcc002'''
\set manifest '''{"system": "desk", "name": "translate", "kind": "tool", "version": "1", "timeout": "5 s", "db_role": "desk_translate"}'''
SET client_min_messages = warning;
\set VERBOSITY terse
SELECT maestro.register_signed_component(:manifest, :signature, 'release') AS signed;
SELECT maestro.register_signed_component(replace(:manifest, '5 s', '500 s')::json, :signature, 'release') AS altered;
SELECT maestro.lock_registry('desk', 'release 1 is frozen') \g /dev/null
SELECT maestro.register_component('desk', 'helper', 'agent') AS unsigned;
\set VERBOSITY default
SELECT count(*) AS sessions FROM pg_stat_activity WHERE usename = 'desk_translate' \gset
\echo 'The new tool misbehaves. The operator stops it; it has' :sessions 'session open:'
\echo
CALL maestro.stop_component('desk/translate', 'it floods the desk');
\echo 'Every step stands in the log:'
\echo
SELECT kind, decision, coalesce(outcome::text, '') AS outcome, message, count(*)
  FROM maestro.event WHERE event_id > :newest AND (kind IN ('guard', 'rejected') OR message LIKE 'stop of%' OR outcome = 'degraded')
 GROUP BY kind, decision, outcome, message ORDER BY min(event_id);
\echo 'The operator has looked into what was refused:'
\echo
SELECT count(maestro.review_event(event_id, 'resolved', 'the release pipeline sent an old file')) AS reviewed
  FROM maestro.event WHERE event_id > :newest AND kind = 'rejected';
\echo 'What that turned in the threat matrix, and in the checklist:'
\echo
SELECT a.component, a.threat, b.status AS before, a.status AS after, left(a.reason, 46) AS reason
  FROM maestro.threat_matrix AS a JOIN threat_before AS b USING (system, component, threat)
 WHERE a.system = 'desk' AND a.status <> b.status AND split_part(a.layer::text, ' ', 1) IN ('3', '5', '7') ORDER BY a.layer, a.component, a.threat;
SELECT left(a.wording, 44) AS item, b.status AS before, a.status AS after, left(a.reason, 46) AS reason
  FROM maestro.checklist_compliance AS a JOIN item_before AS b USING (system, item)
 WHERE a.system = 'desk' AND a.status <> b.status AND a.section IN ('Resource Management', 'External Dependencies');
DROP TABLE threat_before, item_before;
