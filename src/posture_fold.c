/*
 * posture_fold.c
 *		From answers to cells of the threat matrix and items of the checklist.
 *
 * A component has a cell for each threat of its layers.  What is behind it are
 * its own answers; where a control does not apply to a tool or service, those
 * of the components that call it (all of the system's); for a trace store,
 * infrastructure or registry those of all components; and the system's own.  A
 * threat without component shows what others, or the system, were caught at.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "posture.h"

/* the worst answer of a system's active components, a control */
typedef struct Whole
{
	Part part;
	int  applies; /* components it applies to */
	int  alike;   /* of them with the worst status */
} Whole;

/* the parts of one cell or item, while they are collected */
typedef struct Parts
{
	int   count;
	int   room;
	Part *parts;
} Parts;

static Part *
add_part(Parts *parts)
{
	if (parts->count == parts->room)
	{
		parts->room = parts->room == 0 ? 8 : 2 * parts->room;
		parts->parts = parts->parts == NULL
		                   ? palloc(parts->room * sizeof(Part))
		                   : repalloc(parts->parts, parts->room * sizeof(Part));
	}
	return &parts->parts[parts->count++];
}

static Part
part_of(const Answer *answer)
{
	Part part = {answer->control,
	             answer->status,
	             answer->reason,
	             answer->basis,
	             answer->evidence_count,
	             answer->newest,
	             answer->remedy,
	             answer,
	             false};

	return part;
}

/* ---- the whole system ---- */

static void
whole_add(Whole *whole, const Answer *answer)
{
	int64       evidence = whole->part.evidence_count + answer->evidence_count;
	TimestampTz newest = Max(whole->part.newest, answer->newest);
	int         rank = status_rank(answer->status);
	int worst = whole->part.answer ? status_rank(whole->part.status) : CONTROL_COUNT + 1;

	whole->applies += answer->status != CONTROL_SKIP;
	if (rank < worst ||
	    (rank == worst &&
	     strcmp(answer->component->name, whole->part.answer->component->name) < 0))
		whole->part = part_of(answer);
	whole->alike = rank < worst ? 1 : rank == worst ? whole->alike + 1 : whole->alike;
	whole->part.evidence_count = evidence;
	whole->part.newest = newest;
	whole->part.is_whole = true;
}

/*
 * Of each control the worst answer of a system's active components, in an
 * array by system and control.
 */
static Whole *
make_wholes(const Posture *posture)
{
	Whole *wholes =
	    palloc0(sizeof(Whole) * posture->ncontrols * Max(posture->nsystems, 1));

	for (int i = 0; i < posture->nsystems * posture->ncontrols; i++)
		wholes[i].part.newest = NEVER;
	for (int i = 0; i < posture->ncomponents; i++)
	{
		const PostureComponent *c = &posture->components[i];
		Whole *row = wholes + (c->system - posture->systems) * posture->ncontrols;

		for (int k = 0; c->active && k < posture->ncontrols; k++)
			if (posture->controls[k].scope != 's' && c->answers[k].reason != NULL)
				whole_add(&row[k], &c->answers[k]);
	}
	for (int i = 0; i < posture->nsystems * posture->ncontrols; i++)
	{
		Whole *w = &wholes[i];

		if (w->part.answer == NULL || w->part.status == CONTROL_SKIP)
			continue;
		w->part.reason =
		    w->applies == 1
		        ? psprintf("%s: %s", w->part.answer->component->name, w->part.reason)
		        : psprintf("%d of %d components, first %s: %s", w->alike, w->applies,
		                   w->part.answer->component->name, w->part.reason);
	}
	return wholes;
}

/* ---- cells ---- */

int
cell_worst(const Cell *cell)
{
	int worst = status_rank(CONTROL_SKIP);

	for (int i = 0; i < cell->nparts; i++)
		worst = Min(worst, status_rank(cell->parts[i].status));
	return worst;
}

double
cell_residual(const Cell *cell)
{
	if (cell->status == THREAT_NOT_APPLICABLE)
		return 0;
	return cell->threat->severity * Max(1 - cell->share, 0.1);
}

ThreatStatus
threat_status(int worst, int ok)
{
	if (worst == status_rank(CONTROL_ALARM))
		return THREAT_OPEN;
	if (worst == status_rank(CONTROL_SKIP))
		return THREAT_NOT_APPLICABLE;
	if (worst == status_rank(CONTROL_OK))
		return THREAT_MITIGATED;
	return ok > 0 ? THREAT_PARTIAL : THREAT_UNKNOWN;
}

static void
finish_cell(Cell *cell, const Parts *parts)
{
	int ok = 0;
	int applies = 0;

	cell->parts = parts->parts;
	cell->nparts = parts->count;
	for (int i = 0; i < parts->count; i++)
	{
		ok += parts->parts[i].status == CONTROL_OK;
		applies += parts->parts[i].status != CONTROL_SKIP;
	}
	cell->share = applies > 0 ? (double) ok / applies : 0;
	cell->status = threat_status(cell_worst(cell), ok);
}

static void
fill_cell(const Posture *posture, const Whole *wholes, Cell *cell)
{
	const PostureComponent *c = cell->component;
	int                     system = (int) (c->system - posture->systems);
	Parts                   parts = {0};

	for (int i = 0; i < cell->threat->ncontrols; i++)
	{
		int          k = cell->threat->controls[i];
		const Whole *whole = &wholes[system * posture->ncontrols + k];
		Part        *part;

		if (posture->controls[k].scope == 's')
		{
			part = add_part(&parts);
			*part = part_of(&posture->system_answers[system][k]);
			part->is_whole = true;
		}
		else if (c->judged_by == 'i' ||
		         (c->judged_by == 'c' && c->answers[k].status != CONTROL_SKIP))
			*add_part(&parts) = part_of(&c->answers[k]);
		else if (whole->part.answer != NULL)
		{
			part = add_part(&parts);
			*part = whole->part;
			if (c->judged_by == 'c' && part->status == CONTROL_SKIP)
			{
				part->status = CONTROL_UNKNOWN;
				part->reason = part->control->condition == 'd'
				                   ? "no component declares a dependency"
				                   : "no component that it applies to is registered";
			}
		}
	}
	finish_cell(cell, &parts);
}

/*
 * The cell of a layer without component.
 */
static void
fill_empty_cell(const Posture *posture, const Whole *wholes, Cell *cell)
{
	int   system = (int) (cell->system - posture->systems);
	Parts parts = {0};
	Part *none = add_part(&parts);

	memset(none, 0, sizeof(*none));
	none->status = CONTROL_UNKNOWN;
	none->reason =
	    psprintf("no component is registered on layer %d", cell->threat->layer);
	none->basis = BASIS_NONE;
	none->newest = NEVER;
	none->is_whole = true;
	none->remedy =
	    cell->system->id == 0
	        ? "SELECT maestro.register_system('crew');"
	        : psprintf("Register what works there: maestro.register_component(%%3$L, "
	                   "name, kind, layer => '%d').",
	                   cell->threat->layer);
	for (int i = 0; i < cell->threat->ncontrols; i++)
	{
		int  k = cell->threat->controls[i];
		bool of_system = posture->controls[k].scope == 's';
		Part alarm = of_system ? part_of(&posture->system_answers[system][k])
		                       : wholes[system * posture->ncontrols + k].part;

		/* what a system merely does not declare is left to whoever works on that layer */
		if (alarm.answer == NULL || alarm.status != CONTROL_ALARM ||
		    (of_system && alarm.evidence_count == 0))
			continue;
		alarm.is_whole = true;
		*add_part(&parts) = alarm;
	}
	finish_cell(cell, &parts);
}

static void
fold_cells(const Posture *posture, const Whole *wholes, Fold *fold)
{
	int *covered = palloc0(sizeof(int) * Max(posture->nsystems, 1));

	fold->cells =
	    palloc(sizeof(Cell) * 21 * (posture->nsystems + posture->ncomponents + 1));
	for (int t = 0; t < posture->nsubjects; t++)
	{
		const Subject *threat = &posture->subjects[t];

		for (int i = 0; threat->is_threat && i < posture->ncomponents; i++)
		{
			const PostureComponent *c = &posture->components[i];
			Cell                   *cell = &fold->cells[fold->ncells];

			if (i % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
			if (!(c->layer_bits & (1 << threat->layer)))
				continue;
			*cell = (Cell){.system = c->system, .component = c, .threat = threat};
			covered[c->system - posture->systems] |= 1 << threat->layer;
			fill_cell(posture, wholes, cell);
			fold->ncells++;
		}
	}
	for (int t = 0; t < posture->nsubjects; t++)
	{
		const Subject *threat = &posture->subjects[t];

		for (int i = 0; threat->is_threat && i < posture->nsystems; i++)
		{
			if (covered[i] & (1 << threat->layer))
				continue;
			fold->cells[fold->ncells] =
			    (Cell){.system = &posture->systems[i], .threat = threat};
			fill_empty_cell(posture, wholes, &fold->cells[fold->ncells++]);
		}
	}
}

/*
 * What residual risk of a cell is gone once one more of its controls is ok.
 */
static double
residual_taken(const Cell *cell)
{
	Cell better = *cell;
	int  applies = 0;

	for (int i = 0; i < cell->nparts; i++)
		applies += cell->parts[i].status != CONTROL_SKIP;
	better.share += 1.0 / Max(applies, 1);
	return cell_residual(cell) - cell_residual(&better);
}

/*
 * What each answer keeps from being mitigated, and what residual risk that is:
 * for the next steps.
 */
static void
weigh_answers(const Fold *fold)
{
	for (int i = 0; i < fold->ncells; i++)
	{
		const Cell *cell = &fold->cells[i];

		if (cell->component != NULL && !cell->component->active)
			continue;
		for (int p = 0; p < cell->nparts; p++)
		{
			Answer *answer = unconstify(Answer *, cell->parts[p].answer);

			if (answer == NULL || cell->parts[p].status == CONTROL_OK ||
			    cell->parts[p].status == CONTROL_SKIP)
				continue;
			answer->unblocks++;
			answer->weight += residual_taken(cell);
		}
	}
}

/* ---- items ---- */

/* what an item shows while its parts are looked at */
typedef struct ItemWork
{
	Parts parts;
	int   computed; /* rank of the worst status without waivers */
} ItemWork;

static void
add_item_part(ItemWork *work, const Answer *answer)
{
	Part *part = add_part(&work->parts);

	*part = part_of(answer);
	part->status = answer_status(answer);
	work->computed = Min(work->computed, status_rank(answer->status));
}

static void
add_nobody(ItemWork *work, const PostureSystem *system)
{
	Part *part = add_part(&work->parts);

	memset(part, 0, sizeof(*part));
	part->status = CONTROL_UNKNOWN;
	part->basis = BASIS_NONE;
	part->newest = NEVER;
	part->reason = system->id == 0 ? "no system is registered"
	                               : "no component that acts is registered";
	part->remedy = system->id == 0
	                   ? "SELECT maestro.register_system('crew');"
	                   : "SELECT maestro.register_component(%3$L, 'name', 'agent');";
	work->computed = Min(work->computed, status_rank(CONTROL_UNKNOWN));
}

static const char *
part_name(const Part *part)
{
	return part->answer && part->answer->component ? part->answer->component->name : NULL;
}

/*
 * Is a the worse part, or as bad and first by name?  The system's own come last.
 */
static bool
is_worse(const Part *a, const Part *b)
{
	int difference = b == NULL ? -1 : status_rank(a->status) - status_rank(b->status);

	if (difference != 0)
		return difference < 0;
	if (part_name(a) == NULL || part_name(b) == NULL)
		return part_name(a) != NULL && part_name(b) == NULL;
	return strcmp(part_name(a), part_name(b)) < 0;
}

static void
finish_item(ChecklistItem *item, const ItemWork *work)
{
	int64 alike = 0;
	int64 others = 0;

	item->newest = NEVER;
	item->basis = BASIS_NONE;
	for (int i = 0; i < work->parts.count; i++)
	{
		const Part *part = &work->parts.parts[i];

		item->counts[part->status]++;
		item->evidence_count += part->evidence_count;
		item->newest = Max(item->newest, part->newest);
		if (is_worse(part, item->worst))
			item->worst = part;
	}
	item->status = item->worst->status;
	for (ControlStatus s = 0; s < CONTROL_COUNT; s++)
		if (status_rank(s) == work->computed)
			item->computed = s;
	for (int i = 0; i < work->parts.count; i++)
	{
		const Part *part = &work->parts.parts[i];

		if (part->status == item->status)
		{
			alike++;
			item->basis = Min(item->basis, part->basis);
		}
		else if (part->status != CONTROL_SKIP)
			others++;
	}
	item->reason = item->worst->reason;
	if (part_name(item->worst) != NULL)
		item->reason =
		    alike + others == 1
		        ? psprintf("%s: %s", part_name(item->worst), item->reason)
		        : psprintf(INT64_FORMAT " of " INT64_FORMAT " components, first %s: %s",
		                   alike, alike + others, part_name(item->worst), item->reason);
}

static void
fold_item(const Posture *posture, const PostureSystem *system, const Subject *subject,
          ChecklistItem *item)
{
	ItemWork work = {{0}, CONTROL_COUNT + 1};

	item->system = system;
	item->item = subject;
	for (int i = 0; i < subject->ncontrols; i++)
	{
		int k = subject->controls[i];

		if (posture->controls[k].scope == 's')
			add_item_part(&work, &posture->system_answers[system - posture->systems][k]);
		for (int c = 0; posture->controls[k].scope != 's' && c < system->nmembers; c++)
			if (system->members[c]->active)
				add_item_part(&work, &system->members[c]->answers[k]);
	}
	/* a system of which nobody acts has not met an item by having nothing it applies to
	 */
	if (!system->acts)
		add_nobody(&work, system);
	finish_item(item, &work);
}

static void
fold_items(const Posture *posture, Fold *fold)
{
	fold->items =
	    palloc0(sizeof(ChecklistItem) * Max(posture->nsubjects * posture->nsystems, 1));
	for (int s = 0; s < posture->nsystems; s++)
		for (int i = 0; i < posture->nsubjects; i++)
			if (!posture->subjects[i].is_threat)
				fold_item(posture, &posture->systems[s], &posture->subjects[i],
				          &fold->items[fold->nitems++]);
}

Fold *
posture_fold(Posture *posture, int wanted)
{
	Fold  *fold = palloc0(sizeof(Fold));
	Whole *wholes = make_wholes(posture);

	if (wanted & FOLD_CELLS)
	{
		fold_cells(posture, wholes, fold);
		weigh_answers(fold);
	}
	if (wanted & FOLD_ITEMS)
		fold_items(posture, fold);
	return fold;
}
