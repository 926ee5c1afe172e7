#!/usr/bin/env python3
"""Made-up events for an exported log, and ways to forge one.

    export_log.py events SEED COUNT      a JSON array for maestro.log_events
    export_log.py flip SEED FILE [LINE]  another byte somewhere, or in that line
    export_log.py rehash DIR             a changed entry with its hash in the tile of level 0
    export_log.py columns LOG_ID FILE    changes each column of a row; prints those that made no difference
"""

import json
import os
import random
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../verify"))
import entry
import merkle
import verify_log
from fault import Fault

NUMBERS = ["0", "-0", "0.0", "-0.00", "1.10", "1e-7", "1E+300", "-1e300", "1e-300", "7", "10", "100", "-1200", "0.1", "12345678.9000",
           "1" + "0" * 40, "9" * 60, "0." + "0" * 50 + "10", "2.50e3", "1e-1000", "9223372036854775808", "9999", "10000", "10001", "0.0001", "100000000"]
# Order by bytes, by length and by UTF-16 differ; a prefix; nothing; what JSON escapes.
KEYS = ["b", "aa", "a", "", "ab", "B", "\u00e9", "z", "\uff46", "\U0001f600", "\U0001f600a", "\ufffd", "k\"q", "k\\b", "k/s", "gen_ai.usage.input_tokens", "a\tb", "\x7f"]
WORDS = ["", "hello", "na\u00efve", "\U0001f600\U00010348", "a\tb\nc\r\x01\x1f\x7f\u0085", "\"quoted\" \\ / back", "e\u0301", "\u2028\u2029", "\ufeff", "x" * 300,
         "bob@example.com", "\ufffe\uffff", "null", "\u200bhidden"]
KINDS = ["input", "output", "handoff", "model_call", "tool_call", "dependency_call", "agent_run", "error", "heartbeat", "approval", "guard", "note"]
LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"]
OUTCOMES = ["ok", "error", "timeout", "cancelled", "denied", "rejected", "degraded"]
DURATIONS = ["0", "1 us", "1 year 2 months 3 days 04:05:06.789", "400 days", "87000:00:54", "9 years 11 mons", "1 mon", "2 days 0.000001 s"]
TIMES = ["1969-12-31 23:59:59.999999+00", "4713-01-01 00:00 BC", "2026-01-01 00:00:00.000001+00", "2000-01-01 00:00+00"]


class Number:
    """A number as it is to be written."""

    def __init__(self, text):
        self.text = text


def write(value):
    if isinstance(value, Number):
        return value.text
    if isinstance(value, list):
        return "[%s]" % ", ".join(map(write, value))
    if isinstance(value, dict):
        return "{%s}" % ", ".join(json.dumps(k) + ": " + write(v) for k, v in value.items())
    return json.dumps(value)


def number(rnd):
    if rnd.random() < 0.7:
        return Number(rnd.choice(NUMBERS))
    digits = str(rnd.randrange(10 ** rnd.randrange(1, 30)))
    return Number("%s%s.%0*de%d" % (rnd.choice(["", "-"]), digits, rnd.randrange(1, 12), rnd.randrange(10), rnd.randrange(-40, 40)))


def document(rnd, depth):
    kind = rnd.randrange(6 if depth > 0 else 4)
    if kind == 0:
        return rnd.choice([None, True, False])
    if kind in (1, 2):
        return number(rnd)
    if kind == 3:
        return rnd.choice(WORDS)
    if kind == 4:
        return [document(rnd, depth - 1) for _ in range(rnd.randrange(5))]
    return {key: document(rnd, depth - 1) for key in rnd.sample(KEYS, rnd.randrange(6))}


def hexadecimal(rnd, size):
    return "%0*x" % (size * 2, rnd.randrange(1, 256 ** size))


def event(rnd):
    made = {"component": rnd.choice(["crew/planner"] * 6 + ["crew/search"] * 2 + ["crew/stranger", "nobody/x"]), "kind": rnd.choice(KINDS)}
    optional = {
        "message": lambda: rnd.choice(WORDS), "body": lambda: document(rnd, 4), "level": lambda: rnd.choice(LEVELS),
        "attributes": lambda: {key: document(rnd, 2) for key in rnd.sample(KEYS, 3)}, "outcome": lambda: rnd.choice(OUTCOMES),
        "trace_id": lambda: hexadecimal(rnd, 16), "span_id": lambda: hexadecimal(rnd, 8), "duration": lambda: rnd.choice(DURATIONS),
        "occurred_at": lambda: rnd.choice(TIMES),
    }
    made.update((key, value()) for key, value in optional.items() if rnd.random() < 0.6)
    if "span_id" in made and rnd.random() < 0.5:
        made["parent_span_id"] = hexadecimal(rnd, 8)
    if made["component"] == "crew/planner":
        made.update(rnd.choice([{}, {"target": "crew/search"}, {"dependency": "index"}]))
    return made


def events(seed, count):
    rnd = random.Random(seed)
    print(write([event(rnd) for _ in range(int(count))]))


def flip(seed, path, line=None):
    with open(path, "rb") as file:
        lines = [file.read()] if line is None else file.read().splitlines(keepends=True)
    rnd = random.Random(seed + path)
    which = 0 if line is None else int(line) - 1
    at = rnd.randrange(len(lines[which]))
    old = lines[which]
    lines[which] = old[:at] + bytes([old[at] ^ rnd.randrange(1, 256)]) + old[at + 1:]
    with open(path, "wb") as file:
        file.write(b"".join(lines))


def rehash(directory):
    """The first entry is of another event, and its leaf fits."""
    path = os.path.join(directory, "tile/entries/000")
    with open(path, "r+b") as file:
        raw = file.read()
        first = bytearray(raw[2:2 + struct.unpack_from(">H", raw)[0]])
        first[28] ^= 1
        file.seek(2)
        file.write(first)
    with open(os.path.join(directory, "tile/0/000"), "r+b") as file:
        file.write(merkle.leaf_hash(first))


def other(name, value):
    """Another value of a column."""
    if name == "stamp":
        return value + (1 << 48)
    if name in ("body", "attributes", "violations", "findings"):
        return value and json.dumps([value])
    if value is None or isinstance(value, bool):
        return value if value is None else not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return [value[0], value[1], value[2] + 1]
    if name in entry.ID_LENGTHS or name in ("salt", "payload_hash", "leaf"):
        return value[:-1] + "%x" % (int(value[-1], 16) ^ 1)
    return value + "x"


def columns(log_id, path):
    """A value of each column that has any is changed, and each taken away."""
    seen, missed = set(), set()
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        for name, value in row.items():
            if value is None or name in seen:
                continue
            seen.add(name)
            changes = [other(name, value)]
            if name not in ("event_id", "stamp", "recorded_at", "payload_hash", "leaf", "salt"):
                changes.append(None)
            for change in changes:
                try:
                    verify_log.check_row(bytes.fromhex(log_id.replace("-", "")), dict(row, **{name: change}))
                    missed.add(name)
                except Fault:
                    pass
    print("never set: %s; no difference: %s" % (" ".join(sorted(entry.columns() - seen)), " ".join(sorted(missed))))


if __name__ == "__main__":
    {"events": events, "flip": flip, "rehash": rehash, "columns": columns}[sys.argv[1]](*sys.argv[2:])
