#!/bin/sh
#
# Everything that must pass, against the server of test/run.sh:
#
#     STAGE=$PWD/stage test/run.sh test/all.sh
#
# Tests that use servers of their own, or none, and some others run beside those that share
# this one, each lot on one more server like it, since what a file leaves of roles is gone
# at its end; what they say is printed at the end.  Fails if any does.

set -u

own='copies_sealed fuzz mirror_sealed restore_sealed schema_fuzz soak'
second='action attacks conformance drivers evaluation guards privileges restore retention schema_differential schema_hostile signal tamper'
log=$(mktemp)
second_log=$(mktemp)
trap 'rm -f "$log" "$second_log"' EXIT
trap 'kill "$beside" "$on_second" 2>/dev/null; exit 130' INT TERM

names=$(for word in $own; do echo "test/t/$word.sh"; done)
second_names=$(for word in $second; do echo "test/t/$word.sh"; done)
test/run.sh prove --timer $names >"$log" 2>&1 &
beside=$!
test/run.sh prove --timer $second_names >"$second_log" 2>&1 &
on_second=$!

status=0
make -s installcheck || status=1
[ "$status" != 0 ] || prove --timer $(ls test/t/*.sh | grep -vxF "$names" | grep -vxF "$second_names") || status=1
wait "$on_second" || status=1
wait "$beside" || status=1
cat "$second_log" "$log"
exit "$status"
