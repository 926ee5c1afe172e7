/*
 * guard_definition.c
 *		Guards by name: what is in force of them, and who may ask.
 *
 * A backend keeps the guards that it asked for, their parameters as numbers, with the
 * role that was found to be allowed, until something of the registry or of the roles
 * changes.  As registry.c does, it reads with the latest snapshot, and keeps nothing
 * about names that do not exist.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "compat.h"
#include "errcodes.h"

#include "access.h"
#include "guard_definition.h"
#include "owner.h"
#include "statement.h"
#include "table_watch.h"

/* beyond that many all are read anew */
#define KEPT_MAX 100000

static HTAB *kept = NULL; /* of GuardDefinition, in a context of its own */

static TableWatch watch = {.names = {"guard", "component", "system", "dependency"}};

/* found last, of this length of name: asking for one guard again and again is the rule */
static GuardDefinition *last = NULL;
static size_t			last_len;

/* Who is a member of what, or a superuser. */
static void
roles_changed(Datum arg, int cache, uint32 hash)
{
	(void) arg;
	(void) cache;
	(void) hash;
	table_watch_forget(&watch);
}

static void
refresh(void)
{
	static bool			 registered = false;
	static MemoryContext context = NULL;
	HASHCTL				 how = {.keysize = sizeof(GuardName), .entrysize = sizeof(GuardDefinition)};

	if (!registered)
	{
		CacheRegisterSyscacheCallback(AUTHOID, roles_changed, (Datum) 0);
		CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, roles_changed, (Datum) 0);
		/* who owns the schema may do what the owner may */
		CacheRegisterSyscacheCallback(NAMESPACEOID, roles_changed, (Datum) 0);
		registered = true;
	}
	if (!table_watch_is_stale(&watch))
		return;
	if (context == NULL)
		context = AllocSetContextCreate(CacheMemoryContext, "maestro guards", ALLOCSET_DEFAULT_SIZES);
	kept = NULL;
	last = NULL;
	MemoryContextReset(context);
	how.hcxt = context;
	kept = hash_create("maestro guards", 64, &how, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	table_watch_settle(&watch);
}

static void
read_text(int column, char *out, size_t size)
{
	char *text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);

	strlcpy(out, text == NULL ? "" : text, size);
}

/* false: there is no such guard. */
static bool
read_definition(const GuardName *name, GuardDefinition *definition)
{
	static Statement read = {
		.text = "SELECT g.version, g.kind, g.parameters, c.state OPERATOR(pg_catalog.=) 'active',"
				" (SELECT min(d.name) FROM maestro.dependency d WHERE d.component_id = g.component_id AND d.limiter = g.name),"
				" (SELECT min(d.name) FROM maestro.dependency d WHERE d.component_id = g.component_id AND d.breaker = g.name)"
				" FROM maestro.guard g JOIN maestro.component c ON c.component_id = g.component_id"
				" WHERE g.component_id = $1 AND g.name = $2 ORDER BY g.version DESC LIMIT 1",
		.nargs = 2,
		.types = {INT4OID, TEXTOID}};
	Datum	  args[2] = {Int32GetDatum(name->component_id), CStringGetTextDatum(name->name)};
	OwnerCall call;
	bool	  found;
	bool	  isnull;

	table_watch_snapshot(&watch);
	owner_call_begin(&call);
	statement_run(&read, args, NULL, true, 1, SPI_OK_SELECT);
	found = SPI_processed > 0;
	if (found)
	{
		HeapTuple row = SPI_tuptable->vals[0];
		TupleDesc desc = SPI_tuptable->tupdesc;
		int		  kind = guard_kind_named(SPI_getvalue(row, desc, 2));

		if (kind < 0)
			elog(ERROR, "a guard is of no known kind");
		memset(definition, 0, sizeof(*definition));
		definition->key = *name;
		definition->version = DatumGetInt32(SPI_getbinval(row, desc, 1, &isnull));
		guard_rule_read((GuardKind) kind, DatumGetJsonbP(SPI_getbinval(row, desc, 3, &isnull)), &definition->rule);
		definition->is_active = DatumGetBool(SPI_getbinval(row, desc, 4, &isnull));
		read_text(5, definition->limits, sizeof(definition->limits));
		read_text(6, definition->protects, sizeof(definition->protects));
		guard_key_of_guard(&definition->entry, name->component_id, name->name);
	}
	owner_call_end(&call);
	PopActiveSnapshot();
	return found;
}

GuardDefinition *
guard_find_any(int32 component_id, const char *name, size_t len)
{
	static GuardDefinition fresh;
	GuardDefinition		  *known;
	GuardName			   key;
	uint64				   before;

	refresh();
	if (likely(last != NULL && last_len == len && last->key.component_id == component_id && memcmp(last->key.name, name, len) == 0))
		return last;
	if (len == 0 || len > GUARD_NAME_MAX || memchr(name, '\0', len) != NULL)
		return NULL;
	memset(&key, 0, sizeof(key));
	key.component_id = component_id;
	memcpy(key.name, name, len);
	known = hash_search(kept, &key, HASH_FIND, NULL);
	if (known != NULL)
	{
		last = known;
		last_len = len;
		return known;
	}
	before = watch.generation;
	if (!read_definition(&key, &fresh))
		return NULL;
	if (hash_get_num_entries(kept) >= KEPT_MAX)
		table_watch_forget(&watch);
	if (!table_watch_holds(&watch, before))
		return &fresh;
	known = hash_search(kept, &key, HASH_ENTER, NULL);
	*known = fresh;
	return known;
}

void
guard_check_writer(int32 component_id)
{
	RegistryComponent component;

	if (!registry_component(component_id, &component))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("component is not registered"),
						errhint("%s", access_unknown_hint)));
	if (!access_may_write(GetUserId(), &component))
		ereport(ERROR, (errcode(ERRCODE_MAESTRO_NOT_AUTHORISED),
						errmsg("role \"%s\" may not act as this component", GetUserNameFromId(GetUserId(), false)),
						errhint("Membership in the db_role of the component or of its system is needed; see maestro.register_component.")));
}

GuardDefinition *
guard_find(int32 component_id, const char *name, size_t len)
{
	GuardDefinition *definition = guard_find_any(component_id, name, len);

	if (likely(definition != NULL && definition->writer == GetUserId()))
		return definition;
	guard_check_writer(component_id);
	/* the registry may have told of a change meanwhile */
	definition = guard_find_any(component_id, name, len);
	if (definition != NULL)
		definition->writer = GetUserId();
	return definition;
}
