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

#include "scan_key.h"

#define NAME_MAX_LEN 40

typedef struct KeyName
{
	const char *name;
	ScanType type;
	bool suffix; /* also at the end of a longer word: dbpassword */
} KeyName;

static const KeyName names[] = {
	{"password", TYPE_PASSWORD, true},
	{"passwords", TYPE_PASSWORD, true},
	{"passwd", TYPE_PASSWORD, true},
	{"pwd", TYPE_PASSWORD, false},
	{"passphrase", TYPE_PASSWORD, true},
	{"pin", TYPE_PIN, false},
	{"otp", TYPE_PIN, false},
	{"cvv", TYPE_PIN, false},
	{"ssn", TYPE_SSN, false},
	{"secret", TYPE_SECRET, true},
	{"secrets", TYPE_SECRET, true},
	{"credential", TYPE_SECRET, true},
	{"credentials", TYPE_SECRET, true},
	{"token", TYPE_TOKEN, false},
	{"apikey", TYPE_API_KEY, true},
	{"apikeys", TYPE_API_KEY, true},
	{"accesskey", TYPE_API_KEY, true},
	{"secretkey", TYPE_API_KEY, true},
	{"privatekey", TYPE_PRIVATE_KEY, true},
	{"authorization", TYPE_AUTHORIZATION, false},
	{"auth", TYPE_AUTHORIZATION, false},
	{"cookie", TYPE_COOKIE, false},
	{"cookies", TYPE_COOKIE, false},
	{"sessionid", TYPE_COOKIE, false},
	{"connectionstring", TYPE_CONNECTION_STRING, false},
	{"dsn", TYPE_CONNECTION_STRING, false},
};

bool
scan_key_takes_numbers(ScanType type)
{
	return type == TYPE_PASSWORD || type == TYPE_PIN || type == TYPE_SSN;
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_separator(char c)
{
	return memchr("_-.:/ ", c, 6) != NULL;
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
 * *both are where the last and where the two begin.  False if there are none, or
 * they are longer than any of ours.
 */
static bool
last_words(const char *key, size_t len, char *name, size_t *last, size_t *both)
{
	size_t at = NAME_MAX_LEN;
	int words = 0;

	while (len > 0 && ((key[len - 1] >= '0' && key[len - 1] <= '9') ||
					   is_separator(key[len - 1])))
		len--;
	for (size_t i = len; i > 0 && words < 2; i--)
	{
		char c = key[i - 1];

		if (is_separator(c))
			continue;
		if (at == 0)
			return words > 0;
		name[--at] = is_upper(c) ? c + 32 : c;
		if (begins_word(key, len, i - 1))
		{
			*both = at;
			if (words++ == 0)
				*last = at;
		}
	}
	return words > 0;
}

int
scan_key_type(const char *key, size_t len)
{
	char name[NAME_MAX_LEN];
	size_t last = 0;
	size_t both = 0;

	if (len < 3 || !last_words(key, len, name, &last, &both) ||
		(last - both == 6 && memcmp(name + both, "public", 6) == 0))
		return -1;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		size_t n = strlen(names[i].name);
		size_t at = NAME_MAX_LEN - n;

		if (at < both || memcmp(name + at, names[i].name, n) != 0)
			continue;
		if (at == last || at == both || (names[i].suffix && at > last))
			return names[i].type;
	}
	return -1;
}
