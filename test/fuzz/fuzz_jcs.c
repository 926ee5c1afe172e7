/*
 * fuzz_jcs.c
 *		Fuzzer of canonical JSON: documents that come with a signature, of any bytes.
 *
 * A canonical text is its own canonical form; blanks and another order of the keys
 * change nothing of it; and a double that is printed is read as the same again.
 */
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "jcs.h"

static void
grow(CanonBuffer *buffer, size_t more)
{
	/* of exactly what is asked for, so that writing beyond it is noticed */
	buffer->size = buffer->len + more;
	buffer->data = realloc(buffer->data, buffer->size);
}

static JcsFault
canonical(JcsWork *work, const char *text, size_t len)
{
	*work = (JcsWork) {.out.grow = grow, .keys.grow = grow, .members.grow = grow};
	return jcs_write(work, text, len);
}

static void
forget(JcsWork *work)
{
	free(work->out.data);
	free(work->keys.data);
	free(work->members.data);
}

static bool
is_out(const JcsWork *work, const JcsWork *other)
{
	return work->out.len == other->out.len && memcmp(work->out.data, other->out.data, work->out.len) == 0;
}

/* The text with a blank behind each of its signs that stands outside of strings. */
static char *
spaced(const char *text, size_t len, size_t *spaced_len)
{
	char *copy = malloc(2 * len + 1);
	bool in_string = false;
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
	{
		copy[n++] = text[i];
		if (in_string && text[i] == '\\')
			copy[n++] = text[++i];
		else if (text[i] == '"')
			in_string = !in_string;
		if (!in_string && strchr("{}[],:\"", text[i]) != NULL)
			copy[n++] = " \t\n\r"[i % 4];
	}
	*spaced_len = n;
	return copy;
}

/* Two members of an object, in both orders; the texts are whole values, or nothing is one. */
static void
check_order(const JcsWork *value)
{
	size_t size = 2 * value->out.len + 64;
	char *text = malloc(size);
	JcsWork one, other;

	for (int turn = 0; turn < 2; turn++)
	{
		int n = snprintf(text, size, turn == 0 ? "{\"b\":%.*s,\"a\":1}" : "{\"a\":1,\"b\":%.*s}", (int) value->out.len, (const char *) value->out.data);
		JcsFault fault = canonical(turn == 0 ? &one : &other, text, (size_t) n);

		PROMISE(fault == JCS_OK || fault == JCS_DEEP);
		if (fault != JCS_OK)
		{
			forget(turn == 0 ? &one : &other);
			if (turn == 1)
				forget(&one);
			free(text);
			return;
		}
	}
	PROMISE(is_out(&one, &other));
	forget(&one);
	forget(&other);
	free(text);
}

static void
check_document(const char *in, size_t len)
{
	JcsWork first, again;
	char *other;
	size_t other_len;

	if (canonical(&first, in, len) != JCS_OK)
	{
		forget(&first);
		return;
	}
	PROMISE(canonical(&again, (const char *) first.out.data, first.out.len) == JCS_OK);
	PROMISE(is_out(&first, &again));
	PROMISE(!harness_is_utf8(in, len) || harness_is_utf8((const char *) first.out.data, first.out.len));
	forget(&again);
	other = spaced((const char *) first.out.data, first.out.len, &other_len);
	PROMISE(canonical(&again, other, other_len) == JCS_OK);
	PROMISE(is_out(&first, &again));
	forget(&again);
	free(other);
	/* '%.*s' ends at a zero byte, which is none of a canonical text's */
	PROMISE(memchr(first.out.data, 0, first.out.len) == NULL);
	check_order(&first);
	forget(&first);
}

/* Bytes as a double. */
static void
check_number(const char *in, size_t len)
{
	double value, back;
	char text[JCS_NUMBER_MAX];
	JcsWork work;
	size_t n;

	if (len < sizeof(value))
		return;
	memcpy(&value, in, sizeof(value));
	if (!isfinite(value))
		return;
	n = jcs_print_double(value, text);
	PROMISE(n == strlen(text) && n < sizeof(text));
	back = strtod(text, NULL);
	PROMISE(back == value);
	PROMISE(!jcs_loses_precision(text, n, value) || value == 0);
	PROMISE(canonical(&work, text, n) == JCS_OK && work.out.len == n && memcmp(work.out.data, text, n) == 0);
	forget(&work);
}

void
fuzz_jcs(const char *in, size_t len)
{
	char *copy = harness_copy(in, len);

	check_document(copy, len);
	check_number(copy, len);
	harness_free(copy, len);
}
