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

void
signal_counter_init(SignalCounter *counter, bool by_day, TimestampTz now)
{
	HASHCTL how = {.keysize = sizeof(SignalKey),
				   .entrysize = sizeof(SignalCount),
				   .hcxt = CurrentMemoryContext};

	counter->counts = hash_create("maestro signals", 1024, &how, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	counter->by_day = by_day;
	counter->oldest = day_of(now) - SIGNAL_DAYS;
	counter->oldest_of_drills = day_of(now) - SIGNAL_DRILL_DAYS;
}

static SignalCount *
enter(SignalCounter *counter, const SignalKey *key, DateADT day)
{
	SignalKey	 of_day = *key;
	SignalCount *count;
	bool		 found;

	of_day.day = day;
	count = hash_search(counter->counts, &of_day, HASH_ENTER, &found);
	if (!found)
	{
		count->ok = count->bad = 0;
		count->newest_ok = DT_NOBEGIN;
		count->nbad = 0;
	}
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
	DateADT		 ok_day = day_of(answer->at);
	DateADT		 bad_day = day_of(answer->recorded_at);
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
