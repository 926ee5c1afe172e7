--
-- Signal: what events say, counted.
--
-- A signal is a question with a yes or no for each event (or run) that it
-- concerns: ok counts the yes, bad the no, with the newest time of each and the
-- id of the last bad event.  Controls read signals, never events.  The table
-- signal_word has them all.
--
-- Good evidence is as old as the earlier of its two times, bad evidence as new as
-- we recorded it, so that no claimed time makes a status better.  Of neither does
-- what is older than 30 days in UTC count, the longest that behaviour may be evidence
-- of anything; of drills 90 days.  A review takes bad evidence back.
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
	('order_kept', 'system', 'a handoff or tool call along an edge of a declared plan, or refused', 'a handoff or tool call along no edge of the declared plan'),
	('plan_same', 'system', 'a run with the digest of a declared plan', 'a run with the digest of no declared plan'),
	('registration_seen', 'system', 'a refused registration that was reviewed', 'a refused registration that waits for a review'),
	('registration_reviewed', 'system', 'a refused registration that was reviewed', ''),
	('registry_locked', 'system', 'the registry is locked', '');

-- Where the answers of an event stand, and what each is about; first those of one
-- event, in the order of event_vote.votes (src/judge_vote.c), then those that take more than one.
CREATE TABLE maestro.signal_slot (
	slot integer PRIMARY KEY CHECK (slot BETWEEN 0 AND 62),
	about "char" NOT NULL CHECK (about IN ('o', 'c', 't', 'd', 'v', 'b', 's')),
	signal text NOT NULL,
	is_review boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE maestro.signal_slot IS 'the questions in the order of their answers';
COMMENT ON COLUMN maestro.signal_slot.about IS 'o: who acted, c: who acted, of whatever version, t: whom it called, d: its dependency, v: its dependency, by the version of who acted, b: whose contract it is, s: the system';
COMMENT ON COLUMN maestro.signal_slot.is_review IS 'true: whether there was a review is the question itself';
INSERT INTO maestro.signal_slot (slot, about, signal) VALUES
	(0, 'o', 'event'), (1, 'o', 'event_in_context'), (2, 'o', 'event_without_secret'), (3, 'o', 'output_clean'), (4, 'o', 'error_clean'),
	(5, 'o', 'error_typed'), (6, 'o', 'span_in_time'), (7, 'o', 'call_declared'), (8, 'o', 'acting'), (9, 'o', 'heartbeat'),
	(10, 'o', 'undeclared_call'), (11, 'o', 'model_pinned'), (12, 'o', 'model_named'), (13, 'o', 'tool_schema_same'), (14, 'o', 'manifest_same'),
	(15, 'o', 'memory_in_limit'), (16, 'o', 'manifest_sent'), (17, 'o', 'calling'), (18, 's', 'message_neutral'), (19, 's', 'writer_registered'),
	(20, 's', 'handoff_valid'), (21, 's', 'handoff_checked'), (22, 's', 'order_kept'), (23, 's', 'plan_same'), (24, 's', 'registration_seen'),
	(25, 's', 'registration_reviewed'), (26, 't', 'called'), (27, 't', 'output_clean'), (28, 't', 'error_clean'), (29, 't', 'error_typed'),
	(30, 't', 'span_in_time'), (31, 't', 'tool_schema_same'), (32, 't', 'model_pinned'), (33, 't', 'model_named'), (34, 'd', 'call'),
	(35, 'd', 'call_in_time'), (36, 'd', 'retry_in_bounds'), (37, 'd', 'breaker_asked'), (38, 'd', 'breaker_answer'), (39, 'd', 'breaker_heeded'),
	(40, 'd', 'limiter_asked'), (41, 'd', 'limiter_answer'), (42, 'd', 'limiter_heeded'), (43, 'd', 'retry_waited'), (44, 'd', 'retry_known'),
	(45, 'b', 'input_valid'), (46, 'b', 'input_checked'), (47, 'b', 'output_valid'), (48, 'b', 'output_checked'), (49, 'o', 'run_in_bounds'),
	(50, 'o', 'error_explained'), (51, 'c', 'failed_run_ended'), (52, 'v', 'breaker_heeded'), (53, 'o', 'fd_stable'), (54, 'o', 'resource_exclusive');
UPDATE maestro.signal_slot SET is_review = true WHERE signal IN ('registration_seen', 'registration_reviewed');

CREATE VIEW maestro.event_vote WITH (security_barrier = true) AS
	SELECT v.system_id, v.component_id, v.target_id, v.dependency_id, v.judged_id, v.valid_from, v.target_valid_from,
		   v.judging_version, v.event_id, v.at, v.recorded_at, v.drill, v.excused, v.is_open, v.waited, v.scheduled, v.votes, v.version, v.target_version
	  FROM maestro.event_verdict v;
COMMENT ON VIEW maestro.event_vote IS 'what each event says, all answers of one in an array, by signal_slot';

CREATE VIEW maestro.case_vote WITH (security_barrier = true) AS
	SELECT r.*, n.drill_id IS NOT NULL AS drill, x.event_id IS NOT NULL AS excused
	  FROM maestro.run_case r
	  LEFT JOIN maestro.event_excused x ON x.event_id = r.event_id
	  LEFT JOIN maestro.drill_window n
		ON n.trace_id = r.trace_id AND n.system_id = r.system_id AND coalesce(n.component_id, r.component_id) = r.component_id
	   AND r.recorded_at BETWEEN n.started_at AND n.until;
COMMENT ON VIEW maestro.case_vote IS 'what takes more than one event, with drills and reviews';

CREATE VIEW maestro.event_signal WITH (security_barrier = true) AS
	SELECT s.system_id, s.component_id, s.dependency_id, s.component_version, s.signal,
		   s.ok, CASE WHEN s.excused THEN 0 ELSE s.bad END AS bad, s.at, s.recorded_at, s.event_id,
		   s.drill AND (s.component_id IS NOT NULL OR s.signal NOT IN ('message_neutral', 'writer_registered')) AS drill, s.excused AND s.bad > 0 AS excused
	  FROM (
		SELECT v.system_id,
			   CASE q.about WHEN 't' THEN v.target_id WHEN 'b' THEN v.judged_id WHEN 's' THEN NULL ELSE v.component_id END AS component_id,
			   CASE q.about WHEN 'd' THEN v.dependency_id END AS dependency_id,
			   CASE WHEN q.about = 'o' OR q.about = 'b' AND v.judged_id = v.component_id THEN v.version
					WHEN q.about = 't' OR q.about = 'b' THEN v.target_version END AS component_version,
			   q.signal,
			   CASE WHEN q.signal = 'retry_waited' THEN v.waited ELSE q.yes::integer END AS ok,
			   CASE WHEN q.signal = 'retry_waited' THEN v.scheduled ELSE (NOT q.yes)::integer END AS bad, v.at, v.recorded_at, v.event_id, v.drill, v.excused
		  FROM maestro.event_vote v
		 -- unpacked side by side, once a row: a join with the slots would ask for each anew
		 CROSS JOIN (SELECT array_agg(l.about ORDER BY l.slot) AS abouts, array_agg(l.signal ORDER BY l.slot) AS signals FROM maestro.signal_slot l) l
		 CROSS JOIN LATERAL unnest(l.abouts, l.signals, v.votes) AS q (about, signal, yes)
		 WHERE q.yes IS NOT NULL
		UNION ALL
		SELECT r.system_id, r.component_id, r.dependency_id, r.component_version, r.signal,
			   r.yes::integer, (NOT r.yes)::integer, r.at, r.recorded_at, r.event_id, r.drill, r.excused
		  FROM maestro.case_vote r
		 WHERE r.yes IS NOT NULL) s;
COMMENT ON VIEW maestro.event_signal IS 'what each event says, a row a signal: evidence before it is counted';
COMMENT ON COLUMN maestro.event_signal.component_version IS 'version that it is evidence of; NULL: an earlier one, unknown, or about a dependency or the system';
COMMENT ON COLUMN maestro.event_signal.excused IS 'it would be bad, but a review said that it was no alarm or is resolved';

