--
-- Demo: what goes wrong in agent systems, and what maestro stores of it.
--
\pset footer off
\set run '''c0ffee00000000000000000000000001'''
\echo '== 3. Somebody tries things'
\echo
\echo '- A customer''s ticket holds a line break, a forged log line and an escape sequence'
\echo '  that would clear the reader''s screen.'
\echo '- The writer''s answer holds an API key (a made-up one) and a payment card number.'
\echo '- A component called "helper" logs, although nobody registered it.'
\echo
SET ROLE crew_agents;
SELECT event_id AS injected FROM maestro.log_event('crew/dispatcher', 'input',
	E'printer broken\n2026-01-01 00:00:00 INFO admin login accepted \x1b[2J',
	'{"channel": "web form"}', trace_id => :run) \gset
SELECT event_id AS leaked FROM maestro.log_event('crew/writer', 'output',
	'use the key sk-ant-api03-' || repeat('Zm9vYmFy', 11) || 'fooba-AA, card 4111 1111 1111 1111',
	trace_id => :run, body => jsonb_build_object(
		'answer', 'Mail help@example.com', 'api_key', 'sk-ant-api03-' || repeat('Zm9vYmFy', 11) || 'fooba-AA')) \gset
SELECT event_id AS unregistered FROM maestro.log_event('crew/helper', 'note', 'I am new here',
	trace_id => :run) \gset
RESET ROLE;
\echo 'This is what the log holds:'
\echo
\pset expanded on
SELECT event_id, decision, message, body, findings
  FROM maestro.event WHERE event_id IN (:injected, :leaked, :unregistered) ORDER BY event_id;
\pset expanded off
\echo 'A role that does not belong to the system tries to write in the planner''s name:'
\echo
SET ROLE crew_stranger;
\set ON_ERROR_STOP off
SELECT maestro.log_event('crew/planner', 'output', 'all is well');
\set ON_ERROR_STOP on
RESET ROLE;
\echo
