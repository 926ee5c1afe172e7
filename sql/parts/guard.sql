--
-- Guard: limiters, bulkheads, circuit breakers and budgets, asked before an agent acts.
--
-- Definitions are rows; what guards remember is in shared memory, outside of all
-- transactions, so that nobody gets back what he used by rolling back.
--
CREATE FUNCTION maestro.check_guard(kind text, parameters jsonb) RETURNS void
	LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_check_guard';
COMMENT ON FUNCTION maestro.check_guard(text, jsonb) IS 'raises 22023 and names the parameter unless a guard of this kind can have them';
CREATE FUNCTION maestro.forget_guard(component_id integer, guard text) RETURNS void
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_forget_guard';
COMMENT ON FUNCTION maestro.forget_guard(integer, text) IS 'makes a guard forget what it remembers; for reset_guard';

CREATE FUNCTION maestro.put_guard(caller oid, component_id integer, name text, kind text, parameters jsonb,
	OUT guard_version integer, OUT action text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	current maestro.guard;
BEGIN
	PERFORM maestro.check_name('guard', name);
	IF octet_length(name) > 63 OR name = 'external' THEN
		PERFORM maestro.refuse('22023', 'name of a guard is not acceptable', 'It has at most 63 bytes and is not external.');
	END IF;
	PERFORM maestro.check_guard(kind, parameters);
	IF EXISTS (SELECT FROM maestro.component AS c WHERE c.component_id = put_guard.component_id AND c.name = 'maestro-log') THEN
		PERFORM maestro.refuse('22023', 'the log has no guards', 'Define them for the component that asks.');
	END IF;
	SELECT * INTO current FROM maestro.guard AS g
	 WHERE g.component_id = put_guard.component_id AND g.name = put_guard.name ORDER BY g.version DESC LIMIT 1;
	IF current.kind <> kind THEN
		PERFORM maestro.refuse('22023', format('guard "%s" is a %s', name, current.kind), 'Choose another name: a guard keeps its kind.');
	END IF;
	guard_version := coalesce(current.version, 0);
	action := 'unchanged';
	IF current.parameters = parameters THEN
		RETURN;
	END IF;
	action := CASE guard_version WHEN 0 THEN 'created' ELSE 'updated' END;
	guard_version := guard_version + 1;
	INSERT INTO maestro.guard (component_id, name, kind, parameters, version, set_by)
	VALUES (component_id, name, kind, parameters, guard_version, maestro.role_name(caller));
	PERFORM maestro.record_registry(caller, c.system_id, c.component_id,
			format('%s %s of %s/%s set to version %s', put_guard.kind, put_guard.name, s.name, c.name, guard_version),
			maestro.changes(CASE action WHEN 'created' THEN '{}' ELSE current.parameters END, put_guard.parameters))
	   FROM maestro.component AS c JOIN maestro.system AS s USING (system_id)
	  WHERE c.component_id = put_guard.component_id;
END
$$;
COMMENT ON FUNCTION maestro.put_guard(oid, integer, text, text, jsonb) IS 'stores a guard as the next version unless it equals the one in force; action: created, updated, unchanged';

CREATE FUNCTION maestro.manifest_guard(caller oid, component_id integer, doc jsonb, OUT guard_version integer, OUT action text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM maestro.check_document('guard', doc, ARRAY['name', 'kind', 'parameters'], 'maestro.guard');
	SELECT p.guard_version, p.action INTO guard_version, action
	  FROM maestro.put_guard(caller, component_id, doc ->> 'name', doc ->> 'kind', doc -> 'parameters') AS p;
END
$$;
COMMENT ON FUNCTION maestro.manifest_guard(oid, integer, jsonb) IS 'stores a guard that a manifest gives a component: {"name", "kind", "parameters"}';

CREATE FUNCTION maestro.set_guard_as(caller oid, component maestro.regcomponent, name text, kind text, parameters jsonb) RETURNS integer
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN maestro.component_locked_out(caller, component, 'a guard of ' || component) THEN NULL ELSE (
		SELECT guard_version FROM maestro.put_guard(caller, maestro.check_component_id(component), name, kind, parameters)) END
$$;
COMMENT ON FUNCTION maestro.set_guard_as(oid, maestro.regcomponent, text, text, jsonb) IS 'does set_guard''s work, as the owner';
CREATE FUNCTION maestro.set_guard(component maestro.regcomponent, name text, kind text, parameters jsonb) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.set_guard(maestro.regcomponent, text, text, jsonb) IS
	'defines a guard of a component and returns its version, or NULL where the registry is locked; the one in force stays when it is equal. kind and parameters: rate_limiter: rate, per, burst: rate units in each time per, burst units at once; bulkhead: max_in_flight, ttl: how long a permit holds; circuit_breaker, all with resilience4j''s defaults: window (100: a number of calls, or an interval), minimum_calls (100), failure_rate and slow_call_rate (percent: 50, 100), slow_call_duration (60 s), open_for (60 s), half_open_calls (10), mode (normal, forced_open, disabled); budget, at least one of: steps, tool_calls, tokens, cost, wall_time. In force from the next statement of every session, and at once for what is remembered. Errors: 42704 no such component; 22023 unknown, missing or bad parameter, or another kind than before';

CREATE FUNCTION maestro.set_guard(component maestro.regcomponent, name text, kind text, parameters text) RETURNS integer
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT maestro.set_guard(component, name, kind, maestro.read_json('parameters', parameters)::jsonb)
$$;
COMMENT ON FUNCTION maestro.set_guard(maestro.regcomponent, text, text, text) IS 'as the other set_guard, parameters as text';
CREATE FUNCTION maestro.set_guard(component maestro.regcomponent, name text, kind text, parameters json) RETURNS integer
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT maestro.set_guard(component, name, kind, parameters::jsonb)
$$;
COMMENT ON FUNCTION maestro.set_guard(maestro.regcomponent, text, text, json) IS 'as the other set_guard, parameters as json';

CREATE FUNCTION maestro.reset_guard_as(caller oid, component maestro.regcomponent, guard text) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	id integer := maestro.check_component_id(component);
BEGIN
	IF NOT EXISTS (SELECT FROM maestro.guard AS g WHERE g.component_id = id AND g.name = guard) THEN
		PERFORM maestro.refuse('42704', 'the component has no guard of this name');
	END IF;
	PERFORM maestro.record_registry(caller, c.system_id, id, format('guard %s of %s reset', guard, component), '{}')
	   FROM maestro.component AS c WHERE c.component_id = id;
	PERFORM maestro.forget_guard(id, guard);
END
$$;
COMMENT ON FUNCTION maestro.reset_guard_as(oid, maestro.regcomponent, text) IS 'does reset_guard''s work, as the owner';
CREATE FUNCTION maestro.reset_guard(component maestro.regcomponent, guard text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.reset_guard(maestro.regcomponent, text) IS
	'makes a guard forget what it remembers: a limiter is full again, a breaker closed, no permit of a bulkhead in flight, counts are 0; of a budget nothing, whose runs keep what they have used. It is an event of the registry; a rollback undoes that alone. Errors: 42704 no such component or guard; 55000 not preloaded';

CREATE FUNCTION maestro.acquire(component maestro.regcomponent, guard text, cost double precision DEFAULT 1,
	OUT decision maestro.decision, OUT retry_after interval, OUT reason text, OUT state text, OUT permit bigint)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_acquire';
COMMENT ON FUNCTION maestro.acquire(maestro.regcomponent, text, double precision) IS
	'may the component make a call that costs so much? decision is allow or deny; a denial is a row, not an error. retry_after: when the same call is worth asking for again (of a limiter exactly then, of a bulkhead at the latest; NULL: nobody knows, or never). reason: limited, cost_above_burst, bulkhead_full, breaker_open, component_not_active, guard_table_full. state: allowed or limited; available or full; closed, open, half-open, forced_open, disabled. permit: of a bulkhead, for release. cost counts for rate limiters alone. What was granted stays so when the transaction rolls back, but permits, which then go back. Works in read-only transactions and on standbys. Denials and changes of state become events of kind guard where the transaction can write, at most one a second of a guard. Errors: 55000 not preloaded; MA002 the caller may not write as the component; 42704 no such component or guard; 22023 bad cost, or a budget; 22004 NULL';

CREATE FUNCTION maestro.require(component maestro.regcomponent, guard text, cost double precision DEFAULT 1) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_require';
COMMENT ON FUNCTION maestro.require(maestro.regcomponent, text, double precision) IS
	'as acquire, returns the permit of a bulkhead or NULL, and raises where acquire denies: MA006 limited or full, MA007 breaker open, 55000 component not active. Denials are events as acquire''s, stored by the recorder of the database, since the error takes the transaction along: without a recorder, or room in its queue, they are counted alone. Nothing is waited for';

CREATE FUNCTION maestro.record_outcome(component maestro.regcomponent, guard text, ok boolean, latency interval DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_record_outcome';
COMMENT ON FUNCTION maestro.record_outcome(maestro.regcomponent, text, boolean, interval) IS
	'tells a circuit breaker how a call went and how long it took, and returns its state after that (NULL: there was no room for it). Errors as acquire; 22023 the guard is no circuit breaker, or latency below zero';

CREATE FUNCTION maestro.release(component maestro.regcomponent, guard text, permit bigint) RETURNS boolean
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_release';
COMMENT ON FUNCTION maestro.release(maestro.regcomponent, text, bigint) IS
	'gives a permit of a bulkhead back; false: it was not in flight there any more, or the permit is NULL. A rollback does not take it again. Errors as acquire; 22023 the guard is no bulkhead';

CREATE FUNCTION maestro.backoff(attempt integer, base interval, cap interval, mode text DEFAULT 'full') RETURNS interval
	LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'maestro_backoff';
COMMENT ON FUNCTION maestro.backoff(integer, interval, interval, text) IS
	'how long to wait before attempt (from 1) is repeated: base doubled with each attempt, at most cap, and of that by mode: full: anything from 0 to it; equal: half of it and anything up to the other half; decorrelated: anything from base to three times the wait before; none: just that (AWS, Exponential Backoff and Jitter). Errors: 22004 NULL; 22023 unknown mode, attempt below 1, base not above zero, cap below base';

CREATE FUNCTION maestro.start_run(component maestro.regcomponent, run_id text, budget text) RETURNS boolean
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_start_run';
COMMENT ON FUNCTION maestro.start_run(maestro.regcomponent, text, text) IS
	'begins to count what a run uses of a budget, a guard of the component; false: it goes on already, with what it has used. run_id has 1 to 255 bytes and is one''s own in the database, best the trace id. What the log has of an earlier run of the component with this id is used up already. Errors: 55000 not preloaded or component not active; MA002; 42704 no such budget; 42710 the run belongs to another component or budget; 53200 no room';
CREATE FUNCTION maestro.spend(run_id text, counters jsonb, OUT decision maestro.decision, OUT reason text, OUT counter text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_spend';
COMMENT ON FUNCTION maestro.spend(text, jsonb) IS
	'adds to what a run has used, and answers whether it may go on. counters: {"steps", "tool_calls", "tokens", "cost"}, each what came on top; one that is missing adds nothing; wall_time passes by itself. What goes beyond a limit counts too: the run is told then, and ever after. Each further tenth of a limit is an event of kind guard, with what was used so far as its body; a run that is not in memory any more, after a crash say, goes on with what these say. reason: budget_spent, run_unknown (never started, or ended), component_not_active, guard_table_full, malformed_counter (below zero, no number, or counters is no object), unknown_counter (a key that is none of these): nothing is added then; counter is which, NULL where it is none of these. cost counts in millionths, rounded up. A trace id is one run, however it is spelt. Errors: 55000, MA002 as acquire; 22004 no run_id';
CREATE FUNCTION maestro.require_spend(run_id text, counters jsonb) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_require_spend';
COMMENT ON FUNCTION maestro.require_spend(text, jsonb) IS 'as spend, and raises MA008 where spend denies, or 22023 for a counter that is no amount; that a budget is spent is an event as with require';
CREATE FUNCTION maestro.run_left(run_id text) RETURNS jsonb
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_run_left';
COMMENT ON FUNCTION maestro.run_left(text) IS
	'what the limits of a run''s budget leave, 0 where one is gone beyond: of "steps", "tool_calls", "tokens", "cost", "wall_time_seconds" those that are limited; NULL: there is no such run. Nothing is used up by asking. Errors: 55000, MA002 as acquire; 22004 no run_id';
CREATE FUNCTION maestro.end_run(run_id text) RETURNS jsonb
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_end_run';
COMMENT ON FUNCTION maestro.end_run(text) IS
	'ends a run and returns what it has used: {"steps", "tool_calls", "tokens", "cost", "wall_time_seconds"}; NULL: there is no such run. That it has ended is in the log with the transaction: where that is rolled back, the run goes on with what it has used; in a read-only transaction or on a standby it has ended in memory alone. One that is started again goes on with what it has used. Errors: 55000, MA002 as acquire';

CREATE FUNCTION maestro.guard_status(component_id integer, guard text, OUT state text, OUT allowed bigint, OUT denied bigint,
	OUT units_left double precision, OUT in_flight integer, OUT calls integer, OUT failed integer, OUT slow integer)
	LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'maestro_guard_status';
COMMENT ON FUNCTION maestro.guard_status(integer, text) IS 'what a guard remembers now, for the view guard_state; NULLs to who may not read of the component. Error 55000: not preloaded';

CREATE VIEW maestro.guard_state WITH (security_barrier = true) AS
	SELECT c.component_id, s.name || '/' || c.name AS component, g.name AS guard, g.kind, g.parameters, g.version, g.set_by, g.valid_from,
		   t.state, t.allowed, t.denied, t.units_left, t.in_flight, t.calls, t.failed, t.slow
	  FROM (SELECT DISTINCT ON (o.component_id, o.name) o.* FROM maestro.guard o ORDER BY o.component_id, o.name, o.version DESC) g
	  JOIN maestro.component c ON c.component_id = g.component_id
	  JOIN maestro.readable_system s ON s.system_id = c.system_id
	 CROSS JOIN LATERAL maestro.guard_status(g.component_id, g.name) t;
COMMENT ON VIEW maestro.guard_state IS
	'the guards in force and what they remember on this server: allowed and denied answers since the state began (with the server, kept over a clean restart, or at a reset), units_left of a limiter, permits in_flight of a bulkhead, calls in the window of a circuit breaker and of them failed and slow ones. Error 55000: not preloaded';

REVOKE ALL ON FUNCTION
	maestro.put_guard(oid, integer, text, text, jsonb), maestro.manifest_guard(oid, integer, jsonb),
	maestro.check_guard(text, jsonb), maestro.forget_guard(integer, text),
	maestro.set_guard_as(oid, maestro.regcomponent, text, text, jsonb), maestro.set_guard(maestro.regcomponent, text, text, jsonb),
	maestro.set_guard(maestro.regcomponent, text, text, text), maestro.set_guard(maestro.regcomponent, text, text, json),
	maestro.reset_guard_as(oid, maestro.regcomponent, text), maestro.reset_guard(maestro.regcomponent, text),
	maestro.acquire(maestro.regcomponent, text, double precision), maestro.require(maestro.regcomponent, text, double precision),
	maestro.record_outcome(maestro.regcomponent, text, boolean, interval), maestro.release(maestro.regcomponent, text, bigint),
	maestro.backoff(integer, interval, interval, text),
	maestro.start_run(maestro.regcomponent, text, text), maestro.spend(text, jsonb), maestro.require_spend(text, jsonb), maestro.run_left(text), maestro.end_run(text)
	FROM PUBLIC;
