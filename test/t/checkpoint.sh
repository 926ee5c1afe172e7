#!/bin/sh
#
# Checkpoints as they leave the database: the key, signatures, proofs as text, copies of
# the log, and who may do what.

. "$(dirname "$0")/../lib.sh"
begin checkpoint

dir=$(mktemp -d)
data=$(sql 'SHOW data_directory')
trap 'rm -rf "$dir" "$data"/checkpoint_test*; cleanup' EXIT
sql "CREATE ROLE checkpoint_agent LOGIN IN ROLE maestro_agent; CREATE ROLE checkpoint_auditor LOGIN IN ROLE maestro_auditor;
	CREATE ROLE checkpoint_approver LOGIN IN ROLE maestro_approver; CREATE ROLE checkpoint_operator LOGIN IN ROLE maestro_operator;
	CREATE ROLE checkpoint_nobody LOGIN;
	SELECT maestro.register_system('crew', db_role => 'checkpoint_agent'), maestro.register_component('crew', 'planner', 'agent');
	SELECT count(*) FROM maestro.log_events((SELECT jsonb_agg(jsonb_build_object('component', 'crew/planner', 'kind', 'note')) FROM generate_series(1, 20)))" >/dev/null
# Reads proofs as others would: C2SP tlog-proof and tlog-witness.
sql "
CREATE FUNCTION public.hashes(lines text) RETURNS bytea[] LANGUAGE sql AS \$\$
	SELECT ARRAY(SELECT decode(l, 'base64') FROM string_to_table(lines, E'\\n') WITH ORDINALITY AS t (l, i) WHERE l <> '' ORDER BY i) \$\$;
CREATE FUNCTION public.proves(proof text, leaf bytea, vkey text) RETURNS boolean LANGUAGE plpgsql AS \$\$
DECLARE
	head text := split_part(proof, E'\\n\\n', 1);
	note text := substr(proof, length(head) + 3);
	said text[] := string_to_array(note, E'\\n');
	parts text[] := regexp_match(head, E'^c2sp\\\\.org/tlog-proof@v1\\nindex ([0-9]+)((?:\\n[A-Za-z0-9+/]{43}=)*)\$');
BEGIN
	RETURN maestro.verify_note(note, vkey)
	   AND maestro.verify_inclusion(leaf, parts[1]::bigint, said[2]::bigint, public.hashes(parts[2]), decode(said[3], 'base64'));
END \$\$;
CREATE FUNCTION public.continues(request text, size1 bigint, root1 bytea, vkey text) RETURNS boolean LANGUAGE plpgsql AS \$\$
DECLARE
	head text := split_part(request, E'\\n\\n', 1);
	note text := substr(request, length(head) + 3);
	said text[] := string_to_array(note, E'\\n');
	parts text[] := regexp_match(head, E'^old ([0-9]+)((?:\\n[A-Za-z0-9+/]{43}=)*)\$');
BEGIN
	RETURN parts[1]::bigint = size1 AND maestro.verify_note(note, vkey) AND CASE WHEN size1 = 0 THEN parts[2] = ''
		ELSE maestro.verify_consistency(size1, said[2]::bigint, public.hashes(parts[2]), root1, decode(said[3], 'base64')) END;
END \$\$;"

# ---- the body, signed outside ----------------------------------------------

refused 55000 'without a seal there is no checkpoint' 'SELECT maestro.checkpoint_body()'
sql 'SELECT FROM maestro.seal()'
is "$(sql 'SELECT maestro.checkpoint_body()')" "$(sql "SELECT origin || E'\\n' || size || E'\\n' || encode(root::bytea, 'base64') FROM maestro.log, maestro.checkpoint")" \
	'checkpoint_body is origin, size and root, a line each'
refused 55000 'without a key none is signed' 'SELECT maestro.checkpoint_note()'
refused 55000 'nor is the key known' 'SELECT maestro.log_public_key()'
refused 55000 'nor an event proved by text' 'SELECT maestro.proof(1)'
refused 55000 'nor a witness asked' 'SELECT maestro.witness_request(0)'

# ---- the key ---------------------------------------------------------------

key=$data/checkpoint_test.key
vkey=$(sql "SELECT maestro.generate_log_key('$key')")
is "$(stat -c %a "$key")" 600 'generate_log_key makes a file that the server alone can read'
is "$(wc -l <"$key")|$(cut -c 1-12 "$key")" '1|PRIVATE+KEY+' 'of one line, the private key'
is "$(sql "SELECT '$vkey' LIKE origin || '+%' FROM maestro.log")" t 'and returns the verifier key, with the origin as name'
lacks "$vkey" "$(cut -d+ -f5- "$key")" 'in which the private key is not'
sum=$(cksum <"$key")
refused 22023 'it refuses a relative path, which would lie in the data directory' "SELECT maestro.generate_log_key('checkpoint_test_relative.key')"
refused 58P02 'it refuses a file that exists' "SELECT maestro.generate_log_key('$key')"
is "$(cksum <"$key")" "$sum" 'and leaves that as it was'
refused 58P01 'it refuses a directory that does not exist' "SELECT maestro.generate_log_key('$data/nowhere/key')"
ln -s "$data/checkpoint_test_elsewhere" "$data/checkpoint_test_link"
refused 58P02 'and a symbolic link' "SELECT maestro.generate_log_key('$data/checkpoint_test_link')"
is "$(ls "$data/checkpoint_test_elsewhere" 2>/dev/null)" '' 'behind which nothing is made'
isnt "$(sql "SELECT maestro.generate_log_key('$data/checkpoint_test2.key')")" "$vkey" 'each key is another'
sql "ALTER DATABASE checkpoint_t SET maestro.seal_key_file = '$key'"
is "$(sql 'SELECT maestro.log_public_key()')" "$vkey" 'log_public_key is the one of the file that is set'
note=$(sql 'SELECT maestro.checkpoint_note()')
is "$(sql "SELECT maestro.verify_note(maestro.checkpoint_note(), '$vkey')")" t 'checkpoint_note is signed with it'
is "$(sql "SELECT starts_with(maestro.checkpoint_note(), maestro.checkpoint_body() || E'\\n')")" t 'and is checkpoint_body, an empty line and signatures'
is "$(sql "SELECT maestro.verify_note(replace(maestro.checkpoint_note(), E'\\n23\\n', E'\\n24\\n'), '$vkey'), maestro.checkpoint_body() LIKE E'%\\n23\\n%'")" 'f|t' 'of no other size'
chmod 640 "$key"
refused F0000 'a key that the group can read is not used' 'SELECT maestro.checkpoint_note()'
chmod 604 "$key"
refused F0000 'nor one that all can read' 'SELECT maestro.log_public_key()'
chmod 600 "$key"
is "$(sql 'SELECT maestro.log_public_key()')" "$vkey" 'one that the server alone can read is'
# with_key TEXT: what signing with a file of that text comes to.
with_key() {
	printf '%s' "$1" >"$data/checkpoint_test3.key"
	chown --reference="$key" "$data/checkpoint_test3.key"
	chmod 600 "$data/checkpoint_test3.key"
	outcome "SET maestro.seal_key_file = '$data/checkpoint_test3.key'; SELECT maestro.checkpoint_note()"
}
name=$(cut -d+ -f1-4 "$key")
secret=$(cut -d+ -f5- "$key")
for text in '' 'x' 'PRIVATE+KEY+' 'PRIVATE+KEY+a+00000000+' "$name+${secret%????}" "$name$secret" "$name+$secret=" "$name+B${secret#A}" "$name+$secret x" "PUBLIC+${name#PRIVATE+}+$secret" \
	"$vkey" "$name+$secret$(head -c 5000 /dev/zero | tr '\0' A)"; do
	is "$(with_key "$text")" F0000 "a file without a key of ours is none: ${#text} bytes"
done
is "$(with_key "$(cat "$key")")" 'done' 'a key without line end is one'
refused 58P01 'a file that is not there is none' "SET maestro.seal_key_file = '$data/checkpoint_test4.key'; SELECT maestro.checkpoint_note()"
refused F0000 'nor is a directory' "SET maestro.seal_key_file = '$data/base'; SELECT maestro.checkpoint_note()"
for role in agent auditor operator; do
	refused 42501 "the $role may not choose the key" "SELECT maestro.leaf_hash(''); SET maestro.seal_key_file = '$key'" "checkpoint_$role"
	refused 42501 'nor learn its file' "SELECT maestro.leaf_hash(''); SHOW maestro.seal_key_file" "checkpoint_$role"
done
is "$(echo "SET maestro.seal_key_file = '$data/checkpoint_test2.key'; SELECT maestro.verify_note(maestro.checkpoint_note(), '$vkey')" | as checkpoint_auditor 2>/dev/null)" t \
	'nor does it help to set it before the library is there'
sql 'GRANT USAGE ON SCHEMA maestro TO checkpoint_nobody; GRANT EXECUTE ON FUNCTION maestro.generate_log_key TO checkpoint_nobody'
refused 42501 'only a superuser makes keys, whatever he is granted' "SELECT maestro.generate_log_key('$data/checkpoint_test5.key')" checkpoint_nobody
is "$(ls "$data/checkpoint_test5.key" 2>/dev/null)" '' 'and no file is made'

# ---- proofs as text --------------------------------------------------------

is "$(sql "SELECT count(*), bool_and(public.proves(maestro.proof(event_id), leaf::bytea, '$vkey')) FROM maestro.event")" '23|t' 'proof() of each event convinces without the database'
is "$(sql "SELECT bool_or(public.proves(maestro.proof(a.event_id), b.leaf::bytea, '$vkey')) FROM maestro.event AS a, maestro.event AS b WHERE a.event_id <> b.event_id")" f \
	'and of that event alone'
is "$(sql "SELECT split_part(maestro.proof(event_id), E'\\n', 2) FROM maestro.tree_leaves() WHERE index = 7")" 'index 7' 'its second line is the place'
refused P0002 'an event that does not exist has no proof' 'SELECT maestro.proof(-1)'
id=$(sql "SELECT event_id FROM maestro.log_event('crew/planner', 'note', 'x')")
refused P0002 'nor has one that is not sealed' "SELECT maestro.proof($id)"
sql "SELECT FROM maestro.seal()"
is "$(sql "SELECT public.proves(maestro.proof($id), leaf::bytea, '$vkey') FROM maestro.event WHERE event_id = $id")" t 'then it has'
is "$(sql "SELECT count(*), bool_and(public.continues(maestro.witness_request(c.size), c.size, c.root::bytea, '$vkey')) FROM maestro.checkpoint AS c")" '2|t' \
	'witness_request proves to a witness that the log continues what he has seen'
is "$(sql "SELECT public.continues(maestro.witness_request(0), 0, NULL, '$vkey')")" t 'to a new one it proves nothing'
is "$(sql "SELECT public.continues(maestro.witness_request(5), 5, maestro.merkle_root(ARRAY(SELECT leaf::bytea FROM maestro.tree_leaves() WHERE index < 5 ORDER BY index)), '$vkey')")" t \
	'it can have been between two seals'
for bad in -1 25 9223372036854775807; do
	refused 22023 "a witness that has seen $bad events is told of the rollback" "SELECT maestro.witness_request($bad)"
done

# ---- what may still roll back is not signed --------------------------------

refused 25000 'no checkpoint of the calling transaction is signed' "BEGIN; SELECT FROM maestro.log_event('crew/planner', 'note'); COMMIT; BEGIN; SELECT FROM maestro.seal(); SELECT maestro.checkpoint_note()"
for call in 'checkpoint_body()' "proof($id)" 'witness_request(0)'; do
	refused 25000 "nor given out by $call" "BEGIN; SELECT FROM maestro.seal(); SELECT maestro.$call"
done
refused 25000 'nor that of a subtransaction' 'BEGIN; SAVEPOINT s; SELECT FROM maestro.seal(); RELEASE s; SELECT maestro.checkpoint_note()'
is "$(sql "BEGIN; SAVEPOINT s; SELECT FROM maestro.seal(); ROLLBACK TO s; SELECT maestro.verify_note(maestro.checkpoint_note(), '$vkey'); COMMIT")" t 'after its rollback the one before is'

# ---- signatures that are added ---------------------------------------------

# A witness of ours; what it signs is kept once its key is trusted.
seed=$(printf 'ab%.0s' $(seq 32))
witness=$(python3 test/verify/witness.py key witness.example/w "$seed")
cosign() { sql "SELECT maestro.checkpoint_body()" | sed '$d' | python3 test/verify/witness.py sign witness.example/w "$seed" "$1"; }
line=$(cosign 1700000000)
add() { echo "SELECT maestro.add_checkpoint_signature(maestro.checkpoint_body() || E'\\n$1\\n')"; }
refused 55000 'no signature is kept as long as no key is trusted' "$(add "$line")"
refused 22023 'what is no key is not trusted' "SELECT maestro.trust_key('x')"
is "$(echo "SELECT maestro.trust_key('$witness')" | as checkpoint_operator)" 1 'an operator trusts a witness'
refused 22023 'once' "SELECT maestro.trust_key('$witness')"
is "$(sql "$(add "$line")")" 1 "a witness's line is kept"
is "$(sql "$(add "$line")")" 0 'once'
is "$(sql "$(add "$(cosign 1700000001)")")" 0 'and not again when it signs at another time'
has "$(sql 'SELECT maestro.checkpoint_note()')" "$line" 'and is in the note'
is "$(sql "SELECT maestro.verify_note(maestro.checkpoint_note(), '$vkey'), maestro.verify_note(maestro.checkpoint_note(), '$witness')")" 't|t' "beside the log's"
# Lines that would spoil the note of others.
junk=$(printf '%s' "$line" | sed 's/....$/AAA=/')
refused 22023 "a wrong line of a trusted witness's is refused" "$(add "$junk")"
is "$(sql "$(add "$(printf '%s' "$line" | sed 's/witness.example/stranger.example/')")")" 0 'a stranger counts for nothing'
is "$(sql "$(add "— $(sql 'SELECT origin FROM maestro.log') $(echo "$line" | sed 's/.* //')")")" 0 "nor does one who takes the log's name"
is "$(sql "SELECT maestro.verify_note(maestro.checkpoint_note(), '$vkey')")" t 'and the note is as good as before'
refused MA001 'nobody writes it directly' 'UPDATE maestro.cosignature SET line = line'
signed=$(sql 'SELECT maestro.checkpoint_note()')
sql "SELECT maestro.trust_key('$vkey')" >/dev/null
is "$(sql "SELECT maestro.add_checkpoint_signature('$signed
')")" 1 'a note of the log itself brings its own line'
is "$(sql "SET maestro.seal_key_file = ''; SELECT maestro.verify_note(maestro.checkpoint_note(), '$vkey')")" t 'which then needs no key'
is "$(sql "SELECT count(*) FROM regexp_matches(maestro.checkpoint_note(), '— maestro/', 'g')")" 1 'and is there once'
# Sealing goes on while somebody signs outside.
size=$(sql "SELECT max(size) FROM maestro.checkpoint")
sql "SELECT FROM maestro.log_event('crew/planner', 'note', 'later'); SELECT FROM maestro.seal()" >/dev/null
is "$(sql "SET maestro.seal_key_file = ''; SELECT maestro.verify_note(maestro.checkpoint_note(), '$vkey'), split_part(maestro.checkpoint_note(), E'\n', 2)")" "t|$size" 'without a key the note is the newest that came back signed'
is "$(sql "SET maestro.seal_key_file = ''; SELECT maestro.proof(1) LIKE '%' || E'\n$size\n' || '%'")" t 'and proofs are of that'
refused 22023 'a witness has seen no size below 0' 'SELECT maestro.witness_request(-1)'
is "$(sql "SELECT maestro.record_checkpoint_copy(1, repeat('ab', 32)::maestro.digest, 'mail'), maestro.record_checkpoint_copy(maestro.checkpoint_note(), 'mail')")" 'f|t' 'an auditor gives the note that he holds'
is "$(sql "SELECT status FROM maestro.control_result WHERE control = 'checkpoint_outside' ORDER BY result_id DESC LIMIT 1")" ok 'and what he says last of a place counts'
refused 22023 'which must be a note' "SELECT maestro.record_checkpoint_copy('x', 'mail')"
is "$(sql "SELECT maestro.add_checkpoint_signature('$note
')")" 1 'an older checkpoint of the log takes signatures too'
lacks "$(sql 'SELECT maestro.checkpoint_note()')" "$(echo "$note" | tail -n 1)" 'which are not shown with a newer one'
refused MA003 'a checkpoint that this log has not made is refused' "SELECT maestro.add_checkpoint_signature(replace(maestro.checkpoint_note(), split_part(maestro.checkpoint_body(), E'\\n', 3),
	encode(sha256(''), 'base64')))"
refused MA003 'nor one of a size it has not had' "SELECT maestro.add_checkpoint_signature(regexp_replace(maestro.checkpoint_note(), E'\\n[0-9]+\\n', E'\\n7\\n'))"
refused MA003 "nor another log's" "SELECT maestro.add_checkpoint_signature('x' || maestro.checkpoint_note())"
i=0
for text in "''" "'x'" 'maestro.checkpoint_body()' "maestro.checkpoint_body() || E'\\n'" "E'a\\nb\\n\\n$line\\n'" "maestro.checkpoint_body() || E'more\\n\\n$line\\n'" "replace(maestro.checkpoint_note(), E'\\n', E'\\r\\n')" \
	"regexp_replace(maestro.checkpoint_note(), E'\\n([0-9]+)\\n', E'\\n0\\\\1\\n')" "regexp_replace(maestro.checkpoint_note(), E'\\n([0-9]+)\\n', E'\\n+\\\\1\\n')" "replace(maestro.checkpoint_note(), '=', '')" "repeat(maestro.checkpoint_note(), 1000)"; do
	refused 22023 "what is no signed checkpoint is refused, case $((i += 1))" "SELECT maestro.add_checkpoint_signature($text)"
done

sql 'SELECT maestro.distrust_key(1)'
refused 42704 'a key that is not trusted cannot be distrusted' 'SELECT maestro.distrust_key(1)'

# ---- who may ---------------------------------------------------------------

sql "SELECT FROM maestro.log_event('crew/planner', 'note'); SELECT FROM maestro.seal()" >/dev/null
reading="checkpoint_body() checkpoint_note() log_public_key() witness_request(0) proof($id) event_index($id) inclusion_proof($id) consistency_proof(1,2) tile_export(0,0,1) entries_export(0,1) tree_leaves() verify()
	log_files(3) tile_name(5)"
writing="seal() adopt_log('x') log_fork('x') generate_log_key('x') redact_event($id,'x','y') place_hold('x') release_hold(1,'x') lengthen_retention('1y') drop_partition('2000-01-01')"
for call in $reading $writing "add_checkpoint_signature('x')"; do
	refused 42501 "an agent may not call $call" "SELECT maestro.$call" checkpoint_agent
done
for call in $reading; do
	refused 'done' "an auditor may call $call" "SELECT maestro.$call" checkpoint_auditor
	refused 'done' "and so may an operator" "SELECT maestro.$call" checkpoint_operator
done
for call in $writing; do
	refused 42501 "an auditor may not call $call" "SELECT maestro.$call" checkpoint_auditor
done
refused 'done' 'an operator seals' 'SELECT maestro.seal()' checkpoint_operator
for call in 'seal()' "log_fork('x')" 'checkpoint_note()' "generate_log_key('x')"; do
	refused 42501 "an approver may not call $call" "SELECT maestro.$call" checkpoint_approver
done
is "$(echo "SELECT (SELECT count(*) FROM maestro.tree_leaves()) = (SELECT max(size) FROM maestro.checkpoint), count(*) > 0 FROM maestro.tile_tail" | as checkpoint_auditor)" 't|t' 'an auditor reads the tree'
for table in log incarnation checkpoint tile tile_tail cosignature redaction legal_hold dropped_partition; do
	refused 42501 "an agent does not read maestro.$table" "SELECT FROM maestro.$table" checkpoint_agent
	refused MA001 'and nobody deletes from it' "DELETE FROM maestro.$table"
	refused MA001 'or empties it' "TRUNCATE maestro.$table"
done

# ---- copies ----------------------------------------------------------------

refused 22023 'adopting needs a reason' "SELECT maestro.adopt_log('')"
refused 22023 'which is not blank' "SELECT maestro.adopt_log('  ')"
refused 22023 'or NULL' 'SELECT maestro.adopt_log(NULL)'
refused 55000 'a log that was never copied needs no adopting' "SELECT maestro.adopt_log('because')"
refused 22023 'a fork needs a reason' "SELECT maestro.log_fork('')"
size=$(sql 'SELECT max(size) FROM maestro.checkpoint')
create_database checkpoint_copy 'TEMPLATE checkpoint_t'
sql "ALTER DATABASE checkpoint_copy SET maestro.seal_key_file = '$key'"
refused MA004 'a copy signs nothing' 'SELECT maestro.checkpoint_note()'
refused MA004 'nor gives anything to sign' 'SELECT maestro.checkpoint_body()'
is "$(sql 'SELECT severity, kind FROM maestro.verify()')" 'LOW|incarnation' 'verify() says what is to do'
sql "SELECT FROM maestro.log_event('crew/planner', 'note', 'in the copy')" >/dev/null
is "$(sql 'SELECT sealed, size FROM maestro.seal()')" "1|$((size + 1))" 'it is sealed'
is "$(sql 'SELECT no, size, adopted_at IS NULL FROM maestro.incarnation ORDER BY no DESC LIMIT 1')" "2|$size|t" 'in an incarnation of its own'
refused MA004 'and still signs nothing' 'SELECT maestro.checkpoint_note()'
is "$(sql 'SELECT severity, kind FROM maestro.verify()')" 'LOW|incarnation' 'which verify() says too'
create_database checkpoint_fork 'TEMPLATE checkpoint_copy'
PGDATABASE=checkpoint_copy
is "$(sql "SELECT maestro.adopt_log('we moved')")" 2 'adopt_log takes it for the log'
is "$(sql "SELECT maestro.verify_note(maestro.checkpoint_note(), '$vkey')")" t 'which then signs'
refused 55000 'it is adopted once' "SELECT maestro.adopt_log('again')"
is "$(sql "SELECT message, attributes->>'reason' FROM maestro.event ORDER BY event_id DESC LIMIT 1")" 'the log was adopted|we moved' 'an event says so'
is "$(sql "SELECT FROM maestro.seal(); SELECT count(*) FROM maestro.verify()")" 0 'and all is well'
PGDATABASE=checkpoint_fork
sql "ALTER DATABASE checkpoint_fork SET maestro.seal_key_file = '$key'"
origin=$(sql 'SELECT origin FROM maestro.log')
is "$(sql "SELECT maestro.log_fork('a copy for tests')")" "$origin/2" 'log_fork gives another name'
is "$(sql 'SELECT adopted_at IS NOT NULL FROM maestro.incarnation ORDER BY no DESC LIMIT 1')" t 'and adopts'
is "$(sql "SELECT e.attributes->>'old_origin', (e.attributes->>'old_size')::bigint = c.size, c.root::text = e.attributes->>'old_root'
	FROM maestro.event AS e, maestro.checkpoint AS c WHERE message = 'the log was forked' AND c.size = (SELECT max(size) FROM maestro.checkpoint)")" "$origin|t|t" 'an event says which checkpoint it continues'
isnt "$(sql 'SELECT maestro.log_public_key()')" "$vkey" 'its verifier key has that name'
is "$(sql "SELECT maestro.verify_note(maestro.checkpoint_note(), maestro.log_public_key()), maestro.verify_note(maestro.checkpoint_note(), '$vkey')")" 't|f' 'and signs as that alone'
refused MA003 'a note under the old name is no more its own' "SELECT maestro.add_checkpoint_signature('$note
')"
is "$(sql "SELECT maestro.log_fork('again')")" "$origin/3" 'the next fork counts on'
is "$(sql "SELECT FROM maestro.seal(); SELECT count(*) FROM maestro.verify()")" 0 'and all is well there too'
PGDATABASE=checkpoint_t
is "$(sql "SELECT maestro.verify_note(maestro.checkpoint_note(), '$vkey'), count(*) FROM maestro.incarnation")" 't|1' 'the log that was copied has not noticed'
finish
