/*
 * layer.h
 *		The seven layers of MAESTRO: names and numbers.
 *
 * A value of SQL type maestro.layer is one byte, 1 to 7, passed by value.
 */
#ifndef MAESTRO_LAYER_H
#define MAESTRO_LAYER_H

#define LAYER_MIN 1
#define LAYER_MAX 7

#define DatumGetLayer(d) ((int) DatumGetUInt8(d))
#define LayerGetDatum(x) UInt8GetDatum(x)
#define PG_GETARG_LAYER(n) DatumGetLayer(PG_GETARG_DATUM(n))
#define PG_RETURN_LAYER(x) return LayerGetDatum((uint8) (x))

/*
 * The layer that a text names, 0 when none.  "4", "L4", "Monitoring" and
 * "4 (Monitoring)" are the same, in any case, blanks around ignored; the words
 * of "Agent Logic" may be joined by a blank, "_" or "-".
 */
extern int layer_parse(const char *s, size_t len);

/* The template's words for a layer from 1 to 7, such as "4 (Monitoring)". */
extern const char *layer_print(int layer);

#endif /* MAESTRO_LAYER_H */
