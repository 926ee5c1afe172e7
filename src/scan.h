/*
 * scan.h
 *		Find secrets and personal data in a text: bytes in, spans out.
 *
 * A core without a server.  Rules are data (scan_rules.c), turned into tables
 * (scan_table.c).  scan_block.c says which places of a text are worth a look, scan.c
 * goes from one to the next.  How a kind of rule is matched there: scan_match.c
 * (an anchor and a run), scan_assign.c and scan_value.c (a key, an operator, a value),
 * scan_word.c (a word and a value), scan_odd.c (other shapes), scan_pii.c,
 * scan_phone.c, scan_wallet.c, scan_address.c, scan_user.c (rules of a database).  Validators:
 * scan_check.c, scan_header.c, scan_number.c.
 */
#ifndef MAESTRO_SCAN_H
#define MAESTRO_SCAN_H

#include "port.h"

/* A level contains those before it. */
typedef enum ScanLevel
{
	SCAN_SECRETS,
	SCAN_PII,
	SCAN_ALL /* also what is often harmless: addresses of machines and the like */
} ScanLevel;

/* What a placeholder may say, and to which level it belongs. */
#define SCAN_TYPES(X)                                                                    \
	X(ERROR, SCAN_SECRETS)                                                               \
	X(PRIVATE_KEY, SCAN_SECRETS)                                                         \
	X(ANTHROPIC_KEY, SCAN_SECRETS)                                                       \
	X(OPENAI_KEY, SCAN_SECRETS)                                                          \
	X(AWS_KEY, SCAN_SECRETS)                                                             \
	X(AWS_SECRET, SCAN_SECRETS)                                                          \
	X(GITHUB_TOKEN, SCAN_SECRETS)                                                        \
	X(SLACK_TOKEN, SCAN_SECRETS)                                                         \
	X(SLACK_WEBHOOK, SCAN_SECRETS)                                                       \
	X(OPENROUTER_KEY, SCAN_SECRETS)                                                      \
	X(LANGFUSE_KEY, SCAN_SECRETS)                                                        \
	X(GROQ_KEY, SCAN_SECRETS)                                                            \
	X(XAI_KEY, SCAN_SECRETS)                                                             \
	X(PERPLEXITY_KEY, SCAN_SECRETS)                                                      \
	X(HUGGINGFACE_TOKEN, SCAN_SECRETS)                                                   \
	X(REPLICATE_TOKEN, SCAN_SECRETS)                                                     \
	X(NVIDIA_KEY, SCAN_SECRETS)                                                          \
	X(PINECONE_KEY, SCAN_SECRETS)                                                        \
	X(LANGSMITH_KEY, SCAN_SECRETS)                                                       \
	X(FIREWORKS_KEY, SCAN_SECRETS)                                                       \
	X(TOGETHER_KEY, SCAN_SECRETS)                                                        \
	X(ELEVENLABS_KEY, SCAN_SECRETS)                                                      \
	X(CEREBRAS_KEY, SCAN_SECRETS)                                                        \
	X(VOYAGE_KEY, SCAN_SECRETS)                                                          \
	X(GCP_KEY, SCAN_SECRETS)                                                             \
	X(DIGITALOCEAN_TOKEN, SCAN_SECRETS)                                                  \
	X(ALIBABA_KEY, SCAN_SECRETS)                                                         \
	X(FLY_TOKEN, SCAN_SECRETS)                                                           \
	X(HEROKU_KEY, SCAN_SECRETS)                                                          \
	X(TAILSCALE_KEY, SCAN_SECRETS)                                                       \
	X(PLANETSCALE_TOKEN, SCAN_SECRETS)                                                   \
	X(GITLAB_TOKEN, SCAN_SECRETS)                                                        \
	X(ATLASSIAN_TOKEN, SCAN_SECRETS)                                                     \
	X(DISCORD_WEBHOOK, SCAN_SECRETS)                                                     \
	X(TEAMS_WEBHOOK, SCAN_SECRETS)                                                       \
	X(STRIPE_KEY, SCAN_SECRETS)                                                          \
	X(SQUARE_TOKEN, SCAN_SECRETS)                                                        \
	X(SHOPIFY_TOKEN, SCAN_SECRETS)                                                       \
	X(SENDGRID_KEY, SCAN_SECRETS)                                                        \
	X(MAILGUN_KEY, SCAN_SECRETS)                                                         \
	X(BREVO_KEY, SCAN_SECRETS)                                                           \
	X(NPM_TOKEN, SCAN_SECRETS)                                                           \
	X(PYPI_TOKEN, SCAN_SECRETS)                                                          \
	X(DOCKER_TOKEN, SCAN_SECRETS)                                                        \
	X(RUBYGEMS_KEY, SCAN_SECRETS)                                                        \
	X(NUGET_KEY, SCAN_SECRETS)                                                           \
	X(CRATES_TOKEN, SCAN_SECRETS)                                                        \
	X(ARTIFACTORY_KEY, SCAN_SECRETS)                                                     \
	X(VAULT_TOKEN, SCAN_SECRETS)                                                         \
	X(TERRAFORM_TOKEN, SCAN_SECRETS)                                                     \
	X(PULUMI_TOKEN, SCAN_SECRETS)                                                        \
	X(DATABRICKS_TOKEN, SCAN_SECRETS)                                                    \
	X(LINEAR_TOKEN, SCAN_SECRETS)                                                        \
	X(NOTION_TOKEN, SCAN_SECRETS)                                                        \
	X(SUPABASE_KEY, SCAN_SECRETS)                                                        \
	X(DOPPLER_TOKEN, SCAN_SECRETS)                                                       \
	X(GRAFANA_TOKEN, SCAN_SECRETS)                                                       \
	X(NEWRELIC_KEY, SCAN_SECRETS)                                                        \
	X(SENTRY_TOKEN, SCAN_SECRETS)                                                        \
	X(POSTMAN_KEY, SCAN_SECRETS)                                                         \
	X(FIGMA_TOKEN, SCAN_SECRETS)                                                         \
	X(AIRTABLE_TOKEN, SCAN_SECRETS)                                                      \
	X(DROPBOX_TOKEN, SCAN_SECRETS)                                                       \
	X(CONTENTFUL_TOKEN, SCAN_SECRETS)                                                    \
	X(NETLIFY_TOKEN, SCAN_SECRETS)                                                       \
	X(PREFECT_KEY, SCAN_SECRETS)                                                         \
	X(README_KEY, SCAN_SECRETS)                                                          \
	X(ONEPASSWORD_TOKEN, SCAN_SECRETS)                                                   \
	X(SOURCEGRAPH_TOKEN, SCAN_SECRETS)                                                   \
	X(RESEND_KEY, SCAN_SECRETS)                                                          \
	X(FLUTTERWAVE_KEY, SCAN_SECRETS)                                                     \
	X(POSTHOG_KEY, SCAN_SECRETS)                                                         \
	X(DYNATRACE_TOKEN, SCAN_SECRETS)                                                     \
	X(HUBSPOT_TOKEN, SCAN_SECRETS)                                                       \
	X(MAPBOX_TOKEN, SCAN_SECRETS)                                                        \
	X(TAVILY_KEY, SCAN_SECRETS)                                                          \
	X(JINA_KEY, SCAN_SECRETS)                                                            \
	X(FIRECRAWL_KEY, SCAN_SECRETS)                                                       \
	X(E2B_KEY, SCAN_SECRETS)                                                             \
	X(APIFY_TOKEN, SCAN_SECRETS)                                                         \
	X(ANYSCALE_KEY, SCAN_SECRETS)                                                        \
	X(DISCORD_TOKEN, SCAN_SECRETS)                                                       \
	X(TWILIO_KEY, SCAN_SECRETS)                                                          \
	X(MAILCHIMP_KEY, SCAN_SECRETS)                                                       \
	X(TELEGRAM_TOKEN, SCAN_SECRETS)                                                      \
	X(AZURE_KEY, SCAN_SECRETS)                                                           \
	X(JWT, SCAN_SECRETS)                                                                 \
	X(BEARER_TOKEN, SCAN_SECRETS)                                                        \
	X(BASIC_AUTH, SCAN_SECRETS)                                                          \
	X(AUTHORIZATION, SCAN_SECRETS)                                                       \
	X(URL_PASSWORD, SCAN_SECRETS)                                                        \
	X(CONNECTION_STRING, SCAN_SECRETS)                                                   \
	X(COOKIE, SCAN_SECRETS)                                                              \
	X(PASSWORD, SCAN_SECRETS)                                                            \
	X(PIN, SCAN_SECRETS)                                                                 \
	X(API_KEY, SCAN_SECRETS)                                                             \
	X(TOKEN, SCAN_SECRETS)                                                               \
	X(SECRET, SCAN_SECRETS)                                                              \
	X(EMAIL, SCAN_PII)                                                                   \
	X(PAYMENT_CARD, SCAN_PII)                                                            \
	X(SSN, SCAN_PII)                                                                     \
	X(IBAN, SCAN_PII)                                                                    \
	X(PHONE, SCAN_PII)                                                                   \
	X(CRYPTO_WALLET, SCAN_PII)                                                           \
	X(CUSTOM_SECRET, SCAN_SECRETS)                                                       \
	X(CUSTOM_ID, SCAN_PII)                                                               \
	X(NATIONAL_ID, SCAN_ALL)                                                             \
	X(IP_ADDRESS, SCAN_ALL)

typedef enum ScanType
{
#define SCAN_TYPE_ENUM(name, level) TYPE_##name,
	SCAN_TYPES(SCAN_TYPE_ENUM)
#undef SCAN_TYPE_ENUM
		SCAN_NTYPES
} ScanType;

/* How a rule is matched; each is one function of scan_match.c. */
typedef enum ScanKind
{
	KIND_TOKEN,	 /* an anchor, then a run of a class */
	KIND_SCHEME, /* a word, spaces, then a value: the value is found */
	KIND_KEY,	 /* a key ending in an anchor, an operator, a value */
	KIND_JWT,	 /* three runs with dots, the first is a JSON header */
	KIND_PEM,	 /* BEGIN line to END line */
	KIND_URL,	 /* scheme://user:password@ */
	KIND_EMAIL,	 /* local part, @, domain */
	KIND_BOT,	 /* digits, a colon, a run: found at the colon */
	KIND_AZURE,	 /* three characters, a digit, Q~, a run: found behind the ~ */
	KIND_CARD,	 /* a payment card's number */
	KIND_IBAN,	 /* an account's number */
	KIND_SSN,	 /* a US social security number */
	KIND_PHONE,	 /* a telephone number */
	KIND_USER,	 /* a rule of the database's: see scan_user.h */
	KIND_PUTTY,	 /* PuTTY's key file, to its last line */
	KIND_MAILCHIMP, /* 32 digits before a dash and the anchor */
	KIND_TWILIO,	/* SK and hexadecimal digits: too short for an anchor */
	KIND_DISCORD,	/* three runs with dots, the first is base64 of digits */
	KIND_TERRAFORM,	/* 14 characters before a dot and the anchor */
	KIND_FLAG,		/* --name, a space, a value */
	KIND_SHORT,		/* -p, -u, -a of some programs, a value */
	KIND_QUOTED,	/* the anchor in any case, a space, a value in quotes */
	KIND_ELEMENT,	/* <name>value< */
	KIND_DEFINE,	/* the anchor, a key, a value */
	KIND_PAIR,		/* a key beside which its real name stands */
	KIND_SOCIAL,	/* a word for social security, then a number */
	KIND_TELEPHONE, /* a word for telephones, then a number */
	KIND_BASE58,	/* a Bitcoin address or private key */
	KIND_BECH32,	/* likewise, of the newer kind */
	KIND_ETHEREUM,	/* 0x and 40 hexadecimal digits */
	KIND_ADDRESS,	/* an IP address */
	KIND_NAME	 /* by the name of a JSON key alone: see scan_key.h */
} ScanKind;

/* Classes of bytes; which bytes is said in scan_rules.c. */
typedef enum ScanClass
{
	CLASS_NONE,
	CLASS_WORD,
	CLASS_ALNUM,
	CLASS_UPPER,
	CLASS_NUMBER,
	CLASS_HEX,
	CLASS_LINE,
	CLASS_TOKEN,
	CLASS_TOKEN_DOT,
	CLASS_PATH,
	CLASS_BASIC,
	CLASS_BEARER,
	CLASS_VALUE,
	CLASS_AUTHORITY,
	CLASS_LOCAL,
	CLASS_DOMAIN,
	CLASS_DIGIT,
	CLASS_AZURE,
	CLASS_PLAIN,
	CLASS_FINAL,
	/* the same bytes as CLASS_TOKEN, remembered apart: see scan_run_end */
	CLASS_JWT_BODY,
	CLASS_JWT_SIGNATURE,
	CLASS_JWT_FOURTH,
	CLASS_JWT_FIFTH,
	/* the same bytes as CLASS_VALUE, which ends at escapes too */
	CLASS_USER_VALUE,
	SCAN_NCLASSES
} ScanClass;

typedef struct ScanRule
{
	const char *name;
	const char *family;
	ScanType type;
	ScanKind kind;
	uint8_t priority;	 /* which of two overlapping findings names both */
	const char *anchors; /* separated by spaces, each of 3 bytes at least */
	ScanClass class;	 /* what follows the anchor */
	uint16_t min, max;	 /* length of that run; max 0: any */
	bool (*check)(const char *value, size_t len); /* or NULL */
	const char *explanation;
} ScanRule;

/* bytes [start, end) of the text */
typedef struct ScanSpan
{
	size_t start;
	size_t end;
	const ScanRule *rule;
} ScanSpan;

/* a run [start, end) of one class */
typedef struct ScanRun
{
	size_t start;
	size_t end;
	size_t trimmed;	  /* end without the punctuation that stands last */
	unsigned tries;	  /* how often its content was checked */
	bool placeholder; /* there is one in it (values only) */
} ScanRun;

/*
 * What a scan is to use.  The last three members are NULL where the built-in rules
 * alone count.
 */
typedef struct ScanSetup
{
	ScanLevel level;
	const struct ScanAnchors *user; /* rules of kind USER */
	/* May what the rule found there stay? */
	bool (*allowed)(const ScanRule *rule, const char *found, size_t len);
	/* How many bytes from the beginning does a rule's expression match? */
	size_t (*match)(const ScanRule *rule, const char *text, size_t len);
} ScanSetup;

/* Which of 64 bytes are of a word, a digit …; a dot also -, a mark @ = or colon. */
typedef struct ScanMasks
{
	uint64_t words;
	uint64_t digits;
	uint64_t dots;
	uint64_t marks;
	uint64_t quotes;
	uint64_t commas;
	uint64_t tildes;
	uint64_t blanks;
} ScanMasks;

/* One scan in progress; the members belong to scan.c and scan_match.c. */
typedef struct Scanner
{
	const uint8_t *text;
	size_t len;
	const ScanSetup *setup;
	ScanLevel level; /* the setup's */

	ScanSpan *span; /* the caller's buffer: disjoint, ascending */
	size_t nspan;
	size_t span_max;
	bool any_placeholder; /* [REDACTED:TYPE] was met in the text */

	size_t base;	 /* where the current block of 64 bytes begins */
	size_t next;	 /* where the next one does */
	uint64_t events; /* places in the block that are still to be looked at */
	ScanMasks masks[2]; /* of the block and the next one */
	uint64_t carry;	 /* 1 if the byte before the next block is a word's */
	size_t quiet;	 /* events before that are in a placeholder: none */

	size_t url_from, url_at;	/* a URL's user, and the @ that ends its password */
	size_t pem_from, pem_end, pem_tail; /* no END line in [from, end), its own end */
	size_t putty_from, putty_end, putty_tail; /* likewise, of PuTTY's last line */
	unsigned expressions;		  /* how often one was matched */

	/* the rest is set when it is needed */
	ScanRun run[SCAN_NCLASSES];			/* the run met last, by class */
	uint32_t placeholders[SCAN_NTYPES]; /* [REDACTED:TYPE] met, if there is any */
} Scanner;

/* Spans the caller's buffer must hold at least. */
#define SCAN_SPANS_MIN 16

extern void scan_begin(Scanner *s, const char *text, size_t len, const ScanSetup *setup,
					   ScanSpan *span, size_t span_max);

/*
 * Scans to the end and returns true; or returns false when the buffer is
 * nearly full: put a larger copy in s->span and s->span_max, call again.
 */
extern bool scan_run(Scanner *s);

extern const char *scan_type_name(ScanType type);
extern ScanLevel scan_type_level(ScanType type);

/* The type of that name, or -1. */
extern int scan_type_find(const char *name, size_t len);

/* Length of the placeholder that text begins with, 0 if none. */
extern size_t scan_placeholder(const char *text, size_t len, ScanType *type);

/* Is the value nothing but placeholders (at least one)? */
extern bool scan_only_placeholders(const char *text, size_t len);

/*
 * Can nothing be found in the text, nor need be neutralised, because it is short and
 * plain?  That is told faster than by a scan, and most of a JSON document is so.
 */
extern bool scan_is_plain(const char *text, size_t len);

/* The rule that stands for names of JSON keys. */
extern const ScanRule *scan_name_rule(void);

extern const ScanRule scan_rules[];
extern const size_t scan_nrules;
extern const char *const scan_classes[SCAN_NCLASSES];

/* What a key may have behind a dash to say which one it is, in lower case; NULL ends them. */
extern const char *const scan_key_suffixes[];

/* What names of types end in, behind which a value is assigned; NULL ends them. */
extern const char *const scan_type_ends[];

#endif /* MAESTRO_SCAN_H */
