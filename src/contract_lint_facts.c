/*
 * contract_lint_facts.c
 *		What a schema says of a value by itself.
 *
 * Facts are computed once for each node, after those of the nodes that they rest on, by
 * a stack of our own: a chain of references may be longer than the process's.  Nodes
 * that ask each other about the same value in a circle are refused by the compiler, but
 * for dynamic references and names of properties; there a node that is not finished
 * says nothing, which makes nothing look safer.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "contract_lint_facts.h"

/* a length beyond that is none: what is kept of a body ends before */
#define LENGTH_BOUND 10000000

enum
{
	STATE_NEW,
	STATE_OPEN, /* waits for others */
	STATE_DONE
};

/* what is still to be done, the next last */
typedef struct Todo
{
	HTAB			  *table;
	int				   n;
	int				   size;
	const SchemaNode **nodes;
} Todo;

HTAB *
lint_facts_table(void)
{
	HASHCTL how = {.keysize = sizeof(void *), .entrysize = sizeof(LintFacts), .hcxt = CurrentMemoryContext};

	return hash_create("maestro schema facts", 256, &how, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static LintFacts *
facts_of(HTAB *table, const SchemaNode *node)
{
	bool	   found;
	LintFacts *facts = hash_search(table, &node, HASH_ENTER, &found);

	if (!found)
	{
		memset(facts, 0, sizeof(LintFacts));
		facts->node = facts->same = facts->core = node;
		facts->may = SCHEMA_ANY;
	}
	return facts;
}

/* ---- a node's own keywords ---- */

static bool
has_object_keywords(const SchemaNode *node)
{
	return node->nproperties > 0 || node->npatterns > 0 || node->additional_properties != NULL ||
		   node->property_names != NULL || node->ndependents > 0 || node->min_properties >= 0 ||
		   node->max_properties >= 0 || node->unevaluated_properties != NULL;
}

static bool
has_array_keywords(const SchemaNode *node)
{
	return node->prefix_items.n > 0 || node->items != NULL || node->contains != NULL ||
		   node->min_items >= 0 || node->max_items >= 0 || node->unique_items ||
		   node->unevaluated_items != NULL;
}

/* The types that its keywords are about. */
static uint8
keyword_types(const SchemaNode *node)
{
	uint8 types = 0;

	if (node->min_length >= 0 || node->max_length >= 0 || node->pattern != NULL ||
		node->format != FORMAT_NONE || node->annotation != FORMAT_NONE)
		types |= SCHEMA_STRING;
	if (node->multiple_of != NULL || node->minimum != NULL || node->maximum != NULL ||
		node->exclusive_minimum != NULL || node->exclusive_maximum != NULL)
		types |= LINT_NUMERIC;
	if (has_object_keywords(node))
		types |= SCHEMA_OBJECT;
	if (has_array_keywords(node))
		types |= SCHEMA_ARRAY;
	return types;
}

static uint8
value_type(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNull:
			return SCHEMA_NULL;
		case jbvBool:
			return SCHEMA_BOOLEAN;
		case jbvNumeric:
			return LINT_NUMERIC;
		case jbvString:
			return SCHEMA_STRING;
		default:
			return JsonContainerIsObject(value->val.binary.data) ? SCHEMA_OBJECT : SCHEMA_ARRAY;
	}
}

/* Types of the values that it enumerates; all of them when it doesn't. */
static uint8
enumerated_types(const SchemaNode *node)
{
	uint8 types = SCHEMA_ANY;

	if (node->nenum >= 0)
	{
		types = 0;
		for (int i = 0; i < node->nenum; i++)
			types |= value_type(&node->enumerated[i]);
	}
	if (node->constant != NULL)
		types &= value_type(node->constant);
	return types;
}

static bool
is_enumerated(const SchemaNode *node)
{
	return node->nenum >= 0 || node->constant != NULL;
}

static bool
has_combinations(const SchemaNode *node)
{
	return node->ref != NULL || (node->dynamic_ref != NULL && node->dynamic_anchor == NULL) || node->all_of.n > 0 ||
		   node->any_of.n > 0 || node->one_of.n > 0 || node->negated != NULL ||
		   node->then_node != NULL || node->else_node != NULL;
}

bool
lint_says_nothing(const SchemaNode *node)
{
	return !node->never && node->types == SCHEMA_ANY && keyword_types(node) == 0 &&
		   !is_enumerated(node) && !has_combinations(node);
}

/* The schema false, or what generators write for it: {"not": {}}. */
static bool
is_nothing(const SchemaNode *node)
{
	return node != NULL &&
		   (node->never || (node->negated != NULL && lint_says_nothing(node->negated)));
}

/* Does it say anything of the text?  What takes this takes whatever comes. */
static bool
pattern_binds(const SchemaRegex *pattern)
{
	static const char odd[] = "'; DROP TABLE t --\n$(rm -rf /) `id` <script>\\..\\../\x7f\x01 {{7*7}} %00 \"||1=1 aA09_-";
	char text[4 * sizeof(odd)];
	int	 len = 0;

	for (int i = 0; i < 4; i++)
	{
		memcpy(text + len, odd, sizeof(odd) - 1);
		len += (int) sizeof(odd) - 1;
	}
	return !schema_regex_matches(pattern, text, len);
}

static uint16
scalar_bounds(const SchemaNode *node)
{
	bool   has_pattern = node->pattern != NULL && pattern_binds(node->pattern);
	uint16 bounds = 0;

	if (is_enumerated(node))
		return BOUND_ALL;
	if ((node->max_length >= 0 && node->max_length <= LENGTH_BOUND) || has_pattern || node->format != FORMAT_NONE)
		bounds |= BOUND_STRING;
	if (node->format == FORMAT_SAFE_PATH)
		bounds |= BOUND_SAFE_PATH;
	if (has_pattern || node->is_known_sink)
		bounds |= BOUND_SINK;
	if (node->minimum != NULL || node->exclusive_minimum != NULL)
		bounds |= BOUND_LOWER;
	if (node->maximum != NULL || node->exclusive_maximum != NULL)
		bounds |= BOUND_UPPER;
	return bounds;
}

/* Of an object's properties, or an array's items. */
typedef bool (*LooksAt)(const SchemaNode *node);

static bool
looks_at_properties(const SchemaNode *node)
{
	return node->npatterns > 0 ||
		   (node->additional_properties != NULL && !is_nothing(node->additional_properties)) ||
		   (node->unevaluated_properties != NULL && !is_nothing(node->unevaluated_properties));
}

static bool
looks_at_items(const SchemaNode *node)
{
	return node->contains != NULL || (node->items != NULL && !is_nothing(node->items)) ||
		   (node->unevaluated_items != NULL && !is_nothing(node->unevaluated_items));
}

/*
 * Does anything at the same place look at the rest, so that none of it is left over for
 * "unevaluated" to forbid?  What nests too deep for this is taken to.
 */
static bool
is_looked_at(const SchemaNode *node, LooksAt looks, int depth, int *budget)
{
	const SchemaList *const lists[] = {&node->all_of, &node->any_of, &node->one_of};
	const SchemaNode *const nodes[] = {node->ref, node->dynamic_ref, node->condition, node->then_node, node->else_node};

	if (looks(node) || depth > 32 || --*budget < 0)
		return true;
	for (int k = 0; k < (int) lengthof(nodes); k++)
		if (nodes[k] != NULL && is_looked_at(nodes[k], looks, depth + 1, budget))
			return true;
	for (int k = 0; k < (int) lengthof(lists); k++)
		for (int i = 0; i < lists[k]->n; i++)
			if (is_looked_at(lists[k]->nodes[i], looks, depth + 1, budget))
				return true;
	for (int i = 0; i < node->ndependents; i++)
		if (node->dependents[i].node != NULL && is_looked_at(node->dependents[i].node, looks, depth + 1, budget))
			return true;
	return false;
}

/* Are all properties that may come named? */
static bool
is_closed(const SchemaNode *node)
{
	int budget = 1000;

	if (node->max_properties == 0)
		return true;
	if (node->npatterns > 0)
		return false;
	return is_nothing(node->additional_properties) ||
		   (is_nothing(node->unevaluated_properties) && !is_looked_at(node, looks_at_properties, 0, &budget));
}

static bool
has_no_rest(const SchemaNode *node)
{
	int budget = 1000;

	return is_nothing(node->items) ||
		   (is_nothing(node->unevaluated_items) && !is_looked_at(node, looks_at_items, 0, &budget));
}

static uint16
container_bounds(const SchemaNode *node)
{
	const SchemaNode *rest = node->additional_properties != NULL ? node->additional_properties
																 : node->unevaluated_properties;
	uint16			  bounds = 0;

	if (is_closed(node))
		bounds |= BOUND_CLOSED;
	if ((rest != NULL && !lint_says_nothing(rest)) || node->npatterns > 0)
		bounds |= BOUND_MAP;
	if (node->max_properties >= 0)
		bounds |= BOUND_KEYS;
	if ((node->max_items >= 0 && node->max_items <= LENGTH_BOUND) || has_no_rest(node))
		bounds |= BOUND_LENGTH;
	/* items by number say nothing of those behind them, if there may be any */
	if (node->items != NULL || (is_nothing(node->unevaluated_items) ? has_no_rest(node) : node->unevaluated_items != NULL && node->contains == NULL) ||
		(node->max_items >= 0 && node->max_items <= node->prefix_items.n))
		bounds |= BOUND_ITEMS;
	return bounds;
}

/* ---- nodes that it rests on ---- */

static void
each_of(const SchemaList *list, LintEach visit, void *target)
{
	for (int i = 0; i < list->n; i++)
		visit(target, list->nodes[i]);
}

void
lint_each_anded(const SchemaNode *node, LintEach visit, void *target)
{
	if (node->ref != NULL)
		visit(target, node->ref);
	/* one that leads elsewhere at another time says nothing */
	if (node->dynamic_ref != NULL && node->dynamic_anchor == NULL)
		visit(target, node->dynamic_ref);
	each_of(&node->all_of, visit, target);
}

static bool
has_both_branches(const SchemaNode *node)
{
	return node->then_node != NULL && node->else_node != NULL;
}

static void
push(void *target, const SchemaNode *node)
{
	Todo *todo = target;

	if (facts_of(todo->table, node)->state != STATE_NEW)
		return;
	if (todo->n == todo->size)
	{
		todo->size *= 2;
		todo->nodes = repalloc(todo->nodes, todo->size * sizeof(SchemaNode *));
	}
	todo->nodes[todo->n++] = node;
}

static void
push_needed(Todo *todo, const SchemaNode *node)
{
	lint_each_anded(node, push, todo);
	each_of(&node->any_of, push, todo);
	each_of(&node->one_of, push, todo);
	if (has_both_branches(node))
	{
		push(todo, node->then_node);
		push(todo, node->else_node);
	}
	if (node->property_names != NULL)
		push(todo, node->property_names);
}

/* ---- facts of facts ---- */

/* What is made sure of a type that does not occur is made sure of. */
static uint16
bounds_of_others(uint8 may)
{
	uint16 bounds = 0;

	if (!(may & SCHEMA_STRING))
		bounds |= BOUND_STRING | BOUND_SAFE_PATH | BOUND_SINK;
	if (!(may & LINT_NUMERIC))
		bounds |= BOUND_LOWER | BOUND_UPPER;
	if (!(may & SCHEMA_OBJECT))
		bounds |= BOUND_CLOSED | BOUND_MAP | BOUND_KEYS;
	if (!(may & SCHEMA_ARRAY))
		bounds |= BOUND_LENGTH | BOUND_ITEMS;
	return bounds;
}

/* What alternatives have in common. */
typedef struct Common
{
	HTAB  *table;
	uint8  may;
	uint16 bounds;
} Common;

static void
add_alternative(void *target, const SchemaNode *node)
{
	Common			*common = target;
	const LintFacts *facts = facts_of(common->table, node);

	common->may |= facts->may;
	common->bounds &= facts->bounds | bounds_of_others(facts->may);
}

static void
apply_alternatives(HTAB *table, LintFacts *facts, const SchemaList *list)
{
	Common common = {table, 0, BOUND_ALL};

	if (list->n == 0)
		return;
	each_of(list, add_alternative, &common);
	facts->has_alternatives = true;
	facts->may &= common.may;
	facts->bounds |= common.bounds;
}

/* Facts under way; how many nodes are ANDed to it, and how many of them have children. */
typedef struct Sum
{
	HTAB			 *table;
	LintFacts		 *facts;
	int				  n;
	const SchemaNode *same;
	int				  ncores;
	const SchemaNode *core;
} Sum;

static void
add_anded(void *target, const SchemaNode *node)
{
	Sum				*sum = target;
	const LintFacts *facts = facts_of(sum->table, node);

	sum->facts->may &= facts->may;
	sum->facts->says |= facts->says;
	sum->facts->bounds |= facts->bounds;
	sum->facts->has_alternatives |= facts->has_alternatives;
	sum->facts->has_annotation |= facts->has_annotation;
	sum->facts->is_path |= facts->is_path;
	sum->n++;
	sum->same = facts->same;
	if (facts->core != NULL && facts->core != sum->core)
		sum->ncores++;
	if (facts->core != NULL)
		sum->core = facts->core;
}

/* Has it children itself, or alternatives? */
static bool
has_children(const SchemaNode *node)
{
	return has_object_keywords(node) || has_array_keywords(node) || node->any_of.n > 0 ||
		   node->one_of.n > 0 || node->then_node != NULL || node->else_node != NULL;
}

/* Does it say nothing but for what is ANDed to it? */
static bool
only_refers(const SchemaNode *node, const LintFacts *facts)
{
	return facts->says == 0 && facts->bounds == 0 && node->types == SCHEMA_ANY &&
		   !has_children(node) && node->negated == NULL && !node->never;
}

static void
compute(HTAB *table, LintFacts *facts)
{
	const SchemaNode *node = facts->node;
	Sum				  sum = {table, facts, 0, NULL, 0, NULL};
	SchemaNode		 *pair[2] = {node->then_node, node->else_node};
	SchemaList		  branches = {2, pair};
	bool			  refers;

	facts->says = keyword_types(node) | (node->types != SCHEMA_ANY ? node->types : 0);
	facts->may = node->types & enumerated_types(node);
	if (is_nothing(node))
		facts->may = 0;
	if (is_enumerated(node))
		facts->says |= enumerated_types(node);
	facts->bounds = scalar_bounds(node) | container_bounds(node);
	facts->has_annotation = node->annotation != FORMAT_NONE;
	facts->is_path = node->format == FORMAT_SAFE_PATH;
	if (node->property_names != NULL &&
		(facts_of(table, node->property_names)->bounds & BOUND_STRING))
		facts->bounds |= BOUND_KEYS;
	refers = only_refers(node, facts);
	lint_each_anded(node, add_anded, &sum);
	if (refers && sum.n == 1)
		facts->same = sum.same;
	apply_alternatives(table, facts, &node->any_of);
	apply_alternatives(table, facts, &node->one_of);
	if (has_both_branches(node))
		apply_alternatives(table, facts, &branches);
	facts->core = has_children(node) || sum.ncores > 1 ? node : sum.core;
	facts->state = STATE_DONE;
}

const LintFacts *
lint_facts(HTAB *table, const SchemaNode *node)
{
	Todo	   todo = {table, 0, 16, NULL};
	LintFacts *facts = facts_of(table, node);

	if (facts->state == STATE_DONE)
		return facts;
	todo.nodes = palloc(todo.size * sizeof(SchemaNode *));
	push(&todo, node);
	while (todo.n > 0)
	{
		LintFacts *next = facts_of(table, todo.nodes[todo.n - 1]);

		CHECK_FOR_INTERRUPTS();
		if (next->state == STATE_NEW)
		{
			next->state = STATE_OPEN;
			push_needed(&todo, next->node);
			continue;
		}
		todo.n--;
		if (next->state == STATE_OPEN)
			compute(table, next);
	}
	pfree(todo.nodes);
	return facts;
}
