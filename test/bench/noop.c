/*
 * noop.c
 *		What a call costs that does nothing: functions with the signatures of
 *		sanitize and of json_matches, for the benchmarks to subtract.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/jsonb.h"

PG_MODULE_MAGIC;

PGDLLEXPORT PG_FUNCTION_INFO_V1(bench_noop_text);
PGDLLEXPORT PG_FUNCTION_INFO_V1(bench_noop_jsonb);
PGDLLEXPORT PG_FUNCTION_INFO_V1(bench_noop_matches);

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
