/*
 * canon_jsonb.c
 *		The canonical text of a jsonb value.
 *
 * Objects are written in the order of their keys' bytes (jsonb keeps them by
 * length first), and numbers by their value alone, so that 1.10 and 1.1 are the same.
 * Depth is the sender's choice, so containers are kept on a stack of our own.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

#include "canon_jsonb.h"

/* a container that is being written; of an object, keys and values alternate */
typedef struct Frame
{
	JsonbValue *child;
	int *order; /* of an object: where in child each key is */
	int count;
	int next;
	bool is_object;
	bool is_scalar; /* a value that stands alone: no brackets */
	struct Frame *outer;
} Frame;

static int
compare_members(const void *a, const void *b, void *arg)
{
	const JsonbValue *child = arg;
	const JsonbValue *x = &child[*(const int *) a];
	const JsonbValue *y = &child[*(const int *) b];

	return canon_compare_keys(x->val.string.val, x->val.string.len, y->val.string.val,
							  y->val.string.len);
}

static Frame *
open_container(JsonbContainer *container, Frame *outer)
{
	Frame *frame = palloc(sizeof(Frame));
	JsonbIterator *it = JsonbIteratorInit(container);
	JsonbValue value;
	int size = JsonContainerSize(container);
	JsonbIteratorToken token;

	frame->outer = outer;
	frame->next = frame->count = 0;
	frame->is_object = JsonContainerIsObject(container);
	frame->is_scalar = JsonContainerIsScalar(container);
	frame->child = palloc(Max(size, 1) * (frame->is_object ? 2 : 1) * sizeof(JsonbValue));
	(void) JsonbIteratorNext(&it, &value, true);
	while ((token = JsonbIteratorNext(&it, &value, true)) == WJB_KEY || token == WJB_VALUE ||
		   token == WJB_ELEM)
		frame->child[frame->count++] = value;
	frame->order = NULL;
	if (frame->is_object)
	{
		frame->order = palloc(Max(size, 1) * sizeof(int));
		for (int i = 0; i < frame->count / 2; i++)
			frame->order[i] = 2 * i;
		qsort_arg(frame->order, frame->count / 2, sizeof(int), compare_members, frame->child);
	}
	return frame;
}

static void
put_number(CanonBuffer *buffer, Numeric number)
{
	bytea *sent =
		DatumGetByteaPP(DirectFunctionCall1(numeric_send, NumericGetDatum(number)));
	const uint8 *p = (const uint8 *) VARDATA_ANY(sent);
	int ndigits = p[0] << 8 | p[1];
	int weight = (int16) (p[2] << 8 | p[3]);
	bool negative = (p[4] << 8 | p[5]) == 0x4000;
	int16 *digits = palloc((ndigits + 1) * sizeof(int16));

	for (int i = 0; i < ndigits; i++)
		digits[i] = (int16) (p[8 + 2 * i] << 8 | p[9 + 2 * i]);
	canon_json_number(buffer, negative, weight, digits, ndigits);
	pfree(digits);
	pfree(sent);
}

/* A value that is no container. */
static void
put_scalar(CanonBuffer *buffer, const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			canon_json_string(buffer, value->val.string.val, value->val.string.len);
			break;
		case jbvNumeric:
			put_number(buffer, value->val.numeric);
			break;
		case jbvBool:
			canon_raw(buffer, value->val.boolean ? "true" : "false", value->val.boolean ? 4 : 5);
			break;
		default:
			canon_raw(buffer, "null", 4);
	}
}

void
canon_jsonb(CanonBuffer *buffer, Jsonb *value)
{
	Frame *frame = open_container(&value->root, NULL);

	if (!frame->is_scalar)
		canon_raw(buffer, frame->is_object ? "{" : "[", 1);
	while (frame != NULL)
	{
		const JsonbValue *child;
		Frame *outer = frame->outer;

		if (frame->next == frame->count)
		{
			if (!frame->is_scalar)
				canon_raw(buffer, frame->is_object ? "}" : "]", 1);
			if (frame->is_object)
				pfree(frame->order);
			pfree(frame->child);
			pfree(frame);
			frame = outer;
			continue;
		}
		child = frame->is_object ? &frame->child[frame->order[frame->next / 2] + frame->next % 2]
								 : &frame->child[frame->next];
		if (frame->next > 0)
			canon_raw(buffer, frame->is_object && frame->next % 2 == 1 ? ":" : ",", 1);
		frame->next++;
		if (child->type == jbvBinary)
		{
			frame = open_container(child->val.binary.data, frame);
			canon_raw(buffer, frame->is_object ? "{" : "[", 1);
		}
		else
			put_scalar(buffer, child);
	}
}
