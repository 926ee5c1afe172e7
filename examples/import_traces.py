#!/usr/bin/env python3
"""
Import runs of a multi-agent system from a JSON Lines file into maestro.

Each line is one run:

    {"question_id": ..., "question": ..., "history": [{"content", "role", "name"?}, ...]}

Each speaker (name, or role where there is none) becomes a component of one
system, and each message one event of kind "output": the full text in its body
under "text", its first line as the message.  A run is a trace, a message a span.
Importing a file twice stores its messages twice: the log only grows.
"""

import argparse
import hashlib
import json
import re
import sys
import uuid

from psql_feed import component_name, report, store

# The speaker that runs code for the others, and what it says first.
TOOL = "Computer_terminal"
EXIT_CODE = re.compile(r"exitcode: (\d{1,9}) \(")


def read_runs(path):
	"""The runs of a file, as (line number, run)."""
	try:
		lines = open(path, encoding="utf-8")
	except OSError as problem:
		sys.exit("%s: %s" % (path, problem.strerror))
	with lines:
		for number, line in enumerate(lines, 1):
			if not line.strip():
				continue
			try:
				run = json.loads(line)
				messages = run["history"]
				ok = all(isinstance(m["content"], str) and isinstance(m["role"], str)
						 for m in messages)
			except (ValueError, KeyError, TypeError):
				ok = False
			if not ok:
				sys.exit("%s, line %d: not a run with a history of messages" % (path, number))
			yield run


def trace_id(question_id, times_seen):
	"""A run's id: the question's UUID, or a digest of what else identifies it.
	Further runs of the same question get ids of their own."""
	if times_seen == 0:
		try:
			return uuid.UUID(question_id).hex
		except ValueError:
			pass
	text = "%s#%d" % (question_id, times_seen)
	return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def speaker(message):
	"""Who said it."""
	return component_name(message.get("name") or message["role"])


def event_of(message, system, question_id, trace, position):
	"""One message as an event for log_events."""
	text = message["content"]
	component = speaker(message)
	span = hashlib.sha256(("%s/%d" % (trace, position)).encode()).hexdigest()[:16]
	event = {
		"component": system + "/" + component,
		"kind": "output",
		"message": text.split("\n", 1)[0],
		"body": {"text": text},
		"trace_id": trace,
		"span_id": span,
		"attributes": {
			"gen_ai.conversation.id": question_id,
			"gen_ai.agent.name": component,
			"message.role": message["role"],
			"message.index": position,
		},
	}
	exit_code = EXIT_CODE.match(text) if component == TOOL else None
	if exit_code:
		code = int(exit_code.group(1))
		event["attributes"]["process.exit.code"] = code
		event["outcome"] = "ok" if code == 0 else "error"
	return event


def events_of(runs, system):
	"""All messages of all runs as events."""
	seen = {}
	for run in runs:
		question_id = str(run.get("question_id", ""))
		times_seen = seen.get(question_id, 0)
		seen[question_id] = times_seen + 1
		trace = trace_id(question_id, times_seen)
		for position, message in enumerate(run["history"]):
			yield event_of(message, system, question_id, trace, position)


def manifest_of(runs, system, db_role):
	"""The document that registers everybody who speaks."""
	names = sorted({speaker(m) for run in runs for m in run["history"]})
	components = [{"name": name, "kind": "tool" if name == TOOL else "agent"} for name in names]
	document = {"name": system, "components": components}
	if db_role:
		document["db_role"] = db_role
	return {"systems": [document]}


def main():
	parser = argparse.ArgumentParser(description=__doc__.strip().split("\n")[0])
	parser.add_argument("file", help="JSON Lines, one run a line")
	parser.add_argument("--system", default="imported", help="name of the system (default: imported)")
	parser.add_argument("--role", help="database role that logs the events (default: who connects)")
	options = parser.parse_args()
	runs = list(read_runs(options.file))
	manifest = manifest_of(runs, options.system, options.role)
	stored, refused = store(manifest, events_of(runs, options.system), options.role)
	report(stored, refused, "messages in %d runs" % len(runs))


if __name__ == "__main__":
	main()
