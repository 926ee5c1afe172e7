\set ECHO none
BEGIN;
\i test/tap_setup.sql
SET LOCAL jit = off;
\o /dev/null
\i test/posture_setup.sql
\o
-- What happens in healthy systems and must be no alarm: the control that could be
-- fooled, and what happens.  Everything else that the system needs to be ok is
-- there already.
CREATE TEMP TABLE case_of (no integer GENERATED ALWAYS AS IDENTITY, control text, status text, steps text, name text);
INSERT INTO case_of (control, status, steps, name) VALUES
('input_schema', 'ok', $$contract({c}, 'input'); event({c}, 'input', 4, '{"valid": true}'); event({c}, 'input', 3, '{"valid": false, "decision": "deny", "reason": "contract_violated"}')$$,
	'inputs that were refused'),
('allowlist', 'ok', $$event({c}, 'note', 5); event('{s}/stranger', 'rejected', 3, '{"decision": "deny", "reason": "unregistered_component"}')$$,
	'strangers who were refused'),
('output_sensitive', 'ok', $$event({c}, 'output', 5); event({c}, 'output', 1, '{"findings": {"AWS_KEY": 1}, "decision": "deny"}')$$,
	'an output with a secret that was refused'),
('timeout', 'ok', $$event({c}, 'note', 5, '{"duration": "1 s"}'); event({c}, 'tool_call', 3, '{"outcome": "timeout", "duration": "30.9 s", "attributes": {"error.type": "timeout"}}')$$,
	'calls that were cut at their timeout'),
('connection_timeout', 'ok', $$dependency({c}, '{"connect_timeout": "2s", "read_timeout": "8s"}'); event({c}, 'dependency_call', 5, '{"dependency": "search", "outcome": "timeout", "duration": "10.9 s"}')$$,
	'calls of a service that were cut at both timeouts'),
('max_iterations', 'ok', $$event({c}, 'tool_call', 5, '{"trace": 0}'); event({c}, 'tool_call', 3, '{"trace": 9}'); event({c}, 'tool_call', 2, '{"trace": 9, "outcome": "denied"}'); event({c}, 'tool_call', 1, '{"trace": 9, "decision": "deny", "reason": "budget_spent"}')$$,
	'a run that was stopped at its budget'),
('memory_bound', 'ok', $$report({c}, '{"memoryLimitBytes": 1000}'); event({c}, 'model_call', 3, '{"trace": 9}'); event({c}, 'model_call', 1, '{"trace": 9, "outcome": "denied"}')$$,
	'and its memory bound'),
('timeout', 'ok', $$event({c}, 'note', 5, '{"duration": "1 s"}'); event({c}, 'approval', 1, '{"trace": 4, "duration": "5 hours"}'); event({c}, 'tool_call', 1, '{"trace": 4, "duration": "5 hours 3 s"}')$$,
	'an action that waited for hours for a person''s approval'),
('retry_backoff', 'ok', $$dependency({c}, '{"retry": {"base_ms": 200, "cap_ms": 9000, "multiplier": 2, "jitter": "full", "max_attempts": 4}}'); event({c}, 'dependency_call', 4, '{"dependency": "search", "attributes": {"http.request.resend_count": 1, "retry.delay_ms": 3}}'); event({c}, 'dependency_call', 4, '{"dependency": "search", "attributes": {"http.request.resend_count": 2, "retry.delay_ms": 250}}'); event({c}, 'dependency_call', 4, '{"dependency": "search", "attributes": {"http.request.resend_count": 3, "retry.delay_ms": 410}}')$$,
	'retries with full jitter, some of them at once'),
('output_schema', 'ok', $$contract({c}, 'output'); event({c}, 'output', 4, '{"valid": true, "trace": 0}'); event({c}, 'output', 1, '{"valid": false, "trace": 7, "span": 7, "age": "5 min"}'); event({c}, 'output', 1, '{"valid": true, "trace": 7, "span": 7}')$$,
	'an invalid output that was asked for again'),
('circuit_breaker', 'ok', $$dependency({c}, '{"breaker": "external"}'); event({c}, 'dependency_call', 5, '{"dependency": "search", "attributes": {"breaker.state": "closed"}}'); event({c}, 'dependency_call', 9, '{"dependency": "search", "outcome": "denied", "attributes": {"breaker.state": "open"}}')$$,
	'calls that an open breaker denied'),
('limiter_asked', 'ok', $$dependency({c}, '{"limiter": "external"}'); event({c}, 'dependency_call', 5, '{"dependency": "search", "attributes": {"limiter.state": "allowed"}}'); event({c}, 'dependency_call', 9, '{"dependency": "search", "outcome": "rejected", "attributes": {"limiter.state": "limited"}}')$$,
	'calls that a limiter denied'),
('order_kept', 'ok', $$component('{s}/b'); plan('{s}', '{"nodes": [{"id": "a"}, {"id": "b"}], "edges": [{"source": "a", "target": "b"}]}'); event({c}, 'handoff', 4, '{"target": "b"}'); event('{s}/b', 'handoff', 1, '{"target": "a", "decision": "deny", "reason": "out_of_order"}')$$,
	'a step out of order that was refused'),
('handoff_contract', 'ok', $$component('{s}/b'); contract({c}, 'handoff', target => 'b'); event({c}, 'handoff', 4, '{"target": "b", "valid": true}'); event({c}, 'handoff', 1, '{"target": "b", "valid": false, "decision": "deny"}')$$,
	'a handoff that was refused'),
('stateless', 'ok', $$attest({c}, 'stateless'); event({c}, 'tool_call', 3, '{"duration": "10 s", "step": "20 s", "attributes": {"maestro.resource": "account 7"}}')$$,
	'actions on one resource, one after another'),
('session_network', 'ok', $$session({c}); session({c}, '127.0.0.1'); session({c}, '::1'); session({c}, '10.2.3.4', true)$$,
	'sessions by the local socket, the loopback, and by TLS from its networks'),
-- A drill: no failure of it is an incident, and those that were handled are evidence.
('error_structured', 'ok', $$drill('{s}', 5); event({c}, 'error', 1, '{"trace": 5, "attributes": {"error.type": "drill"}}')$$, 'a failure in a drill, which suffices'),
('error_leak', 'ok', $$drill('{s}', 5); event({c}, 'error', 2, '{"trace": 5, "message": "not now"}')$$, 'and another'),
('error_logged', 'ok', $$drill('{s}', 5); event({c}, 'tool_call', 1, '{"outcome": "error", "trace": 5, "attributes": {"error.type": "drill"}}')$$, 'and its log'),
('failure_graceful', 'ok', $$dependency({c}, '{"connect_timeout": "2s", "read_timeout": "8s"}'); drill('{s}', 5); event({c}, 'dependency_call', 1, '{"dependency": "search", "outcome": "error", "trace": 5}'); event({c}, 'agent_run', 1, '{"outcome": "degraded", "trace": 5}')$$, 'and its end'),
('failure_graceful', 'unknown', $$dependency({c}, '{"connect_timeout": "2s", "read_timeout": "8s"}'); drill('{s}', 5); event({c}, 'dependency_call', 1, '{"dependency": "search", "outcome": "error", "trace": 5}'); event({c}, 'agent_run', 1, '{"outcome": "error", "trace": 5}')$$, 'a drill that ended badly is no alarm, and no ok either'),
('timeout', 'ok', $$event({c}, 'note', 5, '{"duration": "1 s"}'); drill('{s}', 5); event({c}, 'tool_call', 3, '{"trace": 5, "duration": "90 s"}')$$, 'spans that a drill drew out'),
('error_structured', 'ok', $$event({c}, 'error', 5, '{"attributes": {"error.type": "x"}}'); drill('{s}', 5); event({c}, 'error', 2, '{"trace": 5}')$$, 'failures without type in a drill'),
('circuit_breaker', 'ok', $$dependency({c}, '{"breaker": "external"}'); event({c}, 'dependency_call', 5, '{"dependency": "search", "attributes": {"breaker.state": "closed"}}'); drill('{s}', 5); event({c}, 'dependency_call', 2, '{"dependency": "search", "trace": 5, "attributes": {"breaker.state": "open"}}')$$, 'calls through an open breaker in a drill'),
-- What only looks like a drill is an incident.
('error_structured', 'alarm', $$drill('{s}', 5); event({c}, 'error', 1, '{"trace": 5, "age": "3 hours"}')$$, 'an event of before the drill'),
('error_structured', 'alarm', $$drill('{s}', 5, '5 hours'); event({c}, 'error', 1, '{"trace": 5, "age": "1 minute"}')$$, 'an event of after it'),
('error_structured', 'alarm', $$component('{s}/b'); drill('{s}', 5, component => 'b'); event({c}, 'error', 1, '{"trace": 5}')$$, 'an event of a component that the drill is not about'),
('log_neutralised', 'alarm', $$drill('{s}', 5); event({c}, 'note', 1, '{"trace": 5, "message": "ok\nERROR forged"}')$$, 'what is about the log itself'),
('allowlist', 'alarm', $$drill('{s}', 5); event('{s}/stranger', 'note', 1, '{"trace": 5, "decision": "deny", "reason": "unregistered_component"}')$$, 'a stranger who names a drill''s trace'),
-- Reviews.
('error_structured', 'ok', $$event({c}, 'error', 5, '{"attributes": {"error.type": "x"}}'); event({c}, 'error', 1); review('{s}', 'false_alarm')$$, 'an event that a review found to be no alarm'),
('error_structured', 'alarm', $$event({c}, 'error', 5, '{"attributes": {"error.type": "x"}}'); event({c}, 'error', 1); review('{s}', 'false_alarm'); review('{s}', 'confirmed')$$, 'unless a later one confirms it');
\o /dev/null
SELECT pg_temp.component(format('calm%s/a', no), '{"timeout": "30 s", "max_iterations": 3, "memory_limit": 1000, "allowed_networks": ["10.0.0.0/8"]}') FROM case_of;
SELECT pg_temp.play(format('calm%s/a', no), steps) FROM case_of;
-- A review of what is excused already finds nothing bad: confirm it by its event.
INSERT INTO maestro.event_review (event_id, system_id, component_id, conclusion, note, reviewed_by, login)
	SELECT r.event_id, r.system_id, r.component_id, 'confirmed', 'looked at again', 'postgres', 'postgres'
	  FROM maestro.event_review r JOIN maestro.system s USING (system_id) JOIN case_of c ON s.name = 'calm' || c.no WHERE c.name = 'unless a later one confirms it';
CREATE TEMP TABLE answer AS SELECT * FROM maestro.component_control WHERE component = 'a' OR component IS NULL;
\o
SELECT plan((SELECT count(*) FROM case_of)::integer + 2);
SELECT CASE WHEN a.status::text = c.status THEN pass(format('%s: %s (%s)', c.control, c.name, c.status))
			ELSE fail(c.name) || E'\n' || diag(format('%s: have %s: %s', a.system, a.status, a.reason)) END
  FROM case_of c LEFT JOIN answer a ON a.system = 'calm' || c.no AND a.control = c.control
 ORDER BY c.no;
SELECT is((SELECT string_agg(DISTINCT basis::text, ', ') FROM answer WHERE reason LIKE 'in a drill%' AND status = 'ok'), 'drill', 'what a drill showed rests on a drill');
SELECT is((SELECT count(*) FROM answer WHERE reason LIKE 'in a drill%' AND status = 'alarm'), 0::bigint, 'and no drill is an alarm');
SELECT * FROM finish();
ROLLBACK;
