"""Texts without a secret or personal data, of the kinds that logs are full of.

Each line is a template of shapes.fill. Where texts name passwords, tokens and
keys, they hold none.
"""

import random

import ordinary_code
from shapes import FIELD, case, fill, run

IDENTIFIERS = r'''
request {uuid} finished
"trace_id": "{h32}", "span_id": "{h16}"
traceparent: 00-{h32}-{h16}-01
x-request-id: {uuid}
commit {h40}
git checkout {h7} && git cherry-pick {h40}
index {h7}..{h7} 100644
Merge pull request #{d4} from acme/fix-{d3}
image: registry.acme.dev/app@sha256:{h64}
Digest: sha256:{h64}
sha256: {h64}  file.tar.gz
md5 {h32}
ETag: "{h32}"
etag: W/"{h8}-{w27}"
"integrity": "sha512-{B86}=="
"resolved": "https://registry.npmjs.org/left-pad/-/left-pad-1.{d1}.0.tgz"
golang.org/x/net v0.2{d1}.0 h1:{B43}=
checksum = "{h64}"
    --hash=sha256:{h64}
script-src 'sha256-{B43}=' 'nonce-{B22}'
call_{w24} returned
{"id": "chatcmpl-{w29}", "object": "chat.completion"}
"tool_call_id": "call_{w24}"
"tool_use_id": "toolu_01{w22}"
{"id": "msg_01{w22}", "type": "message", "role": "assistant"}
"system_fingerprint": "fp_{h10}"
thread_{w24} run_{w24} asst_{w24}
"response_id": "resp_{h48}"
file-{w24} uploaded
ft:m-mini-2026:acme::{w8}
arn:aws:s3:::acme-logs-{d4}/2026/03/{uuid}.json
arn:aws:iam::{d12}:role/deployer
arn:aws:secretsmanager:eu-west-1:{d12}:secret:prod/db-{w6}
projects/acme-{d5}/secrets/db-main/versions/{d2}
i-{h17} is running
vpc-{h17} subnet-{h17} sg-{h17}
pod/api-{h10}-{a5} evicted
container {h64} exited with 137
overlay2/{h64}/merged
order {d10} shipped
order number ORD-{d4}-{d6}
invoice 2026-{d5}, customer {d6}
ISBN 978-3-16-14841{d1}-0
isbn: 9783161484{d3}
EAN 9{d12}
SKU {L3}-{d5}-{L2}
ticket JIRA-{d4}
PR #{d5}, issue #{d4}
MAC {h2}:{h2}:{h2}:{h2}:{h2}:{h2}
{H2}-{H2}-{H2}-{H2}-{H2}-{H2}
10.{d2}.{d2}.1{d2} -> 192.168.1.1{d2}:80{d2}
fe80::{h4}:{h4}:{h4}:{h4}
listening on 0.0.0.0:80{d2}
lat 48.20{d13}, lon 16.37{d13}
urn:uuid:{uuid}
idempotency_key: {uuid}
cache_key: "v3:user:{d6}:{h8}"
primary_key = order_{d8}_line
partition_key: tenant{d2}/2026/{h12}
sort_key: "user#{d6}#2026-03-{d2}"
foreign_key: customer_{d8}
"key": "{w24}"
monkey: "banana{d8}x"
turkey = "istanbul{d4}-{h8}"
"public_key": "{B44}"
public_key: MCowBQYDK2VwAyEA{B43}=
key_id: {h16}
"kid": "{w20}"
"client_id": "{h32}"
account id {d12}
"user_id": "{a24}"
ObjectId("{h24}")
{"$oid": "{h24}"}
01{A24}
dpkg: libssl3 3.0.{d2}-1~deb12u{d1}
'''

NUMBERS = r'''
1{d9}
"ts": 17{d8}
"created": 17{d8}
"ts": 17{d11}
time_ns=17{d17}
epoch 17{d14} us
took {d3}.{d13} ms
0.{d17}
[0.0{d7}, -0.0{d7}, 0.1{d7}, -0.2{d7}, 0.0{d16}]
embedding: [-0.{d16}, 0.{d17}, -0.{d15}]
loss=0.{d16} lr=1e-0{d1}
{d3}.{d2}% of {d7}
3.14159265358979323846264338327950288
2.718281828459045
2^64 = 18446744073709551616
offset {d6} of {d9}
{d2},{d3},{d3} rows
EUR 1.{d3},{d2}
v{d1}.{d2}.{d3}
>=1.{d1}.0 <2.0.0 || ^3.{d1}.{d1}
~1.2{d1}.0
2026-03-1{d1}T10:{d2}:12.{d6}Z
2026-03-04 10:11:12.{d3}+01:00
04/Mar/2026:10:11:12 +0000
Wed, 04 Mar 2026 10:11:12 GMT
ISO 8601, RFC 3339, RFC 9{d3}
port 5{d4}, pid {d5}, uid 100{d1}
chmod 0644; umask 0022
0x{h8} 0x{h16}
0000{h4}: {h4} {h4} {h4} {h4} {h4} {h4} {h4} {h4}  ................
00000010  {h2} {h2} {h2} {h2} {h2} {h2} {h2} {h2}  {h2} {h2} {h2} {h2} {h2} {h2} {h2} {h2}
a,b,c,d\n{d4},{d5},{d6},{d3}
id,name,total\n{d5},ada,{d3}.{d2}
{d4} {d4} {d4}
1 {d3} {d3} {d3}
range 1{d3}-1{d3}
{d2}:{d2}:{d2}.{d3}
rss={d6}kB vsz={d7}kB
shape=(1, {d4}, {d4}) dtype=float32
int64 max 9223372036854775807
[{d5}, {d5}, {d5}, {d5}, {d5}, {d5}]
"tokens": [{d5}, {d4}, {d5}, {d3}]
progress {d2}% {d4}/{d5} [00:{d2}<01:{d2}, {d2}.{d2}it/s]
'''

NAMES = r'''
"max_tokens": {d4}
max_completion_tokens={d5}
"usage": {"prompt_tokens": {d4}, "completion_tokens": {d3}, "total_tokens": {d5}}
token_count: {d8}
total_tokens={d7} cached_tokens={d6}
next_page_token_count = {d8}
"tokens_per_minute": {d6}
token_type: bearer
"token_type": "Bearer"
token_limit={d8}
token_ttl: 3600{d4}
token_id: {uuid}
token_name: ci-deploy-2026-{d2}
secret_name: prod/database/main-{d4}
secretName: tls-acme-dev-2026{d2}
secret_id: sec-{a12}
secret_version: {uuid}
secrets: inherit
key_id=alias/acme-{d4}
password_policy: {min_length: 12, digits: true}
password_policy=strong-2026{d2}
password_reset_url: https://acme.dev/reset/{d4}
password_changed_at: 2026-03-{d2}T10:11:12Z
password_last_changed = 17{d8}
password_min_length = 1{d1}
passwordless: true
password_file: /run/files/db_{d4}
api_key_url: https://acme.dev/settings/keys/{d4}
api_key_name: staging-reader-{d4}
api_key_id: {uuid}
api_key_created_at: 17{d8}
auth_url: https://login.acme.dev/oauth2/v{d1}
auth_method: scram-sha-256
auth_type=oauth2-{d2}
credential_id: {uuid}
credentials_file: /home/ada/.config/acme-{d4}.json
credentials_count={d8}
credential_type: workload-identity-{d2}
access_key_id_count: {d8}
private_key_path: /etc/ssl/private/acme-{d4}.pem
private_key_format=pkcs8-v{d1}
public_token_url=https://acme.dev/t/{d6}
tokenizer: cl{d3}k_base
tokenizer_config_{d4}.json
tokenization took {d3} ms
"stop_token_ids": [{d6}, {d6}]
eos_token_id={d6}
pad_token: </s>
bos_token: "<|begin_of_text|>"
"token": null
"password": null, "secret": ""
"secret": false
token: expired
invalid token: signature expired
password: denied
wrong password: authentication failed for user ada
credentials: missing
token: none
no secret: {d2} checked
secret=true
cookie_consent: accepted-2026{d2}
cookies: disabled
session_timeout: {d6}
author: ada-{d6}
authority: login.acme.dev-{d6}
authorized: true
author_id={d10}
compassion: {d8}
passenger: {d8}
keyboard: {w12}
keyword: "{l12}{d2}"
hotkey = ctrl+shift+{l1}
secretary: "Jane Doe, room {d4}"
tokenIndex: {d8}
pwd_expired_count {d8}
PWD=/home/ada/work/acme-{d4}
OLDPWD=/srv/app-{d6}/current
'''

PROSE = r'''
Password must have at least 12 characters and a digit.
Enter password:
[sudo] password for ada:
Forgot your password? Reset it within {d2} minutes.
The token expired {d2} minutes ago, please log in again.
Set OPENAI_API_KEY before you start, see step {d1}.
Pass --password-file=/run/files/db{d2} instead of a password.
An API key starts with sk- and is shown once.
Tokens that begin with ghp_ or glpat- are revoked on push.
We rotated secret {d2} of {d2} last week.
| variable | meaning |\n|---|---|\n| API_KEY | your key |\n| TOKEN | from step {d1} |
| `password` | string | at least {d2} characters |
- [ ] rotate the credentials of service {d3}
## Authentication\n\nSend the header `Authorization: Bearer <token>`.
Use `X-Api-Key: <your key>` with every request.
curl -H "Authorization: Bearer $TOKEN" https://api.acme.dev/v{d1}/me
curl -u "$USER:$PASS" https://api.acme.dev/v{d1}
export API_KEY=<your key>
export TOKEN=$(vault read -field=token auth/ci{d2})
API_KEY=${API_KEY:?not set}
DB_PASSWORD=${DB_PASSWORD:-}
psql postgres://app:$PGPASSWORD@db:5432/app{d2}
psql "host=db{d2} dbname=app user=app"
postgres://db{d2}.acme.dev:5432/app?sslmode=require
https://acme.dev/@ada/posts/{d6}
npm install @acme/ui@{d1}.{d2}.0 react@18.{d1}.0
pip install requests=={d1}.{d2}.{d1}
uses: actions/checkout@v{d1}
docker pull acme/app:{d1}.{d2}@sha256:{h64}
git clone https://git.acme.dev/team/repo{d2}.git
$ kubectl get secret db-credentials -o yaml{d1}
$ ssh-keygen -t ed25519 -f ~/.ssh/id_{d2}
$ ls -la\ntotal {d2}\n-rw-r--r-- 1 ada ada {d4} Mar  4 10:11 README.md
ada@web-{d1}:~$ uptime
The meeting is at 10:{d2} in room {d3}, floor {d1}.
Basic understanding of chapter {d2} is enough.
The bearer of ticket {d5} may enter.
Basic realm="site{d2}"
WWW-Authenticate: Bearer realm="api{d2}", error="invalid_token"
Access-Control-Allow-Headers: Authorization, X-Api-Key, Content-Type
Vary: Cookie, Authorization
In \LaTeX: $\sum_{i=1}^{n} x_i^{2} = {d2}$
\begin{tabular}{ll} a & {d3} \\ b & {d2} \\ \end{tabular}
E = mc^2 and a^{d1} + b^{d1}
color: #{h6}; background: #{H3}; border: 1px solid rgba({d2}, {d2}, {d2}, 0.5)
.btn-{h6}:hover{color:#{h6};margin:0 {d1}px}
!function(e,t){"use strict";var n={};n.x={d2};e.exports=n}(this,{d1});
var a=b.c("{d3}"),d=e||f;for(var g=0;g<{d2};g++)h[g]^=i;
data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA{B400}=
data:font/woff2;base64,d09GMgABAAAAA{B300}==
"b64_json": "/9j/4AAQSkZJRgABAQ{B300}"
Der Schlüssel passt, Zimmer {d3}, Passwort vergessen?
密码错误，请重试（{d2}）
Пароль неверный, осталось попыток: {d1}
パスワードを{d1}回間違えました
👩‍💻 deployed 🚀 build {d4} ✅
naïve café, {d2} €
Tel Aviv, {d4} guests
phone model {d4}, microphone {d2}
call stack exceeded {d5}
AKIA is the prefix of long-lived key ids.
The BEGIN RSA PRIVATE KEY header is {d2} bytes.
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{B43} ada@laptop
-----BEGIN CERTIFICATE-----\nMIID{B60}\n{B64}\n-----END CERTIFICATE-----
-----BEGIN PUBLIC KEY-----\nMIIB{B60}\n{B64}\n-----END PUBLIC KEY-----
LH{d3} to FRA, gate B{d2}
DE-{d5} Berlin
AT{d3} and BE{d4} are part numbers
chapter {d1}.{d1}.{d1}, page {d3}
score {d1}-{d1}, 3rd of {d2}
mean {d1}.{d3} ± 0.{d3} (n = {d4})
p < 0.0{d2}, t({d2}) = {d1}.{d2}
'''

LOGS = r'''
10.2.{d2}.{d2} - - [04/Mar/2026:10:11:12 +0000] "GET /login?next=%2Faccount HTTP/1.1" 200 {d4} "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"
10.2.3.4 - ada [04/Mar/2026:10:11:12 +0000] "POST /oauth/token HTTP/1.1" 401 {d3}
GET /password/reset/{d4} 302
POST /v1/chat/completions 200 {d4}ms tokens={d5}
2026-03-04 10:11:12.{d3} UTC [{d5}] LOG:  checkpoint complete: wrote {d4} buffers
2026-03-04 10:11:12 UTC [{d5}] FATAL:  password authentication failed for user "app"
ERROR:  duplicate key value violates unique constraint "user_pkey"\nDETAIL:  Key (id)=({d7}) already exists.
E0304 10:11:12.{d6}       1 server.go:{d3}] token expired
level=warn ts=2026-03-04T10:11:12.{d3}Z caller=auth.go:{d3} msg="token refresh failed" attempt={d1}
{"level":"info","ts":17{d8}.{d6},"msg":"login ok","user_id":{d6},"token_type":"Bearer"}
[INFO] retrying in {d2}s (attempt {d1}/{d2}), status 429
Traceback (most recent call last):\n  File "/srv/app/auth.py", line {d3}, in login\n    raise AuthError("invalid password")\nAuthError: invalid password
TypeError: Cannot read properties of undefined (reading 'token')\n    at login (/srv/app/auth.js:{d2}:{d2})
SyntaxError: Unexpected token '<', "<!DOCTYPE "... is not valid JSON at position {d2}
java.lang.IllegalStateException: credentials not found\n\tat dev.acme.Auth.load(Auth.java:{d3})
panic: runtime error: index out of range [{d2}] with length {d1}\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:{d2} +0x{h3}
#{d1} 0x{h12} in scan_run (p=0x{h12}, n={d3}) at scan.c:{d3}
Mar  4 10:11:12 web-1 sshd[{d5}]: Failed password for invalid user admin from 10.2.3.{d2} port {d5} ssh2
Mar  4 10:11:12 web-1 CRON[{d5}]: (root) CMD (run-parts /etc/cron.d)
kernel: [{d5}.{d6}] eth0: link up, 1000Mbps
audit: type=1400 audit(17{d8}.{d3}:{d3}): apparmor="ALLOWED"
HTTP/1.1 200 OK\nContent-Length: {d5}\nETag: "{h16}"\nDate: Wed, 04 Mar 2026 10:11:12 GMT
x-ratelimit-remaining-tokens: {d6}
> GET /v1/models HTTP/2\n> Host: api.acme.dev\n> Accept: */*\n< HTTP/2 200
cf-ray: {h16}-VIE
x-amz-request-id: {A16}
x-amz-id-2: {B74}=
llm.usage prompt={d5} completion={d4} cost=0.{d6}
{"event":"tool_call","name":"get_token_price","arguments":{"token":"ETH","n":{d2}}}
agent step {d2}: search("reset password acme {d4}")
worker-{d2} heartbeat {d13}
slow query ({d4}.{d3} ms): SELECT id FROM token WHERE user_id = {d5}
+ {d3} - {d3} files changed, {d4} insertions(+)
@@ -{d2},{d1} +{d2},{d1} @@ def login(user, password):
'''


def all_cases(rng, count):
    """Every template some times with other fillings."""
    source = random.Random(rng.random())
    kinds = (('identifier', IDENTIFIERS), ('number', NUMBERS), ('name', NAMES),
             ('prose', PROSE), ('log', LOGS))
    for kind, block in kinds + ordinary_code.BLOCKS:
        separator = '\n---\n' if kind.startswith('file') else '\n'
        for template in block.strip('\n').split(separator):
            if not kind.startswith('file'):
                template = template.replace('\\n', '\n').replace('\\t', '\t')
            for _ in range(max(4, count // 8) if FIELD.search(template) else 1):
                yield case('ordinary', 'ordinary', kind, fill(source, template), None)
    for _ in range(count):
        values = ', '.join('%.*f' % (source.choice((6, 9, 16)), source.uniform(-1, 1))
                           for _ in range(40))
        yield case('ordinary', 'ordinary', 'embedding', '[' + values + ']', None)
        yield case('ordinary', 'ordinary', 'base64',
                   run(source, 'B', source.randint(60, 600)) + '==', None)
        yield case('ordinary', 'ordinary', 'hex dump',
                   run(source, 'h', source.choice((32, 40, 56, 64, 96, 128))), None)
        yield case('ordinary', 'ordinary', 'digits', '1' +
                   run(source, 'd', source.choice((8, 9, 12, 15, 18))), None)
