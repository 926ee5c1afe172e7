/*
 * guard_event.h
 *		What guards said, as events.
 */
#ifndef MAESTRO_GUARD_EVENT_H
#define MAESTRO_GUARD_EVENT_H

#include "append.h"
#include "guard_definition.h"

/* Can the transaction write events? */
extern bool guard_may_tell(void);

/* An answer that is due to be told. */
typedef struct GuardNews
{
	const GuardDefinition *definition;
	const GuardAnswer	  *answer;
	const char			  *attribute; /* such as "limiter.state" */
	const char			  *state;	  /* its value */
	const char			  *detail;	  /* one more word, "maestro.guard.detail", or NULL */
	/* of a run, else empty */
	GuardKey	run_key;
	Slice		run;
	Slice		trace_id;
	Jsonb	   *body;
} GuardNews;

typedef void (*GuardTell) (const GuardNews *news);

/* Store it as an event. */
extern void guard_tell(const GuardNews *news);

/*
 * The same of an answer that is about to be raised, which takes the transaction along: the
 * recorder stores it, if there is one and room for it.  Waits for nothing, and never raises
 * for want of either.
 */
extern void guard_tell_apart(const GuardNews *news);

#endif /* MAESTRO_GUARD_EVENT_H */
