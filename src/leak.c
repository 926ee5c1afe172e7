/*
 * leak.c
 *		Finds in a text what an error shown to outsiders must not give away.
 *
 * One pass: the text is cut into words and marks, each word of interest
 * starts a look at what follows it.  These looks go forward only and end at the
 * first character that does not fit, at a character that would begin the same
 * look again, or after MAX_LOOK bytes; so that no text, hostile or not, costs
 * more than a small multiple of its length.
 *
 * Lines may end with LF or with the two visible characters "\n" that the log
 * makes of it.
 *
 * False alarms are worse than they seem, since who sees many stops looking.  So
 * every pattern needs two things that prose doesn't have together: "at" and
 * a location, an address and no word "version" before it.
 *
 * Not found: IPv6 addresses, relative paths, frames of languages not named in
 * leak.h, SQL in lower case without any sign of it (see leak_sql.c).
 */
#include "leak_scan.h"

/* The name of a kind, as SQL shows it. */
const char *
leak_name(int n)
{
	static const char *const names[LEAK_KINDS] = {"stack_trace", "source_path", "sql",
	                                              "connection_string", "private_host"};

	return names[n];
}

/* Look at the URL whose "://" is at i. */
static void
scan_url(LeakScan *scan, size_t i)
{
	bool   colon = false;
	bool   placeholder = false;
	size_t end = i + 3;

	if (scan->last == WORD_DB_SCHEME && scan->last_end == i &&
	    (is_word(at(scan, end)) || at(scan, end) == '[' || at(scan, end) == ':'))
		scan->found |= LEAK_CONNECTION_STRING;
	if (at(scan, end) == '/' && i >= 4 && memcmp(scan->s + i - 4, "file", 4) == 0 &&
	    is_word(at(scan, end + 1)))
		leak_scan_path(scan, end);
	for (; end < scan->len; end++)
	{
		char c = scan->s[end];

		if (c == '@' && (colon || placeholder))
			scan->found |= LEAK_CONNECTION_STRING;
		if (c == '/' || c == '\\' || c == '<' || c == '>' || c == '"' || c == '\'' ||
		    (unsigned char) c <= ' ' || c == '@')
			return;
		colon |= c == ':';
		placeholder |= c == '[' && follows(scan, end, "[REDACTED");
	}
}

/* Whether a dotted quad at i is an address of a private network. */
static bool
is_private_address(const LeakScan *scan, size_t i)
{
	int octet[4];

	for (int n = 0; n < 4; n++)
	{
		size_t start = i;

		if (n > 0 && at(scan, i++) != '.')
			return false;
		if (n > 0)
			start = i;
		octet[n] = 0;
		for (; is_digit(at(scan, i)) && i < start + 3; i++)
			octet[n] = octet[n] * 10 + (scan->s[i] - '0');
		if (i == start || octet[n] > 255 || (scan->s[start] == '0' && i > start + 1))
			return false;
	}
	if (is_word(at(scan, i)) || (at(scan, i) == '.' && is_digit(at(scan, i + 1))))
		return false;
	return octet[0] == 10 || octet[0] == 127 || (octet[0] == 192 && octet[1] == 168) ||
	       (octet[0] == 172 && octet[1] >= 16 && octet[1] <= 31) ||
	       (octet[0] == 169 && octet[1] == 254);
}

/* Look at a word that begins with a digit. */
static void
scan_number(LeakScan *scan, size_t start)
{
	char before = start > 0 ? scan->s[start - 1] : ' ';

	if (before == '.' || before == '-' ||
	    (scan->last == WORD_VERSION && start - scan->last_end <= 2))
		return;
	if (is_private_address(scan, start))
		scan->found |= LEAK_PRIVATE_HOST;
}

/* Count the labels of the host name that the word [start, end) may belong to. */
static void
count_label(LeakScan *scan, size_t start)
{
	char before = start > 0 ? scan->s[start - 1] : ' ';
	bool joined = start > 0 && scan->last_end == start - 1;

	if (before == '.' && joined && scan->labels > 0)
		scan->labels++;
	else if (before == '-' && joined)
		;
	else if (before == '.' || before == '$' || before == '\\' ||
	         (before == '/' && start > 1 && scan->s[start - 2] != '/'))
		scan->labels = 0; /* .env.local, path/settings.local */
	else
		scan->labels = 1;
}

/* Whether this internal domain ends a host name. */
static bool
ends_host(const LeakScan *scan, const LeakToken *t)
{
	size_t end = t->offset + t->len;
	char   c = at(scan, end);

	return scan->labels > 1 && t->s[-1] == '.' && c != '-' && c != '(' && c != '=' &&
	       !(c == '.' && is_word(at(scan, end + 1)));
}

/* Look at "host=" or "dbname=": together they are a connection string. */
static void
scan_key(LeakScan *scan, const LeakToken *t, size_t *seen)
{
	size_t end = t->offset + t->len;
	char   before = t->offset > 0 ? scan->s[t->offset - 1] : ' ';

	if (at(scan, end) != '=' || before == '?' || before == '&' || before == '_')
		return;
	if ((t->s[0] | 0x20) == 's' && t->len == 6 && (t->s[1] | 0x20) == 'o' &&
	    !(before == ' ' && t->offset >= 5 && (t->s[-5] | 0x20) == 'd'))
		return; /* "source=" counts as "Data Source=" alone */
	*seen = t->offset + 1;
	if (scan->host_key != 0 && scan->db_key != 0 &&
	    scan->host_key + MAX_LOOK > scan->db_key &&
	    scan->db_key + MAX_LOOK > scan->host_key)
		scan->found |= LEAK_CONNECTION_STRING;
}

/* Look at what a word of hosts and connections begins. */
static void
scan_host_word(LeakScan *scan, const LeakToken *t)
{
	size_t end = t->offset + t->len;

	switch (t->word)
	{
		case WORD_HOST_KEY:
			scan_key(scan, t, &scan->host_key);
			break;
		case WORD_DB_KEY:
			scan_key(scan, t, &scan->db_key);
			break;
		case WORD_SECRET_KEY:
			if (at(scan, end) == '=')
				scan->found |= LEAK_CONNECTION_STRING;
			break;
		case WORD_JDBC:
			if (at(scan, end) == ':' && is_letter(at(scan, end + 1)))
				scan->found |= LEAK_CONNECTION_STRING;
			break;
		case WORD_LOCALHOST:
			if (at(scan, end) == ':' && is_digit(at(scan, end + 1)))
				scan->found |= LEAK_PRIVATE_HOST;
			break;
		default: /* WORD_HOST_TLD */
			if (ends_host(scan, t))
				scan->found |= LEAK_PRIVATE_HOST;
	}
}

/* Whether a word begins or is a database's complaint about a statement. */
static bool
is_complaint(const LeakScan *scan, const LeakToken *t)
{
	size_t end = t->offset + t->len;

	switch (t->word)
	{
		case WORD_SQLSTATE:
			return true;
		case WORD_ORA:
			return at(scan, end) == '-' && skip_digits(scan, end + 1) == end + 6;
		case WORD_ERROR:
			return follows(scan, end, " in your SQL syntax");
		case WORD_VIOLATES:
			return follows(scan, end, " unique constraint") ||
			       follows(scan, end, " foreign key constraint") ||
			       follows(scan, end, " check constraint") ||
			       follows(scan, end, " not-null constraint");
		case WORD_SYNTAX:
			return follows(scan, end, " error at or near ") ||
			       (t->offset > 2 && memcmp(t->s - 3, "\": ", 3) == 0 &&
			        follows(scan, end, " error"));
		default:
			return false;
	}
}

/* Look at the word that begins at start; returns where to go on. */
static size_t
scan_word(LeakScan *scan, size_t start)
{
	LeakToken t;
	size_t    end = start + 1;
	size_t    next;

	while (end < scan->len && is_word(scan->s[end]))
		end++;
	t.s = scan->s + start;
	t.len = end - start;
	t.offset = start;
	t.word = leak_word(t.s, t.len);
	next = end;

	count_label(scan, start);
	if (is_digit(t.s[0]))
		scan_number(scan, start);
	else if (t.word >= WORD_AT && t.word <= WORD_TRACEBACK)
		leak_scan_trace_word(scan, &t);
	else if (t.word >= WORD_DB_KEY && t.word <= WORD_SECRET_KEY)
		scan_host_word(scan, &t);
	else if (is_complaint(scan, &t))
		scan->found |= LEAK_SQL;
	if (t.len == 1 && is_letter(t.s[0]))
		next = leak_scan_drive(scan, end);
	if (next == end && leak_sql_word(&scan->sql, &t))
		scan->found |= LEAK_SQL;
	scan->last = t.word;
	scan->last_end = end;
	scan->first_word = false;
	return next;
}

/* Look at the mark at i; returns where to go on. */
static size_t
scan_mark(LeakScan *scan, size_t i)
{
	char c = scan->s[i];

	if (is_newline(c) || is_visible_blank(scan, i))
	{
		bool visible = c == '\\';

		scan->first_word |= is_newline(c) || at(scan, i + 1) != 't';
		return i + 1 + visible;
	}
	if ((unsigned char) c <= ' ' || is_foreign(c))
		return i + 1;
	if (c == '/' && leak_begins_path(scan, i))
		return leak_scan_path(scan, i);
	if (c == '#')
		leak_scan_hash(scan, i);
	if (c == ':' && follows(scan, i, "://"))
		scan_url(scan, i);
	if (leak_sql_mark(&scan->sql, i > 0 ? scan->s[i - 1] : '\0', c, at(scan, i + 1)))
		scan->found |= LEAK_SQL;
	return i + 1;
}

/* Pass over the text once. */
unsigned
leak_detect(const char *s, size_t len)
{
	LeakScan scan;
	size_t   i = 0;

	memset(&scan, 0, sizeof(scan));
	scan.s = s;
	scan.len = len;
	scan.first_word = true;
	while (i < len)
		i = is_word(s[i]) ? scan_word(&scan, i) : scan_mark(&scan, i);
	if (scan.panic && scan.go_line)
		scan.found |= LEAK_STACK_TRACE;
	if (leak_sql_end(&scan.sql))
		scan.found |= LEAK_SQL;
	return scan.found;
}
