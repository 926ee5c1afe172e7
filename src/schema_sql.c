/*
 * schema_sql.c
 *		json_matches, json_errors, check_schema: JSON Schemas, for SQL.
 *
 * A compiled schema stays in the call's FmgrInfo as long as the text is the same one, if
 * it rests on nothing else: what is registered may change between two calls.
 */
#include "postgres.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "maestro.h"

#include "schema.h"

/* A schema that is kept, by its text. */
typedef struct Kept
{
	MemoryContext context;
	size_t		  len;
	char		 *text;
	SchemaNode	 *node;
} Kept;

/* did the schema being compiled ask for registered ones? */
static bool registry_was_asked;

static Jsonb *
ask_registry(const char *uri)
{
	registry_was_asked = true;
	return schema_registered(uri);
}

static SchemaNode *
compiled(FunctionCallInfo fcinfo, text *schema, SchemaFinder find)
{
	Kept		 *kept = fcinfo->flinfo->fn_extra;
	size_t		  len = VARSIZE_ANY_EXHDR(schema);
	MemoryContext context;
	MemoryContext saved;

	if (kept != NULL && kept->len == len && memcmp(kept->text, VARDATA_ANY(schema), len) == 0)
		return kept->node;
	if (kept != NULL)
		MemoryContextDelete(kept->context);
	fcinfo->flinfo->fn_extra = NULL;
	context = AllocSetContextCreate(CurrentMemoryContext, "maestro schema", ALLOCSET_SMALL_SIZES);
	saved = MemoryContextSwitchTo(context);
	kept = palloc0(sizeof(Kept));
	kept->context = context;
	kept->len = len;
	kept->text = pnstrdup(VARDATA_ANY(schema), len);
	registry_was_asked = false;
	kept->node = schema_compile(kept->text, len, find);
	MemoryContextSwitchTo(saved);
	if (registry_was_asked)
		return kept->node;
	/* kept from here on: an error before takes it along */
	MemoryContextSetParent(context, fcinfo->flinfo->fn_mcxt);
	fcinfo->flinfo->fn_extra = kept;
	return kept->node;
}

static void
check_schema(const char *uri, const text *schema)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "maestro schema", ALLOCSET_SMALL_SIZES);
	MemoryContext saved = MemoryContextSwitchTo(context);

	(void) schema_compile_at(uri, VARDATA_ANY(schema), VARSIZE_ANY_EXHDR(schema), schema_registered);
	MemoryContextSwitchTo(saved);
	MemoryContextDelete(context);
}

/* check_schema(schema json): raises when it can't be used */
MAESTRO_FUNCTION(check_schema)
{
	check_schema("", PG_GETARG_TEXT_PP(0));
	PG_RETURN_VOID();
}

/* check_schema_at(uri text, schema json): the same of one that is registered there */
MAESTRO_FUNCTION(check_schema_at)
{
	check_schema(text_to_cstring(PG_GETARG_TEXT_PP(0)), PG_GETARG_TEXT_PP(1));
	PG_RETURN_VOID();
}

/* json_matches(schema json, instance jsonb) -> boolean */
MAESTRO_FUNCTION(json_matches)
{
	SchemaNode *node = compiled(fcinfo, PG_GETARG_TEXT_PP(0), NULL);

	PG_RETURN_BOOL(schema_check(node, PG_GETARG_JSONB_P(1), NULL, NULL));
}

static bool
put_error(void *target, const char *instance_path, const char *keyword_path, const char *message)
{
	ReturnSetInfo *rsinfo = target;
	Datum		   values[3] = {CStringGetTextDatum(instance_path),
								CStringGetTextDatum(keyword_path), CStringGetTextDatum(message)};
	bool		   nulls[3] = {false, false, false};

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	for (int i = 0; i < 3; i++)
		pfree(DatumGetPointer(values[i]));
	return true;
}

/* json_errors(schema json, instance jsonb) -> (instance_path, keyword_path, message) */
MAESTRO_FUNCTION(json_errors)
{
	SchemaNode *node = compiled(fcinfo, PG_GETARG_TEXT_PP(0), ask_registry);

	InitMaterializedSRF(fcinfo, 0);
	(void) schema_check(node, PG_GETARG_JSONB_P(1), put_error, fcinfo->resultinfo);
	return (Datum) 0;
}
