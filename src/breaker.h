/*
 * breaker.h
 *		A circuit breaker: is it worth calling at all?
 *
 * The states are those of resilience4j, and so are the defaults:
 *
 *		closed		calls are let through and their outcomes counted in a window.  Once
 *					it holds minimum_calls, and the share of failures or of slow calls
 *					reaches its threshold, the breaker opens
 *		open		no call is let through until open_for is over; then half-open
 *		half-open	half_open_calls are let through.  Once as many outcomes are known
 *					(or minimum_calls, if fewer) the shares decide: open or closed
 *
 * and by its mode, whatever is counted: forced open lets nothing through, disabled lets
 * everything through and counts nothing.
 *
 * Where those that were let through half-open never say how it went, as many are let
 * through again after another open_for, or the breaker would stay so for ever.
 *
 * The window is the last `window` outcomes, or those of the last `window` microseconds,
 * in BREAKER_BUCKETS buckets of which the oldest goes as a whole.  Outcomes of calls
 * that were let through before the breaker opened say nothing about it any more.
 * A clock that went back begins the wait or the window anew.
 */
#ifndef MAESTRO_BREAKER_H
#define MAESTRO_BREAKER_H

#include "port.h"

/* the largest window that counts calls */
#define BREAKER_CALLS_MAX 1024
/* parts of a window that counts time */
#define BREAKER_BUCKETS 32
/* the longest times, in microseconds: some 100 days */
#define BREAKER_TIME_MAX (INT64_C(1) << 43)

typedef enum BreakerMode
{
	BREAKER_NORMAL,
	BREAKER_FORCE_OPEN,
	BREAKER_DISABLE
} BreakerMode;

typedef enum BreakerState
{
	BREAKER_CLOSED,
	BREAKER_OPEN,
	BREAKER_HALF_OPEN,
	BREAKER_FORCED_OPEN,
	BREAKER_DISABLED
} BreakerState;

typedef struct BreakerRule
{
	BreakerMode mode;
	bool		by_time;		 /* what window is in */
	int64_t		window;			 /* calls, or microseconds */
	int32_t		minimum_calls;
	double		failure_rate;	 /* percent, above 0, at most 100 */
	double		slow_rate;
	int64_t		slow_after;		 /* microseconds a call may take before it is slow */
	int64_t		open_for;		 /* microseconds */
	int32_t		half_open_calls;
} BreakerRule;

/* What is counted: outcomes, and of them. */
typedef struct BreakerCount
{
	uint32_t calls;
	uint32_t failed;
	uint32_t slow;
} BreakerCount;

typedef struct Breaker
{
	BreakerState state;		  /* closed, open or half-open */
	bool		 by_time;	  /* the window's kind and size, as it was counted */
	int64_t		 window;
	int64_t		 since;		  /* when it opened, or last let calls through half-open; closed: was last told */
	int32_t		 let_through; /* half-open, since then */
	BreakerCount count;		  /* of the window; half-open: of what was let through */
	union
	{
		struct
		{
			int32_t at; /* where the next outcome goes */
			uint8_t failed[BREAKER_CALLS_MAX / 8];
			uint8_t slow[BREAKER_CALLS_MAX / 8];
		} calls;
		struct
		{
			int64_t		 newest; /* number of the newest bucket: time / its width */
			BreakerCount bucket[BREAKER_BUCKETS];
		} times;
	} u;
} Breaker;

extern const BreakerRule breaker_defaults;

/* A breaker that nobody has asked yet. */
extern void breaker_begin(Breaker *breaker);
extern bool breaker_is_fresh(const Breaker *breaker);

/*
 * Would forgetting it change little?  It is closed, and its window of time is over, or its
 * window of calls has heard of none for so long.
 */
extern bool breaker_is_idle(const Breaker *breaker, int64_t now, int64_t for_long);

/*
 * May a call be made?  If not, *retry_after is in how many microseconds it is worth
 * asking again, -1 where nobody knows.  *state is what the breaker is after the answer.
 */
extern bool breaker_ask(const BreakerRule *rule, Breaker *breaker, int64_t now, BreakerState *state,
						int64_t *retry_after);

/* How a call went, and how long it took (-1: not known); the state after it. */
extern BreakerState breaker_record(const BreakerRule *rule, Breaker *breaker, int64_t now, bool ok,
								   int64_t latency);

/* The state now, for showing; what the window holds is in *count. */
extern BreakerState breaker_look(const BreakerRule *rule, const Breaker *breaker, int64_t now,
								 BreakerCount *count);

/* An open breaker of which it is not known since when: half-open. */
extern void breaker_reopen_half(Breaker *breaker, int64_t now);

/* The clock was set forward by so much: times follow, but a window of time begins anew. */
extern void breaker_shift(Breaker *breaker, int64_t shift);

/* closed, open, half-open, forced_open, disabled */
extern const char *breaker_state_name(BreakerState state);

#endif /* MAESTRO_BREAKER_H */
