--
-- Attest: what no log can show, and a person vouches for.
--
CREATE FUNCTION maestro.attest_as(caller oid,
	component maestro.regcomponent,
	control text,
	statement text,
	evidence_uri text,
	evidence_date date,
	valid_until date) RETURNS integer
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	component_id integer;
	system_id integer;
	id integer;
BEGIN
	IF NOT EXISTS (SELECT FROM maestro.control AS k WHERE k.control = attest_as.control) THEN
		PERFORM maestro.refuse('22023', 'there is no such control', 'The controls are in the table maestro.control.');
	END IF;
	IF NOT (SELECT k.attestable FROM maestro.control AS k WHERE k.control = attest_as.control) THEN
		PERFORM maestro.refuse('22023', 'this control takes evidence, nobody''s word',
			(SELECT format('Attestable: %s.', string_agg(k.control, ', ' ORDER BY k.control)) FROM maestro.control AS k WHERE k.attestable));
	END IF;
	IF statement IS NULL OR btrim(statement) = '' THEN
		PERFORM maestro.refuse('22023', 'an attestation needs a statement');
	END IF;
	IF valid_until IS NULL OR valid_until < current_date OR valid_until > current_date + 365 THEN
		PERFORM maestro.refuse('22023', 'valid_until must be a day from today to 365 days ahead');
	END IF;
	IF evidence_date IS NULL OR evidence_date > current_date THEN
		PERFORM maestro.refuse('22023', 'evidence_date must not be after today');
	END IF;
	component_id := maestro.check_component_id(component);
	SELECT c.system_id INTO system_id FROM maestro.component AS c WHERE c.component_id = attest_as.component::integer;
	IF maestro.runs(caller, system_id, component_id) THEN
		PERFORM maestro.deny(caller, system_id, component_id, 'own_component',
			format('%s of %s was not attested: who acts for the component can''t vouch for it', control, component),
			'Somebody must attest it who is no member of its db_role.', jsonb_build_object('control', control));
		RETURN NULL;
	END IF;
	INSERT INTO maestro.attestation (component_id, control, statement, evidence_uri, evidence_date, valid_until, attested_by)
	VALUES (component_id, control, maestro.sanitize(statement), maestro.sanitize(evidence_uri),
		evidence_date, valid_until, maestro.role_name(caller))
	RETURNING attestation_id INTO id;
	PERFORM maestro.record_registry(caller, system_id, component_id, format('%s of %s attested', control, component),
		jsonb_build_object('statement', statement, 'valid_until', valid_until));
	RETURN id;
END
$$;
COMMENT ON FUNCTION maestro.attest_as(oid, maestro.regcomponent, text, text, text, date, date) IS 'does attest''s work, as the owner';
CREATE FUNCTION maestro.attest(
	component maestro.regcomponent,
	control text,
	statement text,
	evidence_uri text DEFAULT NULL,
	evidence_date date DEFAULT current_date,
	valid_until date DEFAULT (current_date + 365)) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.attest(maestro.regcomponent, text, text, text, date, date) IS
	'stores what a person vouches for about a control of a component, for at most 365 days, and returns its id; only controls whose column attestable says so. NULL, a warning and an event of kind rejected (reason own_component) when the caller, or who logged in, acts for the component''s db_role. Errors: 42704 no such component; 22023 unknown control or one that is not attestable, an expiry that is past or too far, an evidence date to come';

REVOKE ALL ON FUNCTION
	maestro.attest_as(oid, maestro.regcomponent, text, text, text, date, date),
	maestro.attest(maestro.regcomponent, text, text, text, date, date)
	FROM PUBLIC;
