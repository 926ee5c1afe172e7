/*
 * seal_sql.c
 *		seal(), and the Merkle functions that need no log.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "maestro.h"

#include "gate.h"
#include "merkle.h"
#include "seal.h"

static bytea *
digest_bytes(const uint8 hash[SHA256_LEN])
{
	bytea *result = palloc(VARHDRSZ + SHA256_LEN);

	SET_VARSIZE(result, VARHDRSZ + SHA256_LEN);
	memcpy(VARDATA(result), hash, SHA256_LEN);
	return result;
}

/* seal() -> (sealed, size, root) */
MAESTRO_FUNCTION(seal)
{
	SealResult result;
	TupleDesc  desc;
	Datum	   values[3];
	bool	   nulls[3] = {false, false, false};

	gate_refuse_restricted("maestro.seal");
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "seal must return a row");
	seal_run(false, &result);
	values[0] = Int64GetDatum(result.sealed);
	values[1] = Int64GetDatum(result.size);
	values[2] = PointerGetDatum(result.root);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/* leaf_hash(bytea) -> bytea */
MAESTRO_FUNCTION(leaf_hash)
{
	bytea *entry = PG_GETARG_BYTEA_PP(0);
	size_t len = VARSIZE_ANY_EXHDR(entry);
	uint8 *room = palloc(len + 1);
	uint8  hash[SHA256_LEN];

	memcpy(room + 1, VARDATA_ANY(entry), len);
	merkle_leaf(room, len, hash);
	pfree(room);
	PG_RETURN_BYTEA_P(digest_bytes(hash));
}

/* merkle_root(bytea[]) -> bytea */
MAESTRO_FUNCTION(merkle_root)
{
	ArrayType	  *array = PG_GETARG_ARRAYTYPE_P(0);
	MerkleFrontier tree;
	uint8		   node[MERKLE_TILE_LEVELS][SHA256_LEN];
	uint8		   root[SHA256_LEN];
	Datum		  *leaves;
	bool		  *nulls;
	int			   n;

	deconstruct_array(array, BYTEAOID, -1, false, TYPALIGN_INT, &leaves, &nulls, &n);
	tree.size = 0;
	for (int i = 0; i < n; i++)
	{
		bytea *leaf = nulls[i] ? NULL : DatumGetByteaPP(leaves[i]);

		if (leaf == NULL || VARSIZE_ANY_EXHDR(leaf) != SHA256_LEN)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("leaf %d of a Merkle tree is not 32 bytes", i + 1),
							errhint("Leaves are hashes, such as maestro.leaf_hash gives.")));
		(void) merkle_append(&tree, (const uint8 *) VARDATA_ANY(leaf), node);
	}
	merkle_root(&tree, root);
	PG_RETURN_BYTEA_P(digest_bytes(root));
}

/* A hash argument; false if it is none. */
static bool
hash_arg(FunctionCallInfo fcinfo, int i, const uint8 **hash)
{
	bytea *value;

	if (PG_ARGISNULL(i))
		return false;
	value = PG_GETARG_BYTEA_PP(i);
	*hash = (const uint8 *) VARDATA_ANY(value);
	return VARSIZE_ANY_EXHDR(value) == SHA256_LEN;
}

/* A proof as an array; false if it is none, whatever is wrong with it. */
static bool
proof_arg(FunctionCallInfo fcinfo, int i, MerkleProof *proof)
{
	ArrayType *array;
	Datum	  *hashes;
	bool	  *nulls;
	int		   n;

	if (PG_ARGISNULL(i))
		return false;
	array = PG_GETARG_ARRAYTYPE_P(i);
	if (ARR_NDIM(array) > 1 ||
		ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) > MERKLE_PROOF_MAX)
		return false;
	deconstruct_array(array, BYTEAOID, -1, false, TYPALIGN_INT, &hashes, &nulls, &n);
	proof->count = (unsigned) n;
	for (int k = 0; k < n; k++)
	{
		bytea *hash = nulls[k] ? NULL : DatumGetByteaPP(hashes[k]);

		if (hash == NULL || VARSIZE_ANY_EXHDR(hash) != SHA256_LEN)
			return false;
		memcpy(proof->hash[k], VARDATA_ANY(hash), SHA256_LEN);
	}
	return true;
}

/* verify_inclusion(leaf bytea, index int8, size int8, proof bytea[], root bytea) */
MAESTRO_FUNCTION(verify_inclusion)
{
	MerkleProof	 proof;
	const uint8 *leaf;
	const uint8 *root;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_GETARG_INT64(1) < 0 ||
		PG_GETARG_INT64(2) < 0 || !hash_arg(fcinfo, 0, &leaf) || !hash_arg(fcinfo, 4, &root) ||
		!proof_arg(fcinfo, 3, &proof))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(merkle_verify_inclusion(leaf, (uint64) PG_GETARG_INT64(1),
										   (uint64) PG_GETARG_INT64(2), &proof, root));
}

/* verify_consistency(size1 int8, size2 int8, proof bytea[], root1 bytea, root2 bytea) */
MAESTRO_FUNCTION(verify_consistency)
{
	MerkleProof	 proof;
	const uint8 *root1;
	const uint8 *root2;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_GETARG_INT64(0) < 0 ||
		PG_GETARG_INT64(1) < 0 || !proof_arg(fcinfo, 2, &proof) || !hash_arg(fcinfo, 3, &root1) ||
		!hash_arg(fcinfo, 4, &root2))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(merkle_verify_consistency((uint64) PG_GETARG_INT64(0),
											 (uint64) PG_GETARG_INT64(1), &proof, root1,
											 root2));
}
