/*
 * merkle.h
 *		Merkle tree hashes and proofs of RFC 6962 and RFC 9162.
 *
 * A node (level, index) is the root of the leaves [index << level, (index + 1) << level).
 * Sizes and indices are counts of leaves.  Builds without a server.
 */
#ifndef MAESTRO_MERKLE_H
#define MAESTRO_MERKLE_H

#include "port.h"

#include "sha256.h"

/* hashes of one proof at most, in a tree of up to 2^63 leaves */
#define MERKLE_PROOF_MAX 64
/* largest tree */
#define MERKLE_SIZE_MAX INT64_MAX

/*
 * The perfect subtrees that a tree of that size consists of: hash[level] counts
 * where bit "level" of size is set.
 */
typedef struct MerkleFrontier
{
	uint64_t size;
	uint8_t hash[64][SHA256_LEN];
} MerkleFrontier;

/* A proof: hashes in the RFC's order. */
typedef struct MerkleProof
{
	unsigned count;
	uint8_t hash[MERKLE_PROOF_MAX][SHA256_LEN];
} MerkleProof;

/* Gives the hash of a perfect node; false ends the proof without result. */
typedef bool (*MerkleFetch)(void *source, unsigned level, uint64_t index,
							uint8_t hash[SHA256_LEN]);

/* The hash of an inner node. */
extern void merkle_node(const uint8_t left[SHA256_LEN], const uint8_t right[SHA256_LEN],
						uint8_t hash[SHA256_LEN]);

/* The leaf of an entry, before which one byte of room must be. */
extern void merkle_leaf(uint8_t *room_and_entry, size_t entry_len, uint8_t hash[SHA256_LEN]);

/* Of two entries at once, as sha256_pair. */
extern void merkle_leaf_pair(uint8_t *const room_and_entry[2], const size_t entry_len[2],
							 uint8_t *const hash[2]);

/* levels of tiles, each of 256 nodes of the level below */
#define MERKLE_TILE 256
#define MERKLE_TILE_LEVELS 8

/*
 * Appends a leaf, which may complete tiles: returns of how many levels, and in
 * node[i] the root of the complete tile of level i.
 */
extern unsigned merkle_append(MerkleFrontier *tree, const uint8_t leaf[SHA256_LEN],
							  uint8_t node[MERKLE_TILE_LEVELS][SHA256_LEN]);

/* The root; of an empty tree the hash of nothing. */
extern void merkle_root(const MerkleFrontier *tree, uint8_t root[SHA256_LEN]);

/* The frontier's hashes from the highest level down; returns how many bytes. */
extern size_t merkle_pack(const MerkleFrontier *tree, uint8_t packed[64 * SHA256_LEN]);

/* Reads what merkle_pack wrote; false if the length does not fit the size. */
extern bool merkle_unpack(MerkleFrontier *tree, uint64_t size, const uint8_t *packed,
						  size_t len);

/* The root of [begin, end) in the tree, where begin is a multiple of a power of two >= end - begin. */
extern bool merkle_range(uint64_t begin, uint64_t end, MerkleFetch fetch, void *source,
						 uint8_t root[SHA256_LEN]);

/* PATH(index, D[size]); false if fetch says so.  Asks index < size. */
extern bool merkle_inclusion(uint64_t index, uint64_t size, MerkleFetch fetch,
							 void *source, MerkleProof *proof);

/* PROOF(size1, D[size2]); asks 0 < size1 <= size2. */
extern bool merkle_consistency(uint64_t size1, uint64_t size2, MerkleFetch fetch,
							   void *source, MerkleProof *proof);

/* Whatever the input, true only for a proof of the RFC's. */
extern bool merkle_verify_inclusion(const uint8_t leaf[SHA256_LEN], uint64_t index,
									uint64_t size, const MerkleProof *proof,
									const uint8_t root[SHA256_LEN]);
extern bool merkle_verify_consistency(uint64_t size1, uint64_t size2,
									  const MerkleProof *proof,
									  const uint8_t root1[SHA256_LEN],
									  const uint8_t root2[SHA256_LEN]);

#endif /* MAESTRO_MERKLE_H */
