/*
 * contract.c
 *		Contracts of components: which is in force, and does a document hold it?
 *
 * A backend keeps which contract is in force for whom, and compiled schemas, least
 * recently used ones thrown away beyond maestro.contract_cache_size.  Each compiled
 * schema has a memory context of its own.  A change of the table contract or
 * json_schema throws all of it away: a row's id says nothing after the extension was
 * created anew, a schema may rest on others, and changes are rare.
 *
 * As with the registry, rows are read with the latest snapshot, never the
 * transaction's, or what an old one sees would outlive it.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "lib/ilist.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "compat.h"

#include "contract.h"
#include "guc.h"
#include "owner.h"
#include "registry.h"
#include "statement.h"
#include "table_watch.h"

/* Which contract is in force; contract_id is 0 when there is none. */
typedef struct Binding
{
	ContractKey key;
	int32		contract_id;
	int32		version;
} Binding;

/* A compiled schema, in a context of its own. */
typedef struct Kept
{
	dlist_node	  use; /* in "by_use", the last one used first */
	uint64		  key;
	MemoryContext context;
	Size		  bytes;
	char		 *uri; /* NULL: a contract's */
	SchemaNode	 *schema;
	SchemaNode	 *overlay;
} Kept;

typedef struct KeptEntry
{
	uint64 key; /* contract_id, or a URI's hash with the highest bit set */
	Kept  *kept;
} KeptEntry;

/* of what a regular expression takes beside the context, an estimate on the high side */
#define BYTES_OF_STATE 256

/* beyond that many bindings all of them are found anew */
#define BINDINGS_MAX 100000

static MemoryContext cache_context = NULL;
static HTAB			*bindings = NULL;
static HTAB			*compiled = NULL;
static dlist_head	 by_use;
static Size			 kept_bytes;

static TableWatch watch = {.names = {"contract", "json_schema"}};

static HTAB *
new_table(const char *name, Size keysize, Size entrysize)
{
	HASHCTL how = {.keysize = keysize, .entrysize = entrysize, .hcxt = cache_context};

	return hash_create(name, 64, &how, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
refresh(void)
{
	if (!table_watch_is_stale(&watch))
		return;
	if (cache_context == NULL)
		cache_context = AllocSetContextCreate(CacheMemoryContext, "maestro contracts",
											  ALLOCSET_DEFAULT_SIZES);
	bindings = compiled = NULL;
	dlist_init(&by_use);
	kept_bytes = 0;
	MemoryContextReset(cache_context);
	bindings = new_table("maestro contracts in force", sizeof(ContractKey), sizeof(Binding));
	compiled = new_table("maestro compiled schemas", sizeof(uint64), sizeof(KeptEntry));
	table_watch_settle(&watch);
}

/* ---- the tables ---- */

static void
read_binding(const ContractKey *key, Binding *binding)
{
	static Statement read = {
		.text = "SELECT contract_id, version FROM maestro.contract WHERE component_id = $1"
				" AND direction = $2 AND coalesce(target_id, 0) = $3"
				" ORDER BY version DESC LIMIT 1",
		.nargs = 3,
		.types = {INT4OID, TEXTOID, INT4OID}};
	Datum	  args[3] = {Int32GetDatum(key->component_id),
						 CStringGetTextDatum(contract_direction_name(key->direction)),
						 Int32GetDatum(key->target_id)};
	OwnerCall call;
	bool	  isnull;

	binding->key = *key;
	binding->contract_id = binding->version = 0;
	table_watch_snapshot(&watch);
	owner_call_begin(&call);
	statement_run(&read, args, NULL, true, 1, SPI_OK_SELECT);
	if (SPI_processed > 0)
	{
		HeapTuple row = SPI_tuptable->vals[0];
		TupleDesc desc = SPI_tuptable->tupdesc;

		binding->contract_id = DatumGetInt32(SPI_getbinval(row, desc, 1, &isnull));
		binding->version = DatumGetInt32(SPI_getbinval(row, desc, 2, &isnull));
	}
	owner_call_end(&call);
	PopActiveSnapshot();
}

/* One or two texts of a row, palloc'd, NULL for NULL; false: there is no row. */
static bool
read_texts(Statement *read, Datum arg, int n, char **texts)
{
	MemoryContext outer = CurrentMemoryContext;
	OwnerCall	  call;
	bool		  found;

	owner_call_begin(&call);
	statement_run(read, &arg, NULL, true, 1, SPI_OK_SELECT);
	found = SPI_processed > 0;
	for (int i = 0; found && i < n; i++)
	{
		char *text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1);

		texts[i] = text == NULL ? NULL : MemoryContextStrdup(outer, text);
	}
	owner_call_end(&call);
	return found;
}

/* ---- compiled schemas ---- */

static void
drop(Kept *kept)
{
	(void) hash_search(compiled, &kept->key, HASH_REMOVE, NULL);
	dlist_delete(&kept->use);
	kept_bytes -= kept->bytes;
	MemoryContextDelete(kept->context);
}

/*
 * Keep it in place of those that were not used for long.  What was compiled while the
 * tables changed is good for this call alone.
 */
static void
keep(Kept *kept, uint64 before)
{
	Size	   limit = (Size) guc_contract_cache_size * 1024;
	KeptEntry *entry;
	bool	   found;

	if (!table_watch_holds(&watch, before))
		return;
	entry = hash_search(compiled, &kept->key, HASH_ENTER, &found);
	if (found) /* another URI of the same hash */
	{
		dlist_delete(&entry->kept->use);
		kept_bytes -= entry->kept->bytes;
		MemoryContextDelete(entry->kept->context);
	}
	entry->kept = kept;
	kept->bytes += MemoryContextMemAllocated(kept->context, true);
	kept_bytes += kept->bytes;
	dlist_push_head(&by_use, &kept->use);
	MemoryContextSetParent(kept->context, cache_context);
	while (kept_bytes > limit && dlist_tail_node(&by_use) != &kept->use)
		drop(dlist_container(Kept, use, dlist_tail_node(&by_use)));
}

static Kept *
find_kept(uint64 key, const char *uri)
{
	KeptEntry *entry = hash_search(compiled, &key, HASH_FIND, NULL);

	if (entry == NULL || (uri != NULL && strcmp(entry->kept->uri, uri) != 0))
		return NULL;
	dlist_move_head(&by_use, &entry->kept->use);
	return entry->kept;
}

/* NULL: there is no such row. */
static Kept *
compile(Statement *read, Datum arg, int n, uint64 key, const char *uri)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "maestro contract",
												  ALLOCSET_SMALL_SIZES);
	uint64		  before = watch.generation;
	int64		  states = schema_regex_made();
	char		 *texts[2] = {NULL, NULL};
	Kept		 *kept = NULL;

	table_watch_snapshot(&watch);
	if (read_texts(read, arg, n, texts))
	{
		MemoryContext saved = MemoryContextSwitchTo(context);

		kept = palloc0(sizeof(Kept));
		kept->key = key;
		kept->context = context;
		kept->uri = uri == NULL ? NULL : pstrdup(uri);
		kept->schema = schema_compile_at(uri == NULL ? "" : kept->uri, texts[0], strlen(texts[0]), schema_registered);
		if (texts[1] != NULL)
			kept->overlay = schema_compile(texts[1], strlen(texts[1]), schema_registered);
		MemoryContextSwitchTo(saved);
		/* the engine's memory is its own */
		kept->bytes = (Size) (schema_regex_made() - states) * BYTES_OF_STATE;
		keep(kept, before);
	}
	PopActiveSnapshot();
	return kept;
}

static void
tell_contract(void *arg)
{
	const Binding *binding = arg;

	errcontext("%s contract of component %d, version %d",
			   contract_direction_name(binding->key.direction), binding->key.component_id,
			   binding->version);
}

bool
contract_find(const ContractKey *key, Contract *contract)
{
	static Statement read = {
		.text = "SELECT schema::text, overlay::text FROM maestro.contract WHERE contract_id = $1",
		.nargs = 1,
		.types = {INT4OID}};
	Binding *known;
	Binding	 binding;
	Kept	*kept;
	ErrorContextCallback callback = {error_context_stack, tell_contract, &binding};

	refresh();
	known = hash_search(bindings, key, HASH_FIND, NULL);
	if (known != NULL)
		binding = *known;
	else
	{
		uint64 before = watch.generation;

		read_binding(key, &binding);
		if (hash_get_num_entries(bindings) >= BINDINGS_MAX)
			table_watch_forget(&watch);
		else if (table_watch_holds(&watch, before))
			*(Binding *) hash_search(bindings, key, HASH_ENTER, NULL) = binding;
	}
	if (binding.contract_id == 0)
		return false;
	kept = find_kept((uint64) binding.contract_id, NULL);
	if (kept == NULL)
	{
		error_context_stack = &callback;
		kept = compile(&read, Int32GetDatum(binding.contract_id), 2, (uint64) binding.contract_id, NULL);
		error_context_stack = callback.previous;
	}
	if (kept == NULL)
		return false;
	contract->version = binding.version;
	contract->schema = kept->schema;
	contract->overlay = kept->overlay;
	return true;
}

const SchemaNode *
contract_schema(const char *uri)
{
	static Statement read = {.text = "SELECT schema::text FROM maestro.json_schema WHERE uri = $1",
							 .nargs = 1,
							 .types = {TEXTOID}};
	uint64 key = UINT64CONST(1) << 63 |
				 DatumGetUInt64(hash_any_extended((const unsigned char *) uri, (int) strlen(uri), 0));
	Kept  *kept;

	refresh();
	kept = find_kept(key, uri);
	if (kept == NULL)
		kept = compile(&read, CStringGetTextDatum(uri), 1, key, uri);
	return kept == NULL ? NULL : kept->schema;
}

/* ---- words ---- */

static const char *const directions[] = {"input", "output", "handoff"};

int
contract_direction_named(const char *name)
{
	for (int i = 0; i < (int) lengthof(directions); i++)
		if (strcmp(directions[i], name) == 0)
			return i;
	return -1;
}

const char *
contract_direction_name(ContractDirection direction)
{
	return directions[direction];
}
