\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(69);

-- Guards: definitions, and what is said where the library was not preloaded; what guards
-- answer is tested by test/t/guard.sh.
CREATE ROLE guard_agent;
SELECT maestro.register_system('crew', db_role => 'guard_agent'), maestro.register_component('crew', 'planner', 'agent') \g /dev/null

SELECT is(maestro.set_guard('crew/planner', 'search', 'rate_limiter', '{"rate": 5, "per": "1 s", "burst": 10}'::jsonb), 1, 'a guard is defined as version 1');
SELECT is(maestro.set_guard('crew/planner', 'search', 'rate_limiter', '{"burst": 10, "per": "1 s", "rate": 5.0}'::text), 1, 'the same again is no new version');
SELECT is(maestro.set_guard('crew/planner', 'search', 'rate_limiter', '{"rate": 6, "per": "1 s", "burst": 10}'::json), 2, 'other parameters are');
SELECT results_eq($$ SELECT version, parameters ->> 'rate', set_by = current_user FROM maestro.guard ORDER BY version $$,
	$$ VALUES (1, '5', true), (2, '6', true) $$, 'all versions stay');
SELECT is((SELECT message FROM maestro.event WHERE kind = 'registry' ORDER BY event_id DESC LIMIT 1),
	'rate_limiter search of crew/planner set to version 2', 'each is an event of the registry');
SELECT is((SELECT attributes FROM maestro.event WHERE kind = 'registry' ORDER BY event_id DESC LIMIT 1), '{"rate": [5, 6]}'::jsonb,
	'which says what changed');
SELECT throws_ok($$ SELECT maestro.set_guard('crew/planner', 'search', 'bulkhead', '{"max_in_flight": 1, "ttl": "1 s"}'::jsonb) $$, '22023',
	'guard "search" is a rate_limiter', 'a guard keeps its kind');
SELECT throws_ok($$ SELECT maestro.set_guard('crew/nobody', 'search', 'bulkhead', '{"max_in_flight": 1, "ttl": "1 s"}'::jsonb) $$, '42704', NULL,
	'a component that is not registered has no guards');
SELECT throws_ok($$ UPDATE maestro.guard SET parameters = '{}' $$, 'MA001', NULL,
	'nobody changes a version');

CREATE TEMP TABLE refusal (kind text, parameters text, message text);
INSERT INTO refusal VALUES
	('limiter', '{}', 'unknown kind of guard'),
	('rate_limiter', '[]', 'parameters of a rate_limiter must be a JSON object'),
	('rate_limiter', '{"rate": 1, "per": "1 s", "brust": 1}', 'unknown parameter "brust" of a rate_limiter'),
	('rate_limiter', '{"rate": 1, "per": "1 s"}', 'parameter "burst" of a rate_limiter is missing'),
	('rate_limiter', '{"per": "1 s", "burst": 1}', 'parameter "rate" of a rate_limiter is missing'),
	('rate_limiter', '{"rate": 0, "per": "1 s", "burst": 1}', 'parameter "rate" of a rate_limiter has no acceptable value'),
	('rate_limiter', '{"rate": "1", "per": "1 s", "burst": 1}', 'parameter "rate" of a rate_limiter has no acceptable value'),
	('rate_limiter', '{"rate": 1, "per": 1, "burst": 1}', 'parameter "per" of a rate_limiter has no acceptable value'),
	('rate_limiter', '{"rate": 1, "per": "1 month", "burst": 1}', 'parameter "per" of a rate_limiter has no acceptable value'),
	('rate_limiter', '{"rate": 1, "per": "-1 s", "burst": 1}', 'parameter "per" of a rate_limiter has no acceptable value'),
	('rate_limiter', '{"rate": 1, "per": "soon", "burst": 1}', 'parameter "per" of a rate_limiter has no acceptable value'),
	('rate_limiter', '{"rate": 1, "per": "1 s", "burst": -1}', 'parameter "burst" of a rate_limiter has no acceptable value'),
	('rate_limiter', '{"rate": 1e12, "per": "1 s", "burst": 1}', 'parameters "rate, per, burst" of a rate_limiter are out of bounds together'),
	('rate_limiter', '{"rate": 1, "per": "90 days", "burst": 1e6}', 'parameters "rate, per, burst" of a rate_limiter are out of bounds together'),
	('rate_limiter', '{"rate": 1, "per": "1 s", "burst": 1e400}', 'parameters "rate, per, burst" of a rate_limiter are out of bounds together'),
	('bulkhead', '{"max_in_flight": 0, "ttl": "1 s"}', 'parameter "max_in_flight" of a bulkhead has no acceptable value'),
	('bulkhead', '{"max_in_flight": 1.5, "ttl": "1 s"}', 'parameter "max_in_flight" of a bulkhead has no acceptable value'),
	('bulkhead', '{"max_in_flight": 1e30, "ttl": "1 s"}', 'parameter "max_in_flight" of a bulkhead has no acceptable value'),
	('bulkhead', '{"max_in_flight": 1}', 'parameter "ttl" of a bulkhead is missing'),
	('circuit_breaker', '{"window": 0}', 'parameter "window" of a circuit_breaker has no acceptable value'),
	('circuit_breaker', '{"window": 1025}', 'parameter "window" of a circuit_breaker has no acceptable value'),
	('circuit_breaker', '{"failure_rate": 101}', 'parameter "failure_rate" of a circuit_breaker has no acceptable value'),
	('circuit_breaker', '{"mode": "open"}', 'parameter "mode" of a circuit_breaker has no acceptable value'),
	('circuit_breaker', '{"mode": {"a": 1}}', 'parameter "mode" of a circuit_breaker has no acceptable value'),
	('circuit_breaker', '{"rate": 1}', 'unknown parameter "rate" of a circuit_breaker'),
	('budget', '{}', 'no parameter says what "the limit" of a budget is'),
	('budget', '{"steps": -1}', 'parameter "steps" of a budget has no acceptable value'),
	('budget', '{"cost": -0.1}', 'parameter "cost" of a budget has no acceptable value'),
	('budget', '{"wall_time": "0 s"}', 'parameter "wall_time" of a budget has no acceptable value'),
	('budget', '{"AKIAIOSFODNN7EXAMPLE": 1}', 'unknown parameter "[REDACTED:AWS_KEY]" of a budget');
SELECT throws_ok(format('SELECT maestro.set_guard(%L, %L, %L, %L::jsonb)', 'crew/planner', 'bad', kind, parameters), '22023', message,
	format('%s: %s', kind, left(message, 60))) FROM refusal;
SELECT lives_ok(format('SELECT maestro.set_guard(%L, %L, %L, %L::jsonb)', 'crew/planner', 'good' || row_number() OVER (), kind, parameters), format('%s %s is good', kind, parameters))
  FROM (VALUES ('rate_limiter', '{"rate": 0.5, "per": "1 day", "burst": 0.5}'), ('bulkhead', '{"max_in_flight": 10000, "ttl": "90 days"}'),
	('circuit_breaker', '{}'), ('circuit_breaker', '{"window": "30 s", "minimum_calls": 5, "failure_rate": 25, "slow_call_rate": 50, "slow_call_duration": "2 s", "open_for": "1 min", "half_open_calls": 3, "mode": "normal"}'),
	('budget', '{"steps": 25, "tool_calls": 0, "tokens": 100000, "cost": 0.25, "wall_time": "10 min"}')) AS t (kind, parameters);
SELECT throws_ok($$ SELECT maestro.set_guard('crew/planner', 'external', 'budget', '{"steps": 1}'::jsonb) $$, '22023', NULL, 'no guard is called external');
SELECT throws_ok(format('SELECT maestro.set_guard(%L, %L, %L, %L::jsonb)', 'crew/planner', repeat('x', 64), 'budget', '{"steps": 1}'), '22023', NULL, 'names have up to 63 bytes');
SELECT lives_ok(format('SELECT maestro.set_guard(%L, %L, %L, %L::jsonb)', 'crew/planner', repeat('x', 63), 'budget', '{"steps": 1}'), 'and that many');

SELECT throws_ok($$ SELECT maestro.set_guard('crew/maestro-log', 'x', 'budget', '{"steps": 1}'::jsonb) $$, '22023', 'the log has no guards', 'the log has none');

-- Without shared memory.
SELECT throws_ok(call, '55000', 'guards need maestro to be loaded when the server starts', format('%s says so', split_part(split_part(call, '.', 2), '(', 1)))
  FROM unnest(ARRAY['SELECT maestro.acquire(''crew/planner'', ''search'')', 'SELECT maestro.require(''crew/planner'', ''search'')',
	'SELECT maestro.record_outcome(''crew/planner'', ''search'', true)', 'SELECT maestro.release(''crew/planner'', ''search'', 1)',
	'SELECT maestro.start_run(''crew/planner'', ''r'', ''good5'')', 'SELECT maestro.spend(''r'', ''{}'')', 'SELECT maestro.require_spend(''r'', ''{}'')', 'SELECT maestro.run_left(''r'')', 'SELECT maestro.end_run(''r'')',
	'SELECT maestro.reset_guard(''crew/planner'', ''search'')', 'SELECT FROM maestro.guard_state']) AS call;

-- Posture takes what there is.
SELECT maestro.register_dependency('crew/planner', 'web', limiter => 'search') \g /dev/null
SELECT is(maestro.guard_allowed('crew/planner'::maestro.regcomponent, 'search'), NULL, 'what was let through is not known either');
SELECT is((SELECT count(*) FROM maestro.guard_signal) + (SELECT count(*) FROM maestro.component_control WHERE control = 'limiter_asked' AND status = 'unknown' AND component = 'planner'),
	1::bigint, 'and says nothing in posture');

-- Backoff needs none.
SELECT results_eq($$ SELECT n, maestro.backoff(n, '100 ms', '1 s', 'none') FROM generate_series(1, 5) AS n $$,
	$$ VALUES (1, interval '100 ms'), (2, '200 ms'), (3, '400 ms'), (4, '800 ms'), (5, '1 s') $$, 'backoff without jitter doubles up to the cap');
SELECT is((SELECT bool_and(w >= l AND w <= h) FROM (SELECT maestro.backoff(n, '100 ms', '1 s', mode) AS w, CASE mode WHEN 'full' THEN interval '0' WHEN 'equal' THEN m / 2 ELSE '100 ms' END AS l,
		CASE mode WHEN 'decorrelated' THEN '1 s' ELSE m END AS h
	FROM (SELECT n, least(interval '1 s', interval '100 ms' * 2 ^ (n - 1)) AS m FROM generate_series(1, 20) AS n) AS a, unnest('{full,equal,decorrelated}'::text[]) AS mode, generate_series(1, 50)) AS t),
	true, 'with jitter it stays within its bounds');
SELECT ok((SELECT count(DISTINCT maestro.backoff(5, '1 s', '1 h')) > 90 FROM generate_series(1, 100)), 'and is another each time');
SELECT throws_ok('SELECT maestro.backoff(NULL, ''1 s'', ''2 s'')', '22004', NULL, 'NULL is no attempt, rather than no wait');
SELECT throws_ok(format('SELECT maestro.backoff(%s)', a), '22023', NULL, format('backoff(%s) is refused', a))
  FROM unnest(ARRAY['0, ''1 s'', ''2 s''', '1, ''0 s'', ''2 s''', '1, ''2 s'', ''1 s''', '1, ''1 s'', ''2 s'', ''some''']) AS a;
SELECT * FROM finish();
ROLLBACK;
