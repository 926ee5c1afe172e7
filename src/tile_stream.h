/*
 * tile_stream.h
 *		The nodes of a level of the Merkle tree one after the other, from tile and
 *		tile_tail.  Connected to SPI.
 */
#ifndef MAESTRO_TILE_STREAM_H
#define MAESTRO_TILE_STREAM_H

#include "sha256.h"

typedef struct TileStream TileStream;

extern TileStream *tile_stream_open(int level);

/*
 * The next node; at level 0 with its event's id.  False at the end, or where rows do
 * not follow each other or have wrong lengths: tile_stream_broken tells.
 */
extern bool tile_stream_next(TileStream *stream, uint8 hash[SHA256_LEN], int64 *event_id);

/* Nodes handed out so far. */
extern int64 tile_stream_place(const TileStream *stream);
extern bool tile_stream_broken(const TileStream *stream);
extern void tile_stream_close(TileStream *stream);

#endif /* MAESTRO_TILE_STREAM_H */
