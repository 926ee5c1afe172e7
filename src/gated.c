/*
 * gated.c
 *		The way from a caller's function to the owner's tables.
 *
 * A function that changes the registry is declared as the C function below,
 * SECURITY INVOKER, so that GetUserId() is who really calls: the role that a
 * pool SET, or the owner of a definer wrapper.  Its work is done by a PL/pgSQL
 * function of the same name with "_as" behind it, which takes the caller's OID
 * before the same arguments and may be executed by the owner alone:
 *
 *		maestro.set_component_state(c, state)			C, EXECUTE by grant
 *		maestro.set_component_state_as(caller, c, state)	PL/pgSQL, owner only
 *
 * In between, the gate switches to the owner as ri_triggers.c does, and is
 * open: the registry's triggers let no change in while it is shut.  SECURITY
 * DEFINER would lose the caller (session_user is who logged in, not who acts),
 * and GetOuterUserId() would let an index function that a superuser's REINDEX
 * runs act as the superuser.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "maestro.h"

#include "gate.h"

/* A gated function: its twin's query and the types of its arguments. */
typedef struct Gated
{
	char *name;
	char *query;
	int	  nargs;
	Oid	  owner;
	Oid	 *argtypes;
} Gated;

/*
 * Read the function's own pg_proc row, and keep what calling its twin takes.
 */
static Gated *
gated_lookup(FmgrInfo *flinfo)
{
	MemoryContext	saved = MemoryContextSwitchTo(flinfo->fn_mcxt);
	Gated		   *gated = palloc(sizeof(Gated));
	HeapTuple		tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(flinfo->fn_oid));
	Form_pg_proc	proc;
	StringInfoData	query;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", flinfo->fn_oid);
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	gated->name = pstrdup(NameStr(proc->proname));
	gated->owner = proc->proowner;
	gated->nargs = proc->pronargs + 1;
	gated->argtypes = palloc(gated->nargs * sizeof(Oid));
	gated->argtypes[0] = OIDOID;
	memcpy(gated->argtypes + 1, proc->proargtypes.values, proc->pronargs * sizeof(Oid));
	initStringInfo(&query);
	appendStringInfo(&query, "SELECT * FROM %s.%s(",
					 quote_identifier(get_namespace_name(proc->pronamespace)),
					 quote_identifier(psprintf("%s_as", gated->name)));
	for (int i = 1; i <= gated->nargs; i++)
		appendStringInfo(&query, i == 1 ? "$%d" : ", $%d", i);
	appendStringInfoChar(&query, ')');
	gated->query = query.data;
	ReleaseSysCache(tuple);
	MemoryContextSwitchTo(saved);
	return gated;
}

/*
 * Hand SPI's result over as the function's own: a set, a row or a value.
 */
static Datum
gated_result(FunctionCallInfo fcinfo, MemoryContext caller_context)
{
	MemoryContext saved;
	Datum		  result;
	TupleDesc	  desc = SPI_tuptable->tupdesc;

	if (fcinfo->flinfo->fn_retset)
	{
		ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

		for (uint64 i = 0; i < SPI_processed; i++)
			tuplestore_puttuple(rsinfo->setResult, SPI_tuptable->vals[i]);
		return (Datum) 0;
	}
	if (SPI_processed != 1)
		elog(ERROR, "a gated function returned " UINT64_FORMAT " rows", SPI_processed);
	saved = MemoryContextSwitchTo(caller_context);
	if (desc->natts == 1)
	{
		result = SPI_getbinval(SPI_tuptable->vals[0], desc, 1, &fcinfo->isnull);
		if (!fcinfo->isnull)
			result = datumCopy(result, TupleDescAttr(desc, 0)->attbyval,
							   TupleDescAttr(desc, 0)->attlen);
	}
	else
		result = heap_copy_tuple_as_datum(SPI_tuptable->vals[0], BlessTupleDesc(desc));
	MemoryContextSwitchTo(saved);
	return result;
}

/*
 * Call the twin, with the caller's OID before the arguments.
 */
static Datum
gated_call(FunctionCallInfo fcinfo, Gated *gated, Oid caller)
{
	MemoryContext caller_context = CurrentMemoryContext;
	Datum		 *values = palloc(gated->nargs * sizeof(Datum));
	char		 *nulls = palloc(gated->nargs + 1);
	Datum		  result;

	values[0] = ObjectIdGetDatum(caller);
	nulls[0] = ' ';
	for (int i = 1; i < gated->nargs; i++)
	{
		values[i] = fcinfo->args[i - 1].value;
		nulls[i] = fcinfo->args[i - 1].isnull ? 'n' : ' ';
	}
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args(gated->query, gated->nargs, gated->argtypes, values, nulls,
							  false, 0) != SPI_OK_SELECT)
		elog(ERROR, "gated function %s failed", gated->name);
	result = gated_result(fcinfo, caller_context);
	SPI_finish();
	return result;
}

/*
 * Throw the current error again without the stack of PL/pgSQL lines, which
 * tells a caller nothing; what should not happen keeps it.
 */
pg_noreturn static void
rethrow_plainly(MemoryContext context)
{
	ErrorData *error;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	FlushErrorState();
	if (ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_INTERNAL_ERROR)
		error->context = NULL;
	ReThrowError(error);
}

MAESTRO_FUNCTION(gate)
{
	Gated		   *gated;
	Oid				saved_user;
	int				saved_context;
	MemoryContext	caller_context = CurrentMemoryContext;
	volatile Datum	result = (Datum) 0;

	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = gated_lookup(fcinfo->flinfo);
	gated = fcinfo->flinfo->fn_extra;
	gate_refuse_restricted(gated->name);
	if (fcinfo->flinfo->fn_retset) /* of rows, or of single values */
		InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);

	GetUserIdAndSecContext(&saved_user, &saved_context);
	SetUserIdAndSecContext(gated->owner, saved_context | SECURITY_LOCAL_USERID_CHANGE);
	gate_open();
	PG_TRY();
	{
		result = gated_call(fcinfo, gated, saved_user);
	}
	PG_CATCH();
	{
		gate_close();
		rethrow_plainly(caller_context);
	}
	PG_END_TRY();
	gate_close();
	SetUserIdAndSecContext(saved_user, saved_context);
	return result;
}
