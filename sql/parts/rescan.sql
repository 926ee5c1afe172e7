--
-- Rescan: do stored events pass today's rules?
--
-- log_event sanitizes what comes in by the rules of its day.  Rules are added,
-- and rows can come in by another way (restores, an owner who inserts).  Events
-- that hold what today's rules find are listed by their ids, never by what was
-- found.
--
-- Placeholders of the clean value that were not there before.
CREATE FUNCTION maestro.fired_types(value jsonb, clean jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(jsonb_object_agg(t.type, t.n), '{}')
	  FROM (SELECT p.type[1] AS type, sum(p.sign) AS n
			  FROM (SELECT regexp_matches(clean::text, '[[]REDACTED:([A-Z0-9_]+)]', 'g'), 1
					UNION ALL
					SELECT regexp_matches(value::text, '[[]REDACTED:([A-Z0-9_]+)]', 'g'), -1) AS p (type, sign)
			 GROUP BY p.type[1]) AS t
	 WHERE t.n > 0
$$;
COMMENT ON FUNCTION maestro.fired_types(jsonb, jsonb) IS 'what sanitizing the first value into the second replaced, by type and count; {}: characters alone were written out';

CREATE FUNCTION maestro.rescan_event(e maestro.event) RETURNS TABLE (field text, types jsonb)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT v.field, maestro.fired_types(v.value, v.clean)
	  FROM (SELECT current_setting('maestro.sanitize_level') AS level) AS s
	 CROSS JOIN LATERAL (VALUES
		('message', to_jsonb(e.message), to_jsonb(maestro.sanitize(e.message, s.level))),
		('body', e.body, maestro.sanitize(e.body, s.level)),
		('attributes', e.attributes, maestro.sanitize(e.attributes, s.level))) AS v (field, value, clean)
	 WHERE v.value IS DISTINCT FROM v.clean
$$;
COMMENT ON FUNCTION maestro.rescan_event(maestro.event) IS 'the fields of an event that sanitizing changes, by the session''s level, with the types that it finds in them';

-- Or the next sample, or a scan that begins later, would hide what was found.
CREATE FUNCTION maestro.rescan_suspects() RETURNS bigint[]
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(array_agg(DISTINCT s.event_id), '{}')
	  FROM maestro.control_result AS r
	 CROSS JOIN LATERAL (SELECT jsonb_array_elements_text(r.details -> 'events')::bigint) AS s (event_id)
	 WHERE r.control = 'log_sensitive'
	   AND r.result_id >= coalesce((SELECT max(c.result_id) FROM maestro.control_result AS c
			WHERE c.control = 'log_sensitive' AND c.details @> '{"complete": true}'), 0)
$$;
COMMENT ON FUNCTION maestro.rescan_suspects() IS 'events listed by results of rescan, from the last one that scanned all on';

-- Sorted by what nobody can foretell: a caller could choose random()'s seed.
CREATE FUNCTION maestro.rescan_sample(since timestamptz, sample integer, suspects bigint[]) RETURNS SETOF maestro.event
	LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	WITH chosen AS MATERIALIZED (
		SELECT event_id FROM maestro.event WHERE recorded_at >= since ORDER BY gen_random_uuid() LIMIT sample)
	SELECT e.* FROM maestro.event AS e
	 WHERE e.event_id IN (SELECT c.event_id FROM chosen AS c) OR e.event_id = ANY (suspects)
$$;
COMMENT ON FUNCTION maestro.rescan_sample(timestamptz, integer, bigint[]) IS 'so many events since a time, at random, and the suspected ones';

CREATE FUNCTION maestro.store_rescan(caller oid, since timestamptz, sample integer, scanned bigint, stored bigint,
	offenders bigint[]) RETURNS void
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	INSERT INTO maestro.control_result (control, evaluated_at, status, reason, evidence_count, newest_evidence, remedy, details, evaluated_by)
	SELECT 'log_sensitive', n.at,
		(CASE WHEN cardinality(offenders) > 0 THEN 'alarm' WHEN scanned > 0 AND (scanned >= 10000 OR scanned = stored) THEN 'ok'
			  ELSE 'unknown' END)::maestro.control_status,
		CASE WHEN cardinality(offenders) > 0
			 THEN format('%s of %s events hold%s what today''s rules find, first: event %s', cardinality(offenders), scanned,
				CASE cardinality(offenders) WHEN 1 THEN 's' END, offenders[1])
			 WHEN stored = 0 THEN 'there is no event to scan'
			 ELSE format('%s of %s events scanned again, nothing found', scanned, stored)
				|| CASE WHEN scanned < 10000 AND scanned < stored THEN '; 10000 or all are needed' ELSE '' END END,
		scanned, n.at,
		CASE WHEN cardinality(offenders) > 0
			 THEN 'Find out how it got past log_event: SELECT * FROM maestro.integrity_check();'
			 WHEN scanned < 10000 AND scanned < stored THEN 'SELECT * FROM maestro.rescan();' END,
		jsonb_build_object('rules', encode(sha256(convert_to((SELECT string_agg(r::text, E'\n' ORDER BY r.rule)
				FROM maestro.sanitize_rules AS r), 'UTF8')), 'hex'),
			'since', since, 'sample', sample, 'events', to_jsonb(offenders[1:100]), 'complete', scanned = stored),
		maestro.role_name(caller)
	  FROM (SELECT clock_timestamp() AS at) AS n
$$;
COMMENT ON FUNCTION maestro.store_rescan(oid, timestamptz, integer, bigint, bigint, bigint[]) IS
	'stores a result of rescan: how many events were scanned of those stored, and the ids of those with finds';

CREATE FUNCTION maestro.rescan_as(caller oid, since timestamptz, sample integer)
	RETURNS TABLE (event_id bigint, field text, types jsonb)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	e maestro.event;
	f record;
	events refcursor;
	first timestamptz := coalesce(since, '-infinity');
	stored bigint := (SELECT count(*) FROM maestro.event);
	candidates bigint := (SELECT count(*) FROM maestro.event AS c WHERE c.recorded_at >= first);
	scanned bigint := 0;
	offenders bigint[] := '{}';
	suspects bigint[] := maestro.rescan_suspects();
BEGIN
	IF sample IS NULL OR sample < 1 THEN
		PERFORM maestro.refuse('22023', 'sample must be above zero', 'It is how many events are scanned when there are more.');
	END IF;
	IF candidates <= sample THEN
		OPEN events FOR SELECT x.* FROM maestro.event AS x
			WHERE x.recorded_at >= first OR x.event_id = ANY (suspects) ORDER BY x.event_id;
	ELSE
		OPEN events FOR SELECT x.* FROM maestro.rescan_sample(first, sample, suspects) AS x ORDER BY x.event_id;
	END IF;
	LOOP
		FETCH events INTO e;
		EXIT WHEN NOT FOUND;
		scanned := scanned + 1;
		FOR f IN SELECT * FROM maestro.rescan_event(e) LOOP
			event_id := e.event_id;
			field := f.field;
			types := f.types;
			RETURN NEXT;
			IF offenders[cardinality(offenders)] IS DISTINCT FROM e.event_id THEN
				offenders := offenders || e.event_id;
			END IF;
		END LOOP;
		IF scanned % 100000 = 0 THEN
			RAISE NOTICE '% events scanned again', scanned;
		END IF;
	END LOOP;
	PERFORM maestro.store_rescan(caller, since, sample, scanned, greatest(stored, scanned), offenders);
END
$$;
COMMENT ON FUNCTION maestro.rescan_as(oid, timestamptz, integer) IS 'does rescan''s work, as the owner';
CREATE FUNCTION maestro.rescan(since timestamptz DEFAULT NULL, sample integer DEFAULT 10000)
	RETURNS TABLE (event_id bigint, field text, types jsonb)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.rescan(timestamptz, integer) IS
	'sanitizes stored events again by today''s rules and the session''s level, and returns which would change: event_id, field (message, body, attributes) and what was found by type and count, {} when characters alone are written out; never values. since: events recorded from then on, NULL: all; sample: how many at random when there are more; those found since the last scan of all events are scanned again in any case. The result is stored for control log_sensitive: ok needs all stored events or 10,000 of them, fewer are unknown. Errors: 22023 bad sample';
REVOKE ALL ON FUNCTION maestro.fired_types(jsonb, jsonb), maestro.rescan_event(maestro.event), maestro.rescan_suspects(),
	maestro.rescan_sample(timestamptz, integer, bigint[]),
	maestro.store_rescan(oid, timestamptz, integer, bigint, bigint, bigint[]),
	maestro.rescan_as(oid, timestamptz, integer), maestro.rescan(timestamptz, integer) FROM PUBLIC;
