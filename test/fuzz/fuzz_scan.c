/*
 * fuzz_scan.c
 *		Fuzzer of what finds and redacts: scan, redact.
 *
 * Whatever the bytes: nothing is read or written out of bounds (the sanitizers
 * of the compiler watch), findings are in order, disjoint and of whole
 * characters, what the first pass finds is what is replaced, the result is UTF-8
 * that needs no neutralising, and sanitizing it again changes nothing.
 */
#include "harness.h"

#include "neutralize.h"

/* Does a character begin, or the text end, at that place of valid UTF-8? */
static bool
is_boundary(const char *in, size_t len, size_t at)
{
	return at == len || ((uint8_t) in[at] & 0xC0) != 0x80;
}

/*
 * The text with each find replaced by its placeholder, and the rest made
 * visible: what one pass makes of it.
 */
static char *
replace(const char *in, size_t len, const RedactFind *find, size_t n, size_t *outlen)
{
	char  *out = malloc(len * NEUTRALIZE_GROWTH + n * 64 + 1);
	size_t done = 0;
	size_t at = 0;

	for (size_t i = 0; i < n; i++)
	{
		const char *type = scan_type_name(find[i].rule->type);

		at += neutralize_text(in + done, find[i].start - done, false, out + at);
		memcpy(out + at, "[REDACTED:", 10);
		memcpy(out + at + 10, type, strlen(type));
		at += 10 + strlen(type);
		out[at++] = ']';
		done = find[i].end;
	}
	*outlen = at + neutralize_text(in + done, len - done, false, out + at);
	return out;
}

/* What is found, given what the text becomes as one line. */
static void
try_finds(const char *in, size_t len, ScanLevel level, const char *once, size_t n)
{
	bool        utf8 = harness_is_utf8(in, len);
	RedactFind *find;
	size_t      nfinds = harness_find(in, len, level, &find);
	char       *pass;
	char       *again;
	size_t      passlen;
	size_t      againlen;

	for (size_t i = 0; i < nfinds; i++)
	{
		PROMISE(find[i].start < find[i].end && find[i].end <= len);
		PROMISE(i == 0 || find[i - 1].end <= find[i].start);
		PROMISE(!utf8 || (is_boundary(in, len, find[i].start) &&
		                  is_boundary(in, len, find[i].end)));
		harness_mix(find[i].rule->name, strlen(find[i].rule->name));
	}
	PROMISE(nfinds == 0 || once != in);

	/* unless that made something new to find, it is the result; what a terminal's sequence
	   hides is judged again once the sequence is visible */
	if (memchr(in, 0x1b, len) != NULL || memchr(in, 0xc2, len) != NULL)
	{
		free(find);
		return;
	}
	pass = replace(in, len, find, nfinds, &passlen);
	if (!harness_redact(pass, passlen, REDACT_LINE, level, &again, &againlen))
		PROMISE(passlen == n && memcmp(pass, once, n) == 0);
	else
		free(again);
	free(pass);
	free(find);
}

/* One text, in one shape and at one level. */
static void
try_text(const char *in, size_t len, RedactShape shape, ScanLevel level)
{
	bool   keep = shape == REDACT_BLOCK;
	char  *once;
	char  *twice;
	size_t n;
	size_t m;
	bool   changed = harness_redact(in, len, shape, level, &once, &n);

	PROMISE(changed == (once != in));
	harness_promise_visible(once, n, keep);
	PROMISE(neutralize_text(once, n, keep, NULL) == n);
	if (harness_redact(once, n, shape, level, &twice, &m))
		harness_fail("sanitizing again changes nothing");
	harness_mix(once, n);
	if (!keep)
		try_finds(in, len, level, once, n);
	if (changed)
		free(once);
}

void
fuzz_scan(const char *in, size_t len)
{
	char *copy = harness_copy(in, len);

	try_text(copy, len, REDACT_LINE, SCAN_PII);
	try_text(copy, len, REDACT_BLOCK, SCAN_PII);
	try_text(copy, len, REDACT_LINE, SCAN_SECRETS);
	try_text(copy, len, REDACT_LINE, SCAN_ALL);
	harness_free(copy, len);
}
