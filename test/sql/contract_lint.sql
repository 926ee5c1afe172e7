\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT maestro.register_schema('https://example.com/lint/note', '{"type": "object", "additionalProperties": false, "properties": {"text": {"type": "string"}}}');
-- A contract, an overlay or NULL, what is counted (the rest is 0), and what is found, in order.
CREATE TEMP TABLE example (no integer GENERATED ALWAYS AS IDENTITY, what text, schema text, over text, counts text, issues text);
INSERT INTO example (what, schema, over, counts, issues) VALUES
	-- kinds, one by one
	('false lets nothing through, and counts as nothing', 'false', NULL, '{}', ''),
	('nor does what a false overlay forbids', '{"type": "string"}', 'false', '{}', ''),
	('a generator''s way to write false is false', '{"anyOf": [{"not": {}}, {"type": "string", "maxLength": 3}]}', NULL, '{"strings": 1}', ''),
	('true lets any string through', 'true', NULL, '{"untyped": 1, "strings": 1, "unbounded_strings": 1}', ' untyped'),
	('so does a schema of annotations alone', '{"title": "Any", "description": "anything", "default": 1}', NULL, '{"untyped": 1, "strings": 1, "unbounded_strings": 1}', ' untyped'),
	('and one that only says what it is not', '{"not": {"type": "null"}}', NULL, '{"untyped": 1, "strings": 1, "unbounded_strings": 1}', ' untyped'),
	('booleans and null are nothing to bound', '{"type": ["boolean", "null"]}', NULL, '{}', ''),
	('a string is bounded by its length', '{"type": "string", "maxLength": 10}', NULL, '{"strings": 1}', ''),
	('and by a pattern', '{"type": "string", "pattern": "^a$"}', NULL, '{"strings": 1}', ''),
	('and by a list of values, without a type', '{"enum": ["a", "b"]}', NULL, '{"strings": 1}', ''),
	('and by a constant', '{"const": "a"}', NULL, '{"strings": 1}', ''),
	('but not by its least length, which makes it one', '{"type": "string", "minLength": 1}', NULL, '{"strings": 1, "unbounded_strings": 1}', ' unbounded_string'),
	('a bound without a type lets other types through', '{"maxLength": 5}', NULL, '{"strings": 1, "unbounded_strings": 1, "untyped": 1}', ' no_type'),
	('as do properties without one', '{"properties": {"a": {"type": "null"}}, "additionalProperties": false}', NULL, '{"objects": 1, "strings": 1, "unbounded_strings": 1, "untyped": 1}', ' no_type'),
	('the type may be the overlay''s', '{"maxLength": 5}', '{"type": "string"}', '{"strings": 1}', ''),
	('a format that annotates bounds nothing', '{"type": "string", "format": "date-time"}', NULL, '{"strings": 1, "unbounded_strings": 1}', ' annotation_only_format'),
	('one that nobody knows is none', '{"type": "string", "format": "my-id"}', NULL, '{"strings": 1, "unbounded_strings": 1}', ' unbounded_string'),
	('one that is asserted bounds', '{"x-maestro-assert-formats": true, "type": "string", "format": "date-time"}', NULL, '{"strings": 1}', ''),
	('and so do our own without being asserted', '{"type": "string", "format": "single-line"}', NULL, '{"strings": 1}', ''),
	('a number needs both limits', '{"type": "object", "properties": {"a": {"type": "integer", "minimum": 0}, "b": {"type": "number", "exclusiveMaximum": 1}, "c": {"type": "number"}, "d": {"type": "number", "exclusiveMinimum": 0, "maximum": 1}}, "additionalProperties": false}', NULL,
		'{"objects": 1, "numbers": 4, "unbounded_numbers": 3}', '/properties/a unbounded_number, /properties/b unbounded_number, /properties/c unbounded_number'),
	('or enumerated values', '{"enum": [1, 2, 3]}', NULL, '{"numbers": 1}', ''),
	('what may be a string or a number is both', '{"type": ["string", "integer"], "maxLength": 5}', NULL, '{"strings": 1, "numbers": 1, "unbounded_numbers": 1}', ' unbounded_number'),
	('keywords for what it cannot be count for nothing', '{"type": "boolean", "maxLength": 5, "minimum": 1}', NULL, '{}', ''),
	-- objects
	('an object is open', '{"type": "object", "required": ["a"], "patternProperties": {"^x-": {"type": "null"}}}', NULL, '{"objects": 1, "open_objects": 1}', ' open_object'),
	('until it is closed', '{"type": "object", "properties": {"a": {"type": "null"}}, "additionalProperties": false}', NULL, '{"objects": 1}', ''),
	('whichever way', '{"allOf": [{"type": "object", "properties": {"a": {"type": "null"}}}], "unevaluatedProperties": false}', NULL, '{"objects": 1}', ''),
	('it is open where it says so, and that is said once', '{"type": "object", "additionalProperties": true}', NULL, '{"objects": 1, "open_objects": 1}', ' open_object'),
	('a map without end is open', '{"type": "object", "additionalProperties": {"type": "string", "maxLength": 9}}', NULL, '{"objects": 1, "open_objects": 1, "strings": 1}', ' open_object'),
	('a map of so many is closed', '{"type": "object", "additionalProperties": {"type": "string", "maxLength": 9}, "maxProperties": 20}', NULL, '{"objects": 1, "strings": 1}', ''),
	('and so is one with bounded names', '{"type": "object", "additionalProperties": {"type": "string"}, "propertyNames": {"pattern": "^[a-z]{1,8}$"}}', NULL,
		'{"objects": 1, "strings": 1, "unbounded_strings": 1}', '/additionalProperties unbounded_string'),
	('a number of properties of any kind closes nothing', '{"type": "object", "maxProperties": 20}', NULL, '{"objects": 1, "open_objects": 1}', ' open_object'),
	('properties by pattern are looked into', '{"type": "object", "patternProperties": {"^x": {"type": "string"}}, "additionalProperties": false}', NULL, '{"objects": 1, "open_objects": 1, "strings": 1, "unbounded_strings": 1}', ' open_object, /patternProperties/^x unbounded_string'),
	-- arrays
	('an array needs an end', '{"type": "array", "items": {"type": "boolean"}}', NULL, '{"arrays": 1, "unbounded_arrays": 1}', ' unbounded_array'),
	('which maxItems is', '{"type": "array", "items": {"type": "boolean"}, "maxItems": 3}', NULL, '{"arrays": 1}', ''),
	('a closed tuple has one', '{"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}], "items": false}', NULL, '{"arrays": 1, "strings": 1, "unbounded_strings": 1, "numbers": 1, "unbounded_numbers": 1}',
		'/prefixItems/0 unbounded_string, /prefixItems/1 unbounded_number'),
	('an open one has none', '{"type": "array", "prefixItems": [{"type": "null"}], "items": {"type": "null"}}', NULL, '{"arrays": 1, "unbounded_arrays": 1}', ' unbounded_array'),
	('one that says nothing of the rest may hold anything', '{"type": "array", "prefixItems": [{"type": "null"}], "maxItems": 2}', NULL, '{"arrays": 1, "untyped": 1, "strings": 1, "unbounded_strings": 1}', ' untyped'),
	('unless there is no rest', '{"type": "array", "prefixItems": [{"type": "null"}, {"type": "null"}], "maxItems": 2}', NULL, '{"arrays": 1}', ''),
	('a tuple of draft 7 is one', '{"$schema": "http://json-schema.org/draft-07/schema#", "type": "array", "items": [{"type": "string", "maxLength": 2}], "additionalItems": false}', NULL, '{"arrays": 1, "strings": 1}', ''),
	('an array without items may hold anything', '{"type": "array", "maxItems": 3}', NULL, '{"arrays": 1, "untyped": 1, "strings": 1, "unbounded_strings": 1}', ' untyped'),
	('as one with empty ones says', '{"type": "array", "maxItems": 3, "items": {}}', NULL, '{"arrays": 1, "untyped": 1, "strings": 1, "unbounded_strings": 1}', '/items untyped'),
	-- alternatives
	('an optional string is one bounded string', '{"anyOf": [{"type": "string", "maxLength": 5}, {"type": "null"}], "default": null, "title": "Note"}', NULL, '{"strings": 1}', ''),
	('wherever its bound stands', '{"anyOf": [{"type": "string"}, {"type": "null"}], "maxLength": 5}', NULL, '{"strings": 1}', ''),
	('without a bound the alternative is named', '{"anyOf": [{"type": "null"}, {"type": "string"}]}', NULL, '{"strings": 1, "unbounded_strings": 1}', '/anyOf/1 unbounded_string'),
	('alternatives are looked at each by itself', '{"oneOf": [{"type": "string", "maxLength": 5}, {"type": "string"}, {"type": "integer", "minimum": 0}, {}]}', NULL,
		'{"strings": 3, "unbounded_strings": 2, "numbers": 1, "unbounded_numbers": 1, "untyped": 1}', '/oneOf/1 unbounded_string, /oneOf/2 unbounded_number, /oneOf/3 untyped'),
	('a bound in all alternatives bounds what they are of', '{"type": "string", "anyOf": [{"maxLength": 5}, {"enum": ["a long word"]}]}', NULL, '{"strings": 1}', ''),
	('and one in some does not', '{"type": "string", "anyOf": [{"maxLength": 5}, {"minLength": 9}]}', NULL, '{"strings": 1, "unbounded_strings": 1}', ' unbounded_string'),
	('alternatives of an object are no further objects', '{"type": "object", "properties": {"a": {"type": "null"}, "b": {"type": "null"}}, "additionalProperties": false, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}', NULL, '{"objects": 1}', ''),
	('what stands beside alternatives holds in their properties', '{"type": "object", "properties": {"a": {"maxLength": 5}}, "additionalProperties": false, "oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"type": "object", "properties": {"a": {"type": "null"}}}]}', NULL,
		'{"objects": 1, "strings": 1, "untyped": 1, "unbounded_strings": 1}', '/properties/a no_type'),
	('then and else are looked into, if is not', '{"type": "object", "unevaluatedProperties": false, "if": {"type": "object", "properties": {"a": {"type": "string"}}}, "then": {"type": "object", "properties": {"b": {"type": "string"}}}, "else": {"type": "object", "properties": {"c": {"type": "number"}}}}', NULL,
		'{"objects": 1, "strings": 1, "unbounded_strings": 1, "numbers": 1, "unbounded_numbers": 1}', '/then/properties/b unbounded_string, /else/properties/c unbounded_number'),
	('contains and not are not', '{"type": "array", "maxItems": 2, "items": {"type": "boolean"}, "contains": {"type": "string"}, "not": {"items": {"type": "string"}}}', NULL, '{"arrays": 1}', ''),
	('what depends on a property is looked into', '{"type": "object", "unevaluatedProperties": false, "properties": {"a": {"type": "null"}}, "dependentSchemas": {"a": {"type": "object", "properties": {"b": {"type": "string"}}}}}', NULL,
		'{"objects": 1, "strings": 1, "unbounded_strings": 1}', '/dependentSchemas/a/properties/b unbounded_string'),
	-- composition
	('a bound in allOf is a bound', '{"allOf": [{"type": "string"}, {"maxLength": 5}]}', NULL, '{"strings": 1}', ''),
	('and so is one of a property elsewhere', '{"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"type": "object", "properties": {"a": {"maxLength": 5}}, "additionalProperties": false}]}', NULL, '{"objects": 1, "strings": 1}', ''),
	('and one for all properties of such a name', '{"type": "object", "properties": {"x1": {"type": "string"}, "y1": {"type": "string"}}, "allOf": [{"patternProperties": {"^x": {"maxLength": 5}}}], "unevaluatedProperties": false}', NULL,
		'{"objects": 1, "open_objects": 1, "strings": 3, "unbounded_strings": 2, "untyped": 1}', ' open_object, /properties/y1 unbounded_string, /allOf/0/patternProperties/^x no_type'),
	('a registered schema is looked into, and named', '{"type": "array", "maxItems": 2, "items": {"$ref": "https://example.com/lint/note"}}', NULL, '{"arrays": 1, "objects": 1, "strings": 1, "unbounded_strings": 1}', 'https://example.com/lint/note#/properties/text unbounded_string'),
	('a tree is walked once', '{"$id": "https://example.com/tree", "type": "object", "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#"}}}, "additionalProperties": false}', NULL,
		'{"objects": 2, "arrays": 1, "unbounded_arrays": 1, "strings": 1, "unbounded_strings": 1}', '/properties/name unbounded_string, /properties/children unbounded_array'),
	('one that may lead elsewhere says nothing', '{"$id": "https://example.com/node", "$dynamicAnchor": "node", "type": "object", "properties": {"next": {"$dynamicRef": "#node"}}, "additionalProperties": false}', NULL, '{"objects": 1, "strings": 1, "untyped": 1, "unbounded_strings": 1}', '/properties/next untyped'),
	-- what looks closed and bounded, and is not
	('properties that somebody looks at are not left over', '{"type": "object", "additionalProperties": true, "unevaluatedProperties": false}', NULL, '{"objects": 1, "open_objects": 1}', ' open_object'),
	('wherever that is', '{"type": "object", "allOf": [{"additionalProperties": {}}], "unevaluatedProperties": false}', NULL, '{"objects": 1, "open_objects": 1}', ' open_object'),
	('in a condition too', '{"type": "object", "if": {"additionalProperties": true}, "unevaluatedProperties": false}', NULL, '{"objects": 1, "open_objects": 1}', ' open_object'),
	('items that somebody looks at are not left over', '{"type": "array", "contains": {}, "unevaluatedItems": false}', NULL, '{"arrays": 1, "unbounded_arrays": 1, "untyped": 1, "strings": 1, "unbounded_strings": 1}', ' unbounded_array,  untyped'),
	('nor are those that have a schema', '{"type": "array", "items": {"type": "string", "maxLength": 5}, "unevaluatedItems": false}', NULL, '{"arrays": 1, "unbounded_arrays": 1, "strings": 1}', ' unbounded_array'),
	('a pattern of names closes nothing', '{"type": "object", "additionalProperties": false, "patternProperties": {"": {"type": "string", "maxLength": 9}}}', NULL, '{"objects": 1, "open_objects": 1, "strings": 1}', ' open_object'),
	('a pattern that takes everything is none', '{"type": "string", "pattern": ".*"}', NULL, '{"strings": 1, "unbounded_strings": 1}', ' unbounded_string'),
	('of names neither', '{"type": "object", "propertyNames": {"pattern": ""}, "additionalProperties": {"type": "boolean"}}', NULL, '{"objects": 1, "open_objects": 1}', ' open_object'),
	('a length that nobody reaches is none', '{"type": "string", "maxLength": 1e300}', NULL, '{"strings": 1, "unbounded_strings": 1}', ' unbounded_string'),
	('numbers are a type as well', '{"maxLength": 5, "maxProperties": 0, "maxItems": 0}', NULL, '{"objects": 1, "arrays": 1, "strings": 1, "untyped": 1, "unbounded_strings": 1}', ' no_type'),
	('two that refer to each other are walked once', '{"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "properties": {"b": {"$ref": "#/$defs/b"}}}, "b": {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}}}}', NULL,
		'{"objects": 3, "open_objects": 3}', ' open_object, /$defs/a/properties/b open_object, /$defs/b/properties/a open_object'),
	('what two properties refer to counts once inside', '{"type": "object", "additionalProperties": false, "properties": {"a": {"$ref": "#/$defs/u"}, "b": {"$ref": "#/$defs/u"}}, "$defs": {"u": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}}', NULL,
		'{"objects": 1, "strings": 1, "unbounded_strings": 1, "numbers": 1, "unbounded_numbers": 1}', '/$defs/u/anyOf/0 unbounded_string, /$defs/u/anyOf/1 unbounded_number'),
	('and is unbounded if it is for one of them', '{"type": "object", "additionalProperties": false, "properties": {"a": {"allOf": [{"$ref": "#/$defs/o"}, {"type": "object", "properties": {"s": {"maxLength": 3}}}]}, "b": {"$ref": "#/$defs/o"}}, "$defs": {"o": {"type": "object", "properties": {"s": {"type": "string"}}, "additionalProperties": false}}}', NULL,
		'{"objects": 3, "strings": 1, "unbounded_strings": 1}', '/$defs/o/properties/s unbounded_string'),
	('draft 7 ignores what stands beside $ref', '{"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"s": {"type": "string"}}, "type": "object", "properties": {"a": {"$ref": "#/definitions/s", "maxLength": 5}}, "additionalProperties": false}', NULL,
		'{"objects": 1, "strings": 1, "unbounded_strings": 1}', '/properties/a unbounded_string'),
	-- names
	('a path is unsafe whatever its length', '{"type": "object", "additionalProperties": false, "properties": {"path": {"type": "string", "maxLength": 100}}}', NULL, '{"objects": 1, "strings": 1, "paths": 1, "unsafe_paths": 1}', '/properties/path unsafe_path'),
	('safe-path makes it safe, and a string with that format is one', '{"type": "object", "additionalProperties": false, "properties": {"path": {"type": "string", "format": "safe-path"}, "where": {"type": "string", "format": "safe-path"}, "file": {"enum": ["a"]}}}', NULL, '{"objects": 1, "strings": 3, "paths": 3}', ''),
	('an optional one is unsafe by its alternative', '{"type": "object", "additionalProperties": false, "properties": {"logFile": {"anyOf": [{"type": "string", "pattern": "^/"}, {"type": "null"}]}}}', NULL, '{"objects": 1, "strings": 1, "paths": 1, "unsafe_paths": 1}', '/properties/logFile/anyOf/0 unsafe_path'),
	('files are paths by their items', '{"type": "object", "additionalProperties": false, "properties": {"files": {"type": "array", "maxItems": 9, "items": {"type": "string", "maxLength": 9}}, "paths": {"type": "string", "maxLength": 9}}}', NULL, '{"objects": 1, "arrays": 1, "strings": 2, "paths": 1, "unsafe_paths": 1}',
		'/properties/files/items unsafe_path'),
	('a sink is open whatever its length', '{"type": "object", "additionalProperties": false, "properties": {"sql": {"type": "string", "maxLength": 100}}}', NULL, '{"objects": 1, "strings": 1, "sinks": 1, "open_sinks": 1}', '/properties/sql open_sink'),
	('an asserted format does not close it', '{"type": "object", "x-maestro-assert-formats": true, "additionalProperties": false, "properties": {"template": {"type": "string", "format": "uri"}}}', NULL, '{"objects": 1, "strings": 1, "sinks": 1, "open_sinks": 1}', '/properties/template open_sink'),
	('a pattern, values or a note about it do', '{"type": "object", "additionalProperties": false, "properties": {"sql": {"type": "string", "pattern": "^SELECT [a-z]+$"}, "shell_command": {"enum": ["ls"]}, "searchQuery": {"type": "string", "maxLength": 99, "x-maestro-sink": "a bind parameter"}, "html": {"type": "string", "maxLength": 9, "x-maestro-sink": true}}}', NULL,
		'{"objects": 1, "strings": 4, "sinks": 4}', ''),
	('that it is not thought about does not', '{"type": "object", "additionalProperties": false, "properties": {"code": {"type": "string", "maxLength": 9, "x-maestro-sink": false}}}', NULL, '{"objects": 1, "strings": 1, "sinks": 1, "open_sinks": 1}', '/properties/code open_sink'),
	('a list of arguments is a sink by its items', '{"type": "object", "additionalProperties": false, "properties": {"command": {"type": "array", "maxItems": 9, "items": {"type": "string", "maxLength": 9}}}}', NULL, '{"objects": 1, "arrays": 1, "strings": 1, "sinks": 1, "open_sinks": 1}', '/properties/command/items open_sink'),
	('an untyped path is no safe one', '{"type": "object", "additionalProperties": false, "properties": {"path": {"description": "where"}}}', NULL, '{"objects": 1, "untyped": 1, "strings": 1, "unbounded_strings": 1, "paths": 1, "unsafe_paths": 1}', '/properties/path untyped, /properties/path unsafe_path'),
	('a number or an object of such a name is neither', '{"type": "object", "additionalProperties": false, "properties": {"code": {"type": "integer", "minimum": 0, "maximum": 9}, "file": {"additionalProperties": false, "type": "object"}}}', NULL, '{"objects": 2, "numbers": 1}', ''),
	-- overlays
	('an overlay bounds what belongs to others', '{"type": "object", "properties": {"q": {"type": "string"}, "n": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}}}',
		'{"additionalProperties": false, "properties": {"q": {"maxLength": 100}, "n": {"minimum": 1, "maximum": 5}, "tags": {"maxItems": 3, "items": {"maxLength": 10}}}}', '{"objects": 1, "strings": 2, "numbers": 1, "arrays": 1}', ''),
	('behind references too', '{"$ref": "#/$defs/m", "$defs": {"m": {"type": "object", "properties": {"file_path": {"$ref": "#/$defs/s"}}}, "s": {"type": "string"}}}', '{"type": "object", "properties": {"file_path": {"format": "safe-path"}}, "additionalProperties": false}', '{"objects": 1, "strings": 1, "paths": 1}', ''),
	('and all properties at once', '{"type": "object", "properties": {"a": {"type": "string"}, "b": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}', '{"additionalProperties": {"type": ["string", "null"], "maxLength": 100}, "maxProperties": 10}', '{"objects": 1, "strings": 3}', ''),
	('what it lacks itself is found in it', '{"type": "object"}', '{"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false}', '{"objects": 1, "strings": 1, "unbounded_strings": 1}', 'overlay:/properties/a unbounded_string'),
	('an overlay true changes nothing', '{"type": "string"}', 'true', '{"strings": 1, "unbounded_strings": 1}', ' unbounded_string'),
	('it forbids what it does not name', '{"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "null"}}}', '{"type": "object", "properties": {"b": true}, "additionalProperties": false}', '{"objects": 1}', ''),
	('a map bounds a map', '{"type": "object", "additionalProperties": {"type": "string"}}', '{"maxProperties": 5, "additionalProperties": {"maxLength": 5}}', '{"objects": 1, "strings": 1}', ''),
	('its cycle goes along with a cycle', '{"type": "object", "properties": {"s": {"type": "string"}, "next": {"$ref": "#"}}}', '{"type": "object", "properties": {"s": {"maxLength": 5}, "next": {"$ref": "#"}}, "additionalProperties": false}', '{"objects": 2, "strings": 1}', ''),
	-- what the frameworks write
	('a strict tool of OpenAI''s is closed, and its strings are not bounded', '{"type": "object", "properties": {"location": {"type": "string", "description": "City and country"}, "units": {"type": ["string", "null"], "enum": ["celsius", "fahrenheit", null]}, "days": {"type": ["integer", "null"]}}, "required": ["location", "units", "days"], "additionalProperties": false}', NULL,
		'{"objects": 1, "strings": 2, "unbounded_strings": 1, "numbers": 1, "unbounded_numbers": 1}', '/properties/days unbounded_number, /properties/location unbounded_string'),
	('an overlay makes it whole', '{"type": "object", "properties": {"location": {"type": "string", "description": "City and country"}, "units": {"type": ["string", "null"], "enum": ["celsius", "fahrenheit", null]}, "days": {"type": ["integer", "null"]}}, "required": ["location", "units", "days"], "additionalProperties": false}',
		'{"properties": {"location": {"maxLength": 80}, "days": {"minimum": 1, "maximum": 14}}}', '{"objects": 1, "strings": 2, "numbers": 1}', ''),
	('an MCP tool''s input is open', '{"type": "object", "properties": {"path": {"type": "string"}, "head": {"type": "number", "description": "first lines"}, "edits": {"type": "array", "items": {"type": "object", "properties": {"oldText": {"type": "string"}, "newText": {"type": "string"}}, "required": ["oldText", "newText"]}}, "dryRun": {"type": "boolean", "default": false}}, "required": ["path"]}', NULL,
		'{"objects": 2, "open_objects": 2, "strings": 3, "unbounded_strings": 3, "paths": 1, "unsafe_paths": 1, "numbers": 1, "unbounded_numbers": 1, "arrays": 1, "unbounded_arrays": 1}',
		' open_object, /properties/head unbounded_number, /properties/path unbounded_string, /properties/path unsafe_path, /properties/edits unbounded_array, /properties/edits/items open_object, /properties/edits/items/properties/newText unbounded_string, /properties/edits/items/properties/oldText unbounded_string'),
	('a database tool of MCP''s has a sink', '{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {"sql": {"type": "string"}}, "required": ["sql"], "additionalProperties": false}', NULL,
		'{"objects": 1, "strings": 1, "unbounded_strings": 1, "sinks": 1, "open_sinks": 1}', '/properties/sql unbounded_string, /properties/sql open_sink'),
	('a model of Pydantic''s is followed through $defs', '{"$defs": {"Address": {"type": "object", "properties": {"street": {"maxLength": 80, "title": "Street", "type": "string"}, "zip": {"pattern": "^[0-9]{5}$", "title": "Zip", "type": "string"}}, "required": ["street", "zip"], "title": "Address"}, "Color": {"enum": ["red", "green"], "title": "Color", "type": "string"}}, "properties": {"name": {"title": "Name", "type": "string"}, "age": {"anyOf": [{"maximum": 150, "minimum": 0, "type": "integer"}, {"type": "null"}], "default": null, "title": "Age"}, "home": {"$ref": "#/$defs/Address"}, "work": {"anyOf": [{"$ref": "#/$defs/Address"}, {"type": "null"}], "default": null}, "color": {"$ref": "#/$defs/Color", "default": "red"}, "when": {"format": "date-time", "title": "When", "type": "string"}, "extra": {"additionalProperties": true, "title": "Extra", "type": "object"}, "meta": {"default": null, "title": "Meta"}}, "required": ["name", "home", "when", "extra"], "title": "Person", "type": "object"}', NULL,
		'{"objects": 4, "open_objects": 4, "strings": 6, "unbounded_strings": 3, "numbers": 1, "untyped": 1}',
		' open_object, /properties/home open_object, /properties/meta untyped, /properties/name unbounded_string, /properties/when annotation_only_format, /properties/work/anyOf/0 open_object, /properties/extra open_object'),
	('a model that forbids extras is closed', '{"additionalProperties": false, "properties": {"ids": {"items": {"exclusiveMinimum": 0, "type": "integer"}, "maxItems": 100, "title": "Ids", "type": "array"}, "pair": {"maxItems": 2, "minItems": 2, "prefixItems": [{"type": "integer"}, {"type": "string"}], "title": "Pair", "type": "array"}}, "title": "Batch", "type": "object"}', NULL,
		'{"objects": 1, "arrays": 2, "numbers": 2, "unbounded_numbers": 2, "strings": 1, "unbounded_strings": 1}', '/properties/ids/items unbounded_number, /properties/pair/prefixItems/0 unbounded_number, /properties/pair/prefixItems/1 unbounded_string'),
	('a discriminated union of Pydantic''s counts each model', '{"$defs": {"Cat": {"type": "object", "properties": {"kind": {"const": "cat", "title": "Kind", "type": "string"}, "lives": {"type": "integer"}}, "title": "Cat"}, "Dog": {"additionalProperties": false, "properties": {"kind": {"const": "dog", "title": "Kind", "type": "string"}}, "title": "Dog", "type": "object"}}, "discriminator": {"mapping": {"cat": "#/$defs/Cat", "dog": "#/$defs/Dog"}, "propertyName": "kind"}, "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]}', NULL,
		'{"objects": 2, "open_objects": 1, "strings": 2, "numbers": 1, "unbounded_numbers": 1}', '/oneOf/0 open_object, /$defs/Cat/properties/lives unbounded_number'),
	('zod''s output is draft 7, closed, with records', '{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {"email": {"type": "string", "format": "email"}, "limit": {"type": "integer", "exclusiveMinimum": 0, "maximum": 100, "default": 10}, "labels": {"type": "object", "additionalProperties": {"type": "string"}}, "mode": {"type": "string", "enum": ["fast", "slow"]}, "sort": {"anyOf": [{"type": "string", "const": "asc"}, {"type": "string", "const": "desc"}, {"not": {}}]}}, "required": ["email"], "additionalProperties": false}', NULL,
		'{"objects": 2, "open_objects": 1, "strings": 5, "unbounded_strings": 2, "numbers": 1}', '/properties/email annotation_only_format, /properties/labels open_object, /properties/labels/additionalProperties unbounded_string'),
	('a record of zod''s by an enumeration is closed', '{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "propertyNames": {"type": "string", "enum": ["a", "b"]}, "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1}, "required": ["a", "b"]}', NULL, '{"objects": 1, "numbers": 1}', '');

CREATE FUNCTION pg_temp.counts(schema text, over text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT coalesce(jsonb_object_agg(key, value) FILTER (WHERE value <> '0'), '{}') FROM jsonb_each(maestro.contract_lint_counts(schema::json, over::json) - 'unsafe_strings') $$;
CREATE FUNCTION pg_temp.issues(schema text, over text) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(l.path || ' ' || l.issue, ', ' ORDER BY no), '') FROM maestro.contract_lint(schema::json, over::json) WITH ORDINALITY AS l (path, issue, advice, no) $$;
SELECT plan((SELECT 2 * count(*)::integer FROM example) + 14);
SELECT is(pg_temp.counts(schema, over), counts::jsonb, what) FROM example ORDER BY no;
SELECT is(pg_temp.issues(schema, over), issues, 'found: ' || what) FROM example ORDER BY no;

-- Names are split into words.
CREATE FUNCTION pg_temp.kinds(name text) RETURNS text LANGUAGE sql AS $$
	SELECT concat(CASE c->>'paths' WHEN '1' THEN 'path' END, CASE c->>'sinks' WHEN '1' THEN 'sink' END)
	  FROM maestro.contract_lint_counts(json_build_object('type', 'object', 'properties', json_build_object(name, '{"type": "string"}'::json))) AS c $$;
SELECT is((SELECT string_agg(n, ' ') FROM unnest('{path,file,filename,filepath,dir,directory,folder,PATH,Path,target_path,target-path,target.path,targetPath,targetPATH,fileName,file_name,FileName,path2,out_file_,HTMLFile,übersichtPath}'::text[]) AS n WHERE pg_temp.kinds(n) <> 'path'), NULL,
	'the last word of a name makes it a path');
SELECT is((SELECT string_agg(n, ' ') FROM unnest('{sql,query,command,cmd,code,script,shell,html,template,expression,rawSQL,search_query,bash-command,sourceCode,postScript,cronExpression,SQLQuery}'::text[]) AS n WHERE pg_temp.kinds(n) <> 'sink'), NULL,
	'or a sink');
SELECT is((SELECT string_agg(n, ' ') FROM unnest('{profile,path_id,pathology,filed,name,userName,files,queries,codes,decode,dirt,commander,querying,"",_,1,pfad,Äpath}'::text[]) AS n WHERE pg_temp.kinds(n) <> ''), NULL,
	'and others make it neither');

-- All keys are there, NULL is nothing, and what cannot be used is refused.
SELECT is((SELECT string_agg(key, ' ' ORDER BY key) FROM jsonb_each(maestro.contract_lint_counts('false'))),
	'arrays numbers objects open_objects open_sinks paths sinks strings unbounded_arrays unbounded_numbers unbounded_strings unsafe_paths unsafe_strings untyped', 'all counts are always there');
SELECT is((SELECT c -> 'unsafe_strings' FROM maestro.contract_lint_counts('{"type": "object", "properties": {"a": {"type": "string"}, "sql": {"type": "string"}, "code": {"type": "string", "maxLength": 9}, "b": {"type": "string", "maxLength": 9}}}') AS c),
	'3', 'a string without bound, and one that is executed without pattern, are unsafe, and one that is both is so once');
SELECT is(maestro.contract_lint_counts(NULL, '{}'), NULL, 'no schema has no counts');
SELECT is_empty('SELECT * FROM maestro.contract_lint(NULL, NULL)', 'and no faults');
SELECT is((SELECT advice FROM maestro.contract_lint('{"type": "string", "format": "date"}')),
	'Assert formats with "x-maestro-assert-formats": true at the root of the schema, or give maxLength, pattern, enum or const.', 'the advice for a format is to assert it');
SELECT throws_ok($$ SELECT maestro.contract_lint_counts('{"properties": {"a": {"maxLength": -1}}}') $$, '22023', 'JSON Schema cannot be used', 'a schema that cannot be used is refused');
SELECT throws_ok($$ SELECT * FROM maestro.contract_lint('{}', '{"$ref": "https://example.com/nobody"}') $$, '22023', 'JSON Schema cannot be used', 'and so is an overlay');

-- Nothing takes more than its time.
SET LOCAL statement_timeout = '60 s';
SELECT is(pg_temp.counts((SELECT json_build_object('anyOf', json_agg(json_build_object('type', 'string', 'maxLength', i))) FROM generate_series(1, 10000) AS i)::text, '{"maxLength": 20000}'), '{"strings": 1}', 'ten thousand alternatives are looked at');
SELECT is(pg_temp.counts((SELECT json_build_object('$ref', '#/$defs/1', '$defs', json_object_agg(i, CASE i WHEN 400 THEN '{"type": "string"}' ELSE json_build_object('$ref', '#/$defs/' || i + 1) END)) FROM generate_series(1, 400) AS i)::text, NULL), '{"strings": 1, "unbounded_strings": 1}',
	'a long chain of references is followed');
SELECT is(pg_temp.counts((SELECT json_build_object('type', 'object', 'allOf', json_agg(json_build_object('properties', json_build_object('p' || i, '{"type": "string"}'::json)))) FROM generate_series(1, 3000) AS i)::text, NULL), '{"objects": 1, "open_objects": 1, "strings": 3000, "unbounded_strings": 3000}',
	'what is composed of more parts than hold together is looked at in all of them');
-- Three cycles whose lengths have no common divisor: all combinations would be 10^9.
SELECT is(pg_temp.counts((SELECT json_build_object('allOf', json_agg(json_build_object('$ref', '#/$defs/' || n || '-0')) FILTER (WHERE i = 0), '$defs',
	json_object_agg(n || '-' || i, json_build_object('type', 'object', 'properties', json_build_object('n', json_build_object('$ref', format('#/$defs/%s-%s', n, (i + 1) % n)), 's' || i, '{"type": "string"}'::json))))
	FROM unnest('{997,1009,1013}'::integer[]) AS n, generate_series(0, n - 1) AS i)::text, NULL)->'unbounded_strings', '3019', 'cycles that never meet come to an end');
SELECT * FROM finish();
ROLLBACK;
