/*
 * backoff.c
 *		How long to wait before a call is tried again; see backoff.h.
 */
#include "backoff.h"

/* after so many attempts decorrelated waits have forgotten how they began */
#define CHAIN_MAX 64

int
backoff_mode_named(const char *name)
{
	static const char *const names[] = {"none", "full", "equal", "decorrelated"};

	for (int i = 0; i < (int) (sizeof(names) / sizeof(names[0])); i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return -1;
}

/* base * 2^(attempt - 1), at most cap */
static int64_t
exponential(int32_t attempt, int64_t base, int64_t cap)
{
	if (attempt - 1 >= 62 || base > cap >> (attempt - 1))
		return cap;
	return base << (attempt - 1);
}

/* from low to high, both included; the excess of some values is below 2^-64 * range */
static int64_t
between(int64_t low, int64_t high, uint64_t random)
{
	uint64_t range = (uint64_t) high - (uint64_t) low;

	if (range == UINT64_MAX)
		return (int64_t) random;
	return low + (int64_t) (((unsigned __int128) random * (range + 1)) >> 64);
}

/* splitmix64: the next of a chain of random numbers */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static int64_t
decorrelated(int32_t attempt, int64_t base, int64_t cap, uint64_t random)
{
	int64_t wait = base;

	for (int32_t i = 0; i < attempt && i < CHAIN_MAX; i++)
	{
		int64_t high = wait > cap / 3 ? cap : wait * 3;

		wait = between(base, high < base ? base : high, next_random(&random));
	}
	return wait;
}

int64_t
backoff_wait(BackoffMode mode, int32_t attempt, int64_t base, int64_t cap, uint64_t random)
{
	int64_t most;

	if (attempt < 1)
		attempt = 1;
	if (cap < base)
		cap = base;
	most = exponential(attempt, base, cap);
	switch (mode)
	{
		case BACKOFF_FULL:
			return between(0, most, random);
		case BACKOFF_EQUAL:
			return between(most / 2, most, random);
		case BACKOFF_DECORRELATED:
			return decorrelated(attempt, base, cap, random);
		case BACKOFF_NONE:
			break;
	}
	return most;
}
