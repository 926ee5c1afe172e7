--
-- Verify: is the log what was sealed?
--
CREATE FUNCTION maestro.tree_leaves() RETURNS TABLE (index bigint, event_id bigint, leaf maestro.digest)
	LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_tree_leaves';
COMMENT ON FUNCTION maestro.tree_leaves() IS 'the sealed events in the order of the Merkle tree';

CREATE FUNCTION maestro.verify_incarnations() RETURNS TABLE (severity text, detail text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT 'CRITICAL', format('the row of incarnation %s is missing', n)
	  FROM (SELECT max(no) AS newest FROM maestro.incarnation) AS m, generate_series(1, m.newest) AS n
	 WHERE NOT EXISTS (SELECT FROM maestro.incarnation AS i WHERE i.no = n)
	UNION ALL
	SELECT 'CRITICAL', format('the checkpoint of size %s is of an incarnation that has not been, or comes before one that began later', c.size)
	  FROM maestro.checkpoint AS c
	  LEFT JOIN maestro.incarnation AS i ON i.no = c.incarnation
	 WHERE i.no IS NULL OR c.size <= i.size
	UNION ALL
	SELECT 'CRITICAL', format('incarnation %s began at size %s, which is below that of an earlier one', i.no, i.size)
	  FROM (SELECT no, size, lag(size) OVER (ORDER BY no) AS before FROM maestro.incarnation) AS i
	 WHERE i.size < i.before
	UNION ALL
	-- Within one incarnation snapshots only grow.
	SELECT 'CRITICAL', format('the checkpoint of size %s has seen less than the one before', c.size)
	  FROM (SELECT size, pg_snapshot_xmax(snapshot) AS seen, incarnation,
				   lag(pg_snapshot_xmax(snapshot)) OVER (PARTITION BY incarnation ORDER BY size) AS before FROM maestro.checkpoint) AS c
	 WHERE c.seen < c.before
	UNION ALL
	SELECT 'LOW', 'nobody has adopted this copy of the log, so no checkpoint is signed: maestro.adopt_log(reason) or maestro.log_fork(reason)'
	  FROM maestro.incarnation AS i
	 WHERE i.no = (SELECT max(no) FROM maestro.incarnation) AND i.adopted_at IS NULL
$$;
COMMENT ON FUNCTION maestro.verify_incarnations() IS 'for verify: what is wrong with incarnations, and with the order of checkpoints';

CREATE FUNCTION maestro.verify(from_event bigint DEFAULT NULL, to_event bigint DEFAULT NULL)
	RETURNS TABLE (severity maestro.severity, kind text, event_id bigint, detail text)
	LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_verify';
COMMENT ON FUNCTION maestro.verify(bigint, bigint) IS 'hashes every event again and compares all with the Merkle tree, the tree with its checkpoints, and looks at the guards; no row means that all is as it was sealed. With bounds only events with ids between them are compared, the tree as a whole all the same. kind: changed, missing, inserted (an event), tile, root, checkpoint, rollback, incarnation (the tree), redaction (a payload that is gone), integrity (a guard). severity LOW says what is still to do, HIGH that something is damaged or a guard is down, CRITICAL that evidence was changed';
REVOKE ALL ON FUNCTION maestro.tree_leaves(), maestro.verify_incarnations(), maestro.verify(bigint, bigint) FROM PUBLIC;
