/*
 * fuzz_neutralize.c
 *		Fuzzer of what makes characters visible: neutralize.
 *
 * Beyond bounds: each promise of neutralize.h, the walks agree with each other,
 * and their result holds nothing that they would change.
 */
#include "harness.h"

#include "neutralize.h"

/* The code point of a character that is wider than one byte, 0 if it is none. */
static uint32_t
wide_at(const char *in, size_t len)
{
	uint32_t code = 0;

	return harness_char((const uint8_t *) in, len, &code) > 1 ? code : 0;
}

/* The text in visible form; for harness_free. */
static char *
try_visible(const char *in, size_t len, bool keep, size_t *n)
{
	size_t measured = neutralize_text(in, len, keep, NULL);
	char  *exact = malloc(measured > 0 ? measured : 1);
	char  *out;
	size_t again;

	PROMISE(measured >= len && measured <= len * NEUTRALIZE_GROWTH);
	*n = neutralize_text(in, len, keep, exact);
	PROMISE(*n == measured);
	harness_promise_visible(exact, *n, keep);
	if (*n == len)
		PROMISE(memcmp(exact, in, len) == 0);

	out = harness_copy(exact, *n);
	again = neutralize_text(out, *n, keep, exact);
	PROMISE(again == *n && memcmp(exact, out, again) == 0);
	free(exact);
	harness_mix(out, *n);
	return out;
}

/* What the scanner sees, given the text in visible form. */
static void
try_view(const char *in, size_t len, bool keep, size_t visible)
{
	char     *view = harness_copy(in, len);
	uint32_t *origin = malloc((len + 1) * sizeof(uint32_t));
	size_t    shown = 0;
	size_t    n = neutralize_view(in, len, keep, view, origin, &shown);

	PROMISE(n <= len && origin[n] == len && shown == visible);
	for (size_t i = 0; i < n; i++)
	{
		uint32_t from = origin[i];
		uint32_t code = wide_at(in + from, len - from);

		PROMISE(from < len && from < origin[i + 1]);
		/* fullwidth forms are the ASCII characters they look like */
		if (code >= 0xFF01 && code <= 0xFF5E)
			PROMISE((uint32_t) (uint8_t) view[i] + 0xFEE0 == code);
		else if (code == 0xA0 || code == 0x2007 || code == 0x202F)
			PROMISE(view[i] == ' ');
		else if (code == 0x2010 || code == 0x2011)
			PROMISE(view[i] == '-');
		else
			PROMISE(view[i] == in[from]);
	}
	harness_mix(view, n);
	harness_mix(origin, (n + 1) * sizeof(uint32_t));
	free(origin);
	harness_free(view, len);
}

/* How much of the text nothing happens to, given its visible form. */
static void
try_clean(const char *in, size_t len, bool keep, const char *visible, size_t nvisible)
{
	size_t clean = neutralize_clean(in, len, keep);

	PROMISE(clean <= len);
	PROMISE(clean <= nvisible && memcmp(in, visible, clean) == 0);
	if (clean == len)
		PROMISE(nvisible == len);
	/* it ends before a character, and before one that is not like the others */
	for (size_t i = 0; i < clean;)
	{
		uint32_t code;
		size_t   n = harness_char((const uint8_t *) in + i, clean - i, &code);

		PROMISE(n > 0);
		i += n;
	}
	PROMISE(neutralize_clean(in, clean, keep) == clean);
	harness_mix(&clean, sizeof(clean));
}

/* Both ways to tell where a character ends. */
static void
try_chars(const char *in, size_t len)
{
	uint32_t code;
	size_t   n;

	for (size_t i = 0; i < len; i += n)
	{
		size_t other = harness_char((const uint8_t *) in + i, len - i, &code);

		n = neutralize_char(in + i, len - i);
		PROMISE(n == (other > 0 ? other : 1));
	}
}

void
fuzz_neutralize(const char *in, size_t len)
{
	char *copy = harness_copy(in, len);

	for (int keep = 0; keep < 2; keep++)
	{
		size_t n;
		char  *visible = try_visible(copy, len, keep != 0, &n);

		try_view(copy, len, keep != 0, n);
		try_clean(copy, len, keep != 0, visible, n);
		harness_free(visible, n);
	}
	try_chars(copy, len);
	harness_free(copy, len);
}
