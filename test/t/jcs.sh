#!/bin/sh
#
# The canonical form of JSON: RFC 8785's own examples, and what Python says of many
# numbers and documents.  Needs no server.

set -eu

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
${CC:-cc} -std=gnu99 -O2 -g -Wall -Wextra -fsanitize=address,undefined -DMAESTRO_STANDALONE -D_GNU_SOURCE -Isrc -o "$scratch/known" \
	test/jcs/known.c src/jcs.c src/jcs_number.c src/canon.c
"$scratch/known" >"$scratch/tap" || true
grep -v '^1\.\.' "$scratch/tap"
n=$(grep -c -E '^(not )?ok ' "$scratch/tap")
python3 test/jcs/compare.py "$scratch/known" "$n"
