/*
 * canon.h
 *		The bytes of an event that are hashed: docs/trace-format.md, version 1.
 *
 * Bytes are appended to a buffer of the caller's, which the caller makes larger
 * when it is asked to.  Builds without a server.
 */
#ifndef MAESTRO_CANON_H
#define MAESTRO_CANON_H

#include "port.h"

#define CANON_UUID_LEN 16
#define CANON_SALT_LEN 16
/* "MST1", format, log, event id, stamp, time */
#define CANON_HEADER_LEN (4 + 1 + CANON_UUID_LEN + 8 + 8 + 8)

typedef enum CanonType
{
	CANON_INTEGER = 1,
	CANON_TEXT = 2,
	CANON_BYTES = 3,
	CANON_BOOLEAN = 4,
	CANON_TIME = 5,
	CANON_INTERVAL = 6,
	CANON_JSON = 7
} CanonType;

typedef struct CanonBuffer
{
	uint8_t *data;
	size_t len;
	size_t size;
	/* makes size >= len + more; does not return if it cannot */
	void (*grow)(struct CanonBuffer *buffer, size_t more);
} CanonBuffer;

/* What every entry begins with. */
typedef struct CanonHeader
{
	uint8_t log[CANON_UUID_LEN];
	int64_t event_id;
	int64_t stamp;
	int64_t recorded_at; /* microseconds since 1970-01-01 00:00 UTC */
} CanonHeader;

extern void canon_header(CanonBuffer *buffer, const CanonHeader *header);

/* False if these bytes begin no entry of this format. */
extern bool canon_read_header(const uint8_t *entry, size_t len, CanonHeader *header);

/* A field as it is read: of an entry from CANON_HEADER_LEN on, of a payload from 0. */
typedef struct CanonField
{
	uint16_t field;
	CanonType type;
	const uint8_t *value;
	size_t len;
} CanonField;

/* The field at *at, which moves behind it; false at "end", or where there is none. */
extern bool canon_next_field(const uint8_t *bytes, size_t end, size_t *at, CanonField *field);

/* The value of an integer or time. */
extern int64_t canon_field_integer(const CanonField *field);

extern void canon_integer(CanonBuffer *buffer, uint16_t field, int64_t value);
extern void canon_bytes(CanonBuffer *buffer, uint16_t field, CanonType type,
						const void *bytes, size_t len);
extern void canon_boolean(CanonBuffer *buffer, uint16_t field, bool value);
/* microseconds since 1970-01-01 00:00 UTC */
extern void canon_time(CanonBuffer *buffer, uint16_t field, int64_t value);
extern void canon_interval(CanonBuffer *buffer, uint16_t field, int32_t months,
						   int32_t days, int64_t microseconds);

/* A field of JSON: between these its text is appended; begin's result goes to end. */
extern size_t canon_json_begin(CanonBuffer *buffer, uint16_t field);
extern void canon_json_end(CanonBuffer *buffer, size_t begin);
extern void canon_raw(CanonBuffer *buffer, const void *bytes, size_t len);

/* One byte, of which JSON has many. */
static inline void
canon_char(CanonBuffer *buffer, char c)
{
	if (buffer->len == buffer->size)
		buffer->grow(buffer, 1);
	buffer->data[buffer->len++] = (uint8_t) c;
}

/* A string of JSON, with its quotes. */
extern void canon_json_string(CanonBuffer *buffer, const char *text, size_t len);
/*
 * A number: digits to the base of 10,000, the first of which counts 10000^weight.
 * Written as an integer without final zeros, then e and an exponent unless it is 0.
 */
extern void canon_json_number(CanonBuffer *buffer, bool negative, int weight,
							  const int16_t *digits, int ndigits);

/* Order of keys: by bytes, a prefix first. */
extern int canon_compare_keys(const char *a, size_t alen, const char *b, size_t blen);

#endif /* MAESTRO_CANON_H */
