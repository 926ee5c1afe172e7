/*
 * attributes.c
 *		What an event's attributes and message say.
 *
 * Callers send what they like, so whatever a value is, reading it ends in a text, a
 * number or nothing, never in an error.  Objects are read where they lie:
 * JsonbIterator would copy and allocate for each.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "mb/pg_wchar.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/numeric.h"

#include "compat.h"

#include "attributes.h"

#define FIRST_OWN ATTRIBUTE_OWN_TARGET

static const struct
{
	const char *text;
	size_t		len;
} names[ATTRIBUTE_COUNT] = {
#define ATTRIBUTE_ROW(name, text) {text, sizeof(text) - 1},
	ATTRIBUTE_NAMES(ATTRIBUTE_ROW)
#undef ATTRIBUTE_ROW
};

#define NAME_LEN_MAX 40

/* Of each length the names that are so long, a bit each: most keys are none of them. */
static uint32 names_by_len[NAME_LEN_MAX];

static void
sort_names(void)
{
	StaticAssertStmt(ATTRIBUTE_COUNT <= 32, "a bit for each name");
	for (int i = 0; i < ATTRIBUTE_COUNT; i++)
	{
		Assert(names[i].len < NAME_LEN_MAX);
		names_by_len[names[i].len] |= (uint32) 1 << i;
	}
}

/* The name that a key is, or -1. */
static int
find_name(const char *key, size_t len)
{
	uint32 left = len < NAME_LEN_MAX ? names_by_len[len] : 0;

	for (; left != 0; left &= left - 1)
	{
		int i = pg_rightmost_one_pos32(left);

		if (memcmp(names[i].text, key, len) == 0)
			return i;
	}
	return -1;
}

/* Where the bytes of keys and values begin. */
static const char *
object_data(const JsonbContainer *object)
{
	return (const char *) &object->children[JsonContainerSize(object) * 2];
}

void
attributes_pick(Attributes *attributes, Jsonb *document)
{
	static bool			  sorted = false;
	const JsonbContainer *object;
	const char			 *data;
	uint32				  begin = 0;

	if (!sorted)
		sort_names();
	sorted = true;
	memset(attributes->place, 0xff, sizeof(attributes->place));
	attributes->document = document;
	attributes->count = -1;
	attributes->others = 0;
	if (document == NULL || !JB_ROOT_IS_OBJECT(document))
		return;
	object = &document->root;
	data = object_data(object);
	attributes->count = attributes->others = (int) JsonContainerSize(object);
	for (int i = 0; i < attributes->count; i++)
	{
		JEntry entry = object->children[i];
		uint32 end = JBE_HAS_OFF(entry) ? JBE_OFFLENFLD(entry) : begin + JBE_OFFLENFLD(entry);
		int	   name = find_name(data + begin, end - begin);

		begin = end;
		if (name < 0)
			continue;
		attributes->place[name] = i;
		attributes->others -= name >= FIRST_OWN;
	}
}

bool
attribute_exists(Jsonb *document, AttributeName name)
{
	JsonbValue value;

	if (JB_ROOT_IS_OBJECT(document))
		return getKeyJsonValueFromContainer(&document->root, names[name].text,
											(int) names[name].len, &value) != NULL;
	/* an imported row's may be a list, of which the operator asks for elements */
	return DatumGetBool(DirectFunctionCall2(jsonb_exists, JsonbPGetDatum(document),
											CStringGetTextDatum(names[name].text)));
}

bool
attributes_have(const Attributes *attributes, AttributeName name)
{
	if (attributes->count >= 0)
		return attributes->place[name] >= 0;
	return attributes->document != NULL && attribute_exists(attributes->document, name);
}

/* A value that is neither a text nor null, as ->> prints it. */
static Words
print_value(Jsonb *document, const char *name)
{
	Datum text = DirectFunctionCall2(jsonb_object_field_text, JsonbPGetDatum(document),
									 CStringGetTextDatum(name));

	return (Words){VARDATA_ANY(DatumGetPointer(text)), VARSIZE_ANY_EXHDR(DatumGetPointer(text))};
}

Words
attributes_text(const Attributes *attributes, AttributeName name)
{
	const JsonbContainer *object;
	int					  value;
	JEntry				  entry;

	if (attributes->place[name] < 0)
		return (Words){NULL, 0};
	object = &attributes->document->root;
	value = attributes->place[name] + attributes->count;
	entry = object->children[value];
	if (JBE_ISNULL(entry))
		return (Words){NULL, 0};
	if (!JBE_ISSTRING(entry))
		return print_value(attributes->document, names[name].text);
	return (Words){object_data(object) + getJsonbOffset(object, value),
				   getJsonbLength(object, value)};
}

/* Up to 15 digits, and up to 30 behind a point. */
static bool
is_plain_number(const char *s, size_t len)
{
	size_t whole = strspn(s, "0123456789");
	size_t part;

	if (whole < 1 || whole > 15)
		return false;
	if (whole == len)
		return true;
	if (s[whole] != '.')
		return false;
	part = strspn(s + whole + 1, "0123456789");
	return part >= 1 && part <= 30 && whole + 1 + part == len;
}

#define NUMBER_TEXT_MAX (15 + 1 + 30)

static bool
value_number(const JsonbValue *value, double *number)
{
	char text[NUMBER_TEXT_MAX + 1];

	if (value->type == jbvNumeric)
	{
		double n = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
													  NumericGetDatum(value->val.numeric)));

		*number = n > 0 ? Min(n, 1e15) : 0;
		return true;
	}
	if (value->type != jbvString || value->val.string.len > NUMBER_TEXT_MAX)
		return false;
	memcpy(text, value->val.string.val, value->val.string.len);
	text[value->val.string.len] = '\0';
	if (!is_plain_number(text, value->val.string.len))
		return false;
	*number = strtod(text, NULL);
	return true;
}

bool
attribute_number_named(Jsonb *document, const char *name, size_t len, double *number)
{
	JsonbValue value;

	return JB_ROOT_IS_OBJECT(document) &&
		   getKeyJsonValueFromContainer(&document->root, name, (int) len, &value) != NULL &&
		   value_number(&value, number);
}

bool
attributes_number(const Attributes *attributes, AttributeName name, double *number)
{
	return attributes->place[name] >= 0 &&
		   attribute_number_named(attributes->document, names[name].text, names[name].len, number);
}

bool
attributes_typed(const Attributes *attributes)
{
	static const char of_word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-";
	Words type = attributes_text(attributes, ATTRIBUTE_ERROR_TYPE);

	if (type.s == NULL || type.len < 1 || type.len > 128)
		return false;
	for (size_t i = 0; i < type.len; i++)
		if (type.s[i] == '\0' || strchr(of_word, type.s[i]) == NULL)
			return false;
	return true;
}

Words
words_lower(Words words)
{
	char *lower;

	for (size_t i = 0; i < words.len; i++)
		if ((words.s[i] >= 'A' && words.s[i] <= 'Z') || IS_HIGHBIT_SET(words.s[i]))
		{
			lower = str_tolower(words.s, words.len, DEFAULT_COLLATION_OID);
			return (Words){lower, strlen(lower)};
		}
	return words;
}

/* characters that sanitizing takes away, ascending */
static const struct
{
	pg_wchar first;
	pg_wchar last;
} taken_away[] = {{0x0001, 0x0008}, {0x000a, 0x001f}, {0x007f, 0x009f},	  {0x061c, 0x061c},
				  {0x180e, 0x180e}, {0x200b, 0x200c}, {0x200e, 0x200f},	  {0x2028, 0x202e},
				  {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};

static bool
is_taken_away(pg_wchar c)
{
	for (int i = 0; i < (int) lengthof(taken_away) && c >= taken_away[i].first; i++)
		if (c <= taken_away[i].last)
			return true;
	return false;
}

/* Eight bytes of which each is a letter, digit or the like of ASCII? */
static bool
are_plain(const unsigned char *at)
{
	const uint64 ones = UINT64CONST(0x0101010101010101);
	uint64		 x;

	memcpy(&x, at, sizeof(x));
	/* under 0x20, 0x7f, and from 0x80 on each set the highest bit of one of these */
	return (((x - ones * 0x20) | (x + ones) | x) & (ones * 0x80)) == 0;
}

bool
words_are_neutral(Words words)
{
	const unsigned char *at = (const unsigned char *) words.s;
	const unsigned char *end = at + words.len;

	while (at < end)
	{
		int len;

		if (end - at >= 8 && are_plain(at))
		{
			at += 8;
			continue;
		}
		if (*at >= 0x20 && *at < 0x7f)
		{
			at++;
			continue;
		}
		len = *at < 0x80 ? 1 : pg_utf_mblen(at);
		/* cut in the middle of a character: no text of the server's */
		if (at + len > end)
			break;
		if (is_taken_away(utf8_to_unicode(at)))
			return false;
		at += len;
	}
	return true;
}
