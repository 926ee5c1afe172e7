/*
 * schema_check_parts.c
 *		What a schema asks of the children of an array or object.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "schema_value.h"
#include "schema_walk.h"

/* ---- arrays ---- */

static bool
check_contains(Check *check, const SchemaNode *node, const JsonbValue *items, int n, Seen *seen)
{
	bool  ok = true;
	int64 found = 0;

	for (int i = 0; i < n; i++)
		if (check_quietly(check, node->contains, &items[i], NULL))
		{
			found++;
			if (!node->resource->is_draft7)
				seen_one(seen, i);
		}
	if (found < (node->min_contains >= 0 ? node->min_contains : 1))
		FAULT(node->min_contains >= 0 ? "minContains" : "contains", "contains too few such items");
	if (node->max_contains >= 0 && found > node->max_contains)
		FAULT("maxContains", "contains too many such items");
	return ok;
}

static bool
check_items(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen)
{
	ValueChildren children;
	JsonbValue	  item;
	bool		  ok = true;

	value_children_begin(&children, value);
	for (int i = 0; value_children_next(&children, NULL, &item); i++)
	{
		const SchemaNode *schema = i < node->prefix_items.n ? node->prefix_items.nodes[i] : node->items;

		if (schema == NULL)
			continue;
		seen_one(seen, i);
		PART(check_child(check, schema, &item, NULL, i));
	}
	return ok;
}

/* What looks at items more than once. */
static bool
check_all_items(Check *check, const SchemaNode *node, const JsonbValue *value, int n, Seen *seen)
{
	JsonbValue	 *items = palloc(Max(n, 1) * sizeof(JsonbValue));
	ValueChildren children;
	bool		  ok = true;

	check_work(check, n / 8 + (node->unique_items ? (int64) n * 8 + value->val.binary.len / 4 : 0));
	value_children_begin(&children, value);
	for (int i = 0; i < n; i++)
		(void) value_children_next(&children, NULL, &items[i]);
	if (node->unique_items && !value_is_unique(items, n))
		ok = check_fault(check, node, "uniqueItems", "has two equal items") && false;
	if (node->contains != NULL && (ok || !check_is_quiet(check)))
		ok = check_contains(check, node, items, n, seen) && ok;
	pfree(items);
	return ok;
}

bool
check_array(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen)
{
	int	 n = JsonContainerSize(value->val.binary.data);
	bool ok = true;

	if (node->min_items >= 0 && n < node->min_items)
		FAULT("minItems", "has too few items");
	if (node->max_items >= 0 && n > node->max_items)
		FAULT("maxItems", "has too many items");
	if (node->items != NULL || node->prefix_items.n > 0)
		PART(check_items(check, node, value, seen));
	if (node->unique_items || node->contains != NULL)
		PART(check_all_items(check, node, value, n, seen));
	return ok;
}

/* ---- objects ---- */

static int
compare_keys(const SchemaKey *a, const JsonbValue *b)
{
	if (a->len != b->val.string.len)
		return a->len < b->val.string.len ? -1 : 1;
	return memcmp(a->data, b->val.string.val, a->len);
}

static void
missing(Check *check, const SchemaNode *node, const SchemaProperty *property)
{
	char *message;

	if (check_is_quiet(check))
		return;
	message = psprintf("lacks a required property: %.*s",
					   pg_mbcliplen(property->key.data, property->key.len, 100), property->key.data);
	(void) check_fault(check, node, "required", message);
	pfree(message);
}

/* Those before a key of the instance, or all that are left, are missing if they are required. */
static bool
none_missing(Check *check, const SchemaNode *node, int *at, const JsonbValue *key)
{
	bool ok = true;

	for (; *at < node->nproperties; (*at)++)
	{
		if (key != NULL && compare_keys(&node->properties[*at].key, key) >= 0)
			break;
		if (!node->properties[*at].is_required)
			continue;
		missing(check, node, &node->properties[*at]);
		ok = false;
		if (check_is_quiet(check))
			break;
	}
	return ok;
}

/* One property of the instance, by those of its name, its patterns, and what is left. */
static bool
check_property(Check *check, const SchemaNode *node, const SchemaNode *named, const JsonbValue *key,
			   const JsonbValue *value, int i, Seen *seen)
{
	bool ok = true;
	bool known = named != NULL;

	if (named != NULL)
		PART(check_child(check, named, value, key, 0));
	for (int p = 0; p < node->npatterns; p++)
	{
		check_work(check, schema_regex_work(node->patterns[p].regex, key->val.string.len));
		if (schema_regex_matches(node->patterns[p].regex, key->val.string.val, key->val.string.len))
		{
			known = true;
			PART(check_child(check, node->patterns[p].node, value, key, 0));
		}
	}
	if (!known && node->additional_properties != NULL)
	{
		known = true;
		PART(check_child(check, node->additional_properties, value, key, 0));
	}
	if (known)
		seen_one(seen, i);
	if (node->property_names != NULL)
		PART(check_child(check, node->property_names, key, key, 0));
	return ok;
}

/* Keys of both come in the same order, so one pass does. */
static bool
check_properties(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen)
{
	ValueChildren children;
	JsonbValue	  key;
	JsonbValue	  item;
	int			  at = 0;
	bool		  ok = true;

	check_work(check, (JsonContainerSize(value->val.binary.data) + node->nproperties) / 16);
	value_children_begin(&children, value);
	for (int i = 0; value_children_next(&children, &key, &item); i++)
	{
		const SchemaNode *named = NULL;

		PART(none_missing(check, node, &at, &key));
		if (at < node->nproperties && compare_keys(&node->properties[at].key, &key) == 0)
			named = node->properties[at++].node;
		PART(check_property(check, node, named, &key, &item, i, seen));
	}
	PART(none_missing(check, node, &at, NULL));
	return ok;
}

static bool
has_key(const JsonbValue *object, const SchemaKey *key)
{
	JsonbValue	wanted = {.type = jbvString};
	JsonbValue *found;

	wanted.val.string.val = unconstify(char *, key->data);
	wanted.val.string.len = key->len;
	found = findJsonbValueFromContainer(object->val.binary.data, JB_FOBJECT, &wanted);
	if (found == NULL)
		return false;
	pfree(found);
	return true;
}

static bool
check_dependents(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen)
{
	bool ok = true;

	check_work(check, node->ndependents / 4);
	for (int i = 0; i < node->ndependents; i++)
	{
		const SchemaDependent *dependent = &node->dependents[i];

		if (!has_key(value, &dependent->key))
			continue;
		check_work(check, dependent->nkeys / 4);
		for (int k = 0; k < dependent->nkeys; k++)
			if (!has_key(value, &dependent->keys[k]))
				FAULT("dependentRequired", "lacks a property that another one asks for");
		if (dependent->node != NULL)
			PART(check_node(check, dependent->node, value, seen));
	}
	return ok;
}

bool
check_object(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen)
{
	int	 n = JsonContainerSize(value->val.binary.data);
	bool ok = true;

	if (node->min_properties >= 0 && n < node->min_properties)
		FAULT("minProperties", "has too few properties");
	if (node->max_properties >= 0 && n > node->max_properties)
		FAULT("maxProperties", "has too many properties");
	if (node->nproperties > 0 || node->npatterns > 0 || node->additional_properties != NULL ||
		node->property_names != NULL)
		PART(check_properties(check, node, value, seen));
	PART(check_dependents(check, node, value, seen));
	return ok;
}
