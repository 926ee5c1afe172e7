/*
 * budget.c
 *		What one run may use up; see budget.h.
 */
#include "budget.h"

const char *const budget_words[BUDGET_AMOUNTS] = {"steps", "tool_calls", "tokens", "cost", "wall_time"};

void
budget_begin(Budget *budget, int64_t now)
{
	memset(budget, 0, sizeof(*budget));
	budget->began = now;
}

int64_t
budget_used(const Budget *budget, BudgetAmount amount, int64_t now)
{
	if (amount != BUDGET_WALL_TIME)
		return budget->used[amount];
	return now > budget->began ? now - budget->began : 0;
}

int64_t
budget_left(const BudgetRule *rule, const Budget *budget, BudgetAmount amount, int64_t now)
{
	int64_t used = budget_used(budget, amount, now);

	if (rule->limit[amount] < 0)
		return BUDGET_UNLIMITED;
	return used < rule->limit[amount] ? rule->limit[amount] - used : 0;
}

int
budget_tenths(const BudgetRule *rule, const Budget *budget)
{
	int tenths = 0;

	for (int i = 0; i < BUDGET_WALL_TIME; i++)
	{
		int64_t used = budget->used[i];
		int64_t limit = rule->limit[i];

		if (limit >= 0 && used > limit)
			tenths += 11;
		else if (limit > 0 && used > 0)
			tenths += (int) ((double) used / (double) limit * 10);
	}
	return tenths;
}

bool
budget_spend(const BudgetRule *rule, Budget *budget, int64_t now, const int64_t amounts[BUDGET_AMOUNTS],
			 BudgetAmount *spent)
{
	bool holds = true;

	/* a clock that went back begins the time anew */
	if (now < budget->began)
		budget->began = now;
	for (int i = 0; i < BUDGET_AMOUNTS; i++)
	{
		int64_t *used = &budget->used[i];

		if (amounts[i] > 0)
			*used = *used > INT64_MAX - amounts[i] ? INT64_MAX : *used + amounts[i];
		if (holds && rule->limit[i] >= 0 && budget_used(budget, (BudgetAmount) i, now) > rule->limit[i])
		{
			holds = false;
			*spent = (BudgetAmount) i;
		}
	}
	return holds;
}
