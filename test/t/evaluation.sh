#!/bin/sh
#
# Checks that are run: controls that misbehave, and facts about sessions by
# socket and TCP, after aborts, a dump and a restore.

. "$(dirname "$0")/../lib.sh"
begin evaluation

dir=$(mktemp -d)
trap 'rm -rf "$dir"; cleanup' EXIT

sql "
CREATE ROLE evaluation_crew LOGIN IN ROLE maestro_agent;
CREATE ROLE evaluation_checker LOGIN IN ROLE maestro_operator, evaluation_crew;
CREATE ROLE evaluation_operator LOGIN IN ROLE maestro_operator;
CREATE SCHEMA checks AUTHORIZATION evaluation_checker;
CREATE TABLE public.secrets (secret text);
INSERT INTO public.secrets VALUES ('hunter2');
SELECT maestro.register_system('crew', db_role => 'evaluation_crew');
SELECT maestro.register_component('crew', 'planner', 'agent');
SELECT maestro.register_component('crew', 'search', 'tool');
" >/dev/null

# control NAME BODY [TIMEOUT]: a control whose function has this PL/pgSQL body.
control() {
	as evaluation_checker >/dev/null <<SQL
CREATE FUNCTION checks.f_$1() RETURNS text LANGUAGE plpgsql AS \$f\$ $2 \$f\$;
CREATE VIEW checks.$1 AS SELECT 'ok' AS status, checks.f_$1() AS reason, 'crew' AS system;
SELECT maestro.add_control('$1', '$1', 'system', 'checks.$1', '${3:-5 s}');
SQL
}

# said NAME [ROLE]: what evaluating a control comes to.
said() { psql -XAtq -U "${2:-postgres}" -c "SELECT status, reason FROM maestro.evaluate_controls('$1')" 2>&1; }

# ---- whose rights ---------------------------------------------------------

control who "BEGIN RETURN concat_ws(' ', current_user, session_user, current_setting('role'), current_setting('is_superuser'),
	current_setting('search_path')); END"
is "$(said who)" 'ok|evaluation_checker postgres none on pg_catalog, pg_temp' 'a control is read as the role that added it'
is "$(said who evaluation_operator)" 'ok|evaluation_checker evaluation_operator none off pg_catalog, pg_temp' 'whoever has it run'

control reads 'BEGIN RETURN (SELECT secret FROM public.secrets); END'
is "$(said reads)" 'error|failed with SQLSTATE 42501' "a superuser's rights do not reach it"
control raises 'BEGIN RAISE EXCEPTION $m$hunter2 %$m$, current_user USING ERRCODE = $m$P0042$m$, DETAIL = $m$hunter2$m$; END'
is "$(said raises)" 'error|failed with SQLSTATE P0042' 'the text of its error is told to nobody'
is "$(sql "SELECT count(*) FROM maestro.control_result AS r WHERE r::text ~ 'hunter2'")" 0 'nor stored'

# refuses NAME SQLSTATE STATEMENT: what a control must not do, and is not done.
refuses() {
	control "$1" "BEGIN $3; RETURN \$r\$done\$r\$; END"
	is "$(said "$1")" "error|failed with SQLSTATE $2" "a control cannot ${1#no_}: $3"
}
sql 'CREATE TABLE public.box (i integer); GRANT INSERT ON public.box TO evaluation_checker; CREATE SEQUENCE public.counter; GRANT USAGE ON SEQUENCE public.counter TO evaluation_checker'
refuses no_insert 25006 'INSERT INTO public.box VALUES (1)'
refuses no_writing_again 25001 'PERFORM set_config($s$transaction_read_only$s$, $s$off$s$, true)'
refuses no_nextval 25006 'PERFORM nextval($s$public.counter$s$)'
refuses no_ddl 25006 'CREATE TABLE checks.made (i integer)'
refuses no_set_role 42501 'SET ROLE evaluation_crew'
refuses no_reset_role 42501 'RESET ROLE'
refuses no_authorization 42501 'SET SESSION AUTHORIZATION DEFAULT'
refuses no_log_event 42501 'PERFORM maestro.log_event($s$crew/planner$s$, $s$note$s$, $s$x$s$)'
refuses no_register 42501 'PERFORM maestro.register_system($s$x$s$)'
refuses no_evaluate 42501 'PERFORM maestro.evaluate_controls()'
refuses no_run_control 42501 'PERFORM maestro.run_control(10, $s$public.secrets$s$, $s$1 s$s$, 1)'
sql 'GRANT EXECUTE ON FUNCTION maestro.record_registry TO evaluation_checker'
refuses no_record_registry 42501 'PERFORM maestro.record_registry(10, 1, 1, $s$x$s$, NULL)'
sql 'REVOKE EXECUTE ON FUNCTION maestro.record_registry FROM evaluation_checker'
refuses no_owners_insert 25006 'INSERT INTO maestro.control_result (control, evaluated_at, status, reason, evaluated_by) VALUES ($s$x$s$, now(), $s$ok$s$, $s$x$s$, $s$x$s$)'
refuses no_temp_table 25006 'CREATE TEMP TABLE t (i integer)'
refuses no_listen 42501 'LISTEN evaluation'
refuses no_commit 2D000 'COMMIT'
is "$(sql "SELECT count(*) FROM public.box")|$(sql "SELECT count(*) FROM maestro.event WHERE kind = 'note'")" '0|0' 'and nothing of it was done'

control settings 'BEGIN PERFORM set_config($s$work_mem$s$, $s$77MB$s$, false), set_config($s$application_name$s$, $s$forged$s$, false),
	set_config($s$search_path$s$, $s$checks$s$, false); RETURN $s$set$s$; END'
is "$(sql "SELECT reason FROM maestro.evaluate_controls('settings'); SELECT current_setting('work_mem') = '77MB', current_setting('application_name') = 'forged',
	current_setting('search_path') ~ 'checks'")" 'set
f|f|f' 'settings that it changes are the old ones afterwards'
is "$(sql "BEGIN; SELECT reason FROM maestro.evaluate_controls('settings'); CREATE TABLE public.made (i integer); COMMIT; SELECT count(*) FROM public.made;
	DROP TABLE public.made")" 'set
0' 'and the transaction goes on to write'

sql 'ALTER ROLE evaluation_checker SUPERUSER'
is "$(said reads)" 'error|is not run as a superuser, which its role has become' 'a control of a role that became a superuser is not run'
sql 'ALTER ROLE evaluation_checker NOSUPERUSER'
refused 25006 'evaluate_controls needs to write' 'SET default_transaction_read_only = on; SELECT * FROM maestro.evaluate_controls()'
control fine "BEGIN RETURN 'well'; END"
refused 42501 'it is not run by a materialized view' 'CREATE MATERIALIZED VIEW public.m AS SELECT * FROM maestro.evaluate_controls()'

# ---- time -----------------------------------------------------------------

control zero 'BEGIN RETURN 1 / 0; END'
is "$(said zero)" 'error|failed with SQLSTATE 22012' 'a division by zero is an error of the control'
control sleeps 'BEGIN PERFORM pg_sleep(3600); RETURN 1; END' '100 ms'
is "$(said sleeps)" 'error|did not finish within 100 ms' 'one that sleeps for ever is cancelled'
control loops 'BEGIN LOOP END LOOP; END' '1 s'
is "$(said loops)" 'error|did not finish within 1 s' 'so is one that never ends'
control catches 'BEGIN PERFORM pg_sleep(3600); RETURN 1; EXCEPTION WHEN query_canceled THEN RETURN $s$caught$s$; END' '50 ms'
is "$(said catches)" 'error|did not finish within 50 ms' 'one that catches its cancellation was too late all the same'
control pretends 'BEGIN RAISE query_canceled; END'
is "$(said pretends)" 'error|failed with SQLSTATE 57014' 'one that pretends to be cancelled cancels nobody'
is "$(sql "SELECT control, status FROM maestro.evaluate_controls() WHERE control IN ('sleeps', 'catches', 'who') ORDER BY 1;
	SELECT pg_sleep(1.2); SELECT 'alive'" | sed '/^$/d')" 'catches|error
sleeps|error
who|ok
alive' 'the others are run after it, and no timer strikes later'

control stubborn 'BEGIN LOOP BEGIN PERFORM pg_sleep(3600); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END' '50 ms'
before=$(sql 'SELECT count(*) FROM maestro.control_result')
has "$(said stubborn)" 'terminating connection' 'one that catches every cancellation ends the session'
is "$(sql 'SELECT count(*) FROM maestro.control_result')" "$before" 'nothing of that call is stored, and the server lives'
sql "SELECT maestro.remove_control('stubborn')" >/dev/null

# The statement's own end comes first.
refused 57014 'statement_timeout still ends the statement' "SET statement_timeout = '200 ms'; SELECT * FROM maestro.evaluate_controls('loops')"
control swallows 'BEGIN BEGIN PERFORM pg_sleep(3600); EXCEPTION WHEN query_canceled THEN NULL; END; RETURN $s$swallowed$s$; END' '2 s'
refused 57014 'also when the control catches it' "SET statement_timeout = '200 ms'; SELECT * FROM maestro.evaluate_controls('swallows')"
control long 'BEGIN PERFORM pg_sleep(3600); RETURN 1; END' '60 s'
psql -XAtq -v VERBOSITY=sqlstate -c "SELECT * FROM maestro.evaluate_controls('long')" >"$dir/long" 2>&1 &
tries=0
until [ "$(sql "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query ~ 'long' AND pid <> pg_backend_pid()")" = 1 ] ||
	[ $tries = 100 ]; do tries=$((tries + 1)) && sleep 0.1; done
wait $!
is "$(cat "$dir/long")" 'ERROR:  57014' 'who cancels the statement cancels it'

# ---- where components log from --------------------------------------------

facts() { sql "SELECT m.name, f.caller, f.session_role, coalesce(host(f.client_address), 'socket'), f.tls
	FROM maestro.session_fact AS f JOIN maestro.component AS m USING (component_id) WHERE $1 ORDER BY session_id"; }
# The newest of what is two days old, so that what comes next is new.
newest() {
	sql "SET maestro.maintenance = on; ALTER TABLE maestro.session_fact DISABLE TRIGGER ALL;
		UPDATE maestro.session_fact SET seen_at = now() - interval '2 days'; ALTER TABLE maestro.session_fact ENABLE TRIGGER ALL"
	sql 'SELECT coalesce(max(session_id), 0) FROM maestro.session_fact'
}
event="SELECT 1 FROM maestro.log_event('crew/planner', 'note', 'x')"

start=$(newest)
echo "$event; $event; $event" | as evaluation_crew >/dev/null
is "$(facts "session_id > $start")" 'planner|evaluation_crew|evaluation_crew|socket|f' 'a session by socket is one fact'
echo "$event" | as evaluation_crew >/dev/null
is "$(facts "session_id > $start")" 'planner|evaluation_crew|evaluation_crew|socket|f' 'and the next session from there is none on the same day'
is "$(sql "SELECT count(*) FROM maestro.event AS e JOIN maestro.session_fact AS f USING (component_id) WHERE session_id > $start")" 4 'of four events'

start=$(newest)
echo "BEGIN; $event; ROLLBACK; $event; BEGIN; $event; COMMIT;" | as evaluation_crew >/dev/null
is "$(facts "session_id > $start")" 'planner|evaluation_crew|evaluation_crew|socket|f' 'a transaction that aborts took its fact along, the next stores it'
start=$(newest)
echo "BEGIN; SAVEPOINT a; $event; RELEASE a; ROLLBACK; BEGIN; SAVEPOINT a; $event; RELEASE a; SAVEPOINT b; $event; ROLLBACK TO b; COMMIT; $event" |
	as evaluation_crew >/dev/null
is "$(facts "session_id > $start")" 'planner|evaluation_crew|evaluation_crew|socket|f' 'so did a subtransaction whose outer one aborted'
start=$(newest)
echo "SET ROLE evaluation_crew; $event; RESET ROLE; $event; $event" | as evaluation_checker >/dev/null
is "$(facts "session_id > $start")" 'planner|evaluation_crew|evaluation_checker|socket|f
planner|evaluation_checker|evaluation_checker|socket|f' 'each role that a session sets is a fact'
start=$(newest)
echo "DO \$\$ BEGIN PERFORM maestro.log_event('crew/search', 'note', 'x'); RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END \$\$;
	SELECT maestro.log_events('[{\"component\": \"crew/search\", \"kind\": \"note\"}, {\"component\": \"crew/search\", \"kind\": \"x\"}]', 'skip')" |
	as evaluation_crew >/dev/null
is "$(facts "session_id > $start")" 'search|evaluation_crew|evaluation_crew|socket|f' 'and so it is within functions'

refused 42501 'nobody makes a fact up' 'INSERT INTO maestro.session_fact (system_id, component_id, caller, session_role, tls, backend_pid, backend_start)
	VALUES (1, 1, $$a$$, $$b$$, true, 1, now())' evaluation_crew

# A time when the server listens on the loopback as well, with a certificate of its own.
owner=
[ "$(id -u)" != 0 ] || owner="runuser -u ${PGOWNER:-postgres} --"
data=$(sql 'SHOW data_directory')
tls=
if command -v openssl >/dev/null && (cd / && $owner openssl req -new -x509 -nodes -days 1 -subj /CN=localhost \
	-keyout "$data/server.key" -out "$data/server.crt") >/dev/null 2>&1; then
	(cd / && $owner chmod 600 "$data/server.key")
	tls='-c ssl=on'
fi
$PG_CTL restart -m fast -o "-c listen_addresses=127.0.0.1 -c port=$PGPORT $tls" >/dev/null
start=$(newest)
echo "$event" | PGSSLMODE=disable as evaluation_crew -h 127.0.0.1 >/dev/null
is "$(facts "session_id > $start")" 'planner|evaluation_crew|evaluation_crew|127.0.0.1|f' 'a session by TCP has its address'
if [ -n "$tls" ]; then
	start=$(newest)
	echo "$event" | PGSSLMODE=require as evaluation_crew -h 127.0.0.1 >/dev/null
	is "$(facts "session_id > $start AND tls_version ~ '^TLSv1'")" 'planner|evaluation_crew|evaluation_crew|127.0.0.1|t' 'one that is encrypted says by what'
fi
$PG_CTL stop -m fast >/dev/null
$PG_CTL start >/dev/null

# ---- dumps ----------------------------------------------------------------

all() { sql "SELECT (SELECT md5(string_agg(r::text, ',' ORDER BY r.result_id)) FROM maestro.control_result AS r),
	(SELECT md5(string_agg(r::text, ',' ORDER BY r.control)) FROM maestro.user_control AS r),
	(SELECT md5(string_agg(r::text, ',' ORDER BY r.session_id)) FROM maestro.session_fact AS r)"; }
before=$(all)
pg_dump -Fc -f "$dir/dump"
create_database evaluation_restored 'TEMPLATE template0'
is "$(pg_restore -d evaluation_restored -j2 "$dir/dump" 2>&1)" '' 'a dump restores'
is "$(all)" "$before" 'with all results, controls and facts'
is "$(said who)" 'ok|evaluation_checker postgres none on pg_catalog, pg_temp' 'controls are run there'
is "$(sql "SELECT status, reason FROM maestro.evaluate_controls('integrity_check')")" 'ok|no finding' 'and the guards stand'
start=$(newest)
echo "$event" | as evaluation_crew >/dev/null
is "$(facts "session_id > $start")" 'planner|evaluation_crew|evaluation_crew|socket|f' 'and sessions are noticed'
finish
