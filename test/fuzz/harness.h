/*
 * harness.h
 *		What the fuzzers of the cores share.
 *
 * A fuzzer is a function that takes any bytes and stops the program when one of
 * the module's promises does not hold.  libFuzzer drives one of them
 * (entry.c), the seeded generator all (texts.c).
 */
#ifndef MAESTRO_HARNESS_H
#define MAESTRO_HARNESS_H

#include "postgres.h"

#include "utils/memutils.h"

#include "redact.h"

/* Stops the program unless the condition holds. */
#define PROMISE(condition)                                                               \
	do                                                                                   \
	{                                                                                    \
		if (!(condition))                                                                \
			harness_fail(#condition);                                                    \
	} while (0)

extern void harness_fail(const char *promise) __attribute__((noreturn));

/* The input in work, which is kept when the program stops; NULL: none. */
extern const char *harness_in;
extern size_t      harness_len;

/*
 * A copy on the heap of exactly that length, so that a read beyond either end is
 * noticed; for harness_free.
 */
extern char *harness_copy(const void *data, size_t len);
extern void  harness_free(char *copy, size_t len);

/* Adds bytes to the digest of all results, by which builds are compared. */
extern uint64_t harness_digest;
extern void     harness_mix(const void *data, size_t len);

/* Length of the character at p by RFC 3629's table, 0 if it is none. */
extern size_t harness_char(const uint8_t *p, size_t left, uint32_t *code);

/* Is it UTF-8? */
extern bool harness_is_utf8(const char *text, size_t len);

/* Promises what every result has: UTF-8, nothing that controls or hides. */
extern void harness_promise_visible(const char *text, size_t len, bool keep_newline);

/*
 * The only calls of the module's redact_text and redact_find: level and settings are
 * chosen here alone.
 */
extern bool   harness_redact(const char *in, size_t len, RedactShape shape, ScanLevel level,
                             char **out, size_t *outlen);
extern size_t harness_find(const char *in, size_t len, ScanLevel level, RedactFind **finds);

/* Is the rule on, with personal data as the level? */
extern bool harness_takes(const ScanRule *rule);

extern void fuzz_scan(const char *in, size_t len);
extern void fuzz_neutralize(const char *in, size_t len);
extern void fuzz_validators(const char *in, size_t len);
extern void fuzz_note(const char *in, size_t len);
extern void fuzz_jcs(const char *in, size_t len);

#endif /* MAESTRO_HARNESS_H */
