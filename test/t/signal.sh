#!/bin/sh
#
# Signals are counted once, when events are sealed.  Whatever posture's own tests set
# up says the same: judged all at once, not sealed at all, sealed at once, and sealed
# a few events at a time.

. "$(dirname "$0")/../lib.sh"
begin signal
export PGOPTIONS='-c client_min_messages=error'
dir=$(mktemp -d)
trap 'rm -rf "$dir"' 0

# What is counted, in text; of all events at once, by the views that judge them.
counted='SELECT concat_ws(chr(124), system_id, component_id, dependency_id, component_version, drill, signal, ok, bad, newest_ok, newest_bad, last_bad_event)
	FROM maestro.signal WHERE ok <> 0 OR bad <> 0 ORDER BY 1'
# the same columns from what each event says
all_events="WITH s AS (
	SELECT e.*, (now() AT TIME ZONE 'UTC')::date - CASE WHEN e.drill THEN 90 ELSE 30 END AS oldest FROM maestro.event_signal AS e),
c AS (
	SELECT system_id, component_id, dependency_id, (SELECT version FROM maestro.component AS n WHERE n.component_id = s.component_id AND n.version = s.component_version) AS component_version,
		   drill, signal, coalesce(sum(ok) FILTER (WHERE (at AT TIME ZONE 'UTC')::date >= oldest), 0) AS ok,
		   coalesce(sum(bad) FILTER (WHERE (recorded_at AT TIME ZONE 'UTC')::date >= oldest), 0) AS bad,
		   max(at) FILTER (WHERE ok > 0) AS newest_ok, max(recorded_at) FILTER (WHERE bad > 0) AS newest_bad, 
		   (array_agg(event_id ORDER BY recorded_at DESC, event_id DESC) FILTER (WHERE bad > 0))[1] AS last_bad_event
	  FROM s GROUP BY 1, 2, 3, 4, drill, signal)
SELECT concat_ws(chr(124), system_id, component_id, dependency_id, component_version, drill, signal, ok, bad, newest_ok,
	CASE WHEN bad > 0 THEN newest_bad END, CASE WHEN bad > 0 THEN last_bad_event END)
  FROM c WHERE ok <> 0 OR bad <> 0 ORDER BY 1"
answers="SELECT concat_ws(chr(124), system_id, component_id, control, status, reason) FROM maestro.control_answers() ORDER BY 1"
differing() { diff "$dir/$1" "$dir/$2" >"$dir/diff" && echo same || { sed -n 1,12p "$dir/diff"; echo "$(wc -l <"$dir/diff") lines"; }; }
keep() { sql "SET jit = off; $2" >"$dir/$1"; }

# One of posture's tests, outside of a transaction, so that what it makes stays.
play() {
	sed -e '/^BEGIN;$/d' -e '/^ROLLBACK;$/d' -e 's/^SET LOCAL/SET/' "test/sql/$1.sql" >"$dir/play.sql"
	psql -XAtq -v ON_ERROR_STOP=1 -f "$dir/play.sql" >"$dir/play.out" 2>&1 || tail -n 5 "$dir/play.out"
	grep -c '^not ok' "$dir/play.out" || :
}

for part in controls control_states threat_states false_alarm; do
	is "$(play $part)" 0 "what $part sets up holds when it is committed, too"
done
keep all "$all_events"
keep unsealed "$counted"
keep answers_unsealed "$answers"
is "$(differing all unsealed)" same 'unsealed events are counted as the views judge them'
is "$(test "$(wc -l <"$dir/all")" -gt 2000 && echo many)" many 'which are many'
sql 'SELECT FROM maestro.seal()'
keep sealed "$counted"
keep answers_sealed "$answers"
is "$(differing unsealed sealed)" same 'sealed at once they say the same'
is "$(differing answers_unsealed answers_sealed)" same 'so posture is the same'
is "$(sql 'SELECT count(*) FROM maestro.unsealed_events()')" 0 'with nothing left to judge'
is "$(sql "SELECT count(*) FROM maestro.recount_signals()")" 0 'counted again from the events they are the same'
is "$(sql "SELECT * FROM maestro.verify()")" '' 'and verify() finds nothing'

# Who changes what was counted, with all guards off: verify() sees it, unless he changes the sum, too; counting again does.
sql "SET maestro.maintenance = on; SET client_min_messages = error; ALTER TABLE maestro.signal_total DISABLE TRIGGER USER;
	UPDATE maestro.signal_total SET bad = 0 WHERE signal = 'output_clean' AND bad > 0;
	ALTER TABLE maestro.signal_total ENABLE ALWAYS TRIGGER signal_changed; ALTER TABLE maestro.signal_total ENABLE ALWAYS TRIGGER registry_guard_row;
	ALTER TABLE maestro.signal_total ENABLE ALWAYS TRIGGER registry_guard_statement;" >/dev/null
is "$(sql "SELECT severity, kind FROM maestro.verify()")" 'CRITICAL|signal' 'what was changed by hand is found'
is "$(sql "SELECT count(*) > 0, bool_and(signal = 'output_clean' AND bad_before < bad) FROM maestro.recount_signals()")" 't|t' 'counting again puts it right, and says what was wrong'
is "$(sql "SELECT severity, kind FROM maestro.verify()")" '' 'after which verify() finds nothing'
keep recounted "$counted"
is "$(differing sealed recounted)" same 'and all is as before'

# Once more, a few at a time, in another order than that of what they say.
psql -XAtq -v ON_ERROR_STOP=1 <<'SQL'
SET client_min_messages = error;
SET maestro.maintenance = on;
CREATE TABLE public.kept AS SELECT * FROM maestro.event;
DO $$
DECLARE
	t regclass;
BEGIN
	SET client_min_messages = error;
	FOR t IN SELECT relation FROM maestro.guarded_table() AS g WHERE g.is_trace OR g.relation::text ~ 'signal_|checkpoint$|tile' LOOP
		EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', t);
	END LOOP;
END
$$;
DELETE FROM maestro.event;
TRUNCATE maestro.signal_total, maestro.signal_day, maestro.signal_fault, maestro.signal_pending, maestro.signal_run, maestro.signal_breaker,
	maestro.signal_files, maestro.signal_trend, maestro.signal_use, maestro.checkpoint, maestro.tile, maestro.tile_tail;
DO $$
DECLARE
	t regclass;
BEGIN
	FOR t IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'maestro.event'::regclass LOOP
		EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER zz_append_only_insert', t);
	END LOOP;
END
$$;
SQL
sql "ALTER TABLE public.kept ADD COLUMN slice integer;
UPDATE public.kept AS k SET slice = n.slice FROM (SELECT event_id, ntile(7) OVER (ORDER BY event_id) AS slice FROM public.kept) AS n WHERE n.event_id = k.event_id"
for slice in 1 2 3 4 5 6 7; do
	psql -XAtq -v ON_ERROR_STOP=1 >/dev/null <<SQL
SET client_min_messages = error;
\i test/import_setup.sql
CREATE FUNCTION pg_temp.bring(k public.kept) RETURNS void LANGUAGE sql AS \$\$
	SELECT pg_temp.import((k.event_id, k.recorded_at, k.occurred_at, k.system_id, k.component_id, k.component_version, k.target_id, k.dependency_id, k.kind, k.level,
		k.outcome, k.trace_id, k.span_id, k.parent_span_id, k.duration, k.message, k.body, k.attributes, k.valid, k.contract_version, k.violations, k.findings,
		k.decision, k.reason, k.claimed_component, k.caller, k.session_role, k.stamp, k.salt, k.payload_hash, k.leaf)::maestro.event) \$\$;
SELECT count(pg_temp.bring(k)) FROM public.kept AS k WHERE slice = $slice;
SQL
	sql 'SELECT FROM maestro.seal()'
done
is "$(sql 'SELECT count(*) = (SELECT count(*) FROM public.kept) FROM maestro.event')" t 'all events are there again'
is "$(sql 'SELECT count(*) FROM maestro.checkpoint')" 7 'sealed in seven parts'
keep parts "$counted"
keep answers_parts "$answers"
is "$(differing sealed parts)" same 'they say the same in seven parts'
is "$(differing answers_sealed answers_parts)" same 'and so posture does'
# Erasing a payload takes no bad evidence away, whatever is counted again afterwards.
erased=$(sql "SELECT e.event_id FROM maestro.event AS e JOIN maestro.signal_fault AS f USING (event_id) WHERE e.kind = 'output' AND f.faults & 8 <> 0 ORDER BY 1 DESC LIMIT 1")
sql "SELECT maestro.redact_event($erased, 'asked for', 'GDPR 17')" >/dev/null
sql 'SELECT FROM maestro.seal()'
is "$(sql "SELECT count(*) FROM maestro.recount_signals() WHERE bad < bad_before")" 0 'what an erased event was bad in stays when all is counted again'
is "$(sql "SELECT count(*) FROM maestro.recount_signals()")" 0 'and again'
is "$(sql "SELECT count(*) FROM maestro.signal_fault WHERE event_id = $erased AND faults & 8 <> 0")" 1 'as a review of it may take it back'

finish
