--
-- Demo: from red to green.  The next steps of the example system, and one of them
-- done: the first that is a statement to run.
--
\pset footer off
\echo '== 6. What to do next'
\echo
\echo 'The view maestro.next_step ranks what is missing by the risk that doing it would take away: the'
\echo 'residual risk of the rows of the threat matrix that it keeps from being mitigated. The first three:'
\echo
\pset format unaligned
\pset tuples_only on
SELECT format(E'  %s. %s: %s\n     keeps %s rows from being mitigated, residual risk %s\n     -> %s\n', rank, component, action, unblocks, weight, coalesce(statement, advice))
  FROM maestro.next_step WHERE system = 'crew' ORDER BY rank LIMIT 3;
SELECT component AS part, statement, rtrim(statement, ';') AS statement_of, rank AS place, split_part(action, ':', 1) AS title FROM maestro.next_step
 WHERE system = 'crew' AND statement IS NOT NULL ORDER BY rank LIMIT 1 \gset
CREATE TEMP TABLE threat_before AS SELECT * FROM maestro.threat_matrix WHERE system = 'crew';
\echo 'The first that is a statement to run as it stands is number' :place
\echo
\echo '   ' :statement
\echo
SELECT format('  %s %s', action, object) FROM (:statement_of) AS done;
\pset tuples_only off
\pset format aligned
\echo
\echo 'What that turned in the threat matrix:'
\echo
SELECT b.component, b.threat, b.status AS before, a.status AS after, left(a.reason, 60) AS reason
  FROM threat_before AS b JOIN maestro.threat_matrix AS a USING (system, component, threat)
 WHERE a.status <> b.status ORDER BY a.layer, a.component;
DROP TABLE threat_before;
\echo 'Next: make demo KEEP=1 leaves the server up for psql; make demo TRACES=FILE imports runs of'
\echo 'your own; README.md says how to install maestro in a server of yours.'
