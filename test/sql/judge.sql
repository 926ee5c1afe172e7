\set ECHO none
-- What an event says: one row a case, and all its answers.
BEGIN;
\i test/tap_setup.sql
SELECT plan(66);
SET LOCAL client_min_messages = warning;
SET LOCAL jit = off;
\o /dev/null
\i test/posture_setup.sql

SELECT pg_temp.component('j/a', '{"timeout": "10 s", "memory_limit": 1000, "allowed_data": ["EMAIL"], "tool_schema_digest": "1111111111111111111111111111111111111111111111111111111111111111",
	"manifest_digest": "2222222222222222222222222222222222222222222222222222222222222222"}');
SELECT pg_temp.component('j/b');
SELECT pg_temp.component('j/t', '{"kind": "tool", "own_process": false, "timeout": "2 s", "tool_schema_digest": "3333333333333333333333333333333333333333333333333333333333333333"}');
SELECT pg_temp.component('j/m', '{"kind": "model", "own_process": false, "model": "m-1"}');
SELECT pg_temp.component('j/memory', '{"kind": "memory"}');
SELECT pg_temp.dependency('j/a', '{"name": "d", "address": "API.example:443", "connect_timeout": "1 s", "read_timeout": "1 s",
	"retry": {"base_ms": 100, "cap_ms": 1000, "multiplier": 2, "max_attempts": 4, "jitter": "full"}}');
SELECT pg_temp.contract('j/a', 'input'), pg_temp.contract('j/a', 'output'), pg_temp.contract('j/t', 'input'), pg_temp.contract('j/a', 'handoff', target => 'b');
SELECT pg_temp.plan('j', '{"nodes": [{"id": "a"}, {"id": "b"}, {"id": "m"}], "edges": [{"source": "a", "target": "b"}]}');
SELECT pg_temp.drill('j', 7);

CREATE TEMP TABLE said (n integer PRIMARY KEY, name text, kind text, doc jsonb, answers text);
INSERT INTO said VALUES
	(1, 'j/a', 'note', '{}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+'),
	(2, 'j/a', 'note', '{"trace": 1, "body": {"x": 1}}', 'o.event+ o.event_in_context+ o.event_without_secret+ s.message_neutral+ s.writer_registered+'),
	(3, 'j/a', 'note', '{"trace": 1, "body": ""}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+'),
	(4, 'j/a', 'note', '{"trace": 1, "body": [], "attributes": {"maestro.target": "t"}}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+'),
	(5, 'j/a', 'note', '{"trace": 1, "attributes": {"step": 1}, "message": "zero\u200bwidth"}', 'o.event+ o.event_in_context+ o.event_without_secret+ s.message_neutral- s.writer_registered+'),
	(6, 'j/a', 'note', '{"component_version": "0", "decision": "deny", "duration": "1 hour"}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+'),
	(7, 'j/a', 'note', '{"findings": {"EMAIL": 1}, "duration": "11 s"}', 'o.event+ o.event_in_context- o.event_without_secret+ o.span_in_time+ s.message_neutral+ s.writer_registered+'),
	(8, 'j/a', 'note', '{"findings": {"AWS_KEY": 1}, "duration": "11.1 s"}', 'o.event+ o.event_in_context- o.event_without_secret- o.span_in_time- s.message_neutral+ s.writer_registered+'),
	(9, 'j/a', 'note', '{"findings": {"UNHEARD_OF": 1}, "duration": "-1 s"}', 'o.event+ o.event_in_context- o.event_without_secret- o.span_in_time+ s.message_neutral+ s.writer_registered+'),
	(10, 'j/a', 'note', '{"attributes": {"maestro.tool_schema_digest": "1111111111111111111111111111111111111111111111111111111111111111", "maestro.manifest_digest": "x"}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.tool_schema_same+ o.manifest_same- s.message_neutral+ s.writer_registered+'),
	(11, 'j/a', 'note', '{"attributes": ["server.address"], "findings": []}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+'),
	(12, 'j/memory', 'agent_run', '{}', 'o.event+ o.event_in_context- o.event_without_secret+ o.acting+ s.message_neutral+ s.writer_registered+'),
	(13, 'j/a', 'output', '{"valid": true, "findings": {"EMAIL": 1}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.output_clean+ s.message_neutral+ s.writer_registered+ b.output_valid+ b.output_checked+'),
	(14, 'j/a', 'output', '{"valid": true, "contract_version": 9, "findings": {"PHONE": 1}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.output_clean- s.message_neutral+ s.writer_registered+ b.output_checked+'),
	(15, 'j/a', 'output', '{"valid": false, "trace": 3, "span": "s"}', 'o.event+ o.event_in_context- o.event_without_secret+ o.output_clean+ s.message_neutral+ s.writer_registered+ b.output_valid- b.output_checked+ open'),
	(16, 'j/a', 'output', '{"valid": false, "decision": "deny", "findings": {"AWS_KEY": 1}}', 'o.event+ o.event_in_context- o.event_without_secret- o.output_clean+ s.message_neutral+ s.writer_registered+ b.output_valid+'),
	(17, 'j/a', 'output', '{"outcome": "error", "message": "Traceback (most recent call last):\n  File \"/app/x.py\", line 3, in f"}', 'o.event+ o.event_in_context- o.event_without_secret+ o.output_clean+ o.error_clean- o.error_typed- s.message_neutral- s.writer_registered+ b.output_checked-'),
	(18, 'j/a', 'input', '{"valid": true}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+ b.input_valid+ b.input_checked+'),
	(19, 'j/a', 'input', '{}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+ b.input_checked-'),
	(20, 'j/b', 'output', '{"valid": false}', 'o.event+ o.event_in_context- o.event_without_secret+ o.output_clean+ s.message_neutral+ s.writer_registered+ open'),
	(21, 'j/a', 'tool_call', '{"target": "t", "valid": false, "duration": "4 s", "findings": {"EMAIL": 1}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.span_in_time+ o.calling+ s.message_neutral+ s.writer_registered+ t.called+ t.output_clean- t.span_in_time- b.input_valid- b.input_checked+'),
	(22, 'j/a', 'tool_call', '{"target": "t", "valid": true, "duration": "1 s", "outcome": "error", "attributes": {"error.type": "Timeout", "server.address": "api.example", "maestro.tool_schema_digest": "4444444444444444444444444444444444444444444444444444444444444444"}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.error_typed+ o.span_in_time+ o.call_declared+ o.calling+ s.message_neutral+ s.writer_registered+ t.called+ t.output_clean+ t.error_clean+ t.error_typed+ t.span_in_time+ t.tool_schema_same- b.input_valid+ b.input_checked+'),
	(23, 'j/a', 'tool_call', '{"target": "a", "outcome": "error", "attributes": {"error.type": "two words", "server.address": "elsewhere"}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.error_typed- o.call_declared- o.calling+ s.message_neutral+ s.writer_registered+ t.called+'),
	(24, 'j/a', 'tool_call', '{"target": "b", "attributes": {"server.address": null}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.call_declared- o.calling+ s.message_neutral+ s.writer_registered+ s.order_kept+ t.called+'),
	(25, 'j/a', 'model_call', '{"target": "m", "attributes": {"gen_ai.request.model": "m-0", "gen_ai.response.model": "m-1"}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.model_pinned+ o.model_named+ o.calling+ s.message_neutral+ s.writer_registered+ t.called+ t.output_clean+ t.model_pinned+ t.model_named+'),
	(26, 'j/a', 'model_call', '{"target": "m"}', 'o.event+ o.event_in_context- o.event_without_secret+ o.model_named- o.calling+ s.message_neutral+ s.writer_registered+ t.called+ t.output_clean+ t.model_named-'),
	(27, 'j/a', 'model_call', '{"target": "t", "attributes": {"gen_ai.request.model": "m-1"}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.model_pinned- o.calling+ s.message_neutral+ s.writer_registered+ t.called+ t.output_clean+'),
	(28, 'j/a', 'model_call', '{}', 'o.event+ o.event_in_context- o.event_without_secret+ o.model_pinned- o.calling+ s.message_neutral+ s.writer_registered+'),
	(29, 'j/a', 'dependency_call', '{"dependency": "d", "duration": "3 s", "attributes": {"server.address": "Api.example:443", "breaker.state": "CLOSED", "limiter.state": "allowed"}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.span_in_time+ o.call_declared+ s.message_neutral+ s.writer_registered+ d.call+ d.call_in_time+ d.breaker_asked+ d.breaker_heeded+ d.limiter_asked+ d.limiter_heeded+'),
	(30, 'j/a', 'dependency_call', '{"dependency": "d", "duration": "3.1 s", "attributes": {"breaker.state": "open", "limiter.state": "limited"}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.span_in_time+ o.call_declared+ s.message_neutral+ s.writer_registered+ d.call+ d.call_in_time- d.breaker_asked+ d.breaker_heeded- d.limiter_asked+ d.limiter_heeded-'),
	(31, 'j/a', 'dependency_call', '{"dependency": "d", "outcome": "denied", "attributes": {"breaker.state": "forced-open", "limiter.state": "denied"}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.call_declared+ s.message_neutral+ s.writer_registered+ d.call+ d.breaker_asked+ d.breaker_heeded+ d.limiter_asked+ d.limiter_heeded+'),
	(32, 'j/a', 'dependency_call', '{"dependency": "d", "attributes": {"http.request.resend_count": 3, "retry.delay_ms": "350.5"}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.call_declared+ s.message_neutral+ s.writer_registered+ d.call+ d.retry_in_bounds+ d.breaker_asked- d.breaker_heeded+ d.limiter_asked- d.limiter_heeded+ d.retry_waited+ d.retry_known+ waited 351 of 400'),
	(33, 'j/a', 'dependency_call', '{"dependency": "d", "attributes": {"http.request.resend_count": 1}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.call_declared+ s.message_neutral+ s.writer_registered+ d.call+ d.breaker_asked- d.breaker_heeded+ d.limiter_asked- d.limiter_heeded+ d.retry_known-'),
	(34, 'j/a', 'dependency_call', '{"dependency": "d", "attributes": {"http.request.resend_count": 4, "retry.delay_ms": 5000}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.call_declared+ s.message_neutral+ s.writer_registered+ d.call+ d.retry_in_bounds- d.breaker_asked- d.breaker_heeded+ d.limiter_asked- d.limiter_heeded+ d.retry_waited+ d.retry_known+ waited 800 of 800'),
	(35, 'j/a', 'dependency_call', '{"attributes": {"server.address": "elsewhere"}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.call_declared- o.undeclared_call+ s.message_neutral+ s.writer_registered+'),
	(36, 'j/a', 'guard', '{"dependency": "d", "attributes": {"breaker.state": "half_open", "limiter.state": "Allowed"}}', 'o.event_without_secret+ s.message_neutral+ s.writer_registered+ d.breaker_answer+ d.limiter_answer+'),
	(37, 'j/a', 'guard', '{"dependency": "d", "attributes": {"breaker.state": "open", "limiter.state": 7}}', 'o.event_without_secret+ s.message_neutral+ s.writer_registered+'),
	(38, 'j/a', 'handoff', '{"target": "b", "valid": true}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+ s.handoff_valid+ s.handoff_checked+ s.order_kept+ t.called+'),
	(39, 'j/a', 'handoff', '{"target": "b", "valid": false}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+ s.handoff_valid- s.handoff_checked+ s.order_kept+ t.called+'),
	(40, 'j/a', 'handoff', '{"target": "m"}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+ s.handoff_valid- s.order_kept- t.called+'),
	(41, 'j/b', 'handoff', '{"target": "a", "decision": "deny"}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+ s.handoff_valid+ s.order_kept+'),
	(42, 'j/a', 'handoff', '{}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+ s.handoff_valid- s.order_kept-'),
	(43, 'j/a', 'agent_run', '{"attributes": {"maestro.plan_digest": "ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB", "maestro.manifest_digest": "2222222222222222222222222222222222222222222222222222222222222222"}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.manifest_same+ o.manifest_sent+ s.message_neutral+ s.writer_registered+ s.plan_same+'),
	(44, 'j/a', 'agent_run', '{"attributes": {"maestro.plan_digest": "x"}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.manifest_sent- s.message_neutral+ s.writer_registered+ s.plan_same-'),
	(45, 'j/a', 'heartbeat', '{"duration": "1 hour", "attributes": {"process.memory.usage": 1000}}', 'o.event+ o.event_without_secret+ o.heartbeat+ o.memory_in_limit+ s.message_neutral+ s.writer_registered+'),
	(46, 'j/a', 'heartbeat', '{"attributes": {"process.memory.usage": "1000.5"}}', 'o.event+ o.event_without_secret+ o.heartbeat+ o.memory_in_limit- s.message_neutral+ s.writer_registered+'),
	(47, 'j/a', 'heartbeat', '{"attributes": {"process.memory.usage": 0}}', 'o.event+ o.event_without_secret+ o.heartbeat+ s.message_neutral+ s.writer_registered+'),
	(48, 'j/a', 'error', '{"message": "it failed", "attributes": {"error.type": "E"}}', 'o.event+ o.event_in_context- o.event_without_secret+ o.error_clean+ o.error_typed+ s.message_neutral+ s.writer_registered+'),
	(49, 'j/a', 'error', '{"message": "could not reach 10.0.0.1:5432", "decision": "deny"}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+'),
	(50, 'j/a', 'approval', '{"duration": "1 hour", "dependency": "d"}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+'),
	(51, 'j/ghost', 'note', '{"reason": "unregistered_component"}', 's.message_neutral+ s.writer_registered-'),
	(52, 'j/ghost', 'rejected', '{"reason": "unregistered_component"}', 's.message_neutral+ s.writer_registered+'),
	(53, 'j/ghost', 'rejected', '{"reason": "registry_locked"}', 's.message_neutral+ s.registration_seen-'),
	(54, 'j/a', 'rejected', '{"reason": "signature_invalid", "findings": {"AWS_KEY": 1}}', 's.message_neutral+'),
	(55, 'j/a', 'registry', '{}', ''),
	(56, 'j/a', 'note', '{"trace": 7, "age": "30 minutes"}', 'o.event+ o.event_in_context- o.event_without_secret+ s.message_neutral+ s.writer_registered+ drill');

-- Each is an event of its own, which is known by how much earlier it claims to have happened.
SELECT count(*) FROM said s, LATERAL pg_temp.event(s.name, s.kind, 1, '{"step": "0"}' || s.doc || jsonb_build_object('claimed', format('%s us', s.n))) e;
CREATE TEMP TABLE heard AS
	SELECT s.n, string_agg(l.about::text || '.' || l.signal || CASE WHEN v.votes[l.slot + 1] THEN '+' ELSE '-' END, ' ' ORDER BY l.slot)
			|| CASE WHEN bool_or(v.waited IS NOT NULL) THEN format(' waited %s of %s', min(v.waited), min(v.scheduled)) ELSE '' END
			|| CASE WHEN bool_or(v.drill) THEN ' drill' ELSE '' END || CASE WHEN bool_or(v.is_open) THEN ' open' ELSE '' END AS answers
	  FROM said s
	  JOIN maestro.event e ON (e.recorded_at - e.occurred_at) = s.n * interval '1 us' AND e.kind::text = s.kind
	  LEFT JOIN maestro.event_vote v ON v.event_id = e.event_id
	  LEFT JOIN maestro.signal_slot l ON v.votes[l.slot + 1] IS NOT NULL
	 GROUP BY s.n;
\o

SELECT is(coalesce(h.answers, 'nothing'), coalesce(nullif(s.answers, ''), 'nothing'), format('%s of %s %s', s.kind, s.name, s.doc))
  FROM said s LEFT JOIN heard h ON h.n = s.n ORDER BY s.n;
SELECT is((SELECT count(DISTINCT v.event_id) FROM maestro.event_verdict v), (SELECT count(*) FROM said s WHERE s.kind <> 'registry'), 'a verdict each, and none of the registry''s events');

-- What takes a second event: an output that is asked for again, a wait for a person, a review, an erased payload.
CREATE FUNCTION pg_temp.vote(trace integer, kind text, signal text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT string_agg(CASE WHEN v.votes[l.slot + 1] THEN '+' ELSE '-' END, '' ORDER BY v.event_id)
	  FROM maestro.event_vote v JOIN maestro.event e ON e.event_id = v.event_id JOIN maestro.signal_slot l ON l.signal = vote.signal AND v.votes[l.slot + 1] IS NOT NULL
	 WHERE e.kind::text = vote.kind AND e.trace_id = md5('j' || trace)::maestro.trace_id
$$;
\o /dev/null
SELECT pg_temp.event('j/a', 'output', 1, '{"valid": false, "trace": 11, "span": "x", "age": "5 minutes"}'), pg_temp.event('j/a', 'output', 1, '{"valid": true, "trace": 11, "span": "x", "age": "4 minutes"}');
SELECT pg_temp.event('j/a', 'output', 1, '{"valid": false, "trace": 12, "span": "x", "age": "3 hours"}'), pg_temp.event('j/a', 'output', 1, '{"valid": true, "trace": 12, "span": "x", "age": "1 hour"}');
SELECT pg_temp.event('j/a', 'output', 1, '{"valid": false, "trace": 13, "span": "x", "age": "5 minutes"}'), pg_temp.event('j/a', 'output', 1, '{"valid": true, "trace": 13, "span": "x", "age": "4 minutes", "caller": "somebody"}');
SELECT pg_temp.event('j/a', 'approval', 1, '{"trace": 14, "duration": "1 minute", "age": "5 minutes"}'), pg_temp.event('j/a', 'note', 1, '{"trace": 14, "duration": "65 s", "age": "270 s"}');
SELECT pg_temp.event('j/a', 'approval', 1, '{"trace": 15, "duration": "1 minute", "age": "5 minutes", "caller": "somebody"}'), pg_temp.event('j/a', 'note', 1, '{"trace": 15, "duration": "65 s", "age": "270 s"}');
SELECT pg_temp.event('j/ghost', 'rejected', 2, '{"reason": "registry_locked", "trace": 16}');
\o
SELECT is(pg_temp.vote(11, 'output', 'output_valid'), '++', 'an invalid output that is followed by a valid one in its span was asked for again');
SELECT is(pg_temp.vote(12, 'output', 'output_valid'), '-+', 'but not two hours later');
SELECT is(pg_temp.vote(13, 'output', 'output_valid'), '-+', 'and not by another role');
SELECT is(pg_temp.vote(14, 'note', 'span_in_time'), '+', 'a wait for a person is not counted as duration');
SELECT is(pg_temp.vote(15, 'note', 'span_in_time'), '-', 'unless another role logged it');
INSERT INTO maestro.event_review (event_id, system_id, conclusion, note, reviewed_by, login)
SELECT min(e.event_id), min(e.system_id), 'resolved', 'seen', 'postgres', 'postgres' FROM maestro.event e WHERE e.trace_id = md5('j16')::maestro.trace_id;
SELECT is(pg_temp.vote(16, 'rejected', 'registration_seen') || pg_temp.vote(16, 'rejected', 'registration_reviewed'), '+-+', 'a review of a refused registration is what is asked for');
SELECT is((SELECT string_agg(v.excused::text, ' ' ORDER BY v.event_id) FROM maestro.event_verdict v WHERE v.trace_id = md5('j16')::maestro.trace_id), 'true false', 'and excuses that event alone');

-- Nobody learns of systems that are not his by making rows up.
CREATE ROLE judge_nobody;
GRANT USAGE ON SCHEMA maestro TO judge_nobody;
CREATE TEMP TABLE made_up AS SELECT e.* FROM maestro.judged_event e LIMIT 1;
GRANT SELECT ON made_up TO judge_nobody;
SET LOCAL ROLE judge_nobody;
RESET ROLE;
SELECT is((SELECT count(v.at) FROM made_up m, LATERAL maestro.judge_event(ROW(m.*)::maestro.judged_event) v), 1::bigint, 'a row is judged for whoever may read of its system');
SET LOCAL ROLE judge_nobody;
SELECT is((SELECT count(v.at) FROM made_up m, LATERAL maestro.judge_event(ROW(m.*)::maestro.judged_event) v), 0::bigint, 'and for nobody else');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
