/*
 * jcs.c
 *		JSON Canonicalization Scheme, RFC 8785.
 *
 *		{"b": 4.50, "a": [1E2]}		becomes		{"a":[100],"b":4.5}
 *
 * No blanks; strings with the escapes that they need and no others; numbers as
 * ECMAScript prints the nearest double; keys in the order of their UTF-16 units.
 * The text is read once.  Each member is written where it is found, and when its
 * object ends they are put in order: levels are at most JCS_DEPTH_MAX, so is the
 * number of times that a byte is moved.
 *
 * What would lose by becoming a double has no canonical form here: an integer
 * that none holds, and a number of more than 17 digits.  A document that is
 * signed must not mean something else to a reader with more precision.
 */
#include "port.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "ascii.h"
#include "jcs.h"

/* Where a key and its member lie; kept in work->members. */
typedef struct Member
{
	size_t key, key_len;	/* in work->keys */
	size_t begin, end;		/* in work->out, with its key */
} Member;

/* The text that is being read. */
typedef struct Reader
{
	const char *at;
	const char *end;
	JcsWork *work;
} Reader;

static JcsFault write_value(Reader *r, int depth);

/* ---- numbers ------------------------------------------------------------- */

/* Copies a run of digits, at least one; false without. */
static bool
skip_digits(Reader *r)
{
	const char *begin = r->at;

	while (r->at < r->end && is_digit(*r->at))
		r->at++;
	return r->at > begin;
}

static JcsFault
write_number(Reader *r)
{
	const char *begin = r->at;
	char text[JCS_NUMBER_MAX];
	char *copy;
	char small[64];
	size_t len;
	double value;
	bool is_zero = true;

	if (*r->at == '-')
		r->at++;
	if (r->at < r->end && *r->at == '0')
		r->at++;
	else if (!skip_digits(r))
		return JCS_SYNTAX;
	if (r->at < r->end && *r->at == '.' && (r->at++, !skip_digits(r)))
		return JCS_SYNTAX;
	if (r->at < r->end && (*r->at | 0x20) == 'e')
	{
		r->at++;
		if (r->at < r->end && (*r->at == '+' || *r->at == '-'))
			r->at++;
		if (!skip_digits(r))
			return JCS_SYNTAX;
	}
	len = (size_t) (r->at - begin);
	/* strtod wants an end; behind the keys there is room for what is long */
	copy = small;
	if (len >= sizeof(small))
	{
		size_t used = r->work->keys.len;

		canon_raw(&r->work->keys, begin, len);
		canon_char(&r->work->keys, '\0');
		copy = (char *) r->work->keys.data + used;
		r->work->keys.len = used;
	}
	else
	{
		memcpy(small, begin, len);
		small[len] = '\0';
	}
	value = strtod(copy, NULL);
	for (const char *c = begin; c < r->at && (*c | 0x20) != 'e'; c++)
		is_zero = is_zero && (*c < '1' || *c > '9');
	if (!isfinite(value) || (value == 0 && !is_zero))
		return JCS_RANGE;
	if (!is_zero && jcs_loses_precision(begin, len, value))
		return JCS_PRECISION;
	canon_raw(&r->work->out, text, jcs_print_double(value, text));
	return JCS_OK;
}

/* ---- strings ------------------------------------------------------------- */

/* Four hexadecimal digits, or -1. */
static int
read_hex(Reader *r)
{
	int value = 0;

	if (r->end - r->at < 4)
		return -1;
	for (int i = 0; i < 4; i++, r->at++)
	{
		if (!is_hex_digit(*r->at))
			return -1;
		value = value * 16 + (is_digit(*r->at) ? *r->at - '0' : (*r->at | 0x20) - 'a' + 10);
	}
	return value;
}

/* One character of a string, as itself. */
static void
put_plain(Reader *r, bool is_key, char c)
{
	if (is_key)
		canon_char(&r->work->keys, c);
	switch (c)
	{
		case '"':
		case '\\':
			canon_char(&r->work->out, '\\');
			canon_char(&r->work->out, c);
			break;
		case '\b':
			canon_raw(&r->work->out, "\\b", 2);
			break;
		case '\t':
			canon_raw(&r->work->out, "\\t", 2);
			break;
		case '\n':
			canon_raw(&r->work->out, "\\n", 2);
			break;
		case '\f':
			canon_raw(&r->work->out, "\\f", 2);
			break;
		case '\r':
			canon_raw(&r->work->out, "\\r", 2);
			break;
		default:
			if ((unsigned char) c < ' ')
			{
				char escaped[8];

				snprintf(escaped, sizeof(escaped), "\\u%04x", (unsigned) c);
				canon_raw(&r->work->out, escaped, 6);
			}
			else
				canon_char(&r->work->out, c);
	}
}

/* A code point that was escaped, in UTF-8. */
static void
put_code(Reader *r, bool is_key, uint32_t code)
{
	if (code < 0x80)
		put_plain(r, is_key, (char) code);
	else if (code < 0x800)
		put_plain(r, is_key, (char) (0xc0 | code >> 6));
	else if (code < 0x10000)
		put_plain(r, is_key, (char) (0xe0 | code >> 12));
	else
	{
		put_plain(r, is_key, (char) (0xf0 | code >> 18));
		put_plain(r, is_key, (char) (0x80 | (code >> 12 & 0x3f)));
	}
	if (code >= 0x800)
		put_plain(r, is_key, (char) (0x80 | (code >> 6 & 0x3f)));
	if (code >= 0x80)
		put_plain(r, is_key, (char) (0x80 | (code & 0x3f)));
}

/* What is behind a backslash. */
static JcsFault
write_escape(Reader *r, bool is_key)
{
	static const char names[] = "\"\\/bfnrt";
	static const char means[] = "\"\\/\b\f\n\r\t";
	const char *found;
	int high;
	int low;

	if (r->at == r->end)
		return JCS_SYNTAX;
	if (*r->at != 'u')
	{
		found = memchr(names, *r->at++, sizeof(names) - 1);
		if (found == NULL)
			return JCS_SYNTAX;
		put_plain(r, is_key, means[found - names]);
		return JCS_OK;
	}
	r->at++;
	high = read_hex(r);
	if (high < 0)
		return JCS_SYNTAX;
	if (high < 0xd800 || high > 0xdfff)
	{
		put_code(r, is_key, (uint32_t) high);
		return JCS_OK;
	}
	if (high > 0xdbff || r->end - r->at < 6 || r->at[0] != '\\' || r->at[1] != 'u')
		return JCS_SURROGATE;
	r->at += 2;
	low = read_hex(r);
	if (low < 0xdc00 || low > 0xdfff)
		return JCS_SURROGATE;
	put_code(r, is_key, 0x10000 + ((uint32_t) high - 0xd800) * 0x400 + ((uint32_t) low - 0xdc00));
	return JCS_OK;
}

/* A string; of a key what it says goes to work->keys, too. */
static JcsFault
write_string(Reader *r, bool is_key)
{
	if (r->at == r->end || *r->at != '"')
		return JCS_SYNTAX;
	canon_char(&r->work->out, '"');
	for (r->at++; r->at < r->end && *r->at != '"';)
	{
		char c = *r->at++;

		if ((unsigned char) c < ' ')
			return JCS_SYNTAX;
		if (c == '\\')
		{
			JcsFault fault = write_escape(r, is_key);

			if (fault != JCS_OK)
				return fault;
		}
		else
			put_plain(r, is_key, c);
	}
	if (r->at == r->end)
		return JCS_SYNTAX;
	r->at++;
	canon_char(&r->work->out, '"');
	return JCS_OK;
}

/* ---- objects and arrays -------------------------------------------------- */

static void
skip_blanks(Reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
		r->at++;
}

/* Is the next character that?  It is passed then. */
static bool
pass(Reader *r, char c)
{
	skip_blanks(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

/*
 * Order of keys by UTF-16 units, of their UTF-8.  It is that of the bytes, except
 * that what takes two units (from U+10000 on) comes before U+E000 to U+FFFF.
 */
static int
compare_keys(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen)
{
	size_t len = alen < blen ? alen : blen;

	for (size_t i = 0; i < len; i++)
		if (a[i] != b[i])
		{
			bool swap = a[i] >= 0xee && b[i] >= 0xee && (a[i] >= 0xf0) != (b[i] >= 0xf0);

			return (a[i] < b[i]) != swap ? -1 : 1;
		}
	return alen < blen ? -1 : alen > blen;
}

static int
compare_members(const void *a, const void *b, void *keys)
{
	const Member *x = a;
	const Member *y = b;
	/* where all keys are empty there may be no memory yet */
	const uint8_t *data = keys != NULL ? keys : (const uint8_t *) "";

	return compare_keys(data + x->key, x->key_len, data + y->key, y->key_len);
}

/* Puts an object's members in order; they lie from "begin" on, commas between them. */
static JcsFault
sort_members(JcsWork *work, Member *members, size_t n, size_t begin)
{
	size_t len = work->out.len - begin;
	size_t scratch = work->keys.len;
	bool sorted = true;

	for (size_t i = 1; i < n && sorted; i++)
		sorted = compare_members(&members[i - 1], &members[i], work->keys.data) < 0;
	if (sorted)
		return JCS_OK;
	qsort_r(members, n, sizeof(Member), compare_members, work->keys.data);
	for (size_t i = 1; i < n; i++)
		if (compare_members(&members[i - 1], &members[i], work->keys.data) == 0)
			return JCS_DUPLICATE;
	canon_raw(&work->keys, work->out.data + begin, len);
	work->keys.len = scratch;
	work->out.len = begin;
	for (size_t i = 0; i < n; i++)
	{
		if (i > 0)
			canon_char(&work->out, ',');
		canon_raw(&work->out, work->keys.data + scratch + (members[i].begin - begin),
				  members[i].end - members[i].begin);
	}
	return JCS_OK;
}

/* One member, whose place is kept. */
static JcsFault
write_member(Reader *r, int depth)
{
	Member member = {.key = r->work->keys.len, .begin = r->work->out.len};
	JcsFault fault;

	skip_blanks(r);
	fault = write_string(r, true);
	if (fault != JCS_OK)
		return fault;
	member.key_len = r->work->keys.len - member.key;
	if (!pass(r, ':'))
		return JCS_SYNTAX;
	canon_char(&r->work->out, ':');
	fault = write_value(r, depth);
	member.end = r->work->out.len;
	canon_raw(&r->work->members, &member, sizeof(member));
	return fault;
}

/* An object or an array, whose first character is passed. */
static JcsFault
write_container(Reader *r, bool is_object, int depth)
{
	JcsWork *work = r->work;
	size_t keys = work->keys.len;
	size_t members = work->members.len;
	size_t begin = work->out.len + 1;
	char end = is_object ? '}' : ']';
	JcsFault fault = JCS_OK;

	if (depth > JCS_DEPTH_MAX)
		return JCS_DEEP;
	canon_char(&work->out, is_object ? '{' : '[');
	if (!pass(r, end))
	{
		do
		{
			if (work->out.len > begin)
				canon_char(&work->out, ',');
			fault = is_object ? write_member(r, depth) : write_value(r, depth);
		} while (fault == JCS_OK && pass(r, ','));
		if (fault == JCS_OK && !pass(r, end))
			fault = JCS_SYNTAX;
	}
	/* of an empty object there may be no memory yet */
	if (fault == JCS_OK && is_object && work->members.len > members)
		fault = sort_members(work, (Member *) (work->members.data + members),
							 (work->members.len - members) / sizeof(Member), begin);
	canon_char(&work->out, end);
	work->keys.len = keys;
	work->members.len = members;
	return fault;
}

static JcsFault
write_word(Reader *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t) (r->end - r->at) < len || memcmp(r->at, word, len) != 0)
		return JCS_SYNTAX;
	r->at += len;
	canon_raw(&r->work->out, word, len);
	return JCS_OK;
}

static JcsFault
write_value(Reader *r, int depth)
{
	skip_blanks(r);
	if (r->at == r->end)
		return JCS_SYNTAX;
	switch (*r->at)
	{
		case '{':
		case '[':
			return write_container(r, *r->at++ == '{', depth + 1);
		case '"':
			return write_string(r, false);
		case 't':
			return write_word(r, "true");
		case 'f':
			return write_word(r, "false");
		case 'n':
			return write_word(r, "null");
		default:
			return *r->at == '-' || is_digit(*r->at) ? write_number(r) : JCS_SYNTAX;
	}
}

JcsFault
jcs_write(JcsWork *work, const char *text, size_t len)
{
	Reader r = {.at = text, .end = text + len, .work = work};
	JcsFault fault;

	if (len > JCS_INPUT_MAX)
		return JCS_LARGE;
	fault = write_value(&r, 0);
	skip_blanks(&r);
	return fault == JCS_OK && r.at < r.end ? JCS_SYNTAX : fault;
}
