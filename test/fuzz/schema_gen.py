#!/usr/bin/env python3
"""Made-up JSON Schemas and instances, from a seed.

    test/fuzz/schema_gen.py SEED SECONDS    lines "S" schema and "I" instance, for so long

Schemas know all keywords, in their places and out of them, references of all sorts, odd
numbers, patterns and formats; instances are made after the schema, or of anything, and
some of both are bent as text.  Strings of their own are marked "zqx": no error may tell them.
"""
import json
import random
import sys
import time

NAMES = ["a", "b", "zqx", "zqx~/", "é", "", "%25", "$ref", "next", "q" * 40]
NUMBERS = ["0", "1", "-1", "2", "3", "5", "1.0", "1.5", "0.01", "-0", "1e2", "1e-7", "9007199254740993",
           "1e400", "-1e-400", "1e131071", "1e-16000", "123456789012345678901234567890.123", "1e200000", "2147483648", "-2147483649", "1E+2", "0.1e1"]
TYPES = ["null", "boolean", "object", "array", "number", "integer", "string"]
ODD = ['null', 'true', '[]', '{}', '"zqx"', '[[]]', '{"a": 1}', '-1', '1.5', '""', '[1, "a", null]']
FORMATS = ["date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri",
           "uri-reference", "iri", "iri-reference", "uri-template", "uuid", "json-pointer", "relative-json-pointer", "regex",
           "safe-path", "single-line", "zqx"]
TEXTS = ["", "a", "zqx", "é", "日本", "👩‍🚀", "a" * 300, "2026-02-28T23:59:60Z", "2026-02-30", "23:59:60+00:00", "12:00:00.5z", "P1Y2DT3H",
         "P1W", "P", "PT", "a@b.example", '"a b"@[127.0.0.1]', "a@[IPv6:::1]", "@", "a.example", "xn--a", "xn--bcher-kva", "xn--" + "9" * 59, "bücher。日本", "l·l", "\u0628\u200c\u0628.1", "e\u0301", "ü" * 60, "a..b", "-a", "127.0.0.1",
         "256.1.1.1", "01.2.3.4", "::", "::1", "1:2:3:4:5:6:7:8", "1::2::3", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", ":", "1:",
         "http://a@b.c:80/d?e#f", "http://[::1]/", "http://[v1.a]", "//a", "a:b", "%zz", "%41", "{+a,b:3}", "{a.%41*,b", "{", "}", "{}",
         "00000000-0000-0000-0000-00000000000f", "/a~0~1", "~2", "0/a", "1#", "00", "^a+$", "(", "a{2,1}", "[z-a]", "\\\\", "\\u0041",
         "../a", "a/b", "%2e%2e/x", "%252e", "%25252525252e", "C:x", "con", "a\nb", "a\u202eb", "a\u200bb", "..\uff0f", "%c0%ae", "%", "a%", "%u002e", " ", "."]
ATOMS = ["a", "b", "x", ".", "\\d", "\\w", "\\s", "\\D", "\\S", "\\W", "[a-z]", "[^a-z]", "[\\d\\-x]", "[^\\D]", "[]", "[^]", "\\p{L}", "\\P{Lu}", "[\\p{N}_]", "[\\W\\p{L}]",
         "\\u0061", "\\u{1F600}", "\\uD83D\\uDE00", "\\x41", "\\cA", "\\n", "\\.", "\\/", "\\-", "\\b", "\\B", "^", "$", "é", "日", "{", "}", "]", "-", "\\1", "\\k<a>", "\\0", "\\q",
         "(", ")", "[", "\\", "***:", "(?i)", "[[:alpha:]]", "[a-\\d]", "\\u", "\\x4", "\\c", "#", " "]
QUANTIFIERS = ["", "", "", "*", "+", "?", "*?", "{2}", "{1,3}", "{0,}", "{300}", "{0,260}", "{3,1}", "{99999}", "{,3}", "{a}", "**"]
REFS = ["#", "#/$defs/a", "#/$defs/b", "#/$defs/zqx", "#/definitions/a", "#here", "#there", "other", "other#here", "http://x.example/a", "http://x.example/b#/$defs/a",
        "https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#", "#/properties/a", "#/allOf/0", "#/prefixItems/1",
        "#/%24defs/a", "#/$defs/zqx~0~1", "#/$defs/a%00", "urn:uuid:0-zqx", "../x/../a", "?q", "//h/p", "#/", "#/x/y", "#/$defs/a/properties/b", "#/items", "#/$defs/%C3%A9"]
IDS = ["http://x.example/root", "other", "sub/dir/", "#here", "urn:x:zqx", "", "?", "a:b:c", "..", "http://h", "other#", "other#here"]


class Raw(str):
    """JSON that is written as it stands."""


def dump(value):
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(json.dumps(k) + ": " + dump(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


class Maker:
    def __init__(self, seed, wild=True):
        self.r = random.Random(seed)
        self.may_be_wild = wild
        self.wild = wild
        self.draft7 = False
        self.serial = 0

    def some(self, what, least, most):
        return [what() for _ in range(self.r.randint(least, most))]

    def number(self):
        return Raw(self.r.choice(NUMBERS if self.wild and self.r.random() < 0.1 else NUMBERS[:13]))

    def text(self):
        r = self.r
        pick = r.random()
        if pick < 0.6:
            return r.choice(TEXTS)
        if pick < 0.8:
            return r.choice(TEXTS) + r.choice(TEXTS)
        return "".join(r.choice("ab01 -_./:%~\\é\u3000\U0001f600\n") for _ in range(r.randint(0, 12)))

    def name(self):
        return self.r.choice(NAMES)

    def pattern(self, depth=2):
        r = self.r
        parts = []
        for _ in range(r.randint(1, 3)):
            if depth > 0 and r.random() < 0.3:
                atom = r.choice(["(", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?<n>"]) + self.pattern(depth - 1) + ")"
            else:
                atom = r.choice(ATOMS if self.wild and r.random() < 0.3 else ATOMS[:12])
            parts.append(atom + r.choice(QUANTIFIERS if self.wild else QUANTIFIERS[:9]))
        return r.choice(["", "^"]) + r.choice(["", "", "|"]).join(parts) + r.choice(["", "$"])

    # ---- instances

    def value(self, depth=3):
        r = self.r
        pick = r.randrange(9 if depth > 0 else 6)
        if pick == 0:
            return r.choice([None, True, False])
        if pick < 3:
            return self.number()
        if pick < 6:
            return self.text()
        if pick < 8:
            return {self.name(): self.value(depth - 1) for _ in range(r.randint(0, 4))}
        return self.some(lambda: self.value(depth - 1), 0, 4)

    def after(self, schema, depth=5):
        """What may hold a schema, or not."""
        r = self.r
        if not isinstance(schema, dict) or depth == 0 or r.random() < 0.1:
            return self.value(2)
        for key in ("const", "enum"):
            if key in schema and r.random() < 0.7:
                value = schema[key]
                return value if key == "const" else r.choice(value) if isinstance(value, list) and value else value
        for key in ("allOf", "anyOf", "oneOf"):
            if isinstance(schema.get(key), list) and schema[key] and r.random() < 0.4:
                return self.after(r.choice(schema[key]), depth - 1)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = r.choice(kind) if kind else None
        if kind == "object" or "properties" in schema:
            fields = schema.get("properties") if isinstance(schema.get("properties"), dict) else {}
            made = {k: self.after(v, depth - 1) for k, v in fields.items() if r.random() < 0.7}
            if r.random() < 0.3:
                made[self.name()] = self.after(schema.get("additionalProperties"), depth - 1)
            return made
        if kind == "array" or "items" in schema or "prefixItems" in schema:
            items = schema.get("items")
            return self.some(lambda: self.after(r.choice(items) if isinstance(items, list) and items else items, depth - 1), 0, 4)
        if kind == "string":
            return self.text()
        if kind in ("number", "integer"):
            return self.number()
        if "$ref" in schema and r.random() < 0.5:
            return {"next": self.after(schema, depth - 1), "a": self.value(1)}
        return self.value(3)

    # ---- schemas

    def wrong(self, right):
        return Raw(self.r.choice(ODD)) if self.wild and self.r.random() < 0.02 else right

    def schemas(self, depth, least=1):
        return self.some(lambda: self.schema(depth - 1), least, 3)

    def schema_map(self, depth):
        return {self.name(): self.schema(depth - 1) for _ in range(self.r.randint(0, 4))}

    def names(self):
        return self.some(self.name, 0, 3)

    def ref(self):
        return self.r.choice(REFS if self.wild else REFS[:2] * 4 + ["#/$defs/b", "https://json-schema.org/draft/2020-12/schema"])

    def keyword(self, depth):
        r = self.r
        count = lambda: Raw(r.choice(["0", "1", "2", "3", "2.0", "1e1", "4294967296"]))
        flat = {
            "type": lambda: r.choice(TYPES) if r.random() < 0.7 else self.some(lambda: r.choice(TYPES), 1, 3),
            "enum": lambda: self.some(lambda: self.value(2), 0, r.choice([2, 4, 40])),
            "const": lambda: self.value(2),
            "multipleOf": lambda: self.wrong(Raw(r.choice(["1", "2", "0.01", "1e-7", "3.5", "1e300"]))),
            "minimum": self.number, "maximum": self.number, "exclusiveMinimum": self.number, "exclusiveMaximum": self.number,
            "minLength": count, "maxLength": count, "minItems": count, "maxItems": count, "minProperties": count, "maxProperties": count,
            "minContains": count, "maxContains": count, "uniqueItems": lambda: r.random() < 0.8,
            "pattern": self.pattern, "format": lambda: r.choice(FORMATS), "required": self.names,
            "dependentRequired": lambda: {self.name(): self.names() for _ in range(2)},
            "x-maestro-assert-formats": lambda: r.random() < 0.8, "title": self.text, "default": lambda: self.value(1), "nullable": lambda: True,
        }
        nested = {
            "properties": lambda: self.schema_map(depth), "patternProperties": lambda: {self.pattern(): self.schema(depth - 1) for _ in range(r.randint(0, 2))},
            "additionalProperties": lambda: self.schema(depth - 1), "propertyNames": lambda: self.schema(depth - 1),
            "dependentSchemas": lambda: self.schema_map(depth),
            "dependencies": lambda: {self.name(): self.names() if r.random() < 0.5 else self.schema(depth - 1) for _ in range(2)},
            "prefixItems": lambda: self.schemas(depth), "items": lambda: self.schemas(depth) if self.draft7 and r.random() < 0.5 else self.schema(depth - 1),
            "additionalItems": lambda: self.schema(depth - 1), "contains": lambda: self.schema(depth - 1),
            "allOf": lambda: self.schemas(depth), "anyOf": lambda: self.schemas(depth), "oneOf": lambda: self.schemas(depth), "not": lambda: self.schema(depth - 1),
            "if": lambda: self.schema(depth - 1), "then": lambda: self.schema(depth - 1), "else": lambda: self.schema(depth - 1),
            "unevaluatedProperties": lambda: self.schema(depth - 1), "unevaluatedItems": lambda: self.schema(depth - 1),
            "$ref": self.ref, "$dynamicRef": lambda: r.choice(["#here", "#there", "#", "other#here", "#/$defs/a"]),
        }
        if self.wild:
            nested.update({"$id": lambda: r.choice(IDS), "$anchor": lambda: r.choice(["here", "there", "zqx"]), "$dynamicAnchor": lambda: r.choice(["here", "there"]),
                           "$defs": lambda: self.schema_map(depth), "definitions": lambda: self.schema_map(depth)})
        kind = nested if depth > 0 and r.random() < 0.55 else flat
        key = r.choice(list(kind))
        return key, self.wrong(kind[key]())

    def schema(self, depth=4):
        r = self.r
        if r.random() < 0.08:
            return r.random() < 0.7
        made = dict(self.keyword(depth) for _ in range(r.randint(0, 4)))
        if r.random() < 0.3:
            made.update({"type": "object", "properties": {n: self.schema(depth - 1) for n in ("a", "next")} if depth > 0 else {}})
        return made

    def document(self):
        """A schema as a whole."""
        r = self.r
        self.wild = self.may_be_wild and r.random() < 0.4
        self.draft7 = r.random() < 0.25
        made = self.schema(r.choice([2, 3, 4, 5]))
        if not isinstance(made, dict):
            return made
        if self.draft7:
            made["$schema"] = "http://json-schema.org/draft-07/schema#"
        if not self.wild or r.random() < 0.8:
            made["$defs"] = {n: self.schema(3) for n in ("a", "b", "zqx")}
            made["definitions"] = {"a": self.schema(2)}
        if self.wild and r.random() < 0.15:
            made = {"$defs": {"a": made}, r.choice(["items", "additionalProperties", "not", "allOf"]): {"$ref": "#/$defs/a"}}
        if self.wild and r.random() < 0.01:
            n = r.choice([30, 300])
            made = {"$defs": {"a0": made, **{f"a{i}": {"allOf": [{"$ref": f"#/$defs/a{i - 1}"}] * 2} for i in range(1, n)}}, "$ref": f"#/$defs/a{r.choice([10, n - 1])}"}
        return made

    def bend(self, text):
        """Cut, repeat or exchange a piece."""
        r = self.r
        for _ in range(r.randint(1, 3)):
            i, j = sorted(r.randrange(len(text) + 1) for _ in range(2))
            j = min(j, i + 40)
            piece = r.choice(["", text[i:j] * 2, "[" * r.choice([1, 2000]), '"', "\\", "\\u0000", "\\ud800", "\\u00e9", r.choice(NUMBERS), r.choice(ODD), "{", "}", ","])
            text = text[:i] + piece + text[j:]
        return text

    def deep(self):
        n = self.r.choice([10, 300, 900, 3000])
        return self.r.choice(["[" * n + "]" * n, '{"next": ' * n + "1" + "}" * n, '{"a": [' * n + "]}" * n])


def main():
    seed, seconds = int(sys.argv[1]), float(sys.argv[2])
    maker = Maker(seed)
    end = time.monotonic() + seconds
    out = sys.stdout
    try:
        while time.monotonic() < end:
            document = maker.document()
            text = dump(document)
            if maker.r.random() < 0.08:
                text = maker.bend(text)
            out.write("S" + text.replace("\n", " ") + "\n")
            for _ in range(6):
                out.write("I" + dump(maker.after(document)) + "\n")
            if maker.r.random() < 0.05:
                out.write("I" + maker.deep() + "\n")
            if maker.r.random() < 0.05:
                out.write("I" + maker.bend(dump(maker.value())).replace("\n", " ") + "\n")
            if maker.r.random() < 0.02:
                out.write("I" + dump([maker.text() * 50 for _ in range(50)]) + "\n")
        out.flush()
    except BrokenPipeError:
        sys.stderr.close()


if __name__ == "__main__":
    main()
