/*
 * session_fact.c
 *		From where components log: address, TLS, roles.
 *
 * Only the database knows these, and a writer cannot make them up.  A row of
 * maestro.session_fact is written the first time that a session logs as a
 * component under a pair of roles, and again a day later.  For every other
 * event it costs one look-up in a table of this backend.
 *
 * The row belongs to the transaction that logs.  When that one aborts, or the
 * subtransaction, the row is gone and the backend must forget that it wrote
 * one: entries remember the subtransaction that wrote them, as long as it is
 * not certain that they stay.  Of a prepared transaction it never is.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/ilist.h"
#include "libpq/libpq-be.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inet.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

#include "compat.h"
#include "gate.h"
#include "owner.h"
#include "relcache_watch.h"
#include "session_fact.h"

/* a fact holds for so long */
#define FACT_AGE USECS_PER_DAY

/* more than this many entries, and all are forgotten: facts are written again */
#define FACTS_MAX 4096

typedef struct FactKey
{
	int32 component_id;
	Oid	  role;
	Oid	  session_role;
} FactKey;

typedef struct Fact
{
	FactKey			 key;
	TimestampTz		 seen_at;
	SubTransactionId subid; /* that wrote the row; valid while it is pending */
	dlist_node		 link;	/* in pending, as long as subid is valid */
} Fact;

static HTAB *facts = NULL;

/* those that an abort would take along */
static dlist_head pending = DLIST_STATIC_INIT(pending);

/* the table that the entries are about; another one after DROP EXTENSION */
static Oid	fact_relid = InvalidOid;
static bool fact_relid_is_sure = false;

static void
relation_changed(Datum arg, Oid relid)
{
	(void) arg;
	if (relid == InvalidOid || relid == fact_relid)
		fact_relid_is_sure = false;
}

/*
 * The row stays for certain.
 */
static void
settle(Fact *fact)
{
	if (fact->subid == InvalidSubTransactionId)
		return;
	dlist_delete(&fact->link);
	fact->subid = InvalidSubTransactionId;
}

static void
forget(Fact *fact)
{
	settle(fact);
	(void) hash_search(facts, &fact->key, HASH_REMOVE, NULL);
}

static void
transaction_ends(XactEvent event, void *arg)
{
	dlist_mutable_iter it;

	(void) arg;
	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT &&
		event != XACT_EVENT_PREPARE)
		return;
	dlist_foreach_modify(it, &pending)
	{
		Fact *fact = dlist_container(Fact, link, it.cur);

		if (event == XACT_EVENT_COMMIT)
			settle(fact);
		else
			forget(fact);
	}
}

static void
subtransaction_ends(SubXactEvent event, SubTransactionId subid,
					SubTransactionId parent_subid, void *arg)
{
	dlist_mutable_iter it;

	(void) arg;
	if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB)
		return;
	dlist_foreach_modify(it, &pending)
	{
		Fact *fact = dlist_container(Fact, link, it.cur);

		if (fact->subid != subid)
			continue;
		if (event == SUBXACT_EVENT_COMMIT_SUB)
			fact->subid = parent_subid;
		else
			forget(fact);
	}
}

static void
forget_all(void)
{
	HASHCTL control = {0};

	dlist_init(&pending);
	if (facts != NULL)
		hash_destroy(facts);
	facts = NULL;
	control.keysize = sizeof(FactKey);
	control.entrysize = sizeof(Fact);
	facts = hash_create("maestro session facts", 32, &control, HASH_ELEM | HASH_BLOBS);
}

/*
 * Have an empty table of facts, or the one that fits the relation.
 */
static void
facts_refresh(void)
{
	static bool registered = false;
	Oid			relid;

	if (!registered)
	{
		relcache_watch(relation_changed);
		RegisterXactCallback(transaction_ends, NULL);
		RegisterSubXactCallback(subtransaction_ends, NULL);
		registered = true;
	}
	if (fact_relid_is_sure)
		return;
	/* first: what arrives while looking must not be missed */
	fact_relid_is_sure = true;
	relid = get_relname_relid("session_fact", get_namespace_oid("maestro", false));
	if (relid != fact_relid || facts == NULL)
		forget_all();
	fact_relid = relid;
}

static void
run_insert(Datum *values, const char *nulls)
{
	Oid argtypes[9] = {INT4OID, INT4OID, NAMEOID, NAMEOID,		 INETOID,
					   BOOLOID, TEXTOID, INT4OID, TIMESTAMPTZOID};

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args(
			"INSERT INTO maestro.session_fact (system_id, component_id, caller,"
			" session_role, client_address, tls, tls_version, backend_pid, backend_start)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
			9, argtypes, values, nulls, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not insert a session fact");
	SPI_finish();
}

/*
 * Store the row as the owner, with the gate open for it.
 */
static void
insert_as_owner(Datum *values, const char *nulls)
{
	OwnerScope scope;

	owner_begin(&scope);
	gate_open();
	PG_TRY();
	{
		run_insert(values, nulls);
	}
	PG_FINALLY();
	{
		gate_close();
	}
	PG_END_TRY();
	owner_end(&scope);
}

/*
 * The client's address; false for a Unix socket and without a client.
 */
static bool
client_address(Datum *address)
{
	LOCAL_FCINFO(fcinfo, 0);

	InitFunctionCallInfoData(*fcinfo, NULL, 0, InvalidOid, NULL, NULL);
	*address = inet_client_addr(fcinfo);
	return !fcinfo->isnull;
}

static void
insert_fact(const RegistryComponent *component, Datum caller, Datum session_role)
{
	bool  tls = MyProcPort != NULL && MyProcPort->ssl_in_use;
	char  nulls[10] = "         ";
	Datum values[9] = {Int32GetDatum(component->system_id),
					   Int32GetDatum(component->component_id), caller, session_role, 0};

	if (!client_address(&values[4]))
		nulls[4] = 'n';
	values[5] = BoolGetDatum(tls);
	nulls[6] = 'n';
#ifdef USE_SSL
	if (tls && be_tls_get_version(MyProcPort) != NULL)
	{
		values[6] = CStringGetTextDatum(be_tls_get_version(MyProcPort));
		nulls[6] = ' ';
	}
#endif
	values[7] = Int32GetDatum(MyProcPid);
	values[8] = TimestampTzGetDatum(MyStartTimestamp);
	insert_as_owner(values, nulls);
}

void
session_fact_note(const RegistryComponent *component, Datum caller, Datum session_role,
				  TimestampTz now)
{
	FactKey key = {component->component_id, GetUserId(), GetSessionUserId()};
	Fact   *fact;
	bool	found;

	facts_refresh();
	fact = hash_search(facts, &key, HASH_FIND, NULL);
	if (fact != NULL && now < fact->seen_at + FACT_AGE)
		return;
	/* made by an older version of the extension, which has no such table */
	if (!OidIsValid(fact_relid))
		return;
	insert_fact(component, caller, session_role);
	if (hash_get_num_entries(facts) >= FACTS_MAX)
		forget_all();
	fact = hash_search(facts, &key, HASH_ENTER, &found);
	if (found)
		settle(fact);
	fact->seen_at = now;
	fact->subid = GetCurrentSubTransactionId();
	dlist_push_tail(&pending, &fact->link);
}
