/*
 * unsealed.c
 *		The newest checkpoint, and the events that it has not seen.
 *
 * What is new is the difference of two snapshots: transactions that the last seal
 * did not see and this one does.  Ids and times are no order of commits: what
 * commits late would be passed by.  Of the transactions that the last seal saw
 * running each is looked up by itself, so that a long one costs nothing.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "entry.h"
#include "log.h"
#include "owner.h"
#include "unsealed.h"

typedef struct StampRange
{
	int64 low;
	int64 high;
} StampRange;

struct Unsealed
{
	EventScan		   *scan;
	int					incarnation;
	const SealSnapshot *now;
	StampRange		   *ranges;
	int					nranges;
	int					next; /* range to turn to */
};

static UnsealedMode		   present_mode = UNSEALED_READ;
static const SealSnapshot *present_now = NULL;
static UnsealedKinds	  *present_kinds = NULL; /* of those; NULL: not known */

void
unsealed_set_mode(UnsealedMode mode, const SealSnapshot *now, UnsealedKinds *kinds)
{
	present_mode = mode;
	present_now = now;
	present_kinds = kinds;
}

UnsealedMode
unsealed_mode(void)
{
	return present_mode;
}

void
unsealed_checkpoint(Checkpoint *last)
{
	bool   isnull;
	bytea *signals;

	memset(last, 0, sizeof(*last));
	if (SPI_execute("SELECT size, incarnation, snapshot::text, frontier, signals"
					" FROM maestro.checkpoint ORDER BY size DESC LIMIT 1", true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the newest checkpoint");
	if (SPI_processed == 0)
	{
		last->frontier = palloc0(VARHDRSZ);
		SET_VARSIZE(last->frontier, VARHDRSZ);
		return;
	}
	last->size = DatumGetInt64(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	last->incarnation = DatumGetInt32(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
	seal_snapshot_read(&last->snapshot,
					   SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 3));
	last->frontier = DatumGetByteaPCopy(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 4, &isnull));
	signals = DatumGetByteaPP(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 5, &isnull));
	memcpy(&last->signals, VARDATA_ANY(signals), Min(VARSIZE_ANY_EXHDR(signals), sizeof(last->signals)));
}

static void
add_range(Unsealed *unsealed, int incarnation, uint64 low, uint64 high)
{
	StampRange *range = &unsealed->ranges[unsealed->nranges++];

	range->low = stamp_of(incarnation, low);
	range->high = stamp_of(incarnation, high);
}

/*
 * What of an incarnation has become visible since a snapshot of it: first those
 * that were running then, which are older.
 */
static void
add_since(Unsealed *unsealed, int incarnation, const SealSnapshot *before, uint64 end)
{
	for (int i = 0; i < before->nxip; i++)
		add_range(unsealed, incarnation, before->xip[i], before->xip[i] + 1);
	add_range(unsealed, incarnation, before->xmax, end);
}

Unsealed *
unsealed_begin(const Checkpoint *last, int incarnation, const SealSnapshot *now, Snapshot snapshot)
{
	static const SealSnapshot nothing = {0, 0, NULL};
	const uint64 all = (uint64) 1 << STAMP_XID_BITS;
	Unsealed	*unsealed = palloc0(sizeof(Unsealed));
	int			 first = Max(last->incarnation, 1);

	unsealed->incarnation = incarnation;
	unsealed->now = now;
	unsealed->ranges = palloc((last->snapshot.nxip + Max(incarnation - first, 0) + 2) * sizeof(StampRange));
	/* what earlier lives of the database left: there all has ended */
	for (int i = first; i <= incarnation; i++)
		add_since(unsealed, i, i == last->incarnation ? &last->snapshot : &nothing,
				  i == incarnation && now != NULL ? now->xmax : all);
	unsealed->scan = event_scan_begin(snapshot);
	return unsealed;
}

/* Of the present incarnation only what "now" sees: who restores rows may bring any stamp. */
static bool
is_seen(const Unsealed *unsealed, const Event *event)
{
	int64 stamp = DatumGetInt64(event->values[EVENT_STAMP]);

	return unsealed->now == NULL || stamp < stamp_of(unsealed->incarnation, 0) ||
		   seal_snapshot_sees(unsealed->now,
							  (uint64) stamp & (((uint64) 1 << STAMP_XID_BITS) - 1));
}

bool
unsealed_next(Unsealed *unsealed, Event *event)
{
	for (;;)
	{
		while (unsealed->next > 0 && event_scan_next(unsealed->scan, event))
			if (is_seen(unsealed, event))
				return true;
		if (unsealed->next == unsealed->nranges)
			return false;
		event_scan_range(unsealed->scan, unsealed->ranges[unsealed->next].low,
						 unsealed->ranges[unsealed->next].high);
		unsealed->next++;
	}
}

void
unsealed_end(Unsealed *unsealed)
{
	event_scan_end(unsealed->scan);
	pfree(unsealed->ranges);
	pfree(unsealed);
}

/* Begins as the mode says.  Connected to SPI, as the owner. */
static Unsealed *
begin_mode(int incarnation, Snapshot snapshot)
{
	Checkpoint	 *last = palloc(sizeof(Checkpoint));
	SealSnapshot *seen;

	unsealed_checkpoint(last);
	if (present_mode != UNSEALED_AGAIN)
		return unsealed_begin(last, incarnation, present_now, snapshot);
	seen = palloc(sizeof(SealSnapshot));
	*seen = last->snapshot;
	seal_snapshot_read(&last->snapshot, NULL);
	incarnation = last->incarnation;
	last->incarnation = 0;
	return unsealed_begin(last, incarnation, seen, snapshot);
}

void
unsealed_visit(EventVisitor visit, void *context)
{
	const LogState *log = log_state(false);
	OwnerCall		call;
	Unsealed	   *unsealed;
	Event			event;
	MemoryContext	context_of_one;
	MemoryContext	saved;

	if (log == NULL || present_mode == UNSEALED_NOTHING)
		return;
	owner_call_begin(&call);
	context_of_one = AllocSetContextCreate(CurrentMemoryContext, "unsealed event", ALLOCSET_DEFAULT_SIZES);
	unsealed = begin_mode(Max(log->incarnation, log->stamp_incarnation), GetActiveSnapshot());
	while (unsealed_next(unsealed, &event))
	{
		saved = MemoryContextSwitchTo(context_of_one);
		visit(&event, context);
		MemoryContextSwitchTo(saved);
		MemoryContextReset(context_of_one);
		CHECK_FOR_INTERRUPTS();
	}
	unsealed_end(unsealed);
	owner_call_end(&call);
}

static void
visit_kind(const Event *event, void *context)
{
	unsealed_kind_note(context, event);
}

const UnsealedKinds *
unsealed_kinds(void)
{
	UnsealedKinds *kinds = present_kinds;

	if (kinds != NULL)
		return kinds;
	kinds = unsealed_kinds_new();
	unsealed_visit(visit_kind, kinds);
	return kinds;
}
