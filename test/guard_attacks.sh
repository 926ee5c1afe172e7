# What the guards of the log are attacked with.  To be sourced by test/t/guards.sh:
#
#     attack BARE NAME SQL
#
# The hooks of a preloaded library refuse all of it.  Without them an attack is
# "refused" too, or it is "found" by verify(); what is let through in both, and
# found, is "let".  Other words are the SQLSTATE that refuses it.

# The attacks of "$leaf", into "$dir/attacks": a line of BARE and NAME, and the SQL.
list_attacks() {
	: >"$dir/attacks.names"
	: >"$dir/attacks.sql"
	attacks_on_rows
	attacks_on_tables
	attacks_on_objects
	attacks_in_disguise
}

attack() {
	printf '%s\t%s\n' "$1" "$2" >>"$dir/attacks.names"
	printf 'SELECT public.attempt($attack$%s$attack$);\n' "$3" >>"$dir/attacks.sql"
}

# ---- rows -----------------------------------------------------------------

attacks_on_rows() {
	for table in maestro.event "$leaf"; do
		for replica in '' 'SET LOCAL session_replication_role = replica; '; do
			how="$table${replica:+ as a replica}"
			attack refused "update $how" "${replica}UPDATE $table SET message = 'x'"
			attack refused "update no row of $how" "${replica}UPDATE $table SET message = 'x' WHERE false"
			attack refused "delete from $how" "${replica}DELETE FROM $table"
			attack refused "delete no row of $how" "${replica}DELETE FROM $table WHERE false"
			attack refused "truncate $how" "${replica}TRUNCATE $table"
			attack refused "merge an update into $how" "${replica}MERGE INTO $table AS t USING (VALUES (1)) AS v (id)
				ON t.event_id > v.id WHEN MATCHED THEN UPDATE SET message = 'x'"
			attack refused "merge no deletion into $how" "${replica}MERGE INTO $table AS t USING (VALUES (1)) AS v (id)
				ON t.event_id > v.id WHEN MATCHED AND false THEN DELETE"
		done
		attack refused "truncate $table among others" "CREATE TEMP TABLE t (); TRUNCATE t, $table CASCADE"
		attack refused "delete in a WITH of $table" "WITH gone AS (DELETE FROM $table RETURNING *) SELECT FROM gone"
		attack refused "delete through a view of $table" "CREATE TEMP VIEW v AS SELECT * FROM $table; DELETE FROM v"
	done
	attack refused 'update on conflict' "INSERT INTO $leaf SELECT * FROM $leaf LIMIT 1
		ON CONFLICT (event_id) DO UPDATE SET message = 'x'"
	attack refused 'update on a conflict that does not come' "INSERT INTO $leaf SELECT * FROM $leaf WHERE false
		ON CONFLICT (event_id) DO UPDATE SET message = 'x'"
	attack MA003 'insert a row of another hash' "INSERT INTO maestro.event SELECT (jsonb_populate_record(e, '{\"event_id\": 999}')).*
		FROM maestro.event AS e LIMIT 1"
	for table in component system log checkpoint incarnation tile_tail cosignature redaction signal_total signal_fault; do
		column=$(sql "SELECT attname FROM pg_attribute WHERE attrelid = 'maestro.$table'::regclass AND attnum = 1")
		attack refused "update maestro.$table" "UPDATE maestro.$table SET $column = $column WHERE false"
		attack refused "delete from maestro.$table" "DELETE FROM maestro.$table WHERE false"
		attack refused "truncate maestro.$table" "TRUNCATE maestro.$table CASCADE"
	done
}

# ---- tables ---------------------------------------------------------------

attacks_on_tables() {
	attack refused 'detach a partition' "ALTER TABLE maestro.event DETACH PARTITION $leaf"
	attack refused 'attach a stranger' "CREATE TABLE guards_home.t (LIKE maestro.event, extra int);
		ALTER TABLE maestro.event ATTACH PARTITION guards_home.t FOR VALUES FROM ('1999-01-01') TO ('1999-02-01')"
	attack refused 'make a partition of its own' "CREATE TABLE guards_home.t PARTITION OF maestro.event DEFAULT"
	attack refused 'inherit from the registry' 'CREATE TABLE guards_home.t () INHERITS (maestro.component)'
	attack refused 'let the registry inherit' 'CREATE TABLE guards_home.t (); ALTER TABLE maestro.component INHERIT guards_home.t'
	attack refused 'inherit from the registry by ALTER' 'CREATE TABLE guards_home.t (LIKE maestro.component INCLUDING ALL);
		ALTER TABLE guards_home.t INHERIT maestro.component'
	attack refused 'make a partition of the registry' "CREATE TABLE guards_home.t (LIKE maestro.component) PARTITION BY RANGE (component_id);
		ALTER TABLE guards_home.t ATTACH PARTITION maestro.component DEFAULT"
	for table in maestro.event "$leaf" maestro.component; do
		column=message
		[ $table != maestro.component ] || column=layer
		attack refused "rewrite a column of $table" "ALTER TABLE $table ALTER COLUMN $column TYPE text USING 'x'"
		attack refused "add a column to $table" "ALTER TABLE $table ADD COLUMN more text"
		attack refused "drop a column of $table" "ALTER TABLE $table DROP COLUMN $column CASCADE"
		attack refused "rename a column of $table" "ALTER TABLE $table RENAME COLUMN $column TO x"
		attack refused "give a column of $table a default" "ALTER TABLE $table ALTER COLUMN $column SET DEFAULT '2'"
		attack refused "check $table" "ALTER TABLE $table ADD CONSTRAINT c CHECK ($column IS NULL) NOT VALID"
		attack refused "make a rule for $table" "CREATE RULE r AS ON DELETE TO $table DO INSTEAD NOTHING"
		attack refused "make a trigger for $table" "CREATE TRIGGER t BEFORE UPDATE ON $table FOR EACH ROW
			EXECUTE FUNCTION suppress_redundant_updates_trigger()"
		attack refused "make a policy for $table" "CREATE POLICY p ON $table USING (true)"
		attack refused "turn off row security of $table" "ALTER TABLE $table DISABLE ROW LEVEL SECURITY"
		attack refused "force row security of $table" "ALTER TABLE $table FORCE ROW LEVEL SECURITY"
		attack refused "rename $table" "ALTER TABLE $table RENAME TO x"
		attack refused "move $table to another schema" "ALTER TABLE $table SET SCHEMA guards_home"
		attack refused "give $table away" "ALTER TABLE $table OWNER TO guards_agent"
	done
	for table in "$leaf" maestro.component; do
		attack refused "make $table unlogged" "ALTER TABLE $table SET UNLOGGED"
		attack refused "disable triggers of $table" "ALTER TABLE $table DISABLE TRIGGER ALL"
		attack refused "disable user triggers of $table" "ALTER TABLE $table DISABLE TRIGGER USER"
	done
	attack refused 'disable the trigger for inserts' "ALTER TABLE $leaf DISABLE TRIGGER zz_append_only_insert"
	attack let 'weaken a trigger' "ALTER TABLE $leaf ENABLE TRIGGER append_only_row"
	attack refused 'give a trigger to replicas' "ALTER TABLE $leaf ENABLE REPLICA TRIGGER append_only_row"
	attack refused 'drop a trigger' "DROP TRIGGER append_only_row ON $leaf"
	attack refused 'drop a trigger if it is there' "DROP TRIGGER IF EXISTS append_only_row ON $leaf"
	attack refused 'rename a trigger' "ALTER TRIGGER append_only_row ON $leaf RENAME TO x"
	attack refused 'replace a trigger' "CREATE OR REPLACE TRIGGER append_only_row BEFORE UPDATE OR DELETE ON $leaf
		FOR EACH ROW WHEN (OLD.event_id = 0) EXECUTE FUNCTION maestro.append_only_refuse()"
	attack refused 'replace a trigger by one of less' "CREATE OR REPLACE TRIGGER append_only_row BEFORE DELETE ON $leaf
		FOR EACH ROW EXECUTE FUNCTION maestro.append_only_refuse()"
	attack let 'swallow rows by a function of ours' "CREATE TRIGGER a BEFORE INSERT ON $leaf
		FOR EACH ROW EXECUTE FUNCTION maestro.registry_changed()"
	attack refused 'let a trigger depend on another extension' "ALTER TRIGGER append_only_row ON $leaf DEPENDS ON EXTENSION plpgsql"
	attack refused 'widen a policy' 'ALTER POLICY readable ON maestro.event USING (true)'
	attack refused 'drop a policy' 'DROP POLICY readable ON maestro.event'
	attack refused 'drop a partition' "DROP TABLE $leaf"
	attack refused 'drop a partition that is empty' 'DROP TABLE maestro.event_2001_02'
	attack refused 'drop partitions among others' "CREATE TEMP TABLE t (); DROP TABLE t, $leaf"
	attack refused 'drop the key of a partition' "ALTER TABLE $leaf DROP CONSTRAINT ${leaf#*.}_pkey"
	attack refused 'make a unique index' "CREATE UNIQUE INDEX ON $leaf (message)"
	attack refused 'make a unique constraint' "ALTER TABLE $leaf ADD UNIQUE (message)"
	attack refused 'drop an index' "DROP INDEX maestro.${leaf#*.}_stamp_event_id_idx"
}

# ---- other objects --------------------------------------------------------

attacks_on_objects() {
	attack refused 'drop event_present' 'DROP VIEW maestro.event_present'
	attack refused 'rename event_present' 'ALTER VIEW maestro.event_present RENAME TO x'
	attack refused 'replace event_present' 'CREATE OR REPLACE VIEW maestro.event_present AS SELECT 1::bigint AS event_id'
	attack refused 'replace a view' 'CREATE OR REPLACE VIEW maestro.event_signal AS SELECT * FROM maestro.event_signal'
	attack refused 'change the rights of a view' 'ALTER VIEW maestro.event_signal SET (security_invoker = false)'
	attack refused 'rename a view' 'ALTER VIEW maestro.event_signal RENAME TO x'
	attack refused 'drop a view' 'DROP VIEW maestro.event_signal CASCADE'
	attack refused 'take a table out of the extension' 'ALTER EXTENSION maestro DROP TABLE maestro.component'
	attack refused 'take a function out of the extension' 'ALTER EXTENSION maestro DROP FUNCTION maestro.seal()'
	attack refused 'put a function into the extension' 'CREATE FUNCTION guards_home.f() RETURNS int LANGUAGE sql RETURN 1;
		ALTER EXTENSION maestro ADD FUNCTION guards_home.f()'
	attack 0A000 'move the extension' 'ALTER EXTENSION maestro SET SCHEMA guards_home'
	attack refused "replace a trigger's function" "CREATE OR REPLACE FUNCTION maestro.append_only_refuse()
		RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
	attack refused 'replace a function' "CREATE OR REPLACE FUNCTION maestro.record_refusal() RETURNS int LANGUAGE sql RETURN 1;
		CREATE OR REPLACE FUNCTION maestro.may_read(system_id integer) RETURNS boolean LANGUAGE sql RETURN true"
	attack refused "plant a function beside one of ours" "CREATE FUNCTION maestro.log_event(text, text) RETURNS bigint LANGUAGE sql RETURN 1"
	attack refused "replace the check" "CREATE OR REPLACE FUNCTION maestro.integrity_check() RETURNS TABLE (severity maestro.severity,
		kind text, object text, detail text) LANGUAGE sql AS 'SELECT NULL::maestro.severity, NULL, NULL, NULL WHERE false'"
	attack refused 'replace the work of a function' "CREATE OR REPLACE FUNCTION maestro.adopt_log_as(caller oid, reason text)
		RETURNS integer LANGUAGE sql RETURN 1"
	attack refused 'alter a function' 'ALTER FUNCTION maestro.integrity_check() SET search_path = public'
	attack refused 'let a function run as its owner' 'ALTER FUNCTION maestro.integrity_check() SECURITY DEFINER'
	attack refused 'alter a procedure' 'ALTER PROCEDURE maestro.stop_component(maestro.regcomponent, text, boolean, text, integer, integer) SECURITY DEFINER'
	attack refused 'rename a procedure' 'ALTER ROUTINE maestro.stop_component RENAME TO x'
	attack refused 'rename a function' 'ALTER FUNCTION maestro.seal() RENAME TO x'
	attack refused 'move a function' 'ALTER FUNCTION maestro.seal() SET SCHEMA guards_home'
	attack refused 'give a function away' 'ALTER FUNCTION maestro.seal() OWNER TO guards_agent'
	attack refused 'drop a function' 'DROP FUNCTION maestro.seal() CASCADE'
	attack refused 'drop a function of triggers' 'DROP FUNCTION maestro.append_only_refuse() CASCADE'
	attack refused 'alter a routine' 'ALTER ROUTINE maestro.seal() RENAME TO x'
	attack refused 'rename the schema' 'ALTER SCHEMA maestro RENAME TO x'
	attack refused 'give the schema away' 'ALTER SCHEMA maestro OWNER TO guards_agent'
	attack refused 'drop the schema' 'DROP SCHEMA maestro CASCADE'
	attack refused 'give the sequence a cache' 'ALTER SEQUENCE maestro.event_id_seq CACHE 100'
	attack refused 'set the sequence back' 'ALTER SEQUENCE maestro.event_id_seq RESTART 1'
	attack refused 'rename the sequence' 'ALTER SEQUENCE maestro.event_id_seq RENAME TO x'
	attack refused 'drop the sequence' 'DROP SEQUENCE maestro.event_id_seq CASCADE'
	attack refused 'rename a type' 'ALTER TYPE maestro.event_kind RENAME TO x'
	attack refused 'rename a label' "ALTER TYPE maestro.event_kind RENAME VALUE 'output' TO 'x'"
	attack refused 'add a label' "ALTER TYPE maestro.event_kind ADD VALUE 'x'"
	attack refused 'drop a type' 'DROP TYPE maestro.event_kind CASCADE'
	attack refused 'move a type' 'ALTER TYPE maestro.event_kind SET SCHEMA guards_home'
	attack refused 'give a type away' 'ALTER TYPE maestro.event_kind OWNER TO guards_agent'
	attack found 'disable the event trigger' 'ALTER EVENT TRIGGER maestro_ddl_guard DISABLE'
	attack 2BP01 'drop the event trigger' 'DROP EVENT TRIGGER maestro_ddl_guard'
	attack found 'weaken the event trigger' 'ALTER EVENT TRIGGER maestro_ddl_guard ENABLE'
	attack found 'rename the event trigger' 'ALTER EVENT TRIGGER maestro_ddl_guard RENAME TO x'
}

# ---- in disguise ----------------------------------------------------------

attacks_in_disguise() {
	attack refused 'find the table by search_path' "SET LOCAL search_path = maestro; ALTER TABLE event ADD COLUMN more text"
	attack refused 'find a partition by search_path' "SET LOCAL search_path = maestro; DROP TABLE ${leaf#*.}"
	attack refused 'quote names' 'ALTER TABLE "maestro"."event" ADD COLUMN more text'
	attack refused 'alter if it is there' 'ALTER TABLE IF EXISTS maestro.event ADD COLUMN more text'
	attack refused 'alter it only' 'ALTER TABLE ONLY maestro.event ADD COLUMN more text'
	attack refused 'alter a table as a view' 'ALTER VIEW maestro.event RENAME TO x'
	attack refused 'alter a table as an index' 'ALTER INDEX maestro.event RENAME TO x'
	attack refused 'hide it between what is allowed' "ALTER TABLE $leaf SET (autovacuum_enabled = off), ADD COLUMN more text"
	attack refused 'alter in a DO block' "DO 'BEGIN ALTER TABLE maestro.event ADD COLUMN more text; END'"
	attack refused 'alter in a function' "CREATE FUNCTION guards_home.f() RETURNS void LANGUAGE sql AS 'ALTER TABLE maestro.event ADD COLUMN more text';
		SELECT guards_home.f()"
	attack refused 'delete in a function' "CREATE FUNCTION guards_home.f() RETURNS void LANGUAGE sql AS 'DELETE FROM maestro.event';
		SELECT guards_home.f()"
	attack refused 'truncate by EXECUTE in a DO block' "DO 'BEGIN EXECUTE ''TRUNCATE $leaf''; END'"
	attack refused 'delete in a trigger' "CREATE TABLE guards_home.t (); CREATE FUNCTION guards_home.f() RETURNS trigger LANGUAGE plpgsql
		AS 'BEGIN DELETE FROM maestro.event; RETURN NEW; END';
		CREATE TRIGGER t BEFORE INSERT ON guards_home.t FOR EACH ROW EXECUTE FUNCTION guards_home.f(); INSERT INTO guards_home.t DEFAULT VALUES"
	attack refused 'delete in a rule' "CREATE TABLE guards_home.t (); CREATE RULE r AS ON INSERT TO guards_home.t
		DO INSTEAD DELETE FROM $leaf; INSERT INTO guards_home.t DEFAULT VALUES"
	attack refused 'set maintenance within a function' "CREATE FUNCTION guards_home.f() RETURNS void LANGUAGE sql
		SET maestro.maintenance = off AS 'DROP TABLE $leaf'; SELECT guards_home.f()"
}
