--
-- Retention: erasing what was sent, and dropping what is old, where the law says
-- so or allows it; the log stays provable.
--
CREATE TABLE maestro.redaction (
	event_id bigint PRIMARY KEY,
	entry_id bigint NOT NULL,
	erased_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE maestro.redaction IS 'events whose payload was erased, and the event that says who did it, why, and on what basis';
COMMENT ON COLUMN maestro.redaction.entry_id IS 'the event that logs the erasure';

CREATE TABLE maestro.legal_hold (
	hold_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	span tstzrange NOT NULL CHECK (NOT isempty(span)),
	reason text NOT NULL,
	placed_by name NOT NULL,
	placed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	released_by name,
	released_at timestamptz,
	release_reason text
);
COMMENT ON TABLE maestro.legal_hold IS 'times whose events may be neither dropped nor erased';
COMMENT ON COLUMN maestro.legal_hold.span IS 'of recorded_at';
COMMENT ON COLUMN maestro.legal_hold.released_at IS 'NULL: in force';

CREATE TABLE maestro.dropped_partition (
	entry_id bigint PRIMARY KEY,
	partition name NOT NULL,
	span tstzrange NOT NULL,
	event_ids int8multirange NOT NULL,
	indices int8multirange NOT NULL,
	dropped_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE maestro.dropped_partition IS 'partitions of the trace that drop_partition took; their leaves stay in the tree';
COMMENT ON COLUMN maestro.dropped_partition.entry_id IS 'the event that logs it';
COMMENT ON COLUMN maestro.dropped_partition.event_ids IS 'ids of its events';
COMMENT ON COLUMN maestro.dropped_partition.indices IS 'their places in the tree';

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['redaction', 'legal_hold', 'legal_hold_hold_id_seq', 'dropped_partition'] LOOP
		PERFORM pg_catalog.pg_extension_config_dump('maestro.' || t, '');
	END LOOP;
END
$$;

CREATE FUNCTION maestro.check_reason(reason text, what text DEFAULT 'reason') RETURNS text
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF reason IS NULL OR btrim(reason) = '' OR octet_length(reason) > 4096 THEN
		RAISE EXCEPTION 'a % of up to 4096 bytes is needed', what USING ERRCODE = 'invalid_parameter_value';
	END IF;
	RETURN maestro.sanitize(reason);
END
$$;
COMMENT ON FUNCTION maestro.check_reason(text, text) IS 'a reason, sanitized; error 22023 if there is none';

CREATE FUNCTION maestro.redact_event_as(caller oid, event_id bigint, reason text, legal_basis text) RETURNS bigint
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	e maestro.event;
	entry bigint;
BEGIN
	reason := maestro.check_reason(reason);
	legal_basis := maestro.check_reason(legal_basis, 'legal basis');
	-- No hold comes in between.
	PERFORM FROM maestro.log FOR SHARE;
	SELECT * INTO e FROM maestro.event AS x WHERE x.event_id = redact_event_as.event_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'event % does not exist', event_id USING ERRCODE = 'no_data_found';
	ELSIF e.kind = 'registry' OR e.component_id IS NULL AND e.kind = 'rejected' AND e.claimed_component IS NULL THEN
		RAISE EXCEPTION 'event % is of maestro''s own and has no payload of anybody''s', event_id
			USING ERRCODE = 'invalid_parameter_value';
	ELSIF e.salt IS NULL THEN
		RAISE EXCEPTION 'the payload of event % was erased before', event_id USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	IF EXISTS (SELECT FROM maestro.legal_hold AS h WHERE h.released_at IS NULL AND h.span @> e.recorded_at) THEN
		RAISE EXCEPTION 'event % is under a legal hold', event_id USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'See the table maestro.legal_hold, and maestro.release_hold.';
	END IF;
	entry := maestro.record_registry(caller, e.system_id, e.component_id, 'an event''s payload was erased',
		jsonb_build_object('event_id', e.event_id, 'leaf', e.leaf, 'payload_hash', e.payload_hash, 'reason', reason, 'legal_basis', legal_basis), NULL);
	INSERT INTO maestro.redaction (event_id, entry_id) VALUES (e.event_id, entry);
	UPDATE maestro.event AS x SET message = NULL, body = NULL, attributes = NULL, violations = NULL, claimed_component = NULL, salt = NULL
	 WHERE x.event_id = e.event_id;
	RETURN entry;
END
$$;
COMMENT ON FUNCTION maestro.redact_event_as(oid, bigint, text, text) IS 'does redact_event''s work, as the owner';
CREATE FUNCTION maestro.redact_event(event_id bigint, reason text, legal_basis text) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.redact_event(bigint, text, text) IS 'erases message, body, attributes, violations and claimed_component of an event for good, and logs who did it, why and on what legal basis: the id of that event. The leaf and all proofs stay valid. Old row versions remain until VACUUM, and in WAL, backups and replicas. Errors: P0002 no such event; 22023 no reason or basis, or an event of maestro''s own; 55000 erased before, or under a legal hold';

-- Which of these erased events no sealed entry explains; sealed is NULL without any, else false.
CREATE FUNCTION maestro.unexplained_erasures(event_ids bigint[]) RETURNS TABLE (event_id bigint, sealed boolean)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT u.id, CASE WHEN x.event_id IS NOT NULL THEN false END
	  FROM unnest(unexplained_erasures.event_ids) AS u (id)
	  LEFT JOIN maestro.redaction AS r ON r.event_id = u.id
	  LEFT JOIN LATERAL (
		SELECT e.event_id FROM maestro.event AS e
		 WHERE e.event_id = r.entry_id AND e.kind = 'registry' AND e.message = 'an event''s payload was erased'
		   AND e.attributes ->> 'event_id' = u.id::text LIMIT 1) AS x ON true
	 WHERE x.event_id IS NULL OR maestro.event_index(x.event_id) IS NULL
$$;
COMMENT ON FUNCTION maestro.unexplained_erasures(bigint[]) IS 'for verify: of these events without payload, those that no sealed event explains; sealed: NULL without any, false where it is not sealed yet';

CREATE FUNCTION maestro.place_hold_as(caller oid, reason text, since timestamptz, until timestamptz) RETURNS integer
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	hold integer;
BEGIN
	reason := maestro.check_reason(reason);
	PERFORM FROM maestro.log FOR UPDATE;
	IF since >= until THEN
		RAISE EXCEPTION 'a legal hold ends after it begins' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	INSERT INTO maestro.legal_hold (span, reason, placed_by) VALUES (tstzrange(since, until), reason, maestro.role_name(caller))
	RETURNING hold_id INTO hold;
	PERFORM maestro.record_registry(caller, NULL, NULL, 'a legal hold was placed',
		jsonb_build_object('hold_id', hold, 'since', since, 'until', until, 'reason', reason), NULL);
	RETURN hold;
END
$$;
COMMENT ON FUNCTION maestro.place_hold_as(oid, text, timestamptz, timestamptz) IS 'does place_hold''s work, as the owner';
CREATE FUNCTION maestro.place_hold(reason text, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.place_hold(text, timestamptz, timestamptz) IS 'forbids to drop or erase events recorded in that time (NULL: without bound), until release_hold; returns the hold''s id. Error 22023: no reason, or an empty time';

CREATE FUNCTION maestro.release_hold_as(caller oid, hold_id integer, reason text) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	reason := maestro.check_reason(reason);
	UPDATE maestro.legal_hold AS h SET released_by = maestro.role_name(caller), released_at = clock_timestamp(), release_reason = release_hold_as.reason
	 WHERE h.hold_id = release_hold_as.hold_id AND h.released_at IS NULL;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'legal hold % is not in force', hold_id USING ERRCODE = 'undefined_object';
	END IF;
	PERFORM maestro.record_registry(caller, NULL, NULL, 'a legal hold was released',
		jsonb_build_object('hold_id', hold_id, 'reason', reason), NULL);
END
$$;
COMMENT ON FUNCTION maestro.release_hold_as(oid, integer, text) IS 'does release_hold''s work, as the owner';
CREATE FUNCTION maestro.release_hold(hold_id integer, reason text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.release_hold(integer, text) IS 'ends a legal hold. Errors: 42704 it is not in force; 22023 no reason';

CREATE FUNCTION maestro.lengthen_retention_as(caller oid, floor interval) RETURNS interval
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	old interval;
BEGIN
	PERFORM maestro.seal();
	SELECT l.retention INTO old FROM maestro.log AS l;
	IF floor > interval '100 years' OR extract(year FROM floor) > 100 THEN
		RAISE EXCEPTION 'retention is 100 years at most' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	-- Months are of any length: it must be longer in each part, or from any month on.
	IF floor IS NULL OR EXISTS (SELECT FROM generate_series(0, 47) AS m (n),
			LATERAL (SELECT timestamptz '2000-01-01 00:00+00' + m.n * interval '1 month' AS since) AS s
			WHERE s.since + floor < s.since + old OR s.since - floor > s.since - old) THEN
		RAISE EXCEPTION 'retention can only be lengthened: it is %', old USING ERRCODE = 'invalid_parameter_value';
	END IF;
	UPDATE maestro.log SET retention = floor;
	PERFORM maestro.record_registry(caller, NULL, NULL, 'retention was lengthened',
		jsonb_build_object('before', old, 'after', floor), NULL);
	RETURN floor;
END
$$;
COMMENT ON FUNCTION maestro.lengthen_retention_as(oid, interval) IS 'does lengthen_retention''s work, as the owner';
CREATE FUNCTION maestro.lengthen_retention(floor interval) RETURNS interval
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.lengthen_retention(interval) IS 'sets for how long events are kept at least; it is never shortened. Error 22023: shorter than it is from whatever day, over 100 years, or NULL';

-- Partitions that end before a time, with their ends.
CREATE FUNCTION maestro.partitions_before(before timestamptz) RETURNS TABLE (partition regclass, lower_end timestamptz, upper_end timestamptz)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD' AS $$
	SELECT t.relid, (b.edges)[1]::timestamptz, (b.edges)[2]::timestamptz
	  FROM pg_partition_tree('maestro.event') AS t
	 CROSS JOIN LATERAL regexp_match(pg_get_partition_constraintdef(t.relid), '>= ''([^'']+)''.* < ''([^'']+)''') AS b (edges)
	 WHERE t.level = 1 AND (b.edges)[2]::timestamptz <= before
	 ORDER BY 3
$$;
COMMENT ON FUNCTION maestro.partitions_before(timestamptz) IS 'partitions of the trace that end at that time or before';

CREATE FUNCTION maestro.drop_partition_as(caller oid, before timestamptz) RETURNS TABLE (partition text, events bigint)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	p record;
	head record;
	ids int8multirange;
	places int8multirange;
	sealed bigint;
	entry bigint;
BEGIN
	-- Everybody who logs would wait behind whoever reads: not for long.
	IF current_setting('lock_timeout') = '0' THEN
		PERFORM set_config('lock_timeout', '5s', true);
	END IF;
	LOCK TABLE maestro.event IN ACCESS EXCLUSIVE MODE;
	PERFORM maestro.seal();
	SELECT l.retention, c.size, c.root INTO head
	  FROM maestro.log AS l LEFT JOIN maestro.checkpoint AS c ON true ORDER BY c.size DESC NULLS LAST LIMIT 1;
	IF before IS NULL OR before > now() - head.retention THEN
		RAISE EXCEPTION 'events are kept for % at least', head.retention USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'That is the column retention of maestro.log, which can only be lengthened.';
	END IF;
	FOR p IN SELECT * FROM maestro.partitions_before(before) LOOP
		IF EXISTS (SELECT FROM maestro.legal_hold AS h WHERE h.released_at IS NULL AND h.span && tstzrange(p.lower_end, p.upper_end)) THEN
			RAISE EXCEPTION 'partition % is under a legal hold', p.partition USING ERRCODE = 'object_not_in_prerequisite_state',
				HINT = 'See the table maestro.legal_hold, and maestro.release_hold.';
		END IF;
		-- Ids that no event has, of transactions that rolled back, make no gaps: there may be very many.
		EXECUTE format('SELECT sum(i.events), range_agg(i.ids) FROM (
				SELECT count(*) AS events, int8range(min(e.event_id), max(e.event_id), ''[]'') AS ids
				  FROM (SELECT a.event_id, a.tableoid = $1 AS goes, count(*) FILTER (WHERE a.tableoid <> $1) OVER (ORDER BY a.event_id) AS island
						  FROM maestro.event AS a
						 WHERE a.event_id BETWEEN (SELECT min(f.event_id) FROM %1$s AS f) AND (SELECT max(f.event_id) FROM %1$s AS f)) AS e
				 WHERE e.goes GROUP BY e.island) AS i', p.partition) INTO events, ids USING p.partition;
		events := coalesce(events, 0);
		EXECUTE format('SELECT count(*), range_agg(int8range(t.index, t.index, ''[]''))
			FROM maestro.tree_leaves() AS t JOIN %s AS e ON e.event_id = t.event_id', p.partition) INTO sealed, places;
		IF sealed <> events THEN
			RAISE EXCEPTION 'partition % has % events that are not sealed', p.partition, events - sealed
				USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'See maestro.verify().';
		END IF;
		entry := maestro.record_registry(caller, NULL, NULL, 'a partition of the trace was dropped',
			jsonb_build_object('partition', p.partition::text, 'since', p.lower_end, 'until', p.upper_end, 'events', events,
				'size', head.size, 'root', head.root, 'retention', head.retention),
			jsonb_build_object('indices', places::text, 'event_ids', ids::text, 'all_event_ids', (coalesce(
				(SELECT range_agg(d.event_ids) FROM maestro.dropped_partition AS d), '{}') + coalesce(ids, '{}'))::text));
		INSERT INTO maestro.dropped_partition (entry_id, partition, span, event_ids, indices)
		VALUES (entry, (SELECT relname FROM pg_class WHERE oid = p.partition), tstzrange(p.lower_end, p.upper_end),
			coalesce(ids, '{}'), coalesce(places, '{}'));
		partition := p.partition::text;
		EXECUTE format('ALTER TABLE maestro.event DETACH PARTITION %s', p.partition);
		EXECUTE format('DROP TABLE %s', partition);
		RETURN NEXT;
	END LOOP;
	PERFORM maestro.forget_runs(caller, before);
END
$$;
COMMENT ON FUNCTION maestro.drop_partition_as(oid, timestamptz) IS 'does drop_partition''s work, as the owner';
CREATE FUNCTION maestro.drop_partition(before timestamptz) RETURNS TABLE (partition text, events bigint)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.drop_partition(timestamptz) IS 'drops the partitions of the trace that end at that time or before, with all their events, and logs for each which places of the tree they had: one row each. Runs of plans whose last step is older go, too. Their leaves stay, so proofs of exported events stay valid. Export first what must last. While it works nobody logs; whoever holds a partition makes it fail after 5 s (lock_timeout). Errors: 55000 younger than the retention, under a legal hold, or not sealed; 55P03 somebody uses the trace';

REVOKE ALL ON FUNCTION maestro.check_reason(text, text), maestro.redact_event_as(oid, bigint, text, text), maestro.redact_event(bigint, text, text),
	maestro.unexplained_erasures(bigint[]), maestro.place_hold_as(oid, text, timestamptz, timestamptz),
	maestro.place_hold(text, timestamptz, timestamptz), maestro.release_hold_as(oid, integer, text), maestro.release_hold(integer, text),
	maestro.lengthen_retention_as(oid, interval), maestro.lengthen_retention(interval), maestro.partitions_before(timestamptz),
	maestro.drop_partition_as(oid, timestamptz), maestro.drop_partition(timestamptz) FROM PUBLIC;
