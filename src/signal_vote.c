/*
 * signal_vote.c
 *		Counting what single events say.
 *
 * Judging (judge.c) answers by slot; here the answers are sorted by what they are about.
 * New events are read where they are stored, row by row, without a query; the few that
 * are sealed already and not counted for good come from live_kept_event.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "judge.h"
#include "judge_facts.h"
#include "signal_tally.h"
#include "signal_vote.h"
#include "statement.h"
#include "unsealed.h"

/* kept events fetched at a time */
#define BATCH 1000

#define SLOT_BIT(slot) (UINT64CONST(1) << (slot))

/* An event that was judged, and what was counted of it before. */
typedef struct Ballot
{
	SignalJudge		  *judge;
	const JudgedEvent *event;
	const Verdict	  *verdict;
	Votes			   votes;
	uint64			   faults; /* slots in which it was counted as bad */
	SignalSubject	   subject;
	SignalAnswer	   answer;
} Ballot;

static TimestampTz
since(const LimitFacts *limits)
{
	return limits == NULL ? DT_NOEND : limits->valid_from;
}

/* Since when the version is judged as it was that it says; of none: infinity. */
static TimestampTz
own_since(const Verdict *verdict)
{
	return verdict->is_current ? verdict->limits->valid_from : DT_NOEND;
}

static void
find_subject(Ballot *ballot)
{
	const JudgedEvent *event = ballot->event;
	const Verdict	  *verdict = ballot->verdict;
	SignalSubject	  *subject = &ballot->subject;

	memset(subject, 0, sizeof(*subject));
	subject->valid_from = own_since(verdict);
	subject->target_valid_from = since(verdict->target_limits);
	subject->system_id = event->system_id;
	subject->component_id = event->component_id;
	subject->target_id = event->target_id;
	subject->dependency_id = event->dependency_id;
	subject->judged_id = verdict->judged_id;
	subject->drill = verdict->is_drill;
	(void) verdict_version(event, verdict, &subject->contract_version);
}

/* One answer of an event that was not counted before. */
static void
count_vote(Ballot *ballot, int slot, bool yes)
{
	SignalJudge		 *judge = ballot->judge;
	const SignalSlot *s = &judge->slots[slot];
	SignalAnswer	 *answer = &ballot->answer;
	SignalKey		  key;

	signal_subject_key(&ballot->subject, s, &key);
	answer->is_good = yes;
	answer->ok = s->is_amount ? verdict_ms(ballot->verdict->waited) : yes;
	answer->bad = s->is_amount ? verdict_ms(ballot->verdict->scheduled) : !yes;
	if (judge->is_sealing && (!yes || s->is_amount))
		signal_fault(judge, slot, answer);
	else if (!judge->is_sealing && answer->bad != 0 &&
			 judge_facts_excused(ballot->judge->facts, ballot->event->event_id))
		answer->bad = 0;
	if (answer->ok != 0 || answer->bad != 0)
		signal_add(&judge->counter, &key, answer);
}

/* Take back what an event was counted as bad in, since a review says so. */
static void
excuse_vote(Ballot *ballot, int slot)
{
	const SignalSlot *s = &ballot->judge->slots[slot];
	SignalAnswer	 *answer = &ballot->answer;
	bool			  yes = (ballot->votes.yes & SLOT_BIT(slot)) != 0;
	bool			  counted_bad = (ballot->faults & SLOT_BIT(slot)) != 0;
	SignalKey		  key;

	answer->is_good = yes && s->is_review;
	answer->ok = answer->is_good;
	answer->bad = -(int64) counted_bad;
	if (counted_bad && s->is_amount)
		answer->bad = yes ? -verdict_ms(ballot->verdict->scheduled) : 0;
	if (answer->ok == 0 && answer->bad == 0)
		return;
	signal_subject_key(&ballot->subject, s, &key);
	signal_add(&ballot->judge->counter, &key, answer);
}

/* What an erased event was counted as bad in, by what its payload said, stays. */
static uint64
still_bad(const Ballot *ballot)
{
	uint64 bad = 0;

	for (int i = 0; ballot->faults != 0 && i < ballot->judge->nslots; i++)
		if (!ballot->judge->slots[i].is_amount &&
			/* what takes more than one event is judged by others, this aside */
			(i < VOTE_SLOTS || strcmp(ballot->judge->slots[i].name, "error_explained") == 0))
			bad |= ballot->faults & SLOT_BIT(i);
	return bad;
}

/* Is it not to be counted yet? */
static bool
waits(const Ballot *ballot)
{
	SignalJudge *judge = ballot->judge;

	if (!judge->is_sealing)
		return false;
	if (ballot->verdict->is_open)
		signal_hold(judge, ballot->event->component_id, ballot->event->event_id);
	return signal_is_pending(judge, ballot->event->event_id);
}

static void
count_event(SignalJudge *judge, const Event *row, uint64 faults, bool is_counted)
{
	JudgedEvent event;
	Verdict		verdict;
	Ballot		ballot = {.judge = judge, .event = &event, .verdict = &verdict, .faults = faults};
	uint64		bad;
	uint64		good;

	judged_event(&event, judge_facts_labels(judge->facts), row);
	if (!judge_answers(&event, judge->facts, &verdict))
		return;
	ballot.votes = verdict_votes(&event, &verdict);
	find_subject(&ballot);
	ballot.answer.event_id = event.event_id;
	ballot.answer.at = event.at;
	ballot.answer.recorded_at = event.recorded_at;
	if (is_counted)
	{
		for (int i = 0; i < judge->nslots; i++)
			excuse_vote(&ballot, i);
		return;
	}
	if (waits(&ballot))
		return;
	bad = still_bad(&ballot);
	good = ballot.votes.asked & ballot.votes.yes & ~bad & ~judge->amounts;
	signal_tally(judge, &ballot.subject, good, event.at);
	for (uint64 left = (ballot.votes.asked | bad) & ~good; left != 0; left &= left - 1)
	{
		int slot = pg_rightmost_one_pos64(left);

		count_vote(&ballot, slot, (ballot.votes.yes & ~bad & SLOT_BIT(slot)) != 0);
	}
}

/* ---- new events ---- */

/* What an erased event was counted as bad in, when all is counted again. */
static uint64
kept_faults(const Event *row)
{
	static Statement faults = {.text = "SELECT n.faults FROM maestro.signal_fault n WHERE n.event_id = $1",
							   .nargs = 1,
							   .types = {INT8OID}};
	Datum args[1] = {row->values[EVENT_EVENT_ID]};

	if (!row->nulls[EVENT_SALT])
		return 0;
	statement_run(&faults, args, NULL, true, 1, SPI_OK_SELECT);
	return SPI_processed == 0 ? 0 : (uint64) statement_int64(1);
}

/*
 * May another event say more of it?  Of failures and of outputs that broke their
 * contract; the rest is counted as it stands.
 */
static bool
may_wait(const SignalJudge *judge, const Event *row)
{
	const JudgeLabels *labels = judge_facts_labels(judge->facts);
	Oid kind = DatumGetObjectId(row->values[EVENT_KIND]);
	Oid outcome = row->nulls[EVENT_OUTCOME] ? InvalidOid : DatumGetObjectId(row->values[EVENT_OUTCOME]);

	if (kind == labels->kind[JUDGE_ERROR] || outcome == labels->failed[0] || outcome == labels->failed[1])
		return true;
	return kind == labels->kind[JUDGE_OUTPUT] && !row->nulls[EVENT_VALID] &&
		   !DatumGetBool(row->values[EVENT_VALID]);
}

void
signal_judge_event(SignalJudge *judge, const Event *row)
{
	judge->has_seen = true;
	if (may_wait(judge, row))
		judge->may_wait = true;
	else
		count_event(judge, row, kept_faults(row), false);
}

static void
visit_new(const Event *row, void *context)
{
	SignalJudge *judge = context;

	if (!judge->has_seen || may_wait(judge, row))
		count_event(judge, row, kept_faults(row), false);
}

/* ---- those that are sealed ---- */

/* columns of live_kept_event behind the event's own */
#define KEPT_STANDING EVENT_NATTS
#define KEPT_FAULTS (EVENT_NATTS + 1)
#define KEPT_NATTS (EVENT_NATTS + 2)

static void
count_kept(SignalJudge *judge, HeapTuple tuple, TupleDesc desc)
{
	Datum values[KEPT_NATTS];
	bool  nulls[KEPT_NATTS];
	Event row;
	bool  is_counted;

	heap_deform_tuple(tuple, desc, values, nulls);
	memcpy(row.values, values, sizeof(row.values));
	memcpy(row.nulls, nulls, sizeof(row.nulls));
	is_counted = strcmp(TextDatumGetCString(values[KEPT_STANDING]), "counted") == 0;
	count_event(judge, &row,
				nulls[KEPT_FAULTS] ? 0 : (uint64) DatumGetInt64(values[KEPT_FAULTS]), is_counted);
}

static void
read_kept(SignalJudge *judge)
{
	Portal		  portal;
	SPIPlanPtr	  plan;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "maestro votes", ALLOCSET_DEFAULT_SIZES);

	/* what was counted is taken back by who reads, not by who seals */
	plan = SPI_prepare(judge->is_sealing
						   ? "SELECT * FROM maestro.live_kept_event k WHERE k.standing <> 'counted'"
						   : "SELECT * FROM maestro.live_kept_event k",
					   0, NULL);
	if (plan == NULL)
		elog(ERROR, "could not read what is not counted yet");
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	for (;;)
	{
		MemoryContext saved;

		SPI_cursor_fetch(portal, true, BATCH);
		if (SPI_processed == 0)
			break;
		saved = MemoryContextSwitchTo(context);
		for (uint64 i = 0; i < SPI_processed; i++)
			count_kept(judge, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		MemoryContextSwitchTo(saved);
		MemoryContextReset(context);
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(portal);
	SPI_freeplan(plan);
	MemoryContextDelete(context);
}

void
signal_count_votes(SignalJudge *judge)
{
	if (!judge->has_seen || judge->may_wait)
		unsealed_visit(visit_new, judge);
	read_kept(judge);
	signal_tally_end(judge);
}
