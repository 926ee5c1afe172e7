--
-- Lenient: text as JSON, never refused.
--
CREATE FUNCTION maestro.lenient_jsonb(text) RETURNS jsonb
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_lenient_jsonb';
COMMENT ON FUNCTION maestro.lenient_jsonb(text) IS
	'reads JSON as text::jsonb does, but keeps what jsonb refuses: \u0000 and lone surrogates stay as the six visible characters, numbers of more than 1000 digits or exponents above 400 become strings, and what is no JSON, nests deeper than 512 levels, has more than two million values (a container counts as five) or exceeds 128 MB becomes one JSON string of the whole text; error 54000 only above jsonb''s own limit of 256 MB';
