/*
 * fuzz_validators.c
 *		Fuzzer of the validators: scan_check.h, scan_key.h.
 *
 * Each is called on a copy of exactly the input's length.  Some have a twin
 * here that does the same in the slow and obvious way; numbers are also made of the
 * input, digit by digit, since chance alone hardly ever makes valid ones.
 */
#include "harness.h"

#include <math.h>
#include <stdio.h>

#include "scan_check.h"
#include "scan_key.h"

/* Digits that are made of an input at most; the longest number has 34. */
#define DIGITS_MAX 40

typedef bool (*Validator)(const char *value, size_t len);

/* The input's first bytes as digits. */
static size_t
to_digits(const char *in, size_t len, char *digits)
{
	size_t n = len < DIGITS_MAX ? len : DIGITS_MAX;

	for (size_t i = 0; i < n; i++)
		digits[i] = (char) ('0' + (uint8_t) in[i] % 10);
	return n;
}

/* What a validator says to a copy of exactly that length. */
static bool
says(Validator check, const char *value, size_t len)
{
	char *copy = harness_copy(value, len);
	bool  said = check(copy, len);

	PROMISE(memcmp(copy, value, len) == 0);
	harness_free(copy, len);
	return said;
}

/* ---- entropy ------------------------------------------------------------ */

/* Shannon's entropy of the first 40 bytes. */
static double
slow_entropy(const char *value, size_t len)
{
	size_t n = len < 40 ? len : 40;
	double bits = 0;

	/* each byte adds the surprise that it is one, divided by all */
	for (size_t i = 0; i < n; i++)
	{
		size_t same = 0;

		for (size_t k = 0; k < n; k++)
			same += value[k] == value[i];
		bits += log2((double) n / (double) same) / (double) n;
	}
	return bits;
}

static void
try_entropy(const char *value, size_t len)
{
	double bits = slow_entropy(value, len);
	bool   before = true;

	for (unsigned tenths = 0; tenths <= 60; tenths++)
	{
		double over = bits - tenths / 10.0;
		bool   enough = check_entropy(value, len, tenths);

		/* the module's table is of whole 256ths of a bit */
		if (len == 0)
			PROMISE(!enough);
		else if (fabs(over) > 0.003)
			PROMISE(enough == (over > 0));
		PROMISE(before || !enough);
		before = enough;
	}
}

/* ---- numbers ------------------------------------------------------------ */

/* The digit that makes Luhn's sum right, for digits that stand before it. */
static char
luhn_digit(const char *digits, size_t n)
{
	int  sum = 0;
	bool twice = true;

	for (size_t i = n; i-- > 0; twice = !twice)
	{
		int product = (digits[i] - '0') * (twice ? 2 : 1);

		/* the digits of the product are added, as the standard has it */
		sum += product / 10 + product % 10;
	}
	for (char last = '0'; last < '9'; last++)
		if ((sum + last - '0') % 10 == 0)
			return last;
	return '9';
}

/* The issuer's range is a matter of four digits and the length alone. */
static void
try_card(const char *digits, size_t n)
{
	char number[DIGITS_MAX];
	char plain[DIGITS_MAX];
	bool right;

	if (n < 5)
		return;
	right = digits[n - 1] == luhn_digit(digits, n - 1);
	memcpy(number, digits, n);
	number[n - 1] = luhn_digit(digits, n - 1);
	memset(plain, '0', n);
	memcpy(plain, digits, 4);
	plain[n - 1] = luhn_digit(plain, n - 1);
	PROMISE(says(check_card, number, n) == says(check_card, plain, n));
	PROMISE(says(check_card, digits, n) == (right && says(check_card, number, n)));
	PROMISE(n >= 13 && n <= 19 ? true : !says(check_card, number, n));
}

/* The remainder of a number of any length: long division by 97 of its limbs. */
static unsigned
big_remainder(const char *decimal)
{
	uint32_t limb[16] = {0};
	size_t   limbs = 1;
	uint64_t rest = 0;

	for (; *decimal != '\0'; decimal++)
	{
		uint64_t carry = (uint64_t) (*decimal - '0');

		for (size_t i = 0; i < limbs; i++)
		{
			carry += (uint64_t) limb[i] * 10;
			limb[i] = (uint32_t) carry;
			carry >>= 32;
		}
		if (carry > 0)
			limb[limbs++] = (uint32_t) carry;
	}
	while (limbs-- > 0)
		rest = (rest << 32 | limb[limbs]) % 97;
	return (unsigned) rest;
}

/* ISO 13616: the first four characters go last, letters become 10 to 35. */
static unsigned
iban_remainder(const char *value, size_t len)
{
	char   decimal[2 * DIGITS_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
	{
		char c = value[i < len - 4 ? i + 4 : i + 4 - len];

		if (c >= 'A' && c <= 'Z')
			n += (size_t) sprintf(decimal + n, "%d", c - 'A' + 10);
		else
			decimal[n++] = c;
	}
	decimal[n] = '\0';
	return big_remainder(decimal);
}

/* An account's number made of the input: country, check digits, the rest. */
static void
try_iban(const char *in, size_t len)
{
	char     value[DIGITS_MAX];
	char    *country;
	unsigned check;
	size_t   n;

	if (len < 4)
		return;
	for (int i = 0; i < 2; i++)
		value[i] = (char) ('A' + (uint8_t) in[i] % 26);
	country = harness_copy(value, 2);
	n = iban_length(country);
	harness_free(country, 2);
	PROMISE(n == 0 || (n >= 15 && n <= 34));
	if (n == 0)
		return;
	for (size_t i = 2; i < n; i++)
		value[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(uint8_t) in[i % len] % 36];
	value[2] = value[3] = '0';
	check = 98 - iban_remainder(value, n);
	value[2] = (char) ('0' + check / 10);
	value[3] = (char) ('0' + check % 10);
	PROMISE(iban_remainder(value, n) == 1);
	PROMISE(says(check_iban, value, n));
	PROMISE(!says(check_iban, value, n - 1));
	/* one character that is another is noticed */
	value[n - 1] = value[n - 1] == '9' ? '0' : '9';
	PROMISE(says(check_iban, value, n) == (iban_remainder(value, n) == 1));
}

/* The administration's list: no area 000, 666 or 9xx, no 00, no 0000. */
static bool
slow_ssn(const char *d)
{
	return memcmp(d, "000", 3) != 0 && memcmp(d, "666", 3) != 0 && d[0] != '9' &&
	       memcmp(d + 3, "00", 2) != 0 && memcmp(d + 5, "0000", 4) != 0;
}

/* NXX-NXX-XXXX with N from 2, and neither NXX is N11. */
static bool
slow_nanp(const char *d)
{
	for (int i = 0; i <= 3; i += 3)
		if (strchr("23456789", d[i]) == NULL || memcmp(d + i + 1, "11", 2) == 0)
			return false;
	return true;
}

/* E.164: 8 to 15 digits, no country's number begins with 0, 28, 83 or 89. */
static bool
slow_e164(const char *d, size_t n)
{
	static const char none[] = "28 83 89 ";
	char              country[4] = {d[0], d[1], ' ', '\0'};

	if (n < 8 || n > 15 || d[0] == '0')
		return false;
	if (d[0] == '1')
		return n == 11 && slow_nanp(d + 1);
	return strstr(none, country) == NULL;
}

static void
try_numbers(const char *in, size_t len)
{
	char   digits[DIGITS_MAX];
	size_t n = to_digits(in, len, digits);

	for (size_t i = 0; i <= n; i++)
	{
		try_card(digits, i);
		PROMISE(says(check_ssn, digits, i) == (i == 9 && slow_ssn(digits)));
		PROMISE(says(check_nanp, digits, i) == (i == 10 && slow_nanp(digits)));
		PROMISE(says(check_e164, digits, i) == (i > 1 && slow_e164(digits, i)));
	}
	try_iban(in, len);
}

/* ---- words -------------------------------------------------------------- */

/* Case, and which of three separators, make no difference to a diagnosis. */
static void
try_diagnosis(const char *in, size_t len)
{
	bool  is = says(check_is_diagnosis, in, len);
	char *other = harness_copy(in, len);

	for (size_t i = 0; i < len; i++)
		if ((other[i] >= 'a' && other[i] <= 'z') || (other[i] >= 'A' && other[i] <= 'Z'))
			other[i] ^= 0x20;
		else if (other[i] == ' ' || other[i] == '-')
			other[i] = '_';
	PROMISE(says(check_is_diagnosis, other, len) == is);
	PROMISE(!is || !says(check_password, in, len));
	harness_free(other, len);
}

/* Are all bytes among these? */
static bool
all_of(const char *value, size_t len, const char *allowed)
{
	for (size_t i = 0; i < len; i++)
		if (value[i] == '\0' || strchr(allowed, value[i]) == NULL)
			return false;
	return true;
}

/* What a validator takes is made of the characters it is named after. */
static void
try_alphabets(const char *in, size_t len)
{
	static const char base64[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=%";
	static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	/* validators look at a bounded number of bytes */
	size_t looked_at = len < 4096 ? len : 4096;

	PROMISE(says(check_base32, in, len) == all_of(in, looked_at, base32));
	if (says(check_hex, in, len))
		PROMISE(all_of(in, len, "0123456789abcdef"));
	if (says(check_aws_secret, in, len))
		PROMISE(len == 40 && all_of(in, len, base64));
	if (says(check_base64_key, in, len))
		PROMISE(all_of(in, looked_at, base64));
	if (says(check_jwt_header, in, len))
		PROMISE(memcmp(in, "e", 1) == 0 && all_of(in, looked_at, base64));
	if (says(check_databricks, in, len))
		PROMISE(len >= 32 && all_of(in, 32, "0123456789abcdef"));
	if (says(check_airtable, in, len))
		PROMISE(len == 79 && all_of(in + 15, 64, "0123456789abcdef"));
}

/* The name of a JSON key: neither case of all letters nor a prefix word decides. */
static void
try_key(const char *in, size_t len)
{
	char *copy = harness_copy(in, len);
	int   type = scan_key_type(copy, len);
	char *longer = malloc(len + 4);

	PROMISE(type >= -1 && type < SCAN_NTYPES);
	if (type >= 0)
		scan_key_takes_numbers((ScanType) type);
	/* what is a sensitive name remains one behind another word, but "public" */
	memcpy(longer, "db_", 3);
	memcpy(longer + 3, in, len);
	if (type >= 0 && scan_key_type(longer, len + 3) != type)
		harness_fail("a sensitive name stays one behind db_");
	free(longer);
	harness_free(copy, len);
}

void
fuzz_validators(const char *in, size_t len)
{
	static const Validator rest[] = {check_is_template, check_random,       check_secret,
	                                 check_password,    check_tokenish,     check_mixed,
	                                 check_basic,       check_url_password, check_iban,
	                                 check_card,        check_ssn,          check_nanp,
	                                 check_e164,        check_resend,       check_auth,
	                                 check_digits,      check_luhn,         check_verhoeff,
	                                 check_mod11,       check_mod97,        check_card_text,
	                                 check_base58,      check_bech32,       check_eip55,
	                                 check_ipv4,        check_ipv6,         check_authorization,
	                                 check_cookie,      check_set_cookie,   check_is_filler,   check_sk};
	char                  *copy = harness_copy(in, len);

	for (size_t i = 0; i < lengthof(rest); i++)
		says(rest[i], in, len);
	try_entropy(copy, len);
	harness_free(copy, len);
	try_numbers(in, len);
	try_diagnosis(in, len);
	try_alphabets(in, len);
	try_key(in, len);
}
