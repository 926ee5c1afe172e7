/*
 * guard_definition.h
 *		Guards by name: what is in force of them, and who may ask.
 */
#ifndef MAESTRO_GUARD_DEFINITION_H
#define MAESTRO_GUARD_DEFINITION_H

#include "guard_shmem.h"
#include "registry.h"

typedef struct GuardName
{
	int32 component_id;
	char  name[GUARD_NAME_MAX + 1]; /* zeros behind it */
} GuardName;

/* What a backend knows of a guard; good until the next call of this file. */
typedef struct GuardDefinition
{
	GuardName key;
	int32	  version;
	bool	  is_active; /* the component */
	Oid		  writer;	 /* may write as the component: the role that was asked about last */
	GuardRule rule;
	GuardKey  entry;
	struct GuardEntry *hint; /* where the entry was last; see guard_entry.h */
	char	  limits[REGISTRY_NAME_MAX + 1];  /* the dependency whose limiter it is; or empty */
	char	  protects[REGISTRY_NAME_MAX + 1]; /* the one whose breaker it is; or empty */
} GuardDefinition;

/*
 * The newest version.  NULL: the component has no such guard.  Raises MA002 unless the
 * caller may write as the component, and 42704 when there is no such component.
 */
extern GuardDefinition *guard_find(int32 component_id, const char *name, size_t len);

/* The same without asking who calls; NULL too for a component that is not there. */
extern GuardDefinition *guard_find_any(int32 component_id, const char *name, size_t len);

/* Raises MA002 unless the current role may write as the component. */
extern void guard_check_writer(int32 component_id);

#endif /* MAESTRO_GUARD_DEFINITION_H */
