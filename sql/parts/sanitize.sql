--
-- Sanitize: neutralise log injection, redact secrets and personal data.
--
-- PUBLIC may call all of this: pure functions over their arguments, and type
-- support that a CHECK or an INSERT by anyone depends on.
--
CREATE FUNCTION maestro.sanitize(value text, level text DEFAULT 'pii') RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'maestro_sanitize_text';
COMMENT ON FUNCTION maestro.sanitize(text, text) IS 'the text on one line, control, reordering and invisible characters written out (\x1b, \u202e), secrets and personal data replaced by [REDACTED:TYPE]; level "pii" includes secrets, "secrets" leaves personal data, "all" takes also what is often harmless (addresses of machines, national numbers); by the built-in rules and those of sanitize_rule; sanitizing the result again changes nothing; 22023 for another level';

CREATE FUNCTION maestro.sanitize(value jsonb, level text DEFAULT 'pii') RETURNS jsonb
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'maestro_sanitize_jsonb';
COMMENT ON FUNCTION maestro.sanitize(jsonb, text) IS 'the value with keys, strings and numbers sanitized: as texts, except that line feeds stay, and by the name of their key (password, api_key, cookie, pin …); keys that become equal get a number before them (#2); 22023 for an unknown level';

CREATE FUNCTION maestro.scan(value text, level text DEFAULT 'pii',
		OUT rule text, OUT type text, OUT first integer, OUT length integer, OUT sample text)
	RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'maestro_scan';
COMMENT ON FUNCTION maestro.scan(text, text) IS 'what sanitize would replace, in order: substring(value FROM first FOR length) is what was found, sample its first characters (four, and a quarter of it, at most); overlapping finds are one row; 22023 for an unknown level';

CREATE FUNCTION maestro.scan(value jsonb, level text DEFAULT 'pii',
		OUT path text[], OUT in_key boolean, OUT rule text, OUT type text, OUT first integer, OUT length integer, OUT sample text)
	RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'maestro_scan_jsonb';
COMMENT ON FUNCTION maestro.scan(jsonb, text) IS 'likewise for a jsonb value: substring(value #>> path FROM first FOR length) is what was found; in_key: it is in the last key of the path instead; keys are shown sanitized. Rule json-key-name means that the value goes whole because of its key';

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
COMMENT ON FUNCTION maestro.finding_is_secret(text) IS 'true for a type of secrets, false for another, NULL for a word that is no type';

CREATE FUNCTION maestro.builtin_sanitize_rules(
		OUT rule text, OUT type text, OUT family text, OUT level text, OUT priority integer, OUT explanation text)
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 120
	AS 'MODULE_PATHNAME', 'maestro_builtin_sanitize_rules';
COMMENT ON FUNCTION maestro.builtin_sanitize_rules() IS 'the rules compiled into the library; see the view sanitize_rules';

CREATE TABLE maestro.sanitize_rule (
	rule text PRIMARY KEY,
	type text NOT NULL,
	anchors text[] NOT NULL,
	class text,
	min_length integer NOT NULL DEFAULT 8,
	max_length integer NOT NULL DEFAULT 256,
	keep_anchor boolean NOT NULL DEFAULT false,
	suffix text,
	context text[],
	validator text,
	regex text,
	priority integer NOT NULL DEFAULT 60,
	level text NOT NULL DEFAULT 'pii',
	enabled boolean NOT NULL DEFAULT true,
	explanation text NOT NULL,
	added_by name NOT NULL,
	added_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE maestro.sanitize_rule IS 'rules of your own for sanitize and log_event, beside the built-in ones; add_sanitize_rule says what they can be. safe_text does not use them';
COMMENT ON COLUMN maestro.sanitize_rule.type IS 'what the placeholder says, and finding_counts: one of the built-in types, such as CUSTOM_SECRET, CUSTOM_ID, NATIONAL_ID';
COMMENT ON COLUMN maestro.sanitize_rule.anchors IS 'what a find begins with, 3 to 64 bytes each, exactly as written';
COMMENT ON COLUMN maestro.sanitize_rule.class IS 'bytes that follow the anchor: digits, number (digits, spaces, dots, dashes), hex, upper (and digits), alnum, word (and _), token (and _-), dotted (and _-.), base64, path, value; NULL: regex says it';
COMMENT ON COLUMN maestro.sanitize_rule.min_length IS 'of the run of that class, in bytes';
COMMENT ON COLUMN maestro.sanitize_rule.max_length IS 'of the run, in bytes; a longer run is no find';
COMMENT ON COLUMN maestro.sanitize_rule.keep_anchor IS 'the anchor stays, and what is redacted comes after up to 8 spaces, quotes and operators';
COMMENT ON COLUMN maestro.sanitize_rule.suffix IS 'must follow the run, and is redacted too';
COMMENT ON COLUMN maestro.sanitize_rule.context IS 'one of these words must stand in the 64 bytes before the anchor, in any case';
COMMENT ON COLUMN maestro.sanitize_rule.validator IS 'luhn, mod11, mod97, verhoeff, card, iban (of the run, separators left out), random, mixed; NULL: none';
COMMENT ON COLUMN maestro.sanitize_rule.regex IS 'an advanced regular expression in place of the class, matched where the anchor begins, or ends with keep_anchor, in 512 bytes';
COMMENT ON COLUMN maestro.sanitize_rule.priority IS '1 to 100: the higher one names overlapping finds; built-in rules have 40 to 96';
COMMENT ON COLUMN maestro.sanitize_rule.level IS 'lowest level at which it is on: secrets, pii, all';

CREATE TABLE maestro.sanitize_allow (
	rule text NOT NULL,
	digest bytea NOT NULL CHECK (octet_length(digest) = 32),
	reason text NOT NULL,
	added_by name NOT NULL,
	added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (rule, digest)
);
COMMENT ON TABLE maestro.sanitize_allow IS 'exact values that one rule lets stay, such as a test card or the address of your support; see allow_value';
COMMENT ON COLUMN maestro.sanitize_allow.digest IS 'SHA-256 of the value; what can be guessed can be found from it';

CREATE VIEW maestro.sanitize_rules AS
	SELECT rule, type, family, level, priority, true AS enabled, explanation FROM maestro.builtin_sanitize_rules()
	UNION ALL
	SELECT rule, type, 'your own', level, priority, enabled, explanation FROM maestro.sanitize_rule;
COMMENT ON VIEW maestro.sanitize_rules IS 'what is redacted: rule, the type its placeholder names, family, the lowest level at which it is on, priority (the higher one names overlapping finds), enabled, explanation';
GRANT SELECT ON maestro.sanitize_rules TO PUBLIC;

-- A statement each: the calls update one row of pg_extension.
SELECT pg_catalog.pg_extension_config_dump('maestro.sanitize_rule', '');
SELECT pg_catalog.pg_extension_config_dump('maestro.sanitize_allow', '');

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
