/*
 * proof.c
 *		Where events are in the Merkle tree, and proofs that they are.
 *
 * No index maps events to places, which would cost as much as the tree.  An
 * event's stamp says which seal took it: the first that sees its transaction.
 * Within a seal events are in the order of (stamp, id), and full tiles say what
 * they begin with, so that a search of some steps ends at one tile.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"

#include "compat.h"
#include "entry.h"
#include "errcodes.h"
#include "event.h"
#include "proof.h"
#include "seal_snapshot.h"
#include "statement.h"
#include "tiles.h"

/* A seal: nodes [begin, end) of the tree. */
typedef struct Batch
{
	int64 begin;
	int64 end;
} Batch;

static Statement stamp_of_event = {
	"SELECT stamp FROM maestro.event WHERE event_id = $1", 1, {INT8OID}, NULL};
static Statement was_dropped = {
	"SELECT FROM maestro.dropped_partition WHERE event_ids @> $1", 1, {INT8OID}, NULL};
static Statement candidate = {
	"SELECT size, batch, snapshot::text FROM maestro.checkpoint"
	" WHERE incarnation = $1 AND pg_snapshot_xmax(snapshot) > $2::text::xid8"
	" ORDER BY incarnation, pg_snapshot_xmax(snapshot), size LIMIT 1",
	2, {INT4OID, INT8OID}, NULL};
static Statement seal_of_size = {
	"SELECT size, batch, snapshot::text FROM maestro.checkpoint"
	" WHERE size >= $2 AND incarnation = $1 ORDER BY size LIMIT 1",
	2, {INT4OID, INT8OID}, NULL};
static Statement later = {
	"SELECT size, batch, snapshot::text FROM maestro.checkpoint"
	" WHERE incarnation > $1 ORDER BY size LIMIT 1",
	1, {INT4OID}, NULL};
static Statement largest = {
	"SELECT coalesce(max(size), 0) FROM maestro.checkpoint WHERE incarnation = $1", 1, {INT4OID}, NULL};
static Statement newest = {
	"SELECT size, root, xmin FROM maestro.checkpoint ORDER BY size DESC LIMIT 1", 0, {0}, NULL};

static void
select_rows(Statement *statement, Datum *args)
{
	statement_run(statement, args, NULL, true, 1, SPI_OK_SELECT);
}

static bool
read_stamp(int64 event_id, int64 *stamp)
{
	Datum args[1] = {Int64GetDatum(event_id)};

	select_rows(&stamp_of_event, args);
	if (SPI_processed == 0)
		return false;
	*stamp = statement_int64(1);
	return true;
}

/* The checkpoint that a query found; its snapshot too. */
static bool
read_batch(Batch *batch, SealSnapshot *snapshot)
{
	if (SPI_processed == 0)
		return false;
	batch->end = statement_int64(1);
	batch->begin = batch->end - statement_int64(2);
	seal_snapshot_read(snapshot, SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 3));
	return true;
}

/* The first seal of the incarnation that began after the transaction did. */
static bool
first_candidate(int incarnation, uint64 xid, Batch *batch, SealSnapshot *snapshot)
{
	Datum args[2] = {Int32GetDatum(incarnation), Int64GetDatum((int64) xid)};

	select_rows(&candidate, args);
	return read_batch(batch, snapshot);
}

/* The first seal of the incarnation at that size or above. */
static bool
seal_from(int incarnation, int64 size, Batch *batch, SealSnapshot *snapshot)
{
	Datum args[2] = {Int32GetDatum(incarnation), Int64GetDatum(size)};

	select_rows(&seal_of_size, args);
	return read_batch(batch, snapshot);
}

/* The first seal of any later incarnation: it took what earlier ones had left. */
static bool
first_later(int incarnation, Batch *batch)
{
	Datum		 args[1] = {Int32GetDatum(incarnation)};
	SealSnapshot ignored;

	select_rows(&later, args);
	return read_batch(batch, &ignored);
}

static int64
last_size(int incarnation)
{
	Datum args[1] = {Int32GetDatum(incarnation)};

	select_rows(&largest, args);
	return statement_int64(1);
}

/* The seal that took events of that stamp. */
static bool
find_batch(int64 stamp, Batch *batch)
{
	int			 incarnation = stamp_incarnation(stamp);
	uint64		 xid = (uint64) stamp & (((uint64) 1 << STAMP_XID_BITS) - 1);
	SealSnapshot snapshot;
	Batch		 middle;
	int64		 low;
	int64		 high;

	if (!first_candidate(incarnation, xid, batch, &snapshot))
		return first_later(incarnation, batch);
	if (seal_snapshot_sees(&snapshot, xid))
		return true;
	/* it was still running then: later seals see it from some one on */
	low = batch->end + 1;
	high = last_size(incarnation) + 1;
	while (low < high)
	{
		if (!seal_from(incarnation, low + (high - low) / 2, &middle, &snapshot))
			elog(ERROR, "checkpoints changed while they were read");
		if (seal_snapshot_sees(&snapshot, xid))
		{
			*batch = middle;
			high = Min(high, low + (high - low) / 2);
		}
		else
			low = middle.end + 1;
	}
	if (seal_from(incarnation, low, batch, &snapshot) && seal_snapshot_sees(&snapshot, xid))
		return true;
	return first_later(incarnation, batch);
}

/* The event's place among nodes [from, to), which lie in one tile. */
static bool
find_in_tile(int64 event_id, int64 from, int64 to, int64 *index)
{
	uint8  ids[MERKLE_TILE][8];
	uint64 wanted = pg_hton64((uint64) event_id);
	int	   n = tiles_read(0, from, (int) (to - from), NULL, ids);

	for (int i = 0; i < n; i++)
		if (memcmp(ids[i], &wanted, 8) == 0)
		{
			*index = from + i;
			return true;
		}
	return false;
}

/* Likewise in any range, tile by tile. */
static bool
find_in_range(int64 event_id, int64 from, int64 to, int64 *index)
{
	while (from < to)
	{
		int64 end = Min(to, from - from % MERKLE_TILE + MERKLE_TILE);

		if (find_in_tile(event_id, from, end, index))
			return true;
		from = end;
	}
	return false;
}

/* Does the full tile begin with that event, or before it? */
static bool
begins_before(int64 tile, int64 event_id, int64 stamp)
{
	int64 first_stamp;
	int64 first_id;

	return tiles_first_event(tile, &first_stamp, &first_id) &&
		   (first_stamp < stamp || (first_stamp == stamp && first_id <= event_id));
}

/*
 * Narrows the search, if ids follow each other as nearly all do: the event is as many
 * places behind the first tile's first as its id is.
 */
static void
guess_tiles(int64 event_id, int64 stamp, int64 *low, int64 *high)
{
	int64 first_stamp;
	int64 first_id;
	int64 guess;

	if (*high - *low < 4 || !tiles_first_event(*low, &first_stamp, &first_id))
		return;
	guess = *low + Max(event_id - first_id, 0) / MERKLE_TILE;
	if (guess <= *low || guess >= *high - 1)
		return;
	if (!begins_before(guess, event_id, stamp))
		*high = guess;
	else
	{
		*low = guess;
		if (!begins_before(guess + 1, event_id, stamp))
			*high = guess + 1;
	}
}

bool
proof_index(int64 event_id, int64 *index)
{
	Batch batch;
	int64 stamp;
	int64 low;
	int64 high;

	/* a row that was dropped with its partition has no stamp any more */
	if (!read_stamp(event_id, &stamp))
	{
		Datum	  args[1] = {Int64GetDatum(event_id)};
		ProofHead head;

		select_rows(&was_dropped, args);
		if (SPI_processed == 0)
			return false;
		proof_head(&head);
		return find_in_range(event_id, 0, head.size, index);
	}
	if (!find_batch(stamp, &batch))
		return false;
	/* tiles that begin within the batch: the last of those that begin before the event */
	low = batch.begin / MERKLE_TILE;
	high = (batch.end - 1) / MERKLE_TILE + 1;
	guess_tiles(event_id, stamp, &low, &high);
	while (high - low > 1)
	{
		int64 middle = low + (high - low) / 2;

		if (begins_before(middle, event_id, stamp))
			low = middle;
		else
			high = middle;
	}
	return find_in_range(event_id, Max(batch.begin, low * MERKLE_TILE),
						 Min(batch.end, (high + 1) * MERKLE_TILE), index);
}

void
proof_head(ProofHead *head)
{
	bool		  isnull;
	TransactionId xmin;

	memset(head, 0, sizeof(*head));
	select_rows(&newest, NULL);
	if (SPI_processed == 0)
	{
		sha256("", 0, head->root);
		return;
	}
	head->size = statement_int64(1);
	memcpy(head->root,
		   DatumGetPointer(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull)),
		   SHA256_LEN);
	xmin = DatumGetTransactionId(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 3, &isnull));
	head->is_own = TransactionIdIsCurrentTransactionId(xmin);
}

pg_noreturn static void
missing_tiles(void)
{
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
					errmsg("tiles of the Merkle tree are missing"),
					errhint("See maestro.verify().")));
}

void
proof_inclusion(int64 index, int64 size, MerkleProof *proof)
{
	if (!merkle_inclusion((uint64) index, (uint64) size, tiles_fetch, tiles_reader(), proof))
		missing_tiles();
}

void
proof_consistency(int64 size1, int64 size2, MerkleProof *proof)
{
	if (!merkle_consistency((uint64) size1, (uint64) size2, tiles_fetch, tiles_reader(), proof))
		missing_tiles();
}
