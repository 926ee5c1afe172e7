#!/bin/sh
#
# SHA-256 by the CPU's instructions and by OpenSSL: known answers.  Needs no server.

set -eu

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
${CC:-cc} -std=gnu99 -O2 -Wall -Wextra -DMAESTRO_STANDALONE -Isrc -o "$scratch/known" \
	test/sha256/known.c src/sha256.c src/sha256_ni.c -lcrypto
"$scratch/known"
