/*
 * append_draft.h
 *		An event in the making, for the files that fill it in.
 */
#ifndef MAESTRO_APPEND_DRAFT_H
#define MAESTRO_APPEND_DRAFT_H

#include "append.h"
#include "extras.h"
#include "redact.h"
#include "registry.h"

typedef struct Draft
{
	const AppendRequest *request;
	Event		event;
	Extras		extras;
	Findings	findings;
	TimestampTz now;
	int64		cut_from; /* original bytes of what was cut */
	RegistryComponent component;
	bool		registered;
	const char *refusal; /* why it is refused, a word; NULL: it isn't */
	bool		keeps_content; /* a refusal that is stored with what was sent */
} Draft;

static inline void
draft_set(Draft *draft, EventColumn column, Datum value)
{
	draft->event.values[column] = value;
	draft->event.nulls[column] = false;
}

extern void draft_set_text(Draft *draft, EventColumn column, const char *text, size_t len);

/* Raises 54000 when it is larger than maestro.trace_input_limit. */
extern void draft_check_size(size_t size, const char *what);

/* Sanitized copy of a short text from the caller, for an attribute. */
extern void draft_add_text(Draft *draft, const char *key, Slice value);

/* Kind, level and outcome; times and duration; trace and spans; whom it acted on. */
extern void draft_set_vocabulary(Draft *draft);
extern void draft_set_times(Draft *draft);
extern void draft_set_ids(Draft *draft);
extern void draft_set_counterparts(Draft *draft);

#endif /* MAESTRO_APPEND_DRAFT_H */
