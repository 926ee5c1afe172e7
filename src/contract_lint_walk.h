/*
 * contract_lint_walk.h
 *		A walk over the places of a contract, for the files that share it.
 */
#ifndef MAESTRO_CONTRACT_LINT_WALK_H
#define MAESTRO_CONTRACT_LINT_WALK_H

#include "contract_lint.h"
#include "contract_lint_facts.h"

/* What a schema is to a place. */
typedef enum LintRole
{
	ROLE_OWN,	  /* is looked at here */
	ROLE_COUNTED, /* has this as an alternative: what it says is counted there, and holds here */
	ROLE_BINDS,	  /* is looked at elsewhere, and holds here too */
	ROLE_REST	  /* own, but one of too many: it is counted already, its children are not */
} LintRole;

typedef struct LintPart
{
	const SchemaNode *node;
	uint8			  role; /* LintRole */
	bool			  is_overlay;
} LintPart;

/* Schemas, ANDed, of one place in an instance. */
typedef struct LintPlace
{
	uint8	  names; /* LintName, of the property */
	int		  n;
	LintPart *parts;
} LintPlace;

typedef struct LintWalk
{
	int64	  *counts;
	LintReport report;
	void	  *target;
	HTAB	  *facts;
	HTAB	  *tallies; /* of nodes, what was counted there */
	HTAB	  *seen;	/* places that were come to, and those whose children were */
	int64	   steps;
	int		   n; /* places still to come to, the next last */
	int		   size;
	LintPlace *places;
} LintWalk;

/* To come to a place later; the parts are copied.  One without an own part is none. */
extern void lint_push(LintWalk *walk, uint8 names, const LintPart *parts, int n);

/* To come to the children and alternatives of a place. */
extern void lint_push_children(LintWalk *walk, const LintPlace *place);

/* Is it the first time that somebody comes to a place, or wants its children? */
extern bool lint_is_new(LintWalk *walk, const LintPlace *place, bool children);

#endif /* MAESTRO_CONTRACT_LINT_WALK_H */
