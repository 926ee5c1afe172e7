/*
 * guard_policy.c
 *		What is guarded, and when nothing is.
 *
 * Objects are known by their OIDs, so that no new name passes.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_trigger.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "errcodes.h"

#include "gate.h"
#include "guard_policy.h"
#include "guc.h"

bool
guard_is_installed(void)
{
	return OidIsValid(get_namespace_oid("maestro", true)) &&
		   OidIsValid(get_extension_oid("maestro", true));
}

bool
guard_is_member(Oid classid, Oid objectid)
{
	return getExtensionOfObject(classid, objectid) == get_extension_oid("maestro", true);
}

Oid
guard_trace(void)
{
	return get_relname_relid("event", get_namespace_oid("maestro", false));
}

static bool
is_leaf(Oid relid)
{
	return get_rel_relispartition(relid) && get_partition_parent(relid, true) == guard_trace();
}

bool
guard_is_table(Oid relid)
{
	Oid	 nsp = get_namespace_oid("maestro", true);
	bool is_inside = OidIsValid(nsp) && OidIsValid(relid) && get_rel_namespace(relid) == nsp;
	char kind;

	/* of most tables this is all that is asked */
	if (!OidIsValid(nsp) || !OidIsValid(relid) || (!is_inside && !get_rel_relispartition(relid)) ||
		!guard_is_installed())
		return false;
	kind = get_rel_relkind(relid);
	return is_leaf(relid) || (is_inside && (kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE) &&
							  guard_is_member(RelationRelationId, relid));
}

/* Triggers of foreign keys that refer to us come and go with the tables that have them. */
static Oid
table_of_trigger(Form_pg_trigger trigger)
{
	return trigger->tgisinternal ? InvalidOid : trigger->tgrelid;
}

/* The table of an index, trigger, rule or policy; InvalidOid if it has none. */
static Oid
table_of(Oid classid, Oid objectid, AttrNumber id_column, Oid id_index)
{
	Relation	rel = table_open(classid, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			relid = InvalidOid;

	ScanKeyInit(&key, id_column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(objectid));
	/* what this very statement made is looked for too */
	scan = systable_beginscan(rel, id_index, true, SnapshotSelf, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		relid = classid == TriggerRelationId   ? table_of_trigger((Form_pg_trigger) GETSTRUCT(tuple))
				: classid == RewriteRelationId ? ((Form_pg_rewrite) GETSTRUCT(tuple))->ev_class
											   : ((Form_pg_policy) GETSTRUCT(tuple))->polrelid;
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return relid;
}

bool
guard_is_object(Oid classid, Oid objectid)
{
	if (!guard_is_installed())
		return false;
	if (classid == RelationRelationId && get_rel_relkind(objectid) == RELKIND_INDEX)
		return guard_is_table(IndexGetRelation(objectid, true));
	if (classid == RelationRelationId && is_leaf(objectid))
		return true;
	if (classid == TriggerRelationId)
		return guard_is_table(table_of(classid, objectid, Anum_pg_trigger_oid, TriggerOidIndexId));
	if (classid == RewriteRelationId)
	{
		Oid relid = table_of(classid, objectid, Anum_pg_rewrite_oid, RewriteOidIndexId);

		return OidIsValid(relid) && (is_leaf(relid) || guard_is_member(RelationRelationId, relid));
	}
	if (classid == PolicyRelationId)
		return guard_is_table(table_of(classid, objectid, Anum_pg_policy_oid, PolicyOidIndexId));
	/* no member, and yet made by us: create_partition says what it is for */
	if (classid == RelationRelationId &&
		objectid == get_relname_relid("event_present", get_namespace_oid("maestro", false)))
		return true;
	return guard_is_member(classid, objectid);
}

static bool
is_our_script(void)
{
	return creating_extension && CurrentExtensionObject == get_extension_oid("maestro", true);
}

bool
guard_is_lifted(void)
{
	if (IsBinaryUpgrade || gate_is_open() || is_our_script())
		return true;
	if (!guc_maintenance)
		return false;
	ereport(LOG, (errmsg("the log's guards are lifted by maestro.maintenance for role \"%s\"",
						 GetUserNameFromId(GetSessionUserId(), true))));
	return true;
}

/* In the words of the triggers, which would refuse it too. */
void
guard_refuse_write(Oid relid, const char *operation)
{
	if (relid == guard_trace() || is_leaf(relid))
		ereport(ERROR, (errcode(ERRCODE_MAESTRO_APPEND_ONLY),
						errmsg("cannot %s \"%s\": it is append-only", operation, get_rel_name(relid)),
						errhint("Events are written by maestro.log_event and never changed.")));
	ereport(ERROR, (errcode(ERRCODE_MAESTRO_APPEND_ONLY),
					errmsg("cannot %s \"%s\" directly", operation, get_rel_name(relid)),
					errhint("Its rows are changed by maestro's functions alone, which log what they change.")));
}

void
guard_refuse(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_MAESTRO_APPEND_ONLY), errmsg("%s is guarded by maestro", what),
			 errhint("See maestro.create_partition and drop_partition; for anything else a superuser "
					 "sets maestro.maintenance.")));
}
