/*
 * signal_vote.h
 *		Counting what single events say; of signal_judge.c.
 */
#ifndef MAESTRO_SIGNAL_VOTE_H
#define MAESTRO_SIGNAL_VOTE_H

#include "signal_judge.h"

/* Counts what single events say that were not counted yet. */
extern void signal_count_votes(SignalJudge *judge);

/* Keeps an event from being counted, for good or until a later one says more. */
extern void signal_hold(SignalJudge *judge, int32 component_id, int64 event_id);
extern bool signal_is_pending(const SignalJudge *judge, int64 event_id);

/* Notes that an event was bad in that. */
extern void signal_fault(SignalJudge *judge, int slot, const SignalAnswer *answer);

#endif /* MAESTRO_SIGNAL_VOTE_H */
