/*
 * user_control.c
 *		Reading a user control's relation: somebody else's code, run safely.
 *
 * A view runs functions of whoever wrote it with the rights of whoever selects
 * from it.  So evaluate_controls never selects from one as its caller, nor as
 * the owner, in whose name it works.  run_control reads it
 *
 *		as the role that added the control, within a security-restricted
 *		operation: no SET ROLE, no temporary objects, nothing of maestro's that
 *		writes; with the gate shut and the transaction read-only;
 *		in a subtransaction that is rolled back in any case, after the rows are
 *		copied: settings, locks and notifications of that code go with it;
 *		against a timer of its own.
 *
 * The timer cancels the query as a user would.  Code that catches the
 * cancellation and goes on is cancelled again, and after FIRINGS_MAX the
 * backend ends: that is the only way out of a function that will not stop.
 *
 * What fails is a row too, of the SQLSTATE alone: the text of an error may hold
 * what the control reads.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/resowner.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "maestro.h"

#include "gate.h"

/* the first cancels, two more cancel again, the next ends the backend */
#define FIRINGS_MAX 4

/* further firings are at least so far apart, to leave time to clean up */
#define FIRING_GAP_MS 250

/* columns of run_control: why it failed, or a row of the relation */
#define RESULT_COLUMNS 8

/* One run. */
typedef struct Run
{
	Oid			  role;
	Oid			  relid;
	int			  timeout_ms;
	int			  maxrows;
	MemoryContext context; /* of the caller: what outlives the subtransaction */
	HeapTuple	 *rows;
	uint64		  nrows;
	char		 *failure; /* NULL: the rows are its result */
} Run;

/* our timer; registered once in a backend's life */
static TimeoutId timer = MAX_TIMEOUTS;

/* is somebody's code running?  A late firing does nothing. */
static volatile sig_atomic_t timer_armed = false;

/* how often the timer fired in this run */
static volatile sig_atomic_t firings = 0;

/*
 * In a signal handler: cancel, or end the backend.
 */
static void
timer_fires(void)
{
	if (!timer_armed)
		return;
	firings++;
	if (firings >= FIRINGS_MAX)
		ProcDiePending = true;
	else
		QueryCancelPending = true;
	InterruptPending = true;
	SetLatch(MyLatch);
}

static void
timer_start(int timeout_ms)
{
	if (timer == MAX_TIMEOUTS)
		timer = RegisterTimeout(USER_TIMEOUT, timer_fires);
	firings = 0;
	timer_armed = true;
	enable_timeout_every(timer,
						 TimestampTzPlusMilliseconds(GetCurrentTimestamp(), timeout_ms),
						 Max(timeout_ms, FIRING_GAP_MS));
}

/*
 * No firing has an effect after this, nor has one before it that nobody saw.
 */
static void
timer_stop(void)
{
	timer_armed = false;
	disable_timeout(timer, false);
	if (firings > 0)
		QueryCancelPending = false;
}

/*
 * A column of the relation as an expression, NULL when there is none.
 */
static void
append_column(StringInfo query, Oid relid, const char *name, const char *type, int maxlen)
{
	if (query->data[query->len - 1] != ' ')
		appendStringInfoString(query, ", ");
	if (get_attnum(relid, name) <= 0)
		appendStringInfo(query, "NULL::pg_catalog.%s", type);
	else if (maxlen > 0)
		appendStringInfo(query, "pg_catalog.\"left\"(c.%s::pg_catalog.%s, %d)",
						 quote_identifier(name), type, maxlen);
	else
		appendStringInfo(query, "c.%s::pg_catalog.%s", quote_identifier(name), type);
}

/*
 * What is read: of texts no more than is looked at.
 */
static char *
build_query(Run *run)
{
	StringInfoData query;
	char		  *name = get_rel_name(run->relid);
	char		  *schema = get_namespace_name(get_rel_namespace(run->relid));

	if (name == NULL || schema == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("the relation of the control does not exist")));
	initStringInfo(&query);
	appendStringInfoString(&query, "SELECT NULL::pg_catalog.text");
	append_column(&query, run->relid, "status", "text", 64);
	append_column(&query, run->relid, "reason", "text", 4096);
	append_column(&query, run->relid, "system", "text", 1024);
	append_column(&query, run->relid, "component", "text", 1024);
	append_column(&query, run->relid, "evidence_count", "int8", 0);
	append_column(&query, run->relid, "newest_evidence", "timestamptz", 0);
	append_column(&query, run->relid, "remedy", "text", 4096);
	appendStringInfo(&query, " FROM %s AS c LIMIT %d",
					 quote_qualified_identifier(schema, name), run->maxrows + 1);
	return query.data;
}

/*
 * Somebody else's code runs in here.
 */
static void
read_rows(Run *run)
{
	MemoryContext saved;

	XactReadOnly = true;
	SetUserIdAndSecContext(run->role, SECURITY_LOCAL_USERID_CHANGE |
										  SECURITY_RESTRICTED_OPERATION);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute(build_query(run), false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the relation of a control");
	saved = MemoryContextSwitchTo(run->context);
	run->nrows = SPI_processed;
	run->rows = palloc(Max(run->nrows, 1) * sizeof(HeapTuple));
	for (uint64 i = 0; i < run->nrows; i++)
		run->rows[i] = heap_copytuple(SPI_tuptable->vals[i]);
	MemoryContextSwitchTo(saved);
	SPI_finish();
}

/*
 * Was the statement cancelled?  By a cancellation, that is: code that raises
 * the same SQLSTATE would otherwise keep all controls from being evaluated.
 */
static bool
is_cancellation(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_QUERY_CANCELED && error->funcname != NULL &&
		   strcmp(error->funcname, "ProcessInterrupts") == 0;
}

/*
 * Read the rows in a subtransaction that is rolled back.
 */
static void
run_in_subtransaction(Run *run)
{
	ResourceOwner owner = CurrentResourceOwner;

	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		timer_start(run->timeout_ms);
		read_rows(run);
		timer_stop();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData *error;

		timer_stop();
		MemoryContextSwitchTo(run->context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(run->context);
		CurrentResourceOwner = owner;
		if (is_cancellation(error) && firings == 0)
			ReThrowError(error);
		run->failure = psprintf("failed with SQLSTATE %s",
								unpack_sql_state(error->sqlerrcode));
	}
	PG_END_TRY();
	MemoryContextSwitchTo(run->context);
	CurrentResourceOwner = owner;
}

/*
 * Run, and say why the rows are not a result.
 *
 * The statement's own timeout may have struck while that code ran, and been
 * caught there or counted as ours; it is not to be lost.
 */
static void
run_control(Run *run)
{
	bool had_timeout = get_timeout_active(STATEMENT_TIMEOUT);
	int	 gate = gate_shut();

	PG_TRY();
	{
		run_in_subtransaction(run);
	}
	PG_FINALLY();
	{
		gate_reopen(gate);
	}
	PG_END_TRY();
	if (had_timeout && !get_timeout_active(STATEMENT_TIMEOUT))
		ereport(ERROR, (errcode(ERRCODE_QUERY_CANCELED),
						errmsg("canceling statement due to statement timeout")));
	if (firings > 0)
		run->failure = run->timeout_ms % 1000 == 0
						   ? psprintf("did not finish within %d s", run->timeout_ms / 1000)
						   : psprintf("did not finish within %d ms", run->timeout_ms);
	else if (run->failure == NULL && run->nrows > (uint64) run->maxrows)
		run->failure = psprintf("returned more than %d rows", run->maxrows);
}

static void
return_rows(Run *run, ReturnSetInfo *rsinfo)
{
	Datum values[RESULT_COLUMNS] = {0};
	bool  nulls[RESULT_COLUMNS];

	if (run->failure == NULL)
	{
		for (uint64 i = 0; i < run->nrows; i++)
			tuplestore_puttuple(rsinfo->setResult, run->rows[i]);
		return;
	}
	memset(nulls, true, sizeof(nulls));
	values[0] = CStringGetTextDatum(run->failure);
	nulls[0] = false;
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static int
interval_ms(const Interval *interval)
{
	if (interval->month != 0 || interval->day != 0 || interval->time < 1000 ||
		interval->time > USECS_PER_MINUTE)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("timeout of a control must be from 10 ms to 60 s")));
	return (int) (interval->time / 1000);
}

/*
 * run_control(role, relation, timeout, maxrows); for evaluate_controls, while
 * the gate is open.
 */
MAESTRO_FUNCTION(run_control)
{
	Run run = {0};

	if (!gate_is_open())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("user controls are run by maestro.evaluate_controls")));
	run.role = PG_GETARG_OID(0);
	run.relid = PG_GETARG_OID(1);
	run.timeout_ms = interval_ms(PG_GETARG_INTERVAL_P(2));
	run.maxrows = PG_GETARG_INT32(3);
	run.context = CurrentMemoryContext;
	InitMaterializedSRF(fcinfo, 0);
	if (superuser_arg(run.role))
		run.failure = "is not run as a superuser, which its role has become";
	else
		run_control(&run);
	return_rows(&run, (ReturnSetInfo *) fcinfo->resultinfo);
	return (Datum) 0;
}
