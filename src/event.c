/*
 * event.c
 *		The event table: its columns, and the only code that inserts into it.
 *
 * Rows go straight into the leaf that holds the present, as logical
 * replication's worker inserts: triggers, NOT NULL, heap, indexes.  Planning
 * and executing an INSERT for each event would cost several times the insert.
 *
 * While a row is on its way in, event_write_is_active() is true; the ALWAYS
 * trigger on each leaf refuses rows that come otherwise (append_only.c).
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "entry.h"
#include "event.h"
#include "leaf_index.h"
#include "log.h"
#include "owner.h"
#include "relcache_watch.h"
#include "shmem.h"

static const char *const column_names[EVENT_NATTS] = {
	"event_id", "recorded_at", "occurred_at", "system_id", "component_id",
	"component_version", "target_id", "dependency_id", "kind", "level", "outcome",
	"trace_id", "span_id", "parent_span_id", "duration", "message", "body", "attributes",
	"valid", "contract_version", "violations", "findings", "decision", "reason",
	"claimed_component", "caller", "session_role", "stamp", "salt", "payload_hash", "leaf"};

/* what a backend knows of the catalog, read again when the table changes */
static Oid		   event_relid = InvalidOid;
static Oid		   event_sequence = InvalidOid;
static EventLabels labels;

/* true while event_write inserts a row */
static bool write_is_active = false;

struct EventWriter
{
	Oid			   relid; /* of the parent, which is closed while a leaf is made */
	Relation	   parent;
	Relation	   leaf; /* NULL until the first row */
	EState		  *estate;
	ResultRelInfo *result;
	Oid			   kind; /* that the leaf's indexes are open for; invalid: any */
	TupleTableSlot *slot;
	struct
	{
		int32 vl_len; /* do not touch this field directly */
		uint8 bytes[CANON_SALT_LEN];
	} salt;
	EntryHashes hashes;
};

bool
event_write_is_active(void)
{
	return write_is_active;
}

static void
event_changed(Datum arg, Oid relid)
{
	(void) arg;
	if (relid == InvalidOid || relid == event_relid)
		event_relid = InvalidOid;
}

Oid
event_enum_label(const char *type_name, const char *label, size_t len)
{
	Oid		 nsp = get_namespace_oid("maestro", false);
	Oid		 type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(type_name),
									ObjectIdGetDatum(nsp));
	NameData name;

	if (!OidIsValid(type))
		elog(ERROR, "type maestro.%s is missing", type_name);
	if (len >= NAMEDATALEN)
		return InvalidOid;
	memset(&name, 0, sizeof(name));
	memcpy(NameStr(name), label, len);
	return GetSysCacheOid2(ENUMTYPOIDNAME, Anum_pg_enum_oid, ObjectIdGetDatum(type),
						   NameGetDatum(&name));
}

Oid
event_label(const char *type_name, const char *name)
{
	Oid oid = event_enum_label(type_name, name, strlen(name));

	if (!OidIsValid(oid))
		elog(ERROR, "maestro.%s has no label %s", type_name, name);
	return oid;
}

/*
 * Read OIDs from the catalog, when nothing is known or the table changed.
 */
static void
catalog_refresh(void)
{
	static bool registered = false;
	Oid			nsp;

	if (!registered)
	{
		relcache_watch(event_changed);
		registered = true;
	}
	if (OidIsValid(event_relid))
		return;
	nsp = get_namespace_oid("maestro", false);
	event_sequence = get_relname_relid("event_id_seq", nsp);
	labels.kind_input = event_label("event_kind", "input");
	labels.kind_output = event_label("event_kind", "output");
	labels.kind_handoff = event_label("event_kind", "handoff");
	labels.kind_tool_call = event_label("event_kind", "tool_call");
	labels.kind_error = event_label("event_kind", "error");
	labels.kind_rejected = event_label("event_kind", "rejected");
	labels.kind_registry = event_label("event_kind", "registry");
	labels.level_info = event_label("log_level", "info");
	labels.level_warn = event_label("log_level", "warn");
	labels.level_error = event_label("log_level", "error");
	labels.outcome_error = event_label("outcome", "error");
	labels.outcome_timeout = event_label("outcome", "timeout");
	labels.decision_allow = event_label("decision", "allow");
	labels.decision_deny = event_label("decision", "deny");
	event_relid = get_relname_relid("event", nsp);
	if (!OidIsValid(event_relid) || !OidIsValid(event_sequence))
		elog(ERROR, "the tables of extension maestro are missing");
}

const EventLabels *
event_labels(void)
{
	catalog_refresh();
	return &labels;
}

/*
 * A table made by another version of the extension, or attached by hand, may
 * have other columns than this library fills, or be partitioned itself.
 */
bool
event_has_columns(Relation rel)
{
	TupleDesc desc = RelationGetDescr(rel);
	bool	  same =
		rel->rd_rel->relkind == RELKIND_RELATION && desc->natts == EVENT_NATTS;

	for (int i = 0; same && i < EVENT_NATTS; i++)
		same = strcmp(NameStr(TupleDescAttr(desc, i)->attname), column_names[i]) == 0;
	return same;
}

void
event_check_columns(Relation rel)
{
	if (!event_has_columns(rel))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("\"%s\" is not the table that this library writes",
							   RelationGetRelationName(rel)),
						errhint("Run ALTER EXTENSION maestro UPDATE, and attach no partition "
								"by hand; see maestro.create_partition.")));
}

/*
 * The leaf that holds a time, or InvalidOid.
 */
static Oid
leaf_for(Relation parent, TimestampTz at)
{
	PartitionKey  key = RelationGetPartitionKey(parent);
	PartitionDesc desc = RelationGetPartitionDesc(parent, true);
	Datum		  value = TimestampTzGetDatum(at);
	bool		  is_equal;
	int			  offset;
	int			  index;

	if (desc->nparts == 0)
		return InvalidOid;
	offset = partition_range_datum_bsearch(key->partsupfunc, key->partcollation,
										   desc->boundinfo, 1, &value, &is_equal);
	index = desc->boundinfo->indexes[offset + 1];
	if (index < 0)
		index = desc->boundinfo->default_index;
	return index < 0 ? InvalidOid : desc->oids[index];
}

Oid
event_leaf(TimestampTz at)
{
	Relation parent;
	Oid		 leaf;

	catalog_refresh();
	parent = table_open(event_relid, AccessShareLock);
	leaf = leaf_for(parent, at);
	table_close(parent, AccessShareLock);
	return leaf;
}

/*
 * Make the partition that holds a time, as the owner.  The parent must be
 * closed meanwhile: ALTER TABLE refuses a table that is in use.
 */
static void
create_leaf(TimestampTz at)
{
	Oid	  argtypes[2] = {OIDOID, TIMESTAMPTZOID};
	Datum args[2] = {ObjectIdGetDatum(GetUserId()), TimestampTzGetDatum(at)};
	OwnerScope scope;

	owner_begin(&scope);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args("SELECT maestro.create_partition_as($1, $2, 'month')", 2,
							  argtypes, args, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not create a partition");
	SPI_finish();
	owner_end(&scope);
}

EventWriter *
event_writer_begin(void)
{
	EventWriter *writer = palloc0(sizeof(EventWriter));

	catalog_refresh();
	writer->relid = event_relid;
	writer->parent = table_open(writer->relid, RowExclusiveLock);
	writer->estate = CreateExecutorState();
	return writer;
}

static void
close_leaf(EventWriter *writer)
{
	if (writer->leaf == NULL)
		return;
	ExecDropSingleTupleTableSlot(writer->slot);
	ExecCloseIndices(writer->result);
	table_close(writer->leaf, NoLock);
	writer->leaf = NULL;
}

void
event_writer_end(EventWriter *writer)
{
	close_leaf(writer);
	FreeExecutorState(writer->estate);
	table_close(writer->parent, NoLock);
	pfree(writer);
}

/*
 * Have the leaf open that holds a time, making it as a last resort, and its indexes
 * that rows of that kind enter.
 */
static void
open_leaf(EventWriter *writer, TimestampTz at, Oid kind)
{
	Oid			  leaf = leaf_for(writer->parent, at);
	MemoryContext saved;

	if (writer->leaf != NULL && RelationGetRelid(writer->leaf) == leaf &&
		(writer->kind == kind || !OidIsValid(writer->kind)))
		return;
	close_leaf(writer);
	if (!OidIsValid(leaf))
	{
		table_close(writer->parent, NoLock);
		create_leaf(at);
		writer->parent = table_open(writer->relid, RowExclusiveLock);
		leaf = leaf_for(writer->parent, at);
		if (!OidIsValid(leaf))
			elog(ERROR, "no partition of maestro.event holds the present");
	}
	saved = MemoryContextSwitchTo(writer->estate->es_query_cxt);
	writer->leaf = table_open(leaf, RowExclusiveLock);
	event_check_columns(writer->leaf);
	writer->result = makeNode(ResultRelInfo);
	InitResultRelInfo(writer->result, writer->leaf, 0, NULL, 0);
	if (OidIsValid(writer->kind))
	{
		/* a second kind in one statement: more will follow */
		ExecOpenIndices(writer->result, false);
		writer->kind = InvalidOid;
	}
	else if (leaf_index_open(writer->result, kind))
		writer->kind = kind;
	writer->slot = table_slot_create(writer->leaf, NULL);
	MemoryContextSwitchTo(saved);
}

/*
 * Triggers, constraints, heap, indexes.
 */
static void
insert_row(EventWriter *writer)
{
	ResultRelInfo *result = writer->result;
	EState		  *estate = writer->estate;
	TriggerDesc	  *triggers = result->ri_TrigDesc;
	List		  *recheck = NIL;

	AfterTriggerBeginQuery();
	if (triggers != NULL && triggers->trig_insert_before_row &&
		!ExecBRInsertTriggers(estate, result, writer->slot))
		ereport(ERROR, (errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
						errmsg("a trigger on \"%s\" swallowed an event",
							   RelationGetRelationName(writer->leaf)),
						errhint("See maestro.integrity_check().")));
	if (writer->leaf->rd_att->constr != NULL)
		ExecConstraints(result, writer->slot, estate);
	table_tuple_insert(writer->leaf, writer->slot, GetCurrentCommandId(true), 0, NULL);
	if (result->ri_NumIndices > 0)
		recheck = compat_insert_index_tuples(result, writer->slot, estate);
	ExecARInsertTriggers(estate, result, writer->slot, recheck, NULL);
	AfterTriggerEndQuery(estate);
	ResetPerTupleExprContext(estate);
}

HeapTuple
event_pack(Event *event, Oid *table)
{
	Relation  parent;
	HeapTuple tuple;

	catalog_refresh();
	*table = event_relid;
	parent = table_open(event_relid, AccessShareLock);
	if (RelationGetDescr(parent)->natts != EVENT_NATTS)
		elog(ERROR, "maestro.event has other columns than this library writes");
	tuple = heap_form_tuple(RelationGetDescr(parent), event->values, event->nulls);
	table_close(parent, NoLock);
	return tuple;
}

bool
event_unpack(HeapTuple tuple, Oid table, Event *event)
{
	Relation parent;

	catalog_refresh();
	if (table != event_relid)
		return false;
	parent = table_open(event_relid, AccessShareLock);
	heap_deform_tuple(tuple, RelationGetDescr(parent), event->values, event->nulls);
	table_close(parent, NoLock);
	return true;
}

/* Stamp, salt, and hashes of what is complete by now. */
static void
set_hashes(EventWriter *writer, Event *event)
{
	const LogState *log = log_state(true);
	uint64 xid = U64FromFullTransactionId(GetTopFullTransactionId());

	event->values[EVENT_STAMP] = Int64GetDatum(stamp_of(log->stamp_incarnation, xid));
	SET_VARSIZE(&writer->salt, sizeof(writer->salt));
	entry_salt(writer->salt.bytes);
	event->values[EVENT_SALT] = PointerGetDatum(&writer->salt);
	event->nulls[EVENT_STAMP] = event->nulls[EVENT_SALT] = false;
	if (!entry_hash(log->uuid, event, &writer->hashes))
		elog(ERROR, "an event could not be hashed");
	event->values[EVENT_PAYLOAD_HASH] = PointerGetDatum(writer->hashes.payload);
	event->values[EVENT_LEAF] = PointerGetDatum(writer->hashes.leaf);
	event->nulls[EVENT_PAYLOAD_HASH] = event->nulls[EVENT_LEAF] = false;
}

int64
event_write(EventWriter *writer, Event *event)
{
	int64		  event_id = nextval_internal(event_sequence, false);
	MemoryContext saved;

	event->values[EVENT_EVENT_ID] = Int64GetDatum(event_id);
	event->nulls[EVENT_EVENT_ID] = false;
	set_hashes(writer, event);
	open_leaf(writer, DatumGetTimestampTz(event->values[EVENT_RECORDED_AT]),
			  DatumGetObjectId(event->values[EVENT_KIND]));
	ExecClearTuple(writer->slot);
	memcpy(writer->slot->tts_values, event->values, sizeof(event->values));
	memcpy(writer->slot->tts_isnull, event->nulls, sizeof(event->nulls));
	ExecStoreVirtualTuple(writer->slot);

	saved = MemoryContextSwitchTo(GetPerTupleMemoryContext(writer->estate));
	write_is_active = true;
	PG_TRY();
	{
		insert_row(writer);
	}
	PG_FINALLY();
	{
		write_is_active = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(saved);
	shmem_count_event();
	return event_id;
}
