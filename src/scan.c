/*
 * scan.c
 *		The walk over the text, and what findings there are so far.
 *
 * Idea: a find begins where a word does, or lies around one of the bytes
 * @ = and colon.  64 bytes at a time are turned into a bit mask of such places that
 * are worth a look ("events", scan_block.c).  At a word the next four bytes select,
 * through a hash table, the anchors that may follow.  So most bytes are looked at
 * once, 16 at a time, and no rule costs anything where its anchor does not occur.
 *
 * Hostile input.  Whatever a verifier looks at is bounded by a constant, or is
 * a run that ends at a byte outside its class.  Runs are remembered by class: a
 * second start inside a run already measured costs nothing, so all runs
 * of one class together cost one pass.  A check that reads the run's content
 * is made at most SCAN_TRIES times a run; a run with more starts than that was
 * made to be expensive and counts as found.
 *
 * Escapes.  Text often holds JSON in a string, or a URL's encoding: a word may
 * begin after \n, \", \u003d, %3D, and the last two are operators.
 */
#include "port.h"

#include "scan.h"
#include "scan_match.h"

/* Which rule names the union: the higher priority, then the longer find. */
static const ScanRule *
stronger(const ScanSpan *a, const ScanSpan *b)
{
	if (a->rule->priority != b->rule->priority)
		return a->rule->priority > b->rule->priority ? a->rule : b->rule;
	return a->end - a->start >= b->end - b->start ? a->rule : b->rule;
}

/*
 * Findings arrive nearly in order: one may begin before the last (an address
 * is found at its @), so the new one is put where it belongs, from the end.
 */
void
scan_report(Scanner *s, const ScanRule *rule, size_t start, size_t end)
{
	ScanSpan find = {start, end, rule};
	size_t after = s->nspan;
	size_t first;

	PORT_ASSERT(start < end && end <= s->len);
	/* one more start in a run that was found says nothing new */
	if (after > 0 && s->span[after - 1].start <= start && s->span[after - 1].end >= end &&
		s->span[after - 1].rule->priority >= rule->priority)
		return;
	if (s->setup->allowed != NULL &&
		s->setup->allowed(rule, text_at(s, start), end - start))
		return;
	while (after > 0 && s->span[after - 1].start >= end)
		after--;
	for (first = after; first > 0 && s->span[first - 1].end > find.start; first--)
	{
		const ScanSpan *old = &s->span[first - 1];

		find.rule = stronger(old, &find);
		if (old->start < find.start)
			find.start = old->start;
		if (old->end > find.end)
			find.end = old->end;
	}
	PORT_ASSERT(s->nspan < s->span_max || first < after);
	memmove(&s->span[first + 1], &s->span[after], (s->nspan - after) * sizeof(ScanSpan));
	s->span[first] = find;
	s->nspan = s->nspan - (after - first) + 1;
}

size_t
scan_run_end(Scanner *s, ScanClass class, size_t from)
{
	ScanRun *run = &s->run[class];
	size_t end = from;

	if (from >= run->start && from < run->end)
		return run->end;
	while (end < s->len && scan_is(s->text[end], class))
		end++;
	if (end > from)
		scan_remember(s, class, from, end);
	return end;
}

/* A number at "at"; its fourth byte tells most that no person is known by them. */
static inline void
number_at(Scanner *s, size_t at)
{
	const uint8_t *text = s->text + at;
	uint8_t before = at > 0 ? text[-1] : 0;
	uint8_t fourth = s->len - at > 3 ? text[3] : 0;

	if (scan_is(fourth, CLASS_DIGIT) && s->len - at > 12 &&
		(scan_is(text[4], CLASS_DIGIT) || text[4] == ' ' || text[4] == '-'))
		match_card(s, at);
	/* the end of a longer number */
	if ((before == '-' || before == '.' || before == '+') && !scan_begins(s, at - 1))
		return;
	if (fourth == '-')
		match_ssn(s, at);
	if (fourth == '-' || fourth == '.' || text[1] == '-' || before == '+' || before == '(')
		match_phone(s, at);
}

bool
scan_has_context(const Scanner *s, const char *const *words, size_t at)
{
	size_t from = at > SCAN_CONTEXT ? at - SCAN_CONTEXT : 0;

	for (; *words != NULL; words++)
	{
		size_t len = strlen(*words);

		for (size_t i = from; i + len <= at; i++)
			if ((s->text[i] | 0x20) == (uint8_t) **words &&
				strncasecmp(text_at(s, i), *words, len) == 0)
				return true;
	}
	return false;
}

/* Likewise of a kind whose anchors are the same in any case. */
static void
match_any_case(Scanner *s, const ScanRule *rule, size_t at, size_t body)
{
	switch (rule->kind)
	{
		case KIND_SCHEME:
			match_scheme(s, rule, body);
			break;
		case KIND_TELEPHONE:
			match_telephone(s, rule, body);
			break;
		case KIND_SOCIAL:
			match_social(s, rule, body);
			break;
		default:
			match_quoted(s, rule, at, body);
	}
}

/* An anchor at "at", which is as the rule has it; what follows begins at "body". */
static void
match_anchor(Scanner *s, const ScanRule *rule, size_t at, size_t body)
{
	switch (rule->kind)
	{
		case KIND_JWT:
			match_jwt(s, rule, at);
			break;
		case KIND_PEM:
			match_pem(s, rule, at, body);
			break;
		case KIND_PUTTY:
			match_putty(s, rule, at, body);
			break;
		case KIND_MAILCHIMP:
			match_mailchimp(s, rule, at, body);
			break;
		case KIND_DEFINE:
			match_define(s, rule, at, body);
			break;
		case KIND_TERRAFORM:
			match_terraform(s, rule, at, body);
			break;
		case KIND_BECH32:
			match_bech32(s, rule, at, body);
			break;
		default:
			match_token(s, rule, at, body);
	}
}

/* A word of 26 bytes or more may be one of those that no anchor tells. */
static inline void
long_word_at(Scanner *s, size_t at)
{
	const uint8_t *text = s->text + at;

	if (!scan_is(text[7], CLASS_WORD) || !scan_is(text[15], CLASS_WORD) ||
		!scan_is(text[20], CLASS_WORD))
		return;
	if (text[0] == '0' && text[1] == 'x')
		match_ethereum(s, at);
	else if (text[0] >= 'M' && text[0] <= 'O')
		match_discord(s, at);
	else if (text[0] == 'S' && text[1] == 'K')
		match_twilio(s, at);
	else
		match_base58(s, at);
}

/* The anchors of a bucket, at "at". */
static inline void
match_anchors(Scanner *s, const ScanAnchors *anchors, uint8_t number, uint32_t four, size_t at)
{
	const uint8_t *text = s->text + at;

	for (; number != 0; number = anchors->anchor[number].next)
	{
		const ScanAnchor *a = &anchors->anchor[number];

		if (a->four != four || a->level > s->level || s->len - at < a->len)
			continue;
		if (scan_any_case(a->rule->kind))
		{
			if (anchor_is(a, text, 0x20))
				match_any_case(s, a->rule, at, at + a->len);
		}
		else if (anchor_is(a, text, 0))
			match_anchor(s, a->rule, at, at + a->len);
	}
}

/* Anchors, or the numbers of persons, that begin at "at". */
static void
word_at(Scanner *s, size_t at)
{
	const uint8_t *text = s->text + at;
	size_t left = s->len - at;
	uint8_t last[4] = {0};
	uint32_t four;

	if (left < 3)
		return;
	if (left == 3)
		memcpy(last, text, 3);
	four = scan_four(left > 3 ? text : last);
	if (s->setup->user != NULL)
		match_user(s, at, four);
	match_anchors(s, &scan_table.word, scan_table.word.head[scan_bucket_of_four(four)], four,
				  at);
	match_anchors(s, &scan_table.brief, scan_table.brief.head[scan_bucket_of_three(four)],
				  four & 0xFFFFFF, at);
	if (text[0] >= '0' && text[0] <= '9')
		number_at(s, at);
	else if (text[2] >= '0' && text[2] <= '9')
		match_iban(s, at);
	if (left >= 26 && scan_table.hint_of[text[0]] & HINT_LONG)
		long_word_at(s, at);
	if (at > 1 && text[-1] == '-' && text[-2] == ' ')
		match_short(s, at);
	else if (at > 1 && text[-1] == '-' && text[-2] == '-')
		match_flag(s, at);
	else if (at > 0 && (text[-1] == '<' || text[-1] == ';'))
		match_element(s, at);
	if (s->level >= SCAN_ALL)
		match_address(s, at);
}

/* Value of up to four hexadecimal digits, -1 if others are among them. */
static int
hex(const Scanner *s, size_t at, size_t digits)
{
	int value = 0;

	if (at > s->len || s->len - at < digits)
		return -1;
	for (size_t i = at; i < at + digits; i++)
	{
		uint8_t c = s->text[i];
		uint8_t lower = c | 0x20;

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if (lower >= 'a' && lower <= 'f')
			value = value * 16 + (lower - 'a' + 10);
		else
			return -1;
	}
	return value;
}

/* Where what is left of an escape sequence ends: numbers, then its final letter. */
static size_t
sequence_end(const Scanner *s, size_t at)
{
	size_t end = at;

	/* [A is one's end, if there is an escape before it, and an index otherwise */
	if (s->text[at - 1] == '[' && s->text[at] >= 'A' &&
		(s->len - at < 2 || scan_is(s->text[at + 1], CLASS_DIGIT)))
		return at;
	while (end < s->len && end < at + 24 &&
		   (scan_is(s->text[end], CLASS_DIGIT) || memchr(";:?", s->text[end], 3) != NULL))
		end++;
	if (end < s->len && scan_is(s->text[end], CLASS_FINAL))
		return end + 1;
	return at;
}

static void
word_behind(Scanner *s, size_t at)
{
	if (at < s->len && scan_is(s->text[at], CLASS_WORD))
		word_at(s, at);
}

/* A word at "at" after \ or %: an escape, behind which another word may begin. */
static void
escape_at(Scanner *s, size_t at)
{
	uint8_t c = s->text[at];
	int meant = 0;
	size_t n = 0;

	if (s->text[at - 1] == '%')
		meant = hex(s, at, n = 2);
	else if (c == 'u')
		meant = hex(s, at + 1, 4), n = 5;
	else if (c == 'U')
		meant = hex(s, at + 5, 4), n = 9;
	else if (c == 'x')
		meant = hex(s, at + 1, 2), n = 3;
	else if (c >= '0' && c <= '3' && s->len - at >= 3 && hex(s, at, 3) >= 0)
		n = 3;
	else if (memchr("nrtbf0v", c, 7) != NULL)
		n = 1;
	if (n == 0 || meant < 0)
		return;
	if (meant == ':' && s->text[at - 1] == '%')
		match_encoded_url(s, at + n);
	if (meant == '=' || meant == ':')
		match_key(s, at - 1, at + n);
	else if (meant == '@')
		match_email(s, at - 1, at + n);
	word_behind(s, at + n);
	if (meant == '[' || meant == 0x9b)
		word_behind(s, sequence_end(s, at + n));
	/* \u001b[1m, \u001b(B, \u001bM */
	else if (meant == 0x1b && s->len - at > n + 1 && s->text[at + n] == '[')
		word_behind(s, sequence_end(s, at + n + 1));
	else if (meant == 0x1b)
		word_behind(s, at + n + 1 + (s->len - at > n && s->text[at + n] == '('));
	else if (meant == '%' && hex(s, at + n, 2) >= 0)
		word_behind(s, at + n + 2);
}

/*
 * A word at "at" may be the rest of an escape sequence that is written out
 * (\u001b[1;32m, [?25h, (B, or what a terminal left of it), or of a
 * quoted-printable byte (=3D): behind them another word may begin.
 */
static void
sequence_at(Scanner *s, size_t at)
{
	size_t end = sequence_end(s, at);

	if (s->text[at - 1] == '=')
	{
		/* a longer number is none */
		if (hex(s, at, 2) >= 0 && s->len - at > 2 && !scan_is(s->text[at + 2], CLASS_DIGIT))
			word_behind(s, at + 2);
	}
	else if (end > at)
		word_behind(s, end);
}

/* Counts a placeholder, and goes over it. */
static bool
placeholder_at(Scanner *s, size_t at)
{
	ScanType type;
	size_t n = scan_placeholder((const char *) s->text + at, s->len - at, &type);

	if (n == 0)
		return false;
	if (!s->any_placeholder)
		memset(s->placeholders, 0, sizeof(s->placeholders));
	s->any_placeholder = true;
	s->placeholders[type]++;
	s->quiet = at + n;
	return true;
}

/* One of the places that the masks marked. */
static void
event_at(Scanner *s, size_t at)
{
	uint8_t c = s->text[at];
	uint8_t before = at > 0 ? s->text[at - 1] : 0;

	if (c == '@')
		match_email(s, at, at + 1);
	else if (c == '=' || c == ',')
		match_key(s, at, at + 1);
	else if (c == ':')
	{
		match_bot(s, at);
		if (!match_url(s, at))
			match_key(s, at, at + 1);
	}
	else
	{
		if (before == '[' && c == 'R' && placeholder_at(s, at - 1))
			return;
		word_at(s, at);
		if (before == '~' || (at > 1 && s->text[at - 2] == '~'))
			match_azure(s, at);
		if (before == '\\' || before == '%')
			escape_at(s, at);
		else if (scan_table.hint_of[before] & HINT_SEQUENCE)
			sequence_at(s, at);
	}
}

/* Member by member, for many texts are short: clearing all of it costs more. */
void
scan_begin(Scanner *s, const char *text, size_t len, const ScanSetup *setup,
		   ScanSpan *span, size_t span_max)
{
	PORT_ASSERT(span_max >= SCAN_SPANS_MIN);
	scan_table_build();
	s->text = (const uint8_t *) text;
	s->len = len;
	s->level = setup->level;
	s->span = span;
	s->span_max = span_max;
	s->url_at = len;
	s->url_from = len;
	s->nspan = 0;
	s->any_placeholder = false;
	s->base = s->next = 0;
	s->events = s->carry = 0;
	s->quiet = 0;
	s->pem_from = s->pem_end = 0;
	s->putty_from = s->putty_end = s->pem_tail = s->putty_tail = 0;
	s->expressions = 0;
	s->setup = setup;
	for (int i = 0; i < SCAN_NCLASSES; i++)
		s->run[i].start = s->run[i].end = 0;
}

bool
scan_run(Scanner *s)
{
	for (;;)
	{
		while (s->events != 0)
		{
			size_t at = s->base + (size_t) __builtin_ctzll(s->events);

			/* one place adds as many findings as rules share an anchor, at most */
			if (s->span_max - s->nspan < SCAN_SPANS_MIN / 2)
				return false;
			s->events &= s->events - 1;
			if (at >= s->quiet)
				event_at(s, at);
		}
		if (s->next >= s->len)
			return true;
		scan_block(s);
	}
}
