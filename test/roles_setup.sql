-- Helpers of tests in which roles act: the event logged last, and what a statement
-- comes to for a role, while the login stays the one of the test.
CREATE TEMP VIEW newest AS SELECT * FROM maestro.event ORDER BY event_id DESC LIMIT 1;
CREATE FUNCTION pg_temp.said(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	said text;
BEGIN
	PERFORM set_config('role', role, true);
	EXECUTE statement INTO said;
	PERFORM set_config('role', 'none', true);
	RETURN said;
END
$$;
