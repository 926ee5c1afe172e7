#!/usr/bin/env python3
r"""
Export maestro's log as files: the layout of C2SP's tlog-tiles, for whoever checks
the log without the database (maestro-verify log DIR, or test/verify/verify_log.py).

Standard input has lines of a path, a tab and the content in hexadecimal; they become
files below the directory given. The size must be that of the checkpoint, its second
line, so the checkpoint is fetched first, and put beside the tiles when they are there:

    set -eo pipefail
    export PGCLIENTENCODING=UTF8 PGDATABASE=...
    printf '%s\n' "$(psql -XAtqc 'SELECT maestro.checkpoint_note()')" >note
    size=$(sed -n 2p note)
    psql -XAtqc "\copy (SELECT path, encode(content, 'hex') FROM maestro.log_files($size)) TO STDOUT" |
        examples/export_log.py DIR
    mv note DIR/checkpoint

(A note ends with one line end: $(...) takes away what psql adds, printf gives back one.)
maestro.seal_key_file must name the key, unless checkpoints are signed outside. Next time
log_files($size, $((OLD_SIZE / 256))) is enough: a tile that is full stays as it is.
"""

import argparse
import os
import sys


def inside(directory, path):
    """The file's place below the directory; None if it would be elsewhere."""
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or any(c in path for c in "\\\0"):
        return None
    # A link may lead out too.
    directory = os.path.realpath(directory)
    place = os.path.realpath(os.path.join(directory, *parts))
    return place if place.startswith(os.path.join(directory, "")) else None


def write(place, content):
    """Whole or not at all: somebody may be reading."""
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place + ".new", "wb") as file:
        file.write(content)
    os.replace(place + ".new", place)


def export(lines, directory):
    count = 0
    for line in lines:
        path, tab, content = line.rstrip("\n").partition("\t")
        place = inside(directory, path)
        if not tab or place is None:
            sys.exit("export_log: no line of a path below the directory, a tab and hexadecimal digits: %r" % line[:100])
        try:
            raw = bytes.fromhex(content)
        except ValueError:
            sys.exit("export_log: %s: content is not hexadecimal" % path)
        write(place, raw)
        count += 1
    if count == 0:
        sys.exit("export_log: nothing to export")
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", metavar="DIR")
    directory = parser.parse_args().directory
    os.makedirs(directory, exist_ok=True)
    sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    print("%d files" % export(sys.stdin, directory), file=sys.stderr)


if __name__ == "__main__":
    main()
