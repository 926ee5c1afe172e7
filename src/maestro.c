/*
 * maestro.c
 *		Module magic and start-up.
 */
#include "postgres.h"

#include "maestro.h"

#include "guc.h"
#include "scan_match.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	guc_define();
	/* backends inherit it when the library is preloaded */
	scan_table_build();
}
