--
-- Evidence: what an answer was counted from, event by event.
--
CREATE FUNCTION maestro.controls_behind(subject text) RETURNS SETOF text
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	named text := lower(btrim(translate(subject, '’', '''')));
BEGIN
	RETURN QUERY
		SELECT k.control FROM maestro.control AS k WHERE named IN (k.control, lower(k.title))
		UNION
		SELECT u.control FROM maestro.user_control AS u WHERE named = u.control
		UNION
		SELECT x.control FROM maestro.checklist_item AS i JOIN maestro.checklist_control AS x ON x.item = i.item
		 WHERE named IN (i.item, lower(translate(i.wording, '’', '''')))
		UNION
		SELECT m.control FROM maestro.threat AS t JOIN maestro.threat_mitigation AS x ON x.threat = t.threat
		  JOIN maestro.mitigation_control AS m ON m.mitigation = x.mitigation
		 WHERE named IN (t.threat, lower(t.name), lower(t.alias));
	IF NOT FOUND THEN
		RAISE EXCEPTION 'no control, checklist item or threat has this name' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'SELECT control FROM maestro.control, SELECT item FROM maestro.checklist_item and SELECT threat FROM maestro.threat list them.';
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.controls_behind(text) IS
	'the controls behind a control, checklist item or threat, given by slug or name; error 22023 when there is none such';

CREATE FUNCTION maestro.evidence(component maestro.regcomponent, subject text)
	RETURNS TABLE (event_id bigint, at timestamptz, basis maestro.evidence_basis, good boolean, why text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
	WITH asked AS (
		SELECT c.component_id, c.system_id, c.version, c.name FROM maestro.component AS c
		 WHERE c.component_id = evidence.component::integer),
	rule AS (
		SELECT k.control, k.title, k.scope IN ('system', 'log') AS of_system, k.max_age, k.per_version, t.signal, coalesce(t.basis, k.basis) AS basis, w.yes, w.no
		  FROM maestro.controls_behind(evidence.subject) AS b (control)
		  JOIN maestro.control AS k ON k.control = b.control
		  JOIN maestro.control_signal AS t ON t.control = k.control
		  LEFT JOIN maestro.signal_word AS w ON w.signal = t.signal)
	SELECT e.event_id, CASE WHEN e.bad > 0 OR e.excused THEN e.recorded_at ELSE e.at END,
		   CASE WHEN e.drill THEN 'drill' ELSE r.basis END,
		   CASE WHEN NOT e.excused AND e.signal <> 'retry_waited' THEN e.bad = 0 END,
		   format('%s: %s%s%s', r.title, CASE WHEN e.signal = 'retry_waited' THEN format('waited %s ms where the schedule without jitter says %s', e.ok, e.bad)
				WHEN e.bad > 0 OR e.excused THEN r.no ELSE r.yes END,
				CASE WHEN e.excused THEN '; a review says that it is none, or resolved' ELSE '' END,
				CASE WHEN r.per_version AND e.component_version IS DISTINCT FROM a.version
					 THEN '; of an earlier version' ELSE '' END)
	  FROM asked AS a
	  JOIN maestro.event_signal AS e ON e.system_id = a.system_id
	  JOIN rule AS r ON r.signal = e.signal AND (e.component_id = a.component_id OR r.of_system AND e.component_id IS NULL)
	 WHERE CASE WHEN e.bad > 0 OR e.excused THEN e.recorded_at ELSE e.at END > now() - CASE WHEN e.drill THEN interval '90 days' ELSE r.max_age END
	UNION ALL
	SELECT NULL, s.reported_at, 'reported', s.bad = 0 AND s.ok > 0, format('%s: %s', r.title, coalesce(s.detail, r.yes))
	  FROM asked AS a
	  JOIN maestro.report_signal AS s ON s.component_id = a.component_id
	  JOIN rule AS r ON r.signal = s.signal
	UNION ALL
	SELECT u.event_id, u.begun_at, r.basis, false, format('%s: %s', r.title, r.no)
	  FROM asked AS a
	  JOIN maestro.overdue_action AS u ON u.component_id = a.component_id
	  JOIN rule AS r ON r.signal = 'action_unresolved' AND u.begun_at > now() - r.max_age
	UNION ALL
	SELECT NULL, v.seen_at, 'enforced', v.fault IS NULL, format('%s: %s', r.title, coalesce(v.fault, format('session %s came locally, or by TLS from an allowed network', v.session_id)))
	  FROM asked AS a
	  JOIN maestro.session_verdict AS v ON v.component_id = a.component_id
	  JOIN rule AS r ON r.signal = 'session_secure'
	UNION ALL
	SELECT NULL, t.attested_at, 'attested', true, format('%s: attestation %s of %s, until %s', k.title, t.attestation_id, t.attested_by, to_char(t.valid_until, 'YYYY-MM-DD'))
	  FROM asked AS a
	  JOIN maestro.component AS c ON c.system_id = a.system_id
	  JOIN maestro.attestation AS t ON t.component_id = c.component_id AND t.valid_until >= (now() AT TIME ZONE 'UTC')::date
	  JOIN maestro.control AS k ON k.control = t.control AND k.attestable
	   AND (c.component_id = a.component_id OR k.scope IN ('system', 'log'))
	 WHERE k.control IN (SELECT maestro.controls_behind(evidence.subject))
	UNION ALL
	SELECT NULL, o.evaluated_at, o.basis::maestro.evidence_basis, CASE o.status WHEN 'ok' THEN true WHEN 'alarm' THEN false END, format('%s: %s', o.control, o.reason)
	  FROM asked AS a
	  JOIN maestro.posture_outcome AS o
		ON coalesce(o.system_id, a.system_id) = a.system_id AND coalesce(o.component_id, a.component_id) = a.component_id
	 WHERE o.control IN (SELECT maestro.controls_behind(evidence.subject))
	 ORDER BY 2 DESC, 1 DESC
$$;
COMMENT ON FUNCTION maestro.evidence(maestro.regcomponent, text) IS
	'what was counted for a control, checklist item or threat (slug or name) of a component and its system, newest first: the event (NULL where it is none), when it counts as having happened, what it rests on, whether it is good (NULL: reviewed, or neither) and why. Errors: 42704 no such component; 22023 no such subject';

-- What was an alarm and is none any more stays on the list.
CREATE VIEW maestro.past_alarm WITH (security_barrier = true) AS
	SELECT s.name AS system, c.name AS component, k.control, k.title, e.event_id, e.recorded_at AS at,
		   CASE WHEN e.excused THEN format('review %s: %s', r.review_id, r.conclusion)
				WHEN e.recorded_at <= now() - k.max_age THEN 'age'
				ELSE 'the running version has shown enough good' END AS ended_by
	  FROM maestro.event_signal e
	  JOIN maestro.control_signal t ON t.signal = e.signal AND t.role IN ('shows', 'against')
	  JOIN maestro.control k ON k.control = t.control
	  JOIN maestro.system s ON s.system_id = e.system_id
	  LEFT JOIN maestro.component c ON c.component_id = e.component_id
	  LEFT JOIN maestro.control_answers() a
		ON a.control = k.control AND a.system_id = e.system_id AND coalesce(a.component_id, 0) = coalesce(e.component_id, 0)
	  LEFT JOIN LATERAL (SELECT v.review_id, v.conclusion FROM maestro.event_review v
						  WHERE v.event_id = e.event_id ORDER BY v.review_id DESC LIMIT 1) r ON e.excused
	 WHERE (e.bad > 0 AND t.min_share IS NULL AND a.computed_status IS DISTINCT FROM 'alarm' OR e.excused) AND NOT e.drill;
COMMENT ON VIEW maestro.past_alarm IS 'bad events that are no alarm any more, and what ended it: a review, age, or a newer version that did better';

REVOKE ALL ON FUNCTION maestro.controls_behind(text), maestro.evidence(maestro.regcomponent, text) FROM PUBLIC;
