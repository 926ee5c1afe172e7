/*
 * redact_walk.h
 *		Where in a jsonb value a walk is, and what the names of keys say of the
 *		leaf that comes next.
 */
#ifndef MAESTRO_REDACT_WALK_H
#define MAESTRO_REDACT_WALK_H

#include "utils/hsearch.h"
#include "utils/jsonb.h"

#include "redact.h"

/* No type: no name says anything. */
#define PLAIN_KEY (-1)

/* No type either: the value is one that may stay, whatever is in it. */
#define ALLOWED_VALUE (-2)

/* What is known of a leaf by the names above it. */
typedef struct RedactName
{
	int type;  /* a ScanType, or PLAIN_KEY */
	bool soft; /* said of something around it: only what looks random goes */
} RedactName;

/* An array or object that the walk is in. */
typedef struct RedactFrame
{
	bool object;
	RedactName current;		 /* of the values: by the current key, or the array's */
	RedactName outer;		 /* of the object itself */
	int named;				 /* {"name": "Cookie", "value": …}: by the value of "name" */
	bool names;				 /* the current key is that "name" */
	JsonbValue key;			 /* the current key, sanitized */
	int index;				 /* the current element */
	int size;				 /* elements of an array */
	JsonbContainer *members; /* of an object, as they are in the input */
	HTAB *taken;			 /* hashes of key texts; NULL until a key changes */
	uint32 suffix;			 /* the last one used */
} RedactFrame;

typedef struct RedactWalk
{
	const ScanSetup *setup;
	Findings found;
	RedactFrame *frame;
	int depth;
	int frame_max;
} RedactWalk;

/* The array or object around the current leaf or key. */
static inline RedactFrame *
walk_frame(RedactWalk *w)
{
	return &w->frame[w->depth - 1];
}

static inline bool
walk_is_leaf(JsonbIteratorToken token)
{
	return token == WJB_VALUE || token == WJB_ELEM;
}

/*
 * Takes notice of a token of JsonbIteratorNext, after which "container" is
 * the iterator's.  Keys are noted by walk_key.
 */
extern void walk_token(RedactWalk *w, JsonbIteratorToken token, const JsonbValue *v,
					   JsonbContainer *container);

/* Redacts a string as a text, in *v; true if that changed it.  f may be NULL. */
extern bool walk_redact(JsonbValue *v, const ScanSetup *setup, Findings *f);

/* Notes a key of the current object, sanitized. */
extern void walk_key(RedactWalk *w, const JsonbValue *key);

/*
 * The type as which a leaf goes as a whole, whatever it holds; PLAIN_KEY if it
 * does not, ALLOWED_VALUE if all of it stays.  Called once for each leaf.
 */
extern int walk_whole(RedactWalk *w, const JsonbValue *leaf);

#endif /* MAESTRO_REDACT_WALK_H */
