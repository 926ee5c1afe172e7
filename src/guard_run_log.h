/*
 * guard_run_log.h
 *		What the log knows of runs: how much of its budget each has used up.
 */
#ifndef MAESTRO_GUARD_RUN_LOG_H
#define MAESTRO_GUARD_RUN_LOG_H

#include "guard_event.h"

/* A run by its id, as it was given, and by the key of its entry. */
typedef struct RunName
{
	GuardKey	key;
	const char *id;
	size_t		len;
} RunName;

typedef enum RunState
{
	RUN_UNKNOWN,
	RUN_GOES_ON,
	RUN_ENDED
} RunState;

/* {"steps", "tool_calls", "tokens", "cost", "wall_time_seconds"} so far. */
extern Jsonb *guard_run_used(const Budget *budget);

/* The same of what is left, of limited amounts alone. */
extern Jsonb *guard_run_left(const BudgetRule *rule, const Budget *budget);

/*
 * Tell, one way or the other, what a run is told to be ("started", "used", "spent",
 * "ended"), and what it has used; detail is NULL or the counter that is spent.
 */
extern void guard_run_tell(const GuardDefinition *definition, const RunName *name, const GuardRun *run,
						   const GuardAnswer *answer, const char *state, const char *detail, GuardTell tell);

/*
 * What the log has of a run, of this component, or of the first one (0) that has it and
 * that the current role may write as.  Fills in *run unless it is unknown.
 */
extern RunState guard_run_recall(const RunName *name, int32 component_id, GuardRun *run);

#endif /* MAESTRO_GUARD_RUN_LOG_H */
