/*
 * proof_sql.c
 *		Proofs and exports of the Merkle tree, for SQL.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "port/pg_bswap.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "maestro.h"

#include "checkpoint.h"
#include "owner.h"
#include "proof.h"
#include "tiles.h"

static Datum
proof_array(const MerkleProof *proof)
{
	Datum	   hashes[MERKLE_PROOF_MAX];
	ArrayType *array;

	for (unsigned i = 0; i < proof->count; i++)
		hashes[i] = PointerGetDatum(
			cstring_to_text_with_len((const char *) proof->hash[i], SHA256_LEN));
	array = construct_array(hashes, (int) proof->count, BYTEAOID, -1, false, TYPALIGN_INT);
	return PointerGetDatum(array);
}

pg_noreturn static void
refuse_event(void)
{
	ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND),
					errmsg("the event is in no tile of the log"),
					errhint("maestro.seal() adds what has committed; it may not exist at all.")));
}

/* A size that the tree has had: from "least" to its present one. */
static int64
size_arg(FunctionCallInfo fcinfo, int i, int64 least)
{
	ProofHead head;
	int64	  size;

	proof_head(&head);
	size = PG_ARGISNULL(i) ? head.size : PG_GETARG_INT64(i);
	if (size < least || size > head.size)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the log has not had this size with it"),
						errdetail("Its size is " INT64_FORMAT ".", head.size)));
	return size;
}

/* event_index(event_id) -> bigint */
MAESTRO_FUNCTION(event_index)
{
	OwnerCall call;
	int64	  index;
	bool	  found;

	owner_call_begin(&call);
	found = proof_index(PG_GETARG_INT64(0), &index);
	owner_call_end(&call);
	if (!found)
		PG_RETURN_NULL();
	PG_RETURN_INT64(index);
}

/* inclusion_proof(event_id [, size]) -> bytea[] */
MAESTRO_FUNCTION(inclusion_proof)
{
	OwnerCall	call;
	MerkleProof proof;
	int64		index;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	owner_call_begin(&call);
	if (!proof_index(PG_GETARG_INT64(0), &index))
		refuse_event();
	proof_inclusion(index, size_arg(fcinfo, 1, index + 1), &proof);
	owner_call_end(&call);
	return proof_array(&proof);
}

/* consistency_proof(size1, size2) -> bytea[] */
MAESTRO_FUNCTION(consistency_proof)
{
	OwnerCall	call;
	MerkleProof proof;
	int64		size2;

	owner_call_begin(&call);
	size2 = size_arg(fcinfo, 1, 1);
	if (PG_GETARG_INT64(0) < 1 || PG_GETARG_INT64(0) > size2)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a log is consistent with an earlier size of its own"),
						errhint("size1 is from 1 to size2.")));
	proof_consistency(PG_GETARG_INT64(0), size2, &proof);
	owner_call_end(&call);
	return proof_array(&proof);
}

/* Copies what was made in SPI's context into the caller's. */
static text *
text_out(MemoryContext context, const char *data, size_t len)
{
	MemoryContext saved = MemoryContextSwitchTo(context);
	text		 *result = cstring_to_text_with_len(data, (int) len);

	MemoryContextSwitchTo(saved);
	return result;
}

/* proof(event_id) -> text: C2SP tlog-proof@v1 */
MAESTRO_FUNCTION(proof)
{
	MemoryContext  context = CurrentMemoryContext;
	OwnerCall	   call;
	MerkleProof	   proof;
	StringInfoData out;
	char		  *note;
	int64		   index;
	int64		   size;
	text		  *result;

	owner_call_begin(&call);
	if (!proof_index(PG_GETARG_INT64(0), &index))
		refuse_event();
	note = checkpoint_signed(&size);
	proof_inclusion(index, size, &proof);
	initStringInfo(&out);
	appendStringInfo(&out, "c2sp.org/tlog-proof@v1\nindex " INT64_FORMAT "\n", index);
	checkpoint_print_proof(&out, &proof);
	appendStringInfo(&out, "\n%s", note);
	result = text_out(context, out.data, out.len);
	owner_call_end(&call);
	PG_RETURN_TEXT_P(result);
}

/* witness_request(old_size) -> text: C2SP tlog-witness add-checkpoint */
MAESTRO_FUNCTION(witness_request)
{
	MemoryContext  context = CurrentMemoryContext;
	OwnerCall	   call;
	MerkleProof	   proof = {0};
	StringInfoData out;
	int64		   old_size = PG_GETARG_INT64(0);
	int64		   size;
	char		  *note;
	text		  *result;

	owner_call_begin(&call);
	note = checkpoint_signed(&size);
	if (old_size < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the size that a witness has seen is 0 or more")));
	if (old_size > size)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the log is smaller than what the witness has seen"),
						errdetail("Its size is " INT64_FORMAT ".", size),
						errhint("It was rolled back: see maestro.verify() and maestro.log_fork().")));
	/* from nothing, and to itself, there is nothing to prove */
	if (old_size > 0 && old_size < size)
		proof_consistency(old_size, size, &proof);
	initStringInfo(&out);
	appendStringInfo(&out, "old " INT64_FORMAT "\n", old_size);
	checkpoint_print_proof(&out, &proof);
	appendStringInfo(&out, "\n%s", note);
	result = text_out(context, out.data, out.len);
	owner_call_end(&call);
	PG_RETURN_TEXT_P(result);
}

/* The arguments n and width of an export, from position i on. */
static void
check_tile(int level, int64 n, int32 width)
{
	if (level < 0 || level >= MERKLE_TILE_LEVELS || n < 0 || n > MERKLE_SIZE_MAX / MERKLE_TILE ||
		width < 1 || width > MERKLE_TILE)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("there are no such tiles"),
						errhint("Levels are from 0 to %d, widths from 1 to %d.",
								MERKLE_TILE_LEVELS - 1, MERKLE_TILE)));
}

pg_noreturn static void
refuse_tile(void)
{
	ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND),
					errmsg("the log has no such tile of this width yet")));
}

/* tile_export(level, n, width) -> bytea */
MAESTRO_FUNCTION(tile_export)
{
	int32	  level = PG_GETARG_INT32(0);
	int64	  n = PG_GETARG_INT64(1);
	int32	  width = PG_GETARG_INT32(2);
	uint8	(*hashes)[SHA256_LEN] = palloc(MERKLE_TILE * SHA256_LEN);
	OwnerCall call;
	int		  have;

	check_tile(level, n, width);
	owner_call_begin(&call);
	have = tiles_read(level, n * MERKLE_TILE, width, hashes, NULL);
	owner_call_end(&call);
	if (have < width)
		refuse_tile();
	PG_RETURN_BYTEA_P((bytea *) cstring_to_text_with_len((char *) hashes, width * SHA256_LEN));
}

/* Appends each event's entry with its length before it. */
static void
append_entries(StringInfo out, uint8 (*ids)[8], int n)
{
	static const char query[] =
		"SELECT x.entry FROM unnest($1) WITH ORDINALITY u (id, place)"
		" LEFT JOIN LATERAL (SELECT maestro.event_entry(e) AS entry FROM maestro.event e"
		" WHERE e.event_id = u.id LIMIT 1) x ON true ORDER BY u.place";
	Oid	  types[1] = {INT8ARRAYOID};
	Datum args[1];
	Datum id[MERKLE_TILE];

	for (int i = 0; i < n; i++)
	{
		uint64 bits;

		memcpy(&bits, ids[i], 8);
		id[i] = Int64GetDatum((int64) pg_ntoh64(bits));
	}
	args[0] = PointerGetDatum(
		construct_array(id, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	if (SPI_execute_with_args(query, 1, types, args, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read entries");
	for (int i = 0; i < n; i++)
	{
		bool   isnull;
		Datum  value = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);
		bytea *entry = isnull ? NULL : DatumGetByteaPP(value);
		uint16 len;

		if (entry == NULL)
			ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND),
							errmsg("event " INT64_FORMAT " is not there any more", DatumGetInt64(id[i])),
							errhint("Events of dropped partitions are exported before; else see "
									"maestro.verify().")));
		if (VARSIZE_ANY_EXHDR(entry) > PG_UINT16_MAX)
			ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
							errmsg("event " INT64_FORMAT " is too large for an export", DatumGetInt64(id[i]))));
		len = pg_hton16((uint16) VARSIZE_ANY_EXHDR(entry));
		appendBinaryStringInfo(out, (char *) &len, 2);
		appendBinaryStringInfo(out, VARDATA_ANY(entry), (int) VARSIZE_ANY_EXHDR(entry));
	}
}

/* entries_export(n, width) -> bytea */
MAESTRO_FUNCTION(entries_export)
{
	MemoryContext  context = CurrentMemoryContext;
	int64		   n = PG_GETARG_INT64(0);
	int32		   width = PG_GETARG_INT32(1);
	uint8		   hashes[MERKLE_TILE][SHA256_LEN];
	uint8		   ids[MERKLE_TILE][8];
	OwnerCall	   call;
	StringInfoData out;
	text		  *result;

	check_tile(0, n, width);
	owner_call_begin(&call);
	if (tiles_read(0, n * MERKLE_TILE, width, hashes, ids) < width)
		refuse_tile();
	initStringInfo(&out);
	append_entries(&out, ids, width);
	result = text_out(context, out.data, out.len);
	owner_call_end(&call);
	PG_RETURN_BYTEA_P((bytea *) result);
}
