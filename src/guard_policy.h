/*
 * guard_policy.h
 *		What is guarded, when nothing is, and which statements may touch the log.
 */
#ifndef MAESTRO_GUARD_POLICY_H
#define MAESTRO_GUARD_POLICY_H

#include "catalog/objectaddress.h"
#include "nodes/nodes.h"

typedef enum GuardVerdict
{
	GUARD_NONE,	  /* does not say anything about ours by itself */
	GUARD_ALLOWS, /* what it does to ours is in order */
	GUARD_REFUSES
} GuardVerdict;

/* The trace, a partition of it, or another table of the extension's. */
extern bool guard_is_table(Oid relid);

/* A member of the extension, a partition, or a part of one. */
extern bool guard_is_object(Oid classid, Oid objectid);

/* The table maestro.event. */
extern Oid guard_trace(void);

extern bool guard_is_member(Oid classid, Oid objectid);

/* Is the extension in this database at all?  Cheap. */
extern bool guard_is_installed(void);

/* Is a table without rows, so that nothing can be lost or changed? */
extern bool guard_is_empty(Oid relid);

/* What is to be said of a statement, before it runs; in guard_judge.c. */
extern GuardVerdict guard_judge(Node *statement);

/*
 * May anything be done now: by our own functions and scripts, by pg_upgrade, or
 * because a superuser has set maestro.maintenance, which is logged?
 */
extern bool guard_is_lifted(void);

pg_noreturn extern void guard_refuse_write(Oid relid, const char *operation);
pg_noreturn extern void guard_refuse(const char *what);

#endif /* MAESTRO_GUARD_POLICY_H */
