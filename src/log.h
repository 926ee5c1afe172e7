/*
 * log.h
 *		Which log this is, and which life of its database: the tables log and
 *		incarnation.
 */
#ifndef MAESTRO_LOG_H
#define MAESTRO_LOG_H

#include "canon.h"

typedef struct LogState
{
	uint8 uuid[CANON_UUID_LEN];
	int	  incarnation;		 /* the newest in the table */
	bool  is_here;			 /* of this server and database */
	bool  is_same;			 /* and of its transactions: the database's life now */
	int	  stamp_incarnation; /* what new events are stamped with */
} LogState;

/*
 * What is known of the log, kept until it changes.  One that does not exist is
 * made if "create" says so; otherwise NULL.
 */
extern const LogState *log_state(bool create);

/* Have it read again: after waiting for the log's lock, since others may have changed it. */
extern void log_forget(void);

/*
 * Begin the next incarnation, of a log of that size and root.  The caller holds
 * the log's row lock and acts as the owner with the gate open.
 */
extern void log_begin_incarnation(const char *reason, int64 size, const uint8 *root,
								  bool adopted);

/* Waits for the lock that makes sealers queue; false: there is no log yet. */
extern bool log_lock(void);

#endif /* MAESTRO_LOG_H */
