/*
 * schema_regex_engine.c
 *		Regular expressions of schemas by PostgreSQL's engine, which does not backtrack.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "nodes/value.h"
#include "regex/regex.h"
#include "regex/regexport.h"
#include "utils/memutils.h"

#include "compat.h"
#include "schema.h"
#include "schema_regex.h"

struct SchemaRegex
{
	SchemaPlainRegex *plain; /* NULL: the engine's */
	regex_t			  regex;
	int				  states; /* of its automaton */
	int				  passes; /* how many times over looking around may read a text */
};

/* states of all that were compiled */
static int64 states_made = 0;

/* Whose classes know all of Unicode, if the server has it; the database's may know ASCII alone. */
static Oid
unicode_collation(void)
{
	Oid found = get_collation_oid(list_make2(makeString("pg_catalog"), makeString("und-x-icu")), true);

	return OidIsValid(found) && GetDatabaseEncoding() == PG_UTF8 ? found : DEFAULT_COLLATION_OID;
}

static void
free_regex(void *regex)
{
	pg_regfree(regex);
}

SchemaRegex *
schema_regex_compile(const char *pattern, size_t len, const char **fault)
{
	int			 passes;
	char		*translated = schema_regex_translate(pattern, len, &passes, fault);
	MemoryContextCallback *callback;
	SchemaRegex *regex;
	pg_wchar	*wide;
	int			 nwide;
	int			 code;

	if (translated == NULL)
		return NULL;
	regex = palloc0(sizeof(SchemaRegex));
	regex->plain = schema_regex_plain(pattern, len);
	if (regex->plain != NULL)
	{
		pfree(translated);
		return regex;
	}
	wide = palloc((strlen(translated) + 1) * sizeof(pg_wchar));
	nwide = pg_mb2wchar_with_len(translated, wide, (int) strlen(translated));
	callback = palloc0(sizeof(MemoryContextCallback));
	code = pg_regcomp(&regex->regex, wide, (size_t) nwide, REG_ADVANCED | REG_NOSUB,
					  strstr(translated, "[:") != NULL ? unicode_collation() : C_COLLATION_OID);
	if (compat_regex_is_cancelled(code))
		CHECK_FOR_INTERRUPTS();
	*fault = code == REG_ESPACE || code == REG_ETOOBIG ? "is too complex" : "cannot be read";
	if (code != REG_OKAY)
		return NULL;
	callback->func = free_regex;
	callback->arg = &regex->regex;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	pfree(wide);
	pfree(translated);
	regex->passes = passes;
	regex->states = pg_reg_getnumstates(&regex->regex);
	states_made += regex->states;
	return regex;
}

int64
schema_regex_made(void)
{
	return states_made;
}

int
schema_regex_size(const SchemaRegex *regex)
{
	return regex->states;
}

/*
 * A character takes a table's look, and sometimes a new set of states to be made.  What
 * looks around takes a pass over the rest at each, and that of what looks around in it.
 */
int64
schema_regex_work(const SchemaRegex *regex, int len)
{
	double work;

	if (regex->plain != NULL)
		return 1 + len / 64;
	work = 1 + len / 16.0 + (double) len * regex->states / 128;

	for (int i = 0; i < regex->passes; i++)
		work *= 1 + len / 4.0;
	return work < 1e15 ? (int64) work : (int64) 1e15;
}

bool
schema_regex_matches(const SchemaRegex *regex, const char *data, int len)
{
	pg_wchar *wide;
	int		  nwide;
	int		  code;

	if (regex->plain != NULL)
		return schema_regex_plain_matches(regex->plain, data, len);
	wide = palloc_extended(((Size) len + 1) * sizeof(pg_wchar), MCXT_ALLOC_HUGE);
	nwide = pg_mb2wchar_with_len(data, wide, len);
	code = pg_regexec(unconstify(regex_t *, &regex->regex), wide, (size_t) nwide, 0, NULL, 0, NULL, 0);
	pfree(wide);
	if (compat_regex_is_cancelled(code))
		CHECK_FOR_INTERRUPTS();
	if (code != REG_OKAY && code != REG_NOMATCH)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a regular expression of a JSON Schema takes too much on this text")));
	return code == REG_OKAY;
}
