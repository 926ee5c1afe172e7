/*
 * guard_save.c
 *		What guards remember, kept over a restart.
 *
 * At a clean shutdown the postmaster writes all entries to pg_stat/maestro_guards, which
 * the next start reads and removes.  The file is this build's own, field by field as in
 * memory; one of another build, or cut short, is not read.
 *
 *		magic, version		4 bytes each
 *		entry size			4, number of entries 4
 *		now, wall			8 each: the monotonic clock and the time of day, microseconds
 *		entries				GuardEntry each, but bulkheads: their calls ended with the server
 *
 * The monotonic clock begins anew when the machine does.  Times are moved by what the
 * clock jumped, less what the time of day says has passed.
 *
 * After a crash there is no such file.  Limiters begin anew, and what runs have used is
 * in the log (guard_run_log.c); but a breaker that was open may not forget it.
 * pg_stat/maestro_breakers is a journal of that: a GuardKey and a byte, 1 open, 0 not, of
 * each breaker that has opened since the start, at a place of its own.  It is written when a
 * breaker opens or closes, seldom therefore, and not flushed: it survives the server, not
 * the machine.  Each start begins it anew.
 */
#include "postgres.h"

#include <fcntl.h>
#include <unistd.h>

#include "catalog/pg_control.h"
#include "common/controldata_utils.h"
#include "common/file_perm.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/fd.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "guard_entry.h"
#include "guard_save.h"

#define SAVE_FILE	 PGSTAT_STAT_PERMANENT_DIRECTORY "/maestro_guards"
#define SAVE_TEMP	 PGSTAT_STAT_PERMANENT_DIRECTORY "/maestro_guards.tmp"
#define JOURNAL_FILE PGSTAT_STAT_PERMANENT_DIRECTORY "/maestro_breakers"

#define SAVE_MAGIC	 0x4d474431 /* "MGD1" */
#define SAVE_VERSION 5

/* a clock that is off by less than this goes on */
#define CLOCK_SLACK USECS_PER_SEC

/* places of the journal: breakers that open later, having come and gone, are forgotten */
#define JOURNAL_MAX 1000000

typedef struct SaveHeader
{
	uint32 magic;
	uint32 version;
	uint32 entry_size;
	uint32 entries;
	int64  now;
	int64  wall;
} SaveHeader;

typedef struct JournalRow
{
	GuardKey key;
	uint8	 is_open;
} JournalRow;

/* ---- saving ---- */

typedef struct Saver
{
	FILE  *file;
	uint32 entries;
	bool   failed;
} Saver;

static void
count_entry(GuardEntry *entry, void *context)
{
	((Saver *) context)->entries += entry->kind != GUARD_BULKHEAD;
}

static void
write_entry(GuardEntry *entry, void *context)
{
	Saver *saver = context;

	if (entry->kind != GUARD_BULKHEAD && fwrite(entry, sizeof(*entry), 1, saver->file) != 1)
		saver->failed = true;
}

/*
 * The postmaster ends with code 0 after an immediate shutdown, too, which may have cut
 * backends off in the middle of a change.  The control file knows.
 */
static bool
is_clean_shutdown(void)
{
	bool			 good;
	ControlFileData *control = get_controlfile(DataDir, &good);
	bool			 clean = good && (control->state == DB_SHUTDOWNED || control->state == DB_SHUTDOWNED_IN_RECOVERY);

	pfree(control);
	return clean;
}

void
guard_save(void)
{
	Saver	   saver = {NULL, 0, false};
	SaveHeader header;

	if (guard_shared == NULL || !is_clean_shutdown())
		return;
	guard_visit_all(count_entry, &saver);
	header = (SaveHeader) {SAVE_MAGIC, SAVE_VERSION, sizeof(GuardEntry), saver.entries, guard_now(), GetCurrentTimestamp()};
	saver.file = AllocateFile(SAVE_TEMP, PG_BINARY_W);
	if (saver.file == NULL || fwrite(&header, sizeof(header), 1, saver.file) != 1)
		saver.failed = true;
	else
		guard_visit_all(write_entry, &saver);
	if (saver.file != NULL && FreeFile(saver.file) != 0)
		saver.failed = true;
	if (saver.failed)
	{
		ereport(LOG, (errcode_for_file_access(), errmsg("could not write file \"%s\": %m", SAVE_TEMP)));
		unlink(SAVE_TEMP);
		return;
	}
	(void) durable_rename(SAVE_TEMP, SAVE_FILE, LOG);
	unlink(JOURNAL_FILE);
}

/* ---- loading ---- */

static void
restore_entry(const GuardEntry *saved, int64 shift)
{
	GuardEntry *entry = guard_restore(&saved->key, saved->kind);
	int64		tat = (int64) pg_atomic_read_u64(&unconstify(GuardEntry *, saved)->tat);

	if (entry == NULL)
		return;
	pg_atomic_write_u64(&entry->allowed, pg_atomic_read_u64(&unconstify(GuardEntry *, saved)->allowed));
	pg_atomic_write_u64(&entry->denied, pg_atomic_read_u64(&unconstify(GuardEntry *, saved)->denied));
	pg_atomic_write_u64(&entry->uncounted, pg_atomic_read_u64(&unconstify(GuardEntry *, saved)->uncounted));
	entry->recent = saved->recent;
	entry->recent.since += shift;
	if (saved->kind == GUARD_RATE_LIMITER && tat > 0)
		pg_atomic_write_u64(&entry->tat, (uint64) (tat + shift * 1000));
	else if (saved->kind == GUARD_CIRCUIT_BREAKER)
	{
		entry->u.breaker = saved->u.breaker;
		breaker_shift(&entry->u.breaker, shift);
		entry->told = saved->told;
		if (entry->u.breaker.state != BREAKER_CLOSED)
			guard_note_open(entry, true);
	}
	else if (saved->kind == GUARD_BUDGET)
	{
		entry->u.run = saved->u.run;
		entry->told = saved->told;
		entry->u.run.touched += shift;
		entry->u.run.budget.began += shift;
	}
}

/* false: there is no such file, or none of ours. */
static bool
load_saved(void)
{
	FILE	  *file = AllocateFile(SAVE_FILE, PG_BINARY_R);
	SaveHeader header;
	GuardEntry entry;
	int64	   passed;
	int64	   shift;
	bool	   good;

	if (file == NULL)
		return false;
	good = fread(&header, sizeof(header), 1, file) == 1 && header.magic == SAVE_MAGIC &&
		   header.version == SAVE_VERSION && header.entry_size == sizeof(GuardEntry);
	if (good)
	{
		passed = Max(GetCurrentTimestamp() - header.wall, 0);
		shift = guard_now() - header.now - passed;
		if (shift > -CLOCK_SLACK && shift < CLOCK_SLACK)
			shift = 0;
		for (uint32 i = 0; good && i < header.entries; i++)
		{
			good = fread(&entry, sizeof(entry), 1, file) == 1 && entry.kind < GUARD_KINDS;
			if (good)
				restore_entry(&entry, shift);
		}
	}
	if (!good)
		ereport(LOG, (errmsg("file \"%s\" is not of this version, or damaged: guards begin anew", SAVE_FILE)));
	(void) FreeFile(file);
	unlink(SAVE_FILE);
	return true;
}

static void
load_journal(void)
{
	FILE	  *file = AllocateFile(JOURNAL_FILE, PG_BINARY_R);
	JournalRow row;

	if (file == NULL)
		return;
	while (fread(&row, sizeof(row), 1, file) == 1)
	{
		GuardEntry *entry;

		/* a place that was taken and not written to */
		if (row.key.database == InvalidOid)
			continue;
		entry = guard_restore(&row.key, GUARD_CIRCUIT_BREAKER);
		if (entry != NULL && row.is_open)
			breaker_reopen_half(&entry->u.breaker, guard_now());
		if (entry != NULL)
			entry->told = UINT8_MAX; /* nobody knows */
	}
	(void) FreeFile(file);
}

/* What is half-open may open again, and is written down as if it were open. */
static void
note_half_open(GuardEntry *entry, void *context)
{
	(void) context;
	if (entry->kind == GUARD_CIRCUIT_BREAKER && entry->u.breaker.state != BREAKER_CLOSED)
		guard_note_open(entry, true);
}

void
guard_load(void)
{
	if (load_saved())
		return;
	load_journal();
	unlink(JOURNAL_FILE);
	guard_visit_all(note_half_open, NULL);
}

void
guard_note_open(GuardEntry *entry, bool is_open)
{
	JournalRow row;
	int		   fd;

	if (entry->noted == 0)
		entry->noted = pg_atomic_add_fetch_u32(&guard_shared->noted, 1);
	if (entry->noted > JOURNAL_MAX)
		return;
	fd = open(JOURNAL_FILE, O_WRONLY | O_CREAT | PG_BINARY, pg_file_create_mode);
	if (fd < 0)
		return;
	memset(&row, 0, sizeof(row));
	row.key = entry->key;
	row.is_open = is_open;
	/* a full disk can cut a row off only where it is the last */
	(void) !pg_pwrite(fd, &row, sizeof(row), (off_t) (entry->noted - 1) * sizeof(row));
	(void) close(fd);
}
