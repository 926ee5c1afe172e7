/*
 * scan_key.c
 *		Does the name of a JSON key say that its value is sensitive?
 *
 * The last word of the name decides, or the last two joined: dbPassword,
 * DB_PASSWORD and db.password alike; words end at _ - . : / space and
 * where a capital begins, digits at the end do not count.  So token_count, max_tokens,
 * password_policy and key_id stay readable: they do not end in a sensitive word.
 * public_… is what its owner calls public.
 */
#include "port.h"

#include "ascii.h"
#include "scan_check.h"
#include "scan_key.h"

#define NAME_MAX_LEN 40

typedef struct KeyName
{
	const char *name;
	uint8_t len;
	bool suffix; /* also at the end of a longer word: dbpassword */
	ScanType type;
} KeyName;

#define WORD(name, type)                                                                 \
	{                                                                                    \
		name, sizeof(name) - 1, false, type                                              \
	}
#define ENDING(name, type)                                                               \
	{                                                                                    \
		name, sizeof(name) - 1, true, type                                               \
	}

static const KeyName names[] = {
	ENDING("password", TYPE_PASSWORD),
	ENDING("passwords", TYPE_PASSWORD),
	ENDING("passwd", TYPE_PASSWORD),
	WORD("pwd", TYPE_PASSWORD),
	ENDING("passphrase", TYPE_PASSWORD),
	WORD("pin", TYPE_PIN),
	WORD("otp", TYPE_PIN),
	WORD("cvv", TYPE_PIN),
	WORD("cvc", TYPE_PIN),
	WORD("passcode", TYPE_PASSWORD),
	WORD("passwordconfirm", TYPE_PASSWORD),
	WORD("passwordconfirmation", TYPE_PASSWORD),
	WORD("secretvalue", TYPE_SECRET),
	WORD("secretstring", TYPE_SECRET),
	WORD("dbpass", TYPE_PASSWORD),
	WORD("userpass", TYPE_PASSWORD),
	WORD("smtppass", TYPE_PASSWORD),
	WORD("mailpass", TYPE_PASSWORD),
	WORD("ftppass", TYPE_PASSWORD),
	WORD("adminpass", TYPE_PASSWORD),
	WORD("rootpass", TYPE_PASSWORD),
	WORD("redispass", TYPE_PASSWORD),
	WORD("mysqlpass", TYPE_PASSWORD),
	WORD("proxypass", TYPE_PASSWORD),
	WORD("ssn", TYPE_SSN),
	ENDING("secret", TYPE_SECRET),
	ENDING("secrets", TYPE_SECRET),
	ENDING("credential", TYPE_SECRET),
	ENDING("credentials", TYPE_SECRET),
	WORD("token", TYPE_TOKEN),
	ENDING("apikey", TYPE_API_KEY),
	ENDING("apikeys", TYPE_API_KEY),
	ENDING("accesskey", TYPE_API_KEY),
	ENDING("secretkey", TYPE_API_KEY),
	ENDING("privatekey", TYPE_PRIVATE_KEY),
	WORD("authorization", TYPE_AUTHORIZATION),
	WORD("auth", TYPE_AUTHORIZATION),
	WORD("cookie", TYPE_COOKIE),
	WORD("cookies", TYPE_COOKIE),
	WORD("sessionid", TYPE_COOKIE),
	WORD("connectionstring", TYPE_CONNECTION_STRING),
	WORD("dsn", TYPE_CONNECTION_STRING),
	WORD("phone", TYPE_PHONE),
	WORD("phonenumber", TYPE_PHONE),
	WORD("mobilenumber", TYPE_PHONE),
	WORD("telephone", TYPE_PHONE),
	WORD("mobile", TYPE_PHONE),
	WORD("fax", TYPE_PHONE),
};

bool
scan_key_takes_numbers(ScanType type)
{
	return type == TYPE_PASSWORD || type == TYPE_PIN || type == TYPE_SSN;
}

bool
scan_check_named(int type, const char *value, size_t len)
{
	if (type == TYPE_PASSWORD)
		return len >= 5 && check_password(value, len);
	return type >= 0 && len >= 8 && check_secret(value, len);
}

static bool
is_separator(char c)
{
	return c == '_' || c == '-' || c == '.' || c == ':' || c == '/' || c == ' ';
}

/* Without the digits and separators that stand last. */
static size_t
stem(const char *key, size_t len)
{
	while (len > 0 &&
		   (is_digit(key[len - 1]) || is_separator(key[len - 1])))
		len--;
	return len;
}

/* Does a word begin at that letter? */
static bool
begins_word(const char *key, size_t len, size_t at)
{
	if (at == 0 || is_separator(key[at - 1]))
		return true;
	return is_upper(key[at]) &&
		   (!is_upper(key[at - 1]) || (at + 1 < len && is_lower(key[at + 1])));
}

/*
 * Copies the last two words in lower case to the end of "name"; *last and
 * *both are where the last and where the two begin, 0 if they are longer than any
 * of ours.
 */
static void
last_words(const char *key, size_t len, char *name, size_t *last, size_t *both)
{
	size_t at = NAME_MAX_LEN;
	int words = 0;

	*last = *both = 0;
	for (size_t i = len; i > 0 && words < 2 && at > 0; i--)
	{
		char c = key[i - 1];

		if (is_separator(c))
			continue;
		name[--at] = is_upper(c) ? c + 32 : c;
		if (begins_word(key, len, i - 1))
		{
			*both = at;
			if (words++ == 0)
				*last = at;
		}
	}
}

/* Is it that name, given the last words of a key? */
static bool
is_named(const KeyName *wanted, const char *name, size_t last, size_t both, bool whole)
{
	size_t at = NAME_MAX_LEN - wanted->len;

	return at >= both && memcmp(name + at, wanted->name, wanted->len) == 0 &&
		   (at == last || at == both || (wanted->suffix && at > both && !whole));
}

/*
 * Is the word before the last one such that nothing is secret?  Tokens of a
 * language model (eos_token) and of paging, texts about passwords.
 */
static bool
is_harmless(ScanType type, const char *before, size_t len)
{
	static const char *const tokens[] = {"page", "sync", "continuation", "resume", "cancel",
										 "pad",	 "eos",	 "bos",			 "unk",	   "mask",
										 "sep",	 "cls",	 "start",		 "end",	   "stop",
										 "next", "prev", "special",		 "first",  "last", "client",
										 "request", "idempotency"};

	static const char *const passwords[] = {
		"forgot", "reset", "wrong", "bad", "invalid", "change", "show", "hide", "enter",
		"missing", "incorrect", "lost", "no", "has", "is", "require", "requires", "min", "max"};
	const char *const *words = type == TYPE_TOKEN ? tokens : passwords;
	size_t n = type == TYPE_TOKEN	   ? sizeof(tokens) / sizeof(tokens[0])
			   : type == TYPE_PASSWORD ? sizeof(passwords) / sizeof(passwords[0])
									   : 0;

	for (size_t i = 0; i < n; i++)
		if (strlen(words[i]) == len && memcmp(words[i], before, len) == 0)
			return true;
	return false;
}

/* Is one of the name's words "public"? */
static bool
has_public(const char *key, size_t len)
{
	for (size_t i = 0; i + 6 < len; i++)
		if (strncasecmp(key + i, "public", 6) == 0 && begins_word(key, len, i))
			return true;
	return false;
}

/* Are these the last two letters of any name?  Of most keys they are not. */
static bool
may_end(char last_but_one, char last)
{
	static uint32_t ends[32];

	if (ends[0] == 0)
	{
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		{
			const char *end = names[i].name + names[i].len;

			ends[end[-1] & 31] |= (uint32_t) 1 << (end[-2] & 31);
		}
		ends[0] = 1;
	}
	return ends[last & 31] >> (last_but_one & 31) & 1;
}

/* The type that the name has, whole words of ours alone or also ends of others. */
static int
name_type(const char *key, size_t len, bool whole)
{
	char name[NAME_MAX_LEN];
	bool split = false;
	size_t last = 0;
	size_t both = 0;

	len = stem(key, len);
	if (len < 3 || !may_end(key[len - 2], key[len - 1]))
		return -1;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		const KeyName *wanted = &names[i];

		if ((key[len - 1] | 0x20) != wanted->name[wanted->len - 1] ||
			(key[len - 2] | 0x20) != wanted->name[wanted->len - 2])
			continue;
		if (!split)
			last_words(key, len, name, &last, &both);
		split = true;
		if (is_named(wanted, name, last, both, whole))
			return is_harmless(wanted->type, name + both, last - both) || has_public(key, len)
					   ? -1
					   : (int) wanted->type;
	}
	return -1;
}

int
scan_key_type(const char *key, size_t len)
{
	return name_type(key, len, false);
}

bool
scan_key_is_harmless(const char *key, size_t len)
{
	char name[NAME_MAX_LEN];
	size_t last;
	size_t both;

	len = stem(key, len);
	if (len < 3)
		return false;
	if (has_public(key, len))
		return true;
	last_words(key, len, name, &last, &both);
	if (both >= last || last + 5 > NAME_MAX_LEN)
		return false;
	return is_harmless(memcmp(name + last, "token", 5) == 0	 ? TYPE_TOKEN
					   : memcmp(name + last, "passw", 5) == 0 ? TYPE_PASSWORD
															  : TYPE_SECRET,
					   name + both, last - both);
}

/* Parts of a path by which programs reach what they were given. */
static bool
is_holder(const char *part, size_t len)
{
	static const char *const names[] = {
		"args", "argv",	 "body", "cfg",	 "conf", "config",	"creds", "ctx",	 "data",  "env",
		"event", "form", "json", "local", "opts", "options", "params", "props", "query", "req",
		"request", "res", "result", "secrets", "self", "settings", "state", "sys", "this",
		"values", "var", "vault"};

	if (len == 0)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i][0] == (part[0] | 0x20) && strlen(names[i]) == len &&
			strncasecmp(names[i], part, len) == 0)
			return true;
	return len > 3 && strncasecmp(part + len - 3, "ref", 3) == 0;
}

bool
check_is_name(const char *value, size_t len, bool digits)
{
	static const char *const types[] = {"String", "Secret", "Option", "Password", "Field"};
	size_t start = 0;

	if (digits)
	{
		const char *dot = memchr(value, '.', len);
		size_t first = dot == NULL ? 0 : (size_t) (dot - value);

		return first > 0 && (is_holder(value, first) || name_type(value, first, false) >= 0);
	}
	if (name_type(value, len, true) >= 0)
		return true;
	/* a type: SecretString, Option */
	if (is_upper(value[0]))
		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
			if (memmem(value, len, types[i], strlen(types[i])) != NULL)
				return true;
	if (memchr(value, '.', len) == NULL)
		return false;
	if (memmem(value, len, "assword", 7) != NULL)
		return true;
	for (size_t i = 0; i <= len; i++)
	{
		if (i < len && value[i] != '.')
			continue;
		if (is_holder(value + start, i - start) || name_type(value + start, i - start, false) >= 0)
			return true;
		start = i + 1;
	}
	return false;
}
