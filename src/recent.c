/*
 * recent.c
 *		How often something happened of late; see recent.h.
 */
#include "recent.h"

uint64_t
recent_roll(Recent *recent, uint64_t count, int64_t now)
{
	int64_t halves = (now - recent->since) / RECENT_HALF;

	/* a clock that went back begins nothing */
	if (halves <= 0)
		return count;
	recent->before = halves == 1 ? count : 0;
	recent->since += halves * RECENT_HALF;
	return 0;
}

uint64_t
recent_sum(const Recent *recent, uint64_t count, int64_t now)
{
	Recent copy = *recent;

	count = recent_roll(&copy, count, now);
	return copy.before + count;
}
