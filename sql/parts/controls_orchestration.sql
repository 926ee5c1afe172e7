--
-- Controls of who takes part and in which order: layers 2 and 7.
--
INSERT INTO maestro.control
	(control, title, scope, basis, min_evidence, max_age, computed, missing,
	 to_observe, to_repair, explanation)
VALUES
	('allowlist', 'Registered writers alone', 'system', 'enforced', 5, '30 days', true, NULL,
	 'Have the system''s components log what they do: maestro.log_event.',
	 'See maestro.unregistered_component: register what belongs there, and find out who sent the rest. The alarm ends 30 days after the last such event.',
	 'Only registered components logged; what others sent was refused. A component that logs nothing is not seen.'),
	('signature', 'Signed components', 'system', 'enforced', 1, '365 days', false,
	 'there are no trusted keys and signatures yet', NULL, NULL,
	 'Every component was registered by a manifest signed with a trusted key.'),
	('registry_locked', 'Registry locked', 'system', 'enforced', 1, '365 days', false,
	 'the registry cannot be locked yet', NULL, NULL,
	 'Nothing can be registered or changed without unlocking first.'),
	('registration_reviewed', 'Refused registrations reviewed', 'system', 'attested', 1, '30 days', false,
	 'the registry cannot be locked yet', NULL, NULL,
	 'Somebody looked at each refused registration.'),
	('manifest_digest', 'Manifest as registered', 'system', 'observed', 5, '30 days', false,
	 'digests that runs send are not yet compared with the registered ones', NULL, NULL,
	 'What ran is what was registered. It rests on the digest that the process itself sends.'),
	('plan_digest', 'Plan as registered', 'system', 'observed', 5, '30 days', false,
	 'plans are stored but runs are not yet compared with them',
	 NULL, NULL,
	 'The graph that ran is the one that was declared. It rests on the digest that the process itself sends.'),
	('order_kept', 'Order kept', 'system', 'observed', 5, '30 days', false,
	 'plans are stored but runs are not yet compared with them',
	 NULL, NULL,
	 'No step was accepted that the plan does not allow. Steps that are not logged have no order.'),
	('handoff_contract', 'Contracts for handoffs', 'system', 'observed', 5, '30 days', false,
	 'contracts are stored but not yet checked against events', NULL, NULL,
	 'Each pair of components that handed off has a contract and what was passed was checked.');

INSERT INTO maestro.control_signal (control, signal, good, bad) VALUES
	('allowlist', 'writer_registered', '%1$s events, all from registered components or refused',
	 '%2$s events came from components that nobody registered, last: event %4$s');
