/*
 * event_hash.c
 *		An event's entry and payload hash from its row, for SQL.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "utils/builtins.h"
#include "utils/typcache.h"

#include "maestro.h"

#include "entry.h"
#include "event.h"
#include "log.h"

/* The row that is the argument, and the log that it is of. */
static const LogState *
event_arg(FunctionCallInfo fcinfo, Event *event)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(0);
	const LogState *log = log_state(false);
	HeapTupleData	tuple;
	TupleDesc		desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header),
												  HeapTupleHeaderGetTypMod(header));

	if (log == NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("there is no log yet"),
						errhint("It is made with the first event, or by maestro.seal().")));
	if (desc->natts != EVENT_NATTS)
		elog(ERROR, "an event has %d columns", EVENT_NATTS);
	memset(&tuple, 0, sizeof(tuple));
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	tuple.t_data = header;
	heap_deform_tuple(&tuple, desc, event->values, event->nulls);
	ReleaseTupleDesc(desc);
	return log;
}

pg_noreturn static void
refuse_row(void)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("this row cannot be hashed"),
					errhint("It needs an id, times, a stamp, and a salt of 16 bytes or, "
							"without payload, a payload hash.")));
}

/* event_payload_hash(event) -> digest */
MAESTRO_FUNCTION(event_payload_hash)
{
	Event			event;
	EntryHashes	   *hashes = palloc(sizeof(EntryHashes));
	const LogState *log = event_arg(fcinfo, &event);

	if (event.nulls[EVENT_EVENT_ID] || event.nulls[EVENT_RECORDED_AT] ||
		event.nulls[EVENT_STAMP] || !entry_hash(log->uuid, &event, hashes))
		refuse_row();
	PG_RETURN_POINTER(hashes->payload);
}

static Datum
bytes_out(const uint8 *bytes, size_t len)
{
	bytea *result = palloc(VARHDRSZ + len);

	SET_VARSIZE(result, VARHDRSZ + len);
	memcpy(VARDATA(result), bytes, len);
	return PointerGetDatum(result);
}

/* event_payload(event) -> bytea */
MAESTRO_FUNCTION(event_payload)
{
	Event		 event;
	const uint8 *payload;
	size_t		 len;

	(void) event_arg(fcinfo, &event);
	payload = entry_payload(&event, &len);
	return bytes_out(payload, len);
}

/* event_entry(event) -> bytea */
MAESTRO_FUNCTION(event_entry)
{
	Event			event;
	const LogState *log = event_arg(fcinfo, &event);
	const uint8	   *entry;
	size_t			len;

	if (event.nulls[EVENT_EVENT_ID] || event.nulls[EVENT_RECORDED_AT] ||
		event.nulls[EVENT_STAMP] || event.nulls[EVENT_PAYLOAD_HASH])
		refuse_row();
	entry = entry_bytes(log->uuid, &event, (uint8 *) DatumGetPointer(event.values[EVENT_PAYLOAD_HASH]), &len);
	return bytes_out(entry, len);
}
