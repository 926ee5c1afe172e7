\set ECHO none
BEGIN;
\i test/tap_setup.sql
\o /dev/null
\i test/posture_setup.sql
\o
-- What handoffs and calls of tools say about the order of a plan, each by itself: planner
-- and search are nodes, writer and calc are none; the plan leads from planner to search,
-- and from search to a step that is no component.
SELECT pg_temp.component('crew/planner'), pg_temp.component('crew/writer'), pg_temp.component('crew/reviewer'),
	pg_temp.component('crew/search', '{"kind": "tool", "own_process": false}'), pg_temp.component('crew/calc', '{"kind": "tool", "own_process": false}') \g /dev/null
SELECT pg_temp.plan('crew', '{"nodes": [{"id": "planner"}, {"id": "search"}, {"id": "reviewer"}, {"id": "step"}],
	"edges": [{"source": "planner", "target": "search"}, {"source": "search", "target": "step"}, {"source": "planner", "target": "reviewer"}]}') \g /dev/null
CREATE TEMP TABLE step (no integer GENERATED ALWAYS AS IDENTITY, source text, kind text, doc jsonb, kept boolean, name text);
INSERT INTO step (source, kind, doc, kept, name) VALUES
	('planner', 'tool_call', '{"target": "search"}', true, 'a call along an edge keeps the order'),
	('reviewer', 'tool_call', '{"target": "search"}', false, 'a call between nodes without an edge does not'),
	('writer', 'tool_call', '{"target": "search"}', false, 'nor does one from outside of the plan'),
	('search', 'tool_call', '{"target": "reviewer"}', false, 'nor one of an agent as a tool'),
	('writer', 'tool_call', '{"target": "search", "decision": "deny", "reason": "out_of_order"}', true, 'one that was refused does'),
	('planner', 'tool_call', '{"target": "calc"}', NULL, 'a tool that is no node has no order'),
	('writer', 'tool_call', '{"target": "calc"}', NULL, 'whoever calls it'),
	('planner', 'tool_call', '{}', NULL, 'nor has a tool that nobody registered'),
	('search', 'tool_call', '{}', NULL, 'even of a node'),
	('search', 'tool_call', '{"target": "search"}', NULL, 'nor what a tool says of its own call'),
	('planner', 'model_call', '{"target": "search"}', NULL, 'nor another kind of call'),
	('planner', 'handoff', '{"target": "search"}', true, 'a handoff along an edge keeps the order'),
	('search', 'handoff', '{"target": "planner"}', false, 'one against it does not'),
	('planner', 'handoff', '{"target": "calc"}', false, 'nor does one out of the plan'),
	('writer', 'handoff', '{"target": "calc"}', NULL, 'between others there is no order');
SELECT pg_temp.event('crew/' || source, kind, 1, doc || jsonb_build_object('message', no::text)) FROM step ORDER BY no \g /dev/null
SELECT plan((SELECT count(*)::integer FROM step) + 1);
SELECT is(v.order_kept, s.kept, s.name)
  FROM step s
  JOIN maestro.event e ON e.message = s.no::text
  JOIN maestro.event_verdict v ON v.event_id = e.event_id
 ORDER BY s.no;
SELECT is((SELECT a.status || ': ' || regexp_replace(a.reason, 'event .*', '') FROM maestro.component_control a WHERE a.control = 'order_kept'),
	'alarm: 5 of 8 handoffs and tool calls followed no edge of the declared plan, last: ', 'the control counts both');
SELECT * FROM finish();
ROLLBACK;
