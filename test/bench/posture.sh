#!/bin/bash
#
# What reading the posture costs at 1,000 components, at 100,000 events and at
# 1,000,000: times of both, and their ratio.  Run by "make bench".

set -eu

# Compiling the views' many expressions takes longer than running them.
export PGOPTIONS="-c jit=off"
psql() { command psql -XAtq -v ON_ERROR_STOP=1 "$@"; }

psql >/dev/null <<'SQL'
CREATE EXTENSION IF NOT EXISTS maestro;
SELECT count(*) FROM maestro.apply_manifest((SELECT json_build_object('systems', json_agg(json_build_object('name', 'fleet' || s,
	'components', (SELECT json_agg(json_build_object('name', 'part' || c,
			'kind', (ARRAY['agent', 'tool', 'orchestrator', 'model', 'memory', 'service', 'runner'])[1 + c % 7],
			'timeout', '30s', 'max_iterations', 25,
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
SELECT public.fill(1, 100);
VACUUM ANALYZE maestro.event;
SQL

ms() { # the best of three, in milliseconds
	for _ in 1 2 3; do
		psql -c '\timing on' -c "SELECT count(*) FROM (SELECT * FROM maestro.$1) AS v" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
	done | sort -n | head -n 1
}

views="threat_matrix checklist_compliance checklist_summary layer_posture system_posture"
for view in $views; do small="${small:-}$view $(ms "$view");"; done
psql <<'SQL'
SELECT public.fill(101, 1000) \g /dev/null
VACUUM ANALYZE maestro.event;
SQL
echo "1,000 components, 2,970 dependencies; $(psql -c "SELECT count(*) FROM maestro.event WHERE kind <> 'registry'") events against 100,000:"
for view in $views; do
	before=$(printf '%s' "$small" | tr ';' '\n' | awk -v v="$view" '$1 == v { print $2 }')
	after=$(ms "$view")
	echo "$view $before $after" | awk '{ printf "  %-22s %8.0f ms against %8.0f ms, ratio %.1f\n", $1, $3, $2, $3 / $2 }'
done
