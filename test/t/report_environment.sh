#!/bin/sh
#
# examples/report-environment.sh: what it makes of the files of containers, and
# what maestro makes of its report.

. "$(dirname "$0")/../lib.sh"
begin report_environment
script=$(dirname "$0")/../../examples/report-environment.sh
roots=$(mktemp -d)
trap 'rm -rf "$roots"; cleanup' EXIT

# A container's files: file PATH CONTENT, below the current root.
file() {
	mkdir -p "$root/${1%/*}"
	printf '%b' "$2" >"$root/$1"
}

# A root of its own for each case.
case_number=0
new_root() {
	case_number=$((case_number + 1))
	root=$roots/$case_number
	mkdir -p "$root"
}

# What the script shows of the current root, and what it says it did not read.
shown() { REPORT_ROOT=$root sh "$script" crew/planner --print "$@" 2>/dev/null; }
unread() { { REPORT_ROOT=$root sh "$script" crew/planner --print "$@" >/dev/null; } 2>&1; }
# fact KEY: one fact, or nothing.
fact() { shown | sed -n "s/.*\"$1\":\(\[[0-9,]*\]\|[^,}]*\).*/\1/p"; }

tcp='  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
# socket ADDRESS STATE: a line of the table.
socket() { printf '   0: %s 00000000:0000 %s 00000000:00000000 00:00000000 00000000     0        0 1662 1 0 100 0 0 10 0\\n' "$1" "$2"; }
status() { printf 'Name:\\tapp\\nUid:\\t%s\\nCapEff:\\t%s\\nCapBnd:\\t%s\\nNoNewPrivs:\\t%s\\n' "$1" "$2" "$3" "$4"; }
ordinary=00000000a80425fb # what a container runtime leaves by default
all=000001ffffffffff

# ---- whole containers -----------------------------------------------------

new_root
file proc/1/status "$(status '1000\t1000\t1000\t1000' 0000000000000000 $ordinary 1)"
file proc/self/status "$(status '0\t0\t0\t0' $all $all 0)"
file proc/self/mounts 'rootfs / rootfs rw 0 0\noverlay / overlay ro,relatime,lowerdir=/a 0 0\ntmpfs /tmp tmpfs rw 0 0\n'
file proc/self/cgroup '0::/\n'
file sys/fs/cgroup/memory.max '536870912\n'
file proc/self/net/tcp "$tcp$(socket 00000000:1F90 0A)$(socket 0100007F:0050 0A)$(socket 0200000A:D431 01)"
file proc/self/net/tcp6 "$tcp$(socket 00000000000000000000000000000000:01BB 0A)$(socket 00000000000000000000000001000000:2328 0A)$(socket 00000000000000000000000000000000:1F90 0A)"
hardened='{"allowPrivilegeEscalation":false,"listeningPorts":[443,8080],"memoryLimitBytes":536870912,"privileged":false,"readOnlyRootFilesystem":true,"runAsNonRoot":true}'
is "$(shown)" "$hardened" 'of a hardened container with cgroup 2 it reads six facts, sorted, in one line'
is "$(unread)" 'not read: envFileTracked localState networkPolicy secretStore' 'and says which it could not'
is "$(shown --network-policy true --secret-store vault:kv/crew --env-file-tracked false --local-state false)" \
	'{"allowPrivilegeEscalation":false,"envFileTracked":false,"listeningPorts":[443,8080],"localState":false,"memoryLimitBytes":536870912,"networkPolicy":true,"privileged":false,"readOnlyRootFilesystem":true,"runAsNonRoot":true,"secretStore":"vault:kv/crew"}' \
	'options give what cannot be seen from inside'
is "$(unread --network-policy true --secret-store k8s --env-file-tracked true --local-state true)" '' 'and then nothing is missing'
hardened_root=$root

new_root
file proc/1/status "$(status '0\t0\t0\t0' $all $all 0)"
file proc/self/mounts 'overlay / overlay rw,relatime 0 0\n'
file proc/self/cgroup '11:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/docker/abc\n'
file sys/fs/cgroup/memory/memory.limit_in_bytes '268435456\n'
file proc/self/net/tcp "$tcp"
is "$(shown)" '{"allowPrivilegeEscalation":true,"listeningPorts":[],"memoryLimitBytes":268435456,"privileged":true,"readOnlyRootFilesystem":false,"runAsNonRoot":false}' \
	'of a privileged one with cgroup 1, root and no listener it reads as much'

new_root
is "$(shown)" '{}' 'where there is nothing to read it knows nothing'
is "$(unread)" 'not read: allowPrivilegeEscalation envFileTracked listeningPorts localState memoryLimitBytes networkPolicy privileged readOnlyRootFilesystem runAsNonRoot secretStore' \
	'and says so of each fact'
empty_root=$root

# ---- fact by fact ---------------------------------------------------------

# reads KEY WANT NAME, of the current root.
reads() { is "$(fact "$1")" "$2" "$3"; }

new_root
file proc/self/status "$(status '1000\t1000\t1000\t1000' $ordinary $ordinary 1)"
reads runAsNonRoot true 'where the first process is hidden its own status speaks'
while IFS='|' read -r uid want name; do
	file proc/1/status "$(status "$uid" $ordinary $ordinary 1)"
	rm -f "$root/proc/self/status"
	reads runAsNonRoot "$want" "$name"
done <<'CASES'
1000\t0\t1000\t1000|false|an effective uid of 0 is root
1000\t1000\t0\t1000|false|a saved one can become root
1000\t1000||two uids are no line of a status file
1000\t-1\tx\t*||nor are words
CASES

while IFS='|' read -r effective bound want name; do
	file proc/1/status "$(status '0\t0\t0\t0' "$effective" "$bound" 0)"
	reads privileged "$want" "$name"
done <<'CASES'
0000000000200000|0000000000200000|true|CAP_SYS_ADMIN alone is privileged
ffffffffffdfffff|ffffffffffdfffff|false|all capabilities but that are not
FFFFFFFFFFFFFFFF|FFFFFFFFFFFFFFFF|true|hexadecimal digits may be capital
0000000000000000|000001ffffffffff||who is not root, but might get it, is left open
200000|200000||a short mask is none
00000000a80425fg|00000000a80425fb||nor is one with other letters
00000000a80425fb|||without the mask of what it may get nothing is told
CASES

while IFS='|' read -r flag want name; do
	file proc/1/status "$(status '0\t0\t0\t0' $ordinary $ordinary "$flag")"
	reads allowPrivilegeEscalation "$want" "$name"
done <<'CASES'
1|false|no_new_privs means no escalation
0|true|without it there is
2||another value says nothing
|| nor does none
CASES
file proc/1/status '\0377\0376\0000Uid 0\nNoNewPrivs\nCapEff: *\nUid:\n'
is "$(shown)" '{}' 'garbage in place of a status says nothing'

while IFS='|' read -r mounts want name; do
	file proc/self/mounts "$mounts"
	reads readOnlyRootFilesystem "$want" "$name"
done <<'CASES'
a /data ext4 ro 0 0\n||another mount is not the root
a / ext4 ro 0 0\nb / overlay rw 0 0\n|false|of two mounts on the root the last counts
a / ext4 rw,errors=remount-ro 0 0\n|false|an option that ends in ro is not ro
a / ext4 noatime,ro\n|true|nor need it come first
a / ext4\n||a line without options says nothing
a /||nor does half a line
CASES

# memory WANT NAME, of the root that "file" has filled.
new_root
file proc/self/cgroup '0::/kubepods/pod1/c1\n'
file sys/fs/cgroup/kubepods/pod1/c1/memory.max 'max\n'
file sys/fs/cgroup/kubepods/pod1/memory.max '2000000\n'
file sys/fs/cgroup/kubepods/memory.max '3000000\n'
reads memoryLimitBytes 2000000 "the least limit of the groups above counts"
file sys/fs/cgroup/kubepods/pod1/memory.max 'max\n'
file sys/fs/cgroup/kubepods/memory.max 'max\n'
reads memoryLimitBytes '' 'max is no limit'
file proc/self/cgroup '0::/../../elsewhere\nbroken\n::\n5:memory:relative\n'
file sys/fs/cgroup/memory.max '1000000'
reads memoryLimitBytes 1000000 'a group out of sight is looked for at the top'
for limit in '' 0 -1 1e9 0x10 007 '12 kB' 9223372036854771712; do
	file sys/fs/cgroup/memory.max "$limit\n"
	reads memoryLimitBytes '' "a limit of \"$limit\" is none"
done
new_root
file proc/self/cgroup '9:hugetlb,memory:/a\n'
file sys/fs/cgroup/memory/a/memory.limit_in_bytes '4096\n'
file sys/fs/cgroup/memory/memory.limit_in_bytes '9223372036854771712\n'
reads memoryLimitBytes 4096 'of cgroup 1 the group is found among several controllers'
file sys/fs/cgroup/memory/a/memory.limit_in_bytes '9223372036854771712\n'
reads memoryLimitBytes '' "cgroup 1's largest number is no limit"

new_root
while IFS='|' read -r address state want name; do
	file proc/self/net/tcp "$tcp$(socket "$address" "$state")"
	reads listeningPorts "$want" "$name"
done <<'CASES'
0100000A:1F90|0A|[8080]|a port bound to one address is open
00000000:FFFF|0A|[65535]|so is the last port
00000000:0050|01|[]|a connection is no listener
0100007F:1F90|0A|[]|a loopback address is not open
0A00A87F:1F90|0A|[]|nor is another of that network
7F00000A:1F90|0A|[8080]|an address is read from its end
00000000:0000|0A|[]|port 0 is none
00000000:XYZW|0A|[]|nor are letters
00000000|0A|[]|nor half an address
CASES
file proc/self/net/tcp "$tcp"
file proc/self/net/tcp6 "$tcp$(socket 0000000000000000FFFF00000100007F:1F90 0A)$(socket 0000000000000000FFFF00000100000A:1F91 0A)"
reads listeningPorts '[8081]' 'an IPv4 address within IPv6 is judged as one'
file proc/self/net/tcp6 'something else\n'
reads listeningPorts '' 'with one of two tables broken nothing is told'
file proc/self/net/tcp6 "$tcp"
rm "$root/proc/self/net/tcp"
reads listeningPorts '' 'nor with IPv6 alone'
file proc/self/net/tcp ''
reads listeningPorts '' 'nor of an empty table'

# ---- how it is called -----------------------------------------------------

while IFS='|' read -r arguments name; do
	# shellcheck disable=SC2086 # words are wanted
	REPORT_ROOT=$hardened_root sh "$script" $arguments >/dev/null 2>&1
	is $? 2 "$name"
done <<'CASES'
|it needs a component
crew --print|of the form system/component
crew/a crew/b --print|only one
crew/a --print --network-policy yes|booleans are true or false
crew/a --print --local-state|options have their values
crew/a --print --secret-store a"b|a store is a plain name
crew/a --print --privileged true|what can be read is not taken from options
CASES
REPORT_ROOT=$empty_root sh "$script" crew/planner >/dev/null 2>&1
is $? 1 'without a fact there is no report'

# ---- the report -----------------------------------------------------------

sql "CREATE ROLE report_environment_agents LOGIN IN ROLE maestro_agent;
	CREATE ROLE report_environment_deployer LOGIN IN ROLE maestro_operator;
	SELECT maestro.register_system('crew', db_role => 'report_environment_agents');
	SELECT maestro.register_component('crew', 'planner', 'agent', own_process => true);
	SELECT maestro.register_component('crew', 'o''neil :x \"\\', 'agent');" >/dev/null
report() { PGUSER=$1 REPORT_ROOT=$hardened_root sh "$script" "$2" --secret-store vault 2>&1; }
is "$(report report_environment_deployer crew/planner)" 1 "a deployer's report is stored, and its id shown"
is "$(sql "SELECT facts, reported_by FROM maestro.environment_report")" \
	'{"privileged": false, "secretStore": "vault", "runAsNonRoot": true, "listeningPorts": [443, 8080], "memoryLimitBytes": 536870912, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false}|report_environment_deployer' \
	'with its facts and who reported them'
is "$(sql "SELECT status FROM maestro.component_control WHERE component = 'planner' AND control = 'container_hardened'")" ok \
	'and a control rests on it'
is "$(report report_environment_deployer "crew/o'neil :x \"\\")" 2 'a component may be called anything'
has "$(report report_environment_deployer crew/nobody)" 'component is not registered' 'one that is not registered is an error'
report report_environment_deployer crew/nobody >/dev/null
isnt $? 0 'and the exit status says so'
has "$(report report_environment_agents crew/planner)" 'permission denied' 'the component does not report on itself'
is "$(sql 'SELECT count(*) FROM maestro.environment_report')" 2 'and nothing else was stored'
finish
