/*
 * ascii.h
 *		Which ASCII character is it?  Like ctype.h's, but the same in every locale, and
 *		bytes of other characters are none of them.
 */
#ifndef MAESTRO_ASCII_H
#define MAESTRO_ASCII_H

#include "port.h"

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static inline bool
is_letter(char c)
{
	return is_lower(c) || is_upper(c);
}

static inline bool
is_hex_digit(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

#endif /* MAESTRO_ASCII_H */
