/*
 * declared.c
 *		What held for all components from when to when, kept between calls.
 *
 * Judging what takes more than one event of a second asks for it.  Working it out costs
 * more than judging, so a backend keeps it until something in the registry changes.  As
 * registry.c does, it reads with the latest snapshot: an older one would leave rows that
 * outlive it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "maestro.h"

#include "owner.h"
#include "relcache_watch.h"

typedef struct Declared
{
	const char	 *query;
	MemoryContext context; /* NULL: nothing is kept yet */
	uint64		  generation;
	uint64		  nrows;
	HeapTuple	 *rows;
} Declared;

/* the tables whose change ends what is kept */
static const char *const watched_names[] = {"system", "component", "component_version"};
static Oid	  watched[lengthof(watched_names)];
static uint64 generation = 1;

static void
declaration_changed(Datum arg, Oid relid)
{
	(void) arg;
	for (int i = 0; i < (int) lengthof(watched); i++)
		if (relid == InvalidOid || relid == watched[i])
		{
			generation++;
			return;
		}
}

/* Before anything is looked up, so that nothing is missed. */
static void
watch(void)
{
	static bool registered = false;
	Oid			nsp = get_namespace_oid("maestro", false);

	if (!registered)
		relcache_watch(declaration_changed);
	registered = true;
	for (int i = 0; i < (int) lengthof(watched); i++)
	{
		Oid now = get_relname_relid(watched_names[i], nsp);

		if (now != watched[i])
			generation++;
		watched[i] = now;
	}
	AcceptInvalidationMessages();
}

/* What changes while it is read is read again at the next call. */
static void
read_declared(Declared *declared)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "maestro declarations",
												  ALLOCSET_DEFAULT_SIZES);
	uint64		  before = generation;
	MemoryContext saved;
	OwnerCall	  call;

	if (declared->context != NULL)
		MemoryContextDelete(declared->context);
	declared->context = NULL;
	owner_call_begin(&call);
	/* a parallel query has one snapshot: what it reads is not kept */
	PushActiveSnapshot(IsInParallelMode() ? GetActiveSnapshot() : GetLatestSnapshot());
	if (SPI_execute(declared->query, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read what is declared");
	saved = MemoryContextSwitchTo(context);
	declared->nrows = SPI_processed;
	declared->rows = palloc_extended((SPI_processed + 1) * sizeof(HeapTuple), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < SPI_processed; i++)
		declared->rows[i] = heap_copytuple(SPI_tuptable->vals[i]);
	MemoryContextSwitchTo(saved);
	PopActiveSnapshot();
	owner_call_end(&call);
	/* kept from here on: an error before takes it along */
	MemoryContextSetParent(context, CacheMemoryContext);
	declared->context = context;
	declared->generation = IsInParallelMode() ? 0 : before;
}

static Datum
put_declared(FunctionCallInfo fcinfo, Declared *declared)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	watch();
	if (declared->context == NULL || declared->generation != generation)
		read_declared(declared);
	for (uint64 i = 0; i < declared->nrows; i++)
		tuplestore_puttuple(rsinfo->setResult, declared->rows[i]);
	return (Datum) 0;
}

/* declared_limits() -> setof maestro.limit_history */
MAESTRO_FUNCTION(declared_limits)
{
	static Declared kept = {.query = "SELECT * FROM maestro.limit_history"};

	return put_declared(fcinfo, &kept);
}
