--
-- Controls of who takes part and in which order: layers 2 and 7.
--
INSERT INTO maestro.control
	(control, title, scope, condition, basis, min_evidence, max_age, declares, must_declare, attestable,
	 to_declare, to_observe, to_repair, explanation)
VALUES
	('allowlist', 'Registered writers alone', 'system', 'kind', 'enforced', 5, '30 days', NULL, true, false, NULL,
	 'Have the system''s components log what they do: maestro.log_event.',
	 'See maestro.unregistered_component: register what belongs there, and find out who sent the rest. The alarm ends 30 days after the last such event, or by maestro.review_event.',
	 'Only registered components logged; what others sent was refused. A component that logs nothing is not seen.'),
	('registry_locked', 'Registry locked', 'system', 'kind', 'enforced', 1, '365 days', 'locked registry', false, true,
	 'Lock it: maestro.lock_registry(%3$L, reason).', NULL, NULL,
	 'Nothing can be registered or changed without unlocking first. An attestation vouches for static imports: that the processes load nothing that is not in their code.'),
	('registration_reviewed', 'Refused registrations reviewed', 'system', 'refusal', 'attested', 1, '30 days', NULL, true, false, NULL, NULL,
	 'Look at each refused registration and say what it was: maestro.review_event.',
	 'Somebody looked at each refused registration.'),
	('manifest_digest', 'Manifest as registered', 'component', 'kind', 'observed', 5, '30 days', 'manifest_digest', false, false,
	 'Register the digest of its manifest, with a new version if tools or prompt changed: maestro.update_component(%1$L, version => ..., manifest_digest => ...).',
	 'Send the digest of what runs as the attribute maestro.manifest_digest, with agent_run and heartbeat events.',
	 'Find out what changed; what is meant to be is registered by maestro.update_component(%1$L, version => ..., manifest_digest => ...).',
	 'What ran is what was registered. It rests on the digest that the process itself sends.'),
	('plan_digest', 'Plan as registered', 'system', 'kind', 'observed', 5, '30 days', 'plan', true, false,
	 'Declare the order of its steps: maestro.declare_plan(%3$L, name, graph).',
	 'Send the digest of the compiled graph as the attribute maestro.plan_digest, with agent_run events; maestro.plan has it.',
	 'Find out who changed the graph; what is meant to be is declared by maestro.declare_plan(%3$L, name, graph).',
	 'The graph that ran is the one that was declared. It rests on the digest that the process itself sends.'),
	('order_kept', 'Order kept', 'system', 'kind', 'observed', 5, '30 days', 'plan', true, false,
	 'Declare the order of its steps: maestro.declare_plan(%3$L, name, graph).',
	 'Log each handoff between nodes of the plan, and each call of a tool that is one: maestro.log_event(%4$L, ''handoff'' or ''tool_call'', ..., target => ...).',
	 'Find out who handed off to whom, or called which tool, and declare the edge if it belongs there: maestro.declare_plan(%3$L, name, graph).',
	 'Every handoff from or to a node of a declared plan, and every call of a tool that is a node, followed one of its edges, or was refused. A tool that is in no plan may be called at any time. Steps that are not logged have no order.');

INSERT INTO maestro.control
	(control, title, scope, basis, min_evidence, max_age, evaluated, to_observe, to_repair, explanation)
VALUES
	('signature', 'Signed components', 'system', 'enforced', 1, '1 day', true,
	 'Register the components from signed manifests, and have that looked at: SELECT * FROM maestro.evaluate_controls(''signature'');',
	 'Register each component as it shall be from a signed manifest: maestro.register_signed_component.',
	 'Every component is registered as a manifest says that was signed with a key that was trusted then, and was neither revoked nor has expired since.');

INSERT INTO maestro.control
	(control, title, scope, condition, basis, min_evidence, max_age, to_observe, to_repair, explanation)
VALUES
	('handoff_contract', 'Contracts for handoffs', 'system', 'several', 'enforced', 5, '30 days',
	 'Log each handoff with its body: maestro.log_event(%4$L, ''handoff'', ..., target => ..., body => ...).',
	 'Give each pair that hands off a contract: maestro.set_contract(giver, ''handoff'', schema, target => taker).',
	 'Each pair of components that handed off has a contract, and what was passed was checked.');

INSERT INTO maestro.control_signal (control, signal, role, good, bad) VALUES
	('allowlist', 'writer_registered', 'shows', '{good} events, all from registered components or refused',
	 '{bad} events came from components that nobody registered, last: event {event}'),
	('registry_locked', 'registry_locked', 'shows', 'the registry is locked', ''),
	('registration_reviewed', 'registration_reviewed', 'shows', '{good} refused registrations were reviewed', ''),
	('registration_reviewed', 'registration_seen', 'covers', '', '{bad} of {all} refused registrations wait for a review, last: event {event}'),
	('manifest_digest', 'manifest_same', 'shows', '{good} events carried the registered digest',
	 '{bad} of {all} events carried another digest than the registered one, last: event {event}'),
	('manifest_digest', 'manifest_sent', 'covers', '', '{bad} of {all} runs carry no manifest digest'),
	('plan_digest', 'plan_same', 'shows', '{good} runs carried the digest of a declared plan',
	 '{bad} of {all} runs carried the digest of no declared plan, last: event {event}'),
	('order_kept', 'order_kept', 'shows', '{good} handoffs and tool calls followed the declared plan or were refused',
	 '{bad} of {all} handoffs and tool calls followed no edge of the declared plan, last: event {event}'),
	('handoff_contract', 'handoff_valid', 'shows', '{good} handoffs held their contract or were refused',
	 '{bad} of {all} handoffs had no contract or broke it and were accepted, last: event {event}'),
	('handoff_contract', 'handoff_checked', 'covers', '', '{bad} of {all} handoffs were not checked against their contract');
UPDATE maestro.control_signal SET min_share = 0.95 WHERE signal = 'manifest_sent';
