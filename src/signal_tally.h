/*
 * signal_tally.h
 *		Good answers of events that are alike, added up before they are counted.
 */
#ifndef MAESTRO_SIGNAL_TALLY_H
#define MAESTRO_SIGNAL_TALLY_H

#include "signal_judge.h"

/* Whom the answers of an event are about, and since when what they are judged by has held. */
typedef struct SignalSubject
{
	TimestampTz valid_from; /* infinity: of no version, and so is the next one */
	TimestampTz target_valid_from;
	int32		system_id;
	int32		component_id;
	int32		target_id;
	int32		dependency_id;
	int32		judged_id;		  /* whose contract it is */
	int32		contract_version; /* 0: of none */
	int32		drill;			  /* no bool, so that there is no padding: the bytes are compared */
	int32		unused;
} SignalSubject;

/* What the answer at a slot is counted for. */
extern void signal_subject_key(const SignalSubject *subject, const SignalSlot *slot, SignalKey *key);

/* Makes room, in the current memory context. */
extern void signal_tally_begin(SignalJudge *judge);

/* Adds a yes at each of these slots, a bit each, none of them an amount. */
extern void signal_tally(SignalJudge *judge, const SignalSubject *subject, uint64 yes, TimestampTz at);

/* Counts all that was added. */
extern void signal_tally_end(SignalJudge *judge);

#endif /* MAESTRO_SIGNAL_TALLY_H */
