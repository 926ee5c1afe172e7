--
-- Seal: new events go into the Merkle tree.
--
CREATE FUNCTION maestro.seal(OUT sealed bigint, OUT size bigint, OUT root maestro.digest)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_seal';
COMMENT ON FUNCTION maestro.seal() IS
	'adds all events that have committed since the last seal to the log''s Merkle tree, in the order of their transactions, and stores a checkpoint if there were any: how many, the log''s size and its root. Each is hashed again first. Makes the log, or a new incarnation after a restore. Runs at READ COMMITTED; events of the calling transaction wait for the next seal. Errors: MA003 an event is not what was logged; 25000 another isolation level; 25006 on a standby';

-- Pure functions of RFC 6962 and RFC 9162; hashes are 32 bytes.
CREATE FUNCTION maestro.leaf_hash(entry bytea) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_leaf_hash';
COMMENT ON FUNCTION maestro.leaf_hash(bytea) IS 'RFC 6962 hash of a leaf: SHA-256 of a byte 0 and the entry';
CREATE FUNCTION maestro.merkle_root(leaves bytea[]) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_merkle_root';
COMMENT ON FUNCTION maestro.merkle_root(bytea[]) IS 'RFC 6962 root of a tree with these leaf hashes; of none the hash of nothing. Error 22023: a leaf that is not 32 bytes';
CREATE FUNCTION maestro.verify_inclusion(leaf bytea, index bigint, size bigint, proof bytea[], root bytea) RETURNS boolean
	LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_verify_inclusion';
COMMENT ON FUNCTION maestro.verify_inclusion(bytea, bigint, bigint, bytea[], bytea) IS 'RFC 9162: is the leaf at that index (from 0) of a tree of that size and root? False for whatever is no proof, NULL and wrong lengths included';
CREATE FUNCTION maestro.verify_consistency(size1 bigint, size2 bigint, proof bytea[], root1 bytea, root2 bytea) RETURNS boolean
	LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_verify_consistency';
COMMENT ON FUNCTION maestro.verify_consistency(bigint, bigint, bytea[], bytea, bytea) IS 'RFC 9162: does the tree of size2 begin with that of size1? False for whatever is no proof; size1 0 is false, since a proof from the empty tree means nothing; equal sizes take an empty proof and equal roots';
-- What is hashed of an event.
CREATE FUNCTION maestro.event_payload_hash(event maestro.event) RETURNS maestro.digest
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_event_payload_hash';
COMMENT ON FUNCTION maestro.event_payload_hash(maestro.event) IS 'SHA-256 of salt and payload as they stand in the row; of an erased one what is stored. Errors: 22023 the row cannot be hashed; 55000 there is no log yet';
CREATE FUNCTION maestro.event_entry(event maestro.event) RETURNS bytea
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_event_entry';
COMMENT ON FUNCTION maestro.event_entry(maestro.event) IS 'the bytes of an event whose leaf_hash the Merkle tree holds, by the row''s stored payload hash; docs/trace-format.md. Errors as event_payload_hash';
CREATE FUNCTION maestro.event_payload(event maestro.event) RETURNS bytea
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_event_payload';
COMMENT ON FUNCTION maestro.event_payload(maestro.event) IS 'the bytes of an event''s payload, which are hashed behind its salt; docs/trace-format.md. Error 55000: there is no log yet';
REVOKE ALL ON FUNCTION maestro.event_payload(maestro.event), maestro.event_payload_hash(maestro.event), maestro.event_entry(maestro.event), maestro.seal() FROM PUBLIC;
