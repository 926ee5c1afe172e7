--
-- Attribute: reading what callers send as attributes, whatever they send.
--
CREATE FUNCTION maestro.attribute_number(attributes jsonb, name text) RETURNS float8
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT CASE jsonb_typeof(attributes -> name)
				WHEN 'number' THEN least(greatest((attributes -> name)::numeric, 0), 1e15)::float8
				WHEN 'string' THEN CASE WHEN attributes ->> name ~ '^[0-9]{1,15}(\.[0-9]{1,30})?$'
										THEN (attributes ->> name)::float8 END END;
	END;
COMMENT ON FUNCTION maestro.attribute_number(jsonb, text) IS
	'an attribute sent as a number, cut to the range from 0 to 1e15, or as its text; NULL when it is neither';

CREATE FUNCTION maestro.attribute_typed(attributes jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT coalesce(attributes ->> 'error.type' ~ '^[A-Za-z0-9_.:-]{1,128}$', false);
	END;
COMMENT ON FUNCTION maestro.attribute_typed(jsonb) IS 'true when error.type is a word that says what failed';

-- An imported row may say anything.
CREATE FUNCTION maestro.plain_duration(value interval) RETURNS interval
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT CASE WHEN value IS NOT NULL THEN least(greatest(value, interval '0'), interval '10 years') END;
	END;
COMMENT ON FUNCTION maestro.plain_duration(interval) IS 'a duration cut to what log_event takes, 0 to 10 years';
