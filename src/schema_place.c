/*
 * schema_place.c
 *		What a schema's URIs mean: identities, anchors, JSON pointers, other documents.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "common/hashfn.h"
#include "compat.h"

#include "schema_build.h"

/* nesting of schemas; jsonb itself allows more */
#define DEPTH_MAX 500

/* of all URIs of a schema */
#define URI_BYTES_MAX (32 * 1024 * 1024)

#define DRAFT_2020 "https://json-schema.org/draft/2020-12/"
#define DRAFT_7 "http://json-schema.org/draft-07/schema"

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
schema_build_uri(SchemaBuild *build, const char *base, const char *reference, const SchemaPath *path)
{
	build->uri_bytes += (int64) (strlen(base) + strlen(reference));
	if (build->uri_bytes > URI_BYTES_MAX)
		schema_fault(path, "its URIs are too long together");
	return schema_uri_resolve(base, reference);
}

/* ---- dialects ---- */

/* What a $schema means; a meta-schema of somebody's own says by its vocabularies. */
static void
set_dialect(SchemaBuild *build, SchemaResource *resource, const char *uri, const SchemaPath *path)
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

typedef struct KnownUri
{
	uint64		 hash; /* the key */
	SchemaPlace *place;
} KnownUri;

typedef struct KnownResource
{
	const void	   *object; /* the key: where it lies in memory */
	SchemaResource *resource;
} KnownResource;

void
schema_places_begin(SchemaBuild *build)
{
	HASHCTL uris = {.keysize = sizeof(uint64), .entrysize = sizeof(KnownUri), .hcxt = CurrentMemoryContext};
	HASHCTL resources = {.keysize = sizeof(void *), .entrysize = sizeof(KnownResource), .hcxt = CurrentMemoryContext};

	build->uris = hash_create("maestro schema URIs", 64, &uris, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	build->resources = hash_create("maestro schema resources", 64, &resources, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* The first that has a URI keeps it. */
static SchemaPlace *
known_place(SchemaBuild *build, const char *uri)
{
	uint64	  hash = hash_bytes_extended((const unsigned char *) uri, (int) strlen(uri), 0);
	KnownUri *known = hash_search(build->uris, &hash, HASH_FIND, NULL);

	return known != NULL && strcmp(known->place->uri, uri) == 0 ? known->place : NULL;
}

static void
index_place(SchemaBuild *build, SchemaPlace *place)
{
	uint64		   hash = hash_bytes_extended((const unsigned char *) place->uri, (int) strlen(place->uri), 0);
	KnownUri	  *known;
	KnownResource *resource;
	bool		   found;

	known = hash_search(build->uris, &hash, HASH_ENTER, &found);
	if (!found)
		known->place = place;
	if (place->value.type != jbvBinary)
		return;
	resource = hash_search(build->resources, &place->value.val.binary.data, HASH_ENTER, &found);
	if (!found)
		resource->resource = place->resource;
}

static void
add_place(SchemaBuild *build, const char *uri, const JsonbValue *value, SchemaResource *resource,
		  const SchemaPath *path, bool is_dynamic)
{
	SchemaPlace *place = palloc(sizeof(SchemaPlace));

	place->uri = uri;
	place->value = *value;
	place->resource = resource;
	place->path = path;
	place->is_dynamic = is_dynamic;
	place->is_anchored = false;
	build->places = lappend(build->places, place);
	index_place(build, place);
}

static SchemaResource *
new_resource(SchemaBuild *build, const SchemaResource *within, const char *uri,
			 const JsonbValue *object, const SchemaPath *path)
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
		   SchemaResource *resource, const SchemaPath *path)
{
	JsonbValue *anchor = schema_get(object, keyword);

	if (anchor == NULL || anchor->type != jbvString)
		return;
	add_place(build, schema_build_uri(build, resource->uri, psprintf("#%s", schema_string(anchor)), path), object, resource, path,
			  strcmp(keyword, "$dynamicAnchor") == 0);
}

/* The resource that an object begins, if it has an identity; its anchors. */
static SchemaResource *
identify(SchemaBuild *build, SchemaResource *within, const JsonbValue *object, const SchemaPath *path)
{
	JsonbValue *id = schema_get(object, "$id");
	SchemaResource *resource = within;

	if (within->is_draft7 && schema_get(object, "$ref") != NULL)
		return within;
	if (id != NULL && id->type == jbvString)
	{
		char  *uri = schema_build_uri(build, within->uri, schema_string(id), path);
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
					const SchemaPath *path, bool is_schema);

static void
look_in_children(SchemaBuild *build, SchemaResource *within, const JsonbValue *value,
				 const SchemaPath *path, bool is_schema)
{
	JsonbIterator *it = JsonbIteratorInit(value->val.binary.data);
	JsonbValue	   key;
	JsonbValue	   item;
	int			   i = 0;

	for (JsonbIteratorToken token = JsonbIteratorNext(&it, &key, true); token != WJB_DONE;
		 token = JsonbIteratorNext(&it, &key, true))
	{
		if (token == WJB_ELEM && !is_schema)
			look_in(build, within, &key, schema_path(path, NULL, i++), true);
		if (token != WJB_KEY)
			continue;
		(void) JsonbIteratorNext(&it, &item, true);
		if (is_schema && !is_holder(&key))
			continue;
		look_in(build, within, &item, schema_path(path, key.val.string.val, key.val.string.len),
				!is_schema || !(is_map(&key) || (item.type == jbvBinary &&
												  JsonContainerIsArray(item.val.binary.data))));
	}
}

static void
look_in(SchemaBuild *build, SchemaResource *within, const JsonbValue *value, const SchemaPath *path,
		bool is_schema)
{
	if (value->type != jbvBinary)
		return;
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
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
	resource = new_resource(build, NULL, uri, &root, NULL);
	look_in(build, resource, &root, NULL, true);
	/* what it calls itself is the same resource */
	if (root.type == jbvBinary)
		resource = schema_resource_at(build, &root, resource);
	add_place(build, uri, &root, resource, NULL, false);
}

SchemaResource *
schema_resource_at(SchemaBuild *build, const JsonbValue *object, SchemaResource *within)
{
	KnownResource *known = hash_search(build->resources, &object->val.binary.data, HASH_FIND, NULL);

	return known != NULL ? known->resource : within;
}

/* ---- following ---- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One token of a pointer in a fragment, decoded but for %00; the pointer moves behind it. */
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
			hex_digit((*pointer)[i + 2]) >= 0 && ((*pointer)[i + 1] != '0' || (*pointer)[i + 2] != '0'))
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
	place->path = index >= 0 ? schema_path(place->path, NULL, index)
							 : schema_path(place->path, token, (int) strlen(token));
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
		return schema_document(standard, strlen(standard));
	return build->find != NULL ? build->find(uri) : NULL;
}

SchemaPlace
schema_place(SchemaBuild *build, const char *uri, const SchemaPath *path)
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
