/*
 * guard_run_log.c
 *		What the log knows of runs: how much of its budget each has used up.
 *
 * Budgets are counted in shared memory, which a crash empties, and which throws out runs
 * that nobody spends from.  So that neither is a fresh budget, a run's component has events of kind
 * "guard" about it: as it starts, whenever a further tenth of one of its limits is used
 * up, as it is denied (some of many), and as it ends.  Their body is all that it has
 * used until then, as end_run returns it.  A run that is not in memory is looked for
 * among them, and goes on with the most that any says, of each amount; so what can be
 * lost is less than a tenth of each limit, and what was told in transactions that rolled
 * back, until the next spend tells it.  Time is counted from the earliest start.
 *
 * What the recorder stores for require_spend may be stored after the run's end; so what was
 * last is told by time.  They are found by trace: a run whose id is a trace id is that trace,
 * any other has one of its own, the first 16 bytes of SHA-256 of "r" and the id; the same
 * hash, as an attribute, keeps runs of one trace apart.  Only events of
 * components that the caller may write as are read, so what others log there says
 * nothing; and nothing that he logs himself makes less of what is there.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/snapmgr.h"

#include "compat.h"

#include "access.h"
#include "guard_run_log.h"
#include "hexid.h"
#include "owner.h"
#include "statement.h"

/* what no run lasts: 100 years, in seconds */
#define WALL_MAX 3.2e9

/* ---- telling ---- */

static void
push_amount(JsonbParseState **state, const char *key, Numeric number)
{
	JsonbValue name = {.type = jbvString};
	JsonbValue value = {.type = jbvNumeric};

	name.val.string.val = unconstify(char *, key);
	name.val.string.len = (int) strlen(key);
	value.val.numeric = number;
	(void) pushJsonbValue(state, WJB_KEY, &name);
	(void) pushJsonbValue(state, WJB_VALUE, &value);
}

/* As an object; what is below 0 is left out. */
static Jsonb *
in_json(const int64 *amounts)
{
	JsonbParseState *state = NULL;

	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < BUDGET_AMOUNTS; i++)
		if (amounts[i] >= 0)
			push_amount(&state, i == BUDGET_WALL_TIME ? "wall_time_seconds" : budget_words[i],
						i >= BUDGET_COST ? int64_div_fast_to_numeric(amounts[i], 6) : int64_to_numeric(amounts[i]));
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

Jsonb *
guard_run_used(const Budget *budget)
{
	int64 amounts[BUDGET_AMOUNTS];
	int64 now = guard_now();

	for (int i = 0; i < BUDGET_AMOUNTS; i++)
		amounts[i] = budget_used(budget, (BudgetAmount) i, now);
	return in_json(amounts);
}

Jsonb *
guard_run_left(const BudgetRule *rule, const Budget *budget)
{
	int64 amounts[BUDGET_AMOUNTS];
	int64 now = guard_now();

	for (int i = 0; i < BUDGET_AMOUNTS; i++)
		amounts[i] = budget_left(rule, budget, (BudgetAmount) i, now);
	return in_json(amounts);
}

/* The trace that events about the run are in, as text. */
static void
trace_of(const RunName *name, char *out)
{
	uint8 trace[TRACE_ID_LEN];

	StaticAssertStmt(GUARD_ID_LEN == TRACE_ID_LEN, "a key is as long as a trace id");
	if (!hexid_parse_trace(name->id, name->len, trace))
		memcpy(trace, name->key.id, TRACE_ID_LEN);
	hexid_print(trace, TRACE_ID_LEN, out);
}

void
guard_run_tell(const GuardDefinition *definition, const RunName *name, const GuardRun *run,
			   const GuardAnswer *answer, const char *state, const char *detail, GuardTell tell)
{
	char	  trace[2 * TRACE_ID_LEN + 1];
	GuardNews news = {.definition = definition, .answer = answer, .attribute = "budget.state",
					  .state = state, .detail = detail, .run_key = name->key,
					  .run = {name->id, name->len}, .trace_id = {trace, 2 * TRACE_ID_LEN},
					  .body = guard_run_used(&run->budget)};

	trace_of(name, trace);
	tell(&news);
}

/* ---- recalling ---- */

#define OF_RUN "kind = 'guard' AND component_id IS NOT NULL AND trace_id IS NOT NULL AND trace_id = $1::maestro.trace_id"

/* The next component that has such events; what others have many of takes one step. */
static int32
next_component(Datum trace, int32 after)
{
	static Statement next = {
		.text = "SELECT component_id FROM maestro.event WHERE " OF_RUN " AND component_id > $2 ORDER BY component_id LIMIT 1",
		.nargs = 2,
		.types = {TEXTOID, INT4OID}};
	Datum args[2] = {trace, Int32GetDatum(after)};
	bool  isnull;

	statement_run(&next, args, NULL, true, 1, SPI_OK_SELECT);
	if (SPI_processed == 0)
		return 0;
	return DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

static RunState
take_seed(HeapTuple row, TupleDesc desc, int32 component_id, GuardRun *run)
{
	char  *guard = SPI_getvalue(row, desc, 1);
	bool   isnull;
	bool   ended = DatumGetBool(SPI_getbinval(row, desc, 2, &isnull)) && !isnull;
	double wall = DatumGetFloat8(SPI_getbinval(row, desc, 3, &isnull));

	if (guard == NULL || strlen(guard) > GUARD_NAME_MAX)
		return RUN_UNKNOWN;
	memset(run, 0, sizeof(*run));
	run->component_id = component_id;
	strlcpy(run->guard, guard, sizeof(run->guard));
	run->touched = guard_now();
	budget_begin(&run->budget, run->touched - (isnull ? 0 : (int64) (Min(Max(wall, 0), WALL_MAX) * USECS_PER_SEC)));
	for (int i = 0; i < BUDGET_WALL_TIME; i++)
	{
		int64 used = DatumGetInt64(SPI_getbinval(row, desc, 4 + i, &isnull));

		run->budget.used[i] = isnull ? 0 : used;
	}
	return ended ? RUN_ENDED : RUN_GOES_ON;
}

static RunState
recall_of(Datum trace, const GuardKey *key, int32 component_id, GuardRun *run)
{
	/* numbers are cut to what fits: anybody can log such events of his own component */
	static Statement seed = {
		.text = "SELECT (array_agg(e.attributes ->> 'maestro.guard' ORDER BY e.recorded_at, e.event_id))[1],"
				" (array_agg(e.attributes ->> 'budget.state' ORDER BY e.recorded_at DESC, e.event_id DESC))[1] = 'ended',"
				" max(extract(epoch FROM clock_timestamp() - e.recorded_at)::float8"
				"  + coalesce(maestro.attribute_number(e.body, 'wall_time_seconds'), 0)),"
				" max(maestro.attribute_number(e.body, 'steps'))::bigint,"
				" max(maestro.attribute_number(e.body, 'tool_calls'))::bigint,"
				" max(maestro.attribute_number(e.body, 'tokens'))::bigint,"
				" round(least(coalesce(max(maestro.attribute_number(e.body, 'cost')), 0), 9e12) * 1e6)::bigint"
				" FROM maestro.event e WHERE " OF_RUN " AND component_id = $2 AND e.attributes ->> 'maestro.run.hash' = $3 HAVING count(*) > 0",
		.nargs = 3,
		.types = {TEXTOID, INT4OID, TEXTOID}};
	char  hash[2 * GUARD_ID_LEN + 1];
	Datum args[3] = {trace, Int32GetDatum(component_id)};

	hexid_print(key->id, GUARD_ID_LEN, hash);
	args[2] = CStringGetTextDatum(hash);
	statement_run(&seed, args, NULL, true, 1, SPI_OK_SELECT);
	return SPI_processed == 0 ? RUN_UNKNOWN : take_seed(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, component_id, run);
}

static bool
may_write(Oid role, int32 component_id)
{
	RegistryComponent component;

	return registry_component(component_id, &component) && access_may_write(role, &component);
}

RunState
guard_run_recall(const RunName *name, int32 component_id, GuardRun *run)
{
	Oid		  role = GetUserId();
	RunState  state = RUN_UNKNOWN;
	char	  trace[2 * TRACE_ID_LEN + 1];
	Datum	  arg;
	OwnerCall call;

	trace_of(name, trace);
	arg = CStringGetTextDatum(trace);
	PushActiveSnapshot(GetLatestSnapshot());
	owner_call_begin(&call);
	if (component_id != 0)
		state = recall_of(arg, &name->key, component_id, run);
	else
		while (state == RUN_UNKNOWN && (component_id = next_component(arg, component_id)) != 0)
			if (may_write(role, component_id))
				state = recall_of(arg, &name->key, component_id, run);
	owner_call_end(&call);
	PopActiveSnapshot();
	return state;
}
