/*
 * registry.h
 *		What a backend knows of the registry: systems, components and
 *		dependencies by name and by id.
 */
#ifndef MAESTRO_REGISTRY_H
#define MAESTRO_REGISTRY_H


typedef struct RegistrySystem
{
	int32 system_id;
	bool  refuses_unregistered;
	bool  has_role;
	NameData db_role; /* valid when has_role */
} RegistrySystem;

/* longest version text, see maestro.is_name */
#define REGISTRY_NAME_MAX 255

typedef struct RegistryComponent
{
	int32 component_id;
	int32 system_id;
	bool  active;
	bool  has_role;
	NameData db_role; /* its own, else the system's; valid when has_role */
	char  version[REGISTRY_NAME_MAX + 1];
} RegistryComponent;

/*
 * Each looks a thing up and copies it out, so that nothing the caller holds is
 * lost when another backend changes the registry.  false: no such row.
 */
extern bool registry_system_named(const char *name, size_t len, RegistrySystem *out);
extern bool registry_system(int32 system_id, RegistrySystem *out);
extern bool registry_component_named(const char *name, size_t len, RegistryComponent *out);
extern bool registry_component(int32 component_id, RegistryComponent *out);
extern bool registry_dependency_named(int32 component_id, const char *name, size_t len,
									  int32 *dependency_id);

/* "system/component", palloc'd, or NULL when there is no such row */
extern char *registry_component_name(int32 component_id);

/* the role that owns the extension's objects */
extern Oid registry_owner(void);

/* Who a backend was before it acted as that role; an error puts it back by itself. */
typedef struct OwnerScope
{
	Oid user;
	int context;
} OwnerScope;

/* Between the two a backend acts as the owner. */
extern void owner_begin(OwnerScope *scope);
extern void owner_end(const OwnerScope *scope);

/*
 * Between the two nothing of the caller's search_path is called.  Returns what the
 * other takes.
 */
extern int path_begin(void);
extern void path_end(int level);

/* All three: as the owner, with that path, connected to SPI. */
typedef struct OwnerCall
{
	OwnerScope scope;
	int path;
} OwnerCall;

extern void owner_call_begin(OwnerCall *call);
extern void owner_call_end(OwnerCall *call);

#endif /* MAESTRO_REGISTRY_H */
