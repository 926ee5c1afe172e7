/*
 * worker.c
 *		Background processes: a launcher, and a sealer for each database that
 *		maestro.databases names.
 *
 * A sealer that fails ends with its error in the server's log, and the launcher
 * starts it again a while later: a database that does not exist, or an event that
 * was tampered with, is reported again and again, and harms no other database.
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "compat.h"
#include "guc.h"
#include "seal.h"
#include "shmem.h"
#include "worker.h"

/* milliseconds until a sealer that has ended is started again */
#define RESTART_MS 5000
/* milliseconds between looks for an extension or log that is not there yet */
#define IDLE_MS 1000

typedef struct Sealer
{
	char name[NAMEDATALEN];
	BackgroundWorkerHandle *handle; /* NULL: not running */
	TimestampTz started_at;
	bool wanted;
} Sealer;

static Sealer sealers[SHMEM_SEALERS];
static int	  nsealer = 0;

extern PGDLLEXPORT void maestro_launcher_main(Datum arg);
extern PGDLLEXPORT void maestro_sealer_main(Datum arg);

static void
prepare_worker(BackgroundWorker *worker, const char *function, const char *name)
{
	memset(worker, 0, sizeof(*worker));
	strlcpy(worker->bgw_library_name, "maestro", sizeof(worker->bgw_library_name));
	strlcpy(worker->bgw_function_name, function, sizeof(worker->bgw_function_name));
	strlcpy(worker->bgw_name, name, sizeof(worker->bgw_name));
	strlcpy(worker->bgw_type, name, sizeof(worker->bgw_type));
	/* a standby has nothing to seal */
	worker->bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker->bgw_restart_time = BGW_NEVER_RESTART;
}

void
worker_register(void)
{
	BackgroundWorker worker;

	prepare_worker(&worker, "maestro_launcher_main", "maestro launcher");
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS;
	worker.bgw_restart_time = 5;
	RegisterBackgroundWorker(&worker);
}

/* Waits; false when the process is to end. */
static bool
rest(long timeout_ms)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH | (timeout_ms >= 0 ? WL_TIMEOUT : 0),
					 timeout_ms, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
	return !ShutdownRequestPending;
}

/* ---- launcher ---- */

static Sealer *
sealer_named(const char *name)
{
	int at = 0;

	for (int i = 0; i < nsealer; i++)
		if (strcmp(sealers[i].name, name) == 0)
			return &sealers[i];
	/* the place of one that is gone, or a new one */
	while (at < nsealer && (sealers[at].wanted || sealers[at].handle != NULL))
		at++;
	if (at == SHMEM_SEALERS)
	{
		ereport(WARNING, (errmsg("maestro.databases names more than %d databases", SHMEM_SEALERS)));
		return NULL;
	}
	memset(&sealers[at], 0, sizeof(Sealer));
	strlcpy(sealers[at].name, name, NAMEDATALEN);
	nsealer = Max(nsealer, at + 1);
	return &sealers[at];
}

/* Which databases are to be sealed, by the setting. */
static void
read_wanted(void)
{
	char *list = pstrdup(guc_databases);
	List *names = NIL;
	ListCell *cell;
	static bool said = false; /* what is wrong with it, once */

	for (int i = 0; i < nsealer; i++)
		sealers[i].wanted = false;
	if (!SplitIdentifierString(list, ',', &names))
	{
		if (!said)
			ereport(WARNING, (errmsg("maestro.databases is no list of names, nothing is sealed"),
							  errhint("Names of databases with commas between them, in double quotes where they need it.")));
		said = true;
	}
	else
		said = false;
	foreach(cell, names)
	{
		Sealer *sealer = sealer_named(lfirst(cell));

		if (sealer != NULL)
			sealer->wanted = true;
	}
	list_free(names);
	pfree(list);
}

static void
start_sealer(Sealer *sealer)
{
	BackgroundWorker worker;
	char			 name[BGW_MAXLEN];

	snprintf(name, sizeof(name), "maestro sealer %s", sealer->name);
	prepare_worker(&worker, "maestro_sealer_main", name);
	strlcpy(worker.bgw_type, "maestro sealer", sizeof(worker.bgw_type));
	strlcpy(worker.bgw_extra, sealer->name, sizeof(worker.bgw_extra));
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_notify_pid = MyProcPid;
	sealer->started_at = GetCurrentTimestamp();
	if (!RegisterDynamicBackgroundWorker(&worker, &sealer->handle))
	{
		sealer->handle = NULL;
		ereport(LOG, (errmsg("there is no free worker for the sealer of database \"%s\"", sealer->name),
					  errhint("Raise max_worker_processes.")));
	}
}

/* Start and stop sealers as the setting wants it. */
static void
tend_sealers(void)
{
	for (int i = 0; i < nsealer; i++)
	{
		Sealer *sealer = &sealers[i];
		pid_t	pid;

		if (sealer->handle != NULL &&
			GetBackgroundWorkerPid(sealer->handle, &pid) == BGWH_STOPPED)
		{
			pfree(sealer->handle);
			sealer->handle = NULL;
		}
		if (sealer->handle != NULL && !sealer->wanted)
			TerminateBackgroundWorker(sealer->handle);
		else if (sealer->handle == NULL && sealer->wanted &&
				 TimestampDifferenceExceeds(sealer->started_at, GetCurrentTimestamp(), RESTART_MS))
			start_sealer(sealer);
	}
}

void
maestro_launcher_main(Datum arg)
{
	(void) arg;
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	BackgroundWorkerUnblockSignals();
	do
	{
		read_wanted();
		tend_sealers();
	} while (rest(IDLE_MS));
	proc_exit(0);
}

/* ---- sealer ---- */

/* One seal in its own transaction. */
static void
seal_once(void)
{
	static bool said = false; /* that it waits, once */
	SealResult	result = {0};

	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	pgstat_report_activity(STATE_RUNNING, "sealing the log");
	shmem_forget_events();
	if (OidIsValid(get_extension_oid("maestro", true)))
		seal_run(true, &result);
	if (result.waits && !said)
		ereport(LOG, (errmsg("the log is not sealed: this database was restored, copied or reset"),
					  errhint("Say what it is with maestro.adopt_log(reason) or maestro.log_fork(reason).")));
	said = result.waits;
	PopActiveSnapshot();
	CommitTransactionCommand();
	pgstat_report_stat(true);
	pgstat_report_activity(STATE_IDLE, NULL);
}

void
maestro_sealer_main(Datum arg)
{
	(void) arg;
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(MyBgworkerEntry->bgw_extra, NULL, 0);
	if (!shmem_sealer_begin())
		ereport(FATAL, (errmsg("the log of database \"%s\" has a sealer already", MyBgworkerEntry->bgw_extra)));
	/* transactions of its own, whatever the database's defaults */
	SetConfigOption("default_transaction_isolation", "read committed", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("default_transaction_read_only", "off", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("statement_timeout", "0", PGC_SUSET, PGC_S_OVERRIDE);
	/* who holds the log's lock for long is reported, again and again */
	SetConfigOption("lock_timeout", "30s", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("idle_in_transaction_session_timeout", "0", PGC_SUSET, PGC_S_OVERRIDE);
	do
	{
		if (guc_seal_interval > 0)
			seal_once();
	} while (rest(guc_seal_interval > 0 ? guc_seal_interval : -1));
	proc_exit(0);
}
