/*
 * scan_match.c
 *		Anchors and the runs behind them: tokens, schemes, JWT, PEM, URLs.
 *
 * As all that matches, they look forward along runs, or back over a bounded number
 * of bytes.
 */
#include "port.h"

#include "scan.h"
#include "scan_check.h"
#include "scan_match.h"

/* How often the content of one run is checked; see scan.c. */
#define SCAN_TRIES 6

bool
scan_passes(Scanner *s, const ScanRule *rule, size_t start, size_t end)
{
	ScanRun *run = &s->run[rule->class];

	if (rule->check == NULL)
		return true;
	if (start >= run->start && end <= run->end && run->tries++ >= SCAN_TRIES)
		return true;
	return rule->check(text_at(s, start), end - start);
}

void
match_token(Scanner *s, const ScanRule *rule, size_t at, size_t body)
{
	const ScanRun *run = &s->run[rule->class];
	const ScanSpan *last = s->nspan > 0 ? &s->span[s->nspan - 1] : NULL;
	size_t end;

	/* most words that begin like a key end soon */
	if (rule->min > 1 &&
		(s->len - body < rule->min || !scan_is(s->text[body + rule->min / 2], rule->class) ||
		 !scan_is(s->text[body + rule->min - 1], rule->class)))
		return;
	/* one more start in a run that was found */
	if (last != NULL && body >= run->start && body < run->end && run->end <= last->end &&
		at >= last->start && rule->priority <= last->rule->priority)
		return;
	end = scan_trimmed(s, rule->class, body, scan_run_end(s, rule->class, body));
	/* dapi…-->: dashes at the end may be none of its own */
	for (int i = 0; i < 4; i++)
	{
		if (scan_fits(rule, end - body) && !check_is_filler(text_at(s, body), end - body) &&
			scan_passes(s, rule, body, end))
		{
			scan_report(s, rule, at, end);
			return;
		}
		if (rule->max == 0 || end == body || s->text[end - 1] != '-')
			return;
		end--;
	}
}

/* Does an escape end there, behind which a word may begin?  \n, %22, \u003d, \x1b */
static bool
is_escape(const uint8_t *t, size_t end)
{
	return (end > 1 && t[end - 2] == '\\' && memchr("nrtbfv", t[end - 1], 6) != NULL) ||
		   (end > 2 && t[end - 3] == '%') || (end > 3 && t[end - 4] == '\\') ||
		   (end > 5 && t[end - 6] == '\\' && t[end - 5] == 'u');
}

bool
scan_begins(const Scanner *s, size_t at)
{
	return at == 0 || !scan_is(s->text[at - 1], CLASS_WORD) || is_escape(s->text, at);
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

	if (!scan_fits(rule, header - at) || header >= s->len || s->text[header] != '.')
		return;
	end = scan_run_end(s, CLASS_JWT_BODY, header + 1);
	if (end == header + 1 && (end >= s->len || s->text[end] != '.'))
		return;
	if (end >= s->len || s->text[end] != '.' || !scan_passes(s, rule, at, header))
		return;
	/* one of payload and signature may be left out, but eyJhbGciOi... is prose */
	if (end == header + 1 && (end + 1 >= s->len || !scan_is(s->text[end + 1], CLASS_TOKEN)))
		return;
	/* the signature may be empty; a fourth and fifth part that is would be a full stop */
	for (int part = 0; part < 3 && end < s->len && s->text[end] == '.'; part++)
	{
		/* a memory for each, as they take turns */
		size_t next = scan_run_end(s, CLASS_JWT_SIGNATURE + part, end + 1);

		if (part > 0 && next == end + 1)
			break;
		end = next;
	}
	scan_report(s, rule, at, end);
}

/*
 * Does a key follow its BEGIN line?  A program that looks for such lines has other
 * text there.
 */
static bool
has_key(const Scanner *s, size_t end)
{
	static const char *const headers[] = {"Proc-Type", "DEK-Info", "Version:", "Comment:"};
	size_t start = end;
	size_t n;

	while (start < s->len && start - end < 64 &&
		   (memchr("-\r\n\t \"'+\\`>|#*/%", s->text[start], 15) != NULL ||
			(start > end && s->text[start - 1] == '%' && s->text[start] == '0') ||
			(start > end + 1 && s->text[start - 2] == '%' && s->text[start - 1] == '0') ||
			(s->text[start - 1] == '\\' && memchr("nrt", s->text[start], 3) != NULL)))
		start++;
	if (start == s->len)
		return true;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (s->len - start >= strlen(headers[i]) &&
			memcmp(text_at(s, start), headers[i], strlen(headers[i])) == 0)
			return true;
	for (n = start; n < s->len && n - start < 16 && scan_is(s->text[n], CLASS_BASIC); n++)
		;
	return n == s->len || n - start >= 8;
}

/* -----BEGIN … PRIVATE KEY… to the end of the END line, or of the text. */
void
match_pem(Scanner *s, const ScanRule *rule, size_t at, size_t body)
{
	static const char label[] = "PRIVATE";
	static const char last[] = "-----END";
	size_t start = at;
	size_t end = body;

	while (start > 0 && at - start < 5 && s->text[start - 1] == '-')
		start--;
	while (end < s->len && end - body < 64 &&
		   (s->text[end] == ' ' || s->text[end] == '%' || s->text[end] == '+' ||
			scan_is(s->text[end], CLASS_UPPER)))
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
	if (s->pem_end == s->len && !has_key(s, end))
		return;
	end = s->pem_end;
	if (end < s->len && s->pem_tail <= end)
	{
		end += sizeof(last) - 1;
		while (end < s->len && end - s->pem_end < 96 &&
			   (s->text[end] == ' ' || s->text[end] == '%' || s->text[end] == '+' ||
				scan_is(s->text[end], CLASS_UPPER)))
			end++;
		for (int i = 0; i < 8 && end < s->len && s->text[end] == '-'; i++)
			end++;
		s->pem_tail = end;
	}
	if (s->pem_end < s->len)
		end = s->pem_tail;
	scan_report(s, rule, start, end);
}

void
match_scheme(Scanner *s, const ScanRule *rule, size_t body)
{
	size_t start = body;

	while (start < s->len && start - body < SCAN_SPACES && scan_is_space(s->text[start]))
		start++;
	if (start == body && s->len - body > 3 && memcmp(text_at(s, body), "%20", 3) == 0)
		start += 3;
	if (start > body)
		scan_report_value(s, rule, start, scan_trimmed(s, rule->class, start, scan_value_end(s, rule->class, start)));
}

size_t
scan_find_colon(const Scanner *s, size_t from, size_t to)
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
	/* docker-pullable://nginx:1.25@sha256:… */
	if (s->len - (size_t) (sign - text_at(s, 0)) > 7 && memcmp(sign, "@sha256", 7) == 0)
		return true;
	s->url_from = from;
	s->url_at = (size_t) (sign - text_at(s, 0));
	colon = scan_find_colon(s, from, s->url_at);
	if (colon + 1 < s->url_at)
		scan_report_value(s, rule, colon + 1, s->url_at);
	else
		s->url_from = s->url_at = s->len;
	return true;
}

/* scheme%3A%2F%2Fuser%3Apassword%40host: a URL in a query of another. */
void
match_encoded_url(Scanner *s, size_t from)
{
	const ScanRule *rule = scan_rule_of(s, KIND_URL);
	size_t colon = 0;
	size_t sign = 0;
	size_t i = from + 6;

	if (rule == NULL || s->len - from < 12 ||
		strncasecmp(text_at(s, from), "%2f%2f", 6) != 0)
		return;
	for (; i < s->len && i - from < 256 && (scan_is(s->text[i], CLASS_TOKEN_DOT) || s->text[i] == '%'); i++)
	{
		if (s->text[i] != '%' || s->len - i < 3)
			continue;
		if (colon == 0 && strncasecmp(text_at(s, i), "%3a", 3) == 0)
			colon = i + 3;
		else if (memcmp(text_at(s, i), "%40", 3) == 0)
			sign = i;
		else if (strncasecmp(text_at(s, i), "%2f", 3) == 0)
			break;
	}
	if (colon > 0 && sign > colon)
		scan_report_value(s, rule, colon, sign);
}
