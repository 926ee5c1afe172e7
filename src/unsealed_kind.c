/*
 * unsealed_kind.c
 *		Of which kinds events are, and how they ended.
 */
#include "postgres.h"

#include "attributes.h"
#include "unsealed_kind.h"

UnsealedKinds *
unsealed_kinds_new(void)
{
	UnsealedKinds *kinds = palloc(sizeof(UnsealedKinds));

	kinds->n = 0;
	kinds->heartbeat = event_label("event_kind", "heartbeat");
	kinds->call[0] = event_label("event_kind", "tool_call");
	kinds->call[1] = event_label("event_kind", "model_call");
	kinds->call[2] = event_label("event_kind", "dependency_call");
	return kinds;
}

static bool
says(const Event *event, AttributeName name)
{
	return !event->nulls[EVENT_ATTRIBUTES] &&
		   attribute_exists(DatumGetJsonbP(event->values[EVENT_ATTRIBUTES]), name);
}

void
unsealed_kind_note(UnsealedKinds *kinds, const Event *event)
{
	Oid		 kind = DatumGetObjectId(event->values[EVENT_KIND]);
	KindSeen seen = {.kind = kind,
					 .outcome = event->nulls[EVENT_OUTCOME]
									? InvalidOid
									: DatumGetObjectId(event->values[EVENT_OUTCOME])};

	if (kind == kinds->heartbeat)
		seen.files = says(event, ATTRIBUTE_FILE_COUNT);
	else if (kind == kinds->call[0] || kind == kinds->call[1] || kind == kinds->call[2])
		seen.uses = says(event, ATTRIBUTE_RESOURCE);
	for (int i = 0; i < kinds->n; i++)
		if (kinds->seen[i].kind == seen.kind && kinds->seen[i].outcome == seen.outcome &&
			kinds->seen[i].files == seen.files && kinds->seen[i].uses == seen.uses)
			return;
	if (kinds->n == KINDS_SEEN_MAX)
		elog(ERROR, "there are more kinds of events than there can be");
	kinds->seen[kinds->n++] = seen;
}
