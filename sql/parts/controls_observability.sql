--
-- Controls of what is logged, and of the log itself: items 13 to 16, layer 4.
--
INSERT INTO maestro.control
	(control, title, scope, condition, basis, min_evidence, max_age, drill, to_observe, to_repair, explanation)
VALUES
	('log_context', 'Events carry context', 'component', 'logging', 'observed', 20, '30 days', false,
	 'Log with a trace_id, and a body or attributes: maestro.log_event(%1$L, ..., trace_id => ..., attributes => ...).',
	 'Send trace_id, and a body or attributes, with each event.',
	 'At least 99 of 100 of its own events carry a trace id and data beside the message. It does not show that the data suffices.'),
	('trace_emitted', 'Trace emitted', 'component', 'logging', 'observed', 1, '24 hours', false,
	 'Have it log, or send a heartbeat: maestro.log_event(%1$L, ''heartbeat'', ''alive'').',
	 'Have it log, or send a heartbeat: maestro.log_event(%1$L, ''heartbeat'', ''alive'').',
	 'It logged within a day. It does not show that it logged everything.'),
	('error_logged', 'Failures logged', 'component', 'logging', 'observed', 5, '30 days', true,
	 'Log each failure, or hold a drill (maestro.start_drill): maestro.log_event(%1$L, ''error'', ..., outcome => ''error'') with the attribute error.type.',
	 'Send error.type with each failed event, or an event of kind error in its span; end each action that was begun: SELECT * FROM maestro.unresolved_action.',
	 'Every failed event tells its type or has an error event in its span, and no action that was begun (maestro.begin_action) has waited for its end for more than an hour, of an approval a day. Failures that were neither logged nor begun are not seen.'),
	('log_neutralised', 'Messages neutralised', 'system', 'kind', 'enforced', 5, '30 days', false,
	 'Have the system''s components log what they do: maestro.log_event.',
	 'Find out how it got past log_event: SELECT * FROM maestro.integrity_check();',
	 'No stored message holds a line break, control sequence or invisible direction mark, so none can pose as another. Programs that print other columns must quote them.');

-- What is found by looking at the whole log has its result stored.
INSERT INTO maestro.control
	(control, title, scope, basis, min_evidence, max_age, evaluated, to_observe, to_repair, explanation)
VALUES
	('log_sensitive', 'Log rescanned', 'log', 'enforced', 1, '7 days', true,
	 'SELECT * FROM maestro.rescan();',
	 'Revoke the secrets that the named events hold, and find out since when the rules know them: SELECT * FROM maestro.rescan();',
	 'A sample of the stored events, or all, was scanned with today''s rules and nothing was found. What has no recognisable shape is not found.'),
	('integrity_check', 'Guards in place', 'log', 'enforced', 1, '1 hour', true,
	 'SELECT * FROM maestro.evaluate_controls(''integrity_check'');',
	 'SELECT * FROM maestro.integrity_check();',
	 'Triggers, privileges and columns are as installed. A superuser could have changed and restored them in between.'),
	('log_verified', 'Log verified', 'log', 'enforced', 1, '24 hours', true, 'SELECT * FROM maestro.evaluate_controls(''log_verified'');', 'Find out who changed the log, and which events are affected: SELECT * FROM maestro.verify();',
	 'Every sealed event still has the hash it was sealed with.'),
	('checkpoint_outside', 'Checkpoint held outside', 'log', 'attested', 1, '24 hours', true, 'Give maestro.checkpoint_note() to somebody outside: a witness (maestro.witness_request), or an auditor (maestro.record_checkpoint_copy).',
	 'Compare the log with the checkpoint that is held elsewhere: SELECT * FROM maestro.verify();',
	 'Somebody else holds a checkpoint, so that the log cannot be rewritten unnoticed.');

INSERT INTO maestro.control_signal (control, signal, role, min_share, good, bad) VALUES
	('log_context', 'event_in_context', 'shows', 0.99, '{good} of {all} events carry a trace id and data',
	 '{bad} of {all} events lack a trace id or data, last: event {event}'),
	('trace_emitted', 'event', 'shows', NULL, 'logged {good} events', ''),
	('error_logged', 'error_explained', 'shows', NULL, '{good} failures explained',
	 '{bad} of {all} failures neither carry error.type nor have an error event in their span, last: event {event}'),
	('log_neutralised', 'message_neutral', 'shows', NULL, '{good} messages hold one harmless line each',
	 '{bad} of {all} messages hold characters that sanitizing removes, last: event {event}');

INSERT INTO maestro.control_signal (control, signal, role, anywhere, bad) VALUES
	('trace_emitted', 'called_silent', 'against', false, 'called {bad} times, but it logged nothing within a day of that'),
	('error_logged', 'action_unresolved', 'against', false, '{bad} actions were begun and never ended, last: event {event}');
