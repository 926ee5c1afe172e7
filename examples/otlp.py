"""
Read OTLP as JSON: its values, ids and times, as plain Python.

The standard spelling is camelCase with hexadecimal ids; files written by plain
protobuf tools have base64 ids, and some have snake_case names.  All are read.
"""

import base64
import binascii
import datetime
import json

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def camel(name):
	"""start_time_unix_nano -> startTimeUnixNano"""
	head, *rest = name.split("_")
	return head + "".join(part.capitalize() for part in rest)


def normal(node):
	"""A document whose field names are camelCase throughout.  Attribute names
	are values here, not field names, and stay."""
	if isinstance(node, dict):
		return {camel(key): normal(value) for key, value in node.items()}
	if isinstance(node, list):
		return [normal(item) for item in node]
	return node


def value_of(value):
	"""An AnyValue as JSON has it; bytes stay base64, NaN and infinity text."""
	if not isinstance(value, dict):
		return value
	for kind, content in value.items():
		if kind == "intValue":
			return int(content)
		if kind == "doubleValue":
			number = float(content)
			return number if number - number == 0 else str(content)
		if kind == "arrayValue":
			return [value_of(item) for item in content.get("values", [])]
		if kind == "kvlistValue":
			return attributes_of(content.get("values"))
		return content
	return None


def attributes_of(pairs):
	"""A list of KeyValue as a dictionary."""
	return {pair["key"]: value_of(pair.get("value")) for pair in pairs or []}


def hex_id(text, size):
	"""An id of so many bytes as hexadecimal digits; None when there is none."""
	if not text or not text.strip("0"):
		return None
	if len(text) == 2 * size:
		return text.lower()
	try:
		raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
	except (binascii.Error, ValueError):
		raw = b""
	if len(raw) != size:
		raise ValueError("an id of %d bytes is neither hexadecimal nor base64" % size)
	return raw.hex() if any(raw) else None


def timestamp(nanoseconds):
	"""Nanoseconds since 1970 as an ISO timestamp with microseconds; None for 0."""
	number = int(nanoseconds or 0)
	if number <= 0:
		return None
	return (EPOCH + datetime.timedelta(microseconds=number // 1000)).isoformat()


def documents(text):
	"""The JSON documents of a file: one, or one a line."""
	try:
		return [json.loads(text)]
	except ValueError:
		return [json.loads(line) for line in text.splitlines() if line.strip()]


def read_spans(path):
	"""The spans of a file, as (resource attributes, scope name, span).
	ValueError, naming the file, when it is something else."""
	try:
		with open(path, encoding="utf-8") as file:
			found = []
			for document in map(normal, documents(file.read())):
				for resource in document["resourceSpans"]:
					about = attributes_of(resource.get("resource", {}).get("attributes"))
					for scope in resource.get("scopeSpans", []):
						name = scope.get("scope", {}).get("name")
						found += [(about, name, span) for span in scope.get("spans", [])]
			return found
	except OSError as problem:
		raise ValueError("%s: %s" % (path, problem.strerror)) from None
	except (ValueError, KeyError, TypeError, AttributeError) as problem:
		raise ValueError("%s: not OTLP/JSON with resourceSpans (%s)"
						 % (path, type(problem).__name__)) from None
