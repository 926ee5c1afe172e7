--
-- Export: the evidence of a system in one document, for those outside.
--
-- It reads as its caller, who sees what row-level security lets him see, and
-- depends on no setting of his session: the same rows give the same document.
--
-- What proves events to somebody outside: of those that are sealed.
CREATE FUNCTION maestro.prove_events(event_ids bigint[]) RETURNS jsonb
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	note text;
	proofs jsonb;
BEGIN
	BEGIN
		note := maestro.checkpoint_note();
	EXCEPTION WHEN OTHERS THEN
		RETURN jsonb_build_object('note', NULL, 'reason', SQLERRM, 'proofs', '[]'::jsonb);
	END;
	SELECT jsonb_agg(jsonb_build_object('event_id', e.event_id, 'entry', encode(maestro.event_entry(e), 'hex'),
			'salt', encode(e.salt, 'hex'), 'payload', encode(maestro.event_payload(e), 'hex'), 'proof', maestro.proof(e.event_id)) ORDER BY e.event_id)
	  INTO proofs
	  FROM maestro.event AS e
	 WHERE e.event_id = ANY (event_ids) AND maestro.event_index(e.event_id) < split_part(note, E'\n', 2)::bigint;
	RETURN jsonb_build_object('note', note, 'reason', NULL, 'proofs', coalesce(proofs, '[]'));
END
$$;
COMMENT ON FUNCTION maestro.prove_events(bigint[]) IS 'for these events that are sealed and the caller may read: {"note": the signed checkpoint, "reason": why there is none, "proofs": [{"event_id", "entry", "salt" and "payload" in hexadecimal, "proof": tlog-proof}]}';

CREATE FUNCTION maestro.export_evidence(system text, since timestamptz DEFAULT now() - interval '30 days',
	until timestamptz DEFAULT now()) RETURNS jsonb
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "IntervalStyle" = 'postgres' AS $$
DECLARE
	id integer := (SELECT s.system_id FROM maestro.readable_system AS s WHERE s.name = system);
	components integer[] := ARRAY(SELECT c.component_id FROM maestro.component AS c WHERE c.system_id = id);
	matrix jsonb;
	checklist jsonb;
	cited bigint[];
BEGIN
	IF id IS NULL THEN
		RAISE EXCEPTION 'system is not registered' USING ERRCODE = '42704',
			HINT = 'The systems that you may read are in the view maestro.system_posture.';
	END IF;
	IF (since <= until) IS NOT TRUE THEN
		RAISE EXCEPTION 'since must not be after until, nor either be null' USING ERRCODE = '22023';
	END IF;
	SELECT jsonb_agg(to_jsonb(m) ORDER BY t.position, m.component COLLATE "C", m.state) INTO matrix
	  FROM maestro.threat_matrix AS m JOIN maestro.threat AS t ON t.name = m.threat WHERE m.system = export_evidence.system;
	SELECT jsonb_agg(to_jsonb(k) ORDER BY i.position) INTO checklist
	  FROM maestro.checklist_compliance AS k JOIN maestro.checklist_item AS i ON i.item = k.item WHERE k.system = export_evidence.system;
	cited := ARRAY(SELECT maestro.cited_event(system, ARRAY(SELECT r ->> 'reason' FROM jsonb_array_elements(matrix || checklist) AS r)));
	-- Lists of rows, a line each.
	RETURN jsonb_build_object('format', 'maestro-evidence', 'version', 1, 'system', system,
		'generated_at', now(), 'since', since, 'until', until, 'log', maestro.prove_events(cited)) || (
		SELECT jsonb_object_agg(r.key, coalesce(r.list, '[]')) FROM (VALUES
		('components', (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.component_id) FROM maestro.component AS x WHERE x.component_id = ANY (components))),
		('matrix', matrix),
		('checklist', checklist),
		('attestations', (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.attestation_id) FROM maestro.attestation AS x WHERE x.component_id = ANY (components) AND x.attested_at <= until AND x.valid_until >= since::date)),
		('environment_reports', (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.report_id) FROM maestro.environment_report AS x WHERE x.component_id = ANY (components) AND x.reported_at BETWEEN since AND until)),
		('decisions', (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.decision_id) FROM maestro.as_of(until) AS x WHERE x.system_id = id)),
		('reviews', (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.review_id) FROM maestro.event_review AS x WHERE x.system_id = id AND x.reviewed_at BETWEEN since AND until)),
		('drills', (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.drill_id) FROM maestro.drill AS x WHERE x.system_id = id AND x.started_at BETWEEN since AND until)),
		('control_results', (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.control COLLATE "C", x.component_id) FROM maestro.posture_outcome AS x WHERE coalesce(x.system_id, id) = id)),
		('sessions', (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.session_id) FROM maestro.session_fact AS x WHERE x.system_id = id AND x.seen_at BETWEEN since AND until)),
		('cited_events', (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.event_id) FROM maestro.event AS x WHERE x.event_id = ANY (cited)))
		) AS r (key, list));
END
$$;
COMMENT ON FUNCTION maestro.export_evidence(text, timestamptz, timestamptz) IS
	'the evidence of a system as one JSON document: {"format": "maestro-evidence", "version": 1, "system", "generated_at", "since", "until", "components": rows of the registry, "matrix" and "checklist": rows of threat_matrix and checklist_compliance as they are now, "attestations": in force at some time of the period, "environment_reports", "reviews", "drills" and "sessions": of the period, "decisions": all with their state at its end, "control_results": the newest of each check, "cited_events": whole events that the reasons name, of whatever age, "log": prove_events of these}. Lists are ordered by id, matrix and checklist as the specification orders them; times are UTC. Errors: 42704 no such system, or none that the caller may read; 22023 a period that ends before it starts';
REVOKE ALL ON FUNCTION maestro.prove_events(bigint[]), maestro.export_evidence(text, timestamptz, timestamptz) FROM PUBLIC;
