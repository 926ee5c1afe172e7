/*
 * action.c
 *		Actions that were begun and not ended yet; see action.h.
 *
 * That an action is open is a row, since an event cannot say of another that nothing
 * followed it: whoever ends it locks the row, and deletes it once the end is stored, so that of
 * two who end it one waits for the other and finds it gone, and what is rolled back or refused
 * is open still.
 *
 * Rows are read by the latest snapshot.  In a REPEATABLE READ transaction the action that
 * it has begun itself, which the recorder stored, is newer than its own.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "action.h"
#include "gate.h"
#include "hexid.h"
#include "owner.h"
#include "statement.h"

static void
insert_action(Event *event, const pg_uuid_t *id, Oid kind, int64 event_id)
{
	static Statement insert = {
		.text = "INSERT INTO maestro.open_action (action_id, event_id, component_id, kind, begun_at, caller, trace_id)"
				" VALUES ($1, $2, $3, $4::maestro.event_kind, $5, $6, $7::maestro.trace_id)",
		.nargs = 7,
		.types = {UUIDOID, INT8OID, INT4OID, TEXTOID, TIMESTAMPTZOID, NAMEOID, TEXTOID}};
	bool	  has_trace = !event->nulls[EVENT_TRACE_ID];
	char	  trace[2 * TRACE_ID_LEN + 1] = "";
	char	 *label = DatumGetCString(DirectFunctionCall1(enum_out, ObjectIdGetDatum(kind)));
	Datum	  args[7] = {UUIDPGetDatum(id), Int64GetDatum(event_id), event->values[EVENT_COMPONENT_ID],
						 CStringGetTextDatum(label), event->values[EVENT_RECORDED_AT], event->values[EVENT_CALLER]};
	OwnerCall call;

	if (has_trace)
		hexid_print((const uint8 *) DatumGetPointer(event->values[EVENT_TRACE_ID]), TRACE_ID_LEN, trace);
	args[6] = CStringGetTextDatum(trace);
	owner_call_begin(&call);
	gate_open();
	PG_TRY();
	{
		statement_run(&insert, args, has_trace ? NULL : "      n", false, 0, SPI_OK_INSERT);
	}
	PG_FINALLY();
	{
		gate_close();
	}
	PG_END_TRY();
	owner_call_end(&call);
}

void
action_store(Event *event, const pg_uuid_t *id, Oid kind)
{
	EventWriter *writer = event_writer_begin();
	int64		 event_id = event_write(writer, event);

	event_writer_end(writer);
	insert_action(event, id, kind, event_id);
}

/* ---- ending ---- */

static char *
text_column(MemoryContext context, int column)
{
	char *text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);

	return text == NULL ? NULL : MemoryContextStrdup(context, text);
}

static int32
int_column(int column)
{
	bool  isnull;
	Datum value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &isnull);

	return isnull ? 0 : DatumGetInt32(value);
}

/* What the event says that began it; its partition may be gone. */
static void
read_event(int64 event_id, MemoryContext context, Action *action)
{
	static Statement read = {
		.text = "SELECT target_id, dependency_id, attributes ->> 'maestro.target', attributes ->> 'maestro.dependency',"
				" trace_id, span_id, parent_span_id FROM maestro.event WHERE event_id = $1 AND recorded_at = $2",
		.nargs = 2,
		.types = {INT8OID, TIMESTAMPTZOID}};
	Datum args[2] = {Int64GetDatum(event_id), TimestampTzGetDatum(action->begun_at)};

	statement_run_latest(&read, args, true, SPI_OK_SELECT);
	if (SPI_processed == 0)
		return;
	action->target_id = int_column(1);
	action->dependency_id = int_column(2);
	action->target = text_column(context, 3);
	action->dependency = text_column(context, 4);
	action->trace_id = text_column(context, 5);
	action->span_id = text_column(context, 6);
	action->parent_span_id = text_column(context, 7);
}

/* Runs it on open_action by the latest snapshot, which nobody else may; as the owner, connected. */
static void
run_gated(Statement *statement, const pg_uuid_t *id, int expected)
{
	Datum args[1] = {UUIDPGetDatum(id)};

	gate_open();
	PG_TRY();
	{
		statement_run_latest(statement, args, false, expected);
	}
	PG_FINALLY();
	{
		gate_close();
	}
	PG_END_TRY();
}

bool
action_hold(const pg_uuid_t *id, Action *action)
{
	static Statement hold = {
		.text = "SELECT event_id, component_id, kind, begun_at, caller FROM maestro.open_action WHERE action_id = $1 FOR UPDATE",
		.nargs = 1,
		.types = {UUIDOID}};
	MemoryContext context = CurrentMemoryContext;
	OwnerCall	  call;
	bool		  found;
	bool		  isnull;

	memset(action, 0, sizeof(*action));
	owner_call_begin(&call);
	run_gated(&hold, id, SPI_OK_SELECT);
	found = SPI_processed > 0;
	if (found)
	{
		int64 event_id = statement_int64(1);

		action->component_id = int_column(2);
		action->kind = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 3, &isnull));
		action->begun_at = (TimestampTz) statement_int64(4);
		action->caller = *DatumGetName(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 5, &isnull));
		read_event(event_id, context, action);
	}
	owner_call_end(&call);
	return found;
}

void
action_close(const pg_uuid_t *id)
{
	static Statement remove = {.text = "DELETE FROM maestro.open_action WHERE action_id = $1", .nargs = 1, .types = {UUIDOID}};
	OwnerCall call;

	owner_call_begin(&call);
	run_gated(&remove, id, SPI_OK_DELETE);
	owner_call_end(&call);
}
