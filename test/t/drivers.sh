#!/bin/sh
#
# What drivers do: bind strings as text or varchar or leave them untyped, read
# and write binary, keep plans, pool connections, and set odd session settings.

. "$(dirname "$0")/../lib.sh"
begin drivers
dir=$(mktemp -d)
trap 'rm -rf "$dir"; cleanup' EXIT

sql "
CREATE ROLE drivers_crew LOGIN IN ROLE maestro_agent;
SELECT maestro.register_system('crew', db_role => 'drivers_crew');
SELECT maestro.register_component('crew', 'planner', 'agent');
SELECT maestro.register_component('crew', 'search', 'tool', timeout => '10s');
SELECT maestro.register_dependency('crew/planner', 'llm', address => 'llm.example:443');
" >/dev/null

# ---- how arguments are bound ----------------------------------------------

# Each function that roles may call, with each string as one type; the names of
# those that can't be found so.  JSON is a string where there is an overload
# for text.
sql "
CREATE FUNCTION public.not_found_with(string regtype) RETURNS SETOF text LANGUAGE plpgsql AS \$\$
DECLARE f record; types text; placeholders text; tried int := 0;
BEGIN
	FOR f IN
		SELECT p.oid, p.proname, p.proargtypes::oid[] AS arguments, p.pronargs,
			EXISTS (SELECT FROM pg_proc AS o WHERE o.pronamespace = p.pronamespace AND o.proname = p.proname
				AND o.pronargs = p.pronargs AND 'json'::regtype <> ALL (o.proargtypes) AND 'jsonb'::regtype <> ALL (o.proargtypes)) AS as_text
		  FROM pg_proc AS p
		 WHERE p.pronamespace = 'maestro'::regnamespace AND p.prokind = 'f' AND p.pronargs > 0
		   AND (has_function_privilege('maestro_admin', p.oid, 'EXECUTE')
			AND 'internal'::regtype <> ALL (p.proargtypes) AND 'cstring'::regtype <> ALL (p.proargtypes))
		   AND NOT EXISTS (SELECT FROM pg_operator AS o WHERE o.oprcode = p.oid)
		   AND NOT EXISTS (SELECT FROM pg_cast AS c WHERE c.castfunc = p.oid)
		   AND NOT EXISTS (SELECT FROM pg_amproc AS a WHERE a.amproc = p.oid)
		   AND NOT EXISTS (SELECT FROM pg_type AS t WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
	LOOP
		SELECT string_agg(format('\$%s', i), ', ' ORDER BY i),
			string_agg(CASE
				WHEN t.oid IN ('text'::regtype, 'name'::regtype) OR t.typnamespace = 'maestro'::regnamespace AND t.typtype IN ('b', 'e')
					AND t.typcategory <> 'A' OR f.as_text AND t.oid IN ('json'::regtype, 'jsonb'::regtype)
				THEN string::text ELSE format_type(t.oid, NULL) END, ', ' ORDER BY i)
		  INTO placeholders, types
		  FROM unnest(f.arguments) WITH ORDINALITY AS a (type, i) JOIN pg_type AS t ON t.oid = a.type;
		IF string = 'unknown'::regtype THEN
			types := regexp_replace(types, '[^,]+', 'unknown', 'g');
		END IF;
		tried := tried + 1;
		BEGIN
			EXECUTE format('PREPARE probe (%s) AS SELECT * FROM maestro.%I(%s)', types, f.proname, placeholders);
			DEALLOCATE probe;
		EXCEPTION WHEN OTHERS THEN
			RETURN NEXT f.oid::regprocedure || ' ' || SQLERRM;
		END;
	END LOOP;
	IF tried < 30 THEN RETURN NEXT 'only ' || tried || ' functions tried'; END IF;
END
\$\$"
for path in '"$user", public' "''"; do
	for type in text varchar unknown; do
		is "$(sql "SET search_path = $path; SELECT * FROM public.not_found_with('$type')")" '' \
			"each function is found with its strings as $type and search_path $path"
	done
done

# events NAME: all that a driver's calls stored under this message, as one text,
# without what differs between any two calls.
events() {
	sql "SELECT coalesce(string_agg((to_jsonb(e) - ARRAY['event_id', 'recorded_at', 'message', 'stamp', 'salt', 'payload_hash', 'leaf'])::text, E'\n' ORDER BY event_id), 'none')
		FROM maestro.event AS e WHERE message = '$1'"
}

values="'crew/planner', 'tool_call', %s, '{\"a\": [1, \"x\"], \"password\": \"hunter2hunter2\"}', 'warn',
	'4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7', '0af76519-16cd-43dd-8448-eb211c80319c',
	'2026-11-20 10:00:00.123456+02', '1 day 02:03:04.5', 'ok', '{\"text\": \"mail bob@example.com\"}', 'search', 'llm'"
# bound NAME TYPES: log with the values bound as these types.
bound() {
	sql "SET search_path = ''; PREPARE p $2 AS SELECT decision FROM maestro.log_event(\$1, \$2, \$3, \$4, \$5, \$6, \$7, \$8, \$9, \$10,
		\$11, \$12, \$13, \$14); EXECUTE p ($(printf "$values" "'$1'"))" >/dev/null
	events "$1"
}
strings() { printf '(%s, %s, %s, %s, %s, %s, %s, %s, timestamptz, interval, %s, %s, %s, %s)' \
	"$1" "$1" "$1" "$2" "$1" "$1" "$1" "$1" "$1" "$2" "$1" "$1"; }
want=$(bound 'as jsonb' "$(strings text jsonb)")
has "$want" '[REDACTED:EMAIL]' 'a driver logs with every argument bound'
is "$(bound 'as json' "$(strings text json)")" "$want" 'JSON as json stores the same'
is "$(bound 'as text' "$(strings text text)")" "$want" 'all strings as text store the same'
is "$(bound 'as varchar' "$(strings varchar varchar)")" "$want" 'all strings as varchar store the same'
is "$(bound 'as varchar and jsonb' "$(strings varchar jsonb)")" "$want" 'strings as varchar and JSON as jsonb store the same'
is "$(bound 'untyped' '')" "$want" 'untyped parameters store the same'
is "$(bound 'own types' "$(strings text jsonb | sed 's/^(text, text/(text, maestro.event_kind/; s/jsonb, text/jsonb, maestro.log_level/
	s/interval, text/interval, maestro.outcome/')")" "$want" "maestro's own types store the same"
sql "SELECT 1 FROM maestro.log_event($(printf "$values" "'literals'"))" >/dev/null
is "$(events literals)" "$want" 'literals store the same'
sql "SET search_path = ''; SELECT 1 FROM maestro.log_event(body => '{\"text\": \"mail bob@example.com\"}', dependency => 'llm', target => 'search',
	outcome => 'ok', duration => '1 day 02:03:04.5', occurred_at => '2026-11-20 10:00:00.123456+02',
	parent_span_id => '0af76519-16cd-43dd-8448-eb211c80319c', span_id => '00f067aa0ba902b7', trace_id => '4bf92f3577b34da6a3ce929d0e0e4736',
	level => 'warn', attributes => '{\"a\": [1, \"x\"], \"password\": \"hunter2hunter2\"}', message => 'named', kind => 'tool_call',
	component => 'crew/planner')" >/dev/null
is "$(events named)" "$want" 'named arguments store the same'
document="[{\"component\": \"crew/planner\", \"kind\": \"tool_call\", \"message\": \"%s\", \"a\": [1, \"x\"], \"attributes\": {\"password\": \"hunter2hunter2\"},
	\"level\": \"warn\", \"trace_id\": \"4bf92f3577b34da6a3ce929d0e0e4736\", \"span_id\": \"00f067aa0ba902b7\",
	\"parent_span_id\": \"0af76519-16cd-43dd-8448-eb211c80319c\", \"occurred_at\": \"2026-11-20T10:00:00.123456+02:00\",
	\"duration\": \"1 day 02:03:04.5\", \"outcome\": \"ok\", \"body\": {\"text\": \"mail bob@example.com\"}, \"target\": \"search\",
	\"dependency\": \"llm\"}]"
for type in jsonb json text varchar unknown; do
	sql "SET search_path = ''; PREPARE p ($type) AS SELECT decision FROM maestro.log_events(\$1);
		EXECUTE p ('$(printf "$document" "array as $type")')" >/dev/null
	is "$(events "array as $type")" "$want" "an array of events as $type stores the same"
done
for type in text varchar unknown; do
	sql "SET search_path = ''; PREPARE p ($type, $type) AS SELECT decision FROM maestro.log_events(\$1, \$2);
		EXECUTE p ('$(printf "$document" "skipping as $type")', 'skip')" >/dev/null
	is "$(events "skipping as $type")" "$want" "and so with on_error as $type"
done

until=$(sql "SET TimeZone = 'UTC'; SELECT current_date + 30")

# The registry's functions, called with strings as one type, leave the same rows.
# registry TYPE [SETTINGS]: what they leave in a transaction that is rolled back.
registry() {
	quiet_psql -f - <<SQL | sed 's/^[0-9]*$//'
BEGIN;
SET search_path = '';
$2
PREPARE s ($1, $1, $1, $1, $1, $1) AS SELECT maestro.register_system(\$1, \$2, \$3, \$4, \$5, \$6);
EXECUTE s ('drive', 'drivers_crew', 'refuse', 'off', '{"timeout": "30s"}', 'by a driver');
PREPARE c ($1, $1, $1, $1, $1, $1, $1, interval, bigint, integer, $1[], integer[], $1[], $1[], $1, $1, $1, $1, boolean, date, $1, $1) AS
	SELECT maestro.register_component(\$1, \$2, \$3, \$4, \$5, \$6, \$7, \$8, \$9, \$10, \$11, \$12, \$13, \$14, \$15, \$16, \$17, \$18, \$19, \$20, \$21, \$22);
EXECUTE c ('drive', 'planner', 'agent', 'Logic', '1.0', 'team', 'drivers_crew', '30 s', 1024, 5, '{1,Execution}', '{80,443}', '{10.0.0.0/8}',
	'{EMAIL}', repeat('ab', 32), repeat('cd', 32), 'm-1', repeat('ef', 32), true, '2099-01-01', 'plans', repeat('99', 32));
EXECUTE c ('drive', 'tool', 'tool', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
PREPARE u ($1, $1, $1, $1) AS SELECT maestro.update_component(\$1, layer => \$2, version => \$3, prompt_digest => \$4);
EXECUTE u ('drive/planner', '7', '1.1', repeat('12', 32));
PREPARE d ($1, $1, $1, interval, interval, $1, $1, $1, $1, $1) AS SELECT maestro.register_dependency(\$1, \$2, \$3, \$4, \$5, \$6, \$7, \$8, \$9, \$10);
EXECUTE d ('drive/planner', 'llm', 'llm.example', '1 s', '2 s', '{"base_ms": 100}', 'external', 'env:KEY', 'model', 'external');
PREPARE k ($1, $1, $1, $1, $1) AS SELECT maestro.set_contract(\$1, \$2, \$3, \$4, \$5);
EXECUTE k ('drive/planner', 'handoff', '{"type": "object"}', 'true', 'drive/tool');
PREPARE p ($1, $1, $1) AS SELECT maestro.declare_plan(\$1, \$2, \$3);
EXECUTE p ('drive', 'main', '{"nodes": [{"id": "a"}], "edges": []}');
PREPARE e ($1, $1) AS SELECT maestro.report_environment(\$1, \$2);
EXECUTE e ('drive/planner', '{"runAsNonRoot": true}');
PREPARE a ($1, $1, $1, $1, date, date) AS SELECT maestro.attest(\$1, \$2, \$3, \$4, \$5, \$6);
EXECUTE a ('drive/planner', 'fd_closed', 'so it is', 'https://x.example', date '2026-01-01', date '$until');
PREPARE t ($1, $1, $1) AS SELECT maestro.set_component_state(\$1, \$2, \$3);
EXECUTE t ('drive/tool', 'suspended', 'why');
PREPARE m ($1, boolean) AS SELECT action FROM maestro.apply_manifest(\$1, \$2);
EXECUTE m ('{"systems": [{"name": "drive", "components": [{"name": "second", "kind": "agent", "timeout": "1 day 30 s"}]}]}', false);
RESET ALL;
SELECT to_jsonb(t) - ARRAY['system_id', 'component_id', 'created_at', 'updated_at', 'valid_from', 'declared_at', 'reported_at', 'attested_at',
	'dependency_id', 'contract_id', 'plan_id', 'report_id', 'attestation_id', 'target_id', 'recorded_at', 'occurred_at', 'event_id', 'stamp', 'salt', 'payload_hash', 'leaf']
  FROM (SELECT to_jsonb(x) FROM maestro.system AS x WHERE name = 'drive'
	UNION ALL SELECT to_jsonb(x) FROM maestro.component AS x JOIN maestro.system AS s USING (system_id) WHERE s.name = 'drive'
	UNION ALL SELECT to_jsonb(x) FROM maestro.dependency AS x
	UNION ALL SELECT to_jsonb(x) FROM maestro.contract AS x
	UNION ALL SELECT to_jsonb(x) FROM maestro.plan AS x
	UNION ALL SELECT to_jsonb(x) FROM maestro.environment_report AS x
	UNION ALL SELECT to_jsonb(x) FROM maestro.attestation AS x
	UNION ALL SELECT to_jsonb(x) FROM maestro.event AS x WHERE kind = 'registry'
		AND system_id = (SELECT system_id FROM maestro.system WHERE name = 'drive')) AS r (t)
 ORDER BY 1;
ROLLBACK;
SQL
}
want=$(registry text "")
has "$want" '"owner": "team"' 'the registry takes its strings as text'
is "$(registry varchar "")" "$want" 'as varchar they leave the same rows'

# ---- settings of the session ----------------------------------------------

# The same calls store the same rows, whatever the session prints and reads like.
want_event=$(events literals)
array_event=$(events 'array as jsonb')
n=0
while read -r settings; do
	n=$((n + 1))
	sql "$settings; SELECT 1 FROM maestro.log_event($(printf "$values" "'settings $n'"))" >/dev/null
	is "$(events "settings $n")" "$want_event" "log_event stores the same with $settings"
	sql "$settings; SELECT 1 FROM maestro.log_events('$(printf "$document" "array $n")'::jsonb)" >/dev/null
	is "$(events "array $n")" "$array_event" "log_events stores the same with $settings"
done <<'SQL'
SET DateStyle = 'German, DMY'
SET DateStyle = 'SQL, MDY'
SET IntervalStyle = 'sql_standard'
SET IntervalStyle = 'iso_8601'
SET TimeZone = 'Asia/Kolkata'
SET TimeZone = 'America/St_Johns'
SET standard_conforming_strings = off
SET client_encoding = 'LATIN1'
SET plan_cache_mode = force_generic_plan
SET bytea_output = escape
SET extra_float_digits = -15
SET lc_messages = 'C'
SET default_transaction_isolation = 'serializable'
SQL

# What has no zone or no clear order is not left to the session to understand.
# kept NAME SETTINGS ELEMENT: what is stored of an element of log_events.
kept() {
	sql "$2; SELECT 1 FROM maestro.log_events('[{\"component\": \"crew/planner\", \"kind\": \"note\", \"message\": \"$1\", $3}]'::jsonb)" >/dev/null
	sql "SET TimeZone = 'UTC'; SELECT occurred_at, duration, attributes FROM maestro.event WHERE message = '$1'"
}
is "$(kept 'naive 1' "SET TimeZone = 'Asia/Kolkata'" '"occurred_at": "2026-11-20T10:00:00"')" \
	"$(kept 'naive 2' "SET TimeZone = 'UTC'" '"occurred_at": "2026-11-20T10:00:00"')" \
	'a time without zone in an array of events is UTC in any session'
for order in DMY MDY; do
	refused 22008 "a date that could be two is refused where the session reads $order" "SET DateStyle = 'SQL, $order';
		SELECT * FROM maestro.log_events('[{\"component\": \"crew/planner\", \"kind\": \"note\", \"occurred_at\": \"01/02/2026 10:00Z\"}]'::jsonb)"
done
is "$(kept 'claim 1' "SET TimeZone = 'Asia/Kolkata'" '"occurred_at": "2999-11-20T10:00:00Z"' | cut -d'|' -f3)" \
	"$(kept 'claim 2' "SET TimeZone = 'UTC'" '"occurred_at": "2999-11-20T10:00:00Z"' | cut -d'|' -f3)" \
	'a claimed time that is too late is kept alike in any session'
want=$(registry text 'SELECT NULL;')
for settings in "SET DateStyle = 'German, DMY'" "SET TimeZone = 'Asia/Kolkata'" "SET standard_conforming_strings = off" \
	"SET plan_cache_mode = force_generic_plan" "SET client_encoding = 'LATIN1'"; do
	is "$(registry text "$settings; SELECT NULL;")" "$want" "the registry stores the same with $settings"
done
for style in sql_standard postgres_verbose iso_8601; do
	is "$(registry text "SET IntervalStyle = $style; SELECT NULL;")" "$want" "the registry stores the same with IntervalStyle $style"
done
is "$(sql "SET IntervalStyle = iso_8601; SELECT string_agg(action, ' ') FROM maestro.apply_manifest(
	'{\"systems\": [{\"name\": \"crew\", \"components\": [{\"name\": \"search\", \"timeout\": \"00:00:10\"}]}]}'::jsonb)")" 'unchanged unchanged' \
	'a manifest with an interval changes nothing when applied in another style'

# In LATIN1 the byte E9 is what UTF-8 writes as two.
for encoding in LATIN1 UTF8; do
	letter=$(if [ $encoding = LATIN1 ]; then printf '\351'; else printf '\303\251'; fi)
	printf '%s\n' "SET client_encoding = '$encoding';
		SELECT 1 FROM maestro.log_event('crew/planner', 'output', 'encoded', '{\"k${letter}y\": \"${letter}t${letter}\"}'::jsonb, trace_id => repeat('$encoding' || '${letter}', 0) || repeat('a', 32),
			body => '\"${letter}\"');
		SELECT 1 FROM maestro.log_event('crew/planner', 'output', 'encoded', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '${letter}', NULL, NULL)" |
		quiet_psql -f - >/dev/null
done
is "$(sql "SELECT count(*), count(DISTINCT to_jsonb(e) - ARRAY['event_id', 'recorded_at', 'occurred_at', 'stamp', 'salt', 'payload_hash', 'leaf']), max(body #>> '{}' COLLATE \"C\"), max(attributes ->> 'kéy')
	FROM maestro.event AS e WHERE message = 'encoded'")" '4|2|é|été' 'text of a LATIN1 client is stored as UTF-8'
is "$(printf '%s\n' "SET client_encoding = 'LATIN1'; SELECT body #>> '{}' FROM maestro.event WHERE message = 'encoded' LIMIT 1" |
	quiet_psql -f - | od -An -tx1 | tr -d ' ')" 'e90a' 'and comes back as LATIN1'

# ---- plans, pools, parallel workers ---------------------------------------

for mode in force_custom_plan force_generic_plan auto; do
	is "$(quiet_psql -U drivers_crew -f - <<SQL | sort | uniq -c | tr -s ' '
SET plan_cache_mode = $mode;
PREPARE p (text, text, text) AS SELECT decision FROM maestro.log_event(\$1, \$2, \$3);
EXECUTE p ('crew/planner', 'output', 'again'); EXECUTE p ('crew/planner', 'note', 'again');
EXECUTE p ('crew/planner', 'output', 'again'); EXECUTE p ('crew/planner', 'note', 'again');
EXECUTE p ('crew/planner', 'output', 'again'); EXECUTE p ('crew/planner', 'note', 'again');
EXECUTE p ('crew/planner', 'output', 'again'); EXECUTE p ('crew/nobody', 'note', 'again');
SQL
)" ' 7 allow
 1 deny' "a prepared log_event works again and again with $mode"
done

# A pooled connection sees what another changed at its next statement, within a
# transaction too; \! is the other session.
other="\\! psql -XAtq -U postgres -c"
is "$(quiet_psql -U drivers_crew -f - <<SQL | tr '\n' ' '
PREPARE p AS SELECT decision FROM maestro.log_event('crew/planner', 'output', 'pooled');
PREPARE v AS SELECT component_version FROM maestro.event WHERE event_id = (SELECT event_id FROM maestro.log_event('crew/planner', 'output', 'v'));
EXECUTE p;
$other "SELECT maestro.set_component_state('crew/planner', 'suspended')"
EXECUTE p;
$other "SELECT maestro.set_component_state('crew/planner', 'active')"
BEGIN ISOLATION LEVEL REPEATABLE READ;
EXECUTE p;
$other "SELECT maestro.set_component_state('crew/planner', 'suspended')"
EXECUTE p;
COMMIT;
$other "SELECT maestro.set_component_state('crew/planner', 'active')"
EXECUTE p;
SELECT decision FROM maestro.log_event('crew/fresh', 'output', 'pooled');
$other "SELECT maestro.register_component('crew', 'fresh', 'agent')"
SELECT decision FROM maestro.log_event('crew/fresh', 'output', 'pooled');
SQL
)" 'allow updated deny updated allow updated deny updated allow deny crew/fresh allow ' \
	'suspending and registering reach other sessions at their next statement'
is "$(printf '%s\n' "SELECT decision FROM maestro.log_event('crew/search', 'output', 'x');" \
	"$other \"SELECT maestro.update_component('crew/search', db_role => 'postgres')\"" \
	"SELECT decision FROM maestro.log_event('crew/search', 'output', 'x');" |
	psql -XAtq -v VERBOSITY=sqlstate -U drivers_crew -f - 2>&1 | sed 's/.*ERROR: *//' | tr '\n' ' ')" \
	'allow updated MA002 ' 'so does another db_role'
is "$(printf '%s\n' "SELECT decision FROM maestro.log_event('crew/planner', 'output', 'x');" \
	"$other 'REVOKE maestro_agent FROM drivers_crew'" \
	"SELECT decision FROM maestro.log_event('crew/planner', 'output', 'x');" |
	psql -XAtq -v VERBOSITY=sqlstate -U drivers_crew -f - 2>&1 | sed 's/.*ERROR: *//' | tr '\n' ' ')" \
	'allow 42501 ' 'and a role that is taken away'
sql 'GRANT maestro_agent TO drivers_crew'

is "$(quiet_psql -f - <<'SQL' | tr '\n' ' '
BEGIN;
SELECT 1 FROM maestro.register_component('crew', 'undone', 'agent');
SELECT decision FROM maestro.log_event('crew/undone', 'output', 'x');
SAVEPOINT s;
SELECT maestro.set_component_state('crew/undone', 'suspended');
SELECT decision FROM maestro.log_event('crew/undone', 'output', 'x');
ROLLBACK TO s;
SELECT decision FROM maestro.log_event('crew/undone', 'output', 'x');
ROLLBACK;
SELECT decision FROM maestro.log_event('crew/undone', 'output', 'x');
SELECT maestro.register_component('crew', 'undone', 'agent')::text, (SELECT decision FROM maestro.log_event('crew/undone', 'output', 'x'));
SQL
)" '1 allow updated deny allow deny crew/undone|allow ' 'what is rolled back is not remembered'

is "$(printf '%s\n' 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;' "$other \"SELECT maestro.create_partition('2002-05-05')\"" \
	"SELECT maestro.create_partition('2002-05-05');" | psql -XAtq -v VERBOSITY=sqlstate -f - 2>&1 | tail -n 1)" 'maestro.event_2002_05' \
	'a transaction with an old snapshot finds the partition that another made since'

is "$(printf '%s\n' 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;' "$other \"SELECT maestro.create_partition('2002-07-10', 'day')\"" \
	"SELECT maestro.create_partition('2002-07-05');" | psql -XAtq -v VERBOSITY=sqlstate -f - 2>&1 | tail -n 1)" 'maestro.event_2002_07' \
	'and clips its own to it'
is "$(printf '%s\n' 'BEGIN; LOCK TABLE maestro.event_2002_05 IN SHARE UPDATE EXCLUSIVE MODE;' \
	"$other \"SET lock_timeout = '200ms'\" -c \"SELECT maestro.create_partition('2002-08-05')\" 2>&1" |
	psql -XAtq -f - 2>&1 | tail -n 1)" 'maestro.event_2002_08' 'nobody waits for a partition while another is vacuumed'

# Parallel workers read the registry for themselves.
parallel=$(sql "SELECT CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END")
sql "SELECT count(*) FROM maestro.log_events((SELECT jsonb_agg('{\"component\": \"crew/planner\", \"kind\": \"output\", \"message\": \"many\"}'::jsonb)
	FROM generate_series(1, 3000)))" >/dev/null
query="SELECT count(*), count(DISTINCT component_id::maestro.regcomponent::text), min(component_id::maestro.regcomponent::text),
	bool_and(maestro.may_read(system_id)), count(*) FILTER (WHERE 'crew/planner'::text::maestro.regcomponent = component_id)
	FROM maestro.event WHERE message = 'many'"
for role in postgres drivers_crew; do
	is "$(echo "SET $parallel = on; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; $query" | as $role)" \
		"$(echo "$query" | as $role)" "parallel workers of $role name components and filter rows as a leader does"
done
cat >"$dir/views.sql" <<'SQL'
SELECT format('SELECT %L, md5(string_agg(v::text, ''|'' ORDER BY v::text)) FROM %s AS v', c.oid::regclass, c.oid::regclass)
  FROM pg_class AS c JOIN pg_depend AS d ON d.objid = c.oid AND d.deptype = 'e'
 WHERE c.relnamespace = 'maestro'::regnamespace AND c.relkind = 'v' ORDER BY c.oid::regclass::text
\gexec
SQL
# What all views show with these settings.
views() { { echo "$1;" && cat "$dir/views.sql"; } | quiet_psql -f -; }
want=$(views "SET search_path = 'public'")
has "$want" 'maestro.sanitize_rules|' 'views are read'
is "$(views "SET $parallel = on")" "$want" 'views show the same in a parallel worker'
is "$(views "SET search_path = ''")" "$want" 'views show the same with an empty search_path'
is "$(views "SET DateStyle = 'German'; SET IntervalStyle = 'iso_8601'; SET extra_float_digits = -15; SET search_path = ''; SET role = postgres" | cut -d'|' -f1)" \
	"$(echo "$want" | cut -d'|' -f1)" 'and can be read with any settings'

# ---- binary formats -------------------------------------------------------

sql "CREATE TABLE typed (a maestro.layer, b maestro.digest, c maestro.trace_id, d maestro.span_id, e maestro.safe_text, f maestro.event_kind,
	g maestro.severity, h maestro.layer[], i maestro.outcome); CREATE TABLE copied (LIKE typed);
INSERT INTO typed VALUES ('Model', repeat('ab', 32), '4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7', 'to bob@example.com', 'output', 'HIGH', '{1,7}', 'ok'),
	(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('7', repeat('01', 32), repeat('0', 31) || '1', repeat('f', 16), '', 'note', 'LOW', '{}', 'degraded')"
psql -Xqc 'COPY typed TO STDOUT (FORMAT binary)' | psql -Xqc 'COPY copied FROM STDIN (FORMAT binary)'
is "$(sql 'SELECT count(*) FROM (TABLE typed INTERSECT TABLE copied) AS t')" 3 'types go out and in again in binary'
is "$(psql -Xqc "COPY (SELECT component_id::maestro.regcomponent FROM maestro.component) TO STDOUT (FORMAT binary)" | od -An -tx1 | tr -d ' \n' |
	grep -o 00010000000400000001)" 00010000000400000001 'a regcomponent is the id in binary'
is "$(sql "SELECT count(*) FROM maestro.component WHERE layer >= 4" 2>&1)" "$(sql "SET search_path = ''; SELECT count(*) FROM maestro.component WHERE layer >= 4")" \
	'layers compare without a search_path'
finish
