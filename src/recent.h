/*
 * recent.h
 *		How often something happened of late, in the memory of three numbers.
 *
 * Time is cut into halves of 15 days.  What is counted is that of the present half and of the
 * one before, so never anything older than 30 days, though perhaps nothing older than 15: a
 * count that stands for evidence may be too small, not too large.
 */
#ifndef MAESTRO_RECENT_H
#define MAESTRO_RECENT_H

#include "port.h"

/* microseconds */
#define RECENT_HALF (INT64_C(15) * 86400 * 1000000)

typedef struct Recent
{
	int64_t	 since;	 /* when the present half began, in microseconds */
	uint64_t before; /* counted in the half before */
	uint64_t base;	 /* counted in all when the present half began */
} Recent;

/* Is another half begun, so that recent_roll has something to do? */
static inline bool
recent_is_over(const Recent *recent, int64_t now)
{
	return now - recent->since >= RECENT_HALF;
}

/* Begins the half that now is in, when "count" was counted in all. */
extern void recent_roll(Recent *recent, uint64_t count, int64_t now);

/* What counts now of that. */
extern uint64_t recent_sum(const Recent *recent, uint64_t count, int64_t now);

#endif /* MAESTRO_RECENT_H */
