/*
 * proof.h
 *		Where events are in the Merkle tree, and proofs that they are.
 *
 * All run as the owner, connected to SPI.
 */
#ifndef MAESTRO_PROOF_H
#define MAESTRO_PROOF_H

#include "merkle.h"

/* The event's place in the tree; false: it is in none yet, or unknown. */
extern bool proof_index(int64 event_id, int64 *index);

/* The newest checkpoint; size 0 if there is none. */
typedef struct ProofHead
{
	int64 size;
	uint8 root[SHA256_LEN];
	bool  is_own; /* the calling transaction made it: it may still vanish */
} ProofHead;
extern void proof_head(ProofHead *head);

/* RFC 6962; raise if tiles are missing. */
extern void proof_inclusion(int64 index, int64 size, MerkleProof *proof);
extern void proof_consistency(int64 size1, int64 size2, MerkleProof *proof);

#endif /* MAESTRO_PROOF_H */
