SELECT maestro.register_system('crew', db_role => 'crew_agents');
SELECT maestro.register_component('crew', 'planner', 'agent', timeout => '30 s');
SELECT event_id, decision FROM maestro.log_event('crew/planner', 'output', E'done\nINFO admin logged in',
    body => '{"answer": "use postgres://app:pa55word-9@db.example.com/main"}', duration => '41 s');
SELECT message, body, findings FROM maestro.event WHERE kind = 'output';
SELECT layer, component, threat, severity, status FROM maestro.threat_matrix WHERE status <> 'unknown';
SELECT item, status, reason FROM maestro.checklist_compliance WHERE status IN ('ok', 'alarm');
SELECT ok, alarm, unknown, skip, score FROM maestro.checklist_summary;
DELETE FROM maestro.event;
