--
-- Recount: signals counted once more, from the sealed events themselves.
--
CREATE FUNCTION maestro.count_sealed_again() RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_count_sealed_again';
COMMENT ON FUNCTION maestro.count_sealed_again() IS 'for recount_signals: counts all sealed events, as a seal counts those that it seals';

CREATE FUNCTION maestro.pending_signals() RETURNS TABLE (system_id integer, component_id integer, dependency_id integer, valid_from timestamptz,
		contract_version integer, drill boolean, signal text, ok bigint, bad bigint)
	LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_pending_signals';
COMMENT ON FUNCTION maestro.pending_signals() IS 'what sealed events say that is not counted yet, by the columns of signal_total, of the systems that the caller may read of; negative where a review takes back what was counted';

CREATE VIEW maestro.live_sealed_signal WITH (security_barrier = true) AS
	SELECT t.system_id, t.component_id, t.dependency_id, t.drill, t.signal, t.ok, t.bad
	  FROM maestro.signal_total t WHERE t.system_id IN (SELECT system_id FROM maestro.readable_system)
	UNION ALL
	SELECT p.system_id, p.component_id, p.dependency_id, p.drill, p.signal, p.ok, p.bad FROM maestro.pending_signals() p;
COMMENT ON VIEW maestro.live_sealed_signal IS 'what sealed events say, counted already or not';

CREATE FUNCTION maestro.recount_signals_as(caller oid)
	RETURNS TABLE (system text, component text, dependency text, signal text, drill boolean, ok_before bigint, bad_before bigint, ok bigint, bad bigint)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	before maestro.live_sealed_signal[];
	t text;
	n bigint;
BEGIN
	IF NOT EXISTS (SELECT FROM maestro.checkpoint) THEN
		PERFORM maestro.refuse('55000', 'nothing is sealed yet', 'What is not sealed is counted when it is read.');
	END IF;
	PERFORM FROM maestro.log FOR UPDATE;
	before := ARRAY(SELECT s FROM maestro.live_sealed_signal AS s);
	FOREACH t IN ARRAY ARRAY['total', 'day', 'pending', 'run', 'breaker', 'files', 'trend', 'use'] LOOP
		EXECUTE format('DELETE FROM maestro.signal_%s', t);
	END LOOP;
	-- What was erased cannot be judged again: erasing it must not make it good.
	DELETE FROM maestro.signal_fault AS f
	 WHERE NOT EXISTS (SELECT FROM maestro.redaction AS r JOIN maestro.event AS e ON e.event_id = r.event_id
						WHERE r.event_id = f.event_id AND e.salt IS NULL);
	PERFORM maestro.count_sealed_again();
	UPDATE maestro.checkpoint AS c SET signals = maestro.signal_sum() WHERE c.size = (SELECT max(x.size) FROM maestro.checkpoint AS x);
	RETURN QUERY
		SELECT y.name, m.name, d.name, u.signal, u.drill, sum(u.ok_before)::bigint, sum(u.bad_before)::bigint, sum(u.ok)::bigint, sum(u.bad)::bigint
		  FROM (SELECT b.system_id, b.component_id, b.dependency_id, b.signal, b.drill, b.ok AS ok_before, b.bad AS bad_before, 0 AS ok, 0 AS bad
				  FROM unnest(before) AS b
				UNION ALL
				SELECT a.system_id, a.component_id, a.dependency_id, a.signal, a.drill, 0, 0, a.ok, a.bad FROM maestro.live_sealed_signal AS a) AS u
		  LEFT JOIN maestro.system AS y ON y.system_id = u.system_id
		  LEFT JOIN maestro.component AS m ON m.component_id = u.component_id
		  LEFT JOIN maestro.dependency AS d ON d.dependency_id = u.dependency_id
		 GROUP BY y.name, m.name, d.name, u.signal, u.drill
		HAVING (sum(u.ok_before), sum(u.bad_before)) <> (sum(u.ok), sum(u.bad))
		 ORDER BY 1, 2, 3, 4, 5;
	GET DIAGNOSTICS n = ROW_COUNT;
	PERFORM maestro.record_registry(caller, NULL, NULL, 'signals were counted again', jsonb_build_object('different', n, 'login', maestro.login_role()));
END
$$;
COMMENT ON FUNCTION maestro.recount_signals_as(oid) IS 'does recount_signals''s work, as the owner';
CREATE FUNCTION maestro.recount_signals()
	RETURNS TABLE (system text, component text, dependency text, signal text, drill boolean, ok_before bigint, bad_before bigint, ok bigint, bad bigint)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.recount_signals() IS 'counts what sealed events say once more, from the events, under what is declared now; keeps that, logs it, and returns what came out otherwise: because somebody changed what was counted, or because something was declared since. What an erased event was bad in stays, what its payload was good for is lost. The log is not sealed meanwhile. Error 55000: nothing is sealed yet';
REVOKE ALL ON FUNCTION maestro.pending_signals(), maestro.count_sealed_again(), maestro.recount_signals_as(oid), maestro.recount_signals() FROM PUBLIC;
