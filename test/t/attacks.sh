#!/bin/sh
#
# Attacks on the trace and the registry: what is refused, what integrity_check
# finds, and what is open until rows are hashed and sealed.
#
# Each attack is tried by an agent's role, by a superuser who owns everything,
# and by an owner who is none.  An open attack is tested too: that it works,
# and that integrity_check is silent, so that this file says what is true.

. "$(dirname "$0")/../lib.sh"
begin attacks

sql "
CREATE ROLE attacks_agent LOGIN IN ROLE maestro_agent;
CREATE ROLE attacks_owner LOGIN;
CREATE ROLE attacks_reader LOGIN IN ROLE pg_read_all_data;
CREATE ROLE attacks_writer LOGIN IN ROLE pg_read_all_data, pg_write_all_data;
CREATE SCHEMA attacks_home AUTHORIZATION attacks_agent;
SELECT maestro.register_system('crew', db_role => 'attacks_agent');
SELECT maestro.register_component('crew', 'planner', 'agent');
SELECT event_id FROM maestro.log_event('crew/planner', 'output', 'what was said');
" >/dev/null
leaf=$(sql "SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'maestro.event'::regclass")
is "$(sql 'SELECT count(*) FROM maestro.integrity_check()')" 0 'a fresh log has nothing to complain about'

# A copy in which everything belongs to a role that is no superuser.
create_database attacks_o 'TEMPLATE attacks_t'
sql "
DO \$\$
DECLARE o text;
BEGIN
	FOR o IN
		SELECT format('SCHEMA %I', 'maestro')
		UNION ALL SELECT format('TABLE %s', c.oid::regclass) FROM pg_class AS c
		 WHERE relnamespace = 'maestro'::regnamespace AND relkind IN ('r', 'p', 'v')
		UNION ALL SELECT format('SEQUENCE %s', c.oid::regclass) FROM pg_class AS c
		 WHERE relnamespace = 'maestro'::regnamespace AND relkind = 'S'
		   AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'i')
		UNION ALL SELECT format('FUNCTION %s', oid::regprocedure) FROM pg_proc
		 WHERE pronamespace = 'maestro'::regnamespace
		UNION ALL SELECT format('TYPE %s', oid::regtype) FROM pg_type
		 WHERE typnamespace = 'maestro'::regnamespace AND typtype IN ('b', 'e') AND typelem = 0
	LOOP
		EXECUTE format('ALTER %s OWNER TO attacks_owner', o);
	END LOOP;
END
\$\$"
is "$(sql 'SELECT count(*) FROM maestro.integrity_check()')" 0 'a log of an owner who is no superuser has nothing to complain about either'
is "$(echo "SELECT decision FROM maestro.log_event('crew/planner', 'output', 'to the owner')" | as attacks_agent)" allow \
	'and agents log into it'

# ---- refused to an agent --------------------------------------------------

# not_for_agents NAME SQL: without the privilege, whatever is tried.
not_for_agents() { refused 42501 "an agent can't $1" "$2" attacks_agent; }

row="(999, now(), now(), 'note', 'info', 'forged', 'x', 'x')"
columns="(event_id, recorded_at, occurred_at, kind, level, message, caller, session_role)"

for table in maestro.event "$leaf"; do
	not_for_agents "insert into $table" "INSERT INTO $table $columns VALUES $row"
	not_for_agents "update $table" "UPDATE $table SET message = 'x'"
	not_for_agents "update no row of $table" "UPDATE $table SET message = 'x' WHERE false"
	not_for_agents "delete from $table" "DELETE FROM $table"
	not_for_agents "delete no row of $table" "DELETE FROM $table WHERE false"
	not_for_agents "truncate $table" "TRUNCATE $table"
	not_for_agents "merge into $table" "MERGE INTO $table AS t USING (VALUES (1)) AS v (id) ON t.event_id = v.id WHEN MATCHED THEN DELETE"
	not_for_agents "copy into $table" "COPY $table FROM '/dev/null'"
	not_for_agents "lock rows of $table" "SELECT FROM $table FOR UPDATE"
	not_for_agents "lock $table against writers" "BEGIN; LOCK TABLE $table IN SHARE MODE"
	not_for_agents "disable triggers of $table" "ALTER TABLE $table DISABLE TRIGGER ALL"
	not_for_agents "drop a trigger of $table" "DROP TRIGGER append_only_statement ON $table"
	not_for_agents "add a rule to $table" "CREATE RULE r AS ON DELETE TO $table DO INSTEAD NOTHING"
	not_for_agents "add a policy to $table" "CREATE POLICY p ON $table USING (true)"
	not_for_agents "turn off row security of $table" "ALTER TABLE $table DISABLE ROW LEVEL SECURITY"
	not_for_agents "rename $table" "ALTER TABLE $table RENAME TO x"
	not_for_agents "drop $table" "DROP TABLE $table"
	not_for_agents "own $table" "ALTER TABLE $table OWNER TO attacks_agent"
done
not_for_agents 'read a partition past row-level security' "SELECT FROM $leaf"
not_for_agents 'insert or update on conflict' "INSERT INTO $leaf $columns VALUES $row
	ON CONFLICT (event_id) DO UPDATE SET message = 'x'"
not_for_agents 'be a replica' "SET session_replication_role = replica"
not_for_agents 'detach a partition' "ALTER TABLE maestro.event DETACH PARTITION $leaf"
not_for_agents 'attach a partition' "CREATE TEMP TABLE t (LIKE maestro.event);
	ALTER TABLE maestro.event ATTACH PARTITION t FOR VALUES FROM ('2001-01-01') TO ('2001-02-01')"
not_for_agents 'rewrite a column' "ALTER TABLE maestro.event ALTER COLUMN message TYPE text USING 'x'"
not_for_agents 'add a trigger' "CREATE TRIGGER t BEFORE INSERT ON $leaf FOR EACH ROW
	EXECUTE FUNCTION suppress_redundant_updates_trigger()"
not_for_agents 'make a partition unlogged' "ALTER TABLE $leaf SET UNLOGGED"
not_for_agents 'edit the catalog' "UPDATE pg_trigger SET tgenabled = 'D'"
not_for_agents 'use the sequence' "SELECT nextval('maestro.event_id_seq')"
not_for_agents 'set the sequence back' "SELECT setval('maestro.event_id_seq', 1)"
not_for_agents 'change the sequence' "ALTER SEQUENCE maestro.event_id_seq CACHE 100"
not_for_agents 'replace a trigger function' "CREATE OR REPLACE FUNCTION maestro.append_only_refuse()
	RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
not_for_agents 'add a function to the schema' "CREATE FUNCTION maestro.f() RETURNS int LANGUAGE sql RETURN 1"
not_for_agents 'drop the extension' "DROP EXTENSION maestro CASCADE"
not_for_agents 'drop the schema' "DROP SCHEMA maestro CASCADE"
not_for_agents 'change a component' "UPDATE maestro.component SET state = 'active'"
not_for_agents 'empty the registry' "TRUNCATE maestro.system CASCADE"
not_for_agents 'refer to the registry' "CREATE TABLE attacks_home.t (id int REFERENCES maestro.system)"
not_for_agents 'inherit from the registry' "CREATE TEMP TABLE t () INHERITS (maestro.component)"

# ---- refused to roles that read or write everything -----------------------

PGDATABASE=attacks_t
for table in maestro.event "$leaf" maestro.component; do
	refused MA001 "pg_write_all_data can't update $table" "UPDATE $table SET component_id = 0" attacks_writer
	refused MA001 "pg_write_all_data can't delete from $table" "DELETE FROM $table WHERE false" attacks_writer
done
refused MA001 "pg_write_all_data can't insert into maestro.event" "INSERT INTO maestro.event $columns VALUES $row" attacks_writer
refused MA001 "pg_write_all_data can't insert into a partition" "INSERT INTO $leaf $columns VALUES $row" attacks_writer
todo 'the catalogue has no guard'
for table in threat control checklist_item; do
	isnt "$(outcome "DELETE FROM maestro.$table WHERE false" attacks_writer)" 'done' "pg_write_all_data can't change the catalogue's $table"
done
todo
refused 42501 "pg_write_all_data can't insert into maestro.system" "INSERT INTO maestro.system (name) VALUES ('x')" attacks_writer
is "$(echo 'SELECT count(*) FROM maestro.event' | as attacks_reader)" 0 'pg_read_all_data reads no event'
is "$(echo 'SELECT count(*) FROM maestro.component' | as attacks_reader)" 0 'pg_read_all_data reads no component'
todo 'partitions have no row-level security'
is "$(echo "SELECT count(*) FROM $leaf" | as attacks_reader)" 0 'pg_read_all_data reads no event from a partition either'
todo

# ---- refused to the owner -------------------------------------------------

# not_for_owners SQLSTATE NAME SQL: with every privilege there is.
not_for_owners() {
	PGDATABASE=attacks_t
	refused "$1" "a superuser can't $2" "$3"
	refused "$1" "a superuser can't $2 as a replica" "SET session_replication_role = replica; $3"
	PGDATABASE=attacks_o
	refused "$1" "an owner can't $2" "$3" attacks_owner
	PGDATABASE=attacks_t
}

for table in maestro.event "$leaf"; do
	not_for_owners MA001 "update $table" "UPDATE $table SET message = 'x'"
	not_for_owners MA001 "update no row of $table" "UPDATE $table SET message = 'x' WHERE false"
	not_for_owners MA001 "delete from $table" "DELETE FROM $table"
	not_for_owners MA001 "delete no row of $table" "DELETE FROM $table WHERE false"
	not_for_owners MA001 "truncate $table" "TRUNCATE $table"
	not_for_owners MA001 "truncate $table among others" "CREATE TEMP TABLE t (); TRUNCATE t, $table CASCADE"
	not_for_owners MA001 "merge an update into $table" "MERGE INTO $table AS t USING (VALUES (1)) AS v (id)
		ON t.event_id > v.id WHEN MATCHED THEN UPDATE SET message = 'x' WHEN NOT MATCHED THEN DO NOTHING"
	not_for_owners MA001 "merge a deletion into $table" "MERGE INTO $table AS t USING (VALUES (1)) AS v (id)
		ON t.event_id > v.id WHEN MATCHED AND false THEN DELETE"
	not_for_owners MA001 "delete in a WITH of $table" "WITH gone AS (DELETE FROM $table RETURNING *) SELECT FROM gone"
	not_for_owners MA001 "delete through a view of $table" "CREATE TEMP VIEW v AS SELECT * FROM $table; DELETE FROM v"
	not_for_owners MA001 "delete where a cursor stands in $table" "BEGIN; DECLARE c CURSOR FOR SELECT * FROM $table;
		FETCH c; DELETE FROM $table WHERE CURRENT OF c"
	not_for_owners MA001 "delete from $table renamed" "BEGIN; ALTER TABLE $table RENAME TO x; DELETE FROM maestro.x"
	not_for_owners MA001 "delete from $table in a rule" "BEGIN; CREATE TABLE maestro.bait (); CREATE RULE r AS ON INSERT TO maestro.bait
		DO INSTEAD DELETE FROM $table; ALTER TABLE maestro.bait ENABLE ALWAYS RULE r; INSERT INTO maestro.bait DEFAULT VALUES"
done
not_for_owners 42809 'truncate the parent alone' 'TRUNCATE ONLY maestro.event'
not_for_owners MA001 'update on conflict' "INSERT INTO $leaf $columns SELECT event_id, recorded_at, occurred_at, kind, level,
	message, caller, session_role FROM $leaf LIMIT 1 ON CONFLICT (event_id) DO UPDATE SET message = 'x'"
not_for_owners MA001 'delete from a partition once detached' "BEGIN; ALTER TABLE maestro.event DETACH PARTITION $leaf; DELETE FROM $leaf"
not_for_owners MA001 'empty a partition once detached' "BEGIN; ALTER TABLE maestro.event DETACH PARTITION $leaf; TRUNCATE $leaf"
for attacker in postgres attacks_owner; do
	[ $attacker = postgres ] || PGDATABASE=attacks_o
	refused MA001 "a cascading foreign key of $attacker deletes nothing" "BEGIN;
		CREATE TABLE maestro.bait AS SELECT DISTINCT component_id FROM maestro.event WHERE component_id IS NOT NULL;
		ALTER TABLE maestro.bait ADD PRIMARY KEY (component_id);
		ALTER TABLE $leaf ADD FOREIGN KEY (component_id) REFERENCES maestro.bait ON DELETE CASCADE;
		DELETE FROM maestro.bait" $attacker
done
PGDATABASE=attacks_t
not_for_owners 42P16 "rewrite a column of a partition" "ALTER TABLE $leaf ALTER COLUMN message TYPE text USING 'x'"

for table in system component component_version dependency contract plan environment_report attestation; do
	column=$(sql "SELECT attname FROM pg_attribute WHERE attrelid = 'maestro.$table'::regclass AND attnum = 1")
	not_for_owners MA001 "update $table" "UPDATE maestro.$table SET $column = $column WHERE false"
	not_for_owners MA001 "delete from $table" "DELETE FROM maestro.$table WHERE false"
	not_for_owners MA001 "truncate $table" "TRUNCATE maestro.$table CASCADE"
done
for call in "maestro.record_registry(10, 1, 1, 'forged', NULL)" \
	"maestro.put_component(10, 1, '{\"name\": \"planner\", \"version\": \"9\"}', 'update')" \
	"maestro.set_component_state_as(10, 'crew/planner', 'suspended', NULL)"; do
	isnt "$(outcome "SELECT $call")" 'done' "even a superuser can't call ${call%%(*} around its gate"
done

# ---- found by integrity_check ---------------------------------------------

# What integrity_check says after an attack that is rolled back again, or the
# SQLSTATE that it fails with: after DATABASE ROLE SQL.
after() {
	printf 'BEGIN;\n%s;\nSELECT object FROM maestro.integrity_check();\nROLLBACK;\n' "$3" |
		psql -XAtq -v ON_ERROR_STOP=1 -v VERBOSITY=sqlstate -d "$1" -U "$2" -f - 2>&1 |
		sed -n 's/.*ERROR:  *//; /./p'
}

# found OBJECT NAME SQL: whoever owns the tables does it, and it is found.
found() {
	has "$(after attacks_t postgres "$3")" "$1" "a superuser who would $2 is found out"
	has "$(after attacks_o attacks_owner "$3")" "$1" "an owner who would $2 is found out"
}

# found_of_superusers: likewise, for what no other owner can do.
found_of_superusers() {
	has "$(after attacks_t postgres "$3")" "$1" "a superuser who would $2 is found out"
	is "$(after attacks_o attacks_owner "$3")" 42501 "an owner can't $2"
}

found "trigger append_only_statement on maestro.event" 'disable the triggers of the parent' \
	'ALTER TABLE maestro.event DISABLE TRIGGER append_only_statement'
for trigger in append_only_row append_only_statement zz_append_only_insert; do
	found "trigger $trigger on $leaf" "disable $trigger" "ALTER TABLE $leaf DISABLE TRIGGER $trigger"
	found "trigger $trigger on $leaf" "weaken $trigger" "ALTER TABLE $leaf ENABLE TRIGGER $trigger"
	found "trigger $trigger on $leaf" "give $trigger to replicas" "ALTER TABLE $leaf ENABLE REPLICA TRIGGER $trigger"
	found "trigger $trigger on $leaf" "drop $trigger" "DROP TRIGGER $trigger ON $leaf"
	found "trigger $trigger on $leaf" "rename $trigger" "ALTER TRIGGER $trigger ON $leaf RENAME TO a"
done
found "trigger append_only_row on $leaf" 'let a trigger fire under a condition' "DROP TRIGGER append_only_row ON $leaf;
	CREATE TRIGGER append_only_row BEFORE UPDATE OR DELETE ON $leaf FOR EACH ROW WHEN (OLD.event_id = 0)
	EXECUTE FUNCTION maestro.append_only_refuse(); ALTER TABLE $leaf ENABLE ALWAYS TRIGGER append_only_row"
found 'trigger registry_guard_row on maestro.component' "disable the registry's triggers" \
	'ALTER TABLE maestro.component DISABLE TRIGGER USER'
found 'trigger registry_changed on maestro.system' 'keep registry changes from other backends' \
	'ALTER TABLE maestro.system DISABLE TRIGGER registry_changed'
found 'rule r on maestro.event' 'swallow inserts by a rule' 'CREATE RULE r AS ON INSERT TO maestro.event DO INSTEAD NOTHING'
found "rule r on $leaf" 'swallow deletions by a rule' "CREATE RULE r AS ON DELETE TO $leaf DO INSTEAD NOTHING"
swallow="CREATE FUNCTION maestro.swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
found "trigger a on $leaf" 'swallow inserts by a trigger' "$swallow; CREATE TRIGGER a BEFORE INSERT ON $leaf FOR EACH ROW
	EXECUTE FUNCTION maestro.swallow()"
found 'trigger a on maestro.event' 'swallow inserts by a trigger of the parent' "$swallow; CREATE TRIGGER a BEFORE INSERT
	ON maestro.event FOR EACH ROW EXECUTE FUNCTION maestro.swallow()"
found 'policy p on maestro.event' 'open the rows to all by a policy' 'CREATE POLICY p ON maestro.event USING (true)'
found 'policy readable on maestro.event' 'replace the policy' 'DROP POLICY readable ON maestro.event;
	CREATE POLICY readable ON maestro.event USING (true)'
todo 'integrity_check does not look'
found 'policy readable on maestro.event' 'widen the policy' 'ALTER POLICY readable ON maestro.event
	USING (maestro.may_read(system_id) OR true)'
todo
todo 'integrity_check does not look'
found 'policy readable on maestro.event' 'drop the policy' 'DROP POLICY readable ON maestro.event'
todo
found "policy p on $leaf" 'open a partition by a policy' "CREATE POLICY p ON $leaf USING (true)"
found 'table maestro.event' 'turn off row-level security' 'ALTER TABLE maestro.event DISABLE ROW LEVEL SECURITY'
found 'table maestro.component' 'turn off row-level security of the registry' 'ALTER TABLE maestro.component DISABLE ROW LEVEL SECURITY'
found "table $leaf" 'make a partition unlogged' "ALTER TABLE $leaf SET UNLOGGED"
found "table $leaf" 'detach a partition' "ALTER TABLE maestro.event DETACH PARTITION $leaf"
found 'trigger append_only_row on maestro.own' 'attach a partition without triggers' "CREATE TABLE maestro.own (LIKE maestro.event);
	ALTER TABLE maestro.event ATTACH PARTITION maestro.own FOR VALUES FROM ('2001-01-01') TO ('2001-02-01')"
found 'maestro.own' 'put another table in the place of a partition' "ALTER TABLE maestro.event DETACH PARTITION $leaf;
	CREATE TABLE maestro.own PARTITION OF maestro.event DEFAULT"
found 'table maestro.event' 'grant INSERT' 'GRANT INSERT ON maestro.event TO attacks_agent'
found "table $leaf" 'grant UPDATE of one column' "GRANT UPDATE (message) ON $leaf TO attacks_agent"
found "table $leaf" 'grant TRIGGER to all' "GRANT TRIGGER ON $leaf TO PUBLIC"
found "table $leaf" 'grant SELECT on a partition' "GRANT SELECT ON $leaf TO attacks_agent"
todo 'integrity_check does not look'
found "table $leaf" 'grant SELECT on a column of a partition' "GRANT SELECT (message) ON $leaf TO attacks_agent"
todo
found 'table maestro.component' 'grant UPDATE on the registry' 'GRANT UPDATE ON maestro.component TO attacks_agent'
found 'function maestro.register_system(text,text,text,text,text,text)' 'let all register' \
	'GRANT EXECUTE ON FUNCTION maestro.register_system TO PUBLIC'
found 'function maestro.log_events(jsonb,text)' 'let all log' 'GRANT EXECUTE ON FUNCTION maestro.log_events(jsonb, text) TO PUBLIC'
todo 'integrity_check does not look'
found 'schema maestro' 'let others create in the schema' 'GRANT CREATE ON SCHEMA maestro TO attacks_agent'
todo
found 'sequence maestro.event_id_seq' 'give the sequence a cache' 'ALTER SEQUENCE maestro.event_id_seq CACHE 100'
todo 'integrity_check does not look'
found 'sequence maestro.event_id_seq' 'let the sequence run in a circle' 'ALTER SEQUENCE maestro.event_id_seq MAXVALUE 10 CYCLE'
todo
todo 'integrity_check does not look'
found 'sequence maestro.event_id_seq' 'set the sequence back' 'ALTER SEQUENCE maestro.event_id_seq RESTART 1'
todo
todo 'integrity_check does not look'
found 'constraint c on maestro.event' 'refuse some events by a constraint' \
	"ALTER TABLE maestro.event ADD CONSTRAINT c CHECK (message <> 'incident')"
todo
todo 'integrity_check does not look'
found 'function maestro.log_event(' 'plant a function beside log_event' "CREATE FUNCTION maestro.log_event(text, text)
	RETURNS bigint LANGUAGE sql RETURN 1; REVOKE ALL ON FUNCTION maestro.log_event(text, text) FROM PUBLIC;
	GRANT EXECUTE ON FUNCTION maestro.log_event(text, text) TO attacks_agent"
todo
found_of_superusers "table $leaf" 'give a partition away' "ALTER TABLE $leaf OWNER TO attacks_agent"
found_of_superusers "trigger append_only_row on $leaf" 'disable triggers in the catalog' \
	"UPDATE pg_trigger SET tgenabled = 'D' WHERE tgname = 'append_only_row'"
found_of_superusers "trigger append_only_row on $leaf" 'delete triggers from the catalog' \
	"DELETE FROM pg_trigger WHERE tgname = 'append_only_row'"
found_of_superusers "trigger append_only_row on $leaf" 'redirect triggers in the catalog' \
	"UPDATE pg_trigger SET tgfoid = 'suppress_redundant_updates_trigger'::regproc WHERE tgname = 'append_only_row'"
todo 'integrity_check does not look'
found_of_superusers "trigger append_only_row on $leaf" 'hide triggers in the catalog' \
	"UPDATE pg_class SET relhastriggers = false WHERE oid = '$leaf'::regclass"
todo
found_of_superusers 'function maestro.append_only_refuse()' "change the trigger's function in the catalog" \
	"UPDATE pg_proc SET prosrc = 'maestro_registry_changed' WHERE oid = 'maestro.append_only_refuse()'::regprocedure"
todo 'integrity_check does not look'
found_of_superusers 'function maestro.may_read(integer)' 'let all read in the catalog' \
	"UPDATE pg_proc SET prosrc = 'maestro_is_true' WHERE oid = 'maestro.may_read(integer)'::regprocedure"
todo
found_of_superusers 'sequence maestro.event_id_seq' 'give the sequence a cache in the catalog' \
	"UPDATE pg_sequence SET seqcache = 10 WHERE seqrelid = 'maestro.event_id_seq'::regclass"
found 'function maestro.append_only_refuse()' "replace the trigger's function" "CREATE OR REPLACE FUNCTION maestro.append_only_refuse()
	RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
todo 'integrity_check does not look'
found 'function maestro.may_read(integer)' 'replace the filter' "CREATE OR REPLACE FUNCTION maestro.may_read(system_id integer)
	RETURNS boolean LANGUAGE sql RETURN true"
todo
todo 'integrity_check does not look'
found 'function maestro.log_events(jsonb,text)' 'replace log_events' "CREATE OR REPLACE FUNCTION maestro.log_events(events jsonb,
	on_error text DEFAULT 'abort') RETURNS TABLE (index integer, event_id bigint, decision maestro.decision, error text)
	LANGUAGE sql AS 'SELECT 0, 1::bigint, ''allow''::maestro.decision, '''''"
todo
todo 'integrity_check does not look'
found 'function maestro.log_event(' 'move log_event away' 'ALTER FUNCTION maestro.log_event(text, maestro.event_kind, text, jsonb,
	maestro.log_level, text, text, text, timestamptz, interval, maestro.outcome, jsonb, text, text) RENAME TO log_event_off'
todo
todo 'integrity_check does not look'
found 'view maestro.event_present' 'let DROP EXTENSION take the events without asking' 'DROP VIEW maestro.event_present'
todo

# What is attacked from the library's side: no event is lost without a word.

# logging_after SQL: what log_event comes to when a superuser did this before.
logging_after() {
	outcome "BEGIN; $1; SELECT * FROM maestro.log_event('crew/planner', 'output', 'x')"
}
is "$(logging_after "$swallow; CREATE TRIGGER a BEFORE INSERT ON $leaf FOR EACH ROW EXECUTE FUNCTION maestro.swallow()")" \
	09000 'log_event fails when a trigger swallows its event'
is "$(logging_after "$swallow; CREATE TRIGGER a BEFORE INSERT ON maestro.event FOR EACH ROW EXECUTE FUNCTION maestro.swallow()")" \
	09000 'also when the trigger is the parent'\''s'
is "$(sql "BEGIN; CREATE RULE r AS ON INSERT TO maestro.event DO INSTEAD NOTHING;
	CREATE RULE r AS ON INSERT TO $leaf DO INSTEAD NOTHING;
	SELECT count(*) FROM maestro.event, maestro.log_event('crew/planner', 'output', 'ruled') AS l;
	SELECT count(*) FROM maestro.event WHERE message = 'ruled'; ROLLBACK" | tail -n 1)" 1 'log_event is above rules'
is "$(logging_after "ALTER TABLE maestro.event ADD CHECK (message <> 'x')")" 23514 'log_event fails by a constraint'
is "$(logging_after "ALTER SEQUENCE maestro.event_id_seq RESTART 1")" 23505 'log_event fails when ids would come twice'
is "$(logging_after "ALTER TABLE maestro.event ADD COLUMN more text")" 55000 'log_event fails when there is a column it does not know'
bounds="FOR VALUES FROM ('$(sql "SELECT date_trunc('month', now(), 'UTC')")') TO ('$(sql \
	"SELECT date_trunc('month', now(), 'UTC') + interval '1 month'")')"
detach="ALTER TABLE maestro.event DETACH PARTITION $leaf"
is "$(logging_after "$detach; CREATE TABLE maestro.own (LIKE maestro.event); ALTER TABLE maestro.own DROP COLUMN event_id;
	ALTER TABLE maestro.own ADD COLUMN event_id bigint NOT NULL; ALTER TABLE maestro.event ATTACH PARTITION maestro.own $bounds")" \
	55000 'log_event fails when a partition has its columns in another order'
todo 'log_event takes any partition for a table'
is "$(logging_after "$detach; CREATE TABLE maestro.own PARTITION OF maestro.event $bounds PARTITION BY RANGE (recorded_at);
	CREATE TABLE maestro.own_part PARTITION OF maestro.own DEFAULT")" 55000 'log_event fails when a partition is partitioned again'
todo
until quiet_psql -c '' 2>/dev/null; do sleep 0.2; done

# ---- open: works, and is not found ----------------------------------------

# unfound NAME SQL: works for a superuser and for an owner, and integrity_check
# is silent.  docs/security.md names each.
unfound() {
	is "$(after attacks_t postgres "$2")" '' "open: a superuser can $1"
	is "$(after attacks_o attacks_owner "$2")" '' "open: an owner can $1"
}
unfound 'insert a row of his own, as a restore does' "INSERT INTO maestro.event $columns VALUES $row"
unfound 'insert a row of his own into a partition' "INSERT INTO $leaf $columns VALUES $row"
unfound 'merge a row of his own into a partition' "MERGE INTO $leaf AS t USING (VALUES (0)) AS v (id) ON t.event_id = v.id
	WHEN NOT MATCHED THEN INSERT $columns VALUES $row"
unfound 'register behind the functions, as a restore does' "INSERT INTO maestro.system (name) VALUES ('forged')"
unfound 'rewrite a column' "ALTER TABLE maestro.event ALTER COLUMN session_role TYPE name USING 'x'"
unfound 'drop a partition' "DROP TABLE $leaf"
unfound 'detach and drop a partition' "$detach; DROP TABLE $leaf"
unfound 'change rows while a trigger is off, and set it right again' "ALTER TABLE $leaf DISABLE TRIGGER ALL;
	UPDATE $leaf SET message = 'x'; ALTER TABLE $leaf ENABLE ALWAYS TRIGGER append_only_row,
	ENABLE ALWAYS TRIGGER append_only_statement, ENABLE ALWAYS TRIGGER zz_append_only_insert"
unfound 'replace the check itself' "CREATE OR REPLACE FUNCTION maestro.integrity_check()
	RETURNS TABLE (severity maestro.severity, kind text, object text, detail text) LANGUAGE sql
	AS 'SELECT NULL::maestro.severity, NULL, NULL, NULL WHERE false'; ALTER TABLE maestro.event DISABLE TRIGGER ALL"
is "$(after attacks_t postgres 'GRANT maestro_auditor TO attacks_agent')" '' 'open: a superuser can make an auditor of an agent'
is "$(after attacks_t postgres 'ALTER ROLE attacks_agent BYPASSRLS')" '' 'open: a superuser can lift row-level security for a role'
is "$(after attacks_t postgres "ALTER ROLE attacks_agent SET maestro.sanitize_level = 'secrets'")" '' \
	'open: a superuser can lower the level of sanitizing for a role'

# Below SQL nothing is guarded; this changes pages for good, hence comes last.
if [ -n "$(sql "SELECT name FROM pg_available_extensions WHERE name = 'pg_surgery'")" ]; then
	is "$(sql "CREATE EXTENSION pg_surgery; SELECT heap_force_kill('$leaf', array_agg(ctid)) FROM $leaf;
		SELECT (SELECT count(*) FROM maestro.event), (SELECT count(*) FROM maestro.integrity_check())" | tail -n 1)" '0|0' \
		'open: a superuser can kill rows where they lie'
fi

finish
