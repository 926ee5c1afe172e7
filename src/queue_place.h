/*
 * queue_place.h
 *		The queue's memory, for the two files that touch it: queue.c and queue_put.c.
 */
#ifndef MAESTRO_QUEUE_PLACE_H
#define MAESTRO_QUEUE_PLACE_H

#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/proc.h"

#include "queue.h"
#include "shmem.h"

#define NOBODY (-1)

typedef enum PlaceState
{
	PLACE_FREE,
	PLACE_WAITING,
	PLACE_TAKEN,
	PLACE_DONE
} PlaceState;

typedef struct Place
{
	PlaceState state;
	Oid		   database;
	Oid		   role; /* who logged in: a pool's roles are one */
	Oid		   table; /* maestro.event, as the backend knows it */
	int		   waiter; /* its PGPROC, or NOBODY */
	uint64	   serial; /* the order in which they came */
	int		   tries;
	bool	   is_action;
	pg_uuid_t  action;
	Oid		   action_kind;
	int		   sqlstate;
	char	   words[QUEUE_WORDS_MAX];
	uint32	   len;
	char	   bytes[QUEUE_EVENT_MAX];
} Place;

typedef struct Recorder
{
	Oid database; /* InvalidOid: nobody is here */
	int proc;
	int pid;
} Recorder;

typedef struct Queue
{
	uint64	 serial;
	uint64	 stored;
	uint64	 refused;
	uint64	 failed;
	uint64	 dropped;
	Recorder recorders[SHMEM_SEALERS];
	int		 nplaces;
	Place	 places[FLEXIBLE_ARRAY_MEMBER];
} Queue;

/* NULL: the library was not preloaded */
extern Queue *queue_shared;

/* guards all of it; see queue.h */
extern LWLock *queue_lock;

/* Who records for a database, or NULL; under the lock. */
extern Recorder *queue_recorder(Oid database);

/* Sets a process's latch; NOBODY's: none. */
static inline void
queue_wake(int proc)
{
	if (proc != NOBODY)
		SetLatch(&GetPGProcByNumber(proc)->procLatch);
}

#endif /* MAESTRO_QUEUE_PLACE_H */
