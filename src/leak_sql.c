/*
 * leak_sql.c
 *		Recognises SQL statements among the words of a text.
 *
 * A state machine over words and marks, so that any text costs one pass.  The
 * difficulty is prose: "please select an item from the list" has the shape of a
 * statement.  Three things tell them apart:
 *
 *	  - keywords in capitals are taken as SQL unless an article follows them;
 *	  - in a select list two words never stand side by side, in prose they do;
 *	  - in lower case, the statement must show names or signs that prose has
 *		not: a star, an underscore, a qualified name, a condition with "=".
 *
 * What stays open: a sentence in capitals such as "SELECT OPTION FROM MENU" is
 * taken for a statement, and "select item from menu" in lower case is not.
 */
#include "leak_sql.h"

#include <string.h>

/* a select list or column list is not longer, in bytes */
#define MAX_LIST_LEN 4096
/* nor is the way from a table to a sign of a statement */
#define MAX_TAIL_LEN 160

/* A blank, a line's end, or the text's. */
static bool
is_blank_or_end(char c)
{
	return c == '\0' || c == ' ' || (c >= '\t' && c <= '\r');
}

/* Whether a word has no letter in lower case. */
static bool
is_capitals(const LeakToken *t)
{
	for (size_t i = 0; i < t->len; i++)
		if (t->s[i] >= 'a' && t->s[i] <= 'z')
			return false;
	return true;
}

/* Go to a state, remembering where. */
static void
enter(LeakSql *q, LeakSqlState state, size_t offset)
{
	q->state = state;
	q->begin = offset;
}

/* A word that begins a statement begins it anew wherever it stands. */
static bool
begin_statement(LeakSql *q, const LeakToken *t)
{
	LeakSqlState state;

	switch (t->word)
	{
		case WORD_SELECT:
			state = SQL_SELECT_LIST;
			break;
		case WORD_INSERT:
			state = SQL_INSERT;
			break;
		case WORD_UPDATE:
			state = SQL_UPDATE;
			break;
		case WORD_DELETE:
			state = SQL_DELETE;
			break;
		default:
			return false;
	}
	memset(q, 0, sizeof(*q));
	enter(q, state, t->offset);
	q->capitals = is_capitals(t);
	q->first = true;
	return true;
}

/* Whether two words side by side are possible in an expression. */
static bool
is_expression_word(LeakWord word)
{
	return word == WORD_EXPRESSION || word == WORD_DISTINCT || word == WORD_WHERE ||
	       word == WORD_ORDER || word == WORD_BY;
}

/* A word of a select list. */
static void
take_list_word(LeakSql *q, const LeakToken *t)
{
	if (t->offset - q->begin > MAX_LIST_LEN)
		q->state = SQL_NONE;
	else if (t->word == WORD_FROM)
	{
		q->capitals &= is_capitals(t);
		if (q->first || (q->prose && (q->article || !q->capitals)))
			q->state = SQL_NONE;
		else
			enter(q, SQL_SELECT_FROM, t->offset);
	}
	else if (q->first && t->word == WORD_DISTINCT)
		return;
	else
	{
		q->article |= (q->first || q->after_word) && t->word == WORD_ARTICLE;
		q->prose |=
		    q->after_word && !is_expression_word(t->word) && !is_expression_word(q->last);
		q->symbols |= memchr(t->s, '_', t->len) != NULL;
		q->first = false;
	}
}

/* The word behind FROM. */
static bool
take_from_word(LeakSql *q, const LeakToken *t)
{
	if (t->word == WORD_ARTICLE)
	{
		q->state = SQL_NONE;
		return false;
	}
	if (q->capitals || q->star)
		return true;
	q->symbols |= memchr(t->s, '_', t->len) != NULL;
	enter(q, SQL_SELECT_TABLE, t->offset);
	return false;
}

/* A word behind a table: a clause, or what may be an alias or prose. */
static bool
take_tail_word(LeakSql *q, const LeakToken *t)
{
	if (t->offset - q->begin > MAX_TAIL_LEN)
	{
		q->state = SQL_NONE;
		return false;
	}
	if (t->word == WORD_WHERE || t->word == WORD_ORDER)
	{
		if (q->symbols)
			return true;
		q->where |= t->word == WORD_WHERE;
	}
	else if (t->word == WORD_BY && q->last == WORD_ORDER)
		return true;
	q->state = SQL_TAIL;
	return false;
}

/* Words of INSERT INTO table (columns) VALUES. */
static void
take_insert_word(LeakSql *q, const LeakToken *t)
{
	if (t->offset - q->begin > MAX_LIST_LEN)
		q->state = SQL_NONE;
	else if (q->state == SQL_INSERT)
		q->state = t->word == WORD_INTO ? SQL_INSERT_INTO
		           : q->capitals        ? SQL_INSERT
		                                : SQL_NONE;
	else if (q->state == SQL_INSERT_INTO)
		q->state = t->word == WORD_ARTICLE ? SQL_NONE : SQL_INSERT_TABLE;
	else if (t->word == WORD_VALUES)
		q->state = SQL_VALUES;
	else if (q->state == SQL_VALUES)
		q->state = SQL_NONE;
}

/* Words of UPDATE table SET column. */
static void
take_update_word(LeakSql *q, const LeakToken *t)
{
	if (t->word == WORD_ARTICLE || t->offset - q->begin > MAX_TAIL_LEN)
		q->state = SQL_NONE;
	else if (q->state == SQL_UPDATE)
		q->state = t->word == WORD_SET ? SQL_NONE : SQL_UPDATE_TABLE;
	else if (q->state == SQL_UPDATE_SET)
		q->state = SQL_UPDATE_COLUMN;
	else if (q->state == SQL_UPDATE_COLUMN)
		q->state = SQL_NONE;
	else if (t->word == WORD_SET)
		q->state = SQL_UPDATE_SET;
}

/* Words of DELETE FROM table. */
static bool
take_delete_word(LeakSql *q, const LeakToken *t)
{
	if (q->state == SQL_DELETE)
	{
		q->capitals &= is_capitals(t);
		q->state = t->word == WORD_FROM ? SQL_DELETE_FROM : SQL_NONE;
	}
	else if (t->word == WORD_ARTICLE)
		q->state = SQL_NONE;
	else if (q->capitals)
		return true;
	else
		enter(q, SQL_TAIL, t->offset);
	return false;
}

/* Let the statement under way take a word. */
static bool
take_word(LeakSql *q, const LeakToken *t)
{
	switch (q->state)
	{
		case SQL_NONE:
			return false;
		case SQL_SELECT_LIST:
			take_list_word(q, t);
			return false;
		case SQL_SELECT_FROM:
			return take_from_word(q, t);
		case SQL_SELECT_TABLE:
		case SQL_TAIL:
			return take_tail_word(q, t);
		case SQL_INSERT:
		case SQL_INSERT_INTO:
		case SQL_INSERT_TABLE:
		case SQL_VALUES:
			take_insert_word(q, t);
			return false;
		case SQL_UPDATE:
		case SQL_UPDATE_TABLE:
		case SQL_UPDATE_SET:
		case SQL_UPDATE_COLUMN:
			take_update_word(q, t);
			return false;
		case SQL_DELETE:
		case SQL_DELETE_FROM:
			return take_delete_word(q, t);
	}
	return false;
}

/* Take a word. */
bool
leak_sql_word(LeakSql *q, const LeakToken *t)
{
	bool found = !begin_statement(q, t) && take_word(q, t);

	/* the word that began the statement has no neighbour in the list yet */
	q->after_word = !q->first;
	q->last = t->word;
	return found;
}

/* A mark in a select list. */
static void
mark_list(LeakSql *q, char before, char c, char after)
{
	q->star |= q->first && c == '*';
	q->comma |= c == ',';
	q->symbols |= c == '*' || c == '"' || c == '`' ||
	              (c == '.' && !is_blank_or_end(after)) ||
	              (c == '(' && !is_blank_or_end(before));
	q->first = false;
}

/* A mark behind FROM and a table: does a statement go on? */
static bool
mark_table(LeakSql *q, char c, char after)
{
	bool quoted = c == '"' || c == '`' || c == '\'';

	switch (q->state)
	{
		case SQL_SELECT_FROM:
			if (q->capitals || q->star)
				return c != '.' && c != ',' && c != '\'';
			q->symbols |= quoted;
			if (!quoted)
				q->state = SQL_NONE;
			return false;
		case SQL_SELECT_TABLE:
			if (c == '.')
				/* a qualified name goes on */
				q->state = SQL_SELECT_FROM;
			q->symbols |= c == '.';
			return (c == ';' || c == ')' || quoted) &&
			       (q->symbols || (c == ';' && after == '\0'));
		default:
			return (q->where && (c == '=' || c == '<' || c == '>')) ||
			       (c == ';' && (q->symbols || is_blank_or_end(after)) && q->where);
	}
}

/* A mark in the other statements. */
static bool
mark_change(LeakSql *q, char c)
{
	bool quoted = c == '"' || c == '`' || c == '\'';

	switch (q->state)
	{
		case SQL_INSERT_TABLE:
			return c == '(' && q->capitals;
		case SQL_VALUES:
			if (c == '(' || c == '%' || c == '?')
				return true;
			break;
		case SQL_UPDATE_COLUMN:
			if (c == '=')
				return true;
			if (c == '.')
				q->state = SQL_UPDATE_SET;
			if (c == '.' || c == ',' || c == ')' || quoted)
				return false;
			break;
		case SQL_DELETE_FROM:
			if (quoted || c == '[' || c == '{' || c == '%' || c == '$')
				return q->capitals;
			break;
		default:
			if (quoted || c == '.' || c == '(' || c == '[' || c == ']')
				return false;
	}
	q->state = SQL_NONE;
	return false;
}

/* Take a mark. */
bool
leak_sql_mark(LeakSql *q, char before, char c, char after)
{
	q->after_word = false;
	if (q->state == SQL_NONE || c == '\\')
		return false;
	if ((c == '.' || c == '!' || c == '?') && is_blank_or_end(after))
	{
		/* a sentence ends; a placeholder "?" stands behind a blank */
		if (c != '?' || !is_blank_or_end(before))
		{
			q->state = SQL_NONE;
			return false;
		}
	}
	if (q->state == SQL_SELECT_LIST)
	{
		mark_list(q, before, c, after);
		return false;
	}
	if (q->state == SQL_SELECT_FROM || q->state == SQL_SELECT_TABLE ||
	    q->state == SQL_TAIL)
		return mark_table(q, c, after);
	return mark_change(q, c);
}

/* The text ends: was it a statement in lower case? */
bool
leak_sql_end(const LeakSql *q)
{
	return (q->state == SQL_SELECT_TABLE && (q->symbols || q->comma)) ||
	       (q->state == SQL_TAIL && q->symbols);
}
