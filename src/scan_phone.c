/*
 * scan_phone.c
 *		Telephone numbers, and what a word before a number says that it is.
 *
 * A number is looked at from its beginning, for 48 bytes at most.
 */
#include "port.h"

#include "ascii.h"
#include "scan.h"
#include "scan_check.h"
#include "scan_match.h"

/*
 * Where an international number ends whose first digit is at "at": the longest
 * beginning, in whole groups, that can be one; 0 if there is none.
 */
static size_t
international_end(const Scanner *s, size_t at)
{
	const uint8_t *t = s->text;
	char digits[15];
	size_t good = 0;
	size_t n = 0;
	size_t i = at;

	for (;;)
	{
		size_t group = i;

		while (i < s->len && is_digit(t[i]) && n < sizeof(digits))
			digits[n++] = (char) t[i++];
		if (i == group || (i < s->len && is_digit(t[i])))
			return good;
		/* few digits in one piece are a count behind a sign */
		if (!scan_goes_on(s, i) && check_e164(digits, n) && (group > at || n >= 10))
			good = i;
		/* one separator, and a bracket besides */
		if (i < s->len && memchr(" -./", t[i], 4) != NULL)
			i++;
		if (i < s->len && (t[i] == '(' || t[i] == ')'))
			i++;
		if (i < s->len && i > 0 && t[i - 1] == ')' && (t[i] == ' ' || t[i] == '-'))
			i++;
	}
}

/* Where a North American number ends that begins at "at", 0 if it is none. */
static size_t
national_end(const Scanner *s, size_t at, bool bracket)
{
	static const char *const plain[] = {"3-3-4", "3.3.4"};
	static const char *const bracketed[] = {"3) 3-4", "3)3-4", "3) 3 4", "3)-3-4"};
	const char *const *pattern = bracket ? bracketed : plain;
	char digits[10];

	for (int i = 0; i < (bracket ? 4 : 2); i++)
	{
		size_t end = scan_digit_groups(s, at, pattern[i], digits);

		if (end > 0)
			return !scan_goes_on(s, end) && check_nanp(digits, sizeof(digits)) ? end : 0;
	}
	return 0;
}

/* A date, a decimal number or an address behind a plus: in a diff, or with a sign. */
static bool
is_other_number(const Scanner *s, size_t at)
{
	const uint8_t *t = s->text;
	size_t group[4] = {0};
	size_t n = 0;
	size_t i = at;
	uint8_t separator = 0;

	for (; i < s->len && n < 4; i++)
	{
		if (is_digit(t[i]))
			group[n]++;
		else if ((t[i] == '.' || t[i] == '-') && (n == 0 || t[i] == separator) && group[n] > 0)
		{
			separator = t[i];
			n++;
		}
		else
			break;
	}
	if (separator == '-')
		return n == 2 && group[0] == 4 && group[1] == 2 && group[2] == 2;
	/* +1.4155550132 has 11 digits and more */
	return (n == 1 && group[0] + group[1] < 11) ||
		   (n == 3 && group[1] <= 3 && group[2] <= 3 && group[3] <= 3);
}

void
match_phone(Scanner *s, size_t at)
{
	const ScanRule *rule = scan_rule_of(s, KIND_PHONE);
	const uint8_t *t = s->text;
	uint8_t before = at > 0 ? t[at - 1] : 0;
	size_t start = at;
	size_t end;

	if (rule == NULL)
		return;
	if (before == '+')
	{
		start--;
		end = is_other_number(s, at) ? 0 : international_end(s, at);
	}
	else if (before == '(')
	{
		end = national_end(s, at, true);
		if (end > 0)
			start--;
		else
			end = national_end(s, at, false);
	}
	else if (t[at] == '1' && at + 1 < s->len && t[at + 1] == '-')
		end = national_end(s, at + 2, false);
	else
		end = national_end(s, at, false);
	if (end > 0)
		scan_report(s, rule, start, end);
}

/* Goes over what may stand between a word for telephones and the number. */
static size_t
skip_words(const Scanner *s, size_t from)
{
	static const char *const words[] = {"number", "no", "nr", "num", "is", "at", "me", "us",
										"phone",  "home", "work", "s", "security"};
	const uint8_t *t = s->text;
	size_t i = from;

	for (;;)
	{
		size_t word = i;
		size_t n = 0;

		while (i < s->len && i - from < 32 && memchr(" \t:=#\"'._-\\", t[i], 11) != NULL)
			i++;
		word = i;
		while (i < s->len && i - word < 8 && scan_is(t[i], CLASS_ALNUM) && !is_digit(t[i]))
			i++;
		if (i == word)
			return i;
		while (n < sizeof(words) / sizeof(words[0]) &&
			   (words[n][0] != (t[word] | 0x20) || strlen(words[n]) != i - word ||
				strncasecmp(text_at(s, word), words[n], i - word) != 0))
			n++;
		if (n == sizeof(words) / sizeof(words[0]))
			return s->len;
	}
}

/* Can these digits, of a number of that length, be a national number? */
static bool
is_national(const char *digits, size_t n, size_t len)
{
	/* of ten digits in groups the exchange does not matter */
	return (n == 10 && digits[0] >= '2' && len > 10) ||
		   (n >= 9 && n <= 13 && digits[0] == '0' && digits[1] != '0') ||
		   check_nanp(digits, n) ||
		   (n == 11 && digits[0] == '1' && check_nanp(digits + 1, 10));
}

/*
 * A number behind a word that says what it is: national ones, which begin with
 * 0, and North American ones, however they are grouped.
 */
void
match_telephone(Scanner *s, const ScanRule *rule, size_t body)
{
	const uint8_t *t = s->text;
	size_t start = skip_words(s, body);
	size_t end = start;
	size_t group = start;
	size_t good = start;
	char digits[16];
	size_t n = 0;

	if (start == body || start >= s->len || (!is_digit(t[start]) && t[start] != '(') ||
		(t[start] == '0' && start + 1 < s->len && t[start + 1] == '.'))
		return;
	/* the longest beginning in whole groups that can be one */
	while (end < s->len && n < sizeof(digits) && end - start < 32)
	{
		if (is_digit(t[end]))
		{
			digits[n++] = (char) t[end++];
			group = end;
			if ((end == s->len || !is_digit(t[end])) && !scan_goes_on(s, end) &&
				is_national(digits, n, end - start))
				good = end;
		}
		else if (memchr(" -./()", t[end], 6) != NULL &&
				 (end == group || end == group + 1 || t[end - 1] == ')'))
			end++;
		else
			break;
	}
	if (good > start)
		scan_report(s, rule, start, good);
}

/* A social security number behind a word that says what it is. */
void
match_social(Scanner *s, const ScanRule *rule, size_t body)
{
	size_t start = skip_words(s, body);
	char digits[9];
	size_t end;

	if (start == body || start >= s->len)
		return;
	end = scan_digit_groups(s, start, "3 2 4", digits);
	if (end == 0)
		end = scan_digit_groups(s, start, "9", digits);
	if (end > 0 && !scan_goes_on(s, end) && rule->check(digits, sizeof(digits)))
		scan_report(s, rule, start, end);
}
