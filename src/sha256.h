/*
 * sha256.h
 *		SHA-256 of a buffer, or of two.
 */
#ifndef MAESTRO_SHA256_H
#define MAESTRO_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_LEN 32

/* Writes the 32 bytes of the hash of data[0..len); data may be NULL if len is 0. */
extern void sha256(const void *data, size_t len, uint8_t out[SHA256_LEN]);

/* Two at once, which may take little longer than the longer one alone. */
extern void sha256_pair(const void *const data[2], const size_t len[2], uint8_t *const out[2]);

/*
 * What these are made of; for them and their test.  By the CPU's own instructions: false
 * says that it has none, and that nothing was written.
 */
extern bool sha256_by_cpu(const void *data, size_t len, uint8_t out[SHA256_LEN]);
extern bool sha256_pair_by_cpu(const void *const data[2], const size_t len[2],
							   uint8_t *const out[2]);
extern void sha256_by_openssl(const void *data, size_t len, uint8_t out[SHA256_LEN]);

#endif /* MAESTRO_SHA256_H */
