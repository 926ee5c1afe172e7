/*
 * statement.h
 *		A statement on the log's own tables, and its plan, which a backend keeps.
 *
 * Asks to be the owner, with our path, connected to SPI: see owner_call_begin.
 */
#ifndef MAESTRO_STATEMENT_H
#define MAESTRO_STATEMENT_H

#include "executor/spi.h"

typedef struct Statement
{
	const char *text;
	int			nargs;
	Oid			types[9];
	SPIPlanPtr	plan;
} Statement;

/* Runs it; "expected" is SPI's code.  At most so many rows, 0 for all. */
extern void statement_run(Statement *statement, Datum *args, const char *nulls, bool read_only,
						  long limit, int expected);

/*
 * The same, all rows, by what is committed now whatever the transaction's snapshot: for
 * rows that other transactions made since.
 */
extern void statement_run_latest(Statement *statement, Datum *args, bool read_only, int expected);

/* A column of the first row that came; of a type that is passed by value. */
extern int64 statement_int64(int column);

#endif /* MAESTRO_STATEMENT_H */
