/*
 * regcomponent.c
 *		Type regcomponent, and the predicates of the views' and policies' filters.
 *
 * regcomponent does for components what regclass does for tables: it reads and
 * prints system/component and holds the component's id.  It is for arguments,
 * casts and what views print; a stored one could not be restored, since its
 * input reads a table.
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "maestro.h"

#include "access.h"
#include "registry.h"

/*
 * The one error for a component that is not registered; it doesn't quote the
 * name, which may be an agent's invention.
 */
pg_noreturn static void
refuse_unknown(void)
{
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("component is not registered"),
					errhint("%s", access_unknown_hint)));
}

/*
 * May the current role know this component?  Who may not gets what he would get
 * if it were not there.
 */
static bool
is_known(int32 component_id)
{
	RegistryComponent component;
	RegistrySystem	  system;

	return registry_component(component_id, &component) &&
		   registry_system(component.system_id, &system) &&
		   (access_may_write(GetUserId(), &component) ||
			access_may_read(GetUserId(), &system));
}

/*
 * All digits is an id, as a row's that is gone is printed; anything else is a
 * name.
 */
static int32
component_from_text(const char *s)
{
	RegistryComponent component;

	if (s[0] != '\0' && strspn(s, "0123456789") == strlen(s))
		return pg_strtoint32(s);
	if (!registry_component_named(s, strlen(s), &component) ||
		!is_known(component.component_id))
		refuse_unknown();
	return component.component_id;
}

MAESTRO_FUNCTION(regcomponent_in)
{
	PG_RETURN_INT32(component_from_text(PG_GETARG_CSTRING(0)));
}

MAESTRO_FUNCTION(regcomponent_out)
{
	int32 id = PG_GETARG_INT32(0);
	char *name = is_known(id) ? registry_component_name(id) : NULL;

	PG_RETURN_CSTRING(name != NULL ? name : psprintf("%d", id));
}

MAESTRO_FUNCTION(regcomponent_recv)
{
	PG_RETURN_INT32(pq_getmsgint((StringInfo) PG_GETARG_POINTER(0), 4));
}

MAESTRO_FUNCTION(regcomponent_send)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint32(&buf, PG_GETARG_INT32(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

MAESTRO_FUNCTION(regcomponent_from_text)
{
	PG_RETURN_INT32(component_from_text(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

/*
 * may_read(system_id): NULL, the system of events that name none, is for those
 * who read everything.
 */
MAESTRO_FUNCTION(may_read)
{
	RegistrySystem system;

	if (PG_ARGISNULL(0))
		PG_RETURN_BOOL(access_reads_all(GetUserId()));
	PG_RETURN_BOOL(registry_system(PG_GETARG_INT32(0), &system) &&
				   access_may_read(GetUserId(), &system));
}

MAESTRO_FUNCTION(may_read_component)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_BOOL(access_reads_all(GetUserId()));
	PG_RETURN_BOOL(is_known(PG_GETARG_INT32(0)));
}
