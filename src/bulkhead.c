/*
 * bulkhead.c
 *		A bulkhead: at most so many calls in flight; see bulkhead.h.
 */
#include "bulkhead.h"

void
bulkhead_pool_begin(BulkheadPool *pool, BulkheadPermit *permits, int32_t places)
{
	pool->serial = 1;
	pool->places = places;
	pool->free = places > 0 ? 0 : BULKHEAD_NONE;
	for (int32_t i = 0; i < places; i++)
	{
		permits[i].id = 0;
		permits[i].next = i + 1 < places ? i + 1 : BULKHEAD_NONE;
		permits[i].previous = BULKHEAD_NONE;
	}
}

int32_t
bulkhead_pool_take(BulkheadPool *pool, BulkheadPermit *permits)
{
	int32_t place = pool->free;

	if (place == BULKHEAD_NONE)
		return place;
	pool->free = permits[place].next;
	permits[place].id = pool->serial++ << BULKHEAD_PLACE_BITS | place;
	return place;
}

void
bulkhead_pool_put(BulkheadPool *pool, BulkheadPermit *permits, int32_t place)
{
	permits[place].id = 0;
	permits[place].next = pool->free;
	pool->free = place;
}

void
bulkhead_begin(Bulkhead *bulkhead)
{
	bulkhead->first = BULKHEAD_NONE;
	bulkhead->in_flight = 0;
}

static void
unlink_place(Bulkhead *bulkhead, BulkheadPermit *permits, int32_t place)
{
	BulkheadPermit *permit = &permits[place];

	if (permit->previous == BULKHEAD_NONE)
		bulkhead->first = permit->next;
	else
		permits[permit->previous].next = permit->next;
	if (permit->next != BULKHEAD_NONE)
		permits[permit->next].previous = permit->previous;
	bulkhead->in_flight--;
}

int32_t
bulkhead_expire(Bulkhead *bulkhead, BulkheadPermit *permits, int64_t now, BulkheadPutBack put_back,
				void *context)
{
	int32_t next;

	for (int32_t place = bulkhead->first; place != BULKHEAD_NONE; place = next)
	{
		next = permits[place].next;
		if (permits[place].until > now)
			continue;
		unlink_place(bulkhead, permits, place);
		put_back(context, place);
	}
	return bulkhead->in_flight;
}

void
bulkhead_grant(Bulkhead *bulkhead, BulkheadPermit *permits, int32_t place, int64_t now, int64_t ttl)
{
	permits[place].until = now > INT64_MAX - ttl ? INT64_MAX : now + ttl;
	permits[place].previous = BULKHEAD_NONE;
	permits[place].next = bulkhead->first;
	if (bulkhead->first != BULKHEAD_NONE)
		permits[bulkhead->first].previous = place;
	bulkhead->first = place;
	bulkhead->in_flight++;
}

/*
 * The place may be another bulkhead's by now, whose list is not ours to read: ids are
 * never given twice, so the walk through our own list decides.
 */
bool
bulkhead_release(Bulkhead *bulkhead, BulkheadPermit *permits, int32_t places, int64_t id, int32_t *place)
{
	*place = (int32_t) (id & BULKHEAD_PLACES_MAX);
	if (id <= 0 || *place >= places)
		return false;
	for (int32_t at = bulkhead->first; at != BULKHEAD_NONE; at = permits[at].next)
		if (at == *place)
		{
			if (permits[at].id != id)
				return false;
			unlink_place(bulkhead, permits, at);
			return true;
		}
	return false;
}

int64_t
bulkhead_next_end(const Bulkhead *bulkhead, const BulkheadPermit *permits)
{
	int64_t end = INT64_MAX;

	for (int32_t at = bulkhead->first; at != BULKHEAD_NONE; at = permits[at].next)
		if (permits[at].until < end)
			end = permits[at].until;
	return end;
}
