/*
 * schema_regex_char.c
 *		Single characters of a regular expression, however they are written.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "schema_regex.h"

bool
regex_wrong(Translator *t, const char *fault)
{
	if (t->fault == NULL)
		t->fault = fault;
	return false;
}

bool
regex_is_next(const Translator *t, const char *text)
{
	size_t len = strlen(text);

	return (size_t) (t->end - t->at) >= len && memcmp(t->at, text, len) == 0;
}

void
regex_put_code(StringInfo out, uint32 code)
{
	if (code < 128 && (isalnum((int) code) || strchr("_ <>=,:;!@%&~`'\"/", (int) code) != NULL))
		appendStringInfoChar(out, (char) code);
	else if (code < 0x10000)
		appendStringInfo(out, "\\u%04x", code);
	else
		appendStringInfo(out, "\\U%08x", code);
}

uint32
regex_take_character(Translator *t)
{
	int	   len = Min(pg_utf_mblen((const unsigned char *) t->at), (int) (t->end - t->at));
	uint32 code = (unsigned char) *t->at;

	if (GetDatabaseEncoding() != PG_UTF8)
		len = 1;
	else if (code >= 128)
		code = utf8_to_unicode((const unsigned char *) t->at);
	t->at += len;
	return code;
}

static bool
take_hex(Translator *t, int digits, uint32 *code)
{
	*code = 0;
	if (t->end - t->at < digits)
		return false;
	for (int i = 0; i < digits; i++)
	{
		char c = t->at[i];

		if (!isxdigit((unsigned char) c))
			return false;
		*code = *code * 16 + (uint32) (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	t->at += digits;
	return true;
}

/* Behind \u: four digits, a pair of surrogates, or digits in braces. */
static bool
take_unicode(Translator *t, uint32 *code)
{
	uint32 low;

	if (regex_is_next(t, "{"))
	{
		const char *close = memchr(t->at, '}', t->end - t->at);

		t->at++;
		if (close == NULL || close == t->at || close - t->at > 6 ||
			!take_hex(t, (int) (close - t->at), code) || *code > 0x10ffff)
			return false;
		t->at++;
		return true;
	}
	if (!take_hex(t, 4, code))
		return false;
	if (*code >= 0xd800 && *code < 0xdc00 && regex_is_next(t, "\\u"))
	{
		t->at += 2;
		if (!take_hex(t, 4, &low) || low < 0xdc00 || low > 0xdfff)
			return false;
		*code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
	}
	return true;
}

bool
regex_take_escaped(Translator *t, uint32 *code, bool in_class)
{
	static const char controls[] = "t\tn\nv\vf\fr\r";
	char			  c;

	if (t->at == t->end)
		return regex_wrong(t, "ends in a backslash");
	c = *t->at;
	for (int i = 0; i < (int) sizeof(controls) - 1; i += 2)
		if (controls[i] == c)
		{
			t->at++;
			*code = (unsigned char) controls[i + 1];
			return true;
		}
	if (c == 'c' && t->end - t->at > 1 && isalpha((unsigned char) t->at[1]))
	{
		*code = (uint32) t->at[1] % 32;
		t->at += 2;
		return true;
	}
	if (c == 'x' || c == 'u')
	{
		t->at++;
		if (c == 'x' ? take_hex(t, 2, code) : take_unicode(t, code))
			return *code != 0 || regex_wrong(t, "names the character 0, which no text has");
		return regex_wrong(t, "has an escape that is none");
	}
	if (c == '0')
		return regex_wrong(t, "names the character 0, which no text has");
	if (isdigit((unsigned char) c) || c == 'k')
		return regex_wrong(t, "refers back to a group, which would need backtracking");
	if (in_class && c == 'b')
	{
		t->at++;
		*code = '\b';
		return true;
	}
	if (isalpha((unsigned char) c))
		return regex_wrong(t, "has an escape that is none");
	*code = regex_take_character(t);
	return true;
}
