/*
 * queue.c
 *		Events for another process to store: who there is to do it, and his part of it; see
 *		queue.h for who may touch what.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

#include "compat.h"
#include "guc.h"
#include "queue_place.h"

/* an event that two recorders did not survive is refused */
#define TRIES_MAX 2

Queue *queue_shared = NULL;
LWLock *queue_lock;

/* the recorder that this process is */
static Recorder *own_recorder = NULL;

/* ---- shared memory ---- */

Size
queue_size(void)
{
	return MAXALIGN(add_size(offsetof(Queue, places), mul_size(guc_queue_entries, sizeof(Place))));
}

void
queue_attach(void *memory, bool found, LWLock *lock)
{
	queue_shared = memory;
	queue_lock = lock;
	if (found)
		return;
	memset(queue_shared, 0, queue_size());
	queue_shared->nplaces = guc_queue_entries;
}

Recorder *
queue_recorder(Oid database)
{
	for (int i = 0; i < SHMEM_SEALERS; i++)
		if (queue_shared->recorders[i].database == database)
			return &queue_shared->recorders[i];
	return NULL;
}

/* ---- who there is ---- */

bool
queue_is_served(void)
{
	bool served;

	if (queue_shared == NULL)
		return false;
	LWLockAcquire(queue_lock, LW_SHARED);
	served = queue_recorder(MyDatabaseId) != NULL;
	LWLockRelease(queue_lock);
	return served;
}

/* Does maestro.databases name this database? */
static bool
is_listed(const char *database)
{
	List	 *names;
	ListCell *cell;

	if (!SplitIdentifierString(pstrdup(guc_databases), ',', &names))
		return false;
	foreach(cell, names)
		if (strcmp(lfirst(cell), database) == 0)
			return true;
	return false;
}

void
queue_require(const char *what)
{
	const char *database;
	const char *between = guc_databases[0] == '\0' ? "" : ", ";

	if (queue_is_served())
		return;
	database = get_database_name(MyDatabaseId);
	if (queue_shared == NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("%s within a transaction needs maestro to be loaded when the server starts", what),
						errdetail("Only another process can store what has to stay if the transaction is rolled back."),
						errhint("Set shared_preload_libraries = 'maestro' and maestro.databases = '%s' in postgresql.conf, and "
								"restart the server; or call it as a statement of its own, outside of a transaction block.",
								quote_identifier(database))));
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("%s within a transaction needs the recorder of this database, which is not running", what),
					errdetail("Only another process can store what has to stay if the transaction is rolled back."),
					is_listed(database)
						? errhint("It is started again within 5 s; the server's log says why it ended.")
						: errhint("Set maestro.databases = '%s%s%s' in postgresql.conf, and SELECT pg_reload_conf().", guc_databases,
								  between, quote_identifier(database))));
}

/* ---- recording ---- */

/* What was taken and is not committed waits again, for the next one. */
static void
recorder_ends(int code, Datum arg)
{
	(void) code;
	(void) arg;
	LWLockAcquire(queue_lock, LW_EXCLUSIVE);
	for (int i = 0; i < queue_shared->nplaces; i++)
		if (queue_shared->places[i].state == PLACE_TAKEN && queue_shared->places[i].database == MyDatabaseId)
			queue_shared->places[i].state = PLACE_WAITING;
	own_recorder->database = InvalidOid;
	LWLockRelease(queue_lock);
	own_recorder = NULL;
}

bool
queue_serve(void)
{
	Recorder *recorder;

	if (queue_shared == NULL)
		return false;
	LWLockAcquire(queue_lock, LW_EXCLUSIVE);
	recorder = queue_recorder(MyDatabaseId) == NULL ? queue_recorder(InvalidOid) : NULL;
	if (recorder != NULL)
	{
		recorder->proc = compat_my_proc_number();
		recorder->pid = MyProcPid;
		recorder->database = MyDatabaseId;
		own_recorder = recorder;
	}
	LWLockRelease(queue_lock);
	if (recorder != NULL)
		before_shmem_exit(recorder_ends, (Datum) 0);
	return recorder != NULL;
}

/* The oldest that waits; under the lock. */
static Place *
oldest(void)
{
	Place *found = NULL;

	for (int i = 0; i < queue_shared->nplaces; i++)
	{
		Place *place = &queue_shared->places[i];

		if (place->state == PLACE_WAITING && place->database == MyDatabaseId &&
			(found == NULL || place->serial < found->serial))
			found = place;
	}
	return found;
}

static void
copy_out(Place *place, QueueTaken *taken)
{
	taken->place = (int) (place - queue_shared->places);
	taken->is_action = place->is_action;
	taken->action = place->action;
	taken->action_kind = place->action_kind;
	taken->table = place->table;
	taken->sqlstate = 0;
	taken->words[0] = '\0';
	taken->tuple->t_len = place->len;
	memcpy(taken->tuple->t_data, place->bytes, place->len);
	if (place->tries > TRIES_MAX)
	{
		taken->sqlstate = ERRCODE_INTERNAL_ERROR;
		strlcpy(taken->words, "the recorder ended each time that it was to store the event", QUEUE_WORDS_MAX);
	}
}

int
queue_take(QueueTaken *taken, int max)
{
	Place *place;
	int	   n = 0;

	for (int i = 0; i < max; i++)
		taken[i].tuple = palloc0(HEAPTUPLESIZE + QUEUE_EVENT_MAX);
	LWLockAcquire(queue_lock, LW_EXCLUSIVE);
	while (n < max && (place = oldest()) != NULL)
	{
		taken[n].tuple->t_data = (HeapTupleHeader) ((char *) taken[n].tuple + HEAPTUPLESIZE);
		place->state = PLACE_TAKEN;
		place->tries++;
		copy_out(place, &taken[n++]);
	}
	LWLockRelease(queue_lock);
	return n;
}

void
queue_done(const QueueTaken *taken, int n)
{
	int *waiters = palloc(n * sizeof(int));

	LWLockAcquire(queue_lock, LW_EXCLUSIVE);
	for (int i = 0; i < n; i++)
	{
		Place *place = &queue_shared->places[taken[i].place];

		if (taken[i].sqlstate == 0)
			queue_shared->stored++;
		else
			queue_shared->failed++;
		place->sqlstate = taken[i].sqlstate;
		strlcpy(place->words, taken[i].words, QUEUE_WORDS_MAX);
		waiters[i] = place->waiter;
		place->state = place->waiter == NOBODY ? PLACE_FREE : PLACE_DONE;
	}
	LWLockRelease(queue_lock);
	for (int i = 0; i < n; i++)
		queue_wake(waiters[i]);
	pfree(waiters);
}

void
queue_look(QueueLook *look)
{
	Recorder *recorder;

	memset(look, 0, sizeof(*look));
	if (queue_shared == NULL)
		return;
	LWLockAcquire(queue_lock, LW_SHARED);
	look->capacity = queue_shared->nplaces;
	for (int i = 0; i < queue_shared->nplaces; i++)
		look->waiting += queue_shared->places[i].state == PLACE_WAITING || queue_shared->places[i].state == PLACE_TAKEN;
	look->stored = queue_shared->stored;
	look->refused = queue_shared->refused;
	look->failed = queue_shared->failed;
	look->dropped = queue_shared->dropped;
	recorder = queue_recorder(MyDatabaseId);
	look->recorder_pid = recorder == NULL ? 0 : recorder->pid;
	LWLockRelease(queue_lock);
}
