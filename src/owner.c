/*
 * owner.c
 *		Acting as the extension's owner for access to our own tables.
 *
 * As ri_triggers.c does: the caller stays who he is for everything else.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "owner.h"
#include "registry.h"

void
owner_begin(OwnerScope *scope)
{
	GetUserIdAndSecContext(&scope->user, &scope->context);
	SetUserIdAndSecContext(registry_owner(), scope->context | SECURITY_LOCAL_USERID_CHANGE);
}

void
owner_end(const OwnerScope *scope)
{
	SetUserIdAndSecContext(scope->user, scope->context);
}

int
path_begin(void)
{
	int level = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return level;
}

void
path_end(int level)
{
	AtEOXact_GUC(true, level);
}

void
owner_call_begin(OwnerCall *call)
{
	owner_begin(&call->scope);
	call->path = path_begin();
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

void
owner_call_end(OwnerCall *call)
{
	SPI_finish();
	path_end(call->path);
	owner_end(&call->scope);
}
