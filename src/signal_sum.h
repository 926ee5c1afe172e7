/*
 * signal_sum.h
 *		A sum over all that was counted, whatever the order of rows.
 */
#ifndef MAESTRO_SIGNAL_SUM_H
#define MAESTRO_SIGNAL_SUM_H

#include "access/htup.h"
#include "access/tupdesc.h"

#include "sha256.h"

/* Modulo 2^256; the last word counts most. */
typedef struct SignalSum
{
	uint64 word[SHA256_LEN / sizeof(uint64)];
} SignalSum;

/* Adds the hash of a row of that table, or takes it away. */
extern void signal_sum_row(SignalSum *sum, const char *table, HeapTuple row, TupleDesc desc,
						   bool take_away);

/* Adds up. */
extern void signal_sum_add(SignalSum *sum, const SignalSum *other);

/* The sum of what this backend changed since it was last set to zero. */
extern SignalSum signal_sum_changes;

#endif /* MAESTRO_SIGNAL_SUM_H */
