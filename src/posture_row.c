/*
 * posture_row.c
 *		Rows of a query as values that C knows.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "posture.h"
#include "posture_row.h"

int
row_int(const Row *row, int column)
{
	return row->nulls[column - 1] ? 0 : DatumGetInt32(row->values[column - 1]);
}

int64
row_int64(const Row *row, int column)
{
	return row->nulls[column - 1] ? 0 : DatumGetInt64(row->values[column - 1]);
}

TimestampTz
row_time(const Row *row, int column)
{
	return row->nulls[column - 1] ? NEVER : DatumGetTimestampTz(row->values[column - 1]);
}

bool
row_bool(const Row *row, int column)
{
	return !row->nulls[column - 1] && DatumGetBool(row->values[column - 1]);
}

double
row_double(const Row *row, int column)
{
	return row->nulls[column - 1] ? 0 : DatumGetFloat8(row->values[column - 1]);
}

/*
 * A text column, copied; NULL for SQL's NULL.
 */
char *
row_text(const Row *row, int column)
{
	MemoryContext saved;
	char         *copy;

	if (row->nulls[column - 1])
		return NULL;
	saved = MemoryContextSwitchTo(row->context);
	copy = TextDatumGetCString(row->values[column - 1]);
	MemoryContextSwitchTo(saved);
	return copy;
}

/*
 * The first letter of a text column, 0 for NULL.
 */
char
row_letter(const Row *row, int column)
{
	text *packed =
	    row->nulls[column - 1] ? NULL : DatumGetTextPP(row->values[column - 1]);

	return packed == NULL || VARSIZE_ANY_EXHDR(packed) == 0 ? 0 : *VARDATA_ANY(packed);
}

/*
 * A short text column, into a buffer of NAMEDATALEN bytes.
 */
const char *
row_word(const Row *row, int column, char *buffer)
{
	text_to_cstring_buffer(DatumGetTextPP(row->values[column - 1]), buffer, NAMEDATALEN);
	return buffer;
}

Basis
row_basis(const Row *row, int column)
{
	static const char letters[BASIS_COUNT] = {'a', 'd', 'r', 'o', 'e'};
	char              letter = row_letter(row, column);

	for (int i = 0; i < BASIS_COUNT; i++)
		if (letters[i] == letter)
			return i;
	return BASIS_NONE;
}

ControlStatus
row_status(const Row *row, int column)
{
	static const char letters[CONTROL_COUNT] = {'o', 'a', 'u', 'e', 'w', 's'};
	char              letter = row_letter(row, column);

	for (int i = 0; i < CONTROL_COUNT; i++)
		if (letters[i] == letter)
			return i;
	return CONTROL_ERROR;
}

void
rows_begin(void)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

void
rows_end(void)
{
	SPI_finish();
}

void
rows_read(void *target, MemoryContext context, Statement *statement, RowReader reader)
{
	Row row;

	row.context = context;
	statement_run(statement, NULL, NULL, true, 0, SPI_OK_SELECT);
	if (SPI_tuptable->tupdesc->natts > ROW_COLUMNS)
		elog(ERROR, "could not read what posture is computed from");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		heap_deform_tuple(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, row.values,
		                  row.nulls);
		reader(target, &row);
		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
	}
	SPI_freetuptable(SPI_tuptable);
}
