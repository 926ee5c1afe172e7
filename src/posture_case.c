/*
 * posture_case.c
 *		What one control finds for one system, component or dependency.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "posture_case.h"

bool
case_is_fresh(const Case *c, TimestampTz at)
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

const Observation *
case_observe(const Case *c, int signal, bool of_dependency)
{
	const Known *known = known_of(c, of_dependency);

	return known->observations ? known->observations[signal] : NULL;
}

/*
 * Good observations of a signal that are fresh.
 */
int64
case_fresh_ok(const Case *c, AskedSignal asked, bool of_dependency)
{
	const Observation *o = case_observe(c, c->posture->asked[asked], of_dependency);

	return o != NULL && case_is_fresh(c, o->all.newest_ok) ? o->all.ok : 0;
}

bool
case_is_wrong(const Count *count)
{
	int64 all = count->ok + count->bad;

	/* a share of a few says nothing */
	if (count->signal->min_share < 1 && count->signal->role == 's' &&
	    all < count->signal->needed)
		return false;
	return count->bad > 0 &&
	       (double) count->bad > (double) all * (1 - count->signal->min_share) + 1e-9;
}

Count
case_count(const Case *c, const ControlSignal *signal)
{
	Count              count = {.signal = signal};
	const Observation *o = case_observe(c, signal->signal, true);
	const Tally       *bad;

	if (o == NULL && c->dependency != NULL)
		o = case_observe(c, signal->signal, false);
	count.observation = o;
	if (o == NULL)
		return count;
	bad = &o->all;
	if (!c->control->per_version)
		count.ok = case_is_fresh(c, o->all.newest_ok) ? o->all.ok : 0;
	else
	{
		count.ok = case_is_fresh(c, o->current.newest_ok) ? o->current.ok : 0;
		if (count.ok >= signal->needed)
			bad = &o->current;
	}
	count.bad = case_is_fresh(c, bad->newest_bad) && bad->bad > 0 ? bad->bad : 0;
	count.last_bad = bad->last_bad;
	count.wrong = case_is_wrong(&count);
	return count;
}

/*
 * Each good observation of a signal that excuses makes a bad one of the first
 * signal that shows good: a guard's answer stands for a call without word of it.
 */
void
case_excuse(const Control *control, Count *counts)
{
	Count *shown = NULL;

	for (int i = control->nsignals - 1; i >= 0; i--)
		if (counts[i].signal->role == 's')
			shown = &counts[i];
	for (int i = 0; shown != NULL && i < control->nsignals; i++)
	{
		int64 n = counts[i].signal->role == 'e' ? Min(counts[i].ok, shown->bad) : 0;

		shown->ok += n;
		shown->bad -= n;
		shown->wrong = shown->wrong && case_is_wrong(shown);
	}
}

/*
 * Why a control does not apply to a component, as the letter of the condition,
 * k for its kind; 0 when it does.
 */
char
case_why_skipped(const Case *c)
{
	const PostureComponent *component = c->component;

	if (component == NULL)
	{
		if (c->control->condition == 's' && c->system->agents == 1)
			return 's';
		if (c->control->condition == 'r' &&
		    case_observe(c, c->posture->asked[ASKED_REGISTRATION_SEEN], false) == NULL)
			return 'r';
		return 0;
	}
	if (!(c->control->kind_bits & component->kind_bit) &&
	    (c->control->condition != 'c' || case_fresh_ok(c, ASKED_CALLING, false) == 0))
		return 'k';
	switch (c->control->condition)
	{
		case 'p':
			return component->own_process ? 0 : 'p';
		case 'd':
			return component->ndependencies > 0 ? 0 : 'd';
		case 'l':
			return component->own_process || component->has_role || component->hands_off
			           ? 0
			           : 'l';
		case 'h':
			return component->may_host ? 0 : 'p';
		default:
			return 0;
	}
}

/*
 * Was anything done that the declaration would be about?
 */
bool
case_is_active(const Case *c)
{
	if (c->component == NULL)
		return case_fresh_ok(c, ASKED_WRITER_REGISTERED, false) > 0;
	if (c->dependency != NULL)
		return case_fresh_ok(c, ASKED_CALL, true) > 0;
	return case_fresh_ok(c, ASKED_EVENT, false) > 0 ||
	       case_fresh_ok(c, ASKED_CALLED, false) > 0;
}

const Declaration *
case_declaration(const Case *c, bool of_dependency)
{
	const Known *known = known_of(c, of_dependency);

	return known->declarations ? known->declarations[c->control - c->posture->controls]
	                           : NULL;
}

/*
 * What a person vouched for, of the component or the system.
 */
const char *
case_attested(const Case *c)
{
	const Declaration *d = case_declaration(c, false);

	return c->control->attestable && d != NULL ? d->attested : NULL;
}

/*
 * Let each system know its components.
 */
void
posture_members(Posture *posture)
{
	PostureComponent **members =
	    palloc(sizeof(PostureComponent *) * Max(posture->ncomponents, 1));

	for (int i = 0; i < posture->ncomponents; i++)
		posture->components[i].system->nmembers++;
	for (int i = 0; i < posture->nsystems; i++)
	{
		posture->systems[i].members = members;
		members += posture->systems[i].nmembers;
		posture->systems[i].nmembers = 0;
	}
	for (int i = 0; i < posture->ncomponents; i++)
	{
		PostureSystem *system = posture->components[i].system;

		system->members[system->nmembers++] = &posture->components[i];
	}
}
