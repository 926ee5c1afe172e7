--
-- Roles: who may do what.  They are the cluster's, so neither members of the
-- extension nor part of a database's dump.
--
CREATE FUNCTION maestro.role_grant() RETURNS TABLE (role text, functions text[])
	LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	VALUES
		('maestro_agent', ARRAY['log_event', 'log_events', 'begin_action', 'end_action', 'begin_step', 'lenient_jsonb', 'json_errors', 'validate', 'matches', 'check_contract', 'contract_lint', 'contract_lint_counts',
			'acquire', 'require', 'release', 'record_outcome', 'backoff', 'start_run', 'spend', 'require_spend', 'run_left', 'end_run']),
		('maestro_operator', ARRAY['apply_manifest', 'register_system', 'register_component', 'update_component',
			'set_component_state', 'trust_manifest_key', 'revoke_manifest_key', 'register_signed_component', 'lock_registry', 'unlock_registry', 'stop_component', 'stop_alone', 'stop_suspend', 'stop_sessions', 'stop_record', 'stop_logins', 'stop_role', 'acts_for', 'begin_step', 'register_dependency', 'set_contract', 'set_guard', 'reset_guard', 'register_schema', 'json_errors', 'check_schema', 'validate', 'matches', 'check_contract', 'contract_lint', 'contract_lint_counts', 'declare_plan', 'report_environment',
			'read_json', 'refuse', 'add_control', 'remove_control', 'add_sanitize_rule', 'remove_sanitize_rule', 'evaluate_controls', 'rescan',
			'attest', 'decide_risk', 'revoke_decision', 'as_of', 'start_drill', 'end_drill', 'create_partition', 'drop_partition', 'lengthen_retention', 'seal', 'verify', 'tree_leaves', 'adopt_log', 'log_fork', 'recount_signals', 'integrity_repair', 'add_checkpoint_signature', 'trust_key', 'distrust_key', 'event_entry', 'event_payload', 'event_payload_hash', 'prove_events',
			'event_index', 'inclusion_proof', 'consistency_proof', 'proof', 'witness_request', 'tile_export',
			'entries_export', 'log_files', 'tile_name', 'checkpoint_body', 'checkpoint_note', 'log_public_key',
			'snapshot_posture', 'posture_diff', 'assert_posture', 'export_evidence', 'cited_event', 'evidence', 'controls_behind',
			'integrity_check', 'status', 'integrity_triggers', 'integrity_functions',
			'integrity_policies', 'integrity_references', 'integrity_tables', 'integrity_privileges', 'guarded_table', 'guard_trigger']),
		('maestro_auditor', ARRAY['json_errors', 'validate', 'matches', 'contract_lint', 'contract_lint_counts', 'record_checkpoint_copy', 'verify', 'tree_leaves', 'event_entry', 'event_payload', 'event_payload_hash', 'prove_events', 'as_of',
			'event_index', 'inclusion_proof', 'consistency_proof', 'proof', 'witness_request', 'tile_export',
			'entries_export', 'log_files', 'tile_name', 'checkpoint_body', 'checkpoint_note', 'log_public_key', 'add_checkpoint_signature', 'snapshot_posture', 'posture_diff', 'assert_posture', 'export_evidence', 'cited_event',
			'evidence', 'controls_behind',
			'integrity_check', 'status', 'integrity_triggers', 'integrity_functions', 'integrity_policies',
			'integrity_references', 'integrity_tables', 'integrity_privileges', 'guarded_table', 'guard_trigger']),
		('maestro_approver', ARRAY['redact_event', 'place_hold', 'release_hold', 'evidence', 'controls_behind', 'decide_risk', 'approve_decision', 'revoke_decision', 'review_event', 'allow_value', 'disallow_value', 'as_of',
			'posture_diff', 'assert_posture']),
		('maestro_dashboard', ARRAY['status', 'as_of', 'posture_diff', 'assert_posture'])
$$;
COMMENT ON FUNCTION maestro.role_grant() IS 'which functions which role may execute';

CREATE FUNCTION maestro.install_roles() RETURNS TABLE (role text, action text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
	g record;
	o record;
BEGIN
	FOR g IN SELECT * FROM maestro.role_grant() UNION ALL SELECT 'maestro_admin', ARRAY[]::text[] LOOP
		role := g.role;
		action := 'granted';
		IF to_regrole(g.role) IS NULL THEN
			EXECUTE format('CREATE ROLE %I NOLOGIN', g.role);
			action := 'created and granted';
		END IF;
		EXECUTE format('GRANT USAGE ON SCHEMA maestro TO %I', g.role);
		FOR o IN SELECT p.oid::regprocedure AS name FROM pg_proc AS p
				WHERE p.pronamespace = 'maestro'::regnamespace AND p.proname = ANY (g.functions) LOOP
			EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO %I', o.name, g.role);
		END LOOP;
		RETURN NEXT;
	END LOOP;
	-- Views filter by may_read, but those that others are made of; tables by row-level security, and the catalogue is no secret.
	FOR o IN SELECT c.oid::regclass AS name, c.relkind FROM pg_class AS c
			  JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
			   AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
			  JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'maestro'
			 WHERE c.relkind IN ('v', 'r', 'p') AND c.relname !~ '^(judged|live)_' LOOP
		EXECUTE format('GRANT SELECT ON %s TO maestro_auditor, maestro_operator, maestro_approver', o.name);
		IF o.relkind = 'v' THEN
			EXECUTE format('GRANT SELECT ON %s TO maestro_dashboard', o.name);
		END IF;
	END LOOP;
	GRANT SELECT ON maestro.event, maestro.unresolved_action TO maestro_agent;
	GRANT maestro_agent, maestro_operator, maestro_auditor, maestro_approver, maestro_dashboard TO maestro_admin;
END
$$;
COMMENT ON FUNCTION maestro.install_roles() IS
	'creates the roles maestro_agent, maestro_operator, maestro_approver, maestro_auditor, maestro_dashboard and maestro_admin where they are missing, grants each what it needs in this database, and says so; run it as the owner in each database';
REVOKE ALL ON FUNCTION maestro.install_roles(), maestro.role_grant() FROM PUBLIC;

-- What is left to PUBLIC: types and their support, pure functions, and the
-- predicates of filters and policies.  Everything that reads or writes a table
-- of ours for its caller is granted by install_roles().
REVOKE ALL ON FUNCTION
	maestro.refuse(text, text, text), maestro.read_json(text, text), maestro.check_name(text, text), maestro.describe_type(regtype),
	maestro.check_document(text, jsonb, text[], regclass), maestro.check_role(text),
	maestro.check_mode(text, text, boolean), maestro.changes(jsonb, jsonb), maestro.plain_limits(jsonb), maestro.check_timeout(text, interval), maestro.role_name(oid),
	maestro.check_component(maestro.component, maestro.component), maestro.component_keys(),
	maestro.new_component(integer, text), maestro.keep_version(oid, integer), maestro.put_system(oid, jsonb, text),
	maestro.put_component(oid, integer, jsonb, text), maestro.check_credential_ref(text),
	maestro.check_retry(jsonb), maestro.check_no_secret(text, text), maestro.check_guard_name(text, integer, text, text), maestro.put_dependency(oid, integer, jsonb, text),
	maestro.put_contract(oid, integer, text, integer, json, json), maestro.contract_overlay(integer, text, integer, jsonb, text), maestro.check_graph(jsonb),
	maestro.put_plan(oid, integer, text, jsonb), maestro.system_id(text),
	maestro.check_component_id(maestro.regcomponent), maestro.is_port_list(jsonb),
	maestro.json_duplicate_key(json)
	FROM PUBLIC;
