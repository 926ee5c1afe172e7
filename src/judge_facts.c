/*
 * judge_facts.c
 *		What judging needs beside the event.
 *
 * What is declared is read as a whole into hash tables by id, since each event asks for
 * it.  Whoever judges the few events that are not counted yet, the sealer each second,
 * keeps it until the registry changes (table_watch.h), of all systems; a query over all
 * events has its own, by its snapshot and of what its role may read.  What few events
 * ask for, reviews and repeated outputs, is read when the first does.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "access.h"
#include "declared_facts.h"
#include "hexid.h"
#include "judge_facts.h"
#include "owner.h"
#include "statement.h"
#include "table_watch.h"

/* as long as it is possible that a failed output is asked for again */
#define OPEN_FOR USECS_PER_HOUR

/* rows fetched at a time */
#define BATCH 1000

typedef struct DrillFacts
{
	uint8		trace_id[TRACE_ID_LEN]; /* no other drill has it */
	int32		system_id;
	int32		component_id; /* 0: the whole system */
	TimestampTz since;
	TimestampTz until;
} DrillFacts;

/* An invalid output, and the newest valid one of its span. */
typedef struct RetriedFacts
{
	int64		event_id;
	int64		newest_id;
	TimestampTz newest_at;
} RetriedFacts;

struct JudgeFacts
{
	MemoryContext		 context;
	bool				 is_live;
	Oid					 reader; /* invalid: whoever it is may read all */
	const DeclaredFacts *declared;
	JudgeLabels			 labels;
	TimestampTz			 open_since;
	HTAB				*drills;  /* DrillFacts */
	HTAB				*excused; /* ids of events; NULL: nobody has asked */
	HTAB				*retried; /* RetriedFacts; NULL: nobody has asked */
};

static HTAB *
new_table(const JudgeFacts *facts, const char *name, Size keysize, Size entrysize)
{
	HASHCTL how = {.keysize = keysize, .entrysize = entrysize, .hcxt = facts->context};

	return hash_create(name, 64, &how, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

bool
judge_facts_may_read(const JudgeFacts *facts, int32 system_id)
{
	RegistrySystem system;

	return !OidIsValid(facts->reader) ||
		   (registry_system(system_id, &system) && access_may_read(facts->reader, &system));
}

/* ---- reading rows ---- */

static Datum
column(uint64 row, int number, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number, isnull);
}

static void
read_drills(JudgeFacts *facts)
{
	static Statement drills = {.text = "SELECT n.system_id, n.trace_id, n.component_id, n.started_at, n.until"
									   " FROM maestro.drill_window n"};
	bool isnull;

	facts->drills = new_table(facts, "maestro drills", TRACE_ID_LEN, sizeof(DrillFacts));
	statement_run(&drills, NULL, NULL, true, 0, SPI_OK_SELECT);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		DrillFacts *drill = hash_search(facts->drills, DatumGetPointer(column(i, 2, &isnull)), HASH_ENTER, NULL);

		drill->system_id = DatumGetInt32(column(i, 1, &isnull));
		drill->component_id = DatumGetInt32(column(i, 3, &isnull));
		if (isnull)
			drill->component_id = 0;
		drill->since = DatumGetTimestampTz(column(i, 4, &isnull));
		drill->until = DatumGetTimestampTz(column(i, 5, &isnull));
	}
}

/* Runs a query of which there may be many rows, and hands each over. */
static void
each_row(JudgeFacts *facts, const char *query, void (*take)(JudgeFacts *facts, uint64 row))
{
	OwnerCall  call;
	SPIPlanPtr plan;
	Portal	   portal;

	owner_call_begin(&call);
	plan = SPI_prepare(query, 0, NULL);
	if (plan == NULL)
		elog(ERROR, "could not prepare what judging asks for");
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, BATCH);
		if (SPI_processed == 0)
			break;
		for (uint64 i = 0; i < SPI_processed; i++)
			take(facts, i);
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(portal);
	SPI_freeplan(plan);
	owner_call_end(&call);
}

/* Its first column is the system. */
static bool
may_read_row(JudgeFacts *facts, uint64 row)
{
	bool  isnull;
	int32 system_id = DatumGetInt32(column(row, 1, &isnull));

	return isnull || judge_facts_may_read(facts, system_id);
}

static void
take_excused(JudgeFacts *facts, uint64 row)
{
	bool  isnull;
	int64 event_id = DatumGetInt64(column(row, 2, &isnull));

	if (may_read_row(facts, row))
		(void) hash_search(facts->excused, &event_id, HASH_ENTER, NULL);
}

static void
take_retried(JudgeFacts *facts, uint64 row)
{
	bool		  isnull;
	int64		  event_id = DatumGetInt64(column(row, 2, &isnull));
	RetriedFacts *retried;

	if (!may_read_row(facts, row))
		return;
	retried = hash_search(facts->retried, &event_id, HASH_ENTER, NULL);
	retried->newest_id = DatumGetInt64(column(row, 3, &isnull));
	retried->newest_at = DatumGetTimestampTz(column(row, 4, &isnull));
}

/* ---- making them ---- */

static JudgeFacts *
new_facts(bool is_live, Oid reader)
{
	JudgeFacts *facts = palloc0(sizeof(JudgeFacts));

	facts->context = CurrentMemoryContext;
	facts->is_live = is_live;
	facts->reader = reader;
	facts->open_since = GetCurrentTransactionStartTimestamp() - OPEN_FOR;
	judge_labels(&facts->labels);
	return facts;
}

JudgeFacts *
judge_facts_live(void)
{
	static TableWatch	  watch = {.names = {"system", "component", "component_version", "dependency",
										"dependency_version", "contract", "plan", NULL}};
	static DeclaredFacts *kept = NULL;
	JudgeFacts *facts = new_facts(true, InvalidOid);
	OwnerCall	call;

	owner_call_begin(&call);
	if (table_watch_is_stale(&watch) || kept == NULL)
	{
		if (kept != NULL)
			declared_facts_free(kept);
		kept = NULL;
		table_watch_settle(&watch);
		table_watch_snapshot(&watch);
		kept = declared_facts_read(CacheMemoryContext, NULL, NULL);
		PopActiveSnapshot();
	}
	facts->declared = kept;
	read_drills(facts);
	owner_call_end(&call);
	return facts;
}

static bool
reader_may_read(void *facts, int32 system_id)
{
	return judge_facts_may_read(facts, system_id);
}

JudgeFacts *
judge_facts_of(Oid reader)
{
	JudgeFacts *facts = new_facts(false, access_reads_all(reader) ? InvalidOid : reader);
	OwnerCall	call;

	owner_call_begin(&call);
	facts->declared = declared_facts_read(facts->context, OidIsValid(facts->reader) ? reader_may_read : NULL, facts);
	read_drills(facts);
	owner_call_end(&call);
	return facts;
}

/* ---- asking ---- */

const JudgeLabels *
judge_facts_labels(const JudgeFacts *facts)
{
	return &facts->labels;
}

TimestampTz
judge_facts_open_since(const JudgeFacts *facts)
{
	return facts->open_since;
}

const ComponentFacts *
judge_facts_component(const JudgeFacts *facts, int32 component_id)
{
	return component_id == 0 ? NULL : declared_component(facts->declared, component_id);
}

/* The newest first: most events are new. */
const LimitFacts *
judge_facts_limits(const ComponentFacts *component, TimestampTz at)
{
	for (int i = component == NULL ? 0 : component->nlimits; i > 0; i--)
	{
		const LimitFacts *limits = &component->limits[i - 1];

		if (at >= limits->valid_from && at < limits->valid_until)
			return limits;
	}
	return NULL;
}

const PolicyFacts *
judge_facts_policy(const JudgeFacts *facts, int32 dependency_id, TimestampTz at)
{
	const DependencyFacts *dependency =
		dependency_id == 0 ? NULL : declared_dependency(facts->declared, dependency_id);

	for (int i = dependency == NULL ? 0 : dependency->npolicies; i > 0; i--)
	{
		const PolicyFacts *policy = &dependency->policies[i - 1];

		if (at >= policy->valid_from && at < policy->valid_until)
			return policy;
	}
	return NULL;
}

const PeriodFacts *
judge_facts_plans(const JudgeFacts *facts, int32 system_id)
{
	const SystemFacts *system = declared_system(facts->declared, system_id);

	return system == NULL ? NULL : system->plans;
}

bool
judge_facts_drill(const JudgeFacts *facts, const JudgedEvent *event)
{
	const DrillFacts *drill;

	if (event->trace_id == NULL || event->component_id == 0 || hash_get_num_entries(facts->drills) == 0)
		return false;
	drill = hash_search(facts->drills, event->trace_id, HASH_FIND, NULL);
	return drill != NULL && drill->system_id == event->system_id &&
		   (drill->component_id == 0 || drill->component_id == event->component_id) &&
		   event->recorded_at >= drill->since && event->recorded_at <= drill->until;
}

bool
judge_facts_excused(JudgeFacts *facts, int64 event_id)
{
	if (facts->excused == NULL)
	{
		facts->excused = new_table(facts, "maestro excused events", sizeof(int64), sizeof(int64));
		each_row(facts,
				 "SELECT DISTINCT v.system_id, x.event_id FROM maestro.event_excused x"
				 " JOIN maestro.event_review v ON v.event_id = x.event_id",
				 take_excused);
	}
	return hash_search(facts->excused, &event_id, HASH_FIND, NULL) != NULL;
}

bool
judge_facts_retried(JudgeFacts *facts, int64 event_id, int64 *newest_id, TimestampTz *newest_at)
{
	const RetriedFacts *retried;

	if (facts->retried == NULL)
	{
		facts->retried = new_table(facts, "maestro repeated outputs", sizeof(int64), sizeof(RetriedFacts));
		each_row(facts,
				 facts->is_live
					 ? "SELECT r.system_id, r.event_id, r.newest_id, r.newest_at FROM maestro.live_retried_output r"
					 : "SELECT r.system_id, r.event_id, r.newest_id, r.newest_at FROM maestro.retried_output r",
				 take_retried);
	}
	retried = hash_search(facts->retried, &event_id, HASH_FIND, NULL);
	if (retried == NULL)
		return false;
	*newest_id = retried->newest_id;
	*newest_at = retried->newest_at;
	return true;
}

int64
judge_facts_waits(const JudgedEvent *event)
{
	static Statement waits = {
		.text = "SELECT w.waited FROM maestro.event_waits($1::maestro.trace_id, $2, $3, $4, $5, $6) w",
		.nargs = 6,
		.types = {TEXTOID, NAMEOID, INT4OID, INT8OID, TIMESTAMPTZOID, INTERVALOID}};
	const Event *row = event->row;
	OwnerCall	 call;
	char		 trace[2 * TRACE_ID_LEN + 1];
	Datum		 args[6];
	bool		 isnull;
	int64		 waited;

	if (event->trace_id == NULL || event->system_id == 0)
		return 0;
	hexid_print(event->trace_id, TRACE_ID_LEN, trace);
	args[0] = CStringGetTextDatum(trace);
	args[1] = row->values[EVENT_CALLER];
	args[2] = Int32GetDatum(event->system_id);
	args[3] = Int64GetDatum(event->event_id);
	args[4] = TimestampTzGetDatum(event->recorded_at);
	args[5] = row->values[EVENT_DURATION];
	owner_call_begin(&call);
	statement_run(&waits, args, NULL, true, 1, SPI_OK_SELECT);
	waited = judge_span(DatumGetIntervalP(column(0, 1, &isnull)));
	owner_call_end(&call);
	return waited;
}
