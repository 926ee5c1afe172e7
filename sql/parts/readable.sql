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

CREATE FUNCTION maestro.is_locked(registration text, unlocked_until timestamptz) RETURNS boolean
	LANGUAGE sql VOLATILE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT registration = 'locked' AND coalesce(unlocked_until <= clock_timestamp(), true);
	END;
COMMENT ON FUNCTION maestro.is_locked(text, timestamptz) IS 'is a registry with these columns of maestro.system locked now?';
