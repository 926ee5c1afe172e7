/*
 * schema_format.c
 *		Formats of strings: times, addresses, pointers.  Those of URIs and paths are in
 *		schema_format_uri.c, host names in schema_format_idn.c.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "schema.h"
#include "schema_format.h"

static const struct
{
	const char	*name;
	SchemaFormat format;
} names[] = {
	{"date-time", FORMAT_DATE_TIME},
	{"date", FORMAT_DATE},
	{"time", FORMAT_TIME},
	{"duration", FORMAT_DURATION},
	{"email", FORMAT_EMAIL},
	{"idn-email", FORMAT_IDN_EMAIL},
	{"hostname", FORMAT_HOSTNAME},
	{"idn-hostname", FORMAT_IDN_HOSTNAME},
	{"ipv4", FORMAT_IPV4},
	{"ipv6", FORMAT_IPV6},
	{"uri", FORMAT_URI},
	{"uri-reference", FORMAT_URI_REFERENCE},
	{"iri", FORMAT_IRI},
	{"iri-reference", FORMAT_IRI_REFERENCE},
	{"uri-template", FORMAT_URI_TEMPLATE},
	{"uuid", FORMAT_UUID},
	{"json-pointer", FORMAT_JSON_POINTER},
	{"relative-json-pointer", FORMAT_RELATIVE_JSON_POINTER},
	{"regex", FORMAT_REGEX},
	{"safe-path", FORMAT_SAFE_PATH},
	{"single-line", FORMAT_SINGLE_LINE},
};

SchemaFormat
schema_format_named(const char *name, int len)
{
	for (int i = 0; i < (int) lengthof(names); i++)
		if (strlen(names[i].name) == (size_t) len && memcmp(names[i].name, name, len) == 0)
			return names[i].format;
	return FORMAT_NONE;
}

/* ---- pieces ---- */

/* So many digits, as a number; -1: they are not there. */
static int
take_digits(const char **at, const char *end, int n)
{
	int value = 0;

	if (end - *at < n)
		return -1;
	for (int i = 0; i < n; i++, (*at)++)
	{
		if (**at < '0' || **at > '9')
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value;
}

static bool
take_char(const char **at, const char *end, const char *any)
{
	if (*at == end || **at == '\0' || strchr(any, **at) == NULL)
		return false;
	(*at)++;
	return true;
}

/* ---- times: RFC 3339 ---- */

static bool
take_date(const char **at, const char *end)
{
	static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = take_digits(at, end, 4);
	int month = year >= 0 && take_char(at, end, "-") ? take_digits(at, end, 2) : -1;
	int day = month >= 1 && month <= 12 && take_char(at, end, "-") ? take_digits(at, end, 2) : -1;
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return day >= 1 && day <= days[month - 1] && (month != 2 || day < 29 || is_leap);
}

/* A leap second is the last one of a day in UTC. */
static bool
take_time(const char **at, const char *end)
{
	int hour = take_digits(at, end, 2);
	int minute = hour >= 0 && take_char(at, end, ":") ? take_digits(at, end, 2) : -1;
	int second = minute >= 0 && take_char(at, end, ":") ? take_digits(at, end, 2) : -1;
	int offset = 0;

	if (second < 0 || hour > 23 || minute > 59 || second > 60)
		return false;
	if (take_char(at, end, "."))
	{
		if (take_digits(at, end, 1) < 0)
			return false;
		while (take_digits(at, end, 1) >= 0)
			;
	}
	if (!take_char(at, end, "zZ"))
	{
		int sign = *at < end && **at == '-' ? 1 : -1;
		int hours = take_char(at, end, "+-") ? take_digits(at, end, 2) : -1;
		int minutes = hours >= 0 && take_char(at, end, ":") ? take_digits(at, end, 2) : -1;

		if (minutes < 0 || hours > 23 || minutes > 59)
			return false;
		offset = sign * (hours * 60 + minutes);
	}
	return second < 60 || (hour * 60 + minute + offset + 2 * 1440) % 1440 == 1439;
}

static bool
is_date_time(const char *at, const char *end)
{
	return take_date(&at, end) && take_char(&at, end, "tT") && take_time(&at, end) && at == end;
}

/* Units in their order, at least one, each after a number. */
static int
take_units(const char **at, const char *end, const char *units)
{
	int n = 0;

	while (*at < end && **at >= '0' && **at <= '9')
	{
		const char *unit;

		while (*at < end && **at >= '0' && **at <= '9')
			(*at)++;
		unit = *at < end && **at != '\0' ? strchr(units, **at) : NULL;
		if (unit == NULL)
			return -1;
		/* none is left out between two */
		if (n > 0 && unit != units)
			return -1;
		units = unit + 1;
		(*at)++;
		n++;
	}
	return n;
}

static bool
is_duration(const char *at, const char *end)
{
	const char *weeks;
	int			n;

	if (!take_char(&at, end, "P"))
		return false;
	weeks = at;
	if (take_units(&weeks, end, "W") == 1 && weeks == end)
		return true;
	n = take_units(&at, end, "YMD");
	if (n < 0)
		return false;
	if (!take_char(&at, end, "T"))
		return n > 0 && at == end;
	return take_units(&at, end, "HMS") > 0 && at == end;
}

/* ---- hosts ---- */

static bool
is_ipv4(const char *at, const char *end)
{
	for (int i = 0; i < 4; i++)
	{
		const char *begin = at;
		int			value = 0;

		if (i > 0 && !take_char(&at, end, "."))
			return false;
		begin = at;
		while (at < end && *at >= '0' && *at <= '9' && at - begin < 4)
			value = value * 10 + (*at++ - '0');
		if (at == begin || value > 255 || (*begin == '0' && at - begin > 1))
			return false;
	}
	return at == end;
}

bool
format_is_ipv6(const char *at, const char *end)
{
	int	 groups = 0;
	bool gap = false;

	while (at < end)
	{
		const char *begin = at;

		if (end - at >= 2 && at[0] == ':' && at[1] == ':')
		{
			if (gap)
				return false;
			gap = true;
			at += 2;
			continue;
		}
		if (groups > 0 && begin[-1] != ':' && !take_char(&at, end, ":"))
			return false;
		begin = at;
		while (at < end && isxdigit((unsigned char) *at) && at - begin < 5)
			at++;
		if (at < end && *at == '.' && groups <= 6)
			return is_ipv4(begin, end) && (gap ? groups <= 5 : groups == 6);
		if (at == begin || at - begin > 4)
			return false;
		groups++;
	}
	return gap ? groups <= 7 : groups == 8;
}

/* ---- mail: RFC 5321 ---- */

static bool
take_quoted(const char **at, const char *end)
{
	for ((*at)++; *at < end && **at != '"'; (*at)++)
	{
		if (**at == '\\')
			(*at)++;
		if (*at == end || (unsigned char) **at < 32 || **at == 127)
			return false;
	}
	return take_char(at, end, "\"");
}

static bool
is_mail(const char *at, const char *end, bool beyond_ascii)
{
	const char *begin = at;

	if (at < end && *at == '"')
	{
		if (!take_quoted(&at, end))
			return false;
	}
	else
	{
		while (at < end && *at != '@')
		{
			bool is_dot = *at == '.';

			if (is_dot ? at == begin || at + 1 == end || at[-1] == '.' || at[1] == '@'
					   : !isalnum((unsigned char) *at) && strchr("!#$%&'*+-/=?^_`{|}~", *at) == NULL &&
							 !(beyond_ascii && IS_HIGHBIT_SET(*at)))
				return false;
			at++;
		}
		if (at == begin)
			return false;
	}
	if (at - begin > 64 || !take_char(&at, end, "@"))
		return false;
	if (at < end && *at == '[' && end[-1] == ']')
	{
		at++;
		end--;
		if (end - at > 5 && pg_strncasecmp(at, "IPv6:", 5) == 0)
			return format_is_ipv6(at + 5, end);
		return is_ipv4(at, end);
	}
	return format_is_host(at, end, beyond_ascii ? HOST_MAIL : HOST_ASCII);
}

/* ---- pointers, identities ---- */

static bool
is_json_pointer(const char *at, const char *end)
{
	if (at < end && *at != '/')
		return false;
	for (; at < end; at++)
		if (*at == '~' && (at + 1 == end || (at[1] != '0' && at[1] != '1')))
			return false;
	return true;
}

static bool
is_relative_pointer(const char *at, const char *end)
{
	const char *begin = at;

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	if (at == begin || (*begin == '0' && at - begin > 1))
		return false;
	return (end - at == 1 && *at == '#') || is_json_pointer(at, end);
}

static bool
is_uuid(const char *at, const char *end)
{
	if (end - at != 36)
		return false;
	for (int i = 0; i < 36; i++)
	{
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? at[i] != '-' : !isxdigit((unsigned char) at[i]))
			return false;
	}
	return true;
}

static bool
is_regex(const char *at, const char *end, int64 *work)
{
	const char	 *fault;
	SchemaRegex	 *regex;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "maestro regex", ALLOCSET_SMALL_SIZES);
	MemoryContext saved = MemoryContextSwitchTo(context);

	regex = schema_regex_compile(at, (size_t) (end - at), &fault);
	/* one that is given up is large only by its counts */
	if (regex != NULL)
		*work += 1000 + (int64) schema_regex_size(regex) * schema_regex_size(regex) / 100;
	else
		*work += memchr(at, '{', end - at) != NULL ? 400000 : 1000;
	MemoryContextSwitchTo(saved);
	MemoryContextDelete(context);
	return regex != NULL;
}

bool
schema_format_holds(SchemaFormat format, const char *data, int len, int64 *work)
{
	const char *end = data + len;
	const char *at = data;

	*work = len / 4;
	switch (format)
	{
		case FORMAT_NONE:
			return true;
		case FORMAT_DATE_TIME:
			return is_date_time(data, end);
		case FORMAT_DATE:
			return take_date(&at, end) && at == end;
		case FORMAT_TIME:
			return take_time(&at, end) && at == end;
		case FORMAT_DURATION:
			return is_duration(data, end);
		case FORMAT_EMAIL:
		case FORMAT_IDN_EMAIL:
			return is_mail(data, end, format == FORMAT_IDN_EMAIL);
		case FORMAT_HOSTNAME:
		case FORMAT_IDN_HOSTNAME:
			return format_is_host(data, end, format == FORMAT_IDN_HOSTNAME ? HOST_IDN : HOST_ASCII);
		case FORMAT_IPV4:
			return is_ipv4(data, end);
		case FORMAT_IPV6:
			return format_is_ipv6(data, end);
		case FORMAT_UUID:
			return is_uuid(data, end);
		case FORMAT_JSON_POINTER:
			return is_json_pointer(data, end);
		case FORMAT_RELATIVE_JSON_POINTER:
			return is_relative_pointer(data, end);
		case FORMAT_REGEX:
			return is_regex(data, end, work);
		case FORMAT_SAFE_PATH:
			return format_is_safe_path(data, end);
		case FORMAT_SINGLE_LINE:
			return format_is_single_line(data, end);
		default:
			return format_is_uri(format, data, end);
	}
}
