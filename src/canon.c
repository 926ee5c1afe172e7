/*
 * canon.c
 *		The bytes of an event that are hashed: docs/trace-format.md, version 1.
 *
 * No text conversion of the server's is used: those depend on settings
 * (TimeZone, DateStyle, extra_float_digits, bytea_output) and versions.
 */
#include "port.h"

#include <stdio.h>

#include "canon.h"

static inline void
put(CanonBuffer *buffer, const void *bytes, size_t len)
{
	if (buffer->size - buffer->len < len)
		buffer->grow(buffer, len);
	if (len > 0)
		memcpy(buffer->data + buffer->len, bytes, len);
	buffer->len += len;
}

/* Big-endian, "width" bytes. */
static void
put_integer(CanonBuffer *buffer, uint64_t value, int width)
{
	uint8_t bytes[8];

	for (int i = 0; i < width; i++)
		bytes[i] = (uint8_t) (value >> 8 * (width - 1 - i));
	put(buffer, bytes, (size_t) width);
}

static uint64_t
read_integer(const uint8_t *bytes, int width)
{
	uint64_t value = 0;

	for (int i = 0; i < width; i++)
		value = value << 8 | bytes[i];
	return value;
}

void
canon_header(CanonBuffer *buffer, const CanonHeader *header)
{
	put(buffer, "MST1", 4);
	put_integer(buffer, 1, 1);
	put(buffer, header->log, CANON_UUID_LEN);
	put_integer(buffer, (uint64_t) header->event_id, 8);
	put_integer(buffer, header->incarnation, 2);
	put_integer(buffer, (uint64_t) header->recorded_at, 8);
}

bool
canon_read_header(const uint8_t *entry, size_t len, CanonHeader *header)
{
	if (len < CANON_HEADER_LEN || memcmp(entry, "MST1\1", 5) != 0)
		return false;
	memcpy(header->log, entry + 5, CANON_UUID_LEN);
	header->event_id = (int64_t) read_integer(entry + 21, 8);
	header->incarnation = (uint16_t) read_integer(entry + 29, 2);
	header->recorded_at = (int64_t) read_integer(entry + 31, 8);
	return true;
}

bool
canon_next_field(const uint8_t *bytes, size_t end, size_t *at, CanonField *field)
{
	if (end < *at || end - *at < 7)
		return false;
	field->field = (uint16_t) read_integer(bytes + *at, 2);
	field->type = bytes[*at + 2];
	field->len = (size_t) read_integer(bytes + *at + 3, 4);
	field->value = bytes + *at + 7;
	if (end - *at - 7 < field->len)
		return false;
	*at += 7 + field->len;
	return true;
}

int64_t
canon_field_integer(const CanonField *field)
{
	return field->len == 8 ? (int64_t) read_integer(field->value, 8) : 0;
}

/* What each field begins with: id, type, length. */
static void
put_field(CanonBuffer *buffer, uint16_t field, CanonType type, size_t len)
{
	put_integer(buffer, field, 2);
	put_integer(buffer, type, 1);
	put_integer(buffer, len, 4);
}

void
canon_integer(CanonBuffer *buffer, uint16_t field, int64_t value)
{
	put_field(buffer, field, CANON_INTEGER, 8);
	put_integer(buffer, (uint64_t) value, 8);
}

void
canon_bytes(CanonBuffer *buffer, uint16_t field, CanonType type, const void *bytes,
			size_t len)
{
	put_field(buffer, field, type, len);
	put(buffer, bytes, len);
}

void
canon_boolean(CanonBuffer *buffer, uint16_t field, bool value)
{
	put_field(buffer, field, CANON_BOOLEAN, 1);
	put_integer(buffer, value, 1);
}

void
canon_time(CanonBuffer *buffer, uint16_t field, int64_t value)
{
	put_field(buffer, field, CANON_TIME, 8);
	put_integer(buffer, (uint64_t) value, 8);
}

void
canon_interval(CanonBuffer *buffer, uint16_t field, int32_t months, int32_t days,
			   int64_t microseconds)
{
	put_field(buffer, field, CANON_INTERVAL, 16);
	put_integer(buffer, (uint32_t) months, 4);
	put_integer(buffer, (uint32_t) days, 4);
	put_integer(buffer, (uint64_t) microseconds, 8);
}

size_t
canon_json_begin(CanonBuffer *buffer, uint16_t field)
{
	put_field(buffer, field, CANON_JSON, 0);
	return buffer->len;
}

void
canon_json_end(CanonBuffer *buffer, size_t begin)
{
	size_t len = buffer->len - begin;

	buffer->len = begin - 4;
	put_integer(buffer, len, 4);
	buffer->len += len;
}

void
canon_raw(CanonBuffer *buffer, const void *bytes, size_t len)
{
	put(buffer, bytes, len);
}

void
canon_json_string(CanonBuffer *buffer, const char *text, size_t len)
{
	size_t done = 0;

	put(buffer, "\"", 1);
	for (size_t i = 0; i < len; i++)
	{
		uint8_t c = (uint8_t) text[i];
		char escape[7];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		put(buffer, text + done, i - done);
		done = i + 1;
		if (c >= 0x20)
			snprintf(escape, sizeof(escape), "\\%c", c);
		else
			snprintf(escape, sizeof(escape), "\\u%04x", c);
		put(buffer, escape, strlen(escape));
	}
	put(buffer, text + done, len - done);
	put(buffer, "\"", 1);
}

/* A number's decimal digits: of the first one those that are not leading zeros. */
static int
digits_of(int16_t digit, bool first, char text[4])
{
	char all[4] = {(char) ('0' + digit / 1000), (char) ('0' + digit / 100 % 10),
				   (char) ('0' + digit / 10 % 10), (char) ('0' + digit % 10)};
	int skipped = 0;

	while (first && skipped < 4 && all[skipped] == '0')
		skipped++;
	memcpy(text, all + skipped, (size_t) (4 - skipped));
	return 4 - skipped;
}

void
canon_json_number(CanonBuffer *buffer, bool negative, int weight, const int16_t *digits,
				  int ndigits)
{
	char text[16];
	int exponent;
	size_t begin;

	while (ndigits > 0 && digits[ndigits - 1] == 0)
		ndigits--;
	while (ndigits > 0 && digits[0] == 0)
		digits++, ndigits--, weight--;
	if (ndigits == 0)
	{
		put(buffer, "0", 1);
		return;
	}
	if (negative)
		put(buffer, "-", 1);
	begin = buffer->len;
	for (int i = 0; i < ndigits; i++)
		put(buffer, text, (size_t) digits_of(digits[i], i == 0, text));
	exponent = 4 * (weight - ndigits + 1);
	while (buffer->len > begin && buffer->data[buffer->len - 1] == '0')
		buffer->len--, exponent++;
	if (exponent != 0)
		put(buffer, text, (size_t) snprintf(text, sizeof(text), "e%d", exponent));
}

int
canon_compare_keys(const char *a, size_t alen, const char *b, size_t blen)
{
	int order = memcmp(a, b, alen < blen ? alen : blen);

	if (order != 0)
		return order;
	return alen < blen ? -1 : alen > blen;
}
