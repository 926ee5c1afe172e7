--
-- Schema: everything lives here, but for the operators of the C types.
--
-- A bare CREATE SCHEMA fails when somebody made the schema beforehand; adopting
-- it would adopt whatever he put into it.
--
DO $$
BEGIN
	IF pg_catalog.getdatabaseencoding() OPERATOR(pg_catalog.<>) 'UTF8' THEN
		RAISE EXCEPTION 'maestro needs a database with encoding UTF8'
			USING ERRCODE = 'feature_not_supported',
				  DETAIL = pg_catalog.format('This database has encoding %s.', pg_catalog.getdatabaseencoding()),
				  HINT = 'Create one: CREATE DATABASE agents ENCODING ''UTF8'' TEMPLATE template0.';
	END IF;
END
$$;

CREATE SCHEMA maestro;
GRANT USAGE ON SCHEMA maestro TO PUBLIC;
COMMENT ON SCHEMA maestro IS 'security governance of multi-agent systems: catalogue, registry, trace, posture';
