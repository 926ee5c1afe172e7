/*
 * schema_value.h
 *		What a value of an instance is, and which values are equal.
 */
#ifndef MAESTRO_SCHEMA_VALUE_H
#define MAESTRO_SCHEMA_VALUE_H

#include "schema.h"

/* -1, 0 or 1 */
extern int value_compare_numbers(Numeric a, Numeric b);

/* Is it so large that calculating with it takes long? */
extern bool value_is_huge(Numeric number);

extern bool value_is_multiple(Numeric number, Numeric of);

/* Is it of one of the node's types? */
extern bool value_has_type(const SchemaNode *node, const JsonbValue *value);

extern bool value_is_same(const JsonbValue *a, const JsonbValue *b);

/* In an order of our own, and is it among those sorted so? */
extern void value_sort(JsonbValue *values, int n);
extern bool value_find(const JsonbValue *sorted, int n, const JsonbValue *value);

/* Are no two of them equal? */
extern bool value_is_unique(const JsonbValue *items, int n);

/* Of UTF-8 that is valid. */
extern int64 value_code_points(const char *data, int len);

/* The children of an object or array, read where they lie. */
typedef struct ValueChildren
{
	const JsonbContainer *container;
	const char			 *data;
	int					  n;
	int					  next;
	uint32				  key_offset;
	uint32				  offset; /* of the value, or the element */
} ValueChildren;

extern void value_children_begin(ValueChildren *children, const JsonbValue *value);

/* The next one, of an object with its key, valid as long as the container; false: no more. */
extern bool value_children_next(ValueChildren *children, JsonbValue *key, JsonbValue *value);

#endif /* MAESTRO_SCHEMA_VALUE_H */
