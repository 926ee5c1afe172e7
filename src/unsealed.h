/*
 * unsealed.h
 *		The newest checkpoint, and the events that it has not seen.
 */
#ifndef MAESTRO_UNSEALED_H
#define MAESTRO_UNSEALED_H

#include "event_scan.h"
#include "seal_snapshot.h"
#include "signal_sum.h"
#include "unsealed_kind.h"

/* The newest checkpoint; size 0: none. */
typedef struct Checkpoint
{
	int64		 size;
	int			 incarnation;
	SealSnapshot snapshot;
	bytea		*frontier;
	SignalSum	 signals;
} Checkpoint;

/* Connected to SPI, as the owner. */
extern void unsealed_checkpoint(Checkpoint *last);

typedef struct Unsealed Unsealed;

/*
 * Events by stamp of the incarnations up to "incarnation"; of that one only such as
 * "now" sees, if it is given.  The snapshot must stay active.
 */
extern Unsealed *unsealed_begin(const Checkpoint *last, int incarnation, const SealSnapshot *now,
								Snapshot snapshot);

/* The next one, valid until the next call; false: there is none. */
extern bool unsealed_next(Unsealed *unsealed, Event *event);

extern void unsealed_end(Unsealed *unsealed);

/* What unsealed_events() gives while signals are counted for good. */
typedef enum UnsealedMode
{
	UNSEALED_READ,	 /* nothing is counted: whatever is not sealed */
	UNSEALED_SEALED, /* what a seal takes now */
	UNSEALED_AGAIN,	 /* all that is sealed */
	UNSEALED_NOTHING /* nothing */
} UnsealedMode;

/*
 * Set until it is set back; "now" is what the seal has seen, and "kinds" of which kinds
 * that is, if that is known.
 */
extern void unsealed_set_mode(UnsealedMode mode, const SealSnapshot *now, UnsealedKinds *kinds);
extern UnsealedMode unsealed_mode(void);

/* What is done with each event; context as the caller has it. */
typedef void (*EventVisitor)(const Event *event, void *context);

/* Visits all that the mode says, each in a memory context that is reset behind it. */
extern void unsealed_visit(EventVisitor visit, void *context);

/* Which kinds are among those. */
extern const UnsealedKinds *unsealed_kinds(void);

#endif /* MAESTRO_UNSEALED_H */
