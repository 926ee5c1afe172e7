/*
 * log.c
 *		Which log this is, and which life of its database.
 *
 * Transaction ids order events, and they are not portable: a dump brings old ones
 * into another server, where they would look like the future.  So events
 * are stamped with an incarnation too, which changes when the server's
 * identifier, the database's OID or the direction of transaction ids does.
 *
 * An append that sees such a break just stamps the next number: it takes no lock
 * and writes nothing.  The row of the new incarnation is made by an operator's
 * seal(), never in the background, or a restore under way would be destroyed.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"

#include "compat.h"
#include "entry.h"
#include "gate.h"
#include "log.h"
#include "merkle.h"
#include "owner.h"
#include "relcache_watch.h"

/* incarnations have 15 bits of an event's stamp, so that it is positive */
#define INCARNATION_MAX 32767

static LogState state;
static bool state_is_known = false;
/* grows whenever what is known may be wrong */
static uint64 generation = 0;
static Oid log_relid = InvalidOid;
static Oid incarnation_relid = InvalidOid;

void
log_forget(void)
{
	state_is_known = false;
	generation++;
}

static void
relation_changed(Datum arg, Oid relid)
{
	(void) arg;
	if (relid == InvalidOid || relid == log_relid || relid == incarnation_relid)
		log_forget();
}

static void
watch_tables(void)
{
	static bool registered = false;
	Oid			nsp = get_namespace_oid("maestro", false);

	log_relid = get_relname_relid("log", nsp);
	incarnation_relid = get_relname_relid("incarnation", nsp);
	if (!registered)
		relcache_watch(relation_changed);
	registered = true;
}

/* The log and its newest incarnation, as it is now whatever the snapshot. */
static bool
read_state(LogState *found_state)
{
	static const char query[] =
		"SELECT l.log_id, i.no, i.system_identifier = $1 AND i.database = $2,"
		" (SELECT pg_snapshot_xmax(c.snapshot)::text::bigint FROM maestro.checkpoint c"
		" WHERE c.incarnation = i.no ORDER BY c.size DESC LIMIT 1)"
		" FROM maestro.log l CROSS JOIN"
		" (SELECT * FROM maestro.incarnation ORDER BY no DESC LIMIT 1) i";
	Oid		   types[2] = {INT8OID, OIDOID};
	Datum	   args[2] = {Int64GetDatum((int64) GetSystemIdentifier()),
						  ObjectIdGetDatum(MyDatabaseId)};
	SPIPlanPtr plan;
	bool	   found;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = SPI_prepare(query, 2, types);
	if (plan == NULL)
		elog(ERROR, "could not prepare the look-up of the log");
	PushActiveSnapshot(IsInParallelMode() ? GetActiveSnapshot() : GetLatestSnapshot());
	if (SPI_execute_snapshot(plan, args, NULL, GetActiveSnapshot(), InvalidSnapshot, true,
							 false, 1) != SPI_OK_SELECT)
		elog(ERROR, "look-up of the log failed");
	found = SPI_processed > 0;
	if (found)
	{
		HeapTuple row = SPI_tuptable->vals[0];
		TupleDesc desc = SPI_tuptable->tupdesc;
		bool	  isnull;
		bool	  no_seal;
		uint64	  sealed;

		memcpy(found_state->uuid, DatumGetUUIDP(SPI_getbinval(row, desc, 1, &isnull))->data, UUID_LEN);
		found_state->incarnation = DatumGetInt32(SPI_getbinval(row, desc, 2, &isnull));
		found_state->is_here = DatumGetBool(SPI_getbinval(row, desc, 3, &isnull));
		found_state->is_same = found_state->is_here;
		sealed = (uint64) DatumGetInt64(SPI_getbinval(row, desc, 4, &no_seal));
		if (!no_seal && U64FromFullTransactionId(ReadNextFullTransactionId()) < sealed)
			found_state->is_same = false;
		found_state->stamp_incarnation = found_state->incarnation + (found_state->is_same ? 0 : 1);
	}
	PopActiveSnapshot();
	SPI_finish();
	return found;
}

static void
execute(const char *statement, int nargs, Oid *types, Datum *args)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args(statement, nargs, types, args, NULL, false, 0) !=
		SPI_OK_INSERT)
		elog(ERROR, "could not write the log's own tables");
	SPI_finish();
}

void
log_begin_incarnation(const char *reason, int64 size, const uint8 *root, bool adopted)
{
	static const char statement[] =
		"INSERT INTO maestro.incarnation (no, system_identifier, database, snapshot, size,"
		" root, reason, adopted_at) SELECT coalesce(max(no), 0) + 1, $1, $2,"
		" pg_current_snapshot(), $3, $4::maestro.digest, $5, CASE WHEN $6 THEN now() END"
		" FROM maestro.incarnation";
	Oid	   types[6] = {INT8OID, OIDOID, INT8OID, BYTEAOID, TEXTOID, BOOLOID};
	bytea *bytes = palloc(VARHDRSZ + SHA256_LEN);
	Datum  args[6] = {Int64GetDatum((int64) GetSystemIdentifier()),
					  ObjectIdGetDatum(MyDatabaseId),
					  Int64GetDatum(size),
					  PointerGetDatum(bytes),
					  CStringGetTextDatum(reason),
					  BoolGetDatum(adopted)};

	if (state_is_known && state.incarnation >= INCARNATION_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a log has at most %d incarnations", INCARNATION_MAX)));
	SET_VARSIZE(bytes, VARHDRSZ + SHA256_LEN);
	memcpy(VARDATA(bytes), root, SHA256_LEN);
	execute(statement, 6, types, args);
	CommandCounterIncrement();
	log_forget();
}

/*
 * The log's row and first incarnation.  Whoever comes second waits for the first,
 * and finds it done.
 */
static void
create_rows(void)
{
	static const char statement[] =
		"INSERT INTO maestro.log (log_id, origin) SELECT u, 'maestro/' || u"
		" FROM gen_random_uuid() u ON CONFLICT DO NOTHING";
	uint8 empty[SHA256_LEN];
	bool  made;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute(statement, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not create the log");
	made = SPI_processed == 1;
	SPI_finish();
	if (!made)
		return;
	sha256("", 0, empty);
	log_begin_incarnation("the log was created", 0, empty, true);
}

static void
create_log(void)
{
	gate_open();
	PG_TRY();
	{
		create_rows();
	}
	PG_FINALLY();
	{
		gate_close();
	}
	PG_END_TRY();
}

/*
 * An error on the way leaves nothing behind: what was read counts only when it is whole.
 */
const LogState *
log_state(bool create)
{
	LogState   fresh;
	OwnerScope scope;
	uint64	   before;
	int		   path;
	bool	   found;

	if (state_is_known)
		return &state;
	watch_tables();
	owner_begin(&scope);
	path = path_begin();
	before = generation;
	found = read_state(&fresh);
	if (!found && create)
	{
		create_log();
		before = generation;
		found = read_state(&fresh);
		if (!found)
			elog(ERROR, "the log was created and is not there");
	}
	path_end(path);
	owner_end(&scope);
	if (!found)
		return NULL;
	state = fresh;
	/* what came in meanwhile makes it unknown again */
	state_is_known = generation == before;
	return &state;
}

bool
log_lock(void)
{
	bool found;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute("SELECT FROM maestro.log FOR UPDATE", false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not lock the log");
	found = SPI_processed > 0;
	SPI_finish();
	return found;
}
