\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SELECT plan(90);

CREATE TEMP VIEW newest AS SELECT * FROM maestro.event ORDER BY event_id DESC LIMIT 1;
GRANT SELECT ON newest TO PUBLIC;

-- Without a contract.
SELECT results_eq($$ SELECT valid, errors, contract_version FROM maestro.validate('tap/planner', 'input', '{"q": 1}') $$,
	'VALUES (NULL::boolean, NULL::jsonb, NULL::integer)', 'where there is no contract there is no verdict');

-- In force.
SELECT is(maestro.set_contract('tap/planner', 'input', '{"type": "object", "properties": {"q": {"type": "string", "maxLength": 5}}, "required": ["q"], "additionalProperties": false}'), 1,
	'the first contract is version 1');
SELECT results_eq($$ SELECT decision::text, valid, violations FROM maestro.log_event('tap/planner', 'input', body => '{"q": "cat"}') $$,
	$$ VALUES ('allow', true, NULL::jsonb) $$, 'an input that holds the contract is valid');
SELECT results_eq('SELECT valid, contract_version, violations, decision::text FROM newest', 'VALUES (true, 1, NULL::jsonb, NULL::text)',
	'and its event says so, with the version');
SELECT results_eq($$ SELECT decision::text, valid, violations FROM maestro.log_event('tap/planner', 'input', body => '{"q": "elephant", "r": 1}') $$,
	$$ VALUES ('allow', false, '[{"path": "/q", "keyword": "/properties/q/maxLength", "message": "is too long"},
		{"path": "/r", "keyword": "/additionalProperties", "message": "is not allowed"}]'::jsonb) $$,
	'an input that breaks it is recorded, with all that is wrong, and no value');
SELECT results_eq('SELECT valid, contract_version, jsonb_array_length(violations), decision::text, body FROM newest',
	$$ VALUES (false, 1, 2, NULL::text, '{"q": "elephant", "r": 1}'::jsonb) $$, 'and its event keeps verdict, violations and body');
SELECT results_eq($$ SELECT valid, violations FROM maestro.log_event('tap/planner', 'input', 'nothing sent') $$,
	'VALUES (NULL::boolean, NULL::jsonb)', 'an input without body is not checked');
SELECT results_eq($$ SELECT valid FROM maestro.log_event('tap/planner', 'output', body => '{"q": "elephant"}') $$,
	'VALUES (NULL::boolean)', 'an output is not checked by the input contract');
SELECT results_eq($$ SELECT valid FROM maestro.log_event('tap/planner', 'note', body => '{"q": "elephant"}') $$,
	'VALUES (NULL::boolean)', 'a note is not checked at all');
SELECT results_eq($$ SELECT valid FROM maestro.log_event('tap/planner', 'input', NULL, NULL::text, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'no JSON', NULL, NULL) $$,
	'VALUES (false)', 'a body that is no JSON is a string, and breaks the contract');
SELECT results_eq($$ SELECT valid FROM maestro.log_event('tap/planner', 'input', NULL, NULL::json, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"q": "dog"}', NULL, NULL) $$,
	'VALUES (true)', 'a body as json is checked too');

-- As received: sanitizing would make a long text short, and a short one long.
SELECT maestro.set_contract('tap/planner', 'output', '{"properties": {"m": {"type": "string", "maxLength": 25, "pattern": "@"}}}') AS ignored \gset
SELECT results_eq($$ SELECT valid FROM maestro.log_event('tap/planner', 'output', body => '{"m": "anna@example.com"}') $$, 'VALUES (true)',
	'the body is checked as it was sent');
SELECT is((SELECT body #>> '{m}' FROM newest), '[REDACTED:EMAIL]', 'and stored as sanitizing leaves it');

-- What is told of a document is sanitized.
SELECT results_eq($$ SELECT violations -> 0 ->> 'path' FROM maestro.log_event('tap/planner', 'input',
	body => jsonb_build_object('q', 'x', 'anna@example.com', 1)) $$, $$ VALUES ('/[REDACTED:EMAIL]') $$, 'personal data in a key does not reach the path');
SELECT results_eq($$ SELECT violations -> 0 ->> 'path' FROM maestro.log_event('tap/planner', 'input',
	body => jsonb_build_object('q', 'x', E'a\nb\x1b', 1)) $$, $$ VALUES ('/a\nb\x1b') $$, 'a control character in a key is made visible');
SELECT ok((SELECT octet_length(violations -> 0 ->> 'path') <= 256 FROM maestro.log_event('tap/planner', 'input',
	body => jsonb_build_object('q', 'x', repeat('é', 5000), 1))), 'a long path is cut');
SELECT is((SELECT jsonb_array_length(violations) FROM maestro.log_event('tap/planner', 'input',
	body => (SELECT jsonb_object_agg('k' || i, i) FROM generate_series(1, 1000) i))), 20, 'at most 20 violations are told');

-- Refusing.
SELECT maestro.apply_manifest('{"systems": [{"name": "tap", "contract_enforcement": "refuse"}]}') AS ignored \gset
SELECT results_eq($$ SELECT decision::text, valid, jsonb_array_length(violations) FROM maestro.log_event('tap/planner', 'input', 'm', body => '{"q": "elephant"}') $$,
	$$ VALUES ('deny', false, 1) $$, 'where contracts are enforced, what breaks one is denied');
SELECT results_eq('SELECT kind::text, decision::text, reason, valid, message, body FROM newest',
	$$ VALUES ('input', 'deny', 'contract_violated', false, 'm', '{"q": "elephant"}'::jsonb) $$, 'and the refusal stays as an event with what was sent');
SELECT results_eq($$ SELECT decision::text, valid FROM maestro.log_event('tap/planner', 'input', body => '{"q": "cat"}') $$,
	$$ VALUES ('allow', true) $$, 'what holds it is allowed');
SELECT results_eq($$ SELECT index, decision::text, error FROM maestro.log_events('[{"component": "tap/planner", "kind": "input", "body": {"q": "elephant"}},
	{"component": "tap/planner", "kind": "input", "body": {"q": "cat"}}]'::jsonb) $$,
	$$ VALUES (0, 'deny', NULL::text), (1, 'allow', NULL) $$, 'log_events denies it too, and takes the others');
SELECT maestro.apply_manifest('{"systems": [{"name": "tap", "contract_enforcement": "off"}]}') AS ignored \gset
SELECT results_eq($$ SELECT decision::text, valid FROM maestro.log_event('tap/planner', 'input', body => '{"q": "elephant"}') $$,
	$$ VALUES ('allow', NULL::boolean) $$, 'where it is off nothing is checked');
SELECT results_eq($$ SELECT valid FROM maestro.validate('tap/planner', 'input', '{"q": "elephant"}') $$, 'VALUES (false)', 'asking is answered all the same');
SELECT maestro.apply_manifest('{"systems": [{"name": "tap", "contract_enforcement": "record"}]}') AS ignored \gset

-- Versions.
SELECT is(maestro.set_contract('tap/planner', 'input', '{"properties": {"q": {"maxLength": 50}}}'), 2, 'a changed contract is the next version');
SELECT results_eq($$ SELECT valid FROM maestro.log_event('tap/planner', 'input', body => '{"q": "elephant"}') $$, 'VALUES (true)',
	'and is in force from the next statement on');
SELECT is((SELECT contract_version FROM newest), 2, 'with its version');
SELECT results_eq($$ SELECT contract_version, bool_or(NOT valid) FROM maestro.event WHERE kind = 'input' AND valid IS NOT NULL GROUP BY 1 ORDER BY 1 $$,
	'VALUES (1, true), (2, false)', 'old events keep the verdict and version they were checked against');

-- Overlays.
SELECT maestro.set_contract('tap/planner', 'input', '{"properties": {"q": {"type": "string"}}}', '{"properties": {"q": {"maxLength": 5}}}') AS ignored \gset
SELECT results_eq($$ SELECT * FROM maestro.validate('tap/planner', 'input', '{"q": "elephant"}') $$,
	$$ VALUES (false, '[{"path": "/q", "keyword": "/properties/q/maxLength", "message": "is too long", "overlay": true}]'::jsonb, 3) $$,
	'an overlay must hold too, and says that it is one');
SELECT results_eq($$ SELECT valid FROM maestro.validate('tap/planner', 'input', '{"q": 5}') $$, 'VALUES (false)', 'and the schema itself');
SELECT results_eq($$ SELECT valid FROM maestro.validate('tap/planner', 'input', '{"q": "cat"}') $$, 'VALUES (true)', 'what holds both holds');

-- Whose contract it is.
SELECT maestro.set_contract('tap/search', 'input', '{"type": "object", "required": ["query"]}') AS ignored \gset
SELECT results_eq($$ SELECT valid, violations -> 0 ->> 'keyword' FROM maestro.log_event('tap/planner', 'tool_call', body => '{"q": 1}', target => 'search') $$,
	$$ VALUES (false, '/required') $$, 'a tool call is checked by the input contract of the tool');
SELECT results_eq($$ SELECT valid FROM maestro.log_event('tap/planner', 'tool_call', body => '{"query": 1}', target => 'tap/search') $$,
	'VALUES (true)', 'whatever form its name has');
SELECT results_eq($$ SELECT valid FROM maestro.log_event('tap/planner', 'tool_call', body => '{"q": 1}', target => 'nobody') $$,
	'VALUES (NULL::boolean)', 'a tool that nobody registered has no contract');
SELECT maestro.set_contract('tap/planner', 'handoff', '{"type": "object", "required": ["task"]}', target => 'tap/search') AS ignored \gset
SELECT results_eq($$ SELECT valid FROM maestro.log_event('tap/planner', 'handoff', body => '{}', target => 'search') $$, 'VALUES (false)',
	'a handoff is checked by the contract of the pair');
SELECT results_eq($$ SELECT valid FROM maestro.log_event('tap/planner', 'handoff', body => '{}', target => 'vault') $$, 'VALUES (NULL::boolean)',
	'another pair has its own');
SELECT results_eq($$ SELECT valid FROM maestro.validate('tap/planner', 'handoff', '{"task": 1}', 'tap/search') $$, 'VALUES (true)', 'validate takes the target of a handoff');
SELECT throws_ok($$ SELECT maestro.validate('tap/planner', 'handoff', '{}'::jsonb) $$, '22023', 'a handoff contract needs a target, and no other has one', 'and needs it');
SELECT throws_ok($$ SELECT maestro.validate('tap/planner', 'sideways', '{}'::jsonb) $$, '22023', 'direction of a contract must be input, output or handoff', 'a direction is one of three');
SELECT throws_ok($$ SELECT maestro.validate(NULL, 'input', '{}'::jsonb) $$, '22004', 'component and direction must not be null', 'validate needs a component');
SELECT results_eq($$ SELECT valid FROM maestro.validate('tap/search', 'input', NULL::jsonb) $$, 'VALUES (NULL::boolean)', 'no payload gets no verdict');
SELECT results_eq($$ SELECT valid FROM maestro.validate('tap/search', 'input', 'no JSON'::text) $$, 'VALUES (false)', 'a payload may be text');
SELECT results_eq($$ SELECT valid FROM maestro.validate('tap/search', 'input', '{"query": 1}'::json) $$, 'VALUES (true)', 'or json');

-- Bad schemas.
SELECT throws_ok($$ SELECT maestro.set_contract('tap/planner', 'input', '{"type": "objekt"}') $$, '22023', 'JSON Schema cannot be used', 'a schema that cannot be used is refused');
SELECT throws_ok($$ SELECT maestro.set_contract('tap/planner', 'input', '{}', '{"$ref": "https://example.com/gone"}') $$, '22023', 'overlay of a contract cannot be used',
	'as is an overlay that refers to nothing');
SELECT is((SELECT count(*) FROM maestro.contract WHERE component_id = 'tap/planner'::maestro.regcomponent::integer AND direction = 'input'), 3::bigint, 'and makes no version');

-- Registered schemas.
SELECT is(maestro.register_schema('https://example.com/answer', '{"type": "object", "required": ["answer"]}'), 'created', 'a schema is registered');
SELECT ok(maestro.matches('https://example.com/answer', '{"answer": 1}'), 'matches says yes');
SELECT ok(NOT maestro.matches('https://example.com/answer', '{}'), 'matches says no');
SELECT throws_ok($$ SELECT maestro.matches('https://example.com/else', '{}') $$, '42704', 'no JSON Schema is registered under this URI', 'matches knows registered ones alone');
SELECT maestro.set_contract('tap/vault', 'output', '{"$ref": "https://example.com/answer"}') AS ignored \gset
SELECT results_eq($$ SELECT valid FROM maestro.validate('tap/vault', 'output', '{}'::jsonb) $$, 'VALUES (false)', 'a contract may refer to one');
SELECT is(maestro.register_schema('https://example.com/answer', '{"type": "object"}'), 'updated', 'it may be changed');
SELECT results_eq($$ SELECT valid FROM maestro.validate('tap/vault', 'output', '{}'::jsonb) $$, 'VALUES (true)', 'and what refers to it follows');
SELECT ok(maestro.matches('https://example.com/answer', '{}'), 'as does matches');

SELECT maestro.register_schema('https://example.com/city', '{"type": "string", "maxLength": 3}') AS ignored \gset
SELECT maestro.register_schema('https://example.com/order', '{"properties": {"city": {"$ref": "city"}}}') AS ignored \gset
SELECT ok(NOT maestro.matches('https://example.com/order', '{"city": "Lisbon"}'), 'a registered schema refers relative to its URI');

-- What rests on a registered schema goes on to be usable.
SELECT maestro.register_schema('https://example.com/parts', '{"$defs": {"a": {"type": "string"}}}') AS ignored \gset
SELECT maestro.set_contract('tap/vault', 'input', '{"$ref": "https://example.com/parts#/$defs/a"}') AS ignored \gset
SELECT throws_ok($$ SELECT maestro.register_schema('https://example.com/parts', '{"$defs": {"b": {"type": "string"}}}') $$, '22023',
	'the input contract of tap/vault could not be used any more', 'a schema on which a contract rests is not changed to something it cannot use');
SELECT maestro.set_contract('tap/vault', 'input', '{"type": "string"}') AS ignored \gset
SELECT is(maestro.register_schema('https://example.com/parts', '{"$defs": {"b": {"type": "string"}}}'), 'updated', 'an old version of a contract does not hinder');
SELECT maestro.register_schema('https://example.com/user', '{"$ref": "https://example.com/parts#/$defs/b"}') AS ignored \gset
SELECT throws_ok($$ SELECT maestro.register_schema('https://example.com/parts', '{}') $$, '22023',
	'the registered schema https://example.com/user could not be used any more', 'nor does a registered one lose what it refers to');

-- A document that takes too much is stored, and breaks the contract.
SELECT maestro.set_contract('tap/vault', 'output', '{"items": {"$ref": "#"}}') AS ignored \gset
SET maestro.trace_input_limit = '16MB';
SET max_stack_depth = '2MB';
SELECT results_eq($$ SELECT valid FROM maestro.log_event('tap/vault', 'output', body => (repeat('[', 4000) || repeat(']', 4000))::jsonb) $$,
	'VALUES (false)', 'a document too deep to check is stored and breaks the contract');

-- On tables of one's own.
CREATE TABLE plan (id integer, doc jsonb);
CREATE TABLE two (a jsonb, b jsonb);
CREATE TRIGGER checked BEFORE INSERT OR UPDATE ON plan FOR EACH ROW EXECUTE FUNCTION maestro.check_contract('tap/search', 'input');
SELECT lives_ok($$ INSERT INTO plan VALUES (1, '{"query": 1}'), (2, NULL) $$, 'rows that hold the contract are taken, and those without document');
SELECT throws_ok($$ INSERT INTO plan VALUES (3, '{"secret": "x"}') $$, 'MA005',
	'new row for relation "plan" breaks the input contract of "tap/search", version 1', 'a row that breaks it is refused');
SELECT throws_ok($$ UPDATE plan SET doc = '[]' $$, 'MA005', NULL, 'as is an update');
SELECT is((SELECT count(*) FROM plan), 2::bigint, 'and nothing of it is stored');
CREATE TRIGGER checked BEFORE INSERT ON two FOR EACH ROW EXECUTE FUNCTION maestro.check_contract('tap/search', 'input');
SELECT throws_ok($$ INSERT INTO two VALUES ('{}', '{}') $$, '22023', 'arguments of trigger function check_contract are not acceptable',
	'with several columns of type jsonb the trigger must say which');
DROP TRIGGER checked ON two;
CREATE TRIGGER checked BEFORE INSERT ON two FOR EACH ROW EXECUTE FUNCTION maestro.check_contract('tap/search', 'input', 'b');
SELECT throws_ok($$ INSERT INTO two VALUES ('{"query": 1}', '{}') $$, 'MA005', NULL, 'the column is the third argument');
SELECT lives_ok($$ INSERT INTO two VALUES ('{}', '{"query": 1}') $$, 'others are not looked at');
DROP TRIGGER checked ON two;
CREATE TRIGGER checked BEFORE INSERT ON two FOR EACH ROW EXECUTE FUNCTION maestro.check_contract('tap/planner', 'handoff', 'a', 'tap/search');
SELECT throws_ok($$ INSERT INTO two VALUES ('{}', '{}') $$, 'MA005', NULL, 'the target of a handoff is the fourth');
DROP TRIGGER checked ON two;
CREATE TRIGGER checked BEFORE INSERT ON two FOR EACH ROW EXECUTE FUNCTION maestro.check_contract('tap/search', 'output', 'a');
SELECT throws_ok($$ INSERT INTO two VALUES ('{}', '{}') $$, '42704', 'component "tap/search" has no output contract', 'without a contract nothing is taken');
DROP TRIGGER checked ON two;
CREATE TRIGGER checked BEFORE INSERT ON two FOR EACH STATEMENT EXECUTE FUNCTION maestro.check_contract('tap/search', 'input', 'a');
SELECT throws_ok($$ INSERT INTO two VALUES ('{}', '{}') $$, '39P01', NULL, 'the trigger is one for each row');

-- Who may ask.
SET ROLE tap_agent;
SELECT results_eq($$ SELECT valid FROM maestro.validate('tap/search', 'input', '{"query": 1}'::jsonb) $$, 'VALUES (true)', 'an agent may ask about its own system');
SELECT results_eq($$ SELECT valid FROM maestro.log_event('tap/planner', 'handoff', body => '{}', target => 'search') $$, 'VALUES (false)', 'and its events are checked');
RESET ROLE;
SET ROLE tap_other;
SELECT throws_ok($$ SELECT maestro.validate('tap/search', 'input', '{}'::jsonb) $$, '42704', 'component is not registered', 'others are told nothing');
SELECT throws_ok(format($$ SELECT maestro.validate(%s::maestro.regcomponent, 'input', '{}'::jsonb) $$, (SELECT 2)), '42704', 'component is not registered', 'by number neither');
RESET ROLE;

-- Messages are each their own, whole.
SELECT maestro.set_contract('tap/vault', 'output', '{"type": "object", "required": ["intent", "ßßßx", "answer"], "properties": {"intent": {"type": ["string", "null"]}}}') AS ignored \gset
SELECT results_eq($$ SELECT e ->> 'message' FROM maestro.log_event('tap/vault', 'output', body => '{}'), jsonb_array_elements(violations) AS e ORDER BY 1 $$,
	$$ VALUES ('lacks a required property: answer'), ('lacks a required property: intent'), ('lacks a required property: ßßßx') $$, 'each missing property is named');
SELECT is((SELECT violations -> 0 ->> 'message' FROM maestro.log_event('tap/vault', 'output', body => '{"intent": 1, "answer": 1, "ßßßx": 1}')), 'is not of type null|string', 'a wrong type is told with the right ones');
SELECT lives_ok('SELECT convert_to(violations::text, ''UTF8'') FROM newest', 'what is stored is text');

-- What set_contract takes.
SELECT throws_ok($$ SELECT maestro.set_contract('tap/planner', 'handoff', '{"type": "object"}', target => 'strict/maestro-log') $$, '22023',
	'the target of a handoff contract must be another component of the same system', 'a handoff stays in its system');
SELECT throws_ok($$ SELECT maestro.set_contract('tap/planner', 'handoff', '{"type": "object"}', target => 'tap/planner') $$, '22023', NULL, 'and is none to oneself');
SELECT throws_ok($$ SELECT maestro.set_contract('tap/planner', 'input', '{"name": "f", "inputSchema": {"type": "object"}}') $$, '22023',
	'this is no JSON Schema, but what holds one', 'a tool is no schema, though it has one');
SELECT maestro.set_contract('tap/vault', 'input', '{"type": "string"}', '{"maxLength": 5}') AS ignored \gset
SELECT maestro.set_contract('tap/vault', 'input', '{"type": "string", "minLength": 1}') AS ignored \gset
SELECT results_eq($$ SELECT valid FROM maestro.validate('tap/vault', 'input', '"elephant"'::jsonb) $$, 'VALUES (false)', 'an overlay that is left out stays');
SELECT maestro.set_contract('tap/vault', 'input', '{"type": "string", "minLength": 1}', 'true') AS ignored \gset
SELECT results_eq($$ SELECT valid FROM maestro.validate('tap/vault', 'input', '"elephant"'::jsonb) $$, 'VALUES (true)', 'true takes it away');

-- Who may know of it: whose the table is.
CREATE TABLE foreign_rows (doc jsonb);
ALTER TABLE foreign_rows OWNER TO tap_other;
CREATE TRIGGER checked BEFORE INSERT ON foreign_rows FOR EACH ROW EXECUTE FUNCTION maestro.check_contract('tap/search', 'input');
SELECT throws_ok($$ INSERT INTO foreign_rows VALUES ('{}') $$, '42704', 'component is not registered', 'a table does not tell its owner what he may not know');

-- What a document's keys say is sanitized token by token, and each message is whole.
SELECT maestro.set_contract('tap/search', 'output', '{"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}, "additionalProperties": false}') AS ignored \gset
CREATE FUNCTION pg_temp.told(key text) RETURNS text LANGUAGE sql AS $$
	SELECT violations::text FROM maestro.log_event('tap/search', 'output', body => jsonb_build_object(key, 1)) $$;
SELECT unalike(pg_temp.told('password=hunter2correcthorsebatterystaple0123456789 and sk-proj-abcdefghijklmnopqrstuvwxyz0123'), '%hunter2%', 'a secret in a key is told nowhere');
SELECT is(pg_temp.told('https://bob:hunter2pw@host/x'), '[{"path": "", "keyword": "/required", "message": "lacks a required property: id"}, {"path": "/https:~1~1bob:[REDACTED:URL_PASSWORD]@host~1x", "keyword": "/additionalProperties", "message": "is not allowed"}]',
	'nor one that an escape of the pointer would hide');
SELECT is((SELECT count(*) FROM unnest(ARRAY['mongodb+srv://u:p4ssw0rd@h/db', 'Basic dXNlcjpwYXNz/dXNlcjpwYXNzd29yZA==', repeat('é', 45), E'\x1b[2J\x1b[31mred' || repeat('y', 90)]) AS k
	WHERE pg_temp.told(k) ~ 'p4ss|dXNl|\u001b' OR convert_to(pg_temp.told(k), 'UTF8') IS NULL), 0::bigint, 'and nothing is cut in the middle of a character');
SELECT matches(pg_temp.told(repeat('a@b.c ', 300)), '"path": "/\[key of 1800 bytes\]"', 'of a long key its length is told');

-- What was found of a contract follows what it rests on.
SELECT maestro.register_schema('https://example.com/bounded', '{"type": "string", "maxLength": 5}') AS ignored \gset
SELECT maestro.set_contract('tap/vault', 'input', '{"type": "object", "properties": {"a": {"$ref": "https://example.com/bounded"}}, "additionalProperties": false}') AS ignored \gset
SELECT maestro.register_schema('https://example.com/bounded', '{"type": "string"}') AS ignored \gset
SELECT is((SELECT lint ->> 'unsafe_strings' FROM maestro.contract WHERE component_id = 'tap/vault'::maestro.regcomponent::integer AND direction = 'input' ORDER BY version DESC LIMIT 1), '1',
	'a contract is examined again when what it rests on changes');
SELECT throws_ok($$ SELECT maestro.register_schema('https://json-schema.org/draft/2020-12/schema', '{}') $$, '22023', 'the standard meta-schemas are there already', 'standard meta-schemas are not replaced');
SELECT throws_ok($$ SELECT maestro.register_schema('https://bob:hunter2pw9@corp.example/x', '{}') $$, '22023', NULL, 'a URI holds no secret');
SELECT throws_ok($$ SELECT maestro.set_contract('tap/planner', 'input', '{"const": "sk\u002dproj\u002dabcdefghijklmnopqrstuvwxyz0123456789"}') $$, '22023', NULL, 'nor does a schema, however it is written');
SELECT throws_ok($$ CREATE TABLE made (a integer, doc jsonb GENERATED ALWAYS AS ('{}') STORED);
	CREATE TRIGGER checked BEFORE INSERT ON made FOR EACH ROW EXECUTE FUNCTION maestro.check_contract('tap/search', 'input'); INSERT INTO made VALUES (1) $$,
	'22023', NULL, 'a generated column cannot be checked before it is there');

SELECT * FROM finish();
ROLLBACK;
