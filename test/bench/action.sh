#!/bin/bash
#
# What begin_action costs: as a statement of its own, and in a transaction that is rolled
# back, where the recorder stores it; beside log_event and a plain INSERT of a row as wide.
# Latency with one client, and calls a second with eight.  fsync is on.
#
# All are run in turn, several times, in one server that was preloaded, and the median is
# printed with its spread.  Run by "make bench".

set -eu

runs=${RUNS:-5}
seconds=${SECONDS_EACH:-4}
. test/lib.sh
begin bench_action
. test/servers.sh
server_init actions 'fsync = on
jit = off
maestro.seal_interval = 1s'
server_start actions
PGHOST=$servers/actions
create_database bench_action_t
scratch=$dir
chmod 755 "$scratch"
quiet_psql >/dev/null <<'SQL'
CREATE EXTENSION maestro;
SELECT maestro.register_system('bench'), maestro.register_component('bench', 'a', 'agent'), maestro.create_partition();
CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz DEFAULT now(), row text);
ALTER SYSTEM SET maestro.databases = 'bench_action_t';
SELECT pg_reload_conf();
SQL
until_is t actions bench_action_t 'SELECT recorder_pid IS NOT NULL FROM maestro.status()' >/dev/null

begin_call="SELECT maestro.begin_action('bench/a', 'tool_call', 'delete the old drafts', '{\"drafts\": 12}', '4bf92f3577b34da6a3ce929d0e0e4736')"
declare -A script=(
	[insert]="INSERT INTO plain (row) VALUES (repeat('x', 400));"
	[log_event]="SELECT FROM maestro.log_event('bench/a', 'note', 'delete the old drafts', '{\"drafts\": 12}', trace_id => '4bf92f3577b34da6a3ce929d0e0e4736');"
	[alone]="$begin_call;"
	[block]="BEGIN;
$begin_call;
ROLLBACK;"
)
for name in "${!script[@]}"; do printf '%s\n' "${script[$name]}" >"$scratch/$name"; done
chmod 644 "$scratch"/*

tps() { # script clients
	"$bindir/pgbench" -n -U postgres -M prepared -f "$scratch/$1" -c "$2" -j 2 -T "$seconds" bench_action_t 2>&1 | sed -n 's/^tps = \([0-9.]*\).*/\1/p'
}
for name in insert log_event alone block; do : >"$scratch/r1_$name"; : >"$scratch/r8_$name"; done
for _ in $(seq "$runs"); do
	for clients in 1 8; do
		for name in insert log_event alone block; do tps $name $clients >>"$scratch/r${clients}_$name"; done
	done
done
row() { # clients name words
	sort -n "$scratch/r$1_$2" | awk -v c="$1" -v w="$3" '{ v[NR] = $1 } END { m = v[int((NR + 1) / 2)]
		printf "%s clients  %-44s %8.0f a second  (%.0f to %.0f)  %7.2f ms each\n", c, w, m, v[1], v[NR], 1000 * c / m }'
}
for clients in 1 8; do
	row $clients insert 'INSERT of a row as wide'
	row $clients log_event 'log_event'
	row $clients alone 'begin_action, a statement of its own'
	row $clients block 'BEGIN; begin_action; ROLLBACK'
done
[ "$(quiet_psql -c 'SELECT queue_refused + queue_failed FROM maestro.status()')" = 0 ] || { echo 'events were not stored' >&2 && exit 1; }
