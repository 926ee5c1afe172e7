"""Source code and configuration that names secrets and holds none."""

LINES = r'''
password = os.environ["DB_PASSWORD"]
password = os.environ.get("DB_PASSWORD", "")
api_key = os.getenv("OPENAI_API_KEY")
password = getpass.getpass("Password: ")
token = request.headers.get("Authorization")
password = request.form['password']
password = request.json["password"]
secret = vault.read("kv/data/app")["data"]["key"]
token = secrets.token_urlsafe(32)
secret = base64.b64encode(os.urandom(32)).decode()
password = hashlib.sha256(raw.encode()).hexdigest()
self.password = password
self.api_key = api_key or settings.API_KEY
client = OpenAI(api_key=api_key)
client = Client(api_key=os.environ["API_KEY"], timeout=30)
client = Client(token=self.token, base_url=self.base_url)
conn = psycopg.connect(host=host, password=password, dbname=dbname)
conn = connect(password=args.password)
parser.add_argument("--password", help="database password")
def login(user: str, password: str) -> Token:
def authenticate(username, password=None, token=None):
class Token(BaseModel): access_token: str; token_type: str = "bearer"
password: str = Field(min_length=12, max_length=128)
api_key: SecretStr | None = None
token: Optional[str] = None
secret: Annotated[str, Header()] = ""
if not secret: raise ValueError("secret is empty")
if password != confirm_password: return False
assert token.type == TokenType.BEARER
tokens = tokenizer.encode(text, max_length=512)
token = next(tokens)
token = tokens[position]
token = lexer.get_token()
token = await get_access_token(client)
return {"access_token": token, "token_type": "bearer"}
headers = {"Authorization": f"Bearer {token}"}
headers={"X-Api-Key": api_key}
headers["Authorization"] = "Bearer " + token
PASSWORD_RE = re.compile(r"^(?=.*\d).{8,}$")
TOKEN_RE = re.compile(r"ghp_[A-Za-z0-9]{36}")
KEY_PATTERN = r"sk-(?:proj-)?[A-Za-z0-9_-]{20,}"
AWS_RE = r"(?:AKIA|ASIA)[A-Z2-7]{16}"
# password: taken from the environment
# TODO: load the api_key from the vault
const token = process.env.TOKEN;
const apiKey = process.env.API_KEY ?? "";
const password = req.body.password;
const { password, token } = await req.json();
const token = await getToken({ req, secret: process.env.AUTH_SECRET });
const token = localStorage.getItem("token");
const secret = crypto.randomBytes(32).toString("hex");
this.password = password;
this.accessToken = response.data.accessToken;
password: passwordSchema.min(12).max(128),
password: z.string().min(8),
password: { type: String, required: true },
interface Login { username: string; password: string; token?: string }
type Props = { apiKey: string; onChange: (apiKey: string) => void };
export function verify(token: string, secret: string): boolean {
<input type="password" name="password" placeholder="Password">
<label for="password">Password:</label>
fetch(url, { headers: { Authorization: `Bearer ${token}` } })
axios.get(url, { headers: { "X-Api-Key": apiKey } });
if (token === undefined) throw new Error("token missing");
setPassword(event.target.value);
password := os.Getenv("DB_PASSWORD")
password := r.FormValue("password")
token, err := jwt.Parse(raw, keyFunc)
token := strings.TrimPrefix(header, "Bearer ")
type Config struct { Password string `json:"password"`; APIKey string }
func NewClient(apiKey string, opts ...Option) *Client {
cfg.Password = secretRef.Value
Password: cfg.Database.Password,
APIKey: viper.GetString("api_key"),
char *password = getenv("PGPASSWORD");
static char password[64];
const char *token = strtok(line, " ");
char *secret = NULL;
if (token == NULL || *token == '\0') return -1;
int token = yylex();
token = strtok_r(NULL, delimiters, &saveptr);
typedef struct Token { int type; size_t length; } Token;
String password = System.getenv("DB_PASSWORD");
private String apiKey;
@Value("${app.api-key}") private String apiKey;
String token = request.getHeader("Authorization");
public void setPassword(String password) { this.password = password; }
let token = env::var("TOKEN")?;
let password: String = prompt("Password: ")?;
pub struct Login { pub user: String, pub password: SecretString }
$password = $_POST['password'];
$token = getenv('API_TOKEN');
'password' => env('DB_PASSWORD', ''),
'secret' => env('APP_SECRET'),
password = ENV.fetch("DB_PASSWORD")
password: <%= ENV["DB_PASSWORD"] %>
token = Rails.application.credentials.token
CREATE TABLE account (id int, password text NOT NULL, token text);
ALTER TABLE account ADD COLUMN password_hash text;
password VARCHAR(255) NOT NULL,
SELECT id, token_type FROM token WHERE expires_at < now();
UPDATE account SET password = crypt($1, gen_salt('bf'));
SELECT * FROM account WHERE password = $1 AND token = $2;
UPDATE session SET token = NULL WHERE id = 7;
password = var.db_password
password = random_password.db.result
token = data.vault_generic_secret.app.data["token"]
secret = aws_secretsmanager_secret.db.arn
api_key = var.api_key
secret_string = jsonencode(local.database)
variable "password" { type = string, sensitive = true }
token: ${{ secrets.GITHUB_TOKEN }}
password: ${{ secrets.REGISTRY_PASSWORD }}
password: ${DB_PASSWORD}
password: "{{ .Values.db.password }}"
password: "{{ vault_db_password }}"
password: !vault |
secretKeyRef: {name: db, key: password}
secretName: db-credentials
imagePullSecrets: [{name: registry}]
serviceAccountToken: {path: token, expirationSeconds: 3600}
automountServiceAccountToken: false
valueFrom: {secretKeyRef: {name: app, key: api-key}}
credentials: inherit
password_encryption = scram-sha-256
ssl_key_file = '/etc/ssl/private/server.key'
"password": {"type": "string", "minLength": 8}
"apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}
"securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}}
required: [username, password]
{"name": "password", "in": "query", "schema": {"type": "string"}}
{"token": "<token>", "secret": "<secret>"}
{"password": "********", "token": "[hidden]"}
docker run -e PASSWORD -e API_KEY acme/app
docker login -u ada --password-stdin
gh auth login --with-token < file.txt
read -s -p "Password: " password
TOKEN="$(cat /run/files/token)"
PGPASSWORD="$PASSWORD" psql -h db
if [ -z "$API_KEY" ]; then echo "API_KEY is not set"; fi
echo "token=$TOKEN" >> "$GITHUB_OUTPUT"
unset PASSWORD TOKEN
--password "$PASSWORD" --user ada
ARG TOKEN
RUN --mount=type=secret,id=token cat /run/files/token
$env:API_KEY = Read-Host -AsSecureString
x = q @ k.T; y = w@x
@app.route("/token")
@dataclass
match token.kind { Kind::Word => next(), _ => stop() }
token_embedding = nn.Embedding(vocab_size, 768)
token = token.strip().lower()
password=$(openssl rand -base64 24)
secret=`pwgen 32 1`
password = input("Password: ")
password = config["database"]["password"]
password = config.get("database", "password")
password = keyring.get_password("acme", "ada")
token = cache.get(f"token:{user_id}")
access_token = response.json()["access_token"]
api_key = st.text_input("API key", type="password")
api_key = userdata.get("OPENAI_API_KEY")
api_key=st.secrets["OPENAI_API_KEY"]
model = Model(api_key=API_KEY, model="m-large-2026-03-04")
llm = ChatModel(model="m-mini", api_key=get_key())
'''

NUMBERED = r'''
password = os.environ["DB{d2}_PASSWORD"]
api_key = os.environ["API_KEY_{d2}"]
token = tokens[{d2}]
token = parts[{d1}].strip()
token = lines[{d3}].split("=")[1]
password = sys.argv[{d1}]
secret = keys[index % {d2}]
token = sha256(data)[:{d2}]
token = generate_token(length={d2})
password = generate_password(length={d2}, digits=True)
secret = hmac.new(key, b"v{d1}", hashlib.sha256).digest()
api_key = load_key(path="/etc/acme/key{d2}.txt")
const token = tokens[{d2}];
const token = parts.at({d2});
token = buffer.slice({d1}, {d2})
char token[{d4}];
char password[{d3}] = {0};
password VARCHAR({d3}) NOT NULL,
token bytea CHECK (length(token) = {d2}),
password := os.Getenv("DB{d2}_PASSWORD")
token := fields[{d1}]
#define TOKEN_LENGTH {d3}
#define MAX_TOKENS {d5}
const MAX_TOKENS = {d5};
maxTokens: {d6},
"maxOutputTokens": {d5},
num_tokens = {d8}
password: ${DB{d2}_PASSWORD}
secretName: acme-tls-{d4}
token: ${{ secrets.TOKEN_{d2} }}
api_key = var.api_key_{d2}
for token in tokens[:{d3}]:
tokens_used += {d5}
if len(password) < {d2}:
if (password.length < {d2}) return;
secretCount: {d8}
token == {d5}
case TOKEN_{L5}: return {d2};
secret = self.secrets.get({d4})
passwords_checked={d9}
'''

FILES = r'''
apiVersion: v1
kind: Secret
metadata:
  name: db-{d3}
  uid: {uuid}
  resourceVersion: "{d8}"
type: Opaque
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  template:
    spec:
      containers:
      - name: api
        image: acme/api:{d1}.{d2}@sha256:{h64}
        env:
        - name: DB_PASSWORD
          valueFrom:
            secretKeyRef:
              name: db-credentials
              key: password
        - name: MAX_TOKENS
          value: "{d5}"
---
name: deploy
on: push
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
    - uses: actions/checkout@{h40}
    - run: ./deploy.sh --build {d4}
      env:
        API_TOKEN: ${{ secrets.API_TOKEN }}
---
"node_modules/left-pad": {
  "version": "1.{d1}.{d1}",
  "resolved": "https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz",
  "integrity": "sha512-{B86}==",
  "engines": { "node": ">=1{d1}" }
}
---
[[package]]
name = "serde"
version = "1.0.{d3}"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "{h64}"
---
resource "aws_db_instance" "db" {
  identifier = "acme-{d4}"
  username   = "app"
  password   = random_password.db.result
  port       = {d4}
}
---
def test_login(client):
    """A wrong password is refused."""
    response = client.post("/login", data={"user": "ada", "password": ""})
    assert response.status_code == 40{d1}
    assert "token" not in response.json()
---
services:
  db:
    image: postgres:1{d1}
    environment:
      POSTGRES_PASSWORD_FILE: /run/files/db
      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}
    ports: ["5432:54{d2}"]
---
commit {h40}
Author: Ada
Date:   Wed Mar 4 10:11:12 2026 +0100

    Read the password from the environment ({d4})

 src/auth.py | {d2} +++---
---
<dependency>
  <groupId>dev.acme</groupId>
  <artifactId>token-service</artifactId>
  <version>1.{d2}.{d1}</version>
</dependency>
---
| id | name | tokens | cost |
|---:|---|---:|---:|
| {d4} | summarise | {d6} | 0.{d4} |
| {d4} | translate | {d5} | 0.{d5} |
---
To reset your password:
1. open https://acme.dev/reset
2. enter the {d1}-digit code
3. choose a new password: at least {d2} characters
'''

BLOCKS = (('code', LINES), ('code', NUMBERED), ('file', FILES))
