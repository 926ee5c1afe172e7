/*
 * table_watch.c
 *		When what a backend keeps of the registry's tables has to be read again.
 *
 * An ALWAYS trigger on the tables sends a relcache invalidation, which is noticed at the
 * next look-up: in the listener nothing may be freed.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "relcache_watch.h"
#include "table_watch.h"

static TableWatch *watches = NULL;

void
table_watch_forget(TableWatch *watch)
{
	watch->is_settled = false;
	watch->generation++;
}

static void
table_changed(Datum arg, Oid relid)
{
	(void) arg;
	for (TableWatch *watch = watches; watch != NULL; watch = watch->next)
		for (int i = 0; watch->names[i] != NULL; i++)
			if (relid == InvalidOid || relid == watch->relids[i])
			{
				table_watch_forget(watch);
				break;
			}
}

bool
table_watch_is_stale(TableWatch *watch)
{
	if (watches == NULL)
		relcache_watch(table_changed);
	if (!watch->listens)
	{
		watch->next = watches;
		watches = watch;
		watch->listens = true;
	}
	AcceptInvalidationMessages();
	return !watch->is_settled ||
		   (watch->passes && !(IsInParallelMode() &&
							   watch->passes_with == GetCurrentStatementStartTimestamp()));
}

void
table_watch_settle(TableWatch *watch)
{
	Oid nsp = get_namespace_oid("maestro", false);

	for (int i = 0; watch->names[i] != NULL; i++)
		watch->relids[i] = get_relname_relid(watch->names[i], nsp);
	watch->is_settled = true;
	watch->passes = false;
}

void
table_watch_snapshot(TableWatch *watch)
{
	if (IsInParallelMode())
	{
		watch->passes = true;
		watch->passes_with = GetCurrentStatementStartTimestamp();
	}
	PushActiveSnapshot(IsInParallelMode() ? GetActiveSnapshot() : GetLatestSnapshot());
}
