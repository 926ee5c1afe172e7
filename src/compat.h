/*
 * compat.h
 *		The one place that knows that PostgreSQL 15, 16, 17 and 18 differ.
 */
#ifndef MAESTRO_COMPAT_H
#define MAESTRO_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "maestro needs PostgreSQL 15 or newer"
#endif

/* 18 knows pg_noreturn alone, which stands first in a declaration. */
#ifndef pg_noreturn
#define pg_noreturn pg_attribute_noreturn()
#endif

/* Our own domain tells our messages, which never quote a payload, from others. */
#undef TEXTDOMAIN
#define TEXTDOMAIN "maestro"

/* 16 added "only summarizing indexes" */
#if PG_VERSION_NUM >= 160000
#define compat_insert_index_tuples(result, slot, estate)                                 \
	ExecInsertIndexTuples(result, slot, estate, false, false, NULL, NIL, false)
#else
#define compat_insert_index_tuples(result, slot, estate)                                 \
	ExecInsertIndexTuples(result, slot, estate, false, false, NULL, NIL)
#endif

/* 18 counts index scans */
#if PG_VERSION_NUM >= 180000
#define compat_index_beginscan(table, index, snapshot, nkeys)                            \
	index_beginscan(table, index, snapshot, NULL, nkeys, 0)
#else
#define compat_index_beginscan(table, index, snapshot, nkeys)                            \
	index_beginscan(table, index, snapshot, nkeys, 0)
#endif

/* 17 renamed it */
#if PG_VERSION_NUM >= 170000
#define compat_my_proc_number() MyProcNumber
#else
#define compat_my_proc_number() MyProc->pgprocno
#endif

/* until 15 a cancelled regular expression is a code, since 16 an error */
#if PG_VERSION_NUM >= 160000
#define compat_regex_is_cancelled(code) false
#else
#define compat_regex_is_cancelled(code) ((code) == REG_CANCEL)
#endif

/* After access/xact.h: 15.1 notes that statements of the extended protocol came before it in one transaction */
#ifdef XACT_FLAGS_PIPELINING
#define compat_is_pipelining() ((MyXactFlags & XACT_FLAGS_PIPELINING) != 0)
#else
#define compat_is_pipelining() false
#endif

/* 16 took permissions out of range table entries */
#if PG_VERSION_NUM >= 160000
#define COMPAT_HAS_PERMINFOS 1
#else
#define COMPAT_HAS_PERMINFOS 0
#endif

/* The macros for variable-length values, until 15 in postgres.h. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/*
 * Input functions report bad input softly where the server can ask for that
 * (pg_input_is_valid, COPY ... ON_ERROR); 15 can't and always raises.
 */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#else
#define ereturn(context, dummy, ...)                                                     \
	do                                                                                   \
	{                                                                                    \
		(void) (context);                                                                \
		ereport(ERROR, __VA_ARGS__);                                                     \
		return dummy;                                                                    \
	} while (0)
#endif

#endif /* MAESTRO_COMPAT_H */
