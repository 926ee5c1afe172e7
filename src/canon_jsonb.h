/*
 * canon_jsonb.h
 *		The canonical text of a jsonb value: docs/trace-format.md, "JSON".
 */
#ifndef MAESTRO_CANON_JSONB_H
#define MAESTRO_CANON_JSONB_H

#include "utils/jsonb.h"

#include "canon.h"

/* Appends it. */
extern void canon_jsonb(CanonBuffer *buffer, Jsonb *value);

#endif /* MAESTRO_CANON_JSONB_H */
