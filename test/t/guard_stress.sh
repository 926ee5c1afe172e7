#!/bin/sh
#
# Guards under load: 16 clients on one key and on 1,000, counted exactly; bulkheads come
# back to zero however calls end.  MAESTRO_STRESS= seconds of the timed parts.

. "$(dirname "$0")/../lib.sh"
begin guard_stress

. "$(dirname "$0")/../servers.sh"
seconds=${MAESTRO_STRESS:-3}
server_init main 'max_connections = 60'
server_start main
PGHOST=$servers/main
create_database guard_stress_t
quiet_psql -f - >/dev/null <<'SQL'
CREATE EXTENSION maestro;
SELECT maestro.register_system('s'), maestro.register_component('s', 'a', 'agent');
SELECT maestro.set_guard('s/a', 'one', 'rate_limiter', '{"rate": 1, "per": "1 day", "burst": 1000}'::jsonb);
SELECT maestro.set_guard('s/a', 'timed', 'rate_limiter', '{"rate": 500, "per": "1 s", "burst": 20}'::jsonb);
SELECT maestro.set_guard('s/a', 'bulk', 'bulkhead', '{"max_in_flight": 4, "ttl": "1 h"}'::jsonb);
SELECT maestro.set_guard('s/a', 'lease', 'bulkhead', '{"max_in_flight": 4, "ttl": "1 ms"}'::jsonb);
SELECT maestro.set_guard('s/a', 'steps', 'budget', '{"steps": 1000}'::jsonb);
SELECT count(maestro.set_guard('s/a', 'k' || i, 'rate_limiter', '{"rate": 1, "per": "90 days", "burst": 3}'::jsonb)) FROM generate_series(1, 1000) AS i;
SELECT maestro.set_guard('s/a', 'brk', 'circuit_breaker', '{"window": 50, "minimum_calls": 10, "open_for": "5 ms", "half_open_calls": 3}'::jsonb);
SELECT maestro.start_run('s/a', 'run', 'steps');
SQL
state() { sql "SELECT $2 FROM maestro.guard_state WHERE guard = '$1'"; }
# Transactions in all, as pgbench counts them: load TRANSACTIONS|-T SECONDS < script.
load() {
	cat >"$dir/script"
	pgbench -n -M "${mode:-prepared}" -c 16 -j 2 "$@" -f "$dir/script" 2>"$dir/errors" | sed -n 's/^number of transactions actually processed: \([0-9]*\).*/\1/p'
}

# ---- never more than there is ----

n=$(load -t 500 <<'SQL'
SELECT decision FROM maestro.acquire('s/a', 'one');
SQL
)
is "$n|$(state one 'allowed, denied')" '8000|1000|7000' '16 clients share one key of 1,000 units exactly'
sql "SELECT maestro.reset_guard('s/a', 'one')" >/dev/null
n=$(load -t 500 <<'SQL'
BEGIN;
SELECT decision FROM maestro.acquire('s/a', 'one', 0.5);
ROLLBACK;
SQL
)
is "$n|$(state one 'allowed, denied')" '8000|2000|6000' 'whoever rolls back has had it all the same'
n=$(load -t 500 <<'SQL'
SELECT decision FROM maestro.spend('run', '{"steps": 1}');
SQL
)
is "$n|$(sql "SELECT maestro.end_run('run') ->> 'steps'")" '8000|8000' 'no step of a run that 16 clients share is lost'
n=$(load -t 800 <<'SQL'
\set k random(1, 1000)
SELECT decision FROM maestro.acquire('s/a', 'k' || :k);
SQL
)
is "$n|$(sql "SELECT sum(allowed + denied), max(allowed), count(*) FILTER (WHERE allowed <> least(3, allowed + denied)) FROM maestro.guard_state WHERE guard LIKE 'k%'")" '12800|12800|3|0' \
	'so do they 1,000 keys'
before=$(date +%s%N)
n=$(load -T "$seconds" <<'SQL'
SELECT decision FROM maestro.acquire('s/a', 'timed');
SQL
)
took=$((($(date +%s%N) - before) / 1000))
is "$(state timed "allowed + denied = $n, allowed <= 20 + 500 * $took / 1e6, allowed >= 500 * ($seconds - 1)")" 't|t|t' \
	"in a stretch of time no more than rate and burst allow, nor much less"
diag "$(state timed 'allowed') of $n calls allowed in $took us"
n=$(load -T "$seconds" <<'SQL'
\set bad random(1, 3)
SELECT decision FROM maestro.acquire('s/a', 'brk');
SELECT maestro.record_outcome('s/a', 'brk', :bad > 1, '1 ms');
SQL
)
is "$(state brk "allowed + denied = $n, allowed > 0")" 't|t' 'a breaker answers each of 16 clients'

# ---- bulkheads come back to zero ----

# Whoever gets a permit holds an advisory lock of one of four; a fifth finds none.
sql 'CREATE TABLE beyond (x integer)' >/dev/null
n=$(mode=simple load -T "$seconds" <<'SQL'
SELECT decision = 'allow' AS got, coalesce(permit, 0) AS permit FROM maestro.acquire('s/a', 'bulk') \gset
\if :got
INSERT INTO beyond SELECT 1 WHERE NOT EXISTS (SELECT FROM (SELECT i FROM generate_series(1, 4) AS i WHERE pg_try_advisory_lock(i) LIMIT 1) AS t);
SELECT pg_advisory_unlock_all();
SELECT maestro.release('s/a', 'bulk', :permit);
\endif
SQL
)
is "$(cat "$dir/errors")|$(sql 'SELECT count(*) FROM beyond')|$(state bulk 'in_flight, allowed > 100')" '|0|0|t' 'no fifth call is in flight beside four'
# Calls that fail, as a whole or to a savepoint, are cancelled, or keep what they have.
for how in 'SELECT 1 / 0' 'SELECT pg_sleep(10)' 'SAVEPOINT a; SELECT permit FROM maestro.acquire('"'s/a', 'bulk'"'); ROLLBACK TO a; ROLLBACK' \
	"DO \$\$ BEGIN PERFORM maestro.acquire('s/a', 'bulk'); PERFORM 1 / 0; EXCEPTION WHEN division_by_zero THEN NULL; END \$\$; ROLLBACK"; do
	for i in 1 2 3 4 5 6; do
		for k in 1 2 3 4 5 6 7 8; do
			echo "BEGIN; SELECT permit FROM maestro.acquire('s/a', 'bulk'); SET LOCAL statement_timeout = '20ms'; $how; COMMIT;"
		done >"$dir/fails$i"
		echo "SELECT 'ended', pg_sleep(1);" >>"$dir/fails$i"
		psql -XAtq -f "$dir/fails$i" >/dev/null 2>&1 &
		pids="${pids:-} $!"
	done
	# all sessions are still there, with nothing to do
	lib_tries=0
	until [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT ''ended''%'")" = 6 ] || [ $((lib_tries += 1)) -gt 100 ]; do sleep 0.1; done
	is "$lib_tries|$(state bulk in_flight)" "$lib_tries|0" "nothing is in flight after: $(printf '%s' "$how" | cut -c 1-50)"
	[ $lib_tries -le 100 ] || emit 1 'the sessions came to their end'
	for i in $pids; do wait "$i"; done
	pids=
done
# Backends that are ended.
hold() {
	for i in 1 2 3 4; do
		printf '%s\n' "SET application_name = 'holder'; SELECT permit FROM maestro.acquire('s/a', 'bulk');" "SELECT pg_sleep(60);" |
			psql -XAtq -f - >/dev/null 2>&1 &
	done
	lib_tries=0
	until [ "$(state bulk in_flight)" = 4 ] || [ $((lib_tries += 1)) -gt 100 ]; do sleep 0.1; done
}
hold
is "$(sql "SELECT decision FROM maestro.acquire('s/a', 'bulk')")" deny 'four sessions hold all there is'
sql "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'holder'" >/dev/null
wait
is "$(state bulk in_flight)" 0 'what they held is free once they are terminated'
n=$(load -t 200 <<'SQL'
SELECT permit FROM maestro.acquire('s/a', 'lease');
SQL
)
sleep 0.01
is "$n|$(state lease 'allowed + denied, in_flight')" '3200|3200|0' 'leases that nobody gives back end'
sql "SELECT maestro.set_guard('s/a', 'opened', 'circuit_breaker', '{\"window\": 1, \"minimum_calls\": 1, \"open_for\": \"1 h\"}'::jsonb)" >/dev/null
sql "SELECT maestro.record_outcome('s/a', 'opened', false)" >/dev/null
hold
kill -9 "$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'holder' LIMIT 1")"
wait
lib_tries=0
until quiet_psql -c 'SELECT 1' >/dev/null 2>&1 || [ $((lib_tries += 1)) -gt 100 ]; do sleep 0.1; done
is "$(state bulk in_flight)|$(state one 'round(units_left)')|$(state opened state)" '0|1000|half-open' 'a crash of the server leaves nothing in flight, limiters full, and an open breaker half-open'
PGHOST=$first
finish
