\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SELECT plan(20);
SET LOCAL TimeZone = 'UTC';
SET LOCAL DateStyle = 'ISO';
SELECT is((SELECT count(*) FROM pg_inherits WHERE inhparent = 'maestro.event'::regclass), 1::bigint, 'logging makes the partition it needs');
SELECT is(maestro.create_partition(now()), maestro.create_partition(now()), 'a partition that exists is returned');
SELECT is(maestro.create_partition('2031-05-17 13:00+00')::text, 'maestro.event_2031_05', 'a partition is a month wide');
SELECT is(pg_get_expr(relpartbound, oid), $$FOR VALUES FROM ('2031-05-01 00:00:00+00') TO ('2031-06-01 00:00:00+00')$$, 'in UTC')
  FROM pg_class WHERE relname = 'event_2031_05';
SELECT is(maestro.create_partition('2031-06-03', 'day')::text, 'maestro.event_2031_06_03', 'or a day');
SELECT is(maestro.create_partition('2031-06-20')::text, 'maestro.event_2031_06_04', 'a month beside a day is clipped to its neighbour');
SELECT is(maestro.create_partition('2031-06-01')::text, 'maestro.event_2031_06', 'on both sides');
SELECT is(maestro.create_partition('2031-06-30', 'week')::text, 'maestro.event_2031_06_04', 'what is covered is not made again');
SELECT is_empty($$ SELECT FROM generate_series(timestamptz '2031-05-01', '2031-06-30 23:00', '1 hour') AS t
	WHERE maestro.create_partition(t) IS NULL $$, 'two months have no gap');
SELECT is_empty('SELECT * FROM maestro.integrity_check()', 'each has its guards');
SELECT is_empty($$ SELECT objid FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = 'maestro.event_2031_05'::regclass AND deptype = 'e' $$,
	'none is a member of the extension');
SELECT throws_ok($$ SELECT maestro.create_partition('infinity') $$, '22023', 'a partition needs a finite time to hold', 'infinity has no partition');
SELECT throws_ok($$ SELECT maestro.create_partition(NULL) $$, '22023', 'a partition needs a finite time to hold', 'nor has null');
SELECT throws_ok($$ SELECT maestro.create_partition(now(), 'year') $$, '22023', 'width of a partition must be "day", "week" or "month"', 'a year is too wide');
-- Each index takes its kind's events, whatever was logged before them in the session or the call.
SELECT lives_ok($$ SELECT maestro.log_event('tap/planner', k, duration => '1 s')
	FROM unnest('{note,error,note,agent_run,approval,error}'::maestro.event_kind[]) AS k $$, 'events of all kinds are logged one by one');
SELECT is((SELECT count(event_id) FROM maestro.log_events((SELECT jsonb_agg(jsonb_build_object('component', 'tap/planner', 'kind', k, 'duration', 1))
	FROM unnest('{note,agent_run,note,error,approval,note}'::text[]) AS k))), 6::bigint, 'and in one call');
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT results_eq($$ SELECT count(*) FROM maestro.event WHERE kind = 'error' AND component_id IS NOT NULL AND system_id > 0
	UNION ALL SELECT count(*) FROM maestro.event WHERE kind = 'agent_run' AND component_id IS NOT NULL AND system_id > 0
	UNION ALL SELECT count(*) FROM maestro.event WHERE kind = 'approval' AND component_id IS NOT NULL AND duration IS NOT NULL AND system_id > 0 $$,
	$$ VALUES (3::bigint), (2), (2) $$, 'their indexes have them all');
RESET enable_seqscan;
RESET enable_bitmapscan;
SELECT throws_ok('DROP EXTENSION maestro', '2BP01', NULL, 'the extension is not dropped with events in it');
SELECT lives_ok('DROP EXTENSION maestro CASCADE', 'unless CASCADE says so');
SELECT is_empty($$ SELECT nspname FROM pg_namespace WHERE nspname = 'maestro' UNION ALL
	SELECT oprname FROM pg_operator WHERE oprcode::oid NOT IN (SELECT oid FROM pg_proc) $$, 'and then nothing is left');
SELECT * FROM finish();
ROLLBACK;
