#!/bin/sh
#
# The document of export_evidence: that an auditor without the database can check
# it, and that whatever is changed in it is found.

. "$(dirname "$0")/../lib.sh"
begin evidence_bundle
dir=$(mktemp -d)
chmod 777 "$dir"
trap 'status=$?; rm -rf "$dir"; (exit $status); cleanup' EXIT
verifier=src/bin/maestro-verify
[ -x "$verifier" ] || verifier=maestro-verify

key=$(sql "SELECT maestro.generate_log_key('$dir/key')")
sql "ALTER DATABASE $PGDATABASE SET maestro.seal_key_file = '$dir/key'"
sql "
SELECT FROM maestro.apply_manifest('{\"systems\": [{\"name\": \"crew\", \"components\": [{\"name\": \"planner\", \"kind\": \"agent\", \"timeout\": \"1s\",
	\"own_process\": false}, {\"name\": \"search\", \"kind\": \"tool\", \"timeout\": \"2s\"}]}]}'::json);
SELECT FROM maestro.log_event('crew/planner', 'tool_call', 'slow \"call\"', '{\"k\": [1.10, {\"ä\": null}], \"n\": 12345678}'::jsonb, duration => '9 s', trace_id => md5('t'),
	span_id => left(md5('s'), 16), target => 'search', outcome => 'error', body => '{\"b\": true}'),
	generate_series(1, 6);"
sql 'SELECT FROM maestro.seal()'
sql "COPY (SELECT maestro.export_evidence('crew')) TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')" >"$dir/bundle"

verify() { "$verifier" bundle "$1" --key "$key" 2>&1; }
has "$(verify "$dir/bundle")" 'ok: ' 'the document is what the log has'
isnt "$(python3 -c "import json; print(len(json.load(open('$dir/bundle'))['cited_events']))")" 0 'and cites events'

# changed NAME PYTHON: the document d with that change is refused.
changed() {
	python3 - "$dir/bundle" "$dir/changed" "$2" <<-'PY'
		import json, sys
		d = json.load(open(sys.argv[1]))
		exec(sys.argv[3])
		json.dump(d, open(sys.argv[2], "w"))
	PY
	out=$(verify "$dir/changed")
	case $out in WRONG*) emit 0 "found: $1" ;; *) emit 1 "found: $1" && diag "$out" ;; esac
}
changed 'another size in the checkpoint' "l = d['log']['note'].split('\\n'); l[1] += '0'; d['log']['note'] = '\\n'.join(l)"
for column in message kind level outcome trace_id span_id caller session_role occurred_at recorded_at; do
	changed "another $column" "d['cited_events'][0]['$column'] = '2001-02-03T04:05:06+00:00'"
done
for column in system_id component_id target_id; do
	changed "another $column" "d['cited_events'][0]['$column'] = 99"
done
for column in decision reason violations contract_version claimed_component parent_span_id; do
	changed "a $column where there was none" "d['cited_events'][0]['$column'] = 'x'"
done
for column in message body attributes trace_id; do
	changed "no $column" "d['cited_events'][0]['$column'] = None"
done
changed 'another number within attributes' "d['cited_events'][0]['attributes']['n'] = 12345679"
changed 'a key more in body' "d['cited_events'][0]['body']['more'] = 1"
changed 'an event that was never logged' "d['cited_events'].append(dict(d['cited_events'][0], event_id=999))"
changed 'a missing proof' "d['log']['proofs'].pop()"
changed 'a changed proof' "p = d['log']['proofs'][0]; p['proof'] = p['proof'].replace('index ', 'index 1')"
changed "another event's entry" "p = d['log']['proofs'][0]; e = p['entry']; p['entry'] = e[:42] + '%016x' % (int(e[42:58], 16) + 1) + e[58:]"
changed "another event's proof" "p = d['log']['proofs'][0]; p['event_id'] += 1"
changed 'another salt' "d['log']['proofs'][0]['salt'] = '00' * 16"
changed 'another payload' "p = d['log']['proofs'][0]; p['payload'] = p['payload'][:-2] + '00'"
changed 'no signed checkpoint' "d['log']['note'] = None"
is "$("$verifier" bundle "$dir/bundle" --key "$(echo "$key" | tr A B)" >/dev/null 2>&1; echo $?)" 2 'a key that is none is said to be none'
sql "ALTER DATABASE $PGDATABASE RESET maestro.seal_key_file"
has "$(sql "SELECT maestro.export_evidence('crew') -> 'log' ->> 'reason'")" 'there is no key' 'without a key the document says why it proves nothing'
finish
