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
SELECT inhrelid::regclass AS leaf FROM pg_inherits WHERE inhparent = 'maestro.event'::regclass ORDER BY 1 DESC LIMIT 1 \gset
\echo '  ALTER TABLE' :leaf 'DISABLE TRIGGER ALL;'
ALTER TABLE :leaf DISABLE TRIGGER ALL;
\set ON_ERROR_STOP on
\echo
\echo 'The log is sealed, by hand here: in the databases that maestro.databases names it is every second.'
\echo
\echo '  SELECT * FROM maestro.seal();'
SELECT * FROM maestro.seal();
\echo 'A superuser can lift the guards, for maintenance. What he changes then is found:'
\echo
\echo '  SET maestro.maintenance = on;'
\echo '  ALTER TABLE' :leaf 'DISABLE TRIGGER ALL;'
\echo '  UPDATE' :leaf 'SET message = ''nothing happened'' WHERE event_id = 40;'
\echo '  DELETE FROM' :leaf 'WHERE event_id = 41;'
\echo '  SELECT * FROM maestro.verify();'
\echo
BEGIN;
SET LOCAL maestro.maintenance = on;
ALTER TABLE :leaf DISABLE TRIGGER ALL;
UPDATE :leaf SET message = 'nothing happened' WHERE event_id = 40;
DELETE FROM :leaf WHERE event_id = 41;
SELECT * FROM maestro.verify();
ROLLBACK;
\echo 'After ROLLBACK all is as it was sealed:'
\echo
SELECT count(*) AS findings FROM maestro.verify();
\echo
