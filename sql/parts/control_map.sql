--
-- Control map: which controls answer an item, show a mitigation, apply to a kind.
--
INSERT INTO maestro.checklist_control
	SELECT item, item FROM maestro.checklist_item;

INSERT INTO maestro.mitigation_control
SELECT m.mitigation, c.control
  FROM (VALUES
	('prompt_injection', '{input_schema,output_schema,output_closed}'::text[]),
	('model_poisoning', '{model_pinned}'),
	('data_leakage', '{output_sensitive,output_schema}'),
	('unvalidated_inputs', '{input_schema,string_sanitized,number_range,file_path}'),
	('type_confusion', '{input_schema,output_schema,tool_schema_digest}'),
	('logic_bugs_in_coordination', '{handoff_contract}'),
	('service_downtime_cascade', '{timeout,connection_timeout,failure_graceful}'),
	('api_key_leakage', '{api_key_env}'),
	('compromised_external_service', '{limiter_asked,retry_backoff,circuit_breaker}'),
	('log_injection', '{log_context,log_neutralised}'),
	('trace_data_tampering', '{integrity_check,log_verified,checkpoint_outside}'),
	('sensitive_data_in_logs', '{log_sensitive}'),
	('resource_exhaustion', '{timeout,memory_bound}'),
	('infinite_loops', '{max_iterations}'),
	('race_conditions', '{stateless}'),
	('container_escape', '{container_hardened}'),
	('secret_exposure', '{api_key_env,secret_store}'),
	('network_attacks', '{network_policy,session_network}'),
	('registration_hijacking', '{registry_locked,registration_reviewed,manifest_digest}'),
	('execution_order_tampering', '{plan_digest,order_kept}'),
	('unauthorized_components', '{allowlist,signature}')) AS v(threat, controls)
  JOIN maestro.threat_mitigation m ON m.threat = v.threat AND m.source = 'specification'
 CROSS JOIN unnest(v.controls) AS c(control);

INSERT INTO maestro.control_applicability
SELECT c.control, k.kind
  FROM (VALUES
	('{agent,orchestrator,tool,mcp_server,memory}'::maestro.component_kind[],
	 '{input_schema,string_sanitized,number_range,file_path}'::text[]),
	('{agent,orchestrator,tool,mcp_server,memory,model,gateway}',
	 '{output_schema,output_closed,output_sensitive,error_leak,error_structured}'),
	('{agent,orchestrator,tool,mcp_server,memory,model,gateway,service,runner}',
	 '{timeout,memory_bound,fd_closed,connection_timeout,log_context,trace_emitted,error_logged,session_network,api_key_env,failure_graceful,retry_backoff,circuit_breaker,limiter_asked}'),
	('{agent,orchestrator,runner}', '{max_iterations}'),
	('{agent,orchestrator,tool,mcp_server,memory,gateway,runner}', '{stateless}'),
	('{agent,orchestrator,model,gateway}', '{model_pinned}'),
	('{tool,mcp_server}', '{tool_schema_digest}'),
	('{agent,orchestrator}', '{manifest_digest}'),
	('{agent,orchestrator,tool,mcp_server,memory,model,gateway,service,runner,infrastructure}',
	 '{container_hardened,secret_store,network_policy}')) AS v(kinds, controls)
 CROSS JOIN unnest(v.kinds) AS k(kind)
 CROSS JOIN unnest(v.controls) AS c(control);
