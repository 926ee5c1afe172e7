/*
 * maestro.h
 *		What every file of the module shares: the macro that makes a function
 *		callable from SQL, and the SQLSTATEs that a caller may branch on.
 *
 * Included after postgres.h.  Cores that must also build without a server
 * include port.h instead.
 */
#ifndef MAESTRO_H
#define MAESTRO_H

#include "fmgr.h"

#include "compat.h"

/* The function maestro_<name>, callable from SQL; the body follows. */
#define MAESTRO_FUNCTION(name)                                                           \
	extern PGDLLEXPORT Datum maestro_##name(PG_FUNCTION_ARGS);                           \
	PG_FUNCTION_INFO_V1(maestro_##name);                                                 \
	Datum maestro_##name(PG_FUNCTION_ARGS)

/*
 * Class MA is ours.  A code exists only where a caller must tell this failure
 * from all others; everything else uses PostgreSQL's own codes.
 */
#define ERRCODE_MAESTRO_APPEND_ONLY MAKE_SQLSTATE('M', 'A', '0', '0', '1')
#define ERRCODE_MAESTRO_NOT_AUTHORISED MAKE_SQLSTATE('M', 'A', '0', '0', '2')

#endif /* MAESTRO_H */
