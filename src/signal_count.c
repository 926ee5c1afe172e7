/*
 * signal_count.c
 *		What events say, added up.
 *
 * Good counts on the day that it is as old as, bad on that when it was recorded.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "signal_count.h"

/* posture looks that far back */
#define SIGNAL_DAYS 30
#define SIGNAL_DRILL_DAYS 90

static DateADT
day_of(TimestampTz at)
{
	if (TIMESTAMP_NOT_FINITE(at))
		return at < 0 ? DATEVAL_NOBEGIN + 1 : DATEVAL_NOEND;
	return (DateADT) (at >= 0 ? at / USECS_PER_DAY : -((-at + USECS_PER_DAY - 1) / USECS_PER_DAY));
}

DateADT
signal_day(SignalCounter *counter, TimestampTz at)
{
	if (at != counter->last_at)
	{
		counter->last_at = at;
		counter->last_day = day_of(at);
	}
	return counter->last_day;
}

void
signal_counter_init(SignalCounter *counter, bool by_day, TimestampTz now)
{
	HASHCTL how = {.keysize = sizeof(SignalKey),
				   .entrysize = sizeof(SignalCount),
				   .hcxt = CurrentMemoryContext};

	counter->counts = hash_create("maestro signals", 1024, &how, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	memset(counter->recent, 0, sizeof(counter->recent));
	counter->last_at = 0;
	counter->last_day = day_of(0);
	counter->by_day = by_day;
	counter->oldest = day_of(now) - SIGNAL_DAYS;
	counter->oldest_of_drills = day_of(now) - SIGNAL_DRILL_DAYS;
}

static bool
is_same_key(const SignalKey *a, const SignalKey *b)
{
	uint64 x[sizeof(SignalKey) / sizeof(uint64)];
	uint64 y[sizeof(SignalKey) / sizeof(uint64)];
	uint64 differing = 0;

	StaticAssertStmt(sizeof(SignalKey) % sizeof(uint64) == 0, "keys are compared by words");
	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	for (int i = 0; i < (int) lengthof(x); i++)
		differing |= x[i] ^ y[i];
	return differing == 0;
}

/* A place for a key; those of one event differ in their signals and few days. */
static SignalCount **
recent(SignalCounter *counter, const SignalKey *key)
{
	uint32 place = (uint32) key->signal * 5 + (uint32) key->component_id * 67 +
				   (uint32) key->dependency_id * 37 + (uint32) key->day;

	return &counter->recent[place % SIGNAL_RECENT];
}

static SignalCount *
enter(SignalCounter *counter, const SignalKey *key, DateADT day)
{
	SignalKey	  of_day = *key;
	SignalCount **place;
	SignalCount	 *count;
	bool		  found;

	of_day.day = day;
	place = recent(counter, &of_day);
	if (*place != NULL && is_same_key(&(*place)->key, &of_day))
		return *place;
	count = hash_search(counter->counts, &of_day, HASH_ENTER, &found);
	if (!found)
	{
		count->ok = count->bad = 0;
		count->newest_ok = DT_NOBEGIN;
		count->nbad = 0;
	}
	*place = count;
	return count;
}

/* The newest first. */
static void
keep_bad(SignalCount *count, const SignalAnswer *answer)
{
	int at = count->nbad;

	while (at > 0 && (count->bad_times[at - 1] < answer->recorded_at ||
					  (count->bad_times[at - 1] == answer->recorded_at &&
					   count->bad_events[at - 1] < answer->event_id)))
		at--;
	if (at == SIGNAL_BAD_KEPT)
		return;
	if (count->nbad < SIGNAL_BAD_KEPT)
		count->nbad++;
	for (int i = count->nbad - 1; i > at; i--)
	{
		count->bad_events[i] = count->bad_events[i - 1];
		count->bad_times[i] = count->bad_times[i - 1];
	}
	count->bad_events[at] = answer->event_id;
	count->bad_times[at] = answer->recorded_at;
}

void
signal_add(SignalCounter *counter, const SignalKey *key, const SignalAnswer *answer)
{
	DateADT		 oldest = key->drill ? counter->oldest_of_drills : counter->oldest;
	DateADT		 ok_day = signal_day(counter, answer->at);
	DateADT		 bad_day = answer->bad == 0 ? ok_day : signal_day(counter, answer->recorded_at);
	SignalCount *total = enter(counter, key, SIGNAL_ALL_DAYS);

	if (answer->is_good && answer->at > total->newest_ok)
		total->newest_ok = answer->at;
	if (answer->bad > 0)
		keep_bad(total, answer);
	if (ok_day >= oldest)
		total->ok += answer->ok;
	if (bad_day >= oldest)
		total->bad += answer->bad;
	if (!counter->by_day)
		return;
	if (answer->ok != 0 && ok_day >= oldest)
		enter(counter, key, ok_day)->ok += answer->ok;
	if (answer->bad != 0 && bad_day >= oldest)
		enter(counter, key, bad_day)->bad += answer->bad;
}
