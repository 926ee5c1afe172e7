\set ECHO none
BEGIN;
\i test/tap_setup.sql
-- Schemas in the forms that stacks of LLMs send, as they send them: what holds, what does not.
CREATE TEMP TABLE stack (no integer GENERATED ALWAYS AS IDENTITY, name text, schema json, good jsonb, bad jsonb);
INSERT INTO stack (name, schema, good, bad) VALUES
('OpenAI structured outputs, strict: definitions, a union, a recursive root', '{
	"type": "object",
	"properties": {
		"title": {"type": "string", "description": "Heading of the node"},
		"kind": {"type": "string", "enum": ["group", "step"]},
		"cost": {"type": ["number", "null"]},
		"owner": {"anyOf": [{"$ref": "#/$defs/person"}, {"$ref": "#/$defs/team"}, {"type": "null"}]},
		"children": {"type": "array", "items": {"$ref": "#"}}},
	"$defs": {
		"person": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"], "additionalProperties": false},
		"team": {"type": "object", "properties": {"team_id": {"type": "integer"}}, "required": ["team_id"], "additionalProperties": false}},
	"required": ["title", "kind", "cost", "owner", "children"],
	"additionalProperties": false}',
	'[{"title": "a", "kind": "group", "cost": null, "owner": {"name": "x"}, "children": [{"title": "b", "kind": "step", "cost": 1.5, "owner": {"team_id": 3}, "children": []}]},
	  {"title": "", "kind": "step", "cost": 0, "owner": null, "children": []}]',
	'[{"title": "a", "kind": "group", "cost": null, "owner": null}, {"title": "a", "kind": "other", "cost": null, "owner": null, "children": []},
	  {"title": "a", "kind": "group", "cost": null, "owner": {"name": "x", "team_id": 1}, "children": []},
	  {"title": "a", "kind": "group", "cost": null, "owner": null, "children": [{"title": "b", "kind": "step", "cost": "1", "owner": null, "children": []}]},
	  {"title": "a", "kind": "group", "cost": null, "owner": null, "children": [], "more": 1}]'),
('OpenAI structured outputs: a linked list by definition, numbers and arrays with bounds', '{
	"type": "object",
	"properties": {
		"head": {"$ref": "#/$defs/link"},
		"score": {"type": "integer", "minimum": 0, "maximum": 100, "multipleOf": 5},
		"tags": {"type": "array", "items": {"type": "string", "pattern": "^[a-z][a-z0-9_-]*$"}, "minItems": 1, "maxItems": 3},
		"at": {"type": "string", "format": "date-time"}},
	"$defs": {"link": {"type": "object", "properties": {"value": {"type": "number"}, "next": {"anyOf": [{"$ref": "#/$defs/link"}, {"type": "null"}]}},
		"additionalProperties": false, "required": ["next", "value"]}},
	"required": ["head", "score", "tags", "at"], "additionalProperties": false}',
	'[{"head": {"value": 1, "next": {"value": 2, "next": null}}, "score": 95, "tags": ["a-1"], "at": "2026-11-26T10:00:00Z"},
	  {"head": {"value": 1, "next": null}, "score": 0, "tags": ["a", "b", "c"], "at": "formats are annotations here"}]',
	'[{"head": {"value": 1}, "score": 95, "tags": ["a"], "at": ""}, {"head": {"value": 1, "next": null}, "score": 96, "tags": ["a"], "at": ""},
	  {"head": {"value": 1, "next": null}, "score": 95, "tags": ["A"], "at": ""}, {"head": {"value": 1, "next": {"value": 1, "next": 2}}, "score": 95, "tags": ["a"], "at": ""}]'),
('OpenAI function tool: parameters, not strict', '{
	"type": "object",
	"properties": {
		"location": {"type": "string", "description": "City and country, e.g. Lima, Peru"},
		"unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
		"days": {"type": "integer", "minimum": 1, "maximum": 14}},
	"required": ["location"]}',
	'[{"location": "Lima"}, {"location": "Lima", "unit": "celsius", "days": 1.0}, {"location": "Lima", "extra": true}]',
	'[{}, {"location": 1}, {"location": "Lima", "unit": "kelvin"}, {"location": "Lima", "days": 15}, {"location": "Lima", "days": 1.5}, "Lima"]'),
('OpenAI function tool: one without parameters', '{"type": "object", "properties": {}, "additionalProperties": false, "required": []}', '[{}]', '[{"a": 1}, [], null]'),
('Anthropic tool: input_schema', '{
	"type": "object",
	"properties": {
		"command": {"type": "string", "enum": ["view", "create", "replace"]},
		"path": {"type": "string", "description": "Path below the workspace"},
		"range": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
		"text": {"type": "string"},
		"options": {"type": "object", "properties": {"overwrite": {"type": "boolean", "default": false}}, "additionalProperties": {"type": "string"}}},
	"required": ["command", "path"]}',
	'[{"command": "view", "path": "a/b", "range": [1, 20]}, {"command": "create", "path": "", "text": "x", "options": {"overwrite": true, "mode": "644"}}]',
	'[{"command": "delete", "path": "a"}, {"command": "view"}, {"command": "view", "path": "a", "range": [1]}, {"command": "view", "path": "a", "range": [1, "2"]},
	  {"command": "create", "path": "a", "options": {"mode": 644}}]'),
('MCP tool: inputSchema without $schema', '{
	"type": "object",
	"properties": {"query": {"type": "string", "minLength": 1}, "limit": {"type": "number", "exclusiveMinimum": 0, "default": 10}, "where": {"type": "object"}},
	"required": ["query"]}',
	'[{"query": "x"}, {"query": "x", "limit": 0.5, "where": {"any": [1]}}]', '[{"query": ""}, {"query": "x", "limit": 0}, {"query": "x", "where": []}, {}]'),
('MCP tool: inputSchema of draft 7', '{
	"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
	"properties": {
		"path": {"type": "string"},
		"edits": {"type": "array", "items": {"type": "object", "properties": {"oldText": {"type": "string"}, "newText": {"type": "string"}}, "required": ["oldText", "newText"], "additionalProperties": false}},
		"pair": {"type": "array", "items": [{"type": "string"}, {"type": "number"}], "additionalItems": false},
		"dryRun": {"type": "boolean", "default": false}},
	"dependencies": {"dryRun": ["edits"]},
	"required": ["path", "edits"], "additionalProperties": false}',
	'[{"path": "a", "edits": []}, {"path": "a", "edits": [{"oldText": "x", "newText": ""}], "pair": ["k", 1], "dryRun": true}, {"path": "a", "edits": [], "pair": ["k"]}]',
	'[{"path": "a"}, {"path": "a", "edits": [{"oldText": "x"}]}, {"path": "a", "edits": [], "pair": [1, "k"]}, {"path": "a", "edits": [], "pair": ["k", 1, 2]}, {"path": "a", "edits": [], "x": 1}]'),
('MCP tool: outputSchema of 2020-12', '{
	"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
	"properties": {
		"results": {"type": "array", "items": {"$ref": "#/$defs/hit"}},
		"span": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "integer"}], "items": false, "minItems": 2},
		"truncated": {"type": "boolean"}},
	"$defs": {"hit": {"type": "object", "properties": {"uri": {"type": "string", "format": "uri"}, "score": {"type": "number", "minimum": 0, "maximum": 1}}, "required": ["uri", "score"]}},
	"dependentRequired": {"truncated": ["span"]},
	"required": ["results"], "additionalProperties": false}',
	'[{"results": []}, {"results": [{"uri": "file:///a", "score": 0.25, "more": null}], "span": [0, 10], "truncated": true}]',
	'[{}, {"results": [{"uri": "a"}]}, {"results": [{"uri": "a", "score": 1.01}]}, {"results": [], "span": [0]}, {"results": [], "span": [0, 1, 2]}, {"results": [], "truncated": true}]'),
('MCP tool: inputSchema of 2020-12 with unevaluatedProperties', '{
	"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
	"allOf": [{"properties": {"id": {"type": "string"}}, "required": ["id"]}],
	"oneOf": [{"properties": {"by": {"const": "name"}, "name": {"type": "string"}}, "required": ["by", "name"]}, {"properties": {"by": {"const": "age"}, "age": {"type": "integer"}}, "required": ["by", "age"]}],
	"unevaluatedProperties": false}',
	'[{"id": "1", "by": "name", "name": "x"}, {"id": "1", "by": "age", "age": 3}]', '[{"id": "1", "by": "name", "name": "x", "age": 3}, {"by": "age", "age": 3}, {"id": "1", "by": "age", "name": "x"}]'),
('Pydantic 2: model_json_schema', '{
	"$defs": {
		"Address": {"properties": {"street": {"maxLength": 40, "minLength": 1, "title": "Street", "type": "string"}, "zip": {"anyOf": [{"pattern": "^\\d{5}$", "type": "string"}, {"type": "null"}], "default": null, "title": "Zip"}},
			"required": ["street"], "title": "Address", "type": "object"},
		"Color": {"enum": ["red", "green"], "title": "Color", "type": "string"},
		"Cat": {"properties": {"kind": {"const": "cat", "title": "Kind", "type": "string"}, "lives": {"exclusiveMinimum": 0, "maximum": 9, "title": "Lives", "type": "integer"}}, "required": ["kind", "lives"], "title": "Cat", "type": "object"},
		"Dog": {"properties": {"kind": {"const": "dog", "title": "Kind", "type": "string"}, "barks": {"title": "Barks", "type": "boolean"}}, "required": ["kind", "barks"], "title": "Dog", "type": "object"}},
	"description": "A customer.",
	"properties": {
		"id": {"format": "uuid", "title": "Id", "type": "string"},
		"email": {"format": "email", "title": "Email", "type": "string"},
		"created": {"format": "date-time", "title": "Created", "type": "string"},
		"birthday": {"anyOf": [{"format": "date", "type": "string"}, {"type": "null"}], "default": null, "title": "Birthday"},
		"balance": {"anyOf": [{"type": "number"}, {"pattern": "^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$", "type": "string"}], "title": "Balance"},
		"level": {"enum": ["low", "high", 3], "title": "Level"},
		"color": {"$ref": "#/$defs/Color", "default": "red"},
		"address": {"anyOf": [{"$ref": "#/$defs/Address"}, {"type": "null"}], "default": null},
		"pet": {"discriminator": {"mapping": {"cat": "#/$defs/Cat", "dog": "#/$defs/Dog"}, "propertyName": "kind"}, "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}], "title": "Pet"},
		"tags": {"items": {"type": "string"}, "title": "Tags", "type": "array", "uniqueItems": true},
		"scores": {"additionalProperties": {"type": "number"}, "title": "Scores", "type": "object"},
		"point": {"maxItems": 2, "minItems": 2, "prefixItems": [{"type": "integer"}, {"type": "string"}], "title": "Point", "type": "array"},
		"rate": {"default": 0.5, "exclusiveMaximum": 1.0, "exclusiveMinimum": 0.0, "title": "Rate", "type": "number"}},
	"required": ["id", "email", "created", "balance", "level", "pet"], "title": "Customer", "type": "object"}',
	'[{"id": "7d5c0a3e-4f11-4c7e-9f59-0d9f1f0c3a11", "email": "a@b.example", "created": "2026-11-26T10:00:00Z", "balance": "-12.50", "level": 3, "pet": {"kind": "cat", "lives": 9}},
	  {"id": "x", "email": "x", "created": "x", "balance": 1e3, "level": "low", "pet": {"kind": "dog", "barks": false}, "address": {"street": "s", "zip": "12345"}, "birthday": null,
	   "tags": ["a", "b"], "scores": {"x": 1}, "point": [1, "y"], "rate": 0.25, "color": "green", "unknown": 1}]',
	'[{"id": "x", "email": "x", "created": "x", "balance": "1,5", "level": 3, "pet": {"kind": "cat", "lives": 9}}, {"id": "x", "email": "x", "created": "x", "balance": ".", "level": 3, "pet": {"kind": "cat", "lives": 9}},
	  {"id": "x", "email": "x", "created": "x", "balance": 1, "level": "3", "pet": {"kind": "cat", "lives": 9}}, {"id": "x", "email": "x", "created": "x", "balance": 1, "level": 3, "pet": {"kind": "cat", "lives": 0}},
	  {"id": "x", "email": "x", "created": "x", "balance": 1, "level": 3, "pet": {"kind": "cow", "lives": 1}}, {"id": "x", "email": "x", "created": "x", "balance": 1, "level": 3, "pet": {"kind": "cat", "lives": 1}, "address": {"street": "s", "zip": "1234"}},
	  {"id": "x", "email": "x", "created": "x", "balance": 1, "level": 3, "pet": {"kind": "cat", "lives": 1}, "tags": ["a", "a"]}, {"id": "x", "email": "x", "created": "x", "balance": 1, "level": 3, "pet": {"kind": "cat", "lives": 1}, "rate": 1.0},
	  {"id": "x", "email": "x", "created": "x", "balance": 1, "level": 3, "pet": {"kind": "cat", "lives": 1}, "point": ["y", 1]}]'),
('Pydantic 2: a recursive model, whose root is a reference', '{
	"$defs": {"Node": {"additionalProperties": false, "properties": {"name": {"title": "Name", "type": "string"}, "parts": {"items": {"$ref": "#/$defs/Node"}, "title": "Parts", "type": "array"}}, "required": ["name"], "title": "Node", "type": "object"}},
	"$ref": "#/$defs/Node"}',
	'[{"name": "a"}, {"name": "a", "parts": [{"name": "b", "parts": []}]}]', '[{"name": "a", "parts": [{"parts": []}]}, {"name": "a", "x": 1}, []]'),
('Pydantic 2: a root of a list, bytes, times and nullable unions', '{
	"items": {"anyOf": [{"format": "binary", "type": "string"}, {"format": "duration", "type": "string"}, {"type": "integer"}, {"items": {"type": "number"}, "type": "array"}, {"type": "null"}]}, "title": "Batch", "type": "array"}',
	'[[], ["x", 1, null, [1.5]]]', '[[1.5], [{}], [["x"]], {}]'),
('zod-to-json-schema: draft 7, definitions, a name at the root', '{
	"$ref": "#/definitions/Order",
	"definitions": {
		"Order": {"type": "object", "properties": {
			"id": {"type": "string", "format": "uuid"},
			"lines": {"type": "array", "minItems": 1, "items": {"type": "object", "properties": {"sku": {"type": "string", "pattern": "^[A-Z]{3}-\\d+$"}, "n": {"type": "integer", "exclusiveMinimum": 0}}, "required": ["sku", "n"], "additionalProperties": false}},
			"note": {"type": ["string", "null"]},
			"state": {"anyOf": [{"type": "object", "properties": {"type": {"type": "string", "const": "open"}}, "required": ["type"], "additionalProperties": false},
				{"type": "object", "properties": {"type": {"type": "string", "const": "shipped"}, "at": {"type": "string", "format": "date-time"}}, "required": ["type", "at"], "additionalProperties": false}]},
			"ship": {"$ref": "#/definitions/Order/properties/bill"},
			"bill": {"type": "object", "additionalProperties": {"type": "string"}},
			"parent": {"anyOf": [{"$ref": "#/definitions/Order"}, {"type": "null"}]}},
			"required": ["id", "lines", "state"], "additionalProperties": false}},
	"$schema": "http://json-schema.org/draft-07/schema#"}',
	'[{"id": "x", "lines": [{"sku": "ABC-1", "n": 1}], "state": {"type": "open"}, "note": null},
	  {"id": "x", "lines": [{"sku": "ABC-1", "n": 1}], "state": {"type": "shipped", "at": "x"}, "ship": {"a": "b"}, "parent": {"id": "y", "lines": [{"sku": "ABC-22", "n": 2}], "state": {"type": "open"}}}]',
	'[{"id": "x", "lines": [], "state": {"type": "open"}}, {"id": "x", "lines": [{"sku": "abc-1", "n": 1}], "state": {"type": "open"}}, {"id": "x", "lines": [{"sku": "ABC-1", "n": 0}], "state": {"type": "open"}},
	  {"id": "x", "lines": [{"sku": "ABC-1", "n": 1}], "state": {"type": "shipped"}}, {"id": "x", "lines": [{"sku": "ABC-1", "n": 1}], "state": {"type": "open"}, "ship": {"a": 1}},
	  {"id": "x", "lines": [{"sku": "ABC-1", "n": 1}], "state": {"type": "open"}, "parent": {}}]'),
('zod-to-json-schema: an intersection, a record of an enum, a tuple, a set', '{
	"type": "object", "$schema": "http://json-schema.org/draft-07/schema#",
	"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}, {"type": "object", "properties": {"b": {"type": "number"}}, "required": ["b"]}],
	"properties": {"r": {"type": "object", "additionalProperties": {"type": "number"}, "propertyNames": {"enum": ["x", "y"]}},
		"t": {"type": "array", "minItems": 2, "maxItems": 2, "items": [{"type": "string"}, {"type": "number"}]}, "s": {"type": "array", "uniqueItems": true, "items": {"type": "string"}}, "n": {"not": {}}}}',
	'[{"a": "", "b": 1}, {"a": "", "b": 1, "r": {"x": 1}, "t": ["", 1], "s": ["a"]}]', '[{"a": ""}, {"a": "", "b": 1, "r": {"z": 1}}, {"a": "", "b": 1, "t": [""]}, {"a": "", "b": 1, "t": [1, ""]}, {"a": "", "b": 1, "s": ["a", "a"]}, {"a": "", "b": 1, "n": 1}]'),
('Zod 4: toJSONSchema of 2020-12', '{
	"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
	"properties": {
		"email": {"type": "string", "format": "email", "pattern": "^(?!\\.)(?!.*\\.\\.)([A-Za-z0-9_''+\\-\\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$"},
		"id": {"type": "string", "format": "uuid", "pattern": "^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$"},
		"day": {"type": "string", "format": "date", "pattern": "^(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))$"},
		"n": {"type": "integer", "minimum": -9007199254740991, "maximum": 9007199254740991},
		"pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]},
		"map": {"type": "object", "propertyNames": {"type": "string"}, "additionalProperties": {"$ref": "#/$defs/__schema0"}},
		"lit": {"const": "on", "type": "string"}, "none": {"type": "null"}, "any": {}},
	"required": ["email", "id", "n", "any"], "additionalProperties": false,
	"$defs": {"__schema0": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/$defs/__schema0"}}]}}}',
	'[{"email": "o''a.b+c@x-y.example", "id": "7d5c0a3e-4f11-4c7e-9f59-0d9f1f0c3a11", "n": 9007199254740991, "any": null},
	  {"email": "a@b.co", "id": "00000000-0000-0000-0000-000000000000", "n": 0, "any": [1], "day": "2024-02-29", "pair": ["x", 1], "map": {"k": ["a", ["b"]]}, "lit": "on", "none": null}]',
	'[{"email": ".a@b.co", "id": "00000000-0000-0000-0000-000000000000", "n": 0, "any": 1}, {"email": "a..b@b.co", "id": "00000000-0000-0000-0000-000000000000", "n": 0, "any": 1},
	  {"email": "a@b.co", "id": "7d5c0a3e-4f11-9c7e-9f59-0d9f1f0c3a11", "n": 0, "any": 1}, {"email": "a@b.co", "id": "00000000-0000-0000-0000-000000000000", "n": 9007199254740992, "any": 1},
	  {"email": "a@b.co", "id": "00000000-0000-0000-0000-000000000000", "n": 0, "any": 1, "day": "2025-02-29"}, {"email": "a@b.co", "id": "00000000-0000-0000-0000-000000000000", "n": 0, "any": 1, "map": {"k": [1]}},
	  {"email": "a@b.co", "id": "00000000-0000-0000-0000-000000000000", "n": 0}]'),
('Vercel AI SDK: the schema of a tool, and of an object', '{
	"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
	"properties": {"recipe": {"type": "object", "properties": {"name": {"type": "string"}, "ingredients": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}, "amount": {"type": "string"}},
		"required": ["name", "amount"], "additionalProperties": false}}, "steps": {"type": "array", "items": {"type": "string"}}}, "required": ["name", "ingredients", "steps"], "additionalProperties": false}},
	"required": ["recipe"], "additionalProperties": false}',
	'[{"recipe": {"name": "x", "ingredients": [{"name": "y", "amount": "1"}], "steps": []}}]', '[{"recipe": {"name": "x", "ingredients": [{"name": "y", "amount": 1}], "steps": []}}, {"recipe": {"name": "x", "ingredients": []}}, {"recipe": null}]'),
('Vercel AI SDK: an array as elements, an enum as result', '{
	"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
	"properties": {"elements": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"]}}, "result": {"type": "string", "enum": ["yes", "no"]}},
	"required": ["elements"], "additionalProperties": false}',
	'[{"elements": []}, {"elements": [{"n": 1, "m": 2}], "result": "no"}]', '[{"elements": [{}]}, {"elements": {}}, {"elements": [], "result": "maybe"}]'),
('LangChain: args_schema of a tool', '{
	"description": "Search the web.", "title": "search",
	"properties": {"query": {"description": "what to look for", "title": "Query", "type": "string"}, "k": {"default": 4, "title": "K", "type": "integer"},
		"filter": {"anyOf": [{"additionalProperties": true, "type": "object"}, {"type": "null"}], "default": null, "title": "Filter"},
		"mode": {"const": "fast", "default": "fast", "enum": ["fast"], "title": "Mode", "type": "string"}},
	"required": ["query"], "type": "object"}',
	'[{"query": "x"}, {"query": "x", "k": 1, "filter": {"a": [1]}, "mode": "fast"}, {"query": "x", "filter": null}]', '[{"k": 1}, {"query": "x", "k": "4"}, {"query": "x", "filter": 1}, {"query": "x", "mode": "slow"}]'),
('LangChain: a model of Pydantic 1, with definitions and allOf', '{
	"title": "Plan", "type": "object", "properties": {"steps": {"title": "Steps", "type": "array", "items": {"$ref": "#/definitions/Step"}}, "first": {"title": "First", "allOf": [{"$ref": "#/definitions/Step"}]}}, "required": ["steps"],
	"definitions": {"Step": {"title": "Step", "type": "object", "properties": {"tool": {"title": "Tool", "type": "string"}, "weight": {"title": "Weight", "exclusiveMinimum": 0, "type": "number"}}, "required": ["tool"]}}}',
	'[{"steps": [{"tool": "a", "weight": 0.1}], "first": {"tool": "b"}}]', '[{"steps": [{"tool": 1}]}, {"steps": [{"tool": "a", "weight": 0}]}, {"steps": [], "first": {}}]'),
('Google Gemini: after OpenAPI; nullable and propertyOrdering are unknown and say nothing', '{
	"type": "object",
	"properties": {"name": {"type": "string", "nullable": true}, "count": {"type": "integer", "format": "int32"}, "ratio": {"type": "number", "format": "float"}, "kind": {"type": "string", "format": "enum", "enum": ["A", "B"]},
		"list": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2}, "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
	"required": ["name"], "propertyOrdering": ["name", "count"], "example": {"name": 1}}',
	'[{"name": "x", "count": 3, "ratio": 0.5, "kind": "A", "list": ["a"], "either": 1}]', '[{"name": null}, {"name": "x", "count": 0.5}, {"name": "x", "kind": "C"}, {"name": "x", "list": []}, {"name": "x", "either": 1.5}]');
SELECT plan((SELECT 3 * count(*)::int FROM stack));
SELECT is((SELECT string_agg(e::text, ' ') FROM jsonb_array_elements(good) AS g, maestro.json_errors(schema, g) AS e), NULL, name || ': what it means holds') FROM stack ORDER BY no;
SELECT is((SELECT string_agg(b::text, ' ') FROM jsonb_array_elements(bad) AS b WHERE maestro.json_matches(schema, b)), NULL, name || ': nothing else does') FROM stack ORDER BY no;
-- The standard meta-schema takes it, too.
SELECT is((SELECT string_agg(e::text, ' ') FROM maestro.json_errors(json_build_object('$ref', coalesce(rtrim(schema->>'$schema', '#'), 'https://json-schema.org/draft/2020-12/schema')), schema::jsonb) AS e), NULL,
	name || ': it is a schema') FROM stack ORDER BY no;
SELECT * FROM finish();
ROLLBACK;
