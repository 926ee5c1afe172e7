/*
 * attribute.c
 *		What judging asks of each event's attributes and message.
 *
 * The rules are in verdict.sql; these two were a regular expression and the difference
 * of an object and a list, which took a twelfth of judging an event.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "maestro.h"

/* what log_event itself adds to attributes */
static const char *const own_keys[] = {"maestro.target", "maestro.dependency",
									   "maestro.truncated_bytes", "maestro.claimed_occurred_at",
									   "span.original_id", "maestro.action"};

static bool
is_own_key(const JsonbValue *key)
{
	for (int i = 0; i < (int) lengthof(own_keys); i++)
		if (key->val.string.len == (int) strlen(own_keys[i]) &&
			memcmp(key->val.string.val, own_keys[i], key->val.string.len) == 0)
			return true;
	return false;
}

/* attributes_say(attributes) -> boolean */
MAESTRO_FUNCTION(attributes_say)
{
	Jsonb			 *attributes = PG_GETARG_JSONB_P(0);
	JsonbIterator	 *it;
	JsonbIteratorToken token;
	JsonbValue		  v;
	bool			  says = false;

	if (!JB_ROOT_IS_OBJECT(attributes))
		PG_RETURN_BOOL(false);
	/* most have more keys than we add: then they need not be read */
	if (JB_ROOT_COUNT(attributes) > lengthof(own_keys))
		PG_RETURN_BOOL(true);
	it = JsonbIteratorInit(&attributes->root);
	while (!says && (token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
		says = token == WJB_KEY && !is_own_key(&v);
	PG_RETURN_BOOL(says);
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

/* message_is_neutral(message) -> boolean */
MAESTRO_FUNCTION(message_is_neutral)
{
	text				*message = PG_GETARG_TEXT_PP(0);
	const unsigned char *at = (const unsigned char *) VARDATA_ANY(message);
	const unsigned char *end = at + VARSIZE_ANY_EXHDR(message);
	bool				 neutral = true;

	while (neutral && at < end)
	{
		int len = *at < 0x80 ? 1 : pg_utf_mblen(at);

		/* letters, digits and the like of ASCII */
		if (*at >= 0x20 && *at < 0x7f)
		{
			at++;
			continue;
		}
		/* cut in the middle of a character: no text of the server's */
		if (at + len > end)
			break;
		neutral = !is_taken_away(utf8_to_unicode(at));
		at += len;
	}
	PG_RETURN_BOOL(neutral);
}
