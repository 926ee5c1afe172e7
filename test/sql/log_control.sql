\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SELECT plan(12);
-- What verify and checkpoints outside say becomes a result that posture reads.
CREATE TEMP VIEW newest AS SELECT DISTINCT ON (control) * FROM maestro.control_result ORDER BY control, result_id DESC;
SELECT results_eq($$ SELECT control, status::text FROM maestro.evaluate_controls('log_verified') $$, $$ VALUES ('log_verified', 'unknown') $$,
	'a log that was never sealed is not verified');
SELECT results_eq($$ SELECT reason, remedy FROM newest WHERE control = 'log_verified' $$,
	$$ VALUES ('nothing is sealed yet', 'SELECT * FROM maestro.seal();') $$, 'and it is said what to do');
SELECT results_eq($$ SELECT control, status::text, reason FROM maestro.evaluate_controls('checkpoint_outside') $$,
	$$ VALUES ('checkpoint_outside', 'unknown', 'nobody outside holds a checkpoint') $$, 'a checkpoint that nobody holds helps nobody');

-- Events of a transaction are sealed by later ones, so a checkpoint is put in as a restore does.
\o /dev/null
SELECT * FROM maestro.seal();
INSERT INTO maestro.checkpoint (size, root, frontier, snapshot, incarnation, batch) VALUES (1, repeat('ab', 32), '', '10:10:', 1, 1);
\o
SELECT results_eq($$ SELECT status::text FROM maestro.evaluate_controls('log_verified') $$, $$ VALUES ('alarm') $$, 'a checkpoint without its event is an alarm');
SELECT matches((SELECT reason FROM newest WHERE control = 'log_verified'), '^[0-9]+ findings?', 'which says what was found');
SELECT results_eq($$ SELECT jsonb_typeof(details -> 'findings'), remedy FROM newest WHERE control = 'log_verified' $$,
	$$ VALUES ('array', 'SELECT * FROM maestro.verify();') $$, 'in full, and what to do');

SELECT ok(maestro.record_checkpoint_copy(1, repeat('ab', 32), 'the auditor''s safe'), 'an auditor has the checkpoint that the log has');
SELECT results_eq($$ SELECT status::text, reason FROM newest WHERE control = 'checkpoint_outside' $$,
	$$ VALUES ('ok', 'the auditor''s safe holds the checkpoint of size 1') $$, 'which is evidence');
SELECT ok(NOT maestro.record_checkpoint_copy(1, repeat('cd', 32), 'a bank'), 'another root is not what the log has');
SELECT results_eq($$ SELECT status::text, reason FROM newest WHERE control = 'checkpoint_outside' $$,
	$$ VALUES ('alarm', 'a bank holds a checkpoint of size 1 that this log does not have') $$, 'which is an alarm');
SELECT throws_ok($$ SELECT maestro.record_checkpoint_copy(0, repeat('cd', 32), 'x') $$, '22023', NULL, 'a checkpoint has a size');
SELECT throws_ok($$ SELECT maestro.record_checkpoint_copy(1, repeat('cd', 32), ' ') $$, '22023', NULL, 'and is held somewhere');
SELECT * FROM finish();
ROLLBACK;
