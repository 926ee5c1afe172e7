#!/bin/sh
#
# A short run of the fuzzer of JSON Schemas under sanitizers, in a backend of its own.
# MAESTRO_SEED= repeats one; test/fuzz/schema.sh runs it for longer.

. "$(dirname "$0")/../lib.sh"

cc=${FUZZ_CC:-clang}
command -v "$cc" >/dev/null || { echo "1..0 # SKIP $cc is not installed" && exit 0; }
[ -f "$("$cc" -print-file-name="libclang_rt.asan-$(uname -m).so")" ] || { echo "1..0 # SKIP $cc has no shared runtime of its sanitizers" && exit 0; }

MAESTRO_SEED=${MAESTRO_SEED:-$(date +%s)}
export MAESTRO_SEED
diag "seed $MAESTRO_SEED"
said=$(test/fuzz/schema.sh 4 2>&1)
is $? 0 'no schema and no instance breaks a promise, or memory'
diag "$said"
is "$(printf '%s\n' "$said" | grep -c "^schema: seed $MAESTRO_SEED: [1-9][0-9]* schemas, [1-9][0-9]* of them usable, [1-9][0-9]* instances")" 1 'many were tried'
is "$(printf '%s\n' "$said" | grep -c ', [1-9][0-9]* of them hold, [1-9][0-9]* errors told')" 1 'some hold, some do not'
finish
