/*
 * schema_walk.h
 *		A check of an instance under way, for the files that share it.
 */
#ifndef MAESTRO_SCHEMA_WALK_H
#define MAESTRO_SCHEMA_WALK_H

#include "compat.h"
#include "schema.h"

/* where in the instance, from the innermost outwards; an index when there is no key */
typedef struct Path
{
	const struct Path *outer;
	const JsonbValue  *key;
	int				   index;
} Path;

/* resources on the way, from the innermost outwards */
typedef struct Scope
{
	const struct Scope	 *outer;
	const SchemaResource *resource;
} Scope;

/* which children of an object or array a schema has looked at */
typedef struct Seen
{
	int	  n;
	bool *child;
} Seen;

typedef struct Check
{
	SchemaReport report;
	void		*target;
	int			 quiet; /* above 0 nothing is reported, and the first fault ends it */
	const Scope *scope;
	const Path	*path;
	int			 depth; /* of checks that are under way */
	int64		 work;	/* that is left, a node's check is 1 */
} Check;

pg_noreturn extern void check_is_too_much(void);

/* Raises when it is more than is left; for each node, so that it is no call. */
static inline void
check_work(Check *check, int64 work)
{
	check->work -= work;
	if (unlikely(check->work < 0))
		check_is_too_much();
}

extern bool check_node(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen);

/* Without a report; what it finds out is used, and not what is wrong. */
extern bool check_quietly(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen);

/* A child, by its key or index. */
extern bool check_child(Check *check, const SchemaNode *node, const JsonbValue *value,
						const JsonbValue *key, int index);

/* in schema_check_parts.c */
extern bool check_array(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen);
extern bool check_object(Check *check, const SchemaNode *node, const JsonbValue *value, Seen *seen);

/* A fault; returns whether the rest still is to be looked at. */
extern bool check_fault(Check *check, const SchemaNode *node, const char *keyword, const char *message);

/* Is nothing reported, so that the first fault ends it? */
extern bool check_is_quiet(const Check *check);

extern void seen_one(Seen *seen, int i);

/* "ok" is false, and there is no more to look at */
#define FAULT(keyword, message)                          \
	do                                                   \
	{                                                    \
		ok = false;                                      \
		if (!check_fault(check, node, keyword, message))       \
			return false;                                \
	} while (0)

/* a part that is wrong was reported by itself */
#define PART(call)                                       \
	do                                                   \
	{                                                    \
		if (!(call))                                     \
		{                                                \
			ok = false;                                  \
			if (check_is_quiet(check))                         \
				return false;                            \
		}                                                \
	} while (0)

#endif /* MAESTRO_SCHEMA_WALK_H */
