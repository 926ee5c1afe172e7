/*
 * leaf_index.c
 *		A leaf's indexes, as far as rows of one kind enter them.
 *
 * Four of a leaf's indexes are of one kind of event each (partition.sql), and most
 * events are of none of these.  The executor opens, locks and describes every index and
 * prepares its predicate for each statement, and here each event is one: that was a
 * tenth of what log_event costs.  An index whose predicate asks for another kind takes
 * no row of this one, so it needs not be opened.
 *
 * What kind an index is of is kept by the backend until the index or any table changes
 * in the catalog.  An index that is new is not known, and looked at; one that asks for
 * no kind is always opened.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/index.h"
#include "nodes/primnodes.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "event.h"
#include "leaf_index.h"
#include "relcache_watch.h"

/* as many as are kept; a leaf has six */
#define KNOWN_MAX 16

typedef struct Known
{
	Oid index;
	Oid kind; /* rows of this one alone enter it; invalid: any */
} Known;

static Known known[KNOWN_MAX];
static int	 nknown = 0;

static void
relation_changed(Datum arg, Oid relid)
{
	(void) arg;
	for (int i = 0; i < nknown; i++)
		if (relid == InvalidOid || known[i].index == relid)
		{
			nknown = 0;
			return;
		}
}

/* The kind that the clause asks for: kind = 'word'. */
static Oid
clause_kind(const Node *clause)
{
	const OpExpr *op = (const OpExpr *) clause;
	const Var	 *var;
	const Const	 *word;

	if (!IsA(clause, OpExpr) || op->opfuncid != F_ENUM_EQ)
		return InvalidOid;
	var = linitial(op->args);
	word = lsecond(op->args);
	if (!IsA(var, Var) || var->varattno != EVENT_KIND + 1 || !IsA(word, Const) ||
		word->constisnull)
		return InvalidOid;
	return DatumGetObjectId(word->constvalue);
}

/* What rows of other kinds never satisfy, whatever else the predicate says. */
static Oid
index_kind(Relation index)
{
	ListCell *cell;

	foreach(cell, RelationGetIndexPredicate(index))
	{
		Oid kind = clause_kind(lfirst(cell));

		if (OidIsValid(kind))
			return kind;
	}
	return InvalidOid;
}

static const Known *
find_known(Oid index)
{
	for (int i = 0; i < nknown; i++)
		if (known[i].index == index)
			return &known[i];
	return NULL;
}

static void
remember(Relation index)
{
	static bool registered = false;
	Known		fresh = {RelationGetRelid(index), index_kind(index)};

	if (!registered)
		relcache_watch(relation_changed);
	registered = true;
	/* of leaves that are full */
	if (nknown == KNOWN_MAX)
		nknown = 0;
	known[nknown++] = fresh;
}

bool
leaf_index_open(ResultRelInfo *result, Oid kind)
{
	List	   *indexes = RelationGetIndexList(result->ri_RelationDesc);
	int			n = list_length(indexes);
	RelationPtr relations = palloc0(n * sizeof(Relation));
	IndexInfo **infos = palloc0(n * sizeof(IndexInfo *));
	int			nopen = 0;
	ListCell   *cell;

	foreach(cell, indexes)
	{
		const Known *about = find_known(lfirst_oid(cell));
		Relation	 index;

		if (about != NULL && OidIsValid(about->kind) && about->kind != kind)
			continue;
		index = index_open(lfirst_oid(cell), RowExclusiveLock);
		if (about == NULL)
			remember(index);
		relations[nopen] = index;
		infos[nopen++] = BuildIndexInfo(index);
	}
	list_free(indexes);
	result->ri_NumIndices = nopen;
	result->ri_IndexRelationDescs = relations;
	result->ri_IndexRelationInfo = infos;
	return nopen < n;
}
