#!/bin/sh
#
# Make sure that what the build and the tests need is installed: as root it
# is installed from Debian's packages, for others the line to run is printed.
#
# Nothing happens, and nothing is printed, when all is there.

set -eu

pg_version() { "${PG_CONFIG:-pg_config}" --version 2>/dev/null | sed -n 's/^PostgreSQL \([0-9]*\).*/\1/p'; }

have() { command -v "$1" >/dev/null 2>&1; }

complete() {
	have "${CC:-gcc}" && have make && have prove && have python3 && have openssl && have pg_prove || return 1
	[ -n "$(pg_version)" ] || return 1
	[ -f "$(${PG_CONFIG:-pg_config} --pgxs)" ] || return 1
	[ -x "$(${PG_CONFIG:-pg_config} --bindir)/postgres" ] || return 1
	[ -f "$(${PG_CONFIG:-pg_config} --sharedir)/extension/pgtap.control" ] || return 1
	# The compiler tells where headers and libraries are better than any path does.
	printf '#include <cjson/cJSON.h>\n#include <openssl/evp.h>\nint main(void){return 0;}\n' |
		"${CC:-gcc}" -x c - -o /dev/null -lcjson -lcrypto 2>/dev/null
}

# The fuzzer's compiler is a wish: without it fuzzing is skipped, all else works.
can_fuzz() {
	probe=$(mktemp)
	status=0
	printf 'int LLVMFuzzerTestOneInput(void);\nint LLVMFuzzerTestOneInput(void){return 0;}\n' |
		clang -fsanitize=fuzzer,address,undefined -x c - -o "$probe" 2>/dev/null || status=1
	rm -f "$probe"
	return $status
}

# Installs packages quietly; what apt-get said is shown when it fails.
install() {
	log=$(mktemp)
	status=0
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@"; } >"$log" 2>&1 ||
		{ tail -n 30 "$log" >&2; status=1; }
	rm -f "$log"
	return $status
}

# clang only recommends its runtime, which has libFuzzer and the sanitizers; before
# Debian 12 it holds it.
install_clang() {
	[ -z "${FUZZ_CC:-}" ] && [ "$(id -u)" = 0 ] && have apt-get && ! can_fuzz || return 0
	echo "Installing clang for the fuzzer ..."
	runtime=
	[ -z "$(apt-cache show libclang-rt-dev 2>/dev/null)" ] || runtime=libclang-rt-dev
	install clang $runtime || echo "apt-get failed; fuzzing will be skipped" >&2
}

if complete; then
	install_clang
	exit 0
fi

version=$(pg_version)
if [ -z "$version" ] && have apt-cache; then
	version=$(apt-cache search --names-only '^postgresql-server-dev-[0-9]+$' 2>/dev/null |
		sed -n 's/^postgresql-server-dev-\([0-9]*\) .*/\1/p' | sort -n | tail -n 1)
fi
version=${version:-15}
packages="gcc make perl python3 openssl libcjson-dev libssl-dev libkrb5-dev postgresql-$version
	postgresql-server-dev-$version postgresql-$version-pgtap libtap-parser-sourcehandler-pgtap-perl"

if ! have apt-get; then
	echo "maestro needs a C compiler, PostgreSQL $version with its server headers, libcjson, OpenSSL's headers, pgTAP and pg_prove; please install them." >&2
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	echo "Some packages are missing. Please run this line, then try again:" >&2
	echo "    sudo apt-get install -y" $packages >&2
	exit 1
fi
echo "Installing what is missing (PostgreSQL $version, compiler, libraries); this takes a minute ..."
install $packages || { echo "apt-get failed; see above" >&2; exit 1; }
complete || { echo "still incomplete after installing packages; see docs/development.md" >&2; exit 1; }
install_clang
