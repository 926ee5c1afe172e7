/*
 * element.c
 *		One event of log_events: a JSON object read as log_event's arguments.
 *
 * Keys are the parameters' names; others become attributes.  Values may be of
 * any JSON type where a text is wanted, since agents' emitters differ.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "element.h"
#include "extras.h"

pg_noreturn static void
refuse_value(const char *key, const char *expected)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("key \"%s\" of an event must be %s", key, expected)));
}

/*
 * A value as text: strings as they are, anything else as JSON writes it.
 */
static Slice
slice_of(JsonbValue *value)
{
	Slice slice = {NULL, 0};

	if (value->type == jbvString)
	{
		slice.data = value->val.string.val;
		slice.len = value->val.string.len;
	}
	else if (value->type != jbvNull)
	{
		Jsonb *document = JsonbValueToJsonb(value);

		slice.data = JsonbToCString(NULL, &document->root, VARSIZE(document));
		slice.len = strlen(slice.data);
	}
	return slice;
}

static Oid
label_of(JsonbValue *value, const char *type_name, const char *key)
{
	Oid oid = InvalidOid;

	if (value->type == jbvNull)
		return InvalidOid;
	if (value->type == jbvString)
		oid = event_enum_label(type_name, value->val.string.val, value->val.string.len);
	if (!OidIsValid(oid))
		ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						errmsg("key \"%s\" of an event has no such value", key),
						errhint("The values are those of the type maestro.%s.", type_name)));
	return oid;
}

/*
 * Seconds, as a number; bounded so that they fit an interval.
 */
static double
seconds_of(JsonbValue *value, const char *key)
{
	double seconds = DatumGetFloat8(
		DirectFunctionCall1(numeric_float8, NumericGetDatum(value->val.numeric)));

	if (!(seconds > -1e11 && seconds < 1e11))
		refuse_value(key, "within range");
	return seconds;
}

static void
read_occurred_at(JsonbValue *value, AppendRequest *request)
{
	if (value->type == jbvNull)
		return;
	request->has_occurred_at = true;
	if (value->type == jbvNumeric)
		request->occurred_at = DatumGetTimestampTz(DirectFunctionCall1(
			float8_timestamptz, Float8GetDatum(seconds_of(value, "occurred_at"))));
	else if (value->type == jbvString)
	{
		char *text = pnstrdup(value->val.string.val, value->val.string.len);

		request->occurred_at = DatumGetTimestampTz(
			DirectFunctionCall3(timestamptz_in, CStringGetDatum(text),
								ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	}
	else
		refuse_value("occurred_at", "a timestamp or seconds since 1970");
}

static void
read_duration(JsonbValue *value, AppendRequest *request)
{
	if (value->type == jbvNumeric)
	{
		request->duration = palloc0(sizeof(Interval));
		request->duration->time =
			(int64) (seconds_of(value, "duration") * (double) USECS_PER_SEC);
	}
	else if (value->type == jbvString)
	{
		char *text = pnstrdup(value->val.string.val, value->val.string.len);

		request->duration = DatumGetIntervalP(
			DirectFunctionCall3(interval_in, CStringGetDatum(text),
								ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	}
	else if (value->type != jbvNull)
		refuse_value("duration", "an interval or seconds");
}

static bool
key_is(const JsonbValue *key, const char *name)
{
	return (size_t) key->val.string.len == strlen(name) &&
		   memcmp(key->val.string.val, name, key->val.string.len) == 0;
}

/*
 * The request's text that a key names, or NULL.
 */
static Slice *
slice_for(const JsonbValue *key, AppendRequest *request)
{
	const struct
	{
		const char *name;
		Slice	   *slice;
	} slices[] = {{"component", &request->component},
				  {"message", &request->message},
				  {"trace_id", &request->trace_id},
				  {"span_id", &request->span_id},
				  {"parent_span_id", &request->parent_span_id},
				  {"target", &request->target},
				  {"dependency", &request->dependency}};

	for (int i = 0; i < (int) lengthof(slices); i++)
		if (key_is(key, slices[i].name))
			return slices[i].slice;
	return NULL;
}

/*
 * Put one pair where it belongs; false: it is an attribute.
 */
static bool
read_pair(const JsonbValue *key, JsonbValue *value, AppendRequest *request)
{
	Slice *slice = slice_for(key, request);

	if (slice != NULL)
		*slice = slice_of(value);
	else if (key_is(key, "kind"))
		request->kind = label_of(value, "event_kind", "kind");
	else if (key_is(key, "level"))
		request->level = label_of(value, "log_level", "level");
	else if (key_is(key, "outcome"))
		request->outcome = label_of(value, "outcome", "outcome");
	else if (key_is(key, "occurred_at"))
		read_occurred_at(value, request);
	else if (key_is(key, "duration"))
		read_duration(value, request);
	else if (key_is(key, "body"))
		request->body = value->type == jbvNull ? NULL : JsonbValueToJsonb(value);
	else if (key_is(key, "attributes"))
		request->attributes = value->type == jbvNull ? NULL : JsonbValueToJsonb(value);
	else
		return false;
	return true;
}

/*
 * Attributes with the pairs that are none of log_event's parameters.
 */
static Jsonb *
with_others(Jsonb *attributes, JsonbValue *pairs, int npairs)
{
	JsonbParseState *state = NULL;

	if (npairs == 0)
		return attributes;
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < 2 * npairs; i += 2)
	{
		pushJsonbValue(&state, WJB_KEY, &pairs[i]);
		pushJsonbValue(&state, WJB_VALUE, &pairs[i + 1]);
	}
	if (attributes != NULL && !JB_ROOT_IS_OBJECT(attributes))
		attributes = extras_merge(attributes, &(Extras){0});
	if (attributes != NULL)
	{
		JsonbIterator	  *it = JsonbIteratorInit(&attributes->root);
		JsonbIteratorToken token;
		JsonbValue		   value;

		(void) JsonbIteratorNext(&it, &value, true);
		while ((token = JsonbIteratorNext(&it, &value, true)) == WJB_KEY ||
			   token == WJB_VALUE)
			pushJsonbValue(&state, token, &value);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

void
element_read(JsonbValue *element, AppendRequest *request)
{
	JsonbIterator *it;
	JsonbValue	   key;
	JsonbValue	   value;
	JsonbValue	  *others;
	int			   nothers = 0;

	memset(request, 0, sizeof(*request));
	if (element->type != jbvBinary ||
		!JsonContainerIsObject(element->val.binary.data))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("an element of the array is no object")));
	others = palloc(2 * Max(JsonContainerSize(element->val.binary.data), 1) *
					sizeof(JsonbValue));
	it = JsonbIteratorInit(element->val.binary.data);
	(void) JsonbIteratorNext(&it, &value, true);
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		(void) JsonbIteratorNext(&it, &value, true);
		if (read_pair(&key, &value, request))
			continue;
		others[2 * nothers] = key;
		others[2 * nothers++ + 1] = value;
	}
	request->attributes = with_others(request->attributes, others, nothers);
	if (!OidIsValid(request->kind))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("an event needs a \"kind\"")));
}
