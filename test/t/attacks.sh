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

# Attacks are collected and tried in one session for each database and role:
# try DATABASE ROLE WANT NAME SQL, where WANT is the SQLSTATE that refuses it or
# "done", "found OBJECT" or "found nothing" for what integrity_check says then.
dir=$(mktemp -d)
trap 'rm -rf "$dir"; cleanup' EXIT
sql "
CREATE FUNCTION public.attempt(attack text, look boolean) RETURNS text LANGUAGE plpgsql AS \$\$
DECLARE result text := 'done';
BEGIN
	EXECUTE attack;
	IF look THEN
		SELECT coalesce(string_agg(object, '; '), 'nothing') INTO result FROM maestro.integrity_check();
	END IF;
	RAISE EXCEPTION USING ERRCODE = 'XX999', MESSAGE = result; -- which takes the attack back
EXCEPTION
	WHEN SQLSTATE 'XX999' THEN RETURN SQLERRM;
	WHEN OTHERS THEN RETURN SQLSTATE;
END
\$\$"
try() {
	case $3 in found*) look=true ;; *) look=false ;; esac
	printf 'SELECT public.attempt($attack$%s$attack$, %s);\n' "$5" "$look" >>"$dir/$1 $2"
	printf '%s\t%s\n' "$3" "$4" >>"$dir/$1 $2.names"
}

# Try what was collected.
tried() {
	for names in "$dir"/*.names; do
		session=${names%.names}
		role=${session##* }
		database=${session##*/}
		{ echo 'SET client_min_messages = error;' && cat "$session"; } |
			quiet_psql -d "${database% *}" -U "$role" -f - >"$session.out"
		paste "$names" "$session.out" >"$session.results"
		while IFS='	' read -r want name have; do
			case $want in
			refused) [ "$have" = MA001 ] && have=42501; is "$have" 42501 "$name" ;;
			'found nothing') is "$have" nothing "$name" ;;
			found*) has "$have" "${want#found }" "$name" ;;
			*) is "$have" "$want" "$name" ;;
			esac
		done <"$session.results"
	done
	rm -f "$dir"/*
}

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
SET maestro.maintenance = on;
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
		UNION ALL SELECT format('ROUTINE %s', oid::regprocedure) FROM pg_proc
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

is "$(printf '%s\n' 'BEGIN;' 'SET LOCAL maestro.maintenance = on;' "DROP TABLE $leaf;" 'SET LOCAL ROLE attacks_agent;' \
	"SELECT decision FROM maestro.log_event('crew/planner', 'output', 'x');" 'RESET ROLE;' \
	"SELECT relowner::regrole FROM pg_class WHERE oid = '$leaf'::regclass;" 'ROLLBACK;' | as postgres | tr '\n' ' ')" \
	'allow attacks_owner ' 'who owns the partition that an event needs'

# ---- refused to an agent --------------------------------------------------

# not_for_agents NAME SQL: without the privilege, whatever is tried.
not_for_agents() { try attacks_t attacks_agent refused "an agent can't $1" "$2"; }

row="(0, now(), now(), 'note', 'info', 'forged', 'x', 'x', 1, repeat('ab', 32), repeat('cd', 32))"
columns="(event_id, recorded_at, occurred_at, kind, level, message, caller, session_role, stamp, payload_hash, leaf)"

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
	not_for_agents "lock $table against writers" "LOCK TABLE $table IN SHARE MODE"
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
	try attacks_t attacks_writer MA001 "pg_write_all_data can't update $table" "UPDATE $table SET component_id = 0"
	try attacks_t attacks_writer MA001 "pg_write_all_data can't delete from $table" "DELETE FROM $table WHERE false"
done
try attacks_t attacks_writer MA001 "pg_write_all_data can't insert into maestro.event" "INSERT INTO maestro.event $columns VALUES $row"
try attacks_t attacks_writer MA001 "pg_write_all_data can't insert into a partition" "INSERT INTO $leaf $columns VALUES $row"
for table in threat control checklist_item; do
	try attacks_t attacks_writer MA001 "pg_write_all_data can't change the catalogue's $table" "DELETE FROM maestro.$table WHERE false"
done
try attacks_t attacks_writer MA001 "pg_write_all_data can't insert into maestro.system" "INSERT INTO maestro.system (name) VALUES ('x')"
is "$(echo 'SELECT count(*) FROM maestro.event' | as attacks_reader)" 0 'pg_read_all_data reads no event'
is "$(echo 'SELECT count(*) FROM maestro.component' | as attacks_reader)" 0 'pg_read_all_data reads no component'
tried
is "$(echo "SELECT count(*) FROM $leaf" | as attacks_reader)" 0 'pg_read_all_data reads no event from a partition either'

# ---- refused to the owner -------------------------------------------------

# not_for_owners SQLSTATE NAME SQL: with every privilege there is.
not_for_owners() {
	try attacks_t postgres "$1" "a superuser can't $2" "$3"
	try attacks_t postgres "$1" "a superuser can't $2 as a replica" "SET LOCAL session_replication_role = replica; $3"
	try attacks_o attacks_owner "$1" "an owner can't $2" "$3"
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
	not_for_owners MA001 "delete where a cursor stands in $table" "DO 'DECLARE c CURSOR FOR SELECT * FROM $table; r record;
		BEGIN OPEN c; FETCH c INTO r; DELETE FROM $table WHERE CURRENT OF c; END'"
	not_for_owners MA001 "delete from $table renamed" "ALTER TABLE $table RENAME TO x; DELETE FROM maestro.x"
	not_for_owners MA001 "delete from $table in a rule" "CREATE TABLE maestro.bait (); CREATE RULE r AS ON INSERT TO maestro.bait
		DO INSTEAD DELETE FROM $table; ALTER TABLE maestro.bait ENABLE ALWAYS RULE r; INSERT INTO maestro.bait DEFAULT VALUES"
done
not_for_owners 42809 'truncate the parent alone' 'TRUNCATE ONLY maestro.event'
not_for_owners MA001 'update on conflict' "INSERT INTO $leaf $columns SELECT event_id, recorded_at, occurred_at, kind, level,
	message, caller, session_role, stamp, payload_hash, leaf FROM $leaf LIMIT 1 ON CONFLICT (event_id) DO UPDATE SET message = 'x'"
not_for_owners MA001 'delete from a partition once detached' "ALTER TABLE maestro.event DETACH PARTITION $leaf; DELETE FROM $leaf"
not_for_owners MA001 'empty a partition once detached' "ALTER TABLE maestro.event DETACH PARTITION $leaf; TRUNCATE $leaf"
for attacker in 't postgres' 'o attacks_owner'; do
	try attacks_${attacker% *} ${attacker#* } MA001 "a cascading foreign key of ${attacker#* } deletes nothing" "
		CREATE TABLE maestro.bait AS SELECT DISTINCT component_id FROM maestro.event WHERE component_id IS NOT NULL;
		ALTER TABLE maestro.bait ADD PRIMARY KEY (component_id);
		ALTER TABLE $leaf ADD FOREIGN KEY (component_id) REFERENCES maestro.bait ON DELETE CASCADE;
		DELETE FROM maestro.bait"
done
for column in $(sql "SELECT attname FROM pg_attribute WHERE attrelid = 'maestro.event'::regclass AND attnum > 0 AND attname <> 'recorded_at'"); do
	try attacks_t postgres MA001 "a superuser can't rewrite column $column" \
		"ALTER TABLE maestro.event ALTER COLUMN $column TYPE text USING 'x'"
done
not_for_owners MA001 "rewrite the partition key" "ALTER TABLE maestro.event ALTER COLUMN recorded_at TYPE timestamptz USING now()"
not_for_owners MA001 "rewrite a column of a partition" "ALTER TABLE $leaf ALTER COLUMN message TYPE text USING 'x'"

for table in system component component_version dependency dependency_version contract plan environment_report attestation \
	risk_decision decision_step drill event_review; do
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

tried

# ---- found by integrity_check ---------------------------------------------

# What the guards of DDL refuse is let through from here on, to see what is found
# of it: test/t/guards.sh has what they refuse.
sql 'ALTER DATABASE attacks_t SET maestro.maintenance = on'
sql 'ALTER DATABASE attacks_o SET maestro.maintenance = on'

# found OBJECT NAME SQL: whoever owns the tables does it, and it is found.
found() {
	try attacks_t postgres "found $1" "a superuser who would $2 is found out" "$3"
	try attacks_o attacks_owner "found $1" "an owner who would $2 is found out" "$3"
}

# found_of_superusers: likewise, for what no other owner can do.
found_of_superusers() {
	try attacks_t postgres "found $1" "a superuser who would $2 is found out" "$3"
	try attacks_o attacks_owner 42501 "an owner can't $2" "$3"
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
found 'policy readable on maestro.event' 'widen the policy' 'ALTER POLICY readable ON maestro.event
	USING (maestro.may_read(system_id) OR true)'
found 'policy readable on maestro.event' 'drop the policy' 'DROP POLICY readable ON maestro.event'
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
found "table $leaf" 'grant SELECT on a column of a partition' "GRANT SELECT (message) ON $leaf TO attacks_agent"
found 'table maestro.component' 'grant UPDATE on the registry' 'GRANT UPDATE ON maestro.component TO attacks_agent'
found 'function maestro.register_system(text,text,text,text,text,text)' 'let all register' \
	'GRANT EXECUTE ON FUNCTION maestro.register_system TO PUBLIC'
found 'function maestro.log_events(jsonb,text)' 'let all log' 'GRANT EXECUTE ON FUNCTION maestro.log_events(jsonb, text) TO PUBLIC'
found 'schema maestro' 'let others create in the schema' 'GRANT CREATE ON SCHEMA maestro TO attacks_agent'
found 'sequence maestro.event_id_seq' 'give the sequence a cache' 'ALTER SEQUENCE maestro.event_id_seq CACHE 100'
found 'sequence maestro.event_id_seq' 'let the sequence run in a circle' 'ALTER SEQUENCE maestro.event_id_seq MAXVALUE 10 CYCLE'
found 'sequence maestro.event_id_seq' 'set the sequence back' 'ALTER SEQUENCE maestro.event_id_seq RESTART 1'
found 'constraint c on maestro.event' 'refuse some events by a constraint' \
	"ALTER TABLE maestro.event ADD CONSTRAINT c CHECK (message <> 'incident')"
found 'function maestro.log_event(' 'plant a function beside log_event' "CREATE FUNCTION maestro.log_event(text, text)
	RETURNS bigint LANGUAGE sql RETURN 1; REVOKE ALL ON FUNCTION maestro.log_event(text, text) FROM PUBLIC;
	GRANT EXECUTE ON FUNCTION maestro.log_event(text, text) TO attacks_agent"
found 'table maestro.event_2003_01' 'have new partitions granted' "ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO attacks_agent;
	SELECT FROM maestro.create_partition('2003-01-01')"
found "table $leaf" 'drop the key of a partition' "ALTER TABLE $leaf DROP CONSTRAINT ${leaf#*.}_pkey"
found 'table maestro.kid' 'let another table inherit from the registry' 'CREATE TABLE maestro.kid () INHERITS (maestro.component)'
found 'table maestro.attestation' 'put another table in the place of one of the registry' "ALTER TABLE maestro.attestation RENAME TO old;
	CREATE TABLE maestro.attestation (LIKE maestro.old INCLUDING ALL); ALTER TABLE maestro.attestation ENABLE ROW LEVEL SECURITY;
	CREATE POLICY readable ON maestro.attestation FOR SELECT USING (maestro.may_read_component(component_id));
	CREATE TRIGGER registry_guard_row BEFORE UPDATE OR DELETE ON maestro.attestation FOR EACH ROW EXECUTE FUNCTION maestro.registry_guard();
	CREATE TRIGGER registry_guard_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON maestro.attestation EXECUTE FUNCTION maestro.registry_guard();
	CREATE TRIGGER registry_changed AFTER INSERT OR UPDATE OR DELETE ON maestro.attestation EXECUTE FUNCTION maestro.registry_changed();
	ALTER TABLE maestro.attestation ENABLE ALWAYS TRIGGER registry_guard_row, ENABLE ALWAYS TRIGGER registry_guard_statement,
	ENABLE ALWAYS TRIGGER registry_changed"
found 'table maestro.component' 'import a component of no system' \
	"INSERT INTO maestro.component (system_id, name, kind, layer) VALUES (999, 'x', 'agent', '2')"
found_of_superusers "table $leaf" 'give a partition away' "ALTER TABLE $leaf OWNER TO attacks_agent"
found_of_superusers "trigger append_only_row on $leaf" 'disable triggers in the catalog' \
	"UPDATE pg_trigger SET tgenabled = 'D' WHERE tgname = 'append_only_row'"
found_of_superusers "trigger append_only_row on $leaf" 'delete triggers from the catalog' \
	"DELETE FROM pg_trigger WHERE tgname = 'append_only_row'"
found_of_superusers "trigger append_only_row on $leaf" 'redirect triggers in the catalog' \
	"UPDATE pg_trigger SET tgfoid = 'suppress_redundant_updates_trigger'::regproc WHERE tgname = 'append_only_row'"
found_of_superusers "trigger append_only_row on $leaf" 'hide triggers in the catalog' \
	"UPDATE pg_class SET relhastriggers = false WHERE oid = '$leaf'::regclass"
found_of_superusers 'function maestro.append_only_refuse()' "change the trigger's function in the catalog" \
	"UPDATE pg_proc SET prosrc = 'maestro_registry_changed' WHERE oid = 'maestro.append_only_refuse()'::regprocedure"
found_of_superusers 'function maestro.may_read(integer)' 'let all read in the catalog' \
	"UPDATE pg_proc SET prosrc = 'maestro_is_true' WHERE oid = 'maestro.may_read(integer)'::regprocedure"
found_of_superusers 'sequence maestro.event_id_seq' 'give the sequence a cache in the catalog' \
	"UPDATE pg_sequence SET seqcache = 10 WHERE seqrelid = 'maestro.event_id_seq'::regclass"
found 'function maestro.append_only_refuse()' "replace the trigger's function" "CREATE OR REPLACE FUNCTION maestro.append_only_refuse()
	RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
found 'function maestro.may_read(integer)' 'replace the filter' "CREATE OR REPLACE FUNCTION maestro.may_read(system_id integer)
	RETURNS boolean LANGUAGE sql RETURN true"
found 'function maestro.log_events(jsonb,text)' 'replace log_events' "CREATE OR REPLACE FUNCTION maestro.log_events(events jsonb,
	on_error text DEFAULT 'abort') RETURNS TABLE (index integer, event_id bigint, decision maestro.decision, error text)
	LANGUAGE sql AS 'SELECT 0, 1::bigint, ''allow''::maestro.decision, '''''"
found 'function maestro.log_event(' 'move log_event away' 'ALTER FUNCTION maestro.log_event(text, maestro.event_kind, text, jsonb,
	maestro.log_level, text, text, text, timestamptz, interval, maestro.outcome, jsonb, text, text) RENAME TO log_event_off'
found 'view maestro.event_present' 'let DROP EXTENSION take the events without asking' 'DROP VIEW maestro.event_present'

tried

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
is "$(logging_after "$detach; CREATE TABLE maestro.own PARTITION OF maestro.event $bounds PARTITION BY RANGE (recorded_at);
	CREATE TABLE maestro.own_part PARTITION OF maestro.own DEFAULT")" 55000 'log_event fails when a partition is partitioned again'

# ---- open: works, and is not found ----------------------------------------

# unfound NAME SQL: works for a superuser and for an owner, and integrity_check
# is silent.  docs/security.md names each.
unfound() {
	try attacks_t postgres 'found nothing' "open: a superuser can $1" "$2"
	try attacks_o attacks_owner 'found nothing' "open: an owner can $1" "$2"
}
# A row of his own must have the hash of what it says, and verify() finds that it is in no tile.
for who in postgres attacks_owner; do
	db=attacks_t
	[ "$who" = postgres ] || db=attacks_o
	try "$db" "$who" MA003 "$who can't insert a row without its hash, as a restore does" "INSERT INTO maestro.event $columns VALUES $row"
	try "$db" "$who" MA003 "$who can't insert one into a partition" "INSERT INTO $leaf $columns VALUES $row"
	try "$db" "$who" MA003 "$who can't merge one into a partition" "MERGE INTO $leaf AS t USING (VALUES (0)) AS v (id) ON t.event_id = v.id
		WHEN NOT MATCHED THEN INSERT $columns VALUES $row"
done
unfound 'register behind the functions, as a restore does' "INSERT INTO maestro.system (name) VALUES ('forged')"
try attacks_t postgres 'found nothing' 'open: a superuser can rewrite a column, once he has dropped the views over it' "
	DO 'DECLARE v regclass; BEGIN
		FOR v IN SELECT oid FROM pg_class WHERE relnamespace = ''maestro''::regnamespace AND relkind = ''v''
			AND relname <> ''event_present'' LOOP
			EXECUTE format(''ALTER EXTENSION maestro DROP VIEW %s'', v); END LOOP;
		FOR v IN SELECT p.oid FROM pg_proc AS p JOIN pg_class AS c ON c.reltype = p.prorettype OR c.reltype = ANY (p.proargtypes) WHERE c.relnamespace = ''maestro''::regnamespace AND c.relkind = ''v'' LOOP
			EXECUTE format(''ALTER EXTENSION maestro DROP FUNCTION %s'', v::oid::regprocedure); END LOOP;
		EXECUTE (SELECT format(''DROP VIEW %s CASCADE'', string_agg(oid::regclass::text, '', '')) FROM pg_class
			WHERE relnamespace = ''maestro''::regnamespace AND relkind = ''v'' AND relname <> ''event_present''); END';
	ALTER TABLE maestro.event ALTER COLUMN message TYPE text USING 'x'"
unfound 'drop a partition' "DROP TABLE $leaf"
unfound 'detach and drop a partition' "$detach; DROP TABLE $leaf"
unfound 'change rows while a trigger is off, and set it right again' "ALTER TABLE $leaf DISABLE TRIGGER ALL;
	UPDATE $leaf SET message = 'x'; ALTER TABLE $leaf ENABLE ALWAYS TRIGGER append_only_row,
	ENABLE ALWAYS TRIGGER append_only_statement, ENABLE ALWAYS TRIGGER zz_append_only_insert"
unfound 'replace the check itself' "CREATE OR REPLACE FUNCTION maestro.integrity_check()
	RETURNS TABLE (severity maestro.severity, kind text, object text, detail text) LANGUAGE sql
	AS 'SELECT NULL::maestro.severity, NULL, NULL, NULL WHERE false'; ALTER TABLE maestro.event DISABLE TRIGGER ALL"
try attacks_t postgres 'found nothing' 'open: a superuser can make an auditor of an agent' 'GRANT maestro_auditor TO attacks_agent'
try attacks_t postgres 'found nothing' 'open: a superuser can lift row-level security for a role' 'ALTER ROLE attacks_agent BYPASSRLS'
try attacks_t postgres 'found nothing' 'open: a superuser can lower the level of sanitizing for a role' "ALTER ROLE attacks_agent SET maestro.sanitize_level = 'secrets'"
tried

# Below SQL nothing is guarded; this changes pages for good, hence comes last.
if [ -n "$(sql "SELECT name FROM pg_available_extensions WHERE name = 'pg_surgery'")" ]; then
	is "$(sql "CREATE EXTENSION pg_surgery; SELECT heap_force_kill('$leaf', array_agg(ctid)) FROM $leaf;
		SELECT (SELECT count(*) FROM maestro.event), (SELECT count(*) FROM maestro.integrity_check())" | tail -n 1)" '0|0' \
		'open: a superuser can kill rows where they lie'
fi

finish
