/*
 * append.c
 *		From what a caller says happened to a row of the trace.
 *
 * The order is fixed: who may write, then sanitize, then cut to size, then
 * store.  A cut before sanitizing could leave half a secret that no rule knows.
 *
 * A refusal that is evidence is a row: a writer whom nobody registered, or who
 * is suspended, gets decision "deny" and the refusal stays, where an error
 * would roll it back.  Only who may not write as the component at all gets an
 * error, and nothing is stored in its name.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "errcodes.h"

#include "access.h"
#include "append.h"
#include "extras.h"
#include "guc.h"
#include "hexid.h"
#include "redact.h"
#include "registry.h"
#include "sanitize_rule.h"
#include "session_fact.h"

/* clocks of other machines may be this far ahead */
/* what no span lasts; sums of it overflow nothing */
#define DURATION_MAX (3653.0 * USECS_PER_DAY)

#define FUTURE_TOLERANCE (5 * USECS_PER_MINUTE)

/* One event in the making. */
typedef struct Draft
{
	const AppendRequest *request;
	Event		event;
	Extras		extras;
	Findings	findings;
	TimestampTz now;
	int64		cut_from; /* original bytes of what was cut */
	RegistryComponent component;
	bool		registered;
	const char *refusal; /* why it is refused, a word; NULL: it isn't */
	bool		keeps_content; /* a refusal that is stored with what was sent */
} Draft;

static void
set(Draft *draft, EventColumn column, Datum value)
{
	draft->event.values[column] = value;
	draft->event.nulls[column] = false;
}

static void
set_text(Draft *draft, EventColumn column, const char *text, size_t len)
{
	set(draft, column, PointerGetDatum(cstring_to_text_with_len(text, (int) len)));
}

static void
check_size(size_t size, const char *what)
{
	if (size > (size_t) guc_trace_input_limit)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("%s of an event is too large: %zu bytes", what, size),
						errdetail("At most %d bytes are taken.", guc_trace_input_limit),
						errhint("The limit is the setting maestro.trace_input_limit.")));
}

/* ---- who ---- */

pg_noreturn static void
refuse_writer(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_MAESTRO_NOT_AUTHORISED),
			 errmsg("role \"%s\" may not write as this component",
					GetUserNameFromId(GetUserId(), false)),
			 errhint("Membership in the db_role of the component or of its system is "
					 "needed; see maestro.register_component.")));
}

/*
 * The component is not registered: what becomes of its event is the system's
 * choice, if there is such a system.
 */
static void
resolve_unregistered(Draft *draft, Slice name, const char *slash)
{
	RegistrySystem system;
	char		  *clean;
	size_t		   clean_len;

	draft->refusal = "unregistered_system";
	draft->keeps_content = true;
	if (registry_system_named(name.data, slash - name.data, &system))
	{
		if (!access_may_write_system(GetUserId(), &system))
			refuse_writer();
		set(draft, EVENT_SYSTEM_ID, Int32GetDatum(system.system_id));
		draft->refusal = "unregistered_component";
		draft->keeps_content = !system.refuses_unregistered;
	}
	(void) redact_text(name.data, name.len, REDACT_LINE, sanitize_log_setup(),
					   &draft->findings, &clean, &clean_len);
	clean_len = pg_mbcliplen(clean, clean_len, 2 * REGISTRY_NAME_MAX + 1);
	set_text(draft, EVENT_CLAIMED_COMPONENT, clean, clean_len);
}

/*
 * Nobody writes in the name of the log itself.
 */
static bool
is_the_log(const char *name, const char *end)
{
	return (size_t) (end - name) == strlen("maestro-log") &&
		   memcmp(name, "maestro-log", end - name) == 0;
}

/*
 * Who acts, and may the caller write in that name?
 */
static void
resolve_writer(Draft *draft)
{
	Slice		name = draft->request->component;
	const char *slash = name.data == NULL ? NULL : memchr(name.data, '/', name.len);

	check_size(name.len, "component");
	if (slash == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("component must be given as system/component"),
				 errhint("For example: maestro.log_event('crew/planner', 'output', ...).")));
	draft->registered = registry_component_named(name.data, name.len, &draft->component);
	if (!draft->registered)
	{
		resolve_unregistered(draft, name, slash);
		return;
	}
	if (!access_may_write(GetUserId(), &draft->component) ||
		is_the_log(slash + 1, name.data + name.len))
		refuse_writer();
	set(draft, EVENT_SYSTEM_ID, Int32GetDatum(draft->component.system_id));
	set(draft, EVENT_COMPONENT_ID, Int32GetDatum(draft->component.component_id));
	set_text(draft, EVENT_COMPONENT_VERSION, draft->component.version,
			 strlen(draft->component.version));
	if (!draft->component.active)
		draft->refusal = "component_not_active";
}

/* ---- sanitizing and cutting ---- */

/*
 * Sanitized copy of a short text from the caller, for an attribute.
 */
static void
add_clean_extra(Draft *draft, const char *key, Slice value)
{
	char  *clean;
	size_t len;

	(void) redact_text(value.data, value.len, REDACT_LINE, sanitize_log_setup(),
					   &draft->findings, &clean, &len);
	extras_add_text(&draft->extras, key, clean, pg_mbcliplen(clean, len, 1024));
}

static void
set_message(Draft *draft)
{
	Slice  message = draft->request->message;
	char  *clean;
	size_t len;

	if (message.data == NULL)
		return;
	check_size(message.len, "message");
	(void) redact_text(message.data, message.len, REDACT_LINE, sanitize_log_setup(),
					   &draft->findings, &clean, &len);
	if (len > (size_t) guc_trace_message_limit)
	{
		draft->cut_from += message.len;
		len = pg_mbcliplen(clean, len, guc_trace_message_limit);
	}
	set_text(draft, EVENT_MESSAGE, clean, len);
}

static Jsonb *
clean_jsonb(Draft *draft, Jsonb *value, int limit, const char *what)
{
	Jsonb *clean;

	check_size(VARSIZE(value), what);
	clean = redact_jsonb(value, sanitize_log_setup(), &draft->findings);
	if (VARSIZE(clean) <= (size_t) limit)
		return clean;
	draft->cut_from += VARSIZE(value);
	return extras_shrink(clean, limit);
}

/*
 * Body, attributes with what maestro adds, and findings of all of it.
 */
static void
set_documents(Draft *draft)
{
	Jsonb *body = draft->request->body;
	Jsonb *attributes = draft->request->attributes;
	Jsonb *findings;

	if (body != NULL)
		set(draft, EVENT_BODY,
			JsonbPGetDatum(clean_jsonb(draft, body, guc_trace_body_limit, "body")));
	if (attributes != NULL)
		attributes =
			clean_jsonb(draft, attributes, guc_trace_attributes_limit, "attributes");
	if (draft->cut_from > 0)
		extras_add_number(&draft->extras, "maestro.truncated_bytes", draft->cut_from);
	attributes = extras_merge(attributes, &draft->extras);
	if (attributes != NULL)
		set(draft, EVENT_ATTRIBUTES, JsonbPGetDatum(attributes));
	findings = findings_jsonb(&draft->findings);
	if (findings != NULL)
		set(draft, EVENT_FINDINGS, JsonbPGetDatum(findings));
}

/* ---- the rest of the row ---- */

pg_noreturn static void
refuse_id(const char *what, const char *forms)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					errmsg("invalid %s", what), errhint("A %s is %s.", what, forms)));
}

static void
set_span(Draft *draft, EventColumn column, Slice id, bool keep_original)
{
	uint8 *span;
	bool   hashed;

	if (id.data == NULL)
		return;
	span = palloc(SPAN_ID_LEN);
	if (!hexid_parse_span(id.data, id.len, span, &hashed))
		refuse_id("span id",
				  "16 hexadecimal digits, not all zero, a UUID, or span_ and digits");
	if (hashed && keep_original)
		add_clean_extra(draft, "span.original_id", id);
	set(draft, column, PointerGetDatum(span));
}

static void
set_ids(Draft *draft)
{
	Slice id = draft->request->trace_id;

	if (id.data != NULL)
	{
		uint8 *trace = palloc(TRACE_ID_LEN);

		if (!hexid_parse_trace(id.data, id.len, trace))
			refuse_id("trace id",
					  "32 hexadecimal digits, not all zero, a UUID, or trace_ and 32 digits");
		set(draft, EVENT_TRACE_ID, PointerGetDatum(trace));
	}
	set_span(draft, EVENT_SPAN_ID, draft->request->span_id, true);
	set_span(draft, EVENT_PARENT_SPAN_ID, draft->request->parent_span_id, false);
}

/*
 * A clock far ahead would make evidence fresh for ever; such a time, and an
 * infinite one, is replaced by ours and kept as an attribute.
 */
static void
set_times(Draft *draft)
{
	const AppendRequest *request = draft->request;
	TimestampTz at = draft->now;

	if (request->has_occurred_at)
	{
		if (TIMESTAMP_NOT_FINITE(request->occurred_at) ||
			request->occurred_at > draft->now + FUTURE_TOLERANCE)
		{
			int	  utc = 0;
			char *claimed =
				JsonEncodeDateTime(palloc(MAXDATELEN + 1),
								   TimestampTzGetDatum(request->occurred_at),
								   TIMESTAMPTZOID, &utc);

			extras_add_text(&draft->extras, "maestro.claimed_occurred_at", claimed,
							strlen(claimed));
		}
		else
			at = request->occurred_at;
	}
	set(draft, EVENT_RECORDED_AT, TimestampTzGetDatum(draft->now));
	set(draft, EVENT_OCCURRED_AT, TimestampTzGetDatum(at));
	if (request->duration != NULL)
	{
		const Interval *d = request->duration;
		double months = (double) d->month * DAYS_PER_MONTH + d->day;

		if (months * USECS_PER_DAY + (double) d->time < 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("duration of an event must not be negative")));
		if (months * USECS_PER_DAY + (double) d->time > DURATION_MAX)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("duration of an event must be at most 10 years")));
		set(draft, EVENT_DURATION, IntervalPGetDatum(d));
	}
}

/*
 * Find a component of the same system by its full or bare name.
 */
static bool
find_target(Draft *draft, Slice name, int32 *target_id)
{
	RegistryComponent target;
	Slice			  own = draft->request->component;

	if (memchr(name.data, '/', name.len) == NULL)
	{
		size_t prefix = (const char *) memchr(own.data, '/', own.len) - own.data + 1;
		char  *full = palloc(prefix + name.len);

		memcpy(full, own.data, prefix);
		memcpy(full + prefix, name.data, name.len);
		name.data = full;
		name.len += prefix;
	}
	if (!registry_component_named(name.data, name.len, &target) ||
		target.system_id != draft->component.system_id)
		return false;
	*target_id = target.component_id;
	return true;
}

/*
 * What the event acted on.  Nothing registered under that name: the name stays
 * as an attribute, since an event is not lost for it.
 */
static void
set_counterparts(Draft *draft)
{
	const AppendRequest *request = draft->request;
	int32 id;

	if (request->target.data != NULL)
	{
		if (draft->registered && find_target(draft, request->target, &id))
			set(draft, EVENT_TARGET_ID, Int32GetDatum(id));
		else
			add_clean_extra(draft, "maestro.target", request->target);
	}
	if (request->dependency.data != NULL)
	{
		if (draft->registered &&
			registry_dependency_named(draft->component.component_id,
									  request->dependency.data, request->dependency.len,
									  &id))
			set(draft, EVENT_DEPENDENCY_ID, Int32GetDatum(id));
		else
			add_clean_extra(draft, "maestro.dependency", request->dependency);
	}
}

static void
set_vocabulary(Draft *draft)
{
	const AppendRequest *request = draft->request;
	const EventLabels	*labels = event_labels();
	Oid level = request->level;

	if (request->kind == labels->kind_rejected || request->kind == labels->kind_registry)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("events of kind \"rejected\" and \"registry\" are written "
							   "by maestro alone")));
	if (!OidIsValid(level))
		level = request->kind == labels->kind_error ||
						request->outcome == labels->outcome_error ||
						request->outcome == labels->outcome_timeout
					? labels->level_error
					: labels->level_info;
	set(draft, EVENT_KIND, ObjectIdGetDatum(request->kind));
	set(draft, EVENT_LEVEL, ObjectIdGetDatum(level));
	if (OidIsValid(request->outcome))
		set(draft, EVENT_OUTCOME, ObjectIdGetDatum(request->outcome));
}

/*
 * A refusal without content: what kind of event it was is all that is kept.
 */
static void
set_refusal(Draft *draft)
{
	char	 *kind = DatumGetCString(
		DirectFunctionCall1(enum_out, ObjectIdGetDatum(draft->request->kind)));

	set(draft, EVENT_KIND, ObjectIdGetDatum(event_labels()->kind_rejected));
	extras_add_text(&draft->extras, "maestro.kind", kind, strlen(kind));
	set(draft, EVENT_ATTRIBUTES, JsonbPGetDatum(extras_merge(NULL, &draft->extras)));
}

static void
draft_init(Draft *draft, const AppendRequest *request)
{
	memset(draft, 0, sizeof(*draft));
	memset(draft->event.nulls, true, sizeof(draft->event.nulls));
	draft->request = request;
	draft->now = GetCurrentTimestamp();
}

void
append_event(EventWriter *writer, const AppendRequest *request, AppendResult *result)
{
	const EventLabels *labels = event_labels();
	Draft			   draft;

	draft_init(&draft, request);
	resolve_writer(&draft);
	set_vocabulary(&draft);
	set_times(&draft);
	set_ids(&draft);
	check_size(request->target.len, "target");
	check_size(request->dependency.len, "dependency");
	result->decision = labels->decision_allow;
	if (draft.refusal != NULL)
	{
		result->decision = labels->decision_deny;
		set(&draft, EVENT_DECISION, ObjectIdGetDatum(labels->decision_deny));
		set_text(&draft, EVENT_REASON, draft.refusal, strlen(draft.refusal));
	}
	if (draft.refusal != NULL && !draft.keeps_content)
		set_refusal(&draft);
	else
	{
		set_counterparts(&draft);
		set_message(&draft);
		set_documents(&draft);
	}
	set(&draft, EVENT_CALLER, access_role_name(GetUserId()));
	set(&draft, EVENT_SESSION_ROLE, access_role_name(GetSessionUserId()));
	result->event_id = event_write(writer, &draft.event);
	memcpy(result->leaf, DatumGetPointer(draft.event.values[EVENT_LEAF]), SHA256_LEN);
	if (draft.registered && draft.refusal == NULL)
		session_fact_note(&draft.component, draft.event.values[EVENT_CALLER],
						  draft.event.values[EVENT_SESSION_ROLE], draft.now);
}

/*
 * maestro's own record: no component acts, the one that was changed is the target.
 */
int64
append_registry(EventWriter *writer, Oid caller, int32 system_id, int32 component_id,
				const char *refusal, const char *action, Jsonb *details, Jsonb *body)
{
	AppendRequest	   request = {0};
	const EventLabels *labels = event_labels();
	Draft			   draft;

	request.message.data = action;
	request.message.len = strlen(action);
	request.attributes = details;
	request.body = body;
	draft_init(&draft, &request);
	if (system_id != 0)
		set(&draft, EVENT_SYSTEM_ID, Int32GetDatum(system_id));
	if (component_id != 0)
		set(&draft, EVENT_TARGET_ID, Int32GetDatum(component_id));
	set(&draft, EVENT_KIND, refusal ? labels->kind_rejected : labels->kind_registry);
	set(&draft, EVENT_LEVEL, refusal ? labels->level_warn : labels->level_info);
	if (refusal != NULL)
	{
		set(&draft, EVENT_DECISION, ObjectIdGetDatum(labels->decision_deny));
		set_text(&draft, EVENT_REASON, refusal, strlen(refusal));
	}
	set_times(&draft);
	set_message(&draft);
	set_documents(&draft);
	set(&draft, EVENT_CALLER, access_role_name(caller));
	set(&draft, EVENT_SESSION_ROLE, access_role_name(GetSessionUserId()));
	return event_write(writer, &draft.event);
}
