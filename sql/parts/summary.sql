--
-- Summary: the checklist and the figures for layers and systems.
--
-- Score is ok / (all but skip), coverage (ok + alarm) / (all but skip).  Both
-- count answers that exist; where nothing was evaluated there is no score.
--
CREATE FUNCTION maestro.score(ok bigint, alarm bigint, counted bigint) RETURNS numeric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT CASE WHEN ok + alarm > 0 THEN round(ok::numeric / counted, 3) END;
	END;
COMMENT ON FUNCTION maestro.score(bigint, bigint, bigint) IS
	'share of ok in what counts, 0 to 1; NULL when nothing was evaluated';

CREATE VIEW maestro.checklist_compliance WITH (security_barrier = true) AS
	SELECT coalesce(s.name, '(none registered)') AS system, i.section, i.item, i.wording, r.status, r.reason,
		   r.basis, r.evidence_count, r.newest_evidence,
		   maestro.remedy(r.remedy, coalesce(s.name, 'crew'), c.name, r.dependency) AS remedy,
		   r.ok, r.alarm, r.unknown, r.error, r.waived, r.skip, r.computed_status
	  FROM maestro.checklist_items() r
	  JOIN maestro.checklist_item i ON i.item = r.item
	  LEFT JOIN maestro.system s ON s.system_id = r.system_id
	  LEFT JOIN maestro.component c ON c.component_id = r.remedy_component_id
	 ORDER BY 1, i.position;
COMMENT ON VIEW maestro.checklist_compliance IS 'the 20 checklist items for each system: an item is the worst of its controls over all active components, in the order alarm, error, unknown, waived, ok, skip';
COMMENT ON COLUMN maestro.checklist_compliance.reason IS 'why, by the first of the worst components; see component_control for each of them';
COMMENT ON COLUMN maestro.checklist_compliance.computed_status IS 'the status without waivers';
COMMENT ON COLUMN maestro.checklist_compliance.ok IS 'how many answers are ok; a control of the system or the log has one, others one a component';

CREATE VIEW maestro.checklist_summary WITH (security_barrier = true) AS
	SELECT coalesce(s.name, '(none registered)') AS system, f.ok, f.alarm, f.unknown, f.error, f.waived, f.skip,
		   maestro.score(f.ok, f.alarm, f.ok + f.alarm + f.unknown + f.error + f.waived) AS score,
		   round((f.ok + f.alarm)::numeric / nullif(f.ok + f.alarm + f.unknown + f.error + f.waived, 0), 3) AS coverage, f.attested
	  FROM maestro.posture_figures() f
	  LEFT JOIN maestro.system s ON s.system_id = f.system_id
	 WHERE f.layer IS NULL
	 ORDER BY 1;
COMMENT ON VIEW maestro.checklist_summary IS 'how many of the 20 checklist items are ok, and so on, for each system';
COMMENT ON COLUMN maestro.checklist_summary.score IS 'ok / (all but skip); NULL when nothing was evaluated';
COMMENT ON COLUMN maestro.checklist_summary.coverage IS '(ok + alarm) / (all but skip)';
COMMENT ON COLUMN maestro.checklist_summary.attested IS 'how many of the ok rest on attestation alone';

CREATE VIEW maestro.layer_posture WITH (security_barrier = true) AS
	SELECT coalesce(s.name, '(none registered)') AS system, f.layer::maestro.layer AS layer, f.components,
		   f.threats_open, f.threats_partial, f.threats_mitigated, f.threats_unknown, f.threats_not_applicable,
		   (enum_range(NULL::maestro.severity))[f.worst_open] AS worst_open, round(f.residual::numeric, 2) AS residual,
		   f.ok, f.alarm, f.unknown, f.error, f.waived, f.skip,
		   maestro.score(f.ok, f.alarm, f.ok + f.alarm + f.unknown + f.error + f.waived) AS score,
		   round((f.ok + f.alarm)::numeric / nullif(f.ok + f.alarm + f.unknown + f.error + f.waived, 0), 3) AS coverage
	  FROM maestro.posture_figures() f
	  LEFT JOIN maestro.system s ON s.system_id = f.system_id
	 WHERE f.layer IS NOT NULL
	 ORDER BY 1, f.layer;
COMMENT ON VIEW maestro.layer_posture IS 'how each layer of each system stands: its three threats, and the answers of the controls behind them, each counted once';
COMMENT ON COLUMN maestro.layer_posture.worst_open IS 'highest severity of an open threat';
COMMENT ON COLUMN maestro.layer_posture.residual IS 'sum over its threats, see threat_matrix';
COMMENT ON COLUMN maestro.layer_posture.score IS 'ok / (all but skip); NULL when nothing was evaluated';

CREATE VIEW maestro.system_posture WITH (security_barrier = true) AS
	SELECT coalesce(s.name, '(none registered)') AS system, coalesce(n.active, 0) AS components, coalesce(n.suspended, 0) AS suspended,
		   coalesce(n.retired, 0) AS retired,
		   f.threats_open, f.threats_partial, f.threats_mitigated, f.threats_unknown, f.threats_not_applicable,
		   (enum_range(NULL::maestro.severity))[f.worst_open] AS worst_open, round(f.residual::numeric, 2) AS residual,
		   f.ok, f.alarm, f.unknown, f.error, f.waived, f.skip,
		   maestro.score(f.ok, f.alarm, f.ok + f.alarm + f.unknown + f.error + f.waived) AS score,
		   round((f.ok + f.alarm)::numeric / nullif(f.ok + f.alarm + f.unknown + f.error + f.waived, 0), 3) AS coverage,
		   f.attested, f.newest_evidence
	  FROM (SELECT p.system_id,
				   sum(p.threats_open)::bigint AS threats_open, sum(p.threats_partial)::bigint AS threats_partial,
				   sum(p.threats_mitigated)::bigint AS threats_mitigated, sum(p.threats_unknown)::bigint AS threats_unknown,
				   sum(p.threats_not_applicable)::bigint AS threats_not_applicable,
				   max(p.worst_open) AS worst_open, sum(p.residual) AS residual, max(p.newest_evidence) AS newest_evidence,
				   max(p.ok) FILTER (WHERE p.layer IS NULL) AS ok, max(p.alarm) FILTER (WHERE p.layer IS NULL) AS alarm,
				   max(p.unknown) FILTER (WHERE p.layer IS NULL) AS unknown, max(p.error) FILTER (WHERE p.layer IS NULL) AS error,
				   max(p.waived) FILTER (WHERE p.layer IS NULL) AS waived, max(p.skip) FILTER (WHERE p.layer IS NULL) AS skip,
				   max(p.attested) FILTER (WHERE p.layer IS NULL) AS attested
			  FROM maestro.posture_figures() p GROUP BY p.system_id) f
	  LEFT JOIN maestro.system s ON s.system_id = f.system_id
	  LEFT JOIN (SELECT c.system_id, count(*) FILTER (WHERE c.state = 'active') AS active,
						count(*) FILTER (WHERE c.state = 'suspended') AS suspended,
						count(*) FILTER (WHERE c.state = 'retired') AS retired
				   FROM maestro.component c GROUP BY c.system_id) n ON n.system_id = f.system_id
	 ORDER BY 1;
COMMENT ON VIEW maestro.system_posture IS 'how each system stands: its 21 threats by status, its 20 checklist items by status with score and coverage';
COMMENT ON COLUMN maestro.system_posture.components IS 'active ones; suspended and retired ones leave scores';
COMMENT ON COLUMN maestro.system_posture.residual IS 'sum over the 21 threats, see threat_matrix';
COMMENT ON COLUMN maestro.system_posture.ok IS 'checklist items, as in checklist_summary';
COMMENT ON COLUMN maestro.system_posture.score IS 'ok / (all but skip); NULL when nothing was evaluated';
