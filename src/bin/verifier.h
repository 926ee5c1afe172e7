/*
 * verifier.h
 *		What the parts of maestro-verify share.
 */
#ifndef MAESTRO_VERIFIER_H
#define MAESTRO_VERIFIER_H

#include "port.h"

#include "merkle.h"
#include "note.h"

/* What was asked for on the command line. */
typedef struct Options
{
	const char *path;
	const char *key;
	const char *origin; /* NULL: the key's name */
	const char *old;	/* a note that was kept, or NULL */
	const char *entry;	/* file of an entry, or NULL */
	const char *leaf;	/* a receipt in hexadecimal, or NULL */
} Options;

typedef struct Bytes
{
	uint8_t *data;
	size_t len;
} Bytes;

/* Says what is wrong and ends: 1 the log is, 2 it could not be checked. */
extern void die(int status, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* The whole file of up to "most" bytes, with a byte of room before it and a 0 behind. */
extern Bytes read_file(const char *path, size_t most, int missing_status);
extern void free_file(Bytes bytes);

/* A signed checkpoint of the log, or the end of the program. */
extern void check_note(const Options *options, const char *what, const char *note, size_t len,
					   NoteCheckpoint *checkpoint);

/* Likewise a leaf's proof as text; the index. */
extern int64_t check_proof(const Options *options, const char *text, size_t len,
						   const uint8_t leaf[SHA256_LEN], NoteCheckpoint *checkpoint);

extern int verify_bundle(const Options *options);

#endif /* MAESTRO_VERIFIER_H */
