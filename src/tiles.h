/*
 * tiles.h
 *		The Merkle tree in tables: tile (full ones) and tile_tail (the right edge).
 *
 * All run as the owner, connected to SPI.
 */
#ifndef MAESTRO_TILES_H
#define MAESTRO_TILES_H

#include "merkle.h"

/* The node levels of a tile that is being filled. */
typedef struct TileEdge
{
	int64 first;  /* node number in its level of the tile's first node */
	int64 stamp;  /* of the first event, at level 0 */
	int	  count;  /* nodes so far */
	int	  stored; /* of these in tile_tail already */
	uint8 hashes[MERKLE_TILE][SHA256_LEN];
	uint8 event_ids[MERKLE_TILE][8]; /* at level 0 */
} TileEdge;

typedef struct TileWriter
{
	MerkleFrontier tree;
	TileEdge	   edge[MERKLE_TILE_LEVELS];
} TileWriter;

/* Continue a tree of that size, whose frontier is given. */
extern TileWriter *tiles_open(int64 size, const uint8 *frontier, size_t frontier_len);

extern void tiles_append(TileWriter *writer, const uint8 leaf[SHA256_LEN], int64 event_id,
						 int64 stamp);

/* Store what fills no tile. */
extern void tiles_flush(TileWriter *writer);

/* A MerkleFetch, and what it is given: it keeps the tiles that it read last. */
typedef struct TileReader TileReader;
extern TileReader *tiles_reader(void);
extern bool tiles_fetch(void *reader, unsigned level, uint64 index,
						uint8 hash[SHA256_LEN]);

/* Stamp and id of the first event of the full tile n of level 0; false: there is none. */
extern bool tiles_first_event(int64 n, int64 *stamp, int64 *event_id);

/*
 * Nodes of a level from "first" on, up to "count", from tile or tail: how many
 * there are.  Hashes, and at level 0 ids, are written unless NULL.
 */
extern int tiles_read(int level, int64 first, int count, uint8 (*hashes)[SHA256_LEN],
					  uint8 (*event_ids)[8]);

#endif /* MAESTRO_TILES_H */
