--
-- Controls of where components run: layer 6, and reported limits.
--
-- A report is an observation like an event: the newest one of a component
-- becomes a row a signal, good when all facts are, bad when one is not, neither
-- when facts are missing or the component itself reported.
--
INSERT INTO maestro.control
	(control, title, scope, condition, basis, min_evidence, max_age, to_declare, to_observe, to_repair, explanation)
VALUES
	('container_hardened', 'Hardened container', 'component', 'hosting', 'reported', 1, '7 days', NULL,
	 'Have its deployer report what the platform enforces: maestro.report_environment(%1$L, facts) with runAsNonRoot, readOnlyRootFilesystem and allowPrivilegeEscalation beside all other facts, as a report replaces the one before.',
	 'Change how it is started, then report again with maestro.report_environment.',
	 'A deployer reported that it runs without root, on a read-only filesystem and without privilege escalation. It does not exclude flaws of kernel or runtime.'),
	('secret_store', 'Secrets in a store', 'component', 'hosting', 'reported', 1, '7 days', NULL,
	 'Have its deployer report where secrets lie: maestro.report_environment(%1$L, facts) with secretStore and envFileTracked beside all other facts, as a report replaces the one before.',
	 'Take .env out of version control and revoke what it held, then report again with maestro.report_environment.',
	 'A deployer reported a secret store, and that no .env file is tracked. Older commits are not covered.'),
	('network_policy', 'Network policy and ports', 'component', 'hosting', 'reported', 1, '7 days', NULL,
	 'Have its deployer report the network: maestro.report_environment(%1$L, facts) with networkPolicy and listeningPorts beside all other facts, as a report replaces the one before.',
	 'Close ports that are not needed, and declare the others: maestro.update_component(%1$L, ports => ...).',
	 'A deployer reported a network policy, and no port open beyond the declared ones. Nothing is probed.'),
	('session_network', 'Sessions by TLS from known networks', 'component', 'logging', 'enforced', 1, '7 days',
	 'Declare where it may come from: maestro.update_component(%1$L, allowed_networks => ...).',
	 'Have it log: its sessions are looked at then.',
	 'Have it connect by TLS (hostssl in pg_hba.conf), from the networks that maestro.update_component(%1$L, allowed_networks => ...) declares.',
	 'Whoever logged as the component came through a local socket or the loopback, or encrypted and from its networks. Behind a pooler or proxy it is the proxy that is seen.');

INSERT INTO maestro.control_signal (control, signal, role, good, bad) VALUES
	('container_hardened', 'host_hardened', 'shows', 'reported without root, read-only, without escalation', '{detail}'),
	('secret_store', 'host_secrets', 'shows', 'reported with a secret store and no tracked .env file', '{detail}'),
	('network_policy', 'host_network', 'shows', 'reported with a network policy and declared ports alone', '{detail}'),
	('session_network', 'session_secure', 'shows', '{good} sessions came locally, or by TLS from its networks', '{detail}'),
	-- No report can show the absence of races, but it can admit local state.
	('stateless', 'host_stateless', 'against', '', '{detail}');

CREATE FUNCTION maestro.acts_for(member name, role name) RETURNS boolean
	LANGUAGE sql STABLE PARALLEL SAFE
	BEGIN ATOMIC
		WITH RECURSIVE held AS (
			SELECT r.oid FROM pg_catalog.pg_roles r
			 WHERE r.rolname = acts_for.member OR maestro.sanitize(r.rolname::text, 'secrets') = acts_for.member::text
			UNION
			SELECT m.roleid FROM pg_catalog.pg_auth_members m JOIN held h ON h.oid = m.member)
		SELECT EXISTS (SELECT FROM held h JOIN pg_catalog.pg_roles r ON r.oid = h.oid
						WHERE r.rolname = acts_for.role);
	END;
COMMENT ON FUNCTION maestro.acts_for(name, name) IS
	'true when the first role, as maestro stores role names, is the second or has been granted it, directly or not; superusers count for what they were granted alone';

CREATE VIEW maestro.report_signal WITH (security_barrier = true) AS
	SELECT l.system_id, l.component_id, v.signal,
		   (v.wrong IS NULL AND v.lacking IS NULL AND NOT r.own)::integer::bigint AS ok,
		   (v.wrong IS NOT NULL)::integer::bigint AS bad,
		   r.reported_at,
		   CASE WHEN v.wrong IS NOT NULL THEN 'its environment report says ' || v.wrong
				WHEN r.own THEN 'its environment report comes from the component itself'
				ELSE 'its environment report does not say ' || v.lacking END AS detail
	  FROM (SELECT DISTINCT ON (o.component_id, o.own) o.*,
				   bool_or(NOT o.own) OVER (PARTITION BY o.component_id) AS has_other
			  FROM (SELECT e.component_id, e.facts AS f, e.reported_at, e.report_id, c.ports,
						   e.is_own IS TRUE OR maestro.acts_for(e.reported_by, coalesce(c.db_role, s.db_role))
						   OR maestro.acts_for(e.session_role, coalesce(c.db_role, s.db_role)) IS TRUE AS own
					  FROM maestro.environment_report e
					  JOIN maestro.component c USING (component_id)
					  JOIN maestro.readable_system s USING (system_id)) o
			 ORDER BY o.component_id, o.own, o.reported_at DESC, o.report_id DESC) r
	  JOIN maestro.effective_limit l USING (component_id)
	 CROSS JOIN LATERAL (
		SELECT 'host_hardened' AS signal,
			   concat_ws(', ',
					CASE WHEN f -> 'runAsNonRoot' = 'false' THEN 'runAsNonRoot false' END,
					CASE WHEN f -> 'readOnlyRootFilesystem' = 'false' THEN 'readOnlyRootFilesystem false' END,
					CASE WHEN f -> 'allowPrivilegeEscalation' = 'true' THEN 'allowPrivilegeEscalation true' END,
					CASE WHEN f -> 'privileged' = 'true' THEN 'privileged true' END) AS wrong,
			   concat_ws(', ',
					CASE WHEN f -> 'runAsNonRoot' = 'true' THEN NULL ELSE 'runAsNonRoot' END,
					CASE WHEN f -> 'readOnlyRootFilesystem' = 'true' THEN NULL ELSE 'readOnlyRootFilesystem' END,
					CASE WHEN f -> 'allowPrivilegeEscalation' = 'false' THEN NULL ELSE 'allowPrivilegeEscalation' END) AS lacking
		UNION ALL
		SELECT 'host_secrets',
			   concat_ws(', ',
					CASE WHEN f -> 'envFileTracked' = 'true' THEN 'envFileTracked true' END,
					CASE WHEN f -> 'secretStore' IN ('false', '""', '"none"') THEN 'no secretStore' END),
			   concat_ws(', ',
					CASE WHEN f -> 'envFileTracked' = 'false' THEN NULL ELSE 'envFileTracked' END,
					CASE WHEN f -> 'secretStore' = 'true' OR jsonb_typeof(f -> 'secretStore') = 'string' THEN NULL ELSE 'secretStore' END)
		UNION ALL
		SELECT 'host_network',
			   concat_ws(', ',
					CASE WHEN f -> 'networkPolicy' IN ('false', '""', '"none"') THEN 'no networkPolicy' END,
					CASE WHEN jsonb_typeof(f -> 'listeningPorts') = 'array'
						  AND NOT f -> 'listeningPorts' <@ to_jsonb(coalesce(r.ports, '{}')) THEN 'a listening port that is not declared' END),
			   concat_ws(', ',
					CASE WHEN f -> 'networkPolicy' = 'true' OR jsonb_typeof(f -> 'networkPolicy') = 'string' THEN NULL ELSE 'networkPolicy' END,
					CASE WHEN jsonb_typeof(f -> 'listeningPorts') = 'array' THEN NULL ELSE 'listeningPorts' END)
		UNION ALL
		SELECT 'memory_limit_real',
			   CASE WHEN jsonb_typeof(f -> 'memoryLimitBytes') = 'number' AND (f ->> 'memoryLimitBytes')::numeric <> l.memory_limit
					THEN format('memoryLimitBytes %s, but memory_limit is %s', f ->> 'memoryLimitBytes', l.memory_limit) END,
			   CASE WHEN jsonb_typeof(f -> 'memoryLimitBytes') = 'number' THEN NULL ELSE 'memoryLimitBytes' END
		UNION ALL
		SELECT 'host_stateless', CASE WHEN f -> 'localState' = 'true' THEN 'localState true' END, NULL) w
	 CROSS JOIN LATERAL (
		SELECT w.signal, nullif(w.wrong, '') AS wrong, nullif(w.lacking, '') AS lacking) v
	 -- What it reports of itself adds what is wrong, and takes nothing back.
	 WHERE NOT r.own OR v.wrong IS NOT NULL OR NOT r.has_other;
COMMENT ON VIEW maestro.report_signal IS 'what the newest environment report of each component says, as signals, and what is wrong in the newest one of its own; detail is what is wrong or lacking';

-- A session is judged by where it came from, as the database saw it; so places are
-- judged, which are few.
CREATE VIEW maestro.session_place WITH (security_barrier = true) AS
	SELECT p.system_id, p.component_id, p.client_address, p.tls, p.sessions, p.seen_at, p.session_id, v.is_local,
		   CASE WHEN v.is_local THEN NULL
				WHEN NOT p.tls THEN 'came without TLS'
				WHEN NOT v.is_allowed THEN 'came from a network that is not allowed' END AS fault
	  FROM (SELECT f.component_id, f.system_id, f.client_address, f.tls, count(*) AS sessions, max(f.seen_at) AS seen_at, max(f.session_id) AS session_id
			  FROM maestro.session_fact f
			 WHERE f.seen_at > now() - interval '30 days'
			 GROUP BY f.component_id, f.system_id, f.client_address, f.tls) p
	  JOIN maestro.component c ON c.component_id = p.component_id
	  JOIN maestro.readable_system s ON s.system_id = c.system_id
	 CROSS JOIN LATERAL (
		SELECT p.client_address IS NULL OR p.client_address <<= '127.0.0.0/8'::inet OR p.client_address = '::1'::inet AS is_local,
			   EXISTS (SELECT FROM unnest(c.allowed_networks) n WHERE p.client_address <<= n::inet) AS is_allowed) v;
COMMENT ON VIEW maestro.session_place IS 'from where each component logged lately, how many rows of session_fact say so, the newest of these, and what is wrong with that place (fault, NULL: nothing)';

CREATE VIEW maestro.session_verdict WITH (security_barrier = true) AS
	SELECT f.system_id, f.component_id, f.session_id, f.seen_at, f.client_address, p.is_local,
		   CASE WHEN p.fault IS NOT NULL THEN format('session %s %s', f.session_id, p.fault) END AS fault
	  FROM maestro.session_fact f
	  JOIN maestro.session_place p
		ON p.component_id = f.component_id AND p.system_id = f.system_id AND p.client_address IS NOT DISTINCT FROM f.client_address AND p.tls = f.tls
	 WHERE f.seen_at > now() - interval '30 days';
COMMENT ON VIEW maestro.session_verdict IS 'each session of session_fact that logged lately: from where, and what is wrong with that (fault, NULL: nothing)';

CREATE VIEW maestro.session_signal WITH (security_barrier = true) AS
	SELECT p.system_id, p.component_id, coalesce(sum(p.sessions) FILTER (WHERE p.fault IS NULL), 0)::bigint AS ok,
		   coalesce(sum(p.sessions) FILTER (WHERE p.fault IS NOT NULL), 0)::bigint AS bad,
		   max(p.seen_at) FILTER (WHERE p.fault IS NULL) AS newest_ok, max(p.seen_at) FILTER (WHERE p.fault IS NOT NULL) AS newest_bad,
		   (array_agg(format('session %s %s', p.session_id, p.fault) ORDER BY p.session_id DESC) FILTER (WHERE p.fault IS NOT NULL))[1] AS detail
	  FROM maestro.session_place p
	 GROUP BY p.system_id, p.component_id;
COMMENT ON VIEW maestro.session_signal IS 'how many sessions of each component came as they should, and what was wrong with the last that did not';
