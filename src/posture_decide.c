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

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "posture.h"

/* drills last three months as evidence */
#define DRILL_AGE (90 * USECS_PER_DAY)

/* one control for one system, component or dependency, while it is decided */
typedef struct Case
{
	const Posture *posture;
	const Control *control;
	const PostureSystem *system;
	const PostureComponent *component;	 /* or NULL */
	const PostureDependency *dependency; /* or NULL */
	Answer *answer;
} Case;

/* a signal's observations, as they count for a case */
typedef struct Count
{
	const ControlSignal *signal;
	const Observation *observation;
	int64 ok;
	int64 bad;
	int64 last_bad;
	bool  wrong; /* more bad ones than are accepted */
} Count;

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

static bool
is_fresh(const Case *c, TimestampTz at)
{
	return at != NEVER && at > c->posture->now - c->control->max_age;
}

/*
 * What is known of the dependency, or else of the component or system.
 */
static const Known *
known_of(const Case *c, bool of_dependency)
{
	if (of_dependency && c->dependency != NULL)
		return &c->dependency->known;
	return c->component ? &c->component->known : &c->system->known;
}

static const Observation *
observe(const Case *c, int signal, bool of_dependency)
{
	const Known *known = known_of(c, of_dependency);

	return known->observations ? known->observations[signal] : NULL;
}

/*
 * Good observations of a signal that are fresh.
 */
static int64
fresh_ok(const Case *c, AskedSignal asked, bool of_dependency)
{
	const Observation *o = observe(c, c->posture->asked[asked], of_dependency);

	return o != NULL && is_fresh(c, o->all.newest_ok) ? o->all.ok : 0;
}

static Count
count_signal(const Case *c, const ControlSignal *signal)
{
	Count count = {signal};
	const Observation *o = observe(c, signal->signal, true);
	const Tally *bad;

	if (o == NULL && c->dependency != NULL)
		o = observe(c, signal->signal, false);
	count.observation = o;
	if (o == NULL)
		return count;
	bad = &o->all;
	if (!c->control->per_version)
		count.ok = is_fresh(c, o->all.newest_ok) ? o->all.ok : 0;
	else
	{
		count.ok = is_fresh(c, o->current.newest_ok) ? o->current.ok : 0;
		if (count.ok >= signal->needed)
			bad = &o->current;
	}
	count.bad = is_fresh(c, bad->newest_bad) && bad->bad > 0 ? bad->bad : 0;
	count.last_bad = bad->last_bad;
	count.wrong = count.bad > 0 &&
				  (double) count.bad > (double) (count.ok + count.bad) * (1 - signal->min_share) + 1e-9;
	return count;
}

/* ---- words ---- */

/*
 * Fill {good} {bad} {all} {event} {detail} in.
 */
static char *
fill_in(const char *words, int64 good, int64 bad, int64 event, const char *detail)
{
	StringInfoData out;

	initStringInfo(&out);
	for (const char *brace; (brace = strchr(words, '{')) != NULL; words = strchr(brace, '}') + 1)
	{
		appendBinaryStringInfo(&out, words, (int) (brace - words));
		if (strncmp(brace, "{good}", 6) == 0)
			appendStringInfo(&out, INT64_FORMAT, good);
		else if (strncmp(brace, "{bad}", 5) == 0)
			appendStringInfo(&out, INT64_FORMAT, bad);
		else if (strncmp(brace, "{all}", 5) == 0)
			appendStringInfo(&out, INT64_FORMAT, good + bad);
		else if (strncmp(brace, "{event}", 7) == 0)
			appendStringInfo(&out, INT64_FORMAT, event);
		else if (strncmp(brace, "{detail}", 8) == 0)
			appendStringInfoString(&out, detail ? detail : "");
		else
			elog(ERROR, "unknown placeholder in the words of a control");
	}
	appendStringInfoString(&out, words);
	return out.data;
}

static char *
count_words(const Count *count, const char *words)
{
	return fill_in(words, count->ok, count->bad, count->last_bad,
				   count->observation ? count->observation->detail : NULL);
}

/*
 * A length of time in its largest whole unit, as maestro.plain_interval.
 */
static char *
plain_age(int64 microseconds)
{
	int64 n = microseconds / USECS_PER_SEC;

	if (n > 0 && n % SECS_PER_DAY == 0)
		return psprintf(INT64_FORMAT " day%s", n / SECS_PER_DAY, n == SECS_PER_DAY ? "" : "s");
	if (n > 0 && n % SECS_PER_HOUR == 0)
		return psprintf(INT64_FORMAT " h", n / SECS_PER_HOUR);
	if (n > 0 && n % SECS_PER_MINUTE == 0)
		return psprintf(INT64_FORMAT " min", n / SECS_PER_MINUTE);
	return psprintf(INT64_FORMAT " s", n);
}

/*
 * The day of a time in UTC, whatever the session's settings.
 */
static char *
plain_day(TimestampTz at)
{
	struct pg_tm tm;
	fsec_t		 fsec;

	if (timestamp2tm(at, NULL, &tm, &fsec, NULL, NULL) != 0)
		return pstrdup("a day out of range");
	return psprintf("%04d-%02d-%02d", tm.tm_year, tm.tm_mon, tm.tm_mday);
}

static void
answer_as(Case *c, ControlStatus status, Basis basis, char *reason, const char *remedy)
{
	c->answer->status = status;
	c->answer->basis = status == CONTROL_OK || status == CONTROL_ALARM ? basis : BASIS_NONE;
	c->answer->reason = reason;
	c->answer->remedy = remedy;
}

/* ---- does it apply? ---- */

/*
 * Why a control does not apply to a component, as the letter of the condition,
 * k for its kind; 0 when it does.
 */
static char
why_skipped(const Case *c)
{
	const PostureComponent *component = c->component;

	if (component == NULL)
	{
		if (c->control->condition == 's' && c->system->agents == 1)
			return 's';
		if (c->control->condition == 'r' &&
			observe(c, c->posture->asked[ASKED_REGISTRATION_SEEN], false) == NULL)
			return 'r';
		return 0;
	}
	if (!(c->control->kind_bits & component->kind_bit))
		return 'k';
	switch (c->control->condition)
	{
		case 'p':
			return component->own_process ? 0 : 'p';
		case 'd':
			return component->ndependencies > 0 ? 0 : 'd';
		case 'l':
			return component->own_process || component->has_role || component->hands_off ? 0 : 'l';
		case 'h':
			return component->may_host ? 0 : 'p';
		default:
			return 0;
	}
}

static char *
skip_reason(char why)
{
	switch (why)
	{
		case 'k':
			return "does not apply to its kind";
		case 'p':
			return "it has no process of its own";
		case 'd':
			return "it declares no dependency";
		case 'l':
			return "it does not log for itself: measured at callers";
		case 's':
			return "one agent has nobody to hand off to";
		default:
			return "no registration was refused";
	}
}

/*
 * Activity that shows a reason for not applying to be untrue is an alarm, or
 * kind would be the cheapest way out.
 */
static bool
contradicted(Case *c, char why, int agent_bit)
{
	int64 n = 0;
	char *reason = NULL;
	const char *remedy = NULL;

	if (why == 'k' && !c->component->calls_others && (c->control->kind_bits & agent_bit))
	{
		n = fresh_ok(c, ASKED_ACTING, false);
		reason = "its kind does not act, but it logged " INT64_FORMAT " calls, handoffs, runs or answers";
		remedy = "SELECT maestro.update_component(%1$L, kind => 'agent');";
	}
	else if (why == 'p')
	{
		n = fresh_ok(c, ASKED_HEARTBEAT, false);
		reason = "registered without a process of its own, but it sent " INT64_FORMAT " heartbeats";
		remedy = "SELECT maestro.update_component(%1$L, own_process => true);";
	}
	else if (why == 'd')
	{
		n = fresh_ok(c, ASKED_UNDECLARED_CALL, false);
		reason = "it declares no dependency, but made " INT64_FORMAT " calls to some";
		remedy = "Declare what it calls: maestro.register_dependency(%1$L, ...).";
	}
	if (n == 0)
		return false;
	answer_as(c, CONTROL_ALARM, c->control->basis, psprintf(reason, n), remedy);
	return true;
}

/* ---- the rule ---- */

/*
 * Was anything done that the declaration would be about?
 */
static bool
is_active(const Case *c)
{
	if (c->component == NULL)
		return fresh_ok(c, ASKED_WRITER_REGISTERED, false) > 0;
	if (c->dependency != NULL)
		return fresh_ok(c, ASKED_CALL, true) > 0;
	return fresh_ok(c, ASKED_EVENT, false) > 0 || fresh_ok(c, ASKED_CALLED, false) > 0;
}

static const Declaration *
declaration_of(const Case *c, bool of_dependency)
{
	const Known *known = known_of(c, of_dependency);

	return known->declarations ? known->declarations[c->control - c->posture->controls] : NULL;
}

/*
 * What a person vouched for, of the component or the system.
 */
static const char *
attested(const Case *c)
{
	const Declaration *d = declaration_of(c, false);

	return c->control->attestable && d != NULL ? d->attested : NULL;
}

static void
answer_unknown(Case *c, char *reason, const char *remedy)
{
	const char *statement = attested(c);

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
	const Tally *drill;
	char		*words;

	if (!c->control->drill || o == NULL)
		return false;
	drill = c->control->per_version ? &o->drill_current : &o->drill;
	if (drill->ok > 0 && drill->bad <= 0 && drill->newest_ok > c->posture->now - DRILL_AGE)
	{
		words = fill_in(count->signal->good, drill->ok, drill->bad, drill->last_bad, o->detail);
		answer_as(c, CONTROL_OK, BASIS_DRILL, psprintf("in a drill: %s", words), NULL);
		return true;
	}
	if (drill->bad > 0 && drill->newest_bad > c->posture->now - DRILL_AGE)
	{
		words = fill_in(count->signal->bad, drill->ok, drill->bad, drill->last_bad, o->detail);
		answer_as(c, CONTROL_UNKNOWN, BASIS_NONE, psprintf("in a drill: %s", words), c->control->to_repair);
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
	const Control *control = c->control;
	const Observation *o = count->observation;
	TimestampTz newest = c->answer->newest;

	if (answer_by_drill(c, count))
		return;
	if (o != NULL && o->all.ok + o->all.bad == 0 && o->detail != NULL)
		answer_unknown(c, o->detail, control->to_observe);
	else if (count->ok == 0 && newest != NEVER && !is_fresh(c, newest))
		answer_unknown(c, psprintf("last observed on %s, older than %s", plain_day(newest), plain_age(control->max_age)),
					   control->to_observe);
	else if (o == NULL && control->missing != NULL)
		answer_unknown(c, control->missing, NULL);
	else
		answer_unknown(c, psprintf("%s" INT64_FORMAT " of the %d needed observed%s",
								   control->declares && declared ? "declared, " : "", count->ok, count->signal->needed,
								   o != NULL && control->per_version && o->all.ok > count->ok ? " of the running version" : ""),
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
	{
		Count *count = &counts[i];

		*count = count_signal(c, &control->signals[i]);
		if (count->signal->role == 's' && count->observation != NULL)
		{
			const Tally *all = &count->observation->all;

			c->answer->evidence_count += count->ok + count->bad;
			c->answer->newest = Max(c->answer->newest, Max(all->newest_ok, all->newest_bad));
		}
	}
	for (int i = 0; i < control->nsignals; i++)
	{
		char *words;

		if (!counts[i].wrong || counts[i].signal->role == 'c' ||
			(skipped && !counts[i].signal->anywhere))
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
	const Count	  *best = NULL;

	for (int i = 0; i < control->nsignals; i++)
	{
		const Count *count = &counts[i];

		if (count->signal->role == 's' && count->observation != NULL && count->observation->skip != NULL)
		{
			answer_as(c, CONTROL_SKIP, BASIS_NONE, count->observation->skip, NULL);
			return;
		}
		if (count->signal->role == 'c' && count->wrong)
		{
			char *words = count_words(count, count->signal->bad);

			answer_unknown(c, control->missing && count->ok == 0 ? psprintf("%s: %s", control->missing, words) : words,
						   control->missing && count->ok == 0 ? NULL : control->to_observe);
			return;
		}
		if (count->signal->role == 's' && (best == NULL || shows_more(count, best)))
			best = count;
	}
	if (best == NULL)
		answer_unknown(c, control->missing ? control->missing : "nothing but an attestation can show it", control->to_observe);
	else if (best->ok >= best->signal->needed)
		answer_as(c, CONTROL_OK, best->signal->basis, count_words(best, best->signal->good), NULL);
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
	if (found == NULL && !control->builtin && (c->component != NULL || was_run(posture, control)))
		return; /* it says nothing of this one */
	if (found == NULL)
	{
		answer_unknown(c, control->missing ? control->missing : "not evaluated yet", control->to_observe);
		return;
	}
	c->answer->evidence_count = found->evidence_count;
	c->answer->newest = found->evaluated_at;
	if (!is_fresh(c, found->evaluated_at))
		answer_unknown(c, psprintf("last evaluated on %s, older than %s", plain_day(found->evaluated_at),
								   plain_age(control->max_age)), control->to_observe);
	else
		answer_as(c, found->status, found->basis, found->reason,
				  found->status == CONTROL_OK || found->status == CONTROL_SKIP ? NULL
				  : found->remedy ? found->remedy : control->to_repair);
}

static void
decide(Case *c, int agent_bit)
{
	const Control *control = c->control;
	const Declaration *d = declaration_of(c, true);
	bool		   declared = d != NULL && d->declared;
	Count		  *counts = palloc0(sizeof(Count) * Max(control->nsignals, 1));
	char		   why = why_skipped(c);

	if (control->evaluated)
	{
		answer_by_outcome(c);
		return;
	}
	if (contradicted(c, why, agent_bit))
		return;
	if (why == 'l' && fresh_ok(c, ASKED_EVENT, false) > 0)
		why = 0;
	if (count_signals(c, counts, why != 0, declared))
		return;
	if (why != 0)
	{
		c->answer->evidence_count = 0;
		c->answer->newest = NEVER;
		answer_as(c, CONTROL_SKIP, BASIS_NONE, skip_reason(why), NULL);
	}
	else if (d != NULL && d->fault != NULL)
		answer_as(c, CONTROL_ALARM, control->basis, d->fault, control->to_declare);
	else if (control->declares && !declared && control->must_declare && is_active(c))
		answer_as(c, CONTROL_ALARM, control->basis, psprintf("active, but no %s is declared", control->declares), control->to_declare);
	else if (control->declares && !declared)
		answer_unknown(c, control->missing && !control->must_declare ? control->missing
					   : psprintf(is_active(c) ? "no %s is declared" : "no %s is declared, and nothing was observed lately", control->declares),
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
decide_dependencies(const Posture *posture, const Control *control, PostureComponent *component,
					Answer *worst, int agent_bit)
{
	int	  alike = 0;
	int64 evidence = 0;
	TimestampTz newest = NEVER;

	for (int i = 0; i < component->ndependencies; i++)
	{
		Answer answer = {control, component, &posture->dependencies[component->first_dependency + i]};
		Case   c = {posture, control, component->system, component, answer.dependency, &answer};

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
	worst->reason = component->ndependencies == 1
						? psprintf("%s: %s", worst->dependency->name, worst->reason)
						: psprintf("%d of %d dependencies, first %s: %s", alike, component->ndependencies,
								   worst->dependency->name, worst->reason);
}

static void
mark_waived(const Posture *posture, Answer *answer, const Known *known)
{
	const Declaration *d = known->declarations ? known->declarations[answer->control - posture->controls] : NULL;

	answer->waived = d != NULL && d->waived;
}

void
posture_decide(Posture *posture)
{
	int agent_bit = 1; /* agent is the first of component_kind */

	for (int i = 0; i < posture->ncomponents; i++)
	{
		PostureComponent *component = &posture->components[i];

		component->answers = palloc0(sizeof(Answer) * posture->ncontrols);
		for (int k = 0; k < posture->ncontrols; k++)
		{
			const Control *control = &posture->controls[k];
			Answer *answer = &component->answers[k];
			Case	c = {posture, control, component->system, component, NULL, answer};

			answer->control = control;
			answer->component = component;
			answer->newest = NEVER;
			if (control->scope == 's')
				continue;
			if (control->scope == 'd' && component->ndependencies > 0 && (control->kind_bits & component->kind_bit))
				decide_dependencies(posture, control, component, answer, agent_bit);
			else
				decide(&c, agent_bit);
			mark_waived(posture, answer, &component->known);
		}
	}
	posture->system_answers = palloc0(sizeof(Answer *) * Max(posture->nsystems, 1));
	for (int i = 0; i < posture->nsystems; i++)
	{
		Answer *answers = posture->system_answers[i] = palloc0(sizeof(Answer) * posture->ncontrols);

		for (int k = 0; k < posture->ncontrols; k++)
		{
			Case c = {posture, &posture->controls[k], &posture->systems[i], NULL, NULL, &answers[k]};

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
