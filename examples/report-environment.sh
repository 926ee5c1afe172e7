#!/bin/sh
#
# Report facts about the container that this runs in to maestro:
#
#     report-environment.sh SYSTEM/COMPONENT [--print] [options]
#
#     --print                        show the facts, and on standard error what
#                                    could not be read; connect to nothing
#     --network-policy true|false    a network policy is in force
#     --secret-store NAME            where secrets come from (vault, k8s ...)
#     --env-file-tracked true|false  a file of secrets is under version control
#     --local-state true|false       it keeps state of its own on disk
#
# These four cannot be seen from inside, and are left out unless given.  The
# rest is read from /proc and /sys/fs/cgroup.  A fact that cannot be read is
# left out, never guessed: what is missing is "unknown" to maestro, not "ok".
#
# psql connects as PGHOST, PGUSER, PGSERVICE ... say.  Log in as the deployer's
# role, a member of maestro_operator: what a component says of itself does not
# count.  Run it in the component's own container (a sidecar has limits of its
# own), at start and then at least weekly.
#
# It needs a POSIX shell, coreutils and psql.  REPORT_ROOT is put before every
# path that is read, for tests.

set -fu
LC_ALL=C

root=${REPORT_ROOT:-}
facts=     # ,"key":value ... in the order of keys
unread=    # keys that are left out

usage() {
	echo "usage: ${0##*/} SYSTEM/COMPONENT [--print] [--network-policy true|false] [--secret-store NAME]" >&2
	echo "       [--env-file-tracked true|false] [--local-state true|false]" >&2
	[ $# = 0 ] || echo "${0##*/}: $1" >&2
	exit 2
}

# ---- reading --------------------------------------------------------------

# Is it a whole number, in digits that a shell can compare?
is_number() {
	case $1 in
	'' | *[!0-9]* | 0?*) return 1 ;;
	esac
	[ ${#1} -le 18 ]
}

# The first process's status where it may be read, else our own: process_line KEY
process_line() {
	for status in "$root/proc/1/status" "$root/proc/self/status"; do
		[ -r "$status" ] || continue
		while IFS= read -r line || [ -n "$line" ]; do
			case $line in
			"$1:"*)
				printf '%s\n' "${line#"$1:"}"
				return
				;;
			esac
		done 2>/dev/null <"$status"
	done
}

# Uid has four: real, effective, saved, of the file system.
read_non_root() {
	# shellcheck disable=SC2046 # four words are wanted
	set -- $(process_line Uid)
	[ $# = 4 ] || return
	for uid in "$@"; do
		is_number "$uid" || return
	done
	non_root=true
	for uid in "$@"; do
		[ "$uid" -ne 0 ] || non_root=false
	done
	echo $non_root
}

# Of several mounts on / the last one is on top.
read_read_only_root() {
	[ -r "$root/proc/self/mounts" ] || return
	read_only=
	while read -r _ where _ options _; do
		[ "$where" = / ] || continue
		case ",${options:-}," in
		*,ro,*) read_only=true ;;
		*,rw,*) read_only=false ;;
		*) read_only= ;;
		esac
	done 2>/dev/null <"$root/proc/self/mounts"
	echo $read_only
}

read_privilege_escalation() {
	# shellcheck disable=SC2046 # without the blanks around it
	set -- $(process_line NoNewPrivs)
	case $* in
	1) echo false ;;
	0) echo true ;;
	esac
}

# Is CAP_SYS_ADMIN, bit 21, in a mask of 16 hexadecimal digits?  It is the
# second bit of the sixth digit from the right.  yes, no, or nothing for garbage.
has_sys_admin() {
	case $1 in
	*[!0-9a-fA-F]*) return ;;
	??????????[2367abefABEF]?????) echo yes ;;
	????????????????) echo no ;;
	esac
}

# A process that is not root has no effective capability even in a privileged
# container, where it may still get all: then the mask of what it may get speaks,
# and if that has the bit, nothing can be told.
read_privileged() {
	# shellcheck disable=SC2046 # without the blanks around them
	set -- "$(has_sys_admin $(process_line CapEff) '')" "$(has_sys_admin $(process_line CapBnd) '')"
	case $1/$2 in
	yes/*) echo true ;;
	no/no) echo false ;;
	esac
}

# A limit as cgroups print it, unless it means none: version 2 says max, version
# 1 the largest number of pages, which has 19 digits.
cgroup_limit() {
	[ -r "$1" ] || return
	limit=
	read -r limit <"$1" 2>/dev/null || [ -n "$limit" ] || return
	if is_number "$limit" && [ "$limit" -gt 0 ]; then
		echo "$limit"
	fi
}

# The least limit of a group and those above it: least_limit DIRECTORY PATH FILE
least_limit() {
	path=$2
	least=
	while :; do
		limit=$(cgroup_limit "$1$path/$3")
		if [ -n "$limit" ] && { [ -z "$least" ] || [ "$limit" -lt "$least" ]; }; then
			least=$limit
		fi
		[ -n "$path" ] || break
		path=${path%/*}
	done
	echo "$least"
}

# Lines of /proc/self/cgroup are number:controllers:path, version 2's is 0::path.
# Its own path is not seen in a container, where that group is mounted on top;
# then, and when there are no such lines, the walk ends at the top.
read_memory_limit() {
	two=
	one=
	if [ -r "$root/proc/self/cgroup" ]; then
		while IFS=: read -r number controllers path; do
			case $path in
			/..* | *[!!-~]*) continue ;;
			/) path= ;;
			/*) ;;
			*) continue ;;
			esac
			case $number:,$controllers, in
			0:,,) two=$path ;;
			*,memory,*) one=$path ;;
			esac
		done 2>/dev/null <"$root/proc/self/cgroup"
	fi
	limit=$(least_limit "$root/sys/fs/cgroup" "$two" memory.max)
	[ -n "$limit" ] || limit=$(least_limit "$root/sys/fs/cgroup/memory" "$one" memory.limit_in_bytes)
	echo "$limit"
}

# Ports that accept connections (state 0A) from outside.  Addresses are printed
# as the machine keeps them: on one that is little-endian, as nearly all are,
# 127.0.0.1 ends in 7F.  Fails when the file is no such table.
listening() {
	[ -r "$1" ] || return
	{
		read -r sl address _
		[ "$sl $address" = 'sl local_address' ] || return
		while read -r _ address _ state _; do
			case ${state:-}/$address in
			0A/??????7F:* | 0A/00000000000000000000000001000000:* | 0A/0000000000000000FFFF0000??????7F:*) ;;
			0A/*:*[!0-9A-F]* | 0A/*:0000) ;;
			0A/*:????) echo $((0x${address##*:})) ;;
			esac
		done
	} 2>/dev/null <"$1"
}

# Without IPv6 there is no second table.
read_ports() {
	four=$(listening "$root/proc/self/net/tcp") || return
	six=$(listening "$root/proc/self/net/tcp6") || [ ! -e "$root/proc/self/net/tcp6" ] || return
	list=
	for port in $(printf '%s\n' "$four" "$six" | sort -nu); do
		list="$list,$port"
	done
	echo "[${list#,}]"
}

# ---- what it comes to -----------------------------------------------------

# A fact, unless it is empty: fact KEY VALUE
fact() {
	if [ -n "$2" ]; then
		facts="$facts,\"$1\":$2"
	else
		unread="$unread $1"
	fi
}

component=
print=
network_policy=
secret_store=
env_file_tracked=
local_state=

boolean() {
	case $2 in
	true | false) ;;
	*) usage "$1 is true or false" ;;
	esac
}

while [ $# -gt 0 ]; do
	case $1 in
	--print) print=1 ;;
	--network-policy | --secret-store | --env-file-tracked | --local-state)
		[ $# -ge 2 ] || usage "$1 needs a value"
		case $1 in
		--network-policy) boolean "$1" "$2" && network_policy=$2 ;;
		--env-file-tracked) boolean "$1" "$2" && env_file_tracked=$2 ;;
		--local-state) boolean "$1" "$2" && local_state=$2 ;;
		*)
			case $2 in
			'' | *[!A-Za-z0-9._:/-]*) usage "--secret-store is a name of letters, digits and . _ : / -" ;;
			esac
			secret_store="\"$2\""
			;;
		esac
		shift
		;;
	-*) usage "there is no option $1" ;;
	*)
		[ -z "$component" ] || usage 'one component at a time'
		component=$1
		;;
	esac
	shift
done
case $component in
?*/?*) ;;
*) usage ;;
esac

fact allowPrivilegeEscalation "$(read_privilege_escalation)"
fact envFileTracked "$env_file_tracked"
fact listeningPorts "$(read_ports)"
fact localState "$local_state"
fact memoryLimitBytes "$(read_memory_limit)"
fact networkPolicy "$network_policy"
fact privileged "$(read_privileged)"
fact readOnlyRootFilesystem "$(read_read_only_root)"
fact runAsNonRoot "$(read_non_root)"
fact secretStore "$secret_store"
facts="{${facts#,}}"

if [ -n "$print" ]; then
	printf '%s\n' "$facts"
	[ -z "$unread" ] || echo "not read:$unread" >&2
	exit 0
fi
if [ "$facts" = '{}' ]; then
	echo "${0##*/}: no fact could be read" >&2
	exit 1
fi
exec psql -XAtq -v ON_ERROR_STOP=1 -v component="$component" -v facts="$facts" <<'SQL'
SELECT maestro.report_environment(:'component', :'facts'::jsonb);
SQL
