#!/bin/bash
#
# What reading the posture costs at 1,000 components and 2,970 dependencies, at
# 100,000 events and at 1,000,000: times of both, and their ratio.
#
# The views read the view maestro.signal, which counts the whole trace each time.
# It is to become a table that is kept up to date; here a table of the same shape
# stands in for it, so that what the rest costs can be seen.  What counting
# costs today is printed beside it.  Run by "make bench".

set -eu

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
SELECT pg_get_viewdef('maestro.signal'::regclass) AS signal_view \gset
CREATE TABLE public.original AS SELECT :'signal_view'::text AS view;
SQL

ms() { # statement, runs: the best of them, in milliseconds
	for _ in $(seq "$2"); do
		psql -c 'SET jit = off' -c '\timing on' -c "$1" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -n 1
	done | sort -n | head -n 1
}

views="threat_matrix checklist_compliance next_step checklist_summary layer_posture system_posture"
# Count the signals once, and let a table of their shape stand in for the view.
measure() { # name of the file that takes "view milliseconds"
	psql -c "VACUUM ANALYZE maestro.event" \
		-c "DO \$\$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW maestro.signal WITH (security_barrier = true) AS ' || (SELECT view FROM public.original); END \$\$" \
		-c "DROP TABLE IF EXISTS public.counted" 2>/dev/null
	echo "signal $(ms 'CREATE TABLE public.counted AS SELECT * FROM maestro.signal' 1)" >"$1"
	psql -c "ANALYZE public.counted" \
		-c "CREATE OR REPLACE VIEW maestro.signal WITH (security_barrier = true) AS SELECT * FROM public.counted"
	for view in $views; do
		echo "$view $(ms "SELECT count(*) FROM (SELECT * FROM maestro.$view) AS v" 5)" >>"$1"
	done
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
psql -c 'SELECT public.fill(1, 100)' >/dev/null
measure "$scratch/small"
echo 'logging 900,000 more events ...'
psql -c 'SELECT public.fill(101, 1000)' >/dev/null
measure "$scratch/large"
echo "$(psql -c "SELECT count(*) FROM maestro.component") components, $(psql -c "SELECT count(*) FROM maestro.dependency") dependencies; $(psql -c "SELECT count(*) FROM maestro.event WHERE kind <> 'registry'") events against 100,000;"
echo "signals counted once, $(psql -c "SELECT count(*) FROM public.counted") rows, best of 5:"
paste "$scratch/large" "$scratch/small" | awk '
	$1 == "signal" { printf "  %-22s %8.0f ms against %6.0f ms, ratio %.1f (counting the trace, today part of each view)\n", $1, $2, $4, $2 / $4; next }
	{ printf "  %-22s %8.0f ms against %6.0f ms, ratio %.2f\n", $1, $2, $4, $2 / $4 }'
