/*
 * seal_snapshot.h
 *		Which transactions a seal has seen: pg_snapshot's text, read and written.
 */
#ifndef MAESTRO_SEAL_SNAPSHOT_H
#define MAESTRO_SEAL_SNAPSHOT_H

/* Transactions from xmax on, and those in xip, are not visible; xip ascends. */
typedef struct SealSnapshot
{
	uint64 xmax;
	int	   nxip;
	uint64 *xip;
} SealSnapshot;

/* Of the active snapshot, in the current memory context; an own id counts as running. */
extern void seal_snapshot_take(SealSnapshot *snapshot);

/* From pg_snapshot's text; NULL: nothing is visible. */
extern void seal_snapshot_read(SealSnapshot *snapshot, const char *text);

/* As pg_snapshot's text. */
extern char *seal_snapshot_text(const SealSnapshot *snapshot);

extern bool seal_snapshot_sees(const SealSnapshot *snapshot, uint64 xid);

#endif /* MAESTRO_SEAL_SNAPSHOT_H */
