/*
 * contract_lint_facts.h
 *		What a schema says of a value by itself, and of names of properties.
 */
#ifndef MAESTRO_CONTRACT_LINT_FACTS_H
#define MAESTRO_CONTRACT_LINT_FACTS_H

#include "utils/hsearch.h"

#include "schema.h"

/* a number's types */
#define LINT_NUMERIC (SCHEMA_NUMBER | SCHEMA_INTEGER)

/* Bits of what a schema makes sure of. */
typedef enum LintBound
{
	BOUND_STRING = 1 << 0,	  /* its length, or what it may be */
	BOUND_SAFE_PATH = 1 << 1, /* as a path it leads nowhere else */
	BOUND_SINK = 1 << 2,	  /* its form, or somebody has thought about it */
	BOUND_LOWER = 1 << 3,
	BOUND_UPPER = 1 << 4,
	BOUND_CLOSED = 1 << 5,	/* no unknown properties */
	BOUND_MAP = 1 << 6,		/* unknown properties have a schema that says something */
	BOUND_KEYS = 1 << 7,	/* how many properties there are, or their names */
	BOUND_LENGTH = 1 << 8,	/* an array's */
	BOUND_ITEMS = 1 << 9,	/* all items of an array have a schema */
	BOUND_ALL = (1 << 10) - 1
} LintBound;

/*
 * Of one node with all that is ANDed to it from below (references, allOf) and what its
 * alternatives have in common; not of its properties and items.
 */
typedef struct LintFacts
{
	const SchemaNode *node;	  /* the key */
	const SchemaNode *same;	  /* the node that it only refers to, however often; else itself */
	const SchemaNode *core;	  /* where children begin, without nodes that only lead there; or NULL */
	uint16			  bounds; /* LintBound */
	uint8			  state;
	uint8			  may;	/* SchemaType: what a value can be */
	uint8			  says; /* SchemaType: what it speaks of, alternatives left out */
	bool			  has_alternatives;
	bool			  has_annotation; /* a format that is not asserted */
	bool			  is_path;		  /* by its format */
} LintFacts;

/* Of nodes, by their addresses, as far as they were asked for. */
extern HTAB *lint_facts_table(void);
extern const LintFacts *lint_facts(HTAB *table, const SchemaNode *node);

/* Does it say nothing at all, annotations left out? */
extern bool lint_says_nothing(const SchemaNode *node);

/* All nodes that are ANDed to one: references, allOf. */
typedef void (*LintEach)(void *target, const SchemaNode *node);
extern void lint_each_anded(const SchemaNode *node, LintEach visit, void *target);

/* Bits of what a property's name promises. */
typedef enum LintName
{
	NAME_PATH = 1 << 0,
	NAME_SINK = 1 << 1,
	NAME_PATHS = 1 << 2, /* of the items, when it is an array */
	NAME_SINKS = 1 << 3
} LintName;

extern uint8 lint_name(const char *name, int len);

/* Of the items of what has such a name. */
extern uint8 lint_name_of_items(uint8 names);

#endif /* MAESTRO_CONTRACT_LINT_FACTS_H */
