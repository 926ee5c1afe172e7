/*
 * person.c
 *		Made-up personal data, and the secrets that no anchor introduces.
 *
 * Check digits are computed, so no number here is copied from anywhere.
 */
#include "positive.h"

#include <stdio.h>

#include "scan_check.h"

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
		default:
			return false;
	}
	if (p->secret_len == 0)
		p->secret_len = p->len;
	return true;
}
