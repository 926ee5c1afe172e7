/*
 * signal_count.h
 *		What events say, added up.
 */
#ifndef MAESTRO_SIGNAL_COUNT_H
#define MAESTRO_SIGNAL_COUNT_H

#include "datatype/timestamp.h"
#include "utils/date.h"
#include "utils/hsearch.h"

/* the newest bad events that are kept by name */
#define SIGNAL_BAD_KEPT 8

/* the day of a total, which is of all days */
#define SIGNAL_ALL_DAYS DATEVAL_NOBEGIN

/* What is counted together; zeroed before it is filled in, since its bytes are hashed. */
typedef struct SignalKey
{
	int32		system_id;
	int32		component_id;
	int32		dependency_id;
	int32		contract_version;
	TimestampTz valid_from;
	DateADT		day;
	int16		signal; /* the first slot of that name */
	bool		drill;
} SignalKey;

typedef struct SignalCount
{
	SignalKey	key;
	int64		ok;
	int64		bad;
	TimestampTz newest_ok; /* DT_NOBEGIN: none */
	int			nbad;
	int64		bad_events[SIGNAL_BAD_KEPT];
	TimestampTz bad_times[SIGNAL_BAD_KEPT]; /* the newest first */
} SignalCount;

/* One answer: so many yes, so many no, of an event. */
typedef struct SignalAnswer
{
	bool		is_good; /* seen as good then, even if that was counted before */
	int64		ok;
	int64		bad;
	int64		event_id;
	TimestampTz at;			 /* as good evidence it is that old */
	TimestampTz recorded_at; /* as bad evidence that */
} SignalAnswer;

/* Most events are like the one before: what was asked for lately is found without hashing. */
#define SIGNAL_RECENT 256

typedef struct SignalCounter
{
	HTAB   *counts;
	SignalCount *recent[SIGNAL_RECENT]; /* NULL: none */
	TimestampTz last_at; /* times of one event come again and again */
	DateADT last_day; /* of last_at */
	bool	by_day;	 /* keep each day beside the totals */
	DateADT oldest;	 /* days before do not count */
	DateADT oldest_of_drills;
} SignalCounter;

extern void signal_counter_init(SignalCounter *counter, bool by_day, TimestampTz now);

/* The day in UTC of a time. */
extern DateADT signal_day(SignalCounter *counter, TimestampTz at);

/* Adds an answer; the key's day is not looked at. */
extern void signal_add(SignalCounter *counter, const SignalKey *key, const SignalAnswer *answer);

#endif /* MAESTRO_SIGNAL_COUNT_H */
