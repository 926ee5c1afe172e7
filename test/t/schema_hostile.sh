#!/bin/sh
#
# Schemas and instances that ask for too much: depth, doubling, endless references, size,
# regular expressions. Each ends soon and small, with an answer or a plain error.

. "$(dirname "$0")/../lib.sh"
begin schema_hostile

# After a crash the server empties unlogged tables.
sql "CREATE UNLOGGED TABLE no_crash AS SELECT 1 AS one"
started=$(sql 'SELECT pg_postmaster_start_time()')
tab=$(printf '\t')
cases=$(mktemp)
trap 'rm -f "$cases"; cleanup' EXIT
python3 test/t/schema_hostile.py >"$cases" || echo "the cases end early${tab}no${tab}yes${tab}0" >>"$cases"
while IFS=$tab read -r name came want took; do
	is "$came" "$want" "$name"
done <"$cases"
diag "slowest: $(sort -t "$tab" -k 4 -rn "$cases" | head -n 3 | cut -f 1,4 | tr '\n\t' ';:')"

# ---- what json_errors tells ------------------------------------------------

is "$(sql "SELECT count(*) FROM maestro.json_errors('{\"items\": {\"type\": \"string\"}}', to_jsonb(array_fill(1, '{100000}')))")" 100000 \
	'each of 100000 errors is told'
is "$(sql "SELECT count(*), max(length(instance_path)) < 40 FROM maestro.json_errors(json_build_object('properties',
	json_build_object(repeat('k', 1000000), json_build_object('items', false))), jsonb_build_object(repeat('k', 1000000), to_jsonb(array_fill(1, '{20000}'))))")" '20000|t' \
	'and of a key of a megabyte above them its length'

is "$(sql 'SELECT count(*) FROM no_crash')" 1 'the server has survived all of it'
is "$(sql 'SELECT pg_postmaster_start_time()')" "$started" 'and is the same'
finish
