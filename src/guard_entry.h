/*
 * guard_entry.h
 *		Entries of the table that guard_shmem.h describes, for those who keep its rules.
 */
#ifndef MAESTRO_GUARD_ENTRY_H
#define MAESTRO_GUARD_ENTRY_H

#include "storage/lwlock.h"
#include "storage/spin.h"

#include "guard_shmem.h"

/* What there is beside the table. */
typedef struct GuardShared
{
	pg_atomic_uint64 swept_at; /* when the table was last found to be full of what must stay */
	pg_atomic_uint64 evictions; /* entries that made room for others */
	pg_atomic_uint64 runs;		/* entries that are runs */
	pg_atomic_uint32 noted;		/* places of the journal of open breakers that are taken */
	slock_t			 pool_lock;
	BulkheadPool	 pool; /* under pool_lock */
	BulkheadPermit	 permits[FLEXIBLE_ARRAY_MEMBER];
} GuardShared;

/* NULL: the library was not preloaded */
extern GuardShared *guard_shared;

/* The entry of a key, under its partition's lock in this mode; or NULL and no lock. */
extern GuardEntry *guard_entry_find(const GuardKey *key, LWLockMode mode);

/*
 * The same by where it was, which may have another key by now; it is not made.
 */
extern GuardEntry *guard_entry_again(const GuardKey *key, GuardEntry *hint, LWLockMode mode);

/*
 * The same, made where there is none, and the lock is then exclusive; NULL: the table is
 * full.
 */
extern GuardEntry *guard_entry_have(const GuardKey *key, GuardKind kind, LWLockMode mode);

extern void guard_entry_unlock(const GuardKey *key);

/* Under the exclusive lock: gives back what is in flight; takes it out of the table. */
extern void guard_entry_clear(GuardEntry *entry);
extern void guard_entry_remove(GuardEntry *entry);

/* The place of a permit that is in no list any more; a BulkheadPutBack. */
extern void guard_give_place_back(void *context, int32_t place);

/* Calls back for each entry; the caller holds all partition locks, or is alone. */
typedef void (*GuardVisit) (GuardEntry *entry, void *context);
extern void guard_visit_all(GuardVisit visit, void *context);

/* A new entry, or NULL when the table is full; the caller is alone. */
extern GuardEntry *guard_restore(const GuardKey *key, GuardKind kind);

#endif /* MAESTRO_GUARD_ENTRY_H */
