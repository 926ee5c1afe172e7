#!/bin/sh
#
# Run a command against a throw-away server that can load the built extension:
#
#     test/run.sh make installcheck
#
# With KEEP=1 the server stays when the command succeeds, and how to connect to
# it and how to stop it is printed.
#
# With PRELOAD=1 the server preloads maestro, which guards need.
#
# initdb refuses to run as root, so for root the server belongs to "postgres".
# The command always runs as the caller: the checkout may be unreadable to the
# server's owner, and results/ belongs to whoever asked for the tests.

set -eu

bindir=$(${PG_CONFIG:-pg_config} --bindir)
owner=
[ "$(id -u)" != 0 ] || owner="runuser -u ${PGOWNER:-postgres} --"

dir=$($owner mktemp -dt maestro-test.XXXXXX)

keep() {
	echo
	echo "The server is still running (KEEP=1). Open psql on it:"
	echo "    psql -h $dir -p 5432 -U postgres postgres"
	echo "Stop it and remove its files:"
	echo "    (cd / && ${owner:+$owner }$bindir/pg_ctl -D $dir/data -m fast stop && rm -rf $dir)"
}

finish() {
	status=$?
	trap - EXIT
	if [ "$status" = 0 ] && [ "${KEEP:-0}" != 0 ]; then
		keep
		exit 0
	fi
	(cd / && $owner "$bindir/pg_ctl" -D "$dir/data" -m immediate -s stop) >/dev/null 2>&1 || true
	[ "$status" = 0 ] || tail -n 40 "$dir/server.log" >&2 2>/dev/null || true
	rm -rf "$dir"
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Which setting, if any, lets this server find extension files outside its own
# tree?  Debian patches one in; 18 has one of its own.
knows() { "$bindir/postgres" --describe-config | grep -q "^$1	"; }

conf() {
	cat test/postgresql.conf
	echo "unix_socket_directories = '$dir'"
	[ "${PRELOAD:-0}" = 0 ] || echo "shared_preload_libraries = 'maestro'"
	[ -n "${STAGE:-}" ] || return 0
	if knows extension_control_path; then
		echo "extension_control_path = '$dir/stage$("$bindir/pg_config" --sharedir):\$system'"
	elif knows extension_destdir; then
		echo "extension_destdir = '$dir/stage'"
	else
		echo "this server loads extensions from its own tree only: run make install, then make test STAGE=" >&2
		exit 1
	fi
	echo "dynamic_library_path = '$dir/stage$("$bindir/pg_config" --pkglibdir):\$libdir'"
}

# The server may not be able to read the checkout, so it gets a copy.
[ -z "${STAGE:-}" ] || cp -R "$STAGE" "$dir/stage"
(cd "$dir" && $owner "$bindir/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale --no-sync) >/dev/null
conf | $owner tee -a "$dir/data/postgresql.conf" >/dev/null
(cd "$dir" && $owner "$bindir/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -s start)

export PGHOST="$dir" PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
export PG_CTL="$owner $bindir/pg_ctl -D $dir/data -l $dir/server.log -s -w"
"$@"
