/*
 * scan_pii.c
 *		How personal data is matched: addresses, and numbers of cards, accounts
 *		and persons.
 *
 * An address is looked at from its @, back to the one before at most, and
 * forward to the next; a number from its beginning, for 48 bytes at most.
 */
#include "port.h"

#include "ascii.h"
#include "scan.h"
#include "scan_check.h"
#include "scan_match.h"

/* What stands before an @ and is no person: git remotes, labels in Kotlin. */
static bool
is_no_person(const char *local, size_t len)
{
	return (len == 3 && memcmp(local, "git", 3) == 0) ||
		   (len == 4 && memcmp(local, "this", 4) == 0) ||
		   (len == 5 && memcmp(local, "super", 5) == 0) ||
		   (len == 6 && memcmp(local, "return", 6) == 0);
}

/* Can the label be a domain's last?  icon@2x.png is a file. */
static bool
is_top_level(const char *label, size_t len)
{
	static const char *const files[] = {"png",	"jpg",	"jpeg", "gif",	"svg",	"webp",
										"css",	"js",	"jar",	"java", "json", "yaml",
										"yml",	"toml", "lock", "txt",	"xml",	"html",
										"dll",	"exe",	"tgz",	"whl",	"war",	"log"};

	if (len < 2 || len > 63)
		return false;
	if (len > 4 && memcmp(label, "xn--", 4) == 0)
		return true;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strlen(files[i]) == len && memcmp(files[i], label, len) == 0)
			return false;
	for (size_t i = 0; i < len; i++)
		if (label[i] == '-' || is_digit((uint8_t) label[i]))
			return false;
	return true;
}

/* <!--bob@example.com-->: where the last label ends when dashes follow; else "good". */
static size_t
top_level_end(const Scanner *s, size_t label, size_t end, size_t good)
{
	const char *dash = memchr(text_at(s, label), '-', end - label);
	size_t n = dash == NULL ? 0 : (size_t) (dash - text_at(s, label));

	return n > 1 && is_top_level(text_at(s, label), n) ? label + n : good;
}

/* Where the longest domain that begins there ends; "from" if there is none. */
static size_t
domain_end(const Scanner *s, size_t from)
{
	size_t good = from;
	size_t label = from;
	size_t i;

	for (i = from;; i++)
	{
		bool in = i < s->len && scan_is(s->text[i], CLASS_DOMAIN);

		if (in && s->text[i] != '.')
			continue;
		if (i == label)
			return good;
		if (label > from && is_top_level(text_at(s, label), i - label))
			good = i;
		else if (label > from && !in)
			good = top_level_end(s, label, i, good);
		if (!in)
			return good;
		label = i + 1;
	}
}

/* Where the local part before "at" begins, escapes such as \n left out. */
static size_t
local_start(const Scanner *s, size_t at)
{
	const uint8_t *t = s->text;
	size_t i = at;

	while (i > 0 && scan_is(t[i - 1], CLASS_LOCAL))
		i--;
	if (i > 0 && i < at && t[i - 1] == '\\')
		i += t[i] == 'u' ? 5 : t[i] == 'x' ? 3 : memchr("nrtbf", t[i], 5) ? 1 : 0;
	/* not the rest of a character of three bytes, nor a mark before the name */
	while (i < at &&
		   ((t[i] & 0xc0) == 0x80 || t[i] == '.' || t[i] == '\'' || t[i] == '-'))
		i++;
	return i < at ? i : at;
}

/* user:password@tcp(host) of MySQL's driver for Go; true if this is one. */
static bool
match_dsn(Scanner *s, size_t at)
{
	const ScanRule *rule = scan_rule_of(s, KIND_URL);
	size_t start = at;

	if (rule == NULL || s->len - at < 5 ||
		(memcmp(s->text + at, "@tcp(", 5) != 0 && memcmp(s->text + at, "@unix", 5) != 0))
		return false;
	while (start > 0 && at - start < 128 && scan_is(s->text[start - 1], CLASS_AUTHORITY))
		start--;
	start = scan_find_colon(s, start, at) + 1;
	if (start < at)
		scan_report_value(s, rule, start, at);
	return true;
}

void
match_email(Scanner *s, size_t at, size_t after)
{
	const ScanRule *rule = scan_rule_of(s, KIND_EMAIL);
	size_t start;
	size_t end;

	if (match_dsn(s, at) || rule == NULL || at == s->url_at)
		return;
	start = local_start(s, at);
	if (start == at || is_no_person(text_at(s, start), at - start))
		return;
	end = domain_end(s, after);
	if (end > after)
		scan_report(s, rule, start, end);
}

/*
 * Digits in the groups that cards are printed in, one separator throughout:
 * 4-4-4-4, 4-4-4-4-3, 4-6-5, 4-6-4.  Returns where they end, 0 if they are not
 * so; the digits go to "digits", which has room for 19.
 */
static size_t
card_groups(const Scanner *s, size_t at, char *digits, size_t *ndigits)
{
	uint8_t separator = 0;
	size_t group[6] = {0};
	size_t end = at;
	size_t used;
	size_t n = 0;
	size_t i = at;

	*ndigits = 0;
	while (n < 5)
	{
		size_t first = i;

		while (i < s->len && is_digit(s->text[i]) && i - first < 7)
			i++;
		group[n] = i - first;
		if (group[n] < 3 || group[n] > 6 || *ndigits + group[n] > 19)
			break;
		memcpy(digits + *ndigits, s->text + first, group[n]);
		*ndigits += group[n++];
		end = i;
		if (i >= s->len || (s->text[i] != ' ' && s->text[i] != '-') ||
			(separator != 0 && s->text[i] != separator))
			break;
		separator = s->text[i++];
	}
	if (group[0] != 4 || n < 3)
		return 0;
	if (group[1] == 6 && (group[2] == 5 || group[2] == 4))
		used = 3;
	else if (n >= 4 && group[1] == 4 && group[2] == 4 && group[3] == 4)
		used = n == 5 && group[4] == 3 && check_card(digits, 19) ? 5 : 4;
	else
		return 0;
	/* a group that follows is another number, such as the month the card ends */
	if (used < n)
	{
		*ndigits = group[0] + group[1] + group[2] + (used == 4 ? group[3] : 0);
		end = at + *ndigits + used - 1;
		if (separator == '-' && end + 1 < s->len && is_digit(s->text[end + 1]))
			return 0;
	}
	return end;
}

/* Do groups of a longer number go on before or behind those in [at, end)? */
static bool
is_in_groups(const Scanner *s, size_t at, size_t end)
{
	const uint8_t *t = s->text;

	if (at > 1 && t[at - 1] == '-' && is_digit(t[at - 2]))
		return true;
	return t[at + 4] == '-' && end + 1 < s->len && t[end] == '-' && is_digit(t[end + 1]);
}

void
match_card(Scanner *s, size_t at)
{
	const ScanRule *rule = scan_rule_of(s, KIND_CARD);
	const uint8_t *t = s->text;
	char digits[19];
	size_t n = 0;
	size_t end;

	if (rule == NULL || s->len - at < rule->min)
		return;
	while (n < 20 && at + n < s->len && is_digit(t[at + n]))
		n++;
	end = at + n;
	if (n == 4)
	{
		end = card_groups(s, at, digits, &n);
		if (end == 0 || is_in_groups(s, at, end))
			return;
	}
	else if (n >= rule->min && n <= rule->max)
	{
		/* a part of a word with dashes */
		if (at > 1 && t[at - 1] == '-' && scan_is(t[at - 2], CLASS_WORD) && end + 1 < s->len &&
			t[end] == '-' && scan_is(t[end + 1], CLASS_WORD))
			return;
		memcpy(digits, t + at, n);
	}
	else
		return;

	/* 0.4111… and 4111….5 are other numbers, and so is a part of a word */
	if ((at > 0 && t[at - 1] == '.') || (end < s->len && scan_is(t[end], CLASS_WORD)) ||
		(end + 1 < s->len && t[end] == '.' && is_digit(t[end + 1])))
		return;
	if (rule->check(digits, n))
		scan_report(s, rule, at, end);
}

bool
scan_goes_on(const Scanner *s, size_t end)
{
	const uint8_t *t = s->text;

	if (end >= s->len)
		return false;
	return scan_is(t[end], CLASS_WORD) ||
		   ((t[end] == '-' || t[end] == '.') && end + 1 < s->len && is_digit(t[end + 1]));
}

/* An IBAN, its groups of four apart by one space or dash, or not at all. */
void
match_iban(Scanner *s, size_t at)
{
	const ScanRule *rule = scan_rule_of(s, KIND_IBAN);
	const uint8_t *t = s->text;
	char value[34];
	uint8_t separator;
	size_t length;
	size_t n = 0;
	size_t i = at;

	if (rule == NULL || s->len - at < rule->min || !scan_is(t[at], CLASS_UPPER) ||
		!scan_is(t[at + 1], CLASS_UPPER) || !is_digit(t[at + 3]))
		return;
	length = iban_length(text_at(s, at));
	separator = t[at + 4] == ' ' || t[at + 4] == '-' ? t[at + 4] : 0;
	while (n < length && i < s->len && scan_is(t[i], CLASS_UPPER))
	{
		value[n++] = (char) t[i++];
		if (separator != 0 && n % 4 == 0 && n < length && i < s->len && t[i] == separator)
			i++;
	}
	if (n == length && n > 0 && !scan_goes_on(s, i) && rule->check(value, n))
		scan_report(s, rule, at, i);
}

size_t
scan_digit_groups(const Scanner *s, size_t at, const char *pattern, char *digits)
{
	size_t i = at;

	for (; *pattern != '\0'; pattern++)
	{
		bool group = is_digit((uint8_t) *pattern);

		for (int n = group ? *pattern - '0' : 1; n > 0; n--, i++)
		{
			if (i >= s->len || (group ? !is_digit(s->text[i])
									  : s->text[i] != (uint8_t) *pattern))
				return 0;
			if (group)
				*digits++ = (char) s->text[i];
		}
	}
	return i;
}

void
match_ssn(Scanner *s, size_t at)
{
	const ScanRule *rule = scan_rule_of(s, KIND_SSN);
	char digits[9];
	size_t end;

	if (rule == NULL)
		return;
	end = scan_digit_groups(s, at, "3-2-4", digits);
	if (end > 0 && !scan_goes_on(s, end) && rule->check(digits, sizeof(digits)))
		scan_report(s, rule, at, end);
}
