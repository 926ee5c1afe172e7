/*
 * action_sql.c
 *		begin_action and end_action, for SQL.
 *
 * That an action is begun must stay if the caller's transaction is rolled back, or the log
 * would not know of just those actions that went wrong.  A statement of its own that calls
 * begin_action commits with it, and stores it directly; anything else hands it over to the
 * recorder (queue.h), and waits until that has committed it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/execdesc.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tcop/pquery.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/portal.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "maestro.h"

#include "access.h"
#include "action.h"
#include "append.h"
#include "extras.h"
#include "gate.h"
#include "guard_shmem.h"
#include "lenient.h"
#include "queue.h"
#include "result_row.h"
#include "session_fact.h"
#include "slice_arg.h"

/* begin_action's arguments, in order */
enum
{
	ARG_COMPONENT,
	ARG_KIND,
	ARG_MESSAGE,
	ARG_ATTRIBUTES,
	ARG_TRACE_ID,
	ARG_SPAN_ID,
	ARG_PARENT_SPAN_ID,
	ARG_TARGET,
	ARG_DEPENDENCY
};

/* end_action's */
enum
{
	END_ACTION,
	END_OUTCOME,
	END_MESSAGE,
	END_ATTRIBUTES,
	END_BODY
};

static Slice
slice_of(const char *text)
{
	return (Slice) {text, text == NULL ? 0 : strlen(text)};
}

/* As jsonb, or as json or text, which are the same bytes, read leniently. */
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

static void
refuse_null(FunctionCallInfo fcinfo, const char *what)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", what)));
}

/* ---- begin ---- */

/* What is shown of the result in a way that cannot fail: as text, or whether it is one. */
static const Node *
what_is_shown(const Expr *expr)
{
	for (;;)
	{
		if (IsA(expr, NullTest))
			expr = ((const NullTest *) expr)->arg;
		else if (IsA(expr, RelabelType))
			expr = ((const RelabelType *) expr)->arg;
		else if (IsA(expr, CoerceViaIO) && ((const CoerceViaIO *) expr)->resulttype == TEXTOID)
			expr = ((const CoerceViaIO *) expr)->arg;
		else
			return (const Node *) expr;
	}
}

/* Is it SELECT of this call, or of all FROM it, and nothing else, so that nothing is done after it? */
static bool
is_call_alone(const PlannedStmt *statement, const Node *call)
{
	const Plan	   *plan = statement->planTree;
	const FunctionScan *scan = (const FunctionScan *) plan;
	const Node	   *shown;

	if (statement->commandType != CMD_SELECT || plan == NULL || plan->lefttree != NULL || plan->qual != NIL ||
		list_length(plan->targetlist) != 1)
		return false;
	shown = what_is_shown(linitial_node(TargetEntry, plan->targetlist)->expr);
	if (IsA(plan, Result))
		return shown == call;
	return IsA(plan, FunctionScan) && list_length(scan->functions) == 1 && IsA(shown, Var) &&
		   linitial_node(RangeTblFunction, scan->functions)->funcexpr == call;
}

/*
 * Is the call all that a client sent outside of a transaction block, so that it commits as
 * soon as it is done?  Not one by a function or DO block, whose end may be an error: then the
 * executor's memory that we are in is not the portal's own, or the portal, a cursor's or a
 * prepared statement's, has a name, as the client's own has not.
 */
static bool
commits_by_itself(const Node *call)
{
	MemoryContext context = CurrentMemoryContext;

	if (IsTransactionBlock() || IsSubTransaction() || compat_is_pipelining())
		return false;
	if (call == NULL || ActivePortal == NULL || ActivePortal->name[0] != '\0' || ActivePortal->queryDesc == NULL ||
		ActivePortal->queryDesc->estate == NULL || !is_call_alone(ActivePortal->queryDesc->plannedstmt, call))
		return false;
	while (context != NULL && strcmp(context->name, "ExecutorState") != 0)
		context = MemoryContextGetParent(context);
	return context == ActivePortal->queryDesc->estate->es_query_cxt;
}

/* Things that are done, and take a while; not what is said in one go, nor maestro's own. */
static void
check_kind(Oid kind)
{
	static const char *const none[] = {"error", "heartbeat", "guard", "rejected", "registry", "note"};

	for (int i = 0; i < (int) lengthof(none); i++)
		if (kind == event_label("event_kind", none[i]))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("an event of kind \"%s\" is no action that could be begun", none[i]),
							errhint("Actions are tool_call, model_call, dependency_call, handoff, agent_run, approval, input and output.")));
}

/* A random UUID, version 4. */
static void
make_id(pg_uuid_t *id)
{
	if (!pg_strong_random(id->data, UUID_LEN))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not get random bytes for an action's id")));
	id->data[6] = (id->data[6] & 0x0f) | 0x40;
	id->data[8] = (id->data[8] & 0x3f) | 0x80;
}

static void
read_attempt(FunctionCallInfo fcinfo, bool as_text, const char *component, AppendRequest *request)
{
	memset(request, 0, sizeof(*request));
	request->component = slice_of(component);
	request->kind = event_label("event_kind", "note");
	request->message = slice_arg(fcinfo, ARG_MESSAGE);
	request->trace_id = slice_arg(fcinfo, ARG_TRACE_ID);
	request->span_id = slice_arg(fcinfo, ARG_SPAN_ID);
	request->parent_span_id = slice_arg(fcinfo, ARG_PARENT_SPAN_ID);
	request->target = slice_arg(fcinfo, ARG_TARGET);
	request->dependency = slice_arg(fcinfo, ARG_DEPENDENCY);
	request->attributes = document_arg(fcinfo, ARG_ATTRIBUTES, as_text);
	/* a note is not judged by what lies there */
	request->attributes_under = ACTION_ATTRIBUTES_KEY;
	request->message_limit = ACTION_MESSAGE_MAX;
	request->attributes_limit = ACTION_ATTRIBUTES_MAX;
}

/* What is refused again and again is told once a second by each backend, ten at once. */
static bool
refusal_is_due(void)
{
	static LimiterRule rule;
	static int64	   tat = LIMITER_FRESH;
	int64			   ignored;

	if (rule.unit == 0)
		(void) limiter_rule(&rule, 1, USECS_PER_SEC, 10);
	return limiter_ask(&rule, &tat, guard_now(), 1, &ignored) == LIMITER_ALLOWED;
}

/* From where it is begun; as far as this transaction commits, whoever stores the event. */
static void
note_session(const Event *event)
{
	RegistryComponent component;

	if (registry_component(DatumGetInt32(event->values[EVENT_COMPONENT_ID]), &component))
		session_fact_note(&component, event->values[EVENT_CALLER], event->values[EVENT_SESSION_ROLE], GetCurrentTimestamp());
}

static Datum
begin(FunctionCallInfo fcinfo, bool as_text)
{
	pg_uuid_t	 *id = palloc(sizeof(pg_uuid_t));
	Event		  event;
	AppendRequest request;
	QueueRequest  entry = {.event = &event, .is_action = true};
	Extras		  extras = {0};
	char		 *component;
	char		 *text;
	bool		  directly;

	PreventCommandDuringRecovery("maestro.begin_action");
	gate_refuse_restricted("maestro.begin_action");
	refuse_null(fcinfo, "component and kind of an action");
	check_kind(PG_GETARG_OID(ARG_KIND));
	component = registry_component_name(PG_GETARG_INT32(ARG_COMPONENT));
	if (component == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("component is not registered"),
						errhint("%s", access_unknown_hint)));
	directly = commits_by_itself(fcinfo->flinfo->fn_expr);
	make_id(id);
	entry.action = *id;
	entry.action_kind = PG_GETARG_OID(ARG_KIND);
	read_attempt(fcinfo, as_text, component, &request);
	text = DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)));
	extras_add_text(&extras, ACTION_KEY, text, strlen(text));
	text = DatumGetCString(DirectFunctionCall1(enum_out, ObjectIdGetDatum(entry.action_kind)));
	extras_add_text(&extras, ACTION_KIND_KEY, text, strlen(text));
	request.extras = &extras;
	if (append_prepare(&request, &event) != NULL)
	{
		/* the refusal is an event, too, which the error would take along */
		entry.is_action = false;
		if (refusal_is_due())
			(void) queue_offer(&entry);
		access_refuse_inactive();
	}
	note_session(&event);
	if (directly)
	{
		/* what is said to be begun is durable, whatever the agent's settings */
		if (synchronous_commit < SYNCHRONOUS_COMMIT_ON)
			(void) set_config_option("synchronous_commit", "on", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
		action_store(&event, id, entry.action_kind);
	}
	else
	{
		queue_require("maestro.begin_action");
		queue_store(&entry);
	}
	PG_RETURN_UUID_P(id);
}

/* begin_action(component, kind, message, attributes, trace_id, span_id, parent_span_id, target, dependency) -> uuid */
MAESTRO_FUNCTION(begin_action)
{
	return begin(fcinfo, false);
}

MAESTRO_FUNCTION(begin_action_text)
{
	return begin(fcinfo, true);
}

/* ---- end ---- */

/* Who began it, or who may act for all. */
static void
check_ender(const Action *action)
{
	if (strcmp(NameStr(*DatumGetName(access_role_name(GetUserId()))), NameStr(action->caller)) != 0 &&
		!access_is_owner(GetUserId()))
		ereport(ERROR, (errcode(ERRCODE_MAESTRO_NOT_AUTHORISED),
						errmsg("role \"%s\" did not begin this action", GetUserNameFromId(GetUserId(), false)),
						errhint("An action is ended by the role that began it, or by the owner of the extension.")));
}

static Interval *
since(TimestampTz begun)
{
	Interval *lasted = palloc0(sizeof(Interval));

	lasted->time = Max(GetCurrentTimestamp() - begun, 0);
	return lasted;
}

static void
read_end(FunctionCallInfo fcinfo, bool as_text, const Action *action, const char *component, AppendRequest *request)
{
	memset(request, 0, sizeof(*request));
	request->component = slice_of(component);
	request->kind = action->kind;
	request->outcome = PG_GETARG_OID(END_OUTCOME);
	request->message = slice_arg(fcinfo, END_MESSAGE);
	request->attributes = document_arg(fcinfo, END_ATTRIBUTES, as_text);
	request->body = document_arg(fcinfo, END_BODY, as_text);
	request->trace_id = slice_of(action->trace_id);
	request->span_id = slice_of(action->span_id);
	request->parent_span_id = slice_of(action->parent_span_id);
	request->target = slice_of(action->target);
	request->target_id = action->target_id;
	request->dependency = slice_of(action->dependency);
	request->dependency_id = action->dependency_id;
	request->duration = since(action->begun_at);
}

static Datum
result_of(FunctionCallInfo fcinfo, const AppendResult *result)
{
	static ResultRow row;
	Datum values[5] = {Int64GetDatum(result->event_id), ObjectIdGetDatum(result->decision), BoolGetDatum(result->is_valid),
					   PointerGetDatum(result->leaf), PointerGetDatum(result->violations)};
	bool  nulls[5] = {false, false, !result->is_checked, false, result->violations == NULL};

	return HeapTupleGetDatum(heap_form_tuple(result_row(fcinfo, &row), values, nulls));
}

static Datum
end(FunctionCallInfo fcinfo, bool as_text)
{
	Action		  action;
	AppendRequest request;
	AppendResult  result;
	Extras		  extras = {0};
	EventWriter	 *writer;
	char		 *component;
	char		 *text;

	PreventCommandDuringRecovery("maestro.end_action");
	gate_refuse_restricted("maestro.end_action");
	refuse_null(fcinfo, "action_id and outcome");
	if (!action_hold(PG_GETARG_UUID_P(END_ACTION), &action))
		ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND), errmsg("this action is not open"),
						errdetail("It was ended already, or never begun."),
						errhint("maestro.unresolved_action lists those that are open.")));
	check_ender(&action);
	component = registry_component_name(action.component_id);
	if (component == NULL)
		elog(ERROR, "an action is of a component that does not exist");
	read_end(fcinfo, as_text, &action, component, &request);
	text = DatumGetCString(DirectFunctionCall1(uuid_out, PG_GETARG_DATUM(END_ACTION)));
	extras_add_text(&extras, ACTION_KEY, text, strlen(text));
	request.extras = &extras;
	writer = event_writer_begin();
	append_event(writer, &request, &result);
	event_writer_end(writer);
	if (result.decision == event_labels()->decision_allow)
		action_close(PG_GETARG_UUID_P(END_ACTION));
	return result_of(fcinfo, &result);
}

/* end_action(action_id, outcome, message, attributes, body) -> (event_id, decision, valid, leaf, violations) */
MAESTRO_FUNCTION(end_action)
{
	return end(fcinfo, false);
}

MAESTRO_FUNCTION(end_action_text)
{
	return end(fcinfo, true);
}
