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
	SELECT r.system, i.section, i.item, i.wording, r.status,
		   CASE WHEN r.component IS NULL THEN r.reason
				WHEN r.alike + r.others = 1 THEN format('%s: %s', r.component, r.reason)
				ELSE format('%s of %s components, first %s: %s', r.alike, r.alike + r.others, r.component, r.reason) END AS reason,
		   r.basis, r.evidence_count::bigint AS evidence_count, r.newest_evidence, r.remedy,
		   r.ok, r.alarm, r.unknown, r.error, r.waived, r.skip
	  FROM (SELECT p.system, p.position, p.subject, p.status, p.component, p.reason, p.remedy,
				   min(p.basis) OVER (PARTITION BY p.system_id, p.subject, p.status) AS basis,
				   count(*) OVER (PARTITION BY p.system_id, p.subject, p.status) AS alike,
				   count(*) FILTER (WHERE p.status <> 'skip') OVER s
					   - count(*) FILTER (WHERE p.status <> 'skip') OVER (PARTITION BY p.system_id, p.subject, p.status) AS others,
				   sum(p.evidence_count) OVER s AS evidence_count, max(p.newest_evidence) OVER s AS newest_evidence,
				   count(*) FILTER (WHERE p.status = 'ok') OVER s AS ok,
				   count(*) FILTER (WHERE p.status = 'alarm') OVER s AS alarm,
				   count(*) FILTER (WHERE p.status = 'unknown') OVER s AS unknown,
				   count(*) FILTER (WHERE p.status = 'error') OVER s AS error,
				   count(*) FILTER (WHERE p.status = 'waived') OVER s AS waived,
				   count(*) FILTER (WHERE p.status = 'skip') OVER s AS skip,
				   row_number() OVER (s ORDER BY maestro.control_rank(p.status), p.component, p.control) AS place
			  FROM maestro.posture_row p
			 WHERE p.part = 'item'
			WINDOW s AS (PARTITION BY p.system_id, p.subject)) r
	  JOIN maestro.checklist_item i ON i.item = r.subject
	 WHERE r.place = 1
	 ORDER BY r.system, r.position;
COMMENT ON VIEW maestro.checklist_compliance IS 'the 20 checklist items for each system: an item is the worst of its controls over all active components, in the order alarm, error, unknown, waived, ok, skip';
COMMENT ON COLUMN maestro.checklist_compliance.reason IS 'why, by the first of the worst components; see component_control for each of them';
COMMENT ON COLUMN maestro.checklist_compliance.ok IS 'how many answers are ok; a control of the system or the log has one, others one a component';

CREATE VIEW maestro.checklist_summary WITH (security_barrier = true) AS
	SELECT c.system, c.ok, c.alarm, c.unknown, c.error, c.waived, c.skip,
		   maestro.score(c.ok, c.alarm, c.items - c.skip) AS score,
		   round((c.ok + c.alarm)::numeric / nullif(c.items - c.skip, 0), 3) AS coverage, c.attested
	  FROM (SELECT i.system, count(*) AS items,
				   count(*) FILTER (WHERE i.status = 'ok') AS ok,
				   count(*) FILTER (WHERE i.status = 'alarm') AS alarm,
				   count(*) FILTER (WHERE i.status = 'unknown') AS unknown,
				   count(*) FILTER (WHERE i.status = 'error') AS error,
				   count(*) FILTER (WHERE i.status = 'waived') AS waived,
				   count(*) FILTER (WHERE i.status = 'skip') AS skip,
				   count(*) FILTER (WHERE i.status = 'ok' AND i.basis = 'attested') AS attested
			  FROM maestro.checklist_compliance i
			 GROUP BY i.system) c
	 ORDER BY c.system;
COMMENT ON VIEW maestro.checklist_summary IS 'how many of the 20 checklist items are ok, and so on, for each system';
COMMENT ON COLUMN maestro.checklist_summary.score IS 'ok / (all but skip); NULL when nothing was evaluated';
COMMENT ON COLUMN maestro.checklist_summary.coverage IS '(ok + alarm) / (all but skip)';
COMMENT ON COLUMN maestro.checklist_summary.attested IS 'how many of the ok rest on attestation alone';

-- Figures of each layer, and with layer NULL of the checklist, in one evaluation
-- of the controls.
CREATE VIEW maestro.posture_figure WITH (security_barrier = true) AS
WITH counted AS MATERIALIZED (
	SELECT p.part, p.system_id, p.system, p.layer, p.subject, p.component_id, p.control, p.about, p.status,
		   p.basis, p.newest_evidence, coalesce(p.state, 'active') = 'active' AS active
	  FROM maestro.posture_row p),
answer AS (
	-- One answer counts once a layer, whatever threats and components it serves;
	-- of the checklist the items count.
	SELECT DISTINCT system_id, layer, control AS subject, about, status, basis
	  FROM counted WHERE part = 'threat' AND control IS NOT NULL AND active
	UNION ALL
	SELECT i.system_id, NULL, i.subject, NULL,
		   (array_agg(i.status ORDER BY maestro.control_rank(i.status)))[1],
		   (array_agg(i.basis ORDER BY maestro.control_rank(i.status), i.basis))[1]
	  FROM counted i WHERE i.part = 'item' GROUP BY i.system_id, i.subject),
threat AS (
	SELECT a.system_id, a.layer, a.subject, t.severity, array_position(enum_range(NULL::maestro.severity), t.severity) AS rank,
		   CASE WHEN bool_or(a.status = 'alarm') THEN 'open'::maestro.threat_status
				WHEN bool_and(a.status = 'skip') THEN 'not_applicable'
				WHEN bool_and(a.status IN ('ok', 'skip')) THEN 'mitigated'
				WHEN bool_or(a.status = 'ok') THEN 'partial'
				ELSE 'unknown' END AS status,
		   count(*) FILTER (WHERE a.status = 'ok')::numeric / nullif(count(*) FILTER (WHERE a.status <> 'skip'), 0) AS share
	  FROM (-- a layer whose components are all inactive says nothing
			SELECT DISTINCT system_id, layer, subject, control, about, CASE WHEN active THEN status END AS status
			  FROM counted WHERE part = 'threat') a
	  JOIN maestro.threat t ON t.threat = a.subject
	 GROUP BY a.system_id, a.layer, a.subject, t.severity)
	SELECT c.system_id, c.system, c.layer, c.components, c.newest_evidence,
		   coalesce(a.ok, 0) AS ok, coalesce(a.alarm, 0) AS alarm, coalesce(a.unknown, 0) AS unknown,
		   coalesce(a.error, 0) AS error, coalesce(a.waived, 0) AS waived, coalesce(a.skip, 0) AS skip,
		   coalesce(a.attested, 0) AS attested,
		   coalesce(t.open, 0) AS threats_open, coalesce(t.partial, 0) AS threats_partial,
		   coalesce(t.mitigated, 0) AS threats_mitigated, coalesce(t.unknown, 0) AS threats_unknown,
		   coalesce(t.not_applicable, 0) AS threats_not_applicable, t.worst_open, t.residual
	  FROM (SELECT system_id, system, layer, count(DISTINCT component_id) FILTER (WHERE active) AS components,
				   max(newest_evidence) FILTER (WHERE active) AS newest_evidence
			  FROM counted GROUP BY system_id, system, layer) c
	  LEFT JOIN (SELECT system_id, layer,
						count(*) FILTER (WHERE status = 'ok') AS ok, count(*) FILTER (WHERE status = 'alarm') AS alarm,
						count(*) FILTER (WHERE status = 'unknown') AS unknown, count(*) FILTER (WHERE status = 'error') AS error,
						count(*) FILTER (WHERE status = 'waived') AS waived, count(*) FILTER (WHERE status = 'skip') AS skip,
						count(*) FILTER (WHERE status = 'ok' AND basis = 'attested') AS attested
				   FROM answer GROUP BY system_id, layer) a
		ON coalesce(a.system_id, 0) = coalesce(c.system_id, 0) AND coalesce(a.layer::integer, 0) = coalesce(c.layer::integer, 0)
	  LEFT JOIN (SELECT system_id, layer,
						count(*) FILTER (WHERE status = 'open') AS open, count(*) FILTER (WHERE status = 'partial') AS partial,
						count(*) FILTER (WHERE status = 'mitigated') AS mitigated, count(*) FILTER (WHERE status = 'unknown') AS unknown,
						count(*) FILTER (WHERE status = 'not_applicable') AS not_applicable,
						max(severity) FILTER (WHERE status = 'open') AS worst_open,
						sum(CASE WHEN status = 'not_applicable' THEN 0 ELSE rank * greatest(1 - coalesce(share, 0), 0.1) END) AS residual
				   FROM threat GROUP BY system_id, layer) t
		ON coalesce(t.system_id, 0) = coalesce(c.system_id, 0) AND t.layer = c.layer;
COMMENT ON VIEW maestro.posture_figure IS 'figures of each layer of each system, and with layer NULL of its checklist; active components alone';

CREATE VIEW maestro.layer_posture WITH (security_barrier = true) AS
	SELECT f.system, f.layer, f.components,
		   f.threats_open, f.threats_partial, f.threats_mitigated, f.threats_unknown, f.threats_not_applicable,
		   f.worst_open, round(f.residual, 2) AS residual,
		   f.ok, f.alarm, f.unknown, f.error, f.waived, f.skip,
		   maestro.score(f.ok, f.alarm, f.ok + f.alarm + f.unknown + f.error + f.waived) AS score,
		   round((f.ok + f.alarm)::numeric / nullif(f.ok + f.alarm + f.unknown + f.error + f.waived, 0), 3) AS coverage
	  FROM maestro.posture_figure f
	 WHERE f.layer IS NOT NULL
	 ORDER BY f.system, f.layer;
COMMENT ON VIEW maestro.layer_posture IS 'how each layer of each system stands: its three threats, and the answers of the controls behind them, each counted once';
COMMENT ON COLUMN maestro.layer_posture.worst_open IS 'highest severity of an open threat';
COMMENT ON COLUMN maestro.layer_posture.residual IS 'sum over its threats, see threat_matrix';
COMMENT ON COLUMN maestro.layer_posture.score IS 'ok / (all but skip); NULL when nothing was evaluated';

CREATE VIEW maestro.system_posture WITH (security_barrier = true) AS
	SELECT f.system, coalesce(n.active, 0) AS components, coalesce(n.suspended, 0) AS suspended, coalesce(n.retired, 0) AS retired,
		   f.threats_open, f.threats_partial, f.threats_mitigated, f.threats_unknown, f.threats_not_applicable,
		   f.worst_open, round(f.residual, 2) AS residual,
		   i.ok, i.alarm, i.unknown, i.error, i.waived, i.skip,
		   maestro.score(i.ok, i.alarm, i.counted) AS score,
		   round((i.ok + i.alarm)::numeric / nullif(i.counted, 0), 3) AS coverage, i.attested, f.newest_evidence
	  FROM (SELECT system_id, system,
				   sum(threats_open)::bigint AS threats_open, sum(threats_partial)::bigint AS threats_partial,
				   sum(threats_mitigated)::bigint AS threats_mitigated, sum(threats_unknown)::bigint AS threats_unknown,
				   sum(threats_not_applicable)::bigint AS threats_not_applicable,
				   max(worst_open) AS worst_open, sum(residual) AS residual, max(newest_evidence) AS newest_evidence,
				   array_agg(ARRAY[ok, alarm, unknown, error, waived, skip, attested]) FILTER (WHERE layer IS NULL) AS items
			  FROM maestro.posture_figure GROUP BY system_id, system) f
	 CROSS JOIN LATERAL (
		SELECT items[1][1] AS ok, items[1][2] AS alarm, items[1][3] AS unknown, items[1][4] AS error,
			   items[1][5] AS waived, items[1][6] AS skip, items[1][7] AS attested,
			   items[1][1] + items[1][2] + items[1][3] + items[1][4] + items[1][5] AS counted) i
	  LEFT JOIN (SELECT c.system_id, count(*) FILTER (WHERE c.state = 'active') AS active,
						count(*) FILTER (WHERE c.state = 'suspended') AS suspended,
						count(*) FILTER (WHERE c.state = 'retired') AS retired
				   FROM maestro.component c GROUP BY c.system_id) n ON n.system_id = f.system_id
	 ORDER BY f.system;
COMMENT ON VIEW maestro.system_posture IS 'how each system stands: its 21 threats by status, its 20 checklist items by status with score and coverage';
COMMENT ON COLUMN maestro.system_posture.components IS 'active ones; suspended and retired ones leave scores';
COMMENT ON COLUMN maestro.system_posture.residual IS 'sum over the 21 threats, see threat_matrix';
COMMENT ON COLUMN maestro.system_posture.ok IS 'checklist items, as in checklist_summary';
COMMENT ON COLUMN maestro.system_posture.score IS 'ok / (all but skip); NULL when nothing was evaluated';
