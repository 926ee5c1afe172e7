#!/bin/bash
#
# Fuzz JSON Schemas under the address and undefined behaviour sanitizers of clang:
#
#     test/fuzz/schema.sh [seconds [file]]
#
# The schema files and schema_backend.c become a library, which a single-user backend
# loads and feeds with what schema_gen.py makes up for so long, or with the cases of a
# file.  MAESTRO_SEED= repeats a run's cases.  What breaks a promise is kept in
# build/fuzz/schema, a file to give as the second argument.

set -eu

seconds=${1:-60}
cases=${2:-}
seed=${MAESTRO_SEED:-$(date +%s)}
cc=${FUZZ_CC:-clang}
pg_config=${PG_CONFIG:-pg_config}
bindir=$($pg_config --bindir)
owner=
[ "$(id -u)" != 0 ] || owner="runuser -u ${PGOWNER:-postgres} --"

dir=$($owner mktemp -dt maestro-schema.XXXXXX)
maker=
stop() {
	[ -z "$maker" ] || kill "$maker" 2>/dev/null || true
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM

build=$(mktemp -d)
include=$($pg_config --includedir-server)
ls src/schema*.c src/json.c test/fuzz/schema_backend.c | grep -vxE 'src/schema_(sql|registered).c' |
	xargs -P 2 -I '{}' sh -c '"$0" -std=gnu99 -O1 -g -fPIC -fno-omit-frame-pointer -fsanitize=address,undefined \
		-fno-sanitize-recover=undefined -shared-libasan -D_GNU_SOURCE -DWORK_LEAST=100000 -Isrc -isystem "$1" -c "$3" \
		-o "$2/$(basename "$3").o"' "$cc" "$include" "$build" '{}'
"$cc" -shared -fsanitize=address,undefined -shared-libasan "$build"/*.o -lcjson -o "$build/schema_fuzz.so"
# With the runtime loaded first, the server waits for ever in glibc's bindtextdomain, on the
# lock of its translations, before it has read its options.  It gets none.
chmod 755 "$build"
"$cc" -shared -fPIC -w -x c - -o "$build/untranslated.so" <<-C
	char *bindtextdomain(const char *domain, const char *dir) { return (char *) dir; }
	char *textdomain(const char *domain) { return (char *) domain; }
	char *gettext(const char *text) { return (char *) text; }
	char *dgettext(const char *domain, const char *text) { return (char *) text; }
	char *dcgettext(const char *domain, const char *text, int category) { return (char *) text; }
	char *dngettext(const char *domain, const char *one, const char *more, unsigned long n) { return (char *) (n == 1 ? one : more); }
	char *dcngettext(const char *domain, const char *one, const char *more, unsigned long n, int category) { return (char *) (n == 1 ? one : more); }
C
$owner cp "$build/schema_fuzz.so" "$build/untranslated.so" "$dir/"
rm -rf "$build"
runtime=$("$cc" -print-file-name=libclang_rt.asan-"$(uname -m)".so)

(cd "$dir" && $owner "$bindir/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale --no-sync) >/dev/null
$owner mkfifo "$dir/cases"
if [ -n "$cases" ]; then
	cat "$cases" >"$dir/cases" &
else
	python3 test/fuzz/schema_gen.py "$seed" "$seconds" >"$dir/cases" &
fi
maker=$!

# The backend's own memory is freed by its end.
status=0
(
	cd "$dir"
	$owner env LD_PRELOAD="$runtime $dir/untranslated.so" UBSAN_OPTIONS=print_stacktrace=1 \
		ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0:abort_on_error=1:disable_coredump=1:allocator_may_return_null=1 \
		"$bindir/postgres" --single -j -F -D "$dir/data" -c max_stack_depth=6MB -c log_min_messages=panic postgres <<-SQL
			CREATE FUNCTION schema_fuzz(text, text) RETURNS text LANGUAGE c AS '$dir/schema_fuzz', 'schema_fuzz';

			SELECT schema_fuzz('$dir/cases', '$dir/current');

		SQL
) >"$dir/out" 2>"$dir/log" || status=$?

said=$(sed -n 's/.*schema_fuzz = "\(.*\)".*/\1/p' "$dir/out")
if [ "$status" != 0 ] || [ -z "$said" ]; then
	grep -avE '^(backend>|PostgreSQL stand-alone)' "$dir/log" | head -n 40 >&2
	mkdir -p build/fuzz
	[ ! -s "$dir/current" ] || { cp "$dir/current" build/fuzz/schema && echo "schema fuzz: fails for the case in build/fuzz/schema" >&2; }
	echo "schema fuzz: seed $seed, status $status" >&2
	exit 1
fi
echo "schema: seed $seed: $said"
