/*
 * jcs_sql.c
 *		jcs() and verify_ed25519() for SQL.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "maestro.h"

#include "jcs.h"
#include "note.h"

static void
grow(CanonBuffer *buffer, size_t more)
{
	size_t size = Max(2 * buffer->size, add_size(buffer->len, more) + 256);

	buffer->data = buffer->data == NULL ? MemoryContextAllocHuge(CurrentMemoryContext, size)
										: repalloc_huge(buffer->data, size);
	buffer->size = size;
}

/* Says what is wrong, and never quotes the document. */
static void
refuse(JcsFault fault)
{
	static const struct
	{
		int			code;
		const char *detail;
	} faults[] = {
		[JCS_SYNTAX] = {ERRCODE_INVALID_TEXT_REPRESENTATION, "It is no JSON."},
		[JCS_LARGE] = {ERRCODE_PROGRAM_LIMIT_EXCEEDED, "It has more than 4 MB."},
		[JCS_DEEP] = {ERRCODE_PROGRAM_LIMIT_EXCEEDED, "It is nested more than 100 levels deep."},
		[JCS_DUPLICATE] = {ERRCODE_INVALID_PARAMETER_VALUE, "An object has a key twice."},
		[JCS_SURROGATE] = {ERRCODE_INVALID_PARAMETER_VALUE, "A string has half a surrogate pair."},
		[JCS_RANGE] = {ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "A number is beyond the range of doubles."},
		[JCS_PRECISION] = {ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
						   "An integer is no double exactly, or a number has more than 17 digits."},
	};

	ereport(ERROR, (errcode(faults[fault].code), errmsg("the document has no canonical form"),
					errdetail("%s", faults[fault].detail),
					errhint("RFC 8785 takes JSON that every reader reads alike; write large numbers as strings.")));
}

MAESTRO_FUNCTION(jcs)
{
	text	*document = PG_GETARG_TEXT_PP(0);
	JcsWork	 work = {.out.grow = grow, .keys.grow = grow, .members.grow = grow};
	JcsFault fault = jcs_write(&work, VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document));

	if (fault != JCS_OK)
		refuse(fault);
	PG_RETURN_TEXT_P(cstring_to_text_with_len((char *) work.out.data, work.out.len));
}

MAESTRO_FUNCTION(verify_ed25519)
{
	bytea *key = PG_GETARG_BYTEA_PP(0);
	bytea *message = PG_GETARG_BYTEA_PP(1);
	bytea *signature = PG_GETARG_BYTEA_PP(2);

	if (VARSIZE_ANY_EXHDR(key) != NOTE_KEY_LEN)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a public key of Ed25519 has %d bytes", NOTE_KEY_LEN)));
	PG_RETURN_BOOL(VARSIZE_ANY_EXHDR(signature) == NOTE_SIGNATURE_LEN &&
				   note_verify_bytes((uint8_t *) VARDATA_ANY(key), (uint8_t *) VARDATA_ANY(signature),
									 VARDATA_ANY(message), VARSIZE_ANY_EXHDR(message)));
}
