/*
 * schema_regex.c
 *		ECMA-262's regular expressions in PostgreSQL's syntax.
 *
 * What the two write differently is rewritten: classes, escapes, the dot, named
 * groups, counts above 255.  What needs backtracking (back references) is refused.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "schema.h"
#include "schema_regex.h"

/*
 * A property of characters, behind \p or \P: those that the engine knows as a class.
 */
static const char *
take_property(Translator *t)
{
	static const char *const known[][2] = {
		{"{L}", "[:alpha:]"},		{"{Letter}", "[:alpha:]"}, {"{Alphabetic}", "[:alpha:]"},
		{"{Alpha}", "[:alpha:]"},	{"{Lu}", "[:upper:]"},	   {"{Uppercase_Letter}", "[:upper:]"},
		{"{Uppercase}", "[:upper:]"}, {"{Ll}", "[:lower:]"},   {"{Lowercase_Letter}", "[:lower:]"},
		{"{Lowercase}", "[:lower:]"}, {"{N}", "[:digit:]"},	   {"{Nd}", "[:digit:]"},
		{"{Number}", "[:digit:]"},	{"{digit}", "[:digit:]"},  {"{Decimal_Number}", "[:digit:]"},
		{"{P}", "[:punct:]"},		{"{Punctuation}", "[:punct:]"}, {"{Z}", "[:space:]"},
		{"{Zs}", "[:space:]"},		{"{White_Space}", "[:space:]"}};

	for (int i = 0; i < (int) lengthof(known); i++)
		if (regex_is_next(t, known[i][0]))
		{
			t->at += strlen(known[i][0]);
			return known[i][1];
		}
	(void) regex_wrong(t, "has a property of characters that is not known here");
	return NULL;
}

/* A class by its letter, its characters for a bracket; NULL: it is none. */
static const char *
take_class(Translator *t, bool *negated)
{
	char c = t->at < t->end ? *t->at : '\0';

	*negated = c == 'D' || c == 'W' || c == 'S' || c == 'P';
	if (c == '\0' || strchr("dDwWsSpP", c) == NULL)
		return NULL;
	t->at++;
	switch (c | 0x20)
	{
		case 'd':
			return DIGITS;
		case 'w':
			return WORDS;
		case 's':
			return SPACES;
		default:
			return take_property(t);
	}
}

/* ---- brackets ---- */

/* One end of a range, or a class; false at a fault. */
static bool
take_member(Translator *t, uint32 *code, const char **class, bool *negated)
{
	*class = NULL;
	if (*t->at != '\\')
	{
		*code = regex_take_character(t);
		return true;
	}
	t->at++;
	*class = take_class(t, negated);
	if (*class != NULL || t->fault != NULL)
		return t->fault == NULL;
	if (regex_is_next(t, "-"))
	{
		t->at++;
		*code = '-';
		return true;
	}
	return regex_take_escaped(t, code, true);
}

/*
 * What a bracket holds goes into "set", negated classes in it into "others" as
 * alternatives.
 */
static bool
take_members(Translator *t, StringInfo set, StringInfo others)
{
	while (t->at < t->end && *t->at != ']')
	{
		uint32		first;
		uint32		last;
		const char *class;
		bool		negated;

		if (!take_member(t, &first, &class, &negated))
			return false;
		if (class != NULL)
		{
			if (negated)
				appendStringInfo(others, "|[^%s]", class);
			else
				appendStringInfoString(set, class);
			continue;
		}
		regex_put_code(set, first);
		if (t->end - t->at < 2 || *t->at != '-' || t->at[1] == ']')
			continue;
		t->at++;
		if (!take_member(t, &last, &class, &negated))
			return false;
		if (class != NULL || last < first)
			return regex_wrong(t, "has a range that is none");
		appendStringInfoChar(set, '-');
		regex_put_code(set, last);
	}
	if (t->at == t->end)
		return regex_wrong(t, "has a bracket without end");
	t->at++;
	return true;
}

static bool
take_bracket(Translator *t)
{
	StringInfoData set;
	StringInfoData others;
	bool		   negated = regex_is_next(t, "^");

	initStringInfo(&set);
	initStringInfo(&others);
	if (negated)
		t->at++;
	if (!take_members(t, &set, &others))
		return false;
	if (set.len == 0 && others.len == 0)
		appendStringInfoString(&t->out, negated ? "(?:.)" : NO_CHARACTER);
	else if (others.len == 0)
		appendStringInfo(&t->out, "[%s%s]", negated ? "^" : "", set.data);
	else if (set.len > 0)
		appendStringInfo(&t->out, negated ? "(?:(?!(?:[%s]%s)).)" : "(?:[%s]%s)", set.data, others.data);
	else
		appendStringInfo(&t->out, negated ? "(?:(?!(?:%s)).)" : "(?:%s)", others.data + 1);
	return true;
}

/* ---- groups and counts ---- */

/* A group just opened looks around: once, behind a leading ^, else at each character. */
static void
look_around(Translator *t)
{
	bool once = t->depth == 1 && t->at_begin;

	t->around[t->depth - 1] = once ? 0 : 1;
	t->passes += once ? 0 : 1;
	t->most = Max(t->most, t->passes);
}

/* Past the end of a group. */
static void
close_group(Translator *t)
{
	t->atom = t->groups[--t->depth];
	if (t->around[t->depth] > 0)
		t->passes--;
	if (t->depth == 0 && t->around[0] < 0)
		t->at_begin = false;
}

static bool
open_group(Translator *t)
{
	static const char *const kinds[] = {"?:", "?=", "?!", "?<=", "?<!"};

	if (t->depth == (int) lengthof(t->groups))
		return regex_wrong(t, "is nested too deep");
	t->around[t->depth] = -1;
	t->groups[t->depth++] = t->out.len;
	if (!regex_is_next(t, "?"))
	{
		/* nobody asks what a group held */
		appendStringInfoString(&t->out, "(?:");
		return true;
	}
	for (int i = 0; i < (int) lengthof(kinds); i++)
		if (regex_is_next(t, kinds[i]))
		{
			t->at += strlen(kinds[i]);
			appendStringInfo(&t->out, "(%s", kinds[i]);
			if (i > 0)
				look_around(t);
			return true;
		}
	if (regex_is_next(t, "?<"))
	{
		const char *close = memchr(t->at, '>', t->end - t->at);

		if (close != NULL && close > t->at + 2)
		{
			t->at = close + 1;
			appendStringInfoString(&t->out, "(?:");
			return true;
		}
	}
	return regex_wrong(t, "has a group of an unknown kind");
}

/* A count in braces, behind the opening one; -1: no upper bound. */
static bool
take_count(Translator *t, int *least, int *most)
{
	const char *close = memchr(t->at, '}', t->end - t->at);
	char	   *text;
	char	   *end;
	long		number;

	if (close == NULL || close - t->at > 20 || !isdigit((unsigned char) *t->at))
		return false;
	text = pnstrdup(t->at, close - t->at);
	number = strtol(text, &end, 10);
	*least = (int) Min(number, REPEAT_MAX + 1);
	*most = *least;
	if (*end == ',')
	{
		*most = -1;
		if (isdigit((unsigned char) end[1]))
		{
			number = strtol(end + 1, &end, 10);
			*most = (int) Min(number, REPEAT_MAX + 1);
		}
		else
			end++;
	}
	if (*end != '\0')
		return false;
	t->at = close + 1;
	return true;
}

/* The engine counts to 255: more is written one behind the other. */
static bool
repeat(Translator *t, int least, int most)
{
	char *atom = pstrdup(t->out.data + t->atom);

	if (least > REPEAT_MAX || most > REPEAT_MAX)
		return regex_wrong(t, "counts above 10000");
	if (most >= 0 && most < least)
		return regex_wrong(t, "has a count that is none");
	if (least <= DUP_MAX && most <= DUP_MAX)
	{
		appendStringInfo(&t->out, most < 0 ? "{%d,}" : "{%d,%d}", least, most);
		return true;
	}
	t->out.len = t->atom;
	t->out.data[t->out.len] = '\0';
	appendStringInfoString(&t->out, "(?:");
	for (int left = least; left > 0; left -= DUP_MAX)
		appendStringInfo(&t->out, "%s{%d}", atom, Min(left, DUP_MAX));
	if (most < 0)
		appendStringInfo(&t->out, "%s*", atom);
	for (int left = most - least; most >= 0 && left > 0; left -= DUP_MAX)
		appendStringInfo(&t->out, "%s{0,%d}", atom, Min(left, DUP_MAX));
	appendStringInfoChar(&t->out, ')');
	return t->out.len <= PATTERN_MAX || regex_wrong(t, "is too long");
}

static bool
take_quantifier(Translator *t, char c)
{
	int least = c == '+' ? 1 : 0;
	int most = c == '?' ? 1 : -1;

	if (c == '{' && !take_count(t, &least, &most))
	{
		/* no count: a brace */
		t->atom = t->out.len;
		appendStringInfoString(&t->out, "\\{");
		return true;
	}
	if (t->atom < 0)
		return regex_wrong(t, "repeats nothing");
	if (c == '{')
	{
		if (!repeat(t, least, most))
			return false;
	}
	else
		appendStringInfoChar(&t->out, c);
	/* whether it is found does not depend on greed */
	if (regex_is_next(t, "?"))
		t->at++;
	t->atom = -1;
	return true;
}

/* ---- the whole ---- */

static bool
take_backslash(Translator *t)
{
	uint32		code;
	bool		negated;
	const char *class;

	if (regex_is_next(t, "b") || regex_is_next(t, "B"))
	{
		/* of ASCII words, as ECMA has it */
		appendStringInfoString(&t->out, *t->at == 'b'
											? "(?:(?<=[" WORDS "])(?![" WORDS "])|(?<![" WORDS "])(?=[" WORDS "]))"
											: "(?:(?<=[" WORDS "])(?=[" WORDS "])|(?<![" WORDS "])(?![" WORDS "]))");
		t->at++;
		t->atom = -1;
		return true;
	}
	class = take_class(t, &negated);
	if (class != NULL)
		appendStringInfo(&t->out, "[%s%s]", negated ? "^" : "", class);
	else if (t->fault != NULL || !regex_take_escaped(t, &code, false))
		return false;
	else
		regex_put_code(&t->out, code);
	return true;
}

static bool
take_one(Translator *t)
{
	int	 begin = t->out.len;
	char c = *t->at;

	if (t->depth == 0 && c != '(' && c != ')')
		t->at_begin = c == '^' && t->at == t->begin;
	if ((unsigned char) c >= 128 || strchr("\\[(){}*+?|^$.", c) == NULL)
	{
		regex_put_code(&t->out, regex_take_character(t));
		t->atom = begin;
		return true;
	}
	t->at++;
	switch (c)
	{
		case '*':
		case '+':
		case '?':
		case '{':
			return take_quantifier(t, c);
		case '(':
			t->atom = -1;
			return open_group(t);
		case ')':
			if (t->depth == 0)
				return regex_wrong(t, "closes a group that is not open");
			appendStringInfoChar(&t->out, ')');
			close_group(t);
			return true;
		case '|':
		case '^':
		case '$':
			appendStringInfoChar(&t->out, c);
			t->atom = -1;
			return true;
		case '}':
			appendStringInfoString(&t->out, "\\}");
			break;
		case '.':
			appendStringInfoString(&t->out, "[^\\n\\r\\u2028\\u2029]");
			break;
		case '[':
			if (!take_bracket(t))
				return false;
			break;
		default:
			t->atom = begin;
			return take_backslash(t);
	}
	t->atom = begin;
	return true;
}

char *
schema_regex_translate(const char *pattern, size_t len, int *passes, const char **fault)
{
	Translator t = {.begin = pattern, .at = pattern, .end = pattern + len, .atom = -1};

	*fault = "is too long";
	if (len > PATTERN_MAX)
		return NULL;
	initStringInfo(&t.out);
	/* nothing of the pattern can be taken for a director or for options */
	appendStringInfoString(&t.out, "***:(?:");
	while (t.at < t.end && t.out.len <= 2 * PATTERN_MAX && take_one(&t))
		;
	if (t.fault == NULL && t.at < t.end)
		(void) regex_wrong(&t, "is too long");
	if (t.fault == NULL && t.depth > 0)
		(void) regex_wrong(&t, "has a group without end");
	*fault = t.fault;
	*passes = t.most;
	appendStringInfoChar(&t.out, ')');
	return t.fault == NULL ? t.out.data : NULL;
}
