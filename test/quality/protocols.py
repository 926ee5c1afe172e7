"""Tokens that a protocol carries, and those known by their neighbourhood."""

import base64
import json

import keys
from keyed import password
from near_misses import of_family
from shapes import case, fill, near_misses, positives, run, uuid


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def jwt(rng):
    algorithm = rng.choice(('HS256', 'RS256', 'ES256', 'EdDSA'))
    header = {'alg': algorithm, 'typ': 'JWT'} if rng.random() < 0.7 else {'typ': 'JWT',
        'alg': algorithm, 'kid': run(rng, 'a', 8)}
    claims = {'sub': run(rng, 'd', 8), 'iat': 1760000000 + rng.randint(0, 9999),
              'scope': rng.choice(('read', 'read write'))}
    parts = [b64url(json.dumps(part, separators=(',', ':')).encode())
             for part in (header, claims)]
    return '.'.join(parts + [b64url(rng.randbytes(32 if algorithm != 'RS256' else 256))])


def discord(rng):
    return b64url(run(rng, 'd', 1).replace('0', '4').encode() +
                  run(rng, 'd', 17).encode()) + fill(rng, '.{b6}.{b38}')


def opaque(rng):
    return fill(rng, rng.choice(('{w32}', '{b43}', '{h40}', '{w24}.{w20}', '{B44}==')))


def filled(rng, family, texts, make, count):
    """§ in each text is the secret; other fields are filled at random."""
    for number in range(count):
        text, secret = fill(rng, texts[number % len(texts)]), make(rng)
        yield case(family, 'positive', 'context', text.replace('§', secret), secret)


def negative(rng, family, texts, count):
    for number in range(count):
        yield case(family, 'near-miss', 'similar', fill(rng, texts[number % len(texts)]),
                   None)


WEBHOOKS = (  # family, texts around, secret, what is none
    ('slack-webhook', 'https://hooks.slack.com/services/T{A8}/B{A10}/§', '{w24}',
     ('https://hooks.slack.com/services/', 'https://hooks.slack.com/services/<id>',
      'https://api.slack.com/messaging/webhooks', 'hooks.slack.com',
      'https://hooks.slack.com/services/T.../B.../...',
      'https://acme.slack.com/archives/C{A8}/p{d16}')),
    ('slack-workflow-webhook', 'https://hooks.slack.com/triggers/T{A8}/{d13}/§', '{h32}',
     ('https://slack.com/shortcuts', 'https://hooks.slack.com/triggers/')),
    ('google-chat-webhook',
     'https://chat.googleapis.com/v1/spaces/{A11}/messages?threadKey=a&token=§',
     '{b43}%3D', ('https://chat.googleapis.com/v1/spaces/{A11}',
                  'https://chat.google.com/room/{A11}')),
    ('logic-app-webhook',
     'https://prod-12.westeurope.logic.azure.com:443/workflows/{h32}/triggers/manual/paths/invoke'
     '?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=§', '{b43}',
     ('https://prod-12.westeurope.logic.azure.com/workflows',
      'https://portal.azure.com/#home', 'sig=<sig>')),
    ('discord-webhook', 'https://discord.com/api/webhooks/1{d17}/§', '{b68}',
     ('https://discord.com/api/webhooks', 'https://discord.com/channels/1{d17}/1{d17}',
      'https://discord.gg/{w7}', 'https://discord.com/api/webhooks/<id>/<token>')),
    ('teams-webhook',
     'https://acme.webhook.office.com/webhookb2/{uuid}@{uuid}/IncomingWebhook/§/{uuid}',
     '{h32}',
     ('https://teams.microsoft.com/l/channel/19', 'https://outlook.office.com/mail',
      'https://acme.webhook.office.com/', 'webhook.office.com')),
    ('azure-sas',
     'https://acme.blob.core.windows.net/c/f?sv=2024-11-04&sr=b&sp=r'
     '&se=2026-01-01T00%3A00%3A00Z&sig=§', '{w42}%3D',
     ('https://acme.blob.core.windows.net/c/f.txt', 'sig=<signature>',
      'https://acme.blob.core.windows.net/c?restype=container&comp=list', 'sig=${SIG}')),
    ('telegram-bot-url', 'https://api.telegram.org/bot{d10}:§/sendMessage', 'AA{b33}',
     ('https://api.telegram.org/bot<token>/getMe', 'https://core.telegram.org/bots/api',
      'https://t.me/acme_bot', 'https://api.telegram.org/bot${TOKEN}/getMe')),
)
AROUND_URL = ('{}', 'POST {} 200', 'url: {}', '{{"url": "{}"}}', 'see <{}>', '[hook]({})',
              'curl -X POST {} -d x', r'{{\"u\":\"{}\"}}', 'URL="{}"', "f('{}')",
              'it is {}, now')


def webhooks(rng, count):
    for family, url, secret, near in WEBHOOKS:
        texts = [text.replace('{}', url).replace('{{', '{').replace('}}', '}')
                 for text in AROUND_URL]
        yield from filled(rng, family, texts, lambda r: fill(r, secret), count)
        yield from negative(rng, family, near, count)


SHAPED = (  # family, make, similar
    ('jwt', jwt, ('eyJ', 'eyJhbGciOi...', '{w20}.{w20}.{w20}', 'eyJ{w20}', 'a.b.c',
                  'eyJhbGciOiJIUzI1NiJ9', 'header.payload.signature',
                  'com.acme.{l8}.{l12}',
                  '{h32}.{h32}.{h32}', 'eyJ0aGVtZSI6ImRhcmsifQ', '{b24}.{b6}')),
    ('discord-bot', discord, ('1{d17}', '<@1{d17}>', '{b24}', 'discord.py',
                              'MTIz.abc.def', '{w8}.{w6}.{w8}', 'org.acme.module',
                              '1{d17}:1{d17}')),
    ('telegram-bot', lambda rng: fill(rng, '{d10}:AA{b33}'),
     ('{d10}:{d5}', 'bot_id: {d10}', '12:34:56', '{d10}:AAx', '{d3}:{d4}',
      'user {d10}: hello', '{d10}:{l9}', '127.0.0.1:5432', 'AA{b6}')),
    ('azure-storage-key', lambda rng: fill(rng, '{B86}=='), ()),
    ('age-key', keys.age, ('age1{a58}', 'AGE-SECRET-KEY-', 'AGE-SECRET-KEY-1...',
                           'AGE-SECRET-KEY-1<key>', 'XAGE-SECRET',
                           'age-keygen -o key.txt', 'PACKAGE-SECRET-KEY-1')),
)
AZURE = (
    'DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=§;EndpointSuffix=core.net',
    'AccountKey=§', '"conn": "AccountName=a;AccountKey=§;x=y"',
    'Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=root;AccountKey=§',
    "AZURE='AccountName=acme;AccountKey=§'", 'used AccountKey=§ in prod',
)
AZURE_NEAR = ('AccountKey=<key>', 'AccountKey=${KEY}', 'AccountName=acme', 'AccountKey=',
              'AccountKeyName=root', 'the AccountKey is missing', 'AccountKey=...',
              'AccountKey=********')

SHARED = (
    'Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey=§',
    'HostName=acme.azure-devices.net;DeviceId=d1;SharedAccessKey=§',
    'SharedAccessKey=§;EntityPath=q',
    '"conn": "Endpoint=sb://a.net/;SharedAccessKeyName=r;SharedAccessKey=§"',
)
SHARED_NEAR = ('SharedAccessKeyName=RootManageSharedAccessKey', 'SharedAccessKey=<key>',
               'SharedAccessKey=', 'SharedAccessKey=${KEY}',
               'Endpoint=sb://acme.servicebus.windows.net/')

HEADERS = (
    ('header-authorization', ('Authorization: §', 'authorization: Bearer §',
                              'GET / HTTP/1.1\r\nHost: acme.dev\r\nAuthorization: Token §\r\nAccept: */*',
                              '> Authorization: ApiKey §', 'Proxy-Authorization: Bearer §',
                              '"Authorization": "Bearer §"',
                              r'\"authorization\": \"Bearer §\"',
                              "headers = {'Authorization': 'Bearer §'}",
                              'curl -H "Authorization: token §" https://api.acme.dev',
                              'AUTHORIZATION: Digest §',
                              r'Host: a\r\nAuthorization: Bearer §\r\n',
                              'Authorization=Bearer §', 'authorization:Bearer §',
                              'Authorization: SSWS §'), opaque,
     ('Authorization: ', 'the Authorization header is missing', 'Authorization: <token>',
      'Authorization: Bearer ${TOKEN}', 'authorization_url: /oauth',
      'authorizationPolicy: strict',
      'Access-Control-Allow-Headers: authorization, x-api-key', 'f"Bearer {token}"',
      'authorization code flow', 'needs authorization first',
      'Authorization: [REDACTED]', 'Authorization: Bearer <token>')),
    ('header-api-key', ('X-Api-Key: §', 'x-api-key: §', '"x-api-key": "§"',
                        'curl -H "X-API-Key: §" https://api.acme.dev',
                        '> X-Api-Key: §\n> Accept: */*',
                        r'\"X-Api-Key\":\"§\"', "{'x-api-key': '§'}",
                        r'Host: a\r\nX-Api-Key: §\r\n'), opaque,
     ('X-Api-Key: ', 'send X-Api-Key with each call', 'X-Api-Key: <key>',
      'X-Api-Key: ${KEY}', 'x-api-version: 2026-03-01', 'missing x-api-key header',
      'X-Api-Key-Id: 7')),
    ('header-cookie', ('Cookie: session=§', 'cookie: theme=dark; sid=§; lang=en',
                       'Set-Cookie: sid=§; Path=/; HttpOnly',
                       'set-cookie: id=§; Max-Age=3600', '"Cookie": "sid=§"',
                       'GET / HTTP/1.1\nCookie: a=b; sid=§\nAccept: */*',
                       r'\"set-cookie\":\"sid=§\"', r'Host: a\r\nCookie: sid=§\r\n',
                       "curl -H 'Cookie: sid=§' https://acme.dev",
                       'Set-Cookie: __Host-session=§; Secure'), opaque,
     ('the cookie is missing', 'cookie_banner: true', 'cookies are disabled',
      'accept cookies?', 'a cookie recipe with sugar', 'cookiecutter 2.6',
      'SameSite cookie', 'Cookie Policy')),
    ('bearer', ('Bearer §', 'got Bearer § from cache', '"auth": "Bearer §"',
                'Bearer §, expires soon', "'Bearer §'", '(Bearer §)', 'bearer §',
                'header=Bearer §', r'\"Bearer §\"', 'Bearer  §',
                'Bearer%20§', 'BEARER §'), lambda rng: fill(rng, rng.choice(('{w32}',
                    '{b43}', '{h40}', '{w16}.{w20}'))),
     ('Bearer token', 'bearer authentication', 'Bearer <token>', 'Bearer ${TOKEN}',
      'the bearer of this letter', 'token_type: Bearer', '"Bearer "',
      'Bearer realm="api"', 'Bearer {token}',
      'Bearer ...', 'a bearer bond', 'Bearer error="invalid_token"',
      'Bearer tokens, documentation', 'bearerFormat: JWT', 'Bearer authorization-code')),
    ('basic', ('Basic §', 'got Basic § from cache', '"auth": "Basic §"', "'Basic §'",
               'Authorization: Basic §', r'\"Basic §\"', 'basic §', '(Basic §)'),
     lambda rng: base64.b64encode((run(rng, 'l', 5) + ':' +
                                   password(rng)).encode()).decode(),
     ('Basic authentication', 'basic functionality', 'Basic realm="site"',
      'BASIC programming language', 'Basic <credentials>', 'the basic requirements',
      'Basic ${AUTH}', 'basic understanding of things',
      'Basic tier', 'Visual Basic 6', 'basic instructions', 'Basic configuration')),
)

URLS = ('postgres://app:§@db.acme.dev:5432/app',
        'postgresql://app:§@10.1.2.3/app?sslmode=require',
        'mysql://root:§@localhost/shop', 'redis://:§@cache:6379/0',
        'mongodb+srv://u1:§@cluster0.ab1cd.mongodb.net/db', 'amqp://guest:§@mq:5672/',
        'https://ada:§@git.acme.dev/repo.git', 'ftp://bob:§@files.acme.dev/x',
        'https://x-access-token:§@forge.dev/a/b',
        'smtp://m:§@mail.acme.dev:587', 'DATABASE_URL=postgres://app:§@db/app',
        '{"dsn": "postgres://app:§@db/app"}',
        'clone https://ada:§@git.acme.dev/r.git failed', "url='ldap://cn:§@dir:389'",
        r'{\"u\":\"postgres://a:§@db/app\"}', 'postgresql+asyncpg://app:§@db/app',
        'jdbc:postgresql://app:§@db/app', '<amqps://a:§@mq/v>',
        'connect(postgres://app:§@db/app)')
URLS_NEAR = ('https://acme.dev/a', 'postgres://db:5432/app', 'postgres://app@db/app',
             'https://acme.dev:8443/a@b', 'ssh://git@forge.dev:22/a',
             'http://localhost:3000/@id', 'postgres://user:${PW}@db/app',
             'postgres://user:<password>@db/app', 'postgres://${USER}:${PW}@host/app',
             'https://acme.dev/@ada', 'redis://cache:6379/0', 'https://a.dev/?q=a:b@c',
             'postgres://app:********@db/app', 'http://[::1]:80/',
             's3://bucket/key', 'https://acme.dev/x:y', 'at://a:b', 'file:///etc/hosts',
             'postgres://app:***@db/app', 'https://unpkg.com/react@18.2.0/umd')
CONNINFO = ('host=db user=app password=§ dbname=app',
            "host=db password='§' sslmode=require",
            'Server=db;Database=app;User Id=sa;Password=§;',
            'Server=db;Uid=sa;Pwd=§;Encrypt=yes', 'DRIVER={x};UID=sa;PWD=§',
            'dbname=app password=§', '"host=db password=§ user=app"',
            'psql "host=db user=app password=§"', 'Data Source=db;PWD=§;',
            'jdbc:sqlserver://db;user=sa;password=§;', 'user=app password=§')
CONNINFO_NEAR = ('host=db user=app dbname=app', 'password=${PW} host=db', 'PWD=/home/ada',
                 'PWD=/usr/src/app OLDPWD=/usr/src', 'passfile=/home/a/.pgpass',
                 'password_encryption=scram-sha-256',
                 'PWD=', 'host=db password=$PGPASSWORD', 'password=******** host=db',
                 'no password supplied', 'require_auth=password', 'cd $PWD', 'pwd',
                 'echo $PWD && ls')
BY_NAME = (
    ('mailgun-by-name', ('MAILGUN_API_KEY=§', 'mailgun_api_key: "§"',
                         '{"mailgun_private_key": "§"}'), '{h32}-{h8}-{h8}',
                         ('mailgun 2.1', '{uuid}', 'mailgun-js',
                          'MAILGUN_DOMAIN=mg.acme.dev')),
    ('plaid-by-name', ('PLAID_SECRET=§', 'plaid_secret: §', '"plaid_secret": "§"'),
     '{h30}', ('PLAID_ENV=sandbox', 'plaid shirt', 'PLAID_CLIENT_ID={h24}')),
)


def zero_width(rng):
    text = fill(rng, rng.choice(('ghp_{w36}', 'sk-ant-api03-{b93}AA', 'glpat-{b20}',
                                 'npm_{w36}')))
    at = rng.randint(2, len(text) - 2)
    return text[:at] + rng.choice('\u200b\u200c\u200d\u2060\ufeff') + text[at:]


def fullwidth(rng):
    text = fill(rng, rng.choice(('ghp_{w36}', 'hf_{m34}', 'npm_{w36}', 'AKIA{s16}')))
    return ''.join(chr(ord(c) + 0xfee0) for c in text)


def all_cases(rng, count):
    yield from webhooks(rng, count)
    for family, make, near in SHAPED:
        if family == 'azure-storage-key':
            yield from filled(rng, family, AZURE, make, count)
            yield from negative(rng, family, AZURE_NEAR, count)
            continue
        yield from positives(rng, family, make, count)
        yield from near_misses(rng, family, of_family((), near), count)
    yield from filled(rng, 'azure-shared-access-key', SHARED, lambda r: fill(r, '{B43}='),
                      count)
    yield from negative(rng, 'azure-shared-access-key', SHARED_NEAR, count)
    for family, texts, make, near in HEADERS:
        yield from filled(rng, family, texts, make, count)
        yield from negative(rng, family, near, count)
    yield from filled(rng, 'url-credentials', URLS,
                      lambda r: password(r).replace('#', '!').replace('+', '-'),
                      count * 2)
    yield from negative(rng, 'url-credentials', URLS_NEAR, count)
    yield from filled(rng, 'conninfo', CONNINFO, password, count)
    yield from negative(rng, 'conninfo', CONNINFO_NEAR, count)
    for family, texts, secret, near in BY_NAME:
        yield from filled(rng, family, texts, lambda r: fill(r, secret), count)
        yield from negative(rng, family, near, count)
    for family, make in (('hidden-by-zero-width', zero_width),
                         ('written-fullwidth', fullwidth)):
        yield from positives(rng, family, make, count)
        yield from near_misses(rng, family, [('word', lambda r: make(r)[:1] + 'hp_file')],
                               count)
