#!/bin/sh
#
# The demonstration behind "make demo", on the server that PGHOST and the like
# name.  It creates the extension, roles and an example system there, so give
# it a database of its own.
#
# With TRACES=FILE it imports that file of agent runs instead of the example.

set -eu

here=$(dirname "$0")
export PGCLIENTENCODING=UTF8 PAGER= PYTHONDONTWRITEBYTECODE=1

# Scripts come by standard input: with -f psql puts file and line before each
# error, and the errors are part of the show.
run() {
	script=$1
	shift
	psql -X -q -v ON_ERROR_STOP=1 "$@" <"$here/demo-$script.sql" 2>&1
}

if [ -n "${TRACES:-}" ] && [ ! -r "$TRACES" ]; then
	echo "There is no file $TRACES to read." >&2
	exit 1
fi
run install
if [ -n "${TRACES:-}" ]; then
	echo "Importing $TRACES: each speaker becomes a component of the system \"imported\"."
	python3 "$here/import_traces.py" --system imported --role crew_agents "$TRACES"
	echo
	run posture -v system=imported -v most=3 -v heading="Posture: which threats are open?"
	exit 0
fi
run register -v manifest="$(cat "$here/crew.json")"
run run
run attack
run posture -v system=crew -v most=1000 -v heading="4. Posture: which threats are open?"
run refuse
if [ "$(psql -XAtq -c "SELECT current_setting('shared_preload_libraries') ~ '\mmaestro\M'")" = t ]; then
	# the session that the incident ends
	psql -X -U desk_translate -c 'SELECT pg_sleep(60)' >/dev/null 2>&1 &
	run incident
else
	printf "== 6. An incident\n\nis shown on a server with shared_preload_libraries = 'maestro': guards need it.\n\n"
fi
run next
