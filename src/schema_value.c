/*
 * schema_value.c
 *		What a value of an instance is, and which values are equal: numbers by their
 *		value, objects whatever the order of their keys.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "schema_value.h"

int
value_compare_numbers(Numeric a, Numeric b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(a), NumericGetDatum(b)));
}

bool
value_is_huge(Numeric number)
{
	Datum large = DirectFunctionCall1(int8_numeric, Int64GetDatum(INT64CONST(1000000000000000000)));
	Datum size = DirectFunctionCall1(numeric_abs, NumericGetDatum(number));
	bool  is_huge = value_compare_numbers(DatumGetNumeric(size), DatumGetNumeric(large)) > 0;

	pfree(DatumGetPointer(large));
	pfree(DatumGetPointer(size));
	return is_huge;
}

bool
value_is_multiple(Numeric number, Numeric of)
{
	Datum rest = DirectFunctionCall2(numeric_mod, NumericGetDatum(number), NumericGetDatum(of));
	Datum zero = DirectFunctionCall1(int4_numeric, Int32GetDatum(0));
	bool  is_zero = DatumGetBool(DirectFunctionCall2(numeric_eq, rest, zero));

	pfree(DatumGetPointer(rest));
	pfree(DatumGetPointer(zero));
	return is_zero;
}

static uint8
types_of(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNull:
			return SCHEMA_NULL;
		case jbvBool:
			return SCHEMA_BOOLEAN;
		case jbvString:
			return SCHEMA_STRING;
		case jbvNumeric:
			return SCHEMA_NUMBER;
		default:
			return JsonContainerIsObject(value->val.binary.data) ? SCHEMA_OBJECT : SCHEMA_ARRAY;
	}
}

static bool
is_integer(Numeric number)
{
	Datum whole;
	bool  is_whole;

	if (numeric_is_nan(number) || numeric_is_inf(number))
		return false;
	whole = DirectFunctionCall2(numeric_trunc, NumericGetDatum(number), Int32GetDatum(0));
	is_whole = DatumGetBool(DirectFunctionCall2(numeric_eq, whole, NumericGetDatum(number)));
	pfree(DatumGetPointer(whole));
	return is_whole;
}

bool
value_has_type(const SchemaNode *node, const JsonbValue *value)
{
	uint8 types = types_of(value);

	if ((node->types & types) != 0)
		return true;
	return types == SCHEMA_NUMBER && (node->types & SCHEMA_INTEGER) != 0 &&
		   is_integer(value->val.numeric);
}

bool
value_is_same(const JsonbValue *a, const JsonbValue *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type)
	{
		case jbvNull:
			return true;
		case jbvBool:
			return a->val.boolean == b->val.boolean;
		case jbvNumeric:
			return value_compare_numbers(a->val.numeric, b->val.numeric) == 0;
		case jbvString:
			return a->val.string.len == b->val.string.len &&
				   memcmp(a->val.string.val, b->val.string.val, a->val.string.len) == 0;
		default:
			return compareJsonbContainers(a->val.binary.data, b->val.binary.data) == 0;
	}
}

static int
compare_values(const void *a, const void *b)
{
	const JsonbValue *x = a;
	const JsonbValue *y = b;

	CHECK_FOR_INTERRUPTS();
	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	switch (x->type)
	{
		case jbvNull:
			return 0;
		case jbvBool:
			return (int) x->val.boolean - (int) y->val.boolean;
		case jbvNumeric:
			return value_compare_numbers(x->val.numeric, y->val.numeric);
		case jbvString:
			if (x->val.string.len != y->val.string.len)
				return x->val.string.len < y->val.string.len ? -1 : 1;
			return memcmp(x->val.string.val, y->val.string.val, x->val.string.len);
		default:
			return compareJsonbContainers(x->val.binary.data, y->val.binary.data);
	}
}

void
value_sort(JsonbValue *values, int n)
{
	qsort(values, n, sizeof(JsonbValue), compare_values);
}

bool
value_find(const JsonbValue *sorted, int n, const JsonbValue *value)
{
	return bsearch(value, sorted, n, sizeof(JsonbValue), compare_values) != NULL;
}

bool
value_is_unique(const JsonbValue *items, int n)
{
	JsonbValue *sorted = palloc(Max(n, 1) * sizeof(JsonbValue));
	bool		unique = true;

	memcpy(sorted, items, n * sizeof(JsonbValue));
	value_sort(sorted, n);
	for (int i = 1; i < n && unique; i++)
		unique = compare_values(&sorted[i - 1], &sorted[i]) != 0;
	pfree(sorted);
	return unique;
}

int64
value_code_points(const char *data, int len)
{
	int64 points = 0;

	/* all bytes but those that continue one; compilers make vectors of this */
	for (int i = 0; i < len; i++)
		points += ((unsigned char) data[i] & 0xC0) != 0x80;
	return points;
}

void
value_children_begin(ValueChildren *children, const JsonbValue *value)
{
	const JsonbContainer *container = value->val.binary.data;
	bool				  is_object = JsonContainerIsObject(container);

	children->container = container;
	children->n = JsonContainerSize(container);
	children->data = (const char *) &container->children[children->n * (is_object ? 2 : 1)];
	children->next = 0;
	children->key_offset = 0;
	children->offset = is_object ? getJsonbOffset(container, children->n) : 0;
}

/* A child that begins at an offset, which moves on to the next one. */
static void
read_child(const ValueChildren *children, int i, uint32 *offset, JsonbValue *value)
{
	JEntry entry = children->container->children[i];
	uint32 begin = *offset;
	char  *data = unconstify(char *, children->data) + begin;

	JBE_ADVANCE_OFFSET(*offset, entry);
	if (JBE_ISSTRING(entry))
	{
		value->type = jbvString;
		value->val.string.val = data;
		value->val.string.len = (int) (*offset - begin);
	}
	else if (JBE_ISNUMERIC(entry))
	{
		value->type = jbvNumeric;
		value->val.numeric = (Numeric) (unconstify(char *, children->data) + INTALIGN(begin));
	}
	else if (JBE_ISBOOL(entry))
	{
		value->type = jbvBool;
		value->val.boolean = JBE_ISBOOL_TRUE(entry) != 0;
	}
	else if (JBE_ISNULL(entry))
		value->type = jbvNull;
	else
	{
		value->type = jbvBinary;
		value->val.binary.data = (JsonbContainer *) (unconstify(char *, children->data) + INTALIGN(begin));
		value->val.binary.len = (int) (*offset - INTALIGN(begin));
	}
}

bool
value_children_next(ValueChildren *children, JsonbValue *key, JsonbValue *value)
{
	int i = children->next++;

	if (i >= children->n)
		return false;
	if (!JsonContainerIsObject(children->container))
		read_child(children, i, &children->offset, value);
	else
	{
		read_child(children, i, &children->key_offset, key);
		read_child(children, i + children->n, &children->offset, value);
	}
	return true;
}
