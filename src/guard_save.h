/*
 * guard_save.h
 *		What guards remember, kept over a restart.
 */
#ifndef MAESTRO_GUARD_SAVE_H
#define MAESTRO_GUARD_SAVE_H

#include "guard_shmem.h"

/* In the postmaster: at start, and at a clean shutdown. */
extern void guard_load(void);
extern void guard_save(void);

/* A breaker has opened, or is open no more: known after a crash, too.  Under its exclusive lock. */
extern void guard_note_open(GuardEntry *entry, bool is_open);

#endif /* MAESTRO_GUARD_SAVE_H */
