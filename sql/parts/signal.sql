--
-- Signal: what events say, counted.
--
-- A signal is a question with a yes or no for each event (or run) that it
-- concerns: ok counts the yes, bad the no, with the newest time of each and the
-- ids of the first and last bad event.  Controls read signals, never events, so
-- the view "signal" can become a table that is kept up to date event by event.
-- The table signal_word has them all.
--
-- Good evidence is as old as the earlier of its two times, bad evidence as new as
-- we recorded it, so that no claimed time makes a status better.  Of neither does
-- what is older than 30 days count, the longest that behaviour may be evidence of
-- anything; of drills 90 days.  A review takes bad evidence back.
--
CREATE TABLE maestro.signal_word (
	signal text PRIMARY KEY,
	about text NOT NULL CHECK (about IN ('system', 'component', 'dependency')),
	yes text NOT NULL,
	no text NOT NULL
);
COMMENT ON TABLE maestro.signal_word IS 'all signals: what a yes and a no of each means';
COMMENT ON COLUMN maestro.signal_word.about IS 'what it is counted for';
INSERT INTO maestro.signal_word VALUES
	('event', 'component', 'it logged an event', 'it logged nothing'),
	('event_in_context', 'component', 'with a trace id, and a body or attributes', 'without a trace id, or without body and attributes'),
	('event_without_secret', 'component', 'no secret found', 'a secret was found and redacted'),
	('input_valid', 'component', 'the input held the contract, or was refused', 'the input broke the contract and was accepted'),
	('input_checked', 'component', 'the input was checked against the contract', 'the input was not checked against the contract'),
	('output_valid', 'component', 'the output held the contract, was refused or asked for again', 'the output broke the contract and was accepted'),
	('output_checked', 'component', 'the output was checked against the contract', 'the output was not checked against the contract'),
	('output_clean', 'component', 'no secret, nor personal data that is not allowed', 'a secret, or personal data that is not allowed'),
	('error_clean', 'component', 'a failure that showed no internals', 'a failure that showed internals'),
	('error_typed', 'component', 'a failure with error.type', 'a failure without usable error.type'),
	('error_explained', 'component', 'a failure with error.type or an error event in its span', 'a failure with neither error.type nor an error event in its span'),
	('span_in_time', 'component', 'within the timeout and its grace', 'outlasted the timeout and its grace'),
	('run_in_bounds', 'component', 'a run with no more calls than max_iterations', 'a run with more calls than max_iterations'),
	('memory_in_limit', 'component', 'a heartbeat within memory_limit', 'a heartbeat beyond memory_limit'),
	('fd_stable', 'component', 'open files did not grow over the heartbeats of a day', 'open files grew over the heartbeats of a day'),
	('resource_exclusive', 'component', 'alone on its resource', 'overlapped another action on its resource'),
	('tool_schema_same', 'component', 'the registered tool schema digest', 'another tool schema digest than the registered one'),
	('manifest_same', 'component', 'the registered manifest digest', 'another manifest digest than the registered one'),
	('manifest_sent', 'component', 'a run that carries a manifest digest', 'a run without manifest digest'),
	('calling', 'component', 'it called a model or tool', ''),
	('model_pinned', 'component', 'a model call that got the pinned model', 'a model call to no registered model with a pinned name, or that got another model'),
	('model_named', 'component', 'a model call that names its model', 'a model call that names no model'),
	('call_declared', 'component', 'a call to a declared address', 'a call to an address that no dependency declares'),
	('failed_run_ended', 'component', 'a run with a failed dependency that ended properly', 'a run with a failed dependency without end, or with an untyped error'),
	('acting', 'component', 'what a component of its kind does not do', ''),
	('heartbeat', 'component', 'a heartbeat', ''),
	('undeclared_call', 'component', 'a call of a dependency that is not registered', ''),
	('called', 'component', 'it was called', ''),
	('called_silent', 'component', '', 'it was called, but logged nothing within a day of that'),
	('host_hardened', 'component', 'reported as hardened', 'reported as not hardened'),
	('host_secrets', 'component', 'reported with a secret store', 'reported without one, or with a tracked .env file'),
	('host_network', 'component', 'reported with a network policy and declared ports', 'reported without policy, or with other ports'),
	('host_stateless', 'component', '', 'reported with local state'),
	('memory_limit_real', 'component', 'reported with the declared memory limit', 'reported with another memory limit'),
	('session_secure', 'component', 'a session that came locally, or by TLS from an allowed network', 'a session without TLS, or from another network'),
	('contract_strings', 'component', 'all strings of the input contract are bounded', 'some are not'),
	('contract_numbers', 'component', 'all numbers of the input contract have a range', 'some have none'),
	('contract_paths', 'component', 'all paths of the input contract are checked', 'some are not'),
	('contract_objects', 'component', 'all objects of the output contract are closed', 'some are open'),
	('call', 'dependency', 'it was called', ''),
	('call_in_time', 'dependency', 'a call within both timeouts and their grace', 'a call that outlasted both timeouts and their grace'),
	('retry_in_bounds', 'dependency', 'a retry within max_attempts whose delay is known', 'a retry beyond max_attempts'),
	('retry_waited', 'dependency', 'ms waited before the retry', 'ms by the schedule without jitter'),
	('retry_known', 'dependency', 'a retry that says how long it waited', 'a retry that does not say how long it waited'),
	('breaker_asked', 'dependency', 'a call that was made after asking the breaker', 'a call without asking the breaker'),
	('breaker_answer', 'dependency', 'the breaker let a call pass, which stands for a call that does not say that it asked', ''),
	('breaker_heeded', 'dependency', 'a call that the breaker let pass', 'a call while the breaker was open'),
	('limiter_asked', 'dependency', 'a call that was made after asking the limiter', 'a call without asking the limiter'),
	('limiter_answer', 'dependency', 'the limiter let a call pass, which stands for a call that does not say that it asked', ''),
	('limiter_heeded', 'dependency', 'a call that the limiter let pass', 'a call that the limiter had refused'),
	('message_neutral', 'system', 'a message without characters that sanitizing removes', 'a message with characters that sanitizing removes'),
	('writer_registered', 'system', 'from a registered component, or refused', 'from a component that nobody registered'),
	('handoff_valid', 'system', 'a handoff that held its contract, or was refused', 'a handoff without contract, or that broke it and was accepted'),
	('handoff_checked', 'system', 'a handoff that was checked against its contract', 'a handoff that was not checked'),
	('order_kept', 'system', 'a handoff along an edge of a declared plan, or refused', 'a handoff along no edge of the declared plan'),
	('plan_same', 'system', 'a run with the digest of a declared plan', 'a run with the digest of no declared plan'),
	('registration_seen', 'system', 'a refused registration that was reviewed', 'a refused registration that waits for a review'),
	('registration_reviewed', 'system', 'a refused registration that was reviewed', ''),
	('registry_locked', 'system', 'the registry is locked', '');

CREATE VIEW maestro.event_signal WITH (security_barrier = true) AS
	SELECT s.system_id, s.component_id, s.dependency_id, s.component_version, s.signal,
		   s.ok, CASE WHEN s.excused THEN 0 ELSE s.bad END AS bad, s.at, s.recorded_at, s.event_id,
		   s.drill AND (s.component_id IS NOT NULL OR s.signal NOT IN ('message_neutral', 'writer_registered')) AS drill, s.excused AND s.bad > 0 AS excused
	  FROM (
		-- Arrays are unpacked side by side, once a row; a list of VALUES would be run
		-- anew for each.  About is o: who acted, t: whom it called, d: its dependency,
		-- b: whose contract it is, s: the system.
		SELECT v.system_id,
			   CASE q.about WHEN 't' THEN v.target_id WHEN 'b' THEN v.judged_id WHEN 's' THEN NULL ELSE v.component_id END AS component_id,
			   CASE q.about WHEN 'd' THEN v.dependency_id END AS dependency_id,
			   CASE WHEN q.about = 'o' OR q.about = 'b' AND v.judged_id = v.component_id THEN v.version
					WHEN q.about = 't' OR q.about = 'b' THEN v.target_version END AS component_version,
			   q.signal,
			   CASE WHEN q.signal = 'retry_waited' THEN round(v.waited::numeric)::bigint ELSE q.yes::integer END AS ok,
			   CASE WHEN q.signal = 'retry_waited' THEN round(v.scheduled::numeric)::bigint ELSE (NOT q.yes)::integer END AS bad, v.at, v.recorded_at, v.event_id, v.drill, v.excused
		  FROM maestro.event_verdict v
		 CROSS JOIN LATERAL (
			SELECT unnest('{o,o,o,o,o,o,o,o,o,o,o,o,o,o,o,o,o,o}'::text[] || '{s,s,s,s,s,s,s,s}'::text[]
						  || '{t,t,t,t,t,t,t,t}'::text[] || '{d,d,d,d,d,d,d,d,d,d,d}'::text[] || '{b,b,b,b}'::text[]) AS about,
				   unnest('{event,event_in_context,event_without_secret,output_clean,error_clean,error_typed,span_in_time,call_declared,acting,heartbeat,undeclared_call,model_pinned,model_named,tool_schema_same,manifest_same,memory_in_limit,manifest_sent,calling}'::text[]
						  || '{message_neutral,writer_registered,handoff_valid,handoff_checked,order_kept,plan_same,registration_seen,registration_reviewed}'::text[]
						  || '{called,output_clean,error_clean,error_typed,span_in_time,tool_schema_same,model_pinned,model_named}'::text[]
						  || '{call,call_in_time,retry_in_bounds,breaker_asked,breaker_answer,breaker_heeded,limiter_asked,limiter_answer,limiter_heeded,retry_waited,retry_known}'::text[]
						  || '{input_valid,input_checked,output_valid,output_checked}'::text[]) AS signal,
				   unnest(ARRAY[
						v.own OR NULL,
						v.in_context,
						v.without_secret,
						CASE WHEN v.kind = 'output' THEN v.clean END,
						CASE WHEN v.kind IN ('error', 'output') THEN v.error_clean END,
						v.error_typed,
						v.in_time,
						v.call_declared,
						v.own AND NOT v.refused AND v.kind = ANY (v.contradicted_by) OR NULL,
						v.own AND v.kind = 'heartbeat' OR NULL,
						v.own AND NOT v.refused AND v.kind = 'dependency_call' AND v.dependency_id IS NULL OR NULL,
						v.model_pinned,
						v.model_named,
						v.tool_same,
						v.manifest_same,
						v.memory_in_limit,
						v.manifest_sent,
						v.own AND NOT v.refused AND v.kind IN ('model_call', 'tool_call') OR NULL,
						v.neutral,
						v.registered,
						CASE WHEN v.contracted THEN v.valid WHEN NOT v.contracted THEN v.refused END,
						CASE WHEN v.contracted THEN v.checked END,
						v.order_kept,
						v.plan_same,
						v.registration_reviewed,
						v.registration_reviewed OR NULL,
						v.own AND NOT v.refused AND v.target_id IS NOT NULL
							AND v.kind IN ('handoff', 'model_call', 'tool_call', 'dependency_call') OR NULL,
						CASE WHEN v.target_judged AND v.kind IN ('tool_call', 'model_call') AND v.target_id <> v.component_id THEN v.clean END,
						CASE WHEN v.target_judged AND v.kind IN ('tool_call', 'model_call') AND v.target_id <> v.component_id THEN v.error_clean END,
						CASE WHEN v.target_judged AND v.kind IN ('tool_call', 'model_call') AND v.target_id <> v.component_id THEN v.error_typed END,
						CASE WHEN v.target_judged THEN v.target_in_time END,
						v.target_tool_same,
						-- model_named is of calls to models and gateways alone
						CASE WHEN v.target_judged AND v.target_id <> v.component_id AND v.model_named IS NOT NULL THEN v.model_pinned END,
						CASE WHEN v.target_judged AND v.target_id <> v.component_id THEN v.model_named END,
						v.own AND v.dependency_id IS NOT NULL AND v.kind = 'dependency_call' AND NOT v.refused OR NULL,
						v.call_in_time,
						v.retry_in_bounds,
						CASE WHEN v.own AND v.dependency_id IS NOT NULL AND v.kind = 'dependency_call' AND NOT v.refused THEN v.breaker_open IS NOT NULL END,
						v.kind = 'guard' AND NOT v.breaker_open OR NULL,
						CASE WHEN v.own AND v.dependency_id IS NOT NULL AND v.kind = 'dependency_call' AND NOT v.refused THEN (v.breaker_open AND v.made) IS NOT TRUE END,
						CASE WHEN v.own AND v.dependency_id IS NOT NULL AND v.kind = 'dependency_call' AND NOT v.refused THEN v.limited IS NOT NULL END,
						v.kind = 'guard' AND NOT v.limited OR NULL,
						CASE WHEN v.own AND v.dependency_id IS NOT NULL AND v.kind = 'dependency_call' AND NOT v.refused THEN (v.limited AND v.made) IS NOT TRUE END,
						v.waited IS NOT NULL OR NULL,
						v.retry_known,
						CASE WHEN v.direction = 'input' THEN v.valid END,
						CASE WHEN v.direction = 'input' THEN v.checked END,
						CASE WHEN v.direction = 'output' THEN v.valid END,
						CASE WHEN v.direction = 'output' THEN v.checked END]) AS yes) q
		 WHERE q.yes IS NOT NULL
		UNION ALL
		SELECT r.system_id, r.component_id, r.dependency_id, r.component_version, r.signal,
			   r.yes::integer, (NOT r.yes)::integer, r.at, r.recorded_at, r.event_id, n.drill_id IS NOT NULL, x.event_id IS NOT NULL
		  FROM maestro.run_verdict r
		  LEFT JOIN maestro.event_excused x ON x.event_id = r.event_id
		  LEFT JOIN maestro.drill_window n
			ON n.trace_id = r.trace_id AND n.system_id = r.system_id AND coalesce(n.component_id, r.component_id) = r.component_id
		   AND r.recorded_at BETWEEN n.started_at AND n.until) s;
COMMENT ON VIEW maestro.event_signal IS 'what each event says, a row a signal: evidence before it is counted';
COMMENT ON COLUMN maestro.event_signal.component_version IS 'version that it is evidence of; NULL: an earlier one, unknown, or about a dependency or the system';
COMMENT ON COLUMN maestro.event_signal.excused IS 'it would be bad, but a review said that it was no alarm or is resolved';

CREATE VIEW maestro.signal WITH (security_barrier = true) AS
	SELECT e.system_id, e.component_id, e.dependency_id, e.component_version, e.drill, e.signal,
		   coalesce(sum(e.ok) FILTER (WHERE e.at > now() - w.span), 0)::bigint AS ok,
		   coalesce(sum(e.bad) FILTER (WHERE e.recorded_at > now() - w.span), 0)::bigint AS bad,
		   max(e.at) FILTER (WHERE e.ok > 0) AS newest_ok, max(e.recorded_at) FILTER (WHERE e.bad > 0) AS newest_bad,
		   min(e.event_id) FILTER (WHERE e.bad > 0) AS first_bad_event, max(e.event_id) FILTER (WHERE e.bad > 0) AS last_bad_event
	  FROM maestro.event_signal e
	 CROSS JOIN LATERAL (SELECT CASE WHEN e.drill THEN interval '90 days' ELSE interval '30 days' END AS span) w
	 GROUP BY e.system_id, e.component_id, e.dependency_id, e.component_version, e.drill, e.signal;
COMMENT ON VIEW maestro.signal IS 'what events say, counted by component, dependency, version, drill and signal; see the table signal_word';
COMMENT ON COLUMN maestro.signal.component_id IS 'NULL: about the system as a whole';
COMMENT ON COLUMN maestro.signal.dependency_id IS 'NULL: about the component as a whole';
COMMENT ON COLUMN maestro.signal.component_version IS 'version that it is evidence of; NULL: an earlier one, unknown, or about a dependency or the system';
COMMENT ON COLUMN maestro.signal.drill IS 'true: observed in drills, evidence of how failures are handled and of nothing else';

-- All that was observed, whatever the source.
CREATE VIEW maestro.observation WITH (security_barrier = true) AS
	SELECT s.system_id, s.component_id, s.dependency_id, s.signal, s.drill,
		   s.component_version = c.version AS current, s.ok, s.bad, s.newest_ok, s.newest_bad, s.last_bad_event,
		   NULL::text AS detail, NULL::text AS skip
	  FROM maestro.signal s
	  LEFT JOIN maestro.component c ON c.component_id = s.component_id
	UNION ALL
	SELECT r.system_id, r.component_id, NULL, r.signal, false, true, r.ok, r.bad, r.reported_at, r.reported_at, NULL, r.detail, NULL
	  FROM maestro.report_signal r
	UNION ALL
	SELECT l.system_id, l.component_id, NULL, l.signal, false, true, l.ok, l.bad, now(), now(), NULL, l.detail, l.skip
	  FROM maestro.contract_signal l
	UNION ALL
	SELECT f.system_id, f.component_id, NULL, 'session_secure', false, true, f.ok, f.bad, f.newest_ok, f.newest_bad, NULL, f.detail, NULL
	  FROM maestro.session_signal f
	UNION ALL
	SELECT s.system_id, NULL, NULL, 'registry_locked', false, true, 1, 0, now(), NULL, NULL, NULL, NULL
	  FROM maestro.readable_system r
	  JOIN maestro.system s ON s.system_id = r.system_id AND s.registration = 'locked';
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
	  FROM maestro.readable_system r JOIN maestro.system s ON s.system_id = r.system_id AND s.registration = 'locked'
	UNION ALL
	SELECT DISTINCT p.system_id, NULL::integer, NULL::integer, k.control, NULL, true, NULL
	  FROM maestro.plan_in_force p CROSS JOIN unnest('{plan_digest,order_kept}'::text[]) AS k (control);
COMMENT ON VIEW maestro.declaration IS 'what is declared for which control, and what is wrong with it (fault, NULL: nothing); lacking names a dependency that declares nothing, where all of them have to (declared false)';
