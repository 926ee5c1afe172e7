/*
 * budget.h
 *		What one run may use up: steps, tool calls, tokens, cost and time.
 *
 * What was used up is used up: an amount that goes beyond a limit counts all the same,
 * and from then on the budget is spent.  So a run is told at the first step beyond the
 * limit, and never let on by asking for less.
 */
#ifndef MAESTRO_BUDGET_H
#define MAESTRO_BUDGET_H

#include "port.h"

/* Amounts are whole numbers; of cost in millionths, of time in microseconds. */
typedef enum BudgetAmount
{
	BUDGET_STEPS,
	BUDGET_TOOL_CALLS,
	BUDGET_TOKENS,
	BUDGET_COST,
	BUDGET_WALL_TIME,
	BUDGET_AMOUNTS
} BudgetAmount;

#define BUDGET_UNLIMITED (-1)

typedef struct BudgetRule
{
	int64_t limit[BUDGET_AMOUNTS];
} BudgetRule;

typedef struct Budget
{
	int64_t began;				  /* microseconds */
	int64_t used[BUDGET_AMOUNTS]; /* but of time, which passes by itself */
} Budget;

extern const char *const budget_words[BUDGET_AMOUNTS];

extern void budget_begin(Budget *budget, int64_t now);

/*
 * Uses up amounts (below 0: not told, nothing), and says whether the budget holds; if
 * not, *spent is the first limit that does not.
 */
extern bool budget_spend(const BudgetRule *rule, Budget *budget, int64_t now,
						 const int64_t amounts[BUDGET_AMOUNTS], BudgetAmount *spent);

/*
 * How far it is used up, in steps of a tenth of each limit but of time, one more where it
 * is gone beyond, added up: grows with each tenth of any.  Up to 44.
 */
extern int budget_tenths(const BudgetRule *rule, const Budget *budget);

/* Used so far, of time too. */
extern int64_t budget_used(const Budget *budget, BudgetAmount amount, int64_t now);

/* What the limit leaves, nothing where it is gone beyond; below 0: there is no limit. */
extern int64_t budget_left(const BudgetRule *rule, const Budget *budget, BudgetAmount amount, int64_t now);

#endif /* MAESTRO_BUDGET_H */
