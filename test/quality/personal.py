"""Personal data: e-mail, cards, accounts, numbers, wallets."""

import checksums
from shapes import case, fill, near_misses, positives, run

CARDS = (  # network, IIN templates, lengths, grouping
    ('visa', ('4{d5}',), (16, 16, 13, 19)),
    ('mastercard', ('51{d4}', '55{d4}', '2221{d2}', '2720{d1}'), (16,)),
    ('amex', ('34{d4}', '37{d4}'), (15,)),
    ('discover', ('6011{d2}', '65{d4}', '644{d3}'), (16,)),
    ('diners', ('36{d4}', '38{d4}', '305{d3}'), (14,)),
    ('jcb', ('3528{d2}', '3589{d2}'), (16,)),
    ('unionpay', ('62{d4}',), (16, 19)),
    ('maestro', ('5018{d2}', '6304{d2}', '6759{d2}'), (16, 18)),
    ('mir', ('2200{d2}', '2204{d2}'), (16,)),
)
IBANS = {
    'DE': '{d18}', 'AT': '{d16}', 'CH': '{d5}{A12}', 'FR': '{d10}{A11}{d2}',
    'GB': '{L4}{d14}', 'IE': '{L4}{d14}',
    'NL': '{L4}{d10}', 'BE': '{d12}', 'ES': '{d20}', 'PT': '{d21}',
    'IT': '{L1}{d10}{A12}', 'PL': '{d24}', 'CZ': '{d20}',
    'SE': '{d20}', 'NO': '{d11}', 'DK': '{d14}', 'FI': '{d14}', 'GR': '{d7}{A16}',
    'LU': '{d3}{A13}', 'TR': '{d5}0{A16}',
    'SA': '{d2}{A18}', 'AE': '{d19}', 'RO': '{L4}{A16}', 'HU': '{d24}',
    'MT': '{L4}{d5}{A18}', 'LT': '{d16}', 'UA': '{d6}{A19}',
}


def email(rng):
    first = rng.choice(('ada', 'maria', 'jose', 'wei', 'Anna'))
    last = rng.choice(('lopez', 'kowalski', 'chen', 'oneill', 'Berg'))
    local = rng.choice((first + '.' + last, first + run(rng, 'd', 2), first[0] + last,
                        first + '_' + last, first + '+news', last + '-' + first))
    return local + '@' + rng.choice((
        'acmelabs.io', 'mail.firma-nord.de', 'gmail.com', 'uni-sued.ac.at',
        'nord.co.uk', 'x1.museum', 'posta.com.tr'))


def card_digits(rng, valid=True):
    _, starts, lengths = rng.choice(CARDS)
    length = rng.choice(lengths)
    digits = fill(rng, rng.choice(starts))
    digits += run(rng, 'd', length - 1 - len(digits))
    check = checksums.luhn_digit(digits)
    return digits + (check if valid else str((int(check) + rng.randint(1, 9)) % 10))


def printed(rng, valid=True):
    """A number of a length that is printed in groups."""
    digits = card_digits(rng, valid)
    return digits if len(digits) in (14, 15, 16, 19) else printed(rng, valid)


def group(digits, mark):
    """As printed: 4-6-5 for fifteen digits, 4-6-4 for fourteen, else fours."""
    if len(digits) in (14, 15):
        return mark.join((digits[:4], digits[4:10], digits[10:]))
    return mark.join(digits[i:i + 4] for i in range(0, len(digits), 4))


def iban(rng, spaced=False, wrong=False):
    country = rng.choice(sorted(IBANS))
    bban = fill(rng, IBANS[country])
    check = int(checksums.iban_check(country, bban))
    text = country + '%02d' % ((check + rng.randint(1, 90)) % 97 if wrong
                               else check) + bban
    return ' '.join(text[i:i + 4] for i in range(0, len(text), 4)) if spaced else text


def ssn(rng, mark='-'):
    area = rng.choice([n for n in range(1, 900) if n != 666])
    return '%03d%s%02d%s%04d' % (area, mark, rng.randint(1, 99), mark,
                                 rng.randint(1, 9999))


def nanp(rng):
    codes = (212, 305, 312, 415, 503, 617, 702, 713, 818, 916)
    exchange = rng.choice([n for n in range(200, 1000) if n % 100 != 11])
    return str(rng.choice(codes)), str(exchange), run(rng, 'd', 4)


def phone(rng):
    area, exchange, line = nanp(rng)
    number = rng.choice((
        '+1{0}{1}{2}', '+1 {0} {1} {2}', '+1-{0}-{1}-{2}', '+1 ({0}) {1}-{2}',
        '({0}) {1}-{2}', '{0}-{1}-{2}', '{0}.{1}.{2}',
        '1-{0}-{1}-{2}')).format(area, exchange, line)
    return rng.choice((number, fill(rng, rng.choice((
        '+44 20 7{d3} {d4}', '+49 30 2{d6}', '+43 1 5{d2} {d4}',
        '+33 6 {d2} {d2} {d2} {d2}', '+4479{d8}', '+81 3-5{d3}-{d4}', '+9198{d8}',
        '+55 11 9{d4}-{d4}', '+34 6{d2} {d3} {d3}', '+393{d9}', '+861{d10}',
        '+61 4{d2} {d3} {d3}')))))


def phone_in_context(rng, count):
    texts = ('phone: §', 'Tel. §', 'tel: §', 'Call me at §', 'mobile: §', '"phone": "§"',
             'Telephone: §, ask for Ada', 'Fax: §',
             'phone_number=§', 'cell §', 'WhatsApp: §')
    for number in range(count):
        secret = fill(rng, rng.choice(('02{d1} {d4} {d4}', '06{d3}/{d6}',
                                       '3{d2} {d3} {d4}',
                                       '08{d2}-{d7}', '03{d1}-{d4}-{d4}', '415555{d4}')))
        yield case('phone-in-context', 'positive', 'context',
                   texts[number % len(texts)].replace('§', secret), secret)
        text = ('{d2} phones', 'microphone: {d4}', 'hotel: {d3} rooms', 'phone: none',
                'tel: unknown', 'phone model {d4}', 'call {d3} times',
                'phone: <number>', 'call stack 0x{h8}', 'phone_count={d2}',
                'cell {d2}:{d2}', 'fax: n/a')[number % 12]
        yield case('phone-in-context', 'near-miss', 'prose', fill(rng, text), None)


def bitcoin(rng, kind):
    if kind == 'base58':
        return checksums.base58check(rng.choice((0, 5)), rng.randbytes(20))
    if kind == 'bech32':
        return checksums.bech32('bc', rng.randbytes(rng.choice((20, 32))), 0)
    return checksums.bech32('bc', rng.randbytes(32), 1)


def ethereum(rng):
    return checksums.eip55(rng.randbytes(20))


def spoilt(make):
    """make(rng) with one of its last characters changed to another of its kind."""
    def other(rng):
        text = make(rng)
        at = len(text) - rng.randint(1, 6)
        while not (text[at].isalnum() and text[at] not in '1bio0IOl'):
            at -= 1
        kind = 'acdefghjkmnp' if text[at].islower() else 'ACDEFGHJ'
        kind = '23456789' if text[at].isdigit() else kind
        return text[:at] + rng.choice(kind.replace(text[at], '')) + text[at + 1:]
    return other


def flipped(rng):
    """An Ethereum address with the case of its first letter wrong."""
    text = ethereum(rng)
    at = next((i for i in range(2, 42) if text[i].isalpha()), None)
    return text[:at] + text[at].swapcase() + text[at + 1:] if at else flipped(rng)


def literal(*templates):
    return [('similar', lambda rng, t=t: fill(rng, t)) for t in templates]


def ssn_near():
    def bad(low, high):
        def make(rng):
            return '%03d-%02d-%04d' % (rng.randint(low, high), rng.randint(1, 99),
                                       rng.randint(1, 9999))
        return 'never issued', make
    return [bad(900, 999), bad(666, 666), bad(0, 0)] + literal(
        '{d3}-00-{d4}', '1{d2}-2{d1}-0000', '{d3}-{d2}-{d5}', '{d4}-{d2}-{d4}',
        '{d2}-{d7}', '2026-03-{d2}', 'A{d3}-{d2}-{d4}', '{d3}-{d3}-{d3}',
        '{d3}-{d2}-{d4}x', '{d3}-{d2}-{d3}', 'ISO {d4}-{d2}', '{d3}.{d2}.{d4}',
        '{d3}-{d2}-{d4}-{d2}', '***-**-{d4}')


def epoch(rng, unit):
    return str(rng.randint(1500000000, 1790000000)) + run(rng, 'd', unit)


def cases(rng, count, name, make, near, skip=()):
    yield from positives(rng, name, make, count, skip)
    yield from near_misses(rng, name, near, count)


def card_near():
    def wrong(mark):
        return 'wrong check digit', lambda rng: group(printed(rng, False), mark)
    return [
        ('wrong check digit', lambda rng: card_digits(rng, False)), wrong(' '),
        wrong('-'),
        ('mixed marks', lambda rng: fill(rng, '4111-{d4} {d4}')),
        ('epoch', lambda rng: epoch(rng, 3)),
        ('epoch', lambda rng: epoch(rng, 9)),
        ('too short', lambda rng: card_digits(rng)[:12]),
        ('too long', lambda rng: card_digits(rng) + run(rng, 'd', 8)),
        ('glued', lambda rng: 'order' + card_digits(rng)),
        ('fraction', lambda rng: '0.' + card_digits(rng)),
        ('hex', lambda rng: card_digits(rng) + 'af'),
        ('mask', lambda rng: '**** **** **** ' + run(rng, 'd', 4)),
        ('no network', lambda rng: '90' + run(rng, 'd', 14)),
    ]


def iban_near():
    return [
        ('wrong check', lambda rng: iban(rng, wrong=True)),
        ('wrong check', lambda rng: iban(rng, spaced=True, wrong=True)),
        ('too short', lambda rng: iban(rng)[:12]),
        ('glued', lambda rng: 'x' + iban(rng)),
        ('no country', lambda rng: 'XX' + iban(rng)[2:]),
    ] + literal('DE89', 'GB29 XXXX', 'DE__ ____ ____', 'AT{d2} platform {d2}', 'BE{d8}',
                'IBAN', 'NL-{d4}')


EMAIL_NEAR = (
    'ada@localhost', '@decorator', 'git@github.com:acme/repo.git', 'node@18.2.0',
    '@types/node@20.1.0', 'icon@2x.png', 'actions/checkout@v4', 'x@w.T', '@acme/ui',
    'repo@sha256:{h64}', 'me @ home', 'a@b', '<user>@<host>', '#@!%', 'pkg@latest',
    'root@web-1:~#', '@', 'user@', 'acme@^1.2.0', 'at@', '[email]', 'p@ss', '$@',
    'ssh deploy@10.1.2.3', '@media (max-width: 3px)', 'x = q @ k.T',
)
PHONE_NEAR = (
    '123-456-{d4}', '(012) 345-{d4}', '415-155-{d4}', '+12345', '{d3}-{d4}', '+0{d9}',
    '415-5555-{d4}', '1.415.555', '415.555.{d4}.1', '2026-03-04', 'v415.2.1', '(415)',
    'x415-555-{d4}', '555-{d4}', '10.2.3.4:{d4}', '2026-03-04T10:11:12+0100', '+{d2}%',
    '+1,{d3}', '415-555-{d5}', '{d4}-{d4}', 'RFC {d4}', '+1 more', '{d2}:{d2}:{d2}',
)
NO_SPACES = ('equals cli', 'cli', 'env')


def wallets(rng, count):
    for kind in ('base58', 'bech32', 'bech32m'):
        def make(source, kind=kind):
            return bitcoin(source, kind)
        near = [
            ('wrong checksum', spoilt(make)),
            ('wrong checksum', spoilt(make)),
            ('glued', lambda source: 'x' + make(source)),
            ('too short', lambda source: make(source)[:20]),
        ] + literal('bc1', 'bc1q...', '1A1zP1...', '3 coins', 'BIP-173', '3{h20}')
        yield from cases(rng, count, 'bitcoin-' + kind, make, near)
    near = [
        ('wrong case', flipped),
        ('hash', lambda source: '0x' + run(source, 'h', 64)),
        ('too short', lambda source: ethereum(source)[:38]),
        ('glued', lambda source: 'a' + ethereum(source)),
    ] + literal('0x', '0xdeadbeef', '0x0', '0x{h8}', '0x{H16}', '0x...', '0x{h12}')
    yield from cases(rng, count, 'ethereum', ethereum, near)


def all_cases(rng, count):
    yield from cases(rng, count, 'e-mail', email, literal(*EMAIL_NEAR))
    near = card_near()
    yield from cases(rng, count, 'card', card_digits, near)
    yield from cases(rng, count, 'card-spaced',
                     lambda source: group(printed(source), ' '),
                     near, NO_SPACES)
    yield from cases(rng, count, 'card-dashed',
                     lambda source: group(printed(source), '-'),
                     near)
    near = iban_near()
    yield from cases(rng, count, 'iban', iban, near)
    yield from cases(rng, count, 'iban-spaced', lambda source: iban(source, True), near,
                     NO_SPACES)
    yield from cases(rng, count, 'us-ssn', ssn, ssn_near())
    yield from cases(rng, count, 'phone', phone, literal(*PHONE_NEAR),
                     NO_SPACES + ('diff', 'export'))
    yield from phone_in_context(rng, count)
    yield from wallets(rng, count)
