/*
 * shmem.c
 *		What backends share, if the library is preloaded: how many events wait for
 *		each sealer, and the queue (queue.h).
 *
 * Counts are hints to wake a sealer early; what it seals is by snapshots alone.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"

#include "compat.h"
#include "guc.h"
#include "queue.h"
#include "shmem.h"

/* A sealer's slot; database is InvalidOid while it is free. */
typedef struct SealerSlot
{
	Oid database;
	int pgprocno;
	pg_atomic_uint32 waiting;
} SealerSlot;

typedef struct SharedState
{
	LWLock *lock; /* of slots coming and going */
	SealerSlot sealer[SHMEM_SEALERS];
} SharedState;

static SharedState *shared = NULL;
static SealerSlot *own_slot = NULL;

static shmem_request_hook_type next_request = NULL;
static shmem_startup_hook_type next_startup = NULL;

Size
shmem_size(void)
{
	return add_size(MAXALIGN(sizeof(SharedState)), queue_size());
}

static void
request(void)
{
	if (next_request)
		next_request();
	RequestAddinShmemSpace(shmem_size());
	RequestNamedLWLockTranche("maestro", 2);
}

static void
startup(void)
{
	LWLockPadded *locks;
	void		 *queue;
	bool		  found;

	if (next_startup)
		next_startup();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	locks = GetNamedLWLockTranche("maestro");
	queue = ShmemInitStruct("maestro queue", queue_size(), &found);
	queue_attach(queue, found, &locks[1].lock);
	shared = ShmemInitStruct("maestro", MAXALIGN(sizeof(SharedState)), &found);
	if (!found)
	{
		shared->lock = &locks[0].lock;
		for (int i = 0; i < SHMEM_SEALERS; i++)
		{
			shared->sealer[i].database = InvalidOid;
			shared->sealer[i].pgprocno = -1;
			pg_atomic_init_u32(&shared->sealer[i].waiting, 0);
		}
	}
	LWLockRelease(AddinShmemInitLock);
}

void
shmem_request(void)
{
	next_request = shmem_request_hook;
	shmem_request_hook = request;
	next_startup = shmem_startup_hook;
	shmem_startup_hook = startup;
}

static void
release_slot(int code, Datum arg)
{
	(void) code;
	(void) arg;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	own_slot->database = InvalidOid;
	own_slot->pgprocno = -1;
	LWLockRelease(shared->lock);
	own_slot = NULL;
}

bool
shmem_sealer_begin(void)
{
	SealerSlot *slot = NULL;

	if (shared == NULL)
		return false;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < SHMEM_SEALERS; i++)
	{
		if (shared->sealer[i].database == MyDatabaseId)
		{
			LWLockRelease(shared->lock);
			return false;
		}
		if (slot == NULL && !OidIsValid(shared->sealer[i].database))
			slot = &shared->sealer[i];
	}
	if (slot != NULL)
	{
		slot->pgprocno = compat_my_proc_number();
		slot->database = MyDatabaseId;
		own_slot = slot;
	}
	LWLockRelease(shared->lock);
	if (slot != NULL)
		before_shmem_exit(release_slot, (Datum) 0);
	return slot != NULL;
}

void
shmem_count_event(void)
{
	/* the slot of this database, looked for again when it was another's */
	static int last = 0;

	if (shared == NULL)
		return;
	if (shared->sealer[last].database != MyDatabaseId)
	{
		for (last = 0; last < SHMEM_SEALERS; last++)
			if (shared->sealer[last].database == MyDatabaseId)
				break;
		if (last == SHMEM_SEALERS)
		{
			last = 0;
			return;
		}
	}
	if (pg_atomic_add_fetch_u32(&shared->sealer[last].waiting, 1) == (uint32) guc_seal_batch)
	{
		int proc = shared->sealer[last].pgprocno;

		/* a latch that is another process's by now is set for nothing, no more */
		if (proc >= 0)
			SetLatch(&GetPGProcByNumber(proc)->procLatch);
	}
}

void
shmem_forget_events(void)
{
	if (own_slot != NULL)
		pg_atomic_write_u32(&own_slot->waiting, 0);
}

bool
shmem_look(int *sealer_pid, int64 *unsealed)
{
	bool found = false;

	if (shared == NULL)
		return false;
	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < SHMEM_SEALERS && !found; i++)
		if (shared->sealer[i].database == MyDatabaseId)
		{
			*sealer_pid = GetPGProcByNumber(shared->sealer[i].pgprocno)->pid;
			*unsealed = pg_atomic_read_u32(&shared->sealer[i].waiting);
			found = true;
		}
	LWLockRelease(shared->lock);
	return found;
}
