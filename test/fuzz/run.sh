#!/bin/bash
#
# Fuzz the cores that build without a server, under clang's sanitizers:
#
#     test/fuzz/run.sh [texts [seconds]]
#
# First that many made-up texts, in a build with SSE2 and in one without, which
# must agree; then libFuzzer for that many seconds with each fuzzer, two at a
# time. MAESTRO_SEED= repeats a run of made-up texts, FUZZ_CC= is another clang.
# What breaks a promise is printed and kept below build/fuzz, and what
# libFuzzer learns is kept there for its next run.

set -eu

texts=${1:-200000}
seconds=${2:-30}
seed=${MAESTRO_SEED:-$(date +%s)}
cc=${FUZZ_CC:-clang}
kept=build/fuzz
fuzzers='scan neutralize validators note jcs'

dir=$(mktemp -dt maestro-fuzz.XXXXXX)
# Each part has a process group of its own, so that it can be stopped as a whole.
set -m
stop() {
	trap - EXIT
	exec 2>/dev/null
	for job in $(jobs -p); do kill -- "-$job" 2>/dev/null || true; done
	wait
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM

die() { echo "fuzz: $1" >&2; exit 1; }

# What the scanner's files are is said by their names; redact_json.c needs a server.
core=$(ls -d "$PWD"/src/scan*.c "$PWD"/src/neutralize.c "$PWD"/src/redact.c "$PWD"/src/sha256.c "$PWD"/src/sha256_ni.c \
	"$PWD"/src/base64.c "$PWD"/src/note.c "$PWD"/src/merkle.c "$PWD"/src/canon.c "$PWD"/src/jcs.c "$PWD"/src/jcs_number.c)
harness=$(ls -d "$PWD"/test/fuzz/harness.c "$PWD"/test/fuzz/fuzz_*.c)
generator=$(ls -d "$PWD"/test/fuzz/texts.c "$PWD"/test/fuzz/positive.c "$PWD"/test/fuzz/person.c)
# Comparisons are left out: they make it three times slower, and the dictionary has
# what there is to compare with.
coverage='-fsanitize=fuzzer-no-link -fno-sanitize-coverage=trace-cmp'
flags="-std=gnu99 -D_GNU_SOURCE -g -O2 -Wall -Wextra -DMAESTRO_ASSERT -DMAESTRO_STANDALONE
	-I$PWD/test/fuzz/include -I$PWD/src -fsanitize=address,undefined -fno-sanitize-recover=all"

command -v "$cc" >/dev/null || die "$cc is not installed"
echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' |
	"$cc" -fsanitize=fuzzer,address,undefined -x c - -o "$dir/probe" 2>/dev/null ||
	die "$cc has no libFuzzer or no sanitizers: Debian's package is libclang-rt-dev"

# The parts are independent; as many at once as there are processors, and two at
# most. Ends when one fails.
running=0
start() {
	if [ "$running" = 2 ] || { [ "$running" = 1 ] && [ "$(nproc)" = 1 ]; }; then
		wait -n
		running=$((running - 1))
	fi
	"$@" &
	running=$((running + 1))
}
finish() {
	while [ "$running" -gt 0 ]; do
		wait -n
		running=$((running - 1))
	done
}

# A file's bytes on one line, all that is not printable as \xNN.
show() {
	od -An -v -tu1 "$1" | awk '{ for (i = 1; i <= NF; i++)
		printf($i >= 32 && $i < 127 && $i != 92 ? "%c" : "\\x%02x", $i + 0) } END { print "" }'
}

# What is known of a failure: failed NAME LOG INPUT
failed() {
	grep -avE '^(#[0-9]|INFO:|Dictionary:|[[:space:]]+NEW_FUNC|DEDUP)' "$2" | head -n 30 >&2
	[ ! -s "$3" ] || {
		echo "fuzz: $1 fails for this input, kept in $3:"
		show "$3"
	} >&2
	exit 1
}

# Objects of one kind of build: build NAME [FLAGS] SOURCES
build() {
	local name=$1
	shift
	mkdir -p "$dir/$name"
	# shellcheck disable=SC2086
	(cd "$dir/$name" && "$cc" $flags -c "$@")
}

# A program of them: link NAME BUILD [FLAGS]
link() {
	local name=$1 objects=$2
	shift 2
	# shellcheck disable=SC2086
	"$cc" $flags "$@" "$dir/$objects"/*.o -lm -lcrypto -o "$dir/$name"
}

made_up() { # BUILD
	FUZZ_KEEP=$kept/made-up-$1 "$dir/texts-$1" "$seed" "$texts" >"$dir/$1.out" 2>"$dir/$1.log" ||
		{ echo "seed $seed" >&2; failed "made-up texts ($1)" "$dir/$1.log" "$kept/made-up-$1"; }
}

# libFuzzer, from the seeds in the repository, made-up ones, and what it learnt before.
fuzz() { # FUZZER
	mkdir -p "$kept/$1"
	"$dir/fuzz-$1" -max_total_time="$seconds" -max_len=512 -timeout=10 -seed="$seed" \
		-dict=test/fuzz/maestro.dict -artifact_prefix="$kept/$1-" \
		"$kept/$1" "test/fuzz/corpus/$1" "$dir/seeds" >"$dir/$1.log" 2>&1 ||
		failed "$1" "$dir/$1.log" "$(sed -n 's/.*Test unit written to //p' "$dir/$1.log" | tail -n 1)"
	sed -n "s/^Done \([0-9]*\) runs in \([0-9]*\) second.*/$1: \1 inputs in \2 seconds/p" "$dir/$1.log"
}

mkdir -p "$kept" "$dir/seeds"
rm -f "$kept"/made-up-*
# shellcheck disable=SC2086
{
	start build fast $core $harness $generator
	start build scalar -DMAESTRO_SCALAR $core $harness $generator
	[ "$seconds" = 0 ] || { start build fuzzer $coverage $core && start build fuzzer $harness; }
	finish
}
link texts-fast fast
link texts-scalar scalar
unusable=$("$dir/texts-fast" rules)
[ -z "$unusable" ] || die "test/fuzz/positive.c makes no secret that these rules find: $(echo "$unusable" | tr '\n' ' ')"
start made_up fast
start made_up scalar
finish
cmp -s "$dir/fast.out" "$dir/scalar.out" ||
	die "seed $seed: the build without SSE2 differs: $(cat "$dir/fast.out" "$dir/scalar.out")"
echo "texts: seed $seed, $texts made up, $(cat "$dir/fast.out")"

[ "$seconds" != 0 ] || exit 0
"$dir/texts-fast" "$seed" 300 "$dir/seeds"
for fuzzer in $fuzzers; do
	link "fuzz-$fuzzer" fuzzer -fsanitize=fuzzer "-DFUZZ_TARGET=fuzz_$fuzzer" test/fuzz/entry.c
done
for fuzzer in $fuzzers; do
	start fuzz "$fuzzer"
done
finish
