/*
 * event_scan.c
 *		Events in the order of their stamps, over all leaves.
 *
 * Index scans of the leaves' indexes on (stamp, event_id), merged.  A query would
 * leave the choice to the planner, who knows nothing of a partition that was filled a
 * moment ago and might sort a whole one.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "executor/tuptable.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "compat.h"
#include "event_scan.h"

typedef struct Leaf
{
	Relation	   table;
	Relation	   index;
	IndexScanDesc  scan;
	TupleTableSlot *slot;
	bool		   holds; /* a row that was not handed out yet */
} Leaf;

struct EventScan
{
	int	  nleaf;
	Leaf *leaf;
	Leaf *last; /* whose row was handed out, and is to be replaced */
};

/* The index on (stamp, event_id). */
static Relation
open_index(Relation table)
{
	ListCell *cell;

	foreach(cell, RelationGetIndexList(table))
	{
		Relation	   index = index_open(lfirst_oid(cell), AccessShareLock);
		Form_pg_index  form = index->rd_index;

		if (form->indisvalid && form->indnkeyatts == 2 &&
			form->indkey.values[0] == EVENT_STAMP + 1 &&
			form->indkey.values[1] == EVENT_EVENT_ID + 1 &&
			RelationGetIndexPredicate(index) == NIL)
			return index;
		index_close(index, AccessShareLock);
	}
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("\"%s\" has no index on stamp and event_id",
						   RelationGetRelationName(table)),
					errhint("Partitions are made by maestro.create_partition.")));
}

EventScan *
event_scan_begin(Snapshot snapshot)
{
	Oid		   parent = get_relname_relid("event", get_namespace_oid("maestro", false));
	List	  *children = find_inheritance_children(parent, AccessShareLock);
	EventScan *scan = palloc(sizeof(EventScan));
	ListCell  *cell;

	scan->leaf = palloc((list_length(children) + 1) * sizeof(Leaf));
	scan->nleaf = 0;
	scan->last = NULL;
	foreach(cell, children)
	{
		Leaf *leaf = &scan->leaf[scan->nleaf++];

		leaf->table = table_open(lfirst_oid(cell), NoLock);
		event_check_columns(leaf->table);
		leaf->index = open_index(leaf->table);
		leaf->scan = compat_index_beginscan(leaf->table, leaf->index, snapshot, 2);
		leaf->slot = table_slot_create(leaf->table, NULL);
		leaf->holds = false;
	}
	return scan;
}

static void
advance(Leaf *leaf)
{
	leaf->holds = index_getnext_slot(leaf->scan, ForwardScanDirection, leaf->slot);
	if (leaf->holds)
		slot_getallattrs(leaf->slot);
}

void
event_scan_range(EventScan *scan, int64 low, int64 high)
{
	ScanKeyData key[2];

	ScanKeyInit(&key[0], 1, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(low));
	ScanKeyInit(&key[1], 1, BTLessStrategyNumber, F_INT8LT, Int64GetDatum(high));
	scan->last = NULL;
	for (int i = 0; i < scan->nleaf; i++)
	{
		index_rescan(scan->leaf[i].scan, key, 2, NULL, 0);
		advance(&scan->leaf[i]);
	}
}

static bool
comes_before(const Leaf *a, const Leaf *b)
{
	int64 x = DatumGetInt64(a->slot->tts_values[EVENT_STAMP]);
	int64 y = DatumGetInt64(b->slot->tts_values[EVENT_STAMP]);

	if (x != y)
		return x < y;
	return DatumGetInt64(a->slot->tts_values[EVENT_EVENT_ID]) <
		   DatumGetInt64(b->slot->tts_values[EVENT_EVENT_ID]);
}

bool
event_scan_next(EventScan *scan, Event *event)
{
	Leaf *first = NULL;

	if (scan->last != NULL)
		advance(scan->last);
	for (int i = 0; i < scan->nleaf; i++)
		if (scan->leaf[i].holds && (first == NULL || comes_before(&scan->leaf[i], first)))
			first = &scan->leaf[i];
	scan->last = first;
	if (first == NULL)
		return false;
	memcpy(event->values, first->slot->tts_values, sizeof(event->values));
	memcpy(event->nulls, first->slot->tts_isnull, sizeof(event->nulls));
	return true;
}

void
event_scan_end(EventScan *scan)
{
	for (int i = 0; i < scan->nleaf; i++)
	{
		Leaf *leaf = &scan->leaf[i];

		index_endscan(leaf->scan);
		ExecDropSingleTupleTableSlot(leaf->slot);
		index_close(leaf->index, AccessShareLock);
		table_close(leaf->table, NoLock);
	}
	pfree(scan->leaf);
	pfree(scan);
}
