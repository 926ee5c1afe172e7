/*
 * lenient_jsonb.c
 *		SQL function lenient_jsonb.
 */
#include "postgres.h"

#include "maestro.h"

#include "lenient.h"

/* Read text as JSON, never refusing it. */
MAESTRO_FUNCTION(lenient_jsonb)
{
	text *t = PG_GETARG_TEXT_PP(0);

	PG_RETURN_JSONB_P(lenient_parse(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t)));
}
