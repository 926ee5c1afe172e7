/*
 * schema_path.c
 *		Where something lies in a schema, and the error that says so.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "schema_build.h"

const SchemaPath *
schema_path(const SchemaPath *outer, const char *key, int len)
{
	SchemaPath *path = palloc(sizeof(SchemaPath));

	*path = (SchemaPath){outer, key, len};
	return path;
}

static void
append_token(StringInfo out, const SchemaPath *path)
{
	appendStringInfoChar(out, '/');
	if (path->key == NULL)
		appendStringInfo(out, "%d", path->len);
	if (path->key != NULL && path->len > SCHEMA_PATH_KEY_MAX)
	{
		appendStringInfo(out, "[key of %d bytes]", path->len);
		return;
	}
	for (int i = 0; path->key != NULL && i < path->len; i++)
	{
		if (path->key[i] == '~' || path->key[i] == '/')
			appendStringInfoString(out, path->key[i] == '~' ? "~0" : "~1");
		else
			appendStringInfoChar(out, path->key[i]);
	}
}

char *
schema_path_text(const SchemaPath *path, const char *more)
{
	StringInfoData	   out;
	const SchemaPath **tokens;
	int				   n = 0;
	int				   i = 0;

	for (const SchemaPath *p = path; p != NULL; p = p->outer)
		n++;
	tokens = palloc(Max(n, 1) * sizeof(SchemaPath *));
	for (const SchemaPath *p = path; p != NULL; p = p->outer)
		tokens[n - ++i] = p;
	initStringInfo(&out);
	for (i = 0; i < n; i++)
		append_token(&out, tokens[i]);
	if (more != NULL)
		appendStringInfo(&out, "/%s", more);
	pfree(tokens);
	return out.data;
}

/* Words of the schema's own may be anybody's: a pointer shows keywords and numbers alone. */
static char *
plain_path(const char *path)
{
	static const char *const keywords =
		" $defs $dynamicRef $id $ref $schema additionalItems additionalProperties allOf anyOf const contains"
		" definitions dependencies dependentRequired dependentSchemas else enum exclusiveMaximum"
		" exclusiveMinimum format if items maxContains maxItems maxLength maxProperties maximum"
		" minContains minItems minLength minProperties minimum multipleOf not oneOf pattern"
		" patternProperties prefixItems properties propertyNames required then type unevaluatedItems"
		" unevaluatedProperties uniqueItems ";
	StringInfoData out;

	initStringInfo(&out);
	while (*path == '/')
	{
		size_t len = strcspn(path + 1, "/");
		char  *word = psprintf(" %.*s ", (int) len, path + 1);
		bool   is_number = len > 0 && strspn(word + 1, "0123456789") == len;

		appendStringInfo(&out, "/%.*s", is_number || strstr(keywords, word) != NULL ? (int) len : 1,
						 is_number || strstr(keywords, word) != NULL ? path + 1 : "*");
		path += len + 1;
	}
	return out.data;
}

void
schema_fault_at(const char *pointer, const char *reason)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("JSON Schema cannot be used"),
					errdetail("At \"%s\": %s.", plain_path(pointer), reason)));
}

void
schema_fault(const SchemaPath *path, const char *reason)
{
	schema_fault_at(schema_path_text(path, NULL), reason);
}
