/*
 * verify_rows.c
 *		Events against the tiles of the Merkle tree.
 *
 * Events are read in the order in which they lie on disk and tiles in the
 * order of the tree, which are nearly the same: what has no partner yet waits in a hash
 * table, and few do.  Only a log whose rows lie otherwise needs much memory.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"
#include "entry.h"
#include "event.h"
#include "seal_snapshot.h"
#include "tile_stream.h"
#include "verify.h"

/* An event, or a node of the tree, whose partner has not come yet. */
typedef struct Waiting
{
	int64 event_id;
	uint32 status;
	bool  is_node;
	bool  must_be_sealed; /* an event: a seal has passed it */
	uint8 leaf[SHA256_LEN];
} Waiting;

#define SH_PREFIX waiting
#define SH_ELEMENT_TYPE Waiting
#define SH_KEY_TYPE int64
#define SH_KEY event_id
#define SH_HASH_KEY(table, key) murmurhash32((uint32) (key ^ key >> 32))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* Tiles are read ahead of the events by that many nodes at most. */
#define AHEAD 65536

/* Ids [first, beyond). */
typedef struct IdRange
{
	int64 first;
	int64 beyond;
} IdRange;

typedef struct Matcher
{
	Verify	   *verify;
	TileStream *tiles;
	waiting_hash *waiting;
	int64		nodes_waiting;
	SealSnapshot sealed; /* by the newest checkpoint */
	int			sealed_incarnation;
	int64		unseen; /* sealed events that it says were not seen */
	MemoryContext per_event;
	Datum	   *erased; /* ids of events without payload */
	int			nerased;
	int			erased_room;
	IdRange	   *dropped; /* with their partitions; ascending */
	int			ndropped;
	bool		dropping_is_sealed;
	int64		dropped_events;
} Matcher;

static void
report_pair(Matcher *matcher, int64 event_id, const uint8 *node, const uint8 *leaf, bool is_past)
{
	if (memcmp(node, leaf, SHA256_LEN) != 0)
		verify_report(matcher->verify, VERIFY_CRITICAL, "changed", event_id,
					  "the event is not what was sealed");
	if (!is_past && matcher->unseen++ == 0)
		verify_report(matcher->verify, VERIFY_CRITICAL, "checkpoint", event_id,
					  "the event is sealed, and the newest checkpoint says it was not seen");
}

/* Has a seal passed events of that stamp? */
static bool
is_past(const Matcher *matcher, int64 stamp)
{
	int	   incarnation = stamp_incarnation(stamp);
	uint64 xid = (uint64) stamp & (((uint64) 1 << STAMP_XID_BITS) - 1);

	if (incarnation != matcher->sealed_incarnation)
		return incarnation < matcher->sealed_incarnation;
	return seal_snapshot_sees(&matcher->sealed, xid);
}

static void
read_dropped(Matcher *matcher)
{
	bool isnull;

	if (SPI_execute("SELECT * FROM maestro.dropped_events()", true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read dropped partitions");
	matcher->dropped = palloc((SPI_processed + 1) * sizeof(IdRange));
	matcher->ndropped = (int) SPI_processed;
	matcher->dropping_is_sealed = true;
	for (int i = 0; i < matcher->ndropped; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];
		TupleDesc desc = SPI_tuptable->tupdesc;

		matcher->dropped[i].first = DatumGetInt64(SPI_getbinval(row, desc, 1, &isnull));
		matcher->dropped[i].beyond = DatumGetInt64(SPI_getbinval(row, desc, 2, &isnull));
		matcher->dropping_is_sealed = DatumGetBool(SPI_getbinval(row, desc, 3, &isnull));
	}
}

static bool
was_dropped(const Matcher *matcher, int64 event_id)
{
	int low = 0;
	int high = matcher->ndropped;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (matcher->dropped[middle].beyond <= event_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < matcher->ndropped && matcher->dropped[low].first <= event_id;
}

static void
match_node(Matcher *matcher, int64 event_id, const uint8 *hash)
{
	bool	 found;
	Waiting *w = waiting_insert(matcher->waiting, event_id, &found);

	if (!found && was_dropped(matcher, event_id))
	{
		/* else what old partitions left behind would wait for ever */
		(void) waiting_delete(matcher->waiting, event_id);
		matcher->dropped_events++;
		return;
	}
	if (!found)
	{
		w->is_node = true;
		memcpy(w->leaf, hash, SHA256_LEN);
		matcher->nodes_waiting++;
		return;
	}
	if (w->is_node)
	{
		verify_report(matcher->verify, VERIFY_CRITICAL, "tile", event_id,
					  "the event is in the tree twice");
		return;
	}
	report_pair(matcher, event_id, hash, w->leaf, w->must_be_sealed);
	(void) waiting_delete(matcher->waiting, event_id);
}

/*
 * Reads tiles ahead, as far as may be, to the event's node: true if it came.  No other
 * was waiting for it, so it needs not wait in the table.
 */
static bool
find_node(Matcher *matcher, int64 event_id, uint8 hash[SHA256_LEN])
{
	int64 id;

	while (matcher->nodes_waiting < AHEAD && tile_stream_next(matcher->tiles, hash, &id))
	{
		if (id == event_id && !was_dropped(matcher, id))
			return true;
		match_node(matcher, id, hash);
		if (id == event_id)
			break;
	}
	return false;
}

static void
match_event(Matcher *matcher, int64 event_id, int64 stamp, const uint8 *leaf)
{
	uint8	 hash[SHA256_LEN];
	bool	 found;
	bool	 past = is_past(matcher, stamp);
	Waiting *w = waiting_lookup(matcher->waiting, event_id);

	if (w != NULL && w->is_node)
	{
		report_pair(matcher, event_id, w->leaf, leaf, past);
		(void) waiting_delete(matcher->waiting, event_id);
		matcher->nodes_waiting--;
		return;
	}
	/* what no seal has passed would take all that may be read ahead, and have no node */
	if (w == NULL && past && find_node(matcher, event_id, hash))
	{
		report_pair(matcher, event_id, hash, leaf, past);
		return;
	}
	w = waiting_insert(matcher->waiting, event_id, &found);
	if (found)
	{
		verify_report(matcher->verify, VERIFY_CRITICAL, "inserted", event_id,
					  "the event is there twice");
		return;
	}
	w->is_node = false;
	w->must_be_sealed = past;
	memcpy(w->leaf, leaf, SHA256_LEN);
}

static void
note_erased(Matcher *matcher, int64 event_id)
{
	if (matcher->nerased == matcher->erased_room)
	{
		matcher->erased_room = Max(64, 2 * matcher->erased_room);
		matcher->erased = matcher->erased == NULL
							  ? palloc(matcher->erased_room * sizeof(Datum))
							  : repalloc_huge(matcher->erased, matcher->erased_room * sizeof(Datum));
	}
	matcher->erased[matcher->nerased++] = Int64GetDatum(event_id);
}

/* The event of a row; false: it is none of those that are compared. */
static bool
take_event(Matcher *matcher, TupleTableSlot *slot, Event *event)
{
	Verify *verify = matcher->verify;
	int64	event_id;
	int64	stamp;

	slot_getallattrs(slot);
	event_id = DatumGetInt64(slot->tts_values[EVENT_EVENT_ID]);
	stamp = DatumGetInt64(slot->tts_values[EVENT_STAMP]);
	if (event_id < verify->from || event_id > verify->to)
		return false;
	memcpy(event->values, slot->tts_values, sizeof(event->values));
	memcpy(event->nulls, slot->tts_isnull, sizeof(event->nulls));
	if (stamp_incarnation(stamp) > verify->incarnation + 1 || stamp_incarnation(stamp) < 1)
		verify_report(verify, VERIFY_CRITICAL, "incarnation", event_id,
					  "the event is of an incarnation that has not been");
	if (stamp >= verify->next_stamp && stamp_incarnation(stamp) == verify->incarnation)
		verify_report(verify, VERIFY_CRITICAL, "inserted", event_id,
					  "the event is of a transaction that has not been");
	if (event->nulls[EVENT_SALT])
		note_erased(matcher, event_id);
	return true;
}

/* An event whose hashes were worked out again, if it has any. */
static void
compare_event(Matcher *matcher, const Event *event, EntryHashes *hashes, bool hashed)
{
	int64 event_id = DatumGetInt64(event->values[EVENT_EVENT_ID]);
	int64 stamp = DatumGetInt64(event->values[EVENT_STAMP]);
	bool  intact =
		hashed &&
		memcmp(hashes->leaf, DatumGetPointer(event->values[EVENT_LEAF]), SHA256_LEN) == 0 &&
		memcmp(hashes->payload, DatumGetPointer(event->values[EVENT_PAYLOAD_HASH]), SHA256_LEN) == 0;

	/* before a seal only the event itself tells; later a leaf that matches no node */
	if (!intact && !is_past(matcher, stamp))
		verify_report(matcher->verify, VERIFY_CRITICAL, "changed", event_id,
					  "the event is not what was logged, and is not sealed yet");
	else if (!intact)
		memset(hashes->leaf, 0, SHA256_LEN);
	match_event(matcher, event_id, stamp, hashes->leaf);
}

/* One event, or two: hashing these at once takes less. */
static void
verify_events(Matcher *matcher, const Event events[2], int n)
{
	const Event *const both[2] = {&events[0], &events[1]};
	EntryHashes		   hashes[2];
	bool			   hashed[2];
	MemoryContext	   saved = MemoryContextSwitchTo(matcher->per_event);

	if (n == 2)
		entry_hash_pair(matcher->verify->log, both, hashes, hashed);
	else
		hashed[0] = entry_hash(matcher->verify->log, &events[0], &hashes[0]);
	MemoryContextSwitchTo(saved);
	MemoryContextReset(matcher->per_event);
	for (int i = 0; i < n; i++)
		compare_event(matcher, &events[i], &hashes[i], hashed[i]);
}

static void
verify_leaf(Matcher *matcher, Oid relid)
{
	Relation		table = table_open(relid, AccessShareLock);
	TableScanDesc	scan;
	TupleTableSlot *slots[2]; /* each keeps the page that its event's columns lie on */
	Event			events[2];
	int				n = 0;

	event_check_columns(table);
	for (int i = 0; i < 2; i++)
		slots[i] = table_slot_create(table, NULL);
	scan = table_beginscan(table, matcher->verify->snapshot, 0, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slots[n]))
	{
		CHECK_FOR_INTERRUPTS();
		if (!take_event(matcher, slots[n], &events[n]) || ++n < 2)
			continue;
		verify_events(matcher, events, n);
		n = 0;
	}
	if (n > 0)
		verify_events(matcher, events, n);
	table_endscan(scan);
	for (int i = 0; i < 2; i++)
		ExecDropSingleTupleTableSlot(slots[i]);
	table_close(table, NoLock);
}

/*
 * A sealed event whose row a scan did not meet: in the tree for a second time, or lost.
 */
static void
report_missing(Matcher *matcher, int64 event_id)
{
	Oid	  types[1] = {INT8OID};
	Datum args[1] = {Int64GetDatum(event_id)};
	bool  there;

	if (SPI_execute_with_args("SELECT FROM maestro.event WHERE event_id = $1", 1, types, args, NULL, true,
							  1) != SPI_OK_SELECT)
		elog(ERROR, "could not look for an event");
	there = SPI_processed > 0;
	SPI_freetuptable(SPI_tuptable);
	if (there)
		verify_report(matcher->verify, VERIFY_CRITICAL, "tile", event_id,
					  "the event is in the tree twice");
	else
		verify_report(matcher->verify, VERIFY_CRITICAL, "missing", event_id,
					  "the event was sealed and is not there");
}

/* What has found no partner. */
static void
report_rest(Matcher *matcher)
{
	waiting_iterator it;
	Waiting			*w;
	Verify			*verify = matcher->verify;

	waiting_start_iterate(matcher->waiting, &it);
	while ((w = waiting_iterate(matcher->waiting, &it)) != NULL)
	{
		if (w->event_id < verify->from || w->event_id > verify->to)
			continue;
		if (w->is_node)
			report_missing(matcher, w->event_id);
		else if (!w->is_node && w->must_be_sealed)
			verify_report(verify, VERIFY_CRITICAL, "inserted", w->event_id,
						  "the event is in no tile, though a seal has passed its transaction");
	}
	if (matcher->dropped_events > 0 && !matcher->dropping_is_sealed)
		verify_report(verify, VERIFY_LOW, "missing", 0,
					  INT64_FORMAT " events were dropped with their partitions, and the event that says "
					  "so is not sealed yet", matcher->dropped_events);
}

/* An erased payload is in order only if a sealed entry says who erased it, and why. */
static void
report_erased(Matcher *matcher)
{
	Oid	  types[1] = {INT8ARRAYOID};
	Datum args[1];

	if (matcher->nerased == 0)
		return;
	args[0] = PointerGetDatum(construct_array(matcher->erased, matcher->nerased, INT8OID, sizeof(int64),
											  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	if (SPI_execute_with_args("SELECT event_id, sealed FROM maestro.unexplained_erasures($1)", 1, types,
							  args, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read redactions");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];
		bool	  isnull;
		int64	  event_id = DatumGetInt64(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &isnull));

		(void) SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull);
		if (isnull)
			verify_report(matcher->verify, VERIFY_CRITICAL, "redaction", event_id,
						  "the payload is gone, and no event says who erased it");
		else
			verify_report(matcher->verify, VERIFY_LOW, "redaction", event_id,
						  "the payload was erased, and the event that says so is not sealed yet");
	}
}

static void
read_sealed(Matcher *matcher)
{
	bool isnull;

	if (SPI_execute("SELECT incarnation, snapshot::text FROM maestro.checkpoint"
					" ORDER BY size DESC LIMIT 1", true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the newest checkpoint");
	if (SPI_processed == 0)
		return;
	matcher->sealed_incarnation = DatumGetInt32(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	seal_snapshot_read(&matcher->sealed,
					   SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2));
}

void
verify_rows(Verify *verify)
{
	Matcher	 matcher = {0};
	Oid		 parent = get_relname_relid("event", get_namespace_oid("maestro", false));
	List	*leaves = find_inheritance_children(parent, AccessShareLock);
	ListCell *cell;
	uint8	 hash[SHA256_LEN];
	int64	 event_id;

	matcher.verify = verify;
	read_sealed(&matcher);
	read_dropped(&matcher);
	matcher.tiles = tile_stream_open(0);
	matcher.waiting = waiting_create(CurrentMemoryContext, 64, NULL);
	matcher.per_event =
		AllocSetContextCreate(CurrentMemoryContext, "verified event", ALLOCSET_DEFAULT_SIZES);
	foreach(cell, leaves)
		verify_leaf(&matcher, lfirst_oid(cell));
	while (tile_stream_next(matcher.tiles, hash, &event_id))
		match_node(&matcher, event_id, hash);
	tile_stream_close(matcher.tiles);
	report_rest(&matcher);
	report_erased(&matcher);
	waiting_destroy(matcher.waiting);
}
