/*
 * backoff.h
 *		How long to wait before a call is tried again.
 *
 * Without jitter, attempt n (from 1) waits base * 2^(n - 1), at most cap.  Full jitter
 * takes anything from 0 to that; equal jitter half of it and anything up to the other
 * half; decorrelated jitter, at each attempt, anything from base to three times what the
 * one before waited, at most cap.  These are those of "Exponential Backoff And Jitter"
 * (AWS Architecture Blog, 2015).
 */
#ifndef MAESTRO_BACKOFF_H
#define MAESTRO_BACKOFF_H

#include "port.h"

typedef enum BackoffMode
{
	BACKOFF_NONE,
	BACKOFF_FULL,
	BACKOFF_EQUAL,
	BACKOFF_DECORRELATED
} BackoffMode;

/* The mode of that name; -1: there is none. */
extern int backoff_mode_named(const char *name);

/*
 * Microseconds to wait; random is 64 random bits.  attempt counts from 1, and base is
 * above 0; a cap below base is base.
 */
extern int64_t backoff_wait(BackoffMode mode, int32_t attempt, int64_t base, int64_t cap, uint64_t random);

#endif /* MAESTRO_BACKOFF_H */
