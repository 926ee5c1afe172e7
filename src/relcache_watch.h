/*
 * relcache_watch.h
 *		Hearing of changes of tables.
 *
 * PostgreSQL 15 has ten places for such listeners, for itself and all libraries of a
 * backend, and ends the backend that wants an eleventh.  This library takes one.
 */
#ifndef MAESTRO_RELCACHE_WATCH_H
#define MAESTRO_RELCACHE_WATCH_H

/*
 * Have a function called with (Datum) 0 and the OID of each table of which a relcache
 * invalidation comes, InvalidOid for all; once for each function.  As PostgreSQL's own
 * listeners it may be called in the middle of anything, and must not look at tables.
 */
typedef void (*RelcacheListener)(Datum arg, Oid relid);
extern void relcache_watch(RelcacheListener listener);

#endif /* MAESTRO_RELCACHE_WATCH_H */
