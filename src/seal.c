/*
 * seal.c
 *		Ordering new events into the Merkle tree.
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
#include "gate.h"
#include "log.h"
#include "owner.h"
#include "seal.h"
#include "signal_judge.h"
#include "signal_sum.h"
#include "tiles.h"
#include "unsealed.h"

/* A seal under way. */
typedef struct Sealer
{
	uint8		log[CANON_UUID_LEN];
	int			incarnation;
	Checkpoint	last;
	SealSnapshot now;
	TileWriter *tiles;
	MemoryContext per_event;
	UnsealedKinds *kinds; /* of which they are */
	SignalJudge *signals; /* and what they say; NULL: there is none yet */
	int64		sealed;
} Sealer;

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
	unsealed_kind_note(sealer->kinds, event);
	signal_judge_event(sealer->signals, event);
	MemoryContextSwitchTo(saved);
	MemoryContextReset(sealer->per_event);
	tiles_append(sealer->tiles, hashes.leaf, event_id,
				 DatumGetInt64(event->values[EVENT_STAMP]));
	sealer->sealed++;
	CHECK_FOR_INTERRUPTS();
}

static void
seal_all(Sealer *sealer)
{
	Unsealed *unsealed = unsealed_begin(&sealer->last, sealer->incarnation, &sealer->now,
										GetActiveSnapshot());
	Event	  event;

	while (unsealed_next(unsealed, &event))
	{
		if (sealer->signals == NULL)
			sealer->signals = signal_judge_begin(true);
		seal_event(sealer, &event);
	}
	unsealed_end(unsealed);
}

/* Count what they say: while they are unsealed, since posture reads both. */
static void
count_signals(const Sealer *sealer)
{
	memset(&signal_sum_changes, 0, sizeof(signal_sum_changes));
	unsealed_set_mode(UNSEALED_SEALED, &sealer->now, sealer->kinds);
	signal_judge_begun = sealer->signals;
	if (SPI_execute("SELECT maestro.fold_signals()", false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not count signals");
	unsealed_set_mode(UNSEALED_READ, NULL, NULL);
}

static void
store_checkpoint(Sealer *sealer, const uint8 root[SHA256_LEN])
{
	Oid	   types[7] = {INT8OID, BYTEAOID, BYTEAOID, TEXTOID, INT4OID, INT8OID, BYTEAOID};
	bytea *signals = palloc(VARHDRSZ + sizeof(SignalSum));
	bytea *frontier = palloc(VARHDRSZ + 64 * SHA256_LEN);
	bytea *root_bytes = palloc(VARHDRSZ + SHA256_LEN);
	Datum  args[7] = {Int64GetDatum((int64) sealer->tiles->tree.size),
					  PointerGetDatum(root_bytes),
					  PointerGetDatum(frontier),
					  CStringGetTextDatum(seal_snapshot_text(&sealer->now)),
					  Int32GetDatum(sealer->incarnation),
					  Int64GetDatum(sealer->sealed),
					  PointerGetDatum(signals)};

	SET_VARSIZE(root_bytes, VARHDRSZ + SHA256_LEN);
	memcpy(VARDATA(root_bytes), root, SHA256_LEN);
	signal_sum_add(&signal_sum_changes, &sealer->last.signals);
	SET_VARSIZE(signals, VARHDRSZ + sizeof(SignalSum));
	memcpy(VARDATA(signals), &signal_sum_changes, sizeof(SignalSum));
	SET_VARSIZE(frontier,
				VARHDRSZ + merkle_pack(&sealer->tiles->tree, (uint8 *) VARDATA(frontier)));
	if (SPI_execute_with_args(
			"INSERT INTO maestro.checkpoint (size, root, frontier, snapshot, incarnation, batch,"
			" signals)"
			" VALUES ($1, $2::maestro.digest, $3, $4::pg_snapshot, $5, $6, $7)",
			7, types, args, NULL, false, 0) != SPI_OK_INSERT)
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
	unsealed_checkpoint(&sealer->last);
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
	sealer->kinds = unsealed_kinds_new();
	seal_all(sealer);
	PopActiveSnapshot();
	if (sealer->sealed > 0)
	{
		tiles_flush(sealer->tiles);
		merkle_root(&sealer->tiles->tree, result->root);
		count_signals(sealer);
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
	Unsealed  *unsealed;
	bool	   found;
	/* nothing can be of transactions to come, whatever stamps a restore brings */
	SealSnapshot now = {.xmax = U64FromFullTransactionId(ReadNextFullTransactionId())};

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	PushActiveSnapshot(GetTransactionSnapshot());
	unsealed_checkpoint(&last);
	/* what an earlier incarnation left was taken by the operator's seal that began this one */
	if (last.incarnation != log->incarnation)
	{
		seal_snapshot_read(&last.snapshot, NULL);
		last.incarnation = log->incarnation;
	}
	unsealed = unsealed_begin(&last, log->incarnation, &now, GetActiveSnapshot());
	found = unsealed_next(unsealed, &event);
	unsealed_end(unsealed);
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
	result->waits = in_background && log != NULL && !log->is_same;
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
		unsealed_set_mode(UNSEALED_READ, NULL, NULL);
		signal_judge_begun = NULL;
		gate_close();
	}
	PG_END_TRY();
	path_end(path);
	owner_end(&scope);
}
