--
-- Append-only: the triggers that refuse, and row-level security.
--
CREATE FUNCTION maestro.append_only_refuse() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'maestro_append_only_refuse';
COMMENT ON FUNCTION maestro.append_only_refuse() IS 'trigger on the trace: refuses UPDATE, DELETE and TRUNCATE with SQLSTATE MA001';
CREATE FUNCTION maestro.append_only_insert() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'maestro_append_only_insert';
COMMENT ON FUNCTION maestro.append_only_insert() IS
	'trigger on partitions of the trace: lets rows of log_event in, and whole rows that the owner restores or logical replication applies; others get SQLSTATE MA001';
CREATE FUNCTION maestro.registry_guard() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'maestro_registry_guard';
COMMENT ON FUNCTION maestro.registry_guard() IS 'trigger on registry tables: refuses changes that no function of maestro makes, with SQLSTATE MA001';
CREATE FUNCTION maestro.registry_changed() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'maestro_registry_changed';
COMMENT ON FUNCTION maestro.registry_changed() IS 'trigger on registry tables: tells other backends to read them again';
CREATE FUNCTION maestro.signal_changed() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'maestro_signal_changed';
COMMENT ON FUNCTION maestro.signal_changed() IS 'trigger on what was counted of signals: adds up what a seal changes, for its checkpoint';
CREATE FUNCTION maestro.ddl_guard() RETURNS event_trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'maestro_ddl_guard';
COMMENT ON FUNCTION maestro.ddl_guard() IS 'event trigger: refuses statements that would take guards of the log away, with SQLSTATE MA001, where the library is not preloaded; else its hooks do';
REVOKE ALL ON FUNCTION maestro.ddl_guard(), maestro.append_only_refuse(), maestro.append_only_insert(),
	maestro.registry_guard(), maestro.registry_changed(), maestro.signal_changed() FROM PUBLIC;

-- The parent has no row triggers: each leaf gets its own (create_partition), as
-- pg_dump restores those, while clones of a parent's it does not know.
CREATE TRIGGER append_only_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON maestro.event
	FOR EACH STATEMENT EXECUTE FUNCTION maestro.append_only_refuse();
ALTER TABLE maestro.event ENABLE ALWAYS TRIGGER append_only_statement;

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['system', 'component', 'component_version', 'dependency', 'dependency_version', 'contract', 'guard',
			'plan', 'environment_report', 'attestation', 'user_control', 'control_result', 'session_fact',
			'risk_decision', 'decision_step', 'drill', 'event_review', 'manifest_key', 'component_signature', 'plan_run', 'open_action', 'sanitize_rule', 'sanitize_allow',
			'log', 'incarnation', 'checkpoint', 'tile', 'tile_tail', 'cosignature',
			'redaction', 'legal_hold', 'dropped_partition', 'checkpoint_copy', 'trusted_key',
			'signal_total', 'signal_day', 'signal_fault', 'signal_pending', 'signal_run', 'signal_breaker', 'signal_files', 'signal_trend', 'signal_use', 'json_schema'] LOOP
		EXECUTE format('CREATE TRIGGER registry_guard_row BEFORE UPDATE OR DELETE ON maestro.%I
			FOR EACH ROW EXECUTE FUNCTION maestro.registry_guard()', t);
		EXECUTE format('CREATE TRIGGER registry_guard_statement BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON maestro.%I
			FOR EACH STATEMENT EXECUTE FUNCTION maestro.registry_guard()', t);
		EXECUTE format('ALTER TABLE maestro.%I ENABLE ALWAYS TRIGGER registry_guard_row,
			ENABLE ALWAYS TRIGGER registry_guard_statement', t);
		-- Of these nobody keeps rows, and a message to all backends would cost.
		IF t NOT IN ('user_control', 'control_result', 'session_fact', 'manifest_key', 'component_signature', 'plan_run', 'open_action',
				'checkpoint', 'tile', 'tile_tail', 'cosignature', 'redaction', 'legal_hold', 'dropped_partition', 'checkpoint_copy', 'trusted_key')
			AND NOT starts_with(t, 'signal_') THEN
			EXECUTE format('CREATE TRIGGER registry_changed AFTER INSERT OR UPDATE OR DELETE ON maestro.%I
				FOR EACH STATEMENT EXECUTE FUNCTION maestro.registry_changed()', t);
			EXECUTE format('ALTER TABLE maestro.%I ENABLE ALWAYS TRIGGER registry_changed', t);
		END IF;
		IF starts_with(t, 'signal_') THEN
			EXECUTE format('CREATE TRIGGER signal_changed AFTER INSERT OR UPDATE OR DELETE ON maestro.%I
				FOR EACH ROW EXECUTE FUNCTION maestro.signal_changed()', t);
			EXECUTE format('ALTER TABLE maestro.%I ENABLE ALWAYS TRIGGER signal_changed', t);
		END IF;
		EXECUTE format('ALTER TABLE maestro.%I ENABLE ROW LEVEL SECURITY', t);
	END LOOP;
	FOREACH t IN ARRAY ARRAY['component_version', 'dependency', 'contract', 'guard', 'environment_report',
			'attestation', 'component', 'risk_decision', 'session_fact', 'component_signature', 'open_action'] LOOP
		EXECUTE format('CREATE POLICY readable ON maestro.%I FOR SELECT TO PUBLIC
			USING (maestro.may_read_component(component_id))', t);
	END LOOP;
	FOREACH t IN ARRAY ARRAY['system', 'plan', 'drill', 'event_review', 'plan_run'] LOOP
		EXECUTE format('CREATE POLICY readable ON maestro.%I FOR SELECT TO PUBLIC
			USING (maestro.may_read(system_id))', t);
	END LOOP;
	CREATE POLICY readable ON maestro.dependency_version FOR SELECT TO PUBLIC
		USING (EXISTS (SELECT FROM maestro.dependency AS d WHERE d.dependency_id = dependency_version.dependency_id));
	FOREACH t IN ARRAY ARRAY['user_control', 'manifest_key', 'sanitize_rule', 'sanitize_allow',
			'log', 'incarnation', 'checkpoint', 'tile', 'tile_tail', 'cosignature',
			'redaction', 'legal_hold', 'dropped_partition', 'checkpoint_copy', 'trusted_key',
			'signal_total', 'signal_day', 'signal_fault', 'signal_pending', 'signal_run', 'signal_breaker', 'signal_files', 'signal_trend', 'signal_use', 'json_schema'] LOOP
		EXECUTE format('CREATE POLICY readable ON maestro.%I FOR SELECT TO PUBLIC
			USING (maestro.may_read(NULL::integer))', t);
	END LOOP;
	CREATE POLICY readable ON maestro.control_result FOR SELECT TO PUBLIC
		USING (maestro.may_read(system_id)
			OR (component_id IS NOT NULL AND maestro.may_read_component(component_id)));
END
$$;

-- A step has no component of its own: who may read the decision may read it.
CREATE POLICY readable ON maestro.decision_step FOR SELECT TO PUBLIC
	USING (EXISTS (SELECT FROM maestro.risk_decision AS d WHERE d.decision_id = decision_step.decision_id));

ALTER TABLE maestro.event ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON maestro.event FOR SELECT TO PUBLIC
	USING (maestro.may_read(system_id)
		OR (component_id IS NOT NULL AND maestro.may_read_component(component_id)));
