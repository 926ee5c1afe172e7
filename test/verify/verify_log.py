#!/usr/bin/env python3
"""
Check an exported log, a proof or rows of maestro.event without the database.

    verify_log.py log DIR --vkey KEY [--origin ORIGIN]
    verify_log.py proof FILE --vkey KEY --entry FILE [--origin ORIGIN]
    verify_log.py rows LOG_ID FILE      FILE: rows as rows.sql makes them, JSON, a line each
    verify_log.py selftest

A second implementation, written from docs/trace-format.md and the formats that it
names; none of it was taken from src/.  Prints "ok: ..." and ends with status 0, or
one line what is wrong and ends with 1.
"""

import argparse
import json
import os
import struct
import sys
import uuid

import entry
import merkle
import note
import selftest
from fault import Fault, need

HASH = 32


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Fault("%s: %s" % (path, error.strerror)) from None


def files_below(directory):
    found = set()
    for where, directories, names in os.walk(directory):
        links = [d for d in directories if os.path.islink(os.path.join(where, d))]
        found.update(os.path.relpath(os.path.join(where, name), directory) for name in names + links)
    return found


def check_names(directory, size):
    """Exactly the files of a log of that size."""
    wanted = merkle.paths_of(size) | {"checkpoint"}
    found = files_below(directory)
    for path in sorted(wanted - found):
        raise Fault(path + ": is missing")
    for path in sorted(found - wanted):
        raise Fault(path + ": does not belong to the log")


def read_hashes(directory, path, width):
    raw = read(os.path.join(directory, path))
    need(len(raw) == width * HASH, "%s: not %d hashes" % (path, width))
    return [raw[i:i + HASH] for i in range(0, len(raw), HASH)]


def read_entries(directory, path, width):
    """The entries of a tile: each two bytes of length, then the entry."""
    raw, at, entries = read(os.path.join(directory, path)), 0, []
    while at < len(raw):
        need(len(raw) - at >= 2, path + ": is cut off")
        length = struct.unpack_from(">H", raw, at)[0]
        at += 2
        need(len(raw) - at >= length, path + ": is cut off")
        entries.append(raw[at:at + length])
        at += length
    need(len(entries) == width, "%s: not %d entries" % (path, width))
    return entries


def check_entries(directory, n, width, leaves, log_ids):
    """Each entry is whole, of the one log, and has the hash that the tile holds."""
    path = merkle.tile_path("entries", n, width)
    for i, raw in enumerate(read_entries(directory, path, width)):
        where = "%s: entry %d: " % (path, n * merkle.WIDTH + i)
        try:
            log_id, _ = entry.parse_entry(raw)
        except Fault as fault:
            raise Fault(where + str(fault)) from None
        log_ids.add(log_id)
        need(len(log_ids) == 1, where + "is of another log")
        need(merkle.leaf_hash(raw) == leaves[i], where + "is not what was hashed")


def check_tiles(directory, size):
    """The leaves, when all tiles and entries fit each other."""
    levels, log_ids = [], set()
    for level, n, width in merkle.tiles_of(size):
        path = merkle.tile_path(level, n, width)
        hashes = read_hashes(directory, path, width)
        if level == len(levels):
            levels.append([])
        levels[level] += hashes
        if level == 0:
            check_entries(directory, n, width, hashes, log_ids)
            continue
        for i in range(n * merkle.WIDTH, n * merkle.WIDTH + width):
            below = levels[level - 1][i * merkle.WIDTH:(i + 1) * merkle.WIDTH]
            need(merkle.root_of(below) == levels[level][i], "%s: node %d is not the root of what is below" % (path, i))
    return levels[0] if levels else []


def check_log(args):
    key = note.VerifierKey(args.vkey)
    size, root = note.open_checkpoint(read(os.path.join(args.directory, "checkpoint")), key, args.origin)
    check_names(args.directory, size)
    leaves = check_tiles(args.directory, size)
    need(merkle.root_of(leaves) == root, "the checkpoint has another root than the tiles")
    return "%d entries, root %s" % (size, root.hex())


def check_proof(args):
    key = note.VerifierKey(args.vkey)
    index, hashes, signed = note.open_proof(read(args.file))
    size, root = note.open_checkpoint(signed, key, args.origin)
    raw = read(args.entry)
    _, event_id = entry.parse_entry(raw)
    need(merkle.root_of_inclusion(merkle.leaf_hash(raw), index, size, hashes) == root,
         "the entry is not at index %d of the checkpoint's tree" % index)
    return "event %d is entry %d of %d, root %s" % (event_id, index, size, root.hex())


def check_row(log_id, row):
    """Does the row hash to what it has stored?"""
    for name in entry.columns() ^ row.keys():
        raise Fault("the row lacks or should not have the column " + name)
    stored = bytes.fromhex(row["payload_hash"])
    need(entry.payload_hash_of(row) in (stored, None), "another payload hash")
    need(merkle.leaf_hash(entry.entry_of(log_id, row, stored)).hex() == row["leaf"], "another leaf")


def check_rows(args):
    count = 0
    for line in read(args.file).decode().split("\n")[:-1]:
        row = json.loads(line)
        try:
            check_row(uuid.UUID(args.log_id).bytes, row)
        except Fault as fault:
            raise Fault("event %s: %s" % (row.get("event_id"), fault)) from None
        count += 1
    need(count > 0, "no rows")
    return "%d rows" % count


def run_selftest(args):
    return "%d checks" % selftest.run(check_row)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_subparsers(required=True, metavar="MODE")
    log = modes.add_parser("log")
    log.add_argument("directory")
    log.set_defaults(check=check_log)
    proof = modes.add_parser("proof")
    proof.add_argument("file")
    proof.add_argument("--entry", required=True, help="file with the event's entry, maestro.event_entry()")
    proof.set_defaults(check=check_proof)
    for mode in (log, proof):
        mode.add_argument("--vkey", required=True, help="verifier key, maestro.log_public_key()")
        mode.add_argument("--origin", help="the log's name, where it is not the key's")
    rows = modes.add_parser("rows")
    rows.add_argument("log_id")
    rows.add_argument("file")
    rows.set_defaults(check=check_rows)
    modes.add_parser("selftest").set_defaults(check=run_selftest)
    return parser.parse_args()


def main():
    args = arguments()
    try:
        print("ok: " + args.check(args))
    except Fault as fault:
        print(fault)
        sys.exit(1)


if __name__ == "__main__":
    main()
