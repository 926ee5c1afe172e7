/*
 * scan_rules.c
 *		The rules and the classes of bytes; data alone.
 *
 * To add a rule, add a line.  Anchors are what makes a scan fast: their first
 * three bytes decide whether a rule is tried at all, so each has at least
 * three, and begins with a letter or digit, as a find begins where a word does.
 * Anchors are compared exactly, those of SCHEME and KEY in any case; KEY's are
 * written without the separators _ - . and space, which may stand between any
 * two of their letters in the text.
 *
 * A run is taken to the end of its class, so that no rest of a secret stays
 * behind; too short or too long a run is no find.  The type must be one of
 * SCAN_TYPES, where its level is said as well.
 */
#include "port.h"

#include "scan.h"

#include "scan_check.h"

/*
 * Bytes of each class: characters, ranges with "-" (which itself stands last),
 * \x80-\xff for the bytes of other scripts.
 */
const char *const scan_classes[SCAN_NCLASSES] = {
	[CLASS_NONE] = "",
	[CLASS_WORD] = "a-zA-Z0-9_",
	[CLASS_ALNUM] = "a-zA-Z0-9",
	[CLASS_UPPER] = "A-Z0-9",
	[CLASS_TOKEN] = "a-zA-Z0-9_-",
	[CLASS_TOKEN_DOT] = "a-zA-Z0-9_.-",
	[CLASS_PATH] = "a-zA-Z0-9_/+@-",
	/* values: of Basic, of Bearer, of a key; brackets, quotes, comma end them */
	[CLASS_BASIC] = "a-zA-Z0-9+/=_-",
	[CLASS_BEARER] = "a-zA-Z0-9._~+/=-",
	[CLASS_VALUE] = "a-zA-Z0-9!#$%*+./:=?@^_|~{\x80-\xbf\xc3-\xd4-",
	/* all but space, quotes, backslash and what ends a URL's authority */
	[CLASS_AUTHORITY] = "a-zA-Z0-9!$%&()*+,.:;=@[]^_{|}~\x80-\xff-",
	/* parts of an address; Latin, Greek and Cyrillic letters have two bytes */
	[CLASS_LOCAL] = "a-zA-Z0-9._+'\x80-\xbf\xc3-\xd4-",
	[CLASS_DOMAIN] = "a-zA-Z0-9.\x80-\xbf\xc3-\xd4-",
	[CLASS_DIGIT] = "0-9",
	/* what ends a terminal's escape sequence */
	[CLASS_FINAL] = "ABCDEFGHJKSTfhlmnsu",
	[CLASS_JWT_BODY] = "a-zA-Z0-9_-",
	[CLASS_JWT_SIGNATURE] = "a-zA-Z0-9_-",
};

/* clang-format off */
const ScanRule scan_rules[] = {
	/* private keys */
	{"age-key", "private keys", TYPE_PRIVATE_KEY, KIND_TOKEN, 96, "AGE-SECRET-KEY-1", CLASS_UPPER, 50, 0, NULL,
	 "age: AGE-SECRET-KEY-1"},
	{"private-key", "private keys", TYPE_PRIVATE_KEY, KIND_PEM, 95, "BEGIN ", CLASS_NONE, 0, 0, NULL,
	 "PEM, OpenSSH and PGP private keys, BEGIN line to END line or to the end of the text"},

	/* LLM providers */
	{"anthropic-key", "LLM providers", TYPE_ANTHROPIC_KEY, KIND_TOKEN, 92, "sk-ant-", CLASS_TOKEN, 20, 0, NULL,
	 "Anthropic: sk-ant-api03-, sk-ant-admin01-, sk-ant-oat01-, sk-ant-ort01- and later kinds"},
	{"openai-key", "LLM providers", TYPE_OPENAI_KEY, KIND_TOKEN, 90, "sk-proj- sk-svcacct- sk-admin- sk-None-", CLASS_TOKEN, 20, 0, NULL,
	 "OpenAI: sk-proj-, sk-svcacct-, sk-admin-"},
	{"openai-legacy-key", "LLM providers", TYPE_OPENAI_KEY, KIND_TOKEN, 88, "sk-", CLASS_ALNUM, 48, 48, NULL,
	 "OpenAI: sk- and 48 letters and digits"},
	{"sk-key", "LLM providers", TYPE_API_KEY, KIND_TOKEN, 55, "sk-", CLASS_TOKEN, 20, 0, check_random,
	 "keys of other providers: sk- and 20 or more characters with a digit and an entropy of 3.5"},
	{"sk-hex-key", "LLM providers", TYPE_API_KEY, KIND_TOKEN, 56, "sk-", CLASS_ALNUM, 32, 32, check_mixed,
	 "keys of DeepSeek, Qwen and others: sk- and 32 letters and digits"},
	{"openrouter-key", "LLM providers", TYPE_OPENROUTER_KEY, KIND_TOKEN, 92, "sk-or-v1-", CLASS_TOKEN, 32, 0, NULL,
	 "OpenRouter: sk-or-v1-"},
	{"langfuse-key", "LLM providers", TYPE_LANGFUSE_KEY, KIND_TOKEN, 91, "sk-lf-", CLASS_TOKEN, 20, 0, NULL,
	 "Langfuse secret keys: sk-lf- (pk-lf- is public)"},
	{"groq-key", "LLM providers", TYPE_GROQ_KEY, KIND_TOKEN, 90, "gsk_", CLASS_WORD, 40, 0, check_tokenish,
	 "Groq: gsk_"},
	{"xai-key", "LLM providers", TYPE_XAI_KEY, KIND_TOKEN, 90, "xai-", CLASS_TOKEN, 40, 0, check_tokenish,
	 "xAI: xai-"},
	{"perplexity-key", "LLM providers", TYPE_PERPLEXITY_KEY, KIND_TOKEN, 90, "pplx-", CLASS_TOKEN, 40, 0, check_tokenish,
	 "Perplexity: pplx-"},
	{"huggingface-token", "LLM providers", TYPE_HUGGINGFACE_TOKEN, KIND_TOKEN, 90, "hf_ api_org_", CLASS_ALNUM, 34, 40, check_tokenish,
	 "Hugging Face: hf_, api_org_"},
	{"replicate-token", "LLM providers", TYPE_REPLICATE_TOKEN, KIND_TOKEN, 90, "r8_", CLASS_ALNUM, 37, 40, NULL,
	 "Replicate: r8_"},
	{"nvidia-key", "LLM providers", TYPE_NVIDIA_KEY, KIND_TOKEN, 90, "nvapi-", CLASS_TOKEN, 40, 0, NULL,
	 "NVIDIA: nvapi-"},
	{"pinecone-key", "LLM providers", TYPE_PINECONE_KEY, KIND_TOKEN, 90, "pcsk_", CLASS_WORD, 40, 0, NULL,
	 "Pinecone: pcsk_"},
	{"langsmith-key", "LLM providers", TYPE_LANGSMITH_KEY, KIND_TOKEN, 90, "lsv2_pt_ lsv2_sk_", CLASS_WORD, 32, 0, NULL,
	 "LangSmith: lsv2_pt_, lsv2_sk_"},
	{"fireworks-key", "LLM providers", TYPE_FIREWORKS_KEY, KIND_TOKEN, 75, "fw_", CLASS_ALNUM, 22, 24, check_mixed,
	 "Fireworks: fw_ and 22 to 24 letters and digits"},
	{"together-key", "LLM providers", TYPE_TOGETHER_KEY, KIND_TOKEN, 88, "tgp_v1_", CLASS_TOKEN, 40, 0, NULL,
	 "Together: tgp_v1_"},
	{"elevenlabs-key", "LLM providers", TYPE_ELEVENLABS_KEY, KIND_TOKEN, 85, "sk_", CLASS_ALNUM, 48, 48, check_hex,
	 "ElevenLabs: sk_ and 48 hexadecimal digits"},
	{"cerebras-key", "LLM providers", TYPE_CEREBRAS_KEY, KIND_TOKEN, 85, "csk-", CLASS_ALNUM, 40, 60, check_mixed,
	 "Cerebras: csk-"},
	{"voyage-key", "LLM providers", TYPE_VOYAGE_KEY, KIND_TOKEN, 70, "pa-", CLASS_TOKEN, 43, 43, check_mixed,
	 "Voyage: pa- and 43 characters"},

	/* clouds */
	{"aws-access-key-id", "clouds", TYPE_AWS_KEY, KIND_TOKEN, 90, "AKIA ASIA ABIA ACCA", CLASS_WORD, 16, 16, check_base32,
	 "AWS access key ids: AKIA, ASIA, ABIA, ACCA and 16 characters of base32"},
	{"aws-a3t-key-id", "clouds", TYPE_AWS_KEY, KIND_TOKEN, 89, "A3T", CLASS_WORD, 17, 17, check_base32,
	 "AWS access key ids that begin with A3T"},
	{"aws-secret-key", "clouds", TYPE_AWS_SECRET, KIND_KEY, 85, "secretaccesskey awssecretkey awssecret", CLASS_VALUE, 40, 40, check_aws_secret,
	 "AWS secret access keys: 40 characters of base64 after a key of that name"},
	{"aws-bedrock-key", "clouds", TYPE_AWS_KEY, KIND_TOKEN, 90, "ABSKQmVkcm9ja0FQSUtleS bedrock-api-key-", CLASS_BASIC, 40, 0, NULL,
	 "Amazon Bedrock API keys, long and short-lived"},
	{"google-api-key", "clouds", TYPE_GCP_KEY, KIND_TOKEN, 90, "AIza", CLASS_TOKEN, 35, 36, check_tokenish,
	 "Google API keys, Gemini among them: AIza and 35 characters"},
	{"google-oauth-token", "clouds", TYPE_GCP_KEY, KIND_TOKEN, 88, "ya29.", CLASS_TOKEN, 20, 0, NULL,
	 "Google OAuth access tokens: ya29."},
	{"google-refresh-token", "clouds", TYPE_GCP_KEY, KIND_TOKEN, 88, "1//0", CLASS_TOKEN, 40, 0, check_tokenish,
	 "Google OAuth refresh tokens: 1//0"},
	{"google-client-secret", "clouds", TYPE_GCP_KEY, KIND_TOKEN, 90, "GOCSPX-", CLASS_TOKEN, 24, 0, NULL,
	 "Google OAuth client secrets: GOCSPX-"},
	{"digitalocean-token", "clouds", TYPE_DIGITALOCEAN_TOKEN, KIND_TOKEN, 90, "dop_v1_ doo_v1_ dor_v1_", CLASS_WORD, 40, 0, NULL,
	 "DigitalOcean: dop_v1_, doo_v1_, dor_v1_"},
	{"alibaba-key-id", "clouds", TYPE_ALIBABA_KEY, KIND_TOKEN, 85, "LTAI", CLASS_ALNUM, 12, 26, check_mixed,
	 "Alibaba Cloud access key ids: LTAI"},
	{"fly-token", "clouds", TYPE_FLY_TOKEN, KIND_TOKEN, 88, "fo1_ fm1a_ fm1r_ fm2_", CLASS_BASIC, 40, 0, check_tokenish,
	 "Fly.io: fo1_, fm1a_, fm1r_, fm2_"},
	{"heroku-key", "clouds", TYPE_HEROKU_KEY, KIND_TOKEN, 88, "HRKU-", CLASS_TOKEN, 36, 0, NULL,
	 "Heroku: HRKU-"},
	{"tailscale-key", "clouds", TYPE_TAILSCALE_KEY, KIND_TOKEN, 90, "tskey-", CLASS_TOKEN, 20, 0, check_tokenish,
	 "Tailscale: tskey-auth-, tskey-api-, tskey-client- and others"},
	{"planetscale-token", "clouds", TYPE_PLANETSCALE_TOKEN, KIND_TOKEN, 90, "pscale_tkn_ pscale_pw_ pscale_oauth_", CLASS_TOKEN_DOT, 32, 0, NULL,
	 "PlanetScale: pscale_tkn_, pscale_pw_, pscale_oauth_"},
	{"azure-key", "clouds", TYPE_AZURE_KEY, KIND_KEY, 86, "accountkey sharedaccesskey", CLASS_VALUE, 40, 0, check_base64_key,
	 "keys of Azure storage, Service Bus and Event Hubs: AccountKey=, SharedAccessKey="},
	{"azure-sas-signature", "clouds", TYPE_AZURE_KEY, KIND_KEY, 84, "sig", CLASS_VALUE, 43, 80, check_base64_key,
	 "signatures of Azure's shared access URLs: sig= and base64 of 32 bytes"},
	{"azure-client-secret", "clouds", TYPE_AZURE_KEY, KIND_AZURE, 88, "", CLASS_NONE, 31, 34, NULL,
	 "client secrets of Microsoft Entra: three characters, a digit, Q~, 31 to 34 characters"},

	/* forges, chat, payment */
	{"github-token", "forges, chat, payment", TYPE_GITHUB_TOKEN, KIND_TOKEN, 90, "ghp_ gho_ ghu_ ghs_ ghr_", CLASS_WORD, 36, 0, NULL,
	 "GitHub tokens: ghp_, gho_, ghu_, ghs_, ghr_"},
	{"github-fine-grained-token", "forges, chat, payment", TYPE_GITHUB_TOKEN, KIND_TOKEN, 92, "github_pat_", CLASS_WORD, 22, 0, NULL,
	 "GitHub fine-grained tokens: github_pat_"},
	{"slack-token", "forges, chat, payment", TYPE_SLACK_TOKEN, KIND_TOKEN, 88, "xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs- xoxe.xox", CLASS_TOKEN, 10, 0, check_tokenish,
	 "Slack tokens: xoxb-, xoxp- and their siblings"},
	{"slack-app-token", "forges, chat, payment", TYPE_SLACK_TOKEN, KIND_TOKEN, 88, "xapp-", CLASS_TOKEN, 14, 0, check_tokenish,
	 "Slack app tokens: xapp-"},
	{"slack-webhook", "forges, chat, payment", TYPE_SLACK_WEBHOOK, KIND_TOKEN, 86, "hooks.slack.com/services/ hooks.slack.com/workflows/ hooks.slack.com/triggers/", CLASS_PATH, 12, 0, NULL,
	 "Slack webhooks: hooks.slack.com/services/, /workflows/, /triggers/"},
	{"gitlab-token", "forges, chat, payment", TYPE_GITLAB_TOKEN, KIND_TOKEN, 90, "glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent- gloas- glsoat- glffct- glwt-", CLASS_TOKEN_DOT, 20, 0, NULL,
	 "GitLab: glpat-, gldt-, glrt-, glcbt-, glptt-, glft-, glimt-, glagent-, gloas-, glsoat-, glffct- and others"},
	{"bitbucket-token", "forges, chat, payment", TYPE_ATLASSIAN_TOKEN, KIND_TOKEN, 88, "ATBB", CLASS_ALNUM, 32, 0, check_mixed,
	 "Bitbucket app passwords: ATBB"},
	{"telegram-bot-token", "forges, chat, payment", TYPE_TELEGRAM_TOKEN, KIND_BOT, 86, "", CLASS_TOKEN, 35, 35, NULL,
	 "Telegram bots: 8 to 10 digits, a colon, AA and 33 characters"},
	{"discord-webhook", "forges, chat, payment", TYPE_DISCORD_WEBHOOK, KIND_TOKEN, 86, "discord.com/api/webhooks/ discordapp.com/api/webhooks/", CLASS_PATH, 40, 0, NULL,
	 "Discord webhooks"},
	{"teams-webhook", "forges, chat, payment", TYPE_TEAMS_WEBHOOK, KIND_TOKEN, 86, "webhook.office.com/webhookb2/ outlook.office.com/webhook/", CLASS_PATH, 36, 0, NULL,
	 "Microsoft Teams webhooks"},
	{"stripe-key", "forges, chat, payment", TYPE_STRIPE_KEY, KIND_TOKEN, 90, "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_", CLASS_WORD, 16, 0, check_tokenish,
	 "Stripe: sk_live_, rk_live_ and those of test and prod (pk_ is public)"},
	{"webhook-secret", "forges, chat, payment", TYPE_STRIPE_KEY, KIND_TOKEN, 88, "whsec_", CLASS_BASIC, 24, 0, check_tokenish,
	 "signing secrets of Stripe and Svix webhooks: whsec_"},
	{"square-token", "forges, chat, payment", TYPE_SQUARE_TOKEN, KIND_TOKEN, 88, "sq0atp- sq0csp- sq0idp-", CLASS_TOKEN, 22, 0, NULL,
	 "Square: sq0atp-, sq0csp-"},
	{"square-access-token", "forges, chat, payment", TYPE_SQUARE_TOKEN, KIND_TOKEN, 75, "EAAA", CLASS_TOKEN, 60, 60, check_random,
	 "Square access tokens: EAAA and 60 characters"},
	{"shopify-token", "forges, chat, payment", TYPE_SHOPIFY_TOKEN, KIND_TOKEN, 90, "shpat_ shpca_ shppa_ shpss_ shptka_", CLASS_WORD, 32, 0, NULL,
	 "Shopify: shpat_, shpca_, shppa_, shpss_"},
	{"sendgrid-key", "forges, chat, payment", TYPE_SENDGRID_KEY, KIND_TOKEN, 88, "SG.", CLASS_TOKEN_DOT, 60, 72, check_random,
	 "SendGrid: SG., 22 characters, a dot, 43 characters"},
	{"mailgun-key", "forges, chat, payment", TYPE_MAILGUN_KEY, KIND_TOKEN, 80, "key-", CLASS_ALNUM, 32, 32, check_hex,
	 "Mailgun: key- and 32 hexadecimal digits"},
	{"brevo-key", "forges, chat, payment", TYPE_BREVO_KEY, KIND_TOKEN, 88, "xkeysib- xsmtpsib-", CLASS_TOKEN, 40, 0, NULL,
	 "Brevo: xkeysib-, xsmtpsib-"},

	/* registries, platforms */
	{"npm-token", "registries, platforms", TYPE_NPM_TOKEN, KIND_TOKEN, 90, "npm_", CLASS_ALNUM, 36, 36, NULL,
	 "npm: npm_ and 36 letters and digits"},
	{"pypi-token", "registries, platforms", TYPE_PYPI_TOKEN, KIND_TOKEN, 92, "pypi-AgEI pypi-AgEN", CLASS_TOKEN, 50, 0, NULL,
	 "PyPI and its test instance: pypi-AgEI, pypi-AgEN"},
	{"docker-token", "registries, platforms", TYPE_DOCKER_TOKEN, KIND_TOKEN, 90, "dckr_pat_ dckr_oat_", CLASS_TOKEN, 20, 0, NULL,
	 "Docker Hub: dckr_pat_, dckr_oat_"},
	{"rubygems-key", "registries, platforms", TYPE_RUBYGEMS_KEY, KIND_TOKEN, 90, "rubygems_", CLASS_ALNUM, 48, 48, check_hex,
	 "RubyGems: rubygems_ and 48 hexadecimal digits"},
	{"nuget-key", "registries, platforms", TYPE_NUGET_KEY, KIND_TOKEN, 80, "oy2", CLASS_ALNUM, 43, 43, check_mixed,
	 "NuGet: oy2 and 43 letters and digits"},
	{"crates-token", "registries, platforms", TYPE_CRATES_TOKEN, KIND_TOKEN, 80, "cio", CLASS_ALNUM, 32, 32, check_mixed,
	 "crates.io: cio and 32 letters and digits"},
	{"artifactory-key", "registries, platforms", TYPE_ARTIFACTORY_KEY, KIND_TOKEN, 85, "AKCp", CLASS_ALNUM, 65, 0, check_mixed,
	 "Artifactory: AKCp"},
	{"vault-token", "registries, platforms", TYPE_VAULT_TOKEN, KIND_TOKEN, 90, "hvs. hvb. hvr.", CLASS_TOKEN, 20, 0, check_tokenish,
	 "HashiCorp Vault: hvs., hvb., hvr."},
	{"terraform-token", "registries, platforms", TYPE_TERRAFORM_TOKEN, KIND_TOKEN, 90, "atlasv1.", CLASS_TOKEN, 60, 0, NULL,
	 "Terraform Cloud: what follows .atlasv1"},
	{"pulumi-token", "registries, platforms", TYPE_PULUMI_TOKEN, KIND_TOKEN, 88, "pul-", CLASS_ALNUM, 40, 40, check_hex,
	 "Pulumi: pul- and 40 hexadecimal digits"},
	{"databricks-token", "registries, platforms", TYPE_DATABRICKS_TOKEN, KIND_TOKEN, 90, "dapi", CLASS_TOKEN, 32, 34, check_databricks,
	 "Databricks: dapi and 32 hexadecimal digits"},
	{"atlassian-token", "registries, platforms", TYPE_ATLASSIAN_TOKEN, KIND_TOKEN, 90, "ATATT3 ATCTT3 ATSTT3", CLASS_BASIC, 60, 0, NULL,
	 "Atlassian: ATATT3, ATCTT3"},
	{"linear-token", "registries, platforms", TYPE_LINEAR_TOKEN, KIND_TOKEN, 90, "lin_api_ lin_oauth_", CLASS_WORD, 32, 0, NULL,
	 "Linear: lin_api_, lin_oauth_"},
	{"notion-token", "registries, platforms", TYPE_NOTION_TOKEN, KIND_TOKEN, 90, "ntn_", CLASS_ALNUM, 40, 60, check_mixed,
	 "Notion: ntn_"},
	{"notion-secret", "registries, platforms", TYPE_NOTION_TOKEN, KIND_TOKEN, 80, "secret_", CLASS_ALNUM, 43, 43, check_mixed,
	 "Notion integrations of before: secret_ and 43 letters and digits"},
	{"supabase-key", "registries, platforms", TYPE_SUPABASE_KEY, KIND_TOKEN, 90, "sbp_ sb_secret_", CLASS_TOKEN, 30, 0, check_tokenish,
	 "Supabase: sbp_, sb_secret_ (sb_publishable_ is public)"},
	{"doppler-token", "registries, platforms", TYPE_DOPPLER_TOKEN, KIND_TOKEN, 90, "dp.pt. dp.st. dp.ct. dp.sa. dp.said. dp.scim. dp.audit.", CLASS_TOKEN_DOT, 40, 0, NULL,
	 "Doppler: dp.pt., dp.st., dp.ct., dp.sa., dp.scim., dp.audit."},
	{"grafana-token", "registries, platforms", TYPE_GRAFANA_TOKEN, KIND_TOKEN, 90, "glsa_ glc_", CLASS_BASIC, 32, 0, check_tokenish,
	 "Grafana: glsa_, glc_"},
	{"newrelic-key", "registries, platforms", TYPE_NEWRELIC_KEY, KIND_TOKEN, 88, "NRAK- NRRA- NRII-", CLASS_TOKEN, 27, 0, check_tokenish,
	 "New Relic: NRAK-, NRRA-, NRII-"},
	{"sentry-token", "registries, platforms", TYPE_SENTRY_TOKEN, KIND_TOKEN, 90, "sntrys_ sntryu_ sntrya_", CLASS_BASIC, 40, 0, NULL,
	 "Sentry: sntrys_, sntryu_"},
	{"postman-key", "registries, platforms", TYPE_POSTMAN_KEY, KIND_TOKEN, 90, "PMAK-", CLASS_TOKEN, 40, 0, NULL,
	 "Postman: PMAK-"},
	{"figma-token", "registries, platforms", TYPE_FIGMA_TOKEN, KIND_TOKEN, 90, "figd_ figo_", CLASS_TOKEN, 40, 0, check_tokenish,
	 "Figma: figd_"},
	{"airtable-token", "registries, platforms", TYPE_AIRTABLE_TOKEN, KIND_TOKEN, 85, "pat", CLASS_TOKEN_DOT, 79, 79, check_airtable,
	 "Airtable: pat, 14 characters, a dot, 64 hexadecimal digits"},
	{"dropbox-token", "registries, platforms", TYPE_DROPBOX_TOKEN, KIND_TOKEN, 85, "sl.", CLASS_TOKEN_DOT, 100, 0, check_tokenish,
	 "Dropbox: sl."},
	{"contentful-token", "registries, platforms", TYPE_CONTENTFUL_TOKEN, KIND_TOKEN, 88, "CFPAT-", CLASS_TOKEN, 40, 0, NULL,
	 "Contentful: CFPAT-"},
	{"netlify-token", "registries, platforms", TYPE_NETLIFY_TOKEN, KIND_TOKEN, 88, "nfp_", CLASS_ALNUM, 36, 0, check_tokenish,
	 "Netlify: nfp_"},
	{"prefect-key", "registries, platforms", TYPE_PREFECT_KEY, KIND_TOKEN, 85, "pnu_ pnb_", CLASS_ALNUM, 36, 36, check_tokenish,
	 "Prefect: pnu_, pnb_"},
	{"readme-key", "registries, platforms", TYPE_README_KEY, KIND_TOKEN, 88, "rdme_", CLASS_ALNUM, 70, 0, NULL,
	 "ReadMe: rdme_"},
	{"onepassword-token", "registries, platforms", TYPE_ONEPASSWORD_TOKEN, KIND_TOKEN, 92, "ops_eyJ", CLASS_TOKEN, 100, 0, NULL,
	 "1Password service accounts: ops_eyJ"},
	{"sourcegraph-token", "registries, platforms", TYPE_SOURCEGRAPH_TOKEN, KIND_TOKEN, 88, "sgp_", CLASS_WORD, 40, 0, check_tokenish,
	 "Sourcegraph: sgp_"},

	/* tokens in protocols */
	{"jwt", "protocols", TYPE_JWT, KIND_JWT, 82, "eyJ", CLASS_TOKEN, 10, 0, check_jwt_header,
	 "JSON web tokens, signed or encrypted: a first part that decodes to JSON with alg"},
	{"url-password", "protocols", TYPE_URL_PASSWORD, KIND_URL, 80, "", CLASS_AUTHORITY, 1, 0, check_url_password,
	 "the password of scheme://user:password@host; user and host stay"},
	{"bearer-token", "protocols", TYPE_BEARER_TOKEN, KIND_SCHEME, 75, "bearer", CLASS_BEARER, 8, 0, check_tokenish,
	 "the value after Bearer"},
	{"basic-credentials", "protocols", TYPE_BASIC_AUTH, KIND_SCHEME, 75, "basic", CLASS_BASIC, 6, 0, check_basic,
	 "the value after Basic, when it decodes to user:password"},

	/* generic assignment */
	{"assigned-password", "assignment", TYPE_PASSWORD, KIND_KEY, 41, "password passwd passphrase pwd", CLASS_VALUE, 5, 0, check_password,
	 "a key ending in password, passwd, passphrase or pwd, then = : := =>, then 8 characters, or 5 that are not all lower-case letters"},
	{"assigned-key", "assignment", TYPE_API_KEY, KIND_KEY, 40, "apikey accesskey privatekey secretkey", CLASS_VALUE, 8, 0, check_secret,
	 "likewise a key ending in api_key, access_key, private_key or secret_key: value with a digit and an entropy of 3.3"},
	{"assigned-token", "assignment", TYPE_TOKEN, KIND_KEY, 40, "token", CLASS_VALUE, 8, 0, check_secret,
	 "likewise a key ending in token"},
	{"assigned-secret", "assignment", TYPE_SECRET, KIND_KEY, 40, "secret credential credentials", CLASS_VALUE, 8, 0, check_secret,
	 "likewise a key ending in secret, credential or credentials"},

	/* personal data */
	{"email", "personal data", TYPE_EMAIL, KIND_EMAIL, 60, "", CLASS_LOCAL, 1, 0, NULL,
	 "e-mail addresses"},
	{"payment-card", "personal data", TYPE_PAYMENT_CARD, KIND_CARD, 65, "", CLASS_NONE, 13, 19, check_card,
	 "card numbers: 13 to 19 digits, check digit, issuer's range, one kind of separator"},
	{"iban", "personal data", TYPE_IBAN, KIND_IBAN, 64, "", CLASS_NONE, 15, 34, check_iban,
	 "bank accounts: the country's length, check digits, in one piece or in groups of four"},
	{"us-ssn", "personal data", TYPE_SSN, KIND_SSN, 62, "", CLASS_NONE, 9, 9, check_ssn,
	 "US social security numbers, as 3-2-4 digits, in the ranges that are given out"},
	{"phone", "personal data", TYPE_PHONE, KIND_PHONE, 50, "", CLASS_NONE, 0, 0, NULL,
	 "telephone numbers: international behind a plus, North American as 3-3-4 digits"},

	/* the names of JSON keys: scan_key.c */
	{"json-key-name", "key names", TYPE_SECRET, KIND_NAME, 50, "", CLASS_NONE, 0, 0, NULL,
	 "in jsonb: strings under keys such as password, api_key, authorization, cookie; numbers under password, pin, cvv, ssn, otp; the type is the key's"},
};
/* clang-format on */

const size_t scan_nrules = sizeof(scan_rules) / sizeof(scan_rules[0]);
