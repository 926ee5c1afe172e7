--
-- Controls of what is logged, and of the log itself: items 13 to 16, layer 4.
--
INSERT INTO maestro.control
	(control, title, scope, condition, basis, min_evidence, max_age, computed, missing,
	 to_observe, to_repair, explanation)
VALUES
	('log_context', 'Events carry context', 'component', 'logging', 'observed', 20, '30 days', true, NULL,
	 'Log with a trace_id, and a body or attributes: maestro.log_event(%1$L, ..., trace_id => ..., attributes => ...).',
	 'Send trace_id, and a body or attributes, with each event.',
	 'At least 99 of 100 of its own events carry a trace id and data beside the message. It does not show that the data suffices.'),
	('trace_emitted', 'Trace emitted', 'component', 'logging', 'observed', 1, '24 hours', true, NULL,
	 'Have it log, or send a heartbeat: maestro.log_event(%1$L, ''heartbeat'', ''alive'').',
	 'Have it log, or send a heartbeat: maestro.log_event(%1$L, ''heartbeat'', ''alive'').',
	 'It logged within a day. It does not show that it logged everything.'),
	('log_sensitive', 'Log rescanned', 'log', 'kind', 'enforced', 1, '7 days', false,
	 'stored events are not yet scanned again with today''s rules', NULL, NULL,
	 'A sample of the stored events was scanned with today''s rules and nothing was found.'),
	('error_logged', 'Failures logged', 'component', 'logging', 'observed', 5, '30 days', true, NULL,
	 'Log each failure: maestro.log_event(%1$L, ''error'', ..., outcome => ''error'') with the attribute error.type.',
	 'Send error.type with each failed event, or an event of kind error in its span.',
	 'Every failed event tells its type or has an error event in its span. Failures that were never logged are not seen; actions left open are not examined yet.'),
	('log_neutralised', 'Messages neutralised', 'system', 'kind', 'enforced', 5, '30 days', true, NULL,
	 'Have the system''s components log what they do: maestro.log_event.',
	 'Find out how it got past log_event: SELECT * FROM maestro.integrity_check();',
	 'No stored message holds a line break, control sequence or invisible direction mark, so none can pose as another. Programs that print other columns must quote them.'),
	('integrity_check', 'Guards in place', 'log', 'kind', 'enforced', 1, '1 hour', false,
	 'results of integrity_check() are not stored yet', NULL, NULL,
	 'Triggers, privileges and columns are as installed. A superuser could have changed and restored them in between.'),
	('log_verified', 'Log verified', 'log', 'kind', 'enforced', 1, '24 hours', false,
	 'the log is not sealed yet', NULL, NULL,
	 'Every sealed event still has the hash it was sealed with.'),
	('checkpoint_outside', 'Checkpoint held outside', 'log', 'kind', 'attested', 1, '24 hours', false,
	 'the log is not sealed yet', NULL, NULL,
	 'Somebody else holds a checkpoint, so that the log cannot be rewritten unnoticed.');

INSERT INTO maestro.control_signal (control, signal, needed, anywhere, min_share, good, bad) VALUES
	('log_context', 'event_in_context', true, true, 0.99, '%1$s of %3$s events carry a trace id and data',
	 '%2$s of %3$s events lack a trace id or data, last: event %4$s'),
	('trace_emitted', 'event', true, true, NULL, 'logged %1$s events',
	 ''),
	('trace_emitted', 'called_silent', false, false, NULL, '',
	 'called %2$s times, but it logged nothing within a day of that'),
	('error_logged', 'error_explained', true, true, NULL, '%1$s failures explained',
	 '%2$s of %3$s failures neither carry error.type nor have an error event in their span, last: event %4$s'),
	('log_neutralised', 'message_neutral', true, true, NULL, '%1$s messages hold one harmless line each',
	 '%2$s of %3$s messages hold characters that sanitizing removes, last: event %4$s');
