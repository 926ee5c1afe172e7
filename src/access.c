/*
 * access.c
 *		Who may write as a component, and who may read of a system.
 *
 * The role asked about is the effective one, GetUserId(), so that SET ROLE in
 * a connection pool and a SECURITY DEFINER wrapper count as what they are.
 * Membership means inherited privileges (has_privs_of_role), as for tables.
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "access.h"
#include "compat.h"
#include "redact.h"
#include "sanitize_rule.h"

/* Roles of install_roles() that read every system. */
static const char *const readers[] = {"maestro_auditor", "maestro_dashboard",
									  "maestro_operator", "maestro_approver",
									  "maestro_admin"};

bool
access_is_owner(Oid role)
{
	return has_privs_of_role(role, registry_owner());
}

/*
 * Does the role have the named one's privileges?  Not when that one is gone.
 */
static bool
has_privs_of(Oid role, const char *name)
{
	Oid other = get_role_oid(name, true);

	return OidIsValid(other) && has_privs_of_role(role, other);
}

bool
access_may_write(Oid role, const RegistryComponent *component)
{
	if (component->has_role && has_privs_of(role, NameStr(component->db_role)))
		return true;
	return access_is_owner(role);
}

bool
access_may_write_system(Oid role, const RegistrySystem *system)
{
	if (system->has_role && has_privs_of(role, NameStr(system->db_role)))
		return true;
	return access_is_owner(role);
}

bool
access_reads_all(Oid role)
{
	for (int i = 0; i < (int) lengthof(readers); i++)
		if (has_privs_of(role, readers[i]))
			return true;
	return access_is_owner(role);
}

bool
access_may_read(Oid role, const RegistrySystem *system)
{
	if (system->has_role && has_privs_of(role, NameStr(system->db_role)))
		return true;
	return access_reads_all(role);
}

/*
 * A role's name; whoever may create roles may put control characters into one.
 */
Datum
access_role_name(Oid role)
{
	NameData *name = palloc0(sizeof(NameData));
	char	 *raw = GetUserNameFromId(role, false);
	char	 *clean;
	size_t	  len;

	(void) redact_text(raw, strlen(raw), REDACT_LINE, sanitize_builtin(SCAN_SECRETS), NULL, &clean, &len);
	memcpy(NameStr(*name), clean, pg_mbcliplen(clean, (int) len, NAMEDATALEN - 1));
	return NameGetDatum(name);
}

void
access_refuse_inactive(void)
{
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("the component is not active"),
					errhint("It was suspended or retired; maestro.set_component_state makes it active again.")));
}

const char *const access_unknown_hint =
	"Components are named system/component. To know one the role has to be a member of its db_role, or to read of its system; "
	"see maestro.register_component.";
