/*
 * guard_event.c
 *		What guards said, as events.
 *
 * Denials and changes of state become events of kind "guard" of the component, ten at
 * once and one a second of each guard; "maestro.guard.denied" counts all its denials
 * since its state began, those that were not told too.  An event belongs to the
 * transaction and is gone if that aborts; the count goes on.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"

#include "compat.h"
#include "append.h"
#include "extras.h"
#include "guard_event.h"

bool
guard_may_tell(void)
{
	return !XactReadOnly && !IsInParallelMode() && !RecoveryInProgress();
}

void
guard_tell(const GuardDefinition *definition, const GuardAnswer *answer, const char *attribute,
		   const char *state, const char *detail)
{
	GuardDefinition own = *definition; /* logging may look up others */
	const char	   *dependency = own.rule.kind == GUARD_CIRCUIT_BREAKER ? own.protects : own.limits;
	char		   *component = registry_component_name(own.key.component_id);
	AppendRequest	request = {0};
	AppendResult	result;
	Extras			extras = {0};
	EventWriter	   *writer;
	char			message[2 * GUARD_NAME_MAX + 64];

	if (component == NULL)
		return;
	snprintf(message, sizeof(message), "%s %s: %s", guard_kind_name(own.rule.kind), own.key.name, state);
	extras_add_text(&extras, attribute, state, strlen(state));
	extras_add_text(&extras, "maestro.guard", own.key.name, strlen(own.key.name));
	extras_add_text(&extras, "maestro.guard.kind", guard_kind_name(own.rule.kind), strlen(guard_kind_name(own.rule.kind)));
	extras_add_number(&extras, "maestro.guard.version", own.version);
	extras_add_number(&extras, "maestro.guard.denied", (int64) answer->denied);
	if (detail != NULL)
		extras_add_text(&extras, "maestro.guard.detail", detail, strlen(detail));
	request.component = (Slice) {component, strlen(component)};
	request.message = (Slice) {message, strlen(message)};
	request.kind = event_label("event_kind", "guard");
	request.outcome = answer->allowed || answer->changed ? InvalidOid : event_label("outcome", "denied");
	request.attributes = extras_merge(NULL, &extras);
	if (dependency[0] != '\0')
		request.dependency = (Slice) {dependency, strlen(dependency)};
	writer = event_writer_begin();
	append_event(writer, &request, &result);
	event_writer_end(writer);
}
