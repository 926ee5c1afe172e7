#!/usr/bin/env python3
"""
Import an OpenTelemetry trace file (OTLP as JSON) into maestro.

Each span becomes one event with its ids, parent, times, status and attributes:
calls of models are "model_call", of tools "tool_call", runs of agents
"agent_run", calls of other servers "dependency_call", the rest "note".  Agents,
models and tools are registered as components of one system; the agent acts, the
model or tool is its target.  Exceptions recorded in a span become events of
kind "error" in that span.

Nothing is declared of them but their kind: a model that was pinned by what the
spans say would be measured against itself.
"""

import argparse
import json
import sys

from otlp import attributes_of, hex_id, read_spans, timestamp
from psql_feed import component_name, report, store

KINDS = {
	"chat": "model_call", "call_llm": "model_call", "text_completion": "model_call",
	"generate_content": "model_call", "embeddings": "model_call", "LLM": "model_call",
	"execute_tool": "tool_call", "TOOL": "tool_call",
	"invoke_agent": "agent_run", "create_agent": "note", "AGENT": "agent_run",
}
TARGET_KINDS = {"model_call": "model", "tool_call": "tool"}

# What went in and came out is the body; an attribute's name, and its key there.
BODY_KEYS = {
	"gen_ai.input.messages": "input", "gen_ai.prompt": "input", "input.value": "input",
	"gen_ai.output.messages": "output", "gen_ai.output": "output",
	"gen_ai.completion": "output", "output.value": "output",
	"gen_ai.tool.args": "arguments", "gen_ai.tool.call.arguments": "arguments",
	"gen_ai.tool.call.result": "result",
}
OUTCOMES = {1: "ok", 2: "error", "STATUS_CODE_OK": "ok", "STATUS_CODE_ERROR": "error"}
CLIENT = (3, "SPAN_KIND_CLIENT")


class Span:
	"""One span, read as far as events need it."""

	def __init__(self, resource, scope, raw):
		self.raw = raw
		self.trace = hex_id(raw.get("traceId"), 16)
		self.id = hex_id(raw.get("spanId"), 8)
		self.parent = hex_id(raw.get("parentSpanId"), 8)
		self.own = attributes_of(raw.get("attributes"))
		self.attributes = dict(resource, **self.own)
		if scope:
			self.attributes.setdefault("otel.scope.name", scope)
		operation = self.own.get("gen_ai.operation.name", self.own.get("openinference.span.kind"))
		self.kind = KINDS.get(operation) or (
			"dependency_call" if raw.get("kind") in CLIENT and "server.address" in self.own
			else "note")

	def agent_name(self):
		return self.own.get("gen_ai.agent.name") or self.own.get("agent.name")

	def target_name(self):
		"""The model or tool that was called."""
		if self.kind == "model_call":
			return (self.own.get("gen_ai.request.model") or self.own.get("gen_ai.response.model")
					or self.own.get("llm.model_name"))
		if self.kind == "tool_call":
			return self.own.get("gen_ai.tool.name") or self.own.get("tool.name")
		return None


def find_agents(spans):
	"""Who acts in each span: the agent it names, or the nearest one above it,
	or the only one in its trace, or the service."""
	by_id = {(s.trace, s.id): s for s in spans}
	named = {}
	for span in spans:
		if span.agent_name():
			named.setdefault(span.trace, set()).add(span.agent_name())
	agents = []
	for span in spans:
		at, name, steps = span, None, 0
		while at is not None and name is None and steps <= len(spans):
			name, at, steps = at.agent_name(), by_id.get((at.trace, at.parent)), steps + 1
		alone = named.get(span.trace, ())
		if name is None and len(alone) == 1:
			name = next(iter(alone))
		agents.append(component_name(name or span.attributes.get("service.name"), "agent"))
	return agents


class Registry:
	"""The components that spans name, each under a name of its own."""

	def __init__(self, system):
		self.system = system
		self.names = {}       # (kind, name in the span) -> component
		self.components = {}  # component -> manifest entry

	def add(self, kind, text):
		"""The full name of the component of this kind and name."""
		if (kind, text) not in self.names:
			name = component_name(text)
			while name in self.components:
				name += " (%s)" % kind
			self.names[kind, text] = name
			self.components[name] = {"name": name, "kind": kind}
		return "%s/%s" % (self.system, self.names[kind, text])

	def manifest(self, db_role):
		system = {"name": self.system, "components": list(self.components.values())}
		if db_role:
			system["db_role"] = db_role
		return {"systems": [system]}


def parsed(value):
	"""Attributes hold JSON as text; anything else stays as it is."""
	try:
		return json.loads(value, parse_constant=str) if isinstance(value, str) else value
	except (ValueError, RecursionError):
		return value


def split_attributes(span):
	"""(attributes, body) of a span."""
	attributes, body = {}, {}
	for key, value in span.attributes.items():
		part = BODY_KEYS.get(key)
		if part == "output" and span.kind == "tool_call":
			part = "result"
		if part and part not in body:
			body[part] = parsed(value)
		else:
			attributes[key] = value
	return attributes, body


def event_of(span, component, target):
	"""A span as an event for log_events."""
	raw = span.raw
	attributes, body = split_attributes(span)
	status = raw.get("status") or {}
	if status.get("message"):
		attributes["otel.status_description"] = status["message"]
	for key, name in (("links", "otel.links"), ("traceState", "otel.trace_state")):
		if raw.get(key):
			attributes[name] = raw[key]
	others = [{"name": e.get("name"), "at": timestamp(e.get("timeUnixNano")),
			   "attributes": attributes_of(e.get("attributes"))}
			  for e in raw.get("events") or [] if e.get("name") != "exception"]
	if others:
		attributes["otel.events"] = others
	event = {
		"component": component, "kind": span.kind, "message": raw.get("name"),
		"trace_id": span.trace, "span_id": span.id, "parent_span_id": span.parent,
		"occurred_at": timestamp(raw.get("startTimeUnixNano")),
		"outcome": OUTCOMES.get(status.get("code")),
		"attributes": attributes, "body": body or None, "target": target,
	}
	start, end = int(raw.get("startTimeUnixNano") or 0), int(raw.get("endTimeUnixNano") or 0)
	if end >= start > 0:
		event["duration"] = (end - start) // 1000 / 1e6
	return event


def errors_of(span, component, target):
	"""The exceptions that a span recorded, as events."""
	for item in span.raw.get("events") or []:
		if item.get("name") != "exception":
			continue
		attributes = attributes_of(item.get("attributes"))
		if "exception.type" in attributes:
			attributes.setdefault("error.type", attributes["exception.type"])
		message = attributes.get("exception.message") or span.raw.get("name") or "exception"
		yield {
			"component": component, "kind": "error", "outcome": "error",
			"message": str(message).split("\n", 1)[0],
			"trace_id": span.trace, "span_id": span.id, "parent_span_id": span.parent,
			"occurred_at": timestamp(item.get("timeUnixNano")),
			"attributes": attributes, "target": target,
		}


def events_of(spans, agents, registry):
	"""All spans and their exceptions as events."""
	events = []
	for agent in agents:
		registry.add("agent", agent)
	for span, agent in zip(spans, agents):
		component, target = registry.add("agent", agent), None
		if span.target_name():
			target = registry.add(TARGET_KINDS[span.kind], span.target_name())
		events.append(event_of(span, component, target))
		events.extend(errors_of(span, component, target))
	return events


def main():
	parser = argparse.ArgumentParser(description=__doc__.strip().split("\n")[0])
	parser.add_argument("file", nargs="+", help="OTLP/JSON: one document, or one a line")
	parser.add_argument("--system", default="imported", help="name of the system (default: imported)")
	parser.add_argument("--role", help="database role that logs the events (default: who connects)")
	options = parser.parse_args()
	try:
		spans = [Span(*item) for path in options.file for item in read_spans(path)]
	except ValueError as problem:
		sys.exit(str(problem))
	registry = Registry(options.system)
	events = events_of(spans, find_agents(spans), registry)
	stored, refused = store(registry.manifest(options.role), events, options.role)
	errors = len(events) - len(spans)
	report(stored, refused, "events: %d spans of %d traces%s" % (
		len(spans), len({s.trace for s in spans}),
		", %d exceptions" % errors if errors else ""))


if __name__ == "__main__":
	main()
