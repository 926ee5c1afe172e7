--
-- Unregistered: who writes without being in the registry.
--
CREATE VIEW maestro.unregistered_component WITH (security_barrier = true) AS
	SELECT u.claimed_component, u.events, u.first_seen, u.last_seen, u.callers,
		   CASE WHEN u.system_id IS NULL
				THEN format('SELECT maestro.register_system(%L); ', split_part(u.claimed_component, '/', 1)) ELSE '' END
		   || format('SELECT maestro.register_component(%L, %L, %L);', split_part(u.claimed_component, '/', 1),
				substr(u.claimed_component, strpos(u.claimed_component, '/') + 1), 'agent') AS statement
	  FROM (SELECT e.claimed_component, e.system_id, count(*) AS events, min(e.recorded_at) AS first_seen,
				   max(e.recorded_at) AS last_seen, array_agg(DISTINCT e.caller) AS callers
			  FROM maestro.event AS e
			 WHERE e.component_id IS NULL AND e.claimed_component IS NOT NULL
			   AND maestro.may_read(e.system_id)
			   AND NOT EXISTS (SELECT FROM maestro.component AS c JOIN maestro.system AS s USING (system_id)
				WHERE s.name || '/' || c.name = e.claimed_component)
			 GROUP BY e.claimed_component, e.system_id) AS u;
COMMENT ON VIEW maestro.unregistered_component IS
	'names under which events came that are not registered by now: how many events, first and last, the roles that wrote them, and the statement that registers the name (its kind is for you to decide)';
