#!/bin/sh
#
# The cores of the guards: tables of transitions, and made-up operations held against
# models.  Needs no server.  MAESTRO_SEED= makes up others.

set -eu

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
sources="test/unit/guards.c src/limiter.c src/bulkhead.c src/breaker.c src/backoff.c src/budget.c src/recent.c"
flags='-std=gnu99 -O1 -g -Wall -Wextra -DMAESTRO_ASSERT -Isrc'
# Without the sanitizers' runtime the tests are still worth running.
${CC:-cc} $flags -fsanitize=undefined,address -fno-sanitize-recover=all -o "$scratch/guards" $sources -lm 2>/dev/null ||
	${CC:-cc} $flags -o "$scratch/guards" $sources -lm
"$scratch/guards" "${MAESTRO_SEED:-1}"
