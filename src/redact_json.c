/*
 * redact_json.c
 *		Neutralise and redact a jsonb value.
 *
 * Strings and keys are passed through redact_text.  Beyond that the name of
 * a key decides on its value, elements of arrays included (scan_key.h): strings go as
 * a whole, numbers where numbers are secrets; booleans, null and words such as
 * "missing" stay, for they carry the diagnosis.  Numbers that are a card's go.
 *
 * Most values need no change, so the value is walked first, and only rebuilt if
 * that meets something.  Neither walk recurses.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/jsonb.h"

#include "compat.h"
#include "redact.h"
#include "scan.h"
#include "scan_check.h"
#include "scan_key.h"

/* No type: the key's name says nothing. */
#define PLAIN_KEY (-1)

/* An array or object that the walk is in. */
typedef struct Frame
{
	bool object;
	int type;				 /* of the values: by the current key, or the array's */
	JsonbContainer *members; /* of an object, as they are in the input */
	HTAB *taken;			 /* hashes of key texts; NULL until a key changes */
	uint32 suffix;			 /* the last one used */
} Frame;

typedef struct Walk
{
	SanitizeLevel level;
	Findings found;
	Frame *frame;
	int depth;
	int frame_max;
} Walk;

/* Opens an array or object; an array's elements are under the key of the array. */
static void
enter(Walk *w, JsonbContainer *container, bool object)
{
	int type = PLAIN_KEY;

	if (!object && w->depth > 0)
		type = w->frame[w->depth - 1].type;
	if (w->depth == w->frame_max)
	{
		w->frame_max = w->frame_max > 0 ? 2 * w->frame_max : 16;
		w->frame = w->frame ? repalloc(w->frame, w->frame_max * sizeof(Frame))
							: palloc(w->frame_max * sizeof(Frame));
	}
	w->frame[w->depth++] = (Frame){.object = object, .type = type, .members = container};
}

static void
leave(Walk *w)
{
	Frame *frame = &w->frame[--w->depth];

	if (frame->taken != NULL)
		hash_destroy(frame->taken);
}

/* Makes a string of a placeholder. */
static void
set_placeholder(JsonbValue *v, ScanType type)
{
	char *text = psprintf("[REDACTED:%s]", scan_type_name(type));

	v->type = jbvString;
	v->val.string.val = text;
	v->val.string.len = strlen(text);
}

/* Redacts a string as a text; true if that changed it. */
static bool
redact_string(JsonbValue *v, SanitizeLevel level, Findings *f)
{
	char *out;
	size_t outlen;

	if (!redact_text(v->val.string.val, v->val.string.len, REDACT_BLOCK, level, f, &out,
					 &outlen))
		return false;
	v->val.string.val = out;
	v->val.string.len = outlen;
	return true;
}

/* Adds one set of findings to another. */
static void
add_findings(Findings *to, const Findings *from)
{
	for (int i = 0; i < SCAN_NTYPES; i++)
	{
		to->fired[i] += from->fired[i];
		to->seen[i] += from->seen[i];
	}
}

/*
 * A string under a sensitive key goes as a whole, unless it says only how
 * things are or is redacted already; a more exact type than the key's is kept.
 */
static bool
redact_sensitive_string(Walk *w, JsonbValue *v, ScanType type)
{
	Findings inner = {0};
	JsonbValue text = *v;
	bool changed;

	if (v->val.string.len == 0 ||
		check_is_diagnosis(v->val.string.val, v->val.string.len))
		return false;
	changed = redact_string(&text, w->level, &inner);
	if (scan_only_placeholders(text.val.string.val, text.val.string.len))
	{
		add_findings(&w->found, &inner);
		*v = text;
		return changed;
	}
	w->found.fired[type]++;
	set_placeholder(v, type);
	return true;
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

/* Redacts a number, if it is one that must not stay. */
static bool
redact_number(Walk *w, JsonbValue *v, int type)
{
	char digits[20];
	size_t n;

	if (type == PLAIN_KEY || !scan_key_takes_numbers(type))
	{
		n = w->level >= SANITIZE_PII ? integer_digits(v->val.numeric, digits) : 0;
		if (n == 0 || !check_card(digits, n))
			return false;
		type = TYPE_PAYMENT_CARD;
	}
	w->found.fired[type]++;
	set_placeholder(v, type);
	return true;
}

/* Redacts a leaf; true if that changed it. */
static bool
redact_leaf(Walk *w, JsonbValue *v)
{
	int type = w->frame[w->depth - 1].type;

	switch (v->type)
	{
		case jbvString:
			if (type != PLAIN_KEY)
				return redact_sensitive_string(w, v, type);
			return redact_string(v, w->level, &w->found);
		case jbvNumeric:
			return redact_number(w, v, type);
		default:
			return false;
	}
}

/* The type that the key's name gives its value at this level. */
static int
key_type(const Walk *w, const JsonbValue *key)
{
	int type = scan_key_type(key->val.string.val, key->val.string.len);

	if (type != PLAIN_KEY && (int) scan_type_level(type) > (int) w->level)
		return PLAIN_KEY;
	return type;
}

/* Redacts a key's text, and notes what its name says of the value. */
static bool
redact_key(Walk *w, JsonbValue *key)
{
	Frame *frame = &w->frame[w->depth - 1];
	bool changed;

	frame->type = key_type(w, key);
	changed = redact_string(key, w->level, &w->found);
	if (changed && frame->type == PLAIN_KEY)
		frame->type = key_type(w, key);
	return changed;
}

/* Notes a key's text as taken; false if it was. */
static bool
take(HTAB *taken, const char *text, int len)
{
	uint64 hash = hash_bytes_extended((const unsigned char *) text, len, 0);
	bool found;

	hash_search(taken, &hash, HASH_ENTER, &found);
	return !found;
}

/*
 * Gives a changed key a number if another one of the object has its text: two
 * addresses become [REDACTED:EMAIL] and [REDACTED:EMAIL]#2, and no value is lost.
 */
static void
make_unique(Frame *frame, JsonbValue *key)
{
	const char *text = key->val.string.val;
	int len = key->val.string.len;

	if (frame->taken == NULL)
	{
		HASHCTL ctl = {.keysize = sizeof(uint64),
					   .entrysize = sizeof(uint64),
					   .hcxt = CurrentMemoryContext};
		JsonbIterator *it = JsonbIteratorInit(frame->members);
		JsonbIteratorToken token;
		JsonbValue v;

		frame->taken =
			hash_create("redacted keys", 32, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
		token = JsonbIteratorNext(&it, &v, true);
		while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
			if (token == WJB_KEY)
				take(frame->taken, v.val.string.val, v.val.string.len);
		frame->suffix = 1;
	}
	while (!take(frame->taken, key->val.string.val, key->val.string.len))
	{
		key->val.string.val = psprintf("%.*s#%u", len, text, ++frame->suffix);
		key->val.string.len = strlen(key->val.string.val);
	}
}

/* The first walk: must anything be changed? */
static bool
needs_change(Walk *w, Jsonb *in)
{
	JsonbIterator *it = JsonbIteratorInit(&in->root);
	JsonbIteratorToken token;
	JsonbValue v;

	while ((token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE)
	{
		if (token == WJB_BEGIN_ARRAY || token == WJB_BEGIN_OBJECT)
			enter(w, it->container, token == WJB_BEGIN_OBJECT);
		else if (token == WJB_END_ARRAY || token == WJB_END_OBJECT)
			leave(w);
		else if (token == WJB_KEY ? redact_key(w, &v) : redact_leaf(w, &v))
			return true;
	}
	return false;
}

/* The second walk: a copy with everything redacted. */
static Jsonb *
rebuild(Walk *w, Jsonb *in)
{
	JsonbIterator *it = JsonbIteratorInit(&in->root);
	bool is_scalar = it->isScalar;
	JsonbParseState *state = NULL;
	JsonbValue *result = NULL;
	JsonbIteratorToken token;
	JsonbValue v;

	while ((token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_BEGIN_ARRAY || token == WJB_BEGIN_OBJECT)
			enter(w, it->container, token == WJB_BEGIN_OBJECT);
		else if (token == WJB_END_ARRAY || token == WJB_END_OBJECT)
			leave(w);
		else if (token == WJB_KEY)
		{
			if (redact_key(w, &v))
				make_unique(&w->frame[w->depth - 1], &v);
		}
		else
			redact_leaf(w, &v);
		result = pushJsonbValue(&state, token, token < WJB_BEGIN_ARRAY ? &v : NULL);
	}
	if (result->type == jbvArray)
		result->val.array.rawScalar = is_scalar;
	return JsonbValueToJsonb(result);
}

Jsonb *
redact_jsonb(Jsonb *in, SanitizeLevel level, Findings *f)
{
	Walk first = {.level = level};
	Walk second = {.level = level};
	bool change = needs_change(&first, in);
	Jsonb *out = in;

	if (change)
		out = rebuild(&second, in);
	if (f != NULL)
		add_findings(f, change ? &second.found : &first.found);
	return out;
}

Jsonb *
findings_jsonb(const Findings *f)
{
	JsonbParseState *state = NULL;
	JsonbValue *result;
	bool any = false;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < SCAN_NTYPES; i++)
	{
		int64 n = (int64) f->fired[i] + f->seen[i];
		JsonbValue v;

		if (n == 0)
			continue;
		any = true;
		v.type = jbvString;
		v.val.string.val = unconstify(char *, scan_type_name(i));
		v.val.string.len = strlen(v.val.string.val);
		pushJsonbValue(&state, WJB_KEY, &v);
		v.type = jbvNumeric;
		v.val.numeric = int64_to_numeric(n);
		pushJsonbValue(&state, WJB_VALUE, &v);
	}
	result = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return any ? JsonbValueToJsonb(result) : NULL;
}
