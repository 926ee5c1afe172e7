# Helpers of the shell tests, which print TAP for prove.  To be sourced:
#
#     . "$(dirname "$0")/../lib.sh"
#     begin attacks		# database attacks_t, dropped again at the end
#     ...
#     finish
#
# Each file has a database of its own, and roles whose names start with the
# file's; both are gone when it ends, however it ends.

set -u

lib_count=0    # tests so far
lib_failed=0   # of them failed
lib_topic=     # the file's word: prefix of its database and roles
lib_databases= # dropped at the end

# The server without noise; errors go to standard error as they are.
quiet_psql() { psql -XAtq -v ON_ERROR_STOP=1 "$@"; }

# Run SQL as the superuser in the file's database, or in another: sql SQL [DB].
# What fails can't pass for an empty answer.
sql() { quiet_psql -d "${2:-$PGDATABASE}" -c "$1" || echo 'psql failed'; }

# Run statements of standard input in one session as a role that may log in:
# as ROLE [psql options].
as() {
	lib_role=$1
	shift
	quiet_psql -U "$lib_role" "$@" -f - || echo 'psql failed'
}

# What statements come to: the SQLSTATE of the first that fails, "crash", or
# "done".  The second argument is the role that logs in.
outcome() {
	if lib_out=$(printf '%s\n' "$1" | psql -XAtq -v ON_ERROR_STOP=1 -v VERBOSITY=sqlstate \
		-U "${2:-postgres}" -f - 2>&1 >/dev/null); then
		echo 'done'
		return
	fi
	case $lib_out in
	*'server closed'*) echo crash ;;
	*'ERROR:  '*) lib_out=${lib_out##*ERROR:  } && echo "${lib_out%%[!0-9A-Z]*}" ;;
	*) echo "$lib_out" ;;
	esac
}

# One result line.
emit() {
	lib_count=$((lib_count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $lib_count - $2"
	else
		echo "not ok $lib_count - $2"
		lib_failed=$((lib_failed + 1))
	fi
}

diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

# is HAVE WANT NAME
is() {
	if [ "$1" = "$2" ]; then
		emit 0 "$3"
		return
	fi
	emit 1 "$3"
	case $1$2 in
	*"
"*)
		lib_tmp=$(mktemp)
		printf '%s\n' "$2" >"$lib_tmp"
		diag "$(printf '%s\n' "$1" | diff -U0 "$lib_tmp" - | sed '1,2d' | cut -c 1-400 | head -n 10)"
		rm -f "$lib_tmp"
		;;
	*)
		diag "have: $1"
		diag "want: $2"
		;;
	esac
}

# isnt HAVE UNWANTED NAME
isnt() {
	if [ "$1" != "$2" ]; then emit 0 "$3"; else emit 1 "$3" && diag "have: $1"; fi
}

# has TEXT PART NAME
has() {
	case $1 in
	*"$2"*) emit 0 "$3" ;;
	*)
		emit 1 "$3"
		diag "have: $1"
		diag "want part: $2"
		;;
	esac
}

# lacks TEXT PART NAME
lacks() {
	case $1 in
	*"$2"*)
		emit 1 "$3"
		diag "have: $1"
		diag "unwanted part: $2"
		;;
	*) emit 0 "$3" ;;
	esac
}

# refused SQLSTATE NAME SQL [LOGIN ROLE]
refused() { is "$(outcome "$3" "${4:-postgres}")" "$1" "$2"; }

# A database of this name, dropped at the end, and the one that follows uses.
create_database() {
	PGDATABASE=$1
	export PGDATABASE
	lib_databases="$lib_databases $1"
	quiet_psql -d postgres -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" -c "CREATE DATABASE $1 ${2:-}" 2>/dev/null
}

# The file's database with the extension, and the cluster's roles.
begin() {
	lib_topic=$1
	trap cleanup EXIT
	trap 'exit 130' INT TERM
	quiet_psql -d postgres -c '' || { echo 'Bail out!  no server: use test/run.sh' && exit 1; }
	lib_had_roles=$(quiet_psql -d postgres -c "SELECT 'x' FROM pg_roles WHERE rolname = 'maestro_agent'")
	drop_roles
	create_database "$1_t"
	sql "CREATE EXTENSION maestro"
	sql "SELECT count(*) FROM maestro.install_roles()" >/dev/null
}

drop_roles() {
	quiet_psql -d postgres -c "SELECT format('DROP ROLE %I;', rolname) FROM pg_roles
		WHERE rolname LIKE '$lib_topic\\_%'" | quiet_psql -d postgres -f - >/dev/null 2>&1
}

cleanup() {
	lib_status=$?
	trap - EXIT
	for lib_database in $lib_databases; do
		quiet_psql -d postgres -c "DROP DATABASE IF EXISTS $lib_database WITH (FORCE)" >/dev/null 2>&1
	done
	drop_roles
	if [ -z "${lib_had_roles:-}" ]; then
		for lib_role in admin agent operator approver auditor dashboard; do
			quiet_psql -d postgres -c "DROP ROLE IF EXISTS maestro_$lib_role" >/dev/null 2>&1
		done
	fi
	exit $lib_status
}

# The plan, last; the exit status tells of failures.
finish() {
	echo "1..$lib_count"
	[ "$lib_failed" = 0 ]
	exit
}
