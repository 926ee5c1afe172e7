"""
Feed maestro through psql: one manifest, then events in batches, all in one
transaction.

The data goes as rows of COPY, never as part of a statement, so nothing in it
can become SQL, and no literal of it reaches the server's log.  Which server is
meant is for PGHOST, PGPORT, PGUSER, PGDATABASE and the like to say.
"""

import json
import os
import subprocess
import sys

# events a call of log_events
BATCH = 200

REGISTER = """\
BEGIN;
CREATE TEMP TABLE feed_manifest (document text) ON COMMIT DROP;
COPY feed_manifest FROM STDIN;
"""

EVENTS = """\
SELECT count(r.object) FROM feed_manifest AS f, maestro.apply_manifest(f.document) AS r \\g /dev/null
\\if :{?role}
SET LOCAL ROLE :"role";
\\endif
CREATE TEMP TABLE feed_event (batch integer, document text) ON COMMIT DROP;
COPY feed_event FROM STDIN;
"""

STORE = """\
SELECT count(*) FILTER (WHERE r.decision = 'allow'), count(*) FILTER (WHERE r.decision = 'deny')
  FROM (SELECT document FROM feed_event ORDER BY batch) AS f
 CROSS JOIN LATERAL maestro.log_events(f.document) AS r;
COMMIT;
"""


def copy_field(document):
	"""A JSON document as one field of COPY's text format; ASCII alone."""
	text = json.dumps(document, separators=(",", ":"))
	return text.replace("\\", "\\\\")


def store(manifest, events, role=None):
	"""
	Apply a manifest, log an iterable of events, and return how many were
	stored and how many refused.  With role, the events are logged as that
	role.  Exits with psql's message when something fails; nothing is stored
	then.
	"""
	command = ["psql", "-X", "-q", "-A", "-t", "-F", " ", "-v", "ON_ERROR_STOP=1"]
	if role is not None:
		command += ["-v", "role=" + role]
	environment = dict(os.environ, PGCLIENTENCODING="UTF8")
	psql = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
							env=environment, encoding="ascii")
	try:
		write = psql.stdin.write
		write(REGISTER + copy_field(manifest) + "\n\\.\n" + EVENTS)
		for number, batch in enumerate(batches(events)):
			write("%d\t%s\n" % (number, copy_field(batch)))
		write("\\.\n" + STORE)
		psql.stdin.close()
	except BrokenPipeError:
		pass  # psql has said why
	answer = psql.stdout.read().split()
	if psql.wait() != 0 or len(answer) != 2:
		sys.exit("import failed, nothing was stored")
	return int(answer[0]), int(answer[1])


def batches(events):
	"""Lists of at most BATCH events."""
	batch = []
	for event in events:
		batch.append(event)
		if len(batch) == BATCH:
			yield batch
			batch = []
	if batch:
		yield batch


def component_name(text, fallback="unknown"):
	"""The text as a name that the registry takes: no control characters, at
	most 255 bytes, no blank at either end."""
	name = "".join(c if c.isprintable() else "_" for c in str(text or ""))
	name = name.encode("utf-8", "replace")[:255].decode("utf-8", "ignore").strip()
	return name or fallback


def report(stored, refused, what):
	"""Say what became of the events."""
	print("imported %d %s" % (stored, what))
	if refused:
		print("%d of them were refused and kept as refusals: their component is "
			  "suspended or not registered" % refused, file=sys.stderr)
