/*
 * bulk.c
 *		log_events: many events in one document.
 *
 * The document is an array of objects whose keys are log_event's parameter
 * names; other keys become attributes.  All of it is inserted through one
 * writer.  With on_error => 'skip' the whole array is first tried in one
 * subtransaction; only when that fails is each element tried in its own, so
 * that good documents cost nothing extra.
 */
#include "postgres.h"

#include "access/xact.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "maestro.h"

#include "append.h"
#include "element.h"
#include "gate.h"
#include "guc.h"
#include "lenient.h"

/* how many times maestro.trace_input_limit a whole document may be large */
#define BULK_LIMITS 4

/* What became of one element. */
typedef struct BulkRow
{
	AppendResult result;
	char		*error; /* NULL: stored */
} BulkRow;

typedef struct Bulk
{
	int			  count;
	JsonbValue	 *elements; /* jbvBinary objects, or what isn't one */
	BulkRow		 *rows;
	MemoryContext context;	/* of the call */
	MemoryContext writing;	/* of one writer; emptied when it failed */
	MemoryContext scratch;	/* of one element */
} Bulk;

static void
tell_element(void *arg)
{
	errcontext("element %d of the array of events", *(int *) arg);
}

static void
append_element(Bulk *bulk, EventWriter *writer, int i)
{
	MemoryContext saved = MemoryContextSwitchTo(bulk->scratch);
	ErrorContextCallback callback = {error_context_stack, tell_element, &i};
	AppendRequest request;

	CHECK_FOR_INTERRUPTS();
	error_context_stack = &callback;
	element_read(&bulk->elements[i], &request);
	append_event(writer, &request, &bulk->rows[i].result);
	bulk->rows[i].error = NULL;
	error_context_stack = callback.previous;
	MemoryContextSwitchTo(saved);
	MemoryContextReset(bulk->scratch);
}

static void
append_range(Bulk *bulk, int first, int end)
{
	MemoryContext saved = MemoryContextSwitchTo(bulk->writing);
	EventWriter	 *writer = event_writer_begin();

	for (int i = first; i < end; i++)
		append_element(bulk, writer, i);
	event_writer_end(writer);
	MemoryContextSwitchTo(saved);
}

/*
 * What to say of an error.  PostgreSQL's own messages may quote the value, so
 * only the code of those is told.
 */
static char *
describe_error(ErrorData *error)
{
	const char *code = unpack_sql_state(error->sqlerrcode);

	if (error->domain != NULL && strcmp(error->domain, TEXTDOMAIN) == 0)
		return psprintf("%s: %s", code, error->message);
	return psprintf("%s: value not accepted", code);
}

/*
 * Could another element fare better?  Not when the statement was cancelled, the
 * transaction must be repeated, or the server lacks something.
 */
static bool
is_elements_fault(const ErrorData *error)
{
	switch (ERRCODE_TO_CATEGORY(error->sqlerrcode))
	{
		case MAKE_SQLSTATE('4', '0', '0', '0', '0'): /* transaction rollback */
		case MAKE_SQLSTATE('5', '3', '0', '0', '0'): /* insufficient resources */
		case MAKE_SQLSTATE('5', '5', '0', '0', '0'): /* not in prerequisite state */
		case MAKE_SQLSTATE('5', '7', '0', '0', '0'): /* operator intervention */
		case MAKE_SQLSTATE('5', '8', '0', '0', '0'): /* system error */
		case MAKE_SQLSTATE('X', 'X', '0', '0', '0'): /* internal error */
			return false;
		default:
			return true;
	}
}

/*
 * Append elements in a subtransaction; on an error that is an element's fault
 * roll it back, and return the error's description.
 */
static char *
try_range(Bulk *bulk, int first, int end)
{
	ResourceOwner owner = CurrentResourceOwner;
	char		 *volatile problem = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(bulk->context);
	PG_TRY();
	{
		append_range(bulk, first, end);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(bulk->context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(bulk->context);
		MemoryContextReset(bulk->writing);
		MemoryContextReset(bulk->scratch);
		if (!is_elements_fault(error))
			ReThrowError(error);
		problem = describe_error(error);
		FreeErrorData(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(bulk->context);
	CurrentResourceOwner = owner;
	return problem;
}

static void
append_skipping(Bulk *bulk)
{
	if (try_range(bulk, 0, bulk->count) == NULL)
		return;
	for (int i = 0; i < bulk->count; i++)
		bulk->rows[i].error = try_range(bulk, i, i + 1);
}

/*
 * Split the document into its elements.
 */
static void
bulk_init(Bulk *bulk, Jsonb *document)
{
	JsonbIterator	  *it;
	JsonbValue		   value;
	int				   i = 0;

	if (VARSIZE(document) > BULK_LIMITS * (size_t) guc_trace_input_limit)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the array of events is too large: %zu bytes",
							   (size_t) VARSIZE(document)),
						errhint("Send fewer events a call; a thousand is a good number.")));
	if (!JB_ROOT_IS_ARRAY(document) || JB_ROOT_IS_SCALAR(document))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("events must be a JSON array of objects"),
				 errhint("The keys are log_event's parameter names, for example "
						 "[{\"component\": \"crew/planner\", \"kind\": \"output\"}].")));
	bulk->count = JB_ROOT_COUNT(document);
	bulk->elements = palloc(Max(bulk->count, 1) * sizeof(JsonbValue));
	bulk->rows = palloc0(Max(bulk->count, 1) * sizeof(BulkRow));
	bulk->context = CurrentMemoryContext;
	bulk->writing = AllocSetContextCreate(CurrentMemoryContext, "maestro log_events",
										  ALLOCSET_DEFAULT_SIZES);
	bulk->scratch = AllocSetContextCreate(CurrentMemoryContext, "maestro log_events element",
										  ALLOCSET_DEFAULT_SIZES);
	it = JsonbIteratorInit(&document->root);
	(void) JsonbIteratorNext(&it, &value, true);
	while (JsonbIteratorNext(&it, &value, true) == WJB_ELEM)
		bulk->elements[i++] = value;
}

static void
return_rows(Bulk *bulk, ReturnSetInfo *rsinfo)
{
	for (int i = 0; i < bulk->count; i++)
	{
		BulkRow *row = &bulk->rows[i];
		bool	 failed = row->error != NULL;
		Datum	 values[4] = {Int32GetDatum(i), Int64GetDatum(row->result.event_id),
							  ObjectIdGetDatum(row->result.decision), (Datum) 0};
		bool	 nulls[4] = {false, failed, failed, !failed};

		if (failed)
			values[3] = PointerGetDatum(cstring_to_text(row->error));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}

/*
 * Read times the same way whatever the session's settings are: a time without
 * zone is UTC, a date year-month-day.  Ends at the returned nesting level.
 */
static int
read_times_plainly(void)
{
	int level = NewGUCNestLevel();

	(void) set_config_option("TimeZone", "UTC", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("DateStyle", "ISO, YMD", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("IntervalStyle", "postgres", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	return level;
}

static Datum
log_many(FunctionCallInfo fcinfo, Jsonb *document)
{
	int	  guc_level;
	char *on_error = text_to_cstring(PG_GETARG_TEXT_PP(1));
	Bulk  bulk;

	gate_refuse_restricted("maestro.log_events");
	if (strcmp(on_error, "abort") != 0 && strcmp(on_error, "skip") != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("on_error must be \"abort\" or \"skip\"")));
	InitMaterializedSRF(fcinfo, 0);
	bulk_init(&bulk, document);
	guc_level = read_times_plainly();
	if (strcmp(on_error, "skip") == 0)
		append_skipping(&bulk);
	else
		append_range(&bulk, 0, bulk.count);
	AtEOXact_GUC(true, guc_level);
	return_rows(&bulk, (ReturnSetInfo *) fcinfo->resultinfo);
	return (Datum) 0;
}

MAESTRO_FUNCTION(log_events)
{
	return log_many(fcinfo, PG_GETARG_JSONB_P(0));
}

MAESTRO_FUNCTION(log_events_text)
{
	text *document = PG_GETARG_TEXT_PP(0);

	return log_many(fcinfo, lenient_parse(VARDATA_ANY(document),
										  VARSIZE_ANY_EXHDR(document)));
}
