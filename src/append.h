/*
 * append.h
 *		From what a caller says happened to a row of the trace.
 */
#ifndef MAESTRO_APPEND_H
#define MAESTRO_APPEND_H

#include "datatype/timestamp.h"
#include "utils/jsonb.h"

#include "event.h"
#include "sha256.h"

/* text that belongs to somebody else; data is NULL for SQL's NULL */
typedef struct Slice
{
	const char *data;
	size_t		len;
} Slice;

/* log_event's arguments; see its COMMENT for their meaning */
typedef struct AppendRequest
{
	Slice component; /* system/component, as claimed */
	Slice message;
	Slice trace_id;
	Slice span_id;
	Slice parent_span_id;
	Slice target;
	Slice dependency;
	Oid	  kind;
	Oid	  level;   /* InvalidOid: by kind and outcome */
	Oid	  outcome; /* InvalidOid: NULL */
	bool  has_occurred_at;
	TimestampTz occurred_at;
	Interval   *duration;	/* or NULL */
	Jsonb	   *body;		/* or NULL */
	Jsonb	   *attributes; /* or NULL */
	/* for callers of our own; zero for all others */
	int32 target_id;	 /* instead of target */
	int32 dependency_id; /* instead of dependency */
	int	  message_limit; /* bytes that stay at most, beside the settings */
	int	  attributes_limit;
	const char *attributes_under; /* the key of an object that they become, cut to size; NULL: none */
	const struct Extras *extras; /* attributes that no caller can set otherwise, or NULL */
} AppendRequest;

typedef struct AppendResult
{
	int64 event_id;
	Oid	  decision; /* allow or deny */
	uint8 leaf[SHA256_LEN];
	bool  is_checked; /* against a contract */
	bool  is_valid;
	Jsonb *violations; /* sanitized; NULL: none */
} AppendResult;

/* Store what a caller logs; raises when he may not or when an argument is bad. */
extern void append_event(EventWriter *writer, const AppendRequest *request,
						 AppendResult *result);

/*
 * The row that append_event would store, for whoever stores it later; returns the word
 * that it is refused with, or NULL.
 */
extern const char *append_prepare(const AppendRequest *request, Event *event);

/*
 * Store a change of the registry: who made it, in which system (0: none), to what
 * component (0: none), in words, with details and a document, or NULL.  With a
 * refusal, a word: that it was refused to him.
 */
extern int64 append_registry(EventWriter *writer, Oid caller, int32 system_id,
							 int32 component_id, const char *refusal, const char *action,
							 Jsonb *details, Jsonb *body);

#endif /* MAESTRO_APPEND_H */
