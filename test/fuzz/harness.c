/*
 * harness.c
 *		What the fuzzers of the sanitizer's cores share.
 *
 * UTF-8 and the characters that must not stay are written down a second time here,
 * from the standard's tables and not from the module's code, on purpose.
 */
#include "harness.h"

#include <stdio.h>

#include "scan_check.h"
#include "scan_match.h"
#include "scan_user.h"

const char *harness_in;
size_t      harness_len;
uint64_t    harness_digest = 14695981039346656037u;

void
harness_fail(const char *promise)
{
	fprintf(stderr, "not true: %s\n", promise);
	abort();
}

char *
harness_copy(const void *data, size_t len)
{
	/* of no bytes there is one before the end, as malloc(0) would have one after it */
	char *copy = len > 0 ? malloc(len) : (char *) malloc(1) + 1;

	if (len > 0)
		memcpy(copy, data, len);
	return copy;
}

void
harness_free(char *copy, size_t len)
{
	free(len > 0 ? copy : copy - 1);
}

void
harness_mix(const void *data, size_t len)
{
	/* FNV-1a */
	for (size_t i = 0; i < len; i++)
		harness_digest = (harness_digest ^ ((const uint8_t *) data)[i]) * 1099511628211u;
}

size_t
harness_char(const uint8_t *p, size_t left, uint32_t *code)
{
	/* beyond ASCII: first byte from, to; second byte from, to; length */
	static const uint8_t table[][5] = {
	    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
	    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3},
	    {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
	    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};

	if (p[0] <= 0x7F)
	{
		*code = p[0];
		return 1;
	}
	for (size_t i = 0; i < lengthof(table); i++)
	{
		size_t n = table[i][4];

		if (p[0] < table[i][0] || p[0] > table[i][1])
			continue;
		if (left < n || p[1] < table[i][2] || p[1] > table[i][3])
			return 0;
		*code = p[0] & (0xFFu >> (n + 1));
		for (size_t k = 1; k < n; k++)
		{
			if (p[k] < 0x80 || p[k] > 0xBF)
				return 0;
			*code = *code * 64 + (p[k] - 0x80u);
		}
		return n;
	}
	return 0;
}

bool
harness_is_utf8(const char *text, size_t len)
{
	uint32_t code;
	size_t   n;

	for (size_t i = 0; i < len; i += n)
		if ((n = harness_char((const uint8_t *) text + i, len - i, &code)) == 0)
			return false;
	return true;
}

/* Code points that have no place in a result, whatever stands around them. */
static bool
is_forbidden(uint32_t c, bool keep_newline)
{
	static const uint32_t ranges[][2] = {
	    {0x00, 0x08},       {0x0B, 0x1F},      {0x7F, 0x9F},     {0x61C, 0x61C},
	    {0x180E, 0x180E},   {0x200B, 0x200C},  {0x200E, 0x200F}, {0x2028, 0x202E},
	    {0x2060, 0x206F},   {0xFE00, 0xFE0D},  {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
	    {0xE0000, 0xE007F}, {0xE0100, 0xE01EF}};

	if (c >= 0x20 && c < 0x7F)
		return false;
	if (c == '\n')
		return !keep_newline;
	for (size_t i = 0; i < lengthof(ranges); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}

/* A joiner or selector between these two: is it that of an emoji? */
static bool
is_part(uint32_t c, uint32_t before, uint32_t after)
{
	if (c == 0x200D)
		return before >= 0xA9 && after >= 0xA9;
	if (c != 0xFE0E && c != 0xFE0F)
		return true;
	return before >= 0xA9 || (after == 0x20E3 && before > 0 && before < 0x7F &&
	                          strchr("0123456789#*", (int) before) != NULL);
}

void
harness_promise_visible(const char *text, size_t len, bool keep_newline)
{
	const uint8_t *p = (const uint8_t *) text;
	uint32_t       before = 0;
	uint32_t       code = 0;
	size_t         n;

	for (size_t i = 0; i < len; i += n)
	{
		uint32_t after = 0;

		n = harness_char(p + i, len - i, &code);
		if (n == 0)
			harness_fail("the result is UTF-8");
		if (i + n < len)
			harness_char(p + i + n, len - i - n, &after);
		if (is_forbidden(code, keep_newline))
			harness_fail("the result holds nothing that controls or hides");
		if (!is_part(code, before, after))
			harness_fail("joiners and selectors are parts of emoji");
		before = code;
	}
}

/* An expression of a rule of the database's: letters, a bracket, letters. */
static size_t
match_letters(const ScanRule *rule, const char *text, size_t len)
{
	size_t n = 0;

	(void) rule;
	while (n < len && ((text[n] >= 'a' && text[n] <= 'z') || text[n] == '('))
		n++;
	return n;
}

/* At the highest level there are also rules of the database's. */
static const ScanSetup *
setup(ScanLevel level)
{
	static const char *const  words[] = {"case", "bob", NULL};
	static const ScanUserRule rules[] = {
	    {.rule = {.name = "badge", .type = TYPE_CUSTOM_ID, .kind = KIND_USER, .priority = 60, .anchors = "bob\nsk-",
	              .class = CLASS_NUMBER, .min = 2, .max = 12, .check = check_luhn},
	     .keep_anchor = true},
	    {.rule = {.name = "ticket", .type = TYPE_CUSTOM_SECRET, .kind = KIND_USER, .priority = 99, .anchors = "token\nhunter22"},
	     .expression = true, .context = words},
	    {.rule = {.name = "code", .type = TYPE_NATIONAL_ID, .kind = KIND_USER, .priority = 1, .anchors = "DE8\n411",
	              .class = CLASS_VALUE, .min = 0, .max = 4096},
	     .level = SCAN_ALL, .suffix = ")"}};
	static ScanAnchors anchors;
	static ScanSetup   setups[] = {{.level = SCAN_SECRETS}, {.level = SCAN_PII}, {.level = SCAN_ALL}};

	if (setups[SCAN_ALL].user == NULL)
	{
		for (size_t i = 0; i < lengthof(rules); i++)
			if (!scan_user_add(&anchors, &rules[i]))
				harness_fail("a rule is added");
		setups[SCAN_ALL].user = &anchors;
		setups[SCAN_ALL].match = match_letters;
	}
	return &setups[level];
}

bool
harness_redact(const char *in, size_t len, RedactShape shape, ScanLevel level, char **out,
               size_t *outlen)
{
	return redact_text(in, len, shape, setup(level), NULL, out, outlen);
}

size_t
harness_find(const char *in, size_t len, ScanLevel level, RedactFind **finds)
{
	return redact_find(in, len, setup(level), finds);
}

bool
harness_takes(const ScanRule *rule)
{
	return scan_type_level(rule->type) <= SCAN_PII;
}
