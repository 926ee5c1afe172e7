/*
 * verify_tree.c
 *		Tiles, checkpoints, incarnations and cosignatures among themselves.
 *
 * The tree is built anew from the leaves that the tiles of level 0 hold, and is
 * compared with everything else that was stored of it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "compat.h"
#include "merkle.h"
#include "tile_stream.h"
#include "verify.h"

/* Stored rows that say something of the tree at a size: in the order of sizes. */
typedef struct Claims
{
	Portal portal;
	HeapTuple row; /* the next one, NULL: no more */
	TupleDesc desc;
	int64 size;
} Claims;

typedef struct TreeCheck
{
	Verify		  *verify;
	MerkleFrontier tree;
	TileStream	  *upper[MERKLE_TILE_LEVELS]; /* from 1 on */
	Claims		   claims;
	int64		   last_size; /* of the checkpoint before */
	int			   told;	  /* checkpoints that were reported as wrong */
} TreeCheck;

/* One wrong leaf makes all later checkpoints wrong; more than these say nothing new. */
#define TOLD 5

/* kind c: checkpoint, i: incarnation, w: what was signed outside */
static const char claims_query[] =
	"SELECT size, 'c' AS kind, root, frontier, batch, 0 AS no, NULL AS name FROM maestro.checkpoint"
	" UNION ALL SELECT size, 'i', root, NULL, NULL, no, NULL FROM maestro.incarnation"
	" UNION ALL SELECT size, 'w', root, NULL, NULL, 0, name FROM maestro.cosignature"
	" ORDER BY size, kind, no";

static void
next_claim(Claims *claims)
{
	bool isnull;

	if (claims->row != NULL)
		heap_freetuple(claims->row);
	claims->row = NULL;
	SPI_cursor_fetch(claims->portal, true, 1);
	if (SPI_processed > 0)
	{
		claims->row = SPI_copytuple(SPI_tuptable->vals[0]);
		if (claims->desc == NULL)
			claims->desc = CreateTupleDescCopy(SPI_tuptable->tupdesc);
		claims->size = DatumGetInt64(SPI_getbinval(claims->row, claims->desc, 1, &isnull));
	}
	SPI_freetuptable(SPI_tuptable);
}

static void
check_checkpoint(TreeCheck *check, bool same_root)
{
	Verify *verify = check->verify;
	Claims *claims = &check->claims;
	bool	isnull;
	bytea  *frontier = DatumGetByteaPP(SPI_getbinval(claims->row, claims->desc, 4, &isnull));
	int64	batch = DatumGetInt64(SPI_getbinval(claims->row, claims->desc, 5, &isnull));
	uint8	packed[64 * SHA256_LEN];
	size_t	len = merkle_pack(&check->tree, packed);
	bool	newest = claims->size == verify->size;

	if (!same_root && (newest || check->told++ < TOLD))
		verify_report(verify, VERIFY_CRITICAL, newest ? "root" : "checkpoint",
					  0, "the checkpoint of size " INT64_FORMAT " has not the root of its events",
					  claims->size);
	if (same_root &&
		(VARSIZE_ANY_EXHDR(frontier) != len || memcmp(VARDATA_ANY(frontier), packed, len) != 0))
		verify_report(verify, VERIFY_CRITICAL, "checkpoint", 0,
					  "the checkpoint of size " INT64_FORMAT " has not the frontier of its events",
					  claims->size);
	if (batch != claims->size - check->last_size)
		verify_report(verify, VERIFY_CRITICAL, "checkpoint", 0,
					  "between the checkpoints of sizes " INT64_FORMAT " and " INT64_FORMAT
					  " one is missing", check->last_size, claims->size);
	check->last_size = claims->size;
}

/* What was stored of the tree at its present size. */
static void
check_claims(TreeCheck *check)
{
	Verify *verify = check->verify;
	Claims *claims = &check->claims;
	uint8	root[SHA256_LEN];

	if (claims->row == NULL || claims->size != (int64) check->tree.size)
		return;
	merkle_root(&check->tree, root);
	while (claims->row != NULL && claims->size == (int64) check->tree.size)
	{
		bool  isnull;
		Datum stored = SPI_getbinval(claims->row, claims->desc, 3, &isnull);
		bool  same = memcmp(DatumGetPointer(stored), root, SHA256_LEN) == 0;
		char *kind = SPI_getvalue(claims->row, claims->desc, 2);

		if (kind[0] == 'c')
			check_checkpoint(check, same);
		else if (!same && kind[0] == 'i')
			verify_report(verify, VERIFY_CRITICAL, "incarnation", 0,
						  "incarnation %s began with another root than the log had",
						  SPI_getvalue(claims->row, claims->desc, 6));
		else if (!same)
			verify_report(verify, VERIFY_CRITICAL, "checkpoint", 0,
						  "\"%s\" signed another root for size " INT64_FORMAT,
						  SPI_getvalue(claims->row, claims->desc, 7), claims->size);
		next_claim(claims);
	}
}

/* A node of an upper level that the leaves make, against what is stored. */
static void
check_node(TreeCheck *check, int level, const uint8 node[SHA256_LEN])
{
	uint8 stored[SHA256_LEN];
	int64 unused;
	int64 place = tile_stream_place(check->upper[level]);

	if (!tile_stream_next(check->upper[level], stored, &unused))
		verify_report(check->verify, VERIFY_HIGH, "tile", 0,
					  "node " INT64_FORMAT " of level %d is missing", place, level);
	else if (memcmp(stored, node, SHA256_LEN) != 0)
		verify_report(check->verify, VERIFY_CRITICAL, "tile", 0,
					  "node " INT64_FORMAT " of level %d is not that of its events", place, level);
}

/* Builds the tree, and compares on the way. */
static void
build_tree(TreeCheck *check)
{
	Verify	   *verify = check->verify;
	TileStream *leaves = tile_stream_open(0);
	uint8		node[MERKLE_TILE_LEVELS][SHA256_LEN];
	uint8		hash[SHA256_LEN];
	int64		event_id;

	check_claims(check);
	while (tile_stream_next(leaves, hash, &event_id))
	{
		unsigned complete = merkle_append(&check->tree, hash, node);

		for (unsigned i = 0; i < complete; i++)
			check_node(check, (int) i + 1, node[i]);
		check_claims(check);
		CHECK_FOR_INTERRUPTS();
	}
	if (tile_stream_broken(leaves))
		verify_report(verify, VERIFY_CRITICAL, "tile", 0,
					  "tiles do not follow each other, or are not whole, from node " INT64_FORMAT
					  " of level 0 on", tile_stream_place(leaves));
	tile_stream_close(leaves);
}

/* What is stored beyond the tree's end. */
static void
check_end(TreeCheck *check)
{
	Verify *verify = check->verify;
	Claims *claims = &check->claims;
	uint8	hash[SHA256_LEN];
	int64	unused;
	int64	size = (int64) check->tree.size;

	for (int level = 1; level < MERKLE_TILE_LEVELS; level++)
		if (tile_stream_next(check->upper[level], hash, &unused) ||
			tile_stream_broken(check->upper[level]))
			verify_report(verify, VERIFY_CRITICAL, "tile", 0,
						  "level %d has nodes that no events stand behind", level);
	if (size > verify->size)
		verify_report(verify, VERIFY_CRITICAL, "rollback", 0,
					  "the tiles hold " INT64_FORMAT " events, the newest checkpoint " INT64_FORMAT,
					  size, verify->size);
	for (; claims->row != NULL; next_claim(claims))
		verify_report(verify, VERIFY_CRITICAL,
					  SPI_getvalue(claims->row, claims->desc, 2)[0] == 'c' ? "tile" : "rollback", 0,
					  "something was stored or signed of a log of size " INT64_FORMAT
					  ", which holds " INT64_FORMAT, claims->size, size);
}

void
verify_tree(Verify *verify)
{
	TreeCheck check;

	memset(&check, 0, sizeof(check));
	check.verify = verify;
	for (int level = 1; level < MERKLE_TILE_LEVELS; level++)
		check.upper[level] = tile_stream_open(level);
	check.claims.portal = SPI_cursor_open_with_args(NULL, claims_query, 0, NULL, NULL, NULL, true, 0);
	next_claim(&check.claims);
	build_tree(&check);
	check_end(&check);
	SPI_cursor_close(check.claims.portal);
	for (int level = 1; level < MERKLE_TILE_LEVELS; level++)
		tile_stream_close(check.upper[level]);
}
