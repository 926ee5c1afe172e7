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
	[CLASS_PATH] = "a-zA-Z0-9_/+-",
	/* values: of Basic, of Bearer, of a key; brackets, quotes, comma end them */
	[CLASS_BASIC] = "a-zA-Z0-9+/=_-",
	[CLASS_BEARER] = "a-zA-Z0-9._~+/=-",
	[CLASS_VALUE] = "a-zA-Z0-9!#$%*+./:=?@^_|~{\x80-\xbf\xc3-\xd4-",
	/* all but space, quotes, backslash and what ends a URL's authority */
	[CLASS_AUTHORITY] = "a-zA-Z0-9!$%&()*+,.:;=@[]^_{|}~\x80-\xff-",
	/* parts of an address; Latin, Greek and Cyrillic letters have two bytes */
	[CLASS_LOCAL] = "a-zA-Z0-9._+'\x80-\xbf\xc3-\xd4-",
	[CLASS_DOMAIN] = "a-zA-Z0-9.\x80-\xbf\xc3-\xd4-",
	[CLASS_JWT_BODY] = "a-zA-Z0-9_-",
	[CLASS_JWT_SIGNATURE] = "a-zA-Z0-9_-",
};

/* clang-format off */
const ScanRule scan_rules[] = {
	/* private keys */
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

	/* clouds */
	{"aws-access-key-id", "clouds", TYPE_AWS_KEY, KIND_TOKEN, 90, "AKIA ASIA ABIA ACCA", CLASS_WORD, 16, 16, check_base32,
	 "AWS access key ids: AKIA, ASIA, ABIA, ACCA and 16 characters of base32"},
	{"aws-a3t-key-id", "clouds", TYPE_AWS_KEY, KIND_TOKEN, 89, "A3T", CLASS_WORD, 17, 17, check_base32,
	 "AWS access key ids that begin with A3T"},
	{"aws-secret-key", "clouds", TYPE_AWS_SECRET, KIND_KEY, 85, "secretaccesskey awssecretkey awssecret", CLASS_VALUE, 40, 40, check_aws_secret,
	 "AWS secret access keys: 40 characters of base64 after a key of that name"},

	/* forges and chat */
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

	/* the names of JSON keys: scan_key.c */
	{"json-key-name", "key names", TYPE_SECRET, KIND_NAME, 50, "", CLASS_NONE, 0, 0, NULL,
	 "in jsonb: strings under keys such as password, api_key, authorization, cookie; numbers under password, pin, cvv, ssn, otp; the type is the key's"},
};
/* clang-format on */

const size_t scan_nrules = sizeof(scan_rules) / sizeof(scan_rules[0]);
