/*
 * schema_registered.c
 *		Schemas that were registered, by their URI.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "owner.h"
#include "schema.h"
#include "statement.h"

Jsonb *
schema_registered(const char *uri)
{
	static Statement read = {.text = "SELECT schema::jsonb FROM maestro.json_schema WHERE uri = $1",
							 .nargs = 1,
							 .types = {TEXTOID}};
	MemoryContext	 outer = CurrentMemoryContext;
	Datum			 args[1] = {CStringGetTextDatum(uri)};
	Jsonb			*found = NULL;
	OwnerCall		 call;

	owner_call_begin(&call);
	statement_run(&read, args, NULL, true, 1, SPI_OK_SELECT);
	if (SPI_processed > 0)
	{
		bool  isnull;
		Datum value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
		MemoryContext saved = MemoryContextSwitchTo(outer);

		found = DatumGetJsonbPCopy(value);
		MemoryContextSwitchTo(saved);
	}
	owner_call_end(&call);
	return found;
}
