#!/bin/sh
#
# The guards of the log: what a superuser and an owner who is none are refused, by
# the hooks of a preloaded library and by the event trigger without; what of the
# rest is found; and what must go on working.

. "$(dirname "$0")/../lib.sh"
begin guards

dir=$(mktemp -d)
preloaded=
# The server as it was before, for the tests that come after.
restore_server() {
	[ -z "$preloaded" ] || { sql 'ALTER SYSTEM RESET shared_preload_libraries' postgres && (cd / && $PG_CTL -m fast restart); }
	rm -rf "$dir"
	cleanup
}
trap restore_server EXIT

. "$(dirname "$0")/../guard_attacks.sh"

# ---- two databases: of a superuser, and of an owner who is none ------------

sql "
CREATE ROLE guards_agent LOGIN IN ROLE maestro_agent;
CREATE ROLE guards_owner LOGIN;
CREATE SCHEMA guards_home;
GRANT ALL ON SCHEMA guards_home, public TO guards_owner;
SELECT maestro.register_system('crew', db_role => 'guards_agent');
SELECT maestro.register_component('crew', 'planner', 'agent');
SELECT maestro.create_partition('2001-02-03');
SELECT count(*) FROM generate_series(1, 3) AS i, maestro.log_event('crew/planner', 'output', 'said ' || i);
SELECT sealed FROM maestro.seal();
" >/dev/null
leaf=$(sql "SELECT maestro.partition_at(now())")
sql "
-- What comes of an attack: its SQLSTATE; or, if it is let through, what of it is
-- found by whom.  Nothing of it stays.
CREATE FUNCTION public.attempt(attack text) RETURNS text LANGUAGE plpgsql AS \$\$
DECLARE result text;
BEGIN
	EXECUTE attack;
	IF to_regprocedure('maestro.verify(bigint,bigint)') IS NULL THEN
		result := 'gone';
	ELSE
		BEGIN
			EXECUTE 'SELECT string_agg(DISTINCT kind, '' '') FROM maestro.verify() WHERE severity <> ''LOW''' INTO result;
		EXCEPTION WHEN OTHERS THEN result := 'verify fails';
		END;
	END IF;
	RAISE EXCEPTION USING ERRCODE = 'XX999', MESSAGE = coalesce(result, 'nothing');
EXCEPTION
	WHEN SQLSTATE 'XX999' THEN RETURN 'found ' || SQLERRM;
	WHEN OTHERS THEN RETURN SQLSTATE;
END
\$\$"
create_database guards_o 'TEMPLATE guards_t'
sql "
SET maestro.maintenance = on;
DO \$\$
DECLARE o text;
BEGIN
	FOR o IN
		SELECT format('SCHEMA %I', s) FROM unnest('{maestro,guards_home}'::text[]) AS s
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
		EXECUTE format('ALTER %s OWNER TO guards_owner', o);
	END LOOP;
	PERFORM maestro.seal();
	PERFORM maestro.adopt_log('a copy to attack');
END
\$\$"
sql 'SELECT FROM maestro.seal()' >/dev/null
for database in guards_t guards_o; do
	is "$(sql 'SELECT count(*) FROM maestro.verify()' $database)" 0 "$database: there is nothing to complain about"
done


# ---- attacks --------------------------------------------------------------

# judged MODE WANT HAVE NAME: privileges may come first.
judged() {
	want=$2
	case $1$2 in
	*let) want='found integrity' ;;
	barefound) case $3 in 'found nothing' | 'found gone') ;; 'found '*) want=$3 ;; esac ;;
	*refused | hookedfound | hooked2BP01) want=MA001 ;;
	esac
	[ "$2" != let ] && [ "$3" = 42501 ] && want=42501
	is "$3" "$want" "$4"
}

# attacked DATABASE ROLE MODE: all attacks in one session.
attacked() {
	{ echo 'SET client_min_messages = error;' && cat "$dir/attacks.sql"; } | quiet_psql -d "$1" -U "$2" -f - >"$dir/out"
	paste "$dir/attacks.names" "$dir/out" >"$dir/results"
	while IFS='	' read -r bare name have; do
		judged "$3" "$bare" "$have" "$3: $2 would $name"
	done <"$dir/results"
}

# What cannot be tried in a function: attacked_alone MODE.
attacked_alone() {
	for attacker in 'guards_t postgres' 'guards_o guards_owner'; do
		PGDATABASE=${attacker% *}
		refused MA001 "$1: ${attacker#* } would detach concurrently" "ALTER TABLE maestro.event DETACH PARTITION $leaf CONCURRENTLY" "${attacker#* }"
		refused MA001 "$1: ${attacker#* } would make a unique index concurrently" "CREATE UNIQUE INDEX CONCURRENTLY ON $leaf (leaf)" "${attacker#* }"
		refused MA001 "$1: ${attacker#* } would drop an index concurrently" "DROP INDEX CONCURRENTLY maestro.${leaf#*.}_stamp_event_id_idx" "${attacker#* }"
		refused MA003 "$1: ${attacker#* } would copy a row without its hash" "BEGIN; CREATE TEMP TABLE t AS SELECT * FROM $leaf LIMIT 1; UPDATE t SET event_id = 99;
			INSERT INTO $leaf SELECT * FROM t" "${attacker#* }"
		refused MA001 "$1: ${attacker#* } would copy half a row" "COPY $leaf (event_id, recorded_at, occurred_at, kind, level, caller, session_role, stamp, payload_hash) FROM stdin;
99	$(sql 'SELECT now()')	2001-02-03	note	info	x	x	1	$(printf '%064d' 1)
\\." "${attacker#* }"
		refused MA001 "$1: ${attacker#* } would use a prepared statement" 'PREPARE p AS DELETE FROM maestro.event WHERE false; EXECUTE p' "${attacker#* }"
	done
	PGDATABASE=guards_o
	refused 2BP01 "$1: the owner would drop all he owns" 'DROP OWNED BY guards_owner CASCADE' guards_owner
	PGDATABASE=guards_t
}

# Catalogs can be edited, and that is found: edited MODE NAME SQL.
edited() {
	is "$(echo "SELECT public.attempt(\$attack\$$3\$attack\$)" | as postgres)" 'found integrity' "$1: $2 is found"
}

attacked_in_catalogs() {
	for trigger in append_only_row append_only_statement zz_append_only_insert registry_guard_row; do
		edited "$1" "$trigger disabled in pg_trigger" "UPDATE pg_trigger SET tgenabled = 'D' WHERE tgname = '$trigger'"
	done
	edited "$1" 'a trigger deleted from pg_trigger' "DELETE FROM pg_trigger WHERE tgname = 'append_only_row'"
	edited "$1" 'triggers hidden in pg_class' "UPDATE pg_class SET relhastriggers = false WHERE oid = '$leaf'::regclass"
	edited "$1" 'the event trigger disabled in pg_event_trigger' "UPDATE pg_event_trigger SET evtenabled = 'D' WHERE evtname = 'maestro_ddl_guard'"
	edited "$1" 'the event trigger renamed in pg_event_trigger' "UPDATE pg_event_trigger SET evtname = 'x' WHERE evtname = 'maestro_ddl_guard'"
	edited "$1" 'row security turned off in pg_class' "UPDATE pg_class SET relrowsecurity = false WHERE oid = 'maestro.event'::regclass"
	edited "$1" 'a partition detached in pg_inherits' "DELETE FROM pg_inherits WHERE inhrelid = '$leaf'::regclass"
}

# A plan that was made while guards were lifted: what hooks refuse at each execution.
attacked_by_old_plans() {
	for plan in 'PREPARE p AS DELETE FROM leaf' "CREATE FUNCTION pg_temp.p() RETURNS void LANGUAGE plpgsql AS 'BEGIN DELETE FROM leaf; END'; PREPARE p AS SELECT pg_temp.p()"; do
		is "$(outcome "BEGIN; SET LOCAL maestro.maintenance = on; ALTER TABLE $leaf DISABLE TRIGGER ALL;
			$(echo "$plan" | sed "s/leaf/$leaf WHERE false/"); EXECUTE p; EXECUTE p; SET LOCAL maestro.maintenance = off; EXECUTE p")" \
			"$2" "$1: a plan of before, with the triggers gone: ${plan%% *}"
	done
}

# ---- maintenance ----------------------------------------------------------

logged() { grep -c "guards are lifted by maestro.maintenance for role \"$1\"" "$PGHOST/server.log"; }

maintained() {
	before=$(logged postgres)
	is "$(outcome "BEGIN; SET LOCAL maestro.maintenance = on; ALTER TABLE $leaf DISABLE TRIGGER ALL; DROP TABLE maestro.event_2001_02; ROLLBACK")" \
		'done' "$1: a superuser's maestro.maintenance lifts the guards"
	is "$(($(logged postgres) - before > 1))" 1 "$1: and the server's log tells of it"
	is "$(outcome "BEGIN; SET LOCAL maestro.maintenance = on; DELETE FROM $leaf WHERE false")" MA001 "$1: but not the triggers"
	# Before the library is loaded anybody can set anything; loading it looks who did.
	wanted=42501
	[ "$1" = hooked ] || wanted=MA001
	PGDATABASE=guards_o
	refused $wanted "$1: the owner cannot set it" "SET maestro.maintenance = on; DROP TABLE $leaf" guards_owner
	refused $wanted "$1: the owner cannot set it by a function" "SELECT set_config('maestro.maintenance', 'on', false); DROP TABLE $leaf" guards_owner
	for role in guards_agent guards_owner; do
		refused 42501 "$1: $role cannot set it with the library loaded" "SELECT maestro.leaf_hash('x'); SET maestro.maintenance = on" $role
		refused 42501 "$1: $role cannot set it for later" "ALTER ROLE $role SET maestro.maintenance = on" $role
	done
	PGDATABASE=guards_t
}

# ---- what must go on working ----------------------------------------------

# works MODE NAME SQL: for a superuser, and for an owner who is none.
works() {
	for worker in 'guards_t postgres' 'guards_o guards_owner'; do
		PGDATABASE=${worker% *}
		is "$(outcome "$3" "${worker#* }")" 'done' "$1: ${worker#* } may $2"
	done
	PGDATABASE=guards_t
}

# works_in MODE NAME SQL: likewise, and it is rolled back.
works_in() { works "$1" "$2" "BEGIN; SET LOCAL search_path = guards_home; $3; ROLLBACK"; }

working_elsewhere() {
	works_in "$1" 'have tables of the same names' "CREATE TABLE event (id int PRIMARY KEY, layer text); ALTER TABLE event ADD COLUMN more text,
		ALTER COLUMN layer TYPE int USING 1; INSERT INTO event VALUES (1); UPDATE event SET more = 'x'; DELETE FROM event; TRUNCATE event;
		ALTER TABLE event DISABLE TRIGGER ALL; CREATE RULE r AS ON DELETE TO event DO INSTEAD NOTHING; CREATE POLICY p ON event USING (true);
		ALTER TABLE event RENAME TO component; ALTER TABLE component RENAME COLUMN more TO less; DROP TABLE component"
	works_in "$1" 'have temporary tables of the same names' "CREATE TEMP TABLE event (id int); ALTER TABLE event ADD COLUMN more text;
		CREATE TEMP TABLE ${leaf#*.} (); DROP TABLE ${leaf#*.}; CREATE TEMP VIEW event_present AS SELECT 1; DROP VIEW event_present;
		ALTER TABLE event RENAME TO log; TRUNCATE log"
	works_in "$1" 'have partitions of his own' "CREATE TABLE t (id int) PARTITION BY RANGE (id); CREATE TABLE u PARTITION OF t DEFAULT;
		ALTER TABLE t DETACH PARTITION u; ALTER TABLE t ATTACH PARTITION u DEFAULT; DROP TABLE t"
	works_in "$1" 'have functions and views of the same names' "CREATE FUNCTION seal() RETURNS int LANGUAGE sql RETURN 1;
		CREATE OR REPLACE FUNCTION seal() RETURNS int LANGUAGE sql RETURN 2; ALTER FUNCTION seal() RENAME TO verify;
		CREATE VIEW signal AS SELECT 1 AS x; CREATE OR REPLACE VIEW signal AS SELECT 2 AS x; ALTER VIEW signal OWNER TO CURRENT_USER;
		DROP VIEW signal; DROP FUNCTION verify()"
	works_in "$1" 'rename and move types and domains' "CREATE TYPE event_kind AS ENUM ('a'); ALTER TYPE event_kind RENAME VALUE 'a' TO 'b';
		ALTER TYPE event_kind ADD VALUE 'c'; ALTER TYPE event_kind OWNER TO CURRENT_USER; ALTER TYPE event_kind SET SCHEMA public;
		ALTER TYPE public.event_kind RENAME TO x; CREATE DOMAIN d AS int CONSTRAINT c CHECK (VALUE > 0);
		ALTER DOMAIN d RENAME CONSTRAINT c TO c2; ALTER DOMAIN d RENAME TO e; ALTER DOMAIN e SET SCHEMA public; DROP DOMAIN public.e;
		CREATE TYPE k AS (a int); ALTER TYPE k RENAME ATTRIBUTE a TO b; ALTER TYPE k ADD ATTRIBUTE c int; ALTER TYPE k RENAME TO l"
	works_in "$1" 'have sequences, statistics and operators' 'CREATE SEQUENCE event_id_seq; ALTER SEQUENCE event_id_seq CACHE 9; ALTER SEQUENCE event_id_seq RENAME TO s;
		CREATE TABLE t (a int, b int); CREATE STATISTICS st ON a, b FROM t; ALTER STATISTICS st RENAME TO su; ALTER STATISTICS su SET STATISTICS 10;
		CREATE COLLATION c (locale = '\''C'\''); ALTER COLLATION c RENAME TO d; CREATE TEXT SEARCH CONFIGURATION tc (COPY = pg_catalog.english);
		ALTER TEXT SEARCH CONFIGURATION tc RENAME TO td; CREATE AGGREGATE ag (int) (SFUNC = int4pl, STYPE = int); ALTER AGGREGATE ag (int) RENAME TO ah;
		CREATE PROCEDURE pr() LANGUAGE sql AS '\'''\''; ALTER PROCEDURE pr() RENAME TO ps; ALTER ROUTINE ps() RENAME TO pt'
	works_in "$1" 'copy the shape of ours' "CREATE TABLE t (LIKE maestro.event INCLUDING ALL); ALTER TABLE t DROP COLUMN body; DROP TABLE t"
	works_in "$1" 'refer to the registry' 'CREATE TABLE t (id int REFERENCES maestro.component (component_id)); DROP TABLE t'
	works_in "$1" 'look at ours from views' 'CREATE VIEW v AS SELECT * FROM maestro.event; CREATE MATERIALIZED VIEW w AS SELECT * FROM v; DROP VIEW v CASCADE'
}

working_on_ours() {
	works_in "$1" 'grant and comment' "GRANT SELECT ON maestro.event TO guards_agent; REVOKE SELECT ON maestro.event FROM guards_agent;
		COMMENT ON TABLE maestro.event IS 'x'; COMMENT ON FUNCTION maestro.seal() IS 'x'; GRANT EXECUTE ON FUNCTION maestro.seal() TO guards_agent"
	works_in "$1" 'set options of a partition' "ALTER TABLE $leaf SET (autovacuum_enabled = off); ALTER TABLE $leaf RESET (autovacuum_enabled);
		ALTER TABLE $leaf ALTER COLUMN message SET STATISTICS 10; ALTER TABLE $leaf ALTER COLUMN body SET STORAGE EXTERNAL;
		ALTER TABLE $leaf REPLICA IDENTITY FULL; ALTER TABLE $leaf SET TABLESPACE pg_default; ALTER TABLE $leaf OWNER TO CURRENT_USER"
	works_in "$1" 'make an index' "CREATE INDEX ON $leaf (trace_id); ANALYZE maestro.event; CLUSTER $leaf USING ${leaf#*.}_pkey;
		LOCK TABLE $leaf IN SHARE MODE; REINDEX TABLE $leaf"
	works_in "$1" 'enable triggers' "ALTER TABLE $leaf ENABLE ALWAYS TRIGGER append_only_row"
	works_in "$1" 'make and drop partitions' "SELECT maestro.create_partition('2002-03-04', 'day'); SELECT maestro.drop_partition('2010-01-01')"
	works_in "$1" 'erase, register and log' "SELECT maestro.redact_event((SELECT max(event_id) FROM maestro.event WHERE kind = 'output'), 'why', 'a law');
		SELECT maestro.register_system('other'); SELECT maestro.register_component('other', 'x', 'agent'); SELECT maestro.update_component('other/x', version => '2');
		SELECT event_id FROM maestro.log_event('other/x', 'output', 'y'); SELECT FROM maestro.seal(); SELECT count(*) FROM maestro.verify()"
	for command in "VACUUM $leaf" "VACUUM FULL $leaf" 'VACUUM ANALYZE maestro.event' "REINDEX TABLE CONCURRENTLY $leaf" \
		"REINDEX INDEX CONCURRENTLY maestro.${leaf#*.}_stamp_event_id_idx" 'REINDEX TABLE maestro.event' "CLUSTER $leaf USING ${leaf#*.}_pkey" \
		'CREATE INDEX CONCURRENTLY IF NOT EXISTS guards_index ON maestro.event_2001_02 (trace_id)'; do
		works "$1" "$command" "$command"
	done
	is "$(outcome 'ALTER EXTENSION maestro UPDATE')" 'done' "$1: postgres may ALTER EXTENSION maestro UPDATE"
}

# Going and coming again.
reinstalled() {
	create_database guards_x
	is "$(outcome 'CREATE EXTENSION maestro')" 'done' "$1: CREATE EXTENSION"
	is "$(outcome 'DROP EXTENSION maestro')" 'done' "$1: DROP EXTENSION"
	sql "CREATE EXTENSION maestro; SELECT maestro.create_partition(); SELECT maestro.register_system('x')" >/dev/null
	refused 2BP01 "$1: DROP EXTENSION asks for CASCADE where there is a partition" 'DROP EXTENSION maestro'
	is "$(outcome 'DROP EXTENSION maestro CASCADE; CREATE EXTENSION maestro; SELECT count(*) FROM maestro.seal()')" 'done' "$1: with CASCADE it goes, and comes again"
	refused MA001 "$1: its schema does not go alone" 'DROP SCHEMA maestro CASCADE'
	is "$(outcome "DROP EXTENSION maestro CASCADE; CREATE SCHEMA maestro; CREATE TABLE maestro.event (id int); ALTER TABLE maestro.event ADD COLUMN more text;
		DELETE FROM maestro.event; DROP TABLE maestro.event; DROP SCHEMA maestro CASCADE")" 'done' "$1: without it such names are like others"
	PGDATABASE=guards_t
}

# ---- all of it, without hooks and with them -------------------------------

list_attacks
all_in_mode() {
	attacked guards_t postgres "$1"
	attacked guards_o guards_owner "$1"
	attacked_alone "$1"
	attacked_in_catalogs "$1"
	maintained "$1"
	working_elsewhere "$1"
	working_on_ours "$1"
	reinstalled "$1"
	for database in guards_t guards_o; do
		is "$(sql 'SELECT count(*) FROM maestro.verify()' $database)" 0 "$1: $database is as it was"
	done
}
all_in_mode bare
attacked_by_old_plans bare 'done'
quiet_psql -c "ALTER SYSTEM SET shared_preload_libraries = 'maestro'"
preloaded=yes
(cd / && $PG_CTL -m fast restart)
all_in_mode hooked
attacked_by_old_plans hooked MA001
PGDATABASE=guards_o
refused MA001 'hooked: a superuser would give all away that the owner owns' 'REASSIGN OWNED BY guards_owner TO postgres'
finish
