/*
 * scan_odd.c
 *		Secrets whose shape is not an anchor and a run behind it.
 *
 * Each is looked for at a place that is rare in other text (a colon before AA, a
 * tilde, "us" and a digit), and from there back over a bounded number of bytes.
 */
#include "port.h"

#include "ascii.h"
#include "scan.h"
#include "scan_check.h"
#include "scan_match.h"

/* 8 to 10 digits, the colon at "at", AA and the rest. */
void
match_bot(Scanner *s, size_t at)
{
	const ScanRule *rule = scan_rule_of(s, KIND_BOT);
	const uint8_t *t = s->text;
	size_t n = 0;
	size_t end;

	if (rule == NULL || s->len - at < 3 || t[at + 1] != 'A' || t[at + 2] != 'A')
		return;
	while (n < at && n < 10 && is_digit(t[at - n - 1]))
		n++;
	/* of more digits the first may be those of an escape; an address has bot before them */
	while (n >= 8 && !scan_begins(s, at - n) &&
		   !(at - n >= 3 && memcmp(t + at - n - 3, "bot", 3) == 0))
		n--;
	end = scan_run_end(s, rule->class, at + 1);
	if (n >= 8 && scan_fits(rule, end - at - 1))
		scan_report(s, rule, at - n, end);
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
		!is_digit(t[from - 3]) || !scan_is(t[from], CLASS_AZURE))
		return;
	start = from - 6;
	end = scan_run_end(s, CLASS_AZURE, from);
	if (end - from > rule->max)
		end = from + rule->max + 1;
	end = scan_trimmed(s, CLASS_AZURE, from, end);
	if (scan_fits(rule, end - from) && scan_is(t[start], CLASS_AZURE) &&
		scan_is(t[start + 1], CLASS_AZURE) && scan_is(t[start + 2], CLASS_AZURE))
		scan_report(s, rule, start, end);
}

/* 32 hexadecimal digits, a dash, then at "at" the us and digits of a data centre. */
void
match_mailchimp(Scanner *s, const ScanRule *rule, size_t at, size_t body)
{
	const uint8_t *t = s->text;
	size_t end = body;
	size_t start;

	if (at < 33 || t[at - 1] != '-')
		return;
	start = at - 33;
	while (end < s->len && end - body < 2 && is_digit(t[end]))
		end++;
	if (!scan_begins(s, start) || (end < s->len && scan_is(t[end], CLASS_WORD)))
		return;
	if (rule->check(text_at(s, start), 32))
		scan_report(s, rule, start, end);
}

/*
 * base64 of a user's number, a dot, 6 characters, a dot, 27 or more.  Digits in
 * base64 begin with one of a few pairs of letters, which the caller has seen.
 */
void
match_discord(Scanner *s, size_t at)
{
	const ScanRule *rule = scan_rule_of(s, KIND_DISCORD);
	const uint8_t *t = s->text;
	size_t first;
	size_t end;

	if (rule == NULL || s->len - at < 59 || memchr("DTjz", t[at + 1], 4) == NULL)
		return;
	first = at + 23;
	while (first < s->len && first - at < 28 && t[first] != '.')
		first++;
	if (first - at >= 28 || s->len - first < 35 || t[first] != '.' || t[first + 7] != '.')
		return;
	if (scan_run_end(s, CLASS_JWT_BODY, at) != first)
		return;
	end = scan_run_end(s, rule->class, first + 8);
	if (scan_fits(rule, end - first - 8) && check_tokenish(text_at(s, at), first - at))
		scan_report(s, rule, at, end);
}

void
match_twilio(Scanner *s, size_t at)
{
	const ScanRule *rule = scan_rule_of(s, KIND_TWILIO);

	if (rule != NULL)
		match_token(s, rule, at, at + 2);
}

/* 14 characters, a dot, at "at" atlasv1., then the rest. */
void
match_terraform(Scanner *s, const ScanRule *rule, size_t at, size_t body)
{
	size_t end = scan_run_end(s, rule->class, body);
	size_t start = at;

	if (start > 1 && s->text[start - 1] == '.')
		for (start--; start > 0 && at - start < 20; start--)
			if (!scan_is(s->text[start - 1], CLASS_ALNUM))
				break;
	if (scan_fits(rule, end - body))
		scan_report(s, rule, start, end);
}

/* PuTTY's key file, up to the last line's digits or the end of the text. */
void
match_putty(Scanner *s, const ScanRule *rule, size_t at, size_t body)
{
	static const char last[] = "Private-MAC:";
	size_t end;

	if (body < s->putty_from || body >= s->putty_end)
	{
		const char *found = memmem(text_at(s, body), s->len - body, last, sizeof(last) - 1);

		s->putty_from = body;
		s->putty_end = found ? (size_t) (found - text_at(s, 0)) : s->len;
	}
	end = s->putty_end;
	if (end < s->len && s->putty_tail <= end)
	{
		end += sizeof(last) - 1;
		for (int i = 0; i < 8 && end < s->len && s->text[end] == ' '; i++)
			end++;
		s->putty_tail = scan_run_end(s, CLASS_HEX, end);
	}
	if (s->putty_end < s->len)
		end = s->putty_tail;
	scan_report(s, rule, at, end);
}
