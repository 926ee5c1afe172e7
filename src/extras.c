/*
 * extras.c
 *		Attributes that maestro itself adds to an event's, and cutting to size.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "compat.h"
#include "extras.h"

void
extras_add_text(Extras *extras, const char *key, const char *text, size_t len)
{
	JsonbValue *value = &extras->values[extras->count];

	Assert(extras->count < EXTRAS_MAX);
	value->type = jbvString;
	value->val.string.val = unconstify(char *, text);
	value->val.string.len = (int) len;
	extras->keys[extras->count++] = key;
}

void
extras_add_number(Extras *extras, const char *key, int64 number)
{
	JsonbValue *value = &extras->values[extras->count];

	Assert(extras->count < EXTRAS_MAX);
	value->type = jbvNumeric;
	value->val.numeric = int64_to_numeric(number);
	extras->keys[extras->count++] = key;
}

static void
push_key(JsonbParseState **state, const char *key)
{
	JsonbValue value;

	value.type = jbvString;
	value.val.string.val = unconstify(char *, key);
	value.val.string.len = (int) strlen(key);
	pushJsonbValue(state, WJB_KEY, &value);
}

/*
 * Push an object's pairs; nested values go over whole.
 */
static void
push_pairs(JsonbParseState **state, Jsonb *object)
{
	JsonbIterator	  *it = JsonbIteratorInit(&object->root);
	JsonbValue		   value;
	JsonbIteratorToken token;

	(void) JsonbIteratorNext(&it, &value, true); /* the object itself */
	while ((token = JsonbIteratorNext(&it, &value, true)) == WJB_KEY || token == WJB_VALUE)
		pushJsonbValue(state, token, &value);
}

Jsonb *
extras_merge(Jsonb *attributes, const Extras *extras)
{
	JsonbParseState *state = NULL;
	bool			 is_object = attributes != NULL && JB_ROOT_IS_OBJECT(attributes);

	if (extras->count == 0 && (attributes == NULL || is_object))
		return attributes;
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	if (is_object)
		push_pairs(&state, attributes);
	else if (attributes != NULL)
	{
		JsonbValue value;

		push_key(&state, "maestro.attributes");
		if (JB_ROOT_IS_SCALAR(attributes))
			(void) JsonbExtractScalar(&attributes->root, &value);
		else
		{
			value.type = jbvBinary;
			value.val.binary.data = &attributes->root;
			value.val.binary.len = VARSIZE(attributes) - VARHDRSZ;
		}
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	for (int i = 0; i < extras->count; i++)
	{
		JsonbValue value = extras->values[i];

		push_key(&state, extras->keys[i]);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

Jsonb *
extras_wrap(const char *key, Jsonb *attributes)
{
	static const Extras none = {0};
	JsonbParseState *state = NULL;
	JsonbValue		 value = {.type = jbvBinary};
	Jsonb			*object = extras_merge(attributes, &none);

	value.val.binary.data = &object->root;
	value.val.binary.len = VARSIZE(object) - VARHDRSZ;
	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_key(&state, key);
	(void) pushJsonbValue(&state, WJB_VALUE, &value);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

static void
clip(JsonbValue *string, size_t limit)
{
	if ((size_t) string->val.string.len > limit)
		string->val.string.len =
			pg_mbcliplen(string->val.string.val, string->val.string.len, (int) limit);
}

/*
 * A value in at most about limit bytes.
 */
static void
shrink_value(JsonbValue *value, size_t limit)
{
	if (value->type == jbvBinary && (size_t) value->val.binary.len > limit)
	{
		StringInfoData text;

		initStringInfo(&text);
		(void) JsonbToCString(&text, value->val.binary.data, value->val.binary.len);
		value->type = jbvString;
		value->val.string.val = text.data;
		value->val.string.len = text.len;
	}
	if (value->type == jbvString)
		clip(value, limit);
}

/*
 * Roughly what a value takes in a jsonb.
 */
static size_t
value_size(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			return value->val.string.len;
		case jbvBinary:
			return value->val.binary.len;
		case jbvNumeric:
			return VARSIZE_ANY(value->val.numeric);
		default:
			return 0;
	}
}

static Jsonb *
shrink_object(Jsonb *object, size_t limit)
{
	JsonbParseState	  *state = NULL;
	JsonbIterator	  *it = JsonbIteratorInit(&object->root);
	size_t			   piece = Max(limit / Max(JB_ROOT_COUNT(object), 1), 64);
	size_t			   used = 0;
	JsonbValue		   key;
	JsonbValue		   value;

	(void) JsonbIteratorNext(&it, &value, true);
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		CHECK_FOR_INTERRUPTS();
		(void) JsonbIteratorNext(&it, &value, true);
		shrink_value(&value, piece);
		used += key.val.string.len + value_size(&value) + 2 * sizeof(JEntry);
		if (used > limit)
			break;
		pushJsonbValue(&state, WJB_KEY, &key);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

Jsonb *
extras_shrink(Jsonb *value, size_t limit)
{
	JsonbValue whole;

	if (JB_ROOT_IS_OBJECT(value))
		return shrink_object(value, limit);
	if (!JB_ROOT_IS_SCALAR(value) || !JsonbExtractScalar(&value->root, &whole))
	{
		whole.type = jbvBinary;
		whole.val.binary.data = &value->root;
		whole.val.binary.len = VARSIZE(value) - VARHDRSZ;
	}
	shrink_value(&whole, limit);
	return JsonbValueToJsonb(&whole);
}
