/*
 * seal.h
 *		Ordering new events into the Merkle tree.
 */
#ifndef MAESTRO_SEAL_H
#define MAESTRO_SEAL_H

#include "sha256.h"

typedef struct SealResult
{
	int64 sealed; /* events that were added */
	int64 size;
	uint8 root[SHA256_LEN];
	bool  waits; /* in the background: for somebody to say what this copy is */
} SealResult;

/*
 * Seal what has committed since the last seal.  Asks READ COMMITTED.  In the
 * background neither the log's row nor an incarnation is made.
 */
extern void seal_run(bool in_background, SealResult *result);

#endif /* MAESTRO_SEAL_H */
