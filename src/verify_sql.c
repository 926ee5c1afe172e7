/*
 * verify_sql.c
 *		verify(), for SQL.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "maestro.h"

#include "event.h"
#include "log.h"
#include "owner.h"
#include "verify.h"

/* verify([from_event, to_event]) -> (severity, kind, event_id, detail) */
MAESTRO_FUNCTION(verify)
{
	ReturnSetInfo  *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Verify			verify = {0};
	const LogState *log;
	OwnerCall		call;

	InitMaterializedSRF(fcinfo, 0);
	verify.store = rsinfo->setResult;
	verify.desc = rsinfo->setDesc;
	verify.from = PG_ARGISNULL(0) ? PG_INT64_MIN : PG_GETARG_INT64(0);
	verify.to = PG_ARGISNULL(1) ? PG_INT64_MAX : PG_GETARG_INT64(1);
	verify.severity[VERIFY_LOW] = event_label("severity", "LOW");
	verify.severity[VERIFY_HIGH] = event_label("severity", "HIGH");
	verify.severity[VERIFY_CRITICAL] = event_label("severity", "CRITICAL");
	log = log_state(false);
	owner_call_begin(&call);
	/* no partition is dropped between the snapshot and the look at it */
	(void) find_inheritance_children(get_relname_relid("event", get_namespace_oid("maestro", false)),
									 AccessShareLock);
	PushActiveSnapshot(GetTransactionSnapshot());
	if (log != NULL)
		verify_all(&verify, log);
	else
		verify_lost_log(&verify);
	PopActiveSnapshot();
	owner_call_end(&call);
	return (Datum) 0;
}
