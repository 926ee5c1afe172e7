--
-- DDL guard: statements that would take guards of the log away, for everybody.
--
-- Last, so that this script itself is not asked.  Without preloaded library this is
-- all there is; an event trigger sees neither TRUNCATE nor what is dropped along.
--
CREATE EVENT TRIGGER maestro_ddl_guard ON ddl_command_start EXECUTE FUNCTION maestro.ddl_guard();
ALTER EVENT TRIGGER maestro_ddl_guard ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER maestro_ddl_guard IS 'keeps the log''s tables, partitions, triggers and functions as they are; a superuser can set maestro.maintenance';
