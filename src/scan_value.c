/*
 * scan_value.c
 *		Where a value begins and ends, and whether it is one.
 *
 * A value is in quotes, which may be escaped once or several times, or ends at the
 * first byte that is outside its class.
 */
#include "port.h"

#include "scan.h"
#include "scan_check.h"
#include "scan_match.h"

/* Backslashes before a quote that opens a value. */
#define SLASHES_MAX 7

/*
 * The end of a value without quotes.  A placeholder is part of a value, and so
 * is a backslash unless it begins an escape (\n, \", \u0026); %26 is a URL's &.
 */
size_t
scan_value_end(Scanner *s, ScanClass class, size_t from)
{
	ScanRun *run = &s->run[class];
	bool placeholder = false;
	size_t end = from;
	size_t n;

	if (from >= run->start && from < run->end)
		return run->end;
	while (end < s->len)
	{
		const uint8_t *t = s->text + end;
		size_t left = s->len - end;

		if (*t == '[' && (n = scan_placeholder((const char *) t, left, NULL)) > 0)
		{
			placeholder = true;
			end += n;
		}
		else if (*t == '\\' && class == CLASS_VALUE && left > 1 &&
				 memchr("nrtbfu\"'/\\", t[1], 10) == NULL)
			end += scan_is(t[1], CLASS_VALUE) ? 2 : 1;
		else if (!scan_is(*t, class) ||
				 (*t == '%' && left > 2 && memcmp(t, "%26", 3) == 0))
			break;
		else
			end++;
	}
	if (end > from)
	{
		scan_remember(s, class, from, end);
		run->placeholder = placeholder;
	}
	return end;
}

/*
 * The end of a value after a quote with that many backslashes before it, which
 * is a quote with as many; a quote with fewer ends the string around it.  A
 * line's end, or the text's, ends a value that was cut.
 */
static size_t
quoted_end(const Scanner *s, size_t from, uint8_t quote, size_t level)
{
	size_t slashes = 0;

	for (size_t i = from; i < s->len; i++)
	{
		uint8_t c = s->text[i];

		if (c == '\n')
			return i;
		if (c == quote && (level == 0 ? slashes % 2 == 0 : slashes <= level))
			return level == 0 ? i : i - slashes;
		slashes = c == '\\' ? slashes + 1 : 0;
	}
	return s->len;
}

/*
 * Is there a placeholder in the value?  As it is not all of it, something of a
 * secret found before is left.  Of a run it is known; values in quotes are disjoint.
 */
static bool
is_rest(const Scanner *s, ScanClass class, size_t start, size_t end)
{
	const ScanRun *run = &s->run[class];
	const char *last = text_at(s, end);
	const char *open = text_at(s, start);

	if (start >= run->start && end <= run->end)
		return run->placeholder;
	while ((open = memchr(open, '[', (size_t) (last - open))) != NULL)
	{
		if (scan_placeholder(open, (size_t) (last - open), NULL) > 0)
			return true;
		open++;
	}
	return false;
}

void
scan_report_value(Scanner *s, const ScanRule *rule, size_t start, size_t end)
{
	if (start >= end || scan_only_placeholders(text_at(s, start), end - start))
		return;
	/* what is base64 as a whole has no rest */
	if ((rule->check != check_auth && is_rest(s, rule->class, start, end)) ||
		(scan_fits(rule, end - start) && scan_passes(s, rule, start, end)))
		scan_report(s, rule, start, end);
}

/* Words of one case with underscores between them. */
static bool
is_snake(const uint8_t *t, size_t start, size_t end)
{
	uint8_t letter_case = t[start] & 0x20;

	for (size_t i = start; i < end; i++)
		if (t[i] != '_' && (t[i] & 0x20) != letter_case)
			return false;
	return memchr(t + start, '_', end - start) != NULL && t[start] != '_';
}

bool
scan_is_code(const Scanner *s, size_t start, size_t end)
{
	const uint8_t *t = s->text;
	size_t i = start;
	bool digit = false;

	if (end - start > 64)
		return false;
	if (t[start] == '!')
		i++;
	for (; i < end && (scan_is(t[i], CLASS_TOKEN_DOT)); i++)
		digit = digit || scan_is(t[i], CLASS_DIGIT) || t[i] == '-';
	if (i < end)
		return false;
	if (t[start] == '!' || (end < s->len && t[end] == '('))
		return true;
	/* an argument or a constant: password=user_input, PASSWORD = ERROR_BASE + 1 */
	if (!digit && is_snake(t, start, end) && end < s->len &&
		(t[end] == ')' || t[end] == ',' ||
		 (t[end] == ' ' && end + 1 < s->len && memchr("+-*|&", t[end + 1], 5) != NULL)))
		return true;
	return check_is_name(text_at(s, start), end - start, digit);
}

size_t
scan_escaped_quote(const Scanner *s, size_t at)
{
	static const char *const quotes[] = {"%22", "%27", "\\u0022", "&quot;", "&#34;", "&#39;"};

	if (at >= s->len || memchr("%\\&", s->text[at], 3) == NULL)
		return 0;
	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
	{
		size_t n = strlen(quotes[i]);

		if (s->len - at >= n && memcmp(text_at(s, at), quotes[i], n) == 0)
			return n;
	}
	return 0;
}

/* The end of a value that begins behind an escaped quote: the next one, or its run's end. */
static size_t
escaped_end(const Scanner *s, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++)
		if (scan_escaped_quote(s, i) > 0)
			return i;
	return end;
}

bool
scan_locate_value(Scanner *s, size_t from, size_t *start, size_t *end, bool *bare)
{
	const uint8_t *t = s->text;
	size_t p = from;
	size_t q;

	while (p < s->len && p - from < SCAN_SPACES && scan_is_space(t[p]))
		p++;
	/* a list of one, [ or (, of headers and arguments */
	if (s->len - p > 1 && t[p] == '[' && t[p + 1] != ']' &&
		scan_placeholder(text_at(s, p), s->len - p, NULL) == 0)
		p++;
	/* b"…", f'…', @"…": prefixes of strings in programs */
	for (int i = 0; i < 2; i++)
		if (s->len - p > 2 && (t[p] == '@' || memchr("bfruln$", t[p] | 0x20, 7) != NULL) &&
			(scan_is_quote(t[p + 1]) || (i == 0 && scan_is_quote(t[p + 2]))))
			p++;
	for (q = p; q < s->len && q - p < SLASHES_MAX && t[q] == '\\'; q++)
		;
	if (q < s->len && scan_is_quote(t[q]))
	{
		*bare = false;
		*start = q + 1;
		*end = quoted_end(s, q + 1, t[q], q - p);
		/* `command with arguments` of a shell */
		return *end > *start &&
			   (t[q] != '`' || memchr(t + q + 1, ' ', *end - q - 1) == NULL);
	}

	q = scan_escaped_quote(s, p);
	*bare = q == 0;
	*start = p + q;
	*end = scan_trimmed(s, CLASS_VALUE, *start, scan_value_end(s, CLASS_VALUE, *start));
	if (q > 0)
		*end = escaped_end(s, *start, *end);
	return *end > *start;
}

bool
scan_find_value(Scanner *s, size_t from, size_t *start, size_t *end)
{
	bool bare;

	return scan_locate_value(s, from, start, end, &bare) &&
		   !(bare && scan_is_code(s, *start, *end));
}

