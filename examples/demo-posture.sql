--
-- Demo: posture of one system (variable "system") in 120 columns, under a
-- heading (variable "heading").  Of each threat the matrix shows at most so many
-- components, the worst ones (variable "most").
--
\pset footer off
CREATE FUNCTION pg_temp.fit(value text, width integer) RETURNS text LANGUAGE sql AS
	$$ SELECT rpad(CASE WHEN length(value) > width THEN left(value, width - 2) || '..' ELSE coalesce(value, '') END, width) $$;
SELECT sum(n) AS rows, max(n) > :most AS cut
  FROM (SELECT count(*) AS n FROM maestro.threat_matrix WHERE system = :'system' GROUP BY threat) AS t \gset
\echo '==' :heading
\echo
\echo 'The threat matrix, from the view maestro.threat_matrix. Each status is computed from what was'
\echo 'registered and logged: open = an alarm; mitigated = every control ok; partial = some ok;'
\echo 'unknown = not enough evidence, which never counts as ok; not_applicable = nothing asked applies.'
\if :cut
\echo 'It has' :rows 'rows; for each threat the' :most 'worst are shown.'
\endif
\echo
\pset format unaligned
\pset tuples_only on
SELECT 'layer             component      threat                       severity mitigation                         status'
	|| E'\n' || concat_ws(' ', repeat('-', 17), repeat('-', 14), repeat('-', 28), repeat('-', 8), repeat('-', 34), repeat('-', 14));
SELECT rtrim(concat_ws(' ', pg_temp.fit(layer::text, 17), pg_temp.fit(component, 14), pg_temp.fit(threat, 28),
		pg_temp.fit(severity::text, 8), pg_temp.fit(mitigation, 34), status))
	|| E'\n' || repeat(' ', 33) || rtrim(pg_temp.fit(reason, 87))
  FROM (SELECT w.*, row_number() OVER (PARTITION BY threat ORDER BY status, evidence_count DESC, place) AS nth
		  FROM (SELECT row_number() OVER () AS place, * FROM maestro.threat_matrix WHERE system = :'system') AS w) AS m
 WHERE nth <= :most
 ORDER BY place;
\pset tuples_only off
\pset format aligned
\echo
\echo 'By layer (maestro.layer_posture); residual is what remains of the severities, 0 is best:'
\echo
SELECT layer, components, threats_open AS open, threats_partial AS partial, threats_mitigated AS mitigated,
	   threats_unknown AS unknown, threats_not_applicable AS "n/a", worst_open, residual, score
  FROM maestro.layer_posture WHERE system = :'system';
\echo 'The security checklist (maestro.checklist_compliance). An item is as good as the worst of its'
\echo 'answers; how many answers are ok, alarm, unknown and skip (does not apply) stands beside it:'
\echo
\pset format unaligned
\pset tuples_only on
SELECT pg_temp.fit('item', 84) || 'status    ok alarm unknown skip' || E'\n' || repeat('-', 84) || repeat('-', 31);
SELECT CASE WHEN section IS DISTINCT FROM lag(section) OVER (ORDER BY place) THEN section || E'\n' ELSE '' END
	|| '  ' || pg_temp.fit(wording, 82) || pg_temp.fit(status::text, 7)
	|| lpad(ok::text, 5) || lpad(alarm::text, 6) || lpad(unknown::text, 8) || lpad(skip::text, 5)
	|| E'\n    ' || rtrim(pg_temp.fit(reason, 112))
  FROM (SELECT row_number() OVER () AS place, * FROM maestro.checklist_compliance WHERE system = :'system') AS i
 ORDER BY place;
\pset tuples_only off
\pset format aligned
\echo
\echo 'In figures (maestro.checklist_summary). Score is ok / (all but skip):'
\echo
SELECT * FROM maestro.checklist_summary WHERE system = :'system';
\if :cut
\else
\echo 'And who answers for what (maestro.component_control), controls by status. Of whom never logged'
\echo 'nothing is known:'
\echo
SELECT component, count(*) FILTER (WHERE status = 'ok') AS ok, count(*) FILTER (WHERE status = 'alarm') AS alarm,
	   count(*) FILTER (WHERE status = 'unknown') AS unknown, count(*) FILTER (WHERE status = 'skip') AS skip
  FROM maestro.component_control WHERE system = :'system' AND component IS NOT NULL
 GROUP BY component HAVING count(*) FILTER (WHERE status <> 'skip') > 0 ORDER BY ok DESC, component;
\echo 'What to do about what is open (column remedy of the threat matrix):'
\echo
\pset format unaligned
\pset tuples_only on
SELECT '  ' || rtrim(pg_temp.fit(string_agg(component || ': ' || lower(threat), ', ' ORDER BY component), 116)) || E'\n    ' || remedy
  FROM maestro.threat_matrix WHERE system = :'system' AND status = 'open' AND remedy IS NOT NULL
 GROUP BY remedy ORDER BY min(layer), remedy;
\pset tuples_only off
\pset format aligned
\endif
\echo
