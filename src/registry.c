/*
 * registry.c
 *		What a backend knows of the registry, kept between calls.
 *
 * log_event needs a component's id, version, state and role for each event, at
 * a cost that must not show.  So every row that was asked for is kept in one
 * memory context until anything in the registry changes: an ALWAYS trigger on
 * the tables sends a relcache invalidation, which empties the whole cache in
 * every backend at its next statement.  Registries are small and change rarely.
 *
 * Rows are read with the latest snapshot, never the transaction's: in a
 * REPEATABLE READ transaction the old one would leave rows in the cache that
 * outlive it.  An invalidation that arrives while a row is being read is
 * noticed by the generation, and the row is not kept.
 *
 * Names that do not exist are not kept, or whoever invents names fills memory.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "compat.h"
#include "owner.h"
#include "registry.h"
#include "table_watch.h"

/* one kept row; the key says which kind it is: "s" name, "S" id, and so on */
typedef struct RegistryEntry
{
	char *key;
	char  status; /* simplehash's */
	union
	{
		RegistrySystem	  system;
		RegistryComponent component;
		int32			  dependency_id;
		char			  name[2 * REGISTRY_NAME_MAX + 2];
	} u;
} RegistryEntry;

#define SH_PREFIX entries
#define SH_ELEMENT_TYPE RegistryEntry
#define SH_KEY_TYPE char *
#define SH_KEY key
#define SH_HASH_KEY(tb, k) hash_bytes((const unsigned char *) (k), (int) strlen(k))
#define SH_EQUAL(tb, a, b) (strcmp(a, b) == 0)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* everything kept, freed as a whole */
static MemoryContext cache_context = NULL;
static entries_hash *cache = NULL;

static TableWatch watch = {.names = {"system", "component", "dependency"}};

/* longest key: kind, "system/component", or id and dependency name */
#define KEY_MAX (2 * REGISTRY_NAME_MAX + 32)

/*
 * Empty the cache when something changed.
 */
static void
cache_refresh(void)
{
	if (!table_watch_is_stale(&watch))
		return;
	if (cache_context == NULL)
		cache_context = AllocSetContextCreate(CacheMemoryContext, "maestro registry",
											  ALLOCSET_DEFAULT_SIZES);
	cache = NULL;
	MemoryContextReset(cache_context);
	cache = entries_create(cache_context, 64, NULL);
	table_watch_settle(&watch);
}

Oid
registry_owner(void)
{
	Oid		  nsp = get_namespace_oid("maestro", false);
	HeapTuple tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(nsp));
	Oid		  owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for schema %u", nsp);
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* Copies an SPI result row's columns; runs in the caller's memory context. */
typedef void (*RowReader)(HeapTuple row, TupleDesc desc, RegistryEntry *entry);

static void
read_role(HeapTuple row, TupleDesc desc, int column, bool *has_role, NameData *role)
{
	bool  isnull;
	Datum value = SPI_getbinval(row, desc, column, &isnull);

	*has_role = !isnull;
	if (!isnull)
		namestrcpy(role, NameStr(*DatumGetName(value)));
}

static int32
read_int(HeapTuple row, TupleDesc desc, int column)
{
	bool isnull;

	return DatumGetInt32(SPI_getbinval(row, desc, column, &isnull));
}

static bool
read_bool(HeapTuple row, TupleDesc desc, int column)
{
	bool isnull;

	return DatumGetBool(SPI_getbinval(row, desc, column, &isnull));
}

static void
read_system(HeapTuple row, TupleDesc desc, RegistryEntry *entry)
{
	entry->u.system.system_id = read_int(row, desc, 1);
	entry->u.system.refuses_unregistered = read_bool(row, desc, 2);
	read_role(row, desc, 3, &entry->u.system.has_role, &entry->u.system.db_role);
}

static void
read_component(HeapTuple row, TupleDesc desc, RegistryEntry *entry)
{
	RegistryComponent *c = &entry->u.component;

	c->component_id = read_int(row, desc, 1);
	c->system_id = read_int(row, desc, 2);
	c->active = read_bool(row, desc, 3);
	read_role(row, desc, 4, &c->has_role, &c->db_role);
	strlcpy(c->version, SPI_getvalue(row, desc, 5), sizeof(c->version));
	c->contracts = (ContractEnforcement) read_int(row, desc, 6);
}

static void
read_dependency(HeapTuple row, TupleDesc desc, RegistryEntry *entry)
{
	entry->u.dependency_id = read_int(row, desc, 1);
}

static void
read_name(HeapTuple row, TupleDesc desc, RegistryEntry *entry)
{
	strlcpy(entry->u.name, SPI_getvalue(row, desc, 1), sizeof(entry->u.name));
}

/* One way to look something up: a plan, made once, and who reads its row. */
typedef struct Lookup
{
	char	   kind; /* first byte of the key */
	int		   nargs;
	Oid		   argtypes[2];
	RowReader  read;
	SPIPlanPtr plan;
	const char *query;
} Lookup;

#define SYSTEM_QUERY                                                                     \
	"SELECT system_id, unregistered OPERATOR(pg_catalog.=) 'refuse', db_role"            \
	"  FROM maestro.system WHERE "
#define COMPONENT_QUERY                                                                  \
	"SELECT c.component_id, c.system_id, c.state::pg_catalog.text"                       \
	"       OPERATOR(pg_catalog.=) 'active', COALESCE(c.db_role, s.db_role), c.version," \
	"       (s.contract_enforcement OPERATOR(pg_catalog.<>) 'off')::pg_catalog.int4"      \
	"       OPERATOR(pg_catalog.+)"                                                       \
	"       (s.contract_enforcement OPERATOR(pg_catalog.=) 'refuse')::pg_catalog.int4"    \
	"  FROM maestro.component c, maestro.system s"                                       \
	" WHERE s.system_id OPERATOR(pg_catalog.=) c.system_id AND "

static Lookup system_by_name = {'s', 1, {TEXTOID}, read_system, NULL,
								SYSTEM_QUERY "name OPERATOR(pg_catalog.=) $1"};
static Lookup system_by_id = {'S', 1, {INT4OID}, read_system, NULL,
							  SYSTEM_QUERY "system_id OPERATOR(pg_catalog.=) $1"};
static Lookup component_by_name = {
	'c', 2, {TEXTOID, TEXTOID}, read_component, NULL,
	COMPONENT_QUERY "s.name OPERATOR(pg_catalog.=) $1"
					" AND c.name OPERATOR(pg_catalog.=) $2"};
static Lookup component_by_id = {
	'C', 1, {INT4OID}, read_component, NULL,
	COMPONENT_QUERY "c.component_id OPERATOR(pg_catalog.=) $1"};
static Lookup dependency_by_name = {
	'd', 2, {INT4OID, TEXTOID}, read_dependency, NULL,
	"SELECT dependency_id FROM maestro.dependency"
	" WHERE component_id OPERATOR(pg_catalog.=) $1 AND name OPERATOR(pg_catalog.=) $2"};
static Lookup name_by_id = {
	'n', 1, {INT4OID}, read_name, NULL,
	"SELECT s.name OPERATOR(pg_catalog.||) '/' OPERATOR(pg_catalog.||) c.name"
	"  FROM maestro.component c, maestro.system s"
	" WHERE s.system_id OPERATOR(pg_catalog.=) c.system_id"
	" AND c.component_id OPERATOR(pg_catalog.=) $1"};

/*
 * Run a look-up's query as the owner, with the latest snapshot.
 *
 * The result is read into *entry before SPI ends.
 */
static bool
lookup_run(Lookup *lookup, Datum *args, RegistryEntry *entry)
{
	OwnerScope scope;
	bool	   found;

	owner_begin(&scope);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (lookup->plan == NULL)
	{
		SPIPlanPtr plan = SPI_prepare(lookup->query, lookup->nargs, lookup->argtypes);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not prepare a registry look-up");
		lookup->plan = plan;
	}
	table_watch_snapshot(&watch);
	if (SPI_execute_snapshot(lookup->plan, args, NULL, GetActiveSnapshot(), InvalidSnapshot,
							 true, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "registry look-up failed");
	found = SPI_processed > 0;
	if (found)
		lookup->read(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, entry);
	PopActiveSnapshot();
	SPI_finish();
	owner_end(&scope);
	return found;
}

/*
 * Find a row in the cache; *out gets a copy.
 */
static bool
cache_find(const char *key, RegistryEntry *out)
{
	RegistryEntry *kept;

	cache_refresh();
	kept = entries_lookup(cache, unconstify(char *, key));
	if (kept != NULL)
		*out = *kept;
	return kept != NULL;
}

/*
 * Find a row in its table, and keep it; *out gets a copy.
 */
static bool
table_find(Lookup *lookup, const char *key, Datum *args, RegistryEntry *out)
{
	uint64		   before = watch.generation;
	RegistryEntry *kept;
	bool		   found;

	if (!lookup_run(lookup, args, out))
		return false;
	if (table_watch_holds(&watch, before))
	{
		char status;

		kept = entries_insert(cache, MemoryContextStrdup(cache_context, key), &found);
		status = kept->status;
		out->key = kept->key;
		*kept = *out;
		kept->status = status;
	}
	return true;
}

/*
 * Write a key: the kind, a number where the kind has one, and a name.
 */
static void
write_key(char *key, const Lookup *lookup, int32 number, const char *name, size_t len)
{
	*key++ = lookup->kind;
	if (lookup->argtypes[0] == INT4OID)
	{
		key += pg_ltoa(number, key);
		*key++ = '/';
	}
	memcpy(key, name, len);
	key[len] = '\0';
}

static Datum
text_datum(const char *s, size_t len)
{
	return PointerGetDatum(cstring_to_text_with_len(s, (int) len));
}

/*
 * Find by id.
 */
static bool
find_by_id(Lookup *lookup, int32 id, RegistryEntry *out)
{
	char  key[KEY_MAX];
	Datum arg = Int32GetDatum(id);

	write_key(key, lookup, id, "", 0);
	return cache_find(key, out) || table_find(lookup, key, &arg, out);
}

/*
 * A name that no row can have is not looked up: too long, or holding a NUL.
 */
static bool
name_is_possible(const char *name, size_t len, size_t longest)
{
	return len > 0 && len <= longest && memchr(name, '\0', len) == NULL;
}

bool
registry_system_named(const char *name, size_t len, RegistrySystem *out)
{
	char		  key[KEY_MAX];
	RegistryEntry entry;
	Datum		  arg;

	if (!name_is_possible(name, len, REGISTRY_NAME_MAX))
		return false;
	write_key(key, &system_by_name, 0, name, len);
	if (!cache_find(key, &entry))
	{
		arg = text_datum(name, len);
		if (!table_find(&system_by_name, key, &arg, &entry))
			return false;
	}
	*out = entry.u.system;
	return true;
}

bool
registry_system(int32 system_id, RegistrySystem *out)
{
	RegistryEntry entry;

	if (!find_by_id(&system_by_id, system_id, &entry))
		return false;
	*out = entry.u.system;
	return true;
}

bool
registry_component_named(const char *name, size_t len, RegistryComponent *out)
{
	char		  key[KEY_MAX];
	const char	 *slash;
	RegistryEntry entry;
	Datum		  args[2];

	if (!name_is_possible(name, len, 2 * REGISTRY_NAME_MAX + 1) ||
		(slash = memchr(name, '/', len)) == NULL)
		return false;
	write_key(key, &component_by_name, 0, name, len);
	if (!cache_find(key, &entry))
	{
		args[0] = text_datum(name, slash - name);
		args[1] = text_datum(slash + 1, name + len - slash - 1);
		if (!table_find(&component_by_name, key, args, &entry))
			return false;
	}
	*out = entry.u.component;
	return true;
}

bool
registry_component(int32 component_id, RegistryComponent *out)
{
	RegistryEntry entry;

	if (!find_by_id(&component_by_id, component_id, &entry))
		return false;
	*out = entry.u.component;
	return true;
}

bool
registry_dependency_named(int32 component_id, const char *name, size_t len,
						  int32 *dependency_id)
{
	char		  key[KEY_MAX];
	RegistryEntry entry;
	Datum		  args[2];

	if (!name_is_possible(name, len, REGISTRY_NAME_MAX))
		return false;
	write_key(key, &dependency_by_name, component_id, name, len);
	if (!cache_find(key, &entry))
	{
		args[0] = Int32GetDatum(component_id);
		args[1] = text_datum(name, len);
		if (!table_find(&dependency_by_name, key, args, &entry))
			return false;
	}
	*dependency_id = entry.u.dependency_id;
	return true;
}

char *
registry_component_name(int32 component_id)
{
	RegistryEntry entry;

	if (!find_by_id(&name_by_id, component_id, &entry))
		return NULL;
	return pstrdup(entry.u.name);
}
