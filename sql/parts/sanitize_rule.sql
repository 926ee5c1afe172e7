--
-- Sanitize rule: rules of your own, and values that may stay.
--
-- The tables are in sanitize.sql, as the view over all rules needs one of them.
--
CREATE FUNCTION maestro.check_sanitize_run(r maestro.sanitize_rule) RETURNS void
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF (r.class IS NULL) = (r.regex IS NULL) THEN
		PERFORM maestro.refuse('22023', 'a rule of sanitizing needs a class or a regex, and not both',
			'class says which bytes follow the anchor; a regex is slower, for what classes can''t say.');
	ELSIF r.class <> ALL ('{digits,number,hex,upper,alnum,word,token,dotted,base64,path,value}') THEN
		PERFORM maestro.refuse('22023', 'a rule of sanitizing has an unknown class',
			'Classes are digits, number, hex, upper, alnum, word, token, dotted, base64, path, value.');
	ELSIF r.validator <> ALL ('{luhn,mod11,mod97,verhoeff,card,iban,random,mixed}') THEN
		PERFORM maestro.refuse('22023', 'a rule of sanitizing has an unknown validator',
			'Validators are luhn, mod11, mod97, verhoeff, card, iban, random, mixed.');
	ELSIF r.regex IS NOT NULL AND r.validator IS NOT NULL THEN
		PERFORM maestro.refuse('22023', 'a rule of sanitizing with a regex takes no validator');
	ELSIF (r.min_length BETWEEN 0 AND r.max_length AND r.max_length <= 4096) IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'lengths of a rule of sanitizing must be 0 <= min_length <= max_length <= 4096');
	ELSIF octet_length(r.regex) NOT BETWEEN 1 AND 256 OR r.regex ~ '^[(*]' AND r.regex ~ '^(\*\*\*|\(\?[^:=!<])' OR r.regex ~ '\\[1-9]' THEN
		PERFORM maestro.refuse('22023', 'the regex of a rule of sanitizing is not acceptable',
			'It has 1 to 256 bytes, no options at its beginning and no back references.');
	END IF;
	-- An error of the expression's own, which says what is wrong and does not quote it.
	PERFORM '' ~ r.regex, '' ~ ('^(?:' || r.regex || ')');
	IF '' ~ ('^(?:' || r.regex || ')$') THEN
		PERFORM maestro.refuse('22023', 'the regex of a rule of sanitizing matches nothing at all', 'It must need at least one character.');
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_sanitize_run(maestro.sanitize_rule) IS 'raises 22023, or 2201B, for what a rule can''t say of the text behind its anchor';

CREATE FUNCTION maestro.check_sanitize_rule(r maestro.sanitize_rule) RETURNS boolean
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF (r.rule ~ '^[a-z][a-z0-9-]{1,61}[a-z0-9]$') IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'name of a rule of sanitizing is not acceptable',
			'Names have 3 to 63 lower-case letters, digits and dashes, a letter first.');
	ELSIF maestro.finding_is_secret(r.type) IS NULL THEN
		PERFORM maestro.refuse('22023', 'a rule of sanitizing has an unknown type',
			'Types are those of maestro.sanitize_rules, and CUSTOM_SECRET, CUSTOM_ID, NATIONAL_ID.');
	ELSIF (cardinality(r.anchors) BETWEEN 1 AND 32) IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'a rule of sanitizing needs 1 to 32 anchors', 'An anchor is what the text to be found begins with.');
	ELSIF EXISTS (SELECT FROM unnest(r.anchors) AS a WHERE (octet_length(a) BETWEEN 3 AND 64 AND a ~ '^[A-Za-z0-9_]' AND a !~ '[[:cntrl:]]') IS NOT TRUE) THEN
		PERFORM maestro.refuse('22023', 'an anchor of a rule of sanitizing is not acceptable',
			'Anchors have 3 to 64 bytes, a letter or digit first, no control characters; they make scanning fast.');
	ELSIF octet_length(r.suffix) NOT BETWEEN 1 AND 64 OR cardinality(r.context) NOT BETWEEN 1 AND 16
			OR EXISTS (SELECT FROM unnest(r.context) AS c WHERE (octet_length(c) BETWEEN 2 AND 32) IS NOT TRUE) THEN
		PERFORM maestro.refuse('22023', 'suffix or context of a rule of sanitizing is not acceptable',
			'A suffix has 1 to 64 bytes; context is 1 to 16 words of 2 to 32 bytes.');
	ELSIF (r.priority BETWEEN 1 AND 100) IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'priority of a rule of sanitizing must be from 1 to 100');
	ELSIF (r.level IN ('secrets', 'pii', 'all')) IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'level of a rule of sanitizing must be secrets, pii or all');
	END IF;
	PERFORM maestro.check_sanitize_run(r);
	RETURN true;
END
$$;
COMMENT ON FUNCTION maestro.check_sanitize_rule(maestro.sanitize_rule) IS 'true, or raises 22023 or 2201B for a rule that can''t be so; the CHECK of the table';
ALTER TABLE maestro.sanitize_rule ADD CONSTRAINT sanitize_rule_check CHECK (maestro.check_sanitize_rule(sanitize_rule));

CREATE FUNCTION maestro.add_sanitize_rule_as(caller oid, name text, type text, anchors text[], class text, min_length integer, max_length integer,
	keep_anchor boolean, suffix text, context text[], validator text, regex text, priority integer, level text, enabled boolean, explanation text)
	RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	r maestro.sanitize_rule;
	present boolean;
BEGIN
	-- One at a time, so that neither limits nor names are passed by two.
	LOCK TABLE maestro.sanitize_rule IN SHARE ROW EXCLUSIVE MODE;
	present := EXISTS (SELECT FROM maestro.sanitize_rule AS x WHERE x.rule = name);
	IF EXISTS (SELECT FROM maestro.builtin_sanitize_rules() AS b WHERE b.rule = name) THEN
		PERFORM maestro.refuse('42710', 'a built-in rule of sanitizing has this name', 'Choose another; maestro.sanitize_rules lists them.');
	END IF;
	PERFORM maestro.check_words('explanation of a rule', explanation, 3);
	IF class IS NULL AND regex IS NULL THEN
		class := 'token';
	END IF;
	r := (name, type, anchors, class, min_length, max_length, coalesce(keep_anchor, false), suffix, context, validator, regex, priority, level, coalesce(enabled, true),
		maestro.sanitize(explanation), maestro.role_name(caller), clock_timestamp());
	PERFORM maestro.check_sanitize_rule(r);
	IF NOT present AND (SELECT count(*) >= 64 OR coalesce(sum(cardinality(x.anchors)), 0) + cardinality(add_sanitize_rule_as.anchors) > 250
			FROM maestro.sanitize_rule AS x) THEN
		PERFORM maestro.refuse('54000', 'there are too many rules of sanitizing', 'At most 64 rules with 250 anchors; remove some, or give one rule more anchors.');
	ELSIF regex IS NOT NULL AND (SELECT count(*) >= 16 FROM maestro.sanitize_rule AS x WHERE x.regex IS NOT NULL AND x.rule <> name) THEN
		PERFORM maestro.refuse('54000', 'there are too many rules of sanitizing with a regex', 'At most 16, since the server keeps few compiled; a class is faster.');
	END IF;
	DELETE FROM maestro.sanitize_rule AS x WHERE x.rule = name;
	INSERT INTO maestro.sanitize_rule VALUES (r.*);
	PERFORM maestro.record_registry(caller, NULL, NULL, format('rule of sanitizing %s %s', name, CASE WHEN present THEN 'changed' ELSE 'added' END),
		jsonb_strip_nulls(to_jsonb(r)) - '{rule,added_by,added_at}'::text[]);
	RETURN CASE WHEN present THEN 'changed' ELSE 'created' END;
END
$$;
COMMENT ON FUNCTION maestro.add_sanitize_rule_as(oid, text, text, text[], text, integer, integer, boolean, text, text[], text, text, integer, text, boolean, text) IS 'does add_sanitize_rule''s work, as the owner';
CREATE FUNCTION maestro.add_sanitize_rule(name text, type text, anchors text[], class text DEFAULT NULL,
	min_length integer DEFAULT 8, max_length integer DEFAULT 256, keep_anchor boolean DEFAULT false, suffix text DEFAULT NULL,
	context text[] DEFAULT NULL, validator text DEFAULT NULL, regex text DEFAULT NULL, priority integer DEFAULT 60,
	level text DEFAULT 'pii', enabled boolean DEFAULT true, explanation text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.add_sanitize_rule(text, text, text[], text, integer, integer, boolean, text, text[], text, text, integer, text, boolean, text) IS
	'adds a rule for what sanitize and log_event redact, or replaces it, and returns created or changed; every session follows it from its next statement on. A find begins where a word does, with one of the anchors, followed by min_length to max_length bytes of the class, token when neither class nor regex is given; the columns of sanitize_rule say the rest. explanation is needed: it is what maestro.sanitize_rules shows. Errors: 22023 says what to change; 2201B the regex is none; 22004 no explanation; 42710 the name of a built-in rule; 54000 more than 64 rules, 250 anchors or 16 regexes';

CREATE FUNCTION maestro.remove_sanitize_rule_as(caller oid, name text) RETURNS text
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	old jsonb;
BEGIN
	IF EXISTS (SELECT FROM maestro.builtin_sanitize_rules() AS b WHERE b.rule = name) THEN
		PERFORM maestro.refuse('42501', 'built-in rules of sanitizing can''t be removed',
			'allow_value lets single values stay; the level secrets leaves personal data.');
	END IF;
	DELETE FROM maestro.sanitize_rule AS x WHERE x.rule = name RETURNING jsonb_strip_nulls(to_jsonb(x)) INTO old;
	PERFORM maestro.check_mode('the rule of sanitizing', 'update', FOUND);
	DELETE FROM maestro.sanitize_allow AS x WHERE x.rule = name;
	PERFORM maestro.record_registry(caller, NULL, NULL, format('rule of sanitizing %s removed', name), old);
	RETURN 'removed';
END
$$;
COMMENT ON FUNCTION maestro.remove_sanitize_rule_as(oid, text) IS 'does remove_sanitize_rule''s work, as the owner';
CREATE FUNCTION maestro.remove_sanitize_rule(name text) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.remove_sanitize_rule(text) IS 'removes a rule of your own, with the values it allows, and returns removed. Errors: 42704 no such rule; 42501 a built-in one';

CREATE FUNCTION maestro.value_digest(value text) RETURNS bytea
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT sha256(convert_to(value, getdatabaseencoding()))
$$;
COMMENT ON FUNCTION maestro.value_digest(text) IS 'SHA-256 of a value''s bytes, as sanitize_allow keeps it';

CREATE FUNCTION maestro.allow_value_as(caller oid, rule text, value text, reason text) RETURNS text
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM maestro.check_words('reason of an allowed value', reason, 10);
	IF NOT EXISTS (SELECT FROM maestro.sanitize_rules AS s WHERE s.rule = allow_value_as.rule) THEN
		PERFORM maestro.refuse('42704', 'there is no such rule of sanitizing', 'maestro.scan says which rule finds the value; maestro.sanitize_rules lists all.');
	ELSIF (octet_length(value) BETWEEN 1 AND 4096) IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'a value that is allowed must have 1 to 4096 bytes');
	END IF;
	INSERT INTO maestro.sanitize_allow (rule, digest, reason, added_by)
	VALUES (rule, maestro.value_digest(value), maestro.sanitize(reason), maestro.role_name(caller))
	    ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		RETURN 'unchanged';
	END IF;
	PERFORM maestro.record_registry(caller, NULL, NULL, format('a value is allowed for rule of sanitizing %s', rule),
		jsonb_build_object('reason', reason, 'digest', encode(maestro.value_digest(value), 'hex')));
	RETURN 'created';
END
$$;
COMMENT ON FUNCTION maestro.allow_value_as(oid, text, text, text) IS 'does allow_value''s work, as the owner';
CREATE FUNCTION maestro.allow_value(rule text, value text, reason text) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.allow_value(text, text, text) IS
	'lets one exact value stay that the rule finds, and returns created, or unchanged if it was allowed; only its SHA-256 is kept. The value is what maestro.scan marks (for a password in a URL or behind a key, the password alone); other rules still find it. Every session follows from its next statement on. Errors: 42704 no such rule; 22023 no value, or a reason under 10 characters; 22004 no reason';

CREATE FUNCTION maestro.disallow_value_as(caller oid, rule text, value text) RETURNS text
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	DELETE FROM maestro.sanitize_allow AS a WHERE a.rule = disallow_value_as.rule AND a.digest = maestro.value_digest(value);
	PERFORM maestro.check_mode('the allowed value', 'update', FOUND);
	PERFORM maestro.record_registry(caller, NULL, NULL, format('a value is no longer allowed for rule of sanitizing %s', rule),
		jsonb_build_object('digest', encode(maestro.value_digest(value), 'hex')));
	RETURN 'removed';
END
$$;
COMMENT ON FUNCTION maestro.disallow_value_as(oid, text, text) IS 'does disallow_value''s work, as the owner';
CREATE FUNCTION maestro.disallow_value(rule text, value text) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.disallow_value(text, text) IS 'takes back what allow_value allowed, and returns removed. Error: 42704 it was not allowed';

REVOKE ALL ON FUNCTION
	maestro.check_sanitize_run(maestro.sanitize_rule), maestro.check_sanitize_rule(maestro.sanitize_rule), maestro.value_digest(text),
	maestro.add_sanitize_rule_as(oid, text, text, text[], text, integer, integer, boolean, text, text[], text, text, integer, text, boolean, text),
	maestro.add_sanitize_rule(text, text, text[], text, integer, integer, boolean, text, text[], text, text, integer, text, boolean, text),
	maestro.remove_sanitize_rule_as(oid, text), maestro.remove_sanitize_rule(text),
	maestro.allow_value_as(oid, text, text, text), maestro.allow_value(text, text, text),
	maestro.disallow_value_as(oid, text, text), maestro.disallow_value(text, text)
	FROM PUBLIC;
