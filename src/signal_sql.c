/*
 * signal_sql.c
 *		unsealed_events(), live_signals() and sealed_signals().
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "maestro.h"

#include "access.h"
#include "log.h"
#include "owner.h"
#include "registry.h"
#include "signal_judge.h"
#include "unsealed.h"

/* unsealed_events() -> setof maestro.event */
MAESTRO_FUNCTION(unsealed_events)
{
	ReturnSetInfo  *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const LogState *log = log_state(false);
	int				incarnation;
	OwnerCall		call;
	Checkpoint		last;
	Unsealed	   *unsealed;
	Event			event;

	InitMaterializedSRF(fcinfo, 0);
	if (log == NULL)
		return (Datum) 0;
	if (rsinfo->setDesc->natts != EVENT_NATTS)
		elog(ERROR, "unsealed_events() must return rows of maestro.event");
	incarnation = Max(log->incarnation, log->stamp_incarnation);
	owner_call_begin(&call);
	unsealed_checkpoint(&last);
	unsealed = unsealed_begin(&last, incarnation, unsealed_is_sealing(), GetActiveSnapshot());
	while (unsealed_next(unsealed, &event))
	{
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, event.values, event.nulls);
		CHECK_FOR_INTERRUPTS();
	}
	unsealed_end(unsealed);
	owner_call_end(&call);
	return (Datum) 0;
}

/* a row that is put together column by column */
typedef struct PutRow
{
	Datum values[17];
	bool  nulls[17];
	int	  n;
} PutRow;

static void
put(PutRow *row, Datum value, bool isnull)
{
	row->values[row->n] = value;
	row->nulls[row->n++] = isnull;
}

static void
put_key(PutRow *row, const SignalJudge *judge, const SignalKey *key)
{
	put(row, Int32GetDatum(key->system_id), false);
	put(row, Int32GetDatum(key->component_id), false);
	put(row, Int32GetDatum(key->dependency_id), false);
	put(row, TimestampTzGetDatum(key->valid_from), false);
	put(row, Int32GetDatum(key->contract_version), false);
	put(row, BoolGetDatum(key->drill), false);
	put(row, CStringGetTextDatum(judge->slots[key->signal].name), false);
}

static void
put_counts(PutRow *row, const SignalCount *count)
{
	put(row, Int64GetDatum(count->ok), false);
	put(row, Int64GetDatum(count->bad), false);
	put(row, TimestampTzGetDatum(count->newest_ok), count->newest_ok == DT_NOBEGIN);
}

static void
put_out(ReturnSetInfo *rsinfo, PutRow *row)
{
	/* columns that this kind of row does not have */
	while (row->n < rsinfo->setDesc->natts)
		put(row, (Datum) 0, true);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row->values, row->nulls);
}

/* May the role that asked read of it? */
static bool
may_read(Oid reader, int32 system_id)
{
	RegistrySystem system;

	return registry_system(system_id, &system) && access_may_read(reader, &system);
}

/* live_signals() -> rows of signal_part */
MAESTRO_FUNCTION(live_signals)
{
	ReturnSetInfo  *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid				reader = GetUserId();
	OwnerCall		call;
	SignalJudge	   *judge;
	SignalCount	   *count;
	HASH_SEQ_STATUS status;

	InitMaterializedSRF(fcinfo, 0);
	owner_call_begin(&call);
	judge = signal_judge(false);
	hash_seq_init(&status, judge->counter.counts);
	while ((count = hash_seq_search(&status)) != NULL)
	{
		PutRow row = {.n = 0};

		if (!may_read(reader, count->key.system_id))
			continue;
		put_key(&row, judge, &count->key);
		put_counts(&row, count);
		put(&row, TimestampTzGetDatum(count->bad_times[0]), count->nbad == 0);
		put(&row, Int64GetDatum(count->bad_events[0]), count->nbad == 0);
		put_out(rsinfo, &row);
	}
	owner_call_end(&call);
	return (Datum) 0;
}

/* ---- sealed_signals() ---- */

static Datum
int8_array(const int64 *values, int n, Oid type)
{
	Datum items[SIGNAL_BAD_KEPT];

	for (int i = 0; i < n; i++)
		items[i] = Int64GetDatum(values[i]);
	return PointerGetDatum(
		construct_array(items, n, type, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

static void
put_part(PutRow *row, char part)
{
	row->n = 0;
	put(row, CharGetDatum(part), false);
}

static void
put_sums(ReturnSetInfo *rsinfo, const SignalJudge *judge)
{
	HASH_SEQ_STATUS status;
	SignalCount	   *count;

	hash_seq_init(&status, judge->counter.counts);
	while ((count = hash_seq_search(&status)) != NULL)
	{
		bool   is_total = count->key.day == SIGNAL_ALL_DAYS;
		PutRow row;

		put_part(&row, is_total ? 't' : 'd');
		put(&row, (Datum) 0, true);
		put(&row, (Datum) 0, true);
		put(&row, (Datum) 0, true);
		put(&row, DateADTGetDatum(count->key.day), is_total);
		put_key(&row, judge, &count->key);
		put_counts(&row, count);
		put(&row, int8_array(count->bad_events, count->nbad, INT8OID), false);
		put(&row, int8_array(count->bad_times, count->nbad, TIMESTAMPTZOID), false);
		put_out(rsinfo, &row);
	}
}

static void
put_events(ReturnSetInfo *rsinfo, const SignalJudge *judge)
{
	HASH_SEQ_STATUS status;
	SignalFault	   *fault;
	int64		   *pending;
	PutRow			row;

	hash_seq_init(&status, judge->faults);
	while ((fault = hash_seq_search(&status)) != NULL)
	{
		put_part(&row, 'f');
		put(&row, Int64GetDatum(fault->event_id), false);
		put(&row, TimestampTzGetDatum(fault->recorded_at), false);
		put(&row, Int64GetDatum((int64) fault->faults), false);
		put_out(rsinfo, &row);
	}
	hash_seq_init(&status, judge->pending);
	while ((pending = hash_seq_search(&status)) != NULL)
	{
		put_part(&row, 'p');
		put(&row, Int64GetDatum(*pending), false);
		put_out(rsinfo, &row);
	}
}

/* sealed_signals() -> (part, ...), a row each thing that the sealer stores */
MAESTRO_FUNCTION(sealed_signals)
{
	OwnerCall	 call;
	SignalJudge *judge;

	if (unsealed_is_sealing() == NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("signals are counted by maestro.seal() alone")));
	InitMaterializedSRF(fcinfo, 0);
	owner_call_begin(&call);
	judge = signal_judge(true);
	put_sums((ReturnSetInfo *) fcinfo->resultinfo, judge);
	put_events((ReturnSetInfo *) fcinfo->resultinfo, judge);
	owner_call_end(&call);
	return (Datum) 0;
}
