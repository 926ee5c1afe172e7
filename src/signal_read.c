/*
 * signal_read.c
 *		What events say: what was counted of sealed ones, and what was not counted yet.
 *
 * Posture reads all that was counted, each time: the table is scanned here, since a
 * query's joins with what is declared would take most of posture's time.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"

#include "judge_facts.h"
#include "owner.h"
#include "signal_judge.h"
#include "signal_read.h"
#include "statement.h"

/* columns of maestro.signal_total */
typedef enum TotalColumn
{
	TOTAL_SYSTEM, TOTAL_COMPONENT, TOTAL_DEPENDENCY, TOTAL_VALID_FROM, TOTAL_CONTRACT_VERSION,
	TOTAL_DRILL, TOTAL_SIGNAL, TOTAL_OK, TOTAL_BAD, TOTAL_NEWEST_OK, TOTAL_BAD_EVENTS,
	TOTAL_BAD_TIMES, TOTAL_NATTS
} TotalColumn;

/* What is asked of whom, and whose declarations say what still counts. */
typedef struct Reading
{
	JudgeFacts	 *facts;
	MemoryContext per_part;
	SignalVisitor visit;
	void		 *context;
} Reading;

static JudgeKind
contract_direction(const char *signal)
{
	return strncmp(signal, "input_", 6) == 0	? JUDGE_INPUT
		   : strncmp(signal, "output_", 7) == 0 ? JUDGE_OUTPUT
												: JUDGE_HANDOFF;
}

/* Is a contract's verdict that of the version in force? */
static bool
contract_counts(const ComponentFacts *component, const char *signal, int32 version)
{
	JudgeKind direction = contract_direction(signal);

	if (version == 0)
		return true;
	for (const ContractFacts *contract = component == NULL ? NULL : component->contracts;
		 contract != NULL; contract = contract->next)
		if (contract->direction == direction && contract->target_id == 0)
			return contract->version == version;
	return false;
}

/* What held since then, if the running version is the same. */
static const LimitFacts *
current_limits(const ComponentFacts *component, TimestampTz valid_from)
{
	for (int i = component == NULL ? 0 : component->nlimits; i > 0; i--)
		if (component->limits[i - 1].valid_from == valid_from)
			return component->limits[i - 1].is_current ? &component->limits[i - 1] : NULL;
	return NULL;
}

static void
hand_over(const Reading *reading, SignalPart *part, TimestampTz valid_from, int32 contract_version)
{
	const ComponentFacts *component = judge_facts_component(reading->facts, part->component_id);
	const LimitFacts	 *limits = current_limits(component, valid_from);

	part->is_current = limits != NULL && limits->version.s != NULL;
	part->version = part->is_current ? limits->version : (Words){NULL, 0};
	if (!contract_counts(component, part->signal, contract_version))
	{
		part->ok = 0;
		part->newest_ok = DT_NOBEGIN;
	}
	reading->visit(part, reading->context);
}

/* ---- what was counted ---- */

static int64 *
int8_items(Datum array, Oid type, int *n)
{
	ArrayType *items = DatumGetArrayTypeP(array);

	*n = ArrayGetNItems(ARR_NDIM(items), ARR_DIMS(items));
	if (ARR_HASNULL(items) || ARR_ELEMTYPE(items) != type || *n > SIGNAL_BAD_KEPT)
		elog(ERROR, "maestro.signal_total is damaged: maestro.recount_signals() counts again");
	return (int64 *) ARR_DATA_PTR(items);
}

/*
 * The newest bad event that no review excuses.  Where all that are known are excused, the
 * others are at most as new as the oldest of these.
 */
static void
read_bad(const Reading *reading, SignalPart *part, Datum bad_events, Datum bad_times)
{
	int			n;
	int			ntimes;
	int64	   *events = int8_items(bad_events, INT8OID, &n);
	TimestampTz *times = (TimestampTz *) int8_items(bad_times, TIMESTAMPTZOID, &ntimes);

	n = Min(n, ntimes);
	part->newest_bad = n > 0 ? times[n - 1] : DT_NOBEGIN;
	part->last_bad = 0;
	for (int i = 0; i < n; i++)
		if (!judge_facts_excused(reading->facts, events[i]))
		{
			part->newest_bad = times[i];
			part->last_bad = events[i];
			return;
		}
}

static void
read_total(const Reading *reading, TupleTableSlot *slot)
{
	char	   name[NAMEDATALEN];
	SignalPart part = {.signal = name};

	slot_getallattrs(slot);
	part.system_id = DatumGetInt32(slot->tts_values[TOTAL_SYSTEM]);
	part.component_id = DatumGetInt32(slot->tts_values[TOTAL_COMPONENT]);
	part.dependency_id = DatumGetInt32(slot->tts_values[TOTAL_DEPENDENCY]);
	part.drill = DatumGetBool(slot->tts_values[TOTAL_DRILL]);
	text_to_cstring_buffer(DatumGetTextPP(slot->tts_values[TOTAL_SIGNAL]), name, NAMEDATALEN);
	part.ok = DatumGetInt64(slot->tts_values[TOTAL_OK]);
	part.bad = DatumGetInt64(slot->tts_values[TOTAL_BAD]);
	part.newest_ok = slot->tts_isnull[TOTAL_NEWEST_OK]
						 ? DT_NOBEGIN
						 : DatumGetTimestampTz(slot->tts_values[TOTAL_NEWEST_OK]);
	read_bad(reading, &part, slot->tts_values[TOTAL_BAD_EVENTS], slot->tts_values[TOTAL_BAD_TIMES]);
	hand_over(reading, &part, DatumGetTimestampTz(slot->tts_values[TOTAL_VALID_FROM]),
			  DatumGetInt32(slot->tts_values[TOTAL_CONTRACT_VERSION]));
}

static void
read_totals(const Reading *reading)
{
	Relation		table = table_open(get_relname_relid("signal_total", get_namespace_oid("maestro", false)),
									   AccessShareLock);
	TupleTableSlot *slot = table_slot_create(table, NULL);
	TableScanDesc	scan = table_beginscan(table, GetActiveSnapshot(), 0, NULL);
	MemoryContext	saved = MemoryContextSwitchTo(reading->per_part);

	if (RelationGetDescr(table)->natts != TOTAL_NATTS)
		elog(ERROR, "maestro.signal_total has other columns than this library knows");
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		read_total(reading, slot);
		MemoryContextReset(reading->per_part);
	}
	MemoryContextSwitchTo(saved);
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(table, AccessShareLock);
}

/* Days that are too old but still in the totals, where nothing was sealed since. */
static void
read_expired(const Reading *reading, const SignalCounter *counter)
{
	static Statement days = {
		.text = "SELECT d.system_id, d.component_id, d.dependency_id, d.valid_from, d.contract_version,"
				" d.drill, d.signal, d.ok, d.bad FROM maestro.signal_day d"
				" WHERE d.day < $1 AND (NOT d.drill OR d.day < $2)",
		.nargs = 2,
		.types = {DATEOID, DATEOID}};
	Datum oldest[2] = {DateADTGetDatum(counter->oldest), DateADTGetDatum(counter->oldest_of_drills)};
	SPITupleTable *rows;

	statement_run(&days, oldest, NULL, true, 0, SPI_OK_SELECT);
	rows = SPI_tuptable;
	for (uint64 i = 0; i < rows->numvals; i++)
	{
		Datum	   values[9];
		bool	   nulls[9];
		SignalPart part = {.newest_ok = DT_NOBEGIN, .newest_bad = DT_NOBEGIN};

		heap_deform_tuple(rows->vals[i], rows->tupdesc, values, nulls);
		part.system_id = DatumGetInt32(values[0]);
		part.component_id = DatumGetInt32(values[1]);
		part.dependency_id = DatumGetInt32(values[2]);
		part.drill = DatumGetBool(values[5]);
		part.signal = TextDatumGetCString(values[6]);
		part.ok = -DatumGetInt64(values[7]);
		part.bad = -DatumGetInt64(values[8]);
		hand_over(reading, &part, DatumGetTimestampTz(values[3]), DatumGetInt32(values[4]));
	}
	SPI_freetuptable(rows);
}

/* ---- what was not counted yet ---- */

static void
read_live(const Reading *reading, const SignalJudge *judge)
{
	HASH_SEQ_STATUS status;
	SignalCount	   *count;

	hash_seq_init(&status, judge->counter.counts);
	while ((count = hash_seq_search(&status)) != NULL)
	{
		SignalPart part = {.system_id = count->key.system_id,
						   .component_id = count->key.component_id,
						   .dependency_id = count->key.dependency_id,
						   .drill = count->key.drill,
						   .signal = judge->slots[count->key.signal].name,
						   .ok = count->ok,
						   .bad = count->bad,
						   .newest_ok = count->newest_ok,
						   .newest_bad = count->nbad == 0 ? DT_NOBEGIN : count->bad_times[0],
						   .last_bad = count->nbad == 0 ? 0 : count->bad_events[0]};

		hand_over(reading, &part, count->key.valid_from, count->key.contract_version);
	}
}

void
signals_visit(SignalVisitor visit, void *context)
{
	Reading		 reading = {.visit = visit, .context = context};
	OwnerCall	 call;
	SignalJudge *judge;

	owner_call_begin(&call);
	judge = signal_judge_begin(false);
	signal_judge_end(judge);
	reading.facts = judge->facts;
	reading.per_part = AllocSetContextCreate(CurrentMemoryContext, "maestro signals", ALLOCSET_SMALL_SIZES);
	read_totals(&reading);
	read_expired(&reading, &judge->counter);
	read_live(&reading, judge);
	owner_call_end(&call);
}
