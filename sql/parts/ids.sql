--
-- Ids: digests, trace ids and span ids, hexadecimal as text, fixed bytes within.
--
-- Operators live in pg_catalog for the reason given in layer.sql.
--
CREATE TYPE maestro.digest;

CREATE FUNCTION maestro.digest_in(cstring) RETURNS maestro.digest
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_digest_in';
COMMENT ON FUNCTION maestro.digest_in(cstring) IS 'reads 64 hexadecimal digits in any case, or "sha256:" and those; error 22P02 for anything else and for all zero';
CREATE FUNCTION maestro.digest_out(maestro.digest) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_digest_out';
COMMENT ON FUNCTION maestro.digest_out(maestro.digest) IS 'text output, read back by the input function as the same value';
CREATE FUNCTION maestro.digest_recv(internal) RETURNS maestro.digest
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_digest_recv';
COMMENT ON FUNCTION maestro.digest_recv(internal) IS 'binary input: 32 bytes; error 22P03 when all zero';
CREATE FUNCTION maestro.digest_send(maestro.digest) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_digest_send';
COMMENT ON FUNCTION maestro.digest_send(maestro.digest) IS 'binary output';

CREATE TYPE maestro.digest (
	INPUT = maestro.digest_in, OUTPUT = maestro.digest_out,
	RECEIVE = maestro.digest_recv, SEND = maestro.digest_send,
	INTERNALLENGTH = 32, ALIGNMENT = char, STORAGE = plain);
COMMENT ON TYPE maestro.digest IS 'a SHA-256 digest, 32 bytes; prints as 64 hexadecimal digits in lower case';

CREATE CAST (text AS maestro.digest) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS maestro.digest) IS 'reads as the type''s input function does; drivers bind strings as text';
CREATE CAST (varchar AS maestro.digest) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.digest) IS 'reads as the type''s input function does; drivers bind strings as varchar';

CREATE FUNCTION maestro.digest_to_bytea(maestro.digest) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_digest_to_bytea';
COMMENT ON FUNCTION maestro.digest_to_bytea(maestro.digest) IS 'the 32 bytes';
CREATE FUNCTION maestro.bytea_to_digest(bytea) RETURNS maestro.digest
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_bytea_to_digest';
COMMENT ON FUNCTION maestro.bytea_to_digest(bytea) IS '32 bytes as a digest; error 22P02 for any other length and for all zero';

CREATE CAST (maestro.digest AS bytea) WITH FUNCTION maestro.digest_to_bytea(maestro.digest);
COMMENT ON CAST (maestro.digest AS bytea) IS 'the 32 bytes';
CREATE CAST (bytea AS maestro.digest) WITH FUNCTION maestro.bytea_to_digest(bytea);
COMMENT ON CAST (bytea AS maestro.digest) IS '32 bytes as a digest';

CREATE FUNCTION maestro.digest_eq(maestro.digest, maestro.digest) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_digest_eq';
COMMENT ON FUNCTION maestro.digest_eq(maestro.digest, maestro.digest) IS 'implements operator =';
CREATE FUNCTION maestro.digest_ne(maestro.digest, maestro.digest) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_digest_ne';
COMMENT ON FUNCTION maestro.digest_ne(maestro.digest, maestro.digest) IS 'implements operator <>';
CREATE FUNCTION maestro.digest_lt(maestro.digest, maestro.digest) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_digest_lt';
COMMENT ON FUNCTION maestro.digest_lt(maestro.digest, maestro.digest) IS 'implements operator <';
CREATE FUNCTION maestro.digest_le(maestro.digest, maestro.digest) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_digest_le';
COMMENT ON FUNCTION maestro.digest_le(maestro.digest, maestro.digest) IS 'implements operator <=';
CREATE FUNCTION maestro.digest_gt(maestro.digest, maestro.digest) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_digest_gt';
COMMENT ON FUNCTION maestro.digest_gt(maestro.digest, maestro.digest) IS 'implements operator >';
CREATE FUNCTION maestro.digest_ge(maestro.digest, maestro.digest) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_digest_ge';
COMMENT ON FUNCTION maestro.digest_ge(maestro.digest, maestro.digest) IS 'implements operator >=';
CREATE FUNCTION maestro.digest_cmp(maestro.digest, maestro.digest) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_digest_cmp';
COMMENT ON FUNCTION maestro.digest_cmp(maestro.digest, maestro.digest) IS 'less than, equal to, greater than 0 as the first is to the second';
CREATE FUNCTION maestro.digest_hash(maestro.digest) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_digest_hash';
COMMENT ON FUNCTION maestro.digest_hash(maestro.digest) IS 'hash';
CREATE FUNCTION maestro.digest_hash_extended(maestro.digest, bigint) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_digest_hash_extended';
COMMENT ON FUNCTION maestro.digest_hash_extended(maestro.digest, bigint) IS 'hash with a seed';

CREATE OPERATOR pg_catalog.= (
	LEFTARG = maestro.digest, RIGHTARG = maestro.digest, FUNCTION = maestro.digest_eq,
	COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
COMMENT ON OPERATOR pg_catalog.= (maestro.digest, maestro.digest) IS 'is the same as';

CREATE OPERATOR pg_catalog.<> (
	LEFTARG = maestro.digest, RIGHTARG = maestro.digest, FUNCTION = maestro.digest_ne,
	COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
	RESTRICT = neqsel, JOIN = neqjoinsel);
COMMENT ON OPERATOR pg_catalog.<> (maestro.digest, maestro.digest) IS 'is not the same as';

CREATE OPERATOR pg_catalog.< (
	LEFTARG = maestro.digest, RIGHTARG = maestro.digest, FUNCTION = maestro.digest_lt,
	COMMUTATOR = OPERATOR(pg_catalog.>), NEGATOR = OPERATOR(pg_catalog.>=),
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
COMMENT ON OPERATOR pg_catalog.< (maestro.digest, maestro.digest) IS 'is less than';

CREATE OPERATOR pg_catalog.<= (
	LEFTARG = maestro.digest, RIGHTARG = maestro.digest, FUNCTION = maestro.digest_le,
	COMMUTATOR = OPERATOR(pg_catalog.>=), NEGATOR = OPERATOR(pg_catalog.>),
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
COMMENT ON OPERATOR pg_catalog.<= (maestro.digest, maestro.digest) IS 'is less than or the same as';

CREATE OPERATOR pg_catalog.> (
	LEFTARG = maestro.digest, RIGHTARG = maestro.digest, FUNCTION = maestro.digest_gt,
	COMMUTATOR = OPERATOR(pg_catalog.<), NEGATOR = OPERATOR(pg_catalog.<=),
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
COMMENT ON OPERATOR pg_catalog.> (maestro.digest, maestro.digest) IS 'is greater than';

CREATE OPERATOR pg_catalog.>= (
	LEFTARG = maestro.digest, RIGHTARG = maestro.digest, FUNCTION = maestro.digest_ge,
	COMMUTATOR = OPERATOR(pg_catalog.<=), NEGATOR = OPERATOR(pg_catalog.<),
	RESTRICT = scalargesel, JOIN = scalargejoinsel);
COMMENT ON OPERATOR pg_catalog.>= (maestro.digest, maestro.digest) IS 'is greater than or the same as';

CREATE OPERATOR CLASS maestro.digest_ops DEFAULT FOR TYPE maestro.digest USING btree AS
	OPERATOR 1 pg_catalog.<, OPERATOR 2 pg_catalog.<=, OPERATOR 3 pg_catalog.=,
	OPERATOR 4 pg_catalog.>=, OPERATOR 5 pg_catalog.>,
	FUNCTION 1 maestro.digest_cmp(maestro.digest, maestro.digest),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS maestro.digest_ops USING btree IS 'order of digest; equal values are the same bytes, so indexes keep each once';
COMMENT ON OPERATOR FAMILY maestro.digest_ops USING btree IS 'order of digest';

CREATE OPERATOR CLASS maestro.digest_ops DEFAULT FOR TYPE maestro.digest USING hash AS
	OPERATOR 1 pg_catalog.=,
	FUNCTION 1 maestro.digest_hash(maestro.digest),
	FUNCTION 2 maestro.digest_hash_extended(maestro.digest, bigint);
COMMENT ON OPERATOR CLASS maestro.digest_ops USING hash IS 'equality of digest';
COMMENT ON OPERATOR FAMILY maestro.digest_ops USING hash IS 'equality of digest';

CREATE TYPE maestro.trace_id;

CREATE FUNCTION maestro.trace_id_in(cstring) RETURNS maestro.trace_id
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_trace_id_in';
COMMENT ON FUNCTION maestro.trace_id_in(cstring) IS 'reads 32 hexadecimal digits, a dashed UUID, or "trace_" and 32 digits, in any case; error 22P02 for anything else and for all zero';
CREATE FUNCTION maestro.trace_id_out(maestro.trace_id) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_trace_id_out';
COMMENT ON FUNCTION maestro.trace_id_out(maestro.trace_id) IS 'text output, read back by the input function as the same value';
CREATE FUNCTION maestro.trace_id_recv(internal) RETURNS maestro.trace_id
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_trace_id_recv';
COMMENT ON FUNCTION maestro.trace_id_recv(internal) IS 'binary input: 16 bytes; error 22P03 when all zero';
CREATE FUNCTION maestro.trace_id_send(maestro.trace_id) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_trace_id_send';
COMMENT ON FUNCTION maestro.trace_id_send(maestro.trace_id) IS 'binary output';

CREATE TYPE maestro.trace_id (
	INPUT = maestro.trace_id_in, OUTPUT = maestro.trace_id_out,
	RECEIVE = maestro.trace_id_recv, SEND = maestro.trace_id_send,
	INTERNALLENGTH = 16, ALIGNMENT = char, STORAGE = plain);
COMMENT ON TYPE maestro.trace_id IS 'id of a trace (W3C Trace Context), 16 bytes; prints as 32 hexadecimal digits in lower case';

CREATE CAST (text AS maestro.trace_id) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS maestro.trace_id) IS 'reads as the type''s input function does; drivers bind strings as text';
CREATE CAST (varchar AS maestro.trace_id) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.trace_id) IS 'reads as the type''s input function does; drivers bind strings as varchar';

CREATE FUNCTION maestro.trace_id_eq(maestro.trace_id, maestro.trace_id) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_trace_id_eq';
COMMENT ON FUNCTION maestro.trace_id_eq(maestro.trace_id, maestro.trace_id) IS 'implements operator =';
CREATE FUNCTION maestro.trace_id_ne(maestro.trace_id, maestro.trace_id) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_trace_id_ne';
COMMENT ON FUNCTION maestro.trace_id_ne(maestro.trace_id, maestro.trace_id) IS 'implements operator <>';
CREATE FUNCTION maestro.trace_id_lt(maestro.trace_id, maestro.trace_id) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_trace_id_lt';
COMMENT ON FUNCTION maestro.trace_id_lt(maestro.trace_id, maestro.trace_id) IS 'implements operator <';
CREATE FUNCTION maestro.trace_id_le(maestro.trace_id, maestro.trace_id) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_trace_id_le';
COMMENT ON FUNCTION maestro.trace_id_le(maestro.trace_id, maestro.trace_id) IS 'implements operator <=';
CREATE FUNCTION maestro.trace_id_gt(maestro.trace_id, maestro.trace_id) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_trace_id_gt';
COMMENT ON FUNCTION maestro.trace_id_gt(maestro.trace_id, maestro.trace_id) IS 'implements operator >';
CREATE FUNCTION maestro.trace_id_ge(maestro.trace_id, maestro.trace_id) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_trace_id_ge';
COMMENT ON FUNCTION maestro.trace_id_ge(maestro.trace_id, maestro.trace_id) IS 'implements operator >=';
CREATE FUNCTION maestro.trace_id_cmp(maestro.trace_id, maestro.trace_id) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_trace_id_cmp';
COMMENT ON FUNCTION maestro.trace_id_cmp(maestro.trace_id, maestro.trace_id) IS 'less than, equal to, greater than 0 as the first is to the second';
CREATE FUNCTION maestro.trace_id_hash(maestro.trace_id) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_trace_id_hash';
COMMENT ON FUNCTION maestro.trace_id_hash(maestro.trace_id) IS 'hash';
CREATE FUNCTION maestro.trace_id_hash_extended(maestro.trace_id, bigint) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_trace_id_hash_extended';
COMMENT ON FUNCTION maestro.trace_id_hash_extended(maestro.trace_id, bigint) IS 'hash with a seed';

CREATE OPERATOR pg_catalog.= (
	LEFTARG = maestro.trace_id, RIGHTARG = maestro.trace_id, FUNCTION = maestro.trace_id_eq,
	COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
COMMENT ON OPERATOR pg_catalog.= (maestro.trace_id, maestro.trace_id) IS 'is the same as';

CREATE OPERATOR pg_catalog.<> (
	LEFTARG = maestro.trace_id, RIGHTARG = maestro.trace_id, FUNCTION = maestro.trace_id_ne,
	COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
	RESTRICT = neqsel, JOIN = neqjoinsel);
COMMENT ON OPERATOR pg_catalog.<> (maestro.trace_id, maestro.trace_id) IS 'is not the same as';

CREATE OPERATOR pg_catalog.< (
	LEFTARG = maestro.trace_id, RIGHTARG = maestro.trace_id, FUNCTION = maestro.trace_id_lt,
	COMMUTATOR = OPERATOR(pg_catalog.>), NEGATOR = OPERATOR(pg_catalog.>=),
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
COMMENT ON OPERATOR pg_catalog.< (maestro.trace_id, maestro.trace_id) IS 'is less than';

CREATE OPERATOR pg_catalog.<= (
	LEFTARG = maestro.trace_id, RIGHTARG = maestro.trace_id, FUNCTION = maestro.trace_id_le,
	COMMUTATOR = OPERATOR(pg_catalog.>=), NEGATOR = OPERATOR(pg_catalog.>),
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
COMMENT ON OPERATOR pg_catalog.<= (maestro.trace_id, maestro.trace_id) IS 'is less than or the same as';

CREATE OPERATOR pg_catalog.> (
	LEFTARG = maestro.trace_id, RIGHTARG = maestro.trace_id, FUNCTION = maestro.trace_id_gt,
	COMMUTATOR = OPERATOR(pg_catalog.<), NEGATOR = OPERATOR(pg_catalog.<=),
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
COMMENT ON OPERATOR pg_catalog.> (maestro.trace_id, maestro.trace_id) IS 'is greater than';

CREATE OPERATOR pg_catalog.>= (
	LEFTARG = maestro.trace_id, RIGHTARG = maestro.trace_id, FUNCTION = maestro.trace_id_ge,
	COMMUTATOR = OPERATOR(pg_catalog.<=), NEGATOR = OPERATOR(pg_catalog.<),
	RESTRICT = scalargesel, JOIN = scalargejoinsel);
COMMENT ON OPERATOR pg_catalog.>= (maestro.trace_id, maestro.trace_id) IS 'is greater than or the same as';

CREATE OPERATOR CLASS maestro.trace_id_ops DEFAULT FOR TYPE maestro.trace_id USING btree AS
	OPERATOR 1 pg_catalog.<, OPERATOR 2 pg_catalog.<=, OPERATOR 3 pg_catalog.=,
	OPERATOR 4 pg_catalog.>=, OPERATOR 5 pg_catalog.>,
	FUNCTION 1 maestro.trace_id_cmp(maestro.trace_id, maestro.trace_id),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS maestro.trace_id_ops USING btree IS 'order of trace_id; equal values are the same bytes, so indexes keep each once';
COMMENT ON OPERATOR FAMILY maestro.trace_id_ops USING btree IS 'order of trace_id';

CREATE OPERATOR CLASS maestro.trace_id_ops DEFAULT FOR TYPE maestro.trace_id USING hash AS
	OPERATOR 1 pg_catalog.=,
	FUNCTION 1 maestro.trace_id_hash(maestro.trace_id),
	FUNCTION 2 maestro.trace_id_hash_extended(maestro.trace_id, bigint);
COMMENT ON OPERATOR CLASS maestro.trace_id_ops USING hash IS 'equality of trace_id';
COMMENT ON OPERATOR FAMILY maestro.trace_id_ops USING hash IS 'equality of trace_id';

CREATE TYPE maestro.span_id;

CREATE FUNCTION maestro.span_id_in(cstring) RETURNS maestro.span_id
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_span_id_in';
COMMENT ON FUNCTION maestro.span_id_in(cstring) IS 'reads 16 hexadecimal digits, or "span_" and 16 digits; of longer ids (17 to 64 digits, a dashed UUID, "span_" and 17 to 64 digits) takes the first 8 bytes of the SHA-256 of the text in lower case; error 22P02 for anything else and for all zero';
CREATE FUNCTION maestro.span_id_out(maestro.span_id) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_span_id_out';
COMMENT ON FUNCTION maestro.span_id_out(maestro.span_id) IS 'text output, read back by the input function as the same value';
CREATE FUNCTION maestro.span_id_recv(internal) RETURNS maestro.span_id
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_span_id_recv';
COMMENT ON FUNCTION maestro.span_id_recv(internal) IS 'binary input: 8 bytes; error 22P03 when all zero';
CREATE FUNCTION maestro.span_id_send(maestro.span_id) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_span_id_send';
COMMENT ON FUNCTION maestro.span_id_send(maestro.span_id) IS 'binary output';

CREATE TYPE maestro.span_id (
	INPUT = maestro.span_id_in, OUTPUT = maestro.span_id_out,
	RECEIVE = maestro.span_id_recv, SEND = maestro.span_id_send,
	INTERNALLENGTH = 8, ALIGNMENT = char, STORAGE = plain);
COMMENT ON TYPE maestro.span_id IS 'id of a span (W3C Trace Context), 8 bytes; prints as 16 hexadecimal digits in lower case; a longer id becomes a hash of its text, so that children still find their parents';

CREATE CAST (text AS maestro.span_id) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS maestro.span_id) IS 'reads as the type''s input function does; drivers bind strings as text';
CREATE CAST (varchar AS maestro.span_id) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.span_id) IS 'reads as the type''s input function does; drivers bind strings as varchar';

CREATE FUNCTION maestro.span_id_eq(maestro.span_id, maestro.span_id) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_span_id_eq';
COMMENT ON FUNCTION maestro.span_id_eq(maestro.span_id, maestro.span_id) IS 'implements operator =';
CREATE FUNCTION maestro.span_id_ne(maestro.span_id, maestro.span_id) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_span_id_ne';
COMMENT ON FUNCTION maestro.span_id_ne(maestro.span_id, maestro.span_id) IS 'implements operator <>';
CREATE FUNCTION maestro.span_id_lt(maestro.span_id, maestro.span_id) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_span_id_lt';
COMMENT ON FUNCTION maestro.span_id_lt(maestro.span_id, maestro.span_id) IS 'implements operator <';
CREATE FUNCTION maestro.span_id_le(maestro.span_id, maestro.span_id) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_span_id_le';
COMMENT ON FUNCTION maestro.span_id_le(maestro.span_id, maestro.span_id) IS 'implements operator <=';
CREATE FUNCTION maestro.span_id_gt(maestro.span_id, maestro.span_id) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_span_id_gt';
COMMENT ON FUNCTION maestro.span_id_gt(maestro.span_id, maestro.span_id) IS 'implements operator >';
CREATE FUNCTION maestro.span_id_ge(maestro.span_id, maestro.span_id) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_span_id_ge';
COMMENT ON FUNCTION maestro.span_id_ge(maestro.span_id, maestro.span_id) IS 'implements operator >=';
CREATE FUNCTION maestro.span_id_cmp(maestro.span_id, maestro.span_id) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_span_id_cmp';
COMMENT ON FUNCTION maestro.span_id_cmp(maestro.span_id, maestro.span_id) IS 'less than, equal to, greater than 0 as the first is to the second';
CREATE FUNCTION maestro.span_id_hash(maestro.span_id) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_span_id_hash';
COMMENT ON FUNCTION maestro.span_id_hash(maestro.span_id) IS 'hash';
CREATE FUNCTION maestro.span_id_hash_extended(maestro.span_id, bigint) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_span_id_hash_extended';
COMMENT ON FUNCTION maestro.span_id_hash_extended(maestro.span_id, bigint) IS 'hash with a seed';

CREATE OPERATOR pg_catalog.= (
	LEFTARG = maestro.span_id, RIGHTARG = maestro.span_id, FUNCTION = maestro.span_id_eq,
	COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
COMMENT ON OPERATOR pg_catalog.= (maestro.span_id, maestro.span_id) IS 'is the same as';

CREATE OPERATOR pg_catalog.<> (
	LEFTARG = maestro.span_id, RIGHTARG = maestro.span_id, FUNCTION = maestro.span_id_ne,
	COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
	RESTRICT = neqsel, JOIN = neqjoinsel);
COMMENT ON OPERATOR pg_catalog.<> (maestro.span_id, maestro.span_id) IS 'is not the same as';

CREATE OPERATOR pg_catalog.< (
	LEFTARG = maestro.span_id, RIGHTARG = maestro.span_id, FUNCTION = maestro.span_id_lt,
	COMMUTATOR = OPERATOR(pg_catalog.>), NEGATOR = OPERATOR(pg_catalog.>=),
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
COMMENT ON OPERATOR pg_catalog.< (maestro.span_id, maestro.span_id) IS 'is less than';

CREATE OPERATOR pg_catalog.<= (
	LEFTARG = maestro.span_id, RIGHTARG = maestro.span_id, FUNCTION = maestro.span_id_le,
	COMMUTATOR = OPERATOR(pg_catalog.>=), NEGATOR = OPERATOR(pg_catalog.>),
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
COMMENT ON OPERATOR pg_catalog.<= (maestro.span_id, maestro.span_id) IS 'is less than or the same as';

CREATE OPERATOR pg_catalog.> (
	LEFTARG = maestro.span_id, RIGHTARG = maestro.span_id, FUNCTION = maestro.span_id_gt,
	COMMUTATOR = OPERATOR(pg_catalog.<), NEGATOR = OPERATOR(pg_catalog.<=),
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
COMMENT ON OPERATOR pg_catalog.> (maestro.span_id, maestro.span_id) IS 'is greater than';

CREATE OPERATOR pg_catalog.>= (
	LEFTARG = maestro.span_id, RIGHTARG = maestro.span_id, FUNCTION = maestro.span_id_ge,
	COMMUTATOR = OPERATOR(pg_catalog.<=), NEGATOR = OPERATOR(pg_catalog.<),
	RESTRICT = scalargesel, JOIN = scalargejoinsel);
COMMENT ON OPERATOR pg_catalog.>= (maestro.span_id, maestro.span_id) IS 'is greater than or the same as';

CREATE OPERATOR CLASS maestro.span_id_ops DEFAULT FOR TYPE maestro.span_id USING btree AS
	OPERATOR 1 pg_catalog.<, OPERATOR 2 pg_catalog.<=, OPERATOR 3 pg_catalog.=,
	OPERATOR 4 pg_catalog.>=, OPERATOR 5 pg_catalog.>,
	FUNCTION 1 maestro.span_id_cmp(maestro.span_id, maestro.span_id),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS maestro.span_id_ops USING btree IS 'order of span_id; equal values are the same bytes, so indexes keep each once';
COMMENT ON OPERATOR FAMILY maestro.span_id_ops USING btree IS 'order of span_id';

CREATE OPERATOR CLASS maestro.span_id_ops DEFAULT FOR TYPE maestro.span_id USING hash AS
	OPERATOR 1 pg_catalog.=,
	FUNCTION 1 maestro.span_id_hash(maestro.span_id),
	FUNCTION 2 maestro.span_id_hash_extended(maestro.span_id, bigint);
COMMENT ON OPERATOR CLASS maestro.span_id_ops USING hash IS 'equality of span_id';
COMMENT ON OPERATOR FAMILY maestro.span_id_ops USING hash IS 'equality of span_id';
