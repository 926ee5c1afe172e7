\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(65);
-- Signed with the key of RFC 8032's test 1, over the canonical text; written here as
-- somebody else would write them.
CREATE TEMP TABLE signed (name text PRIMARY KEY, manifest json, signature bytea);
INSERT INTO signed SELECT n, m::json, decode(s, 'hex') FROM (VALUES
	('first', '{"system": "tap", "name": "planner", "kind": "agent", "version": "1", "timeout": "30 s", "dependencies": [{"name": "search", "credential_ref": "env:KEY"}], "contracts": {"input": {"type": "object", "required": ["q"]}}}',
	 '9770f066663ff196324120a59e78fd9ff90056cc9cc505ca6a0a901021a13ab002edb25f953d9725eb9d8cb49457497f0cd3dc5cd4b6142711bf5cde3827c608'),
	('second', '{"system": "tap", "name": "planner", "kind": "agent", "version": "2", "timeout": "30 s", "dependencies": [{"name": "search", "credential_ref": "env:KEY"}], "contracts": {"input": {"type": "object", "required": ["q"]}}, "issued_at": "2026-01-02T00:00:00Z"}',
	 '470da74847fb6564ae9944a32d7bde9ad7f774dedbec7f4dcee90697ce60c9859b11dee0a6f20f4c532b0e3e9140c782eb127fa27ff1c71fae70a87180fa8408'),
	('older', '{"system": "tap", "name": "planner", "kind": "agent", "version": "1", "timeout": "30 s", "dependencies": [{"name": "search", "credential_ref": "env:KEY"}], "contracts": {"input": {"type": "object", "required": ["q"]}}, "issued_at": "2026-01-01T00:00:00Z"}',
	 'b0c24a1d2a02d8f5731113fed9e59a5d25e453277b18ea4919e47baeaa5986d9f375b5a843ab88345fd449a45deb5d8412c6d7b6d3d20d81050fc742686cdf00'),
	('worker', '{"system": "tap", "name": "worker", "kind": "tool", "version": "1", "tool_schema_digest": "1111111111111111111111111111111111111111111111111111111111111111"}',
	 'd1d60294cbc83e4101798d5f3f00ddcba8c1b5eabcb4c0bb7f2660e78c47d4a7495590f0cb6c191a2e7623f736868c5ea384b9d7820fa98225db53b695c8f406'),
	('short', '{"system": "tap", "name": "planner", "kind": "agent", "version": "3", "issued_at": "2026-01-03T00:00:00Z"}',
	 '36b015f4285b9fe31b61d0d1ba58c63f8c0fe1e1d2ce1c37bdbf73ab7c9b33c90d9838e02ba802bba76032f1428c698b51dfa644ef1903c720f254cc947dbe08'),
	('stranger', '{"system": "tap2", "name": "x", "kind": "agent", "version": "1"}',
	 '6bb841cfb45c260904c928a961280f195a2b247d9d0cd61cc95a98c27388e2f6b12420a8de6a2d5f8ea83400472cd0d075a8dece688d04eee054dec9e19a6805')) AS v (n, m, s);
CREATE FUNCTION pg_temp.register(name text, key text DEFAULT 'release') RETURNS text LANGUAGE sql AS $$
	SELECT maestro.register_signed_component(s.manifest, s.signature, key)::text FROM pg_temp.signed AS s WHERE s.name = register.name
$$;
CREATE FUNCTION pg_temp.refusals() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(message, '; ' ORDER BY event_id) FROM (SELECT * FROM maestro.event WHERE kind = 'rejected' AND reason = 'signature_invalid'
		AND decision = 'deny' AND component_id IS NULL ORDER BY event_id DESC LIMIT 1) AS e
$$;
CREATE FUNCTION pg_temp.answer() RETURNS text LANGUAGE sql AS $$
	SELECT status || ': ' || reason FROM maestro.evaluate_controls('signature') WHERE system = 'tap'
$$;
CREATE TEMP TABLE key AS SELECT decode('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex') AS k;
SELECT lives_ok($$ SELECT maestro.register_system('tap') $$, 'there is a system');
SET client_min_messages = error;

-- Keys.
SELECT is(pg_temp.register('first'), NULL, 'a key that nobody trusts registers nothing');
SELECT is(pg_temp.refusals(), 'tap/planner was not registered: its key is not trusted', 'and the refusal is an event');
SELECT throws_ok(format('SELECT maestro.trust_manifest_key(%L, decode(%L, ''hex''), %s)', n, key, until), code, message, 'refused: ' || message || ', ' || why) FROM (VALUES
	(' x', repeat('ab', 32), 'now() + ''1 day''', '22023', 'name of a key is not acceptable', 'a blank'),
	('x', repeat('ab', 31), 'now() + ''1 day''', '22023', 'public_key is no key of Ed25519 to trust', '31 bytes'),
	('x', repeat('00', 32), 'now() + ''1 day''', '22023', 'public_key is no key of Ed25519 to trust', 'anybody could sign'),
	('x', '01' || repeat('00', 30) || '80', 'now() + ''1 day''', '22023', 'public_key is no key of Ed25519 to trust', 'the same with its sign'),
	('x', repeat('ab', 32), 'now() - interval ''1 s''', '22023', 'valid_until of a key must be a time to come', 'past'),
	('x', repeat('ab', 32), '''infinity''', '22023', 'valid_until of a key must be a time to come', 'never'),
	('x', repeat('ab', 32), 'NULL', '22023', 'valid_until of a key must be a time to come', 'none')) AS v (n, key, until, code, message, why);
-- All of it is taken back: a key has one life.
CREATE FUNCTION pg_temp.expired() RETURNS text LANGUAGE plpgsql AS $f$
BEGIN
	PERFORM maestro.trust_manifest_key('release', k, clock_timestamp() + interval '0.5 s') FROM pg_temp.key;
	PERFORM pg_temp.register('first');
	PERFORM pg_sleep(0.6);
	RAISE EXCEPTION '%', pg_temp.answer();
EXCEPTION WHEN raise_exception THEN
	RETURN SQLERRM;
END
$f$;
SELECT is(pg_temp.expired(), 'alarm: 1 of 1 components were signed with a key that was revoked or has expired, first: tap/planner', 'what a key signed is an alarm once it has expired');
SELECT is(maestro.trust_manifest_key('release', k, clock_timestamp() + interval '1 hour'), 'trusted', 'a key is trusted for a time') FROM key;
SELECT is((SELECT attributes ->> 'key_digest' FROM maestro.event WHERE message = 'key release of manifests was trusted'), (SELECT encode(sha256(k), 'hex') FROM key), 'which is an event of the registry');

-- What is registered is what was signed, even where a number was written otherwise.
CREATE FUNCTION pg_temp.otherwise() RETURNS text LANGUAGE plpgsql AS $f$
BEGIN
	PERFORM maestro.register_system('tap2');
	PERFORM maestro.register_signed_component('{"system": "tap2", "name": "number", "kind": "tool", "version": "1", "contracts": {"input": {"type": "number", "multipleOf": 0.10000000000000001}}}',
		decode('c6e60e3cd4efbcb7eacf38a92d040145ce4e766a1230cf0a05f3145d1ef5133f0763a64735a51029203dc25309dd4bf172ce593ebf4cbd9d3e26b0136df3f700', 'hex'), 'release');
	RAISE EXCEPTION '%', (SELECT k.schema ->> 'multipleOf' FROM maestro.contract AS k JOIN maestro.component AS c USING (component_id) WHERE c.name = 'number');
EXCEPTION WHEN raise_exception THEN
	RETURN SQLERRM;
END
$f$;
SELECT is(pg_temp.otherwise(), '0.1', 'what is registered is what was signed, not another spelling of it');
SELECT throws_ok($$ SELECT maestro.trust_manifest_key('other', k, now() + interval '1 hour') FROM key $$, '42710', NULL, 'the same key has no second name');
SELECT throws_ok($$ SELECT maestro.revoke_manifest_key('nobody', 'lost') $$, '42704', NULL, 'what is not known is not revoked');

-- Registering.
SELECT is(pg_temp.answer(), 'unknown: no component was registered by a signed manifest', 'nothing signed is unknown');
SELECT is(pg_temp.register('first'), 'tap/planner', 'a signed manifest registers its component');
SELECT results_eq($$ SELECT version, timeout, (SELECT count(*) FROM maestro.dependency AS d WHERE d.component_id = c.component_id),
	(SELECT count(*) FROM maestro.contract AS k WHERE k.component_id = c.component_id) FROM maestro.component AS c WHERE name = 'planner' $$,
	$$ VALUES ('1', interval '30 s', 1::bigint, 1::bigint) $$, 'with what it says');
SELECT results_eq($$ SELECT s.document, s.key, s.version, encode(s.signature, 'hex'), maestro.verify_ed25519(k.public_key, convert_to(s.document, 'UTF8'), s.signature), s.digest::text = encode(sha256(convert_to(s.document, 'UTF8')), 'hex')
	FROM maestro.component_signature AS s JOIN maestro.manifest_key AS k USING (key_id) $$,
	$$ SELECT maestro.jcs(manifest), 'release', '1', encode(signature, 'hex'), true, true FROM signed WHERE name = 'first' $$, 'and is kept so that others can verify it');
SELECT is(pg_temp.answer(), 'ok: 1 components are as signed manifests say', 'that is ok');
SELECT is(pg_temp.register('worker'), 'tap/worker', 'another one');
SELECT is(pg_temp.answer(), 'ok: 2 components are as signed manifests say', 'is, too');
SELECT lives_ok($$ SELECT maestro.register_component('tap', 'unsigned', 'agent') $$, 'one without');
SELECT is(pg_temp.answer(), 'alarm: 1 of 3 components are not as a signed manifest says, first: tap/unsigned', 'is an alarm');
SELECT lives_ok($$ SELECT maestro.set_component_state('tap/unsigned', 'retired') $$, 'unless it is retired');
SELECT is(pg_temp.answer(), 'ok: 2 components are as signed manifests say', 'then it is none');
SELECT lives_ok($$ SELECT maestro.set_component_state('tap/worker', 'suspended') $$, 'a state needs no signature');
SELECT is(pg_temp.answer(), 'ok: 2 components are as signed manifests say', 'so a stop is no alarm');
SELECT lives_ok($$ SELECT maestro.update_component('tap/planner', timeout => '60 s') $$, 'a change past the signature');
SELECT is(pg_temp.answer(), 'alarm: 1 of 2 components are not as a signed manifest says, first: tap/planner', 'is one');
SELECT is(pg_temp.register('first'), 'tap/planner', 'until it is registered again');
SELECT is(pg_temp.answer(), 'ok: 2 components are as signed manifests say', 'as it was signed');
SELECT lives_ok($$ SELECT maestro.set_contract('tap/planner', 'input', '{"type": "object", "required": ["q", "r"]}'::json) $$, 'a contract past the signature');
SELECT is(pg_temp.answer(), 'alarm: 1 of 2 components are not as a signed manifest says, first: tap/planner', 'is one, too');
SELECT is((SELECT status::text FROM maestro.component_control WHERE system = 'tap' AND control = 'signature'), 'alarm', 'and posture says so');

-- No byte of it can be another.
SELECT is_empty($$ SELECT i FROM signed AS s, key, convert_to(maestro.jcs(s.manifest), 'UTF8') AS m, generate_series(0, octet_length(m) - 1) AS i
	WHERE maestro.verify_ed25519(k, set_byte(m, i, get_byte(m, i) # 1), signature) $$, 'a signature holds for no manifest with one byte changed');
CREATE FUNCTION pg_temp.altered() RETURNS TABLE (tried bigint, taken bigint) LANGUAGE plpgsql AS $f$
DECLARE
	m bytea := (SELECT convert_to(maestro.jcs(manifest), 'UTF8') FROM pg_temp.signed WHERE name = 'first');
	s bytea := (SELECT signature FROM pg_temp.signed WHERE name = 'first');
	done maestro.regcomponent;
BEGIN
	tried := 0;
	taken := 0;
	FOR i IN 0 .. octet_length(m) - 1 LOOP
		BEGIN
			done := maestro.register_signed_component(convert_from(set_byte(m, i, get_byte(m, i) # 1), 'UTF8')::json, s, 'release');
			tried := tried + 1;
			taken := taken + (done IS NOT NULL)::integer;
		EXCEPTION WHEN OTHERS THEN
			NULL;
		END;
	END LOOP;
	RETURN NEXT;
END
$f$;
SELECT results_eq('SELECT tried > 100, taken FROM pg_temp.altered()', 'VALUES (true, 0::bigint)', 'and registers none');
SELECT is(maestro.register_signed_component(manifest, set_byte(signature, 5, get_byte(signature, 5) # 1), 'release'), NULL, 'nor does another signature') FROM signed WHERE name = 'first';
SELECT is(pg_temp.refusals(), 'tap/planner was not registered: its signature is wrong', 'which is an event');

SELECT throws_ok($$ SELECT maestro.register_signed_component(manifest, convert_to(encode(signature, 'hex'), 'UTF8'), 'release') FROM signed WHERE name = 'first' $$, '22023',
	'a signature of Ed25519 has 64 bytes, not 128', 'what cannot be a signature is an error at once');

-- Order in time, completeness.
SELECT is(pg_temp.register('second'), 'tap/planner', 'a manifest with a time');
SELECT is(pg_temp.register('older'), NULL, 'is followed by no older one');
SELECT is(pg_temp.register('first'), NULL, 'nor by one without');
SELECT is(pg_temp.refusals(), 'tap/planner was not registered: a later manifest was registered', 'so that nobody brings an old version back');
SELECT throws_ok($$ SELECT pg_temp.register('short') $$, '22023', NULL, 'one that leaves out a dependency or contract is an error');
SELECT lives_ok($$ SELECT maestro.set_contract('tap/planner', 'input', '{"type": "object", "required": ["q"]}'::json, '{"minProperties": 1}'::json) $$, 'an overlay is set');
SELECT throws_ok($$ SELECT pg_temp.register('second') $$, '22023', 'the manifest leaves out what is registered: input overlay', 'then one without it is an error');
SELECT lives_ok($$ SELECT maestro.set_contract('tap/planner', 'input', '{"type": "object", "required": ["q"]}'::json, 'true'::json) $$, 'and taken back');
SELECT throws_ok($$ SELECT pg_temp.register('stranger') $$, '42704', 'system is not registered', 'so is one of another system');

-- Locked, revoked, expired.
SELECT is(maestro.lock_registry('tap', 'frozen for the release'), 'locked', 'a locked registry');
SELECT is(pg_temp.register('second'), NULL, 'takes no signed manifest either');
SELECT is(maestro.revoke_manifest_key('release', 'laptop lost'), 'revoked', 'a key is revoked');
SELECT is(maestro.revoke_manifest_key('release', 'laptop lost'), 'unchanged', 'once');
SELECT is((SELECT status || ': ' || reason FROM maestro.component_control WHERE system = 'tap' AND control = 'signature'),
	'alarm: 2 of 2 components were signed with a key that was revoked or has expired, first: tap/planner', 'what it signed is an alarm at once');
SELECT is((SELECT string_agg(component, ' ' ORDER BY component) FROM maestro.signed_state WHERE revoked_at IS NOT NULL), 'tap/planner tap/worker', 'and known');
SELECT is(pg_temp.register('second'), NULL, 'then it registers nothing');
SELECT is(pg_temp.refusals(), 'tap/planner was not registered: its key was revoked', 'which is an event');
SELECT throws_ok($$ SELECT maestro.trust_manifest_key('release2', k, now() + interval '1 hour') FROM key $$, '42710', NULL, 'it is not trusted again');
SELECT is(maestro.trust_manifest_key('brief', decode('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'hex'), clock_timestamp() + interval '0.3 s'), 'trusted', 'a key for a moment');
DO 'BEGIN PERFORM pg_sleep(0.4); END';
SELECT is(pg_temp.register('second', 'brief'), NULL, 'registers nothing afterwards');
SELECT is(pg_temp.refusals(), 'tap/planner was not registered: its key has expired', 'which is an event');
SELECT is((SELECT count(*) FROM maestro.event WHERE kind = 'rejected' AND reason = 'registry_locked'), 1::bigint, 'the lock''s refusal, too');
SELECT is((SELECT regexp_replace(reason, ', last.*', '') FROM maestro.component_control WHERE system = 'tap' AND control = 'registration_reviewed'),
	'118 of 118 refused registrations wait for a review', 'they all wait for a review');
SELECT is_empty('SELECT * FROM maestro.integrity_check()', 'and the guards stand');

SELECT * FROM finish();
ROLLBACK;
