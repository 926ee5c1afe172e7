--
-- Controls of what goes into and comes out of components: items 1 to 8, and
-- what layers 1 and 2 ask beside them.
--
-- A control is a row here and its words; which components declare what is the
-- view declared_boundary, what was observed the view signal.
--
INSERT INTO maestro.control
	(control, title, scope, basis, per_version, min_evidence, declares, to_declare, to_observe, to_repair, explanation)
VALUES
	('input_schema', 'Input contract', 'component', 'enforced', true, 5, 'input contract',
	 'Declare what it takes: maestro.set_contract(%1$L, ''input'', schema) with a JSON Schema that binds.',
	 'Log each input with its body, and tool calls with target: maestro.log_event(%1$L, ''input'', ..., body => ...).',
	 'Refuse inputs that break the contract, or declare a schema that binds: maestro.set_contract(%1$L, ''input'', schema).',
	 'Every input and tool call was checked against a binding schema and none that failed was accepted. It says nothing about inputs that are not logged.'),
	('string_sanitized', 'Bounded strings', 'component', 'enforced', true, 1, 'input contract',
	 'Declare what it takes: maestro.set_contract(%1$L, ''input'', schema) with a length or pattern for each string.',
	 'Have its contract examined, by setting it again: maestro.set_contract(%1$L, ''input'', schema).',
	 'Give each string of its input contract a maxLength, pattern, enum or format, and those that an interpreter reads a pattern or enum: maestro.set_contract(%1$L, ''input'', schema).',
	 'No string of the contract is without bound, and none that names an interpreter is without pattern. It does not show that the component quotes what it passes on.'),
	('number_range', 'Bounded numbers', 'component', 'enforced', true, 1, 'input contract',
	 'Declare what it takes: maestro.set_contract(%1$L, ''input'', schema) with a range for each number.',
	 'Have its contract examined, by setting it again: maestro.set_contract(%1$L, ''input'', schema).',
	 'Give each number of its input contract a minimum and a maximum: maestro.set_contract(%1$L, ''input'', schema).',
	 'Every number of the contract has a range. It does not show that the range is sensible.'),
	('file_path', 'Safe file paths', 'component', 'enforced', true, 1, 'input contract',
	 'Declare what it takes: maestro.set_contract(%1$L, ''input'', schema) with format safe-path for each path.',
	 'Have its contract examined, by setting it again: maestro.set_contract(%1$L, ''input'', schema).',
	 'Give each path of its input contract the format safe-path: maestro.set_contract(%1$L, ''input'', schema).',
	 'Every path-like property refuses traversal. It does not show what the component opens.'),
	('output_schema', 'Output contract', 'component', 'enforced', true, 5, 'output contract',
	 'Declare what it returns: maestro.set_contract(%1$L, ''output'', schema) with a JSON Schema that binds.',
	 'Log each output with its body: maestro.log_event(%1$L, ''output'', ..., body => ...).',
	 'Ask again until the output is valid, or refuse it; declare a schema that binds: maestro.set_contract(%1$L, ''output'', schema).',
	 'Every output was checked against a binding schema, and each that failed was refused or asked for again. It says nothing about outputs that are not logged.'),
	('output_closed', 'Closed output schema', 'component', 'enforced', true, 1, 'output contract',
	 'Declare what it returns: maestro.set_contract(%1$L, ''output'', schema) with additionalProperties false.',
	 'Have its contract examined, by setting it again: maestro.set_contract(%1$L, ''output'', schema).',
	 'Close each object of its output contract with additionalProperties false: maestro.set_contract(%1$L, ''output'', schema).',
	 'The output contract allows no property that it does not name. It does not bound what the named ones say.'),
	('tool_schema_digest', 'Tool schema as registered', 'component', 'observed', true, 5, 'tool_schema_digest',
	 'Register the digest of its tool schema, with a new version if it changed: maestro.update_component(%1$L, version => ..., tool_schema_digest => ...).',
	 'Send the digest of the schema in use as the attribute maestro.tool_schema_digest, with tool calls to it or with its own events.',
	 'Find out who changed the schema; what is meant to be is registered by maestro.update_component(%1$L, version => ..., tool_schema_digest => ...).',
	 'The tool schema that ran is the one that was registered. It rests on the digest that the process itself sends.'),
	('model_pinned', 'Pinned models', 'component', 'observed', true, 5, NULL,
	 NULL,
	 'Log each model call as the component that makes it: maestro.log_event(caller, ''model_call'', ..., target => model) with the attribute gen_ai.request.model.',
	 'Call models through registered components of kind model or gateway, and pin the name of each: maestro.update_component(%4$L, model => ...).',
	 'Every model call went to a registered model or gateway, and the model that answered (or, where that was not sent, that was asked for) is its pinned one. Models are judged by the calls that their callers logged, and all of it rests on the names that those log.');

INSERT INTO maestro.control
	(control, title, scope, basis, per_version, drill, to_observe, to_repair, explanation)
VALUES
	('output_sensitive', 'No sensitive data in outputs', 'component', 'observed', true, false,
	 'Log what it answers: maestro.log_event(%1$L, ''output'', ..., trace_id => ..., body => ...).',
	 'Keep it out of outputs. Types of personal data that belong there are declared by maestro.update_component(%1$L, allowed_data => ...).',
	 'The sanitizer found no secret in the logged outputs, and personal data only of the allowed kinds. Data without a recognisable shape is not found. Tools and models are judged by the results that their callers logged.'),
	('error_leak', 'Errors show no internals', 'component', 'observed', true, true,
	 'Log each failure with what the user was told, or hold a drill (maestro.start_drill): maestro.log_event(%1$L, ''error'', ..., outcome => ''error'').',
	 'Answer failures with a plain sentence; put the stack trace into the attribute exception.stacktrace.',
	 'Messages and bodies of errors and failed outputs held no stack trace, source path, SQL, connection string or private host. It covers the failures that were logged.'),
	('error_structured', 'Errors carry a type', 'component', 'observed', true, true,
	 'Log each failure with its type, or hold a drill (maestro.start_drill): maestro.log_event(%1$L, ''error'', ..., outcome => ''error'') and the attribute error.type.',
	 'Send the attribute error.type (letters, digits, _ . : -) with each failed event.',
	 'Every failed event says by a word what failed, so that callers can degrade. It does not show that they do.');

INSERT INTO maestro.control_signal (control, signal, role, good, bad) VALUES
	('input_schema', 'input_valid', 'shows', '{good} inputs held the contract or were refused',
	 '{bad} of {all} inputs broke the contract and were accepted, last: event {event}'),
	('input_schema', 'input_checked', 'covers', '', '{bad} of {all} inputs were not checked against the contract'),
	('string_sanitized', 'contract_strings', 'shows', 'all {detail} strings of its input contract are bounded', '{detail}'),
	('number_range', 'contract_numbers', 'shows', 'all {detail} numbers of its input contract have a range', '{detail}'),
	('file_path', 'contract_paths', 'shows', 'all {detail} paths of its input contract are checked for traversal', '{detail}'),
	('output_schema', 'output_valid', 'shows', '{good} outputs held the contract, were refused or asked for again',
	 '{bad} of {all} outputs broke the contract and were accepted, last: event {event}'),
	('output_schema', 'output_checked', 'covers', '', '{bad} of {all} outputs were not checked against the contract'),
	('output_closed', 'contract_objects', 'shows', 'all {detail} objects of its output contract are closed', '{detail}'),
	('tool_schema_digest', 'tool_schema_same', 'shows', '{good} events carried the registered digest',
	 '{bad} of {all} events carried another digest than the registered one, last: event {event}'),
	('model_pinned', 'model_pinned', 'shows', '{good} model calls got the pinned model',
	 '{bad} of {all} model calls went to no registered model with a pinned name, or got another model, last: event {event}'),
	('model_pinned', 'model_named', 'covers', '', '{bad} of {all} model calls do not say which model they asked for'),
	('output_sensitive', 'output_clean', 'shows', '{good} outputs without secrets or personal data that is not allowed',
	 '{bad} of {all} outputs carried a secret or personal data that is not allowed, last: event {event}'),
	('error_leak', 'error_clean', 'shows', '{good} failures showed no internals',
	 '{bad} of {all} failures showed internals, last: event {event}'),
	('error_structured', 'error_typed', 'shows', '{good} failures carried error.type',
	 '{bad} of {all} failures carried no usable error.type, last: event {event}');
UPDATE maestro.control SET condition = 'calling' WHERE control = 'model_pinned';
