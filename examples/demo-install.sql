--
-- Demo: install.  Roles belong to the cluster, so they may be there already.
--
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS maestro;
SELECT count(*) FROM maestro.install_roles() \g /dev/null
SELECT format('CREATE ROLE %I', r) FROM unnest(ARRAY['crew_agents', 'crew_stranger', 'desk_translate']) AS r
 WHERE to_regrole(r) IS NULL \gexec
GRANT maestro_agent TO crew_agents, crew_stranger, desk_translate;
-- the incident takes it away
ALTER ROLE desk_translate LOGIN;
