\set ECHO none
BEGIN;
\i test/tap_setup.sql
SET LOCAL jit = off;
SELECT plan(1);
\o /dev/null
\i test/posture_setup.sql
\o
-- A crew whose planner keeps its timeout, then does not; and a crew beside it.
SELECT pg_temp.component('crew/planner', '{"timeout": "30s", "max_iterations": 5}');
SELECT pg_temp.event('crew/planner', 'tool_call', 20, '{"trace": 0, "duration": "1s", "body": {}}');
SELECT pg_temp.component('rest/planner', '{"timeout": "30s"}');
\timing on
SELECT maestro.snapshot_posture('crew');
SELECT maestro.snapshot_posture();
\timing off
SELECT * FROM maestro.posture_snapshot;
SELECT * FROM maestro.posture_snapshot_row WHERE snapshot=(SELECT max(snapshot) FROM maestro.posture_snapshot WHERE system='crew');
SELECT pg_temp.event('crew/planner', 'tool_call', 3, '{"trace": 0, "duration": "100s", "body": {}}');
SELECT maestro.snapshot_posture('crew');
SELECT d.* FROM (SELECT max(snapshot) AS b, min(snapshot) AS a FROM maestro.posture_snapshot WHERE system='crew') x, maestro.posture_diff(a,b) d WHERE change<>'unchanged';
SELECT maestro.assert_posture('crew');
SELECT maestro.assert_posture('crew','LOW');
SELECT attributes from maestro.event where kind='registry' and body is not null;
SELECT jsonb_pretty(maestro.export_evidence('crew'));
ROLLBACK;
