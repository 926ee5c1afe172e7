/*
 * checkpoint.c
 *		Checkpoints as they leave the database.
 *
 * A checkpoint that is signed binds for ever.  So the one of a transaction that may
 * still roll back is not signed, nor any of a copy of the log until somebody
 * has said which is the log.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"

#include "compat.h"
#include "errcodes.h"

#include "base64.h"
#include "checkpoint.h"
#include "guc.h"
#include "log.h"
#include "log_key.h"
#include "note.h"
#include "proof.h"
#include "statement.h"

/* One text from the log's own tables, NULL if there is no row. */
static char *
select_text(const char *query, int nargs, Oid *types, Datum *args)
{
	if (SPI_execute_with_args(query, nargs, types, args, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the log's own tables");
	if (SPI_processed == 0)
		return NULL;
	return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
}

static void
fill_origin(NoteCheckpoint *checkpoint)
{
	char *origin = select_text("SELECT origin FROM maestro.log", 0, NULL, NULL);

	if (origin == NULL || !note_is_name(origin, strlen(origin)))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("there is no log yet"),
						errhint("It is made with the first event, or by maestro.seal().")));
	strlcpy(checkpoint->origin, origin, sizeof(checkpoint->origin));
}

static void
refuse_copies(void)
{
	const LogState *log = log_state(false);
	char		   *adopted = select_text("SELECT adopted_at::text FROM maestro.incarnation"
										  " ORDER BY no DESC LIMIT 1", 0, NULL, NULL);

	if (log == NULL || !log->is_same || adopted == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_MAESTRO_UNADOPTED),
				 errmsg("this database was restored, copied or reset, and signs nothing"),
				 errhint("If it continues the log, say so with maestro.adopt_log(reason); if "
						 "the log goes on elsewhere, or was ahead, with maestro.log_fork(reason).")));
}

static void
newest(NoteCheckpoint *checkpoint)
{
	ProofHead head;

	fill_origin(checkpoint);
	refuse_copies();
	proof_head(&head);
	if (head.size == 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("the log has no checkpoint yet"),
						errhint("maestro.seal() makes one when there are events.")));
	if (head.is_own)
		ereport(ERROR, (errcode(ERRCODE_INVALID_TRANSACTION_STATE),
						errmsg("the checkpoint is of this transaction, which may still roll back"),
						errhint("Commit first.")));
	checkpoint->size = head.size;
	memcpy(checkpoint->root, head.root, SHA256_LEN);
}

char *
checkpoint_text(int64 *size)
{
	NoteCheckpoint checkpoint;
	char		  *text = palloc(NOTE_TEXT_MAX);

	newest(&checkpoint);
	*size = checkpoint.size;
	(void) note_print_checkpoint(&checkpoint, text);
	return text;
}

/* Adds the lines that were added to the checkpoint of that size and root. */
static void
append_cosignatures(StringInfo note, const NoteCheckpoint *checkpoint, bool with_own)
{
	Oid	   types[4] = {INT8OID, TEXTOID, BYTEAOID, BOOLOID};
	bytea *root = palloc(VARHDRSZ + SHA256_LEN);
	Datum  args[4] = {Int64GetDatum(checkpoint->size), CStringGetTextDatum(checkpoint->origin),
					  PointerGetDatum(root), BoolGetDatum(with_own)};

	SET_VARSIZE(root, VARHDRSZ + SHA256_LEN);
	memcpy(VARDATA(root), checkpoint->root, SHA256_LEN);
	if (SPI_execute_with_args("SELECT line FROM maestro.cosignature WHERE size = $1 AND origin = $2"
							  " AND root::bytea = $3 AND (name <> $2 OR $4) ORDER BY name = $2 DESC, added_at, line",
							  4, types, args, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read cosignatures");
	for (uint64 i = 0; i < SPI_processed; i++)
		appendStringInfo(note, "%s\n",
						 SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1));
}

/*
 * Where the log is signed outside: its newest checkpoint that came back signed, since
 * sealing goes on meanwhile.  False: none has.
 */
static bool
newest_signed_outside(NoteCheckpoint *checkpoint)
{
	Oid	  types[1] = {TEXTOID};
	Datum args[1] = {CStringGetTextDatum(checkpoint->origin)};
	bool  isnull;

	if (SPI_execute_with_args("SELECT k.size, k.root FROM maestro.cosignature c JOIN maestro.checkpoint k"
							  " ON k.size = c.size AND k.root = c.root WHERE c.name = $1 AND c.origin = $1"
							  " ORDER BY k.size DESC LIMIT 1",
							  1, types, args, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read signed checkpoints");
	if (SPI_processed == 0)
		return false;
	checkpoint->size = statement_int64(1);
	memcpy(checkpoint->root,
		   DatumGetPointer(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull)),
		   SHA256_LEN);
	return true;
}

/* Is the first of the lines a signature by that name? */
static bool
is_signed_by(const StringInfoData *lines, const char *name)
{
	size_t len = strlen(name);

	return strncmp(lines->data, "\xe2\x80\x94 ", 4) == 0 && strncmp(lines->data + 4, name, len) == 0 &&
		   lines->data[4 + len] == ' ';
}

char *
checkpoint_signed(int64 *size)
{
	NoteCheckpoint checkpoint;
	NoteKey		   key;
	char		   text[NOTE_TEXT_MAX];
	char		   line[NOTE_LINE_MAX];
	size_t		   len;
	StringInfoData note;
	StringInfoData added;
	bool		   signs_here = guc_seal_key_file != NULL && guc_seal_key_file[0] != '\0';

	newest(&checkpoint);
	if (!signs_here)
		(void) newest_signed_outside(&checkpoint);
	*size = checkpoint.size;
	len = note_print_checkpoint(&checkpoint, text);
	initStringInfo(&note);
	initStringInfo(&added);
	append_cosignatures(&added, &checkpoint, !signs_here);
	appendStringInfo(&note, "%s\n", text);
	/* with our own key if there is one, whoever else took the log's name */
	if (signs_here || !is_signed_by(&added, checkpoint.origin))
	{
		log_key_sign(checkpoint.origin, text, len, line, &key);
		appendStringInfoString(&note, line);
	}
	appendStringInfoString(&note, added.data);
	return note.data;
}

/* Is that a checkpoint that we made, under our present name? */
static bool
is_ours(const NoteCheckpoint *checkpoint)
{
	NoteCheckpoint own;
	Oid			   types[1] = {INT8OID};
	Datum		   args[1] = {Int64GetDatum(checkpoint->size)};
	bool		   isnull;

	fill_origin(&own);
	if (strcmp(own.origin, checkpoint->origin) != 0 ||
		SPI_execute_with_args("SELECT root FROM maestro.checkpoint WHERE size = $1", 1, types, args,
							  NULL, true, 1) != SPI_OK_SELECT || SPI_processed == 0)
		return false;
	return memcmp(DatumGetPointer(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull)),
				  checkpoint->root, SHA256_LEN) == 0;
}

/* The keys that are trusted now; how many. */
static int
read_trusted(NoteKey keys[NOTE_SIGNATURES_MAX])
{
	int n = 0;

	if (SPI_execute("SELECT vkey FROM maestro.trusted_key WHERE ended_at IS NULL ORDER BY key_id", true,
					NOTE_SIGNATURES_MAX) != SPI_OK_SELECT)
		elog(ERROR, "could not read trusted keys");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char *vkey = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);

		if (note_read_key(vkey, strlen(vkey), &keys[n]))
			n++;
	}
	return n;
}

/* Stores a line, unless there is one by that name. */
static int
store_signature(const NoteCheckpoint *checkpoint, const NoteSignature *s)
{
	Oid	  types[5] = {INT8OID, TEXTOID, TEXTOID, BYTEAOID, TEXTOID};
	Datum args[5] = {Int64GetDatum(checkpoint->size), CStringGetTextDatum(s->name),
					 PointerGetDatum(cstring_to_text_with_len(s->line, (int) s->line_len)),
					 PointerGetDatum(cstring_to_text_with_len((const char *) checkpoint->root, SHA256_LEN)),
					 CStringGetTextDatum(checkpoint->origin)};

	/* a witness signs again with another time: one line of each is enough */
	if (SPI_execute_with_args("INSERT INTO maestro.cosignature (size, name, line, root, origin)"
							  " SELECT $1, $2, $3, $4::maestro.digest, $5 WHERE NOT EXISTS"
							  " (SELECT FROM maestro.cosignature c WHERE c.size = $1 AND c.name = $2"
							  " AND c.origin = $5) ON CONFLICT DO NOTHING",
							  5, types, args, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not store a signature");
	return (int) SPI_processed;
}

int
checkpoint_add_signatures(const char *note, size_t len)
{
	NoteParts	  *parts = palloc(sizeof(NoteParts));
	NoteKey		  *keys = palloc(NOTE_SIGNATURES_MAX * sizeof(NoteKey));
	NoteCheckpoint checkpoint;
	int			   nkey = read_trusted(keys);
	int			   added = 0;

	if (!note_parse(note, len, parts) ||
		!note_read_checkpoint(note, parts->text_len, &checkpoint))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("this is no signed checkpoint"),
						errhint("It is the text of maestro.checkpoint_body(), an empty line, and "
								"signature lines.")));
	if (!is_ours(&checkpoint))
		ereport(ERROR, (errcode(ERRCODE_MAESTRO_TAMPERED),
						errmsg("this log has made no such checkpoint"),
						errhint("Either the note is of another log, or this one was rolled back "
								"or changed; keep the note, and see maestro.verify().")));
	if (nkey == 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("no key is trusted to sign checkpoints"),
						errhint("Say which are with maestro.trust_key(vkey).")));
	for (int k = 0; k < nkey; k++)
		for (int i = 0; i < parts->nsignature; i++)
		{
			const NoteSignature *s = &parts->signature[i];

			if (strcmp(s->name, keys[k].name) != 0 || memcmp(s->id, keys[k].id, sizeof(s->id)) != 0)
				continue;
			if (!note_verify(note, parts, &keys[k]))
				ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
								errmsg("the signature of a trusted key is wrong")));
			added += store_signature(&checkpoint, s);
		}
	return added;
}

void
checkpoint_print_proof(StringInfo text, const MerkleProof *proof)
{
	char line[BASE64_LEN(SHA256_LEN)];

	for (unsigned i = 0; i < proof->count; i++)
	{
		base64_encode(proof->hash[i], SHA256_LEN, line);
		appendStringInfo(text, "%.*s\n", (int) sizeof(line), line);
	}
}
