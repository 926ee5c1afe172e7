/*
 * limiter.h
 *		A rate limiter: the generic cell rate algorithm (GCRA).
 *
 * All that a limiter remembers is one time, its theoretical arrival time (TAT): when the
 * units taken so far would have arrived had they come evenly.  A unit takes T = per /
 * rate.  A call of cost c moves the TAT by c * T from the later of TAT and now, and is
 * allowed if the TAT then lies no more than burst * T ahead.  So burst units may be taken
 * at once, and rate units in each "per" after that.  For example 2 per second, burst 3,
 * T = 0.5 s, at time 0, in seconds:
 *
 *		ask 3 units		TAT 1.5, which is 3 * T ahead: allowed
 *		ask 1 unit		TAT would be 2.0, 0.5 too far: limited, retry after 0.5
 *		at 0.5: 1 unit	TAT 2.0, 1.5 ahead: allowed
 *
 * A TAT is in nanoseconds of a monotonic clock, now in microseconds.  T is rounded up
 * to a nanosecond, so that in no stretch of time t more than burst + t / T units are
 * allowed.  A TAT further ahead than burst * T (the clock went back, or burst was
 * lowered) counts as just that far: nothing is granted for it, and nobody waits longer
 * than an empty bucket takes to fill.
 *
 * Since the state is one integer, the caller may keep it in an atomic and exchange it.
 * He reads it before the clock: then it never lies too far ahead only because another
 * asked a moment later.
 */
#ifndef MAESTRO_LIMITER_H
#define MAESTRO_LIMITER_H

#include "port.h"

/* Longest burst * T in nanoseconds, some 9 years: no sum of it with a clock overflows. */
#define LIMITER_SPAN_MAX (INT64_C(1) << 58)

/* The latest "now" that is told from later ones, in microseconds, and the earliest. */
#define LIMITER_NOW_MAX (INT64_C(1) << 51)

typedef struct LimiterRule
{
	double	burst;	  /* units */
	double	unit;	  /* nanoseconds a unit, a whole number */
	int64_t span;	  /* nanoseconds of burst units */
} LimiterRule;

typedef enum LimiterAnswer
{
	LIMITER_ALLOWED,
	LIMITER_LIMITED,
	LIMITER_NEVER, /* costs more than burst: however long one waits */
	LIMITER_BAD	   /* no cost: below zero, or not a number */
} LimiterAnswer;

/*
 * A rule of rate units in per_us microseconds and burst units at once.  false: no such
 * rule can be kept, since a number is not above zero, a unit takes less than a
 * nanosecond, or burst units more than LIMITER_SPAN_MAX.
 */
extern bool limiter_rule(LimiterRule *rule, double rate, int64_t per_us, double burst);

/*
 * May a call of this cost be made, if the TAT is this?  *tat is the new one, as it was
 * unless the call is allowed or it lay too far ahead.  Limited: *retry_after is in how many microseconds the same call would be allowed, to
 * the microsecond, if nobody else asks.  Cost 0 is always allowed and takes nothing.
 */
extern LimiterAnswer limiter_ask(const LimiterRule *rule, int64_t *tat, int64_t now, double cost,
								 int64_t *retry_after);

/* Units that could be taken at once now, for showing. */
extern double limiter_left(const LimiterRule *rule, int64_t tat, int64_t now);

/* The state of a limiter that nobody has asked yet; any TAT not after now equals it. */
#define LIMITER_FRESH INT64_MIN

#endif /* MAESTRO_LIMITER_H */
