--
-- Controls of what goes into and comes out of components: items 1 to 8.
--
-- Nothing is declared for those computed so far; they read what was logged.
--
INSERT INTO maestro.control
	(control, title, scope, basis, per_version, computed, missing, to_observe, explanation)
VALUES
	('input_schema', 'Input contract', 'component', 'observed', true, false,
	 'contracts are stored but not yet checked against events',
	 NULL,
	 'Every input and tool call was checked against a binding schema and none that failed was accepted. It says nothing about inputs that are not logged.'),
	('string_sanitized', 'Bounded strings', 'component', 'enforced', true, false,
	 'schemas are stored but not yet examined for unbounded strings',
	 NULL,
	 'No string of the contract is without bound, and none that names an interpreter is without pattern. It does not show that the component quotes what it passes on.'),
	('number_range', 'Bounded numbers', 'component', 'enforced', true, false,
	 'schemas are stored but not yet examined for numbers without range',
	 NULL,
	 'Every number of the contract has a range. It does not show that the range is sensible.'),
	('file_path', 'Safe file paths', 'component', 'enforced', true, false,
	 'schemas are stored but not yet examined for path-like properties',
	 NULL,
	 'Every path-like property refuses traversal. It does not show what the component opens.'),
	('output_schema', 'Output contract', 'component', 'observed', true, false,
	 'contracts are stored but not yet checked against events',
	 NULL,
	 'Every output was checked against a binding schema and none that failed was accepted. It says nothing about outputs that are not logged.'),
	('output_closed', 'Closed output schema', 'component', 'enforced', true, false,
	 'schemas are stored but not yet examined for open objects',
	 NULL,
	 'The output contract allows no property that it does not name. It does not bound what the named ones say.'),
	('tool_schema_digest', 'Tool schema as registered', 'component', 'observed', true, false,
	 'digests that runs send are not yet compared with the registered ones',
	 NULL,
	 'The tool schema that ran is the one that was registered. It rests on the digest that the process itself sends.'),
	('model_pinned', 'Pinned models', 'component', 'observed', true, false,
	 'requested models are not yet compared with the pinned ones',
	 NULL,
	 'Every model call went through a registered model or gateway and asked for its pinned model. It cannot show what the provider really ran.');

INSERT INTO maestro.control
	(control, title, scope, basis, per_version, computed, to_observe, to_repair, explanation)
VALUES
	('output_sensitive', 'No sensitive data in outputs', 'component', 'observed', true, true,
	 'Log what it answers: maestro.log_event(%1$L, ''output'', ..., trace_id => ..., body => ...).',
	 'Keep it out of outputs. Types of personal data that belong there are declared by maestro.update_component(%1$L, allowed_data => ...).',
	 'The sanitizer found no secret in the logged outputs, and personal data only of the allowed kinds. Data without a recognisable shape is not found. Tools and models are judged by the results that their callers logged.'),
	('error_leak', 'Errors show no internals', 'component', 'observed', true, true,
	 'Log each failure with what the user was told: maestro.log_event(%1$L, ''error'', ..., outcome => ''error'').',
	 'Answer failures with a plain sentence; put the stack trace into the attribute exception.stacktrace.',
	 'Messages and bodies of errors and failed outputs held no stack trace, source path, SQL, connection string or private host. It covers the failures that were logged.'),
	('error_structured', 'Errors carry a type', 'component', 'observed', true, true,
	 'Log each failure with its type: maestro.log_event(%1$L, ''error'', ..., outcome => ''error'') and the attribute error.type.',
	 'Send the attribute error.type (letters, digits, _ . : -) with each failed event.',
	 'Every failed event says by a word what failed, so that callers can degrade. It does not show that they do.');

INSERT INTO maestro.control_signal (control, signal, good, bad) VALUES
	('output_sensitive', 'output_clean', '%1$s outputs without secrets or personal data that is not allowed',
	 '%2$s of %3$s outputs carried a secret or personal data that is not allowed, last: event %4$s'),
	('error_leak', 'error_clean', '%1$s failures showed no internals',
	 '%2$s of %3$s failures showed internals, last: event %4$s'),
	('error_structured', 'error_typed', '%1$s failures carried error.type',
	 '%2$s of %3$s failures carried no usable error.type, last: event %4$s');
