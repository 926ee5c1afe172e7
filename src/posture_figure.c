/*
 * posture_figure.c
 *		The figures of layers and checklists: how many answers and threats stand how.
 */
#include "postgres.h"

#include "posture.h"

/*
 * Answers that a layer's or a threat's cells share count once: marks are one a
 * control for the system, and one a component and control.
 */
static bool
first_time(const Posture *posture, char *marks, const Part *part, int mark)
{
	const PostureComponent *about =
	    part->is_whole || part->answer == NULL ? NULL : part->answer->component;
	size_t place =
	    (size_t) (about ? about - posture->components + 1 : 0) * posture->ncontrols +
	    (part->control ? part->control - posture->controls : 0);
	bool first = !(marks[place] & mark);

	marks[place] |= mark;
	return first || part->control == NULL;
}

#define MARK_LAYER 1
#define MARK_THREAT 2

/*
 * A threat of a layer, over all its active components.
 */
static void
figure_threat(const Posture *posture, const Fold *fold, const int *cells, int ncells,
              Figure *figure, char *marks)
{
	int  worst = status_rank(CONTROL_SKIP);
	int  ok = 0;
	int  applies = 0;
	bool any = false;
	Cell sum = {0};

	for (int i = 0; i < ncells; i++)
	{
		const Cell *cell = &fold->cells[cells[i]];

		sum.threat = cell->threat;
		for (int p = 0;
		     (cell->component == NULL || cell->component->active) && p < cell->nparts;
		     p++)
		{
			const Part *part = &cell->parts[p];

			any = true;
			if (!first_time(posture, marks, part, MARK_THREAT))
				continue;
			worst = Min(worst, status_rank(part->status));
			ok += part->status == CONTROL_OK;
			applies += part->status != CONTROL_SKIP;
			if (part->control == NULL || !first_time(posture, marks, part, MARK_LAYER))
				continue;
			figure->counts[part->status]++;
			figure->attested +=
			    part->status == CONTROL_OK && part->basis == BASIS_ATTESTED;
			figure->newest = Max(figure->newest, part->newest);
		}
	}
	/* a layer whose components are all inactive says nothing */
	sum.status = any ? threat_status(worst, ok) : THREAT_UNKNOWN;
	sum.share = applies > 0 ? (double) ok / applies : 0;
	figure->threats[sum.status]++;
	figure->residual += cell_residual(&sum);
	if (sum.status == THREAT_OPEN)
		figure->worst_open = Max(figure->worst_open, sum.threat->severity);
}

/*
 * Forget which answers were counted for a threat or layer.
 */
static void
clear_marks(const Posture *posture, const Fold *fold, const int *cells, int ncells,
            char *marks, int mark)
{
	for (int i = 0; i < ncells; i++)
		for (int p = 0; p < fold->cells[cells[i]].nparts; p++)
		{
			const Part             *part = &fold->cells[cells[i]].parts[p];
			const PostureComponent *about =
			    part->is_whole || part->answer == NULL ? NULL : part->answer->component;

			marks[(size_t) (about ? about - posture->components + 1 : 0) *
			          posture->ncontrols +
			      (part->control ? part->control - posture->controls : 0)] &= ~mark;
		}
}

static void
figure_layer(const Posture *posture, const Fold *fold, const PostureSystem *system,
             int layer, Figure *figure, char *marks, int *cells)
{
	figure->system = system;
	figure->layer = layer;
	figure->newest = NEVER;
	for (int i = 0; i < posture->ncomponents; i++)
	{
		const PostureComponent *c = &posture->components[i];

		figure->components +=
		    c->system == system && c->active && (c->layer_bits & (1 << layer));
	}
	for (int t = 0; t < posture->nsubjects; t++)
	{
		int n = 0;

		if (!posture->subjects[t].is_threat || posture->subjects[t].layer != layer)
			continue;
		for (int i = 0; i < fold->ncells; i++)
			if (fold->cells[i].system == system &&
			    fold->cells[i].threat == &posture->subjects[t])
				cells[n++] = i;
		figure_threat(posture, fold, cells, n, figure, marks);
		clear_marks(posture, fold, cells, n, marks, MARK_THREAT);
	}
	for (int i = 0, n = 0; i < fold->ncells; i++, n = 0)
		if (fold->cells[i].system == system && fold->cells[i].threat->layer == layer)
		{
			cells[n++] = i;
			clear_marks(posture, fold, cells, n, marks, MARK_LAYER);
		}
}

static void
figure_checklist(const Fold *fold, const PostureSystem *system, Figure *figure)
{
	figure->system = system;
	figure->newest = NEVER;
	for (int i = 0; i < fold->nitems; i++)
	{
		const ChecklistItem *item = &fold->items[i];

		if (item->system != system)
			continue;
		figure->counts[item->status]++;
		figure->attested += item->status == CONTROL_OK && item->basis == BASIS_ATTESTED;
		figure->newest = Max(figure->newest, item->newest);
	}
}

void
posture_figure(const Posture *posture, Fold *fold)
{
	char *marks =
	    palloc0((size_t) (posture->ncomponents + 1) * Max(posture->ncontrols, 1));
	int *cells = palloc(sizeof(int) * Max(fold->ncells, 1));

	fold->figures = palloc0(sizeof(Figure) * 8 * Max(posture->nsystems, 1));
	for (int s = 0; s < posture->nsystems; s++)
	{
		for (int layer = 1; layer <= 7; layer++)
			figure_layer(posture, fold, &posture->systems[s], layer,
			             &fold->figures[fold->nfigures++], marks, cells);
		figure_checklist(fold, &posture->systems[s], &fold->figures[fold->nfigures++]);
	}
}
