/*
 * judge_declared.c
 *		Questions about an event's contract, plan, model, digests and memory: is it as it
 *		was declared?
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "judge_question.h"

/* ---- contracts and plans ---- */

/* Whose contract, and for what: input of whom it is for, output of who gives it. */
static const ContractFacts *
find_contract(Judging *j)
{
	const JudgedEvent	 *event = j->event;
	const ComponentFacts *bound = j->component;
	JudgeKind			  direction = event->kind;
	int32				  target_id = 0;
	const ContractFacts	 *contract;

	if (event->kind == JUDGE_TOOL_CALL && event->calls_other)
	{
		bound = j->target;
		direction = JUDGE_INPUT;
	}
	else if (event->kind == JUDGE_HANDOFF && event->target_id != 0)
		target_id = event->target_id;
	else if (!is_one_of(event, JUDGE_BIT(JUDGE_INPUT) | JUDGE_BIT(JUDGE_OUTPUT)))
		return NULL;
	if (!event->own || bound == NULL)
		return NULL;
	j->verdict->judged_id = bound->component_id;
	for (contract = bound->contracts; contract != NULL; contract = contract->next)
		if (contract->direction == direction && contract->target_id == target_id)
			return contract;
	return NULL;
}

/*
 * The contract's verdict counts since there is a contract, and as good for the version
 * in force alone.  An invalid output that is followed by a valid one was asked for again.
 */
void
judge_contract(Judging *j)
{
	const JudgedEvent	*event = j->event;
	Verdict				*verdict = j->verdict;
	const ContractFacts *contract = find_contract(j);
	bool		is_invalid = event->has_valid && !event->valid;
	bool		is_retried = false;
	int64		newest_id = 0;
	TimestampTz newest_at = 0;

	verdict->contract = contract;
	if (contract == NULL)
		verdict->judged_id = 0;
	if (event->own && event->kind == JUDGE_HANDOFF && event->target_id != event->component_id)
		verdict->contracted = answer(contract != NULL);
	if (is_invalid && !event->refused && event->kind == JUDGE_OUTPUT)
	{
		is_retried = judge_facts_retried(j->facts, event->event_id, &newest_id, &newest_at);
		verdict->is_open = !is_retried && event->recorded_at > judge_facts_open_since(j->facts);
	}
	if (contract == NULL || event->recorded_at < contract->since)
		return;
	if (!event->refused)
		verdict->checked = answer(event->has_valid);
	if (is_invalid)
		verdict->valid = answer(event->refused ||
								(is_retried && newest_id > event->event_id &&
								 newest_at < event->recorded_at + USECS_PER_HOUR));
	else if (event->has_valid &&
			 (!event->has_contract_version || event->contract_version == contract->version))
		verdict->valid = ANSWER_YES;
}

/* Who hands off or takes over, or the tool that another one calls, is a node of a plan. */
static bool
is_ordered(const Judging *j)
{
	bool target_is_node = j->target != NULL && j->target->is_node;

	if (j->event->kind == JUDGE_TOOL_CALL)
		return j->event->calls_other && target_is_node;
	return j->event->kind == JUDGE_HANDOFF &&
		   (target_is_node || (j->component != NULL && j->component->is_node));
}

void
judge_order(Judging *j)
{
	const JudgedEvent *event = j->event;
	bool			   allowed = event->refused;

	if (!event->own || !is_ordered(j))
		return;
	for (const PairFacts *pair = j->component != NULL ? j->component->pairs : NULL;
		 pair != NULL && !allowed; pair = pair->next)
		allowed = pair->target_id == event->target_id && pair->is_allowed;
	j->verdict->order_kept = answer(allowed);
}

void
judge_plan(Judging *j)
{
	const JudgedEvent *event = j->event;
	const PeriodFacts *plans;
	Words			   digest;
	bool			   found = false;

	if (!event->own || event->kind != JUDGE_AGENT_RUN)
		return;
	digest = attributes_text(&event->attributes, ATTRIBUTE_PLAN_DIGEST);
	if (digest.s == NULL)
		return;
	plans = judge_facts_plans(j->facts, event->system_id);
	if (plans == NULL)
		return;
	digest = words_lower(digest);
	for (; plans != NULL && !found; plans = plans->next)
		found = words_equal(plans->words, digest) && event->recorded_at >= plans->since &&
				event->recorded_at < plans->until;
	j->verdict->plan_same = answer(found);
}

/* ---- models, tools, manifests ---- */

void
judge_model(Judging *j)
{
	const JudgedEvent *event = j->event;
	const LimitFacts  *t = j->verdict->target_limits;
	Words			   model;

	if (!j->accepted || event->kind != JUDGE_MODEL_CALL)
		return;
	model = attributes_text(&event->attributes, ATTRIBUTE_RESPONSE_MODEL);
	if (model.s == NULL)
		model = attributes_text(&event->attributes, ATTRIBUTE_REQUEST_MODEL);
	if (t == NULL || !t->serves_models || t->model.s == NULL)
		j->verdict->model_pinned = ANSWER_NO;
	else
		j->verdict->model_pinned = words_answer(model, t->model);
	if (t != NULL && t->serves_models)
		j->verdict->model_named = answer(model.s != NULL);
}

/* Is it the digest that held then, or for an hour more the one before? */
static Answer
digest_held(const JudgedEvent *event, Words digest, const LimitFacts *limits, Words held, Words before)
{
	Answer same = words_answer(digest, held);
	bool   is_new = event->recorded_at < limits->valid_from + USECS_PER_HOUR;
	Answer old;

	if (TIMESTAMP_NOT_FINITE(limits->valid_from))
		is_new = event->recorded_at < limits->valid_from;
	old = is_new ? words_answer(digest, before) : ANSWER_NO;
	if (same == ANSWER_YES || old == ANSWER_YES)
		return ANSWER_YES;
	return same == ANSWER_NONE || old == ANSWER_NONE ? ANSWER_NONE : ANSWER_NO;
}

void
judge_digests(Judging *j)
{
	const JudgedEvent *event = j->event;
	const LimitFacts  *c = j->verdict->limits;
	const LimitFacts  *t = j->verdict->target_limits;
	Words			   tool;
	Words			   manifest;

	if (!event->own)
		return;
	tool = words_lower(attributes_text(&event->attributes, ATTRIBUTE_TOOL_DIGEST));
	manifest = words_lower(attributes_text(&event->attributes, ATTRIBUTE_MANIFEST_DIGEST));
	if (tool.s != NULL && c != NULL && event->kind != JUDGE_TOOL_CALL)
		j->verdict->tool_same = digest_held(event, tool, c, c->tool_digest, c->old_tool_digest);
	if (tool.s != NULL && t != NULL && event->kind == JUDGE_TOOL_CALL && event->calls_other)
		j->verdict->target_tool_same = digest_held(event, tool, t, t->tool_digest, t->old_tool_digest);
	if (manifest.s != NULL && c != NULL)
		j->verdict->manifest_same =
			digest_held(event, manifest, c, c->manifest_digest, c->old_manifest_digest);
	if (event->kind == JUDGE_AGENT_RUN && c != NULL && c->manifest_digest.s != NULL)
		j->verdict->manifest_sent = answer(manifest.s != NULL);
}

void
judge_memory(Judging *j)
{
	const LimitFacts *c = j->verdict->limits;
	double			  used;

	if (j->event->own && j->event->kind == JUDGE_HEARTBEAT && c != NULL && c->has_memory_limit &&
		attributes_number(&j->event->attributes, ATTRIBUTE_MEMORY_USAGE, &used) && used != 0)
		j->verdict->memory_in_limit = answer(used <= c->memory_limit);
}
