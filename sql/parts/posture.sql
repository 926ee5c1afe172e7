--
-- Posture: threat matrix and checklist, read off the controls' answers.
--
CREATE FUNCTION maestro.remedy(template text, system text, component text, dependency text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT CASE WHEN template LIKE '{%' THEN
				format('SELECT * FROM maestro.apply_manifest(%L);',
					json_build_object('systems', json_build_array(json_build_object(
						'name', system, 'components', json_build_array(json_build_object(
							'name', component, 'dependencies', json_build_array(
								jsonb_build_object('name', dependency) || template::jsonb)))))))
			ELSE format(template, system || '/' || component, coalesce(dependency, 'search'), system, system || '/component') END;
	END;
COMMENT ON FUNCTION maestro.remedy(text, text, text, text) IS
	'the statement that a remedy of a control comes to for this system, component and dependency';

CREATE VIEW maestro.component_control WITH (security_barrier = true) AS
	SELECT s.name AS system, c.name AS component, a.control, k.title, a.status, a.reason, a.basis,
		   a.evidence_count, a.newest_evidence,
		   maestro.remedy(a.remedy, s.name, c.name, a.dependency) AS remedy,
		   k.scope, c.state, a.system_id, a.component_id
	  FROM maestro.control_answer a
	  JOIN maestro.readable_system s ON s.system_id = a.system_id
	  JOIN maestro.control k ON k.control = a.control
	  LEFT JOIN maestro.component c ON c.component_id = a.component_id;
COMMENT ON VIEW maestro.component_control IS 'the answer of each control for each component, and once a system (component NULL) for controls of the system and the log: status, why, on what evidence, what to do';
COMMENT ON COLUMN maestro.component_control.reason IS 'a sentence with numbers and event ids, never with payload';
COMMENT ON COLUMN maestro.component_control.basis IS 'what an ok or alarm rests on';
COMMENT ON COLUMN maestro.component_control.evidence_count IS 'observations that counted';
COMMENT ON COLUMN maestro.component_control.newest_evidence IS 'time of the newest observation, whether it counted or not';
COMMENT ON COLUMN maestro.component_control.remedy IS 'the statement to run, or what to do; NULL when nothing is to be done';
COMMENT ON COLUMN maestro.component_control.state IS 'components that are not active are listed, but left out of scores';

-- Everything below is read off these rows, in one evaluation of the controls:
-- a row for each control behind each cell of the threat matrix (part "threat")
-- and behind each item of the checklist (part "item").  An answer that is the
-- system's, or stands for all its components, has about NULL: it counts once.
CREATE VIEW maestro.posture_row WITH (security_barrier = true) AS
WITH answer AS MATERIALIZED (SELECT * FROM maestro.component_control),
system AS (
	SELECT s.system_id, s.name FROM maestro.readable_system s
	UNION ALL
	SELECT NULL, '(none registered)' WHERE NOT EXISTS (SELECT FROM maestro.system)),
-- Of all active components of a system the worst answer stands for all.
whole AS MATERIALIZED (
	SELECT w.system_id, w.system, w.control, w.title, w.status,
		   CASE WHEN w.status = 'skip' THEN w.reason
				WHEN w.components = 1 THEN format('%s: %s', w.component, w.reason)
				ELSE format('%s of %s components, first %s: %s', w.alike, w.components, w.component, w.reason) END AS reason,
		   w.basis, w.evidence_count, w.newest_evidence, w.remedy
	  FROM (SELECT a.system_id, a.system, a.control, a.title, a.status, a.component, a.reason, a.basis, a.remedy,
				   sum(a.evidence_count) OVER s AS evidence_count, max(a.newest_evidence) OVER s AS newest_evidence,
				   count(*) OVER (PARTITION BY a.system_id, a.control, a.status) AS alike,
				   count(*) FILTER (WHERE a.status <> 'skip') OVER s AS components,
				   row_number() OVER (s ORDER BY maestro.control_rank(a.status), a.component) AS place
			  FROM answer a
			 WHERE a.state = 'active'
			WINDOW s AS (PARTITION BY a.system_id, a.control)) w
	 WHERE w.place = 1),
behind AS MATERIALIZED (
	SELECT DISTINCT t.threat, t.layer, t.position, m.control
	  FROM maestro.threat t
	  JOIN maestro.threat_mitigation x ON x.threat = t.threat
	  JOIN maestro.mitigation_control m ON m.mitigation = x.mitigation)
	-- Each branch starts from answers and finds components by key: how many
	-- answers there are is more than a planner can guess.
	SELECT 'threat' AS part, a.system_id, a.system, b.position, b.threat AS subject, b.layer,
		   a.component_id, a.component, a.state, c.owner, a.control, a.title, a.component_id AS about,
		   a.status, a.reason, a.basis, a.evidence_count, a.newest_evidence, a.remedy
	  FROM answer a
	  JOIN behind b ON b.control = a.control
	  JOIN maestro.component c ON c.component_id = a.component_id AND (c.layer = b.layer OR b.layer = ANY (c.further_layers))
	  JOIN maestro.kind_layer k ON k.kind = c.kind
	 WHERE k.judged_by = 'itself' OR k.judged_by = 'callers' AND a.status <> 'skip'
	UNION ALL
	SELECT 'threat', a.system_id, a.system, b.position, b.threat, b.layer,
		   c.component_id, c.name, c.state, c.owner, a.control, a.title, NULL,
		   a.status, a.reason, a.basis, a.evidence_count, a.newest_evidence, a.remedy
	  FROM answer a
	  JOIN behind b ON b.control = a.control
	  JOIN maestro.component c ON c.system_id = a.system_id AND (c.layer = b.layer OR b.layer = ANY (c.further_layers))
	 WHERE a.component_id IS NULL
	UNION ALL
	SELECT 'threat', w.system_id, w.system, b.position, b.threat, b.layer,
		   c.component_id, c.name, c.state, c.owner, w.control, w.title, NULL,
		   w.status, w.reason, w.basis, w.evidence_count::bigint, w.newest_evidence, w.remedy
	  FROM whole w
	  JOIN behind b ON b.control = w.control
	  JOIN maestro.component c ON c.system_id = w.system_id AND (c.layer = b.layer OR b.layer = ANY (c.further_layers))
	  JOIN maestro.kind_layer k ON k.kind = c.kind AND k.judged_by = 'system'
	UNION ALL
	SELECT 'threat', a.system_id, a.system, b.position, b.threat, b.layer,
		   a.component_id, a.component, a.state, c.owner, a.control, a.title, NULL,
		   CASE WHEN w.status = 'skip' THEN 'unknown' ELSE w.status END,
		   CASE WHEN w.status = 'skip' THEN 'no component declares a dependency' ELSE w.reason END,
		   w.basis, w.evidence_count::bigint, w.newest_evidence, w.remedy
	  FROM answer a
	  JOIN behind b ON b.control = a.control
	  JOIN maestro.component c ON c.component_id = a.component_id AND (c.layer = b.layer OR b.layer = ANY (c.further_layers))
	  JOIN maestro.kind_layer k ON k.kind = c.kind AND k.judged_by = 'callers'
	  JOIN whole w ON w.system_id = a.system_id AND w.control = a.control
	 WHERE a.status = 'skip'
	UNION ALL
	SELECT 'threat', s.system_id, s.name, t.position, t.threat, t.layer,
		   NULL, '(none registered)', NULL, NULL, NULL, NULL, NULL,
		   'unknown', format('no component is registered on layer %s', t.layer), NULL, 0, NULL,
		   format('SELECT maestro.register_component(%L, ''name'', ''kind'', layer => %L);',
				  coalesce(nullif(s.name, '(none registered)'), 'system'), t.layer)
	  FROM system s
	 CROSS JOIN maestro.threat t
	 WHERE NOT EXISTS (SELECT FROM maestro.component c WHERE c.system_id = s.system_id
						  AND (c.layer = t.layer OR t.layer = ANY (c.further_layers)))
	UNION ALL
	-- No component on the layer does not hide what others were caught at.
	SELECT 'threat', w.system_id, w.system, b.position, b.threat, b.layer,
		   NULL, '(none registered)', NULL, NULL, w.control, w.title, NULL,
		   w.status, w.reason, w.basis, w.evidence_count::bigint, w.newest_evidence, w.remedy
	  FROM whole w
	  JOIN behind b ON b.control = w.control
	 WHERE w.status = 'alarm'
	   AND NOT EXISTS (SELECT FROM maestro.component c WHERE c.system_id = w.system_id
						  AND (c.layer = b.layer OR b.layer = ANY (c.further_layers)))
	UNION ALL
	SELECT 'item', a.system_id, a.system, i.position, i.item, NULL,
		   a.component_id, a.component, a.state, NULL, a.control, a.title, a.component_id,
		   a.status, a.reason, a.basis, a.evidence_count, a.newest_evidence, a.remedy
	  FROM answer a
	  JOIN maestro.checklist_control x ON x.control = a.control
	  JOIN maestro.checklist_item i ON i.item = x.item
	 WHERE a.component_id IS NULL OR a.state = 'active'
	UNION ALL
	-- A system of which nobody acts has not met an item by having nothing it applies to.
	SELECT 'item', s.system_id, s.name, i.position, i.item, NULL,
		   NULL, NULL, NULL, NULL, NULL, NULL, NULL,
		   'unknown', CASE WHEN s.system_id IS NULL THEN 'no system is registered' ELSE 'no component that acts is registered' END, NULL, 0, NULL,
		   CASE WHEN s.system_id IS NULL THEN 'SELECT maestro.register_system(''crew'');'
				ELSE format('SELECT maestro.register_component(%L, ''name'', ''agent'');', s.name) END
	  FROM system s
	 CROSS JOIN maestro.checklist_item i
	 WHERE NOT EXISTS (SELECT FROM maestro.component c
						JOIN maestro.kind_layer k ON k.kind = c.kind AND k.judged_by <> 'system'
					   WHERE c.system_id = s.system_id AND c.state = 'active');
COMMENT ON VIEW maestro.posture_row IS 'the answers behind each cell of the threat matrix (part threat) and each item of the checklist (part item)';

-- A cell's status, with the words of the worst answers behind it.
CREATE VIEW maestro.threat_cell WITH (security_barrier = true) AS
	SELECT r.system_id, r.system, r.layer, r.component_id, r.component, r.state, r.owner, r.position, r.subject AS threat,
		   CASE WHEN r.worst = 1 THEN 'open'::maestro.threat_status
				WHEN r.worst = 6 THEN 'not_applicable'
				WHEN r.worst = 5 THEN 'mitigated'
				WHEN count(*) FILTER (WHERE r.status = 'ok') > 0 THEN 'partial'
				ELSE 'unknown' END AS status,
		   string_agg(concat_ws(': ', r.title, r.reason), '; ' ORDER BY r.control) FILTER (WHERE r.rank = r.worst) AS reason,
		   count(*) FILTER (WHERE r.status = 'ok')::numeric / nullif(count(*) FILTER (WHERE r.status <> 'skip'), 0) AS share,
		   min(r.basis) AS basis,
		   (array_agg(r.remedy ORDER BY r.control) FILTER (WHERE r.rank = r.worst AND r.remedy IS NOT NULL))[1] AS remedy,
		   sum(r.evidence_count)::bigint AS evidence_count, max(r.newest_evidence) AS newest_evidence
	  FROM (SELECT p.*, maestro.control_rank(p.status) AS rank,
				   min(maestro.control_rank(p.status)) OVER (PARTITION BY p.system_id, p.component_id, p.subject) AS worst
			  FROM maestro.posture_row p
			 WHERE p.part = 'threat') r
	 GROUP BY r.system_id, r.system, r.layer, r.component_id, r.component, r.state, r.owner, r.position, r.subject, r.worst;
COMMENT ON VIEW maestro.threat_cell IS 'status of each threat for each component of its layer: an alarm makes it open, ok everywhere mitigated, ok somewhere partial';

CREATE VIEW maestro.threat_matrix WITH (security_barrier = true) AS
	SELECT c.layer, c.component, t.name AS threat, t.severity, m.name AS mitigation, c.status,
		   c.system, c.status AS computed_status, c.reason, m.limits,
		   CASE WHEN c.status <> 'not_applicable'
				THEN round(array_position(enum_range(NULL::maestro.severity), t.severity)
						   * greatest(1 - coalesce(c.share, 0), 0.1), 2) ELSE 0 END AS residual,
		   c.basis, c.remedy, NULL::text AS decision, c.owner, c.evidence_count, c.newest_evidence, c.state
	  FROM maestro.threat_cell c
	  JOIN maestro.threat t ON t.threat = c.threat
	  JOIN maestro.threat_mitigation x ON x.threat = t.threat AND x.source = 'specification'
	  JOIN maestro.mitigation m ON m.mitigation = x.mitigation
	 ORDER BY c.system, c.position, c.component;
COMMENT ON VIEW maestro.threat_matrix IS 'which threats are open: each component has a row for each threat of its layers, and each system all 21';
COMMENT ON COLUMN maestro.threat_matrix.component IS '(none registered): the system has no component on this layer';
COMMENT ON COLUMN maestro.threat_matrix.status IS 'computed_status, unless a decision is in force';
COMMENT ON COLUMN maestro.threat_matrix.limits IS 'what the mitigation does not do';
COMMENT ON COLUMN maestro.threat_matrix.residual IS 'rank of the severity (1 to 4) times the share of controls that are not ok, at least a tenth of the rank; 0 when not applicable';
COMMENT ON COLUMN maestro.threat_matrix.basis IS 'the weakest of what its controls rest on';
COMMENT ON COLUMN maestro.threat_matrix.state IS 'components that are not active are listed, but left out of scores';

CREATE VIEW maestro.threat_matrix_template WITH (security_barrier = true) AS
	SELECT c.layer, c.component, coalesce(t.alias, t.name) AS threat, t.severity,
		   coalesce(m.short_name, m.name) AS mitigation, c.status
	  FROM maestro.threat_cell c
	  JOIN maestro.threat t ON t.threat = c.threat
	  JOIN (SELECT DISTINCT ON (threat) threat, mitigation FROM maestro.threat_mitigation
			 ORDER BY threat, source = 'template' DESC) x ON x.threat = t.threat
	  JOIN maestro.mitigation m ON m.mitigation = x.mitigation
	 ORDER BY c.system, c.position, c.component;
COMMENT ON VIEW maestro.threat_matrix_template IS 'the threat matrix in the six columns and the words of the specification''s template';
