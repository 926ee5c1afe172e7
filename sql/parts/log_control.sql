--
-- Log control: what verify and checkpoints outside say of the log, as results that
-- posture reads.
--
CREATE FUNCTION maestro.store_log_result(caller oid, control text, status maestro.control_status, reason text, evidence bigint,
		newest timestamptz, remedy text, details jsonb) RETURNS timestamptz
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	INSERT INTO maestro.control_result (control, evaluated_at, status, reason, evidence_count, newest_evidence, remedy, details, evaluated_by)
	VALUES (control, clock_timestamp(), status, left(reason, 500), evidence, newest, remedy, details, maestro.role_name(caller))
	RETURNING evaluated_at
$$;
COMMENT ON FUNCTION maestro.store_log_result(oid, text, maestro.control_status, text, bigint, timestamptz, text, jsonb) IS 'stores a result about the log; returns its evaluated_at';

CREATE FUNCTION maestro.evaluate_verify(caller oid) RETURNS timestamptz
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	sealed bigint := (SELECT coalesce(max(c.size), 0) FROM maestro.checkpoint AS c);
	f record;
BEGIN
	-- Guards are integrity_check's; what is still to do is no damage.
	SELECT count(*) AS findings, coalesce(jsonb_agg(to_jsonb(v) ORDER BY v.place) FILTER (WHERE v.place <= 100), '[]') AS listed,
		min(format('%s%s: %s', v.kind, ' event ' || v.event_id, v.detail)) FILTER (WHERE v.place = 1) AS first
	  INTO f
	  FROM (SELECT row_number() OVER (ORDER BY x.severity DESC, x.event_id) AS place, x.severity, x.kind, x.event_id, x.detail
			  FROM maestro.verify() AS x WHERE x.kind <> 'integrity' AND x.severity <> 'LOW') AS v;
	RETURN maestro.store_log_result(caller, 'log_verified',
		(CASE WHEN f.findings > 0 THEN 'alarm' WHEN sealed = 0 THEN 'unknown' ELSE 'ok' END)::maestro.control_status,
		CASE WHEN f.findings > 0 THEN format(CASE f.findings WHEN 1 THEN '%s finding: %s' ELSE '%s findings, first: %s' END, f.findings, f.first)
			WHEN sealed = 0 THEN 'nothing is sealed yet'
			ELSE format('%s sealed events are as they were sealed', sealed) END,
		sealed, clock_timestamp(),
		CASE WHEN f.findings > 0 THEN 'SELECT * FROM maestro.verify();' WHEN sealed = 0 THEN 'SELECT * FROM maestro.seal();' END,
		jsonb_build_object('findings', f.listed));
END
$$;
COMMENT ON FUNCTION maestro.evaluate_verify(oid) IS 'runs verify and stores its result; evidence_count: sealed events';

-- Checkpoints of this log that others hold: cosigned by a witness, or recorded by an auditor.
CREATE VIEW maestro.held_checkpoint WITH (security_barrier = true) AS
	SELECT s.size, s.root, s.name AS place, s.added_at AS at, c.size IS NOT NULL AS is_same
	  FROM maestro.cosignature AS s
	  LEFT JOIN maestro.checkpoint AS c ON c.size = s.size AND c.root = s.root
	 WHERE s.name <> s.origin AND maestro.may_read(NULL)
	UNION ALL
	-- what somebody says last of a place
	(SELECT DISTINCT ON (k.place, k.recorded_by) k.size, k.root, k.place, k.recorded_at, k.is_same FROM maestro.checkpoint_copy AS k
	  WHERE maestro.may_read(NULL) ORDER BY k.place, k.recorded_by, k.copy_id DESC);
COMMENT ON VIEW maestro.held_checkpoint IS 'checkpoints that are held outside: who has them, and whether the log still has them so';

CREATE FUNCTION maestro.evaluate_checkpoint_outside(caller oid) RETURNS timestamptz
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT maestro.store_log_result(caller, 'checkpoint_outside',
			(CASE WHEN bad.place IS NOT NULL THEN 'alarm' WHEN good.place IS NULL THEN 'unknown' ELSE 'ok' END)::maestro.control_status,
			CASE WHEN bad.place IS NOT NULL THEN format('%s holds a checkpoint of size %s that this log does not have', bad.place, bad.size)
				WHEN good.place IS NULL THEN 'nobody outside holds a checkpoint'
				ELSE format('%s holds the checkpoint of size %s', good.place, good.size) END,
			coalesce(good.size, 0), coalesce(bad.at, good.at, clock_timestamp()),
			CASE WHEN bad.place IS NOT NULL THEN 'SELECT * FROM maestro.verify();'
				WHEN good.place IS NULL THEN 'Give maestro.checkpoint_note() to somebody outside: a witness (maestro.witness_request), or an auditor (maestro.record_checkpoint_copy).' END,
			NULL)
	  FROM (SELECT 1) AS one
	  LEFT JOIN LATERAL (SELECT h.* FROM maestro.held_checkpoint AS h WHERE h.is_same ORDER BY h.at DESC LIMIT 1) AS good ON true
	  LEFT JOIN LATERAL (SELECT h.* FROM maestro.held_checkpoint AS h WHERE NOT h.is_same ORDER BY h.at DESC LIMIT 1) AS bad ON true
$$;
COMMENT ON FUNCTION maestro.evaluate_checkpoint_outside(oid) IS 'looks for checkpoints that are held outside and stores the result; evidence_count: the size of the newest';

CREATE FUNCTION maestro.record_checkpoint_copy_as(caller oid, size bigint, root maestro.digest, place text) RETURNS boolean
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	same boolean := EXISTS (SELECT FROM maestro.checkpoint AS c WHERE c.size = record_checkpoint_copy_as.size AND c.root = record_checkpoint_copy_as.root);
BEGIN
	IF size IS NULL OR size < 1 OR root IS NULL THEN
		RAISE EXCEPTION 'a checkpoint has a size and a root' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	place := maestro.check_reason(place, 'place where it is held');
	INSERT INTO maestro.checkpoint_copy (size, root, place, is_same, recorded_by) VALUES (size, root, place, same, maestro.role_name(caller));
	PERFORM maestro.record_registry(caller, NULL, NULL, 'a checkpoint held outside was compared',
		jsonb_build_object('size', size, 'root', root, 'place', place, 'is_same', same), NULL);
	PERFORM maestro.evaluate_checkpoint_outside(caller);
	RETURN same;
END
$$;
COMMENT ON FUNCTION maestro.record_checkpoint_copy_as(oid, bigint, maestro.digest, text) IS 'does record_checkpoint_copy''s work, as the owner';
CREATE FUNCTION maestro.record_checkpoint_copy(size bigint, root maestro.digest, place text) RETURNS boolean
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
CREATE FUNCTION maestro.record_checkpoint_copy(note text, place text) RETURNS boolean
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	lines text[] := string_to_array(note, E'\n');
BEGIN
	IF lines[2] !~ '^[0-9]{1,18}$' OR lines[3] !~ '^[A-Za-z0-9+/]{43}=$' THEN
		RAISE EXCEPTION 'this is no checkpoint' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It is the text of maestro.checkpoint_note(), whose lines are origin, size and root.';
	END IF;
	RETURN maestro.record_checkpoint_copy(lines[2]::bigint, encode(decode(lines[3], 'base64'), 'hex')::maestro.digest, place);
END
$$;
COMMENT ON FUNCTION maestro.record_checkpoint_copy(text, text) IS 'as the other record_checkpoint_copy, by the note that is held';
COMMENT ON FUNCTION maestro.record_checkpoint_copy(bigint, maestro.digest, text) IS 'records that a checkpoint is held outside, in words where, and returns whether this log has it so; the control checkpoint_outside is evaluated. False is kept too: the log was changed, rolled back, or is another. What somebody records last of a place counts. Error 22023: no size, root or place';

REVOKE ALL ON FUNCTION maestro.store_log_result(oid, text, maestro.control_status, text, bigint, timestamptz, text, jsonb),
	maestro.evaluate_verify(oid), maestro.evaluate_checkpoint_outside(oid),
	maestro.record_checkpoint_copy_as(oid, bigint, maestro.digest, text), maestro.record_checkpoint_copy(bigint, maestro.digest, text), maestro.record_checkpoint_copy(text, text) FROM PUBLIC;
