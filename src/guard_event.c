/*
 * guard_event.c
 *		What guards said, as events.
 *
 * Denials and changes of state become events of kind "guard" of the component, ten at
 * once and one a second of each guard; "maestro.guard.denied" counts all its denials
 * since its state began, those that were not told too.  An event belongs to the
 * transaction and is gone if that aborts; the count goes on.  What is raised aborts it for
 * certain, so its event goes to the recorder (queue.h).
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"

#include "compat.h"
#include "append.h"
#include "extras.h"
#include "guard_event.h"
#include "hexid.h"
#include "queue.h"

bool
guard_may_tell(void)
{
	return !XactReadOnly && !IsInParallelMode() && !RecoveryInProgress();
}

/* What an event is made of; the request points into it. */
typedef struct Told
{
	GuardDefinition definition; /* a copy: logging may look up others */
	Extras			extras;
	Extras			own; /* what sanitizing must not touch */
	AppendRequest	request;
	char			message[2 * GUARD_NAME_MAX + 64];
	char			hash[2 * GUARD_ID_LEN + 1]; /* the run's */
} Told;

static void
set_extras(Told *told, const GuardNews *news)
{
	const char *name = told->definition.key.name;
	const char *kind = guard_kind_name(told->definition.rule.kind);

	extras_add_text(&told->extras, news->attribute, news->state, strlen(news->state));
	extras_add_text(&told->extras, "maestro.guard", name, strlen(name));
	extras_add_text(&told->extras, "maestro.guard.kind", kind, strlen(kind));
	extras_add_number(&told->extras, "maestro.guard.version", told->definition.version);
	extras_add_number(&told->extras, "maestro.guard.denied", (int64) news->answer->denied);
	if (news->run.data != NULL)
	{
		hexid_print(news->run_key.id, GUARD_ID_LEN, told->hash);
		extras_add_text(&told->extras, "maestro.run", news->run.data, news->run.len);
		extras_add_text(&told->own, "maestro.run.hash", told->hash, 2 * GUARD_ID_LEN);
	}
	if (news->detail != NULL)
		extras_add_text(&told->extras, "maestro.guard.detail", news->detail, strlen(news->detail));
}

/* false: the component is gone. */
static bool
put_in_words(Told *told, const GuardNews *news)
{
	AppendRequest	  *request = &told->request;
	const GuardAnswer *answer = news->answer;
	const char		  *dependency;
	char			  *component;

	memset(told, 0, sizeof(*told));
	told->definition = *news->definition;
	component = registry_component_name(told->definition.key.component_id);
	if (component == NULL)
		return false;
	dependency = told->definition.rule.kind == GUARD_CIRCUIT_BREAKER ? told->definition.protects : told->definition.limits;
	snprintf(told->message, sizeof(told->message), "%s %s: %s", guard_kind_name(told->definition.rule.kind),
			 told->definition.key.name, news->state);
	set_extras(told, news);
	request->component = (Slice) {component, strlen(component)};
	request->message = (Slice) {told->message, strlen(told->message)};
	request->trace_id = news->trace_id;
	request->kind = event_label("event_kind", "guard");
	/* a breaker's change of state is an event of its own */
	if (!answer->allowed && !(answer->changed && told->definition.rule.kind == GUARD_CIRCUIT_BREAKER))
		request->outcome = event_label("outcome", "denied");
	request->attributes = extras_merge(NULL, &told->extras);
	request->extras = &told->own;
	request->body = news->body;
	if (dependency[0] != '\0')
		request->dependency = (Slice) {dependency, strlen(dependency)};
	return true;
}

void
guard_tell(const GuardNews *news)
{
	Told		  told;
	AppendResult  result;
	EventWriter	 *writer;

	if (!put_in_words(&told, news))
		return;
	writer = event_writer_begin();
	append_event(writer, &told.request, &result);
	event_writer_end(writer);
}

void
guard_tell_apart(const GuardNews *news)
{
	Told		 told;
	Event		 event;
	QueueRequest entry = {.event = &event};
	GuardKey	 key = news->run.data != NULL ? news->run_key : news->definition->entry;
	GuardKind	 kind = news->definition->rule.kind;
	bool		 offered = false;

	if (put_in_words(&told, news))
	{
		(void) append_prepare(&told.request, &event);
		offered = queue_offer(&entry);
	}
	/* its next answer is to tell it, then */
	if (!offered && (kind == GUARD_CIRCUIT_BREAKER || kind == GUARD_BUDGET))
		guard_shmem_untell(&key);
}
