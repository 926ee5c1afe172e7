#!/bin/sh
#
# The required tests of the official JSON Schema suite, if it is at hand.

. "$(dirname "$0")/../lib.sh"
begin conformance
said=$(test/conformance/run.py 2>&1)
is $? 0 'every required test passes, or there is no suite'
case $said in
*skipped) diag "$said" ;;
*)
	is "$(printf '%s\n' "$said" | grep -c ' required: \([0-9]*\) of \1 ')" 2 'all of them, of both drafts'
	diag "$(printf '%s\n' "$said" | grep ' %)$')"
	;;
esac
finish
