--
-- Attribute: reading what callers send as attributes, whatever they send.
--
CREATE FUNCTION maestro.attribute_number(attributes jsonb, name text) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_attribute_number';
COMMENT ON FUNCTION maestro.attribute_number(jsonb, text) IS
	'an attribute sent as a number, cut to the range from 0 to 1e15, or as its text; NULL when it is neither';

CREATE FUNCTION maestro.attribute_typed(attributes jsonb) RETURNS boolean
	LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_attribute_typed';
COMMENT ON FUNCTION maestro.attribute_typed(jsonb) IS 'true when error.type is a word that says what failed';

-- An imported row may say anything.
CREATE FUNCTION maestro.plain_duration(value interval) RETURNS interval
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT CASE WHEN value IS NOT NULL THEN least(greatest(value, interval '0'), interval '10 years') END;
	END;
COMMENT ON FUNCTION maestro.plain_duration(interval) IS 'a duration cut to what log_event takes, 0 to 10 years';

-- In the library, since each event is asked.
CREATE FUNCTION maestro.attributes_say(attributes jsonb) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_attributes_say';
COMMENT ON FUNCTION maestro.attributes_say(jsonb) IS 'true for an object with a key that is none of those that log_event itself adds';

CREATE FUNCTION maestro.message_is_neutral(message text) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_message_is_neutral';
COMMENT ON FUNCTION maestro.message_is_neutral(text) IS 'true for a text of one line without characters that sanitizing takes away: controls, and what is invisible or changes the direction of writing';
