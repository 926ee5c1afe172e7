/*
 * redact.h
 *		Neutralise and redact one text or one jsonb value.
 *
 * This is what other files of the module call.  Results are in the caller's
 * memory context; a value that needs no change is returned as it is.
 */
#ifndef MAESTRO_REDACT_H
#define MAESTRO_REDACT_H

#include "utils/jsonb.h"

#include "scan.h"

/* How line ends are shown. */
typedef enum RedactShape
{
	REDACT_LINE, /* LF and CR become visible \n and \r: one record, one line */
	REDACT_BLOCK /* LF stays, CR becomes visible: JSON strings, documents */
} RedactShape;

/*
 * What was found, by type; "= {0}" is the empty one, and one may be filled by
 * any number of calls.
 */
typedef struct Findings
{
	uint32_t fired[SCAN_NTYPES]; /* replaced now */
	uint32_t seen[SCAN_NTYPES];	 /* placeholders that were there already */
} Findings;

/*
 * False when nothing had to be changed: *out is then in.  Else *out is
 * palloc'd, not terminated.  f may be NULL.
 */
extern bool redact_text(const char *in, size_t len, RedactShape shape,
						const ScanSetup *setup, Findings *f, char **out, size_t *outlen);

/* A find in a text: bytes [start, end) of it. */
typedef struct RedactFind
{
	size_t start;
	size_t end;
	const ScanRule *rule;
} RedactFind;

/*
 * What the first pass over the text finds, ascending and disjoint; returns how
 * many.  *finds is palloc'd.
 */
extern size_t redact_find(const char *in, size_t len, const ScanSetup *setup,
						  RedactFind **finds);

/* "in" itself when nothing had to be changed.  f may be NULL. */
extern Jsonb *redact_jsonb(Jsonb *in, const ScanSetup *setup, Findings *f);

/* Counts by type, replaced and already placeholders, {"EMAIL": 2}; NULL if none. */
extern Jsonb *findings_jsonb(const Findings *f);

#endif /* MAESTRO_REDACT_H */
