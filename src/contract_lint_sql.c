/*
 * contract_lint_sql.c
 *		contract_lint, contract_lint_counts: a reviewer of JSON Schemas, for SQL.
 */
#include "postgres.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "maestro.h"

#include "contract_lint.h"

static const SchemaNode *
compiled(text *schema)
{
	return schema_compile(VARDATA_ANY(schema), VARSIZE_ANY_EXHDR(schema), schema_registered);
}

/* The arguments schema and overlay_schema, of which the latter may be NULL. */
static void
lint_arguments(FunctionCallInfo fcinfo, int64 counts[LINT_NCOUNTS], LintReport report)
{
	text			 *schema = PG_GETARG_TEXT_PP(0);
	text			 *overlay = PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1);
	MemoryContext	  context = AllocSetContextCreate(CurrentMemoryContext, "maestro contract",
													  ALLOCSET_DEFAULT_SIZES);
	MemoryContext	  saved = MemoryContextSwitchTo(context);
	const SchemaNode *node = compiled(schema);

	contract_lint(node, overlay == NULL ? NULL : compiled(overlay), counts, report, fcinfo->resultinfo);
	MemoryContextSwitchTo(saved);
	MemoryContextDelete(context);
}

static void
put_row(void *target, const char *path, const char *issue, const char *advice)
{
	ReturnSetInfo *rsinfo = target;
	Datum		   values[3] = {CStringGetTextDatum(path), CStringGetTextDatum(issue),
								CStringGetTextDatum(advice)};
	bool		   nulls[3] = {false, false, false};

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	for (int i = 0; i < 3; i++)
		pfree(DatumGetPointer(values[i]));
}

/* contract_lint(schema json, overlay_schema json) -> (path, issue, advice) */
MAESTRO_FUNCTION(contract_lint)
{
	int64 counts[LINT_NCOUNTS];

	InitMaterializedSRF(fcinfo, 0);
	if (!PG_ARGISNULL(0))
		lint_arguments(fcinfo, counts, put_row);
	return (Datum) 0;
}

static void
push_scalar(JsonbParseState **state, JsonbIteratorToken token, const char *key, int64 number)
{
	JsonbValue value;

	if (token == WJB_KEY)
	{
		value.type = jbvString;
		value.val.string.val = unconstify(char *, key);
		value.val.string.len = (int) strlen(key);
	}
	else
	{
		value.type = jbvNumeric;
		value.val.numeric = int64_to_numeric(number);
	}
	(void) pushJsonbValue(state, token, &value);
}

/* contract_lint_counts(schema json, overlay_schema json) -> jsonb */
MAESTRO_FUNCTION(contract_lint_counts)
{
	int64			 counts[LINT_NCOUNTS];
	JsonbParseState *state = NULL;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	lint_arguments(fcinfo, counts, NULL);
	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < LINT_NCOUNTS; i++)
	{
		push_scalar(&state, WJB_KEY, contract_lint_names[i], 0);
		push_scalar(&state, WJB_VALUE, NULL, counts[i]);
	}
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}
