/*
 * session_fact.c
 *		From where components log: address, TLS, roles.
 *
 * Only the database knows these, and a writer cannot make them up.  A row of
 * maestro.session_fact is written when a component logs from somewhere under a
 * pair of roles, once a day whatever number of sessions do: agents that connect
 * for each task would make one for each.  The first event of a session looks for
 * that row; every other costs one look-up in a table of this backend.
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
#include "statement.h"

/* a fact holds for so long, which look_up's interval has to be too */
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

/* some were forgotten with rows that an abort would take along: none is to be believed */
static bool lost_pending = false;

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
	lost_pending = false;
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

	lost_pending = lost_pending || !dlist_is_empty(&pending);
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

/* what a row says, in the order of the statements' arguments */
typedef struct Place
{
	Datum values[9];
	char  nulls[10];
} Place;

/*
 * Store the row as the owner, with the gate open for it.
 */
static void
insert_as_owner(Place *place)
{
	static Statement insert = {
		.text = "INSERT INTO maestro.session_fact (system_id, component_id, caller,"
				" session_role, client_address, tls, tls_version, backend_pid, backend_start)"
				" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		.nargs = 9,
		.types = {INT4OID, INT4OID, NAMEOID, NAMEOID, INETOID, BOOLOID, TEXTOID, INT4OID, TIMESTAMPTZOID}};
	OwnerCall call;

	owner_call_begin(&call);
	gate_open();
	PG_TRY();
	{
		statement_run(&insert, place->values, place->nulls, false, 0, SPI_OK_INSERT);
	}
	PG_FINALLY();
	{
		gate_close();
	}
	PG_END_TRY();
	owner_call_end(&call);
}

/*
 * When the same was seen last, within the day; false: it was not.  In a serializable
 * transaction nobody looks: others who come from there would be in conflict with it.
 */
static bool
look_up(Place *place, TimestampTz *seen_at)
{
	static Statement look = {
		.text = "SELECT max(f.seen_at) FROM maestro.session_fact f"
				" WHERE f.component_id = $2 AND (f.client_address = $5 OR $5 IS NULL AND f.client_address IS NULL)"
				" AND f.seen_at > clock_timestamp() - interval '1 day' AND f.system_id = $1 AND f.caller = $3"
				" AND f.session_role = $4 AND f.tls = $6 AND f.tls_version IS NOT DISTINCT FROM $7",
		.nargs = 7,
		.types = {INT4OID, INT4OID, NAMEOID, NAMEOID, INETOID, BOOLOID, TEXTOID}};
	OwnerCall call;
	Datum	  newest;
	bool	  isnull;

	if (lost_pending || IsolationIsSerializable())
		return false;
	owner_call_begin(&call);
	statement_run(&look, place->values, place->nulls, true, 0, SPI_OK_SELECT);
	newest = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	if (!isnull)
		*seen_at = DatumGetTimestampTz(newest);
	owner_call_end(&call);
	return !isnull;
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
read_place(Place *place, const RegistryComponent *component, Datum caller, Datum session_role)
{
	bool tls = MyProcPort != NULL && MyProcPort->ssl_in_use;

	*place = (Place) {.values = {Int32GetDatum(component->system_id), Int32GetDatum(component->component_id), caller, session_role},
					  .nulls = "         "};
	if (!client_address(&place->values[4]))
		place->nulls[4] = 'n';
	place->values[5] = BoolGetDatum(tls);
	place->nulls[6] = 'n';
#ifdef USE_SSL
	if (tls && be_tls_get_version(MyProcPort) != NULL)
	{
		place->values[6] = CStringGetTextDatum(be_tls_get_version(MyProcPort));
		place->nulls[6] = ' ';
	}
#endif
	place->values[7] = Int32GetDatum(MyProcPid);
	place->values[8] = TimestampTzGetDatum(MyStartTimestamp);
}

void
session_fact_note(const RegistryComponent *component, Datum caller, Datum session_role,
				  TimestampTz now)
{
	FactKey key = {component->component_id, GetUserId(), GetSessionUserId()};
	Place	place;
	Fact   *fact;
	bool	found;
	bool	was_seen;

	facts_refresh();
	fact = hash_search(facts, &key, HASH_FIND, NULL);
	if (fact != NULL && now < fact->seen_at + FACT_AGE)
		return;
	/* made by an older version of the extension, which has no such table */
	if (!OidIsValid(fact_relid))
		return;
	read_place(&place, component, caller, session_role);
	was_seen = look_up(&place, &now);
	if (!was_seen)
		insert_as_owner(&place);
	if (hash_get_num_entries(facts) >= FACTS_MAX)
		forget_all();
	fact = hash_search(facts, &key, HASH_ENTER, &found);
	if (found)
		settle(fact);
	fact->seen_at = now;
	if (was_seen)
		return;
	fact->subid = GetCurrentSubTransactionId();
	dlist_push_tail(&pending, &fact->link);
}
