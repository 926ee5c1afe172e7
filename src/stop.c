/*
 * stop.c
 *		What stop_component asks that SQL cannot tell.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"

#include "maestro.h"

/* stop_alone(): raises within a transaction block */
MAESTRO_FUNCTION(stop_alone)
{
	(void) fcinfo;
	if (IsTransactionBlock())
		ereport(ERROR, (errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
						errmsg("maestro.stop_component cannot run inside a transaction block"),
						errdetail("Nothing was done: it commits step by step, so that what was stopped stays stopped."),
						errhint("CALL it as a statement of its own.")));
	PG_RETURN_VOID();
}
