--
-- Catalogue guard: built-in rows are changed by new versions alone.
--
DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['layer_reference', 'threat', 'mitigation', 'threat_mitigation', 'control', 'control_signal',
			'mitigation_control', 'checklist_item', 'checklist_control', 'control_applicability', 'kind_layer',
			'framework_ref', 'credential_scheme', 'signal_word', 'signal_slot'] LOOP
		EXECUTE format('CREATE TRIGGER registry_guard_statement BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON maestro.%I
			FOR EACH STATEMENT EXECUTE FUNCTION maestro.registry_guard()', t);
		EXECUTE format('ALTER TABLE maestro.%I ENABLE ALWAYS TRIGGER registry_guard_statement', t);
	END LOOP;
END
$$;
