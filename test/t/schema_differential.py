#!/usr/bin/env python3
"""Pairs of schema and instance for schema_differential.sh, as rows for COPY.

    test/t/schema_differential.py SEED SCHEMAS [SUITE]    columns: schema's number, its text, instance, verdict

Made up by test/fuzz/schema_gen.py from the seed; with SUITE, a checkout of the official
test suite, its required tests too, with their verdicts (else NULL).
"""
import glob
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "fuzz"))
from schema_gen import Maker, dump  # noqa: E402

DIALECTS = {"draft2020-12": "https://json-schema.org/draft/2020-12/schema", "draft7": "http://json-schema.org/draft-07/schema#"}


def row(number, schema, instance, verdict):
    fields = [str(number), schema, instance]
    fields = [f.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") for f in fields]
    print("\t".join(fields + [verdict]))


def main():
    maker = Maker(int(sys.argv[1]))
    number = 0
    for number in range(int(sys.argv[2])):
        schema = maker.document()
        for _ in range(5):
            row(number, dump(schema), dump(maker.after(schema)), "\\N")
    for draft, dialect in DIALECTS.items() if len(sys.argv) > 3 else ():
        for path in sorted(glob.glob(os.path.join(sys.argv[3], "tests", draft, "*.json"))):
            for group in json.load(open(path)):
                number += 1
                schema = group["schema"]
                if isinstance(schema, dict):
                    schema = {"$schema": dialect, **schema}
                for test in group["tests"]:
                    text = json.dumps(schema)
                    if "\\u0000" not in text + json.dumps(test["data"]):
                        row(number, text, json.dumps(test["data"]), "t" if test["valid"] else "f")


main()
