--
-- Decision: what people decide about a risk, by two of them and for a time.
--
-- One proposes, another approves; nothing is changed afterwards, only added.
-- Who is another is told by two names each: the role in effect and the role
-- that authenticated (decision.c).  None of the approver's may be one of the
-- proposer's.  That two roles are held by one person no database can know, nor
-- that a role was renamed in between: whoever hands out logins decides that.
--
-- What governance refuses is an event and a warning, never an error, which
-- would roll its own evidence back.
--
CREATE FUNCTION maestro.login_role() RETURNS name
	LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'maestro_login_role';
COMMENT ON FUNCTION maestro.login_role() IS
	'name of the role that authenticated, with control characters made visible; neither SET ROLE nor SET SESSION AUTHORIZATION changes it';

CREATE FUNCTION maestro.deny(caller oid, system_id integer, component_id integer, reason text, message text, hint text,
	details jsonb DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM maestro.record_refusal(caller, system_id, component_id, reason, message,
		jsonb_build_object('login', maestro.login_role()) || coalesce(details, '{}'));
	RAISE WARNING USING MESSAGE = message, HINT = hint;
END
$$;
COMMENT ON FUNCTION maestro.deny(oid, integer, integer, text, text, text, jsonb) IS
	'stores a refusal by record_refusal, with the login, and raises a warning that says the same; its caller returns without doing anything';

CREATE FUNCTION maestro.runs(caller oid, system_id integer, component_id integer) RETURNS boolean
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT EXISTS (
		SELECT FROM (
			SELECT s.db_role FROM maestro.system AS s WHERE s.system_id = runs.system_id AND runs.component_id IS NULL
			UNION
			SELECT coalesce(c.db_role, s.db_role)
			  FROM maestro.component AS c JOIN maestro.system AS s ON s.system_id = c.system_id
			 WHERE c.system_id = runs.system_id AND c.component_id = coalesce(runs.component_id, c.component_id)) AS r
		 CROSS JOIN unnest(ARRAY[maestro.role_name(caller), maestro.login_role(),
			maestro.sanitize(session_user::text, 'secrets')::name]) AS who
		 WHERE r.db_role IS NOT NULL AND maestro.acts_for(who, r.db_role))
$$;
COMMENT ON FUNCTION maestro.runs(oid, integer, integer) IS
	'does the caller, or who logged in, act for the db_role of a component, or of anything in the system when component_id is NULL? Superusers count for what they were granted alone';

CREATE FUNCTION maestro.is_approver(caller oid) RETURNS boolean
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT r.rolsuper OR coalesce(pg_has_role(caller, to_regrole('maestro_approver')::oid, 'USAGE'), false)
	  FROM pg_roles AS r WHERE r.oid = caller
$$;
COMMENT ON FUNCTION maestro.is_approver(oid) IS 'does the role have the rights of maestro_approver? Superusers have';

CREATE FUNCTION maestro.check_approver(caller oid) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF maestro.is_approver(caller) IS NOT TRUE THEN
		PERFORM maestro.refuse('42501', 'only members of maestro_approver may do this', 'GRANT maestro_approver TO a person, not to an agent.');
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_approver(oid) IS 'raises 42501 unless the role has the rights of maestro_approver, whoever may execute the function';

CREATE FUNCTION maestro.check_words(what text, value text, minimum integer) RETURNS void
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF value IS NULL THEN
		PERFORM maestro.refuse('22004', format('%s must not be null', what));
	END IF;
	IF length(regexp_replace(value, E'[\\s\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202f\\u2060-\\u206f\\u3000\\ufeff]', '', 'g')) < minimum THEN
		PERFORM maestro.refuse('22023', format('%s says too little', what),
			format('At least %s characters that are not blank; others will read it.', minimum));
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_words(text, text, integer) IS 'raises 22004 or 22023 unless a text has so many characters that are not blank';

CREATE FUNCTION maestro.decision_subject(decision text, subject text) RETURNS text
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF (decision IN ('accept', 'transfer', 'avoid', 'false_positive', 'waive')) IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'there is no such decision',
			'accept, transfer, avoid or false_positive of a threat; waive of a checklist item.');
	END IF;
	IF subject IS NULL THEN
		PERFORM maestro.refuse('22004', 'subject of a decision must not be null');
	END IF;
	RETURN CASE decision WHEN 'waive' THEN maestro.find_checklist_item(subject) ELSE maestro.find_threat(subject) END;
END
$$;
COMMENT ON FUNCTION maestro.decision_subject(text, text) IS 'slug of the threat, or for waive the checklist item, that a decision is about; 22023 for an unknown decision or subject, 22004 for NULL';

CREATE FUNCTION maestro.decide_risk_as(caller oid,
	component maestro.regcomponent,
	subject text,
	decision text,
	rationale text,
	expires_at timestamptz) RETURNS integer
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	slug text := maestro.decision_subject(decision, subject);
	id integer := maestro.check_component_id(component);
	system_id integer := (SELECT c.system_id FROM maestro.component AS c WHERE c.component_id = id);
	what text := format('%s of %s for %s', decision, slug, component);
	fault text := CASE
		WHEN expires_at IS NULL OR expires_at = 'infinity' THEN 'no_expiry'
		WHEN expires_at <= clock_timestamp() THEN 'past_expiry'
		WHEN expires_at > clock_timestamp() + interval '365 days' THEN 'far_expiry' END;
	new_id integer;
BEGIN
	PERFORM maestro.check_words('rationale of a decision', rationale, 10);
	IF decision <> 'waive' AND NOT EXISTS (SELECT FROM maestro.component AS c JOIN maestro.threat AS t ON t.threat = slug
			JOIN maestro.kind_layer AS k ON k.kind = c.kind
			WHERE c.component_id = id AND (t.layer IN (c.layer, k.layer) OR t.layer = ANY (c.further_layers || k.further_layers))) THEN
		PERFORM maestro.refuse('22023', 'the threat is on none of the component''s layers',
			'SELECT component, threat FROM maestro.threat_matrix lists what can be decided about.');
	END IF;
	IF fault IS NOT NULL THEN
		PERFORM maestro.deny(caller, system_id, id, fault, format('%s was not proposed: %s', what, CASE fault
				WHEN 'no_expiry' THEN 'it would never expire'
				WHEN 'past_expiry' THEN 'it would have expired already'
				ELSE 'it would last more than 365 days' END),
			'Give expires_at, a time to come at most 365 days ahead; then decide again.',
			jsonb_build_object('decision', decision, 'subject', slug, 'expires_at', expires_at));
		RETURN NULL;
	END IF;
	INSERT INTO maestro.risk_decision (component_id, subject, decision, rationale, expires_at, proposed_by, proposed_login)
	VALUES (id, slug, decision, maestro.sanitize(rationale), expires_at, maestro.role_name(caller), maestro.login_role())
	RETURNING decision_id INTO new_id;
	PERFORM maestro.record_registry(caller, system_id, id, format('decision %s proposed: %s', new_id, what), jsonb_build_object(
		'decision_id', new_id, 'decision', decision, 'subject', slug, 'rationale', rationale, 'expires_at', expires_at,
		'login', maestro.login_role()));
	RETURN new_id;
END
$$;
COMMENT ON FUNCTION maestro.decide_risk_as(oid, maestro.regcomponent, text, text, text, timestamptz) IS 'does decide_risk''s work, as the owner';
CREATE FUNCTION maestro.decide_risk(
	component maestro.regcomponent,
	subject text,
	decision text,
	rationale text,
	expires_at timestamptz) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.decide_risk(maestro.regcomponent, text, text, text, timestamptz) IS
	'proposes a decision and returns its id; it takes effect when somebody else calls approve_decision. decision: accept, transfer, avoid or false_positive, with subject a threat; waive, with subject a checklist item; subject is a slug or a name. rationale: at least 10 characters; expires_at: at most 365 days ahead. NULL, a warning and an event of kind rejected (reason no_expiry, past_expiry, far_expiry) when it has no such end. Errors: 42704 no such component; 22023 unknown decision or subject, a rationale that says too little; 22004 NULL';

CREATE FUNCTION maestro.open_decision(id integer, OUT component_id integer, OUT system_id integer, OUT what text, OUT proposed_by name,
	OUT proposed_login name, OUT state text)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	d maestro.risk_decision;
BEGIN
	-- Locked, so that of two who approve or revoke at a time one is first.
	SELECT * INTO d FROM maestro.risk_decision AS r WHERE r.decision_id = id FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM maestro.refuse('42704', 'there is no decision with this id', 'The view maestro.risk_decision_state lists them.');
	END IF;
	SELECT c.component_id, c.system_id, format('%s of %s for %s/%s', d.decision, d.subject, s.name, c.name)
	  INTO component_id, system_id, what
	  FROM maestro.component AS c JOIN maestro.system AS s ON s.system_id = c.system_id WHERE c.component_id = d.component_id;
	proposed_by := d.proposed_by;
	proposed_login := d.proposed_login;
	state := CASE
		WHEN EXISTS (SELECT FROM maestro.decision_step AS x WHERE x.decision_id = id AND x.step = 'revoke') THEN 'revoked'
		WHEN d.expires_at <= clock_timestamp() THEN 'expired'
		WHEN EXISTS (SELECT FROM maestro.decision_step AS x WHERE x.decision_id = id AND x.step = 'approve') THEN 'approved'
		ELSE 'pending' END;
END
$$;
COMMENT ON FUNCTION maestro.open_decision(integer) IS 'locks a decision and returns what it is about and how it stands; 42704 when there is none';

CREATE FUNCTION maestro.approve_decision_as(caller oid, decision_id integer, note text) RETURNS text
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who name := maestro.role_name(caller);
	login name := maestro.login_role();
	d record;
BEGIN
	PERFORM maestro.check_approver(caller);
	SELECT * INTO d FROM maestro.open_decision(decision_id);
	IF d.state <> 'pending' THEN
		PERFORM maestro.refuse('55000', format('the decision is %s already', d.state), CASE d.state
			WHEN 'approved' THEN 'It is in force; maestro.revoke_decision ends it.'
			ELSE 'Propose a new one: maestro.decide_risk.' END);
	END IF;
	IF who IN (d.proposed_by, d.proposed_login) OR login IN (d.proposed_by, d.proposed_login) THEN
		PERFORM maestro.deny(caller, d.system_id, d.component_id, 'same_person',
			format('decision %s was not approved: who proposed it can''t approve it', decision_id),
			'Somebody else must approve it, who logs in as another role; SET ROLE makes nobody somebody else.',
			jsonb_build_object('decision_id', decision_id, 'proposed_by', d.proposed_by, 'proposed_login', d.proposed_login));
		RETURN 'refused';
	END IF;
	IF maestro.runs(caller, d.system_id, d.component_id) THEN
		PERFORM maestro.deny(caller, d.system_id, d.component_id, 'own_component',
			format('decision %s was not approved: who acts for the component can''t decide about it', decision_id),
			'Somebody must approve it who is no member of its db_role.', jsonb_build_object('decision_id', decision_id));
		RETURN 'refused';
	END IF;
	INSERT INTO maestro.decision_step (decision_id, step, made_by, login, note)
	VALUES (decision_id, 'approve', who, login, maestro.sanitize(note));
	PERFORM maestro.record_registry(caller, d.system_id, d.component_id, format('decision %s approved: %s', decision_id, d.what),
		jsonb_strip_nulls(jsonb_build_object('decision_id', decision_id, 'note', note, 'login', login)));
	RETURN 'in_force';
END
$$;
COMMENT ON FUNCTION maestro.approve_decision_as(oid, integer, text) IS 'does approve_decision''s work, as the owner';
CREATE FUNCTION maestro.approve_decision(decision_id integer, note text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.approve_decision(integer, text) IS
	'puts a proposed decision in force and returns in_force; refused, with a warning and an event of kind rejected (reason same_person), when the role in effect or the role that logged in is one of the proposer''s two, and (reason own_component) when one of them acts for the component''s db_role. Persons are told apart by role names; that one is a member of the other does not matter. Errors: 42501 not a member of maestro_approver; 42704 no such decision; 55000 expired, revoked or approved already';

CREATE FUNCTION maestro.revoke_decision_as(caller oid, decision_id integer, note text) RETURNS text
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who name := maestro.role_name(caller);
	login name := maestro.login_role();
	d record;
BEGIN
	SELECT * INTO d FROM maestro.open_decision(decision_id);
	IF NOT (maestro.is_approver(caller) OR who = d.proposed_by OR login = d.proposed_login) THEN
		PERFORM maestro.refuse('42501', 'only members of maestro_approver and who proposed a decision may revoke it');
	END IF;
	PERFORM maestro.check_words('note of a revocation', note, 1);
	IF d.state IN ('revoked', 'expired') THEN
		PERFORM maestro.refuse('55000', format('the decision is %s already', d.state), 'It has no effect any more; there is nothing to revoke.');
	END IF;
	INSERT INTO maestro.decision_step (decision_id, step, made_by, login, note)
	VALUES (decision_id, 'revoke', who, login, maestro.sanitize(note));
	PERFORM maestro.record_registry(caller, d.system_id, d.component_id, format('decision %s revoked: %s', decision_id, d.what),
		jsonb_build_object('decision_id', decision_id, 'note', note, 'login', login));
	RETURN 'revoked';
END
$$;
COMMENT ON FUNCTION maestro.revoke_decision_as(oid, integer, text) IS 'does revoke_decision''s work, as the owner';
CREATE FUNCTION maestro.revoke_decision(decision_id integer, note text) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.revoke_decision(integer, text) IS
	'ends a decision, whether pending or in force, and returns revoked; for members of maestro_approver and for who proposed it, by the role in effect or the login. Errors: 42501 neither; 42704 no such decision; 55000 revoked or expired already; 22004, 22023 no note';

-- Who imported rows as the owner could have a decision approve itself: an
-- approval by one of the proposer's two names counts for nothing here either.
CREATE VIEW maestro.risk_decision_history WITH (security_barrier = true) AS
	SELECT d.decision_id, s.name AS system, c.name AS component, d.subject, d.decision, d.rationale, d.expires_at,
		   d.proposed_by, d.proposed_at, a.made_by AS approved_by, a.made_at AS approved_at,
		   v.made_by AS revoked_by, v.made_at AS revoked_at, s.system_id, d.component_id
	  FROM maestro.risk_decision d
	  JOIN maestro.component c ON c.component_id = d.component_id
	  JOIN maestro.readable_system s ON s.system_id = c.system_id
	  LEFT JOIN maestro.decision_step a ON a.decision_id = d.decision_id AND a.step = 'approve'
	   AND a.made_by NOT IN (d.proposed_by, d.proposed_login) AND a.login NOT IN (d.proposed_by, d.proposed_login)
	  LEFT JOIN maestro.decision_step v ON v.decision_id = d.decision_id AND v.step = 'revoke';
COMMENT ON VIEW maestro.risk_decision_history IS 'every decision with who proposed, approved and revoked it and when; an approval by the proposer does not count as one';

CREATE FUNCTION maestro.decision_state(at timestamptz, expires_at timestamptz, approved_at timestamptz, revoked_at timestamptz) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT CASE WHEN revoked_at <= at THEN 'revoked' WHEN expires_at <= at THEN 'expired'
					WHEN approved_at <= at THEN 'in_force' ELSE 'pending' END;
	END;
COMMENT ON FUNCTION maestro.decision_state(timestamptz, timestamptz, timestamptz, timestamptz) IS
	'how a decision stood at a time: revoked, expired, in_force or pending; a pending one expires too, and one revoked in time stays revoked';

CREATE VIEW maestro.risk_decision_state WITH (security_barrier = true) AS
	SELECT h.decision_id, h.system, h.component, h.subject, h.decision,
		   maestro.decision_state(clock_timestamp(), h.expires_at, h.approved_at, h.revoked_at) AS state,
		   h.rationale, h.expires_at, h.proposed_by, h.proposed_at, h.approved_by, h.approved_at,
		   h.revoked_by, h.revoked_at, h.system_id, h.component_id
	  FROM maestro.risk_decision_history h;
COMMENT ON VIEW maestro.risk_decision_state IS 'every decision and how it stands: pending, in_force, expired, revoked';
COMMENT ON COLUMN maestro.risk_decision_state.state IS 'pending: proposed, without effect; in_force: approved by somebody else; the others have no effect any more';

CREATE FUNCTION maestro.as_of(at timestamptz DEFAULT clock_timestamp()) RETURNS TABLE (
	decision_id integer, system text, component text, subject text, decision text, state text, rationale text,
	expires_at timestamptz, proposed_by name, proposed_at timestamptz, approved_by name, approved_at timestamptz,
	revoked_by name, revoked_at timestamptz, system_id integer, component_id integer)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT h.decision_id, h.system, h.component, h.subject, h.decision,
		   maestro.decision_state(at, h.expires_at, h.approved_at, h.revoked_at), h.rationale, h.expires_at,
		   h.proposed_by, h.proposed_at,
		   CASE WHEN h.approved_at <= at THEN h.approved_by END, CASE WHEN h.approved_at <= at THEN h.approved_at END,
		   CASE WHEN h.revoked_at <= at THEN h.revoked_by END, CASE WHEN h.revoked_at <= at THEN h.revoked_at END,
		   h.system_id, h.component_id
	  FROM maestro.risk_decision_history AS h
	 WHERE h.proposed_at <= at
$$;
COMMENT ON FUNCTION maestro.as_of(timestamptz) IS
	'the decisions that had been proposed at a time, as they stood then: pending, in_force, expired, revoked; what happened later is not shown. Of the systems that the caller may read';

REVOKE ALL ON FUNCTION
	maestro.login_role(), maestro.deny(oid, integer, integer, text, text, text, jsonb), maestro.runs(oid, integer, integer),
	maestro.is_approver(oid), maestro.check_approver(oid), maestro.check_words(text, text, integer),
	maestro.decision_subject(text, text), maestro.open_decision(integer),
	maestro.decide_risk_as(oid, maestro.regcomponent, text, text, text, timestamptz),
	maestro.decide_risk(maestro.regcomponent, text, text, text, timestamptz),
	maestro.approve_decision_as(oid, integer, text), maestro.approve_decision(integer, text),
	maestro.revoke_decision_as(oid, integer, text), maestro.revoke_decision(integer, text),
	maestro.as_of(timestamptz)
	FROM PUBLIC;
