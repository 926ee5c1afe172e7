#!/bin/sh
#
# Who is allowed in, what must commit or happen at the same time: locked registries,
# signatures made by openssl, steps of one run, and the stop of a component.

. "$(dirname "$0")/../lib.sh"
begin allowlist

dir=$(mktemp -d)
trap 'rm -rf "$dir"; cleanup' EXIT

sql "
CREATE ROLE allowlist_crew;
CREATE ROLE allowlist_app LOGIN IN ROLE allowlist_crew, maestro_agent;
CREATE ROLE allowlist_solo LOGIN IN ROLE maestro_agent;
CREATE ROLE allowlist_ann LOGIN IN ROLE maestro_operator;
CREATE ROLE allowlist_chief LOGIN CREATEROLE IN ROLE maestro_operator;
CREATE ROLE allowlist_insider LOGIN IN ROLE maestro_operator, allowlist_crew;
SELECT maestro.register_system('crew', db_role => 'allowlist_crew');
SELECT maestro.register_component('crew', 'planner', 'agent');
SELECT maestro.register_component('crew', 'writer', 'agent');
SELECT maestro.register_component('crew', 'solo', 'agent', db_role => 'allowlist_solo');
SELECT maestro.declare_plan('crew', 'p', '{\"nodes\": [{\"id\": \"a\"}, {\"id\": \"b\"}, {\"id\": \"c\"}], \"edges\": [{\"source\": \"a\", \"target\": \"b\"}, {\"source\": \"a\", \"target\": \"c\"}]}'::json);
" >/dev/null
# Since PostgreSQL 16 CREATEROLE alters what it has the ADMIN option of, which alone makes nobody act for a component.
sql "SELECT format('GRANT %I TO allowlist_chief WITH ADMIN TRUE, INHERIT FALSE, SET FALSE', r)
	FROM unnest('{allowlist_crew,allowlist_app,allowlist_solo,allowlist_insider}'::text[]) AS r
	WHERE EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'pg_auth_members'::regclass AND attname = 'set_option')" |
	while read -r statement; do sql "$statement"; done

# waiting N: until so many sessions wait for a lock.
waiting() { until [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")" -ge "$1" ]; do sleep 0.05; done; }
# sleeping: until a session sleeps, or has slept already.
sleeping() {
	for _ in $(seq 100); do
		[ -z "$(sql "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' LIMIT 1")" ] || break
		sleep 0.05
	done
}

# ---- signatures of others ---------------------------------------------------

openssl genpkey -algorithm ed25519 -out "$dir/key.pem" 2>/dev/null
public=$(openssl pkey -in "$dir/key.pem" -pubout -outform DER | tail -c 32 | od -An -tx1 | tr -d ' \n')
is "$(echo "SELECT maestro.trust_manifest_key('release', '\\x$public', now() + interval '1 year')" | as allowlist_ann)" trusted "an operator trusts a key of openssl's"
manifest='{"version": "1", "system": "crew", "name": "signed", "kind": "agent", "description": "käse", "timeout": "30 s"}'
printf '%s' '{"description":"käse","kind":"agent","name":"signed","system":"crew","timeout":"30 s","version":"1"}' >"$dir/canonical"
is "$(sql "SELECT maestro.jcs('$manifest')")" "$(cat "$dir/canonical")" 'the canonical text can be made outside'
openssl pkeyutl -sign -rawin -inkey "$dir/key.pem" -in "$dir/canonical" -out "$dir/signature"
signature=$(od -An -v -tx1 "$dir/signature" | tr -d ' \n')
is "$(echo "SELECT maestro.register_signed_component('$manifest', '\\x$signature', 'release')" | as allowlist_ann)" crew/signed 'what openssl signed is registered'
is "$(echo "SELECT maestro.register_signed_component('${manifest%\}}, \"max_iterations\": 9}', '\\x$signature', 'release')" | as allowlist_ann 2>"$dir/said")" '' 'and nothing else'
has "$(cat "$dir/said")" 'WARNING:  crew/signed was not registered: its signature is wrong' 'he is warned'
is "$(sql "SELECT count(*), min(caller) FROM maestro.event WHERE reason = 'signature_invalid' AND kind = 'rejected'")" '1|allowlist_ann' 'and the refusal committed'
# Of two who register at a time the older one must not win.
signed() { # VERSION ISSUED: the statement that registers crew/raced by a signed manifest
	document="{\"issued_at\":\"$2\",\"kind\":\"agent\",\"name\":\"raced\",\"system\":\"crew\",\"version\":\"$1\"}"
	printf '%s' "$document" >"$dir/document"
	openssl pkeyutl -sign -rawin -inkey "$dir/key.pem" -in "$dir/document" -out "$dir/document.sig"
	echo "SELECT maestro.register_signed_component('$document', '\\x$(od -An -v -tx1 "$dir/document.sig" | tr -d ' \n')', 'release')"
}
signed 1 2025-01-01T00:00:00Z | as allowlist_ann >/dev/null
newest=$(signed 3 2026-02-01T00:00:00Z)
older=$(signed 2 2026-01-01T00:00:00Z)
echo "BEGIN; $newest; SELECT pg_sleep(1); COMMIT" | as allowlist_ann >/dev/null 2>&1 &
sleeping
echo "$older" | as allowlist_ann >"$dir/older" 2>&1
wait
has "$(cat "$dir/older")" 'crew/raced was not registered: a later manifest was registered' 'an older manifest does not win a race'
is "$(sql "SELECT version FROM maestro.component WHERE name = 'raced'")" 3 'the newer one stays'
refused 42501 'an agent registers nothing, signed or not' "SELECT maestro.register_signed_component('$manifest', '\\x$signature', 'release')" allowlist_app
refused 42501 'nor does it trust keys' "SELECT maestro.trust_manifest_key('mine', '\\x$public', now() + interval '1 day')" allowlist_app

# ---- locked -----------------------------------------------------------------

# Who is at registering when the registry is locked is let finish; who comes later isn't.
quiet_psql -U allowlist_ann -c "BEGIN; SELECT maestro.register_component('crew', 'early', 'tool'); SELECT pg_sleep(1); COMMIT" >/dev/null &
sleeping
quiet_psql -U allowlist_ann -c "SELECT maestro.lock_registry('crew', 'frozen')" >"$dir/locked" &
waiting 1
is "$(sql "SELECT registration FROM maestro.system")" open 'a lock waits for what is being registered'
wait
late=$(echo "SELECT maestro.register_component('crew', 'late', 'tool') IS NULL" | as allowlist_ann 2>/dev/null)
is "$(cat "$dir/locked")" locked 'then it holds'
is "$(sql "SELECT string_agg(name, ' ') FROM maestro.component WHERE name IN ('early', 'late')")|$late" 'early|t' 'and nothing is registered afterwards'
is "$(sql "SELECT count(*) FROM maestro.event WHERE reason = 'registry_locked' AND kind = 'rejected' AND caller = 'allowlist_ann'")" 1 'the attempt is an event that committed'
is "$(echo "SELECT maestro.unlock_registry('crew', '1 hour', 'mine') IS NULL" | as allowlist_insider 2>/dev/null)" t "who acts for its components can't unlock it"
is "$(echo "SET ROLE maestro_operator; SELECT maestro.unlock_registry('crew', '1 hour', 'mine') IS NULL" | as allowlist_insider 2>/dev/null)" t 'nor under another role'
refused 42501 'an agent neither' "SELECT maestro.unlock_registry('crew', '1 hour', 'mine')" allowlist_app
refused MA001 'nor does an UPDATE of the owner' "UPDATE maestro.system SET registration = 'open'"
quiet_psql -c "SELECT maestro.create_partition(now())" >/dev/null
pg_dump -Fc -f "$dir/dump"
create_database allowlist_restored
pg_restore -d allowlist_restored "$dir/dump" 2>"$dir/said"
is "$(cat "$dir/said")" '' 'it is dumped and restored'
is "$(sql "SELECT maestro.update_component('crew/writer', version => '2')" 2>/dev/null)" refused 'and locked as before'
is "$(sql "SELECT maestro.verify_ed25519(k.public_key, convert_to(s.document, 'UTF8'), s.signature), s.registered = maestro.component_fingerprint(s.component_id)
	FROM maestro.component_signature AS s JOIN maestro.manifest_key AS k USING (key_id) JOIN maestro.component AS c USING (component_id) WHERE c.name = 'signed'")" 't|t' 'with its signatures'
PGDATABASE=allowlist_t
is "$(echo "SELECT maestro.unlock_registry('crew', '1 hour', 'version 2') IS NOT NULL" | as allowlist_ann)" t 'somebody else unlocks it'

# ---- steps ------------------------------------------------------------------

# Two steps of one run at the same time: one edge is followed.
for run in 1 2 3; do
	echo "SELECT decision FROM maestro.begin_step('crew', 'p', 'run $run', 'a')" | as allowlist_app >/dev/null
	quiet_psql -U allowlist_app -c "BEGIN; SELECT decision FROM maestro.begin_step('crew', 'p', 'run $run', 'b'); SELECT pg_sleep(0.5); COMMIT" >"$dir/b" &
	sleeping
	echo "SELECT decision FROM maestro.begin_step('crew', 'p', 'run $run', 'c')" | as allowlist_app >"$dir/c"
	wait
	echo "$(head -n 1 "$dir/b") $(cat "$dir/c")"
done >"$dir/both"
is "$(sort -u "$dir/both")" 'allow deny' 'of two steps at the same time one passes'
for run in $(seq 1 20); do
	echo "SELECT decision FROM maestro.begin_step('crew', 'p', 'race', 'a')"
done | sed 's/$/;/' >"$dir/race"
for i in 1 2 3 4; do as allowlist_app <"$dir/race" >"$dir/race$i" & done
wait
is "$(cat "$dir"/race[1-4] | sort | uniq -c | tr -s ' ' | tr '\n' ',')" ' 1 allow, 79 deny,' 'of many the first one alone'
is "$(echo "BEGIN; SELECT decision FROM maestro.begin_step('crew', 'p', 'back', 'a'); ROLLBACK; SELECT decision FROM maestro.begin_step('crew', 'p', 'back', 'a')" | as allowlist_app | tr '\n' ' ')" \
	'allow allow ' 'a step that is rolled back was none'
quiet_psql -U allowlist_app -c "BEGIN; SELECT decision FROM maestro.begin_step('crew', 'p', 'x', 'a'); SELECT pg_sleep(1); COMMIT" >/dev/null &
sleeping
is "$(echo "SET lock_timeout = '300ms'; SELECT decision FROM maestro.begin_step('crew', 'p', 'y', 'a')" | as allowlist_app)" allow 'another run does not wait'
wait

# ---- stop -------------------------------------------------------------------

# session ROLE: one that stays.
session() {
	quiet_psql -U "$1" -c 'SELECT pg_sleep(600)' >/dev/null 2>&1 &
	until [ -n "$(sql "SELECT 1 FROM pg_stat_activity WHERE usename = '$1' AND wait_event = 'PgSleep' LIMIT 1")" ]; do sleep 0.05; done
}
sessions() { sql "SELECT count(*) FROM pg_stat_activity WHERE usename = '$1'"; }
# stop ROLE COMPONENT [FORCE]
stop() { echo "CALL maestro.stop_component('crew/$2', 'it spams', ${3:-false})" | as "$1" 2>"$dir/said"; }

session allowlist_app
session allowlist_solo
session allowlist_solo
is "$(stop allowlist_chief planner)" 'refused|0|' 'a component whose role acts for another is not stopped'
has "$(cat "$dir/said")" 'HINT:  force => true ends all its sessions' 'who tried is told the way out'
is "$(sql "SELECT state, (SELECT count(*) FROM maestro.event WHERE reason = 'shared_role') FROM maestro.component WHERE name = 'planner'")|$(sessions allowlist_app)" 'active|1|1' \
	'which is an event, and nothing else happens'
is "$(outcome "BEGIN; CALL maestro.stop_component('crew/solo', 'x'); COMMIT")" 25001 'a stop is no part of a transaction'
is "$(outcome "DO 'BEGIN CALL maestro.stop_component(''crew/nobody'', ''x''); END'")" 42704 'but a DO block may call it'
is "$(sql "SELECT state FROM maestro.component WHERE name = 'solo'")" active 'and nothing is done'
is "$(stop allowlist_ann solo)" 'incomplete|2|0' 'sessions are ended, but who may not alter the role has not stopped it'
has "$(cat "$dir/said")" 'WARNING:  role allowlist_solo can still log in: you may not alter it' 'and is told'
is "$(sessions allowlist_solo)|$(sql "SELECT state FROM maestro.component WHERE name = 'solo'")" '0|suspended' 'nothing is left'
session allowlist_solo
is "$(echo "SET search_path = 'allowlist_evil'; CALL maestro.stop_component('crew/solo', 'again')" | as allowlist_chief 2>"$dir/said")" 'stopped|1|0' 'who may alter it stops it'
has "$(cat "$dir/said")" 'NOTICE:  crew/solo is stopped: 1 sessions ended, 0 remain' 'and is told what ended'
is "$(outcome 'SELECT 1' allowlist_solo)" "psql: error: connection to server on socket \"$PGHOST/.s.PGSQL.${PGPORT:-5432}\" failed: FATAL:  role \"allowlist_solo\" is not permitted to log in" 'it does not come back'
is "$(sql "SELECT message, attributes - 'login' FROM maestro.event WHERE message LIKE 'stop of crew/solo%' ORDER BY event_id DESC LIMIT 1")" \
	'stop of crew/solo: stopped|{"ended": 1, "may_login": null, "remaining": 0}' 'it is on record'
is "$(sessions allowlist_app)" 1 'others go on'
is "$(sql "SELECT maestro.lock_registry('crew', 'frozen again')")" locked 'a locked registry'
is "$(stop allowlist_chief writer true)" 'stopped|1|0' 'hinders no stop, and force ends shared sessions'
is "$(sql "SELECT string_agg(name, ' ' ORDER BY name) FROM maestro.component WHERE state = 'suspended'")" 'solo writer' 'of the components it is one that is suspended'
is "$(sql "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'allowlist_chief'")" t 'nobody locks himself out'
sql "CREATE ROLE allowlist_agent LOGIN IN ROLE maestro_agent, allowlist_crew"
refused 42501 'an agent stops nothing' "CALL maestro.stop_component('crew/planner', 'x')" allowlist_agent
refused 55000 'sessions of an active component are not ended' "SELECT maestro.stop_sessions('crew/planner')"
is "$(outcome "SELECT maestro.begin_step('crew', 'p', 'z', 'a')")" 'done' 'the owner goes on'
is "$(sql 'SELECT count(*) FROM maestro.integrity_check()')" 0 'and the guards stand'
sql "SELECT maestro.revoke_manifest_key('release', 'lost')" >/dev/null
is "$(sql "SELECT reason ~ 'components are not as a signed manifest says, first: .*; 2 signed with a key that was revoked or has expired, first: crew/' FROM maestro.evaluate_controls('signature') WHERE system = 'crew'")" t \
	'a key that was revoked is told beside components without a signature'
finish
