/*
 * unsealed.h
 *		The newest checkpoint, and the events that it has not seen.
 */
#ifndef MAESTRO_UNSEALED_H
#define MAESTRO_UNSEALED_H

#include "event_scan.h"
#include "seal_snapshot.h"

/* The newest checkpoint; size 0: none. */
typedef struct Checkpoint
{
	int64		 size;
	int			 incarnation;
	SealSnapshot snapshot;
	bytea		*frontier;
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

/*
 * Between the two, unsealed_events() gives what a seal takes, which has seen that; NULL
 * ends it.
 */
extern void unsealed_sealing(const SealSnapshot *now);
extern const SealSnapshot *unsealed_is_sealing(void);

#endif /* MAESTRO_UNSEALED_H */
