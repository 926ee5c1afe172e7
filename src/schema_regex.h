/*
 * schema_regex.h
 *		A regular expression that is being translated, and its single characters.
 */
#ifndef MAESTRO_SCHEMA_REGEX_H
#define MAESTRO_SCHEMA_REGEX_H

#include "lib/stringinfo.h"

#define PATTERN_MAX 20000 /* bytes, before and after */
#define DUP_MAX 255		  /* of the engine, and of ours below it */
#define REPEAT_MAX 10000

/* Characters of a class, in the syntax of a bracket. */
#define DIGITS "0-9"
#define WORDS "A-Za-z0-9_"
#define SPACES " \\t\\n\\v\\f\\r\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
#define NO_CHARACTER "(?:(?=a)(?!a))"

typedef struct Translator
{
	const char *begin;
	const char *at;
	const char *end;
	StringInfoData out;
	int			atom;  /* where the last atom begins; -1: there is none */
	int			depth; /* open groups */
	int			groups[64];
	int			around[64]; /* per open group: does it look around, 1, or at the beginning, 0; else -1 */
	int			passes;		/* those that look around, within each other */
	int			most;		/* at once */
	bool		at_begin;	/* nothing but ^ and what looks around there came before */
	const char *fault;
} Translator;

/* Notes what is wrong, unless something was before; false. */
extern bool regex_wrong(Translator *t, const char *fault);
extern bool regex_is_next(const Translator *t, const char *text);

/* A code point, so that it means itself everywhere. */
extern void regex_put_code(StringInfo out, uint32 code);

/* The next character, whole, and past it. */
extern uint32 regex_take_character(Translator *t);

/* An escape that is one character, behind the backslash. */
extern bool regex_take_escaped(Translator *t, uint32 *code, bool in_class);

/* A pattern that needs no engine, read; NULL: it needs one, or is none. */
typedef struct SchemaPlainRegex SchemaPlainRegex;
extern SchemaPlainRegex *schema_regex_plain(const char *pattern, size_t len);
extern bool schema_regex_plain_matches(const SchemaPlainRegex *plain, const char *data, int len);

#endif /* MAESTRO_SCHEMA_REGEX_H */
