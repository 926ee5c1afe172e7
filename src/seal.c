/*
 * seal.c
 *		Ordering new events into the Merkle tree.
 *
 * What is new is the difference of two snapshots: transactions that the last seal
 * did not see and this one does.  Ids and times are no order of commits: what
 * commits late would be passed by.  Of the transactions that the last seal saw
 * running each is looked up by itself, so that a long one costs nothing.
 *
 * A seal takes the whole difference: a part of it would lose the rest.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "errcodes.h"

#include "entry.h"
#include "event_scan.h"
#include "gate.h"
#include "log.h"
#include "owner.h"
#include "seal.h"
#include "seal_snapshot.h"
#include "tiles.h"

/* The newest checkpoint; size 0: none. */
typedef struct Checkpoint
{
	int64 size;
	int	  incarnation;
	SealSnapshot snapshot;
	bytea *frontier;
} Checkpoint;

/* A seal under way. */
typedef struct Sealer
{
	uint8		log[CANON_UUID_LEN];
	int			incarnation;
	Checkpoint	last;
	SealSnapshot now;
	TileWriter *tiles;
	EventScan  *scan;
	MemoryContext per_event;
	int64		sealed;
} Sealer;

static void
read_last(Checkpoint *last)
{
	bool isnull;

	memset(last, 0, sizeof(*last));
	if (SPI_execute("SELECT size, incarnation, snapshot::text, frontier"
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
}

/*
 * One event: it is hashed again, because a changed bit that is sealed, signed
 * and seen by a witness can never be put right.
 */
static void
seal_event(Sealer *sealer, const Event *event)
{
	int64		  event_id = DatumGetInt64(event->values[EVENT_EVENT_ID]);
	MemoryContext saved = MemoryContextSwitchTo(sealer->per_event);
	EntryHashes	  hashes;

	if (!entry_hash(sealer->log, event, &hashes) ||
		memcmp(hashes.leaf, DatumGetPointer(event->values[EVENT_LEAF]), SHA256_LEN) != 0)
		ereport(ERROR, (errcode(ERRCODE_MAESTRO_TAMPERED),
						errmsg("event " INT64_FORMAT " is not what was logged, and is not sealed",
							   event_id),
						errhint("Nothing is sealed until it is put right. See maestro.verify().")));
	MemoryContextSwitchTo(saved);
	MemoryContextReset(sealer->per_event);
	tiles_append(sealer->tiles, hashes.leaf, event_id,
				 DatumGetInt64(event->values[EVENT_STAMP]));
	sealer->sealed++;
	CHECK_FOR_INTERRUPTS();
}

/*
 * Events of an incarnation's transactions [low, high); of the present one only those
 * that this seal sees: who restores rows may bring any stamp.
 */
static void
seal_range(Sealer *sealer, int incarnation, uint64 low, uint64 high)
{
	Event event;

	event_scan_range(sealer->scan, stamp_of(incarnation, low), stamp_of(incarnation, high));
	while (event_scan_next(sealer->scan, &event))
	{
		uint64 xid = (uint64) DatumGetInt64(event.values[EVENT_STAMP]) &
					 (((uint64) 1 << STAMP_XID_BITS) - 1);

		if (incarnation < sealer->incarnation || seal_snapshot_sees(&sealer->now, xid))
			seal_event(sealer, &event);
	}
}

/*
 * What of an incarnation has become visible since a snapshot of it: first those
 * that were running then, which are older.
 */
static void
seal_since(Sealer *sealer, int incarnation, const SealSnapshot *before, uint64 end)
{
	for (int i = 0; i < before->nxip; i++)
		seal_range(sealer, incarnation, before->xip[i], before->xip[i] + 1);
	seal_range(sealer, incarnation, before->xmax, end);
}

static void
seal_all(Sealer *sealer)
{
	SealSnapshot nothing = {0, 0, NULL};
	bool		 same = sealer->last.incarnation == sealer->incarnation;

	/* what earlier lives of the database left: there all has ended */
	for (int i = Max(sealer->last.incarnation, 1); i < sealer->incarnation; i++)
		seal_since(sealer, i, i == sealer->last.incarnation ? &sealer->last.snapshot : &nothing,
				   (uint64) 1 << STAMP_XID_BITS);
	seal_since(sealer, sealer->incarnation, same ? &sealer->last.snapshot : &nothing,
			   sealer->now.xmax);
}

static void
store_checkpoint(Sealer *sealer, const uint8 root[SHA256_LEN])
{
	Oid	   types[6] = {INT8OID, BYTEAOID, BYTEAOID, TEXTOID, INT4OID, INT8OID};
	bytea *frontier = palloc(VARHDRSZ + 64 * SHA256_LEN);
	bytea *root_bytes = palloc(VARHDRSZ + SHA256_LEN);
	Datum  args[6] = {Int64GetDatum((int64) sealer->tiles->tree.size),
					  PointerGetDatum(root_bytes),
					  PointerGetDatum(frontier),
					  CStringGetTextDatum(seal_snapshot_text(&sealer->now)),
					  Int32GetDatum(sealer->incarnation),
					  Int64GetDatum(sealer->sealed)};

	SET_VARSIZE(root_bytes, VARHDRSZ + SHA256_LEN);
	memcpy(VARDATA(root_bytes), root, SHA256_LEN);
	SET_VARSIZE(frontier,
				VARHDRSZ + merkle_pack(&sealer->tiles->tree, (uint8 *) VARDATA(frontier)));
	if (SPI_execute_with_args(
			"INSERT INTO maestro.checkpoint (size, root, frontier, snapshot, incarnation, batch)"
			" VALUES ($1, $2::maestro.digest, $3, $4::pg_snapshot, $5, $6)",
			6, types, args, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not store a checkpoint");
}

/* With the log's lock held, connected to SPI, as the owner. */
static void
seal_locked(const LogState *log, SealResult *result)
{
	Sealer *sealer = palloc0(sizeof(Sealer));

	/* the log was locked by a statement that may have waited: what is new begins here */
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	memcpy(sealer->log, log->uuid, CANON_UUID_LEN);
	read_last(&sealer->last);
	sealer->tiles = tiles_open(sealer->last.size, (uint8 *) VARDATA(sealer->last.frontier),
							   VARSIZE(sealer->last.frontier) - VARHDRSZ);
	merkle_root(&sealer->tiles->tree, result->root);
	if (!log->is_same)
		log_begin_incarnation("the database was restored, copied or reset", sealer->last.size,
							  result->root, false);
	sealer->incarnation = log_state(false)->incarnation;
	seal_snapshot_take(&sealer->now);
	sealer->per_event =
		AllocSetContextCreate(CurrentMemoryContext, "sealed event", ALLOCSET_DEFAULT_SIZES);
	sealer->scan = event_scan_begin(GetActiveSnapshot());
	seal_all(sealer);
	event_scan_end(sealer->scan);
	PopActiveSnapshot();
	if (sealer->sealed > 0)
	{
		tiles_flush(sealer->tiles);
		merkle_root(&sealer->tiles->tree, result->root);
		store_checkpoint(sealer, result->root);
	}
	result->sealed = sealer->sealed;
	result->size = (int64) sealer->tiles->tree.size;
}

/*
 * Is there an event that the next seal would take?  Asked in the background before the
 * log is locked, which writes: a log in which nothing happens costs no writing.
 */
static bool
has_work(const LogState *log)
{
	Checkpoint last;
	Event	   event;
	EventScan *scan;
	bool	   found = false;
	uint64	   next = U64FromFullTransactionId(ReadNextFullTransactionId());

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	PushActiveSnapshot(GetTransactionSnapshot());
	read_last(&last);
	/* what an earlier incarnation left was taken by the operator's seal that began this one */
	if (last.incarnation != log->incarnation)
		seal_snapshot_read(&last.snapshot, NULL);
	scan = event_scan_begin(GetActiveSnapshot());
	for (int i = 0; !found && i <= last.snapshot.nxip; i++)
	{
		bool   behind = i == last.snapshot.nxip;
		uint64 low = behind ? last.snapshot.xmax : last.snapshot.xip[i];

		event_scan_range(scan, stamp_of(log->incarnation, low),
						 stamp_of(log->incarnation, behind ? next : low + 1));
		found = event_scan_next(scan, &event);
	}
	event_scan_end(scan);
	PopActiveSnapshot();
	SPI_finish();
	return found;
}

static void
seal_as_owner(bool in_background, SealResult *result)
{
	const LogState *log = log_state(!in_background);

	if (in_background && log != NULL && log->is_same && !has_work(log))
		return;
	/* in the background nothing is touched that a restore may be bringing */
	if (log == NULL || (in_background && !log->is_same) || !log_lock())
		return;
	log_forget();
	log = log_state(false);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	seal_locked(log, result);
	SPI_finish();
}

void
seal_run(bool in_background, SealResult *result)
{
	OwnerScope scope;
	int		   path;

	memset(result, 0, sizeof(*result));
	if (RecoveryInProgress())
		ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
						errmsg("a standby cannot seal the log"),
						errhint("The primary seals it.")));
	if (IsolationUsesXactSnapshot())
		ereport(ERROR, (errcode(ERRCODE_INVALID_TRANSACTION_STATE),
						errmsg("the log is sealed in transactions at READ COMMITTED alone")));
	PreventCommandIfReadOnly("maestro.seal()");
	/* all that is sealed must be durable with the seal, even if the setting is changed after it */
	ForceSyncCommit();
	if (synchronous_commit < SYNCHRONOUS_COMMIT_ON)
		(void) set_config_option("synchronous_commit", "on", PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_LOCAL, true, 0, false);
	owner_begin(&scope);
	path = path_begin();
	gate_open();
	PG_TRY();
	{
		seal_as_owner(in_background, result);
	}
	PG_FINALLY();
	{
		gate_close();
	}
	PG_END_TRY();
	path_end(path);
	owner_end(&scope);
}
