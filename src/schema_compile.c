/*
 * schema_compile.c
 *		From a schema's text to its nodes.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "json.h"
#include "schema_build.h"

/* nodes of one schema, all that it refers to included */
#define SIZE_MAX_NODES 100000

/* bytes of a schema, and brackets open at once in it: libcjson stops at 1000 */
#define TEXT_MAX	(4 * 1024 * 1024)
#define NESTING_MAX 900

/* schemas that ask about the same value, one below the other */
#define HEIGHT_MAX 500

typedef struct KnownNode
{
	const void *object; /* the key: where it lies in memory */
	SchemaNode *node;
} KnownNode;

SchemaNode *
schema_anything(SchemaResource *resource, const SchemaPath *path)
{
	SchemaNode *node = palloc0(sizeof(SchemaNode));

	node->resource = resource;
	node->path = path;
	node->types = SCHEMA_ANY;
	node->nenum = -1;
	node->min_length = node->max_length = -1;
	node->min_properties = node->max_properties = -1;
	node->min_items = node->max_items = -1;
	node->min_contains = node->max_contains = -1;
	return node;
}

static int
compare_properties(const void *a, const void *b)
{
	const SchemaKey *x = &((const SchemaProperty *) a)->key;
	const SchemaKey *y = &((const SchemaProperty *) b)->key;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->data, y->data, x->len);
}

/* Properties and what is required, in one list without doubles. */
static void
merge_properties(SchemaNode *node)
{
	int n = 0;

	qsort(node->properties, node->nproperties, sizeof(SchemaProperty), compare_properties);
	for (int i = 0; i < node->nproperties; i++)
	{
		SchemaProperty *last = n > 0 ? &node->properties[n - 1] : NULL;
		SchemaProperty *next = &node->properties[i];

		if (last == NULL || compare_properties(last, next) != 0)
		{
			node->properties[n++] = *next;
			continue;
		}
		last->is_required |= next->is_required;
		if (next->node != NULL)
			last->node = next->node;
	}
	node->nproperties = n;
}

static void
read_keywords(SchemaBuild *build, SchemaNode *node, const JsonbValue *object)
{
	JsonbIterator *it = JsonbIteratorInit(object->val.binary.data);
	bool		   only_ref = node->resource->is_draft7 && schema_get(object, "$ref") != NULL;
	JsonbValue	   key;
	JsonbValue	   value;

	for (JsonbIteratorToken token = JsonbIteratorNext(&it, &key, true); token != WJB_DONE;
		 token = JsonbIteratorNext(&it, &key, true))
	{
		if (token != WJB_KEY)
			continue;
		(void) JsonbIteratorNext(&it, &value, true);
		if (!only_ref || (key.val.string.len == 4 && memcmp(key.val.string.val, "$ref", 4) == 0))
			schema_keyword(build, node, object, &key, &value);
	}
	if (node->nproperties > 0)
		merge_properties(node);
}

SchemaNode *
schema_node(SchemaBuild *build, SchemaResource *resource, const JsonbValue *value,
			const SchemaPath *path)
{
	KnownNode *known;
	SchemaNode *node;
	bool	   found;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (++build->size > SIZE_MAX_NODES)
		schema_fault(path, "it is too large");
	if (value->type == jbvBool)
	{
		node = schema_anything(resource, path);
		node->never = !value->val.boolean;
		return node;
	}
	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		schema_fault(path, "a schema is an object or a boolean");
	known = hash_search(build->nodes, &value->val.binary.data, HASH_ENTER, &found);
	if (found)
		return known->node;
	node = known->node = schema_anything(schema_resource_at(build, value, resource), path);
	read_keywords(build, node, value);
	return node;
}

/* ---- references ---- */

static void
follow_reference(SchemaBuild *build, const SchemaReference *reference)
{
	SchemaNode *from = reference->node;
	SchemaPlace place = schema_place(build, reference->uri, from->path);
	SchemaNode *to = schema_node(build, place.resource, &place.value, place.path);

	if (!reference->is_dynamic)
	{
		from->ref = to;
		return;
	}
	from->dynamic_ref = to;
	if (place.is_dynamic)
		from->dynamic_anchor = reference->uri + schema_uri_fragment(reference->uri);
}

static void
anchor(SchemaBuild *build, SchemaPlace *place)
{
	SchemaResource *resource = place->resource;
	int				n = resource->nanchors + 1;

	place->is_anchored = true;
	resource->anchors = resource->anchors == NULL
							? palloc(n * sizeof(char *))
							: repalloc(resource->anchors, n * sizeof(char *));
	resource->anchored = resource->anchored == NULL
							 ? palloc(n * sizeof(SchemaNode *))
							 : repalloc(resource->anchored, n * sizeof(SchemaNode *));
	resource->anchors[n - 1] = place->uri + schema_uri_fragment(place->uri);
	resource->anchored[n - 1] = schema_node(build, resource, &place->value, place->path);
	resource->nanchors = n;
}

/* Following one may bring others. */
static void
follow_all(SchemaBuild *build)
{
	bool more = true;

	while (more)
	{
		more = false;
		while (build->references != NIL)
		{
			SchemaReference *reference = llast(build->references);

			build->references = list_delete_last(build->references);
			follow_reference(build, reference);
			CHECK_FOR_INTERRUPTS();
		}
		for (int i = 0; i < list_length(build->places); i++)
		{
			SchemaPlace *place = list_nth(build->places, i);

			if (!place->is_dynamic || place->is_anchored)
				continue;
			anchor(build, place);
			more = true;
		}
	}
}

/* ---- schemas that ask themselves about the same value without end ---- */

static int height_of(SchemaNode *node);

static int
height_of_all(const SchemaList *list)
{
	int height = 0;

	for (int i = 0; i < list->n; i++)
		height = Max(height, height_of(list->nodes[i]));
	return height;
}

/* How far it leads without going into the value; what leads to itself is refused. */
static int
height_of(SchemaNode *node)
{
	int height = 0;

	if (node == NULL || node->height > 0)
		return node == NULL ? 0 : node->height;
	if (node->height < 0)
		schema_fault(node->path, "it refers to itself without end");
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	node->height = -1;
	height = Max(height, height_of(node->ref));
	if (node->dynamic_anchor == NULL)
		height = Max(height, height_of(node->dynamic_ref));
	height = Max(height, height_of_all(&node->all_of));
	height = Max(height, height_of_all(&node->any_of));
	height = Max(height, height_of_all(&node->one_of));
	height = Max(height, height_of(node->negated));
	height = Max(height, height_of(node->condition));
	height = Max(height, height_of(node->then_node));
	height = Max(height, height_of(node->else_node));
	for (int i = 0; i < node->ndependents; i++)
		height = Max(height, height_of(node->dependents[i].node));
	if (height >= HEIGHT_MAX)
		schema_fault(node->path, "it leads from one schema to the next too often");
	node->height = height + 1;
	return node->height;
}

static void
find_heights(SchemaBuild *build)
{
	HASH_SEQ_STATUS status;
	KnownNode	   *known;

	hash_seq_init(&status, build->nodes);
	while ((known = hash_seq_search(&status)) != NULL)
		(void) height_of(known->node);
}

/* ---- the text ---- */

/* Brackets that are open at once, before anything recurses into them. */
static int
nesting(const char *text, size_t len)
{
	bool in_string = false;
	int	 open = 0;
	int	 most = 0;

	for (size_t i = 0; i < len; i++)
	{
		if (in_string && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			in_string = !in_string;
		else if (!in_string && (text[i] == '{' || text[i] == '['))
		{
			open++;
			most = Max(most, open);
		}
		else if (!in_string && (text[i] == '}' || text[i] == ']'))
			open--;
	}
	return most;
}

/* What jsonb refuses of it is a fault of the schema, told without quoting it. */
Jsonb *
schema_document(const char *text, size_t len)
{
	MemoryContext context = CurrentMemoryContext;
	MemoryContext scratch;
	Jsonb *volatile document = NULL;

	if (len > TEXT_MAX)
		schema_fault(NULL, "it is too large");
	if (nesting(text, len) > NESTING_MAX)
		schema_fault(NULL, "it is nested too deep");
	/* what it takes to read is many times the document */
	scratch = AllocSetContextCreate(context, "maestro schema text", ALLOCSET_DEFAULT_SIZES);
	PG_TRY();
	{
		MemoryContextSwitchTo(scratch);
		document = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(pnstrdup(text, len))));
	}
	PG_CATCH();
	{
		int category = ERRCODE_TO_CATEGORY(geterrcode());

		if (category != ERRCODE_DATA_EXCEPTION && category != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	if (document != NULL)
		document = DatumGetJsonbP(datumCopy(JsonbPGetDatum(document), false, -1));
	MemoryContextDelete(scratch);
	if (document == NULL)
		schema_fault(NULL, "it has the character 0, half a character, a number or a string that jsonb cannot hold");
	return document;
}

SchemaNode *
schema_compile(const char *text, size_t len, SchemaFinder find)
{
	return schema_compile_at("", text, len, find);
}

SchemaNode *
schema_compile_at(const char *uri, const char *text, size_t len, SchemaFinder find)
{
	HASHCTL how = {.keysize = sizeof(void *), .entrysize = sizeof(KnownNode), .hcxt = CurrentMemoryContext};
	SchemaBuild build = {.find = find};
	Jsonb	   *document = schema_document(text, len);
	char	   *repeated = json_duplicate_key(text, len);
	SchemaPlace root;
	SchemaNode *node;

	if (repeated != NULL)
		schema_fault_at(repeated, "the key occurs twice");
	build.nodes = hash_create("maestro schema", 64, &how, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	schema_places_begin(&build);
	schema_places(&build, pstrdup(uri), document);
	root = schema_place(&build, uri, NULL);
	node = schema_node(&build, root.resource, &root.value, NULL);
	follow_all(&build);
	(void) height_of(node);
	find_heights(&build);
	hash_destroy(build.nodes);
	hash_destroy(build.resources);
	hash_destroy(build.uris);
	return node;
}
