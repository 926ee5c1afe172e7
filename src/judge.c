/*
 * judge.c
 *		What an event says, question by question.
 *
 * What has no process of its own (tools, models, services) is judged by the events of
 * its callers, through target_id; agents and whatever has a process speak for
 * themselves alone.  Events of kind "registry" say nothing; what was rejected, or came
 * from nobody that is registered, says something about the system alone; what was
 * refused was not accepted, so it is never bad.
 *
 * This is the one place that judges: views ask it through judge_event(), the sealer
 * and posture through signal_judge.c.  Each question is a function that fills in its
 * answers; which of them concern an event at all depends on its kind, so most events
 * are asked few.  Where a comparison lacks a side there is no answer.
 */
#include "postgres.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "judge_question.h"
#include "leak.h"
#include "scan.h"

/* ---- what was found ---- */

/* May a finding of that type be there? */
static bool
is_allowed(const LimitFacts *limits, const JsonbValue *type)
{
	Words found = {type->val.string.val, type->val.string.len};

	if (limits == NULL)
		return false;
	for (int i = 0; i < limits->nallowed; i++)
		if (words_equal(limits->allowed[i], found))
			return true;
	return limits->allows_null;
}

/* Secrets, and findings of which nothing is known, never may. */
static void
judge_findings(Judging *j)
{
	const JudgedEvent *event = j->event;
	bool  is_output = event->own && event->kind == JUDGE_OUTPUT;
	bool  is_call = event->own && event->calls_other &&
				   is_one_of(event, JUDGE_BIT(JUDGE_TOOL_CALL) | JUDGE_BIT(JUDGE_MODEL_CALL));
	bool  secret = false;
	bool  other = false;
	JsonbIterator	  *it;
	JsonbIteratorToken token;
	JsonbValue		   v;

	if (!event->own)
		return;
	if (event->findings != NULL)
	{
		it = JsonbIteratorInit(&event->findings->root);
		while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
		{
			int type;

			if (token != WJB_KEY)
				continue;
			type = scan_type_find(v.val.string.val, v.val.string.len);
			if (type < 0 || scan_type_level(type) == SCAN_SECRETS)
				secret = true;
			else if (!is_allowed(is_output ? j->verdict->limits : j->verdict->target_limits, &v))
				other = true;
		}
	}
	j->verdict->without_secret = answer(!secret);
	if (is_output || is_call)
		j->verdict->clean = answer(event->refused || !(secret || other));
}

/* ---- what it tells ---- */

/*
 * A guard that is asked knows no trace.  That an action is begun is judged at its end.
 * Whoever had a payload erased is not to be blamed for its lack.
 */
static bool
needs_context(const JudgedEvent *event)
{
	return event->own && !event->is_erased &&
		   !is_one_of(event, JUDGE_BIT(JUDGE_HEARTBEAT) | JUDGE_BIT(JUDGE_GUARD)) &&
		   !(event->kind == JUDGE_NOTE && attributes_have(&event->attributes, ATTRIBUTE_ACTION_KIND));
}

static void
judge_context(Judging *j)
{
	const JudgedEvent *event = j->event;

	if (needs_context(event))
		j->verdict->in_context = answer(event->trace_id != NULL &&
										(attributes_say(&event->attributes) || judged_body_says(event)));
	if (event->message.s != NULL)
		j->verdict->neutral = answer(words_are_neutral(event->message));
}

static bool
shows_internals(const JudgedEvent *event)
{
	char *body;

	if (event->message.s != NULL && leak_detect(event->message.s, event->message.len) != 0)
		return true;
	if (event->row->nulls[EVENT_BODY])
		return false;
	body = JsonbToCString(NULL, &DatumGetJsonbP(event->row->values[EVENT_BODY])->root, 0);
	return leak_detect(body, strlen(body)) != 0;
}

static void
judge_failure(Judging *j)
{
	const JudgedEvent *event = j->event;

	if (!j->accepted || !event->is_failure)
		return;
	if (is_one_of(event, JUDGE_BIT(JUDGE_ERROR) | JUDGE_BIT(JUDGE_OUTPUT)) ||
		(event->calls_other &&
		 is_one_of(event, JUDGE_BIT(JUDGE_TOOL_CALL) | JUDGE_BIT(JUDGE_MODEL_CALL))))
		j->verdict->error_clean = answer(!shows_internals(event));
	if (!event->is_erased)
		j->verdict->error_typed = answer(attributes_typed(&event->attributes));
}

/* ---- how long it took ---- */

static bool
is_late(const JudgedEvent *event, const LimitFacts *limits)
{
	return event->lasted > limits->latest;
}

/* Waits for a person do not count, and what is in time as it is needs no look-up. */
static void
judge_time(Judging *j)
{
	const JudgedEvent *event = j->event;
	Verdict			  *verdict = j->verdict;
	const LimitFacts  *c = verdict->limits;
	const LimitFacts  *t = verdict->target_limits;
	int64			   lasted = event->lasted;

	if (!event->has_duration || !j->accepted)
		return;
	if (is_one_of(event, JUDGE_BIT(JUDGE_APPROVAL) | JUDGE_BIT(JUDGE_HEARTBEAT)) || (c != NULL && !c->has_latest))
		c = NULL;
	if (!event->calls_other || !is_one_of(event, JUDGE_CALLS) || (t != NULL && !t->has_latest))
		t = NULL;
	if ((c != NULL && is_late(event, c)) || (t != NULL && is_late(event, t)))
		lasted -= judge_facts_waits(event);
	if (c != NULL)
		verdict->in_time = answer(lasted <= c->latest);
	if (t != NULL)
		verdict->target_in_time = answer(lasted <= t->latest);
	if (j->policy != NULL && j->policy->has_latest && event->kind != JUDGE_APPROVAL)
		verdict->call_in_time = answer(event->lasted <= j->policy->latest);
}

/* ---- dependencies ---- */

static void
judge_address(Judging *j)
{
	const JudgedEvent *event = j->event;
	Words			   address;
	bool			   found = false;

	if (!j->accepted || !is_one_of(event, JUDGE_CALLS))
		return;
	if (event->kind != JUDGE_DEPENDENCY_CALL && !attributes_have(&event->attributes, ATTRIBUTE_ADDRESS))
		return;
	address = attributes_text(&event->attributes, ATTRIBUTE_ADDRESS);
	if (address.s == NULL)
	{
		j->verdict->call_declared = answer(event->dependency_id != 0);
		return;
	}
	address = words_lower(address);
	for (const PeriodFacts *a = j->component != NULL ? j->component->addresses : NULL;
		 a != NULL && !found; a = a->next)
		found = (words_equal(address, a->words) || words_equal(address, a->host)) &&
				event->recorded_at >= a->since && event->recorded_at < a->until;
	j->verdict->call_declared = answer(found);
}

static void
judge_retry(Judging *j)
{
	const PolicyFacts *policy = j->policy;
	Verdict			  *verdict = j->verdict;
	double attempt;
	double waited;
	bool   has_waited;

	if (policy == NULL || !policy->retry_is_whole || !j->accepted ||
		j->event->kind != JUDGE_DEPENDENCY_CALL ||
		!attributes_number(&j->event->attributes, ATTRIBUTE_RESEND_COUNT, &attempt))
		return;
	has_waited = attributes_number(&j->event->attributes, ATTRIBUTE_RETRY_DELAY, &waited);
	if (attempt >= policy->max_attempts)
		verdict->retry_in_bounds = ANSWER_NO;
	else if (attempt >= 1 && has_waited)
		verdict->retry_in_bounds = ANSWER_YES;
	if (attempt < 1)
		return;
	verdict->retry_known = answer(has_waited);
	if (!has_waited)
		return;
	verdict->has_schedule = true;
	verdict->scheduled =
		Min(policy->cap_ms, policy->base_ms * pow(Min(policy->multiplier, 100), Min(attempt, 50) - 1));
	verdict->waited = Min(waited, verdict->scheduled);
}

static void
judge_guards(Judging *j)
{
	const JudgedEvent *event = j->event;
	Words			   breaker;
	Words			   limiter;

	if (!event->own || event->dependency_id == 0 || !is_one_of(event, JUDGE_GUARDED))
		return;
	breaker = words_lower(attributes_text(&event->attributes, ATTRIBUTE_BREAKER_STATE));
	limiter = words_lower(attributes_text(&event->attributes, ATTRIBUTE_LIMITER_STATE));
	if (WORDS_ARE(breaker, "open") || WORDS_ARE(breaker, "forced_open") ||
		WORDS_ARE(breaker, "forced-open"))
		j->verdict->breaker_open = ANSWER_YES;
	else if (WORDS_ARE(breaker, "closed") || WORDS_ARE(breaker, "half_open") ||
			 WORDS_ARE(breaker, "half-open"))
		j->verdict->breaker_open = ANSWER_NO;
	if (WORDS_ARE(limiter, "limited") || WORDS_ARE(limiter, "denied") ||
		WORDS_ARE(limiter, "rejected"))
		j->verdict->limited = ANSWER_YES;
	else if (WORDS_ARE(limiter, "allowed"))
		j->verdict->limited = ANSWER_NO;
}

/* ---- who wrote it ---- */

static void
judge_writer(Judging *j)
{
	const JudgedEvent *event = j->event;

	if (event->own)
		j->verdict->registered = ANSWER_YES;
	else if (event->component_id == 0 && WORDS_ARE(event->reason, "unregistered_component"))
		j->verdict->registered = answer(event->kind == JUDGE_REJECTED);
	if (event->kind == JUDGE_REJECTED && event->component_id == 0 &&
		(WORDS_ARE(event->reason, "registry_locked") || WORDS_ARE(event->reason, "signature_invalid")))
		j->verdict->registration_reviewed = answer(judge_facts_excused(j->facts, event->event_id));
}

static void
find_facts(Judging *j)
{
	const JudgedEvent *event = j->event;
	Verdict			  *verdict = j->verdict;

	j->accepted = event->own && !event->refused;
	j->component = judge_facts_component(j->facts, event->component_id);
	j->target = judge_facts_component(j->facts, event->target_id);
	j->policy = judge_facts_policy(j->facts, event->dependency_id, event->recorded_at);
	verdict->limits = judge_facts_limits(j->component, event->recorded_at);
	verdict->target_limits = judge_facts_limits(j->target, event->recorded_at);
	verdict->is_current = verdict->limits != NULL && words_equal(event->version, verdict->limits->version);
	verdict->is_drill = judge_facts_drill(j->facts, event);
	verdict->made = answer(!event->unmade);
	if (event->own && verdict->limits != NULL)
		verdict->contradicted = answer(is_one_of(event, verdict->limits->contradicting));
}

bool
judge_answers(const JudgedEvent *event, JudgeFacts *facts, Verdict *verdict)
{
	static const Verdict nothing = {
		.in_context = ANSWER_NONE, .without_secret = ANSWER_NONE, .clean = ANSWER_NONE,
		.error_clean = ANSWER_NONE, .error_typed = ANSWER_NONE, .in_time = ANSWER_NONE,
		.target_in_time = ANSWER_NONE, .call_in_time = ANSWER_NONE, .call_declared = ANSWER_NONE,
		.retry_in_bounds = ANSWER_NONE, .breaker_open = ANSWER_NONE, .limited = ANSWER_NONE,
		.made = ANSWER_NONE, .checked = ANSWER_NONE, .valid = ANSWER_NONE,
		.contracted = ANSWER_NONE, .order_kept = ANSWER_NONE, .model_pinned = ANSWER_NONE,
		.model_named = ANSWER_NONE, .contradicted = ANSWER_NONE, .tool_same = ANSWER_NONE,
		.target_tool_same = ANSWER_NONE, .manifest_same = ANSWER_NONE,
		.manifest_sent = ANSWER_NONE, .retry_known = ANSWER_NONE, .plan_same = ANSWER_NONE,
		.memory_in_limit = ANSWER_NONE, .neutral = ANSWER_NONE, .registered = ANSWER_NONE,
		.registration_reviewed = ANSWER_NONE};
	Judging j = {.event = event, .facts = facts, .verdict = verdict};

	if (event->kind == JUDGE_REGISTRY)
		return false;
	*verdict = nothing;
	find_facts(&j);
	judge_findings(&j);
	judge_context(&j);
	judge_failure(&j);
	judge_time(&j);
	judge_address(&j);
	judge_retry(&j);
	judge_guards(&j);
	judge_contract(&j);
	judge_order(&j);
	judge_plan(&j);
	judge_model(&j);
	judge_digests(&j);
	judge_memory(&j);
	judge_writer(&j);
	return true;
}

bool
verdict_version(const JudgedEvent *event, const Verdict *verdict, int32 *version)
{
	if (event->has_contract_version)
		*version = event->contract_version;
	else if (verdict->contract != NULL)
		*version = verdict->contract->version;
	else
		return false;
	return true;
}
