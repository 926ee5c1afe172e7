/*
 * guard_run.c
 *		start_run, spend and end_run: budgets of runs, for SQL.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "maestro.h"

#include "event.h"
#include "guard_definition.h"
#include "guard_event.h"

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
run_arg(FunctionCallInfo fcinfo, int at, GuardKey *key)
{
	text *run;

	if (PG_ARGISNULL(at))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("run_id must not be null")));
	run = PG_GETARG_TEXT_PP(at);
	if (VARSIZE_ANY_EXHDR(run) == 0 || VARSIZE_ANY_EXHDR(run) > RUN_ID_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("run_id must have 1 to %d bytes", RUN_ID_MAX)));
	guard_key_of_run(key, VARDATA_ANY(run), VARSIZE_ANY_EXHDR(run));
}

/* start_run(component, run_id, budget) -> begun now? */
MAESTRO_FUNCTION(start_run)
{
	GuardRun		 run = {0};
	GuardDefinition *definition;
	GuardKey		 key;
	text			*name;
	bool			 found;

	check_call();
	if (PG_ARGISNULL(0) || PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("component and budget must not be null")));
	run_arg(fcinfo, 1, &key);
	name = PG_GETARG_TEXT_PP(2);
	definition = guard_find(PG_GETARG_INT32(0), VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	if (definition == NULL || definition->rule.kind != GUARD_BUDGET)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("the component has no budget of this name"),
						errhint("Define it with maestro.set_guard(component, name, 'budget', ...).")));
	if (!definition->is_active)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("the component is not active")));
	run.component_id = definition->key.component_id;
	strlcpy(run.guard, definition->key.name, sizeof(run.guard));
	if (!guard_run_begin(&key, &run, &found))
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("there is no room for another run"),
						errhint("End runs that are over with maestro.end_run, or raise maestro.guard_entries.")));
	if (found && (run.component_id != definition->key.component_id || strcmp(run.guard, definition->key.name) != 0))
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT), errmsg("this run_id is in use with another component or budget")));
	PG_RETURN_BOOL(!found);
}

/* ---- spend ---- */

static bool
read_counter(int amount, const JsonbValue *value, int64 *out)
{
	if (value->type != jbvNumeric || amount == BUDGET_WALL_TIME)
		return false;
	return amount == BUDGET_COST ? guard_cost_read(value->val.numeric, out) : guard_count_read(value->val.numeric, out);
}

/* false: something is not what it should be; *bad is what, or NULL where it has no name of ours. */
static bool
read_counters(Jsonb *counters, int64 *amounts, const char **bad)
{
	JsonbIterator	  *it;
	JsonbValue		   key, value;
	JsonbIteratorToken token;

	*bad = NULL;
	for (int i = 0; i < BUDGET_AMOUNTS; i++)
		amounts[i] = -1;
	if (counters == NULL || !JB_ROOT_IS_OBJECT(counters))
		return false;
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
			return false;
		*bad = budget_words[i];
		if (!read_counter(i, &value, &amounts[i]))
			return false;
		*bad = NULL;
	}
	return true;
}

/*
 * Why not, or NULL; *what is the counter that it is about, or NULL.  "tell" is how a denial
 * becomes an event.
 */
static const char *
spend(FunctionCallInfo fcinfo, GuardTell tell, const char **what)
{
	GuardKey		 key;
	GuardRun		 run;
	GuardDefinition *definition;
	GuardAnswer		 answer;
	int64			 amounts[BUDGET_AMOUNTS];

	*what = NULL;
	check_call();
	run_arg(fcinfo, 0, &key);
	if (!guard_run_find(&key, &run))
		return "run_unknown";
	definition = guard_find(run.component_id, run.guard, strlen(run.guard));
	if (definition == NULL || definition->rule.kind != GUARD_BUDGET)
		return "run_unknown";
	if (!definition->is_active)
		return "component_not_active";
	if (!read_counters(PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1), amounts, what))
		return "malformed_counter";
	if (!guard_run_spend(&key, &definition->rule.u.budget, amounts, guard_may_tell(), &answer))
		return "run_unknown";
	if (answer.allowed)
		return NULL;
	*what = budget_words[answer.spent];
	if (answer.tell)
		tell(definition, &answer, "budget.state", "spent", *what);
	return "budget_spent";
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

	if (reason != NULL)
		ereport(ERROR, (errcode(ERRCODE_MAESTRO_BUDGET_SPENT), errmsg("the run may not go on: %s", reason),
						what != NULL ? errdetail("The counter is \"%s\".", what) : 0,
						errhint("maestro.spend answers the same with a row.")));
	PG_RETURN_VOID();
}

/* ---- end_run ---- */

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

static Jsonb *
used_jsonb(const Budget *budget)
{
	JsonbParseState *state = NULL;
	int64			 now = guard_now();

	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < BUDGET_AMOUNTS; i++)
	{
		int64 used = budget_used(budget, (BudgetAmount) i, now);

		push_amount(&state, i == BUDGET_WALL_TIME ? "wall_time_seconds" : budget_words[i],
					i >= BUDGET_COST ? int64_div_fast_to_numeric(used, 6) : int64_to_numeric(used));
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* end_run(run_id) -> what it used, or NULL */
MAESTRO_FUNCTION(end_run)
{
	GuardKey key;
	GuardRun run;

	check_call();
	run_arg(fcinfo, 0, &key);
	if (!guard_run_find(&key, &run))
		PG_RETURN_NULL();
	guard_check_writer(run.component_id);
	(void) guard_run_end(&key);
	PG_RETURN_JSONB_P(used_jsonb(&run.budget));
}
