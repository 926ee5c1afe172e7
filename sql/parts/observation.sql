--
-- Observation: all that was observed and declared, whatever the source.
--
-- What is no event.
CREATE VIEW maestro.other_observation WITH (security_barrier = true) AS
	SELECT r.system_id, r.component_id, NULL::integer AS dependency_id, r.signal, false AS drill, true AS current, r.ok, r.bad,
		   r.reported_at AS newest_ok, r.reported_at AS newest_bad, NULL::bigint AS last_bad_event, r.detail, NULL::text AS skip
	  FROM maestro.report_signal r
	UNION ALL
	SELECT l.system_id, l.component_id, NULL, l.signal, false, true, l.ok, l.bad, now(), now(), NULL, l.detail, l.skip
	  FROM maestro.contract_signal l
	UNION ALL
	SELECT f.system_id, f.component_id, NULL, 'session_secure', false, true, f.ok, f.bad, f.newest_ok, f.newest_bad, NULL, f.detail, NULL
	  FROM maestro.session_signal f
	UNION ALL
	SELECT g.system_id, g.component_id, g.dependency_id, g.signal, false, true, g.allowed, 0, now(), NULL, NULL, NULL, NULL
	  FROM maestro.guard_signal g
	UNION ALL
	SELECT u.system_id, u.component_id, NULL, 'action_unresolved', false, true, 0, u.bad, NULL, u.newest_bad, u.last_bad_event, NULL, NULL
	  FROM maestro.unresolved_signal u
	UNION ALL
	SELECT s.system_id, NULL, NULL, 'registry_locked', false, true, 1, 0, now(), NULL, NULL, NULL, NULL
	  FROM maestro.readable_system r
	  JOIN maestro.system s ON s.system_id = r.system_id
	 WHERE maestro.is_locked(s.registration, s.unlocked_until);
COMMENT ON VIEW maestro.other_observation IS 'what was observed otherwise than by events: reports, contracts, sessions, guards, actions without end, locked registries';

CREATE VIEW maestro.observation WITH (security_barrier = true) AS
	SELECT s.system_id, s.component_id, s.dependency_id, s.signal, s.drill,
		   s.component_version = c.version AS current, s.ok, s.bad, s.newest_ok, s.newest_bad, s.last_bad_event,
		   NULL::text AS detail, NULL::text AS skip
	  FROM maestro.signal s
	  LEFT JOIN maestro.component c ON c.component_id = s.component_id
	UNION ALL
	SELECT * FROM maestro.other_observation;
COMMENT ON VIEW maestro.observation IS 'what was observed of each component, dependency and system, by signal, whatever the source';
COMMENT ON COLUMN maestro.observation.current IS 'true: of the running version';
COMMENT ON COLUMN maestro.observation.skip IS 'why what the signal asks does not apply';

CREATE VIEW maestro.declaration WITH (security_barrier = true) AS
	SELECT system_id, component_id, dependency_id, control, fault, true AS declared, NULL::text AS lacking FROM maestro.declared_resource
	UNION ALL
	SELECT system_id, component_id, dependency_id, control, fault, declared, lacking FROM maestro.declared_dependency
	UNION ALL
	SELECT system_id, component_id, dependency_id, control, fault, true, NULL FROM maestro.declared_boundary
	UNION ALL
	SELECT s.system_id, NULL, NULL, 'registry_locked', NULL, true, NULL
	  FROM maestro.readable_system r JOIN maestro.system s ON s.system_id = r.system_id
	 WHERE maestro.is_locked(s.registration, s.unlocked_until)
	UNION ALL
	SELECT DISTINCT p.system_id, NULL::integer, NULL::integer, k.control, NULL, true, NULL
	  FROM maestro.plan_in_force p CROSS JOIN unnest('{plan_digest,order_kept}'::text[]) AS k (control);
COMMENT ON VIEW maestro.declaration IS 'what is declared for which control, and what is wrong with it (fault, NULL: nothing); lacking names a dependency that declares nothing, where all of them have to (declared false)';
