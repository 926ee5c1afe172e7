/*
 * person.c
 *		Made-up personal data, and the secrets that no anchor introduces.
 *
 * Check digits are computed, so no number here is copied from anywhere.
 */
#include "positive.h"

#include <stdio.h>

#include "scan_check.h"
#include "sha256.h"

static void
make_email(Positive *p)
{
	static const char *const tops[] = {".com", ".co.uk", ".org", ".io", ".example"};

	put_random(p, SMALL, 6 + below(6));
	if (below(3) == 0)
		put(p, "+x");
	put(p, "@");
	put_random(p, SMALL, 3 + below(8));
	put(p, tops[below(lengthof(tops))]);
}

/* Digits in groups of the given sizes, ended by 0. */
static void
put_groups(Positive *p, const char *digits, const int *sizes, const char *separator)
{
	for (; *sizes > 0; digits += *sizes++)
	{
		put_bytes(p, digits, (size_t) *sizes);
		if (sizes[1] > 0)
			put(p, separator);
	}
}

static void
make_card(Positive *p)
{
	static const char *const first[] = {"4", "51", "2221", "34", "37", "3528", "6011"};
	static const int         fours[] = {4, 4, 4, 4, 0};
	static const int         amex[] = {4, 6, 5, 0};
	const char              *prefix = first[below(lengthof(first))];
	bool                     is_amex = prefix[0] == '3' && prefix[1] != '5';
	size_t                   n = is_amex ? 15 : 16;
	const char *const        separators[] = {"", " ", "-"};
	char                     digits[20];
	unsigned                 sum = 0;

	for (size_t i = 0; i < n; i++)
		digits[i] = i < strlen(prefix) ? prefix[i] : (char) ('0' + below(10));
	for (size_t i = 0; i + 1 < n; i++)
	{
		unsigned d = (unsigned) (digits[n - 2 - i] - '0') * (i % 2 == 0 ? 2 : 1);

		sum += d / 10 + d % 10;
	}
	digits[n - 1] = (char) ('0' + (10 - sum % 10) % 10);
	put_groups(p, digits, is_amex ? amex : fours, separators[below(3)]);
}

static void
make_iban(Positive *p)
{
	const char *separator = below(2) ? " " : "";
	char        value[40];
	unsigned    rest = 0;
	size_t      n;

	do
	{
		value[0] = (char) ('A' + below(26));
		value[1] = (char) ('A' + below(26));
	} while ((n = iban_length(value)) == 0);
	for (size_t i = 4; i < n; i++)
		value[i] = (below(4) ? DIGITS : CAPITALS)[below(10)];
	memcpy(value + 2, "00", 2);
	for (size_t i = 0; i < n; i++)
	{
		char c = value[(i + 4) % n];

		rest = c >= 'A' ? (rest * 100 + (unsigned) (c - 'A') + 10) % 97
		                : (rest * 10 + (unsigned) (c - '0')) % 97;
	}
	value[2] = (char) ('0' + (98 - rest) / 10);
	value[3] = (char) ('0' + (98 - rest) % 10);
	for (size_t i = 0; i < n; i++)
	{
		if (i > 0 && i % 4 == 0)
			put(p, separator);
		put_bytes(p, value + i, 1);
	}
}

static void
make_ssn(Positive *p)
{
	char     text[16];
	unsigned area;

	do
		area = 1 + below(899);
	while (area == 666);
	snprintf(text, sizeof(text), "%03u-%02u-%04u", area, 1 + below(99), 1 + below(9999));
	put(p, text);
}

static void
make_phone(Positive *p)
{
	static const char *const north[] = {"(%u) %u-%04u",  "%u-%u-%04u",   "%u.%u.%04u",
	                                    "+1 %u %u %04u", "1-%u-%u-%04u", "+1%u%u%04u"};
	static const char *const abroad[] = {"+%u %03u %07u", "+%u-%03u-%07u", "+%u%03u%07u"};
	static const unsigned    countries[] = {49, 44, 33, 7, 351, 81, 971};
	char                     text[32];
	unsigned                 style = below(lengthof(north) + lengthof(abroad));

	/* neither area nor exchange of North America is N11 or begins with 0, 1 */
	if (style < lengthof(north))
		snprintf(text, sizeof(text), north[style], 220 + below(90), 320 + below(90),
		         below(10000));
	else
		snprintf(text, sizeof(text), abroad[style - lengthof(north)],
		         countries[below(lengthof(countries))], 100 + below(900),
		         below(10000000));
	put(p, text);
}

/* The secret is the password alone. */
static void
make_url(Positive *p)
{
	static const char *const before[] = {"postgres://app", "https://bob", "redis://",
	                                     "amqp:\\/\\/guest"};
	char                     host[32];

	put(p, before[below(lengthof(before))]);
	put(p, ":");
	p->secret = p->len;
	put_random(p, ALNUM, 8 + below(20));
	p->secret_len = p->len - p->secret;
	snprintf(host, sizeof(host), "@db%u.internal/x", below(100));
	put(p, host);
}

static void
make_bot(Positive *p)
{
	size_t n = p->rule->min;

	put_random(p, "123456789", 1);
	put_random(p, DIGITS, 7 + below(3));
	put(p, ":AA");
	put_random(p, ALNUM "_-", n > 3 ? n - 3 : 0);
	put_random(p, ALNUM, 1);
}

static void
make_azure(Positive *p)
{
	size_t n = p->rule->min + below(p->rule->max - p->rule->min + 1u);

	put_random(p, ALNUM, 3);
	put_random(p, DIGITS, 1);
	put(p, "Q~");
	put_random(p, ALNUM, 1);
	put_random(p, ALNUM "-_.~", n - 2);
	put_random(p, ALNUM, 1);
}

/* base58 of a version, 20 bytes and the check sum, 34 characters mostly. */
static void
make_base58(Positive *p)
{
	static const char alphabet[] =
	    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
	uint8_t bytes[25] = {0};
	uint8_t sum[SHA256_LEN];
	char    text[40];
	size_t  n = sizeof(text);
	int     count;

	bytes[0] = below(2) ? 5 : 0;
	count = bytes[0] ? 34 : 33;
	for (int i = 1; i < 21; i++)
		bytes[i] = (uint8_t) (1 + below(255));
	sha256(bytes, 21, sum);
	sha256(sum, sizeof(sum), sum);
	memcpy(bytes + 21, sum, 4);
	for (int digits = 0; digits < count; digits++)
	{
		unsigned rest = 0;

		for (size_t i = 0; i < sizeof(bytes); i++)
		{
			rest = rest << 8 | bytes[i];
			bytes[i] = (uint8_t) (rest / 58);
			rest %= 58;
		}
		text[--n] = alphabet[rest];
	}
	if (count == 33)
		text[--n] = '1';
	put_bytes(p, text + n, sizeof(text) - n);
}

/* One step of BIP 173's check sum. */
static uint32_t
bech32_step(uint32_t sum, uint32_t digit)
{
	static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
	                                     0x2a1462b3};
	uint32_t              top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ digit;
	for (int i = 0; i < 5; i++)
		sum ^= top >> i & 1 ? generator[i] : 0;
	return sum;
}

static void
make_bech32(Positive *p)
{
	static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	uint32_t          sum = 1;

	put(p, "bc1q");
	/* high bits of "bc", zero, low bits, and the q */
	for (int i = 0; i < 6; i++)
		sum = bech32_step(sum, (uint32_t) "\3\3\0\2\3\0"[i]);
	for (int i = 0; i < 32; i++)
	{
		unsigned digit = below(32);

		put_bytes(p, &alphabet[digit], 1);
		sum = bech32_step(sum, digit);
	}
	for (int i = 0; i < 6; i++)
		sum = bech32_step(sum, 0);
	sum ^= 1;
	for (int i = 5; i >= 0; i--)
		put_bytes(p, &alphabet[sum >> 5 * i & 31], 1);
}

/* In one case, behind a word: the case of its letters is a check sum otherwise. */
static void
make_ethereum(Positive *p)
{
	put(p, "wallet ");
	p->secret = p->len;
	put(p, "0x");
	put_random(p, DIGITS "abcdef", 36);
	put(p, "abcd");
	p->secret_len = p->len - p->secret;
}

static void
make_discord(Positive *p)
{
	/* of a user's number in base64 the last characters vary */
	put(p, "MTk4NjIyNDgzNDcxOTI1");
	put_random(p, CAPITALS, 4);
	put(p, ".");
	put_random(p, ALNUM, 6);
	put(p, ".");
	put_random(p, ALNUM, 27 + below(12));
}

/* 32 hexadecimal digits, of which some are letters. */
static void
put_hex(Positive *p)
{
	size_t start = p->len;

	do
	{
		p->len = start;
		put_random(p, DIGITS "abcdef", 32);
	} while (!check_hex(p->text + start, 32));
}

/* Numbers behind a word; the number is the secret. */
static void
make_by_word(Positive *p)
{
	bool social = p->rule->kind == KIND_SOCIAL;

	put(p, social ? "SSN: " : below(2) ? "Phone: " : "tel. ");
	p->secret = p->len;
	put(p, social ? "5" : "0");
	put_random(p, "123456789", 2);
	put(p, " ");
	put_random(p, "123456789", social ? 2 : 3);
	put(p, " ");
	put_random(p, "123456789", 4);
	p->secret_len = p->len - p->secret;
}

bool
person_make(Positive *p)
{
	switch (p->rule->kind)
	{
		case KIND_EMAIL:
			make_email(p);
			break;
		case KIND_CARD:
			make_card(p);
			break;
		case KIND_IBAN:
			make_iban(p);
			break;
		case KIND_SSN:
			make_ssn(p);
			break;
		case KIND_PHONE:
			make_phone(p);
			break;
		case KIND_URL:
			make_url(p);
			break;
		case KIND_BOT:
			make_bot(p);
			break;
		case KIND_AZURE:
			make_azure(p);
			break;
		case KIND_BASE58:
			make_base58(p);
			break;
		case KIND_BECH32:
			make_bech32(p);
			break;
		case KIND_ETHEREUM:
			make_ethereum(p);
			break;
		case KIND_DISCORD:
			make_discord(p);
			break;
		case KIND_TWILIO:
			put(p, "SK");
			put_hex(p);
			break;
		case KIND_MAILCHIMP:
			put_hex(p);
			put(p, "-us12");
			break;
		case KIND_TELEPHONE:
		case KIND_SOCIAL:
			make_by_word(p);
			break;
		default:
			return false;
	}
	if (p->secret_len == 0)
		p->secret_len = p->len;
	return true;
}
