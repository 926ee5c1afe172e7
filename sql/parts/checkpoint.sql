--
-- Checkpoint: the log's size and root, signed, so that copies of it outside tell
-- of whatever is changed inside.
--
CREATE FUNCTION maestro.checkpoint_body() RETURNS text
	LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_checkpoint_body';
COMMENT ON FUNCTION maestro.checkpoint_body() IS 'text of the newest checkpoint by C2SP tlog-checkpoint: origin, size and root, a line each; what is signed outside. Errors: MA004 a copy of the log that was not adopted; 25000 the checkpoint is of this transaction; 55000 there is none';
CREATE FUNCTION maestro.checkpoint_note() RETURNS text
	LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_checkpoint_note';
COMMENT ON FUNCTION maestro.checkpoint_note() IS 'the newest checkpoint as a C2SP signed note: signed with the key of maestro.seal_key_file, or, where there is none, the newest one that came back signed outside; with what witnesses added. Errors as checkpoint_body; 55000 no key; F0000 its file is readable by others';
CREATE FUNCTION maestro.add_checkpoint_signature(note text) RETURNS integer
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_add_checkpoint_signature';
COMMENT ON FUNCTION maestro.add_checkpoint_signature(text) IS 'keeps a note''s signatures of a checkpoint of this log that are right by a trusted key (trust_key), and returns how many were new; lines of other keys count for nothing. Errors: 22023 no signed checkpoint, or a trusted key''s line is wrong; MA003 no checkpoint of this log; 55000 no key is trusted';

CREATE FUNCTION maestro.trust_key_as(caller oid, vkey text) RETURNS integer
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	key integer;
BEGIN
	-- Raises if it is no verifier key.
	PERFORM maestro.verify_note('', vkey);
	IF vkey IS NULL OR EXISTS (SELECT FROM maestro.trusted_key AS k WHERE k.vkey = trust_key_as.vkey AND k.ended_at IS NULL) THEN
		RAISE EXCEPTION 'this key is trusted already, or NULL' USING ERRCODE = 'invalid_parameter_value';
	ELSIF (SELECT count(*) FROM maestro.trusted_key AS k WHERE k.ended_at IS NULL) >= 32 THEN
		RAISE EXCEPTION '32 keys are trusted at most' USING ERRCODE = 'program_limit_exceeded';
	END IF;
	INSERT INTO maestro.trusted_key (vkey, trusted_by) VALUES (trust_key_as.vkey, maestro.role_name(caller)) RETURNING key_id INTO key;
	PERFORM maestro.record_registry(caller, NULL, NULL, 'a key of checkpoints was trusted', jsonb_build_object('key_id', key, 'vkey', vkey), NULL);
	RETURN key;
END
$$;
COMMENT ON FUNCTION maestro.trust_key_as(oid, text) IS 'does trust_key''s work, as the owner';
CREATE FUNCTION maestro.trust_key(vkey text) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.trust_key(text) IS 'lets add_checkpoint_signature keep signatures of this verifier key, a witness''s or the log''s own where it is signed outside; returns its number. Errors: 22023 no verifier key, or trusted already; 54000 more than 32';

CREATE FUNCTION maestro.distrust_key_as(caller oid, key_id integer) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	UPDATE maestro.trusted_key AS k SET ended_at = clock_timestamp() WHERE k.key_id = distrust_key_as.key_id AND k.ended_at IS NULL;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'key % is not trusted', key_id USING ERRCODE = 'undefined_object';
	END IF;
	PERFORM maestro.record_registry(caller, NULL, NULL, 'a key of checkpoints is not trusted any more', jsonb_build_object('key_id', key_id), NULL);
END
$$;
COMMENT ON FUNCTION maestro.distrust_key_as(oid, integer) IS 'does distrust_key''s work, as the owner';
CREATE FUNCTION maestro.distrust_key(key_id integer) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.distrust_key(integer) IS 'ends the trust in a key; signatures that were kept stay. Error 42704: it is not trusted';

CREATE FUNCTION maestro.verify_note(note text, vkey text) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'maestro_verify_note';
COMMENT ON FUNCTION maestro.verify_note(text, text) IS 'is the C2SP signed note signed with this verifier key (Ed25519, or a witness''s cosignature)? Other keys'' lines count for nothing, a wrong one of this key makes it false. Error 22023: no verifier key';
CREATE FUNCTION maestro.generate_log_key(path text) RETURNS text
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_generate_log_key';
COMMENT ON FUNCTION maestro.generate_log_key(text) IS 'makes a private key for signing checkpoints in a new file on the server, with mode 0600, and returns the public verifier key; maestro.seal_key_file names the file. Superusers only. Errors: 42501; 58P02 the file exists; others of files';
CREATE FUNCTION maestro.log_public_key() RETURNS text
	LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_log_public_key';
COMMENT ON FUNCTION maestro.log_public_key() IS 'verifier key of the log''s present name and the key of maestro.seal_key_file; NULL without log. Errors as checkpoint_note''s of keys';

-- A restored or copied log may be the log, or may not: only somebody can tell.
CREATE FUNCTION maestro.adopt_log_as(caller oid, reason text) RETURNS integer
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	adopted integer;
BEGIN
	IF reason IS NULL OR btrim(reason) = '' THEN
		RAISE EXCEPTION 'adopting a log needs a reason' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	PERFORM maestro.seal();
	UPDATE maestro.incarnation SET adopted_at = clock_timestamp(), reason = incarnation.reason || '; adopted: ' || maestro.sanitize(adopt_log_as.reason)
	 WHERE no = (SELECT max(no) FROM maestro.incarnation) AND adopted_at IS NULL RETURNING no INTO adopted;
	IF adopted IS NULL THEN
		RAISE EXCEPTION 'this log is adopted already' USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'Only a restored or copied log needs that.';
	END IF;
	PERFORM maestro.record_registry(caller, NULL, NULL, 'the log was adopted',
		jsonb_build_object('incarnation', adopted, 'reason', reason), NULL);
	RETURN adopted;
END
$$;
COMMENT ON FUNCTION maestro.adopt_log_as(oid, text) IS 'does adopt_log''s work, as the owner';
CREATE FUNCTION maestro.adopt_log(reason text) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.adopt_log(text) IS 'says that this restored or copied database continues the log, and is the only one that does: from then on its checkpoints are signed again. Returns the incarnation. Errors: 22023 no reason; 55000 nothing to adopt';

CREATE FUNCTION maestro.log_fork_as(caller oid, reason text) RETURNS text
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	old record;
	new_origin text;
BEGIN
	IF reason IS NULL OR btrim(reason) = '' THEN
		RAISE EXCEPTION 'a fork of the log needs a reason' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	PERFORM maestro.seal();
	SELECT l.origin, c.size, c.root INTO old
	  FROM maestro.log AS l LEFT JOIN maestro.checkpoint AS c ON true ORDER BY c.size DESC NULLS LAST LIMIT 1;
	UPDATE maestro.log SET origin = regexp_replace(origin, '/[0-9]+$', '') || '/' || coalesce(substring(origin FROM '/([0-9]+)$')::integer, 1) + 1
	RETURNING origin INTO new_origin;
	UPDATE maestro.incarnation SET adopted_at = coalesce(adopted_at, clock_timestamp())
	 WHERE no = (SELECT max(no) FROM maestro.incarnation);
	PERFORM maestro.record_registry(caller, NULL, NULL, 'the log was forked',
		jsonb_build_object('origin', new_origin, 'old_origin', old.origin, 'old_size', old.size, 'old_root', old.root, 'reason', reason), NULL);
	RETURN new_origin;
END
$$;
COMMENT ON FUNCTION maestro.log_fork_as(oid, text) IS 'does log_fork''s work, as the owner';
CREATE FUNCTION maestro.log_fork(reason text) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.log_fork(text) IS 'gives the log a new name, origin/2 and so on, which it returns: for a copy beside the log, or a log that lost events that a witness has seen. The next event says which checkpoint it continues. Witnesses see a new log, and its verifier key is log_public_key(). Error 22023: no reason';

REVOKE ALL ON FUNCTION maestro.trust_key_as(oid, text), maestro.trust_key(text), maestro.distrust_key_as(oid, integer),
	maestro.distrust_key(integer), maestro.checkpoint_body(), maestro.checkpoint_note(), maestro.add_checkpoint_signature(text),
	maestro.generate_log_key(text), maestro.log_public_key(), maestro.adopt_log_as(oid, text), maestro.adopt_log(text),
	maestro.log_fork_as(oid, text), maestro.log_fork(text) FROM PUBLIC;
