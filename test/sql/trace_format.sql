\set ECHO none
-- The examples of docs/trace-format.md, as the server has them.
BEGIN;
\i test/tap_setup.sql
SET LOCAL timezone = 'UTC';
SELECT plan(29);

-- The examples' log: made by a seal, then given their id, which the end undoes.
\o /dev/null
SELECT * FROM maestro.seal();
SET LOCAL maestro.maintenance = on;
ALTER TABLE maestro.log DISABLE TRIGGER ALL;
UPDATE maestro.log SET log_id = '00112233-4455-6677-8899-aabbccddeeff';
\o

-- ---- canonical JSON ------------------------------------------------------

-- As the field findings of an entry has it, behind 83 bytes and before 48.
CREATE FUNCTION pg_temp.canonical(value jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	event maestro.event := jsonb_populate_record(NULL::maestro.event, '{"event_id": 1, "recorded_at": "2026-01-02 03:04:05+00",
		"occurred_at": "2026-01-02 03:04:05+00", "kind": "note", "level": "info", "caller": "a", "session_role": "b",
		"stamp": 281474976710657, "payload_hash": "0000000000000000000000000000000000000000000000000000000000000001"}');
	entry bytea;
BEGIN
	event.findings := value;
	entry := maestro.event_entry(event);
	RETURN convert_from(substring(entry FROM 84 FOR octet_length(entry) - 83 - 48), 'UTF8');
END
$$;
SELECT is(pg_temp.canonical(value), canonical, format('canonical JSON of %s', value)) FROM (VALUES
	(jsonb 'null', 'null'),
	('7', '7'),
	('1.10', '11e-1'),
	('-1200', '-12e2'),
	('-0.000', '0'),
	('1e300', '1e300'),
	('0.0000001', '1e-7'),
	('100000000000000000001', '100000000000000000001'),
	('"a\tb \"c\" \\ \/ \u00e9"', '"a\u0009b \"c\" \\ / é"'),
	('[]', '[]'),
	('{"b": [1, 2.50, null], "aa": {}, "a": true}', '{"a":true,"aa":{},"b":[1,25e-1,null]}'),
	('{"😀": 1, "ｆ": 2, "": 3}', '{"":3,"ｆ":2,"😀":1}')) AS v (value, canonical);

-- ---- whole events --------------------------------------------------------

CREATE FUNCTION pg_temp.event(columns jsonb) RETURNS maestro.event LANGUAGE sql AS $$
	SELECT jsonb_populate_record(NULL::maestro.event, columns)
$$;
CREATE TEMP TABLE example AS SELECT name, columns, salt, payload, payload_hash, entry, leaf FROM (VALUES
	('smallest', jsonb '{"event_id": 1, "stamp": 281474976711406,
		"recorded_at": "2026-01-02 03:04:05.678901+00", "occurred_at": "2026-01-02 03:04:05+00",
		"system_id": 1, "component_id": 2, "component_version": "1", "kind": "note", "level": "info",
		"caller": "crew_agents", "session_role": "crew_agents", "message": "hello"}',
	 '000102030405060708090a0b0c0d0e0f',
	 '0001020000000568656c6c6f', 'bb1d001f04483b6314ae55e865add94591408dc68fbd2a8424f2f228f0b0297e', '4d5354310100112233445566778899aabbccddeeff000000000000000100010006475ef6574f35000105000000080006475ef64cf3400002010000000800000000000000010003010000000800000000000000020004020000000131000702000000046e6f746500080200000004696e666f0013020000000b637265775f6167656e74730014020000000b637265775f6167656e7473bb1d001f04483b6314ae55e865add94591408dc68fbd2a8424f2f228f0b0297e', 'bc77df44cb2beb20a81f04f1e7d5e9ba77cc37e973ff71189665465abc2e8b67'),
	('largest', '{"event_id": 1099511627777, "stamp": 562949953422290,
		"recorded_at": "2026-07-08 09:10:11.000001+00", "occurred_at": "1969-12-31 23:59:58.5+00",
		"system_id": 1, "component_id": 2, "component_version": "2.0", "target_id": 3, "dependency_id": 4,
		"kind": "tool_call", "level": "warn", "outcome": "error",
		"trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331", "parent_span_id": "00f067aa0ba902b7",
		"duration": "1 year 2 mons 3 days 04:05:06.789", "valid": false, "contract_version": 5, "findings": {"EMAIL": 2},
		"decision": "modify", "reason": "contract", "caller": "crew_agents", "session_role": "Jörg",
		"message": "naïve 😀", "body": {"b": [1, 2.50, null], "aa": {}, "a": true}, "attributes": {"gen_ai.usage.input_tokens": 1200},
		"violations": ["body/b/1"]}',
	 'fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0',
	 '0001020000000b6e61c3af766520f09f9880000207000000257b2261223a747275652c226161223a7b7d2c2262223a5b312c3235652d312c6e756c6c5d7d000307000000227b2267656e5f61692e75736167652e696e7075745f746f6b656e73223a313265327d0004070000000c5b22626f64792f622f31225d', 'ba93e794b1daee427c05d0a02fcbea836f08d2f08228ec710157e22faf0fb973', '4d5354310100112233445566778899aabbccddeeff0000010000000001000200065615dfe6a2c100010500000008ffffffffffe91ca000020100000008000000000000000100030100000008000000000000000200040200000003322e3000050100000008000000000000000300060100000008000000000000000400070200000009746f6f6c5f63616c6c000802000000047761726e000902000000056572726f72000a03000000100af7651916cd43dd8448eb211c80319c000b0300000008b7ad6b7169203331000c030000000800f067aa0ba902b7000d06000000100000000e00000003000000036c97ca88000e040000000100000f010000000800000000000000050010070000000b7b22454d41494c223a327d001102000000066d6f6469667900120200000008636f6e74726163740013020000000b637265775f6167656e7473001402000000054ac3b67267ba93e794b1daee427c05d0a02fcbea836f08d2f08228ec710157e22faf0fb973', '05b3f12ffbad0103127bdf3d6a294eb4d22c9dd57cd8a424a646e992faf7cc94'),
	('refused', '{"event_id": 3, "stamp": 281474976711407,
		"recorded_at": "2026-01-02 03:04:06+00", "occurred_at": "2026-01-02 03:04:06+00",
		"system_id": 1, "kind": "rejected", "level": "warn", "outcome": "rejected", "decision": "deny", "reason": "unregistered",
		"caller": "crew_agents", "session_role": "crew_agents", "claimed_component": "crew/stranger"}',
	 '00000000000000000000000000000001',
	 '0005020000000d637265772f737472616e676572', 'ed8edb872302eab16300f78aeac165defab42caa109f4e1bd2f6cf1d31e2237a', '4d5354310100112233445566778899aabbccddeeff000000000000000300010006475ef65c3580000105000000080006475ef65c35800002010000000800000000000000010007020000000872656a6563746564000802000000047761726e0009020000000872656a65637465640011020000000464656e790012020000000c756e726567697374657265640013020000000b637265775f6167656e74730014020000000b637265775f6167656e7473ed8edb872302eab16300f78aeac165defab42caa109f4e1bd2f6cf1d31e2237a', 'a1a2750d67f8e3ac33fbd3734a6ef1e3a65d20f15c1caa5cbae2cd0d47cb6d97')
) AS v (name, columns, salt, payload, payload_hash, entry, leaf);
UPDATE example SET columns = columns || jsonb_build_object('salt', '\x' || salt, 'payload_hash', payload_hash, 'leaf', leaf);

SELECT is(encode(sha256(decode(salt || payload, 'hex')), 'hex'), payload_hash, name || ': the payload hash is of salt and payload') FROM example;
SELECT is(maestro.event_payload_hash(pg_temp.event(columns))::text, payload_hash, name || ': and the server''s') FROM example;
SELECT is(encode(maestro.event_entry(pg_temp.event(columns)), 'hex'), entry, name || ': the entry is the server''s') FROM example;
SELECT is(encode(maestro.leaf_hash(decode(entry, 'hex')), 'hex'), leaf, name || ': so is the leaf') FROM example;
SELECT is(encode(maestro.event_entry(pg_temp.event(columns - '{salt,message,body,attributes,violations,claimed_component}'::text[])), 'hex'),
	entry, name || ': erasing the payload leaves the entry') FROM example;
-- Times have no infinities there: 2^63 - 1 and -2^63 since 2000, from 1970, modulo 2^64.
SELECT is(encode(substring(maestro.event_entry(pg_temp.event(columns || jsonb_build_object('recorded_at', time))) FROM 32 FOR 8), 'hex'), bytes,
	format('%s is a number', time))
  FROM example, (VALUES ('infinity', '80035d013b37dfff'), ('-infinity', '80035d013b37e000')) AS v (time, bytes) WHERE name = 'smallest';
SELECT * FROM finish();
ROLLBACK;
