/*
 * posture_load.h
 *		What the files that load posture share.
 */
#ifndef MAESTRO_POSTURE_LOAD_H
#define MAESTRO_POSTURE_LOAD_H

#include "posture.h"

/* Where what is known of a thing belongs; NULL when the reader may not know it. */
extern Known *posture_known(const Posture *posture, int32 system_id, int32 component_id,
                            int32 dependency_id);

/* The place of a signal's name; -1: no control asks for it. */
extern int posture_signal(const Posture *posture, const char *name);

/* Reads what was observed, once systems, components and controls are there. */
extern void posture_observe(Posture *posture, MemoryContext context);

#endif /* MAESTRO_POSTURE_LOAD_H */
