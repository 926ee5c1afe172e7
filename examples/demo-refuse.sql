--
-- Demo: nobody changes the log quietly.
--
\pset footer off
\set ON_ERROR_STOP off
\set VERBOSITY default
\echo '== 5. Nobody changes the log quietly'
\echo
\echo 'The agents'' role tries:'
\echo
SET ROLE crew_agents;
\echo '  UPDATE maestro.event SET message = ''nothing happened'';'
UPDATE maestro.event SET message = 'nothing happened';
\echo '  DELETE FROM maestro.event;'
DELETE FROM maestro.event;
\echo '  TRUNCATE maestro.event;'
TRUNCATE maestro.event;
\echo '  INSERT INTO maestro.event ...'
INSERT INTO maestro.event (event_id, recorded_at, occurred_at, kind, level, caller, session_role)
VALUES (1, now(), now(), 'note', 'info', 'crew_agents', 'crew_agents');
RESET ROLE;
\echo
\echo 'The owner, here a superuser, tries:'
\echo
\echo '  UPDATE maestro.event SET message = ''nothing happened'';'
UPDATE maestro.event SET message = 'nothing happened';
\echo '  DELETE FROM maestro.event;'
DELETE FROM maestro.event;
\echo '  TRUNCATE maestro.event;'
TRUNCATE maestro.event;
\set ON_ERROR_STOP on
\echo
\echo 'A superuser can take a guard away. While it is away, maestro.integrity_check() says so (what was'
\echo 'changed meanwhile is not found by this version). A trigger is disabled:'
\echo
SELECT inhrelid::regclass AS leaf FROM pg_inherits WHERE inhparent = 'maestro.event'::regclass LIMIT 1 \gset
\echo '  ALTER TABLE' :leaf 'DISABLE TRIGGER append_only_row;'
\echo '  SELECT * FROM maestro.integrity_check();'
\echo
BEGIN;
ALTER TABLE :leaf DISABLE TRIGGER append_only_row;
SELECT * FROM maestro.integrity_check();
ROLLBACK;
\echo 'After ROLLBACK the guards stand again; findings now:'
\echo
SELECT count(*) AS findings FROM maestro.integrity_check();
\echo
