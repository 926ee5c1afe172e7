/*
 * scan_user.c
 *		Rules that a database adds to the built-in ones.
 *
 * Such a rule is an anchor, then a run of one of the built-in classes or what an
 * expression matches in a window, then perhaps a suffix.  All of it is
 * bounded: runs are remembered by class as those of built-in rules are, an
 * expression sees SCAN_WINDOW bytes, and after EXPRESSIONS of them in one text the
 * window counts as found, so that a text made of anchors cannot stop a server.
 */
#include "port.h"

#include "scan.h"
#include "scan_check.h"
#include "scan_match.h"
#include "scan_user.h"

/* How often expressions are matched in one text. */
#define EXPRESSIONS 65536

/* Bytes between an anchor that stays and the value: operators, spaces, quotes. */
#define BETWEEN 8

ScanClass
scan_user_class(const char *name)
{
	static const struct
	{
		const char *name;
		ScanClass class;
	} classes[] = {{"digits", CLASS_DIGIT},	  {"number", CLASS_NUMBER},
				   {"hex", CLASS_HEX},			  {"upper", CLASS_UPPER},
				   {"alnum", CLASS_ALNUM},		  {"word", CLASS_WORD},
				   {"token", CLASS_TOKEN},		  {"dotted", CLASS_TOKEN_DOT},
				   {"base64", CLASS_BASIC},		  {"path", CLASS_PATH},
				   {"value", CLASS_USER_VALUE}};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcmp(classes[i].name, name) == 0)
			return classes[i].class;
	return CLASS_NONE;
}

ScanCheck
scan_user_check(const char *name)
{
	static const struct
	{
		const char *name;
		ScanCheck check;
	} checks[] = {{"luhn", check_luhn},		 {"mod11", check_mod11},
				  {"mod97", check_mod97},	 {"verhoeff", check_verhoeff},
				  {"random", check_random},	 {"mixed", check_mixed},
				  {"card", check_card_text}, {"iban", check_iban}};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (strcmp(checks[i].name, name) == 0)
			return checks[i].check;
	return NULL;
}

bool
scan_user_add(ScanAnchors *anchors, const ScanUserRule *user)
{
	const char *text = user->rule.anchors;

	while (*text != '\0')
	{
		size_t len = strcspn(text, "\n");
		uint8_t *head = &anchors->head[scan_bucket((const uint8_t *) text)];
		ScanAnchor *anchor = &anchors->anchor[anchors->count + 1];

		PORT_ASSERT(len >= 3 && len < 256);
		if (anchors->count >= SCAN_USER_ANCHORS)
			return false;
		anchors->count++;
		*anchor = (ScanAnchor){.rule = &user->rule,
							   .text = text,
							   .len = (uint8_t) len,
							   .next = *head,
							   .level = (uint8_t) user->level};
		*head = anchors->count;
		text += len;
		text += *text == '\n';
	}
	return true;
}

/* Where a value begins behind an anchor that stays. */
static size_t
value_start(const Scanner *s, size_t body)
{
	size_t i = body;

	while (i < s->len && i - body < BETWEEN && s->text[i] != '\0' &&
		   memchr(" \t:=#\"'>-.(\\", s->text[i], 12) != NULL)
		i++;
	return i;
}

/* The end of what the rule's expression matches at "start", which is "start" if nothing. */
static size_t
expression_end(Scanner *s, const ScanUserRule *user, size_t start)
{
	size_t window = s->len - start < SCAN_WINDOW ? s->len - start : SCAN_WINDOW;
	size_t end;

	/* whole characters, where the text is UTF-8 */
	while (window > SCAN_WINDOW - 4 && start + window < s->len &&
		   (s->text[start + window] & 0xc0) == 0x80)
		window--;
	if (s->expressions >= EXPRESSIONS)
		return start + window;
	s->expressions++;
	end = start + s->setup->match(&user->rule, text_at(s, start), window);
	/* no part of a word stays behind */
	if (end > start && scan_is(s->text[end - 1], CLASS_WORD))
		end = scan_run_end(s, CLASS_WORD, end - 1);
	return end;
}

/* The end of the run at "start", which is "start" if it is not as the rule wants it. */
static size_t
run_end(Scanner *s, const ScanRule *rule, size_t start)
{
	size_t end = scan_run_end(s, rule->class, start);

	/* punctuation and separators at the end belong to the sentence; they are few */
	for (int i = 0; i < 8 && end > start && memchr(".: -", s->text[end - 1], 4) != NULL; i++)
		end--;
	if (end < s->len && scan_is(s->text[end], CLASS_WORD))
		return start;
	return scan_fits(rule, end - start) && scan_passes(s, rule, start, end) ? end : start;
}

/* The rule at its anchor, bytes [at, body). */
static void
match_rule(Scanner *s, const ScanUserRule *user, size_t at, size_t body)
{
	size_t start = user->keep_anchor ? value_start(s, body) : at;
	size_t from = user->expression || user->keep_anchor ? start : body;
	size_t end;

	if (user->context != NULL && !scan_has_context(s, user->context, at))
		return;
	end = user->expression ? expression_end(s, user, from) : run_end(s, &user->rule, from);
	if (end == from && (user->expression || user->rule.min > 0))
		return;
	if (user->suffix != NULL)
	{
		size_t len = strlen(user->suffix);

		if (s->len - end < len || memcmp(text_at(s, end), user->suffix, len) != 0)
			return;
		end += len;
	}
	/* what was redacted stays as it is */
	if (end > start && !scan_only_placeholders(text_at(s, start), end - start))
		scan_report(s, &user->rule, start, end);
}

void
match_user(Scanner *s, size_t at, uint32_t four)
{
	const ScanAnchors *anchors = s->setup->user;
	const uint8_t *text = s->text + at;
	uint8_t number = anchors->head[scan_bucket_of_three(four)];

	for (; number != 0; number = anchors->anchor[number].next)
	{
		const ScanAnchor *a = &anchors->anchor[number];

		if (a->level <= s->level && s->len - at >= a->len && anchor_is(a, text, 0))
			match_rule(s, (const ScanUserRule *) a->rule, at, at + a->len);
	}
}
