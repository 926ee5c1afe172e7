#!/bin/sh
#
# The isolation specs of test/preloaded, which ask guards and so need a server that was
# preloaded.  What differs from what is expected is printed.

. "$(dirname "$0")/../lib.sh"
begin guard_isolation

. "$(dirname "$0")/../servers.sh"
server_init main
server_start main
PGHOST=$servers/main
regress=$(dirname "$(${PG_CONFIG:-pg_config} --pgxs)")/../test/isolation/pg_isolation_regress
mkdir "$dir/out"
for spec in test/preloaded/specs/*.spec; do
	name=$(basename "$spec" .spec)
	"$regress" --inputdir=test/preloaded --outputdir="$dir/out" --bindir="$bindir" --dbname=guard_isolation_t "$name" >"$dir/log" 2>&1
	emit $? "$name"
	[ ! -s "$dir/out/output_iso/regression.diffs" ] || diag "$(head -n 60 "$dir/out/output_iso/regression.diffs")"
	[ -z "${KEEP_RESULTS:-}" ] || find "$dir/out" -name "$name.out" -exec cp {} "$KEEP_RESULTS" \;
done
PGHOST=$first
finish
