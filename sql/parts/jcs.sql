--
-- JCS: the canonical text of a JSON document, and who signed it.
--
CREATE FUNCTION maestro.jcs(document json) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_jcs';
COMMENT ON FUNCTION maestro.jcs(json) IS
	'the canonical text of a document by RFC 8785 (JSON Canonicalization Scheme), which is what manifests are signed over: no blanks, keys in the order of their UTF-16 units, numbers as ECMAScript prints doubles. Errors: 22003 a number beyond doubles, an integer that is no double exactly, more than 17 digits; 22023 a key twice in one object, half a surrogate pair; 54000 more than 4 MB or 100 levels';

CREATE FUNCTION maestro.verify_ed25519(public_key bytea, message bytea, signature bytea) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_verify_ed25519';
COMMENT ON FUNCTION maestro.verify_ed25519(bytea, bytea, bytea) IS
	'is this the Ed25519 signature (RFC 8032, 64 bytes) of the message by the public key (32 bytes)? Error: 22023 a key of another length';
