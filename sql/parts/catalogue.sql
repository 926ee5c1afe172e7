--
-- Catalogue: layers, threats, mitigations, checklist items and controls.
--
-- Built-in rows alone live here, keyed by slugs made of the specification's
-- words, so that an upgrade can replace them; what users decide or add has
-- tables of its own.  The chain that posture follows is
--
--		layer - threat - mitigation - control - signal
--		               checklist item - control - signal
--
CREATE TABLE maestro.layer_reference (
	layer maestro.layer PRIMARY KEY,
	slug text NOT NULL UNIQUE,
	name text NOT NULL,
	focus text NOT NULL,
	key_concern text NOT NULL
);
COMMENT ON TABLE maestro.layer_reference IS 'the seven layers of MAESTRO';
COMMENT ON COLUMN maestro.layer_reference.name IS 'as the specification prints it; the type layer prints the words of its matrix template';

CREATE TABLE maestro.threat (
	threat text PRIMARY KEY,
	layer maestro.layer NOT NULL REFERENCES maestro.layer_reference,
	position integer NOT NULL UNIQUE,
	name text NOT NULL UNIQUE,
	alias text UNIQUE,
	severity maestro.severity NOT NULL
);
COMMENT ON TABLE maestro.threat IS 'the 21 threats, three a layer';
COMMENT ON COLUMN maestro.threat.alias IS 'the matrix template''s words, where they differ';

CREATE TABLE maestro.mitigation (
	mitigation text PRIMARY KEY,
	name text NOT NULL UNIQUE,
	short_name text UNIQUE,
	limits text NOT NULL
);
COMMENT ON TABLE maestro.mitigation IS 'the 21 mitigations';
COMMENT ON COLUMN maestro.mitigation.short_name IS 'the matrix template''s words, where it has some';
COMMENT ON COLUMN maestro.mitigation.limits IS 'what it does not do, even when every control is ok';

CREATE TABLE maestro.threat_mitigation (
	threat text NOT NULL REFERENCES maestro.threat,
	mitigation text NOT NULL REFERENCES maestro.mitigation,
	source text NOT NULL CHECK (source IN ('specification', 'template')),
	PRIMARY KEY (threat, mitigation)
);
CREATE UNIQUE INDEX threat_mitigation_source_key ON maestro.threat_mitigation (threat, source);
COMMENT ON TABLE maestro.threat_mitigation IS 'which mitigations answer a threat: the one of the layers'' tables (specification) and, where it names another, the one of the matrix template';

CREATE TABLE maestro.control (
	control text PRIMARY KEY,
	title text NOT NULL UNIQUE,
	scope text NOT NULL CHECK (scope IN ('log', 'system', 'component', 'dependency')),
	condition text NOT NULL DEFAULT 'kind'
		CHECK (condition IN ('kind', 'process', 'dependency', 'logging', 'hosting', 'several', 'refusal', 'calling')),
	basis maestro.evidence_basis NOT NULL DEFAULT 'observed',
	min_evidence integer NOT NULL DEFAULT 5 CHECK (min_evidence > 0),
	max_age interval NOT NULL DEFAULT '30 days' CHECK (max_age > interval '0'),
	per_version boolean NOT NULL DEFAULT false,
	max_timeout interval,
	max_iterations integer,
	declares text,
	must_declare boolean NOT NULL DEFAULT true,
	drill boolean NOT NULL DEFAULT false,
	attestable boolean NOT NULL DEFAULT false,
	evaluated boolean NOT NULL DEFAULT false,
	to_declare text,
	to_observe text,
	to_repair text,
	explanation text NOT NULL
);
COMMENT ON TABLE maestro.control IS 'what is checked: each control has one answer for each thing in its scope, see the view component_control';
COMMENT ON COLUMN maestro.control.scope IS 'what one answer is about; log and system controls are answered once a system and count once';
COMMENT ON COLUMN maestro.control.condition IS 'when it applies, apart from the kind: process (the component has one of its own), dependency (it has one), logging (it logs for itself), hosting (an environment report can be expected), several (the system has more than one agent), refusal (a registration was refused), calling (it also applies to who calls models or tools, whatever its kind)';
COMMENT ON COLUMN maestro.control.basis IS 'what an answer rests on';
COMMENT ON COLUMN maestro.control.min_evidence IS 'good observations needed for ok';
COMMENT ON COLUMN maestro.control.max_age IS 'older evidence does not count';
COMMENT ON COLUMN maestro.control.per_version IS 'only evidence of the running version counts as good';
COMMENT ON COLUMN maestro.control.max_timeout IS 'a longer declared limit is declared, not binding';
COMMENT ON COLUMN maestro.control.max_iterations IS 'a higher declared limit is declared, not binding';
COMMENT ON COLUMN maestro.control.declares IS 'what has to be declared for an ok, in words; NULL: nothing';
COMMENT ON COLUMN maestro.control.must_declare IS 'true: being active without declaring it is an alarm; false: it is unknown';
COMMENT ON COLUMN maestro.control.drill IS 'true: it is about failures, which a healthy system never shows, so that those of a drill suffice, one handled well being enough';
COMMENT ON COLUMN maestro.control.attestable IS 'true: an attestation makes an unknown ok';
COMMENT ON COLUMN maestro.control.evaluated IS 'true: it reads the newest control_result instead of signals';
COMMENT ON COLUMN maestro.control.to_declare IS 'statement that declares what is checked: format() with component, dependency, system, any component; of scope dependency and of condition dependency: the keys to give a dependency, as JSON';
COMMENT ON COLUMN maestro.control.to_observe IS 'statement that provides observations; format() as above';
COMMENT ON COLUMN maestro.control.to_repair IS 'what to do about an alarm; format() as above';
COMMENT ON COLUMN maestro.control.explanation IS 'what an ok proves and what it does not';

CREATE TABLE maestro.control_signal (
	control text NOT NULL REFERENCES maestro.control,
	signal text NOT NULL,
	role text NOT NULL DEFAULT 'shows' CHECK (role IN ('shows', 'against', 'covers', 'excuses')),
	needed integer CHECK (needed > 0),
	anywhere boolean NOT NULL DEFAULT true,
	min_share numeric CHECK (min_share > 0 AND min_share < 1),
	basis maestro.evidence_basis,
	good text NOT NULL DEFAULT '',
	bad text NOT NULL DEFAULT '',
	PRIMARY KEY (control, signal)
);
COMMENT ON TABLE maestro.control_signal IS 'which signals answer a control, and in which words';
COMMENT ON COLUMN maestro.control_signal.role IS 'shows: enough good observations make an ok (of several such signals one suffices) and a bad one an alarm; against: only its bad ones matter, they are an alarm; covers: its bad ones say that not everything was looked at, so that nothing is known; excuses: each good one of it makes a bad one of the control''s first signal that shows good';
COMMENT ON COLUMN maestro.control_signal.needed IS 'good observations needed for ok, where it is not the control''s min_evidence';
COMMENT ON COLUMN maestro.control_signal.anywhere IS 'true: bad observations are an alarm even where the control does not apply';
COMMENT ON COLUMN maestro.control_signal.min_share IS 'least share of good observations; NULL: no bad one is accepted';
COMMENT ON COLUMN maestro.control_signal.basis IS 'what an ok rests on, where it is not the control''s basis';
COMMENT ON COLUMN maestro.control_signal.good IS 'reason of an ok; {good}, {bad}, {all}, {event} (the last bad one), {detail} are filled in';
COMMENT ON COLUMN maestro.control_signal.bad IS 'reason of an alarm, or of what is not covered; filled in as above';

CREATE TABLE maestro.control_applicability (
	control text NOT NULL REFERENCES maestro.control,
	kind maestro.component_kind NOT NULL,
	PRIMARY KEY (control, kind)
);
COMMENT ON TABLE maestro.control_applicability IS 'kinds that a control of scope component or dependency applies to';

CREATE TABLE maestro.mitigation_control (
	mitigation text NOT NULL REFERENCES maestro.mitigation,
	control text NOT NULL REFERENCES maestro.control,
	PRIMARY KEY (mitigation, control)
);
COMMENT ON TABLE maestro.mitigation_control IS 'the controls that show a mitigation at work';

CREATE TABLE maestro.checklist_item (
	item text PRIMARY KEY,
	section text NOT NULL,
	position integer NOT NULL UNIQUE,
	wording text NOT NULL UNIQUE
);
COMMENT ON TABLE maestro.checklist_item IS 'the 20 items of the security checklist, in the specification''s words';

CREATE TABLE maestro.checklist_control (
	item text NOT NULL REFERENCES maestro.checklist_item,
	control text NOT NULL REFERENCES maestro.control,
	PRIMARY KEY (item, control)
);
COMMENT ON TABLE maestro.checklist_control IS 'the controls that answer a checklist item';

CREATE TABLE maestro.kind_layer (
	kind maestro.component_kind PRIMARY KEY,
	layer maestro.layer NOT NULL,
	further_layers maestro.layer[] NOT NULL DEFAULT '{}',
	judged_by text NOT NULL DEFAULT 'itself' CHECK (judged_by IN ('itself', 'callers', 'system')),
	contradicted_by maestro.event_kind[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE maestro.kind_layer IS 'what a kind of component is assumed to be';
COMMENT ON COLUMN maestro.kind_layer.layer IS 'layer of a component registered without one';
COMMENT ON COLUMN maestro.kind_layer.judged_by IS 'whose answers its rows in the threat matrix show: its own; its own and, where a control does not apply to it, those of the system''s other components (callers); those of all components of the system';
COMMENT ON COLUMN maestro.kind_layer.contradicted_by IS 'kinds of events that a component of this kind does not log: one that does is an agent, and what its kind spares it is an alarm';

CREATE TABLE maestro.framework_ref (
	threat text NOT NULL REFERENCES maestro.threat,
	framework text NOT NULL,
	edition text NOT NULL,
	id text NOT NULL,
	name text NOT NULL,
	relation text NOT NULL CHECK (relation IN ('primary', 'related')),
	basis text NOT NULL,
	PRIMARY KEY (threat, framework, edition, id)
);
COMMENT ON TABLE maestro.framework_ref IS 'entries of other frameworks that a threat corresponds to';
COMMENT ON COLUMN maestro.framework_ref.basis IS 'who makes the link; "judgement": nobody official does';

CREATE VIEW maestro.framework_coverage AS
	SELECT r.framework, r.edition,
		   count(DISTINCT r.id) AS entries,
		   count(*) AS links,
		   count(*) FILTER (WHERE r.relation = 'primary') AS primary_links,
		   count(*) FILTER (WHERE r.basis LIKE 'judgement%') AS judged_links,
		   count(DISTINCT r.threat) AS threats_covered,
		   (SELECT count(*) FROM maestro.threat) AS threats
	  FROM maestro.framework_ref r
	 GROUP BY r.framework, r.edition
	 ORDER BY r.framework, r.edition;
COMMENT ON VIEW maestro.framework_coverage IS 'how many entries of each framework and edition the threats correspond to, and how many threats have one';
COMMENT ON COLUMN maestro.framework_coverage.judged_links IS 'links that nobody official makes';

CREATE VIEW maestro.framework_gap AS
	SELECT f.framework, t.threat, t.layer, t.name
	  FROM (SELECT DISTINCT framework FROM maestro.framework_ref) f
	 CROSS JOIN maestro.threat t
	 WHERE NOT EXISTS (SELECT FROM maestro.framework_ref r
						WHERE r.framework = f.framework AND r.threat = t.threat)
	 ORDER BY f.framework, t.position;
COMMENT ON VIEW maestro.framework_gap IS 'threats that correspond to no entry of a framework, in any edition';

-- Whoever takes the name of a threat, mitigation, item or control takes its
-- slug or the words that people read, in any case.
CREATE FUNCTION maestro.find_threat(name text) RETURNS text
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found text;
BEGIN
	SELECT t.threat INTO found FROM maestro.threat t
	 WHERE lower(btrim(find_threat.name)) IN (t.threat, lower(t.name), lower(t.alias));
	IF found IS NULL THEN
		RAISE EXCEPTION 'no threat has this name'
			USING ERRCODE = 'invalid_parameter_value',
				  HINT = 'SELECT threat, name FROM maestro.threat lists them.';
	END IF;
	RETURN found;
END
$$;
COMMENT ON FUNCTION maestro.find_threat(text) IS
	'slug of the threat with this slug, name or alias, in any case; error 22023 when there is none';

CREATE FUNCTION maestro.find_mitigation(name text) RETURNS text
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found text;
BEGIN
	SELECT m.mitigation INTO found FROM maestro.mitigation m
	 WHERE lower(btrim(find_mitigation.name)) IN (m.mitigation, lower(m.name), lower(m.short_name));
	IF found IS NULL THEN
		RAISE EXCEPTION 'no mitigation has this name'
			USING ERRCODE = 'invalid_parameter_value',
				  HINT = 'SELECT mitigation, name FROM maestro.mitigation lists them.';
	END IF;
	RETURN found;
END
$$;
COMMENT ON FUNCTION maestro.find_mitigation(text) IS
	'slug of the mitigation with this slug, name or short name, in any case; error 22023 when there is none';

CREATE FUNCTION maestro.find_control(name text) RETURNS text
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found text;
BEGIN
	SELECT c.control INTO found FROM maestro.control c
	 WHERE lower(btrim(find_control.name)) IN (c.control, lower(c.title));
	IF found IS NULL THEN
		RAISE EXCEPTION 'no control has this name'
			USING ERRCODE = 'invalid_parameter_value',
				  HINT = 'SELECT control, title FROM maestro.control lists them.';
	END IF;
	RETURN found;
END
$$;
COMMENT ON FUNCTION maestro.find_control(text) IS
	'slug of the control with this slug or title, in any case; error 22023 when there is none';

-- Keyboards have the straight apostrophe, the specification the curly one.
CREATE FUNCTION maestro.find_checklist_item(name text) RETURNS text
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found text;
BEGIN
	SELECT i.item INTO found FROM maestro.checklist_item i
	 WHERE lower(btrim(translate(find_checklist_item.name, '’', '''')))
		IN (i.item, lower(translate(i.wording, '’', '''')));
	IF found IS NULL THEN
		RAISE EXCEPTION 'no checklist item has this name'
			USING ERRCODE = 'invalid_parameter_value',
				  HINT = 'SELECT item, wording FROM maestro.checklist_item lists them.';
	END IF;
	RETURN found;
END
$$;
COMMENT ON FUNCTION maestro.find_checklist_item(text) IS
	'slug of the checklist item with this slug or wording, in any case; error 22023 when there is none';

REVOKE ALL ON FUNCTION maestro.find_threat(text), maestro.find_mitigation(text),
	maestro.find_control(text), maestro.find_checklist_item(text) FROM PUBLIC;
