#!/usr/bin/env python3
"""Schemas and instances that ask for too much, one after the other.

    test/t/schema_hostile.py    prints a line a case: name, what came, what was to come

What comes is t, f, or an SQLSTATE.  A case may take 5 seconds (those of expensive regular
expressions 10) and 160 MB more than a fresh backend has; what takes more, or an error that
shows what was sent, comes as such.  Cases that say "cancelled" have 300 ms, and must be
gone within a second of it.
"""
import json
import subprocess
import time

SECRET = "zqxpayload"


def deep(n, open_="[", close="]", inner=""):
    return open_ * n + inner + close * n


def doubling(n, key="allOf", leaf=None, times=2):
    defs = {"a0": leaf or {"type": "integer"}}
    for i in range(1, n + 1):
        defs[f"a{i}"] = {key: [{"$ref": f"#/$defs/a{i - 1}"}] * times}
    return {"$defs": defs, "$ref": f"#/$defs/a{n}"}


def chain(n):
    return {"$defs": {**{f"p{i}": {"$ref": f"#/$defs/p{i + 1}"} for i in range(n)}, f"p{n}": {"type": "integer"}}, "$ref": "#/$defs/p0"}


A = json.dumps("a" * 100000)
FALSE = {"type": "string"}
RECURSIVE = {"properties": {"a": {"$ref": "#"}}, "items": {"$ref": "#"}, "additionalProperties": False}
LINKED = {"$id": "http://h.example/1", "$ref": "2", "$defs": {"2": {"$id": "2", "allOf": [{"$ref": "3"}]}, "3": {"$id": "3", "$ref": "1"}}}

CASES = [
    # depth
    ("a schema of 10000 arrays", {"const": 0}, None, "22023", deep(10000)),
    ("a schema of 10000 not", {}, "1", "22023", deep(10000, '{"not": ', "}", "{}")),
    ("a schema of 400 allOf", {}, "1", "22023", deep(400, '{"allOf": [', "]}", "{}")),
    ("a schema of 200 allOf", {}, "1", "t", deep(200, '{"allOf": [', "]}", "{}")),
    ("a constant of 10000 arrays", {}, "1", "22023", '{"const": %s}' % deep(10000)),
    ("an array nested 5000 deep, by items", RECURSIVE, deep(5000), "54000"),
    ("an object nested 5000 deep, by properties", RECURSIVE, deep(5000, '{"a": ', "}", "1"), "54000"),
    ("one nested 300 deep", RECURSIVE, deep(300, '{"a": [', "]}"), "t"),
    ("and by a definition through allOf", {"$defs": {"n": {"allOf": [{"properties": {"a": {"$ref": "#/$defs/n"}}}]}}, "$ref": "#/$defs/n"},
     deep(5000, '{"a": ', "}", "1"), "54000"),
    ("by unevaluatedProperties", {"unevaluatedProperties": {"$ref": "#"}}, deep(5000, '{"a": ', "}", "1"), "54000"),
    ("by if, then, else", {"if": {"required": ["a"]}, "then": {"properties": {"a": {"$ref": "#"}}}, "else": False}, deep(5000, '{"a": ', "}", "1"), "54000"),
    ("an instance nested 5000 deep that nobody goes into", {"type": "array"}, deep(5000), "t"),
    # alternatives
    ("10000 alternatives, none holds", {"anyOf": [{"const": i} for i in range(10000)]}, "-1", "f"),
    ("of which one must hold", {"oneOf": [{"const": i} for i in range(10000)]}, "9999", "t"),
    ("1000 alternatives of a long array", {"anyOf": [{"items": FALSE}] * 1000}, json.dumps([1] * 50000), "f"),
    ("1000 alternatives of a long object", {"anyOf": [{"additionalProperties": FALSE}] * 1000}, json.dumps({str(i): 1 for i in range(20000)}), "f"),
    ("1000 alternatives below unevaluatedItems", {"anyOf": [{"type": "array"}] * 1000, "unevaluatedItems": False}, json.dumps([1] * 50000), "f"),
    ("unevaluatedProperties below nested oneOf", {**doubling(14, "oneOf", {"properties": {"a": True}}), "unevaluatedProperties": False}, '{"a": 1, "b": 2}', "f"),
    ("and deeper", {**doubling(40, "oneOf", {"properties": {"a": {"type": "integer"}}}, 3), "unevaluatedProperties": False}, '{"a": 1, "b": 2}', "54000"),
    # doubling
    *[(f"2^40 by {key}", doubling(40, key), value, "54000") for key, value in (("allOf", "1"), ("anyOf", '"x"'))],
    ("2^14 by allOf", doubling(14), "1", "t"),
    ("2^n by the instance's depth", {"allOf": [{"properties": {"a": {"$ref": "#"}}}, {"properties": {"a": {"$ref": "#"}}}]}, deep(100, '{"a": ', "}", "1"), "54000"),
    ("2^n by dynamic references", {"$dynamicAnchor": "n", "allOf": [{"items": {"$dynamicRef": "#n"}}, {"items": {"$dynamicRef": "#n"}}]}, deep(100), "54000"),
    # references
    ("a reference to itself", {"$ref": "#"}, "1", "22023"),
    ("through allOf", {"allOf": [{"$ref": "#"}]}, "1", "22023"),
    ("through three documents", LINKED, "1", "22023"),
    ("through if and then", {"if": {"then": True, "if": {"$ref": "#"}}}, "1", "22023"),
    ("through dependentSchemas", {"dependentSchemas": {"a": {"$ref": "#"}}}, "1", "22023"),
    ("a dynamic one to itself", {"$dynamicAnchor": "a", "$dynamicRef": "#a"}, "1", "54000"),
    ("two of them", {"$dynamicAnchor": "a", "anyOf": [{"$dynamicRef": "#a"}, {"$dynamicRef": "#a"}]}, "1", "54000"),
    ("a chain of 10000 references", chain(10000), "1", "22023"),
    ("one of 200", chain(200), "1", "t"),
    ("30000 references to as many places", {"$defs": {f"p{i}": {} for i in range(30000)}, "allOf": [{"$ref": f"#/$defs/p{i}"} for i in range(30000)]}, "1", "t"),
    ("40000 anchors", {"$defs": {f"p{i}": {"$anchor": f"a{i}"} for i in range(40000)}, "$ref": "#a39999"}, "1", "t"),
    ("20000 dynamic anchors and references", {"$dynamicAnchor": "x", "$defs": {f"p{i}": {"$dynamicAnchor": f"a{i}"} for i in range(20000)},
                                              "items": {"$dynamicRef": "#a19999"}}, json.dumps([[]] * 5000), "54000"),
    ("a long identity under many references", {"$id": "http://a.example/" + SECRET * 100000, "allOf": [{"$ref": "#/$defs/x"}] * 1000, "$defs": {"x": {}}}, "1", "22023"),
    ("an endless relative reference", {"$id": "http://a.example/" + "a/" * 400000, "$ref": "../" * 400000 + "x"}, "1", "22023"),
    ("a pointer to a name with the character 0", {"$defs": {"a": {}}, "$ref": "#/$defs/a%00b"}, "1", "22023"),
    # size
    ("a megabyte against a pattern", {"type": "string", "maxLength": 2000000, "pattern": "^[a-z]*$"}, json.dumps("a" * 1000000), "t"),
    ("and against minLength", {"minLength": 1000001}, json.dumps("é" * 1000000), "f"),
    ("and every format", {"x-maestro-assert-formats": True, "allOf": [{"anyOf": [{"format": f}, True]} for f in (
        "date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference", "iri", "uri-template",
        "uuid", "json-pointer", "regex", "safe-path", "single-line")]}, json.dumps("%2" * 500000), "t"),
    ("5000 properties wanted of 5000 objects", {"items": {"properties": {f"p{i}": FALSE for i in range(5000)}}}, json.dumps([{}] * 5000), "t"),
    ("50000 properties", {"properties": {f"property{i}": {"type": "string", "maxLength": 9} for i in range(49000)}}, json.dumps({f"property{i}": "x" for i in range(49000)}), "t"),
    ("150000 schemas", {"allOf": [True] * 150000}, "1", "22023"),
    ("5 megabytes", {"title": SECRET * 500000}, "1", "22023"),
    ("a key of a megabyte above 2000 schemas", {"properties": {"k" * 1000000: {"allOf": [{}] * 2000}}}, "1", "t"),
    ("an enum of 100000 values, 5000 times", {"items": {"enum": [f"v{i}" for i in range(100000)]}}, json.dumps([f"v{i}" for i in range(99000, 100000)] * 5), "t"),
    ("100000 different items", {"uniqueItems": True}, json.dumps([{"a": i} for i in range(100000)]), "t"),
    ("and two that are equal", {"uniqueItems": True}, json.dumps([{"a": i % 29999} for i in range(30000)]), "f"),
    ("10000 items asked 3000 times", {"anyOf": [{"uniqueItems": True, "contains": False}] * 3000}, json.dumps(list(range(10000))), "54000"),
    ("a large constant asked 40000 times", {"$defs": {"c": {"const": list(range(20000))}}, "allOf": [{"$ref": "#/$defs/c"}] * 40000}, json.dumps(list(range(20000))), "54000"),
    ("50000 huge numbers divided", {"items": {"multipleOf": 7e-300}}, "[" + ", ".join(["7e131071"] * 50000) + "]", "54000"),
    ("large regular expressions as values", {"x-maestro-assert-formats": True, "items": {"format": "regex"}}, json.dumps([f"a{{0,3000}}{i}" for i in range(1000)]), "54000"),
    ("huge numbers", {"items": {"multipleOf": 7e-300}}, "[" + ", ".join(["1e131071"] * 200) + "]", "f"),
    ("a number of 131000 digits by one of 60000", {}, "7" * 131000, "f", '{"multipleOf": %s}' % ("7" * 60000)),
    ("a number that is none of jsonb's", {}, "1", "22023", '{"maximum": 1e200000}'),
    ("the character 0", {}, "1", "22023", '{"const": "\\u0000%s"}' % SECRET),
    ("half a character", {}, "1", "22023", '{"const": "\\ud800%s"}' % SECRET),
    ("a key twice", {}, "1", "22023", '{"properties": {"%s": true, "%s": false}}' % (SECRET, SECRET)),
    ("2000 regular expressions as values", {"x-maestro-assert-formats": True, "items": {"format": "regex"}}, json.dumps([f"a{{100}}b{i}" for i in range(2000)]), "t"),
    # regular expressions
    *[(f"the pattern {p[:24]}", {"pattern": p}, A, want) for p, want in (
        ("(a+)+$", "t"), ("(a|a)*b", "f"), ("((a*)*)*b", "f"), ("(a|aa)+$", "t"), ("(.*a){20}b", "f"), ("(x+x+)+y", "f"), ("^(\\w+\\s?)*!$", "f"), ("^(([a-z])+.)+[A-Z]([a-z])+$", "f"),
        ("(a?){200}a{200}", "t"), ("(.*)(.*)(.*)(.*)[^a]", "f"), ("(a|b)*a(a|b){200}x", "f"), ("^(?=.*b)(?=.*a)a+$", "f"), ("\\ba+\\b", "t"),
        ("(((a{255}){255}){255})", "22023"), ("a{10001}", "22023"), ("a{99999999999999}", "22023"), ("(a)\\1", "22023"), ("(?<n>a)\\k<n>", "22023"), ("(" * 100 + ")" * 100, "22023"),
        ("(?=.*a)(?=.*b)c", "54000"), ("((?=.*b)a)*c", "54000"), ("(?=(?=(?=.*x).*).*)a", "54000"), ("^.*(?=.*(?=.*x)y)z", "54000"), ("^(?=.*a(?!.*b))x", "54000"))],
    ("20 large patterns", {"allOf": [{"pattern": ".{250}" * 40 + str(i)} for i in range(20)]}, '"a"', "22023"),
    ("patternProperties of 300 patterns and 300 keys", {"patternProperties": {f"^(a|b)*{i}x$": False for i in range(300)}}, json.dumps({"ab" * 20 + str(i): 1 for i in range(300)}), "t"),
    # cut short
    ("2^40, cancelled", doubling(40), "1", "57014", None, 300),
    ("a large automaton, cancelled while it reads", {"pattern": "^.{0,5000}.{0,4000}$"}, A, "57014", None, 300),
    ("a large automaton, cancelled while it is made", {"pattern": "^.{0,9999}$"}, '"a"', "57014", None, 150),
]


def ask(name, schema, instance, text, timeout):
    text = text or json.dumps(schema)
    script = (f"SET statement_timeout = '{timeout or 10000}ms';\n\\set VERBOSITY verbose\n"
              f"SELECT 'r', maestro.json_matches($zz${text}$zz$::json, $zz${instance if instance is not None else '1'}$zz$::jsonb);\n"
              "SELECT 'm', (regexp_match(pg_read_file('/proc/' || pg_backend_pid() || '/status'), 'VmHWM:\\s+(\\d+)'))[1]::int;")
    begin = time.monotonic()
    run = subprocess.run(["psql", "-XAtq", "-f", "-"], input=script, text=True, capture_output=True)
    took = time.monotonic() - begin
    rows = dict(line.split("|", 1) for line in run.stdout.splitlines() if "|" in line)
    errors = [line.split("ERROR:  ", 1)[1] for line in run.stderr.splitlines() if "ERROR:  " in line]
    came = rows.get("r", errors[0][:5] if errors else "nothing: " + run.stderr[:200])
    told = "".join(line for line in run.stderr.splitlines() if "ERROR:" in line or "DETAIL:" in line or "CONTEXT:" in line or "HINT:" in line)
    if SECRET in told:
        came += ", and shows it"
    if took > (10 if "pattern" in name else 5) or (timeout and took > timeout / 1000 + 1):
        came += f", after {took:.1f} s"
    if int(rows.get("m", "0")) > 180000:
        came += f", with {int(rows['m']) // 1024} MB"
    return came, took


def main():
    for case in CASES:
        name, schema, instance, want = case[:4]
        came, took = ask(name, schema, instance, case[4] if len(case) > 4 else None, case[5] if len(case) > 5 else None)
        print(f"{name}\t{came}\t{want}\t{took:.2f}", flush=True)


main()
