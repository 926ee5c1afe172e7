/*
 * slice_arg.h
 *		A text argument of a SQL function as a slice; SQL's NULL has no data.
 */
#ifndef MAESTRO_SLICE_ARG_H
#define MAESTRO_SLICE_ARG_H

#include "fmgr.h"

#include "append.h"
#include "compat.h"

static inline Slice
slice_arg(FunctionCallInfo fcinfo, int i)
{
	Slice slice = {NULL, 0};

	if (!PG_ARGISNULL(i))
	{
		text *value = PG_GETARG_TEXT_PP(i);

		slice.data = VARDATA_ANY(value);
		slice.len = VARSIZE_ANY_EXHDR(value);
	}
	return slice;
}

#endif /* MAESTRO_SLICE_ARG_H */
