/*
 * verify.h
 *		Is the log what was sealed?  What each part of the check finds.
 *
 * All run as the owner, connected to SPI, under one snapshot.
 */
#ifndef MAESTRO_VERIFY_H
#define MAESTRO_VERIFY_H

#include "utils/snapshot.h"
#include "utils/tuplestore.h"

#include "canon.h"
#include "log.h"

typedef enum VerifySeverity
{
	VERIFY_LOW,	 /* to be expected after what was done; says what to do */
	VERIFY_HIGH, /* damage, or a guard that is down */
	VERIFY_CRITICAL /* somebody changed the evidence */
} VerifySeverity;

/* A check under way. */
typedef struct Verify
{
	uint8 log[CANON_UUID_LEN];
	int	  incarnation; /* the newest */
	int64 next_stamp;  /* of the database's next transaction, if that is the newest */
	int64 size;		   /* by the newest checkpoint */
	int64 from;		   /* event ids that are looked at */
	int64 to;
	Snapshot snapshot;
	Tuplestorestate *store;
	TupleDesc desc;
	Oid	  severity[VERIFY_CRITICAL + 1];
} Verify;

/* One finding; event_id 0: about no single event. */
extern void verify_report(Verify *verify, VerifySeverity severity, const char *kind,
						  int64 event_id, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* All of it, and what there is to say when the log's own row is missing. */
extern void verify_all(Verify *verify, const LogState *log);
extern void verify_lost_log(Verify *verify);

/* Tiles, checkpoints, incarnations, cosignatures among themselves. */
extern void verify_tree(Verify *verify);

/* Events against tiles. */
extern void verify_rows(Verify *verify);

#endif /* MAESTRO_VERIFY_H */
