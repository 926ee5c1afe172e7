#!/bin/sh
#
# A minute of the soak: load, crashes, and what is left of it in the log.
# MAESTRO_SOAK_SECONDS= runs it for longer, MAESTRO_SEED= repeats one.

. "$(dirname "$0")/../lib.sh"

said=$(test/soak/soak.py --seconds "${MAESTRO_SOAK_SECONDS:-60}" 2>&1)
is $? 0 'what was committed is in the log once, whatever was killed'
has "$said" 'soak: no faults' 'and the soak came to its end'
summary=$(printf '%s\n' "$said" | sed -n 's/^summary: .* \([0-9]*\) events.* \([0-9]*\) crashes, \([0-9]*\) seals.*/\1 \2 \3/p')
isnt "$(echo "$summary" | awk 'NF == 3 && $1 > 0 && $2 > 0 && $3 > 0')" '' 'with events, crashes and seals on its way'
diag "$said"
finish
