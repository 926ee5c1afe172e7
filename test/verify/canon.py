"""Canonical JSON of docs/trace-format.md."""

import json
from decimal import Decimal

from fault import Fault, need


def unique(pairs):
    need(len(dict(pairs)) == len(pairs), "JSON has a key twice")
    return dict(pairs)


def no_constant(word):
    raise Fault("JSON has " + word)


def parse(text):
    """JSON with numbers as exact decimals."""
    try:
        return json.loads(text, parse_int=Decimal, parse_float=Decimal, parse_constant=no_constant, object_pairs_hook=unique)
    except (ValueError, ArithmeticError, RecursionError):
        raise Fault("no JSON") from None


def number(value):
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    short = text.rstrip("0")
    if short == "":
        return "0"
    power = exponent + len(text) - len(short)
    return ("-" if sign else "") + short + ("e%d" % power if power else "")


def string(value):
    out = ['"']
    for c in value:
        if c in '"\\':
            out.append("\\" + c)
        elif c < " ":
            out.append("\\u%04x" % ord(c))
        else:
            out.append(c)
    return "".join(out) + '"'


def text_of(value):
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, list):
        return "[" + ",".join(map(text_of, value)) + "]"
    keys = sorted(value, key=lambda k: k.encode())
    return "{" + ",".join(string(k) + ":" + text_of(value[k]) for k in keys) + "}"


def canonical(value):
    try:
        return text_of(value).encode("utf-8")
    except UnicodeEncodeError:
        raise Fault("JSON has half of a character") from None


def check(raw):
    """Is it canonical?"""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Fault("JSON is not UTF-8") from None
    need(canonical(parse(text)) == raw, "JSON is not canonical")
