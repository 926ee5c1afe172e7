/*
 * event.h
 *		The event table: its columns, and the only code that inserts into it.
 */
#ifndef MAESTRO_EVENT_H
#define MAESTRO_EVENT_H

#include "datatype/timestamp.h"

/* the columns of maestro.event, in the table's order; event.c has the names */
typedef enum EventColumn
{
	EVENT_EVENT_ID,
	EVENT_RECORDED_AT,
	EVENT_OCCURRED_AT,
	EVENT_SYSTEM_ID,
	EVENT_COMPONENT_ID,
	EVENT_COMPONENT_VERSION,
	EVENT_TARGET_ID,
	EVENT_DEPENDENCY_ID,
	EVENT_KIND,
	EVENT_LEVEL,
	EVENT_OUTCOME,
	EVENT_TRACE_ID,
	EVENT_SPAN_ID,
	EVENT_PARENT_SPAN_ID,
	EVENT_DURATION,
	EVENT_MESSAGE,
	EVENT_BODY,
	EVENT_ATTRIBUTES,
	EVENT_VALID,
	EVENT_CONTRACT_VERSION,
	EVENT_VIOLATIONS,
	EVENT_FINDINGS,
	EVENT_DECISION,
	EVENT_REASON,
	EVENT_CLAIMED_COMPONENT,
	EVENT_CALLER,
	EVENT_SESSION_ROLE,
	EVENT_STAMP,
	EVENT_SALT,
	EVENT_PAYLOAD_HASH,
	EVENT_LEAF,
	EVENT_NATTS
} EventColumn;

/* a row; of one to be event_write fills in event_id, stamp, salt and hashes */
typedef struct Event
{
	Datum values[EVENT_NATTS];
	bool  nulls[EVENT_NATTS];
} Event;

/* what a backend keeps of the catalog: OIDs of the enums' labels */
typedef struct EventLabels
{
	Oid kind_input;
	Oid kind_output;
	Oid kind_handoff;
	Oid kind_tool_call;
	Oid kind_error;
	Oid kind_rejected;
	Oid kind_registry;
	Oid level_info;
	Oid level_warn;
	Oid level_error;
	Oid outcome_error;
	Oid outcome_timeout;
	Oid decision_allow;
	Oid decision_deny;
} EventLabels;

typedef struct EventWriter EventWriter;

/* Inserts as many events as wanted; ends with the transaction on error. */
extern EventWriter *event_writer_begin(void);
extern int64 event_write(EventWriter *writer, Event *event);
extern void event_writer_end(EventWriter *writer);

/* the partition that holds a time, InvalidOid when there is none, whatever the snapshot */
extern Oid event_leaf(TimestampTz at);

/*
 * An event as one piece of memory, to be handed to another process of this database: a
 * tuple of the table's columns, palloc'd.  Of another making of the extension it is not
 * taken: false.
 */
struct HeapTupleData;
extern struct HeapTupleData *event_pack(Event *event, Oid *table);
extern bool event_unpack(struct HeapTupleData *tuple, Oid table, Event *event);

struct RelationData;

/* has the table just our columns?  The other raises if it has not. */
extern bool event_has_columns(struct RelationData *leaf);
extern void event_check_columns(struct RelationData *leaf);

/* is event_write at work?  The insert trigger asks. */
extern bool event_write_is_active(void);

extern const EventLabels *event_labels(void);

/* the OID of an enum's label, InvalidOid when it has none such */
extern Oid event_enum_label(const char *type_name, const char *label, size_t len);

/* the same for a label that must be there */
extern Oid event_label(const char *type_name, const char *label);

#endif /* MAESTRO_EVENT_H */
