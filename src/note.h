/*
 * note.h
 *		Signed notes and checkpoints: C2SP signed-note, tlog-checkpoint and
 *		tlog-cosignature.  Builds without a server.
 */
#ifndef MAESTRO_NOTE_H
#define MAESTRO_NOTE_H

#include "port.h"

#include "sha256.h"

#define NOTE_NAME_MAX 255
#define NOTE_KEY_LEN 32
#define NOTE_SIGNATURE_LEN 64
/* a note's length and its signature lines, at most */
#define NOTE_MAX (64 * 1024)
#define NOTE_SIGNATURES_MAX 64

typedef enum NoteAlgorithm
{
	NOTE_ED25519 = 1,
	NOTE_COSIGNATURE = 4 /* of a witness, with its time */
} NoteAlgorithm;

/* Somebody's key for checking signatures. */
typedef struct NoteKey
{
	char name[NOTE_NAME_MAX + 1];
	uint8_t id[4];
	NoteAlgorithm algorithm;
	uint8_t public_key[NOTE_KEY_LEN];
} NoteKey;

/* A checkpoint: the text of a note. */
typedef struct NoteCheckpoint
{
	char origin[NOTE_NAME_MAX + 1];
	int64_t size;
	uint8_t root[SHA256_LEN];
} NoteCheckpoint;

/* A signature line of a note. */
typedef struct NoteSignature
{
	const char *line; /* without its end */
	size_t line_len;
	char name[NOTE_NAME_MAX + 1];
	uint8_t id[4];
	uint8_t bytes[8 + NOTE_SIGNATURE_LEN];
	size_t len; /* 0: longer than any that is known */
} NoteSignature;

typedef struct NoteParts
{
	size_t text_len; /* what is signed: the note's beginning */
	int nsignature;
	NoteSignature signature[NOTE_SIGNATURES_MAX];
} NoteParts;

/* May that be a key's name?  No blanks, no plus sign, no control characters. */
extern bool note_is_name(const char *name, size_t len);

/* Room for a verifier key: name+id+key. */
#define NOTE_VKEY_MAX (NOTE_NAME_MAX + 1 + 8 + 1 + 44 + 1)
extern void note_print_key(const NoteKey *key, char text[NOTE_VKEY_MAX]);
extern bool note_read_key(const char *text, size_t len, NoteKey *key);

/* Takes a note apart; false if it is none. */
extern bool note_parse(const char *note, size_t len, NoteParts *parts);

/*
 * Is the note signed with the key?  False also if any of its lines by that key is
 * wrong.  Lines of other keys count for nothing.
 */
extern bool note_verify(const char *note, const NoteParts *parts, const NoteKey *key);

/* Is that the Ed25519 signature of these bytes? */
extern bool note_verify_bytes(const uint8_t public_key[NOTE_KEY_LEN],
							  const uint8_t signature[NOTE_SIGNATURE_LEN], const char *text,
							  size_t len);

/* Room for a checkpoint's text. */
#define NOTE_TEXT_MAX (NOTE_NAME_MAX + 1 + 20 + 1 + 44 + 1 + 1)
extern size_t note_print_checkpoint(const NoteCheckpoint *checkpoint,
									char text[NOTE_TEXT_MAX]);
/* False if the text is no checkpoint of just three lines. */
extern bool note_read_checkpoint(const char *text, size_t len, NoteCheckpoint *checkpoint);

/* Room for a signature line, its end included. */
#define NOTE_LINE_MAX (4 + NOTE_NAME_MAX + 1 + 96 + 1 + 1)

/*
 * Signs a text with the key of that seed, whose name and public key go into "key".
 * Writes the line with its end; false if the library cannot.
 */
extern bool note_sign(const char *name, const uint8_t seed[NOTE_KEY_LEN], const char *text,
					  size_t len, char line[NOTE_LINE_MAX], NoteKey *key);

#endif /* MAESTRO_NOTE_H */
