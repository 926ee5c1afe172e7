/*
 * checkpoint.h
 *		Checkpoints as they leave the database: bodies, notes, proofs as text.
 *
 * All run as the owner, connected to SPI; results are in the SPI context.
 */
#ifndef MAESTRO_CHECKPOINT_H
#define MAESTRO_CHECKPOINT_H

#include "merkle.h"

/* The newest checkpoint's body; its size and root too. */
extern char *checkpoint_text(int64 *size);

/* Body and signatures: the log's own, and those that were added. */
extern char *checkpoint_signed(int64 *size);

/* Store the signature lines of a note on a checkpoint of ours; how many were new. */
extern int checkpoint_add_signatures(const char *note, size_t len);

/* Hashes in base64, a line each, into a StringInfo. */
struct StringInfoData;
extern void checkpoint_print_proof(struct StringInfoData *text, const MerkleProof *proof);

#endif /* MAESTRO_CHECKPOINT_H */
