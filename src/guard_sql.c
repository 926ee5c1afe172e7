/*
 * guard_sql.c
 *		acquire, require, record_outcome, release and what belongs to them, for SQL.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "common/pg_prng.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "maestro.h"

#include "access.h"
#include "backoff.h"
#include "event.h"
#include "guard_event.h"
#include "guard_permit.h"
#include "gate.h"
#include "result_row.h"

/* ---- arguments ---- */

static void
refuse_null(FunctionCallInfo fcinfo, int n, const char *what)
{
	for (int i = 0; i < n; i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", what)));
}

/* The guard that arguments 0 and 1 name; raises if there is none, or if one may not ask. */
static GuardDefinition *
guard_arg(FunctionCallInfo fcinfo)
{
	text			*name;
	GuardDefinition *definition;

	guard_shmem_require();
	refuse_null(fcinfo, 2, "component and guard");
	if (InSecurityRestrictedOperation())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("cannot ask guards within a security-restricted operation")));
	name = PG_GETARG_TEXT_PP(1);
	definition = guard_find(PG_GETARG_INT32(0), VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	if (definition == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("the component has no guard of this name"),
						errhint("Define it with maestro.set_guard; maestro.guard_state lists those that there are.")));
	return definition;
}

static void
check_kind(const GuardDefinition *definition, bool good, const char *hint)
{
	if (!good)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("guard \"%s\" is a %s", definition->key.name, guard_kind_name(definition->rule.kind)),
						errhint("%s", hint)));
}

static int64
microseconds(const Interval *interval)
{
	double days = (double) interval->month * DAYS_PER_MONTH + interval->day;
	double us = (double) interval->time + days * (double) USECS_PER_DAY;

	if (us >= (double) BREAKER_TIME_MAX)
		return BREAKER_TIME_MAX;
	return us <= -(double) BREAKER_TIME_MAX ? -BREAKER_TIME_MAX : (int64) us;
}

/* ---- asking ---- */

/* An answer in words; literals. */
typedef struct Words
{
	const char *state;
	const char *reason; /* NULL: allowed */
	const char *attribute;
} Words;

static const char *
bulkhead_state(const GuardAnswer *answer)
{
	return answer->allowed ? "available" : "full";
}

static void
put_in_words(GuardKind kind, const GuardAnswer *answer, Words *words)
{
	switch (kind)
	{
		case GUARD_RATE_LIMITER:
			words->attribute = "limiter.state";
			words->state = answer->allowed ? "allowed" : "limited";
			words->reason = answer->limiter == LIMITER_NEVER ? "cost_above_burst" : "limited";
			break;
		case GUARD_BULKHEAD:
			words->attribute = "bulkhead.state";
			words->state = bulkhead_state(answer);
			words->reason = "bulkhead_full";
			break;
		default:
			words->attribute = "breaker.state";
			words->state = breaker_state_name(answer->breaker);
			words->reason = "breaker_open";
	}
	if (answer->is_full)
	{
		words->reason = "guard_table_full";
		words->state = NULL;
		/* which is no state of the guard that an event could tell */
		words->attribute = NULL;
	}
	else if (answer->allowed)
		words->reason = NULL;
}

static void
ask_guard(GuardDefinition *definition, double cost, bool may_tell, GuardAnswer *answer, Words *words)
{
	GuardKind kind = definition->rule.kind;

	check_kind(definition, kind != GUARD_BUDGET, "Runs use up budgets: maestro.start_run, maestro.spend.");
	/* before it is asked: what is no question is no denial */
	if (kind == GUARD_RATE_LIMITER && !(cost >= 0))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("cost must be a number that is not below zero")));
	if (!definition->is_active)
	{
		memset(answer, 0, sizeof(*answer));
		answer->retry_after = -1;
		*words = (Words) {NULL, "component_not_active", NULL};
		return;
	}
	if (kind == GUARD_BULKHEAD || (kind == GUARD_CIRCUIT_BREAKER && may_tell))
		guard_permit_prepare();
	guard_shmem_ask(&definition->entry, &definition->hint, &definition->rule, cost, may_tell, answer);
	if (answer->permit != 0)
		guard_permit_remember(&definition->entry, answer->permit, guard_now() + definition->rule.u.bulkhead.ttl);
	put_in_words(kind, answer, words);
}

/* The event belongs to the transaction, and so does what the breaker thinks that the log knows. */
static void
tell(GuardDefinition *definition, const GuardAnswer *answer, const Words *words)
{
	if (likely(!answer->tell) || words->attribute == NULL)
		return;
	if (definition->rule.kind == GUARD_CIRCUIT_BREAKER)
		guard_permit_told(&definition->entry);
	guard_tell(&(GuardNews) {.definition = definition, .answer = answer, .attribute = words->attribute,
							 .state = words->state, .detail = words->reason});
}

static void
put_text(Datum *value, bool *isnull, const char *text)
{
	*isnull = text == NULL;
	if (text != NULL)
		*value = CStringGetTextDatum(text);
}

static double
cost_arg(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("cost must not be null")));
	return PG_GETARG_FLOAT8(2);
}

/* acquire(component, guard, cost) -> (decision, retry_after, reason, state, permit) */
MAESTRO_FUNCTION(acquire)
{
	static ResultRow row;
	GuardDefinition *definition = guard_arg(fcinfo);
	GuardAnswer		 answer;
	Words			 words;
	Interval		 wait = {0};
	Datum			 values[5] = {0};
	bool			 nulls[5] = {false};

	ask_guard(definition, cost_arg(fcinfo), guard_may_tell(), &answer, &words);
	tell(definition, &answer, &words);
	values[0] = ObjectIdGetDatum(answer.allowed ? event_labels()->decision_allow : event_labels()->decision_deny);
	wait.time = answer.retry_after;
	values[1] = IntervalPGetDatum(&wait);
	nulls[1] = answer.allowed || answer.retry_after < 0;
	put_text(&values[2], &nulls[2], words.reason);
	put_text(&values[3], &nulls[3], words.state);
	values[4] = Int64GetDatum(answer.permit);
	nulls[4] = answer.permit == 0;
	return HeapTupleGetDatum(heap_form_tuple(result_row(fcinfo, &row), values, nulls));
}

pg_noreturn static void
raise_denial(GuardDefinition *definition, const GuardAnswer *answer, const Words *words)
{
	bool  is_breaker = definition->rule.kind == GUARD_CIRCUIT_BREAKER && !answer->is_full;
	char *name = pstrdup(definition->key.name); /* telling may look up others */

	if (!definition->is_active)
		access_refuse_inactive();
	if (answer->tell && words->attribute != NULL)
		guard_tell_apart(&(GuardNews) {.definition = definition, .answer = answer, .attribute = words->attribute,
									   .state = words->state, .detail = words->reason});
	ereport(ERROR, (errcode(is_breaker ? ERRCODE_MAESTRO_BREAKER_OPEN : ERRCODE_MAESTRO_LIMITED),
					errmsg("guard \"%s\" lets no call through: %s", name, words->reason),
					answer->retry_after >= 0 ? errdetail("It may after %.6f s.", (double) answer->retry_after / USECS_PER_SEC) : 0,
					errhint("maestro.acquire answers the same with a row.")));
}

/* require(component, guard, cost) -> permit, or NULL */
MAESTRO_FUNCTION(require)
{
	GuardDefinition *definition = guard_arg(fcinfo);
	GuardAnswer		 answer;
	Words			 words;

	ask_guard(definition, cost_arg(fcinfo), guard_may_tell(), &answer, &words);
	if (!answer.allowed)
		raise_denial(definition, &answer, &words);
	tell(definition, &answer, &words);
	if (answer.permit == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(answer.permit);
}

/* record_outcome(component, guard, ok, latency) -> state */
MAESTRO_FUNCTION(record_outcome)
{
	GuardDefinition *definition = guard_arg(fcinfo);
	GuardAnswer		 answer;
	int64			 latency = -1;
	const char		*state;

	check_kind(definition, definition->rule.kind == GUARD_CIRCUIT_BREAKER, "Outcomes are for circuit breakers.");
	if (PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("ok must not be null")));
	if (!PG_ARGISNULL(3) && (latency = microseconds(PG_GETARG_INTERVAL_P(3))) < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("latency must not be below zero")));
	guard_permit_prepare();
	guard_shmem_record(&definition->entry, &definition->rule, PG_GETARG_BOOL(2), latency,
					   definition->is_active && guard_may_tell(), &answer);
	if (answer.is_full)
		PG_RETURN_NULL();
	state = breaker_state_name(answer.breaker);
	if (answer.tell)
	{
		guard_permit_told(&definition->entry);
		guard_tell(&(GuardNews) {.definition = definition, .answer = &answer, .attribute = "breaker.state", .state = state});
	}
	PG_RETURN_TEXT_P(cstring_to_text(state));
}

/* release(component, guard, permit) -> was it in flight? */
MAESTRO_FUNCTION(release)
{
	GuardDefinition *definition = guard_arg(fcinfo);
	int64			 permit;

	check_kind(definition, definition->rule.kind == GUARD_BULKHEAD, "Permits are of bulkheads.");
	if (PG_ARGISNULL(2))
		PG_RETURN_BOOL(false);
	permit = PG_GETARG_INT64(2);
	if (!guard_shmem_release(&definition->entry, permit))
		PG_RETURN_BOOL(false);
	guard_permit_forget(permit);
	PG_RETURN_BOOL(true);
}

/* ---- for the functions of the registry ---- */

/* check_guard(kind, parameters): raises 22023 unless a guard can have them */
MAESTRO_FUNCTION(check_guard)
{
	int		  kind;
	GuardRule rule;

	refuse_null(fcinfo, 2, "kind and parameters");
	kind = guard_kind_named(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	if (kind < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown kind of guard"),
						errhint("Kinds are rate_limiter, bulkhead, circuit_breaker and budget.")));
	guard_rule_read((GuardKind) kind, PG_GETARG_JSONB_P(1), &rule);
	PG_RETURN_VOID();
}

/* forget_guard(component_id, guard): its state, as if nobody had asked yet */
MAESTRO_FUNCTION(forget_guard)
{
	GuardKey key;
	char	*name = text_to_cstring(PG_GETARG_TEXT_PP(1));

	guard_shmem_require();
	if (!gate_is_open())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("guards are reset by maestro.reset_guard")));
	if (strlen(name) <= GUARD_NAME_MAX)
	{
		guard_key_of_guard(&key, PG_GETARG_INT32(0), name);
		guard_shmem_reset(&key);
	}
	PG_RETURN_VOID();
}

/* ---- backoff ---- */

/* backoff(attempt, base, cap, mode) -> interval */
MAESTRO_FUNCTION(backoff)
{
	Interval *wait = palloc0(sizeof(Interval));
	int64	  base;
	int64	  cap;
	int		  mode;

	/* NULL would be no wait at all to pg_sleep */
	refuse_null(fcinfo, 4, "attempt, base, cap and mode");
	base = microseconds(PG_GETARG_INTERVAL_P(1));
	cap = microseconds(PG_GETARG_INTERVAL_P(2));
	mode = backoff_mode_named(text_to_cstring(PG_GETARG_TEXT_PP(3)));
	if (mode < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown mode of backoff"),
						errhint("Modes are full, equal, decorrelated and none.")));
	if (PG_GETARG_INT32(0) < 1 || base <= 0 || cap < base)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("attempt must be from 1, base above zero, and cap not below base")));
	wait->time = backoff_wait((BackoffMode) mode, PG_GETARG_INT32(0), base, cap, pg_prng_uint64(&pg_global_prng_state));
	PG_RETURN_INTERVAL_P(wait);
}

/* ---- showing ---- */

/* May the current role read of the component?  Who may not sees nothing of it. */
static bool
may_read(int32 component_id)
{
	RegistryComponent component;
	RegistrySystem	  system;

	return registry_component(component_id, &component) && registry_system(component.system_id, &system) &&
		   (access_may_read(GetUserId(), &system) || access_may_write(GetUserId(), &component));
}

static void
put_look(const GuardRule *rule, const GuardLook *look, Datum *values, bool *nulls)
{
	GuardAnswer answer = {0};

	values[1] = Int64GetDatum((int64) look->allowed);
	values[2] = Int64GetDatum((int64) look->denied);
	nulls[1] = nulls[2] = false;
	switch (rule->kind)
	{
		case GUARD_RATE_LIMITER:
			values[3] = Float8GetDatum(limiter_left(&rule->u.limiter, look->tat, guard_now()));
			nulls[3] = false;
			answer.allowed = DatumGetFloat8(values[3]) >= Min(1, rule->u.limiter.burst);
			put_text(&values[0], &nulls[0], answer.allowed ? "allowed" : "limited");
			break;
		case GUARD_BULKHEAD:
			values[4] = Int32GetDatum(look->in_flight);
			nulls[4] = false;
			answer.allowed = look->in_flight < rule->u.bulkhead.max_in_flight;
			put_text(&values[0], &nulls[0], bulkhead_state(&answer));
			break;
		case GUARD_CIRCUIT_BREAKER:
			put_text(&values[0], &nulls[0], breaker_state_name(look->breaker));
			values[5] = Int32GetDatum((int32) look->count.calls);
			values[6] = Int32GetDatum((int32) look->count.failed);
			values[7] = Int32GetDatum((int32) look->count.slow);
			nulls[5] = nulls[6] = nulls[7] = false;
			break;
		default:
			/* each run has its own */
			nulls[1] = nulls[2] = true;
	}
}

/* guard_status(component_id, guard) -> a row of guard_state's columns; NULLs where unknown */
MAESTRO_FUNCTION(guard_status)
{
	text			*name = PG_GETARG_TEXT_PP(1);
	TupleDesc		 desc;
	Datum			 values[8] = {0};
	bool			 nulls[8];
	GuardDefinition *definition;
	GuardLook		 look;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "guard_status must return a row");
	guard_shmem_require();
	memset(nulls, true, sizeof(nulls));
	if (may_read(PG_GETARG_INT32(0)) &&
		(definition = guard_find_any(PG_GETARG_INT32(0), VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name))) != NULL)
	{
		guard_shmem_look(&definition->entry, &definition->rule, &look);
		put_look(&definition->rule, &look, values, nulls);
	}
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/* guard_allowed(component_id, guard) -> answers within 30 days that let a call through */
MAESTRO_FUNCTION(guard_allowed)
{
	text			*name = PG_GETARG_TEXT_PP(1);
	GuardDefinition *definition;
	GuardLook		 look;

	if (!guard_shmem_is_there() || !may_read(PG_GETARG_INT32(0)) ||
		(definition = guard_find_any(PG_GETARG_INT32(0), VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name))) == NULL)
		PG_RETURN_NULL();
	guard_shmem_look(&definition->entry, &definition->rule, &look);
	PG_RETURN_INT64((int64) look.allowed_recently);
}
