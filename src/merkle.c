/*
 * merkle.c
 *		Merkle tree hashes and proofs of RFC 6962 and RFC 9162.
 *
 * Nothing recurses: a proof's way through the tree is walked from the root
 * down, which finds its hashes last one first.
 */
#include "port.h"

#include "merkle.h"

void
merkle_node(const uint8_t left[SHA256_LEN], const uint8_t right[SHA256_LEN],
			uint8_t hash[SHA256_LEN])
{
	uint8_t bytes[1 + 2 * SHA256_LEN];

	bytes[0] = 1;
	memcpy(bytes + 1, left, SHA256_LEN);
	memcpy(bytes + 1 + SHA256_LEN, right, SHA256_LEN);
	sha256(bytes, sizeof(bytes), hash);
}

void
merkle_leaf(uint8_t *room_and_entry, size_t entry_len, uint8_t hash[SHA256_LEN])
{
	room_and_entry[0] = 0;
	sha256(room_and_entry, entry_len + 1, hash);
}

void
merkle_leaf_pair(uint8_t *const room_and_entry[2], const size_t entry_len[2],
				 uint8_t *const hash[2])
{
	const void *const bytes[2] = {room_and_entry[0], room_and_entry[1]};
	const size_t len[2] = {entry_len[0] + 1, entry_len[1] + 1};

	room_and_entry[0][0] = 0;
	room_and_entry[1][0] = 0;
	sha256_pair(bytes, len, hash);
}

unsigned
merkle_append(MerkleFrontier *tree, const uint8_t leaf[SHA256_LEN],
			  uint8_t node[MERKLE_TILE_LEVELS][SHA256_LEN])
{
	uint8_t hash[SHA256_LEN];
	unsigned level = 0;
	unsigned complete = 0;

	memcpy(hash, leaf, SHA256_LEN);
	while (tree->size >> level & 1)
	{
		merkle_node(tree->hash[level], hash, hash);
		if (++level % 8 == 0)
			memcpy(node[complete++], hash, SHA256_LEN);
	}
	memcpy(tree->hash[level], hash, SHA256_LEN);
	tree->size++;
	return complete;
}

void
merkle_root(const MerkleFrontier *tree, uint8_t root[SHA256_LEN])
{
	bool any = false;

	for (unsigned level = 0; level < 64; level++)
	{
		if (!(tree->size >> level & 1))
			continue;
		if (any)
			merkle_node(tree->hash[level], root, root);
		else
			memcpy(root, tree->hash[level], SHA256_LEN);
		any = true;
	}
	if (!any)
		sha256("", 0, root);
}

size_t
merkle_pack(const MerkleFrontier *tree, uint8_t packed[64 * SHA256_LEN])
{
	size_t len = 0;

	for (int level = 63; level >= 0; level--)
		if (tree->size >> level & 1)
		{
			memcpy(packed + len, tree->hash[level], SHA256_LEN);
			len += SHA256_LEN;
		}
	return len;
}

bool
merkle_unpack(MerkleFrontier *tree, uint64_t size, const uint8_t *packed, size_t len)
{
	if (len != (size_t) __builtin_popcountll(size) * SHA256_LEN)
		return false;
	tree->size = size;
	for (int level = 63; level >= 0; level--)
		if (size >> level & 1)
		{
			memcpy(tree->hash[level], packed, SHA256_LEN);
			packed += SHA256_LEN;
		}
	return true;
}

/* The largest power of two below n, which is 2 or more. */
static uint64_t
split(uint64_t n)
{
	return (uint64_t) 1 << (63 - __builtin_clzll(n - 1));
}

bool
merkle_range(uint64_t begin, uint64_t end, MerkleFetch fetch, void *source,
			 uint8_t root[SHA256_LEN])
{
	MerkleFrontier tree;

	/* its perfect subtrees, the largest first */
	tree.size = end - begin;
	for (int level = 63; level >= 0; level--)
		if (tree.size >> level & 1)
		{
			if (!fetch(source, (unsigned) level, begin >> level, tree.hash[level]))
				return false;
			begin += (uint64_t) 1 << level;
		}
	merkle_root(&tree, root);
	return true;
}

/* The proof was collected from the root down; the RFC lists it from below. */
static void
reverse(MerkleProof *proof)
{
	for (unsigned i = 0, j = proof->count; i + 1 < j; i++)
	{
		uint8_t hash[SHA256_LEN];

		j--;
		memcpy(hash, proof->hash[i], SHA256_LEN);
		memcpy(proof->hash[i], proof->hash[j], SHA256_LEN);
		memcpy(proof->hash[j], hash, SHA256_LEN);
	}
}

bool
merkle_inclusion(uint64_t index, uint64_t size, MerkleFetch fetch, void *source,
				 MerkleProof *proof)
{
	uint64_t begin = 0;
	uint64_t end = size;

	PORT_ASSERT(index < size);
	proof->count = 0;
	while (end - begin > 1)
	{
		uint64_t middle = begin + split(end - begin);
		bool right = index >= middle;

		if (!merkle_range(right ? begin : middle, right ? middle : end, fetch, source,
						  proof->hash[proof->count++]))
			return false;
		if (right)
			begin = middle;
		else
			end = middle;
	}
	reverse(proof);
	return true;
}

bool
merkle_consistency(uint64_t size1, uint64_t size2, MerkleFetch fetch, void *source,
				   MerkleProof *proof)
{
	uint64_t begin = 0;
	uint64_t end = size2;

	PORT_ASSERT(0 < size1 && size1 <= size2);
	proof->count = 0;
	/* down to the subtree that ends where the old tree does */
	while (size1 < end)
	{
		uint64_t middle = begin + split(end - begin);
		bool right = size1 > middle;

		if (!merkle_range(right ? begin : middle, right ? middle : end, fetch, source,
						  proof->hash[proof->count++]))
			return false;
		if (right)
			begin = middle;
		else
			end = middle;
	}
	/* the old tree itself needs no telling */
	if (begin > 0 && !merkle_range(begin, end, fetch, source, proof->hash[proof->count++]))
		return false;
	reverse(proof);
	return true;
}

static bool
same(const uint8_t a[SHA256_LEN], const uint8_t b[SHA256_LEN])
{
	return memcmp(a, b, SHA256_LEN) == 0;
}

/* RFC 9162, 2.1.3.2 */
bool
merkle_verify_inclusion(const uint8_t leaf[SHA256_LEN], uint64_t index, uint64_t size,
						const MerkleProof *proof, const uint8_t root[SHA256_LEN])
{
	uint8_t hash[SHA256_LEN];
	uint64_t at = index;
	uint64_t last = size - 1;

	if (index >= size || size > MERKLE_SIZE_MAX)
		return false;
	memcpy(hash, leaf, SHA256_LEN);
	for (unsigned i = 0; i < proof->count; i++)
	{
		if (last == 0)
			return false;
		if (at & 1 || at == last)
		{
			merkle_node(proof->hash[i], hash, hash);
			while (!(at & 1) && at != 0)
			{
				at >>= 1;
				last >>= 1;
			}
		}
		else
			merkle_node(hash, proof->hash[i], hash);
		at >>= 1;
		last >>= 1;
	}
	return last == 0 && same(hash, root);
}

/* RFC 9162, 2.1.4.2; a proof from the empty tree means nothing, so it is none. */
bool
merkle_verify_consistency(uint64_t size1, uint64_t size2, const MerkleProof *proof,
						  const uint8_t root1[SHA256_LEN],
						  const uint8_t root2[SHA256_LEN])
{
	uint8_t hash1[SHA256_LEN];
	uint8_t hash2[SHA256_LEN];
	uint64_t at = size1 - 1;
	uint64_t last = size2 - 1;
	unsigned next = 0;

	if (size1 == 0 || size1 > size2 || size2 > MERKLE_SIZE_MAX)
		return false;
	if (size1 == size2)
		return proof->count == 0 && same(root1, root2);
	if (proof->count == 0)
		return false;
	for (; at & 1; at >>= 1)
		last >>= 1;
	/* a size that is a power of two is a subtree of the new tree as it is */
	memcpy(hash1, (size1 & (size1 - 1)) == 0 ? root1 : proof->hash[next++], SHA256_LEN);
	memcpy(hash2, hash1, SHA256_LEN);
	for (; next < proof->count; next++)
	{
		if (last == 0)
			return false;
		if (at & 1 || at == last)
		{
			merkle_node(proof->hash[next], hash1, hash1);
			merkle_node(proof->hash[next], hash2, hash2);
			while (!(at & 1) && at != 0)
			{
				at >>= 1;
				last >>= 1;
			}
		}
		else
			merkle_node(hash2, proof->hash[next], hash2);
		at >>= 1;
		last >>= 1;
	}
	return last == 0 && same(hash1, root1) && same(hash2, root2);
}
