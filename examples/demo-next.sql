--
-- Demo: from red to green.  The next steps of the example system, and the first of
-- them done.
--
\pset footer off
\echo '== 7. What to do next'
\echo
\echo 'The view maestro.next_step ranks what is missing by the residual risk that doing it takes away.'
\echo 'What cannot become ok in this version comes last. The first three:'
\echo
\pset format unaligned
\pset tuples_only on
SELECT format(E'  %s. %s: %s\n     keeps %s rows from being mitigated; takes away residual risk %s\n     -> %s\n', rank, component, action, unblocks, weight, coalesce(statement, advice))
  FROM maestro.next_step WHERE system = 'crew' ORDER BY rank LIMIT 3;
CREATE TEMP TABLE threat_before AS SELECT * FROM maestro.threat_matrix WHERE system = 'crew';
\echo 'The first one: whoever deploys the tickets tool knows that its password comes from an environment'
\echo 'variable, and says so:'
\echo
\echo '    SELECT * FROM maestro.apply_manifest(''{"systems": [{"name": "crew", "components": [{"name": "tickets",'
\echo '        "dependencies": [{"name": "ticket-db", "credential_ref": "env:TICKET_DB_PASSWORD"}]}]}]}'');'
\echo
SELECT format('  %s %s', action, object) FROM maestro.apply_manifest('{"systems": [{"name": "crew", "components": [{"name": "tickets",
	"dependencies": [{"name": "ticket-db", "credential_ref": "env:TICKET_DB_PASSWORD"}]}]}]}');
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
