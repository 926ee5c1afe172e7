\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(3);
SELECT enum_has_labels('maestro', 'severity', ARRAY['LOW', 'MED', 'HIGH', 'CRITICAL'], 'severities rise from LOW to CRITICAL');
SELECT cmp_ok('HIGH'::text::maestro.severity, '>', 'MED'::varchar::maestro.severity, 'text and varchar both become a severity');
SELECT throws_ok($$ SELECT 'nope'::maestro.outcome $$, '22P02', NULL, 'an unknown outcome is refused');
SELECT * FROM finish();
ROLLBACK;
