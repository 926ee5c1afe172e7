/*
 * bulkhead.h
 *		A bulkhead: at most so many calls in flight.
 *
 * Each call in flight holds a permit, which lies at a place of a pool that many
 * bulkheads share; the permits of one are a list.  A permit is a lease: after its time
 * is over others may have its place.  The caller sees to it that one at a time changes
 * a bulkhead, and one at a time the pool.
 *
 * An id is serial << 20 | place, above zero.  Serials count up, so that the id of a
 * permit that was given back is not that of a later one.
 */
#ifndef MAESTRO_BULKHEAD_H
#define MAESTRO_BULKHEAD_H

#include "port.h"

#define BULKHEAD_PLACE_BITS 20
#define BULKHEAD_PLACES_MAX ((1 << BULKHEAD_PLACE_BITS) - 1)
#define BULKHEAD_NONE		(-1)

typedef struct BulkheadPermit
{
	int64_t id;		 /* 0: free */
	int64_t until;	 /* when the lease ends, in microseconds */
	int32_t next;	 /* of the bulkhead, or of what is free; BULKHEAD_NONE: last */
	int32_t previous; /* of the bulkhead; BULKHEAD_NONE: first */
} BulkheadPermit;

typedef struct BulkheadPool
{
	int64_t serial;
	int32_t places;
	int32_t free; /* first of the free ones */
} BulkheadPool;

typedef struct Bulkhead
{
	int32_t first;
	int32_t in_flight;
} Bulkhead;

extern void bulkhead_pool_begin(BulkheadPool *pool, BulkheadPermit *permits, int32_t places);

/* A free place, or BULKHEAD_NONE; and back. */
extern int32_t bulkhead_pool_take(BulkheadPool *pool, BulkheadPermit *permits);
extern void bulkhead_pool_put(BulkheadPool *pool, BulkheadPermit *permits, int32_t place);

extern void bulkhead_begin(Bulkhead *bulkhead);

/* Gives the places of leases that are over to put_back; says how many are in flight. */
typedef void (*BulkheadPutBack) (void *context, int32_t place);
extern int32_t bulkhead_expire(Bulkhead *bulkhead, BulkheadPermit *permits, int64_t now,
							   BulkheadPutBack put_back, void *context);

/*
 * Hands the permit at a place, which was taken from the pool, to a call.  A lease
 * that would end after the end of time never ends.
 */
extern void bulkhead_grant(Bulkhead *bulkhead, BulkheadPermit *permits, int32_t place, int64_t now,
						   int64_t ttl);

/* Is the permit in flight here?  Then it is out of the list, and its place goes back. */
extern bool bulkhead_release(Bulkhead *bulkhead, BulkheadPermit *permits, int32_t places, int64_t id,
							 int32_t *place);

/* When the first lease ends; INT64_MAX: nothing is in flight. */
extern int64_t bulkhead_next_end(const Bulkhead *bulkhead, const BulkheadPermit *permits);

#endif /* MAESTRO_BULKHEAD_H */
