/*
 * append_only.c
 *		The triggers that keep the trace append-only, and the registry from being
 *		changed behind its functions' backs.
 *
 * All are ENABLE ALWAYS, so session_replication_role does not pass them by.
 * What triggers can't stop is found by integrity_check().
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "replication/logicalworker.h"
#include "utils/datum.h"
#include "utils/inval.h"
#include "utils/rel.h"

#include "maestro.h"

#include "access.h"
#include "entry.h"
#include "event.h"
#include "gate.h"
#include "log.h"

static TriggerData *
trigger_data(FunctionCallInfo fcinfo)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("this function is for triggers alone")));
	return (TriggerData *) fcinfo->context;
}

static const char *
operation(TriggerData *data)
{
	if (TRIGGER_FIRED_BY_UPDATE(data->tg_event))
		return "UPDATE";
	if (TRIGGER_FIRED_BY_DELETE(data->tg_event))
		return "DELETE";
	if (TRIGGER_FIRED_BY_TRUNCATE(data->tg_event))
		return "TRUNCATE";
	return "INSERT";
}

pg_noreturn static void
refuse_change(TriggerData *data)
{
	ereport(ERROR,
			(errcode(ERRCODE_MAESTRO_APPEND_ONLY),
			 errmsg("cannot %s \"%s\": it is append-only", operation(data),
					RelationGetRelationName(data->tg_relation)),
			 errhint("Events are written by maestro.log_event and never changed.")));
}

/*
 * Does the update take away payload and salt, and leave all else as it is?
 */
static bool
is_redaction(TriggerData *data)
{
	TupleDesc desc = RelationGetDescr(data->tg_relation);
	Event	  before;
	Event	  after;

	if (desc->natts != EVENT_NATTS)
		return false;
	heap_deform_tuple(data->tg_trigtuple, desc, before.values, before.nulls);
	heap_deform_tuple(data->tg_newtuple, desc, after.values, after.nulls);
	if (entry_has_payload(&after) || !after.nulls[EVENT_SALT])
		return false;
	for (int i = 0; i < EVENT_NATTS; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (i == EVENT_SALT || entry_is_payload(i))
			continue;
		if (before.nulls[i] != after.nulls[i] ||
			(!after.nulls[i] &&
			 !datumIsEqual(before.values[i], after.values[i], att->attbyval, att->attlen)))
			return false;
	}
	return true;
}

/*
 * BEFORE UPDATE, DELETE (row and statement) and TRUNCATE on the trace.  One update
 * passes: redact_event's, and its replica in a mirror.
 */
MAESTRO_FUNCTION(append_only_refuse)
{
	TriggerData *data = trigger_data(fcinfo);

	if (!TRIGGER_FIRED_BY_UPDATE(data->tg_event) || (!gate_is_open() && !IsLogicalWorker()) ||
		(TRIGGER_FIRED_FOR_ROW(data->tg_event) && !is_redaction(data)))
		refuse_change(data);
	return PointerGetDatum(TRIGGER_FIRED_FOR_ROW(data->tg_event) ? data->tg_newtuple : NULL);
}

/*
 * A row that is brought in whole: its hashes must be its own.  As long as the log's
 * row is not there (a restore brings tables in any order) nobody can tell, and
 * verify() does.
 */
static void
check_import(TriggerData *data)
{
	const LogState *log = log_state(false);
	TupleDesc		desc = RelationGetDescr(data->tg_relation);
	Event			event;
	EntryHashes		hashes;

	if (desc->natts != EVENT_NATTS)
		refuse_change(data);
	heap_deform_tuple(data->tg_trigtuple, desc, event.values, event.nulls);
	for (int i = EVENT_STAMP; i < EVENT_NATTS; i++)
		if (event.nulls[i] && i != EVENT_SALT)
			refuse_change(data);
	if (event.nulls[EVENT_EVENT_ID] || event.nulls[EVENT_RECORDED_AT])
		refuse_change(data);
	if (log != NULL &&
		(!entry_hash(log->uuid, &event, &hashes) ||
		 memcmp(hashes.leaf, DatumGetPointer(event.values[EVENT_LEAF]), SHA256_LEN) != 0 ||
		 memcmp(hashes.payload, DatumGetPointer(event.values[EVENT_PAYLOAD_HASH]),
				SHA256_LEN) != 0))
		ereport(ERROR, (errcode(ERRCODE_MAESTRO_TAMPERED),
						errmsg("event " INT64_FORMAT " does not have the hash of its content",
							   DatumGetInt64(event.values[EVENT_EVENT_ID])),
						errhint("It was changed after it was logged, or is of another log.")));
}

/*
 * BEFORE INSERT on a leaf, sorted last: event_write alone gets through, and
 * the import path of restores and replication, which brings whole rows of the
 * owner's.
 */
MAESTRO_FUNCTION(append_only_insert)
{
	TriggerData *data = trigger_data(fcinfo);

	if (!event_write_is_active())
	{
		if (!IsLogicalWorker() && !access_is_owner(GetUserId()))
			refuse_change(data);
		check_import(data);
	}
	return PointerGetDatum(data->tg_trigtuple);
}

/*
 * Does the extension's own install or update script run?
 */
static bool
is_our_script(void)
{
	return creating_extension &&
		   CurrentExtensionObject == get_extension_oid("maestro", true);
}

/*
 * BEFORE INSERT, UPDATE, DELETE and TRUNCATE on registry and catalogue tables,
 * by row and by statement: functions of ours may change rows, the owner may
 * insert them, as restores do, and the extension's scripts may do both, and so may
 * logical replication: a mirror would stop at the first full tile.  Nobody may empty a
 * table.
 */
MAESTRO_FUNCTION(registry_guard)
{
	TriggerData *data = trigger_data(fcinfo);
	bool		 allowed = gate_is_open() || is_our_script() || IsLogicalWorker();

	if (TRIGGER_FIRED_BY_INSERT(data->tg_event))
		allowed = allowed || access_is_owner(GetUserId());
	else if (TRIGGER_FIRED_BY_TRUNCATE(data->tg_event))
		allowed = false;
	if (!allowed)
		ereport(ERROR,
				(errcode(ERRCODE_MAESTRO_APPEND_ONLY),
				 errmsg("cannot %s \"%s\" directly", operation(data),
						RelationGetRelationName(data->tg_relation)),
				 errhint("The registry is changed by its functions, such as "
						 "maestro.apply_manifest, which log what they change.")));
	if (!TRIGGER_FIRED_FOR_ROW(data->tg_event))
		return PointerGetDatum(NULL);
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(data->tg_event) ? data->tg_newtuple
																   : data->tg_trigtuple);
}

/*
 * AFTER INSERT, UPDATE or DELETE, for each statement: tell all backends, since
 * plain DML sends no invalidation.
 */
MAESTRO_FUNCTION(registry_changed)
{
	TriggerData *data = trigger_data(fcinfo);

	CacheInvalidateRelcache(data->tg_relation);
	return PointerGetDatum(NULL);
}
