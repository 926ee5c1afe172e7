"""Private keys, whole and cut off, with line feeds real and written."""

import checksums
from shapes import case, run

PEM = (  # family, label, first bytes of the body, characters a line, lines
    ('private-key-rsa', 'RSA PRIVATE KEY', 'MIIEpAIBAAKCAQEA', 64, 25),
    ('private-key-ec', 'EC PRIVATE KEY', 'MHcCAQEEI', 64, 3),
    ('private-key-dsa', 'DSA PRIVATE KEY', 'MIIBuwIBAAKBgQ', 64, 10),
    ('private-key-pkcs8', 'PRIVATE KEY', 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC', 64, 26),
    ('private-key-encrypted', 'ENCRYPTED PRIVATE KEY', 'MIIFHDBOBgkqhkiG9w0BBQ0w', 64,
     28),
    ('private-key-openssh', 'OPENSSH PRIVATE KEY', 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmU', 70,
     7),
    ('private-key-pgp', 'PGP PRIVATE KEY BLOCK', 'lQOYBGV0', 64, 20),
)


def body(rng, first, width, lines):
    rows = [run(rng, 'B', width) for _ in range(lines)]
    rows[0] = (first + rows[0])[:width]
    rows[-1] = rows[-1][:rng.randint(12, width - 2)] + rng.choice(('=', '==', ''))
    return rows


def pem(rng, label, first, width, lines):
    """(whole text, body) of a key in armour."""
    rows = body(rng, first, width, lines)
    head = ''
    if label.startswith('RSA') and rng.random() < 0.3:
        head = 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,' + run(rng, 'H',
            32) + '\n\n'
    if label.startswith('PGP'):
        head = rng.choice(('\n', 'Version: GnuPG v2\n\n'))
        rows.append('=' + run(rng, 'w', 4))
    secret = '\n'.join(rows)
    return '-----BEGIN %s-----\n%s%s\n-----END %s-----\n' % (label, head, secret,
        label), secret


def written(text):
    return text.replace('\n', '\\n')


def wrapped(number, whole, secret):
    """whole in one of the places where keys are found."""
    end = whole.index('-----END') if '-----END' in whole else len(whole)
    cut = whole[:len(whole[:end]) * 2 // 3]
    return (
        ('alone', whole, secret),
        ('written line feeds', '{"private": "%s"}' % written(whole), written(secret)),
        ('no end', whole[:end], secret),
        ('cut off', cut, secret[:max(0, len(cut) - whole.index(secret))]),
        ('cut off, written', written('{"out": "' + cut),
         written(secret[:max(0, len(cut) - whole.index(secret))])),
        ('after text', 'cat id_key\n' + whole + 'deploy finished\n', secret),
        ('indented', 'key: |\n  ' + whole.replace('\n', '\n  '),
         secret.replace('\n', '\n  ')),
        ('carriage returns', whole.replace('\n', '\r\n'), secret.replace('\n', '\r\n')),
        ('twice', whole + whole, secret),
        ('env', 'APP_PEM="%s"' % written(whole), written(secret)),
        ('markdown', '```\n' + whole + '```\nwas found', secret),
        ('double escaped', r'"{\"k\":\"%s\"}"' % whole.replace('\n', r'\\n'),
         secret.replace('\n', r'\\n')),
        ('quoted mail', '> ' + whole.replace('\n', '\n> '), secret.replace('\n', '\n> ')),
        ('one line', 'key ' + whole.replace('\n', ' '), secret.replace('\n', ' ')),
    )[number % 14]


PUBLIC = ('PUBLIC KEY', 'RSA PUBLIC KEY', 'CERTIFICATE', 'PGP PUBLIC KEY BLOCK',
          'PGP SIGNATURE', 'CERTIFICATE REQUEST',
          'PGP MESSAGE', 'X509 CRL', 'DH PARAMETERS')
PROSE = (
    'generate a private key first', 'BEGIN RSA PRIVATE KEY is the header',
    'the private key was rotated', 'ssh-keygen -t ed25519 -f key',
    'openssl genrsa -out key.pem 2048', 'if "PRIVATE KEY" in text: raise',
    'chmod 600 id_rsa', 'private_key_path: /etc/ssl/key.pem',
    'ssl_certificate_key /etc/ssl/private/site.key;', 'AGE-SECRET-KEY',
    'age1 recipients are public', 'PuTTY-User-Key-File',
    '-----END PRIVATE KEY-----', '----- BEGIN -----', '-----BEGIN TEST-----',
    'Private-Lines', 'privateKeyFormat: pkcs8',
)


def public(rng, number):
    if number % 3 == 0:
        return 'prose', PROSE[number // 3 % len(PROSE)]
    if number % 6 == 1:
        kind = rng.choice(('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI' + run(rng, 'B', 43),
                           'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB' + run(rng, 'B', 336)))
        return 'public key', kind + ' ada@laptop'
    text = pem(rng, PUBLIC[number % len(PUBLIC)], 'MIIBIjANBgkqhkiG9w0BAQEF', 64, 6)[0]
    return 'public', written(text) if number % 2 else text


def putty(rng):
    def lines(count):
        return '\n'.join(body(rng, 'AAAA', 64, count))
    secret = lines(8)
    return ('PuTTY-User-Key-File-%d: ssh-rsa\nEncryption: none\nComment: imported\n'
            'Public-Lines: 4\n%s\nPrivate-Lines: 8\n%s\nPrivate-MAC: %s\n'
            % (rng.choice((2, 3)), lines(4), secret, run(rng, 'h', 40))), secret


def age(rng):
    return checksums.bech32('age-secret-key-', rng.randbytes(32)).upper()


def service_account(rng):
    """(text, secret) pairs: the key's id and the key of a service account."""
    key, secret = pem(rng, *PEM[3][1:])
    ident = run(rng, 'h', 40)
    text = ('{"type": "service_account", "project_id": "acme-prod", '
            '"private_key_id": "%s", "private_key": "%s", "client_id": "%s", '
            '"token_uri": "https://oauth2.googleapis.com/token"}'
            % (ident, written(key), run(rng, 'd', 21)))
    return text, ident, written(secret)


def all_cases(rng, count):
    for family, *shape in PEM:
        for number in range(count):
            name, text, secret = wrapped(number, *pem(rng, *shape))
            yield case(family, 'positive', name, text, secret)
            name, text = public(rng, number)
            yield case(family, 'near-miss', name, text, None)
    for number in range(count):
        name, text, secret = wrapped(number, *putty(rng))
        yield case('private-key-putty', 'positive', name, text, secret)
        text, ident, secret = service_account(rng)
        if number % 3 == 1:
            text = text.replace('\\', '\\\\').replace('"', '\\"')
            secret = secret.replace('\\', '\\\\')
        if number % 3 == 2:
            text = text.replace(', ', ',\n  ')
        whole = case('gcp-service-account-key', 'positive', 'json', text, secret)
        yield dict(whole, others=[ident, secret])
        text = ('{"type": "service_account", "private_key_id": "%s", "client_id": "%s"}'
                % (ident, run(rng, 'd', 21)))
        text = (text, text.replace('"', '\\"'), text.replace(', ', ',\n  '),
                'private_key_id: ' + ident)[number % 4]
        yield case('gcp-service-account-key-id', 'positive', 'json', text, ident)
        for family in ('private-key-putty', 'gcp-service-account-key',
                       'gcp-service-account-key-id'):
            name, near = public(rng, number)
            yield case(family, 'near-miss', name, near, None)
