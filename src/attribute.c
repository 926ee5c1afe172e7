/*
 * attribute.c
 *		What events' attributes and messages say, for SQL.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "maestro.h"

#include "attributes.h"

/* attributes_say(attributes) -> boolean */
MAESTRO_FUNCTION(attributes_say)
{
	Attributes attributes;

	attributes_pick(&attributes, PG_GETARG_JSONB_P(0));
	PG_RETURN_BOOL(attributes_say(&attributes));
}

/* attribute_typed(attributes) -> boolean, never NULL */
MAESTRO_FUNCTION(attribute_typed)
{
	Attributes attributes;

	attributes_pick(&attributes, PG_ARGISNULL(0) ? NULL : PG_GETARG_JSONB_P(0));
	PG_RETURN_BOOL(attributes_typed(&attributes));
}

/* attribute_number(attributes, name) -> float8 */
MAESTRO_FUNCTION(attribute_number)
{
	text  *name = PG_GETARG_TEXT_PP(1);
	double number;

	if (!attribute_number_named(PG_GETARG_JSONB_P(0), VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name),
								&number))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(number);
}

/* message_is_neutral(message) -> boolean */
MAESTRO_FUNCTION(message_is_neutral)
{
	text *message = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(words_are_neutral(
		(Words){VARDATA_ANY(message), VARSIZE_ANY_EXHDR(message)}));
}
