/*
 * signal_judge.c
 *		Judging the events that are not counted yet, and counting what they say.
 *
 * What single events say is counted by signal_vote.c.  The rules of what takes more than
 * one event are in SQL (run_verdict.sql); here its answers are only sorted by what they
 * are about.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "judge.h"
#include "judge_facts.h"
#include "signal_tally.h"
#include "signal_vote.h"

/* of one component; what is beyond that is counted as it stands */
#define PENDING_MAX 200

/* rows fetched at a time */
#define BATCH 1000

/* columns of live_case_vote, as CASE_QUERY has them */
typedef enum CaseColumn
{
	CASE_SYSTEM, CASE_COMPONENT, CASE_DEPENDENCY, CASE_VALID_FROM, CASE_SIGNAL, CASE_YES, CASE_COUNTED,
	CASE_AT, CASE_RECORDED_AT, CASE_EVENT_ID, CASE_DRILL, CASE_EXCUSED, CASE_OPEN, CASE_EVENT_IDS,
	CASE_NATTS
} CaseColumn;

#define CASE_QUERY                                                                               \
	"SELECT r.system_id, r.component_id, r.dependency_id, r.valid_from, r.signal, r.yes,"        \
	" r.counted, r.at, r.recorded_at, r.event_id, r.drill, r.excused, r.is_open, r.event_ids"    \
	" FROM maestro.live_case_vote r WHERE r.signal = "

/* The signals that take more than one event, as live_question has them. */
static const char *const case_queries[] = {
	CASE_QUERY "'run_in_bounds'",  CASE_QUERY "'error_explained'", CASE_QUERY "'failed_run_ended'",
	CASE_QUERY "'breaker_heeded'", CASE_QUERY "'fd_stable'",	   CASE_QUERY "'resource_exclusive'"};

typedef struct JudgedRow
{
	Datum values[CASE_NATTS];
	bool  nulls[CASE_NATTS];
} JudgedRow;

static int32
row_id(const JudgedRow *row, int column)
{
	return row->nulls[column] ? 0 : DatumGetInt32(row->values[column]);
}

static bool
row_is(const JudgedRow *row, int column)
{
	return !row->nulls[column] && DatumGetBool(row->values[column]);
}

/* Since when a version is judged as it was; of none: infinity. */
static TimestampTz
row_since(const JudgedRow *row, int column)
{
	return row->nulls[column] ? DT_NOEND : DatumGetTimestampTz(row->values[column]);
}

/* Planning takes longer than a second's events: a backend keeps the plan. */
static SPIPlanPtr
kept_plan(SPIPlanPtr *plan, const char *query)
{
	SPIPlanPtr made;

	if (*plan != NULL)
		return *plan;
	made = SPI_prepare(query, 0, NULL);
	if (made == NULL || SPI_keepplan(made) != 0)
		elog(ERROR, "could not prepare the judging of events");
	*plan = made;
	return made;
}

SignalJudge *signal_judge_begun = NULL;

/* ---- slots ---- */

static void
read_slots(SignalJudge *judge)
{
	if (SPI_execute("SELECT about, is_review, signal FROM maestro.signal_slot ORDER BY slot", true,
					SIGNAL_SLOTS_MAX) != SPI_OK_SELECT)
		elog(ERROR, "could not read maestro.signal_slot");
	judge->nslots = (int) SPI_processed;
	if (judge->nslots < VOTE_SLOTS)
		elog(ERROR, "maestro.signal_slot does not fit what is judged");
	for (int i = 0; i < judge->nslots; i++)
	{
		SignalSlot *slot = &judge->slots[i];
		HeapTuple	row = SPI_tuptable->vals[i];
		bool		isnull;

		slot->about = DatumGetChar(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &isnull));
		slot->is_review = DatumGetBool(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull));
		slot->name = SPI_getvalue(row, SPI_tuptable->tupdesc, 3);
		for (slot->signal = 0; strcmp(judge->slots[slot->signal].name, slot->name) != 0;)
			slot->signal++;
		slot->is_amount = strcmp(slot->name, "retry_waited") == 0;
		if (slot->is_amount)
			judge->amounts |= UINT64CONST(1) << i;
		slot->is_of_contract = strstr(slot->name, "_valid") != NULL;
		slot->is_of_anybody = strcmp(slot->name, "message_neutral") == 0 ||
							  strcmp(slot->name, "writer_registered") == 0;
	}
}

/* The slot of what takes more than one event: the last of that name. */
static int
case_slot(const SignalJudge *judge, const char *name)
{
	for (int i = judge->nslots - 1; i >= 0; i--)
		if (strcmp(judge->slots[i].name, name) == 0)
			return i;
	elog(ERROR, "maestro.signal_slot lacks a signal");
}

/* ---- what is pending ---- */

void
signal_hold(SignalJudge *judge, int32 component_id, int64 event_id)
{
	bool found;
	struct
	{
		int32 component_id;
		int32 n;
	} *held = hash_search(judge->held, &component_id, HASH_ENTER, &found);

	if (!found)
		held->n = 0;
	if (held->n >= PENDING_MAX)
		return;
	(void) hash_search(judge->pending, &event_id, HASH_ENTER, &found);
	if (!found)
		held->n++;
}

bool
signal_is_pending(const SignalJudge *judge, int64 event_id)
{
	return hash_get_num_entries(judge->pending) > 0 &&
		   hash_search(judge->pending, &event_id, HASH_FIND, NULL) != NULL;
}

void
signal_fault(SignalJudge *judge, int slot, const SignalAnswer *answer)
{
	bool		 found;
	SignalFault *fault = hash_search(judge->faults, &answer->event_id, HASH_ENTER, &found);

	if (!found)
		fault->faults = 0;
	fault->recorded_at = answer->recorded_at;
	fault->faults |= UINT64CONST(1) << slot;
}

/* ---- what takes more than one event ---- */

/* Whatever may still change keeps its events from being counted. */
static void
hold_case(SignalJudge *judge, const JudgedRow *row)
{
	int32  component_id = row_id(row, CASE_COMPONENT);
	Datum *ids;
	int	   n;

	if (!row_is(row, CASE_OPEN))
		return;
	if (row->nulls[CASE_EVENT_IDS])
	{
		signal_hold(judge, component_id, DatumGetInt64(row->values[CASE_EVENT_ID]));
		return;
	}
	deconstruct_array(DatumGetArrayTypeP(row->values[CASE_EVENT_IDS]), INT8OID, 8, FLOAT8PASSBYVAL,
					  TYPALIGN_DOUBLE, &ids, NULL, &n);
	for (int i = 0; i < n; i++)
		signal_hold(judge, component_id, DatumGetInt64(ids[i]));
}

static void
count_case(SignalJudge *judge, const JudgedRow *row, int slot)
{
	bool		 yes = row_is(row, CASE_YES);
	SignalKey	 key;
	SignalAnswer answer = {.is_good = yes,
						   .ok = yes,
						   .bad = !yes,
						   .event_id = DatumGetInt64(row->values[CASE_EVENT_ID]),
						   .at = DatumGetTimestampTz(row->values[CASE_AT]),
						   .recorded_at = DatumGetTimestampTz(row->values[CASE_RECORDED_AT])};

	memset(&key, 0, sizeof(key));
	key.system_id = row_id(row, CASE_SYSTEM);
	key.component_id = row_id(row, CASE_COMPONENT);
	key.dependency_id = row_id(row, CASE_DEPENDENCY);
	key.signal = judge->slots[slot].signal;
	key.valid_from = row_since(row, CASE_VALID_FROM);
	key.drill = row_is(row, CASE_DRILL);
	if (row_is(row, CASE_COUNTED))
		answer.ok -= 1;
	if (judge->is_sealing && !yes)
		signal_fault(judge, slot, &answer);
	else if (!judge->is_sealing && row_is(row, CASE_EXCUSED))
		answer.bad = 0;
	if (answer.is_good || answer.ok != 0 || answer.bad != 0)
		signal_add(&judge->counter, &key, &answer);
}

static void
judge_case(SignalJudge *judge, const JudgedRow *row)
{
	const char *signal;
	int			slot;

	/* what more of waits than may is counted as it stands: as bad */
	if (row->nulls[CASE_YES] &&
		!(judge->is_sealing && row_is(row, CASE_OPEN) &&
		  !signal_is_pending(judge, DatumGetInt64(row->values[CASE_EVENT_ID]))))
		return;
	signal = TextDatumGetCString(row->values[CASE_SIGNAL]);
	/* a trend is of now, and kept by itself */
	if (judge->is_sealing && strcmp(signal, "fd_stable") == 0)
		return;
	slot = case_slot(judge, signal);
	/* those two are of one event each time, the others of what is new alone */
	if (judge->is_sealing && signal_is_pending(judge, DatumGetInt64(row->values[CASE_EVENT_ID])) &&
		(strcmp(signal, "error_explained") == 0 || strcmp(signal, "failed_run_ended") == 0))
		return;
	count_case(judge, row, slot);
}

static void
each_case(SignalJudge *judge, SPITupleTable *table,
		  void (*visit)(SignalJudge *judge, const JudgedRow *row))
{
	for (uint64 i = 0; table != NULL && i < table->numvals; i++)
	{
		JudgedRow row;

		heap_deform_tuple(table->vals[i], table->tupdesc, row.values, row.nulls);
		visit(judge, &row);
		if (i % BATCH == 0)
			CHECK_FOR_INTERRUPTS();
	}
}

static HTAB *
new_table(const char *name, Size keysize, Size entrysize)
{
	HASHCTL how = {.keysize = keysize, .entrysize = entrysize, .hcxt = CurrentMemoryContext};

	return hash_create(name, 256, &how, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* Those of which there may be any; tables[i] is NULL for the others. */
static void
read_cases(SPITupleTable *tables[lengthof(case_queries)])
{
	static SPIPlanPtr question = NULL;
	static SPIPlanPtr plans[lengthof(case_queries)];
	bool			  asked[lengthof(case_queries)];
	bool			  isnull;

	if (SPI_execute_plan(kept_plan(&question, "SELECT * FROM maestro.live_question"), NULL, NULL,
						 true, 0) != SPI_OK_SELECT ||
		SPI_tuptable->tupdesc->natts != (int) lengthof(case_queries))
		elog(ERROR, "could not see what there is to judge");
	for (int i = 0; i < (int) lengthof(case_queries); i++)
		asked[i] = DatumGetBool(
			SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1, &isnull));
	for (int i = 0; i < (int) lengthof(case_queries); i++)
	{
		tables[i] = NULL;
		if (!asked[i])
			continue;
		if (SPI_execute_plan(kept_plan(&plans[i], case_queries[i]), NULL, NULL, true, 0) !=
			SPI_OK_SELECT)
			elog(ERROR, "could not judge runs");
		tables[i] = SPI_tuptable;
	}
}

/*
 * Until the caller's path_end, plans are made for judging.  How many events there will
 * be is not known, and the planner thinks of so many that it would sort all of them by
 * each thing they are joined with; what is declared is small and fits into hash tables.
 */
static void
plan_for_judging(void)
{
	(void) set_config_option("enable_mergejoin", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("jit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							 false);
}

SignalJudge *
signal_judge_begin(bool is_sealing)
{
	SignalJudge *judge = palloc0(sizeof(SignalJudge));

	plan_for_judging();
	judge->is_sealing = is_sealing;
	signal_counter_init(&judge->counter, is_sealing, GetCurrentTransactionStartTimestamp());
	judge->faults = new_table("maestro faults", sizeof(int64), sizeof(SignalFault));
	judge->pending = new_table("maestro pending events", sizeof(int64), sizeof(int64));
	judge->held = new_table("maestro components that wait", sizeof(int32), 2 * sizeof(int32));
	judge->facts = judge_facts_live();
	signal_tally_begin(judge);
	read_slots(judge);
	return judge;
}

void
signal_judge_end(SignalJudge *judge)
{
	SPITupleTable *cases[lengthof(case_queries)];

	plan_for_judging();
	read_cases(cases);
	for (int i = 0; judge->is_sealing && i < (int) lengthof(cases); i++)
		each_case(judge, cases[i], hold_case);
	signal_count_votes(judge);
	for (int i = 0; i < (int) lengthof(cases); i++)
		each_case(judge, cases[i], judge_case);
}
