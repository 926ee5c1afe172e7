/*
 * contract_lint_walk.c
 *		Where a contract leads: from the schemas of one place to those of its children.
 *
 * A place has all schemas that hold there at once.  Those of a property "a" are what
 * "properties" says of it in the schema, in what it refers to, in its allOf, in the
 * overlay, and in the schemas of which this one is an alternative; patternProperties and
 * additionalProperties that fit the name hold there too.
 *
 * What may be made of such sets has no useful limit (two cyclic schemas ANDed run
 * through all pairs), so a walk gets tired: after so many places or steps schemas are
 * looked at one by one, without the bounds of those they are ANDed to.  Then each node
 * is come to once, and what is found errs on the side of saying unbounded.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "contract_lint_walk.h"

/* parts of a place; of more, the own ones become places of their own */
#define PARTS_MAX 256
/* of these, those that an alternative takes from where it is one */
#define OUTER_MAX 64
#define PLACES_MAX 200000
#define STEPS_MAX INT64CONST(50000000)

typedef struct Parts
{
	LintWalk *walk;
	uint8	  names;
	int		  n;
	LintPart  part[PARTS_MAX];
} Parts;

/* A part whose ANDed nodes become parts. */
typedef struct Spread
{
	Parts		   *parts;
	const LintPart *from;
} Spread;

static bool
is_tired(const LintWalk *walk)
{
	return walk->steps > STEPS_MAX || hash_get_num_entries(walk->seen) > PLACES_MAX;
}

static bool
is_own(const LintPart *part)
{
	return part->role == ROLE_OWN || part->role == ROLE_REST;
}

/* ---- places ---- */

bool
lint_is_new(LintWalk *walk, const LintPlace *place, bool children)
{
	uint64 *words = palloc((place->n + 1) * sizeof(uint64));
	uint64	key[2];
	bool	found;

	/* roles fit into the low bits of an address */
	words[0] = (uint64) place->names << 1 | children;
	for (int i = 0; i < place->n; i++)
	{
		const SchemaNode *node = place->parts[i].node;

		if (children)
			node = lint_facts(walk->facts, node)->same;
		words[i + 1] = (uint64) (uintptr_t) node | place->parts[i].role;
	}
	/* 128 bits of addresses that nobody chooses: no two are the same by chance */
	key[0] = hash_bytes_extended((unsigned char *) words, (place->n + 1) * sizeof(uint64), 1);
	key[1] = hash_bytes_extended((unsigned char *) words, (place->n + 1) * sizeof(uint64), 2);
	(void) hash_search(walk->seen, key, HASH_ENTER, &found);
	pfree(words);
	return !found;
}

static void
push_place(LintWalk *walk, uint8 names, const LintPart *parts, int n)
{
	LintPlace *place;

	if (walk->n == walk->size)
	{
		walk->size *= 2;
		walk->places = repalloc_huge(walk->places, walk->size * sizeof(LintPlace));
	}
	place = &walk->places[walk->n++];
	place->names = names;
	place->n = n;
	place->parts = palloc(n * sizeof(LintPart));
	memcpy(place->parts, parts, n * sizeof(LintPart));
}

void
lint_push(LintWalk *walk, uint8 names, const LintPart *parts, int n)
{
	bool any = false;

	walk->steps += n;
	for (int i = 0; i < n; i++)
	{
		if (is_own(&parts[i]) && is_tired(walk))
			push_place(walk, names, &parts[i], 1);
		any |= is_own(&parts[i]);
	}
	if (any && !is_tired(walk))
		push_place(walk, names, parts, n);
}

/* ---- parts ---- */

static void
add_part(Parts *parts, const SchemaNode *node, LintRole role, bool is_overlay)
{
	LintPart part = {node, role, is_overlay};

	if (parts->n < PARTS_MAX)
		parts->part[parts->n++] = part;
	else if (is_own(&part))
		push_place(parts->walk, parts->names, &part, 1);
}

static void
push_parts(const Parts *parts)
{
	lint_push(parts->walk, parts->names, parts->part, parts->n);
}

static void
spread_to(void *target, const SchemaNode *node)
{
	Spread			 *spread = target;
	Parts			 *parts = spread->parts;
	const SchemaNode *core = lint_facts(parts->walk->facts, node)->core;
	LintPart		  rest = {core, ROLE_REST, spread->from->is_overlay};

	if (core == NULL)
		return;
	if (is_tired(parts->walk) || parts->n == PARTS_MAX)
	{
		if (is_own(spread->from))
			push_place(parts->walk, parts->names, &rest, 1);
		return;
	}
	parts->walk->steps += parts->n;
	for (int i = 0; i < parts->n; i++)
		if (parts->part[i].node == core)
			return;
	add_part(parts, core, spread->from->role, spread->from->is_overlay);
}

/* The nodes that children hang on: the cores of the parts, and of what is ANDed to them. */
static void
spread_parts(Parts *parts, const LintPlace *place, bool own)
{
	int first = parts->n;

	for (int i = 0; i < place->n; i++)
	{
		Spread spread = {parts, &place->parts[i]};
		const SchemaNode *core = lint_facts(parts->walk->facts, place->parts[i].node)->core;

		if (is_own(&place->parts[i]) != own || core == NULL)
			continue;
		if (is_tired(parts->walk))
			add_part(parts, core, place->parts[i].role, place->parts[i].is_overlay);
		else
			spread_to(&spread, core);
	}
	for (int i = first; i < parts->n; i++)
	{
		LintPart from = parts->part[i];
		Spread	 spread = {parts, &from};

		if (parts->n == PARTS_MAX && !own)
			return;
		lint_each_anded(from.node, spread_to, &spread);
	}
}

/* ---- children ---- */

static LintRole
role_of_child(const LintPart *part)
{
	return part->role == ROLE_REST ? ROLE_OWN : (LintRole) part->role;
}

static SchemaNode *
named_property(const SchemaNode *node, const SchemaKey *key)
{
	int low = 0;
	int high = node->nproperties;

	while (low < high)
	{
		int				 middle = (low + high) / 2;
		const SchemaKey *at = &node->properties[middle].key;
		int				 order = at->len != key->len ? at->len - key->len
													 : memcmp(at->data, key->data, key->len);

		if (order == 0)
			return node->properties[middle].node;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* What a part says of a property. */
static void
add_property_part(Parts *parts, const LintPart *part, const SchemaKey *key)
{
	const SchemaNode *node = part->node;
	SchemaNode		 *named = named_property(node, key);
	bool			  any = named != NULL;

	if (named != NULL)
		add_part(parts, named, role_of_child(part), part->is_overlay);
	for (int i = 0; i < node->npatterns; i++)
	{
		CHECK_FOR_INTERRUPTS();
		parts->walk->steps += schema_regex_work(node->patterns[i].regex, key->len);
		if (is_tired(parts->walk))
			break;
		if (!schema_regex_matches(node->patterns[i].regex, key->data, key->len))
			continue;
		any = true;
		add_part(parts, node->patterns[i].node, ROLE_BINDS, part->is_overlay);
	}
	if (!any && node->additional_properties != NULL)
		add_part(parts, node->additional_properties, ROLE_BINDS, part->is_overlay);
}

/* Properties by name of one part, but those that an earlier own one has as well. */
static void
push_properties(const Parts *from, int at)
{
	const SchemaNode *node = from->part[at].node;

	for (int i = 0; i < node->nproperties; i++)
	{
		const SchemaKey *key = &node->properties[i].key;
		Parts			 parts = {.walk = from->walk, .names = lint_name(key->data, key->len)};
		bool			 is_known = node->properties[i].node == NULL;

		CHECK_FOR_INTERRUPTS();
		from->walk->steps += from->n;
		for (int k = 0; k < at && !is_known; k++)
			is_known = is_own(&from->part[k]) && named_property(from->part[k].node, key) != NULL;
		for (int k = 0; k < from->n && !is_known; k++)
			add_property_part(&parts, &from->part[k], key);
		push_parts(&parts);
	}
}

/* A schema for the rest, and whether there is anything that it is the rest of. */
typedef SchemaNode *(*RestOf)(const SchemaNode *node, bool *is_all);

static SchemaNode *
rest_of_properties(const SchemaNode *node, bool *is_all)
{
	*is_all = node->npatterns == 0;
	for (int i = 0; i < node->nproperties && *is_all; i++)
		*is_all = node->properties[i].node == NULL;
	/* that it lets anything through makes it an open object, and is said there */
	if (node->additional_properties != NULL && lint_says_nothing(node->additional_properties))
		return NULL;
	return node->additional_properties;
}

static SchemaNode *
rest_of_items(const SchemaNode *node, bool *is_all)
{
	*is_all = node->prefix_items.n == 0;
	return node->items;
}

/*
 * The rest: those that are all there is hold together, and for each of the others.  What
 * one of the others says of its rest does not hold for what is no rest elsewhere.
 */
static void
push_rests(const Parts *from, uint8 names, RestOf rest_of)
{
	Parts parts = {.walk = from->walk, .names = names};
	int	  nall;

	for (int i = 0; i < from->n; i++)
	{
		bool		is_all;
		SchemaNode *rest = rest_of(from->part[i].node, &is_all);

		if (rest != NULL && is_all)
			add_part(&parts, rest, role_of_child(&from->part[i]), from->part[i].is_overlay);
	}
	push_parts(&parts);
	nall = parts.n;
	for (int i = 0; i < nall; i++)
		if (parts.part[i].role == ROLE_OWN)
			parts.part[i].role = ROLE_BINDS;
	for (int i = 0; i < from->n; i++)
	{
		bool		is_all;
		SchemaNode *rest = rest_of(from->part[i].node, &is_all);

		parts.n = nall;
		if (rest != NULL && !is_all && is_own(&from->part[i]))
		{
			add_part(&parts, rest, ROLE_OWN, from->part[i].is_overlay);
			push_parts(&parts);
		}
	}
}

/* Items by number; behind another part's numbers its rest holds. */
static void
push_prefix(const Parts *from, uint8 names)
{
	int n = 0;

	for (int i = 0; i < from->n; i++)
		if (is_own(&from->part[i]))
			n = Max(n, from->part[i].node->prefix_items.n);
	for (int at = 0; at < n; at++)
	{
		Parts parts = {.walk = from->walk, .names = names};

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < from->n; i++)
		{
			const LintPart	 *part = &from->part[i];
			const SchemaNode *node = part->node;

			if (at < node->prefix_items.n)
				add_part(&parts, node->prefix_items.nodes[at], role_of_child(part), part->is_overlay);
			else if (node->items != NULL)
				add_part(&parts, node->items, ROLE_BINDS, part->is_overlay);
		}
		push_parts(&parts);
	}
}

static void
push_alone(const Parts *from, uint8 names, const SchemaNode *node, bool is_overlay)
{
	LintPart part = {node, ROLE_OWN, is_overlay};

	if (node != NULL)
		lint_push(from->walk, names, &part, 1);
}

/* What holds where nothing else said anything, or for names of a form. */
static void
push_others(const Parts *from, const LintPart *part, uint8 names)
{
	const SchemaNode *node = part->node;

	for (int i = 0; i < node->npatterns; i++)
		push_alone(from, 0, node->patterns[i].node, part->is_overlay);
	if (node->unevaluated_properties != NULL && !lint_says_nothing(node->unevaluated_properties))
		push_alone(from, 0, node->unevaluated_properties, part->is_overlay);
	push_alone(from, names, node->unevaluated_items, part->is_overlay);
}

/* ---- alternatives ---- */

/* One alternative, and what it is an alternative within. */
static void
push_alternative(const Parts *outer, const SchemaNode *node, bool is_overlay)
{
	Parts parts = {.walk = outer->walk, .names = outer->names};

	if (node == NULL)
		return;
	CHECK_FOR_INTERRUPTS();
	add_part(&parts, node, ROLE_OWN, is_overlay);
	memcpy(parts.part + 1, outer->part, outer->n * sizeof(LintPart));
	parts.n += outer->n;
	push_parts(&parts);
}

static void
push_alternatives(const Parts *outer, const LintPart *part)
{
	const SchemaNode *node = part->node;

	for (int i = 0; i < node->any_of.n; i++)
		push_alternative(outer, node->any_of.nodes[i], part->is_overlay);
	for (int i = 0; i < node->one_of.n; i++)
		push_alternative(outer, node->one_of.nodes[i], part->is_overlay);
	push_alternative(outer, node->then_node, part->is_overlay);
	push_alternative(outer, node->else_node, part->is_overlay);
	for (int i = 0; i < node->ndependents; i++)
		push_alternative(outer, node->dependents[i].node, part->is_overlay);
}

/* The parts of a place as those of its alternatives. */
static void
outer_parts(Parts *outer, const LintPlace *place)
{
	for (int i = 0; i < place->n && outer->n < OUTER_MAX; i++)
	{
		const LintPart *part = &place->parts[i];

		if (!lint_says_nothing(part->node))
			add_part(outer, lint_facts(outer->walk->facts, part->node)->same, ROLE_COUNTED,
					 part->is_overlay);
	}
}

void
lint_push_children(LintWalk *walk, const LintPlace *place)
{
	Parts from = {.walk = walk, .names = place->names};
	Parts outer = {.walk = walk, .names = place->names};
	uint8 of_items = lint_name_of_items(place->names);
	int	  nown;

	spread_parts(&from, place, true);
	nown = from.n;
	if (nown == 0 || !lint_is_new(walk, place, true))
		return;
	spread_parts(&from, place, false);
	outer_parts(&outer, place);
	for (int i = 0; i < nown; i++)
		push_properties(&from, i);
	push_rests(&from, 0, rest_of_properties);
	push_prefix(&from, of_items);
	push_rests(&from, of_items, rest_of_items);
	for (int i = 0; i < nown; i++)
		push_others(&from, &from.part[i], of_items);
	for (int i = 0; i < nown; i++)
		push_alternatives(&outer, &from.part[i]);
}
