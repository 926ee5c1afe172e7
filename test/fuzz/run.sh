#!/bin/sh
#
# Fuzz the cores that build without a server, under clang's sanitizers:
#
#     test/fuzz/run.sh [texts [seconds]]
#
# First that many made-up texts, in a build with SSE2 and in one without, which
# must agree; then libFuzzer for that many seconds, if this compiler has it.

set -eu

texts=${1:-200000}
seconds=${2:-30}
dir=$(mktemp -dt maestro-fuzz.XXXXXX)
trap 'rm -rf "$dir"' EXIT

sources="test/fuzz/sanitize.c src/redact.c src/neutralize.c src/sha256.c $(echo src/scan*.c)"
flags="-std=gnu99 -D_GNU_SOURCE -g -O1 -Wall -Wextra -DMAESTRO_ASSERT -DMAESTRO_STANDALONE -Itest/fuzz/include -Isrc"
watch="-fsanitize=address,undefined -fno-sanitize-recover=all"
cc=${CLANG:-clang}

# shellcheck disable=SC2086
{
	$cc $flags $watch $sources -lcrypto -o "$dir/fast"
	$cc $flags $watch -DMAESTRO_SCALAR $sources -lcrypto -o "$dir/scalar"
}
seed=$(date +%s)
fast=$("$dir/fast" "$seed" "$texts")
scalar=$("$dir/scalar" "$seed" "$texts")
echo "seed $seed, $texts texts: $fast"
[ "$fast" = "$scalar" ] || {
	echo "the build without SSE2 differs: $scalar" >&2
	exit 1
}

# shellcheck disable=SC2086
if [ "$seconds" != 0 ] &&
	$cc $flags -fsanitize=fuzzer,address,undefined -DMAESTRO_LIBFUZZER $sources -lcrypto -o "$dir/fuzzer" 2>/dev/null; then
	mkdir "$dir/corpus"
	"$dir/fuzzer" -max_total_time="$seconds" -max_len=512 "$dir/corpus" >"$dir/log" 2>&1 ||
		{ tail -n 40 "$dir/log" >&2; exit 1; }
	grep '^Done' "$dir/log"
fi
