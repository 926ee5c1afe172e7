/*
 * gate.c
 *		Is a function of ours at work on the registry, and may it be?
 *
 * gated.c opens the gate round each change; the registry's triggers ask whether
 * it is open.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "tcop/utility.h"

#include "compat.h"
#include "gate.h"

/* how many gated functions are at work in this backend */
static int gate_depth = 0;

bool
gate_is_open(void)
{
	return gate_depth > 0;
}

void
gate_open(void)
{
	gate_depth++;
}

void
gate_close(void)
{
	gate_depth--;
}

int
gate_shut(void)
{
	int depth = gate_depth;

	gate_depth = 0;
	return depth;
}

void
gate_reopen(int depth)
{
	gate_depth = depth;
}

void
gate_refuse_restricted(const char *function)
{
	if (InSecurityRestrictedOperation())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("cannot execute %s within a security-restricted operation",
							   function)));
	PreventCommandIfReadOnly(function);
	PreventCommandIfParallelMode(function);
}
