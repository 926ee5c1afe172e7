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

#include "compat.h"

#include "signal_sum.h"

SignalSum signal_sum_changes;

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

void
signal_sum_row(SignalSum *sum, const char *table, HeapTuple row, TupleDesc desc, bool take_away)
{
	StringInfoData bytes;
	SignalSum	   hash;

	initStringInfo(&bytes);
	appendBinaryStringInfo(&bytes, table, (int) strlen(table) + 1);
	for (int i = 0; i < desc->natts; i++)
	{
		bool  isnull;
		Datum value = heap_getattr(row, i + 1, desc, &isnull);

		appendStringInfoChar(&bytes, isnull ? '0' : '1');
		if (!isnull)
			append_column(&bytes, value, TupleDescAttr(desc, i));
	}
	sha256(bytes.data, (size_t) bytes.len, (uint8 *) hash.word);
	pfree(bytes.data);
	if (take_away)
		negate(&hash);
	signal_sum_add(sum, &hash);
}
