/*
 * ids.c
 *		SQL functions of the types maestro.digest, trace_id and span_id.
 *
 * All three are plain bytes of a fixed length, passed by reference, ordered as
 * unsigned bytes.  What the length decides is generated for each by a macro.
 */
#include "postgres.h"

#include "maestro.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"

#include "hexid.h"

/* Copy bytes into a new value. */
static uint8 *
new_id(const void *bytes, int len)
{
	return memcpy(palloc(len), bytes, len);
}

/* Print a value as hexadecimal digits. */
static char *
id_out(const uint8 *id, int len)
{
	char *text = palloc(2 * len + 1);

	hexid_print(id, len, text);
	return text;
}

/* Receive a value: its bytes. */
static uint8 *
id_recv(StringInfo buf, int len)
{
	const char *bytes = pq_getmsgbytes(buf, len);

	if (hexid_is_zero((const uint8 *) bytes, len))
		ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
		                errmsg("an identifier cannot be all zero")));
	return new_id(bytes, len);
}

/* Send a value: its bytes. */
static bytea *
id_send(const uint8 *id, int len)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbytes(&buf, (const char *) id, len);
	return pq_endtypsend(&buf);
}

#define ID_ARG(n) ((const uint8 *) PG_GETARG_POINTER(n))

#define ID_COMPARISON(type, len, name, op)                                               \
	MAESTRO_FUNCTION(type##_##name)                                                      \
	{                                                                                    \
		PG_RETURN_BOOL(memcmp(ID_ARG(0), ID_ARG(1), len) op 0);                          \
	}

/* Everything but the input function, where the types differ. */
#define ID_FUNCTIONS(type, len)                                                          \
	MAESTRO_FUNCTION(type##_out)                                                         \
	{                                                                                    \
		PG_RETURN_CSTRING(id_out(ID_ARG(0), len));                                       \
	}                                                                                    \
	MAESTRO_FUNCTION(type##_recv)                                                        \
	{                                                                                    \
		PG_RETURN_POINTER(id_recv((StringInfo) PG_GETARG_POINTER(0), len));              \
	}                                                                                    \
	MAESTRO_FUNCTION(type##_send)                                                        \
	{                                                                                    \
		PG_RETURN_BYTEA_P(id_send(ID_ARG(0), len));                                      \
	}                                                                                    \
	MAESTRO_FUNCTION(type##_cmp)                                                         \
	{                                                                                    \
		PG_RETURN_INT32(memcmp(ID_ARG(0), ID_ARG(1), len));                              \
	}                                                                                    \
	MAESTRO_FUNCTION(type##_hash)                                                        \
	{                                                                                    \
		return hash_any(ID_ARG(0), len);                                                 \
	}                                                                                    \
	MAESTRO_FUNCTION(type##_hash_extended)                                               \
	{                                                                                    \
		return hash_any_extended(ID_ARG(0), len, PG_GETARG_INT64(1));                    \
	}                                                                                    \
	ID_COMPARISON(type, len, eq, ==)                                                     \
	ID_COMPARISON(type, len, ne, !=)                                                     \
	ID_COMPARISON(type, len, lt, <)                                                      \
	ID_COMPARISON(type, len, le, <=)                                                     \
	ID_COMPARISON(type, len, gt, >)                                                      \
	ID_COMPARISON(type, len, ge, >=)

ID_FUNCTIONS(digest, DIGEST_LEN)
ID_FUNCTIONS(trace_id, TRACE_ID_LEN)
ID_FUNCTIONS(span_id, SPAN_ID_LEN)

/* Read a digest. */
MAESTRO_FUNCTION(digest_in)
{
	char *s = PG_GETARG_CSTRING(0);
	uint8 id[DIGEST_LEN];

	if (!hexid_parse_digest(s, strlen(s), id))
		ereturn(fcinfo->context, (Datum) 0,
		        (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
		         errmsg("text is no digest"),
		         errhint("A digest is 64 hexadecimal digits, not all zero, or "
		                 "\"sha256:\" and those.")));
	PG_RETURN_POINTER(new_id(id, DIGEST_LEN));
}

/* Read a trace id. */
MAESTRO_FUNCTION(trace_id_in)
{
	char *s = PG_GETARG_CSTRING(0);
	uint8 id[TRACE_ID_LEN];

	if (!hexid_parse_trace(s, strlen(s), id))
		ereturn(fcinfo->context, (Datum) 0,
		        (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
		         errmsg("text is no trace id"),
		         errhint("A trace id is 32 hexadecimal digits, not all zero, a UUID, or "
		                 "\"trace_\" and 32 digits.")));
	PG_RETURN_POINTER(new_id(id, TRACE_ID_LEN));
}

/* Read a span id; who must know whether it was hashed calls hexid_parse_span. */
MAESTRO_FUNCTION(span_id_in)
{
	char *s = PG_GETARG_CSTRING(0);
	uint8 id[SPAN_ID_LEN];
	bool  hashed;

	if (!hexid_parse_span(s, strlen(s), id, &hashed))
		ereturn(fcinfo->context, (Datum) 0,
		        (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
		         errmsg("text is no span id"),
		         errhint("A span id is 16 hexadecimal digits, not all zero; a UUID, or "
		                 "\"span_\" and 16 to 64 digits, becomes one.")));
	PG_RETURN_POINTER(new_id(id, SPAN_ID_LEN));
}

/* Cast a digest to its bytes. */
MAESTRO_FUNCTION(digest_to_bytea)
{
	bytea *bytes = palloc(VARHDRSZ + DIGEST_LEN);

	SET_VARSIZE(bytes, VARHDRSZ + DIGEST_LEN);
	memcpy(VARDATA(bytes), ID_ARG(0), DIGEST_LEN);
	PG_RETURN_BYTEA_P(bytes);
}

/* Cast bytes to the digest that they are. */
MAESTRO_FUNCTION(bytea_to_digest)
{
	bytea *bytes = PG_GETARG_BYTEA_PP(0);

	if (VARSIZE_ANY_EXHDR(bytes) != DIGEST_LEN ||
	    hexid_is_zero((const uint8 *) VARDATA_ANY(bytes), DIGEST_LEN))
		ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
		                errmsg("bytes are no digest"),
		                errhint("A digest is 32 bytes, not all zero.")));
	PG_RETURN_POINTER(new_id(VARDATA_ANY(bytes), DIGEST_LEN));
}
