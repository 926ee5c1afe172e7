#!/bin/sh
#
# A short run of the fuzzers: made-up texts in two builds, then libFuzzer for some
# seconds each. MAESTRO_SEED= repeats one; make fuzz runs them for longer.

. "$(dirname "$0")/../lib.sh"

texts=200000
seconds=30

cc=${FUZZ_CC:-clang}
probe=$(mktemp)
trap 'rm -f "$probe"' EXIT
command -v "$cc" >/dev/null || { echo "1..0 # SKIP $cc is not installed" && exit 0; }
echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' |
	"$cc" -fsanitize=fuzzer,address,undefined -x c - -o "$probe" 2>/dev/null ||
	{ echo "1..0 # SKIP $cc has no libFuzzer or no sanitizers" && exit 0; }

MAESTRO_SEED=${MAESTRO_SEED:-$(date +%s)}
export MAESTRO_SEED
diag "seed $MAESTRO_SEED"
said=$(test/fuzz/run.sh "$texts" "$seconds" 2>&1)
is $? 0 'no fuzzer breaks a promise'
diag "$said"
is "$(printf '%s\n' "$said" | grep -c "^texts: seed $MAESTRO_SEED, $texts made up, ")" 1 \
	'made-up texts come out clean, without their secrets, and alike with SSE2 and without'
for fuzzer in scan neutralize validators note jcs; do
	is "$(printf '%s\n' "$said" | grep -c "^$fuzzer: [0-9]* inputs")" 1 "libFuzzer has run: $fuzzer"
done
finish
