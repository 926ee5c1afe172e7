/*
 * schema_compile.c
 *		From a schema's text to its nodes.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "json.h"
#include "schema_build.h"

/* nodes of one schema, all that it refers to included */
#define SIZE_MAX_NODES 100000

typedef struct KnownNode
{
	const void *object; /* the key: where it lies in memory */
	SchemaNode *node;
} KnownNode;

SchemaNode *
schema_anything(SchemaResource *resource, const char *path)
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
schema_node(SchemaBuild *build, SchemaResource *resource, const JsonbValue *value, const char *path)
{
	KnownNode *known;
	SchemaNode *node;
	bool	   found;

	check_stack_depth();
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

static void refuse_cycle(SchemaNode *node);

static void
refuse_cycles(const SchemaList *list)
{
	for (int i = 0; i < list->n; i++)
		refuse_cycle(list->nodes[i]);
}

static void
refuse_cycle(SchemaNode *node)
{
	if (node == NULL || node->visit == 2)
		return;
	if (node->visit == 1)
		schema_fault(node->path, "it refers to itself without end");
	check_stack_depth();
	node->visit = 1;
	refuse_cycle(node->ref);
	if (node->dynamic_anchor == NULL)
		refuse_cycle(node->dynamic_ref);
	refuse_cycles(&node->all_of);
	refuse_cycles(&node->any_of);
	refuse_cycles(&node->one_of);
	refuse_cycle(node->negated);
	refuse_cycle(node->condition);
	refuse_cycle(node->then_node);
	refuse_cycle(node->else_node);
	for (int i = 0; i < node->ndependents; i++)
		refuse_cycle(node->dependents[i].node);
	node->visit = 2;
}

static void
refuse_all_cycles(SchemaBuild *build)
{
	HASH_SEQ_STATUS status;
	KnownNode	   *known;

	hash_seq_init(&status, build->nodes);
	while ((known = hash_seq_search(&status)) != NULL)
		refuse_cycle(known->node);
}

/* The text as jsonb, without what parsing leaves behind. */
static Jsonb *
parse(const char *text, size_t len)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "maestro schema text", ALLOCSET_DEFAULT_SIZES);
	MemoryContext saved = MemoryContextSwitchTo(scratch);
	Datum		  parsed = DirectFunctionCall1(jsonb_in, CStringGetDatum(pnstrdup(text, len)));
	Jsonb		 *document;

	MemoryContextSwitchTo(saved);
	document = DatumGetJsonbPCopy(parsed);
	MemoryContextDelete(scratch);
	return document;
}

SchemaNode *
schema_compile(const char *text, size_t len, SchemaFinder find)
{
	HASHCTL how = {.keysize = sizeof(void *), .entrysize = sizeof(KnownNode), .hcxt = CurrentMemoryContext};
	SchemaBuild build = {.find = find};
	char	   *repeated = json_duplicate_key(text, len);
	Jsonb	   *document;
	SchemaPlace root;
	SchemaNode *node;

	if (repeated != NULL)
		schema_fault(repeated, "the key occurs twice");
	document = parse(text, len);
	build.nodes = hash_create("maestro schema", 64, &how, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	schema_places(&build, "", document);
	root = schema_place(&build, "", "");
	node = schema_node(&build, root.resource, &root.value, "");
	follow_all(&build);
	refuse_cycle(node);
	refuse_all_cycles(&build);
	hash_destroy(build.nodes);
	return node;
}
