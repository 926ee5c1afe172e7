#!/bin/sh
#
# Dumps and restores, DROP EXTENSION and CREATE EXTENSION, copies and crashes.

. "$(dirname "$0")/../lib.sh"
begin restore

dir=$(mktemp -d)
trap 'rm -rf "$dir"; cleanup' EXIT

# ---- what is dumped -------------------------------------------------------

sql "
CREATE ROLE restore_crew LOGIN IN ROLE maestro_agent;
CREATE ROLE restore_auditor LOGIN IN ROLE maestro_auditor;
SELECT * FROM maestro.apply_manifest('{\"systems\": [
	{\"name\": \"crew\", \"db_role\": \"restore_crew\", \"default_limits\": {\"timeout\": \"30s\"}, \"components\": [
		{\"name\": \"planner\", \"kind\": \"agent\", \"version\": \"3\", \"layer\": \"Logic\", \"ports\": [80], \"allowed_networks\": [\"10.0.0.0/8\"],
		 \"dependencies\": [{\"name\": \"llm\", \"address\": \"llm.example:443\", \"credential_ref\": \"env:KEY\", \"retry\": {\"base_ms\": 100}}],
		 \"contracts\": {\"input\": {\"type\": \"object\"}, \"handoff\": {\"search\": {\"type\": \"object\"}}}},
		{\"name\": \"search\", \"kind\": \"tool\", \"timeout\": \"10s\"}],
	 \"plans\": [{\"name\": \"main\", \"graph\": {\"nodes\": [{\"id\": \"a\"}], \"edges\": []}}]},
	{\"name\": \"Crew Zwei \\\"ü\\\"\", \"unregistered\": \"refuse\"}]}'::json);
SELECT maestro.update_component('crew/planner', version => '4', prompt_digest => repeat('ab', 32));
SELECT maestro.set_component_state('crew/search', 'suspended', 'for a while');
SELECT maestro.report_environment('crew/planner', '{\"runAsNonRoot\": true, \"listeningPorts\": [80]}'::jsonb);
SELECT maestro.attest('crew/planner', 'fd_closed', 'so it is');
SELECT maestro.add_sanitize_rule('badge', 'CUSTOM_ID', '{BDG-}', 'digits', 4, explanation => 'badges'),
	maestro.add_sanitize_rule('ticket', 'CUSTOM_ID', '{TCK}', regex => 'TCK-[0-9]{3}', context => '{case}', explanation => 'tickets'),
	maestro.allow_value('badge', 'BDG-0000', 'the badge of our handbook');
SELECT maestro.register_schema('https://example.com/q', '{\"type\": \"object\", \"properties\": {\"q\": {\"maxLength\": 5}}}');
SELECT maestro.set_contract('crew/planner', 'output', '{\"\$ref\": \"https://example.com/q\"}', '{\"required\": [\"q\"]}');
CREATE TABLE public.answer (doc jsonb CHECK (maestro.json_matches('{\"type\": \"object\"}', doc)));
CREATE TRIGGER checked BEFORE INSERT ON public.answer FOR EACH ROW EXECUTE FUNCTION maestro.check_contract('crew/planner', 'output');
INSERT INTO public.answer VALUES ('{\"q\": \"cat\"}');
CREATE TABLE public.note (id serial, said maestro.safe_text);
INSERT INTO public.note (said) VALUES ('bob@example.com'), (E'a\\nb\\tc\\\\N \\u202e \\x1b[1m'), ('password=tomato99'), ('[REDACTED:EMAIL]#2'), (NULL), ('');
SELECT maestro.create_partition('2001-02-03', 'day'), maestro.create_partition('2001-02-01', 'month');
SELECT FROM maestro.seal();
CREATE FUNCTION public.import(e maestro.event) RETURNS void LANGUAGE plpgsql AS \$\$
BEGIN
	e.stamp := (1::bigint << 48) + pg_current_xact_id()::text::bigint;
	e.salt := decode(md5('x'), 'hex');
	e.payload_hash := maestro.event_payload_hash(e);
	e.leaf := maestro.leaf_hash(maestro.event_entry(e))::maestro.digest;
	INSERT INTO maestro.event SELECT (e).*;
END \$\$;
SELECT public.import(jsonb_populate_record(NULL::maestro.event, jsonb_build_object('event_id', nextval('maestro.event_id_seq'), 'recorded_at', '2001-02-03 04:05',
	'occurred_at', '2001-02-03 04:05', 'kind', 'note', 'level', 'info', 'message', 'imported', 'caller', 'a', 'session_role', 'b')));
DROP FUNCTION public.import;
SELECT count(*) FROM maestro.log_events((SELECT jsonb_agg(jsonb_build_object('component', c, 'kind', k, 'outcome', 'ok', 'duration', i / 7.0,
		'message', format('event %s of bob@example.com %s', i, E'with\ttab, \\\\N and \"quotes\"'), 'trace_id', md5(i::text), 'span_id', left(md5(c), 16),
		'body', jsonb_build_object('i', i, 't', repeat('ä', i)), 'x', i, 'target', 'search', 'dependency', 'llm'))
	FROM generate_series(1, 50) AS i, unnest(ARRAY['crew/planner', 'crew/search', 'crew/unknown', 'nosystem/x', 'Crew Zwei \"ü\"/y']) AS c,
		unnest(ARRAY['output', 'error', 'tool_call']) AS k));
" >/dev/null
is "$(sql 'SELECT count(*) FROM maestro.event')" "$(sql "SELECT 750 + 1 + count(*) FROM maestro.event WHERE kind = 'registry'")" \
	'there is something to dump'

# All rows of all tables of the extension and of partitions, and all sequences.
cat >"$dir/fingerprint.sql" <<'SQL'
SET search_path = '';
SET TimeZone = 'UTC';
SELECT format('SELECT %L, count(*), md5(string_agg(t::text, E''\n'' ORDER BY t::text)) FROM %s AS t', c.oid::regclass,
		CASE c.relkind WHEN 'S' THEN format('(SELECT last_value, is_called FROM %s)', c.oid::regclass) ELSE c.oid::regclass::text END)
  FROM pg_class AS c
 WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind IN ('r', 'p', 'S')
 ORDER BY c.oid::regclass::text
\gexec
SQL
fingerprint() { quiet_psql -d "$1" -f "$dir/fingerprint.sql"; }

# What every view shows, posture among them, and what guards and grants there are.
cat >"$dir/posture.sql" <<'SQL'
SET TimeZone = 'UTC';
-- What a contract in force leaves open is so now, whenever that is.
SELECT format('SELECT %L, count(*), md5(string_agg(t, E''\n'' ORDER BY t)) FROM (SELECT replace(v::text, now()::text, ''now'') AS t FROM %s AS v) AS x', c.oid::regclass, c.oid::regclass)
  FROM pg_class AS c WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind = 'v'
 ORDER BY c.oid::regclass::text
\gexec
SELECT tgrelid::regclass, tgname, tgenabled, tgtype, tgfoid::regprocedure FROM pg_trigger
 WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text, tgname;
SELECT c.oid::regclass, relkind, relrowsecurity, relpersistence, relowner::regrole, relispartition, pg_get_expr(relpartbound, oid),
	ARRAY(SELECT a::text FROM unnest(relacl) AS a ORDER BY 1)
  FROM pg_class AS c WHERE relnamespace = 'maestro'::regnamespace AND relkind <> 'i' ORDER BY c.oid::regclass::text;
SELECT oid::regprocedure, ARRAY(SELECT a::text FROM unnest(proacl) AS a ORDER BY 1) FROM pg_proc
 WHERE pronamespace = 'maestro'::regnamespace ORDER BY oid::regprocedure::text;
SELECT * FROM maestro.integrity_check();
SQL
posture() { quiet_psql -d "$1" -f "$dir/posture.sql"; }

notes() { quiet_psql -d "$1" -c "SELECT id, md5(said::text), maestro.sanitize('BDG-1234 BDG-0000 case TCK-123') FROM public.note ORDER BY id" \
	-c "SELECT a.doc, v.valid, v.errors FROM public.answer AS a, unnest(ARRAY['{\"q\": \"cat\"}', '{\"q\": \"elephant\"}', '{}']::jsonb[]) AS d, maestro.validate('crew/planner', 'output', d) AS v ORDER BY d::text" \
	-c "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'public.answer'::regclass"; }
rows=$(fingerprint restore_t)
guards=$(posture restore_t)
saved=$(notes restore_t)
has "$saved" '[REDACTED:CUSTOM_ID] BDG-0000 case [REDACTED:CUSTOM_ID]' 'rules of sanitizing hold'
has "$saved" '"path": "/q", "keyword": "/properties/q/maxLength"' 'contracts are checked'
newest=$(sql 'SELECT max(event_id) FROM maestro.event')
has "$rows" 'maestro.event_2001_02_03|1|' 'rows are counted in partitions too'

# whole NAME HOW: a database restored so is the one that was dumped.
whole() {
	is "$(notes "$1")" "$saved" "$2: the same bytes in safe_text, the same rules of sanitizing"
	is "$(fingerprint "$1")" "$rows" "$2: the same rows in every table, the same sequences"
	is "$(posture "$1")" "$guards" "$2: the same in every view, the same guards and grants"
	alive "$1" "$2"
}

# alive NAME HOW [USER]: logging goes on, with ids above all that were dumped.
alive() {
	is "$(sql "SELECT decision, event_id > $newest FROM maestro.log_event('crew/planner', 'output', 'after')" "$1")" 'allow|t' \
		"$2: logging goes on with larger ids"
	is "$(PGDATABASE=$1 outcome 'DELETE FROM maestro.event')" MA001 "$2: and is append-only"
	is "$(sql "SELECT maestro.set_component_state('crew/search', 'active'), (maestro.register_system('after') > 2)" "$1")" 'updated|t' \
		"$2: and the registry can be changed"
}

# ---- dumps and restores ---------------------------------------------------

pg_dump -d restore_t -f "$dir/plain.sql"
pg_dump -d restore_t -Fc -f "$dir/custom"
pg_dump -d restore_t -Fd -j2 -f "$dir/directory"
is "$(grep -c 'CREATE FUNCTION\|CREATE TYPE\|CREATE TABLE maestro.component' "$dir/plain.sql")" 0 'a dump holds no object of the extension'

create_database restore_plain 'TEMPLATE template0'
quiet_psql -f "$dir/plain.sql" >/dev/null 2>"$dir/errors"
is "$(cat "$dir/errors")" '' 'a plain dump restores without an error'
is "$(pg_dump -d restore_plain | grep -v '^.\(un\)\{0,1\}restrict')" "$(grep -v '^.\(un\)\{0,1\}restrict' "$dir/plain.sql")" \
	'and dumps as the same text again'
whole restore_plain plain

create_database restore_custom 'TEMPLATE template0'
is "$(pg_restore -d restore_custom -j2 "$dir/custom" 2>&1)" '' 'a custom dump restores with -j2'
whole restore_custom 'custom -j2'

create_database restore_single 'TEMPLATE template0'
is "$(pg_restore -d restore_single --single-transaction "$dir/custom" 2>&1)" '' 'a custom dump restores in a single transaction'
whole restore_single 'single transaction'

create_database restore_directory 'TEMPLATE template0'
is "$(pg_restore -d restore_directory -j2 "$dir/directory" 2>&1)" '' 'a directory restores with -j2'
whole restore_directory 'directory -j2'

create_database restore_schema 'TEMPLATE template0'
is "$(pg_restore -d restore_schema --schema-only "$dir/custom" 2>&1)" '' 'a schema restores alone'
is "$(sql 'SELECT count(*) FROM maestro.event')|$(sql 'SELECT count(*) FROM maestro.integrity_check()')" '0|0' 'empty and well guarded'
is "$(pg_restore -d restore_schema --data-only "$dir/custom" 2>&1)" '' 'data restore into it'
whole restore_schema 'schema, then data'

# --disable-triggers turns ENABLE ALWAYS into plain ENABLE: found, and mended by hand.
create_database restore_data 'TEMPLATE template0'
sql "CREATE EXTENSION maestro; CREATE TABLE public.note (id serial, said maestro.safe_text); CREATE TABLE public.answer (doc jsonb);
	CREATE TRIGGER checked BEFORE INSERT ON public.answer FOR EACH ROW EXECUTE FUNCTION maestro.check_contract('crew/planner', 'output');
	SELECT maestro.create_partition('2001-02-03', 'day'), maestro.create_partition('2001-02-01'),
	maestro.create_partition()" >/dev/null
is "$(pg_restore -d restore_data --data-only --disable-triggers "$dir/custom" 2>&1)" '' 'data restore into an extension with triggers disabled'
is "$(fingerprint restore_data)" "$rows" 'data only: the same rows in every table, the same sequences'
is "$(sql "SELECT DISTINCT severity, detail FROM maestro.integrity_check()")" 'CRITICAL|is not ENABLE ALWAYS' \
	'data only: integrity_check says what --disable-triggers left behind'
sql "SET maestro.maintenance = on; SET client_min_messages = error; DROP TRIGGER registry_guard_row ON maestro.component; ALTER TABLE maestro.plan DISABLE ROW LEVEL SECURITY" >/dev/null
is "$(sql "SELECT count(*) FILTER (WHERE action = 'enabled') > 50, string_agg(object || ' ' || action, ', ') FILTER (WHERE action <> 'enabled') FROM maestro.integrity_repair()")" \
	't|trigger registry_guard_row on maestro.component made, table maestro.plan row-level security set' 'data only: integrity_repair() enables triggers, makes what is missing, and says so'
is "$(sql "SELECT count(*) FROM maestro.integrity_repair()")" 0 'data only: then it has nothing more to do'
is "$(sql 'SELECT count(*) FROM maestro.integrity_check()')" 0 'data only: which mends it'
alive restore_data 'data only'

# ---- another cluster ------------------------------------------------------

bindir=$(${PG_CONFIG:-pg_config} --bindir)
owner=
[ "$(id -u)" != 0 ] || owner="runuser -u ${PGOWNER:-postgres} --"
second=$(cd / && $owner mktemp -dt maestro-second.XXXXXX)
trap '(cd / && $owner "$bindir/pg_ctl" -D "$second/data" -m immediate -s stop) >/dev/null 2>&1; rm -rf "$second" "$dir"; cleanup' EXIT
(cd / && $owner "$bindir/initdb" -D "$second/data" -U postgres -A trust -E UTF8 --no-locale --no-sync) >/dev/null
{
	printf "listen_addresses = ''\nfsync = off\nunix_socket_directories = '%s'\n" "$second"
	sql "SELECT format('%s = %L', name, setting) FROM pg_settings
		WHERE name IN ('extension_destdir', 'extension_control_path', 'dynamic_library_path', 'port')"
} | $owner tee -a "$second/data/postgresql.conf" >/dev/null
(cd / && $owner "$bindir/pg_ctl" -D "$second/data" -l "$second/server.log" -w -s start)
pg_dumpall --roles-only | psql -XAtq -h "$second" -d postgres -f - >/dev/null 2>&1
first=$PGHOST
PGHOST=$second
createdb -T template0 restore_second
is "$(pg_restore -d restore_second -j2 "$dir/custom" 2>&1)" '' 'a fresh cluster with the roles restores the dump'
whole restore_second 'another cluster'
is "$(echo "SELECT decision FROM maestro.log_event('crew/planner', 'output', 'x')" | as restore_crew -d restore_second)" allow \
	"another cluster: the system's role logs"
(cd / && $owner "$bindir/pg_ctl" -D "$second/data" -m immediate -s stop)
PGHOST=$first

# ---- copies of a database -------------------------------------------------

create_database restore_copy 'TEMPLATE restore_t'
whole restore_copy 'CREATE DATABASE … TEMPLATE'

# ---- dropping and creating ------------------------------------------------

PGDATABASE=restore_copy
refused 2BP01 'DROP EXTENSION asks for CASCADE while there are events' 'DROP EXTENSION maestro'
before=$(sql "SELECT count(*) FROM maestro.event")
isnt "$before" 0 'and leaves them'
# strays: whatever of any catalog was made after initdb, the roles aside.
strays() {
	sql "SELECT format('%s: %s', 'type', typname) FROM pg_type WHERE oid >= 16384
		UNION ALL SELECT 'operator: ' || oid::regoperator FROM pg_operator WHERE oid >= 16384
		UNION ALL SELECT 'function: ' || oid::regprocedure FROM pg_proc WHERE oid >= 16384
		UNION ALL SELECT 'relation: ' || oid::regclass FROM pg_class WHERE oid >= 16384
		UNION ALL SELECT 'operator class: ' || opcname FROM pg_opclass WHERE oid >= 16384
		UNION ALL SELECT 'operator family: ' || opfname FROM pg_opfamily WHERE oid >= 16384
		UNION ALL SELECT 'cast: ' || oid FROM pg_cast WHERE oid >= 16384
		UNION ALL SELECT 'schema: ' || nspname FROM pg_namespace WHERE oid >= 16384
		UNION ALL SELECT 'trigger: ' || tgname FROM pg_trigger WHERE oid >= 16384
		UNION ALL SELECT 'policy: ' || polname FROM pg_policy WHERE oid >= 16384
		UNION ALL SELECT 'extension: ' || extname FROM pg_extension WHERE oid >= 16384
		UNION ALL SELECT 'comment: ' || description FROM pg_description WHERE objoid >= 16384 AND classoid <> 'pg_database'::regclass
		UNION ALL SELECT 'right: ' || privtype::text FROM pg_init_privs WHERE objoid >= 16384
		UNION ALL SELECT 'default right: ' || defaclrole::regrole FROM pg_default_acl" "$1"
}
sql 'DROP TABLE public.note, public.answer; DROP EXTENSION maestro CASCADE' 2>/dev/null
is "$(strays restore_copy)" '' 'DROP EXTENSION … CASCADE leaves nothing behind'
create_database restore_fresh 'TEMPLATE template0'
is "$(quiet_psql -f - <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION maestro; DROP EXTENSION maestro; CREATE EXTENSION maestro;
SELECT maestro.register_system('crew'); SELECT maestro.register_component('crew', 'planner', 'agent');
SELECT decision FROM maestro.log_event('crew/planner', 'output', 'x');
DROP EXTENSION maestro CASCADE; CREATE EXTENSION maestro;
SELECT maestro.register_system('crew'); SELECT maestro.register_component('crew', 'planner', 'agent');
SELECT decision, event_id FROM maestro.log_event('crew/planner', 'output', 'x');
DROP EXTENSION maestro CASCADE;
SQL
)" '1
crew/planner
allow
1
crew/planner
allow|4' 'one session creates, drops and creates it again'
is "$(strays restore_fresh)" '' 'a fresh extension is dropped without CASCADE, and leaves nothing behind'

create_database restore_latin "ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
refused 0A000 'CREATE EXTENSION refuses a database in another encoding than UTF8' 'CREATE EXTENSION maestro'
is "$(strays restore_latin)" '' 'and leaves nothing behind'

PGDATABASE=restore_fresh
sql "CREATE ROLE restore_squatter LOGIN; GRANT CREATE ON DATABASE restore_fresh TO restore_squatter"
as restore_squatter <<'SQL'
CREATE SCHEMA maestro;
CREATE FUNCTION maestro.may_read(system_id integer) RETURNS boolean LANGUAGE sql AS 'SELECT true';
SQL
refused 42P06 'CREATE EXTENSION refuses a schema that somebody made before' 'CREATE EXTENSION maestro'
is "$(strays restore_fresh | sort | tr '\n' ' ')" 'function: maestro.may_read(integer) schema: maestro ' 'and adopts nothing'

# ---- crash ----------------------------------------------------------------

PGDATABASE=restore_t
(
	echo "BEGIN; SELECT 1 FROM maestro.log_event('crew/planner', 'output', 'not committed'); SELECT pg_sleep(60);" |
		psql -XAtq -f - >/dev/null 2>&1 &
)
sql "SELECT 1 FROM maestro.log_event('crew/planner', 'output', 'committed')" >/dev/null
newest=$(sql 'SELECT max(event_id) FROM maestro.event')
until [ -n "$(sql "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")" ]; do sleep 0.1; done
(cd / && $PG_CTL -m immediate restart)
is "$(sql "SELECT string_agg(message, ',') FROM maestro.event WHERE message LIKE '%committed'")" committed \
	'an immediate stop keeps what was committed, and that alone'
is "$(sql 'SELECT count(*) FROM maestro.integrity_check()')" 0 'the guards stand after it'
alive restore_t 'after a crash'
finish
