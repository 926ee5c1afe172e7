/*
 * base64.h
 *		Base64 of RFC 4648, with padding, and strict.  Builds without a server.
 */
#ifndef MAESTRO_BASE64_H
#define MAESTRO_BASE64_H

#include "port.h"

/* characters that n bytes take */
#define BASE64_LEN(n) (((n) + 2) / 3 * 4)

/* Writes BASE64_LEN(len) characters, and no terminator. */
extern void base64_encode(const uint8_t *bytes, size_t len, char *text);

/*
 * Reads exactly what base64_encode would have written: other characters, missing
 * padding and loose bits are refused.  Returns false then, or if there is no room.
 */
extern bool base64_decode(const char *text, size_t len, uint8_t *bytes, size_t room,
						  size_t *written);

#endif /* MAESTRO_BASE64_H */
