/*
 * guard_permit.c
 *		The permits of bulkheads that this backend holds; see guard_permit.h.
 */
#include "postgres.h"

#include "access/xact.h"
#include "storage/ipc.h"
#include "utils/memutils.h"

#include "compat.h"
#include "guard_permit.h"

typedef struct Held
{
	GuardKey		 key;
	int64			 permit; /* 0: what was told of a breaker or a run */
	int64			 until;
	SubTransactionId subid; /* that acquired it, as long as that may abort; or invalid */
} Held;

static Held *held = NULL; /* in TopMemoryContext */
static int	 nheld = 0;
static int	 room = 0;

static void
take_back(const Held *one)
{
	if (one->permit == 0)
		guard_shmem_untell(&one->key);
	else
		(void) guard_shmem_release(&one->key, one->permit);
}

/* Gives back what is held and was acquired by this subtransaction; invalid: all of it. */
static void
give_back(SubTransactionId subid)
{
	int kept = 0;

	for (int i = 0; i < nheld; i++)
	{
		if (subid == InvalidSubTransactionId || held[i].subid == subid)
			take_back(&held[i]);
		else
			held[kept++] = held[i];
	}
	nheld = kept;
}

/* What one subtransaction acquired is now another's. */
static void
hand_up(SubTransactionId from, SubTransactionId to)
{
	for (int i = 0; i < nheld; i++)
		if (held[i].subid == from)
			held[i].subid = to;
}

static void
subtransaction_ends(SubXactEvent event, SubTransactionId subid, SubTransactionId parent, void *arg)
{
	(void) arg;
	if (event == SUBXACT_EVENT_COMMIT_SUB)
		hand_up(subid, parent);
	else if (event == SUBXACT_EVENT_ABORT_SUB)
		give_back(subid);
}

/* What stays after a commit belongs to no transaction any more. */
static void
transaction_ends(XactEvent event, void *arg)
{
	int kept = 0;

	(void) arg;
	if (event != XACT_EVENT_ABORT && event != XACT_EVENT_COMMIT && event != XACT_EVENT_PREPARE)
		return;
	for (int i = 0; i < nheld; i++)
	{
		if (event != XACT_EVENT_ABORT)
		{
			/* what was prepared may be rolled back by somebody else */
			if (held[i].permit == 0 && event == XACT_EVENT_PREPARE)
				take_back(&held[i]);
			if (held[i].permit == 0)
				continue;
			held[i].subid = InvalidSubTransactionId;
		}
		if (held[i].subid != InvalidSubTransactionId)
			take_back(&held[i]);
		else
			held[kept++] = held[i];
	}
	nheld = kept;
}

static void
backend_ends(int code, Datum arg)
{
	(void) code;
	(void) arg;
	give_back(InvalidSubTransactionId);
}

void
guard_permit_prepare(void)
{
	int64 now;
	int	  kept = 0;

	if (nheld < room)
		return;
	if (held == NULL)
	{
		held = MemoryContextAlloc(TopMemoryContext, 16 * sizeof(Held));
		room = 16;
		RegisterXactCallback(transaction_ends, NULL);
		RegisterSubXactCallback(subtransaction_ends, NULL);
		before_shmem_exit(backend_ends, (Datum) 0);
		return;
	}
	/* what is over needs no place */
	now = guard_now();
	for (int i = 0; i < nheld; i++)
		if (held[i].until > now)
			held[kept++] = held[i];
	nheld = kept;
	if (nheld > room / 2)
	{
		held = repalloc(held, 2 * room * sizeof(Held));
		room *= 2;
	}
}

void
guard_permit_remember(const GuardKey *key, int64 permit, int64 until)
{
	Held *one = &held[nheld++];

	one->key = *key;
	one->permit = permit;
	one->until = until;
	one->subid = GetCurrentSubTransactionId();
}

void
guard_permit_told(const GuardKey *key)
{
	guard_permit_remember(key, 0, PG_INT64_MAX);
}

void
guard_permit_forget(int64 permit)
{
	for (int i = 0; i < nheld; i++)
		if (held[i].permit == permit && permit != 0)
		{
			held[i] = held[--nheld];
			return;
		}
}
