SELECT maestro.register_system('crew', db_role => 'crew_agents');
SELECT maestro.register_component('crew', 'planner', 'agent', timeout => '30 s', max_iterations => 10);
SELECT event_id, decision FROM maestro.log_event('crew/planner', 'output', E'done\nINFO admin logged in',
    body => '{"answer": "use postgres://app:pa55word-9@db.example.com/main"}',
    duration => '41 s', trace_id => '4bf92f3577b34da6a3ce929d0e0e4736');
SELECT message, body, findings FROM maestro.event WHERE kind = 'output';
SELECT layer, threat, severity, status, reason FROM maestro.threat_matrix WHERE status = 'open';
SELECT ok, alarm, unknown, skip, score FROM maestro.checklist_summary;
DELETE FROM maestro.event;
