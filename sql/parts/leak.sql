--
-- Leak: what an error shown to outsiders gives away.
--
CREATE FUNCTION maestro.error_leaks(text) RETURNS text[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_error_leaks';
COMMENT ON FUNCTION maestro.error_leaks(text) IS
	'what a text gives away: some of {stack_trace,source_path,sql,connection_string,private_host} in this order, an empty array when it is clean; lines may end with LF or the two characters \n';
