--
-- Signal fold: counting what events say once, when they are sealed.
--
-- A signal is what was counted of sealed events (signal_total) and what those say
-- that are not counted yet: the unsealed ones, and the few sealed ones that later
-- events may still change.  The same rules judge both: of single events in the library
-- (src/judge.c), of several in views, here made once more over these few.
--
CREATE FUNCTION maestro.unsealed_events() RETURNS SETOF maestro.event
	LANGUAGE c STABLE PARALLEL UNSAFE ROWS 5000 AS 'MODULE_PATHNAME', 'maestro_unsealed_events';
COMMENT ON FUNCTION maestro.unsealed_events() IS 'the events that the newest checkpoint has not seen; while they are sealed those that are sealed now';

-- Most of what is asked of all of them at once needs no row of each.
CREATE FUNCTION maestro.unsealed_outputs() RETURNS SETOF maestro.event
	LANGUAGE c STABLE PARALLEL UNSAFE ROWS 100 AS 'MODULE_PATHNAME', 'maestro_unsealed_outputs';
COMMENT ON FUNCTION maestro.unsealed_outputs() IS 'those of unsealed_events() that are outputs which were checked against their contract';
CREATE FUNCTION maestro.unsealed_kinds() RETURNS TABLE (kind maestro.event_kind, outcome maestro.outcome, files boolean, uses boolean)
	LANGUAGE c STABLE PARALLEL UNSAFE ROWS 20 AS 'MODULE_PATHNAME', 'maestro_unsealed_kinds';
COMMENT ON FUNCTION maestro.unsealed_kinds() IS 'which kinds and outcomes are among unsealed_events(), each pair once for each answer to whether a heartbeat has the attribute process.unix.file_descriptor.count (files) and a call maestro.resource (uses)';

-- What is declared, kept by the backend: working it out costs more than judging.
CREATE FUNCTION maestro.declared_limits() RETURNS SETOF maestro.limit_history
	LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_declared_limits';
COMMENT ON FUNCTION maestro.declared_limits() IS 'limit_history of all systems, kept until the registry changes';

CREATE VIEW maestro.live_kept_event WITH (security_barrier = true) AS
	SELECT e.*, 'pending'::text AS standing, NULL::bigint AS faults
	  FROM maestro.signal_pending p
	 CROSS JOIN LATERAL (SELECT * FROM maestro.event n WHERE n.event_id = p.event_id LIMIT 1) e
	UNION ALL
	SELECT e.*, 'counted', f.faults
	  FROM maestro.event_excused x
	  JOIN maestro.signal_fault f ON f.event_id = x.event_id
	 CROSS JOIN LATERAL (SELECT * FROM maestro.event n WHERE n.event_id = f.event_id LIMIT 1) e;
COMMENT ON VIEW maestro.live_kept_event IS 'those of live_event that are sealed';

CREATE VIEW maestro.live_event WITH (security_barrier = true) AS
	SELECT e.*, 'new'::text AS standing, NULL::bigint AS faults FROM maestro.unsealed_events() e
	UNION ALL
	SELECT * FROM maestro.live_kept_event;
COMMENT ON VIEW maestro.live_event IS 'events of which not all is counted: judged_event''s columns';

CREATE VIEW maestro.live_output WITH (security_barrier = true) AS
	SELECT e.system_id, e.component_id, e.trace_id, e.span_id, e.caller, e.decision, e.event_id, e.recorded_at, e.valid FROM maestro.unsealed_outputs() e
	UNION ALL
	SELECT k.system_id, k.component_id, k.trace_id, k.span_id, k.caller, k.decision, k.event_id, k.recorded_at, k.valid
	  FROM maestro.live_kept_event k WHERE k.kind = 'output' AND k.valid IS NOT NULL;
COMMENT ON VIEW maestro.live_output IS 'judged_output of live_event''s events';

DO $$
DECLARE
	judging text[] := '{retried_output,resource_action,resource_overlap,run_calls,failed_run,breaker_event,breaker_breach,files_sample,files_trend,run_case,case_vote}';
	state text[] := '{run,breaker,files,trend,use}';
	declared text[] := '{limit_history,declared_limits}';
	v text;
	n text;
	definition text;
BEGIN
	FOREACH v IN ARRAY judging LOOP
		definition := replace(replace(pg_get_viewdef(('maestro.' || v)::regclass), 'judged_event', 'live_event'), 'judged_output', 'live_output');
		FOREACH n IN ARRAY state LOOP
			definition := replace(definition, 'judged_' || n, 'signal_' || n);
		END LOOP;
		FOR i IN 1 .. cardinality(declared) BY 2 LOOP
			definition := replace(definition, 'maestro.' || declared[i] || ' ', 'maestro.' || declared[i + 1] || '() ');
		END LOOP;
		FOREACH n IN ARRAY judging LOOP
			definition := regexp_replace(definition, format('\m%s\M', n), 'live_' || n, 'g');
		END LOOP;
		EXECUTE format('CREATE VIEW maestro.live_%s WITH (security_barrier = true) AS %s', v, definition);
		EXECUTE format('COMMENT ON VIEW maestro.live_%s IS %L', v, format('%s of live_event''s events', v));
	END LOOP;
END
$$;

-- Most of what takes more than one event is of few kinds: what none is of is not asked.
CREATE VIEW maestro.live_question WITH (security_barrier = true) AS
	SELECT f.calls AS run_in_bounds, f.failed AS error_explained, f.call_failed AS failed_run_ended,
		   f.said OR f.called AND EXISTS (SELECT FROM maestro.signal_breaker b WHERE b.said ~ 'open') AS breaker_heeded,
		   f.files OR EXISTS (SELECT FROM maestro.signal_trend) AS fd_stable, f.uses AS resource_exclusive
	  FROM (SELECT coalesce(bool_or(e.kind IN ('model_call', 'tool_call')), false) AS calls,
				   coalesce(bool_or(e.kind = 'error' OR e.outcome IN ('error', 'timeout')), false) AS failed,
				   coalesce(bool_or(e.kind = 'dependency_call' AND e.outcome IN ('error', 'timeout')), false) AS call_failed,
				   coalesce(bool_or(e.kind = 'guard'), false) AS said, coalesce(bool_or(e.kind = 'dependency_call'), false) AS called,
				   coalesce(bool_or(e.kind = 'heartbeat' AND e.files), false) AS files, coalesce(bool_or(e.uses), false) AS uses
			  FROM (SELECT u.kind, u.outcome, u.files, u.uses FROM maestro.unsealed_kinds() u
					UNION ALL
					SELECT k.kind, k.outcome, k.attributes ? 'process.unix.file_descriptor.count', k.attributes ? 'maestro.resource'
					  FROM maestro.live_kept_event k) e) f;
COMMENT ON VIEW maestro.live_question IS 'which signals that take more than one event may be concerned by live_event''s events';

CREATE FUNCTION maestro.sealed_signals() RETURNS TABLE (part "char", event_id bigint, recorded_at timestamptz, faults bigint, day date,
		system_id integer, component_id integer, dependency_id integer, valid_from timestamptz, contract_version integer, drill boolean, signal text,
		ok bigint, bad bigint, newest_ok timestamptz, bad_events bigint[], bad_times timestamptz[])
	LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_sealed_signals';
COMMENT ON FUNCTION maestro.sealed_signals() IS 'what is to be counted of live_event''s events now: t what is added to signal_total, d to signal_day, f to signal_fault, p what stays or becomes signal_pending';

CREATE FUNCTION maestro.signal_sum() RETURNS bytea
	LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_signal_sum';
COMMENT ON FUNCTION maestro.signal_sum() IS 'a sum of hashes over all that was counted of signals, which each seal keeps with its checkpoint; for verify';

-- What was counted, what is too old of that, and what is not counted yet; what contracts
-- and versions that are none any more have shown good counts no more.
CREATE FUNCTION maestro.current_signals() RETURNS TABLE (system_id integer, component_id integer, dependency_id integer, component_version text,
		drill boolean, signal text, ok bigint, bad bigint, newest_ok timestamptz, newest_bad timestamptz, last_bad_event bigint)
	LANGUAGE c STABLE PARALLEL UNSAFE ROWS 5000 COST 100000 AS 'MODULE_PATHNAME', 'maestro_current_signals';
COMMENT ON FUNCTION maestro.current_signals() IS 'signals before they are added up, of the systems that the caller may read of; negative where something is taken back';

CREATE VIEW maestro.signal WITH (security_barrier = true) AS
	SELECT p.system_id, p.component_id, p.dependency_id, p.component_version, p.drill, p.signal,
		   sum(p.ok)::bigint AS ok, greatest(sum(p.bad), 0)::bigint AS bad, max(p.newest_ok) AS newest_ok,
		   CASE WHEN sum(p.bad) > 0 THEN max(p.newest_bad) END AS newest_bad, CASE WHEN sum(p.bad) > 0 THEN max(p.last_bad_event) END AS last_bad_event
	  FROM maestro.current_signals() p
	 GROUP BY p.system_id, p.component_id, p.dependency_id, p.component_version, p.drill, p.signal;
COMMENT ON VIEW maestro.signal IS 'what events say, counted by component, dependency, version, drill and signal; see the table signal_word';
COMMENT ON COLUMN maestro.signal.component_id IS 'NULL: about the system as a whole';
COMMENT ON COLUMN maestro.signal.dependency_id IS 'NULL: about the component as a whole';
COMMENT ON COLUMN maestro.signal.component_version IS 'version that it is evidence of; NULL: an earlier one, unknown, or about a dependency or the system';
COMMENT ON COLUMN maestro.signal.drill IS 'true: observed in drills, evidence of how failures are handled and of nothing else';

CREATE FUNCTION maestro.expire_signals() RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	WITH old AS (
		DELETE FROM maestro.signal_day AS d
		 WHERE d.day < (now() AT TIME ZONE 'UTC')::date - CASE WHEN d.drill THEN 90 ELSE 30 END
		RETURNING d.*),
	part AS (
		SELECT system_id, component_id, dependency_id, valid_from, contract_version, drill, signal, sum(ok) AS ok, sum(bad) AS bad
		  FROM old GROUP BY system_id, component_id, dependency_id, valid_from, contract_version, drill, signal)
	UPDATE maestro.signal_total AS t SET ok = t.ok - p.ok, bad = t.bad - p.bad
	  FROM part AS p
	 WHERE (t.system_id, t.component_id, t.dependency_id, t.valid_from, t.contract_version, t.drill, t.signal)
		   = (p.system_id, p.component_id, p.dependency_id, p.valid_from, p.contract_version, p.drill, p.signal);
	DELETE FROM maestro.signal_total WHERE ok = 0 AND bad = 0 AND (newest_ok > now() - interval '91 days') IS NOT TRUE;
	DELETE FROM maestro.signal_fault WHERE recorded_at < now() - interval '91 days';
	DELETE FROM maestro.signal_run WHERE recorded_at < now() - interval '30 days';
	DELETE FROM maestro.signal_files WHERE recorded_at < now() - interval '24 hours';
	DELETE FROM maestro.signal_trend WHERE newest < now() - interval '24 hours';
	DELETE FROM maestro.signal_use WHERE ended < now() - interval '1 hour';
$$;
COMMENT ON FUNCTION maestro.expire_signals() IS 'takes days that are too old off the totals, and forgets what no event needs any more; the sealer does so once a day';

-- What the next events of the same runs, dependencies and resources have to know.
CREATE FUNCTION maestro.keep_signal_state() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
	has record;
	overlapping bigint[];
BEGIN
	SELECT * INTO has FROM maestro.live_question;
	IF has.run_in_bounds THEN
		INSERT INTO maestro.signal_run AS s
		SELECT r.component_id, r.trace_id, r.before + r.calls, r.was_over OR r.before + r.calls > r.max_iterations, r.recorded_at
		  FROM maestro.live_run_calls AS r
			ON CONFLICT (component_id, trace_id)
			DO UPDATE SET calls = excluded.calls, is_over = excluded.is_over, recorded_at = greatest(s.recorded_at, excluded.recorded_at);
	END IF;
	IF has.breaker_heeded THEN
		INSERT INTO maestro.signal_breaker AS s
		SELECT DISTINCT ON (b.dependency_id) b.dependency_id, b.said, b.recorded_at, b.event_id
		  FROM maestro.live_breaker_event AS b WHERE b.said IS NOT NULL
		 ORDER BY b.dependency_id, b.recorded_at DESC, b.event_id DESC
			ON CONFLICT (dependency_id)
			DO UPDATE SET said = excluded.said, recorded_at = excluded.recorded_at, event_id = excluded.event_id
			WHERE (excluded.recorded_at, excluded.event_id) > (s.recorded_at, s.event_id);
	END IF;
	IF has.fd_stable THEN
		INSERT INTO maestro.signal_trend AS s
		SELECT h.component_id, h.system_id, coalesce(h.valid_from, 'infinity'), h.yes, h.newest, h.event_id
		  FROM maestro.live_files_trend AS h
		 WHERE h.yes IS NOT NULL AND h.component_id IN (SELECT n.component_id FROM maestro.live_files_sample AS n)
			ON CONFLICT (component_id)
			DO UPDATE SET valid_from = excluded.valid_from, yes = excluded.yes, newest = excluded.newest, event_id = excluded.event_id;
		INSERT INTO maestro.signal_files AS s
		SELECT DISTINCT ON (n.component_id, date_bin('5 min', n.recorded_at, '2000-01-01')) n.component_id,
			   date_bin('5 min', n.recorded_at, '2000-01-01'), n.recorded_at, n.event_id, n.files, n.bound
		  FROM maestro.live_files_sample AS n
		 ORDER BY n.component_id, date_bin('5 min', n.recorded_at, '2000-01-01'), n.files DESC, n.recorded_at
			ON CONFLICT (component_id, slot)
			DO UPDATE SET recorded_at = excluded.recorded_at, event_id = excluded.event_id, files = excluded.files, bound = excluded.bound
			WHERE excluded.files > s.files;
	END IF;
	IF has.resource_exclusive THEN
		overlapping := ARRAY(SELECT o.event_id FROM maestro.live_resource_overlap AS o);
		UPDATE maestro.signal_use SET is_counted = true WHERE event_id = ANY (overlapping);
		INSERT INTO maestro.signal_use (system_id, resource, event_id, component_id, component_version, recorded_at, trace_id, span_id, parent_span_id,
			caller, begun, ended, is_counted)
		SELECT a.system_id, a.resource, a.event_id, a.component_id, a.component_version, a.recorded_at, a.trace_id, a.span_id, a.parent_span_id,
			   a.caller, a.begun, a.ended, a.event_id = ANY (overlapping)
		  FROM maestro.live_resource_action AS a;
		DELETE FROM maestro.signal_use AS u
		 USING (SELECT w.event_id, w.ended, row_number() OVER (PARTITION BY w.system_id, w.resource ORDER BY w.ended DESC, w.event_id) AS place
				  FROM maestro.signal_use AS w) AS p
		 WHERE p.event_id = u.event_id AND (p.place > 50 OR p.ended < now() - interval '1 hour');
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.keep_signal_state() IS 'for the sealer: what the next events of the same runs, dependencies, components and resources have to know';

CREATE FUNCTION maestro.fold_signals() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off SET work_mem = '64MB' AS $$
BEGIN
	IF (SELECT max(d.day) FROM maestro.signal_day AS d WHERE d.day <= (now() AT TIME ZONE 'UTC')::date) < (now() AT TIME ZONE 'UTC')::date THEN
		PERFORM maestro.expire_signals();
	END IF;
	WITH s AS MATERIALIZED (SELECT * FROM maestro.sealed_signals()),
	total AS (
		INSERT INTO maestro.signal_total AS t
		SELECT s.system_id, s.component_id, s.dependency_id, s.valid_from, s.contract_version, s.drill, s.signal, s.ok, s.bad, s.newest_ok, s.bad_events, s.bad_times
		  FROM s WHERE s.part = 't'
			ON CONFLICT (system_id, component_id, dependency_id, valid_from, contract_version, drill, signal)
			DO UPDATE SET ok = t.ok + excluded.ok, bad = t.bad + excluded.bad, newest_ok = greatest(t.newest_ok, excluded.newest_ok),
			bad_events = CASE WHEN excluded.bad_events = '{}' THEN t.bad_events ELSE (
				SELECT (array_agg(u.id ORDER BY u.at DESC, u.id DESC))[1:8]
				  FROM unnest(excluded.bad_events || t.bad_events, excluded.bad_times || t.bad_times) AS u (id, at)) END,
			bad_times = CASE WHEN excluded.bad_events = '{}' THEN t.bad_times ELSE (
				SELECT (array_agg(u.at ORDER BY u.at DESC, u.id DESC))[1:8]
				  FROM unnest(excluded.bad_events || t.bad_events, excluded.bad_times || t.bad_times) AS u (id, at)) END),
	by_day AS (
		INSERT INTO maestro.signal_day AS t
		SELECT s.day, s.system_id, s.component_id, s.dependency_id, s.valid_from, s.contract_version, s.drill, s.signal, s.ok, s.bad
		  FROM s WHERE s.part = 'd'
			ON CONFLICT (day, system_id, component_id, dependency_id, valid_from, contract_version, drill, signal)
			DO UPDATE SET ok = t.ok + excluded.ok, bad = t.bad + excluded.bad),
	fault AS (
		INSERT INTO maestro.signal_fault AS t
		SELECT s.event_id, s.recorded_at, s.faults FROM s WHERE s.part = 'f'
			ON CONFLICT (event_id) DO UPDATE SET faults = t.faults | excluded.faults),
	decided AS (
		DELETE FROM maestro.signal_pending AS p WHERE p.event_id NOT IN (SELECT s.event_id FROM s WHERE s.part = 'p'))
	INSERT INTO maestro.signal_pending
	SELECT s.event_id FROM s WHERE s.part = 'p'
		ON CONFLICT (event_id) DO NOTHING;
	PERFORM maestro.keep_signal_state();
END
$$;
COMMENT ON FUNCTION maestro.fold_signals() IS 'for the sealer: counts what the events say that are sealed now';
REVOKE ALL ON FUNCTION maestro.declared_limits(),
	maestro.signal_sum(), maestro.unsealed_events(), maestro.unsealed_outputs(), maestro.unsealed_kinds(), maestro.sealed_signals(), maestro.expire_signals(), maestro.keep_signal_state(), maestro.fold_signals() FROM PUBLIC;
