#!/bin/bash
#
# What reading the posture costs at 1,000 components and 2,970 dependencies, with few
# events in the log and with many: times of both, and their ratio, of a session's first
# query, which plans and reads what is declared, and of later ones.  SMALL= and LARGE= say
# how many events (100,000 and 1,000,000).  All are sealed but for the last 1,000; what is
# printed last is how long it takes to judge as many events at once instead, by the views
# that the sealer uses.  Run by "make bench".

set -eu

small=${SMALL:-100000}
large=${LARGE:-1000000}

psql() { command psql -XAtq -v ON_ERROR_STOP=1 "$@"; }

psql >/dev/null <<'SQL'
CREATE EXTENSION IF NOT EXISTS maestro;
SELECT count(*) FROM maestro.apply_manifest((SELECT json_build_object('systems', json_agg(json_build_object('name', 'fleet' || s,
	'components', (SELECT json_agg(json_build_object('name', 'part' || c,
			'kind', (ARRAY['agent', 'tool', 'orchestrator', 'model', 'memory', 'service', 'runner'])[1 + c % 7],
			'timeout', '30s', 'max_iterations', 25,
			'contracts', json_build_object('input', '{"type": "object", "required": ["question"], "properties": {"question": {"type": "string", "maxLength": 400}}}'::json,
				'output', '{"type": "object", "required": ["answer"], "additionalProperties": false, "properties": {"answer": {"type": "string"}}}'::json),
			'dependencies', (SELECT json_agg(json_build_object('name', 'dep' || d, 'address', 'host' || d || '.example',
				'connect_timeout', '1s', 'read_timeout', '10s', 'credential_ref', 'env:KEY' || d)) FROM generate_series(1, 3) AS d)))
		FROM generate_series(1, 99) AS c)))) FROM generate_series(1, 10) AS s));
CREATE FUNCTION public.fill(first integer, last integer) RETURNS bigint LANGUAGE sql AS $$
	SELECT count(l.event_id)
	  FROM generate_series(first, last) AS b, LATERAL maestro.log_events((SELECT json_agg(json_build_object(
		'component', format('fleet%s/part%s', 1 + (b + i) % 10, 1 + (b * 7 + i) % 99),
		'kind', (ARRAY['input', 'output', 'tool_call', 'model_call', 'dependency_call', 'error', 'agent_run', 'heartbeat'])[1 + i % 8],
		'target', 'part' || (1 + i % 99), 'dependency', 'dep' || (1 + i % 3),
		'message', 'step ' || i || ' of run ' || b, 'trace_id', md5(b::text || i / 20), 'span_id', left(md5(i::text), 16),
		'outcome', CASE WHEN i % 40 = 5 THEN 'error' ELSE 'ok' END, 'duration', i % 9,
		'attributes', json_build_object('error.type', 'E', 'server.address', 'host1.example'))) FROM generate_series(1, 1000) AS i)) AS l
$$;
SQL

ms() { # statement: of five sessions the best first time, and the best of five later ones, in milliseconds
	for _ in 1 2 3 4 5; do
		psql -c 'SET jit = off' -c '\timing on' -c "$1" -c "$1" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | paste -s -d ' '
	done | awk 'NR == 1 { first = $1; later = $2 } { if ($1 < first) first = $1; if ($2 < later) later = $2 } END { print first, later }'
}

views="threat_matrix checklist_compliance next_step checklist_summary layer_posture system_posture"
measure() { # name of the file that takes "view first later"
	psql -c 'SELECT FROM maestro.seal()' -c 'SELECT public.fill(1, 1)' -c "VACUUM ANALYZE" >/dev/null
	for view in signal $views; do
		echo "$view $(ms "SELECT count(*) FROM (SELECT * FROM maestro.$view) AS v")" >>"$1"
	done
}
# fill FROM TO: thousands of events, sealed every 50,000.
fill() {
	for first in $(seq "$1" 50 "$2"); do
		psql -c "SELECT public.fill($first, least($first + 49, $2))" -c 'SELECT FROM maestro.seal()' >/dev/null
	done
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
echo "logging and sealing $small events ..."
fill 1 $((small / 1000))
measure "$scratch/small"
echo "logging and sealing $((large - small)) more ..."
fill $((small / 1000 + 1)) $((large / 1000))
measure "$scratch/large"
echo "$(psql -c "SELECT count(*) FROM maestro.component") components, $(psql -c "SELECT count(*) FROM maestro.dependency") dependencies; $large events against $small; best of 5, in ms:"
paste "$scratch/large" "$scratch/small" | awk '{ printf "  %-22s later %4.0f against %4.0f, ratio %.2f; first of a session %4.0f against %4.0f, ratio %.2f\n", $1, $3, $6, $3 / $6, $2, $5, $2 / $5 }'
echo "judging $large events by the views: $(psql -c 'SET jit = off' -c '\timing on' -c 'SELECT count(*) FROM maestro.event_signal' | sed -n 's/^Time: //p')"
