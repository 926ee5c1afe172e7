/*
 * judge_event.c
 *		An event's row as judging reads it.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "common/int.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"

#include "judge.h"

/* a month has 30 days there, as where intervals are compared */
#define LASTED_MAX (INT64CONST(10) * 12 * 30 * USECS_PER_DAY)

void
judge_labels(JudgeLabels *labels)
{
	static const char *const kinds[] = {
#define JUDGE_LABEL(name, label) label,
		JUDGE_KINDS(JUDGE_LABEL)
#undef JUDGE_LABEL
	};
	for (int i = 0; i < (int) lengthof(kinds); i++)
		labels->kind[i] = event_label("event_kind", kinds[i]);
	labels->failed[0] = event_label("outcome", "error");
	labels->failed[1] = event_label("outcome", "timeout");
	labels->unmade[0] = event_label("outcome", "denied");
	labels->unmade[1] = event_label("outcome", "rejected");
	labels->unmade[2] = event_label("outcome", "cancelled");
	labels->deny = event_label("decision", "deny");
}

JudgeKind
judge_kind(const JudgeLabels *labels, Oid kind)
{
	int i = 0;

	while (i < JUDGE_OTHER && labels->kind[i] != kind)
		i++;
	return (JudgeKind) i;
}

int64
judge_span(const Interval *interval)
{
	int64 days = (int64) interval->month * DAYS_PER_MONTH + interval->day;
	int64 span;

	if (pg_mul_s64_overflow(days, USECS_PER_DAY, &span) ||
		pg_add_s64_overflow(span, interval->time, &span))
		return days > 0 ? PG_INT64_MAX : PG_INT64_MIN;
	return span;
}

static int32
row_int(const Event *row, EventColumn column)
{
	return row->nulls[column] ? 0 : DatumGetInt32(row->values[column]);
}

static Words
row_words(const Event *row, EventColumn column)
{
	text *value;

	if (row->nulls[column])
		return (Words){NULL, 0};
	value = DatumGetTextPP(row->values[column]);
	return (Words){VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
}

static Jsonb *
row_json(const Event *row, EventColumn column)
{
	return row->nulls[column] ? NULL : DatumGetJsonbP(row->values[column]);
}

/* How it ended, and how long it took. */
static void
read_course(JudgedEvent *event, const JudgeLabels *labels)
{
	const Event *row = event->row;
	Oid			 outcome = row->nulls[EVENT_OUTCOME]
							   ? InvalidOid
							   : DatumGetObjectId(row->values[EVENT_OUTCOME]);

	event->refused = !row->nulls[EVENT_DECISION] &&
					 DatumGetObjectId(row->values[EVENT_DECISION]) == labels->deny;
	event->unmade = OidIsValid(outcome) &&
					(outcome == labels->unmade[0] || outcome == labels->unmade[1] ||
					 outcome == labels->unmade[2]);
	event->is_failure = event->kind == JUDGE_ERROR ||
						(OidIsValid(outcome) &&
						 (outcome == labels->failed[0] || outcome == labels->failed[1]));
	event->has_duration = !row->nulls[EVENT_DURATION];
	event->lasted = 0;
	/* an imported row may say anything */
	if (event->has_duration)
		event->lasted = Min(Max(judge_span(DatumGetIntervalP(row->values[EVENT_DURATION])), 0),
							LASTED_MAX);
}

void
judged_event(JudgedEvent *event, const JudgeLabels *labels, const Event *row)
{
	event->row = row;
	event->event_id = DatumGetInt64(row->values[EVENT_EVENT_ID]);
	event->recorded_at = DatumGetTimestampTz(row->values[EVENT_RECORDED_AT]);
	event->at = Min(event->recorded_at, DatumGetTimestampTz(row->values[EVENT_OCCURRED_AT]));
	event->system_id = row_int(row, EVENT_SYSTEM_ID);
	event->component_id = row_int(row, EVENT_COMPONENT_ID);
	event->target_id = row_int(row, EVENT_TARGET_ID);
	event->dependency_id = row_int(row, EVENT_DEPENDENCY_ID);
	event->kind = judge_kind(labels, DatumGetObjectId(row->values[EVENT_KIND]));
	event->kind_bit = JUDGE_BIT(event->kind);
	event->own = event->component_id != 0 && event->kind != JUDGE_REJECTED;
	event->calls_other = event->component_id != 0 && event->target_id != 0 &&
						 event->target_id != event->component_id;
	event->is_erased = row->nulls[EVENT_SALT];
	event->has_valid = !row->nulls[EVENT_VALID];
	event->valid = event->has_valid && DatumGetBool(row->values[EVENT_VALID]);
	event->has_contract_version = !row->nulls[EVENT_CONTRACT_VERSION];
	event->contract_version = row_int(row, EVENT_CONTRACT_VERSION);
	event->version = row_words(row, EVENT_COMPONENT_VERSION);
	event->message = row_words(row, EVENT_MESSAGE);
	event->reason = row_words(row, EVENT_REASON);
	event->trace_id = row->nulls[EVENT_TRACE_ID]
						  ? NULL
						  : (const uint8 *) DatumGetPointer(row->values[EVENT_TRACE_ID]);
	read_course(event, labels);
	/* of what others log nothing is asked that attributes or findings say */
	attributes_pick(&event->attributes, event->own ? row_json(row, EVENT_ATTRIBUTES) : NULL);
	event->findings = event->own ? row_json(row, EVENT_FINDINGS) : NULL;
	if (event->findings != NULL && !JB_ROOT_IS_OBJECT(event->findings))
		event->findings = NULL;
}

bool
judged_body_says(const JudgedEvent *event)
{
	Jsonb	  *body;
	JsonbValue value;

	if (event->row->nulls[EVENT_BODY])
		return false;
	/* larger than any of those: then it need not be decompressed */
	if (toast_raw_datum_size(event->row->values[EVENT_BODY]) > VARHDRSZ + 16)
		return true;
	body = DatumGetJsonbP(event->row->values[EVENT_BODY]);
	if (!JB_ROOT_IS_SCALAR(body))
		return !(JB_ROOT_IS_ARRAY(body) && JB_ROOT_COUNT(body) == 0);
	(void) JsonbExtractScalar(&body->root, &value);
	return !(value.type == jbvNull || (value.type == jbvString && value.val.string.len == 0));
}
