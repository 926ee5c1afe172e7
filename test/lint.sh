#!/bin/bash
#
# What a compiler does not check: the layering rules of docs/development.md,
# sizes, warnings of two compilers, exported symbols, and the reference.
# Prints each fault and ends with status 1 when there is any.

set -u
shopt -s nullglob
faults=0
fault() { echo "lint: $1" >&2; faults=$((faults + 1)); }

# A rule: this pattern occurs in no file but these.
only_in() { # pattern, why, files...
	local pattern=$1 why=$2 found
	shift 2
	found=$(grep -lE "$pattern" src/*.[ch] src/bin/*.[ch] 2>/dev/null | grep -vxF "$(printf '%s\n' "$@")")
	[ -z "$found" ] || fault "$why: $(echo $found)"
}

# The verifier has no server, which json.c needs.
only_in '#include .*cJSON\.h' 'only json.c includes cJSON.h' src/json.c src/bin/bundle.c
only_in 'PG_VERSION_NUM' 'only compat.h tests versions' src/compat.h
only_in 'DefineCustom[A-Za-z]*Variable' 'only guc.c defines settings' src/guc.c
only_in 'CacheRegisterRelcacheCallback' 'only relcache_watch.c takes one of the ten places for relcache listeners' src/relcache_watch.c
only_in 'RequestAddinShmemSpace|ShmemInitStruct|ShmemInitHash' 'only shmem.c and guard_shmem.c ask for shared memory' src/shmem.c src/guard_shmem.c

# Entry files have functions for SQL; nothing calls into them, so they have no
# header.  Cores have none, and no fmgr.h (maestro.h brings it).
for file in src/*.c; do
	header=${file%.c}.h
	if grep -q '^MAESTRO_FUNCTION' "$file"; then
		[ ! -f "$header" ] || [ "$file" = src/leak.c ] || fault "$file has functions for SQL and a header: entry files call no other"
	elif [ "$file" != src/maestro.c ] && grep -qE '#include "(fmgr|maestro|funcapi)\.h"' "$file"; then
		fault "$file is a core and includes fmgr.h, funcapi.h or maestro.h"
	fi
done
# These read and write tables for the others.
only_in '#include "executor/' 'only entry files and the stores execute anything' \
	src/registry.c src/event.c src/posture_row.c src/session_fact.c src/sanitize_rule.c src/owner.c src/log.c \
	src/event_scan.c src/statement.h src/tile_stream.c src/seal.c src/unsealed.c src/signal_judge.c src/checkpoint.c src/verify.c \
	src/verify_rows.c src/verify_tree.c src/integrity_hooks.c $(grep -l '^MAESTRO_FUNCTION' src/*.c)

for file in src/*.[ch] sql/parts/*.sql test/*.sh test/t/*.sh test/bench/*.sh test/fuzz/*.[ch] test/fuzz/*.sh; do
	lines=$(wc -l <"$file")
	[ "$lines" -le 500 ] || fault "$file has $lines lines, more than 500"
done
long=$(awk 'FNR == 1 { start = 0 } /^{/ { start = FNR } /^}/ { if (start && FNR - start > 60) print FILENAME ":" start; start = 0 }' src/*.c test/fuzz/*.c)
[ -z "$long" ] || fault "functions over 60 lines: $(echo $long)"

# Both compilers, every warning an error, in a directory of its own.  Server
# headers are system headers here: their warnings are not ours.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
include=$(${PG_CONFIG:-pg_config} --includedir-server)
for compiler in gcc clang; do
	if ! command -v "$compiler" >/dev/null; then
		echo "lint: $compiler is not installed, left out" >&2
		continue
	fi
	for file in src/*.c; do
		"$compiler" -c -std=gnu99 -O2 -fvisibility=hidden -Wall -Wextra -Werror -Wno-unused-parameter \
			-D_GNU_SOURCE '-DPGDLLEXPORT=__attribute__((visibility("default")))' -isystem "$include" \
			-o "$scratch/out.o" "$file" || fault "$compiler warns about $file"
	done
done

symbols=$(nm -D --defined-only maestro.so | awk '{ print $3 }' | grep -vE '^(Pg_magic_func|_PG_init|(pg_finfo_)?maestro_[a-z0-9_]+)$')
[ -z "$symbols" ] || fault "symbols that should be hidden: $(echo $symbols)"

python3 docs/reference.py | diff -q - docs/reference.md >/dev/null || fault "docs/reference.md is not what docs/reference.py makes of the comments: run make reference"

[ "$faults" = 0 ] && echo "lint: no faults"
[ "$faults" = 0 ]
