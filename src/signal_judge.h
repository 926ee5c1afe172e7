/*
 * signal_judge.h
 *		Reading what the views say of events, and counting it.
 */
#ifndef MAESTRO_SIGNAL_JUDGE_H
#define MAESTRO_SIGNAL_JUDGE_H

#include "signal_count.h"

/* answers that there may be: bits of a fault mask */
#define SIGNAL_SLOTS_MAX 63

typedef struct SignalSlot
{
	char  about;	 /* as signal_slot says */
	bool  is_review; /* whether there was a review is the question itself */
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

typedef struct SignalJudge
{
	bool		  is_sealing; /* count for good, what is decided */
	int			  nslots;
	SignalSlot	  slots[SIGNAL_SLOTS_MAX];
	SignalCounter counter;
	HTAB		 *faults;  /* SignalFault, while sealing */
	HTAB		 *pending; /* ids of events that are not counted yet */
	HTAB		 *held;	   /* how many pending ones each component has */
} SignalJudge;

/* In the current memory context, connected to SPI, as the owner. */
extern SignalJudge *signal_judge(bool is_sealing);

#endif /* MAESTRO_SIGNAL_JUDGE_H */
