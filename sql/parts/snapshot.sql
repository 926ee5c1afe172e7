--
-- Snapshot: posture as it was, what changed since, and a gate for pipelines.
--
-- A snapshot is an event of kind registry whose body is the document below; it
-- is kept, and cannot be changed, like any other event.  Only maestro writes
-- that kind, so no log_event can pass for one.
--
--		{"format": 1,
--		 "taken_at": "2026-01-31T09:30:00.000000Z",
--		 "score": 0.450,
--		 "matrix": [[component_id, threat, status, computed_status, residual, evidence_count], ...],
--		 "checklist": [[item, status, ok, alarm, unknown, error, waived, skip], ...],
--		 "controls": "SHA-256 of the definitions that computed it",
--		 "cited": [ids of the events that its reasons name]}
--
-- It holds ids, slugs and numbers, never a name: the sanitizer finds nothing in
-- it to replace, and a component that is renamed stays the same one.
-- component_id is null where no component is registered on the threat's layer.
--
CREATE FUNCTION maestro.control_digest() RETURNS text
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp SET "IntervalStyle" = 'postgres' AS $$
	SELECT encode(sha256(convert_to(coalesce(string_agg(d.line, E'\n' ORDER BY d.line COLLATE "C"), ''), 'UTF8')), 'hex')
	  FROM (SELECT 'control ' || to_jsonb(x)::text FROM maestro.control AS x
			UNION ALL SELECT 'control_signal ' || to_jsonb(x)::text FROM maestro.control_signal AS x
			UNION ALL SELECT 'control_applicability ' || to_jsonb(x)::text FROM maestro.control_applicability AS x
			UNION ALL SELECT 'mitigation_control ' || to_jsonb(x)::text FROM maestro.mitigation_control AS x
			UNION ALL SELECT 'checklist_control ' || to_jsonb(x)::text FROM maestro.checklist_control AS x) AS d (line)
$$;
COMMENT ON FUNCTION maestro.control_digest() IS
	'SHA-256, as hexadecimal digits, of the rows of control, control_signal, control_applicability, mitigation_control and checklist_control, one JSON line a row, sorted by bytes: snapshots with the same digest were computed by the same definitions';

CREATE FUNCTION maestro.cited_event(system text, reasons text[]) RETURNS SETOF bigint
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	-- A component may be called "event 7": what is not an event of the system is not cited.
	SELECT e.event_id
	  FROM maestro.event AS e
	 WHERE e.event_id = ANY (ARRAY(SELECT DISTINCT (m.id)[1]::bigint
			FROM unnest(reasons) AS r (reason), regexp_matches(r.reason, '[[:<:]]event ([0-9]{1,18})[[:>:]]', 'g') AS m (id)))
	   AND e.system_id = (SELECT s.system_id FROM maestro.readable_system AS s WHERE s.name = cited_event.system)
$$;
COMMENT ON FUNCTION maestro.cited_event(text, text[]) IS
	'ids of the system''s events that reasons of posture name ("... last: event 8123"); those that the caller may read';

CREATE VIEW maestro.posture_snapshot WITH (security_barrier = true) AS
	SELECT s.name AS system, e.event_id AS snapshot, e.recorded_at AS taken_at, e.caller AS taken_by,
		   (e.body ->> 'score')::numeric AS score, e.message AS summary, e.body, e.system_id
	  FROM maestro.event e
	  JOIN maestro.readable_system s ON s.system_id = e.system_id
	 WHERE e.kind = 'registry' AND e.component_id IS NULL AND e.target_id IS NULL
	   AND jsonb_typeof(e.body -> 'matrix') = 'array' AND jsonb_typeof(e.body -> 'checklist') = 'array'
	   AND e.body -> 'format' = '1';
COMMENT ON VIEW maestro.posture_snapshot IS 'the snapshots of posture that snapshot_posture stored, and nothing that anybody logged';
COMMENT ON COLUMN maestro.posture_snapshot.snapshot IS 'id of the event, which posture_diff takes';
COMMENT ON COLUMN maestro.posture_snapshot.score IS 'of the checklist, see checklist_summary';
COMMENT ON COLUMN maestro.posture_snapshot.body IS 'the document: {"format": 1, "taken_at", "score", "matrix": [[component_id, threat, status, computed_status, residual, evidence_count]], "checklist": [[item, status, ok, alarm, unknown, error, waived, skip]], "controls": digest of the definitions, "cited": [event ids]}';

CREATE VIEW maestro.posture_snapshot_row WITH (security_barrier = true) AS
	SELECT r.system, r.snapshot, r.part, r.component_id,
		   CASE WHEN r.part = 'threat' THEN coalesce(c.name, r.component_id::text, '(none registered)') END AS component,
		   r.subject, r.status, r.computed_status,
		   -- How bad: only the order counts, and what is no worse than another has its number.
		   CASE WHEN r.status IN ('open', 'alarm') THEN 5 WHEN r.status = 'error' THEN 4 WHEN r.status = 'unknown' THEN 3
				WHEN r.status = 'partial' THEN 2 WHEN r.status IN ('accepted', 'transferred', 'waived') THEN 1 ELSE 0 END AS badness,
		   CASE r.computed_status WHEN 'open' THEN 5 WHEN 'unknown' THEN 3 WHEN 'partial' THEN 2 ELSE 0 END AS computed_badness,
		   r.residual, r.evidence_count
	  FROM (SELECT p.system, p.snapshot, 'threat' AS part, (x ->> 0)::integer AS component_id, x ->> 1 AS subject,
				   x ->> 2 AS status, x ->> 3 AS computed_status, (x ->> 4)::numeric AS residual, (x ->> 5)::bigint AS evidence_count
			  FROM maestro.posture_snapshot p CROSS JOIN LATERAL jsonb_array_elements(p.body -> 'matrix') AS x
			UNION ALL
			SELECT p.system, p.snapshot, 'item', NULL, x ->> 0, x ->> 1, NULL, NULL, NULL
			  FROM maestro.posture_snapshot p CROSS JOIN LATERAL jsonb_array_elements(p.body -> 'checklist') AS x) r
	  LEFT JOIN maestro.component c ON c.component_id = r.component_id;
COMMENT ON VIEW maestro.posture_snapshot_row IS 'each cell of the threat matrix (part threat) and each item of the checklist (part item) of each snapshot';
COMMENT ON COLUMN maestro.posture_snapshot_row.component IS 'as it is called today; NULL for items';
COMMENT ON COLUMN maestro.posture_snapshot_row.badness IS '0 good to 5 bad: open > unknown > partial > accepted, transferred > the rest; alarm > error > unknown > waived > ok, skip';
COMMENT ON COLUMN maestro.posture_snapshot_row.computed_badness IS 'likewise of computed_status';

-- A row a system, its document and its figures, in one evaluation of each view.
CREATE FUNCTION maestro.compose_snapshot(system text,
	OUT system_id integer, OUT name text, OUT body jsonb, OUT previous bigint,
	OUT threats bigint, OUT open bigint, OUT items bigint, OUT ok bigint)
	RETURNS SETOF record
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	WITH matrix AS MATERIALIZED (
		SELECT x.*, t.threat AS slug, t.position FROM maestro.threat_matrix AS x JOIN maestro.threat AS t ON t.name = x.threat),
	checklist AS MATERIALIZED (
		SELECT x.*, i.position FROM maestro.checklist_compliance AS x JOIN maestro.checklist_item AS i ON i.item = x.item),
	cell AS (
		SELECT s.system_id,
			   jsonb_agg(jsonb_build_array(c.component_id, m.slug, m.status, m.computed_status, m.residual, m.evidence_count)
					ORDER BY m.position, c.component_id) AS list,
			   count(DISTINCT m.slug) AS threats,
			   count(DISTINCT m.slug) FILTER (WHERE m.status = 'open' AND coalesce(m.state, 'active') = 'active') AS open
		  FROM matrix AS m
		  JOIN maestro.system AS s ON s.name = m.system
		  -- Without state it is no component, whatever one may be called.
		  LEFT JOIN maestro.component AS c ON c.system_id = s.system_id AND c.name = m.component AND m.state IS NOT NULL
		 GROUP BY s.system_id),
	item AS (
		SELECT k.system,
			   jsonb_agg(jsonb_build_array(k.item, k.status, k.ok, k.alarm, k.unknown, k.error, k.waived, k.skip)
					ORDER BY k.position) AS list,
			   count(*) AS items, count(*) FILTER (WHERE k.status = 'ok') AS ok,
			   maestro.score(count(*) FILTER (WHERE k.status = 'ok'), count(*) FILTER (WHERE k.status = 'alarm'),
					count(*) FILTER (WHERE k.status <> 'skip')) AS score
		  FROM checklist AS k
		 GROUP BY k.system),
	cited AS (
		SELECT r.system, (SELECT jsonb_agg(e.id ORDER BY e.id) FROM maestro.cited_event(r.system, array_agg(r.reason)) AS e (id)) AS list
		  FROM (SELECT m.system, m.reason FROM matrix AS m UNION SELECT k.system, k.reason FROM checklist AS k) AS r
		 GROUP BY r.system)
	SELECT s.system_id, s.name,
		   jsonb_build_object('format', 1,
				'taken_at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
				'score', i.score, 'matrix', c.list, 'checklist', i.list,
				'controls', maestro.control_digest(), 'cited', coalesce(e.list, '[]')),
		   (SELECT max(p.snapshot) FROM maestro.posture_snapshot AS p WHERE p.system_id = s.system_id),
		   c.threats, c.open, i.items, i.ok
	  FROM maestro.system AS s
	  JOIN cell AS c ON c.system_id = s.system_id
	  JOIN item AS i ON i.system = s.name
	  LEFT JOIN cited AS e ON e.system = s.name
	 WHERE compose_snapshot.system IS NULL OR s.name = compose_snapshot.system
	 ORDER BY s.system_id
$$;
COMMENT ON FUNCTION maestro.compose_snapshot(text) IS
	'what snapshot_posture stores of one system, or of each (NULL): id, name, document, the snapshot before it, and how many of how many threats are open and items ok';

CREATE FUNCTION maestro.posture_diff(a bigint, b bigint)
	RETURNS TABLE (system text, component text, subject text, from_status text, to_status text, change text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	systems text[] := (SELECT array_agg(p.system) FROM maestro.posture_snapshot AS p WHERE p.snapshot IN (a, b));
BEGIN
	IF a IS NULL OR b IS NULL THEN
		RAISE EXCEPTION 'a snapshot must not be null' USING ERRCODE = '22004';
	END IF;
	IF cardinality(systems) <> (CASE a WHEN b THEN 1 ELSE 2 END) IS NOT FALSE THEN
		RAISE EXCEPTION 'there is no such snapshot' USING ERRCODE = '42704',
			HINT = 'The view maestro.posture_snapshot lists those that you may read.';
	END IF;
	IF systems[1] <> systems[2] THEN
		RAISE EXCEPTION 'the snapshots are of two systems' USING ERRCODE = '22023',
			HINT = 'Compare snapshots of one system; the view maestro.posture_snapshot lists them.';
	END IF;
	RETURN QUERY
	SELECT systems[1], coalesce(n.component, o.component), coalesce(n.subject, o.subject),
		   CASE WHEN d.hidden THEN o.computed_status ELSE o.status END,
		   CASE WHEN d.hidden THEN n.computed_status ELSE n.status END, d.change
	  FROM (SELECT * FROM maestro.posture_snapshot_row AS r WHERE r.snapshot = a) AS o
	  FULL JOIN (SELECT * FROM maestro.posture_snapshot_row AS r WHERE r.snapshot = b) AS n
		ON n.part = o.part AND n.subject = o.subject AND coalesce(n.component_id, 0) = coalesce(o.component_id, 0)
	 CROSS JOIN LATERAL (
		SELECT n.badness <= o.badness AND n.computed_badness > o.computed_badness AS hidden,
			   CASE WHEN o.part IS NULL THEN 'new'
					WHEN n.part IS NULL THEN 'gone'
					WHEN n.badness > o.badness OR n.computed_badness > o.computed_badness THEN 'regressed'
					WHEN n.badness < o.badness AND n.badness <= 1 THEN 'resolved'
					WHEN n.status <> o.status OR n.computed_status <> o.computed_status THEN 'changed'
					ELSE 'unchanged' END AS change) AS d
	 ORDER BY array_position(ARRAY['regressed', 'resolved', 'changed', 'new', 'gone', 'unchanged'], d.change),
			  coalesce(n.part, o.part) DESC, coalesce(n.component, o.component) COLLATE "C",
			  coalesce(n.component_id, o.component_id), coalesce(n.subject, o.subject) COLLATE "C";
END
$$;
COMMENT ON FUNCTION maestro.posture_diff(bigint, bigint) IS
	'what changed from one snapshot of a system to another, by their event ids: each cell of the threat matrix (subject: the threat) and each item of the checklist (subject: the item, component NULL). change: regressed (worse, by the order of column badness of posture_snapshot_row; also when only the computed status fell behind a decision that covers it, and then the two are computed ones), resolved (better, and now mitigated or ok, not applicable, or decided about), changed (otherwise; an alarm that merely aged to unknown is not resolved), new and gone (in one of the two alone), unchanged. Errors: 42704 no such snapshot, or one that the caller may not read, or an event that is none; 22023 of two systems; 22004 NULL';

CREATE FUNCTION maestro.snapshot_posture_as(caller oid, system text) RETURNS SETOF bigint
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	s record;
	snapshot bigint;
	regressed bigint;
BEGIN
	IF system IS NOT NULL THEN
		PERFORM maestro.system_id(system);
	END IF;
	FOR s IN SELECT * FROM maestro.compose_snapshot(system) LOOP
		snapshot := maestro.record_registry(caller, s.system_id, NULL,
			format('posture of %s: %s of %s threats open, %s of %s items ok', s.name, s.open, s.threats, s.ok, s.items),
			jsonb_build_object('threats_open', s.open, 'items_ok', s.ok, 'score', s.body -> 'score', 'previous', s.previous), s.body);
		IF s.previous IS NOT NULL THEN
			SELECT count(*) INTO regressed FROM maestro.posture_diff(s.previous, snapshot) AS d WHERE d.change = 'regressed';
			IF regressed > 0 THEN
				PERFORM pg_notify('maestro_posture',
					json_build_object('system', s.name, 'snapshot', snapshot, 'regressed', regressed)::text);
			END IF;
		END IF;
		RETURN NEXT snapshot;
	END LOOP;
END
$$;
COMMENT ON FUNCTION maestro.snapshot_posture_as(oid, text) IS 'does snapshot_posture''s work, as the owner';
CREATE FUNCTION maestro.snapshot_posture(system text DEFAULT NULL) RETURNS SETOF bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.snapshot_posture(text) IS
	'stores the threat matrix and the checklist of a system, or of each (NULL), as an event of kind registry, and returns its id; see the view posture_snapshot for the document. Where something regressed since the snapshot before, it notifies the channel maestro_posture with {"system", "snapshot", "regressed": how many}, which every role of the database may listen to. Errors: 42704 no such system; 54000 larger than the setting maestro.trace_body_limit, as nothing is ever cut from a snapshot';

CREATE FUNCTION maestro.assert_posture(system text DEFAULT NULL, min_severity maestro.severity DEFAULT 'HIGH',
	strict boolean DEFAULT false) RETURNS bigint
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	systems bigint;
	examined bigint;
	found text[];
BEGIN
	IF min_severity IS NULL OR strict IS NULL THEN
		RAISE EXCEPTION 'min_severity and strict must not be null' USING ERRCODE = '22004';
	END IF;
	-- A check that sees nothing must not pass.
	SELECT count(*) INTO systems FROM maestro.readable_system AS s
	 WHERE assert_posture.system IS NULL OR s.name = assert_posture.system;
	IF systems = 0 THEN
		RAISE EXCEPTION 'system is not registered' USING ERRCODE = '42704',
			HINT = 'Call maestro.register_system first, or ask as a role that may read the system.';
	END IF;
	SELECT count(*), array_agg(CASE WHEN assert_posture.system IS NULL THEN m.system || '/' ELSE '' END
				|| m.component || ': ' || m.threat
			ORDER BY m.severity DESC, m.system COLLATE "C", m.component COLLATE "C", m.threat COLLATE "C")
			FILTER (WHERE 'open' IN (m.status, CASE WHEN strict THEN m.computed_status END))
	  INTO examined, found
	  FROM maestro.threat_matrix AS m
	 WHERE m.severity >= min_severity AND coalesce(m.state, 'active') = 'active'
	   AND (assert_posture.system IS NULL OR m.system = assert_posture.system);
	IF found IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'MA009',
			MESSAGE = format('%s of severity %s or above %s open in %s',
				CASE cardinality(found) WHEN 1 THEN '1 threat' ELSE cardinality(found) || ' threats' END, min_severity,
				CASE cardinality(found) WHEN 1 THEN 'is' ELSE 'are' END,
				CASE WHEN assert_posture.system IS NULL THEN format('%s system%s', systems, CASE WHEN systems > 1 THEN 's' ELSE '' END)
					ELSE assert_posture.system END),
			DETAIL = array_to_string(found[:20], E'\n')
				|| CASE WHEN cardinality(found) > 20 THEN format(E'\nand %s more', cardinality(found) - 20) ELSE '' END,
			HINT = 'See maestro.next_step for what to run first.';
	END IF;
	RETURN examined;
END
$$;
COMMENT ON FUNCTION maestro.assert_posture(text, maestro.severity, boolean) IS
	'for pipelines: the number of cells of the threat matrix examined, when no threat of this severity or above is open, of this system or of all that the caller may read (NULL), for components that are active; raises otherwise. What is unknown is not open; what a decision in force covers is open only if strict. Errors: MA009 threats are open, with the first 20 of them, worst first, as detail; 42704 no such system, none at all, or none that the caller may read; 22004 NULL';
REVOKE ALL ON FUNCTION maestro.control_digest(), maestro.cited_event(text, text[]), maestro.compose_snapshot(text),
	maestro.posture_diff(bigint, bigint), maestro.snapshot_posture_as(oid, text), maestro.snapshot_posture(text),
	maestro.assert_posture(text, maestro.severity, boolean) FROM PUBLIC;
