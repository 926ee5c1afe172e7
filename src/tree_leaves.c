/*
 * tree_leaves.c
 *		tree_leaves(): the events in the tree's order.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"

#include "maestro.h"

#include "owner.h"
#include "tile_stream.h"

/* tree_leaves() -> (index, event_id, leaf) */
MAESTRO_FUNCTION(tree_leaves)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	OwnerCall	   call;
	TileStream	  *stream;
	uint8		   hash[SHA256_LEN];
	int64		   event_id;

	InitMaterializedSRF(fcinfo, 0);
	owner_call_begin(&call);
	stream = tile_stream_open(0);
	while (tile_stream_next(stream, hash, &event_id))
	{
		Datum values[3] = {Int64GetDatum(tile_stream_place(stream) - 1), Int64GetDatum(event_id),
						   PointerGetDatum(hash)};
		bool  nulls[3] = {false, false, false};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		CHECK_FOR_INTERRUPTS();
	}
	tile_stream_close(stream);
	owner_call_end(&call);
	return (Datum) 0;
}
