/*
 * scan_key.h
 *		Does the name of a JSON key say that its value is sensitive?
 *
 * A core without a server.
 */
#ifndef MAESTRO_SCAN_KEY_H
#define MAESTRO_SCAN_KEY_H

#include "port.h"

#include "scan.h"

/* The type that the key's value gets, -1 if the name says nothing. */
extern int scan_key_type(const char *key, size_t len);

/* Does the name mean nothing secret, though its last word may?  eos_token, public_key */
extern bool scan_key_is_harmless(const char *key, size_t len);

/* Is the value what a key of that type may have: a password, or something random? */
extern bool scan_check_named(int type, const char *value, size_t len);

/* Are numbers under such a key sensitive too?  Not so token counts. */
extern bool scan_key_takes_numbers(ScanType type);

#endif /* MAESTRO_SCAN_KEY_H */
