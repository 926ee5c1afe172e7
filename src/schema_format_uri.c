/*
 * schema_format_uri.c
 *		Formats of URIs (RFC 3986, 3987, 6570), and of paths that are safe to open.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "ascii.h"
#include "schema_format.h"

#define UNRESERVED "-._~"
#define SUB_DELIMITERS "!$&'()*+,;="

/* Are all characters letters, digits, percent codes or of the list? */
static bool
consists_of(const char *at, const char *end, const char *list, bool beyond_ascii)
{
	for (; at < end; at++)
	{
		if (*at == '%')
		{
			if (end - at < 3 || !isxdigit((unsigned char) at[1]) || !isxdigit((unsigned char) at[2]))
				return false;
			at += 2;
		}
		else if (!isalnum((unsigned char) *at) && (*at == '\0' || strchr(list, *at) == NULL) &&
				 !(beyond_ascii && IS_HIGHBIT_SET(*at)))
			return false;
	}
	return true;
}

static const char *
find_any(const char *at, const char *end, const char *list)
{
	while (at < end && (*at == '\0' || strchr(list, *at) == NULL))
		at++;
	return at;
}

static bool
is_authority(const char *at, const char *end, bool beyond_ascii)
{
	const char *user = memchr(at, '@', end - at);
	const char *port;

	if (user != NULL)
	{
		if (!consists_of(at, user, UNRESERVED SUB_DELIMITERS ":", beyond_ascii))
			return false;
		at = user + 1;
	}
	if (at < end && *at == '[')
	{
		const char *close = memchr(at, ']', end - at);

		if (close == NULL || !(format_is_ipv6(at + 1, close) ||
							   (close - at > 2 && (at[1] | 0x20) == 'v' && memchr(at, '.', close - at) != NULL)))
			return false;
		at = close + 1;
		if (at < end && *at != ':')
			return false;
	}
	port = memchr(at, ':', end - at);
	if (port != NULL)
	{
		for (const char *c = port + 1; c < end; c++)
			if (*c < '0' || *c > '9')
				return false;
		end = port;
	}
	return consists_of(at, end, UNRESERVED SUB_DELIMITERS, beyond_ascii);
}

/* Behind the scheme, or all of a relative one. */
static bool
is_hierarchy(const char *at, const char *end, bool has_scheme, bool beyond_ascii)
{
	const char *fragment = find_any(at, end, "#");
	const char *query = find_any(at, fragment, "?");

	if (fragment < end && !consists_of(fragment + 1, end, UNRESERVED SUB_DELIMITERS ":@/?", beyond_ascii))
		return false;
	if (query < fragment && !consists_of(query + 1, fragment, UNRESERVED SUB_DELIMITERS ":@/?", beyond_ascii))
		return false;
	if (query - at >= 2 && at[0] == '/' && at[1] == '/')
	{
		const char *path = find_any(at + 2, query, "/");

		if (!is_authority(at + 2, path, beyond_ascii))
			return false;
		at = path;
	}
	/* a first segment with a colon would be a scheme */
	if (!has_scheme && find_any(at, query, ":") < find_any(at, query, "/"))
		return false;
	return consists_of(at, query, UNRESERVED SUB_DELIMITERS ":@/", beyond_ascii);
}

/* ---- templates: RFC 6570 ---- */

/* What may stand outside of expressions, an apostrophe among it as by erratum 6937. */
static bool
is_literal(uint32 c)
{
	if (c < 0x80)
		return c > ' ' && c < 0x7f && strchr("\"%<>\\^`{|}", (int) c) == NULL;
	/* neither controls nor specials nor tags nor what is no character */
	return c >= 0xa0 && !(c >= 0xfdd0 && c <= 0xfdef) && !(c >= 0xfff0 && c <= 0xffff) &&
		   (c & 0xfffe) != 0xfffe && !(c >= 0xe0000 && c < 0xe1000);
}

static bool
take_percent_code(const char **at, const char *end)
{
	if (end - *at < 3 || **at != '%' || !is_hex_digit((*at)[1]) || !is_hex_digit((*at)[2]))
		return false;
	*at += 3;
	return true;
}

/* Letters, digits, underscores and percent codes, single dots between them. */
static bool
take_variable(const char **at, const char *end)
{
	for (;;)
	{
		const char *begin = *at;

		while (*at < end)
		{
			if (is_letter(**at) || is_digit(**at) || **at == '_')
				(*at)++;
			else if (!take_percent_code(at, end))
				break;
		}
		if (*at == begin)
			return false;
		if (*at == end || **at != '.')
			return true;
		(*at)++;
	}
}

/* None, all of a list, or a prefix of 1 to 9999 characters. */
static bool
take_modifier(const char **at, const char *end)
{
	const char *begin;

	if (*at < end && **at == '*')
	{
		(*at)++;
		return true;
	}
	if (*at == end || **at != ':')
		return true;
	begin = ++(*at);
	while (*at < end && is_digit(**at))
		(*at)++;
	return *at > begin && *at - begin <= 4 && *begin != '0';
}

/*
 * Behind its brace, up to the other one.  Operators that the grammar keeps for later
 * (=,!@|) are among its operators.
 */
static bool
take_expression(const char **at, const char *end)
{
	if (*at < end && **at != '\0' && strchr("+#./;?&=,!@|", **at) != NULL)
		(*at)++;
	for (;;)
	{
		if (!take_variable(at, end) || !take_modifier(at, end) || *at == end)
			return false;
		if (*(*at)++ == '}')
			return true;
		if ((*at)[-1] != ',')
			return false;
	}
}

static bool
is_template(const char *at, const char *end)
{
	while (at < end)
	{
		int len = pg_utf_mblen((const unsigned char *) at);

		if (*at == '{')
		{
			at++;
			if (!take_expression(&at, end))
				return false;
		}
		else if (*at == '%')
		{
			if (!take_percent_code(&at, end))
				return false;
		}
		else
		{
			if (len > end - at || !is_literal(utf8_to_unicode((const unsigned char *) at)))
				return false;
			at += len;
		}
	}
	return true;
}

bool
format_is_uri(SchemaFormat format, const char *at, const char *end)
{
	bool		beyond_ascii = format == FORMAT_IRI || format == FORMAT_IRI_REFERENCE;
	bool		may_be_relative = format == FORMAT_URI_REFERENCE || format == FORMAT_IRI_REFERENCE;
	const char *scheme = at;

	if (format == FORMAT_URI_TEMPLATE)
		return is_template(at, end);
	while (scheme < end && (isalnum((unsigned char) *scheme) || (*scheme != '\0' && strchr("+-.", *scheme) != NULL)))
		scheme++;
	if (scheme > at && scheme < end && *scheme == ':' && isalpha((unsigned char) *at))
		return is_hierarchy(scheme + 1, end, true, beyond_ascii);
	return may_be_relative && is_hierarchy(at, end, false, beyond_ascii);
}

/* ---- ours ---- */

/* Characters that show nothing, break lines, or turn the direction of text. */
static bool
is_hidden(uint32 c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
		   (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
		   (c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
		   (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

/* Ranges of code points, in order. */
typedef struct Range
{
	uint32 first;
	uint32 last;
} Range;

static bool
is_among(const Range *ranges, int n, uint32 c)
{
	for (int i = 0; i < n && c >= ranges[i].first; i++)
		if (c <= ranges[i].last)
			return true;
	return false;
}

/*
 * What may be taken for a dot, a slash, a backslash, a colon, a percent sign and others
 * that lead elsewhere: by whoever normalizes (NFKC), by code pages of Windows, by eye.
 */
static bool
is_lookalike(uint32 c)
{
	static const Range alike[] = {
		{0xa5, 0xa5},		{0x2f8, 0x2f8},		{0x338, 0x338},		{0x589, 0x589},		{0x5c3, 0x5c3},
		{0x66a, 0x66a},		{0x6d4, 0x6d4},		{0x701, 0x704},		{0x1735, 0x1735},	{0x2024, 0x2026},
		{0x2041, 0x2041},	{0x2044, 0x2044},	{0x2047, 0x2049},	{0x2052, 0x2052},	{0x205a, 0x205a},
		{0x20a9, 0x20a9},	{0x2100, 0x2101},	{0x2105, 0x2106},	{0x2215, 0x2216},	{0x2236, 0x2236},
		{0x2488, 0x249b},	{0x2571, 0x2572},	{0x27cb, 0x27cb},	{0x27cd, 0x27cd},	{0x29f5, 0x29f5},
		{0x29f8, 0x29f9},	{0x2a74, 0x2a74},	{0x2cc6, 0x2cc6},	{0x2e3c, 0x2e3c},	{0x3002, 0x3002},
		{0x3033, 0x3033},	{0x31d3, 0x31d4},	{0x33c2, 0x33c2},	{0x33c7, 0x33c7},	{0x33d8, 0x33d8},
		{0xa4f8, 0xa4f8},	{0xa60e, 0xa60e},	{0xa789, 0xa789},	{0xfe12, 0xfe13},	{0xfe16, 0xfe16},
		{0xfe19, 0xfe19},	{0xfe30, 0xfe30},	{0xfe52, 0xfe52},	{0xfe55, 0xfe56},	{0xfe61, 0xfe61},
		{0xfe64, 0xfe65},	{0xfe68, 0xfe6a},	{0xff02, 0xff02},	{0xff04, 0xff05},	{0xff0a, 0xff0a},
		{0xff0e, 0xff0f},	{0xff1a, 0xff1a},	{0xff1c, 0xff1c},	{0xff1e, 0xff1f},	{0xff3c, 0xff3c},
		{0xff5c, 0xff5c},	{0xff5e, 0xff5e},	{0xff61, 0xff61},	{0xff65, 0xff65},	{0x10a50, 0x10a50},
		{0x1d16d, 0x1d16d}, {0x1d20f, 0x1d20f}, {0x1d23a, 0x1d23b}, {0x1f100, 0x1f100}};

	return is_among(alike, lengthof(alike), c);
}

/* Blanks that are no space, and letters that show nothing. */
static bool
is_blank(uint32 c)
{
	static const Range blanks[] = {
		{0xa0, 0xa0},	  {0x34f, 0x34f},	{0x115f, 0x1160}, {0x1680, 0x1680}, {0x17b4, 0x17b5},
		{0x2000, 0x200a}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x2800, 0x2800}, {0x3164, 0x3164}, {0xffa0, 0xffa0}};

	return is_among(blanks, lengthof(blanks), c);
}

static bool
has_bad_character(const char *at, const char *end, bool in_path)
{
	while (at < end)
	{
		int	   len = pg_utf_mblen((const unsigned char *) at);
		uint32 c;

		/* bytes that are no text: overlong forms, too */
		if (len > end - at || !pg_utf8_islegal((const unsigned char *) at, len))
			return true;
		c = utf8_to_unicode((const unsigned char *) at);
		if (is_hidden(c) || (in_path && (is_lookalike(c) || is_blank(c))))
			return true;
		at += len;
	}
	return false;
}

bool
format_is_single_line(const char *at, const char *end)
{
	return !has_bad_character(at, end, false);
}

/* One round of percent decoding; false: there was nothing to decode. */
static bool
decode(char *text, int *len)
{
	int	 n = 0;
	bool found = false;

	for (int i = 0; i < *len; i++)
	{
		if (text[i] == '%' && i + 2 < *len && isxdigit((unsigned char) text[i + 1]) &&
			isxdigit((unsigned char) text[i + 2]))
		{
			char hex[3] = {text[i + 1], text[i + 2], '\0'};

			text[n++] = (char) strtol(hex, NULL, 16);
			i += 2;
			found = true;
		}
		else
			text[n++] = text[i];
	}
	*len = n;
	return found;
}

/* A character as Windows compares it: upper case, of ordinary width, superscripts as digits. */
static char
plain_letter(uint32 c)
{
	if (c >= 0xff01 && c <= 0xff5e)
		c -= 0xff01 - '!';
	if (c == 0xb9 || c == 0xb2 || c == 0xb3)
		c = c == 0xb9 ? '1' : c == 0xb2 ? '2' : '3';
	return c < 128 ? (char) pg_ascii_toupper((unsigned char) c) : '\x7f';
}

/* The name of a device of Windows, whatever its extension. */
static bool
is_device(const char *at, const char *end)
{
	static const char *const devices[] = {"CON", "PRN", "AUX", "NUL", "COM#", "LPT#", "CONIN", "CONOUT", "CLOCK"};
	char name[8];
	int	 n = 0;

	while (at < end && n < (int) sizeof(name) - 1)
	{
		name[n] = plain_letter(utf8_to_unicode((const unsigned char *) at));
		if (name[n] == '.')
			break;
		at += pg_utf_mblen((const unsigned char *) at);
		n++;
	}
	/* blanks at the end go */
	while (n > 0 && name[n - 1] == ' ')
		n--;
	if (n == 4 && name[3] >= '0' && name[3] <= '9')
		name[3] = '#';
	name[n] = '\0';
	for (int i = 0; i < (int) lengthof(devices); i++)
		if (strcmp(name, devices[i]) == 0)
			return true;
	return false;
}

/* %NAME%, %~dp0 of Windows' shells, &period; of HTML: what others put something in place of. */
static bool
has_placeholder(const char *at, const char *end)
{
	for (; at < end; at++)
	{
		const char *c = at + 1;

		if (*at == '%' && c < end && (*c == '~' || *c == '%'))
			return true;
		if (*at == '%' && c < end && (isalpha((unsigned char) *c) || *c == '_') && memchr(c, '%', end - c) != NULL)
			return true;
		if (*at != '&')
			continue;
		while (c < end && (isalnum((unsigned char) *c) || *c == '#'))
			c++;
		if (c > at + 1 && c < end && *c == ';')
			return true;
	}
	return false;
}

static bool
is_plain_segment(const char *at, const char *end)
{
	/* nothing, what leads elsewhere by its name, what Windows cuts off at the end */
	if (at == end || *at == '~' || (end - at > 1 && at[0] == '.' && at[1] == '.') || end[-1] == '.' || end[-1] == ' ' || *at == ' ')
		return false;
	/* an ideographic space is none inside a name alone */
	if (end - at >= 3 && (memcmp(at, "\xe3\x80\x80", 3) == 0 || memcmp(end - 3, "\xe3\x80\x80", 3) == 0))
		return false;
	for (const char *c = at; c < end; c++)
		if (strchr("\\:*?\"<>|$", *c) != NULL)
			return false;
	return !is_device(at, end);
}

static bool
is_plain_path(const char *at, const char *end)
{
	if (at == end || has_bad_character(at, end, true))
		return false;
	for (;;)
	{
		const char *slash = find_any(at, end, "/");

		if (!is_plain_segment(at, slash))
			return false;
		if (slash == end)
			return true;
		at = slash + 1;
	}
}

/*
 * As it stands, and however often it is decoded.  A percent sign that is left over in
 * the end is none of a code.
 */
bool
format_is_safe_path(const char *at, const char *end)
{
	int	  len = (int) (end - at);
	char *text = palloc(len + 1);
	bool  safe;

	memcpy(text, at, len);
	safe = is_plain_path(text, text + len);
	for (int round = 0; safe && decode(text, &len); round++)
		safe = round < 5 && is_plain_path(text, text + len);
	for (int i = 0; safe && i + 1 < len; i++)
		safe = text[i] != '%' || (text[i + 1] | 0x20) != 'u';
	safe = safe && !has_placeholder(text, text + len);
	pfree(text);
	return safe;
}
