/*
 * sanitize_rule.h
 *		What to sanitize by: the built-in rules and those of the database.
 */
#ifndef MAESTRO_SANITIZE_RULE_H
#define MAESTRO_SANITIZE_RULE_H

#include "scan.h"

/*
 * The rules as they are now, for a level; good until the next call.  Reads tables
 * when they have changed, as their owner, so not for input functions of types.
 */
extern const ScanSetup *sanitize_setup(ScanLevel level);

/* Likewise, for a level given by its name; 22023 for another. */
extern const ScanSetup *sanitize_setup_named(text *name);

/* What the log is sanitized by; the registry's own events by the built-in rules alone. */
extern const ScanSetup *sanitize_log_setup(void);

/* The built-in rules alone, at a level. */
extern const ScanSetup *sanitize_builtin(ScanLevel level);

#endif /* MAESTRO_SANITIZE_RULE_H */
