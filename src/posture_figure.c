/*
 * posture_figure.c
 *		The figures of layers and checklists: how many answers and threats stand how.
 */
#include "postgres.h"

#include "miscadmin.h"

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
figure_threat(const Posture *posture, const Cell **cells, int ncells, Figure *figure,
              char *marks)
{
	int  worst = status_rank(CONTROL_SKIP);
	int  ok = 0;
	int  applies = 0;
	bool any = false;
	Cell sum = {0};

	for (int i = 0; i < ncells; i++)
	{
		const Cell *cell = cells[i];

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
clear_marks(const Posture *posture, const Cell **cells, int ncells, char *marks, int mark)
{
	for (int i = 0; i < ncells; i++)
		for (int p = 0; p < cells[i]->nparts; p++)
		{
			const Part             *part = &cells[i]->parts[p];
			const PostureComponent *about =
			    part->is_whole || part->answer == NULL ? NULL : part->answer->component;

			marks[(size_t) (about ? about - posture->components + 1 : 0) *
			          posture->ncontrols +
			      (part->control ? part->control - posture->controls : 0)] &= ~mark;
		}
}

/*
 * A layer of a system, from its cells, of which the first "n" are those of its
 * threats, threat by threat; returns how many they are.
 */
static int
figure_layer(const Posture *posture, const Cell **cells, int ncells, Figure *figure,
             char *marks)
{
	int n = 0;
	int last = 0;

	figure->newest = NEVER;
	for (int first = 0; first < ncells && cells[first]->threat->layer == figure->layer &&
	                    cells[first]->system == figure->system;
	     first = last)
	{
		for (last = first; last < ncells && cells[last]->threat == cells[first]->threat &&
		                   cells[last]->system == figure->system;
		     last++)
			figure->components += first == 0 && cells[last]->component != NULL &&
			                      cells[last]->component->active;
		figure_threat(posture, cells + first, last - first, figure, marks);
		clear_marks(posture, cells + first, last - first, marks, MARK_THREAT);
		n = last;
	}
	clear_marks(posture, cells, n, marks, MARK_LAYER);
	return n;
}

static void
figure_item(Figure *figure, const ChecklistItem *item)
{
	figure->counts[item->status]++;
	figure->attested += item->status == CONTROL_OK && item->basis == BASIS_ATTESTED;
	figure->newest = Max(figure->newest, item->newest);
}

static int
compare_cells(const void *a, const void *b)
{
	const Cell *left = *(const Cell *const *) a;
	const Cell *right = *(const Cell *const *) b;

	if (left->system != right->system)
		return left->system < right->system ? -1 : 1;
	return left->threat == right->threat ? 0 : left->threat < right->threat ? -1 : 1;
}

void
posture_figure(const Posture *posture, Fold *fold)
{
	char *marks =
	    palloc0((size_t) (posture->ncomponents + 1) * Max(posture->ncontrols, 1));
	const Cell **cells = palloc(sizeof(Cell *) * Max(fold->ncells, 1));
	int          done = 0;
	int          item = 0;

	for (int i = 0; i < fold->ncells; i++)
		cells[i] = &fold->cells[i];
	qsort(cells, fold->ncells, sizeof(Cell *), compare_cells);
	fold->figures = palloc0(sizeof(Figure) * 8 * Max(posture->nsystems, 1));
	for (int s = 0; s < posture->nsystems; s++)
	{
		Figure *figure;

		CHECK_FOR_INTERRUPTS();
		for (int layer = 1; layer <= 7; layer++)
		{
			figure = &fold->figures[fold->nfigures++];
			figure->system = &posture->systems[s];
			figure->layer = layer;
			done +=
			    figure_layer(posture, cells + done, fold->ncells - done, figure, marks);
		}
		figure = &fold->figures[fold->nfigures++];
		figure->system = &posture->systems[s];
		figure->newest = NEVER;
		/* items come system by system */
		while (item < fold->nitems && fold->items[item].system == figure->system)
			figure_item(figure, &fold->items[item++]);
	}
}
