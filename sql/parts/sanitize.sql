--
-- Sanitize: neutralise log injection, redact secrets and personal data.
--
-- PUBLIC may call all of this: pure functions over their arguments, and type
-- support that a CHECK or an INSERT by anyone depends on.
--
CREATE FUNCTION maestro.sanitize(value text, level text DEFAULT 'pii') RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'maestro_sanitize_text';
COMMENT ON FUNCTION maestro.sanitize(text, text) IS 'the text on one line, control, reordering and invisible characters written out (\x1b, \u202e), secrets and personal data replaced by [REDACTED:TYPE]; level "pii" includes secrets, "secrets" leaves personal data; sanitizing the result again changes nothing; 22023 for another level';

CREATE FUNCTION maestro.sanitize(value jsonb, level text DEFAULT 'pii') RETURNS jsonb
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'maestro_sanitize_jsonb';
COMMENT ON FUNCTION maestro.sanitize(jsonb, text) IS 'the value with keys, strings and numbers sanitized: as texts, except that line feeds stay, and by the name of their key (password, api_key, cookie, pin …); keys that become equal get a number (#2); 22023 for an unknown level';

CREATE FUNCTION maestro.scan(value text, level text DEFAULT 'pii',
		OUT rule text, OUT type text, OUT first integer, OUT length integer, OUT sample text)
	RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'maestro_scan';
COMMENT ON FUNCTION maestro.scan(text, text) IS 'what sanitize would replace, in order: substring(value FROM first FOR length) is what was found, sample its first characters (four, and a quarter of it, at most); overlapping finds are one row; 22023 for an unknown level';

CREATE FUNCTION maestro.finding_counts(value text) RETURNS jsonb
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'maestro_finding_counts_text';
COMMENT ON FUNCTION maestro.finding_counts(text) IS 'how often sanitize would write which type, placeholders already in the text included: {"EMAIL": 2}; NULL when there is nothing';

CREATE FUNCTION maestro.finding_counts(value jsonb) RETURNS jsonb
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'maestro_finding_counts_jsonb';
COMMENT ON FUNCTION maestro.finding_counts(jsonb) IS 'likewise for a jsonb value';

CREATE FUNCTION maestro.finding_is_secret(type text) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'maestro_finding_is_secret';
COMMENT ON FUNCTION maestro.finding_is_secret(text) IS 'true for a type of secrets, false for one of personal data, NULL for a word that is no type';

CREATE FUNCTION maestro.builtin_sanitize_rules(
		OUT rule text, OUT type text, OUT family text, OUT level text, OUT priority integer, OUT explanation text)
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 25
	AS 'MODULE_PATHNAME', 'maestro_builtin_sanitize_rules';
COMMENT ON FUNCTION maestro.builtin_sanitize_rules() IS 'the rules compiled into the library; see the view sanitize_rules';

CREATE VIEW maestro.sanitize_rules AS
	SELECT rule, type, family, level, priority, explanation FROM maestro.builtin_sanitize_rules();
COMMENT ON VIEW maestro.sanitize_rules IS 'what is redacted: rule, the type its placeholder names, family, the lowest level at which it is on, priority (the higher one names overlapping finds), explanation';
GRANT SELECT ON maestro.sanitize_rules TO PUBLIC;

--
-- safe_text: a text whose every way in sanitizes, so that a column of any table
-- can have the property.  Binary-coercible to text, hence text's operators,
-- indexes and functions are its own.
--
CREATE TYPE maestro.safe_text;
COMMENT ON TYPE maestro.safe_text IS 'text that is sanitized on its way in (level pii, line feeds stay), by the built-in rules; behaves as text otherwise';

CREATE FUNCTION maestro.safe_text_in(cstring) RETURNS maestro.safe_text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_safe_text_in';
COMMENT ON FUNCTION maestro.safe_text_in(cstring) IS 'type input; sanitizes';

CREATE FUNCTION maestro.safe_text_out(maestro.safe_text) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_safe_text_out';
COMMENT ON FUNCTION maestro.safe_text_out(maestro.safe_text) IS 'type output';

CREATE FUNCTION maestro.safe_text_recv(internal) RETURNS maestro.safe_text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_safe_text_recv';
COMMENT ON FUNCTION maestro.safe_text_recv(internal) IS 'binary type input; sanitizes';

CREATE FUNCTION maestro.safe_text_send(maestro.safe_text) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_safe_text_send';
COMMENT ON FUNCTION maestro.safe_text_send(maestro.safe_text) IS 'binary type output';

CREATE TYPE maestro.safe_text (
	INPUT = maestro.safe_text_in,
	OUTPUT = maestro.safe_text_out,
	RECEIVE = maestro.safe_text_recv,
	SEND = maestro.safe_text_send,
	LIKE = pg_catalog.text,
	CATEGORY = 'S',
	COLLATABLE = true);

CREATE FUNCTION maestro.safe_text(text) RETURNS maestro.safe_text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_safe_text_from_text';
COMMENT ON FUNCTION maestro.safe_text(text) IS 'the text sanitized; the cast from text and varchar';

CREATE CAST (text AS maestro.safe_text) WITH FUNCTION maestro.safe_text(text) AS IMPLICIT;
COMMENT ON CAST (text AS maestro.safe_text) IS 'sanitizes';
CREATE CAST (varchar AS maestro.safe_text) WITH FUNCTION maestro.safe_text(text) AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.safe_text) IS 'sanitizes';
CREATE CAST (maestro.safe_text AS text) WITHOUT FUNCTION AS IMPLICIT;
COMMENT ON CAST (maestro.safe_text AS text) IS 'the same bytes';
