/*
 * schema_place.c
 *		What a schema's URIs mean: identities, anchors, JSON pointers, other documents.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "compat.h"

#include "schema_build.h"

/* nesting of schemas; jsonb itself allows more */
#define DEPTH_MAX 500

#define DRAFT_2020 "https://json-schema.org/draft/2020-12/"
#define DRAFT_7 "http://json-schema.org/draft-07/schema"

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
schema_fault(const char *path, const char *reason)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("JSON Schema cannot be used"),
					errdetail("At \"%s\": %s.", plain_path(path), reason)));
}

JsonbValue *
schema_get(const JsonbValue *object, const char *key)
{
	JsonbValue wanted = {.type = jbvString};

	if (object->type != jbvBinary || !JsonContainerIsObject(object->val.binary.data))
		return NULL;
	wanted.val.string.val = unconstify(char *, key);
	wanted.val.string.len = (int) strlen(key);
	return findJsonbValueFromContainer(object->val.binary.data, JB_FOBJECT, &wanted);
}

char *
schema_string(const JsonbValue *value)
{
	return pnstrdup(value->val.string.val, value->val.string.len);
}

/* Every node has one for as long as it is kept, so that it takes no more than it must. */
char *
schema_path(const char *path, const char *key, int len, int index)
{
	size_t begin = strlen(path);
	char  *out = palloc(begin + 2 * (index >= 0 ? 12 : len) + 2);
	char  *at = out + begin;

	memcpy(out, path, begin);
	*at++ = '/';
	if (index >= 0)
		at += pg_ltoa(index, at);
	for (int i = 0; index < 0 && i < len; i++)
	{
		if (key[i] == '~' || key[i] == '/')
		{
			*at++ = '~';
			*at++ = key[i] == '~' ? '0' : '1';
		}
		else
			*at++ = key[i];
	}
	*at = '\0';
	return out;
}

/* ---- dialects ---- */

/* What a $schema means; a meta-schema of somebody's own says by its vocabularies. */
static void
set_dialect(SchemaBuild *build, SchemaResource *resource, const char *uri, const char *path)
{
	char	   *name = pnstrdup(uri, strcspn(uri, "#"));
	Jsonb	   *meta;
	JsonbValue	root = {.type = jbvBinary};
	JsonbValue *vocabulary;

	resource->is_draft7 = false;
	resource->validates = true;
	if (strcmp(name, DRAFT_2020 "schema") == 0)
		return;
	if (strcmp(name, DRAFT_7) == 0 || strcmp(name, "https://json-schema.org/draft-07/schema") == 0)
	{
		resource->is_draft7 = true;
		return;
	}
	meta = build->find != NULL ? build->find(name) : NULL;
	if (meta == NULL || !JB_ROOT_IS_OBJECT(meta))
		schema_fault(path, "the dialect ($schema) is none that is known: 2020-12, draft 7, or a registered meta-schema of 2020-12");
	root.val.binary.data = &meta->root;
	vocabulary = schema_get(&root, "$vocabulary");
	if (vocabulary == NULL)
		return;
	resource->validates = schema_get(vocabulary, DRAFT_2020 "vocab/validation") != NULL;
	resource->asserts_format = schema_get(vocabulary, DRAFT_2020 "vocab/format-assertion") != NULL;
}

/* ---- finding identities ---- */

static void
add_place(SchemaBuild *build, const char *uri, const JsonbValue *value, SchemaResource *resource,
		  const char *path, bool is_dynamic)
{
	SchemaPlace *place = palloc(sizeof(SchemaPlace));

	place->uri = uri;
	place->value = *value;
	place->resource = resource;
	place->path = pstrdup(path);
	place->is_dynamic = is_dynamic;
	place->is_anchored = false;
	build->places = lappend(build->places, place);
}

static SchemaResource *
new_resource(SchemaBuild *build, const SchemaResource *within, const char *uri,
			 const JsonbValue *object, const char *path)
{
	SchemaResource *resource = palloc0(sizeof(SchemaResource));
	JsonbValue	   *dialect = schema_get(object, "$schema");
	JsonbValue	   *asserts = schema_get(object, "x-maestro-assert-formats");

	resource->uri = uri;
	resource->document = within == NULL ? uri : within->document;
	resource->validates = within == NULL || within->validates;
	resource->is_draft7 = within != NULL && within->is_draft7;
	resource->asserts_format = within != NULL && within->asserts_format;
	if (dialect != NULL && dialect->type == jbvString)
		set_dialect(build, resource, schema_string(dialect), path);
	if (asserts != NULL && asserts->type == jbvBool)
		resource->asserts_format = asserts->val.boolean;
	return resource;
}

static void
add_anchor(SchemaBuild *build, const JsonbValue *object, const char *keyword,
		   SchemaResource *resource, const char *path)
{
	JsonbValue *anchor = schema_get(object, keyword);

	if (anchor == NULL || anchor->type != jbvString)
		return;
	add_place(build, psprintf("%s#%s", resource->uri, schema_string(anchor)), object, resource, path,
			  strcmp(keyword, "$dynamicAnchor") == 0);
}

/* The resource that an object begins, if it has an identity; its anchors. */
static SchemaResource *
identify(SchemaBuild *build, SchemaResource *within, const JsonbValue *object, const char *path)
{
	JsonbValue *id = schema_get(object, "$id");
	SchemaResource *resource = within;

	if (within->is_draft7 && schema_get(object, "$ref") != NULL)
		return within;
	if (id != NULL && id->type == jbvString)
	{
		char  *uri = schema_uri_resolve(within->uri, schema_string(id));
		size_t fragment = schema_uri_fragment(uri);

		if (uri[fragment] != '\0' && within->is_draft7)
			add_place(build, uri, object, within, path, false);
		else
		{
			uri[strcspn(uri, "#")] = '\0';
			resource = new_resource(build, within, uri, object, path);
			add_place(build, uri, object, resource, path, false);
		}
	}
	if (!resource->is_draft7)
	{
		add_anchor(build, object, "$anchor", resource, path);
		add_anchor(build, object, "$dynamicAnchor", resource, path);
	}
	return resource;
}

/* Does a keyword hold one schema, a list of them, a map of them? */
static bool
is_holder(const JsonbValue *key)
{
	static const char *const holders[] = {
		"$defs", "additionalItems", "additionalProperties", "allOf", "anyOf", "contains",
		"definitions", "dependencies", "dependentSchemas", "else", "if", "items", "not", "oneOf",
		"patternProperties", "prefixItems", "properties", "propertyNames", "then",
		"unevaluatedItems", "unevaluatedProperties"};

	for (int i = 0; i < (int) lengthof(holders); i++)
		if (strlen(holders[i]) == (size_t) key->val.string.len &&
			memcmp(holders[i], key->val.string.val, key->val.string.len) == 0)
			return true;
	return false;
}

static bool
is_map(const JsonbValue *key)
{
	static const char *const maps[] = {"$defs", "definitions", "dependencies", "dependentSchemas",
									   "patternProperties", "properties"};

	for (int i = 0; i < (int) lengthof(maps); i++)
		if (strlen(maps[i]) == (size_t) key->val.string.len &&
			memcmp(maps[i], key->val.string.val, key->val.string.len) == 0)
			return true;
	return false;
}

static void look_in(SchemaBuild *build, SchemaResource *within, const JsonbValue *value,
					const char *path, bool is_schema);

static void
look_in_children(SchemaBuild *build, SchemaResource *within, const JsonbValue *value,
				 const char *path, bool is_schema)
{
	JsonbIterator *it = JsonbIteratorInit(value->val.binary.data);
	JsonbValue	   key;
	JsonbValue	   item;
	char		  *inner;
	int			   i = 0;

	for (JsonbIteratorToken token = JsonbIteratorNext(&it, &key, true); token != WJB_DONE;
		 token = JsonbIteratorNext(&it, &key, true))
	{
		if (token == WJB_ELEM && !is_schema)
		{
			inner = schema_path(path, NULL, 0, i++);
			look_in(build, within, &key, inner, true);
			pfree(inner);
		}
		if (token != WJB_KEY)
			continue;
		(void) JsonbIteratorNext(&it, &item, true);
		if (is_schema && !is_holder(&key))
			continue;
		inner = schema_path(path, key.val.string.val, key.val.string.len, -1);
		look_in(build, within, &item, inner,
				!is_schema || !(is_map(&key) || (item.type == jbvBinary &&
												  JsonContainerIsArray(item.val.binary.data))));
		pfree(inner);
	}
}

static void
look_in(SchemaBuild *build, SchemaResource *within, const JsonbValue *value, const char *path,
		bool is_schema)
{
	if (value->type != jbvBinary)
		return;
	check_stack_depth();
	if (++build->depth > DEPTH_MAX)
		schema_fault(path, "it is nested too deep");
	if (is_schema && JsonContainerIsObject(value->val.binary.data))
		within = identify(build, within, value, path);
	look_in_children(build, within, value, path, is_schema);
	build->depth--;
}

void
schema_places(SchemaBuild *build, const char *uri, Jsonb *document)
{
	JsonbValue		root = {.type = jbvBinary};
	SchemaResource *resource;

	if (JB_ROOT_IS_SCALAR(document))
		(void) JsonbExtractScalar(&document->root, &root);
	else
		root.val.binary.data = &document->root;
	resource = new_resource(build, NULL, uri, &root, "");
	look_in(build, resource, &root, "", true);
	/* what it calls itself is the same resource */
	if (root.type == jbvBinary)
		resource = schema_resource_at(build, &root, resource);
	add_place(build, uri, &root, resource, "", false);
}

SchemaResource *
schema_resource_at(SchemaBuild *build, const JsonbValue *object, SchemaResource *within)
{
	ListCell *cell;

	foreach(cell, build->places)
	{
		SchemaPlace *place = lfirst(cell);

		if (place->value.type == jbvBinary &&
			place->value.val.binary.data == object->val.binary.data)
			return place->resource;
	}
	return within;
}

/* ---- following ---- */

static SchemaPlace *
known_place(SchemaBuild *build, const char *uri)
{
	ListCell *cell;

	foreach(cell, build->places)
	{
		SchemaPlace *place = lfirst(cell);

		if (strcmp(place->uri, uri) == 0)
			return place;
	}
	return NULL;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One token of a pointer in a fragment, decoded; the pointer moves behind it. */
static char *
next_token(const char **pointer)
{
	size_t len = strcspn(*pointer, "/");
	char  *token = palloc(len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
	{
		char c = (*pointer)[i];

		if (c == '%' && i + 2 < len + 1 && hex_digit((*pointer)[i + 1]) >= 0 &&
			hex_digit((*pointer)[i + 2]) >= 0)
		{
			c = (char) (hex_digit((*pointer)[i + 1]) * 16 + hex_digit((*pointer)[i + 2]));
			i += 2;
		}
		token[n++] = c;
	}
	token[n] = '\0';
	/* then ~1 and ~0 */
	len = n;
	n = 0;
	for (size_t i = 0; i < len; i++)
	{
		if (token[i] == '~' && (token[i + 1] == '0' || token[i + 1] == '1'))
			token[n++] = token[++i] == '0' ? '~' : '/';
		else
			token[n++] = token[i];
	}
	token[n] = '\0';
	*pointer += strcspn(*pointer, "/");
	return token;
}

static bool
step_into(SchemaBuild *build, SchemaPlace *place, const char *token)
{
	JsonbValue *found = NULL;
	int			index = -1;

	if (place->value.type != jbvBinary)
		return false;
	if (JsonContainerIsArray(place->value.val.binary.data))
	{
		if (strspn(token, "0123456789") == strlen(token) && strlen(token) > 0 && strlen(token) < 9)
		{
			index = atoi(token);
			found = getIthJsonbValueFromContainer(place->value.val.binary.data, (uint32) index);
		}
	}
	else
		found = schema_get(&place->value, token);
	if (found == NULL)
		return false;
	place->path = schema_path(place->path, token, (int) strlen(token), index);
	place->value = *found;
	if (found->type == jbvBinary)
		place->resource = schema_resource_at(build, found, place->resource);
	return true;
}

static Jsonb *
get_document(SchemaBuild *build, const char *uri)
{
	const char *standard = schema_standard(uri);

	if (standard != NULL)
		return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(unconstify(char *, standard))));
	return build->find != NULL ? build->find(uri) : NULL;
}

SchemaPlace
schema_place(SchemaBuild *build, const char *uri, const char *path)
{
	size_t		 fragment = schema_uri_fragment(uri);
	char		*base = pnstrdup(uri, strcspn(uri, "#"));
	const char	*rest = uri + fragment;
	SchemaPlace *known = known_place(build, base);
	SchemaPlace	 place;

	if (known == NULL)
	{
		Jsonb *document = get_document(build, base);

		if (document == NULL)
			schema_fault(path, "it refers to a schema that is not registered; nothing is fetched");
		schema_places(build, base, document);
		known = known_place(build, base);
	}
	if (*rest != '\0' && *rest != '/')
	{
		known = known_place(build, psprintf("%s#%s", known->resource->uri, rest));
		if (known == NULL)
			schema_fault(path, "it refers to an anchor that is not there");
	}
	place = *known;
	while (*rest == '/')
	{
		rest++;
		if (!step_into(build, &place, next_token(&rest)))
			schema_fault(path, "it refers to a place that is not there");
	}
	return place;
}
