/*
 * statement.c
 *		A statement on the log's own tables, and its plan, which a backend keeps.
 */
#include "postgres.h"

#include "utils/snapmgr.h"

#include "statement.h"

static void
prepare(Statement *statement)
{
	SPIPlanPtr plan;

	if (statement->plan != NULL)
		return;
	plan = SPI_prepare(statement->text, statement->nargs, statement->types);
	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare a statement on the log's own tables");
	statement->plan = plan;
}

void
statement_run(Statement *statement, Datum *args, const char *nulls, bool read_only, long limit,
			  int expected)
{
	prepare(statement);
	if (SPI_execute_plan(statement->plan, args, nulls, read_only, limit) != expected)
		elog(ERROR, "a statement on the log's own tables failed");
}

void
statement_run_latest(Statement *statement, Datum *args, bool read_only, int expected)
{
	prepare(statement);
	PushActiveSnapshot(GetLatestSnapshot());
	if (SPI_execute_snapshot(statement->plan, args, NULL, GetActiveSnapshot(), InvalidSnapshot, read_only, true, 0) != expected)
		elog(ERROR, "a statement on the log's own tables failed");
	PopActiveSnapshot();
}

int64
statement_int64(int column)
{
	bool isnull;

	return DatumGetInt64(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &isnull));
}
