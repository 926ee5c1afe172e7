--
-- Layer: one of the seven layers of MAESTRO.
--
-- Operators live in pg_catalog, where every search_path finds them; in schema
-- maestro, "WHERE layer >= 4" would fail for whoever has not put it there.
--
CREATE TYPE maestro.layer;

CREATE FUNCTION maestro.layer_in(cstring) RETURNS maestro.layer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_layer_in';
COMMENT ON FUNCTION maestro.layer_in(cstring) IS 'reads "4", "L4", "Monitoring", "4 (Monitoring)", "agent_logic" in any case, blanks around ignored; error 22P02 for anything else';
CREATE FUNCTION maestro.layer_out(maestro.layer) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_layer_out';
COMMENT ON FUNCTION maestro.layer_out(maestro.layer) IS 'text output, read back by the input function as the same value';
CREATE FUNCTION maestro.layer_recv(internal) RETURNS maestro.layer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_layer_recv';
COMMENT ON FUNCTION maestro.layer_recv(internal) IS 'binary input: one byte from 1 to 7; error 22P03 for any other';
CREATE FUNCTION maestro.layer_send(maestro.layer) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_layer_send';
COMMENT ON FUNCTION maestro.layer_send(maestro.layer) IS 'binary output';

CREATE TYPE maestro.layer (
	INPUT = maestro.layer_in, OUTPUT = maestro.layer_out,
	RECEIVE = maestro.layer_recv, SEND = maestro.layer_send,
	INTERNALLENGTH = 1, ALIGNMENT = char,
	PASSEDBYVALUE, STORAGE = plain);
COMMENT ON TYPE maestro.layer IS 'a layer of MAESTRO: 1 (Model), 2 (Logic), 3 (Integration), 4 (Monitoring), 5 (Execution), 6 (Environment), 7 (Orchestration), in that order';

CREATE CAST (text AS maestro.layer) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS maestro.layer) IS 'reads as the type''s input function does; drivers bind strings as text';
CREATE CAST (varchar AS maestro.layer) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.layer) IS 'reads as the type''s input function does; drivers bind strings as varchar';

CREATE FUNCTION maestro.int4_to_layer(integer) RETURNS maestro.layer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_int4_to_layer';
COMMENT ON FUNCTION maestro.int4_to_layer(integer) IS 'the layer with this number; error 22P02 below 1 and above 7';
CREATE FUNCTION maestro.layer_to_int4(maestro.layer) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_layer_to_int4';
COMMENT ON FUNCTION maestro.layer_to_int4(maestro.layer) IS 'number of the layer, 1 to 7';

CREATE CAST (integer AS maestro.layer) WITH FUNCTION maestro.int4_to_layer(integer) AS ASSIGNMENT;
COMMENT ON CAST (integer AS maestro.layer) IS 'the layer with this number';

-- "layer >= 4" compares integers: this cast is the implicit one of the pair.
-- An implicit cast from integer, or operators between layer and integer, would
-- make the mistake "text_column = 4" mean layers too, as text becomes a layer
-- implicitly.
CREATE CAST (maestro.layer AS integer) WITH FUNCTION maestro.layer_to_int4(maestro.layer) AS IMPLICIT;
COMMENT ON CAST (maestro.layer AS integer) IS 'number of the layer, so that layers compare with integers';

CREATE FUNCTION maestro.layer_eq(maestro.layer, maestro.layer) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_layer_eq';
COMMENT ON FUNCTION maestro.layer_eq(maestro.layer, maestro.layer) IS 'implements operator =';
CREATE FUNCTION maestro.layer_ne(maestro.layer, maestro.layer) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_layer_ne';
COMMENT ON FUNCTION maestro.layer_ne(maestro.layer, maestro.layer) IS 'implements operator <>';
CREATE FUNCTION maestro.layer_lt(maestro.layer, maestro.layer) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_layer_lt';
COMMENT ON FUNCTION maestro.layer_lt(maestro.layer, maestro.layer) IS 'implements operator <';
CREATE FUNCTION maestro.layer_le(maestro.layer, maestro.layer) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_layer_le';
COMMENT ON FUNCTION maestro.layer_le(maestro.layer, maestro.layer) IS 'implements operator <=';
CREATE FUNCTION maestro.layer_gt(maestro.layer, maestro.layer) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_layer_gt';
COMMENT ON FUNCTION maestro.layer_gt(maestro.layer, maestro.layer) IS 'implements operator >';
CREATE FUNCTION maestro.layer_ge(maestro.layer, maestro.layer) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_layer_ge';
COMMENT ON FUNCTION maestro.layer_ge(maestro.layer, maestro.layer) IS 'implements operator >=';
CREATE FUNCTION maestro.layer_cmp(maestro.layer, maestro.layer) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_layer_cmp';
COMMENT ON FUNCTION maestro.layer_cmp(maestro.layer, maestro.layer) IS 'less than, equal to, greater than 0 as the first is to the second';
CREATE FUNCTION maestro.layer_hash(maestro.layer) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_layer_hash';
COMMENT ON FUNCTION maestro.layer_hash(maestro.layer) IS 'hash';
CREATE FUNCTION maestro.layer_hash_extended(maestro.layer, bigint) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_layer_hash_extended';
COMMENT ON FUNCTION maestro.layer_hash_extended(maestro.layer, bigint) IS 'hash with a seed';

CREATE OPERATOR pg_catalog.= (
	LEFTARG = maestro.layer, RIGHTARG = maestro.layer, FUNCTION = maestro.layer_eq,
	COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
COMMENT ON OPERATOR pg_catalog.= (maestro.layer, maestro.layer) IS 'is the same as';

CREATE OPERATOR pg_catalog.<> (
	LEFTARG = maestro.layer, RIGHTARG = maestro.layer, FUNCTION = maestro.layer_ne,
	COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
	RESTRICT = neqsel, JOIN = neqjoinsel);
COMMENT ON OPERATOR pg_catalog.<> (maestro.layer, maestro.layer) IS 'is not the same as';

CREATE OPERATOR pg_catalog.< (
	LEFTARG = maestro.layer, RIGHTARG = maestro.layer, FUNCTION = maestro.layer_lt,
	COMMUTATOR = OPERATOR(pg_catalog.>), NEGATOR = OPERATOR(pg_catalog.>=),
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
COMMENT ON OPERATOR pg_catalog.< (maestro.layer, maestro.layer) IS 'is less than';

CREATE OPERATOR pg_catalog.<= (
	LEFTARG = maestro.layer, RIGHTARG = maestro.layer, FUNCTION = maestro.layer_le,
	COMMUTATOR = OPERATOR(pg_catalog.>=), NEGATOR = OPERATOR(pg_catalog.>),
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
COMMENT ON OPERATOR pg_catalog.<= (maestro.layer, maestro.layer) IS 'is less than or the same as';

CREATE OPERATOR pg_catalog.> (
	LEFTARG = maestro.layer, RIGHTARG = maestro.layer, FUNCTION = maestro.layer_gt,
	COMMUTATOR = OPERATOR(pg_catalog.<), NEGATOR = OPERATOR(pg_catalog.<=),
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
COMMENT ON OPERATOR pg_catalog.> (maestro.layer, maestro.layer) IS 'is greater than';

CREATE OPERATOR pg_catalog.>= (
	LEFTARG = maestro.layer, RIGHTARG = maestro.layer, FUNCTION = maestro.layer_ge,
	COMMUTATOR = OPERATOR(pg_catalog.<=), NEGATOR = OPERATOR(pg_catalog.<),
	RESTRICT = scalargesel, JOIN = scalargejoinsel);
COMMENT ON OPERATOR pg_catalog.>= (maestro.layer, maestro.layer) IS 'is greater than or the same as';

CREATE OPERATOR CLASS maestro.layer_ops DEFAULT FOR TYPE maestro.layer USING btree AS
	OPERATOR 1 pg_catalog.<, OPERATOR 2 pg_catalog.<=, OPERATOR 3 pg_catalog.=,
	OPERATOR 4 pg_catalog.>=, OPERATOR 5 pg_catalog.>,
	FUNCTION 1 maestro.layer_cmp(maestro.layer, maestro.layer),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS maestro.layer_ops USING btree IS 'order of layer; equal values are the same bytes, so indexes keep each once';
COMMENT ON OPERATOR FAMILY maestro.layer_ops USING btree IS 'order of layer';

CREATE OPERATOR CLASS maestro.layer_ops DEFAULT FOR TYPE maestro.layer USING hash AS
	OPERATOR 1 pg_catalog.=,
	FUNCTION 1 maestro.layer_hash(maestro.layer),
	FUNCTION 2 maestro.layer_hash_extended(maestro.layer, bigint);
COMMENT ON OPERATOR CLASS maestro.layer_ops USING hash IS 'equality of layer';
COMMENT ON OPERATOR FAMILY maestro.layer_ops USING hash IS 'equality of layer';
