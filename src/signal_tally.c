/*
 * signal_tally.c
 *		Good answers of events that are alike, added up before they are counted.
 *
 * Most events of a component say the same as the one before: a dozen answers, all good,
 * each counted in total and by day.  Such events are counted as one with a number.  There
 * is room for a few kinds of them; whoever needs a place that another one has pushes it
 * out, which then is counted.
 */
#include "postgres.h"

#include "port/pg_bitutils.h"
#include "utils/timestamp.h"

#include "signal_tally.h"

struct SignalTally
{
	SignalSubject subject;
	uint64		  yes;
	int64		  n; /* 0: the place is free */
	DateADT		  day;
	TimestampTz	  newest;
};

void
signal_subject_key(const SignalSubject *subject, const SignalSlot *slot, SignalKey *key)
{
	memset(key, 0, sizeof(*key));
	key->system_id = subject->system_id;
	key->signal = slot->signal;
	key->valid_from = DT_NOEND;
	key->drill = subject->drill != 0;
	switch (slot->about)
	{
		case 't':
			key->component_id = subject->target_id;
			key->valid_from = subject->target_valid_from;
			break;
		case 'b':
			key->component_id = subject->judged_id;
			key->valid_from = subject->judged_id == subject->component_id ? subject->valid_from
																		  : subject->target_valid_from;
			if (slot->is_of_contract)
				key->contract_version = subject->contract_version;
			break;
		case 's':
			/* what comes in is written by anybody, drill or not */
			if (slot->is_of_anybody)
				key->drill = false;
			break;
		default:
			key->component_id = subject->component_id;
			if (slot->about == 'o' || slot->about == 'v')
				key->valid_from = subject->valid_from;
			if (slot->about == 'd' || slot->about == 'v')
				key->dependency_id = subject->dependency_id;
	}
}

static void
count_tally(SignalJudge *judge, SignalTally *tally)
{
	SignalAnswer answer = {.is_good = true, .ok = tally->n, .at = tally->newest, .recorded_at = tally->newest};

	for (uint64 left = tally->n == 0 ? 0 : tally->yes; left != 0; left &= left - 1)
	{
		SignalKey key;

		signal_subject_key(&tally->subject, &judge->slots[pg_rightmost_one_pos64(left)], &key);
		signal_add(&judge->counter, &key, &answer);
	}
	tally->n = 0;
}

static bool
is_same(const SignalTally *tally, const SignalSubject *subject, uint64 yes, DateADT day)
{
	return tally->n > 0 && tally->yes == yes && tally->day == day &&
		   memcmp(&tally->subject, subject, sizeof(*subject)) == 0;
}

void
signal_tally_begin(SignalJudge *judge)
{
	judge->tallies = palloc0(SIGNAL_TALLIES * sizeof(SignalTally));
}

void
signal_tally(SignalJudge *judge, const SignalSubject *subject, uint64 yes, TimestampTz at)
{
	DateADT		 day = signal_day(&judge->counter, at);
	uint64		 mix = (yes ^ (uint64) subject->component_id << 32 ^ (uint32) subject->target_id) *
					   UINT64CONST(0x9e3779b97f4a7c15);
	SignalTally *tally;

	tally = &judge->tallies[(mix >> 32) % SIGNAL_TALLIES];
	if (!is_same(tally, subject, yes, day))
	{
		count_tally(judge, tally);
		tally->subject = *subject;
		tally->yes = yes;
		tally->day = day;
		tally->newest = at;
	}
	tally->n++;
	tally->newest = Max(tally->newest, at);
}

void
signal_tally_end(SignalJudge *judge)
{
	for (int i = 0; i < SIGNAL_TALLIES; i++)
		count_tally(judge, &judge->tallies[i]);
}
