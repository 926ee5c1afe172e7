#!/bin/sh
#
# Hostile values through a real server: as text, jsonb and safe_text, by INSERT, COPY
# and binary COPY; bytes that are no UTF-8; databases of other encodings.
# MAESTRO_SEED= repeats a run.

. "$(dirname "$0")/../lib.sh"
begin hostile_bytes
dir=$(mktemp -d)
trap 'rm -rf "$dir"; cleanup' EXIT
export PGCLIENTENCODING=UTF8

rows=2500
seed=${MAESTRO_SEED:-$(date +%s)}
echo "# hostile_bytes: seed $seed" >&2
python3 test/t/hostile_bytes.py make "$seed" "$rows" "$dir" || exit 1

# After a crash the server empties unlogged tables.
sql "CREATE UNLOGGED TABLE no_crash AS SELECT 1 AS one"
alive() { is "$(sql 'SELECT count(*) FROM no_crash' hostile_bytes_t)" 1 "$1"; }

# none NAME SQL: the rows that a query counts, and there should be none.
none() { is "$(sql "SELECT count(*) FROM $2")" 0 "$1"; }

# ---- every way in ---------------------------------------------------------

for way in insert copy binary; do
	sql "CREATE TABLE by_$way (n int, t text, s maestro.safe_text, j jsonb)"
done
quiet_psql -1 -f "$dir/insert.sql"
quiet_psql -c "\\copy by_copy FROM '$dir/rows.copy'"
quiet_psql -c "\\copy by_binary FROM '$dir/rows.binary' (FORMAT binary)"
is "$(sql 'SELECT count(*) FROM by_insert')" "$rows" 'hostile values are stored'
for way in copy binary; do
	none "what comes by $way is what comes by insert" \
		"by_insert AS a FULL JOIN by_$way AS b USING (n) WHERE (a.t, a.s::text, a.j) IS DISTINCT FROM (b.t, b.s::text, b.j)"
done
alive 'the server has survived them'

# ---- what is made of them -------------------------------------------------

for level in pii secrets; do
	none "a text sanitized twice is as sanitized once ($level)" \
		"by_insert, maestro.sanitize(t, '$level') AS once WHERE maestro.sanitize(once, '$level') <> once"
	none "likewise a jsonb ($level)" \
		"by_insert, maestro.sanitize(j, '$level') AS once WHERE maestro.sanitize(once, '$level') <> once"
done
none 'a safe_text is what the cast makes of the text' 'by_insert WHERE s::text <> maestro.safe_text(t)::text'
none 'and stays as it is' 'by_insert WHERE maestro.safe_text(s::text)::text <> s::text'
none 'results are UTF-8 of the server' "by_insert, concat(maestro.sanitize(t), s, maestro.sanitize(j)) AS result
	WHERE convert_from(convert_to(result, 'UTF8'), 'UTF8') <> result"
is "$(sql "COPY (SELECT json_build_array(n, maestro.sanitize(t), s::text, j::text, maestro.sanitize(j)::text) FROM by_insert)
	TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')" | python3 test/t/hostile_bytes.py check | head -n 5)" "$rows rows read" \
	'nothing in them controls or hides, and a jsonb keeps its shape'

# ---- what is found --------------------------------------------------------

isnt "$(sql 'SELECT count(*) FROM by_insert, maestro.scan(t)')" 0 'there are finds'
none 'each lies in the text, and its sample is its beginning' "by_insert, maestro.scan(t)
	WHERE first < 1 OR length < 1 OR first + length - 1 > char_length(t) OR char_length(sample) > 4
		OR left(substring(t FROM first FOR length), char_length(sample)) <> sample"
none 'they are in order and apart' "(SELECT first < lag(first + length) OVER (PARTITION BY n ORDER BY i) AS wrong
	FROM by_insert, ROWS FROM (maestro.scan(t)) WITH ORDINALITY AS f (rule, type, first, length, sample, i)) AS s WHERE wrong"
none 'a text with a find is changed' 'by_insert WHERE EXISTS (SELECT FROM maestro.scan(t)) AND maestro.sanitize(t) = t'
none 'and one that stays as it is has no find but placeholders' "by_insert WHERE maestro.sanitize(t) = t AND maestro.finding_counts(t) IS NOT NULL
	AND t !~ '\\[REDACTED:[A-Z_]+\\]'"
alive 'the server has survived that'

# ---- what the server refuses itself ---------------------------------------

for bytes in '\377' '\303' '\303(' '\300\200' '\340\200\257' '\355\240\200' '\364\220\200\200' '\370\210\200\200\200' 'x\200'; do
	bad=$(printf "$bytes")
	name="octal$(printf '%s' "$bytes" | tr '\\' ' ')"
	refused 22021 "$name is refused by the server: text" "SELECT maestro.sanitize('a $bad b')"
	refused 22021 "$name is refused by the server: safe_text" "SELECT 'a $bad b'::maestro.safe_text"
	refused 22021 "$name is refused by the server: COPY" "COPY by_copy (s) FROM STDIN;
a $bad b
\\."
	{
		printf 'PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\005a '
		printf '%s   ' "$bad" | head -c 3
		printf '\377\377'
	} >"$dir/one.binary"
	refused 22021 "$name is refused by safe_text's binary input" "\\copy by_binary (s) FROM '$dir/one.binary' (FORMAT binary)"
done
refused 22021 'and so is the byte zero' "COPY by_copy (s) FROM STDIN;
a\\000b
\\."
printf 'PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\003a\0b\377\377' >"$dir/one.binary"
refused 22021 'in binary too' "\\copy by_binary (s) FROM '$dir/one.binary' (FORMAT binary)"
refused 54001 'JSON nested too deep is refused by the server' "SELECT maestro.sanitize((repeat('[', 100000) || repeat(']', 100000))::jsonb)"
alive 'the server has survived what it refuses'

# ---- other encodings ------------------------------------------------------

# The extension refuses; its functions, declared by a superuser all the same, take
# what is no UTF-8 for bytes to be shown as \xNN.
for encoding in SQL_ASCII LATIN1; do
	database=hostile_bytes_$(echo $encoding | tr 'A-Z' 'a-z')
	PGCLIENTENCODING=$encoding
	create_database "$database" "TEMPLATE template0 ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C'"
	is "$(quiet_psql -c 'CREATE EXTENSION maestro' 2>&1 | head -n 1)" 'ERROR:  maestro needs a database with encoding UTF8' \
		"the extension refuses a database of $encoding"
	sql "CREATE FUNCTION sanitize(text, text) RETURNS text LANGUAGE c STRICT AS 'maestro', 'maestro_sanitize_text';
		CREATE FUNCTION scan(text, text, OUT rule text, OUT type text, OUT first int, OUT length int, OUT sample text)
			RETURNS SETOF record LANGUAGE c STRICT AS 'maestro', 'maestro_scan';
		CREATE TABLE bytes (t text)"
	quiet_psql -c "\\copy bytes FROM '$dir/bytes.copy'"
	is "$(sql 'SELECT count(*) FROM bytes')" "$rows" "any bytes are stored there"
	none "its functions hold their promise there: twice is as once" \
		"bytes, sanitize(t, 'pii') AS once WHERE sanitize(once, 'pii') <> once OR once ~ '[\\x01-\\x08\\x0a-\\x1f\\x7f]'"
	none "and what they find is in the text" "bytes, scan(t, 'pii') AS f
		WHERE left(substring(t FROM first FOR length), char_length(sample)) <> sample"
done
alive 'the server has survived all of it'
finish
