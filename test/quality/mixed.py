"""Secrets among others and in long texts: position and company must not matter."""

import vendors
from shapes import case, fill

WORDS = ('the a build of service was slow and then it ran again after we had changed its '
         'settings on friday').split()


def token(rng):
    family = rng.choice(vendors.MODELS[:20] + vendors.FORGES[:14])
    return fill(rng, family[1][0])


def prose(rng, count):
    return ' '.join(rng.choice(WORDS) for _ in range(count))


def all_cases(rng, count):
    for number in range(count):
        tokens = [token(rng) for _ in range(6)]
        mark = (' ', ',', ';', '\n', '|', '\t', ', ', '","', ' and ', '=', r'\n',
                ')(')[number % 12]
        positive = case('among-others', 'positive', 'joined by ' + repr(mark),
                        mark.join(tokens), tokens[number % 6])
        yield dict(positive, others=tokens)
        yield case('among-others', 'near-miss', 'prefixes',
                   mark.join(text[:5] for text in tokens), None)
        secret, before = tokens[0], rng.choice((0, 50, 3000))
        text = prose(rng, before) + ' ' + secret + ' ' + prose(rng, 3000 - before)
        yield case('in-long-text', 'positive', 'after %d words' % before, text, secret)
        yield case('in-long-text', 'near-miss', 'prose', prose(rng, 3000), None)
