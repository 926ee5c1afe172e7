#!/bin/sh
#
# One verdict for a schema and an instance, whichever way it is asked for: with a tree
# that is kept or made anew, as errors, before and after a dump and restore.
# MAESTRO_SEED= repeats a run.

. "$(dirname "$0")/../lib.sh"
begin schema_differential
export PGCLIENTENCODING=UTF8
seed=${MAESTRO_SEED:-$(date +%s)}
suite=${MAESTRO_SUITE:-../shared/data/json-schema-test-suite}
[ -d "$suite" ] || suite=
rows=$(mktemp)
trap 'rm -f "$rows"; cleanup' EXIT
diag "seed $seed"
python3 test/t/schema_differential.py "$seed" 600 ${suite:+"$suite"} >"$rows" || exit 1

# What the server takes for JSON, and the schemas that can be used.
sql "CREATE TABLE raw (n int GENERATED ALWAYS AS IDENTITY, schema_no int, schema text, instance text, verdict boolean)"
quiet_psql -c "\\copy raw (schema_no, schema, instance, verdict) FROM '$rows'"
sql "CREATE FUNCTION ask(s text, i text) RETURNS text LANGUAGE plpgsql AS \$\$
	BEGIN
		RETURN maestro.json_matches(s::json, i::jsonb);
	EXCEPTION WHEN OTHERS THEN
		RETURN CASE WHEN SQLSTATE IN ('22023', '54000') THEN 'refused' WHEN SQLSTATE = '22003' THEN 'no jsonb' ELSE SQLSTATE || ' ' || SQLERRM END;
	END \$\$;
	CREATE TABLE asked AS SELECT raw.*, ask(schema, instance) AS answer FROM raw"
is "$(sql "SELECT DISTINCT answer FROM asked WHERE answer NOT IN ('true', 'false', 'refused', 'no jsonb')")" '' 'there are verdicts and refusals, and nothing else'
is "$(sql "SELECT count(*) FILTER (WHERE answer IN ('true', 'false')) > 2000 AND count(*) FILTER (WHERE answer = 'false') > 300
	AND count(*) FILTER (WHERE answer = 'refused') > 50 FROM asked")" t 'of each there are many'
diag "$(sql "SELECT string_agg(answer || ': ' || n, ', ' ORDER BY answer) FROM (SELECT answer, count(*) AS n FROM asked GROUP BY answer) AS s" | sed 's/^/pairs: /')"

# none NAME CONDITION [DATABASE]: pairs with a verdict for which it is so, and it should be for none.
none() { is "$(sql "SELECT n, $2 AS other, schema, instance FROM pair WHERE $2 IS DISTINCT FROM answer LIMIT 3" "${3:-$PGDATABASE}")" '' "$1"; }

# As errors: all of them are looked for, which may end at a limit where the first one is enough.
no_errors="CREATE FUNCTION no_errors(s json, i jsonb) RETURNS boolean LANGUAGE plpgsql AS \$\$
	BEGIN
		RETURN NOT EXISTS (SELECT FROM maestro.json_errors(s, i));
	EXCEPTION WHEN program_limit_exceeded THEN
		RETURN NULL;
	END \$\$"
sql "$no_errors"
sql "CREATE TABLE pair (n int, schema_no int, schema json, instance jsonb, answer boolean, verdict boolean);
	INSERT INTO pair SELECT n, schema_no, schema::json, instance::jsonb, answer::boolean, verdict FROM asked
		WHERE answer IN ('true', 'false') ORDER BY schema_no, n"
none 'with a tree that is kept from one instance to the next' 'maestro.json_matches(schema, instance)'
none 'with one that is made anew each time' "maestro.json_matches((schema::text || repeat(' ', n % 7 + 1))::json, instance)"
none 'by the absence of errors' 'coalesce(no_errors(schema, instance), answer)'
# What has no place of its own in another schema, and means the same there.
plain="schema::text !~ '[\$](ref|dynamicRef|id|anchor|dynamicAnchor|schema)|x-maestro-assert-formats'"
none 'for the schema inside another one' "CASE WHEN $plain THEN maestro.json_matches(json_build_object('allOf', json_build_array(schema)), instance) ELSE answer END"
none 'and against its opposite' "CASE WHEN $plain THEN NOT maestro.json_matches(json_build_object('not', schema), instance) ELSE answer END"
is "$(sql "SELECT n, schema, instance, answer FROM pair WHERE verdict <> answer LIMIT 3")" '' 'it is the one of the official suite, where that is at hand'

# What holds goes into a table that checks it; both go to another database.
sql "CREATE TABLE checked (n int, schema json, instance jsonb, CHECK (maestro.json_matches(schema, instance)));
	INSERT INTO checked SELECT n, schema, instance FROM pair WHERE answer"
dump=$(mktemp)
trap 'rm -f "$rows" "$dump"; cleanup' EXIT
pg_dump -Fp -t pair -t checked >"$dump"
first=$PGDATABASE
create_database schema_differential_restored
sql 'CREATE EXTENSION maestro'
sql "$no_errors"
is "$(quiet_psql -f "$dump" 2>&1 | grep -v '^$' | head -n 3)" '' 'a table that checks instances by their schemas is restored'
is "$(sql 'SELECT count(*) FROM checked')" "$(sql 'SELECT count(*) FROM pair WHERE answer')" 'with all that holds'
is "$(sql 'SELECT count(*) FROM pair')" "$(sql 'SELECT count(*) FROM pair' "$first")" 'as is the other'
none 'there, too, with a tree that is kept' 'maestro.json_matches(schema, instance)'
none 'and as errors' 'coalesce(no_errors(schema, instance), answer)'
refused 23514 'which refuses what does not hold' 'INSERT INTO checked SELECT n, schema, instance FROM pair WHERE NOT answer LIMIT 1'
finish
