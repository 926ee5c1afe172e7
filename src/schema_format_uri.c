/*
 * schema_format_uri.c
 *		Formats of URIs (RFC 3986, 3987, 6570), and of paths that are safe to open.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

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

static bool
is_template(const char *at, const char *end)
{
	for (; at < end; at++)
	{
		const char *close;

		if (*at != '{')
		{
			if (*at == '}' || *at == ' ' || *at == '"' || *at == '\'' || *at == '<' || *at == '>' ||
				*at == '\\' || *at == '^' || *at == '`' || *at == '|' || (unsigned char) *at < 32)
				return false;
			continue;
		}
		close = memchr(at, '}', end - at);
		if (close == NULL)
			return false;
		at++;
		if (at < close && strchr("+#./;?&", *at) != NULL)
			at++;
		if (at == close || !consists_of(at, close, "_.,:*", false))
			return false;
		at = close;
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

/* What may be taken for a dot, a slash, a backslash or a colon, by whoever normalizes. */
static bool
is_lookalike(uint32 c)
{
	static const uint32 alike[] = {
		0x2024, 0x2025, 0x2026, 0x3002, 0xfe52, 0xff0e, 0xff61, 0xfe19, /* dots */
		0x2044, 0x2215, 0x29f8, 0xff0f, 0x2571,						  /* slashes */
		0x2216, 0x29f5, 0x29f9, 0xfe68, 0xff3c, 0xa5, 0x20a9,		  /* backslashes */
		0x2236, 0xa789, 0xfe55, 0xff1a};							  /* colons */

	for (int i = 0; i < (int) lengthof(alike); i++)
		if (alike[i] == c)
			return true;
	return false;
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
		if (is_hidden(c) || (in_path && is_lookalike(c)))
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

static bool
is_plain_segment(const char *at, const char *end)
{
	/* nothing, what leads elsewhere by its name, what Windows cuts off at the end */
	if (at == end || *at == '~' || (end - at > 1 && at[0] == '.' && at[1] == '.') || end[-1] == '.' || end[-1] == ' ' || *at == ' ')
		return false;
	for (const char *c = at; c < end; c++)
		if (strchr("\\:*?\"<>|$", *c) != NULL)
			return false;
	return true;
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
	pfree(text);
	return safe;
}
