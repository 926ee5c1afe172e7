/*
 * posture_observe.c
 *		What was observed: what events say, and what is no event.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "posture_load.h"
#include "posture_row.h"
#include "signal_read.h"

/* what is loaded, the context that it lives in, and what a row was last about */
typedef struct Loading
{
	Posture      *posture;
	MemoryContext context;
	int32         system_id;
	int32         component_id;
	int32         dependency_id;
	Known        *known;
} Loading;

static const Tally nothing = {0, 0, NEVER, NEVER, 0};

/* Rows about the same thing come one behind the other. */
static Known *
known_of(Loading *loading, const SignalPart *part)
{
	if (loading->known == NULL || loading->system_id != part->system_id ||
	    loading->component_id != part->component_id || loading->dependency_id != part->dependency_id)
		loading->known = posture_known(loading->posture, part->system_id, part->component_id,
		                               part->dependency_id);
	loading->system_id = part->system_id;
	loading->component_id = part->component_id;
	loading->dependency_id = part->dependency_id;
	return loading->known;
}

static Observation *
enter_observation(const Loading *loading, Known *known, int signal)
{
	Observation *o;

	if (known->observations == NULL)
		known->observations = MemoryContextAllocZero(
		    loading->context, sizeof(Observation *) * loading->posture->nsignals);
	o = known->observations[signal];
	if (o == NULL)
	{
		o = known->observations[signal] =
		    MemoryContextAllocZero(loading->context, sizeof(Observation));
		o->all = o->current = nothing;
	}
	return o;
}

static void
tally_add(Tally *tally, const SignalPart *part)
{
	tally->ok += part->ok;
	tally->bad += part->bad;
	tally->newest_ok = Max(tally->newest_ok, part->newest_ok);
	tally->newest_bad = Max(tally->newest_bad, part->newest_bad);
	tally->last_bad = Max(tally->last_bad, part->last_bad);
}

/*
 * Add what was observed; NULL when the reader may not know of it or no control asks.
 */
static Observation *
observe(Loading *loading, const SignalPart *part)
{
	Known       *known = known_of(loading, part);
	int          signal = posture_signal(loading->posture, part->signal);
	Observation *o;

	if (known == NULL || signal < 0)
		return NULL;
	o = enter_observation(loading, known, signal);
	if (part->drill && o->drill == NULL)
	{
		o->drill = MemoryContextAlloc(loading->context, sizeof(Seen));
		o->drill->all = o->drill->current = nothing;
	}
	tally_add(part->drill ? &o->drill->all : &o->all, part);
	if (part->is_current)
		tally_add(part->drill ? &o->drill->current : &o->current, part);
	return o;
}

static void
take_signal(const SignalPart *part, void *context)
{
	(void) observe(context, part);
}

static void
read_observation(void *target, const Row *row)
{
	char         name[NAMEDATALEN];
	SignalPart   part = {.system_id = row_int(row, 1),
	                     .component_id = row_int(row, 2),
	                     .dependency_id = row_int(row, 3),
	                     .signal = row_word(row, 4, name),
	                     .drill = row_bool(row, 5),
	                     .is_current = row_bool(row, 6),
	                     .ok = row_int64(row, 7),
	                     .bad = row_int64(row, 8),
	                     .newest_ok = row_time(row, 9),
	                     .newest_bad = row_time(row, 10),
	                     .last_bad = row_int64(row, 11)};
	Observation *o = observe(target, &part);

	if (o == NULL)
		return;
	if (o->detail == NULL || part.bad > 0)
		o->detail = row_text(row, 12);
	if (o->skip == NULL)
		o->skip = row_text(row, 13);
}

static const Observation *
observed(const Known *known, const Posture *posture, AskedSignal asked)
{
	return known->observations ? known->observations[posture->asked[asked]] : NULL;
}

/*
 * Whoever was called and logged nothing within a day of that.
 */
static void
derive_silence(const Loading *loading)
{
	const Posture *posture = loading->posture;

	for (int i = 0; i < posture->ncomponents; i++)
	{
		Known             *known = &posture->components[i].known;
		const Observation *called = observed(known, posture, ASKED_CALLED);
		const Observation *logged = observed(known, posture, ASKED_EVENT);
		Observation       *silent;

		if (called == NULL || called->all.newest_ok == NEVER)
			continue;
		if (logged != NULL && logged->all.newest_ok != NEVER &&
		    logged->all.newest_ok >= called->all.newest_ok - USECS_PER_DAY)
			continue;
		silent = enter_observation(loading, known, posture->asked[ASKED_CALLED_SILENT]);
		silent->all.bad = silent->current.bad = called->all.ok;
		silent->all.newest_bad = silent->current.newest_bad = called->all.newest_ok;
	}
}

void
posture_observe(Posture *posture, MemoryContext context)
{
	static Statement others = {.text = "SELECT * FROM maestro.other_observation"};
	Loading          loading = {.posture = posture, .context = context};

	signals_visit(take_signal, &loading);
	rows_read(&loading, context, &others, read_observation);
	derive_silence(&loading);
}
