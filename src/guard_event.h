/*
 * guard_event.h
 *		What guards said, as events.
 */
#ifndef MAESTRO_GUARD_EVENT_H
#define MAESTRO_GUARD_EVENT_H

#include "guard_definition.h"

/* Can the transaction write events? */
extern bool guard_may_tell(void);

typedef void (*GuardTell) (const GuardDefinition *definition, const GuardAnswer *answer, const char *attribute,
						   const char *state, const char *detail);

/*
 * Store an event about an answer that is due to be told.  attribute is such as
 * "limiter.state", state its value; detail is NULL or one more word, "maestro.guard.detail".
 */
extern void guard_tell(const GuardDefinition *definition, const GuardAnswer *answer, const char *attribute,
					   const char *state, const char *detail);

/*
 * The same of an answer that is about to be raised, which takes the transaction along: the
 * recorder stores it, if there is one and room for it.  Waits for nothing, and never raises
 * for want of either.
 */
extern void guard_tell_apart(const GuardDefinition *definition, const GuardAnswer *answer, const char *attribute,
							 const char *state, const char *detail);

#endif /* MAESTRO_GUARD_EVENT_H */
