/*
 * scan_header.c
 *		Validators of HTTP headers' values.
 *
 * A header's whole value goes, so these must be sure that there is a secret in it:
 * Set-Cookie also brings dates and preferences, and "authorization: required"
 * is prose.
 */
#include "port.h"

#include "ascii.h"
#include "scan_check.h"

/* Bytes of a value that are looked at; in a longer one there is a secret. */
#define VALUE_MAX 4096

static bool
is_word(char c)
{
	return is_digit(c) || is_letter(c) || memchr("_-.~+/=%", c, 8) != NULL;
}

/* Does the text begin with that word, in lower case, in any case? */
static bool
begins(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && strncasecmp(text, word, n) == 0;
}

/* Is it of letters and digits, of a length and as mixed as tokens are? */
static bool
is_token(const char *text, size_t len, size_t min)
{
	bool letter = false;

	for (size_t i = 0; i < len && !letter; i++)
		letter = is_letter(text[i]);
	return len >= min && letter && check_mixed(text, len);
}

/*
 * Credentials of a scheme that has no rule of its own: Token, ApiKey, Digest, AWS4,
 * or none.
 */
bool
check_authorization(const char *value, size_t len)
{
	size_t start = 0;

	if (begins(value, len, "bearer ") || begins(value, len, "basic ") ||
		begins(value, len, "process.env") || begins(value, len, "os.environ") ||
		check_is_template(value, len))
		return false;
	if (len > VALUE_MAX)
		return true;
	for (size_t i = 0; i <= len; i++)
	{
		if (i < len && is_word(value[i]))
			continue;
		if (is_token(value + start, i - start, 10))
			return true;
		start = i + 1;
	}
	return false;
}

/* name=value, of a name and a value of at least a letter. */
bool
check_cookie(const char *value, size_t len)
{
	const char *operator = memchr(value, '=', len < VALUE_MAX ? len : VALUE_MAX);
	size_t name = operator == NULL ? 0 : (size_t) (operator - value);

	for (size_t i = 0; i < name; i++)
		if (!is_word(value[i]))
			return false;
	return name > 0 && name + 1 < len && is_word(operator[1]) && operator[1] != '=';
}

/* Does the cookie's name say that it is a session's? */
static bool
is_session(const char *name, size_t len)
{
	static const char *const words[] = {"sess", "sid", "auth", "token", "jwt", "csrf",
										"xsrf", "login", "remember", "secret", "key"};

	for (size_t i = 0; i < len; i++)
		for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
			if (begins(name + i, len - i, words[w]))
				return true;
	return false;
}

/* A cookie that is set: a session's, or one that is random. */
bool
check_set_cookie(const char *value, size_t len)
{
	const char *operator = memchr(value, '=', len < VALUE_MAX ? len : VALUE_MAX);
	size_t name;
	size_t end;

	if (operator == NULL)
		return false;
	name = (size_t) (operator - value);
	for (end = name + 1; end < len && end < VALUE_MAX && is_word(value[end]); end++)
		;
	/* the value ends where its attributes begin, or it is none of ours */
	if (end < len && end < VALUE_MAX && memchr("; \t,", value[end], 4) == NULL)
		return false;
	end -= name + 1;
	return (is_session(value, name) && end >= 4) || is_token(operator + 1, end, 16);
}
