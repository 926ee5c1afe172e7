#!/bin/sh
#
# A minute of the soak: load, crashes, and what is left of it in the log.
# MAESTRO_SOAK_SECONDS= runs it for longer, MAESTRO_SEED= repeats one.

. "$(dirname "$0")/../lib.sh"

said=$(test/soak/soak.py --seconds "${MAESTRO_SOAK_SECONDS:-60}" 2>&1)
is $? 0 'what was committed is in the log once, whatever was killed'
has "$said" 'soak: no faults' 'and the soak came to its end'
lacks "$said" ' 0 crashes' 'with crashes on its way'
lacks "$said" ': 0 events' 'and with events'
diag "$said"
finish
