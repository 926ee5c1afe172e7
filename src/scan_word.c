/*
 * scan_word.c
 *		A word, then a value, with no operator between.
 *
 * Command lines (--password X, curl -u user:X), statements (PASSWORD 'X'), elements
 * (<password>X</password>), definitions (#define API_KEY "X").
 */
#include "port.h"

#include "scan.h"
#include "scan_check.h"
#include "scan_key.h"
#include "scan_match.h"

/* Bytes of a flag's or an element's name at most. */
#define NAME_LENGTH 40

/* The byte before "at", 0 at the beginning. */
static uint8_t
before(const Scanner *s, size_t at)
{
	return at > 0 ? s->text[at - 1] : 0;
}

/* Reports what follows the colon of user:password. */
static void
report_password(Scanner *s, const ScanRule *rule, size_t start, size_t end)
{
	size_t from = scan_find_colon(s, start, end) + 1;

	if (from < end && scan_check_named(TYPE_PASSWORD, text_at(s, from), end - from))
		scan_report_value(s, rule, from, end);
}

/* Where the name ends that begins at "at": a flag's, an element's. */
static size_t
name_end(const Scanner *s, size_t at)
{
	size_t end = at;

	while (end < s->len && end - at < NAME_LENGTH && scan_is(s->text[end], CLASS_TOKEN_DOT))
		end++;
	return end;
}

/* --password VALUE, --user USER:VALUE of curl, and in lists of arguments "--password", "VALUE". */
void
match_flag(Scanner *s, size_t at)
{
	static const char *const users[] = {"curl", "wget", "http ", NULL};
	const ScanRule *rule = scan_rule_of(s, KIND_FLAG);
	const uint8_t *t = s->text;
	size_t body = name_end(s, at);
	size_t start;
	size_t end;
	bool user = body - at == 4 && memcmp(t + at, "user", 4) == 0;
	bool list = body < s->len && scan_is_quote(t[body]);
	int type = user ? 0 : scan_key_type(text_at(s, at), body - at);

	if (rule == NULL || type < 0)
		return;
	start = body + list;
	if (list && start < s->len && t[start] == ',')
		start++;
	if (start >= s->len || (t[start] != ' ' && !(list && scan_is_quote(t[start]))))
		return;
	while (start < s->len && start - body < SCAN_SPACES && t[start] == ' ')
		start++;
	if (start >= s->len || t[start] == '-' || t[start] == '\\' ||
		(list && !scan_is_quote(t[start])) || !scan_find_value(s, start, &start, &end))
		return;
	if (user && scan_has_context(s, users, at))
		report_password(s, rule, start, end);
	else if (!user && scan_check_named(type, text_at(s, start), end - start))
		scan_report_value(s, rule, start, end);
}

/*
 * Where a value may begin behind the word at "at": IDENTIFIED BY, PASSWORD FOR u =,
 * PASSWORD; s->len if none can.
 */
static size_t
quoted_start(const Scanner *s, size_t at, size_t body)
{
	const uint8_t *t = s->text;
	size_t i = body;

	if (s->len - body < 6)
		return s->len;
	if ((t[at] | 0x20) == 'i')
		return strncasecmp(text_at(s, body), " by ", 4) == 0 ? body + 3 : s->len;
	if (strncasecmp(text_at(s, body), " for ", 5) != 0)
		return body;
	while (i < s->len && i - body < 64 && t[i] != '=' && t[i] != '\n')
		i++;
	return i < s->len && t[i] == '=' ? i + 1 : s->len;
}

/* The next string of a list whose last one named it: no word, as those may be names too. */
static void
match_listed(Scanner *s, const ScanRule *rule, size_t from)
{
	size_t start;
	size_t end;
	bool bare;

	if (scan_locate_value(s, from, &start, &end, &bare) && !bare && end - start >= 8 &&
		memchr(s->text + start, ' ', end - start) == NULL &&
		check_tokenish(text_at(s, start), end - start))
		scan_report_value(s, rule, start, end);
}

/* PASSWORD 'X', IDENTIFIED BY 'X' of SQL; machine H login U password X of .netrc. */
void
match_quoted(Scanner *s, const ScanRule *rule, size_t at, size_t body)
{
	static const char *const bare[] = {"machine ", "default login", "config ", NULL};
	const uint8_t *t = s->text;
	size_t from = quoted_start(s, at, body);
	size_t start = from;
	size_t end;

	/* ["password", "X"] */
	if (s->len - from > 3 && from == body && scan_is_quote(t[from]) && t[from + 1] == ',')
	{
		match_listed(s, rule, from + 2);
		return;
	}
	if (start >= s->len || t[start] != ' ')
		return;
	while (start < s->len && start - from < SCAN_SPACES && t[start] == ' ')
		start++;
	if (start >= s->len || (!scan_is_quote(t[start]) && !scan_has_context(s, bare, at)))
		return;
	if (scan_find_value(s, start, &start, &end) &&
		memchr(t + start, ' ', end - start) == NULL)
		scan_report_value(s, rule, start, end);
}

/* <password>X</password>, also with &lt; and &gt;. */
void
match_element(Scanner *s, size_t at)
{
	const ScanRule *rule = scan_rule_of(s, KIND_ELEMENT);
	const uint8_t *t = s->text;
	size_t name = name_end(s, at);
	size_t start;
	size_t end;
	int type;

	/* a namespace */
	if (name < s->len && t[name] == ':')
	{
		at = name + 1;
		name = name_end(s, at);
	}
	start = name;
	if (start < s->len && t[start] == '>')
		start++;
	else if (s->len - start > 4 && memcmp(t + start, "&gt;", 4) == 0)
		start += 4;
	else
		return;
	type = scan_key_type(text_at(s, at), name - at);
	if (rule == NULL || type < 0)
		return;
	for (end = start; end < s->len && end - start < 512; end++)
		if (memchr("<&>\n ", t[end], 5) != NULL)
			break;
	if (end < s->len && (t[end] == '<' || t[end] == '&') && end > start &&
		scan_check_named(type, text_at(s, start), end - start))
		scan_report_value(s, rule, start, end);
}

/* #define NAME VALUE, ENV NAME VALUE, setx NAME VALUE, setenv("NAME", "VALUE". */
void
match_define(Scanner *s, const ScanRule *rule, size_t at, size_t body)
{
	const uint8_t *t = s->text;
	size_t name = body;
	size_t start;
	size_t end;
	int type;

	if (body >= s->len || (t[body] != ' ' && t[body] != '(') ||
		(t[at] == 'd' && t[body] != '(' && before(s, at) != '#'))
		return;
	while (name < s->len && name - body < SCAN_SPACES &&
		   (t[name] == ' ' || t[name] == '(' || scan_is_quote(t[name])))
		name++;
	for (start = name; start < s->len && start - name < 64; start++)
		if (!scan_is(t[start], CLASS_TOKEN_DOT))
			break;
	type = scan_key_type(text_at(s, name), start - name);
	if (type < 0 || s->len - start < 3)
		return;
	if (scan_is_quote(t[start]) && t[start + 1] == ',')
	{
		match_listed(s, rule, start + 2);
		return;
	}
	if (t[start] != ' ')
		return;
	if (scan_find_value(s, start, &start, &end) &&
		scan_check_named(type, text_at(s, start), end - start))
		scan_report_value(s, rule, start, end);
}

/*
 * A flag of one letter at "at", of programs that take a password so.  What is
 * before the last blank of the line tells which program it is.
 */
void
match_short(Scanner *s, size_t at)
{
	static const char *const attached[] = {"mysql", "mariadb", "sshpass", NULL};
	static const char *const apart[] = {"sshpass", "docker login", "podman login", NULL};
	static const char *const user[] = {"curl", "wget", "http ", NULL};
	static const char *const redis[] = {"redis-cli", NULL};
	const ScanRule *rule = scan_rule_of(s, KIND_SHORT);
	const uint8_t *t = s->text;
	bool blank = s->len - at > 2 && t[at + 1] == ' ';
	const char *const *words = NULL;
	size_t start = at + 1;
	size_t end;

	if (rule == NULL || s->len - at < 3)
		return;
	if (t[at] == 'p')
		words = blank ? apart : attached;
	else if (t[at] == 'u')
		words = user;
	else if (blank && t[at] == 'a')
		words = redis;
	if (words == NULL || t[at + 1 + blank] == '-' || !scan_has_context(s, words, at) ||
		!scan_find_value(s, start, &start, &end))
		return;
	if (t[at] == 'u')
		report_password(s, rule, start, end);
	else
		scan_report_value(s, rule, start, end);
}
