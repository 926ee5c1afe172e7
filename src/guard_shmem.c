/*
 * guard_shmem.c
 *		What guards remember, shared by all backends; see guard_shmem.h for who may
 *		touch what.
 */
#include "postgres.h"

#include <time.h>

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "storage/spin.h"
#include "utils/hsearch.h"

#include "compat.h"
#include "guard_entry.h"
#include "guard_save.h"
#include "guard_shmem.h"
#include "guc.h"
#include "sha256.h"

/* runs that nobody has spent from, and breakers that nobody told anything, for so long make room for others: a day */
#define LONG_IDLE INT64CONST(86400000000)

/* a full table is looked through for what may go once in so many microseconds */
#define SWEEP_EVERY 100000

GuardShared *guard_shared = NULL;

static HTAB				*table = NULL;
static LWLockPadded		*locks = NULL;

static shmem_request_hook_type next_request = NULL;
static shmem_startup_hook_type next_startup = NULL;

/* ---- start ---- */

static Size
shared_size(void)
{
	return MAXALIGN(add_size(offsetof(GuardShared, permits),
							 mul_size(Min(guc_guard_entries, BULKHEAD_PLACES_MAX), sizeof(BulkheadPermit))));
}

static Size
all_size(void)
{
	return add_size(shared_size(), hash_estimate_size(guc_guard_entries, sizeof(GuardEntry)));
}

static void
request(void)
{
	if (next_request)
		next_request();
	RequestAddinShmemSpace(all_size());
	RequestNamedLWLockTranche("maestro_guard", GUARD_PARTITIONS);
}

/* A key is a hash already. */
static uint32
key_hash(const void *key, Size size)
{
	uint32 hash;

	(void) size;
	memcpy(&hash, ((const GuardKey *) key)->id, sizeof(hash));
	return hash ^ ((const GuardKey *) key)->database;
}

static void
save_at_end(int code, Datum arg)
{
	(void) arg;
	if (code == 0)
		guard_save();
}

static void
startup(void)
{
	HASHCTL how = {.keysize = sizeof(GuardKey), .entrysize = sizeof(GuardEntry), .num_partitions = GUARD_PARTITIONS, .hash = key_hash};
	bool	found;

	if (next_startup)
		next_startup();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	guard_shared = ShmemInitStruct("maestro guard permits", shared_size(), &found);
	table = ShmemInitHash("maestro guards", guc_guard_entries, guc_guard_entries, &how,
						  HASH_ELEM | HASH_FUNCTION | HASH_PARTITION | HASH_FIXED_SIZE);
	locks = GetNamedLWLockTranche("maestro_guard");
	if (!found)
	{
		pg_atomic_init_u64(&guard_shared->swept_at, 0);
		pg_atomic_init_u64(&guard_shared->runs, 0);
		pg_atomic_init_u32(&guard_shared->noted, 0);
		pg_atomic_init_u64(&guard_shared->evictions, 0);
		SpinLockInit(&guard_shared->pool_lock);
		bulkhead_pool_begin(&guard_shared->pool, guard_shared->permits, Min(guc_guard_entries, BULKHEAD_PLACES_MAX));
	}
	LWLockRelease(AddinShmemInitLock);
	if (!IsUnderPostmaster)
	{
		on_shmem_exit(save_at_end, (Datum) 0);
		if (!found)
			guard_load();
	}
}

void
guard_shmem_request(void)
{
	next_request = shmem_request_hook;
	shmem_request_hook = request;
	next_startup = shmem_startup_hook;
	shmem_startup_hook = startup;
}

bool
guard_shmem_is_there(void)
{
	return table != NULL;
}

void
guard_shmem_require(void)
{
	if (table == NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("guards need maestro to be loaded when the server starts"),
						errhint("Set shared_preload_libraries = 'maestro' in postgresql.conf, and restart the server.")));
}

int64
guard_now(void)
{
	struct timespec ts;

	(void) clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64) ts.tv_sec * USECS_PER_SEC + ts.tv_nsec / 1000;
}

/* ---- keys ---- */

static void
make_key(GuardKey *key, const uint8 *bytes, size_t len)
{
	uint8 digest[SHA256_LEN];

	sha256(bytes, len, digest);
	memset(key, 0, sizeof(*key));
	key->database = MyDatabaseId;
	key->schema = get_namespace_oid("maestro", true);
	memcpy(key->id, digest, GUARD_ID_LEN);
}

void
guard_key_of_guard(GuardKey *key, int32 component_id, const char *name)
{
	uint8 bytes[1 + sizeof(int32) + GUARD_NAME_MAX + 1] = {'g'};

	memcpy(bytes + 1, &component_id, sizeof(int32));
	strlcpy((char *) bytes + 1 + sizeof(int32), name, GUARD_NAME_MAX + 1);
	make_key(key, bytes, sizeof(bytes));
}

void
guard_key_of_run(GuardKey *key, const char *run, size_t len)
{
	uint8 *bytes = palloc(len + 1);

	bytes[0] = 'r';
	memcpy(bytes + 1, run, len);
	make_key(key, bytes, len + 1);
	pfree(bytes);
}

static LWLock *
lock_of(uint32 hash)
{
	return &locks[hash % GUARD_PARTITIONS].lock;
}

/* ---- entries ---- */

void
guard_give_place_back(void *context, int32_t place)
{
	(void) context;
	SpinLockAcquire(&guard_shared->pool_lock);
	bulkhead_pool_put(&guard_shared->pool, guard_shared->permits, place);
	SpinLockRelease(&guard_shared->pool_lock);
}

/* Of bulkheads, gives back what is in flight. */
void
guard_entry_clear(GuardEntry *entry)
{
	if (entry->kind == GUARD_BULKHEAD)
		(void) bulkhead_expire(&entry->u.bulkhead, guard_shared->permits, PG_INT64_MAX, guard_give_place_back, NULL);
}

static void
init_entry(GuardEntry *entry, GuardKind kind)
{
	entry->kind = (uint8) kind;
	pg_atomic_init_u64(&entry->tat, (uint64) LIMITER_FRESH);
	pg_atomic_init_u64(&entry->allowed, 0);
	pg_atomic_init_u64(&entry->denied, 0);
	pg_atomic_init_u64(&entry->uncounted, 0);
	entry->recent = (Recent) {.since = guard_now()};
	entry->noted = 0;
	pg_atomic_init_u64(&entry->told_tat, (uint64) LIMITER_FRESH);
	memset(&entry->u, 0, sizeof(entry->u));
	entry->told = BREAKER_CLOSED;
	if (kind == GUARD_BULKHEAD)
		bulkhead_begin(&entry->u.bulkhead);
	else if (kind == GUARD_CIRCUIT_BREAKER)
		breaker_begin(&entry->u.breaker);
	pg_write_barrier();
	entry->is_live = true;
}

/* Would a new one answer the same, or nearly?  What was counted is lost with it. */
static bool
is_idle(GuardEntry *entry, int64 now)
{
	switch (entry->kind)
	{
		case GUARD_RATE_LIMITER:
			return (int64) pg_atomic_read_u64(&entry->tat) <= now * 1000;
		case GUARD_BULKHEAD:
			return bulkhead_expire(&entry->u.bulkhead, guard_shared->permits, now, guard_give_place_back, NULL) == 0;
		case GUARD_CIRCUIT_BREAKER:
			return breaker_is_idle(&entry->u.breaker, now, LONG_IDLE) && entry->told == BREAKER_CLOSED;
		default:
			return (entry->u.run.is_ended && entry->told != UINT8_MAX) || now - entry->u.run.touched > LONG_IDLE;
	}
}

void
guard_visit_all(GuardVisit visit, void *context)
{
	HASH_SEQ_STATUS seq;
	GuardEntry	   *entry;

	hash_seq_init(&seq, table);
	while ((entry = hash_seq_search(&seq)) != NULL)
		visit(entry, context);
}

static void
evict_idle(GuardEntry *entry, void *context)
{
	if (is_idle(entry, guard_now()))
	{
		guard_entry_remove(entry);
		(*(int *) context)++;
	}
}

/* Throws idle entries out of a full table; the caller holds no lock. */
static bool
make_room(void)
{
	int64 now = guard_now();
	int	  evicted = 0;

	if (now - (int64) pg_atomic_read_u64(&guard_shared->swept_at) < SWEEP_EVERY)
		return false;
	for (int i = 0; i < GUARD_PARTITIONS; i++)
		LWLockAcquire(&locks[i].lock, LW_EXCLUSIVE);
	guard_visit_all(evict_idle, &evicted);
	pg_atomic_fetch_add_u64(&guard_shared->evictions, evicted);
	if (evicted == 0)
		pg_atomic_write_u64(&guard_shared->swept_at, (uint64) now);
	for (int i = GUARD_PARTITIONS; --i >= 0;)
		LWLockRelease(&locks[i].lock);
	return evicted > 0;
}

bool
guard_shmem_look_table(GuardTableLook *look)
{
	if (table == NULL)
		return false;
	look->bytes = all_size();
	/* without the locks: a number for showing */
	look->entries = hash_get_num_entries(table);
	look->evictions = pg_atomic_read_u64(&guard_shared->evictions);
	return true;
}

GuardEntry *
guard_entry_find(const GuardKey *key, LWLockMode mode)
{
	uint32		hash = key_hash(key, sizeof(*key));
	GuardEntry *entry;

	LWLockAcquire(lock_of(hash), mode);
	entry = hash_search_with_hash_value(table, key, hash, HASH_FIND, NULL);
	if (entry == NULL)
		LWLockRelease(lock_of(hash));
	return entry;
}

GuardEntry *
guard_entry_again(const GuardKey *key, GuardEntry *hint, LWLockMode mode)
{
	LWLock *lock = lock_of(key_hash(key, sizeof(*key)));

	LWLockAcquire(lock, mode);
	if (hint->is_live)
	{
		pg_read_barrier();
		if (memcmp(&hint->key, key, sizeof(*key)) == 0)
			return hint;
	}
	LWLockRelease(lock);
	return NULL;
}

/* Anybody can begin runs, so they have half of the table: guards find room beside them. */
static bool
takes_run(void)
{
	return pg_atomic_read_u64(&guard_shared->runs) < (uint64) guc_guard_entries / 2;
}

GuardEntry *
guard_entry_have(const GuardKey *key, GuardKind kind, LWLockMode mode)
{
	uint32		hash = key_hash(key, sizeof(*key));
	GuardEntry *entry;
	bool		found;

	LWLockAcquire(lock_of(hash), mode);
	entry = hash_search_with_hash_value(table, key, hash, HASH_FIND, NULL);
	if (likely(entry != NULL && entry->kind == kind))
		return entry;
	if (mode == LW_SHARED || kind == GUARD_BUDGET)
	{
		LWLockRelease(lock_of(hash));
		if (kind == GUARD_BUDGET && !takes_run() && !(make_room() && takes_run()))
			return NULL;
		LWLockAcquire(lock_of(hash), LW_EXCLUSIVE);
	}
	entry = hash_search_with_hash_value(table, key, hash, HASH_ENTER_NULL, &found);
	if (entry == NULL)
	{
		LWLockRelease(lock_of(hash));
		if (!make_room())
			return NULL;
		LWLockAcquire(lock_of(hash), LW_EXCLUSIVE);
		entry = hash_search_with_hash_value(table, key, hash, HASH_ENTER_NULL, &found);
		if (entry == NULL)
		{
			LWLockRelease(lock_of(hash));
			return NULL;
		}
	}
	/* of another kind: the name was another guard's, in an extension that is gone */
	if (found && entry->kind != kind)
		guard_entry_clear(entry);
	if (!found || entry->kind != kind)
		init_entry(entry, kind);
	if (!found && kind == GUARD_BUDGET)
		pg_atomic_fetch_add_u64(&guard_shared->runs, 1);
	return entry;
}

void
guard_entry_unlock(const GuardKey *key)
{
	LWLockRelease(lock_of(key_hash(key, sizeof(*key))));
}

GuardEntry *
guard_restore(const GuardKey *key, GuardKind kind)
{
	bool		found;
	GuardEntry *entry = hash_search(table, key, HASH_ENTER_NULL, &found);

	if (entry != NULL)
		init_entry(entry, kind);
	if (entry != NULL && !found && kind == GUARD_BUDGET)
		pg_atomic_fetch_add_u64(&guard_shared->runs, 1);
	return entry;
}

void
guard_entry_remove(GuardEntry *entry)
{
	GuardKey key = entry->key;

	if (entry->kind == GUARD_BUDGET)
		pg_atomic_fetch_sub_u64(&guard_shared->runs, 1);
	/* the next one of this key has another place in the journal */
	if (entry->noted != 0)
		guard_note_open(entry, false);
	entry->is_live = false;
	pg_write_barrier();
	(void) hash_search(table, &key, HASH_REMOVE, NULL);
}
