#!/usr/bin/env python3
"""How much of a generated corpus the sanitizer finds, and what it finds wrongly.

Run by "make quality" inside test/run.sh. Prints Markdown: a row for each family,
then the ordinary texts, then findings in real traces. With -v each miss and each
false positive follows. Ends with status 1 when a family's recall is below 0.98 or
an ordinary text changes.

A secret counts as found when no eight characters of it in a row are left (all of
it, when it is shorter) on any of its lines. Over-redaction is how many characters
outside the secret went with it.
"""

import collections
import json
import os
import re
import subprocess
import sys

import corpus
import traces

LEAST_RECALL = 0.98
WINDOW = 8
PLACEHOLDER = re.compile(r'\[REDACTED:[A-Z0-9_]+\]')
HIDDEN = re.compile('[\u200b-\u200f\u2060\ufeff]')
LINE_ENDS = re.compile(r'(?:\\+[rn])+(?:> |\s)*|\s+')
LONG = 99  # characters from which on a secret has lines
SQL = r'''
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS maestro;
CREATE TEMP TABLE corpus (id int, text text);
CREATE TEMP TABLE line (body json);
\copy line FROM pstdin
INSERT INTO corpus SELECT (body->>'id')::int, body->>'text' FROM line;
SELECT json_build_object('id', id, 'out', maestro.sanitize(text),
	'found', (SELECT coalesce(json_agg(json_build_object('rule', f.rule, 'type', f.type,
		'piece', substring(text from f.first for f.length))), '[]') FROM maestro.scan(text) f))
FROM corpus ORDER BY id;
'''


def sanitize(texts):
    """For each text what sanitize and scan make of it."""
    lines = (json.dumps({'id': i, 'text': text}).replace('\\', '\\\\') for i,
             text in enumerate(texts))
    # psql reads the script from a file, so that the standard input is the data's.
    read, write = os.pipe()
    os.write(write, SQL.encode())
    os.close(write)
    done = subprocess.run(['psql', '-qAtX', '-v', 'ON_ERROR_STOP=1', '-f',
                           '/dev/fd/%d' % read],
                          input='\n'.join(lines) + '\n\\.\n', pass_fds=(read,),
                          stdout=subprocess.PIPE, encoding='utf-8', check=True)
    os.close(read)
    return [json.loads(line) for line in done.stdout.splitlines() if line]


def visible(text):
    """text as sanitize writes its line ends."""
    return text.replace('\r', '\\r').replace('\n', '\\n')


def pieces(secret):
    """What must not be left: every window of each line of the secret."""
    secret = HIDDEN.sub('', secret)
    if len(secret) <= WINDOW:
        return {secret}
    lines = LINE_ENDS.split(visible(secret)) if len(secret) > LONG else [secret]
    found = {line[i:i + WINDOW] for line in lines for i in range(len(line) - WINDOW + 1)}
    return found or {visible(secret)}


def narrow(text):
    """Fullwidth characters as the ASCII they show."""
    return ''.join(chr(ord(c) - 0xfee0) if '\uff01' <= c <= '\uff5e' else c for c in text)


def left_over(case, out):
    """Pieces of the secret that are still in out and were nowhere else."""
    secret, text = narrow(case['secret']), narrow(HIDDEN.sub('', case['text']))
    rest = visible(text.replace(HIDDEN.sub('', secret), '\0'))
    return [piece for piece in pieces(secret) if piece in narrow(out)
            and piece not in rest]


def over_redaction(case, out):
    """Characters outside the secret that are no longer there."""
    text = case['text']
    for secret in case.get('others', [case['secret']]):
        text = text.replace(secret, '')
    outside = len(visible(text))
    return max(0, outside - len(PLACEHOLDER.sub('', out)))


def unchanged(case):
    """Whether nothing went; only near-misses may have hidden characters to lose."""
    bare = HIDDEN.sub('', case['text']) if case['kind'] == 'near-miss' else case['text']
    return case['out'] in (visible(case['text']), visible(bare))


class Family:
    """What is counted for a row of the table."""

    def __init__(self):
        self.positives = self.near = self.lost = 0
        self.misses, self.alarms = [], []

    @property
    def recall(self):
        return 1 - len(self.misses) / self.positives if self.positives else 1.0

    def add(self, case, result):
        case = dict(case, out=result['out'], found=result['found'])
        if case['kind'] == 'positive':
            self.positives += 1
            self.lost += over_redaction(case, case['out'])
            if left_over(case, case['out']):
                self.misses.append(case)
        else:
            self.near += 1
            if case['found'] or not unchanged(case):
                self.alarms.append(case)

    def row(self, name):
        return '| %s | %d | %.3f | %.1f | %d | %d | %.3f |' % (
            name, self.positives, self.recall, self.lost / max(1, self.positives),
            self.near,
            len(self.alarms), len(self.alarms) / max(1, self.near))


def measure(cases):
    families = collections.defaultdict(Family)
    for case, result in zip(cases, sanitize([case['text'] for case in cases])):
        families[case['family']].add(case, result)
    return families


def total(families):
    whole = Family()
    for family in families:
        for name in ('positives', 'near', 'lost', 'misses', 'alarms'):
            setattr(whole, name, getattr(whole, name) + getattr(family, name))
    return whole


def print_families(families):
    print('| family | positives | recall | over-redaction '
          '| near-misses | false positives | rate |')
    print('|---|--:|--:|--:|--:|--:|--:|')
    for name, family in families.items():
        print(family.row(name))
    print(total(families.values()).row('**all %d**' % len(families)))


def print_details(families, ordinary):
    print('\n## Misses\n')
    for name, family in families.items():
        for case in family.misses:
            print('- %s (%s): %s\n  - secret: %s\n  - out: %s' % (
                name, case['context'], json.dumps(case['text']),
                json.dumps(case['secret']), json.dumps(case['out'])))
    print('\n## False positives\n')
    for name, family in list(families.items()) + [('ordinary', ordinary)]:
        for case in family.alarms:
            print('- %s (%s): %s\n  - found: %s' % (
                name, case['context'], json.dumps(case['text']),
                json.dumps(case['found'])))


def print_traces(verbose):
    texts = traces.messages()
    if texts is None:
        print('\nReal traces: skipped, no data (MAESTRO_DATA).')
        return
    types, examples = collections.Counter(), collections.defaultdict(list)
    for result in sanitize(texts):
        for found in result['found']:
            key = found['rule'], found['type']
            types[key] += 1
            if found['piece'] not in examples[key]:
                examples[key].append(found['piece'])
    number = sum(types.values())
    print('\nReal traces: %d findings in %d messages, %.2f per 1,000\n' % (
        number, len(texts), 1000 * number / max(1, len(texts))))
    print('| rule | type | findings |\n|---|---|--:|')
    for (rule, kind), count in types.most_common():
        print('| %s | %s | %d |' % (rule, kind, count))
    for (rule, kind), found in examples.items() if verbose else ():
        print('\n- %s (%s): %s' % (rule, kind, json.dumps(found)), end='')
    print()


def main():
    verbose = '-v' in sys.argv[1:]
    seed, count = corpus.settings()
    families = measure(list(corpus.corpus(seed, count)))
    ordinary = families.pop('ordinary')
    print('# Quality of the sanitizer, seed %s\n' % seed)
    print_families(families)
    print('\nOrdinary texts: %d of %d change.' % (len(ordinary.alarms), ordinary.near))
    print_traces(verbose)
    if verbose:
        print_details(families, ordinary)
    low = [name for name, family in families.items() if family.recall < LEAST_RECALL]
    if low:
        print('\nRecall below %.2f: %s' % (LEAST_RECALL, ', '.join(low)))
    return 1 if low or ordinary.alarms else 0


if __name__ == '__main__':
    sys.exit(main())
