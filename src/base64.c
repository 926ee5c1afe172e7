/*
 * base64.c
 *		Base64 of RFC 4648, with padding, and strict: one text for each value, so that
 *		a proof or a note cannot be changed without being another.
 */
#include "port.h"

#include "base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(const uint8_t *bytes, size_t len, char *text)
{
	for (size_t i = 0; i < len; i += 3)
	{
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t group = (uint32_t) bytes[i] << 16;

		if (n > 1)
			group |= (uint32_t) bytes[i + 1] << 8;
		if (n > 2)
			group |= bytes[i + 2];
		*text++ = digits[group >> 18];
		*text++ = digits[group >> 12 & 63];
		*text++ = n > 1 ? digits[group >> 6 & 63] : '=';
		*text++ = n > 2 ? digits[group & 63] : '=';
	}
}

/* The value of a digit, -1 if it is none. */
static int
value_of(char c)
{
	const char *at = c == '\0' ? NULL : memchr(digits, c, 64);

	return at == NULL ? -1 : (int) (at - digits);
}

bool
base64_decode(const char *text, size_t len, uint8_t *bytes, size_t room, size_t *written)
{
	*written = 0;
	if (len % 4 != 0)
		return false;
	for (size_t i = 0; i < len; i += 4)
	{
		bool last = i + 4 == len;
		int padding = !last ? 0 : text[i + 3] != '=' ? 0 : text[i + 2] != '=' ? 1 : 2;
		uint32_t group = 0;

		for (int k = 0; k < 4 - padding; k++)
		{
			int value = value_of(text[i + (size_t) k]);

			if (value < 0)
				return false;
			group |= (uint32_t) value << (18 - 6 * k);
		}
		/* bits that no byte takes */
		if ((group & (((uint32_t) 1 << 8 * padding) - 1)) != 0 || room - *written < (size_t) (3 - padding))
			return false;
		for (int k = 0; k < 3 - padding; k++)
			bytes[(*written)++] = (uint8_t) (group >> (16 - 8 * k));
	}
	return true;
}
