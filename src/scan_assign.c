/*
 * scan_assign.c
 *		A key, an operator, a value.
 *
 * The operator is found first; which rules may want its key say the key's last
 * three letters.  The key may have a suffix that says which one it is (_PROD, _2).
 */
#include "port.h"

#include "scan.h"
#include "scan_check.h"
#include "scan_key.h"
#include "scan_match.h"

/* Backslashes before the quote that ends a key. */
#define SLASHES_MAX 7

/* Bytes of a header with quotes in it, at most. */
#define HEADER_MAX 4096

/* Bytes that are looked back at for where a string began, or a name. */
#define LOOK_BACK 64

/*
 * Where the key before an operator ends; the rest of the operator (??=, ||=), a
 * bracket and quotes may come between.
 */
static size_t
key_end(const Scanner *s, size_t op)
{
	const uint8_t *t = s->text;
	size_t i = op;
	size_t slashes = 0;

	if (i > 0 && scan_is(t[i - 1], CLASS_WORD) &&
		!(scan_table.hint_of[t[i - 1]] & HINT_ESCAPED))
		return i;
	while (i > 0 && op - i < 2 && (t[i - 1] == '?' || t[i - 1] == '|'))
		i--;
	while (i > 0 && op - i < SCAN_SPACES && scan_is_space(t[i - 1]))
		i--;
	if (i > 1 && t[i - 1] == ']' && scan_is_quote(t[i - 2]))
		i--;
	/* **key**: in Markdown */
	while (i > 0 && op - i < SCAN_SPACES && t[i - 1] == '*')
		i--;
	if (i > 0 && scan_table.hint_of[t[i - 1]] & HINT_ESCAPED)
		for (size_t n = 3; n <= 6 && n <= i; n++)
			if (scan_escaped_quote(s, i - n) == n)
				return i - n;
	if (i > 0 && scan_is_quote(t[i - 1]))
	{
		i--;
		while (i > 0 && slashes++ < SLASHES_MAX && t[i - 1] == '\\')
			i--;
	}
	return i;
}

/* Does a key's last word begin before "at"?  userPin has another one, shipping not. */
static bool
is_letter_before(const Scanner *s, size_t at)
{
	return at > 0 && scan_is(s->text[at - 1], CLASS_ALNUM) && !scan_begins(s, at) &&
		   !(s->text[at] >= 'A' && s->text[at] <= 'Z' && s->text[at - 1] >= 'a');
}

/* A header's value, which begins at "start", and ends there if it is in quotes. */
static void
match_header(Scanner *s, const ScanRule *rule, size_t start, size_t end)
{
	if (start == 0 || !scan_is_quote(s->text[start - 1]))
	{
		end = scan_run_end(s, rule->class, start);
		/* Digest username="…", nonce="…" */
		if (end - start > 5 && s->text[end - 1] == '=' && end < s->len && s->text[end] == '"' &&
			memchr("DdOoSsHh", s->text[start], 8) != NULL)
			while (end < s->len && end - start < HEADER_MAX && s->text[end] != '\n' &&
				   s->text[end] != '\'' && s->text[end] != '\\')
				end++;
		while (end > start && scan_is_space(s->text[end - 1]))
			end--;
	}
	if (end > start && !scan_only_placeholders(text_at(s, start), end - start) &&
		scan_fits(rule, end - start) && scan_passes(s, rule, start, end))
		scan_report(s, rule, start, end);
}

/* Does the key that ends there end in the anchor, separators apart? */
static bool
key_has(const Scanner *s, size_t end, const ScanAnchor *anchor)
{
	const uint8_t *t = s->text;
	size_t i = end;

	for (size_t n = anchor->len; n > 0; n--)
	{
		uint8_t wanted = (uint8_t) anchor->text[n - 1];

		if (n < anchor->len && i > 0 && t[i - 1] != wanted &&
			memchr("_-. ", t[i - 1], 4) != NULL)
			i--;
		if (i == 0 || (t[i - 1] != wanted && (t[i - 1] | 0x20) != wanted))
			return false;
		i--;
	}
	return true;
}

/* Where a key ends without what says which one it is: PASSWORD_PROD, TOKEN_2. */
static size_t
key_stem(const Scanner *s, size_t end)
{
	const uint8_t *t = s->text;
	size_t i = end;

	while (i > 0 && end - i < 2 && scan_is(t[i - 1], CLASS_DIGIT))
		i--;
	if (i < end)
		return i > 0 && (t[i - 1] == '_' || t[i - 1] == '-') ? i - 1 : i;
	if (end < 5 || !scan_may_be_suffix(t + end))
		return end;
	for (i = end; i > 0 && end - i < 12 && scan_is(t[i - 1], CLASS_ALNUM); i--)
		;
	if (i == 0 || (t[i - 1] != '_' && t[i - 1] != '-'))
		return end;
	for (const char *const *suffix = scan_key_suffixes; *suffix != NULL; suffix++)
	{
		size_t n = strlen(*suffix);

		if (end > n + 1 && (t[end - n - 1] == '_' || t[end - n - 1] == '-') &&
			strncasecmp(text_at(s, end - n), *suffix, n) == 0)
			return end - n - 1;
	}
	return end;
}

/*
 * The quote that begins a string in which the key and the operator are, as in
 * read -p "Password: ", 0 if there is none.
 */
static uint8_t
opened_by(const Scanner *s, size_t key)
{
	const uint8_t *t = s->text;
	size_t i = key;

	while (i > 0 && key - i < LOOK_BACK && (scan_is(t[i - 1], CLASS_WORD) || t[i - 1] == ' '))
		i--;
	return i > 0 && scan_is_quote(t[i - 1]) && t[i] != ' ' ? t[i - 1] : 0;
}

/* Do prose, a name of parts with colons, or a prompt stand there and no assignment? */
static bool
is_no_assignment(const Scanner *s, size_t op, size_t key, size_t after)
{
	const uint8_t *t = s->text;
	size_t i = key;
	size_t value = after;

	/* https://x-access-token:…@host is the URL's rule's */
	if (op >= s->url_from && op < s->url_at)
		return true;
	/* C++'s Token::x */
	if (after < s->len && t[op] == ':' && t[after] == ':')
		return true;
	while (i > 0 && key - i < LOOK_BACK && scan_is(t[i - 1], CLASS_WORD))
		i--;
	/* arn:aws:secretsmanager:eu-west-1:1:secret:name */
	if (i > 1 && t[i - 1] == ':' && t[op] == ':' && after < s->len && !scan_is_space(t[after]) &&
		scan_is(t[i - 2], CLASS_ALNUM))
		return true;
	while (value < s->len && value - after < SCAN_SPACES && scan_is_space(t[value]))
		value++;
	/* the quote that ends a prompt has no value behind it */
	return value < s->len && scan_is_quote(t[value]) && !scan_is_quote(t[key]) &&
		   (value + 1 == s->len || memchr(" ),;\n", t[value + 1], 5) != NULL) &&
		   opened_by(s, key) == t[value];
}

/* Is the value a word of a sentence?  password: authentication failed for user bob */
static bool
is_prose(const Scanner *s, size_t op, size_t start, size_t end)
{
	static const char *const endings[] = {"tion", "ing", "ed", "ment", "ity"};
	const uint8_t *t = s->text;

	if (t[op] != ':' || start == op + 1 || scan_is_quote(t[start - 1]) ||
		s->len - end < 2 || t[end] != ' ' || !scan_is(t[end + 1], CLASS_ALNUM))
		return false;
	for (size_t i = start; i < end; i++)
		if (t[i] < 'a' || t[i] > 'z')
			return false;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
	{
		size_t n = strlen(endings[i]);

		if (end - start > n && memcmp(text_at(s, end - n), endings[i], n) == 0)
			return true;
	}
	return false;
}

/*
 * The type of the name that stands beside the key "value" which begins at "key":
 * "name": "API_KEY", "value": …; negative if there is none.
 */
static int
pair_type(const Scanner *s, size_t key)
{
	const uint8_t *t = s->text;
	size_t last = key;
	size_t first;

	/* "value":{"stringValue": of OpenTelemetry */
	while (last > 0 && key - last < 8 && memchr(" \"\\:{", t[last - 1], 5) != NULL)
		last--;
	if (last < key && last > 4 && memcmp(t + last - 5, "value", 5) == 0)
		key = last -= 5;
	else
		last = key;
	while (last > 0 && key - last < 24 &&
		   (memchr(" \t\r\n\"',\\-", t[last - 1], 9) != NULL ||
			(last > 1 && t[last - 1] == 'n' && t[last - 2] == '\\')))
		last--;
	first = last;
	while (first > 0 && last - first < LOOK_BACK && scan_is(t[first - 1], CLASS_TOKEN_DOT))
		first--;
	if (last == key || first == last)
		return -1;
	return scan_key_type(text_at(s, first), last - first);
}

/* Is the key the name of nothing secret?  next_page_token, public_key, forgotPassword */
static bool
is_harmless(const Scanner *s, size_t key)
{
	size_t first = key;

	while (first > 0 && key - first < LOOK_BACK && scan_is(s->text[first - 1], CLASS_TOKEN_DOT))
		first--;
	return first < key && scan_key_is_harmless(text_at(s, first), key - first);
}

/* The anchor's rule, whose key ends at "key"; true if it is one of a header. */
static bool
match_assigned(Scanner *s, const ScanAnchor *a, size_t op, size_t key, size_t start, size_t end)
{
	const ScanRule *rule = a->rule;

	if (s->text[op] == ',' && rule->class != CLASS_LINE &&
		(end - start < 8 || memchr(text_at(s, start), ' ', end - start) != NULL ||
		 !check_tokenish(text_at(s, start), end - start)))
		return false;
	if (rule->class == CLASS_LINE)
	{
		match_header(s, rule, start, end);
		return true;
	}
	if (rule->kind == KIND_PAIR)
	{
		int type = pair_type(s, key - a->len);

		if (type >= 0 && scan_check_named(type, text_at(s, start), end - start))
			scan_report_value(s, rule, start, end);
	}
	else if (is_harmless(s, key))
		return false;
	else if (!is_prose(s, op, start, end))
		scan_report_value(s, rule, start, end);
	return false;
}

/* The rules that the key has which ends at "key", or with its suffix at "end"; false if none. */
static bool
match_key_at(Scanner *s, size_t op, size_t end, size_t key, size_t after)
{
	const ScanAnchor *a = NULL;
	bool found = false;
	bool header = false;
	bool bare = false;
	size_t start = 0;
	size_t last = 0;

	if (key >= 3)
		a = scan_anchor(&scan_table.key, scan_table.key.head[scan_bucket(s->text + key - 3)]);
	for (; a != NULL; a = scan_anchor(&scan_table.key, a->next))
	{
		if (a->level > s->level || a->rule == NULL || !key_has(s, key, a))
			continue;
		/* shipping: 1234, bypass=1 */
		if (a->len < 5 && a->rule->kind == KIND_KEY && is_letter_before(s, key - a->len))
			continue;
		if (!found && (is_no_assignment(s, op, end, after) ||
					   !scan_locate_value(s, after, &start, &last, &bare)))
			return true;
		found = true;
		/* of a list only strings */
		if (bare && (s->text[op] == ',' ||
					 (a->rule->class != CLASS_LINE && scan_is_code(s, start, last))))
			continue;
		/* Set-Cookie ends as Cookie does: its rule comes first here, being the later one */
		if (a->rule->class != CLASS_LINE || !header)
			header = match_assigned(s, a, op, key, start, last) || header;
	}
	return found;
}

/* Where the key ends whose type ends there: password: str = …; "type" if there is none. */
static size_t
key_of_type(const Scanner *s, size_t type)
{
	const uint8_t *t = s->text;
	size_t i = type;

	while (i > 0 && type - i < 32 && (scan_is(t[i - 1], CLASS_WORD) ||
									  memchr("&<>[]. |", t[i - 1], 8) != NULL))
		i--;
	return i > 0 && i < type && t[i - 1] == ':' ? key_end(s, i - 1) : type;
}

void
match_key(Scanner *s, size_t op, size_t after)
{
	size_t key = key_end(s, op);

	/* := => == are operators too */
	if (after < s->len && (s->text[after] == '=' || s->text[after] == '>'))
		after++;
	if (!match_key_at(s, op, key, key, after))
	{
		size_t stem = key_stem(s, key);

		if (stem == key && s->text[op] == '=')
			stem = key_of_type(s, key);
		if (stem != key)
			match_key_at(s, op, key, stem, after);
	}
}
