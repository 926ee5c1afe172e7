/*
 * checkpoint_sql.c
 *		Checkpoints and signed notes, for SQL.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "maestro.h"

#include "checkpoint.h"
#include "gate.h"
#include "log.h"
#include "log_key.h"
#include "owner.h"

/* Runs one of the two as the owner, and brings the text out. */
static Datum
checkpoint_out(char *(*make)(int64 *size))
{
	MemoryContext context = CurrentMemoryContext;
	OwnerCall	  call;
	char		 *made;
	int64		  size;
	text		 *result;

	owner_call_begin(&call);
	made = make(&size);
	MemoryContextSwitchTo(context);
	result = cstring_to_text(made);
	owner_call_end(&call);
	PG_RETURN_TEXT_P(result);
}

/* checkpoint_body() -> text */
MAESTRO_FUNCTION(checkpoint_body)
{
	return checkpoint_out(checkpoint_text);
}

/* checkpoint_note() -> text */
MAESTRO_FUNCTION(checkpoint_note)
{
	return checkpoint_out(checkpoint_signed);
}

/* add_checkpoint_signature(note) -> integer */
MAESTRO_FUNCTION(add_checkpoint_signature)
{
	text	 *note = PG_GETARG_TEXT_PP(0);
	OwnerCall call;
	volatile int added = 0;

	gate_refuse_restricted("maestro.add_checkpoint_signature");
	owner_call_begin(&call);
	gate_open();
	PG_TRY();
	{
		added = checkpoint_add_signatures(VARDATA_ANY(note), VARSIZE_ANY_EXHDR(note));
	}
	PG_FINALLY();
	{
		gate_close();
	}
	PG_END_TRY();
	owner_call_end(&call);
	PG_RETURN_INT32(added);
}

/* The log's name; NULL without log. */
static char *
log_origin(void)
{
	MemoryContext context = CurrentMemoryContext;
	OwnerCall	  call;
	char		 *origin = NULL;

	owner_call_begin(&call);
	/* the statement itself may have made it */
	PushActiveSnapshot(GetLatestSnapshot());
	if (SPI_execute("SELECT origin FROM maestro.log", true, 1) == SPI_OK_SELECT && SPI_processed > 0)
		origin = MemoryContextStrdup(
			context, SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1));
	PopActiveSnapshot();
	owner_call_end(&call);
	return origin;
}

static Datum
key_out(const NoteKey *key)
{
	char text[NOTE_VKEY_MAX];

	note_print_key(key, text);
	PG_RETURN_TEXT_P(cstring_to_text(text));
}

/* generate_log_key(path) -> text */
MAESTRO_FUNCTION(generate_log_key)
{
	NoteKey key;
	char   *origin;

	gate_refuse_restricted("maestro.generate_log_key");
	if (!superuser())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("only a superuser makes files on the server"),
						errhint("A key can also be made and kept outside: see "
								"maestro.checkpoint_body().")));
	(void) log_state(true);
	origin = log_origin();
	if (origin == NULL)
		elog(ERROR, "the log was created and is not there");
	log_key_generate(text_to_cstring(PG_GETARG_TEXT_PP(0)), origin, &key);
	return key_out(&key);
}

/* log_public_key() -> text */
MAESTRO_FUNCTION(log_public_key)
{
	char   *origin = log_origin();
	char	line[NOTE_LINE_MAX];
	NoteKey key;

	if (origin == NULL)
		PG_RETURN_NULL();
	log_key_sign(origin, "", 0, line, &key);
	return key_out(&key);
}

/* verify_note(note, vkey) -> boolean */
MAESTRO_FUNCTION(verify_note)
{
	text	  *note = PG_GETARG_TEXT_PP(0);
	text	  *vkey = PG_GETARG_TEXT_PP(1);
	NoteParts *parts = palloc(sizeof(NoteParts));
	NoteKey	   key;

	if (!note_read_key(VARDATA_ANY(vkey), VARSIZE_ANY_EXHDR(vkey), &key))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("this is no verifier key"),
						errhint("It is name+id+key, as maestro.generate_log_key returns it.")));
	if (!note_parse(VARDATA_ANY(note), VARSIZE_ANY_EXHDR(note), parts))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(note_verify(VARDATA_ANY(note), parts, &key));
}
