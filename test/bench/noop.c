/*
 * noop.c
 *		What a call costs that does nothing: functions with the signatures of
 *		sanitize, of json_matches and of acquire, for the benchmarks to subtract.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

PG_MODULE_MAGIC;

PGDLLEXPORT PG_FUNCTION_INFO_V1(bench_noop_text);
PGDLLEXPORT PG_FUNCTION_INFO_V1(bench_noop_jsonb);
PGDLLEXPORT PG_FUNCTION_INFO_V1(bench_noop_matches);
PGDLLEXPORT PG_FUNCTION_INFO_V1(bench_noop_acquire);

Datum
bench_noop_text(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(PG_GETARG_TEXT_PP(0));
}

Datum
bench_noop_jsonb(PG_FUNCTION_ARGS)
{
	PG_RETURN_JSONB_P(PG_GETARG_JSONB_P(0));
}

/* Looks at both arguments as json_matches has to, and says yes. */
Datum
bench_noop_matches(PG_FUNCTION_ARGS)
{
	text  *schema = PG_GETARG_TEXT_PP(0);
	Jsonb *instance = PG_GETARG_JSONB_P(1);

	PG_RETURN_BOOL(VARSIZE_ANY(schema) > 0 && VARSIZE(instance) > 0);
}

/* The row of acquire that allows, made as acquire makes it. */
Datum
bench_noop_acquire(PG_FUNCTION_ARGS)
{
	static TupleDesc kept = NULL;
	Datum			 values[5] = {0};
	bool			 nulls[5] = {false, true, true, false, true};

	if (kept == NULL)
	{
		TupleDesc	  desc;
		MemoryContext saved;

		(void) get_call_result_type(fcinfo, NULL, &desc);
		saved = MemoryContextSwitchTo(TopMemoryContext);
		kept = CreateTupleDescCopy(BlessTupleDesc(desc));
		MemoryContextSwitchTo(saved);
	}
	(void) PG_GETARG_TEXT_PP(1);
	(void) PG_GETARG_FLOAT8(2);
	values[0] = ObjectIdGetDatum(1);
	values[3] = CStringGetTextDatum("allowed");
	return HeapTupleGetDatum(heap_form_tuple(kept, values, nulls));
}
