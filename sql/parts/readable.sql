--
-- Readable: which systems the caller may read of.
--
-- Every view on posture starts here, so that none can show too much: views run
-- with the owner's rights, but may_read asks for the role that selects.
--
CREATE VIEW maestro.readable_system WITH (security_barrier = true) AS
	SELECT s.system_id, s.name, s.db_role, s.default_limits
	  FROM maestro.system s
	 WHERE maestro.may_read(s.system_id);
COMMENT ON VIEW maestro.readable_system IS 'the systems that the current role may read of';
