--
-- Review: what people conclude about an event that speaks against a component.
-- The event stays as it is.
--
CREATE FUNCTION maestro.review_event_as(caller oid, event_id bigint, conclusion text, note text) RETURNS integer
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	e record;
	id integer;
BEGIN
	PERFORM maestro.check_approver(caller);
	IF (conclusion IN ('false_alarm', 'resolved', 'confirmed')) IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'there is no such conclusion', 'false_alarm, resolved or confirmed.');
	END IF;
	PERFORM maestro.check_words('note of a review', note, 1);
	SELECT v.system_id, coalesce(v.component_id, v.target_id) AS component_id, v.target_id INTO e
	  FROM maestro.event AS v WHERE v.event_id = review_event_as.event_id;
	IF NOT FOUND THEN
		PERFORM maestro.refuse('42704', 'there is no event with this id');
	END IF;
	IF e.system_id IS NULL THEN
		PERFORM maestro.refuse('55000', 'the event belongs to no registered system', 'It speaks against nobody''s posture.');
	END IF;
	IF maestro.runs(caller, e.system_id, e.component_id) OR (e.target_id IS NOT NULL AND maestro.runs(caller, e.system_id, e.target_id)) THEN
		PERFORM maestro.deny(caller, e.system_id, e.component_id, 'own_component',
			format('event %s was not reviewed: who acts for the component can''t judge what speaks against it', event_id),
			'Somebody must review it who is no member of its db_role.',
			jsonb_build_object('event_id', event_id, 'conclusion', conclusion));
		RETURN NULL;
	END IF;
	INSERT INTO maestro.event_review (event_id, system_id, component_id, conclusion, note, reviewed_by, login)
	VALUES (event_id, e.system_id, e.component_id, conclusion, maestro.sanitize(note), maestro.role_name(caller), maestro.login_role())
	RETURNING review_id INTO id;
	PERFORM maestro.record_registry(caller, e.system_id, e.component_id, format('event %s reviewed: %s', event_id, conclusion),
		jsonb_build_object('event_id', event_id, 'conclusion', conclusion, 'note', note, 'login', maestro.login_role()));
	RETURN id;
END
$$;
COMMENT ON FUNCTION maestro.review_event_as(oid, bigint, text, text) IS 'does review_event''s work, as the owner';
CREATE FUNCTION maestro.review_event(event_id bigint, conclusion text, note text) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.review_event(bigint, text, text) IS
	'stores what a person concluded about an event and returns the review''s id. conclusion: false_alarm, resolved, confirmed. Judged is the component that acted, otherwise the one acted on. NULL, a warning and an event of kind rejected (reason own_component) when the caller, or who logged in, acts for its db_role, or for that of the component acted on, or for anything in the system when the event names no component. A review is about the whole event: it takes back whatever is bad in it. Errors: 42501 not a member of maestro_approver; 42704 no such event; 55000 the event is of no registered system; 22023 unknown conclusion; 22004, 22023 no note';

REVOKE ALL ON FUNCTION
	maestro.review_event_as(oid, bigint, text, text), maestro.review_event(bigint, text, text)
	FROM PUBLIC;
