/*
 * session_fact.h
 *		From where components log: a row the first time a session logs as one.
 */
#ifndef MAESTRO_SESSION_FACT_H
#define MAESTRO_SESSION_FACT_H

#include "datatype/timestamp.h"

#include "registry.h"

/*
 * An event of the component was stored; caller and session_role are what its
 * row says, as Datums of type name.
 */
extern void session_fact_note(const RegistryComponent *component, Datum caller,
							  Datum session_role, TimestampTz now);

#endif /* MAESTRO_SESSION_FACT_H */
