#!/usr/bin/env python3
"""Compare the canonical form of JSON with what Python makes of it.

Python's repr has the shortest digits too; only where it puts the point differs.
"""

import json
import math
import random
import struct
import subprocess
import sys

program, before = sys.argv[1], int(sys.argv[2])
random.seed(8785)


def run(mode, lines):
    done = subprocess.run([program, mode], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:-1]


def ecmascript(value):
    """Number::toString of ECMA-262, from the digits of repr."""
    if value == 0:
        return "0"
    sign, mantissa = ("-", repr(-value)) if value < 0 else ("", repr(value))
    mantissa, _, exponent = mantissa.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    return sign + digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + "e%+d" % (point - 1)


def canonical(value):
    if isinstance(value, dict):
        keys = sorted(value, key=lambda k: k.encode("utf-16-be"))
        return "{" + ",".join(canonical(k) + ":" + canonical(value[k]) for k in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float):
        return ecmascript(value)
    return json.dumps(value, ensure_ascii=False)


def text():
    pool = "ab\"\\/\n\t\b\x01\x1f\x7f é€\ufb33\uffff\ue000😀\U0010ffff"
    return "".join(random.choice(pool) for _ in range(random.randrange(6)))


def document(depth=0):
    kind = random.randrange(5 if depth > 4 else 7)
    if kind < 2:
        return text()
    if kind == 2:
        return random.choice([None, True, False])
    if kind == 3:
        return random.randrange(-(2**53), 2**53)
    if kind == 4:
        return random.choice([random.random(), random.uniform(-1e30, 1e30), random.uniform(-1e-9, 1e-9)])
    if kind == 5:
        return [document(depth + 1) for _ in range(random.randrange(5))]
    return {text(): document(depth + 1) for _ in range(random.randrange(6))}


def report(number, pairs, name):
    wrong = [(a, b) for a, b in pairs if a != b]
    print("%sok %d - %s" % ("not " if wrong else "", number, name))
    for have, want in wrong[:5]:
        print("# have %r want %r" % (have, want))


bits = [random.getrandbits(64) for _ in range(200000)]
bits += [struct.unpack(">Q", struct.pack(">d", 2.0**e))[0] + d for e in range(-1070, 1023) for d in (-1, 0, 1)]
bits += [struct.unpack(">Q", struct.pack(">d", float("%de%d" % (random.randrange(1, 10**d), e))))[0]
         for e in range(-330, 290) for d in range(1, 18)]
bits += list(range(1, 3000))
values = [(b, struct.unpack(">d", struct.pack(">Q", b))[0]) for b in bits]
values = [(b, v) for b, v in values if math.isfinite(v)]
have = run("numbers", ["%016x" % b for b, _ in values])
report(before + 1, list(zip(have, [ecmascript(v) for _, v in values])), "%d thousand doubles have Python's digits" % (len(values) // 1000))
report(before + 2, [(float(h), v) for h, (_, v) in zip(have, values)], "and are read as the same doubles")
have2 = run("documents", have)
report(before + 3, list(zip(have2, have)), "and are canonical already")
documents = [document() for _ in range(20000)]
want = [canonical(d) for d in documents]
report(before + 4, list(zip(run("documents", [json.dumps(d) for d in documents]), want)), "20 thousand documents, escaped to ASCII")
report(before + 5, list(zip(run("documents", [json.dumps(d, ensure_ascii=False, indent=None, separators=(" , ", " : ")) for d in documents]), want)),
       "and with blanks and without escapes")


def mutate():
    line = bytearray(json.dumps(random.choice(documents), ensure_ascii=random.random() < 0.5).encode())
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(line) + 1)
        line[at:at + random.choice([0, 1, 2])] = bytes(random.choice(b'{}[]",:\\u0123dDeE+-. tfn') for _ in range(random.randrange(4)))
    return line.decode("utf-8", "ignore").replace("\n", "")


def parsed(line):
    """What Python makes of it, or an exception; a key twice is one."""

    def members(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("twice")
        return dict(pairs)

    def constant(name):
        raise ValueError(name)

    return json.loads(line, object_pairs_hook=members, parse_constant=constant, parse_int=float)


wrong = []
for line, have in zip(lines := [mutate() for _ in range(30000)], run("documents", lines)):
    try:
        value = parsed(line)
    except ValueError:
        wrong += [(have, line)] if not have.startswith("!") else []
        continue
    wrong += [(have, line)] if have == "!1" or not have.startswith("!") and json.loads(have, parse_int=float) != value else []
report(before + 6, wrong, "of 30 thousand damaged ones those are taken that Python takes, and as it does")
print("1..%d" % (before + 6))
