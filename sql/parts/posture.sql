--
-- Posture: threat matrix and checklist, read off the controls' answers.
--
-- The sets come from the library (posture_view.c): each call reads what is declared
-- and observed (posture_input.sql), decides every control and folds the answers
-- into cells and items.  They hold what the caller may read and nothing else, so
-- PUBLIC may execute them; views call them as whoever selects.
--
CREATE FUNCTION maestro.control_rank(status maestro.control_status) RETURNS integer
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	BEGIN ATOMIC
		SELECT array_position('{alarm,error,unknown,waived,ok,skip}'::maestro.control_status[], status);
	END;
COMMENT ON FUNCTION maestro.control_rank(maestro.control_status) IS
	'1 for the worst status to 6 for the best: alarm, error, unknown, waived, ok, skip';

CREATE FUNCTION maestro.control_answers() RETURNS TABLE (system_id integer, component_id integer, control text,
		status maestro.control_status, computed_status maestro.control_status, reason text, basis maestro.evidence_basis,
		evidence_count bigint, newest_evidence timestamptz, dependency text, remedy text, unblocks integer, weight float8)
	LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 5000 COST 100000
	SET search_path = pg_catalog, pg_temp SET jit = off AS 'MODULE_PATHNAME', 'maestro_control_answers';
COMMENT ON FUNCTION maestro.control_answers() IS
	'the answer of each control for each component, and with component_id NULL for each system, of those that the caller may read of. remedy is a template for maestro.remedy(); unblocks: cells of the threat matrix of active components that the answer keeps from being mitigated; weight: how much residual risk its being ok would take away there';

CREATE FUNCTION maestro.posture_steps() RETURNS TABLE (system_id integer, component_id integer, control text, layer integer,
		status maestro.control_status, reason text, dependency text, remedy text, unblocks integer, weight float8)
	LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1000 COST 100000
	SET search_path = pg_catalog, pg_temp SET jit = off AS 'MODULE_PATHNAME', 'maestro_posture_steps';
COMMENT ON FUNCTION maestro.posture_steps() IS
	'the answers of control_answers() that are not ok and can be helped, and with control NULL each layer of a system that has no component; unblocks and weight as there';

CREATE FUNCTION maestro.threat_cells() RETURNS TABLE (system_id integer, component_id integer, threat text,
		status maestro.threat_status, reason text, residual float8, basis maestro.evidence_basis, evidence_count bigint,
		newest_evidence timestamptz, remedy text, remedy_component_id integer, dependency text)
	LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1000 COST 100000
	SET search_path = pg_catalog, pg_temp SET jit = off AS 'MODULE_PATHNAME', 'maestro_threat_cells';
COMMENT ON FUNCTION maestro.threat_cells() IS
	'the computed status of each threat for each component of its layer, and with component_id NULL for layers without one: an alarm makes it open, ok everywhere mitigated, ok somewhere partial. remedy is a template for maestro.remedy(), about remedy_component_id and dependency';

CREATE FUNCTION maestro.checklist_items() RETURNS TABLE (system_id integer, item text, status maestro.control_status,
		computed_status maestro.control_status, reason text, basis maestro.evidence_basis, evidence_count bigint,
		newest_evidence timestamptz, remedy text, remedy_component_id integer, dependency text,
		ok bigint, alarm bigint, unknown bigint, error bigint, waived bigint, skip bigint)
	LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 200 COST 100000
	SET search_path = pg_catalog, pg_temp SET jit = off AS 'MODULE_PATHNAME', 'maestro_checklist_items';
COMMENT ON FUNCTION maestro.checklist_items() IS
	'the 20 items for each system: the worst answer over its active components; computed_status leaves waivers aside; then how many answers are ok and so on';

CREATE FUNCTION maestro.posture_figures() RETURNS TABLE (system_id integer, layer integer, components bigint,
		newest_evidence timestamptz, ok bigint, alarm bigint, unknown bigint, error bigint, waived bigint, skip bigint,
		attested bigint, threats_open bigint, threats_partial bigint, threats_mitigated bigint, threats_unknown bigint,
		threats_not_applicable bigint, worst_open integer, residual float8)
	LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 80 COST 100000
	SET search_path = pg_catalog, pg_temp SET jit = off AS 'MODULE_PATHNAME', 'maestro_posture_figures';
COMMENT ON FUNCTION maestro.posture_figures() IS
	'figures of each layer of each system, and with layer NULL of its checklist, over active components; worst_open is the severity''s rank';

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
	SELECT s.name AS system, c.name AS component, a.control, coalesce(k.title, u.title) AS title, a.status, a.reason, a.basis,
		   a.evidence_count, a.newest_evidence,
		   maestro.remedy(a.remedy, s.name, c.name, a.dependency) AS remedy,
		   coalesce(k.scope, u.scope) AS scope, c.state, a.computed_status, a.dependency, a.system_id, a.component_id
	  FROM maestro.control_answers() a
	  JOIN maestro.system s ON s.system_id = a.system_id
	  LEFT JOIN maestro.control k ON k.control = a.control
	  LEFT JOIN maestro.user_control u ON u.control = a.control
	  LEFT JOIN maestro.component c ON c.component_id = a.component_id;
COMMENT ON VIEW maestro.component_control IS 'the answer of each control for each component, and once a system (component NULL) for controls of the system and the log: status, why, on what evidence, what to do';
COMMENT ON COLUMN maestro.component_control.status IS 'computed_status, unless a waiver covers the checklist item';
COMMENT ON COLUMN maestro.component_control.reason IS 'a sentence with numbers and event ids, never with payload';
COMMENT ON COLUMN maestro.component_control.basis IS 'what an ok or alarm rests on';
COMMENT ON COLUMN maestro.component_control.evidence_count IS 'observations that counted';
COMMENT ON COLUMN maestro.component_control.newest_evidence IS 'time of the newest observation, whether it counted or not';
COMMENT ON COLUMN maestro.component_control.remedy IS 'the statement to run, or what to do; NULL when nothing is to be done';
COMMENT ON COLUMN maestro.component_control.state IS 'components that are not active are listed, but left out of scores';
COMMENT ON COLUMN maestro.component_control.dependency IS 'the dependency that the reason names first; NULL: about no single one';

-- A decision in force gives a cell its status; one that waits is shown.
CREATE VIEW maestro.threat_decision WITH (security_barrier = true) AS
	SELECT DISTINCT ON (d.component_id, d.subject) d.component_id, d.subject AS threat,
		   CASE WHEN d.state = 'in_force' THEN
			CASE d.decision WHEN 'accept' THEN 'accepted' WHEN 'transfer' THEN 'transferred' WHEN 'avoid' THEN 'avoided'
							ELSE 'false_positive' END::maestro.threat_status END AS status,
		   format(CASE WHEN d.state = 'in_force' THEN 'decision %1$s: %2$s, proposed by %3$s, approved by %4$s, until %5$s'
					   ELSE 'decision %1$s: %2$s, proposed by %3$s, waits for approval' END,
				  d.decision_id, d.decision, d.proposed_by, d.approved_by,
				  to_char(d.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')) AS words
	  FROM maestro.risk_decision_state d
	 WHERE d.state IN ('in_force', 'pending') AND d.decision <> 'waive'
	 ORDER BY d.component_id, d.subject, d.state, d.decision_id DESC;
COMMENT ON VIEW maestro.threat_decision IS 'the decision in force on a threat of a component, else the newest that waits for approval (status NULL)';

CREATE VIEW maestro.threat_matrix WITH (security_barrier = true) AS
	SELECT t.layer, coalesce(c.name, '(none registered)') AS component, t.name AS threat, t.severity, m.name AS mitigation,
		   coalesce(d.status, x.status) AS status,
		   coalesce(s.name, '(none registered)') AS system, x.status AS computed_status, x.reason, m.limits,
		   round(x.residual::numeric, 2) AS residual, x.basis,
		   maestro.remedy(x.remedy, coalesce(s.name, 'crew'), coalesce(r.name, c.name), x.dependency) AS remedy,
		   d.words AS decision, c.owner, x.evidence_count, x.newest_evidence, c.state
	  FROM maestro.threat_cells() x
	  JOIN maestro.threat t ON t.threat = x.threat
	  JOIN maestro.threat_mitigation y ON y.threat = t.threat AND y.source = 'specification'
	  JOIN maestro.mitigation m ON m.mitigation = y.mitigation
	  LEFT JOIN maestro.system s ON s.system_id = x.system_id
	  LEFT JOIN maestro.component c ON c.component_id = x.component_id
	  LEFT JOIN maestro.component r ON r.component_id = x.remedy_component_id
	  LEFT JOIN maestro.threat_decision d ON d.component_id = x.component_id AND d.threat = x.threat
	 ORDER BY 7, t.position, 2;
COMMENT ON VIEW maestro.threat_matrix IS 'which threats are open: each component has a row for each threat of its layers, and each system all 21';
COMMENT ON COLUMN maestro.threat_matrix.component IS '(none registered): the system has no component on this layer';
COMMENT ON COLUMN maestro.threat_matrix.status IS 'computed_status, unless a decision is in force';
COMMENT ON COLUMN maestro.threat_matrix.limits IS 'what the mitigation does not do';
COMMENT ON COLUMN maestro.threat_matrix.residual IS 'rank of the severity (1 to 4) times the share of controls that are not ok, at least a tenth of the rank; 0 when not applicable; decisions do not change it';
COMMENT ON COLUMN maestro.threat_matrix.basis IS 'the weakest of what its controls rest on';
COMMENT ON COLUMN maestro.threat_matrix.decision IS 'the decision in force, or the one that waits for approval';
COMMENT ON COLUMN maestro.threat_matrix.state IS 'components that are not active are listed, but left out of scores';

CREATE VIEW maestro.threat_matrix_template WITH (security_barrier = true) AS
	SELECT w.layer, w.component, coalesce(t.alias, t.name) AS threat, w.severity,
		   coalesce(m.short_name, m.name) AS mitigation, w.status
	  FROM maestro.threat_matrix w
	  JOIN maestro.threat t ON t.name = w.threat
	  JOIN (SELECT DISTINCT ON (threat) threat, mitigation FROM maestro.threat_mitigation
			 ORDER BY threat, source = 'template' DESC) x ON x.threat = t.threat
	  JOIN maestro.mitigation m ON m.mitigation = x.mitigation
	 ORDER BY w.system, t.position, w.component;
COMMENT ON VIEW maestro.threat_matrix_template IS 'the threat matrix in the six columns and the words of the specification''s template';

-- What one declaration would answer is one step, that of the most effective.
CREATE VIEW maestro.next_step WITH (security_barrier = true) AS
	SELECT s.name AS system, a.rank, coalesce(c.name, '(system)') AS component,
		   a.title || ': ' || a.reason AS action,
		   CASE WHEN r.statement LIKE 'SELECT %' THEN r.statement END AS statement,
		   a.unblocks, round(a.weight::numeric, 2) AS weight, CASE WHEN r.statement NOT LIKE 'SELECT %' THEN r.statement END AS advice,
		   a.status
	  FROM (SELECT o.*, row_number() OVER (PARTITION BY o.system_id
											ORDER BY o.weight DESC, o.unblocks DESC, maestro.control_rank(o.status), o.component_id, o.control, o.title) AS rank
			  FROM (SELECT b.system_id, b.component_id, b.control, b.status, b.reason, b.dependency, b.unblocks, b.weight,
						   coalesce(k.title, format('Layer %s', b.layer)) AS title, coalesce(b.remedy, l.remedy) AS remedy,
						   row_number() OVER (PARTITION BY b.system_id, b.component_id, b.layer, b.dependency, CASE WHEN b.remedy = k.to_declare THEN k.declares ELSE b.control END
											   ORDER BY b.weight DESC, b.control) AS place
					  FROM maestro.posture_steps() b
					  LEFT JOIN maestro.control k ON k.control = b.control
					  LEFT JOIN (SELECT n.layer::integer AS layer,
										format('Register what works there: maestro.register_component(%%3$L, name, kind), kind being %s.', string_agg(n.kind::text, ' or ' ORDER BY n.kind)) AS remedy
								   FROM maestro.kind_layer n GROUP BY n.layer) l ON l.layer = b.layer) o
			 WHERE o.place = 1) a
	  JOIN maestro.system s ON s.system_id = a.system_id
	  LEFT JOIN maestro.component c ON c.component_id = a.component_id
	 CROSS JOIN LATERAL (SELECT maestro.remedy(a.remedy, s.name, c.name, a.dependency) AS statement OFFSET 0) r
	 ORDER BY s.name, a.rank;
COMMENT ON VIEW maestro.next_step IS 'what to do next, the most effective first: answers that are not ok, and layers without component, by the residual risk that doing them takes away';
COMMENT ON COLUMN maestro.next_step.component IS '(system): about the system as a whole';
COMMENT ON COLUMN maestro.next_step.action IS 'the control, or the layer, and why it is not ok';
COMMENT ON COLUMN maestro.next_step.statement IS 'SQL to run as it stands; NULL: what is to be done is no statement, see advice';
COMMENT ON COLUMN maestro.next_step.unblocks IS 'rows of the threat matrix that it keeps from being mitigated';
COMMENT ON COLUMN maestro.next_step.weight IS 'how much residual risk is gone there once it is ok; see threat_matrix';
COMMENT ON COLUMN maestro.next_step.advice IS 'what to log, report or repair, in words';
