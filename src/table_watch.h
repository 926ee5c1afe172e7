/*
 * table_watch.h
 *		When what a backend keeps of the registry's tables has to be read again.
 *
 * Such rows are read with the latest snapshot, never the transaction's: what an old one
 * sees would outlive it.  A parallel query may take no new snapshot; what it reads passes
 * with it.  A use of one:
 *
 *		if (table_watch_is_stale(&watch))
 *		{
 *			... throw away all that is kept ...
 *			table_watch_settle(&watch);
 *		}
 *		before = watch.generation;
 *		table_watch_snapshot(&watch);
 *		... read a row ...
 *		PopActiveSnapshot();
 *		if (table_watch_holds(&watch, before))
 *			... keep it ...
 */
#ifndef MAESTRO_TABLE_WATCH_H
#define MAESTRO_TABLE_WATCH_H

#include "datatype/timestamp.h"

#define TABLE_WATCH_MAX 8

typedef struct TableWatch
{
	const char *names[TABLE_WATCH_MAX]; /* in schema maestro, up to a NULL */
	bool		is_settled; /* nothing has changed since then */
	bool		passes;		/* holds what a parallel query read with its own snapshot */
	TimestampTz passes_with; /* the start of that query's statement */
	bool		listens;
	uint64		generation; /* grows with each change */
	Oid			relids[TABLE_WATCH_MAX];
	struct TableWatch *next;
} TableWatch;

extern bool table_watch_is_stale(TableWatch *watch);
extern void table_watch_settle(TableWatch *watch);

/* As if a table had changed. */
extern void table_watch_forget(TableWatch *watch);

/* Makes the snapshot to read with the active one. */
extern void table_watch_snapshot(TableWatch *watch);

/* Has nothing changed since the generation was that? */
static inline bool
table_watch_holds(const TableWatch *watch, uint64 generation)
{
	return watch->is_settled && watch->generation == generation;
}

#endif /* MAESTRO_TABLE_WATCH_H */
