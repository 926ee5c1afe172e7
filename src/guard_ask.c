/*
 * guard_ask.c
 *		Questions to guards, and what they are told: the cores under the locks that
 *		guard_shmem.h says.
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "storage/lwlock.h"
#include "storage/spin.h"

#include "compat.h"
#include "guard_entry.h"
#include "guard_save.h"
#include "guc.h"

/* ---- questions ---- */

/* Moves an atomic TAT; what is read before the clock is never ahead of it by mistake. */
static LimiterAnswer
ask_limiter(const LimiterRule *rule, pg_atomic_uint64 *state, double cost, int64 *retry_after, int64 *now)
{
	uint64 was = pg_atomic_read_u64(state);

	for (;;)
	{
		int64		  tat = (int64) was;
		LimiterAnswer answer;

		pg_read_barrier();
		*now = guard_now();
		answer = limiter_ask(rule, &tat, *now, cost, retry_after);
		if (tat == (int64) was || pg_atomic_compare_exchange_u64(state, &was, (uint64) tat))
			return answer;
	}
}

static void
table_is_full(GuardAnswer *answer)
{
	answer->is_full = true;
	answer->allowed = guc_guard_on_full == GUARD_ON_FULL_ALLOW;
	answer->retry_after = -1;
}

static void
ask_bulkhead(const BulkheadRule *rule, Bulkhead *bulkhead, int64 now, GuardAnswer *answer)
{
	int32 place = BULKHEAD_NONE;

	if (bulkhead_expire(bulkhead, guard_shared->permits, now, guard_give_place_back, NULL) < rule->max_in_flight)
	{
		SpinLockAcquire(&guard_shared->pool_lock);
		place = bulkhead_pool_take(&guard_shared->pool, guard_shared->permits);
		SpinLockRelease(&guard_shared->pool_lock);
		if (place == BULKHEAD_NONE)
		{
			table_is_full(answer);
			return;
		}
		answer->allowed = true;
		bulkhead_grant(bulkhead, guard_shared->permits, place, now, rule->ttl);
		answer->permit = guard_shared->permits[place].id;
	}
	else
		answer->retry_after = bulkhead_next_end(bulkhead, guard_shared->permits) - now;
}

/* An event a second about one guard, ten at once: the others are counted. */
static bool
is_due(GuardEntry *entry)
{
	static LimiterRule rule;
	int64			   ignored;

	if (rule.unit == 0)
		(void) limiter_rule(&rule, 1, USECS_PER_SEC, 10);
	return ask_limiter(&rule, &entry->told_tat, 1, &ignored, &ignored) == LIMITER_ALLOWED;
}

static void
count_answer(GuardEntry *entry, double cost, bool may_tell, GuardAnswer *answer)
{
	if (answer->allowed)
	{
		pg_atomic_fetch_add_u64(&entry->allowed, 1);
		/* asking a limiter for nothing, or for part of a call */
		if (unlikely(entry->kind == GUARD_RATE_LIMITER && cost < 1))
			pg_atomic_fetch_add_u64(&entry->uncounted, 1);
	}
	else
		answer->denied = pg_atomic_add_fetch_u64(&entry->denied, 1);
	if (may_tell && (!answer->allowed || answer->changed))
	{
		answer->denied = pg_atomic_read_u64(&entry->denied);
		answer->tell = is_due(entry);
		if (answer->tell)
			entry->told = answer->breaker;
	}
}

/* Calls that were let through; never more than there were. */
static uint64
counted(GuardEntry *entry)
{
	uint64 allowed = pg_atomic_read_u64(&entry->allowed);
	uint64 uncounted;

	pg_read_barrier();
	uncounted = pg_atomic_read_u64(&entry->uncounted);
	return allowed > uncounted ? allowed - uncounted : 0;
}

/* What was allowed recently is counted anew every 15 days. */
static void
roll(const GuardKey *key, int64 now)
{
	GuardEntry *entry = guard_entry_find(key, LW_EXCLUSIVE);

	if (entry == NULL)
		return;
	recent_roll(&entry->recent, counted(entry), now);
	guard_entry_unlock(key);
}

void
guard_shmem_ask(const GuardKey *key, GuardEntry **hint, const GuardRule *rule, double cost, bool may_tell, GuardAnswer *answer)
{
	LWLockMode	mode = rule->kind == GUARD_RATE_LIMITER ? LW_SHARED : LW_EXCLUSIVE;
	GuardEntry *entry = *hint == NULL ? NULL : guard_entry_again(key, *hint, mode);
	int64		now;
	bool		is_over;

	if (unlikely(entry == NULL || entry->kind != rule->kind))
	{
		if (entry != NULL)
			guard_entry_unlock(key);
		*hint = entry = guard_entry_have(key, rule->kind, mode);
	}
	memset(answer, 0, sizeof(*answer));
	if (entry == NULL)
	{
		table_is_full(answer);
		return;
	}
	if (rule->kind == GUARD_RATE_LIMITER)
	{
		answer->limiter = ask_limiter(&rule->u.limiter, &entry->tat, cost, &answer->retry_after, &now);
		answer->allowed = answer->limiter == LIMITER_ALLOWED;
		if (answer->limiter > LIMITER_LIMITED)
			answer->retry_after = -1;
	}
	else if (now = guard_now(), rule->kind == GUARD_BULKHEAD)
		ask_bulkhead(&rule->u.bulkhead, &entry->u.bulkhead, now, answer);
	else
	{
		answer->allowed = breaker_ask(&rule->u.breaker, &entry->u.breaker, now, &answer->breaker, &answer->retry_after);
		answer->changed = answer->breaker != entry->told;
	}
	is_over = recent_is_over(&entry->recent, now);
	count_answer(entry, cost, may_tell, answer);
	guard_entry_unlock(key);
	if (unlikely(is_over))
		roll(key, now);
}

void
guard_shmem_record(const GuardKey *key, const GuardRule *rule, bool ok, int64 latency, bool may_tell, GuardAnswer *answer)
{
	GuardEntry	*entry = guard_entry_have(key, GUARD_CIRCUIT_BREAKER, LW_EXCLUSIVE);
	BreakerState before;
	BreakerState after;

	memset(answer, 0, sizeof(*answer));
	if (entry == NULL)
	{
		table_is_full(answer);
		return;
	}
	before = entry->u.breaker.state;
	answer->breaker = breaker_record(&rule->u.breaker, &entry->u.breaker, guard_now(), ok, latency);
	after = entry->u.breaker.state;
	answer->changed = answer->breaker != entry->told;
	answer->denied = pg_atomic_read_u64(&entry->denied);
	if (before != after && (after == BREAKER_OPEN || after == BREAKER_CLOSED))
		guard_note_open(entry, after == BREAKER_OPEN);
	answer->tell = answer->changed && may_tell && is_due(entry);
	if (answer->tell)
		entry->told = answer->breaker;
	guard_entry_unlock(key);
}

void
guard_shmem_untell(const GuardKey *key)
{
	GuardEntry *entry = guard_entry_find(key, LW_EXCLUSIVE);

	if (entry == NULL)
		return;
	/* none of the states that there are */
	entry->told = UINT8_MAX;
	if (entry->kind == GUARD_BUDGET)
		entry->u.run.is_ended = false;
	guard_entry_unlock(key);
}

bool
guard_shmem_release(const GuardKey *key, int64 permit)
{
	GuardEntry *entry = guard_entry_find(key, LW_EXCLUSIVE);
	bool		released = false;
	int32		place;

	if (entry == NULL)
		return false;
	if (entry->kind == GUARD_BULKHEAD)
		released = bulkhead_release(&entry->u.bulkhead, guard_shared->permits, guard_shared->pool.places, permit, &place);
	if (released)
		guard_give_place_back(NULL, place);
	guard_entry_unlock(key);
	return released;
}

void
guard_shmem_reset(const GuardKey *key)
{
	GuardEntry *entry = guard_entry_find(key, LW_EXCLUSIVE);

	if (entry == NULL)
		return;
	guard_entry_clear(entry);
	if (entry->kind != GUARD_CIRCUIT_BREAKER || entry->told == BREAKER_CLOSED)
		guard_entry_remove(entry);
	else
	{
		/* the log has it as open, and is still to be told that it is not */
		guard_note_open(entry, false);
		breaker_begin(&entry->u.breaker);
		pg_atomic_write_u64(&entry->allowed, 0);
		pg_atomic_write_u64(&entry->denied, 0);
		pg_atomic_write_u64(&entry->uncounted, 0);
		entry->recent = (Recent) {.since = guard_now()};
	}
	guard_entry_unlock(key);
}

static void
count_live(const Bulkhead *bulkhead, int64 now, int32 *n)
{
	for (int32 at = bulkhead->first; at != BULKHEAD_NONE; at = guard_shared->permits[at].next)
		*n += guard_shared->permits[at].until > now;
}

void
guard_shmem_look(const GuardKey *key, const GuardRule *rule, GuardLook *look)
{
	GuardEntry *entry = guard_entry_find(key, LW_SHARED);
	Breaker		fresh;

	memset(look, 0, sizeof(*look));
	look->tat = LIMITER_FRESH;
	breaker_begin(&fresh);
	if (entry != NULL && entry->kind == rule->kind)
	{
		look->used = true;
		look->allowed = pg_atomic_read_u64(&entry->allowed);
		look->denied = pg_atomic_read_u64(&entry->denied);
		look->allowed_recently = recent_sum(&entry->recent, counted(entry), guard_now());
		look->tat = (int64) pg_atomic_read_u64(&entry->tat);
		if (rule->kind == GUARD_BULKHEAD)
			count_live(&entry->u.bulkhead, guard_now(), &look->in_flight);
		else if (rule->kind == GUARD_CIRCUIT_BREAKER)
			fresh = entry->u.breaker;
	}
	if (entry != NULL)
		guard_entry_unlock(key);
	if (rule->kind == GUARD_CIRCUIT_BREAKER)
		look->breaker = breaker_look(&rule->u.breaker, &fresh, guard_now(), &look->count);
}

/* ---- runs ---- */

bool
guard_run_begin(const GuardKey *key, const BudgetRule *rule, GuardRun *run, bool *found)
{
	GuardEntry *entry = guard_entry_have(key, GUARD_BUDGET, LW_EXCLUSIVE);
	GuardRun   *kept;

	if (entry == NULL)
		return false;
	kept = &entry->u.run;
	*found = kept->component_id != 0 && !kept->is_ended;
	/* one that ended goes on with what it has used */
	if (kept->component_id == run->component_id && strcmp(kept->guard, run->guard) == 0)
		kept->is_ended = false;
	else if (!*found)
	{
		*kept = *run;
		entry->told = (uint8) budget_tenths(rule, &run->budget);
	}
	*run = *kept;
	guard_entry_unlock(key);
	return true;
}

bool
guard_run_find(const GuardKey *key, GuardRun *run)
{
	GuardEntry *entry = guard_entry_find(key, LW_SHARED);

	if (entry == NULL)
		return false;
	*run = entry->u.run;
	guard_entry_unlock(key);
	return true;
}

bool
guard_run_spend(const GuardKey *key, const BudgetRule *rule, const int64 *amounts, bool may_tell, GuardRun *run, GuardAnswer *answer)
{
	GuardEntry *entry = guard_entry_find(key, LW_EXCLUSIVE);
	uint8		tenths;

	memset(answer, 0, sizeof(*answer));
	if (entry == NULL)
		return false;
	entry->u.run.touched = guard_now();
	answer->allowed = budget_spend(rule, &entry->u.run.budget, entry->u.run.touched, amounts, &answer->spent);
	answer->retry_after = answer->allowed ? 0 : -1;
	pg_atomic_fetch_add_u64(answer->allowed ? &entry->allowed : &entry->denied, 1);
	answer->denied = pg_atomic_read_u64(&entry->denied);
	tenths = (uint8) budget_tenths(rule, &entry->u.run.budget);
	answer->changed = tenths != entry->told;
	answer->tell = may_tell && (answer->changed || (!answer->allowed && is_due(entry)));
	if (answer->tell)
		entry->told = tenths;
	*run = entry->u.run;
	guard_entry_unlock(key);
	return true;
}

bool
guard_run_end(const GuardKey *key, bool may_tell)
{
	GuardEntry *entry = guard_entry_find(key, LW_EXCLUSIVE);
	bool		ended;

	if (entry == NULL)
		return false;
	ended = !entry->u.run.is_ended;
	entry->u.run.is_ended = true;
	/* the event says all that it used */
	entry->told = may_tell ? 0 : UINT8_MAX;
	guard_entry_unlock(key);
	/* a full table finds room now */
	pg_atomic_write_u64(&guard_shared->swept_at, 0);
	return ended;
}
