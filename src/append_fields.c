/*
 * append_fields.c
 *		What of an event does not depend on who may write it: ids, times, words.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/timestamp.h"

#include "compat.h"

#include "append_draft.h"
#include "guc.h"
#include "hexid.h"
#include "sanitize_rule.h"

/* what no span lasts; sums of it overflow nothing */
#define DURATION_MAX (3653.0 * USECS_PER_DAY)

/* clocks of other machines may be this far ahead */
#define FUTURE_TOLERANCE (5 * USECS_PER_MINUTE)

void
draft_set_text(Draft *draft, EventColumn column, const char *text, size_t len)
{
	draft_set(draft, column, PointerGetDatum(cstring_to_text_with_len(text, (int) len)));
}

void
draft_check_size(size_t size, const char *what)
{
	if (size > (size_t) guc_trace_input_limit)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("%s of an event is too large: %zu bytes", what, size),
						errdetail("At most %d bytes are taken.", guc_trace_input_limit),
						errhint("The limit is the setting maestro.trace_input_limit.")));
}

void
draft_add_text(Draft *draft, const char *key, Slice value)
{
	char  *clean;
	size_t len;

	(void) redact_text(value.data, value.len, REDACT_LINE, sanitize_log_setup(),
					   &draft->findings, &clean, &len);
	extras_add_text(&draft->extras, key, clean, pg_mbcliplen(clean, len, 1024));
}

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
		draft_add_text(draft, "span.original_id", id);
	draft_set(draft, column, PointerGetDatum(span));
}

void
draft_set_ids(Draft *draft)
{
	Slice id = draft->request->trace_id;

	if (id.data != NULL)
	{
		uint8 *trace = palloc(TRACE_ID_LEN);

		if (!hexid_parse_trace(id.data, id.len, trace))
			refuse_id("trace id",
					  "32 hexadecimal digits, not all zero, a UUID, or trace_ and 32 digits");
		draft_set(draft, EVENT_TRACE_ID, PointerGetDatum(trace));
	}
	set_span(draft, EVENT_SPAN_ID, draft->request->span_id, true);
	set_span(draft, EVENT_PARENT_SPAN_ID, draft->request->parent_span_id, false);
}

/*
 * A clock far ahead would make evidence fresh for ever; such a time, and an
 * infinite one, is replaced by ours and kept as an attribute.
 */
void
draft_set_times(Draft *draft)
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
	draft_set(draft, EVENT_RECORDED_AT, TimestampTzGetDatum(draft->now));
	draft_set(draft, EVENT_OCCURRED_AT, TimestampTzGetDatum(at));
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
		draft_set(draft, EVENT_DURATION, IntervalPGetDatum(d));
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
void
draft_set_counterparts(Draft *draft)
{
	const AppendRequest *request = draft->request;
	int32 id;

	if (request->target_id != 0)
		draft_set(draft, EVENT_TARGET_ID, Int32GetDatum(request->target_id));
	else if (request->target.data != NULL)
	{
		if (draft->registered && find_target(draft, request->target, &id))
			draft_set(draft, EVENT_TARGET_ID, Int32GetDatum(id));
		else
			draft_add_text(draft, "maestro.target", request->target);
	}
	if (request->dependency_id != 0)
		draft_set(draft, EVENT_DEPENDENCY_ID, Int32GetDatum(request->dependency_id));
	else if (request->dependency.data != NULL)
	{
		if (draft->registered &&
			registry_dependency_named(draft->component.component_id,
									  request->dependency.data, request->dependency.len,
									  &id))
			draft_set(draft, EVENT_DEPENDENCY_ID, Int32GetDatum(id));
		else
			draft_add_text(draft, "maestro.dependency", request->dependency);
	}
}

void
draft_set_vocabulary(Draft *draft)
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
	draft_set(draft, EVENT_KIND, ObjectIdGetDatum(request->kind));
	draft_set(draft, EVENT_LEVEL, ObjectIdGetDatum(level));
	if (OidIsValid(request->outcome))
		draft_set(draft, EVENT_OUTCOME, ObjectIdGetDatum(request->outcome));
}
