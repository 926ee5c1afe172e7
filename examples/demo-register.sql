--
-- Demo: register the example system, examples/crew.json.
--
\pset footer off
\echo
\echo '== 1. Register'
\echo
\echo 'A manifest (examples/crew.json) names every part of an example multi-agent system:'
\echo 'maestro.apply_manifest stores it, and can be repeated as often as one likes.'
\echo
SELECT action, split_part(object, ' ', 1) AS object, count(*)
  FROM maestro.apply_manifest(:'manifest') GROUP BY 1, 2 ORDER BY 3 DESC, 2;
SELECT c.layer, s.name || '/' || c.name AS component, c.kind, c.description
  FROM maestro.component AS c JOIN maestro.system AS s USING (system_id)
 WHERE s.name = 'crew' ORDER BY c.layer, c.component_id;
\echo 'Nothing was logged yet, so nothing is known, and nothing counts as done:'
\echo
SELECT * FROM maestro.checklist_summary WHERE system = 'crew';
