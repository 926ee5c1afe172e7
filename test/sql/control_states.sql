\set ECHO none
BEGIN;
\i test/tap_setup.sql
SET LOCAL jit = off;
\o /dev/null
\i test/posture_setup.sql
\o
-- How each control is brought through its states.  {c} is the component, {s} its
-- system, {n} how much is observed, {age} how long ago.
--	doc		what the component is registered with
--	declare	what else is declared
--	good	what makes it ok (n observations are needed; NULL: the number does not matter)
--	bad		what makes it an alarm on top; NULL: nothing can
--	alone	true: the alarm needs that nothing good is there
--	repair	what makes it ok again; without: a review of the bad events
--	skip	what the component is registered as where the control does not apply
CREATE TEMP TABLE recipe (control text PRIMARY KEY, doc jsonb, declare text, n integer, good text, bad text, alone boolean, repair text, skip jsonb);
INSERT INTO recipe VALUES
('input_schema', '{}', $$contract({c}, 'input')$$, 5, $$event({c}, 'input', {n}, '{"valid": true, "age": "{age}", "component_version": "{v}"}')$$,
	$$event({c}, 'input', 1, '{"valid": false}')$$, false, NULL, '{"kind": "model"}'),
('string_sanitized', '{}', $$contract({c}, 'input')$$, NULL, $$contract({c}, 'input', lint => '{"strings": 3, "unsafe_strings": 0}')$$,
	$$contract({c}, 'input', lint => '{"strings": 3, "unsafe_strings": 1}')$$, false,
	$$contract({c}, 'input', lint => '{"strings": 2, "unsafe_strings": 0}')$$, '{"kind": "model"}'),
('number_range', '{}', $$contract({c}, 'input')$$, NULL, $$contract({c}, 'input', lint => '{"numbers": 1, "unbounded_numbers": 0}')$$,
	$$contract({c}, 'input', lint => '{"numbers": 1, "unbounded_numbers": 1}')$$, false,
	$$contract({c}, 'input', lint => '{"numbers": 1, "unbounded_numbers": 0}')$$, '{"kind": "model"}'),
('file_path', '{}', $$contract({c}, 'input')$$, NULL, $$contract({c}, 'input', lint => '{"paths": 1, "unsafe_paths": 0}')$$,
	$$contract({c}, 'input', lint => '{"paths": 1, "unsafe_paths": 1}')$$, false,
	$$contract({c}, 'input', lint => '{"paths": 1, "unsafe_paths": 0}')$$, '{"kind": "model"}'),
('output_schema', '{}', $$contract({c}, 'output')$$, 5, $$event({c}, 'output', {n}, '{"valid": true, "age": "{age}", "component_version": "{v}"}')$$,
	$$event({c}, 'output', 1, '{"valid": false}')$$, false, NULL, '{"kind": "service"}'),
('output_closed', '{}', $$contract({c}, 'output')$$, NULL, $$contract({c}, 'output', lint => '{"objects": 1, "open_objects": 0}')$$,
	$$contract({c}, 'output', lint => '{"objects": 1, "open_objects": 1}')$$, false,
	$$contract({c}, 'output', lint => '{"objects": 1, "open_objects": 0}')$$, '{"kind": "service"}'),
('output_sensitive', '{}', NULL, 5, $$event({c}, 'output', {n}, '{"valid": true, "age": "{age}", "component_version": "{v}"}')$$,
	$$event({c}, 'output', 1, '{"valid": true, "findings": {"AWS_KEY": 1}}')$$, false, NULL, '{"kind": "service"}'),
('error_leak', '{}', NULL, 5, $$event({c}, 'error', {n}, '{"message": "try again later", "attributes": {"error.type": "x"}, "age": "{age}", "component_version": "{v}"}')$$,
	$$event({c}, 'error', 1, '{"message": "Traceback (most recent call last):\\n  File \"/srv/app/x.py\", line 3, in f", "attributes": {"error.type": "x"}}')$$, false, NULL, '{"kind": "service"}'),
('error_structured', '{}', NULL, 5, $$event({c}, 'error', {n}, '{"attributes": {"error.type": "timeout"}, "age": "{age}", "component_version": "{v}"}')$$,
	$$event({c}, 'error', 1, '{"attributes": {"error.type": "it went wrong"}}')$$, false, NULL, '{"kind": "service"}'),
('timeout', '{"timeout": "30 s"}', NULL, 5, $$event({c}, 'note', {n}, '{"duration": "1 s", "age": "{age}"}')$$,
	$$event({c}, 'note', 1, '{"duration": "50 s"}')$$, false, NULL, '{"kind": "trace_store"}'),
('memory_bound', '{"memory_limit": 1000}', NULL, NULL, $$report({c}, '{"memoryLimitBytes": 1000}', '{age}')$$,
	$$report({c}, '{"memoryLimitBytes": 2000}', '10 seconds')$$, false, $$report({c}, '{"memoryLimitBytes": 1000}', '1 second')$$, '{"own_process": false}'),
('fd_closed', '{}', NULL, 8, $$event({c}, 'heartbeat', {n}, '{"attributes": {"process.unix.file_descriptor.count": 10}, "age": "{age}", "step": "10 min"}')$$,
	$$event({c}, 'heartbeat', 8, '{"attributes": {"process.unix.file_descriptor.count": 100}, "age": "1 second"}')$$, false,
	$$event({c}, 'heartbeat', 90, '{"attributes": {"process.unix.file_descriptor.count": 10}, "age": "0 s", "step": "1 ms"}')$$, '{"own_process": false}'),
('connection_timeout', '{}', $$dependency({c}, '{"connect_timeout": "2s", "read_timeout": "8s", "retry": {"base_ms": 200, "cap_ms": 9000, "multiplier": 2, "jitter": "full", "max_attempts": 4}, "breaker": "external", "limiter": "external", "credential_ref": "env:KEY"}')$$, 5,
	$$event({c}, 'dependency_call', {n}, '{"dependency": "search", "duration": "1 s", "age": "{age}", "attributes": {"breaker.state": "closed", "limiter.state": "allowed"}}')$$,
	$$event({c}, 'dependency_call', 1, '{"dependency": "search", "duration": "20 s", "attributes": {"breaker.state": "closed", "limiter.state": "allowed"}}')$$, false, NULL, '{"nodependency": true}'),
('log_context', '{}', NULL, 20, $$event({c}, 'note', {n}, '{"trace": 0, "attributes": {"step": 1}, "age": "{age}"}')$$,
	$$event({c}, 'note', 3)$$, false, NULL, '{"kind": "tool", "own_process": false}'),
('trace_emitted', '{}', NULL, 1, $$event({c}, 'heartbeat', {n}, '{"age": "{age}"}')$$,
	$$event('{s}/b', 'handoff', 2, '{"target": "a"}')$$, true, $$event({c}, 'heartbeat')$$, '{"kind": "tool", "own_process": false}'),
('log_sensitive', '{}', NULL, NULL, $$result('{s}', 'log_sensitive', 'ok', '{age}')$$, $$result('{s}', 'log_sensitive', 'alarm', '10 s')$$, false,
	$$result('{s}', 'log_sensitive', 'ok', '1 s')$$, NULL),
('error_logged', '{}', NULL, 5, $$event({c}, 'error', {n}, '{"attributes": {"error.type": "x"}, "age": "{age}"}')$$,
	$$event({c}, 'tool_call', 1, '{"outcome": "error"}')$$, false, NULL, '{"kind": "tool", "own_process": false}'),
('api_key_env', '{}', $$dependency({c}, '{"connect_timeout": "2s", "read_timeout": "8s", "credential_ref": "env:KEY"}')$$, 5, $$event({c}, 'note', {n}, '{"age": "{age}"}')$$,
	$$event({c}, 'note', 1, '{"findings": {"OPENAI_KEY": 1}}')$$, false, NULL, '{"nodependency": true}'),
('failure_graceful', '{}', $$dependency({c}, '{"connect_timeout": "2s", "read_timeout": "8s"}')$$, 5, $$event({c}, 'dependency_call', {n}, '{"dependency": "search", "outcome": "error", "trace": 0, "age": "{age}", "attributes": {"error.type": "x"}}'); event({c}, 'agent_run', {n}, '{"outcome": "degraded", "trace": 0, "age": "{age}"}')$$,
	$$event({c}, 'dependency_call', 1, '{"dependency": "search", "outcome": "error", "trace": 77, "attributes": {"error.type": "x"}}'); event({c}, 'agent_run', 1, '{"outcome": "error", "trace": 77}')$$, false, NULL, '{"nodependency": true}'),
('retry_backoff', '{}', $$dependency({c}, '{"retry": {"base_ms": 200, "cap_ms": 9000, "multiplier": 2, "jitter": "full", "max_attempts": 4}, "breaker": "external", "limiter": "external"}')$$, 10,
	$$event({c}, 'dependency_call', {n}, '{"dependency": "search", "age": "{age}", "attributes": {"http.request.resend_count": 1, "retry.delay_ms": 200, "breaker.state": "closed", "limiter.state": "allowed"}}')$$,
	$$event({c}, 'dependency_call', 1, '{"dependency": "search", "attributes": {"http.request.resend_count": 4, "retry.delay_ms": 1600, "breaker.state": "closed", "limiter.state": "allowed"}}')$$, false, NULL, '{"nodependency": true}'),
('circuit_breaker', '{}', $$dependency({c}, '{"breaker": "external"}')$$, 5, $$event({c}, 'dependency_call', {n}, '{"dependency": "search", "age": "{age}", "attributes": {"breaker.state": "closed", "limiter.state": "allowed"}}')$$,
	$$event({c}, 'dependency_call', 1, '{"dependency": "search", "attributes": {"breaker.state": "open", "limiter.state": "allowed"}}')$$, false, NULL, '{"nodependency": true}'),
('limiter_asked', '{}', $$dependency({c}, '{"limiter": "external"}')$$, 5, $$event({c}, 'dependency_call', {n}, '{"dependency": "search", "age": "{age}", "attributes": {"limiter.state": "allowed", "breaker.state": "closed"}}')$$,
	$$event({c}, 'dependency_call', 1, '{"dependency": "search", "attributes": {"limiter.state": "limited", "breaker.state": "closed"}}')$$, false, NULL, '{"nodependency": true}'),
('model_pinned', '{}', $$component('{s}/m', '{"kind": "model", "own_process": false, "model": "m-1"}')$$, 5, $$event({c}, 'model_call', {n}, '{"target": "m", "age": "{age}", "component_version": "{v}", "attributes": {"gen_ai.request.model": "m", "gen_ai.response.model": "m-1"}}')$$,
	$$event({c}, 'model_call', 1, '{"target": "m", "attributes": {"gen_ai.request.model": "m-2"}}')$$, false, NULL, '{"kind": "memory"}'),
('tool_schema_digest', '{"kind": "tool", "tool_schema_digest": "1111111111111111111111111111111111111111111111111111111111111111"}', NULL, 5,
	$$event({c}, 'heartbeat', {n}, '{"age": "{age}", "component_version": "{v}", "attributes": {"maestro.tool_schema_digest": "1111111111111111111111111111111111111111111111111111111111111111"}}')$$,
	$$event({c}, 'heartbeat', 1, '{"attributes": {"maestro.tool_schema_digest": "2222222222222222222222222222222222222222222222222222222222222222"}}')$$, false, NULL, '{"kind": "memory"}'),
('manifest_digest', '{"manifest_digest": "1111111111111111111111111111111111111111111111111111111111111111"}', NULL, 5,
	$$event({c}, 'agent_run', {n}, '{"age": "{age}", "attributes": {"maestro.manifest_digest": "1111111111111111111111111111111111111111111111111111111111111111", "maestro.plan_digest": "abababababababababababababababababababababababababababababababab"}}')$$,
	$$event({c}, 'agent_run', 1, '{"attributes": {"maestro.manifest_digest": "2222222222222222222222222222222222222222222222222222222222222222"}}')$$, false, NULL, '{"kind": "memory"}'),
('max_iterations', '{"max_iterations": 2}', NULL, 5, $$event({c}, 'tool_call', {n}, '{"trace": 0, "age": "{age}"}')$$, $$event({c}, 'tool_call', 3, '{"trace": 9}')$$, false, NULL, '{"kind": "tool"}'),
('stateless', '{}', NULL, NULL, $$attest({c}, 'stateless')$$, $$report({c}, '{"localState": true}')$$, false, $$report({c}, '{"localState": false}', '1 s')$$, '{"kind": "model"}'),
('container_hardened', '{}', NULL, NULL, $$report({c}, '{"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false}', '{age}')$$,
	$$report({c}, '{"privileged": true}', '10 s')$$, false, $$report({c}, '{"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false}', '1 s')$$, '{"own_process": false}'),
('secret_store', '{}', NULL, NULL, $$report({c}, '{"secretStore": "vault", "envFileTracked": false}', '{age}')$$,
	$$report({c}, '{"envFileTracked": true}', '10 s')$$, false, $$report({c}, '{"secretStore": "vault", "envFileTracked": false}', '1 s')$$, '{"own_process": false}'),
('network_policy', '{}', NULL, NULL, $$report({c}, '{"networkPolicy": true, "listeningPorts": []}', '{age}')$$,
	$$report({c}, '{"listeningPorts": [22]}', '10 s')$$, false, $$report({c}, '{"networkPolicy": true, "listeningPorts": []}', '1 s')$$, '{"own_process": false}'),
('session_network', '{"allowed_networks": ["10.0.0.0/8"]}', NULL, NULL, $$session({c}, '10.1.2.3', true, '{age}')$$,
	$$session({c}, '10.1.2.3', false)$$, false, 'wait', '{"kind": "tool", "own_process": false}'),
('allowlist', '{}', NULL, 5, $$event({c}, 'note', {n}, '{"age": "{age}"}')$$,
	$$event('{s}/stranger', 'note', 1, '{"decision": "deny", "reason": "unregistered_component"}')$$, false, NULL, NULL),
('log_neutralised', '{}', NULL, 5, $$event({c}, 'note', {n}, '{"age": "{age}"}')$$, $$event({c}, 'note', 1, '{"message": "ok\nERROR forged"}')$$, false, NULL, NULL),
('registry_locked', '{}', NULL, NULL, 'locked', NULL, false, NULL, NULL),
('registration_reviewed', '{}', NULL, NULL, $$event('{s}/stranger', 'rejected', 1, '{"decision": "deny", "reason": "registry_locked", "age": "{age}"}'); review('{s}')$$, NULL, false, NULL, '{"noregistration": true}'),
('plan_digest', '{}', $$plan('{s}', '{"nodes": [{"id": "a"}], "edges": []}')$$, 5, $$event({c}, 'agent_run', {n}, '{"age": "{age}", "attributes": {"maestro.plan_digest": "abababababababababababababababababababababababababababababababab"}}')$$,
	$$event({c}, 'agent_run', 1, '{"attributes": {"maestro.plan_digest": "cdabababababababababababababababababababababababababababababab12"}}')$$, false, NULL, NULL),
('order_kept', '{}', $$plan('{s}', '{"nodes": [{"id": "a"}, {"id": "b"}], "edges": [{"source": "a", "target": "b"}]}')$$, 5, $$event({c}, 'handoff', {n}, '{"target": "b", "valid": true, "age": "{age}"}')$$,
	$$event('{s}/b', 'handoff', 1, '{"target": "a", "valid": true}')$$, false, NULL, NULL),
('handoff_contract', '{}', $$contract({c}, 'handoff', target => 'b')$$, 5, $$event({c}, 'handoff', {n}, '{"target": "b", "valid": true, "age": "{age}"}')$$,
	$$event('{s}/b', 'handoff', 1, '{"target": "a"}')$$, false, NULL, NULL),
('signature', '{}', NULL, NULL, $$result('{s}', 'signature', 'ok', '{age}')$$, $$result('{s}', 'signature', 'alarm', '10 s')$$, false, $$result('{s}', 'signature', 'ok', '1 s')$$, NULL),
('integrity_check', '{}', NULL, NULL, $$result('{s}', 'integrity_check', 'ok', '{age}')$$, $$result('{s}', 'integrity_check', 'alarm', '10 s')$$, false, $$result('{s}', 'integrity_check', 'ok', '1 s')$$, NULL),
('log_verified', '{}', NULL, NULL, $$result('{s}', 'log_verified', 'ok', '{age}')$$, $$result('{s}', 'log_verified', 'alarm', '10 s')$$, false, $$result('{s}', 'log_verified', 'ok', '1 s')$$, NULL),
('checkpoint_outside', '{}', NULL, NULL, $$result('{s}', 'checkpoint_outside', 'ok', '{age}')$$, $$result('{s}', 'checkpoint_outside', 'alarm', '10 s')$$, false, $$result('{s}', 'checkpoint_outside', 'ok', '1 s')$$, NULL);

-- The states that a control can have, and what it is told to get there: systems
-- of a name each, all of them beside the good and bad of the recipe.
CREATE TEMP TABLE state (state text PRIMARY KEY, status text, reason text, name text);
INSERT INTO state VALUES
	('ok', 'ok', '%', 'enough good is ok'),
	('few', 'unknown', '%of the % needed observed', 'one less is unknown'),
	('old', 'unknown', '%last %older than %', 'what is older than max_age is unknown'),
	('version', 'unknown', '%0 of the % needed observed of the running version', 'what an earlier version did is unknown'),
	('undeclared', 'alarm', '%no % is declared%', 'active without declaring it is an alarm'),
	('promised', 'unknown', 'no % is declared%', 'what need not be declared is unknown without'),
	('quiet', 'unknown', '%', 'declared, but nothing observed is unknown'),
	('alarm', 'alarm', '%', 'a violation is an alarm'),
	('waived', 'waived', '%', 'a waiver in force covers it'),
	('expired', 'alarm', '%', 'an expired one does not'),
	('pending', 'alarm', '%', 'nor one that nobody approved'),
	('back', 'ok', '%', 'once repaired it is ok again'),
	('error', 'error', 'result is error', 'a check that failed is an error'),
	('skip', 'skip', '%', 'it does not apply');

CREATE TEMP TABLE run AS
SELECT r.*, s.state, s.status, s.reason, s.name, k.max_age, k.per_version, k.declares, k.must_declare, k.evaluated, k.scope,
	   left(r.control || '_' || s.state, 60) AS system,
	   (SELECT i.item FROM maestro.checklist_control i WHERE i.control = r.control) AS item
  FROM recipe r CROSS JOIN state s
  JOIN maestro.control k ON k.control = r.control
 WHERE CASE s.state
		WHEN 'few' THEN r.n > 1 AND r.control <> 'fd_closed'
		WHEN 'old' THEN r.good LIKE '%{age}%' AND k.control NOT IN ('fd_closed', 'registration_reviewed')
		WHEN 'version' THEN r.good LIKE '%{v}%'
		WHEN 'undeclared' THEN k.declares IS NOT NULL AND k.must_declare
		WHEN 'promised' THEN k.declares IS NOT NULL AND NOT k.must_declare AND r.good <> 'locked'
		WHEN 'quiet' THEN k.control NOT IN ('registration_reviewed')
		WHEN 'alarm' THEN r.bad IS NOT NULL
		WHEN 'waived' THEN r.bad IS NOT NULL
		WHEN 'expired' THEN r.bad IS NOT NULL
		WHEN 'pending' THEN r.bad IS NOT NULL
		WHEN 'back' THEN r.bad IS NOT NULL AND r.repair IS DISTINCT FROM 'wait'
		WHEN 'error' THEN k.evaluated
		WHEN 'skip' THEN r.skip IS NOT NULL
		ELSE true END;
DELETE FROM run WHERE state IN ('waived', 'expired', 'pending') AND item IS NULL;

CREATE FUNCTION pg_temp.fill(steps text, n integer, age text DEFAULT '1 minute', v text DEFAULT '1') RETURNS text LANGUAGE sql AS $$
	SELECT replace(replace(replace(steps, '{n}', coalesce(n, 1)::text), '{age}', age), '{v}', v)
$$;
\o /dev/null
-- What is registered and declared.
SELECT pg_temp.system(system, registration => CASE WHEN good = 'locked' AND state IN ('ok') THEN 'locked' ELSE 'open' END) FROM run;
SELECT pg_temp.component(system || '/b', '{"timeout": "30 s"}') FROM run;
SELECT pg_temp.component(system || '/a', CASE state WHEN 'skip' THEN doc || skip WHEN 'undeclared' THEN doc - 'timeout' - 'memory_limit' - 'max_iterations'
		- 'allowed_networks' - 'tool_schema_digest' - 'manifest_digest' WHEN 'promised' THEN doc - 'manifest_digest' ELSE doc END) FROM run;
SELECT pg_temp.play(system || '/a', declare) FROM run
 WHERE declare IS NOT NULL AND NOT (state = 'skip' AND skip ? 'nodependency') AND (state <> 'undeclared' OR scope = 'dependency' OR control IN ('api_key_env', 'failure_graceful'));
-- Undeclared of a dependency: one that declares nothing is called.
SELECT pg_temp.dependency(system || '/a', '{"name": "bare"}'), pg_temp.event(system || '/a', 'dependency_call', 1, '{"dependency": "bare", "outcome": "denied"}')
  FROM run WHERE state = 'undeclared' AND (scope = 'dependency' OR control = 'api_key_env');
SELECT pg_temp.event(system || '/a', 'note') FROM run WHERE state = 'undeclared' AND scope <> 'dependency' AND control <> 'session_network';
SELECT pg_temp.event(system || '/a', 'note'), pg_temp.session(system || '/a', '10.1.1.1', true) FROM run WHERE state = 'undeclared' AND control = 'session_network';
-- What was good.
SELECT pg_temp.play(system || '/a', pg_temp.fill(good,
		CASE state WHEN 'few' THEN n - 1 ELSE n END,
		CASE state WHEN 'old' THEN (max_age + interval '1 day')::text ELSE '1 minute' END,
		CASE state WHEN 'version' THEN '0' ELSE '1' END))
  FROM run WHERE good <> 'locked' AND state NOT IN ('undeclared', 'promised', 'quiet', 'error', 'skip') AND NOT (alone AND state IN ('alarm', 'waived', 'expired', 'pending', 'back'));
-- What was bad.
SELECT pg_temp.play(system || '/a', bad) FROM run WHERE state IN ('alarm', 'waived', 'expired', 'pending', 'back');
SELECT pg_temp.result(system, control, 'error') FROM run WHERE state = 'error';
-- What was decided and repaired.
SELECT pg_temp.decide(system || '/a', item, 'waive', CASE state WHEN 'expired' THEN interval '-1 day' ELSE interval '1 day' END, state <> 'pending')
  FROM run WHERE state IN ('waived', 'expired', 'pending');
CREATE TEMP TABLE before_repair AS SELECT a.system, a.control, a.status FROM maestro.component_control a JOIN run r USING (system, control)
 WHERE r.state = 'back' AND (a.component = 'a' OR a.component IS NULL);
SELECT pg_temp.play(system || '/a', coalesce(repair, 'review(''{s}'')')) FROM run WHERE state = 'back';
CREATE TEMP TABLE answer AS SELECT a.* FROM maestro.component_control a WHERE a.component = 'a' OR a.component IS NULL;
CREATE TEMP TABLE item AS SELECT * FROM maestro.checklist_compliance;
\o
SELECT plan((SELECT count(*) FROM run)::integer + 7);
SELECT CASE WHEN a.status::text = r.status AND a.reason LIKE r.reason
			 AND (r.state NOT IN ('waived') OR a.computed_status = 'alarm')
			THEN pass(format('%s: %s (%s)', r.control, r.name, r.status))
			ELSE fail(format('%s: %s', r.control, r.name)) || E'\n' || diag(format('%s: have %s: %s, want %s: %s', r.system, a.status, a.reason, r.status, r.reason)) END
  FROM run r LEFT JOIN answer a ON a.system = r.system AND a.control = r.control
 ORDER BY r.control, r.state;
SELECT set_eq('SELECT control FROM maestro.control', 'SELECT control FROM recipe', 'every control has a recipe');
SELECT is_empty($$ SELECT * FROM before_repair WHERE status <> 'alarm' $$, 'what was repaired had been an alarm');
SELECT is_empty($$ SELECT i.item FROM maestro.checklist_item i JOIN maestro.checklist_control x USING (item)
	WHERE NOT EXISTS (SELECT FROM run WHERE control = x.control AND state = 'waived') $$, 'each of the 20 items was brought to ok, alarm, waived and back');
SELECT is_empty($$ SELECT r.system, i.status, i.computed_status FROM run r JOIN item i ON i.system = r.system AND i.item = r.item
	WHERE r.state = 'waived' AND (i.status <> 'waived' OR i.computed_status <> 'alarm') AND r.control NOT IN ('trace_emitted') AND i.unknown = 0 $$,
	'a waived item is waived, its computed status stays beside it');
SELECT cmp_ok((SELECT count(*) FROM run r JOIN item i ON i.system = r.system AND i.item = r.item WHERE r.state = 'waived' AND i.waived = 1), '=', 20::bigint,
	'and counted as waived in each item');
SELECT is_empty($$ SELECT * FROM answer WHERE reason IS NULL OR reason = '' OR evidence_count IS NULL $$, 'every answer has a reason');
SELECT is_empty($$ SELECT system, control FROM answer a JOIN maestro.control USING (control) WHERE (a.status = 'alarm' OR a.status = 'unknown') AND remedy IS NULL
	AND control NOT IN ('string_sanitized', 'number_range', 'file_path', 'output_closed') $$, 'every alarm and every unknown that can be helped has a remedy');
SELECT * FROM finish();
ROLLBACK;
