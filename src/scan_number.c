/*
 * scan_number.c
 *		Validators of numbers that persons are known by.
 *
 * Payment cards: ISO/IEC 7812, the issuers' published ranges.  IBAN: ISO 13616
 * and the lengths in SWIFT's registry of it, ISO 7064 for the check digits.  SSN:
 * the numbers that the US administration says it never gives.  Telephones:
 * E.164 and the North American numbering plan.
 */
#include "port.h"

#include "ascii.h"
#include "scan_check.h"

/* Letters and digits of a number at most. */
#define COMPACT_MAX 34

/* The first n digits as a number. */
static unsigned
leading(const char *digits, size_t n)
{
	unsigned value = 0;

	for (size_t i = 0; i < n; i++)
		value = value * 10 + (unsigned) (digits[i] - '0');
	return value;
}

/* Does an issuer use numbers of that beginning and length? */
static bool
card_range(const char *digits, size_t len)
{
	unsigned iin = leading(digits, 4);

	if (iin / 1000 == 4)
		return len == 13 || len == 16 || len == 19; /* Visa */
	if ((iin >= 5100 && iin <= 5599) || (iin >= 2221 && iin <= 2720))
		return len == 16; /* Mastercard */
	if (iin / 100 == 34 || iin / 100 == 37)
		return len == 15; /* American Express */
	if ((iin >= 3000 && iin <= 3059) || iin / 100 == 36 || iin / 100 == 38 ||
		iin / 100 == 39)
		return len == 14 || len >= 16; /* Diners Club */
	if (iin >= 3528 && iin <= 3589)
		return len >= 16; /* JCB */
	if (iin == 6011 || (iin >= 6440 && iin <= 6599) || iin / 100 == 60 ||
		iin / 100 == 62 || iin / 100 == 81 || iin / 100 == 82 ||
		(iin >= 2200 && iin <= 2204))
		return len >= 16; /* Discover, RuPay, UnionPay, Mir */
	return (iin / 100 == 50 || (iin >= 5600 && iin <= 5899) || iin == 6304 ||
			iin / 100 == 67) &&
		   len >= 13; /* Maestro */
}

/* Luhn's sum of digits alone. */
static bool
luhn(const char *digits, size_t len)
{
	unsigned sum = 0;

	for (size_t i = 0; i < len; i++)
	{
		unsigned d = (unsigned) (digits[len - 1 - i] - '0');

		if (i % 2 == 1)
			d = d > 4 ? 2 * d - 9 : 2 * d;
		sum += d;
	}
	return sum % 10 == 0;
}

bool
check_card(const char *digits, size_t len)
{
	return len >= 13 && len <= 19 && card_range(digits, len) && luhn(digits, len);
}

/*
 * Copies the letters and digits of a number, and returns how many there are; 0
 * if there are others than spaces, dots and dashes between them, or too many.
 */
static size_t
compact(const char *value, size_t len, char out[COMPACT_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
	{
		char c = value[i];

		if (c == ' ' || c == '.' || c == '-')
			continue;
		if (n == COMPACT_MAX || !(is_digit(c) || (c >= 'A' && c <= 'Z')))
			return 0;
		out[n++] = c;
	}
	return n;
}

/* Likewise, of a number that has digits alone. */
static size_t
compact_digits(const char *value, size_t len, char out[COMPACT_MAX])
{
	size_t n = compact(value, len, out);

	for (size_t i = 0; i < n; i++)
		if (!is_digit(out[i]))
			return 0;
	return n;
}

bool
check_luhn(const char *value, size_t len)
{
	char digits[COMPACT_MAX];
	size_t n = compact_digits(value, len, digits);

	return n > 2 && luhn(digits, n);
}

bool
check_card_text(const char *value, size_t len)
{
	char digits[COMPACT_MAX];

	return check_card(digits, compact_digits(value, len, digits));
}

/* Verhoeff 1969: the dihedral group of ten elements, and its permutation. */
bool
check_verhoeff(const char *value, size_t len)
{
	static const char product[10][11] = {"0123456789", "1234067895", "2340178956",
										 "3401289567", "4012395678", "5987604321",
										 "6598710432", "7659821043", "8765932104",
										 "9876543210"};
	static const char permutation[8][11] = {"0123456789", "1576283094", "5803796142",
											"8916043527", "9453126870", "4286573901",
											"2793806415", "7046913258"};
	char digits[COMPACT_MAX];
	size_t n = compact_digits(value, len, digits);
	int c = 0;

	for (size_t i = 0; i < n; i++)
		c = product[c][permutation[i % 8][digits[n - 1 - i] - '0'] - '0'] - '0';
	return n > 2 && c == 0;
}

bool
check_mod11(const char *value, size_t len)
{
	char digits[COMPACT_MAX];
	size_t n = compact(value, len, digits);
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++)
	{
		bool last = i == n - 1;

		if (!is_digit(digits[i]) && !(last && digits[i] == 'X'))
			return false;
		sum += (unsigned) (n - i) * (digits[i] == 'X' ? 10 : (unsigned) (digits[i] - '0'));
	}
	return n > 2 && sum % 11 == 0;
}

/* The number modulo 97, beginning at "from" and going round. */
static unsigned
modulo_97(const char *value, size_t len, size_t from)
{
	unsigned rest = 0;

	for (size_t i = 0; i < len; i++)
	{
		char c = value[(i + from) % len];

		if (is_digit(c))
			rest = (rest * 10 + (unsigned) (c - '0')) % 97;
		else
			rest = (rest * 100 + (unsigned) (c - 'A') + 10) % 97;
	}
	return rest;
}

bool
check_mod97(const char *value, size_t len)
{
	char number[COMPACT_MAX];
	size_t n = compact(value, len, number);

	return n > 2 && modulo_97(number, n, 0) == 1;
}

/* Countries and how long their IBANs are, ascending. */
/* clang-format off */
static const char iban_lengths[] =
	"AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20"
	"EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30"
	"KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23"
	"PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26"
	"UA29VA22VG24XK20YE30";
/* clang-format on */

size_t
iban_length(const char *country)
{
	for (const char *c = iban_lengths; *c != '\0'; c += 4)
		if (c[0] == country[0] && c[1] == country[1])
			return (size_t) leading(c + 2, 2);
	return 0;
}

bool
check_iban(const char *value, size_t len)
{
	char number[COMPACT_MAX];
	size_t n = compact(value, len, number);

	/* the first four characters count last */
	return n >= 15 && iban_length(number) == n && modulo_97(number, n, 4) == 1;
}

bool
check_is_number(const char *value, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && i < 40; i++)
	{
		if (is_digit(value[i]))
			n++;
		else if (memchr("+ -./()", value[i], 7) == NULL)
			return false;
	}
	return len < 40 && n >= 7 && n <= 15;
}

bool
check_ssn(const char *digits, size_t len)
{
	unsigned area;

	if (len != 9)
		return false;
	area = leading(digits, 3);
	return area != 0 && area != 666 && area < 900 && leading(digits + 3, 2) != 0 &&
		   leading(digits + 5, 4) != 0;
}

bool
check_nanp(const char *digits, size_t len)
{
	/* neither area nor exchange begins with 0 or 1, or is a service such as 911 */
	return len == 10 && digits[0] >= '2' && digits[3] >= '2' &&
		   !(digits[1] == '1' && digits[2] == '1') &&
		   !(digits[4] == '1' && digits[5] == '1');
}

bool
check_e164(const char *digits, size_t len)
{
	unsigned country;

	if (len < 8 || len > 15 || digits[0] == '0')
		return false;
	if (digits[0] == '1')
		return check_nanp(digits + 1, len - 1);
	country = leading(digits, 2);
	return country != 28 && country != 83 && country != 89;
}
