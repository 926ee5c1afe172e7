/*
 * guards.c
 *		The cores of the guards, without a server: tables of transitions, and made-up
 *		operations held against slow models that remember everything.
 *
 * Prints TAP.  The argument is the seed of what is made up.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "backoff.h"
#include "breaker.h"
#include "budget.h"
#include "bulkhead.h"
#include "limiter.h"
#include "recent.h"

#define S INT64_C(1000000)

static int		count = 0;
static int		failed = 0;
static int		faults = 0; /* of the test at work */
static uint64_t seed;

#define CHECK(condition, ...)                                                            \
	do                                                                                   \
	{                                                                                    \
		if (!(condition) && faults++ < 5)                                                \
		{                                                                                \
			printf("# %s:%d: %s: ", __FILE__, __LINE__, #condition);                     \
			printf(__VA_ARGS__);                                                         \
			printf("\n");                                                                \
		}                                                                                \
	} while (0)

static void
done(const char *name)
{
	printf("%sok %d - %s\n", faults ? "not " : "", ++count, name);
	failed += faults != 0;
	faults = 0;
}

static uint64_t
any(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static int64_t
upto(int64_t n)
{
	return (int64_t) (any() % (uint64_t) (n + 1));
}

/* A step of the clock: mostly forward, sometimes far, sometimes back. */
static int64_t
tick(int64_t now, int64_t scale, bool backwards)
{
	switch (any() % 16)
	{
		case 0:
			return now + upto(scale * 100);
		case 1:
			return backwards ? now - upto(scale * 50) : now;
		case 2:
		case 3:
			return now;
		default:
			return now + upto(scale);
	}
}

/* ---- limiter ---- */

static void
limiter_table(void)
{
	static const struct
	{
		int64_t		  now;
		double		  cost;
		LimiterAnswer want;
		int64_t		  retry;
	} cases[] = {
		{0, 3, LIMITER_ALLOWED, 0},			{0, 1, LIMITER_LIMITED, S / 2}, {S / 2 - 1, 1, LIMITER_LIMITED, 1},
		{S / 2, 1, LIMITER_ALLOWED, 0},		{S / 2, 0, LIMITER_ALLOWED, 0}, {S / 2, 3.5, LIMITER_NEVER, 0},
		{S / 2, -1, LIMITER_BAD, 0},		{S / 2, NAN, LIMITER_BAD, 0},	{S / 2, INFINITY, LIMITER_NEVER, 0},
		{S / 2, 3, LIMITER_LIMITED, S * 3 / 2}, {0, 1, LIMITER_LIMITED, S / 2}, {9 * S, 0.5, LIMITER_ALLOWED, 0},
		{9 * S, 2.5, LIMITER_ALLOWED, 0},	{9 * S, 1e-9, LIMITER_LIMITED, 1}, {INT64_MAX, 1, LIMITER_ALLOWED, 0},
		{INT64_MIN, 1, LIMITER_LIMITED, S / 2}};
	LimiterRule rule;
	int64_t		tat = LIMITER_FRESH;

	CHECK(limiter_rule(&rule, 2, S, 3), "no rule");
	for (int i = 0; i < (int) (sizeof(cases) / sizeof(cases[0])); i++)
	{
		int64_t		  retry;
		LimiterAnswer have = limiter_ask(&rule, &tat, cases[i].now, cases[i].cost, &retry);

		CHECK(have == cases[i].want && retry == cases[i].retry, "case %d: %d, %" PRId64, i, have, retry);
	}
	done("a limiter answers as the table says");
	CHECK(!limiter_rule(&rule, 0, S, 1) && !limiter_rule(&rule, NAN, S, 1) && !limiter_rule(&rule, INFINITY, S, 1), "rate");
	CHECK(!limiter_rule(&rule, 1, 0, 1) && !limiter_rule(&rule, 1, -S, 1), "per");
	CHECK(!limiter_rule(&rule, 1, S, 0) && !limiter_rule(&rule, 1, S, NAN) && !limiter_rule(&rule, 1, S, 1e300), "burst");
	CHECK(!limiter_rule(&rule, 1e10, S, 1) && limiter_rule(&rule, 1e9, S, 1), "below a nanosecond");
	CHECK(!limiter_rule(&rule, 1e-300, INT64_MAX, 1), "far too slow");
	done("rules that cannot be kept are refused");
}

/* A leaky bucket: what was in it at the last grant has leaked since. */
static void
limiter_model(void)
{
	for (int round = 0; round < 400; round++)
	{
		bool		backwards = round % 3 == 1;
		bool		changes = round % 3 == 2;
		double		rate = round % 5 == 0 ? 0.25 + (double) upto(3) : (double) (1 + upto(round % 2 ? 1000 : 1000000));
		double		burst = round % 7 == 0 ? 2.5 : (double) (1 + upto(100));
		LimiterRule rule;
		int64_t		tat = LIMITER_FRESH;
		int64_t		now = upto(1000 * S) - 500 * S;
		int64_t		scale;
		__int128	level = 0, level_at = (__int128) now * 1000 - ((__int128) 1 << 62);
		double		granted = 0;
		int64_t		start = now;

		CHECK(limiter_rule(&rule, rate, S, burst), "rule");
		scale = (int64_t) (rule.unit / 1000) + 1;
		for (int i = 0; i < 500; i++)
		{
			double		  cost = any() % 4 ? 1 : (double) upto((int64_t) burst * 4) / 4;
			int64_t		  retry, again = tat, retry2;
			__int128	  filled, more;
			bool		  beyond;
			LimiterAnswer have, want;

			now = tick(now, scale, backwards);
			if (changes && any() % 20 == 0)
				CHECK(limiter_rule(&rule, rate *= 0.5 + (double) upto(2) / 2 + 1e-3, S, burst = (double) (1 + upto(100))), "rule");
			filled = level - ((__int128) now * 1000 - level_at);
			beyond = filled > rule.span;
			filled = filled < 0 ? 0 : filled > rule.span ? rule.span : filled;
			more = (__int128) ceil(cost * rule.unit);
			want = cost > burst ? LIMITER_NEVER : cost == 0 || filled + more <= rule.span ? LIMITER_ALLOWED : LIMITER_LIMITED;
			have = limiter_ask(&rule, &tat, now, cost, &retry);
			CHECK(have == want, "round %d, %d: %d not %d", round, i, have, want);
			if (have == LIMITER_ALLOWED && cost > 0)
			{
				level = filled + more;
				level_at = (__int128) now * 1000;
				granted += cost;
			}
			if (have == LIMITER_LIMITED)
			{
				CHECK(retry > 0 && (beyond || tat == again), "retry %" PRId64, retry);
				if (beyond)
				{
					level = rule.span;
					level_at = (__int128) now * 1000;
				}
				again = tat;
				CHECK(limiter_ask(&rule, &again, now + retry - 1, cost, &retry2) == LIMITER_LIMITED && retry2 == 1,
					  "round %d: sooner than it said", round);
				CHECK(limiter_ask(&rule, &again, now + retry, cost, &retry2) == LIMITER_ALLOWED,
					  "round %d: later than it said", round);
			}
		}
		if (!backwards && !changes)
			CHECK(granted <= burst + (double) (now - start) * 1000 / rule.unit + 1e-6, "round %d: %f granted", round, granted);
	}
	done("a limiter agrees with a leaky bucket, and says exactly when to ask again");
}

/* No stretch of time between two grants holds more than it may. */
static void
limiter_windows(void)
{
	enum { N = 400 };
	static int64_t at[N];
	static double  cost[N];

	for (int round = 0; round < 60; round++)
	{
		double		rate = 1 + (double) upto(2000000);
		double		burst = (double) (1 + upto(20));
		LimiterRule rule;
		int64_t		tat = LIMITER_FRESH, now = 0, retry;
		int			n = 0;

		CHECK(limiter_rule(&rule, rate, S, burst), "rule");
		for (int i = 0; i < 20 * N && n < N; i++)
		{
			double one = (double) (1 + upto((int64_t) burst - 1));

			now += upto((int64_t) (rule.unit / 500) + 1);
			if (limiter_ask(&rule, &tat, now, one, &retry) == LIMITER_ALLOWED)
			{
				at[n] = now;
				cost[n++] = one;
			}
		}
		for (int i = 0; i < n; i++)
		{
			double sum = 0;

			for (int j = i; j < n; j++)
			{
				sum += cost[j];
				CHECK(sum <= burst + (double) (at[j] - at[i]) * rate / 1e6 + 1e-6, "round %d: %d to %d", round, i, j);
			}
		}
	}
	done("no stretch of time holds more grants than burst and rate allow");
}

/* ---- bulkhead ---- */

enum { PLACES = 12, HEADS = 3 };

typedef struct Held
{
	int64_t id, until;
	int		head;
} Held;

static BulkheadPool	  pool;
static BulkheadPermit permits[PLACES];

static void
put_back(void *context, int32_t place)
{
	(void) context;
	bulkhead_pool_put(&pool, permits, place);
}

static int
model_in_flight(const Held *held, int n, int head, int64_t now)
{
	int in_flight = 0;

	for (int i = 0; i < n; i++)
		in_flight += held[i].head == head && held[i].id != 0 && held[i].until > now;
	return in_flight;
}

static void
bulkhead_model(void)
{
	enum { N = 20000 };
	static Held held[N];
	Bulkhead	heads[HEADS];
	int			n = 0;
	int64_t		now = 0;

	bulkhead_pool_begin(&pool, permits, PLACES);
	for (int i = 0; i < HEADS; i++)
		bulkhead_begin(&heads[i]);
	for (int i = 0; i < N; i++)
	{
		int head = (int) upto(HEADS - 1);
		int all = 0;

		now = tick(now, 10, false);
		if (any() % 2 == 0)
		{
			int64_t ttl = any() % 50 == 0 ? INT64_MAX : upto(200);
			int		in_flight = bulkhead_expire(&heads[head], permits, now, put_back, NULL);
			int32_t place;

			CHECK(in_flight == model_in_flight(held, n, head, now), "%d: %d in flight", i, in_flight);
			if (in_flight >= 5 || (place = bulkhead_pool_take(&pool, permits)) == BULKHEAD_NONE)
				continue;
			held[n].id = permits[place].id;
			held[n].head = head;
			bulkhead_grant(&heads[head], permits, place, now, ttl);
			held[n++].until = permits[place].until;
		}
		else if (n > 0)
		{
			Held   *one = &held[any() % 4 ? n - 1 - upto(n < 30 ? n - 1 : 29) : upto(n - 1)];
			int64_t id = one->id != 0 ? one->id : 1 + upto(1 << 24);
			int32_t place;
			bool	have = bulkhead_release(&heads[head], permits, PLACES, id, &place);

			if (have)
				bulkhead_pool_put(&pool, permits, place);
			CHECK(!have || (one->id == id && one->head == head), "%d: released what is not here", i);
			/* what is not expired is there */
			CHECK(have || one->id == 0 || one->head != head || one->until <= now, "%d: not released", i);
			if (have)
				one->id = 0;
		}
		for (int k = 0; k < HEADS; k++)
			all += heads[k].in_flight;
		for (int32_t at = pool.free; at != BULKHEAD_NONE; at = permits[at].next)
			all++;
		CHECK(all == PLACES, "%d: %d places", i, all);
	}
	for (int k = 0; k < HEADS; k++)
		CHECK(bulkhead_expire(&heads[k], permits, INT64_MAX, put_back, NULL) == 0 && heads[k].first == BULKHEAD_NONE, "left");
	done("bulkheads agree with a list of permits; no place is lost and no permit given back twice");
}

/* ---- breaker ---- */

typedef struct Outcome
{
	int64_t at;
	bool	failed, slow;
} Outcome;

/* A breaker that remembers each outcome since it last changed. */
typedef struct Model
{
	BreakerState state;
	int64_t		 since;
	int			 let_through;
	bool		 by_time;
	int64_t		 window;
	int64_t		 seen; /* when it was last looked at, closed */
	int			 n;
	Outcome		 list[4000];
} Model;

static Model model, before;

static void
model_become(BreakerState state, int64_t now)
{
	model.state = state;
	model.since = now;
	model.let_through = model.n = 0;
}

/* What of the list counts now. */
static BreakerCount
model_count(const BreakerRule *rule, int64_t now)
{
	BreakerCount c = {0, 0, 0};
	int64_t		 width = (rule->window + BREAKER_BUCKETS - 1) / BREAKER_BUCKETS;
	int64_t		 first = (int64_t) floor((double) now / (double) width) - BREAKER_BUCKETS + 1;

	for (int i = 0; i < model.n; i++)
	{
		const Outcome *o = &model.list[i];

		if (model.state == BREAKER_CLOSED && rule->by_time && (int64_t) floor((double) o->at / (double) width) < first)
			continue;
		if (model.state == BREAKER_CLOSED && !rule->by_time && i < model.n - rule->window)
			continue;
		c.calls++;
		c.failed += o->failed;
		c.slow += o->slow;
	}
	return c;
}

static void
model_settle(const BreakerRule *rule, int64_t now)
{
	int64_t width = (rule->window + BREAKER_BUCKETS - 1) / BREAKER_BUCKETS;

	if (model.since > now)
		model.since = now;
	if (model.state == BREAKER_CLOSED)
	{
		if (model.by_time != rule->by_time || model.window != rule->window)
			model.n = 0;
		/* the clock went back into an earlier bucket */
		if (rule->by_time && floor((double) model.seen / (double) width) > floor((double) now / (double) width))
			model.n = 0;
		model.seen = now;
	}
	else if (now - model.since >= rule->open_for && (model.state == BREAKER_OPEN || model.let_through >= rule->half_open_calls))
		model_become(BREAKER_HALF_OPEN, now);
	model.by_time = rule->by_time;
	model.window = rule->window;
}

static bool
model_bad(const BreakerRule *rule, BreakerCount c)
{
	return 100.0 * c.failed / c.calls >= rule->failure_rate - 1e-9 || 100.0 * c.slow / c.calls >= rule->slow_rate - 1e-9;
}

static bool
model_ask(const BreakerRule *rule, int64_t now)
{
	model_settle(rule, now);
	if (model.state == BREAKER_CLOSED)
		return true;
	if (model.state == BREAKER_OPEN || model.let_through >= rule->half_open_calls)
		return false;
	if (++model.let_through == rule->half_open_calls)
		model.since = now;
	return true;
}

static void
model_record(const BreakerRule *rule, int64_t now, bool ok, bool slow)
{
	int64_t		 enough = rule->minimum_calls;
	BreakerCount c;

	if (model.state == BREAKER_OPEN)
		return;
	if (model.state == BREAKER_CLOSED)
		model_settle(rule, now);
	else if (model.n >= model.let_through && model.n == 0)
		return;
	if (model.state == BREAKER_CLOSED || model.n < model.let_through)
		model.list[model.n++] = (Outcome) {now, !ok, slow};
	c = model_count(rule, now);
	if (model.state == BREAKER_HALF_OPEN && enough > rule->half_open_calls)
		enough = rule->half_open_calls;
	if (model.state == BREAKER_CLOSED && !rule->by_time && enough > rule->window)
		enough = rule->window;
	if (c.calls < enough)
		return;
	if (model_bad(rule, c))
		model_become(BREAKER_OPEN, now);
	else if (model.state == BREAKER_HALF_OPEN)
		model_become(BREAKER_CLOSED, now);
}

static BreakerRule
any_rule(void)
{
	BreakerRule rule = breaker_defaults;

	rule.by_time = any() % 2 == 0;
	rule.window = rule.by_time ? 1 + upto(2000) : 1 + upto(any() % 4 ? 20 : BREAKER_CALLS_MAX - 1);
	rule.minimum_calls = 1 + (int32_t) upto(20);
	rule.failure_rate = (double) (1 + upto(99));
	rule.slow_rate = (double) (1 + upto(99));
	rule.slow_after = 50;
	rule.open_for = 1 + upto(500);
	rule.half_open_calls = 1 + (int32_t) upto(8);
	return rule;
}

static void
breaker_model(void)
{
	for (int round = 0; round < 300; round++)
	{
		BreakerRule rule = any_rule();
		Breaker		breaker;
		int64_t		now = upto(2000) - 1000;
		int64_t		bad = upto(100);

		breaker_begin(&breaker);
		memset(&model, 0, sizeof(model));
		for (int i = 0; i < 3000; i++)
		{
			BreakerState state;
			BreakerCount c, counted;
			int64_t		 retry;

			now = tick(now, 20, round % 3 == 1);
			if (round % 3 == 2 && any() % 100 == 0)
				rule = any_rule();
			if (any() % 200 == 0)
				bad = upto(100);
			if (any() % 2 == 0)
			{
				bool have = breaker_ask(&rule, &breaker, now, &state, &retry);

				CHECK(have == model_ask(&rule, now), "round %d, %d: let through: %d", round, i, have);
				CHECK(have ? retry == 0 : retry > 0 && retry <= rule.open_for, "retry %" PRId64, retry);
			}
			else
			{
				bool ok = upto(99) >= bad, slow = upto(99) < bad;

				state = breaker_record(&rule, &breaker, now, ok, slow ? 51 : 50);
				model_record(&rule, now, ok, slow);
			}
			CHECK(state == model.state, "round %d, %d: %d not %d", round, i, state, model.state);
			if (faults)
				break;
			state = breaker_look(&rule, &breaker, now, &counted);
			/* looking changes nothing */
			memcpy(&before, &model, offsetof(Model, list));
			model_settle(&rule, now);
			c = model_count(&rule, now);
			CHECK(state == model.state && counted.calls == c.calls && counted.failed == c.failed && counted.slow == c.slow,
				  "round %d, %d: counts %u/%u/%u not %u/%u/%u", round, i, counted.calls, counted.failed, counted.slow, c.calls,
				  c.failed, c.slow);
			CHECK(!breaker_is_idle(&breaker, now, INT64_MAX) || (state == BREAKER_CLOSED && counted.calls == 0), "round %d, %d: idle", round, i);
			memcpy(&model, &before, offsetof(Model, list));
		}
	}
	done("a breaker agrees with one that remembers every outcome");
}

static void
breaker_idle(void)
{
	BreakerRule rule = breaker_defaults;
	Breaker		breaker;

	breaker_begin(&breaker);
	CHECK(breaker_is_idle(&breaker, 0, 50), "fresh");
	(void) breaker_record(&rule, &breaker, 100, false, 1);
	CHECK(!breaker_is_idle(&breaker, 149, 50) && breaker_is_idle(&breaker, 150, 50), "of calls, told of none");
	(void) breaker_record(&rule, &breaker, 140, true, 1);
	CHECK(!breaker_is_idle(&breaker, 189, 50) && breaker_is_idle(&breaker, 190, 50), "told again");
	rule.by_time = true;
	rule.window = 10 * BREAKER_BUCKETS;
	(void) breaker_record(&rule, &breaker, 1000, false, 1);
	CHECK(!breaker_is_idle(&breaker, 1000 + rule.window - 1, 0) && breaker_is_idle(&breaker, 1000 + rule.window, INT64_MAX), "of time");
	rule.minimum_calls = 1;
	(void) breaker_record(&rule, &breaker, 1000, false, 1);
	CHECK(breaker.state == BREAKER_OPEN && !breaker_is_idle(&breaker, INT64_MAX / 2, 0), "open");
	done("a breaker is idle that is closed and whose window is over");
}

/* a ask, o ok, f failed, s slow, + 10 s, and after each the state: C O H, lower case when refused */
static void
breaker_table(void)
{
	static const struct
	{
		const char *name, *does, *want;
	} cases[] = {
		{"opens at the share", "afafaoao", "CCCCCCCO"},
		{"not before enough calls", "fff", "CCC"},
		{"waits open, then lets two through", "ffff+a+a+a+a+a+aaa", "CCCO.o.o.o.o.o.HHh"},
		{"half-open that went well closes", "ffff++++++aaoo", "CCCO......HHHC"},
		{"half-open that went badly opens", "ffff++++++aaofa", "CCCO......HHHOo"},
		{"slow calls open it too", "ssss", "CCCO"},
		{"late outcomes do not matter", "ffffoooo", "CCCOOOOO"},
		{"nobody says how it went half-open", "ffff++++++aaa++++++a", "CCCO......HHh......H"},
	};
	BreakerRule rule = breaker_defaults;

	rule.window = rule.minimum_calls = 4;
	rule.half_open_calls = 2;
	for (int i = 0; i < (int) (sizeof(cases) / sizeof(cases[0])); i++)
	{
		Breaker		breaker;
		int64_t		now = 0;
		char		have[64], want[64];
		int			n = 0, w = 0;
		const char *pattern = cases[i].want;

		breaker_begin(&breaker);
		for (const char *c = cases[i].does; *c != '\0'; c++)
		{
			BreakerState state = BREAKER_CLOSED;
			int64_t		 retry;
			bool		 let = true;

			if (*c == '+')
			{
				now += 10 * S;
				continue;
			}
			if (*c == 'a')
				let = breaker_ask(&rule, &breaker, now, &state, &retry);
			else
				state = breaker_record(&rule, &breaker, now, *c != 'f', *c == 's' ? 61 * S : 0);
			have[n++] = let ? "COHFD"[state] : "cohfd"[state];
		}
		have[n] = '\0';
		for (; *pattern != '\0'; pattern++)
			if (*pattern != '.')
				want[w++] = *pattern;
		want[w] = '\0';
		CHECK(strcmp(have, want) == 0, "%s: %s not %s", cases[i].name, have, want);
	}
	done("a breaker goes from state to state as the table says");
}

static void
breaker_modes(void)
{
	BreakerRule	 rule = breaker_defaults;
	Breaker		 breaker;
	BreakerState state;
	int64_t		 retry;

	breaker_begin(&breaker);
	rule.mode = BREAKER_FORCE_OPEN;
	CHECK(!breaker_ask(&rule, &breaker, 0, &state, &retry) && state == BREAKER_FORCED_OPEN && retry == -1, "forced open");
	rule.mode = BREAKER_DISABLE;
	for (int i = 0; i < 200; i++)
		CHECK(breaker_record(&rule, &breaker, 0, false, 0) == BREAKER_DISABLED, "disabled");
	CHECK(breaker_ask(&rule, &breaker, 0, &state, &retry) && state == BREAKER_DISABLED, "disabled");
	rule.mode = BREAKER_NORMAL;
	CHECK(breaker_ask(&rule, &breaker, 0, &state, &retry) && state == BREAKER_CLOSED && breaker_is_fresh(&breaker), "nothing was counted");
	for (int i = 0; i < 100; i++)
		state = breaker_record(&rule, &breaker, 0, i % 2 == 0, -1);
	CHECK(state == BREAKER_OPEN, "at 50 of 100 it opens");
	CHECK(!breaker_ask(&rule, &breaker, 60 * S - 1, &state, &retry) && retry == 1, "for a minute");
	CHECK(!breaker_ask(&rule, &breaker, -S, &state, &retry) && retry == 60 * S, "a clock that went back begins it anew");
	CHECK(breaker_ask(&rule, &breaker, 59 * S, &state, &retry) && state == BREAKER_HALF_OPEN, "then half-open");
	breaker_reopen_half(&breaker, 0);
	CHECK(breaker_ask(&rule, &breaker, 0, &state, &retry) && state == BREAKER_HALF_OPEN, "half-open from the start");
	done("forced open, disabled, and resilience4j's defaults");
}

/* ---- backoff and budget ---- */

static void
backoff_bounds(void)
{
	CHECK(backoff_mode_named("full") == BACKOFF_FULL && backoff_mode_named("equal") == BACKOFF_EQUAL && backoff_mode_named("none") == BACKOFF_NONE &&
			  backoff_mode_named("decorrelated") == BACKOFF_DECORRELATED && backoff_mode_named("Full") == -1, "names");
	CHECK(backoff_wait(BACKOFF_NONE, 1, 100, 1000, 0) == 100 && backoff_wait(BACKOFF_NONE, 4, 100, 1000, 0) == 800 &&
			  backoff_wait(BACKOFF_NONE, 5, 100, 1000, 0) == 1000 && backoff_wait(BACKOFF_NONE, 0, 100, 1000, 0) == 100, "none");
	CHECK(backoff_wait(BACKOFF_FULL, 3, 100, 1000, 0) == 0 && backoff_wait(BACKOFF_FULL, 3, 100, 1000, UINT64_MAX) == 400, "full");
	CHECK(backoff_wait(BACKOFF_EQUAL, 3, 100, 1000, 0) == 200 && backoff_wait(BACKOFF_EQUAL, 3, 100, 1000, UINT64_MAX) == 400, "equal");
	for (int i = 0; i < 200000; i++)
	{
		int64_t base = 1 + (any() % 8 ? upto(1000) : upto(INT64_MAX - 1));
		int64_t cap = any() % 8 ? upto(100000) : upto(INT64_MAX - 1);
		int32_t attempt = any() % 8 ? (int32_t) upto(40) : (int32_t) any();
		int64_t top = cap < base ? base : cap;
		int64_t most = backoff_wait(BACKOFF_NONE, attempt, base, cap, 0);
		int64_t wait = backoff_wait(BACKOFF_DECORRELATED, attempt, base, cap, any());

		CHECK(most >= base && most <= top, "none: %" PRId64, most);
		CHECK(wait >= base && wait <= top, "decorrelated: %" PRId64 " of %" PRId64 " to %" PRId64, wait, base, top);
		wait = backoff_wait(BACKOFF_FULL, attempt, base, cap, any());
		CHECK(wait >= 0 && wait <= most, "full");
		wait = backoff_wait(BACKOFF_EQUAL, attempt, base, cap, any());
		CHECK(wait >= most / 2 && wait <= most, "equal");
	}
	done("waits stay within base and cap, however large");
}

/* Is of no limit but time's a tenth used up? */
static bool
no_tenth(const BudgetRule *rule, const __int128 *used)
{
	for (int i = 0; i < BUDGET_WALL_TIME; i++)
		if (rule->limit[i] >= 0 && used[i] > 0 && used[i] * 10 >= rule->limit[i])
			return false;
	return true;
}

static void
budget_tenth_table(void)
{
	static const struct
	{
		int64_t limit, used;
		int		want;
	} rows[] = {{BUDGET_UNLIMITED, INT64_MAX, 0}, {0, 0, 0}, {0, 1, 11}, {3, 0, 0}, {3, 1, 3}, {3, 2, 6}, {3, 3, 10}, {3, 4, 11},
				{100, 9, 0}, {100, 10, 1}, {100, 99, 9}, {100, 100, 10}, {INT64_MAX, INT64_MAX, 10}, {INT64_MAX, 1, 0}};

	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
	{
		BudgetRule rule;
		Budget	   budget = {0};
		int		   have;

		for (int i = 0; i < BUDGET_AMOUNTS; i++)
		{
			rule.limit[i] = rows[k].limit;
			budget.used[i] = rows[k].used;
		}
		have = budget_tenths(&rule, &budget);
		CHECK(have == rows[k].want * BUDGET_WALL_TIME, "row %zu: %d", k, have);
	}
	done("a budget is told by tenths");
}

static void
budget_model(void)
{
	for (int round = 0; round < 2000; round++)
	{
		BudgetRule rule;
		Budget	   budget;
		int64_t	   now = 0, began = 0;
		__int128   used[BUDGET_AMOUNTS] = {0};
		int		   tenths = 0;

		for (int i = 0; i < BUDGET_AMOUNTS; i++)
			rule.limit[i] = any() % 3 ? BUDGET_UNLIMITED : any() % 8 ? upto(200) : INT64_MAX - upto(3);
		budget_begin(&budget, now);
		for (int k = 0; k < 40; k++)
		{
			int64_t		 amounts[BUDGET_AMOUNTS];
			BudgetAmount spent = BUDGET_AMOUNTS;
			bool		 have, want = true;

			now = tick(now, 5, round % 4 == 0);
			began = now < began ? now : began;
			used[BUDGET_WALL_TIME] = now - began;
			for (int i = 0; i < BUDGET_AMOUNTS; i++)
			{
				amounts[i] = i == BUDGET_WALL_TIME || any() % 3 == 0 ? -1 : any() % 50 ? upto(20) : INT64_MAX;
				used[i] += amounts[i] > 0 ? amounts[i] : 0;
				if (used[i] > INT64_MAX)
					used[i] = INT64_MAX;
				want = want && !(rule.limit[i] >= 0 && used[i] > rule.limit[i]);
			}
			have = budget_spend(&rule, &budget, now, amounts, &spent);
			CHECK(have == want, "round %d, %d: %d", round, k, have);
			CHECK(have || (rule.limit[spent] >= 0 && used[spent] > rule.limit[spent]), "round %d: which", round);
			for (int i = 0; i < BUDGET_AMOUNTS; i++)
				CHECK(budget_used(&budget, (BudgetAmount) i, now) == (int64_t) used[i], "used");
			CHECK(budget_tenths(&rule, &budget) >= tenths, "round %d: tenths go back", round);
			tenths = budget_tenths(&rule, &budget);
			CHECK((tenths == 0) == no_tenth(&rule, used), "round %d: tenths are %d", round, tenths);
		}
	}
	done("a budget agrees with sums, and never comes back");
}

/* Held against a list of all times. */
static void
recent_model(void)
{
	static int64_t times[400];

	for (int round = 0; round < 2000; round++)
	{
		int64_t	 now = (int64_t) (any() % 1000) * S;
		Recent	 recent = {.since = now};
		uint64_t count = 0;

		for (int k = 0; k < 400; k++)
		{
			uint64_t sum, most = 0, least = 0;

			now += upto(any() % 40 ? 86400 * S : 20 * 86400 * S);
			times[k] = now;
			if (recent_is_over(&recent, now))
				recent_roll(&recent, count, now);
			count++;
			now += upto(any() % 10 ? S : 40 * 86400 * S);
			for (int i = 0; i <= k; i++)
			{
				most += times[i] >= now - 2 * RECENT_HALF;
				least += times[i] >= now - RECENT_HALF;
			}
			sum = recent_sum(&recent, count, now);
			CHECK(sum <= most && sum >= least, "round %d, %d: %" PRIu64, round, k, sum);
		}
	}
	done("what happened recently is no older than 30 days, and all of 15");
}

int
main(int argc, char **argv)
{
	seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	seed = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	limiter_table();
	limiter_model();
	limiter_windows();
	bulkhead_model();
	breaker_table();
	breaker_modes();
	breaker_model();
	breaker_idle();
	backoff_bounds();
	budget_tenth_table();
	budget_model();
	recent_model();
	printf("1..%d\n", count);
	return failed != 0;
}
