/*
 * scan_user.h
 *		Rules that a database adds to the built-in ones.
 *
 * A core without a server: the rules come as structs, from sanitize_rule.c.
 */
#ifndef MAESTRO_SCAN_USER_H
#define MAESTRO_SCAN_USER_H

#include "scan.h"

/* What a rule may say at most. */
#define SCAN_USER_RULES 64
#define SCAN_USER_ANCHORS 250
#define SCAN_USER_RUN 4096

/* Bytes that an expression sees, and in which a context word is looked for. */
#define SCAN_WINDOW 512
#define SCAN_CONTEXT 64

typedef struct ScanUserRule
{
	ScanRule rule; /* of kind USER; the first member, so that one is the other */
	ScanLevel level;
	bool keep_anchor;			/* only what follows it goes */
	bool expression;			/* an expression in place of a run */
	const char *suffix;			/* must follow the run, and goes too; or NULL */
	const char *const *context; /* one must stand before, ends with NULL; or NULL */
} ScanUserRule;

/* The class of that name, CLASS_NONE if there is none. */
extern ScanClass scan_user_class(const char *name);

/* The validator of that name, or NULL. */
typedef bool (*ScanCheck)(const char *value, size_t len);
extern ScanCheck scan_user_check(const char *name);

/*
 * Adds a rule with its anchors to others, which begin as zeros; false if there
 * are too many.  The rule must stay where it is.
 */
extern bool scan_user_add(struct ScanAnchors *anchors, const ScanUserRule *rule);

#endif /* MAESTRO_SCAN_USER_H */
