/*
 * contract_lint.h
 *		What a security reviewer would say of a JSON Schema that is a contract.
 */
#ifndef MAESTRO_CONTRACT_LINT_H
#define MAESTRO_CONTRACT_LINT_H

#include "schema.h"

/* What is counted; contract_lint_names has their names. */
typedef enum LintCount
{
	LINT_STRINGS,
	LINT_UNBOUNDED_STRINGS,
	LINT_NUMBERS,
	LINT_UNBOUNDED_NUMBERS,
	LINT_PATHS,
	LINT_UNSAFE_PATHS,
	LINT_SINKS,
	LINT_OPEN_SINKS,
	LINT_OBJECTS,
	LINT_OPEN_OBJECTS,
	LINT_ARRAYS,
	LINT_UNBOUNDED_ARRAYS,
	LINT_UNTYPED,
	LINT_UNSAFE_STRINGS,
	LINT_NCOUNTS
} LintCount;

extern const char *const contract_lint_names[LINT_NCOUNTS];

/* What to do with what was found; the strings are of the caller's context. */
typedef void (*LintReport)(void *target, const char *path, const char *issue, const char *advice);

/*
 * Count, and report unless there is no report, what two schemas ANDed let through; there
 * may be no overlay.
 */
extern void contract_lint(const SchemaNode *schema, const SchemaNode *overlay,
						  int64 counts[LINT_NCOUNTS], LintReport report, void *target);

#endif /* MAESTRO_CONTRACT_LINT_H */
