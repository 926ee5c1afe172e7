/*
 * scan_plain.c
 *		What stands where a secret could and is none: words that say how things
 *		are, templates, fillers, paths, addresses, names.
 *
 * To redact these would take the diagnosis out of a log.  Each looks at a bounded
 * number of bytes.
 */
#include "port.h"

#include "ascii.h"
#include "scan_check.h"

/* Bytes of a value that are looked at. */
#define SAMPLE 40

/*
 * What stands where a secret could and says how things are, and what programs
 * write there instead of one.  Lower case, ascending by first letter.
 */
/* clang-format off */
static const char *const diagnosis[] = {
	"absent", "accepted", "active", "anonymous", "apikey", "authorized", "basic",
	"bearer", "boolean", "changed", "denied", "digest", "disabled", "empty", "enabled",
	"error", "expired", "failed", "failure", "false", "filtered", "forbidden", "found", "hidden",
	"inactive", "incorrect", "integer", "invalid", "jwt", "leaked", "masked",
	"mismatch", "missing", "n/a", "needed", "nil", "no", "none", "not_found",
	"not_set", "null", "oauth", "oauth2", "ok", "omitted", "optional", "pending",
	"present", "provided", "redacted", "refreshed", "rejected", "removed", "required",
	"reset", "revoked", "rotated", "set", "str", "string", "success", "too_long",
	"too_short", "true", "unauthorized", "undefined", "unknown", "unset",
	"unspecified", "updated", "valid", "yes"
};
/* clang-format on */

bool
check_is_diagnosis(const char *value, size_t len)
{
	char word[16];

	/* [missing], <none> */
	if (len > 2 && memchr("[<(", value[0], 3) != NULL && memchr("]>)", value[len - 1], 3) != NULL)
	{
		value++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(word))
		return false;
	for (size_t i = 0; i < len; i++)
	{
		char c = value[i];

		word[i] = is_upper(c) ? c + 32 : (c == ' ' || c == '-') ? '_' : c;
	}
	word[len] = '\0';
	for (size_t i = 0; i < sizeof(diagnosis) / sizeof(diagnosis[0]); i++)
	{
		if (diagnosis[i][0] > word[0])
			break;
		if (diagnosis[i][0] == word[0] && strcmp(word, diagnosis[i]) == 0)
			return true;
	}
	return false;
}

/* Does the value begin with that text? */
static bool
starts(const char *value, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(value, with, n) == 0;
}

/* Is it one character over and over? */
static bool
is_repeated(const char *value, size_t len)
{
	size_t i = 1;

	while (i < len && i < 2 * SAMPLE && value[i] == value[0])
		i++;
	return i == len || i == 2 * SAMPLE;
}

bool
check_is_filler(const char *value, size_t len)
{
	size_t n = len < 12 ? len : 12;

	return n >= 8 && is_repeated(value + len - n, n);
}

bool
check_is_template(const char *value, size_t len)
{
	size_t i = 1;

	/* your_api_key, YOUR-PASSWORD-HERE */
	if (len > 5 && strncasecmp(value, "your", 4) == 0 && memchr("_- ", value[4], 3) != NULL)
		return true;
	if (starts(value, len, "required|") || starts(value, len, "REPLACE_") ||
		starts(value, len, "ref+") || starts(value, len, "#{") || starts(value, len, "@env:") ||
		starts(value, len, "@Model.") || starts(value, len, "@Microsoft.KeyVault"))
		return true;
	switch (len > 0 ? value[0] : '\0')
	{
		case '\0':
			return true;
		case '$':
			/* $NAME */
			while (i < len && (is_upper(value[i]) || value[i] == '_' || is_digit(value[i])))
				i++;
			return i == len || value[1] == '{' || value[1] == '(' ||
				   (len > 1 && check_is_name(value + 1, len - 1, false));
		case '{':
			/* {name} of a format, whose end is outside the class of values */
			while (i < len && (is_lower(value[i]) || value[i] == '_' || value[i] == '.'))
				i++;
			return i == len || value[i] == '}' || starts(value, len, "{{");
		case ':':
			while (i < len && (is_lower(value[i]) || value[i] == '_'))
				i++;
			return i == len;
		case '%':
			return starts(value, len, "%(") || value[len - 1] == '%' || len == 2;
		case '<':
			return value[len - 1] == '>';
		case 'o':
			return starts(value, len, "os.environ");
		case 'p':
			return starts(value, len, "process.env");
		case '*':
			return starts(value, len, "***") || is_repeated(value, len);
		case '\xe2':
			return starts(value, len, "\xe2\x80\xa2\xe2\x80\xa2"); /* bullets */
		case 'x':
		case 'X':
		case '.':
		case '-':
		case '_':
			return is_repeated(value, len) ||
				   (len > 4 && value[1] == '_' && value[len - 1] == '_' && value[len - 2] == '_');
		case '#':
		case '?':
			return is_repeated(value, len);
		default:
			return false;
	}
}

/*
 * A name of words and numbers, such as db-credentials-v2, or a decimal number: no
 * part of it mixes letters and digits as random ones do.
 */
bool
check_is_words(const char *value, size_t len)
{
	bool letter = false;
	bool digit = false;
	size_t start = 0;

	for (size_t i = 0; i <= len && i <= 2 * SAMPLE; i++)
	{
		if (i < len && is_lower(value[i]))
			letter = true;
		else if (i < len && is_digit(value[i]))
			digit = true;
		else if (i == len || memchr("-_.", value[i], 3) != NULL)
		{
			if (letter && digit && i - start >= 5)
				return false;
			letter = digit = false;
			start = i + 1;
		}
		else
			return false;
	}
	return len <= 2 * SAMPLE;
}

/* An absolute path. */
bool
check_is_path(const char *value, size_t len)
{
	if (value[0] != '/')
		return false;
	for (size_t i = 1; i < len && i < 256; i++)
		if (!is_lower(value[i]) && !is_upper(value[i]) && !is_digit(value[i]) &&
			memchr("/._-", value[i], 4) == NULL)
			return memchr(value + 1, '/', len < 256 ? len - 1 : 255) != NULL;
	return true;
}

/* A URL without a password, or a time: where a secret is, or since when. */
bool
check_is_place(const char *value, size_t len)
{
	static const char *const stores[] = {"arn:aws:", "op://",	 "vault:",	  "file:///",
										 "ssm:",	 "projects/", "keyvault:", "env:"};

	if (starts(value, len, "http://") || starts(value, len, "https://"))
		return len < 512 && memchr(value, '@', len) == NULL && memchr(value, ' ', len) == NULL &&
			   memchr(value, '[', len) == NULL;
	if (len < 512 && memchr(value, ' ', len) == NULL)
		for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++)
			if (starts(value, len, stores[i]))
				return true;
	return len >= 10 && is_digit(value[0]) && is_digit(value[3]) && value[4] == '-' &&
		   is_digit(value[6]) && value[7] == '-' && is_digit(value[9]) &&
		   (len == 10 || value[10] == 'T');
}
