\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(31);
CREATE ROLE tap_app;

CREATE TEMP TABLE doc AS SELECT $$ {"systems": [{"name": "shop", "db_role": "tap_app", "default_limits": {"timeout": "20s"},
	"components": [
		{"name": "clerk", "kind": "agent", "layer": "Agent Logic", "version": "3", "timeout": "30s", "max_iterations": 20,
		 "ports": [8080], "allowed_networks": ["10.0.0.0/8"], "allowed_data": ["EMAIL"],
		 "prompt_digest": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		 "dependencies": [{"name": "bank", "address": "bank.example:443", "connect_timeout": "1s", "read_timeout": "3s",
			"credential_ref": "vault:shop/bank"}],
		 "contracts": {"input": {"type": "object"}, "handoff": {"till": {"type": "object"}}}},
		{"name": "till", "kind": "tool", "layer": 3}],
	"plans": [{"name": "sale", "graph": {"nodes": [{"id": "clerk"}, {"id": "till"}], "edges": [{"source": "clerk", "target": "till"}]}}]}]} $$::text AS d;

SELECT results_eq('SELECT a.* FROM doc, maestro.apply_manifest(d, true) AS a', $$ VALUES
	('system shop', 'created'), ('component shop/clerk', 'created'), ('dependency bank of shop/clerk', 'created'),
	('component shop/till', 'created'), ('input contract of shop/clerk', 'created'),
	('handoff contract of shop/clerk to till', 'created'), ('plan sale of shop', 'created') $$, 'a dry run tells what it would do');
SELECT is_empty($$ SELECT FROM maestro.system WHERE name = 'shop' $$, 'and does nothing');
SELECT is_empty($$ SELECT FROM maestro.event WHERE message LIKE '%shop%' $$, 'and logs nothing');
SELECT is((SELECT count(*) FROM doc, maestro.apply_manifest(d) AS a WHERE a.action = 'created'), 7::bigint, 'the real run creates it all');
SELECT is((SELECT string_agg(DISTINCT a.action, ',') FROM doc, maestro.apply_manifest(d) AS a), 'unchanged', 'the same again changes nothing');
SELECT is((SELECT count(*) FROM maestro.event WHERE message LIKE '%shop%'), 8::bigint, 'each creation is logged once, the log''s own component among them');
SELECT results_eq($$ SELECT kind::text, layer::text, version, timeout, max_iterations, ports, allowed_networks::text, allowed_data, prompt_digest::text
	FROM maestro.component WHERE name = 'clerk' $$, $$ VALUES ('agent', '2 (Logic)', '3', interval '30 s', 20, '{8080}'::integer[], '{10.0.0.0/8}',
	'{EMAIL}'::text[], 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855') $$, 'values are stored as their types');
SELECT results_eq($$ SELECT object, action FROM maestro.apply_manifest('{"systems": [{"name": "shop", "components": [
		{"name": "clerk", "timeout": null, "version": null, "max_iterations": 25}]}]}') $$,
	$$ VALUES ('system shop', 'unchanged'), ('component shop/clerk', 'updated') $$, 'what is not mentioned stays out of the answer');
SELECT results_eq($$ SELECT timeout, version, max_iterations, ports FROM maestro.component WHERE name = 'clerk' $$,
	$$ VALUES (NULL::interval, '3', 25, '{8080}'::integer[]) $$, 'null sets back, what must not be null and what is not mentioned stays');
SELECT is((SELECT count(*) FROM maestro.apply_manifest('{"systems": []}'::jsonb)), 0::bigint, 'an empty manifest in jsonb is fine');
SELECT is((SELECT count(*) FROM maestro.apply_manifest('{"systems": []}'::json)), 0::bigint, 'and in json');

CREATE TEMP TABLE before_bad AS SELECT (SELECT count(*) FROM maestro.event) AS events, (SELECT count(*) FROM maestro.component) AS components;
SELECT throws_ok(format('SELECT maestro.apply_manifest(%L)', manifest), code, message, 'refused: ' || manifest) FROM (VALUES
	('[]', '22023', 'a manifest must be a JSON object with the array "systems"'),
	('{"systems": {}}', '22023', '"systems" in a manifest must be an array'),
	('{"systems": [1]}', '22023', '"systems" in a manifest must hold objects'),
	('{"systems": [], "extra": 1}', '22023', 'unknown key "extra" in a manifest'),
	('{"systems": [{"name": "s1"}, {"name": "s1"}]}', '42710', '"systems" in a manifest has a name twice'),
	('{"systems": [{"name": "s1", "name": "s2"}]}', '42710', 'the manifest has a key twice in one object: /systems/0/name'),
	('{"systems": [{"name": "s1", "colour": "red"}]}', '22023', 'unknown key "colour" in a system'),
	('{"systems": [{"name": "s1", "default_limits": {"speed": 1}}]}', '22023', 'unknown key "speed" in default_limits'),
	('{"systems": [{"name": "s1", "components": [{"name": "a", "kind": "agent"}, {"name": "b"}]}]}', '22023', 'a new component needs a "kind"'),
	('{"systems": [{"name": "s1", "components": [{"name": "a", "kind": "agent"}, {"name": "a", "kind": "tool"}]}]}', '42710', '"components" in a manifest has a name twice'),
	('{"systems": [{"name": "s1", "components": [{"name": "a", "kind": "agent", "timeout": "soon"}]}]}', '22023', 'key "timeout" of a component has no acceptable value'),
	('{"systems": [{"name": "s1", "components": [{"name": "a", "kind": "agent", "contracts": {"handoff": {"b": {}}}}]}]}', '42704', 'a handoff contract names a component that is not registered in its system'),
	('{"systems": [{"name": "s1", "plans": [{"name": "p", "graph": []}]}]}', '22023', 'a plan must be an object with the arrays "nodes" and "edges"')
) AS bad (manifest, code, message);
SELECT throws_ok($$ SELECT maestro.apply_manifest(('{"systems": ' || repeat('[', 2000) || repeat(']', 2000) || '}')) $$, '22P02', NULL, 'a manifest that is too deep is refused');
SELECT results_eq('SELECT (SELECT count(*) FROM maestro.event), (SELECT count(*) FROM maestro.component)', 'TABLE before_bad',
	'and nothing of all that was stored, not even what was good');
-- Overlays.
CREATE FUNCTION pg_temp.overlaid(contracts text) RETURNS text LANGUAGE sql AS $$
	SELECT action FROM maestro.apply_manifest(format('{"systems": [{"name": "over", "components": [{"name": "a", "kind": "agent", "contracts": %s}]}]}', contracts)::json)
	 WHERE object LIKE 'input contract%' $$;
SELECT is(pg_temp.overlaid('{"input": {"type": "string"}, "overlays": {"input": {"maxLength": 5}}}'), 'created', 'a contract has an overlay');
SELECT is(pg_temp.overlaid('{"input": {"type": "string"}}'), 'unchanged', 'which stays where a manifest does not mention it');
SELECT results_eq($$ SELECT valid FROM maestro.validate('over/a', 'input', '"elephant"'::jsonb) $$, 'VALUES (false)', 'and goes on to bind');
SELECT is(pg_temp.overlaid('{"input": {"type": "string"}, "overlays": {"input": null}}'), 'updated', 'a null takes it away');
SELECT throws_ok($$ SELECT pg_temp.overlaid('{"overlays": {"input": {}}}') $$, '22023', 'an overlay in "contracts" has no schema beside it', 'an overlay needs a schema');

SELECT * FROM finish();
ROLLBACK;
