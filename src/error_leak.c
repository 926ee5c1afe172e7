/*
 * error_leak.c
 *		SQL function error_leaks.
 */
#include "postgres.h"

#include "maestro.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "leak.h"

/* What a text gives away, as names. */
MAESTRO_FUNCTION(error_leaks)
{
	text    *t = PG_GETARG_TEXT_PP(0);
	unsigned found = leak_detect(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
	Datum    names[LEAK_KINDS];
	int      count = 0;

	for (int n = 0; n < LEAK_KINDS; n++)
		if (found & 1u << n)
			names[count++] = CStringGetTextDatum(leak_name(n));
	PG_RETURN_ARRAYTYPE_P(
	    construct_array(names, count, TEXTOID, -1, false, TYPALIGN_INT));
}
