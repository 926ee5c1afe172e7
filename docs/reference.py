#!/usr/bin/env python3
"""Print docs/reference.md: every object with its COMMENT, topic by topic.

The comments in sql/parts are the documentation; this puts them in the order of
the parts, so that nothing is written twice and nothing can be left out.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

INTRO = """# Reference

Every object of the extension, by topic, with the comment that `\\df+` and `\\d+`
show too. This page is made from those comments by `make reference`. See
[operations](operations.md) for how to run it and [security](security.md) for
what it protects against.

Functions that PUBLIC may execute are types' support and pure functions; for the
rest `maestro.install_roles()` creates the roles and grants:

| role | may |
|---|---|
"""

ERRORS = """
## Errors

Errors carry PostgreSQL's own SQLSTATEs, and these of class MA where a caller has
to tell them apart:

| SQLSTATE | meaning |
|---|---|
"""

COMMENT = re.compile(
    r"^COMMENT ON (?P<kind>[A-Z ]+?) (?P<name>(?:maestro\.|pg_catalog\.|\()[^\n]*?) IS\s+'(?P<text>(?:[^']|'')*)';",
    re.M,
)


def escape(text):
    return text.replace("''", "'").replace("|", "\\|").replace("\n", " ")


def grants():
    """What each role may execute, from role_grant() in roles.sql."""
    sql = (ROOT / "sql/parts/roles.sql").read_text()
    for role, functions in re.findall(r"\('(maestro_\w+)', ARRAY\[([^\]]*)\]", sql):
        names = [n for n in re.findall(r"'(\w+)'", functions) if not re.match("integrity_[ftpr]|guard", n)]
        what = ", ".join(f"`{n}`" for n in names) or "read the views"
        yield role, what
    yield "maestro_admin", "all of the above"


def topic_text(sql):
    """The part's title and the prose of its opening comment."""
    lines = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line[2:].strip())
    text = "\n".join(lines).strip()
    title, _, rest = text.partition(":")
    return title.strip(), rest.strip()


def arguments(sql, start):
    """The text between the parenthesis that opens at start and its own end."""
    depth = 0
    for i in range(start, len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[i], 0)
        if depth == 0:
            return re.sub(r"\s+", " ", sql[start + 1 : i]).strip()
    raise ValueError("unbalanced parenthesis")


def signature(sql, name, end):
    """A function as its last CREATE before this place declares it, with names."""
    bare = name.partition("(")[0]
    for create in ("CREATE FUNCTION ", "CREATE PROCEDURE "):
        start = sql.rfind(f"{create}{bare}(", 0, end)
        if start >= 0:
            return f"{bare}({arguments(sql, start + len(create + bare))})"
    return name


def labels(sql, name):
    found = re.search(rf"CREATE TYPE {re.escape(name)} AS ENUM \(([^)]*)\)", sql)
    return "; values: " + ", ".join(re.findall(r"'(\w+)'", found[1])) if found else ""


def members(sql):
    rows = []
    for match in COMMENT.finditer(sql):
        kind, name, text = match["kind"].lower(), re.sub(r"\s+", " ", match["name"]), escape(match["text"])
        if kind == "column":
            owner, _, column = name.rpartition(".")
            for i, row in enumerate(rows):
                if row[1] == owner:
                    rows[i] = (row[0], row[1], f"{row[2]}<br>`{column}`: {text}")
        elif kind in ("function", "procedure") and not SUPPORT.match(text):
            rows.append((kind, signature(sql, name, match.start()), text))
        else:
            rows.append((kind, name, text + labels(sql, name)))
    return rows


# What nobody calls by name: named, so that the page is complete, but in one line.
SUPPORT = re.compile(
    r"implements |text output|binary |does \w+'s work|reads a label|reads as |reads back|as the other |trigger on|input function|converts|the same as"
)


def is_support(kind, text):
    return kind not in ("function", "procedure", "table", "view", "type", "sequence", "schema") or bool(SUPPORT.match(text))


def settings():
    code = (ROOT / "src/guc.c").read_text()
    for name, text in re.findall(r'"(maestro\.\w+)",\s*"([^"]+)"', code):
        yield name, text


def main():
    out = [INTRO.rstrip("\n")]
    out += [f"| `{role}` | {what} |" for role, what in grants()]
    makefile = (ROOT / "Makefile").read_text()
    parts = re.search(r"SQL_PARTS = \\\n((?:\t\w+(?: \\)?\n)+)", makefile)[1].split()
    for part in (p for p in parts if p != "\\"):
        sql = (ROOT / f"sql/parts/{part}.sql").read_text()
        rows = members(sql)
        if not rows:
            continue
        title, prose = topic_text(sql)
        out.append(f"\n## {title}\n")
        if prose:
            out.append(prose[0].upper() + prose[1:] + "\n")
        main_rows = [row for row in rows if not is_support(row[0], row[2])]
        support = [f"{kind} `{name}`" for kind, name, text in rows if is_support(kind, text)]
        if main_rows:
            out.append("| object | |\n|---|---|")
            out += [f"| {kind} `{name}` | {text} |" for kind, name, text in main_rows]
        if support:
            out.append("\nSupport: " + ", ".join(support) + ".")
    out.append("\n## Settings\n\nOnly superusers, or roles granted SET on them, change these.\n")
    out.append("| setting | |\n|---|---|")
    out += [f"| `{name}` | {text} |" for name, text in settings()]
    out.append(ERRORS.strip("\n").join(["\n", ""]))
    header = (ROOT / "src/errcodes.h").read_text()
    for text, code in re.findall(r"/\* ([^*]+) \*/\n#define ERRCODE_MAESTRO_\w+ MAKE_SQLSTATE\(([^)]*)\)", header):
        out.append(f"| {''.join(re.findall('[A-Z0-9]', code))} | {text} |")
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
