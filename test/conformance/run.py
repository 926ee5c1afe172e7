#!/usr/bin/env python3
"""The official JSON Schema test suite against maestro.json_errors, file by file.

    STAGE=$PWD/stage test/run.sh test/conformance/run.py [SUITE]

SUITE is a checkout of json-schema-org/JSON-Schema-Test-Suite; else $MAESTRO_SUITE, else
../shared/data/json-schema-test-suite.  Remotes are registered first.  Prints what passed
by file, and each failure by name; the exit status is 1 when a required test fails.  What
has the character 0 in it is left out, since jsonb has none.
"""
import json
import os
import subprocess
import sys

DRAFTS = {"draft2020-12": "https://json-schema.org/draft/2020-12/schema",
          "draft7": "http://json-schema.org/draft-07/schema#"}


def psql(script):
    run = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-"], input=script, text=True, capture_output=True)
    if run.returncode != 0:
        sys.exit("psql: " + run.stderr[:2000])
    return run.stdout


def quote(value):
    return "'" + value.replace("'", "''") + "'"


def with_dialect(schema, draft):
    if isinstance(schema, dict) and "$schema" not in schema:
        return {"$schema": DRAFTS[draft], **schema}
    return schema


def register_remotes(suite):
    """All at once, as the owner: they refer to each other."""
    remotes = {}
    for folder, _, files in os.walk(os.path.join(suite, "remotes")):
        for name in files:
            path = os.path.join(folder, name)
            uri = "http://localhost:1234/" + os.path.relpath(path, os.path.join(suite, "remotes"))
            draft = next((d for d in DRAFTS if f"/{d}/" in uri), None)
            if draft is None and "/draft" in uri:
                continue
            remotes[uri] = json.dumps(with_dialect(json.load(open(path)), draft) if draft else json.load(open(path)))
    psql("CREATE EXTENSION IF NOT EXISTS maestro; SET maestro.maintenance = on;" + "".join(
        f"INSERT INTO maestro.json_schema (uri, schema, registered_by) VALUES ({quote(uri)}, {quote(text)}, 'suite');" for uri, text in remotes.items()))


def ask(cases):
    """For each case (schema, data): true, false, or why it could not be asked."""
    script = ["CREATE TEMP TABLE c (n int, s json, d text);", "COPY c FROM STDIN;"]
    for n, (schema, data) in enumerate(cases):
        fields = [str(n), json.dumps(schema, ensure_ascii=False), json.dumps(data, ensure_ascii=False)]
        script.append("\t".join(f.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r") for f in fields))
    script.append("\\.")
    script.append("""CREATE FUNCTION pg_temp.ask(s json, d text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE n bigint; detail text;
BEGIN
	SELECT count(*) INTO n FROM maestro.json_errors(s, d::jsonb);
	RETURN CASE WHEN n = 0 THEN 'true' ELSE 'false' END;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' ', 'error', SQLSTATE, SQLERRM, detail);
END $$;
SELECT n || ' ' || replace(pg_temp.ask(s, d), E'\\n', ' ') FROM c ORDER BY n;""")
    answers = {}
    for line in psql("\n".join(script)).splitlines():
        n, _, answer = line.partition(" ")
        answers[int(n)] = answer
    return answers


def run_file(path, draft, is_format):
    names, cases, wanted = [], [], []
    for group in json.load(open(path)):
        schema = with_dialect(group["schema"], draft)
        if is_format and isinstance(schema, dict):
            schema = {**schema, "x-maestro-assert-formats": True}
        for test in group["tests"]:
            names.append(group["description"] + ": " + test["description"])
            cases.append((schema, test["data"]))
            wanted.append("true" if test["valid"] else "false")
    skip = [n for n, case in enumerate(cases) if "\\u0000" in json.dumps(case)]
    have = ask([case if n not in skip else (True, None) for n, case in enumerate(cases)])
    failed = [(names[n], have.get(n)) for n in range(len(cases)) if n not in skip and have.get(n) != wanted[n]]
    return len(cases), failed, [names[n] for n in skip]


def main():
    suite = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("MAESTRO_SUITE", "../shared/data/json-schema-test-suite")
    if not os.path.isdir(suite):
        print("conformance: the official suite is not at hand, skipped")
        return 0
    register_remotes(suite)
    status = 0
    for draft in DRAFTS:
        for kind in ("", "optional", "optional/format"):
            folder = os.path.join(suite, "tests", draft, kind)
            total = passed = 0
            for name in sorted(f for f in os.listdir(folder) if f.endswith(".json")):
                count, failed, skipped = run_file(os.path.join(folder, name), draft, kind == "optional/format")
                total += count - len(skipped)
                passed += count - len(skipped) - len(failed)
                print(f"{draft}/{kind + '/' if kind else ''}{name:42} {count - len(skipped) - len(failed):4} of {count}")
                for one in skipped:
                    print(f"    left out, jsonb has no character 0: {one}")
                for one, answer in failed:
                    print(f"    {'FAILED' if not kind else 'failed'}: {one}: {answer}")
                if failed and not kind:
                    status = 1
            print(f"{draft} {kind or 'required'}: {passed} of {total} ({100.0 * passed / total:.1f} %)")
    return status


sys.exit(main())
