#!/usr/bin/env python3
"""Values that a hostile program may send, and what must be true of what comes back.

    hostile_bytes.py make SEED COUNT DIR    files for psql: one row is the same in each
    hostile_bytes.py check < rows           rows that psql wrote; prints what is wrong

A row has a number, a text and a JSON value. Secrets are made up here, so that there
are none in this file.
"""

import json
import random
import struct
import sys
import threading

ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

PIECES = (
    "and then it wrote|the call took 120 ms|token_count|max_tokens: 4096|password=|\"pwd\": \"|secret\\u003d|api_key%3D"
    "|Bearer |Basic |eyJ|sk-|SG.|-----BEGIN RSA PRIVATE KEY-----|-----END RSA PRIVATE KEY-----|a://b:|://|@|@x.co|bob"
    "|[REDACTED:EMAIL]|[REDACTED:|[REDACTED:NOTHING]|]|[|{|}|<|>|\"|'|`|\\|\\\"|\\n|\\u0040|\\x1b|%40|%26|%|=|:|:=|=>|,|;|.|-|_|/| |  "
    "|4111|1111|+49 |GB82|null|missing|${X}|{{x}}"
).split("|")

CONTROLS = [chr(c) for c in range(1, 0x20)] + [chr(c) for c in range(0x7F, 0xA0)] + [
    "\x1b[31m", "\x1b[0m", "\x1b]0;title\x07", "\x1b]8;;x\x1b\\", "\x1bP", "\u009b1m", "\r\n"]

WIDE = list(
    "\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069"
    "\u206f\u3164\ufe00\ufe0e\ufe0f\ufeff\uff41\uff1d\uff20\uffa0\ufff9\ufffb\ufffd\uffff\u00fc\u0436\u8bf7\ue000\ud7ff"
    "\U0001f469\U0001f3fd\U0001f1e9\u2764\u20e3\U000e0041\U000e007f\U000e0100\U0010ffff\U00010000")

FORBIDDEN = [
    (0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200C), (0x200E, 0x200F),
    (0x2028, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0D), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F),
    (0xE0100, 0xE01EF)]
HIDDEN = {chr(c) for first, last in FORBIDDEN for c in range(first, last + 1)}


def some(rng, alphabet, n):
    return "".join(rng.choice(alphabet) for _ in range(n))


def secret(rng):
    """One of a few kinds; the fuzzer has all of them."""
    kind = rng.randrange(7)
    if kind == 0:
        return "sk-ant-" + "api03-" + some(rng, ALNUM, 40)
    if kind == 1:
        return "ghp_" + some(rng, ALNUM, 36)
    if kind == 2:
        return "AKIA" + some(rng, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)
    if kind == 3:
        return some(rng, ALNUM[26:52], 6) + "@" + some(rng, ALNUM[26:52], 6) + ".com"
    if kind == 4:
        return "postgres://app:" + some(rng, ALNUM, 12) + "@db/x"
    if kind == 5:
        return "password=" + some(rng, ALNUM, 12)
    digits = "4" + some(rng, "0123456789", 14)
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(digits))
    return digits + str(-total % 10)


def text(rng, most=14):
    parts = []
    for _ in range(rng.randrange(1, most)):
        part = rng.choice((lambda: rng.choice(PIECES), lambda: rng.choice(PIECES), lambda: rng.choice(CONTROLS),
                           lambda: rng.choice(WIDE), lambda: secret(rng), lambda: " " + secret(rng) + " "))()
        if len(part) > 1 and rng.randrange(6) == 0:
            part = part[: rng.randrange(1, len(part))]
        parts.append(part)
    if rng.randrange(100) == 0:
        parts.insert(0, rng.choice(PIECES + CONTROLS + WIDE + ["eyJ", "a@", "x:y@", "\x1b[", "[[", "pwd=\""]) * rng.randrange(1, 9000))
    return "".join(parts)


KEYS = ["password", "api_key", "token", "max_tokens", "token_count", "authorization", "cookie", "pin", "ssn", "dsn", "x",
        "public_key", "dbPassword", "message", "[REDACTED:EMAIL]", ""]


def number(rng):
    return rng.choice((0, -1, 1.5, 1e308, 4111111111111111, 10 ** 30, -(10 ** 15), 123456789, 1763632800123, 1e-300))


def value(rng, depth=0):
    kind = rng.randrange(9 if depth < 6 else 5)
    if kind == 0:
        return rng.choice((True, False, None))
    if kind == 1:
        return number(rng)
    if kind < 5:
        return text(rng, 6)
    if kind < 7:
        return [value(rng, depth + 1) for _ in range(rng.randrange(5))]
    return {rng.choice(KEYS) if rng.randrange(3) else text(rng, 4): value(rng, depth + 1) for _ in range(rng.randrange(6))}


def deep(rng):
    """Nested as far as the server's parser goes along with."""
    inner = value(rng, 5)
    for _ in range(rng.randrange(200, 1500)):
        inner = [inner] if rng.randrange(2) else {rng.choice(KEYS): inner}
    return inner


def to_json(v, rng):
    return json.dumps(v, ensure_ascii=rng.randrange(2) == 0)


def copy_escape(s):
    for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        s = s.replace(plain, escaped)
    return s


def quote(s):
    return "E'" + s.replace("\\", "\\\\").replace("'", "\\'") + "'"


def field(data):
    return struct.pack("!i", len(data)) + data


def make(seed, count, where):
    rng = random.Random(seed)
    with open(where + "/insert.sql", "w", encoding="utf-8", newline="") as insert, \
            open(where + "/rows.copy", "w", encoding="utf-8", newline="") as copy, \
            open(where + "/rows.binary", "wb") as binary:
        binary.write(b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0))
        for n in range(count):
            t = text(rng)
            j = to_json(deep(rng) if n % 100 == 0 else value(rng), rng)
            insert.write("INSERT INTO by_insert VALUES (%d, %s, %s, %s);\n" % (n, quote(t), quote(t), quote(j)))
            copy.write("%d\t%s\t%s\t%s\n" % (n, copy_escape(t), copy_escape(t), copy_escape(j)))
            t, j = t.encode(), j.encode()
            binary.write(struct.pack("!h", 4) + field(struct.pack("!i", n)) + field(t) + field(t) + field(b"\1" + j))
        binary.write(struct.pack("!h", -1))
    with open(where + "/bytes.copy", "wb") as raw:
        for n in range(count):
            data = rng.choice((rng.randbytes(rng.randrange(1, 60)), text(rng, 5).encode(), text(rng, 5).encode()[1:]))
            raw.write(b"".join(b"\\x%02x" % b for b in data.replace(b"\0", b"")) + b"\n")


class Number(str):
    """A number as it was written."""


def shape(v):
    """The structure; a leaf that redaction may turn into another is a word."""
    if isinstance(v, dict):
        return "{" + ",".join(sorted(shape(x) for x in v.values())) + "}"
    if isinstance(v, list):
        return "[" + ",".join(shape(x) for x in v) + "]"
    return json.dumps(v) if v is None or isinstance(v, bool) else "word"


def differs(a, b):
    """What redaction must not do: the first thing found, or None."""
    if isinstance(a, dict) != isinstance(b, dict) or isinstance(a, list) != isinstance(b, list):
        return "a container became another"
    if isinstance(a, (dict, list)) and len(a) != len(b):
        return "a container has another size"
    if isinstance(a, dict):
        left = {k for k in a if k not in b}
        renamed = {k for k in b if k not in a}
        if sorted(shape(a[k]) for k in left) != sorted(shape(b[k]) for k in renamed):
            return "values of renamed keys have another shape"
        return next(filter(None, (differs(a[k], b[k]) for k in a if k in b)), None)
    if isinstance(a, list):
        return next(filter(None, (differs(x, y) for x, y in zip(a, b))), None)
    if isinstance(a, Number):
        return None if a == b and isinstance(b, Number) or str(b).startswith("[REDACTED:") else "a number changed"
    if isinstance(a, bool) or a is None:
        return None if a is b else "a boolean or null changed"
    return None if isinstance(b, str) and not isinstance(b, Number) else "a string became something else"


def strings(v):
    todo = [v]
    while todo:
        x = todo.pop()
        if isinstance(x, dict):
            todo.extend(x.values())
            yield from x
        elif isinstance(x, list):
            todo.extend(x)
        elif isinstance(x, str) and not isinstance(x, Number):
            yield x


def hides(s, keep_newline):
    """The first character that has no place in a result, or None."""
    for i, c in enumerate(s):
        if c == "\n":
            if not keep_newline:
                return c
        elif c in HIDDEN or (c == "\u200d" and not (0 < i < len(s) - 1 and s[i - 1] >= "\u00a9" and s[i + 1] >= "\u00a9")):
            return c
    return None


def parse(s):
    return json.loads(s, parse_int=Number, parse_float=Number)


def check():
    """Rows of JSON arrays: number, text sanitized, safe_text, jsonb before and after."""
    rows = 0
    for line in sys.stdin.buffer:
        rows += 1
        n, line_text, safe, before, after = json.loads(line.decode("utf-8", "strict"))
        before, after = parse(before), parse(after)
        wrong = (hides(line_text, False) and "text hides something") or (hides(safe, True) and "safe_text hides something") \
            or (any(hides(s, True) for s in strings(after)) and "jsonb hides something") or differs(before, after)
        if wrong:
            print("row %s: %s" % (n, wrong))
    print("%d rows read" % rows)


def main():
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        check()


# deeply nested values are walked by recursion here
sys.setrecursionlimit(100000)
threading.stack_size(512 * 1024 * 1024)
thread = threading.Thread(target=main)
thread.start()
thread.join()
