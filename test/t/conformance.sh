#!/bin/sh
#
# The official JSON Schema suite, if it is at hand: the required tests, and formats.

. "$(dirname "$0")/../lib.sh"
begin conformance
said=$(test/conformance/run.py 2>&1)
is $? 0 'every required test passes, or there is no suite'
case $said in
*skipped) diag "$said" ;;
*)
	is "$(printf '%s\n' "$said" | grep -c ' required: \([0-9]*\) of \1 ')" 2 'all of them, of both drafts'
	# one has a back reference, which would need backtracking
	is "$(printf '%s\n' "$said" | awk '$2 == "optional/format:" { print $5 - $3 }' | xargs)" '1 1' \
		'and of formats all but one of each'
	diag "$(printf '%s\n' "$said" | grep ' %)$')"
	;;
esac
finish
