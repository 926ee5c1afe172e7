/*
 * scan_match.c
 *		How each kind of rule is matched at a place the scan came to.
 *
 * All look forward along runs, or back over a bounded number of bytes.
 */
#include "port.h"

#include "scan.h"
#include "scan_check.h"
#include "scan_match.h"

/* How often the content of one run is checked; see scan.c. */
#define SCAN_TRIES 6

/* Spaces around an operator, backslashes before a quote. */
#define SPACES_MAX 8
#define SLASHES_MAX 7

static bool
is_quote(uint8_t c)
{
	return c == '"' || c == '\'' || c == '`';
}

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* The rule's own check of a value that lies in a run of the rule's class. */
static bool
passes(Scanner *s, const ScanRule *rule, size_t start, size_t end)
{
	ScanRun *run = &s->run[rule->class];

	if (rule->check == NULL)
		return true;
	if (start >= run->start && end <= run->end && run->tries++ >= SCAN_TRIES)
		return true;
	return rule->check(text_at(s, start), end - start);
}

/* Is the length of a run one that the rule takes? */
static bool
fits(const ScanRule *rule, size_t len)
{
	return len >= rule->min && (rule->max == 0 || len <= rule->max);
}

/* A value's end without the punctuation that may follow a value. */
static size_t
trimmed(const Scanner *s, size_t start, size_t end)
{
	while (end > start && (s->text[end - 1] == '.' || s->text[end - 1] == ':'))
		end--;
	return end;
}

void
match_token(Scanner *s, const ScanRule *rule, size_t at, size_t body)
{
	size_t end = trimmed(s, body, scan_run_end(s, rule->class, body));

	if (fits(rule, end - body) && passes(s, rule, body, end))
		scan_report(s, rule, at, end);
}

/* 8 to 10 digits, the colon at "at", AA and the rest. */
void
match_bot(Scanner *s, size_t at)
{
	const ScanRule *rule = scan_rule_of(s, KIND_BOT);
	const uint8_t *t = s->text;
	size_t start = at;
	size_t end;

	if (rule == NULL || s->len - at < 3 || t[at + 1] != 'A' || t[at + 2] != 'A')
		return;
	while (start > 0 && at - start <= 10 && t[start - 1] >= '0' && t[start - 1] <= '9')
		start--;
	end = scan_run_end(s, rule->class, at + 1);
	if (at - start >= 8 && at - start <= 10 && fits(rule, end - at - 1))
		scan_report(s, rule, start, end);
}

/* A word at "at", behind the ~ of xxx8Q~ or one character later. */
void
match_azure(Scanner *s, size_t at)
{
	const ScanRule *rule = scan_rule_of(s, KIND_AZURE);
	const uint8_t *t = s->text;
	size_t from = at > 0 && t[at - 1] != '~' ? at - 1 : at;
	size_t end;
	size_t start;

	if (rule == NULL || from < 6 || t[from - 1] != '~' || t[from - 2] != 'Q' ||
		!(t[from - 3] >= '0' && t[from - 3] <= '9') || !scan_is(t[from], CLASS_AZURE))
		return;
	start = from - 6;
	end = scan_run_end(s, CLASS_AZURE, from);
	if (end - from > rule->max)
		end = from + rule->max + 1;
	end = trimmed(s, from, end);
	if (fits(rule, end - from) && scan_is(t[start], CLASS_AZURE) &&
		scan_is(t[start + 1], CLASS_AZURE) && scan_is(t[start + 2], CLASS_AZURE))
		scan_report(s, rule, start, end);
}

/*
 * header.payload.signature, or the five parts of an encrypted one.  Each part
 * has a memory of its own: measuring the second must not make the scan forget
 * the first, in which there may be many more starts.
 */
void
match_jwt(Scanner *s, const ScanRule *rule, size_t at)
{
	size_t header = scan_run_end(s, rule->class, at);
	size_t end;

	if (!fits(rule, header - at) || header >= s->len || s->text[header] != '.')
		return;
	end = scan_run_end(s, CLASS_JWT_BODY, header + 1);
	if (end == header + 1 && (end >= s->len || s->text[end] != '.'))
		return;
	if (end >= s->len || s->text[end] != '.' || !passes(s, rule, at, header))
		return;
	/* the signature may be empty; a fourth and fifth part that is would be a full stop */
	for (int part = 0; part < 3 && end < s->len && s->text[end] == '.'; part++)
	{
		size_t next = scan_run_end(s, CLASS_JWT_SIGNATURE, end + 1);

		if (part > 0 && next == end + 1)
			break;
		end = next;
	}
	scan_report(s, rule, at, end);
}

/* -----BEGIN … PRIVATE KEY… to the end of the END line, or of the text. */
void
match_pem(Scanner *s, const ScanRule *rule, size_t at, size_t body)
{
	static const char label[] = "PRIVATE KEY";
	static const char last[] = "-----END ";
	size_t start = at;
	size_t end = body;

	while (start > 0 && at - start < 5 && s->text[start - 1] == '-')
		start--;
	while (end < s->len && end - body < 64 &&
		   (s->text[end] == ' ' || scan_is(s->text[end], CLASS_UPPER)))
		end++;
	if (at - start < 3 ||
		memmem(text_at(s, body), end - body, label, sizeof(label) - 1) == NULL)
		return;

	/* the next END line, remembered for the BEGINs before it */
	if (end < s->pem_from || end >= s->pem_end)
	{
		const char *found = memmem(text_at(s, end), s->len - end, last, sizeof(last) - 1);

		s->pem_from = end;
		s->pem_end = found ? (size_t) (found - text_at(s, 0)) : s->len;
	}
	end = s->pem_end;
	if (end < s->len)
	{
		end += sizeof(last) - 1;
		while (end < s->len && end - s->pem_end < 96 &&
			   (s->text[end] == ' ' || scan_is(s->text[end], CLASS_UPPER)))
			end++;
		while (end < s->len && s->text[end] == '-')
			end++;
	}
	scan_report(s, rule, start, end);
}

/*
 * The end of a value without quotes.  A placeholder is part of a value, and so
 * is a backslash unless it begins an escape (\n, \", \u0026); %26 is a URL's &.
 */
static size_t
value_end(Scanner *s, ScanClass class, size_t from)
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
		run->start = from;
		run->end = end;
		run->tries = 0;
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

/* Reports a value unless it is redacted already, too short, or no secret. */
static void
report_value(Scanner *s, const ScanRule *rule, size_t start, size_t end)
{
	if (start >= end || scan_only_placeholders(text_at(s, start), end - start))
		return;
	if (is_rest(s, rule->class, start, end) ||
		(fits(rule, end - start) && passes(s, rule, start, end)))
		scan_report(s, rule, start, end);
}

void
match_scheme(Scanner *s, const ScanRule *rule, size_t body)
{
	size_t start = body;

	while (start < s->len && start - body < SPACES_MAX && is_space(s->text[start]))
		start++;
	if (start == body && s->len - body > 3 && memcmp(text_at(s, body), "%20", 3) == 0)
		start += 3;
	if (start > body)
		report_value(s, rule, start, trimmed(s, start, value_end(s, rule->class, start)));
}

/* Where the key before an operator ends; quotes and a bracket may come between. */
static size_t
key_end(const Scanner *s, size_t op)
{
	const uint8_t *t = s->text;
	size_t i = op;
	size_t slashes = 0;

	while (i > 0 && op - i < SPACES_MAX && is_space(t[i - 1]))
		i--;
	if (i > 1 && t[i - 1] == ']' && is_quote(t[i - 2]))
		i--;
	if (i > 0 && is_quote(t[i - 1]))
	{
		i--;
		while (i > 0 && slashes++ < SLASHES_MAX && t[i - 1] == '\\')
			i--;
	}
	return i;
}

/* Does the key that ends there end in the anchor, separators apart? */
static bool
key_has(const Scanner *s, size_t end, const ScanAnchor *anchor)
{
	const uint8_t *t = s->text;
	size_t i = end;

	for (size_t n = anchor->len; n > 0; n--)
	{
		if (n < anchor->len && i > 0 && memchr("_-. ", t[i - 1], 4) != NULL)
			i--;
		if (i == 0 || (t[i - 1] | 0x20) != (uint8_t) anchor->text[n - 1])
			return false;
		i--;
	}
	return true;
}

/* Is it the name of a function that is called?  getpass.getpass() */
static bool
is_call(const Scanner *s, size_t start, size_t end)
{
	if (end == s->len || s->text[end] != '(' || end - start > 64)
		return false;
	while (start < end && (scan_is(s->text[start], CLASS_WORD) || s->text[start] == '.'))
		start++;
	return start == end;
}

/* Finds the value after an operator; false if there is none. */
static bool
find_value(Scanner *s, size_t from, size_t *start, size_t *end)
{
	const uint8_t *t = s->text;
	size_t p = from;
	size_t q;

	while (p < s->len && p - from < SPACES_MAX && is_space(t[p]))
		p++;
	/* b"…", f'…': prefixes of strings in programs */
	if (s->len - p > 1 && is_quote(t[p + 1]) && memchr("bfru", t[p] | 0x20, 4) != NULL)
		p++;
	for (q = p; q < s->len && q - p < SLASHES_MAX && t[q] == '\\'; q++)
		;
	if (q < s->len && is_quote(t[q]))
	{
		*start = q + 1;
		*end = quoted_end(s, q + 1, t[q], q - p);
		return *end > *start;
	}

	*start = p;
	*end = trimmed(s, p, value_end(s, CLASS_VALUE, p));
	return *end > p && !is_call(s, p, *end);
}

void
match_key(Scanner *s, size_t op, size_t after)
{
	size_t key = key_end(s, op);
	const ScanAnchor *a = NULL;
	bool found = false;
	size_t start = 0;
	size_t end = 0;

	if (key >= 3)
		a = scan_anchor(scan_table.key[scan_bucket(s->text + key - 3)]);
	for (; a != NULL; a = scan_anchor(a->next))
	{
		if (a->level > s->level || !key_has(s, key, a))
			continue;
		if (!found)
		{
			/* C++'s Token::x is no assignment; := => == are operators */
			if (after < s->len && s->text[op] == ':' && s->text[after] == ':')
				return;
			if (after < s->len && (s->text[after] == '=' || s->text[after] == '>'))
				after++;
			found = find_value(s, after, &start, &end);
			if (!found)
				return;
		}
		report_value(s, a->rule, start, end);
	}
}

/* The first colon that is in no placeholder, "to" if there is none. */
static size_t
find_colon(const Scanner *s, size_t from, size_t to)
{
	while (from < to && s->text[from] != ':')
	{
		size_t n = scan_placeholder(text_at(s, from), to - from, NULL);

		from += n > 0 ? n : 1;
	}
	return from;
}

/*
 * scheme://user:password@: the authority ends at a slash, space or quote, its
 * last @ ends the password, which may hold others.
 */
bool
match_url(Scanner *s, size_t at)
{
	const ScanRule *rule = scan_rule_of(s, KIND_URL);
	size_t left = s->len - at;
	size_t from;
	size_t end;
	size_t colon;
	const char *sign;

	if (left > 3 && memcmp(text_at(s, at), "://", 3) == 0)
		from = at + 3;
	else if (left > 5 && memcmp(text_at(s, at), ":\\/\\/", 5) == 0)
		from = at + 5;
	else
		return false;
	end = scan_run_end(s, CLASS_AUTHORITY, from);
	sign = memrchr(text_at(s, from), '@', end - from);
	if (rule == NULL || sign == NULL || at == 0 || !scan_is(s->text[at - 1], CLASS_ALNUM))
		return true;
	s->url_at = (size_t) (sign - text_at(s, 0));
	colon = find_colon(s, from, s->url_at);
	if (colon + 1 < s->url_at)
		report_value(s, rule, colon + 1, s->url_at);
	else
		s->url_at = s->len;
	return true;
}
