/*
 * judge_sql.c
 *		What an event says, for the view event_verdict.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "maestro.h"

#include "judge.h"
#include "judge_facts.h"
#include "result_row.h"

/* Columns in the order of judge_event's result: first those that are no answer. */
typedef enum VerdictColumn
{
	COLUMN_AT,
	COLUMN_OWN,
	COLUMN_REFUSED,
	COLUMN_VERSION,
	COLUMN_TARGET_VERSION,
	COLUMN_VALID_FROM,
	COLUMN_TARGET_VALID_FROM,
	COLUMN_TARGET_JUDGED,
	COLUMN_WAITED,
	COLUMN_SCHEDULED,
	COLUMN_JUDGED_ID,
	COLUMN_DIRECTION,
	COLUMN_JUDGING_VERSION,
	COLUMN_EXCUSED,
	COLUMN_DRILL,
	COLUMN_IS_OPEN,
	COLUMN_VOTES,
	COLUMN_ANSWERS
} VerdictColumn;

/* Then the answers. */
static const size_t answers[] = {
#define AT(member) offsetof(Verdict, member)
	AT(in_context), AT(without_secret), AT(clean), AT(error_clean), AT(error_typed), AT(in_time),
	AT(target_in_time), AT(call_in_time), AT(call_declared), AT(retry_in_bounds), AT(breaker_open),
	AT(limited), AT(made), AT(checked), AT(valid), AT(contracted), AT(order_kept), AT(model_pinned),
	AT(model_named), AT(contradicted), AT(tool_same), AT(target_tool_same), AT(manifest_same),
	AT(manifest_sent), AT(retry_known), AT(plan_same), AT(memory_in_limit), AT(neutral), AT(registered),
	AT(registration_reviewed)
#undef AT
};

#define COLUMNS (COLUMN_ANSWERS + lengthof(answers))

typedef struct VerdictRow
{
	Datum values[COLUMNS];
	bool  nulls[COLUMNS];
} VerdictRow;

static void
put(VerdictRow *row, int column, Datum value)
{
	row->values[column] = value;
	row->nulls[column] = false;
}

static Datum
votes_array(Votes votes)
{
	Datum items[VOTE_SLOTS];
	bool  nulls[VOTE_SLOTS];
	int	  dims[1] = {VOTE_SLOTS};
	int	  bounds[1] = {1};

	for (int i = 0; i < VOTE_SLOTS; i++)
	{
		items[i] = BoolGetDatum((votes.yes >> i & 1) != 0);
		nulls[i] = (votes.asked >> i & 1) == 0;
	}
	return PointerGetDatum(
		construct_md_array(items, nulls, 1, dims, bounds, BOOLOID, 1, true, TYPALIGN_CHAR));
}

static void
put_limits(VerdictRow *row, const Verdict *verdict)
{
	const LimitFacts *c = verdict->limits;
	const LimitFacts *t = verdict->target_limits;

	if (verdict->is_current)
	{
		put(row, COLUMN_VALID_FROM, TimestampTzGetDatum(c->valid_from));
		if (c->is_current)
			put(row, COLUMN_VERSION, PointerGetDatum(cstring_to_text_with_len(c->version.s, (int) c->version.len)));
	}
	if (t == NULL)
		return;
	put(row, COLUMN_TARGET_VALID_FROM, TimestampTzGetDatum(t->valid_from));
	put(row, COLUMN_TARGET_JUDGED, BoolGetDatum(t->is_judged_by_callers));
	if (t->is_current)
		put(row, COLUMN_TARGET_VERSION, PointerGetDatum(cstring_to_text_with_len(t->version.s, (int) t->version.len)));
}

static void
put_contract(VerdictRow *row, const JudgedEvent *event, const Verdict *verdict)
{
	int32 version;

	if (verdict_version(event, verdict, &version))
		put(row, COLUMN_JUDGING_VERSION, Int32GetDatum(version));
	if (verdict->contract == NULL)
		return;
	put(row, COLUMN_JUDGED_ID, Int32GetDatum(verdict->judged_id));
	put(row, COLUMN_DIRECTION,
		CStringGetTextDatum(verdict->contract->direction == JUDGE_INPUT	   ? "input"
							: verdict->contract->direction == JUDGE_OUTPUT ? "output"
																		   : "handoff"));
}

static void
put_verdict(VerdictRow *row, const JudgedEvent *event, const Verdict *verdict, JudgeFacts *facts)
{
	memset(row->nulls, true, sizeof(row->nulls));
	put(row, COLUMN_AT, TimestampTzGetDatum(event->at));
	put(row, COLUMN_OWN, BoolGetDatum(event->own));
	put(row, COLUMN_REFUSED, BoolGetDatum(event->refused));
	put_limits(row, verdict);
	put_contract(row, event, verdict);
	if (verdict->has_schedule)
	{
		put(row, COLUMN_WAITED, Int64GetDatum(verdict_ms(verdict->waited)));
		put(row, COLUMN_SCHEDULED, Int64GetDatum(verdict_ms(verdict->scheduled)));
	}
	put(row, COLUMN_EXCUSED, BoolGetDatum(judge_facts_excused(facts, event->event_id)));
	put(row, COLUMN_DRILL, BoolGetDatum(verdict->is_drill));
	put(row, COLUMN_IS_OPEN, BoolGetDatum(verdict->is_open));
	put(row, COLUMN_VOTES, votes_array(verdict_votes(event, verdict)));
	for (int i = 0; i < (int) lengthof(answers); i++)
	{
		Answer answer = *(const Answer *) ((const char *) verdict + answers[i]);

		if (answer != ANSWER_NONE)
			put(row, COLUMN_ANSWERS + i, BoolGetDatum(answer == ANSWER_YES));
	}
}

/* The event that is the argument: a row of judged_event, whose last columns are no event's. */
static void
event_arg(FunctionCallInfo fcinfo, Event *event)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(0);
	TupleDesc		desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header),
												  HeapTupleHeaderGetTypMod(header));
	HeapTupleData	tuple = {.t_len = HeapTupleHeaderGetDatumLength(header), .t_data = header};
	Datum		   *values = palloc(desc->natts * sizeof(Datum));
	bool		   *nulls = palloc(desc->natts * sizeof(bool));

	if (desc->natts < EVENT_NATTS)
		elog(ERROR, "what is judged are rows of maestro.judged_event");
	heap_deform_tuple(&tuple, desc, values, nulls);
	memcpy(event->values, values, sizeof(event->values));
	memcpy(event->nulls, nulls, sizeof(event->nulls));
	ReleaseTupleDesc(desc);
}

/* What is known is read once a query. */
static JudgeFacts *
facts_of_query(FunctionCallInfo fcinfo)
{
	MemoryContext saved;

	if (fcinfo->flinfo->fn_extra == NULL)
	{
		saved = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = judge_facts_of(GetUserId());
		MemoryContextSwitchTo(saved);
	}
	return fcinfo->flinfo->fn_extra;
}

/* judge_event(judged_event) -> (at, ...), NULL for what says nothing */
MAESTRO_FUNCTION(judge_event)
{
	static ResultRow result;
	JudgeFacts *facts = facts_of_query(fcinfo);
	Event		row;
	JudgedEvent event;
	Verdict		verdict;
	VerdictRow	columns;
	TupleDesc	desc = result_row(fcinfo, &result);

	event_arg(fcinfo, &row);
	if (desc->natts != (int) COLUMNS)
		elog(ERROR, "a verdict has %d columns", (int) COLUMNS);
	if (row.nulls[EVENT_EVENT_ID] || row.nulls[EVENT_RECORDED_AT] || row.nulls[EVENT_OCCURRED_AT] ||
		row.nulls[EVENT_KIND] || row.nulls[EVENT_CALLER])
		PG_RETURN_NULL();
	judged_event(&event, judge_facts_labels(facts), &row);
	/* whoever makes rows up learns nothing of systems that are none of his */
	if ((event.system_id != 0 && !judge_facts_may_read(facts, event.system_id)) ||
		!judge_answers(&event, facts, &verdict))
		PG_RETURN_NULL();
	put_verdict(&columns, &event, &verdict, facts);
	return HeapTupleGetDatum(heap_form_tuple(desc, columns.values, columns.nulls));
}
