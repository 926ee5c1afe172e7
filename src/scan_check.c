/*
 * scan_check.c
 *		Validators of the scanner.
 *
 * They keep a scan linear by looking at a bounded number of bytes each, and
 * keep logs readable by refusing what only looks like a secret: words that
 * carry the diagnosis, templates, numbers without a valid check digit.
 */
#include "port.h"

#include "ascii.h"
#include "scan_check.h"

/* Bytes that an entropy is computed from. */
#define SAMPLE 40

/* Bytes of a JWT's header, or of Basic credentials, that are decoded. */
#define DECODE_MAX 4096

/* 256 * c * log2(c) */
static const uint16_t xlog2x[SAMPLE + 1] = {
	0,	   0,	  512,	 1217,	2048,  2972,  3971,	 5031,	6144,  7304,  8504,
	9742,  11013, 12315, 13646, 15002, 16384, 17789, 19215, 20662, 22128, 23613,
	25116, 26635, 28170, 29721, 31286, 32866, 34459, 36066, 37685, 39317, 40960,
	42615, 44281, 45958, 47646, 49344, 51052, 52769, 54497};

/* Is there a digit among the first bytes? */
static bool
has_digit(const char *value, size_t len)
{
	for (size_t i = 0; i < len && i < 2 * SAMPLE; i++)
		if (is_digit(value[i]))
			return true;
	return false;
}

bool
check_entropy(const char *value, size_t len, unsigned tenths)
{
	uint8_t count[256] = {0};
	size_t n = len < SAMPLE ? len : SAMPLE;
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
	{
		uint8_t *c = &count[(uint8_t) value[i]];

		sum += xlog2x[*c + 1] - xlog2x[*c];
		(*c)++;
	}
	/* n * H = n log2 n - sum of c log2 c */
	return n > 0 && (xlog2x[n] - sum) * 10 >= 256 * n * tenths;
}


/*
 * Letters in two cases that change as often as chance makes them: a token
 * without a digit.  Words in a row have fewer capitals.
 */
static bool
is_scrambled(const char *value, size_t len)
{
	size_t n = len < SAMPLE ? len : SAMPLE;
	size_t changes = 0;

	for (size_t i = 1; i < n; i++)
		changes += is_lower(value[i - 1]) && is_upper(value[i]);
	return n >= 20 && changes * 6 >= n;
}

/* As random as what a generator makes: used where the prefix alone is weak. */
bool
check_random(const char *value, size_t len)
{
	return (has_digit(value, len) || is_scrambled(value, len)) && check_entropy(value, len, 35);
}

/* Random, or 32 hexadecimal digits, which have less entropy. */
bool
check_sk(const char *value, size_t len)
{
	return (check_random(value, len) && !check_is_words(value, len)) ||
		   (len == 32 && check_hex(value, len));
}

/*
 * No word, no counter, no filler: for a prefix that is weak and a length that is
 * fixed.  32 hexadecimal digits of chance have less than 3.0 bits once in 9,000.
 */
bool
check_mixed(const char *value, size_t len)
{
	return check_tokenish(value, len) && check_entropy(value, len, 30);
}

/* Are these all hexadecimal digits, in lower case? */
static bool
is_hex(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_digit(value[i]) && !(value[i] >= 'a' && value[i] <= 'f'))
			return false;
	return true;
}

/* Likewise in any case, or in groups with dashes. */
static bool
is_hexadecimal(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_hex_digit(value[i]) && value[i] != '-')
			return false;
	return true;
}

/* The value of a key named secret, token and the like; hexadecimal ones have less. */
bool
check_secret(const char *value, size_t len)
{
	unsigned tenths = len >= 24 && len <= 128 && is_hexadecimal(value, len) ? 30 : 33;

	return (has_digit(value, len) || is_scrambled(value, len)) &&
		   check_entropy(value, len, tenths) && !check_is_template(value, len) &&
		   !check_is_place(value, len) && !check_is_words(value, len);
}

/* Digits alone: a PIN, a one-time password. */
bool
check_digits(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_digit(value[i]))
			return false;
	return true;
}

/* The password of a key that may be another: a letter, and something that is none. */
bool
check_strong_password(const char *value, size_t len)
{
	bool letter = false;
	bool other = false;

	for (size_t i = 0; i < len && i < 2 * SAMPLE; i++)
	{
		letter = letter || is_lower(value[i]) || is_upper(value[i]);
		other = other || is_digit(value[i]);
	}
	return letter && other && check_password(value, len) && !check_is_words(value, len);
}

/*
 * The value of a key named password: people choose poor ones, so the length
 * alone counts; below 8 characters one that is no lower-case letter is needed.
 */
bool
check_password(const char *value, size_t len)
{
	bool letters = true;

	if (check_is_diagnosis(value, len) || check_is_template(value, len) ||
		check_is_place(value, len))
		return false;
	for (size_t i = 0; i < len && i < 8; i++)
		letters = letters && is_lower(value[i]);
	/* PWD, the working directory */
	if (check_is_path(value, len))
		return false;
	return len >= 8 || !letters;
}

/* What follows Bearer: no word of prose, and nothing that stands for a token. */
bool
check_bearer(const char *value, size_t len)
{
	return check_tokenish(value, len) && !check_is_template(value, len);
}

/* No plain word: has a digit, or capitals after the first letter. */
bool
check_tokenish(const char *value, size_t len)
{
	for (size_t i = 0; i < len && i < 2 * SAMPLE; i++)
		if (is_digit(value[i]) || (i > 0 && is_upper(value[i])))
			return true;
	return len >= 2 * SAMPLE;
}

/* Hexadecimal digits, as mixed as chance makes them. */
bool
check_hex(const char *value, size_t len)
{
	return len <= DECODE_MAX && is_hex(value, len) && check_mixed(value, len);
}

/* 32 hexadecimal digits, and a number after a dash. */
bool
check_databricks(const char *value, size_t len)
{
	return len >= 32 && check_hex(value, 32) &&
		   (len == 32 || (len == 34 && value[32] == '-' && is_digit(value[33])));
}

/* 8 characters, an underscore, 22 or more. */
bool
check_resend(const char *value, size_t len)
{
	return len >= 30 && value[8] == '_' && memchr(value + 9, '_', len - 9) == NULL &&
		   check_mixed(value, len);
}

/* 14 characters, a dot, 64 hexadecimal digits. */
bool
check_airtable(const char *value, size_t len)
{
	return len == 79 && value[14] == '.' && check_hex(value + 15, 64);
}

/* Letters A to Z and digits 2 to 7 alone. */
bool
check_base32(const char *value, size_t len)
{
	for (size_t i = 0; i < len && i < DECODE_MAX; i++)
		if (!is_upper(value[i]) && !(value[i] >= '2' && value[i] <= '7'))
			return false;
	return true;
}

/* 40 characters of base64. */
bool
check_aws_secret(const char *value, size_t len)
{
	if (len != 40)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_digit(value[i]) && !is_lower(value[i]) && !is_upper(value[i]) &&
			value[i] != '/' && value[i] != '+' && value[i] != '=')
			return false;
	return check_entropy(value, len, 35);
}

/* Value of a character of base64 in either alphabet, -1 if it is none. */
static int
base64_value(char c)
{
	if (is_upper(c))
		return c - 'A';
	if (is_lower(c))
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

/*
 * Decodes at most DECODE_MAX characters, stopping at the first byte that does
 * not decode to printable ASCII; *used is how many were decoded.
 */
static size_t
base64_text(const char *value, size_t len, char *out, size_t *used)
{
	uint32_t bits = 0;
	unsigned nbits = 0;
	size_t n = 0;
	size_t i;

	for (i = 0; i < len && i < DECODE_MAX; i++)
	{
		int v = base64_value(value[i]);

		if (v < 0)
			break;
		bits = (bits << 6 | (uint32_t) v) & 0xffff;
		nbits += 6;
		if (nbits >= 8)
		{
			unsigned char c = (unsigned char) (bits >> (nbits - 8));

			if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c > 0x7e)
				break;
			out[n++] = (char) c;
			nbits -= 8;
		}
	}
	*used = i;
	return n;
}

/* base64, perhaps in a URL's encoding, of bytes that need its = at the end. */
bool
check_base64_key(const char *value, size_t len)
{
	size_t n = 0;

	if (len > 4 && value[len - 3] == '%' && value[len - 2] == '3' &&
		(value[len - 1] | 0x20) == 'd')
		len -= 3;
	else if (len == 0 || value[len - 1] != '=')
		return false;
	while (n < len && n < DECODE_MAX && (base64_value(value[n]) >= 0 || value[n] == '%'))
		n++;
	while (n < len && value[n] == '=')
		n++;
	return n == len && check_entropy(value, len, 35);
}

/* base64 of user:password. */
bool
check_basic(const char *value, size_t len)
{
	char text[DECODE_MAX];
	size_t used;
	size_t n;

	while (len > 0 && value[len - 1] == '=')
		len--;
	n = base64_text(value, len, text, &used);
	return n > 1 && memchr(text + 1, ':', n - 1) != NULL;
}

/* Likewise, of a value that may be anything. */
bool
check_auth(const char *value, size_t len)
{
	for (size_t i = 0; i < len && i < DECODE_MAX; i++)
		if (base64_value(value[i]) < 0 && value[i] != '=')
			return false;
	return check_basic(value, len);
}

/* base64url of a JSON object with "alg"; a very long one counts as such. */
bool
check_jwt_header(const char *value, size_t len)
{
	char text[DECODE_MAX];
	size_t used;
	size_t n = base64_text(value, len, text, &used);

	if (n < 2 || text[0] != '{')
		return false;
	if (used >= DECODE_MAX)
		return true;
	return used == len && memmem(text, n, "\"alg\"", 5) != NULL;
}

/* A password in a URL: any but a template. */
bool
check_url_password(const char *value, size_t len)
{
	return !check_is_template(value, len);
}
