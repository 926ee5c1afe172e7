\set ECHO none
BEGIN;
\i test/tap_setup.sql
SET LOCAL jit = off;
SELECT plan(54);

-- A fresh install knows nothing and says so.
SELECT is((SELECT count(*) FROM maestro.threat_matrix WHERE status = 'unknown' AND system = '(none registered)'), 21::bigint,
	'a fresh install shows 21 threats, all unknown');
SELECT is((SELECT count(*) FROM maestro.threat_matrix), 21::bigint, 'and nothing else');
SELECT is((SELECT count(*) FROM maestro.checklist_compliance WHERE status = 'unknown' AND system = '(none registered)'), 20::bigint,
	'a fresh install shows 20 items, all unknown');
SELECT results_eq('SELECT * FROM maestro.checklist_summary',
	$$ VALUES ('(none registered)', 0::bigint, 0::bigint, 20::bigint, 0::bigint, 0::bigint, 0::bigint, NULL::numeric, 0.000, 0::bigint) $$,
	'its checklist has 0 ok and no score');
SELECT results_eq('SELECT threats_unknown, ok, unknown, score FROM maestro.system_posture', 'VALUES (21::bigint, 0::bigint, 20::bigint, NULL::numeric)',
	'its posture has 0 ok and no score');
SELECT results_eq('SELECT layer::integer, threats_unknown::integer, score FROM maestro.layer_posture',
	'SELECT i, 3, NULL::numeric FROM generate_series(1, 7) i', 'and so has each layer');
SELECT is_empty('SELECT * FROM maestro.component_control', 'no control answers for nobody');

\o /dev/null
\i test/posture_setup.sql

-- The template: seven components, in its order.
SELECT pg_temp.component('template/' || c.name, jsonb_build_object('kind', c.kind, 'layer', c.layer, 'own_process', false, 'further_layers', '[]'::jsonb))
  FROM (VALUES (1, 'LLM caller', 'gateway'), (2, 'Agent interface', 'agent'), (3, 'External APIs', 'service'), (4, 'Trace store', 'trace_store'),
			   (5, 'Runner', 'runner'), (6, 'Infrastructure', 'infrastructure'), (7, 'Registry', 'registry')) AS c(layer, name, kind);
-- A crew: an agent, a tool, a service, and what holds them.
SELECT pg_temp.component('crew/planner', '{"timeout": "30s", "max_iterations": 5, "memory_limit": 1000}');
SELECT pg_temp.component('crew/search', '{"kind": "tool", "own_process": false, "timeout": "5s"}');
SELECT pg_temp.component('crew/web', '{"kind": "service", "own_process": false, "timeout": "5s"}');
SELECT pg_temp.component('crew/log', '{"kind": "trace_store", "own_process": false}');
SELECT pg_temp.component('crew/cluster', '{"kind": "infrastructure", "own_process": false}');
SELECT pg_temp.component('crew/list', '{"kind": "registry", "own_process": false}');
SELECT pg_temp.component('crew/chief', '{"kind": "orchestrator", "own_process": false}');
SELECT pg_temp.component('crew/old', '{"kind": "agent", "state": "retired"}');
SELECT pg_temp.component('crew/bad', '{"kind": "agent", "state": "suspended"}');
SELECT pg_temp.dependency('crew/planner', '{"connect_timeout": "2s", "read_timeout": "8s"}');
SELECT pg_temp.event('crew/planner', 'tool_call', 20, '{"target": "search", "trace": 0, "duration": "1s", "body": {}}');
SELECT pg_temp.event('crew/planner', 'dependency_call', 5, '{"target": "web", "dependency": "search", "trace": 0, "duration": "1s", "body": {}}');
SELECT pg_temp.event('crew/bad', 'output', 5, '{"findings": {"OPENAI_KEY": 1}}');
SELECT pg_temp.report('crew/planner', '{"memoryLimitBytes": 1000, "runAsNonRoot": false}');
SELECT pg_temp.report('crew/cluster', '{"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false}');
SELECT pg_temp.component(E'o''neil "x" %s/a\\b', '{"timeout": "2h"}');
SELECT pg_temp.dependency(E'o''neil "x" %s/a\\b', '{"name": "it''s %L"}');
-- Only suspended: its layers know nothing.
SELECT pg_temp.component('idle/a', '{"state": "suspended", "timeout": "30s"}');
SELECT pg_temp.event('idle/a', 'output', 5, '{"duration": "1s"}');
CREATE TEMP TABLE matrix AS SELECT row_number() OVER () AS line, * FROM maestro.threat_matrix;
\o

SELECT results_eq($$ SELECT t.layer::text, t.component, t.threat, t.severity::text, t.mitigation
					  FROM maestro.threat_matrix_template t
					  JOIN (VALUES ('LLM caller', 'Prompt injection'), ('Agent interface', 'Type confusion'), ('External APIs', 'Service down'),
								   ('Trace store', 'Log injection'), ('Runner', 'Resource exhaust'), ('Infrastructure', 'Secret exposure'),
								   ('Registry', 'Unauthorized')) AS v(component, threat) USING (component, threat)
					 ORDER BY t.layer $$,
	$$ VALUES
	('1 (Model)', 'LLM caller', 'Prompt injection', 'HIGH', 'Structured out'),
	('2 (Logic)', 'Agent interface', 'Type confusion', 'MED', 'Schema valid'),
	('3 (Integration)', 'External APIs', 'Service down', 'MED', 'Graceful degrade'),
	('4 (Monitoring)', 'Trace store', 'Log injection', 'MED', 'Structured log'),
	('5 (Execution)', 'Runner', 'Resource exhaust', 'HIGH', 'Timeouts'),
	('6 (Environment)', 'Infrastructure', 'Secret exposure', 'HIGH', 'Env var mgmt'),
	('7 (Orchestration)', 'Registry', 'Unauthorized', 'MED', 'Static imports') $$,
	'the template''s seven components give its seven rows word for word');
SELECT columns_are('maestro', 'threat_matrix_template', ARRAY['layer', 'component', 'threat', 'severity', 'mitigation', 'status'],
	'the template has its six columns');
SELECT is((SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute
			WHERE attrelid = 'maestro.threat_matrix'::regclass AND attnum BETWEEN 1 AND 6),
	'layer component threat severity mitigation status', 'they come first in threat_matrix too');
SELECT is((SELECT count(*) FROM matrix WHERE system = 'template' AND status <> 'unknown' AND status <> 'not_applicable'), 0::bigint,
	'components that never did anything mitigate nothing');

SELECT is_empty($$ SELECT system FROM matrix GROUP BY system HAVING count(DISTINCT threat) <> 21 $$, 'each system shows all 21 threats');
SELECT set_eq($$ SELECT system, threat, status::text FROM matrix WHERE component = '(none registered)' AND status <> 'unknown' $$,
	$$ VALUES ('o''neil "x" %s', 'Service downtime cascade', 'open') $$,
	'a threat without component is unknown, unless another component was caught at it');
SELECT is((SELECT string_agg(DISTINCT layer::text, ', ') FROM matrix WHERE system = 'crew' AND component = '(none registered)'), NULL,
	'a layer that has a component shows no (none registered)');
SELECT is((SELECT string_agg(DISTINCT layer::text, ', ' ORDER BY layer::text) FROM matrix WHERE system = 'idle' AND component = '(none registered)'),
	'3 (Integration), 4 (Monitoring), 6 (Environment), 7 (Orchestration)', 'a layer that has none does');
SELECT is((SELECT count(*) FROM matrix WHERE system = 'crew' AND component = 'planner'), 9::bigint, 'a component has a row for each threat of each of its layers');
SELECT is_empty($$ SELECT * FROM matrix WHERE reason IS NULL OR limits IS NULL OR mitigation IS NULL OR status <> computed_status $$,
	'every row has a reason and states limits');

-- How controls make a threat's status.
CREATE TEMP TABLE want (component text, threat text, status text, residual numeric, reason text, name text);
INSERT INTO want VALUES
('planner', 'Resource exhaustion', 'mitigated', 0.30, 'Memory bound: the declared%; Timeout: 25 spans%', 'all ok is mitigated, and a tenth of the risk stays'),
('planner', 'Infinite loops', 'mitigated', 0.20, '%', 'one control that is ok suffices if it is the only one'),
('planner', 'Logic bugs in coordination', 'unknown', 2.00, '%', 'no ok and no alarm is unknown'),
('planner', 'Data leakage', 'open', 3.00, 'Output contract: active, but no output contract is declared', 'active without a contract is open'),
('planner', 'Race conditions', 'unknown', 2.00, '%', 'what is not computed is unknown'),
('search', 'API key leakage', 'not_applicable', 0, 'Credentials by reference: it declares no dependency', 'what does not apply is no risk'),
('search', 'Service downtime cascade', 'mitigated', 0.20, 'Timeout: 20 spans within the timeout', 'a tool without dependencies needs its timeout only'),
('web', 'Service downtime cascade', 'partial', 0.67, 'Failures handled: planner: 0 of the 5 needed observed', 'a service is judged by its callers'' dependencies too'),
('web', 'API key leakage', 'open', 3.00, 'Credentials by reference: planner: active, but no credential_ref%', 'and by their credentials'),
('log', 'Log injection', 'partial', 1.00, 'Events carry context: 1 of 2 components, first chief: 0 of the 20 needed observed', 'a trace store is judged by all who log'),
('cluster', 'Container escape', 'open', 3.00, 'Hardened container: 1 of 2 components, first planner: its environment report says runAsNonRoot false', 'an infrastructure by all who run on it'),
('list', 'Unauthorized components', 'partial', 1.50, '%Signed components: not evaluated yet%', 'without signatures an allowlist is half of it'),
('bad', 'Data leakage', 'open', 3.00, '%No sensitive data in outputs: 5 of 5%', 'a suspended component is listed with its alarms');
SELECT CASE WHEN m.status::text = w.status AND m.residual = w.residual AND m.reason LIKE w.reason THEN pass(w.name)
			ELSE fail(w.name) || E'\n' || diag(format('%s, %s: have %s, %s, %s', w.component, w.threat, m.status, m.residual, m.reason)) END
  FROM want w LEFT JOIN matrix m ON m.system = 'crew' AND m.component = w.component AND m.threat = w.threat;

SELECT is((SELECT basis::text FROM matrix WHERE component = 'planner' AND threat = 'Resource exhaustion'), 'reported', 'the weakest basis is shown');
SELECT is((SELECT evidence_count FROM matrix WHERE component = 'planner' AND threat = 'Resource exhaustion'), 26::bigint, 'evidence is counted over the controls');

-- The checklist: an item is the worst of its answers, over active components.
SELECT results_eq($$ SELECT item, status::text, ok, alarm, unknown, skip FROM maestro.checklist_compliance
					  WHERE system = 'crew' AND item IN ('output_sensitive', 'timeout', 'connection_timeout', 'log_sensitive', 'memory_bound') $$,
	$$ VALUES ('output_sensitive', 'unknown', 1::bigint, 0::bigint, 2::bigint, 4::bigint), ('timeout', 'unknown', 3, 0, 1, 3),
			  ('memory_bound', 'ok', 1, 0, 0, 6), ('connection_timeout', 'ok', 1, 0, 0, 6), ('log_sensitive', 'unknown', 0, 0, 1, 0) $$,
	'items are the worst of their answers; suspended and retired components are left out, a control of the log counts once');
SELECT results_eq($$ SELECT ok, alarm, unknown, error + waived, skip, score, coverage FROM maestro.checklist_summary WHERE system = 'crew' $$,
	$$ VALUES (2::bigint, 8::bigint, 10::bigint, 0::bigint, 0::bigint, 0.100, 0.500) $$, 'the score is ok / (all but skip)');
SELECT is((SELECT count(*) FROM maestro.checklist_compliance WHERE system = 'idle' AND status = 'unknown'), 20::bigint,
	'a system of which nobody acts has met no item');
SELECT results_eq($$ SELECT components, suspended, retired, threats_open + threats_partial + threats_mitigated + threats_unknown + threats_not_applicable, score
					   FROM maestro.system_posture WHERE system = 'crew' $$, $$ VALUES (7::bigint, 1::bigint, 1::bigint, 21::bigint, 0.100) $$,
	'system_posture counts each threat once');
SELECT results_eq($$ SELECT threats_unknown, ok, score FROM maestro.system_posture WHERE system = 'idle' $$, $$ VALUES (21::bigint, 0::bigint, NULL::numeric) $$,
	'a system whose components are suspended has no score');
SELECT results_eq($$ SELECT components::integer, threats_open::integer, threats_partial::integer, ok::integer, alarm::integer, unknown::integer
					   FROM maestro.layer_posture WHERE system = 'crew' AND layer = '7' $$, $$ VALUES (2, 1, 1, 1, 2, 4) $$,
	'a control of the system counts once a layer, however many components it serves');

-- Remedies can be run as they stand, whatever the names.
SELECT lives_ok(remedy, 'a remedy with awkward names runs: ' || control)
  FROM maestro.component_control WHERE system LIKE 'o''neil%' AND control IN ('timeout', 'retry_backoff', 'circuit_breaker', 'limiter_asked') ORDER BY control;
SELECT is((SELECT string_agg(remedy, '') FROM maestro.component_control WHERE system = 'crew' AND component = 'planner' AND status IN ('ok', 'skip')), NULL,
	'what is ok needs no remedy');
SELECT lives_ok(format('DO $do$ BEGIN %s END $do$',
	(SELECT string_agg(regexp_replace(maestro.remedy(t, 'crew', 'planner', 'search'), '^SELECT', 'PERFORM'), ' ')
	   FROM maestro.control, unnest(ARRAY[to_declare]) t WHERE t LIKE 'SELECT%' AND t !~ '\.\.\.')),
	'what a control says to declare can be run');

-- What is missing altogether is a step as well.
SELECT results_eq($$ SELECT system, action, unblocks, statement FROM maestro.next_step WHERE action LIKE 'Layer %' ORDER BY system, action $$,
	$$ SELECT system, format('Layer %s: no component is registered on it', layer::integer), count(*)::integer, NULL::text
		 FROM matrix WHERE component = '(none registered)' AND system <> '(none registered)' GROUP BY 1, 2 ORDER BY 1, 2 $$,
	'a layer without component is a next step, for all rows that it leaves unknown');
SELECT is((SELECT advice FROM maestro.next_step WHERE system = 'idle' AND action LIKE 'Layer 7%'),
	'Register what works there: maestro.register_component(''idle'', name, kind), kind being orchestrator or registry.',
	'and names the kinds that belong there');

-- Who may see what.
\o /dev/null
SELECT * FROM maestro.install_roles();
CREATE ROLE posture_crew;
CREATE ROLE posture_nobody;
GRANT USAGE ON SCHEMA maestro TO posture_crew, posture_nobody;
GRANT SELECT ON ALL TABLES IN SCHEMA maestro TO posture_crew, posture_nobody;
SELECT * FROM maestro.apply_manifest('{"systems": [{"name": "crew", "db_role": "posture_crew"}]}');
\o
SET LOCAL search_path = '';
SET LOCAL ROLE posture_nobody;
SELECT (SELECT count(*) FROM maestro.threat_matrix) + (SELECT count(*) FROM maestro.checklist_compliance)
	+ (SELECT count(*) FROM maestro.component_control) + (SELECT count(*) FROM maestro.system_posture) + (SELECT count(*) FROM maestro.layer_posture)
	+ (SELECT count(*) FROM maestro.threat_matrix_template) + (SELECT count(*) FROM maestro.checklist_summary)
	+ (SELECT count(*) FROM maestro.signal) + (SELECT count(*) FROM maestro.event_verdict) + (SELECT count(*) FROM maestro.run_verdict)
	+ (SELECT count(*) FROM maestro.effective_limit) + (SELECT count(*) FROM maestro.dependency_policy) + (SELECT count(*) FROM maestro.report_signal)
	+ (SELECT count(*) FROM maestro.declaration) + (SELECT count(*) FROM maestro.observation) + (SELECT count(*) FROM maestro.event_signal)
	+ (SELECT count(*) FROM maestro.posture_component) + (SELECT count(*) FROM maestro.posture_statement)
	+ (SELECT count(*) FROM maestro.next_step) + (SELECT count(*) FROM maestro.past_alarm) + (SELECT count(*) FROM maestro.threat_decision)
	+ (SELECT count(*) FROM maestro.contract_in_force) + (SELECT count(*) FROM maestro.plan_pair) + (SELECT count(*) FROM maestro.session_verdict)
	+ (SELECT count(*) FROM maestro.control_answers()) + (SELECT count(*) FROM maestro.threat_cells() WHERE system_id IS NOT NULL)
	+ (SELECT count(*) FROM maestro.checklist_items() WHERE system_id IS NOT NULL) AS nobody \gset
SET LOCAL ROLE posture_crew;
SELECT string_agg(DISTINCT system, ', ') AS crew_systems FROM maestro.threat_matrix \gset
SELECT count(DISTINCT system_id) AS crew_signals FROM maestro.signal \gset
SET LOCAL ROLE maestro_dashboard;
SELECT count(DISTINCT system) AS dashboard FROM maestro.threat_matrix \gset
SELECT (SELECT count(*) FROM maestro.checklist_summary) + (SELECT count(*) FROM maestro.system_posture) AS summaries \gset
RESET ROLE;
RESET search_path;
SELECT is(:nobody, 0, 'who may read of no system sees no row in any view, whatever is granted');
SELECT is(:'crew_systems'::text, 'crew', 'who may read of one system sees that one');
SELECT is(:crew_signals, 1, 'and its events alone');
SELECT is(:dashboard, 4, 'a dashboard sees all systems, with an empty search_path');
SELECT is(:summaries, 8, 'and their summaries');
SELECT is_empty($$ SELECT c.relname FROM pg_class c JOIN pg_depend d ON d.objid = c.oid AND d.deptype = 'e' AND d.classid = 'pg_class'::regclass
					WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind IN ('r', 'v', 'p', 'S')
					  AND c.relkind <> 'S' AND c.relname <> 'sanitize_rules' AND has_table_privilege('public', c.oid, 'SELECT') $$, 'PUBLIC may select from nothing');
SELECT is_empty($$ SELECT unnest(extconfig)::regclass::text FROM pg_extension WHERE extname = 'maestro'
	INTERSECT SELECT 'maestro.' || unnest(ARRAY['layer_reference', 'threat', 'mitigation', 'threat_mitigation', 'control', 'control_signal',
		'control_applicability', 'mitigation_control', 'checklist_item', 'checklist_control', 'kind_layer', 'framework_ref']) $$,
	'built-in rows are in no dump');
SELECT is_empty($$ SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind = 'v'
					  AND c.relname IN (SELECT relname FROM pg_class WHERE relkind = 'v')
					  AND c.relname NOT IN ('framework_coverage', 'framework_gap', 'sanitize_rules', 'event_present', 'unregistered_component')
					  AND NOT 'security_barrier=true' = ANY (coalesce(c.reloptions, '{}')) $$, 'views on posture are security barriers');
SELECT * FROM finish();
ROLLBACK;
