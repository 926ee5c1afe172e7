#!/bin/sh
#
# docs/sanitize.md: its examples print what it shows.

. "$(dirname "$0")/../lib.sh"

document=docs/sanitize.md

# Blocks without a language, as psql -a shows them; trailing blanks do not count.
shown() { awk '/^```/ { on = !on; next } on' "$document" | sed -e 's/ *$//' -e '/^$/d'; }
statements() { shown | awk '/^SELECT/ { on = 1 } on { print } /;$/ { on = 0 }'; }

begin sanitize_examples
is "$(statements | psql -Xa 2>&1 | sed -e 's/ *$//' -e '/^$/d')" "$(shown)" 'the examples print what the document shows'
finish
