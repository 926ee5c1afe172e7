#!/usr/bin/env python3
"""Texts with and without secrets, by family, as JSON lines.

Each line has family, kind (positive, near-miss, ordinary), context, text, and
secret: the substring that must not survive, null where there is none (others:
all secrets of the text, where there are more). Nothing here is a credential of
anybody's: all are made at run time of the public formats, the same ones for the
same MAESTRO_CORPUS_SEED and MAESTRO_CORPUS_N (texts of a kind for each family,
at least 30).
"""

import json
import os
import random
import sys

import keyed
import keys
import mixed
import ordinary
import personal
import protocols
import syntaxes
import vendors
from near_misses import of_family
from shapes import fill, near_misses, positives


def vendor_cases(rng, count):
    for family, templates, similar in vendors.ALL:
        def make(r):
            return fill(r, r.choice(templates))
        yield from positives(rng, family, make, count)
        yield from near_misses(rng, family, of_family(templates, similar), count)


GROUPS = (
    ('keys', keys.all_cases), ('vendors', vendor_cases), ('keyed', keyed.all_cases),
    ('protocols', protocols.all_cases), ('syntaxes', syntaxes.all_cases),
    ('mixed', mixed.all_cases), ('personal', personal.all_cases),
    ('ordinary', ordinary.all_cases),
)


def corpus(seed, count):
    """All cases; a group of families has its own source of randomness, so that a
    change of one leaves the others as they were."""
    for name, make in GROUPS:
        yield from make(random.Random('%s %s' % (seed, name)), count)


def settings():
    """Seed and size from the environment."""
    count = int(os.environ.get('MAESTRO_CORPUS_N', '56'))
    return os.environ.get('MAESTRO_CORPUS_SEED', '1'), max(30, count)


if __name__ == '__main__':
    for line in corpus(*settings()):
        json.dump(line, sys.stdout)
        print()
