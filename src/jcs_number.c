/*
 * jcs_number.c
 *		A double as ECMAScript prints it, which is what RFC 8785 asks for.
 *
 * The digits are the fewest that are read as the same double again, and of those
 * the nearest to it.  The server's own float8out would do but for ties: it never
 * prints 1e23, which is read as the double below it by rounding to even alone.
 */
#include "port.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "ascii.h"
#include "jcs.h"

/*
 * Reads "d.ddde+x", as %e prints it, into digits and the exponent of the first;
 * returns how many are left without zeros at the end.
 */
static int
take_apart(const char *text, char digits[20], int *exponent)
{
	int n = 0;

	for (; *text != 'e'; text++)
		if (is_digit(*text))
			digits[n++] = *text;
	*exponent = atoi(text + 1);
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
	return n;
}

/* The next decimal of that many digits; one that would need another stays wrong. */
static void
to_neighbour(char *text, bool up)
{
	for (char *at = strchr(text, 'e') - 1; at >= text; at--)
	{
		if (!is_digit(*at))
			continue;
		if (*at != (up ? '9' : '0'))
		{
			*at = (char) (*at + (up ? 1 : -1));
			return;
		}
		*at = up ? '0' : '9';
	}
}

/*
 * The shortest digits that are read as "value" again, which is above zero.  Where
 * the nearest decimal of a length is not, its neighbour can be: below a power of
 * two doubles are closer to each other than above it.
 */
static int
shortest_digits(double value, char digits[20], int *exponent)
{
	/* below the smallest normal double fewer than 15 digits may be enough */
	int from = value < 2.2250738585072014e-308 ? 1 : 15;

	for (int precision = from; precision <= 17; precision++)
	{
		char text[40];
		double read;

		snprintf(text, sizeof(text), "%.*e", precision - 1, value);
		read = strtod(text, NULL);
		if (read != value)
		{
			to_neighbour(text, read < value);
			read = strtod(text, NULL);
		}
		if (read == value)
			return take_apart(text, digits, exponent);
	}
	/* not reached: 17 digits are always enough */
	return 0;
}

size_t
jcs_print_double(double value, char text[JCS_NUMBER_MAX])
{
	char digits[20];
	char *at = text;
	int exponent = 0;
	int n;
	int point; /* n of ECMA-262: digits before the point */
	size_t left;

	if (value == 0)
		return (size_t) snprintf(text, JCS_NUMBER_MAX, "0");
	if (value < 0)
		*at++ = '-';
	n = shortest_digits(fabs(value), digits, &exponent);
	point = exponent + 1;
	left = JCS_NUMBER_MAX - (size_t) (at - text);
	if (n <= point && point <= 21)
		at += snprintf(at, left, "%s%.*s", digits, point - n, "000000000000000000000");
	else if (0 < point && point <= 21)
		at += snprintf(at, left, "%.*s.%s", point, digits, digits + point);
	else if (-6 < point && point <= 0)
		at += snprintf(at, left, "0.%.*s%s", -point, "000000", digits);
	else
		at += snprintf(at, left, n == 1 ? "%.1s%se%+d" : "%.1s.%se%+d", digits, digits + 1,
					   point - 1);
	return (size_t) (at - text);
}

/* Are the digits of a number's text more than a double holds? */
bool
jcs_loses_precision(const char *text, size_t len, double value)
{
	char exact[400];
	size_t significant = 0;
	size_t zeros = 0;
	bool whole = true;

	for (size_t i = 0; i < len && (text[i] | 0x20) != 'e'; i++)
	{
		if (!is_digit(text[i]))
			continue;
		/* zeros in front do not count, those behind only if more comes */
		if (text[i] == '0')
			zeros += significant > 0;
		else
		{
			significant += zeros + 1;
			zeros = 0;
		}
	}
	for (size_t i = 0; i < len; i++)
		whole = whole && (is_digit(text[i]) || text[i] == '-');
	if (!whole || value == 0)
		return significant > 17;
	/* an integer: the very one, or as a double of that size is printed */
	snprintf(exact, sizeof(exact), "%.0f", value);
	if (strlen(exact) == len && memcmp(exact, text, len) == 0)
		return false;
	return jcs_print_double(value, exact) != len || memcmp(exact, text, len) != 0;
}
