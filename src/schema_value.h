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

#endif /* MAESTRO_SCHEMA_VALUE_H */
