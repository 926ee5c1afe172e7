"""Passwords and keys in syntaxes without an equals sign or a colon."""

import base64
import re

from keyed import password
from shapes import case, fill, run


def plain(rng, text):
    """What needs no quotes in a shell, in XML or in SQL: a password, or a key."""
    if re.search('key|token|secret', text, re.I):
        return run(rng, 'w', 22) + run(rng, 'd', 2)
    return rng.choice((run(rng, 'w', 14), run(rng, 'l', 6) + '-' + run(rng, 'd', 4),
                       'Winter' + run(rng, 'd', 4) + run(rng, 'l', 3)))


def registry_login(rng, text):
    return base64.b64encode(('ada:' + password(rng) + run(rng, 'w', 6)).encode()).decode()


SYNTAXES = (
    ('sql-password', plain, (
        "ALTER ROLE app PASSWORD '§';", "CREATE USER app WITH ENCRYPTED PASSWORD '§'",
        "create role app login password '§'", "CREATE USER 'a'@'%' IDENTIFIED BY '§';",
        "ALTER USER app WITH PASSWORD '§' VALID UNTIL 'infinity'",
        '"query": "ALTER ROLE app PASSWORD \'§\'"', "SET PASSWORD FOR app = '§'",
        "OPTIONS (user 'app', password '§')"),
     ('ALTER ROLE app PASSWORD NULL;', "ALTER ROLE app PASSWORD :'pw';",
      'CREATE TABLE t (password text)', 'ALTER ROLE app PASSWORD $1',
      "COMMENT ON COLUMN t.password IS 'hash'",
      'ALTER ROLE app VALID UNTIL 2027', "ALTER ROLE app PASSWORD ''",
      "ALTER TABLE t RENAME password TO pw_hash", 'DROP COLUMN password CASCADE',
      "CREATE USER app PASSWORD '********'")),
    ('cli-password', plain, (
        'run --password § --verbose', 'tool --token § list', "sshpass -p '§' ssh web-1",
        'mysql -u root -p§ shop', 'curl -u ada:§ https://api.acme.dev/v1',
        'curl --user ada:§ https://api.acme.dev',
        'docker login -u ada -p § registry.acme.dev', 'PGPASSWORD=§ psql -h db',
        'tool --api-key § run', 'tool --client-secret "§"', '["--password", "§"]',
        'redis-cli -a § ping'),
     ('run --password --verbose', 'tool --token-file /run/token',
      'docker login --password-stdin', 'mysql -u root -p shop',
      'curl -u $USER:$PASS https://a.dev', 'run --password $PASSWORD',
      'tool --token <token>', 'tool --api-key-id 7', 'mkdir -p /srv/app',
      'run --no-password', 'curl -u ada https://a.dev', 'psql -W -U app')),
    ('xml-element', plain, (
        '<password>§</password>', '<user>ada</user><password>§</password>',
        '<apiKey>§</apiKey>', '<clientSecret>§</clientSecret>',
        r'{"xml": "<password>§<\/password>"}', '<server><token>§</token></server>',
        '<ns:password>§</ns:password>', '&lt;password&gt;§&lt;/password&gt;'),
     ('<password/>', '<password></password>', '<password>${pw}</password>',
      '<password>********</password>', '<token-count>4096</token-count>',
      '<tokenType>bearer</tokenType>', '<label>Password</label>',
      '<h1>Password reset</h1>', '<xs:element name="password" type="xs:string"/>')),
    ('netrc', plain, ('machine api.acme.dev login ada password §',
                      'machine forge.dev\n  login ada\n  password §',
                      'default login ada password §'),
     ('machine api.acme.dev login ada', '~/.netrc is missing', 'the password is in netrc',
      'machine learning login page', 'login ada password <password>')),
    ('env-pair', plain, ('- name: DB_PASSWORD\n  value: "§"',
                         '{"name": "API_KEY", "value": "§"}', 'ENV DB_PASSWORD §',
                         '{"key": "password", "value": "§"}',
                         r'{\"name\":\"API_TOKEN\",\"value\":\"§\"}',
                         '[["password", "§"]]',
                         '#define API_KEY "§"', 'setenv("DB_PASSWORD", "§", 1)',
                         'os.environ.setdefault("API_KEY", "§")',
                         'git config user.password §'),
     ('- name: DB_PASSWORD\n  valueFrom: {}', '{"name": "password", "type": "string"}',
      'ENV PATH /usr/local/bin', '{"name": "API_KEY", "value": ""}',
      '["user", "password"]', 'setenv("TZ", "UTC", 1)', 'getenv("DB_PASSWORD")',
      '#define PASSWORD_LENGTH 64', '{"name": "max_tokens", "value": "4096"}')),
    ('registry-login', registry_login,
     ('{"auths": {"https://index.docker.io/v1/": {"auth": "§"}}}', '"auth": "§"',
      '//registry.acme.dev/:_auth=§', '//registry.npmjs.org/:_authToken=§',
      '_auth = "§"'),
     ('"auth": true', '"auth": "basic"', '{"auths": {}}', 'always-auth=true',
      '//registry.npmjs.org/:_authToken=${NPM_TOKEN}', '"auth": "scram-sha-256"',
      '"auth_provider": "{l12}{d2}"')),
)


def all_cases(rng, count):
    for family, make, texts, near in SYNTAXES:
        for number in range(count):
            text = texts[number % len(texts)]
            secret = make(rng, text)
            yield case(family, 'positive', text, text.replace('§', secret), secret)
            yield case(family, 'near-miss', 'similar',
                       fill(rng, near[number % len(near)]), None)
