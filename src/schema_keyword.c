/*
 * schema_keyword.c
 *		What each keyword of a schema says.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "schema_build.h"
#include "schema_value.h"

/* states of all regular expressions of a schema, and their squares: some 100 MB, some seconds */
#define STATES_MAX	1000000
#define SQUARES_MAX 1e9

/* One keyword that is being read. */
typedef struct Said
{
	SchemaBuild		 *build;
	SchemaNode		 *node;
	const JsonbValue *object; /* all of the schema */
	const JsonbValue *value;
	const SchemaPath *path; /* of the value */
} Said;

static JsonbContainer *
container(const Said *said, bool object, const char *reason)
{
	if (said->value->type != jbvBinary ||
		JsonContainerIsObject(said->value->val.binary.data) != object)
		schema_fault(said->path, reason);
	return said->value->val.binary.data;
}

static JsonbValue *
array_of(const Said *said, int *n)
{
	JsonbContainer *data = container(said, false, "it must be an array");
	JsonbValue	   *items = palloc(Max(JsonContainerSize(data), 1) * sizeof(JsonbValue));
	JsonbIterator  *it = JsonbIteratorInit(data);
	JsonbValue		item;

	*n = 0;
	for (JsonbIteratorToken token = JsonbIteratorNext(&it, &item, true); token != WJB_DONE;
		 token = JsonbIteratorNext(&it, &item, true))
		if (token == WJB_ELEM)
			items[(*n)++] = item;
	return items;
}

static SchemaNode *
schema_of(const Said *said)
{
	return schema_node(said->build, said->node->resource, said->value, said->path);
}

static SchemaList
schemas_of(const Said *said)
{
	SchemaList	list;
	JsonbValue *items = array_of(said, &list.n);

	list.nodes = palloc(Max(list.n, 1) * sizeof(SchemaNode *));
	for (int i = 0; i < list.n; i++)
		list.nodes[i] = schema_node(said->build, said->node->resource, &items[i],
									schema_path(said->path, NULL, i));
	return list;
}

static Numeric
number_of(const Said *said)
{
	if (said->value->type != jbvNumeric)
		schema_fault(said->path, "it must be a number");
	return said->value->val.numeric;
}

/* A count, 2.0 too; what is larger than any instance is as good as the largest. */
static int64
count_of(const Said *said)
{
	Datum number = NumericGetDatum(number_of(said));
	Datum zero = DirectFunctionCall1(int4_numeric, Int32GetDatum(0));
	Datum large = DirectFunctionCall1(int8_numeric, Int64GetDatum(PG_INT32_MAX));
	Datum whole = DirectFunctionCall2(numeric_trunc, number, Int32GetDatum(0));

	if (DatumGetBool(DirectFunctionCall2(numeric_lt, number, zero)) ||
		!DatumGetBool(DirectFunctionCall2(numeric_eq, number, whole)))
		schema_fault(said->path, "it must be a whole number from 0 on");
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, DirectFunctionCall2(numeric_smaller, number, large)));
}

static SchemaKey
key_of(const JsonbValue *value)
{
	SchemaKey key = {value->val.string.val, value->val.string.len};

	return key;
}

static void
refer(const Said *said, bool is_dynamic)
{
	SchemaReference *reference = palloc(sizeof(SchemaReference));

	if (said->value->type != jbvString)
		schema_fault(said->path, "it must be a URI reference");
	reference->node = said->node;
	reference->uri = schema_build_uri(said->build, said->node->resource->uri, schema_string(said->value), said->path);
	reference->is_dynamic = is_dynamic;
	said->build->references = lappend(said->build->references, reference);
}

/* ---- maps ---- */

typedef void (*EachEntry)(const Said *said, const JsonbValue *key);

static void
each_entry(const Said *said, EachEntry visit)
{
	JsonbIterator *it = JsonbIteratorInit(container(said, true, "it must be an object"));
	JsonbValue	   key;
	JsonbValue	   value;

	for (JsonbIteratorToken token = JsonbIteratorNext(&it, &key, true); token != WJB_DONE;
		 token = JsonbIteratorNext(&it, &key, true))
	{
		Said entry = *said;

		if (token != WJB_KEY)
			continue;
		(void) JsonbIteratorNext(&it, &value, true);
		entry.value = &value;
		entry.path = schema_path(said->path, key.val.string.val, key.val.string.len);
		visit(&entry, &key);
	}
}

static void *
grow(void *array, int n, size_t size)
{
	return array == NULL ? palloc0((n + 1) * size) : repalloc(array, (n + 1) * size);
}

static void
add_property(SchemaNode *node, SchemaKey key, SchemaNode *schema, bool is_required)
{
	node->properties = grow(node->properties, node->nproperties, sizeof(SchemaProperty));
	node->properties[node->nproperties++] = (SchemaProperty){key, schema, is_required};
}

static void
property(const Said *said, const JsonbValue *key)
{
	add_property(said->node, key_of(key), schema_of(said), false);
}

static SchemaRegex *
regex_of(const Said *said, const JsonbValue *value)
{
	const char	*reason;
	SchemaRegex *regex = schema_regex_compile(value->val.string.val, value->val.string.len, &reason);
	int			 states;

	if (regex == NULL)
		schema_fault(said->path, psprintf("its regular expression %s", reason));
	states = schema_regex_size(regex);
	said->build->regex_states += states;
	said->build->regex_squares += (double) states * states;
	if (said->build->regex_states > STATES_MAX || said->build->regex_squares > SQUARES_MAX)
		schema_fault(said->path, "its regular expressions are too complex together");
	return regex;
}

static void
pattern_property(const Said *said, const JsonbValue *key)
{
	SchemaNode *node = said->node;

	node->patterns = grow(node->patterns, node->npatterns, sizeof(SchemaPattern));
	node->patterns[node->npatterns].regex = regex_of(said, key);
	node->patterns[node->npatterns++].node = schema_of(said);
}

static void
dependent(const Said *said, const JsonbValue *key)
{
	SchemaNode		*node = said->node;
	SchemaDependent *added;
	bool			 is_list = said->value->type == jbvBinary && JsonContainerIsArray(said->value->val.binary.data);
	SchemaDependent	 one = {key_of(key), NULL, 0, NULL};

	if (is_list)
	{
		JsonbValue *items = array_of(said, &one.nkeys);

		one.keys = palloc(Max(one.nkeys, 1) * sizeof(SchemaKey));
		for (int i = 0; i < one.nkeys; i++)
		{
			if (items[i].type != jbvString)
				schema_fault(said->path, "it must be a list of names");
			one.keys[i] = key_of(&items[i]);
		}
	}
	else
		one.node = schema_of(said);
	node->dependents = grow(node->dependents, node->ndependents, sizeof(SchemaDependent));
	added = &node->dependents[node->ndependents++];
	*added = one;
}

/* ---- keywords ---- */

static void
read_type(const Said *said)
{
	static const struct
	{
		const char *name;
		uint8		type;
	} names[] = {{"null", SCHEMA_NULL},	  {"boolean", SCHEMA_BOOLEAN},
				 {"object", SCHEMA_OBJECT}, {"array", SCHEMA_ARRAY},
				 {"string", SCHEMA_STRING}, {"integer", SCHEMA_INTEGER},
				 {"number", SCHEMA_NUMBER | SCHEMA_INTEGER}};
	JsonbValue *items;
	int			n = 1;

	items = said->value->type == jbvString ? unconstify(JsonbValue *, said->value) : array_of(said, &n);
	said->node->types = 0;
	for (int i = 0; i < n; i++)
	{
		uint8 type = 0;

		for (int k = 0; items[i].type == jbvString && k < (int) lengthof(names); k++)
			if (strlen(names[k].name) == (size_t) items[i].val.string.len &&
				memcmp(names[k].name, items[i].val.string.val, items[i].val.string.len) == 0)
				type = names[k].type;
		if (type == 0)
			schema_fault(said->path, "it must be null, boolean, object, array, number, integer or string");
		said->node->types |= type;
	}
}

static void
read_enum(const Said *said)
{
	JsonbValue *values = array_of(said, &said->node->nenum);

	if (said->node->nenum > SCHEMA_ENUM_SORTED)
		value_sort(values, said->node->nenum);
	said->node->enumerated = values;
}

static void
read_const(const Said *said)
{
	JsonbValue *copy = palloc(sizeof(JsonbValue));

	*copy = *said->value;
	said->node->constant = copy;
}

static void
read_required(const Said *said)
{
	int			n;
	JsonbValue *items = array_of(said, &n);

	for (int i = 0; i < n; i++)
	{
		if (items[i].type != jbvString)
			schema_fault(said->path, "it must be a list of names");
		add_property(said->node, key_of(&items[i]), NULL, true);
	}
}

static void
read_multiple_of(const Said *said)
{
	Datum zero = DirectFunctionCall1(int4_numeric, Int32GetDatum(0));

	said->node->multiple_of = number_of(said);
	if (!DatumGetBool(DirectFunctionCall2(numeric_gt, NumericGetDatum(said->node->multiple_of), zero)))
		schema_fault(said->path, "it must be above 0");
	said->node->multiple_work = (int) strlen(DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(said->node->multiple_of)))) / 4;
}

static void
read_pattern(const Said *said)
{
	if (said->value->type != jbvString)
		schema_fault(said->path, "it must be a string");
	said->node->pattern = regex_of(said, said->value);
}

static void
read_format(const Said *said)
{
	SchemaFormat format;

	if (said->value->type != jbvString)
		schema_fault(said->path, "it must be a string");
	format = schema_format_named(said->value->val.string.val, said->value->val.string.len);
	/* ours are nobody's annotation */
	if (said->node->resource->asserts_format || format >= FORMAT_SAFE_PATH)
		said->node->format = format;
	else
		said->node->annotation = format;
}

/* True, or a note about where the string goes. */
static void
read_sink(const Said *said)
{
	said->node->is_known_sink = said->value->type == jbvString ||
								(said->value->type == jbvBool && said->value->val.boolean);
}

static void
read_unique(const Said *said)
{
	if (said->value->type != jbvBool)
		schema_fault(said->path, "it must be a boolean");
	said->node->unique_items = said->value->val.boolean;
}

static void
read_items(const Said *said)
{
	SchemaNode *node = said->node;
	bool		is_list = said->value->type == jbvBinary && JsonContainerIsArray(said->value->val.binary.data);

	if (is_list && node->resource->is_draft7)
		node->prefix_items = schemas_of(said);
	else
		node->items = schema_of(said);
}

/* Draft 7: behind a list of items, and only there. */
static void
read_additional_items(const Said *said)
{
	JsonbValue *items = schema_get(said->object, "items");

	if (said->node->resource->is_draft7 && items != NULL && items->type == jbvBinary &&
		JsonContainerIsArray(items->val.binary.data))
		said->node->items = schema_of(said);
}

static void
read_then(const Said *said)
{
	if (schema_get(said->object, "if") != NULL)
		said->node->then_node = schema_of(said);
}

static void
read_else(const Said *said)
{
	if (schema_get(said->object, "if") != NULL)
		said->node->else_node = schema_of(said);
}

#define READ(name, what)               \
	static void name(const Said *said) \
	{                                  \
		what;                          \
	}

READ(read_ref, refer(said, false))
READ(read_dynamic_ref, refer(said, true))
READ(read_minimum, said->node->minimum = number_of(said))
READ(read_maximum, said->node->maximum = number_of(said))
READ(read_exclusive_minimum, said->node->exclusive_minimum = number_of(said))
READ(read_exclusive_maximum, said->node->exclusive_maximum = number_of(said))
READ(read_min_length, said->node->min_length = count_of(said))
READ(read_max_length, said->node->max_length = count_of(said))
READ(read_min_properties, said->node->min_properties = count_of(said))
READ(read_max_properties, said->node->max_properties = count_of(said))
READ(read_min_items, said->node->min_items = count_of(said))
READ(read_max_items, said->node->max_items = count_of(said))
READ(read_min_contains, said->node->min_contains = count_of(said))
READ(read_max_contains, said->node->max_contains = count_of(said))
READ(read_properties, each_entry(said, property))
READ(read_pattern_properties, each_entry(said, pattern_property))
READ(read_dependents, each_entry(said, dependent))
READ(read_additional_properties, said->node->additional_properties = schema_of(said))
READ(read_property_names, said->node->property_names = schema_of(said))
READ(read_prefix_items, said->node->prefix_items = schemas_of(said))
READ(read_contains, said->node->contains = schema_of(said))
READ(read_all_of, said->node->all_of = schemas_of(said))
READ(read_any_of, said->node->any_of = schemas_of(said))
READ(read_one_of, said->node->one_of = schemas_of(said))
READ(read_not, said->node->negated = schema_of(said))
READ(read_if, said->node->condition = schema_of(said))
READ(read_unevaluated_properties, said->node->unevaluated_properties = schema_of(said))
READ(read_unevaluated_items, said->node->unevaluated_items = schema_of(said))

/* which drafts know it, and whether it is of the validation vocabulary */
typedef enum KeywordKind
{
	BOTH,
	ONLY_2020,
	VALIDATION,
	VALIDATION_2020
} KeywordKind;

static const struct
{
	const char *name;
	void (*read)(const Said *said);
	KeywordKind kind;
} keywords[] = {
	{"$dynamicRef", read_dynamic_ref, ONLY_2020},
	{"$ref", read_ref, BOTH},
	{"additionalItems", read_additional_items, BOTH},
	{"additionalProperties", read_additional_properties, BOTH},
	{"allOf", read_all_of, BOTH},
	{"anyOf", read_any_of, BOTH},
	{"const", read_const, VALIDATION},
	{"contains", read_contains, BOTH},
	{"dependencies", read_dependents, BOTH},
	{"dependentRequired", read_dependents, VALIDATION_2020},
	{"dependentSchemas", read_dependents, ONLY_2020},
	{"else", read_else, BOTH},
	{"enum", read_enum, VALIDATION},
	{"exclusiveMaximum", read_exclusive_maximum, VALIDATION},
	{"exclusiveMinimum", read_exclusive_minimum, VALIDATION},
	{"format", read_format, BOTH},
	{"if", read_if, BOTH},
	{"items", read_items, BOTH},
	{"maxContains", read_max_contains, VALIDATION_2020},
	{"maxItems", read_max_items, VALIDATION},
	{"maxLength", read_max_length, VALIDATION},
	{"maxProperties", read_max_properties, VALIDATION},
	{"maximum", read_maximum, VALIDATION},
	{"minContains", read_min_contains, VALIDATION_2020},
	{"minItems", read_min_items, VALIDATION},
	{"minLength", read_min_length, VALIDATION},
	{"minProperties", read_min_properties, VALIDATION},
	{"minimum", read_minimum, VALIDATION},
	{"multipleOf", read_multiple_of, VALIDATION},
	{"not", read_not, BOTH},
	{"oneOf", read_one_of, BOTH},
	{"pattern", read_pattern, VALIDATION},
	{"patternProperties", read_pattern_properties, BOTH},
	{"prefixItems", read_prefix_items, ONLY_2020},
	{"properties", read_properties, BOTH},
	{"propertyNames", read_property_names, BOTH},
	{"required", read_required, VALIDATION},
	{"then", read_then, BOTH},
	{"type", read_type, VALIDATION},
	{"unevaluatedItems", read_unevaluated_items, ONLY_2020},
	{"unevaluatedProperties", read_unevaluated_properties, ONLY_2020},
	{"uniqueItems", read_unique, VALIDATION},
	{"x-maestro-sink", read_sink, BOTH},
};

void
schema_keyword(SchemaBuild *build, SchemaNode *node, const JsonbValue *object, const JsonbValue *key,
			   const JsonbValue *value)
{
	Said said = {build, node, object, value, NULL};

	for (int i = 0; i < (int) lengthof(keywords); i++)
	{
		KeywordKind kind = keywords[i].kind;

		if (strlen(keywords[i].name) != (size_t) key->val.string.len ||
			memcmp(keywords[i].name, key->val.string.val, key->val.string.len) != 0)
			continue;
		if ((kind == ONLY_2020 || kind == VALIDATION_2020) && node->resource->is_draft7)
			return;
		if ((kind == VALIDATION || kind == VALIDATION_2020) && !node->resource->validates)
			return;
		said.path = schema_path(node->path, key->val.string.val, key->val.string.len);
		keywords[i].read(&said);
		return;
	}
}
