#!/bin/sh
#
# Logs that leave the database: a second implementation, made from the
# specification alone, comes to the same bytes, and sees whatever is changed.
# MAESTRO_SEED repeats the made-up events.

. "$(dirname "$0")/../lib.sh"
here=$(dirname "$0")
dir=$(mktemp -d)
chmod 755 "$dir"
mkdir -m 777 "$dir/server"
begin export_log
trap 'status=$?; rm -rf "$dir"; (exit $status); cleanup' EXIT
export PGCLIENTENCODING=UTF8 PYTHONDONTWRITEBYTECODE=1
seed=${MAESTRO_SEED:-$$}
diag "MAESTRO_SEED=$seed"

verify() { "$here/../verify/verify_log.py" "$@" 2>&1; }
forge() { "$here/export_log.py" "$@"; }

is "$(verify selftest | sed 's/[0-9][0-9]*/N/')" 'ok: N checks' 'the second implementation knows the test vectors of the page and of the RFCs'
is "$(sed -n '/^## Test vectors/,$p' "$here/../../docs/trace-format.md" | tr -d '\n ' | sed 's/\(payload\|payload_hash\|entry\|leaf\|```\)/\n/g' | grep -xE '[0-9a-f]{16,}' |
	while read -r hex; do grep -qF "'$hex'" "$here/../sql/trace_format.sql" && echo found || echo "$hex"; done | sort | uniq -c | tr -s ' ')" \
	' 12 found' 'which trace_format.sql holds against the server'

# ---- a log ----------------------------------------------------------------

sql "
CREATE ROLE \"export_log_Jörg\" LOGIN IN ROLE maestro_agent;
SELECT maestro.register_system('crew', db_role => 'export_log_Jörg');
SELECT maestro.register_component('crew', 'planner', 'agent', version => '1.0-é', timeout => '30 s');
SELECT maestro.register_component('crew', 'search', 'tool');
SELECT maestro.register_dependency('crew/planner', 'index', address => 'https://index.example.com');
" >/dev/null
# log COUNT: that many events, and a seal
log() {
	{
		printf "SELECT count(*) FROM maestro.log_events(\$events\$"
		forge events "$seed $1" "$1"
		printf "\$events\$::jsonb);\n"
	} | as 'export_log_Jörg' >"$dir/count"
	sql 'SELECT sealed FROM maestro.seal()' >/dev/null
}
for count in 1 250 3 300 97; do log $count; done
sql "SELECT maestro.log_event('crew/planner', 'note', body => 'null')" >/dev/null
sql 'SELECT sealed FROM maestro.seal()' >/dev/null

vkey=$(sql "SELECT maestro.generate_log_key('$dir/server/key')")
sql "ALTER DATABASE $PGDATABASE SET maestro.seal_key_file = '$dir/server/key'"
printf '%s\n' "$(sql 'SELECT maestro.checkpoint_note()')" >"$dir/note"
size=$(sed -n 2p "$dir/note")
# What comes after the note is not in this export, though the tail's tile is another by then.
log 20
export_log() {
	sql "\\copy (SELECT path, encode(content, 'hex') FROM maestro.log_files($1)) TO STDOUT" |
		"$here/../../examples/export_log.py" "$2" 2>&1
}
is "$(export_log "$size" "$dir/log")" '7 files' 'the log leaves as files'
cp "$dir/note" "$dir/log/checkpoint"
root=$(sql "SELECT root FROM maestro.checkpoint WHERE size = $size")
verify_all() { verify log "$1" --vkey "$vkey"; }
is "$(verify_all "$dir/log")" "ok: $size entries, root $root" 'which the second implementation finds whole'
is "$((size > 600 && size % 256 > 0))" 1 'full and partial tiles, and a level above them'
is "$(cd "$dir/log" && find . -type f | LC_ALL=C sort | tr '\n' ' ')" \
	"./checkpoint ./tile/0/000 ./tile/0/001 ./tile/0/002.p/$((size % 256)) ./tile/1/000.p/2 ./tile/entries/000 ./tile/entries/001 ./tile/entries/002.p/$((size % 256)) " \
	'under the names of tlog-tiles'

# ---- rows -----------------------------------------------------------------

log_id=$(sql 'SELECT log_id FROM maestro.log')
quiet_psql -f "$here/../verify/rows.sql" >"$dir/rows"
events=$(sql 'SELECT count(*) FROM maestro.event')
is "$(verify rows "$log_id" "$dir/rows")" "ok: $events rows" "rows hash to what the server stored"
quiet_psql -c "SET timezone = 'Asia/Tokyo'" -c "SET IntervalStyle = iso_8601" -c "SET DateStyle = German" -f "$here/../verify/rows.sql" >"$dir/rows.tokyo"
is "$(cmp "$dir/rows" "$dir/rows.tokyo" 2>&1)" '' 'whatever the settings of the session'
is "$(forge columns "$log_id" "$dir/rows")" 'never set: contract_version valid violations; no difference: ' \
	'each column that is set counts: no change of one goes unseen'
isnt "$(verify rows 00112233-4455-6677-8899-aabbccddeeff "$dir/rows")" "ok: $events rows" 'and so does the log'
is "$(sql "SELECT bool_and(n > 0) FROM (SELECT unnest(ARRAY[count(*) FILTER (WHERE body = 'null'), count(*) FILTER (WHERE body::text ~ '0{200}'),
	count(*) FILTER (WHERE body::text ~ '[{] *\"\": '), count(*) FILTER (WHERE body::text ~ '[{][}]'), count(*) FILTER (WHERE body::text ~ '\U0001F600'),
	count(*) FILTER (WHERE body::text ~ '1[.]10'), count(*) FILTER (WHERE occurred_at < '1970-01-01'), count(*) FILTER (WHERE duration > '1 year'),
	count(*) FILTER (WHERE component_id IS NULL), count(*) FILTER (WHERE decision = 'deny'), count(*) FILTER (WHERE session_role = 'export_log_Jörg')]) AS n FROM maestro.event) AS c")" t \
	'among them what is hard to write in one way only'

# ---- changed files --------------------------------------------------------

# fails NAME: the copy is not what it was
fresh() { rm -rf "$dir/copy" && cp -R "$dir/log" "$dir/copy"; }
fails() {
	said=$(verify_all "$dir/copy")
	case $said in
	'ok:'* | '' | *Traceback*) emit 1 "$1" && diag "$said" ;;
	*"${2:-}"*) emit 0 "$1" ;;
	*) emit 1 "$1" && diag "$said" ;;
	esac
}
# Likewise of the auditor's program, which is built of the extension's own cores.
program=src/bin/maestro-verify
[ -x "$program" ] || program=maestro-verify
program_fails() {
	said=$("$program" log "$dir/copy" --key "$vkey" 2>&1)
	case $said in WRONG*) emit 0 "$1 by maestro-verify" ;; *) emit 1 "$1 by maestro-verify" && diag "$said" ;; esac
}
has "$("$program" log "$dir/log" --key "$vkey" 2>&1)" 'ok: ' 'maestro-verify finds nothing wrong either'
for path in $(cd "$dir/log" && find tile -type f | LC_ALL=C sort); do
	fresh
	forge flip "$seed" "$dir/copy/$path"
	fails "another byte in $path is seen"
	program_fails "another byte in $path is seen"
	fresh
	rm "$dir/copy/$path"
	fails "so is that $path is missing" "$path: is missing"
	program_fails "so is that $path is missing"
	fresh
	truncate -s -1 "$dir/copy/$path"
	fails "or cut off"
	program_fails "or cut off"
done
for line in 1 2 3 4 5; do
	fresh
	forge flip "$seed" "$dir/copy/checkpoint" $line
	fails "another byte in line $line of the checkpoint is seen"
	program_fails "another byte in line $line of the checkpoint is seen"
done
fresh
rm "$dir/copy/checkpoint"
fails 'no checkpoint, no log' 'checkpoint: No such file'
for path in tile/0/003 "tile/0/002.p/$((size % 256 - 1))" tile/2/000 tile/entries/x001/000 readme; do
	fresh
	mkdir -p "$(dirname "$dir/copy/$path")"
	cp "$dir/log/tile/0/000" "$dir/copy/$path"
	fails "$path does not belong there" "$path: does not belong"
done

# What fits the level below it is still not what was signed.
fresh
forge rehash "$dir/copy"
fails 'a changed entry with its hash does not fit the level above' 'node 0 is not the root'
fresh
sql 'SELECT maestro.checkpoint_note()' >"$dir/newer"
printf '%s\n' "$(cat "$dir/newer")" >"$dir/copy/checkpoint"
fails 'a newer checkpoint does not fit older tiles' 'is missing'
fresh
for kind in 0 entries; do
	cp "$dir/log/tile/$kind/000" "$dir/copy/tile/$kind/001"
	cp "$dir/log/tile/$kind/001" "$dir/copy/tile/$kind/000"
done
{ tail -c 32 "$dir/log/tile/1/000.p/2" && head -c 32 "$dir/log/tile/1/000.p/2"; } >"$dir/copy/tile/1/000.p/2"
fails 'tiles that changed their places fit each other, but not the checkpoint' 'another root'

key2=$(sql "SELECT maestro.generate_log_key('$dir/server/key2')")
is "$(verify log "$dir/log" --vkey "$key2")" "the note is not signed by ${key2%%+*}" 'another key did not sign it'
is "$(verify log "$dir/log" --vkey "$vkey" --origin other)" 'the checkpoint is of another log' 'nor is it another log'

# The next export: what was full need not come again.
printf '%s\n' "$(cat "$dir/newer")" >"$dir/note"
newer=$(sed -n 2p "$dir/note")
sql "\\copy (SELECT path, encode(content, 'hex') FROM maestro.log_files($newer, $((size / 256)))) TO STDOUT" |
	"$here/../../examples/export_log.py" "$dir/log" 2>"$dir/count"
is "$(cat "$dir/count")" '3 files' 'a later export has what is new alone'
cp "$dir/note" "$dir/log/checkpoint"
rm "$dir/log/tile/0/002.p/$((size % 256))" "$dir/log/tile/entries/002.p/$((size % 256))"
is "$(verify_all "$dir/log" | cut -d, -f1)" "ok: $newer entries" 'and makes the log whole again, without its old edge'

# ---- proofs ---------------------------------------------------------------

# proof_of EVENT: the files proof and entry
proof_of() {
	printf '%s\n' "$(sql "SELECT maestro.proof($1)")" >"$dir/proof"
	sql "SELECT encode(maestro.event_entry(e), 'hex') FROM maestro.event AS e WHERE event_id = $1" |
		python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' >"$dir/entry"
}
prove() { verify proof "$dir/proof" --vkey "$vkey" --entry "$dir/entry"; }
first=$(sql 'SELECT min(event_id) FROM maestro.event')
last=$(sql 'SELECT max(event_id) FROM maestro.event')
for event in $last $((first + 255)) $((first + 256)) $first; do
	proof_of "$event"
	is "$(prove | cut -d, -f1)" "ok: event $event is entry $(sql "SELECT maestro.event_index($event)") of $newer" "event $event is proved to be in the log"
done
cp "$dir/proof" "$dir/good"
psql -XAtqc "SELECT maestro.proof($first)" >"$dir/psql"
has "$("$program" proof "$dir/psql" --key "$vkey" --entry "$dir/entry" 2>&1)" 'ok: ' 'maestro-verify takes a proof as psql prints it'
psql -XAtqc 'SELECT maestro.checkpoint_note()' >"$dir/psql"
has "$("$program" note "$dir/psql" --key "$vkey" 2>&1)" 'ok: ' 'and a note'
echo >>"$dir/psql"
has "$("$program" note "$dir/psql" --key "$vkey" 2>&1)" 'WRONG: ' 'but no two line ends more'
for line in $(seq 1 $(($(wc -l <"$dir/good")))); do
	cp "$dir/good" "$dir/proof"
	forge flip "$seed" "$dir/proof" "$line"
	said=$(prove)
	case $said in 'ok:'* | *Traceback* | '') emit 1 "line $line of the proof counts" && diag "$said" ;; *) emit 0 "line $line of the proof counts" ;; esac
done
sed 's/^index 0$/index 1/' "$dir/good" >"$dir/proof"
is "$(prove)" "the entry is not at index 1 of the checkpoint's tree" 'it is at no other index'
cp "$dir/good" "$dir/proof"
forge flip "$seed" "$dir/entry"
lacks "$(prove)" ok: 'another entry is not proved'

# ---- the exporter's own care ------------------------------------------------

mkdir "$dir/out" && ln -s "$dir" "$dir/out/link"
for path in "$dir/x" ../x a/../../x '' . a//x ./x link/x 'a\x'; do
	said=$(printf '%s\t00\n' "$path" | "$here/../../examples/export_log.py" "$dir/out" 2>&1)
	has "$said" 'no line of a path below' "the path '$path' leaves the directory"
done
is "$(ls "$dir/out" "$dir/x" "$dir/../x" 2>/dev/null)" "$dir/out:
link" 'and nothing was written'
has "$(printf 'x\t0g\n' | "$here/../../examples/export_log.py" "$dir/out" 2>&1)" 'not hexadecimal' 'content is hexadecimal'
is "$("$here/../../examples/export_log.py" "$dir/out" 2>&1 </dev/null)" 'export_log: nothing to export' 'nothing is no export'
finish
