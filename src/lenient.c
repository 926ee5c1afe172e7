/*
 * lenient.c
 *		Reads text as JSON without ever refusing it.
 *
 * An event must not be lost because a model wrote something that jsonb does not
 * take.  So, where jsonb's own input raises, this gives:
 *
 *	  \u0000, a lone surrogate		the six characters as written, visible
 *	  number too large to handle	a string of its text
 *	  no JSON, or too deep			one string of the whole text
 *
 * Everything else becomes what text::jsonb makes of it, byte for byte.
 *
 * The parser is one pass over the text, with a stack of its own instead of
 * recursion, and builds jsonb as it goes.  Strings without escapes are not copied
 * before the result is put together, which makes it faster than jsonb's own, and
 * there is nothing to catch: what is no JSON is noticed, not raised.  What
 * was built until then is freed with the memory context it was built in.
 */
#include "postgres.h"

#include "compat.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "lenient.h"

/* levels of nesting; whoever walks the result recurses as deep */
#define MAX_DEPTH 512

/*
 * A longer document stays one string.  Below it the result can't exceed
 * jsonb's 256 MB, however the numbers in it are padded.
 */
#define MAX_DOCUMENT_BYTES (128 * 1024 * 1024)

/*
 * So does one with more values, where a container counts as several:
 * building takes up to 72 bytes a value and 640 a container, so some 350 MB here.
 */
#define MAX_WEIGHT (2 * 1024 * 1024)
#define CONTAINER_WEIGHT 4

/* digits before the exponent, and its value; beyond it a number is a string */
#define MAX_NUMBER_DIGITS 1000
#define MAX_NUMBER_EXPONENT 400
/* sign, digits, point, "e", sign and exponent of the longest number */
#define MAX_NUMBER_LEN (MAX_NUMBER_DIGITS + 7)
/* digits that surely fit an int64 */
#define MAX_INT64_DIGITS 18

/* The reading of one document. */
typedef struct Parser
{
	const char      *p;   /* next byte to read */
	const char      *end; /* behind the last */
	JsonbParseState *state;
	JsonbValue      *root;   /* the outermost container when closed, or scalar */
	JsonbValue       scalar; /* the root when it is no container */
	int              depth;  /* open containers */
	bool             object[MAX_DEPTH]; /* which of them are objects */
	int              weight;            /* of the values so far */
} Parser;

/* Step over JSON's blanks. */
static inline void
skip_blanks(Parser *ps)
{
	while (ps->p < ps->end &&
	       (*ps->p == ' ' || *ps->p == '\n' || *ps->p == '\t' || *ps->p == '\r'))
		ps->p++;
}

/* Whether a digit comes next. */
static inline bool
is_digit(const Parser *ps)
{
	return ps->p < ps->end && *ps->p >= '0' && *ps->p <= '9';
}

/* Read the four digits behind "\u"; false when they are others. */
static bool
read_code_unit(const char *p, const char *end, pg_wchar *unit)
{
	pg_wchar value = 0;

	if (end - p < 4)
		return false;
	for (int i = 0; i < 4; i++)
	{
		char c = p[i];

		if (c >= '0' && c <= '9')
			value = value << 4 | (pg_wchar) (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value << 4 | (pg_wchar) ((c | 0x20) - 'a' + 10);
		else
			return false;
	}
	*unit = value;
	return true;
}

/*
 * Decode the escape "\uXXXX" at p, or two of them that are a surrogate pair,
 * to *out.  Returns the end of what was read, NULL when it is no escape.
 */
static const char *
decode_unicode(const char *p, const char *end, char **out)
{
	pg_wchar unit;
	pg_wchar second;

	if (!read_code_unit(p + 2, end, &unit))
		return NULL;
	if (is_utf16_surrogate_first(unit) && end - p >= 12 && p[6] == '\\' && p[7] == 'u' &&
	    read_code_unit(p + 8, end, &second) && is_utf16_surrogate_second(second))
	{
		unit = surrogate_pair_to_codepoint(unit, second);
		p += 6;
	}
	else if (unit == 0 || is_utf16_surrogate_first(unit) ||
	         is_utf16_surrogate_second(unit))
	{
		/* has no meaning as text: stays as it was written */
		memcpy(*out, p, 6);
		*out += 6;
		return p + 6;
	}
	unicode_to_utf8(unit, (unsigned char *) *out);
	*out += pg_utf_mblen((unsigned char *) *out);
	return p + 6;
}

/* Decode the escape at p to *out; returns its end, NULL when it is none. */
static const char *
decode_escape(const char *p, const char *end, char **out)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	const char       *letter;

	if (end - p < 2)
		return NULL;
	if (p[1] == 'u')
		return decode_unicode(p, end, out);
	letter = p[1] ? strchr(letters, p[1]) : NULL;
	if (letter == NULL)
		return NULL;
	*(*out)++ = meanings[letter - letters];
	return p + 2;
}

/*
 * Decode a string with escapes, from its first character to the closing quote
 * at end.  No escape is shorter than what it stands for.
 */
static bool
decode_string(const char *p, const char *end, JsonbValue *value)
{
	char *out = palloc(end - p);

	value->val.string.val = out;
	while (p < end)
	{
		if (*p != '\\')
			*out++ = *p++;
		else if ((p = decode_escape(p, end, &out)) == NULL)
			return false;
	}
	value->val.string.len = out - value->val.string.val;
	return true;
}

/* Read a string, from its opening quote on. */
static bool
parse_string(Parser *ps, JsonbValue *value)
{
	const char *start = ps->p + 1;
	const char *p = start;
	const char *end = ps->end;
	bool        escaped = false;

	for (;;)
	{
		while (p < end && *p != '"' && *p != '\\' && (unsigned char) *p >= 0x20)
			p++;
		if (p == end || (unsigned char) *p < 0x20)
			return false;
		if (*p == '"')
			break;
		escaped = true;
		if (end - p < 2)
			return false;
		p += 2;
	}
	ps->p = p + 1;
	value->type = jbvString;
	if (escaped)
		return decode_string(start, p, value);
	value->val.string.val = unconstify(char *, start);
	value->val.string.len = p - start;
	return true;
}

/* Step over an exponent, if any; its value, capped, or -1 when malformed. */
static int
scan_exponent(Parser *ps)
{
	int value = 0;

	if (ps->p == ps->end || (*ps->p | 0x20) != 'e')
		return 0;
	ps->p++;
	if (ps->p < ps->end && (*ps->p == '+' || *ps->p == '-'))
		ps->p++;
	if (!is_digit(ps))
		return -1;
	for (; is_digit(ps); ps->p++)
		if (value <= MAX_NUMBER_EXPONENT)
			value = value * 10 + (*ps->p - '0');
	return value;
}

/* Step over a number; false when malformed.  Tells what it holds. */
static bool
scan_number(Parser *ps, size_t *digits, bool *integer, int *exponent)
{
	const char *start;

	if (*ps->p == '-')
		ps->p++;
	start = ps->p;
	while (is_digit(ps))
		ps->p++;
	*digits = ps->p - start;
	if (*digits == 0 || (*digits > 1 && *start == '0'))
		return false;
	start = ps->p;
	if (ps->p < ps->end && *ps->p == '.')
	{
		ps->p++;
		if (!is_digit(ps))
			return false;
		while (is_digit(ps))
			ps->p++;
		*digits += ps->p - start - 1;
	}
	*exponent = scan_exponent(ps);
	*integer = ps->p == start;
	return *exponent >= 0;
}

/* Value of a short integer, given its text. */
static int64
to_int64(const char *p, const char *end)
{
	bool  negative = *p == '-';
	int64 value = 0;

	for (p += negative; p < end; p++)
		value = value * 10 + (*p - '0');
	return negative ? -value : value;
}

/* Read a number. */
static bool
parse_number(Parser *ps, JsonbValue *value)
{
	const char *start = ps->p;
	size_t      digits;
	size_t      len;
	bool        integer;
	int         exponent;

	if (!scan_number(ps, &digits, &integer, &exponent))
		return false;
	len = ps->p - start;
	if (integer && digits <= MAX_INT64_DIGITS)
	{
		value->type = jbvNumeric;
		value->val.numeric = int64_to_numeric(to_int64(start, ps->p));
	}
	else if (digits <= MAX_NUMBER_DIGITS && exponent <= MAX_NUMBER_EXPONENT &&
	         len <= MAX_NUMBER_LEN)
	{
		char text[MAX_NUMBER_LEN + 1];

		memcpy(text, start, len);
		text[len] = '\0';
		value->type = jbvNumeric;
		value->val.numeric = DatumGetNumeric(
		    DirectFunctionCall3(numeric_in, CStringGetDatum(text),
		                        ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	}
	else
	{
		value->type = jbvString;
		value->val.string.val = unconstify(char *, start);
		value->val.string.len = (int) len;
	}
	return true;
}

/* Step over a word, true only when it is there and ends there. */
static bool
skip_word(Parser *ps, const char *word)
{
	size_t len = strlen(word);

	/* no need to look behind it: only blanks and punctuation may follow */
	if ((size_t) (ps->end - ps->p) < len || memcmp(ps->p, word, len) != 0)
		return false;
	ps->p += len;
	return true;
}

/* Read a value that is no container. */
static bool
parse_scalar(Parser *ps, JsonbValue *value)
{
	switch (*ps->p)
	{
		case '"':
			return parse_string(ps, value);
		case 't':
		case 'f':
			value->type = jbvBool;
			value->val.boolean = *ps->p == 't';
			return skip_word(ps, value->val.boolean ? "true" : "false");
		case 'n':
			value->type = jbvNull;
			return skip_word(ps, "null");
		default:
			return parse_number(ps, value);
	}
}

/* Read a key and the colon behind it. */
static bool
parse_key(Parser *ps)
{
	JsonbValue key;

	skip_blanks(ps);
	if (ps->p == ps->end || *ps->p != '"' || !parse_string(ps, &key))
		return false;
	pushJsonbValue(&ps->state, WJB_KEY, &key);
	skip_blanks(ps);
	return ps->p < ps->end && *ps->p++ == ':';
}

/* Open a container; *empty tells that its end comes next. */
static bool
open_container(Parser *ps, bool *empty)
{
	bool object = *ps->p++ == '{';

	if (ps->depth == MAX_DEPTH)
		return false;
	ps->object[ps->depth++] = object;
	ps->weight += CONTAINER_WEIGHT;
	pushJsonbValue(&ps->state, object ? WJB_BEGIN_OBJECT : WJB_BEGIN_ARRAY, NULL);
	skip_blanks(ps);
	*empty = ps->p < ps->end && *ps->p == (object ? '}' : ']');
	return *empty || !object || parse_key(ps);
}

/*
 * Behind a value: close the containers that end here.  True at the end of the
 * document and where another value must follow.
 */
static bool
close_containers(Parser *ps)
{
	while (ps->depth > 0)
	{
		bool object = ps->object[ps->depth - 1];

		skip_blanks(ps);
		if (ps->p == ps->end)
			return false;
		if (*ps->p == ',')
		{
			ps->p++;
			return !object || parse_key(ps);
		}
		if (*ps->p != (object ? '}' : ']'))
			return false;
		ps->p++;
		ps->depth--;
		ps->root =
		    pushJsonbValue(&ps->state, object ? WJB_END_OBJECT : WJB_END_ARRAY, NULL);
	}
	skip_blanks(ps);
	return ps->p == ps->end;
}

/* Read a whole document; false when it is no JSON or exceeds a limit. */
static bool
parse_document(Parser *ps)
{
	do
	{
		JsonbValue value;
		bool       empty = true;

		CHECK_FOR_INTERRUPTS();
		skip_blanks(ps);
		if (ps->p == ps->end || ++ps->weight > MAX_WEIGHT)
			return false;
		if (*ps->p == '{' || *ps->p == '[')
		{
			if (!open_container(ps, &empty))
				return false;
			if (!empty)
				continue;
		}
		else
		{
			if (!parse_scalar(ps, &value))
				return false;
			if (ps->depth > 0)
				pushJsonbValue(&ps->state,
				               ps->object[ps->depth - 1] ? WJB_VALUE : WJB_ELEM, &value);
			else
			{
				ps->scalar = value;
				ps->root = &ps->scalar;
			}
		}
		if (!close_containers(ps))
			return false;
	} while (ps->depth > 0);
	return true;
}

/* The text as one JSON string. */
static Jsonb *
as_string(const char *s, size_t len)
{
	JsonbValue value;

	if (len > JENTRY_OFFLENMASK)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
		                errmsg("text is too long for a JSON string"),
		                errdetail("It has %zu bytes, a JSON string %d at most.", len,
		                          JENTRY_OFFLENMASK)));
	value.type = jbvString;
	value.val.string.val = unconstify(char *, s);
	value.val.string.len = (int) len;
	return JsonbValueToJsonb(&value);
}

/* Whether a text may be JSON, by its first character: most prose may not. */
static bool
may_be_json(const Parser *ps)
{
	return ps->p < ps->end && *ps->p != '\0' &&
	       strchr("{[\"-0123456789tfn", *ps->p) != NULL &&
	       ps->end - ps->p <= MAX_DOCUMENT_BYTES;
}

/* Read a text as JSON, or as a string. */
Jsonb *
lenient_parse(const char *s, size_t len)
{
	Parser        ps;
	MemoryContext scratch;
	MemoryContext caller;
	bool          is_json;
	Jsonb        *result;

	ps.p = s;
	ps.end = s + len;
	ps.state = NULL;
	ps.root = NULL;
	ps.depth = 0;
	ps.weight = 0;
	skip_blanks(&ps);
	if (!may_be_json(&ps))
		return as_string(s, len);

	scratch = AllocSetContextCreate(CurrentMemoryContext, "maestro JSON being read",
	                                ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(scratch);
	is_json = parse_document(&ps);
	MemoryContextSwitchTo(caller);
	result = is_json ? JsonbValueToJsonb(ps.root) : as_string(s, len);
	MemoryContextDelete(scratch);
	return result;
}
