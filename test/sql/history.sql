\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/import_setup.sql
SET LOCAL jit = off;
SET LOCAL client_min_messages = error;
-- Events are judged by what was declared when they were stored: declaring it
-- otherwise betters nothing, and makes nothing good bad.
\o /dev/null
SELECT * FROM maestro.install_roles();
CREATE FUNCTION pg_temp.say(component text, kind text, n integer DEFAULT 1, doc jsonb DEFAULT '{}') RETURNS bigint LANGUAGE sql AS $$
	SELECT max(l.event_id) FROM maestro.log_events((SELECT jsonb_agg(jsonb_build_object('component', component, 'kind', kind, 'message', 'hello') || doc) FROM generate_series(1, n))) AS l
$$;
CREATE FUNCTION pg_temp.answer(control text, component text DEFAULT 'a') RETURNS text LANGUAGE sql AS $$
	SELECT k.status || ': ' || k.reason FROM maestro.component_control AS k WHERE k.system = 'past' AND k.component IS NOT DISTINCT FROM answer.component AND k.control = answer.control
$$;
SELECT maestro.apply_manifest('{"systems": [{"name": "past", "components": [
	{"name": "a", "kind": "agent", "timeout": "30 s", "max_iterations": 3,
	 "manifest_digest": "1111111111111111111111111111111111111111111111111111111111111111",
	 "dependencies": [{"name": "search", "address": "api.example.com", "connect_timeout": "1 s", "read_timeout": "4 s"}]},
	{"name": "b", "kind": "agent"},
	{"name": "m", "kind": "model", "model": "m-1"}], "plans": [{"name": "p", "graph": {"nodes": [{"id": "a"}, {"id": "b"}], "edges": [{"source": "a", "target": "b"}]}}]}]}');
SELECT pg_temp.say('past/a', 'note', 5, '{"duration": 3000}');
SELECT pg_temp.say('past/a', 'tool_call', 40, '{"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}');
SELECT pg_temp.say('past/a', 'output', 6, '{"body": {"to": "ann@example.org"}}');
SELECT pg_temp.say('past/a', 'dependency_call', 5, '{"dependency": "search", "duration": 60, "server.address": "api.example.com"}');
SELECT pg_temp.say('past/a', 'dependency_call', 1, '{"dependency": "search", "server.address": "evil.example.net"}');
SELECT pg_temp.say('past/a', 'model_call', 7, '{"target": "m", "gen_ai.request.model": "rogue"}');
SELECT pg_temp.say('past/a', 'agent_run', 20, jsonb_build_object('maestro.manifest_digest', repeat('1', 64), 'maestro.plan_digest', (SELECT digest::text FROM maestro.plan)));
CREATE TEMP TABLE at_first AS SELECT control, component, status, reason FROM maestro.component_control WHERE system = 'past';
\o
SELECT plan(30);
SELECT set_eq($$ SELECT control FROM at_first WHERE component = 'a' AND status = 'alarm' AND control IN ('timeout', 'max_iterations', 'output_sensitive', 'connection_timeout', 'model_pinned') $$,
	ARRAY['timeout', 'max_iterations', 'output_sensitive', 'connection_timeout', 'model_pinned'], 'there are five violations');
SELECT matches(pg_temp.answer('manifest_digest'), '^ok: 20 events', 'runs carry the registered manifest digest');
SELECT matches(pg_temp.answer('plan_digest', NULL), '^ok: 20 runs', 'and that of the plan');

-- What was a violation stays one.
SELECT lives_ok(s, 'it is declared otherwise: ' || s) FROM unnest(ARRAY[
	$$SELECT maestro.update_component('past/a', timeout => '1 hour', max_iterations => 1000, allowed_data => '{EMAIL}')$$,
	$$SELECT maestro.update_component('past/m', model => 'rogue')$$,
	$$SELECT maestro.apply_manifest('{"systems": [{"name": "past", "components": [{"name": "a", "dependencies": [{"name": "search", "address": "evil.example.net", "read_timeout": "50 min"}]}]}]}')$$]) AS s;
SELECT matches(pg_temp.answer(control), '^alarm', 'a violation stays one: ' || control) FROM unnest(ARRAY['timeout', 'max_iterations', 'output_sensitive', 'connection_timeout', 'model_pinned']) AS control;
SELECT is((SELECT count(*) FROM maestro.component_version JOIN maestro.component USING (component_id) WHERE name = 'a'), 2::bigint, 'what holds from now on is a row of its own');
SELECT is((SELECT count(*) FROM maestro.dependency_version), 2::bigint, 'of a dependency too');
\o /dev/null
SELECT maestro.apply_manifest('{"systems": [{"name": "past", "components": [{"name": "a", "timeout": "30 s", "dependencies": [{"name": "search", "address": "api.example.com", "read_timeout": "4 s"}]}]}]}');
\o
SELECT is((SELECT count(*) FROM maestro.component_version JOIN maestro.component USING (component_id) WHERE name = 'a'), 3::bigint, 'and once more when it is taken back');

-- What was good stays good.
\o /dev/null
SELECT maestro.update_component('past/a', version => '2', manifest_digest => repeat('2', 64)::maestro.digest);
SELECT maestro.declare_plan('past', 'p', '{"nodes": [{"id": "a"}, {"id": "b"}], "edges": [{"source": "a", "target": "b"}, {"source": "b", "target": "a"}]}'::json);
SELECT pg_temp.say('past/a', 'agent_run', 20, jsonb_build_object('maestro.manifest_digest', repeat('2', 64), 'maestro.plan_digest', (SELECT digest::text FROM maestro.plan ORDER BY version DESC LIMIT 1)));
\o
SELECT matches(pg_temp.answer('manifest_digest'), '^ok: 40 events', 'a new manifest makes no run of the old one bad');
SELECT matches(pg_temp.answer('plan_digest', NULL), '^ok: 40 runs', 'nor does a new plan');
\o /dev/null
SELECT pg_temp.say('past/a', 'agent_run', 1, jsonb_build_object('maestro.manifest_digest', repeat('1', 64), 'maestro.plan_digest', (SELECT digest::text FROM maestro.plan ORDER BY version LIMIT 1)));
\o
SELECT matches(pg_temp.answer('manifest_digest'), '^ok: 41 events', 'for an hour runs may end as they began');
SELECT matches(pg_temp.answer('plan_digest', NULL), '^ok: 41 runs', 'by the plan before as well');
\o /dev/null
SELECT pg_temp.say('past/a', 'agent_run', 1, jsonb_build_object('maestro.manifest_digest', repeat('3', 64), 'maestro.plan_digest', repeat('3', 64)));
\o
SELECT matches(pg_temp.answer('manifest_digest'), '^alarm: 1 of 42', 'another digest is drift');
SELECT matches(pg_temp.answer('plan_digest', NULL), '^alarm: 1 of 42', 'and so is another plan');
\o /dev/null
SELECT maestro.apply_manifest('{"systems": [{"name": "past", "components": [{"name": "c", "kind": "agent"}, {"name": "n", "kind": "model", "model": "n-1"}]}]}');
SELECT pg_temp.say('past/c', 'model_call', 5, '{"target": "n", "gen_ai.request.model": "n-1"}');
SELECT maestro.update_component('past/n', model => 'n-2');
SELECT pg_temp.say('past/c', 'model_call', 5, '{"target": "n", "gen_ai.request.model": "n-2"}');
\o
SELECT matches(pg_temp.answer('model_pinned', 'c'), '^ok: 10 model calls', 'a model that is upgraded makes no earlier call bad');
\o /dev/null
SELECT pg_temp.say('past/c', 'model_call', 1, '{"target": "n", "gen_ai.request.model": "n-1"}');
\o
SELECT matches(pg_temp.answer('model_pinned', 'c'), '^alarm: 1 of 11', 'a call of the old one afterwards is');

-- What is declared late holds for before, an address does not.
\o /dev/null
SELECT maestro.apply_manifest('{"systems": [{"name": "past", "components": [{"name": "e", "kind": "agent"}]}]}');
SELECT pg_temp.say('past/e', 'note', 5, '{"duration": 3}');
SELECT pg_temp.say('past/e', 'dependency_call', 1, '{"server.address": "evil.example.net"}');
SELECT maestro.update_component('past/e', timeout => '30 s');
SELECT maestro.register_dependency('past/e', 'evil', address => 'evil.example.net', connect_timeout => '1 s', read_timeout => '1 s');
\o
SELECT matches(pg_temp.answer('timeout', 'e'), '^ok: 5 spans', 'a limit that is declared at last holds for what was before');
SELECT matches(pg_temp.answer('connection_timeout', 'e'), '^alarm: .*went to an address', 'an address that is declared afterwards was not declared');

-- Limits of the system.
\o /dev/null
SELECT maestro.apply_manifest('{"systems": [{"name": "past", "default_limits": {"timeout": "10 s"}, "components": [{"name": "d", "kind": "agent"}]}]}');
SELECT pg_temp.say('past/d', 'note', 5, '{"duration": 100}');
SELECT maestro.apply_manifest('{"systems": [{"name": "past", "default_limits": {"timeout": "10 min"}}]}');
\o
SELECT matches(pg_temp.answer('timeout', 'd'), '^alarm: 5 of 5 spans', 'a violation of the system''s limit stays one when that is raised');

-- Naming another layer hides nothing.
\o /dev/null
SELECT maestro.update_component('past/a', layer => '7', further_layers => '{}'::maestro.layer[]);
\o
SELECT is((SELECT string_agg(status::text, ', ') FROM maestro.threat_matrix WHERE system = 'past' AND component = 'a' AND threat IN ('Model poisoning', 'Data leakage', 'Infinite loops')), 'open, open, open',
	'on another layer a component keeps the threats of its kind''s');

-- Durations that no clock has.
SELECT throws_ok($$ SELECT maestro.log_event('past/a', 'tool_call', 'x', duration => '290000 years') $$, '22023', 'duration of an event must be at most 10 years', 'no span lasts for ages');
SELECT throws_ok($$ SELECT maestro.log_event('past/a', 'approval', 'x', duration => '178000000 years') $$, '22023', NULL, 'nor does an approval');
\o /dev/null
SELECT pg_temp.import(jsonb_populate_record(NULL::maestro.event, jsonb_build_object('event_id', nextval('maestro.event_id_seq'), 'recorded_at', now(),
		'occurred_at', o.at, 'system_id', c.system_id, 'component_id', c.component_id, 'kind', k.kind, 'level', 'info', 'duration', d.long, 'trace_id', md5('x'),
		'attributes', '{"maestro.resource": "r"}'::jsonb, 'findings', 'x', 'caller', 'postgres', 'session_role', 'postgres')))
  FROM maestro.component AS c, unnest(ARRAY['tool_call', 'approval', 'heartbeat']) AS k (kind), unnest(ARRAY['178000000 years', '-178000000 years', '9 hours']::interval[]) AS d (long),
	   unnest(ARRAY[now(), '4713-01-01 BC', '294276-12-31', 'infinity', '-infinity']::timestamptz[]) AS o (at) WHERE c.name = 'b';
\o
SELECT lives_ok('SELECT * FROM maestro.threat_matrix', 'rows that somebody imported break no view');
SELECT lives_ok('SELECT * FROM maestro.checklist_compliance', 'nor the checklist');
SELECT * FROM finish();
ROLLBACK;
