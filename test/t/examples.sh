#!/bin/sh
#
# The documents named below: their examples print what they show.

. "$(dirname "$0")/../lib.sh"

# Blocks without a language, as psql -a shows them; trailing blanks do not count.
shown() { awk '/^```/ { on = !on; other = $0 != "```"; next } on && !other' "docs/$1.md" | sed -e 's/ *$//' -e '/^$/d'; }
statements() { shown "$1" | awk '/^(SELECT|CREATE|INSERT|CALL)/ { on = 1 } on { print } /;$/ { on = 0 }'; }
printed() { statements "$1" | psql -Xa 2>&1 | sed -e 's/ *$//' -e '/^$/d' -e '/^CREATE \(TABLE\|TRIGGER\)$/d' -e '/^INSERT 0 /d'; }

for document in sanitize contracts allowlist; do
	begin "examples_$document"
	is "$(printed $document)" "$(shown $document)" "the examples of $document.md print what the document shows"
done
# Guards need a server that was preloaded.
begin examples_guards
. "$(dirname "$0")/../servers.sh"
server_init guards
server_start guards
PGHOST=$servers/guards
create_database examples_guards_t
sql 'CREATE EXTENSION maestro'
is "$(printed guards)" "$(shown guards)" 'the examples of guards.md print what the document shows'
PGHOST=$first
finish
