/*
 * result_row.h
 *		The description of the row that a function returns, kept by the backend: putting
 *		it together costs more than reading the registry does.
 *
 * For entry files alone, as maestro.h is.
 */
#ifndef MAESTRO_RESULT_ROW_H
#define MAESTRO_RESULT_ROW_H

#include "funcapi.h"
#include "utils/memutils.h"

/* Static in the function that it belongs to. */
typedef struct ResultRow
{
	Oid		  function; /* one that is made anew, and an overload, has another OID */
	TupleDesc desc;		/* in TopMemoryContext */
} ResultRow;

static inline TupleDesc
result_row(FunctionCallInfo fcinfo, ResultRow *row)
{
	TupleDesc	  desc;
	MemoryContext saved;

	if (likely(row->function == fcinfo->flinfo->fn_oid))
		return row->desc;
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "function %u must return a row", fcinfo->flinfo->fn_oid);
	desc = BlessTupleDesc(desc);
	saved = MemoryContextSwitchTo(TopMemoryContext);
	desc = CreateTupleDescCopy(desc);
	MemoryContextSwitchTo(saved);
	row->function = InvalidOid;
	if (row->desc != NULL)
		FreeTupleDesc(row->desc);
	row->desc = desc;
	row->function = fcinfo->flinfo->fn_oid;
	return desc;
}

#endif /* MAESTRO_RESULT_ROW_H */
