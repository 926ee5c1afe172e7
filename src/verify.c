/*
 * verify.c
 *		Is the log what was sealed?  All parts of the check.
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "entry.h"
#include "log.h"
#include "proof.h"
#include "verify.h"

void
verify_report(Verify *verify, VerifySeverity severity, const char *kind, int64 event_id,
			  const char *format, ...)
{
	Datum	values[4];
	bool	nulls[4] = {false, false, event_id == 0, false};
	char	detail[512];
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	detail[pg_mbcliplen(detail, (int) strlen(detail), sizeof(detail) - 8)] = '\0';
	values[0] = ObjectIdGetDatum(verify->severity[severity]);
	values[1] = CStringGetTextDatum(kind);
	values[2] = Int64GetDatum(event_id);
	values[3] = CStringGetTextDatum(detail);
	tuplestore_putvalues(verify->store, verify->desc, values, nulls);
}

/*
 * Rows of a query as findings: severity (a word), kind, event id, detail.  What it
 * looks at is under the same snapshot.
 */
static void
report_query(Verify *verify, const char *query)
{
	Oid	  types[2] = {INT8OID, INT8OID};
	Datum args[2] = {Int64GetDatum(verify->from), Int64GetDatum(verify->to)};

	if (SPI_execute_with_args(query, 2, types, args, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "a part of verify() failed");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	   row = SPI_tuptable->vals[i];
		TupleDesc	   desc = SPI_tuptable->tupdesc;
		char		  *word = SPI_getvalue(row, desc, 1);
		VerifySeverity severity = strcmp(word, "CRITICAL") == 0 ? VERIFY_CRITICAL
								  : strcmp(word, "HIGH") == 0	? VERIFY_HIGH
																: VERIFY_LOW;
		bool		   isnull;
		int64		   event_id = DatumGetInt64(SPI_getbinval(row, desc, 3, &isnull));

		verify_report(verify, severity, SPI_getvalue(row, desc, 2), isnull ? 0 : event_id, "%s",
					  SPI_getvalue(row, desc, 4));
	}
}

/* Is that the log's own row that is missing? */
void
verify_lost_log(Verify *verify)
{
	report_query(verify, "SELECT 'CRITICAL', 'missing', NULL::bigint, 'the row of maestro.log, or all of"
						 " maestro.incarnation: nothing can be checked without'"
						 " WHERE $1 <= $2 AND (EXISTS (SELECT FROM maestro.event)"
						 " OR EXISTS (SELECT FROM maestro.tile_tail) OR EXISTS (SELECT FROM maestro.tile))");
}

void
verify_all(Verify *verify, const LogState *log)
{
	ProofHead head;

	proof_head(&head);
	memcpy(verify->log, log->uuid, CANON_UUID_LEN);
	verify->incarnation = log->incarnation;
	verify->next_stamp = log->is_same
							 ? stamp_of(log->incarnation, U64FromFullTransactionId(ReadNextFullTransactionId()))
							 : PG_INT64_MAX;
	verify->size = head.size;
	verify->snapshot = GetActiveSnapshot();
	if (!log->is_same)
		verify_report(verify, VERIFY_LOW, "incarnation", 0,
					  "the database was restored, copied or reset since the last seal; "
					  "maestro.adopt_log(reason) continues the log here, maestro.log_fork(reason) "
					  "makes this copy another one");
	verify_tree(verify);
	verify_rows(verify);
	report_query(verify, log->is_here ? "SELECT severity, kind, NULL::bigint, detail"
										" FROM maestro.verify_checkpoints(true) WHERE $1 <= $2"
									  : "SELECT severity, kind, NULL::bigint, detail"
										" FROM maestro.verify_checkpoints(false) WHERE $1 <= $2");
	report_query(verify, "SELECT CASE WHEN severity::text = 'LOW' THEN 'LOW' ELSE 'HIGH' END, 'integrity',"
						 " NULL::bigint, object || ' ' || detail"
						 " FROM maestro.integrity_check() WHERE $1 <= $2");
}
