/*
 * posture_row.h
 *		Rows of a query as values that C knows.
 */
#ifndef MAESTRO_POSTURE_ROW_H
#define MAESTRO_POSTURE_ROW_H

#include "posture.h"
#include "statement.h"

/* columns that a query may have */
#define ROW_COLUMNS 20

/* a row that SPI brought, and the context that copies of it live in */
typedef struct Row
{
	Datum         values[ROW_COLUMNS];
	bool          nulls[ROW_COLUMNS];
	MemoryContext context;
} Row;

/* called for each row; what it copies is to live in row->context */
typedef void (*RowReader)(void *target, const Row *row);

/* Round queries, as SPI_connect and SPI_finish. */
extern void rows_begin(void);
extern void rows_end(void);

/* Run a query and hand each row to the reader. */
extern void rows_read(void *target, MemoryContext context, Statement *statement,
                      RowReader reader);

/* Columns, from 1 on; of NULL: 0, NEVER, false, NULL. */
extern int         row_int(const Row *row, int column);
extern int64       row_int64(const Row *row, int column);
extern double      row_double(const Row *row, int column);
extern bool        row_bool(const Row *row, int column);
extern char       *row_text(const Row *row, int column);
extern char        row_letter(const Row *row, int column); /* first of a text */
extern const char *row_word(const Row *row, int column,
                            char *buffer); /* a text of less than NAMEDATALEN bytes */
extern TimestampTz row_time(const Row *row, int column);
extern Basis row_basis(const Row *row, int column); /* labels as text */
extern ControlStatus row_status(const Row *row, int column);

#endif /* MAESTRO_POSTURE_ROW_H */
