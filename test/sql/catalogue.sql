\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(28);

-- The specification's tables, row by row.
SELECT results_eq(
	$$ SELECT layer::text, name, focus, key_concern FROM maestro.layer_reference ORDER BY layer $$,
	$$ VALUES
	('1 (Model)', 'Model', 'LLM security', 'Prompt injection, data leakage'),
	('2 (Logic)', 'Agent Logic', 'Agent behavior', 'Input validation, type safety'),
	('3 (Integration)', 'Integration', 'External services', 'Service failures, API key exposure'),
	('4 (Monitoring)', 'Monitoring', 'Observability', 'Log injection, sensitive data in traces'),
	('5 (Execution)', 'Execution', 'Runtime safety', 'Resource exhaustion, race conditions'),
	('6 (Environment)', 'Environment', 'Infrastructure', 'Container isolation, secret mgmt'),
	('7 (Orchestration)', 'Orchestration', 'Coordination', 'Registration hijacking, exec order') $$,
	'the seven layers are those of the specification');

SELECT results_eq(
	$$ SELECT t.layer::integer, t.name, m.name
		 FROM maestro.threat t JOIN maestro.threat_mitigation USING (threat)
		 JOIN maestro.mitigation m USING (mitigation)
		WHERE source = 'specification' ORDER BY position $$,
	$$ VALUES
	(1, 'Prompt injection', 'Structured outputs with schema validation'),
	(1, 'Model poisoning', 'Provider abstraction; no direct model API calls'),
	(1, 'Data leakage', 'Output validation; content filtering'),
	(2, 'Unvalidated inputs', 'Typed models at all component boundaries'),
	(2, 'Type confusion', 'ABC/interface contracts enforcing signatures'),
	(2, 'Logic bugs in coordination', 'Explicit typed context passing'),
	(3, 'Service downtime cascade', 'Timeouts; graceful degradation w/ partials'),
	(3, 'API key leakage', 'Credentials from env vars (12-Factor #3)'),
	(3, 'Compromised external service', 'Rate limits; circuit breakers; retry/backoff'),
	(4, 'Log injection', 'Structured logging; no string interpolation'),
	(4, 'Trace data tampering', 'Immutable event streams; append-only stores'),
	(4, 'Sensitive data in logs', 'No PII in default output; log sanitization'),
	(5, 'Resource exhaustion', 'Per-component timeouts; memory limits'),
	(5, 'Infinite loops', 'Timeout enforcement; bounded iteration'),
	(5, 'Race conditions', 'Stateless design; thread-safe external stores'),
	(6, 'Container escape', 'Non-root execution; read-only filesystems'),
	(6, 'Secret exposure', '.env excluded from VCS; external vault'),
	(6, 'Network attacks', 'Network segmentation; minimal exposed ports'),
	(7, 'Registration hijacking', 'Static imports; no dynamic plugin loading'),
	(7, 'Execution order tampering', 'Explicit ordering in code, not configuration'),
	(7, 'Unauthorized components', 'Allowlists; signature verification') $$,
	'the 21 threats have the specification''s mitigations, row by row');

SELECT results_eq(
	$$ SELECT t.layer::text, coalesce(t.alias, t.name), t.severity::text, m.short_name
		 FROM maestro.threat t JOIN maestro.threat_mitigation x USING (threat)
		 JOIN maestro.mitigation m USING (mitigation)
		WHERE m.short_name IS NOT NULL
		  AND t.threat IN ('prompt_injection', 'type_confusion', 'service_downtime_cascade', 'log_injection',
						   'resource_exhaustion', 'secret_exposure', 'unauthorized_components')
		ORDER BY t.position $$,
	$$ VALUES
	('1 (Model)', 'Prompt injection', 'HIGH', 'Structured out'),
	('2 (Logic)', 'Type confusion', 'MED', 'Schema valid'),
	('3 (Integration)', 'Service down', 'MED', 'Graceful degrade'),
	('4 (Monitoring)', 'Log injection', 'MED', 'Structured log'),
	('5 (Execution)', 'Resource exhaust', 'HIGH', 'Timeouts'),
	('6 (Environment)', 'Secret exposure', 'HIGH', 'Env var mgmt'),
	('7 (Orchestration)', 'Unauthorized', 'MED', 'Static imports') $$,
	'the matrix template''s words are there');

SELECT results_eq(
	$$ SELECT section, count(*)::integer, min(position) FROM maestro.checklist_item GROUP BY section ORDER BY 3 $$,
	$$ VALUES ('Input Validation', 4, 1), ('Output Safety', 4, 5), ('Resource Management', 4, 9),
			  ('Observability', 4, 13), ('External Dependencies', 4, 17) $$,
	'the checklist has five sections of four items');
SELECT is(wording, 'Error messages don’t leak internal state', 'items have the specification''s words')
  FROM maestro.checklist_item WHERE item = 'error_leak';

-- Slugs are the names, so that nobody has to look them up.
SELECT is_empty(
	$$ SELECT name FROM (SELECT threat AS slug, name FROM maestro.threat
						 UNION ALL SELECT mitigation, name FROM maestro.mitigation
						 UNION ALL SELECT slug, name FROM maestro.layer_reference) x
		WHERE slug <> btrim(regexp_replace(lower(name), '[^a-z0-9]+', '_', 'g'), '_') $$,
	'slugs are the names in snake_case');
SELECT set_eq($$ SELECT severity::text || count(*) FROM maestro.threat GROUP BY severity $$,
	$$ VALUES ('HIGH12'), ('MED9') $$, 'twelve threats are HIGH, nine MED');
SELECT is((SELECT count(*) FROM maestro.mitigation WHERE length(limits) < 40), 0::bigint, 'every mitigation states its limits');
SELECT is((SELECT count(*) FROM maestro.control WHERE length(explanation) < 40), 0::bigint, 'every control is explained');

-- The chain has no gaps.
SELECT is_empty($$ SELECT mitigation FROM maestro.mitigation EXCEPT SELECT mitigation FROM maestro.mitigation_control $$,
	'every mitigation has a control');
SELECT is_empty($$ SELECT item FROM maestro.checklist_item EXCEPT SELECT item FROM maestro.checklist_control $$,
	'every checklist item has a control');
SELECT is_empty($$ SELECT control FROM maestro.control EXCEPT (SELECT control FROM maestro.mitigation_control UNION SELECT control FROM maestro.checklist_control) $$,
	'every control is used');
SELECT is_empty($$ SELECT control FROM maestro.control WHERE NOT evaluated AND NOT attestable EXCEPT SELECT control FROM maestro.control_signal WHERE role = 'shows' $$,
	'every control has a signal that shows it, a result, or an attestation');
SELECT is_empty($$ (SELECT control FROM maestro.control WHERE scope IN ('component', 'dependency') EXCEPT SELECT control FROM maestro.control_applicability)
				   UNION ALL (SELECT control FROM maestro.control_applicability EXCEPT SELECT control FROM maestro.control WHERE scope IN ('component', 'dependency')) $$,
	'controls of components, and only they, have kinds they apply to');
SELECT is((SELECT count(*) FROM maestro.kind_layer), cardinality(enum_range(NULL::maestro.component_kind))::bigint,
	'every kind has a default layer');
SELECT lives_ok($$ SELECT format(t, 'a', 'b', 'c', 'd') FROM maestro.control, unnest(ARRAY[to_declare, to_observe, to_repair]) t $$,
	'remedies are formats of component, dependency, system and any component');
SELECT is_empty($$ SELECT t FROM maestro.control_signal, unnest(ARRAY[good, bad]) t WHERE regexp_replace(t, '\{(good|bad|all|event|detail)\}', '', 'g') ~ '[{}%]' $$,
	'reasons are formats of two counts, their sum, an event and a detail');

-- Other frameworks.
SELECT results_eq($$ SELECT framework, edition, links::integer, threats_covered::integer FROM maestro.framework_coverage ORDER BY framework COLLATE "C", edition COLLATE "C" $$,
	$$ VALUES ('CWE', '4.14', 57, 21), ('CWE', '> 4.14', 2, 2), ('MITRE ATLAS', '5.6.0', 40, 17),
	('OWASP Agentic Threats and Mitigations', '1.1', 26, 17), ('OWASP Agentic Top 10', '2026', 32, 20),
	('OWASP LLM Top 10', '2025', 18, 15), ('OWASP LLM Top 10', '2026', 18, 15) $$,
	'coverage counts links and threats of each framework and edition');
SELECT set_eq($$ SELECT threat FROM maestro.framework_gap WHERE framework = 'OWASP Agentic Top 10' $$, ARRAY['type_confusion'],
	'gaps are the threats that a framework does not know');
SELECT is((SELECT count(*) FROM maestro.framework_ref), 193::bigint, 'the crosswalk has 193 links');

-- Names are found as people write them.
SELECT is(maestro.find_threat(name), 'service_downtime_cascade', format('%L finds its threat', name))
  FROM unnest(ARRAY['service_downtime_cascade', 'Service downtime cascade', ' service DOWN ']) AS name;
SELECT is(ARRAY[maestro.find_mitigation('Timeouts'), maestro.find_control('Circuit breaker'),
				maestro.find_checklist_item('Error messages don''t leak internal state')],
	ARRAY['per_component_timeouts_memory_limits', 'circuit_breaker', 'error_leak'],
	'mitigations, controls and items are found by their words');
SELECT throws_ok(format('SELECT maestro.%I(%L)', f, 'x'), '22023', NULL, f || ' refuses what it does not know')
  FROM unnest(ARRAY['find_threat', 'find_mitigation', 'find_control', 'find_checklist_item']) AS f;
SELECT * FROM finish();
ROLLBACK;
