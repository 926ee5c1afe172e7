/*
 * declared_facts.c
 *		What is declared of components, dependencies and systems, in tables by id.
 *
 * The views that work it out (limit_history, policy_history, contract_in_force,
 * plan_node, plan_pair, plan_history) are read whole, a row each; all that is kept lies
 * in one memory context.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"

#include "declared_facts.h"
#include "statement.h"

#define SH_PREFIX components
#define SH_ELEMENT_TYPE ComponentFacts
#define SH_KEY_TYPE int32
#define SH_KEY component_id
#define SH_HASH_KEY(table, key) murmurhash32((uint32) (key))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

#define SH_PREFIX dependencies
#define SH_ELEMENT_TYPE DependencyFacts
#define SH_KEY_TYPE int32
#define SH_KEY dependency_id
#define SH_HASH_KEY(table, key) murmurhash32((uint32) (key))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

#define SH_PREFIX systems
#define SH_ELEMENT_TYPE SystemFacts
#define SH_KEY_TYPE int32
#define SH_KEY system_id
#define SH_HASH_KEY(table, key) murmurhash32((uint32) (key))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct DeclaredFacts
{
	MemoryContext	   memory;
	components_hash	  *components;
	dependencies_hash *dependencies;
	systems_hash	  *systems;
};

/* A row that was read; each column is asked for once, from left to right. */
typedef struct Row
{
	HeapTuple tuple;
	TupleDesc desc;
	int		  column;
} Row;

static Datum
next_column(Row *row, bool *isnull)
{
	return SPI_getbinval(row->tuple, row->desc, ++row->column, isnull);
}

static int32
next_int(Row *row)
{
	bool  isnull;
	Datum value = next_column(row, &isnull);

	return isnull ? 0 : DatumGetInt32(value);
}

static bool
next_bool(Row *row)
{
	bool  isnull;
	Datum value = next_column(row, &isnull);

	return !isnull && DatumGetBool(value);
}

static TimestampTz
next_time(Row *row)
{
	bool isnull;

	return DatumGetTimestampTz(next_column(row, &isnull));
}

static double
next_double(Row *row, bool *has)
{
	bool  isnull;
	Datum value = next_column(row, &isnull);

	*has = !isnull;
	return isnull ? 0 : DatumGetFloat8(value);
}

static int64
next_span(Row *row, bool *has)
{
	bool  isnull;
	Datum value = next_column(row, &isnull);

	*has = !isnull;
	return isnull ? 0 : judge_span(DatumGetIntervalP(value));
}

static Words
copy_words(Datum value)
{
	text *t = DatumGetTextPP(value);
	Words words = {pnstrdup(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t)), VARSIZE_ANY_EXHDR(t)};

	return words;
}

static Words
next_words(Row *row)
{
	bool  isnull;
	Datum value = next_column(row, &isnull);

	return isnull ? (Words){NULL, 0} : copy_words(value);
}

/* The members of a list of texts; a NULL among them is not counted. */
static Words *
next_list(Row *row, int *n, bool *has_null)
{
	bool   isnull;
	Datum  value = next_column(row, &isnull);
	Words *list;
	Datum *items;
	bool  *nulls;
	int	   nitems;

	*n = 0;
	*has_null = false;
	if (isnull)
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls, &nitems);
	list = palloc((nitems + 1) * sizeof(Words));
	for (int i = 0; i < nitems; i++)
		if (nulls[i])
			*has_null = true;
		else
			list[(*n)++] = copy_words(items[i]);
	return list;
}

static ComponentFacts *
enter_component(DeclaredFacts *facts, int32 component_id)
{
	bool			found;
	ComponentFacts *component = components_insert(facts->components, component_id, &found);

	if (!found)
	{
		char status = component->status;

		memset(component, 0, sizeof(*component));
		component->component_id = component_id;
		component->status = status;
	}
	return component;
}

/* One more of an array that has n; it is made larger whenever n is a power of two. */
static void *
one_more(void *array, int *n, Size size)
{
	if (array == NULL)
		array = palloc(size);
	else if ((*n & (*n - 1)) == 0)
		array = repalloc_huge(array, 2 * *n * size);
	(*n)++;
	return array;
}

/* ---- a row of each query, behind its system ---- */

static uint32
kinds_of(const Words *names, int n)
{
	static const char *const labels[] = {
#define JUDGE_LABEL(name, label) label,
		JUDGE_KINDS(JUDGE_LABEL)
#undef JUDGE_LABEL
	};
	uint32 kinds = 0;

	for (int i = 0; i < n; i++)
		for (int k = 0; k < (int) lengthof(labels); k++)
			if (strcmp(labels[k], names[i].s) == 0)
				kinds |= JUDGE_BIT(k);
	return kinds;
}

#define LIMIT_QUERY                                                                      \
	"SELECT c.system_id, l.component_id, l.valid_from, l.valid_until, l.version, l.model,"         \
	" l.tool_schema_digest::text, l.manifest_digest::text, l.old_tool_schema_digest::text,"      \
	" l.old_manifest_digest::text, l.latest, l.memory_limit::float8, l.contradicted_by::text[],"  \
	" l.allowed_data, l.is_current, l.kind IN ('model', 'gateway'), l.is_judged_by_callers"       \
	" FROM maestro.limit_history l JOIN maestro.component c ON c.component_id = l.component_id"  \
	" ORDER BY l.component_id, l.valid_from"

static void
take_limit(DeclaredFacts *facts, Row *row)
{
	ComponentFacts *component = enter_component(facts, next_int(row));
	LimitFacts	   *limits;
	Words		   *kinds;
	int				nkinds;
	bool			has_null;

	component->limits = one_more(component->limits, &component->nlimits, sizeof(LimitFacts));
	limits = &component->limits[component->nlimits - 1];
	limits->valid_from = next_time(row);
	limits->valid_until = next_time(row);
	limits->version = next_words(row);
	limits->model = next_words(row);
	limits->tool_digest = next_words(row);
	limits->manifest_digest = next_words(row);
	limits->old_tool_digest = next_words(row);
	limits->old_manifest_digest = next_words(row);
	limits->latest = next_span(row, &limits->has_latest);
	limits->memory_limit = next_double(row, &limits->has_memory_limit);
	kinds = next_list(row, &nkinds, &has_null);
	limits->contradicting = kinds_of(kinds, nkinds);
	limits->allowed = next_list(row, &limits->nallowed, &limits->allows_null);
	limits->is_current = next_bool(row);
	limits->serves_models = next_bool(row);
	limits->is_judged_by_callers = next_bool(row);
}

#define POLICY_QUERY                                                                     \
	"SELECT p.system_id, p.dependency_id, p.valid_from, p.valid_until, p.latest, p.retry_is_whole,"  \
	" p.base_ms, p.cap_ms, p.multiplier, p.max_attempts, p.component_id, p.address,"               \
	" regexp_replace(p.address, ':[0-9]+$', '')"                                           \
	" FROM maestro.policy_history p ORDER BY p.dependency_id, p.valid_from"

static void
take_policy(DeclaredFacts *facts, Row *row)
{
	bool			 found;
	DependencyFacts *dependency = dependencies_insert(facts->dependencies, next_int(row), &found);
	PolicyFacts		*policy;
	ComponentFacts	*component;
	PeriodFacts		*address;

	if (!found)
	{
		dependency->npolicies = 0;
		dependency->policies = NULL;
	}
	dependency->policies = one_more(dependency->policies, &dependency->npolicies, sizeof(PolicyFacts));
	policy = &dependency->policies[dependency->npolicies - 1];
	policy->valid_from = next_time(row);
	policy->valid_until = next_time(row);
	policy->latest = next_span(row, &policy->has_latest);
	policy->retry_is_whole = next_bool(row);
	policy->base_ms = next_double(row, &found);
	policy->cap_ms = next_double(row, &found);
	policy->multiplier = next_double(row, &found);
	policy->max_attempts = next_double(row, &found);
	component = enter_component(facts, next_int(row));
	address = palloc(sizeof(PeriodFacts));
	address->words = next_words(row);
	address->host = next_words(row);
	address->since = policy->valid_from;
	address->until = policy->valid_until;
	if (address->words.s == NULL)
		return;
	address->next = component->addresses;
	component->addresses = address;
}

#define CONTRACT_QUERY                                                                   \
	"SELECT k.system_id, k.component_id, k.direction, k.target_id, k.version, k.since"     \
	" FROM maestro.contract_in_force k"

static void
take_contract(DeclaredFacts *facts, Row *row)
{
	ComponentFacts *component = enter_component(facts, next_int(row));
	ContractFacts  *contract = palloc(sizeof(ContractFacts));
	Words			direction = next_words(row);

	contract->direction = WORDS_ARE(direction, "input")	   ? JUDGE_INPUT
						  : WORDS_ARE(direction, "output") ? JUDGE_OUTPUT
														   : JUDGE_HANDOFF;
	contract->target_id = next_int(row);
	contract->version = next_int(row);
	contract->since = next_time(row);
	contract->next = component->contracts;
	component->contracts = contract;
}

#define NODE_QUERY "SELECT n.system_id, n.component_id FROM maestro.plan_node n"

static void
take_node(DeclaredFacts *facts, Row *row)
{
	enter_component(facts, next_int(row))->is_node = true;
}

#define PAIR_QUERY                                                                       \
	"SELECT q.system_id, q.source_id, q.target_id, q.allowed FROM maestro.plan_pair q"

static void
take_pair(DeclaredFacts *facts, Row *row)
{
	ComponentFacts *component = enter_component(facts, next_int(row));
	PairFacts	   *pair = palloc(sizeof(PairFacts));

	pair->target_id = next_int(row);
	pair->is_allowed = next_bool(row);
	pair->next = component->pairs;
	component->pairs = pair;
}

#define PLAN_QUERY                                                                       \
	"SELECT g.system_id, g.system_id, g.digest::text, g.since, g.until FROM maestro.plan_history g"

static void
take_plan(DeclaredFacts *facts, Row *row)
{
	bool		 found;
	SystemFacts *system = systems_insert(facts->systems, next_int(row), &found);
	PeriodFacts *plan = palloc0(sizeof(PeriodFacts));

	if (!found)
		system->plans = NULL;
	plan->words = next_words(row);
	plan->since = next_time(row);
	plan->until = next_time(row);
	plan->next = system->plans;
	system->plans = plan;
}

static struct
{
	Statement statement;
	void (*take)(DeclaredFacts *facts, Row *row);
} queries[] = {{{.text = LIMIT_QUERY}, take_limit},		  {{.text = POLICY_QUERY}, take_policy},
			   {{.text = CONTRACT_QUERY}, take_contract}, {{.text = NODE_QUERY}, take_node},
			   {{.text = PAIR_QUERY}, take_pair},		  {{.text = PLAN_QUERY}, take_plan}};

/* ---- all of it ---- */

static void
read_query(DeclaredFacts *facts, int query, SystemFilter filter, void *context)
{
	MemoryContext saved;

	statement_run(&queries[query].statement, NULL, NULL, true, 0, SPI_OK_SELECT);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		Row row = {.tuple = SPI_tuptable->vals[i], .desc = SPI_tuptable->tupdesc};
		int32 system_id = next_int(&row);

		if (filter != NULL && !filter(context, system_id))
			continue;
		saved = MemoryContextSwitchTo(facts->memory);
		queries[query].take(facts, &row);
		MemoryContextSwitchTo(saved);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_freetuptable(SPI_tuptable);
}

DeclaredFacts *
declared_facts_read(MemoryContext parent, SystemFilter filter, void *context)
{
	MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "maestro declared facts",
												 ALLOCSET_DEFAULT_SIZES);
	DeclaredFacts *facts = MemoryContextAllocZero(memory, sizeof(DeclaredFacts));

	facts->memory = memory;
	facts->components = components_create(memory, 256, NULL);
	facts->dependencies = dependencies_create(memory, 256, NULL);
	facts->systems = systems_create(memory, 16, NULL);
	for (int i = 0; i < (int) lengthof(queries); i++)
		read_query(facts, i, filter, context);
	/* kept from here on: an error before takes it along */
	MemoryContextSetParent(memory, parent);
	return facts;
}

void
declared_facts_free(DeclaredFacts *facts)
{
	MemoryContextDelete(facts->memory);
}

const ComponentFacts *
declared_component(const DeclaredFacts *facts, int32 component_id)
{
	return components_lookup(facts->components, component_id);
}

const DependencyFacts *
declared_dependency(const DeclaredFacts *facts, int32 dependency_id)
{
	return dependencies_lookup(facts->dependencies, dependency_id);
}

const SystemFacts *
declared_system(const DeclaredFacts *facts, int32 system_id)
{
	return systems_lookup(facts->systems, system_id);
}
