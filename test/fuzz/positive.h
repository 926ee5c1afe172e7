/*
 * positive.h
 *		Made-up secrets and personal data, one rule of the scanner at a time.
 */
#ifndef MAESTRO_POSITIVE_H
#define MAESTRO_POSITIVE_H

#include "harness.h"

#define POSITIVE_MAX 700

/*
 * What the rule must find where it stands between blanks: text[0 .. len).
 * Of it [secret, secret + secret_len) must not be left by sanitizing.
 */
typedef struct Positive
{
	const ScanRule *rule;
	size_t          len;
	size_t          secret;
	size_t          secret_len;
	char            text[POSITIVE_MAX];
} Positive;

/* Seeds the generator of all that is made up here. */
extern void chance_seed(unsigned long seed);

/* A number below n, which is not 0. */
extern unsigned below(unsigned n);

/*
 * Makes one up of the rule's own data: anchor, class, lengths, until its check
 * passes.  False for a rule of which none can be made: it has neither
 * anchors nor a function here, or nothing made here passes its check.
 */
extern bool positive_make(const ScanRule *rule, Positive *p);

/* Likewise for the kinds of which there is no anchor; p is empty. */
extern bool person_make(Positive *p);

/* Adds text, or random characters of an alphabet, to one. */
extern void put(Positive *p, const char *text);
extern void put_bytes(Positive *p, const char *bytes, size_t n);
extern void put_random(Positive *p, const char *alphabet, size_t n);

#define DIGITS "0123456789"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SMALL "abcdefghijklmnopqrstuvwxyz"
#define ALNUM DIGITS CAPITALS SMALL

#endif /* MAESTRO_POSITIVE_H */
