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

/* Most objects have few members: qsort's calls take longer than sorting these. */
#define FEW 12

static void
sort_members(uint32 *order, int n, Keys *keys)
{
	if (n > FEW)
	{
		qsort_arg(order, n, sizeof(uint32), compare_members, keys);
		return;
	}
	for (int i = 1; i < n; i++)
	{
		uint32 member = order[i];
		int	   at = i;

		for (; at > 0 && compare_members(&order[at - 1], &member, keys) > 0; at--)
			order[at] = order[at - 1];
		order[at] = member;
	}
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
		sort_members(order, frame->count, &keys);
	}
}

/*
 * A numeric is read as it lies on disk, which pg_upgrade keeps, so it will not change;
 * numeric_send allocates more than it takes to write the number.  After the length
 * a word: 10 in the highest bits: 1 bit of sign, 6 of scale, 7 of weight, then digits;
 * 00 positive, 01 negative: the weight is in a word of its own.  11, infinity and no
 * number, is nothing that JSON has.
 */
static void
put_number(CanonBuffer *buffer, Numeric number)
{
	const uint16 *words = (const uint16 *) VARDATA(number);
	int			  nwords = (int) ((VARSIZE(number) - VARHDRSZ) / sizeof(uint16));
	uint16		  head = words[0];

	if ((head & 0xc000) == 0x8000)
		canon_json_number(buffer, (head & 0x2000) != 0, (head & 0x3f) - (head & 0x40),
						  (const int16 *) words + 1, nwords - 1);
	else if ((head & 0xc000) != 0xc000)
		canon_json_number(buffer, (head & 0x4000) != 0, (int16) words[1],
						  (const int16 *) words + 2, nwords - 2);
	else
		canon_json_number(buffer, false, 0, NULL, 0);
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
		put_number(buffer, DatumGetNumeric(PointerGetDatum(frame->data + INTALIGN(offsets[child]))));
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
		canon_char(buffer, opens ? '{' : '}');
	else
		canon_char(buffer, opens ? '[' : ']');
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
			canon_char(buffer, ',');
		if (JsonContainerIsObject(frame->container))
		{
			child = (int) scratch[frame->order + child];
			(void) put_child(buffer, frame, child, depth);
			canon_char(buffer, ':');
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
