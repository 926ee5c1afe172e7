/*
 * recorder.c
 *		Stores what the queue of its database holds.
 *
 * A recorder takes what has come together while it stored the last ones, and stores it in
 * one transaction, each event in a subtransaction of its own: one commit for many, and an
 * event that cannot be stored harms no other.  It is no part of the sealer, which may be
 * busy with a long seal, wait for a lock, or end because somebody has tampered with the log.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "commands/extension.h"
#include "pgstat.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "action.h"
#include "queue.h"
#include "recorder.h"
#include "registry.h"

/* events of one transaction */
#define BATCH_MAX 32

static void
refuse(QueueTaken *taken, int sqlstate, const char *words)
{
	taken->sqlstate = sqlstate;
	strlcpy(taken->words, words, sizeof(taken->words));
}

/*
 * What it was made with must be what everybody sees: neither the extension nor the
 * component may be the uncommitted work of the transaction that handed it over.
 */
static bool
is_known(QueueTaken *taken, Event *event)
{
	RegistryComponent component;

	if (!OidIsValid(get_extension_oid("maestro", true)) || !event_unpack(taken->tuple, taken->table, event))
	{
		refuse(taken, ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
			   "extension maestro was made by a transaction that is not committed, or was made anew");
		return false;
	}
	if (event->nulls[EVENT_COMPONENT_ID] ||
		!registry_component(DatumGetInt32(event->values[EVENT_COMPONENT_ID]), &component))
	{
		refuse(taken, ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
			   "the component is registered by a transaction that is not committed: commit it first");
		return false;
	}
	return true;
}

static void
store(QueueTaken *taken)
{
	Event event;

	if (!is_known(taken, &event))
		return;
	if (taken->is_action)
		action_store(&event, &taken->action, taken->action_kind);
	else
	{
		EventWriter *writer = event_writer_begin();

		(void) event_write(writer, &event);
		event_writer_end(writer);
	}
}

/* Messages of our own quote nothing of what is stored; of others the code alone is told. */
static void
refuse_with_error(QueueTaken *taken)
{
	ErrorData *error = CopyErrorData();
	bool	   is_ours = error->domain != NULL && strcmp(error->domain, TEXTDOMAIN) == 0;

	FlushErrorState();
	refuse(taken, error->sqlerrcode, is_ours ? error->message : "the recorder could not store the event");
	ereport(LOG, (errmsg("an event of the queue was not stored: SQLSTATE %s", unpack_sql_state(error->sqlerrcode)),
				  is_ours ? errdetail_log("%s", error->message) : 0));
	FreeErrorData(error);
}

static void
store_apart(QueueTaken *taken, MemoryContext context)
{
	ResourceOwner owner = CurrentResourceOwner;

	if (taken->sqlstate != 0)
		return;
	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		store(taken);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		RollbackAndReleaseCurrentSubTransaction();
		refuse_with_error(taken);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
}

static void
store_together(QueueTaken *taken, int n, MemoryContext context)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	pgstat_report_activity(STATE_RUNNING, "storing events of the queue");
	PushActiveSnapshot(GetTransactionSnapshot());
	MemoryContextSwitchTo(context);
	for (int i = 0; i < n; i++)
		store_apart(&taken[i], context);
	PopActiveSnapshot();
	CommitTransactionCommand();
	pgstat_report_stat(true);
	pgstat_report_activity(STATE_IDLE, NULL);
}

/* The commit itself failed, or what is round the events: none of them is stored. */
static void
refuse_all(QueueTaken *taken, int n)
{
	ErrorData *error = CopyErrorData();

	EmitErrorReport();
	FlushErrorState();
	AbortCurrentTransaction();
	for (int i = 0; i < n; i++)
		refuse(&taken[i], error->sqlerrcode, "the recorder could not store the event");
}

void
recorder_run(void)
{
	MemoryContext context =
		AllocSetContextCreate(TopMemoryContext, "maestro recorder", ALLOCSET_DEFAULT_SIZES);
	QueueTaken	 *taken;
	int			  n;

	MemoryContextSwitchTo(context);
	taken = palloc(BATCH_MAX * sizeof(QueueTaken));
	while ((n = queue_take(taken, BATCH_MAX)) > 0)
	{
		PG_TRY();
		{
			store_together(taken, n, context);
		}
		PG_CATCH();
		{
			MemoryContextSwitchTo(context);
			refuse_all(taken, n);
		}
		PG_END_TRY();
		queue_done(taken, n);
		MemoryContextSwitchTo(context);
		MemoryContextReset(context);
		taken = palloc(BATCH_MAX * sizeof(QueueTaken));
	}
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextDelete(context);
}
