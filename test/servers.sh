# Servers of a test's own, preloaded, each below "$servers" with its socket beside its
# data.  To be sourced after lib.sh and begin:
#
#     server_init NAME [LINES OF CONFIGURATION]
#     server_start NAME, server_stop NAME [MODE], on NAME COMMAND
#
# All are stopped at the end.

bindir=$(${PG_CONFIG:-pg_config} --bindir)
owner=
[ "$(id -u)" != 0 ] || owner="runuser -u ${PGOWNER:-postgres} --"
servers=$(cd / && $owner mktemp -dt maestro-s.XXXXXX)
dir=$(mktemp -d)
server_names=

servers_end() {
	server_status=$?
	for server_name in $server_names; do server_stop "$server_name" immediate; done >/dev/null 2>&1
	rm -rf "$servers" "$dir"
	(exit $server_status)
	cleanup
}
trap servers_end EXIT

server_log() { echo "$servers/$1/log"; }
server_stop() { (cd / && $owner "$bindir/pg_ctl" -D "$servers/$1/data" -m "${2:-fast}" -w -s stop); }
server_start() {
	server_names="$server_names $1"
	(cd / && $owner "$bindir/pg_ctl" -D "$servers/$1/data" -l "$servers/$1/log" -w -s start)
}

# Its settings: what the first server needs to find the extension, and more.
server_conf() {
	printf "listen_addresses = ''\nfsync = off\nmax_prepared_transactions = 5\nunix_socket_directories = '%s'\n" "$servers/$1"
	printf "shared_preload_libraries = 'maestro'\nmaestro.seal_interval = 10\nlog_min_messages = warning\n"
	psql -h "$first" -XAtq -d postgres -c "SELECT format('%s = %L', name, setting) FROM pg_settings
		WHERE name IN ('extension_destdir', 'extension_control_path', 'dynamic_library_path', 'port')"
	printf '%s\n' "${2:-}"
}
first=$PGHOST

server_init() {
	$owner mkdir "$servers/$1"
	(cd / && $owner "$bindir/initdb" -D "$servers/$1/data" -U postgres -A trust -E UTF8 --no-locale --no-sync) >/dev/null
	server_conf "$1" "${2:-}" | $owner tee -a "$servers/$1/data/postgresql.conf" >/dev/null
}

on() { (PGHOST=$servers/$1 && shift && "$@"); }

# Which databases are sealed there in the background: sealing SERVER NAMES.
sealing() {
	on "$1" sql "ALTER SYSTEM SET maestro.databases = '$2'" postgres
	on "$1" sql 'SELECT FROM pg_reload_conf()' postgres
	server_count=$(printf '%s' "$2" | tr ',' '\n' | grep -c .)
	until_is "$server_count|$server_count" "$1" postgres "SELECT count(*) FILTER (WHERE backend_type = 'maestro sealer'),
		count(*) FILTER (WHERE backend_type = 'maestro recorder') FROM pg_stat_activity" >/dev/null
}

# What a query comes to, once it is that or ten seconds are over: until_is WANT SERVER DATABASE SQL.
until_is() {
	server_tries=0
	while :; do
		server_have=$(on "$2" sql "$4" "$3")
		[ "$server_have" != "$1" ] && [ $server_tries -lt 100 ] || break
		server_tries=$((server_tries + 1))
		sleep 0.1
	done
	echo "$server_have"
}
