/*
 * element.h
 *		One event of log_events: a JSON object read as log_event's arguments.
 */
#ifndef MAESTRO_ELEMENT_H
#define MAESTRO_ELEMENT_H

#include "append.h"

/*
 * Texts of the request point into the element, or into the current memory
 * context.  Raises when the element is no object, has no kind, or a value
 * can't be what its key says; never quoting it.
 */
extern void element_read(JsonbValue *element, AppendRequest *request);

#endif /* MAESTRO_ELEMENT_H */
