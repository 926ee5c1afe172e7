/*
 * maestro.h
 *		What files with functions for SQL share: the macro that makes them
 *		callable.
 *
 * Included after postgres.h, by entry files alone: a core takes values and
 * returns values, and has no use for fmgr.h.
 */
#ifndef MAESTRO_H
#define MAESTRO_H

#include "fmgr.h"

#include "compat.h"
#include "errcodes.h"

/* The function maestro_<name>, callable from SQL; the body follows. */
#define MAESTRO_FUNCTION(name)                                                           \
	extern PGDLLEXPORT Datum maestro_##name(PG_FUNCTION_ARGS);                           \
	PG_FUNCTION_INFO_V1(maestro_##name);                                                 \
	Datum maestro_##name(PG_FUNCTION_ARGS)

#endif /* MAESTRO_H */
