/*
 * guard_rule.c
 *		What a guard is told to keep: from jsonb to numbers.
 *
 * The table below is all that is known of parameters.  Each is read into a slot of its
 * own, and a rule is made of the slots of its kind.
 */
#include "postgres.h"

#include <math.h>

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/numeric.h"

#include "compat.h"
#include "guard_rule.h"
#include "redact.h"
#include "sanitize_rule.h"

typedef enum ParameterType
{
	TYPE_NUMBER,  /* above zero */
	TYPE_PERCENT, /* above zero, at most 100 */
	TYPE_COUNT,	  /* whole, from least to most */
	TYPE_COST,	  /* from zero */
	TYPE_TIME,	  /* an interval above zero, at most most microseconds */
	TYPE_WINDOW,  /* a count or a time */
	TYPE_MODE
} ParameterType;

typedef struct Parameter
{
	GuardKind	  kind;
	const char	 *name;
	ParameterType type;
	bool		  required;
	int64		  least; /* of a count */
	int64		  most;	 /* of a count, and of a time */
	const char	 *form;	 /* it must be this */
} Parameter;

/* What was read; a parameter's slot is its place in the table. */
typedef struct Slot
{
	bool   given;
	bool   is_time;
	double number;
	int64  whole; /* a count, microseconds, millionths, or a mode */
} Slot;

#define TIME "an interval such as \"30 s\""

enum
{
	RATE, PER, BURST,
	MAX_IN_FLIGHT, TTL,
	WINDOW, MINIMUM_CALLS, FAILURE_RATE, SLOW_RATE, SLOW_AFTER, OPEN_FOR, HALF_OPEN_CALLS, MODE,
	STEPS, TOOL_CALLS, TOKENS, COST, WALL_TIME,
	PARAMETERS
};

static const Parameter parameters[PARAMETERS] = {
	[RATE] = {GUARD_RATE_LIMITER, "rate", TYPE_NUMBER, true, 0, 0, "a number above zero"},
	[PER] = {GUARD_RATE_LIMITER, "per", TYPE_TIME, true, 0, BREAKER_TIME_MAX, TIME},
	[BURST] = {GUARD_RATE_LIMITER, "burst", TYPE_NUMBER, true, 0, 0, "a number above zero"},
	[MAX_IN_FLIGHT] = {GUARD_BULKHEAD, "max_in_flight", TYPE_COUNT, true, 1, 10000, "a whole number from 1 to 10000"},
	[TTL] = {GUARD_BULKHEAD, "ttl", TYPE_TIME, true, 0, BREAKER_TIME_MAX, TIME},
	[WINDOW] = {GUARD_CIRCUIT_BREAKER, "window", TYPE_WINDOW, false, 1, BREAKER_CALLS_MAX,
				"a whole number of calls from 1 to 1024, or an interval such as \"30 s\""},
	[MINIMUM_CALLS] = {GUARD_CIRCUIT_BREAKER, "minimum_calls", TYPE_COUNT, false, 1, 1000000, "a whole number from 1 to 1000000"},
	[FAILURE_RATE] = {GUARD_CIRCUIT_BREAKER, "failure_rate", TYPE_PERCENT, false, 0, 0, "percent, above 0 and at most 100"},
	[SLOW_RATE] = {GUARD_CIRCUIT_BREAKER, "slow_call_rate", TYPE_PERCENT, false, 0, 0, "percent, above 0 and at most 100"},
	[SLOW_AFTER] = {GUARD_CIRCUIT_BREAKER, "slow_call_duration", TYPE_TIME, false, 0, BREAKER_TIME_MAX, TIME},
	[OPEN_FOR] = {GUARD_CIRCUIT_BREAKER, "open_for", TYPE_TIME, false, 0, BREAKER_TIME_MAX, TIME},
	[HALF_OPEN_CALLS] = {GUARD_CIRCUIT_BREAKER, "half_open_calls", TYPE_COUNT, false, 1, 1000, "a whole number from 1 to 1000"},
	[MODE] = {GUARD_CIRCUIT_BREAKER, "mode", TYPE_MODE, false, 0, 0, "\"normal\", \"forced_open\" or \"disabled\""},
	[STEPS] = {GUARD_BUDGET, "steps", TYPE_COUNT, false, 0, PG_INT64_MAX, "a whole number from 0"},
	[TOOL_CALLS] = {GUARD_BUDGET, "tool_calls", TYPE_COUNT, false, 0, PG_INT64_MAX, "a whole number from 0"},
	[TOKENS] = {GUARD_BUDGET, "tokens", TYPE_COUNT, false, 0, PG_INT64_MAX, "a whole number from 0"},
	[COST] = {GUARD_BUDGET, "cost", TYPE_COST, false, 0, 0, "a number from 0"},
	[WALL_TIME] = {GUARD_BUDGET, "wall_time", TYPE_TIME, false, 0, BREAKER_TIME_MAX, TIME},
};

static const char *const kinds[GUARD_KINDS] = {"rate_limiter", "bulkhead", "circuit_breaker", "budget"};

int
guard_kind_named(const char *name)
{
	for (int i = 0; i < GUARD_KINDS; i++)
		if (strcmp(kinds[i], name) == 0)
			return i;
	return -1;
}

const char *
guard_kind_name(GuardKind kind)
{
	return kinds[kind];
}

/* ---- faults ---- */

/* What may be said of a kind: "rate: a number above zero; ...". */
static char *
known(GuardKind kind)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < PARAMETERS; i++)
		if (parameters[i].kind == kind)
			appendStringInfo(&out, "%s%s (%s%s)", out.len > 0 ? ", " : "", parameters[i].name,
							 parameters[i].required ? "needed: " : "", parameters[i].form);
	return out.data;
}

pg_noreturn static void
refuse(GuardKind kind, const char *fault, const char *name)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg(fault, name, kinds[kind]),
					errhint("Parameters of a %s: %s.", kinds[kind], known(kind))));
}

/* Keys are anybody's: what looks like a secret is not told. */
static char *
tellable(const char *key, int len)
{
	char  *clean;
	size_t clean_len;

	len = pg_mbcliplen(key, len, 4096);
	(void) redact_text(key, len, REDACT_LINE, sanitize_builtin(SCAN_SECRETS), NULL, &clean, &clean_len);
	return pnstrdup(clean, pg_mbcliplen(clean, (int) clean_len, 64));
}

/* ---- values ---- */

bool
guard_count_read(Numeric number, int64 *count)
{
	Datum value = NumericGetDatum(number);

	if (numeric_is_nan(number) || numeric_is_inf(number) ||
		!DatumGetBool(DirectFunctionCall2(numeric_eq, value, DirectFunctionCall2(numeric_trunc, value, Int32GetDatum(0)))) ||
		DatumGetBool(DirectFunctionCall2(numeric_lt, value, DirectFunctionCall1(int4_numeric, Int32GetDatum(0)))) ||
		DatumGetBool(DirectFunctionCall2(numeric_gt, value, DirectFunctionCall1(int8_numeric, Int64GetDatum(PG_INT64_MAX)))))
		return false;
	*count = DatumGetInt64(DirectFunctionCall1(numeric_int8, value));
	return true;
}

bool
guard_cost_read(Numeric number, int64 *cost)
{
	double value;

	if (numeric_is_nan(number) || numeric_is_inf(number))
		return false;
	value = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(number)));
	if (!(value >= 0 && value <= 9e12))
		return false;
	/* a hundred-millionth too little is how a decimal fraction is off as binary one */
	*cost = Max((int64) ceil(value * 1e6 - 1e-2), value > 0);
	return true;
}

/* Interval input raises an error that quotes it; this does not. */
static bool
read_time(const JsonbValue *value, int64 most, Slot *slot)
{
	char			 text[64];
	char			 work[256];
	char			*fields[MAXDATEFIELDS];
	int				 types[MAXDATEFIELDS];
	int				 n, kind;
	struct pg_itm_in itm;

	if (value->type != jbvString || value->val.string.len >= (int) sizeof(text))
		return false;
	memcpy(text, value->val.string.val, value->val.string.len);
	text[value->val.string.len] = '\0';
	memset(&itm, 0, sizeof(itm));
	if (ParseDateTime(text, work, sizeof(work), fields, types, MAXDATEFIELDS, &n) != 0 ||
		DecodeInterval(fields, types, n, INTERVAL_FULL_RANGE, &kind, &itm) != 0 || kind != DTK_DELTA ||
		itm.tm_mon != 0 || itm.tm_year != 0 || itm.tm_mday < 0 || itm.tm_mday > most / USECS_PER_DAY ||
		itm.tm_usec > most || itm.tm_usec < -most)
		return false;
	slot->whole = itm.tm_usec + itm.tm_mday * USECS_PER_DAY;
	slot->is_time = true;
	return slot->whole > 0 && slot->whole <= most;
}

static bool
read_count(const Parameter *parameter, const JsonbValue *value, Slot *slot)
{
	return value->type == jbvNumeric && guard_count_read(value->val.numeric, &slot->whole) &&
		   slot->whole >= parameter->least && slot->whole <= parameter->most;
}

static bool
read_mode(const JsonbValue *value, Slot *slot)
{
	static const char *const modes[] = {"normal", "forced_open", "disabled"};

	for (int i = 0; value->type == jbvString && i < (int) lengthof(modes); i++)
		if ((int) strlen(modes[i]) == value->val.string.len &&
			memcmp(modes[i], value->val.string.val, value->val.string.len) == 0)
		{
			slot->whole = i;
			return true;
		}
	return false;
}

static bool
read_value(const Parameter *parameter, const JsonbValue *value, Slot *slot)
{
	slot->given = true;
	switch (parameter->type)
	{
		case TYPE_NUMBER:
		case TYPE_PERCENT:
			if (value->type != jbvNumeric || numeric_is_nan(value->val.numeric))
				return false;
			slot->number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value->val.numeric)));
			return slot->number > 0 && (parameter->type == TYPE_NUMBER || slot->number <= 100);
		case TYPE_COUNT:
			return read_count(parameter, value, slot);
		case TYPE_COST:
			return value->type == jbvNumeric && guard_cost_read(value->val.numeric, &slot->whole);
		case TYPE_TIME:
			return read_time(value, parameter->most, slot);
		case TYPE_WINDOW:
			return read_count(parameter, value, slot) || read_time(value, BREAKER_TIME_MAX, slot);
		case TYPE_MODE:
			return read_mode(value, slot);
	}
	return false;
}

/* ---- rules ---- */

static void
make_breaker(const Slot *slots, BreakerRule *rule)
{
	*rule = breaker_defaults;
	if (slots[WINDOW].given)
	{
		rule->by_time = slots[WINDOW].is_time;
		rule->window = slots[WINDOW].whole;
	}
	if (slots[MINIMUM_CALLS].given)
		rule->minimum_calls = (int32) slots[MINIMUM_CALLS].whole;
	if (slots[FAILURE_RATE].given)
		rule->failure_rate = slots[FAILURE_RATE].number;
	if (slots[SLOW_RATE].given)
		rule->slow_rate = slots[SLOW_RATE].number;
	if (slots[SLOW_AFTER].given)
		rule->slow_after = slots[SLOW_AFTER].whole;
	if (slots[OPEN_FOR].given)
		rule->open_for = slots[OPEN_FOR].whole;
	if (slots[HALF_OPEN_CALLS].given)
		rule->half_open_calls = (int32) slots[HALF_OPEN_CALLS].whole;
	if (slots[MODE].given)
		rule->mode = (BreakerMode) slots[MODE].whole;
}

static void
make_rule(GuardKind kind, const Slot *slots, GuardRule *rule)
{
	bool some = false;

	switch (kind)
	{
		case GUARD_RATE_LIMITER:
			if (!limiter_rule(&rule->u.limiter, slots[RATE].number, slots[PER].whole, slots[BURST].number))
				refuse(kind, "parameters \"%s\" of a %s are out of bounds together", "rate, per, burst");
			break;
		case GUARD_BULKHEAD:
			rule->u.bulkhead.max_in_flight = (int32) slots[MAX_IN_FLIGHT].whole;
			rule->u.bulkhead.ttl = slots[TTL].whole;
			break;
		case GUARD_CIRCUIT_BREAKER:
			make_breaker(slots, &rule->u.breaker);
			break;
		default:
			for (int i = 0; i < BUDGET_AMOUNTS; i++)
			{
				rule->u.budget.limit[i] = slots[STEPS + i].given ? slots[STEPS + i].whole : BUDGET_UNLIMITED;
				some = some || slots[STEPS + i].given;
			}
			if (!some)
				refuse(kind, "no parameter says what \"%s\" of a %s is", "the limit");
	}
}

void
guard_rule_read(GuardKind kind, Jsonb *given, GuardRule *rule)
{
	Slot			   slots[PARAMETERS];
	JsonbIterator	  *it;
	JsonbValue		   key, value;
	JsonbIteratorToken token;

	memset(slots, 0, sizeof(slots));
	memset(rule, 0, sizeof(*rule));
	rule->kind = kind;
	if (given == NULL || !JB_ROOT_IS_OBJECT(given))
		refuse(kind, "%s of a %s must be a JSON object", "parameters");
	it = JsonbIteratorInit(&given->root);
	while ((token = JsonbIteratorNext(&it, &key, true)) != WJB_DONE)
	{
		int at = 0;

		if (token != WJB_KEY)
			continue;
		(void) JsonbIteratorNext(&it, &value, true);
		while (at < PARAMETERS && !(parameters[at].kind == kind &&
									(int) strlen(parameters[at].name) == key.val.string.len &&
									memcmp(parameters[at].name, key.val.string.val, key.val.string.len) == 0))
			at++;
		if (at == PARAMETERS)
			refuse(kind, "unknown parameter \"%s\" of a %s", tellable(key.val.string.val, key.val.string.len));
		if (!read_value(&parameters[at], &value, &slots[at]))
			refuse(kind, "parameter \"%s\" of a %s has no acceptable value", parameters[at].name);
	}
	for (int i = 0; i < PARAMETERS; i++)
		if (parameters[i].kind == kind && parameters[i].required && !slots[i].given)
			refuse(kind, "parameter \"%s\" of a %s is missing", parameters[i].name);
	make_rule(kind, slots, rule);
}
