/*
 * posture_decide.c
 *		The one rule that decides all controls.
 *
 * Inputs are whether a control applies, what is declared, and what was
 * observed.  The first that holds:
 *
 *		alarm	activity contradicts the reason for not applying
 *		alarm	bad observations, even where the control does not apply
 *		skip	it does not apply
 *		alarm	something is declared, but not binding
 *		alarm	nothing is declared, but it is active (or unknown: must_declare)
 *		unknown	nothing is declared
 *		skip	what a signal asks does not apply
 *		unknown	not everything was looked at
 *		ok		enough fresh good observations
 *		ok		none of them, but a drill showed good ones alone
 *		unknown	otherwise; ok when it is attested
 *
 * Old observations do not count.  Where a control is about the running
 * version, what an earlier one did counts as bad until the running one has
 * shown enough good.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "posture_case.h"

/* drills last three months as evidence */
#define DRILL_AGE (90 * USECS_PER_DAY)

int
status_rank(ControlStatus status)
{
	static const int ranks[CONTROL_COUNT] = {5, 1, 3, 2, 4, 6};

	return ranks[status];
}

ControlStatus
answer_status(const Answer *answer)
{
	if (answer->waived && status_rank(answer->status) < status_rank(CONTROL_WAIVED))
		return CONTROL_WAIVED;
	return answer->status;
}

const char *
answer_dependency(const Answer *answer)
{
	return answer->dependency ? answer->dependency->name : answer->lacking;
}

static char *
count_words(const Count *count, const char *words)
{
	return words_fill(words, count->ok, count->bad, count->last_bad,
	                  count->observation ? count->observation->detail : NULL);
}

static void
answer_as(Case *c, ControlStatus status, Basis basis, char *reason, const char *remedy)
{
	c->answer->status = status;
	c->answer->basis =
	    status == CONTROL_OK || status == CONTROL_ALARM ? basis : BASIS_NONE;
	c->answer->reason = reason;
	c->answer->remedy = remedy;
}

/*
 * Activity that shows a reason for not applying to be untrue is an alarm, or
 * kind would be the cheapest way out.
 */
static bool
contradicted(Case *c, char why, int agent_bit)
{
	int64       n = 0;
	char       *reason = NULL;
	const char *remedy = NULL;

	if (why == 'k' && (c->control->kind_bits & agent_bit))
	{
		n = case_fresh_ok(c, ASKED_ACTING, false);
		reason = "its kind does not act, but it logged " INT64_FORMAT
		         " calls, handoffs, runs or answers";
		remedy = "SELECT maestro.update_component(%1$L, kind => 'agent');";
	}
	else if (why == 'p')
	{
		n = case_fresh_ok(c, ASKED_HEARTBEAT, false);
		reason = "registered without a process of its own, but it sent " INT64_FORMAT
		         " heartbeats";
		remedy = "SELECT maestro.update_component(%1$L, own_process => true);";
	}
	else if (why == 'd')
	{
		n = case_fresh_ok(c, ASKED_UNDECLARED_CALL, false);
		reason = "it declares no dependency, but made " INT64_FORMAT " calls to some";
		remedy = "Declare what it calls: maestro.register_dependency(%1$L, ...).";
	}
	if (n == 0)
		return false;
	answer_as(c, CONTROL_ALARM, c->control->basis, psprintf(reason, n), remedy);
	return true;
}

/* ---- the rule ---- */

static void
answer_unknown(Case *c, char *reason, const char *remedy)
{
	const char *statement = case_attested(c);

	if (statement != NULL)
		answer_as(c, CONTROL_OK, BASIS_ATTESTED, pstrdup(statement), NULL);
	else
		answer_as(c, CONTROL_UNKNOWN, BASIS_NONE, reason, remedy);
}

/*
 * Failures shown in a drill, where none were observed.
 */
static bool
answer_by_drill(Case *c, const Count *count)
{
	const Observation *o = count->observation;
	const Tally       *drill;
	char              *words;

	if (!c->control->drill || o == NULL || o->drill == NULL)
		return false;
	drill = c->control->per_version ? &o->drill->current : &o->drill->all;
	if (drill->ok > 0 && drill->bad <= 0 &&
	    drill->newest_ok > c->posture->now - DRILL_AGE)
	{
		words = words_fill(count->signal->good, drill->ok, drill->bad, drill->last_bad,
		                   o->detail);
		c->answer->evidence_count = drill->ok;
		c->answer->newest = drill->newest_ok;
		answer_as(c, CONTROL_OK, BASIS_DRILL, psprintf("in a drill: %s", words), NULL);
		return true;
	}
	if (drill->bad > 0 && drill->newest_bad > c->posture->now - DRILL_AGE)
	{
		words = words_fill(count->signal->bad, drill->ok, drill->bad, drill->last_bad,
		                   o->detail);
		answer_as(c, CONTROL_UNKNOWN, BASIS_NONE, psprintf("in a drill: %s", words),
		          c->control->to_repair);
		return true;
	}
	return false;
}

/*
 * Too little was observed: how little, or why.
 */
static void
answer_few(Case *c, const Count *count, bool declared)
{
	const Control     *control = c->control;
	const Observation *o = count->observation;
	TimestampTz        newest = c->answer->newest;

	if (answer_by_drill(c, count))
		return;
	if (o != NULL && o->all.ok + o->all.bad == 0 && o->detail != NULL)
		answer_unknown(c, o->detail, control->to_observe);
	else if (count->ok == 0 && newest != NEVER && !case_is_fresh(c, newest))
		answer_unknown(c,
		               psprintf("last observed on %s, older than %s", words_day(newest),
		                        words_age(control->max_age)),
		               control->to_observe);
	else
		answer_unknown(c,
		               psprintf("%s" INT64_FORMAT " of the %d needed observed%s",
		                        control->declares && declared ? "declared, " : "",
		                        count->ok, count->signal->needed,
		                        o != NULL && control->per_version && o->all.ok > count->ok
		                            ? " of the running version"
		                            : ""),
		               control->to_observe);
}

/*
 * Count all signals; the answer's evidence is that of those that can show
 * something.  An alarm is given when one is wrong; true then.
 */
static bool
count_signals(Case *c, Count *counts, bool skipped, bool declared)
{
	const Control *control = c->control;

	for (int i = 0; i < control->nsignals; i++)
		counts[i] = case_count(c, &control->signals[i]);
	case_excuse(control, counts);
	for (int i = 0; i < control->nsignals; i++)
	{
		const Count *count = &counts[i];

		if (count->signal->role == 's' && count->observation != NULL)
		{
			const Tally *all = &count->observation->all;

			c->answer->evidence_count += count->ok + count->bad;
			c->answer->newest =
			    Max(c->answer->newest, Max(all->newest_ok, all->newest_bad));
		}
	}
	for (int i = 0; i < control->nsignals; i++)
	{
		char *words;

		if (!counts[i].wrong || counts[i].signal->role == 'c' ||
		    counts[i].signal->role == 'e' || (skipped && !counts[i].signal->anywhere))
			continue;
		words = count_words(&counts[i], counts[i].signal->bad);
		if (control->declares && !declared && !skipped)
			words = psprintf("no %s is declared; %s", control->declares, words);
		answer_as(c, CONTROL_ALARM, counts[i].signal->basis, words, control->to_repair);
		return true;
	}
	return false;
}

/*
 * Of two signals that can show the same: the one with enough, else the one with
 * any, else the one that needs less.
 */
static bool
shows_more(const Count *a, const Count *b)
{
	bool enough = a->ok >= a->signal->needed;

	if (enough != (b->ok >= b->signal->needed))
		return enough;
	if ((a->observation != NULL) != (b->observation != NULL))
		return a->observation != NULL;
	return a->signal->needed < b->signal->needed;
}

/*
 * From what was observed to ok or unknown, when nothing is wrong.
 */
static void
answer_by_signals(Case *c, const Count *counts, bool declared)
{
	const Control *control = c->control;
	const Count   *best = NULL;

	for (int i = 0; i < control->nsignals; i++)
	{
		const Count *count = &counts[i];

		if (count->signal->role == 's' && count->observation != NULL &&
		    count->observation->skip != NULL)
		{
			answer_as(c, CONTROL_SKIP, BASIS_NONE, count->observation->skip, NULL);
			return;
		}
		if (count->signal->role == 'c' && count->wrong)
		{
			answer_unknown(c, count_words(count, count->signal->bad), control->to_observe);
			return;
		}
		if (count->signal->role == 's' && (best == NULL || shows_more(count, best)))
			best = count;
	}
	if (best == NULL)
		answer_unknown(c, "nothing but an attestation can show it", control->to_observe);
	else if (best->ok >= best->signal->needed)
		answer_as(c, CONTROL_OK, best->signal->basis,
		          count_words(best, best->signal->good), NULL);
	else
		answer_few(c, best, declared);
}

/*
 * Has a control of the user's any result?
 */
static bool
was_run(const Posture *posture, const Control *control)
{
	for (int i = 0; i < posture->noutcomes; i++)
		if (posture->outcomes[i].control == (int32) (control - posture->controls))
			return true;
	return false;
}

/*
 * A check that is run: its newest result.  Of a user's control only what its
 * rows name has an answer; reason stays NULL elsewhere.
 */
static void
answer_by_outcome(Case *c)
{
	const Posture *posture = c->posture;
	const Control *control = c->control;
	const Outcome *found = NULL;

	for (int i = 0; i < posture->noutcomes; i++)
	{
		const Outcome *o = &posture->outcomes[i];

		if (o->control == (int32) (control - posture->controls) &&
		    (o->system_id == 0 || o->system_id == c->system->id) &&
		    o->component_id == (c->component ? c->component->id : 0) &&
		    (found == NULL || status_rank(o->status) < status_rank(found->status)))
			found = o;
	}
	if (found == NULL && !control->builtin &&
	    (c->component != NULL || was_run(posture, control)))
		return; /* it says nothing of this one */
	if (found == NULL)
	{
		answer_unknown(c, "not evaluated yet", control->to_observe);
		return;
	}
	c->answer->evidence_count = found->evidence_count;
	c->answer->newest = found->evaluated_at;
	if (!case_is_fresh(c, found->evaluated_at))
		answer_unknown(c,
		               psprintf("last evaluated on %s, older than %s",
		                        words_day(found->evaluated_at),
		                        words_age(control->max_age)),
		               control->to_observe);
	else
		answer_as(c, found->status, found->basis, found->reason,
		          found->status == CONTROL_OK || found->status == CONTROL_SKIP ? NULL
		          : found->remedy ? found->remedy
		                          : control->to_repair);
}

static void
decide(Case *c, int agent_bit)
{
	const Control     *control = c->control;
	const Declaration *d = case_declaration(c, true);
	bool               declared = d != NULL && d->declared;
	Count              counts[CONTROL_SIGNALS_MAX];
	char               why = case_why_skipped(c);

	if (control->evaluated)
	{
		answer_by_outcome(c);
		return;
	}
	if (contradicted(c, why, agent_bit))
		return;
	if (why == 'l' && case_fresh_ok(c, ASKED_EVENT, false) > 0)
		why = 0;
	if (count_signals(c, counts, why != 0, declared))
		return;
	if (why != 0)
	{
		c->answer->evidence_count = 0;
		c->answer->newest = NEVER;
		answer_as(c, CONTROL_SKIP, BASIS_NONE, words_skipped(why), NULL);
	}
	else if (d != NULL && d->fault != NULL)
		answer_as(c, CONTROL_ALARM, control->basis, d->fault, control->to_declare);
	else if (control->declares && !declared && control->must_declare && case_is_active(c))
		answer_as(c, CONTROL_ALARM, control->basis,
		          psprintf("active, but no %s is declared", control->declares),
		          control->to_declare);
	else if (control->declares && !declared)
		answer_unknown(c,
		               psprintf(case_is_active(c)
		                            ? "no %s is declared"
		                            : "no %s is declared, and nothing was observed lately",
		                        control->declares),
		               control->to_declare);
	else
		answer_by_signals(c, counts, declared);
	if (d != NULL && c->answer->remedy == control->to_declare)
		c->answer->lacking = d->lacking;
}

/*
 * Of several dependencies the worst, by name; with what all of them show.
 */
static void
decide_dependencies(const Posture *posture, const Control *control,
                    PostureComponent *component, Answer *worst, int agent_bit)
{
	int         alike = 0;
	int64       evidence = 0;
	TimestampTz newest = NEVER;

	for (int i = 0; i < component->ndependencies; i++)
	{
		Answer answer = {.control = control,
		                 .component = component,
		                 .dependency =
		                     &posture->dependencies[component->first_dependency + i]};
		Case   c = {posture,   control,           component->system,
		            component, answer.dependency, &answer};

		answer.newest = NEVER;
		decide(&c, agent_bit);
		evidence += answer.evidence_count;
		newest = Max(newest, answer.newest);
		alike = i > 0 && answer.status == worst->status ? alike + 1 : alike;
		if (i > 0 && status_rank(answer.status) >= status_rank(worst->status))
			continue;
		*worst = answer;
		alike = 1;
	}
	worst->evidence_count = evidence;
	worst->newest = newest;
	worst->reason =
	    component->ndependencies == 1
	        ? psprintf("%s: %s", worst->dependency->name, worst->reason)
	        : psprintf("%d of %d dependencies, first %s: %s", alike,
	                   component->ndependencies, worst->dependency->name, worst->reason);
}

static void
mark_waived(const Posture *posture, Answer *answer, const Known *known)
{
	const Declaration *d = known->declarations
	                           ? known->declarations[answer->control - posture->controls]
	                           : NULL;

	answer->waived = d != NULL && d->waived;
}

void
posture_decide(Posture *posture)
{
	int agent_bit = 1; /* agent is the first of component_kind */

	for (int i = 0; i < posture->ncomponents; i++)
	{
		PostureComponent *component = &posture->components[i];

		CHECK_FOR_INTERRUPTS();
		component->answers = palloc0(sizeof(Answer) * posture->ncontrols);
		for (int k = 0; k < posture->ncontrols; k++)
		{
			const Control *control = &posture->controls[k];
			Answer        *answer = &component->answers[k];
			Case c = {posture, control, component->system, component, NULL, answer};

			answer->control = control;
			answer->component = component;
			answer->newest = NEVER;
			if (control->scope == 's')
				continue;
			if (control->scope == 'd' && component->ndependencies > 0 &&
			    (control->kind_bits & component->kind_bit))
				decide_dependencies(posture, control, component, answer, agent_bit);
			else
				decide(&c, agent_bit);
			mark_waived(posture, answer, &component->known);
		}
	}
	posture->system_answers = palloc0(sizeof(Answer *) * Max(posture->nsystems, 1));
	for (int i = 0; i < posture->nsystems; i++)
	{
		Answer *answers = posture->system_answers[i] =
		    palloc0(sizeof(Answer) * posture->ncontrols);

		for (int k = 0; k < posture->ncontrols; k++)
		{
			Case c = {posture,    &posture->controls[k], &posture->systems[i], NULL, NULL,
			          &answers[k]};

			answers[k].control = c.control;
			answers[k].newest = NEVER;
			if (c.control->scope == 's' || !c.control->builtin)
			{
				decide(&c, agent_bit);
				mark_waived(posture, &answers[k], &posture->systems[i].known);
			}
		}
	}
}
