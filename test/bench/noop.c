/*
 * noop.c
 *		What a call costs that does nothing: functions with the signatures of
 *		sanitize, for sanitize.sh to subtract.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/jsonb.h"

PG_MODULE_MAGIC;

PGDLLEXPORT PG_FUNCTION_INFO_V1(bench_noop_text);
PGDLLEXPORT PG_FUNCTION_INFO_V1(bench_noop_jsonb);

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
