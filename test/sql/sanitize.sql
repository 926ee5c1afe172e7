\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(343);
SET search_path = public;

-- What goes: name, text, what is left of it.
CREATE TEMP TABLE positive (name text, input text, output text);
INSERT INTO positive VALUES
('an Anthropic API key', 'key sk-ant-api03-Ab1_Cd2-Ef3Gh4Ij5Kl6Mn7 used', 'key [REDACTED:ANTHROPIC_KEY] used'),
('an Anthropic admin key', 'sk-ant-admin01-Ab1_Cd2-Ef3Gh4Ij5Kl6Mn7', '[REDACTED:ANTHROPIC_KEY]'),
('an Anthropic OAuth token', 'sk-ant-oat01-Ab1_Cd2-Ef3Gh4Ij5Kl6Mn7', '[REDACTED:ANTHROPIC_KEY]'),
('an Anthropic refresh token', 'sk-ant-ort01-Ab1_Cd2-Ef3Gh4Ij5Kl6Mn7', '[REDACTED:ANTHROPIC_KEY]'),
('an OpenAI project key', '(sk-proj-aB3_dE6-gH9jK2mN5pQ8)', '([REDACTED:OPENAI_KEY])'),
('an OpenAI service account key', 'sk-svcacct-aB3dE6gH9jK2mN5pQ8sT', '[REDACTED:OPENAI_KEY]'),
('an OpenAI admin key', 'sk-admin-aB3dE6gH9jK2mN5pQ8sT', '[REDACTED:OPENAI_KEY]'),
('an OpenAI key of the first kind', 'sk-' || repeat('aB3dE6gH9jK2', 4), '[REDACTED:OPENAI_KEY]'),
('another provider''s key', 'sk-4f8a1c9e7b2d6053a1e4', '[REDACTED:API_KEY]'),
('an AWS access key id', 'id AKIAIOSFODNN7EXAMPLE.', 'id [REDACTED:AWS_KEY].'),
('an AWS temporary key id', 'ASIAIOSFODNN7EXAMPLE', '[REDACTED:AWS_KEY]'),
('an AWS secret key', 'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'aws_secret_access_key = [REDACTED:AWS_SECRET]'),
('an AWS secret key in JSON', '{"SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}', '{"SecretAccessKey": "[REDACTED:AWS_SECRET]"}'),
('a GitHub token', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789', '[REDACTED:GITHUB_TOKEN]'),
('a GitHub OAuth token', 'gho_abcdefghijklmnopqrstuvwxyz0123456789', '[REDACTED:GITHUB_TOKEN]'),
('a GitHub user token', 'ghu_abcdefghijklmnopqrstuvwxyz0123456789', '[REDACTED:GITHUB_TOKEN]'),
('a GitHub server token', 'ghs_abcdefghijklmnopqrstuvwxyz0123456789', '[REDACTED:GITHUB_TOKEN]'),
('a GitHub refresh token', 'ghr_abcdefghijklmnopqrstuvwxyz0123456789', '[REDACTED:GITHUB_TOKEN]'),
('a GitHub fine-grained token', 'github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz', '[REDACTED:GITHUB_TOKEN]'),
('a Slack bot token', 'xoxb-123456789012-AbCdEfGhIjKl', '[REDACTED:SLACK_TOKEN]'),
('a Slack app token', 'xapp-1-A0123456789-1234567890-abcdef', '[REDACTED:SLACK_TOKEN]'),
('a Slack webhook', 'https://hooks.slack.com/services/T00000000/B00000000/' || 'aB3dE6gH9jK2mN5pQ8sTuV', 'https://[REDACTED:SLACK_WEBHOOK]'),
('a JWT, but not the full stop after it', 'jwt eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U.', 'jwt [REDACTED:JWT].'),
('an unsigned JWT', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0In0. ', '[REDACTED:JWT] '),
('the value after Bearer', 'Authorization: Bearer abc123.DEF-456_ghi', 'Authorization: Bearer [REDACTED:BEARER_TOKEN]'),
('the value after bearer in a URL', 'auth=bearer%20abc123DEF456', 'auth=bearer%20[REDACTED:BEARER_TOKEN]'),
('the value after Basic', 'authorization: basic dXNlcjpwYXNzd29yZA==', 'authorization: basic [REDACTED:BASIC_AUTH]'),
('the password of a URL', 'postgres://app:s3cret@db.example.com:5432/x', 'postgres://app:[REDACTED:URL_PASSWORD]@db.example.com:5432/x'),
('a URL password that holds @ and :', 'amqp://u:p@ss:w0rd@mq/vhost', 'amqp://u:[REDACTED:URL_PASSWORD]@mq/vhost'),
('a URL password without a user', 'redis://:hunter2@cache', 'redis://:[REDACTED:URL_PASSWORD]@cache'),
('a URL password where JSON escapes slashes', '"dsn":"mysql:\/\/u:pw@h\/d"', '"dsn":"mysql:\/\/u:[REDACTED:URL_PASSWORD]@h\/d"'),
('the user of a URL that is an address', 'smtp://bob@example.com:pw1@mail', 'smtp://[REDACTED:EMAIL]:[REDACTED:URL_PASSWORD]@mail'),
('a private key', E'x -----BEGIN RSA PRIVATE KEY-----\nMIIEpAIB\n-----END RSA PRIVATE KEY----- y', 'x [REDACTED:PRIVATE_KEY] y'),
('a private key with written line ends', '-----BEGIN PRIVATE KEY-----\nMIIEpAIB\n-----END PRIVATE KEY-----\n', '[REDACTED:PRIVATE_KEY]\n'),
('a private key that was cut', E'x -----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz', 'x [REDACTED:PRIVATE_KEY]'),
('a PGP private key', E'-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQOY\n-----END PGP PRIVATE KEY BLOCK-----', '[REDACTED:PRIVATE_KEY]'),
('an IBAN', 'pay to GB82WEST12345698765432.', 'pay to [REDACTED:IBAN].'),
('an IBAN in groups', 'IBAN: DE89 3704 0044 0532 0130 00, thanks', 'IBAN: [REDACTED:IBAN], thanks'),
('an IBAN in groups before another word', 'FR14 2004 1010 0505 0001 3M02 606 and', '[REDACTED:IBAN] and'),
('the shortest IBAN', 'NO9386011117947', '[REDACTED:IBAN]'),
('the longest IBAN', 'MT84MALT011000012345MTLCAST001S', '[REDACTED:IBAN]'),
('a social security number', 'SSN 536-90-4399.', 'SSN [REDACTED:SSN].'),
('a telephone number', 'call +4915112345679 now', 'call [REDACTED:PHONE] now'),
('a telephone number in groups', 'tel:+49 151 1234 5678, or', 'tel:[REDACTED:PHONE], or'),
('a telephone number with brackets', '+44 (0)20 7946 0958', '[REDACTED:PHONE]'),
('a telephone number with a country of one digit', '+1 (415) 555-0132', '[REDACTED:PHONE]'),
('a North American number', '415-555-0132', '[REDACTED:PHONE]'),
('a North American number with brackets', 'call (415) 555-0132!', 'call [REDACTED:PHONE]!'),
('a North American number with dots', '415.555.0132.', '[REDACTED:PHONE].'),
('a North American number with its country', '1-800-356-9377', '[REDACTED:PHONE]'),
('a password after =', 'db_password=hunter2', 'db_password=[REDACTED:PASSWORD]'),
('a password after :', 'DB-PASSWD: correcthorse', 'DB-PASSWD: [REDACTED:PASSWORD]'),
('a password in quotes with spaces', 'password = "correct horse, battery" ok', 'password = "[REDACTED:PASSWORD]" ok'),
('a password in Python', 'config[''password''] = r''hunter 22''', 'config[''password''] = r''[REDACTED:PASSWORD]'''),
('a password after :=', 'userPassword := `hunter22`', 'userPassword := `[REDACTED:PASSWORD]`'),
('a password after =>', '''passphrase'' => ''hunter22''', '''passphrase'' => ''[REDACTED:PASSWORD]'''),
('a password in a conninfo, not the next word', 'Server=db;Pwd=hunter22;User=x', 'Server=db;Pwd=[REDACTED:PASSWORD];User=x'),
('a password in quotes that was cut', '{"password":"hunter22', '{"password":"[REDACTED:PASSWORD]'),
('an API key by its name', 'X-Api-Key: 7f3kQ9xLm2Zp8RtV', 'X-Api-Key: [REDACTED:API_KEY]'),
('a secret by its name', 'clientSecret="7f3kQ9xLm2Zp8RtV"', 'clientSecret="[REDACTED:SECRET]"'),
('a token in a query', '/cb?access_token=7f3kQ9xLm2Zp8RtV&state=1', '/cb?access_token=[REDACTED:TOKEN]&state=1'),
('an address', 'mail to bob.o''neil+x@mail.example.co.uk, please', 'mail to [REDACTED:EMAIL], please'),
('an address at the end of a sentence', 'ask bob@example.com.', 'ask [REDACTED:EMAIL].'),
('an address between brackets', '<bob@example.com>', '<[REDACTED:EMAIL]>'),
('an address with other letters', 'jürgen@müller.de', '[REDACTED:EMAIL]'),
('an address after Chinese, not the Chinese', '请bob@example.com谢', '请[REDACTED:EMAIL]谢'),
('an address in a URL''s encoding', 'user=bob%40example.com&x', 'user=[REDACTED:EMAIL]&x'),
('an address with an escaped @', '"bob\u0040example.com"', '"[REDACTED:EMAIL]"'),
('a card', 'card 4111111111111111.', 'card [REDACTED:PAYMENT_CARD].'),
('a card with spaces, not its code', '4111 1111 1111 1111 123', '[REDACTED:PAYMENT_CARD] 123'),
('a card with dashes', '5555-5555-5555-4444', '[REDACTED:PAYMENT_CARD]'),
('a card of 15 digits', '3782 822463 10005', '[REDACTED:PAYMENT_CARD]'),
('a card of 14 digits', '3056 930902 5904', '[REDACTED:PAYMENT_CARD]'),
('a PuTTY key', E'x PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 1\nAAAA\nPrivate-MAC: 0123abcd y', 'x [REDACTED:PRIVATE_KEY] y'),
('a PuTTY key that was cut', E'PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 14\nAAAA', '[REDACTED:PRIVATE_KEY]'),
('a wallet''s extended key', 'xprv9' || repeat('s21ZrQH143K', 10), '[REDACTED:PRIVATE_KEY]'),
('a Twilio key', 'SK' || md5('twilio') || ' ok', '[REDACTED:TWILIO_KEY] ok'),
('a Mailchimp key', 'key ' || md5('chimp') || '-us12.', 'key [REDACTED:MAILCHIMP_KEY].'),
('a Discord bot''s token', 'MTk4NjIyNDgzNDcxOTI1' || 'MjQ4.Cl2FMQ.' || 'ZnCjm1XVW7vRze4b7Cq4se7kKWs x', '[REDACTED:DISCORD_TOKEN] x'),
('a service account''s key id', '"private_key_id": "' || substr(md5('a') || md5('b'), 1, 40) || '"', '"private_key_id": "[REDACTED:GCP_KEY]"'),
('a cookie, to the end of the line', E'Cookie: session=abc123; theme=dark\nHost: x', 'Cookie: [REDACTED:COOKIE]\nHost: x'),
('a cookie in a command', 'curl -H "Cookie: a=b; c=d" http://x', 'curl -H "Cookie: [REDACTED:COOKIE]" http://x'),
('a session that is set', 'set-cookie: sid=31d4d96e407aad42; Path=/; HttpOnly', 'set-cookie: [REDACTED:COOKIE]'),
('a random cookie that is set', 'Set-Cookie: x=7f3kQ9xLm2Zp8RtV4n; Path=/', 'Set-Cookie: [REDACTED:COOKIE]'),
('an authorization of another scheme', 'Authorization: Token 9944b09199c62bcf9418ad846dd0e4bb', 'Authorization: [REDACTED:AUTHORIZATION]'),
('an authorization with a signature', 'Proxy-Authorization: HMAC-SHA256 Credential=x, Signature=fe5f80f77d5fa3beca03, y', 'Proxy-Authorization: [REDACTED:AUTHORIZATION]'),
('an authorization in JSON', '{"authorization":"ApiKey abc123def456","n":1}', '{"authorization":"[REDACTED:AUTHORIZATION]","n":1}'),
('a hexadecimal token of little variety', 'access_token=' || '0011223344550011223344556677aabb', 'access_token=[REDACTED:TOKEN]'),
('a card''s code, a one-time password', 'cvv: 123 otp=123456 user_pin: 4321 userPin=4321', 'cvv: [REDACTED:PIN] otp=[REDACTED:PIN] user_pin: [REDACTED:PIN] userPin=[REDACTED:PIN]'),
('a password in a flag', 'mysql --db-password hunter22 --user bob', 'mysql --db-password [REDACTED:PASSWORD] --user bob'),
('a token in a flag', 'gh --token 7f3kQ9xLm2Zp8RtV', 'gh --token [REDACTED:PASSWORD]'),
('a social security number by its name', 'ssn: 536904399, SSN 536 90 4399', 'ssn: [REDACTED:SSN], SSN [REDACTED:SSN]'),
('a national number by its name', 'Phone: 030 12345678, tel. 0151-23456789', 'Phone: [REDACTED:PHONE], tel. [REDACTED:PHONE]'),
('a North American number by its name', 'phone number is (415)5550132 call me at 415 555 0132', 'phone number is [REDACTED:PHONE] call me at [REDACTED:PHONE]'),
('a Bitcoin address', 'to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa.', 'to [REDACTED:CRYPTO_WALLET].'),
('a Bitcoin address of a script', '3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy', '[REDACTED:CRYPTO_WALLET]'),
('a Bitcoin private key', '5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ', '[REDACTED:CRYPTO_WALLET]'),
('a short Bitcoin private key', 'KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617', '[REDACTED:CRYPTO_WALLET]'),
('a bech32 address', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', '[REDACTED:CRYPTO_WALLET]'),
('a bech32 address in capitals', 'BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4', '[REDACTED:CRYPTO_WALLET]'),
('a bech32m address', 'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0', '[REDACTED:CRYPTO_WALLET]'),
('an Ethereum address', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', '[REDACTED:CRYPTO_WALLET]'),
('a password with a suffix', 'DATABASE_PASSWORD_PROD=tomato99 PASSWORD_2: tomato98 password1=tomato97', 'DATABASE_PASSWORD_PROD=[REDACTED:PASSWORD] PASSWORD_2: [REDACTED:PASSWORD] password1=[REDACTED:PASSWORD]'),
('headers in lists', '["x-api-key","7f3kQ9xLm2Zp8RtV"] (''Authorization'', ''Token 9944b09199c62bcf9418'') h.Set("X-Api-Key", "7f3kQ9xLm2Zp8RtV")', '["x-api-key","[REDACTED:API_KEY]"] (''Authorization'', ''[REDACTED:AUTHORIZATION]'') h.Set("X-Api-Key", "[REDACTED:API_KEY]")'),
('headers with lists', '{"x-api-key":["7f3kQ9xLm2Zp8RtV"]} map[X-Api-Key:[7f3kQ9xLm2Zp8RtV]]', '{"x-api-key":["[REDACTED:API_KEY]"]} map[X-Api-Key:[[REDACTED:API_KEY]]]'),
('an attribute of OpenTelemetry', '{"key":"db.password","value":{"stringValue":"tomato99"}}', '{"key":"db.password","value":{"stringValue":"[REDACTED:SECRET]"}}'),
('a password behind its type', 'password: str = "tomato99"; const password: string = "tomato99"; let password: &str = "tomato99"', 'password: str = "[REDACTED:PASSWORD]"; const password: string = "[REDACTED:PASSWORD]"; let password: &str = "[REDACTED:PASSWORD]"'),
('strings with prefixes', 'password = @"tomato99" pwd = N''tomato99'' pwd=rb"tomato99"', 'password = @"[REDACTED:PASSWORD]" pwd = N''[REDACTED:PASSWORD]'' pwd=rb"[REDACTED:PASSWORD]"'),
('a URL in a query', '?url=postgres%3A%2F%2Fbob%3Atomato99%40h1%2Fapp', '?url=postgres%3A%2F%2Fbob%3A[REDACTED:URL_PASSWORD]%40h1%2Fapp'),
('an address before dashes', '<!--bob@example.com--> tom@example.co.uk-', '<!--[REDACTED:EMAIL]--> [REDACTED:EMAIL]-'),
('a private key in a URL''s encoding', 'k=-----BEGIN%20RSA%20PRIVATE%20KEY-----%0AMIIEpAIBAAKC%0A-----END%20RSA%20PRIVATE%20KEY-----&x', 'k=[REDACTED:PRIVATE_KEY]&x'),
('a token before an arrow', '<!--dapi' || md5('dapi') || '-->', '<!--[REDACTED:DATABRICKS_TOKEN]-->'),
('a flag with dots', '--db.password tomato99 <db.password>tomato98</db.password>', '--db.password [REDACTED:PASSWORD] <db.password>[REDACTED:SECRET]</db.password>'),
('a number by another word', 'Telefon: 0151 23456789', 'Telefon: [REDACTED:PHONE]'),
('a definition of PHP', 'define(''DB_PASSWORD'', ''tomato99'') os.Setenv("DB_PASSWORD", "tomato98")', 'define(''DB_PASSWORD'', ''[REDACTED:PASSWORD]'') os.Setenv("DB_PASSWORD", "[REDACTED:PASSWORD]")'),
('a card with blanks that do not break', U&'4111\00A01111\00A01111\00A01111 4111\20111111\20111111\20111111', '[REDACTED:PAYMENT_CARD] [REDACTED:PAYMENT_CARD]'),
('a key in bold', '**DB_PASSWORD**: tomato99', '**DB_PASSWORD**: [REDACTED:PASSWORD]'),
('a user and password without a blank', 'curl -ubob:tomato99 h', 'curl -ubob:[REDACTED:PASSWORD] h'),
('a password in _PASS', 'DB_PASS=tomato99 bypass=tomato99 pass: t0mato!99', 'DB_PASS=[REDACTED:PASSWORD] bypass=tomato99 pass: [REDACTED:PASSWORD]'),
('the key of a cluster''s user', 'client-key-data: ' || repeat('LS0tLS1C', 6), 'client-key-data: [REDACTED:PRIVATE_KEY]'),
('the signature of an address', 'X-Amz-Signature=' || md5('a') || md5('b') || '&x', 'X-Amz-Signature=[REDACTED:SECRET]&x'),
('a token in a URL, not its host', 'https://x-access-token:ghp_abcdefghijklmnopqrstuvwxyz0123456789@github.com/org main', 'https://x-access-token:[REDACTED:GITHUB_TOKEN]@github.com/org main'),
('a password of MySQL''s driver for Go', 'app:G0langPw!@tcp(db:3306)/x', 'app:[REDACTED:URL_PASSWORD]@tcp(db:3306)/x'),
('an authorization with quotes', 'Authorization: Digest username="u", response="6629fae49393a05397450978507c4ef1"', 'Authorization: [REDACTED:AUTHORIZATION]'),
('another key', 'MASTER_KEY=7f3kQ9xLm2Zp8RtV signing-key: 7f3kQ9xLm2Zp8RtV', 'MASTER_KEY=[REDACTED:API_KEY] signing-key: [REDACTED:API_KEY]'),
('credentials of a registry', '{"auths":{"h":{"auth":"dXNlcjpwYXNzd29yZA=="}}} _auth = dXNlcjpwYXNzd29yZA==', '{"auths":{"h":{"auth":"[REDACTED:BASIC_AUTH]"}}} _auth = [REDACTED:BASIC_AUTH]'),
('a name beside its value', '{"name": "API_KEY", "value": "7f3kQ9xLm2Zp8RtV"}, {"name":"region","value":"7f3kQ9xLm2Zp8RtV"}', '{"name": "API_KEY", "value": "[REDACTED:SECRET]"}, {"name":"region","value":"7f3kQ9xLm2Zp8RtV"}'),
('a name above its value', '- name: DB_PASSWORD\n  value: tomato99', '- name: DB_PASSWORD\n  value: [REDACTED:SECRET]'),
('a password given to a program', 'sshpass -p tomato99 ssh x; mysql -ptomato98 db; docker login -u bob -p tomato97; redis-cli -a tomato96', 'sshpass -p [REDACTED:PASSWORD] ssh x; mysql -p[REDACTED:PASSWORD] db; docker login -u bob -p [REDACTED:PASSWORD]; redis-cli -a [REDACTED:PASSWORD]'),
('a user and password given to curl', 'curl -u bob:tomato99 https://h', 'curl -u bob:[REDACTED:PASSWORD] https://h'),
('a user and password given to curl at length', 'curl --user bob:tomato99 https://h', 'curl --user bob:[REDACTED:PASSWORD] https://h'),
('a password in a list of arguments', '["--password", "tomato99"]', '["--password", "[REDACTED:PASSWORD]"]'),
('a password in SQL', 'ALTER ROLE app PASSWORD ''tomato99''; CREATE USER x IDENTIFIED BY "tomato98"', 'ALTER ROLE app PASSWORD ''[REDACTED:PASSWORD]''; CREATE USER x IDENTIFIED BY "[REDACTED:PASSWORD]"'),
('a password in .netrc', 'machine h login bob password tomato99', 'machine h login bob password [REDACTED:PASSWORD]'),
('an element', '<Password>tomato99</Password><apiKey>7f3kQ9xLm2Zp8RtV</apiKey> &lt;password&gt;tomato98&lt;/password&gt;', '<Password>[REDACTED:SECRET]</Password><apiKey>[REDACTED:SECRET]</apiKey> &lt;password&gt;[REDACTED:SECRET]&lt;/password&gt;'),
('a definition', '#define API_KEY "7f3kQ9xLm2Zp8RtV"\nENV DB_PASSWORD tomato99', '#define API_KEY "[REDACTED:SECRET]"\nENV DB_PASSWORD [REDACTED:SECRET]'),
('JSON in a URL', 'e=%7B%22db_password%22%3A%22tomato99%22%2C%22n%22%3A1%7D', 'e=%7B%22db_password%22%3A%22[REDACTED:PASSWORD]%22%2C%22n%22%3A1%7D'),
('another assignment', 'PASSWORD ??= ''tomato99'' || x', 'PASSWORD ??= ''[REDACTED:PASSWORD]'' || x'),
('a token of letters alone', 'CLIENT_SECRET=GtzYtRdHRUrVdBgaQdHruHMuXAkAg', 'CLIENT_SECRET=[REDACTED:SECRET]'),
('a Terraform token', 'aB3dE6gH9jK2mN.atlas' || 'v1.' || repeat('aB3dE6gH9j', 7), '[REDACTED:TERRAFORM_TOKEN]'),
('a telephone number behind an escape', '"\n+33 6 49 55 51 94" (702-708-6274)', '"\n[REDACTED:PHONE]" ([REDACTED:PHONE])'),
('another Ethereum address', '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359', '[REDACTED:CRYPTO_WALLET]'),
('an Ethereum address in one case', 'wallet: 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed', 'wallet: [REDACTED:CRYPTO_WALLET]');

SELECT is(maestro.sanitize(input), output, name || ' is redacted') FROM positive;

-- What stays, to the byte.
CREATE TEMP TABLE negative (name text, input text);
INSERT INTO negative VALUES
('an ordinary line', 'agent planner called tool search in 120 ms'),
('a token count', 'max_tokens=4096 token_count: 1532 total_tokens = "20000"'),
('a commit and a UUID', 'commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b for 550e8400-e29b-41d4-a716-446655440000'),
('a public key', 'public_key = 7f3kQ9xLm2Zp8RtV monkey: 7f3kQ9xLm2Zp8RtV'),
('a PEM certificate', '-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----'),
('a diagnosis', 'password: incorrect token=expired secret: missing password=None'),
('a template', 'password=${DB_PASSWORD} api_key={{ key }} password=$PASSWORD password="<password>" pwd=********'),
('a working directory', 'PWD=/home/agent/work OLDPWD=/home/agent'),
('a call', 'password = getpass.getpass() token = get_token_v2(user)'),
('C++', 'secret::Vault1234567890abc'),
('prose about keys', 'the secret: nobody knows; the token: a word'),
('prose about schemes', 'Bearer authentication required, basic authentication too'),
('a word that begins like a key', 'sk-learn-is-a-library-of-machine-learning ghp_short desk-aB3dE6gH9jK2mN5pQ8sT'),
('an identifier with a token inside', 'x_ghp_abcdefghijklmnopqrstuvwxyz0123456789'),
('base64 that is no JWT', 'eyJub3QiOiJhIGp3dCJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl'),
('a URL with a port', 'http://localhost:8080/a@b http://user@host/x'),
('a git remote', 'git@github.com:org/repo.git'),
('a package, an image, a decorator', 'npm i @types/node@18.0.0 image@sha256 icon@2x.png @app.route'),
('a number with a wrong check digit', '4111111111111112 4111 1111 1111 1112'),
('a time in milliseconds', '1700000000000 1700000000000000'),
('a fraction', '0.4111111111111111 4111111111111111.5'),
('digits in a longer number', '94111111111111111123456 a4111111111111111'),
('a card with mixed separators', '4111-1111 1111-1111'),
('a range no card has', '9999999999999995'),
('an IBAN with wrong check digits', 'GB83WEST12345698765432 DE89 3704 0044 0532 0130 01'),
('an IBAN of another length', 'GB82WEST1234569876543 NO93860111179470'),
('an IBAN in a longer word', 'GB82WEST12345698765432X XGB82WEST12345698765432'),
('a code that begins like an IBAN', 'AT20 LISTING DE12 ERROR123456789 SE24HELLO'),
('numbers no person has', '000-12-3456 666-12-3456 900-12-3456 123-00-4567 123-45-0000'),
('a part number', '1536-90-4399 536-90-43991 A-536-90-4399 536-90-4399-1 536.90.4399'),
('dates and times', '2024-01-02 02-03-2024 2026-11-26T00:38:40+01:00 1764115200.123456'),
('a sum and a time zone', '12+4915112345679 a+4915112345679 UTC+0100 +1000000 +123 lines'),
('a country that is none', '+8912345678 +0049151123456'),
('an exchange that is none', '115-555-0132 415-155-0132 411-555-0132 415-911-0132'),
('a version and an address', '192.168.100.1234 10.0.0.1 415.555.0132.7 v415.555.0132'),
('a UUID of digits', '41555501-3241-5550-1324-155550132415'),
('a preference that is set', 'set-cookie: WMF-Last-Access=19-Dec-2024;Path=/ set-cookie: theme=dark'),
('prose about headers', 'authorization: required for all users; cookie: none; Cookie = chocolate'),
('words that end like a PIN', 'shipping: 1234 mapping=1234 laptop: 12345 pinned: 123 pin: abc'),
('a flag without a value', '--password --user bob --token abc password tomato99'),
('nine digits', '536904399 536 90 4399'),
('what stands behind words for telephones', 'phone 2 of 30, mobile version 2024-01-15 10:00, call 1700000000, cell 1000000, tel: 0.12345678'),
('a wallet with a wrong check sum', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD'),
('a hash with 0x', '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed 0x' || md5('x') || md5('y')),
('an account''s public number', 'AC' || md5('twilio')),
('a data centre', 'region-us12 ' || md5('x') || ' us1-us2'),
('addresses of machines', '10.1.2.3 2001:db8::1'),
('tokens of a model and of paging', 'eos_token: </s>1 next_page_token=CAUQAA123xyz9 "NextToken": "CAUQAA123xyz9"'),
('names in kebab case', 'sk-navigation-bar-item-active-3 secret: db-credentials-v2 token = 0.1234567890 "token": 1234567890'),
('templates of other kinds', 'password={password} WHERE password = :password $DB_PASSWORD1 password=$DB_PASSWORD1'),
('files of packages', 'kafka@2.8.0.jar lib@v1.json'),
('the directory of a user', 'PWD=/root'),
('signed numbers and dates', '+2024-01-15 +33.3333333 lat=+52.520006 +88.219.1.98'),
('arguments and constants', 'connect(user=u, password=pg_pw_value) password: passwordInput.value x = random_password.db1.result BAD_PASSWORD = ERROR_BASE + 15'),
('texts about passwords', '"forgotPassword": "Forgot your password?" WRONG_PASSWORD = "wrong_password" RESET_PASSWORD="reset-password"'),
('references to secrets', 'secret: arn:aws:secretsmanager:eu:1:secret:db-Ab12Cd password=op://Prod/db/password1 password=vault:secret/data/db1'),
('templates of URLs', 'postgresql://{user}:{password}@{host} postgres://%s:%s@%s mongodb://{}:{}@{} docker-pullable://nginx:1.25@sha256:abc'),
('what is to be filled in', 'Authorization: Bearer YOUR_API_KEY password=YOUR_PASSWORD_HERE password="your-password-here" public_token=abcdef1234567890'),
('fillers', 'AKIAXXXXXXXXXXXXXXXX sk_live_XXXXXXXXXXXXXXXXXXXXXXXX ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'),
('a JWT that is left out', 'see eyJhbGciOi... in the manual'),
('what a program gets a password from', 'self.password = password; password = request.form["x"] password=config.password, password: SecretString password: !vault | api_key = var.api_key'),
('a prompt', 'read -s -p "Password: " password'),
('a sentence', 'wrong password: authentication failed for user ada'),
('a place in a secrets manager', 'arn:aws:secretsmanager:eu-west-1:564168689339:secret:prod/db-aFZ0sK'),
('where or since when a secret is', 'secret: 2025-09-23T15:37:00Z password: https://example.com/reset token: https://example.com/a1b2c3d4e5'),
('a command', 'PASSWORD=`pass show db` PASSWORD=%PASSWORD% "password": "[REDACTED]"'),
('an index', '[A198-23-9527]'),
('a number of more groups', '5018-6610-4653-2279-50 50-5018-6610-4653-2279'),
('a header that a program looks for', 'grep -rl "-----BEGIN RSA PRIVATE KEY-----" . | xargs rm'),
('flags of other programs', 'mkdir -p tomato99; git push -u origin main:tomato99; docker run -u 1000:1000 x'),
('a placeholder', 'mail [REDACTED:EMAIL] password=[REDACTED:PASSWORD] Bearer [REDACTED:BEARER_TOKEN].');

SELECT is(maestro.sanitize(input), input, name || ' stays') FROM negative;

-- Escapes: JSON in a string, a URL's encoding.
SELECT is(maestro.sanitize(prefix || 'ghp_abcdefghijklmnopqrstuvwxyz0123456789 x'), prefix || '[REDACTED:GITHUB_TOKEN] x',
	'a secret behind ' || prefix || ' is redacted')
  FROM unnest(ARRAY['\u001b[32m', '\x1b[1;31m', '\033[0m', '\e[m', '[31m', '=3D', 'a=3D', '\u009b31m', '%1B%5B31m', '\u001b[?25h', '\u001b(B',
	'\u001bM', '\u001b[38:2:255:0:0m', '\101', '%253D', '\U0001F600']) AS prefix;
SELECT is(maestro.sanitize('[mask-12] a=5ab; x[12m]'), '[mask-12] a=5ab; x[12m]', 'brackets hide nothing by themselves');
SELECT is(maestro.sanitize('{"m":"{\"password\": \"hunter22\", \"n\":1}"}'), '{"m":"{\"password\": \"[REDACTED:PASSWORD]\", \"n\":1}"}', 'a value ends at an escaped quote');
SELECT is(maestro.sanitize('\\\"api_key\\\":\\\"7f3kQ9xLm2Zp8RtV\\\",\\\"x'), '\\\"api_key\\\":\\\"[REDACTED:API_KEY]\\\",\\\"x', 'and at one escaped twice');
SELECT is(maestro.sanitize('{"password":"hun\"ter\\22","n":1}'), '{"password":"[REDACTED:PASSWORD]","n":1}', 'an escaped quote in a value does not end it');
SELECT is(maestro.sanitize('a\nghp_abcdefghijklmnopqrstuvwxyz0123456789\n'), 'a\n[REDACTED:GITHUB_TOKEN]\n', 'a written line feed is a boundary');
SELECT is(maestro.sanitize('a\nbob@example.com\tx'), 'a\n[REDACTED:EMAIL]\tx', 'a written line feed is no part of an address');
SELECT is(maestro.sanitize('password\u003dhunter22\u0026x'), 'password\u003d[REDACTED:PASSWORD]\u0026x', 'an escaped = is an operator');
SELECT is(maestro.sanitize('password%3Dhunter22%26x'), 'password%3D[REDACTED:PASSWORD]%26x', 'a URL''s %3D is an operator');
SELECT is(maestro.sanitize('q=%22ghp_abcdefghijklmnopqrstuvwxyz0123456789%22'), 'q=%22[REDACTED:GITHUB_TOKEN]%22', 'a URL''s escape is a boundary');

-- Occurrences, overlaps, placeholders.
SELECT is(maestro.sanitize('a@b.co,a@b.co a@b.co'), '[REDACTED:EMAIL],[REDACTED:EMAIL] [REDACTED:EMAIL]', 'all occurrences are redacted');
SELECT is(length(maestro.sanitize(repeat('a@b.co ', 1000))), 17 * 1000, 'a thousand too');
SELECT is(maestro.sanitize('curl -u bob@example.com https://h/'), 'curl -u [REDACTED:EMAIL] https://h/', 'a placeholder is no user and password');
SELECT is((SELECT rule FROM maestro.scan(E'\x1b]0;bob@example.com\x07')), 'email', 'scan sees what a terminal''s sequence hides');
SELECT is(maestro.sanitize('password=sk-ant-api03-Ab1_Cd2-Ef3Gh4Ij5Kl6Mn7!x'), 'password=[REDACTED:ANTHROPIC_KEY]', 'of overlapping finds all is redacted, under the higher priority');
SELECT is(maestro.sanitize('Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'), 'Bearer [REDACTED:JWT]', 'a JWT after Bearer is named as a JWT');
SELECT is(maestro.sanitize('token=sk-ant-short ghp_abcdefghijklmnopqrstuvwxyz0123456789'), 'token=sk-ant-short [REDACTED:GITHUB_TOKEN]', 'a find that failed hides none after it');
SELECT is(maestro.sanitize('Bearer [REDACTED:EMAIL].rest1'), 'Bearer [REDACTED:BEARER_TOKEN]', 'what follows a placeholder in a value is redacted');
SELECT is(maestro.sanitize('password=[REDACTED:PASSWORD]x'), 'password=[REDACTED:PASSWORD]', 'even a letter');
SELECT is(maestro.sanitize('password="[REDACTED:HUNTER2]"'), 'password="[REDACTED:PASSWORD]"', 'what only looks like a placeholder is a value');
SELECT is(maestro.sanitize('[REDACTED:EMAIL]@example.com'), '[REDACTED:EMAIL]@example.com', 'a placeholder is no local part');

-- What is invisible hides nothing.
SELECT is(maestro.sanitize(U&'sk-ant\200B-api03-Ab1_Cd2-Ef3Gh4Ij5Kl6Mn7 x'), '[REDACTED:ANTHROPIC_KEY] x', 'a zero-width space does not hide a key');
SELECT is(maestro.sanitize(U&'sk-ant\00AD-api03-Ab1_Cd2-Ef3Gh4Ij5Kl6Mn7'), '[REDACTED:ANTHROPIC_KEY]', 'nor does a soft hyphen');
SELECT is(maestro.sanitize(E'ghp_abcdefghij\x1b[31mklmnopqrstuvwxyz0123456789'), '[REDACTED:GITHUB_TOKEN]', 'nor does a colour');
SELECT is(maestro.sanitize(U&'bob\FF20example.com'), '[REDACTED:EMAIL]', 'nor does a fullwidth @');
SELECT is(maestro.sanitize(U&'x\200Bghp_abcdefghijklmnopqrstuvwxyz0123456789'), 'x\u200b[REDACTED:GITHUB_TOKEN]', 'nor is a word made longer by one');
SELECT is(maestro.sanitize(E'\x1b]0;ghp_abcdefghijklmnopqrstuvwxyz0123456789\x07'), '\x1b]0;[REDACTED:GITHUB_TOKEN]\x07', 'a secret in a window title is found');
SELECT is(maestro.sanitize(U&'\FF21\FF22'), U&'\FF21\FF22', 'fullwidth letters as such stay');

-- Neutralising.
SELECT is(maestro.sanitize(input), output, name) FROM (VALUES
	(E'a\nb\rc\r\nd', 'a\nb\rc\r\nd', 'line ends are written out'),
	(E'a\tb', E'a\tb', 'a tab stays'),
	(E'\x01\x08\x1f\x7f', '\x01\x08\x1f\x7f', 'control characters are written out'),
	(E'\x1b[31mred\x1b[0m', '\x1b[31mred\x1b[0m', 'colours are written out'),
	(E'\x1b]0;title\x07 \x1bPq\x1b\\', '\x1b]0;title\x07 \x1bPq\x1b\', 'operating system commands are written out'),
	(U&'\0080\009B1m\0085', '\u0080\u009b1m\u0085', 'C1 controls are written out'),
	(U&'\202Egpj\202C\2066x\2069', '\u202egpj\u202c\u2066x\u2069', 'reordering is written out'),
	(U&'a\200Bb\200Fc\FEFFd\2060e', 'a\u200bb\u200fc\ufeffd\u2060e', 'invisible characters are written out'),
	(U&'a\2028b\2029', 'a\u2028b\u2029', 'line and paragraph separators are written out'),
	(U&'\061C\180E\FFF9\FFFB', '\u061c\u180e\ufff9\ufffb', 'the rest of the list is written out'),
	(U&'x\+0E0041\+0E007F', 'x\U000e0041\U000e007f', 'tag characters are written out'),
	(U&'x\FE01y\+0E0100', 'x\ufe01y\U000e0100', 'variation selectors that carry data are written out'),
	(U&'\+01F469\200D\+01F4BB \2764\FE0F 1\FE0F\20E3', U&'\+01F469\200D\+01F4BB \2764\FE0F 1\FE0F\20E3', 'emoji keep their joiners and selectors'),
	(U&'a\200Db\FE0F', 'a\u200db\ufe0f', 'elsewhere they are written out'),
	('C:\temp\new', 'C:\temp\new', 'backslashes are not doubled'),
	('', '', 'an empty text stays'),
	('日本語 Ελληνικά', '日本語 Ελληνικά', 'other scripts stay')
) v(input, output, name);

-- Levels, overloads.
SELECT is(maestro.sanitize('bob@example.com 4111111111111111 password=hunter2', 'secrets'), 'bob@example.com 4111111111111111 password=[REDACTED:PASSWORD]', 'at level secrets personal data stays');
SELECT is(maestro.sanitize('bob@example.com password=hunter2', 'pii'), '[REDACTED:EMAIL] password=[REDACTED:PASSWORD]', 'level pii includes secrets');
SELECT throws_ok($$ SELECT maestro.sanitize('secrets', 'bob@example.com') $$, '22023', 'unknown level of sanitizing', 'an unknown level is refused without being quoted');
SELECT is(pg_typeof(maestro.sanitize('x'))::text, 'text', 'a literal is a text');
SELECT is(maestro.sanitize('x'::varchar), 'x', 'a varchar is a text');
PREPARE bound AS SELECT maestro.sanitize($1);
SELECT is((SELECT parameter_types[1]::text FROM pg_prepared_statements WHERE name = 'bound'), 'text', 'an untyped parameter is a text');
SELECT is(maestro.sanitize(NULL::text), NULL, 'NULL stays NULL');

-- What is off by default.
SELECT is(maestro.sanitize(input, 'all'), output, name) FROM (VALUES
	('10.1.2.3:80 and 192.168.0.1.', '[REDACTED:IP_ADDRESS]:80 and [REDACTED:IP_ADDRESS].', 'at level all addresses of machines go'),
	('2001:db8::1 fe80::a:b%eth0 ::ffff:10.0.0.1 1:2:3:4:5:6:7:8', '[REDACTED:IP_ADDRESS] [REDACTED:IP_ADDRESS]%eth0 [REDACTED:IP_ADDRESS] [REDACTED:IP_ADDRESS]', 'of either kind'),
	('127.0.0.1 ::1 0.0.0.0 1.2.3.4.5 256.1.1.1 1.2.3 v1.2.3.4 12:34:56 00:1b:44:11:3a:b7 std::vector a::b', '127.0.0.1 ::1 0.0.0.0 1.2.3.4.5 256.1.1.1 1.2.3 v1.2.3.4 12:34:56 00:1b:44:11:3a:b7 std::vector a::b', 'but not those of this machine, versions, times and names'),
	('bob@example.com password=hunter22', '[REDACTED:EMAIL] password=[REDACTED:PASSWORD]', 'and what goes at the others')
) v(input, output, name);

-- jsonb.
SELECT is(maestro.sanitize(input::jsonb), output::jsonb, name) FROM (VALUES
	('{"a":[1,"x",null,true,{"b":{}}]}', '{"a":[1,"x",null,true,{"b":{}}]}', 'an ordinary value stays'),
	('{"a":["bob@example.com",["x bob@example.com"]]}', '{"a":["[REDACTED:EMAIL]",["x [REDACTED:EMAIL]"]]}', 'strings in arrays are redacted'),
	('"bob@example.com"', '"[REDACTED:EMAIL]"', 'a string alone is redacted'),
	('4111111111111111', '"[REDACTED:PAYMENT_CARD]"', 'a number alone is redacted'),
	('[4111111111111111, 4111111111111112, 4111111111111111.0, 4111111111111111.5, 1700000000000, -1]', '["[REDACTED:PAYMENT_CARD]", 4111111111111112, "[REDACTED:PAYMENT_CARD]", 4111111111111111.5, 1700000000000, -1]', 'numbers that are cards are redacted'),
	('[6011000990139424000, 5555555555554444, 378282246310005, 1e300, 0, 0.5, 12345678901234567890123]', '[6011000990139424000, "[REDACTED:PAYMENT_CARD]", "[REDACTED:PAYMENT_CARD]", 1e300, 0, 0.5, 12345678901234567890123]', 'other large numbers stay'),
	('{"password":"x","db_password":"","dbPassword":"y","DB_PASSWORD_2":"z","dbpassword":"w"}', '{"password":"[REDACTED:PASSWORD]","db_password":"","dbPassword":"[REDACTED:PASSWORD]","DB_PASSWORD_2":"[REDACTED:PASSWORD]","dbpassword":"[REDACTED:PASSWORD]"}', 'a key''s last word decides'),
	('{"x-api-key":"a","apiKey":"b","APIKey":"c","API_KEY":"d","openai.api_key":"e"}', '{"x-api-key":"[REDACTED:API_KEY]","apiKey":"[REDACTED:API_KEY]","APIKey":"[REDACTED:API_KEY]","API_KEY":"[REDACTED:API_KEY]","openai.api_key":"[REDACTED:API_KEY]"}', 'or its last two'),
	('{"max_tokens":4096,"tokens":["a"],"token_count":3,"token_limit":"x","token_type":"bearer","key_id":"x","secret_name":"x","token_url":"x","session_ttl":"9","public_token":"x","keyboard":"x","author":"x","pinned":"x"}', '{"max_tokens":4096,"tokens":["a"],"token_count":3,"token_limit":"x","token_type":"bearer","key_id":"x","secret_name":"x","token_url":"x","session_ttl":"9","public_token":"x","keyboard":"x","author":"x","pinned":"x"}', 'keys that only sound alike stay'),
	('{"token":"missing","auth":"denied","password":"EXPIRED","secret":"None","cookie":"not set"}', '{"token":"missing","auth":"denied","password":"EXPIRED","secret":"None","cookie":"not set"}', 'the diagnosis stays'),
	('{"password":true,"token":null,"secret":false,"otp":null}', '{"password":true,"token":null,"secret":false,"otp":null}', 'booleans and null stay'),
	('{"token":123456,"auth":1,"password":1,"pin":1234,"cvv":123,"otp":99,"ssn":219099999}', '{"token":123456,"auth":1,"password":"[REDACTED:PASSWORD]","pin":"[REDACTED:PIN]","cvv":"[REDACTED:PIN]","otp":"[REDACTED:PIN]","ssn":"[REDACTED:SSN]"}', 'numbers go where they are the secret'),
	('{"passwords":["a",["b"],{"x":"c"}]}', '{"passwords":["[REDACTED:PASSWORD]",["[REDACTED:PASSWORD]"],{"x":"c"}]}', 'arrays under such a key are redacted, objects by their own keys'),
	('{"api_key":"sk-ant-api03-Ab1_Cd2-Ef3Gh4Ij5Kl6Mn7","token":"x [REDACTED:EMAIL]","secret":"[REDACTED:TOKEN]"}', '{"api_key":"[REDACTED:ANTHROPIC_KEY]","token":"[REDACTED:TOKEN]","secret":"[REDACTED:TOKEN]"}', 'the more exact type is kept'),
	('{"bob@example.com":1}', '{"[REDACTED:EMAIL]":1}', 'a secret in a key is redacted'),
	('{"bob@example.com":1,"tom@example.com":2,"[REDACTED:EMAIL]":3}', '{"#2 [REDACTED:EMAIL]":1,"#3 [REDACTED:EMAIL]":2,"[REDACTED:EMAIL]":3}', 'keys that become equal are numbered'),
	('{"#2 [REDACTED:EMAIL]":0,"bob@example.com":1,"tom@example.com":2}', '{"#2 [REDACTED:EMAIL]":0,"[REDACTED:EMAIL]":1,"#3 [REDACTED:EMAIL]":2}', 'and a number that is there is not used'),
	('{"headers":[{"name":"Cookie","value":"a=b"},{"name":"Accept","value":"text/html"},{"key":"x-token","value":{"stringValue":"abc"}}]}', '{"headers":[{"name":"Cookie","value":"[REDACTED:COOKIE]"},{"name":"Accept","value":"text/html"},{"key":"x-token","value":{"stringValue":"[REDACTED:TOKEN]"}}]}', 'a name may stand beside its value'),
	('[["Authorization","7f3kQ9xLm2Zp8RtV"],["password","username"]]', '[["Authorization","[REDACTED:AUTHORIZATION]"],["password","username"]]', 'or before it in a pair'),
	('{"secrets":{"db":"x9Kq2LmZ77pQwErTy","kind":"vault","list":["x9Kq2LmZ77pQwErTy"]},"n":"x9Kq2LmZ77pQwErTy"}', '{"secrets":{"db":"[REDACTED:SECRET]","kind":"vault","list":["[REDACTED:SECRET]"]},"n":"x9Kq2LmZ77pQwErTy"}', 'in an object under such a key what is random goes'),
	('{"DB_PASS":"Sh0rtPw9","cvc":"999","phone":"0151 1234567","mobile":"yes","OpenAIAPIKey":"tom9"}', '{"DB_PASS":"[REDACTED:PASSWORD]","cvc":"[REDACTED:PIN]","phone":"[REDACTED:PHONE]","mobile":"yes","OpenAIAPIKey":"[REDACTED:API_KEY]"}', 'more names'),
	('{"secrets":{"args":["serve","--password","tomato"]}}', '{"secrets":{"args":["serve","--password","[REDACTED:PASSWORD]"]}}', 'an argument below a key that says little'),
	('{"secrets":{"pair":["token","x9Kq2LmZ77pQwErTy"]}}', '{"secrets":{"pair":["token","[REDACTED:TOKEN]"]}}', 'a pair below such a key'),
	('{"password":["token","tomato"]}', '{"password":["[REDACTED:PASSWORD]","[REDACTED:PASSWORD]"]}', 'a pair below a key that says all goes'),
	('[{"Name":"DB_PASSWORD","Value":"x"},["--password","hunter"],["authorization","Token 9944b09199c62bcf9418"]]', '[{"Name":"DB_PASSWORD","Value":"[REDACTED:PASSWORD]"},["--password","[REDACTED:PASSWORD]"],["authorization","[REDACTED:AUTHORIZATION]"]]', 'more places of names'),
	(E'{"pass\u200bword":"correct horse","ｔｏｋｅｎ":"abcdef"}', E'{"pass\\\\u200bword":"[REDACTED:PASSWORD]","ｔｏｋｅｎ":"[REDACTED:TOKEN]"}', 'what is invisible in a key hides nothing'),
	('{"name":"bob@x.public token","value":"s3cr3tVal9xQ"}', '{"name":"[REDACTED:EMAIL] token","value":"[REDACTED:TOKEN]"}', 'a name counts as it is when sanitized'),
	('{"eos_token":"x","nextPageToken":"x","public_access_key":"x","auth":"session","secret":"arn:aws:kms:x","forgotPassword":"x"}', '{"eos_token":"x","nextPageToken":"x","public_access_key":"x","auth":"session","secret":"arn:aws:kms:x","forgotPassword":"x"}', 'names of nothing secret'),
	('{"properties":{"password":{"type":"string","description":"at least 8 characters"}}}', '{"properties":{"password":{"type":"string","description":"at least 8 characters"}}}', 'a schema stays'),
	(E'{"m":"a\\nb\\rc\\u001b[1m"}', E'{"m":"a\\nb\\\\rc\\\\x1b[1m"}', 'line feeds stay in JSON, other controls do not'),
	('{"password=tomato98":1,"password=tomato99":2}', '{"password=[REDACTED:PASSWORD]":1,"#2 password=[REDACTED:PASSWORD]":2}', 'without making a value longer'),
	('{"body":"{\"password\":\"hunter22\"}"}', '{"body":"{\"password\":\"[REDACTED:PASSWORD]\"}"}', 'JSON in a string is redacted')
) v(input, output, name);
SELECT is(maestro.sanitize(once), once, 'a jsonb with a key that is a secret, below an authorization, is done at once')
FROM maestro.sanitize('{"authorization":{"-----BEGIN RSA PRIVATE KEY-----":{"a":"and then postgres://app:x9Kq2LmZ77pQ@db/x "}}}'::jsonb) AS once;
SELECT is(maestro.sanitize(once, 'secrets'), once, 'likewise a pair whose first goes')
FROM maestro.sanitize('{"authorization":{"a":["-----END RSA PRIVATE KEY-----4386272367947885",{"b":" postgres://app:Fiw7B4Fb6zBv@db/x y"}]}}'::jsonb, 'secrets') AS once;
SELECT is(maestro.sanitize('{"ssn":1,"e":"bob@example.com","n":4111111111111111,"pin":1}'::jsonb, 'secrets'), '{"ssn":1,"e":"bob@example.com","n":4111111111111111,"pin":"[REDACTED:PIN]"}', 'at level secrets personal data stays in jsonb');
SELECT is(maestro.sanitize((SELECT jsonb_object_agg('u' || i || '@example.com', i) FROM generate_series(1, 3000) i)) -> '#3000 [REDACTED:EMAIL]' IS NOT NULL, true, 'thousands of equal keys keep their values');
SELECT is(jsonb_path_query_first(maestro.sanitize((repeat('[', 3000) || '"a@b.co"' || repeat(']', 3000))::jsonb), '$.**{3000}') #>> '{}', '[REDACTED:EMAIL]', 'depth does not matter');

-- scan, counts, rules.
SELECT results_eq($$ SELECT rule, type, first, length, sample FROM maestro.scan('über bob@x.de, password=hunter2') $$,
	$$ VALUES ('email', 'EMAIL', 6, 8, 'bo'), ('assigned-password', 'PASSWORD', 25, 7, 'h') $$, 'scan tells what is where, in characters');
SELECT is((SELECT substring(t FROM s.first FOR s.length) FROM (VALUES (U&'a\200B sk-ant\200B-api03-Ab1_Cd2-Ef3Gh4Ij5Kl6Mn7 x')) v(t), maestro.scan(t) s), U&'sk-ant\200B-api03-Ab1_Cd2-Ef3Gh4Ij5Kl6Mn7', 'the substring is what was found');
SELECT is_empty($$ SELECT * FROM maestro.scan('bob@x.de', 'secrets') $$, 'scan has levels');
SELECT is((SELECT count(*) FROM maestro.scan(repeat('a@b.co ', 1000))), 1000::bigint, 'scan finds more than fit its buffer');
SELECT results_eq($$ SELECT path, in_key, rule, first, length, sample FROM maestro.scan('{"a":[1,{"password":"hunter2 x"},"ü bob@x.de"],"tom@x.de":1,"pin":1234,"s":{"token":"ghp_abcdefghijklmnopqrstuvwxyz0123456789"}}'::jsonb) $$,
	$$ VALUES ('{a,1,password}'::text[], false, 'json-key-name', 1, 9, 'hu'), ('{a,2}', false, 'email', 3, 8, 'bo'), ('{s,token}', false, 'github-token', 1, 40, 'ghp_'), ('{pin}', false, 'json-key-name', 1, 4, '1'), ('{[REDACTED:EMAIL]}', true, 'email', 1, 8, 'to') $$,
	'scan of jsonb tells the path');
SELECT is_empty($$ SELECT path FROM (VALUES ('{"a":[{"x":"ü bob@example.com"}],"password":"hunter22"}'::jsonb), ('"tom@example.com"'), ('[4111111111111111]')) v(j), LATERAL (SELECT * FROM maestro.scan(j)) s
	WHERE left(substring(j #>> path FROM first FOR length), length(sample)) <> sample OR length(substring(j #>> path FROM first FOR length)) <> length $$, 'whose part is what was found');
SELECT is_empty($$ SELECT * FROM maestro.scan(maestro.sanitize('{"password":"x y","a":"bob@x.de","cookies":["a=b"],"tom@x.de":1}'::jsonb)) $$, 'and nothing in what was sanitized');
SELECT is(maestro.finding_counts('a@b.co c@d.ef password=hunter2'), '{"EMAIL": 2, "PASSWORD": 1}', 'finds are counted by type');
SELECT is(maestro.finding_counts('a@b.co [REDACTED:EMAIL] [REDACTED:JWT] [REDACTED:OTHER]'), '{"EMAIL": 2, "JWT": 1}', 'placeholders that are there count');
SELECT is(maestro.finding_counts(maestro.sanitize('a@b.co password=hunter2')), maestro.finding_counts('a@b.co password=hunter2'), 'so a sanitized text counts the same');
SELECT is(maestro.finding_counts('nothing'), NULL, 'nothing found is NULL');
SELECT is(maestro.finding_counts('{"a@b.co":["a@b.co"],"pin":1,"n":4111111111111111}'::jsonb), '{"EMAIL": 2, "PIN": 1, "PAYMENT_CARD": 1}', 'finds in jsonb are counted');
SELECT results_eq($$ SELECT maestro.finding_is_secret(t) FROM unnest('{JWT,PIN,EMAIL,SSN,OTHER}'::text[]) t $$, $$ VALUES (true), (true), (false), (false), (NULL) $$, 'types are told apart');
SELECT is_empty($$ SELECT rule FROM maestro.sanitize_rules WHERE explanation = '' OR level NOT IN ('secrets', 'pii', 'all') OR maestro.finding_is_secret(type) <> (level = 'secrets') $$, 'every rule has a level and an explanation');
SELECT is((SELECT count(*) FROM (SELECT rule FROM maestro.sanitize_rules GROUP BY rule HAVING count(*) > 1) d), 0::bigint, 'the names of rules are unique');
SELECT is_empty($$ SELECT rule FROM positive, maestro.scan(input) EXCEPT SELECT rule FROM maestro.sanitize_rules $$, 'scan names rules that are listed');
SELECT is_empty($$ SELECT rule FROM maestro.sanitize_rules WHERE rule NOT IN ('json-key-name', 'ip-address', 'discord-mfa-token') AND family NOT IN ('LLM providers', 'clouds', 'forges, chat, payment', 'registries, platforms', 'private keys') EXCEPT SELECT rule FROM positive, maestro.scan(input) $$, 'every rule is tested');

-- Whatever is put together: sanitizing again changes nothing, and no whole secret survives.
CREATE TEMP TABLE glued AS
	SELECT string_agg(p.input || (ARRAY['', ' ', '.', '"', '\n', '=', '@', '-', ':', E'\n', ',', '%3D', U&'\200B', '[', ']', '/'])[1 + get_byte(h, g % 16 + 0) % 16], '' ORDER BY g) AS input
	FROM generate_series(1, 3000) i, LATERAL (SELECT decode(md5('glue' || i), 'hex') AS h) m, generate_series(1, 5) g,
		LATERAL (SELECT input FROM (SELECT input FROM positive UNION ALL SELECT input FROM negative) a ORDER BY md5(input || i || g) LIMIT 1) p
	GROUP BY i;
SELECT is((SELECT count(*) FROM glued, LATERAL (SELECT maestro.sanitize(input) AS once) o WHERE maestro.sanitize(once) <> once), 0::bigint, 'sanitizing is idempotent for texts');
SELECT is((SELECT count(*) FROM glued, LATERAL (SELECT maestro.sanitize(jsonb_build_object(input, input, 'token', input)) AS once) o WHERE maestro.sanitize(once) <> once), 0::bigint, 'and for jsonb');
SELECT is((SELECT count(*) FROM glued WHERE maestro.sanitize(input) ~ 'wJalrXUtnFEMI|s3cret@|hunter22|AKIAIOSFODNN7EXAMPLE\y'), 0::bigint, 'no secret survives its neighbours');
SELECT is((SELECT count(*) FROM glued WHERE maestro.sanitize(input) LIKE '%[REDACTED:ERROR]%'), 0::bigint, 'the last resort is not needed');

SELECT * FROM finish();
ROLLBACK;
