/*
 * leak_word.h
 *		The words that the leak detector takes notice of.
 */
#ifndef MAESTRO_LEAK_WORD_H
#define MAESTRO_LEAK_WORD_H

#include <stdbool.h>
#include <stddef.h>

/* What a word means to the detector. */
typedef enum LeakWord
{
	WORD_OTHER,   /* any word not below */
	WORD_ARTICLE, /* the, your, this: what follows is prose, no table */
	WORD_VERSION, /* version, section: four numbers behind it are no address */
	WORD_ROUTE,   /* GET, POST, href: what follows is a route, no file */

	/* stack traces */
	WORD_AT,
	WORD_EXCEPTION,
	WORD_FILE,
	WORD_GO,
	WORD_GOROUTINE,
	WORD_PANIC,
	WORD_PANICKED,
	WORD_SEGMENTATION,
	WORD_THREAD,
	WORD_TRACEBACK,

	/* hosts and connections */
	WORD_DB_KEY,    /* dbname, database, catalog, password */
	WORD_DB_SCHEME, /* postgresql, redis */
	WORD_HOST_KEY,  /* host, server, source */
	WORD_HOST_TLD,  /* internal, local */
	WORD_JDBC,
	WORD_LOCALHOST,
	WORD_SECRET_KEY, /* AccountKey */

	/* databases' complaints */
	WORD_ERROR,
	WORD_ORA,
	WORD_SQLSTATE,
	WORD_SYNTAX,
	WORD_VIOLATES,

	/* statements */
	WORD_BY,
	WORD_DELETE,
	WORD_DISTINCT, /* and all, top: stand before a select list */
	WORD_FROM,
	WORD_INSERT,
	WORD_INTO,
	WORD_ORDER, /* and group */
	WORD_SELECT,
	WORD_SET,
	WORD_UPDATE,
	WORD_VALUES,
	WORD_WHERE,     /* and on */
	WORD_EXPRESSION /* as, case, when: may neighbour words in an expression */
} LeakWord;

/* Which word this is, in any case. */
extern LeakWord leak_word(const char *s, size_t len);

/* Whether this is the suffix of a source file, such as "py". */
extern bool leak_is_source_suffix(const char *s, size_t len);

/* Whether this is a directory below / whose paths tell about the server. */
extern bool leak_is_root_directory(const char *s, size_t len);

#endif /* MAESTRO_LEAK_WORD_H */
