#!/bin/sh
#
# Everything that must pass, against the server of test/run.sh:
#
#     STAGE=$PWD/stage test/run.sh test/all.sh
#
# Tests that use servers of their own, or none, run beside those that share this one,
# and what they say is printed at the end.  Fails if any does.

set -u

own='copies_sealed fuzz mirror_sealed restore_sealed soak'
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'kill "$beside" 2>/dev/null; exit 130' INT TERM

names=$(for word in $own; do echo "test/t/$word.sh"; done)
prove $names >"$log" 2>&1 &
beside=$!

status=0
make -s installcheck || status=1
[ "$status" != 0 ] || prove $(ls test/t/*.sh | grep -vxF "$names") || status=1
wait "$beside" || status=1
cat "$log"
exit "$status"
