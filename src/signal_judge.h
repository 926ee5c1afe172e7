/*
 * signal_judge.h
 *		Judging the events that are not counted yet, and counting what they say.
 */
#ifndef MAESTRO_SIGNAL_JUDGE_H
#define MAESTRO_SIGNAL_JUDGE_H

#include "signal_count.h"

struct Event;
struct JudgeFacts;

/* answers that there may be: bits of a fault mask */
#define SIGNAL_SLOTS_MAX 63

typedef struct SignalSlot
{
	char  about;	 /* as signal_slot says */
	bool  is_review; /* whether there was a review is the question itself */
	bool  is_amount; /* its yes is an amount, and so is what it is held against */
	bool  is_of_contract; /* it is the verdict of a version of a contract */
	bool  is_of_anybody; /* whoever writes is asked, in a drill or not */
	int16 signal;	 /* the first slot of the same name: what stands for it in keys */
	char *name;
} SignalSlot;

/* an event that was bad in something */
typedef struct SignalFault
{
	int64		event_id;
	TimestampTz recorded_at;
	uint64		faults;
} SignalFault;

/* kinds of events that are added up before they are counted, at a time */
#define SIGNAL_TALLIES 128
typedef struct SignalTally SignalTally;

typedef struct SignalJudge
{
	bool		  is_sealing; /* count for good, what is decided */
	int			  nslots;
	SignalSlot	  slots[SIGNAL_SLOTS_MAX];
	uint64		  amounts; /* slots that are amounts, a bit each */
	SignalCounter counter;
	HTAB		 *faults;  /* SignalFault, while sealing */
	HTAB		 *pending; /* ids of events that are not counted yet */
	HTAB		 *held;	   /* how many pending ones each component has */
	struct JudgeFacts *facts;
	SignalTally	 *tallies; /* SIGNAL_TALLIES places */
	bool		  has_seen;	 /* new events were counted as they were sealed, but those that may wait */
	bool		  may_wait; /* there was any such */
} SignalJudge;

/*
 * Judging takes three steps: what is needed is read; the sealer, which has each event in
 * its hands, has those counted that no other event can say more of; then the others are,
 * and what takes more than one event.  All in the current memory context, connected to
 * SPI, as the owner, within a path_begin.
 */
extern SignalJudge *signal_judge_begin(bool is_sealing);
extern void signal_judge_event(SignalJudge *judge, const struct Event *event);
extern void signal_judge_end(SignalJudge *judge);

/* What the sealer has begun, for who ends it; NULL: nothing. */
extern SignalJudge *signal_judge_begun;

#endif /* MAESTRO_SIGNAL_JUDGE_H */
