--
-- Verify: is the log what was sealed?
--
CREATE FUNCTION maestro.tree_leaves() RETURNS TABLE (index bigint, event_id bigint, leaf maestro.digest)
	LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_tree_leaves';
COMMENT ON FUNCTION maestro.tree_leaves() IS 'the sealed events in the order of the Merkle tree';

-- Events that were dropped with their partitions, by what the newest entry says, so that
-- those of earlier drops may be gone too.
CREATE FUNCTION maestro.dropped_events() RETURNS TABLE (first bigint, beyond bigint, sealed boolean)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT lower(r.ids), upper(r.ids), maestro.event_index(e.event_id) IS NOT NULL
	  FROM maestro.event AS e
	 CROSS JOIN LATERAL unnest((e.body ->> 'all_event_ids')::int8multirange) AS r (ids)
	 WHERE e.event_id = (SELECT max(d.entry_id) FROM maestro.dropped_partition AS d)
	   AND e.kind = 'registry' AND e.message = 'a partition of the trace was dropped'
	 ORDER BY 1
$$;
COMMENT ON FUNCTION maestro.dropped_events() IS 'for verify: ids of events that were dropped with their partitions, as ranges, and whether the event that says so is sealed';

CREATE FUNCTION maestro.verify_checkpoints(is_same boolean) RETURNS TABLE (severity text, kind text, detail text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT 'CRITICAL', 'incarnation', format('the row of incarnation %s is missing', n)
	  FROM (SELECT max(no) AS newest FROM maestro.incarnation) AS m, generate_series(1, m.newest) AS n
	 WHERE NOT EXISTS (SELECT FROM maestro.incarnation AS i WHERE i.no = n)
	UNION ALL
	SELECT 'CRITICAL', 'incarnation', format('the checkpoint of size %s is of an incarnation that has not been, or comes before one that began later', c.size)
	  FROM maestro.checkpoint AS c
	  LEFT JOIN maestro.incarnation AS i ON i.no = c.incarnation
	 WHERE i.no IS NULL OR c.size <= i.size
	UNION ALL
	SELECT 'CRITICAL', 'incarnation', format('incarnation %s began at size %s, which is below that of an earlier one', i.no, i.size)
	  FROM (SELECT no, size, lag(size) OVER (ORDER BY no) AS before FROM maestro.incarnation) AS i
	 WHERE i.size < i.before
	UNION ALL
	-- Within one incarnation snapshots only grow.
	SELECT 'CRITICAL', 'checkpoint', format('the checkpoint of size %s has seen less than the one before', c.size)
	  FROM (SELECT size, pg_snapshot_xmax(snapshot) AS seen, incarnation,
				   lag(pg_snapshot_xmax(snapshot)) OVER (PARTITION BY incarnation ORDER BY size) AS before FROM maestro.checkpoint) AS c
	 WHERE c.seen < c.before
	UNION ALL
	SELECT 'CRITICAL', 'checkpoint', format('the checkpoint of size %s has seen transactions that have not been', c.size)
	  FROM maestro.checkpoint AS c
	  JOIN (SELECT i.no FROM maestro.incarnation AS i ORDER BY i.no DESC LIMIT 1) AS n ON n.no = c.incarnation
	 WHERE pg_snapshot_xmax(c.snapshot) > pg_snapshot_xmax(pg_current_snapshot())
	   AND is_same
	UNION ALL
	SELECT 'CRITICAL', 'signal', 'what was counted of sealed events is not what the newest seal left: see maestro.recount_signals()'
	 WHERE maestro.signal_sum() IS DISTINCT FROM (SELECT c.signals FROM maestro.checkpoint AS c ORDER BY c.size DESC LIMIT 1)
	   AND (EXISTS (SELECT FROM maestro.checkpoint) OR maestro.signal_sum() <> decode(repeat('00', 32), 'hex'))
	UNION ALL
	-- Where an event is in the tree is looked for by what full tiles begin with.
	SELECT 'HIGH', 'tile', format('the tile %s begins with another event than it says', t.n)
	  FROM maestro.tile AS t
	  JOIN maestro.event AS e ON e.event_id = ('x' || encode(substring(t.event_ids FOR 8), 'hex'))::bit(64)::bigint
	 WHERE t.level = 0 AND e.stamp IS DISTINCT FROM t.first_stamp
	UNION ALL
	SELECT 'HIGH', 'tile', format('the right edge from %s on begins with another event than it says', t.first)
	  FROM (SELECT DISTINCT ON (l.first / 256) l.first, l.first_stamp, l.event_ids FROM maestro.tile_tail AS l WHERE l.level = 0 ORDER BY l.first / 256, l.first) AS t
	  JOIN maestro.event AS e ON e.event_id = ('x' || encode(substring(t.event_ids FOR 8), 'hex'))::bit(64)::bigint
	 WHERE e.stamp IS DISTINCT FROM t.first_stamp
	UNION ALL
	SELECT 'LOW', 'incarnation', 'nobody has adopted this copy of the log, so no checkpoint is signed: maestro.adopt_log(reason) or maestro.log_fork(reason)'
	  FROM maestro.incarnation AS i
	 WHERE i.no = (SELECT max(no) FROM maestro.incarnation) AND i.adopted_at IS NULL
$$;
COMMENT ON FUNCTION maestro.verify_checkpoints(boolean) IS 'for verify: what is wrong with incarnations, the order of checkpoints, what was counted of signals, and what tiles begin with; is_same: the newest incarnation is of this server and database';

CREATE FUNCTION maestro.verify(from_event bigint DEFAULT NULL, to_event bigint DEFAULT NULL)
	RETURNS TABLE (severity maestro.severity, kind text, event_id bigint, detail text)
	LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_verify';
COMMENT ON FUNCTION maestro.verify(bigint, bigint) IS 'hashes every event again and compares all with the Merkle tree, the tree with its checkpoints, and looks at the guards; no row means that all is as it was sealed. With bounds only events with ids between them are compared, the tree as a whole all the same. kind: changed, missing, inserted (an event), tile, root, checkpoint, rollback, incarnation (the tree), signal (what posture counted), redaction (a payload that is gone), integrity (a guard). severity LOW says what is still to do, HIGH that something is damaged or a guard is down, CRITICAL that evidence was changed';
REVOKE ALL ON FUNCTION maestro.dropped_events(), maestro.tree_leaves(), maestro.verify_checkpoints(boolean), maestro.verify(bigint, bigint) FROM PUBLIC;
