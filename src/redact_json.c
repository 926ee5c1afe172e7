/*
 * redact_json.c
 *		Neutralise and redact a jsonb value.
 *
 * Strings and keys are passed through redact_text.  Beyond that the names of
 * keys decide on values, as redact_walk.c says.  Numbers that are a card's go.
 *
 * Most values need no change, so the value is walked first, and only rebuilt if
 * that meets something.  Neither walk recurses.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/jsonb.h"

#include "compat.h"
#include "redact.h"
#include "redact_walk.h"

/* Makes a string of a placeholder. */
static void
set_placeholder(JsonbValue *v, ScanType type)
{
	char *text = psprintf("[REDACTED:%s]", scan_type_name(type));

	v->type = jbvString;
	v->val.string.val = text;
	v->val.string.len = strlen(text);
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
 * A string that goes as a whole, unless it is redacted already; a more exact
 * type than its key's is kept.
 */
static bool
redact_whole_string(RedactWalk *w, JsonbValue *v, int type)
{
	Findings inner = {0};
	JsonbValue text = *v;
	bool changed = walk_redact(&text, w->setup, &inner);

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

/* Redacts a leaf; true if that changed it. */
static bool
redact_leaf(RedactWalk *w, JsonbValue *v)
{
	int type = walk_whole(w, v);

	if (type == ALLOWED_VALUE)
		return false;
	if (type == PLAIN_KEY)
		return v->type == jbvString && walk_redact(v, w->setup, &w->found);
	if (v->type == jbvString)
		return redact_whole_string(w, v, type);
	w->found.fired[type]++;
	set_placeholder(v, type);
	return true;
}

/* Redacts a key's text, and notes what its name says of the value. */
static bool
redact_key(RedactWalk *w, JsonbValue *key)
{
	bool changed = walk_redact(key, w->setup, &w->found);

	walk_key(w, key);
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
 * addresses become [REDACTED:EMAIL] and "#2 [REDACTED:EMAIL]", and no value is lost.
 * The number stands before a blank, since behind it there may be a value that it would lengthen.
 */
static void
make_unique(RedactFrame *frame, JsonbValue *key)
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
		key->val.string.val = psprintf("#%u %.*s", ++frame->suffix, len, text);
		key->val.string.len = strlen(key->val.string.val);
	}
}

/* The first walk: must anything be changed? */
static bool
needs_change(RedactWalk *w, Jsonb *in)
{
	JsonbIterator *it = JsonbIteratorInit(&in->root);
	JsonbIteratorToken token;
	JsonbValue v;

	while ((token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE)
	{
		walk_token(w, token, &v, it ? it->container : NULL);
		if (token == WJB_KEY ? redact_key(w, &v)
							 : walk_is_leaf(token) && redact_leaf(w, &v))
			return true;
	}
	return false;
}

/* The second walk: a copy with everything redacted. */
static Jsonb *
rebuild(RedactWalk *w, Jsonb *in)
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
		walk_token(w, token, &v, it ? it->container : NULL);
		if (token == WJB_KEY)
		{
			if (redact_key(w, &v))
				make_unique(walk_frame(w), &v);
		}
		else if (walk_is_leaf(token))
			redact_leaf(w, &v);
		result = pushJsonbValue(&state, token, token < WJB_BEGIN_ARRAY ? &v : NULL);
	}
	if (result->type == jbvArray)
		result->val.array.rawScalar = is_scalar;
	return JsonbValueToJsonb(result);
}

Jsonb *
redact_jsonb(Jsonb *in, const ScanSetup *setup, Findings *f)
{
	RedactWalk first = {.setup = setup};
	RedactWalk second = {.setup = setup};
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
