/*
 * guard_policy.c
 *		Which statements may touch the log, whoever gives them.
 *
 * Triggers refuse changes of rows.  What takes the triggers away, or goes round
 * them, is refused here, for the owner and for superusers alike: by hooks if the
 * library is preloaded, else by an event trigger.  Objects are known by their OIDs, so
 * that no new name passes.
 *
 * What a dump, a restore, an upgrade and an administrator need is let through.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
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
#include "nodes/parsenodes.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "errcodes.h"

#include "event.h"
#include "gate.h"
#include "guard_policy.h"
#include "guc.h"

bool
guard_is_installed(void)
{
	return OidIsValid(get_namespace_oid("maestro", true)) &&
		   OidIsValid(get_extension_oid("maestro", true));
}

static bool
is_member(Oid classid, Oid objectid)
{
	return getExtensionOfObject(classid, objectid) == get_extension_oid("maestro", true);
}

static Oid
trace_relid(void)
{
	return get_relname_relid("event", get_namespace_oid("maestro", false));
}

static bool
is_leaf(Oid relid)
{
	return get_rel_relispartition(relid) && get_partition_parent(relid, true) == trace_relid();
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
							  is_member(RelationRelationId, relid));
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
		relid = classid == TriggerRelationId   ? ((Form_pg_trigger) GETSTRUCT(tuple))->tgrelid
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

		return OidIsValid(relid) && (is_leaf(relid) || is_member(RelationRelationId, relid));
	}
	if (classid == PolicyRelationId)
		return guard_is_table(table_of(classid, objectid, Anum_pg_policy_oid, PolicyOidIndexId));
	/* no member, and yet made by us: create_partition says what it is for */
	if (classid == RelationRelationId &&
		objectid == get_relname_relid("event_present", get_namespace_oid("maestro", false)))
		return true;
	return is_member(classid, objectid);
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

void
guard_refuse(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_MAESTRO_APPEND_ONLY), errmsg("%s is guarded by maestro", what),
			 errhint("Partitions are made and dropped by maestro.create_partition and "
					 "maestro.drop_partition. For anything else a superuser can set "
					 "maestro.maintenance, which is logged.")));
}

/* ---- statements ---- */

static Oid
relation_of(RangeVar *rv)
{
	return rv == NULL ? InvalidOid : RangeVarGetRelid(rv, NoLock, true);
}

static bool
is_guarded(RangeVar *rv)
{
	return guard_is_table(relation_of(rv));
}

/* Is a table without rows, so that nothing can be changed behind disabled triggers? */
static bool
is_empty(Oid relid)
{
	Relation	   rel = table_open(relid, AccessShareLock);
	bool		   empty = true;

	if (rel->rd_rel->relkind == RELKIND_RELATION)
	{
		TupleTableSlot *slot = table_slot_create(rel, NULL);
		Snapshot		snapshot = RegisterSnapshot(GetLatestSnapshot());
		TableScanDesc	scan = table_beginscan(rel, snapshot, 0, NULL);

		empty = !table_scan_getnextslot(scan, ForwardScanDirection, slot);
		table_endscan(scan);
		UnregisterSnapshot(snapshot);
		ExecDropSingleTupleTableSlot(slot);
	}
	table_close(rel, AccessShareLock);
	return empty;
}

/* Has the table that is to be attached just our columns? */
static bool
is_like_ours(RangeVar *rv)
{
	Oid		 relid = relation_of(rv);
	Relation rel;
	bool	 same;

	if (!OidIsValid(relid))
		return false;
	rel = table_open(relid, AccessShareLock);
	same = event_has_columns(rel);
	table_close(rel, AccessShareLock);
	return same;
}

static bool
is_same_owner(Oid relid, RoleSpec *owner)
{
	Relation rel = table_open(relid, AccessShareLock);
	bool	 same = rel->rd_rel->relowner == get_rolespec_oid(owner, true);

	table_close(rel, AccessShareLock);
	return same;
}

/* One part of ALTER TABLE on a table, index, view or sequence of ours. */
static bool
allows_command(Oid relid, AlterTableCmd *cmd)
{
	/* options of views say whose rights hold; dumps name the owner of event_present */
	if (cmd->subtype != AT_ChangeOwner && get_rel_relkind(relid) == RELKIND_VIEW)
		return false;
	switch (cmd->subtype)
	{
		case AT_EnableTrig:
		case AT_EnableTrigAll:
		case AT_EnableTrigUser:
		case AT_EnableAlwaysTrig:
		case AT_EnableRowSecurity:
		case AT_ClusterOn:
		case AT_DropCluster:
		case AT_SetStatistics:
		case AT_SetRelOptions:
		case AT_ResetRelOptions:
		case AT_SetTableSpace:
		case AT_SetStorage:
		case AT_SetCompression:
		case AT_ReplicaIdentity:
		case AT_SetLogged:
			return true;
			/* restores of data alone turn triggers off, and fill the table */
		case AT_DisableTrig:
		case AT_DisableTrigAll:
		case AT_DisableTrigUser:
			return is_empty(relid);
		case AT_AddIndex:
			return ((IndexStmt *) cmd->def)->primary;
		case AT_AddConstraint:
			return ((Constraint *) cmd->def)->contype == CONSTR_PRIMARY;
		case AT_ChangeOwner:
			return is_same_owner(relid, cmd->newowner);
		case AT_AttachPartition:
			return relid == trace_relid() && is_like_ours(((PartitionCmd *) cmd->def)->name);
		default:
			return false;
	}
}

static GuardVerdict
judge_alter_table(AlterTableStmt *stmt)
{
	Oid		  relid = relation_of(stmt->relation);
	ListCell *cell;

	if (!OidIsValid(relid) || !guard_is_object(RelationRelationId, relid))
		return GUARD_NONE;
	foreach(cell, stmt->cmds)
		if (!allows_command(relid, (AlterTableCmd *) lfirst(cell)))
			return GUARD_REFUSES;
	return GUARD_ALLOWS;
}

/* A trigger on a table of ours may call our own functions alone. */
static GuardVerdict
judge_trigger(CreateTrigStmt *stmt)
{
	Oid function;

	if (!is_guarded(stmt->relation))
		return GUARD_NONE;
	/* triggers of foreign keys have no function to name */
	if (stmt->funcname == NIL)
		return GUARD_REFUSES;
	function = LookupFuncName(stmt->funcname, 0, NULL, true);
	if (!OidIsValid(function) || !is_member(ProcedureRelationId, function) ||
		stmt->whenClause != NULL || stmt->columns != NIL)
		return GUARD_REFUSES;
	return GUARD_ALLOWS;
}

static GuardVerdict
judge_create_table(CreateStmt *stmt)
{
	ListCell *cell;

	foreach(cell, stmt->inhRelations)
		if (is_guarded((RangeVar *) lfirst(cell)))
			return GUARD_REFUSES;
	return GUARD_NONE;
}

/* A view in place of one of ours. */
static GuardVerdict
judge_view(ViewStmt *stmt)
{
	Oid relid = relation_of(stmt->view);

	return OidIsValid(relid) && guard_is_object(RelationRelationId, relid) ? GUARD_REFUSES
																			: GUARD_NONE;
}

static GuardVerdict
judge_extension(const char *name)
{
	return strcmp(name, "maestro") == 0 ? GUARD_REFUSES : GUARD_NONE;
}

/*
 * The extension itself may go, as its owner wishes; what is in it only with it.
 */
static GuardVerdict
judge_drop(DropStmt *stmt)
{
	ListCell *cell;

	if (stmt->removeType == OBJECT_EXTENSION)
		return GUARD_ALLOWS;
	if (!guard_is_installed())
		return GUARD_NONE;
	foreach(cell, stmt->objects)
	{
		Relation	  rel = NULL;
		ObjectAddress address =
			get_object_address(stmt->removeType, (Node *) lfirst(cell), &rel, AccessShareLock, true);

		if (rel != NULL)
			table_close(rel, NoLock);
		if (OidIsValid(address.objectId) && guard_is_object(address.classId, address.objectId))
			return GUARD_REFUSES;
	}
	return GUARD_NONE;
}

/* What is to be renamed, moved or altered otherwise, by its name. */
static GuardVerdict
judge_object(ObjectType type, RangeVar *relation, Node *object)
{
	Relation	  rel = NULL;
	ObjectAddress address;

	if (!guard_is_installed())
		return GUARD_NONE;
	if (relation != NULL)
	{
		Oid relid = relation_of(relation);

		return OidIsValid(relid) && guard_is_object(RelationRelationId, relid) ? GUARD_REFUSES
																			   : GUARD_NONE;
	}
	if (object == NULL)
		return GUARD_NONE;
	address = get_object_address(type, object, &rel, AccessShareLock, true);
	if (rel != NULL)
		table_close(rel, NoLock);
	return OidIsValid(address.objectId) && guard_is_object(address.classId, address.objectId)
			   ? GUARD_REFUSES
			   : GUARD_NONE;
}

GuardVerdict
guard_judge(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_AlterTableStmt:
			return judge_alter_table((AlterTableStmt *) statement);
		case T_CreateTrigStmt:
			return judge_trigger((CreateTrigStmt *) statement);
		case T_CreateStmt:
			return judge_create_table((CreateStmt *) statement);
		case T_ViewStmt:
			return judge_view((ViewStmt *) statement);
		case T_DropStmt:
			return judge_drop((DropStmt *) statement);
		case T_AlterExtensionContentsStmt:
			return judge_extension(((AlterExtensionContentsStmt *) statement)->extname);
		case T_RuleStmt:
			return is_guarded(((RuleStmt *) statement)->relation) ? GUARD_REFUSES : GUARD_NONE;
		case T_CreatePolicyStmt:
			return is_guarded(((CreatePolicyStmt *) statement)->table) ? GUARD_REFUSES : GUARD_NONE;
		case T_AlterPolicyStmt:
			return is_guarded(((AlterPolicyStmt *) statement)->table) ? GUARD_REFUSES : GUARD_NONE;
		case T_RenameStmt:
			return judge_object(((RenameStmt *) statement)->renameType, ((RenameStmt *) statement)->relation,
								((RenameStmt *) statement)->object);
		case T_AlterObjectSchemaStmt:
			return judge_object(((AlterObjectSchemaStmt *) statement)->objectType,
								((AlterObjectSchemaStmt *) statement)->relation,
								((AlterObjectSchemaStmt *) statement)->object);
		case T_AlterFunctionStmt:
			return judge_object(((AlterFunctionStmt *) statement)->objtype, NULL,
								(Node *) ((AlterFunctionStmt *) statement)->func);
		case T_AlterSeqStmt:
			return judge_object(OBJECT_SEQUENCE, ((AlterSeqStmt *) statement)->sequence, NULL);
		case T_IndexStmt:
			if (!is_guarded(((IndexStmt *) statement)->relation))
				return GUARD_NONE;
			return ((IndexStmt *) statement)->unique && !((IndexStmt *) statement)->primary ? GUARD_REFUSES
																							: GUARD_ALLOWS;
			/* these change nothing that is guarded, whatever hooks they call */
		case T_AlterExtensionStmt:
		case T_GrantStmt:
		case T_CommentStmt:
		case T_SecLabelStmt:
		case T_ClusterStmt:
		case T_ReindexStmt:
		case T_VacuumStmt:
			return GUARD_ALLOWS;
		default:
			return GUARD_NONE;
	}
}
