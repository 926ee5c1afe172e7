/*
 * signal_sum.c
 *		A sum over all that was counted, whatever the order of rows.
 *
 * Each seal keeps it with its checkpoint.  Whoever changes what was counted behind our
 * back must know to change that, too.  It is a check, no proof: it is hashed into
 * nothing.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat.h"

#include "signal_sum.h"

SignalSum signal_sum_changes;

/* columns that a row may have */
#define COLUMNS_MAX 16

/* a buffer beyond this is given back */
#define KEEP_BYTES 65536

void
signal_sum_add(SignalSum *sum, const SignalSum *other)
{
	uint64 carry = 0;

	for (int i = 0; i < (int) lengthof(sum->word); i++)
	{
		uint64 before = sum->word[i];

		sum->word[i] = before + other->word[i] + carry;
		carry = sum->word[i] < before || (carry != 0 && sum->word[i] == before);
	}
}

static void
negate(SignalSum *sum)
{
	SignalSum one = {{1}};

	for (int i = 0; i < (int) lengthof(sum->word); i++)
		sum->word[i] = ~sum->word[i];
	signal_sum_add(sum, &one);
}

/* Its columns as they lie in memory, which is the same for the same values. */
static void
append_column(StringInfo bytes, Datum value, Form_pg_attribute att)
{
	if (att->attbyval)
	{
		appendBinaryStringInfo(bytes, (char *) &value, sizeof(value));
		return;
	}
	if (att->attlen == -1)
	{
		struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);
		int32			len = VARSIZE_ANY_EXHDR(packed);

		appendBinaryStringInfo(bytes, (char *) &len, sizeof(len));
		appendBinaryStringInfo(bytes, VARDATA_ANY(packed), len);
		if ((Pointer) packed != DatumGetPointer(value))
			pfree(packed);
		return;
	}
	appendBinaryStringInfo(bytes, DatumGetPointer(value), att->attlen);
}

/* An empty buffer, which the backend keeps: rows are many and small. */
static void
start_bytes(StringInfo bytes)
{
	MemoryContext saved;

	if (bytes->data != NULL && bytes->maxlen <= KEEP_BYTES)
	{
		resetStringInfo(bytes);
		return;
	}
	if (bytes->data != NULL)
		pfree(bytes->data);
	bytes->data = NULL;
	saved = MemoryContextSwitchTo(TopMemoryContext);
	initStringInfo(bytes);
	MemoryContextSwitchTo(saved);
}

void
signal_sum_row(SignalSum *sum, const char *table, HeapTuple row, TupleDesc desc, bool take_away)
{
	static StringInfoData bytes;
	Datum	  values[COLUMNS_MAX];
	bool	  nulls[COLUMNS_MAX];
	SignalSum hash;

	if (desc->natts > COLUMNS_MAX)
		elog(ERROR, "maestro.%s has more columns than this library knows", table);
	start_bytes(&bytes);
	appendBinaryStringInfo(&bytes, table, (int) strlen(table) + 1);
	heap_deform_tuple(row, desc, values, nulls);
	for (int i = 0; i < desc->natts; i++)
	{
		appendStringInfoChar(&bytes, nulls[i] ? '0' : '1');
		if (!nulls[i])
			append_column(&bytes, values[i], TupleDescAttr(desc, i));
	}
	sha256(bytes.data, (size_t) bytes.len, (uint8 *) hash.word);
	if (take_away)
		negate(&hash);
	signal_sum_add(sum, &hash);
}
