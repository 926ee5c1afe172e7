/*
 * access.h
 *		Who may write as a component, and who may read of a system.
 */
#ifndef MAESTRO_ACCESS_H
#define MAESTRO_ACCESS_H

#include "utils/acl.h"

#include "compat.h"

#include "registry.h"

/* may the role write events of this component, or of this system at large? */
extern bool access_may_write(Oid role, const RegistryComponent *component);
extern bool access_may_write_system(Oid role, const RegistrySystem *system);

/* may the role read what is known of this system? */
extern bool access_may_read(Oid role, const RegistrySystem *system);

/* does the role see everything, whatever the system? */
extern bool access_reads_all(Oid role);

/* is the role the extension's owner, or one who may act as him? */
extern bool access_is_owner(Oid role);

/* raises 55000: who acts is suspended or retired */
pg_noreturn extern void access_refuse_inactive(void);

/* what to do about a component that is not there, or that the role may not know of */
extern const char *const access_unknown_hint;

/* a role's name as it is stored, a Datum of type name */
extern Datum access_role_name(Oid role);

#endif /* MAESTRO_ACCESS_H */
