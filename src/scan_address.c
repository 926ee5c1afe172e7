/*
 * scan_address.c
 *		IP addresses; at the level "all" alone, as logs are full of them.
 *
 * Addresses that mean "this machine" or "any" say nothing of anybody and stay.
 */
#include "port.h"

#include "ascii.h"
#include "scan.h"
#include "scan_check.h"
#include "scan_match.h"

/* The longest: eight groups of four digits, or six and a dotted quad. */
#define ADDRESS_MAX 45

bool
check_ipv4(const char *value, size_t len)
{
	unsigned part[4] = {0};
	size_t n = 0;
	size_t digits = 0;

	for (size_t i = 0; i < len; i++)
	{
		if (value[i] == '.')
		{
			if (digits == 0 || ++n > 3)
				return false;
			digits = 0;
			continue;
		}
		/* 010 is no part: it may mean 8 */
		if (!is_digit(value[i]) || ++digits > 3 || (digits > 1 && part[n] == 0))
			return false;
		part[n] = part[n] * 10 + (unsigned) (value[i] - '0');
		if (part[n] > 255)
			return false;
	}
	return n == 3 && digits > 0 && part[0] != 0 && part[0] != 127 && part[0] != 255;
}

/* Groups of one to four hexadecimal digits, eight or fewer with one "::". */
bool
check_ipv6(const char *value, size_t len)
{
	size_t groups = 0;
	size_t digits = 0;
	bool gap = false;
	bool something = false;
	bool number = false;

	for (size_t i = 0; i < len; i++)
	{
		char c = value[i];

		if (c == '.')
			return gap || groups == 6
					   ? digits > 0 && check_ipv4(value + i - digits, len - i + digits)
					   : false;
		if (c != ':')
		{
			if (++digits > 4)
				return false;
			/* ::1 and :: are this machine and any */
			something = something || c != '0';
			number = number || is_digit(c);
			continue;
		}
		groups += digits > 0;
		if (i + 1 < len && value[i + 1] == ':')
		{
			if (gap)
				return false;
			gap = true;
			i++;
		}
		else if (digits == 0 || i + 1 == len)
			return false;
		digits = 0;
	}
	groups += digits > 0;
	/* a::b is a name in a program */
	return something && number && (gap ? groups >= 2 && groups < 8 : groups == 8);
}

/* Does a number and a dot stand there, as in host:10.1.2.3? */
static bool
is_quad(const Scanner *s, size_t at)
{
	size_t i = at;

	while (i < s->len && i - at < 3 && is_digit((char) s->text[i]))
		i++;
	return i > at && i < s->len && s->text[i] == '.';
}

void
match_address(Scanner *s, size_t at)
{
	const ScanRule *rule = scan_rule_of(s, KIND_ADDRESS);
	const uint8_t *t = s->text;
	size_t end = at;
	bool colon = false;

	if (rule == NULL)
		return;
	/* ::ffff:10.0.0.1 begins before its first word */
	if (at > 1 && t[at - 1] == ':' && t[at - 2] == ':')
		at -= 2;
	if (at > 0 && (t[at - 1] == '.' || !scan_begins(s, at) ||
				   (t[at - 1] == ':' && at > 1 && scan_is(t[at - 2], CLASS_HEX) && !is_quad(s, at))))
		return;
	while (end < s->len && end - at <= ADDRESS_MAX &&
		   (scan_is(t[end], CLASS_HEX) || t[end] == '.' || t[end] == ':'))
		end++;
	while (end > at && (t[end - 1] == '.' || (t[end - 1] == ':' && t[end - 2] != ':')))
		end--;
	if (end - at > ADDRESS_MAX || (end < s->len && scan_is(t[end], CLASS_WORD)))
		return;
	for (size_t i = at; i < end && !colon; i++)
		colon = t[i] == ':';
	/* an IPv4 address with a port: 10.1.2.3:80 */
	if (colon && memchr(text_at(s, at), '.', end - at) != NULL)
	{
		size_t host = (size_t) ((const char *) memchr(text_at(s, at), ':', end - at) -
								text_at(s, at));

		if (check_ipv4(text_at(s, at), host))
		{
			scan_report(s, rule, at, at + host);
			return;
		}
	}
	if (end > at && (colon ? check_ipv6(text_at(s, at), end - at)
						   : check_ipv4(text_at(s, at), end - at)))
		scan_report(s, rule, at, end);
}
