--
-- Proof: what convinces somebody who does not trust the database.
--
CREATE FUNCTION maestro.event_index(event_id bigint) RETURNS bigint
	LANGUAGE c STABLE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_event_index';
COMMENT ON FUNCTION maestro.event_index(bigint) IS 'the event''s place in the Merkle tree, from 0; NULL: it is not sealed, or does not exist';
CREATE FUNCTION maestro.inclusion_proof(event_id bigint, size bigint DEFAULT NULL) RETURNS bytea[]
	LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_inclusion_proof';
COMMENT ON FUNCTION maestro.inclusion_proof(bigint, bigint) IS 'RFC 6962 proof that the event is in the log when it had that size (NULL: now), for verify_inclusion. Errors: P0002 not sealed; 22023 the log did not have that size with it; XX001 tiles are missing';
CREATE FUNCTION maestro.consistency_proof(size1 bigint, size2 bigint) RETURNS bytea[]
	LANGUAGE c STABLE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_consistency_proof';
COMMENT ON FUNCTION maestro.consistency_proof(bigint, bigint) IS 'RFC 6962 proof that the log of size2 begins with that of size1, for verify_consistency. Errors: 22023 sizes that the log has not had; XX001 tiles are missing';
CREATE FUNCTION maestro.proof(event_id bigint) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_proof';
COMMENT ON FUNCTION maestro.proof(bigint) IS 'proof that the event is in the newest signed checkpoint, as text by C2SP tlog-proof@v1: checkable without the database. Errors as inclusion_proof and checkpoint_note';
CREATE FUNCTION maestro.witness_request(old_size bigint) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_witness_request';
COMMENT ON FUNCTION maestro.witness_request(bigint) IS 'body of C2SP tlog-witness add-checkpoint, for a witness that has seen the log at old_size (0: never): a consistency proof and the signed checkpoint. Errors: 22023 the log is smaller than that; others as checkpoint_note';
CREATE FUNCTION maestro.tile_export(level integer, n bigint, width integer DEFAULT 256) RETURNS bytea
	LANGUAGE c STABLE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_tile_export';
COMMENT ON FUNCTION maestro.tile_export(integer, bigint, integer) IS 'the first width hashes of a tile, 32 bytes each: the file tile/<level>/<n> of C2SP tlog-tiles, partial below a width of 256. Errors: 22023 impossible tiles; P0002 not there yet';
CREATE FUNCTION maestro.entries_export(n bigint, width integer DEFAULT 256) RETURNS bytea
	LANGUAGE c STABLE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_entries_export';
COMMENT ON FUNCTION maestro.entries_export(bigint, integer) IS 'the first width entries of a tile, each with its length in two bytes before it: the file tile/entries/<n> of C2SP tlog-tiles. Errors: 22023 impossible tiles; P0002 not there yet, or an event is gone; 54000 an entry of more than 65,535 bytes';

-- All files of the log, in the layout of tlog-tiles; a tile that is full stays as it is.
CREATE FUNCTION maestro.log_files(size bigint, first_tile bigint DEFAULT 0) RETURNS TABLE (path text, content bytea)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	tile_level integer := 0;
	nodes bigint := size;
	tile_no bigint;
	tile_width integer;
	name text;
BEGIN
	WHILE nodes > 0 LOOP
		tile_no := CASE tile_level WHEN 0 THEN first_tile ELSE 0 END;
		WHILE tile_no * 256 < nodes LOOP
			tile_width := least(256, nodes - tile_no * 256);
			name := maestro.tile_name(tile_no) || CASE WHEN tile_width < 256 THEN '.p/' || tile_width ELSE '' END;
			path := format('tile/%s/%s', tile_level, name);
			content := maestro.tile_export(tile_level, tile_no, tile_width);
			RETURN NEXT;
			IF tile_level = 0 THEN
				path := 'tile/entries/' || name;
				content := maestro.entries_export(tile_no, tile_width);
				RETURN NEXT;
			END IF;
			tile_no := tile_no + 1;
		END LOOP;
		tile_level := tile_level + 1;
		nodes := nodes / 256;
	END LOOP;
END
$$;
COMMENT ON FUNCTION maestro.log_files(bigint, bigint) IS 'the files that C2SP tlog-tiles lays out for a log of that size, a row a file, without the checkpoint; first_tile leaves out lower tiles of entries and of level 0, which were exported before. Errors as tile_export and entries_export';
CREATE FUNCTION maestro.tile_name(n bigint) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	-- groups of three digits, all but the last with an x before them
	SELECT regexp_replace(lpad(n::text, (length(n::text) + 2) / 3 * 3, '0'), '(\d{3})(?=\d)', 'x\1/', 'g')
$$;
COMMENT ON FUNCTION maestro.tile_name(bigint) IS 'a tile''s number as tlog-tiles writes it in paths: 1234067 is x001/x234/067';

REVOKE ALL ON FUNCTION maestro.event_index(bigint), maestro.inclusion_proof(bigint, bigint), maestro.consistency_proof(bigint, bigint),
	maestro.proof(bigint), maestro.witness_request(bigint), maestro.tile_export(integer, bigint, integer),
	maestro.entries_export(bigint, integer), maestro.log_files(bigint, bigint), maestro.tile_name(bigint) FROM PUBLIC;
