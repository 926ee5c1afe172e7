#!/bin/sh
#
# docs/worked-example.md: what it prints is what the database prints of the same
# files, and the figures that it defends it with are those of the raw files.
#
# The document's blocks that start with ```text are compared in their order.
# The real traces lie outside the project; without them this is skipped.

. "$(dirname "$0")/../lib.sh"

traces=${MAESTRO_DATA:-../shared/data}/agent-traces
document=docs/worked-example.md
runs=$traces/who-and-when.jsonl
if [ ! -f "$runs" ] || ! ls "$traces"/*.otlp.json >/dev/null 2>&1; then
	echo '1..0 # SKIP no real traces here; MAESTRO_DATA names the folder that has them'
	exit 0
fi
export PYTHONDONTWRITEBYTECODE=1

# The document's nth block of a kind: block text 2.
block() { awk -v kind="\`\`\`$1" -v n="$2" '$0 == "```" { on = 0 } on { print } $0 == kind { on = ++seen == n }' "$document"; }

# What a statement prints, as the document shows it.
shown() { psql -Xq -v ON_ERROR_STOP=1 -P footer=off -c "$1" 2>&1 | sed -e 's/ *$//' -e '/^$/d'; }

# Reasons without ids and without how many alike; of several the first.
reason() {
	echo "regexp_replace(regexp_replace(regexp_replace($1, '; .*', '; ...'), 'event [0-9]+', 'event N'),
		'[0-9]+ of [0-9]+ components, first ', 'first ')"
}
checklist() { shown "SELECT item, status, ok, alarm, unknown, skip, $(reason reason) AS reason
	  FROM (SELECT row_number() OVER () AS place, * FROM maestro.checklist_compliance WHERE system = '$1') AS c
	 ORDER BY place"; }
matrix() { shown "SELECT string_agg(threat, ', ' ORDER BY position) AS threats, status, rows, reason
	  FROM (SELECT t.position, w.threat, w.status, count(*) AS rows, $(reason w.reason) AS reason
			  FROM maestro.threat_matrix AS w JOIN maestro.threat AS t ON t.name = w.threat
			 WHERE w.system = '$1' GROUP BY 1, 2, 3, 5) AS w
	 GROUP BY 2, 3, 4 ORDER BY min(position), 3 DESC"; }
figures() { shown "SELECT system, threats_open AS open, threats_partial AS partial, threats_mitigated AS mitigated, threats_unknown AS unknown,
	threats_not_applicable AS \"n/a\", residual FROM maestro.system_posture ${1:-} ORDER BY 1"; }
steps() { shown "SELECT system, rank, component, action, unblocks, weight FROM maestro.next_step
	WHERE system <> 'spans' AND rank <= 3 ORDER BY system, rank"; }

# Statuses of items and threats in which two systems differ.
differs() { shown "WITH answer AS (
		SELECT c.system, i.position AS place, i.item AS name, c.status::text
		  FROM maestro.checklist_compliance AS c JOIN maestro.checklist_item AS i USING (item)
		UNION ALL
		SELECT w.system, 100 + t.position, t.name, string_agg(DISTINCT w.status::text, ', ')
		  FROM maestro.threat_matrix AS w JOIN maestro.threat AS t ON t.name = w.threat GROUP BY 1, 2, 3)
	SELECT a.status AS \"$1\", b.status AS \"$2\", string_agg(a.name, ', ' ORDER BY place) AS \"items and threats\"
	  FROM answer AS a JOIN answer AS b USING (place)
	 WHERE a.system = '$1' AND b.system = '$2' AND a.status <> b.status
	 GROUP BY a.place > 100, 1, 2 ORDER BY min(place)"; }

# ---- as the document imports them ----
begin worked_example
moved=$(mktemp -d)
trap 'rm -rf "$moved"; cleanup' EXIT
block python 1 >"$moved/move.py"
is "$(examples/import_traces.py --system runs "$runs"
	examples/import_otlp.py --system spans "$traces"/*.otlp.json
	mkdir "$moved/spans"
	python3 "$moved/move.py" "$moved/spans" "$traces"/*.otlp.json
	examples/import_otlp.py --system today "$moved"/spans/*.otlp.json)" "$(block text 1 | head -n 3)" \
	'the importers say what the document shows'

is "$(checklist runs)" "$(block text 2)" 'the checklist of the runs is as shown'
is "$(matrix runs)" "$(block text 3)" 'and their threat matrix'
is "$(figures)" "$(block text 4)" 'the figures of the systems are as shown'
is "$(differs runs today)" "$(block text 5)" 'what the spans, moved to today, answer otherwise than the runs is as shown'
is "$(differs today spans)" "$(block text 6)" 'and what their own time changes'
is "$(steps)" "$(block text 7)" 'the next steps are as shown'

# ---- figures of the raw files, counted without maestro ----
python3 - "$runs" "$traces"/*.otlp.json >"$moved/raw" <<'P'
import collections, json, re, sys
from collections import Counter
said = [m for line in open(sys.argv[1], encoding="utf-8") for m in json.loads(line)["history"]]
by = Counter(m["name"] for m in said)
mail = r"[\w.+-]+@[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,}"
phone = r"(?<![\w.+-])(\+[1-9][\d ().]{8,}\d|(\([2-9]\d\d\) ?|[2-9]\d\d[-.])[2-9]\d\d[-.]\d{4}(?![\w-]))"
personal = Counter(m["name"] for m in said if re.search(mail + "|" + phone, m["content"]))
codes = Counter(m["content"].split()[1] for m in said if m["name"] == "Computer_terminal" and m["content"].startswith("exitcode: "))
failed = [m["content"] for m in said if m["name"] == "Computer_terminal" and re.match("exitcode: [1-9]", m["content"])]
print("messages %d, speakers %d, of 20 or more %d, of 5 or more %d" % (
	len(said), len(by), sum(n >= 20 for n in by.values()), sum(n >= 5 for n in by.values())))
print("personal " + ", ".join("%s %d of %d" % (k, n, by[k]) for k, n in sorted(personal.items())))
print("failures %d, with a path of Python or of the home %d" % (len(failed), sum(bool(re.search(r'File "|/home/', t)) for t in failed)))
spans = [s for path in sys.argv[2:] for r in json.load(open(path))["resourceSpans"] for c in r["scopeSpans"] for s in c["spans"]]
attributes = lambda s: {a["key"]: next(iter(a["value"].values()), None) for a in s["attributes"]}
kinds = Counter(attributes(s)["gen_ai.operation.name"] for s in spans)
calls = Counter(s["traceId"] for s in spans if attributes(s)["gen_ai.operation.name"] != "invoke_agent")
asked = {attributes(s)["gen_ai.request.model"] for s in spans if attributes(s)["gen_ai.operation.name"] == "call_llm"}
print("spans %d, model calls %d of %s, tool calls %d, runs of %d to %d calls, longest %.2f s" % (
	len(spans), kinds["call_llm"], ", ".join(asked), kinds["execute_tool"], min(calls.values()), max(calls.values()),
	max(int(s["endTimeUnixNano"]) - int(s["startTimeUnixNano"]) for s in spans) / 1e9))
P
is "$(quiet_psql <<'Q'
SELECT format('messages %s, speakers %s, of 20 or more %s, of 5 or more %s', sum(n), count(*), count(*) FILTER (WHERE n >= 20), count(*) FILTER (WHERE n >= 5))
  FROM (SELECT count(DISTINCT e.event_id) AS n FROM maestro.component AS c JOIN maestro.system AS s USING (system_id)
		  JOIN maestro.event AS e USING (component_id) WHERE s.name = 'runs' AND e.kind = 'output' GROUP BY c.component_id) AS c;
SELECT 'personal ' || string_agg(format('%s %s', component, substring(reason FROM '^[0-9]+ of [0-9]+')), ', ' ORDER BY component)
  FROM maestro.component_control WHERE system = 'runs' AND control = 'output_sensitive' AND status = 'alarm';
SELECT format('failures %s, with a path of Python or of the home %s', count(*), count(*) FILTER (WHERE NOT good))
  FROM maestro.evidence('runs/Computer_terminal', 'error_leak');
SELECT format('spans %s, model calls %s of %s, tool calls %s, runs of %s to %s calls, longest %s s', sum(r.n), sum(r.models), min(r.model), sum(r.n - r.models - 1),
	min(r.n - 1), max(r.n - 1), round(max(extract(epoch FROM r.longest)), 2))
  FROM (SELECT count(*) AS n, count(*) FILTER (WHERE e.kind = 'model_call') AS models, min(t.name) FILTER (WHERE t.kind = 'model') AS model, max(e.duration) AS longest
		  FROM maestro.event AS e JOIN maestro.system AS s USING (system_id) LEFT JOIN maestro.component AS t ON t.component_id = e.target_id
		 WHERE s.name = 'spans' AND e.trace_id IS NOT NULL GROUP BY e.trace_id) AS r;
Q
)" "$(cat "$moved/raw")" 'what the controls counted is in the raw files'
is "$(block text 1 | tail -n +4)" "$(cat "$moved/raw")" 'and in the document'

# ---- from red to green ----
sql 'CREATE TABLE public.before AS SELECT * FROM maestro.threat_matrix' >/dev/null
block sql 1 | quiet_psql >/dev/null
is "$(shown "SELECT b.threat, b.component, b.status AS before, a.status AS after, $(reason a.reason) AS reason
		  FROM public.before AS b JOIN maestro.threat_matrix AS a USING (system, component, threat) JOIN maestro.threat AS t ON t.name = b.threat
		 WHERE b.system = 'today' AND b.status <> a.status ORDER BY t.position, b.component"
	figures "WHERE system = 'today'")" "$(block text 8)" 'the statements of the document turn the rows that it shows, and the figures of the system'
finish
