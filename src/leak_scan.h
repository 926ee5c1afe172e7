/*
 * leak_scan.h
 *		State of the leak detector's pass over a text, and looks at its
 *		characters.  Shared by leak.c and leak_trace.c alone.
 */
#ifndef MAESTRO_LEAK_SCAN_H
#define MAESTRO_LEAK_SCAN_H

#include "ascii.h"
#include "leak.h"
#include "leak_sql.h"
#include "leak_word.h"

/* bytes that a look ahead goes at most */
#define MAX_LOOK 512

/* The pass over one text. */
typedef struct LeakScan
{
	const char *s;
	size_t      len;
	unsigned    found; /* LEAK_ bits */
	LeakSql     sql;
	LeakWord    last; /* the last word, and where it ended */
	size_t      last_end;
	bool        first_word; /* the next word is the first of its line */
	int         labels;     /* words joined by dots up to here: a host name? */
	bool        panic;      /* "panic:" was seen */
	bool        go_line;    /* "x.go:12" was seen */
	size_t      thread;     /* where "thread '" was last seen, plus one */
	size_t      host_key;   /* the same of "host=" */
	size_t      db_key;     /* the same of "dbname=" */
} LeakScan;

/* The character at i, NUL behind the end. */
static inline char
at(const LeakScan *scan, size_t i)
{
	return i < scan->len ? scan->s[i] : '\0';
}

/* Letters, digits, "_".  Others than ASCII's stand for quotes as often. */
static inline bool
is_word(char c)
{
	return is_letter(c) || is_digit(c) || c == '_';
}

/* A byte of a character outside ASCII. */
static inline bool
is_foreign(char c)
{
	return (unsigned char) c >= 0x80;
}

/* A character that ends a line. */
static inline bool
is_newline(char c)
{
	return c == '\n' || c == '\r';
}

/* A blank within a line. */
static inline bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A line's end or a TAB, written as two visible characters. */
static inline bool
is_visible_blank(const LeakScan *scan, size_t i)
{
	char c = at(scan, i + 1);

	return scan->s[i] == '\\' && (c == 'n' || c == 'r' || c == 't');
}

/* Whether the text goes on at i with these characters. */
static inline bool
follows(const LeakScan *scan, size_t i, const char *what)
{
	size_t n = strlen(what);

	return i <= scan->len && scan->len - i >= n && memcmp(scan->s + i, what, n) == 0;
}

/* Where the digits from i on end. */
static inline size_t
skip_digits(const LeakScan *scan, size_t i)
{
	while (is_digit(at(scan, i)))
		i++;
	return i;
}

/* Where the blanks from i on end. */
static inline size_t
skip_blanks(const LeakScan *scan, size_t i)
{
	while (is_blank(at(scan, i)))
		i++;
	return i;
}

/* Look at the word of a stack trace (leak_word.h). */
extern void leak_scan_trace_word(LeakScan *scan, const LeakToken *t);

/* Look at the "#" at i, which may begin a numbered frame. */
extern void leak_scan_hash(LeakScan *scan, size_t i);

/* Whether the "/" at i begins an absolute path, and not a route. */
extern bool leak_begins_path(const LeakScan *scan, size_t i);

/* Look at the absolute path that "/" at i begins; returns its end. */
extern size_t leak_scan_path(LeakScan *scan, size_t i);

/*
 * Look at the Windows path whose drive letter ended at i, if it is one;
 * returns its end, or i.
 */
extern size_t leak_scan_drive(LeakScan *scan, size_t i);

#endif /* MAESTRO_LEAK_SCAN_H */
