--
-- Posture input: what posture_load.c reads, in the columns it expects.
--
-- Words become numbers and first letters here, so that the library compares no
-- text.  Each is filtered like any other view.
--
CREATE VIEW maestro.posture_component WITH (security_barrier = true) AS
	SELECT c.component_id, c.system_id, c.name, k.kind_bit,
		   k.layer_bits | (1 << c.layer::integer) | coalesce((SELECT bit_or(1 << f::integer) FROM unnest(c.further_layers) f), 0) AS layer_bits,
		   k.judged_by, c.state = 'active' AS active, c.own_process, c.db_role IS NOT NULL AS has_role,
		   c.own_process OR c.kind = 'infrastructure'
		   OR c.component_id IN (SELECT e.component_id FROM maestro.environment_report e) AS may_host, k.hands_off
	  FROM maestro.component c
	  JOIN maestro.readable_system s ON s.system_id = c.system_id
	  JOIN (SELECT l.kind, l.judged_by, l.kind IN ('agent', 'orchestrator') AS hands_off,
				   1 << (array_position(enum_range(NULL::maestro.component_kind), l.kind) - 1) AS kind_bit,
				   (1 << l.layer::integer) | coalesce((SELECT bit_or(1 << f::integer) FROM unnest(l.further_layers) f), 0) AS layer_bits
			  FROM maestro.kind_layer l OFFSET 0) k ON k.kind = c.kind;
COMMENT ON VIEW maestro.posture_component IS 'components as posture reads them: kind_bit is 1 shifted by the kind''s place, layer_bits 1 shifted by each layer, those of its kind included, since naming another must not hide a threat';

CREATE VIEW maestro.posture_control WITH (security_barrier = true) AS
	SELECT a.* FROM (
	SELECT k.control, k.title, k.scope, k.condition, true AS builtin, k.basis::text AS basis, k.min_evidence,
		   extract(epoch FROM k.max_age)::float8 AS max_age, k.per_version, k.declares, k.must_declare, k.drill, k.attestable,
		   k.evaluated, k.to_declare, k.to_observe, k.to_repair,
		   coalesce((SELECT bit_or(1 << (array_position(enum_range(NULL::maestro.component_kind), a.kind) - 1))
					   FROM maestro.control_applicability a WHERE a.control = k.control), 0) AS kind_bits
	  FROM maestro.control k
	UNION ALL
	SELECT u.control, u.title, u.scope, 'kind', false, 'enforced', 1, extract(epoch FROM u.max_age)::float8, false,
		   NULL, true, false, false, true, NULL,
		   format('SELECT * FROM maestro.evaluate_controls(%L);', u.control), NULL, 0
	  FROM maestro.user_control u
	 WHERE u.removed_at IS NULL AND NOT EXISTS (SELECT FROM maestro.control k WHERE k.control = u.control)) a
	 ORDER BY a.control COLLATE "C";
COMMENT ON VIEW maestro.posture_control IS 'all controls, built-in and users'' own; max_age in seconds, kind_bits as in posture_component';

CREATE VIEW maestro.posture_rule WITH (security_barrier = true) AS
	SELECT t.control, t.signal, t.role, coalesce(t.needed, k.min_evidence) AS needed, t.anywhere,
		   coalesce(t.min_share, 1)::float8 AS min_share, coalesce(t.basis, k.basis)::text AS basis, t.good, t.bad
	  FROM maestro.control_signal t
	  JOIN maestro.control k ON k.control = t.control
	 ORDER BY t.control COLLATE "C", t.role DESC, t.signal COLLATE "C";
COMMENT ON VIEW maestro.posture_rule IS 'control_signal with the control''s defaults filled in';

CREATE VIEW maestro.posture_subject WITH (security_barrier = true) AS
	SELECT s.is_threat, s.subject, s.layer, s.severity, s.control
	  FROM (SELECT true AS is_threat, t.position, t.threat AS subject, t.layer::integer AS layer,
				   array_position(enum_range(NULL::maestro.severity), t.severity) AS severity, m.control
			  FROM maestro.threat t
			  JOIN maestro.threat_mitigation x ON x.threat = t.threat
			  JOIN maestro.mitigation_control m ON m.mitigation = x.mitigation
			UNION
			SELECT false, i.position, i.item, 0, 0, x.control
			  FROM maestro.checklist_item i
			  JOIN maestro.checklist_control x ON x.item = i.item) s
	 ORDER BY s.is_threat DESC, s.position, s.control COLLATE "C";
COMMENT ON VIEW maestro.posture_subject IS 'threats and checklist items with the controls behind each';

CREATE VIEW maestro.posture_nobody WITH (security_barrier = true) AS
	SELECT 0 AS system_id, '(none registered)'::text AS name
	 WHERE NOT EXISTS (SELECT FROM maestro.system);
COMMENT ON VIEW maestro.posture_nobody IS 'stands for all systems while none is registered';

-- What people say: attestations lift unknown, waivers cover an item.  A control
-- of the system or the log is spoken for by any component of it.
CREATE VIEW maestro.posture_statement WITH (security_barrier = true) AS
	SELECT c.system_id, CASE WHEN k.scope IN ('component', 'dependency') THEN a.component_id END AS component_id, NULL::integer AS dependency_id,
		   a.control, format('attested until %s, see attestation %s', to_char(a.valid_until, 'YYYY-MM-DD'), a.attestation_id) AS words,
		   false AS waived
	  FROM maestro.attestation a
	  JOIN maestro.control k ON k.control = a.control
	  JOIN maestro.component c ON c.component_id = a.component_id
	  JOIN maestro.readable_system s ON s.system_id = c.system_id
	 WHERE a.valid_until >= (now() AT TIME ZONE 'UTC')::date
	UNION ALL
	SELECT d.system_id, CASE WHEN k.scope IN ('component', 'dependency') THEN d.component_id END, NULL, k.control, NULL, true
	  FROM maestro.risk_decision_state d
	  JOIN maestro.checklist_control i ON i.item = d.subject
	  JOIN maestro.control k ON k.control = i.control
	 WHERE d.state = 'in_force' AND d.decision = 'waive';
COMMENT ON VIEW maestro.posture_statement IS 'attestations and waivers in force, by control';

-- The newest result for each thing; of a user's control what its newest run says,
-- since a row that it does not bring any more is gone.
CREATE VIEW maestro.posture_outcome WITH (security_barrier = true) AS
	SELECT r.control, r.system_id, r.component_id, r.status::text AS status, r.reason, r.basis::text AS basis,
		   r.evidence_count, r.evaluated_at, CASE WHEN r.remedy LIKE '{%' THEN ' ' ELSE '' END || replace(r.remedy, '%', '%%') AS remedy
	  FROM (SELECT DISTINCT ON (e.control, e.system_id, e.component_id) e.*
			  FROM maestro.control_result e
			  JOIN maestro.control k ON k.control = e.control
			 ORDER BY e.control, e.system_id, e.component_id, e.evaluated_at DESC, e.result_id DESC) r
	 WHERE r.system_id IS NULL OR r.system_id IN (SELECT system_id FROM maestro.readable_system)
	UNION ALL
	SELECT r.control, r.system_id, r.component_id, r.status::text, r.reason, r.basis::text, r.evidence_count, r.evaluated_at,
		   -- a text, not a template
		   CASE WHEN r.remedy LIKE '{%' THEN ' ' ELSE '' END || replace(r.remedy, '%', '%%')
	  FROM maestro.control_result r
	  JOIN (SELECT e.control, max(e.evaluated_at) AS newest
			  FROM maestro.control_result e
			  JOIN maestro.user_control u ON u.control = e.control AND u.removed_at IS NULL AND e.evaluated_at >= u.added_at
			 GROUP BY e.control) n
		ON n.control = r.control AND n.newest = r.evaluated_at
	 WHERE r.system_id IS NULL OR r.system_id IN (SELECT system_id FROM maestro.readable_system);
COMMENT ON VIEW maestro.posture_outcome IS 'the newest results of the controls that are run';
