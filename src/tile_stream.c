/*
 * tile_stream.c
 *		The nodes of a level of the Merkle tree one after the other.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"

#include "compat.h"
#include "merkle.h"
#include "tile_stream.h"

/* rows that are fetched at once */
#define FETCH 16

struct TileStream
{
	Portal portal;
	int	   level;
	int64  place;
	bool   broken;
	bool   ended;
	uint64 row; /* of those that were fetched */
	SPITupleTable *table;
	uint64 nrow;
	bytea *hashes;
	bytea *ids;
	int	   at;
	int	   count;
};

TileStream *
tile_stream_open(int level)
{
	static const char query[] =
		"SELECT * FROM (SELECT 256 * n AS first, hashes, event_ids, true AS full FROM maestro.tile"
		" WHERE level = $1 UNION ALL SELECT first, hashes, event_ids, false FROM maestro.tile_tail"
		" WHERE level = $1) t ORDER BY first, \"full\" DESC";
	TileStream *stream = palloc0(sizeof(TileStream));
	Oid			types[1] = {INT4OID};
	Datum		args[1] = {Int32GetDatum(level)};

	stream->level = level;
	stream->portal = SPI_cursor_open_with_args(NULL, query, 1, types, args, NULL, true, 0);
	return stream;
}

/* Takes up the next row; false: there is none, or it does not follow. */
static bool
next_row(TileStream *stream)
{
	HeapTuple row;
	TupleDesc desc;
	bool	  isnull;
	bool	  no_ids;
	bool	  full;
	int64	  first;
	Datum	  ids;

	if (stream->row == stream->nrow)
	{
		if (stream->table != NULL)
			SPI_freetuptable(stream->table);
		SPI_cursor_fetch(stream->portal, true, FETCH);
		stream->table = SPI_tuptable;
		stream->nrow = SPI_processed;
		stream->row = 0;
		if (stream->nrow == 0)
			return false;
	}
	row = stream->table->vals[stream->row++];
	desc = stream->table->tupdesc;
	first = DatumGetInt64(SPI_getbinval(row, desc, 1, &isnull));
	if (stream->hashes != NULL)
		pfree(stream->hashes);
	if (stream->ids != NULL)
		pfree(stream->ids);
	stream->ids = NULL;
	stream->hashes = DatumGetByteaPCopy(SPI_getbinval(row, desc, 2, &isnull));
	ids = SPI_getbinval(row, desc, 3, &no_ids);
	full = DatumGetBool(SPI_getbinval(row, desc, 4, &isnull));
	stream->at = 0;
	stream->count = (VARSIZE(stream->hashes) - VARHDRSZ) / SHA256_LEN;
	stream->broken = first != stream->place || (full && stream->count != MERKLE_TILE) ||
					 stream->count == 0 ||
					 (VARSIZE(stream->hashes) - VARHDRSZ) % SHA256_LEN != 0;
	if (stream->level == 0 && !stream->broken)
	{
		stream->broken = no_ids;
		if (!no_ids)
		{
			stream->ids = DatumGetByteaPCopy(ids);
			stream->broken = VARSIZE(stream->ids) - VARHDRSZ != (Size) stream->count * 8;
		}
	}
	return !stream->broken;
}

bool
tile_stream_next(TileStream *stream, uint8 hash[SHA256_LEN], int64 *event_id)
{
	uint64 bits;

	if (stream->ended)
		return false;
	if (stream->at == stream->count && !next_row(stream))
	{
		stream->ended = true;
		return false;
	}
	memcpy(hash, VARDATA(stream->hashes) + stream->at * SHA256_LEN, SHA256_LEN);
	if (stream->ids != NULL)
	{
		memcpy(&bits, VARDATA(stream->ids) + stream->at * 8, 8);
		*event_id = (int64) pg_ntoh64(bits);
	}
	stream->at++;
	stream->place++;
	return true;
}

int64
tile_stream_place(const TileStream *stream)
{
	return stream->place;
}

bool
tile_stream_broken(const TileStream *stream)
{
	return stream->broken;
}

void
tile_stream_close(TileStream *stream)
{
	if (stream->table != NULL)
		SPI_freetuptable(stream->table);
	SPI_cursor_close(stream->portal);
	if (stream->hashes != NULL)
		pfree(stream->hashes);
	if (stream->ids != NULL)
		pfree(stream->ids);
	pfree(stream);
}
