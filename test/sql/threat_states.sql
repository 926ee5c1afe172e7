\set ECHO none
BEGIN;
\i test/tap_setup.sql
SET LOCAL jit = off;
\o /dev/null
\i test/posture_setup.sql
\o
-- How each threat is brought through its statuses by its controls.  A component a
-- of a layer of the threat, in a system of its own:
--	doc		what it is registered with
--	declare	what else is declared
--	one		what makes one control ok, which leaves the threat partial (NULL: it has one control)
--	rest	what makes the others ok, and the threat mitigated
--	bad		what makes it open
--	repair	what mitigates it again; without: a review of the bad events
--	none	what a component is registered as that it does not apply to; NULL: it always does
CREATE TEMP TABLE course (threat text PRIMARY KEY, doc jsonb, declare text, one text, rest text, bad text, repair text, none jsonb);
INSERT INTO course VALUES
('prompt_injection', '{"further_layers": [1]}', $$contract({c}, 'input'); contract({c}, 'output')$$,
	$$event({c}, 'input', 5, '{"valid": true}')$$, $$event({c}, 'output', 5, '{"valid": true}'); contract({c}, 'output', lint => '{"objects": 1, "open_objects": 0}')$$,
	$$event({c}, 'output', 1, '{"valid": false}')$$, NULL, '{"kind": "runner", "further_layers": [1]}'),
('model_poisoning', '{"further_layers": [1]}', $$component('{s}/m', '{"kind": "model", "model": "m-1"}')$$, NULL,
	$$event({c}, 'model_call', 5, '{"target": "m", "attributes": {"gen_ai.request.model": "m-1"}}')$$,
	$$event({c}, 'model_call', 1, '{"attributes": {"gen_ai.request.model": "m-1"}}')$$, NULL, '{"kind": "runner", "further_layers": [1]}'),
('data_leakage', '{"further_layers": [1]}', $$contract({c}, 'output')$$, $$event({c}, 'output', 5, '{"valid": true, "contract_version": 9}')$$,
	$$event({c}, 'output', 5, '{"valid": true}')$$, $$event({c}, 'output', 1, '{"valid": true, "findings": {"EMAIL": 1}}')$$, NULL, '{"kind": "runner", "further_layers": [1]}'),
('unvalidated_inputs', '{}', $$contract({c}, 'input')$$, $$event({c}, 'input', 5, '{"valid": true}')$$,
	$$contract({c}, 'input', lint => '{"strings": 1, "unsafe_strings": 0, "numbers": 1, "unbounded_numbers": 0, "paths": 0, "unsafe_paths": 0}'); event({c}, 'input', 5, '{"valid": true}')$$,
	$$event({c}, 'input', 1, '{"valid": false}')$$, NULL, '{"kind": "runner", "further_layers": [2]}'),
('type_confusion', '{}', $$contract({c}, 'input'); contract({c}, 'output')$$, $$event({c}, 'input', 5, '{"valid": true}')$$,
	$$event({c}, 'output', 5, '{"valid": true}')$$, $$event({c}, 'input', 1, '{"valid": false}')$$, NULL, '{"kind": "runner", "further_layers": [2]}'),
('logic_bugs_in_coordination', '{}', $$component('{s}/b'); contract({c}, 'handoff', target => 'b')$$, NULL,
	$$event({c}, 'handoff', 5, '{"target": "b", "valid": true}')$$, $$event({c}, 'handoff', 1, '{"target": "b", "valid": false}')$$, NULL, '{}'),
('service_downtime_cascade', '{"timeout": "30 s", "further_layers": [3]}', $$dependency({c}, '{"connect_timeout": "2s", "read_timeout": "8s"}')$$,
	$$event({c}, 'note', 5, '{"duration": "1 s"}')$$,
	$$event({c}, 'dependency_call', 5, '{"dependency": "search", "duration": "1 s", "outcome": "error", "trace": 0}'); event({c}, 'agent_run', 5, '{"trace": 0, "outcome": "degraded"}')$$,
	$$event({c}, 'note', 1, '{"duration": "90 s"}')$$, NULL, '{"kind": "trace_store", "further_layers": [3]}'),
('api_key_leakage', '{"further_layers": [3]}', $$dependency({c}, '{"credential_ref": "env:KEY"}')$$, NULL, $$event({c}, 'note', 5)$$,
	$$event({c}, 'note', 1, '{"findings": {"OPENAI_KEY": 1}}')$$, NULL, '{"further_layers": [3]}'),
('compromised_external_service', '{"further_layers": [3]}',
	$$dependency({c}, '{"retry": {"base_ms": 200, "cap_ms": 9000, "multiplier": 2, "jitter": "full", "max_attempts": 4}, "breaker": "external", "limiter": "external"}')$$,
	$$event({c}, 'dependency_call', 5, '{"dependency": "search", "attributes": {"limiter.state": "allowed", "breaker.state": "closed"}}')$$,
	$$event({c}, 'dependency_call', 10, '{"dependency": "search", "attributes": {"limiter.state": "allowed", "breaker.state": "closed", "http.request.resend_count": 1, "retry.delay_ms": 150}}')$$,
	$$event({c}, 'dependency_call', 1, '{"dependency": "search", "attributes": {"limiter.state": "limited", "breaker.state": "closed"}}')$$, NULL, '{"further_layers": [3]}'),
('log_injection', '{"further_layers": [4]}', NULL, $$event({c}, 'note', 5, '{"trace": 0, "body": {}}')$$, $$event({c}, 'note', 2000, '{"trace": 0, "body": {}}')$$,
	$$event({c}, 'note', 1, '{"message": "ok\nERROR forged", "trace": 1, "body": {}}')$$, NULL, NULL),
('trace_data_tampering', '{"further_layers": [4]}', NULL, $$result('{s}', 'integrity_check', 'ok', '2 min')$$,
	$$result('{s}', 'log_verified', 'ok'); result('{s}', 'checkpoint_outside', 'ok')$$, $$result('{s}', 'integrity_check', 'alarm')$$,
	$$result('{s}', 'integrity_check', 'ok', '1 s')$$, NULL),
('sensitive_data_in_logs', '{"further_layers": [4]}', NULL, NULL, $$result('{s}', 'log_sensitive', 'ok', '2 min')$$, $$result('{s}', 'log_sensitive', 'alarm')$$,
	$$result('{s}', 'log_sensitive', 'ok', '1 s')$$, NULL),
('resource_exhaustion', '{"timeout": "30 s", "memory_limit": 1000, "further_layers": [5]}', NULL, $$event({c}, 'note', 5, '{"duration": "1 s"}')$$,
	$$report({c}, '{"memoryLimitBytes": 1000}', '1 min')$$, $$event({c}, 'note', 1, '{"duration": "90 s"}')$$, NULL, '{"kind": "trace_store", "further_layers": [5], "own_process": false}'),
('infinite_loops', '{"max_iterations": 3, "further_layers": [5]}', NULL, NULL, $$event({c}, 'tool_call', 5, '{"trace": 0}')$$,
	$$event({c}, 'tool_call', 4, '{"trace": 9}')$$, NULL, '{"kind": "tool", "further_layers": [5]}'),
('race_conditions', '{"further_layers": [5]}', NULL, NULL, $$attest({c}, 'stateless')$$,
	$$event({c}, 'tool_call', 2, '{"duration": "10 s", "attributes": {"maestro.resource": "account 7"}}')$$, NULL, '{"kind": "model", "further_layers": [5]}'),
('container_escape', '{"further_layers": [6]}', NULL, NULL, $$report({c}, '{"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false}', '1 min')$$,
	$$report({c}, '{"privileged": true}', '30 s')$$, $$report({c}, '{"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false}', '1 s')$$,
	'{"own_process": false, "further_layers": [6]}'),
('secret_exposure', '{"further_layers": [6]}', $$dependency({c}, '{"credential_ref": "env:KEY"}')$$, $$event({c}, 'note', 5)$$,
	$$report({c}, '{"secretStore": "vault", "envFileTracked": false}', '1 min')$$, $$report({c}, '{"envFileTracked": true}', '30 s')$$,
	$$report({c}, '{"secretStore": "vault", "envFileTracked": false}', '1 s')$$, '{"own_process": false, "further_layers": [6]}'),
('network_attacks', '{"ports": [8080], "further_layers": [6]}', NULL, $$session({c})$$, $$report({c}, '{"networkPolicy": true, "listeningPorts": [8080]}', '1 min')$$,
	$$report({c}, '{"networkPolicy": true, "listeningPorts": [8080, 22]}', '30 s')$$, $$report({c}, '{"networkPolicy": true, "listeningPorts": [8080]}', '1 s')$$,
	'{"kind": "tool", "own_process": false, "further_layers": [6]}'),
('registration_hijacking', '{"manifest_digest": "1111111111111111111111111111111111111111111111111111111111111111", "further_layers": [7]}', NULL,
	$$attest({c}, 'registry_locked')$$, $$event({c}, 'agent_run', 5, '{"attributes": {"maestro.manifest_digest": "1111111111111111111111111111111111111111111111111111111111111111"}}')$$,
	$$event({c}, 'agent_run', 1, '{"attributes": {"maestro.manifest_digest": "2222222222222222222222222222222222222222222222222222222222222222"}}')$$, NULL, NULL),
('execution_order_tampering', '{"further_layers": [7]}', $$component('{s}/b'); plan('{s}', '{"nodes": [{"id": "a"}, {"id": "b"}], "edges": [{"source": "a", "target": "b"}]}')$$,
	$$event({c}, 'handoff', 5, '{"target": "b"}')$$, $$event({c}, 'agent_run', 5, '{"attributes": {"maestro.plan_digest": "abababababababababababababababababababababababababababababababab"}}')$$,
	$$event('{s}/b', 'handoff', 1, '{"target": "a"}')$$, NULL, NULL),
('unauthorized_components', '{"manifest_digest": "1111111111111111111111111111111111111111111111111111111111111111", "further_layers": [7]}', NULL, $$event({c}, 'note', 5)$$,
	$$result('{s}', 'signature', 'ok'); attest({c}, 'registry_locked'); event({c}, 'agent_run', 5, '{"attributes": {"maestro.manifest_digest": "1111111111111111111111111111111111111111111111111111111111111111"}}')$$,
	$$event('{s}/stranger', 'note', 1, '{"decision": "deny", "reason": "unregistered_component"}')$$, NULL, NULL);

CREATE TEMP TABLE seen (stage integer, threat text, system text, status text, computed text, decision text, reason text);
CREATE FUNCTION pg_temp.look(stage integer) RETURNS void LANGUAGE sql AS $$
	INSERT INTO seen SELECT stage, t.threat, m.system, m.status, m.computed_status, m.decision, m.reason
	  FROM maestro.threat_matrix m JOIN maestro.threat t ON t.name = m.threat
	 WHERE m.component = 'a' AND m.system IN (t.threat, t.threat || '_none')
$$;
\o /dev/null
SELECT pg_temp.component(threat || '/a', doc) FROM course;
SELECT pg_temp.component(threat || '_none/a', none) FROM course WHERE none IS NOT NULL;
SELECT pg_temp.play(threat || '/a', declare) FROM course WHERE declare IS NOT NULL;
SELECT pg_temp.look(1);
SELECT pg_temp.play(threat || '/a', one) FROM course WHERE one IS NOT NULL;
SELECT pg_temp.look(2);
SELECT pg_temp.play(threat || '/a', rest) FROM course;
SELECT pg_temp.look(3);
SELECT pg_temp.play(threat || '/a', bad) FROM course;
SELECT pg_temp.look(4);
-- Accepted for a time that is over by now, proposed again without approval, then approved.
SELECT pg_temp.decide(threat || '/a', threat, 'accept', interval '-1 hour') FROM course;
SELECT pg_temp.look(5);
SELECT pg_temp.decide(threat || '/a', threat, 'accept', interval '1 day', false) FROM course;
SELECT pg_temp.look(6);
SELECT pg_temp.decide(threat || '/a', threat, 'accept', interval '1 day') FROM course;
SELECT pg_temp.look(7);
SELECT pg_temp.play(threat || '/a', coalesce(repair, 'review(''{s}'')')) FROM course;
SELECT pg_temp.look(8);
CREATE TEMP TABLE want (stage integer, status text, computed text, decision text, name text);
INSERT INTO want VALUES
	(1, 'unknown', 'unknown', NULL, 'nothing observed: unknown'),
	(2, 'partial', 'partial', NULL, 'one control ok: partial'),
	(3, 'mitigated', 'mitigated', NULL, 'all controls ok: mitigated'),
	(4, 'open', 'open', NULL, 'one alarm: open'),
	(5, 'open', 'open', NULL, 'an acceptance that expired: open again by itself'),
	(6, 'open', 'open', 'decision %: accept, proposed by ann, waits for approval', 'one that nobody approved: open, and shown'),
	(7, 'accepted', 'open', 'decision %: accept, proposed by ann, approved by bob, until %', 'one in force: accepted, and computed open'),
	(8, 'accepted', 'mitigated', 'decision %', 'repaired: computed mitigated again');
\o
SELECT plan((SELECT count(*) FROM course, want WHERE stage <> 2 OR one IS NOT NULL)::integer + (SELECT count(*) FROM course WHERE none IS NOT NULL)::integer + 4);
SELECT CASE WHEN s.status = w.status AND s.computed = w.computed AND (s.decision LIKE w.decision OR s.decision IS NULL AND w.decision IS NULL)
			THEN pass(format('%s: %s', c.threat, w.name))
			ELSE fail(format('%s: %s', c.threat, w.name)) || E'\n' || diag(format('have %s, %s, %s: %s', s.status, s.computed, s.decision, s.reason)) END
  FROM course c CROSS JOIN want w LEFT JOIN seen s ON s.system = c.threat AND s.stage = w.stage
 WHERE w.stage <> 2 OR c.one IS NOT NULL
 ORDER BY c.threat, w.stage;
SELECT CASE WHEN s.status = 'not_applicable' THEN pass(format('%s: nothing that it asks applies: not_applicable', c.threat))
			ELSE fail(c.threat || ' not applicable') || E'\n' || diag(format('have %s: %s', s.status, s.reason)) END
  FROM course c LEFT JOIN seen s ON s.system = c.threat || '_none' AND s.stage = 1
 WHERE c.none IS NOT NULL ORDER BY c.threat;
SELECT set_eq('SELECT threat FROM course', 'SELECT threat FROM maestro.threat', 'all 21 threats were seen in every status they can have');
-- The other decisions on a threat.
\o /dev/null
SELECT pg_temp.component('said_' || d || '/a', '{"further_layers": [5]}') FROM unnest(ARRAY['transfer', 'avoid', 'false_positive']) AS d;
SELECT pg_temp.decide('said_' || d || '/a', 'infinite_loops', d) FROM unnest(ARRAY['transfer', 'avoid', 'false_positive']) AS d;
\o
SELECT results_eq($$ SELECT system, status::text FROM maestro.threat_matrix WHERE system LIKE 'said\_%' AND component = 'a' AND threat = 'Infinite loops' $$,
	$$ VALUES ('said_avoid', 'avoided'), ('said_false_positive', 'false_positive'), ('said_transfer', 'transferred') $$, 'a threat can be transferred, avoided and a false positive');
SELECT is((SELECT residual FROM maestro.threat_matrix WHERE system = 'said_avoid' AND component = 'a' AND threat = 'Infinite loops'), 2.00, 'the residual stays what was computed');
SELECT is((SELECT count(*) FROM maestro.past_alarm WHERE system = 'infinite_loops' AND control = 'max_iterations' AND ended_by LIKE 'review %: resolved'), 1::bigint, 'alarms that were reviewed stay listed');
SELECT * FROM finish();
ROLLBACK;
