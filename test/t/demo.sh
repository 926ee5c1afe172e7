#!/bin/sh
#
# The demonstration and the importers, as somebody runs them: what they print,
# and that what they stored is what they were given.
#
# Real traces lie outside the project; without them those tests are skipped.

set -u

data=${MAESTRO_DATA:-../shared/data}
db=demo_$$
dir=$(mktemp -d)
trap 'dropdb --if-exists "$db" 2>/dev/null; dropdb --if-exists "${db}_tour" 2>/dev/null; rm -rf "$dir"' EXIT
export PGDATABASE="$db" PGCLIENTENCODING=UTF8 PYTHONDONTWRITEBYTECODE=1 TRACES=

tests=0
ok() {	# ok "name" condition...
	name=$1
	shift
	tests=$((tests + 1))
	if "$@" >"$dir/why" 2>&1; then
		echo "ok $tests - $name"
	else
		echo "not ok $tests - $name"
		sed 's/^/# /' "$dir/why"
	fi
}
is() {	# is "name" got wanted
	tests=$((tests + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $tests - $1"
	else
		printf 'not ok %s - %s\n# got:    %s\n# wanted: %s\n' "$tests" "$1" "$2" "$3"
	fi
}
skip() {	# skip "reason" count
	for _ in $(seq "$2"); do
		tests=$((tests + 1))
		echo "ok $tests # SKIP $1"
	done
}
sql() { psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 "$@"; }
says() { grep -F -q -e "$1" "$dir/out"; }
lacks() { ! grep -F -e "$1" "$dir/out"; }
# lines of a file as rows of the temporary table "line", whatever they hold
as_lines() {
	printf '%s\n' "CREATE TEMP TABLE line (text text);" \
		"\\copy line FROM '$1' (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
}

createdb "$db"

# ---- the demonstration ----
examples/demo.sh >"$dir/out" 2>&1
is 'the demonstration succeeds' $? 0
is 'no table in it is wider than 120 columns' \
	"$(grep -v '^    ' "$dir/out" | awk 'length > 120' | head -n 3)" ''
is 'it prints all threats of the matrix' \
	"$(sql -c 'SELECT name FROM maestro.threat' | while read -r t; do says "$t" || echo "$t"; done)" ''
is 'it prints all items of the checklist' \
	"$(sql -c 'SELECT wording FROM maestro.checklist_item' | while read -r t; do says "$t" || echo "$t"; done)" ''
ok 'an injected line break is visible' says 'printer broken\n2026-01-01 00:00:00 INFO admin login'
is 'no control character is printed' "$(LC_ALL=C tr -d '\n' <"$dir/out" | LC_ALL=C tr -d '[:print:]\200-\377' | wc -c)" 0
ok 'the leaked key is not printed' lacks Zm9vYmFy
is 'the leaked key is in no event' "$(sql -c "SELECT count(*) FROM maestro.event AS e WHERE e::text LIKE '%Zm9vYmFy%'")" 0
is 'the unregistered writer is denied and kept' \
	"$(sql -c "SELECT claimed_component, decision, reason FROM maestro.event WHERE decision = 'deny'")" \
	'crew/helper deny unregistered_component'
ok 'a stranger cannot write' says 'role "crew_stranger" may not write as this component'
is 'all changes by the agents are refused' "$(grep -c 'permission denied for table event' "$dir/out")" 4
is 'all changes by the owner are refused' "$(grep -c 'it is append-only' "$dir/out")" 3
ok 'guards are not taken away' says 'is guarded by maestro'
ok 'a changed event is found' says '| changed   |       40 | the event is not what was sealed'
ok 'a deleted event is found' says '| missing   |       41 | the event was sealed and is not there'
is 'the first of the next steps is done, and turns its cell' \
	"$(sed -n '/^== 7/,$p' "$dir/out" | grep -c 'tickets .*| API key leakage | open .*| mitigated')" 1
is 'every other thing that the agents logged was stored as it was' \
	"$(sql -c "SELECT count(*) FROM maestro.event WHERE kind <> 'registry' AND decision IS NULL")" 326
is 'the manifest can be applied again without change' \
	"$(sql -v m="$(cat examples/crew.json)" <<-'E'
		SELECT DISTINCT action FROM maestro.apply_manifest(:'m')
	E
	)" unchanged
is 'a component that never logs has no ok' \
	"$(sql -c "SELECT count(*) FROM maestro.component_control WHERE component = 'reviewer' AND status = 'ok'")" 0
is 'the checklist counts ok, alarm and unknown' \
	"$(sql -c "SELECT ok > 0, alarm > 0, unknown > 0, ok + alarm + unknown + skip FROM maestro.checklist_summary WHERE system = 'crew'")" \
	't t t 20'

# ---- the incident: on a server that preloads maestro ----
PRELOAD=1 test/run.sh examples/demo.sh >"$dir/out" 2>&1
is 'the demonstration succeeds with guards' $? 0
is 'no table of the incident is wider than 120 columns' \
	"$(sed -n '/^== 6/,/^== 7/p' "$dir/out" | awk 'length > 120' | head -n 3)" ''
is 'the breaker opens after five failures, lets two probes through and closes' \
	"$(awk -F'|' '/^ +[0-9]+ \| (closed|open|half-open) / { gsub(/ /, "", $2); print $2 }' "$dir/out" | uniq -c | tr -s ' \n' ' ')" \
	' 5 closed 3 open 2 half-open 2 closed '
ok 'agents degrade while it is open' says '| open    | not made | degraded: without sources'
ok 'a looping run is stopped by its budget' says ' 9 to 30 | deny     | budget_spent | steps'
ok 'a step out of order is refused' says ' writer  | deny     | out_of_order'
ok 'a signed tool is let in' grep -q '^ desk/translate$' "$dir/out"
ok 'an altered one is not' says 'desk/translate was not registered: its signature is wrong'
ok 'nor one that is not signed' says 'a component was refused: the registry of desk is locked'
ok 'the stop ends the live session' grep -q '^ stopped |     1 |         0$' "$dir/out"
is 'every step stands in the log' \
	"$(sed -n '/^Every step/,/^The operator/p' "$dir/out" | awk -F'|' '/\|/ && !/kind/ { gsub(/ /, "", $1); print $1, $NF + 0 }' | tr '\n' ',')" \
	'agent_run 8,guard 1,guard 3,guard 1,guard 1,guard 1,guard 8,guard 15,guard 1,rejected 1,rejected 1,rejected 1,registry 1,'
is 'the matrix and the checklist change with it' \
	"$(sed -n '/^What that turned in the threat matrix, and/,/^== 7/p' "$dir/out" | grep -c '| unknown | \(mitigated\|ok\) ')" 7

# ---- what README.md shows ----
createdb "${db}_tour"
psql -X -q -c 'CREATE EXTENSION maestro' "${db}_tour"
psql -X -e -d "${db}_tour" <examples/tour.sql 2>&1 | sed 's/ *$//' >"$dir/out"
dropdb "${db}_tour"
is 'the tour in README.md prints what is shown there' "$(python3 -c '
import sys
shown = open(sys.argv[1]).read().strip()
print("yes" if shown in open("README.md").read() else shown)' "$dir/out")" yes
is 'META.json and the control file have one version' \
	"$(python3 -c 'import json; m = json.load(open("META.json")); print(m["version"], m["provides"]["maestro"]["version"])')" \
	"$(sed -n "s/^default_version = '\(.*\)'/\1.0 \1.0/p" maestro.control)"

# ---- runs of agents ----
cat >"$dir/runs.jsonl" <<'E'
{"question_id": "6f224e77-30ed-427c-bac7-3aebb1aea7f9", "question": "?", "history": [{"role": "user", "content": "first line\nsecond 'line' \\ \\. \"quoted\"\t$$ :x"}, {"role": "assistant", "name": "Solver", "content": "\\.\nzero \u0000 byte, \ud83d\ude00 and a lone \ud83d"}]}

{"question_id": "6f224e77-30ed-427c-bac7-3aebb1aea7f9", "question": "?", "history": [{"role": "user", "name": "Computer_terminal", "content": "exitcode: 1 (execution failed)\nTraceback"}]}
E
mkdir "$dir/elsewhere"
is 'runs are imported from a relative path' \
	"$(cd "$dir/elsewhere" && "$OLDPWD/examples/import_traces.py" --system small ../runs.jsonl 2>&1)" \
	'imported 3 messages in 2 runs'
is 'runs of one question stay apart, the first under its own id' \
	"$(sql -c "SELECT count(DISTINCT trace_id), count(*) FILTER (WHERE trace_id = '6f224e7730ed427cbac73aebb1aea7f9'), count(DISTINCT span_id)
		FROM maestro.event JOIN maestro.system USING (system_id) WHERE name = 'small' AND kind <> 'registry'")" '2 2 3'
is 'speakers become components, the terminal a tool' \
	"$(sql -c "SELECT string_agg(c.name || ' ' || c.kind, ', ' ORDER BY c.kind, c.name) FROM maestro.component AS c
		JOIN maestro.system AS s USING (system_id) WHERE s.name = 'small' AND c.kind <> 'trace_store'")" \
	'Solver agent, user agent, Computer_terminal tool'
is 'text arrives whole, its first line as the message' \
	"$(sql -c "SELECT message, body ->> 'text' = E'first line\\nsecond ''line'' \\\\ \\\\. \"quoted\"\\t\$\$ :x' FROM maestro.event
		WHERE component_id = 'small/user'::maestro.regcomponent::integer")" 'first line t'
is 'what no JSON text may hold becomes visible' \
	"$(sql -c "SELECT message, body ->> 'text' LIKE E'\\\\\\\\.\\nzero%byte, %' FROM maestro.event
		WHERE component_id = 'small/Solver'::maestro.regcomponent::integer")" '\. t'
is 'a failed command is an error with its exit code' \
	"$(sql -c "SELECT outcome, attributes -> 'process.exit.code' FROM maestro.event
		WHERE component_id = 'small/Computer_terminal'::maestro.regcomponent::integer")" 'error 1'
echo '{"question_id": "x", "history": "none"}' >"$dir/bad.jsonl"
examples/import_traces.py --system bad "$dir/bad.jsonl" >"$dir/out" 2>&1
is 'a file that holds something else is refused' "$? $(cat "$dir/out")" \
	"1 $dir/bad.jsonl, line 1: not a run with a history of messages"
is 'and nothing of it is stored' "$(sql -c "SELECT count(*) FROM maestro.system WHERE name = 'bad'")" 0

# ---- spans ----
cat >"$dir/spans.json" <<'E'
{"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "desk"}}]},
 "scopeSpans": [{"scope": {"name": "by-hand"}, "spans": [
  {"traceId": "S/kvNXezTaajzpKdDg5HNg==", "spanId": "CvdlGRbNQ90=", "name": "invoke_agent clerk", "kind": 1,
   "startTimeUnixNano": "1758026594771631000", "endTimeUnixNano": "1758026599652409999", "status": {},
   "attributes": [{"key": "gen_ai.operation.name", "value": {"stringValue": "invoke_agent"}},
    {"key": "gen_ai.agent.name", "value": {"stringValue": "clerk"}}]},
  {"traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7", "parentSpanId": "0af7651916cd43dd",
   "name": "chat m/1", "kind": 3, "startTimeUnixNano": 1758026595000000000, "endTimeUnixNano": 1758026595250000000,
   "status": {"code": 2, "message": "overloaded"},
   "attributes": [{"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
    {"key": "gen_ai.request.model", "value": {"stringValue": "m/1"}},
    {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "7"}},
    {"key": "gen_ai.usage.output_tokens", "value": {"intValue": 9}},
    {"key": "a.double", "value": {"doubleValue": 0.5}}, {"key": "a.nan", "value": {"doubleValue": "NaN"}},
    {"key": "a.bool", "value": {"boolValue": true}}, {"key": "a.bytes", "value": {"bytesValue": "AAEC"}}, {"key": "a.none", "value": {}},
    {"key": "a.list", "value": {"arrayValue": {"values": [{"intValue": "1"}, {"stringValue": "x"}]}}},
    {"key": "a.map", "value": {"kvlistValue": {"values": [{"key": "k", "value": {"boolValue": false}}]}}}],
   "events": [{"name": "exception", "timeUnixNano": "1758026595200000000", "attributes": [
     {"key": "exception.type", "value": {"stringValue": "OverloadedError"}},
     {"key": "exception.message", "value": {"stringValue": "try later\nplease"}}]},
    {"name": "first token", "timeUnixNano": "1758026595100000000"}]},
  {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b8", "parent_span_id": "0af7651916cd43dd",
   "name": "GET", "kind": 3, "start_time_unix_nano": "1758026596000000000",
   "attributes": [{"key": "server.address", "value": {"string_value": "api.example.com"}}]}]}]}]}
E
is 'an OTLP file is imported' "$(examples/import_otlp.py --system otlp "$dir/spans.json" 2>&1)" \
	'imported 4 events: 3 spans of 1 traces, 1 exceptions'
of_spans() {	# of_spans columns condition-and-order
	sql -c "SELECT $1 FROM maestro.event AS e JOIN maestro.system AS s USING (system_id)
		WHERE s.name = 'otlp' AND e.kind <> 'registry' $2"
}
is 'ids in base64 and hexadecimal are read, parents kept' \
	"$(of_spans 'e.kind, e.trace_id, e.span_id, e.parent_span_id' "AND e.kind IN ('agent_run', 'model_call') ORDER BY e.event_id")" \
	'agent_run 4bf92f3577b34da6a3ce929d0e0e4736 0af7651916cd43dd 
model_call 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7 0af7651916cd43dd'
is 'the nearest agent acts, the model is the target' \
	"$(of_spans 'e.component_id::maestro.regcomponent, e.target_id::maestro.regcomponent' "AND e.kind = 'model_call'")" 'otlp/clerk otlp/m/1'
is 'no model is pinned by what the spans say of it' \
	"$(sql -c "SELECT c.name, c.model FROM maestro.component AS c JOIN maestro.system AS s USING (system_id)
		WHERE s.name = 'otlp' AND c.kind = 'model'")" 'm/1 '
is 'times and status are read' \
	"$(of_spans "e.occurred_at AT TIME ZONE 'UTC', e.duration, e.outcome" "AND e.kind IN ('agent_run', 'model_call') ORDER BY e.event_id")" \
	'2025-09-16 12:43:14.771631 00:00:04.880778 
2025-09-16 12:43:15 00:00:00.25 error'
is 'all types of values are read' \
	"$(of_spans "(SELECT jsonb_object_agg(key, value) FROM jsonb_each(e.attributes) WHERE key LIKE 'a.%' OR key LIKE 'gen_ai.usage.%')" "AND e.kind = 'model_call'")" \
	'{"a.map": {"k": false}, "a.nan": "NaN", "a.bool": true, "a.list": [1, "x"], "a.none": null, "a.bytes": "AAEC", "a.double": 0.5, "gen_ai.usage.input_tokens": 7, "gen_ai.usage.output_tokens": 9}'
is 'an exception becomes an error in its span' \
	"$(of_spans "e.span_id, e.message, e.attributes ->> 'error.type'" "AND e.kind = 'error'")" '00f067aa0ba902b7 try later OverloadedError'
is 'other events of a span stay with it' \
	"$(of_spans "e.attributes -> 'otel.events' -> 0 ->> 'name'" "AND e.kind = 'model_call'")" 'first token'
is 'names in snake_case are read' \
	"$(of_spans "e.span_id, e.parent_span_id, e.attributes ->> 'server.address'" "AND e.kind = 'dependency_call'")" \
	'00f067aa0ba902b8 0af7651916cd43dd api.example.com'
echo '{}' >"$dir/bad.json"
examples/import_otlp.py "$dir/bad.json" >"$dir/out" 2>&1
is 'a file without spans is refused' "$? $(cat "$dir/out")" "1 $dir/bad.json: not OTLP/JSON with resourceSpans (KeyError)"

# ---- real traces ----
runs=$data/agent-traces/who-and-when.jsonl
if [ -f "$runs" ]; then
	TRACES=$runs examples/demo.sh >"$dir/out" 2>&1
	is 'the demonstration imports a file of traces' "$?" 0
	ok 'all messages of all runs are imported' says 'imported 1099 messages in 126 runs'
	is 'no table of their posture is wider than 120 columns' \
		"$(grep -v '^    ' "$dir/out" | awk 'length > 120' | head -n 3)" ''
	is 'each text is stored as sanitize leaves it' "$({
		as_lines "$runs"
		cat <<-'E'
			SELECT count(*), count(DISTINCT e.event_id), count(DISTINCT e.trace_id),
				count(*) FILTER (WHERE e.body IS DISTINCT FROM maestro.sanitize(jsonb_build_object('text', m.message -> 'content'))),
				count(*) FILTER (WHERE e.message IS DISTINCT FROM maestro.sanitize(split_part(m.message ->> 'content', E'\n', 1))),
				count(*) FILTER (WHERE c.name <> m.message ->> 'name')
			  FROM line AS l
			 CROSS JOIN LATERAL jsonb_array_elements(l.text::jsonb -> 'history') WITH ORDINALITY AS m (message, position)
			  JOIN maestro.event AS e ON e.attributes ->> 'gen_ai.conversation.id' = l.text::jsonb ->> 'question_id'
			   AND (e.attributes ->> 'message.index')::integer = m.position - 1
			  JOIN maestro.component AS c USING (component_id)
			  JOIN maestro.system AS s ON s.system_id = c.system_id AND s.name = 'imported'
		E
	} | sql)" '1099 1099 126 0 0 0'
else
	skip 'no real traces here; MAESTRO_DATA names the folder that has them' 4
fi

files=$(find "$data/agent-traces" -name '*.otlp.json' 2>/dev/null | sort)
if [ -n "$files" ]; then
	for file in $files; do
		examples/import_otlp.py --system "$(basename "$file" .otlp.json)" "$file"
	done >"$dir/out" 2>&1
	is 'all OTLP files are imported' "$(awk '$3 == "events:" { n++; spans += $4 } END { print n, spans }' "$dir/out")" '7 50'
	# Compared with the files as SQL reads them, not as the importer does.
	is 'all spans arrive with parents, models, tools and tokens' "$({
		echo "CREATE TEMP TABLE file (text text);"
		for file in $files; do
			printf '%s\n' "\\set content \`cat '$file'\`" "INSERT INTO file VALUES (:'content');"
		done
		cat <<-'E'
			WITH span AS (
				SELECT s.span, (SELECT jsonb_object_agg(a ->> 'key', coalesce(a -> 'value' ->> 'stringValue', a -> 'value' ->> 'intValue'))
						  FROM jsonb_array_elements(s.span -> 'attributes') AS a) AS a
				  FROM file AS f, jsonb_path_query(f.text::jsonb, '$.resourceSpans[*].scopeSpans[*].spans[*]') AS s (span))
			SELECT count(*), count(e.event_id), count(e.parent_span_id), count(e.target_id),
				count(*) FILTER (WHERE e.parent_span_id::text IS DISTINCT FROM span ->> 'parentSpanId'),
				count(*) FILTER (WHERE t.name IS DISTINCT FROM CASE e.kind WHEN 'model_call' THEN a ->> 'gen_ai.request.model'
					WHEN 'tool_call' THEN a ->> 'gen_ai.tool.name' END),
				count(*) FILTER (WHERE e.attributes ->> 'gen_ai.usage.input_tokens' IS DISTINCT FROM a ->> 'gen_ai.usage.input_tokens'
					OR e.attributes ->> 'gen_ai.usage.output_tokens' IS DISTINCT FROM a ->> 'gen_ai.usage.output_tokens'),
				sum((e.attributes ->> 'gen_ai.usage.input_tokens')::integer) > 0
			  FROM span
			  LEFT JOIN maestro.event AS e ON e.trace_id::text = span ->> 'traceId' AND e.span_id::text = span ->> 'spanId'
			  LEFT JOIN maestro.component AS t ON t.component_id = e.target_id
		E
	} | sql)" '50 50 43 43 0 0 0 t'
else
	skip 'no real traces here; MAESTRO_DATA names the folder that has them' 2
fi

echo "1..$tests"
