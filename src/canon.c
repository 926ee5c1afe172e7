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

/* Has room for that many bytes more; returns where they go, and counts them. */
static inline uint8_t *
take(CanonBuffer *buffer, size_t len)
{
	uint8_t *at;

	if (buffer->size - buffer->len < len)
		buffer->grow(buffer, len);
	at = buffer->data + buffer->len;
	buffer->len += len;
	return at;
}

static inline void
put(CanonBuffer *buffer, const void *bytes, size_t len)
{
	uint8_t *at = take(buffer, len);

	if (len > 0)
		memcpy(at, bytes, len);
}

/* Big-endian, "width" bytes, which the compiler makes one instruction or two of. */
static inline void
write_integer(uint8_t *at, uint64_t value, int width)
{
	for (int i = 0; i < width; i++)
		at[i] = (uint8_t) (value >> 8 * (width - 1 - i));
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
	uint8_t *at = take(buffer, CANON_HEADER_LEN);

	memcpy(at, "MST1\1", 5);
	memcpy(at + 5, header->log, CANON_UUID_LEN);
	write_integer(at + 21, (uint64_t) header->event_id, 8);
	write_integer(at + 29, (uint64_t) header->stamp, 8);
	write_integer(at + 37, (uint64_t) header->recorded_at, 8);
}

bool
canon_read_header(const uint8_t *entry, size_t len, CanonHeader *header)
{
	if (len < CANON_HEADER_LEN || memcmp(entry, "MST1\1", 5) != 0)
		return false;
	memcpy(header->log, entry + 5, CANON_UUID_LEN);
	header->event_id = (int64_t) read_integer(entry + 21, 8);
	header->stamp = (int64_t) read_integer(entry + 29, 8);
	header->recorded_at = (int64_t) read_integer(entry + 37, 8);
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

/* what each field begins with: id, type, length */
#define FIELD_HEAD 7

/* Begins a field; returns where its "len" bytes go. */
static inline uint8_t *
put_field(CanonBuffer *buffer, uint16_t field, CanonType type, size_t len)
{
	uint8_t *at = take(buffer, FIELD_HEAD + len);

	write_integer(at, field, 2);
	at[2] = (uint8_t) type;
	write_integer(at + 3, len, 4);
	return at + FIELD_HEAD;
}

void
canon_integer(CanonBuffer *buffer, uint16_t field, int64_t value)
{
	write_integer(put_field(buffer, field, CANON_INTEGER, 8), (uint64_t) value, 8);
}

void
canon_bytes(CanonBuffer *buffer, uint16_t field, CanonType type, const void *bytes,
			size_t len)
{
	uint8_t *at = put_field(buffer, field, type, len);

	if (len > 0)
		memcpy(at, bytes, len);
}

void
canon_boolean(CanonBuffer *buffer, uint16_t field, bool value)
{
	*put_field(buffer, field, CANON_BOOLEAN, 1) = value;
}

void
canon_time(CanonBuffer *buffer, uint16_t field, int64_t value)
{
	write_integer(put_field(buffer, field, CANON_TIME, 8), (uint64_t) value, 8);
}

void
canon_interval(CanonBuffer *buffer, uint16_t field, int32_t months, int32_t days,
			   int64_t microseconds)
{
	uint8_t *at = put_field(buffer, field, CANON_INTERVAL, 16);

	write_integer(at, (uint32_t) months, 4);
	write_integer(at + 4, (uint32_t) days, 4);
	write_integer(at + 8, (uint64_t) microseconds, 8);
}

size_t
canon_json_begin(CanonBuffer *buffer, uint16_t field)
{
	(void) put_field(buffer, field, CANON_JSON, 0);
	return buffer->len;
}

void
canon_json_end(CanonBuffer *buffer, size_t begin)
{
	write_integer(buffer->data + begin - 4, buffer->len - begin, 4);
}

void
canon_raw(CanonBuffer *buffer, const void *bytes, size_t len)
{
	put(buffer, bytes, len);
}

/* How many bytes from the beginning are written as they are: eight at a time. */
static size_t
plain_bytes(const char *text, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t high = UINT64_C(0x8080808080808080);
	size_t i = 0;

	for (; len - i >= 8; i += 8)
	{
		uint64_t x;
		uint64_t quote;
		uint64_t backslash;

		memcpy(&x, text + i, 8);
		quote = x ^ ones * '"';
		backslash = x ^ ones * '\\';
		/* a byte below 0x20, or one that became 0; never fewer than there are */
		if ((((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) |
			 ((backslash - ones) & ~backslash)) & high)
			break;
	}
	while (i < len && (uint8_t) text[i] >= 0x20 && text[i] != '"' && text[i] != '\\')
		i++;
	return i;
}

/* Most strings have nothing to escape; of the others what is before the first escape. */
static size_t
put_string_begin(CanonBuffer *buffer, const char *text, size_t len)
{
	size_t plain = plain_bytes(text, len);
	uint8_t *at = take(buffer, plain + 1 + (plain == len));

	*at = '"';
	memcpy(at + 1, text, plain);
	if (plain == len)
		at[1 + len] = '"';
	return plain;
}

void
canon_json_string(CanonBuffer *buffer, const char *text, size_t len)
{
	size_t begun = put_string_begin(buffer, text, len);

	if (begun == len)
		return;
	text += begun;
	len -= begun;
	for (;;)
	{
		size_t plain = plain_bytes(text, len);
		char escape[7];

		put(buffer, text, plain);
		if (plain == len)
			break;
		if ((uint8_t) text[plain] >= 0x20)
			snprintf(escape, sizeof(escape), "\\%c", text[plain]);
		else
			snprintf(escape, sizeof(escape), "\\u%04x", (uint8_t) text[plain]);
		put(buffer, escape, strlen(escape));
		text += plain + 1;
		len -= plain + 1;
	}
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
