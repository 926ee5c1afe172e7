/*
 * hexid.c
 *		Reading and printing identifiers written as hexadecimal digits.
 */
#include "postgres.h"

#include "compat.h"

#include "hexid.h"
#include "sha256.h"

/* longest text that is hashed into a span id: "span_" and 64 digits */
#define MAX_HASHED_LEN 69
#define MAX_HASHED_DIGITS 64

#define UUID_LEN 36

/* Value of a digit in either case, -1 for any other character. */
static inline int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Read exactly 2 * n digits; false when they are others or as many. */
static bool
parse_digits(const char *s, size_t len, uint8 *out, int n)
{
	if (len != (size_t) 2 * n)
		return false;
	for (int i = 0; i < n; i++)
	{
		int high = digit_value(s[2 * i]);
		int low = digit_value(s[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8) (high << 4 | low);
	}
	return true;
}

/* Step over a prefix, compared without regard to case. */
static bool
skip_prefix(const char **s, size_t *len, const char *prefix)
{
	size_t n = strlen(prefix);

	if (*len < n || pg_strncasecmp(*s, prefix, n) != 0)
		return false;
	*s += n;
	*len -= n;
	return true;
}

/* Copy a dashed UUID's 32 digits to out; false when it has another shape. */
static bool
strip_uuid(const char *s, size_t len, char out[32])
{
	int n = 0;

	if (len != UUID_LEN)
		return false;
	for (int i = 0; i < UUID_LEN; i++)
	{
		if (i == 8 || i == 13 || i == 18 || i == 23)
		{
			if (s[i] != '-')
				return false;
		}
		else
			out[n++] = s[i];
	}
	return true;
}

/* Read a trace id. */
bool
hexid_parse_trace(const char *s, size_t len, uint8 out[TRACE_ID_LEN])
{
	char digits[32];

	if (strip_uuid(s, len, digits))
	{
		s = digits;
		len = sizeof(digits);
	}
	else
		skip_prefix(&s, &len, "trace_");
	return parse_digits(s, len, out, TRACE_ID_LEN) && !hexid_is_zero(out, TRACE_ID_LEN);
}

/*
 * Whether these are digits of a plausible number, and not all zero, which
 * stays "none" however long it is written.
 */
static bool
is_long_id(const char *s, size_t len)
{
	bool zero = true;

	if (len <= 2 * SPAN_ID_LEN || len > MAX_HASHED_DIGITS)
		return false;
	for (size_t i = 0; i < len; i++)
	{
		int value = digit_value(s[i]);

		if (value < 0)
			return false;
		if (value > 0)
			zero = false;
	}
	return !zero;
}

/* Read a span id, hashing the longer ids of some frameworks. */
bool
hexid_parse_span(const char *s, size_t len, uint8 out[SPAN_ID_LEN], bool *hashed)
{
	const char *rest = s;
	size_t      rest_len = len;
	char        digits[32];
	char        lower[MAX_HASHED_LEN];
	uint8       hash[SHA256_LEN];

	*hashed = false;
	if (strip_uuid(s, len, digits))
	{
		rest = digits;
		rest_len = sizeof(digits);
	}
	else
		skip_prefix(&rest, &rest_len, "span_");
	if (parse_digits(rest, rest_len, out, SPAN_ID_LEN))
		return !hexid_is_zero(out, SPAN_ID_LEN);
	if (!is_long_id(rest, rest_len))
		return false;

	/* what passed above is at most the prefix and the digits */
	for (size_t i = 0; i < len; i++)
		lower[i] = (char) pg_ascii_tolower((unsigned char) s[i]);
	sha256(lower, len, hash);
	memcpy(out, hash, SPAN_ID_LEN);
	*hashed = true;
	return true;
}

/* Read a digest. */
bool
hexid_parse_digest(const char *s, size_t len, uint8 out[DIGEST_LEN])
{
	skip_prefix(&s, &len, "sha256:");
	return parse_digits(s, len, out, DIGEST_LEN) && !hexid_is_zero(out, DIGEST_LEN);
}

/* Whether all bytes are zero. */
bool
hexid_is_zero(const uint8 *bytes, int n)
{
	for (int i = 0; i < n; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* Print as digits in lower case. */
void
hexid_print(const uint8 *bytes, int n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < n; i++)
	{
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}
