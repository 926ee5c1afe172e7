/*
 * schema_standard.c
 *		The standard meta-schemas, in our own words: what schemas of draft 2020-12 and
 *		draft 7 must look like (Core and Validation specifications of json-schema.org).
 */
#include "postgres.h"

#include "schema_build.h"

#define BASE "https://json-schema.org/draft/2020-12/"
#define HEAD(name) \
	"{\"$schema\": \"" BASE "schema\", \"$id\": \"" BASE name "\", \"$dynamicAnchor\": \"meta\", \"type\": [\"object\", \"boolean\"], "
#define SCHEMA "{\"$dynamicRef\": \"#meta\"}"
#define SCHEMAS "{\"type\": \"array\", \"minItems\": 1, \"items\": " SCHEMA "}"
#define SCHEMA_MAP "{\"type\": \"object\", \"additionalProperties\": " SCHEMA "}"
#define STRING "{\"type\": \"string\"}"
#define BOOLEAN "{\"type\": \"boolean\"}"
#define NUMBER "{\"type\": \"number\"}"
#define COUNT "{\"type\": \"integer\", \"minimum\": 0}"
#define NAMES "{\"type\": \"array\", \"items\": " STRING ", \"uniqueItems\": true}"
#define TYPE "{\"enum\": [\"array\", \"boolean\", \"integer\", \"null\", \"number\", \"object\", \"string\"]}"
#define TYPES "{\"anyOf\": [" TYPE ", {\"type\": \"array\", \"items\": " TYPE ", \"minItems\": 1, \"uniqueItems\": true}]}"
#define ABOVE_ZERO "{\"type\": \"number\", \"exclusiveMinimum\": 0}"
#define REGEX_STRING "{\"type\": \"string\", \"format\": \"regex\"}"
#define ANCHOR "{\"type\": \"string\", \"pattern\": \"^[A-Za-z_][-A-Za-z0-9._]*$\"}"

/* what both drafts say of scalars */
#define COUNTS \
	"\"maxLength\": " COUNT ", \"minLength\": " COUNT ", \"maxItems\": " COUNT ", \"minItems\": " COUNT \
	", \"maxProperties\": " COUNT ", \"minProperties\": " COUNT
#define SCALARS                                                                                    \
	"\"type\": " TYPES ", \"const\": true, \"enum\": {\"type\": \"array\"}, \"multipleOf\": " ABOVE_ZERO \
	", \"maximum\": " NUMBER ", \"minimum\": " NUMBER ", \"exclusiveMaximum\": " NUMBER             \
	", \"exclusiveMinimum\": " NUMBER ", \"pattern\": " REGEX_STRING ", \"uniqueItems\": " BOOLEAN   \
	", \"required\": " NAMES ", " COUNTS

#define SELF "{\"$ref\": \"#\"}"
#define SELVES "{\"type\": \"array\", \"minItems\": 1, \"items\": " SELF "}"
#define SELF_MAP "{\"type\": \"object\", \"additionalProperties\": " SELF "}"

static const struct
{
	const char *uri;
	const char *text;
} standards[] = {
	{BASE "schema",
	 HEAD("schema") "\"$vocabulary\": {\"" BASE "vocab/core\": true, \"" BASE "vocab/applicator\": true, \"" BASE
	 "vocab/unevaluated\": true, \"" BASE "vocab/validation\": true, \"" BASE "vocab/meta-data\": true, \"" BASE
	 "vocab/format-annotation\": true, \"" BASE "vocab/content\": true}, "
	 "\"allOf\": [{\"$ref\": \"meta/core\"}, {\"$ref\": \"meta/applicator\"}, {\"$ref\": \"meta/unevaluated\"}, "
	 "{\"$ref\": \"meta/validation\"}, {\"$ref\": \"meta/meta-data\"}, {\"$ref\": \"meta/format-annotation\"}, "
	 "{\"$ref\": \"meta/content\"}], \"properties\": {\"definitions\": " SCHEMA_MAP
	 ", \"dependencies\": {\"type\": \"object\", \"additionalProperties\": {\"anyOf\": [" SCHEMA ", " NAMES "]}}}}"},
	{BASE "meta/core",
	 HEAD("meta/core") "\"properties\": {\"$id\": {\"type\": \"string\", \"pattern\": \"^[^#]*#?$\"}, \"$schema\": " STRING
	 ", \"$ref\": " STRING ", \"$anchor\": " ANCHOR ", \"$dynamicRef\": " STRING ", \"$dynamicAnchor\": " ANCHOR
	 ", \"$vocabulary\": {\"type\": \"object\", \"additionalProperties\": " BOOLEAN "}, \"$comment\": " STRING
	 ", \"$defs\": " SCHEMA_MAP "}}"},
	{BASE "meta/applicator",
	 HEAD("meta/applicator") "\"properties\": {\"prefixItems\": " SCHEMAS ", \"items\": " SCHEMA ", \"contains\": " SCHEMA
	 ", \"additionalProperties\": " SCHEMA ", \"properties\": " SCHEMA_MAP
	 ", \"patternProperties\": {\"type\": \"object\", \"additionalProperties\": " SCHEMA
	 ", \"propertyNames\": {\"format\": \"regex\"}}, \"dependentSchemas\": " SCHEMA_MAP ", \"propertyNames\": " SCHEMA
	 ", \"if\": " SCHEMA ", \"then\": " SCHEMA ", \"else\": " SCHEMA ", \"allOf\": " SCHEMAS ", \"anyOf\": " SCHEMAS
	 ", \"oneOf\": " SCHEMAS ", \"not\": " SCHEMA "}}"},
	{BASE "meta/unevaluated",
	 HEAD("meta/unevaluated") "\"properties\": {\"unevaluatedItems\": " SCHEMA ", \"unevaluatedProperties\": " SCHEMA "}}"},
	{BASE "meta/validation",
	 HEAD("meta/validation") "\"properties\": {" SCALARS ", \"maxContains\": " COUNT ", \"minContains\": " COUNT
	 ", \"dependentRequired\": {\"type\": \"object\", \"additionalProperties\": " NAMES "}}}"},
	{BASE "meta/meta-data",
	 HEAD("meta/meta-data") "\"properties\": {\"title\": " STRING ", \"description\": " STRING
	 ", \"default\": true, \"deprecated\": " BOOLEAN ", \"readOnly\": " BOOLEAN ", \"writeOnly\": " BOOLEAN
	 ", \"examples\": {\"type\": \"array\"}}}"},
	{BASE "meta/format-annotation", HEAD("meta/format-annotation") "\"properties\": {\"format\": " STRING "}}"},
	{BASE "meta/format-assertion", HEAD("meta/format-assertion") "\"properties\": {\"format\": " STRING "}}"},
	{BASE "meta/content",
	 HEAD("meta/content") "\"properties\": {\"contentEncoding\": " STRING ", \"contentMediaType\": " STRING
	 ", \"contentSchema\": " SCHEMA "}}"},
	{"http://json-schema.org/draft-07/schema",
	 "{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"$id\": \"http://json-schema.org/draft-07/schema#\", "
	 "\"type\": [\"object\", \"boolean\"], \"properties\": {\"$id\": " STRING ", \"$schema\": " STRING ", \"$ref\": " STRING
	 ", \"$comment\": " STRING ", \"title\": " STRING ", \"description\": " STRING ", \"default\": true, \"readOnly\": " BOOLEAN
	 ", \"examples\": {\"type\": \"array\"}, " SCALARS ", \"additionalItems\": " SELF
	 ", \"items\": {\"anyOf\": [" SELF ", " SELVES "]}, \"contains\": " SELF ", \"additionalProperties\": " SELF
	 ", \"definitions\": " SELF_MAP ", \"properties\": " SELF_MAP
	 ", \"patternProperties\": {\"type\": \"object\", \"additionalProperties\": " SELF
	 ", \"propertyNames\": {\"format\": \"regex\"}}, \"dependencies\": {\"type\": \"object\", "
	 "\"additionalProperties\": {\"anyOf\": [" SELF ", " NAMES "]}}, \"propertyNames\": " SELF ", \"format\": " STRING
	 ", \"contentMediaType\": " STRING ", \"contentEncoding\": " STRING ", \"if\": " SELF ", \"then\": " SELF
	 ", \"else\": " SELF ", \"allOf\": " SELVES ", \"anyOf\": " SELVES ", \"oneOf\": " SELVES ", \"not\": " SELF "}}"},
};

const char *
schema_standard(const char *uri)
{
	for (int i = 0; i < (int) lengthof(standards); i++)
		if (strcmp(standards[i].uri, uri) == 0)
			return standards[i].text;
	return NULL;
}
