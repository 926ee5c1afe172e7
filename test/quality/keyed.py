"""Credentials that only the name before them gives away."""

import re

from shapes import case, fill, run

# How a name and its value are written; § is the value, NAME and name the key.
SYNTAXES = (
    ('env', 'NAME=§'),
    ('env quoted', 'NAME="§"'),
    ('export', "export NAME='§'; ./run.sh"),
    ('yaml', 'service:\n  name: §\n  region: eu'),
    ('yaml quoted', 'name: "§"'),
    ('json', '{"name": "§", "retries": 3}'),
    ('json compact', '{"n":1,"name":"§"}'),
    ('json in a string', r'{"body": "{\"name\":\"§\",\"n\":1}"}'),
    ('json twice in a string', r'"{\\\"name\\\": \\\"§\\\"}"'),
    ('python dict', "{'name': '§', 'n': 1}"),
    ('python keyword', 'Client(name="§", timeout=3)'),
    ('python', "name = '§'"),
    ('cli', './run --name=§ --verbose'),
    ('url query', 'GET /v1/items?name=§&limit=10 HTTP/1.1'),
    ('form', 'limit=10&name=§'),
    ('form %3D', 'payload=a%3Db%26name%3D§%26limit%3D10'),
    (r'\u003d', r'{"log": "name\u003d§ ok"}'),
    ('php', "'name' => '§',"),
    ('ruby', ':name => "§"'),
    ('go', 'name := "§"'),
    ('go struct', 'Config{name: "§"}'),
    ('javascript', 'const name = `§`;'),
    ('typescript', "process.env.NAME ??= '§'"),
    ('properties', 'service.name=§'),
    ('ini', '[service]\nname = §\nregion = eu'),
    ('toml', 'name = "§"'),
    ('log line', '2026-03-04 10:11:12 DEBUG using name=§ for eu'),
    ('sentence', 'The name: §'),
    ('xml attribute', '<add name="§" />'),
    ('sql', "SET service.name = '§'"),
    ('markdown', '- `name`: `§`'),
    ('terraform', 'name = "§"\nregion = "eu"'),
    ('java', 'private static final String NAME = "§";'),
    ('url-encoded json', '/collect?e=%7B%22name%22%3A%22§%22%7D'),
)
IN_URL = ('url query', 'form', 'form %3D', 'url-encoded json')

# name, keys, templates of the value, what the same keys may hold instead
KEYED = (
    ('aws-secret-key', ('aws_secret_access_key', 'AWS_SECRET_ACCESS_KEY',
                        'secretAccessKey'), ('{B40}',)),
    ('aws-session-token', ('aws_session_token', 'AWS_SESSION_TOKEN', 'sessionToken',
                           'x-amz-security-token'),
     ('IQoJb3JpZ2luX2Vj{B200-400}==', 'FwoGZXIvYXdzE{B200-300}=')),
    ('azure-openai', ('AZURE_OPENAI_API_KEY', 'azure_openai_api_key', 'api-key'),
     ('{h32}', '{w84}')),
    ('cohere', ('COHERE_API_KEY', 'CO_API_KEY', 'cohere_api_key'), ('{w40}',)),
    ('mistral', ('MISTRAL_API_KEY', 'mistral_api_key', 'mistralApiKey'), ('{w32}',)),
    ('together', ('TOGETHER_API_KEY', 'together_api_key', 'TOGETHERAI_API_KEY'),
     ('{h64}',)),
    ('deepseek', ('DEEPSEEK_API_KEY', 'deepseek_api_key'), ('sk-{h32}',)),
    ('fireworks-by-name', ('FIREWORKS_API_KEY', 'fireworks_api_key'),
     ('{w24}', 'fw_{w22}')),
    ('elevenlabs', ('ELEVENLABS_API_KEY', 'elevenlabs_api_key', 'xi-api-key'),
     ('{h32}', 'sk_{h48}')),
    ('wandb', ('WANDB_API_KEY', 'wandb_api_key'), ('{h40}',)),
    ('serper', ('SERPER_API_KEY', 'serper_api_key'), ('{h40}',)),
    ('twilio-auth-token', ('TWILIO_AUTH_TOKEN', 'twilio_auth_token', 'authToken'),
     ('{h32}',)),
    ('datadog', ('DD_API_KEY', 'DATADOG_API_KEY', 'datadog_api_key'), ('{h32}',)),
    ('cloudflare', ('CLOUDFLARE_API_TOKEN', 'CF_API_TOKEN', 'cloudflare_api_key'),
     ('{b40}',)),
    ('discord-by-name', ('DISCORD_CLIENT_SECRET', 'discord_client_secret'), ('{b32}',)),
    ('generic-api-key', ('api_key', 'apiKey', 'API_KEY', 'x_api_key', 'SERVICE_API_KEY',
                         'apikey', 'api-key', 'billingApiKey'),
     ('{w24}7', '{h40}', '{b32}4', '{a20}8')),
    ('generic-secret', ('client_secret', 'clientSecret', 'SECRET', 'APP_SECRET',
                        'jwt_secret', 'signing-secret', 'webhookSecret'),
     ('{w24}7', '{h64}', '{b32}4', '{B43}=')),
    ('generic-token', ('access_token', 'refreshToken', 'TOKEN', 'auth_token', 'BOT_TOKEN',
                       'id-token', 'csrfToken', 'session.token'),
     ('{w24}7', '{h40}', '{b40}4')),
    ('generic-access-key', ('access_key', 'accessKey', 'MINIO_ACCESS_KEY', 'private_key',
                            'storage_access_key'),
     ('{w24}7', '{A20}4', '{b40}8')),
    ('generic-credential', ('credential', 'credentials', 'DB_CREDENTIALS',
                            'serviceCredential'), ('{w24}7', '{b32}4')),
    ('named-otherwise', ('DB_PASS', 'ENCRYPTION_KEY', 'signing-key', 'SECRET_KEY_BASE',
                         'masterKey',
                         'subscription-key', 'DATABASE_PASSWORD_PROD', 'TOKEN_2',
                         'authKey'),
     ('{w30}7', '{h64}')),
)
PASSWORDS = ('password', 'PASSWORD', 'passwd', 'pwd', 'db_password', 'DB_PASSWORD',
             'adminPassword',
             'POSTGRES_PASSWORD', 'user.password', 'smtp-password', 'mysql_pwd',
             'userPasswd')


def password(rng):
    """What people choose: words and digits, sometimes with marks."""
    word = rng.choice(('correct', 'winter', 'dragon', 'monday', 'Vienna', 'coffee',
                       'Sunshine'))
    return rng.choice((
        word + run(rng, 'd', 4),
        word.title() + rng.choice('!#*+') + run(rng, 'd', 3),
        word + '-' + rng.choice(('horse', 'battery', 'staple')) + '-' + run(rng, 'l', 6),
        run(rng, 'w', 12), run(rng, 'l', 9), word + '@' + run(rng, 'w', 5),
        run(rng, 'w', 6) + rng.choice('!%^~$') + run(rng, 'w', 6)))


def key_like(written, key):
    """A syntax with its key: constants stay upper case, others as they are."""
    constant = re.sub('[-.]', '_', re.sub('([a-z])([A-Z])', r'\1_\2', key)).upper()
    return written.replace('NAME', constant).replace('name', key)


def usable(context, secret):
    """Whether the value may stand there unquoted, unescaped."""
    if context in IN_URL:
        return not any(c in secret for c in '+/=%!#@~^$*')
    if context in ('export', 'cli', r'\u003d'):
        return not any(c in secret for c in '!$*')
    return True


def assignments(rng, family, keys, make, count):
    produced = number = 0
    while produced < count:
        context, written = SYNTAXES[number % len(SYNTAXES)]
        key, secret = keys[rng.randrange(len(keys))], make(rng)
        number += 1
        if not usable(context, secret):
            continue
        produced += 1
        yield case(family, 'positive', context,
                   key_like(written, key).replace('§', secret), secret)


# Values under a sensitive name that are no secret.
HARMLESS = (
    'NAME=${NAME}', 'NAME=$NAME', 'NAME=', 'NAME=""', "NAME=''", 'name: null',
    '"name": null', '"name": true',
    'name: false', '"name": ""', 'NAME=<your-name>', 'name = "<name>"', 'NAME=********',
    '"name": "********"',
    'name: xxxxxxxxxxxxxxxx', 'NAME=xxxxxxxxxxxx', 'NAME={{ name }}',
    'name: "{{ .Values.name }}"', 'NAME=%NAME%',
    'name = os.environ["NAME"]', "name = os.getenv('NAME')",
    'const name = process.env.NAME;',
    'name := os.Getenv("NAME")', 'name = var.name', 'name = config.name', 'name: string',
    'name: str | None = None',
    'name = None', '"name": "[REDACTED]"', 'name=[REDACTED]',
    'def check(name: str) -> bool:', 'if (!name) return;',
    'the name is missing', 'invalid name: expired', 'name: denied', 'name: missing',
    'name: required', 'name = undefined',
    'name: ${{ secrets.NAME }}', 'name = getpass.getpass()', 'name: process.env.NAME',
    'NAME=$(cat /run/name)',
    'NAME=`pass show db`', 'name = input("name: ")', '--name=$NAME', '--name <name>',
    '"name": "string"', 'name=None&x=1',
)


def harmless(rng, family, keys, count):
    for number in range(count):
        written = HARMLESS[number % len(HARMLESS)]
        text = key_like(written, keys[rng.randrange(len(keys))])
        yield case(family, 'near-miss', 'no value', text, None)


def unnamed(rng, family, keys, count):
    """The same characters with no name, or one of those that name no secret."""
    plain = ('sha: §', 'commit §', 'etag: "§"', 'id=§', '{"hash": "§"}', 'request_id=§',
             'cache key §', 'blob §',
             'NAME_ID=§', '"public_key": "§"')
    for number in range(count):
        value = fill(rng, rng.choice(('{h40}', '{h32}', '{w24}', '{uuid}')))
        text = key_like(plain[number % len(plain)], keys[rng.randrange(len(keys))])
        # The id of a service account's key has a rule of its own.
        text = text.replace('PRIVATE_KEY_ID', 'ACCESS_KEY_ID')
        yield case(family, 'near-miss', 'no secret name', text.replace('§', value), None)


def all_cases(rng, count):
    for family, keys, templates in KEYED:
        yield from assignments(rng, family, keys, lambda r: fill(r, r.choice(templates)),
                               count)
        yield from harmless(rng, family, keys, count * 2 // 3)
        yield from unnamed(rng, family, keys, count - count * 2 // 3)
    yield from assignments(rng, 'generic-password', PASSWORDS, password, count * 2)
    yield from harmless(rng, 'generic-password', PASSWORDS, count)
