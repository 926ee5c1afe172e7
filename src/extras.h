/*
 * extras.h
 *		Attributes that maestro itself adds to an event's.
 */
#ifndef MAESTRO_EXTRAS_H
#define MAESTRO_EXTRAS_H

#include "utils/jsonb.h"

/* more than one event can need */
#define EXTRAS_MAX 10

typedef struct Extras
{
	int			count;
	const char *keys[EXTRAS_MAX]; /* literals */
	JsonbValue	values[EXTRAS_MAX];
} Extras;

extern void extras_add_text(Extras *extras, const char *key, const char *text, size_t len);
extern void extras_add_number(Extras *extras, const char *key, int64 number);

/*
 * The attributes with the extras in them, which win over a caller's of the
 * same name.  What is no object becomes the value of "maestro.attributes".
 */
extern Jsonb *extras_merge(Jsonb *attributes, const Extras *extras);

/* {key: the attributes}; what is no object as extras_merge has it. */
extern Jsonb *extras_wrap(const char *key, Jsonb *attributes);

/*
 * Cut a jsonb value to about limit bytes: long strings are clipped, nested
 * values that are too large become clipped text, and pairs beyond the limit
 * are dropped.  An object stays an object, anything else becomes a string.
 */
extern Jsonb *extras_shrink(Jsonb *value, size_t limit);

#endif /* MAESTRO_EXTRAS_H */
