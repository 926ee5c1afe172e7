/*
 * trace.c
 *		log_event, and the registry's own record: one event a call.
 *
 * Three overloads take attributes and body as jsonb, or both as json or text
 * (then read leniently: what agents send is often no JSON).  One C function
 * serves each pair, since json and text are the same bytes.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "maestro.h"

#include "append.h"
#include "gate.h"
#include "guc.h"
#include "lenient.h"
#include "redact.h"
#include "result_row.h"
#include "sanitize_rule.h"
#include "slice_arg.h"

/* log_event's arguments, in order */
enum
{
	ARG_COMPONENT,
	ARG_KIND,
	ARG_MESSAGE,
	ARG_ATTRIBUTES,
	ARG_LEVEL,
	ARG_TRACE_ID,
	ARG_SPAN_ID,
	ARG_PARENT_SPAN_ID,
	ARG_OCCURRED_AT,
	ARG_DURATION,
	ARG_OUTCOME,
	ARG_BODY,
	ARG_TARGET,
	ARG_DEPENDENCY
};

static Oid
enum_arg(FunctionCallInfo fcinfo, int i)
{
	return PG_ARGISNULL(i) ? InvalidOid : PG_GETARG_OID(i);
}

static Jsonb *
document_arg(FunctionCallInfo fcinfo, int i, bool as_text)
{
	Slice slice;

	if (PG_ARGISNULL(i))
		return NULL;
	if (!as_text)
		return PG_GETARG_JSONB_P(i);
	slice = slice_arg(fcinfo, i);
	return lenient_parse(slice.data, slice.len);
}

static Datum
log_one(FunctionCallInfo fcinfo, bool as_text)
{
	static ResultRow row;
	AppendRequest request = {0};
	AppendResult  result;
	EventWriter	 *writer;
	Datum		  values[5] = {0};
	bool		  nulls[5] = {false};

	gate_refuse_restricted("maestro.log_event");
	if (PG_ARGISNULL(ARG_KIND))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("kind of an event must not be null")));
	request.component = slice_arg(fcinfo, ARG_COMPONENT);
	request.kind = PG_GETARG_OID(ARG_KIND);
	request.message = slice_arg(fcinfo, ARG_MESSAGE);
	request.attributes = document_arg(fcinfo, ARG_ATTRIBUTES, as_text);
	request.level = enum_arg(fcinfo, ARG_LEVEL);
	request.trace_id = slice_arg(fcinfo, ARG_TRACE_ID);
	request.span_id = slice_arg(fcinfo, ARG_SPAN_ID);
	request.parent_span_id = slice_arg(fcinfo, ARG_PARENT_SPAN_ID);
	request.has_occurred_at = !PG_ARGISNULL(ARG_OCCURRED_AT);
	request.occurred_at = PG_GETARG_TIMESTAMPTZ(ARG_OCCURRED_AT);
	request.duration =
		PG_ARGISNULL(ARG_DURATION) ? NULL : PG_GETARG_INTERVAL_P(ARG_DURATION);
	request.outcome = enum_arg(fcinfo, ARG_OUTCOME);
	request.body = document_arg(fcinfo, ARG_BODY, as_text);
	request.target = slice_arg(fcinfo, ARG_TARGET);
	request.dependency = slice_arg(fcinfo, ARG_DEPENDENCY);

	writer = event_writer_begin();
	append_event(writer, &request, &result);
	event_writer_end(writer);
	values[0] = Int64GetDatum(result.event_id);
	values[1] = ObjectIdGetDatum(result.decision);
	values[2] = BoolGetDatum(result.is_valid);
	nulls[2] = !result.is_checked;
	values[3] = PointerGetDatum(result.leaf);
	values[4] = PointerGetDatum(result.violations);
	nulls[4] = result.violations == NULL;
	return HeapTupleGetDatum(heap_form_tuple(result_row(fcinfo, &row), values, nulls));
}

MAESTRO_FUNCTION(log_event)
{
	return log_one(fcinfo, false);
}

MAESTRO_FUNCTION(log_event_text)
{
	return log_one(fcinfo, true);
}

/*
 * A document of the registry's own is evidence as a whole or not at all: where an
 * event would be cut, it is refused.  Its size is what sanitizing leaves of it.
 */
static Jsonb *
whole_body(Jsonb *body)
{
	Jsonb *clean = redact_jsonb(body, sanitize_log_setup(), NULL);

	if (VARSIZE(clean) > (size_t) guc_trace_body_limit)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("document is too large to be recorded whole: %zu bytes",
						(size_t) VARSIZE(clean)),
				 errdetail("At most %d bytes are taken.", guc_trace_body_limit),
				 errhint("The limit is the setting maestro.trace_body_limit, which a "
						 "superuser may raise.")));
	return clean;
}

/*
 * One event of maestro's own.  The arguments are caller, system_id,
 * component_id, then from position "reason" on (-1: there is none) the word, and
 * always message and details; without a reason also a document.
 */
static Datum
record_own(FunctionCallInfo fcinfo, int reason)
{
	int			 message = reason < 0 ? 3 : reason + 1;
	EventWriter *writer;
	int64		 event_id;

	if (!gate_is_open())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("changes of the registry are recorded by its functions")));
	if (PG_ARGISNULL(0) || PG_ARGISNULL(message) || (reason >= 0 && PG_ARGISNULL(reason)))
		elog(ERROR, "a record needs a caller and words");
	writer = event_writer_begin();
	event_id = append_registry(
		writer, PG_GETARG_OID(0), PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1),
		PG_ARGISNULL(2) ? 0 : PG_GETARG_INT32(2),
		reason < 0 ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(reason)),
		text_to_cstring(PG_GETARG_TEXT_PP(message)),
		PG_ARGISNULL(message + 1) ? NULL : PG_GETARG_JSONB_P(message + 1),
		reason >= 0 || PG_ARGISNULL(5) ? NULL : whole_body(PG_GETARG_JSONB_P(5)));
	event_writer_end(writer);
	PG_RETURN_INT64(event_id);
}

/*
 * record_registry(caller, system_id, component_id, action, details) -> event_id;
 * for the "_as" functions, while the gate is open.
 */
MAESTRO_FUNCTION(record_registry)
{
	return record_own(fcinfo, -1);
}

/*
 * record_refusal(caller, system_id, component_id, reason, message, details) ->
 * event_id; as record_registry, for what was not done.
 */
MAESTRO_FUNCTION(record_refusal)
{
	return record_own(fcinfo, 3);
}

/*
 * partition_at(time) -> regclass, as the relation cache knows it: a transaction
 * with an old snapshot must not make what another has made since.
 */
MAESTRO_FUNCTION(partition_at)
{
	Oid leaf = event_leaf(PG_GETARG_TIMESTAMPTZ(0));

	if (!OidIsValid(leaf))
		PG_RETURN_NULL();
	PG_RETURN_OID(leaf);
}
