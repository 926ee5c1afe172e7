/*
 * guard_permit.h
 *		The permits of bulkheads that this backend holds, and what an abort takes back.
 *
 * A permit ends with its release, its lease, the backend, or the (sub)transaction that
 * acquired it if that aborts; not with a transaction that commits, or a call outside a
 * transaction block would hold nothing.
 */
#ifndef MAESTRO_GUARD_PERMIT_H
#define MAESTRO_GUARD_PERMIT_H

#include "guard_shmem.h"

/* Before either: makes room, so that nothing can fail once it is granted. */
extern void guard_permit_prepare(void);

/* A permit was granted to this backend, until then by guard_now(). */
extern void guard_permit_remember(const GuardKey *key, int64 permit, int64 until);

/* What this transaction says of a breaker or a run is not said if it aborts. */
extern void guard_permit_told(const GuardKey *key);

/* It was given back. */
extern void guard_permit_forget(int64 permit);

#endif /* MAESTRO_GUARD_PERMIT_H */
