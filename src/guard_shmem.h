/*
 * guard_shmem.h
 *		What limiters, bulkheads, breakers and budgets remember, shared by all backends.
 *
 * It is no part of any transaction: what was granted stays granted when the transaction
 * rolls back, and nothing of it is written to WAL, so that read-only transactions and
 * standbys are guarded too.
 *
 * Entries lie in a hash table of fixed size, cut into GUARD_PARTITIONS by the hash of
 * the key.  Which lock guards what:
 *
 *		partition lock, exclusive	entries come and go; every field of an entry
 *		partition lock, shared		finding an entry; its atomics
 *		all partition locks			looking through the whole table (eviction, saving)
 *		pool lock (a spinlock)		the free list of permits, and their serial number; taken
 *									last and held for some instructions
 *
 * A permit that is granted belongs to the bulkhead that it was granted by, and so to the
 * lock of that entry's partition.
 *
 * The limiter's state is one atomic, so that asking takes a shared lock alone.  Everybody
 * else is asked under the exclusive one.  No lock is held while anything can fail.
 */
#ifndef MAESTRO_GUARD_SHMEM_H
#define MAESTRO_GUARD_SHMEM_H

#include "port/atomics.h"

#include "bulkhead.h"
#include "guard_rule.h"
#include "recent.h"

#define GUARD_PARTITIONS 32
#define GUARD_ID_LEN	 16
/* longest name of a guard */
#define GUARD_NAME_MAX	 63

typedef struct GuardKey
{
	Oid	  database;
	Oid	  schema; /* another one when the extension is made anew */
	uint8 id[GUARD_ID_LEN]; /* of SHA-256: of a component and a guard's name, or of a run's id */
} GuardKey;

/* A run and what it has used up; its limits are those of the guard of this name. */
typedef struct GuardRun
{
	int32  component_id;
	char   guard[GUARD_NAME_MAX + 1];
	bool   is_ended; /* kept until the log has it, so that ending and aborting gives nothing back */
	int64  touched; /* when it was spent from last */
	Budget budget;
} GuardRun;

typedef struct GuardEntry
{
	GuardKey		 key;
	uint8			 kind; /* a GuardKind */
	/*
	 * false from before it leaves the table until it is whole again, under perhaps another
	 * key and lock: who kept the address looks at this first, and then at the key.
	 */
	volatile bool	 is_live;
	uint8			 told; /* what the log knows: the breaker's state, or tenths of a budget */
	pg_atomic_uint64 tat;		 /* of a limiter; an int64 */
	pg_atomic_uint64 allowed;	 /* answers so far */
	pg_atomic_uint64 denied;
	pg_atomic_uint64 uncounted;	 /* of those allowed: what posture takes for no call */
	Recent			 recent;	 /* of the others; written under the exclusive lock alone */
	pg_atomic_uint64 told_tat;	 /* of the limiter of events about this guard */
	uint32			 noted;		 /* its place in the journal of open breakers, counted from 1; 0: none */
	union
	{
		Bulkhead bulkhead;
		Breaker	 breaker;
		GuardRun run;
	} u;
} GuardEntry;

typedef struct GuardAnswer
{
	bool		  allowed;
	bool		  is_full;	   /* the table is; allowed says what the setting does */
	LimiterAnswer limiter;
	BreakerState  breaker;
	BudgetAmount  spent;
	int64		  retry_after; /* microseconds; -1: not known, or never */
	int64		  permit;	   /* 0: none */
	uint64		  denied;	   /* so far, with this answer */
	bool		  changed;	   /* the breaker's state is not what the log knows */
	bool		  tell;		   /* an event about it is due */
} GuardAnswer;

/* For showing; what is not there is as a fresh one. */
typedef struct GuardLook
{
	bool		 used; /* since the server started, or kept from before */
	uint64		 allowed;
	uint64		 denied;
	uint64		 allowed_recently; /* within 30 days */
	int64		 tat;
	int32		 in_flight;
	BreakerState breaker;
	BreakerCount count;
} GuardLook;

/* Ask for the memory; while preloading. */
extern void guard_shmem_request(void);

/* Was the library preloaded?  The other raises unless it was, and says what to do. */
extern bool guard_shmem_is_there(void);
extern void guard_shmem_require(void);

/* Microseconds of a clock that goes forward alone. */
extern int64 guard_now(void);

extern void guard_key_of_guard(GuardKey *key, int32 component_id, const char *name);
extern void guard_key_of_run(GuardKey *key, const char *run, size_t len);

/*
 * may_tell: could an event be written?  Then one that is due counts as told.  *hint is
 * where the entry was, or NULL, and is kept for the next call.
 */
extern void guard_shmem_ask(const GuardKey *key, GuardEntry **hint, const GuardRule *rule, double cost,
							bool may_tell, GuardAnswer *answer);
extern void guard_shmem_record(const GuardKey *key, const GuardRule *rule, bool ok, int64 latency,
							   bool may_tell, GuardAnswer *answer);
/* What was told of a breaker was rolled back: its next answer tells it again. */
extern void guard_shmem_untell(const GuardKey *key);
extern bool guard_shmem_release(const GuardKey *key, int64 permit);
extern void guard_shmem_reset(const GuardKey *key);
extern void guard_shmem_look(const GuardKey *key, const GuardRule *rule, GuardLook *look);

/* What there is of it; false: the library was not preloaded. */
typedef struct GuardTableLook
{
	Size   bytes;
	long   entries;
	uint64 evictions; /* since the server started */
} GuardTableLook;
extern bool guard_shmem_look_table(GuardTableLook *look);

/*
 * Begins a run with what it has used already, which the log knows; *found: it goes on,
 * and *run says whose it is.  false: there is no room.
 */
extern bool guard_run_begin(const GuardKey *key, const BudgetRule *rule, GuardRun *run, bool *found);
/* false: there is no such run.  *run is a copy. */
extern bool guard_run_find(const GuardKey *key, GuardRun *run);
/* *run is what it is afterwards. */
extern bool guard_run_spend(const GuardKey *key, const BudgetRule *rule, const int64 *amounts,
							bool may_tell, GuardRun *run, GuardAnswer *answer);
/* It stays until the log has it; where the event that says so cannot be written (may_tell), for a day. */
extern bool guard_run_end(const GuardKey *key, bool may_tell);

#endif /* MAESTRO_GUARD_SHMEM_H */
