/*
 * maestro.c
 *		Module magic and start-up.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "maestro.h"

#include "guard_shmem.h"
#include "guc.h"
#include "integrity_hooks.h"
#include "scan_match.h"
#include "shmem.h"
#include "worker.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	guc_define();
	/* backends inherit it when the library is preloaded */
	scan_table_build();
	if (!process_shared_preload_libraries_in_progress)
		return;
	shmem_request();
	guard_shmem_request();
	/* pg_upgrade counts transactions, and wants nobody in its databases */
	if (!IsBinaryUpgrade)
		worker_register();
	integrity_hooks_install();
}
