#!/bin/sh
#
# Who may do what: agents, readers, and those who would act in another's name.

. "$(dirname "$0")/../lib.sh"
begin privileges

sql "
CREATE ROLE privileges_red LOGIN IN ROLE maestro_agent;
CREATE ROLE privileges_blue LOGIN IN ROLE maestro_agent;
CREATE ROLE privileges_tool LOGIN IN ROLE maestro_agent;
CREATE ROLE privileges_pool LOGIN NOINHERIT IN ROLE privileges_red, privileges_blue;
CREATE ROLE privileges_stranger LOGIN;
CREATE ROLE privileges_attacker LOGIN IN ROLE maestro_agent, maestro_operator;
CREATE ROLE privileges_auditor LOGIN IN ROLE maestro_auditor;
CREATE ROLE privileges_dashboard LOGIN IN ROLE maestro_dashboard;
CREATE ROLE privileges_operator LOGIN IN ROLE maestro_operator;
DO \$\$
DECLARE r text;
BEGIN
	FOREACH r IN ARRAY ARRAY['red', 'blue', 'stranger', 'attacker'] LOOP
		EXECUTE format('CREATE SCHEMA %s_home AUTHORIZATION privileges_%s', r, r);
	END LOOP;
END
\$\$;
SELECT maestro.register_system('red', db_role => 'privileges_red');
SELECT maestro.register_component('red', 'planner', 'agent');
SELECT maestro.register_component('red', 'tool', 'tool', db_role => 'privileges_tool');
SELECT maestro.register_system('blue', db_role => 'privileges_blue');
SELECT maestro.register_component('blue', 'planner', 'agent');
SELECT maestro.register_dependency('blue/planner', 'llm', address => 'llm.example:443');
SELECT maestro.set_contract('blue/planner', 'input', '{\"type\": \"object\"}');
SELECT maestro.declare_plan('blue', 'main', '{\"nodes\": [{\"id\": \"a\"}], \"edges\": []}');
SELECT maestro.report_environment('blue/planner', '{\"privileged\": false}');
SELECT maestro.attest('blue/planner', 'fd_closed', 'so it is');
SELECT maestro.attest('red/planner', 'fd_closed', 'so it is');
SELECT maestro.decide_risk(s || '/planner', 'fd_closed', 'waive', 'a rationale of some length', now() + '1 day'),
	maestro.start_drill(s, 'all', 'why'), maestro.review_event((SELECT max(event_id) FROM maestro.event
		WHERE target_id = (s || '/planner')::maestro.regcomponent::int), 'resolved', 'why') FROM unnest(ARRAY['red', 'blue']) AS s;
SELECT maestro.register_system('owned');
SELECT maestro.register_component('owned', 'planner', 'agent');
" >/dev/null

# log ROLE COMPONENT [BEFORE]: outcome of logging one event.
log() { outcome "${3:-}; SELECT * FROM maestro.log_event('$2', 'output', 'from $1')" "privileges_$1"; }

# Stored rows by caller and session role: written WHERE.
written() { sql "SELECT string_agg(DISTINCT caller || '/' || session_role, ' ') FROM maestro.event WHERE $1"; }

# ---- in whose name --------------------------------------------------------

is "$(log red red/planner)" 'done' "a system's role writes as its components"
is "$(log red red/tool)" MA002 "but not as a component with a role of its own"
is "$(log tool red/tool)" 'done' "which that role does"
is "$(log tool red/planner)" MA002 "and as no other component of the system"
is "$(log red blue/planner)" MA002 "nobody writes as another system's component"
is "$(log red blue/nobody)" MA002 "nor as one that system has not registered"
is "$(log tool red/nobody)" MA002 "nor does a component's role for the rest of its system"
is "$(log red owned/planner)" MA002 "without db_role nobody writes as a system's component"
is "$(outcome "SELECT * FROM maestro.log_event('owned/planner', 'output', 'x')")" 'done' 'but the owner'
is "$(log stranger red/planner)" 42501 'who has no role at all may not log'
is "$(log attacker nowhere/planner)" 'done' 'a system that is not registered has no role to ask for'
is "$(sql "SELECT count(*) FROM maestro.event WHERE message LIKE 'from %'
	AND (component_id IS NOT NULL) <> (caller IN ('privileges_red', 'privileges_tool'))")" 0 \
	'what was refused was not stored'
is "$(outcome "SELECT * FROM maestro.log_events('[{\"component\": \"red/planner\", \"kind\": \"note\"},
	{\"component\": \"blue/planner\", \"kind\": \"note\"}]')" privileges_red)" MA002 \
	"one event in another's name refuses the whole array"
is "$(echo "SELECT string_agg(coalesce(error, decision::text), ' ' ORDER BY index) FROM maestro.log_events('[{\"component\": \"red/planner\",
	\"kind\": \"note\"}, {\"component\": \"blue/planner\", \"kind\": \"note\"}]', 'skip')" | as privileges_red | cut -c 1-12)" \
	'allow MA002:' 'or is skipped'

sql "UPDATE pg_authid SET rolname = rolname WHERE false" # no role is harmed
sql "CREATE ROLE privileges_gone; SELECT maestro.register_system('gone', db_role => 'privileges_gone');
	SELECT maestro.register_component('gone', 'planner', 'agent'); DROP ROLE privileges_gone" >/dev/null
is "$(log red gone/planner)" MA002 'a db_role that is dropped lets nobody in'

# ---- acting as somebody else ----------------------------------------------

is "$(log pool red/planner)" 42501 'a pool that inherits nothing may not log'
is "$(log pool red/planner 'SET ROLE privileges_red')" 'done' 'a pool logs as the role it sets'
is "$(log pool blue/planner 'SET ROLE privileges_red')" MA002 'and as that alone'
is "$(written "message = 'from pool'")" 'privileges_red/privileges_pool' 'the row keeps the role set and the login'
is "$(outcome "SET ROLE privileges_red; SELECT * FROM maestro.log_event('blue/planner', 'output', 'x')")" MA002 \
	'a superuser who sets a role has its rights alone'
is "$(outcome "SET SESSION AUTHORIZATION privileges_red; SELECT * FROM maestro.log_event('blue/planner', 'output', 'x')")" MA002 \
	'so has one who becomes the role'
is "$(sql "SET SESSION AUTHORIZATION privileges_red; SELECT 1 FROM maestro.log_event('red/planner', 'output', 'as red');
	RESET SESSION AUTHORIZATION; SELECT caller || '/' || session_role FROM maestro.event WHERE message = 'as red'" | tail -n 1)" \
	'privileges_red/privileges_red' 'who is then the login too'

sql "CREATE ROLE \"privileges_forged
line\" LOGIN IN ROLE privileges_red"
psql -XAtq -U 'privileges_forged
line' -c "SELECT 1 FROM maestro.log_event('red/planner', 'output', 'by a forged name')" >/dev/null
is "$(written "message = 'by a forged name'")" 'privileges_forged\nline/privileges_forged\nline' "a role's name is neutralised like all that is stored"

wrapper="CREATE FUNCTION %s_home.log(c text) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
	AS 'SELECT decision FROM maestro.log_event(\$1, ''output'', ''wrapped'')'; GRANT USAGE ON SCHEMA %s_home TO PUBLIC;"
for role in red blue; do
	printf "$wrapper" $role $role | as privileges_$role
done
refused MA002 "a definer wrapper of another role has that role's rights" "SELECT red_home.log('blue/planner')" privileges_blue
is "$(echo "SELECT red_home.log('red/planner')" | as privileges_blue)" allow 'all of them'
is "$(written "message = 'wrapped'")" 'privileges_red/privileges_blue' 'and the row says so'
refused MA002 'also when a superuser calls it' "SELECT red_home.log('owned/planner')"

# ---- what agents can't call or read ---------------------------------------

for role in red stranger auditor dashboard; do
	is "$(sql "SELECT string_agg(p.oid::regprocedure::text, ' ' ORDER BY 1) FROM pg_proc AS p
		WHERE p.pronamespace = 'maestro'::regnamespace AND has_function_privilege('privileges_$role', p.oid, 'EXECUTE')
		  AND (p.prosrc = 'maestro_gate' AND p.proname NOT IN ('snapshot_posture', 'record_checkpoint_copy', 'begin_step') OR p.proname LIKE '%\_as' OR p.proname LIKE 'put\_%' OR p.proname LIKE 'manifest\_%'
			OR p.proname IN ('record_registry', 'install_roles', 'role_grant', 'refuse')
			OR p.prorettype = 'trigger'::regtype AND p.proname <> 'check_contract')")" '' "privileges_$role may execute nothing that changes the registry"
done
is "$(sql "SELECT string_agg(p.oid::regprocedure::text, ' ' ORDER BY 1) FROM pg_proc AS p JOIN pg_language AS l ON l.oid = prolang
	WHERE pronamespace = 'maestro'::regnamespace AND lanname <> 'c' AND NOT prosecdef AND prosqlbody IS NULL
	  AND has_function_privilege('privileges_stranger', p.oid, 'EXECUTE')")" 'maestro.schema_is_trivial(jsonb,integer)' \
	'PUBLIC may execute C functions and pure expressions alone, and one function that walks its argument'
is "$(sql "SELECT count(*) FROM pg_proc WHERE pronamespace = 'maestro'::regnamespace AND prosecdef")" 0 \
	'there is no definer function'
for call in "register_system('x')" "register_component('red', 'x', 'agent')" "update_component('red/planner', version => '2')" \
	"set_component_state('red/planner', 'retired')" "register_dependency('red/planner', 'x')" \
	"set_contract('red/planner', 'input', '{}'::jsonb)" "declare_plan('red', 'x', '{}'::jsonb)" \
	"report_environment('red/planner', '{}'::jsonb)" "attest('red/planner', 'fd_closed', 'x')" \
	"decide_risk('red/planner', 'fd_closed', 'waive', 'x', now())" "approve_decision(1)" "revoke_decision(1, 'x')" "as_of()" \
	"start_drill('red', 'all', 'x')" "end_drill(repeat('ab', 16))" "review_event(1, 'resolved', 'x')" "login_role()" \
	"record_refusal(10, 1, 1, 'x', 'x', NULL)" "approve_decision_as(10, 1, NULL)" \
	"apply_manifest('{}'::jsonb)" "apply_manifest('{}'::text)" "create_partition()" "install_roles()" "integrity_check()" \
	"register_system_as(10, 'x', NULL, NULL, NULL, NULL, NULL)" "set_component_state_as(10, 'red/planner', 'retired', 'x')" \
	"put_system(10, '{}', 'apply')" "record_registry(10, 1, 1, 'x', NULL)" "create_partition_as(10, now(), 'day')"; do
	refused 42501 "an agent can't call ${call%%(*}" "SELECT maestro.$call" privileges_red
done

is "$(outcome "SELECT maestro.register_system('run'); SELECT maestro.register_component('run', 'a', 'agent', 2, version => '1');
	SELECT maestro.register_component('run', 'b', 'tool', timeout => '1 s'); SELECT maestro.update_component('run/a', owner => 'team');
	SELECT maestro.set_component_state('run/b', 'suspended', 'why'); SELECT maestro.register_dependency('run/a', 'd', retry => '{\"base_ms\": 1}');
	SELECT maestro.set_contract('run/a', 'input', '{}'::jsonb); SELECT maestro.set_contract('run/a', 'handoff', '{}'::text, NULL, 'run/b');
	SELECT maestro.declare_plan('run', 'p', '{\"nodes\": [], \"edges\": []}'::jsonb); SELECT maestro.attest('run/a', 'fd_closed', 'x');
	SELECT maestro.report_environment('run/a', '{\"privileged\": true}'::text); SELECT maestro.create_partition('2002-02-02', 'week');
	SELECT * FROM maestro.apply_manifest('{\"systems\": [{\"name\": \"run\"}]}'::text, true);
	SELECT * FROM maestro.apply_manifest('{\"systems\": [{\"name\": \"run\"}]}'::jsonb)" privileges_operator)" 'done' \
	'an operator can call what changes the registry'
is "$(outcome "SELECT * FROM maestro.apply_manifest('{\"systems\": [ '::text)" privileges_operator)" 22P02 'and is told what is no JSON'
for role in operator auditor; do
	is "$(echo 'SELECT count(*) FROM maestro.integrity_check()' | as privileges_$role 2>/dev/null)" 0 "an $role can call integrity_check"
done
is "$(echo "SELECT DISTINCT caller || '/' || session_role FROM maestro.event WHERE message LIKE '%run%'" | as privileges_auditor)" \
	'privileges_operator/privileges_operator' 'and what he changes is logged in his name'

# seen ROLE QUERY: what a role reads.
seen() { echo "$2" | as "privileges_$1"; }
red=$(sql "SELECT system_id FROM maestro.system WHERE name = 'red'")
all=$(sql 'SELECT count(*) FROM maestro.event')

is "$(seen red 'SELECT count(*) FROM maestro.event')" "$(sql "SELECT count(*) FROM maestro.event WHERE system_id = $red")" \
	"a system's role reads all events of its system"
is "$(seen red "SELECT count(*) FROM maestro.event WHERE system_id IS DISTINCT FROM $red")" 0 'and no others'
is "$(seen tool 'SELECT count(*) FROM maestro.event')" \
	"$(sql "SELECT count(*) FROM maestro.event WHERE component_id = 'red/tool'::maestro.regcomponent::int")" \
	"a component's role reads that component's events alone"
is "$(seen attacker 'SELECT count(*) FROM maestro.event')" "$all" 'an operator reads all'
is "$(seen auditor 'SELECT count(*) FROM maestro.event')" "$all" 'an auditor reads all'
refused 42501 'a dashboard reads views, not tables' 'SELECT count(*) FROM maestro.event' privileges_dashboard
refused 42501 'a stranger reads nothing' 'SELECT count(*) FROM maestro.event' privileges_stranger
refused 42501 "row-level security can't be put aside" 'SET row_security = off; SELECT count(*) FROM maestro.event' privileges_red
blue=$(sql "SELECT 'blue/planner'::maestro.regcomponent::int")
is "$(seen stranger "SELECT $blue::maestro.regcomponent")" "$blue" "a regcomponent that a role may not read prints as a number"
refused 42704 "and is not found by its name" "SELECT 'blue/planner'::maestro.regcomponent" privileges_red
is "$(seen red "SELECT maestro.may_read($(sql "SELECT system_id FROM maestro.system WHERE name = 'blue'")), maestro.may_read(999), maestro.may_read(NULL)")" \
	'f|f|f' "a system of others and none at all look the same to may_read"
for table in system component component_version dependency contract plan environment_report attestation \
	risk_decision drill event_review; do
	refused 42501 "an agent doesn't read $table" "SELECT FROM maestro.$table" privileges_red
	is "$(seen auditor "SELECT count(*) > 0 FROM maestro.$table")" t "an auditor reads $table"
	own=$(sql "SELECT count(*) FROM maestro.$table AS t, to_jsonb(t) AS r WHERE r ->> 'system_id' = '$red'
		OR (r ->> 'component_id')::int IN (SELECT component_id FROM maestro.component WHERE system_id = $red)")
	is "$(sql "BEGIN; GRANT SELECT ON maestro.$table TO privileges_red; SET LOCAL ROLE privileges_red;
		SELECT count(*) FROM maestro.$table")" "$own" "who gets SELECT on $table reads his own system's rows there"
done

# ---- functions that a superuser runs without knowing -----------------------

# The attacker's functions try to write as somebody else whenever they run.  In
# a query of his own they are refused for want of rights; run by a superuser's
# maintenance they are refused too, though that superuser may do all.
as privileges_attacker <<'SQL'
SET search_path = attacker_home;
CREATE TABLE log (id serial, what text, who text DEFAULT current_user);
CREATE FUNCTION strike(how text) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	BEGIN
		CASE how
		WHEN 'log_event' THEN PERFORM maestro.log_event('owned/planner', 'output', 'struck');
		WHEN 'log_events' THEN PERFORM maestro.log_events('[{"component": "owned/planner", "kind": "output", "message": "struck"}]'::jsonb, 'skip');
		WHEN 'nowhere' THEN PERFORM maestro.log_event('nowhere/x', 'output', 'struck');
		WHEN 'register' THEN PERFORM maestro.register_system('struck');
		WHEN 'manifest' THEN PERFORM maestro.apply_manifest('{"systems": [{"name": "struck"}]}'::text);
		WHEN 'state' THEN PERFORM maestro.set_component_state('red/planner', 'retired', 'struck');
		WHEN 'partition' THEN PERFORM maestro.create_partition('2001-01-01');
		END CASE;
		RAISE WARNING 'struck: % done', how;
	EXCEPTION WHEN OTHERS THEN
		RAISE WARNING 'struck: % %', how, SQLSTATE;
	END;
	RETURN 1;
END
$$;
CREATE FUNCTION strike_all(int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
	SELECT attacker_home.strike('log_event') + attacker_home.strike('log_events') + attacker_home.strike('nowhere')
		+ attacker_home.strike('register') + attacker_home.strike('manifest') + attacker_home.strike('state')
		+ attacker_home.strike('partition')
$$;
CREATE FUNCTION harmless(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE TABLE bait AS SELECT 1 AS a;
CREATE INDEX bait_index ON bait (harmless(a));
CREATE MATERIALIZED VIEW bait_view AS SELECT harmless(a) FROM bait;
CREATE STATISTICS bait_statistics ON (harmless(a)), a FROM bait;
CREATE OR REPLACE FUNCTION harmless(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT attacker_home.strike_all(1)';
SQL

# strikes SQL: what the attacker's functions came to while a superuser ran it.
strikes() { psql -XAtq -c "$1" 2>&1 | sed -n 's/^WARNING:  struck: //p' | sort -u | tr '\n' ' '; }
refused_all='log_event 42501 log_events 42501 manifest 42501 nowhere 42501 partition 42501 register 42501 state 42501 '
is "$(strikes 'REINDEX TABLE attacker_home.bait')" "$refused_all" 'REINDEX by a superuser gives an index function no rights'
is "$(strikes 'REINDEX TABLE CONCURRENTLY attacker_home.bait')" "$refused_all" 'nor does REINDEX CONCURRENTLY'
is "$(strikes 'ANALYZE attacker_home.bait')" "$refused_all" 'nor ANALYZE'
is "$(strikes 'VACUUM FULL ANALYZE attacker_home.bait')" "$refused_all" 'nor VACUUM FULL'
is "$(strikes 'CLUSTER attacker_home.bait USING bait_index')" "$refused_all" 'nor CLUSTER'
is "$(strikes 'REFRESH MATERIALIZED VIEW attacker_home.bait_view')" "$refused_all" 'nor REFRESH MATERIALIZED VIEW'
is "$(strikes 'CREATE INDEX ON attacker_home.bait (attacker_home.harmless(a))')" "$refused_all" 'nor CREATE INDEX'
is "$(sql "SELECT (SELECT count(*) FROM maestro.event WHERE message LIKE '%struck%' OR claimed_component LIKE 'nowhere/x%'),
	(SELECT count(*) FROM maestro.system WHERE name = 'struck'), maestro.may_read(NULL),
	(SELECT state FROM maestro.component WHERE component_id = 'red/planner'::maestro.regcomponent::int)")" '0|0|t|active' \
	'and nothing was stored'

# ---- hostile names --------------------------------------------------------

# Whatever stands before pg_catalog in the path, or in pg_temp, is not called.
as privileges_red <<'SQL'
SET search_path = red_home;
CREATE FUNCTION trap() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped' USING ERRCODE = 'XX999'; END $$;
CREATE FUNCTION trap2(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT red_home.trap()';
CREATE FUNCTION trap2(name, name) RETURNS boolean LANGUAGE sql AS 'SELECT red_home.trap()';
CREATE FUNCTION trap2(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT red_home.trap()';
CREATE FUNCTION trap2(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql AS 'SELECT red_home.trap()';
CREATE FUNCTION trap2(jsonb, text) RETURNS boolean LANGUAGE sql AS 'SELECT red_home.trap()';
DO $$
DECLARE o text; t text;
BEGIN
	FOREACH o IN ARRAY ARRAY['=', '<>', '<', '>', '>=', '<=', '||', '->>', '->', '-', '+', '~', '!~', '?'] LOOP
		FOREACH t IN ARRAY ARRAY['text, text', 'name, name', 'int, int', 'timestamptz, timestamptz', 'jsonb, text'] LOOP
			EXECUTE format('CREATE OPERATOR red_home.%s (FUNCTION = red_home.trap2, LEFTARG = %s, RIGHTARG = %s)',
				o, split_part(t, ', ', 1), split_part(t, ', ', 2));
		END LOOP;
	END LOOP;
	FOREACH o IN ARRAY ARRAY['now()', 'clock_timestamp()', 'format(text)', 'date_trunc(text, timestamptz)', 'to_jsonb(anyelement)',
			'jsonb_each(jsonb)', 'has_privs_of(text)', 'pg_get_userbyid(oid)', 'lower(text)', 'btrim(text)', 'octet_length(text)',
			'event(text)', 'component(text)', 'isfinite(timestamptz)'] LOOP
		EXECUTE format('CREATE FUNCTION red_home.%s RETURNS boolean LANGUAGE sql AS ''SELECT red_home.trap()''', o);
	END LOOP;
	FOREACH t IN ARRAY ARRAY['event', 'component', 'system', 'dependency', 'event_id_seq', 'pg_class', 'pg_inherits', 'text', 'jsonb'] LOOP
		EXECUTE format('CREATE TABLE red_home.%I (system_id int, component_id int, name text, state text)', t);
	END LOOP;
END
$$;
CREATE DOMAIN timestamptz AS int;
CREATE DOMAIN layer AS int;
SQL
hostile="SET search_path = red_home, pg_catalog, maestro;
	CREATE TEMP TABLE event (event_id int); CREATE TEMP TABLE component (name text); CREATE TEMP TABLE system (name text);
	CREATE TEMP TABLE now (a int); CREATE TEMP VIEW pg_inherits AS SELECT 1 AS a; CREATE TEMP SEQUENCE event_id_seq;
	CREATE FUNCTION pg_temp.now() RETURNS int LANGUAGE sql AS 'SELECT 1/0'"
refused XX999 'names planted before pg_catalog are found first' "$hostile; SELECT 'a'::pg_catalog.text = 'b'" privileges_red
is "$(outcome "$hostile; SELECT * FROM maestro.log_event('red/planner', 'output', 'hostile', '{\"a\": 1}', body => '{\"b\": 2}',
	target => 'tool', dependency => 'x', span_id => '0af76519-16cd-43dd-8448-eb211c80319c', duration => '1 s')" privileges_red)" 'done' \
	"log_event calls nothing of the caller's path"
is "$(outcome "$hostile; SELECT * FROM maestro.log_events('[{\"component\": \"red/planner\", \"kind\": \"output\", \"duration\": 1}]'::pg_catalog.jsonb)" \
	privileges_red)" 'done' 'neither does log_events'
is "$(outcome "$hostile; SELECT count(*) FROM maestro.event AS e WHERE e.message OPERATOR(pg_catalog.=) 'hostile'; SELECT maestro.may_read(1),
	'red/planner'::maestro.regcomponent, 4::maestro.layer OPERATOR(pg_catalog.>=) 'Model'::maestro.layer" privileges_red)" 'done' \
	'nor do policies and types'
as_owner="SET search_path = red_home, pg_catalog, maestro"
is "$(outcome "$as_owner; SELECT * FROM maestro.apply_manifest('{\"systems\": [{\"name\": \"hostile\", \"components\": [{\"name\": \"a\",
	\"kind\": \"agent\", \"timeout\": \"30s\", \"dependencies\": [{\"name\": \"d\", \"credential_ref\": \"env:X\", \"retry\": {\"base_ms\": 100}}],
	\"contracts\": {\"input\": {\"type\": \"object\"}}}], \"plans\": [{\"name\": \"m\", \"graph\": {\"nodes\": [{\"id\": \"a\"}], \"edges\": []}}]}]}'::pg_catalog.json);
	SELECT maestro.update_component('hostile/a', version => '2'); SELECT maestro.set_component_state('hostile/a', 'suspended', 'x');
	SELECT maestro.report_environment('hostile/a', '{\"listeningPorts\": [80]}'::pg_catalog.jsonb);
	SELECT maestro.attest('hostile/a', 'fd_closed', 'x'); SELECT maestro.create_partition('2001-01-01', 'day');
	SELECT * FROM maestro.integrity_check(); SELECT * FROM maestro.install_roles()")" 'done' \
	"functions of the registry call nothing of the caller's path"
is "$(sql "SELECT string_agg(oid::regprocedure::text, ' ') FROM pg_proc WHERE pronamespace = 'maestro'::regnamespace
	AND prolang NOT IN (SELECT oid FROM pg_language WHERE lanname IN ('c', 'internal')) AND prosqlbody IS NULL AND prokind <> 'p'
	AND NOT coalesce(proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false)")" '' \
	'each function in SQL or PL/pgSQL pins its search_path or is parsed beforehand'

# ---- settings -------------------------------------------------------------

for setting in sanitize_level=secrets trace_body_limit=64MB trace_input_limit=1024; do
	refused 42501 "an agent can't set maestro.${setting%%=*}" \
		"SELECT maestro.sanitize('x'); SET maestro.${setting%%=*} = '${setting#*=}'" privileges_red
done
secret="SELECT maestro.sanitize('bob@example.com')"
is "$(echo "SET maestro.sanitize_level = 'secrets'; SELECT 1 FROM maestro.log_event('red/planner', 'output', 'to bob@example.com');
	SELECT max(message) FROM maestro.event WHERE message LIKE 'to %'" | as privileges_red 2>/dev/null | tail -n 1)" \
	'to [REDACTED:EMAIL]' 'nor before the library is loaded'
is "$(echo "SELECT 1 FROM maestro.log_event('red/planner', 'output', 'for bob@example.com');
	SELECT max(message) FROM maestro.event WHERE message LIKE 'for %'" | PGOPTIONS='-c maestro.sanitize_level=secrets' as privileges_red 2>/dev/null | tail -n 1)" \
	'for [REDACTED:EMAIL]' 'nor when connecting'

# ---- where nothing may be written -----------------------------------------

read_only="BEGIN READ ONLY"
for call in "log_event('red/planner', 'output', 'x')" "log_events('[]')" "register_system('x')" "create_partition('2001-02-01')"; do
	refused 25006 "${call%%(*} is refused in a read-only transaction" "$read_only; SELECT * FROM maestro.$call"
	refused 25006 "${call%%(*} is refused where transactions are read-only, as on a standby" \
		"SET default_transaction_read_only = on; SELECT * FROM maestro.$call"
done
is "$(outcome "$read_only; SELECT count(*) FROM maestro.event; SELECT 'red/planner'::maestro.regcomponent" privileges_red)" 'done' 'reading is not'

# ---- in the way of others -------------------------------------------------

quiet_psql -U privileges_stranger -c "SELECT pg_advisory_lock('maestro.event'::regclass::oid::int, 0), pg_sleep(1)" >/dev/null &
sleep 0.3
is "$(outcome "SET lock_timeout = '200ms'; SELECT maestro.create_partition('2002-01-01')")" 'done' \
	"a stranger's lock doesn't keep partitions from being made"
wait

# ---- leaks ----------------------------------------------------------------

# A cheap function of the reader's own is called before a costly filter, unless
# the filter is a barrier; then it gets to see no row of others.
as privileges_red <<'SQL'
CREATE FUNCTION red_home.leak(anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
	$$ BEGIN RAISE NOTICE 'leaked %', $1; RETURN true; END $$;
SQL
# leaked QUERY: which system ids a reader of red gets to see by a leaky function.
leaked() {
	printf '%s\n' "$1" | psql -XAtq -U privileges_red -f - 2>&1 | sed -n 's/.*NOTICE:  leaked //p' | sort -u | tr '\n' ' '
}
is "$(leaked 'SELECT count(*) FROM maestro.event WHERE red_home.leak(system_id)')" "$red " \
	"a leaky function in WHERE sees no event of another system"
is "$(leaked 'EXPLAIN ANALYZE SELECT count(*) FROM maestro.event WHERE red_home.leak(system_id) AND event_id > 0')" "$red " \
	'nor with an index'
is "$(seen red "SELECT count(*) FROM pg_stats WHERE schemaname = 'maestro'")" 0 "an agent reads no statistics of the tables"
# Views belong to the owner, so each must filter by itself.
sql "
CREATE FUNCTION red_home.see_others() RETURNS SETOF text LANGUAGE plpgsql AS \$\$
DECLARE v regclass; n bigint; own int[] := ARRAY(SELECT component_id FROM maestro.component WHERE system_id = $red);
BEGIN
	FOR v IN SELECT c.oid FROM pg_class AS c JOIN pg_depend AS d ON d.objid = c.oid AND d.deptype = 'e'
			  WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind = 'v' AND c.relname !~ '^live_' ORDER BY 1 LOOP
		EXECUTE format('GRANT SELECT ON %s TO privileges_red', v);
		PERFORM set_config('role', 'privileges_red', true);
		EXECUTE format('SELECT count(*) FROM %s AS x, to_jsonb(x) AS r WHERE x::text ~ ''\\m(blue|owned)\\M''
			OR (r ->> ''system_id'')::int <> $red OR (r ->> ''component_id'')::int <> ALL (\$1)', v)
			USING own INTO n;
		RESET ROLE;
		IF n > 0 THEN RETURN NEXT v; END IF;
		IF NOT coalesce((SELECT reloptions @> ARRAY['security_barrier=true'] FROM pg_class WHERE oid = v), false)
			AND pg_get_viewdef(v) ~ 'maestro\.(event|component|system|dependency|contract|plan|environment_report|attestation|risk_decision|decision_step|drill|event_review)\y' THEN
			RETURN NEXT v || ' is no barrier';
		END IF;
	END LOOP;
END
\$\$"
is "$(sql "BEGIN; SELECT string_agg(v, ', ') FROM red_home.see_others() AS v; ROLLBACK")" '' \
	"no view shows a reader of one system another's rows, even if it is granted to him"
finish
