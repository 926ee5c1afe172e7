/*
 * tiles.c
 *		The Merkle tree in tables.
 *
 * A full tile is a row that never changes.  Of the right edge each seal adds
 * only what is new: updating a tile in place would write all of it again each time
 * (8.4 MB of WAL for 1,000 small seals).  When 256 nodes are there they become a tile,
 * whose root is a node of the level above.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"

#include "compat.h"
#include "statement.h"
#include "tiles.h"

static Statement insert_tile = {
	"INSERT INTO maestro.tile (level, n, hashes, event_ids, first_stamp)"
	" VALUES ($1, $2, $3, $4, $5)",
	5, {INT4OID, INT8OID, BYTEAOID, BYTEAOID, INT8OID}, NULL};
static Statement insert_tail = {
	"INSERT INTO maestro.tile_tail (level, first, hashes, event_ids, first_stamp)"
	" VALUES ($1, $2, $3, $4, $5)",
	5, {INT4OID, INT8OID, BYTEAOID, BYTEAOID, INT8OID}, NULL};
static Statement delete_tail = {
	"DELETE FROM maestro.tile_tail WHERE level = $1 AND first >= $2 AND first < $2 + 256",
	2, {INT4OID, INT8OID}, NULL};
static Statement select_tail = {
	"SELECT first, hashes, event_ids, first_stamp FROM maestro.tile_tail WHERE level = $1 AND first >= $2"
	" AND first < $2 + 256 ORDER BY first",
	2, {INT4OID, INT8OID}, NULL};
static Statement select_tile = {
	"SELECT 256 * n, hashes, event_ids, first_stamp FROM maestro.tile WHERE level = $1 AND n = $2 / 256",
	2, {INT4OID, INT8OID}, NULL};
static Statement select_first = {
	"SELECT first_stamp, substring(event_ids FOR 8) FROM maestro.tile WHERE level = 0 AND n = $1",
	1, {INT8OID}, NULL};

static bytea *
bytes(const void *data, size_t len)
{
	bytea *result = palloc(VARHDRSZ + len);

	SET_VARSIZE(result, VARHDRSZ + len);
	memcpy(VARDATA(result), data, len);
	return result;
}

/* Writes nodes from "from" on of an edge into one of the two tables. */
static void
store(Statement *statement, int level, int64 number, const TileEdge *edge, int from)
{
	int	  n = edge->count - from;
	Datum args[5] = {Int32GetDatum(level), Int64GetDatum(number),
					 PointerGetDatum(bytes(edge->hashes[from], n * SHA256_LEN)),
					 PointerGetDatum(bytes(edge->event_ids[from], n * 8)),
					 Int64GetDatum(edge->stamp)};

	statement_run(statement, args, level == 0 ? "     " : "   nn", false, 0, SPI_OK_INSERT);
	pfree(DatumGetPointer(args[2]));
	pfree(DatumGetPointer(args[3]));
}

/* Adds the rows that SPI found to hashes and ids from "first" on; how many nodes are there. */
static int
collect(int64 first, int count, uint8 (*hashes)[SHA256_LEN], uint8 (*event_ids)[8],
		int64 *stamp)
{
	int have = 0;

	for (uint64 i = 0; i < SPI_processed && have < count; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];
		TupleDesc desc = SPI_tuptable->tupdesc;
		bool	  isnull;
		bool	  no_ids;
		int64	  begin = DatumGetInt64(SPI_getbinval(row, desc, 1, &isnull));
		Datum	  some = SPI_getbinval(row, desc, 2, &isnull);
		Datum	  ids = SPI_getbinval(row, desc, 3, &no_ids);
		int		  n = (int) ((toast_raw_datum_size(some) - VARHDRSZ) / SHA256_LEN);
		int		  skip = first + have > begin ? (int) Min(first + have - begin, n) : 0;
		int		  take = Min(n - skip, count - have);

		if (i == 0 && stamp != NULL)
			*stamp = DatumGetInt64(SPI_getbinval(row, desc, 4, &isnull));
		/* a gap: what is behind it is not there */
		if (begin + skip != first + have && take > 0)
			break;
		if (hashes != NULL)
			memcpy(hashes[have], VARDATA_ANY(DatumGetByteaPP(some)) + skip * SHA256_LEN,
				   take * SHA256_LEN);
		if (event_ids != NULL && !no_ids)
		{
			bytea *packed = DatumGetByteaPP(ids);

			if (VARSIZE_ANY_EXHDR(packed) != (size_t) n * 8)
				break;
			memcpy(event_ids[have], VARDATA_ANY(packed) + skip * 8, take * 8);
		}
		have += take;
	}
	return have;
}

static int
read_nodes(int level, int64 first, int count, uint8 (*hashes)[SHA256_LEN],
		   uint8 (*event_ids)[8], int64 *stamp)
{
	Datum args[2] = {Int32GetDatum(level), Int64GetDatum(first - first % MERKLE_TILE)};
	int	  have;

	statement_run(&select_tile, args, NULL, true, 0, SPI_OK_SELECT);
	if (SPI_processed == 0)
		statement_run(&select_tail, args, NULL, true, 0, SPI_OK_SELECT);
	have = collect(first, count, hashes, event_ids, stamp);
	SPI_freetuptable(SPI_tuptable);
	return have;
}

int
tiles_read(int level, int64 first, int count, uint8 (*hashes)[SHA256_LEN],
		   uint8 (*event_ids)[8])
{
	return read_nodes(level, first, count, hashes, event_ids, NULL);
}

bool
tiles_first_event(int64 n, int64 *stamp, int64 *event_id)
{
	Datum args[1] = {Int64GetDatum(n)};
	bool  found;

	statement_run(&select_first, args, NULL, true, 0, SPI_OK_SELECT);
	found = SPI_processed > 0;
	if (found)
	{
		HeapTuple row = SPI_tuptable->vals[0];
		bool	  isnull;
		bytea	 *id;
		uint64	  bits;

		*stamp = DatumGetInt64(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &isnull));
		id = DatumGetByteaPP(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull));
		found = !isnull && VARSIZE_ANY_EXHDR(id) == 8;
		if (found)
			memcpy(&bits, VARDATA_ANY(id), 8);
		*event_id = found ? (int64) pg_ntoh64(bits) : 0;
	}
	SPI_freetuptable(SPI_tuptable);
	return found;
}

TileWriter *
tiles_open(int64 size, const uint8 *frontier, size_t frontier_len)
{
	TileWriter *writer = palloc(sizeof(TileWriter));

	if (!merkle_unpack(&writer->tree, size, frontier, frontier_len))
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("the newest checkpoint's frontier does not fit its size"),
						errhint("See maestro.verify().")));
	for (int level = 0; level < MERKLE_TILE_LEVELS; level++)
	{
		TileEdge *edge = &writer->edge[level];
		int64	  nodes = level == 0 ? size : size >> 8 * level;

		edge->first = nodes - nodes % MERKLE_TILE;
		edge->count = edge->stored = (int) (nodes - edge->first);
		if (edge->count > 0 && read_nodes(level, edge->first, edge->count, edge->hashes,
										  edge->event_ids, &edge->stamp) != edge->count)
			ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
							errmsg("nodes of the Merkle tree's level %d are missing", level),
							errhint("See maestro.verify().")));
	}
	return writer;
}

static void
add_node(TileWriter *writer, int level, const uint8 hash[SHA256_LEN], int64 event_id,
		 int64 stamp)
{
	TileEdge *edge = &writer->edge[level];
	uint64	  id = pg_hton64((uint64) event_id);

	if (edge->count == 0)
		edge->stamp = stamp;
	memcpy(edge->hashes[edge->count], hash, SHA256_LEN);
	memcpy(edge->event_ids[edge->count], &id, 8);
	if (++edge->count < MERKLE_TILE)
		return;
	store(&insert_tile, level, edge->first / MERKLE_TILE, edge, 0);
	if (edge->stored > 0)
	{
		Datum args[2] = {Int32GetDatum(level), Int64GetDatum(edge->first)};

		statement_run(&delete_tail, args, NULL, false, 0, SPI_OK_DELETE);
	}
	edge->first += MERKLE_TILE;
	edge->count = edge->stored = 0;
}

void
tiles_append(TileWriter *writer, const uint8 leaf[SHA256_LEN], int64 event_id,
			 int64 stamp)
{
	uint8	 node[MERKLE_TILE_LEVELS][SHA256_LEN];
	unsigned complete = merkle_append(&writer->tree, leaf, node);

	add_node(writer, 0, leaf, event_id, stamp);
	for (unsigned i = 0; i < complete; i++)
		add_node(writer, i + 1, node[i], 0, 0);
}

void
tiles_flush(TileWriter *writer)
{
	for (int level = 0; level < MERKLE_TILE_LEVELS; level++)
	{
		TileEdge *edge = &writer->edge[level];

		if (edge->count > edge->stored)
			store(&insert_tail, level, edge->first + edge->stored, edge, edge->stored);
		edge->stored = edge->count;
	}
}

/* The tile that was read last, by level of tiles. */
typedef struct CachedTile
{
	int64 first; /* -1: none */
	int	  count;
	uint8 hashes[MERKLE_TILE][SHA256_LEN];
} CachedTile;

struct TileReader
{
	CachedTile tile[MERKLE_TILE_LEVELS];
};

TileReader *
tiles_reader(void)
{
	TileReader *reader = palloc(sizeof(TileReader));

	for (int level = 0; level < MERKLE_TILE_LEVELS; level++)
		reader->tile[level].first = -1;
	return reader;
}

bool
tiles_fetch(void *source, unsigned level, uint64 index, uint8 hash[SHA256_LEN])
{
	TileReader *reader = source;
	int			tile_level = level / 8;
	unsigned	above = level % 8; /* levels above the tile's own nodes */
	int64		first = (int64) (index << above);
	CachedTile *tile = &reader->tile[tile_level];
	uint8		nodes[MERKLE_TILE / 2][SHA256_LEN];
	int			n = 1 << above;
	int			at = first % MERKLE_TILE;

	if (tile->first != first - at)
	{
		tile->first = first - at;
		tile->count = tiles_read(tile_level, tile->first, MERKLE_TILE, tile->hashes, NULL);
	}
	if (at + n > tile->count)
		return false;
	if (above == 0)
	{
		memcpy(hash, tile->hashes[at], SHA256_LEN);
		return true;
	}
	for (int i = 0; i < n / 2; i++)
		merkle_node(tile->hashes[at + 2 * i], tile->hashes[at + 2 * i + 1], nodes[i]);
	for (n /= 2; n > 1; n /= 2)
		for (int i = 0; i < n / 2; i++)
			merkle_node(nodes[2 * i], nodes[2 * i + 1], nodes[i]);
	memcpy(hash, nodes[0], SHA256_LEN);
	return true;
}
