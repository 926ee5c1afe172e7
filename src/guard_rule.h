/*
 * guard_rule.h
 *		What a guard is told to keep: its kind, and its parameters as numbers.
 */
#ifndef MAESTRO_GUARD_RULE_H
#define MAESTRO_GUARD_RULE_H

#include "utils/jsonb.h"

#include "breaker.h"
#include "budget.h"
#include "limiter.h"

typedef enum GuardKind
{
	GUARD_RATE_LIMITER,
	GUARD_BULKHEAD,
	GUARD_CIRCUIT_BREAKER,
	GUARD_BUDGET,
	GUARD_KINDS
} GuardKind;

typedef struct BulkheadRule
{
	int32 max_in_flight;
	int64 ttl; /* microseconds */
} BulkheadRule;

typedef struct GuardRule
{
	GuardKind kind;
	union
	{
		LimiterRule	 limiter;
		BulkheadRule bulkhead;
		BreakerRule	 breaker;
		BudgetRule	 budget;
	} u;
} GuardRule;

/* "rate_limiter" and so on; -1 for any other word */
extern int guard_kind_named(const char *name);
extern const char *guard_kind_name(GuardKind kind);

/* Raises 22023 and names the parameter that is unknown, missing or no good. */
extern void guard_rule_read(GuardKind kind, Jsonb *parameters, GuardRule *rule);

/* A number of JSON as cost in millionths, rounded up; false: none from 0 to 9e12. */
extern bool guard_cost_read(Numeric number, int64 *cost);

/* The same for a whole number. */
extern bool guard_count_read(Numeric number, int64 *count);

#endif /* MAESTRO_GUARD_RULE_H */
