--
-- Regcomponent: components by name, and who may read of them.
--
CREATE TYPE maestro.regcomponent;

CREATE FUNCTION maestro.regcomponent_in(cstring) RETURNS maestro.regcomponent
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_regcomponent_in';
COMMENT ON FUNCTION maestro.regcomponent_in(cstring) IS 'reads system/component or an id; error 42704 when nothing that the current role may read is registered under the name';
CREATE FUNCTION maestro.regcomponent_out(maestro.regcomponent) RETURNS cstring
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_regcomponent_out';
COMMENT ON FUNCTION maestro.regcomponent_out(maestro.regcomponent) IS 'prints system/component, or the id when the row is gone or the current role may not read it';
CREATE FUNCTION maestro.regcomponent_recv(internal) RETURNS maestro.regcomponent
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_regcomponent_recv';
COMMENT ON FUNCTION maestro.regcomponent_recv(internal) IS 'binary input: the id as a 4-byte integer';
CREATE FUNCTION maestro.regcomponent_send(maestro.regcomponent) RETURNS bytea
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_regcomponent_send';
COMMENT ON FUNCTION maestro.regcomponent_send(maestro.regcomponent) IS 'binary output';

CREATE TYPE maestro.regcomponent (
	INPUT = maestro.regcomponent_in, OUTPUT = maestro.regcomponent_out,
	RECEIVE = maestro.regcomponent_recv, SEND = maestro.regcomponent_send,
	INTERNALLENGTH = 4, ALIGNMENT = int4, PASSEDBYVALUE, STORAGE = plain);
COMMENT ON TYPE maestro.regcomponent IS
	'a component by name, as regclass is a table: for arguments, casts and output; never for columns, which could not be restored';

CREATE FUNCTION maestro.regcomponent_from_text(text) RETURNS maestro.regcomponent
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_regcomponent_from_text';
COMMENT ON FUNCTION maestro.regcomponent_from_text(text) IS 'reads as the input function does';
CREATE CAST (text AS maestro.regcomponent) WITH FUNCTION maestro.regcomponent_from_text(text) AS IMPLICIT;
COMMENT ON CAST (text AS maestro.regcomponent) IS 'reads system/component; drivers bind strings as text';
CREATE CAST (varchar AS maestro.regcomponent) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.regcomponent) IS 'reads system/component; drivers bind strings as varchar';
CREATE CAST (integer AS maestro.regcomponent) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (integer AS maestro.regcomponent) IS 'the component with this id';
CREATE CAST (maestro.regcomponent AS integer) WITHOUT FUNCTION AS IMPLICIT;
COMMENT ON CAST (maestro.regcomponent AS integer) IS 'the component''s id, so that regcomponents compare with component_id';

CREATE FUNCTION maestro.may_read(system_id integer) RETURNS boolean
	LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_may_read';
COMMENT ON FUNCTION maestro.may_read(integer) IS
	'true when the current role may read of this system: its db_role, a role of install_roles() that reads all, or the owner; NULL asks for the latter two';
CREATE FUNCTION maestro.may_read_component(component_id integer) RETURNS boolean
	LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_may_read_component';
COMMENT ON FUNCTION maestro.may_read_component(integer) IS
	'true when the current role may read of this component: who may read of its system, or write as the component';
