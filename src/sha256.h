/*
 * sha256.h
 *		SHA-256 of a buffer.
 */
#ifndef MAESTRO_SHA256_H
#define MAESTRO_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_LEN 32

/* Writes the 32 bytes of the hash of data[0..len); data may be NULL if len is 0. */
extern void sha256(const void *data, size_t len, uint8_t out[SHA256_LEN]);

#endif /* MAESTRO_SHA256_H */
