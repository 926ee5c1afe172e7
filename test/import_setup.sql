-- Events that the owner brings in whole, as a restore does: with the hashes of what they say.
SELECT size AS log_size FROM maestro.seal() \gset
CREATE FUNCTION pg_temp.import(e maestro.event) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	e.stamp := (1::bigint << 48) + pg_current_xact_id()::text::bigint;
	e.salt := decode(md5(e.event_id::text), 'hex');
	e.payload_hash := maestro.event_payload_hash(e);
	e.leaf := maestro.leaf_hash(maestro.event_entry(e))::maestro.digest;
	INSERT INTO maestro.event SELECT (e).*;
END
$$;
