/*
 * contract_lint.c
 *		What a security reviewer would say of a JSON Schema that is a contract.
 *
 * A place is judged by what is said of it together (contract_lint_facts.c).  For
 *
 *		{"properties": {"note": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}
 *
 * with the overlay {"properties": {"note": {"maxLength": 100}}} there are the root, an
 * open object, and the place of "note", of which both say something: by the overlay it
 * speaks of strings, with a bound.  It is one bounded string, and its alternatives, which
 * are places as well, are no further ones: a type that a place speaks of is counted
 * there, and in alternatives only what is new in them.
 *
 * What is counted is counted once for each node, in whatever company it is come to, and
 * as unbounded if it is in any.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "contract_lint_walk.h"

#define BOTH_LIMITS (BOUND_LOWER | BOUND_UPPER)
#define BOUNDED_MAP (BOUND_MAP | BOUND_KEYS)

const char *const contract_lint_names[LINT_NCOUNTS] = {
	"strings", "unbounded_strings", "numbers", "unbounded_numbers", "paths",
	"unsafe_paths", "sinks", "open_sinks", "objects", "open_objects",
	"arrays", "unbounded_arrays", "untyped", "unsafe_strings"};

/* What was counted at a node. */
typedef struct Tally
{
	const SchemaNode *node; /* the key */
	uint16			  counted; /* a bit for each LintCount */
	SchemaNode		 *anything; /* what its items are without a schema */
} Tally;

/* What is said of a place. */
typedef struct Said
{
	const LintPart *head; /* the part it is named by */
	Tally		   *tally;
	uint8			may;
	uint8			here;	   /* types that are counted here */
	uint8			unsaid;	   /* types that may come, and of which nothing is said */
	bool			is_untyped;
	bool			is_path;   /* by its format */
	bool			is_annotated;
	uint16			bounds;
} Said;

static bool
count(LintWalk *walk, Tally *tally, LintCount what)
{
	if (tally->counted & (1 << what))
		return false;
	tally->counted |= 1 << what;
	walk->counts[what]++;
	return true;
}

/* Pointers of the overlay, and of documents that were got, say so. */
static char *
path_of(const LintPart *part)
{
	const char *document = part->node->resource->document;

	return psprintf("%s%s%s%s", part->is_overlay ? "overlay:" : "", document,
					document[0] != '\0' ? "#" : "", schema_path_text(part->node->path, NULL));
}

static void
fault(LintWalk *walk, const Said *said, LintCount what, const char *issue, const char *advice)
{
	char *path;

	if (!count(walk, said->tally, what) || walk->report == NULL || issue == NULL)
		return;
	path = path_of(said->head);
	walk->report(walk->target, path, issue, advice);
	pfree(path);
}

/* ---- what is said ---- */

static Tally *
tally_of(LintWalk *walk, const SchemaNode *node)
{
	bool   found;
	Tally *tally = hash_search(walk->tallies, &node, HASH_ENTER, &found);

	if (!found)
	{
		tally->counted = 0;
		tally->anything = NULL;
	}
	return tally;
}

static const LintPart *
head_of(const LintPlace *place)
{
	const LintPart *head = NULL;

	for (int i = 0; i < place->n; i++)
	{
		const LintPart *part = &place->parts[i];

		if (part->role != ROLE_OWN && part->role != ROLE_REST)
			continue;
		if (head == NULL || (head->is_overlay && !part->is_overlay))
			head = part;
	}
	return head;
}

static Said
said_of(LintWalk *walk, const LintPlace *place)
{
	Said  said = {.head = head_of(place), .may = SCHEMA_ANY};
	uint8 says = 0;
	uint8 elsewhere = 0;
	bool  has_alternatives = false;

	for (int i = 0; i < place->n; i++)
	{
		const LintFacts *facts = lint_facts(walk->facts, place->parts[i].node);
		LintRole		 role = place->parts[i].role;

		said.may &= facts->may;
		said.bounds |= facts->bounds;
		said.is_path |= facts->is_path;
		said.is_annotated |= facts->has_annotation;
		if (role == ROLE_COUNTED)
			elsewhere |= facts->says;
		else
			says |= facts->says;
		if (role == ROLE_REST)
			elsewhere = SCHEMA_ANY;
		has_alternatives |= role != ROLE_COUNTED && facts->has_alternatives;
	}
	said.tally = tally_of(walk, said.head->node);
	said.here = says & said.may & ~elsewhere;
	said.is_untyped = (says | elsewhere) == 0 && !has_alternatives && said.may == SCHEMA_ANY;
	if (!has_alternatives)
	{
		uint8 spoken = says | elsewhere;

		if (spoken & LINT_NUMERIC)
			spoken |= LINT_NUMERIC;
		said.unsaid = said.may & ~spoken & (SCHEMA_STRING | SCHEMA_OBJECT | SCHEMA_ARRAY | LINT_NUMERIC);
	}
	return said;
}

/* ---- judging it ---- */

static void
judge_string(LintWalk *walk, const Said *said, uint8 names)
{
	(void) count(walk, said->tally, LINT_STRINGS);
	if (said->unsaid != 0 || !(said->bounds & BOUND_STRING))
	{
		(void) count(walk, said->tally, LINT_UNSAFE_STRINGS);
		if (said->unsaid != 0)
			fault(walk, said, LINT_UNBOUNDED_STRINGS, NULL, NULL);
		else if (said->is_annotated)
			fault(walk, said, LINT_UNBOUNDED_STRINGS, "annotation_only_format",
				  "Assert formats with \"x-maestro-assert-formats\": true at the root of the schema, or give maxLength, pattern, enum or const.");
		else
			fault(walk, said, LINT_UNBOUNDED_STRINGS, "unbounded_string",
				  "Give it maxLength, pattern, enum or const.");
	}
	if ((names & NAME_PATH) || said->is_path)
	{
		(void) count(walk, said->tally, LINT_PATHS);
		if (!(said->bounds & BOUND_SAFE_PATH))
			fault(walk, said, LINT_UNSAFE_PATHS, "unsafe_path",
				  "Give it \"format\": \"safe-path\", or enumerate the paths.");
	}
	if (names & NAME_SINK)
	{
		(void) count(walk, said->tally, LINT_SINKS);
		if (said->bounds & BOUND_SINK)
			return;
		(void) count(walk, said->tally, LINT_UNSAFE_STRINGS);
		fault(walk, said, LINT_OPEN_SINKS, "open_sink",
			  "Give it pattern, enum or const, or say with \"x-maestro-sink\" how what executes it is safe from it.");
	}
}

static void
judge_number(LintWalk *walk, const Said *said)
{
	(void) count(walk, said->tally, LINT_NUMBERS);
	if ((said->bounds & BOTH_LIMITS) == BOTH_LIMITS)
		return;
	fault(walk, said, LINT_UNBOUNDED_NUMBERS, "unbounded_number",
		  said->bounds & BOUND_LOWER   ? "Give it maximum or exclusiveMaximum."
		  : said->bounds & BOUND_UPPER ? "Give it minimum or exclusiveMinimum."
									   : "Give it minimum and maximum, or enum or const.");
}

static void
judge_object(LintWalk *walk, const Said *said)
{
	(void) count(walk, said->tally, LINT_OBJECTS);
	if ((said->bounds & BOUND_CLOSED) || (said->bounds & BOUNDED_MAP) == BOUNDED_MAP)
		return;
	fault(walk, said, LINT_OPEN_OBJECTS, "open_object",
		  said->bounds & BOUND_MAP
			  ? "Bound the map with maxProperties, or its names with propertyNames."
			  : "Give it \"additionalProperties\": false, or \"unevaluatedProperties\": false where it is composed.");
}

/* An array whose items nobody describes: they are anything, and looked at as that. */
static void
push_anything(LintWalk *walk, const Said *said, uint8 names)
{
	LintPart part = {NULL, ROLE_OWN, said->head->is_overlay};

	if (said->tally->anything == NULL)
		said->tally->anything = schema_anything(said->head->node->resource, said->head->node->path);
	part.node = said->tally->anything;
	lint_push(walk, lint_name_of_items(names), &part, 1);
}

static void
judge_array(LintWalk *walk, const Said *said, uint8 names)
{
	(void) count(walk, said->tally, LINT_ARRAYS);
	if (!(said->bounds & BOUND_LENGTH))
		fault(walk, said, LINT_UNBOUNDED_ARRAYS, "unbounded_array",
			  "Give it maxItems, or prefixItems with \"items\": false.");
	if (!(said->bounds & BOUND_ITEMS))
		push_anything(walk, said, names);
}

/* Without anything that can be there nothing is to be said, of its children neither. */
static bool
judge(LintWalk *walk, const LintPlace *place)
{
	Said said = said_of(walk, place);

	if (said.may == 0)
		return false;
	if (said.is_untyped)
		fault(walk, &said, LINT_UNTYPED, "untyped",
			  "Say its type, or enumerate what it may be; in an array without items, say what the items are.");
	else if (said.unsaid != 0)
		fault(walk, &said, LINT_UNTYPED, "no_type",
			  "Say its type: of another one anything may come.");
	/* strings may come in what nothing is said of, and inside of it */
	if (said.unsaid != 0 || (said.here & SCHEMA_STRING))
		judge_string(walk, &said, place->names);
	if (said.here & LINT_NUMERIC)
		judge_number(walk, &said);
	if (said.here & SCHEMA_OBJECT)
		judge_object(walk, &said);
	if (said.here & SCHEMA_ARRAY)
		judge_array(walk, &said, place->names);
	return true;
}

/* ---- the walk ---- */

static HTAB *
new_table(const char *name, Size keysize, Size entrysize)
{
	HASHCTL how = {.keysize = keysize, .entrysize = entrysize, .hcxt = CurrentMemoryContext};

	return hash_create(name, 256, &how, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* What was pushed last comes first: turned round, so that what was pushed first does. */
static void
turn_round(LintPlace *places, int n)
{
	for (int i = 0; i < n / 2; i++)
	{
		LintPlace place = places[i];

		places[i] = places[n - 1 - i];
		places[n - 1 - i] = place;
	}
}

static void
come_to(LintWalk *walk, const LintPlace *place)
{
	int before = walk->n;

	if (!lint_is_new(walk, place, false) || !judge(walk, place))
		return;
	lint_push_children(walk, place);
	turn_round(walk->places + before, walk->n - before);
}

void
contract_lint(const SchemaNode *schema, const SchemaNode *overlay, int64 counts[LINT_NCOUNTS],
			  LintReport report, void *target)
{
	LintWalk walk = {.counts = counts, .report = report, .target = target, .size = 64};
	LintPart roots[2] = {{schema, ROLE_OWN, false}, {overlay, ROLE_OWN, true}};

	memset(counts, 0, LINT_NCOUNTS * sizeof(int64));
	walk.facts = lint_facts_table();
	walk.tallies = new_table("maestro contract tallies", sizeof(void *), sizeof(Tally));
	walk.seen = new_table("maestro contract places", 2 * sizeof(uint64), 2 * sizeof(uint64));
	walk.places = palloc(walk.size * sizeof(LintPlace));
	lint_push(&walk, 0, roots, overlay == NULL ? 1 : 2);
	while (walk.n > 0)
	{
		LintPlace place = walk.places[--walk.n];

		CHECK_FOR_INTERRUPTS();
		come_to(&walk, &place);
		pfree(place.parts);
	}
	pfree(walk.places);
	hash_destroy(walk.seen);
	hash_destroy(walk.tallies);
	hash_destroy(walk.facts);
}
