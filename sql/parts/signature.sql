--
-- Signature: components that are registered by a manifest that somebody signed.
--
-- A manifest of one component says all of it: {"system", "name", "kind",
-- "version", ...} with the keys that a component has in apply_manifest's, and
-- "issued_at" if it is to hold against older ones.  It is signed with Ed25519
-- over its canonical text (jcs), so that blanks and the order of keys don't matter.
-- What it does not mention is set back: nothing is left of what was not signed.
--
CREATE FUNCTION maestro.is_weak_key(public_key bytea) RETURNS boolean
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	-- Points of small order, also as numbers that are not reduced.
	SELECT set_byte(public_key, 31, get_byte(public_key, 31) & 127) IN (
		'\x0000000000000000000000000000000000000000000000000000000000000000',
		'\x0100000000000000000000000000000000000000000000000000000000000000',
		'\x26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
		'\xc7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
		'\xecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
		'\xedffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
		'\xeeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')
$$;
COMMENT ON FUNCTION maestro.is_weak_key(bytea) IS 'is it one of the public keys by which anybody can sign?';

CREATE FUNCTION maestro.trust_manifest_key_as(caller oid, name text, public_key bytea, valid_until timestamptz) RETURNS text
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM maestro.check_name('key', name);
	IF octet_length(public_key) IS DISTINCT FROM 32 OR maestro.is_weak_key(public_key) THEN
		PERFORM maestro.refuse('22023', 'public_key is no key of Ed25519 to trust', 'It is 32 bytes, as RFC 8032 has them: the last 32 of openssl pkey -pubout -outform DER.');
	END IF;
	IF valid_until IS NULL OR valid_until = 'infinity' OR valid_until <= clock_timestamp() THEN
		PERFORM maestro.refuse('22023', 'valid_until of a key must be a time to come');
	END IF;
	IF EXISTS (SELECT FROM maestro.manifest_key AS k WHERE k.name = trust_manifest_key_as.name OR k.public_key = trust_manifest_key_as.public_key) THEN
		PERFORM maestro.refuse('42710', 'a key of that name, or that very key, is known already',
			'A key that was revoked is not trusted again, and one that expires is followed by another: make one, with a name of its own.');
	END IF;
	INSERT INTO maestro.manifest_key (name, public_key, valid_until, trusted_by) VALUES (name, public_key, valid_until, maestro.role_name(caller));
	PERFORM maestro.record_registry(caller, NULL, NULL, format('key %s of manifests was trusted', name),
		jsonb_build_object('key', name, 'key_digest', encode(sha256(public_key), 'hex'), 'valid_until', valid_until, 'login', maestro.login_role()));
	RETURN 'trusted';
END
$$;
COMMENT ON FUNCTION maestro.trust_manifest_key_as(oid, text, bytea, timestamptz) IS 'does trust_manifest_key''s work, as the owner';
CREATE FUNCTION maestro.trust_manifest_key(name text, public_key bytea, valid_until timestamptz) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.trust_manifest_key(text, bytea, timestamptz) IS
	'lets manifests of components be signed with a key until then, and returns trusted. public_key: the 32 bytes of an Ed25519 key. Keys of checkpoints are another matter: trust_key. Errors: 22023 no such key, a bad name or time; 42710 the name or key is known, revoked ones included';

CREATE FUNCTION maestro.revoke_manifest_key_as(caller oid, name text, reason text) RETURNS text
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	k maestro.manifest_key;
BEGIN
	PERFORM maestro.check_words('reason of a revocation', reason, 1);
	SELECT * INTO k FROM maestro.manifest_key AS x WHERE x.name = revoke_manifest_key_as.name FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM maestro.refuse('42704', 'there is no key of that name', 'The table maestro.manifest_key lists them.');
	END IF;
	IF k.revoked_at IS NOT NULL THEN
		RETURN 'unchanged';
	END IF;
	UPDATE maestro.manifest_key AS x SET revoked_at = clock_timestamp(), revoked_by = maestro.role_name(caller) WHERE x.key_id = k.key_id;
	PERFORM maestro.record_registry(caller, NULL, NULL, format('key %s of manifests was revoked', name),
		jsonb_build_object('key', name, 'reason', reason, 'login', maestro.login_role()));
	-- Posture is not to be ok until somebody looks again.
	IF EXISTS (SELECT FROM maestro.component_signature AS s WHERE s.key_id = k.key_id) THEN
		PERFORM maestro.evaluate_signature(caller);
	END IF;
	RETURN 'revoked';
END
$$;
COMMENT ON FUNCTION maestro.revoke_manifest_key_as(oid, text, text) IS 'does revoke_manifest_key''s work, as the owner';
CREATE FUNCTION maestro.revoke_manifest_key(name text, reason text) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.revoke_manifest_key(text, text) IS
	'ends the trust in a key for ever and returns revoked, or unchanged when it was. What was registered with it stays, but the control signature is an alarm from then on where that is so; signed_state says what it is. Errors: 42704 no such key; 22004, 22023 no reason';

CREATE FUNCTION maestro.component_fingerprint(component_id integer) RETURNS maestro.digest
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET "IntervalStyle" = 'postgres' SET "DateStyle" = 'ISO' AS $$
	SELECT encode(sha256(convert_to(jsonb_build_object(
			'component', (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(to_jsonb(c)) AS e
				WHERE e.key = ANY (maestro.component_keys()) AND e.value <> 'null'),
			'dependencies', (SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(d) - ARRAY['dependency_id', 'component_id', 'created_at', 'updated_at']) ORDER BY d.name)
				FROM maestro.dependency AS d WHERE d.component_id = c.component_id),
			'contracts', (SELECT jsonb_agg(jsonb_build_array(k.direction, t.name, k.schema, k.overlay) ORDER BY k.direction, t.name)
				FROM (SELECT DISTINCT ON (o.direction, o.target_id) o.* FROM maestro.contract AS o WHERE o.component_id = c.component_id
						ORDER BY o.direction, o.target_id, o.version DESC) AS k
				LEFT JOIN maestro.component AS t ON t.component_id = k.target_id))::text, 'UTF8')), 'hex')::maestro.digest
	  FROM maestro.component AS c WHERE c.component_id = component_fingerprint.component_id
$$;
COMMENT ON FUNCTION maestro.component_fingerprint(integer) IS 'SHA-256 of what is registered of a component, its dependencies and contracts included and its state left out';

CREATE FUNCTION maestro.signature_fault(k maestro.manifest_key, document text, signature bytea) RETURNS text
	LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE
		WHEN k.key_id IS NULL THEN 'its key is not trusted'
		WHEN k.revoked_at IS NOT NULL THEN 'its key was revoked'
		WHEN k.valid_until <= clock_timestamp() THEN 'its key has expired'
		WHEN maestro.verify_ed25519(k.public_key, convert_to(document, 'UTF8'), signature) IS NOT TRUE THEN 'its signature is wrong' END
$$;
COMMENT ON FUNCTION maestro.signature_fault(maestro.manifest_key, text, bytea) IS 'why a signature does not count; NULL when it does';

CREATE FUNCTION maestro.signature_hint(fault text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE fault
		WHEN 'its key is not trusted' THEN 'The table maestro.manifest_key lists keys by name; maestro.trust_manifest_key adds one.'
		WHEN 'its key was revoked' THEN 'A key that was revoked is not trusted again: sign with another one.'
		WHEN 'its key has expired' THEN 'Sign with a key that is in force; maestro.trust_manifest_key adds one.'
		WHEN 'its signature is wrong' THEN 'What is signed are the bytes of maestro.jcs(manifest) in UTF-8, by Ed25519: 64 bytes.'
		ELSE 'Issue it anew, with an "issued_at" after that of the one that is registered.' END
$$;
COMMENT ON FUNCTION maestro.signature_hint(text) IS 'what to do about a fault of register_signed_component';

-- The component as the manifest has it, what it does not mention set back.
CREATE FUNCTION maestro.signed_component(doc jsonb) RETURNS jsonb
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT (SELECT jsonb_object_agg(n.key, NULL) FROM unnest(maestro.component_keys()) AS n (key))
		|| coalesce((SELECT jsonb_build_object('own_process', false, 'layer', k.layer, 'further_layers', k.further_layers)
					   FROM maestro.kind_layer AS k WHERE k.kind::text = doc ->> 'kind'), '{}')
		|| (doc - ARRAY['system', 'dependencies', 'contracts', 'issued_at'])
$$;
COMMENT ON FUNCTION maestro.signed_component(jsonb) IS 'the component of a manifest of one, with all keys';

CREATE FUNCTION maestro.check_signed_manifest(doc jsonb, component_id integer) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	left_out text;
BEGIN
	IF doc ->> 'kind' IS NULL OR doc ->> 'version' IS NULL THEN
		PERFORM maestro.refuse('22023', 'a manifest of a component needs "kind" and "version"');
	END IF;
	SELECT x.what INTO left_out
	  FROM (SELECT 'dependency ' || d.name AS what FROM maestro.dependency AS d
			 WHERE d.component_id = check_signed_manifest.component_id
			   AND NOT EXISTS (SELECT FROM maestro.manifest_list(doc, 'dependencies') AS e WHERE e ->> 'name' = d.name)
			UNION ALL
			SELECT k.direction || CASE WHEN doc #> (ARRAY['contracts'] || k.path) IS NULL THEN ' contract' ELSE ' overlay' END
			  FROM (SELECT DISTINCT ON (o.direction, o.target_id) o.direction, o.overlay, array_remove(ARRAY[o.direction, t.name], NULL) AS path
					  FROM maestro.contract AS o LEFT JOIN maestro.component AS t ON t.component_id = o.target_id
					 WHERE o.component_id = check_signed_manifest.component_id ORDER BY o.direction, o.target_id, o.version DESC) AS k
			 WHERE doc #> (ARRAY['contracts'] || k.path) IS NULL
				OR k.overlay IS NOT NULL AND doc #> (ARRAY['contracts', 'overlays'] || k.path) IS NULL) AS x
	 LIMIT 1;
	IF left_out IS NOT NULL THEN
		PERFORM maestro.refuse('22023', format('the manifest leaves out what is registered: %s', left_out),
			'A signed manifest says all of a component, so that nothing is left of what was not signed.');
	END IF;
END
$$;
COMMENT ON FUNCTION maestro.check_signed_manifest(jsonb, integer) IS 'raises 22023 unless a manifest says all of the component that is registered';

CREATE FUNCTION maestro.register_signed_component_as(caller oid, manifest json, signature bytea, key text) RETURNS maestro.regcomponent
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	document text := maestro.jcs(manifest);
	-- what was signed, not what was sent: a number may be written otherwise there
	doc jsonb := document::jsonb;
	fingerprint maestro.digest := encode(sha256(convert_to(document, 'UTF8')), 'hex')::maestro.digest;
	system integer;
	old integer;
	label text;
	k maestro.manifest_key;
	fault text;
	issued timestamptz;
BEGIN
	IF manifest IS NULL OR signature IS NULL OR key IS NULL THEN
		PERFORM maestro.refuse('22004', 'manifest, signature and key must not be null');
	END IF;
	IF octet_length(signature) <> 64 THEN
		PERFORM maestro.refuse('22023', format('a signature of Ed25519 has 64 bytes, not %s', octet_length(signature)), 'Hexadecimal digits are bytes where \x stands before them.');
	END IF;
	IF jsonb_typeof(doc) <> 'object' OR jsonb_typeof(doc -> 'system') IS DISTINCT FROM 'string' OR jsonb_typeof(doc -> 'name') IS DISTINCT FROM 'string' THEN
		PERFORM maestro.refuse('22023', 'a manifest of a component is an object with "system" and "name"',
			'For example {"system": "crew", "name": "planner", "kind": "agent", "version": "2"}.');
	END IF;
	PERFORM maestro.check_name('component', doc ->> 'name');
	system := maestro.system_id(doc ->> 'system');
	label := format('%s/%s', doc ->> 'system', doc ->> 'name');
	old := (SELECT c.component_id FROM maestro.component AS c WHERE c.system_id = system AND c.name = doc ->> 'name');
	-- Shared with who revokes it: what is registered first counts as signed before.
	SELECT * INTO k FROM maestro.manifest_key AS x WHERE x.name = key FOR SHARE;
	-- Of two who register it one waits for the other, and sees what that one did.
	PERFORM FROM maestro.component AS c WHERE c.component_id = old FOR UPDATE;
	fault := maestro.signature_fault(k, document, signature);
	IF fault IS NULL THEN
		issued := maestro.issued_at(doc);
		SELECT CASE WHEN s.issued_at > issued OR issued IS NULL THEN 'a later manifest was registered' END INTO fault
		  FROM maestro.component_signature AS s WHERE s.component_id = old AND s.issued_at IS NOT NULL ORDER BY s.issued_at DESC LIMIT 1;
	END IF;
	IF fault IS NOT NULL THEN
		PERFORM maestro.deny(caller, system, old, 'signature_invalid', format('%s was not registered: %s', label, fault),
			maestro.signature_hint(fault),
			jsonb_build_object('manifest_digest', fingerprint::text, 'key', left(key, 255)));
		RETURN NULL;
	END IF;
	IF maestro.locked_out(caller, system, old, label) THEN
		RETURN NULL;
	END IF;
	PERFORM maestro.check_signed_manifest(doc, old);
	old := (SELECT p.component_id FROM maestro.put_component(caller, system, maestro.signed_component(doc), 'apply') AS p);
	PERFORM p.action FROM maestro.manifest_list(doc, 'dependencies') AS e, maestro.put_dependency(caller, old, e, 'apply') AS p;
	IF doc ? 'contracts' THEN
		PERFORM p.action FROM maestro.manifest_contracts(caller, old, label, doc -> 'contracts') AS p;
	END IF;
	INSERT INTO maestro.component_signature (component_id, version, document, digest, signature, key_id, key, issued_at, registered, registered_by)
	VALUES (old, doc ->> 'version', document, fingerprint, signature, k.key_id, k.name, issued, maestro.component_fingerprint(old), maestro.role_name(caller));
	PERFORM maestro.record_registry(caller, system, old, format('component %s registered by a manifest signed with key %s', label, k.name),
		jsonb_build_object('manifest_digest', fingerprint::text, 'key', k.name, 'signature', encode(signature, 'hex')));
	RETURN old::maestro.regcomponent;
END
$$;
COMMENT ON FUNCTION maestro.register_signed_component_as(oid, json, bytea, text) IS 'does register_signed_component''s work, as the owner';
CREATE FUNCTION maestro.register_signed_component(manifest json, signature bytea, key text) RETURNS maestro.regcomponent
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.register_signed_component(json, bytea, text) IS
	'registers a component, or changes it, as a manifest of one says that was signed over maestro.jcs(manifest) with a key of manifest_key, and returns it. manifest: system, name, kind, version, the other keys of a component in apply_manifest''s documents, dependencies, contracts, and issued_at: from then on only manifests issued later, or then, are taken. What it does not mention is set back. NULL, a warning and an event of kind rejected when the key is unknown, revoked or expired, the signature is wrong or the manifest is older (reason signature_invalid), or the registry is locked (registry_locked). Errors: 42704 no such system; 22023 bad manifest, or it leaves out a dependency or contract that is registered; 22003, 22023, 54000 as jcs; 22004 NULL';

CREATE FUNCTION maestro.issued_at(doc jsonb) RETURNS timestamptz
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	at timestamptz;
BEGIN
	IF doc -> 'issued_at' IS NULL THEN
		RETURN NULL;
	END IF;
	IF doc ->> 'issued_at' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$' IS NOT TRUE THEN
		PERFORM maestro.refuse('22023', 'issued_at of a manifest is no time', 'It is written like 2026-01-31T12:00:00Z.');
	END IF;
	at := doc ->> 'issued_at';
	IF at > clock_timestamp() + interval '5 minutes' THEN
		PERFORM maestro.refuse('22023', 'issued_at of a manifest is to come', 'No manifest could follow it until then.');
	END IF;
	RETURN at;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
	PERFORM maestro.refuse('22023', 'issued_at of a manifest is no time', 'It is written like 2026-01-31T12:00:00Z.');
END
$$;
COMMENT ON FUNCTION maestro.issued_at(jsonb) IS 'when a manifest says that it was issued; 22023 when that is no time, or to come';

-- What components are now, against what was signed.
CREATE VIEW maestro.signed_state WITH (security_barrier = true) AS
	SELECT c.system_id, c.component_id, s.name || '/' || c.name AS component, n.key, n.version, n.registered_at, n.registered, k.revoked_at,
		   CASE WHEN k.valid_until <= clock_timestamp() THEN k.valid_until END AS expired_at
	  FROM maestro.component c
	  JOIN maestro.readable_system s ON s.system_id = c.system_id
	  LEFT JOIN LATERAL (SELECT * FROM maestro.component_signature g WHERE g.component_id = c.component_id ORDER BY g.signature_id DESC LIMIT 1) n ON true
	  LEFT JOIN maestro.manifest_key k ON k.key_id = n.key_id
	 WHERE c.state <> 'retired' AND c.kind <> 'trace_store';
COMMENT ON VIEW maestro.signed_state IS 'components that are not retired, the log''s own apart, and the signed manifest that each was last registered by (NULL: there is none); whether it is still as that says is found by evaluate_controls(''signature'')';
COMMENT ON COLUMN maestro.signed_state.revoked_at IS 'its key was revoked afterwards';
COMMENT ON COLUMN maestro.signed_state.expired_at IS 'its key has expired afterwards';

CREATE FUNCTION maestro.evaluate_signature(caller oid) RETURNS timestamptz
	LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	WITH run AS (SELECT clock_timestamp() AS at),
	stored AS (
		INSERT INTO maestro.control_result (control, evaluated_at, system_id, status, reason, evidence_count, newest_evidence, remedy, details, evaluated_by)
		SELECT 'signature', run.at, n.system_id,
			   (CASE WHEN n.signed = 0 THEN 'unknown' WHEN n.same < n.components OR n.ended > 0 THEN 'alarm' ELSE 'ok' END)::maestro.control_status,
			   left(CASE WHEN n.signed = 0 THEN 'no component was registered by a signed manifest'
					WHEN n.same < n.components THEN format('%s of %s components are not as a signed manifest says, first: %s', n.components - n.same, n.components, n.first)
							|| CASE WHEN n.ended > 0 THEN format('; %s signed with a key that was revoked or has expired, first: %s', n.ended, n.first_ended) ELSE '' END
					WHEN n.ended > 0 THEN format('%s of %s components were signed with a key that was revoked or has expired, first: %s', n.ended, n.components, n.first_ended)
					ELSE format('%s components are as signed manifests say', n.components) END, 500),
			   n.same, n.newest, CASE WHEN n.signed = 0 THEN 'Register the components from signed manifests: maestro.register_signed_component.' END, jsonb_build_object('revoked_since', n.revoked, 'expired_since', n.expired), maestro.role_name(caller)
		  FROM run CROSS JOIN (SELECT s.system_id, count(v.component_id) AS components, count(v.registered_at) AS signed,
							count(*) FILTER (WHERE v.is_same) AS same, count(v.revoked_at) AS revoked, count(v.expired_at) AS expired, max(v.registered_at) AS newest,
							min(v.component) FILTER (WHERE v.is_same IS NOT TRUE) AS first,
							count(*) FILTER (WHERE v.revoked_at IS NOT NULL OR v.expired_at IS NOT NULL) AS ended,
							min(v.component) FILTER (WHERE v.revoked_at IS NOT NULL OR v.expired_at IS NOT NULL) AS first_ended
					   FROM maestro.system AS s LEFT JOIN (SELECT x.*, x.registered = maestro.component_fingerprint(x.component_id) AS is_same FROM maestro.signed_state AS x) AS v
						 ON v.system_id = s.system_id
					  GROUP BY s.system_id) AS n
		RETURNING evaluated_at)
	SELECT max(evaluated_at) FROM stored
$$;
COMMENT ON FUNCTION maestro.evaluate_signature(oid) IS 'compares all components with their signed manifests, whose keys have to be in force still, and stores a result a system; evidence_count: components that are as signed';

REVOKE ALL ON FUNCTION maestro.is_weak_key(bytea), maestro.trust_manifest_key_as(oid, text, bytea, timestamptz), maestro.trust_manifest_key(text, bytea, timestamptz),
	maestro.revoke_manifest_key_as(oid, text, text), maestro.revoke_manifest_key(text, text), maestro.component_fingerprint(integer),
	maestro.signature_fault(maestro.manifest_key, text, bytea), maestro.signature_hint(text), maestro.signed_component(jsonb), maestro.check_signed_manifest(jsonb, integer),
	maestro.register_signed_component_as(oid, json, bytea, text), maestro.register_signed_component(json, bytea, text),
	maestro.issued_at(jsonb), maestro.evaluate_signature(oid) FROM PUBLIC;
