/*
 * worker.c
 *		Background processes: a launcher, and a sealer and a recorder for each database
 *		that maestro.databases names.
 *
 * One that fails ends with its error in the server's log, and the launcher
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
#include "utils/varlena.h"

#include "compat.h"
#include "guard_shmem.h"
#include "guc.h"
#include "queue.h"
#include "recorder.h"
#include "seal.h"
#include "shmem.h"
#include "worker.h"

/* microseconds until a sealer that has ended is started again */
#define RESTART_US 5000000
/* milliseconds between looks for an extension or log that is not there yet */
#define IDLE_MS 1000

/* what a database has */
typedef struct Work
{
	const char *function;
	const char *type;
} Work;

static const Work works[] = {{"maestro_sealer_main", "maestro sealer"}, {"maestro_recorder_main", "maestro recorder"}};

typedef struct Served
{
	char name[NAMEDATALEN];
	BackgroundWorkerHandle *handles[lengthof(works)]; /* NULL: not running */
	int64 started_at[lengthof(works)]; /* by guard_now; 0: never */
	bool wanted;
} Served;

static Served served[SHMEM_SEALERS];
static int	  nserved = 0;

extern PGDLLEXPORT void maestro_launcher_main(Datum arg);
extern PGDLLEXPORT void maestro_sealer_main(Datum arg);
extern PGDLLEXPORT void maestro_recorder_main(Datum arg);

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

static bool
is_running(const Served *database)
{
	for (int i = 0; i < (int) lengthof(works); i++)
		if (database->handles[i] != NULL)
			return true;
	return false;
}

static Served *
served_named(const char *name)
{
	int at = 0;

	for (int i = 0; i < nserved; i++)
		if (strcmp(served[i].name, name) == 0)
			return &served[i];
	/* the place of one that is gone, or a new one */
	while (at < nserved && (served[at].wanted || is_running(&served[at])))
		at++;
	if (at == SHMEM_SEALERS)
	{
		ereport(WARNING, (errmsg("maestro.databases names more than %d databases", SHMEM_SEALERS)));
		return NULL;
	}
	memset(&served[at], 0, sizeof(Served));
	strlcpy(served[at].name, name, NAMEDATALEN);
	nserved = Max(nserved, at + 1);
	return &served[at];
}

/* Which databases are to be served, by the setting. */
static void
read_wanted(void)
{
	char *list = pstrdup(guc_databases);
	List *names = NIL;
	ListCell *cell;
	static bool said = false; /* what is wrong with it, once */

	if (!SplitIdentifierString(list, ',', &names))
	{
		if (!said)
			ereport(WARNING, (errmsg("maestro.databases is no list of names: those that it had before are served"),
							  errhint("Names of databases with commas between them, in double quotes where they need it.")));
		said = true;
		list_free(names);
		pfree(list);
		return;
	}
	said = false;
	for (int i = 0; i < nserved; i++)
		served[i].wanted = false;
	foreach(cell, names)
	{
		Served *database = served_named(lfirst(cell));

		if (database != NULL)
			database->wanted = true;
	}
	list_free(names);
	pfree(list);
}

static void
start_work(Served *database, int i)
{
	BackgroundWorker worker;
	char			 name[BGW_MAXLEN];

	snprintf(name, sizeof(name), "%s %s", works[i].type, database->name);
	prepare_worker(&worker, works[i].function, name);
	strlcpy(worker.bgw_type, works[i].type, sizeof(worker.bgw_type));
	strlcpy(worker.bgw_extra, database->name, sizeof(worker.bgw_extra));
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_notify_pid = MyProcPid;
	database->started_at[i] = guard_now();
	if (!RegisterDynamicBackgroundWorker(&worker, &database->handles[i]))
	{
		database->handles[i] = NULL;
		ereport(LOG, (errmsg("there is no free worker for the %s of database \"%s\"", works[i].type, database->name),
					  errhint("Raise max_worker_processes.")));
	}
}

/* Start and stop it as the setting wants it. */
static void
tend_work(Served *database, int i)
{
	BackgroundWorkerHandle *handle = database->handles[i];
	pid_t pid;

	if (handle != NULL && GetBackgroundWorkerPid(handle, &pid) == BGWH_STOPPED)
	{
		pfree(handle);
		database->handles[i] = handle = NULL;
	}
	if (handle != NULL && !database->wanted)
		TerminateBackgroundWorker(handle);
	else if (handle == NULL && database->wanted &&
			 (database->started_at[i] == 0 || guard_now() - database->started_at[i] >= RESTART_US))
		start_work(database, i);
}

static void
tend_all(void)
{
	for (int d = 0; d < nserved; d++)
		for (int i = 0; i < (int) lengthof(works); i++)
			tend_work(&served[d], i);
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
		tend_all();
	} while (rest(IDLE_MS));
	/* Who ended it alone finds it started again, and the next one knows nothing of these. */
	for (int d = 0; d < nserved; d++)
		served[d].wanted = false;
	tend_all();
	proc_exit(1);
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

static void
set(const char *name, const char *value)
{
	SetConfigOption(name, value, PGC_SUSET, PGC_S_OVERRIDE);
}

/* Connects to the database that is its own; transactions of its own, whatever the defaults. */
static void
begin_work(const char *lock_timeout)
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(MyBgworkerEntry->bgw_extra, NULL, 0);
	set("default_transaction_isolation", "read committed");
	set("default_transaction_read_only", "off");
	set("statement_timeout", "0");
	set("lock_timeout", lock_timeout);
	set("idle_in_transaction_session_timeout", "0");
}

void
maestro_sealer_main(Datum arg)
{
	(void) arg;
	/* who holds the log's lock for long is reported, again and again */
	begin_work("30s");
	if (!shmem_sealer_begin())
		ereport(FATAL, (errmsg("the log of database \"%s\" has a sealer already", MyBgworkerEntry->bgw_extra)));
	do
	{
		if (guc_seal_interval > 0)
			seal_once();
	} while (rest(guc_seal_interval > 0 ? guc_seal_interval : -1));
	proc_exit(0);
}

/* ---- recorder ---- */

void
maestro_recorder_main(Datum arg)
{
	(void) arg;
	/* what waits for the very transaction that waits for it is refused before that gives up */
	begin_work("1s");
	if (!queue_serve())
		ereport(FATAL, (errmsg("database \"%s\" has a recorder already", MyBgworkerEntry->bgw_extra)));
	do
		recorder_run();
	while (rest(-1));
	proc_exit(0);
}
