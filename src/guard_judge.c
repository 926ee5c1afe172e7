/*
 * guard_judge.c
 *		Which statements may touch the log, whoever gives them.
 *
 * Triggers refuse changes of rows.  What takes the triggers away, or goes round
 * them, is refused here, for the owner and for superusers alike: by hooks if the
 * library is preloaded, else by an event trigger.
 *
 * What a dump, a restore, an upgrade and an administrator need is let through.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "compat.h"

#include "event.h"
#include "guard_policy.h"
#include "registry.h"

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

bool
guard_is_empty(Oid relid)
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
			return guard_is_empty(relid);
		case AT_AddIndex:
			return ((IndexStmt *) cmd->def)->primary;
		case AT_AddConstraint:
			return ((Constraint *) cmd->def)->contype == CONSTR_PRIMARY;
		case AT_ChangeOwner:
			return is_same_owner(relid, cmd->newowner);
		case AT_AttachPartition:
			return relid == guard_trace() && is_like_ours(((PartitionCmd *) cmd->def)->name);
		default:
			return false;
	}
}

/* One part of ALTER TABLE on another table: would it be a parent or child of one of ours? */
static bool
takes_ours(AlterTableCmd *cmd)
{
	if (cmd->subtype == AT_AddInherit)
		return is_guarded((RangeVar *) cmd->def);
	return cmd->subtype == AT_AttachPartition && is_guarded(((PartitionCmd *) cmd->def)->name);
}

static GuardVerdict
judge_alter_table(AlterTableStmt *stmt)
{
	Oid		  relid = relation_of(stmt->relation);
	ListCell *cell;

	if (!OidIsValid(relid) || !guard_is_object(RelationRelationId, relid))
	{
		foreach(cell, stmt->cmds)
			if (takes_ours((AlterTableCmd *) lfirst(cell)))
				return GUARD_REFUSES;
		return GUARD_NONE;
	}
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
	if (stmt->replace || !OidIsValid(function) || !guard_is_member(ProcedureRelationId, function) ||
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

/*
 * What is to be renamed, moved or altered otherwise, by its name.  Types come as
 * bare names here, which get_object_address does not take.
 */
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
	if (IsA(object, List) &&
		(type == OBJECT_TYPE || type == OBJECT_DOMAIN || type == OBJECT_DOMCONSTRAINT))
	{
		type = OBJECT_TYPE;
		object = (Node *) makeTypeNameFromNameList((List *) object);
	}
	address = get_object_address(type, object, &rel, AccessShareLock, true);
	if (rel != NULL)
		table_close(rel, NoLock);
	return OidIsValid(address.objectId) && guard_is_object(address.classId, address.objectId)
			   ? GUARD_REFUSES
			   : GUARD_NONE;
}

static GuardVerdict
judge_rename(RenameStmt *stmt)
{
	if (stmt->renameType == OBJECT_SCHEMA)
		return judge_object(OBJECT_SCHEMA, NULL, (Node *) makeString(stmt->subname));
	return judge_object(stmt->renameType, stmt->relation, stmt->object);
}

static GuardVerdict
judge_owner(AlterOwnerStmt *stmt)
{
	if (guard_is_installed() && get_rolespec_oid(stmt->newowner, true) == registry_owner())
		return GUARD_NONE;
	return judge_object(stmt->objectType, stmt->relation, stmt->object);
}

/* A function in place of one of ours, or beside it under the same name. */
static GuardVerdict
judge_function(CreateFunctionStmt *stmt)
{
	char	 *name;
	Oid		  nsp;
	CatCList *list;
	bool	  ours = false;

	if (!guard_is_installed())
		return GUARD_NONE;
	nsp = QualifiedNameGetCreationNamespace(stmt->funcname, &name);
	if (nsp != get_namespace_oid("maestro", false))
		return GUARD_NONE;
	list = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(name));
	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_proc function = (Form_pg_proc) GETSTRUCT(&list->members[i]->tuple);

		ours = ours || (function->pronamespace == nsp && guard_is_member(ProcedureRelationId, function->oid));
	}
	ReleaseSysCacheList(list);
	return ours ? GUARD_REFUSES : GUARD_NONE;
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
			return judge_rename((RenameStmt *) statement);
		case T_AlterOwnerStmt:
			return judge_owner((AlterOwnerStmt *) statement);
		case T_AlterEnumStmt:
			return judge_object(OBJECT_TYPE, NULL, (Node *) ((AlterEnumStmt *) statement)->typeName);
		case T_CreateFunctionStmt:
			return judge_function((CreateFunctionStmt *) statement);
		case T_AlterObjectDependsStmt:
			return judge_object(((AlterObjectDependsStmt *) statement)->objectType,
								((AlterObjectDependsStmt *) statement)->relation,
								((AlterObjectDependsStmt *) statement)->object);
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
