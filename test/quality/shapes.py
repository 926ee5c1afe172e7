"""Filling templates with random characters, and the texts secrets stand in.

A template is literal text with fields: {w36} is 36 letters and digits,
{b20-40} between 20 and 40 characters of base64url, {uuid} a UUID.
"""

import re
import string

DIGITS, LOWER, UPPER = string.digits, string.ascii_lowercase, string.ascii_uppercase
CLASSES = {
    'd': DIGITS,
    'h': DIGITS + 'abcdef',
    'H': DIGITS + 'ABCDEF',
    'a': DIGITS + LOWER,
    'A': DIGITS + UPPER,
    'l': LOWER,
    'm': LOWER + UPPER,
    'L': UPPER,
    's': UPPER + '234567',
    'w': DIGITS + LOWER + UPPER,
    'b': DIGITS + LOWER + UPPER + '-_',
    'B': DIGITS + LOWER + UPPER + '+/',
}
FIELD = re.compile(r'\{(?:([a-zA-Z])(\d+)(?:-(\d+))?|uuid)\}')


def run(rng, kind, count):
    return ''.join(rng.choice(CLASSES[kind]) for _ in range(count))


def uuid(rng):
    text = run(rng, 'h', 30)
    return '-'.join((text[:8], text[8:12], '4' + text[12:15],
                     rng.choice('89ab') + text[15:18], text[18:30]))


def fill(rng, template):
    """template with each field replaced by random characters of its class."""
    def field(match):
        kind, low, high = match.groups()
        if not kind:
            return uuid(rng)
        return run(rng, kind, rng.randint(int(low), int(high or low)))
    return FIELD.sub(field, template)


def case(family, kind, context, text, secret):
    return {'family': family, 'kind': kind, 'context': context,
            'text': text, 'secret': secret}


# Texts around a secret that is known by its own shape; § is the secret.
AROUND = (
    ('alone', '§'),
    ('log line',
     '2026-03-04T10:11:12.345Z INFO [worker-3] client ready, using § for region eu'),
    ('logfmt', 'level=info msg="auth ok" value=§ took=12ms'),
    ('json', '{"model": "m-large", "value": "§", "retries": 3}'),
    ('json in a string', r'{"body": "{\"user\":\"ada\",\"value\":\"§\",\"n\":1}"}'),
    ('env', 'SERVICE_SETTING=§'),
    ('export', 'export SERVICE_SETTING="§" && ./run.sh'),
    ('url query', 'GET https://api.acme.dev/v1/items?k=§&limit=10 HTTP/1.1'),
    ('python', 'client = Client("§", timeout=30)'),
    ('javascript', "const c = new Client('§');"),
    ('markdown code', 'Set the value to `§` and restart.'),
    ('markdown fence', '```\n§\n```'),
    ('beginning', '§ was committed by mistake, please rotate it'),
    ('end', 'I found this in the repository: §'),
    ('full stop', 'The value is §. It no longer works.'),
    ('comma', 'We tried §, then gave up'),
    ('semicolon', 'x = §; y = 2'),
    ('question mark', 'Is it §?'),
    ('round brackets', 'the old one (§) still works'),
    ('square brackets', 'values: [§]'),
    ('angle brackets', 'value <§> here'),
    ('single quotes', "it says '§' in the file"),
    ('twice', 'first § and again § in one line'),
    ('yaml', 'service:\n  value: §\n  region: eu'),
    ('xml', '<setting><value>§</value></setting>'),
    ('csv', '17,§,active'),
    ('tab separated', 'ada\t§\t2026-01-01'),
    ('sql', "INSERT INTO setting VALUES (1, '§');"),
    ('bearer', 'curl -H "Authorization: Bearer §" https://api.acme.dev/v1/me'),
    ('lines', 'line one\n§\nline three'),
    ('written line feed', r'{"log": "starting up\n§\ndone"}'),
    ('written tab', r'{"log": "value\t§\tok"}'),
    ('written quote', r'{"log": "value is \u0022§\u0022"}'),
    ('form %3D', 'payload=k%3D§%26limit%3D10'),
    ('url-encoded json', '/collect?e=%7B%22value%22%3A%22§%22%7D'),
    ('terminal colours', 'value: \x1b[32m§\x1b[0m'),
    ('diff', '-  value: old\n+  value: §'),
    ('table', '| name | value |\n|---|---|\n| a | § |'),
    ('cli', 'run --value § --verbose'),
    ('equals cli', 'run --value=§ --verbose'),
    ('bare json', '{"n":1,"value":§,"m":2}'),
    ('url path', 'GET https://api.acme.dev/v1/§/items HTTP/1.1'),
    ('carriage return', 'value: §\r\nregion: eu\r\n'),
    ('bold', 'It is **§** now'),
    ('json thrice', r'"{\\\"value\\\": \\\"§\\\"}"'),
    ('html entities', '&quot;§&quot;'),
    ('bytes', "b'§\\n'"),
    ('chinese', '密钥是§，请更换'),
    ('dashes', 'the value\u2014§\u2014is old'),
    ('curly quotes', 'it says \u201c§\u201d'),
    ('guillemets', 'la valeur «\xa0§\xa0» est'),
    ('pipe', 'echo §|base64'),
    ('slash', 'old/§'),
    ('colon', 'ada:§'),
    ('at', '§@latest'),
)

# Texts around something that is no secret; no key name calls it one.
PLAIN = (
    '§',
    'see § in the manual',
    'The value is §.',
    '{"example": "§", "n": 1}',
    '2026-03-04 10:11:12 INFO note § (ignored)',
    'We write `§` in the examples',
    '# comment: §',
    'print("§")',
    'name, § and others',
    '[§]',
)
URL_LIKE = ('url query', 'url path', 'form %3D', 'url-encoded json')


def positives(rng, family, make, count, skip=()):
    """count texts with a secret of make(rng), through all contexts in turn."""
    around = [pair for pair in AROUND if pair[0] not in skip]
    for number in range(count):
        name, text = around[number % len(around)]
        secret = make(rng)
        if name in URL_LIKE and re.search('[+/=:@ ]', secret):
            name, text = 'log line', AROUND[1][1]
        yield case(family, 'positive', name, text.replace('§', secret), secret)


def near_misses(rng, family, makes, count):
    """count texts without a secret: makes are (what, make(rng)) in turn."""
    for number in range(count):
        what, make = makes[number % len(makes)]
        text = PLAIN[(number // len(makes) + number) % len(PLAIN)]
        yield case(family, 'near-miss', what, text.replace('§', make(rng)), None)
