/*
 * entry.c
 *		What is hashed of an event.
 *
 * The entry has what an event is about, in ids and words of ours, and of what was
 * sent only a salted hash, so that a log can be published, and what was sent erased,
 * without changing a leaf.  Columns are hashed under numbers that never change;
 * docs/trace-format.md has them.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "canon_jsonb.h"
#include "entry.h"
#include "hexid.h"
#include "merkle.h"

/* Seconds from 1970 to PostgreSQL's epoch. */
#define UNIX_EPOCH_US \
	((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (int64) USECS_PER_DAY)

/* How a column's values are written. */
typedef enum ColumnForm
{
	FORM_INT,
	FORM_TEXT,
	FORM_NAME,
	FORM_ENUM,
	FORM_TRACE_ID,
	FORM_SPAN_ID,
	FORM_BOOL,
	FORM_TIME,
	FORM_INTERVAL,
	FORM_JSONB
} ColumnForm;

typedef struct ColumnRule
{
	EventColumn column;
	uint16 field;
	ColumnForm form;
} ColumnRule;

/* ascending fields; never renumber */
static const ColumnRule header_rules[] = {
	{EVENT_OCCURRED_AT, 1, FORM_TIME},
	{EVENT_SYSTEM_ID, 2, FORM_INT},
	{EVENT_COMPONENT_ID, 3, FORM_INT},
	{EVENT_COMPONENT_VERSION, 4, FORM_TEXT},
	{EVENT_TARGET_ID, 5, FORM_INT},
	{EVENT_DEPENDENCY_ID, 6, FORM_INT},
	{EVENT_KIND, 7, FORM_ENUM},
	{EVENT_LEVEL, 8, FORM_ENUM},
	{EVENT_OUTCOME, 9, FORM_ENUM},
	{EVENT_TRACE_ID, 10, FORM_TRACE_ID},
	{EVENT_SPAN_ID, 11, FORM_SPAN_ID},
	{EVENT_PARENT_SPAN_ID, 12, FORM_SPAN_ID},
	{EVENT_DURATION, 13, FORM_INTERVAL},
	{EVENT_VALID, 14, FORM_BOOL},
	{EVENT_CONTRACT_VERSION, 15, FORM_INT},
	{EVENT_FINDINGS, 16, FORM_JSONB},
	{EVENT_DECISION, 17, FORM_ENUM},
	{EVENT_REASON, 18, FORM_TEXT},
	{EVENT_CALLER, 19, FORM_NAME},
	{EVENT_SESSION_ROLE, 20, FORM_NAME},
};

static const ColumnRule payload_rules[] = {
	{EVENT_MESSAGE, 1, FORM_TEXT},
	{EVENT_BODY, 2, FORM_JSONB},
	{EVENT_ATTRIBUTES, 3, FORM_JSONB},
	{EVENT_VIOLATIONS, 4, FORM_JSONB},
	{EVENT_CLAIMED_COMPONENT, 5, FORM_TEXT},
};

/* a buffer beyond this is given back */
#define KEEP_BYTES (1024 * 1024)

/* Labels of enums by their OID, a few dozen in all. */
#define LABELS 256
typedef struct Label
{
	Oid oid;
	NameData name;
} Label;

static Label label_cache[LABELS];
/* of two events that are hashed at once; the first of one alone */
static CanonBuffer buffers[2];

static void
grow(CanonBuffer *b, size_t more)
{
	size_t size = Max(b->size * 2, b->len + more);

	if (size > MaxAllocSize)
		size = Max(b->len + more, MaxAllocSize);
	b->data = b->data == NULL ? MemoryContextAllocHuge(TopMemoryContext, size)
							  : repalloc_huge(b->data, size);
	b->size = size;
}

/* An empty buffer; at its beginning "room" bytes that the caller fills. */
static CanonBuffer *
fresh_buffer(int which, size_t room)
{
	CanonBuffer *b = &buffers[which];

	if (b->size > KEEP_BYTES)
	{
		pfree(b->data);
		b->data = NULL;
		b->size = 0;
	}
	b->grow = grow;
	b->len = 0;
	if (b->size < 1024)
		grow(b, 1024);
	b->len = room;
	return b;
}

static void
forget_labels(Datum arg, int cache, uint32 hash)
{
	(void) arg;
	(void) cache;
	(void) hash;
	memset(label_cache, 0, sizeof(label_cache));
}

static const char *
label_of(Oid oid)
{
	static bool registered = false;
	Label *label = &label_cache[oid % LABELS];
	HeapTuple tuple;

	if (!registered)
		CacheRegisterSyscacheCallback(ENUMOID, forget_labels, (Datum) 0);
	registered = true;
	if (label->oid == oid)
		return NameStr(label->name);
	tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(oid));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for enum value %u", oid);
	label->name = ((Form_pg_enum) GETSTRUCT(tuple))->enumlabel;
	label->oid = oid;
	ReleaseSysCache(tuple);
	return NameStr(label->name);
}

static void
put_text(CanonBuffer *b, uint16 field, Datum value)
{
	text *packed = DatumGetTextPP(value);

	canon_bytes(b, field, CANON_TEXT, VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed));
	if ((Pointer) packed != DatumGetPointer(value))
		pfree(packed);
}

static void
put_jsonb(CanonBuffer *b, uint16 field, Datum value)
{
	Jsonb *jsonb = DatumGetJsonbP(value);
	size_t begin = canon_json_begin(b, field);

	canon_jsonb(b, jsonb);
	canon_json_end(b, begin);
	if ((Pointer) jsonb != DatumGetPointer(value))
		pfree(jsonb);
}

static void
put_interval(CanonBuffer *b, uint16 field, const Interval *value)
{
	canon_interval(b, field, value->month, value->day, value->time);
}

static void
put_column(CanonBuffer *b, const ColumnRule *rule, Datum value)
{
	const char *name;

	switch (rule->form)
	{
		case FORM_INT:
			canon_integer(b, rule->field, DatumGetInt32(value));
			break;
		case FORM_TEXT:
			put_text(b, rule->field, value);
			break;
		case FORM_NAME:
		case FORM_ENUM:
			name = rule->form == FORM_NAME ? NameStr(*DatumGetName(value))
										   : label_of(DatumGetObjectId(value));
			canon_bytes(b, rule->field, CANON_TEXT, name, strlen(name));
			break;
		case FORM_TRACE_ID:
			canon_bytes(b, rule->field, CANON_BYTES, DatumGetPointer(value), TRACE_ID_LEN);
			break;
		case FORM_SPAN_ID:
			canon_bytes(b, rule->field, CANON_BYTES, DatumGetPointer(value), SPAN_ID_LEN);
			break;
		case FORM_BOOL:
			canon_boolean(b, rule->field, DatumGetBool(value));
			break;
		case FORM_TIME:
			canon_time(b, rule->field, DatumGetTimestampTz(value) + UNIX_EPOCH_US);
			break;
		case FORM_INTERVAL:
			put_interval(b, rule->field, DatumGetIntervalP(value));
			break;
		case FORM_JSONB:
			put_jsonb(b, rule->field, value);
			break;
	}
}

static void
put_columns(CanonBuffer *b, const ColumnRule *rules, int n, const Event *event)
{
	for (int i = 0; i < n; i++)
		if (!event->nulls[rules[i].column])
			put_column(b, &rules[i], event->values[rules[i].column]);
}

bool
entry_is_payload(EventColumn column)
{
	for (int i = 0; i < (int) lengthof(payload_rules); i++)
		if (payload_rules[i].column == column)
			return true;
	return false;
}

bool
entry_has_payload(const Event *event)
{
	for (int i = 0; i < (int) lengthof(payload_rules); i++)
		if (!event->nulls[payload_rules[i].column])
			return true;
	return false;
}

/* Appends the entry to the buffer. */
static void
put_entry(CanonBuffer *b, const uint8 *log, const Event *event,
		  const uint8 *payload_hash)
{
	CanonHeader header;

	memcpy(header.log, log, CANON_UUID_LEN);
	header.event_id = DatumGetInt64(event->values[EVENT_EVENT_ID]);
	header.stamp = DatumGetInt64(event->values[EVENT_STAMP]);
	header.recorded_at =
		DatumGetTimestampTz(event->values[EVENT_RECORDED_AT]) + UNIX_EPOCH_US;
	canon_header(b, &header);
	put_columns(b, header_rules, lengthof(header_rules), event);
	canon_raw(b, payload_hash, SHA256_LEN);
}

/* What the payload hash is of, in a fresh buffer; NULL: not of an event without salt. */
static CanonBuffer *
salted_payload(int which, const Event *event)
{
	CanonBuffer *b;
	bytea		*salt;

	if (event->nulls[EVENT_SALT])
		return NULL;
	salt = DatumGetByteaPP(event->values[EVENT_SALT]);
	if (VARSIZE_ANY_EXHDR(salt) != CANON_SALT_LEN)
		return NULL;
	b = fresh_buffer(which, 0);
	canon_raw(b, VARDATA_ANY(salt), CANON_SALT_LEN);
	put_columns(b, payload_rules, lengthof(payload_rules), event);
	return b;
}

bool
entry_hash(const uint8 log[CANON_UUID_LEN], const Event *event, EntryHashes *hashes)
{
	CanonBuffer *b = salted_payload(0, event);

	if (b != NULL)
		sha256(b->data, b->len, hashes->payload);
	else if (!event->nulls[EVENT_SALT] || event->nulls[EVENT_PAYLOAD_HASH] || entry_has_payload(event))
		return false;
	else
		memcpy(hashes->payload, DatumGetPointer(event->values[EVENT_PAYLOAD_HASH]), SHA256_LEN);
	b = fresh_buffer(0, 1);
	put_entry(b, log, event, hashes->payload);
	merkle_leaf(b->data, b->len - 1, hashes->leaf);
	return true;
}

void
entry_hash_pair(const uint8 log[CANON_UUID_LEN], const Event *const events[2],
				EntryHashes hashes[2], bool hashed[2])
{
	CanonBuffer *b[2] = {salted_payload(0, events[0]), salted_payload(1, events[1])};

	if (b[0] == NULL || b[1] == NULL)
	{
		hashed[0] = entry_hash(log, events[0], &hashes[0]);
		hashed[1] = entry_hash(log, events[1], &hashes[1]);
		return;
	}
	sha256_pair((const void *const[2]){b[0]->data, b[1]->data}, (size_t[2]){b[0]->len, b[1]->len},
				(uint8 *const[2]){hashes[0].payload, hashes[1].payload});
	for (int i = 0; i < 2; i++)
	{
		b[i] = fresh_buffer(i, 1);
		put_entry(b[i], log, events[i], hashes[i].payload);
	}
	merkle_leaf_pair((uint8 *const[2]){b[0]->data, b[1]->data},
					 (size_t[2]){b[0]->len - 1, b[1]->len - 1},
					 (uint8 *const[2]){hashes[0].leaf, hashes[1].leaf});
	hashed[0] = hashed[1] = true;
}

const uint8 *
entry_bytes(const uint8 log[CANON_UUID_LEN], const Event *event,
			const uint8 payload_hash[SHA256_LEN], size_t *len)
{
	CanonBuffer *b = fresh_buffer(0, 0);

	put_entry(b, log, event, payload_hash);
	*len = b->len;
	return b->data;
}

const uint8 *
entry_payload(const Event *event, size_t *len)
{
	CanonBuffer *b = fresh_buffer(0, 0);

	put_columns(b, payload_rules, lengthof(payload_rules), event);
	*len = b->len;
	return b->data;
}

void
entry_salt(uint8 salt[CANON_SALT_LEN])
{
	/* one call of the generator for 256 events: 7 ns instead of 778 */
	static uint8 pool[4096];
	static size_t left = 0;

	if (left < CANON_SALT_LEN)
	{
		if (!pg_strong_random(pool, sizeof(pool)))
			ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
							errmsg("could not get random bytes for an event's salt")));
		left = sizeof(pool);
	}
	left -= CANON_SALT_LEN;
	memcpy(salt, pool + left, CANON_SALT_LEN);
	memset(pool + left, 0, CANON_SALT_LEN);
}
