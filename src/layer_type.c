/*
 * layer_type.c
 *		SQL functions of the type maestro.layer.
 */
#include "postgres.h"

#include "maestro.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"

#include "layer.h"

#define LAYER_HINT                                                                       \
	errhint("Layers are 1 (Model), 2 (Logic), 3 (Integration), 4 (Monitoring), "         \
	        "5 (Execution), 6 (Environment), 7 (Orchestration).")

/* Read a layer. */
MAESTRO_FUNCTION(layer_in)
{
	char *s = PG_GETARG_CSTRING(0);
	int   layer = layer_parse(s, strlen(s));

	if (layer == 0)
		ereturn(fcinfo->context, (Datum) 0,
		        (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
		         errmsg("text names no layer"), LAYER_HINT));
	PG_RETURN_LAYER(layer);
}

/* Print a layer. */
MAESTRO_FUNCTION(layer_out)
{
	PG_RETURN_CSTRING(pstrdup(layer_print(PG_GETARG_LAYER(0))));
}

/* Receive a layer: one byte. */
MAESTRO_FUNCTION(layer_recv)
{
	int layer = pq_getmsgbyte((StringInfo) PG_GETARG_POINTER(0));

	if (layer < LAYER_MIN || layer > LAYER_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
		                errmsg("byte received is no layer"), LAYER_HINT));
	PG_RETURN_LAYER(layer);
}

/* Send a layer: one byte. */
MAESTRO_FUNCTION(layer_send)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint8(&buf, (uint8) PG_GETARG_LAYER(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* Cast a number to the layer that it names. */
MAESTRO_FUNCTION(int4_to_layer)
{
	int32 number = PG_GETARG_INT32(0);

	if (number < LAYER_MIN || number > LAYER_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
		                errmsg("number names no layer"), LAYER_HINT));
	PG_RETURN_LAYER(number);
}

/* Cast a layer to its number. */
MAESTRO_FUNCTION(layer_to_int4)
{
	PG_RETURN_INT32(PG_GETARG_LAYER(0));
}

/* The six comparisons differ in the operator alone. */
#define LAYER_COMPARISON(name, op)                                                       \
	MAESTRO_FUNCTION(layer_##name)                                                       \
	{                                                                                    \
		PG_RETURN_BOOL(PG_GETARG_LAYER(0) op PG_GETARG_LAYER(1));                        \
	}

LAYER_COMPARISON(eq, ==)
LAYER_COMPARISON(ne, !=)
LAYER_COMPARISON(lt, <)
LAYER_COMPARISON(le, <=)
LAYER_COMPARISON(gt, >)
LAYER_COMPARISON(ge, >=)

/* Order two layers, for btree. */
MAESTRO_FUNCTION(layer_cmp)
{
	PG_RETURN_INT32(PG_GETARG_LAYER(0) - PG_GETARG_LAYER(1));
}

/* Hash a layer. */
MAESTRO_FUNCTION(layer_hash)
{
	return hash_uint32((uint32) PG_GETARG_LAYER(0));
}

/* Hash a layer with a seed. */
MAESTRO_FUNCTION(layer_hash_extended)
{
	return hash_uint32_extended((uint32) PG_GETARG_LAYER(0), PG_GETARG_INT64(1));
}
