/*
 * manifest.c
 *		What apply_manifest needs of C.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "maestro.h"

#include "json.h"

MAESTRO_FUNCTION(json_duplicate_key)
{
	text *document = PG_GETARG_TEXT_PP(0);
	char *pointer = json_duplicate_key(VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document));

	if (pointer == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(pointer));
}
