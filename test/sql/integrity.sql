\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SELECT plan(21);
SELECT is_empty('SELECT * FROM maestro.integrity_check()', 'an untouched log has no finding');
SELECT inhrelid::regclass AS leaf FROM pg_inherits WHERE inhparent = 'maestro.event'::regclass \gset

-- What the guards of DDL would refuse.
SET LOCAL maestro.maintenance = on;
-- What an owner takes away is found; each statement is taken back.
CREATE FUNCTION pg_temp.found_after(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	found text;
BEGIN
	BEGIN
		EXECUTE statement;
		SELECT string_agg(severity || ' ' || object || ' ' || detail, '; ' ORDER BY object, detail) INTO found FROM maestro.integrity_check();
		RAISE EXCEPTION SQLSTATE 'P0099';
	EXCEPTION WHEN SQLSTATE 'P0099' THEN
		RETURN coalesce(found, 'nothing');
	END;
END
$$;
CREATE FUNCTION public.swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
SELECT matches(pg_temp.found_after(replace(statement, 'LEAF', :'leaf')), finding, 'found: ' || statement) FROM (VALUES
	('ALTER TABLE LEAF DISABLE TRIGGER zz_append_only_insert', 'CRITICAL trigger zz_append_only_insert on .* is not ENABLE ALWAYS'),
	('ALTER TABLE maestro.event DISABLE TRIGGER ALL', 'CRITICAL trigger append_only_statement on maestro.event is not ENABLE ALWAYS'),
	('ALTER TABLE LEAF ENABLE TRIGGER append_only_row', 'CRITICAL trigger append_only_row on .* is not ENABLE ALWAYS'),
	('DROP TRIGGER append_only_row ON LEAF', 'CRITICAL trigger append_only_row on .* is missing'),
	('DROP TRIGGER append_only_row ON LEAF; CREATE TRIGGER append_only_row BEFORE UPDATE ON LEAF FOR EACH ROW EXECUTE FUNCTION maestro.append_only_refuse(); ALTER TABLE LEAF ENABLE ALWAYS TRIGGER append_only_row', 'CRITICAL trigger append_only_row on .* is not the one'),
	('CREATE TRIGGER aaa BEFORE INSERT ON LEAF FOR EACH ROW EXECUTE FUNCTION public.swallow()', 'CRITICAL trigger aaa on .* could swallow'),
	('CREATE RULE r AS ON INSERT TO maestro.event DO INSTEAD NOTHING', 'CRITICAL rule r on maestro.event rewrites'),
	('CREATE POLICY p ON maestro.event USING (true)', 'CRITICAL policy p on maestro.event is none'),
	('ALTER POLICY readable ON maestro.event USING (true)', 'CRITICAL policy readable on maestro.event is missing or not'),
	('ALTER TABLE maestro.event DISABLE ROW LEVEL SECURITY', 'CRITICAL table maestro.event has row-level security off'),
	('ALTER TABLE LEAF SET UNLOGGED', 'CRITICAL table .* is not permanent'),
	('ALTER TABLE maestro.event DETACH PARTITION LEAF', 'CRITICAL table .* is detached'),
	('ALTER SEQUENCE maestro.event_id_seq CACHE 50', 'CRITICAL sequence maestro.event_id_seq does not count'),
	('ALTER TABLE LEAF OWNER TO tap_other', 'CRITICAL table .* does not belong'),
	('GRANT INSERT ON maestro.event TO tap_other', 'HIGH table maestro.event INSERT is granted to tap_other'),
	('GRANT UPDATE (message) ON LEAF TO PUBLIC', 'HIGH table .* UPDATE is granted to PUBLIC'),
	('GRANT SELECT ON LEAF TO tap_other', 'HIGH table .* SELECT is granted to tap_other, past row-level security'),
	('GRANT EXECUTE ON FUNCTION maestro.apply_manifest(json, boolean) TO PUBLIC', 'HIGH function .*apply_manifest.* may be executed by PUBLIC'),
	('ALTER TABLE maestro.component DISABLE TRIGGER registry_guard_row', 'CRITICAL trigger registry_guard_row on maestro.component')
) AS tampering (statement, finding);
GRANT maestro_auditor TO tap_other;
SET LOCAL ROLE tap_other;
SELECT is_empty('SELECT * FROM maestro.integrity_check()', 'an auditor may ask');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
