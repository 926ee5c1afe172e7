/*
 * redact_walk.c
 *		Where in a jsonb value a walk is, and what the names of keys say of the
 *		leaf that comes next.
 *
 * A key's name (scan_key.h) decides on its value, elements of an array under it
 * included: strings go as a whole, numbers where numbers are secrets; booleans,
 * null and words such as "missing" stay, for they carry the diagnosis.
 *
 * The name may also stand beside the value, as HAR files and OpenTelemetry have
 * it: {"name": "Cookie", "value": …}, {"key": "…token", "value": {"stringValue":
 * …}}.  That works in one walk because jsonb sorts keys by length first.  In an
 * object under a sensitive key ({"secrets": {"db": …}}), and in a pair ["token",
 * …], only what looks random goes: a JSON Schema describes passwords in words.  What
 * follows --password in an array of arguments goes.
 */
#include "postgres.h"

#include "utils/numeric.h"

#include "ascii.h"
#include "neutralize.h"
#include "redact_walk.h"
#include "scan_check.h"
#include "scan_key.h"

static const RedactName nothing = {PLAIN_KEY, false};

static void
enter(RedactWalk *w, const JsonbValue *v, JsonbContainer *container, bool object)
{
	RedactName name = w->depth > 0 ? walk_frame(w)->current : nothing;

	if (w->depth == w->frame_max)
	{
		w->frame_max = w->frame_max > 0 ? 2 * w->frame_max : 16;
		w->frame = w->frame ? repalloc(w->frame, w->frame_max * sizeof(RedactFrame))
							: palloc(w->frame_max * sizeof(RedactFrame));
	}
	w->frame[w->depth++] = (RedactFrame){.object = object,
										 .current = object ? nothing : name,
										 .outer = name,
										 .named = PLAIN_KEY,
										 .index = -1,
										 .size = object ? 0 : v->val.array.nElems,
										 .members = container};
}

static void
leave(RedactWalk *w)
{
	RedactFrame *frame = &w->frame[--w->depth];

	if (frame->taken != NULL)
		hash_destroy(frame->taken);
}

void
walk_token(RedactWalk *w, JsonbIteratorToken token, const JsonbValue *v,
		   JsonbContainer *container)
{
	/* an element of an array begins */
	if (w->depth > 0 && !walk_frame(w)->object &&
		(token == WJB_ELEM || token == WJB_BEGIN_ARRAY || token == WJB_BEGIN_OBJECT))
		walk_frame(w)->index++;
	if (token == WJB_BEGIN_ARRAY || token == WJB_BEGIN_OBJECT)
		enter(w, v, container, token == WJB_BEGIN_OBJECT);
	else if (token == WJB_END_ARRAY || token == WJB_END_OBJECT)
		leave(w);
}

bool
walk_redact(JsonbValue *v, const ScanSetup *setup, Findings *f)
{
	char *out;
	size_t outlen;

	if (setup->user == NULL && scan_is_plain(v->val.string.val, v->val.string.len))
		return false;
	if (!redact_text(v->val.string.val, v->val.string.len, REDACT_BLOCK, setup, f, &out,
					 &outlen))
		return false;
	v->val.string.val = out;
	v->val.string.len = outlen;
	return true;
}

/* Length of an escape that stands for what is invisible, and of the terminal sequence it begins. */
static size_t
escape_length(const char *text, size_t len)
{
	size_t n = len < 2 || text[0] != '\\' ? 0
			   : text[1] == 'x'				? 4
			   : text[1] == 'u'				? 6
			   : text[1] == 'U'				? 10
											: 0;

	if (n == 0 || n > len)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (!is_hex_digit(text[i]))
			return 0;
	if (n == 4 && memcmp(text, "\\x1b", 4) == 0 && n < len && text[n] == '[')
	{
		size_t end = n + 1;

		while (end < len && (is_digit(text[end]) || text[end] == ';'))
			end++;
		if (end < len && is_letter(text[end]))
			n = end + 1;
	}
	return n;
}

/* Leaves such escapes out, in place; returns the length that is left. */
static size_t
drop_escapes(char *text, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len;)
	{
		size_t n = escape_length(text + i, len - i);

		if (n == 0)
			text[out++] = text[i++];
		else
			i += n;
	}
	return out;
}

/*
 * The type that a name gives at this level.  It is asked of what sanitizing leaves of
 * the name, for a second time there is nothing else to go by; what was invisible in it
 * hides nothing, as little as what still is.
 */
static int
name_type(const RedactWalk *w, const JsonbValue *name)
{
	const char *text = name->val.string.val;
	size_t len = name->val.string.len;
	char view[256];
	int type;

	if (len < sizeof(view) && !scan_is_plain(text, len))
	{
		uint32_t origin[sizeof(view) + 1];
		size_t shown;

		len = neutralize_view(text, len, true, view, origin, &shown);
		len = drop_escapes(view, len);
		text = view;
	}
	type = scan_key_type(text, len);
	if (type != PLAIN_KEY && scan_type_level(type) > w->setup->level)
		return PLAIN_KEY;
	return type;
}

static bool
is_named(const JsonbValue *key, const char *name, int len)
{
	return key->val.string.len == len && pg_strncasecmp(key->val.string.val, name, len) == 0;
}

void
walk_key(RedactWalk *w, const JsonbValue *key)
{
	RedactFrame *frame = walk_frame(w);

	frame->key = *key;
	frame->names = is_named(key, "name", 4) || is_named(key, "key", 3);
	frame->current = (RedactName){name_type(w, key), false};
	if (frame->current.type != PLAIN_KEY)
		return;
	if (frame->named != PLAIN_KEY && is_named(key, "value", 5))
		frame->current.type = frame->named;
	else if (frame->outer.type != PLAIN_KEY)
	{
		frame->current = frame->outer;
		if (!is_named(key, "value", 5) && !is_named(key, "stringvalue", 11))
			frame->current.soft = true;
	}
}

/*
 * The digits of an integer of 13 to 19 digits, 0 if the number is another one.
 *
 * Reads the stored form, as printing every number would cost more than the rest
 * of the walk, and 1e131071 becomes 131,072 digits.  The form is described at the
 * top of numeric.c and is part of every data directory that pg_upgrade takes over.
 */
static size_t
integer_digits(Numeric number, char *digits)
{
	const char *data = VARDATA_ANY((struct varlena *) number);
	size_t size = VARSIZE_ANY_EXHDR((struct varlena *) number);
	uint16 header;
	int16 weight;
	char groups[5 * 4 + 1];
	size_t skip = 0;

	memcpy(&header, data, sizeof(header));
	if ((header & 0xC000) == 0xC000)
		return 0; /* NaN, infinity */
	if (header & 0x8000)
		weight = (header & 0x0040 ? ~0x003F : 0) | (header & 0x003F);
	else
		memcpy(&weight, data + sizeof(header), sizeof(weight));
	data += header & 0x8000 ? 2 : 4;
	size -= header & 0x8000 ? 2 : 4;

	/* groups of four digits, zeros at the end left out */
	if (weight < 3 || weight > 4 || size > (weight + 1) * sizeof(int16))
		return 0;
	memset(groups, '0', sizeof(groups));
	for (size_t i = 0; i < size / sizeof(int16); i++)
	{
		int16 group;

		memcpy(&group, data + i * sizeof(int16), sizeof(group));
		snprintf(groups + 4 * i, 5, "%04d", group);
		groups[4 * i + 4] = '0';
	}
	while (groups[skip] == '0' && skip < 4)
		skip++;
	memcpy(digits, groups + skip, 4 * (weight + 1) - skip);
	return 4 * (weight + 1) - skip;
}

/* The type as which a number goes. */
static int
whole_number(const RedactWalk *w, const JsonbValue *v, RedactName name)
{
	char digits[20];
	size_t n;

	if (name.type != PLAIN_KEY && !name.soft && scan_key_takes_numbers(name.type))
		return name.type;
	n = w->setup->level >= SCAN_PII ? integer_digits(v->val.numeric, digits) : 0;
	return n > 0 && check_card(digits, n) ? TYPE_PAYMENT_CARD : PLAIN_KEY;
}

/* The type that a value gives to another. */
static int
value_name_type(const RedactWalk *w, const JsonbValue *name)
{
	JsonbValue clean = *name;

	(void) walk_redact(&clean, w->setup, NULL);
	return name_type(w, &clean);
}

/*
 * Does what sanitizing leaves of a value look random?  It is asked of that and not of
 * the value, or a second time could answer otherwise.
 */
static bool
looks_random(const RedactWalk *w, int type, const char *value, size_t len)
{
	char *clean;
	size_t n;

	(void) redact_text(value, len, REDACT_BLOCK, w->setup, NULL, &clean, &n);
	if (type == TYPE_AUTHORIZATION)
		return check_authorization(clean, n);
	return n >= 8 && memchr(clean, ' ', n) == NULL && check_secret(clean, n);
}

/* Asked of what sanitizing leaves, as looks_random is. */
static bool
is_place(const RedactWalk *w, const char *value, size_t len)
{
	char *clean;
	size_t n;

	if (!check_is_place(value, len))
		return false;
	return !redact_text(value, len, REDACT_BLOCK, w->setup, NULL, &clean, &n);
}

static bool
is_short_word(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!(value[i] >= 'a' && value[i] <= 'z') && value[i] != '_' && value[i] != '-')
			return false;
	return len <= 12;
}

/* The type as which a string goes. */
static int
whole_string(const RedactWalk *w, const JsonbValue *v, RedactName name)
{
	const char *value = v->val.string.val;
	size_t len = v->val.string.len;

	if (name.type == PLAIN_KEY || len == 0 || check_is_diagnosis(value, len))
		return PLAIN_KEY;
	/* where a secret is, is none; and auth may be the name of a way to log in */
	if (is_place(w, value, len) || (name.type == TYPE_AUTHORIZATION && is_short_word(value, len)))
		return PLAIN_KEY;
	/* what a key named phone holds may be anything */
	if (name.type == TYPE_PHONE && !check_is_number(value, len))
		return PLAIN_KEY;
	if (name.soft && !looks_random(w, name.type, value, len))
		return PLAIN_KEY;
	if (w->setup->allowed != NULL && w->setup->allowed(scan_name_rule(), value, len))
		return ALLOWED_VALUE;
	return name.type;
}

/*
 * What an element of an array that stays says of the next: of a pair the first is a
 * name, and of a command's arguments --password.
 */
static RedactName
element_name(const RedactWalk *w, const RedactFrame *frame, const JsonbValue *leaf)
{
	bool flag = leaf->val.string.len > 2 && memcmp(leaf->val.string.val, "--", 2) == 0;
	bool pair = frame->index == 0 && frame->size == 2;
	int type = flag || pair ? value_name_type(w, leaf) : PLAIN_KEY;

	return type != PLAIN_KEY ? (RedactName){type, !flag} : frame->outer;
}

int
walk_whole(RedactWalk *w, const JsonbValue *leaf)
{
	RedactFrame *frame = walk_frame(w);
	RedactName name = frame->current;
	int type;

	if (leaf->type == jbvNumeric)
		return whole_number(w, leaf, name);
	if (leaf->type != jbvString)
		return PLAIN_KEY;
	type = whole_string(w, leaf, name);
	/* what goes can be no name: it would be none a second time */
	if (frame->object && frame->names)
		frame->named = type < 0 ? value_name_type(w, leaf) : PLAIN_KEY;
	else if (!frame->object && (frame->outer.type == PLAIN_KEY || frame->outer.soft))
		frame->current = type < 0 ? element_name(w, frame, leaf) : frame->outer;
	return type;
}
