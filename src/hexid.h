/*
 * hexid.h
 *		Identifiers written as hexadecimal digits: trace ids, span ids, digests.
 *
 * The parsers return false instead of raising, so that whoever takes ids from
 * the outside decides what a bad one means.  They take exactly len bytes, no
 * blanks around, digits in either case, and refuse the all-zero value, which
 * W3C Trace Context reserves for "none".
 */
#ifndef MAESTRO_HEXID_H
#define MAESTRO_HEXID_H

#define TRACE_ID_LEN 16
#define SPAN_ID_LEN 8
#define DIGEST_LEN 32

/* 32 digits, a dashed UUID, or "trace_" and 32 digits. */
extern bool hexid_parse_trace(const char *s, size_t len, uint8 out[TRACE_ID_LEN]);

/*
 * 16 digits, or "span_" and 16 digits, are the id itself.  17 to 64 digits,
 * a dashed UUID, and "span_" with 17 to 64 digits are too long for it: their id
 * is the first 8 bytes of the SHA-256 of the whole text in lower case, and
 * *hashed is set; children that name such a parent still find it.
 */
extern bool hexid_parse_span(const char *s, size_t len, uint8 out[SPAN_ID_LEN],
                             bool *hashed);

/* 64 digits, or "sha256:" and 64 digits. */
extern bool hexid_parse_digest(const char *s, size_t len, uint8 out[DIGEST_LEN]);

/* Whether all n bytes are zero, the value that no id may have. */
extern bool hexid_is_zero(const uint8 *bytes, int n);

/* Writes 2 * n digits in lower case and a terminating NUL. */
extern void hexid_print(const uint8 *bytes, int n, char *out);

#endif /* MAESTRO_HEXID_H */
