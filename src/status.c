/*
 * status.c
 *		status(): how the server's part of it stands, in one row.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "maestro.h"

#include "guard_shmem.h"
#include "guc.h"
#include "owner.h"
#include "queue.h"
#include "result_row.h"
#include "shmem.h"
#include "statement.h"

/* status()'s columns, in order */
enum
{
	PRELOADED,
	IN_RECOVERY,
	SHARED_MEMORY,
	GUARD_CAPACITY,
	GUARD_ENTRIES,
	GUARD_EVICTIONS,
	DATABASES,
	SEALER_PID,
	LAST_SEAL,
	UNSEALED,
	RECORDER_PID,
	QUEUE_CAPACITY,
	QUEUE_WAITING,
	QUEUE_STORED,
	QUEUE_REFUSED,
	QUEUE_FAILED,
	QUEUE_DROPPED,
	NCOLUMNS
};

typedef struct Row
{
	Datum values[NCOLUMNS];
	bool  nulls[NCOLUMNS];
} Row;

static void
put(Row *row, int column, Datum value)
{
	row->values[column] = value;
	row->nulls[column] = false;
}

/* The setting as names; NULL if it is no list. */
static void
put_databases(Row *row)
{
	List	 *names;
	ListCell *cell;
	Datum	 *texts;
	int		  n = 0;

	if (!SplitIdentifierString(pstrdup(guc_databases), ',', &names))
		return;
	texts = palloc((list_length(names) + 1) * sizeof(Datum));
	foreach(cell, names)
		texts[n++] = CStringGetTextDatum(lfirst(cell));
	put(row, DATABASES, PointerGetDatum(construct_array(texts, n, TEXTOID, -1, false, TYPALIGN_INT)));
}

static void
put_last_seal(Row *row)
{
	static Statement read = {.text = "SELECT created_at FROM maestro.checkpoint ORDER BY size DESC LIMIT 1"};
	OwnerCall call;

	owner_call_begin(&call);
	statement_run(&read, NULL, NULL, true, 1, SPI_OK_SELECT);
	if (SPI_processed > 0)
		put(row, LAST_SEAL, Int64GetDatum(statement_int64(1)));
	owner_call_end(&call);
}

static void
put_guards(Row *row)
{
	GuardTableLook look;

	if (!guard_shmem_look_table(&look))
		return;
	put(row, SHARED_MEMORY, Int64GetDatum((int64) add_size(shmem_size(), look.bytes)));
	put(row, GUARD_CAPACITY, Int32GetDatum(guc_guard_entries));
	put(row, GUARD_ENTRIES, Int32GetDatum((int32) look.entries));
	put(row, GUARD_EVICTIONS, Int64GetDatum((int64) look.evictions));
}

static void
put_queue(Row *row)
{
	QueueLook look;

	queue_look(&look);
	if (look.capacity == 0)
		return;
	if (look.recorder_pid != 0)
		put(row, RECORDER_PID, Int32GetDatum(look.recorder_pid));
	put(row, QUEUE_CAPACITY, Int32GetDatum(look.capacity));
	put(row, QUEUE_WAITING, Int32GetDatum(look.waiting));
	put(row, QUEUE_STORED, Int64GetDatum((int64) look.stored));
	put(row, QUEUE_REFUSED, Int64GetDatum((int64) look.refused));
	put(row, QUEUE_FAILED, Int64GetDatum((int64) look.failed));
	put(row, QUEUE_DROPPED, Int64GetDatum((int64) look.dropped));
}

MAESTRO_FUNCTION(status)
{
	static ResultRow desc;
	Row	  row;
	int	  sealer_pid;
	int64 unsealed;

	memset(row.nulls, true, sizeof(row.nulls));
	put_guards(&row);
	put(&row, PRELOADED, BoolGetDatum(!row.nulls[SHARED_MEMORY]));
	put(&row, IN_RECOVERY, BoolGetDatum(RecoveryInProgress()));
	put_databases(&row);
	put_last_seal(&row);
	if (shmem_look(&sealer_pid, &unsealed))
	{
		put(&row, SEALER_PID, Int32GetDatum(sealer_pid));
		put(&row, UNSEALED, Int64GetDatum(unsealed));
	}
	put_queue(&row);
	return HeapTupleGetDatum(heap_form_tuple(result_row(fcinfo, &desc), row.values, row.nulls));
}
