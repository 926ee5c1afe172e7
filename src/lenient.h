/*
 * lenient.h
 *		Reads text as JSON without ever refusing it.
 */
#ifndef MAESTRO_LENIENT_H
#define MAESTRO_LENIENT_H

#include "utils/jsonb.h"

/*
 * Valid UTF-8 in, a new jsonb in the current memory context out.  What is no
 * JSON becomes one JSON string; see lenient.c for what else is neutralised.
 * Only a string above jsonb's own limit of 256 MB raises
 * (program_limit_exceeded).
 */
extern Jsonb *lenient_parse(const char *s, size_t len);

#endif /* MAESTRO_LENIENT_H */
