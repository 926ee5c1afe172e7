/*
 * log_key.h
 *		The private key that signs checkpoints: a file of the server's.
 */
#ifndef MAESTRO_LOG_KEY_H
#define MAESTRO_LOG_KEY_H

#include "note.h"

/* Makes a new key's file, which must not exist, and fills in the public key. */
extern void log_key_generate(const char *path, const char *origin, NoteKey *key);

/* Signs with the key of maestro.seal_key_file under the name of "origin". */
extern void log_key_sign(const char *origin, const char *text, size_t len,
						 char line[NOTE_LINE_MAX], NoteKey *key);

#endif /* MAESTRO_LOG_KEY_H */
