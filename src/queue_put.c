/*
 * queue_put.c
 *		Events for another process to store: putting one in, and waiting for it.
 *
 * Who waits is woken by his latch, and so is the recorder.  Both look at the state under
 * the lock, so a latch that is set for nothing does no harm.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "utils/fmgrprotos.h"

#include "compat.h"
#include "guard_shmem.h"
#include "guc.h"
#include "queue_place.h"

/* where this backend waits, or NOBODY */
static int own_place = NOBODY;

/* ---- putting in ---- */

/* Nobody waits for it, and nobody is there to store it: its database may be gone. */
static bool
is_left_behind(const Place *place)
{
	return place->state == PLACE_WAITING && place->waiter == NOBODY && queue_recorder(place->database) == NULL;
}

/* As many places one role has at most, so that others find one; and so many offers there are. */
static int
share(void)
{
	return queue_shared->nplaces / 2;
}

/* What may be in use, of all places, and of those of one's own role. */
typedef struct Limits
{
	int all;
	int own;
	bool is_offer; /* of one's own those that nobody waits for are counted */
} Limits;

/*
 * A free place within the limits, or NULL; under the lock.  Places are few, and who looks
 * for one is about to wait for a disk.
 */
static Place *
free_place(const Limits *limits, bool *has_share)
{
	Place *found = NULL;
	Place *left_behind = NULL;
	int	   used = 0;
	int	   own = 0;

	for (int i = 0; i < queue_shared->nplaces; i++)
	{
		Place *place = &queue_shared->places[i];

		if (place->state == PLACE_FREE)
			found = place;
		else if (is_left_behind(place))
			left_behind = place;
		else
		{
			used++;
			own += place->role == GetSessionUserId() && (!limits->is_offer || place->waiter == NOBODY);
		}
	}
	*has_share = own >= limits->own;
	if (*has_share || used >= limits->all)
		return NULL;
	if (found != NULL)
		return found;
	if (left_behind != NULL)
		queue_shared->dropped++;
	return left_behind;
}

static void
fill(Place *place, const QueueRequest *request, HeapTuple tuple, Oid table, int waiter)
{
	place->state = PLACE_WAITING;
	place->database = MyDatabaseId;
	place->role = GetSessionUserId();
	place->table = table;
	place->waiter = waiter;
	place->serial = ++queue_shared->serial;
	place->tries = 0;
	place->is_action = request->is_action;
	place->action = request->action;
	place->action_kind = request->action_kind;
	place->len = tuple->t_len;
	memcpy(place->bytes, tuple->t_data, tuple->t_len);
}

bool
queue_offer(const QueueRequest *request)
{
	Oid		  table;
	HeapTuple tuple;
	Recorder *recorder;
	Place	 *place = NULL;
	bool	  has_share;
	int		  proc = NOBODY;

	if (queue_shared == NULL)
		return false;
	tuple = event_pack(request->event, &table);
	LWLockAcquire(queue_lock, LW_EXCLUSIVE);
	recorder = queue_recorder(MyDatabaseId);
	/* the other half is left to those who wait for an answer */
	if (recorder != NULL && tuple->t_len <= QUEUE_EVENT_MAX)
		place = free_place(&(Limits) {.all = share(), .own = Max(share() / 2, 1), .is_offer = true}, &has_share);
	if (place != NULL)
	{
		fill(place, request, tuple, table, NOBODY);
		proc = recorder->proc;
	}
	else
		queue_shared->dropped++;
	LWLockRelease(queue_lock);
	queue_wake(proc);
	return place != NULL;
}

/* ---- waiting ---- */

typedef enum GivenUp
{
	NEVER_STORED, /* it was still waiting, and is taken out */
	MAY_BE_STORED, /* the recorder has it */
	ANSWERED /* meanwhile it was done */
} GivenUp;

/* Nobody waits at the place any more. */
static GivenUp
give_up(int at)
{
	Place  *place = &queue_shared->places[at];
	GivenUp how = ANSWERED;

	LWLockAcquire(queue_lock, LW_EXCLUSIVE);
	if (place->state == PLACE_WAITING)
	{
		place->state = PLACE_FREE;
		how = NEVER_STORED;
	}
	else if (place->state == PLACE_TAKEN)
	{
		place->waiter = NOBODY;
		how = MAY_BE_STORED;
	}
	LWLockRelease(queue_lock);
	return how;
}

/* The answer at a place, which is free then: the SQLSTATE. */
static int
read_answer(int at, char *words)
{
	Place *place = &queue_shared->places[at];
	int	   sqlstate;

	LWLockAcquire(queue_lock, LW_EXCLUSIVE);
	sqlstate = place->sqlstate;
	strlcpy(words, place->words, QUEUE_WORDS_MAX);
	place->state = PLACE_FREE;
	LWLockRelease(queue_lock);
	return sqlstate;
}

/* Stops waiting.  A refusal that came meanwhile is told as one. */
static GivenUp
stop_waiting(int at)
{
	GivenUp how = give_up(at);
	char	words[QUEUE_WORDS_MAX];

	own_place = NOBODY;
	if (how == ANSWERED && read_answer(at, words) != 0)
		how = NEVER_STORED;
	return how;
}

static void
backend_ends(int code, Datum arg)
{
	(void) code;
	(void) arg;
	if (own_place != NOBODY)
		(void) stop_waiting(own_place);
}

static int
put_in(const QueueRequest *request, bool *has_share)
{
	static bool registered = false;
	Oid			table;
	HeapTuple	tuple = event_pack(request->event, &table);
	Recorder   *recorder;
	Place	   *place;
	int			proc = NOBODY;

	if (!registered)
		before_shmem_exit(backend_ends, (Datum) 0);
	registered = true;
	if (tuple->t_len > QUEUE_EVENT_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("an event is too large to be stored by another process: %u bytes", tuple->t_len),
						errdetail("At most %d bytes are taken.", QUEUE_EVENT_MAX)));
	LWLockAcquire(queue_lock, LW_EXCLUSIVE);
	recorder = queue_recorder(MyDatabaseId);
	place = free_place(&(Limits) {.all = queue_shared->nplaces, .own = share()}, has_share);
	if (place != NULL)
	{
		fill(place, request, tuple, table, compat_my_proc_number());
		own_place = (int) (place - queue_shared->places);
	}
	else
		queue_shared->refused++;
	if (recorder != NULL)
		proc = recorder->proc;
	LWLockRelease(queue_lock);
	queue_wake(proc);
	return place == NULL ? NOBODY : own_place;
}

/* Until it is done, or the time is over: then false. */
static bool
wait_until_done(int at)
{
	int64 until = guard_now() + (int64) guc_queue_timeout * 1000;

	for (;;)
	{
		bool  done;
		int64 left;

		LWLockAcquire(queue_lock, LW_SHARED);
		done = queue_shared->places[at].state == PLACE_DONE;
		LWLockRelease(queue_lock);
		if (done)
			return true;
		left = until - guard_now();
		if (left <= 0)
			return false;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, (long) ((left + 999) / 1000), PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

/* What became of an event, as an error's detail. */
static char *
what_became(const QueueRequest *request, GivenUp how)
{
	const char *as = "";

	if (how == NEVER_STORED)
		return pstrdup("It was not stored, and will not be.");
	if (request->is_action)
		as = psprintf(" as action %s", DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&request->action))));
	return how == ANSWERED ? psprintf("It was stored%s.", as)
						   : psprintf("It may still be stored%s: the recorder had begun with it.", as);
}

/* The wait ended by an error, a cancellation above all: it says what became of the event too. */
pg_noreturn static void
rethrow(MemoryContext context, const QueueRequest *request, GivenUp how)
{
	ErrorData *error;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	FlushErrorState();
	if (error->detail == NULL)
		error->detail = what_became(request, how);
	ReThrowError(error);
}

void
queue_store(const QueueRequest *request)
{
	MemoryContext context = CurrentMemoryContext;
	bool		  has_share;
	int			  at = put_in(request, &has_share);
	char		  words[QUEUE_WORDS_MAX];
	volatile bool done = false;
	int			  sqlstate;

	if (at == NOBODY)
		ereport(ERROR, (errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
						errmsg("the queue of events to be stored is full"),
						has_share
							? errdetail("It has %d places, for all databases, of which one role has half at most. The event was not stored.",
										queue_shared->nplaces)
							: errdetail("It has %d places, for all databases. The event was not stored.", queue_shared->nplaces),
						errhint("Try again; where that lasts, raise maestro.queue_entries, or see in the server's log what "
								"holds the recorder up.")));
	PG_TRY();
	{
		done = wait_until_done(at);
	}
	PG_CATCH();
	{
		rethrow(context, request, stop_waiting(at));
	}
	PG_END_TRY();
	if (!done)
	{
		GivenUp how = stop_waiting(at);

		if (how == ANSWERED)
			return;
		ereport(ERROR, (errcode(ERRCODE_LOCK_NOT_AVAILABLE),
						errmsg("the recorder did not store the event within %d ms", guc_queue_timeout),
						errdetail("%s", what_became(request, how)),
						errhint("The server's log says what it waits for; maestro.status() shows the queue.")));
	}
	own_place = NOBODY;
	sqlstate = read_answer(at, words);
	if (sqlstate != 0)
		ereport(ERROR, (errcode(sqlstate), errmsg("%s", words), errdetail("%s", what_became(request, NEVER_STORED))));
}
