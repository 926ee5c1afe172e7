--
-- Control answer: each control decided for each thing in its scope.
--
-- One rule decides all of them, over three inputs: whether a control applies
-- (control_subject), what is declared (declared_*), and what was observed
-- (signal, report_signal).  The first that holds:
--
--	1	alarm	activity contradicts the reason for not applying
--	2	alarm	bad observations, even where the control does not apply
--	3	skip	it does not apply
--	4	alarm	something is declared, but not binding
--	5	unknown	the control is not computed yet
--	6	alarm	nothing is declared, but the component is active (else unknown)
--	7	unknown	fewer fresh good observations than needed
--	8	ok
--
CREATE FUNCTION maestro.control_rank(status maestro.control_status) RETURNS integer
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	BEGIN ATOMIC
		SELECT array_position('{alarm,error,unknown,waived,ok,skip}'::maestro.control_status[], status);
	END;
COMMENT ON FUNCTION maestro.control_rank(maestro.control_status) IS
	'1 for the worst status to 6 for the best: alarm, error, unknown, waived, ok, skip';

-- A contradiction is the signal that shows a reason for skipping to be untrue.
-- "event" makes the control apply; the others are alarms, or kind would be the
-- cheapest way out.
CREATE VIEW maestro.control_subject WITH (security_barrier = true) AS
	SELECT c.system_id, c.component_id, d.dependency_id, d.name AS dependency, k.control,
		   r.skipped,
		   CASE r.skipped
				WHEN 'kind' THEN CASE WHEN NOT l.calls_others AND g.control IS NOT NULL THEN 'acting' END
				WHEN 'process' THEN 'heartbeat'
				WHEN 'dependency' THEN 'undeclared_call'
				WHEN 'logging' THEN 'event' END AS contradiction
	  FROM maestro.component c
	  JOIN maestro.readable_system s ON s.system_id = c.system_id
	  JOIN maestro.kind_layer l ON l.kind = c.kind
	  JOIN maestro.control k ON k.scope IN ('component', 'dependency')
	  LEFT JOIN maestro.control_applicability a ON a.control = k.control AND a.kind = c.kind
	  LEFT JOIN maestro.control_applicability g ON g.control = k.control AND g.kind = 'agent'
	  LEFT JOIN maestro.dependency d ON d.component_id = c.component_id AND k.scope = 'dependency' AND a.kind IS NOT NULL
	  LEFT JOIN (SELECT DISTINCT component_id FROM maestro.dependency) o ON o.component_id = c.component_id
	  LEFT JOIN (SELECT DISTINCT component_id FROM maestro.environment_report) e ON e.component_id = c.component_id
	 CROSS JOIN LATERAL (
		SELECT CASE
				WHEN a.kind IS NULL THEN 'kind'
				WHEN k.condition = 'process' AND NOT c.own_process THEN 'process'
				WHEN k.condition = 'dependency' AND o.component_id IS NULL THEN 'dependency'
				WHEN k.condition = 'logging' AND NOT c.own_process AND c.db_role IS NULL
					 AND c.kind NOT IN ('agent', 'orchestrator') THEN 'logging'
				WHEN k.condition = 'hosting' AND NOT c.own_process AND c.kind <> 'infrastructure'
					 AND e.component_id IS NULL THEN 'process'
				END AS skipped) r
	UNION ALL
	SELECT s.system_id, NULL, NULL, NULL, k.control,
		   CASE WHEN k.control = 'handoff_contract' AND n.agents = 1 THEN 'single' END, NULL
	  FROM maestro.readable_system s
	  JOIN maestro.control k ON k.scope IN ('log', 'system')
	  LEFT JOIN (SELECT system_id, count(*) AS agents FROM maestro.component
				  WHERE kind IN ('agent', 'orchestrator') AND state = 'active' GROUP BY system_id) n
		ON n.system_id = s.system_id;
COMMENT ON VIEW maestro.control_subject IS 'what each control is to be answered for, why it does not apply there (skipped), and which signal would show that untrue (contradiction)';

-- Counts of all versions and of the running one.
CREATE VIEW maestro.observation WITH (security_barrier = true) AS
WITH observed AS MATERIALIZED (
	SELECT s.system_id, s.component_id, s.dependency_id, s.signal,
		   sum(s.ok)::bigint AS ok, greatest(sum(s.bad), 0)::bigint AS bad,
		   max(s.newest_ok) AS newest_ok, max(s.newest_bad) AS newest_bad, max(s.last_bad_event) AS last_bad_event,
		   coalesce(sum(s.ok) FILTER (WHERE s.component_version = c.version), 0)::bigint AS current_ok,
		   coalesce(sum(s.bad) FILTER (WHERE s.component_version = c.version), 0)::bigint AS current_bad,
		   max(s.newest_ok) FILTER (WHERE s.component_version = c.version) AS current_newest_ok,
		   max(s.newest_bad) FILTER (WHERE s.component_version = c.version) AS current_newest_bad,
		   max(s.last_bad_event) FILTER (WHERE s.component_version = c.version) AS current_last_bad_event
	  FROM maestro.signal s
	  LEFT JOIN maestro.component c ON c.component_id = s.component_id
	 GROUP BY s.system_id, s.component_id, s.dependency_id, s.signal)
	SELECT o.*, NULL::text AS detail FROM observed o
	UNION ALL
	SELECT system_id, component_id, NULL, signal, ok, bad, reported_at, reported_at, NULL,
		   ok, bad, reported_at, reported_at, NULL, detail
	  FROM maestro.report_signal
	UNION ALL
	-- It was called, and logged nothing within a day of that.
	SELECT o.system_id, o.component_id, NULL, 'called_silent', 0, o.n, NULL, o.newest, NULL, 0, o.n, NULL, o.newest, NULL, NULL
	  FROM (SELECT system_id, component_id, max(newest_ok) FILTER (WHERE signal = 'event') AS logged,
				   max(newest_ok) FILTER (WHERE signal = 'called') AS newest, sum(ok) FILTER (WHERE signal = 'called')::bigint AS n
			  FROM observed
			 WHERE signal IN ('event', 'called') AND component_id IS NOT NULL
			 GROUP BY system_id, component_id) o
	 WHERE o.newest IS NOT NULL AND (o.logged >= o.newest - interval '1 day') IS NOT TRUE;
COMMENT ON VIEW maestro.observation IS 'what was observed of each component, dependency and system, by signal, whatever the source';

-- What controls make of it: old observations do not count, and what an earlier
-- version did counts as bad until the running one has shown enough good.
CREATE VIEW maestro.control_measure WITH (security_barrier = true) AS
WITH observed AS MATERIALIZED (SELECT * FROM maestro.observation),
counted AS MATERIALIZED (
	SELECT o.system_id, o.component_id, o.dependency_id, k.control, t.needed, t.anywhere, g.ok, b.bad,
		   greatest(o.newest_ok, o.newest_bad) AS newest,
		   CASE WHEN o.ok + o.bad = 0 THEN o.detail END AS lacking,
		   CASE WHEN g.ok > 0 THEN format(t.good, g.ok, b.bad, g.ok + b.bad, b.last_event, o.detail) END AS good,
		   CASE WHEN b.bad > 0 AND b.bad > (g.ok + b.bad) * (1 - coalesce(t.min_share, 1))
				THEN format(t.bad, g.ok, b.bad, g.ok + b.bad, b.last_event, o.detail) END AS wrong
	  FROM observed o
	  JOIN maestro.control_signal t ON t.signal = o.signal
	  JOIN maestro.control k ON k.control = t.control
	 CROSS JOIN LATERAL (
		SELECT CASE WHEN k.per_version
					THEN CASE WHEN o.current_newest_ok > now() - k.max_age THEN o.current_ok ELSE 0 END
					ELSE CASE WHEN o.newest_ok > now() - k.max_age THEN o.ok ELSE 0 END END AS ok) g
	 CROSS JOIN LATERAL (
		SELECT CASE WHEN k.per_version AND g.ok >= k.min_evidence
					THEN CASE WHEN o.current_newest_bad > now() - k.max_age THEN o.current_bad ELSE 0 END
					ELSE CASE WHEN o.newest_bad > now() - k.max_age THEN o.bad ELSE 0 END END AS bad,
			   CASE WHEN k.per_version AND g.ok >= k.min_evidence
					THEN o.current_last_bad_event ELSE o.last_bad_event END AS last_event) b),
declared AS MATERIALIZED (
	SELECT * FROM maestro.declared_resource UNION ALL SELECT * FROM maestro.declared_dependency)
	SELECT x.system_id, x.component_id, x.dependency_id, x.dependency, x.control, x.skipped, x.contradiction,
		   CASE WHEN o.newest_ok > now() - k.max_age THEN o.ok ELSE 0 END AS contradicted,
		   d.what, d.declared, d.fault, d.dependency AS lacking_dependency,
		   coalesce(e.newest_ok > now() - k.max_age, false) OR coalesce(c.newest_ok > now() - k.max_age, false) AS active,
		   coalesce(n.ok, 0) AS ok, coalesce(n.bad, 0) AS bad, n.newest, n.lacking, n.good,
		   coalesce(n.wrong, CASE WHEN x.skipped IS NULL OR f.anywhere THEN f.wrong END) AS wrong
	  FROM maestro.control_subject x
	  JOIN maestro.control k ON k.control = x.control
	  LEFT JOIN declared d
		ON d.component_id = x.component_id AND d.control = x.control
	   AND coalesce(d.dependency_id, 0) = coalesce(x.dependency_id, 0)
	  LEFT JOIN counted n
		ON n.needed AND n.control = x.control AND n.system_id = x.system_id
	   AND coalesce(n.component_id, 0) = coalesce(x.component_id, 0)
	   AND coalesce(n.dependency_id, x.dependency_id, 0) = coalesce(x.dependency_id, 0)
	  LEFT JOIN counted f
		ON NOT f.needed AND f.control = x.control AND f.system_id = x.system_id
	   AND coalesce(f.component_id, 0) = coalesce(x.component_id, 0)
	   AND coalesce(f.dependency_id, x.dependency_id, 0) = coalesce(x.dependency_id, 0)
	  LEFT JOIN observed o ON o.component_id = x.component_id AND o.signal = x.contradiction
	  LEFT JOIN observed e
		ON e.component_id = x.component_id AND e.signal = CASE WHEN x.dependency_id IS NULL THEN 'event' ELSE 'call' END
	   AND coalesce(e.dependency_id, 0) = coalesce(x.dependency_id, 0)
	  LEFT JOIN observed c ON c.component_id = x.component_id AND c.signal = 'called' AND x.dependency_id IS NULL;
COMMENT ON VIEW maestro.control_measure IS 'what counts for each answer: declared or not, active or not, fresh good and bad observations and their words';

CREATE VIEW maestro.control_decision WITH (security_barrier = true) AS
	SELECT m.system_id, m.component_id, coalesce(m.dependency, m.lacking_dependency) AS dependency, m.control,
		   CASE WHEN r.rule IN ('contradicted', 'wrong', 'not binding', 'undeclared') THEN 'alarm'::maestro.control_status
				WHEN r.rule = 'skipped' THEN 'skip'
				WHEN r.rule = 'ok' THEN 'ok'
				ELSE 'unknown' END AS status,
		   CASE r.rule
				WHEN 'contradicted' THEN
					CASE m.contradiction
						WHEN 'acting' THEN format('its kind does not act, but it logged %s calls, handoffs, runs or answers', m.contradicted)
						WHEN 'heartbeat' THEN format('registered without a process of its own, but it sent %s heartbeats', m.contradicted)
						ELSE format('it declares no dependency, but made %s calls to some', m.contradicted) END
				WHEN 'wrong' THEN CASE WHEN NOT m.declared THEN format('no %s is declared; %s', m.what, m.wrong) ELSE m.wrong END
				WHEN 'skipped' THEN
					CASE m.skipped
						WHEN 'kind' THEN 'does not apply to its kind'
						WHEN 'process' THEN 'it has no process of its own'
						WHEN 'dependency' THEN 'it declares no dependency'
						WHEN 'logging' THEN 'it does not log for itself: measured at callers'
						ELSE 'one agent has nobody to hand off to' END
				WHEN 'not binding' THEN m.fault
				WHEN 'not computed' THEN k.missing
				WHEN 'undeclared' THEN format('active, but no %s is declared', m.what)
				WHEN 'nothing' THEN format('no %s is declared, and nothing was observed lately', m.what)
				WHEN 'ok' THEN m.good
				WHEN 'lacking' THEN m.lacking
				WHEN 'old' THEN format('last observed on %s, older than %s',
									   to_char(m.newest AT TIME ZONE 'UTC', 'YYYY-MM-DD'), maestro.plain_interval(k.max_age))
				ELSE format('%s%s of the %s needed observed', CASE WHEN m.declared THEN 'declared, ' END, m.ok, k.min_evidence)
				END AS reason,
		   CASE WHEN r.rule IN ('contradicted', 'wrong', 'not binding', 'undeclared', 'ok') THEN k.basis END AS basis,
		   CASE WHEN r.rule = 'skipped' THEN 0 ELSE m.ok + m.bad END AS evidence_count,
		   CASE WHEN r.rule <> 'skipped' THEN m.newest END AS newest_evidence,
		   CASE WHEN r.rule = 'contradicted' THEN
					CASE m.contradiction
						WHEN 'acting' THEN 'SELECT maestro.update_component(%1$L, kind => ''agent'');'
						WHEN 'heartbeat' THEN 'SELECT maestro.update_component(%1$L, own_process => true);'
						ELSE 'Declare what it calls: maestro.register_dependency(%1$L, ...).' END
				WHEN r.rule = 'wrong' THEN k.to_repair
				WHEN r.rule IN ('not binding', 'undeclared', 'nothing') THEN k.to_declare
				WHEN r.rule NOT IN ('skipped', 'ok') THEN k.to_observe
				END AS remedy
	  FROM maestro.control_measure m
	  JOIN maestro.control k ON k.control = m.control
	 CROSS JOIN LATERAL (
		SELECT CASE
				WHEN m.contradicted > 0 AND m.contradiction <> 'event' THEN 'contradicted'
				WHEN m.wrong IS NOT NULL THEN 'wrong'
				WHEN m.skipped IS NOT NULL AND (m.contradicted > 0) IS NOT TRUE THEN 'skipped'
				WHEN m.fault IS NOT NULL THEN 'not binding'
				WHEN NOT k.computed THEN 'not computed'
				WHEN NOT m.declared AND m.active THEN 'undeclared'
				WHEN NOT m.declared THEN 'nothing'
				WHEN m.ok >= k.min_evidence THEN 'ok'
				WHEN m.lacking IS NOT NULL THEN 'lacking'
				WHEN m.ok = 0 AND m.newest IS NOT NULL THEN 'old'
				ELSE 'few' END AS rule) r;
COMMENT ON VIEW maestro.control_decision IS 'the answer of each control for each system, component and dependency, by the first rule that holds';

-- A component has one answer a control: of several dependencies the worst.
CREATE VIEW maestro.control_answer WITH (security_barrier = true) AS
WITH decided AS MATERIALIZED (
	SELECT d.*, k.scope
	  FROM maestro.control_decision d
	  JOIN maestro.control k ON k.control = d.control),
ranked AS (
	SELECT d.*, count(*) OVER w AS dependencies,
		   row_number() OVER (w ORDER BY maestro.control_rank(d.status), d.dependency) AS place,
		   count(*) OVER (PARTITION BY d.component_id, d.control, d.status) AS alike,
		   sum(d.evidence_count) OVER w AS all_evidence, max(d.newest_evidence) OVER w AS newest
	  FROM decided d
	 WHERE d.scope = 'dependency'
	WINDOW w AS (PARTITION BY d.component_id, d.control))
	SELECT d.system_id, d.component_id, d.control, d.status, d.reason, d.basis,
		   d.evidence_count, d.newest_evidence, d.dependency, d.remedy
	  FROM decided d
	 WHERE d.scope <> 'dependency'
	UNION ALL
	SELECT r.system_id, r.component_id, r.control, r.status,
		   CASE WHEN r.dependency IS NULL THEN r.reason
				WHEN r.dependencies = 1 THEN format('%s: %s', r.dependency, r.reason)
				ELSE format('%s of %s dependencies, first %s: %s', r.alike, r.dependencies, r.dependency, r.reason) END,
		   r.basis, r.all_evidence::bigint, r.newest, r.dependency, r.remedy
	  FROM ranked r
	 WHERE r.place = 1;
COMMENT ON VIEW maestro.control_answer IS 'the answer of each control for each system and component; of several dependencies the worst';
