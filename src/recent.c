/*
 * recent.c
 *		How often something happened of late; see recent.h.
 */
#include "recent.h"

/* Whoever reads two counters one after the other may find less than there was. */
static uint64_t
in_half(const Recent *recent, uint64_t count)
{
	return count > recent->base ? count - recent->base : 0;
}

void
recent_roll(Recent *recent, uint64_t count, int64_t now)
{
	int64_t halves = (now - recent->since) / RECENT_HALF;

	/* a clock that went back begins nothing */
	if (halves <= 0)
		return;
	recent->before = halves == 1 ? in_half(recent, count) : 0;
	recent->since += halves * RECENT_HALF;
	recent->base = count;
}

uint64_t
recent_sum(const Recent *recent, uint64_t count, int64_t now)
{
	Recent copy = *recent;

	recent_roll(&copy, count, now);
	return copy.before + in_half(&copy, count);
}
