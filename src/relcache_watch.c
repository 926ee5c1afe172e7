/*
 * relcache_watch.c
 *		Hearing of changes of tables, by one of PostgreSQL's ten places for listeners.
 */
#include "postgres.h"

#include "utils/inval.h"

#include "relcache_watch.h"

/* more than there are files that keep something */
#define LISTENERS_MAX 32

static RelcacheListener listeners[LISTENERS_MAX];
static int				nlisteners = 0;

static void
tell_all(Datum arg, Oid relid)
{
	for (int i = 0; i < nlisteners; i++)
		listeners[i](arg, relid);
}

void
relcache_watch(RelcacheListener listener)
{
	if (nlisteners == LISTENERS_MAX)
		elog(ERROR, "too many files of maestro listen to the relcache");
	if (nlisteners == 0)
		CacheRegisterRelcacheCallback(tell_all, (Datum) 0);
	listeners[nlisteners++] = listener;
}
