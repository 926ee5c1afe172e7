/*
 * posture_load.c
 *		What posture is computed from, read once a call: the views of
 *		sql/parts/posture_input.sql.
 *
 * The queries run as the extension's owner and see everything; of which systems
 * the reader may know is decided here, once, by access_may_read.  They hold no
 * operator and no cast, which a search_path could redirect.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "access.h"
#include "posture_load.h"
#include "posture_row.h"
#include "registry.h"

/* in the order of AskedSignal */
static const char *const asked_signals[ASKED_COUNT] = {
    "acting",          "call",
    "called",          "called_silent",
    "calling",         "event",
    "heartbeat",       "registration_seen",
    "undeclared_call", "writer_registered"};

/*
 * Make room for one more element of an array that grows by doubling.
 */
static void *
grow(const Row *row, void *array, int count, size_t size)
{
	if (array == NULL)
		return MemoryContextAllocZero(row->context, 8 * size);
	if (count < 8 || (count & (count - 1)) != 0)
		return array;
	return repalloc(array, 2 * (Size) count * size);
}

/* ---- finding what was read ---- */

static PostureSystem *
find_system(const Posture *posture, int32 id)
{
	for (int i = 0; i < posture->nsystems; i++)
		if (posture->systems[i].id == id)
			return &posture->systems[i];
	return NULL;
}

static PostureComponent *
find_component(const Posture *posture, int32 id)
{
	int low = 0;
	int high = posture->ncomponents;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (posture->components[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < posture->ncomponents && posture->components[low].id == id
	           ? &posture->components[low]
	           : NULL;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

int
posture_signal(const Posture *posture, const char *name)
{
	char **found = bsearch(&name, posture->signals, posture->nsignals, sizeof(char *),
	                       compare_names);

	return found ? (int) (found - posture->signals) : -1;
}

static int
compare_control(const void *slug, const void *control)
{
	return strcmp(slug, ((const Control *) control)->slug);
}

static int
find_control(const Posture *posture, const char *slug)
{
	Control *found = bsearch(slug, posture->controls, posture->ncontrols, sizeof(Control),
	                         compare_control);

	return found ? (int) (found - posture->controls) : -1;
}

/* ---- rows ---- */

/* the role that asks, while systems are read */
static Oid system_reader;

static void
read_system(void *target, const Row *row)
{
	Posture       *posture = target;
	RegistrySystem known;
	PostureSystem *system;

	/* 0 stands for all systems while there is none */
	if (row_int(row, 1) != 0 && (!registry_system(row_int(row, 1), &known) ||
	                             !access_may_read(system_reader, &known)))
		return;
	posture->systems =
	    grow(row, posture->systems, posture->nsystems, sizeof(PostureSystem));
	system = &posture->systems[posture->nsystems++];
	memset(system, 0, sizeof(*system));
	system->id = row_int(row, 1);
	system->name = row_text(row, 2);
}

static void
read_component(void *target, const Row *row)
{
	Posture          *posture = target;
	PostureSystem    *system = find_system(posture, row_int(row, 2));
	PostureComponent *c;

	if (system == NULL)
		return;
	posture->components =
	    grow(row, posture->components, posture->ncomponents, sizeof(PostureComponent));
	c = &posture->components[posture->ncomponents++];
	memset(c, 0, sizeof(*c));
	c->id = row_int(row, 1);
	c->system = system;
	c->name = row_text(row, 3);
	c->kind_bit = row_int(row, 4);
	c->layer_bits = row_int(row, 5);
	c->judged_by = row_letter(row, 6);
	c->active = row_bool(row, 7);
	c->own_process = row_bool(row, 8);
	c->has_role = row_bool(row, 9);
	c->may_host = row_bool(row, 10);
	c->hands_off = row_bool(row, 11);
	if (c->active && c->hands_off)
		system->agents++;
	if (c->active && c->judged_by != 's')
		system->acts = true;
}

static void
read_dependency(void *target, const Row *row)
{
	Posture           *posture = target;
	PostureComponent  *component = find_component(posture, row_int(row, 2));
	PostureDependency *d;

	if (component == NULL)
		return;
	posture->dependencies = grow(row, posture->dependencies, posture->ndependencies,
	                             sizeof(PostureDependency));
	if (component->ndependencies++ == 0)
		component->first_dependency = posture->ndependencies;
	d = &posture->dependencies[posture->ndependencies++];
	memset(d, 0, sizeof(*d));
	d->id = row_int(row, 1);
	d->name = row_text(row, 3);
}

static void
read_control(void *target, const Row *row)
{
	Posture *posture = target;
	Control *k;
	char    *scope;

	posture->controls = grow(row, posture->controls, posture->ncontrols, sizeof(Control));
	k = &posture->controls[posture->ncontrols++];
	memset(k, 0, sizeof(*k));
	k->slug = row_text(row, 1);
	k->title = row_text(row, 2);
	scope = row_text(row, 3);
	k->scope = strcmp(scope, "log") == 0 ? 's' : *scope;
	k->condition = row_letter(row, 4);
	k->builtin = row_bool(row, 5);
	k->basis = row_basis(row, 6);
	k->min_evidence = row_int(row, 7);
	k->max_age = (int64) (row_double(row, 8) * USECS_PER_SEC);
	k->per_version = row_bool(row, 9);
	k->declares = row_text(row, 10);
	k->must_declare = row_bool(row, 11);
	k->drill = row_bool(row, 12);
	k->attestable = row_bool(row, 13);
	k->evaluated = row_bool(row, 14);
	k->to_declare = row_text(row, 15);
	k->to_observe = row_text(row, 16);
	k->to_repair = row_text(row, 17);
	k->kind_bits = row_int(row, 18);
}

static void
add_signal(Posture *posture, const Row *row, char *name)
{
	for (int i = 0; i < posture->nsignals; i++)
		if (strcmp(posture->signals[i], name) == 0)
			return;
	posture->signals = grow(row, posture->signals, posture->nsignals, sizeof(char *));
	posture->signals[posture->nsignals++] = name;
}

static void
read_signal_name(void *target, const Row *row)
{
	Posture *posture = target;
	add_signal(posture, row, row_text(row, 2));
}

static void
read_control_signal(void *target, const Row *row)
{
	Posture       *posture = target;
	char          *slug = row_text(row, 1);
	int            index = find_control(posture, slug);
	Control       *k;
	ControlSignal *t;

	if (index < 0)
		return;
	k = &posture->controls[index];
	if (k->nsignals == CONTROL_SIGNALS_MAX)
		elog(ERROR, "control \"%s\" has more signals than there is room for", slug);
	k->signals = grow(row, k->signals, k->nsignals, sizeof(ControlSignal));
	t = &k->signals[k->nsignals++];
	t->signal = posture_signal(posture, row_text(row, 2));
	t->role = row_letter(row, 3);
	t->needed = row_int(row, 4);
	t->anywhere = row_bool(row, 5);
	t->min_share = row_double(row, 6);
	t->basis = row_basis(row, 7);
	t->good = row_text(row, 8);
	t->bad = row_text(row, 9);
}

static void
read_subject(void *target, const Row *row)
{
	Posture *posture = target;
	char    *slug = row_text(row, 2);
	int      control;
	Subject *s =
	    posture->nsubjects > 0 ? &posture->subjects[posture->nsubjects - 1] : NULL;

	if (s == NULL || strcmp(s->slug, slug) != 0 || s->is_threat != row_bool(row, 1))
	{
		posture->subjects =
		    grow(row, posture->subjects, posture->nsubjects, sizeof(Subject));
		s = &posture->subjects[posture->nsubjects++];
		memset(s, 0, sizeof(*s));
		s->slug = slug;
		s->is_threat = row_bool(row, 1);
		s->layer = row_int(row, 3);
		s->severity = row_int(row, 4);
	}
	control = find_control(posture, row_text(row, 5));
	if (control < 0)
		elog(ERROR, "a control behind \"%s\" is missing", s->slug);
	s->controls = grow(row, s->controls, s->ncontrols, sizeof(int));
	s->controls[s->ncontrols++] = control;
}

Known *
posture_known(const Posture *posture, int32 system_id, int32 component_id, int32 dependency_id)
{
	PostureComponent *component;
	PostureSystem    *system;

	if (component_id == 0)
	{
		system = find_system(posture, system_id);
		return system ? &system->known : NULL;
	}
	component = find_component(posture, component_id);
	if (component == NULL)
		return NULL;
	for (int i = 0; dependency_id != 0 && i < component->ndependencies; i++)
		if (posture->dependencies[component->first_dependency + i].id == dependency_id)
			return &posture->dependencies[component->first_dependency + i].known;
	return dependency_id == 0 ? &component->known : NULL;
}

static Declaration *
enter_declaration(const Posture *posture, const Row *row)
{
	Known *known = posture_known(posture, row_int(row, 1), row_int(row, 2), row_int(row, 3));
	char   buffer[NAMEDATALEN];
	int    control = find_control(posture, row_word(row, 4, buffer));

	if (known == NULL || control < 0)
		return NULL;
	if (known->declarations == NULL)
		known->declarations = MemoryContextAllocZero(
		    row->context, sizeof(Declaration *) * posture->ncontrols);
	if (known->declarations[control] == NULL)
		known->declarations[control] =
		    MemoryContextAllocZero(row->context, sizeof(Declaration));
	return known->declarations[control];
}

static void
read_declaration(void *target, const Row *row)
{
	Posture     *posture = target;
	Declaration *d = enter_declaration(posture, row);

	if (d == NULL)
		return;
	d->declared = row_bool(row, 6);
	d->fault = row_text(row, 5);
	d->lacking = row_text(row, 7);
}

static void
read_statement(void *target, const Row *row)
{
	Posture     *posture = target;
	Declaration *d = enter_declaration(posture, row);

	if (d == NULL)
		return;
	if (row_bool(row, 6))
		d->waived = true;
	else
		d->attested = row_text(row, 5);
}

static void
read_outcome(void *target, const Row *row)
{
	Posture *posture = target;
	int      control = find_control(posture, row_text(row, 1));
	int32    system_id = row_int(row, 2);
	Outcome *o;

	if (control < 0 || (system_id != 0 && find_system(posture, system_id) == NULL))
		return;
	posture->outcomes = grow(row, posture->outcomes, posture->noutcomes, sizeof(Outcome));
	o = &posture->outcomes[posture->noutcomes++];
	o->control = control;
	o->system_id = system_id;
	o->component_id = row_int(row, 3);
	o->status = row_status(row, 4);
	o->reason = row_text(row, 5);
	o->basis = row_basis(row, 6);
	o->evidence_count = row_int64(row, 7);
	o->evaluated_at = row_time(row, 8);
	o->remedy = row_text(row, 9);
}

/* Views, in the order of what needs what; a backend keeps their plans. */
static struct
{
	Statement statement;
	RowReader reader;
} what_applies[] = {{{.text = "SELECT * FROM maestro.posture_component ORDER BY component_id"}, read_component},
                    {{.text = "SELECT dependency_id, component_id, name FROM maestro.dependency"
                              " ORDER BY component_id, name"},
                     read_dependency},
                    {{.text = "SELECT * FROM maestro.posture_control"}, read_control},
                    {{.text = "SELECT * FROM maestro.posture_rule"}, read_signal_name}},
  what_is_said[] = {{{.text = "SELECT * FROM maestro.posture_rule"}, read_control_signal},
                    {{.text = "SELECT * FROM maestro.posture_subject"}, read_subject},
                    {{.text = "SELECT * FROM maestro.declaration"}, read_declaration},
                    {{.text = "SELECT * FROM maestro.posture_statement"}, read_statement},
                    {{.text = "SELECT * FROM maestro.posture_outcome"}, read_outcome}};

static void
read_systems(Posture *posture, MemoryContext context)
{
	static Statement systems = {.text = "SELECT system_id, name FROM maestro.system ORDER BY name"};
	static Statement nobody = {.text = "SELECT * FROM maestro.posture_nobody"};

	rows_read(posture, context, &systems, read_system);
	if (posture->nsystems == 0)
		rows_read(posture, context, &nobody, read_system);
}

static void
name_signals(Posture *posture, const Row *row)
{
	for (int i = 0; i < ASKED_COUNT; i++)
		add_signal(posture, row, unconstify(char *, asked_signals[i]));
	qsort(posture->signals, posture->nsignals, sizeof(char *), compare_names);
	for (int i = 0; i < ASKED_COUNT; i++)
		posture->asked[i] = posture_signal(posture, asked_signals[i]);
}

static void
read_all(Posture *posture, MemoryContext context)
{
	Row row;

	row.context = context;
	read_systems(posture, context);
	/* who may read of no system is not worth counting the trace for */
	if (posture->nsystems == 0)
		return;
	for (int i = 0; i < (int) lengthof(what_applies); i++)
		rows_read(posture, context, &what_applies[i].statement, what_applies[i].reader);
	name_signals(posture, &row);
	for (int i = 0; i < (int) lengthof(what_is_said); i++)
		rows_read(posture, context, &what_is_said[i].statement, what_is_said[i].reader);
	posture_observe(posture, context);
}

Posture *
posture_load(Oid reader)
{
	MemoryContext context = CurrentMemoryContext;
	Posture      *posture = palloc0(sizeof(Posture));

	posture->now = GetCurrentTransactionStartTimestamp();
	system_reader = reader;
	rows_begin();
	read_all(posture, context);
	rows_end();
	posture_members(posture);
	return posture;
}
