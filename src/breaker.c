/*
 * breaker.c
 *		A circuit breaker: is it worth calling at all?  See breaker.h.
 */
#include "breaker.h"

/* as resilience4j's */
const BreakerRule breaker_defaults = {
	.mode = BREAKER_NORMAL,
	.by_time = false,
	.window = 100,
	.minimum_calls = 100,
	.failure_rate = 50,
	.slow_rate = 100,
	.slow_after = INT64_C(60000000),
	.open_for = INT64_C(60000000),
	.half_open_calls = 10,
};

const char *
breaker_state_name(BreakerState state)
{
	static const char *const names[] = {"closed", "open", "half-open", "forced_open", "disabled"};

	return names[state];
}

/* ---- the window ---- */

static void
count_add(BreakerCount *to, const BreakerCount *more)
{
	to->calls += more->calls;
	to->failed += more->failed;
	to->slow += more->slow;
}

static void
count_take(BreakerCount *from, const BreakerCount *less)
{
	from->calls -= less->calls;
	from->failed -= less->failed;
	from->slow -= less->slow;
}

static void
window_clear(const BreakerRule *rule, Breaker *breaker)
{
	memset(&breaker->count, 0, sizeof(breaker->count));
	memset(&breaker->u, 0, sizeof(breaker->u));
	breaker->by_time = rule->by_time;
	breaker->window = rule->window;
}

static int64_t
bucket_number(int64_t window, int64_t now)
{
	int64_t width = window / BREAKER_BUCKETS + (window % BREAKER_BUCKETS != 0);

	/* towards minus infinity, that all buckets are as wide */
	return now >= 0 ? now / width : -((-now - 1) / width) - 1;
}

/* Takes out of the count what has left the window, and empties those buckets. */
static void
window_advance(const BreakerRule *rule, Breaker *breaker, int64_t now)
{
	int64_t number = bucket_number(rule->window, now);
	int64_t passed;

	if (breaker->count.calls == 0 || number < breaker->u.times.newest)
	{
		window_clear(rule, breaker);
		breaker->u.times.newest = number;
		return;
	}
	passed = number - breaker->u.times.newest;
	if (passed > BREAKER_BUCKETS)
		passed = BREAKER_BUCKETS;
	for (int64_t i = 0; i < passed; i++)
	{
		BreakerCount *bucket = &breaker->u.times.bucket[(uint64_t) (number - i) % BREAKER_BUCKETS];

		count_take(&breaker->count, bucket);
		memset(bucket, 0, sizeof(*bucket));
	}
	breaker->u.times.newest = number;
}

static void
window_add_call(Breaker *breaker, const BreakerCount *one)
{
	int32_t	 at = breaker->u.calls.at;
	uint8_t	 bit = (uint8_t) (1 << at % 8);
	uint8_t *failed = &breaker->u.calls.failed[at / 8];
	uint8_t *slow = &breaker->u.calls.slow[at / 8];

	if (breaker->count.calls == (uint32_t) breaker->window)
	{
		BreakerCount old = {1, (*failed & bit) != 0, (*slow & bit) != 0};

		count_take(&breaker->count, &old);
	}
	*failed = one->failed ? *failed | bit : *failed & (uint8_t) ~bit;
	*slow = one->slow ? *slow | bit : *slow & (uint8_t) ~bit;
	breaker->u.calls.at = (at + 1) % (int32_t) breaker->window;
}

static void
window_add(const BreakerRule *rule, Breaker *breaker, int64_t now, const BreakerCount *one)
{
	if (rule->by_time)
		count_add(&breaker->u.times.bucket[(uint64_t) bucket_number(rule->window, now) % BREAKER_BUCKETS], one);
	else
		window_add_call(breaker, one);
	count_add(&breaker->count, one);
}

/* ---- states ---- */

void
breaker_begin(Breaker *breaker)
{
	memset(breaker, 0, sizeof(*breaker));
}

bool
breaker_is_fresh(const Breaker *breaker)
{
	return breaker->state == BREAKER_CLOSED && breaker->count.calls == 0;
}

bool
breaker_is_idle(const Breaker *breaker, int64_t now, int64_t for_long)
{
	if (breaker->state != BREAKER_CLOSED)
		return false;
	if (breaker->count.calls == 0)
		return true;
	if (breaker->by_time)
		return bucket_number(breaker->window, now) - breaker->u.times.newest >= BREAKER_BUCKETS;
	return now - breaker->since >= for_long;
}

static void
become(const BreakerRule *rule, Breaker *breaker, BreakerState state, int64_t now)
{
	breaker->state = state;
	breaker->since = now;
	breaker->let_through = 0;
	window_clear(rule, breaker);
}

static bool
is_bad(const BreakerRule *rule, const BreakerCount *count)
{
	return count->failed * 100.0 >= rule->failure_rate * count->calls ||
		   count->slow * 100.0 >= rule->slow_rate * count->calls;
}

static int32_t
least(int32_t a, int64_t b)
{
	return a < b ? a : (int32_t) b;
}

/* Brings it up to date with the clock and with a rule that has changed. */
static void
settle(const BreakerRule *rule, Breaker *breaker, int64_t now)
{
	if (breaker->since > now)
		breaker->since = now;
	if (breaker->state == BREAKER_CLOSED)
	{
		if (breaker->by_time != rule->by_time || breaker->window != rule->window)
			window_clear(rule, breaker);
		if (rule->by_time)
			window_advance(rule, breaker, now);
	}
	else if (now - breaker->since >= rule->open_for)
	{
		if (breaker->state == BREAKER_OPEN)
			become(rule, breaker, BREAKER_HALF_OPEN, now);
		else if (breaker->let_through >= rule->half_open_calls)
			become(rule, breaker, BREAKER_HALF_OPEN, now);
	}
}

bool
breaker_ask(const BreakerRule *rule, Breaker *breaker, int64_t now, BreakerState *state, int64_t *retry_after)
{
	*retry_after = 0;
	if (rule->mode != BREAKER_NORMAL)
	{
		*state = rule->mode == BREAKER_DISABLE ? BREAKER_DISABLED : BREAKER_FORCED_OPEN;
		*retry_after = rule->mode == BREAKER_DISABLE ? 0 : -1;
		return rule->mode == BREAKER_DISABLE;
	}
	settle(rule, breaker, now);
	*state = breaker->state;
	if (breaker->state == BREAKER_CLOSED)
		return true;
	if (breaker->state == BREAKER_HALF_OPEN && breaker->let_through < rule->half_open_calls)
	{
		if (++breaker->let_through == rule->half_open_calls)
			breaker->since = now;
		return true;
	}
	*retry_after = rule->open_for - (now - breaker->since);
	return false;
}

BreakerState
breaker_record(const BreakerRule *rule, Breaker *breaker, int64_t now, bool ok, int64_t latency)
{
	BreakerCount one = {1, !ok, latency > rule->slow_after};

	if (rule->mode != BREAKER_NORMAL)
		return rule->mode == BREAKER_DISABLE ? BREAKER_DISABLED : BREAKER_FORCED_OPEN;
	/* of what is open already an outcome says nothing, and ends no wait */
	if (breaker->state == BREAKER_OPEN)
		return BREAKER_OPEN;
	if (breaker->state == BREAKER_HALF_OPEN)
	{
		/* a call from before it opened is none of those that were let through */
		if (breaker->count.calls < (uint32_t) breaker->let_through)
			count_add(&breaker->count, &one);
		if (breaker->count.calls > 0 &&
			breaker->count.calls >= (uint32_t) least(rule->minimum_calls, rule->half_open_calls))
			become(rule, breaker, is_bad(rule, &breaker->count) ? BREAKER_OPEN : BREAKER_CLOSED, now);
		return breaker->state;
	}
	settle(rule, breaker, now);
	breaker->since = now;
	window_add(rule, breaker, now, &one);
	if (breaker->count.calls >=
			(uint32_t) (rule->by_time ? rule->minimum_calls : least(rule->minimum_calls, rule->window)) &&
		is_bad(rule, &breaker->count))
		become(rule, breaker, BREAKER_OPEN, now);
	return breaker->state;
}

BreakerState
breaker_look(const BreakerRule *rule, const Breaker *breaker, int64_t now, BreakerCount *count)
{
	Breaker copy = *breaker;

	settle(rule, &copy, now);
	*count = copy.count;
	if (rule->mode == BREAKER_NORMAL)
		return copy.state;
	return rule->mode == BREAKER_DISABLE ? BREAKER_DISABLED : BREAKER_FORCED_OPEN;
}

void
breaker_reopen_half(Breaker *breaker, int64_t now)
{
	breaker_begin(breaker);
	breaker->state = BREAKER_HALF_OPEN;
	breaker->since = now;
}

void
breaker_shift(Breaker *breaker, int64_t shift)
{
	if (shift == 0)
		return;
	breaker->since += shift;
	if (breaker->state == BREAKER_CLOSED && breaker->by_time)
		breaker_begin(breaker);
}
