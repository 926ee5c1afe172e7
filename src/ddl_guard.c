/*
 * ddl_guard.c
 *		The event trigger that refuses statements where the hooks are not in place.
 */
#include "postgres.h"

#include "commands/event_trigger.h"

#include "maestro.h"

#include "guard_policy.h"
#include "integrity_hooks.h"

/* event trigger ddl_guard, at ddl_command_start */
MAESTRO_FUNCTION(ddl_guard)
{
	EventTriggerData *data;

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("this function is for event triggers alone")));
	data = (EventTriggerData *) fcinfo->context;
	if (!integrity_hooks_are_installed() && guard_judge(data->parsetree) == GUARD_REFUSES &&
		!guard_is_lifted())
		guard_refuse("this table or object");
	PG_RETURN_NULL();
}
