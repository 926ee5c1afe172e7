/*
 * integrity_hooks.c
 *		Guards that triggers cannot be, if the library is preloaded.
 *
 * Three places: what a query writes to (also where a trigger is gone), what a
 * statement is going to do, and what in the end happens to each object, whatever
 * statement brought it about.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"
#include "utils/lsyscache.h"

#include "compat.h"

#include "guard_policy.h"
#include "integrity_hooks.h"

static bool installed = false;

/* statements under way that are in order */
static int allowed = 0;

static ExecutorCheckPerms_hook_type next_check_perms = NULL;
static ProcessUtility_hook_type		next_utility = NULL;
static object_access_hook_type		next_object_access = NULL;

bool
integrity_hooks_are_installed(void)
{
	return installed;
}

/* A table that a query writes to. */
static void
check_write(Oid relid, AclMode permissions)
{
	/* rows are inserted by restores too; the trigger looks at each */
	if ((permissions & (ACL_UPDATE | ACL_DELETE)) == 0 || !guard_is_table(relid) || guard_is_lifted())
		return;
	guard_refuse_write(relid, (permissions & ACL_DELETE) != 0 ? "DELETE" : "UPDATE");
}

#if COMPAT_HAS_PERMINFOS
static bool
check_perms(List *tables, List *infos, bool raise)
{
	ListCell *cell;

	foreach(cell, infos)
	{
		RTEPermissionInfo *info = lfirst(cell);

		check_write(info->relid, info->requiredPerms);
	}
	return next_check_perms == NULL || next_check_perms(tables, infos, raise);
}
#else
static bool
check_perms(List *tables, bool raise)
{
	ListCell *cell;

	foreach(cell, tables)
	{
		RangeTblEntry *rte = lfirst(cell);

		if (rte->rtekind == RTE_RELATION)
			check_write(rte->relid, rte->requiredPerms);
	}
	return next_check_perms == NULL || next_check_perms(tables, raise);
}
#endif

static void
utility(PlannedStmt *pstmt, const char *query, bool read_only_tree, ProcessUtilityContext context,
		ParamListInfo params, QueryEnvironment *environment, DestReceiver *dest,
		QueryCompletion *completion)
{
	ProcessUtility_hook_type next = next_utility ? next_utility : standard_ProcessUtility;
	GuardVerdict verdict = GUARD_NONE;

	/* outside of transactions there is nothing to look up, and nothing that harms */
	if (IsTransactionState() && !IsAbortedTransactionBlockState())
		verdict = guard_judge(pstmt->utilityStmt);
	if (verdict == GUARD_REFUSES && !guard_is_lifted())
		guard_refuse("this table or object");
	if (verdict != GUARD_ALLOWS)
	{
		next(pstmt, query, read_only_tree, context, params, environment, dest, completion);
		return;
	}
	allowed++;
	PG_TRY();
	{
		next(pstmt, query, read_only_tree, context, params, environment, dest, completion);
	}
	PG_FINALLY();
	{
		allowed--;
	}
	PG_END_TRY();
}

/* A function that comes to lie among ours: one of ours was replaced, or a stranger. */
static bool
is_foreign_function(Oid classid, Oid objectid)
{
	return classid == ProcedureRelationId && guard_is_object(classid, objectid);
}

static void
object_access(ObjectAccessType access, Oid classid, Oid objectid, int subid, void *arg)
{
	bool refused = false;

	if (next_object_access)
		next_object_access(access, classid, objectid, subid, arg);
	if (allowed > 0 || IsBootstrapProcessingMode() || !IsTransactionState())
		return;
	switch (access)
	{
		case OAT_TRUNCATE:
			/* pg_restore -j empties a table that it has just made, and fills it */
			refused = guard_is_table(objectid) && !guard_is_empty(objectid);
			break;
		case OAT_POST_ALTER:
			refused = guard_is_object(classid, objectid);
			break;
		case OAT_POST_CREATE:
			refused = is_foreign_function(classid, objectid);
			break;
		case OAT_DROP:
			refused = (((ObjectAccessDrop *) arg)->dropflags & PERFORM_DELETION_INTERNAL) == 0 &&
					  guard_is_object(classid, objectid);
			break;
		default:
			break;
	}
	if (refused && !guard_is_lifted())
		guard_refuse("this table or object");
}

void
integrity_hooks_install(void)
{
	next_check_perms = ExecutorCheckPerms_hook;
	ExecutorCheckPerms_hook = check_perms;
	next_utility = ProcessUtility_hook;
	ProcessUtility_hook = utility;
	next_object_access = object_access_hook;
	object_access_hook = object_access;
	installed = true;
}
