/*
 * judge_vote.c
 *		A verdict's answers by slot of maestro.signal_slot.
 *
 * What is asked of who acted, of whom it called, of its dependency and of its contract
 * are different questions with the same answer; here is which answer each slot takes.
 * Those without "no" say that something is there, such as a heartbeat.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

#include "judge.h"

/* The slots of one event, in the order of maestro.signal_slot. */
typedef enum VoteSlot
{
	VOTE_EVENT, VOTE_IN_CONTEXT, VOTE_WITHOUT_SECRET, VOTE_CLEAN, VOTE_ERROR_CLEAN, VOTE_ERROR_TYPED,
	VOTE_IN_TIME, VOTE_CALL_DECLARED, VOTE_ACTING, VOTE_HEARTBEAT, VOTE_UNDECLARED, VOTE_MODEL_PINNED,
	VOTE_MODEL_NAMED, VOTE_TOOL_SAME, VOTE_MANIFEST_SAME, VOTE_MEMORY, VOTE_MANIFEST_SENT, VOTE_CALLING,
	VOTE_NEUTRAL, VOTE_REGISTERED, VOTE_HANDOFF_VALID, VOTE_HANDOFF_CHECKED, VOTE_ORDER_KEPT,
	VOTE_PLAN_SAME, VOTE_REGISTRATION_SEEN, VOTE_REGISTRATION_REVIEWED, VOTE_CALLED, VOTE_TARGET_CLEAN,
	VOTE_TARGET_ERROR_CLEAN, VOTE_TARGET_ERROR_TYPED, VOTE_TARGET_IN_TIME, VOTE_TARGET_TOOL_SAME,
	VOTE_TARGET_PINNED, VOTE_TARGET_NAMED, VOTE_CALL, VOTE_CALL_IN_TIME, VOTE_RETRY, VOTE_BREAKER_ASKED,
	VOTE_BREAKER_ANSWER, VOTE_BREAKER_HEEDED, VOTE_LIMITER_ASKED, VOTE_LIMITER_ANSWER,
	VOTE_LIMITER_HEEDED, VOTE_RETRY_WAITED, VOTE_RETRY_KNOWN, VOTE_INPUT_VALID, VOTE_INPUT_CHECKED,
	VOTE_OUTPUT_VALID, VOTE_OUTPUT_CHECKED, VOTE_END
} VoteSlot;

static void
cast(Votes *votes, VoteSlot slot, Answer answer)
{
	if (answer == ANSWER_NONE)
		return;
	votes->asked |= UINT64CONST(1) << slot;
	if (answer == ANSWER_YES)
		votes->yes |= UINT64CONST(1) << slot;
}

/* That there is such a thing; that there is none is no answer. */
static void
note(Votes *votes, VoteSlot slot, bool there_is)
{
	cast(votes, slot, there_is ? ANSWER_YES : ANSWER_NONE);
}

static void
cast_of_actor(Votes *votes, const JudgedEvent *event, const Verdict *verdict)
{
	bool accepted = event->own && !event->refused;

	/* what guards say is the extension's own event: it shows no logging */
	note(votes, VOTE_EVENT, event->own && event->kind != JUDGE_GUARD);
	cast(votes, VOTE_IN_CONTEXT, verdict->in_context);
	cast(votes, VOTE_WITHOUT_SECRET, verdict->without_secret);
	if (event->kind == JUDGE_OUTPUT)
		cast(votes, VOTE_CLEAN, verdict->clean);
	if (event->kind == JUDGE_ERROR || event->kind == JUDGE_OUTPUT)
		cast(votes, VOTE_ERROR_CLEAN, verdict->error_clean);
	cast(votes, VOTE_ERROR_TYPED, verdict->error_typed);
	cast(votes, VOTE_IN_TIME, verdict->in_time);
	cast(votes, VOTE_CALL_DECLARED, verdict->call_declared);
	note(votes, VOTE_ACTING, accepted && verdict->contradicted == ANSWER_YES);
	note(votes, VOTE_HEARTBEAT, event->own && event->kind == JUDGE_HEARTBEAT);
	note(votes, VOTE_UNDECLARED,
		 accepted && event->kind == JUDGE_DEPENDENCY_CALL && event->dependency_id == 0);
	cast(votes, VOTE_MODEL_PINNED, verdict->model_pinned);
	cast(votes, VOTE_MODEL_NAMED, verdict->model_named);
	cast(votes, VOTE_TOOL_SAME, verdict->tool_same);
	cast(votes, VOTE_MANIFEST_SAME, verdict->manifest_same);
	cast(votes, VOTE_MEMORY, verdict->memory_in_limit);
	cast(votes, VOTE_MANIFEST_SENT, verdict->manifest_sent);
	note(votes, VOTE_CALLING,
		 accepted && (event->kind == JUDGE_MODEL_CALL || event->kind == JUDGE_TOOL_CALL));
}

static void
cast_of_system(Votes *votes, const JudgedEvent *event, const Verdict *verdict)
{
	cast(votes, VOTE_NEUTRAL, verdict->neutral);
	cast(votes, VOTE_REGISTERED, verdict->registered);
	if (verdict->contracted == ANSWER_YES)
	{
		cast(votes, VOTE_HANDOFF_VALID, verdict->valid);
		cast(votes, VOTE_HANDOFF_CHECKED, verdict->checked);
	}
	else if (verdict->contracted == ANSWER_NO)
		cast(votes, VOTE_HANDOFF_VALID, event->refused ? ANSWER_YES : ANSWER_NO);
	cast(votes, VOTE_ORDER_KEPT, verdict->order_kept);
	cast(votes, VOTE_PLAN_SAME, verdict->plan_same);
	cast(votes, VOTE_REGISTRATION_SEEN, verdict->registration_reviewed);
	note(votes, VOTE_REGISTRATION_REVIEWED, verdict->registration_reviewed == ANSWER_YES);
}

static void
cast_of_target(Votes *votes, const JudgedEvent *event, const Verdict *verdict)
{
	bool judged = verdict->target_limits != NULL && verdict->target_limits->is_judged_by_callers;

	note(votes, VOTE_CALLED,
		 event->own && !event->refused && event->target_id != 0 &&
			 (event->kind_bit & (JUDGE_CALLS | JUDGE_BIT(JUDGE_HANDOFF))) != 0);
	cast(votes, VOTE_TARGET_TOOL_SAME, verdict->target_tool_same);
	if (!judged)
		return;
	cast(votes, VOTE_TARGET_IN_TIME, verdict->target_in_time);
	if (!event->calls_other)
		return;
	if (event->kind == JUDGE_TOOL_CALL || event->kind == JUDGE_MODEL_CALL)
	{
		cast(votes, VOTE_TARGET_CLEAN, verdict->clean);
		cast(votes, VOTE_TARGET_ERROR_CLEAN, verdict->error_clean);
		cast(votes, VOTE_TARGET_ERROR_TYPED, verdict->error_typed);
	}
	/* model_named is of calls to models and gateways alone */
	if (verdict->model_named != ANSWER_NONE)
		cast(votes, VOTE_TARGET_PINNED, verdict->model_pinned);
	cast(votes, VOTE_TARGET_NAMED, verdict->model_named);
}

/* Was the call let pass?  One that was not made heeded what it was told. */
static Answer
heeded(const JudgedEvent *event, Answer stops)
{
	return stops == ANSWER_YES && !event->unmade ? ANSWER_NO : ANSWER_YES;
}

static void
cast_of_dependency(Votes *votes, const JudgedEvent *event, const Verdict *verdict)
{
	cast(votes, VOTE_CALL_IN_TIME, verdict->call_in_time);
	cast(votes, VOTE_RETRY, verdict->retry_in_bounds);
	note(votes, VOTE_RETRY_WAITED, verdict->has_schedule);
	cast(votes, VOTE_RETRY_KNOWN, verdict->retry_known);
	if (event->kind == JUDGE_GUARD)
	{
		note(votes, VOTE_BREAKER_ANSWER, verdict->breaker_open == ANSWER_NO);
		note(votes, VOTE_LIMITER_ANSWER, verdict->limited == ANSWER_NO);
	}
	if (!event->own || event->refused || event->dependency_id == 0 ||
		event->kind != JUDGE_DEPENDENCY_CALL)
		return;
	cast(votes, VOTE_CALL, ANSWER_YES);
	cast(votes, VOTE_BREAKER_ASKED, verdict->breaker_open != ANSWER_NONE ? ANSWER_YES : ANSWER_NO);
	cast(votes, VOTE_BREAKER_HEEDED, heeded(event, verdict->breaker_open));
	cast(votes, VOTE_LIMITER_ASKED, verdict->limited != ANSWER_NONE ? ANSWER_YES : ANSWER_NO);
	cast(votes, VOTE_LIMITER_HEEDED, heeded(event, verdict->limited));
}

Votes
verdict_votes(const JudgedEvent *event, const Verdict *verdict)
{
	Votes votes = {0, 0};

	StaticAssertStmt(VOTE_END == VOTE_SLOTS, "slots of one event");
	cast_of_actor(&votes, event, verdict);
	cast_of_system(&votes, event, verdict);
	cast_of_target(&votes, event, verdict);
	cast_of_dependency(&votes, event, verdict);
	if (verdict->contract == NULL)
		return votes;
	if (verdict->contract->direction == JUDGE_INPUT)
	{
		cast(&votes, VOTE_INPUT_VALID, verdict->valid);
		cast(&votes, VOTE_INPUT_CHECKED, verdict->checked);
	}
	else if (verdict->contract->direction == JUDGE_OUTPUT)
	{
		cast(&votes, VOTE_OUTPUT_VALID, verdict->valid);
		cast(&votes, VOTE_OUTPUT_CHECKED, verdict->checked);
	}
	return votes;
}

/* Rounded as numeric rounds: to the nearest, the half away from zero, of 15 digits. */
int64
verdict_ms(double ms)
{
	Datum exact = DirectFunctionCall1(float8_numeric, Float8GetDatum(ms));
	Datum whole = DirectFunctionCall2(numeric_round, exact, Int32GetDatum(0));

	return DatumGetInt64(DirectFunctionCall1(numeric_int8, whole));
}
