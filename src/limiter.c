/*
 * limiter.c
 *		A rate limiter: the generic cell rate algorithm (GCRA); see limiter.h.
 */
#include "limiter.h"

#include <math.h>

#define NS_PER_US 1000

bool
limiter_rule(LimiterRule *rule, double rate, int64_t per_us, double burst)
{
	double unit;
	double span;

	/* written so that a NaN fails */
	if (!(rate > 0) || per_us <= 0 || !(burst > 0) || isinf(rate) || isinf(burst))
		return false;
	unit = ceil((double) per_us * NS_PER_US / rate);
	span = ceil(burst * unit);
	if (!((double) per_us * NS_PER_US >= rate) || !(span < (double) LIMITER_SPAN_MAX))
		return false;
	rule->burst = burst;
	rule->unit = unit;
	rule->span = (int64_t) span;
	return true;
}

static int64_t
clock_ns(int64_t now)
{
	if (now > LIMITER_NOW_MAX)
		now = LIMITER_NOW_MAX;
	if (now < -LIMITER_NOW_MAX)
		now = -LIMITER_NOW_MAX;
	return now * NS_PER_US;
}

/* How far ahead of now the TAT lies, from nothing to the whole span. */
static int64_t
debt(const LimiterRule *rule, int64_t tat, int64_t now_ns)
{
	if (tat <= now_ns)
		return 0;
	/* the difference could overflow; that far is beyond the span */
	return tat >= now_ns + rule->span ? rule->span : tat - now_ns;
}

LimiterAnswer
limiter_ask(const LimiterRule *rule, int64_t *tat, int64_t now, double cost, int64_t *retry_after)
{
	int64_t now_ns = clock_ns(now);
	int64_t owed = debt(rule, *tat, now_ns);
	int64_t more;

	*retry_after = 0;
	if (!(cost >= 0))
		return LIMITER_BAD;
	if (cost == 0)
		return LIMITER_ALLOWED;
	if (cost > rule->burst)
		return LIMITER_NEVER;
	/* not above the span, as the cost is not above the burst */
	more = (int64_t) (cost == 1 ? rule->unit : ceil(cost * rule->unit));
	if (owed > rule->span - more)
	{
		/* too far ahead: brought back once, or one would wait for longer than told */
		if (*tat > now_ns + owed)
			*tat = now_ns + owed;
		*retry_after = (owed - (rule->span - more) + NS_PER_US - 1) / NS_PER_US;
		return LIMITER_LIMITED;
	}
	*tat = now_ns + owed + more;
	return LIMITER_ALLOWED;
}

double
limiter_left(const LimiterRule *rule, int64_t tat, int64_t now)
{
	return (double) (rule->span - debt(rule, tat, clock_ns(now))) / rule->unit;
}
