/*
 * leak_sql.h
 *		Recognises SQL statements among the words of a text.
 */
#ifndef MAESTRO_LEAK_SQL_H
#define MAESTRO_LEAK_SQL_H

#include "leak_word.h"

/* How far a statement has been read; each state says what it expects next. */
typedef enum LeakSqlState
{
	SQL_NONE,          /* a word that begins a statement */
	SQL_SELECT_LIST,   /* expressions, then FROM */
	SQL_SELECT_FROM,   /* a table */
	SQL_SELECT_TABLE,  /* more of its name, or what goes on with a statement */
	SQL_TAIL,          /* a sign that this is a statement: WHERE x =, ORDER BY */
	SQL_INSERT,        /* INTO */
	SQL_INSERT_INTO,   /* a table */
	SQL_INSERT_TABLE,  /* columns, then VALUES */
	SQL_VALUES,        /* what is inserted */
	SQL_UPDATE,        /* a table */
	SQL_UPDATE_TABLE,  /* an alias, SET */
	SQL_UPDATE_SET,    /* a column */
	SQL_UPDATE_COLUMN, /* = */
	SQL_DELETE,        /* FROM */
	SQL_DELETE_FROM    /* a table */
} LeakSqlState;

/* The statement being read. */
typedef struct LeakSql
{
	LeakSqlState state;
	size_t       begin;      /* offset where the state began */
	bool         capitals;   /* all keywords so far are in capitals */
	bool         first;      /* nothing of the select list was read */
	bool         star;       /* the select list begins with "*" */
	bool         article;    /* "the" begins the select list or follows a word */
	bool         prose;      /* words of the list follow each other like a sentence's */
	bool         comma;      /* the list has a comma */
	bool         symbols;    /* the statement has names or signs that prose has not */
	bool         where;      /* the tail has a condition */
	bool         after_word; /* the last token was a word */
	LeakWord     last;       /* the last word */
} LeakSql;

/* One word of a text. */
typedef struct LeakToken
{
	const char *s;
	size_t      len;
	size_t      offset; /* in the whole text */
	LeakWord    word;
} LeakToken;

/* Begins at offset 0 with a struct of zeros. */

/* Take the next word; true when it shows a statement. */
extern bool leak_sql_word(LeakSql *q, const LeakToken *t);

/*
 * Take a character that belongs to no word and is no blank, with its two
 * neighbours (0 at either end of the text); true when it shows a statement.
 */
extern bool leak_sql_mark(LeakSql *q, char before, char c, char after);

/* The text ends; true when what was read is a statement. */
extern bool leak_sql_end(const LeakSql *q);

#endif /* MAESTRO_LEAK_SQL_H */
