#!/bin/bash
#
# What asking a guard costs: acquire in the server, net of a function of the same
# signature and result that does nothing; calls a second at 8 clients on one key, beside a
# token bucket in a table (fsync on, and unlogged); and both within transactions of 20 ms.
#
# Each pair is run in turn, several times, in one server that was preloaded, and the
# median is printed with its spread.  Run by "make bench".

set -eu

runs=${RUNS:-5}
calls=${CALLS:-1000000}
seconds=${SECONDS_EACH:-4}
. test/lib.sh
begin bench_guard
. test/servers.sh
server_init guarded 'fsync = on
jit = off'
server_start guarded
PGHOST=$servers/guarded
create_database bench_guard_t
scratch=$dir
chmod 755 "$scratch"
${CC:-cc} -O2 -fPIC -shared -I"$(${PG_CONFIG:-pg_config} --includedir-server)" -o "$scratch/noop.so" test/bench/noop.c
chmod 644 "$scratch/noop.so"

psql() { command psql -XAtq -v ON_ERROR_STOP=1 "$@"; }

psql -v noop="$scratch/noop.so" >/dev/null <<'SQL'
CREATE EXTENSION maestro;
CREATE FUNCTION noop(component maestro.regcomponent, guard text, cost double precision DEFAULT 1,
	OUT decision maestro.decision, OUT retry_after interval, OUT reason text, OUT state text, OUT permit bigint)
	LANGUAGE c VOLATILE AS :'noop', 'bench_noop_acquire';
SELECT maestro.register_system('bench'), maestro.register_component('bench', 'a', 'agent');
SELECT maestro.set_guard('bench/a', 'limiter', 'rate_limiter', '{"rate": 1e9, "per": "1 s", "burst": 1e9}'::jsonb);
SELECT maestro.set_guard('bench/a', 'tight', 'rate_limiter', '{"rate": 1, "per": "1 day", "burst": 1}'::jsonb);
SELECT maestro.set_guard('bench/a', 'breaker', 'circuit_breaker', '{}'::jsonb);
SELECT maestro.create_partition();
CREATE TABLE bucket (k text PRIMARY KEY, tokens float8 NOT NULL, at timestamptz NOT NULL) WITH (fillfactor = 50);
INSERT INTO bucket VALUES ('one', 1e9, now());
CREATE UNLOGGED TABLE quick_bucket (LIKE bucket INCLUDING ALL) WITH (fillfactor = 50);
INSERT INTO quick_bucket SELECT * FROM bucket;
SQL

ns() { # function guard
	psql <<-SQL
		DO \$\$ DECLARE t timestamptz; BEGIN
			PERFORM count($1('bench/a', '$2', 1)) FROM generate_series(1, 10000);
			t := clock_timestamp();
			PERFORM count($1('bench/a', '$2', 1)) FROM generate_series(1, $calls);
			CREATE TEMP TABLE took AS SELECT extract(epoch FROM clock_timestamp() - t) * 1e9 / $calls AS v;
		END \$\$;
		SELECT v FROM took;
	SQL
}
bucket() { echo "UPDATE $1 SET tokens = least(1e9, tokens + extract(epoch FROM clock_timestamp() - at) * 1e9) - 1, at = clock_timestamp()
	WHERE k = 'one' AND least(1e9, tokens + extract(epoch FROM clock_timestamp() - at) * 1e9) >= 1;" | tr '\n' ' '; }
tps() { # script
	printf '%s\n' "$1" >"$scratch/script"
	pgbench -n -M prepared -c 8 -j 2 -T "$seconds" -f "$scratch/script" 2>&1 | sed -n 's/^tps = \([0-9.]*\).*/\1/p'
}
median() { sort -g | awk '{ v[NR] = $1 } END { printf "%.0f (%.0f to %.0f)", v[int((NR + 1) / 2)], v[1], v[NR] }'; }
ask="SELECT * FROM maestro.acquire('bench/a', 'limiter');"

for i in $(seq "$runs"); do
	noop=$(ns noop limiter)
	echo "$noop" >>"$scratch/noop"
	for guard in limiter breaker; do ns maestro.acquire $guard | awk -v n="$noop" '{ print $1 - n }' >>"$scratch/ns_$guard"; done
done
echo "no-op of that signature, ns a call:            $(median <"$scratch/noop")"
echo "acquire of a limiter, net of it, ns a call:    $(median <"$scratch/ns_limiter")"
echo "acquire of a breaker, net of it, ns a call:    $(median <"$scratch/ns_breaker")"
for i in $(seq "$runs"); do
	tps "$ask" >>"$scratch/tps_acquire"
	tps "$(bucket bucket)" >>"$scratch/tps_bucket"
	tps "$(bucket quick_bucket)" >>"$scratch/tps_quick"
	tps "SELECT 1;" >>"$scratch/tps_nothing"
done
echo "one key, 8 clients, calls a second: acquire    $(median <"$scratch/tps_acquire")"
echo "    UPDATE of a token bucket, fsync on         $(median <"$scratch/tps_bucket")"
echo "    UPDATE of an unlogged one                  $(median <"$scratch/tps_quick")"
echo "    SELECT 1                                   $(median <"$scratch/tps_nothing")"
for i in $(seq "$runs"); do
	tps "BEGIN;
$ask
SELECT pg_sleep(0.02);
COMMIT;" >>"$scratch/long_acquire"
	tps "BEGIN;
$(bucket bucket)
SELECT pg_sleep(0.02);
COMMIT;" >>"$scratch/long_bucket"
done
echo "within transactions of 20 ms, tps: acquire     $(median <"$scratch/long_acquire")"
echo "    UPDATE of a token bucket, fsync on         $(median <"$scratch/long_bucket")"
PGHOST=$first
finish >/dev/null
