/*
 * signal_sql.c
 *		What the sealer and posture read and keep of signals, for SQL.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "maestro.h"

#include "access.h"
#include "gate.h"
#include "log.h"
#include "owner.h"
#include "registry.h"
#include "signal_judge.h"
#include "signal_read.h"
#include "signal_sum.h"
#include "unsealed.h"

static void
put_event(const Event *event, void *context)
{
	ReturnSetInfo *rsinfo = context;

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, unconstify(Event *, event)->values,
						 unconstify(Event *, event)->nulls);
}

static void
put_output(const Event *event, void *context)
{
	if (!event->nulls[EVENT_VALID] &&
		DatumGetObjectId(event->values[EVENT_KIND]) == event_label("event_kind", "output"))
		put_event(event, context);
}

static Datum
return_events(FunctionCallInfo fcinfo, EventVisitor visit)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	if (rsinfo->setDesc->natts != EVENT_NATTS)
		elog(ERROR, "what is not sealed are rows of maestro.event");
	unsealed_visit(visit, rsinfo);
	return (Datum) 0;
}

/* unsealed_events() -> setof maestro.event */
MAESTRO_FUNCTION(unsealed_events)
{
	return return_events(fcinfo, put_event);
}

/* unsealed_outputs() -> setof maestro.event */
MAESTRO_FUNCTION(unsealed_outputs)
{
	return return_events(fcinfo, put_output);
}

/* unsealed_kinds() -> (kind, outcome, files, uses) */
MAESTRO_FUNCTION(unsealed_kinds)
{
	ReturnSetInfo		*rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const UnsealedKinds *kinds;

	InitMaterializedSRF(fcinfo, 0);
	kinds = unsealed_kinds();
	for (int i = 0; i < kinds->n; i++)
	{
		const KindSeen *kind = &kinds->seen[i];
		Datum values[4] = {ObjectIdGetDatum(kind->kind), ObjectIdGetDatum(kind->outcome),
						   BoolGetDatum(kind->files), BoolGetDatum(kind->uses)};
		bool  nulls[4] = {false, !OidIsValid(kind->outcome), false, false};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
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

/* Is there any system of which the role may read?  Whoever may not is not worth judging for. */
static bool
may_read_any(Oid reader)
{
	if (access_reads_all(reader))
		return true;
	if (SPI_execute("SELECT system_id FROM maestro.system", true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read systems");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool isnull;

		if (may_read(reader, DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull))))
			return true;
	}
	return false;
}

/* ---- current_signals() ---- */

/* Where parts go, and who asks; of few systems, so that one is asked for once in a while. */
typedef struct Showing
{
	ReturnSetInfo *rsinfo;
	Oid			   reader;
	int32		   system_id;
	bool		   may_read;
} Showing;

static bool
shows_system(Showing *showing, int32 system_id)
{
	if (showing->system_id != system_id)
	{
		showing->system_id = system_id;
		showing->may_read = may_read(showing->reader, system_id);
	}
	return showing->may_read;
}

static void
show_part(const SignalPart *part, void *context)
{
	Showing *showing = context;
	PutRow	 row = {.n = 0};

	if (!shows_system(showing, part->system_id))
		return;
	put(&row, Int32GetDatum(part->system_id), false);
	put(&row, Int32GetDatum(part->component_id), part->component_id == 0);
	put(&row, Int32GetDatum(part->dependency_id), part->dependency_id == 0);
	if (part->is_current)
		put(&row, PointerGetDatum(cstring_to_text_with_len(part->version.s, part->version.len)), false);
	else
		put(&row, (Datum) 0, true);
	put(&row, BoolGetDatum(part->drill), false);
	put(&row, CStringGetTextDatum(part->signal), false);
	put(&row, Int64GetDatum(part->ok), false);
	put(&row, Int64GetDatum(part->bad), false);
	put(&row, TimestampTzGetDatum(part->newest_ok), part->newest_ok == DT_NOBEGIN);
	put(&row, TimestampTzGetDatum(part->newest_bad), part->newest_bad == DT_NOBEGIN);
	put(&row, Int64GetDatum(part->last_bad), part->last_bad == 0);
	put_out(showing->rsinfo, &row);
}

/* current_signals() -> what maestro.signal adds up */
MAESTRO_FUNCTION(current_signals)
{
	Showing	  showing = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo, .reader = GetUserId()};
	OwnerCall call;
	bool	  any;

	InitMaterializedSRF(fcinfo, 0);
	owner_call_begin(&call);
	any = may_read_any(showing.reader);
	owner_call_end(&call);
	if (any)
		signals_visit(show_part, &showing);
	return (Datum) 0;
}

/* ---- pending_signals() ---- */

static void
put_pending(ReturnSetInfo *rsinfo, Oid reader)
{
	SignalJudge	   *judge = signal_judge_begin(false);
	HASH_SEQ_STATUS status;
	SignalCount	   *count;

	signal_judge_end(judge);
	hash_seq_init(&status, judge->counter.counts);
	while ((count = hash_seq_search(&status)) != NULL)
	{
		PutRow row = {.n = 0};

		if (!may_read(reader, count->key.system_id))
			continue;
		put_key(&row, judge, &count->key);
		put(&row, Int64GetDatum(count->ok), false);
		put(&row, Int64GetDatum(count->bad), false);
		put_out(rsinfo, &row);
	}
}

/* pending_signals() -> rows as those of signal_total */
MAESTRO_FUNCTION(pending_signals)
{
	UnsealedMode mode = unsealed_mode();
	Oid			 reader = GetUserId();
	OwnerCall	 call;

	InitMaterializedSRF(fcinfo, 0);
	owner_call_begin(&call);
	unsealed_set_mode(UNSEALED_NOTHING, NULL, NULL);
	PG_TRY();
	{
		if (may_read_any(reader))
			put_pending((ReturnSetInfo *) fcinfo->resultinfo, reader);
	}
	PG_FINALLY();
	{
		unsealed_set_mode(mode, NULL, NULL);
	}
	PG_END_TRY();
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

	if (unsealed_mode() != UNSEALED_SEALED && unsealed_mode() != UNSEALED_AGAIN)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("signals are counted by maestro.seal() alone")));
	InitMaterializedSRF(fcinfo, 0);
	owner_call_begin(&call);
	judge = signal_judge_begun != NULL ? signal_judge_begun : signal_judge_begin(true);
	signal_judge_begun = NULL;
	signal_judge_end(judge);
	put_sums((ReturnSetInfo *) fcinfo->resultinfo, judge);
	put_events((ReturnSetInfo *) fcinfo->resultinfo, judge);
	owner_call_end(&call);
	return (Datum) 0;
}

/* count_sealed_again(), for recount_signals() */
MAESTRO_FUNCTION(count_sealed_again)
{
	OwnerCall call;

	if (!gate_is_open())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("signals are counted again by maestro.recount_signals() alone")));
	owner_call_begin(&call);
	unsealed_set_mode(UNSEALED_AGAIN, NULL, NULL);
	PG_TRY();
	{
		if (SPI_execute("SELECT maestro.fold_signals()", false, 0) != SPI_OK_SELECT)
			elog(ERROR, "could not count signals");
	}
	PG_FINALLY();
	{
		unsealed_set_mode(UNSEALED_READ, NULL, NULL);
	}
	PG_END_TRY();
	owner_call_end(&call);
	PG_RETURN_VOID();
}

/* ---- the sum over all that was counted ---- */

/* AFTER INSERT, UPDATE, DELETE, row by row, on what was counted */
MAESTRO_FUNCTION(signal_changed)
{
	TriggerData *data = (TriggerData *) fcinfo->context;
	TupleDesc	 desc;
	const char	*table;
	bool		 is_insert;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_ROW(data->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("this function is for row triggers alone")));
	desc = RelationGetDescr(data->tg_relation);
	table = RelationGetRelationName(data->tg_relation);
	is_insert = TRIGGER_FIRED_BY_INSERT(data->tg_event);
	signal_sum_row(&signal_sum_changes, table, data->tg_trigtuple, desc, !is_insert);
	if (TRIGGER_FIRED_BY_UPDATE(data->tg_event))
		signal_sum_row(&signal_sum_changes, table, data->tg_newtuple, desc, false);
	return PointerGetDatum(NULL);
}

static void
sum_table(SignalSum *sum, const char *table)
{
	Portal portal;
	char  *query = psprintf("SELECT * FROM maestro.%s", table);
	SPIPlanPtr plan = SPI_prepare(query, 0, NULL);

	if (plan == NULL)
		elog(ERROR, "could not read what was counted");
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, 1000);
		if (SPI_processed == 0)
			break;
		for (uint64 i = 0; i < SPI_processed; i++)
			signal_sum_row(sum, table, SPI_tuptable->vals[i], SPI_tuptable->tupdesc, false);
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(portal);
	SPI_freeplan(plan);
}

static bytea *
sum_bytes(const SignalSum *sum)
{
	bytea *result = palloc(VARHDRSZ + sizeof(*sum));

	SET_VARSIZE(result, VARHDRSZ + sizeof(*sum));
	memcpy(VARDATA(result), sum, sizeof(*sum));
	return result;
}

/* signal_sum() -> bytea, of what there is */
MAESTRO_FUNCTION(signal_sum)
{
	static const char *const tables[] = {"signal_total", "signal_day",	 "signal_fault",
										 "signal_pending", "signal_run", "signal_breaker",
										 "signal_files", "signal_trend", "signal_use"};
	SignalSum sum = {{0}};
	OwnerCall call;

	owner_call_begin(&call);
	for (int i = 0; i < (int) lengthof(tables); i++)
		sum_table(&sum, tables[i]);
	owner_call_end(&call);
	PG_RETURN_BYTEA_P(sum_bytes(&sum));
}
