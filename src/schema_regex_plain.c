/*
 * schema_regex_plain.c
 *		Regular expressions of the plainest kind, without the engine.
 *
 * Most patterns of schemas are one of "^[a-z0-9_-]{1,64}$", "^\d{4}-\d{2}-\d{2}$", "^v":
 * from the beginning on, sets of ASCII characters, each some times.  One pass decides
 * those, in a tenth of the engine's time.  All else is the engine's.
 *
 * A pass that never goes back is right where a set that may stop at several places shares
 * no character with what may come next: giving a character back would not help.
 */
#include "postgres.h"

#include "schema.h"
#include "schema_regex.h"

#define STEPS_MAX 64
#define NO_LIMIT  PG_INT32_MAX

/* ASCII characters, a bit each */
typedef struct CharSet
{
	uint64 bits[2];
} CharSet;

/* One of these characters, so many times. */
typedef struct Step
{
	CharSet set;
	int		min;
	int		max;
} Step;

struct SchemaPlainRegex
{
	bool to_end; /* nothing may follow */
	int	 n;
	Step steps[FLEXIBLE_ARRAY_MEMBER];
};

static inline bool
has(const CharSet *set, unsigned char c)
{
	return c < 128 && (set->bits[c >> 6] >> (c & 63) & 1) != 0;
}

static void
add(CharSet *set, unsigned char first, unsigned char last)
{
	for (int c = first; c <= last; c++)
		set->bits[c >> 6] |= UINT64CONST(1) << (c & 63);
}

/* ---- reading ---- */

/* Of a pattern: what is not read yet. */
typedef struct Reader
{
	const char *at;
	const char *end;
} Reader;

static bool
take(Reader *r, char c)
{
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

/* A class by its letter, or an escaped mark; behind the backslash. */
static bool
read_escape(Reader *r, CharSet *set, bool *is_class)
{
	unsigned char c;

	if (r->at == r->end)
		return false;
	c = (unsigned char) *r->at++;
	*is_class = c == 'd' || c == 'w';
	if (*is_class)
		add(set, '0', '9');
	if (c == 'w')
	{
		add(set, 'A', 'Z');
		add(set, 'a', 'z');
		add(set, '_', '_');
	}
	if (*is_class)
		return true;
	if (c >= 128 || strchr("^$\\.*+?()[]{}|/-", c) == NULL)
		return false;
	add(set, c, c);
	return true;
}

/* One member of a bracket: its character, or -1 for a class, which is in the set. */
static bool
read_member(Reader *r, CharSet *set, int *code)
{
	CharSet one = {{0, 0}};
	bool	is_class;

	if (r->at == r->end || (unsigned char) *r->at >= 128 || *r->at == '\0')
		return false;
	*code = (unsigned char) *r->at++;
	if (*code != '\\')
		return true;
	*code = r->at == r->end ? -1 : (unsigned char) *r->at;
	if (!read_escape(r, &one, &is_class))
		return false;
	if (!is_class)
		return true;
	*code = -1;
	set->bits[0] |= one.bits[0];
	set->bits[1] |= one.bits[1];
	return true;
}

static bool
read_bracket(Reader *r, CharSet *set)
{
	int first;
	int last;

	if (r->at == r->end || *r->at == '^' || *r->at == ']')
		return false;
	while (!take(r, ']'))
	{
		if (!read_member(r, set, &first))
			return false;
		last = first;
		if (r->end - r->at >= 2 && r->at[0] == '-' && r->at[1] != ']')
		{
			r->at++;
			if (!read_member(r, set, &last) || first < 0 || last < first)
				return false;
		}
		if (first >= 0)
			add(set, (unsigned char) first, (unsigned char) last);
	}
	return true;
}

static bool
read_number(Reader *r, int *number)
{
	const char *begin = r->at;

	*number = 0;
	while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && *number <= REPEAT_MAX)
		*number = *number * 10 + (*r->at++ - '0');
	return r->at > begin && *number <= REPEAT_MAX;
}

static bool
read_count(Reader *r, Step *step)
{
	step->min = step->max = 1;
	if (take(r, '?'))
		step->min = 0;
	else if (take(r, '*') || take(r, '+'))
	{
		step->min = r->at[-1] == '+' ? 1 : 0;
		step->max = NO_LIMIT;
	}
	else if (take(r, '{'))
	{
		if (!read_number(r, &step->min))
			return false;
		step->max = step->min;
		if (take(r, ',') && !(r->at < r->end && *r->at == '}' && (step->max = NO_LIMIT) > 0) &&
			!read_number(r, &step->max))
			return false;
		if (!take(r, '}') || step->max < step->min)
			return false;
	}
	/* what is lazy, or no pattern at all, is the engine's */
	return r->at == r->end || strchr("?*+{", *r->at) == NULL;
}

static bool
read_step(Reader *r, Step *step)
{
	unsigned char c = (unsigned char) *r->at++;
	bool		  is_class;

	memset(&step->set, 0, sizeof(step->set));
	if (c == '\\')
	{
		if (!read_escape(r, &step->set, &is_class))
			return false;
	}
	else if (c == '[')
	{
		if (!read_bracket(r, &step->set))
			return false;
	}
	else if (c >= 128 || c == '\0' || strchr("^$.*+?()]{}|", c) != NULL)
		return false;
	else
		add(&step->set, c, c);
	return read_count(r, step);
}

/* Does it share no character with what may come behind it? */
static bool
is_decided(const SchemaPlainRegex *plain, int i)
{
	const Step *step = &plain->steps[i];

	if (step->min == step->max)
		return true;
	for (int k = i + 1; k < plain->n; k++)
	{
		const Step *next = &plain->steps[k];

		if ((step->set.bits[0] & next->set.bits[0]) != 0 || (step->set.bits[1] & next->set.bits[1]) != 0)
			return false;
		if (next->min > 0)
			break;
	}
	return true;
}

/* All of a pattern behind its "^"; false: it is not plain. */
static bool
read_steps(Reader *r, SchemaPlainRegex *plain)
{
	while (r->at < r->end)
	{
		if (take(r, '$'))
		{
			plain->to_end = true;
			return r->at == r->end;
		}
		if (plain->n == STEPS_MAX || !read_step(r, &plain->steps[plain->n++]))
			return false;
	}
	return true;
}

SchemaPlainRegex *
schema_regex_plain(const char *pattern, size_t len)
{
	Reader			  r = {pattern, pattern + len};
	SchemaPlainRegex *plain;
	bool			  is_plain;

	if (!take(&r, '^'))
		return NULL;
	plain = palloc0(offsetof(SchemaPlainRegex, steps) + STEPS_MAX * sizeof(Step));
	is_plain = read_steps(&r, plain);
	for (int i = 0; is_plain && i < plain->n; i++)
		is_plain = is_decided(plain, i);
	if (is_plain)
		return repalloc(plain, offsetof(SchemaPlainRegex, steps) + plain->n * sizeof(Step));
	pfree(plain);
	return NULL;
}

/* ---- matching ---- */

bool
schema_regex_plain_matches(const SchemaPlainRegex *plain, const char *data, int len)
{
	int at = 0;

	for (int i = 0; i < plain->n; i++)
	{
		const Step *step = &plain->steps[i];
		int			most = step->max < len - at ? at + step->max : len;
		int			begin = at;

		while (at < most && has(&step->set, (unsigned char) data[at]))
			at++;
		if (at - begin < step->min)
			return false;
	}
	return !plain->to_end || at == len;
}
