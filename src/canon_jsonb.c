/*
 * canon_jsonb.c
 *		The canonical text of a jsonb value.
 *
 * Objects are written in the order of their keys' bytes (jsonb keeps them by
 * length first), and numbers by their value alone, so that 1.10 and 1.1 are the same.
 * Each event's documents pass here when it is logged, sealed and verified, so
 * containers are read where they lie: JsonbIterator would copy and allocate for each.
 *
 * Depth is the sender's choice, so open containers are on a stack of our own.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "canon_jsonb.h"

/* A container that is being written. */
typedef struct Frame
{
	const JsonbContainer *container;
	const char *data;	/* its values' bytes */
	size_t		offsets; /* in scratch: where each child begins, and the last ends */
	size_t		order;	 /* in scratch, of an object: its members by key */
	int			count;	 /* members, or elements */
	int			next;
} Frame;

/* Kept by the backend: numbers that frames refer to, and the frames. */
static uint32 *scratch = NULL;
static size_t scratch_size = 0;
static size_t scratch_used = 0;
static Frame *frames = NULL;
static int	  frames_size = 0;

/* more than this is given back */
#define KEEP (64 * 1024)

/* What comparing members needs. */
typedef struct Keys
{
	const char	 *data;
	const uint32 *offsets;
} Keys;

static int
compare_members(const void *a, const void *b, void *arg)
{
	const Keys *keys = arg;
	uint32		x = *(const uint32 *) a;
	uint32		y = *(const uint32 *) b;

	return canon_compare_keys(keys->data + keys->offsets[x], keys->offsets[x + 1] - keys->offsets[x],
							  keys->data + keys->offsets[y], keys->offsets[y + 1] - keys->offsets[y]);
}

static size_t
reserve(size_t n)
{
	size_t begin = scratch_used;

	if (scratch_size - scratch_used < n)
	{
		size_t size = Max(2 * scratch_size, scratch_used + n + 256);

		scratch = scratch == NULL
					  ? MemoryContextAllocHuge(TopMemoryContext, size * sizeof(uint32))
					  : repalloc_huge(scratch, size * sizeof(uint32));
		scratch_size = size;
	}
	scratch_used += n;
	return begin;
}

static Frame *
push_frame(int depth)
{
	if (depth >= frames_size)
	{
		int size = Max(2 * frames_size, 64);

		frames = frames == NULL ? MemoryContextAllocHuge(TopMemoryContext, size * sizeof(Frame))
								: repalloc_huge(frames, size * sizeof(Frame));
		frames_size = size;
	}
	return &frames[depth];
}

static void
open_container(const JsonbContainer *container, int depth)
{
	Frame *frame = push_frame(depth);
	bool   is_object = JsonContainerIsObject(container);
	int	   children = JsonContainerSize(container) * (is_object ? 2 : 1);
	uint32 offset = 0;
	uint32 *offsets;

	frame->container = container;
	frame->data = (const char *) &container->children[children];
	frame->count = JsonContainerSize(container);
	frame->next = 0;
	frame->offsets = reserve(children + 1);
	frame->order = reserve(is_object ? frame->count : 0);
	offsets = scratch + frame->offsets;
	for (int i = 0; i < children; i++)
	{
		offsets[i] = offset;
		JBE_ADVANCE_OFFSET(offset, container->children[i]);
	}
	offsets[children] = offset;
	if (is_object)
	{
		uint32 *order = scratch + frame->order;
		Keys	keys = {frame->data, offsets};

		for (int i = 0; i < frame->count; i++)
			order[i] = i;
		qsort_arg(order, frame->count, sizeof(uint32), compare_members, &keys);
	}
}

static void
put_number(CanonBuffer *buffer, Numeric number)
{
	bytea *sent =
		DatumGetByteaPP(DirectFunctionCall1(numeric_send, NumericGetDatum(number)));
	const uint8 *p = (const uint8 *) VARDATA_ANY(sent);
	int			 ndigits = p[0] << 8 | p[1];
	int			 weight = (int16) (p[2] << 8 | p[3]);
	bool		 negative = (p[4] << 8 | p[5]) == 0x4000;
	int16		 few[32];
	int16		*digits = ndigits <= (int) lengthof(few) ? few : palloc(ndigits * sizeof(int16));

	for (int i = 0; i < ndigits; i++)
		digits[i] = (int16) (p[8 + 2 * i] << 8 | p[9 + 2 * i]);
	canon_json_number(buffer, negative, weight, digits, ndigits);
	if (digits != few)
		pfree(digits);
	pfree(sent);
}

/* The child of that number; true if it is a container, which is opened then. */
static bool
put_child(CanonBuffer *buffer, const Frame *frame, int child, int depth)
{
	JEntry		  entry = frame->container->children[child];
	const uint32 *offsets = scratch + frame->offsets;
	const char	 *at = frame->data + offsets[child];

	if (JBE_ISSTRING(entry))
		canon_json_string(buffer, at, offsets[child + 1] - offsets[child]);
	else if (JBE_ISNUMERIC(entry))
		put_number(buffer, (Numeric) (frame->data + INTALIGN(offsets[child])));
	else if (JBE_ISBOOL_TRUE(entry))
		canon_raw(buffer, "true", 4);
	else if (JBE_ISBOOL_FALSE(entry))
		canon_raw(buffer, "false", 5);
	else if (JBE_ISNULL(entry))
		canon_raw(buffer, "null", 4);
	else
	{
		open_container((const JsonbContainer *) (frame->data + INTALIGN(offsets[child])), depth + 1);
		return true;
	}
	return false;
}

/* Opens and closes a container in the text; a value that stands alone has no brackets. */
static void
put_bracket(CanonBuffer *buffer, const Frame *frame, bool opens)
{
	if (JsonContainerIsScalar(frame->container))
		return;
	if (JsonContainerIsObject(frame->container))
		canon_raw(buffer, opens ? "{" : "}", 1);
	else
		canon_raw(buffer, opens ? "[" : "]", 1);
}

void
canon_jsonb(CanonBuffer *buffer, Jsonb *value)
{
	int depth = 0;

	scratch_used = 0;
	open_container(&value->root, 0);
	put_bracket(buffer, &frames[0], true);
	while (depth >= 0)
	{
		Frame *frame = &frames[depth];
		int	   child = frame->next;

		if (child == frame->count)
		{
			put_bracket(buffer, frame, false);
			scratch_used = frame->offsets;
			depth--;
			continue;
		}
		frame->next++;
		if (child > 0)
			canon_raw(buffer, ",", 1);
		if (JsonContainerIsObject(frame->container))
		{
			child = (int) scratch[frame->order + child];
			(void) put_child(buffer, frame, child, depth);
			canon_raw(buffer, ":", 1);
			child += frame->count;
		}
		if (put_child(buffer, frame, child, depth))
			put_bracket(buffer, &frames[++depth], true);
	}
	if (scratch_size > KEEP)
	{
		pfree(scratch);
		scratch = NULL;
		scratch_size = 0;
	}
}
