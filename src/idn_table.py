#!/usr/bin/env python3
"""Writes the code points that host names may have, for schema_format_idn.c.

    python3 src/idn_table.py > src/schema_format_idn_table.h

The derivation is RFC 5892's, sections 2 and 3, over Python's unicodedata.  Scripts, joining
types and two other properties are not in there, so perl is asked; both must have the same
version of Unicode, which is the one that PostgreSQL 15 normalizes by.
"""
import subprocess
import sys
import unicodedata

PVALID = {0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007}
CONTEXT = {0xB7, 0x375, 0x5F3, 0x5F4, 0x30FB, 0x200C, 0x200D, *range(0x660, 0x66A), *range(0x6F0, 0x6FA)}
DISALLOWED = {0x640, 0x7FA, 0x302E, 0x302F, *range(0x3031, 0x3036), 0x303B}
IGNORABLE_BLOCKS = [(0x20D0, 0x20FF), (0x1D100, 0x1D1FF), (0x1D200, 0x1D24F)]
# What the Bidi rule does not tell apart is one class here.
BIDI = {"L": "LEFT", "R": "RIGHT", "AL": "RIGHT", "AN": "ARABIC_DIGIT", "EN": "DIGIT", "NSM": "MARK",
        **dict.fromkeys(("ES", "CS", "ET", "ON", "BN"), "NEUTRAL")}
CLASSES = ("LEFT", "RIGHT", "ARABIC_DIGIT", "DIGIT", "MARK", "NEUTRAL")
BITS = ("VALID", "JOINS_NEXT", "JOINS_LAST", "TRANSPARENT", "GREEK", "HEBREW", "JAPANESE", "COMBINING", "VIRAMA",
        "EVERY_SECOND")
FLAGS = {"jt=L": ["JOINS_NEXT"], "jt=D": ["JOINS_NEXT", "JOINS_LAST"], "jt=R": ["JOINS_LAST"], "jt=T": ["TRANSPARENT"],
         "sc=Greek": ["GREEK"], "sc=Hebrew": ["HEBREW"], "sc=Hiragana": ["JAPANESE"], "sc=Katakana": ["JAPANESE"],
         "sc=Han": ["JAPANESE"]}


def bit(name):
    """Above the three bits of the class."""
    return 8 << BITS.index(name)


def perl(names):
    """Code points that have a property, by its name."""
    script = "use Unicode::UCD; print Unicode::UCD::UnicodeVersion(), qq{\\n};" + "".join(
        f"for my $c (0..0x10ffff) {{ print qq{{$c }} if chr($c) =~ /\\p{{{name}}}/ }} print qq{{\\n}};" for name in names)
    version, *lists = subprocess.run(["perl", "-e", script], check=True, text=True, capture_output=True).stdout.split("\n")
    if version != unicodedata.unidata_version:
        sys.exit(f"perl has Unicode {version}, Python {unicodedata.unidata_version}")
    return {name: {int(c) for c in line.split()} for name, line in zip(names, lists)}


def is_valid(code, ignorable, jamo):
    char = chr(code)
    if code in PVALID or code in CONTEXT:
        return True
    if code in DISALLOWED or code in ignorable or code in jamo:
        return False
    if any(first <= code <= last for first, last in IGNORABLE_BLOCKS):
        return False
    if code < 128:
        return char in "-0123456789abcdefghijklmnopqrstuvwxyz"
    # what folding and normalizing would change
    if unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold()) != char:
        return False
    return unicodedata.category(char) in ("Ll", "Lu", "Lo", "Nd", "Lm", "Mn", "Mc")


def properties():
    names = [*FLAGS, "DI", "White_Space", "NChar", "hst=L", "hst=V", "hst=T"]
    have = perl(names)
    ignorable = have["DI"] | have["White_Space"] | have["NChar"]
    jamo = have["hst=L"] | have["hst=V"] | have["hst=T"]
    for code in range(0x110000):
        if 0xD800 <= code <= 0xDFFF or not is_valid(code, ignorable, jamo):
            yield 0
            continue
        value = bit("VALID") | CLASSES.index(BIDI[unicodedata.bidirectional(chr(code))])
        for name, flags in FLAGS.items():
            for flag in flags:
                value |= bit(flag) if code in have[name] else 0
        value |= bit("COMBINING") if unicodedata.category(chr(code))[0] == "M" else 0
        value |= bit("VIRAMA") if unicodedata.combining(chr(code)) == 9 else 0
        yield value


def rows(values):
    """First, how far it is to the last, properties; alternating cases of letters are one row."""
    at = 0
    while at < len(values):
        if values[at] == 0:
            at += 1
            continue
        last, step = at, 1
        if values[at + 1] == 0 and values[at + 2] == values[at]:
            step = 2
        while values[last + step] == values[at] and (step == 1 or values[last + 1] == 0) and last - at < 0xFFFE:
            last += step
        yield at, last - at, values[at] | (bit("EVERY_SECOND") if step == 2 else 0)
        at = last + 1


def main():
    print(f"""/*
 * schema_format_idn_table.h
 *		Code points of host names (RFC 5892), Unicode {unicodedata.unidata_version}.  Made by idn_table.py; do not edit.
 *
 * What is in no row is disallowed or unassigned.  The joining types of RFC 5892 are bits:
 * what joins the next letter, the last one, or neither and lets both through.
 */
#ifndef MAESTRO_SCHEMA_FORMAT_IDN_TABLE_H
#define MAESTRO_SCHEMA_FORMAT_IDN_TABLE_H

/* The classes of the Bidi rule, as far as it tells them apart. */
#define IDN_CLASS(properties) ((properties) & 7)""")
    for n, name in enumerate(CLASSES):
        print(f"#define IDN_{name} {n}")
    print("\n/* Bits beside them; the last: every second code point of the row only. */")
    for name in BITS:
        print(f"#define IDN_{name} {bit(name):#x}")
    print("""
typedef struct IdnRow
{
	uint32 first;
	uint16 span; /* to the last one */
	uint16 properties;
} IdnRow;

static const IdnRow idn_rows[] = {""")
    line = "\t"
    for row in rows(list(properties()) + [0, 0]):
        cell = "{0x%x, %d, 0x%x}," % row
        if len(line) + len(cell) > 108:
            print(line.rstrip())
            line = "\t"
        line += cell + " "
    print(line.rstrip())
    print("};\n\n#endif /* MAESTRO_SCHEMA_FORMAT_IDN_TABLE_H */")


main()
