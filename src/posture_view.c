/*
 * posture_view.c
 *		The sets that the views on posture are made of.
 *
 * Each call loads, decides and folds anew: what it shows is what holds now.
 * The work is done as the extension's owner, but only for systems that the
 * caller may read.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "maestro.h"

#include "access.h"
#include "event.h"
#include "owner.h"
#include "posture.h"

/* a row to be: nothing is set yet */
typedef struct OutRow
{
	int   count;
	Datum values[20];
	bool  nulls[20];
} OutRow;

/* what a set is made of, and where it goes */
typedef struct Output
{
	ReturnSetInfo *rsinfo;
	Posture       *posture;
	Fold          *fold;
	Oid            statuses[CONTROL_COUNT];
	Oid            threats[THREAT_COUNT];
	Oid            bases[BASIS_COUNT];
	MemoryContext context; /* of the whole call */
	MemoryContext per_row; /* emptied after each row: a thousand components are 20,000 */
} Output;

static void
out_null(OutRow *row)
{
	row->nulls[row->count] = true;
	row->values[row->count++] = (Datum) 0;
}

static void
out(OutRow *row, Datum value)
{
	row->nulls[row->count] = false;
	row->values[row->count++] = value;
}

static void
out_id(OutRow *row, int32 id)
{
	if (id == 0)
		out_null(row);
	else
		out(row, Int32GetDatum(id));
}

static void
out_text(OutRow *row, const char *value)
{
	if (value == NULL)
		out_null(row);
	else
		out(row, CStringGetTextDatum(value));
}

static void
out_time(OutRow *row, TimestampTz at)
{
	if (at == NEVER)
		out_null(row);
	else
		out(row, TimestampTzGetDatum(at));
}

static void
out_basis(OutRow *row, const Output *output, Basis basis)
{
	if (basis == BASIS_NONE)
		out_null(row);
	else
		out(row, ObjectIdGetDatum(output->bases[basis]));
}

static void
put_row(const Output *output, OutRow *row)
{
	tuplestore_putvalues(output->rsinfo->setResult, output->rsinfo->setDesc, row->values,
	                     row->nulls);
	MemoryContextReset(output->per_row);
}

static void
find_labels(Output *output)
{
	static const char *const statuses[CONTROL_COUNT] = {"ok",    "alarm",  "unknown",
	                                                    "error", "waived", "skip"};
	static const char *const threats[THREAT_COUNT] = {"open", "partial", "mitigated",
	                                                  "unknown", "not_applicable"};
	static const char *const bases[BASIS_COUNT] = {"attested", "drill", "reported",
	                                               "observed", "enforced"};

	for (int i = 0; i < CONTROL_COUNT; i++)
		output->statuses[i] = event_label("control_status", statuses[i]);
	for (int i = 0; i < THREAT_COUNT; i++)
		output->threats[i] = event_label("threat_status", threats[i]);
	for (int i = 0; i < BASIS_COUNT; i++)
		output->bases[i] = event_label("evidence_basis", bases[i]);
}

/*
 * Compute posture in a context of its own, and have a function put it out, which
 * keeps nothing from row to row in the context that it finds.
 */
static Datum
put_posture(FunctionCallInfo fcinfo, int wanted, void (*put)(const Output *output))
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "maestro posture",
	                                              ALLOCSET_DEFAULT_SIZES);
	MemoryContext saved;
	Output        output = {0};
	OwnerScope    scope;

	InitMaterializedSRF(fcinfo, 0);
	output.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	saved = MemoryContextSwitchTo(context);
	owner_begin(&scope);
	output.posture = posture_load(scope.user);
	owner_end(&scope);
	posture_decide(output.posture);
	output.fold = posture_fold(output.posture, wanted);
	find_labels(&output);
	output.context = context;
	output.per_row = AllocSetContextCreate(context, "maestro posture row", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(output.per_row);
	put(&output);
	MemoryContextSwitchTo(saved);
	MemoryContextDelete(context);
	return (Datum) 0;
}

static void
put_answer(const Output *output, const Answer *answer, const PostureSystem *system)
{
	OutRow row = {0};

	if (answer->reason == NULL)
		return;
	out(&row, Int32GetDatum(system->id));
	out_id(&row, answer->component ? answer->component->id : 0);
	out_text(&row, answer->control->slug);
	out(&row, ObjectIdGetDatum(output->statuses[answer_status(answer)]));
	out(&row, ObjectIdGetDatum(output->statuses[answer->status]));
	out_text(&row, answer->reason);
	out_basis(&row, output, answer->basis);
	out(&row, Int64GetDatum(answer->evidence_count));
	out_time(&row, answer->newest);
	out_text(&row, answer_dependency(answer));
	out_text(&row, answer->remedy);
	out(&row, Int32GetDatum(answer->unblocks));
	out(&row, Float8GetDatum(answer->weight));
	put_row(output, &row);
}

static void
put_answers(const Output *output)
{
	const Posture *posture = output->posture;

	for (int i = 0; i < posture->ncomponents; i++)
		for (int k = 0; k < posture->ncontrols; k++)
			put_answer(output, &posture->components[i].answers[k],
			           posture->components[i].system);
	for (int i = 0; i < posture->nsystems; i++)
		for (int k = 0; posture->systems[i].id != 0 && k < posture->ncontrols; k++)
			put_answer(output, &posture->system_answers[i][k], &posture->systems[i]);
}

/*
 * A step to take: an answer that is not ok, or with control NULL a layer that has
 * no component.
 */
static void
put_step(const Output *output, const PostureSystem *system, const Answer *answer,
         int layer, int unblocks, double weight)
{
	OutRow row = {0};

	out(&row, Int32GetDatum(system->id));
	out_id(&row, answer && answer->component ? answer->component->id : 0);
	out_text(&row, answer ? answer->control->slug : NULL);
	out_id(&row, layer);
	out(&row, ObjectIdGetDatum(
	              output->statuses[answer ? answer_status(answer) : CONTROL_UNKNOWN]));
	out_text(&row, answer ? answer->reason : "no component is registered on it");
	out_text(&row, answer ? answer_dependency(answer) : NULL);
	out_text(&row, answer ? answer->remedy : NULL);
	out(&row, Int32GetDatum(unblocks));
	out(&row, Float8GetDatum(weight));
	put_row(output, &row);
}

static void
put_answer_step(const Output *output, const Answer *answer, const PostureSystem *system)
{
	int rank = status_rank(answer_status(answer));

	if (answer->unblocks > 0 && answer->remedy != NULL &&
	    rank < status_rank(CONTROL_WAIVED))
		put_step(output, system, answer, 0, answer->unblocks, answer->weight);
}

static void
put_layer_steps(const Output *output, const PostureSystem *system)
{
	double weights[8] = {0};
	int    counts[8] = {0};

	for (int i = 0; i < output->fold->ncells; i++)
	{
		const Cell *cell = &output->fold->cells[i];

		if (cell->system != system || cell->component != NULL)
			continue;
		counts[cell->threat->layer]++;
		/* as much as one control of each threat takes away: registering alone takes none */
		weights[cell->threat->layer] += cell_residual(cell) / Max(cell->threat->ncontrols, 1);
	}
	for (int layer = 1; layer <= 7; layer++)
		if (counts[layer] > 0)
			put_step(output, system, NULL, layer, counts[layer], weights[layer]);
}

static void
put_steps(const Output *output)
{
	const Posture *posture = output->posture;

	for (int i = 0; i < posture->ncomponents; i++)
		for (int k = 0; k < posture->ncontrols; k++)
			put_answer_step(output, &posture->components[i].answers[k],
			                posture->components[i].system);
	for (int i = 0; i < posture->nsystems; i++)
	{
		if (posture->systems[i].id == 0)
			continue;
		for (int k = 0; k < posture->ncontrols; k++)
			put_answer_step(output, &posture->system_answers[i][k], &posture->systems[i]);
		put_layer_steps(output, &posture->systems[i]);
	}
}

/*
 * Add the words of a part, under the titles of all worst parts that say the same.
 */
static void
add_words(StringInfo words, const Cell *cell, int first, int worst)
{
	const char *reason = cell->parts[first].reason;

	for (int i = 0; i < first; i++)
		if (status_rank(cell->parts[i].status) == worst &&
		    strcmp(cell->parts[i].reason, reason) == 0)
			return;
	appendStringInfoString(words, words->len > 0 ? "; " : "");
	for (int i = first; i < cell->nparts; i++)
	{
		const Part *part = &cell->parts[i];

		if (part->control == NULL || status_rank(part->status) != worst ||
		    strcmp(part->reason, reason) != 0)
			continue;
		appendStringInfo(words, "%s%s", i > first ? ", " : "", part->control->title);
	}
	appendStringInfo(words, "%s%s", cell->parts[first].control ? ": " : "", reason);
}

/*
 * The words of the worst parts, and the first of their remedies.
 */
static char *
cell_words(const Cell *cell, const Part **remedy, Basis *basis, int64 *evidence,
           TimestampTz *newest)
{
	StringInfoData words;
	int            worst = cell_worst(cell);

	initStringInfo(&words);
	*remedy = NULL;
	*basis = BASIS_NONE;
	*evidence = 0;
	*newest = NEVER;
	for (int i = 0; i < cell->nparts; i++)
	{
		const Part *part = &cell->parts[i];

		*basis = Min(*basis, part->basis);
		*evidence += part->evidence_count;
		*newest = Max(*newest, part->newest);
		if (status_rank(part->status) != worst)
			continue;
		add_words(&words, cell, i, worst);
		/* what was observed goes before what is not declared */
		if (part->remedy != NULL &&
			(*remedy == NULL || ((*remedy)->evidence_count == 0 && part->evidence_count > 0)))
			*remedy = part;
	}
	return words.data;
}

static void
out_remedy(OutRow *row, const Part *part)
{
	const Answer *answer = part ? part->answer : NULL;

	out_text(row, part ? part->remedy : NULL);
	out_id(row, answer && answer->component ? answer->component->id : 0);
	out_text(row, answer ? answer_dependency(answer) : NULL);
}

static void
put_cells(const Output *output)
{
	for (int i = 0; i < output->fold->ncells; i++)
	{
		const Cell *cell = &output->fold->cells[i];
		const Part *remedy;
		Basis       basis;
		int64       evidence;
		TimestampTz newest;
		char       *reason = cell_words(cell, &remedy, &basis, &evidence, &newest);
		OutRow      row = {0};

		out_id(&row, cell->system->id);
		out_id(&row, cell->component ? cell->component->id : 0);
		out_text(&row, cell->threat->slug);
		out(&row, ObjectIdGetDatum(output->threats[cell->status]));
		out_text(&row, reason);
		out(&row, Float8GetDatum(cell_residual(cell)));
		out_basis(&row, output, basis);
		out(&row, Int64GetDatum(evidence));
		out_time(&row, newest);
		out_remedy(&row, remedy);
		put_row(output, &row);
	}
}

static void
put_items(const Output *output)
{
	for (int i = 0; i < output->fold->nitems; i++)
	{
		const ChecklistItem *item = &output->fold->items[i];
		OutRow               row = {0};

		out_id(&row, item->system->id);
		out_text(&row, item->item->slug);
		out(&row, ObjectIdGetDatum(output->statuses[item->status]));
		out(&row, ObjectIdGetDatum(output->statuses[item->computed]));
		out_text(&row, item->reason);
		out_basis(&row, output, item->basis);
		out(&row, Int64GetDatum(item->evidence_count));
		out_time(&row, item->newest);
		out_remedy(&row, item->worst);
		for (int s = 0; s < CONTROL_COUNT; s++)
			out(&row, Int64GetDatum(item->counts[s]));
		put_row(output, &row);
	}
}

static void
put_figures(const Output *output)
{
	MemoryContext per_row = MemoryContextSwitchTo(output->context);

	posture_figure(output->posture, output->fold);
	MemoryContextSwitchTo(per_row);
	for (int i = 0; i < output->fold->nfigures; i++)
	{
		const Figure *figure = &output->fold->figures[i];
		OutRow        row = {0};

		out_id(&row, figure->system->id);
		out_id(&row, figure->layer);
		out(&row, Int64GetDatum(figure->components));
		out_time(&row, figure->newest);
		for (int s = 0; s < CONTROL_COUNT; s++)
			out(&row, Int64GetDatum(figure->counts[s]));
		out(&row, Int64GetDatum(figure->attested));
		for (int s = 0; s < THREAT_COUNT; s++)
			out(&row, Int64GetDatum(figure->threats[s]));
		out_id(&row, figure->worst_open);
		out(&row, Float8GetDatum(figure->residual));
		put_row(output, &row);
	}
}

MAESTRO_FUNCTION(control_answers)
{
	return put_posture(fcinfo, FOLD_CELLS, put_answers);
}

MAESTRO_FUNCTION(posture_steps)
{
	return put_posture(fcinfo, FOLD_CELLS, put_steps);
}

MAESTRO_FUNCTION(threat_cells)
{
	return put_posture(fcinfo, FOLD_CELLS, put_cells);
}

MAESTRO_FUNCTION(checklist_items)
{
	return put_posture(fcinfo, FOLD_ITEMS, put_items);
}

MAESTRO_FUNCTION(posture_figures)
{
	return put_posture(fcinfo, FOLD_CELLS | FOLD_ITEMS, put_figures);
}
