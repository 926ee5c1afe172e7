"""Entries and payloads of docs/trace-format.md: parsed, and made of rows."""

import hashlib
import struct

import canon
from fault import Fault, need

MAGIC = b"MST1"
FORMAT = 1
HEAD = ">4sB16sqqq"
HEAD_SIZE = 45

INTEGER, TEXT, BYTES, BOOLEAN, TIME, INTERVAL, JSON = range(1, 8)

ENTRY_FIELDS = {
    1: ("occurred_at", TIME), 2: ("system_id", INTEGER), 3: ("component_id", INTEGER),
    4: ("component_version", TEXT), 5: ("target_id", INTEGER), 6: ("dependency_id", INTEGER),
    7: ("kind", TEXT), 8: ("level", TEXT), 9: ("outcome", TEXT), 10: ("trace_id", BYTES),
    11: ("span_id", BYTES), 12: ("parent_span_id", BYTES), 13: ("duration", INTERVAL),
    14: ("valid", BOOLEAN), 15: ("contract_version", INTEGER), 16: ("findings", JSON),
    17: ("decision", TEXT), 18: ("reason", TEXT), 19: ("caller", TEXT), 20: ("session_role", TEXT),
}
ALWAYS = {1, 7, 8, 19, 20}
PAYLOAD_FIELDS = {
    1: ("message", TEXT), 2: ("body", JSON), 3: ("attributes", JSON),
    4: ("violations", JSON), 5: ("claimed_component", TEXT),
}
LENGTHS = {INTEGER: 8, BOOLEAN: 1, TIME: 8, INTERVAL: 16}
ID_LENGTHS = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}

# PostgreSQL's infinities are the ends of its count of microseconds since 2000.
EPOCH_2000 = 946684800000000


def check_value(name, kind, value):
    """Is the value what its type says?"""
    length = ID_LENGTHS.get(name, LENGTHS.get(kind))
    need(length is None or len(value) == length, name + " has not its type's length")
    if kind == TEXT:
        try:
            value.decode("utf-8")
        except UnicodeDecodeError:
            raise Fault(name + " is not UTF-8") from None
    elif kind == BOOLEAN:
        need(value in (b"\0", b"\1"), name + " is neither true nor false")
    elif kind == JSON:
        canon.check(value)


def parse_fields(raw, fields):
    """{column: bytes} of fields that ascend and fill raw."""
    found, at, last = {}, 0, 0
    while at < len(raw):
        need(len(raw) - at >= 7, "a field is cut off")
        field, kind, length = struct.unpack_from(">HBI", raw, at)
        need(field > last, "fields do not ascend")
        need(field in fields, "field %d is not known" % field)
        name, wanted = fields[field]
        need(kind == wanted, name + " is not of its type")
        at += 7
        need(len(raw) - at >= length, name + " is cut off")
        check_value(name, kind, raw[at:at + length])
        found[name] = raw[at:at + length]
        at, last = at + length, field
    return found


def parse_entry(raw):
    """The log's id and the event's of an entry, when all of it is right."""
    need(len(raw) >= HEAD_SIZE + 32, "an entry is cut off")
    magic, version, log_id, event_id, _, _ = struct.unpack_from(HEAD, raw)
    need(magic == MAGIC and version == FORMAT, "an entry is of another format")
    found = parse_fields(raw[HEAD_SIZE:-32], ENTRY_FIELDS)
    for field in ALWAYS:
        need(ENTRY_FIELDS[field][0] in found, "an entry has no " + ENTRY_FIELDS[field][0])
    return log_id, event_id


def microseconds(value):
    """A time as rows bring it, since 1970."""
    if value in ("infinity", "-infinity"):
        raw = (2**63 - 1 if value == "infinity" else -2**63) + EPOCH_2000
        return (raw + 2**63) % 2**64 - 2**63
    return value


def encode_value(kind, value):
    """The bytes of a value as rows bring it: times and numbers as integers, bytes in hex, JSON as text."""
    if kind == INTEGER:
        return struct.pack(">q", value)
    if kind == TEXT:
        return value.encode("utf-8")
    if kind == BYTES:
        return bytes.fromhex(value)
    if kind == BOOLEAN:
        return b"\1" if value else b"\0"
    if kind == TIME:
        return struct.pack(">q", microseconds(value))
    if kind == INTERVAL:
        return struct.pack(">iiq", *value)
    return canon.canonical(canon.parse(value))


def encode_fields(row, fields):
    out = b""
    for field, (name, kind) in sorted(fields.items()):
        if row[name] is not None:
            value = encode_value(kind, row[name])
            out += struct.pack(">HBI", field, kind, len(value)) + value
    return out


def payload_hash_of(row):
    """None: it was erased."""
    payload = encode_fields(row, PAYLOAD_FIELDS)
    if row["salt"] is None:
        need(payload == b"", "there is a payload without salt")
        return None
    salt = bytes.fromhex(row["salt"])
    need(len(salt) == 16, "salt is not 16 bytes")
    return hashlib.sha256(salt + payload).digest()


def entry_of(log_id, row, payload_hash):
    head = struct.pack(HEAD, MAGIC, FORMAT, log_id, row["event_id"], row["stamp"], microseconds(row["recorded_at"]))
    return head + encode_fields(row, ENTRY_FIELDS) + payload_hash


def columns():
    """All columns that a row has to bring."""
    names = [name for fields in (ENTRY_FIELDS, PAYLOAD_FIELDS) for name, _ in fields.values()]
    return set(names) | {"event_id", "recorded_at", "stamp", "salt", "payload_hash", "leaf"}
