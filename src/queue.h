/*
 * queue.h
 *		What must stay though its transaction may not: events that another process of
 *		the database stores, handed over in shared memory.
 *
 * The queue has a fixed number of places for all databases, each for one event of at most
 * QUEUE_EVENT_MAX bytes; half of them at most for events of one role that logged in.  A
 * place goes through these states:
 *
 *		free -> waiting		a backend put an event in
 *		waiting -> taken	the recorder of that database is storing it
 *		waiting -> free		who waited has given up: it is not stored, and never will be
 *		taken -> done		stored or refused, and somebody waits to hear it
 *		taken -> free		the same, but nobody waits (any more)
 *		taken -> waiting	the recorder ended before it had committed
 *		done -> free		who waited has heard it
 *
 * One lock guards the states, who waits, who records, and the counts.  What a place holds
 * is written by who fills it and read by who took it, and no third.  A backend that ends
 * while it waits gives its place up on the way, so none is lost; what kills the server's
 * memory with it empties the queue.
 */
#ifndef MAESTRO_QUEUE_H
#define MAESTRO_QUEUE_H

#include "utils/uuid.h"

#include "event.h"

/* bytes of an event in the queue, as a tuple */
#define QUEUE_EVENT_MAX 8192

/* of what is said about one that was refused */
#define QUEUE_WORDS_MAX 160

/* What is to be stored. */
typedef struct QueueRequest
{
	Event	   *event;
	bool		is_action; /* an attempt, which has a row of open_action too */
	pg_uuid_t	action;
	Oid			action_kind;
} QueueRequest;

/* What the recorder took: a copy. */
typedef struct QueueTaken
{
	int		  place;
	bool	  is_action;
	pg_uuid_t action;
	Oid		  action_kind;
	Oid		  table;
	struct HeapTupleData *tuple;
	/* what became of it, for queue_done; sqlstate 0: it is stored */
	int		  sqlstate;
	char	  words[QUEUE_WORDS_MAX];
} QueueTaken;

/* For showing. */
typedef struct QueueLook
{
	int	   capacity;
	int	   waiting;
	uint64 stored; /* since the server started, as the following */
	uint64 refused; /* no place was free */
	uint64 failed;	/* taken, and not stored */
	uint64 dropped; /* offered, with no place or recorder for it */
	int	   recorder_pid; /* of this database; 0: none */
} QueueLook;

struct LWLock;

/* Its part of shared memory, for shmem.c. */
extern Size queue_size(void);
extern void queue_attach(void *memory, bool found, struct LWLock *lock);

/* Is somebody there who stores what is put in, for this database? */
extern bool queue_is_served(void);

/* The same, or an error that says what is missing; what names what was not done. */
extern void queue_require(const char *what);

/*
 * Have it stored and committed by the recorder, whatever becomes of this transaction.
 * Raises if it is not, and says whether it still may be.
 */
extern void queue_store(const QueueRequest *request);

/* The same without waiting for it; false: there is no room or recorder, which is counted. */
extern bool queue_offer(const QueueRequest *request);

/* ---- for the recorder ---- */

/* This process records for its database from now on; false: another does. */
extern bool queue_serve(void);

/* Takes up to max that wait, the oldest first. */
extern int queue_take(QueueTaken *taken, int max);

/* They are committed, or refused: says so to who waits. */
extern void queue_done(const QueueTaken *taken, int n);

extern void queue_look(QueueLook *look);

#endif /* MAESTRO_QUEUE_H */
