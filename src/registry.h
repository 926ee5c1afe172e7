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

/* What becomes of events that break a contract: system.contract_enforcement. */
typedef enum ContractEnforcement
{
	CONTRACTS_OFF,
	CONTRACTS_RECORD,
	CONTRACTS_REFUSE
} ContractEnforcement;

typedef struct RegistryComponent
{
	int32 component_id;
	int32 system_id;
	bool  active;
	bool  has_role;
	NameData db_role; /* its own, else the system's; valid when has_role */
	ContractEnforcement contracts; /* its system's */
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

#endif /* MAESTRO_REGISTRY_H */
