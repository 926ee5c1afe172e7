/*
 * guard_run.c
 *		start_run, spend, run_left and end_run: budgets of runs, for SQL.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "maestro.h"

#include "access.h"
#include "event.h"
#include "guard_event.h"
#include "guard_permit.h"
#include "guard_run_log.h"
#include "hexid.h"

/* longest id of a run, in bytes */
#define RUN_ID_MAX 255

static void
check_call(void)
{
	guard_shmem_require();
	if (InSecurityRestrictedOperation())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("cannot ask guards within a security-restricted operation")));
}

static void
run_arg(FunctionCallInfo fcinfo, int at, RunName *name)
{
	text *run;
	uint8 trace[TRACE_ID_LEN];

	if (PG_ARGISNULL(at))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("run_id must not be null")));
	run = PG_GETARG_TEXT_PP(at);
	name->id = VARDATA_ANY(run);
	name->len = VARSIZE_ANY_EXHDR(run);
	if (name->len == 0 || name->len > RUN_ID_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("run_id must have 1 to %d bytes", RUN_ID_MAX)));
	/* a trace id is one run, however it is spelt */
	if (hexid_parse_trace(name->id, name->len, trace))
	{
		char *hex = palloc(2 * TRACE_ID_LEN + 1);

		hexid_print(trace, TRACE_ID_LEN, hex);
		name->id = hex;
		name->len = 2 * TRACE_ID_LEN;
	}
	guard_key_of_run(&name->key, name->id, name->len);
}

/* Of what goes with the transaction, where it aborts, the next one says it again. */
static void
tell(const GuardDefinition *definition, const RunName *name, const GuardRun *run, const GuardAnswer *answer,
	 const char *state, const char *detail, GuardTell how)
{
	if (how == guard_tell)
		guard_permit_told(&name->key);
	guard_run_tell(definition, name, run, answer, state, detail, how);
}

static bool
is_of(const GuardRun *run, const GuardDefinition *definition)
{
	return run->component_id == definition->key.component_id && strcmp(run->guard, definition->key.name) == 0;
}

static void
refuse_other(void)
{
	ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT), errmsg("this run_id is in use with another component or budget")));
}

/* Begins the run, with what the log has of it; false: it goes on already. */
static bool
begin_run(const GuardDefinition *definition, const RunName *name)
{
	static const GuardAnswer none = {.allowed = true};
	GuardRun				 run;
	RunState				 before = guard_run_recall(name, definition->key.component_id, &run);
	bool					 may_tell = guard_may_tell();
	bool					 found;

	if (before == RUN_GOES_ON && !is_of(&run, definition))
		refuse_other();
	if (before == RUN_UNKNOWN)
	{
		memset(&run, 0, sizeof(run));
		budget_begin(&run.budget, guard_now());
	}
	run.touched = guard_now();
	run.component_id = definition->key.component_id;
	strlcpy(run.guard, definition->key.name, sizeof(run.guard));
	guard_permit_prepare();
	if (!guard_run_begin(&name->key, &definition->rule.u.budget, &run, &found))
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("there is no room for another run"),
						errhint("End runs that are over with maestro.end_run, or raise maestro.guard_entries.")));
	/* another session may have begun it meanwhile */
	if (!is_of(&run, definition))
		refuse_other();
	if (!found && before != RUN_GOES_ON && may_tell)
		tell(definition, name, &run, &none, "started", NULL, guard_tell);
	return !found && before != RUN_GOES_ON;
}

/* start_run(component, run_id, budget) -> begun now? */
MAESTRO_FUNCTION(start_run)
{
	GuardRun		 run;
	GuardDefinition *definition;
	RunName			 name;
	text			*budget;

	check_call();
	if (PG_ARGISNULL(0) || PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("component and budget must not be null")));
	run_arg(fcinfo, 1, &name);
	budget = PG_GETARG_TEXT_PP(2);
	definition = guard_find(PG_GETARG_INT32(0), VARDATA_ANY(budget), VARSIZE_ANY_EXHDR(budget));
	if (definition == NULL || definition->rule.kind != GUARD_BUDGET)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("the component has no budget of this name"),
						errhint("Define it with maestro.set_guard(component, name, 'budget', ...).")));
	if (!definition->is_active)
		access_refuse_inactive();
	if (!guard_run_find(&name.key, &run) || run.is_ended)
		PG_RETURN_BOOL(begin_run(definition, &name));
	if (!is_of(&run, definition))
		refuse_other();
	PG_RETURN_BOOL(false);
}

/* ---- spend ---- */

static bool
read_counter(int amount, const JsonbValue *value, int64 *out)
{
	if (value->type != jbvNumeric || amount == BUDGET_WALL_TIME)
		return false;
	return amount == BUDGET_COST ? guard_cost_read(value->val.numeric, out) : guard_count_read(value->val.numeric, out);
}

/* Why they are not what they should be, or NULL; *bad is the one, or NULL where it has no name of ours. */
static const char *
read_counters(Jsonb *counters, int64 *amounts, const char **bad)
{
	JsonbIterator	  *it;
	JsonbValue		   key, value;
	JsonbIteratorToken token;

	*bad = NULL;
	for (int i = 0; i < BUDGET_AMOUNTS; i++)
		amounts[i] = -1;
	if (counters == NULL || !JB_ROOT_IS_OBJECT(counters))
		return "malformed_counter";
	it = JsonbIteratorInit(&counters->root);
	while ((token = JsonbIteratorNext(&it, &key, true)) != WJB_DONE)
	{
		int i = 0;

		if (token != WJB_KEY)
			continue;
		(void) JsonbIteratorNext(&it, &value, true);
		while (i < BUDGET_AMOUNTS && !((int) strlen(budget_words[i]) == key.val.string.len &&
									   memcmp(budget_words[i], key.val.string.val, key.val.string.len) == 0))
			i++;
		if (i == BUDGET_AMOUNTS)
			return "unknown_counter";
		*bad = budget_words[i];
		if (!read_counter(i, &value, &amounts[i]))
			return "malformed_counter";
		*bad = NULL;
	}
	return NULL;
}

/* Of a run that is not in memory: puts it there as the log has it.  Why not, or NULL. */
static const char *
bring_back(const RunName *name, GuardRun *run)
{
	GuardDefinition *definition;
	bool			 found;

	if (guard_run_recall(name, 0, run) != RUN_GOES_ON)
		return "run_unknown";
	definition = guard_find(run->component_id, run->guard, strlen(run->guard));
	if (definition == NULL || definition->rule.kind != GUARD_BUDGET)
		return "run_unknown";
	return guard_run_begin(&name->key, &definition->rule.u.budget, run, &found) ? NULL : "guard_table_full";
}

/*
 * Why not, or NULL; *what is the counter that it is about, or NULL.  "tell_denial" is how a
 * denial becomes an event.
 */
static const char *
spend(FunctionCallInfo fcinfo, GuardTell tell_denial, const char **what)
{
	RunName			 name;
	GuardRun		 run;
	GuardDefinition *definition;
	GuardAnswer		 answer;
	const char		*reason = NULL;
	int64			 amounts[BUDGET_AMOUNTS];

	*what = NULL;
	check_call();
	run_arg(fcinfo, 0, &name);
	if (unlikely(!guard_run_find(&name.key, &run)))
		reason = bring_back(&name, &run);
	else if (run.is_ended)
		reason = "run_unknown";
	if (reason != NULL)
		return reason;
	definition = guard_find(run.component_id, run.guard, strlen(run.guard));
	if (definition == NULL || definition->rule.kind != GUARD_BUDGET)
		return "run_unknown";
	if (!definition->is_active)
		return "component_not_active";
	reason = read_counters(PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1), amounts, what);
	if (reason != NULL)
		return reason;
	if (guard_may_tell())
		guard_permit_prepare();
	if (!guard_run_spend(&name.key, &definition->rule.u.budget, amounts, guard_may_tell(), &run, &answer))
		return "run_unknown";
	if (!answer.allowed)
		*what = budget_words[answer.spent];
	if (unlikely(answer.tell))
		tell(definition, &name, &run, &answer, answer.allowed ? "used" : "spent", *what, answer.allowed ? guard_tell : tell_denial);
	return answer.allowed ? NULL : "budget_spent";
}

/* spend(run_id, counters) -> (decision, reason, counter) */
MAESTRO_FUNCTION(spend)
{
	const char *what;
	const char *reason = spend(fcinfo, guard_tell, &what);
	TupleDesc	desc;
	Datum		values[3] = {0};
	bool		nulls[3] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "spend must return a row");
	values[0] = ObjectIdGetDatum(reason == NULL ? event_labels()->decision_allow : event_labels()->decision_deny);
	nulls[1] = reason == NULL;
	if (reason != NULL)
		values[1] = CStringGetTextDatum(reason);
	nulls[2] = what == NULL;
	if (what != NULL)
		values[2] = CStringGetTextDatum(what);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/* require_spend(run_id, counters) */
MAESTRO_FUNCTION(require_spend)
{
	const char *what;
	/* an event of this transaction would be rolled back with the error */
	const char *reason = spend(fcinfo, guard_tell_apart, &what);

	if (reason != NULL && strstr(reason, "_counter") != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("counters of a run are not acceptable"),
						what != NULL ? errdetail("The counter is \"%s\".", what) : 0,
						errhint("They are an object of steps, tool_calls, tokens and cost, each a number that is not below zero.")));
	if (reason != NULL)
		ereport(ERROR, (errcode(ERRCODE_MAESTRO_BUDGET_SPENT), errmsg("the run may not go on: %s", reason),
						what != NULL ? errdetail("The counter is \"%s\".", what) : 0,
						errhint("maestro.spend answers the same with a row.")));
	PG_RETURN_VOID();
}

/* ---- run_left and end_run ---- */

/* A run that goes on; raises MA002 unless the caller may write as its component. */
static bool
find_run(const RunName *name, GuardRun *run)
{
	if (guard_run_find(&name->key, run) ? run->is_ended : guard_run_recall(name, 0, run) != RUN_GOES_ON)
		return false;
	guard_check_writer(run->component_id);
	return true;
}

/* run_left(run_id) -> what its limits leave, or NULL */
MAESTRO_FUNCTION(run_left)
{
	RunName			 name;
	GuardRun		 run;
	GuardDefinition *definition;

	check_call();
	run_arg(fcinfo, 0, &name);
	if (!find_run(&name, &run))
		PG_RETURN_NULL();
	definition = guard_find_any(run.component_id, run.guard, strlen(run.guard));
	if (definition == NULL || definition->rule.kind != GUARD_BUDGET)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(guard_run_left(&definition->rule.u.budget, &run.budget));
}

/* end_run(run_id) -> what it used, or NULL */
MAESTRO_FUNCTION(end_run)
{
	static const GuardAnswer none = {.allowed = true};
	RunName					 name;
	GuardRun				 run;
	GuardDefinition			*definition;
	bool					 may_tell;

	check_call();
	run_arg(fcinfo, 0, &name);
	if (!find_run(&name, &run))
		PG_RETURN_NULL();
	definition = guard_find_any(run.component_id, run.guard, strlen(run.guard));
	may_tell = definition != NULL && guard_may_tell();
	if (may_tell)
		guard_permit_prepare();
	(void) guard_run_end(&name.key, may_tell);
	if (may_tell)
		tell(definition, &name, &run, &none, "ended", NULL, guard_tell);
	PG_RETURN_JSONB_P(guard_run_used(&run.budget));
}
