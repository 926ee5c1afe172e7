"""What resembles a credential of a given template and is none."""

import re

from shapes import FIELD, fill


def prefix_of(template):
    """The literal text before the first random field."""
    return FIELD.split(template)[0]


def _short(template, prefix):
    """prefix and so few characters that nobody would take it for the whole."""
    kind = FIELD.search(template).group(1) or 'h'
    return lambda rng: prefix + fill(rng, '{%s3-5}' % kind)


def _wrong_prefix(template, prefix):
    """The same body behind letters that no vendor uses."""
    letters = re.sub('[A-Za-z]', 'q', prefix[:2])
    if prefix[:2].isupper():
        letters = letters.upper()
    return lambda rng: fill(rng, letters + template[2:])


def of_template(template):
    """(what, make) pairs for a template that begins with literal text."""
    prefix = prefix_of(template)
    if len(prefix) < 3:
        return []
    def fixed(text):
        return lambda rng: text
    pairs = [
        ('too short', _short(template, prefix)),
        ('glued to a word',
         lambda rng: rng.choice(('my', 'old_', 'x9')) + fill(rng, template)),
        ('prose', fixed('values that start with "%s" are refused' % prefix)),
        ('regex', fixed('/^%s[A-Za-z0-9_-]{20,}$/' % re.escape(prefix))),
    ]
    if prefix[:2].isalpha():
        pairs.append(('wrong prefix', _wrong_prefix(template, prefix)))
    for tail in ('<value>', '${VALUE}', '{{ value }}', '********', 'x' * 24, '...',
                 'X' * 40, '%s', '…', '{value}'):
        pairs.append(('placeholder', fixed(prefix + tail)))
    return pairs


def of_family(templates, similar):
    """(what, make) pairs: those that a template gives and those written out."""
    pairs = []
    for template in templates[:1]:
        pairs += of_template(template)
    written = [('similar', lambda rng, text=text: fill(rng, text)) for text in similar]
    return written + pairs
